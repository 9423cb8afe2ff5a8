// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity $COMPILER$;

// Generated. Do not edit: render it again.
// $HEADER$
//
// Both functions decide about many equations e(left_j, [tau]2) = e(right_j, [1]2) by one pairing, that of
// sum rho_j left_j and sum rho_j right_j. rho_0 is 1; the others are 128 bits of a hash of everything that was given. Why
// that decides about all of them:
//
//   Let d_j = tau log(left_j) - log(right_j), where log is the discrete logarithm to the base [1]1. Equation j holds if and
//   only if d_j = 0, and the pairing holds if and only if sum rho_j d_j = 0 modulo r. Say that some d_j is not 0. If only
//   d_0 is not, the sum is d_0. Else take a j > 0 with d_j != 0: whatever the other rho are, at most one residue rho_j makes
//   the sum 0, and since 2^128 < r at most one number of 128 bits. So the pairing holds by a chance of at most 2^-128.
//
//   The d_j are fixed before the rho_j are: the seed hashes the whole calldata, hence every point and every scalar from
//   which left_j and right_j follow. To change anything is to draw all rho_j again. So who tries 2^q times succeeds with a
//   chance of at most 2^(q - 128), and BN254 itself gives way to about 2^100 steps.

/// @title Verifies openings of columns, and the last pairing of relations' proofs
/// @notice Implements IOpeningVerifier: no storage, no owner, reverts unless everything holds.
contract OpeningVerifier {
    struct Opening {
        uint256 index;
        uint256 gamma;
        uint256 value;
        uint256[2] proof;
    }

    struct Columns {
        uint256 slots;
        uint256[2] a;
        uint256[2] b;
        Opening[] openings;
    }

    /// @dev A random combination of equations while it is summed up. The sums' last three words are the input of a
    /// multiplication, and with the first two that of an addition.
    /// @param seed What the randomisers follow from.
    /// @param terms How many equations are in the sums.
    /// @param values The sum of rho_j y_j: the generator's factor, negated.
    /// @param scalarA Of the columns at hand, the sum of rho_j: the factor of A.
    /// @param scalarB Of the columns at hand, the sum of rho_j gamma_j: the factor of B.
    struct Batch {
        bytes32 seed;
        uint256 terms;
        uint256 values;
        uint256 scalarA;
        uint256 scalarB;
        uint256[5] left;
        uint256[5] right;
    }

    /// A scalar is not below the scalar field's modulus.
    error InvalidScalar(uint256 value);
    /// A point has a coordinate that is not below the base field's modulus, is not on the curve, or is the identity.
    error InvalidPoint(uint256 x, uint256 y);
    /// There is no tier of so many slots.
    error UnknownSlots(uint256 slots);
    /// There is no such slot.
    error InvalidSlot(uint256 slots, uint256 index);
    /// There is nothing to check, or columns have no opening: that is not a success.
    error NothingToCheck();
    /// At least one of the openings, or pairs, does not hold.
    error Invalid();
    /// The call is longer or shorter than what its lists add up to.
    error MalformedCalldata();
    /// A precompile failed: too little gas, or a chain without it.
    error PrecompileFailed();

    // The scalar field's modulus.
    uint256 private constant R = 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001;
    // The base field's modulus.
    uint256 private constant P = 0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47;
    // Gas offered to precompiles: bounded, with room for other chains' prices.
    uint256 private constant GAS_ECADD = 1_000;
    uint256 private constant GAS_ECMUL = 12_000;
    uint256 private constant GAS_PAIRING = 250_000;

    /// @notice Digest of the setup: SHA-256 of g1, g2 and [tau]2.
    function setup() external pure returns (bytes32) {
        return $SETUP$;
    }

    /// @notice Whether the setup's secret is publicly known, so that anyone can forge openings and proofs.
    function insecureSetup() external pure returns (bool) {
        return $INSECURE$;
    }

    /// @notice Checks that (A + gamma B)(w^index) = value for all openings of all columns; reverts unless all hold.
    /// @dev With F = A + gamma B the equation is e([F] - y G + w^i pi, [1]2) = e(pi, [tau]2): left is pi. Openings of one
    /// pair of columns share the multiplications of A and of B, all share that of G.
    function check(Columns[] calldata columns) external view {
        Batch memory batch = _start(_countOpenings(columns));
        uint256[$WORDS$] memory roots = _roots();
        for (uint256 i = 0; i < columns.length; i++) {
            _addColumns(batch, roots, columns[i]);
        }
        _add(batch.right, 1, 2, R - batch.values);
        _requirePairing(batch);
    }

    /// @notice Checks e(left, [tau]2) = e(right, [1]2) for all pairs; reverts unless all hold.
    /// @dev The second parameter, the transcript, is a part of the calldata, which the seed hashes.
    /// @param pairs left.x, left.y, right.x, right.y of each. None is the identity: with only one of both it does not hold,
    /// and with both it says nothing about a proof.
    function checkPairs(uint256[4][] calldata pairs, bytes32) external view {
        // Selector, offset, transcript, length.
        if (msg.data.length != 100 + 128 * pairs.length) revert MalformedCalldata();
        Batch memory batch = _start(pairs.length);
        for (uint256 i = 0; i < pairs.length; i++) {
            uint256[4] calldata pair = pairs[i];
            _requirePoint(pair[0], pair[1]);
            _requirePoint(pair[2], pair[3]);
            uint256 rho = _randomiser(batch);
            _add(batch.left, pair[0], pair[1], rho);
            _add(batch.right, pair[2], pair[3], rho);
        }
        _requirePairing(batch);
    }

    /// @dev The number of openings. The calldata's length must be that of an encoding in which nothing stands in two
    /// places: so work is linear in it.
    function _countOpenings(Columns[] calldata columns) private pure returns (uint256 count) {
        for (uint256 i = 0; i < columns.length; i++) {
            uint256 openings = columns[i].openings.length;
            if (openings == 0) revert NothingToCheck();
            count += openings;
        }
        // Selector, offset, length; of each its offset, five words, an offset and a length.
        if (msg.data.length != 68 + 256 * columns.length + 160 * count) revert MalformedCalldata();
    }

    /// @dev An empty batch, with a seed for so many terms.
    function _start(uint256 terms) private view returns (Batch memory batch) {
        if (terms == 0) revert NothingToCheck();
        batch.seed = keccak256(abi.encode(block.chainid, address(this), msg.sender, terms, keccak256(msg.data)));
    }

    /// @dev Adds the openings of one pair of columns to the batch.
    function _addColumns(Batch memory batch, uint256[$WORDS$] memory roots, Columns calldata columns) private view {
        uint256 tier = _tier(columns.slots);
        Opening[] calldata openings = columns.openings;
        (batch.scalarA, batch.scalarB) = (0, 0);
        uint256 gammas;
        for (uint256 i = 0; i < openings.length; i++) {
            Opening calldata opening = openings[i];
            if (opening.index >= columns.slots) revert InvalidSlot(columns.slots, opening.index);
            if (opening.gamma >= R) revert InvalidScalar(opening.gamma);
            if (opening.value >= R) revert InvalidScalar(opening.value);
            _requirePoint(opening.proof[0], opening.proof[1]);
            gammas |= opening.gamma;
            _addOpening(batch, opening, _root(roots, tier, opening.index));
        }
        _requirePoint(columns.a[0], columns.a[1]);
        _add(batch.right, columns.a[0], columns.a[1], batch.scalarA);
        // Where only A is opened there need be no B.
        if (gammas == 0 && columns.b[0] == 0 && columns.b[1] == 0) return;
        _requirePoint(columns.b[0], columns.b[1]);
        if (gammas != 0) _add(batch.right, columns.b[0], columns.b[1], batch.scalarB);
    }

    /// @dev Adds what one opening has of its own, its words and its point having been checked: rho pi to the left,
    /// rho w^index pi to the right, and its parts of the columns' and of the generator's factors.
    /// @param root w^index.
    function _addOpening(Batch memory batch, Opening calldata opening, uint256 root) private view {
        uint256 rho = _randomiser(batch);
        assembly ("memory-safe") {
            /// Adds a multiple of the point behind the sum to the sum. A factor of 1 costs no multiplication.
            function addMultiple(sum, scalar) -> ok {
                let product := add(sum, 0x40)
                ok := 1
                if iszero(eq(scalar, 1)) {
                    mstore(add(sum, 0x80), scalar)
                    ok := staticcall(GAS_ECMUL, 0x07, product, 0x60, product, 0x40)
                }
                ok := and(ok, staticcall(GAS_ECADD, 0x06, sum, 0x80, sum, 0x40))
            }

            let at := add(batch, 0x40) // values
            mstore(at, addmod(mload(at), mulmod(rho, calldataload(add(opening, 0x40)), R), R))
            at := add(batch, 0x60) // scalarA
            mstore(at, addmod(mload(at), rho, R))
            at := add(batch, 0x80) // scalarB
            mstore(at, addmod(mload(at), mulmod(rho, calldataload(add(opening, 0x20)), R), R))
            let sum := mload(add(batch, 0xa0)) // left
            calldatacopy(add(sum, 0x40), add(opening, 0x60), 0x40)
            let ok := addMultiple(sum, rho)
            sum := mload(add(batch, 0xc0)) // right
            calldatacopy(add(sum, 0x40), add(opening, 0x60), 0x40)
            ok := and(ok, addMultiple(sum, mulmod(rho, root, R)))
            if iszero(ok) {
                mstore(0x00, $PRECOMPILE_FAILED$) // PrecompileFailed()
                revert(0x1c, 0x04)
            }
        }
    }

    /// @dev The next term's rho: 1, then 128 bits of the hash of the seed and the term's number.
    function _randomiser(Batch memory batch) private pure returns (uint256 rho) {
        assembly ("memory-safe") {
            let term := mload(add(batch, 0x20))
            mstore(add(batch, 0x20), add(term, 1))
            mstore(0x00, mload(batch)) // seed
            mstore(0x20, term)
            rho := and(keccak256(0x00, 0x40), 0xffffffffffffffffffffffffffffffff)
            if iszero(term) { rho := 1 }
        }
    }

    /// @dev The tier m of 4^m slots.
    function _tier(uint256 slots) private pure returns (uint256) {
$TIERS$
        revert UnknownSlots(slots);
    }

    /// @dev Words 4 m .. 4 m + 3 are the powers 0 .. 3 of the root of unity of order 4^m; that is the fourth power of the
    /// next one.
    function _roots() private pure returns (uint256[$WORDS$] memory roots) {
        assembly ("memory-safe") {
$TABLE$
        }
    }

    /// @dev w^index for w of order 4^tier: digit j of the index to the base 4 stands for that power of w^(4^j), which has
    /// order 4^(tier - j).
    function _root(uint256[$WORDS$] memory roots, uint256 tier, uint256 index) private pure returns (uint256 root) {
        assembly ("memory-safe") {
            root := 1
            for { let at := add(roots, shl(7, tier)) } index { at := sub(at, 0x80) } {
                root := mulmod(root, mload(add(at, shl(5, and(index, 3)))), R)
                index := shr(2, index)
            }
        }
    }

    /// @dev Refuses what is no canonical point of the curve y^2 = x^3 + 3 before a precompile sees it: on bad points
    /// precompiles fail and burn what they were given. The identity, (0, 0), is not on the curve.
    function _requirePoint(uint256 x, uint256 y) private pure {
        if (x >= P || y >= P || mulmod(y, y, P) != addmod(mulmod(x, mulmod(x, x, P), P), 3, P)) {
            revert InvalidPoint(x, y);
        }
    }

    /// @dev Adds a multiple of a point to a sum. A factor of 1 costs no multiplication.
    function _add(uint256[5] memory sum, uint256 x, uint256 y, uint256 scalar) private view {
        assembly ("memory-safe") {
            let product := add(sum, 0x40)
            mstore(product, x)
            mstore(add(sum, 0x60), y)
            let ok := 1
            if iszero(eq(scalar, 1)) {
                mstore(add(sum, 0x80), scalar)
                ok := staticcall(GAS_ECMUL, 0x07, product, 0x60, product, 0x40)
            }
            if iszero(and(ok, staticcall(GAS_ECADD, 0x06, sum, 0x80, sum, 0x40))) {
                mstore(0x00, $PRECOMPILE_FAILED$) // PrecompileFailed()
                revert(0x1c, 0x04)
            }
        }
    }

    /// @dev Requires e(right, [1]2) e(left, -[tau]2) = 1.
    function _requirePairing(Batch memory batch) private view {
        (uint256[5] memory left, uint256[5] memory right) = (batch.left, batch.right);
        bool ok;
        uint256 one;
        assembly ("memory-safe") {
            let input := mload(0x40)
            mcopy(input, right, 0x40)
$G2$
            mcopy(add(input, 0xc0), left, 0x40)
$MINUS_TAU_G2$
            // Where there is no precompile nothing is written, and 0 is refused.
            mstore(0x00, 0)
            ok := staticcall(GAS_PAIRING, 0x08, input, 0x180, 0x00, 0x20)
            one := mload(0x00)
        }
        if (!ok) revert PrecompileFailed();
        if (one != 1) revert Invalid();
    }
}
