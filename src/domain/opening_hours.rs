//! When a place works: spans of local wall-clock time per weekday. A span may pass midnight; no span on any
//! day means that it never closes.

use super::time::Instant;
use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

const MINUTES_PER_DAY: u16 = 24 * 60;

/// From one minute of the day up to, but not including, another; it passes midnight when that is not later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct DailySpan {
    from_minute: u16,
    until_minute: u16,
}

/// The text is no time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a time of day is HH:MM, 00:00 to 24:00")]
pub struct NoTimeOfDay;

fn read_minute(text: &str) -> Result<u16, NoTimeOfDay> {
    let (hours, minutes) = text.split_once(':').ok_or(NoTimeOfDay)?;
    let number = |part: &str| match part.len() {
        2 if part.bytes().all(|byte| byte.is_ascii_digit()) => part.parse::<u16>().map_err(|_too_large| NoTimeOfDay),
        _ => Err(NoTimeOfDay),
    };
    match (number(hours)?, number(minutes)?) {
        (24, 0) => Ok(MINUTES_PER_DAY),
        (hours @ 0..=23, minutes @ 0..=59) => Ok(hours * 60 + minutes),
        _ => Err(NoTimeOfDay),
    }
}

fn write_minute(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

impl DailySpan {
    /// Reads `08:00` and `18:00`.
    ///
    /// # Errors
    /// When one of them is no time of day.
    pub fn read(from: &str, until: &str) -> Result<Self, NoTimeOfDay> {
        let from_minute = read_minute(from)?;
        if from_minute == MINUTES_PER_DAY {
            return Err(NoTimeOfDay);
        }
        Ok(Self { from_minute, until_minute: read_minute(until)? })
    }

    /// Both ends as `HH:MM`.
    #[must_use]
    pub fn texts(self) -> [String; 2] {
        [write_minute(self.from_minute), write_minute(self.until_minute)]
    }

    const fn passes_midnight(self) -> bool {
        self.until_minute <= self.from_minute
    }

    /// True for this minute of the day on which the span begins.
    const fn holds_on_its_day(self, minute: u16) -> bool {
        minute >= self.from_minute && (self.passes_midnight() || minute < self.until_minute)
    }

    /// True for this minute of the day after the one on which the span begins.
    const fn holds_on_the_next_day(self, minute: u16) -> bool {
        self.passes_midnight() && minute < self.until_minute
    }
}

impl Serialize for DailySpan {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.texts().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for DailySpan {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let [from, until] = <[String; 2]>::deserialize(deserializer)?;
        Self::read(&from, &until).map_err(serde::de::Error::custom)
    }
}

/// The weekdays on which something happens, as `daily`, a range `mon-fri` or a list `mon,wed,fri`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Days([bool; 7]);

/// The text names no weekdays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("days are daily, a range such as mon-fri or a list such as mon,wed,fri")]
pub struct NoDays;

const DAY_NAMES: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
const DAY_WORDS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

fn place_of(weekday: Weekday) -> usize {
    usize::try_from(weekday.to_monday_zero_offset()).unwrap_or(0)
}

impl Days {
    /// Every day of the week.
    pub const DAILY: Self = Self([true; 7]);

    /// True when the weekday is one of them.
    #[must_use]
    pub fn has(self, weekday: Weekday) -> bool {
        self.0.get(place_of(weekday)).copied().unwrap_or(false)
    }
}

super::text::as_text!(Days);

impl FromStr for Days {
    type Err = NoDays;
    fn from_str(text: &str) -> Result<Self, NoDays> {
        if text == "daily" {
            return Ok(Self::DAILY);
        }
        let place = |word: &str| DAY_WORDS.iter().position(|day| *day == word).ok_or(NoDays);
        let mut days = [false; 7];
        for part in text.split(',') {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let (first, last) = (place(first)?, place(last)?);
            // A range may pass the week's end: sat-mon.
            let length = (last + 7 - first) % 7;
            for step in 0..=length {
                if let Some(day) = days.get_mut((first + step) % 7) {
                    *day = true;
                }
            }
        }
        Ok(Self(days))
    }
}

impl fmt::Display for Days {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::DAILY {
            return f.write_str("daily");
        }
        let words: Vec<_> = DAY_WORDS.iter().zip(self.0).filter_map(|(word, on)| on.then_some(*word)).collect();
        f.write_str(&words.join(","))
    }
}

/// Spans per weekday in local time; none at all means always open.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OpeningHours {
    /// Spans that begin on a Monday.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub monday: Vec<DailySpan>,
    /// Spans that begin on a Tuesday.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tuesday: Vec<DailySpan>,
    /// Spans that begin on a Wednesday.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub wednesday: Vec<DailySpan>,
    /// Spans that begin on a Thursday.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub thursday: Vec<DailySpan>,
    /// Spans that begin on a Friday.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub friday: Vec<DailySpan>,
    /// Spans that begin on a Saturday.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub saturday: Vec<DailySpan>,
    /// Spans that begin on a Sunday.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sunday: Vec<DailySpan>,
}

impl OpeningHours {
    /// The same span on some days of the week.
    #[must_use]
    pub fn on_days(days: Days, span: DailySpan) -> Self {
        let on = |weekday| if days.has(weekday) { vec![span] } else { Vec::new() };
        Self {
            monday: on(Weekday::Monday),
            tuesday: on(Weekday::Tuesday),
            wednesday: on(Weekday::Wednesday),
            thursday: on(Weekday::Thursday),
            friday: on(Weekday::Friday),
            saturday: on(Weekday::Saturday),
            sunday: on(Weekday::Sunday),
        }
    }

    /// True when no span is written, so that it never closes.
    #[must_use]
    pub fn never_closes(&self) -> bool {
        *self == Self::default()
    }

    /// The first day with a span that runs into another one: of the same day, or of the day after across midnight.
    #[must_use]
    pub fn overlapping_day(&self) -> Option<&'static str> {
        const WEEK: i32 = 7 * 24 * 60;
        let mut found: Vec<(i32, i32, usize)> = Vec::new();
        for (place, weekday) in (0..).zip(Weekday::Monday.cycle_forward().take(7)) {
            for span in self.spans(weekday) {
                let day = i32::try_from(place).unwrap_or(0) * i32::from(MINUTES_PER_DAY);
                let next_day = if span.passes_midnight() { i32::from(MINUTES_PER_DAY) } else { 0 };
                let from = day + i32::from(span.from_minute);
                found.push((from, day + next_day + i32::from(span.until_minute), place));
            }
        }
        found.sort_unstable();
        // Sunday night may run into Monday.
        let around = found.first().map(|(from, until, place)| (from + WEEK, until + WEEK, *place));
        let after = found.iter().copied().skip(1).chain(around.filter(|_| found.len() > 1));
        let pairs = found.iter().zip(after);
        let day =
            pairs.into_iter().find(|((_, until, _), (next, _, _))| until > next).map(|((_, _, place), _)| *place)?;
        DAY_NAMES.get(day).copied()
    }

    fn spans(&self, weekday: Weekday) -> &[DailySpan] {
        match weekday {
            Weekday::Monday => &self.monday,
            Weekday::Tuesday => &self.tuesday,
            Weekday::Wednesday => &self.wednesday,
            Weekday::Thursday => &self.thursday,
            Weekday::Friday => &self.friday,
            Weekday::Saturday => &self.saturday,
            Weekday::Sunday => &self.sunday,
        }
    }

    /// True when it is open at this instant; an unknown zone counts as UTC.
    #[must_use]
    pub fn is_open(&self, at: Instant, zone: &str) -> bool {
        if self.never_closes() {
            return true;
        }
        let local = at.timestamp().to_zoned(zone_of(zone)).datetime();
        let minute = u16::try_from(i32::from(local.hour()) * 60 + i32::from(local.minute())).unwrap_or(0);
        let today = local.date().weekday();
        self.spans(today).iter().any(|span| span.holds_on_its_day(minute))
            || self.spans(today.previous()).iter().any(|span| span.holds_on_the_next_day(minute))
    }

    /// The first instant from `at` on at which it is open: `at` itself if it is. A zone's missing hour in
    /// spring counts as the first one that exists.
    #[must_use]
    pub fn next_opening(&self, at: Instant, zone: &str) -> Instant {
        if self.is_open(at, zone) {
            return at;
        }
        let zone = zone_of(zone);
        let today = at.timestamp().to_zoned(zone.clone()).date();
        // A week and a day: today's span may be over already.
        (0..=7_i32)
            .filter_map(|offset| today.checked_add(offset.days()).ok())
            .find_map(|date| {
                let starts = self.spans(date.weekday()).iter().map(|span| span.from_minute);
                starts.filter_map(|minute| starting(date, minute, &zone)).filter(|start| *start >= at).min()
            })
            .unwrap_or(at)
    }
}

impl OpeningHours {
    /// Every span that is open between two instants, in order, ends cut to the two; spans that touch are one.
    /// Without any span written it is open all the time.
    #[must_use]
    pub fn open_spans(&self, from: Instant, until: Instant, zone: &str) -> Vec<(Instant, Instant)> {
        if until <= from {
            return Vec::new();
        }
        if self.never_closes() {
            return vec![(from, until)];
        }
        let zone = zone_of(zone);
        let first = from.timestamp().to_zoned(zone.clone()).date().yesterday();
        let last = until.timestamp().to_zoned(zone.clone()).date();
        let mut spans = Vec::new();
        let mut date = first.ok();
        while let Some(day) = date.filter(|day| *day <= last) {
            for span in self.spans(day.weekday()) {
                let ends_on = if span.passes_midnight() { day.tomorrow().ok() } else { Some(day) };
                let begins = starting(day, span.from_minute, &zone);
                let ends = ends_on.and_then(|day| starting_or_midnight(day, span.until_minute, &zone));
                if let (Some(begins), Some(ends)) = (begins, ends) {
                    spans.push((begins.max(from), ends.min(until)));
                }
            }
            date = day.tomorrow().ok();
        }
        spans.retain(|(begins, ends)| begins < ends);
        spans.sort();
        let mut joined: Vec<(Instant, Instant)> = Vec::new();
        for (begins, ends) in spans {
            match joined.last_mut() {
                Some((_, known)) if begins <= *known => *known = ends.max(*known),
                _ => joined.push((begins, ends)),
            }
        }
        joined
    }
}

/// As [`starting`], where minute 1440 is the next midnight.
fn starting_or_midnight(date: Date, minute: u16, zone: &TimeZone) -> Option<Instant> {
    if minute == MINUTES_PER_DAY { starting(date.tomorrow().ok()?, 0, zone) } else { starting(date, minute, zone) }
}

fn zone_of(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap_or(TimeZone::UTC)
}

fn starting(date: Date, minute: u16, zone: &TimeZone) -> Option<Instant> {
    let hour = i8::try_from(minute / 60).ok()?;
    let minute = i8::try_from(minute % 60).ok()?;
    let zoned = date.at(hour, minute, 0, 0).to_zoned(zone.clone()).ok()?;
    Some(zoned.timestamp().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    fn office() -> OpeningHours {
        OpeningHours::on_days("mon-fri".parse().unwrap(), DailySpan::read("08:00", "18:00").unwrap())
    }

    #[test]
    fn spans_that_run_into_each_other_are_found() {
        let read = |text: &str| serde_json::from_str::<OpeningHours>(text).unwrap().overlapping_day();
        assert_eq!(read(r#"{"monday": [["08:00", "12:30"], ["11:00", "18:00"]]}"#), Some("monday"));
        assert_eq!(read(r#"{"monday": [["14:00", "18:00"], ["08:00", "14:00"]]}"#), None);
        assert_eq!(read(r#"{"friday": [["18:00", "08:00"]], "saturday": [["07:00", "12:00"]]}"#), Some("friday"));
        assert_eq!(read(r#"{"sunday": [["18:00", "08:00"]], "monday": [["07:00", "12:00"]]}"#), Some("sunday"));
        assert_eq!(read(r#"{"sunday": [["18:00", "08:00"]]}"#), None);
    }

    #[test]
    fn nothing_written_is_always_open() {
        let hours: OpeningHours = serde_json::from_str("{}").unwrap();
        assert!(hours.is_open(at("2026-09-06T03:00:00Z"), "Europe/Paris"));
        assert_eq!(hours.next_opening(at("2026-09-06T03:00:00Z"), "Europe/Paris"), at("2026-09-06T03:00:00Z"));
    }

    #[test]
    fn local_time_counts_and_the_end_is_closed() {
        // Tuesday 2026-09-01; Hong Kong is eight hours ahead.
        assert!(office().is_open(at("2026-09-01T00:00:00Z"), "Asia/Hong_Kong"));
        assert!(!office().is_open(at("2026-09-01T10:00:00Z"), "Asia/Hong_Kong"));
        assert!(office().is_open(at("2026-09-01T10:00:00Z"), "UTC"));
    }

    #[test]
    fn the_next_opening_skips_the_weekend() {
        // Friday 2026-09-04 20:00 in Paris.
        let monday = office().next_opening(at("2026-09-04T18:00:00Z"), "Europe/Paris");
        assert_eq!(monday, at("2026-09-07T06:00:00Z"));
    }

    #[test]
    fn a_day_that_was_open_opens_again_a_week_later() {
        let hours = OpeningHours { tuesday: vec![DailySpan::read("08:00", "09:00").unwrap()], ..Default::default() };
        assert_eq!(hours.next_opening(at("2026-09-01T09:00:00Z"), "UTC"), at("2026-09-08T08:00:00Z"));
    }

    #[test]
    fn a_night_passes_midnight() {
        let night = OpeningHours { saturday: vec![DailySpan::read("20:00", "06:00").unwrap()], ..Default::default() };
        assert!(night.is_open(at("2026-09-05T23:00:00Z"), "UTC"));
        assert!(night.is_open(at("2026-09-06T05:59:00Z"), "UTC"));
        assert!(!night.is_open(at("2026-09-06T06:00:00Z"), "UTC"));
        assert!(!night.is_open(at("2026-09-05T05:00:00Z"), "UTC"));
    }

    #[test]
    fn the_hour_that_spring_takes_away_opens_late() {
        // Paris goes from 02:00 to 03:00 on Sunday 2027-03-28.
        let early = OpeningHours { sunday: vec![DailySpan::read("02:30", "05:00").unwrap()], ..Default::default() };
        assert_eq!(early.next_opening(at("2027-03-28T00:00:00Z"), "Europe/Paris"), at("2027-03-28T01:30:00Z"));
    }

    #[test]
    fn open_spans_skip_the_night_and_join_at_midnight() {
        let spans = office().open_spans(at("2026-09-04T12:00:00Z"), at("2026-09-07T09:00:00Z"), "UTC");
        let friday = (at("2026-09-04T12:00:00Z"), at("2026-09-04T18:00:00Z"));
        assert_eq!(spans, [friday, (at("2026-09-07T08:00:00Z"), at("2026-09-07T09:00:00Z"))]);
        let all_day = OpeningHours::on_days(Days::DAILY, DailySpan::read("00:00", "24:00").unwrap());
        let whole = (at("2026-09-04T12:00:00Z"), at("2026-09-06T12:00:00Z"));
        assert_eq!(all_day.open_spans(whole.0, whole.1, "UTC"), [whole]);
        assert_eq!(OpeningHours::default().open_spans(whole.0, whole.1, "UTC"), [whole]);
        assert!(office().open_spans(whole.1, whole.0, "UTC").is_empty());
    }

    #[test]
    fn hours_keep_their_text() {
        let text = r#"{"monday":[["08:00","12:30"],["14:00","24:00"]]}"#;
        let hours: OpeningHours = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&hours).unwrap(), text);
        for bad in [r#"{"monday":[["8:00","12:30"]]}"#, r#"{"monday":[["24:00","01:00"]]}"#, r#"{"mon":[]}"#] {
            assert!(serde_json::from_str::<OpeningHours>(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn days_are_ranges_or_lists() {
        assert_eq!("mon-sat".parse::<Days>().unwrap().to_string(), "mon,tue,wed,thu,fri,sat");
        assert_eq!("sat-mon".parse::<Days>().unwrap(), "mon,sat,sun".parse().unwrap());
        assert_eq!("mon-sun".parse::<Days>().unwrap().to_string(), "daily");
        assert!(["", "mo", "mon-", "weekdays"].iter().all(|text| text.parse::<Days>().is_err()));
    }
}
