//! alloy's requests over the auditor's HTTP client.

use std::task::{Context, Poll};

use alloy_json_rpc::{RequestPacket, ResponsePacket};
use alloy_transport::{TransportError, TransportErrorKind, TransportFut};
use apportion_chain::{Node, Repeat};
use tower_service::Service;

/// A node, as alloy's transport.
#[derive(Clone, Debug)]
pub(super) struct Transport(pub(super) Node);

impl Service<RequestPacket> for Transport {
    type Response = ResponsePacket;
    type Error = TransportError;
    type Future = TransportFut<'static>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: RequestPacket) -> Self::Future {
        let node = self.0.clone();
        // A signed transaction is one however often it arrives; one that the node signs may become two.
        let twice = request.method_names().any(|method| method == "eth_sendTransaction");
        let repeat = if twice { Repeat::IfRefused } else { Repeat::Always };
        // Blocks: one command asks one question after the other, and there is nothing else to do meanwhile.
        Box::pin(async move {
            let request = request.serialize().map_err(TransportError::SerError)?;
            let answer = node.post(request.get(), repeat);
            let answer = answer.map_err(|error| TransportErrorKind::custom_str(&error))?;
            serde_json::from_str(&answer).map_err(|error| TransportError::deser_err(error, answer))
        })
    }
}
