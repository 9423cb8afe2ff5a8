//! The contracts' ABI, and that of the tests' own contracts.

pub(crate) use apportion_chain::abi::{IDatasetRegistry as registry, IRevenueLedger as ledger};

pub(crate) mod mock {
    alloy_sol_types::sol! {
        function accept(bytes calldata proof, uint256[] calldata inputs, uint256[] calldata words) external;
    }
}

pub(crate) mod token {
    alloy_sol_types::sol! {
        function mint(address to, uint256 amount) external;
        function approve(address spender, uint256 amount) external returns (bool);
        function balanceOf(address account) external view returns (uint256);
        function setBlocked(address account, bool blocked) external;
    }
}
