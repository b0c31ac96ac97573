//! Plans one instance with our own planner within so many seconds of processor time, and prints routes, distance and
//! what was left out as JSON. The plan is driven again by other code than the planner's before it is printed.
//! Run by `compare.py`, or by itself: `cargo bench --bench routing -- INSTANCE.json SECONDS [CENTS FOR A START]`.

use milkbridge::domain::dispatch::{
    Claim, Course, Job, Leg, Load, Matrix, OwnPlanner, Plan, PlannedStop, Planner, Problem, Progress, RoadVehicle,
    Visit, Watch, Window, cheapest_insertion,
};
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeSet;
use std::error::Error;
use std::time::Instant;

/// A box may be out of the freezer for ever: the other planners know no hold time.
const ENDLESS: i64 = 1_000_000_000_000;
/// A start costs more than any road: fewer routes count first.
const DEAR_START: i64 = 1_000_000;
/// A job left out costs more than any road.
const WEIGHT: i64 = 1_000_000_000_000;

/// An instance as `instance.py` writes it.
#[derive(Deserialize)]
struct Instance {
    name: String,
    places: Vec<[i64; 2]>,
    jobs: Vec<Pair>,
    vehicles: usize,
    boxes: i64,
    until: i64,
}

#[derive(Deserialize)]
struct Pair {
    pickup: Door,
    delivery: Door,
}

#[derive(Deserialize)]
struct Door {
    place: usize,
    from: i64,
    until: i64,
    service: i64,
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let (path, seconds, start) = match arguments.as_slice() {
        [path, seconds] => (path, seconds, DEAR_START),
        [path, seconds, start] => (path, seconds, start.parse()?),
        _ => {
            println!("usage: INSTANCE.json SECONDS [CENTS FOR A START]");
            return Ok(());
        }
    };
    let instance: Instance = serde_json::from_str(&std::fs::read_to_string(path)?)?;
    let problem = problem_of(&instance, start);
    let begun = processor_ms();
    let limit_ms = seconds.parse::<i64>()?.max(1) * 1000;
    let mut clock = ProcessorClock { limit_ms, begun, rounds: 0, first_ms: None };
    let plan = OwnPlanner.plan(&problem, &mut clock)?;
    let spent_ms = processor_ms() - begun;
    let distance = driven(&problem, &plan)?;
    let insertion_us = priced(&problem, &plan)?;
    let used = plan.routes.iter().filter(|route| !route.is_empty()).count();
    let answer = json!({
        "instance": instance.name, "routes": used, "distance": distance, "unassigned": plan.unassigned.len(),
        "insertion_us": insertion_us, "cpu_ms": spent_ms, "rounds": clock.rounds, "first_plan_ms": clock.first_ms,
    });
    println!("{answer}");
    Ok(())
}

struct ProcessorClock {
    limit_ms: i64,
    begun: i64,
    rounds: u64,
    first_ms: Option<i64>,
}

impl Watch for ProcessorClock {
    fn look(&mut self, progress: &Progress) -> Option<i64> {
        self.rounds = progress.rounds;
        let passed = processor_ms() - self.begun;
        if progress.unassigned == 0 {
            self.first_ms.get_or_insert(passed);
        }
        (passed < self.limit_ms).then_some(passed * 1000 / self.limit_ms)
    }
}

/// Milliseconds of processor time of this process, where the system tells them.
fn processor_ms() -> i64 {
    let text = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|nanos| nanos.parse::<i64>().ok()).unwrap_or(0) / 1_000_000
}

fn problem_of(instance: &Instance, cents_per_start: i64) -> Problem {
    let matrix = Matrix::between(instance.places.len(), |from, to| {
        let far = Leg { metres: ENDLESS, seconds: ENDLESS };
        let (Some([x, y]), Some([u, v])) = (instance.places.get(from), instance.places.get(to)) else { return far };
        let road = ((x - u).pow(2) + (y - v).pow(2)).isqrt();
        Leg { metres: road, seconds: road }
    });
    let visit = |door: &Door| Visit {
        place: door.place,
        windows: vec![Window { from: door.from, until: door.until }],
        service_s: door.service,
    };
    let jobs: Vec<Job> = instance
        .jobs
        .iter()
        .map(|pair| Job {
            pickup: visit(&pair.pickup),
            delivery: visit(&pair.delivery),
            hold_s: ENDLESS,
            weight: WEIGHT,
            claim: Claim::Free,
        })
        .collect();
    let vehicle = RoadVehicle {
        profile: 0,
        start: 0,
        end: Some(0),
        from: 0,
        until: instance.until,
        last_pickup: instance.until,
        boxes: instance.boxes,
        loads: vec![Some(Load { boxes: 1, hold_s: ENDLESS }); jobs.len()],
        cents_per_km: 1,
        cents_per_hour: 0,
        cents_per_start,
        locked: 0,
    };
    Problem {
        matrices: vec![matrix],
        jobs,
        vehicles: vec![vehicle; instance.vehicles],
        routes: vec![Vec::new(); instance.vehicles],
        seed: 1,
    }
}

/// Microseconds for the price of the first job in every route, each driven in thought with and without it.
fn priced(problem: &Problem, plan: &Plan) -> Result<u128, String> {
    let begun = Instant::now();
    let mut places = 0;
    for (index, (route, vehicle)) in plan.routes.iter().zip(&problem.vehicles).enumerate() {
        let others: Vec<PlannedStop> = route.iter().filter(|stop| stop.job != 0).copied().collect();
        let course = Course::of(problem, vehicle, others).map_err(|fault| fault.code().to_owned())?;
        if let Some(place) = cheapest_insertion(problem, index, &course, 0, &mut || false) {
            let with = place.into_stops(0, &course.stops);
            places += usize::from(Course::of(problem, vehicle, with).is_ok());
        }
    }
    if places == 0 { Err("no place for a job that had one".to_owned()) } else { Ok(begun.elapsed().as_micros()) }
}

/// Drives the plan by itself: order, windows, room, each job once. Its metres.
fn driven(problem: &Problem, plan: &Plan) -> Result<i64, String> {
    let matrix = problem.matrices.first().ok_or("no roads")?;
    let (mut metres, mut seen) = (0, BTreeSet::new());
    for (route, vehicle) in plan.routes.iter().zip(&problem.vehicles).filter(|(route, _)| !route.is_empty()) {
        let (mut place, mut now, mut aboard) = (0, 0, BTreeSet::new());
        for stop in route {
            let visit = problem.visit(*stop).ok_or("a stop of no job")?;
            let window = visit.windows.first().ok_or("a door that never opens")?;
            let leg = matrix.leg(place, visit.place);
            metres += leg.metres;
            now = (now + leg.seconds).max(window.from);
            let fits = if stop.delivers {
                aboard.remove(&stop.job) && seen.insert(stop.job)
            } else {
                aboard.insert(stop.job) && i64::try_from(aboard.len()).is_ok_and(|boxes| boxes <= vehicle.boxes)
            };
            if now > window.until || !fits {
                return Err(format!("the plan does not hold at job {}", stop.job));
            }
            now += visit.service_s;
            place = visit.place;
        }
        if !aboard.is_empty() {
            return Err("a box stays aboard".to_owned());
        }
        metres += matrix.leg(place, 0).metres;
    }
    let left: BTreeSet<usize> = plan.unassigned.iter().map(|left| left.job).collect();
    let whole = seen.len() + left.len() == problem.jobs.len() && seen.is_disjoint(&left);
    if whole { Ok(metres) } else { Err("a job is missing or twice".to_owned()) }
}
