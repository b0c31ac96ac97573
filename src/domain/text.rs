//! Texts that people and programs send: not empty, not too long, without control characters.

use super::field::FieldError;

/// Reads and writes types as the text that `FromStr` and `Display` agree on.
macro_rules! as_text {
    ($($name:ty),+ $(,)?) => {$(
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )+};
}
pub(super) use as_text;

/// What is wrong with a text of at most `most` characters; `None` when it can be taken.
#[must_use]
pub fn text_fault(pointer: &str, text: &str, most: usize) -> Option<FieldError> {
    if text.trim().is_empty() {
        return Some(FieldError::new(pointer, "empty", "send some text"));
    }
    if text.chars().count() > most {
        return Some(FieldError::new(pointer, "too_long", format!("at most {most} characters")));
    }
    if text.chars().any(turns_the_writing) {
        let detail = "characters that change the direction of writing are not taken";
        return Some(FieldError::new(pointer, "hidden_characters", detail));
    }
    text.chars()
        .any(|letter| letter.is_control() && letter != '\n')
        .then(|| FieldError::new(pointer, "invalid_characters", "control characters are not taken"))
}

/// What is wrong with a text of one line, such as a seal number; an empty one is the caller's to judge.
#[must_use]
pub fn line_fault(pointer: &str, text: &str, most: usize) -> Option<FieldError> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let broken = text.contains(['\n', '\u{2028}', '\u{2029}']);
    text_fault(pointer, text, most)
        .or_else(|| broken.then(|| FieldError::new(pointer, "invalid_characters", "send one line")))
}

/// Marks of direction that show a text in another order than it is read in: a name could pass for another.
const fn turns_the_writing(letter: char) -> bool {
    matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{feff}')
}

/// What is wrong with a short stable code: 1 to 64 letters, digits, hyphens, underscores and dots.
#[must_use]
pub fn code_fault(pointer: &str, code: &str) -> Option<FieldError> {
    let fits = (1..=64).contains(&code.len())
        && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    (!fits).then(|| FieldError::new(pointer, "not_a_code", "1 to 64 letters, digits, hyphens, underscores and dots"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_neither_empty_nor_endless() {
        assert_eq!(text_fault("/name", "Bệnh viện Phụ sản", 20), None);
        assert_eq!(text_fault("/name", " \n", 20).unwrap().code, "empty");
        assert_eq!(text_fault("/name", "港港港", 2).unwrap().code, "too_long");
        assert_eq!(line_fault("/seal_number", " S-1 ", 20), None);
        assert_eq!(line_fault("/seal_number", " ", 20), None);
        assert_eq!(line_fault("/seal_number", "S\n1", 20).unwrap().code, "invalid_characters");
        assert_eq!(text_fault("/name", "a\u{0}b", 20).unwrap().code, "invalid_characters");
        for mark in ["\u{202e}", "\u{2066}", "\u{200f}", "\u{feff}"] {
            let name = format!("North {mark}knab");
            assert_eq!(text_fault("/name", &name, 20).unwrap().code, "hidden_characters", "{mark:?}");
        }
    }

    #[test]
    fn codes_are_short_and_plain() {
        assert_eq!(code_fault("/code", "hk-hkbmb"), None);
        assert_eq!(code_fault("/code", "hongkong-HK"), None);
        for code in ["", "a b", "é", &"x".repeat(65)] {
            assert_eq!(code_fault("/code", code).unwrap().code, "not_a_code", "{code}");
        }
    }
}
