//! What a logger records on the way: start temperature, slow warming, noise, and on some journeys an
//! excursion, by the trace rules of the stream's generator. All draws come from the scenario's own seed.

use super::draws::Draws;
use super::journey::round;
use super::reference_policy::whole;
use super::region::Carrier;

const START_C: (f64, f64) = (-23.0, 1.2);
const DRY_ICE_C: (f64, f64) = (-32.0, 3.0);
const NOISE_C: f64 = 0.25;
const AMBIENT_C: f64 = 22.0;
/// What a broken sensor reports.
const SPIKE_C: f64 = 41.3;
const KINDS: [(&str, f64); 4] = [("lid_open", 0.4), ("warm_drift", 0.3), ("logger_gap", 0.2), ("sensor_spike", 0.1)];
/// Share of journeys on which the seal arrives broken.
const BROKEN_SEAL_SHARE: f64 = 0.004;

/// One reading.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reading {
    /// Minutes since the vehicle left.
    pub minute: i64,
    /// Temperature, °C with one decimal.
    pub celsius: f64,
}

/// One journey as it really went.
#[derive(Debug, Clone, PartialEq)]
pub struct Trip {
    /// Minutes on the way.
    pub minutes: i64,
    /// What the logger recorded.
    pub readings: Vec<Reading>,
    /// Kind of excursion, where there was one.
    pub excursion: Option<&'static str>,
    /// Warmest true reading, °C.
    pub warmest_c: f64,
    /// Minutes above the limit.
    pub minutes_above: i64,
    /// Does the seal arrive whole?
    pub seal_intact: bool,
}

/// What decides a trace.
#[derive(Debug, Clone, Copy)]
pub struct TripPlan<'a> {
    /// The scenario's seed.
    pub seed: u64,
    /// Names the journey; two journeys with one name go alike.
    pub name: &'a str,
    /// Who drives.
    pub carrier: &'a Carrier,
    /// Planned minutes.
    pub planned_minutes: i64,
    /// Is the milk freeze-dried, so that it travels at room temperature?
    pub ambient: bool,
    /// Warmest allowed, °C.
    pub limit_c: f64,
    /// Minutes between readings.
    pub interval_min: i64,
    /// Share of journeys with an excursion.
    pub excursion_rate: f64,
}

/// Drives one journey.
#[must_use]
pub fn drive(plan: &TripPlan<'_>) -> Trip {
    let mut draws = Draws::new(plan.seed, "trip", plan.name);
    let excursion = (draws.fraction() < plan.excursion_rate).then(|| draws.pick(&KINDS));
    let minutes = round(whole(plan.planned_minutes) * draws.normal(1.05, 0.12).max(0.8));
    let seal_intact = draws.fraction() >= BROKEN_SEAL_SHARE;
    let mut trace = Trace::new(plan, excursion, whole(minutes), &mut draws);
    let mut trip = Trip { minutes, readings: Vec::new(), excursion, warmest_c: -99.0, minutes_above: 0, seal_intact };
    let mut minute = 0;
    loop {
        let last = minute >= minutes;
        let now = minute.min(minutes);
        if let Some((celsius, spike)) = trace.read(whole(now), last, &mut draws) {
            let celsius = whole(round(celsius * 10.0)) / 10.0;
            if !spike {
                trip.warmest_c = trip.warmest_c.max(celsius);
                if celsius > plan.limit_c {
                    trip.minutes_above += plan.interval_min;
                }
            }
            trip.readings.push(Reading { minute: now, celsius });
        }
        if last {
            return trip;
        }
        minute += plan.interval_min.max(1);
    }
}

struct Trace {
    start_c: f64,
    goal_c: f64,
    slowness_min: f64,
    excursion: Option<&'static str>,
    begins_min: f64,
    gap_min: f64,
    lid_c: f64,
    step_min: f64,
    length_min: f64,
    spiked: bool,
}

impl Trace {
    fn new(plan: &TripPlan<'_>, excursion: Option<&'static str>, length_min: f64, draws: &mut Draws) -> Self {
        let packaging = &plan.carrier.packaging;
        let dry_ice = packaging.contains("dry ice") || packaging.contains("carbon-dioxide");
        let hold_min = plan.carrier.hold_time_h * 60.0;
        let (start, slowness_min, goal_c) = if plan.ambient {
            (20.0, 1e9, 20.0)
        } else if dry_ice {
            (draws.normal(DRY_ICE_C.0, DRY_ICE_C.1), hold_min * 2.5, -5.0)
        } else {
            (draws.normal(START_C.0, START_C.1), hold_min * 3.5, -10.0)
        };
        let step_min = whole(plan.interval_min.max(1));
        Self {
            start_c: start.min(plan.limit_c - 2.0),
            goal_c,
            slowness_min,
            excursion,
            begins_min: draws.between(0.25, 0.75) * length_min,
            gap_min: draws.between(3.0, 6.0) * step_min,
            lid_c: draws.between(9.0, 22.0),
            step_min,
            length_min,
            spiked: false,
        }
    }

    /// The temperature at a minute and whether it is a false spike; nothing where the logger is silent.
    fn read(&mut self, minute: f64, last: bool, draws: &mut Draws) -> Option<(f64, bool)> {
        let mut celsius = self.goal_c + (self.start_c - self.goal_c) * (-minute / self.slowness_min).exp();
        match self.excursion {
            Some("warm_drift") if minute > self.begins_min * 0.4 => {
                let warming = (minute - self.begins_min * 0.4) / (self.length_min * 0.9 + 60.0);
                celsius += (AMBIENT_C - celsius) * (1.0 - (-warming).exp());
            }
            Some("lid_open") if minute >= self.begins_min => {
                celsius += self.lid_c * (-(minute - self.begins_min) / 25.0).exp();
            }
            Some("logger_gap") if minute >= self.begins_min && minute < self.begins_min + self.gap_min && !last => {
                return None;
            }
            Some("sensor_spike") if !self.spiked && minute > 0.0 && minute + self.step_min > self.begins_min => {
                self.spiked = true;
                return Some((SPIKE_C, true));
            }
            _ => {}
        }
        Some((celsius + draws.normal(0.0, NOISE_C), false))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::region_check::read_region;
    use crate::scenario::stored::StoredRegion;

    fn trips(rate: f64) -> Vec<Trip> {
        let stored = StoredRegion::find("hongkong").unwrap();
        let region = read_region(stored.name, stored.region).unwrap();
        let carrier = &region.carriers[0];
        (0..200)
            .map(|n| {
                let name = format!("T-{n}");
                drive(&TripPlan {
                    seed: 7,
                    name: &name,
                    carrier,
                    planned_minutes: 60,
                    ambient: false,
                    limit_c: -18.0,
                    interval_min: 5,
                    excursion_rate: rate,
                })
            })
            .collect()
    }

    #[test]
    fn without_excursions_milk_stays_frozen() {
        let trips = trips(0.0);
        assert!(trips.iter().all(|trip| trip.excursion.is_none() && trip.minutes_above == 0));
        assert!(trips.iter().all(|trip| trip.warmest_c < -18.0 && trip.minutes >= 48));
        assert!(trips.iter().all(|trip| trip.readings.last().unwrap().minute == trip.minutes));
    }

    #[test]
    fn each_kind_of_excursion_leaves_its_mark() {
        let trips = trips(1.0);
        let of = |kind: &str| trips.iter().filter(|trip| trip.excursion == Some(kind)).collect::<Vec<_>>();
        assert!(of("lid_open").iter().any(|trip| trip.minutes_above > 0));
        assert!(of("warm_drift").iter().any(|trip| trip.minutes_above > 20));
        assert!(of("sensor_spike").iter().all(|trip| trip.readings.iter().any(|r| r.celsius > 40.0)));
        assert!(
            of("logger_gap")
                .iter()
                .all(|trip| { trip.readings.windows(2).any(|pair| pair[1].minute - pair[0].minute >= 15) })
        );
    }

    #[test]
    fn the_same_seed_and_name_drive_the_same_trip() {
        assert_eq!(trips(0.5), trips(0.5));
    }
}
