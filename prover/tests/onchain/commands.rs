//! Commands that ask a node, against the chain in process: what they refuse before anything is sent, and what comes next.

use apportion_circuits::types::Payee;

use crate::{
    node::{Node, apportion},
    world::World,
};

const OTHER: &str = "0x7777777777777777777777777777777777777777";

/// A deposit is an approval and a deposit: what would refuse the second is said before the first.
#[test]
fn a_deposit_is_checked_before_its_approval() {
    let mut world = World::enrolled(10);
    let (attributor, customer) = (world.life.roles.attributor, world.customer());
    let token = world.life.token;
    let node = Node::over(&world.life.evm);
    let deposit = |node: &Node, epoch: u32, attributor: &str, more: &str| {
        let rpc = &node.url;
        apportion(
            &world,
            &format!(
                "send deposit --dir ledger --epoch {epoch} --amount 1000 --attributor {attributor} --rpc {rpc} --dry-run{more}"
            ),
        )
    };
    let right = attributor.to_string();
    let from = format!(" --from {customer}");
    deposit(&node, 2, &right, &from).exits(1).says("epoch 2 takes no deposits: the open one is epoch 1");
    deposit(&node, 1, OTHER, &from).exits(1).says(&format!("attributor: given {OTHER}, chain {right}"));
    let token_of_others = format!("{from} --token {OTHER}");
    deposit(&node, 1, &right, &token_of_others)
        .exits(1)
        .says(&format!("token: given {OTHER}, chain {token}"));
    let policy = format!("{from} --policy 2");
    deposit(&node, 1, &right, &policy).exits(1).says("policy: given 2, chain 1");
    deposit(&node, 1, &right, &from).exits(1).says(&format!("{customer} has 0 units of the token"));
    deposit(&node, 1, &right, "").exits(2).says("say --from ADDRESS: what happens depends on who pays");
    assert!(!node.was_sent_anything());
    // With the tokens the approval is the first to be sent.
    world.life.deposit(1, 700).unwrap();
    let mint = apportion_chain::Call {
        to: token,
        data: [
            &alloy_primitives::keccak256("mint(address,uint256)")[..4],
            &alloy_sol_types::SolValue::abi_encode(&(
                apportion_chain::abi::address(customer),
                alloy_primitives::U256::from(1_000),
            )),
        ]
        .concat(),
        ..apportion_chain::Call::default()
    };
    world.life.send(customer, &mint).unwrap();
    let node = Node::over(&world.life.evm);
    let rpc = &node.url;
    let line = format!(
        "send deposit --dir ledger --epoch 1 --amount 1000 --attributor {right} --rpc {rpc} --dry-run --from {customer}"
    );
    apportion(&world, &line)
        .exits(0)
        .prints("nothing sent: it would be accepted")
        .prints("approve 1000 units");
    // The model's end, and another chain.
    let node = Node::over(&world.life.evm.forked(7));
    let line = format!("ledger status --dir ledger --rpc {}", node.url);
    apportion(&world, &line).exits(4).says("the node is on chain 7, the ledger is for chain 31337");
}

/// Who signs is said by name; a simulation needs nobody.
#[test]
fn a_dry_run_needs_no_signer_and_anything_else_names_them() {
    let mut world = World::enrolled(10);
    let revenue = world.revenue(1);
    world.life.deposit(1, revenue).unwrap();
    world.life.commit_scores(1, &world.scores(1), &[]).unwrap();
    let node = Node::over(&world.life.evm);
    let rpc = &node.url;
    let close = format!("send closeEpoch --dir ledger --epoch 1 --scores scores-1-1 --rpc {rpc}");
    for line in [close.clone(), format!("{close} --from {}", world.developer())] {
        let ran = apportion(&world, &line).exits(2);
        for option in ["--private-key-file FILE", "--unlocked --from ADDRESS", "--dry-run", "export safe"] {
            assert!(ran.err.contains(option), "{option}: {}", ran.err);
        }
    }
    let accepted = "nothing sent: it would be accepted";
    apportion(&world, &format!("{close} --dry-run")).exits(0).prints(accepted);
    // The developer's turn is first, and anyone else's comes later.
    apportion(&world, &format!("{close} --dry-run --from {OTHER}")).exits(1).says("TooEarly");
    // The developer's role is checked where another account is named.
    let open = format!("send open --dir ledger --rpc {rpc} --dry-run --from {OTHER}");
    apportion(&world, &open).exits(2).says("would send: it is refused. Sign with the key of");
    // The attributor, as the chain knows it.
    let commit =
        format!("send commitScores --dir ledger --epoch 1 --scores scores-1-1 --rpc {rpc} --dry-run");
    apportion(&world, &commit).exits(0).prints("the chain has it already");
    // Anyone.
    let early = format!("send dissolve --dir ledger --rpc {rpc} --dry-run");
    apportion(&world, &early).exits(1).says("NotStalled").says("To do: `apportion ledger status --rpc`");
    assert!(!node.was_sent_anything());
    // A developer that took the role over by now.
    let next = Payee([0x88; 20]);
    let bundle = world.life.files().unwrap().bundle;
    let role = apportion_chain::calls::Role::Developer;
    let offer = apportion_chain::calls::offer_role(&bundle.ledger, role, next).unwrap();
    world.life.send(world.developer(), &offer).unwrap();
    world.life.send(next, &apportion_chain::calls::accept_role(&bundle.ledger, role).unwrap()).unwrap();
    let node = Node::over(&world.life.evm);
    let close =
        format!("send closeEpoch --dir ledger --epoch 1 --scores scores-1-1 --rpc {} --dry-run", node.url);
    let announce = format!("send announceAttributor --dir ledger --to {OTHER} --rpc {} --dry-run", node.url);
    apportion(&world, &format!("{announce} --from {}", world.developer())).exits(2).says(&next.to_string());
    apportion(&world, &announce).exits(0).prints(accepted);
    apportion(&world, &close).exits(0).prints(accepted);
}

/// One list, by what the files have and by what the chain has.
#[test]
fn status_says_where_files_and_chain_differ_and_one_list_of_what_is_next() {
    let mut world = World::enrolled(10);
    let status = |world: &World| {
        let node = Node::over(&world.life.evm);
        apportion(world, &format!("ledger status --dir ledger --rpc {}", node.url)).exits(0)
    };
    let open = status(&world).prints("files and chain agree").prints("send deposit --dir ledger --epoch 1");
    // The files alone would say --revenue AMOUNT, or the next epoch.
    open.prints("scores commit --dir ledger --scores scores.csv --epoch 1").never_prints("next:");
    // Proven in the files before the close: what is proven then may be another revenue.
    let revenue = world.revenue(1);
    world.life.deposit(1, revenue).unwrap();
    let posted = world.life.commit_scores(1, &world.scores(1), &[]).unwrap();
    let line = format!("prove --dir ledger --epoch 1 --scores scores-1-1 --revenue {}", revenue - 1);
    apportion(&world, &line).exits(0).says("WARNING: the ledger is bound to").says("prove it with --rpc URL");
    status(&world)
        .prints("DIFFERS: epoch 1: proven in the files with a revenue of")
        .prints("apportion ledger undo epoch --dir ledger\n");
    world.life.close(&posted).unwrap();
    status(&world)
        .prints(&format!("DIFFERS: epoch 1: revenue: files {}, chain {revenue}", revenue - 1))
        .prints("apportion ledger undo epoch --dir ledger\n")
        .prints("then apportion send settle --dir ledger --epoch 1")
        .never_prints("files and chain agree");
    apportion(&world, "ledger undo epoch --dir ledger").exits(0);
    status(&world)
        .prints("files and chain agree")
        .prints("--epoch 1 --scores scores-1 --rpc URL, then apportion send settle")
        .never_prints("--revenue");
    let node = Node::over(&world.life.evm);
    let line = format!("prove --dir ledger --epoch 1 --scores scores-1-1 --rpc {}", node.url);
    let proven = apportion(&world, &line).exits(0).says(&format!("a revenue of {revenue}"));
    assert!(!proven.err.contains("the ledger is bound to"), "{}", proven.err);
    status(&world)
        .prints("DIFFERS: epoch 1: proven in the files, 0 of 1 segment settled on the chain")
        .prints("send settle --dir ledger --epoch 1")
        .never_prints("apportion prove");
    world.life.settle(1, 16).unwrap();
    status(&world).prints("files and chain agree").prints("epoch 2: revenue; the pool lacks");
    // A revision that only the files have.
    let more = apportion::sample::sample(12, 1).records;
    world.write("all.csv", &more);
    apportion(&world, "dataset extend --dir dataset --records all.csv").exits(0);
    apportion(&world, "dataset prove --dir dataset").exits(0);
    apportion(&world, "ledger enroll --dir ledger --dataset dataset").exits(0);
    let ran = status(&world)
        .prints("DIFFERS: dataset 0: revision 1 in the files, 0 in the registry")
        .prints("DIFFERS: dataset 0: revision 1 enrolled in the files, 0 on the chain")
        .prints("send extend --dataset DATASET, then apportion send provePayees");
    let at = |text: &str| ran.out.find(text).unwrap();
    assert!(at("send extend") < at("send enroll --dir ledger --dataset 0"), "{}", ran.out);
    let node = Node::over(&world.life.evm);
    let json =
        apportion(&world, &format!("ledger status --dir ledger --json --rpc {}", node.url)).exits(0).out;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["next_command"], json["chain"]["due"][0]["command"]);
    assert_eq!(json["chain"]["differs"].as_array().unwrap().len(), 2);
}

/// What the contracts of a deployment cannot check is refused when it is made, not when it is registered.
#[test]
fn a_deployment_says_what_it_can_check() {
    let world = World::enrolled(10);
    let node = Node::over(&world.life.evm);
    let contracts = concat!(env!("CARGO_MANIFEST_DIR"), "/../contracts");
    let deploy = |more: &str| {
        apportion(
            &world,
            &format!(
                "deploy --artifacts {contracts}/artifacts --verifiers {contracts}/generated --max-bond 5 --chain-id 31337 \
                 --insecure-dev --dry-run --rpc {} {more}",
                node.url
            ),
        )
    };
    let missing = deploy("--tier 16384").exits(2).says("Tree16384Verifier is not compiled");
    assert!(
        missing.err.contains("Tree64Verifier") && missing.err.contains("compile_generated.cjs"),
        "{}",
        missing.err
    );
    let planned = deploy("--tier 64 --json").exits(0).out;
    world.write("addresses.json", &planned);
    // The same is fine, another one is refused before anything is asked.
    deploy("--tier 64").exits(0).prints("nothing was sent");
    let silent = "--tier 64 --tier 1024 --out addresses.json";
    let refused = deploy(silent)
        .exits(2)
        .says("addresses.json is of another deployment (tiers: file 64, here 64 and 1024");
    assert!(refused.err.contains("Nothing was sent"), "{}", refused.err);
    let owner = Payee([0x0e; 20]);
    let commit = |more: &str| {
        let line = format!(
            "dataset commit --records records.csv --out d --addresses addresses.json --owner {owner} {more}"
        );
        apportion(&world, &line)
    };
    commit("")
        .exits(2)
        .says("contracts verify suite bn254 only; this would be of suite pasta. Add --suite bn254");
    commit("--suite bn254 --insecure-dev")
        .exits(2)
        .says("no verifiers for tier 1024")
        .says("it has --tier 64");
    commit("--suite bn254 --insecure-dev --tier 64").exits(0);
    let init = format!(
        "ledger init --dir l --model m --policy policy.toml --addresses addresses.json --developer {owner}"
    );
    apportion(&world, &init).exits(2).says("contracts verify suite bn254 only");
    assert!(!world.dir.path().join("l").exists());
    // Another directory than the one that was meant.
    apportion(&world, "ledger status --dir ledger/public").exits(2).says("did you mean ledger?");
    apportion(&world, "send open --dir dataset --dry-run --rpc http://127.0.0.1:9")
        .exits(2)
        .says("dataset is a dataset, and a ledger");
    apportion(&world, "export calldata register --dataset ledger")
        .exits(2)
        .says("ledger is a ledger, and a dataset is wanted");
    // Nobody there.
    let nobody = "send open --dir ledger --dry-run --rpc http://user:SECRET@127.0.0.1:9/SECRET";
    let begun = std::time::Instant::now();
    let ran = apportion(&world, nobody).exits(4).says("http://127.0.0.1:9/..: nothing listens there");
    assert!(!ran.err.contains("SECRET"), "{}", ran.err);
    assert!(begun.elapsed().as_secs() < 20, "{:?}", begun.elapsed());
}
