//! A planner turns a problem into a plan. Ours enumerates what is small and searches what is not; whatever a
//! planner returns is driven again before anybody believes it.

use super::course::Course;
use super::exact::{MOST_EXACT_STOPS, best_order};
use super::problem::{Claim, PlannedStop, Problem, ProblemFault, check_problem};
use super::reasons::{Unassigned, explain};
use super::ruin::{Draws, Ground, Solution};
use super::search::{improve, polish};
use super::split::{MOST_JOBS_AT_ONCE, split_jobs};
use super::timeline::{Timeline, drive};
use std::collections::BTreeSet;

/// Rounds of a search for each job, if the watch does not end it before.
const ROUNDS_A_JOB: u64 = 4_000;

/// How far a search has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Rounds.
    pub rounds: u64,
    /// Cost of the best plan so far, thousandths of a cent.
    pub cost: i64,
    /// Jobs that it leaves out.
    pub unassigned: usize,
}

/// Looks at a search now and then: shows progress, ends it when it is cancelled or its time is over.
pub trait Watch {
    /// Thousandths of the time that have passed; none ends the search with the best plan so far.
    fn look(&mut self, progress: &Progress) -> Option<i64>;
}

/// Nobody watches: a search goes through all its rounds.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unwatched;

impl Watch for Unwatched {
    fn look(&mut self, _progress: &Progress) -> Option<i64> {
        Some(0)
    }
}

/// Routes for the vehicles of a problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Stops by vehicle.
    pub routes: Vec<Vec<PlannedStop>>,
    /// Timelines by vehicle.
    pub timelines: Vec<Timeline>,
    /// What is in no route, and why.
    pub unassigned: Vec<Unassigned>,
    /// Cost of the routes, thousandths of a cent.
    pub cost: i64,
}

/// Makes plans.
pub trait Planner: Send + Sync {
    /// Plans as well as it can until the watch ends it.
    ///
    /// # Errors
    /// What cannot be in the problem.
    fn plan(&self, problem: &Problem, watch: &mut dyn Watch) -> Result<Plan, ProblemFault>;
}

/// Our own planner: exact for a few stops, ruin and recreate for more, in parts for very many.
#[derive(Debug, Clone, Copy, Default)]
pub struct OwnPlanner;

impl Planner for OwnPlanner {
    fn plan(&self, problem: &Problem, watch: &mut dyn Watch) -> Result<Plan, ProblemFault> {
        check_problem(problem)?;
        let start = opening(problem);
        let solution = if problem.jobs.len() > MOST_JOBS_AT_ONCE {
            in_parts(problem, start, watch)
        } else {
            improve(problem, start, rounds_for(problem.jobs.len()), watch)
        };
        Ok(finish(problem, solution))
    }
}

fn rounds_for(jobs: usize) -> u64 {
    u64::try_from(jobs).unwrap_or(u64::MAX).saturating_mul(ROUNDS_A_JOB).max(ROUNDS_A_JOB)
}

/// What is driven already, as far as it can be driven; the rest waits.
fn opening(problem: &Problem) -> Solution {
    let mut courses = Vec::new();
    let mut placed = BTreeSet::new();
    for (vehicle, stops) in problem.vehicles.iter().zip(&problem.routes) {
        let course = Course::of(problem, vehicle, stops.clone())
            .or_else(|_fault| Course::of(problem, vehicle, Vec::new()))
            .unwrap_or_else(|_fault| Course {
                stops: Vec::new(),
                timeline: Timeline::default(),
                latest: Vec::new(),
                load_at_start: 0,
            });
        placed.extend(course.jobs());
        courses.push(course);
    }
    let absent = (0..problem.jobs.len()).filter(|job| !placed.contains(job)).collect();
    Solution { courses, absent }
}

/// Parts get so many thousandths of the time, the whole the rest.
const PARTS_PERMILLE: i64 = 650;

/// Plans part after part with the vehicles that are left, then all routes together once more.
fn in_parts(problem: &Problem, start: Solution, watch: &mut dyn Watch) -> Solution {
    let parts = split_jobs(problem, MOST_JOBS_AT_ONCE);
    let count = i64::try_from(parts.len()).unwrap_or(1).max(1);
    let mut whole = start;
    for (index, part) in parts.iter().enumerate() {
        let done = i64::try_from(index).unwrap_or(0);
        let span = (done * PARTS_PERMILLE / count, (done + 1) * PARTS_PERMILLE / count);
        let mut slice = Slice { watch: &mut *watch, span, ended: false };
        let (smaller, jobs, vehicles) = part_of(problem, &whole, part);
        let begun = opening(&smaller);
        let solved = improve(&smaller, begun, rounds_for(jobs.len()), &mut slice);
        let over = slice.ended;
        merge(problem, &mut whole, &solved, &jobs, &vehicles);
        if over && index + 1 < parts.len() {
            // What is left is at least put in where it is cheapest.
            let ground = Ground::new(problem);
            ground.recreate(&mut whole, &mut Draws::new(problem.seed), &BTreeSet::new(), &mut Vec::new());
            return whole;
        }
    }
    let mut slice = Slice { watch, span: (PARTS_PERMILLE, 1000), ended: false };
    polish(problem, whole, rounds_for(problem.jobs.len()), &mut slice)
}

/// A watch for one part: it gets its share of the time, between two thousandths of the whole.
struct Slice<'a> {
    watch: &'a mut dyn Watch,
    span: (i64, i64),
    ended: bool,
}

impl Watch for Slice<'_> {
    fn look(&mut self, progress: &Progress) -> Option<i64> {
        let Some(permille) = self.watch.look(progress) else {
            self.ended = true;
            return None;
        };
        let (from, until) = self.span;
        let own = permille.saturating_sub(from).saturating_mul(1000) / (until - from).max(1);
        (own < 1000).then_some(own.max(0))
    }
}

/// A problem of some jobs, with the vehicles that drive them already and all that are idle.
fn part_of(problem: &Problem, whole: &Solution, part: &[usize]) -> (Problem, Vec<usize>, Vec<usize>) {
    let inside: BTreeSet<usize> = part.iter().copied().collect();
    let mut vehicles = Vec::new();
    let mut jobs: BTreeSet<usize> = BTreeSet::new();
    for (index, course) in whole.courses.iter().enumerate() {
        if course.stops.is_empty() || course.jobs().any(|job| inside.contains(&job)) {
            vehicles.push(index);
            jobs.extend(course.jobs());
        }
    }
    jobs.extend(whole.absent.iter().copied().filter(|job| inside.contains(job)));
    let jobs: Vec<usize> = jobs.into_iter().collect();
    let place_of = |job: usize| jobs.binary_search(&job).ok();
    let vehicle_of = |vehicle: usize| vehicles.iter().position(|one| *one == vehicle);
    let facts = |job: &usize| {
        let mut facts = problem.jobs.get(*job)?.clone();
        facts.claim = match facts.claim {
            Claim::Free => Claim::Free,
            Claim::With(vehicle) => vehicle_of(vehicle).map_or(Claim::Free, Claim::With),
            Claim::Aboard(vehicle, since) => {
                vehicle_of(vehicle).map_or(Claim::Free, |vehicle| Claim::Aboard(vehicle, since))
            }
        };
        Some(facts)
    };
    let smaller = Problem {
        matrices: problem.matrices.clone(),
        jobs: jobs.iter().filter_map(facts).collect(),
        vehicles: vehicles
            .iter()
            .filter_map(|index| problem.vehicles.get(*index))
            .map(|vehicle| {
                let loads = jobs.iter().map(|job| vehicle.load(*job)).collect();
                super::problem::RoadVehicle { loads, ..vehicle.clone() }
            })
            .collect(),
        routes: vehicles
            .iter()
            .map(|index| {
                let stops = whole.courses.get(*index).map(|course| course.stops.as_slice()).unwrap_or_default();
                stops.iter().filter_map(|stop| Some(PlannedStop { job: place_of(stop.job)?, ..*stop })).collect()
            })
            .collect(),
        seed: problem.seed,
    };
    (smaller, jobs, vehicles)
}

fn merge(problem: &Problem, whole: &mut Solution, solved: &Solution, jobs: &[usize], vehicles: &[usize]) {
    for (course, index) in solved.courses.iter().zip(vehicles) {
        let stops: Vec<PlannedStop> =
            course.stops.iter().filter_map(|stop| Some(PlannedStop { job: *jobs.get(stop.job)?, ..*stop })).collect();
        let driven = problem.vehicles.get(*index).and_then(|vehicle| Course::of(problem, vehicle, stops).ok());
        if let (Some(slot), Some(driven)) = (whole.courses.get_mut(*index), driven) {
            *slot = driven;
        }
    }
    let placed: BTreeSet<usize> = whole.courses.iter().flat_map(Course::jobs).collect();
    whole.absent = (0..problem.jobs.len()).filter(|job| !placed.contains(job)).collect();
}

/// The last touch: few stops in their best order, everything driven again, reasons for what is left.
fn finish(problem: &Problem, solution: Solution) -> Plan {
    let mut routes = Vec::new();
    for (index, course) in solution.courses.into_iter().enumerate() {
        let locked = problem.vehicles.get(index).map_or(0, |vehicle| vehicle.locked);
        let few = course.stops.len().saturating_sub(locked) <= MOST_EXACT_STOPS;
        let better = if few { best_order(problem, index, &course.stops) } else { None };
        routes.push(better.map_or(course.stops, |(stops, _)| stops));
    }
    check_plan(problem, routes)
}

/// Drives every route of a plan; a route that cannot be driven loses its free jobs, and they are explained.
#[must_use]
pub fn check_plan(problem: &Problem, mut routes: Vec<Vec<PlannedStop>>) -> Plan {
    let mut timelines = Vec::new();
    let mut cost: i64 = 0;
    for (vehicle, stops) in problem.vehicles.iter().zip(routes.iter_mut()) {
        let timeline = drive(problem, vehicle, stops).unwrap_or_else(|_fault| {
            stops.clear();
            Timeline::default()
        });
        cost = cost.saturating_add(timeline.cost);
        timelines.push(timeline);
    }
    let placed: BTreeSet<usize> = routes.iter().flatten().map(|stop| stop.job).collect();
    let left = (0..problem.jobs.len()).filter(|job| !placed.contains(job));
    let unassigned = left.map(|job| explain(problem, &routes, job)).collect();
    Plan { routes, timelines, unassigned, cost }
}
