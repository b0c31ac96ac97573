//! Storing readings beside what is stored already: a repeat adds nothing, and what contradicts is kept under a voice of
//! its own, because either may be the true one.

use super::{ActionError, Tx};
use crate::domain::field::FieldError;
use crate::domain::ids::{LoggerFileId, StorageUnitId, TransferId};
use crate::domain::logger::OLDEST;
use crate::domain::quantity::Celsius;
use crate::domain::temperature::Reading;
use crate::domain::time::Instant;
use crate::domain::voices::{StoredReading, compare, logger_fault};
use crate::store::readings::Source;
use crate::store::{readings, storage_units};

/// Most readings of one batch.
pub const MOST_READINGS: usize = 5_000;
/// How far a logger's clock may run ahead of the hub's.
const CLOCK_AHEAD_MINUTES: i64 = 5;
/// What a logger near dry ice or in the sun can measure.
const PLAUSIBLE: std::ops::RangeInclusive<Celsius> = Celsius::from_degrees(-100)..=Celsius::from_degrees(80);

/// Whose readings they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    /// A journey's.
    Journey(TransferId),
    /// A freezer's or fridge's.
    Unit(StorageUnitId),
}

/// What became of some readings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Kept {
    /// New ones.
    pub(super) stored: usize,
    /// Ones that were known.
    pub(super) repeated: usize,
    /// Places of those that contradict what is stored.
    pub(super) against: Vec<usize>,
    /// True when anything was added, also by a contradiction.
    pub(super) is_news: bool,
}

/// Stores readings of a logger, each moment and value once.
pub(super) fn keep_readings(
    tx: &mut Tx<'_>,
    subject: Subject,
    logger: &str,
    batch: &[Reading],
    file: Option<LoggerFileId>,
) -> Result<Kept, ActionError> {
    let stored = add(tx, subject, logger, batch, file)?;
    let first = batch.iter().map(|reading| reading.measured_at).min();
    let last = batch.iter().map(|reading| reading.measured_at).max();
    let Some(stretch) = first.zip(last).filter(|_| stored < batch.len()) else {
        return Ok(Kept { stored, is_news: stored > 0, ..Kept::default() });
    };
    let compared = compare(logger, batch, &known_in(tx, subject, stretch)?);
    for (voice, readings) in &compared.beside {
        if add(tx, subject, voice, readings, file)? != readings.len() {
            return Err(ActionError::conflict("reading_moved", "Readings came in meanwhile; send these again."));
        }
    }
    Ok(Kept {
        stored: stored + compared.anew,
        repeated: compared.same.saturating_sub(stored),
        against: compared.against,
        is_news: stored > 0 || !compared.beside.is_empty(),
    })
}

fn add(
    tx: &mut Tx<'_>,
    subject: Subject,
    voice: &str,
    batch: &[Reading],
    file: Option<LoggerFileId>,
) -> Result<usize, ActionError> {
    let source = Source { file, recorded_at: tx.now };
    Ok(match subject {
        Subject::Journey(id) => readings::add_readings(tx.conn, id, voice, batch, source)?,
        Subject::Unit(id) => storage_units::add_storage_readings(tx.conn, id, voice, batch, source)?,
    })
}

fn known_in(tx: &mut Tx<'_>, subject: Subject, stretch: (Instant, Instant)) -> Result<Vec<StoredReading>, ActionError> {
    Ok(match subject {
        Subject::Journey(id) => readings::list_stored_readings(tx.conn, id, stretch)?,
        Subject::Unit(id) => storage_units::list_stored_readings(tx.conn, id, stretch)?,
    })
}

/// A batch whose bad rows were left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sifted {
    /// The good ones.
    pub(super) readings: Vec<Reading>,
    /// The place of each good one in the batch.
    places: Vec<usize>,
    /// What is wrong with the others, by place.
    faults: Vec<(usize, FieldError)>,
}

/// Leaves the bad rows of a batch out; each is named.
///
/// # Errors
/// `Invalid` for the batch itself, and when no row of it is good.
pub(super) fn sift(batch: &[Reading], logger_ref: &str, now: Instant) -> Result<Sifted, ActionError> {
    let mut whole: Vec<FieldError> = logger_fault("/logger_ref", logger_ref).into_iter().collect();
    if batch.is_empty() || batch.len() > MOST_READINGS {
        let detail = format!("Send 1 to {MOST_READINGS} readings at a time.");
        whole.push(FieldError::new("/readings", "out_of_range", detail));
    }
    let mut sifted = Sifted { readings: Vec::with_capacity(batch.len()), places: Vec::new(), faults: Vec::new() };
    let latest = now.plus_minutes(CLOCK_AHEAD_MINUTES);
    for (row, reading) in batch.iter().enumerate() {
        let known = sifted.faults.len();
        let mut say = |field: &str, code: &'static str, detail: &str| {
            sifted.faults.push((row, FieldError::new(format!("/readings/{row}/{field}"), code, detail)));
        };
        if reading.measured_at > latest {
            say("at", "in_the_future", "This reading lies in the future; check the logger's clock and zone.");
        } else if reading.measured_at < OLDEST {
            say("at", "clock_not_set", "This reading lies before 2005; the logger's clock was not set.");
        }
        if !PLAUSIBLE.contains(&reading.temperature) {
            say("celsius", "out_of_range", "A logger measures -100 to 80 °C; check the unit.");
        }
        if sifted.faults.len() == known {
            sifted.readings.push(*reading);
            sifted.places.push(row);
        }
    }
    if whole.is_empty() && !sifted.readings.is_empty() {
        return Ok(sifted);
    }
    whole.extend(sifted.faults.into_iter().map(|(_, fault)| fault));
    Err(ActionError::Invalid(whole))
}

impl Sifted {
    /// What is wrong with the batch row by row, also what contradicts.
    pub(super) fn errors(self, kept: &Kept) -> Vec<FieldError> {
        let mut faults = self.faults;
        for place in kept.against.iter().filter_map(|place| self.places.get(*place)) {
            let detail = "Another temperature is stored for this moment; both are kept and the warmer counts.";
            let pointer = format!("/readings/{place}/celsius");
            faults.push((*place, FieldError::new(pointer, "reading_contradicts", detail)));
        }
        faults.sort_by_key(|(place, _)| *place);
        faults.into_iter().map(|(_, fault)| fault).collect()
    }
}
