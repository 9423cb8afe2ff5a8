//! A contract that calls another one with some of its gas.

use apportion_evm::evm::{Address, Evm};

/// Calldata is gas, target, data; answers whether the call returned.
const CODE: &str = "60198060095f395ff3\
    60403603806040\
    5f375f5f915f6020355f35fa5f5260205ff3";

pub struct Forwarder {
    evm: Evm,
    address: Address,
}

impl Forwarder {
    pub fn new(evm: &Evm) -> Self {
        let mut evm = evm.clone();
        let code = hex::decode(CODE.replace(char::is_whitespace, "")).unwrap();
        let (address, _) = evm.deploy(Address::ZERO, &code).unwrap();
        Self { evm, address }
    }

    /// Whether the target returns with so much gas.
    pub fn call(&mut self, target: Address, gas: u64, call: &[u8]) -> bool {
        let mut data = vec![0; 64];
        data[24..32].copy_from_slice(&gas.to_be_bytes());
        data[44..64].copy_from_slice(target.as_slice());
        data.extend(call);
        let outcome = self.evm.call(Address::ZERO, self.address, &data).unwrap();
        assert!(outcome.is_success(), "{outcome:?}");
        outcome.output[31] == 1
    }

    /// The least gas with which a call returns, of which less never is enough.
    pub fn least(&mut self, target: Address, call: &[u8]) -> u64 {
        let mut enough = |gas| self.call(target, gas, call);
        assert!(enough(1_000_000));
        let (mut low, mut high) = (0, 1_000_000);
        while high - low > 1 {
            let middle = (low + high) / 2;
            *(if enough(middle) { &mut high } else { &mut low }) = middle;
        }
        for i in 0..150 {
            assert!(!enough(low * i / 150), "{} gas is enough", low * i / 150);
            assert!(!enough(low - i), "{} gas is enough", low - i);
            assert!(enough(high + i * 1_000));
        }
        // What a caller keeps when it forwards all but a 64th, over and over.
        let mut gas = high;
        while gas > 100 {
            gas -= gas / 64 + 1;
            assert!(!enough(gas), "{gas} gas is enough");
        }
        high
    }
}
