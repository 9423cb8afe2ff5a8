//! A node that answers questions about a chain over JSON-RPC.
//!
//! A handful of methods over a blocking HTTP client: what an auditor has to trust stays small enough to read. `apportion
//! send` asks and sends through the same [`Node::post`]; alloy, which fills and signs what it sends, stays out of the
//! auditor's program.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use apportion_circuits::types::{Payee, Word};
use serde_json::{Value, json};

use crate::{At, Block, Log, ReadChain, ReadError, endpoint::Endpoint};

/// More bytes than any answer to our questions has.
const MAX_ANSWER: u64 = 1 << 26;
/// The longest pause between two attempts.
const LONGEST_PAUSE: Duration = Duration::from_secs(16);
/// The code of errors by which nodes ask to come again, and some of them refuse an answer that is too long.
const JSON_RPC_LIMIT: i64 = -32_005;

/// What to do about a node that wants to be left alone.
const WAIT: &str = "Give the command again later, or name another node with --rpc";
/// What to do where something else answers.
const ADDRESS: &str = "Check the host, the port and the path of --rpc, and the provider's key in it";

/// How long an answer may take, and how often it is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// The longest wait for one answer.
    pub answer: Duration,
    /// The pause after the first attempt that failed; each is twice the one before.
    pub pause: Duration,
    /// The longest time for all attempts.
    pub all: Duration,
    /// The longest time for all attempts, and for one answer, before the node ever answered: until then it is more likely that
    /// its address is wrong than that it is busy.
    pub first: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            answer: Duration::from_secs(30),
            pause: Duration::from_millis(250),
            all: Duration::from_secs(120),
            first: Duration::from_secs(6),
        }
    }
}

/// Whether a request is repeated where nobody knows if the node took it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// It does no harm: a question, or a signed transaction, which is one however often it arrives.
    Always,
    /// Only where the node refused to look at it.
    IfRefused,
}

/// A node. Its answers are believed: choose one that you trust.
#[derive(Clone, Debug)]
pub struct Node {
    endpoint: Endpoint,
    agent: ureq::Agent,
    patience: Patience,
    /// Whether it ever answered, to this one or to a clone.
    answered: Arc<AtomicBool>,
    block: Option<Block>,
    start: u64,
}

enum Failure {
    /// The node asks to come again: after so long, if it said.
    Refused(String, Option<Duration>),
    /// Nobody knows.
    Lost(String),
}

impl Node {
    /// The node at a URL, asked about its newest block.
    pub fn new(url: impl Into<String>) -> Self {
        Self::with_patience(url, Patience::default())
    }

    /// The same with another patience.
    pub fn with_patience(url: impl Into<String>, patience: Patience) -> Self {
        // Nodes answer errors with JSON, some of them under another status than 200.
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(patience.answer))
            .http_status_as_error(false)
            .max_redirects(0)
            .build();
        let (endpoint, answered) = (Endpoint::new(url.into()), Arc::default());
        Self { endpoint, agent: config.into(), patience, answered, block: None, start: 0 }
    }

    /// The same node, asked about one block's state from now on, whatever comes after it: answers of several blocks would
    /// be compared with one another's.
    ///
    /// # Errors
    /// If the node does not answer, or has no such block.
    pub fn pinned(self, at: At) -> Result<Self, ReadError> {
        let block = self.block_at(at)?;
        Ok(Self { block: Some(block), ..self })
    }

    /// The same node, whose events are searched from a block on.
    #[must_use]
    pub fn from_block(self, start: u64) -> Self {
        Self { start, ..self }
    }

    /// A block.
    ///
    /// # Errors
    /// If the node does not answer, or has no such block.
    pub fn block_at(&self, at: At) -> Result<Block, ReadError> {
        let tag = match at {
            At::Number(number) => format!("{number:#x}"),
            named => named.to_string(),
        };
        let found = self.ask("eth_getBlockByNumber", json!([tag, false]))?;
        if found.is_null() {
            return Err(ReadError::Unanswered(format!("the node has no block {at}")));
        }
        let member = |name: &str| found.get(name).and_then(Value::as_str).unwrap_or_default();
        let hash =
            member("hash").parse().map_err(|error: String| malformed("eth_getBlockByNumber", &error))?;
        Ok(Block { number: number(member("number"))?, hash, timestamp: number(member("timestamp"))? })
    }

    /// Sends a JSON-RPC request and returns the answer's text. Asked again, with longer and longer pauses, where the node
    /// is busy (429, 502, 503, 504) or did not answer. A node that never answered before is given up after seconds.
    ///
    /// # Errors
    /// If there is no answer in the end: which node, what was seen instead, and what to do.
    pub fn post(&self, request: &str, repeat: Repeat) -> Result<String, String> {
        if let Some(fault) = self.endpoint.fault() {
            return Err(fault);
        }
        let (begun, mut pause) = (Instant::now(), self.patience.pause);
        loop {
            let (text, asked, again, all) = match self.post_once(request) {
                Ok(answer) => {
                    self.answered.store(true, Ordering::Relaxed);
                    return Ok(answer);
                }
                Err(Failure::Refused(text, asked)) => (text, asked, true, self.patience.all),
                Err(Failure::Lost(text)) => {
                    let known = self.answered.load(Ordering::Relaxed);
                    let all = if known { self.patience.all } else { self.patience.first };
                    (text, None, repeat == Repeat::Always, all)
                }
            };
            let wait = asked.map_or(pause, |asked| asked.max(pause)).min(LONGEST_PAUSE);
            if !again || begun.elapsed() + wait > all {
                return Err(text);
            }
            thread::sleep(wait);
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    fn post_once(&self, request: &str) -> Result<String, Failure> {
        let lost = |error: ureq::Error| Failure::Lost(self.endpoint.lost(&error));
        let mut longest = self.patience.answer;
        if !self.answered.load(Ordering::Relaxed) {
            longest = longest.min(self.patience.first);
        }
        let post = self.agent.post(self.endpoint.url()).header("content-type", "application/json");
        let sent = post.config().timeout_global(Some(longest)).build().send(request);
        let mut response = sent.map_err(lost)?;
        let status = response.status().as_u16();
        let after = response.headers().get("retry-after").and_then(|value| value.to_str().ok());
        let after = after.and_then(|seconds| seconds.trim().parse().ok()).map(Duration::from_secs);
        if matches!(status, 429 | 502 | 503 | 504) {
            let text = self.endpoint.unanswered(&format!("HTTP status {status}, it is busy or down"), WAIT);
            return Err(Failure::Refused(text, after));
        }
        let body = response.body_mut().with_config().limit(MAX_ANSWER).read_to_string().map_err(lost)?;
        if !body.trim_start().starts_with(['{', '[']) {
            let seen = format!("what answers is no JSON-RPC node: no JSON, but HTTP status {status}");
            return Err(Failure::Lost(self.endpoint.unanswered(&seen, ADDRESS)));
        }
        if asks_to_wait(&body) {
            let text = self.endpoint.unanswered("it says that it was asked too often", WAIT);
            return Err(Failure::Refused(text, after));
        }
        Ok(body)
    }

    /// Asks one question.
    ///
    /// # Errors
    /// If there is no answer, or it is an error.
    pub fn ask(&self, method: &str, params: Value) -> Result<Value, ReadError> {
        let request = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let body = self.post(&request.to_string(), Repeat::Always).map_err(ReadError::Unanswered)?;
        let mut answer: Value =
            serde_json::from_str(&body).map_err(|error| malformed(method, &error.to_string()))?;
        if let Some(error) = answer.get("error") {
            // Nodes put revert data here, or one level deeper.
            let data = error.get("data");
            let data = data.and_then(Value::as_str).or_else(|| data?.get("data").and_then(Value::as_str));
            if let Some(data) = data.and_then(|data| hex::decode(data.strip_prefix("0x")?).ok()) {
                return Err(ReadError::Reverted(data));
            }
            let message = error.get("message").and_then(Value::as_str).unwrap_or_default();
            if message.contains("revert") {
                return Err(ReadError::Reverted(Vec::new()));
            }
            return Err(ReadError::Refused(format!("{method}: {error}")));
        }
        answer
            .get_mut("result")
            .map(Value::take)
            .ok_or_else(|| malformed(method, "neither a result nor an error"))
    }

    fn bytes(&self, method: &str, params: Value) -> Result<Vec<u8>, ReadError> {
        let answer = self.ask(method, params)?;
        let digits = answer.as_str().and_then(|text| text.strip_prefix("0x"));
        let digits = digits.ok_or_else(|| malformed(method, "not hexadecimal"))?;
        hex::decode(digits).map_err(|error| malformed(method, &error.to_string()))
    }

    fn tag(&self) -> String {
        self.block.map_or_else(|| "latest".into(), |block| format!("{:#x}", block.number))
    }

    /// Events between two blocks. Nodes refuse long ranges: those are asked for in halves. A node that does not answer at
    /// all would answer no half either.
    fn logs_between(&self, from: u64, to: u64, of: Payee, topics: &[Word]) -> Result<Vec<Log>, ReadError> {
        let topics: Vec<_> = topics.iter().map(Word::to_string).collect();
        let (mut found, mut left) = (Vec::new(), vec![(from, to)]);
        while let Some((from, to)) = left.pop() {
            let range = (format!("{from:#x}"), format!("{to:#x}"));
            let filter = json!([{ "address": of.to_string(), "topics": topics, "fromBlock": range.0, "toBlock": range.1 }]);
            match self.ask("eth_getLogs", filter) {
                Ok(list) => {
                    let list = list.as_array().ok_or_else(|| malformed("eth_getLogs", "not a list"))?;
                    found.extend(list.iter().map(log).collect::<Result<Vec<_>, _>>()?);
                }
                Err(error @ (ReadError::Unanswered(_) | ReadError::Reverted(_))) => return Err(error),
                Err(error) if from == to => return Err(error),
                Err(_) => {
                    let middle = from + (to - from) / 2;
                    left.extend([(middle + 1, to), (from, middle)]);
                }
            }
        }
        Ok(found)
    }
}

/// Whether an answer is that the node wants to be left alone for a while.
fn asks_to_wait(body: &str) -> bool {
    let answer: Value = serde_json::from_str(body).unwrap_or_default();
    let error = answer.get("error");
    let code = error.and_then(|error| error.get("code")?.as_i64());
    let message = error.and_then(|error| error.get("message")?.as_str()).unwrap_or_default();
    // "query returned more than 10000 results", of a smaller range it would not.
    let too_long = ["more than", "range"].iter().any(|says| message.contains(says));
    code == Some(429) || (code == Some(JSON_RPC_LIMIT) && !too_long)
}

fn malformed(method: &str, why: &str) -> ReadError {
    ReadError::Unanswered(format!("{method}: {why}"))
}

fn number(text: &str) -> Result<u64, ReadError> {
    let digits = text.strip_prefix("0x").filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
    u64::from_str_radix(digits.unwrap_or_default(), 16).map_err(|_| malformed("a number", text))
}

fn log(value: &Value) -> Result<Log, ReadError> {
    let member = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default();
    let data = member("data").strip_prefix("0x").and_then(|digits| hex::decode(digits).ok());
    let data = data.ok_or_else(|| malformed("eth_getLogs", "data that is not hexadecimal"))?;
    let topics = value.get("topics").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let topics = topics.iter().map(|topic| topic.as_str().unwrap_or_default().parse());
    let topics = topics.collect::<Result<_, String>>().map_err(|error| malformed("eth_getLogs", &error))?;
    Ok(Log { topics, data, block: number(member("blockNumber"))? })
}

impl ReadChain for Node {
    fn chain_id(&mut self) -> Result<u64, ReadError> {
        number(self.ask("eth_chainId", json!([]))?.as_str().unwrap_or_default())
    }

    fn block(&mut self) -> Result<Block, ReadError> {
        self.block.map_or_else(|| self.block_at(At::Latest), Ok)
    }

    fn code(&mut self, at: Payee) -> Result<Vec<u8>, ReadError> {
        self.bytes("eth_getCode", json!([at.to_string(), self.tag()]))
    }

    fn call(&mut self, to: Payee, data: Vec<u8>) -> Result<Vec<u8>, ReadError> {
        let data = format!("0x{}", hex::encode(data));
        self.bytes("eth_call", json!([{ "to": to.to_string(), "data": data }, self.tag()]))
    }

    fn logs(&mut self, of: Payee, topics: &[Word]) -> Result<Vec<Log>, ReadError> {
        let to = self.block()?.number;
        if self.start > to { Ok(Vec::new()) } else { self.logs_between(self.start, to, of, topics) }
    }
}

#[cfg(test)]
mod tests;
