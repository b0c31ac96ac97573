//! Plays the events of a stream against a hub, tick by tick of the simulated clock: each role does its part
//! through the public API, and units ask from the stock that deliveries leave them.

mod arrival;
mod bank;
mod dispatch;
mod disturb;
mod fates;
mod outlook;
mod probes;
mod queue;
mod tour;
mod unit;
mod world;

use super::client::{CallError, Client};
use super::event::{Event, Happening};
use super::input::ReplayInput;
use super::journey::{Roads, Slot};
use super::setup::KnownRegion;
use super::tally::Tally;
use super::ward::{Bottle, Infant, LotBook, Ward};
use super::wire::{AllocationView, BottleView, ClockView};
use crate::domain::ids::{AllocationId, ClosureId, LotId, RequestId, TransferId};
use crate::domain::time::Instant;
use arrival::Journey;
pub use disturb::Disturbed;
use queue::{Queue, Task};
use serde_json::json;
use std::collections::{BTreeMap, HashMap, HashSet};

/// Minutes of one step of the clock: what falls between two steps happens at the later one.
const TICK_MINUTES: i64 = 5;
/// Minutes after a change at which the hub is let match it, where nothing is pressing.
const MATCH_AFTER_MINUTES: i64 = 15;
const MICROS_PER_MINUTE: i64 = 60_000_000;

/// A bank that sends and a unit that receives.
type Pair = (String, String);

/// Milk promised to a unit that has not arrived.
#[derive(Debug, Clone)]
struct Promise {
    request: RequestId,
    to: String,
    infant: Option<String>,
    volume_ml: i64,
    lapses_at: Option<Instant>,
    bottles: Vec<Bottle>,
    eta: Instant,
}

/// A lot that lies free in the network, for the check on tier 1.
#[derive(Debug, Clone)]
struct Published {
    bank: String,
    since: Instant,
}

/// One replay under way.
pub struct Play<'a> {
    client: &'a Client,
    input: &'a ReplayInput,
    known: KnownRegion,
    seed: u64,
    now: Instant,
    end: Instant,
    line: usize,
    roads: Roads,
    wards: BTreeMap<String, Ward>,
    lots: LotBook,
    published: HashMap<LotId, Published>,
    /// What banks released since the unit in their house last asked, mL.
    released_ml: HashMap<String, i64>,
    queue: Queue,
    promises: BTreeMap<AllocationId, Promise>,
    seen: HashSet<AllocationId>,
    waiting: BTreeMap<Pair, Vec<AllocationId>>,
    /// No promise that waits for a vehicle lapses before this.
    next_lapse: Instant,
    no_vehicle_until: BTreeMap<Pair, Instant>,
    planned: BTreeMap<Pair, Vec<dispatch::Planned>>,
    booked: BTreeMap<Pair, Slot>,
    journeys: HashMap<TransferId, Journey>,
    closures: HashMap<String, (ClosureId, i64)>,
    sizes_ml: Vec<i64>,
    rejected_at: HashMap<String, Instant>,
    first_arrivals: HashMap<String, Instant>,
    looks_at: HashMap<String, Instant>,
    fed_from_outside: HashMap<String, Instant>,
    pressing: bool,
    woken_for: Option<Instant>,
    probed: probes::Probed,
    /// What goes wrong on purpose; none in an undisturbed replay.
    pub disturbed: Option<Disturbed>,
    /// What was counted.
    pub tally: Tally,
}

impl<'a> Play<'a> {
    /// A replay about to begin.
    #[must_use]
    pub fn new(client: &'a Client, input: &'a ReplayInput, known: KnownRegion, seed: u64, end: Instant) -> Self {
        let region = &input.region;
        let start = input.summary.first_at;
        let zone = region.time_zones.first().map_or("UTC", String::as_str);
        let mut wards = BTreeMap::new();
        for site in region.sites.iter().filter(|site| site.sim.demand_weight > 0.0) {
            let Some(profile) = region.find_profile(site) else { continue };
            let ward = Ward::new(&site.id, profile.container_sharing, profile.prescription_required);
            wards.insert(site.id.clone(), ward);
        }
        Self {
            client,
            input,
            known,
            seed,
            now: start,
            end,
            line: 0,
            roads: Roads::new(region, start.date_in(zone)),
            wards,
            lots: LotBook::default(),
            published: HashMap::new(),
            released_ml: HashMap::new(),
            queue: Queue::default(),
            promises: BTreeMap::new(),
            seen: HashSet::new(),
            waiting: BTreeMap::new(),
            next_lapse: start,
            no_vehicle_until: BTreeMap::new(),
            planned: BTreeMap::new(),
            booked: BTreeMap::new(),
            journeys: HashMap::new(),
            closures: HashMap::new(),
            sizes_ml: region.bottle_sizes_ml(),
            rejected_at: HashMap::new(),
            first_arrivals: HashMap::new(),
            looks_at: HashMap::new(),
            fed_from_outside: HashMap::new(),
            pressing: false,
            woken_for: None,
            probed: probes::Probed::default(),
            disturbed: None,
            tally: Tally::default(),
        }
    }

    /// Plays to the end. `progress` is told the simulated instant now and then.
    ///
    /// # Errors
    /// The stream broke off, or the hub could not be reached or answered against its contract. Refusals of
    /// single events are counted, not returned.
    pub async fn run(&mut self, progress: impl Fn(Instant)) -> Result<(), super::ScenarioError> {
        self.schedule_mornings();
        self.schedule_recalls();
        self.first_arrivals = self.first_arrivals();
        let mut stream = self.input.events.open()?.peekable();
        self.advance(self.now).await?;
        loop {
            let event_at = match stream.peek() {
                Some(Ok(line)) => Some(line.event.at),
                Some(Err(finding)) => return Err(super::ScenarioError::Broken(finding.clone())),
                None => None,
            };
            let next = [event_at, self.queue.next_at()].into_iter().flatten().min();
            let Some(next) = next.filter(|next| *next < self.end) else { break };
            let tick = grid(next, TICK_MINUTES).min(self.end);
            if tick > self.now {
                self.advance(tick).await?;
                progress(tick);
            }
            while let Some(Ok(line)) = stream.next_if(|line| line.as_ref().is_ok_and(|line| line.event.at <= tick)) {
                self.line = line.event.line;
                self.event(&line.event).await?;
            }
            while let Some(task) = self.queue.take_due(tick) {
                self.task(task).await?;
            }
            if std::mem::take(&mut self.pressing) {
                self.advance(tick).await?;
            }
        }
        self.advance(self.end).await?;
        self.throw_expired_away().await?;
        self.close_recalls().await?;
        Ok(())
    }

    /// Moves the hub's clock, which lets it do all work due, and learns what it promised.
    async fn advance(&mut self, to: Instant) -> Result<(), CallError> {
        let before = self.now;
        self.now = to;
        let body = json!({"now": to, "run": true});
        let clock: ClockView = self.client.put(self.known.admin, "/v1/simulation/clock", &body).await?;
        if clock.offers_made > 0 {
            self.learn_promises(before).await?;
        }
        Ok(())
    }

    async fn learn_promises(&mut self, since: Instant) -> Result<(), CallError> {
        let path = format!("/v1/allocations?created_after={}", since.plus_minutes(-1));
        let allocations: Vec<AllocationView> = self.client.list(self.known.dispatcher, &path).await?;
        for allocation in allocations {
            if self.seen.insert(allocation.id) {
                self.learn_promise(allocation).await?;
            }
        }
        self.book_journeys().await
    }

    async fn learn_promise(&mut self, allocation: AllocationView) -> Result<(), CallError> {
        let path = format!("/v1/bottles?allocation_id={}", allocation.id);
        let holder = self.known.site(self.known.code(allocation.from_site_id))?.caller;
        let bottles: Vec<BottleView> = self.client.list(holder, &path).await?;
        let bottles: Vec<Bottle> =
            bottles.iter().map(|b| Bottle { id: b.id, lot: b.lot_id, size_ml: b.size_ml }).collect();
        let (from, to) = (self.known.code(allocation.from_site_id), self.known.code(allocation.to_site_id));
        let (from, to) = (from.to_owned(), to.to_owned());
        let mut infant = None;
        if let Some(asked) = self.tally.asked.get_mut(&allocation.request_id) {
            asked.promised_ml += allocation.volume_ml;
            asked.matched_at.get_or_insert(self.now);
            infant.clone_from(&asked.infant);
        }
        self.note_promise(allocation.request_id, &to, infant.as_deref());
        if from == to {
            self.arrived_in_house(&to, allocation.request_id, infant.as_deref(), &bottles);
            return Ok(());
        }
        if allocation.state != "held" {
            return Ok(());
        }
        self.fed_from_outside.insert(to.clone(), self.now);
        self.waiting.entry((from, to.clone())).or_default().push(allocation.id);
        self.next_lapse = allocation.lapses_at.map_or(self.next_lapse, |lapses| lapses.min(self.next_lapse));
        let promise = Promise {
            request: allocation.request_id,
            to,
            infant,
            volume_ml: allocation.volume_ml,
            lapses_at: allocation.lapses_at,
            bottles,
            eta: self.now.plus_days(1),
        };
        self.promises.insert(allocation.id, promise);
        Ok(())
    }

    async fn event(&mut self, event: &Event) -> Result<(), CallError> {
        let done = match &event.what {
            Happening::StockOpening(opening) => self.open_stock(opening).await,
            Happening::LotReleased(lot) => self.release_lot(lot).await,
            Happening::LotRejected(lot) => self.reject_lot(lot).await,
            Happening::Infant(infant) => self.admit(event, Infant::from_event(infant, event.at)),
            Happening::CourierAvailability(window) => {
                self.roads.set_vehicles(window);
                Ok(())
            }
            Happening::OutageStarted(outage) => self.start_outage(event, outage).await,
            Happening::OutageEnded(outage) => self.end_closure(&outage.outage_id).await,
            Happening::StockLoss(loss) => self.lose_stock(event, loss).await,
            Happening::ClosureStarted(closure) => self.start_closure(closure).await,
            Happening::ClosureEnded(closure) => self.end_closure(&closure.closure_id).await,
            Happening::RecallIssued(recall) => self.recall(recall).await,
            Happening::ClosureForecast(_) => {
                self.set_aside("route.closure.forecast");
                return Ok(());
            }
            Happening::RequestRaised(_) => {
                self.set_aside("request.raised");
                return Ok(());
            }
            Happening::SurplusPublished(_) => {
                self.set_aside("surplus.published");
                return Ok(());
            }
            Happening::Reference(_) => {
                self.set_aside("reference_policy");
                return Ok(());
            }
        };
        self.count(done, "event")
    }

    async fn task(&mut self, task: Task) -> Result<(), CallError> {
        let done = match task {
            Task::Wake => Ok(()),
            Task::Morning(site) => self.morning(&site).await,
            Task::Order(site) => self.order(&site).await,
            Task::Depart(from, to) => self.depart(&from, &to).await,
            Task::Arrive(transfer) => self.arrive(transfer).await,
            Task::Recall(week) => self.weekly_recall(week).await,
        };
        match done {
            Ok(()) => Ok(()),
            Err(error) => self.count(Err(error), "task"),
        }
    }

    fn set_aside(&mut self, kind: &str) {
        *self.tally.not_played.entry(kind.to_owned()).or_default() += 1;
    }

    /// A problem that the hub answered with is counted; anything else stops the replay.
    fn count(&mut self, done: Result<(), CallError>, what: &str) -> Result<(), CallError> {
        match done {
            Ok(()) => {
                self.tally.applied += u64::from(what == "event");
                Ok(())
            }
            Err(error) if error.problem().is_some() => {
                self.tally.refuse(self.line, what, error.to_string());
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    /// Lets a unit look at its stock again, once at this instant.
    fn order_soon(&mut self, site: &str) {
        if self.wards.contains_key(site) && self.looks_at.insert(site.to_owned(), self.now) != Some(self.now) {
            self.queue.add(self.now, Task::Order(site.to_owned()));
        }
    }

    /// Makes sure that the clock moves soon, so that the hub matches what just changed.
    fn wake(&mut self) {
        let quarter = grid(self.now.plus_minutes(1), MATCH_AFTER_MINUTES);
        if self.woken_for != Some(quarter) {
            self.woken_for = Some(quarter);
            self.queue.add(quarter, Task::Wake);
        }
    }
}

/// The next step of the clock at or after an instant.
fn grid(at: Instant, minutes: i64) -> Instant {
    let step = minutes * MICROS_PER_MINUTE;
    let rest = at.micros().rem_euclid(step);
    if rest == 0 { at } else { Instant::from_micros(at.micros() - rest + step) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_fall_on_quarter_hours() {
        let at = |text: &str| text.parse::<Instant>().unwrap();
        assert_eq!(grid(at("2026-09-01T07:00:00Z"), 15), at("2026-09-01T07:00:00Z"));
        assert_eq!(grid(at("2026-09-01T07:00:01Z"), 15), at("2026-09-01T07:15:00Z"));
    }
}
