//! Transactions as the Safe Transaction Builder reads them.

use serde_json::{Value, json};

use crate::Call;

/// A batch for the Safe Transaction Builder: all of it is done, in order, or nothing.
pub fn safe_batch(chain_id: u64, calls: &[Call]) -> Value {
    let what: Vec<&str> = calls.iter().map(|call| call.what.as_str()).collect();
    let transactions: Vec<Value> = calls
        .iter()
        .map(|call| {
            json!({
                "to": call.to.to_string(),
                "value": call.value.to_string(),
                "data": format!("0x{}", hex::encode(&call.data)),
                "contractMethod": null,
                "contractInputsValues": null,
            })
        })
        .collect();
    json!({
        "version": "1.0",
        "chainId": chain_id.to_string(),
        "createdAt": 0,
        "meta": { "name": "apportion", "description": what.join("; "), "txBuilderVersion": "1.16.5" },
        "transactions": transactions,
    })
}

#[cfg(test)]
mod tests {
    use apportion_circuits::types::Payee;

    use super::*;

    #[test]
    fn a_batch_has_what_the_builder_reads() {
        let call = |what: &str, value| Call {
            what: what.into(),
            to: Payee([0xab; 20]),
            data: vec![1, 2, 3],
            value,
            ..Call::default()
        };
        let batch = safe_batch(10, &[call("approve", 0), call("demand", 7)]);
        assert_eq!((&batch["version"], &batch["chainId"]), (&json!("1.0"), &json!("10")));
        assert_eq!(batch["meta"]["description"], "approve; demand");
        let second = &batch["transactions"][1];
        assert_eq!((&second["value"], &second["data"]), (&json!("7"), &json!("0x010203")));
        assert_eq!(second["to"], "0xABaBaBaBABabABabAbAbABAbABabababaBaBABaB");
    }
}
