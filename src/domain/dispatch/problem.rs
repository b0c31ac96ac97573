//! What a planner is told: places and the road between them, jobs and vehicles. What cannot be is refused here,
//! before anybody plans with it.

use super::windows::Window;
use crate::domain::time::Instant;
use std::collections::BTreeMap;

/// A leg that cannot be driven.
const FAR: i64 = 1_000_000_000;
const MICROS_PER_SECOND: i64 = 1_000_000;

/// Whole seconds since 1970 of an instant.
#[must_use]
pub const fn seconds_of(instant: Instant) -> i64 {
    instant.micros().div_euclid(MICROS_PER_SECOND)
}

/// A road between two places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leg {
    /// Metres by road.
    pub metres: i64,
    /// Seconds on it.
    pub seconds: i64,
}

/// Roads between all places, for one kind of vehicle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matrix {
    places: usize,
    legs: Vec<Leg>,
    by_hour: BTreeMap<(usize, usize), [i64; 24]>,
}

impl Matrix {
    /// Roads by asking for each pair.
    #[must_use]
    pub fn between(places: usize, leg: impl Fn(usize, usize) -> Leg) -> Self {
        let legs = (0..places).flat_map(|from| (0..places).map(move |to| (from, to))).map(|(from, to)| leg(from, to));
        Self { places, legs: legs.collect(), by_hour: BTreeMap::new() }
    }

    /// Seconds of a leg by the hour of the day in UTC at which it begins, where they were measured.
    pub fn correct(&mut self, from: usize, to: usize, seconds: [i64; 24]) {
        self.by_hour.insert((from, to), seconds);
    }

    /// The number of places.
    #[must_use]
    pub const fn places(&self) -> usize {
        self.places
    }

    /// The road between two places.
    #[must_use]
    pub fn leg(&self, from: usize, to: usize) -> Leg {
        let nowhere = Leg { metres: FAR, seconds: FAR };
        self.legs.get(from * self.places + to).copied().unwrap_or(nowhere)
    }

    /// Seconds of the road when it is begun at a second since 1970.
    #[must_use]
    pub fn seconds_at(&self, from: usize, to: usize, leaves: i64) -> i64 {
        let plain = self.leg(from, to).seconds;
        if self.by_hour.is_empty() {
            return plain;
        }
        let Some(hours) = self.by_hour.get(&(from, to)) else { return plain };
        let hour = usize::try_from(leaves.div_euclid(3600).rem_euclid(24)).unwrap_or(0);
        hours.get(hour).copied().unwrap_or(plain)
    }
}

/// A place to be at within windows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    /// Index of the place.
    pub place: usize,
    /// When service may begin there, in order; none is never.
    pub windows: Vec<Window>,
    /// Seconds at the door.
    pub service_s: i64,
}

impl Visit {
    /// When service begins for an arrival at this second.
    #[must_use]
    pub fn begins(&self, arrives: i64) -> Option<i64> {
        self.windows.iter().find(|window| window.until >= arrives).map(|window| window.from.max(arrives))
    }

    /// The latest arrival with which service begins no later than this second.
    #[must_use]
    pub fn latest(&self, begin_by: i64) -> Option<i64> {
        self.windows.iter().rev().find(|window| window.from <= begin_by).map(|window| window.until.min(begin_by))
    }
}

/// A vehicle's hold on a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// Any vehicle may have it.
    Free,
    /// It stays with this vehicle.
    With(usize),
    /// It is aboard this vehicle since this second.
    Aboard(usize, i64),
}

impl Claim {
    /// The one vehicle that may have it.
    #[must_use]
    pub const fn vehicle(self) -> Option<usize> {
        match self {
            Self::Free => None,
            Self::With(vehicle) | Self::Aboard(vehicle, _) => Some(vehicle),
        }
    }

    /// Since when it is aboard.
    #[must_use]
    pub const fn aboard_since(self) -> Option<i64> {
        match self {
            Self::Aboard(_, since) => Some(since),
            _ => None,
        }
    }
}

/// A box to be carried from one place to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Where it comes aboard; of no meaning once it is aboard.
    pub pickup: Visit,
    /// Where it leaves.
    pub delivery: Visit,
    /// Longest time out of the freezer in seconds, from its pickup's end to its delivery's beginning.
    pub hold_s: i64,
    /// What it costs to leave it behind, thousandths of a cent; more urgent milk has more.
    pub weight: i64,
    /// Whose it is already.
    pub claim: Claim,
}

/// What a job is in one vehicle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Load {
    /// Boxes that it takes.
    pub boxes: i64,
    /// Seconds for which its packing holds there.
    pub hold_s: i64,
}

/// A vehicle in one shift.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoadVehicle {
    /// Index of its matrix.
    pub profile: usize,
    /// Place where it begins.
    pub start: usize,
    /// Place where it ends; none ends at its last stop.
    pub end: Option<usize>,
    /// Second at which it may leave.
    pub from: i64,
    /// Second by which it is back.
    pub until: i64,
    /// Last second at which a box may come aboard.
    pub last_pickup: i64,
    /// Boxes that fit.
    pub boxes: i64,
    /// What each job is in it; none when it may not carry the job.
    pub loads: Vec<Option<Load>>,
    /// Cents for a kilometre.
    pub cents_per_km: i64,
    /// Cents for an hour.
    pub cents_per_hour: i64,
    /// Cents for a start.
    pub cents_per_start: i64,
    /// So many of its first stops stay where they are.
    pub locked: usize,
}

impl RoadVehicle {
    /// What a job is in it.
    #[must_use]
    pub fn load(&self, job: usize) -> Option<Load> {
        self.loads.get(job).copied().flatten()
    }
}

/// A stop as a planner writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PlannedStop {
    /// Index of the job.
    pub job: usize,
    /// True for its delivery.
    pub delivers: bool,
}

/// What there is to plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Roads by profile.
    pub matrices: Vec<Matrix>,
    /// Jobs.
    pub jobs: Vec<Job>,
    /// Vehicles in their shifts.
    pub vehicles: Vec<RoadVehicle>,
    /// What each vehicle drives already, in the order of the vehicles.
    pub routes: Vec<Vec<PlannedStop>>,
    /// Seed of all draws.
    pub seed: u64,
}

impl Problem {
    /// The matrix of a vehicle.
    #[must_use]
    pub fn matrix_of(&self, vehicle: &RoadVehicle) -> Option<&Matrix> {
        self.matrices.get(vehicle.profile)
    }

    /// Seconds for which a job may be out of the freezer in a vehicle: its own limit or its packing's, the shorter.
    #[must_use]
    pub fn hold_s(&self, vehicle: &RoadVehicle, job: usize) -> i64 {
        let limit = self.jobs.get(job).map_or(0, |facts| facts.hold_s);
        vehicle.load(job).map_or(limit, |load| load.hold_s.min(limit))
    }

    /// The visit of a stop.
    #[must_use]
    pub fn visit(&self, stop: PlannedStop) -> Option<&Visit> {
        let job = self.jobs.get(stop.job)?;
        Some(if stop.delivers { &job.delivery } else { &job.pickup })
    }
}

/// Why a problem is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProblemFault {
    /// A place that no matrix has.
    #[error("{what} {index} names a place that is not there")]
    UnknownPlace {
        /// `job` or `vehicle`.
        what: &'static str,
        /// Which one.
        index: usize,
    },
    /// A figure below nought.
    #[error("{what} {index} has a {field} below nought")]
    Negative {
        /// `job`, `vehicle` or `matrix`.
        what: &'static str,
        /// Which one.
        index: usize,
        /// Which figure.
        field: &'static str,
    },
    /// A window that ends before it begins, or windows out of order.
    #[error("job {0} has a window that ends before it begins, or windows out of order")]
    WrongWindow(usize),
    /// A shift that ends before it begins.
    #[error("vehicle {0} is back before it leaves")]
    WrongShift(usize),
    /// Loads, routes or claims that do not fit the jobs and vehicles there are.
    #[error("vehicle {0} has loads, a route or claims that do not fit the jobs")]
    WrongShape(usize),
}

/// Finds what cannot be in a problem.
///
/// # Errors
/// The first fault.
pub fn check_problem(problem: &Problem) -> Result<(), ProblemFault> {
    for (index, matrix) in problem.matrices.iter().enumerate() {
        if matrix.legs.iter().any(|leg| leg.metres < 0 || leg.seconds < 0) {
            return Err(ProblemFault::Negative { what: "matrix", index, field: "leg" });
        }
    }
    for (index, job) in problem.jobs.iter().enumerate() {
        check_job(problem, index, job)?;
    }
    for (index, vehicle) in problem.vehicles.iter().enumerate() {
        check_vehicle(problem, index, vehicle)?;
    }
    if problem.routes.len() != problem.vehicles.len() {
        return Err(ProblemFault::WrongShape(problem.routes.len()));
    }
    Ok(())
}

fn check_job(problem: &Problem, index: usize, job: &Job) -> Result<(), ProblemFault> {
    for visit in [&job.pickup, &job.delivery] {
        if problem.matrices.iter().any(|matrix| visit.place >= matrix.places) {
            return Err(ProblemFault::UnknownPlace { what: "job", index });
        }
        if visit.service_s < 0 {
            return Err(ProblemFault::Negative { what: "job", index, field: "service time" });
        }
        let backwards = visit.windows.iter().any(|window| window.until < window.from);
        let unordered = visit.windows.iter().zip(visit.windows.iter().skip(1)).any(|(a, b)| b.from <= a.until);
        if backwards || unordered {
            return Err(ProblemFault::WrongWindow(index));
        }
    }
    if job.hold_s < 0 || job.weight < 0 {
        return Err(ProblemFault::Negative { what: "job", index, field: "hold time or weight" });
    }
    match job.claim.vehicle() {
        Some(vehicle) if vehicle >= problem.vehicles.len() => Err(ProblemFault::WrongShape(vehicle)),
        _ => Ok(()),
    }
}

fn check_vehicle(problem: &Problem, index: usize, vehicle: &RoadVehicle) -> Result<(), ProblemFault> {
    let matrix = problem.matrix_of(vehicle).ok_or(ProblemFault::UnknownPlace { what: "vehicle", index })?;
    if vehicle.start >= matrix.places || vehicle.end.is_some_and(|end| end >= matrix.places) {
        return Err(ProblemFault::UnknownPlace { what: "vehicle", index });
    }
    let costs = [vehicle.cents_per_km, vehicle.cents_per_hour, vehicle.cents_per_start];
    if vehicle.boxes < 0 || vehicle.loads.iter().flatten().any(|load| load.boxes < 0 || load.hold_s < 0) {
        return Err(ProblemFault::Negative { what: "vehicle", index, field: "capacity, load or hold time" });
    }
    if costs.iter().any(|cost| *cost < 0) {
        return Err(ProblemFault::Negative { what: "vehicle", index, field: "cost" });
    }
    if vehicle.until < vehicle.from {
        return Err(ProblemFault::WrongShift(index));
    }
    let route = problem.routes.get(index);
    let known = route.is_some_and(|route| route.iter().all(|stop| stop.job < problem.jobs.len()));
    if vehicle.loads.len() != problem.jobs.len() || !known {
        return Err(ProblemFault::WrongShape(index));
    }
    Ok(())
}
