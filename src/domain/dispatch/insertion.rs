//! The cheapest place for one more job in a route: each pair of positions is priced once, with margins instead
//! of driving the whole route again.

use super::course::Course;
use super::problem::{Job, Matrix, PlannedStop, Problem, RoadVehicle};

/// A place for a job in a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Insertion {
    /// Its pickup comes before the stop that was at this position; none when it is aboard.
    pub pickup_at: Option<usize>,
    /// Its delivery comes before the stop that was at this position.
    pub delivery_at: usize,
    /// What it adds, thousandths of a cent, waiting apart.
    pub cost: i64,
}

impl Insertion {
    /// The stops with the job in its place.
    #[must_use]
    pub fn into_stops(self, job: usize, stops: &[PlannedStop]) -> Vec<PlannedStop> {
        let mut with = Vec::with_capacity(stops.len() + 2);
        for position in 0..=stops.len() {
            if self.pickup_at == Some(position) {
                with.push(PlannedStop { job, delivers: false });
            }
            if self.delivery_at == position {
                with.push(PlannedStop { job, delivers: true });
            }
            with.extend(stops.get(position).copied());
        }
        with
    }
}

/// A vehicle on its way: where, when it left, how full.
#[derive(Clone, Copy)]
struct Here {
    place: usize,
    leaves: i64,
    load: i64,
}

/// All that pricing needs of one job and one route.
struct Pricing<'a> {
    problem: &'a Problem,
    vehicle: &'a RoadVehicle,
    matrix: &'a Matrix,
    course: &'a Course,
    job: &'a Job,
    boxes: i64,
    hold_s: i64,
    /// The vehicle leaves its delivery no earlier than this.
    out_from: i64,
    /// It is not begun later than this.
    out_until: i64,
}

/// The best place so far; only what costs less is looked at.
struct Best {
    found: Option<Insertion>,
    under: i64,
}

/// The cheapest place of a job in a course, if there is one. `blink` may skip a position, so that a search sees
/// other routes than the greedy one.
pub fn cheapest_insertion(
    problem: &Problem,
    vehicle_index: usize,
    course: &Course,
    job_index: usize,
    blink: &mut dyn FnMut() -> bool,
) -> Option<Insertion> {
    cheaper_insertion(problem, vehicle_index, course, job_index, i64::MAX, blink)
}

/// As [`cheapest_insertion`], if it costs less than `under`. Places are passed over by what is known without reckoning
/// them through: when the stop after them must be reached, and what the way to the pickup alone costs.
pub(super) fn cheaper_insertion(
    problem: &Problem,
    vehicle_index: usize,
    course: &Course,
    job_index: usize,
    under: i64,
    blink: &mut dyn FnMut() -> bool,
) -> Option<Insertion> {
    let vehicle = problem.vehicles.get(vehicle_index)?;
    let job = problem.jobs.get(job_index)?;
    if job.claim.vehicle().is_some_and(|only| only != vehicle_index) {
        return None;
    }
    let boxes = vehicle.load(job_index)?.boxes;
    let matrix = problem.matrix_of(vehicle)?;
    let (opens, closes) = (job.delivery.windows.first()?.from, job.delivery.windows.last()?.until);
    let pricing = Pricing {
        problem,
        vehicle,
        matrix,
        course,
        job,
        boxes,
        hold_s: problem.hold_s(vehicle, job_index),
        out_from: opens.saturating_add(job.delivery.service_s),
        out_until: closes,
    };
    let start = if course.stops.is_empty() { vehicle.cents_per_start.saturating_mul(1000) } else { 0 };
    let mut best = Best { found: None, under };
    if let Some(since) = job.claim.aboard_since() {
        let mut here = pricing.at(vehicle.locked)?;
        // It is aboard already and counted in no stop of the course.
        here.load += boxes;
        pricing.deliver_from(
            vehicle.locked,
            here,
            since.saturating_add(pricing.hold_s),
            (None, start),
            blink,
            &mut best,
        );
        return best.found;
    }
    let in_from = job.pickup.windows.first()?.from.saturating_add(job.pickup.service_s);
    for position in vehicle.locked..=course.stops.len() {
        // What follows would be reached too late however early the pickup is.
        let in_time = course.latest.get(position).is_none_or(|latest| *latest >= in_from);
        if in_time && !pricing.pick_up_at(position, start, blink, &mut best) {
            break;
        }
    }
    best.found
}

impl Pricing<'_> {
    /// Tries the pickup at a position, with every delivery after it; false when it is too late for all that follow.
    fn pick_up_at(&self, position: usize, start: i64, blink: &mut dyn FnMut() -> bool, best: &mut Best) -> bool {
        let (door, matrix) = (&self.job.pickup, self.matrix);
        let Some(here) = self.at(position) else { return false };
        let arrives = here.leaves.saturating_add(matrix.seconds_at(here.place, door.place, here.leaves));
        let Some(begins) = door.begins(arrives).filter(|begins| *begins <= self.vehicle.last_pickup) else {
            return false;
        };
        if here.load + self.boxes > self.vehicle.boxes || blink() {
            return true;
        }
        let leaves = begins.saturating_add(door.service_s);
        let next = self.next_place(position);
        if let (Some(next), Some(latest)) = (next, self.course.latest.get(position))
            && leaves.saturating_add(matrix.seconds_at(door.place, next, leaves)) > *latest
        {
            return true;
        }
        // The way by the pickup; by both ends it is no shorter.
        let empty = self.course.stops.is_empty();
        let straight = if empty { 0 } else { self.leg_cost(here.place, next) };
        let by_pickup = self.leg_cost(here.place, Some(door.place)) + self.leg_cost(door.place, next) - straight;
        if !empty && by_pickup.saturating_add(start) >= best.under {
            return true;
        }
        let there = Here { place: door.place, leaves, load: here.load + self.boxes };
        let out_by = leaves.saturating_add(self.hold_s);
        self.deliver_from(position, there, out_by, (Some((here, by_pickup)), start), blink, best);
        true
    }

    /// Where the vehicle is when it turns to the stop at a position.
    fn at(&self, position: usize) -> Option<Here> {
        let Some(before) = position.checked_sub(1) else {
            let load = self.course.load_at_start;
            return Some(Here { place: self.vehicle.start, leaves: self.vehicle.from, load });
        };
        let (stop, times) = (self.course.stops.get(before)?, self.course.timeline.stops.get(before)?);
        Some(Here { place: self.problem.visit(*stop)?.place, leaves: times.leaves, load: times.load })
    }

    /// The place that follows a position: a stop, or the end of the route.
    fn next_place(&self, position: usize) -> Option<usize> {
        match self.course.stops.get(position) {
            Some(stop) => self.problem.visit(*stop).map(|visit| visit.place),
            None => self.vehicle.end,
        }
    }

    fn leg_cost(&self, from: usize, to: Option<usize>) -> i64 {
        let Some(to) = to else { return 0 };
        let leg = self.matrix.leg(from, to);
        if self.vehicle.cents_per_hour == 0 {
            return self.vehicle.cents_per_km.saturating_mul(leg.metres);
        }
        let time = self.vehicle.cents_per_hour.saturating_mul(leg.seconds).saturating_mul(1000) / 3600;
        self.vehicle.cents_per_km.saturating_mul(leg.metres).saturating_add(time)
    }

    /// Tries every position of the delivery from one on. `before` is where the vehicle was before the pickup, and
    /// what the way by the pickup costs more.
    fn deliver_from(
        &self,
        first: usize,
        after_pickup: Here,
        out_by: i64,
        (before, start): (Option<(Here, i64)>, i64),
        blink: &mut dyn FnMut() -> bool,
        best: &mut Best,
    ) {
        let pickup_place = after_pickup.place;
        let mut here = after_pickup;
        let begin_by = out_by.min(self.out_until);
        for position in first..=self.course.stops.len() {
            if here.leaves > begin_by {
                return;
            }
            let reached = self.course.latest.get(position).is_none_or(|latest| *latest >= self.out_from);
            if reached && !blink() {
                let next = self.next_place(position);
                let detour = match before {
                    // Straight from the pickup to the delivery.
                    Some((from, _)) if position == first => {
                        self.leg_cost(from.place, Some(pickup_place))
                            + self.leg_cost(pickup_place, Some(self.job.delivery.place))
                            + self.leg_cost(self.job.delivery.place, next)
                            - if self.course.stops.is_empty() { 0 } else { self.leg_cost(from.place, next) }
                    }
                    Some((_, by_pickup)) => by_pickup + self.side_trip(here.place, next),
                    None => self.side_trip(here.place, next),
                };
                let cost = detour.saturating_add(start);
                if cost < best.under && self.fits(position, here, out_by) {
                    let pickup_at = before.map(|_| first);
                    *best = Best { found: Some(Insertion { pickup_at, delivery_at: position, cost }), under: cost };
                }
            }
            // On to the stop at this position with the job aboard.
            match self.pass(position, here) {
                Some(passed) => here = passed,
                None => return,
            }
        }
    }

    /// A delivery put between two places.
    fn side_trip(&self, from: usize, next: Option<usize>) -> i64 {
        let there = self.job.delivery.place;
        let straight = if self.course.stops.is_empty() { 0 } else { self.leg_cost(from, next) };
        self.leg_cost(from, Some(there)) + self.leg_cost(there, next) - straight
    }

    /// True when the delivery can be made before the stop at this position and nothing after it breaks.
    fn fits(&self, position: usize, here: Here, out_by: i64) -> bool {
        let visit = &self.job.delivery;
        let arrives = here.leaves.saturating_add(self.matrix.seconds_at(here.place, visit.place, here.leaves));
        let Some(begins) = visit.begins(arrives) else { return false };
        if begins > out_by {
            return false;
        }
        let leaves = begins.saturating_add(visit.service_s);
        match (self.next_place(position), self.course.latest.get(position)) {
            (Some(next), Some(latest)) => {
                leaves.saturating_add(self.matrix.seconds_at(visit.place, next, leaves)) <= *latest
            }
            (Some(end), None) => {
                leaves.saturating_add(self.matrix.seconds_at(visit.place, end, leaves)) <= self.vehicle.until
            }
            (None, _) => leaves <= self.vehicle.until,
        }
    }

    /// Makes the stop at a position with the job aboard; none when that breaks something.
    fn pass(&self, position: usize, here: Here) -> Option<Here> {
        let (stop, times) = (self.course.stops.get(position)?, self.course.timeline.stops.get(position)?);
        let visit = self.problem.visit(*stop)?;
        let arrives = here.leaves.saturating_add(self.matrix.seconds_at(here.place, visit.place, here.leaves));
        if arrives > *self.course.latest.get(position)? {
            return None;
        }
        let load = times.load + self.boxes;
        if load > self.vehicle.boxes {
            return None;
        }
        let leaves = visit.begins(arrives)?.saturating_add(visit.service_s);
        Some(Here { place: visit.place, leaves, load })
    }
}
