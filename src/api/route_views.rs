//! What routes, stops, alarms and positions look like on the wire.

use crate::actions::dispatch::positions::PositionRow;
use crate::actions::dispatch::routes::{AlarmRow, ChangeRow, RouteDetail, RouteRow, StopRow, StopSeen};
use crate::domain::dispatch::{AlarmKind, AlarmState, RouteState, StopKind, StopProblem, StopState};
use crate::domain::geography::Position;
use crate::domain::ids::{AlarmId, CourierId, RouteId, ShiftId, SiteId, StopId, TransferId, VehicleId};
use crate::domain::time::Instant;
use crate::domain::transfer::TransferState;
use serde::Serialize;
use utoipa::ToSchema;

/// A stop of a route.
#[derive(Serialize, ToSchema)]
#[schema(as = RouteStop)]
pub struct StopView {
    /// Identifier.
    #[schema(value_type = String, format = "uuid")]
    id: StopId,
    /// Its place in the route, from nought.
    position: i64,
    /// `pickup`, `delivery`, `drop` at a depot, or `take` from one.
    #[schema(value_type = String)]
    kind: StopKind,
    /// The box.
    #[schema(value_type = String, format = "uuid")]
    transfer_id: TransferId,
    /// Where the box stands on its journey.
    #[schema(value_type = String)]
    transfer_state: TransferState,
    /// Where.
    #[schema(value_type = String, format = "uuid")]
    site_id: SiteId,
    /// Milk in the box, mL.
    volume_ml: i64,
    /// Bottles in the box.
    bottles: i64,
    /// When the door opens; a vehicle that comes before waits.
    #[schema(value_type = String, format = DateTime)]
    opens_at: Instant,
    /// The deadline.
    #[schema(value_type = String, format = DateTime)]
    due_at: Instant,
    /// When the box changes hands, as planned.
    #[schema(value_type = String, format = DateTime)]
    planned_at: Instant,
    /// Departure as planned.
    #[schema(value_type = String, format = DateTime)]
    leaves_at: Instant,
    /// When the box changes hands, as it looks now.
    #[schema(value_type = String, format = DateTime)]
    eta_at: Instant,
    /// Minutes between arrival and deadline; below nought is late.
    slack_minutes: i64,
    /// `waiting`, `arrived`, `done` or `failed`.
    #[schema(value_type = String)]
    state: StopState,
    /// When the vehicle came.
    #[schema(value_type = Option<String>, format = DateTime)]
    arrived_at: Option<Instant>,
    /// When it was made or given up.
    #[schema(value_type = Option<String>, format = DateTime)]
    done_at: Option<Instant>,
    /// Why it could not be made, as a stable word.
    #[schema(value_type = Option<String>)]
    problem: Option<StopProblem>,
    /// In words.
    note: Option<String>,
    /// Proof of the handover: references and counts.
    #[schema(value_type = Option<Object>)]
    proof: Option<serde_json::Value>,
}

impl From<&StopSeen> for StopView {
    fn from(seen: &StopSeen) -> Self {
        let StopSeen { row, transfer, slack_minutes } = seen;
        let StopRow {
            id,
            route_id: _,
            position,
            kind,
            transfer_id,
            site_id,
            opens_at,
            due_at,
            planned_at,
            leaves_at,
            eta_at,
            state,
            arrived_at,
            done_at,
            problem,
            note,
            proof,
        } = row.clone();
        Self {
            id,
            position,
            kind,
            transfer_id,
            transfer_state: transfer.state,
            site_id,
            volume_ml: transfer.volume_ml.ml(),
            bottles: transfer.bottles,
            opens_at,
            due_at,
            planned_at,
            leaves_at,
            eta_at,
            slack_minutes: *slack_minutes,
            state,
            arrived_at,
            done_at,
            problem,
            note,
            proof: proof.and_then(|text| serde_json::from_str(&text).ok()),
        }
    }
}

/// An alarm of a route.
#[derive(Serialize, ToSchema)]
#[schema(as = RouteAlarm)]
pub struct AlarmView {
    /// Identifier.
    #[schema(value_type = String, format = "uuid")]
    id: AlarmId,
    /// The route.
    #[schema(value_type = String, format = "uuid")]
    route_id: RouteId,
    /// The box, when it is about one.
    #[schema(value_type = Option<String>, format = "uuid")]
    transfer_id: Option<TransferId>,
    /// `late`, `silent` or `warm`.
    #[schema(value_type = String)]
    kind: AlarmKind,
    /// `open`, `acknowledged` or `closed`.
    #[schema(value_type = String)]
    state: AlarmState,
    /// Minutes to spare when it was last looked at.
    slack_minutes: Option<i64>,
    /// When it was raised.
    #[schema(value_type = String, format = DateTime)]
    opened_at: Instant,
    /// Who sees to it.
    owner: Option<String>,
    /// Since when.
    #[schema(value_type = Option<String>, format = DateTime)]
    acknowledged_at: Option<Instant>,
    /// When it was over.
    #[schema(value_type = Option<String>, format = DateTime)]
    closed_at: Option<Instant>,
    /// Version for `If-Match`.
    pub version: i64,
}

impl From<&AlarmRow> for AlarmView {
    fn from(row: &AlarmRow) -> Self {
        let AlarmRow {
            id,
            route_id,
            transfer_id,
            kind,
            state,
            slack_minutes,
            opened_at,
            owner,
            acknowledged_at,
            closed_at,
            version,
        } = row.clone();
        Self {
            id,
            route_id,
            transfer_id,
            kind,
            state,
            slack_minutes,
            opened_at,
            owner,
            acknowledged_at,
            closed_at,
            version,
        }
    }
}

/// A route.
#[derive(Serialize, ToSchema)]
#[schema(as = Route)]
pub struct RouteView {
    /// Identifier.
    #[schema(value_type = String, format = "uuid")]
    id: RouteId,
    /// The shift in which it is driven.
    #[schema(value_type = String, format = "uuid")]
    shift_id: ShiftId,
    /// The vehicle.
    #[schema(value_type = String, format = "uuid")]
    vehicle_id: VehicleId,
    /// Its courier.
    #[schema(value_type = String, format = "uuid")]
    courier_id: CourierId,
    /// `planned`, `assigned`, `running`, `finished` or `cancelled`.
    #[schema(value_type = String)]
    state: RouteState,
    /// When it leaves.
    #[schema(value_type = String, format = DateTime)]
    starts_at: Instant,
    /// When it is over.
    #[schema(value_type = String, format = DateTime)]
    ends_at: Instant,
    /// Its road, metres.
    distance_m: i64,
    /// Its time, seconds.
    duration_s: i64,
    /// What it costs, cents.
    cost_cents: i64,
    /// The least that is to spare at a stop still to come, minutes.
    slack_minutes: Option<i64>,
    /// Its stops, in order.
    stops: Vec<StopView>,
    /// Its alarms that are not over.
    alarms: Vec<AlarmView>,
    /// When a driver got it.
    #[schema(value_type = Option<String>, format = DateTime)]
    assigned_at: Option<Instant>,
    /// From whom.
    assigned_by: Option<String>,
    /// When it left.
    #[schema(value_type = Option<String>, format = DateTime)]
    started_at: Option<Instant>,
    /// When it was over.
    #[schema(value_type = Option<String>, format = DateTime)]
    finished_at: Option<Instant>,
    /// When the vehicle was last heard of.
    #[schema(value_type = Option<String>, format = DateTime)]
    heard_at: Option<Instant>,
    /// Who planned it.
    created_by: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    created_at: Instant,
    /// Version for `If-Match`.
    version: i64,
}

impl From<&RouteDetail> for RouteView {
    fn from(detail: &RouteDetail) -> Self {
        let slack_minutes = detail.slack_minutes();
        let RouteDetail { head, stops, alarms } = detail;
        let RouteRow {
            id,
            shift_id,
            vehicle_id,
            courier_id,
            state,
            starts_at,
            ends_at,
            distance_m,
            duration_s,
            cost_cents,
            assigned_at,
            assigned_by,
            started_at,
            finished_at,
            heard_at,
            check_at: _,
            created_by,
            created_at,
            version,
        } = head.clone();
        Self {
            id,
            shift_id,
            vehicle_id,
            courier_id,
            state,
            starts_at,
            ends_at,
            distance_m,
            duration_s,
            cost_cents,
            slack_minutes,
            stops: stops.iter().map(StopView::from).collect(),
            alarms: alarms.iter().map(AlarmView::from).collect(),
            assigned_at,
            assigned_by,
            started_at,
            finished_at,
            heard_at,
            created_by,
            created_at,
            version,
        }
    }
}

/// What changed at a version of a route.
#[derive(Serialize, ToSchema)]
#[schema(as = RouteChange)]
pub struct ChangeView {
    /// The version that it made.
    version: i64,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Instant,
    /// By whom.
    by: String,
    /// `planned`, `inserted`, `ordered`, `docked`, `given_away`, `taken_over`, `swapped`, `assigned`, `unassigned`,
    /// `progressed` or `cancelled`.
    what: String,
    /// A sentence.
    detail: String,
}

impl From<&ChangeRow> for ChangeView {
    fn from(row: &ChangeRow) -> Self {
        let ChangeRow { route_id: _, version, at, actor, what, detail } = row.clone();
        Self { version, at, by: actor, what, detail }
    }
}

/// Where a vehicle was last.
#[derive(Serialize, ToSchema)]
#[schema(as = VehiclePosition)]
pub struct PositionView {
    /// The vehicle.
    #[schema(value_type = String, format = "uuid")]
    vehicle_id: VehicleId,
    /// The route that it drove.
    #[schema(value_type = Option<String>, format = "uuid")]
    route_id: Option<RouteId>,
    /// Degrees north.
    latitude: f64,
    /// Degrees east.
    longitude: f64,
    /// By the device's clock.
    #[schema(value_type = String, format = DateTime)]
    at: Instant,
    /// By the hub's clock.
    #[schema(value_type = String, format = DateTime)]
    recorded_at: Instant,
}

impl From<&PositionRow> for PositionView {
    fn from(row: &PositionRow) -> Self {
        let PositionRow { vehicle_id, route_id, latitude_e6, longitude_e6, at, recorded_at } = row.clone();
        let place = Position::from_micro_degrees(latitude_e6, longitude_e6).map(Position::degrees);
        let (latitude, longitude) = place.unwrap_or_default();
        Self { vehicle_id, route_id, latitude, longitude, at, recorded_at }
    }
}
