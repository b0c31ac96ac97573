//! Instants in UTC microseconds, and days in a site's zone. The domain never asks what time it is:
//! the clock hands an `Instant` in.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// One minute in microseconds.
const MICROS_PER_MINUTE: i64 = 60_000_000;

/// A point in time: microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(i64);

/// The text was not an RFC 3339 instant with an offset.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an RFC 3339 instant such as 2026-09-01T07:00:00Z")]
pub struct InvalidInstant;

impl Instant {
    /// Wraps microseconds since the epoch.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since the epoch.
    #[must_use]
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Later by whole minutes; negative goes back.
    #[must_use]
    pub const fn plus_minutes(self, minutes: i64) -> Self {
        Self(self.0.saturating_add(minutes.saturating_mul(MICROS_PER_MINUTE)))
    }

    /// Later by whole hours.
    #[must_use]
    pub const fn plus_hours(self, hours: i64) -> Self {
        self.plus_minutes(hours.saturating_mul(60))
    }

    /// Later by days of 24 hours.
    #[must_use]
    pub const fn plus_days(self, days: i64) -> Self {
        self.plus_hours(days.saturating_mul(24))
    }

    /// The beginning of the next hour in UTC.
    #[must_use]
    pub const fn next_hour(self) -> Self {
        let hour = 60 * MICROS_PER_MINUTE;
        Self(self.0.saturating_sub(self.0.rem_euclid(hour)).saturating_add(hour))
    }

    /// Whole minutes from `earlier` to here, rounded towards zero.
    #[must_use]
    pub const fn minutes_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0) / MICROS_PER_MINUTE
    }

    /// The calendar date at a zone such as `Asia/Hong_Kong`; an unknown zone counts as UTC.
    #[must_use]
    pub fn date_in(self, zone: &str) -> Date {
        let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
        self.timestamp().to_zoned(zone).date()
    }

    /// The instant as a jiff timestamp; out-of-range values are clamped.
    #[must_use]
    pub fn timestamp(self) -> Timestamp {
        Timestamp::from_microsecond(self.0).unwrap_or(if self.0 < 0 { Timestamp::MIN } else { Timestamp::MAX })
    }
}

impl From<i64> for Instant {
    fn from(micros: i64) -> Self {
        Self(micros)
    }
}

impl AsRef<i64> for Instant {
    fn as_ref(&self) -> &i64 {
        &self.0
    }
}

impl From<Timestamp> for Instant {
    fn from(timestamp: Timestamp) -> Self {
        Self(timestamp.as_microsecond())
    }
}

impl FromStr for Instant {
    type Err = InvalidInstant;
    fn from_str(text: &str) -> Result<Self, InvalidInstant> {
        if !is_rfc_3339(text) {
            return Err(InvalidInstant);
        }
        text.parse::<Timestamp>().map(Self::from).map_err(|_unreadable| InvalidInstant)
    }
}

/// jiff reads more than RFC 3339 has: notes in brackets, instants without their signs, days without an hour.
fn is_rfc_3339(text: &str) -> bool {
    let shaped = |part: &str, shape: &str| {
        part.len() == shape.len()
            && part.bytes().zip(shape.bytes()).all(|(byte, wanted)| match wanted {
                b'0' => byte.is_ascii_digit(),
                b'T' => matches!(byte, b'T' | b't' | b' '),
                sign => byte == sign,
            })
    };
    let Some((moment, rest)) = text.split_at_checked(19) else { return false };
    let digits = rest.strip_prefix('.').map_or(0, |part| 1 + part.bytes().take_while(u8::is_ascii_digit).count());
    let Some((fraction, zone)) = rest.split_at_checked(digits) else { return false };
    let offset = zone.strip_prefix(['+', '-']).is_some_and(|hours| shaped(hours, "00:00") && hours < "24:00");
    shaped(moment, "0000-00-00T00:00:00")
        && (2..=10).contains(&fraction.len()) | fraction.is_empty()
        && (zone.eq_ignore_ascii_case("z") || offset)
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.timestamp().fmt(f)
    }
}

impl fmt::Debug for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Instant({self})")
    }
}

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_any_offset_and_prints_utc() {
        let instant: Instant = "2026-09-01T07:00:00+08:00".parse().unwrap();
        assert_eq!(instant.to_string(), "2026-08-31T23:00:00Z");
        assert!("2026-09-01".parse::<Instant>().is_err());
    }

    #[test]
    fn the_date_depends_on_the_zone() {
        let instant: Instant = "2026-08-31T23:00:00Z".parse().unwrap();
        assert_eq!(instant.date_in("Asia/Hong_Kong").to_string(), "2026-09-01");
        assert_eq!(instant.date_in("America/Los_Angeles").to_string(), "2026-08-31");
    }

    #[test]
    fn minutes_count_both_ways() {
        let noon: Instant = "2026-09-01T12:00:00Z".parse().unwrap();
        assert_eq!(noon.plus_hours(2).minutes_since(noon), 120);
        assert_eq!(noon.minutes_since(noon.plus_days(1)), -1440);
    }

    #[test]
    fn only_instants_of_rfc_3339_are_read() {
        let noon: Instant = "2026-01-05T12:00:00Z".parse().unwrap();
        for same in ["2026-01-05t12:00:00z", "2026-01-05 20:00:00+08:00", "2026-01-05T06:30:00.000-05:30"] {
            assert_eq!(same.parse(), Ok(noon), "{same}");
        }
        for other in [
            "2026-01-05T12:00:00",
            "2026-01-05T12:00Z",
            "20260105T120000Z",
            "2026-01-05T12:00:00+25:00",
            "2026-01-05T12:00:00+0800",
            "2026-01-05T12:00:00Z[UTC]",
            "2026-01-05T12:00:00.Z",
            "2026-01-05T12:00:00,5Z",
            "2026-02-30T12:00:00Z",
            "+002026-01-05T12:00:00Z",
            "2026-01-05T12:00:0\u{e9}Z",
        ] {
            assert_eq!(other.parse::<Instant>(), Err(InvalidInstant), "{other}");
        }
    }
}
