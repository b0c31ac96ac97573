//! Dates, times, zones and decimals as loggers write them. What is not said is not guessed.

use crate::domain::logger::{FileFault, RowCode, Unreadable};
use crate::domain::quantity::Celsius;
use crate::domain::time::Instant;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{AmbiguousOffset, TimeZone};
use serde::{Deserialize, Serialize};

/// In which order day and month stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateOrder {
    /// 2026-09-01.
    YearMonthDay,
    /// 01/09/2026.
    DayMonthYear,
    /// 09/01/2026.
    MonthDayYear,
}

/// The zone of a device's clock, if somebody named it.
pub(super) struct Zone(pub(super) Option<TimeZone>);

impl Zone {
    /// The fault of a file whose times need a zone and have none.
    pub(super) fn required(&self) -> Result<&TimeZone, Unreadable> {
        self.0.as_ref().ok_or_else(|| {
            let detail = "its times have no offset; name the zone of the device's clock, such as Asia/Hong_Kong";
            Unreadable::new(0, FileFault::ZoneMissing, detail)
        })
    }
}

/// The instant of a local time; a remark where that time came twice.
pub(super) fn instant_at(zone: &TimeZone, local: DateTime) -> Result<(Instant, Option<RowCode>), RowCode> {
    let ambiguous = zone.to_ambiguous_timestamp(local);
    let remark = match ambiguous.offset() {
        AmbiguousOffset::Unambiguous { .. } => None,
        AmbiguousOffset::Fold { .. } => Some(RowCode::LocalTimeTwice),
        AmbiguousOffset::Gap { .. } => return Err(RowCode::NoSuchLocalTime),
    };
    match ambiguous.earlier() {
        Ok(timestamp) => Ok((Instant::from(timestamp), remark)),
        Err(_out_of_range) => Err(RowCode::UnreadableTime),
    }
}

/// The three numbers of a date, as they stand.
pub(super) fn date_parts(text: &str) -> Option<[u16; 3]> {
    let mut parts = text.trim().split(['-', '/', '.']);
    let mut number = || {
        let part = parts.next()?;
        let digits = (1..=4).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        if digits { part.parse::<u16>().ok() } else { None }
    };
    let found = [number()?, number()?, number()?];
    parts.next().is_none().then_some(found)
}

/// The order that some dates can only have, or that was named.
pub(super) fn order_of(
    dates: impl Iterator<Item = [u16; 3]>,
    named: Option<DateOrder>,
) -> Result<DateOrder, Unreadable> {
    if let Some(named) = named {
        return Ok(named);
    }
    let mut clear = None;
    for [first, second, _third] in dates {
        let shown = if first > 31 {
            DateOrder::YearMonthDay
        } else if first > 12 {
            DateOrder::DayMonthYear
        } else if second > 12 {
            DateOrder::MonthDayYear
        } else {
            continue;
        };
        match clear {
            None => clear = Some(shown),
            Some(before) if before == shown => {}
            Some(_other) => {
                clear = None;
                break;
            }
        }
    }
    clear.ok_or_else(|| {
        let detail = "day and month cannot be told apart; say in which order they stand";
        Unreadable::new(0, FileFault::DateOrderUnclear, detail)
    })
}

/// A date in an order.
pub(super) fn date_of([first, second, third]: [u16; 3], order: DateOrder) -> Option<Date> {
    let (year, month, day) = match order {
        DateOrder::YearMonthDay => (first, second, third),
        DateOrder::DayMonthYear => (third, second, first),
        DateOrder::MonthDayYear => (third, first, second),
    };
    // Two digits are of this century: no logger is older.
    let year = if year < 100 { year + 2000 } else { year };
    Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// A time of day such as `7:05`, `07:05:30` or `7:05:30 PM`.
pub(super) fn time_of(text: &str) -> Option<Time> {
    let text = text.trim().to_ascii_lowercase();
    let (clock, half) = match text.strip_suffix("pm") {
        Some(clock) => (clock.trim_end(), Some(true)),
        None => text.strip_suffix("am").map_or((text.as_str(), None), |clock| (clock.trim_end(), Some(false))),
    };
    let mut parts = clock.split(':');
    let mut number = || {
        let part = parts.next()?;
        let digits = (1..=2).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        if digits { part.parse::<i8>().ok() } else { None }
    };
    let (hour, minute) = (number()?, number()?);
    let second = if clock.matches(':').count() == 2 { number()? } else { 0 };
    let hour = match half {
        None => hour,
        Some(_) if !(1..=12).contains(&hour) => return None,
        Some(true) => hour % 12 + 12,
        Some(false) => hour % 12,
    };
    if clock.matches(':').count() > 2 { None } else { Time::new(hour, minute, second, 0).ok() }
}

/// Why a temperature was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoDegrees {
    /// It is no number.
    Unreadable,
    /// It carries the sign of another unit.
    OtherUnit,
}

impl NoDegrees {
    /// The remark about its row.
    pub(super) fn remark(self) -> (RowCode, &'static str) {
        match self {
            Self::Unreadable => (RowCode::UnreadableTemperature, "the temperature cannot be read"),
            Self::OtherUnit => (RowCode::WrongUnit, "the temperature is not in degrees Celsius"),
        }
    }
}

/// Hundredths of a number with an optional sign of degrees Celsius; a third decimal is rounded.
pub(super) fn celsius_of(text: &str, comma: bool) -> Result<Celsius, NoDegrees> {
    let text = text.trim();
    let bare = text.strip_suffix('C').or_else(|| text.strip_suffix('c')).unwrap_or(text).trim_end();
    let bare = bare.strip_suffix('°').or_else(|| bare.strip_suffix('º')).unwrap_or(bare).trim_end();
    if bare.ends_with(['F', 'f', 'K', 'k']) {
        return Err(NoDegrees::OtherUnit);
    }
    hundredths_of(bare, comma).map(Celsius::from_hundredths).ok_or(NoDegrees::Unreadable)
}

/// Hundredths of a plain decimal.
pub(super) fn hundredths_of(text: &str, comma: bool) -> Option<i64> {
    let (negative, size) = match text.strip_prefix(['-', '\u{2212}']) {
        Some(size) => (true, size),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, fraction) = size.split_once(if comma { ',' } else { '.' }).unwrap_or((size, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 6 || fraction.len() > 12 || !digits(whole) || !digits(fraction) {
        return None;
    }
    let thousandths: String = fraction.chars().chain("000".chars()).take(3).collect();
    let thousandths = whole.parse::<i64>().ok()? * 1_000 + thousandths.parse::<i64>().ok()?;
    let hundredths = (thousandths + 5) / 10;
    Some(if negative { -hundredths } else { hundredths })
}
