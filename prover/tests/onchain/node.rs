//! The chain in process behind an HTTP port: commands that take `--rpc` ask it as they ask a node. It sends nothing.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpListener,
    process::Command,
    sync::{Arc, Mutex},
    thread,
};

use alloy_primitives::{U256, hex};
use apportion_chain::{ReadChain, ReadError};
use apportion_circuits::types::{Payee, Word};
use apportion_evm::evm::{Address, Evm};
use serde_json::{Value, json};

use crate::world::World;

/// A node over a chain, and what it was asked.
pub(crate) struct Node {
    pub(crate) url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Node {
    pub(crate) fn over(evm: &Evm) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (mut evm, list) = (evm.clone(), asked.clone());
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = BufReader::new(stream.unwrap());
                let (mut line, mut length) = (String::new(), 0usize);
                while stream.read_line(&mut line).unwrap() > 2 {
                    if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                        length = value.trim().parse().unwrap();
                    }
                    line.clear();
                }
                let mut body = vec![0; length];
                stream.read_exact(&mut body).unwrap();
                let question: Value = serde_json::from_slice(&body).unwrap();
                let method = question["method"].as_str().unwrap().to_owned();
                let mut answer = match answer(&mut evm, &method, &question["params"]) {
                    Ok(result) => json!({ "result": result }),
                    Err(error) => json!({ "error": error }),
                };
                answer["jsonrpc"] = "2.0".into();
                answer["id"] = question["id"].clone();
                list.lock().unwrap().push(method);
                let body = answer.to_string();
                let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close", body.len());
                let _ = write!(stream.get_mut(), "{head}\r\n\r\n{body}");
            }
        });
        Self { url, asked }
    }

    /// Whether it was asked to send something.
    pub(crate) fn was_sent_anything(&self) -> bool {
        self.asked.lock().unwrap().iter().any(|method| method.contains("send"))
    }
}

fn answer(evm: &mut Evm, method: &str, params: &Value) -> Result<Value, Value> {
    let bytes = |value: &Value| hex::decode(value.as_str().unwrap_or("0x")).unwrap();
    let account = |value: &Value| value.as_str().map_or(Address::ZERO, |text| text.parse().unwrap());
    let call = &params[0];
    let data = || bytes(if call["input"].is_string() { &call["input"] } else { &call["data"] });
    let refused = |output: &[u8]| json!({ "code": 3, "message": "execution reverted", "data": hex::encode_prefixed(output) });
    let of_read = |error: ReadError| match error {
        ReadError::Reverted(output) => refused(&output),
        other => json!({ "code": -32000, "message": other.to_string() }),
    };
    match method {
        "eth_chainId" => Ok(format!("{:#x}", Evm::chain_id(evm)).into()),
        "eth_blockNumber" => Ok(format!("{:#x}", Evm::block(evm)).into()),
        "eth_getTransactionCount" => Ok("0x0".into()),
        "eth_getBlockByNumber" => {
            let block = ReadChain::block(evm).map_err(of_read)?;
            Ok(json!({
                "number": format!("{:#x}", block.number),
                "hash": block.hash.to_string(),
                "timestamp": format!("{:#x}", block.timestamp),
            }))
        }
        "eth_getCode" => Ok(hex::encode_prefixed(Evm::code(evm, account(call))).into()),
        "eth_call" => {
            let outcome = Evm::call(evm, account(&call["from"]), account(&call["to"]), &data()).unwrap();
            if outcome.is_success() {
                Ok(hex::encode_prefixed(&outcome.output).into())
            } else {
                Err(refused(&outcome.output))
            }
        }
        "eth_estimateGas" => {
            let value = call["value"].as_str().unwrap_or("0x0").parse::<U256>().unwrap();
            let sent =
                evm.clone().pay(account(&call["from"]), account(&call["to"]), &data(), value.to::<u128>());
            let outcome = sent.unwrap();
            if outcome.is_success() {
                Ok(format!("{:#x}", outcome.gas).into())
            } else {
                Err(refused(&outcome.output))
            }
        }
        "eth_getLogs" => {
            let topics = call["topics"].as_array().unwrap().iter();
            let topics: Vec<Word> = topics.map(|topic| topic.as_str().unwrap().parse().unwrap()).collect();
            let of = Payee(account(&call["address"]).into_array());
            let logs = ReadChain::logs(evm, of, &topics).map_err(of_read)?;
            let log = |log: &apportion_chain::Log| {
                let topics: Vec<_> = log.topics.iter().map(Word::to_string).collect();
                json!({ "topics": topics, "data": hex::encode_prefixed(&log.data), "blockNumber": format!("{:#x}", log.block) })
            };
            Ok(logs.iter().map(log).collect())
        }
        _ => Err(json!({ "code": -32601, "message": "no such method" })),
    }
}

/// What a command did: its exit code, and what it printed on both outputs.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.out, self.err);
        self
    }

    #[track_caller]
    pub(crate) fn says(self, text: &str) -> Self {
        assert!(self.err.contains(text), "expected {text:?} in stderr:\n{}", self.err);
        self
    }

    #[track_caller]
    pub(crate) fn prints(self, text: &str) -> Self {
        assert!(self.out.contains(text), "expected {text:?} in stdout:\n{}", self.out);
        self
    }

    #[track_caller]
    pub(crate) fn never_prints(self, text: &str) -> Self {
        assert!(!self.out.contains(text), "{text:?} in stdout:\n{}", self.out);
        self
    }
}

/// Runs `apportion` in a world's directory.
pub(crate) fn apportion(world: &World, line: &str) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_apportion"));
    let params = concat!(env!("CARGO_TARGET_TMPDIR"), "/params");
    command.args(line.split_whitespace()).current_dir(world.dir.path()).env("APPORTION_PARAMS", params);
    let output = command.env_remove("ETH_RPC_URL").output().unwrap();
    Ran {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}
