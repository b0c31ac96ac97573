//! Berlinger text (Fridge-tag, Q-tag): indented keys, one block a day with lowest and highest temperature and
//! the minutes beyond each alarm limit, a certificate and a signature at the end.

use super::stamp::{DateOrder, Zone, celsius_of, date_of, date_parts, instant_at};
use super::too_many;
use crate::domain::logger::{
    FileFault, IntervalReading, LoggerFormat, LoggerLog, MOST_ROWS, RowCode, RowNote, Unreadable,
};
use crate::domain::quantity::Celsius;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan};

/// One day as far as it was read.
#[derive(Default)]
struct Day {
    line: u32,
    date: Option<Date>,
    lowest: Option<Celsius>,
    highest: Option<Celsius>,
    minutes_above: Option<i64>,
    broken: bool,
    /// True when minutes of it were more than a day has, or fewer than none.
    odd_minutes: bool,
}

/// The longest day has 25 hours.
const MINUTES_OF_A_DAY: std::ops::RangeInclusive<i64> = 0..=1_500;

/// Where the reader stands.
#[derive(PartialEq, Clone, Copy)]
enum Part {
    Head,
    History,
    End,
}

struct Reader {
    part: Part,
    logger_ref: Option<String>,
    /// The upper alarm limit and its number.
    upper: Option<(String, Celsius)>,
    alarm: String,
    days: Vec<Day>,
    signed: bool,
}

pub(super) fn read(text: &str, zone: &Zone) -> Result<LoggerLog, Unreadable> {
    let zone = zone.required()?;
    let mut reader = Reader {
        part: Part::Head,
        logger_ref: None,
        upper: None,
        alarm: String::new(),
        days: Vec::new(),
        signed: false,
    };
    for (line, text) in (1_u32..).zip(text.lines()) {
        reader.line(line, text)?;
    }
    let Reader { logger_ref, upper, days, signed, .. } = reader;
    let mut notes = Vec::new();
    if signed {
        let detail = "the maker's scheme is not known here; the signed original is kept";
        notes.push(RowNote::new(0, RowCode::SignatureNotChecked, detail));
    } else {
        notes.push(RowNote::new(0, RowCode::CutOff, "it ends without its signature"));
    }
    let limit = upper.map(|(_, limit)| limit);
    let mut intervals = Vec::with_capacity(days.len());
    let rows_read = u32::try_from(days.len()).unwrap_or(u32::MAX);
    for day in days {
        if day.odd_minutes {
            let detail =
                "minutes beyond an alarm limit cannot be read, or are not those of a day; the whole day counts";
            notes.push(RowNote::new(day.line, RowCode::MinutesOutOfRange, detail));
        }
        match interval_of(&day, limit, zone) {
            Ok(interval) => intervals.push(interval),
            Err((code, detail)) => notes.push(RowNote::new(day.line, code, detail)),
        }
    }
    let format = LoggerFormat::BerlingerText;
    Ok(LoggerLog { format, logger_ref, rows_read, readings: Vec::new(), intervals, notes })
}

impl Reader {
    fn line(&mut self, line: u32, text: &str) -> Result<(), Unreadable> {
        let text = text.trim();
        match text {
            "Hist:" => self.part = Part::History,
            "Cert:" => self.part = Part::End,
            _ if text.starts_with("Sig:") => {
                self.part = Part::End;
                self.signed = text.len() > "Sig:".len();
            }
            _ => {}
        }
        // A line may hold several pairs: `Min T: +3.8, TS Min T: 06:37`.
        for pair in text.split(", ") {
            let Some((key, value)) = pair.split_once(':') else { continue };
            let (key, value) = (key.trim(), value.trim());
            match self.part {
                Part::Head => self.head(line, key, value)?,
                Part::History => self.history(line, key, value)?,
                Part::End => {}
            }
        }
        Ok(())
    }

    fn head(&mut self, line: u32, key: &str, value: &str) -> Result<(), Unreadable> {
        match key {
            "Serial" => self.logger_ref = Some(value.to_owned()),
            "Temp unit" if !value.eq_ignore_ascii_case("c") => {
                let detail = "it is not in degrees Celsius; set the device to Celsius";
                return Err(Unreadable::new(line, FileFault::WrongUnit, detail));
            }
            "T AL" => {
                if let Ok(limit) = celsius_of(value, false)
                    && self.upper.as_ref().is_none_or(|(_, known)| limit > *known)
                {
                    self.upper = Some((self.alarm.clone(), limit));
                }
            }
            number if is_number(number) && value.is_empty() => self.alarm = number.to_owned(),
            _ => {}
        }
        Ok(())
    }

    fn history(&mut self, line: u32, key: &str, value: &str) -> Result<(), Unreadable> {
        if key == "Date" {
            if self.days.len() >= MOST_ROWS {
                return Err(too_many(line));
            }
            let date = date_parts(value).and_then(|parts| date_of(parts, DateOrder::YearMonthDay));
            self.days.push(Day { line, date, ..Day::default() });
            self.alarm.clear();
            return Ok(());
        }
        if is_number(key) && value.is_empty() {
            self.alarm = key.to_owned();
            return Ok(());
        }
        let Some(day) = self.days.last_mut() else { return Ok(()) };
        let mut degrees = |text: &str| {
            let read = celsius_of(text, false).ok();
            day.broken |= read.is_none();
            read
        };
        match key {
            "Min T" => day.lowest = degrees(value),
            "Max T" => day.highest = degrees(value),
            "t Acc" => {
                let minutes = value.parse().ok().filter(|minutes| MINUTES_OF_A_DAY.contains(minutes));
                day.odd_minutes |= minutes.is_none();
                if self.upper.as_ref().is_some_and(|(number, _)| *number == self.alarm) {
                    day.minutes_above = minutes;
                }
            }
            _ => {}
        }
        Ok(())
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.len() < 4 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn interval_of(day: &Day, limit: Option<Celsius>, zone: &TimeZone) -> Result<IntervalReading, (RowCode, &'static str)> {
    let date = day.date.ok_or((RowCode::UnreadableTime, "the date cannot be read"))?;
    if day.broken {
        return Err((RowCode::UnreadableTemperature, "a temperature of that day cannot be read"));
    }
    let (Some(lowest), Some(highest)) = (day.lowest, day.highest) else {
        return Err((RowCode::CutOffRow, "the day lacks its lowest or highest temperature"));
    };
    let one_day: Span = 1.days();
    let next = date.checked_add(one_day).map_err(|_last| (RowCode::UnreadableTime, "the date cannot be read"))?;
    let midnight = |date: Date| match instant_at(zone, date.to_datetime(Time::midnight())) {
        Ok((at, _)) => Ok(at),
        // Where the clocks go forward at midnight the day begins an hour later.
        Err(_gap) => match instant_at(zone, date.at(1, 0, 0, 0)) {
            Ok((at, _)) => Ok(at),
            Err(code) => Err((code, "the date cannot be read")),
        },
    };
    Ok(IntervalReading {
        row: day.line,
        from: midnight(date)?,
        until: midnight(next)?,
        lowest,
        highest,
        // What one alarm counted wrongly, the other did not count right.
        above: limit.zip(day.minutes_above).filter(|_| !day.odd_minutes),
    })
}
