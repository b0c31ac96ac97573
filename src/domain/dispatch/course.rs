//! A route with what makes an insertion cheap to price: when each stop is left, how full the vehicle is, and how
//! late each stop may be reached before something after it breaks.

use super::problem::{Claim, PlannedStop, Problem, RoadVehicle};
use super::timeline::{Fault, Timeline, drive};

/// A route that can be driven, with its margins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Course {
    /// Its stops.
    pub stops: Vec<PlannedStop>,
    /// Second by second.
    pub timeline: Timeline,
    /// Latest arrival at each stop that breaks nothing after it. Never too late, at times too early.
    pub latest: Vec<i64>,
    /// Boxes aboard at the start.
    pub load_at_start: i64,
}

impl Course {
    /// Drives the stops and reckons the margins.
    ///
    /// # Errors
    /// Why they cannot be driven.
    pub fn of(problem: &Problem, vehicle: &RoadVehicle, stops: Vec<PlannedStop>) -> Result<Self, Fault> {
        let timeline = drive(problem, vehicle, &stops)?;
        let latest = margins(problem, vehicle, &stops, &timeline);
        let load_at_start = match (stops.first(), timeline.stops.first()) {
            (Some(first), Some(times)) => {
                let boxes = vehicle.load(first.job).map_or(0, |load| load.boxes);
                if first.delivers { times.load + boxes } else { times.load - boxes }
            }
            _ => 0,
        };
        Ok(Self { stops, timeline, latest, load_at_start })
    }

    /// The jobs it carries.
    pub fn jobs(&self) -> impl Iterator<Item = usize> + '_ {
        self.stops.iter().filter(|stop| stop.delivers).map(|stop| stop.job)
    }
}

fn margins(problem: &Problem, vehicle: &RoadVehicle, stops: &[PlannedStop], timeline: &Timeline) -> Vec<i64> {
    let mut latest = vec![i64::MIN; stops.len()];
    let Some(matrix) = problem.matrix_of(vehicle) else { return latest };
    let mut next: Option<(usize, i64)> = vehicle.end.map(|end| (end, vehicle.until));
    for (position, stop) in stops.iter().enumerate().rev() {
        let (Some(visit), Some(times)) = (problem.visit(*stop), timeline.stops.get(position)) else { continue };
        let leave_by = match next {
            Some((place, by)) => by.saturating_sub(matrix.seconds_at(visit.place, place, times.leaves)),
            None => vehicle.until,
        };
        let mut begin_by = leave_by.saturating_sub(visit.service_s);
        if stop.delivers {
            begin_by = begin_by.min(hold_until(problem, vehicle, stops, timeline, stop.job));
        } else {
            begin_by = begin_by.min(vehicle.last_pickup);
        }
        let by = visit.latest(begin_by).unwrap_or(i64::MIN);
        if let Some(slot) = latest.get_mut(position) {
            *slot = by;
        }
        next = Some((visit.place, by));
    }
    latest
}

/// When a job must be out of the vehicle, by when it came aboard.
fn hold_until(problem: &Problem, vehicle: &RoadVehicle, stops: &[PlannedStop], timeline: &Timeline, job: usize) -> i64 {
    let Some(facts) = problem.jobs.get(job) else { return i64::MAX };
    let since = match facts.claim {
        Claim::Aboard(_, since) => Some(since),
        _ => {
            let position = stops.iter().position(|stop| stop.job == job && !stop.delivers);
            position.and_then(|position| timeline.stops.get(position)).map(|times| times.leaves)
        }
    };
    since.map_or(i64::MAX, |since| since.saturating_add(problem.hold_s(vehicle, job)))
}
