//! What a logger's readings say about a journey: peak, minutes above the limit, longest gap. A single spike
//! or a gap is evidence and never smoothed away; no mean, kinetic or other, clears anything (refusal 8).

use super::quantity::Celsius;
use super::time::Instant;
use super::words::words;
use std::cmp::Reverse;

words! {
    /// Why bottles of a journey are set aside until an authorised person has looked.
    ExcursionKind {
        /// Above the limit for longer than the receiver's policy tolerates.
        Warm = "warm",
        /// So far above the limit that minutes do not matter, or that the sensor cannot be believed.
        Spike = "spike",
        /// The logger was silent for longer than an unseen excursion may last.
        Gap = "gap",
        /// No reading at all from a journey that carried a logger.
        Silent = "silent",
        /// The seal at receipt is not the seal at dispatch.
        Seal = "seal",
        /// The receiver found the milk not frozen solid.
        NotFrozen = "not_frozen",
    }
}

/// The limits that a journey is judged by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TemperatureLimits {
    /// Warmest allowed.
    pub max: Celsius,
    /// Minutes above it that are tolerated in all.
    pub tolerance_minutes: i64,
    /// At or above this a single reading is an excursion.
    pub peak: Celsius,
    /// Silence longer than this could hide an excursion.
    pub longest_gap_minutes: i64,
}

impl TemperatureLimits {
    /// True for milk that travels frozen.
    #[must_use]
    pub fn is_frozen(&self) -> bool {
        self.max < Celsius::from_degrees(0)
    }
}

/// One reading of one logger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reading {
    /// By the logger's clock.
    pub measured_at: Instant,
    /// What it measured.
    pub temperature: Celsius,
}

/// What the readings of one journey show.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Trace {
    /// The highest reading; none without readings.
    pub highest: Option<Celsius>,
    /// Minutes above the limit: each reading stands for the time that lies nearest to it.
    pub minutes_above_limit: i64,
    /// The longest time without a reading, in minutes.
    pub longest_gap_minutes: i64,
}

/// The stretch of time that the readings must cover.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Journey {
    /// When the carrier took the box.
    pub from: Option<Instant>,
    /// When the carrier handed it over; none while it is on the road.
    pub until: Option<Instant>,
}

/// Judges the readings of one logger, in any order; repeats count once, and of two values for one moment the warmer
/// counts. A logger also runs on the bench before and after: what it measured outside the journey says nothing about it.
#[must_use]
pub fn judge(readings: &[Reading], limits: TemperatureLimits, journey: Journey) -> Trace {
    let inside =
        |at: Instant| journey.from.is_none_or(|from| from <= at) && journey.until.is_none_or(|until| at <= until);
    let mut sorted: Vec<Reading> = readings.iter().copied().filter(|reading| inside(reading.measured_at)).collect();
    sorted.sort_unstable_by_key(|reading| (reading.measured_at, Reverse(reading.temperature)));
    sorted.dedup_by_key(|reading| reading.measured_at);
    let (Some(first), Some(last)) = (sorted.first(), sorted.last()) else {
        let silent = journey.from.zip(journey.until).map_or(0, |(from, until)| until.minutes_since(from));
        return Trace { longest_gap_minutes: silent.max(0), ..Trace::default() };
    };
    let start = journey.from.unwrap_or(first.measured_at);
    let end = journey.until.unwrap_or(last.measured_at);
    let mut micros_above = 0_i64;
    let mut longest_gap = first.measured_at.minutes_since(start).max(end.minutes_since(last.measured_at));
    for (index, reading) in sorted.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|previous| sorted.get(previous));
        let after = sorted.get(index.saturating_add(1));
        if let Some(after) = after {
            longest_gap = longest_gap.max(after.measured_at.minutes_since(reading.measured_at));
        }
        if reading.temperature > limits.max {
            let from = before.map_or(start, |before| halfway(before.measured_at, reading.measured_at));
            let until = after.map_or(end, |after| halfway(reading.measured_at, after.measured_at));
            micros_above = micros_above.saturating_add(until.micros().saturating_sub(from.micros()));
        }
    }
    Trace {
        highest: sorted.iter().map(|reading| reading.temperature).max(),
        minutes_above_limit: micros_above / MICROS_PER_MINUTE,
        longest_gap_minutes: longest_gap,
    }
}

const MICROS_PER_MINUTE: i64 = 60_000_000;

fn halfway(earlier: Instant, later: Instant) -> Instant {
    Instant::from_micros(earlier.micros().saturating_add(later.micros().saturating_sub(earlier.micros()) / 2))
}

/// Joins what several loggers of one box say: the worst temperature of any, the gap that none of them fills.
#[must_use]
pub fn join(traces: &[Trace]) -> Trace {
    Trace {
        highest: traces.iter().filter_map(|trace| trace.highest).max(),
        minutes_above_limit: traces.iter().map(|trace| trace.minutes_above_limit).max().unwrap_or(0),
        longest_gap_minutes: traces.iter().map(|trace| trace.longest_gap_minutes).min().unwrap_or(0),
    }
}

impl Trace {
    /// The excursion that this trace shows, the gravest kind first; none when the milk may be accepted.
    #[must_use]
    pub fn excursion(&self, limits: TemperatureLimits) -> Option<ExcursionKind> {
        if self.minutes_above_limit > limits.tolerance_minutes {
            Some(ExcursionKind::Warm)
        } else if self.highest.is_some_and(|highest| highest >= limits.peak) {
            Some(ExcursionKind::Spike)
        } else if self.longest_gap_minutes > limits.longest_gap_minutes {
            Some(if self.highest.is_none() { ExcursionKind::Silent } else { ExcursionKind::Gap })
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: TemperatureLimits = TemperatureLimits {
        max: Celsius::from_degrees(-18),
        tolerance_minutes: 20,
        peak: Celsius::from_degrees(-3),
        longest_gap_minutes: 30,
    };
    const START: Instant = Instant::from_micros(1_788_000_000_000_000);

    fn every_ten_minutes(degrees: &[i64]) -> Vec<Reading> {
        degrees
            .iter()
            .zip(0_i64..)
            .map(|(degrees, step)| Reading {
                measured_at: START.plus_minutes(10 * step),
                temperature: Celsius::from_degrees(*degrees),
            })
            .collect()
    }

    fn road(minutes: i64) -> Journey {
        Journey { from: Some(START), until: Some(START.plus_minutes(minutes)) }
    }

    #[test]
    fn a_cold_journey_shows_nothing() {
        let trace = judge(&every_ten_minutes(&[-23, -22, -22, -21]), LIMITS, road(30));
        assert_eq!(
            trace,
            Trace { highest: Some(Celsius::from_degrees(-21)), minutes_above_limit: 0, longest_gap_minutes: 10 }
        );
        assert_eq!(trace.excursion(LIMITS), None);
    }

    #[test]
    fn refusal_8_minutes_above_the_limit_count_to_the_minute() {
        let tolerated = judge(&every_ten_minutes(&[-23, -17, -17, -21]), LIMITS, road(30));
        assert_eq!(tolerated.minutes_above_limit, 20);
        assert_eq!(tolerated.excursion(LIMITS), None);
        let beyond = judge(&every_ten_minutes(&[-23, -17, -17, -17, -21]), LIMITS, road(40));
        assert_eq!(beyond.minutes_above_limit, 30);
        assert_eq!(beyond.excursion(LIMITS), Some(ExcursionKind::Warm));
    }

    #[test]
    fn refusal_8_one_spike_is_evidence_however_cold_the_mean() {
        let mut readings = every_ten_minutes(&[-23; 40]);
        readings.push(Reading { measured_at: START.plus_minutes(205), temperature: Celsius::from_hundredths(4130) });
        let trace = judge(&readings, LIMITS, road(390));
        assert!(trace.minutes_above_limit <= LIMITS.tolerance_minutes);
        assert_eq!(trace.excursion(LIMITS), Some(ExcursionKind::Spike));
    }

    #[test]
    fn refusal_8_a_gap_is_evidence_and_not_zero_minutes() {
        let mut readings = every_ten_minutes(&[-23; 12]);
        readings.drain(4..8);
        let trace = judge(&readings, LIMITS, road(110));
        assert_eq!((trace.minutes_above_limit, trace.longest_gap_minutes), (0, 50));
        assert_eq!(trace.excursion(LIMITS), Some(ExcursionKind::Gap));
    }

    #[test]
    fn silence_before_the_first_and_after_the_last_reading_counts() {
        let readings = every_ten_minutes(&[-23, -23]);
        assert_eq!(judge(&readings, LIMITS, road(90)).longest_gap_minutes, 80);
        let late = Journey { from: Some(START.plus_minutes(-60)), until: None };
        assert_eq!(judge(&readings, LIMITS, late).longest_gap_minutes, 60);
    }

    #[test]
    fn what_a_logger_measures_on_the_bench_is_no_evidence() {
        let mut readings = every_ten_minutes(&[-23, -22, -22, -23]);
        readings.push(Reading { measured_at: START.plus_minutes(-30), temperature: Celsius::from_degrees(21) });
        readings.push(Reading { measured_at: START.plus_minutes(45), temperature: Celsius::from_degrees(19) });
        assert_eq!(judge(&readings, LIMITS, road(30)).excursion(LIMITS), None);
    }

    #[test]
    fn a_logger_that_never_spoke_is_a_silent_one() {
        let trace = judge(&[], LIMITS, road(45));
        assert_eq!(trace.excursion(LIMITS), Some(ExcursionKind::Silent));
        assert_eq!(judge(&[], LIMITS, Journey { from: Some(START), until: None }).excursion(LIMITS), None);
    }

    #[test]
    fn order_and_repeats_change_nothing() {
        let readings = every_ten_minutes(&[-23, -17, -16, -22, -21]);
        let mut shuffled = readings.clone();
        shuffled.reverse();
        shuffled.extend(readings.iter().copied());
        assert_eq!(judge(&readings, LIMITS, road(40)), judge(&shuffled, LIMITS, road(40)));
    }

    #[test]
    fn refusal_8_of_two_values_for_one_moment_the_warmer_counts() {
        let mut readings = every_ten_minutes(&[-23, -22, -22, -23]);
        readings.extend(every_ten_minutes(&[-23, 9, 9, -23]));
        let trace = judge(&readings, LIMITS, road(30));
        assert_eq!((trace.highest, trace.longest_gap_minutes), (Some(Celsius::from_degrees(9)), 10));
        assert_eq!(trace.minutes_above_limit, 20);
        assert_eq!(trace.excursion(LIMITS), Some(ExcursionKind::Spike));
    }

    #[test]
    fn two_loggers_fill_each_others_gaps_but_not_each_others_heat() {
        let warm = Trace { highest: Some(Celsius::from_degrees(-10)), minutes_above_limit: 40, longest_gap_minutes: 5 };
        let silent = Trace { highest: None, minutes_above_limit: 0, longest_gap_minutes: 300 };
        let both = join(&[warm, silent]);
        assert_eq!((both.minutes_above_limit, both.longest_gap_minutes), (40, 5));
    }

    #[test]
    fn refusal_8_peak_and_gap_are_those_of_the_policy() {
        let ambient = TemperatureLimits {
            max: Celsius::from_degrees(25),
            tolerance_minutes: 60,
            peak: Celsius::from_degrees(40),
            longest_gap_minutes: 15,
        };
        assert!(!ambient.is_frozen());
        let warm = judge(&every_ten_minutes(&[20, 39, 20]), ambient, road(20));
        assert_eq!(warm.excursion(ambient), None);
        let hot = judge(&every_ten_minutes(&[20, 40, 20]), ambient, road(20));
        assert_eq!(hot.excursion(ambient), Some(ExcursionKind::Spike));
        let silent = judge(&every_ten_minutes(&[20, 20]), ambient, road(26));
        assert_eq!(silent.excursion(ambient), Some(ExcursionKind::Gap));
    }
}
