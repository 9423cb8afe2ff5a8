//! A node's address as it may be shown, and what is wrong where nothing of use answers there.

use std::{fmt, io};

/// A JSON-RPC endpoint. Its URL may hold a password or a provider's key: what is shown is the host alone.
#[derive(Clone)]
pub(crate) struct Endpoint {
    url: String,
    shown: String,
}

impl Endpoint {
    pub(crate) fn new(url: String) -> Self {
        let shown = shown(&url);
        Self { url, shown }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Why nothing can be sent there at all.
    pub(crate) fn fault(&self) -> Option<String> {
        let is_http = ["http://", "https://"].iter().any(|scheme| self.url.starts_with(scheme));
        (!is_http).then(|| {
            "what is given as the node's address is no URL that begins with http:// or https://: check --rpc and ETH_RPC_URL"
                .to_owned()
        })
    }

    /// What was seen instead of an answer, and what to do.
    pub(crate) fn unanswered(&self, seen: &str, to_do: &str) -> String {
        format!("{}: {seen}. {to_do}", self.shown)
    }

    /// The same of an error of the HTTP client, whose own words may quote the URL.
    pub(crate) fn lost(&self, error: &ureq::Error) -> String {
        let (seen, to_do) = seen(error);
        self.unanswered(&seen, to_do)
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

const SPELLING: &str = "Check the spelling of --rpc, and that this machine reaches the network";
const RUNNING: &str = "Check that a node runs there, and the host and port of --rpc";

fn seen(error: &ureq::Error) -> (String, &'static str) {
    match error {
        ureq::Error::HostNotFound => ("there is no host of this name".into(), SPELLING),
        ureq::Error::Timeout(_) => ("nothing answered in time".into(), RUNNING),
        ureq::Error::BadUri(_) | ureq::Error::Http(_) => ("this is no URL".into(), SPELLING),
        ureq::Error::ConnectionFailed => ("no connection".into(), RUNNING),
        ureq::Error::Io(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
            ("nothing listens there (connection refused)".into(), RUNNING)
        }
        ureq::Error::Io(error) if error.to_string().contains("lookup") => {
            ("there is no host of this name".into(), SPELLING)
        }
        ureq::Error::Io(error) => (format!("the connection broke ({})", error.kind()), RUNNING),
        ureq::Error::Protocol(_) => ("what answers speaks no HTTP".into(), RUNNING),
        other => (other.to_string(), RUNNING),
    }
}

/// Scheme, host and port; what follows, where keys of providers are, and what stands before the host are left out.
fn shown(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return "the node".into() };
    let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    // A password with a slash in it looks like a path.
    if path.contains('@') {
        return format!("{scheme}://..");
    }
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let more = if path.len() > 1 { "/.." } else { "" };
    format!("{scheme}://{host}{more}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_shown_without_passwords_and_keys() {
        for (url, expected) in [
            ("http://127.0.0.1:8545", "http://127.0.0.1:8545"),
            ("http://127.0.0.1:8545/", "http://127.0.0.1:8545"),
            ("https://node.example/v3/SECRET", "https://node.example/.."),
            ("https://node.example?apikey=SECRET", "https://node.example/.."),
            ("https://node.example/#SECRET", "https://node.example/.."),
            ("https://user:SECRET@node.example:1", "https://node.example:1"),
            ("https://user:SEC@RET@node.example/SECRET", "https://node.example/.."),
            ("https://user:SECRET/SECRET@node.example/SECRET", "https://.."),
            ("SECRET", "the node"),
            ("localhost:8545", "the node"),
        ] {
            assert_eq!(shown(url), expected, "{url}");
            let endpoint = Endpoint::new(url.to_owned());
            let quoted = ureq::Error::BadUri(url.to_owned());
            for text in
                [format!("{endpoint:?}"), endpoint.lost(&quoted), endpoint.fault().unwrap_or_default()]
            {
                assert!(!text.contains("SECRET"), "{text}");
            }
        }
    }
}
