//! Six languages say the same things: the same keys, the same values in them, every key that a page asks for.

use super::*;
use fluent_syntax::ast::{CallArguments, Entry, Expression, InlineExpression, Pattern, PatternElement};
use fluent_syntax::parser;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

fn values_of_inline(part: &InlineExpression<&str>, found: &mut BTreeSet<String>) {
    match part {
        InlineExpression::VariableReference { id } => {
            found.insert(id.name.to_owned());
        }
        InlineExpression::Placeable { expression } => values_of_expression(expression, found),
        InlineExpression::FunctionReference { arguments: CallArguments { positional, .. }, .. } => {
            positional.iter().for_each(|part| values_of_inline(part, found));
        }
        _ => {}
    }
}

fn values_of_expression(expression: &Expression<&str>, found: &mut BTreeSet<String>) {
    match expression {
        Expression::Inline(part) => values_of_inline(part, found),
        Expression::Select { selector, variants } => {
            values_of_inline(selector, found);
            variants.iter().for_each(|variant| values_of(&variant.value, found));
        }
    }
}

fn values_of(pattern: &Pattern<&str>, found: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        if let PatternElement::Placeable { expression } = element {
            values_of_expression(expression, found);
        }
    }
}

/// Every key of a file with the values that stand in its text.
fn messages(source: &str, name: &str) -> BTreeMap<String, BTreeSet<String>> {
    let resource = parser::parse(source).unwrap_or_else(|(_, faults)| panic!("{name}: {faults:?}"));
    let mut found = BTreeMap::new();
    for entry in &resource.body {
        let Entry::Message(message) = entry else { continue };
        let mut values = BTreeSet::new();
        let pattern = message.value.as_ref().unwrap_or_else(|| panic!("{name}: {} is empty", message.id.name));
        values_of(pattern, &mut values);
        let again = found.insert(message.id.name.to_owned(), values);
        assert!(again.is_none(), "{name}: {} stands there twice", message.id.name);
    }
    found
}

fn all_messages(language: Language) -> BTreeMap<String, BTreeSet<String>> {
    let mut all = BTreeMap::new();
    for (page, source) in PAGES.iter().zip(sources(language)) {
        for (key, values) in messages(source, &format!("{language}/{page}")) {
            assert!(all.insert(key.clone(), values).is_none(), "{language}/{page}: {key} stands in another file too");
        }
    }
    all
}

#[test]
fn every_language_has_every_text_with_the_same_values() {
    for (at, page) in PAGES.iter().enumerate() {
        let english = messages(sources(Language::En)[at], page);
        for language in Language::ALL {
            let name = format!("{language}/{page}.ftl");
            let theirs = messages(sources(language)[at], &name);
            let missing: Vec<_> = english.keys().filter(|key| !theirs.contains_key(*key)).collect();
            let more: Vec<_> = theirs.keys().filter(|key| !english.contains_key(*key)).collect();
            assert!(missing.is_empty(), "{name} lacks {missing:?}");
            assert!(more.is_empty(), "{name} has {more:?}, which English lacks");
            for (key, values) in &english {
                assert_eq!(&theirs[key], values, "{name}: {key} says other values");
            }
        }
    }
}

#[test]
fn every_file_of_a_language_is_read() {
    let locales = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/portal/locales");
    for language in Language::ALL {
        let files = std::fs::read_dir(locales.join(language.tag())).unwrap();
        let names: BTreeSet<String> =
            files.map(|file| file.unwrap().file_name().into_string().unwrap().replace(".ftl", "")).collect();
        let listed: BTreeSet<String> = PAGES.iter().map(|page| (*page).to_owned()).collect();
        assert_eq!(names, listed, "{language}");
    }
}

/// The keys that stand in calls of the form `t("key"`, `get("key"` and the like.
fn asked_for(text: &str) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for opening in [".t(\"", ".t1(\"", ".t2(\"", ".get(\"", ".one(\"", ".with(\""] {
        for rest in text.split(opening).skip(1) {
            let key = rest.split('"').next().unwrap_or_default();
            // A key has a page and a thing; header names and form fields go through `get` too, but not here.
            if key.contains('-') && key.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-') {
                keys.insert(key.to_owned());
            }
        }
    }
    keys
}

fn files_below(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            files_below(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs" || end == "html") {
            found.push(path);
        }
    }
}

#[test]
fn every_text_that_a_page_asks_for_exists() {
    let english = all_messages(Language::En);
    let mut files = Vec::new();
    files_below(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/portal"), &mut files);
    let mut missing = Vec::new();
    for file in files.iter().filter(|file| !file.ends_with("texts_tests.rs")) {
        let text = std::fs::read_to_string(file).unwrap();
        for key in asked_for(&text).into_iter().filter(|key| !english.contains_key(key)) {
            missing.push(format!("{}: {key}", file.file_name().unwrap().to_string_lossy()));
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn spans_name_their_two_largest_units() {
    let texts = Texts::new(Language::En, "UTC");
    assert_eq!(texts.span(18), "18 min");
    assert_eq!(texts.span(108), "1 h 48 min");
    assert_eq!(texts.span(120), "2 h");
    assert_eq!(texts.span(1440 + 13 * 60), "1 d 13 h");
    assert_eq!(texts.span(73 * 1440 + 60), "73 d");
    assert_eq!(texts.millilitres(1450), "1,450 mL");
}

#[test]
fn another_year_is_named() {
    let texts = Texts::new(Language::En, "Asia/Hong_Kong");
    let at = |text: &str| text.parse::<Instant>().unwrap();
    let now = at("2026-09-03T16:00:00Z");
    assert_eq!(texts.short_moment(at("2026-09-04T16:00:00Z"), now), "Sat 5 Sept, 00:00");
    assert_eq!(texts.short_moment(at("2036-09-04T16:00:00Z"), now), "5 Sept 2036, 00:00");
    assert_eq!(texts.by_the_clock("not at 2026-09-03T17:05:00Z."), "not at 4 Sept 2026, 01:05.");
    assert_eq!(texts.by_the_clock("lot T-1, 5 mL"), "lot T-1, 5 mL");
}

#[test]
fn a_text_that_is_missing_shows() {
    assert_eq!(Texts::new(Language::Lo, "UTC").get("no-such-text"), "⟦no-such-text⟧");
}
