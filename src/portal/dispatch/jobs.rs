//! A box with its route, its stops and its alarms: the one list behind board, timeline and map.

use crate::actions::dispatch::board::{Board, read_board};
use crate::actions::dispatch::routes::{AlarmRow, RouteDetail, StopSeen};
use crate::actions::dispatch::shifts::{ShiftFilter, ShiftRow, list_shifts};
use crate::actions::dispatch::vehicles::{VehicleRow, list_vehicles};
use crate::actions::sites::{SiteFilter, list_sites};
use crate::domain::dispatch::{AlarmKind, AlarmState, ShiftState, StopState};
use crate::domain::ids::{SiteId, TransferId, VehicleId};
use crate::domain::site::Site;
use crate::domain::time::Instant;
use crate::domain::transfer::TransferState;
use crate::portal::fault::Fault;
use crate::portal::language::Language;
use crate::portal::parts::SiteName;
use crate::portal::signed::Visitor;
use std::collections::BTreeMap;

/// Sites and vehicles that the console reads.
const MOST: i64 = 1_000;
/// Shifts of a day.
const MOST_SHIFTS: i64 = 200;
/// Hours back and ahead that the console looks at.
pub const HOURS_BACK: i64 = 3;
/// Hours ahead.
pub const HOURS_AHEAD: i64 = 9;

/// Where a box stands on the board.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Column {
    /// It has no vehicle.
    ToPlan,
    /// It has one, which has not come yet.
    Assigned,
    /// It is aboard.
    Collected,
    /// It is on the road.
    InTransit,
    /// It has arrived.
    Delivered,
    /// Something is wrong.
    Problem,
}

impl Column {
    /// Every column, in its order.
    pub const ALL: [Self; 6] =
        [Self::ToPlan, Self::Assigned, Self::Collected, Self::InTransit, Self::Delivered, Self::Problem];

    /// Its word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::ToPlan => "to-plan",
            Self::Assigned => "assigned",
            Self::Collected => "collected",
            Self::InTransit => "in-transit",
            Self::Delivered => "delivered",
            Self::Problem => "problem",
        }
    }
}

/// A box.
#[derive(Debug, Clone)]
pub struct Job {
    /// Its transfer.
    pub id: TransferId,
    /// Where it comes from.
    pub from: SiteId,
    /// Where it goes.
    pub to: SiteId,
    /// What is in it, mL.
    pub volume_ml: i64,
    /// Bottles in it.
    pub bottles: i64,
    /// Its urgency, where it is known.
    pub tier: Option<i64>,
    /// Its deadline.
    pub due: Instant,
    /// Minutes to spare.
    pub slack_minutes: i64,
    /// Where it stands.
    pub column: Column,
    /// Its place in the routes that were read.
    pub route: Option<usize>,
    /// When it comes aboard and when it arrives, as it looks now.
    pub way: Option<(Instant, Instant)>,
    /// When it left its freezer and when it was handed over, where that is known.
    pub delivered_at: Option<Instant>,
    /// Alarms about it that are not over.
    pub alarms: Vec<AlarmRow>,
}

/// Everything that the console shows.
pub struct World {
    /// Boxes, the least slack first.
    pub jobs: Vec<Job>,
    /// What the dispatch knows.
    pub board: Board,
    /// Open shifts of the day.
    pub shifts: Vec<ShiftRow>,
    /// Vehicles by identifier.
    pub vehicles: BTreeMap<VehicleId, VehicleRow>,
    /// Sites by identifier.
    pub sites: BTreeMap<SiteId, Site>,
    /// The language of the page.
    pub language: Language,
}

/// Reads everything once.
pub async fn read_world(visitor: &Visitor) -> Result<World, Fault> {
    let (actor, now, language) = (visitor.actor().clone(), visitor.now(), visitor.texts().language());
    let wanted = ShiftFilter {
        state: Some(ShiftState::Open),
        ends_after: Some(now.plus_hours(-HOURS_BACK)),
        starts_before: Some(now.plus_hours(HOURS_AHEAD)),
        ..ShiftFilter::default()
    };
    let look = move |conn: &mut _| {
        let board = read_board(conn, &actor, now)?;
        let shifts = list_shifts(conn, &actor, &wanted, None, MOST_SHIFTS)?;
        let vehicles = list_vehicles(conn, &actor, None, None, MOST)?;
        let sites = list_sites(conn, &actor, &SiteFilter::default(), None, MOST)?;
        Ok(World {
            jobs: jobs(&board),
            board,
            shifts,
            vehicles: vehicles.into_iter().map(|vehicle| (vehicle.id, vehicle)).collect(),
            sites: sites.into_iter().map(|seen| (seen.site.id, seen.site)).collect(),
            language,
        })
    };
    Ok(visitor.state().hub.read(look).await?)
}

fn jobs(board: &Board) -> Vec<Job> {
    let waiting = board.waiting.iter().map(|one| Job {
        id: one.transfer.id,
        from: one.transfer.from_site_id,
        to: one.transfer.to_site_id,
        volume_ml: one.transfer.volume_ml.ml(),
        bottles: one.transfer.bottles,
        tier: Some(one.tier),
        due: one.needed_by,
        slack_minutes: one.slack_minutes,
        column: Column::ToPlan,
        route: None,
        way: None,
        delivered_at: None,
        alarms: Vec::new(),
    });
    let mut found: Vec<Job> = waiting.collect();
    for (place, route) in board.routes.iter().enumerate() {
        let deliveries = route.stops.iter().filter(|stop| !stop.row.kind.loads());
        let mut last: BTreeMap<TransferId, &StopSeen> = BTreeMap::new();
        for stop in deliveries {
            last.insert(stop.row.transfer_id, stop);
        }
        found.extend(
            last.into_values()
                .map(|stop| Job { tier: board.tiers.get(&stop.transfer.id).copied(), ..routed(place, route, stop) }),
        );
    }
    found.sort_by_key(|job| (job.slack_minutes, job.id));
    found
}

fn routed(place: usize, route: &RouteDetail, delivery: &StopSeen) -> Job {
    let transfer = &delivery.transfer;
    let of_box = |stop: &&StopSeen| stop.row.transfer_id == transfer.id;
    let pickup = route.stops.iter().filter(of_box).find(|stop| stop.row.kind.loads());
    let about =
        |alarm: &&AlarmRow| alarm.transfer_id.is_none_or(|id| id == transfer.id) && alarm.state != AlarmState::Closed;
    let alarms: Vec<AlarmRow> = route.alarms.iter().filter(about).cloned().collect();
    let failed = route.stops.iter().filter(of_box).any(|stop| stop.row.state == StopState::Failed);
    let arrives = |stop: &StopSeen| stop.row.arrived_at.unwrap_or(stop.row.eta_at);
    Job {
        id: transfer.id,
        from: transfer.from_site_id,
        to: transfer.to_site_id,
        volume_ml: transfer.volume_ml.ml(),
        bottles: transfer.bottles,
        tier: None,
        due: delivery.row.due_at,
        slack_minutes: delivery.slack_minutes,
        column: match transfer.state {
            _ if failed || !alarms.is_empty() => Column::Problem,
            TransferState::Planned | TransferState::Packed => Column::Assigned,
            TransferState::Collected => Column::Collected,
            TransferState::InTransit => Column::InTransit,
            _ => Column::Delivered,
        },
        route: Some(place),
        way: pickup.map(|pickup| (pickup.row.done_at.unwrap_or(arrives(pickup)), arrives(delivery))),
        delivered_at: transfer.delivered_at,
        alarms,
    }
}

impl Job {
    /// True when an alarm of this kind is about it.
    pub fn has(&self, kind: AlarmKind) -> bool {
        self.alarms.iter().any(|alarm| alarm.kind == kind)
    }
}

impl World {
    /// The route of a box.
    pub fn route_of(&self, job: &Job) -> Option<&RouteDetail> {
        self.board.routes.get(job.route?)
    }

    /// The name of a vehicle.
    pub fn vehicle(&self, id: VehicleId) -> &str {
        self.vehicles.get(&id).map_or("–", |vehicle| vehicle.name.as_str())
    }

    /// A site's name as the reader reads it.
    pub fn site_name(&self, id: SiteId) -> SiteName {
        self.sites.get(&id).map_or_else(|| SiteName::new("–", ""), |site| SiteName::read_in(self.language, site))
    }

    /// Where most of what is shown happens: a dispatcher of all sites has no clock of their own.
    pub fn time_zone(&self) -> Option<&str> {
        let first = self.jobs.first().and_then(|job| self.sites.get(&job.from)).or_else(|| self.sites.values().next());
        first.map(|site| site.time_zone.as_str())
    }
}
