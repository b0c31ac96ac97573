//! Fewer vehicles: the one with the fewest jobs is closed, and its jobs are fitted in elsewhere. Jobs that are
//! often left over are put first.

use super::course::Course;
use super::plan::{Progress, Watch};
use super::ruin::{Draws, Ground, Solution};
use std::collections::BTreeSet;

/// Rounds that closing one vehicle may take for each job in all.
const ROUNDS_A_JOB: u64 = 12;

/// Closes vehicles as long as every job still finds a place, within so many rounds and thousandths of the time.
pub(super) fn drop_vehicles(
    ground: &Ground<'_>,
    start: Solution,
    (most_rounds, most_permille): (u64, i64),
    draws: &mut Draws,
    watch: &mut dyn Watch,
) -> Solution {
    let problem = ground.problem;
    let jobs = u64::try_from(problem.jobs.len()).unwrap_or(u64::MAX);
    let mut best = start;
    let mut closed: BTreeSet<usize> = BTreeSet::new();
    let mut kept: BTreeSet<usize> = BTreeSet::new();
    let mut rounds = 0;
    let mut missed = vec![0_u64; problem.jobs.len()];
    while let Some(vehicle) = smallest(ground, &best, &kept) {
        let mut trial = best.clone();
        let out: BTreeSet<usize> = trial.courses.get(vehicle).map(|course| course.jobs().collect()).unwrap_or_default();
        if !ground.take_out(&mut trial, vehicle, &out) {
            kept.insert(vehicle);
            continue;
        }
        let left_before: BTreeSet<usize> = best.absent.iter().copied().collect();
        trial.absent.extend(out);
        closed.insert(vehicle);
        let budget = (jobs * ROUNDS_A_JOB).min(most_rounds.saturating_sub(rounds));
        let mut spent = 0;
        while spent < budget && trial.absent.len() > left_before.len() {
            if spent % 16 == 0 {
                let seen = Progress { rounds, cost: best.cost(problem), unassigned: best.absent.len() };
                match watch.look(&seen) {
                    Some(permille) if permille <= most_permille => {}
                    _ => return best,
                }
            }
            spent += 1;
            rounds += 1;
            try_once(ground, &mut trial, &closed, &mut missed, draws);
        }
        let all_there =
            trial.absent.len() <= left_before.len() && trial.absent.iter().all(|job| left_before.contains(job));
        if all_there {
            best = trial;
        } else {
            closed.remove(&vehicle);
            kept.insert(vehicle);
            if kept.len() > 3 || rounds >= most_rounds {
                break;
            }
        }
    }
    best
}

fn try_once(
    ground: &Ground<'_>,
    trial: &mut Solution,
    closed: &BTreeSet<usize>,
    missed: &mut [u64],
    draws: &mut Draws,
) {
    let absent_before = trial.absent.clone();
    let mut before = ground.ruin(trial, draws);
    ground.recreate(trial, draws, closed, &mut before);
    for job in &trial.absent {
        if let Some(count) = missed.get_mut(*job) {
            *count += 1;
        }
    }
    let misses = |jobs: &[usize]| -> u64 { jobs.iter().filter_map(|job| missed.get(*job)).sum() };
    let worse = trial.absent.len() > absent_before.len() && misses(&trial.absent) >= misses(&absent_before);
    if worse {
        for (vehicle, course) in before {
            if let Some(slot) = trial.courses.get_mut(vehicle) {
                *slot = course;
            }
        }
        trial.absent = absent_before;
    }
}

/// The vehicle with the fewest jobs, all of which another one may have.
fn smallest(ground: &Ground<'_>, solution: &Solution, kept: &BTreeSet<usize>) -> Option<usize> {
    let problem = ground.problem;
    let movable = |vehicle: usize, course: &Course| {
        let locked = problem.vehicles.get(vehicle).map_or(0, |facts| facts.locked);
        let free = |job: usize| problem.jobs.get(job).is_some_and(|facts| facts.claim.vehicle().is_none());
        locked == 0 && course.jobs().all(free)
    };
    solution
        .courses
        .iter()
        .enumerate()
        .filter(|(vehicle, course)| !course.stops.is_empty() && !kept.contains(vehicle))
        .filter(|(vehicle, course)| movable(*vehicle, course))
        .min_by_key(|(vehicle, course)| (course.stops.len(), *vehicle))
        .map(|(vehicle, _)| vehicle)
}
