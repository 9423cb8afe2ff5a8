//! The cache directory: which file is taken, and that names are not believed.

use std::fs;

use super::{Setup, assert_refused, put, raw};
use crate::params::{ImportSource, ParamsCache, Provenance, Reason, Srs, VerifierParams};

/// A setup with a fresh, secret tau, as an import.
fn imported(dir: &std::path::Path, k: u32) -> Srs {
    use halo2_axiom::halo2curves::bn256::G2Affine;
    // halo2's files have one power too few for their own size.
    let s = Setup::new(k + 1);
    let g2 = [G2Affine::generator(), s.s_g2];
    let bytes = [s.k.to_le_bytes().to_vec(), raw(&s.g[..1 << s.k]), raw(&s.lagrange), raw(&g2)].concat();
    let file = put(dir, "some.srs", &bytes);
    Srs::import(&ImportSource::Halo2(file), None).unwrap()
}

fn names(cache: &ParamsCache) -> Vec<String> {
    let files = cache.files().unwrap();
    files.iter().map(|f| f.file_name().unwrap().to_str().unwrap().to_owned()).collect()
}

#[test]
fn the_smallest_sufficient_file_is_cut_down_once() {
    let dir = tempfile::tempdir().unwrap();
    let cache = ParamsCache::new(dir.path().join("new"));
    assert!(names(&cache).is_empty());
    assert_refused!(cache.load_bn254(4), cache.dir(), Reason::Missing { k: 4 });
    let large = imported(dir.path(), 8);
    let label = large.provenance().label();
    cache.store_bn254(&large).unwrap();
    cache.store_bn254(&large.downsize(6).unwrap()).unwrap();
    let name = |k: u32| format!("bn254-{label}-k{k}.params");
    let five = cache.load_bn254(5).unwrap();
    assert_eq!(five.info().unwrap(), large.downsize(5).unwrap().info().unwrap());
    assert_eq!(names(&cache), [name(5), name(6), name(8)]);
    assert_eq!(cache.load_bn254(5).unwrap().info().unwrap(), five.info().unwrap());
    assert_eq!(cache.load_bn254(7).unwrap().k(), 7);
    assert_refused!(cache.load_bn254(9), cache.dir(), Reason::Missing { k: 9 });
    assert_refused!(cache.load_bn254(0), cache.dir(), Reason::SizeRange { .. });
    assert_refused!(cache.load_bn254(40), cache.dir(), Reason::SizeRange { .. });
}

#[test]
fn a_known_secret_is_taken_only_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let cache = ParamsCache::new(dir.path());
    let dev = cache.load_or_make_insecure_dev(4).unwrap();
    assert!(dev.is_insecure());
    assert_eq!(names(&cache), ["bn254-insecure_dev-k4.params"]);
    assert_eq!(cache.load_or_make_insecure_dev(4).unwrap().info().unwrap(), dev.info().unwrap());
    assert_refused!(cache.load_bn254(4), cache.dir(), Reason::Missing { .. });
    assert!(cache.load_bn254_labelled("insecure_dev", 3).unwrap().is_insecure());
    // Renamed, it is still what it is.
    for name in ["bn254-challenge_0085-k4.params", "bn254-imported_00000000-k4.params"] {
        let path = cache.dir().join(name);
        fs::copy(cache.dir().join("bn254-insecure_dev-k4.params"), &path).unwrap();
        assert_refused!(cache.load_bn254(4), path, Reason::Name { .. });
        fs::remove_file(path).unwrap();
    }
    for label in ["../x", "a/b", "", "a-k3"] {
        assert_refused!(cache.load_bn254_labelled(label, 3), cache.dir(), Reason::Missing { .. });
    }
}

#[test]
fn two_ceremonies_need_a_choice() {
    let dir = tempfile::tempdir().unwrap();
    let cache = ParamsCache::new(dir.path());
    let [a, b] = [4, 5].map(|k| imported(dir.path(), k));
    cache.store_bn254(&a).unwrap();
    cache.store_bn254(&b).unwrap();
    assert_refused!(cache.load_bn254(4), cache.dir(), Reason::Ambiguous { ref labels } if labels.len() == 2);
    let label = b.provenance().label();
    assert_eq!(cache.load_bn254_labelled(&label, 4).unwrap().provenance(), b.provenance());
    assert!(matches!(b.provenance(), Provenance::Imported(_)));
}

/// The setup alone: as the whole file says, from the same file, without making another.
#[test]
fn verifiers_need_no_powers() {
    let dir = tempfile::tempdir().unwrap();
    let cache = ParamsCache::new(dir.path().join("new"));
    assert_refused!(cache.bn254_verifier(None, 4), cache.dir(), Reason::Missing { k: 4 });
    let large = imported(dir.path(), 6);
    let label = large.provenance().label();
    let path = cache.store_bn254(&large).unwrap();
    for verifier in [cache.bn254_verifier(None, 4), cache.bn254_verifier(Some(&label), 6)] {
        assert_eq!(verifier.unwrap().to_bytes(), large.verifier().to_bytes());
    }
    assert_eq!(names(&cache).len(), 1);
    assert_refused!(cache.bn254_verifier(None, 7), cache.dir(), Reason::Missing { k: 7 });
    assert_refused!(cache.bn254_verifier(Some("other"), 4), cache.dir(), Reason::Missing { k: 4 });
    // A name is not believed, nor is a file that was changed.
    let renamed = cache.dir().join("bn254-challenge_0085-k6.params");
    fs::rename(&path, &renamed).unwrap();
    assert_refused!(cache.bn254_verifier(None, 6), renamed, Reason::Name { .. });
    let mut bytes = fs::read(&renamed).unwrap();
    let last_point = bytes.len() - 40;
    bytes[last_point] ^= 1;
    fs::write(&path, bytes).unwrap();
    assert_refused!(cache.bn254_verifier(Some(&label), 6), path, Reason::Digest);
    let second = imported(dir.path(), 5);
    cache.store_bn254(&second).unwrap();
    assert_refused!(cache.bn254_verifier(None, 4), cache.dir(), Reason::Ambiguous { .. });
    let known = VerifierParams::insecure_dev().unwrap();
    assert_eq!(known.to_bytes(), Srs::insecure_dev(4).unwrap().verifier().to_bytes());
}

#[test]
fn pasta_is_made_once() {
    let dir = tempfile::tempdir().unwrap();
    let cache = ParamsCache::new(dir.path());
    let made = cache.load_or_make_pasta(5).unwrap();
    let path = cache.dir().join("pasta-k5.params");
    let modified = fs::metadata(&path).unwrap().modified().unwrap();
    assert_eq!(cache.load_or_make_pasta(5).unwrap().info().unwrap(), made.info().unwrap());
    assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), modified);
    fs::rename(&path, cache.dir().join("pasta-k6.params")).unwrap();
    let path = cache.dir().join("pasta-k6.params");
    assert_refused!(cache.load_or_make_pasta(6), path, Reason::Name { .. });
    fs::write(&path, b"").unwrap();
    assert_refused!(cache.load_or_make_pasta(6), path, Reason::Length { .. });
}

#[test]
fn other_names_are_no_parameters() {
    let dir = tempfile::tempdir().unwrap();
    let cache = ParamsCache::new(dir.path());
    for name in [
        "README.md",
        "bn254-k4.params",
        "bn254-a-k04.params",
        "bn254-a-k4.params.tmp",
        "bn254-a b-k4.params",
        "bn254-a-k23.params",
        "pasta-x-k4.params",
        ".params-abc",
    ] {
        put(dir.path(), name, b"");
    }
    assert!(names(&cache).is_empty());
    put(dir.path(), "bn254-a-k4.params", b"");
    put(dir.path(), "pasta-k4.params", b"");
    assert_eq!(names(&cache), ["bn254-a-k4.params", "pasta-k4.params"]);
}
