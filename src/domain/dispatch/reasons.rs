//! Why a job is in no route, and what would help: the nearest miss over all vehicles.

use super::course::Course;
use super::insertion::cheapest_insertion;
use super::problem::{PlannedStop, Problem};
use super::timeline::{Fault, judge};
use crate::domain::words::words;

words! {
    /// Why a job is in no route.
    UnassignedReason {
        /// There is no vehicle in any shift.
        NoVehicle = "no_vehicle",
        /// No vehicle may carry it: agreement, coverage or packaging.
        NotCarried = "not_carried",
        /// No vehicle has so much room.
        TooLarge = "too_large",
        /// The sender is not open while a vehicle could come.
        SenderClosed = "sender_closed",
        /// The receiver is not open, or its deadline cannot be met.
        ReceiverClosed = "receiver_closed",
        /// The road is longer than the box stays frozen.
        HoldTooShort = "hold_too_short",
        /// It would come aboard after the cut-off.
        AfterCutOff = "after_cut_off",
        /// The shift ends before the road does.
        ShiftTooShort = "shift_too_short",
        /// It would fit a vehicle alone, but not with what that drives already.
        Crowded = "crowded",
    }
}

impl UnassignedReason {
    /// What would help, in a sentence.
    #[must_use]
    pub const fn remedy(self) -> &'static str {
        match self {
            Self::NoVehicle => "Open a shift for a vehicle that is at work then.",
            Self::NotCarried => {
                "Ask a courier whose agreement covers both sites and whose packaging keeps this milk frozen."
            }
            Self::TooLarge => "Use a vehicle with more boxes, or send the milk in two transfers.",
            Self::SenderClosed => "Have the sender open for the collection, or begin a shift earlier.",
            Self::ReceiverClosed => "Have the receiver take it later, or leave earlier.",
            Self::HoldTooShort => "Use packaging that holds longer, or change vehicles at a depot with a freezer.",
            Self::AfterCutOff => "Move the cut-off of a shift, or plan it for the next one.",
            Self::ShiftTooShort => "Let a shift end later, or use a vehicle that starts nearer.",
            Self::Crowded => "Open one more shift, or give way with less urgent milk.",
        }
    }
}

/// A job that is in no route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unassigned {
    /// The job.
    pub job: usize,
    /// Why.
    pub reason: UnassignedReason,
    /// By how many seconds or boxes the nearest vehicle misses.
    pub short_by: Option<i64>,
    /// That vehicle.
    pub nearest_vehicle: Option<usize>,
}

/// Why a job has no place beside these routes.
#[must_use]
pub fn explain(problem: &Problem, routes: &[Vec<PlannedStop>], job: usize) -> Unassigned {
    let mut nearest: Option<Unassigned> = None;
    for (index, vehicle) in problem.vehicles.iter().enumerate() {
        let claimed = problem.jobs.get(job).and_then(|facts| facts.claim.vehicle());
        if claimed.is_some_and(|only| only != index) {
            continue;
        }
        let (reason, short_by) = match vehicle.load(job) {
            None => (UnassignedReason::NotCarried, None),
            Some(load) if load.boxes > vehicle.boxes => (UnassignedReason::TooLarge, Some(load.boxes - vehicle.boxes)),
            Some(_) => alone(problem, index, routes, job),
        };
        let found = Unassigned { job, reason, short_by, nearest_vehicle: Some(index) };
        // What comes later in the list of reasons came closer to a place; then the smaller miss.
        let nearer = |known: &Unassigned| (found.reason, known.short_by) > (known.reason, found.short_by);
        if nearest.as_ref().is_none_or(nearer) {
            nearest = Some(found);
        }
    }
    nearest.unwrap_or(Unassigned { job, reason: UnassignedReason::NoVehicle, short_by: None, nearest_vehicle: None })
}

/// What stands against the job when the vehicle carries nothing else that could be elsewhere.
fn alone(problem: &Problem, index: usize, routes: &[Vec<PlannedStop>], job: usize) -> (UnassignedReason, Option<i64>) {
    let Some(vehicle) = problem.vehicles.get(index) else { return (UnassignedReason::NoVehicle, None) };
    let bound = |stop: &&PlannedStop| problem.jobs.get(stop.job).is_some_and(|facts| facts.claim.vehicle().is_some());
    let driven = routes.get(index).map(Vec::as_slice).unwrap_or_default();
    let kept: Vec<PlannedStop> = driven.iter().filter(bound).copied().collect();
    if !driven.is_empty()
        && let Ok(course) = Course::of(problem, vehicle, kept)
        && cheapest_insertion(problem, index, &course, job, &mut || false).is_some()
    {
        return (UnassignedReason::Crowded, None);
    }
    let aboard = problem.jobs.get(job).is_some_and(|facts| facts.claim.aboard_since().is_some());
    let mut stops = vec![PlannedStop { job, delivers: false }, PlannedStop { job, delivers: true }];
    if aboard {
        stops.remove(0);
    }
    let (timeline, faults) = judge(problem, vehicle, &stops);
    // Seconds that the vehicle stands before a door that is not open yet.
    let waits = |delivers: bool| {
        let times = stops.iter().position(|stop| stop.delivers == delivers).and_then(|at| timeline.stops.get(at));
        times.map_or(0, |times| times.begins - times.arrives)
    };
    match faults.first().copied() {
        // Without the wait it would hold: the door is what is in the way.
        Some(Fault::Held { over_s, .. } | Fault::ShiftOver { over_s }) if waits(true) >= over_s => {
            (UnassignedReason::ReceiverClosed, Some(over_s))
        }
        Some(Fault::ShiftOver { over_s } | Fault::CutOff { late_s: over_s, .. }) if waits(false) >= over_s => {
            (UnassignedReason::SenderClosed, Some(over_s))
        }
        Some(Fault::Closed { delivers: false, late_s, .. }) => (UnassignedReason::SenderClosed, late_s),
        Some(Fault::Closed { delivers: true, late_s, .. }) => (UnassignedReason::ReceiverClosed, late_s),
        Some(Fault::Held { over_s, .. }) => (UnassignedReason::HoldTooShort, Some(over_s)),
        Some(Fault::CutOff { late_s, .. }) => (UnassignedReason::AfterCutOff, Some(late_s)),
        Some(Fault::ShiftOver { over_s }) => (UnassignedReason::ShiftTooShort, Some(over_s)),
        Some(Fault::Full { over, .. }) => (UnassignedReason::TooLarge, Some(over)),
        Some(Fault::NotCarried { .. } | Fault::Order { .. } | Fault::NoRoad) => (UnassignedReason::NotCarried, None),
        None => (UnassignedReason::Crowded, None),
    }
}
