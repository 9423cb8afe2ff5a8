// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

// Generated. Do not edit: render it again.
// contracts/script/build_generated.sh
// Relation split/64, 2^10 rows.
// Circuit 537589c3e35f5c84467cd8538195d1914c0d7dec653a3f20dcbef9adb720f992
// Setup 2e8918a161d5ebc56a62c8b731c7b58609b668e23c7c9fc39ecfc320eabc7a23: challenge_0085
//
// The proof system is halo2 (PLONK with lookups) over BN254 with KZG commitments and SHPLONK openings; challenges
// come from Keccak-256. Where things stand in the calldata (w generates the rows' subgroup):
//
//   0x0064  Old
//   0x00a4  New
//   0x00e4  Score
//   0x0124  state
//   0x0164  limbs0
//   0x01a4  limbs1
//   0x01e4  limbs2
//   0x0224  lookup 0: permuted input
//   0x0264  lookup 0: permuted table
//   0x02a4  lookup 1: permuted input
//   0x02e4  lookup 1: permuted table
//   0x0324  lookup 2: permuted input
//   0x0364  lookup 2: permuted table
//   0x03a4  lookup 0: running product
//   0x03e4  lookup 1: running product
//   0x0424  lookup 2: running product
//   0x0464  random polynomial
//   0x04a4  quotient: piece 0
//   0x04e4  quotient: piece 1
//   0x0524  quotient: piece 2
//   0x0f84  opening: W
//   0x0fc4  opening: W'
//   0x0564  Old @ x
//   0x0584  New @ x
//   0x05a4  Score @ x
//   0x05c4  state @ x
//   0x05e4  state @ x w
//   0x0604  state @ x w^2
//   0x0624  state @ x w^3
//   0x0644  state @ x w^4
//   0x0664  state @ x w^16
//   0x0684  state @ x w^17
//   0x06a4  state @ x w^18
//   0x06c4  state @ x w^19
//   0x06e4  state @ x w^20
//   0x0704  limbs0 @ x
//   0x0724  limbs0 @ x w
//   0x0744  limbs0 @ x w^2
//   0x0764  limbs0 @ x w^3
//   0x0784  limbs0 @ x w^4
//   0x07a4  limbs0 @ x w^5
//   0x07c4  limbs0 @ x w^6
//   0x07e4  limbs0 @ x w^7
//   0x0804  limbs0 @ x w^8
//   0x0824  limbs0 @ x w^9
//   0x0844  limbs0 @ x w^10
//   0x0864  limbs0 @ x w^11
//   0x0884  limbs0 @ x w^12
//   0x08a4  limbs0 @ x w^13
//   0x08c4  limbs0 @ x w^14
//   0x08e4  limbs0 @ x w^15
//   0x0904  limbs1 @ x
//   0x0924  limbs1 @ x w
//   0x0944  limbs1 @ x w^2
//   0x0964  limbs1 @ x w^3
//   0x0984  limbs1 @ x w^4
//   0x09a4  limbs1 @ x w^5
//   0x09c4  limbs1 @ x w^6
//   0x09e4  limbs1 @ x w^7
//   0x0a04  limbs1 @ x w^8
//   0x0a24  limbs1 @ x w^9
//   0x0a44  limbs1 @ x w^10
//   0x0a64  limbs1 @ x w^11
//   0x0a84  limbs1 @ x w^12
//   0x0aa4  limbs1 @ x w^13
//   0x0ac4  limbs1 @ x w^14
//   0x0ae4  limbs1 @ x w^15
//   0x0b04  limbs2 @ x
//   0x0b24  limbs2 @ x w
//   0x0b44  limbs2 @ x w^2
//   0x0b64  limbs2 @ x w^3
//   0x0b84  limbs2 @ x w^4
//   0x0ba4  limbs2 @ x w^5
//   0x0bc4  limbs2 @ x w^6
//   0x0be4  limbs2 @ x w^7
//   0x0c04  limbs2 @ x w^8
//   0x0c24  limbs2 @ x w^9
//   0x0c44  limbs2 @ x w^10
//   0x0c64  limbs2 @ x w^11
//   0x0c84  limbs2 @ x w^12
//   0x0ca4  limbs2 @ x w^13
//   0x0cc4  limbs2 @ x w^14
//   0x0ce4  limbs2 @ x w^15
//   0x0d04  range table @ x
//   0x0d24  account @ x
//   0x0d44  account @ x w^16
//   0x0d64  public @ x
//   0x0d84  random polynomial @ x
//   0x0da4  lookup 0: running product @ x
//   0x0dc4  lookup 0: running product @ 1
//   0x0de4  lookup 0: permuted input @ x
//   0x0e04  lookup 0: permuted input @ -1
//   0x0e24  lookup 0: permuted table @ x
//   0x0e44  lookup 1: running product @ x
//   0x0e64  lookup 1: running product @ 1
//   0x0e84  lookup 1: permuted input @ x
//   0x0ea4  lookup 1: permuted input @ -1
//   0x0ec4  lookup 1: permuted table @ x
//   0x0ee4  lookup 2: running product @ x
//   0x0f04  lookup 2: running product @ 1
//   0x0f24  lookup 2: permuted input @ x
//   0x0f44  lookup 2: permuted input @ -1
//   0x0f64  lookup 2: permuted table @ x

/// @title Verifies proofs of relation split/64
/// @notice Implements IProofVerifier: no storage, no owner, reverts on anything but a valid proof.
contract Split64Verifier {
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

    /// @notice Which relation: keccak256("apportion.relation.split.v1").
    function relation() external pure returns (bytes32) {
        return 0xb2f67b938c74e0421019db52513730487a210f12b47a1832d945554e0b377d5d;
    }

    /// @notice The tier m: segments of 4^m = 64 slots.
    function tier() external pure returns (uint256) {
        return 3;
    }

    /// @notice Digest of the circuit and its verifying key.
    function circuitDigest() external pure returns (bytes32) {
        return 0x537589c3e35f5c84467cd8538195d1914c0d7dec653a3f20dcbef9adb720f992;
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
        return 6;
    }

    /// @notice The number of linked columns: half the length of what `verify` returns.
    function numLinked() external pure returns (uint256) {
        return 3;
    }

    /// @notice The exact length of a proof in bytes.
    function proofLength() external pure returns (uint256) {
        return 4000;
    }

    /// @notice Checks a proof; reverts unless it is valid.
    /// @dev The parameters are unnamed: step 1 fixes where their words stand.
    /// First parameter: the proof, `proofLength()` bytes.
    /// Second parameter: the public inputs segment_score, segment_paid, pool, total_score, genesis, context.
    /// @return The linked columns' commitments, x and y of each: Old, New, Score.
    function verify(bytes calldata, uint256[] calldata) external view returns (uint256[] memory) {
        assembly ("memory-safe") {
            // The steps below work at fixed addresses, in memory that is allocated here. Were it not free, as under
            // a compiler pipeline that keeps variables there, nothing could be verified.
            if iszero(eq(mload(0x40), 0x80)) { revert(0x00, 0x00) }
            mstore(0x40, 0x11e0)
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
            mstore(0xa0, 6)
            calldatacopy(0xc0, 0x64, 0xc0)
            return(0x80, 0x100)
        }
    }

    /// Step 1: one encoding only. Every offset below relies on it: proof and inputs stand where the ABI's canonical
    /// encoding puts them, and nothing else does.
    function _checkShape() private pure {
        assembly ("memory-safe") {
            let r := R
            let ok := eq(calldatasize(), 0x10e4)
            ok := and(ok, eq(calldataload(0x4), 0x40)) // offset of the proof
            ok := and(ok, eq(calldataload(0x24), 0x1000)) // offset of the inputs
            ok := and(ok, eq(calldataload(0x44), 0xfa0)) // length of the proof
            ok := and(ok, eq(calldataload(0x1004), 0x6)) // number of inputs
            if iszero(ok) { mstore(0x00, 0x59170bf0) revert(0x1c, 0x04) } // MalformedCalldata()

            // Public inputs: x and x + r would be one statement.
            ok := 1
            ok := and(ok, lt(calldataload(0x1024), r)) // segment_score
            ok := and(ok, lt(calldataload(0x1044), r)) // segment_paid
            ok := and(ok, lt(calldataload(0x1064), r)) // pool
            ok := and(ok, lt(calldataload(0x1084), r)) // total_score
            ok := and(ok, lt(calldataload(0x10a4), r)) // genesis
            ok := and(ok, lt(calldataload(0x10c4), r)) // context
            if iszero(ok) { mstore(0x00, 0xc9bbb13c) revert(0x1c, 0x04) } // InputNotCanonical()

            // The proof's 81 scalars.
            for { let at := 0x564 } lt(at, 0xf64) { at := add(at, 0x100) } {
                ok := and(ok, lt(calldataload(at), r))
                ok := and(ok, lt(calldataload(add(at, 0x20)), r))
                ok := and(ok, lt(calldataload(add(at, 0x40)), r))
                ok := and(ok, lt(calldataload(add(at, 0x60)), r))
                ok := and(ok, lt(calldataload(add(at, 0x80)), r))
                ok := and(ok, lt(calldataload(add(at, 0xa0)), r))
                ok := and(ok, lt(calldataload(add(at, 0xc0)), r))
                ok := and(ok, lt(calldataload(add(at, 0xe0)), r))
            }
            ok := and(ok, lt(calldataload(0xf64), r))
            if iszero(ok) { mstore(0x00, 0xf311b72d) revert(0x1c, 0x04) } // ScalarNotCanonical()
        }
    }

    /// Step 2: every point of the proof is canonical and satisfies y^2 = x^3 + 3 before a precompile sees it: on bad
    /// points precompiles fail and burn what they were given. The identity, (0, 0), is not on the curve.
    function _checkPoints() private pure {
        assembly ("memory-safe") {
            let r := R
            let ok := 1
            for { let at := 0x64 } lt(at, 0x564) { at := add(at, 0x40) } {
                let x := calldataload(at)
                let y := calldataload(add(at, 0x20))
                let cube := mulmod(x, mulmod(x, x, P), P)
                ok := and(ok, and(lt(x, P), lt(y, P)))
                ok := and(ok, eq(mulmod(y, y, P), addmod(cube, 3, P)))
            }
            for { let at := 0xf84 } lt(at, 0x1004) { at := add(at, 0x40) } {
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
            mstore(0x160, 0x1b626e6995c71b0e0411423d8ff7a3ee222054c2f3fb5932437d31c6d54a1cfd)
            calldatacopy(0x180, 0x1024, 0xc0) // inputs
            calldatacopy(0x240, 0x64, 0xfa0) // proof

            // The verifying key, the public inputs and the advice commitments.
            let hash := keccak256(0x160, 0x2a0)
            // theta: no lookup has several columns, nothing uses it

            // lookup 0: permuted input .. lookup 2: permuted table
            mstore(0x3e0, hash)
            hash := keccak256(0x3e0, 0x1a0)
            mstore(0x80, mod(hash, r)) // beta

            mstore(0x00, hash)
            mstore8(0x20, 1)
            hash := keccak256(0x00, 0x21)
            mstore(0xa0, mod(hash, r)) // gamma

            // lookup 0: running product .. random polynomial
            mstore(0x560, hash)
            hash := keccak256(0x560, 0x120)
            mstore(0xc0, mod(hash, r)) // y

            // quotient: piece 0 .. quotient: piece 2
            mstore(0x660, hash)
            hash := keccak256(0x660, 0xe0)
            mstore(0xe0, mod(hash, r)) // x

            // Old @ x .. lookup 2: permuted table @ x
            mstore(0x720, hash)
            hash := keccak256(0x720, 0xa40)
            mstore(0x100, mod(hash, r)) // zeta

            mstore(0x00, hash)
            mstore8(0x20, 1)
            hash := keccak256(0x00, 0x21)
            mstore(0x120, mod(hash, r)) // nu

            // opening: W .. opening: W
            mstore(0x1140, hash)
            hash := keccak256(0x1140, 0x60)
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
            mstore(0x420, x)
            v := addmod(v, sub(r, 1), r)
            let product := x
            mstore(0x460, v)
            mstore(0x440, product)
            product := mulmod(product, v, r)

            // The blinding rows and the last row before them: sum of w^i / (x - w^i) as one fraction.
            v := addmod(mulmod(x, 0x1aeca87543ee1784bb8981c67dce477c7e91ea9ac7d703d11b0103a6f33a489d, r), 0x19d483e9cc8db56c5fbeb396a495d470c0966c7c3bee5c99a315a99eb468f9ee, r)
            v := addmod(mulmod(v, x, r), 0x2dad5f3655b35c174717f1330be7d17e4127c4754b0797b31a28fc17ddec9d30, r)
            v := addmod(mulmod(v, x, r), 0x24b03ed1b409e3ae2c54e0c6bea1aeb5c8338b2491b6306ec7095c7513dfb6a7, r)
            v := addmod(mulmod(v, x, r), 0x19afdde48633562be0eb49f7ec8240224b2b0348e82c76e6f165d811b5f47aaf, r)
            v := addmod(mulmod(v, x, r), 0x1bc881997b4fdfe2554c6339a711bc8f93a697cc5e22aeb29542e2017d668d2, r)
            v := addmod(mulmod(v, x, r), 0xa5929aec9927916b8c7af94d0e0e2b056cb0e1f555a315d149fdac0fe97bd8, r)
            v := addmod(mulmod(v, x, r), 0x1051e40ddb3d2823af8fb57bf47b661ae0a02defa3ee2f37786a8c92dff2a7ad, r)
            v := addmod(mulmod(v, x, r), 0x1ed25ea1c5b075d297540a35f349d61f2f517770ea03499dae62feaaae66bffc, r)
            v := addmod(mulmod(v, x, r), 0x220bdfd11b4072183338e6f42c55f1cdca7d39214b9777fb956d2d5dd3857486, r)
            v := addmod(mulmod(v, x, r), 0x9446725ada1c4d60019085f77328c65a7c77fa464dc985cfb04af935b8aab3b, r)
            v := addmod(mulmod(v, x, r), 0x26816c2f180d04324abf484d4f2dab07a327f7369d9b9da5e58417f8bb6a0786, r)
            v := addmod(mulmod(v, x, r), 0x284f299f9339c8bd3ce5aad702d75272dfc800b073dad347837ba05640b2fe63, r)
            v := addmod(mulmod(v, x, r), 0x1d21267a3275a8e022ebef0d54933e9f522b0a6675fd120a2632ba77d21d26ef, r)
            v := addmod(mulmod(v, x, r), 0x20e04b2a712828634806b383b92674874ccc5740bcff6d123a7466a4e45ec96d, r)
            v := addmod(mulmod(v, x, r), 0x1fc6ec2d31267bb44656f65de7fbef551d3275c8857cbb7998dd592168277ec, r)
            v := addmod(mulmod(v, x, r), 0x1efdcd1822b557efce5d5ca58ab714511ddd13ba084ade8a497fd25ff96dc224, r)
            v := addmod(mulmod(v, x, r), 0x2f7d79f649bee5bc04efc1ba5c461961aeed13cad94a00c1a0faa3ea1abb5ebc, r)
            v := addmod(mulmod(v, x, r), 0x76eaa02c61e9fd785a83da266936a7edfce957cfd2b186fa218f95d84a1b1dd, r)
            mstore(0x3e0, v)
            v := addmod(x, 0x1577a5fd9d4388a4fcc6c3f003b310e0a9a1fdadb1e26cc028e0f1ecfcc5b764, r)
            v := addmod(mulmod(v, x, r), 0x237a0c7dfaeac5738870ebeb2f366e24c7e8b20a5bc24244725720c495cb830a, r)
            v := addmod(mulmod(v, x, r), 0xe7a5142e7f6c0625bd718127332cf4f7aeb69bba3b484a0de853295b5bcb9b, r)
            v := addmod(mulmod(v, x, r), 0x1b1f2b21bbe2bf33bf26fc17317896986c1a0b6d36dd885141272111af081257, r)
            v := addmod(mulmod(v, x, r), 0x2b412211f98dc220f1bad084ebcdb1efe5f81ad37e7d58c97a00ca5d32024dde, r)
            v := addmod(mulmod(v, x, r), 0x1ff8c848522d95c6c9fcb81bbc98b6474698de9b85809939a65df15d46b19933, r)
            v := addmod(mulmod(v, x, r), 0x6d21ad5b53a5a5ee6651cf675350a9972aebec580a08b11a2a7fed7fb70ee4f, r)
            v := addmod(mulmod(v, x, r), 0x1c34748611575f159d4034e292616a76dd0c6b6f57962073db5fe7ea1a01ab0b, r)
            v := addmod(mulmod(v, x, r), 0x27971ec5eb1881469305206358156fa4acb34f6cc3f9cda87e4c13541749eaac, r)
            v := addmod(mulmod(v, x, r), 0x2cfcb8112b44c7f4199761d149df269560c0fc2b8bc3e491b4f0a43dc13f745a, r)
            v := addmod(mulmod(v, x, r), 0x2b266c7c4892c586d61827576ae55ad7154b9904657d4135c9ccfdd62ef364cd, r)
            v := addmod(mulmod(v, x, r), 0x4db440f38dc8502c3281aed4efc6b24391aa77231d1f04a62daa6ee9861d4b5, r)
            v := addmod(mulmod(v, x, r), 0x1aadca9ce1b7a1e3bb82317376dc927f429a67817d1283ca0bf7b22d04de89f9, r)
            v := addmod(mulmod(v, x, r), 0x1d0741f7fae0a40acf6be4e2165aeb3081b09494fcae47138456c768d46ba1cb, r)
            v := addmod(mulmod(v, x, r), 0x2e33385efbc88c675e2db13641f63f8756486affe497583ab773cc9a02e89d3e, r)
            v := addmod(mulmod(v, x, r), 0x242b73e9fbb411a395f5dd52833906568909bbc092c597b179509ad5d297d882, r)
            v := addmod(mulmod(v, x, r), 0x260770c6994b609bc7e24305082383cf79b454b845a35eabbb1bfa19d517a94a, r)
            v := addmod(mulmod(v, x, r), 0x81d8aa84a63fa626192bd9e3418d95662c579a147ddfc874d40bbb0504aec84, r)
            v := addmod(mulmod(v, x, r), 0x13fbfd22c02e3b063918f1b0162eb3cfb44e59ef843e568821863f5450992c89, r)
            mstore(0x4a0, v)
            mstore(0x480, product)
            product := mulmod(product, v, r)

            // x - w^i for the rows whose Lagrange polynomials are needed
            v := addmod(x, 0x1d993c83e1a25f3644389a55df348081fbda7e90a08c35a03095050fe4f44c0b, r)
            mstore(0x4e0, v)
            mstore(0x4c0, product)
            product := mulmod(product, v, r)
            v := addmod(x, 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000000, r)
            mstore(0x520, v)
            mstore(0x500, product)
            product := mulmod(product, v, r)
            v := addmod(x, 0x58b4c5410b55d7e9e58c9598eb5857e76fdfe156a9e5b1d86d91c00e63b4484, r)
            mstore(0x560, v)
            mstore(0x540, product)
            product := mulmod(product, v, r)
            v := addmod(x, 0x229142d808702cd45b2612b3e5b950b111d887205b291befd032759f0b037705, r)
            mstore(0x5a0, v)
            mstore(0x580, product)
            product := mulmod(product, v, r)
            v := addmod(x, 0xe010cbe93059977509128948915614a1276b0add258fb124dac0bd86b40ed83, r)
            mstore(0x5e0, v)
            mstore(0x5c0, product)
            product := mulmod(product, v, r)
            v := addmod(x, 0x200ba6358e95baa43644aeb7776d65814fcc8daa1be73d26dd4f297595ad9380, r)
            mstore(0x620, v)
            mstore(0x600, product)
            product := mulmod(product, v, r)
            v := addmod(x, 0xf0c44036852de24583ece2342e7569dac0295eb658156eef9ee45ff9de49469, r)
            mstore(0x660, v)
            mstore(0x640, product)
            product := mulmod(product, v, r)

            // u - x w^i for the points of the opening argument
            v := addmod(u, mulmod(x, 0x2580851320f595ca8a679cc2157d8b7d4846bc8eed1b25b092d6dfa64b1c4e1e, r), r)
            mstore(0x6a0, v)
            mstore(0x680, product)
            product := mulmod(product, v, r)
            v := addmod(u, sub(r, x), r)
            mstore(0x6e0, v)
            mstore(0x6c0, product)
            product := mulmod(product, v, r)
            v := addmod(u, mulmod(x, 0x58b4c5410b55d7e9e58c9598eb5857e76fdfe156a9e5b1d86d91c00e63b4484, r), r)
            mstore(0x720, v)
            mstore(0x700, product)
            product := mulmod(product, v, r)
            v := addmod(u, mulmod(x, 0x229142d808702cd45b2612b3e5b950b111d887205b291befd032759f0b037705, r), r)
            mstore(0x760, v)
            mstore(0x740, product)
            product := mulmod(product, v, r)
            v := addmod(u, mulmod(x, 0xe010cbe93059977509128948915614a1276b0add258fb124dac0bd86b40ed83, r), r)
            mstore(0x7a0, v)
            mstore(0x780, product)
            product := mulmod(product, v, r)
            v := addmod(u, mulmod(x, 0x200ba6358e95baa43644aeb7776d65814fcc8daa1be73d26dd4f297595ad9380, r), r)
            mstore(0x7e0, v)
            mstore(0x7c0, product)
            product := mulmod(product, v, r)
            v := addmod(u, mulmod(x, 0xf0c44036852de24583ece2342e7569dac0295eb658156eef9ee45ff9de49469, r), r)
            mstore(0x820, v)
            mstore(0x800, product)
            product := mulmod(product, v, r)
            v := addmod(u, mulmod(x, 0x204f0f768d4aae39489c686faacb07b24c46d5590e527ce5dcaba0d7745e3fd1, r), r)
            mstore(0x860, v)
            mstore(0x840, product)
            product := mulmod(product, v, r)
            v := addmod(u, mulmod(x, 0x1ef8e1c2ef9082d7ebcf4269f1d754cfa12fd9d076e644d36466be7e4c539da4, r), r)
            mstore(0x8a0, v)
            mstore(0x880, product)
            product := mulmod(product, v, r)
            v := addmod(u, mulmod(x, 0x8415ed5b41c43fe6e58a5a5d2954aaeea3a18507483a7c0b74360485bd19296, r), r)
            mstore(0x8e0, v)
            mstore(0x8c0, product)
            product := mulmod(product, v, r)
            v := addmod(u, mulmod(x, 0x20e50404a8f89a8ebd560913cea1f200a4c05cb00c99841d25c0c82ba4d4537a, r), r)
            mstore(0x920, v)
            mstore(0x900, product)
            product := mulmod(product, v, r)
            v := addmod(u, mulmod(x, 0xdee9ed3e047716fd4c3cf5223edc4a6aa637d55c84fb997cadf6387afbd1227, r), r)
            mstore(0x960, v)
            mstore(0x940, product)
            product := mulmod(product, v, r)
            v := addmod(u, mulmod(x, 0xb4fe3d98a51c809645dff87d710338ee633ee7757e5307413eb259ed7437590, r), r)
            mstore(0x9a0, v)
            mstore(0x980, product)
            product := mulmod(product, v, r)
            v := addmod(u, mulmod(x, 0x17ba3d960286ac5b32698832dff7ebac97613fa7e4e537bd5d8509aca02dbea8, r), r)
            mstore(0x9e0, v)
            mstore(0x9c0, product)
            product := mulmod(product, v, r)
            v := addmod(u, mulmod(x, 0x1e7289b0b7546f9b714a2bb7be7ae5ff5223f90086040a7720d8f131e3684b8, r), r)
            mstore(0xa20, v)
            mstore(0xa00, product)
            product := mulmod(product, v, r)
            v := addmod(u, mulmod(x, 0x52edbca98da6e519467d23580096cbbee33008377e65166adcbe0d23284a5af, r), r)
            mstore(0xa60, v)
            mstore(0xa40, product)
            product := mulmod(product, v, r)
            v := addmod(u, mulmod(x, 0x29109aec621b6e1720ba543eebe363bf92dc4a170820fb0aea011336c9d93bca, r), r)
            mstore(0xaa0, v)
            mstore(0xa80, product)
            product := mulmod(product, v, r)
            v := addmod(u, mulmod(x, 0x1418144d5b080fcac24cdb7649bdadf246a6cb2426e324bedb94fb05118f023a, r), r)
            mstore(0xae0, v)
            mstore(0xac0, product)
            product := mulmod(product, v, r)
            v := addmod(u, mulmod(x, 0x1bd6c4ca60e6768362bea59350315855d824eac51515353089210738742f7697, r), r)
            mstore(0xb20, v)
            mstore(0xb00, product)
            product := mulmod(product, v, r)
            v := addmod(u, mulmod(x, 0x300efbf6af024aae7b35780c0bf517bdf44d80069acf8f3982f9d419d44328f3, r), r)
            mstore(0xb60, v)
            mstore(0xb40, product)
            product := mulmod(product, v, r)
            v := addmod(u, mulmod(x, 0x78854bf1ccd09f1849eb15c4b54d3bd3801efe1d9909d09be70403b53aa6e18, r), r)
            mstore(0xba0, v)
            mstore(0xb80, product)
            product := mulmod(product, v, r)
            v := addmod(u, mulmod(x, 0x21202c4b5b0d12ebcba362d5201072df21088ba0f2ed7f30500c777d4bee4464, r), r)
            mstore(0xbe0, v)
            mstore(0xbc0, product)
            product := mulmod(product, v, r)

            // The vanishing polynomial of the first set of points, at u
            mstore(0x340, mload(0x6e0))

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
            product := mload(0xbe0)
            mstore(0xbe0, mulmod(v, mload(0xbc0), r))
            v := mulmod(v, product, r)
            product := mload(0xba0)
            mstore(0xba0, mulmod(v, mload(0xb80), r))
            v := mulmod(v, product, r)
            product := mload(0xb60)
            mstore(0xb60, mulmod(v, mload(0xb40), r))
            v := mulmod(v, product, r)
            product := mload(0xb20)
            mstore(0xb20, mulmod(v, mload(0xb00), r))
            v := mulmod(v, product, r)
            product := mload(0xae0)
            mstore(0xae0, mulmod(v, mload(0xac0), r))
            v := mulmod(v, product, r)
            product := mload(0xaa0)
            mstore(0xaa0, mulmod(v, mload(0xa80), r))
            v := mulmod(v, product, r)
            product := mload(0xa60)
            mstore(0xa60, mulmod(v, mload(0xa40), r))
            v := mulmod(v, product, r)
            product := mload(0xa20)
            mstore(0xa20, mulmod(v, mload(0xa00), r))
            v := mulmod(v, product, r)
            product := mload(0x9e0)
            mstore(0x9e0, mulmod(v, mload(0x9c0), r))
            v := mulmod(v, product, r)
            product := mload(0x9a0)
            mstore(0x9a0, mulmod(v, mload(0x980), r))
            v := mulmod(v, product, r)
            product := mload(0x960)
            mstore(0x960, mulmod(v, mload(0x940), r))
            v := mulmod(v, product, r)
            product := mload(0x920)
            mstore(0x920, mulmod(v, mload(0x900), r))
            v := mulmod(v, product, r)
            product := mload(0x8e0)
            mstore(0x8e0, mulmod(v, mload(0x8c0), r))
            v := mulmod(v, product, r)
            product := mload(0x8a0)
            mstore(0x8a0, mulmod(v, mload(0x880), r))
            v := mulmod(v, product, r)
            product := mload(0x860)
            mstore(0x860, mulmod(v, mload(0x840), r))
            v := mulmod(v, product, r)
            product := mload(0x820)
            mstore(0x820, mulmod(v, mload(0x800), r))
            v := mulmod(v, product, r)
            product := mload(0x7e0)
            mstore(0x7e0, mulmod(v, mload(0x7c0), r))
            v := mulmod(v, product, r)
            product := mload(0x7a0)
            mstore(0x7a0, mulmod(v, mload(0x780), r))
            v := mulmod(v, product, r)
            product := mload(0x760)
            mstore(0x760, mulmod(v, mload(0x740), r))
            v := mulmod(v, product, r)
            product := mload(0x720)
            mstore(0x720, mulmod(v, mload(0x700), r))
            v := mulmod(v, product, r)
            product := mload(0x6e0)
            mstore(0x6e0, mulmod(v, mload(0x6c0), r))
            v := mulmod(v, product, r)
            product := mload(0x6a0)
            mstore(0x6a0, mulmod(v, mload(0x680), r))
            v := mulmod(v, product, r)
            product := mload(0x660)
            mstore(0x660, mulmod(v, mload(0x640), r))
            v := mulmod(v, product, r)
            product := mload(0x620)
            mstore(0x620, mulmod(v, mload(0x600), r))
            v := mulmod(v, product, r)
            product := mload(0x5e0)
            mstore(0x5e0, mulmod(v, mload(0x5c0), r))
            v := mulmod(v, product, r)
            product := mload(0x5a0)
            mstore(0x5a0, mulmod(v, mload(0x580), r))
            v := mulmod(v, product, r)
            product := mload(0x560)
            mstore(0x560, mulmod(v, mload(0x540), r))
            v := mulmod(v, product, r)
            product := mload(0x520)
            mstore(0x520, mulmod(v, mload(0x500), r))
            v := mulmod(v, product, r)
            product := mload(0x4e0)
            mstore(0x4e0, mulmod(v, mload(0x4c0), r))
            v := mulmod(v, product, r)
            product := mload(0x4a0)
            mstore(0x4a0, mulmod(v, mload(0x480), r))
            v := mulmod(v, product, r)
            product := mload(0x460)
            mstore(0x460, mulmod(v, mload(0x440), r))
            v := mulmod(v, product, r)
            mstore(0x420, v)
        }
    }

    /// Step 5: Lagrange polynomials at x, l_i = w^i (x^n - 1) / (n (x - w^i)), and the public column's values, which
    /// the verifier computes itself.
    function _lagrange() private pure {
        assembly ("memory-safe") {
            let r := R
            let scale := mulmod(addmod(mload(0x320), sub(r, 1), r), 0x3058355f447953c1ade231a513e0f80710e9db4e679b02351f90fd168b040001, r)
            mstore(0x360, mulmod(scale, mload(0x520), r)) // l_first
            mstore(0x380, mulmod(scale, mulmod(mload(0x4e0), 0x12cb11eeff8f40f37417ab60a24cd7db2c5969b7d92d3af1134cf0840b0bb3f6, r), r)) // l_last, row -19
            mstore(0x3a0, addmod(1, sub(r, mulmod(scale, mulmod(mload(0x3e0), mload(0x4a0), r), r)), r)) // 1 - l_last - l_blind

            // the public column at x w^0
            let v := mulmod(calldataload(0x1024), mload(0x520), r) // segment_score
            v := add(v, mulmod(calldataload(0x1044), mulmod(mload(0x560), 0x2ad9021ed07c42ab19f77c5cf2cbd2deb135ea330f1b1573bd08d99309c4bb7d, r), r)) // segment_paid
            v := add(v, mulmod(calldataload(0x1064), mulmod(mload(0x5a0), 0xdd30b9ad8c173555d2a33029bc807ac165b61281e9054a173af7ff4e4fc88fc, r), r)) // pool
            v := add(v, mulmod(calldataload(0x1084), mulmod(mload(0x5e0), 0x226341b44e2c06b267bf1d21f86bf71315bd379aa760757ef635e9bb84bf127e, r), r)) // total_score
            v := add(v, mulmod(calldataload(0x10a4), mulmod(mload(0x620), 0x1058a83d529be585820b96ff0a13f2dbd8675a9e5dd2336a6692cc1e5a526c81, r), r)) // genesis
            v := addmod(v, mulmod(calldataload(0x10c4), mulmod(mload(0x660), 0x21580a6f78dec205601177933e9a01bf7c31525d143819a249f3af94521b6b98, r), r), r) // context
            mstore(0x3c0, mulmod(scale, v, r))
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
            t := mulmod(t, y, r)
            mstore(0xc00, t) // y^3
            t := mulmod(t, y, r)
            t := mulmod(t, y, r)
            t := mulmod(t, y, r)
            t := mulmod(t, y, r)
            mstore(0xc20, t) // y^7

            // Gate "account"
            // - S1: genesis starts from 0
            // - S2: the score is its limbs
            // - S3, S4: the balance grows by the payout's limbs
            // - S3: pool * score = payout * total + remainder
            // - S3: the remainder is below the total
            // - S5: scores are summed
            // - S6: payouts are summed
            t := add(calldataload(0x9a4), mulmod(calldataload(0x9c4), 0x304, r))
            t := add(t, mulmod(calldataload(0x9e4), 0x91810, r))
            t := add(t, mulmod(calldataload(0xa04), 0x1b6c9040, r))
            t := add(t, mulmod(calldataload(0xa24), 0x52b3630100, r))
            t := addmod(t, mulmod(calldataload(0xa44), 0xf964f68f0400, r), r)
            t := add(t, mulmod(calldataload(0xa64), 0x2f0147787481000, r))
            t := add(t, mulmod(calldataload(0xa84), 0x8dbfdb873f5504000, r))
            t := add(t, mulmod(calldataload(0xaa4), 0x1ab769203dafc6010000, r))
            t := add(t, mulmod(calldataload(0xac4), 0x509119053a06111b040000, r))
            t := addmod(t, mulmod(calldataload(0xae4), 0xf2f58f73c2fa4b9578100000, r), r)
            t := add(t, mulmod(calldataload(0xb04), 0x2dcac849917facbeebe10400000, r))
            t := add(t, mulmod(calldataload(0xb24), 0x8a1783fddac504efbf52901000000, r))
            t := addmod(t, mulmod(calldataload(0xb44), 0x1a06eea0987ba22e2fcf4fa704000000, r), r)
            mstore(0xc40, t)
            t := add(calldataload(0xb64), mulmod(calldataload(0xb84), 0x304, r))
            t := add(t, mulmod(calldataload(0xba4), 0x91810, r))
            t := add(t, mulmod(calldataload(0xbc4), 0x1b6c9040, r))
            t := add(t, mulmod(calldataload(0xbe4), 0x52b3630100, r))
            t := addmod(t, mulmod(calldataload(0xc04), 0xf964f68f0400, r), r)
            t := add(t, mulmod(calldataload(0xc24), 0x2f0147787481000, r))
            t := add(t, mulmod(calldataload(0xc44), 0x8dbfdb873f5504000, r))
            t := add(t, mulmod(calldataload(0xc64), 0x1ab769203dafc6010000, r))
            t := add(t, mulmod(calldataload(0xc84), 0x509119053a06111b040000, r))
            t := addmod(t, mulmod(calldataload(0xca4), 0xf2f58f73c2fa4b9578100000, r), r)
            t := add(t, mulmod(calldataload(0xcc4), 0x2dcac849917facbeebe10400000, r))
            t := addmod(t, mulmod(calldataload(0xce4), 0x8a1783fddac504efbf52901000000, r), r)
            mstore(0xc60, t)
            sum := mulmod(calldataload(0x644), calldataload(0x564), r)
            t := add(calldataload(0x704), mulmod(calldataload(0x724), 0x304, r))
            t := add(t, mulmod(calldataload(0x744), 0x91810, r))
            t := add(t, mulmod(calldataload(0x764), 0x1b6c9040, r))
            t := add(t, mulmod(calldataload(0x784), 0x52b3630100, r))
            t := addmod(t, mulmod(calldataload(0x7a4), 0xf964f68f0400, r), r)
            t := add(t, mulmod(calldataload(0x7c4), 0x54069d3aed5000, r))
            t := add(t, sub(r, calldataload(0x5a4)))
            sum := add(mulmod(sum, y, r), t)
            t := add(calldataload(0x7e4), mulmod(calldataload(0x804), 0x304, r))
            t := add(t, mulmod(calldataload(0x824), 0x91810, r))
            t := add(t, mulmod(calldataload(0x844), 0x1b6c9040, r))
            t := add(t, mulmod(calldataload(0x864), 0x52b3630100, r))
            t := addmod(t, mulmod(calldataload(0x884), 0xf964f68f0400, r), r)
            t := add(t, mulmod(calldataload(0x8a4), 0x2f0147787481000, r))
            t := add(t, mulmod(calldataload(0x8c4), 0x8dbfdb873f5504000, r))
            t := add(t, mulmod(calldataload(0x8e4), 0x1ab769203dafc6010000, r))
            t := add(t, mulmod(calldataload(0x904), 0x509119053a06111b040000, r))
            t := addmod(t, mulmod(calldataload(0x924), 0xf2f58f73c2fa4b9578100000, r), r)
            t := add(t, mulmod(calldataload(0x944), 0x2dcac849917facbeebe10400000, r))
            t := add(t, mulmod(calldataload(0x964), 0x8a1783fddac504efbf52901000000, r))
            t := add(t, mulmod(calldataload(0x984), 0x4c5bff20ac7f9fa649c67454000000, r))
            t := add(t, sub(r, calldataload(0x584)))
            t := addmod(t, calldataload(0x564), r)
            sum := add(mulmod(sum, y, r), t)
            t := add(mulmod(calldataload(0x604), calldataload(0x5a4), r), sub(r, mulmod(add(calldataload(0x584), sub(r, calldataload(0x564))), calldataload(0x624), r)))
            t := add(t, sub(r, mload(0xc40)))
            sum := add(mulmod(sum, y, r), t)
            t := add(sub(r, mload(0xc40)), calldataload(0x624))
            t := add(t, sub(r, mload(0xc60)))
            t := add(t, 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000000)
            sum := add(mulmod(sum, y, r), t)
            t := add(sub(r, calldataload(0x5a4)), calldataload(0x5c4))
            t := add(t, sub(r, calldataload(0x664)))
            sum := add(mulmod(sum, y, r), t)
            t := add(sub(r, calldataload(0x584)), calldataload(0x564))
            t := add(t, calldataload(0x5e4))
            t := add(t, sub(r, calldataload(0x684)))
            sum := add(mulmod(sum, y, r), t)
            // selected
            t := calldataload(0xd24)
            acc := mulmod(t, sum, r)

            // Gate "constants"
            // - the next slot has the same pool
            // - the next slot has the same total_score
            // - the next slot has the same genesis
            sum := add(calldataload(0x604), sub(r, calldataload(0x6a4)))
            t := add(calldataload(0x624), sub(r, calldataload(0x6c4)))
            sum := add(mulmod(sum, y, r), t)
            t := add(calldataload(0x644), sub(r, calldataload(0x6e4)))
            sum := add(mulmod(sum, y, r), t)
            // selected
            t := mulmod(calldataload(0xd24), calldataload(0xd44), r)
            acc := add(mulmod(acc, mload(0xc00), r), mulmod(t, sum, r))

            // Gate "public inputs"
            // - state is the public input, or 0
            sum := add(calldataload(0x5c4), sub(r, mload(0x3c0)))
            // selected
            t := calldataload(0xd64)
            acc := add(mulmod(acc, y, r), mulmod(t, sum, r))

            // Lookup "limbs0 is in the range table": the running product starts from 1
            s := calldataload(0x704)
            t := calldataload(0xda4)
            acc := add(mulmod(acc, y, r), mulmod(mload(0x360), add(1, sub(r, t)), r))
            // ends in 0 or 1
            acc := add(mulmod(acc, y, r), mulmod(mload(0x380), add(mulmod(t, t, r), sub(r, t)), r))
            // takes each row's step
            s := mulmod(add(s, mload(0x80)), add(calldataload(0xd04), mload(0xa0)), r)
            sum := mulmod(add(calldataload(0xde4), mload(0x80)), add(calldataload(0xe24), mload(0xa0)), r)
            acc := add(mulmod(acc, y, r), mulmod(mload(0x3a0), add(mulmod(calldataload(0xdc4), sum, r), sub(r, mulmod(t, s, r))), r))
            // the permuted input starts with a value of the table
            t := calldataload(0xde4)
            s := add(t, sub(r, calldataload(0xe24)))
            acc := add(mulmod(acc, y, r), mulmod(mload(0x360), s, r))
            // and repeats the value above or takes the table's
            acc := add(mulmod(acc, y, r), mulmod(mload(0x3a0), mulmod(s, add(t, sub(r, calldataload(0xe04))), r), r))

            // Lookup "limbs1 is in the range table": the running product starts from 1
            s := calldataload(0x904)
            t := calldataload(0xe44)
            acc := add(mulmod(acc, y, r), mulmod(mload(0x360), add(1, sub(r, t)), r))
            // ends in 0 or 1
            acc := add(mulmod(acc, y, r), mulmod(mload(0x380), add(mulmod(t, t, r), sub(r, t)), r))
            // takes each row's step
            s := mulmod(add(s, mload(0x80)), add(calldataload(0xd04), mload(0xa0)), r)
            sum := mulmod(add(calldataload(0xe84), mload(0x80)), add(calldataload(0xec4), mload(0xa0)), r)
            acc := add(mulmod(acc, y, r), mulmod(mload(0x3a0), add(mulmod(calldataload(0xe64), sum, r), sub(r, mulmod(t, s, r))), r))
            // the permuted input starts with a value of the table
            t := calldataload(0xe84)
            s := add(t, sub(r, calldataload(0xec4)))
            acc := add(mulmod(acc, y, r), mulmod(mload(0x360), s, r))
            // and repeats the value above or takes the table's
            acc := add(mulmod(acc, y, r), mulmod(mload(0x3a0), mulmod(s, add(t, sub(r, calldataload(0xea4))), r), r))

            // Lookup "limbs2 is in the range table": the running product starts from 1
            s := calldataload(0xb04)
            t := calldataload(0xee4)
            acc := add(mulmod(acc, y, r), mulmod(mload(0x360), add(1, sub(r, t)), r))
            // ends in 0 or 1
            acc := add(mulmod(acc, y, r), mulmod(mload(0x380), add(mulmod(t, t, r), sub(r, t)), r))
            // takes each row's step
            s := mulmod(add(s, mload(0x80)), add(calldataload(0xd04), mload(0xa0)), r)
            sum := mulmod(add(calldataload(0xf24), mload(0x80)), add(calldataload(0xf64), mload(0xa0)), r)
            acc := add(mulmod(acc, y, r), mulmod(mload(0x3a0), add(mulmod(calldataload(0xf04), sum, r), sub(r, mulmod(t, s, r))), r))
            // the permuted input starts with a value of the table
            t := calldataload(0xf24)
            s := add(t, sub(r, calldataload(0xf64)))
            acc := add(mulmod(acc, y, r), mulmod(mload(0x360), s, r))
            // and repeats the value above or takes the table's
            acc := add(mulmod(acc, y, r), mulmod(mload(0x3a0), mulmod(s, add(t, sub(r, calldataload(0xf44))), r), r))

            mstore(0x2e0, mulmod(acc, mload(0x460), r))
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
            mstore(0xc00, mulmod(mload(0x420), mload(0x420), r)) // x^-2
            mstore(0xc20, mulmod(mload(0xc00), mload(0x420), r)) // x^-3
            mstore(0xc40, mulmod(mload(0xc20), mload(0xc00), r)) // x^-5
            mstore(0xc60, mulmod(mload(0xc20), mload(0x420), r)) // x^-4
            mstore(0xc80, mulmod(mload(0xc40), mload(0xc60), r)) // x^-9
            mstore(0xca0, mulmod(mload(0xc40), mload(0xc20), r)) // x^-8
            mstore(0xcc0, mulmod(mload(0xc40), mload(0xc00), r)) // x^-7
            mstore(0xce0, mulmod(mload(0xca0), mload(0xcc0), r)) // x^-15

            // Set 5: x, x w^16
            mstore(0xd00, mulmod(mload(0x6e0), 0x298c9a27909ff94e7ab3a0494cc1b5c5293e4ebac9e8e3d294e8f83936f25b04, r))
            mstore(0xd20, mulmod(mload(0xae0), 0x6d7b44b5091a6db3d9ca56d34bfa297fef5998dafd08cbeaef8fd5ab90da4fd, r))
            // account
            sum := mulmod(calldataload(0xd24), mload(0xd00), r)
            sum := add(sum, mulmod(calldataload(0xd44), mload(0xd20), r))
            total := mulmod(sum, mload(0x420), r)

            // Set 4: x w^-1, x
            mstore(0xd00, mulmod(mload(0x6a0), 0xae40d87d78f5a107a23c7ed450224dee728428eeec3e903667f934df6c82c48, r))
            mstore(0xd20, mulmod(mload(0x6e0), 0x258040eb09a246193e2c7dc93c7f337e410ba5b98af5878ddd626245f937d3b9, r))
            // lookup 2: permuted input
            sum := mulmod(calldataload(0xf44), mload(0xd00), r)
            sum := add(sum, mulmod(calldataload(0xf24), mload(0xd20), r))
            // lookup 1: permuted input
            t := mulmod(calldataload(0xea4), mload(0xd00), r)
            t := add(t, mulmod(calldataload(0xe84), mload(0xd20), r))
            sum := add(mulmod(sum, zeta, r), t)
            // lookup 0: permuted input
            t := mulmod(calldataload(0xe04), mload(0xd00), r)
            t := add(t, mulmod(calldataload(0xde4), mload(0xd20), r))
            sum := add(mulmod(sum, zeta, r), t)
            total := add(mulmod(total, nu, r), mulmod(sum, mload(0x420), r))

            // Set 3: x, x w
            mstore(0xd00, mulmod(mload(0x6e0), 0xae40d87d78f5a107a23c7ed450224dee728428eeec3e903667f934df6c82c49, r))
            mstore(0xd20, mulmod(mload(0x720), 0x258040eb09a246193e2c7dc93c7f337e410ba5b98af5878ddd626245f937d3b8, r))
            // lookup 2: running product
            sum := mulmod(calldataload(0xee4), mload(0xd00), r)
            sum := add(sum, mulmod(calldataload(0xf04), mload(0xd20), r))
            // lookup 1: running product
            t := mulmod(calldataload(0xe44), mload(0xd00), r)
            t := add(t, mulmod(calldataload(0xe64), mload(0xd20), r))
            sum := add(mulmod(sum, zeta, r), t)
            // lookup 0: running product
            t := mulmod(calldataload(0xda4), mload(0xd00), r)
            t := add(t, mulmod(calldataload(0xdc4), mload(0xd20), r))
            sum := add(mulmod(sum, zeta, r), t)
            total := add(mulmod(total, nu, r), mulmod(sum, mload(0x420), r))

            // Set 2: x, x w, x w^2, x w^3, x w^4, x w^5, x w^6, x w^7, x w^8, x w^9, x w^10, x w^11, x w^12, x w^13, x w^14, x w^15
            mstore(0xd00, mulmod(mload(0x6e0), 0x2a51dc309f5182e01fe0dc6c3b409e0b26d7c67c440f0cfee790df939dd7422a, r))
            mstore(0xd20, mulmod(mload(0x720), 0x94f0b9d3307b9475314d0e5445de47527ec2a3fbd7a3da3c003c85932ec9d72, r))
            mstore(0xd40, mulmod(mload(0x760), 0x8caf22383dcc7d0f387ef5b9b750f1c408175a032bb76032feca45b314cab85, r))
            mstore(0xd60, mulmod(mload(0x7a0), 0x8436a9e8e514ed3bf0d5473b76d74435b1cd25f2dd0abf3dc0f293f8839e2db, r))
            mstore(0xd80, mulmod(mload(0x7e0), 0x1c547632ceea19ba0431b9858e385a05883b6a546805b3849d1ba373f6eb1976, r))
            mstore(0xda0, mulmod(mload(0x820), 0x536b08635bd04c90a3a53144418ee9ff2791a3855adb54b9e6639758d145e35, r))
            mstore(0xdc0, mulmod(mload(0x860), 0x2376e652168ca529512e8ad4a2d8ba806cc71ee0ad0311e162e7d86dc7703d79, r))
            mstore(0xde0, mulmod(mload(0x8a0), 0x1f29b46b30fadf671b9a2100e2ac1d171f60aa8cef7363a30352c70c9a37727d, r))
            mstore(0xe00, mulmod(mload(0x8e0), 0x1692143672e895f658f11c0cdd0d7f287c281fc08c94ba7505b17f3f24076a5c, r))
            mstore(0xe20, mulmod(mload(0x920), 0x2fe5dbee24cc800567853e3c79b8c00eb43db54d50483dc957278b84afeadc77, r))
            mstore(0xe40, mulmod(mload(0x960), 0x258f9ede8573df41b5168a47211c8f637e69555e4b3e83ca46d03d594a3f5da1, r))
            mstore(0xe60, mulmod(mload(0x9a0), 0x72c9cd4b27ae54cb652072ace7d3fa2156d85170e5cf64a8f9734a6394e05e9, r))
            mstore(0xe80, mulmod(mload(0x9e0), 0x1111e285f5bdbd0f7c0f517ae45c91899876c4a1eaddc9f7ae65ed21373dd4b8, r))
            mstore(0xea0, mulmod(mload(0xa20), 0x16680ce653f1cb94d56e75420ed3a1936d31e25211ac534a5ab2b5e9b09155db, r))
            mstore(0xec0, mulmod(mload(0xa60), 0x3bada966a07ac2f62820d244d495148126e7f766d589e9d9a32c34476d0a744, r))
            mstore(0xee0, mulmod(mload(0xaa0), 0xb7a2943744a5be689937ed0d958b1cd4bd8fd57f7779ad7af54e20d69eeee36, r))
            // limbs2
            sum := mulmod(calldataload(0xb04), mload(0xd00), r)
            sum := add(sum, mulmod(calldataload(0xb24), mload(0xd20), r))
            sum := add(sum, mulmod(calldataload(0xb44), mload(0xd40), r))
            sum := add(sum, mulmod(calldataload(0xb64), mload(0xd60), r))
            sum := addmod(sum, mulmod(calldataload(0xb84), mload(0xd80), r), r)
            sum := add(sum, mulmod(calldataload(0xba4), mload(0xda0), r))
            sum := add(sum, mulmod(calldataload(0xbc4), mload(0xdc0), r))
            sum := add(sum, mulmod(calldataload(0xbe4), mload(0xde0), r))
            sum := addmod(sum, mulmod(calldataload(0xc04), mload(0xe00), r), r)
            sum := add(sum, mulmod(calldataload(0xc24), mload(0xe20), r))
            sum := add(sum, mulmod(calldataload(0xc44), mload(0xe40), r))
            sum := add(sum, mulmod(calldataload(0xc64), mload(0xe60), r))
            sum := addmod(sum, mulmod(calldataload(0xc84), mload(0xe80), r), r)
            sum := add(sum, mulmod(calldataload(0xca4), mload(0xea0), r))
            sum := add(sum, mulmod(calldataload(0xcc4), mload(0xec0), r))
            sum := add(sum, mulmod(calldataload(0xce4), mload(0xee0), r))
            // limbs1
            t := mulmod(calldataload(0x904), mload(0xd00), r)
            t := add(t, mulmod(calldataload(0x924), mload(0xd20), r))
            t := add(t, mulmod(calldataload(0x944), mload(0xd40), r))
            t := add(t, mulmod(calldataload(0x964), mload(0xd60), r))
            t := addmod(t, mulmod(calldataload(0x984), mload(0xd80), r), r)
            t := add(t, mulmod(calldataload(0x9a4), mload(0xda0), r))
            t := add(t, mulmod(calldataload(0x9c4), mload(0xdc0), r))
            t := add(t, mulmod(calldataload(0x9e4), mload(0xde0), r))
            t := addmod(t, mulmod(calldataload(0xa04), mload(0xe00), r), r)
            t := add(t, mulmod(calldataload(0xa24), mload(0xe20), r))
            t := add(t, mulmod(calldataload(0xa44), mload(0xe40), r))
            t := add(t, mulmod(calldataload(0xa64), mload(0xe60), r))
            t := addmod(t, mulmod(calldataload(0xa84), mload(0xe80), r), r)
            t := add(t, mulmod(calldataload(0xaa4), mload(0xea0), r))
            t := add(t, mulmod(calldataload(0xac4), mload(0xec0), r))
            t := add(t, mulmod(calldataload(0xae4), mload(0xee0), r))
            sum := add(mulmod(sum, zeta, r), t)
            // limbs0
            t := mulmod(calldataload(0x704), mload(0xd00), r)
            t := add(t, mulmod(calldataload(0x724), mload(0xd20), r))
            t := add(t, mulmod(calldataload(0x744), mload(0xd40), r))
            t := add(t, mulmod(calldataload(0x764), mload(0xd60), r))
            t := addmod(t, mulmod(calldataload(0x784), mload(0xd80), r), r)
            t := add(t, mulmod(calldataload(0x7a4), mload(0xda0), r))
            t := add(t, mulmod(calldataload(0x7c4), mload(0xdc0), r))
            t := add(t, mulmod(calldataload(0x7e4), mload(0xde0), r))
            t := addmod(t, mulmod(calldataload(0x804), mload(0xe00), r), r)
            t := add(t, mulmod(calldataload(0x824), mload(0xe20), r))
            t := add(t, mulmod(calldataload(0x844), mload(0xe40), r))
            t := add(t, mulmod(calldataload(0x864), mload(0xe60), r))
            t := addmod(t, mulmod(calldataload(0x884), mload(0xe80), r), r)
            t := add(t, mulmod(calldataload(0x8a4), mload(0xea0), r))
            t := add(t, mulmod(calldataload(0x8c4), mload(0xec0), r))
            t := add(t, mulmod(calldataload(0x8e4), mload(0xee0), r))
            sum := add(mulmod(sum, zeta, r), t)
            total := add(mulmod(total, nu, r), mulmod(sum, mload(0xce0), r))

            // Set 1: x, x w, x w^2, x w^3, x w^4, x w^16, x w^17, x w^18, x w^19, x w^20
            mstore(0xd00, mulmod(mload(0x6e0), 0x4982b7452fe03afff22a0536d4dbe5d338d2c167058b96bdbaef03fcf098dea, r))
            mstore(0xd20, mulmod(mload(0x720), 0xe1108d6274255becec4e2342a1aee934753b5d0751a69b58f3992e4605ffc87, r))
            mstore(0xd40, mulmod(mload(0x760), 0x1833d2dd992a0d0239f54164dace4c4831cfa42941a8ea77871dafe5acf4cb59, r))
            mstore(0xd60, mulmod(mload(0x7a0), 0x2c2af83d54195758a8c144a2a433ed9c6e5acf741c42047f569b69179e82dc82, r))
            mstore(0xd80, mulmod(mload(0x7e0), 0x1df3573a3aed247a38011fa770158e5ab65b4008cdaaa8323ad62c8b1093c97, r))
            mstore(0xda0, mulmod(mload(0xae0), 0x1296f6bfb1ffb9b21924fa80d5002ae826d540003cb9642c73aa06e8ba8e9d80, r))
            mstore(0xdc0, mulmod(mload(0xb20), 0x1b979f2953893d1105d984ee185e12cfefd736106a12a5cc27242678b80c7821, r))
            mstore(0xde0, mulmod(mload(0xb60), 0x18e0e10cc7816aa39fa263f371521f526428582e7b696917b2d5f187f8ccb905, r))
            mstore(0xe00, mulmod(mload(0xba0), 0x17aa6f36953eb089c2d7e3dea1a1cb4331462bf7454976cd2eaff12c0fbaed28, r))
            mstore(0xe20, mulmod(mload(0xbe0), 0x9f01ec6174adea50baa350f7846f96c2e439d66af2e1bcc26e4c75018f2d553, r))
            // state
            sum := mulmod(calldataload(0x5c4), mload(0xd00), r)
            sum := add(sum, mulmod(calldataload(0x5e4), mload(0xd20), r))
            sum := add(sum, mulmod(calldataload(0x604), mload(0xd40), r))
            sum := add(sum, mulmod(calldataload(0x624), mload(0xd60), r))
            sum := addmod(sum, mulmod(calldataload(0x644), mload(0xd80), r), r)
            sum := add(sum, mulmod(calldataload(0x664), mload(0xda0), r))
            sum := add(sum, mulmod(calldataload(0x684), mload(0xdc0), r))
            sum := add(sum, mulmod(calldataload(0x6a4), mload(0xde0), r))
            sum := addmod(sum, mulmod(calldataload(0x6c4), mload(0xe00), r), r)
            sum := add(sum, mulmod(calldataload(0x6e4), mload(0xe20), r))
            total := add(mulmod(total, nu, r), mulmod(sum, mload(0xc80), r))

            // Set 0: x
            sum := calldataload(0xd84) // random polynomial
            sum := add(mulmod(sum, zeta, r), mload(0x2e0)) // quotient
            sum := add(mulmod(sum, zeta, r), calldataload(0xd64)) // public
            sum := add(mulmod(sum, zeta, r), calldataload(0xd04)) // range table
            sum := add(mulmod(sum, zeta, r), calldataload(0xf64)) // lookup 2: permuted table
            sum := add(mulmod(sum, zeta, r), calldataload(0xec4)) // lookup 1: permuted table
            sum := add(mulmod(sum, zeta, r), calldataload(0xe24)) // lookup 0: permuted table
            sum := add(mulmod(sum, zeta, r), calldataload(0x5a4)) // Score
            sum := add(mulmod(sum, zeta, r), calldataload(0x584)) // New
            sum := add(mulmod(sum, zeta, r), calldataload(0x564)) // Old
            total := add(mulmod(total, nu, r), mulmod(sum, mload(0x6e0), r))

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

            // Set 0: x
            calldatacopy(0x160, 0x64, 0x40) // Old
            s := zeta
            calldatacopy(0x1a0, 0xa4, 0x40) // New
            mstore(0x1e0, s)
            ok := and(ok, staticcall(GAS_ECMUL, 0x07, 0x1a0, 0x60, 0x1a0, 0x40))
            ok := and(ok, staticcall(GAS_ECADD, 0x06, 0x160, 0x80, 0x160, 0x40))
            s := mulmod(s, zeta, r)
            calldatacopy(0x1a0, 0xe4, 0x40) // Score
            mstore(0x1e0, s)
            ok := and(ok, staticcall(GAS_ECMUL, 0x07, 0x1a0, 0x60, 0x1a0, 0x40))
            ok := and(ok, staticcall(GAS_ECADD, 0x06, 0x160, 0x80, 0x160, 0x40))
            s := mulmod(s, zeta, r)
            calldatacopy(0x1a0, 0x264, 0x40) // lookup 0: permuted table
            mstore(0x1e0, s)
            ok := and(ok, staticcall(GAS_ECMUL, 0x07, 0x1a0, 0x60, 0x1a0, 0x40))
            ok := and(ok, staticcall(GAS_ECADD, 0x06, 0x160, 0x80, 0x160, 0x40))
            s := mulmod(s, zeta, r)
            calldatacopy(0x1a0, 0x2e4, 0x40) // lookup 1: permuted table
            mstore(0x1e0, s)
            ok := and(ok, staticcall(GAS_ECMUL, 0x07, 0x1a0, 0x60, 0x1a0, 0x40))
            ok := and(ok, staticcall(GAS_ECADD, 0x06, 0x160, 0x80, 0x160, 0x40))
            s := mulmod(s, zeta, r)
            calldatacopy(0x1a0, 0x364, 0x40) // lookup 2: permuted table
            mstore(0x1e0, s)
            ok := and(ok, staticcall(GAS_ECMUL, 0x07, 0x1a0, 0x60, 0x1a0, 0x40))
            ok := and(ok, staticcall(GAS_ECADD, 0x06, 0x160, 0x80, 0x160, 0x40))
            s := mulmod(s, zeta, r)
            mstore(0x1a0, 0x0730551fe419c0a5fedb9e747f3d99554ca0d9135c64d602a70c3203ba92672a) // range table
            mstore(0x1c0, 0x198283340a8f7cc02bd4aaa897f93c22772f7b415788afbb8f28f9eb28e859ed)
            mstore(0x1e0, s)
            ok := and(ok, staticcall(GAS_ECMUL, 0x07, 0x1a0, 0x60, 0x1a0, 0x40))
            ok := and(ok, staticcall(GAS_ECADD, 0x06, 0x160, 0x80, 0x160, 0x40))
            s := mulmod(s, zeta, r)
            mstore(0x1a0, 0x107d6c03d25893e265600c828684a0556327c22beb5e3e177389c0f469f5a1fd) // public
            mstore(0x1c0, 0x04d7ad4b2bba53ab41161d0dce5eb02e86ed0c53a7a8aa1cd2d2fcee2d17323f)
            mstore(0x1e0, s)
            ok := and(ok, staticcall(GAS_ECMUL, 0x07, 0x1a0, 0x60, 0x1a0, 0x40))
            ok := and(ok, staticcall(GAS_ECADD, 0x06, 0x160, 0x80, 0x160, 0x40))
            s := mulmod(s, zeta, r)
            let h := s
            calldatacopy(0x1a0, 0x4a4, 0x40) // quotient: piece 0
            mstore(0x1e0, h)
            ok := and(ok, staticcall(GAS_ECMUL, 0x07, 0x1a0, 0x60, 0x1a0, 0x40))
            ok := and(ok, staticcall(GAS_ECADD, 0x06, 0x160, 0x80, 0x160, 0x40))
            h := mulmod(h, mload(0x320), r) // times x^n
            calldatacopy(0x1a0, 0x4e4, 0x40) // quotient: piece 1
            mstore(0x1e0, h)
            ok := and(ok, staticcall(GAS_ECMUL, 0x07, 0x1a0, 0x60, 0x1a0, 0x40))
            ok := and(ok, staticcall(GAS_ECADD, 0x06, 0x160, 0x80, 0x160, 0x40))
            h := mulmod(h, mload(0x320), r) // times x^n
            calldatacopy(0x1a0, 0x524, 0x40) // quotient: piece 2
            mstore(0x1e0, h)
            ok := and(ok, staticcall(GAS_ECMUL, 0x07, 0x1a0, 0x60, 0x1a0, 0x40))
            ok := and(ok, staticcall(GAS_ECADD, 0x06, 0x160, 0x80, 0x160, 0x40))
            s := mulmod(s, zeta, r)
            calldatacopy(0x1a0, 0x464, 0x40) // random polynomial
            mstore(0x1e0, s)
            ok := and(ok, staticcall(GAS_ECMUL, 0x07, 0x1a0, 0x60, 0x1a0, 0x40))
            ok := and(ok, staticcall(GAS_ECADD, 0x06, 0x160, 0x80, 0x160, 0x40))

            // Set 1: x, x w, x w^2, x w^3, x w^4, x w^16, x w^17, x w^18, x w^19, x w^20
            nu := mload(0x120)
            s := mulmod(nu, mload(0x340), r)
            s := mulmod(s, mload(0x6e0), r)
            s := mulmod(s, mload(0x720), r)
            s := mulmod(s, mload(0x760), r)
            s := mulmod(s, mload(0x7a0), r)
            s := mulmod(s, mload(0x7e0), r)
            s := mulmod(s, mload(0xae0), r)
            s := mulmod(s, mload(0xb20), r)
            s := mulmod(s, mload(0xb60), r)
            s := mulmod(s, mload(0xba0), r)
            s := mulmod(s, mload(0xbe0), r)
            calldatacopy(0x1a0, 0x124, 0x40) // state
            mstore(0x1e0, s)
            ok := and(ok, staticcall(GAS_ECMUL, 0x07, 0x1a0, 0x60, 0x1a0, 0x40))
            ok := and(ok, staticcall(GAS_ECADD, 0x06, 0x160, 0x80, 0x160, 0x40))

            // Set 2: x, x w, x w^2, x w^3, x w^4, x w^5, x w^6, x w^7, x w^8, x w^9, x w^10, x w^11, x w^12, x w^13, x w^14, x w^15
            nu := mulmod(nu, mload(0x120), r)
            s := mulmod(nu, mload(0x340), r)
            s := mulmod(s, mload(0x6e0), r)
            s := mulmod(s, mload(0x720), r)
            s := mulmod(s, mload(0x760), r)
            s := mulmod(s, mload(0x7a0), r)
            s := mulmod(s, mload(0x7e0), r)
            s := mulmod(s, mload(0x820), r)
            s := mulmod(s, mload(0x860), r)
            s := mulmod(s, mload(0x8a0), r)
            s := mulmod(s, mload(0x8e0), r)
            s := mulmod(s, mload(0x920), r)
            s := mulmod(s, mload(0x960), r)
            s := mulmod(s, mload(0x9a0), r)
            s := mulmod(s, mload(0x9e0), r)
            s := mulmod(s, mload(0xa20), r)
            s := mulmod(s, mload(0xa60), r)
            s := mulmod(s, mload(0xaa0), r)
            calldatacopy(0x1a0, 0x164, 0x40) // limbs0
            mstore(0x1e0, s)
            ok := and(ok, staticcall(GAS_ECMUL, 0x07, 0x1a0, 0x60, 0x1a0, 0x40))
            ok := and(ok, staticcall(GAS_ECADD, 0x06, 0x160, 0x80, 0x160, 0x40))
            s := mulmod(s, zeta, r)
            calldatacopy(0x1a0, 0x1a4, 0x40) // limbs1
            mstore(0x1e0, s)
            ok := and(ok, staticcall(GAS_ECMUL, 0x07, 0x1a0, 0x60, 0x1a0, 0x40))
            ok := and(ok, staticcall(GAS_ECADD, 0x06, 0x160, 0x80, 0x160, 0x40))
            s := mulmod(s, zeta, r)
            calldatacopy(0x1a0, 0x1e4, 0x40) // limbs2
            mstore(0x1e0, s)
            ok := and(ok, staticcall(GAS_ECMUL, 0x07, 0x1a0, 0x60, 0x1a0, 0x40))
            ok := and(ok, staticcall(GAS_ECADD, 0x06, 0x160, 0x80, 0x160, 0x40))

            // Set 3: x, x w
            nu := mulmod(nu, mload(0x120), r)
            s := mulmod(nu, mload(0x340), r)
            s := mulmod(s, mload(0x6e0), r)
            s := mulmod(s, mload(0x720), r)
            calldatacopy(0x1a0, 0x3a4, 0x40) // lookup 0: running product
            mstore(0x1e0, s)
            ok := and(ok, staticcall(GAS_ECMUL, 0x07, 0x1a0, 0x60, 0x1a0, 0x40))
            ok := and(ok, staticcall(GAS_ECADD, 0x06, 0x160, 0x80, 0x160, 0x40))
            s := mulmod(s, zeta, r)
            calldatacopy(0x1a0, 0x3e4, 0x40) // lookup 1: running product
            mstore(0x1e0, s)
            ok := and(ok, staticcall(GAS_ECMUL, 0x07, 0x1a0, 0x60, 0x1a0, 0x40))
            ok := and(ok, staticcall(GAS_ECADD, 0x06, 0x160, 0x80, 0x160, 0x40))
            s := mulmod(s, zeta, r)
            calldatacopy(0x1a0, 0x424, 0x40) // lookup 2: running product
            mstore(0x1e0, s)
            ok := and(ok, staticcall(GAS_ECMUL, 0x07, 0x1a0, 0x60, 0x1a0, 0x40))
            ok := and(ok, staticcall(GAS_ECADD, 0x06, 0x160, 0x80, 0x160, 0x40))

            // Set 4: x w^-1, x
            nu := mulmod(nu, mload(0x120), r)
            s := mulmod(nu, mload(0x340), r)
            s := mulmod(s, mload(0x6a0), r)
            s := mulmod(s, mload(0x6e0), r)
            calldatacopy(0x1a0, 0x224, 0x40) // lookup 0: permuted input
            mstore(0x1e0, s)
            ok := and(ok, staticcall(GAS_ECMUL, 0x07, 0x1a0, 0x60, 0x1a0, 0x40))
            ok := and(ok, staticcall(GAS_ECADD, 0x06, 0x160, 0x80, 0x160, 0x40))
            s := mulmod(s, zeta, r)
            calldatacopy(0x1a0, 0x2a4, 0x40) // lookup 1: permuted input
            mstore(0x1e0, s)
            ok := and(ok, staticcall(GAS_ECMUL, 0x07, 0x1a0, 0x60, 0x1a0, 0x40))
            ok := and(ok, staticcall(GAS_ECADD, 0x06, 0x160, 0x80, 0x160, 0x40))
            s := mulmod(s, zeta, r)
            calldatacopy(0x1a0, 0x324, 0x40) // lookup 2: permuted input
            mstore(0x1e0, s)
            ok := and(ok, staticcall(GAS_ECMUL, 0x07, 0x1a0, 0x60, 0x1a0, 0x40))
            ok := and(ok, staticcall(GAS_ECADD, 0x06, 0x160, 0x80, 0x160, 0x40))

            // Set 5: x, x w^16
            nu := mulmod(nu, mload(0x120), r)
            s := mulmod(nu, mload(0x340), r)
            s := mulmod(s, mload(0x6e0), r)
            s := mulmod(s, mload(0xae0), r)
            mstore(0x1a0, 0x1b26045b37ae218c96d88ec02ac74dfb029d1dffec2a1ae40ddef6b195bf2748) // account
            mstore(0x1c0, 0x0521e68dce73988061433177397e6415aaa927d921c95d6e567f839844c4de53)
            mstore(0x1e0, s)
            ok := and(ok, staticcall(GAS_ECMUL, 0x07, 0x1a0, 0x60, 0x1a0, 0x40))
            ok := and(ok, staticcall(GAS_ECADD, 0x06, 0x160, 0x80, 0x160, 0x40))

            // The claimed evaluations, times the generator (1, 2)
            mstore(0x1a0, 1)
            mstore(0x1c0, 2)
            mstore(0x1e0, mload(0x300))
            ok := and(ok, staticcall(GAS_ECMUL, 0x07, 0x1a0, 0x60, 0x1a0, 0x40))
            ok := and(ok, staticcall(GAS_ECADD, 0x06, 0x160, 0x80, 0x160, 0x40))
            calldatacopy(0x1a0, 0xf84, 0x40) // W
            mstore(0x1e0, sub(r, mload(0x340)))
            ok := and(ok, staticcall(GAS_ECMUL, 0x07, 0x1a0, 0x60, 0x1a0, 0x40))
            ok := and(ok, staticcall(GAS_ECADD, 0x06, 0x160, 0x80, 0x160, 0x40))
            calldatacopy(0x1a0, 0xfc4, 0x40) // W'
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
            calldatacopy(0x220, 0xfc4, 0x40) // W'
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
