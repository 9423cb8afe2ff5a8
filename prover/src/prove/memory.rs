//! How much memory a proof takes, and how much there is.

use std::{fs, path::Path};

use apportion_circuits::{
    field::SuiteId,
    plonkish::{Cost, Layout},
};
use apportion_suite::Suite;

/// Bytes that one proof is expected to take at its peak, its key and parameters included.
///
/// Counted in polynomials of 32 bytes a row, as the proof systems keep them: columns as values, as coefficients, and
/// on the quotient's domain. The last terms, for what is in flight while gates are evaluated, are fitted to
/// runs of `cargo run --release -p apportion --example peak`, with an eighth to spare; benches/README.md has both.
pub fn predicted_memory<S: Suite>(layout: &Layout<S::F>) -> u64 {
    let cost = Cost::of(layout);
    let row = 32 * cost.rows as u64;
    let polynomials = match S::ID {
        SuiteId::Bn254 => bn254_polynomials(&cost),
        // The key keeps its columns and three selectors on the whole domain, and a proof copies them.
        SuiteId::Pasta => {
            let domain = (cost.quotient_pieces as u64).next_power_of_two();
            let key = (S::fixed_columns(layout) + cost.equality_columns) as u64;
            let committed = cost.committed_columns as u64;
            2 * (key + committed) + domain * (2 * (key + 3) + committed + 20)
        }
    };
    // Generators: two bases of 64 bytes a point.
    let generators = 128 * cost.rows as u64;
    let bytes = row * polynomials + generators;
    bytes + bytes / 8 + (16 << 20)
}

/// While the engine of bn254 works on one coset of the quotient. The opening takes less.
fn bn254_polynomials(cost: &Cost) -> u64 {
    let fixed = cost.fixed_columns;
    // The key: the Lagrange basis again, roots of unity, fixed columns as values and coefficients, the permutation.
    let key = 3 + 2 * fixed + cost.equality_columns;
    // Values: the table's, and of running products; permuted columns are packed. Coefficients: of all but linked columns.
    let products = cost.permutation_products + cost.lookups;
    let values = cost.advice_columns + products + cost.lookups.div_ceil(4);
    let coefficients = cost.advice_columns - cost.linked_columns + products + 2 * cost.lookups;
    // The coset: columns, then those of the permutation or those that are fixed, with a lookup's; the coset's own two, and as
    // much again that was freed before and is not given back to the system.
    let lookup = if cost.lookups > 0 { 3 } else { 0 };
    let permutation = cost.permutation_products + cost.equality_columns;
    let coset = cost.advice_columns + permutation.max(fixed + 1 + lookup) + 4;
    (key + values + coefficients + coset + cost.quotient_pieces) as u64
}

/// Bytes of memory that are free, where the system says so: of the machine, or of the container that this process
/// is in, whatever is less.
pub fn available_memory() -> Option<u64> {
    available(Path::new("/proc"), Path::new("/sys/fs/cgroup"))
}

fn available(proc: &Path, groups: &Path) -> Option<u64> {
    let read = |name: &str| fs::read_to_string(proc.join(name)).ok();
    let machine = read("meminfo").and_then(|text| of_meminfo(&text));
    let container = read("self/cgroup").and_then(|text| of_cgroup(&text, groups));
    machine.into_iter().chain(container).min()
}

fn of_meminfo(text: &str) -> Option<u64> {
    let line = text.lines().find(|line| line.starts_with("MemAvailable:"))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    kib.checked_mul(1024)
}

/// The least that a control group (version 2) of this process, or one around it, leaves. Inside a container its own
/// group is the root of what can be seen.
fn of_cgroup(text: &str, root: &Path) -> Option<u64> {
    let group = text.lines().find_map(|line| line.strip_prefix("0::/"))?;
    let group = root.join(group);
    group.ancestors().take_while(|dir| dir.starts_with(root)).filter_map(left_in_group).min()
}

fn left_in_group(dir: &Path) -> Option<u64> {
    let number = |name: &str| fs::read_to_string(dir.join(name)).ok()?.trim().parse::<u64>().ok();
    // Without a limit it says "max".
    let limit = number("memory.max")?;
    let used = number("memory.current")?;
    // Pages of files count as used, and are given back when memory is asked for.
    let stat = fs::read_to_string(dir.join("memory.stat")).unwrap_or_default();
    let cached = stat.lines().find_map(|line| line.strip_prefix("inactive_file ")?.parse().ok()).unwrap_or(0);
    Some(limit.saturating_sub(used.saturating_sub(cached)))
}

/// A number of bytes as people read it.
pub fn text(bytes: u64) -> String {
    let mib = bytes.div_ceil(1 << 20);
    if mib < 10 * 1024 { format!("{mib} MiB") } else { format!("{} GiB", mib.div_ceil(1024)) }
}

/// What [`available_memory`] says on a machine with that much free, in a container with that limit, of which nothing is used.
#[cfg(test)]
pub(super) fn available_in(machine: u64, container: Option<u64>) -> Option<u64> {
    let dir = tempfile::tempdir().ok()?;
    let write = |name: &str, text: String| {
        let path = dir.path().join(name);
        path.parent().map(fs::create_dir_all)?.ok()?;
        fs::write(path, text).ok()
    };
    write("proc/meminfo", format!("MemTotal: 1 kB\nMemAvailable: {} kB\n", machine >> 10))?;
    write("proc/self/cgroup", "0::/slice/service\n".into())?;
    let limit = container.map_or("max".into(), |bytes| bytes.to_string());
    write("groups/slice/memory.max", format!("{limit}\n"))?;
    write("groups/slice/memory.current", "0\n".into())?;
    write("groups/slice/service/memory.max", "max\n".into())?;
    available(&dir.path().join("proc"), &dir.path().join("groups"))
}

#[cfg(test)]
mod tests {
    use apportion_circuits::{relation::Relation, split::Split, tree::Tree, types::Tier};
    use apportion_suite::{Bn254, Pasta};

    use super::*;

    /// Peaks of whole processes in MiB, as benches/README.md has them.
    #[test]
    fn predictions_cover_what_was_measured() {
        fn predicted<S: Suite, R: Relation<S::F>>(tier: Tier) -> u64 {
            predicted_memory::<S>(&R::layout(tier)).div_ceil(1 << 20)
        }
        let runs = [
            (9, predicted::<Bn254, Split>(Tier::T64)),
            (10, predicted::<Bn254, Tree>(Tier::T64)),
            (39, predicted::<Bn254, Split>(Tier::T1024)),
            (54, predicted::<Bn254, Tree>(Tier::T1024)),
            (264, predicted::<Bn254, Split>(Tier::T16384)),
            (584, predicted::<Bn254, Tree>(Tier::T16384)),
            (14, predicted::<Pasta, Split>(Tier::T64)),
            (40, predicted::<Pasta, Tree>(Tier::T64)),
            (122, predicted::<Pasta, Split>(Tier::T1024)),
            (533, predicted::<Pasta, Tree>(Tier::T1024)),
            (1046, predicted::<Pasta, Split>(Tier::T16384)),
        ];
        for (measured, predicted) in runs {
            assert!(
                measured <= predicted && predicted <= measured * 5 / 4 + 12,
                "{measured} MiB, not {predicted}"
            );
        }
    }

    #[test]
    fn a_container_counts_for_itself() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(left_in_group(dir.path()), None);
        for (name, text) in [
            ("memory.max", "1610612736\n"),
            ("memory.current", "1073741824\n"),
            ("memory.stat", "anon 1\ninactive_file 536870912\n"),
        ] {
            fs::write(dir.path().join(name), text).unwrap();
        }
        assert_eq!(left_in_group(dir.path()), Some(1 << 30));
        fs::write(dir.path().join("memory.max"), "max\n").unwrap();
        assert_eq!(left_in_group(dir.path()), None);
        assert_eq!(of_meminfo("MemFree: 1 kB\nMemAvailable:   2048 kB\n"), Some(2 << 20));
        assert_eq!(of_cgroup("1:cpu:/x\n", dir.path()), None);
        // The group around counts too, and the machine where it has less.
        assert_eq!(available_in(24 << 30, Some(3 << 29)), Some(3 << 29));
        assert_eq!(available_in(24 << 30, None), Some(24 << 30));
        assert_eq!(available_in(1 << 30, Some(3 << 29)), Some(1 << 30));
    }

    #[test]
    fn sizes_are_readable() {
        assert_eq!(text(1), "1 MiB");
        assert_eq!(text(450 << 20), "450 MiB");
        assert_eq!(text(11 << 30), "11 GiB");
    }
}
