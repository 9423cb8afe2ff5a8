//! How much memory a proof takes, and how much there is.

use apportion_circuits::{field::SuiteId, plonkish::Cost};

/// Bytes that one proof is expected to take at its peak, its key included.
///
/// Counted in polynomials of 32 bytes a row, as both proof systems keep them: every column as values and as
/// coefficients, and the quotient's domain, on which what the gates read is evaluated. Measured against real
/// runs; see docs/scaling.md.
pub fn predicted_memory(suite: SuiteId, cost: &Cost) -> u64 {
    let row = 32 * cost.rows as u64;
    let domain = (cost.quotient_pieces as u64).next_power_of_two();
    let fixed = (cost.fixed_columns + cost.equality_columns) as u64;
    let committed = cost.committed_columns as u64;
    let small = match suite {
        // Values, coefficients; then everything once on the quotient's domain, part by part.
        SuiteId::Bn254 => 2 * fixed + 3 * committed + 2 * domain + 2 * (fixed + committed),
        // Key and proof keep every column on the whole domain.
        SuiteId::Pasta => 2 * fixed + 3 * committed + domain * (fixed + committed + 3),
    };
    // Generators: two bases of 64 bytes a point.
    let generators = 128 * cost.rows as u64;
    row * small + generators + (8 << 20)
}

/// Bytes of memory that are free, where the system says so.
pub fn available_memory() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("MemAvailable:"))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib * 1024)
}

/// A number of bytes as people read it.
pub fn text(bytes: u64) -> String {
    let mib = bytes.div_ceil(1 << 20);
    if mib < 10 * 1024 { format!("{mib} MiB") } else { format!("{} GiB", mib.div_ceil(1024)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_readable() {
        assert_eq!(text(1), "1 MiB");
        assert_eq!(text(450 << 20), "450 MiB");
        assert_eq!(text(11 << 30), "11 GiB");
    }
}
