//! One route second by second. `drive` stops at the first fault, for planners; `judge` goes on and names every
//! fault, for people.

use super::problem::{PlannedStop, Problem, RoadVehicle};

/// Why a route cannot be driven as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The vehicle may not carry the job.
    NotCarried {
        /// The job.
        job: usize,
    },
    /// It is delivered before it is aboard, twice, or never.
    Order {
        /// The job.
        job: usize,
    },
    /// The vehicle is full.
    Full {
        /// The job that does not fit.
        job: usize,
        /// Boxes too many.
        over: i64,
    },
    /// Nobody opens after the arrival.
    Closed {
        /// The job.
        job: usize,
        /// True for its delivery.
        delivers: bool,
        /// Seconds after the last opening; none when there is no window at all.
        late_s: Option<i64>,
    },
    /// The box is out of the freezer for too long.
    Held {
        /// The job.
        job: usize,
        /// Seconds too long.
        over_s: i64,
    },
    /// It comes aboard after the cut-off.
    CutOff {
        /// The job.
        job: usize,
        /// Seconds after it.
        late_s: i64,
    },
    /// The shift ends before the route does.
    ShiftOver {
        /// Seconds too long.
        over_s: i64,
    },
    /// The vehicle has no road table.
    NoRoad,
}

impl Fault {
    /// A stable word.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotCarried { .. } => "not_carried",
            Self::Order { .. } => "order",
            Self::Full { .. } => "full",
            Self::Closed { .. } => "closed",
            Self::Held { .. } => "held_too_long",
            Self::CutOff { .. } => "after_cut_off",
            Self::ShiftOver { .. } => "shift_over",
            Self::NoRoad => "no_road",
        }
    }

    /// The job that it is about.
    #[must_use]
    pub const fn job(self) -> Option<usize> {
        match self {
            Self::NotCarried { job }
            | Self::Order { job }
            | Self::Full { job, .. }
            | Self::Closed { job, .. }
            | Self::Held { job, .. }
            | Self::CutOff { job, .. } => Some(job),
            Self::ShiftOver { .. } | Self::NoRoad => None,
        }
    }

    /// By how many seconds or boxes it fails.
    #[must_use]
    pub const fn by(self) -> Option<i64> {
        match self {
            Self::Full { over, .. } => Some(over),
            Self::Closed { late_s, .. } => late_s,
            Self::Held { over_s, .. } | Self::ShiftOver { over_s } => Some(over_s),
            Self::CutOff { late_s, .. } => Some(late_s),
            Self::NotCarried { .. } | Self::Order { .. } | Self::NoRoad => None,
        }
    }
}

/// One stop of a timeline, in seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StopTimes {
    /// The vehicle is there.
    pub arrives: i64,
    /// Service begins.
    pub begins: i64,
    /// It leaves.
    pub leaves: i64,
    /// Boxes aboard afterwards.
    pub load: i64,
    /// Metres since the stop before.
    pub metres: i64,
}

/// A route second by second.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Timeline {
    /// Its stops.
    pub stops: Vec<StopTimes>,
    /// Metres in all.
    pub metres: i64,
    /// When it leaves, no earlier than it must.
    pub departs: i64,
    /// When it is over.
    pub ends: i64,
    /// What it costs, thousandths of a cent.
    pub cost: i64,
}

/// Drives a route in thought.
///
/// # Errors
/// The first reason why it cannot be driven.
pub fn drive(problem: &Problem, vehicle: &RoadVehicle, stops: &[PlannedStop]) -> Result<Timeline, Fault> {
    let mut first = None;
    let timeline = run(problem, vehicle, stops, &mut |fault| {
        first = Some(fault);
        false
    });
    match first {
        Some(fault) => Err(fault),
        None => Ok(timeline),
    }
}

/// Drives a route in thought whatever stands against it, and names all that does.
#[must_use]
pub fn judge(problem: &Problem, vehicle: &RoadVehicle, stops: &[PlannedStop]) -> (Timeline, Vec<Fault>) {
    let mut faults = Vec::new();
    let timeline = run(problem, vehicle, stops, &mut |fault| {
        faults.push(fault);
        true
    });
    (timeline, faults)
}

/// A box that is aboard on a timeline.
struct Aboard {
    job: usize,
    since: i64,
    boxes: i64,
}

fn run(
    problem: &Problem,
    vehicle: &RoadVehicle,
    stops: &[PlannedStop],
    go_on: &mut dyn FnMut(Fault) -> bool,
) -> Timeline {
    let mut timeline = Timeline { departs: vehicle.from, ends: vehicle.from, ..Timeline::default() };
    let Some(matrix) = problem.matrix_of(vehicle) else {
        go_on(Fault::NoRoad);
        return timeline;
    };
    let mut aboard = carried_at_start(problem, vehicle, stops);
    let mut load: i64 = aboard.iter().map(|one| one.boxes).sum();
    let (mut place, mut now) = (vehicle.start, vehicle.from);
    for stop in stops {
        let Some(visit) = problem.visit(*stop) else { continue };
        let job = stop.job;
        let metres = matrix.leg(place, visit.place).metres;
        let travel = matrix.seconds_at(place, visit.place, now);
        let arrives = now.saturating_add(travel);
        let begins = match visit.begins(arrives) {
            Some(begins) => begins,
            None => {
                let late_s = visit.windows.last().map(|window| arrives - window.until);
                if !go_on(Fault::Closed { job, delivers: stop.delivers, late_s }) {
                    return timeline;
                }
                arrives
            }
        };
        let leaves = begins.saturating_add(visit.service_s);
        let fault = if stop.delivers {
            unload(problem, vehicle, job, begins, &mut aboard, &mut load)
        } else {
            take(vehicle, job, (begins, leaves), &mut aboard, &mut load)
        };
        if fault.is_some_and(|fault| !go_on(fault)) {
            return timeline;
        }
        if timeline.stops.is_empty() {
            timeline.departs = begins.saturating_sub(travel);
        }
        timeline.metres = timeline.metres.saturating_add(metres);
        timeline.stops.push(StopTimes { arrives, begins, leaves, load, metres });
        (place, now) = (visit.place, leaves);
    }
    for left in &aboard {
        if !go_on(Fault::Order { job: left.job }) {
            return timeline;
        }
    }
    close(problem, vehicle, (place, now), &mut timeline, go_on);
    timeline
}

/// Jobs that are aboard before the first stop.
fn carried_at_start(problem: &Problem, vehicle: &RoadVehicle, stops: &[PlannedStop]) -> Vec<Aboard> {
    let deliveries = stops.iter().filter(|stop| stop.delivers);
    deliveries
        .filter_map(|stop| {
            let since = problem.jobs.get(stop.job)?.claim.aboard_since()?;
            let boxes = vehicle.load(stop.job).map_or(0, |load| load.boxes);
            Some(Aboard { job: stop.job, since, boxes })
        })
        .collect()
}

fn take(
    vehicle: &RoadVehicle,
    job: usize,
    (begins, leaves): (i64, i64),
    aboard: &mut Vec<Aboard>,
    load: &mut i64,
) -> Option<Fault> {
    let carried = vehicle.load(job);
    let boxes = carried.map_or(0, |load| load.boxes);
    let twice = aboard.iter().any(|one| one.job == job);
    aboard.push(Aboard { job, since: leaves, boxes });
    *load += boxes;
    if carried.is_none() {
        Some(Fault::NotCarried { job })
    } else if twice {
        Some(Fault::Order { job })
    } else if *load > vehicle.boxes {
        Some(Fault::Full { job, over: *load - vehicle.boxes })
    } else if begins > vehicle.last_pickup {
        Some(Fault::CutOff { job, late_s: begins - vehicle.last_pickup })
    } else {
        None
    }
}

fn unload(
    problem: &Problem,
    vehicle: &RoadVehicle,
    job: usize,
    begins: i64,
    aboard: &mut Vec<Aboard>,
    load: &mut i64,
) -> Option<Fault> {
    let Some(position) = aboard.iter().position(|one| one.job == job) else { return Some(Fault::Order { job }) };
    let taken = aboard.swap_remove(position);
    *load -= taken.boxes;
    let hold = problem.hold_s(vehicle, job);
    let held = begins.saturating_sub(taken.since);
    (held > hold).then_some(Fault::Held { job, over_s: held.saturating_sub(hold) })
}

/// The way back, the end of the shift and the cost.
fn close(
    problem: &Problem,
    vehicle: &RoadVehicle,
    (place, now): (usize, i64),
    timeline: &mut Timeline,
    go_on: &mut dyn FnMut(Fault) -> bool,
) {
    timeline.ends = now;
    if timeline.stops.is_empty() {
        return;
    }
    if let (Some(end), Some(matrix)) = (vehicle.end, problem.matrix_of(vehicle)) {
        timeline.metres = timeline.metres.saturating_add(matrix.leg(place, end).metres);
        timeline.ends = now.saturating_add(matrix.seconds_at(place, end, now));
    }
    if timeline.ends > vehicle.until {
        go_on(Fault::ShiftOver { over_s: timeline.ends - vehicle.until });
    }
    timeline.cost = cost_of(vehicle, timeline.metres, timeline.ends - timeline.departs);
}

/// What so many metres and seconds cost with a start, thousandths of a cent.
pub(super) fn cost_of(vehicle: &RoadVehicle, metres: i64, seconds: i64) -> i64 {
    let road = vehicle.cents_per_km.saturating_mul(metres);
    let time = vehicle.cents_per_hour.saturating_mul(seconds).saturating_mul(1000) / 3600;
    road.saturating_add(time).saturating_add(vehicle.cents_per_start.saturating_mul(1000))
}
