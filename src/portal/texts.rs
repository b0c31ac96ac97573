//! The words of the portal. Each page has a Fluent file in six languages; a text that is missing is shown as its
//! key in brackets and fails the tests, and never turns into English in silence.

use super::language::Language;
use super::moments::{self, Moments};
use crate::domain::time::Instant;
use fixed_decimal::Decimal;
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::types::FluentNumber;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use std::borrow::Cow;
use std::sync::OnceLock;
use unic_langid::LanguageIdentifier;

/// Lists the files once, for every language.
macro_rules! locales {
    ($($page:literal),+ $(,)?) => {
        /// The names of the files, in the order they are read.
        #[cfg(test)]
        const PAGES: &[&str] = &[$($page),+];

        fn sources(language: Language) -> &'static [&'static str] {
            match language {
                Language::En => &[$(include_str!(concat!("locales/en/", $page, ".ftl"))),+],
                Language::Fr => &[$(include_str!(concat!("locales/fr/", $page, ".ftl"))),+],
                Language::Vi => &[$(include_str!(concat!("locales/vi/", $page, ".ftl"))),+],
                Language::ZhHans => &[$(include_str!(concat!("locales/zh-Hans/", $page, ".ftl"))),+],
                Language::ZhHant => &[$(include_str!(concat!("locales/zh-Hant/", $page, ".ftl"))),+],
                Language::Lo => &[$(include_str!(concat!("locales/lo/", $page, ".ftl"))),+],
            }
        }
    };
}

// A new page adds its file here and to each of the six folders.
locales!(
    "frame",
    "units",
    "words",
    "fault",
    "sign-in",
    "worklist",
    "offers",
    "board",
    "requests",
    "components",
    "stock",
    "transfer",
    "receive",
    "recall",
    "office",
    "policy",
    "import",
    "site",
    "dispatch",
    "choice",
    "planning",
    "webhooks",
    "carriers"
);

type Bundle = FluentBundle<FluentResource>;

fn bundle(language: Language) -> &'static Bundle {
    static BUNDLES: [OnceLock<Bundle>; 6] = [const { OnceLock::new() }; 6];
    let slot = Language::ALL.into_iter().zip(&BUNDLES).find(|(other, _)| *other == language);
    let [first, ..] = &BUNDLES;
    slot.map_or(first, |(_, slot)| slot).get_or_init(|| read(language))
}

fn read(language: Language) -> Bundle {
    let id: LanguageIdentifier = language.tag().parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![id]);
    // All six languages run from left to right, so the marks around arguments would only be in the way.
    bundle.set_use_isolating(false);
    bundle.set_formatter(Some(match language {
        Language::En => |value, _| written(Language::En, value),
        Language::Fr => |value, _| written(Language::Fr, value),
        Language::Vi => |value, _| written(Language::Vi, value),
        Language::ZhHans => |value, _| written(Language::ZhHans, value),
        Language::ZhHant => |value, _| written(Language::ZhHant, value),
        Language::Lo => |value, _| written(Language::Lo, value),
    }));
    for source in sources(language) {
        let resource = FluentResource::try_new((*source).to_owned()).unwrap_or_else(|(part, _faults)| part);
        // A second text of one name is caught by the tests; here the first one stays.
        drop(bundle.add_resource(resource));
    }
    bundle
}

/// A number inside a text, grouped as the language does it.
fn written(language: Language, value: &FluentValue<'_>) -> Option<String> {
    let FluentValue::Number(FluentNumber { value, .. }) = value else { return None };
    let decimal: Decimal = value.to_string().parse().ok()?;
    Some(moments::number(language, decimal))
}

/// What can stand in a text.
pub trait Say {
    /// The value as Fluent takes it.
    fn say(&self) -> FluentValue<'static>;
}

macro_rules! say_numbers {
    ($($kind:ty),+) => {$(
        impl Say for $kind {
            fn say(&self) -> FluentValue<'static> {
                FluentValue::from(*self)
            }
        }
    )+};
}
say_numbers!(i64, i32, u8, u16, u32, usize);

impl Say for str {
    fn say(&self) -> FluentValue<'static> {
        FluentValue::String(Cow::Owned(self.to_owned()))
    }
}

impl Say for String {
    fn say(&self) -> FluentValue<'static> {
        self.as_str().say()
    }
}

impl<T: Say + ?Sized> Say for &T {
    fn say(&self) -> FluentValue<'static> {
        (**self).say()
    }
}

/// The words of one language, with the moments and numbers of one place.
#[derive(Debug, Clone)]
pub struct Texts {
    language: Language,
    moments: Moments,
}

impl Texts {
    /// For a language and a time zone.
    #[must_use]
    pub fn new(language: Language, zone: &str) -> Self {
        Self { language, moments: Moments::new(language, zone) }
    }

    /// The language.
    #[must_use]
    pub const fn language(&self) -> Language {
        self.language
    }

    /// Dates, times and numbers.
    #[must_use]
    pub const fn moments(&self) -> &Moments {
        &self.moments
    }

    /// The text of a key that may not exist, for words that come from outside.
    #[must_use]
    pub fn find(&self, key: &str) -> Option<String> {
        bundle(self.language).has_message(key).then(|| self.get(key))
    }

    /// The text of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> String {
        self.with(key, &[])
    }

    /// The text of a key with one value.
    #[must_use]
    pub fn one(&self, key: &str, name: &str, value: impl Say) -> String {
        self.with(key, &[(name, &value)])
    }

    /// The text of a key with values.
    #[must_use]
    pub fn with(&self, key: &str, values: &[(&str, &dyn Say)]) -> String {
        let bundle = bundle(self.language);
        let args: FluentArgs<'_> = values.iter().map(|(name, value)| ((*name).to_owned(), value.say())).collect();
        let pattern = bundle.get_message(key).and_then(|message| message.value());
        let Some(pattern) = pattern else {
            tracing::error!(key, language = self.language.tag(), "a text is missing");
            return format!("⟦{key}⟧");
        };
        let mut faults = Vec::new();
        let text = bundle.format_pattern(pattern, Some(&args), &mut faults).into_owned();
        if let Some(fault) = faults.first() {
            tracing::error!(key, language = self.language.tag(), %fault, "a text lacks a value");
            return format!("⟦{key}⟧");
        }
        text
    }

    /// The text of a word from a closed list: `state-released` for list `state` and word `released`.
    #[must_use]
    pub fn word(&self, list: &str, word: &str) -> String {
        self.get(&format!("{list}-{}", word.replace('_', "-")))
    }

    /// How long something takes or is away, in its two largest units: `1 h 48 min`.
    #[must_use]
    pub fn span(&self, minutes: i64) -> String {
        let minutes = minutes.max(0);
        let (days, hours, rest) = (minutes / 1440, minutes / 60 % 24, minutes % 60);
        match (days, hours) {
            (0, 0) => self.one("span-minutes", "m", rest),
            (0, _) if rest == 0 => self.one("span-hours", "h", hours),
            (0, _) => self.with("span-hours-minutes", &[("h", &hours), ("m", &rest)]),
            (_, 0) => self.one("span-days", "d", days),
            (days, _) if days >= 14 => self.one("span-days", "d", days),
            (_, _) => self.with("span-days-hours", &[("d", &days), ("h", &hours)]),
        }
    }

    /// An amount of milk: `1,450 mL`.
    #[must_use]
    pub fn millilitres(&self, ml: i64) -> String {
        self.one("unit-ml", "ml", ml)
    }

    /// A detail as the rules wrote it, with its instants as the clock of the page shows them: `2026-09-03T17:05:00Z` says
    /// nothing to a ward in Hong Kong. The detail is English, and so are its dates.
    #[must_use]
    pub fn by_the_clock(&self, detail: &str) -> String {
        let english = Moments::new(Language::En, &self.moments.zone_name());
        let written = |word: &str| {
            let bare = word.trim_end_matches([',', ';', '.', ')', ':']);
            let open = bare.trim_start_matches('(');
            let at: Instant = open.parse().ok().filter(|_| open.contains('T'))?;
            Some(word.replace(open, &english.date_time(at)))
        };
        let words = detail.split(' ').map(|word| written(word).unwrap_or_else(|| word.to_owned()));
        words.collect::<Vec<_>>().join(" ")
    }

    /// When something is due, as short as the day allows: `15:00`, `Wed 18 Nov, 12:00`; with its year where
    /// that is not this one.
    #[must_use]
    pub fn short_moment(&self, at: Instant, now: Instant) -> String {
        if self.moments.same_day(at, now) {
            return self.one("moment-today", "time", self.moments.time(at));
        }
        let day = if self.moments.same_year(at, now) { self.moments.weekday(at) } else { self.moments.date(at) };
        self.with("moment-day", &[("day", &day), ("time", &self.moments.time(at))])
    }
}

#[cfg(test)]
#[path = "texts_tests.rs"]
mod tests;
