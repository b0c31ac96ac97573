//! Plans one instance with our own planner within so many seconds of CPU time, and prints routes, distance and what
//! was left out as JSON. The plan is driven again by other code than the planner's before it is printed.
//!
//! `cargo bench --bench routing -- INSTANCE.json SECONDS`

use milkbridge::domain::dispatch::{
    Claim, Job, Leg, Matrix, OwnPlanner, Plan, Planner, Problem, Progress, RoadVehicle, Visit, Watch, Window,
};
use serde_json::{Value, json};

/// Thousandths of a kilometre and of a minute.
const SCALE: f64 = 1000.0;

fn main() {
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    let (Some(path), Some(seconds)) = (arguments.next(), arguments.next()) else {
        println!("usage: cargo bench --bench routing -- INSTANCE.json SECONDS");
        return;
    };
    let instance: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let problem = problem_of(&instance);
    let begun = cpu_ms();
    let mut clock = CpuClock { limit_ms: seconds.parse::<i64>().unwrap() * 1000, begun, rounds: 0, first_ms: None };
    let plan = OwnPlanner.plan(&problem, &mut clock).unwrap();
    let cpu = cpu_ms() - begun;
    let metres = checked(&problem, &plan);
    let used = plan.routes.iter().filter(|route| !route.is_empty()).count();
    let answer = json!({
        "instance": instance["name"], "routes": used, "distance": metres as f64 / SCALE,
        "unassigned": plan.unassigned.len(), "cpu_s": cpu as f64 / 1000.0, "rounds": clock.rounds,
        "first_plan_s": clock.first_ms.map(|ms| ms as f64 / 1000.0),
    });
    println!("{answer}");
}

struct CpuClock {
    limit_ms: i64,
    begun: i64,
    rounds: u64,
    first_ms: Option<i64>,
}

impl Watch for CpuClock {
    fn look(&mut self, progress: &Progress) -> Option<i64> {
        self.rounds = progress.rounds;
        let passed = cpu_ms() - self.begun;
        if progress.unassigned == 0 {
            self.first_ms.get_or_insert(passed);
        }
        (passed < self.limit_ms).then_some(passed * 1000 / self.limit_ms)
    }
}

/// Milliseconds of CPU time of this process.
fn cpu_ms() -> i64 {
    let text = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|nanos| nanos.parse::<i64>().ok()).unwrap_or(0) / 1_000_000
}

fn scaled(value: f64) -> i64 {
    (value * SCALE).round() as i64
}

fn problem_of(instance: &Value) -> Problem {
    let places: Vec<(f64, f64)> = instance["places"]
        .as_array()
        .unwrap()
        .iter()
        .map(|place| (place[0].as_f64().unwrap(), place[1].as_f64().unwrap()))
        .collect();
    let matrix = Matrix::between(places.len(), |from, to| {
        let (a, b) = (places[from], places[to]);
        let road = scaled((a.0 - b.0).hypot(a.1 - b.1));
        Leg { metres: road, seconds: road }
    });
    let visit = |entry: &Value| Visit {
        place: entry["place"].as_u64().unwrap() as usize,
        windows: vec![Window {
            from: scaled(entry["from"].as_f64().unwrap()),
            until: scaled(entry["until"].as_f64().unwrap()),
        }],
        service_s: scaled(entry["service"].as_f64().unwrap()),
    };
    let jobs: Vec<Job> = instance["jobs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|job| Job {
            pickup: visit(&job["pickup"]),
            delivery: visit(&job["delivery"]),
            hold_s: i64::MAX / 4,
            weight: 1_000_000_000_000,
            claim: Claim::Free,
        })
        .collect();
    let until = scaled(instance["until"].as_f64().unwrap());
    let count = jobs.len();
    let vehicle = RoadVehicle {
        profile: 0,
        start: 0,
        end: Some(0),
        from: 0,
        until,
        last_pickup: until,
        boxes: instance["boxes"].as_i64().unwrap(),
        hold_s: i64::MAX / 4,
        loads: vec![Some(1); count],
        cents_per_km: 1,
        cents_per_hour: 0,
        cents_per_start: 1_000_000,
        locked: 0,
    };
    let vehicles = instance["vehicles"].as_u64().unwrap() as usize;
    Problem {
        matrices: vec![matrix],
        jobs,
        vehicles: vec![vehicle; vehicles],
        routes: vec![Vec::new(); vehicles],
        seed: 1,
    }
}

/// Drives the plan by itself: order, windows, capacity, each job once; its metres.
fn checked(problem: &Problem, plan: &Plan) -> i64 {
    let (mut metres, mut seen) = (0, vec![0; problem.jobs.len()]);
    for route in plan.routes.iter().filter(|route| !route.is_empty()) {
        let (mut place, mut now, mut aboard) = (0, 0, Vec::new());
        for stop in route {
            let job = &problem.jobs[stop.job];
            let visit = if stop.delivers { &job.delivery } else { &job.pickup };
            let leg = problem.matrices[0].leg(place, visit.place);
            metres += leg.metres;
            now = (now + leg.seconds).max(visit.windows[0].from);
            assert!(now <= visit.windows[0].until, "job {} is late", stop.job);
            if stop.delivers {
                let position = aboard.iter().position(|one| *one == stop.job).expect("it is aboard");
                aboard.remove(position);
                seen[stop.job] += 1;
            } else {
                aboard.push(stop.job);
                assert!(aboard.len() as i64 <= problem.vehicles[0].boxes, "too full");
            }
            now += visit.service_s;
            place = visit.place;
        }
        assert!(aboard.is_empty());
        metres += problem.matrices[0].leg(place, 0).metres;
    }
    let left: Vec<usize> = plan.unassigned.iter().map(|left| left.job).collect();
    for (job, times) in seen.iter().enumerate() {
        assert_eq!(*times, usize::from(!left.contains(&job)), "job {job}");
    }
    metres
}
