//! Decimal integers.

use apportion_circuits::types::Score;

/// Why a text is not an integer in range. Never holds the text: scores are secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    /// Nothing there.
    #[error("is missing")]
    Missing,
    /// A minus sign.
    #[error("is negative")]
    Negative,
    /// A decimal point, an exponent, or a decimal comma.
    #[error("is not a whole number")]
    Fractional,
    /// Something else than digits.
    #[error("is not a decimal integer")]
    NotAnInteger,
    /// Too large for its type.
    #[error("is 2^{bits} or more")]
    TooLarge {
        /// Bits that an accepted value may have.
        bits: u32,
    },
}

/// Reads an amount in a token's base units: decimal digits, below 2^128.
pub fn parse_amount(text: &str) -> Result<u128, AmountError> {
    digits(text)?;
    // Digits only: the one thing that can still go wrong is the size.
    text.parse().map_err(|_| AmountError::TooLarge { bits: 128 })
}

/// Reads a score: decimal digits, below 2^64.
pub fn parse_score(text: &str) -> Result<Score, AmountError> {
    digits(text)?;
    text.parse().map_err(|_| AmountError::TooLarge { bits: 64 })
}

fn digits(text: &str) -> Result<(), AmountError> {
    if text.trim().is_empty() {
        return Err(AmountError::Missing);
    }
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(());
    }
    let (negative, number) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let numeric = number.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && number.bytes().all(|byte| byte.is_ascii_digit() || b".,eE+-".contains(&byte));
    Err(match (numeric, negative) {
        (true, true) => AmountError::Negative,
        (true, false) => AmountError::Fractional,
        (false, _) => AmountError::NotAnInteger,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_in_range_are_accepted() {
        assert_eq!(parse_score("0"), Ok(0));
        assert_eq!(parse_score("007"), Ok(7));
        assert_eq!(parse_score("18446744073709551615"), Ok(u64::MAX));
        assert_eq!(parse_amount("340282366920938463463374607431768211455"), Ok(u128::MAX));
    }

    #[test]
    fn everything_else_is_refused_by_name() {
        for (text, error) in [
            ("", AmountError::Missing),
            ("  ", AmountError::Missing),
            ("-1", AmountError::Negative),
            ("-0", AmountError::Negative),
            ("-1.5", AmountError::Negative),
            ("1.5", AmountError::Fractional),
            (".5", AmountError::Fractional),
            ("1e9", AmountError::Fractional),
            ("1,000", AmountError::Fractional),
            ("+1", AmountError::NotAnInteger),
            (" 1", AmountError::NotAnInteger),
            ("0x10", AmountError::NotAnInteger),
            ("NaN", AmountError::NotAnInteger),
            ("-", AmountError::NotAnInteger),
            ("１", AmountError::NotAnInteger),
            ("18446744073709551616", AmountError::TooLarge { bits: 64 }),
        ] {
            assert_eq!(parse_score(text), Err(error), "{text:?}");
        }
        let too_large = AmountError::TooLarge { bits: 128 };
        assert_eq!(parse_amount("340282366920938463463374607431768211456"), Err(too_large));
        assert_eq!(parse_amount("1.0"), Err(AmountError::Fractional));
    }
}
