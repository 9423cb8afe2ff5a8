//! Step 6: what the quotient must be at x: all constraints, folded by powers of y, over x^n - 1.

use apportion_circuits::plonkish::Query;
use ff::{Field, PrimeField};
use halo2_axiom::halo2curves::bn256::Fr;

use super::{
    domain::Domain,
    expr::{Expressions, Id},
    gates::Gates,
    plan::{Plan, literal},
    text::{Memory, Text, calldata, mload, mstore, mul},
    transcript::Challenges,
};

pub(super) fn quotient(
    out: &mut Text,
    plan: &Plan<'_>,
    challenges: &Challenges,
    domain: &Domain,
    result: usize,
    memory: &mut Memory,
) {
    let cell = |query: Query| match query {
        Query::Public(rotation) => domain.public.get(&rotation).map(|at| mload(*at)).unwrap_or_default(),
        query => plan.evaluation(query).map(calldata).unwrap_or_default(),
    };
    let mut expressions = Expressions::new(&cell);
    let mut gates = Gates::new(plan.layout, &mut expressions);
    let inputs: Vec<_> = plan.layout.lookups.iter().map(|lookup| expressions.add(&lookup.input)).collect();

    let doc = [
        "Step 6: every constraint at x, folded as acc = acc y + constraint. Sums stay unreduced below 5 r < 2^256.",
    ];
    out.step(&doc, "_quotient", "pure", |out| {
        out.line(format!("let y := {}", mload(challenges.y)));
        out.line("let t := 0");
        out.line("let s := 0");
        out.line("let sum := 0");
        out.line("let wide := 0");
        out.line("let acc := 0");
        gates.fold(out, memory, &mut expressions);
        permutation(out, plan, challenges, domain);
        lookups(out, plan, challenges, domain, &mut expressions, &inputs, memory);
        out.line("");
        out.line(mstore(result, mul("acc", mload(domain.vanishing_inverse))));
    });
}

/// `acc = acc y + factor value`; `value` may be anything below 2^256.
fn fold(out: &mut Text, factor: &str, value: &str) {
    out.line(format!("acc := add({}, {})", mul("acc", "y"), mul(factor, value)));
}

/// The permutation argument: running products over `degree - 2` columns each.
fn permutation(out: &mut Text, plan: &Plan<'_>, challenges: &Challenges, domain: &Domain) {
    let (Some(first), Some(last)) = (plan.products.first(), plan.products.last()) else { return };
    let (l_first, l_last, active) = (mload(domain.l_first), mload(domain.l_last), mload(domain.active));
    out.line("");
    out.line("// Permutation: the first running product starts from 1");
    fold(out, &l_first, &format!("add(1, sub(r, {}))", calldata(first.at)));
    out.line("// Permutation: the last running product ends in 0 or 1");
    out.line(format!("t := {}", calldata(last.at)));
    fold(out, &l_last, "add(mulmod(t, t, r), sub(r, t))");
    for (previous, product) in plan.products.iter().zip(plan.products.iter().skip(1)) {
        if let Some(end) = previous.last {
            out.line("// Permutation: each other starts from where the one before it ended");
            fold(out, &l_first, &format!("add({}, sub(r, {}))", calldata(product.at), calldata(end)));
        }
    }
    let chunk = plan.degree - 2;
    let columns = plan.layout.equality.chunks(chunk).zip(plan.sigma_evaluations.chunks(chunk));
    let mut shift = Fr::ONE;
    for (index, (product, (columns, sigmas))) in plan.products.iter().zip(columns).enumerate() {
        let cells = || {
            columns
                .iter()
                .map(|column| plan.evaluation(Query::Advice(column.0, 0)).map(calldata).unwrap_or_default())
        };
        out.line(format!("// Permutation: running product {index} takes its columns' steps"));
        out.line(format!("sum := {}", calldata(product.next)));
        for (cell, sigma) in cells().zip(sigmas) {
            let beta = mul(mload(challenges.beta), calldata(*sigma));
            out.line(format!(
                "sum := {}",
                mul("sum", format!("add(add({cell}, {beta}), {})", mload(challenges.gamma)))
            ));
        }
        out.line(format!("t := {}", calldata(product.at)));
        out.line(format!("s := {}", mul(mload(challenges.beta), mload(challenges.x))));
        for cell in cells() {
            let own = if shift == Fr::ONE { "s".to_string() } else { mul("s", literal(&shift)) };
            out.line(format!(
                "t := {}",
                mul("t", format!("add(add({cell}, {own}), {})", mload(challenges.gamma)))
            ));
            shift *= Fr::DELTA;
        }
        fold(out, &active, "add(sum, sub(r, t))");
    }
}

/// The lookup arguments.
fn lookups(
    out: &mut Text,
    plan: &Plan<'_>,
    challenges: &Challenges,
    domain: &Domain,
    expressions: &mut Expressions<'_>,
    inputs: &[Id],
    memory: &mut Memory,
) {
    let (l_first, l_last, active) = (mload(domain.l_first), mload(domain.l_last), mload(domain.active));
    for ((lookup, evaluations), input) in plan.layout.lookups.iter().zip(&plan.lookups).zip(inputs) {
        let table = plan.evaluation(Query::Fixed(lookup.table.0, 0)).map(calldata).unwrap_or_default();
        let [product, next, permuted, previous, permuted_table] = [
            evaluations.product,
            evaluations.product_next,
            evaluations.input,
            evaluations.input_previous,
            evaluations.table,
        ]
        .map(calldata);
        let (beta, gamma) = (mload(challenges.beta), mload(challenges.gamma));
        out.line("");
        out.line(format!("// Lookup \"{}\": the running product starts from 1", lookup.name));
        expressions.assign(out, memory, *input, "s", 4);
        out.line(format!("t := {product}"));
        fold(out, &l_first, "add(1, sub(r, t))");
        out.line("// ends in 0 or 1");
        fold(out, &l_last, "add(mulmod(t, t, r), sub(r, t))");
        out.line("// takes each row's step");
        out.line(format!("s := {}", mul(format!("add(s, {beta})"), format!("add({table}, {gamma})"))));
        out.line(format!(
            "sum := {}",
            mul(format!("add({permuted}, {beta})"), format!("add({permuted_table}, {gamma})"))
        ));
        fold(out, &active, &format!("add({}, sub(r, {}))", mul(&next, "sum"), mul("t", "s")));
        out.line("// the permuted input starts with a value of the table");
        out.line(format!("t := {permuted}"));
        out.line(format!("s := add(t, sub(r, {permuted_table}))"));
        fold(out, &l_first, "s");
        out.line("// and repeats the value above or takes the table's");
        fold(out, &active, &mul("s", format!("add(t, sub(r, {previous}))")));
    }
}
