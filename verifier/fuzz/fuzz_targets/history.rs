#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    apportion_verifier_fuzz::targets::history(data);
});
