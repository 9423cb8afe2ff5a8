#![allow(clippy::unwrap_used, reason = "tests may panic")]

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpListener,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use super::*;
use crate::ChainError;

/// A node that answers a question as `answer` says, or not at all; and how often it was asked.
fn node(answer: fn(&Value) -> Option<Value>) -> (Node, Arc<AtomicU32>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(AtomicU32::new(0));
    let counted = asked.clone();
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
            counted.fetch_add(1, Ordering::SeqCst);
            let question = serde_json::from_slice(&body).unwrap();
            if let Some(answer) = answer(&question) {
                let (body, stream) = (answer.to_string(), stream.get_mut());
                let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close", body.len());
                write!(stream, "{head}\r\n\r\n{body}").unwrap();
            }
        }
    });
    let patience = Patience {
        answer: Duration::from_secs(5),
        pause: Duration::from_millis(1),
        all: Duration::from_millis(20),
        first: Duration::from_millis(20),
    };
    (Node::with_patience(url, patience), asked)
}

fn range(question: &Value) -> (u64, u64) {
    let member = |name: &str| number(question["params"][0][name].as_str().unwrap()).unwrap();
    (member("fromBlock"), member("toBlock"))
}

#[test]
fn a_node_that_refuses_long_ranges_is_asked_for_halves() {
    let (node, asked) = node(|question| {
        let (from, to) = range(question);
        Some(if to - from >= 100 {
            let text = "query returned more than 10000 results";
            json!({ "error": { "code": JSON_RPC_LIMIT, "message": text } })
        } else {
            let log =
                |block: u64| json!({ "data": "0x01", "topics": [], "blockNumber": format!("{block:#x}") });
            json!({ "result": (from..=to).filter(|block| block % 97 == 0).map(log).collect::<Vec<_>>() })
        })
    });
    let found = node.logs_between(0, 1_000, Payee::default(), &[]).unwrap();
    let blocks: Vec<_> = found.iter().map(|log| log.block).collect();
    assert_eq!(blocks, (0..=10).map(|n| 97 * n).collect::<Vec<_>>());
    assert!(asked.load(Ordering::SeqCst) < 40);
}

#[test]
fn a_node_that_does_not_answer_is_not_asked_for_halves() {
    let (silent, asked) = node(|_| None);
    let error = silent.logs_between(0, 40_000_000, Payee::default(), &[]).unwrap_err();
    assert!(matches!(error, ReadError::Unanswered(_)), "{error}");
    assert!(asked.load(Ordering::SeqCst) < 20, "{asked:?}");
    // Nor is one that wants to be left alone, or that refuses every range.
    let (busy, asked) = node(|_| {
        Some(json!({ "error": { "code": JSON_RPC_LIMIT, "message": "daily request count exceeded" } }))
    });
    let error = busy.logs_between(0, 40_000_000, Payee::default(), &[]).unwrap_err();
    assert!(matches!(error, ReadError::Unanswered(_)), "{error}");
    assert!(asked.load(Ordering::SeqCst) < 20, "{asked:?}");
    let (without, asked) =
        node(|_| Some(json!({ "error": { "code": -32601, "message": "no such method" } })));
    let error = without.logs_between(0, 40_000_000, Payee::default(), &[]).unwrap_err();
    assert!(matches!(error, ReadError::Refused(_)), "{error}");
    assert!(asked.load(Ordering::SeqCst) < 40, "{asked:?}");
}

fn impatient(url: String) -> Node {
    let first = Duration::from_millis(300);
    Node::with_patience(url, Patience { pause: Duration::from_millis(20), first, ..Patience::default() })
}

/// What listens at a port, and answers every request with this or with nothing.
fn listener(answer: Option<&'static str>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    thread::spawn(move || {
        let mut kept = Vec::new();
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            if let Some(answer) = answer {
                let _ = stream.read(&mut [0; 4096]);
                let _ = stream.write_all(answer.as_bytes());
            } else {
                kept.push(stream);
            }
        }
    });
    format!("http://user:SECRET@{at}/v3/SECRET?key=SECRET")
}

#[test]
fn a_node_that_is_none_is_named_after_seconds_without_its_secrets() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let page = "HTTP/1.1 404 Not Found\r\ncontent-length: 6\r\nconnection: close\r\n\r\n<html>";
    for (url, says) in [
        (
            format!("http://{free}/SECRET"),
            "nothing listens there (connection refused). Check that a node runs",
        ),
        (listener(None), "nothing answered in time. Check that a node runs there"),
        (listener(Some(page)), "no JSON, but HTTP status 404. Check the host, the port and the path"),
        (listener(Some("SSH-2.0-SECRET\r\n")), "what answers speaks no HTTP"),
        (
            "http://no-such-host.invalid/SECRET".to_owned(),
            "there is no host of this name. Check the spelling",
        ),
        ("http://a host/SECRET".to_owned(), "this is no URL. Check the spelling"),
        ("127.0.0.1:8545/SECRET".to_owned(), "begins with http:// or https://"),
    ] {
        let error = ChainError::from(impatient(url.clone()).chain_id().unwrap_err()).to_string();
        assert!(error.contains(says), "{url}: {error}");
        assert!(!error.contains("SECRET"), "{error}");
        let host = url.split_once("://").map(|(_, rest)| rest.rsplit('@').next().unwrap());
        let host = host.map_or("", |rest| rest.split('/').next().unwrap());
        assert!(error.contains(host), "{host}: {error}");
    }
}

/// A node that answered once is waited for as long as patience says: it is there.
#[test]
fn a_node_that_answered_is_not_given_up_so_soon() {
    let (mut node, asked) =
        node(|question| (question["method"] == "eth_chainId").then(|| json!({ "result": "0x1" })));
    node.patience.all = Duration::from_millis(400);
    assert!(node.ask("eth_blockNumber", json!([])).is_err());
    let first = asked.load(Ordering::SeqCst);
    assert_eq!(node.chain_id().unwrap(), 1);
    assert!(node.ask("eth_blockNumber", json!([])).is_err());
    assert!(asked.load(Ordering::SeqCst) > first + 2, "{first}, {asked:?}");
    assert!(node.clone().answered.load(Ordering::Relaxed));
}

#[test]
fn numbers_and_data_are_hexadecimal_and_nothing_else() {
    assert_eq!(number("0x1f"), Ok(31));
    for text in ["", "0x", "1f", "0x+1", "0x-1", "0x 1", "0x10000000000000000"] {
        assert!(number(text).is_err(), "{text}");
    }
    let of = |data: &str| log(&json!({ "data": data, "topics": [], "blockNumber": "0x1" }));
    assert_eq!(of("0x0102").unwrap().data, [1, 2]);
    for data in ["0102", "0x0x01", "0x1", ""] {
        assert!(of(data).is_err(), "{data}");
    }
}
