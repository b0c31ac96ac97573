//! Takes strings of neighbouring jobs out of routes that pass close to one another, and puts jobs back where
//! they are cheapest. After Christiaens and Vanden Berghe, "Slack induction by string removals" (2020).

use super::course::Course;
use super::insertion::{Insertion, cheaper_insertion};
use super::problem::{PlannedStop, Problem, RoadVehicle};
use std::collections::BTreeSet;

/// Jobs taken out at a time, on average.
const MEAN_REMOVED: usize = 10;
/// Longest string taken out of one route.
const LONGEST_STRING: usize = 10;
/// Neighbours that are remembered of each job.
const MOST_NEIGHBOURS: usize = 120;
/// One position in so many is overlooked.
const BLINK_ONE_IN: u64 = 100;

/// Draws that the seed determines (SplitMix64).
#[derive(Debug, Clone)]
pub(super) struct Draws(u64);

impl Draws {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below a bound; nought for the bound nought.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        let Ok(wide) = u64::try_from(bound) else { return 0 };
        if wide == 0 { 0 } else { usize::try_from(self.next() % wide).unwrap_or(0) }
    }
}

/// Routes as a search holds them.
#[derive(Debug, Clone)]
pub(super) struct Solution {
    /// One course per vehicle.
    pub courses: Vec<Course>,
    /// Jobs in no route.
    pub absent: Vec<usize>,
}

impl Solution {
    /// Cost of all routes and of what is left behind.
    pub(super) fn cost(&self, problem: &Problem) -> i64 {
        let routes: i64 = self.courses.iter().map(|course| course.timeline.cost).sum();
        let left: i64 = self.absent.iter().filter_map(|job| problem.jobs.get(*job)).map(|job| job.weight).sum();
        routes.saturating_add(left)
    }
}

/// What stays the same through a search.
pub(super) struct Ground<'a> {
    pub(super) problem: &'a Problem,
    neighbours: Vec<Vec<usize>>,
    /// The first vehicle that is like this one in every respect.
    kind_of: Vec<usize>,
}

impl<'a> Ground<'a> {
    pub(super) fn new(problem: &'a Problem) -> Self {
        let like = |one: &RoadVehicle, other: &RoadVehicle| one == other;
        let kind_of = problem
            .vehicles
            .iter()
            .enumerate()
            .map(|(index, vehicle)| problem.vehicles.iter().position(|other| like(vehicle, other)).unwrap_or(index))
            .collect();
        Self { problem, neighbours: neighbours(problem), kind_of }
    }

    /// Takes strings of neighbours out; the vehicles whose routes changed.
    pub(super) fn ruin(&self, solution: &mut Solution, draws: &mut Draws) -> Vec<(usize, Course)> {
        let routed: usize = solution.courses.iter().map(|course| course.jobs().count()).sum();
        let used = solution.courses.iter().filter(|course| !course.stops.is_empty()).count();
        if routed == 0 {
            return Vec::new();
        }
        let mean_length = routed / used.max(1);
        let longest = LONGEST_STRING.min(mean_length.max(1));
        let strings = (4 * MEAN_REMOVED / (1 + longest)).max(2);
        let count = 1 + draws.below(strings - 1);
        let seed = draws.below(self.problem.jobs.len());
        let home = homes(self.problem, solution);
        let mut before = Vec::new();
        let mut touched = BTreeSet::new();
        let near = self.neighbours.get(seed).map(Vec::as_slice).unwrap_or_default();
        for job in std::iter::once(seed).chain(near.iter().copied()) {
            if touched.len() >= count {
                break;
            }
            let Some(vehicle) = home.get(job).copied().flatten() else { continue };
            if !touched.insert(vehicle) {
                continue;
            }
            let Some(course) = solution.courses.get(vehicle).cloned() else { continue };
            let length = 1 + draws.below(longest.min(course.jobs().count()));
            let out = self.string_around(vehicle, &course, job, length, draws);
            if self.take_out(solution, vehicle, &out) {
                solution.absent.extend(out);
                before.push((vehicle, course));
            }
        }
        before
    }

    /// Jobs of a route around one of them, by the order of their deliveries; those that must stay, stay.
    fn string_around(
        &self,
        vehicle: usize,
        course: &Course,
        job: usize,
        length: usize,
        draws: &mut Draws,
    ) -> BTreeSet<usize> {
        let jobs: Vec<usize> = course.jobs().collect();
        let at = jobs.iter().position(|one| *one == job).unwrap_or(0);
        let first = at.saturating_sub(draws.below(length));
        let first = first.min(jobs.len().saturating_sub(length));
        let locked = self.problem.vehicles.get(vehicle).map_or(0, |vehicle| vehicle.locked);
        let stays: BTreeSet<usize> = course.stops.iter().take(locked).map(|stop| stop.job).collect();
        jobs.into_iter().skip(first).take(length).filter(|job| !stays.contains(job)).collect()
    }

    /// Removes jobs from a route; false when nothing was removed.
    pub(super) fn take_out(&self, solution: &mut Solution, vehicle: usize, out: &BTreeSet<usize>) -> bool {
        let (Some(course), Some(facts)) = (solution.courses.get_mut(vehicle), self.problem.vehicles.get(vehicle))
        else {
            return false;
        };
        let kept: Vec<PlannedStop> = course.stops.iter().filter(|stop| !out.contains(&stop.job)).copied().collect();
        if kept.len() == course.stops.len() {
            return false;
        }
        match Course::of(self.problem, facts, kept) {
            Ok(shorter) => {
                *course = shorter;
                true
            }
            // Without a stop the road may be longer: where the shortest way is not direct.
            Err(_fault) => false,
        }
    }

    /// Puts absent jobs back, each where it is cheapest; remembers in `before` what the routes were.
    pub(super) fn recreate(
        &self,
        solution: &mut Solution,
        draws: &mut Draws,
        closed: &BTreeSet<usize>,
        before: &mut Vec<(usize, Course)>,
    ) {
        let mut waiting = std::mem::take(&mut solution.absent);
        self.sort(&mut waiting, draws);
        for job in waiting {
            let place = self.cheapest(solution, job, closed, &mut || draws.next().is_multiple_of(BLINK_ONE_IN));
            if place.is_none_or(|(vehicle, insertion)| !self.put(solution, vehicle, job, insertion, before)) {
                solution.absent.push(job);
            }
        }
    }

    /// The cheapest place of a job among all routes; of vehicles that are alike and idle, only the first is asked.
    pub(super) fn cheapest(
        &self,
        solution: &Solution,
        job: usize,
        closed: &BTreeSet<usize>,
        blink: &mut dyn FnMut() -> bool,
    ) -> Option<(usize, Insertion)> {
        let mut best: Option<(usize, Insertion)> = None;
        let mut idle = BTreeSet::new();
        for (vehicle, course) in solution.courses.iter().enumerate() {
            let kind = self.kind_of.get(vehicle).copied().unwrap_or(vehicle);
            if closed.contains(&vehicle) || (course.stops.is_empty() && !idle.insert(kind)) {
                continue;
            }
            let under = best.as_ref().map_or(i64::MAX, |(_, known)| known.cost);
            if let Some(found) = cheaper_insertion(self.problem, vehicle, course, job, under, blink) {
                best = Some((vehicle, found));
            }
        }
        best
    }

    /// Puts a job into a route; false when the route cannot be driven with it after all.
    pub(super) fn put(
        &self,
        solution: &mut Solution,
        vehicle: usize,
        job: usize,
        insertion: Insertion,
        before: &mut Vec<(usize, Course)>,
    ) -> bool {
        let (Some(course), Some(facts)) = (solution.courses.get_mut(vehicle), self.problem.vehicles.get(vehicle))
        else {
            return false;
        };
        let Ok(with) = Course::of(self.problem, facts, insertion.into_stops(job, &course.stops)) else { return false };
        let was = std::mem::replace(course, with);
        if before.iter().all(|(known, _)| *known != vehicle) {
            before.push((vehicle, was));
        }
        true
    }

    /// The order in which jobs are put back: the heaviest to leave behind first; then by chance, by window, or by
    /// distance.
    fn sort(&self, waiting: &mut [usize], draws: &mut Draws) {
        let chance = draws.next();
        let way = chance % 8;
        let key = |job: usize| -> i64 {
            let Some(facts) = self.problem.jobs.get(job) else { return 0 };
            let road = self
                .problem
                .matrices
                .first()
                .map_or(0, |matrix| matrix.leg(facts.pickup.place, facts.delivery.place).metres);
            let ends = facts.delivery.windows.last().map_or(0, |window| window.until);
            match way {
                0..=3 => {
                    let mixed = Draws::new(chance ^ u64::try_from(job).unwrap_or(0)).next();
                    i64::try_from(mixed >> 1).unwrap_or(0)
                }
                4 | 5 => ends,
                6 => -road,
                _ => road,
            }
        };
        let weight = |job: usize| self.problem.jobs.get(job).map_or(0, |facts| -facts.weight);
        waiting.sort_by_cached_key(|job| (weight(*job), key(*job), *job));
    }
}

/// The vehicle of each job.
pub(super) fn homes(problem: &Problem, solution: &Solution) -> Vec<Option<usize>> {
    let mut home = vec![None; problem.jobs.len()];
    for (vehicle, course) in solution.courses.iter().enumerate() {
        for job in course.jobs() {
            if let Some(slot) = home.get_mut(job) {
                *slot = Some(vehicle);
            }
        }
    }
    home
}

/// For each job the others by nearness: the shortest road between an end of one and an end of the other.
fn neighbours(problem: &Problem) -> Vec<Vec<usize>> {
    let Some(matrix) = problem.matrices.first() else { return vec![Vec::new(); problem.jobs.len()] };
    let ends: Vec<[usize; 2]> = problem.jobs.iter().map(|job| [job.pickup.place, job.delivery.place]).collect();
    let near = |one: &[usize; 2], other: &[usize; 2]| {
        let roads = one.iter().flat_map(|from| other.iter().map(move |to| matrix.leg(*from, *to).metres));
        roads.min().unwrap_or(i64::MAX)
    };
    ends.iter()
        .enumerate()
        .map(|(index, own)| {
            let mut others: Vec<(i64, usize)> = ends
                .iter()
                .enumerate()
                .filter(|(other, _)| *other != index)
                .map(|(other, ends)| (near(own, ends), other))
                .collect();
            others.sort_unstable();
            others.truncate(MOST_NEIGHBOURS);
            others.into_iter().map(|(_, other)| other).collect()
        })
        .collect()
}
