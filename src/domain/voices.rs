//! What a logger said twice. What is stored first stays (refusal 18); another value for the same moment is kept beside
//! it under a voice of its own, so that the warmest of them is judged and none is lost.

use super::field::FieldError;
use super::quantity::Celsius;
use super::temperature::Reading;
use super::text::text_fault;
use super::time::Instant;
use std::collections::BTreeMap;

/// Stands between a logger's name and the number of its voice, so no name may hold it.
const MARK: char = '~';

/// What is wrong with the name of a logger; `None` when it can be taken.
#[must_use]
pub fn logger_fault(pointer: &str, logger: &str) -> Option<FieldError> {
    text_fault(pointer, logger, 64).or_else(|| {
        let detail = format!("the name of a logger has no {MARK} in it");
        logger.contains(MARK).then(|| FieldError::new(pointer, "invalid_characters", detail))
    })
}

/// The logger that speaks with a voice.
#[must_use]
pub fn speaker(voice: &str) -> &str {
    voice.split_once(MARK).map_or(voice, |(logger, _)| logger)
}

/// The voice of a logger by its number; the first is its name.
fn voice(logger: &str, number: u32) -> String {
    if number <= 1 { logger.to_owned() } else { format!("{logger}{MARK}{number}") }
}

/// The number of a voice.
fn number_of(voice: &str) -> u32 {
    voice.split_once(MARK).and_then(|(_, number)| number.parse().ok()).unwrap_or(1)
}

/// A reading as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredReading {
    /// The voice.
    pub voice: String,
    /// The reading.
    pub reading: Reading,
    /// False when the file it came with was put right: it is kept and says nothing any more.
    pub counts: bool,
}

/// A batch against what is stored already.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Compared {
    /// Readings that say what is stored.
    pub same: usize,
    /// Readings of moments of which nothing that counts is stored.
    pub anew: usize,
    /// Places in the batch of readings that contradict what is stored.
    pub against: Vec<usize>,
    /// What must still be stored, by voice.
    pub beside: BTreeMap<String, Vec<Reading>>,
}

/// Compares a batch of one logger with what is stored about its moments.
#[must_use]
pub fn compare(logger: &str, batch: &[Reading], stored: &[StoredReading]) -> Compared {
    let mut moments: BTreeMap<Instant, Vec<(u32, Celsius, bool)>> = BTreeMap::new();
    for one in stored.iter().filter(|one| speaker(&one.voice) == logger) {
        let said = (number_of(&one.voice), one.reading.temperature, one.counts);
        moments.entry(one.reading.measured_at).or_default().push(said);
    }
    for said in moments.values_mut() {
        said.sort_unstable_by_key(|(number, ..)| *number);
    }
    let mut found = Compared::default();
    for (place, reading) in batch.iter().enumerate() {
        let said = moments.entry(reading.measured_at).or_default();
        let first = said.iter().find(|(.., counts)| *counts).map(|(_, temperature, _)| *temperature);
        match first {
            Some(first) if first == reading.temperature => {
                found.same += 1;
                continue;
            }
            Some(_) => found.against.push(place),
            None => found.anew += 1,
        }
        if said.iter().any(|(_, temperature, counts)| *counts && *temperature == reading.temperature) {
            continue;
        }
        let number = said.last().map_or(1, |(last, ..)| last.saturating_add(1));
        said.push((number, reading.temperature, true));
        found.beside.entry(voice(logger, number)).or_default().push(*reading);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Instant = Instant::from_micros(1_788_000_000_000_000);

    fn reading(minutes: i64, degrees: i64) -> Reading {
        Reading { measured_at: START.plus_minutes(minutes), temperature: Celsius::from_degrees(degrees) }
    }

    fn kept(voice: &str, reading: Reading, counts: bool) -> StoredReading {
        StoredReading { voice: voice.to_owned(), reading, counts }
    }

    #[test]
    fn a_second_value_speaks_with_a_second_voice() {
        let stored = [kept("LOG-1", reading(0, -24), true), kept("LOG-2", reading(10, -20), true)];
        let found = compare("LOG-1", &[reading(0, 9), reading(0, -24), reading(0, 9)], &stored);
        assert_eq!((found.same, found.anew, found.against.as_slice()), (1, 0, [0, 2].as_slice()));
        assert_eq!(found.beside, BTreeMap::from([("LOG-1~2".to_owned(), vec![reading(0, 9)])]));
        let stored = [kept("LOG-1~2", reading(0, 9), true), kept("LOG-1", reading(0, -24), true)];
        let again = compare("LOG-1", &[reading(0, 9)], &stored);
        assert_eq!((again.against.len(), again.beside.len()), (1, 0), "a repeat adds nothing and is told again");
        let third = compare("LOG-1", &[reading(0, 12)], &stored);
        assert_eq!(third.beside.keys().collect::<Vec<_>>(), ["LOG-1~3"]);
    }

    #[test]
    fn what_was_put_right_contradicts_nothing() {
        let stored = [kept("LOG-1", reading(0, 9), false)];
        let found = compare("LOG-1", &[reading(0, -24), reading(0, -24)], &stored);
        assert_eq!((found.same, found.anew, found.against.len()), (1, 1, 0));
        assert_eq!(found.beside, BTreeMap::from([("LOG-1~2".to_owned(), vec![reading(0, -24)])]));
        let equal = compare("LOG-1", &[reading(0, 9)], &stored);
        assert_eq!((equal.anew, equal.beside.len()), (1, 1), "said again, it counts again");
    }

    #[test]
    fn a_voice_belongs_to_its_logger() {
        assert_eq!((speaker("LOG-1~2"), speaker("LOG-1")), ("LOG-1", "LOG-1"));
        assert_eq!(logger_fault("/logger_ref", "LOG-1~2").unwrap().code, "invalid_characters");
        assert_eq!(logger_fault("/logger_ref", " ").unwrap().code, "empty");
        assert_eq!(logger_fault("/logger_ref", &"x".repeat(65)).unwrap().code, "too_long");
        assert_eq!(logger_fault("/logger_ref", "LOG-1"), None);
    }
}
