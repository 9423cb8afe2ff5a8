//! A node that answers questions about a chain over JSON-RPC.

use std::time::Duration;

use apportion_circuits::types::Payee;
use serde_json::{Value, json};

use super::ReadChain;

/// More bytes than any answer to our questions has.
const MAX_ANSWER: u64 = 1 << 22;
/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// A node. Its answers are believed: choose one that you trust.
pub struct Node {
    url: String,
    agent: ureq::Agent,
}

impl Node {
    /// The node at a URL.
    pub fn new(url: impl Into<String>) -> Self {
        let config = ureq::Agent::config_builder().timeout_global(Some(PATIENCE)).build();
        Self { url: url.into(), agent: config.into() }
    }

    fn ask(&self, method: &str, params: Value) -> Result<Vec<u8>, String> {
        let request = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let text = serde_json::to_string(&request).map_err(|error| error.to_string())?;
        let sent = self.agent.post(&self.url).header("content-type", "application/json").send(text);
        let mut response = sent.map_err(|error| error.to_string())?;
        let body = response.body_mut().with_config().limit(MAX_ANSWER).read_to_string();
        let body = body.map_err(|error| error.to_string())?;
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

impl ReadChain for Node {
    fn chain_id(&mut self) -> Result<u64, String> {
        let bytes = self.ask("eth_chainId", json!([]))?;
        let fits = bytes.len() <= 8;
        let number = bytes.iter().fold(0u64, |number, byte| (number << 8) | u64::from(*byte));
        if fits { Ok(number) } else { Err("the chain's id is too large".into()) }
    }

    fn code(&mut self, at: Payee) -> Result<Vec<u8>, String> {
        self.ask("eth_getCode", json!([at.to_string(), "latest"]))
    }

    fn call(&mut self, to: Payee, data: Vec<u8>) -> Result<Vec<u8>, String> {
        let data = format!("0x{}", hex::encode(data));
        self.ask("eth_call", json!([{ "to": to.to_string(), "data": data }, "latest"]))
    }
}
