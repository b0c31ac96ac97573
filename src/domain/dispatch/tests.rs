//! Plans of small worlds on a line of places, one kilometre and one minute apart.

use super::*;
use crate::domain::closure::{Closure, ClosureState};
use crate::domain::opening_hours::{DailySpan, Days, OpeningHours};
use crate::domain::time::Instant;

const MINUTE: i64 = 60;

fn line(places: usize) -> Matrix {
    Matrix::between(places, |from, to| {
        let apart = i64::try_from(from.abs_diff(to)).unwrap();
        Leg { metres: apart * 1_000, seconds: apart * MINUTE }
    })
}

fn open(from_min: i64, until_min: i64) -> Vec<Window> {
    vec![Window { from: from_min * MINUTE, until: until_min * MINUTE }]
}

fn job(from: usize, to: usize) -> Job {
    let visit = |place| Visit { place, windows: open(0, 600), service_s: 0 };
    Job { pickup: visit(from), delivery: visit(to), hold_s: 600 * MINUTE, weight: 1_000_000_000, claim: Claim::Free }
}

fn van(jobs: usize) -> RoadVehicle {
    RoadVehicle {
        profile: 0,
        start: 0,
        end: Some(0),
        from: 0,
        until: 600 * MINUTE,
        last_pickup: 600 * MINUTE,
        boxes: 4,
        loads: vec![Some(Load { boxes: 1, hold_s: 600 * MINUTE }); jobs],
        cents_per_km: 100,
        cents_per_hour: 0,
        cents_per_start: 1_000,
        locked: 0,
    }
}

fn world(places: usize, jobs: Vec<Job>, vehicles: usize) -> Problem {
    let count = jobs.len();
    Problem {
        matrices: vec![line(places)],
        jobs,
        vehicles: vec![van(count); vehicles],
        routes: vec![Vec::new(); vehicles],
        seed: 7,
    }
}

fn planned(problem: &Problem) -> Plan {
    OwnPlanner.plan(problem, &mut Rounds(60)).unwrap()
}

/// Ends a search after so many looks.
struct Rounds(i64);

impl Watch for Rounds {
    fn look(&mut self, _progress: &Progress) -> Option<i64> {
        self.0 -= 1;
        (self.0 > 0).then_some(1_000 - self.0 * 10)
    }
}

fn stop(job: usize, delivers: bool) -> PlannedStop {
    PlannedStop { job, delivers }
}

#[test]
fn one_vehicle_carries_what_lies_on_one_road() {
    let problem = world(6, vec![job(1, 4), job(2, 3), job(3, 5)], 3);
    let plan = planned(&problem);
    assert!(plan.unassigned.is_empty());
    assert_eq!(plan.routes.iter().filter(|route| !route.is_empty()).count(), 1);
    // There and back is ten kilometres at a hundred cents, and one start at a thousand.
    assert_eq!(plan.cost, (10 * 100 + 1_000) * 1_000);
}

#[test]
fn a_pickup_comes_before_its_delivery_and_never_twice() {
    let problem = world(4, vec![job(1, 2)], 1);
    let vehicle = &problem.vehicles[0];
    assert_eq!(drive(&problem, vehicle, &[stop(0, true), stop(0, false)]).unwrap_err(), Fault::Order { job: 0 });
    assert_eq!(drive(&problem, vehicle, &[stop(0, false)]).unwrap_err(), Fault::Order { job: 0 });
    assert!(drive(&problem, vehicle, &[stop(0, false), stop(0, true)]).is_ok());
}

#[test]
fn every_fault_of_a_route_is_named() {
    let mut problem = world(6, vec![job(1, 4), job(2, 5)], 1);
    problem.jobs[0].delivery.windows = open(0, 3);
    problem.jobs[1].hold_s = MINUTE;
    problem.vehicles[0].boxes = 1;
    problem.vehicles[0].until = 6 * MINUTE;
    let route = [stop(0, false), stop(1, false), stop(0, true), stop(1, true)];
    let (timeline, faults) = judge(&problem, &problem.vehicles[0], &route);
    let codes: Vec<&str> = faults.iter().map(|fault| fault.code()).collect();
    assert_eq!(codes, ["full", "closed", "held_too_long", "shift_over"]);
    assert_eq!(faults.iter().map(|fault| fault.by()).collect::<Vec<_>>(), [1, 60, 120, 240].map(Some));
    assert_eq!(timeline.stops.len(), 4);
}

#[test]
fn a_full_vehicle_comes_again() {
    let mut problem = world(3, vec![job(1, 2), job(1, 2), job(1, 2)], 1);
    problem.vehicles[0].boxes = 1;
    let plan = planned(&problem);
    assert!(plan.unassigned.is_empty());
    assert_eq!(plan.timelines[0].stops.iter().map(|times| times.load).max(), Some(1));
}

#[test]
fn the_exact_order_is_never_dearer_than_the_searched_one() {
    for seed in 0..30_usize {
        let jobs = (0..3).map(|index| job((seed * 7 + index * 5) % 9, (seed * 3 + index * 4 + 1) % 9)).collect();
        let problem = world(9, jobs, 1);
        let plan = planned(&problem);
        let (_, exact) = best_order(&problem, 0, &plan.routes[0]).unwrap();
        assert_eq!(plan.cost, exact.cost, "seed {seed}");
    }
}

#[test]
fn the_price_of_an_insertion_is_what_it_adds() {
    for seed in 0..60_usize {
        let jobs = (0..4).map(|index| job((seed + index * 5) % 11, (seed * 3 + index * 2 + 1) % 11)).collect();
        let problem = world(11, jobs, 1);
        let mut course = Course::of(&problem, &problem.vehicles[0], Vec::new()).unwrap();
        for index in 0..4 {
            let place = cheapest_insertion(&problem, 0, &course, index, &mut || false).unwrap();
            let stops = place.into_stops(index, &course.stops);
            let with = Course::of(&problem, &problem.vehicles[0], stops).unwrap();
            assert_eq!(with.timeline.cost - course.timeline.cost, place.cost, "seed {seed}");
            course = with;
        }
    }
}

#[test]
fn what_is_passed_over_is_never_the_cheapest_place() {
    for seed in 0..200_usize {
        let mut jobs: Vec<Job> =
            (0..5).map(|index| job((seed + index * 5) % 11, (seed * 3 + index * 2 + 1) % 11)).collect();
        for (index, one) in jobs.iter_mut().enumerate() {
            let from = i64::try_from((seed * 13 + index * 17) % 60).unwrap();
            one.pickup.windows = open(from, from + 25);
            one.delivery.windows = open(from + 5, from + 45);
        }
        let problem = world(11, jobs, 1);
        let vehicle = &problem.vehicles[0];
        let mut course = Course::of(&problem, vehicle, Vec::new()).unwrap();
        for index in 0..5 {
            let found = cheapest_insertion(&problem, 0, &course, index, &mut || false);
            let mut every = Vec::new();
            for pickup_at in 0..=course.stops.len() {
                for delivery_at in pickup_at..=course.stops.len() {
                    let place = Insertion { pickup_at: Some(pickup_at), delivery_at, cost: 0 };
                    let with = Course::of(&problem, vehicle, place.into_stops(index, &course.stops));
                    every.extend(with.ok().map(|with| with.timeline.cost - course.timeline.cost));
                }
            }
            assert_eq!(found.map(|place| place.cost), every.into_iter().min(), "seed {seed}, job {index}");
            if let Some(place) = found {
                course = Course::of(&problem, vehicle, place.into_stops(index, &course.stops)).unwrap();
            }
        }
    }
}

#[test]
fn a_door_that_opens_too_late_is_named_and_not_the_packaging() {
    let mut problem = world(4, vec![job(1, 3)], 1);
    problem.jobs[0].hold_s = 30 * MINUTE;
    problem.jobs[0].delivery.windows = open(500, 600);
    let plan = planned(&problem);
    assert_eq!(plan.unassigned[0].reason, UnassignedReason::ReceiverClosed);
    problem.jobs[0].delivery.windows = open(0, 600);
    problem.jobs[0].hold_s = MINUTE;
    assert_eq!(planned(&problem).unassigned[0].reason, UnassignedReason::HoldTooShort);
}

#[test]
fn what_is_aboard_or_locked_stays_where_it_is() {
    let mut problem = world(6, vec![job(1, 4), job(2, 3), job(5, 1)], 2);
    problem.jobs[0].claim = Claim::Aboard(1, -MINUTE);
    problem.jobs[1].claim = Claim::With(1);
    problem.routes[1] = vec![stop(1, false), stop(0, true), stop(1, true)];
    problem.vehicles[1].start = 1;
    problem.vehicles[1].locked = 1;
    let plan = planned(&problem);
    assert!(plan.unassigned.is_empty(), "{:?}", plan.unassigned);
    assert_eq!(plan.routes[1][0], stop(1, false));
    assert!(plan.routes[1].contains(&stop(0, true)) && !plan.routes[1].contains(&stop(0, false)));
    assert!(!plan.routes[0].iter().any(|stop| stop.job < 2));
}

#[test]
fn urgent_milk_goes_first_when_not_all_can_go() {
    let mut problem = world(3, vec![job(1, 2), job(1, 2)], 1);
    problem.vehicles[0].boxes = 1;
    problem.vehicles[0].until = 5 * MINUTE;
    problem.jobs[1].weight *= 10;
    let plan = planned(&problem);
    assert_eq!(plan.unassigned.iter().map(|left| left.job).collect::<Vec<_>>(), [0]);
    assert_eq!(plan.unassigned[0].reason, UnassignedReason::Crowded);
}

#[test]
fn each_job_left_out_has_its_reason() {
    let reason = |change: &dyn Fn(&mut Problem)| {
        let mut problem = world(9, vec![job(1, 8)], 1);
        change(&mut problem);
        let plan = planned(&problem);
        assert_eq!(plan.unassigned.len(), 1);
        assert!(!plan.unassigned[0].reason.remedy().is_empty());
        (plan.unassigned[0].reason, plan.unassigned[0].short_by)
    };
    use UnassignedReason as R;
    assert_eq!(reason(&|world| world.vehicles[0].loads[0] = None), (R::NotCarried, None));
    assert_eq!(
        reason(&|world| world.vehicles[0].loads[0] = Some(Load { boxes: 6, hold_s: 600 * MINUTE })),
        (R::TooLarge, Some(2))
    );
    assert_eq!(reason(&|world| world.jobs[0].pickup.windows.clear()), (R::SenderClosed, None));
    assert_eq!(reason(&|world| world.jobs[0].delivery.windows = open(0, 5)), (R::ReceiverClosed, Some(180)));
    assert_eq!(
        reason(&|world| world.vehicles[0].loads[0] = Some(Load { boxes: 1, hold_s: 6 * MINUTE })),
        (R::HoldTooShort, Some(60))
    );
    assert_eq!(reason(&|world| world.vehicles[0].last_pickup = 0), (R::AfterCutOff, Some(60)));
    assert_eq!(reason(&|world| world.vehicles[0].until = 15 * MINUTE), (R::ShiftTooShort, Some(60)));
    let nobody = world(3, vec![job(1, 2)], 0);
    assert_eq!(planned(&nobody).unassigned[0].reason, R::NoVehicle);
}

#[test]
fn what_cannot_be_is_refused_before_planning() {
    let fault = |change: &dyn Fn(&mut Problem)| {
        let mut problem = world(3, vec![job(1, 2)], 1);
        change(&mut problem);
        OwnPlanner.plan(&problem, &mut Unwatched).unwrap_err().to_string()
    };
    assert!(fault(&|world| world.vehicles[0].boxes = -1).contains("below nought"));
    assert!(fault(&|world| world.vehicles[0].cents_per_km = -1).contains("below nought"));
    assert!(fault(&|world| world.jobs[0].delivery.place = 3).contains("not there"));
    assert!(fault(&|world| world.jobs[0].pickup.windows = open(5, 4)).contains("window"));
    assert!(fault(&|world| world.vehicles[0].until = -1).contains("back before"));
    assert!(fault(&|world| world.vehicles[0].loads.clear()).contains("do not fit"));
}

#[test]
fn a_closure_takes_its_hours_out_of_the_day() {
    let at = |text: &str| text.parse::<Instant>().unwrap();
    let site = "01990000-0000-7000-8000-000000000001".parse().unwrap();
    let hours = OpeningHours::on_days(Days::DAILY, DailySpan::read("08:00", "18:00").unwrap());
    let typhoon = Closure {
        id: "01990000-0000-7000-8000-000000000003".parse().unwrap(),
        kind: "tropical cyclone signal 8".to_owned(),
        sites: [site].into(),
        state: ClosureState::Forecast,
        starts_at: at("2026-09-01T12:00:00Z"),
        ends_at: Some(at("2026-09-01T16:00:00Z")),
        note: None,
        version: 1,
        created_at: at("2026-09-01T06:00:00Z"),
    };
    let day = (at("2026-09-01T00:00:00Z"), at("2026-09-02T00:00:00Z"));
    let windows = open_windows(site, &hours, "UTC", std::slice::from_ref(&typhoon), day);
    let second = |text: &str| seconds_of(at(text));
    assert_eq!(
        windows,
        [
            Window { from: second("2026-09-01T08:00:00Z"), until: second("2026-09-01T12:00:00Z") - 1 },
            Window { from: second("2026-09-01T16:00:00Z"), until: second("2026-09-01T18:00:00Z") - 1 },
        ]
    );
    let endless = Closure { state: ClosureState::Active, ends_at: None, ..typhoon };
    assert!(open_windows(site, &hours, "UTC", &[endless], day).is_empty());
}

#[test]
fn measured_times_count_by_the_hour() {
    let mut matrix = line(3);
    let mut slow = [MINUTE; 24];
    slow[8] = 10 * MINUTE;
    matrix.correct(0, 1, slow);
    assert_eq!(matrix.seconds_at(0, 1, 8 * 3600 + 1), 10 * MINUTE);
    assert_eq!(matrix.seconds_at(0, 1, 9 * 3600), MINUTE);
    assert_eq!(matrix.seconds_at(1, 0, 8 * 3600), MINUTE);
}

#[test]
fn parts_hold_every_job_once() {
    let jobs = (0..40).map(|index| job(index % 13, (index * 5 + 1) % 13)).collect();
    let parts = split_jobs(&world(13, jobs, 1), 7);
    assert!(parts.iter().all(|part| part.len() <= 7));
    let mut all: Vec<usize> = parts.into_iter().flatten().collect();
    all.sort_unstable();
    assert_eq!(all, (0..40).collect::<Vec<_>>());
}

#[test]
fn the_same_seed_gives_the_same_plan() {
    let jobs: Vec<Job> = (0..12).map(|index| job(index % 9, (index * 4 + 1) % 9)).collect();
    let problem = world(9, jobs, 4);
    assert_eq!(planned(&problem), planned(&problem));
}

#[test]
fn figures_count_what_came_late_and_why() {
    let fact = |late_minutes, problems: &[StopProblem]| DeliveryFact {
        key: "van",
        late_minutes,
        volume_ml: 1_000,
        metres: 12_000,
        cost_cents: 700,
        problems: problems.to_vec(),
    };
    let facts = [fact(Some(-5), &[StopProblem::Other]), fact(Some(9), &[StopProblem::BoxNotReady]), fact(None, &[])];
    let figures = on_time_figures(&facts).remove("van").unwrap();
    assert_eq!((figures.deliveries, figures.on_time, figures.failed, figures.late_minutes), (2, 1, 1, 9));
    assert_eq!(figures.on_time_permille(), Some(500));
    assert_eq!(figures.metres_per_litre(), Some(18_000));
    assert_eq!(figures.causes, [(StopProblem::BoxNotReady, 1)].into());
}
