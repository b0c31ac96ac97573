//! What a form sent, and what a form shows when it comes back: every value as it was typed, each fault beside its
//! field and once more in the summary.

use super::fields::Field;
use super::texts::Texts;
use crate::actions::Once;
use crate::domain::field::FieldError;
use crate::domain::time::Instant;
use actix_web::web;
use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// The most bytes of a form without files.
pub const MOST_BYTES: usize = 256 * 1024;
/// The most fields of a form.
const MOST_FIELDS: usize = 2_000;

/// The field that shows that a page of this session made the form.
pub const FORM_TOKEN: &str = "form-token";
/// The field that tells for which site the form was filled in; empty for all of them.
pub const FORM_SITE: &str = "form-site";
/// The field that names what is to be done once, however often it is sent.
pub const ONCE: &str = "once";
/// The password that opens a locked session on the way.
pub const DOOR_PASSWORD: &str = "door-password";
/// The address of somebody who signs in on the way.
pub const DOOR_EMAIL: &str = "door-email";

/// The fields of a form in the order they came.
#[derive(Debug, Clone, Default)]
pub struct Form {
    pairs: Vec<(String, String)>,
    files: Vec<(String, web::Bytes)>,
}

impl Form {
    /// Reads `application/x-www-form-urlencoded`; `None` for anything else.
    #[must_use]
    pub fn read(body: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(body).ok()?;
        let pairs = web::Query::<Vec<(String, String)>>::from_query(text).ok()?.into_inner();
        (pairs.len() <= MOST_FIELDS).then_some(Self { pairs, files: Vec::new() })
    }

    /// The value of a field without blanks around it; empty when it was not sent.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.pairs.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value.trim())
    }

    /// The value of a field, if it was sent at all.
    #[must_use]
    pub fn sent(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(field, _)| field == name).map(|(_, value)| value.trim())
    }

    /// True when a file came with it, which no page can send on.
    #[must_use]
    pub fn has_files(&self) -> bool {
        !self.files.is_empty()
    }

    /// The value exactly as it was typed, for passwords.
    #[must_use]
    pub fn raw(&self, name: &str) -> &str {
        self.pairs.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value)
    }

    /// Every value of a field that may come several times.
    #[must_use]
    pub fn all(&self, name: &str) -> Vec<&str> {
        self.pairs.iter().filter(|(field, _)| field == name).map(|(_, value)| value.trim()).collect()
    }

    /// True for a box that was ticked, or any field that was sent with a value.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        !self.get(name).is_empty()
    }

    /// A whole number; `None` when it is not one. Digits may be grouped as people write them.
    #[must_use]
    pub fn whole(&self, name: &str) -> Option<i64> {
        whole_number(self.get(name))
    }

    /// A decimal number as a whole number of its `places`-th part: `1.23` or `1,23` with 2 places is 123.
    #[must_use]
    pub fn decimal(&self, name: &str, places: usize) -> Option<i64> {
        let text = half_width(self.get(name)).replace(',', ".");
        let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
        let fits = whole.len() <= 9 && part.len() <= places && !(whole.is_empty() && part.is_empty());
        let digits = whole.chars().chain(part.chars()).all(|c| c.is_ascii_digit());
        (fits && digits).then(|| format!("{whole}{part:0<places$}").parse().ok()).flatten()
    }

    /// What has to be sent again after somebody showed the password: everything but the door's own fields.
    #[must_use]
    pub fn kept(&self) -> Vec<(&str, &str)> {
        let door = [DOOR_PASSWORD, DOOR_EMAIL];
        let kept = self.pairs.iter().filter(|(name, _)| !door.contains(&name.as_str()));
        kept.map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }

    /// The same form with other values, for a page that fills in what it knows.
    #[must_use]
    pub fn of(pairs: &[(&str, String)]) -> Self {
        let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        Self { pairs, files: Vec::new() }
    }

    /// Adds a field, for a reader of another kind of form.
    pub fn add(&mut self, name: &str, value: &str) {
        self.pairs.push((name.to_owned(), value.to_owned()));
    }

    /// Adds a file.
    pub fn add_file(&mut self, name: &str, bytes: web::Bytes) {
        self.files.push((name.to_owned(), bytes));
    }

    /// The file that was chosen in a field.
    #[must_use]
    pub fn file(&self, name: &str) -> Option<&web::Bytes> {
        self.files.iter().find(|(field, _)| field == name).map(|(_, bytes)| bytes)
    }

    /// When the page of the form was made: its key carries the hub's time.
    #[must_use]
    pub fn made_at(&self) -> Option<Instant> {
        let (seconds, nanos) = uuid::Uuid::try_parse(self.get(ONCE)).ok()?.get_timestamp()?.to_unix();
        let micros = i64::try_from(seconds).ok()?.checked_mul(1_000_000)?;
        Some(Instant::from_micros(micros.checked_add(i64::from(nanos / 1_000))?))
    }

    /// The key under which the form is carried out once. The token of the page is not part of what was meant.
    #[must_use]
    pub fn once(&self, route: &str) -> Option<Once> {
        let key = uuid::Uuid::try_parse(self.get(ONCE)).ok()?;
        let mut context = digest::Context::new(&digest::SHA256);
        let meant = self.pairs.iter().filter(|(name, _)| ![FORM_TOKEN, DOOR_PASSWORD, DOOR_EMAIL].contains(&&**name));
        for (name, value) in meant {
            for text in [name, value] {
                context.update(&u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
                context.update(text.as_bytes());
            }
        }
        for (name, bytes) in &self.files {
            context.update(name.as_bytes());
            context.update(digest::digest(&digest::SHA256, bytes).as_ref());
        }
        Some(Once {
            route: route.to_owned(),
            key: key.as_hyphenated().to_string(),
            fingerprint: STANDARD.encode(context.finish()),
        })
    }
}

/// Digits and marks as they are, where a Chinese keyboard wrote them in full width.
pub(super) fn half_width(text: &str) -> String {
    let narrow = |letter: char| {
        let wide = u32::from(letter).checked_sub(u32::from('！')).filter(|from| *from < 94);
        wide.and_then(|from| char::from_u32(u32::from('!') + from)).unwrap_or(letter)
    };
    text.chars().map(narrow).collect()
}

/// A whole number with its digits as they come, or in groups of three: `1250`, `1,250`, `1 250`. A mark elsewhere is a
/// decimal point, and `2.5` is never 25.
#[must_use]
pub fn whole_number(text: &str) -> Option<i64> {
    let text = half_width(text.trim());
    let size = text.strip_prefix('-').unwrap_or(&text);
    let is_mark = |c: char| c.is_whitespace() || matches!(c, ',' | '.' | '\'' | '\u{2019}');
    let groups: Vec<&str> = size.split(is_mark).collect();
    let (first, rest) = groups.split_first()?;
    let leads = (1..=3).contains(&first.len()) && *first != "0";
    let grouped = rest.is_empty() || leads && rest.iter().all(|group| group.len() == 3);
    let plain = groups.concat();
    let digits = (1..=12).contains(&plain.len()) && plain.bytes().all(|byte| byte.is_ascii_digit());
    let value: i64 = (grouped && digits).then(|| plain.parse().ok()).flatten()?;
    Some(if size.len() < text.len() { -value } else { value })
}

/// The faults of a form, found here or by the use case.
#[derive(Debug, Clone, Default)]
pub struct Faults {
    found: Vec<(String, String)>,
}

impl Faults {
    /// Notes a fault of a field in the reader's words.
    pub fn note(&mut self, field: &str, what: String) {
        self.found.push((field.to_owned(), what));
    }

    /// Notes the fault when the value is missing, and gives the value otherwise.
    pub fn need<T>(&mut self, field: &str, value: Option<T>, what: impl FnOnce() -> String) -> Option<T> {
        if value.is_none() {
            self.note(field, what());
        }
        value
    }

    /// Takes over what a use case found. `fields` maps the pointers of the use case to the fields of the form;
    /// what has no field stands in the summary alone.
    pub fn take(&mut self, errors: &[FieldError], fields: &[(&str, &str)], texts: &Texts) {
        for error in errors {
            let field = fields.iter().find(|(pointer, _)| *pointer == error.pointer).map_or("", |(_, field)| field);
            let known = texts.find(&format!("invalid-{}", error.code.replace('_', "-")));
            let has_figures = error.detail.contains(|letter: char| letter.is_ascii_digit());
            self.note(
                field,
                match known {
                    // The limit or the row that is meant stands in the detail alone.
                    Some(text) if has_figures => format!("{text} ({})", texts.by_the_clock(&error.detail)),
                    Some(text) => text,
                    None => texts.by_the_clock(&error.detail),
                },
            );
        }
    }

    /// True when nothing is wrong.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// The fault of a field.
    #[must_use]
    pub fn of(&self, field: &str) -> Option<&str> {
        self.found.iter().find(|(name, _)| name == field).map(|(_, what)| what.as_str())
    }

    /// Field and fault, in the order they were found.
    #[must_use]
    pub fn all(&self) -> &[(String, String)] {
        &self.found
    }
}

/// A form as it is shown: what was typed and what is wrong with it.
#[derive(Debug, Clone, Default)]
pub struct Filled {
    /// What was typed.
    pub form: Form,
    /// What is wrong.
    pub faults: Faults,
}

impl Filled {
    /// A field of one line with its value and its fault.
    #[must_use]
    pub fn field(&self, name: &'static str, label: String) -> Field {
        Field::new(name, label, self.form.get(name).to_owned(), self.faults.of(name).map(str::to_owned))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(text: &str) -> Form {
        Form::read(text.as_bytes()).unwrap()
    }

    #[test]
    fn fields_are_read_as_people_type_them() {
        let form = form("weight=+1+250+&protein=1%2C23&lots=a&lots=b&box=on&name=%E0%BA%A5%E0%BA%B2%E0%BA%A7");
        assert_eq!(form.whole("weight"), Some(1250));
        assert_eq!(form.decimal("protein", 2), Some(123));
        assert_eq!(form.decimal("protein", 1), None, "no place is dropped in silence");
        assert_eq!(form.all("lots"), ["a", "b"]);
        assert!(form.has("box") && !form.has("absent"));
        assert_eq!(form.get("name"), "ລາວ");
        assert_eq!(form.whole("name"), None);
    }

    #[test]
    fn a_decimal_point_is_never_swallowed() {
        for (typed, read) in [
            ("2.5", None),
            ("180.0", None),
            ("950.5", None),
            ("12,50", None),
            ("0.950", None),
            ("1.2500", None),
            ("1250,000", None),
            ("", None),
            ("-", None),
            ("1,,250", None),
            ("1250", Some(1250)),
            ("1.250", Some(1250)),
            ("1,250", Some(1250)),
            ("1\u{202f}250\u{202f}000", Some(1_250_000)),
            ("-3", Some(-3)),
            ("０", Some(0)),
            ("１２５０", Some(1250)),
        ] {
            assert_eq!(whole_number(typed), read, "{typed}");
        }
        assert_eq!(form("n=%EF%BC%91%EF%BC%8E%EF%BC%95").decimal("n", 1), Some(15), "full width");
    }

    #[test]
    fn the_same_meaning_has_the_same_fingerprint() {
        let key = "once=0199c6f0-0000-7000-8000-000000000001";
        let once = |text: &str| form(&format!("{key}&{text}")).once("POST x").unwrap();
        assert_eq!(once("a=1&form-token=x").fingerprint, once("a=1&form-token=y").fingerprint);
        assert_ne!(once("a=1").fingerprint, once("a=2").fingerprint);
        assert_ne!(once("a=bc").fingerprint, once("ab=c").fingerprint);
        assert!(form("a=1").once("POST x").is_none());
    }

    #[test]
    fn what_is_kept_has_no_password() {
        let form = form("a=1&door-password=secret&door-email=x");
        assert_eq!(form.kept(), [("a", "1")]);
    }
}
