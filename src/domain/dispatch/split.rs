//! Problems small enough to finish: jobs are parted by where they lie, halving the widest part until each is small.

use super::problem::Problem;

/// More jobs than this are planned in parts.
pub const MOST_JOBS_AT_ONCE: usize = 500;

/// Parts of the jobs, each at most so many, near ones together; by the positions of the places.
#[must_use]
pub fn split_jobs(problem: &Problem, most: usize) -> Vec<Vec<usize>> {
    let all: Vec<usize> = (0..problem.jobs.len()).collect();
    let mut parts = vec![all];
    let most = most.max(1);
    while let Some(position) = parts.iter().position(|part| part.len() > most) {
        let part = parts.swap_remove(position);
        let (one, other) = halve(problem, part);
        parts.push(one);
        parts.push(other);
    }
    parts.sort();
    parts
}

/// Two halves: those nearer to one of two far ends of the part, and the rest.
fn halve(problem: &Problem, part: Vec<usize>) -> (Vec<usize>, Vec<usize>) {
    let place = |job: usize| problem.jobs.get(job).map_or(0, |facts| facts.delivery.place);
    let road = |from: usize, to: usize| problem.matrices.first().map_or(0, |matrix| matrix.leg(from, to).metres);
    let far_from = |from: usize| part.iter().copied().max_by_key(|job| (road(from, place(*job)), *job));
    let first = part.first().copied().map_or(0, place);
    let one_end = far_from(first).map_or(first, place);
    let other_end = far_from(one_end).map_or(one_end, place);
    let mut sorted = part;
    sorted.sort_by_cached_key(|job| (road(one_end, place(*job)) - road(place(*job), other_end), *job));
    let other = sorted.split_off(sorted.len() / 2);
    (sorted, other)
}
