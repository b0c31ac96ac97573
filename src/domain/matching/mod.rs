//! Matching: who gets which bottles. A pure planner: rows in, a proven or bounded plan out.
//!
//! Urgency tiers are served lexicographically in millilitres, then fairly within a tier, then at least cost;
//! bottles stay whole. Where one bottle size makes it an exact flow, the plan is optimal and certified;
//! elsewhere it comes with the distance to a proven bound. It refuses what it cannot prove feasible.

mod bounded;
mod check;
mod explain;
mod flow;
mod index;
mod live;
#[cfg(test)]
mod live_tests;
mod model;
mod network;
mod pairs;
mod plan;
#[cfg(test)]
mod tests;

pub use explain::{Explanation, Forced, OneMore, RunnerUp, forced};
pub use live::LivePlan;
pub use model::{Arc, Demand, Group, MAX_SLICES, MAX_TIERS, PairCost, PlanError, PlanRules, Problem, Supply};
pub use plan::{Pace, Plan, PlanLine, PlanStatus, plan, plan_while};
