//! The search for cheaper routes: ruin, recreate, and now and then accept a worse plan while the time is young.

use super::fleet::drop_vehicles;
use super::plan::{Progress, Watch};
use super::problem::Problem;
use super::ruin::{Draws, Ground, Solution};
use std::collections::BTreeSet;

/// Rounds between two looks at the watch.
const ROUNDS_A_LOOK: u64 = 16;
/// The temperature is halved so often over a search.
const HALVINGS: i64 = 7;
/// This part of the time, in thousandths, goes to fewer vehicles first.
const FLEET_PERMILLE: i64 = 300;

/// Improves a solution until the watch ends it or so many rounds have passed.
pub(super) fn improve(problem: &Problem, start: Solution, most_rounds: u64, watch: &mut dyn Watch) -> Solution {
    let ground = Ground::new(problem);
    let mut draws = Draws::new(problem.seed);
    let mut best = start;
    let none = BTreeSet::new();
    ground.recreate(&mut best, &mut draws, &none, &mut Vec::new());
    let starts_cost = problem.vehicles.iter().any(|vehicle| vehicle.cents_per_start > 0);
    if starts_cost && best.courses.iter().filter(|course| !course.stops.is_empty()).count() > 1 {
        best = drop_vehicles(&ground, best, (most_rounds / 3, FLEET_PERMILLE), &mut draws, watch);
    }
    anneal(&ground, best, most_rounds, &mut draws, watch)
}

fn anneal(
    ground: &Ground<'_>,
    start: Solution,
    most_rounds: u64,
    draws: &mut Draws,
    watch: &mut dyn Watch,
) -> Solution {
    let problem = ground.problem;
    let jobs = i64::try_from(problem.jobs.len()).unwrap_or(i64::MAX).max(1);
    let routed: i64 = start.courses.iter().map(|course| course.timeline.cost).sum();
    let warmth = (routed / jobs / 2).max(1);
    let mut temperature = warmth;
    let mut current_cost = start.cost(problem);
    let (mut current, mut best, mut best_cost) = (start.clone(), start, current_cost);
    let none = BTreeSet::new();
    for round in 0..most_rounds {
        if round % ROUNDS_A_LOOK == 0 {
            let by_rounds = i64::try_from(round.saturating_mul(1000) / most_rounds.max(1)).unwrap_or(1000);
            let seen = Progress { rounds: round, cost: best_cost, unassigned: best.absent.len() };
            let Some(by_time) = watch.look(&seen) else { break };
            temperature = cooled(warmth, by_time.max(by_rounds).clamp(0, 1000));
        }
        let absent_before = current.absent.clone();
        let mut before = ground.ruin(&mut current, draws);
        ground.recreate(&mut current, draws, &none, &mut before);
        let cost = current.cost(problem);
        if cost < current_cost.saturating_add(temperature.saturating_mul(patience_milli(draws)) / 1000) {
            current_cost = cost;
            if cost < best_cost {
                best_cost = cost;
                best = current.clone();
            }
        } else {
            for (vehicle, course) in before {
                if let Some(slot) = current.courses.get_mut(vehicle) {
                    *slot = course;
                }
            }
            current.absent = absent_before;
        }
    }
    best
}

/// The temperature after so many thousandths of the search.
fn cooled(warmth: i64, permille: i64) -> i64 {
    let steps = permille.saturating_mul(HALVINGS);
    let (whole, part) = (steps / 1000, steps % 1000);
    let halved = warmth >> whole.clamp(0, 62);
    // Between two halvings in a straight line.
    (halved - halved * part / 2000).max(1)
}

/// Thousandths of an exponential draw with mean one, near enough: the leading noughts of a draw are geometric.
fn patience_milli(draws: &mut Draws) -> i64 {
    let drawn = draws.next();
    let part = i64::try_from(draws.next() % 693).unwrap_or(0);
    i64::from(drawn.leading_zeros()) * 693 + part
}
