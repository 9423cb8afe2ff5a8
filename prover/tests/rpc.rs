//! Sending, against anvil behind a proxy that refuses, loses and drops what it is told to.
//!
//! anvil is npm's, in contracts/node_modules: `npm ci --ignore-scripts` in contracts/ comes first. Without it the tests say so
//! and pass; contracts/script/anvil_run.sh, which CI runs, installs it.
#![cfg(feature = "rpc")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may panic")]

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::Duration,
};

use alloy_primitives::hex;
use apportion::rpc::{Account, Client, Limits, RpcError, Sent, Status, Waiting, read_key};
use apportion_chain::{At, Call, Node, Patience, ReadChain as _};
use apportion_circuits::types::Payee;
use serde_json::{Value, json};

const CHAIN: u64 = 31_337;
/// anvil's first account, whose key everybody knows.
const KEY: &str = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
/// Creates a contract that answers 42, whatever it is asked.
const ANSWERS: &str = "600a600c600039600a6000f3602a60005260206000f3";
/// Creates a contract that refuses.
const REFUSES: &str = "6005600c60003960056000f360006000fd";

struct Anvil {
    child: Child,
    port: u16,
}

impl Drop for Anvil {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Anvil {
    fn start(arguments: &[&str]) -> Option<Self> {
        let modules = Path::new(env!("CARGO_MANIFEST_DIR")).join("../contracts/node_modules/@foundry-rs");
        let binary = modules.join("anvil-linux-amd64/bin/anvil");
        if !binary.exists() {
            eprintln!("skipped: no anvil in contracts/node_modules (npm ci --ignore-scripts installs it)");
            return None;
        }
        let mut command = Command::new(binary);
        command.args(["--host", "127.0.0.1", "--port", "0"]).args(arguments);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let port = lines.by_ref().find_map(|line| {
            line.unwrap().strip_prefix("Listening on 127.0.0.1:").and_then(|port| port.trim().parse().ok())
        });
        // What it prints later is read, so that it never waits for a reader.
        thread::spawn(move || lines.for_each(drop));
        Some(Self { child, port: port.unwrap() })
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    fn ask(&self, method: &str, params: Value) -> Value {
        Node::new(self.url()).ask(method, params).unwrap()
    }
}

/// What happens to a request.
#[derive(Clone, Copy)]
enum Fault {
    Status(u16),
    /// It never arrives.
    Dropped,
    /// It arrives, its answer does not.
    Lost,
}

/// A proxy: every `every`-th request meets the next fault.
fn proxy(to: u16, every: u32, faults: &'static [Fault]) -> (String, Arc<AtomicU32>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (met, mut seen) = (Arc::new(AtomicU32::new(0)), 0u32);
    let counted = met.clone();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(stream) = stream else { continue };
            let mut stream = BufReader::new(stream);
            let (mut head, mut length) = (String::new(), 0usize);
            loop {
                let mut line = String::new();
                if stream.read_line(&mut line).unwrap_or(0) <= 2 {
                    break;
                }
                if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
                head += &line;
            }
            let mut body = vec![0; length];
            if head.is_empty() || stream.read_exact(&mut body).is_err() {
                continue;
            }
            seen += 1;
            let fault = seen.is_multiple_of(every).then(|| {
                let at = counted.fetch_add(1, Ordering::SeqCst) as usize;
                faults[at % faults.len()]
            });
            let reply = match fault {
                Some(Fault::Status(status)) => {
                    format!("HTTP/1.1 {status} no\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
                        .into_bytes()
                }
                Some(Fault::Dropped) => continue,
                lost => {
                    let mut node = TcpStream::connect(("127.0.0.1", to)).unwrap();
                    write!(
                        node,
                        "POST / HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nconnection: close\r\n\
                         content-length: {length}\r\n\r\n"
                    )
                    .unwrap();
                    node.write_all(&body).unwrap();
                    let mut reply = Vec::new();
                    node.read_to_end(&mut reply).unwrap();
                    if lost.is_some() {
                        continue;
                    }
                    reply
                }
            };
            let _ = stream.get_mut().write_all(&reply);
        }
    });
    (url, met)
}

fn client(url: &str, limits: Limits, timeout: u64) -> Client {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("key");
    std::fs::write(&path, KEY).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
    let patience = Patience {
        answer: Duration::from_secs(10),
        pause: Duration::from_millis(5),
        all: Duration::from_secs(20),
        first: Duration::from_secs(10),
    };
    let waiting = Waiting { confirmations: 1, timeout: Duration::from_secs(timeout) };
    let account = Account::Key(read_key(&path).unwrap());
    Client::new(Node::with_patience(url, patience), account, waiting, limits).unwrap()
}

fn create(client: &mut Client, code: &str) -> Payee {
    client.create(CHAIN, "create", &hex::decode(code).unwrap(), &mut |_| {}).unwrap().0
}

fn call(what: &str, to: Payee) -> Call {
    Call { what: what.into(), to, data: vec![1, 2, 3, 4], ..Call::default() }
}

fn hashes(sent: &[Sent]) -> Vec<&str> {
    sent.iter().filter_map(|sent| sent.hash.as_deref()).collect()
}

fn cause(error: RpcError) -> RpcError {
    match error {
        RpcError::Stopped { source, .. } => *source,
        other => other,
    }
}

#[test]
fn a_node_that_refuses_loses_and_drops_is_asked_again_and_nothing_is_sent_twice() {
    const FAULTS: &[Fault] = &[Fault::Status(429), Fault::Dropped, Fault::Status(503), Fault::Lost];
    let Some(anvil) = Anvil::start(&[]) else { return };
    let (url, met) = proxy(anvil.port, 3, FAULTS);
    let mut client = client(&url, Limits::default(), 60);
    let to = create(&mut client, ANSWERS);
    let calls: Vec<_> = (0..6).map(|n| call(&format!("call {n}"), to)).collect();
    let sent = client.send_all(CHAIN, &calls, false, &mut |_| {}).unwrap();
    assert!(sent.iter().all(|sent| sent.status == Status::Success));
    assert_eq!(hashes(&sent).len(), 6);
    assert!(met.load(Ordering::SeqCst) > 8, "the proxy did nothing");
    // One creation and six calls, each once.
    let count = anvil.ask("eth_getTransactionCount", json!([client.from().to_string(), "latest"]));
    assert_eq!(count, "0x7");
}

#[test]
fn a_node_that_never_answers_is_given_up() {
    let Some(anvil) = Anvil::start(&[]) else { return };
    let (url, met) = proxy(anvil.port, 1, &[Fault::Status(503)]);
    let patience = Patience {
        answer: Duration::from_secs(1),
        pause: Duration::from_millis(5),
        all: Duration::from_millis(200),
        first: Duration::from_millis(200),
    };
    let error = Node::with_patience(url, patience).chain_id().unwrap_err();
    assert!(error.to_string().contains("503"), "{error}");
    assert!(met.load(Ordering::SeqCst) > 3);
}

#[test]
fn a_transaction_that_waits_is_replaced_by_its_number_and_a_higher_fee() {
    let Some(anvil) = Anvil::start(&[]) else { return };
    let to = create(&mut client(&anvil.url(), Limits::default(), 30), ANSWERS);
    anvil.ask("evm_setAutomine", json!([false]));
    let mut first = client(&anvil.url(), Limits::default(), 1);
    let error = cause(first.send_all(CHAIN, &[call("one", to)], false, &mut |_| {}).unwrap_err());
    let RpcError::Unconfirmed { hash, nonce: 1, .. } = error else { panic!("{error}") };
    // Without its number nothing more is sent.
    let error = cause(first.send_all(CHAIN, &[call("two", to)], false, &mut |_| {}).unwrap_err());
    assert!(matches!(error, RpcError::Pending { count: 1, nonce: 1, .. }), "{error}");
    let old = anvil.ask("eth_getTransactionByHash", json!([hash]));
    let limits = Limits { nonce: Some(1), ..Limits::default() };
    let url = anvil.url();
    let second = thread::spawn(move || {
        client(&url, limits, 30).send_all(CHAIN, &[call("two", to)], false, &mut |_| {}).unwrap()
    });
    thread::sleep(Duration::from_secs(2));
    anvil.ask("evm_mine", json!([]));
    let sent = second.join().unwrap();
    let new = anvil.ask("eth_getTransactionByHash", json!([sent[0].hash]));
    let fee = |of: &Value, name: &str| {
        u128::from_str_radix(of[name].as_str().unwrap().trim_start_matches("0x"), 16).unwrap()
    };
    for name in ["maxFeePerGas", "maxPriorityFeePerGas"] {
        assert!(fee(&new, name) * 8 >= fee(&old, name) * 9, "{name}");
    }
    let used = Limits { nonce: Some(1), ..Limits::default() };
    let error = client(&anvil.url(), used, 5).send_all(CHAIN, &[call("three", to)], false, &mut |_| {});
    assert!(matches!(error.map_err(cause), Err(RpcError::NonceUsed { nonce: 1 })));
}

#[test]
fn a_chain_without_eip_1559_is_paid_by_gas_price() {
    let Some(anvil) = Anvil::start(&["--hardfork", "berlin"]) else { return };
    let limits = Limits { legacy: true, ..Limits::default() };
    let mut client = client(&anvil.url(), limits, 30);
    let to = create(&mut client, ANSWERS);
    let sent = client.send_all(CHAIN, &[call("one", to)], false, &mut |_| {}).unwrap();
    let found = anvil.ask("eth_getTransactionByHash", json!([sent[0].hash]));
    assert_eq!(found["type"], "0x0");
}

#[test]
fn nothing_is_sent_that_should_not_be() {
    let Some(anvil) = Anvil::start(&[]) else { return };
    let (to, refuses) = {
        let mut client = client(&anvil.url(), Limits::default(), 30);
        (create(&mut client, ANSWERS), create(&mut client, REFUSES))
    };
    let send = |limits: Limits, chain: u64, call: Call| {
        client(&anvil.url(), limits, 5).send_all(chain, &[call], false, &mut |_| {}).map_err(cause)
    };
    let usual = Limits::default();
    assert!(matches!(send(usual, 1, call("a", to)), Err(RpcError::WrongChain { expected: 1, found: CHAIN })));
    assert!(matches!(send(usual, CHAIN, call("a", Payee([7; 20]))), Err(RpcError::NoContract(_))));
    assert!(matches!(send(usual, CHAIN, call("a", refuses)), Err(RpcError::Refused(_) | RpcError::Node(_))));
    let cheap = Limits { max_fee_per_gas: 1, ..usual };
    assert!(matches!(send(cheap, CHAIN, call("a", to)), Err(RpcError::Fee { allowed: 1, .. })));
    let small = Limits { max_gas: 21_000, ..usual };
    assert!(matches!(send(small, CHAIN, call("a", to)), Err(RpcError::Gas { most: 21_000, .. })));
    // Simulated on the state before the contract was created, there is none that refuses.
    let before = Limits { simulate_at: At::Number(1), ..usual };
    assert!(send(before, CHAIN, call("a", to)).is_ok());
    let dry = client(&anvil.url(), usual, 5).send_all(CHAIN, &[call("a", to)], true, &mut |_| {}).unwrap();
    assert_eq!((dry[0].status, dry[0].hash.as_ref()), (Status::Simulated, None));
    let sender = client(&anvil.url(), usual, 5).from().to_string();
    assert_eq!(anvil.ask("eth_getTransactionCount", json!([sender, "latest"])), "0x3");
}

#[test]
fn what_is_created_has_one_address_whoever_creates_it() {
    let Some(anvil) = Anvil::start(&[]) else { return };
    let mut client = client(&anvil.url(), Limits::default(), 30);
    client.check_proxy().unwrap();
    let at = create(&mut client, ANSWERS);
    // Again, nothing is sent.
    let code = hex::decode(ANSWERS).unwrap();
    let (again, receipt) = client.create(CHAIN, "create", &code, &mut |_| {}).unwrap();
    assert_eq!((again, receipt.is_none()), (at, true));
    assert_eq!(client.node().code(at).unwrap(), hex::decode("602a60005260206000f3").unwrap());
    // A constructor that refuses.
    let error = client.create(CHAIN, "create", &hex::decode("60006000fd").unwrap(), &mut |_| {}).unwrap_err();
    assert!(matches!(error, RpcError::Refused(_) | RpcError::Node(_)), "{error}");
    // A chain without the proxy, or with something else in its place.
    let proxy = apportion_chain::creation::PROXY.to_string();
    for (code, says) in [("0x", "this chain has no contract at"), ("0x00", "another contract is at")] {
        anvil.ask("anvil_setCode", json!([proxy, code]));
        let error = client.check_proxy().unwrap_err();
        assert!(error.to_string().contains(says), "{error}");
    }
}
