//! How long roads really took: legs that were measured, by the hour of the day at which they began, and the estimate
//! that they correct.

use super::time::Instant;

/// An estimate weighs as much as so many measured legs.
const ESTIMATE_WEIGHS: i64 = 3;
const MICROS_PER_HOUR: i64 = 3_600_000_000;

/// What was measured of one leg, by the hour of the day in UTC: how often, and seconds in all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LegTimes([(i64, i64); 24]);

impl LegTimes {
    /// Adds legs that began in an hour of the day, with their seconds in all; an hour that no day has adds nothing.
    pub fn add(&mut self, hour: i64, legs: i64, total_s: i64) {
        if let Some((known, seconds)) = usize::try_from(hour).ok().and_then(|hour| self.0.get_mut(hour)) {
            *known = known.saturating_add(legs);
            *seconds = seconds.saturating_add(total_s);
        }
    }

    /// Seconds by hour of the day: the estimate and what was measured, each by its weight.
    #[must_use]
    pub fn corrected(&self, estimate_s: i64) -> [i64; 24] {
        let estimated = estimate_s.saturating_mul(ESTIMATE_WEIGHS);
        self.0.map(|(legs, total_s)| estimated.saturating_add(total_s) / ESTIMATE_WEIGHS.saturating_add(legs).max(1))
    }

    /// The corrected seconds of a leg that begins then.
    #[must_use]
    pub fn seconds_at(&self, estimate_s: i64, begins_at: Instant) -> i64 {
        let hour = begins_at.micros().div_euclid(MICROS_PER_HOUR).rem_euclid(24);
        let hours = self.corrected(estimate_s);
        usize::try_from(hour).ok().and_then(|hour| hours.get(hour).copied()).unwrap_or(estimate_s)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measured_legs_pull_the_estimate_towards_them() {
        let mut times = LegTimes::default();
        times.add(8, 3, 3 * 1_800);
        times.add(24, 3, 3 * 1_800);
        let hours = times.corrected(600);
        assert_eq!((hours[7], hours[8]), (600, 1_200));
        assert_eq!(times.seconds_at(600, "2026-01-05T08:59:59Z".parse().unwrap()), 1_200);
        assert_eq!(times.seconds_at(600, "1969-12-31T07:00:00Z".parse().unwrap()), 600);
    }
}
