//! Verifying keys of suite bn254 that this build knows.

use apportion_circuits::types::{Tier, Word};

use apportion_statement::RelationId;

/// One line per key: setup, relation, tier, digest of the table, digest of the key. Written by the test below.
const PINNED: &str = include_str!("../../pinned-keys.txt");

/// The label of the setup whose secret is public.
const INSECURE: &str = "insecure_dev";

/// A key that this build knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PinnedKey {
    /// The setup's label.
    pub setup: &'static str,
    /// The relation.
    pub relation: RelationId,
    /// The tier.
    pub tier: Tier,
    /// Digest of the table that the key is of.
    pub table_digest: Word,
    /// The key's digest.
    pub key_digest: Word,
}

/// The known key of a relation and tier under a setup.
pub fn pinned_key(setup: &str, relation: RelationId, tier: Tier) -> Option<PinnedKey> {
    all().find(|pin| pin.setup == setup && pin.relation == relation && pin.tier == tier)
}

/// The setup of a known key of a relation and tier, and whether the setup's secret is public.
pub(crate) fn pinned_setup(relation: RelationId, tier: Tier, key: Word) -> Option<(&'static str, bool)> {
    let pin = all().find(|pin| (pin.relation, pin.tier, pin.key_digest) == (relation, tier, key))?;
    Some((pin.setup, pin.setup == INSECURE))
}

fn all() -> impl Iterator<Item = PinnedKey> {
    PINNED.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let mut words = line.split_ascii_whitespace();
        let setup = words.next()?;
        let relation = words.next()?;
        Some(PinnedKey {
            setup,
            relation: RelationId::ALL.into_iter().find(|known| known.name() == relation)?,
            tier: words.next()?.parse().ok()?,
            table_digest: words.next()?.parse().ok()?,
            key_digest: words.next()?.parse().ok()?,
        })
    })
}

#[cfg(test)]
mod tests {
    use std::{path::Path, sync::Arc};

    use super::*;
    use crate::audit::ring::layout;
    use apportion_suite::params::{ImportSource, Srs};
    use apportion_suite::{Bn254, Suite};

    const HEADER: &str = "# setup relation tier table-digest key-digest\n\
        # Written by `APPORTION_PIN=1 cargo test --release -p apportion-verifier pinned`; see pinned.rs.\n";

    fn line(srs: &Srs, relation: RelationId, tier: Tier) -> Option<String> {
        let layout = Arc::new(layout(relation, tier));
        let sized;
        let srs = if srs.k() == layout.k {
            srs
        } else {
            sized = srs.downsize(layout.k).ok()?;
            &sized
        };
        let key = Bn254::verifying_key(srs.kzg(), layout.clone()).unwrap();
        let digests = [layout.digest(), Bn254::key_digest(&key)].map(Word);
        let label = srs.provenance().label();
        Some(format!("{label} {} {tier} {} {}\n", relation.name(), digests[0], digests[1]))
    }

    fn lines(srs: &Srs, tiers: &[Tier]) -> String {
        let keys = tiers.iter().flat_map(|tier| RelationId::ALL.map(|relation| line(srs, relation, *tier)));
        keys.flatten().collect()
    }

    /// The development setup is the same everywhere, so its keys show whether the pins are those of today's
    /// tables. Those of a ceremony need its file: `APPORTION_G1` and `APPORTION_G2` name its gnark points.
    #[test]
    fn pinned_keys_are_those_of_todays_tables() {
        let dev =
            Srs::insecure_dev(layout::<halo2_axiom::halo2curves::bn256::Fr>(RelationId::Tree, Tier::T64).k);
        let mut text = format!("{HEADER}{}", lines(&dev.unwrap(), &[Tier::T64]));
        if let (Ok(g1), Ok(g2)) = (std::env::var("APPORTION_G1"), std::env::var("APPORTION_G2")) {
            let source = ImportSource::Gnark { g1: g1.into(), g2: g2.into() };
            text += &lines(&Srs::import(&source, None).unwrap(), &Tier::ALL);
        } else {
            // Kept as they are; if their tables have changed, the end of this test says so.
            let other = |line: &&str| !line.starts_with('#') && !line.starts_with("insecure_dev ");
            text.extend(PINNED.lines().filter(other).map(|line| format!("{line}\n")));
        }
        if std::env::var("APPORTION_PIN").is_ok() {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("pinned-keys.txt");
            std::fs::write(path, &text).unwrap();
            return;
        }
        for line in text.lines() {
            assert!(PINNED.lines().any(|pin| pin == line), "not pinned: {line}");
        }
        let well_formed = PINNED.lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(all().count(), well_formed);
        for pin in all() {
            let table = layout::<halo2_axiom::halo2curves::bn256::Fr>(pin.relation, pin.tier);
            assert_eq!(
                pin.table_digest.0,
                table.digest(),
                "{} {} is of another table",
                pin.setup,
                table.name()
            );
        }
    }
}
