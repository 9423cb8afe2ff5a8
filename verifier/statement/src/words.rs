//! Numbers with their nouns, for messages.

/// A number and its noun: `1 record`, `2 records`. The plural is the noun with an s, or with -ies for -y.
pub fn counted(count: impl TryInto<u128>, noun: &str) -> String {
    let count = count.try_into().unwrap_or(u128::MAX);
    match noun.strip_suffix('y') {
        _ if count == 1 => format!("1 {noun}"),
        Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{count} {stem}ies"),
        _ => format!("{count} {noun}s"),
    }
}

/// The form of a verb that goes with a number: `1 check fails`, `2 checks fail`.
pub fn verb(count: impl TryInto<u128>, one: &'static str, many: &'static str) -> &'static str {
    if count.try_into().is_ok_and(|count| count == 1) { one } else { many }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_singular_and_all_else_plural() {
        let texts = [counted(0u8, "record"), counted(1usize, "record"), counted(2u64, "record")];
        assert_eq!(texts, ["0 records", "1 record", "2 records"]);
        assert_eq!((counted(2u8, "day"), counted(3u8, "policy")), ("2 days".into(), "3 policies".into()));
        assert_eq!((verb(1u8, "fails", "fail"), verb(2u8, "fails", "fail")), ("fails", "fail"));
    }
}
