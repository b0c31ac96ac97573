//! The best order of some boxes in one vehicle, or why they do not fit. For a few boxes at a time, inside a
//! transaction; many are planned outside of one.

use super::boxes::BoxFacts;
use super::world::World;
use crate::actions::ActionError;
use crate::domain::dispatch::{
    Claim, Job, OwnPlanner, PlannedStop, Planner, Problem, Progress, RoadVehicle, Unassigned, Watch,
};
use crate::domain::field::FieldError;
use std::collections::BTreeSet;

/// Ends a search after so many looks at it.
pub(super) struct Looks(pub(super) i64);

impl Watch for Looks {
    fn look(&mut self, _progress: &Progress) -> Option<i64> {
        self.0 -= 1;
        (self.0 > 0).then_some(500)
    }
}

/// Looks at a search of one vehicle: a few hundred rounds.
const LOOKS: i64 = 16;

/// The stops of one vehicle with exactly these jobs, in the best order that was found.
pub(super) fn arrange(
    world: &World,
    vehicle: usize,
    jobs: &BTreeSet<usize>,
    keep: &[PlannedStop],
) -> Result<Vec<PlannedStop>, ActionError> {
    let jobs: Vec<usize> = jobs.iter().copied().collect();
    let Some(road) = world.problem.vehicles.get(vehicle) else {
        return Err(ActionError::Internal("a vehicle that is not there".to_owned()));
    };
    let facts = |job: &usize| {
        let facts = world.problem.jobs.get(*job)?;
        let claim = match facts.claim.aboard_since() {
            Some(since) => Claim::Aboard(0, since),
            None => Claim::With(0),
        };
        Some(Job { claim, ..facts.clone() })
    };
    let inner = |stop: &PlannedStop| Some(PlannedStop { job: jobs.binary_search(&stop.job).ok()?, ..*stop });
    let loads = jobs.iter().map(|job| road.load(*job)).collect();
    let problem = Problem {
        matrices: world.problem.matrices.clone(),
        jobs: jobs.iter().filter_map(facts).collect(),
        vehicles: vec![RoadVehicle { loads, ..road.clone() }],
        routes: vec![keep.iter().filter_map(inner).collect()],
        seed: world.problem.seed,
    };
    let plan = OwnPlanner
        .plan(&problem, &mut Looks(LOOKS))
        .map_err(|fault| ActionError::conflict("plan_impossible", fault.to_string()))?;
    if !plan.unassigned.is_empty() {
        let left = plan.unassigned.iter().map(|left| Unassigned {
            job: jobs.get(left.job).copied().unwrap_or(0),
            nearest_vehicle: Some(vehicle),
            ..*left
        });
        return Err(ActionError::Invalid(left.map(|left| complaint(world, &left)).collect()));
    }
    let stops = plan.routes.into_iter().next().unwrap_or_default();
    Ok(stops.into_iter().filter_map(|stop| Some(PlannedStop { job: *jobs.get(stop.job)?, ..stop })).collect())
}

/// A box that is left out, as a fault of the caller's field.
fn complaint(world: &World, left: &Unassigned) -> FieldError {
    let text = world.boxes.get(left.job).map_or_else(String::new, |facts| reason_in_words(world, facts, left));
    FieldError::new("/transfer_ids", left.reason.as_str(), text)
}

/// Why a box is left out and what would help.
pub(super) fn reason_in_words(world: &World, facts: &BoxFacts, left: &Unassigned) -> String {
    let code = |id| world.roads.site(id).map_or("?", |site| site.code.as_str());
    let by = left.short_by.filter(|by| *by > 0).map_or_else(String::new, |by| match left.reason {
        crate::domain::dispatch::UnassignedReason::TooLarge => format!(" by {by} boxes"),
        _ => format!(" by {} minutes", (by + 59) / 60),
    });
    format!(
        "The box from {} to {} has no place: {}{by}. {}",
        code(facts.from.0),
        code(facts.to.0),
        left.reason.as_str().replace('_', " "),
        left.reason.remedy()
    )
}
