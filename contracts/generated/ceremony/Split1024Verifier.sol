// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

// Generated. Do not edit: render it again.
// contracts/script/build_generated.sh
// Relation split/1024, 2^14 rows.
// Circuit 95e92dda430eea9b07a28204b46d93fa5b42271c8839210174d92b40f53d46a3
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
//   0x01e4  lookup 0: permuted input
//   0x0224  lookup 0: permuted table
//   0x0264  lookup 1: permuted input
//   0x02a4  lookup 1: permuted table
//   0x02e4  lookup 0: running product
//   0x0324  lookup 1: running product
//   0x0364  random polynomial
//   0x03a4  quotient: piece 0
//   0x03e4  quotient: piece 1
//   0x0424  quotient: piece 2
//   0x0be4  opening: W
//   0x0c24  opening: W'
//   0x0464  Old @ x
//   0x0484  New @ x
//   0x04a4  Score @ x
//   0x04c4  state @ x
//   0x04e4  state @ x w
//   0x0504  state @ x w^2
//   0x0524  state @ x w^3
//   0x0544  state @ x w^4
//   0x0564  state @ x w^16
//   0x0584  state @ x w^17
//   0x05a4  state @ x w^18
//   0x05c4  state @ x w^19
//   0x05e4  state @ x w^20
//   0x0604  limbs0 @ x
//   0x0624  limbs0 @ x w
//   0x0644  limbs0 @ x w^2
//   0x0664  limbs0 @ x w^3
//   0x0684  limbs0 @ x w^4
//   0x06a4  limbs0 @ x w^5
//   0x06c4  limbs0 @ x w^6
//   0x06e4  limbs0 @ x w^7
//   0x0704  limbs0 @ x w^8
//   0x0724  limbs0 @ x w^9
//   0x0744  limbs0 @ x w^10
//   0x0764  limbs0 @ x w^11
//   0x0784  limbs0 @ x w^12
//   0x07a4  limbs0 @ x w^13
//   0x07c4  limbs0 @ x w^14
//   0x07e4  limbs0 @ x w^15
//   0x0804  limbs1 @ x
//   0x0824  limbs1 @ x w
//   0x0844  limbs1 @ x w^2
//   0x0864  limbs1 @ x w^3
//   0x0884  limbs1 @ x w^4
//   0x08a4  limbs1 @ x w^5
//   0x08c4  limbs1 @ x w^6
//   0x08e4  limbs1 @ x w^7
//   0x0904  limbs1 @ x w^8
//   0x0924  limbs1 @ x w^9
//   0x0944  limbs1 @ x w^10
//   0x0964  limbs1 @ x w^11
//   0x0984  limbs1 @ x w^12
//   0x09a4  limbs1 @ x w^13
//   0x09c4  limbs1 @ x w^14
//   0x09e4  limbs1 @ x w^15
//   0x0a04  range table @ x
//   0x0a24  account @ x
//   0x0a44  account @ x w^16
//   0x0a64  public @ x
//   0x0a84  random polynomial @ x
//   0x0aa4  lookup 0: running product @ x
//   0x0ac4  lookup 0: running product @ 1
//   0x0ae4  lookup 0: permuted input @ x
//   0x0b04  lookup 0: permuted input @ -1
//   0x0b24  lookup 0: permuted table @ x
//   0x0b44  lookup 1: running product @ x
//   0x0b64  lookup 1: running product @ 1
//   0x0b84  lookup 1: permuted input @ x
//   0x0ba4  lookup 1: permuted input @ -1
//   0x0bc4  lookup 1: permuted table @ x

/// @title Verifies proofs of relation split/1024
/// @notice Implements IProofVerifier: no storage, no owner, reverts on anything but a valid proof.
contract Split1024Verifier {
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

    /// @notice The tier m: segments of 4^m = 1024 slots.
    function tier() external pure returns (uint256) {
        return 5;
    }

    /// @notice Digest of the circuit and its verifying key.
    function circuitDigest() external pure returns (bytes32) {
        return 0x95e92dda430eea9b07a28204b46d93fa5b42271c8839210174d92b40f53d46a3;
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
        return 3072;
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
            mstore(0x40, 0xf00)
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
            let ok := eq(calldatasize(), 0xd44)
            ok := and(ok, eq(calldataload(0x4), 0x40)) // offset of the proof
            ok := and(ok, eq(calldataload(0x24), 0xc60)) // offset of the inputs
            ok := and(ok, eq(calldataload(0x44), 0xc00)) // length of the proof
            ok := and(ok, eq(calldataload(0xc64), 0x6)) // number of inputs
            if iszero(ok) { mstore(0x00, 0x59170bf0) revert(0x1c, 0x04) } // MalformedCalldata()

            // Public inputs: x and x + r would be one statement.
            ok := 1
            ok := and(ok, lt(calldataload(0xc84), r)) // segment_score
            ok := and(ok, lt(calldataload(0xca4), r)) // segment_paid
            ok := and(ok, lt(calldataload(0xcc4), r)) // pool
            ok := and(ok, lt(calldataload(0xce4), r)) // total_score
            ok := and(ok, lt(calldataload(0xd04), r)) // genesis
            ok := and(ok, lt(calldataload(0xd24), r)) // context
            if iszero(ok) { mstore(0x00, 0xc9bbb13c) revert(0x1c, 0x04) } // InputNotCanonical()

            // The proof's 60 scalars.
            for { let at := 0x464 } lt(at, 0xb64) { at := add(at, 0x100) } {
                ok := and(ok, lt(calldataload(at), r))
                ok := and(ok, lt(calldataload(add(at, 0x20)), r))
                ok := and(ok, lt(calldataload(add(at, 0x40)), r))
                ok := and(ok, lt(calldataload(add(at, 0x60)), r))
                ok := and(ok, lt(calldataload(add(at, 0x80)), r))
                ok := and(ok, lt(calldataload(add(at, 0xa0)), r))
                ok := and(ok, lt(calldataload(add(at, 0xc0)), r))
                ok := and(ok, lt(calldataload(add(at, 0xe0)), r))
            }
            ok := and(ok, lt(calldataload(0xb64), r))
            ok := and(ok, lt(calldataload(0xb84), r))
            ok := and(ok, lt(calldataload(0xba4), r))
            ok := and(ok, lt(calldataload(0xbc4), r))
            if iszero(ok) { mstore(0x00, 0xf311b72d) revert(0x1c, 0x04) } // ScalarNotCanonical()
        }
    }

    /// Step 2: every point of the proof is canonical and satisfies y^2 = x^3 + 3 before a precompile sees it: on bad
    /// points precompiles fail and burn what they were given. The identity, (0, 0), is not on the curve.
    function _checkPoints() private pure {
        assembly ("memory-safe") {
            let r := R
            let ok := 1
            for { let at := 0x64 } lt(at, 0x464) { at := add(at, 0x40) } {
                let x := calldataload(at)
                let y := calldataload(add(at, 0x20))
                let cube := mulmod(x, mulmod(x, x, P), P)
                ok := and(ok, and(lt(x, P), lt(y, P)))
                ok := and(ok, eq(mulmod(y, y, P), addmod(cube, 3, P)))
            }
            for { let at := 0xbe4 } lt(at, 0xc64) { at := add(at, 0x40) } {
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
            mstore(0x160, 0x283fa50f9168856a82c613cf7603010397148e315a242a1f3ee6b87cc8f639d6)
            calldatacopy(0x180, 0xc84, 0xc0) // inputs
            calldatacopy(0x240, 0x64, 0xc00) // proof

            // The verifying key, the public inputs and the advice commitments.
            let hash := keccak256(0x160, 0x260)
            // theta: no lookup has several columns, nothing uses it

            // lookup 0: permuted input .. lookup 1: permuted table
            mstore(0x3a0, hash)
            hash := keccak256(0x3a0, 0x120)
            mstore(0x80, mod(hash, r)) // beta

            mstore(0x00, hash)
            mstore8(0x20, 1)
            hash := keccak256(0x00, 0x21)
            mstore(0xa0, mod(hash, r)) // gamma

            // lookup 0: running product .. random polynomial
            mstore(0x4a0, hash)
            hash := keccak256(0x4a0, 0xe0)
            mstore(0xc0, mod(hash, r)) // y

            // quotient: piece 0 .. quotient: piece 2
            mstore(0x560, hash)
            hash := keccak256(0x560, 0xe0)
            mstore(0xe0, mod(hash, r)) // x

            // Old @ x .. lookup 1: permuted table @ x
            mstore(0x620, hash)
            hash := keccak256(0x620, 0x7a0)
            mstore(0x100, mod(hash, r)) // zeta

            mstore(0x00, hash)
            mstore8(0x20, 1)
            hash := keccak256(0x00, 0x21)
            mstore(0x120, mod(hash, r)) // nu

            // opening: W .. opening: W
            mstore(0xda0, hash)
            hash := keccak256(0xda0, 0x60)
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

            // x^n, n = 2^14
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
            v := addmod(mulmod(x, 0x25971a3422d68687b4d23793ae7c4fb049cdb4dd7f0b9390d81b08456f10991, r), 0x83bc6c3860ea17e74faf4adbdf8499d86cad02bcdfb3a8856f2799b6184265e, r)
            v := addmod(mulmod(v, x, r), 0x1e888b8c6b26ae9cd367f9596cc8ed153286029e0e4530c3a83bcc7aa25f63f1, r)
            v := addmod(mulmod(v, x, r), 0x1ae347f10d9d245f7be3a5f29bf25e28d87de5a39ba27049ae7c47d524de5243, r)
            v := addmod(mulmod(v, x, r), 0x606bb6c6af77f1530c2b8b72ec2079be45c4ce04435db6d481e028f4172ec7e, r)
            v := addmod(mulmod(v, x, r), 0x826f351136d02c9a24015b58cb3699bcd2fca1a6a4c9e3e9ab8ece4d56570b9, r)
            v := addmod(mulmod(v, x, r), 0x13a4a58dd1c09a8e6c9e4b3ec969a1361bd07ad80f64320a9e9ecde1442e58d9, r)
            v := addmod(mulmod(v, x, r), 0x1b4ea3f2b51779fe0935f94ab0fb98cd81643fa54cbce036acdad22dfa534a12, r)
            v := addmod(mulmod(v, x, r), 0x301b2ba0c8c6bdbeaf845bab3f25d9afec112c6fdbd358b1833640ea71f5ff1b, r)
            v := addmod(mulmod(v, x, r), 0x162b4b8a56c3a23cfdb5242dba73727db2aba35f19bd8a5734fddbf421adc9c4, r)
            v := addmod(mulmod(v, x, r), 0x25f54f9bb5d2628fe999dd0e34c0c7d59e2ab976d335c32feaf19ac0bfef31f7, r)
            v := addmod(mulmod(v, x, r), 0x2a2fe5ef336034ccbddb9696b694ffff6c2155559091234a322d0fc55bebee07, r)
            v := addmod(mulmod(v, x, r), 0x2f0f0e92d8a620768b3ebfa92c2b4c65ed6801fc0b5f25c282774fb207d5ffde, r)
            v := addmod(mulmod(v, x, r), 0x1fff007ce410d5b6664d93ea4baee236e99ecb7c2bdb06df2a667e7f2fa991ca, r)
            v := addmod(mulmod(v, x, r), 0xe13b88c932cea7638575616268fce9f123fed7d896e6455ed17f8835737973, r)
            v := addmod(mulmod(v, x, r), 0x27a1dc531c45ebbd02aac3d5256d7289d1a27b618dcb61c820d4357feae638af, r)
            v := addmod(mulmod(v, x, r), 0x2cf99ab436ccc49dd167b01a44c005affbf027c2c95f9ae84384d95e51f70b52, r)
            v := addmod(mulmod(v, x, r), 0x9c649f8df0499f0dced1346cb67533786aabb03fb23a61317a83e040a4b51d8, r)
            v := addmod(mulmod(v, x, r), 0x6779cd00c9a06e559fa1ccc39740489e56aa7989900dec325be1352b12c3904, r)
            mstore(0x3e0, v)
            v := addmod(x, 0x2e0adccf9f0437c13d03223d4699936223970cfaa1c8b7583660450f990ef670, r)
            v := addmod(mulmod(v, x, r), 0x2c466b111e2a4f6a7dd2cb5fa285338e64ce803292bbd34d1868b8c63f3decd2, r)
            v := addmod(mulmod(v, x, r), 0x5f3eba22758fb2ef6f819745c3d7917fc8f4c8e23d16a99de8cb85dc48adeb0, r)
            v := addmod(mulmod(v, x, r), 0x1d9268d9e57def076b434acc3a246abba80774cd7462785a874a6639aac86b70, r)
            v := addmod(mulmod(v, x, r), 0x1bd46ffc0b52ad14cb3c6b48ddf399e5840caf31d4fe17a7b3e7f93c1c829d81, r)
            v := addmod(mulmod(v, x, r), 0x6b4e485a24b6f9003ad5d557e2252758f2b5a5d0292230dc6dc2c1d2f19c28c, r)
            v := addmod(mulmod(v, x, r), 0xb052355b4a9856549b72dbd75f14b5c078355638e4b3d95b3979677cd1df34f, r)
            v := addmod(mulmod(v, x, r), 0x8af3f1e61a978caaced52444a40e2fd99e0721d74d6c01d7b5d231f3cb596be, r)
            v := addmod(mulmod(v, x, r), 0x820503b9a1928564f8bc85cb4d52fb1593150f51990dff8f6a24bb8abc736, r)
            v := addmod(mulmod(v, x, r), 0x1123cb068499e30a96c131de078e97e57e36cc937aea6bfe2f7432a2c30838a0, r)
            v := addmod(mulmod(v, x, r), 0x128ba80eca31fa05e173973a649da1a28f8812e7987df2e0952233032d18ccea, r)
            v := addmod(mulmod(v, x, r), 0x89515c8c959b8f95e41c4e1112940c2010a32f5a7b799337774bc1489ac56d5, r)
            v := addmod(mulmod(v, x, r), 0x78c24acc0d749d91fd29ee206cbbfbee352bf4c1b372ac3ca8d6d9e4a796279, r)
            v := addmod(mulmod(v, x, r), 0x2e1b3c20d0e747c1434abb25c53dff101783fe51e44e5dca77b6111d2373e34e, r)
            v := addmod(mulmod(v, x, r), 0x134c4e9c4caa1027a97d9c97d7e878e27778c363ef0cea79bf7f9dfee4f84d3d, r)
            v := addmod(mulmod(v, x, r), 0x2ae3ebc6815a276b4ca0951dc7126baeb896820dd941236bad9692e2b2519c76, r)
            v := addmod(mulmod(v, x, r), 0x16f93e8c921d4939fae8299b4f9388cc9d0d5a8452b6e7302f06662aa769f047, r)
            v := addmod(mulmod(v, x, r), 0x1a57605ca99b506d5a1f6cc503c21e3ee42fcbfd6056d1c16b82688ada184291, r)
            v := addmod(mulmod(v, x, r), 0xef0f592974aeed8aebb57de0aecd84c0e1840881e62ef66f880b852c9339136, r)
            mstore(0x4a0, v)
            mstore(0x480, product)
            product := mulmod(product, v, r)

            // x - w^i for the rows whose Lagrange polynomials are needed
            v := addmod(x, 0x1216c8c77c2ed6f49e877ad1243ca9733dc4018d1b4a7127fc350412756aab7b, r)
            mstore(0x4e0, v)
            mstore(0x4c0, product)
            product := mulmod(product, v, r)
            v := addmod(x, 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000000, r)
            mstore(0x520, v)
            mstore(0x500, product)
            product := mulmod(product, v, r)
            v := addmod(x, 0xd2ca1a141f0e0fe8dae3331e2e74c55520d0e7e465bfcf0b2c819ad0554c355, r)
            mstore(0x560, v)
            mstore(0x540, product)
            product := mulmod(product, v, r)
            v := addmod(x, 0x1f807bdd1fd8003482ae8a6c8f43d6b32476d976213776a431307be488098520, r)
            mstore(0x5a0, v)
            mstore(0x580, product)
            product := mulmod(product, v, r)
            v := addmod(x, 0xdd162eb9bc017c82f2ba3422e1ff7a9465f08949ee7d1a75787a05aa152785d, r)
            mstore(0x5e0, v)
            mstore(0x5c0, product)
            product := mulmod(product, v, r)
            v := addmod(x, 0x1032bb6ef5e404f0ebb06567907162aef89674105c982671ec74f7dd0d1911b, r)
            mstore(0x620, v)
            mstore(0x600, product)
            product := mulmod(product, v, r)
            v := addmod(x, 0x650f880d7ecf6d5febb77c57f6737c298003bc30b02736c1aae0ed653c85553, r)
            mstore(0x660, v)
            mstore(0x640, product)
            product := mulmod(product, v, r)

            // u - x w^i for the points of the opening argument
            v := addmod(u, mulmod(x, 0xc8316dc607766c9b3ca51a6cf7a997f7f7b895cd3beb525c3c65b88a46f284, r), r)
            mstore(0x6a0, v)
            mstore(0x680, product)
            product := mulmod(product, v, r)
            v := addmod(u, sub(r, x), r)
            mstore(0x6e0, v)
            mstore(0x6c0, product)
            product := mulmod(product, v, r)
            v := addmod(u, mulmod(x, 0xd2ca1a141f0e0fe8dae3331e2e74c55520d0e7e465bfcf0b2c819ad0554c355, r), r)
            mstore(0x720, v)
            mstore(0x700, product)
            product := mulmod(product, v, r)
            v := addmod(u, mulmod(x, 0x1f807bdd1fd8003482ae8a6c8f43d6b32476d976213776a431307be488098520, r), r)
            mstore(0x760, v)
            mstore(0x740, product)
            product := mulmod(product, v, r)
            v := addmod(u, mulmod(x, 0xdd162eb9bc017c82f2ba3422e1ff7a9465f08949ee7d1a75787a05aa152785d, r), r)
            mstore(0x7a0, v)
            mstore(0x780, product)
            product := mulmod(product, v, r)
            v := addmod(u, mulmod(x, 0x1032bb6ef5e404f0ebb06567907162aef89674105c982671ec74f7dd0d1911b, r), r)
            mstore(0x7e0, v)
            mstore(0x7c0, product)
            product := mulmod(product, v, r)
            v := addmod(u, mulmod(x, 0x650f880d7ecf6d5febb77c57f6737c298003bc30b02736c1aae0ed653c85553, r), r)
            mstore(0x820, v)
            mstore(0x800, product)
            product := mulmod(product, v, r)
            v := addmod(u, mulmod(x, 0x49d52c8f738dbf9d3f7670e73a63edac632617df0d949becc1b50256f9f0aad, r), r)
            mstore(0x860, v)
            mstore(0x840, product)
            product := mulmod(product, v, r)
            v := addmod(u, mulmod(x, 0x133d6fe72b18263739a2824dbc75015ba146408cbc19168c74cade9ebbc6c22a, r), r)
            mstore(0x8a0, v)
            mstore(0x880, product)
            product := mulmod(product, v, r)
            v := addmod(u, mulmod(x, 0x1b9e4cecf9d91a534374fa77043701c82dc7e69e6a661b163dd63549ae8d8fa2, r), r)
            mstore(0x8e0, v)
            mstore(0x8c0, product)
            product := mulmod(product, v, r)
            v := addmod(u, mulmod(x, 0x148422357da7bd0a225f20687f830b014e063ba75bae1cf6a83f6f1f93cf5933, r), r)
            mstore(0x920, v)
            mstore(0x900, product)
            product := mulmod(product, v, r)
            v := addmod(u, mulmod(x, 0x2b1222e9be892e0173863c1f72f94e1df4a892e85eb98fe8ff2cc2bc916094bc, r), r)
            mstore(0x960, v)
            mstore(0x940, product)
            product := mulmod(product, v, r)
            v := addmod(u, mulmod(x, 0x1d5747434681a4db5cc307c2f0244da3b9278862b7378ef9a55fd30262d7cf6d, r), r)
            mstore(0x9a0, v)
            mstore(0x980, product)
            product := mulmod(product, v, r)
            v := addmod(u, mulmod(x, 0x209a9da07cac587891b25130ff7a136c8d2fdb66eacaae0141dc19c0cc41def3, r), r)
            mstore(0x9e0, v)
            mstore(0x9c0, product)
            product := mulmod(product, v, r)
            v := addmod(u, mulmod(x, 0x229f352bbd93c45e321b77f300ab6e8d95f044a269384682f418fe2791d786d9, r), r)
            mstore(0xa20, v)
            mstore(0xa00, product)
            product := mulmod(product, v, r)
            v := addmod(u, mulmod(x, 0x9ab710958eb133f1ca0cb3916f8d3252664dfe6b27d139333ce003b4d71c37e, r), r)
            mstore(0xa60, v)
            mstore(0xa40, product)
            product := mulmod(product, v, r)
            v := addmod(u, mulmod(x, 0x1ff8845dde0429030533a8da434ea7d7e16a7b4bb9dbd5c96589d64d48bf0bf4, r), r)
            mstore(0xaa0, v)
            mstore(0xa80, product)
            product := mulmod(product, v, r)
            v := addmod(u, mulmod(x, 0x58b4c5410b55d7e9e58c9598eb5857e76fdfe156a9e5b1d86d91c00e63b4484, r), r)
            mstore(0xae0, v)
            mstore(0xac0, product)
            product := mulmod(product, v, r)
            v := addmod(u, mulmod(x, 0x6aea47f68f92612d929bfc72821c238b723309c97d43622a4d86d3c870b791e, r), r)
            mstore(0xb20, v)
            mstore(0xb00, product)
            product := mulmod(product, v, r)
            v := addmod(u, mulmod(x, 0x62f931508751001758c928492442957404df38197f5e76a271bc23751922733, r), r)
            mstore(0xb60, v)
            mstore(0xb40, product)
            product := mulmod(product, v, r)
            v := addmod(u, mulmod(x, 0x1d47702db8a01e0108037dd0427ea6266603f3ad6016b5c75a5acd0f01c15a6, r), r)
            mstore(0xba0, v)
            mstore(0xb80, product)
            product := mulmod(product, v, r)
            v := addmod(u, mulmod(x, 0xe4cd0eef423876946a64923ff721f344487c8deebfa7d9fd958671ebd26da9f, r), r)
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
            let scale := mulmod(addmod(mload(0x320), sub(r, 1), r), 0x30638ce1a7661b6337a964756aa75257c6bf4778d89789ab819ce60c19b04001, r)
            mstore(0x360, mulmod(scale, mload(0x520), r)) // l_first
            mstore(0x380, mulmod(scale, mulmod(mload(0x4e0), 0x1e4d85ab6502c93519c8cae55d44aee9ea6fe6bb5e6eff6947acf1817a955486, r), r)) // l_last, row -19
            mstore(0x3a0, addmod(1, sub(r, mulmod(scale, mulmod(mload(0x3e0), mload(0x4a0), r), r)), r)) // 1 - l_last - l_blind

            // the public column at x w^0
            let v := mulmod(calldataload(0xc84), mload(0x520), r) // segment_score
            v := add(v, mulmod(calldataload(0xca4), mulmod(mload(0x560), 0x2337acd19f40bf2b2aa212849e9a0c07d626d9ca335d73a09119dbe6eaab3cac, r), r)) // segment_paid
            v := add(v, mulmod(calldataload(0xcc4), mulmod(mload(0x5a0), 0x10e3d295c1599ff535a1bb49f23d81aa03bd0ed25881f9ed12b179af67f67ae1, r), r)) // pool
            v := add(v, mulmod(calldataload(0xce4), mulmod(mload(0x5e0), 0x2292eb87457188618924a274536160b3e1d4dfb3dad19ee9ec5a55394ead87a4, r), r)) // total_score
            v := add(v, mulmod(calldataload(0xd04), mulmod(mload(0x620), 0x2f6122bbf1d35fdaa9953f60087a423238aa810773efee2a251aa6161f2e6ee6, r), r)) // genesis
            v := addmod(v, mulmod(calldataload(0xd24), mulmod(mload(0x660), 0x2a1355f20944a953b994cdf1021a209a9033ac856eb6fd252933e6bd9c37aaae, r), r), r) // context
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
            t := add(calldataload(0x7e4), mulmod(calldataload(0x804), 0x3334, r))
            t := add(t, mulmod(calldataload(0x824), 0xa3dc290, r))
            t := add(t, mulmod(calldataload(0x844), 0x20c624e3540, r))
            t := add(t, mulmod(calldataload(0x864), 0x68e2198c7e9100, r))
            t := addmod(t, mulmod(calldataload(0x884), 0x14fa59042dc0987400, r), r)
            t := add(t, mulmod(calldataload(0x8a4), 0x4322295e9f6a97e139000, r))
            t := add(t, mulmod(calldataload(0x8c4), 0xd6d712e40fa9de8b81a94000, r))
            t := addmod(t, mulmod(calldataload(0x8e4), 0x2af87c73457205d6ff2b0e210000, r), r)
            mstore(0xc40, t)
            t := add(calldataload(0x904), mulmod(calldataload(0x924), 0x3334, r))
            t := add(t, mulmod(calldataload(0x944), 0xa3dc290, r))
            t := add(t, mulmod(calldataload(0x964), 0x20c624e3540, r))
            t := add(t, mulmod(calldataload(0x984), 0x68e2198c7e9100, r))
            t := addmod(t, mulmod(calldataload(0x9a4), 0x14fa59042dc0987400, r), r)
            t := add(t, mulmod(calldataload(0x9c4), 0x4322295e9f6a97e139000, r))
            t := addmod(t, mulmod(calldataload(0x9e4), 0xd6d712e40fa9de8b81a94000, r), r)
            mstore(0xc60, t)
            sum := mulmod(calldataload(0x544), calldataload(0x464), r)
            t := add(calldataload(0x604), mulmod(calldataload(0x624), 0x3334, r))
            t := add(t, mulmod(calldataload(0x644), 0xa3dc290, r))
            t := add(t, mulmod(calldataload(0x664), 0x20c624e3540, r))
            t := add(t, mulmod(calldataload(0x684), 0x4fdf89378d500, r))
            t := addmod(t, sub(r, calldataload(0x4a4)), r)
            sum := add(mulmod(sum, y, r), t)
            t := add(calldataload(0x6a4), mulmod(calldataload(0x6c4), 0x3334, r))
            t := add(t, mulmod(calldataload(0x6e4), 0xa3dc290, r))
            t := add(t, mulmod(calldataload(0x704), 0x20c624e3540, r))
            t := add(t, mulmod(calldataload(0x724), 0x68e2198c7e9100, r))
            t := addmod(t, mulmod(calldataload(0x744), 0x14fa59042dc0987400, r), r)
            t := add(t, mulmod(calldataload(0x764), 0x4322295e9f6a97e139000, r))
            t := add(t, mulmod(calldataload(0x784), 0xd6d712e40fa9de8b81a94000, r))
            t := add(t, mulmod(calldataload(0x7a4), 0x2af87c73457205d6ff2b0e210000, r))
            t := add(t, mulmod(calldataload(0x7c4), 0x4d50bacb6757759d8435138840000, r))
            t := addmod(t, sub(r, calldataload(0x484)), r)
            t := add(t, calldataload(0x464))
            sum := add(mulmod(sum, y, r), t)
            t := add(mulmod(calldataload(0x504), calldataload(0x4a4), r), sub(r, mulmod(add(calldataload(0x484), sub(r, calldataload(0x464))), calldataload(0x524), r)))
            t := add(t, sub(r, mload(0xc40)))
            sum := add(mulmod(sum, y, r), t)
            t := add(sub(r, mload(0xc40)), calldataload(0x524))
            t := add(t, sub(r, mload(0xc60)))
            t := add(t, 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000000)
            sum := add(mulmod(sum, y, r), t)
            t := add(sub(r, calldataload(0x4a4)), calldataload(0x4c4))
            t := add(t, sub(r, calldataload(0x564)))
            sum := add(mulmod(sum, y, r), t)
            t := add(sub(r, calldataload(0x484)), calldataload(0x464))
            t := add(t, calldataload(0x4e4))
            t := add(t, sub(r, calldataload(0x584)))
            sum := add(mulmod(sum, y, r), t)
            // selected
            t := calldataload(0xa24)
            acc := mulmod(t, sum, r)

            // Gate "constants"
            // - the next slot has the same pool
            // - the next slot has the same total_score
            // - the next slot has the same genesis
            sum := add(calldataload(0x504), sub(r, calldataload(0x5a4)))
            t := add(calldataload(0x524), sub(r, calldataload(0x5c4)))
            sum := add(mulmod(sum, y, r), t)
            t := add(calldataload(0x544), sub(r, calldataload(0x5e4)))
            sum := add(mulmod(sum, y, r), t)
            // selected
            t := mulmod(calldataload(0xa24), calldataload(0xa44), r)
            acc := add(mulmod(acc, mload(0xc00), r), mulmod(t, sum, r))

            // Gate "public inputs"
            // - state is the public input, or 0
            sum := add(calldataload(0x4c4), sub(r, mload(0x3c0)))
            // selected
            t := calldataload(0xa64)
            acc := add(mulmod(acc, y, r), mulmod(t, sum, r))

            // Lookup "limbs0 is in the range table": the running product starts from 1
            s := calldataload(0x604)
            t := calldataload(0xaa4)
            acc := add(mulmod(acc, y, r), mulmod(mload(0x360), add(1, sub(r, t)), r))
            // ends in 0 or 1
            acc := add(mulmod(acc, y, r), mulmod(mload(0x380), add(mulmod(t, t, r), sub(r, t)), r))
            // takes each row's step
            s := mulmod(add(s, mload(0x80)), add(calldataload(0xa04), mload(0xa0)), r)
            sum := mulmod(add(calldataload(0xae4), mload(0x80)), add(calldataload(0xb24), mload(0xa0)), r)
            acc := add(mulmod(acc, y, r), mulmod(mload(0x3a0), add(mulmod(calldataload(0xac4), sum, r), sub(r, mulmod(t, s, r))), r))
            // the permuted input starts with a value of the table
            t := calldataload(0xae4)
            s := add(t, sub(r, calldataload(0xb24)))
            acc := add(mulmod(acc, y, r), mulmod(mload(0x360), s, r))
            // and repeats the value above or takes the table's
            acc := add(mulmod(acc, y, r), mulmod(mload(0x3a0), mulmod(s, add(t, sub(r, calldataload(0xb04))), r), r))

            // Lookup "limbs1 is in the range table": the running product starts from 1
            s := calldataload(0x804)
            t := calldataload(0xb44)
            acc := add(mulmod(acc, y, r), mulmod(mload(0x360), add(1, sub(r, t)), r))
            // ends in 0 or 1
            acc := add(mulmod(acc, y, r), mulmod(mload(0x380), add(mulmod(t, t, r), sub(r, t)), r))
            // takes each row's step
            s := mulmod(add(s, mload(0x80)), add(calldataload(0xa04), mload(0xa0)), r)
            sum := mulmod(add(calldataload(0xb84), mload(0x80)), add(calldataload(0xbc4), mload(0xa0)), r)
            acc := add(mulmod(acc, y, r), mulmod(mload(0x3a0), add(mulmod(calldataload(0xb64), sum, r), sub(r, mulmod(t, s, r))), r))
            // the permuted input starts with a value of the table
            t := calldataload(0xb84)
            s := add(t, sub(r, calldataload(0xbc4)))
            acc := add(mulmod(acc, y, r), mulmod(mload(0x360), s, r))
            // and repeats the value above or takes the table's
            acc := add(mulmod(acc, y, r), mulmod(mload(0x3a0), mulmod(s, add(t, sub(r, calldataload(0xba4))), r), r))

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
            mstore(0xd00, mulmod(mload(0x6e0), 0xae40d87d78f5a107a23c7ed450224dee728428eeec3e903667f934df6c82c49, r))
            mstore(0xd20, mulmod(mload(0xae0), 0x258040eb09a246193e2c7dc93c7f337e410ba5b98af5878ddd626245f937d3b8, r))
            // account
            sum := mulmod(calldataload(0xa24), mload(0xd00), r)
            sum := add(sum, mulmod(calldataload(0xa44), mload(0xd20), r))
            total := mulmod(sum, mload(0x420), r)

            // Set 4: x w^-1, x
            mstore(0xd00, mulmod(mload(0x6a0), 0x347aa75f42bb59003e8e643d10aba32eb3c25b05fc6f0fd890c1b931a3dc414, r))
            mstore(0xd20, mulmod(mload(0x6e0), 0x2d1ca3fced05ea99b4675f72b0769e2a3cf7c29819f27f93bad5da00d5c23bed, r))
            // lookup 1: permuted input
            sum := mulmod(calldataload(0xba4), mload(0xd00), r)
            sum := add(sum, mulmod(calldataload(0xb84), mload(0xd20), r))
            // lookup 0: permuted input
            t := mulmod(calldataload(0xb04), mload(0xd00), r)
            t := add(t, mulmod(calldataload(0xae4), mload(0xd20), r))
            sum := add(mulmod(sum, zeta, r), t)
            total := add(mulmod(total, nu, r), mulmod(sum, mload(0x420), r))

            // Set 3: x, x w
            mstore(0xd00, mulmod(mload(0x6e0), 0x347aa75f42bb59003e8e643d10aba32eb3c25b05fc6f0fd890c1b931a3dc415, r))
            mstore(0xd20, mulmod(mload(0x720), 0x2d1ca3fced05ea99b4675f72b0769e2a3cf7c29819f27f93bad5da00d5c23bec, r))
            // lookup 1: running product
            sum := mulmod(calldataload(0xb44), mload(0xd00), r)
            sum := add(sum, mulmod(calldataload(0xb64), mload(0xd20), r))
            // lookup 0: running product
            t := mulmod(calldataload(0xaa4), mload(0xd00), r)
            t := add(t, mulmod(calldataload(0xac4), mload(0xd20), r))
            sum := add(mulmod(sum, zeta, r), t)
            total := add(mulmod(total, nu, r), mulmod(sum, mload(0x420), r))

            // Set 2: x, x w, x w^2, x w^3, x w^4, x w^5, x w^6, x w^7, x w^8, x w^9, x w^10, x w^11, x w^12, x w^13, x w^14, x w^15
            mstore(0xd00, mulmod(mload(0x6e0), 0x94b3eeb8429a3baa777b8389836c33af238e8292db73c73ce87469fbee98467, r))
            mstore(0xd20, mulmod(mload(0x720), 0x1e1cc81935d216b6c611d3c64ef6d704c3413c6e12245e94e589e82933a07323, r))
            mstore(0xd40, mulmod(mload(0x760), 0x2071fcdf8b2db507a4549a6885d144ef63a94c490cf5de1665550fd89be8ec92, r))
            mstore(0xd60, mulmod(mload(0x7a0), 0xe991263d9986343da0470fbd319c40a5fc32cbd5e3062079b76e1e64070850a, r))
            mstore(0xd80, mulmod(mload(0x7e0), 0x1004363578f26c57d902846b91743ede81fdff6706918b4dd885b7a468f3b6a4, r))
            mstore(0xda0, mulmod(mload(0x820), 0x423e8ebe56e712b6e0d27e5676e26a546ef9bbab769c5e776b82e1850c8b3cb, r))
            mstore(0xdc0, mulmod(mload(0x860), 0x12e7642d89459982372a3df46c15dc48f2c0db2c20fa6ab66335a9ff1851e040, r))
            mstore(0xde0, mulmod(mload(0x8a0), 0x3e3ab1d8b2270fb5c38d4cf245fe50d9fb9e4885979d04c951f7a6ed08652b6, r))
            mstore(0xe00, mulmod(mload(0x8e0), 0x25b701c7c656b2c4866c17345c3f124f0cb89a10209553f97129f0be48070900, r))
            mstore(0xe20, mulmod(mload(0x920), 0x1c0f1b096523f3a593d54f686b18df86dc769380300a9052026af4c6fb58bed7, r))
            mstore(0xe40, mulmod(mload(0x960), 0x2d495c7f993d675174a0c53a7098614dd9280cee93042ba382d5e8f1d09e9e7d, r))
            mstore(0xe60, mulmod(mload(0x9a0), 0x17195638f8b1bd474211b63d1f9738f424956709e589c623c830afa1899cb3ec, r))
            mstore(0xe80, mulmod(mload(0x9e0), 0x14425d2c55544d05942100d46fdd42eafc57dc38bcacea5cdfa6f64783e73512, r))
            mstore(0xea0, mulmod(mload(0xa20), 0x151e2101240c6f36e9737f2ccdac620f39ccb3afc7c77881b53890d71ba643c, r))
            mstore(0xec0, mulmod(mload(0xa60), 0xeb4be87d24c63ed54c020ace5366d1c1ad4fa522509c849ead2b0fd17cffe9, r))
            mstore(0xee0, mulmod(mload(0xaa0), 0x44b374e137b6101e2942ee8dd044c258459e09d523f678c42986e47c9ce4604, r))
            // limbs1
            sum := mulmod(calldataload(0x804), mload(0xd00), r)
            sum := add(sum, mulmod(calldataload(0x824), mload(0xd20), r))
            sum := add(sum, mulmod(calldataload(0x844), mload(0xd40), r))
            sum := add(sum, mulmod(calldataload(0x864), mload(0xd60), r))
            sum := addmod(sum, mulmod(calldataload(0x884), mload(0xd80), r), r)
            sum := add(sum, mulmod(calldataload(0x8a4), mload(0xda0), r))
            sum := add(sum, mulmod(calldataload(0x8c4), mload(0xdc0), r))
            sum := add(sum, mulmod(calldataload(0x8e4), mload(0xde0), r))
            sum := addmod(sum, mulmod(calldataload(0x904), mload(0xe00), r), r)
            sum := add(sum, mulmod(calldataload(0x924), mload(0xe20), r))
            sum := add(sum, mulmod(calldataload(0x944), mload(0xe40), r))
            sum := add(sum, mulmod(calldataload(0x964), mload(0xe60), r))
            sum := addmod(sum, mulmod(calldataload(0x984), mload(0xe80), r), r)
            sum := add(sum, mulmod(calldataload(0x9a4), mload(0xea0), r))
            sum := add(sum, mulmod(calldataload(0x9c4), mload(0xec0), r))
            sum := add(sum, mulmod(calldataload(0x9e4), mload(0xee0), r))
            // limbs0
            t := mulmod(calldataload(0x604), mload(0xd00), r)
            t := add(t, mulmod(calldataload(0x624), mload(0xd20), r))
            t := add(t, mulmod(calldataload(0x644), mload(0xd40), r))
            t := add(t, mulmod(calldataload(0x664), mload(0xd60), r))
            t := addmod(t, mulmod(calldataload(0x684), mload(0xd80), r), r)
            t := add(t, mulmod(calldataload(0x6a4), mload(0xda0), r))
            t := add(t, mulmod(calldataload(0x6c4), mload(0xdc0), r))
            t := add(t, mulmod(calldataload(0x6e4), mload(0xde0), r))
            t := addmod(t, mulmod(calldataload(0x704), mload(0xe00), r), r)
            t := add(t, mulmod(calldataload(0x724), mload(0xe20), r))
            t := add(t, mulmod(calldataload(0x744), mload(0xe40), r))
            t := add(t, mulmod(calldataload(0x764), mload(0xe60), r))
            t := addmod(t, mulmod(calldataload(0x784), mload(0xe80), r), r)
            t := add(t, mulmod(calldataload(0x7a4), mload(0xea0), r))
            t := add(t, mulmod(calldataload(0x7c4), mload(0xec0), r))
            t := add(t, mulmod(calldataload(0x7e4), mload(0xee0), r))
            sum := add(mulmod(sum, zeta, r), t)
            total := add(mulmod(total, nu, r), mulmod(sum, mload(0xce0), r))

            // Set 1: x, x w, x w^2, x w^3, x w^4, x w^16, x w^17, x w^18, x w^19, x w^20
            mstore(0xd00, mulmod(mload(0x6e0), 0x2eb8cf3878933001828db15807bb9596a0917df9f68dc5651a9b37fee8f89f90, r))
            mstore(0xd20, mulmod(mload(0x720), 0x3de7ce873819e8b3b1aecb14490fce4f305c1d606405681cda8f9137e3defe, r))
            mstore(0xd40, mulmod(mload(0x760), 0x237d840e7ef9f0fa68946598e3f9b6bb2c8d84feba61cb0b75b54b8660d9950, r))
            mstore(0xd60, mulmod(mload(0x7a0), 0x7e476568c8ab96d18b2c5cccab8ea9cdf059d386aab70c96bdfd9059b23bc31, r))
            mstore(0xd80, mulmod(mload(0x7e0), 0x157bb0d48da22fa60f14e34be7a6a369b408c0e19091df060b424df19e92959c, r))
            mstore(0xda0, mulmod(mload(0xae0), 0x1e9f70d1749f61ddaccaac0a3fde85df5d5e5165ce9d37d7759fb0ee88f4d80c, r))
            mstore(0xdc0, mulmod(mload(0xb20), 0x25393e0bca56cfbe6e3f41547ecdaaca86fd65d2d161f7079de6cd2ad0611f8a, r))
            mstore(0xde0, mulmod(mload(0xb60), 0x27e7c5bed966857cbd3a801de58b41ca047e99c1c0f5697fc18543927b063726, r))
            mstore(0xe00, mulmod(mload(0xba0), 0x235b2628dfa84065f483caf13f91a5cfb9fb953249a9bd873143659026ae7709, r))
            mstore(0xe20, mulmod(mload(0xbe0), 0x144b37066c0b5744c838d48d4719d2b6f09492bc782ba5a2e7276167f454f095, r))
            // state
            sum := mulmod(calldataload(0x4c4), mload(0xd00), r)
            sum := add(sum, mulmod(calldataload(0x4e4), mload(0xd20), r))
            sum := add(sum, mulmod(calldataload(0x504), mload(0xd40), r))
            sum := add(sum, mulmod(calldataload(0x524), mload(0xd60), r))
            sum := addmod(sum, mulmod(calldataload(0x544), mload(0xd80), r), r)
            sum := add(sum, mulmod(calldataload(0x564), mload(0xda0), r))
            sum := add(sum, mulmod(calldataload(0x584), mload(0xdc0), r))
            sum := add(sum, mulmod(calldataload(0x5a4), mload(0xde0), r))
            sum := addmod(sum, mulmod(calldataload(0x5c4), mload(0xe00), r), r)
            sum := add(sum, mulmod(calldataload(0x5e4), mload(0xe20), r))
            total := add(mulmod(total, nu, r), mulmod(sum, mload(0xc80), r))

            // Set 0: x
            sum := calldataload(0xa84) // random polynomial
            sum := add(mulmod(sum, zeta, r), mload(0x2e0)) // quotient
            sum := add(mulmod(sum, zeta, r), calldataload(0xa64)) // public
            sum := add(mulmod(sum, zeta, r), calldataload(0xa04)) // range table
            sum := add(mulmod(sum, zeta, r), calldataload(0xbc4)) // lookup 1: permuted table
            sum := add(mulmod(sum, zeta, r), calldataload(0xb24)) // lookup 0: permuted table
            sum := add(mulmod(sum, zeta, r), calldataload(0x4a4)) // Score
            sum := add(mulmod(sum, zeta, r), calldataload(0x484)) // New
            sum := add(mulmod(sum, zeta, r), calldataload(0x464)) // Old
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
            calldatacopy(0x1a0, 0x224, 0x40) // lookup 0: permuted table
            mstore(0x1e0, s)
            ok := and(ok, staticcall(GAS_ECMUL, 0x07, 0x1a0, 0x60, 0x1a0, 0x40))
            ok := and(ok, staticcall(GAS_ECADD, 0x06, 0x160, 0x80, 0x160, 0x40))
            s := mulmod(s, zeta, r)
            calldatacopy(0x1a0, 0x2a4, 0x40) // lookup 1: permuted table
            mstore(0x1e0, s)
            ok := and(ok, staticcall(GAS_ECMUL, 0x07, 0x1a0, 0x60, 0x1a0, 0x40))
            ok := and(ok, staticcall(GAS_ECADD, 0x06, 0x160, 0x80, 0x160, 0x40))
            s := mulmod(s, zeta, r)
            mstore(0x1a0, 0x13c712e2550f96d471c61ff6f8865b96a78bfc58b7f4ca8f88f161d5163f0962) // range table
            mstore(0x1c0, 0x2a26d2f210d395d6fb5fda2f9387e055bf2b69b2a683be196647247c93aeae92)
            mstore(0x1e0, s)
            ok := and(ok, staticcall(GAS_ECMUL, 0x07, 0x1a0, 0x60, 0x1a0, 0x40))
            ok := and(ok, staticcall(GAS_ECADD, 0x06, 0x160, 0x80, 0x160, 0x40))
            s := mulmod(s, zeta, r)
            mstore(0x1a0, 0x0c5a741510d5864d13412a5672fb6b58550a909bf13f8073df2e2ac2f6ad9408) // public
            mstore(0x1c0, 0x0dd599f9f0c76603f188977655e4468a1a86efbb7f2169656f674a80310685aa)
            mstore(0x1e0, s)
            ok := and(ok, staticcall(GAS_ECMUL, 0x07, 0x1a0, 0x60, 0x1a0, 0x40))
            ok := and(ok, staticcall(GAS_ECADD, 0x06, 0x160, 0x80, 0x160, 0x40))
            s := mulmod(s, zeta, r)
            let h := s
            calldatacopy(0x1a0, 0x3a4, 0x40) // quotient: piece 0
            mstore(0x1e0, h)
            ok := and(ok, staticcall(GAS_ECMUL, 0x07, 0x1a0, 0x60, 0x1a0, 0x40))
            ok := and(ok, staticcall(GAS_ECADD, 0x06, 0x160, 0x80, 0x160, 0x40))
            h := mulmod(h, mload(0x320), r) // times x^n
            calldatacopy(0x1a0, 0x3e4, 0x40) // quotient: piece 1
            mstore(0x1e0, h)
            ok := and(ok, staticcall(GAS_ECMUL, 0x07, 0x1a0, 0x60, 0x1a0, 0x40))
            ok := and(ok, staticcall(GAS_ECADD, 0x06, 0x160, 0x80, 0x160, 0x40))
            h := mulmod(h, mload(0x320), r) // times x^n
            calldatacopy(0x1a0, 0x424, 0x40) // quotient: piece 2
            mstore(0x1e0, h)
            ok := and(ok, staticcall(GAS_ECMUL, 0x07, 0x1a0, 0x60, 0x1a0, 0x40))
            ok := and(ok, staticcall(GAS_ECADD, 0x06, 0x160, 0x80, 0x160, 0x40))
            s := mulmod(s, zeta, r)
            calldatacopy(0x1a0, 0x364, 0x40) // random polynomial
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

            // Set 3: x, x w
            nu := mulmod(nu, mload(0x120), r)
            s := mulmod(nu, mload(0x340), r)
            s := mulmod(s, mload(0x6e0), r)
            s := mulmod(s, mload(0x720), r)
            calldatacopy(0x1a0, 0x2e4, 0x40) // lookup 0: running product
            mstore(0x1e0, s)
            ok := and(ok, staticcall(GAS_ECMUL, 0x07, 0x1a0, 0x60, 0x1a0, 0x40))
            ok := and(ok, staticcall(GAS_ECADD, 0x06, 0x160, 0x80, 0x160, 0x40))
            s := mulmod(s, zeta, r)
            calldatacopy(0x1a0, 0x324, 0x40) // lookup 1: running product
            mstore(0x1e0, s)
            ok := and(ok, staticcall(GAS_ECMUL, 0x07, 0x1a0, 0x60, 0x1a0, 0x40))
            ok := and(ok, staticcall(GAS_ECADD, 0x06, 0x160, 0x80, 0x160, 0x40))

            // Set 4: x w^-1, x
            nu := mulmod(nu, mload(0x120), r)
            s := mulmod(nu, mload(0x340), r)
            s := mulmod(s, mload(0x6a0), r)
            s := mulmod(s, mload(0x6e0), r)
            calldatacopy(0x1a0, 0x1e4, 0x40) // lookup 0: permuted input
            mstore(0x1e0, s)
            ok := and(ok, staticcall(GAS_ECMUL, 0x07, 0x1a0, 0x60, 0x1a0, 0x40))
            ok := and(ok, staticcall(GAS_ECADD, 0x06, 0x160, 0x80, 0x160, 0x40))
            s := mulmod(s, zeta, r)
            calldatacopy(0x1a0, 0x264, 0x40) // lookup 1: permuted input
            mstore(0x1e0, s)
            ok := and(ok, staticcall(GAS_ECMUL, 0x07, 0x1a0, 0x60, 0x1a0, 0x40))
            ok := and(ok, staticcall(GAS_ECADD, 0x06, 0x160, 0x80, 0x160, 0x40))

            // Set 5: x, x w^16
            nu := mulmod(nu, mload(0x120), r)
            s := mulmod(nu, mload(0x340), r)
            s := mulmod(s, mload(0x6e0), r)
            s := mulmod(s, mload(0xae0), r)
            mstore(0x1a0, 0x071271030620bb442add149a4279531cbb127cb194c97f338c82cee6d7346bb1) // account
            mstore(0x1c0, 0x194c5daf8a63150d60b82b5f05064c1fa6e01e74173f96117266a0b2d2c6335b)
            mstore(0x1e0, s)
            ok := and(ok, staticcall(GAS_ECMUL, 0x07, 0x1a0, 0x60, 0x1a0, 0x40))
            ok := and(ok, staticcall(GAS_ECADD, 0x06, 0x160, 0x80, 0x160, 0x40))

            // The claimed evaluations, times the generator (1, 2)
            mstore(0x1a0, 1)
            mstore(0x1c0, 2)
            mstore(0x1e0, mload(0x300))
            ok := and(ok, staticcall(GAS_ECMUL, 0x07, 0x1a0, 0x60, 0x1a0, 0x40))
            ok := and(ok, staticcall(GAS_ECADD, 0x06, 0x160, 0x80, 0x160, 0x40))
            calldatacopy(0x1a0, 0xbe4, 0x40) // W
            mstore(0x1e0, sub(r, mload(0x340)))
            ok := and(ok, staticcall(GAS_ECMUL, 0x07, 0x1a0, 0x60, 0x1a0, 0x40))
            ok := and(ok, staticcall(GAS_ECADD, 0x06, 0x160, 0x80, 0x160, 0x40))
            calldatacopy(0x1a0, 0xc24, 0x40) // W'
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
            calldatacopy(0x220, 0xc24, 0x40) // W'
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
