//! Sending, against a node made of a table of answers.
#![cfg(feature = "rpc")]
#![allow(clippy::unwrap_used, clippy::panic)]

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use alloy_primitives::{B256, U256};
use alloy_sol_types::{SolCall, SolValue};
use apportion::rpc::{Account, Client, Limits, Patience, RpcError, Status};
use apportion_circuits::types::Payee;
use apportion_verifier::chain::{Call, abi::IRevenueLedger};
use serde_json::{Value, json};

const CHAIN: u64 = 31_337;
const FROM: Payee = Payee([0xaa; 20]);
const TO: Payee = Payee([0x11; 20]);
const HASH: B256 = B256::repeat_byte(7);

type Answer = Box<dyn Fn(&str, &Value) -> Value + Send>;

/// A node, and the methods that it was asked.
fn node(answer: Answer) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(Mutex::new(Vec::new()));
    let heard = asked.clone();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = BufReader::new(stream.unwrap());
            let mut length = 0;
            loop {
                let mut line = String::new();
                if stream.read_line(&mut line).unwrap() <= 2 {
                    break;
                }
                if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
            }
            let mut body = vec![0; length];
            stream.read_exact(&mut body).unwrap();
            let request: Value = serde_json::from_slice(&body).unwrap();
            let method = request["method"].as_str().unwrap();
            heard.lock().unwrap().push(method.to_owned());
            let mut reply = answer(method, &request["params"]);
            reply["jsonrpc"] = json!("2.0");
            reply["id"] = request["id"].clone();
            let reply = reply.to_string();
            let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close";
            write!(stream.get_mut(), "{head}\r\ncontent-length: {}\r\n\r\n{reply}", reply.len()).unwrap();
        }
    });
    (url, asked)
}

fn receipt(status: &str) -> Value {
    let bloom = format!("0x{}", "00".repeat(256));
    let word = format!("0x{}", "22".repeat(32));
    json!({ "result": {
        "transactionHash": HASH.to_string(), "transactionIndex": "0x0", "blockHash": word, "blockNumber": "0x5",
        "from": FROM.to_string(), "to": TO.to_string(), "cumulativeGasUsed": "0xc350", "gasUsed": "0xc350",
        "effectiveGasPrice": "0x1", "contractAddress": null, "logs": [], "logsBloom": bloom, "status": status,
        "type": "0x2"
    } })
}

fn revert(data: &str) -> Value {
    json!({ "error": { "code": 3, "message": "execution reverted", "data": data } })
}

/// What a node says that accepts everything.
fn willing(method: &str) -> Value {
    match method {
        "eth_chainId" => json!({ "result": "0x7a69" }),
        "eth_getCode" => json!({ "result": "0x60" }),
        "eth_getTransactionCount" => json!({ "result": "0x3" }),
        "eth_estimateGas" => json!({ "result": "0xc350" }),
        "eth_sendTransaction" => json!({ "result": HASH.to_string() }),
        "eth_blockNumber" => json!({ "result": "0x5" }),
        "eth_getTransactionReceipt" => receipt("0x1"),
        _ => json!({ "result": "0x" }),
    }
}

/// A deposit: nothing is asked of the contract before it.
fn deposit() -> Call {
    let call = IRevenueLedger::depositCall { modelId: B256::ZERO, amount: U256::from(5) };
    Call { what: "deposit".into(), to: TO, data: call.abi_encode(), column: None }
}

fn close(epoch: u64) -> Call {
    let call = IRevenueLedger::closeEpochCall { modelId: B256::ZERO, epoch: U256::from(epoch) };
    Call { what: format!("close {epoch}"), to: TO, data: call.abi_encode(), column: None }
}

fn client(url: &str) -> Client {
    let patience = Patience { confirmations: 1, timeout: Duration::from_secs(2) };
    Client::new(url, Account::Node(FROM), patience).unwrap()
}

fn cause(error: RpcError) -> RpcError {
    match error {
        RpcError::Stopped { source, .. } => *source,
        other => other,
    }
}

#[test]
fn a_transaction_is_simulated_sent_and_confirmed() {
    let (url, asked) = node(Box::new(|method, _| willing(method)));
    let sent = client(&url).send_all(CHAIN, 0, &[deposit()], &mut |_| {}).unwrap();
    assert_eq!(
        (sent.len(), sent[0].status, sent[0].gas, sent[0].block),
        (1, Status::Success, Some(50_000), Some(5))
    );
    assert_eq!(sent[0].hash.as_deref(), Some(HASH.to_string().as_str()));
    let asked = asked.lock().unwrap();
    let at = |method: &str| asked.iter().position(|asked| asked == method).unwrap();
    assert!(at("eth_call") < at("eth_estimateGas") && at("eth_estimateGas") < at("eth_sendTransaction"));
}

#[test]
fn nothing_is_sent_that_should_not_be() {
    let cases: [(&str, Answer, &str); 5] = [
        (
            "another chain",
            Box::new(|method, _| match method {
                "eth_chainId" => json!({ "result": "0x1" }),
                other => willing(other),
            }),
            "the node is on chain 1, the files are for chain 31337",
        ),
        (
            "no contract",
            Box::new(|method, _| match method {
                "eth_getCode" => json!({ "result": "0x" }),
                other => willing(other),
            }),
            "there is no contract at",
        ),
        (
            "refused",
            Box::new(|method, _| match method {
                "eth_call" => revert("0x2ac7c1e9"),
                other => willing(other),
            }),
            "refused, and not sent: 0x2ac7c1e9",
        ),
        (
            "pending",
            Box::new(|method, params| match (method, params[1].as_str()) {
                ("eth_getTransactionCount", Some("pending")) => json!({ "result": "0x5" }),
                (other, _) => willing(other),
            }),
            "2 transactions of",
        ),
        ("no JSON-RPC", Box::new(|_, _| json!({})), "the node: "),
    ];
    for (name, answer, text) in cases {
        let (url, asked) = node(answer);
        let error = client(&url).send_all(CHAIN, 0, &[deposit()], &mut |_| {}).unwrap_err();
        let error = cause(error).to_string();
        assert!(error.contains(text), "{name}: {error}");
        assert!(!asked.lock().unwrap().iter().any(|method| method.starts_with("eth_send")), "{name}");
    }
    let nowhere = client("http://127.0.0.1:1").send_all(CHAIN, 0, &[deposit()], &mut |_| {});
    assert!(matches!(nowhere, Err(RpcError::Node(_))));
}

#[test]
fn what_is_done_is_left_out_and_a_failure_says_what_was_sent() {
    // Epoch 1 is final, epoch 2 is open and cannot be closed.
    let (url, asked) = node(Box::new(|method, params| {
        if method != "eth_call" {
            return willing(method);
        }
        let input = params[0].get("data").or(params[0].get("input")).unwrap().as_str().unwrap();
        let input = hex::decode(&input[2..]).unwrap();
        match IRevenueLedger::getEpochCall::abi_decode(&input) {
            Ok(call) => {
                let stage = if call.epoch == U256::from(1) { 3u8 } else { 0 };
                let epoch = [vec![U256::from(stage)], vec![U256::ZERO; 9]].concat();
                json!({ "result": format!("0x{}", hex::encode(<[U256; 10]>::try_from(epoch).unwrap().abi_encode())) })
            }
            Err(_) if IRevenueLedger::closeEpochCall::abi_decode(&input).is_ok() => {
                let error = alloy_primitives::keccak256("NothingToClose()");
                revert(&format!("0x{}", hex::encode(&error[..4])))
            }
            Err(_) => willing(method),
        }
    }));
    let calls = [close(1), deposit(), close(2), deposit()];
    let error = client(&url).send_all(CHAIN, 0, &calls, &mut |_| {}).unwrap_err();
    let text = error.to_string();
    assert!(error.is_refusal());
    assert!(text.starts_with("close 2: refused, and not sent: NothingToClose"), "{text}");
    assert!(text.contains("close 1 (done already)") && text.contains(&format!("deposit ({HASH})")), "{text}");
    let sends = asked.lock().unwrap().iter().filter(|method| *method == "eth_sendTransaction").count();
    assert_eq!(sends, 1);
}

#[test]
fn a_revert_in_a_block_and_a_missing_receipt_are_failures() {
    let (url, _) = node(Box::new(|method, _| match method {
        "eth_getTransactionReceipt" => receipt("0x0"),
        other => willing(other),
    }));
    let error = client(&url).send_all(CHAIN, 0, &[deposit()], &mut |_| {}).unwrap_err();
    assert!(matches!(cause(error), RpcError::Reverted { .. }));
    let (url, _) = node(Box::new(|method, _| match method {
        "eth_getTransactionReceipt" => json!({ "result": null }),
        other => willing(other),
    }));
    let error = client(&url).send_all(CHAIN, 0, &[deposit()], &mut |_| {}).unwrap_err();
    let error = cause(error);
    assert!(matches!(error, RpcError::Unconfirmed { .. }), "{error}");
    assert!(error.to_string().contains(&HASH.to_string()));
}

/// An account whose key is here.
fn keyed(url: &str, limits: Limits) -> Client {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("key");
    std::fs::write(&path, "11".repeat(32)).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
    let account = Account::Key(apportion::rpc::read_key(&path).unwrap());
    let patience = Patience { confirmations: 1, timeout: Duration::from_secs(2) };
    Client::new(url, account, patience).unwrap().with_limits(limits)
}

/// A node that also says what a transaction costs: `gwei` for the block's share alone.
fn priced(method: &str, gwei: u64) -> Value {
    let base = format!("{:#x}", gwei * 1_000_000_000);
    match method {
        "eth_feeHistory" => json!({ "result": {
            "oldestBlock": "0x4", "baseFeePerGas": [base, base], "gasUsedRatio": [0.5], "reward": [["0x1"]]
        } }),
        "eth_sendRawTransaction" => json!({ "result": HASH.to_string() }),
        other => willing(other),
    }
}

#[test]
fn what_may_have_been_sent_is_said_with_its_hash_and_number() {
    // The node hangs up on the transaction: its hash was said before, and the error has it again.
    let (url, _) = node(Box::new(|method, _| match method {
        "eth_sendRawTransaction" => panic!("hangs up"),
        other => priced(other, 1),
    }));
    let mut told = Vec::new();
    let sent = keyed(&url, Limits::default())
        .send_all(CHAIN, 0, &[deposit()], &mut |text| told.push(text.to_owned()));
    let error = cause(sent.unwrap_err());
    let RpcError::MaybeSent { hash: Some(hash), nonce: 3, .. } = &error else { panic!("{error}") };
    assert!(told.iter().any(|text| text.contains(hash) && text.contains("nonce 3")), "{told:?}");
    let text = error.to_string();
    assert!(
        text.starts_with(&format!("may have been sent as {hash}")) && text.contains("--nonce 3"),
        "{text}"
    );

    // The same number is the same transaction, even while the first is waiting; a used one is refused.
    let (url, asked) = node(Box::new(|method, params| match (method, params[1].as_str()) {
        ("eth_getTransactionCount", Some("pending")) => json!({ "result": "0x4" }),
        (other, _) => priced(other, 1),
    }));
    let send = |nonce| {
        let limits = Limits { nonce, ..Limits::default() };
        keyed(&url, limits).send_all(CHAIN, 0, &[deposit()], &mut |_| {})
    };
    assert!(matches!(send(None).map_err(cause), Err(RpcError::Pending { count: 1, .. })));
    assert!(matches!(send(Some(2)).map_err(cause), Err(RpcError::NonceUsed { nonce: 2 })));
    assert!(!asked.lock().unwrap().iter().any(|method| method.starts_with("eth_send")));
    assert_eq!(send(Some(3)).unwrap()[0].hash.as_deref(), Some(hash.as_str()));
}

#[test]
fn a_node_does_not_set_the_price() {
    let send = |limits: Limits, gas: &'static str| {
        let (url, asked) = node(Box::new(move |method, _| match method {
            "eth_estimateGas" => json!({ "result": gas }),
            other => priced(other, 120),
        }));
        let sent = keyed(&url, limits).send_all(CHAIN, 0, &[deposit()], &mut |_| {}).map_err(cause);
        let sends = asked.lock().unwrap().iter().filter(|method| method.starts_with("eth_send")).count();
        assert_eq!(sends, usize::from(sent.is_ok()));
        sent
    };
    let dear = Limits { max_fee_per_gas: 300_000_000_000, ..Limits::default() };
    assert!(matches!(send(Limits::default(), "0xc350"), Err(RpcError::Fee { .. })));
    assert!(matches!(send(dear, "0x1000001"), Err(RpcError::Gas(16_777_217))));
    assert!(send(dear, "0x1000000").is_ok());
}

#[test]
fn a_dataset_is_registered_by_its_owner_alone() {
    // Refused before anything is read or asked.
    let run = std::process::Command::new(env!("CARGO_BIN_EXE_apportion"))
        .args([
            "send",
            "register",
            "--dataset",
            "none",
            "--chain-id",
            "1",
            "--rpc",
            "http://127.0.0.1:1",
            "--unlocked",
        ])
        .args(["--registry", &TO.to_string(), "--owner", &TO.to_string(), "--from", &FROM.to_string()])
        .output()
        .unwrap();
    let text = String::from_utf8(run.stderr).unwrap();
    assert_eq!(run.status.code(), Some(2), "{text}");
    assert!(text.contains("would be the owner instead of"), "{text}");
}
