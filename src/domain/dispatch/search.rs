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
/// The same part for a solution that is good already.
const POLISH_FLEET_PERMILLE: i64 = 400;
/// A search of a good solution begins so many times cooler.
const POLISH_COOLER: i64 = 2;
/// When so many thousandths of the time have passed, no other search begins.
const ENOUGH_PERMILLE: i64 = 850;

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
    let mut cooling = Cooling { warmth: warmth(&best, problem), from: 0 };
    loop {
        let (found, ended) = anneal(&ground, best, most_rounds, cooling, &mut draws, watch);
        best = found;
        match ended {
            // Time is left: once more from the best, less warm than before.
            Some(passed) if passed > 0 && passed < ENOUGH_PERMILLE => {
                cooling = Cooling { warmth: (cooling.warmth / 2).max(1), from: passed };
            }
            _ => return best,
        }
    }
}

/// Improves a solution that is good already: fewer vehicles once more, then a search that begins cool.
pub(super) fn polish(problem: &Problem, start: Solution, most_rounds: u64, watch: &mut dyn Watch) -> Solution {
    let ground = Ground::new(problem);
    let mut draws = Draws::new(problem.seed);
    let mut best = start;
    ground.recreate(&mut best, &mut draws, &BTreeSet::new(), &mut Vec::new());
    if problem.vehicles.iter().any(|vehicle| vehicle.cents_per_start > 0) {
        best = drop_vehicles(&ground, best, (most_rounds / 3, POLISH_FLEET_PERMILLE), &mut draws, watch);
    }
    let cooling = Cooling { warmth: (warmth(&best, problem) / POLISH_COOLER).max(1), from: 0 };
    anneal(&ground, best, most_rounds, cooling, &mut draws, watch).0
}

/// How warm a search begins, and from which thousandth of the time on it cools.
#[derive(Debug, Clone, Copy)]
struct Cooling {
    warmth: i64,
    from: i64,
}

/// Half of what the road of a job costs on average, thousandths of a cent. Starts are left out: they are so dear that
/// a search warmed by them would take any road.
fn warmth(solution: &Solution, problem: &Problem) -> i64 {
    let jobs = i64::try_from(problem.jobs.len()).unwrap_or(i64::MAX).max(1);
    let used = solution.courses.iter().zip(&problem.vehicles).filter(|(course, _)| !course.stops.is_empty());
    let road: i64 =
        used.map(|(course, vehicle)| course.timeline.cost - vehicle.cents_per_start.saturating_mul(1000)).sum();
    (road / jobs / 2).max(1)
}

/// Searches; the best it found, and the thousandths of the time that had passed when its rounds were over; none when
/// the watch ended it.
fn anneal(
    ground: &Ground<'_>,
    start: Solution,
    most_rounds: u64,
    cooling: Cooling,
    draws: &mut Draws,
    watch: &mut dyn Watch,
) -> (Solution, Option<i64>) {
    let problem = ground.problem;
    let Cooling { warmth, from } = cooling;
    let mut temperature = warmth;
    let mut passed = from;
    let mut current_cost = start.cost(problem);
    let (mut current, mut best, mut best_cost) = (start.clone(), start, current_cost);
    let none = BTreeSet::new();
    for round in 0..most_rounds {
        if round % ROUNDS_A_LOOK == 0 {
            let by_rounds = i64::try_from(round.saturating_mul(1000) / most_rounds.max(1)).unwrap_or(1000);
            let seen = Progress { rounds: round, cost: best_cost, unassigned: best.absent.len() };
            let Some(by_time) = watch.look(&seen) else { return (best, None) };
            passed = by_time;
            let own = (by_time - from).max(0) * 1000 / (1000 - from).max(1);
            temperature = cooled(warmth, own.max(by_rounds).clamp(0, 1000));
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
    (best, Some(passed))
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
