//! The words of the trade: all on one page, and each where it stands, on hover and on focus, without script.

use super::frame;
use crate::portal::fault::show;
use crate::portal::frame::Frame;
use crate::portal::parts::Safe;
use crate::portal::signed::{Signed, permit::ReadNetwork};
use crate::portal::state::Shown;
use crate::portal::texts::Texts;
use actix_web::web;
use askama::Template;

/// The words, in the order of the way that milk goes.
pub const TERMS: [&str; 16] = [
    "lot",
    "bottle",
    "safety-record",
    "release",
    "quarantine",
    "hold",
    "surplus",
    "reserve",
    "tier",
    "offer",
    "standing-rule",
    "seal",
    "excursion",
    "recall",
    "policy-set",
    "mark",
];

/// Adds the route of the glossary.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/glossary", web::get().to(glossary));
}

#[derive(Template)]
#[template(
    source = "<span class=\"term\"><a class=\"term-word\" href=\"/portal/glossary#{{ name }}\" aria-describedby=\"term-{{ name }}\">{{ word }}</a><span class=\"term-tip\" role=\"tooltip\" id=\"term-{{ name }}\">{{ meaning }}</span></span>",
    ext = "html"
)]
struct Term<'a> {
    name: &'a str,
    word: String,
    meaning: String,
}

/// A word with what it means beside it, hidden until somebody points at it or reaches it by keyboard. The word
/// leads to the glossary, so that it works where nothing hovers. Each word once a page.
#[must_use]
pub fn term(texts: &Texts, name: &str) -> Safe {
    let word = texts.get(&format!("term-{name}"));
    let meaning = texts.get(&format!("term-{name}-means"));
    let written = Term { name, word: word.clone(), meaning }.render();
    askama::filters::Safe(written.unwrap_or(word))
}

struct Entry {
    name: &'static str,
    word: String,
    meaning: String,
}

#[derive(Template)]
#[template(path = "glossary.html")]
struct GlossaryPage {
    f: Frame,
    entries: Vec<Entry>,
}

async fn glossary(visitor: Signed<ReadNetwork>) -> Shown {
    let texts = visitor.texts();
    let entry = |name| Entry {
        name,
        word: texts.get(&format!("term-{name}")),
        meaning: texts.get(&format!("term-{name}-means")),
    };
    show(&GlossaryPage { f: frame(&visitor, "glossary-title"), entries: TERMS.map(entry).into() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::portal::language::Language;

    #[test]
    fn every_word_is_explained_in_every_language() {
        for language in Language::ALL {
            let texts = Texts::new(language, "UTC");
            for name in TERMS {
                let written = term(&texts, name).0;
                assert!(!written.contains('⟦'), "{language}: {name}");
                assert!(written.contains(&format!("aria-describedby=\"term-{name}\"")));
            }
        }
    }
}
