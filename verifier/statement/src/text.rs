//! What may stand in a name or a uri, and be printed as it is.

/// Whether a character shows itself where it stands: no control, no separator of lines, and none of Unicode's format
/// characters (category Cf), which are invisible or turn the order of others around, so that a text reads as another one.
pub fn is_printable(c: char) -> bool {
    !c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}') && !is_format(c)
}

/// Category Cf of Unicode 17, and all of the block of tags.
fn is_format(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{890}'..='\u{891}' | '\u{8e2}'
        | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}' | '\u{110bd}' | '\u{110cd}' | '\u{13430}'..='\u{1343f}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hides_or_turns_text_is_not_printable() {
        assert!("Model 7, Ärzte, 模型, نموذج, дата-сет, é, 🙂".chars().all(is_printable));
        let hidden = [
            '\0', '\n', '\u{7f}', '\u{85}', '\u{ad}', '\u{61c}', '\u{200b}', '\u{200f}', '\u{2028}',
            '\u{202e}',
        ];
        let more = ['\u{2066}', '\u{2069}', '\u{feff}', '\u{fffb}', '\u{1d173}', '\u{e0041}'];
        assert!(!hidden.into_iter().chain(more).any(is_printable));
    }
}
