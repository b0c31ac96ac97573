//! The rules' own words in the language of the page. What a rule is about is said in the reader's language; the figures,
//! the lot and the source stand behind it as the rule wrote them, in English.

use super::language::Language;
use super::texts::Texts;
use crate::domain::refusal::Refusal;
use std::fmt;

/// A sentence in the language of the page, and what stands behind it in English.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleText {
    /// In the reader's language where there is such a text, else in English.
    pub text: String,
    /// In English; empty where the text says it.
    pub detail: String,
}

impl RuleText {
    /// A text that says everything.
    #[must_use]
    pub const fn plain(text: String) -> Self {
        Self { text, detail: String::new() }
    }

    /// The text of a stable code, such as `refusal-` and the code with hyphens, and the English detail.
    #[must_use]
    pub fn of(texts: &Texts, kind: &str, code: &str, detail: String) -> Self {
        let (key, detail) = (format!("{kind}-{}", code.replace('_', "-")), texts.by_the_clock(&detail));
        match texts.find(&key).filter(|_| texts.language() != Language::En) {
            Some(text) => Self { text, detail },
            None => Self::plain(detail),
        }
    }
}

impl fmt::Display for RuleText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)?;
        if self.detail.is_empty() { Ok(()) } else { write!(f, " ({})", self.detail) }
    }
}

/// The refusals of the safety rules, one each, with the rule's code.
#[must_use]
pub fn refusal_lines(texts: &Texts, refusals: &[Refusal]) -> Vec<RuleText> {
    let line =
        |one: &Refusal| RuleText::of(texts, "refusal", one.code.as_str(), format!("{} ({})", one.detail, one.code));
    refusals.iter().map(line).collect()
}

/// What a rule is about, without a case; its code where there is no text.
#[must_use]
pub fn rule_name(texts: &Texts, code: &str) -> String {
    texts.find(&format!("refusal-{}", code.replace('_', "-"))).unwrap_or_else(|| code.replace('_', " "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::refusal::RefusalCode;

    #[test]
    fn every_refusal_is_said_in_every_language() {
        for language in Language::ALL {
            let texts = Texts::new(language, "UTC");
            for code in RefusalCode::ALL {
                let key = format!("refusal-{}", code.as_str().replace('_', "-"));
                assert!(texts.find(&key).is_some(), "{key} in {}", language.tag());
            }
        }
    }

    #[test]
    fn the_figures_of_a_rule_stand_behind_its_sentence() {
        let refusal = RefusalCode::LotExpired.because("lot L-1 expired at 2026-01-05T12:00:00Z");
        let said = |language| refusal_lines(&Texts::new(language, "UTC"), std::slice::from_ref(&refusal)).remove(0);
        assert_eq!(said(Language::En).to_string(), "lot L-1 expired at 5 Jan 2026, 12:00 (lot_expired)");
        let hong_kong = refusal_lines(&Texts::new(Language::En, "Asia/Hong_Kong"), std::slice::from_ref(&refusal));
        assert_eq!(hong_kong[0].to_string(), "lot L-1 expired at 5 Jan 2026, 20:00 (lot_expired)");
        let french = said(Language::Fr);
        assert!(french.text != french.detail && french.detail.contains("L-1"), "{french:?}");
    }
}
