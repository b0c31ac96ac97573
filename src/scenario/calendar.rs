//! Local days and hours of a replay as instants: mornings of units, working windows of carriers.

use crate::domain::time::Instant;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

/// The instant of a local date and minute of the day; an unknown zone counts as UTC.
#[must_use]
pub fn local_instant(date: Date, minute: i64, zone: &str) -> Instant {
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    let hour = i8::try_from(minute / 60).unwrap_or_default();
    let rest = i8::try_from(minute % 60).unwrap_or_default();
    let time = Time::new(hour, rest, 0, 0).unwrap_or(Time::midnight());
    let midnight = date.to_datetime(time).to_zoned(zone).map(|zoned| zoned.timestamp());
    midnight.map_or(Instant::from_micros(0), Instant::from)
}

/// The date so many days after another.
#[must_use]
pub fn plus_days(date: Date, days: i64) -> Date {
    date.checked_add(jiff::Span::new().days(days.clamp(-100_000, 100_000))).unwrap_or(date)
}

/// The minute after seven at which a unit prepares its milk: the generator's own spread over the sites.
#[must_use]
pub fn morning_minute(site_id: &str) -> i64 {
    let spread = site_id.chars().fold(0_i64, |hash, c| (hash * 131 + i64::from(u32::from(c))) % 55);
    7 * 60 + spread
}

/// Whether a carrier works on a day: `daily`, `mon-sat`, `mon-fri` or `mon-thu`, with any words after it.
#[must_use]
pub fn works_on(days: &str, date: Date) -> bool {
    let weekday = date.weekday().to_monday_zero_offset();
    match days {
        days if days.starts_with("mon-thu") => weekday <= 3,
        days if days.starts_with("mon-fri") => weekday <= 4,
        days if days.starts_with("mon-sat") => weekday <= 5,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_local_morning_is_an_instant() {
        let date = jiff::civil::date(2026, 9, 1);
        assert_eq!(local_instant(date, 7 * 60, "Asia/Hong_Kong").to_string(), "2026-08-31T23:00:00Z");
        assert_eq!(plus_days(date, 30).to_string(), "2026-10-01");
    }

    #[test]
    fn the_spread_of_mornings_is_the_generators() {
        // hk-pwh reports its shortfall at 07:11 and hk-tmh at 07:25 in the stored stream.
        assert_eq!(morning_minute("hk-pwh"), 7 * 60 + 11);
        assert_eq!(morning_minute("hk-tmh"), 7 * 60 + 25);
    }

    #[test]
    fn working_days() {
        let saturday = jiff::civil::date(2026, 9, 5);
        assert!(works_on("daily", saturday) && works_on("mon-sat", saturday));
        assert!(!works_on("mon-fri", saturday) && !works_on("mon-thu, next day", saturday));
    }
}
