//! Steps 4 and 5: one field inversion for everything that is divided by, then Lagrange polynomials at x.

use std::collections::BTreeMap;

use apportion_circuits::plonkish::Query;
use ff::{Field, PrimeField};
use halo2_axiom::halo2curves::bn256::Fr;

use super::{
    errors::Failure,
    plan::{Plan, literal},
    text::{Memory, Text, mload, mstore, mul, require},
    transcript::Challenges,
};

/// Addresses of what these steps compute.
pub(super) struct Domain {
    /// x^n.
    pub(super) xn: usize,
    /// 1 / (x^n - 1).
    pub(super) vanishing_inverse: usize,
    /// 1 / x, where any set has several points.
    pub(super) x_inverse: usize,
    /// 1 / (u - x w^rotation).
    pub(super) point_inverses: BTreeMap<i32, usize>,
    /// The product of u - x w^rotation over the first set.
    pub(super) first_vanishing: usize,
    pub(super) l_first: usize,
    pub(super) l_last: usize,
    /// 1 - l_last - l_blind.
    pub(super) active: usize,
    /// The public column's value at x w^rotation.
    pub(super) public: BTreeMap<i32, usize>,
    row_inverses: BTreeMap<i32, usize>,
    blind_numerator: usize,
    blind_inverse: usize,
}

/// The generator of the rows' subgroup, to the power of a row.
pub(super) fn omega(k: u32, row: i32) -> Fr {
    let generator = (k..Fr::S).fold(Fr::ROOT_OF_UNITY, |w, _| w.square());
    let base = if row < 0 { generator.invert().unwrap_or(Fr::ZERO) } else { generator };
    base.pow_vartime([u64::from(row.unsigned_abs())])
}

impl Domain {
    pub(super) fn new(plan: &Plan<'_>, memory: &mut Memory) -> Self {
        let mut rotations: Vec<i32> = Vec::new();
        for query in plan.layout.queries() {
            if let Query::Public(rotation) = query {
                rotations.push(rotation);
            }
        }
        let inputs = plan.layout.public.len() as i32;
        let last = -(plan.layout.blinding_rows() as i32);
        let mut rows: Vec<i32> = rotations.iter().flat_map(|r| (0..inputs).map(move |i| i - r)).collect();
        rows.extend([0, last]);
        rows.sort_unstable();
        rows.dedup();
        let mut word = || memory.take(1);
        let mut domain = Self {
            xn: word(),
            first_vanishing: word(),
            l_first: word(),
            l_last: word(),
            active: word(),
            public: rotations.into_iter().map(|rotation| (rotation, word())).collect(),
            blind_numerator: word(),
            x_inverse: 0,
            vanishing_inverse: 0,
            blind_inverse: 0,
            point_inverses: BTreeMap::new(),
            row_inverses: BTreeMap::new(),
        };
        // Each with its prefix product in the word before it.
        let mut pair = || memory.take(2) + 32;
        domain.x_inverse = pair();
        domain.vanishing_inverse = pair();
        domain.blind_inverse = pair();
        domain.row_inverses = rows.into_iter().map(|row| (row, pair())).collect();
        domain.point_inverses = plan.rotations.iter().map(|rotation| (*rotation, pair())).collect();
        domain
    }

    fn inverted(&self) -> Vec<usize> {
        let mut all = vec![self.x_inverse, self.vanishing_inverse, self.blind_inverse];
        all.extend(self.row_inverses.values());
        all.extend(self.point_inverses.values());
        all
    }
}

pub(super) fn invert(
    out: &mut Text,
    plan: &Plan<'_>,
    challenges: &Challenges,
    domain: &Domain,
    modexp: usize,
) {
    let k = plan.layout.k;
    let doc = [
        "Step 4: everything that is divided by, inverted at once: prefix products, one modular exponentiation, and back.",
        "The word before each value holds the product of those before it.",
    ];
    out.step(&doc, "_invert", "view", |out| {
        out.line(format!("let x := {}", mload(challenges.x)));
        out.line(format!("let u := {}", mload(challenges.u)));
        out.line("");
        out.line(format!("// x^n, n = 2^{k}"));
        out.line("let v := mulmod(x, x, r)");
        for _ in 1..k {
            out.line("v := mulmod(v, v, r)");
        }
        out.line(mstore(domain.xn, "v"));
        out.line("");
        out.line("// x, and x^n - 1: the rows' vanishing polynomial");
        out.line(mstore(domain.x_inverse, "x"));
        out.line("v := addmod(v, sub(r, 1), r)");
        let push = |out: &mut Text, at: usize, value: &str| {
            if value != "v" {
                out.line(format!("v := {value}"));
            }
            out.line(mstore(at, "v"));
            out.line(mstore(at - 32, "product"));
            out.line("product := mulmod(product, v, r)");
        };
        out.line("let product := x");
        push(out, domain.vanishing_inverse, "v");

        let blind = plan.layout.blinding_rows() as i32;
        out.line("");
        out.line(
            "// The blinding rows and the last row before them: sum of w^i / (x - w^i) as one fraction.",
        );
        let (numerator, denominator) = fraction(&(-blind..0).map(|row| omega(k, row)).collect::<Vec<_>>());
        horner(out, "v", &numerator);
        out.line(mstore(domain.blind_numerator, "v"));
        horner(out, "v", &denominator);
        push(out, domain.blind_inverse, "v");

        out.line("");
        out.line("// x - w^i for the rows whose Lagrange polynomials are needed");
        for (row, at) in &domain.row_inverses {
            push(out, *at, &format!("addmod(x, {}, r)", literal(&-omega(k, *row))));
        }
        out.line("");
        out.line("// u - x w^i for the points of the opening argument");
        for (rotation, at) in &domain.point_inverses {
            let point = match rotation {
                0 => "sub(r, x)".to_string(),
                _ => mul("x", literal(&-omega(k, *rotation))),
            };
            push(out, *at, &format!("addmod(u, {point}, r)"));
        }
        out.line("");
        out.line("// The vanishing polynomial of the first set of points, at u");
        let first: Vec<_> =
            plan.sets[0].rotations.iter().map(|rotation| mload(domain.point_inverses[rotation])).collect();
        let product = first.into_iter().reduce(mul).unwrap_or_else(|| "1".into());
        out.line(mstore(domain.first_vanishing, product));

        out.line("");
        out.line("// product^(r - 2)");
        for (i, value) in ["0x20", "0x20", "0x20", "product", "sub(r, 2)", "r"].iter().enumerate() {
            out.line(mstore(modexp + 32 * i, value));
        }
        out.line(format!("let ok := staticcall(GAS_MODEXP, 0x05, {modexp:#x}, 0xc0, 0x00, 0x20)"));
        require(out, "ok", Failure::PrecompileFailed);
        out.line("v := mload(0x00)");
        require(out, "eq(mulmod(v, product, r), 1)", Failure::NotInvertible);
        let all = domain.inverted();
        for at in all[1..].iter().rev() {
            out.line(format!("product := {}", mload(*at)));
            out.line(mstore(*at, mul("v", mload(*at - 32))));
            out.line("v := mulmod(v, product, r)");
        }
        out.line(mstore(all[0], "v"));
    });
}

pub(super) fn lagrange(out: &mut Text, plan: &Plan<'_>, domain: &Domain) {
    let k = plan.layout.k;
    let doc = [
        "Step 5: Lagrange polynomials at x, l_i = w^i (x^n - 1) / (n (x - w^i)), and the public column's values, which",
        "the verifier computes itself.",
    ];
    out.step(&doc, "_lagrange", "pure", |out| {
        let n_inverse = Fr::from(1u64 << k).invert().unwrap_or(Fr::ZERO);
        let scale = format!("mulmod(addmod({}, sub(r, 1), r), {}, r)", mload(domain.xn), literal(&n_inverse));
        out.line(format!("let scale := {scale}"));
        let l = |row: &i32| match row {
            0 => mload(domain.row_inverses[row]),
            _ => mul(mload(domain.row_inverses[row]), literal(&omega(k, *row))),
        };
        let last = -(plan.layout.blinding_rows() as i32);
        out.line(format!("{} // l_first", mstore(domain.l_first, mul("scale", l(&0)))));
        out.line(format!("{} // l_last, row {last}", mstore(domain.l_last, mul("scale", l(&last)))));
        let blind = mul(mload(domain.blind_numerator), mload(domain.blind_inverse));
        out.line(format!(
            "{} // 1 - l_last - l_blind",
            mstore(domain.active, format!("addmod(1, sub(r, {}), r)", mul("scale", blind)))
        ));
        let name = |row: usize| plan.layout.public[row].name;
        for (rotation, at) in &domain.public {
            out.line("");
            out.line(format!("// the public column at x w^{rotation}"));
            let mut bound = 0;
            for i in 0..plan.layout.public.len() {
                let input = format!("calldataload({:#x})", plan.inputs_at() + 32 * i);
                let term = mul(input, l(&(i as i32 - rotation)));
                let sum = match bound {
                    0 => format!("let v{} := {term}", suffix(*rotation)),
                    1..5 => format!("v{0} := add(v{0}, {term})", suffix(*rotation)),
                    _ => format!("v{0} := addmod(v{0}, {term}, r)", suffix(*rotation)),
                };
                bound = if bound == 5 { 1 } else { bound + 1 };
                out.line(format!("{sum} // {}", name(i)));
            }
            out.line(mstore(*at, mul("scale", format!("v{}", suffix(*rotation)))));
        }
    });
}

fn suffix(rotation: i32) -> String {
    match rotation {
        0 => String::new(),
        _ => format!("_{}{}", if rotation < 0 { "m" } else { "" }, rotation.unsigned_abs()),
    }
}

/// A polynomial in x, coefficients from the constant on.
fn horner(out: &mut Text, variable: &str, coefficients: &[Fr]) {
    let mut coefficients = coefficients.iter().rev();
    let mut leading = coefficients.next().copied().unwrap_or(Fr::ZERO);
    let mut first = true;
    for coefficient in coefficients {
        let product = match (first, leading == Fr::ONE) {
            (true, true) => "x".to_string(),
            (true, false) => mul("x", literal(&leading)),
            _ => mul(variable, "x"),
        };
        out.line(format!("{variable} := addmod({product}, {}, r)", literal(coefficient)));
        first = false;
        leading = Fr::ONE;
    }
}

/// The sum of `a / (X - a)` as one fraction, coefficients from the constant on.
fn fraction(points: &[Fr]) -> (Vec<Fr>, Vec<Fr>) {
    let times = |poly: &[Fr], a: Fr| -> Vec<Fr> {
        let mut product = vec![Fr::ZERO; poly.len() + 1];
        for (i, c) in poly.iter().enumerate() {
            product[i + 1] += c;
            product[i] -= a * c;
        }
        product
    };
    let mut denominator = vec![Fr::ONE];
    let mut numerator = vec![Fr::ZERO];
    for a in points {
        let mut sum = times(&numerator, *a);
        sum.iter_mut().zip(&denominator).for_each(|(s, d)| *s += *a * d);
        sum.truncate(denominator.len());
        numerator = sum;
        denominator = times(&denominator, *a);
    }
    (numerator, denominator)
}
