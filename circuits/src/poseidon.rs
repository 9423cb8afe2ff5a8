//! `H(tag; a,b,c,d)`: one Poseidon permutation, `x^5`, width 5, 8 full and 60 partial rounds.
//!
//! In a partial round only lane 0 is raised to the fifth power and the matrix is the same in every round, so by
//! Cayley-Hamilton the inputs `u_p` of those S-boxes obey a linear recurrence of order 5 in the `u`'s and their
//! fifth powers. The first five follow from the state that enters, the state that leaves follows from the last
//! five, and no other lane is ever computed. That is as cheap natively (10 products a round) as the usual sparse
//! matrices (9), and it is what the circuit commits to: one cell per S-box, see docs/gates.md. Native code and
//! gates share one set of derived constants, so there is one derivation to get right.

pub(crate) mod chip;
mod matrix;

use self::matrix::{Matrix, Vector, dot, identity, inverse, mul, mul_vector, row_times};
use crate::field::{SuiteField, SuiteId, from_bytes, from_short_bytes};

/// Lanes of the state.
pub const WIDTH: usize = 5;
/// Full rounds, half of them before and half after the partial ones.
pub const FULL_ROUNDS: usize = 8;
/// Partial rounds.
pub const PARTIAL_ROUNDS: usize = 60;

const HALF: usize = FULL_ROUNDS / 2;
const ROUNDS: usize = FULL_ROUNDS + PARTIAL_ROUNDS;

/// What a hash is for. Different uses can never collide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tag {
    /// A record leaf of a dataset's tree.
    Record,
    /// An inner node of a dataset's tree.
    Node,
}

impl Tag {
    /// The ASCII string whose big-endian integer is the tag.
    pub const fn name(self) -> &'static str {
        match self {
            Tag::Record => "apportion.record.v1",
            Tag::Node => "apportion.node.v1",
        }
    }

    /// The tag as a field element.
    pub fn to_field<F: SuiteField>(self) -> F {
        from_short_bytes(self.name().as_bytes())
    }
}

/// Round constants and MDS matrix: one element a line, 64 hex digits, big-endian; round by round, then row by row.
/// They are those of the reference Grain generator, with its first matrix, which is secure for both fields (circomlib
/// uses it too): the proof systems' crate compares them before it derives a key, and its tests write them anew
/// (src/constants.rs there).
const fn constants_of(suite: SuiteId) -> &'static str {
    match suite {
        SuiteId::Bn254 => include_str!("poseidon/bn254.hex"),
        SuiteId::Pasta => include_str!("poseidon/pasta.hex"),
    }
}

/// Reads what [`constants_of`] describes; `None` unless there are exactly as many canonical elements as there must be.
fn read_constants<F: SuiteField>(text: &str) -> Option<(Vec<Vector<F>>, Matrix<F>)> {
    let element = |line: &str| -> Option<F> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(line, &mut bytes).ok()?;
        from_bytes(&bytes)
    };
    let elements = text.lines().map(element).collect::<Option<Vec<F>>>()?;
    let (rows, rest) = elements.as_chunks::<WIDTH>();
    if rows.len() != ROUNDS + WIDTH || !rest.is_empty() {
        return None;
    }
    let (round_constants, mds) = rows.split_at(ROUNDS);
    Some((round_constants.to_vec(), mds.try_into().ok()?))
}

/// Constants of the permutation in one field, those of the definition and those derived from them.
#[derive(Clone, Debug)]
pub struct Poseidon<F> {
    /// Round constants, by round and lane.
    pub round_constants: Vec<Vector<F>>,
    /// The MDS matrix, `new[i] = sum_j mds[i][j] * old[j]`.
    pub mds: Matrix<F>,
    pub(crate) partial: PartialRounds<F>,
}

/// The partial rounds as a recurrence; `d_p = u_p^5 - u_p` throughout.
#[derive(Clone, Debug)]
pub(crate) struct PartialRounds<F> {
    /// `u_j = enter_state[j] . y + sum_{i<j} h[j-i] d_i + enter_constants[j]`, `j < 5`, `y` being the fifth
    /// powers of the last full round before the partial ones.
    pub(crate) enter_state: Matrix<F>,
    pub(crate) h: [F; WIDTH + 1],
    pub(crate) enter_constants: Vector<F>,
    /// `u_{p+5} = sum_i linear[i] u_{p+i} + fifth[i] u_{p+i}^5 + step_constants[p]`.
    pub(crate) linear: Vector<F>,
    pub(crate) fifth: Vector<F>,
    pub(crate) step_constants: Vec<F>,
    /// The S-box inputs of the full round that follows:
    /// `exit_linear u + exit_fifth u^5 + exit_constants` over the last five `u`.
    pub(crate) exit_linear: Matrix<F>,
    pub(crate) exit_fifth: Matrix<F>,
    pub(crate) exit_constants: Vector<F>,
}

/// All S-box inputs of one permutation: what the circuit commits to.
#[derive(Clone, Debug)]
pub(crate) struct Trace<F> {
    /// The state that enters, without constants; then the S-box inputs of the full rounds 1 to 3.
    pub(crate) first: [Vector<F>; HALF],
    /// The S-box inputs of the partial rounds.
    pub(crate) partial: [F; PARTIAL_ROUNDS],
    /// The S-box inputs of the last four full rounds.
    pub(crate) last: [Vector<F>; HALF],
    /// Lane 0 of the state that leaves.
    pub(crate) output: F,
}

/// `x^5`.
pub(crate) fn pow5<F: SuiteField>(x: F) -> F {
    let square = x.square();
    square.square() * x
}

impl<F: SuiteField> Poseidon<F> {
    /// Reads the constants of the definition, which are compiled in, and derives the others.
    #[expect(clippy::panic, reason = "compiled in and tested: no input leads here")]
    pub fn generate() -> Self {
        let Some((round_constants, mds)) = read_constants(constants_of(F::SUITE)) else {
            panic!("src/poseidon/{}.hex does not hold the constants of Poseidon", F::SUITE);
        };
        let partial = PartialRounds::derive(&round_constants, &mds);
        Self { round_constants, mds, partial }
    }

    /// `H(tag; inputs)`.
    pub fn hash(&self, tag: F, inputs: [F; 4]) -> F {
        let [a, b, c, d] = inputs;
        self.trace([tag, a, b, c, d]).output
    }

    /// Runs the permutation and keeps every S-box input.
    pub(crate) fn trace(&self, state: Vector<F>) -> Trace<F> {
        let rc = &self.round_constants;
        let round = |inputs: &Vector<F>| mul_vector(&self.mds, &inputs.map(pow5));
        let mut first = [state; HALF];
        let mut inputs = add(&state, &rc[0]);
        for (r, slot) in first.iter_mut().enumerate().skip(1) {
            inputs = add(&round(&inputs), &rc[r]);
            *slot = inputs;
        }
        let partial = self.partial.run(&inputs.map(pow5));
        let mut last = [state; HALF];
        last[0] = self.partial.exit(&partial);
        for r in 1..HALF {
            last[r] = add(&round(&last[r - 1]), &rc[HALF + PARTIAL_ROUNDS + r]);
        }
        let output = dot(&self.mds[0], &last[HALF - 1].map(pow5));
        Trace { first, partial, last, output }
    }

    /// The permutation as the literature defines it, all lanes in all rounds: what the rest is tested against.
    pub fn permute_reference(&self, mut state: [F; WIDTH]) -> [F; WIDTH] {
        for (r, constants) in self.round_constants.iter().enumerate() {
            state = add(&state, constants);
            if (HALF..HALF + PARTIAL_ROUNDS).contains(&r) {
                state[0] = pow5(state[0]);
            } else {
                state = state.map(pow5);
            }
            state = mul_vector(&self.mds, &state);
        }
        state
    }
}

impl<F: SuiteField> PartialRounds<F> {
    /// See the module's documentation; with `v_p` the state before partial round `p`, constants included,
    /// `v_{p+1} = M v_p + M e_0 d_p + c_{p+1}` and `u_p = e_0 . v_p`.
    fn derive(round_constants: &[Vector<F>], mds: &Matrix<F>) -> Self {
        // powers[i] = M^i; observe[j] = e_0 M^j; h[i] = (M^i)_00.
        let powers: Vec<Matrix<F>> =
            std::iter::successors(Some(identity()), |m| Some(mul(m, mds))).take(WIDTH + 1).collect();
        let observe: Matrix<F> = std::array::from_fn(|j| powers[j][0]);
        let h: [F; WIDTH + 1] = std::array::from_fn(|i| powers[i][0][0]);
        // c_p: constants of partial round p; c_60 those of the full round that follows.
        let constants = |p: usize| &round_constants[HALF + p];
        // What constants alone contribute to u_{p+j}, and to the state j rounds after p.
        let drift = |p: usize, j: usize| -> Vector<F> {
            (0..j).fold([F::ZERO; WIDTH], |acc, i| {
                add(&acc, &mul_vector(&powers[j - 1 - i], constants(p + 1 + i)))
            })
        };

        let enter_state = mul(&observe, mds);
        let enter_constants = std::array::from_fn(|j| dot(&observe[j], constants(0)) + drift(0, j)[0]);

        // e_0 M^5 = sum_j a_j e_0 M^j.
        let observe_inverse = inverse(&observe);
        let a = row_times(&powers[WIDTH][0], &observe_inverse);
        let g: Vector<F> =
            std::array::from_fn(|i| h[WIDTH - i] - (i + 1..WIDTH).map(|j| a[j] * h[j - i]).sum::<F>());
        let linear = std::array::from_fn(|i| a[i] - g[i]);
        let step_constants = (0..PARTIAL_ROUNDS - WIDTH)
            .map(|p| drift(p, WIDTH)[0] - (0..WIDTH).map(|j| a[j] * drift(p, j)[0]).sum::<F>())
            .collect();

        // The last window gives v_55 = observe^-1 (u - H d - drift), and v_60 follows in five steps.
        let from = PARTIAL_ROUNDS - WIDTH;
        let state_from_u = mul(&powers[WIDTH], &observe_inverse);
        let h_matrix: Matrix<F> =
            std::array::from_fn(|j| std::array::from_fn(|i| if i < j { h[j - i] } else { F::ZERO }));
        let from_d = mul(&state_from_u, &h_matrix);
        let exit_fifth: Matrix<F> =
            std::array::from_fn(|lane| std::array::from_fn(|i| powers[WIDTH - i][lane][0] - from_d[lane][i]));
        let exit_linear =
            std::array::from_fn(|lane| std::array::from_fn(|i| state_from_u[lane][i] - exit_fifth[lane][i]));
        let window_drift: Vector<F> = std::array::from_fn(|j| drift(from, j)[0]);
        let through = mul_vector(&state_from_u, &window_drift);
        let end = drift(from, WIDTH);
        let exit_constants = std::array::from_fn(|lane| end[lane] - through[lane]);

        Self {
            enter_state,
            h,
            enter_constants,
            linear,
            fifth: g,
            step_constants,
            exit_linear,
            exit_fifth,
            exit_constants,
        }
    }

    /// All S-box inputs, from the fifth powers of the full round before.
    fn run(&self, y: &Vector<F>) -> [F; PARTIAL_ROUNDS] {
        let mut u = [F::ZERO; PARTIAL_ROUNDS];
        let mut fifth = [F::ZERO; PARTIAL_ROUNDS];
        for p in 0..PARTIAL_ROUNDS {
            u[p] = if p < WIDTH {
                let from_d: F = (0..p).map(|i| self.h[p - i] * (fifth[i] - u[i])).sum();
                dot(&self.enter_state[p], y) + from_d + self.enter_constants[p]
            } else {
                let start = p - WIDTH;
                (0..WIDTH)
                    .map(|i| self.linear[i] * u[start + i] + self.fifth[i] * fifth[start + i])
                    .sum::<F>()
                    + self.step_constants[start]
            };
            fifth[p] = pow5(u[p]);
        }
        u
    }

    /// The S-box inputs of the full round after the partial ones.
    fn exit(&self, u: &[F; PARTIAL_ROUNDS]) -> Vector<F> {
        let window: Vector<F> = std::array::from_fn(|i| u[PARTIAL_ROUNDS - WIDTH + i]);
        let fifth = window.map(pow5);
        std::array::from_fn(|lane| {
            dot(&self.exit_linear[lane], &window)
                + dot(&self.exit_fifth[lane], &fifth)
                + self.exit_constants[lane]
        })
    }
}

fn add<F: SuiteField>(a: &Vector<F>, b: &Vector<F>) -> Vector<F> {
    std::array::from_fn(|i| a[i] + b[i])
}

const _: () = assert!(ROUNDS == 68 && PARTIAL_ROUNDS.is_multiple_of(WIDTH));

#[cfg(test)]
mod tests {
    use super::*;
    use ff::PrimeField;
    use halo2curves_axiom::bn256::Fr;
    use pasta_curves::Fp;
    use proptest::prelude::*;

    fn small(tag: u64) -> Fr {
        let [a, b, c, d] = [1, 2, 3, 4].map(Fr::from);
        Fr::poseidon().hash(Fr::from(tag), [a, b, c, d])
    }

    #[test]
    fn bn254_is_circomlib() {
        let expect = |s| Fr::from_str_vartime(s).unwrap();
        assert_eq!(
            small(0),
            expect("18821383157269793795438455681495246036402687001665670618754263018637548127333")
        );
        assert_eq!(
            small(7),
            expect("1569211601569591254857354699102545060324851338714426496554851741114291465006")
        );
    }

    #[test]
    fn damaged_constants_are_refused() {
        let text = constants_of(SuiteId::Bn254);
        assert!(read_constants::<Fr>(text).is_some());
        let (short, long) = (&text[65..], format!("{text}{}", &text[..65]));
        let beyond = format!("{}\n{}", "f".repeat(64), &text[65..]);
        let letters = format!("g{}", &text[1..]);
        for damaged in [short, &long, &beyond, &letters, &text[1..], ""] {
            assert!(read_constants::<Fr>(damaged).is_none());
        }
    }

    fn agrees<F: SuiteField>(state: [u64; WIDTH]) {
        let state = state.map(|x| F::from(x) * F::from(x) - F::from(3));
        let poseidon = F::poseidon();
        assert_eq!(poseidon.trace(state).output, poseidon.permute_reference(state)[0]);
    }

    proptest! {
        #[test]
        fn the_recurrence_computes_the_definition(state: [u64; WIDTH]) {
            agrees::<Fr>(state);
            agrees::<Fp>(state);
        }
    }
}
