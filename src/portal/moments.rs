//! Dates, times and numbers as a reader's language writes them, by Unicode's own data (CLDR through ICU4X): the
//! order of day and month, the names of days in Lao, and where the digits are grouped are not for us to invent.

use super::language::Language;
use crate::domain::time::Instant;
use fixed_decimal::Decimal;
use icu_calendar::{Date, Gregorian};
use icu_datetime::fieldsets::{MD, MDE, T, YMD, YMDE};
use icu_datetime::{FixedCalendarDateTimeFormatter, NoCalendarFormatter};
use icu_decimal::DecimalFormatter;
use icu_locale_core::Locale;
use icu_time::Time;
use jiff::tz::TimeZone;
use std::cell::RefCell;
use std::collections::BTreeMap;

/// The formatters of one language; making them costs more than using them.
struct Formats {
    long_day: FixedCalendarDateTimeFormatter<Gregorian, YMDE>,
    date: FixedCalendarDateTimeFormatter<Gregorian, YMD>,
    day_of_month: FixedCalendarDateTimeFormatter<Gregorian, MD>,
    weekday: FixedCalendarDateTimeFormatter<Gregorian, MDE>,
    time: NoCalendarFormatter<T>,
    number: DecimalFormatter,
}

impl Formats {
    /// `None` only if the compiled data lacked a language, which a test rules out.
    fn of(language: Language) -> Option<Self> {
        let locale: Locale = language.locale().parse().ok()?;
        Some(Self {
            long_day: FixedCalendarDateTimeFormatter::try_new((&locale).into(), YMDE::long()).ok()?,
            date: FixedCalendarDateTimeFormatter::try_new((&locale).into(), YMD::medium()).ok()?,
            day_of_month: FixedCalendarDateTimeFormatter::try_new((&locale).into(), MD::medium()).ok()?,
            weekday: FixedCalendarDateTimeFormatter::try_new((&locale).into(), MDE::medium()).ok()?,
            time: NoCalendarFormatter::try_new((&locale).into(), T::hm()).ok()?,
            number: DecimalFormatter::try_new(
                (&locale).into(),
                icu_decimal::options::DecimalFormatterOptions::default(),
            )
            .ok()?,
        })
    }
}

thread_local! {
    static FORMATS: RefCell<BTreeMap<Language, Option<Formats>>> = const { RefCell::new(BTreeMap::new()) };
}

fn with_formats(language: Language, write: impl FnOnce(&Formats) -> String) -> Option<String> {
    FORMATS.with_borrow_mut(|known| known.entry(language).or_insert_with(|| Formats::of(language)).as_ref().map(write))
}

/// An instant at a place, as the calendar and the clock there show it.
#[derive(Clone)]
struct Local {
    date: Option<Date<Gregorian>>,
    time: Option<Time>,
    plain: String,
}

impl Local {
    fn of(instant: Instant, zone: &TimeZone) -> Self {
        let there = instant.timestamp().to_zoned(zone.clone());
        let (date, time) = (there.date(), there.time());
        let part = |value: i8| u8::try_from(value).unwrap_or(0);
        Self {
            date: Date::try_new_gregorian(i32::from(date.year()), part(date.month()), part(date.day())).ok(),
            time: Time::try_new(part(time.hour()), part(time.minute()), 0, 0).ok(),
            plain: format!("{date} {:02}:{:02}", time.hour(), time.minute()),
        }
    }
}

/// Writes moments and numbers for one reader at one place.
#[derive(Debug, Clone)]
pub struct Moments {
    language: Language,
    zone: TimeZone,
}

impl Moments {
    /// For a language and a time zone such as `Asia/Hong_Kong`; an unknown zone counts as UTC.
    #[must_use]
    pub fn new(language: Language, zone: &str) -> Self {
        Self { language, zone: TimeZone::get(zone).unwrap_or(TimeZone::UTC) }
    }

    /// The zone that moments are written in.
    #[must_use]
    pub const fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// The name of the zone, such as `Asia/Hong_Kong`.
    #[must_use]
    pub fn zone_name(&self) -> String {
        self.zone.iana_name().unwrap_or("UTC").to_owned()
    }

    fn dated(&self, at: Instant, write: impl FnOnce(&Formats, &Date<Gregorian>) -> String) -> String {
        let local = Local::of(at, &self.zone);
        let written = local.date.and_then(|date| with_formats(self.language, |formats| write(formats, &date)));
        written.unwrap_or(local.plain)
    }

    /// Such as `Tuesday 17 November 2026`.
    #[must_use]
    pub fn long_day(&self, at: Instant) -> String {
        self.dated(at, |formats, date| formats.long_day.format(date).to_string())
    }

    /// Such as `17 Nov 2026`.
    #[must_use]
    pub fn date(&self, at: Instant) -> String {
        self.dated(at, |formats, date| formats.date.format(date).to_string())
    }

    /// Such as `17 Nov`.
    #[must_use]
    pub fn day_of_month(&self, at: Instant) -> String {
        self.dated(at, |formats, date| formats.day_of_month.format(date).to_string())
    }

    /// Such as `Tue 17 Nov`.
    #[must_use]
    pub fn weekday(&self, at: Instant) -> String {
        self.dated(at, |formats, date| formats.weekday.format(date).to_string())
    }

    /// Such as `15:00`.
    #[must_use]
    pub fn time(&self, at: Instant) -> String {
        let local = Local::of(at, &self.zone);
        let written =
            local.time.and_then(|time| with_formats(self.language, |formats| formats.time.format(&time).to_string()));
        written.unwrap_or(local.plain)
    }

    /// Such as `17 Nov 2026, 15:00`.
    #[must_use]
    pub fn date_time(&self, at: Instant) -> String {
        format!("{}, {}", self.date(at), self.time(at))
    }

    /// True when both lie on the same day here.
    #[must_use]
    pub fn same_day(&self, one: Instant, other: Instant) -> bool {
        let day = |at: Instant| at.timestamp().to_zoned(self.zone.clone()).date();
        day(one) == day(other)
    }

    /// True when both lie in the same year here.
    #[must_use]
    pub fn same_year(&self, one: Instant, other: Instant) -> bool {
        let year = |at: Instant| at.timestamp().to_zoned(self.zone.clone()).date().year();
        year(one) == year(other)
    }

    /// The instant of `2026-11-17T15:00` as a form's field gives it, at this place.
    #[must_use]
    pub fn read(&self, text: &str) -> Option<Instant> {
        let civil: jiff::civil::DateTime = text.trim().parse().ok()?;
        Some(civil.to_zoned(self.zone.clone()).ok()?.timestamp().into())
    }

    /// The value of a form's field for an instant: `2026-11-17T15:00`.
    #[must_use]
    pub fn field_value(&self, at: Instant) -> String {
        at.timestamp().to_zoned(self.zone.clone()).strftime("%Y-%m-%dT%H:%M").to_string()
    }

    /// A whole number, grouped.
    #[must_use]
    pub fn number(&self, value: i64) -> String {
        number(self.language, Decimal::from(value))
    }

    /// A number given in tenths, hundredths or the like: 131 with 2 places is `1.31`.
    #[must_use]
    pub fn decimal(&self, value: i64, places: i16) -> String {
        let mut decimal = Decimal::from(value);
        decimal.multiply_pow10(-places);
        number(self.language, decimal)
    }
}

/// A number in a language.
#[must_use]
pub fn number(language: Language, value: Decimal) -> String {
    with_formats(language, |formats| formats.number.format(&value).to_string()).unwrap_or_else(|| value.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at() -> Instant {
        "2026-11-17T02:42:00Z".parse().unwrap()
    }

    #[test]
    fn every_language_writes_the_day_and_the_time_in_its_own_way() {
        let shown = |language| {
            let moments = Moments::new(language, "Asia/Hong_Kong");
            [moments.long_day(at()), moments.date(at()), moments.time(at())].join(" | ")
        };
        assert_eq!(shown(Language::En), "Tuesday, 17 November 2026 | 17 Nov 2026 | 10:42");
        assert!(shown(Language::Fr).starts_with("mardi 17 novembre 2026"), "{}", shown(Language::Fr));
        assert!(shown(Language::Vi).contains("tháng 11"), "{}", shown(Language::Vi));
        assert!(shown(Language::ZhHans).starts_with("2026年11月17日星期二"), "{}", shown(Language::ZhHans));
        assert!(shown(Language::ZhHant).starts_with("2026年11月17日星期二"), "{}", shown(Language::ZhHant));
        assert!(shown(Language::Lo).contains("ພະຈິກ"), "{}", shown(Language::Lo));
        for language in Language::ALL {
            assert!(shown(language).ends_with("10:42"), "{language}: {}", shown(language));
        }
    }

    #[test]
    fn numbers_are_grouped_as_the_language_does() {
        assert_eq!(Moments::new(Language::En, "UTC").number(41_200), "41,200");
        assert_eq!(Moments::new(Language::Fr, "UTC").number(41_200), "41\u{202f}200");
        assert_eq!(Moments::new(Language::Vi, "UTC").decimal(131, 2), "1,31");
        assert_eq!(Moments::new(Language::Lo, "UTC").number(550), "550");
    }

    #[test]
    fn what_a_form_shows_it_reads_back() {
        let moments = Moments::new(Language::En, "Asia/Ho_Chi_Minh");
        assert_eq!(moments.field_value(at()), "2026-11-17T09:42");
        assert_eq!(moments.read("2026-11-17T09:42"), Some(at()));
        assert_eq!(moments.read("tomorrow"), None);
    }
}
