//! Our prover of the suite `bn254`: halo2's PLONK with KZG commitments and the opening argument SHPLONK, as halo2-axiom's
//! verifier and the contracts check it, one module a step of the protocol.
//!
//! It differs from halo2-axiom's own prover in what a verifier can't see: linked columns are committed by their
//! coefficients, the random polynomial has degree 1, the quotient's pieces are blinded, and everything that is random comes
//! from one generator. docs/zero-knowledge.md says what that is good for.

mod columns;
mod domain;
mod draws;
mod key;
mod lookups;
mod opening;
mod products;
mod program;
mod quotient;
mod secret;
#[cfg(test)]
mod tests;

use apportion_circuits::{
    column::MaskedColumn,
    plonkish::{Query, Table},
};
use apportion_suite::{
    Bn254, Suite, SuiteError,
    lowering::{bn254::EvmTranscript, check_shape},
};
use ff::Field;
use group::Curve;
use halo2_axiom::{
    halo2curves::bn256::{Fr, G1Affine},
    transcript::{EncodedChallenge, Transcript, TranscriptWrite},
};
use rayon::prelude::*;

pub(crate) use self::draws::Drawn;
pub use self::key::ProvingKey;
use self::{
    columns::{Blinded, commit_rows},
    draws::Draws,
    key::check_next_power,
    lookups::{Packed, Permuted},
    opening::{Argument, Opened},
    program::Columns,
    quotient::{Challenges, LookupPolynomials, Polynomials},
    secret::{Rows, Secret},
};
use crate::curve::multiexp;

/// Proves a table that has its layout's shape. Says at which step it is.
pub(crate) fn prove(
    params: &<Bn254 as Suite>::Params,
    key: &ProvingKey,
    table: &Table<Fr>,
    draws: &mut impl Draws,
    step: &mut dyn FnMut(&'static str),
) -> Result<Vec<u8>, SuiteError> {
    step("columns");
    let layout = key.layout();
    let powers = check_next_power(params, layout)?;
    check_shape(layout, table)?;
    let domain = &key.domain;
    let mut transcript = EvmTranscript::new(Vec::with_capacity(Bn254::proof_bytes(layout)));
    transcript.common_scalar(key.key.transcript_repr()).map_err(backend)?;
    for input in &table.public {
        transcript.common_scalar(*input).map_err(backend)?;
    }

    let blinded = Blinded::draw(key, draws);
    let advice = blinded.rows(key, table);
    for commitment in columns::commit(key, powers, table, &advice)? {
        transcript.write_point(commitment).map_err(backend)?;
    }

    let mut public = Secret::zeros(domain.rows());
    public[..table.public.len()].copy_from_slice(&table.public);
    let fixed: Vec<_> = layout.fixed_values.iter().map(|column| Rows::whole(column)).collect();
    let columns = Columns { advice: &advice, fixed: &fixed, public: Rows::whole(&public) };
    step("permuted columns");
    // Every lookup has one input: there is nothing to combine.
    _ = challenge(&mut transcript);
    let mut lookups = Vec::with_capacity(layout.lookups.len());
    for lookup in 0..layout.lookups.len() {
        let permuted = lookups::permute(key, lookup, &columns, draws)?;
        for column in permuted.rows() {
            transcript.write_point(commit_rows(&key.lagrange, column)).map_err(backend)?;
        }
        lookups.push(permuted);
    }

    step("running products");
    let [beta, gamma] = [challenge(&mut transcript), challenge(&mut transcript)];
    let permutation = products::permutation(key, &advice, [beta, gamma], draws);
    for product in &permutation {
        transcript.write_point(commit_rows(&key.lagrange, Rows::whole(product))).map_err(backend)?;
    }
    let mut products = Vec::with_capacity(lookups.len());
    for (lookup, permuted) in lookups.iter().enumerate() {
        let input = lookups::input(key, lookup, &columns);
        let product = products::lookup(key, lookup, &input, permuted, [beta, gamma], draws);
        transcript.write_point(commit_rows(&key.lagrange, Rows::whole(&product))).map_err(backend)?;
        products.push(product);
    }
    let random = draws.random_polynomial();
    draws.after_commitment();
    transcript.write_point(multiexp(powers, &random).to_affine()).map_err(backend)?;

    step("coefficients");
    let y = challenge(&mut transcript);
    let coefficients = |column: Rows<'_>| {
        let mut values = column.to_secret();
        domain.to_coefficients(&mut values);
        values
    };
    let mut packed = Vec::with_capacity(lookups.len());
    let lookups = lookups.into_iter().zip(&products).enumerate().map(|(lookup, (permuted, product))| {
        packed.push(Packed::new(key, lookup, &permuted));
        let Permuted { mut input, mut table } = permuted;
        domain.to_coefficients(&mut input);
        domain.to_coefficients(&mut table);
        LookupPolynomials { product: coefficients(Rows::whole(product)), input, table }
    });
    let polynomials = Polynomials {
        linked: table.linked.iter().map(|column| column.coefficients()).collect(),
        lookups: lookups.collect(),
        advice: advice[layout.linked..].iter().map(|column| coefficients(*column)).collect(),
        products: permutation.iter().map(|column| coefficients(Rows::whole(column))).collect(),
    };
    drop(public);
    step("quotient");
    let pieces = quotient::pieces(key, polynomials, &table.public, Challenges { beta, gamma, y });
    step("commitments to the quotient");
    let blinds = draws.quotient(pieces.len());
    pieces.iter().for_each(|_| draws.after_commitment());
    for commitment in commit_pieces(powers, &pieces, &blinds) {
        transcript.write_point(commitment).map_err(backend)?;
    }

    step("evaluations");
    let x = challenge(&mut transcript);
    let (h, offset) = recombine(key, x, &pieces, &blinds);
    drop(pieces);
    let random = values_of(key, &random);
    let images: Vec<_> = (0..key.permutation.columns.len())
        .into_par_iter()
        .map(|column| key.permutation.values(domain, column))
        .collect();
    let last = -(layout.blinding_rows() as i32);
    let lookups: Vec<_> =
        packed.iter().enumerate().map(|(lookup, packed)| packed.unpack(key, lookup)).collect();
    drop(packed);
    let mut opened = Vec::new();
    let queries = layout.queries();
    let rotations = |advice: bool, column: usize| -> Vec<i32> {
        let at = |query: &Query| match query {
            Query::Advice(index, at) if advice && *index == column => Some(*at),
            Query::Fixed(index, at) if !advice && *index == column => Some(*at),
            _ => None,
        };
        queries.iter().filter_map(at).collect()
    };
    opened.extend(advice.iter().enumerate().map(|(index, rows)| Opened::new(*rows, rotations(true, index))));
    let first_product = opened.len();
    for (index, product) in permutation.iter().enumerate() {
        let chained = index + 1 < permutation.len();
        let rotations = if chained { vec![0, 1, last] } else { vec![0, 1] };
        opened.push(Opened::new(Rows::whole(product), rotations));
    }
    for (product, permuted) in products.iter().zip(&lookups) {
        let [input, table] = permuted.rows();
        opened.push(Opened::new(Rows::whole(product), vec![0, 1]));
        opened.push(Opened::new(input, vec![0, -1]));
        opened.push(Opened::new(table, vec![0]));
    }
    let first_fixed = opened.len();
    for (index, rows) in fixed.iter().enumerate() {
        let rotations = rotations(false, index);
        if !rotations.is_empty() {
            opened.push(Opened::new(*rows, rotations));
        }
    }
    let first_image = opened.len();
    opened.extend(images.iter().map(|image| Opened::new(Rows::whole(image), vec![0])));
    opened.push(Opened::new(Rows::whole(&h), vec![0]));
    let random_at = opened.len();
    opened.push(Opened::new(Rows::whole(&random), vec![0]));

    let inverses = opening::inverses(domain, x);
    opening::evaluate(domain, x, &inverses, &mut opened);
    // The quotient has degree n: from its values on the rows its remainder modulo X^n - 1 was evaluated.
    opened[random_at - 1].values.iter_mut().for_each(|value| *value -= offset);
    for (column, opened) in table.linked.iter().zip(&opened) {
        check_linked(domain, x, column, opened)?;
    }
    let order = (0..first_product)
        .chain(first_fixed..first_image)
        .chain([random_at])
        .chain(first_image..random_at - 1)
        .chain(first_product..first_fixed);
    for index in order {
        for value in &opened[index].values {
            transcript.write_scalar(*value).map_err(backend)?;
        }
    }

    step("opening");
    let challenges = [challenge(&mut transcript), challenge(&mut transcript)];
    let argument = Argument::new(domain, (x, inverses), opened, challenges);
    let quotient = argument.quotient();
    transcript.write_point(commit_rows(&key.lagrange, Rows::whole(&quotient))).map_err(backend)?;
    let u = challenge(&mut transcript);
    let last = argument.last(u, &quotient);
    transcript.write_point(commit_rows(&key.lagrange, Rows::whole(&last))).map_err(backend)?;
    Ok(transcript.into_stream())
}

fn challenge(transcript: &mut EvmTranscript<Vec<u8>>) -> Fr {
    transcript.squeeze_challenge().get_scalar()
}

fn backend(error: std::io::Error) -> SuiteError {
    SuiteError::Backend(error.to_string())
}

/// Makes sure that a linked column's values in the table are those of its coefficients, which are what is committed: x
/// was drawn after both.
fn check_linked(
    domain: &domain::Domain,
    x: Fr,
    column: &MaskedColumn<Fr>,
    opened: &Opened<'_>,
) -> Result<(), SuiteError> {
    let agree = opened.rotations.iter().zip(&opened.values).all(|(rotation, value)| {
        let point = x * domain.root(*rotation);
        column.coefficients().iter().rev().fold(Fr::ZERO, |sum, c| sum * point + c) == *value
    });
    if agree { Ok(()) } else { Err(SuiteError::Witness("a linked column is not the committed one".into())) }
}

/// Commits to the quotient's pieces, each with a multiple of `X^n` added that the next one takes away: their sum at x
/// stays, and each alone is uniformly distributed.
fn commit_pieces(powers: &[G1Affine], pieces: &[Secret], blinds: &[Fr]) -> Vec<G1Affine> {
    let n = powers.len() - 1;
    pieces
        .iter()
        .enumerate()
        .map(|(index, piece)| {
            let mut sum = multiexp(powers, piece);
            if let Some(blind) = blinds.get(index) {
                sum += powers[n] * blind;
            }
            if let Some(before) = index.checked_sub(1).and_then(|before| blinds.get(before)) {
                sum -= powers[0] * before;
            }
            sum.to_affine()
        })
        .collect()
}

/// The values of `sum x^(n i) piece_i`, each piece with its blinding, and by how much they differ from those without.
fn recombine(key: &ProvingKey, x: Fr, pieces: &[Secret], blinds: &[Fr]) -> (Secret, Fr) {
    let power = x.pow_vartime([key.domain.rows() as u64]);
    let mut sum = Secret::zeros(key.domain.rows());
    for piece in pieces.iter().rev() {
        let terms = sum.par_iter_mut().zip(&**piece).with_min_len(1 << 10);
        terms.for_each(|(sum, value)| *sum = *sum * power + value);
    }
    domain::reverse_bits(&mut sum);
    key.domain.to_values(&mut sum);
    // The blinding comes to `(X^n - x^n) sum x^(n i) r_i`, and `X^n` is 1 on the rows.
    let blinding = blinds.iter().rev().fold(Fr::ZERO, |sum, blind| sum * power + blind);
    let offset = (Fr::ONE - power) * blinding;
    sum.iter_mut().for_each(|value| *value += offset);
    (sum, offset)
}

/// The values of a polynomial with at most n coefficients.
fn values_of(key: &ProvingKey, coefficients: &[Fr]) -> Secret {
    let mut values = Secret::zeros(key.domain.rows());
    values[..coefficients.len()].copy_from_slice(coefficients);
    domain::reverse_bits(&mut values);
    key.domain.to_values(&mut values);
    values
}
