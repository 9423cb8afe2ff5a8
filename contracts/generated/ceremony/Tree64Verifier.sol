// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

// Generated. Do not edit: render it again.
// contracts/script/build_generated.sh
// Relation tree/64, 2^10 rows.
// Circuit ce84faae046753ae02d86d159b7a4d490eb22111451b7e2604cfe12a3866f20a
// Setup 2e8918a161d5ebc56a62c8b731c7b58609b668e23c7c9fc39ecfc320eabc7a23: challenge_0085
//
// The proof system is halo2 (PLONK with lookups) over BN254 with KZG commitments and SHPLONK openings; challenges
// come from Keccak-256. Where things stand in the calldata (w generates the rows' subgroup):
//
//   0x0064  A
//   0x00a4  B
//   0x00e4  w0
//   0x0124  w1
//   0x0164  w2
//   0x01a4  w3
//   0x01e4  w4
//   0x0224  w5
//   0x0264  w6
//   0x02a4  w7
//   0x02e4  w8
//   0x0324  w9
//   0x0364  permutation: running product 0
//   0x03a4  random polynomial
//   0x03e4  quotient: piece 0
//   0x0424  quotient: piece 1
//   0x0464  quotient: piece 2
//   0x04a4  quotient: piece 3
//   0x04e4  quotient: piece 4
//   0x0c24  opening: W
//   0x0c64  opening: W'
//   0x0524  A @ x w^-1
//   0x0544  B @ x w^-1
//   0x0564  w0 @ x
//   0x0584  w0 @ x w^16
//   0x05a4  w1 @ x w^-1
//   0x05c4  w1 @ x
//   0x05e4  w2 @ x
//   0x0604  w3 @ x
//   0x0624  w4 @ x
//   0x0644  w5 @ x w^-11
//   0x0664  w5 @ x w^-1
//   0x0684  w5 @ x
//   0x06a4  w6 @ x w^-11
//   0x06c4  w6 @ x w^-1
//   0x06e4  w6 @ x
//   0x0704  w7 @ x w^-11
//   0x0724  w7 @ x w^-1
//   0x0744  w7 @ x
//   0x0764  w8 @ x w^-11
//   0x0784  w8 @ x w^-1
//   0x07a4  w8 @ x
//   0x07c4  w9 @ x w^-11
//   0x07e4  w9 @ x w^-1
//   0x0804  w9 @ x
//   0x0824  leaf starts @ x w^-10
//   0x0844  leaf starts @ x w^-9
//   0x0864  leaf starts @ x w^-8
//   0x0884  leaf starts @ x w^-7
//   0x08a4  leaf starts @ x w^-6
//   0x08c4  leaf starts @ x w^-5
//   0x08e4  leaf starts @ x w^-4
//   0x0904  leaf starts @ x w^-3
//   0x0924  leaf starts @ x w^-2
//   0x0944  leaf starts @ x w^-1
//   0x0964  leaf starts @ x
//   0x0984  node starts @ x w^-4
//   0x09a4  node starts @ x w^-3
//   0x09c4  node starts @ x w^-2
//   0x09e4  node starts @ x w^-1
//   0x0a04  node starts @ x
//   0x0a24  node continues @ x w^-16
//   0x0a44  node continues @ x w^-15
//   0x0a64  node continues @ x w^-4
//   0x0a84  node continues @ x w^-3
//   0x0aa4  node continues @ x w^-2
//   0x0ac4  node continues @ x w^-1
//   0x0ae4  node continues @ x
//   0x0b04  node continues @ x w
//   0x0b24  public @ x
//   0x0b44  random polynomial @ x
//   0x0b64  sigma of w1 @ x
//   0x0b84  sigma of w2 @ x
//   0x0ba4  sigma of w3 @ x
//   0x0bc4  sigma of w4 @ x
//   0x0be4  running product 0 @ x
//   0x0c04  running product 0 @ x w

/// @title Verifies proofs of relation tree/64
/// @notice Implements IProofVerifier: no storage, no owner, reverts on anything but a valid proof.
contract Tree64Verifier {
    /// The call is not the canonical encoding of a proof and inputs of the exact lengths.
    error MalformedCalldata();
    /// A public input is not below the scalar field's modulus.
    error InputNotCanonical();
    /// A scalar of the proof is not below the scalar field's modulus.
    error ScalarNotCanonical();
    /// A point of the proof has a coordinate that is not below the base field's modulus, or is not on the curve.
    error PointNotOnCurve();
    /// A challenge is a root of unity, or two challenges collide.
    error NotInvertible();
    /// A precompile failed: too little gas, or a chain without it.
    error PrecompileFailed();
    /// The pairing equation does not hold.
    error ProofInvalid();

    // The scalar field's modulus.
    uint256 private constant R = 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001;
    // The base field's modulus.
    uint256 private constant P = 0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47;
    // Gas offered to precompiles: bounded, with room for other chains' prices.
    uint256 private constant GAS_MODEXP = 20_000;
    uint256 private constant GAS_ECADD = 1_000;
    uint256 private constant GAS_ECMUL = 12_000;
    uint256 private constant GAS_PAIRING = 250_000;

    /// @notice Which relation: keccak256("apportion.relation.tree.v1").
    function relation() external pure returns (bytes32) {
        return 0xa6e7848ef3c1387032d647bbede1de57a59c2564ed691d77a021f1c9ca4a1981;
    }

    /// @notice The tier m: segments of 4^m = 64 slots.
    function tier() external pure returns (uint256) {
        return 3;
    }

    /// @notice Digest of the circuit and its verifying key.
    function circuitDigest() external pure returns (bytes32) {
        return 0xce84faae046753ae02d86d159b7a4d490eb22111451b7e2604cfe12a3866f20a;
    }

    /// @notice Digest of the setup: SHA-256 of g1, g2 and [tau]2.
    function setupDigest() external pure returns (bytes32) {
        return 0x2e8918a161d5ebc56a62c8b731c7b58609b668e23c7c9fc39ecfc320eabc7a23;
    }

    /// @notice Whether the setup's secret is publicly known, so that anyone can forge proofs.
    function insecureSetup() external pure returns (bool) {
        return false;
    }

    /// @notice The number of public inputs.
    function numInputs() external pure returns (uint256) {
        return 3;
    }

    /// @notice The number of linked columns: half the length of what `verify` returns.
    function numLinked() external pure returns (uint256) {
        return 2;
    }

    /// @notice The exact length of a proof in bytes.
    function proofLength() external pure returns (uint256) {
        return 3136;
    }

    /// @notice Checks a proof; reverts unless it is valid.
    /// @dev The parameters are unnamed: step 1 fixes where their words stand.
    /// First parameter: the proof, `proofLength()` bytes.
    /// Second parameter: the public inputs root, tag, context.
    /// @return The linked columns' commitments, x and y of each: A, B.
    function verify(bytes calldata, uint256[] calldata) external view returns (uint256[] memory) {
        assembly ("memory-safe") {
            // The steps below work at fixed addresses, in memory that is allocated here. Were it not free, as under
            // a compiler pipeline that keeps variables there, nothing could be verified.
            if iszero(eq(mload(0x40), 0x80)) { revert(0x00, 0x00) }
            mstore(0x40, 0x1040)
        }
        _checkShape();
        _checkPoints();
        _challenges();
        _invert();
        _lagrange();
        _quotient();
        _evaluations();
        _commitments();
        _pairing();
        assembly ("memory-safe") {
            mstore(0x80, 0x20)
            mstore(0xa0, 4)
            calldatacopy(0xc0, 0x64, 0x80)
            return(0x80, 0xc0)
        }
    }

    /// Step 1: one encoding only. Every offset below relies on it: proof and inputs stand where the ABI's canonical
    /// encoding puts them, and nothing else does.
    function _checkShape() private pure {
        assembly ("memory-safe") {
            let r := R
            let ok := eq(calldatasize(), 0xd24)
            ok := and(ok, eq(calldataload(0x4), 0x40)) // offset of the proof
            ok := and(ok, eq(calldataload(0x24), 0xca0)) // offset of the inputs
            ok := and(ok, eq(calldataload(0x44), 0xc40)) // length of the proof
            ok := and(ok, eq(calldataload(0xca4), 0x3)) // number of inputs
            if iszero(ok) { mstore(0x00, 0x59170bf0) revert(0x1c, 0x04) } // MalformedCalldata()

            // Public inputs: x and x + r would be one statement.
            ok := 1
            ok := and(ok, lt(calldataload(0xcc4), r)) // root
            ok := and(ok, lt(calldataload(0xce4), r)) // tag
            ok := and(ok, lt(calldataload(0xd04), r)) // context
            if iszero(ok) { mstore(0x00, 0xc9bbb13c) revert(0x1c, 0x04) } // InputNotCanonical()

            // The proof's 56 scalars.
            for { let at := 0x524 } lt(at, 0xc24) { at := add(at, 0x100) } {
                ok := and(ok, lt(calldataload(at), r))
                ok := and(ok, lt(calldataload(add(at, 0x20)), r))
                ok := and(ok, lt(calldataload(add(at, 0x40)), r))
                ok := and(ok, lt(calldataload(add(at, 0x60)), r))
                ok := and(ok, lt(calldataload(add(at, 0x80)), r))
                ok := and(ok, lt(calldataload(add(at, 0xa0)), r))
                ok := and(ok, lt(calldataload(add(at, 0xc0)), r))
                ok := and(ok, lt(calldataload(add(at, 0xe0)), r))
            }
            if iszero(ok) { mstore(0x00, 0xf311b72d) revert(0x1c, 0x04) } // ScalarNotCanonical()
        }
    }

    /// Step 2: every point of the proof is canonical and satisfies y^2 = x^3 + 3 before a precompile sees it: on bad
    /// points precompiles fail and burn what they were given. The identity, (0, 0), is not on the curve.
    function _checkPoints() private pure {
        assembly ("memory-safe") {
            let r := R
            let ok := 1
            for { let at := 0x64 } lt(at, 0x524) { at := add(at, 0x40) } {
                let x := calldataload(at)
                let y := calldataload(add(at, 0x20))
                let cube := mulmod(x, mulmod(x, x, P), P)
                ok := and(ok, and(lt(x, P), lt(y, P)))
                ok := and(ok, eq(mulmod(y, y, P), addmod(cube, 3, P)))
            }
            for { let at := 0xc24 } lt(at, 0xca4) { at := add(at, 0x40) } {
                let x := calldataload(at)
                let y := calldataload(add(at, 0x20))
                let cube := mulmod(x, mulmod(x, x, P), P)
                ok := and(ok, and(lt(x, P), lt(y, P)))
                ok := and(ok, eq(mulmod(y, y, P), addmod(cube, 3, P)))
            }
            if iszero(ok) { mstore(0x00, 0xa3d28e13) revert(0x1c, 0x04) } // PointNotOnCurve()
        }
    }

    /// Step 3: the challenges. A challenge is the hash of the last hash and of what was sent since, modulo r; where
    /// nothing was sent, of the last hash and a byte 1. The transcript is laid out once; the last hash overwrites the
    /// word before what is absorbed next.
    function _challenges() private pure {
        assembly ("memory-safe") {
            let r := R
            mstore(0x160, 0x4ec5aac5c2d6f15c213a15323de79926e7b3fb205265cfc102d105d9725d126)
            calldatacopy(0x180, 0xcc4, 0x60) // inputs
            calldatacopy(0x1e0, 0x64, 0xc40) // proof

            // The verifying key, the public inputs and the advice commitments.
            let hash := keccak256(0x160, 0x380)
            // theta: no lookup has several columns, nothing uses it

            mstore(0x00, hash)
            mstore8(0x20, 1)
            hash := keccak256(0x00, 0x21)
            mstore(0x80, mod(hash, r)) // beta

            mstore(0x00, hash)
            mstore8(0x20, 1)
            hash := keccak256(0x00, 0x21)
            mstore(0xa0, mod(hash, r)) // gamma

            // permutation: running product 0 .. random polynomial
            mstore(0x4c0, hash)
            hash := keccak256(0x4c0, 0xa0)
            mstore(0xc0, mod(hash, r)) // y

            // quotient: piece 0 .. quotient: piece 4
            mstore(0x540, hash)
            hash := keccak256(0x540, 0x160)
            mstore(0xe0, mod(hash, r)) // x

            // A @ x w^-1 .. running product 0 @ x w
            mstore(0x680, hash)
            hash := keccak256(0x680, 0x720)
            mstore(0x100, mod(hash, r)) // zeta

            mstore(0x00, hash)
            mstore8(0x20, 1)
            hash := keccak256(0x00, 0x21)
            mstore(0x120, mod(hash, r)) // nu

            // opening: W .. opening: W
            mstore(0xd80, hash)
            hash := keccak256(0xd80, 0x60)
            mstore(0x140, mod(hash, r)) // u
        }
    }

    /// Step 4: everything that is divided by, inverted at once: prefix products, one modular exponentiation, and back.
    /// The word before each value holds the product of those before it.
    function _invert() private view {
        assembly ("memory-safe") {
            let r := R
            let x := mload(0xe0)
            let u := mload(0x140)

            // x^n, n = 2^10
            let v := mulmod(x, x, r)
            v := mulmod(v, v, r)
            v := mulmod(v, v, r)
            v := mulmod(v, v, r)
            v := mulmod(v, v, r)
            v := mulmod(v, v, r)
            v := mulmod(v, v, r)
            v := mulmod(v, v, r)
            v := mulmod(v, v, r)
            v := mulmod(v, v, r)
            mstore(0x320, v)

            // x, and x^n - 1: the rows' vanishing polynomial
            mstore(0x440, x)
            v := addmod(v, sub(r, 1), r)
            let product := x
            mstore(0x480, v)
            mstore(0x460, product)
            product := mulmod(product, v, r)

            // The blinding rows and the last row before them: sum of w^i / (x - w^i) as one fraction.
            v := addmod(mulmod(x, 0xf38751ace9a558867995979470ac55f72a45b840f0bc00e127ae2d29be76d1d, r), 0x4925dc13bf7292789f30ea3234dcd8ecd0088d3d4aa5ac36a36a42208e46e71, r)
            v := addmod(mulmod(v, x, r), 0x32a0fdde6bd4982930c5d007ff77553e257e5ffe76e6781e1b4b687d9c6582b, r)
            v := addmod(mulmod(v, x, r), 0xe6f6dbbadfaec5a98e355ea7d6407af00760d68f7586d93d420363e39c75976, r)
            v := addmod(mulmod(v, x, r), 0x8de77d370ba34f9cf0efec177ab2927d2d9d02e2be8b586b7977980440c94cb, r)
            v := addmod(mulmod(v, x, r), 0x13e7768dd7690ddbce7b9c829ba36689121d80e4448c649135e964707c030206, r)
            mstore(0x400, v)
            v := addmod(x, 0x212bd95812974aa150b6ec3d3a7692fdb58f8cc46aadb083316712c1541892e4, r)
            v := addmod(mulmod(v, x, r), 0x15e8f858d29d3b81172e9b89af19c5672d99afba52878ae6ecd5a8b8f38dc8c8, r)
            v := addmod(mulmod(v, x, r), 0x1f34d9ad493752459f3164ced65913cccf5aa385aeac288ae205118aacbde29d, r)
            v := addmod(mulmod(v, x, r), 0x14964bca851a14fe35ef4d60a167aa42d3fc70c9ff069ce3ace8ed3a698e29a3, r)
            v := addmod(mulmod(v, x, r), 0x7e79153167e48a32ea6a7ca9b913ca44445380542c3589bb5a87f372263e23e, r)
            v := addmod(mulmod(v, x, r), 0xcd0310ea729b313f05b7d27113a8c5d8a61b7f21d266a18384f1673e5ff7faa, r)
            mstore(0x4c0, v)
            mstore(0x4a0, product)
            product := mulmod(product, v, r)

            // x - w^i for the rows whose Lagrange polynomials are needed
            v := addmod(x, 0x1a6cb0b91da01e6d7a1e7d76eeef7de63954cd24b5a8c2b95ad8712f455b04db, r)
            mstore(0x500, v)
            mstore(0x4e0, product)
            product := mulmod(product, v, r)
            v := addmod(x, 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000000, r)
            mstore(0x540, v)
            mstore(0x520, product)
            product := mulmod(product, v, r)
            v := addmod(x, 0x58b4c5410b55d7e9e58c9598eb5857e76fdfe156a9e5b1d86d91c00e63b4484, r)
            mstore(0x580, v)
            mstore(0x560, product)
            product := mulmod(product, v, r)
            v := addmod(x, 0x229142d808702cd45b2612b3e5b950b111d887205b291befd032759f0b037705, r)
            mstore(0x5c0, v)
            mstore(0x5a0, product)
            product := mulmod(product, v, r)
            v := addmod(x, 0xe010cbe93059977509128948915614a1276b0add258fb124dac0bd86b40ed83, r)
            mstore(0x600, v)
            mstore(0x5e0, product)
            product := mulmod(product, v, r)

            // u - x w^i for the points of the opening argument
            v := addmod(u, mulmod(x, 0x26177cf2b2a13d3a035cdc7567a8a676d80396ec1d3213ee78ce6a0b763d698f, r), r)
            mstore(0x640, v)
            mstore(0x620, product)
            product := mulmod(product, v, r)
            v := addmod(u, mulmod(x, 0x292ba0a2ace36e2129a5f7f7d0741d7a171b3d0d78447628a5c59a87383d46f7, r), r)
            mstore(0x680, v)
            mstore(0x660, product)
            product := mulmod(product, v, r)
            v := addmod(u, mulmod(x, 0xe2bea1c6facd030946bf280e819e53584ec6c2dc3c3bb9fe5dc7096f77d84a, r), r)
            mstore(0x6c0, v)
            mstore(0x6a0, product)
            product := mulmod(product, v, r)
            v := addmod(u, mulmod(x, 0x723bcf2f8575a311037215968bcc7da14d5d44ef185d9fed737f3812bce4447, r), r)
            mstore(0x700, v)
            mstore(0x6e0, product)
            product := mulmod(product, v, r)
            v := addmod(u, mulmod(x, 0x2304338003e60dbe264ea7624379bbdba6db295d2b8c9b77718cbbc22b525a18, r), r)
            mstore(0x740, v)
            mstore(0x720, product)
            product := mulmod(product, v, r)
            v := addmod(u, mulmod(x, 0x12275f14792a3f6b7ffcf1047487161212ee32c998865c5dfff5741b3d1b5176, r), r)
            mstore(0x780, v)
            mstore(0x760, product)
            product := mulmod(product, v, r)
            v := addmod(u, mulmod(x, 0x9d4c000e691f218e90cbc49b1e9beb108c57a95b20204550eeed89e161a172f, r), r)
            mstore(0x7c0, v)
            mstore(0x7a0, product)
            product := mulmod(product, v, r)
            v := addmod(u, mulmod(x, 0x1a6cb0b91da01e6d7a1e7d76eeef7de63954cd24b5a8c2b95ad8712f455b04db, r), r)
            mstore(0x800, v)
            mstore(0x7e0, product)
            product := mulmod(product, v, r)
            v := addmod(u, mulmod(x, 0x2cad0a9b9157c27598be443cd550781219765462f8ffafdc4380ed1aebeef42d, r), r)
            mstore(0x840, v)
            mstore(0x820, product)
            product := mulmod(product, v, r)
            v := addmod(u, mulmod(x, 0x1116dcf201e18ba5202a51ecd098bae3e5079653eb03ec265da6b254c7545ef6, r), r)
            mstore(0x880, v)
            mstore(0x860, product)
            product := mulmod(product, v, r)
            v := addmod(u, mulmod(x, 0xdaef86f88c440658be430f38559b834662c0dbd4d47a55d6e97fb49c41a2cff, r), r)
            mstore(0x8c0, v)
            mstore(0x8a0, product)
            product := mulmod(product, v, r)
            v := addmod(u, mulmod(x, 0x26f8aee75b98e8663054dc0a8f4aa78747e5c37603cad86cff9e07ee1c43bfcc, r), r)
            mstore(0x900, v)
            mstore(0x8e0, product)
            product := mulmod(product, v, r)
            v := addmod(u, mulmod(x, 0x2580851320f595ca8a679cc2157d8b7d4846bc8eed1b25b092d6dfa64b1c4e1e, r), r)
            mstore(0x940, v)
            mstore(0x920, product)
            product := mulmod(product, v, r)
            v := addmod(u, sub(r, x), r)
            mstore(0x980, v)
            mstore(0x960, product)
            product := mulmod(product, v, r)
            v := addmod(u, mulmod(x, 0x58b4c5410b55d7e9e58c9598eb5857e76fdfe156a9e5b1d86d91c00e63b4484, r), r)
            mstore(0x9c0, v)
            mstore(0x9a0, product)
            product := mulmod(product, v, r)
            v := addmod(u, mulmod(x, 0x1418144d5b080fcac24cdb7649bdadf246a6cb2426e324bedb94fb05118f023a, r), r)
            mstore(0xa00, v)
            mstore(0x9e0, product)
            product := mulmod(product, v, r)

            // The vanishing polynomial of the first set of points, at u
            mstore(0x340, mload(0x940))

            // product^(r - 2)
            mstore(0x160, 0x20)
            mstore(0x180, 0x20)
            mstore(0x1a0, 0x20)
            mstore(0x1c0, product)
            mstore(0x1e0, sub(r, 2))
            mstore(0x200, r)
            let ok := staticcall(GAS_MODEXP, 0x05, 0x160, 0xc0, 0x00, 0x20)
            if iszero(ok) { mstore(0x00, 0x84e81692) revert(0x1c, 0x04) } // PrecompileFailed()
            v := mload(0x00)
            if iszero(eq(mulmod(v, product, r), 1)) { mstore(0x00, 0x7fb5fd54) revert(0x1c, 0x04) } // NotInvertible()
            product := mload(0xa00)
            mstore(0xa00, mulmod(v, mload(0x9e0), r))
            v := mulmod(v, product, r)
            product := mload(0x9c0)
            mstore(0x9c0, mulmod(v, mload(0x9a0), r))
            v := mulmod(v, product, r)
            product := mload(0x980)
            mstore(0x980, mulmod(v, mload(0x960), r))
            v := mulmod(v, product, r)
            product := mload(0x940)
            mstore(0x940, mulmod(v, mload(0x920), r))
            v := mulmod(v, product, r)
            product := mload(0x900)
            mstore(0x900, mulmod(v, mload(0x8e0), r))
            v := mulmod(v, product, r)
            product := mload(0x8c0)
            mstore(0x8c0, mulmod(v, mload(0x8a0), r))
            v := mulmod(v, product, r)
            product := mload(0x880)
            mstore(0x880, mulmod(v, mload(0x860), r))
            v := mulmod(v, product, r)
            product := mload(0x840)
            mstore(0x840, mulmod(v, mload(0x820), r))
            v := mulmod(v, product, r)
            product := mload(0x800)
            mstore(0x800, mulmod(v, mload(0x7e0), r))
            v := mulmod(v, product, r)
            product := mload(0x7c0)
            mstore(0x7c0, mulmod(v, mload(0x7a0), r))
            v := mulmod(v, product, r)
            product := mload(0x780)
            mstore(0x780, mulmod(v, mload(0x760), r))
            v := mulmod(v, product, r)
            product := mload(0x740)
            mstore(0x740, mulmod(v, mload(0x720), r))
            v := mulmod(v, product, r)
            product := mload(0x700)
            mstore(0x700, mulmod(v, mload(0x6e0), r))
            v := mulmod(v, product, r)
            product := mload(0x6c0)
            mstore(0x6c0, mulmod(v, mload(0x6a0), r))
            v := mulmod(v, product, r)
            product := mload(0x680)
            mstore(0x680, mulmod(v, mload(0x660), r))
            v := mulmod(v, product, r)
            product := mload(0x640)
            mstore(0x640, mulmod(v, mload(0x620), r))
            v := mulmod(v, product, r)
            product := mload(0x600)
            mstore(0x600, mulmod(v, mload(0x5e0), r))
            v := mulmod(v, product, r)
            product := mload(0x5c0)
            mstore(0x5c0, mulmod(v, mload(0x5a0), r))
            v := mulmod(v, product, r)
            product := mload(0x580)
            mstore(0x580, mulmod(v, mload(0x560), r))
            v := mulmod(v, product, r)
            product := mload(0x540)
            mstore(0x540, mulmod(v, mload(0x520), r))
            v := mulmod(v, product, r)
            product := mload(0x500)
            mstore(0x500, mulmod(v, mload(0x4e0), r))
            v := mulmod(v, product, r)
            product := mload(0x4c0)
            mstore(0x4c0, mulmod(v, mload(0x4a0), r))
            v := mulmod(v, product, r)
            product := mload(0x480)
            mstore(0x480, mulmod(v, mload(0x460), r))
            v := mulmod(v, product, r)
            mstore(0x440, v)
        }
    }

    /// Step 5: Lagrange polynomials at x, l_i = w^i (x^n - 1) / (n (x - w^i)), and the public column's values, which
    /// the verifier computes itself.
    function _lagrange() private pure {
        assembly ("memory-safe") {
            let r := R
            let scale := mulmod(addmod(mload(0x320), sub(r, 1), r), 0x3058355f447953c1ade231a513e0f80710e9db4e679b02351f90fd168b040001, r)
            mstore(0x360, mulmod(scale, mload(0x540), r)) // l_first
            mstore(0x380, mulmod(scale, mulmod(mload(0x500), 0x15f79db9c39181bc3e31c83f9291da76eedf1b23c410add7e9098464aaa4fb26, r), r)) // l_last, row -6
            mstore(0x3a0, addmod(1, sub(r, mulmod(scale, mulmod(mload(0x400), mload(0x4c0), r), r)), r)) // 1 - l_last - l_blind

            // the public column at x w^-1
            let v_m1 := mulmod(calldataload(0xcc4), mulmod(mload(0x580), 0x2ad9021ed07c42ab19f77c5cf2cbd2deb135ea330f1b1573bd08d99309c4bb7d, r), r) // root
            v_m1 := add(v_m1, mulmod(calldataload(0xce4), mulmod(mload(0x5c0), 0xdd30b9ad8c173555d2a33029bc807ac165b61281e9054a173af7ff4e4fc88fc, r), r)) // tag
            v_m1 := add(v_m1, mulmod(calldataload(0xd04), mulmod(mload(0x600), 0x226341b44e2c06b267bf1d21f86bf71315bd379aa760757ef635e9bb84bf127e, r), r)) // context
            mstore(0x3c0, mulmod(scale, v_m1, r))

            // the public column at x w^0
            let v := mulmod(calldataload(0xcc4), mload(0x540), r) // root
            v := add(v, mulmod(calldataload(0xce4), mulmod(mload(0x580), 0x2ad9021ed07c42ab19f77c5cf2cbd2deb135ea330f1b1573bd08d99309c4bb7d, r), r)) // tag
            v := add(v, mulmod(calldataload(0xd04), mulmod(mload(0x5c0), 0xdd30b9ad8c173555d2a33029bc807ac165b61281e9054a173af7ff4e4fc88fc, r), r)) // context
            mstore(0x3e0, mulmod(scale, v, r))
        }
    }

    /// Step 6: every constraint at x, folded as acc = acc y + constraint. Sums stay unreduced below 5 r < 2^256.
    function _quotient() private pure {
        assembly ("memory-safe") {
            let r := R
            let y := mload(0xc0)
            let t := 0
            let s := 0
            let sum := 0
            let wide := 0
            let acc := 0
            t := mulmod(y, y, r)
            mstore(0xa20, t) // y^2
            t := mulmod(t, y, r)
            t := mulmod(t, y, r)
            mstore(0xa40, t) // y^4
            t := mulmod(t, y, r)
            mstore(0xa60, t) // y^5

            // Gate "poseidon first row"
            // - w5 is round 1 of the state that enters
            // - w6 is round 1 of the state that enters
            // - w7 is round 1 of the state that enters
            // - w8 is round 1 of the state that enters
            // - w9 is round 1 of the state that enters
            t := add(calldataload(0x564), 0xeb544fee2815dda7f53e29ccac98ed7d889bb4ebd47c3864f3c2bd81a6da891)
            s := mulmod(t, t, r)
            mstore(0xa80, mulmod(t, mulmod(s, s, r), r))
            t := add(calldataload(0x5c4), 0x554d736315b8662f02fdba7dd737fbca197aeb12ea64713ba733f28475128cb)
            s := mulmod(t, t, r)
            mstore(0xaa0, mulmod(t, mulmod(s, s, r), r))
            t := add(calldataload(0x5e4), 0x2f83b9df259b2b68bcd748056307c37754907df0c0fb0035f5087c58d5e8c2d4)
            s := mulmod(t, t, r)
            mstore(0xac0, mulmod(t, mulmod(s, s, r), r))
            t := add(calldataload(0x604), 0x2ca70e2e8d7f39a12447ac83052451b461f15f8b41a75ef31915208f5aba9683)
            s := mulmod(t, t, r)
            mstore(0xae0, mulmod(t, mulmod(s, s, r), r))
            t := add(calldataload(0x624), 0x1cb5f9319be6a45e91b04d7222271c94994196f12ed22c5d4ec719cb83ecfea9)
            s := mulmod(t, t, r)
            mstore(0xb00, mulmod(t, mulmod(s, s, r), r))
            t := 0x251e7fdf99591080080b0af133b9e4369f22e57ace3cd7f64fc6fdbcf38d7da1
            t := add(mulmod(t, y, r), 0x2a70b9f1d4bbccdbc03e17c1d1dcdb02052903dc6609ea6969f661b2eb74c839)
            t := add(mulmod(t, y, r), 0x2f69a7198e1fbcc7dea43265306a37ed55b91bff652ad69aa4fa8478970d401d)
            t := add(mulmod(t, y, r), 0xc3f050a6bf5af151981e55e3e1a29a13c3ffa4550bd2514f1afd6c5f721f830)
            t := add(mulmod(t, y, r), 0x2a20e3a4a0e57d92f97c9d6186c6c3ea7c5e55c20146259be2f78c2ccc2e3595)
            mstore(0xb20, t)
            wide := mulmod(mload(0xa80), t, r)
            t := 0x25fb50b65acf4fb047cbd3b1c17d97c7fe26ea9ca238d6e348550486e91c7765
            t := add(mulmod(t, y, r), 0x281154651c921e746315a9934f1b8a1bba9f92ad8ef4b979115b8e2e991ccd7a)
            t := add(mulmod(t, y, r), 0x1c1edd62645b73ad931ab80e37bbb267ba312b34140e716d6a3747594d3052)
            t := add(mulmod(t, y, r), 0xdec54e6dbf75205fa75ba7992bd34f08b2efe2ecd424a73eda7784320a1a36e)
            t := add(mulmod(t, y, r), 0x1049f8210566b51faafb1e9a5d63c0ee701673aed820d9c4403b01feb727a549)
            mstore(0xb40, t)
            wide := add(wide, mulmod(mload(0xaa0), t, r))
            t := 0x293d617d7da72102355f39ebf62f91b06deb5325f367a4556ea1e31ed5767833
            t := add(mulmod(t, y, r), 0x28c2be2f8264f95f0b53c732134efa338ccd8fdb9ee2b45fb86a894f7db36c37)
            t := add(mulmod(t, y, r), 0x15b98ce93e47bc64ce2f2c96c69663c439c40c603049466fa7f9a4b228bfc32b)
            t := add(mulmod(t, y, r), 0x1c482a25a729f5df20225815034b196098364a11f4d988fb7cc75cf32d8136fa)
            t := add(mulmod(t, y, r), 0x2ecac687ef5b4b568002bd9d1b96b4bef357a69e3e86b5561b9299b82d69c8e)
            mstore(0xb60, t)
            wide := add(wide, mulmod(mload(0xac0), t, r))
            t := 0x104d0295ab00c85e960111ac25da474366599e575a9b7edf6145f14ba6d3c1c4
            t := add(mulmod(t, y, r), 0x21888041e6febd546d427c890b1883bb9b626d8cb4dc18dcc4ec8fa75e530a13)
            t := add(mulmod(t, y, r), 0x12c7e2adfa524e5958f65be2fbac809fcba8458b28e44d9265051de33163cf9c)
            t := add(mulmod(t, y, r), 0x2625ce48a7b39a4252732624e4ab94360812ac2fc9a14a5fb8b607ae9fd8514a)
            t := add(mulmod(t, y, r), 0x2d3a1aea2e6d44466808f88c9ba903d3bdcb6b58ba40441ed4ebcf11bbe1e37b)
            mstore(0xb80, t)
            wide := add(wide, mulmod(mload(0xae0), t, r))
            t := 0xaaa35e2c84baf117dea3e336cd96a39792b3813954fe9bf3ed5b90f2f69c977
            t := add(mulmod(t, y, r), 0x14ddb5fada0171db80195b9592d8cf2be810930e3ea4574a350d65e2cbff4941)
            t := add(mulmod(t, y, r), 0x2efc2b90d688134849018222e7b8922eaf67ce79816ef468531ec2de53bbd167)
            t := add(mulmod(t, y, r), 0x7f017a7ebd56dd086f7cd4fd710c509ed7ef8e300b9a8bb9fb9f28af710251f)
            t := add(mulmod(t, y, r), 0x14074bb14c982c81c9ad171e4f35fe49b39c4a7a72dbb6d9c98d803bfed65e64)
            mstore(0xba0, t)
            wide := add(wide, mulmod(mload(0xb00), t, r))
            sum := add(sub(r, calldataload(0x684)), 0x2eb4f99c69f966ebf8a42192de7ff61621c7bb47b93750c2b9ea08d18446c122)
            t := add(sub(r, calldataload(0x6e4)), 0x224a28e5a35385a7c5198169e405d9ea0fc7da8b93ee13b6d5f7d099e299520e)
            sum := add(mulmod(sum, y, r), t)
            t := add(sub(r, calldataload(0x744)), 0xf7411b465e600eed8afdd6afca49c3036f33ecbd9a0f97823796b993bbd82f7)
            sum := add(mulmod(sum, y, r), t)
            t := add(sub(r, calldataload(0x7a4)), 0xf9d0d5aad2c9555a2be7150392d8d9819b208ae3370f99a0626f9ff5d90e4e3)
            sum := add(mulmod(sum, y, r), t)
            t := add(sub(r, calldataload(0x804)), 0x1e9a96dc8292bb596f52a59538d329229732b25259cf744b6a12d30702d6fba0)
            sum := add(mulmod(sum, y, r), t)
            sum := addmod(sum, wide, r)
            // selected
            t := add(calldataload(0x964), calldataload(0xa04))
            acc := mulmod(t, sum, r)

            // Gate "poseidon full round into w0 .. w4"
            // - w0 is the round after w5 .. w9 above
            // - w1 is the round after w5 .. w9 above
            // - w2 is the round after w5 .. w9 above
            // - w3 is the round after w5 .. w9 above
            // - w4 is the round after w5 .. w9 above
            t := calldataload(0x664)
            s := mulmod(t, t, r)
            mstore(0xbc0, mulmod(t, mulmod(s, s, r), r))
            t := calldataload(0x6c4)
            s := mulmod(t, t, r)
            mstore(0xbe0, mulmod(t, mulmod(s, s, r), r))
            t := calldataload(0x724)
            s := mulmod(t, t, r)
            mstore(0xc00, mulmod(t, mulmod(s, s, r), r))
            t := calldataload(0x784)
            s := mulmod(t, t, r)
            mstore(0xc20, mulmod(t, mulmod(s, s, r), r))
            t := calldataload(0x7e4)
            s := mulmod(t, t, r)
            mstore(0xc40, mulmod(t, mulmod(s, s, r), r))
            t := add(calldataload(0x944), calldataload(0x9e4))
            mstore(0xc60, t)
            t := add(calldataload(0x844), calldataload(0xa64))
            mstore(0xc80, t)
            wide := mulmod(mload(0xbc0), mload(0xb20), r)
            wide := add(wide, mulmod(mload(0xbe0), mload(0xb40), r))
            wide := add(wide, mulmod(mload(0xc00), mload(0xb60), r))
            wide := add(wide, mulmod(mload(0xc20), mload(0xb80), r))
            wide := add(wide, mulmod(mload(0xc40), mload(0xba0), r))
            t := 0x8780514ccd90380887d578c45555e593cfe52eab4b945c6c2cd4d528fb3fe3c
            t := add(mulmod(t, y, r), 0x272498fced686c7ac8149fa3f73ef8c2ced64717e3556d5a59f119d629ccb5fc)
            t := add(mulmod(t, y, r), 0x1ef8f9dd7c93aac4b7cb80930bd06eb45bd350aff585f10e3d0ef8a782ef7df)
            t := add(mulmod(t, y, r), 0x45b9f59b6595e614dc08f222b469b138e886e64bf3c40aa97ea0ae754934d30)
            t := add(mulmod(t, y, r), 0xac1e91c57d9da919fd6f59d2a40ff8ea3e41e24e247a387adf2584295d61c66)
            wide := addmod(wide, mulmod(mload(0xc60), t, r), r)
            t := 0x10def931073b6479bd60577378f29381997c8e041d3cfb3dc7523bca906f00bd
            t := add(mulmod(t, y, r), 0x14f7ae770bf7e95f7f706c0d8ab4ed03fa0b880d28c69d031b4592c98610175f)
            t := add(mulmod(t, y, r), 0x1aef50a0cee751b59f926af40e8035d19decc9d428ebe4e775c5cc9dce1ce589)
            t := add(mulmod(t, y, r), 0x41935607172f68eba65ca60068dfe3b086c2a2d57d09602951214b57e73cf5a)
            t := add(mulmod(t, y, r), 0x26863e9dd24255d1573bd083959b856c0493fbefe83c819837a151d3bf452cb8)
            wide := add(wide, mulmod(mload(0xc80), t, r))
            sum := sub(r, calldataload(0x564))
            t := sub(r, calldataload(0x5c4))
            sum := add(mulmod(sum, y, r), t)
            t := sub(r, calldataload(0x5e4))
            sum := add(mulmod(sum, y, r), t)
            t := sub(r, calldataload(0x604))
            sum := add(mulmod(sum, y, r), t)
            t := sub(r, calldataload(0x624))
            sum := add(mulmod(sum, y, r), t)
            sum := addmod(sum, wide, r)
            // selected
            t := add(calldataload(0x944), calldataload(0x9e4))
            t := add(t, calldataload(0x844))
            t := add(t, calldataload(0xa64))
            acc := add(mulmod(acc, mload(0xa60), r), mulmod(t, sum, r))

            // Gate "poseidon full round into w5 .. w9"
            // - w5 is the round after w0 .. w4
            // - w6 is the round after w0 .. w4
            // - w7 is the round after w0 .. w4
            // - w8 is the round after w0 .. w4
            // - w9 is the round after w0 .. w4
            t := calldataload(0x564)
            s := mulmod(t, t, r)
            mstore(0xca0, mulmod(t, mulmod(s, s, r), r))
            t := calldataload(0x5c4)
            s := mulmod(t, t, r)
            mstore(0xcc0, mulmod(t, mulmod(s, s, r), r))
            t := calldataload(0x5e4)
            s := mulmod(t, t, r)
            mstore(0xce0, mulmod(t, mulmod(s, s, r), r))
            t := calldataload(0x604)
            s := mulmod(t, t, r)
            mstore(0xd00, mulmod(t, mulmod(s, s, r), r))
            t := calldataload(0x624)
            s := mulmod(t, t, r)
            mstore(0xd20, mulmod(t, mulmod(s, s, r), r))
            t := add(calldataload(0x864), calldataload(0xa84))
            mstore(0xd40, t)
            wide := mulmod(mload(0xca0), mload(0xb20), r)
            wide := add(wide, mulmod(mload(0xcc0), mload(0xb40), r))
            wide := add(wide, mulmod(mload(0xce0), mload(0xb60), r))
            wide := add(wide, mulmod(mload(0xd00), mload(0xb80), r))
            wide := add(wide, mulmod(mload(0xd20), mload(0xba0), r))
            t := 0x28a1621a94054b0c7f9a421353cd89d0fd67061aee99979d12e68f04e62d134
            t := add(mulmod(t, y, r), 0x26b41802c071ea4c9632647ed059236e50c19c3fb3c96d09d02aae2a0dcd9dbc)
            t := add(mulmod(t, y, r), 0x2fb5dda8072bb72cbaac2f63e468215e05c9de06758db6a94af34384aedb462b)
            t := add(mulmod(t, y, r), 0x2212d3a0f5fccaf244ff3547fd823249ad8ab8ba2a18d383dd05c56ee894d850)
            t := add(mulmod(t, y, r), 0x1b041ad5b2f0684258e4dfaeea09be56a3276fdb19f44c015cd0c7eed465e2e3)
            wide := addmod(wide, mulmod(mload(0xc60), t, r), r)
            t := 0x17c31ea02fbc378320d86ffed6c7ca1583b618c5c1a687818d4087a497d73490
            t := add(mulmod(t, y, r), 0x5b86c4bb8ef318b6a7227e4192d149d3c17a9764ccd660de4d50a77f192a91b)
            t := add(mulmod(t, y, r), 0x265bc95df4a4c4876ff70d7ea2fde2c7ab15f4a6ae0d237cd6ce74ba986c7a7b)
            t := add(mulmod(t, y, r), 0x24752b47bc6c6bc8d9bbe48f5fef2f6908701739c5f5b4b3d6c886d4715c7929)
            t := add(mulmod(t, y, r), 0x14814a1e0f492a4ea0d86e527a96482178d624b98da96ee5e583b9324d974efe)
            wide := add(wide, mulmod(mload(0xd40), t, r))
            t := 0x2036efb6f9830965eb3d7a068bd087c9f5adf251ba62052c652738e63ff8b3af
            t := add(mulmod(t, y, r), 0xc712a975b74dc9d766b639a029969ca30be4f75a753f854b00fa4f1b4f4ee9b)
            t := add(mulmod(t, y, r), 0x8014dab3cd1667e27afc99bfac1e6807afdff6456492ca3375731d387539699)
            t := add(mulmod(t, y, r), 0x198d07192db4fac2a82a4a79839d6a2b97c4dd4d37b4e8f3b53009f79b34e6a4)
            t := add(mulmod(t, y, r), 0x29eb1de42a3ad381b23b4131426897a32709b29d53bb946dfd15784d1f63e572)
            wide := add(wide, mulmod(mload(0xc80), t, r))
            sum := sub(r, calldataload(0x684))
            t := sub(r, calldataload(0x6e4))
            sum := add(mulmod(sum, y, r), t)
            t := sub(r, calldataload(0x744))
            sum := add(mulmod(sum, y, r), t)
            t := sub(r, calldataload(0x7a4))
            sum := add(mulmod(sum, y, r), t)
            t := sub(r, calldataload(0x804))
            sum := add(mulmod(sum, y, r), t)
            sum := addmod(sum, wide, r)
            // selected
            t := add(calldataload(0x944), calldataload(0x9e4))
            t := add(t, calldataload(0x864))
            t := add(t, calldataload(0xa84))
            t := add(t, calldataload(0x844))
            t := addmod(t, calldataload(0xa64), r)
            acc := add(mulmod(acc, mload(0xa60), r), mulmod(t, sum, r))

            // Gate "poseidon into the partial rounds"
            // - w0 is partial round 0
            // - w1 is partial round 1
            // - w2 is partial round 2
            // - w3 is partial round 3
            // - w4 is partial round 4
            t := 0x251e7fdf99591080080b0af133b9e4369f22e57ace3cd7f64fc6fdbcf38d7da1
            t := add(mulmod(t, y, r), 0x2cd71dde52edde27fd23bf30c64da594889cd351af3884d276ec7724c89f4d5c)
            t := add(mulmod(t, y, r), 0x2986d4e79f58ce8a08871344f4a1ddf1fa558c2f59f6190552a19aff20547220)
            t := add(mulmod(t, y, r), 0x2ccd8c7059c82c539b0ffa2419ce3cc4380ffa8b3fbcb545a2d5f422c5901ab9)
            t := add(mulmod(t, y, r), 0x217d97768e3200362fc04af8d3bb5006ca25c91201523706f2ba4d737c1dbaa2)
            wide := mulmod(mload(0xbc0), t, r)
            t := 0x25fb50b65acf4fb047cbd3b1c17d97c7fe26ea9ca238d6e348550486e91c7765
            t := add(mulmod(t, y, r), 0x119e5d69dea83d12244702e509211f018d90584f52bbf7a6a494420b33879d70)
            t := add(mulmod(t, y, r), 0x2e0fcf920fb104bcbb3f280e7e7a2f99a641dbe3bbdee15cb9bbe28dcb8dde7e)
            t := add(mulmod(t, y, r), 0x58e05bffeba6cee9b800975abd76250814a7d223b6882bb7ffddc60fa06f22f)
            t := add(mulmod(t, y, r), 0x287e588a0c8161498ec64e9fb0b468e6c45b634df97f0a82b044dca9413660ea)
            wide := add(wide, mulmod(mload(0xbe0), t, r))
            t := 0x293d617d7da72102355f39ebf62f91b06deb5325f367a4556ea1e31ed5767833
            t := add(mulmod(t, y, r), 0x272e219bc4bd640fc85a0f39ca7d93db97df63c922c7e6063468187e2ebb7bd)
            t := add(mulmod(t, y, r), 0x239d84ae5923e76999d0c2298e30bd287801f709f8952a25353b5b967887ffb0)
            t := add(mulmod(t, y, r), 0x2edc0d6bc1bcbab708462c90d82e1cd4673d409a88e17147ffb0f682387fd4bb)
            t := add(mulmod(t, y, r), 0x24cca0709dbfb11f9435ba045e9a751f0523e39578e433f28e6bbfb6aebc2eca)
            wide := add(wide, mulmod(mload(0xc00), t, r))
            t := 0x104d0295ab00c85e960111ac25da474366599e575a9b7edf6145f14ba6d3c1c4
            t := add(mulmod(t, y, r), 0x1c4a1496362a0c41aa20259105edb8002e4daddcddff0631513a39d65b496216)
            t := add(mulmod(t, y, r), 0x14c513d216542da398809605d663b0b43c3fbb590ae40b442c174409c97d4f23)
            t := add(mulmod(t, y, r), 0x906ef303a80633d480ae2e42716b0de4107bf5457ee3bc2b9c92e60d4f45da)
            t := add(mulmod(t, y, r), 0x2ddbfdf9ee6ef7e1176cfc91995715fd7fda9b9911e2e314e7b1f816a881c3fc)
            wide := add(wide, mulmod(mload(0xc20), t, r))
            t := 0xaaa35e2c84baf117dea3e336cd96a39792b3813954fe9bf3ed5b90f2f69c977
            t := add(mulmod(t, y, r), 0x9e240d912e33c28b63b10e73fa05ff7705dfde8a541345e7adb88f1d64fbe00)
            t := add(mulmod(t, y, r), 0x910a2a01d518fa4b022d6c95988853f6ee7fd94dc7a12ba2602f745aba8c37c)
            t := add(mulmod(t, y, r), 0x25e9443fddd0a328d148eb68ba7543b5d2b58aafd283e50d3c2e2138b7637e2e)
            t := add(mulmod(t, y, r), 0x19207a83284ca45d11afb8162c134cf9a91b31f2e981da5a7b7938c08607f3e0)
            wide := add(wide, mulmod(mload(0xc40), t, r))
            t := 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000000
            t := add(mulmod(t, y, r), 0xb45ce9347d88fa9b0453ac54dc77426891102cdab7c989af41af7d6fc728260)
            t := add(mulmod(t, y, r), 0x38d30948e43c201bb2c8685bb33b2c89f9714f6ca80ebbeccf57e6f2760b2a5)
            t := add(mulmod(t, y, r), 0x6dd798b41d8d19fafc932718cdf7a6b2dde5c191fc3578bf1405a94cfab8de1)
            t := add(mulmod(t, y, r), 0x396c202876973d61d404b9267b31b98f023edbd39fcbb4ba10c01712a6fe548)
            wide := addmod(wide, mulmod(calldataload(0x564), t, r), r)
            t := 0x251e7fdf99591080080b0af133b9e4369f22e57ace3cd7f64fc6fdbcf38d7da1
            t := add(mulmod(t, y, r), 0x2cd71dde52edde27fd23bf30c64da594889cd351af3884d276ec7724c89f4d5c)
            t := add(mulmod(t, y, r), 0x2986d4e79f58ce8a08871344f4a1ddf1fa558c2f59f6190552a19aff20547220)
            t := add(mulmod(t, y, r), 0x2ccd8c7059c82c539b0ffa2419ce3cc4380ffa8b3fbcb545a2d5f422c5901ab9)
            wide := add(wide, mulmod(mload(0xca0), t, r))
            t := 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000000
            t := add(mulmod(t, y, r), 0xb45ce9347d88fa9b0453ac54dc77426891102cdab7c989af41af7d6fc728260)
            t := add(mulmod(t, y, r), 0x38d30948e43c201bb2c8685bb33b2c89f9714f6ca80ebbeccf57e6f2760b2a5)
            t := add(mulmod(t, y, r), 0x6dd798b41d8d19fafc932718cdf7a6b2dde5c191fc3578bf1405a94cfab8de1)
            wide := add(wide, mulmod(calldataload(0x5c4), t, r))
            t := 0x251e7fdf99591080080b0af133b9e4369f22e57ace3cd7f64fc6fdbcf38d7da1
            t := add(mulmod(t, y, r), 0x2cd71dde52edde27fd23bf30c64da594889cd351af3884d276ec7724c89f4d5c)
            t := add(mulmod(t, y, r), 0x2986d4e79f58ce8a08871344f4a1ddf1fa558c2f59f6190552a19aff20547220)
            wide := add(wide, mulmod(mload(0xcc0), t, r))
            t := 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000000
            t := add(mulmod(t, y, r), 0xb45ce9347d88fa9b0453ac54dc77426891102cdab7c989af41af7d6fc728260)
            t := add(mulmod(t, y, r), 0x38d30948e43c201bb2c8685bb33b2c89f9714f6ca80ebbeccf57e6f2760b2a5)
            wide := add(wide, mulmod(calldataload(0x5e4), t, r))
            t := 0x251e7fdf99591080080b0af133b9e4369f22e57ace3cd7f64fc6fdbcf38d7da1
            t := add(mulmod(t, y, r), 0x2cd71dde52edde27fd23bf30c64da594889cd351af3884d276ec7724c89f4d5c)
            wide := addmod(wide, mulmod(mload(0xce0), t, r), r)
            sum := 0xa01776bb22f4b6b8eccff33e76fded3144fb7e3ac14e846a91e64afb1500eff
            t := 0x28a13ca21c53abdd87412ad165b4635359d6b222e2883bfbf73366451d52ab09
            sum := add(mulmod(sum, y, r), t)
            t := 0x89eda7516c1e150044adafa50dde03c67e643fa795afed3a1f633296f764d00
            sum := add(mulmod(sum, y, r), t)
            t := add(sub(r, calldataload(0x604)), 0x130ce78f4cb8aed6257b6816a620b4db1a70bb0acbaca5f104e4151fbbd80839)
            sum := add(mulmod(sum, y, r), t)
            t := add(mulmod(calldataload(0x604), 0xb45ce9347d88fa9b0453ac54dc77426891102cdab7c989af41af7d6fc728260, r), mulmod(mload(0xd00), 0x251e7fdf99591080080b0af133b9e4369f22e57ace3cd7f64fc6fdbcf38d7da1, r))
            t := add(t, sub(r, calldataload(0x624)))
            t := add(t, 0xf7c1719f0abe5a7ad6d41831fc0f75bfd3ba5ed7c245996e243a7c24d469688)
            sum := add(mulmod(sum, y, r), t)
            sum := addmod(sum, wide, r)
            // selected
            t := add(calldataload(0x924), calldataload(0x9c4))
            mstore(0xd60, t)
            t := mload(0xd60)
            acc := add(mulmod(acc, mload(0xa60), r), mulmod(t, sum, r))

            // Gate "poseidon partial rounds into w0 .. w4"
            // - w0 follows from the five S-box inputs before it
            // - w1 follows from the five S-box inputs before it
            // - w2 follows from the five S-box inputs before it
            // - w3 follows from the five S-box inputs before it
            // - w4 follows from the five S-box inputs before it
            t := add(calldataload(0x904), calldataload(0x9a4))
            mstore(0xd80, t)
            t := add(calldataload(0x8e4), calldataload(0x984))
            mstore(0xda0, t)
            t := add(calldataload(0x8c4), calldataload(0xae4))
            mstore(0xdc0, t)
            t := add(calldataload(0x8a4), calldataload(0xac4))
            mstore(0xde0, t)
            t := add(calldataload(0x884), calldataload(0xaa4))
            mstore(0xe00, t)
            t := 0x2503f642cfcb5f06e1a18c68efca3c0672ed26edfc7e6e77513ba7a4c660ab53
            t := add(mulmod(t, y, r), 0x218796dd338868e7300732cf5d3925c74c1badd0a32d8b41b96e555ddfe27869)
            t := mulmod(t, y, r)
            t := mulmod(t, y, r)
            t := mulmod(t, y, r)
            mstore(0xe20, t)
            wide := mulmod(calldataload(0x724), t, r)
            t := 0x2c01b6282fad3d37bdc72033b4d8da10494ac283ec74d5e63d72dbe06b4037c6
            t := add(mulmod(t, y, r), 0x2503f642cfcb5f06e1a18c68efca3c0672ed26edfc7e6e77513ba7a4c660ab53)
            t := add(mulmod(t, y, r), 0x218796dd338868e7300732cf5d3925c74c1badd0a32d8b41b96e555ddfe27869)
            t := mulmod(t, y, r)
            t := mulmod(t, y, r)
            mstore(0xe40, t)
            wide := add(wide, mulmod(calldataload(0x784), t, r))
            t := 0x172f5e628cc26149dcc488004690cfa55faac52708481fffb3d4cfa3808b4051
            t := add(mulmod(t, y, r), 0x2c01b6282fad3d37bdc72033b4d8da10494ac283ec74d5e63d72dbe06b4037c6)
            t := add(mulmod(t, y, r), 0x2503f642cfcb5f06e1a18c68efca3c0672ed26edfc7e6e77513ba7a4c660ab53)
            t := add(mulmod(t, y, r), 0x218796dd338868e7300732cf5d3925c74c1badd0a32d8b41b96e555ddfe27869)
            t := mulmod(t, y, r)
            mstore(0xe60, t)
            wide := add(wide, mulmod(calldataload(0x7e4), t, r))
            t := 0x14f6ab2c6caef74572f821bb82c4bda12a302be5aeb91ad1562b97b09db427d8
            t := add(mulmod(t, y, r), 0x74019237db9fbc928e4fceaf52b9ffe45ead67eab8e238cb18878e6b20b8a6c)
            t := mulmod(t, y, r)
            t := mulmod(t, y, r)
            t := mulmod(t, y, r)
            mstore(0xe80, t)
            wide := add(wide, mulmod(mload(0xbe0), t, r))
            t := 0x207da9637379529f714ecb391b8679e0e706aa377007317ef46da24e8f9124e
            t := add(mulmod(t, y, r), 0x14f6ab2c6caef74572f821bb82c4bda12a302be5aeb91ad1562b97b09db427d8)
            t := add(mulmod(t, y, r), 0x74019237db9fbc928e4fceaf52b9ffe45ead67eab8e238cb18878e6b20b8a6c)
            t := mulmod(t, y, r)
            t := mulmod(t, y, r)
            mstore(0xea0, t)
            wide := add(wide, mulmod(mload(0xc00), t, r))
            t := 0xd1ecfc6e6ec39c56d953ff80bbbe31b5710aa74969d92b87beaf53de7935be3
            t := add(mulmod(t, y, r), 0x207da9637379529f714ecb391b8679e0e706aa377007317ef46da24e8f9124e)
            t := add(mulmod(t, y, r), 0x14f6ab2c6caef74572f821bb82c4bda12a302be5aeb91ad1562b97b09db427d8)
            t := add(mulmod(t, y, r), 0x74019237db9fbc928e4fceaf52b9ffe45ead67eab8e238cb18878e6b20b8a6c)
            t := mulmod(t, y, r)
            mstore(0xec0, t)
            wide := addmod(wide, mulmod(mload(0xc20), t, r), r)
            t := 0x251e7fdf99591080080b0af133b9e4369f22e57ace3cd7f64fc6fdbcf38d7da1
            t := add(mulmod(t, y, r), 0xd1ecfc6e6ec39c56d953ff80bbbe31b5710aa74969d92b87beaf53de7935be3)
            t := add(mulmod(t, y, r), 0x207da9637379529f714ecb391b8679e0e706aa377007317ef46da24e8f9124e)
            t := add(mulmod(t, y, r), 0x14f6ab2c6caef74572f821bb82c4bda12a302be5aeb91ad1562b97b09db427d8)
            t := add(mulmod(t, y, r), 0x74019237db9fbc928e4fceaf52b9ffe45ead67eab8e238cb18878e6b20b8a6c)
            mstore(0xee0, t)
            wide := add(wide, mulmod(mload(0xc40), t, r))
            t := 0x1cb6da87797508d08ce54e980c8144ae04fb6e54254374930801678dfcc229fc
            t := add(mulmod(t, y, r), 0x148524bf0563895a038a897e2bbaa6ab7852712caa8464081a8a4899707f52cf)
            t := add(mulmod(t, y, r), 0x1563eb05b82a8035c2d9784d578142a1d365b6f1a0b12d527155282e4f170024)
            t := add(mulmod(t, y, r), 0x162aae479a97f0a09eca3847c24c1bfcabd91520480e1717bf557fe1f043dce6)
            t := add(mulmod(t, y, r), 0x2e28ecd116c3132128cc41bfaa6272b90fc1d061cce1cecdd37139adf3dd41af)
            wide := add(wide, mulmod(mload(0xd80), t, r))
            t := 0xe2c5ecd0be5565b6ce003c51ba1fa7514bdad1bb7786794f05f5570205da3a6
            t := add(mulmod(t, y, r), 0xbb071666cfdfb816b45d20499285478934eaab4550ffb002be373d993b22b06)
            t := add(mulmod(t, y, r), 0x864cc5c2ee989e2c0f4abbf6df05f6ac7efd1423c8db5bdb12c6ee86f9de25e)
            t := add(mulmod(t, y, r), 0x22843c278a1a9263851f707f92f853e31bbcc9cb0b280636f234916eb8a39b6)
            t := add(mulmod(t, y, r), 0x541875978d90a60c7eee7357e3d14ba83c5e20ad45cdca6704523de5a79d73a)
            wide := add(wide, mulmod(mload(0xda0), t, r))
            t := 0x2f38cb61eed39d5249eb703d4f3df92e5e435717e98fd92e1818329aad7007d5
            t := add(mulmod(t, y, r), 0x4da6b26c9bebd1bd6aa6e269eb6ac70354a36e59c9902bbe46d105c82fad45d)
            t := add(mulmod(t, y, r), 0x16f36a3fddc5e2c181f747f273a6181700ee2c59fb065f43d80380e883a8ba20)
            t := add(mulmod(t, y, r), 0x2b5b05832836ec42d4af5aeaa7647de8ca5b909c06e638c198f920bf8ccaf7b)
            t := add(mulmod(t, y, r), 0xa9f684cf0f4999f4f6945980820949a8418cb56ff26c3fd27e21fae4a2ef9a)
            wide := add(wide, mulmod(mload(0xdc0), t, r))
            t := 0x1c570b48328515335b4e9630a9daf11e22b7c4ba021ed4aab3ca878cccafce2f
            t := add(mulmod(t, y, r), 0x81c44c4e21299aa5c609ba7f81d78bb44b5943f86a9ddc374b83bce65877f71)
            t := add(mulmod(t, y, r), 0x2b6eb16787d22470f334aacf50e7b0e4551e5d7d0fde30ebcdc88113cd7688c2)
            t := add(mulmod(t, y, r), 0x2a13033a81aa36449373bb68aa203c9156b731bf5219ab768bb806dd28d5077e)
            t := add(mulmod(t, y, r), 0x1d2334d4791dde7997c8c89eefa36afb267d701de0736286e8ea9405c1472251)
            wide := addmod(wide, mulmod(mload(0xde0), t, r), r)
            t := 0x2fad43814890c693fc1826ae33deb7502523e5a4b346f59db6f94359ca5b2623
            t := add(mulmod(t, y, r), 0x61961774609ea2656da6c3fbc845fe0ca8ed70f16112bc080bab7dca3e2048)
            t := add(mulmod(t, y, r), 0x28324f9bd8276f033d3e9c94af4cc7e14e3edd18b88adf7f5e876ad1ce9008e8)
            t := add(mulmod(t, y, r), 0x2b0879e0db998c0e81560734b0c088ff9d885a6e8de94d5c78c408a469ea1706)
            t := add(mulmod(t, y, r), 0x23449a5d34968d71c7bd0843383733eb0c011b4643dbb3e17cc59a1e66d52898)
            wide := add(wide, mulmod(mload(0xe00), t, r))
            t := 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000000
            t := add(mulmod(t, y, r), 0x172f5e628cc26149dcc488004690cfa55faac52708481fffb3d4cfa3808b4051)
            t := add(mulmod(t, y, r), 0x2c01b6282fad3d37bdc72033b4d8da10494ac283ec74d5e63d72dbe06b4037c6)
            t := add(mulmod(t, y, r), 0x2503f642cfcb5f06e1a18c68efca3c0672ed26edfc7e6e77513ba7a4c660ab53)
            t := add(mulmod(t, y, r), 0x218796dd338868e7300732cf5d3925c74c1badd0a32d8b41b96e555ddfe27869)
            mstore(0xf00, t)
            wide := add(wide, mulmod(calldataload(0x564), t, r))
            t := 0x251e7fdf99591080080b0af133b9e4369f22e57ace3cd7f64fc6fdbcf38d7da1
            t := add(mulmod(t, y, r), 0xd1ecfc6e6ec39c56d953ff80bbbe31b5710aa74969d92b87beaf53de7935be3)
            t := add(mulmod(t, y, r), 0x207da9637379529f714ecb391b8679e0e706aa377007317ef46da24e8f9124e)
            t := add(mulmod(t, y, r), 0x14f6ab2c6caef74572f821bb82c4bda12a302be5aeb91ad1562b97b09db427d8)
            mstore(0xf20, t)
            wide := add(wide, mulmod(mload(0xca0), t, r))
            t := 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000000
            t := add(mulmod(t, y, r), 0x172f5e628cc26149dcc488004690cfa55faac52708481fffb3d4cfa3808b4051)
            t := add(mulmod(t, y, r), 0x2c01b6282fad3d37bdc72033b4d8da10494ac283ec74d5e63d72dbe06b4037c6)
            t := add(mulmod(t, y, r), 0x2503f642cfcb5f06e1a18c68efca3c0672ed26edfc7e6e77513ba7a4c660ab53)
            mstore(0xf40, t)
            wide := add(wide, mulmod(calldataload(0x5c4), t, r))
            t := 0x251e7fdf99591080080b0af133b9e4369f22e57ace3cd7f64fc6fdbcf38d7da1
            t := add(mulmod(t, y, r), 0xd1ecfc6e6ec39c56d953ff80bbbe31b5710aa74969d92b87beaf53de7935be3)
            t := add(mulmod(t, y, r), 0x207da9637379529f714ecb391b8679e0e706aa377007317ef46da24e8f9124e)
            mstore(0xf60, t)
            wide := addmod(wide, mulmod(mload(0xcc0), t, r), r)
            t := 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000000
            t := add(mulmod(t, y, r), 0x172f5e628cc26149dcc488004690cfa55faac52708481fffb3d4cfa3808b4051)
            t := add(mulmod(t, y, r), 0x2c01b6282fad3d37bdc72033b4d8da10494ac283ec74d5e63d72dbe06b4037c6)
            mstore(0xf80, t)
            wide := add(wide, mulmod(calldataload(0x5e4), t, r))
            t := 0x251e7fdf99591080080b0af133b9e4369f22e57ace3cd7f64fc6fdbcf38d7da1
            t := add(mulmod(t, y, r), 0xd1ecfc6e6ec39c56d953ff80bbbe31b5710aa74969d92b87beaf53de7935be3)
            mstore(0xfa0, t)
            wide := add(wide, mulmod(mload(0xce0), t, r))
            sum := add(mulmod(calldataload(0x6c4), 0x218796dd338868e7300732cf5d3925c74c1badd0a32d8b41b96e555ddfe27869, r), mulmod(mload(0xbc0), 0x74019237db9fbc928e4fceaf52b9ffe45ead67eab8e238cb18878e6b20b8a6c, r))
            sum := mulmod(sum, y, r)
            sum := mulmod(sum, y, r)
            t := sub(r, calldataload(0x604))
            sum := add(mulmod(sum, y, r), t)
            t := add(mulmod(calldataload(0x604), 0x172f5e628cc26149dcc488004690cfa55faac52708481fffb3d4cfa3808b4051, r), mulmod(mload(0xd00), 0x251e7fdf99591080080b0af133b9e4369f22e57ace3cd7f64fc6fdbcf38d7da1, r))
            t := add(t, sub(r, calldataload(0x624)))
            sum := add(mulmod(sum, y, r), t)
            sum := addmod(sum, wide, r)
            // selected
            t := add(calldataload(0x904), calldataload(0x9a4))
            t := add(t, calldataload(0x8e4))
            t := add(t, calldataload(0x984))
            t := add(t, calldataload(0x8c4))
            t := addmod(t, calldataload(0xae4), r)
            t := add(t, calldataload(0x8a4))
            t := add(t, calldataload(0xac4))
            t := add(t, calldataload(0x884))
            t := add(t, calldataload(0xaa4))
            acc := add(mulmod(acc, mload(0xa60), r), mulmod(t, sum, r))

            // Gate "poseidon partial rounds into w5 .. w9"
            // - w5 follows from the five S-box inputs before it
            // - w6 follows from the five S-box inputs before it
            // - w7 follows from the five S-box inputs before it
            // - w8 follows from the five S-box inputs before it
            // - w9 follows from the five S-box inputs before it
            t := calldataload(0x684)
            s := mulmod(t, t, r)
            mstore(0xfc0, mulmod(t, mulmod(s, s, r), r))
            t := calldataload(0x6e4)
            s := mulmod(t, t, r)
            mstore(0xfe0, mulmod(t, mulmod(s, s, r), r))
            t := calldataload(0x744)
            s := mulmod(t, t, r)
            mstore(0x1000, mulmod(t, mulmod(s, s, r), r))
            t := calldataload(0x7a4)
            s := mulmod(t, t, r)
            mstore(0x1020, mulmod(t, mulmod(s, s, r), r))
            wide := mulmod(calldataload(0x5e4), mload(0xe20), r)
            wide := add(wide, mulmod(calldataload(0x604), mload(0xe40), r))
            wide := add(wide, mulmod(calldataload(0x624), mload(0xe60), r))
            wide := add(wide, mulmod(mload(0xcc0), mload(0xe80), r))
            wide := add(wide, mulmod(mload(0xce0), mload(0xea0), r))
            wide := addmod(wide, mulmod(mload(0xd00), mload(0xec0), r), r)
            wide := add(wide, mulmod(mload(0xd20), mload(0xee0), r))
            t := 0x2cab4fbe7101ef8cfff6286674a3c934deb34ae61249b0554aca8af08dbef962
            t := add(mulmod(t, y, r), 0x2fae2f96389c62d7963fe16f063f623a74bcc30d30f28912170b45d01ad4f049)
            t := add(mulmod(t, y, r), 0x2564ab346a46bda9f92d5713ffcac33ca5838556cfd41e26c2c8b32474ab996f)
            t := add(mulmod(t, y, r), 0x2e1af62e9d8def47db3488e2779f9b107cf90eaa886680e60b214df3224ef829)
            t := add(mulmod(t, y, r), 0x49060cec0c8624615ed7197e5998443e858ce596cce018b40a160ea9f0a6e0c)
            wide := add(wide, mulmod(mload(0xd60), t, r))
            t := 0x1a482546b6fb1529759fd55c67b304fbeecc58b23e6f1a22246809a3853e562
            t := add(mulmod(t, y, r), 0x2420904f1d69e544cc479a6051825fb18e5338888391d3460e2783fc6b239ffb)
            t := add(mulmod(t, y, r), 0x1b7628010fc9b2ffe96045022ae68817953835fafb17b8677dff782ecdf6cfe8)
            t := add(mulmod(t, y, r), 0x1d839940dabe6a4a4c1dca548dc847382ee1968760e972bc6063cfe9004b1b9f)
            t := add(mulmod(t, y, r), 0x648b21de80c19e62f61a0a2a0eabb828323c14ba3f172c3eeef8311b7f74944)
            wide := add(wide, mulmod(mload(0xd80), t, r))
            t := 0x136bb2f8a611245752cf7142e27eca239cbb87f58b34a1f929a18936ffc98f81
            t := add(mulmod(t, y, r), 0x1e393d63f5ac49fbc7d15e7997b30e7de212f1500d8f18ec118a107b115a00eb)
            t := add(mulmod(t, y, r), 0x28281cd860bff961b1ac4fda79052ee565077859d7232405c123ba586ccd3f07)
            t := add(mulmod(t, y, r), 0x1afb944c638d2405e6adbb631f831b16618fcf3303e7aec829b10751e564f296)
            t := add(mulmod(t, y, r), 0x2c616b4182d2fb64d42de72504582d78ebac1027de7c7518e339d77914416818)
            wide := add(wide, mulmod(mload(0xda0), t, r))
            t := 0xb8d5bfb58eb3d4386b2e106fc2dbbddcb4ac42bf8d9315918cf42bd73b4a16e
            t := add(mulmod(t, y, r), 0x273c67ee0f2409e1d6d2b5be9489e3992c53dfa144868e454c6e032fcbf766f2)
            t := add(mulmod(t, y, r), 0x2d6705f997144e01331e92b07d400c32a78319249aea15bd135255ecd9cd3824)
            t := add(mulmod(t, y, r), 0x2505975cada6d77706caa5e2ca5e1c1c6ab39fc86bf69890fecb3ebfdcd4fd04)
            t := add(mulmod(t, y, r), 0x227a71873131b06a615678399957a2f7d17844bce3a4eb4c03bbc1a2b87f2e07)
            wide := addmod(wide, mulmod(mload(0xdc0), t, r), r)
            t := 0x6831bd34d7d2fa8fad3fe0ee965adef21430d86ab68284c1bf1713121afe6d3
            t := add(mulmod(t, y, r), 0x2060698fccb726c48aae5ef2f375ec3c95e51b76873d86cfe405c4b0faac829d)
            t := add(mulmod(t, y, r), 0x95e095cec4fc95b7ec39b4689d1447b37032c1a82c7d2db18c1c0c948b3f758)
            t := add(mulmod(t, y, r), 0x1dd75b46eb66d520fb0a5b07bcf7b59e59291d2bd815448ee77fc34d084ccdf6)
            t := add(mulmod(t, y, r), 0x2b2fc28a58f601bbceef42a635ca20a7678e9449a0e7a8f27dd1e9a842883480)
            wide := add(wide, mulmod(mload(0xde0), t, r))
            t := 0x1e4250c76285a13197cfd198c2b57996a0b5aa18bf3c6dd8254c4ebd2b972ca3
            t := add(mulmod(t, y, r), 0x1c2f2dcfe47b4395823dad0d9d50b05b4f9baa888e112c40f381c98441908aba)
            t := add(mulmod(t, y, r), 0x235e2f81608bcc60a5e19d439eecf102d5c4c8a1c1fa94aed3030493e3f1a356)
            t := add(mulmod(t, y, r), 0x16ad0d1aac7273b77094ab4cefd138b8af3ea3a0e879f7733e208a0ae5578db8)
            t := add(mulmod(t, y, r), 0x2574972a6061c1ef8e6b03b866f8a4df8a6e10d51c882825bf4390112bdefbb2)
            wide := add(wide, mulmod(mload(0xe00), t, r))
            wide := add(wide, mulmod(calldataload(0x684), mload(0xf00), r))
            wide := add(wide, mulmod(mload(0xfc0), mload(0xf20), r))
            wide := addmod(wide, mulmod(calldataload(0x6e4), mload(0xf40), r), r)
            wide := add(wide, mulmod(mload(0xfe0), mload(0xf60), r))
            wide := add(wide, mulmod(calldataload(0x744), mload(0xf80), r))
            wide := add(wide, mulmod(mload(0x1000), mload(0xfa0), r))
            sum := add(mulmod(calldataload(0x5c4), 0x218796dd338868e7300732cf5d3925c74c1badd0a32d8b41b96e555ddfe27869, r), mulmod(mload(0xca0), 0x74019237db9fbc928e4fceaf52b9ffe45ead67eab8e238cb18878e6b20b8a6c, r))
            sum := mulmod(sum, y, r)
            sum := mulmod(sum, y, r)
            t := sub(r, calldataload(0x7a4))
            sum := add(mulmod(sum, y, r), t)
            t := add(mulmod(calldataload(0x7a4), 0x172f5e628cc26149dcc488004690cfa55faac52708481fffb3d4cfa3808b4051, r), mulmod(mload(0x1020), 0x251e7fdf99591080080b0af133b9e4369f22e57ace3cd7f64fc6fdbcf38d7da1, r))
            t := add(t, sub(r, calldataload(0x804)))
            sum := add(mulmod(sum, y, r), t)
            sum := addmod(sum, wide, r)
            // selected
            t := add(calldataload(0x924), calldataload(0x9c4))
            t := add(t, calldataload(0x904))
            t := add(t, calldataload(0x9a4))
            t := add(t, calldataload(0x8e4))
            t := addmod(t, calldataload(0x984), r)
            t := add(t, calldataload(0x8c4))
            t := add(t, calldataload(0xae4))
            t := add(t, calldataload(0x8a4))
            t := add(t, calldataload(0xac4))
            t := addmod(t, calldataload(0x884), r)
            t := add(t, calldataload(0xaa4))
            acc := add(mulmod(acc, mload(0xa60), r), mulmod(t, sum, r))

            // Gate "poseidon out of the partial rounds"
            // - w0 is full round 64 of the last partial ones above
            // - w1 is full round 64 of the last partial ones above
            // - w2 is full round 64 of the last partial ones above
            // - w3 is full round 64 of the last partial ones above
            // - w4 is full round 64 of the last partial ones above
            t := 0x218796dd338868e7300732cf5d3925c74c1badd0a32d8b41b96e555ddfe27869
            t := add(mulmod(t, y, r), 0x2c00d6f19ba9d811ab61885a7b7c0a914c725f1354055ed03bb58f447e49908c)
            t := add(mulmod(t, y, r), 0x22ed2ea51f262e63438030476594768a56ddfba3a1bbf258f8401c4b57ebb5cd)
            t := add(mulmod(t, y, r), 0xddc5d939b00e1761d690ff18fdf1effe198d306b104e67acfa93fc09b523620)
            t := add(mulmod(t, y, r), 0x5711a778ac7a6c11a262e783871949fd457f8c346bc856ed66ef72d533d46bb)
            wide := mulmod(calldataload(0x6c4), t, r)
            t := 0x2503f642cfcb5f06e1a18c68efca3c0672ed26edfc7e6e77513ba7a4c660ab53
            t := add(mulmod(t, y, r), 0x192bbd666b8961a67df87c19c48e94407d35ec010e1ca2e75f33a1ce967a4300)
            t := add(mulmod(t, y, r), 0x21a6d6eb76c31b44880c23259e5f754a34b5d1001bddc577dead9dd6193d36b2)
            t := add(mulmod(t, y, r), 0x1594b5722c857cf63ad49e88fb93c0685295c10f79065c177b343ed6193e51ce)
            t := add(mulmod(t, y, r), 0x226c26c0ce93ec28bd93588e8bbada13a1661e5ab6f270f221387c78ccc23507)
            wide := add(wide, mulmod(calldataload(0x724), t, r))
            t := 0x2c01b6282fad3d37bdc72033b4d8da10494ac283ec74d5e63d72dbe06b4037c6
            t := add(mulmod(t, y, r), 0xf7967e168b485c284699f7e83f415b6c46bcfc5b38e23d24f818ea11498dc55)
            t := add(mulmod(t, y, r), 0x19f7d0c7bc9d2d124d5652cb8c9ca4a302a1e60ae605d6e16930bc5cfefaeed8)
            t := add(mulmod(t, y, r), 0xcd2690fe22e87766e8d038bdfec70e6c4d9fa6f056ab6667334dbdaba934967)
            t := add(mulmod(t, y, r), 0x11efc65359d2d8613c0c58bb757500d94842001635885927e165d706c8d38090)
            wide := add(wide, mulmod(calldataload(0x784), t, r))
            t := 0x172f5e628cc26149dcc488004690cfa55faac52708481fffb3d4cfa3808b4051
            t := add(mulmod(t, y, r), 0xad81cd1f069e7a99ef97532689654a0b670b7d4d4ab71391dfe3d6261108242)
            t := add(mulmod(t, y, r), 0x27a604e0fb1c40c8a109d5a57b3435ff994e3b18c49865b1905fa3b588342ec6)
            t := add(mulmod(t, y, r), 0x1ce8d6dd00e1f2067a6d516b974d8d9662977d0340ae5d97490719858d9a4bae)
            t := add(mulmod(t, y, r), 0x2fb9034dd9f60482ea84e230b6ea2caa0357c168af6221481cda83bf9d5ab25c)
            wide := add(wide, mulmod(calldataload(0x7e4), t, r))
            t := 0x74019237db9fbc928e4fceaf52b9ffe45ead67eab8e238cb18878e6b20b8a6c
            t := add(mulmod(t, y, r), 0x66248cc37056592fad7553c25d1903d31eaf399811611591f59e9428c6796b9)
            t := add(mulmod(t, y, r), 0x1b72fcc764c66935dd4fc32b3a5dfe7763e9cd4ec157be5a2d3006f11983824e)
            t := add(mulmod(t, y, r), 0x11558876b14007d6d99e5f83f17c51cf257d85bdaba0b435922cd598f15645fe)
            t := add(mulmod(t, y, r), 0x253d184c28cfde79628f1d98bd614b00ab255913d20ac8acc5dc5f97ff511686)
            wide := add(wide, mulmod(mload(0xbc0), t, r))
            t := 0x14f6ab2c6caef74572f821bb82c4bda12a302be5aeb91ad1562b97b09db427d8
            t := add(mulmod(t, y, r), 0x25eb304fbdc6590b9c0f06fc441cbb9d0a6a2dc20b2d9fd1c9dea5097994ddc7)
            t := add(mulmod(t, y, r), 0x138ebb16a09dc4788152b058d41a6fdb7231ac51e6c20e2ba7f8fc23789f5042)
            t := add(mulmod(t, y, r), 0x29058797bf16eb2375473bffc54ef99074f2f15e727b23b6d668a9b646e06168)
            t := add(mulmod(t, y, r), 0x1c4f7cb82fdca0b54cfed1cdd0114d8aa225a325df2e74b644468702483551b5)
            wide := addmod(wide, mulmod(mload(0xbe0), t, r), r)
            t := 0x207da9637379529f714ecb391b8679e0e706aa377007317ef46da24e8f9124e
            t := add(mulmod(t, y, r), 0x10cc3645e0f573abf47d72b894c31a0f01bce7e16555296b08f923424583f659)
            t := add(mulmod(t, y, r), 0xe328cd973dcabaac60acff004c19db7b2aaade89107d1d5d1db703d2549fe4a)
            t := add(mulmod(t, y, r), 0x13498fd3636a82ceeb6869d5d1fa62ad4928db9ac7d73dfea4546aacf3086796)
            t := add(mulmod(t, y, r), 0x1fabf2cc05d502898a9706ae99c4b772c42c684e75af4da80ce4edacb74f45e0)
            wide := add(wide, mulmod(mload(0xc00), t, r))
            t := 0xd1ecfc6e6ec39c56d953ff80bbbe31b5710aa74969d92b87beaf53de7935be3
            t := add(mulmod(t, y, r), 0x1a2f28c9e56eb1392cc3f6a29307706ac002f81359e2026a614c23beeae57e93)
            t := add(mulmod(t, y, r), 0x17161a779cbdc8ceaa1209127a3d8a309d18a76a64023c13996de2aafa752748)
            t := add(mulmod(t, y, r), 0x1ab99ce7efb579c583bee34969455809ec5682c34fd70283a563f2dd56931837)
            t := add(mulmod(t, y, r), 0xcbf2889c094e867ae6d5543601d653f108e25d99b0c274c94dd13f5c4601b6b)
            wide := add(wide, mulmod(mload(0xc20), t, r))
            wide := add(wide, mulmod(mload(0xc40), mload(0xb20), r))
            sum := add(sub(r, calldataload(0x564)), 0x2aff29b8c1d4c95ade305b96cb2a08f9e8e2e2cf5a30804c9c39a222522ee12e)
            t := add(sub(r, calldataload(0x5c4)), 0x2dd86161b0ecacfdd4d2fcc354df886e056a2823d508e4614f067c357916d01c)
            sum := add(mulmod(sum, y, r), t)
            t := add(sub(r, calldataload(0x5e4)), 0x2b38e4bb337bd6ba9b1b98f36bc1f2377133529f78e4539b15aa009cb62a0ad1)
            sum := add(mulmod(sum, y, r), t)
            t := add(sub(r, calldataload(0x604)), 0x13bfa548bf80167be3bfa17009ee5f38ec74dbfa37580ba8da3c6a9c7cb7881f)
            sum := add(mulmod(sum, y, r), t)
            t := add(sub(r, calldataload(0x624)), 0x72d368e2ab021905a6f18f68c277d0182e6d12a197a53977d6ce2a5702f326c)
            sum := add(mulmod(sum, y, r), t)
            sum := addmod(sum, wide, r)
            // selected
            t := mload(0xd40)
            acc := add(mulmod(acc, mload(0xa60), r), mulmod(t, sum, r))

            // Gate "poseidon output"
            // - w1 is lane 0 of the state that leaves
            sum := add(mulmod(mload(0xbc0), 0x251e7fdf99591080080b0af133b9e4369f22e57ace3cd7f64fc6fdbcf38d7da1, r), mulmod(mload(0xbe0), 0x25fb50b65acf4fb047cbd3b1c17d97c7fe26ea9ca238d6e348550486e91c7765, r))
            sum := add(sum, mulmod(mload(0xc00), 0x293d617d7da72102355f39ebf62f91b06deb5325f367a4556ea1e31ed5767833, r))
            sum := add(sum, mulmod(mload(0xc20), 0x104d0295ab00c85e960111ac25da474366599e575a9b7edf6145f14ba6d3c1c4, r))
            sum := add(sum, mulmod(mload(0xc40), 0xaaa35e2c84baf117dea3e336cd96a39792b3813954fe9bf3ed5b90f2f69c977, r))
            sum := addmod(sum, sub(r, calldataload(0x5c4)), r)
            // selected
            t := add(calldataload(0x824), calldataload(0xa24))
            acc := add(mulmod(acc, y, r), mulmod(t, sum, r))

            // Gate "poseidon carry"
            // - w5 repeats the interrupted row
            // - w6 repeats the interrupted row
            // - w7 repeats the interrupted row
            // - w8 repeats the interrupted row
            // - w9 repeats the interrupted row
            sum := add(calldataload(0x684), sub(r, calldataload(0x644)))
            t := add(calldataload(0x6e4), sub(r, calldataload(0x6a4)))
            sum := add(mulmod(sum, y, r), t)
            t := add(calldataload(0x744), sub(r, calldataload(0x704)))
            sum := add(mulmod(sum, y, r), t)
            t := add(calldataload(0x7a4), sub(r, calldataload(0x764)))
            sum := add(mulmod(sum, y, r), t)
            t := add(calldataload(0x804), sub(r, calldataload(0x7c4)))
            sum := add(mulmod(sum, y, r), t)
            // selected
            t := add(calldataload(0xb04), calldataload(0xa44))
            acc := add(mulmod(acc, mload(0xa60), r), mulmod(t, sum, r))

            // Gate "T1 leaf inputs"
            // - w1 is a
            // - w2 is b
            // - w4 is 0
            // - the next slot has the same tag
            sum := add(calldataload(0x5c4), sub(r, calldataload(0x524)))
            t := add(calldataload(0x5e4), sub(r, calldataload(0x544)))
            sum := add(mulmod(sum, y, r), t)
            t := calldataload(0x624)
            sum := add(mulmod(sum, y, r), t)
            t := add(calldataload(0x564), sub(r, calldataload(0x584)))
            sum := add(mulmod(sum, y, r), t)
            // selected
            t := calldataload(0x964)
            acc := add(mulmod(acc, mload(0xa40), r), mulmod(t, sum, r))

            // Gate "T2 node inputs"
            // - w0 is the node tag
            sum := add(calldataload(0x564), 0x30644e72e131a029b85045b6818157fbb7c378d6055001231573862f8ad189d0)
            // selected
            t := calldataload(0xa04)
            acc := add(mulmod(acc, y, r), mulmod(t, sum, r))

            // Gate "public inputs"
            // - w0 is the public tag, or 0
            // - w1 above is the public root, or 0
            sum := add(calldataload(0x564), sub(r, mload(0x3e0)))
            t := add(calldataload(0x5a4), sub(r, mload(0x3c0)))
            sum := add(mulmod(sum, y, r), t)
            // selected
            t := calldataload(0xb24)
            acc := add(mulmod(acc, mload(0xa20), r), mulmod(t, sum, r))

            // Permutation: the first running product starts from 1
            acc := add(mulmod(acc, y, r), mulmod(mload(0x360), add(1, sub(r, calldataload(0xbe4))), r))
            // Permutation: the last running product ends in 0 or 1
            t := calldataload(0xbe4)
            acc := add(mulmod(acc, y, r), mulmod(mload(0x380), add(mulmod(t, t, r), sub(r, t)), r))
            // Permutation: running product 0 takes its columns' steps
            sum := calldataload(0xc04)
            sum := mulmod(sum, add(add(calldataload(0x5c4), mulmod(mload(0x80), calldataload(0xb64), r)), mload(0xa0)), r)
            sum := mulmod(sum, add(add(calldataload(0x5e4), mulmod(mload(0x80), calldataload(0xb84), r)), mload(0xa0)), r)
            sum := mulmod(sum, add(add(calldataload(0x604), mulmod(mload(0x80), calldataload(0xba4), r)), mload(0xa0)), r)
            sum := mulmod(sum, add(add(calldataload(0x624), mulmod(mload(0x80), calldataload(0xbc4), r)), mload(0xa0)), r)
            t := calldataload(0xbe4)
            s := mulmod(mload(0x80), mload(0xe0), r)
            t := mulmod(t, add(add(calldataload(0x5c4), s), mload(0xa0)), r)
            t := mulmod(t, add(add(calldataload(0x5e4), mulmod(s, 0x9226b6e22c6f0ca64ec26aad4c86e715b5f898e5e963f25870e56bbe533e9a2, r)), mload(0xa0)), r)
            t := mulmod(t, add(add(calldataload(0x604), mulmod(s, 0x13b360d4e82fe915fed16081038f98c211427b87a281bd733c277dbadf10372b, r)), mload(0xa0)), r)
            t := mulmod(t, add(add(calldataload(0x624), mulmod(s, 0x18afdf23e9bd9302673fc1e076a492d4d65bd18ebc4d854ed189139bab313e52, r)), mload(0xa0)), r)
            acc := add(mulmod(acc, y, r), mulmod(mload(0x3a0), add(sum, sub(r, t)), r))

            mstore(0x2e0, mulmod(acc, mload(0x480), r))
        }
    }

    /// Step 7: the claimed evaluations, interpolated at u and folded: within a set by zeta, over the sets by nu.
    function _evaluations() private pure {
        assembly ("memory-safe") {
            let r := R
            let zeta := mload(0x100)
            let nu := mload(0x120)
            let total := 0
            let sum := 0
            let t := 0
            mstore(0xa20, mulmod(mload(0x440), mload(0x440), r)) // x^-2
            mstore(0xa40, mulmod(mload(0xa20), mload(0xa20), r)) // x^-4
            mstore(0xa60, mulmod(mload(0xa20), mload(0x440), r)) // x^-3
            mstore(0xa80, mulmod(mload(0xa40), mload(0xa60), r)) // x^-7
            mstore(0xaa0, mulmod(mload(0xa80), mload(0xa60), r)) // x^-10

            // Set 8: x w^-16, x w^-15, x w^-4, x w^-3, x w^-2, x w^-1, x, x w
            mstore(0xac0, mulmod(mload(0x640), 0x270bb388a6439abea59680525057a66965af63acd7482b007bad1c83d8abd523, r))
            mstore(0xae0, mulmod(mload(0x680), 0x29a363ac8239f3d3ff30f6a2a87279d7b5310662870179892a55f02779cb1c4e, r))
            mstore(0xb00, mulmod(mload(0x880), 0x620980e881d8e34182c356ff666930531764aa7168bee1547fc25a00254ba9b, r))
            mstore(0xb20, mulmod(mload(0x8c0), 0x1336994e18fd2682091f959a5cce8fda3897e23a0263cd987742df8aa6bc3d59, r))
            mstore(0xb40, mulmod(mload(0x900), 0x20c8b9dd9b5d04f4665a573def7000acdf4c3ce99ca418dd52b41ed3aaf00b36, r))
            mstore(0xb60, mulmod(mload(0x940), 0xc4e725189ce1a7379263cd748d845150ec0afeafceb883ae90ff86759141729, r))
            mstore(0xb80, mulmod(mload(0x980), 0xce2040b2e039af166674dcf7775608aea4628931dd7ef242c5e2292f1a3d936, r))
            mstore(0xba0, mulmod(mload(0x9c0), 0x1d91c0ff67ff8304d545f2f60a487807438df4c9b844d1d142238aabced01b0a, r))
            // node continues
            sum := mulmod(calldataload(0xa24), mload(0xac0), r)
            sum := add(sum, mulmod(calldataload(0xa44), mload(0xae0), r))
            sum := add(sum, mulmod(calldataload(0xa64), mload(0xb00), r))
            sum := add(sum, mulmod(calldataload(0xa84), mload(0xb20), r))
            sum := addmod(sum, mulmod(calldataload(0xaa4), mload(0xb40), r), r)
            sum := add(sum, mulmod(calldataload(0xac4), mload(0xb60), r))
            sum := add(sum, mulmod(calldataload(0xae4), mload(0xb80), r))
            sum := add(sum, mulmod(calldataload(0xb04), mload(0xba0), r))
            total := mulmod(sum, mload(0xa80), r)

            // Set 7: x w^-4, x w^-3, x w^-2, x w^-1, x
            mstore(0xac0, mulmod(mload(0x880), 0xa5e950f835d30889b5a2fed35f8a25175473b35cf2260b50229b066de58a26f, r))
            mstore(0xae0, mulmod(mload(0x8c0), 0x24b03683f23809b5b5a8a6d8f774b6de002136cea33ba39fd68b2eafd88c3ff0, r))
            mstore(0xb00, mulmod(mload(0x900), 0x5617f4fccc97bd6c2d31464c09e45646fcfefec214247397eaa6def9e088cd8, r))
            mstore(0xb20, mulmod(mload(0x940), 0x3aa573a8e62a2a4367b5ca77d87702c5d40a8415a6edca6253f5d6ece4eb951, r))
            mstore(0xb40, mulmod(mload(0x980), 0x28adfac7f1a1e79a264f439a976fa1fa0deec65f0563b8ee0b2540b2bcc3d77a, r))
            // node starts
            sum := mulmod(calldataload(0x984), mload(0xac0), r)
            sum := add(sum, mulmod(calldataload(0x9a4), mload(0xae0), r))
            sum := add(sum, mulmod(calldataload(0x9c4), mload(0xb00), r))
            sum := add(sum, mulmod(calldataload(0x9e4), mload(0xb20), r))
            sum := addmod(sum, mulmod(calldataload(0xa04), mload(0xb40), r), r)
            total := add(mulmod(total, nu, r), mulmod(sum, mload(0xa40), r))

            // Set 6: x w^-10, x w^-9, x w^-8, x w^-7, x w^-6, x w^-5, x w^-4, x w^-3, x w^-2, x w^-1, x
            mstore(0xac0, mulmod(mload(0x700), 0x1f71c3aabe01ee7ecb20276cb6351ccda895de98e8cd5865b8b64a8fb032a106, r))
            mstore(0xae0, mulmod(mload(0x740), 0x12f8db39b4668e18f5b27cf45830286da1e8b2b13124d9b0b0aaa57b5b0dd33b, r))
            mstore(0xb00, mulmod(mload(0x780), 0x12bd67b055ef51b18fa68dfff9e77235bb96b56136aa9c12a784bb3d859dc4df, r))
            mstore(0xb20, mulmod(mload(0x7c0), 0x92a22ac259874dfd8ba66d678605d14e6ff932060f0fd93ccd4cc5a76561a6b, r))
            mstore(0xb40, mulmod(mload(0x800), 0x5fb4c6fa781a9422c9f96ca9d4bcbd28aa6dd701a6cc69c9f87ada530804f20, r))
            mstore(0xb60, mulmod(mload(0x840), 0x34e1131a40d99d92f7ef8c35bcca7a40b49b0aedbca5148fdac03da82523dda, r))
            mstore(0xb80, mulmod(mload(0x880), 0x204688b014f4b6be8629bc73b4dfb3c91bb4db2fecd820db1f1a253ed8c974b5, r))
            mstore(0xba0, mulmod(mload(0x8c0), 0x6c3cea816961bc3829363f5909df2312a615c4fe55f5a77f789bc75d1eb596, r))
            mstore(0xbc0, mulmod(mload(0x900), 0x1e9a0ca8352a7613394d1f06736f090f11b2511ef94364935d932907fdeee328, r))
            mstore(0xbe0, mulmod(mload(0x940), 0x75a05b1d9292071a6a9ed362d55902d75be08c7dbb8a07e2f34f79f1db0dd65, r))
            mstore(0xc00, mulmod(mload(0x980), 0x234edaf4a6954b62bda4ef24dd91ad4f67feee5b7ef6c30e693ecb7fb47134a7, r))
            // leaf starts
            sum := mulmod(calldataload(0x824), mload(0xac0), r)
            sum := add(sum, mulmod(calldataload(0x844), mload(0xae0), r))
            sum := add(sum, mulmod(calldataload(0x864), mload(0xb00), r))
            sum := add(sum, mulmod(calldataload(0x884), mload(0xb20), r))
            sum := addmod(sum, mulmod(calldataload(0x8a4), mload(0xb40), r), r)
            sum := add(sum, mulmod(calldataload(0x8c4), mload(0xb60), r))
            sum := add(sum, mulmod(calldataload(0x8e4), mload(0xb80), r))
            sum := add(sum, mulmod(calldataload(0x904), mload(0xba0), r))
            sum := addmod(sum, mulmod(calldataload(0x924), mload(0xbc0), r), r)
            sum := add(sum, mulmod(calldataload(0x944), mload(0xbe0), r))
            sum := add(sum, mulmod(calldataload(0x964), mload(0xc00), r))
            total := add(mulmod(total, nu, r), mulmod(sum, mload(0xaa0), r))

            // Set 5: x, x w
            mstore(0xac0, mulmod(mload(0x980), 0xae40d87d78f5a107a23c7ed450224dee728428eeec3e903667f934df6c82c49, r))
            mstore(0xae0, mulmod(mload(0x9c0), 0x258040eb09a246193e2c7dc93c7f337e410ba5b98af5878ddd626245f937d3b8, r))
            // permutation: running product 0
            sum := mulmod(calldataload(0xbe4), mload(0xac0), r)
            sum := add(sum, mulmod(calldataload(0xc04), mload(0xae0), r))
            total := add(mulmod(total, nu, r), mulmod(sum, mload(0x440), r))

            // Set 4: x w^-11, x w^-1, x
            mstore(0xac0, mulmod(mload(0x6c0), 0x1413d3832d905e435e15d1541abaeeea96fc0942492862f8b864b9cfae9fedba, r))
            mstore(0xae0, mulmod(mload(0x940), 0x1c090f220dcc8fbe84487d952222c9a65d99cfcda7c7dcaab65b06c5e57b2f75, r))
            mstore(0xb00, mulmod(mload(0x980), 0x476bcda5d4b227d5f1f6cd44a39fcc339e0f3888c930edd52234fe5be4e2d2, r))
            // w9
            sum := mulmod(calldataload(0x7c4), mload(0xac0), r)
            sum := add(sum, mulmod(calldataload(0x7e4), mload(0xae0), r))
            sum := add(sum, mulmod(calldataload(0x804), mload(0xb00), r))
            // w8
            t := mulmod(calldataload(0x764), mload(0xac0), r)
            t := add(t, mulmod(calldataload(0x784), mload(0xae0), r))
            t := add(t, mulmod(calldataload(0x7a4), mload(0xb00), r))
            sum := add(mulmod(sum, zeta, r), t)
            // w7
            t := mulmod(calldataload(0x704), mload(0xac0), r)
            t := add(t, mulmod(calldataload(0x724), mload(0xae0), r))
            t := add(t, mulmod(calldataload(0x744), mload(0xb00), r))
            sum := add(mulmod(sum, zeta, r), t)
            // w6
            t := mulmod(calldataload(0x6a4), mload(0xac0), r)
            t := add(t, mulmod(calldataload(0x6c4), mload(0xae0), r))
            t := add(t, mulmod(calldataload(0x6e4), mload(0xb00), r))
            sum := add(mulmod(sum, zeta, r), t)
            // w5
            t := mulmod(calldataload(0x644), mload(0xac0), r)
            t := add(t, mulmod(calldataload(0x664), mload(0xae0), r))
            t := add(t, mulmod(calldataload(0x684), mload(0xb00), r))
            sum := add(mulmod(sum, zeta, r), t)
            total := add(mulmod(total, nu, r), mulmod(sum, mload(0xa20), r))

            // Set 3: x
            sum := calldataload(0xb44) // random polynomial
            sum := add(mulmod(sum, zeta, r), mload(0x2e0)) // quotient
            sum := add(mulmod(sum, zeta, r), calldataload(0xbc4)) // sigma of w4
            sum := add(mulmod(sum, zeta, r), calldataload(0xba4)) // sigma of w3
            sum := add(mulmod(sum, zeta, r), calldataload(0xb84)) // sigma of w2
            sum := add(mulmod(sum, zeta, r), calldataload(0xb64)) // sigma of w1
            sum := add(mulmod(sum, zeta, r), calldataload(0xb24)) // public
            sum := add(mulmod(sum, zeta, r), calldataload(0x624)) // w4
            sum := add(mulmod(sum, zeta, r), calldataload(0x604)) // w3
            sum := add(mulmod(sum, zeta, r), calldataload(0x5e4)) // w2
            total := add(mulmod(total, nu, r), mulmod(sum, mload(0x980), r))

            // Set 2: x w^-1, x
            mstore(0xac0, mulmod(mload(0x940), 0xae40d87d78f5a107a23c7ed450224dee728428eeec3e903667f934df6c82c48, r))
            mstore(0xae0, mulmod(mload(0x980), 0x258040eb09a246193e2c7dc93c7f337e410ba5b98af5878ddd626245f937d3b9, r))
            // w1
            sum := mulmod(calldataload(0x5a4), mload(0xac0), r)
            sum := add(sum, mulmod(calldataload(0x5c4), mload(0xae0), r))
            total := add(mulmod(total, nu, r), mulmod(sum, mload(0x440), r))

            // Set 1: x, x w^16
            mstore(0xac0, mulmod(mload(0x980), 0x298c9a27909ff94e7ab3a0494cc1b5c5293e4ebac9e8e3d294e8f83936f25b04, r))
            mstore(0xae0, mulmod(mload(0xa00), 0x6d7b44b5091a6db3d9ca56d34bfa297fef5998dafd08cbeaef8fd5ab90da4fd, r))
            // w0
            sum := mulmod(calldataload(0x564), mload(0xac0), r)
            sum := add(sum, mulmod(calldataload(0x584), mload(0xae0), r))
            total := add(mulmod(total, nu, r), mulmod(sum, mload(0x440), r))

            // Set 0: x w^-1
            sum := calldataload(0x544) // B
            sum := add(mulmod(sum, zeta, r), calldataload(0x524)) // A
            total := add(mulmod(total, nu, r), mulmod(sum, mload(0x940), r))

            mstore(0x300, sub(r, mulmod(total, mload(0x340), r)))
        }
    }

    /// Step 8: F - Z_0(u) W + u W', one multiplication and one addition a commitment. The first commitment's factor is
    /// 1: everything is divided by it.
    function _commitments() private view {
        assembly ("memory-safe") {
            let r := R
            let zeta := mload(0x100)
            let nu := 1
            let s := 1
            let ok := 1

            // Set 0: x w^-1
            calldatacopy(0x160, 0x64, 0x40) // A
            s := zeta
            calldatacopy(0x1a0, 0xa4, 0x40) // B
            mstore(0x1e0, s)
            ok := and(ok, staticcall(GAS_ECMUL, 0x07, 0x1a0, 0x60, 0x1a0, 0x40))
            ok := and(ok, staticcall(GAS_ECADD, 0x06, 0x160, 0x80, 0x160, 0x40))

            // Set 1: x, x w^16
            nu := mload(0x120)
            s := mulmod(nu, mload(0x340), r)
            s := mulmod(s, mload(0x980), r)
            s := mulmod(s, mload(0xa00), r)
            calldatacopy(0x1a0, 0xe4, 0x40) // w0
            mstore(0x1e0, s)
            ok := and(ok, staticcall(GAS_ECMUL, 0x07, 0x1a0, 0x60, 0x1a0, 0x40))
            ok := and(ok, staticcall(GAS_ECADD, 0x06, 0x160, 0x80, 0x160, 0x40))

            // Set 2: x w^-1, x
            nu := mulmod(nu, mload(0x120), r)
            s := mulmod(nu, mload(0x340), r)
            s := mulmod(s, mload(0x940), r)
            s := mulmod(s, mload(0x980), r)
            calldatacopy(0x1a0, 0x124, 0x40) // w1
            mstore(0x1e0, s)
            ok := and(ok, staticcall(GAS_ECMUL, 0x07, 0x1a0, 0x60, 0x1a0, 0x40))
            ok := and(ok, staticcall(GAS_ECADD, 0x06, 0x160, 0x80, 0x160, 0x40))

            // Set 3: x
            nu := mulmod(nu, mload(0x120), r)
            s := mulmod(nu, mload(0x340), r)
            s := mulmod(s, mload(0x980), r)
            calldatacopy(0x1a0, 0x164, 0x40) // w2
            mstore(0x1e0, s)
            ok := and(ok, staticcall(GAS_ECMUL, 0x07, 0x1a0, 0x60, 0x1a0, 0x40))
            ok := and(ok, staticcall(GAS_ECADD, 0x06, 0x160, 0x80, 0x160, 0x40))
            s := mulmod(s, zeta, r)
            calldatacopy(0x1a0, 0x1a4, 0x40) // w3
            mstore(0x1e0, s)
            ok := and(ok, staticcall(GAS_ECMUL, 0x07, 0x1a0, 0x60, 0x1a0, 0x40))
            ok := and(ok, staticcall(GAS_ECADD, 0x06, 0x160, 0x80, 0x160, 0x40))
            s := mulmod(s, zeta, r)
            calldatacopy(0x1a0, 0x1e4, 0x40) // w4
            mstore(0x1e0, s)
            ok := and(ok, staticcall(GAS_ECMUL, 0x07, 0x1a0, 0x60, 0x1a0, 0x40))
            ok := and(ok, staticcall(GAS_ECADD, 0x06, 0x160, 0x80, 0x160, 0x40))
            s := mulmod(s, zeta, r)
            mstore(0x1a0, 0x24723999acc098a867f8cd768798e85c30be429e06b29fa79a6c1dc9839549a7) // public
            mstore(0x1c0, 0x1274151d25e595bcab29fe4e86632afead6eb6b39424737b3d103d571604110c)
            mstore(0x1e0, s)
            ok := and(ok, staticcall(GAS_ECMUL, 0x07, 0x1a0, 0x60, 0x1a0, 0x40))
            ok := and(ok, staticcall(GAS_ECADD, 0x06, 0x160, 0x80, 0x160, 0x40))
            s := mulmod(s, zeta, r)
            mstore(0x1a0, 0x262bd369fe9b9d5050cac49d3ae82174b0a94c641301632c21e87fbc06f3ca5e) // sigma of w1
            mstore(0x1c0, 0x2e61001d9481fb14a230baf6f3db40975bb1253b5ba7bff99a614511601be10a)
            mstore(0x1e0, s)
            ok := and(ok, staticcall(GAS_ECMUL, 0x07, 0x1a0, 0x60, 0x1a0, 0x40))
            ok := and(ok, staticcall(GAS_ECADD, 0x06, 0x160, 0x80, 0x160, 0x40))
            s := mulmod(s, zeta, r)
            mstore(0x1a0, 0x130592308e5d82559ee97d9836e44feefa404e08d9521e603bb26ac6a46c8183) // sigma of w2
            mstore(0x1c0, 0x1dfc9170381c1e695c21430101b972335ea0b92b55383b27589b135075d79a3b)
            mstore(0x1e0, s)
            ok := and(ok, staticcall(GAS_ECMUL, 0x07, 0x1a0, 0x60, 0x1a0, 0x40))
            ok := and(ok, staticcall(GAS_ECADD, 0x06, 0x160, 0x80, 0x160, 0x40))
            s := mulmod(s, zeta, r)
            mstore(0x1a0, 0x2ba7047715bab37babf65a722477028ff4174c90e94a3422ce9b0ecc59cfa107) // sigma of w3
            mstore(0x1c0, 0x25ad970ef9effdd160e4455a5141232a29be6222b85b19284238edbe04dfe1d4)
            mstore(0x1e0, s)
            ok := and(ok, staticcall(GAS_ECMUL, 0x07, 0x1a0, 0x60, 0x1a0, 0x40))
            ok := and(ok, staticcall(GAS_ECADD, 0x06, 0x160, 0x80, 0x160, 0x40))
            s := mulmod(s, zeta, r)
            mstore(0x1a0, 0x01161e4f4d0cbc04ee69d2df905729f81eae3ae8c88f44edb117232ff8d9342e) // sigma of w4
            mstore(0x1c0, 0x2767b9b84d19ad03f41e9b9d9b7946ec15e612abc04b74fdcb4cffe4e6b2f80a)
            mstore(0x1e0, s)
            ok := and(ok, staticcall(GAS_ECMUL, 0x07, 0x1a0, 0x60, 0x1a0, 0x40))
            ok := and(ok, staticcall(GAS_ECADD, 0x06, 0x160, 0x80, 0x160, 0x40))
            s := mulmod(s, zeta, r)
            let h := s
            calldatacopy(0x1a0, 0x3e4, 0x40) // quotient: piece 0
            mstore(0x1e0, h)
            ok := and(ok, staticcall(GAS_ECMUL, 0x07, 0x1a0, 0x60, 0x1a0, 0x40))
            ok := and(ok, staticcall(GAS_ECADD, 0x06, 0x160, 0x80, 0x160, 0x40))
            h := mulmod(h, mload(0x320), r) // times x^n
            calldatacopy(0x1a0, 0x424, 0x40) // quotient: piece 1
            mstore(0x1e0, h)
            ok := and(ok, staticcall(GAS_ECMUL, 0x07, 0x1a0, 0x60, 0x1a0, 0x40))
            ok := and(ok, staticcall(GAS_ECADD, 0x06, 0x160, 0x80, 0x160, 0x40))
            h := mulmod(h, mload(0x320), r) // times x^n
            calldatacopy(0x1a0, 0x464, 0x40) // quotient: piece 2
            mstore(0x1e0, h)
            ok := and(ok, staticcall(GAS_ECMUL, 0x07, 0x1a0, 0x60, 0x1a0, 0x40))
            ok := and(ok, staticcall(GAS_ECADD, 0x06, 0x160, 0x80, 0x160, 0x40))
            h := mulmod(h, mload(0x320), r) // times x^n
            calldatacopy(0x1a0, 0x4a4, 0x40) // quotient: piece 3
            mstore(0x1e0, h)
            ok := and(ok, staticcall(GAS_ECMUL, 0x07, 0x1a0, 0x60, 0x1a0, 0x40))
            ok := and(ok, staticcall(GAS_ECADD, 0x06, 0x160, 0x80, 0x160, 0x40))
            h := mulmod(h, mload(0x320), r) // times x^n
            calldatacopy(0x1a0, 0x4e4, 0x40) // quotient: piece 4
            mstore(0x1e0, h)
            ok := and(ok, staticcall(GAS_ECMUL, 0x07, 0x1a0, 0x60, 0x1a0, 0x40))
            ok := and(ok, staticcall(GAS_ECADD, 0x06, 0x160, 0x80, 0x160, 0x40))
            s := mulmod(s, zeta, r)
            calldatacopy(0x1a0, 0x3a4, 0x40) // random polynomial
            mstore(0x1e0, s)
            ok := and(ok, staticcall(GAS_ECMUL, 0x07, 0x1a0, 0x60, 0x1a0, 0x40))
            ok := and(ok, staticcall(GAS_ECADD, 0x06, 0x160, 0x80, 0x160, 0x40))

            // Set 4: x w^-11, x w^-1, x
            nu := mulmod(nu, mload(0x120), r)
            s := mulmod(nu, mload(0x340), r)
            s := mulmod(s, mload(0x6c0), r)
            s := mulmod(s, mload(0x940), r)
            s := mulmod(s, mload(0x980), r)
            calldatacopy(0x1a0, 0x224, 0x40) // w5
            mstore(0x1e0, s)
            ok := and(ok, staticcall(GAS_ECMUL, 0x07, 0x1a0, 0x60, 0x1a0, 0x40))
            ok := and(ok, staticcall(GAS_ECADD, 0x06, 0x160, 0x80, 0x160, 0x40))
            s := mulmod(s, zeta, r)
            calldatacopy(0x1a0, 0x264, 0x40) // w6
            mstore(0x1e0, s)
            ok := and(ok, staticcall(GAS_ECMUL, 0x07, 0x1a0, 0x60, 0x1a0, 0x40))
            ok := and(ok, staticcall(GAS_ECADD, 0x06, 0x160, 0x80, 0x160, 0x40))
            s := mulmod(s, zeta, r)
            calldatacopy(0x1a0, 0x2a4, 0x40) // w7
            mstore(0x1e0, s)
            ok := and(ok, staticcall(GAS_ECMUL, 0x07, 0x1a0, 0x60, 0x1a0, 0x40))
            ok := and(ok, staticcall(GAS_ECADD, 0x06, 0x160, 0x80, 0x160, 0x40))
            s := mulmod(s, zeta, r)
            calldatacopy(0x1a0, 0x2e4, 0x40) // w8
            mstore(0x1e0, s)
            ok := and(ok, staticcall(GAS_ECMUL, 0x07, 0x1a0, 0x60, 0x1a0, 0x40))
            ok := and(ok, staticcall(GAS_ECADD, 0x06, 0x160, 0x80, 0x160, 0x40))
            s := mulmod(s, zeta, r)
            calldatacopy(0x1a0, 0x324, 0x40) // w9
            mstore(0x1e0, s)
            ok := and(ok, staticcall(GAS_ECMUL, 0x07, 0x1a0, 0x60, 0x1a0, 0x40))
            ok := and(ok, staticcall(GAS_ECADD, 0x06, 0x160, 0x80, 0x160, 0x40))

            // Set 5: x, x w
            nu := mulmod(nu, mload(0x120), r)
            s := mulmod(nu, mload(0x340), r)
            s := mulmod(s, mload(0x980), r)
            s := mulmod(s, mload(0x9c0), r)
            calldatacopy(0x1a0, 0x364, 0x40) // permutation: running product 0
            mstore(0x1e0, s)
            ok := and(ok, staticcall(GAS_ECMUL, 0x07, 0x1a0, 0x60, 0x1a0, 0x40))
            ok := and(ok, staticcall(GAS_ECADD, 0x06, 0x160, 0x80, 0x160, 0x40))

            // Set 6: x w^-10, x w^-9, x w^-8, x w^-7, x w^-6, x w^-5, x w^-4, x w^-3, x w^-2, x w^-1, x
            nu := mulmod(nu, mload(0x120), r)
            s := mulmod(nu, mload(0x340), r)
            s := mulmod(s, mload(0x700), r)
            s := mulmod(s, mload(0x740), r)
            s := mulmod(s, mload(0x780), r)
            s := mulmod(s, mload(0x7c0), r)
            s := mulmod(s, mload(0x800), r)
            s := mulmod(s, mload(0x840), r)
            s := mulmod(s, mload(0x880), r)
            s := mulmod(s, mload(0x8c0), r)
            s := mulmod(s, mload(0x900), r)
            s := mulmod(s, mload(0x940), r)
            s := mulmod(s, mload(0x980), r)
            mstore(0x1a0, 0x2a150a43e12a7bfe8deeafc67d5b26d903ab0fc8ddf1de51064395c8bc48a9ae) // leaf starts
            mstore(0x1c0, 0x19811b9c30c9e08a514e4c0ebf6fa34fb8d30ac1a87b970f60d2411e837df1cf)
            mstore(0x1e0, s)
            ok := and(ok, staticcall(GAS_ECMUL, 0x07, 0x1a0, 0x60, 0x1a0, 0x40))
            ok := and(ok, staticcall(GAS_ECADD, 0x06, 0x160, 0x80, 0x160, 0x40))

            // Set 7: x w^-4, x w^-3, x w^-2, x w^-1, x
            nu := mulmod(nu, mload(0x120), r)
            s := mulmod(nu, mload(0x340), r)
            s := mulmod(s, mload(0x880), r)
            s := mulmod(s, mload(0x8c0), r)
            s := mulmod(s, mload(0x900), r)
            s := mulmod(s, mload(0x940), r)
            s := mulmod(s, mload(0x980), r)
            mstore(0x1a0, 0x0bd89d206937d775c34f97368fd75a5cf0e94e67e7af129bef738f4b04263154) // node starts
            mstore(0x1c0, 0x2e810f63f3fed6018a98ae25ae39c4ed8d958705d263c89eb294734d76831f11)
            mstore(0x1e0, s)
            ok := and(ok, staticcall(GAS_ECMUL, 0x07, 0x1a0, 0x60, 0x1a0, 0x40))
            ok := and(ok, staticcall(GAS_ECADD, 0x06, 0x160, 0x80, 0x160, 0x40))

            // Set 8: x w^-16, x w^-15, x w^-4, x w^-3, x w^-2, x w^-1, x, x w
            nu := mulmod(nu, mload(0x120), r)
            s := mulmod(nu, mload(0x340), r)
            s := mulmod(s, mload(0x640), r)
            s := mulmod(s, mload(0x680), r)
            s := mulmod(s, mload(0x880), r)
            s := mulmod(s, mload(0x8c0), r)
            s := mulmod(s, mload(0x900), r)
            s := mulmod(s, mload(0x940), r)
            s := mulmod(s, mload(0x980), r)
            s := mulmod(s, mload(0x9c0), r)
            mstore(0x1a0, 0x24c2a742b733d6ed405c5e6882a67912a7a5441f9ada316d380944233d651bc5) // node continues
            mstore(0x1c0, 0x2332a1a24c9fcf6d2e46d2122f75350ff8aa2853d85da149c0298f98903b7dfd)
            mstore(0x1e0, s)
            ok := and(ok, staticcall(GAS_ECMUL, 0x07, 0x1a0, 0x60, 0x1a0, 0x40))
            ok := and(ok, staticcall(GAS_ECADD, 0x06, 0x160, 0x80, 0x160, 0x40))

            // The claimed evaluations, times the generator (1, 2)
            mstore(0x1a0, 1)
            mstore(0x1c0, 2)
            mstore(0x1e0, mload(0x300))
            ok := and(ok, staticcall(GAS_ECMUL, 0x07, 0x1a0, 0x60, 0x1a0, 0x40))
            ok := and(ok, staticcall(GAS_ECADD, 0x06, 0x160, 0x80, 0x160, 0x40))
            calldatacopy(0x1a0, 0xc24, 0x40) // W
            mstore(0x1e0, sub(r, mload(0x340)))
            ok := and(ok, staticcall(GAS_ECMUL, 0x07, 0x1a0, 0x60, 0x1a0, 0x40))
            ok := and(ok, staticcall(GAS_ECADD, 0x06, 0x160, 0x80, 0x160, 0x40))
            calldatacopy(0x1a0, 0xc64, 0x40) // W'
            mstore(0x1e0, mload(0x140))
            ok := and(ok, staticcall(GAS_ECMUL, 0x07, 0x1a0, 0x60, 0x1a0, 0x40))
            ok := and(ok, staticcall(GAS_ECADD, 0x06, 0x160, 0x80, 0x160, 0x40))
            if iszero(ok) { mstore(0x00, 0x84e81692) revert(0x1c, 0x04) } // PrecompileFailed()
        }
    }

    /// Step 9: e(F - Z_0(u) W + u W', g2) e(W', -[tau]2) = 1.
    function _pairing() private view {
        assembly ("memory-safe") {
            let r := R
            mstore(0x1a0, 0x198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2)
            mstore(0x1c0, 0x1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed)
            mstore(0x1e0, 0x090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b)
            mstore(0x200, 0x12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa)
            calldatacopy(0x220, 0xc64, 0x40) // W'
            mstore(0x260, 0x172aa93c41f16e1e04d62ac976a5d945f4be0acab990c6dc19ac4a7cf68bf77b)
            mstore(0x280, 0x2ae0c8c3a090f7200ff398ee9845bbae8f8c1445ae7b632212775f60a0e21600)
            mstore(0x2a0, 0x190fa476a5b352809ed41d7a0d7fe12b8f685e3c12a6d83855dba27aaf469643)
            mstore(0x2c0, 0x1c0a500618907df9e4273d5181e31088deb1f05132de037cbfe73888f97f77c9)
            // Where there is no precompile nothing is written, and 0 is refused.
            mstore(0x00, 0)
            let ok := staticcall(GAS_PAIRING, 0x08, 0x160, 0x180, 0x00, 0x20)
            if iszero(ok) { mstore(0x00, 0x84e81692) revert(0x1c, 0x04) } // PrecompileFailed()
            if iszero(eq(mload(0x00), 1)) { mstore(0x00, 0x7fcdd1f4) revert(0x1c, 0x04) } // ProofInvalid()
        }
    }
}
