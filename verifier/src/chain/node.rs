//! A node that answers questions about a chain over JSON-RPC.
//!
//! Three methods over a blocking HTTP client: what an auditor has to trust stays small enough to read. `apportion send`
//! asks and sends through the same [`Node::post`]; alloy, which fills and signs what it sends, brings another hundred
//! crates and stays out of the auditor's program.

use std::time::Duration;

use apportion_circuits::types::Payee;
use serde_json::{Value, json};

use super::ReadChain;

/// More bytes than any answer to our questions has.
const MAX_ANSWER: u64 = 1 << 22;
/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// A node. Its answers are believed: choose one that you trust.
#[derive(Clone, Debug)]
pub struct Node {
    url: String,
    agent: ureq::Agent,
    /// The block of whose state everything is asked.
    block: String,
}

impl Node {
    /// The node at a URL.
    pub fn new(url: impl Into<String>) -> Self {
        // Nodes answer errors with JSON, some of them under another status than 200.
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(PATIENCE))
            .http_status_as_error(false)
            .max_redirects(0)
            .build();
        Self { url: url.into(), agent: config.into(), block: "latest".into() }
    }

    /// The same node, asked about its newest block's state from now on, whatever comes after it: answers of several
    /// blocks would be compared with one another's.
    pub fn pinned(self) -> Result<Self, String> {
        let number = number(&self.ask("eth_blockNumber", json!([]))?)?;
        Ok(Self { block: format!("{number:#x}"), ..self })
    }

    /// Sends a JSON-RPC request and returns the answer's text.
    pub fn post(&self, request: &str) -> Result<String, String> {
        let sent = self.agent.post(&self.url).header("content-type", "application/json").send(request);
        let mut response = sent.map_err(|error| error.to_string())?;
        let body = response.body_mut().with_config().limit(MAX_ANSWER).read_to_string();
        let body = body.map_err(|error| error.to_string())?;
        let is_json = body.trim_start().starts_with(['{', '[']);
        if is_json { Ok(body) } else { Err(format!("no JSON, but HTTP status {}", response.status())) }
    }

    fn ask(&self, method: &str, params: Value) -> Result<Vec<u8>, String> {
        let request = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let body = self.post(&request.to_string())?;
        let answer: Value = serde_json::from_str(&body).map_err(|error| error.to_string())?;
        if let Some(error) = answer.get("error") {
            return Err(format!("{method}: {error}"));
        }
        let digits = answer.get("result").and_then(Value::as_str).and_then(|text| text.strip_prefix("0x"));
        let digits = digits.ok_or_else(|| format!("{method}: the answer is not hexadecimal"))?;
        // Numbers have no leading zeros.
        let even = if digits.len() % 2 == 0 { digits.to_owned() } else { format!("0{digits}") };
        hex::decode(even).map_err(|error| format!("{method}: {error}"))
    }
}

fn number(bytes: &[u8]) -> Result<u64, String> {
    let number = bytes.iter().fold(0u64, |number, byte| (number << 8) | u64::from(*byte));
    if bytes.len() <= 8 { Ok(number) } else { Err("the node's number is too large".into()) }
}

impl ReadChain for Node {
    fn chain_id(&mut self) -> Result<u64, String> {
        number(&self.ask("eth_chainId", json!([]))?)
    }

    fn code(&mut self, at: Payee) -> Result<Vec<u8>, String> {
        self.ask("eth_getCode", json!([at.to_string(), self.block]))
    }

    fn call(&mut self, to: Payee, data: Vec<u8>) -> Result<Vec<u8>, String> {
        let data = format!("0x{}", hex::encode(data));
        self.ask("eth_call", json!([{ "to": to.to_string(), "data": data }, self.block]))
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{BufRead, BufReader, Read, Write},
        net::TcpListener,
        thread,
    };

    use super::*;

    #[test]
    fn a_pinned_node_is_asked_about_one_block() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        // Every answer is the number of the block; every request is kept.
        let node = thread::spawn(move || {
            let mut asked = Vec::new();
            for _ in 0..4 {
                let mut stream = BufReader::new(listener.accept().unwrap().0);
                let (mut line, mut length) = (String::new(), 0);
                while stream.read_line(&mut line).unwrap() > 2 {
                    if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                        length = value.trim().parse().unwrap();
                    }
                    line.clear();
                }
                let mut body = vec![0; length];
                stream.read_exact(&mut body).unwrap();
                asked.push(serde_json::from_slice::<Value>(&body).unwrap());
                let reply = json!({ "jsonrpc": "2.0", "id": 1, "result": "0x1f4" }).to_string();
                let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close";
                write!(stream.get_mut(), "{head}\r\ncontent-length: {}\r\n\r\n{reply}", reply.len()).unwrap();
            }
            asked
        });
        Node::new(url.as_str()).code(Payee::default()).unwrap();
        let mut pinned = Node::new(url).pinned().unwrap();
        pinned.code(Payee::default()).unwrap();
        pinned.call(Payee::default(), Vec::new()).unwrap();
        let asked = node.join().unwrap();
        let blocks: Vec<_> = asked.iter().map(|request| request["params"][1].clone()).collect();
        assert_eq!(blocks, [json!("latest"), Value::Null, json!("0x1f4"), json!("0x1f4")]);
        assert_eq!(asked[1]["method"], "eth_blockNumber");
    }
}
