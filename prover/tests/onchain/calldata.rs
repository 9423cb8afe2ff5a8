//! What `export calldata` prints, decoded by the contracts' ABI and compared with the documents, argument by argument: a list of
//! every verb, so that none is left out. `send` and `export safe` take the same calls.

use std::{cell::RefCell, collections::BTreeSet, path::Path};

use alloy_primitives::{B256, U256};
use alloy_sol_types::SolCall;
use apportion_chain::abi::{
    IDatasetRegistry as registry, IRevenueLedger as ledger, IToken, address, bytes32, coordinates, payee,
    point, word,
};
use apportion_circuits::types::{Payee, Word};
use apportion_statement::{
    RelationId,
    files::{
        Bundle, Document as _, KeyDoc, KeysDir, ProofBlob, ReceiptAccount, ReceiptDoc, RecordReceiptDoc,
    },
    scores::ScoreTree,
};
use serde_json::Value;

use crate::{
    node::{Node, apportion},
    world::{RECORDS, TIER, World},
};

const NEXT: Payee = Payee([0x99; 20]);

/// What a verb printed, taken apart by tests.
struct Exported<'a> {
    world: &'a World,
    verbs: RefCell<BTreeSet<String>>,
}

impl Exported<'_> {
    /// The transactions of a verb: to whom, with what value, and the call.
    #[track_caller]
    fn all(&self, line: &str) -> Vec<(Payee, u128, Vec<u8>)> {
        self.verbs.borrow_mut().insert(line.split(' ').next().unwrap().to_owned());
        let out = apportion(self.world, &format!("export calldata {line} --json")).exits(0).out;
        let list: Vec<Value> = serde_json::from_str(&out).unwrap();
        let text = |object: &Value, name: &str| object[name].as_str().unwrap().to_owned();
        // The lines of text are the same calldata.
        let lines = apportion(self.world, &format!("export calldata {line}")).exits(0).out;
        let data: Vec<_> = list.iter().map(|object| text(object, "data")).collect();
        assert_eq!(lines.lines().collect::<Vec<_>>(), data);
        // And so are those of the batch for a Safe.
        let safe = apportion(self.world, &format!("export safe {line}")).exits(0).out;
        let safe: Value = serde_json::from_str(&safe).unwrap();
        for (listed, sent) in safe["transactions"].as_array().unwrap().iter().zip(&list) {
            for name in ["to", "value", "data"] {
                assert_eq!(listed[name], sent[name], "{line}: {name}");
            }
        }
        list.iter()
            .map(|object| {
                let data = alloy_primitives::hex::decode(text(object, "data")).unwrap();
                (text(object, "to").parse().unwrap(), text(object, "value").parse().unwrap(), data)
            })
            .collect()
    }

    /// The only transaction of a verb, which goes to this contract without a value.
    #[track_caller]
    fn one<C: SolCall>(&self, to: Payee, line: &str) -> C {
        let all = self.all(line);
        let [(found, 0, data)] = all.as_slice() else { panic!("{line}: {} transactions", all.len()) };
        assert_eq!(*found, to, "{line}");
        C::abi_decode(data).unwrap()
    }
}

/// The proof in a file.
fn proof_in(path: &Path, keys: &KeysDir, relation: RelationId) -> Vec<u8> {
    let key = KeyDoc::read(&keys.doc(relation, TIER)).unwrap();
    ProofBlob::read(path, key.proof_bytes as usize).unwrap().0.proof
}

fn integers(words: &[Word]) -> Vec<U256> {
    words.iter().copied().map(word).collect()
}

#[test]
fn every_verb_s_calldata_says_what_the_documents_say() {
    let mut world = World::enrolled(RECORDS);
    world.epoch(1);
    let more = apportion::sample::sample(RECORDS + 5, 1).records;
    world.write("all.csv", &more);
    world.write("policy-2.toml", "contributors_bps = 6000\n[[beneficiaries]]\nname = \"d\"\naddress = \"0x1111111111111111111111111111111111111111\"\nbps = 4000\n");
    for line in [
        "dataset extend --dir dataset --records all.csv",
        "dataset prove --dir dataset",
        "ledger enroll --dir ledger --dataset dataset",
        "ledger policy --dir ledger --policy policy-2.toml --from 3",
        "ledger retire --dir ledger --dataset 0 --from 4",
        "receipt --dir ledger --record 0:65 --out receipt.json",
        "dataset receipt --dir dataset --record 65 --out record.json",
    ] {
        apportion(&world, line).exits(0);
    }
    let bundle = world.life.files().unwrap().bundle;
    let exported = Exported { world: &world, verbs: RefCell::default() };
    datasets(&exported, &bundle);
    models(&exported, &bundle);
    epochs(&exported, &bundle);
    payouts(&exported, &bundle);
    stalls(&exported, &bundle);
    // Every verb that there is.
    let help = apportion(&world, "export calldata --help").exits(0).out;
    let listed =
        help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let listed: BTreeSet<_> = listed
        .filter_map(|line| line.strip_prefix("  ")?.split(' ').next().filter(|name| !name.is_empty()))
        .map(str::to_owned)
        .collect();
    let mut tried = exported.verbs.into_inner();
    tried.insert("help".into());
    assert_eq!(listed.difference(&tried).collect::<Vec<_>>(), Vec::<&String>::new(), "verbs without a test");
    assert!(listed.len() > 25, "{listed:?}");
}

fn datasets(exported: &Exported<'_>, bundle: &Bundle) {
    let dataset = &bundle.datasets[0].dataset;
    let (to, id) = (exported.world.life.registry(), bytes32(dataset.doc.dataset_id));
    let [first, second] = [&dataset.revisions[0].doc, &dataset.revisions[1].doc];
    let call: registry::registerCall = exported.one(to, "register --dataset dataset");
    assert_eq!(
        (call.slots, call.records, call.uri),
        (64, RECORDS as u64, "https://example.org/dataset".into())
    );
    assert_eq!((call.roots, call.count), (integers(&first.roots), integers(&first.count)));
    let call: registry::extendCall = exported.one(to, "extend --dataset dataset/public");
    assert_eq!((call.datasetId, call.revision, call.records), (id, 0, RECORDS as u64 + 5));
    // Segment 0 was full, and stays.
    assert_eq!(call.roots, integers(&second.roots[1..]));
    let extension = second.extension.as_ref().unwrap();
    assert_eq!(call.extension.left, integers(&extension.left));
    assert_eq!(
        (call.extension.leaf, call.extension.right),
        (word(extension.leaf), integers(&extension.right))
    );
    assert_eq!(call.count, integers(&second.count));
    let all = exported.all("provePayees --dataset dataset --revision 1 --batch 1");
    assert_eq!(all.len(), 2);
    for (segment, (at, value, data)) in (0u32..).zip(all) {
        assert_eq!((at, value), (to, 0));
        let call = registry::provePayeesCall::abi_decode(&data).unwrap();
        assert_eq!((call.datasetId, call.proofs.len(), call.proofs[0].segment), (id, 1, segment));
        // Segment 0 did not change in revision 1.
        let columns = dataset.revisions[segment as usize].columns.as_ref().unwrap();
        let column = columns.columns.iter().find(|column| column.segment == segment).unwrap();
        let path = dataset.dir.columns(segment).join(&column.proof.file);
        assert_eq!(call.proofs[0].proof, proof_in(&path, &dataset.dir.keys(), RelationId::Tree));
    }
    let call: registry::offerOwnershipCall =
        exported.one(to, &format!("offerOwnership --dataset dataset --to {NEXT}"));
    assert_eq!((call.datasetId, call.to), (id, address(NEXT)));
    let call: registry::acceptOwnershipCall = exported.one(to, "acceptOwnership --dataset dataset");
    assert_eq!(call.datasetId, id);
}

fn models(exported: &Exported<'_>, bundle: &Bundle) {
    let (to, id) = (exported.world.life.ledger(), bytes32(bundle.ledger.model_id));
    let dataset = bytes32(bundle.datasets[0].dataset.doc.dataset_id);
    let (attributor, token) = (Payee([0xa7; 20]), exported.world.life.token);
    let line = format!(
        "createModel --dir ledger --attributor {attributor} --token {token} --min-contributors-bps 1234 --min-pool 7 --open-window \
         1h --settle-window 2h --notice-window 3h --demand-window 4h --exit-window 1d --demand-bond 5"
    );
    let call: ledger::createModelCall = exported.one(to, &line);
    let expected = ledger::Terms {
        name: "m".into(),
        attributor: address(attributor),
        token: address(token),
        minContributorsBps: 1_234,
        minPool: 7,
        openWindow: 3_600,
        settleWindow: 7_200,
        noticeWindow: 10_800,
        demandWindow: 14_400,
        exitWindow: 86_400,
        demandBond: 5,
    };
    assert_eq!(call.terms, expected);
    let share = |byte: u8, bps: u16| ledger::Beneficiary { account: address(Payee([byte; 20])), bps };
    let first =
        ledger::Policy { contributorsBps: 5_000, beneficiaries: vec![share(0x11, 4_500), share(0x22, 500)] };
    assert_eq!(call.policy, first);
    let note = apportion(exported.world, &format!("export calldata {line}")).err;
    assert!(
        note.contains("7 units a record, 75 records in these files") && note.contains("a pool of 525"),
        "{note}"
    );
    let call: ledger::enrollCall = exported.one(to, "enroll --dir ledger --dataset 0");
    assert_eq!((call.modelId, call.datasetId, call.revision), (id, dataset, 1));
    let call: ledger::openCall = exported.one(to, "open --dir ledger");
    assert_eq!(call.modelId, id);
    let call: ledger::announcePolicyCall = exported.one(to, "announcePolicy --dir ledger --policy 2");
    let second = ledger::Policy { contributorsBps: 6_000, beneficiaries: vec![share(0x11, 4_000)] };
    assert_eq!((call.modelId, call.policy), (id, second));
    let call: ledger::announceAttributorCall =
        exported.one(to, &format!("announceAttributor --dir ledger --to {NEXT}"));
    assert_eq!((call.modelId, call.attributor), (id, address(NEXT)));
    let call: ledger::announceRetirementCall =
        exported.one(to, "announceRetirement --dir ledger --dataset 0");
    assert_eq!((call.modelId, call.datasetId), (id, dataset));
    let call: ledger::replaceAttributorCall = exported.one(to, "replaceAttributor --dir ledger --epoch 2");
    assert_eq!((call.modelId, call.epoch), (id, 2));
    let call: ledger::offerDeveloperCall =
        exported.one(to, &format!("offerDeveloper --dir ledger --to {NEXT}"));
    assert_eq!((call.modelId, call.to), (id, address(NEXT)));
    let call: ledger::acceptDeveloperCall = exported.one(to, "acceptDeveloper --dir ledger/public");
    assert_eq!(call.modelId, id);
    let call: ledger::offerAttributorCall =
        exported.one(to, &format!("offerAttributor --dir ledger --to {NEXT}"));
    assert_eq!((call.modelId, call.to), (id, address(NEXT)));
    let call: ledger::acceptAttributorCall = exported.one(to, "acceptAttributor --dir ledger");
    assert_eq!(call.modelId, id);
}

fn epochs(exported: &Exported<'_>, bundle: &Bundle) {
    let (to, id) = (exported.world.life.ledger(), bytes32(bundle.ledger.model_id));
    let token = exported.world.life.token;
    let line = format!("deposit --dir ledger --epoch 3 --amount 777 --attributor {NEXT} --token {token}");
    let all = exported.all(&line);
    let [(first, 0, approve), (second, 0, deposit)] = all.as_slice() else { panic!("{}", all.len()) };
    assert_eq!((*first, *second), (token, to));
    let approve = IToken::approveCall::abi_decode(approve).unwrap();
    assert_eq!((approve.spender, approve.amount), (address(to), U256::from(777)));
    let call = ledger::depositCall::abi_decode(deposit).unwrap();
    // The policy of epoch 3 is the second.
    let given = (call.modelId, call.epoch, call.amount, call.policy, call.attributor);
    assert_eq!(given, (id, 3, 777, 2, address(NEXT)));
    let epoch = &bundle.epochs[0];
    let scores = &epoch.scores;
    let call: ledger::commitScoresCall =
        exported.one(to, "commitScores --dir ledger --epoch 1 --scores scores-1-1");
    assert_eq!((call.modelId, call.epoch, call.root), (id, 1, bytes32(scores.root)));
    assert_eq!((call.totalScore.to::<u128>(), call.count), (scores.total_score.0, 2));
    let call: ledger::closeEpochCall = exported.one(to, "closeEpoch --dir ledger --epoch 1");
    assert_eq!((call.modelId, call.epoch, call.scoreRoot), (id, 1, bytes32(scores.root)));
    let leaves = scores.leaves(|_| Some(bundle.datasets[0].dataset.doc.dataset_id)).unwrap();
    let tree = ScoreTree::of(&leaves);
    let all = exported.all("settle --dir ledger --epoch 1 --batch 1");
    assert_eq!(all.len(), 2);
    for (position, (at, value, data)) in all.iter().enumerate() {
        assert_eq!((*at, *value), (to, 0));
        let call = ledger::settleCall::abi_decode(data).unwrap();
        assert_eq!((call.modelId, call.epoch, call.moves.len()), (id, 1, 1));
        let (found, posted) = (&call.moves[0], &scores.segments[position]);
        let proven = epoch.doc.segments.iter().find(|segment| segment.id() == posted.id()).unwrap();
        let dataset = bytes32(bundle.datasets[0].dataset.doc.dataset_id);
        assert_eq!(
            (found.datasetId, found.segment, found.revision),
            (dataset, posted.segment, posted.revision)
        );
        assert_eq!(found.position as usize, position);
        assert_eq!((found.segmentScore.to::<u128>(), found.segmentPaid), (posted.score.0, proven.paid.0));
        let path: Vec<B256> = tree.path(position).unwrap().into_iter().map(bytes32).collect();
        assert_eq!(found.path, path);
        let file = bundle.dir.epoch(1).join(&proven.proof.file);
        assert_eq!(found.proof, proof_in(&file, &bundle.dir.keys(), RelationId::Split));
    }
}

/// What a receipt of one account is on the chain.
fn receipt_of(doc: &ReceiptDoc) -> ledger::Receipt {
    let [account] = doc.accounts.as_slice() else { panic!("one account") };
    let ReceiptAccount {
        dataset,
        segment,
        epoch,
        payee_column,
        balance_column,
        index,
        cumulative,
        proof,
        ..
    } = account;
    ledger::Receipt {
        datasetId: bytes32(*dataset),
        segment: *segment,
        epoch: u64::from(*epoch),
        payees: coordinates(payee_column).unwrap(),
        balances: coordinates(balance_column).unwrap(),
        accounts: vec![ledger::Account {
            index: *index,
            payee: address(doc.payee),
            cumulative: cumulative.0,
            proof: point(&proof.0, "an opening").unwrap(),
        }],
    }
}

fn payouts(exported: &Exported<'_>, bundle: &Bundle) {
    let (to, id) = (exported.world.life.ledger(), bytes32(bundle.ledger.model_id));
    let doc = ReceiptDoc::read(&exported.world.dir.path().join("receipt.json")).unwrap();
    let call: ledger::claimCall = exported.one(to, "claim --receipt receipt.json");
    assert_eq!((call.modelId, call.receipts), (id, vec![receipt_of(&doc)]));
    let token = exported.world.life.token;
    let line = format!("setRecipient --to {NEXT} --contract {to} --chain-id 31337");
    let call: ledger::setRecipientCall = exported.one(to, &line);
    assert_eq!(payee(call.recipient), NEXT);
    let line = format!("withdrawShare --dir ledger --account 0x{} --epoch 1", "22".repeat(20));
    let call: ledger::withdrawShareCall = exported.one(to, &line);
    assert_eq!((call.modelId, call.epochs, call.index), (id, vec![1], U256::from(1)));
    let line = format!("withdraw --dir ledger --account {NEXT} --token {token}");
    let call: ledger::withdrawCall = exported.one(to, &line);
    assert_eq!((payee(call.token), payee(call.account)), (token, NEXT));
}

fn record_of(doc: &RecordReceiptDoc) -> ledger::RecordPath {
    ledger::RecordPath {
        index: doc.index,
        payee: address(doc.payee),
        content: B256::from(doc.content.0),
        siblings: doc.siblings.iter().map(|level| level.map(word)).collect(),
    }
}

fn stalls(exported: &Exported<'_>, bundle: &Bundle) {
    let (to, id) = (exported.world.life.ledger(), bytes32(bundle.ledger.model_id));
    let dir = exported.world.dir.path();
    let record = RecordReceiptDoc::read(&dir.join("record.json")).unwrap();
    let dataset = bytes32(record.dataset);
    assert_eq!((record.segment, record.index), (1, 65 - 62));
    let all = exported.all("demand --dir ledger --record record.json --bond 1000");
    let [(at, 1_000, data)] = all.as_slice() else { panic!("{} transactions", all.len()) };
    assert_eq!(*at, to);
    let call = ledger::demandCall::abi_decode(data).unwrap();
    assert_eq!((call.modelId, call.datasetId, call.segment), (id, dataset, 1));
    assert_eq!(call.record, record_of(&record));
    let doc = ReceiptDoc::read(&dir.join("receipt.json")).unwrap();
    let call: ledger::answerCall = exported.one(to, "answer --receipt receipt.json");
    assert_eq!((call.modelId, call.receipts), (id, vec![receipt_of(&doc)]));
    let call: ledger::returnBondCall = exported.one(to, "returnBond --dir ledger --record record.json");
    assert_eq!((call.modelId, call.datasetId, call.segment, call.index), (id, dataset, 1, 3));
    let call: ledger::dissolveCall = exported.one(to, "dissolve --dir ledger");
    assert_eq!(call.modelId, id);
    let call: ledger::exitCall = exported.one(to, "exit --dir ledger --record record.json --final-epoch 1");
    let [exit] = call.exits.as_slice() else { panic!("{} segments", call.exits.len()) };
    let scores = &bundle.epochs[0].scores;
    let position = scores.segments.iter().position(|posted| posted.segment == 1).unwrap();
    let posted = &scores.segments[position];
    let leaves = scores.leaves(|_| Some(record.dataset)).unwrap();
    let path: Vec<B256> = ScoreTree::of(&leaves).path(position).unwrap().into_iter().map(bytes32).collect();
    assert_eq!(
        (call.modelId, exit.datasetId, exit.segment, exit.revision),
        (id, dataset, 1, posted.revision)
    );
    assert_eq!((exit.position as usize, exit.segmentScore.to::<u128>()), (position, posted.score.0));
    assert_eq!((exit.scores, &exit.path), (coordinates(&posted.commitment).unwrap(), &path));
    assert_eq!((&exit.records, exit.accounts.len()), (&vec![record_of(&record)], 0));
    // A model that never had a final epoch has no scores to exit by.
    let call: ledger::exitCall = exported.one(to, "exit --dir ledger --record record.json --final-epoch 0");
    assert_eq!((call.exits[0].scores, call.exits[0].path.len()), ([U256::ZERO; 2], 0));
}

/// What `send` simulates is what `export` prints: one place makes both.
#[test]
fn send_takes_the_same_calls() {
    let world = World::enrolled(10);
    let node = Node::over(&world.life.evm);
    let line =
        format!("send announceAttributor --dir ledger --to {NEXT} --dry-run --json --rpc {}", node.url);
    let sent: Value = serde_json::from_str(&apportion(&world, &line).exits(0).out).unwrap();
    let line = format!("export calldata announceAttributor --dir ledger --to {NEXT} --json");
    let exported: Value = serde_json::from_str(&apportion(&world, &line).exits(0).out).unwrap();
    for name in ["what", "to"] {
        assert_eq!(sent[0][name], exported[0][name]);
    }
    assert_eq!(sent[0]["status"], "simulated");
}
