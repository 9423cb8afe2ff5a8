//! The public ceremony's files, where they are available beside the workspace.

use std::path::Path;

use crate::params::{Ceremony, ImportSource, ParamsCache, Provenance};
use crate::params::{Reason, Srs};

pub(super) fn source() -> Option<ImportSource> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/srs");
    let [g1, g2] = ["bn254_g1_65536.point", "bn254_g2_powers_of_two.point"].map(|f| dir.join(f));
    let there = g1.exists() && g2.exists();
    if !there {
        println!("skipped: no ceremony files in {}", dir.display());
    }
    there.then_some(ImportSource::Gnark { g1, g2 })
}

#[test]
fn the_real_ceremony_is_imported_cached_and_cut_down() {
    let Some(source) = source() else { return };
    let dir = tempfile::tempdir().unwrap();
    let cache = ParamsCache::new(dir.path());
    let srs = Srs::import(&source, Some(12)).unwrap();
    assert_eq!(srs.provenance(), Provenance::Ceremony(Ceremony::PerpetualPowers0085));
    assert!(!srs.is_insecure());
    let path = cache.store_bn254(&srs).unwrap();
    assert!(path.ends_with("bn254-challenge_0085-k12.params"));
    let loaded = cache.load_bn254(10).unwrap();
    assert_eq!(loaded.info().unwrap(), Srs::import(&source, Some(10)).unwrap().info().unwrap());
    assert!(matches!(cache.load_bn254(13).unwrap_err().reason, Reason::Missing { k: 13 }));
    assert!(matches!(
        Srs::import(&source, Some(17)).unwrap_err().reason,
        Reason::TooSmall { largest: 15, .. }
    ));
    assert!(matches!(Srs::import(&source, Some(16)).unwrap_err().reason, Reason::NoNextPower { k: 16 }));
}

#[test]
fn the_whole_ceremony_file_is_sound() {
    let Some(source) = source() else { return };
    let srs = Srs::import(&source, None).unwrap();
    assert_eq!(srs.info().unwrap().provenance, "challenge_0085");
    assert_eq!(srs.k(), 15);
}
