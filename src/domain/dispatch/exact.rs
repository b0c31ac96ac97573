//! Every order of a few stops: what is found is the best there is.

use super::problem::{PlannedStop, Problem, RoadVehicle};
use super::timeline::{Timeline, drive};

/// So many stops are enumerated; more are searched.
pub const MOST_EXACT_STOPS: usize = 6;

/// The cheapest order of some stops after those that are locked; none when no order can be driven, or when
/// there are too many stops to try.
#[must_use]
pub fn best_order(
    problem: &Problem,
    vehicle_index: usize,
    stops: &[PlannedStop],
) -> Option<(Vec<PlannedStop>, Timeline)> {
    let vehicle = problem.vehicles.get(vehicle_index)?;
    let (locked, free) = stops.split_at_checked(vehicle.locked.min(stops.len()))?;
    if free.len() > MOST_EXACT_STOPS {
        return None;
    }
    let mut best = None;
    let mut order = locked.to_vec();
    extend(problem, vehicle, &mut order, &mut free.to_vec(), &mut best);
    best
}

fn extend(
    problem: &Problem,
    vehicle: &RoadVehicle,
    order: &mut Vec<PlannedStop>,
    left: &mut Vec<PlannedStop>,
    best: &mut Option<(Vec<PlannedStop>, Timeline)>,
) {
    if left.is_empty() {
        if let Ok(timeline) = drive(problem, vehicle, order)
            && best.as_ref().is_none_or(|(_, known)| timeline.cost < known.cost)
        {
            *best = Some((order.clone(), timeline));
        }
        return;
    }
    for position in 0..left.len() {
        let Some(stop) = left.get(position).copied() else { continue };
        let before_pickup = stop.delivers && left.iter().any(|other| other.job == stop.job && !other.delivers);
        if before_pickup {
            continue;
        }
        left.remove(position);
        order.push(stop);
        extend(problem, vehicle, order, left, best);
        order.pop();
        left.insert(position, stop);
    }
}
