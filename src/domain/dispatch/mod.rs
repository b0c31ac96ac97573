//! Courier dispatch: vehicles and shifts, jobs and routes, plans, and what a route does to its boxes. Every
//! route that leaves this room was checked second by second against windows, room, order, hold time and shift.

mod approach;
mod course;
mod exact;
mod fleet;
mod insertion;
mod on_time;
mod plan;
mod problem;
mod proof;
mod reasons;
mod ruin;
mod search;
mod shared_trip;
mod slack;
mod split;
mod states;
mod timeline;
mod windows;

pub use approach::{FRESH_MINUTES, MATERIAL_MINUTES, seconds_left};
pub use course::Course;
pub use exact::{MOST_EXACT_STOPS, best_order};
pub use insertion::{Insertion, cheapest_insertion};
pub use on_time::{CarrierFigures, DeliveryFact, on_time_figures};
pub use plan::{OwnPlanner, Plan, Planner, Progress, Unwatched, Watch, check_plan};
pub use problem::{
    Claim, Job, Leg, Load, Matrix, PlannedStop, Problem, ProblemFault, RoadVehicle, Visit, check_problem, seconds_of,
};
pub use proof::{MOST_PHOTO_BYTES, MOST_PROOFS, PAPER, ProofKind, are_strokes, names_box};
pub use reasons::{Unassigned, UnassignedReason, explain};
pub use shared_trip::{Call, rides};
pub use slack::{Standing, is_silent, slack_minutes};
pub use split::{MOST_JOBS_AT_ONCE, split_jobs};
pub use states::{
    AlarmKind, AlarmState, CarrierOfferState, PlanState, RouteState, ShiftState, StopKind, StopProblem, StopState,
    VehicleState,
};
pub use timeline::{Fault, StopTimes, Timeline, drive, judge};
pub use windows::{Window, open_windows};

#[cfg(test)]
mod tests;
