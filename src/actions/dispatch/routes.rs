//! Reading routes: with their stops, boxes, alarms and what is to spare; and what every change of a route checks
//! and leaves behind.

use super::shifts::own_couriers;
use crate::actions::couriers::get_courier;
use crate::actions::{ActionError, Happening, Tx};
use crate::domain::actor::Actor;
use crate::domain::dispatch::slack_minutes;
use crate::domain::ids::RouteId;
use crate::store::AnyConn;
use crate::store::dispatch::alarms;
pub use crate::store::dispatch::alarms::AlarmRow;
use crate::store::dispatch::routes as rows;
pub use crate::store::dispatch::routes::{ChangeRow, RouteFilter, RouteRow, StopRow};
use crate::store::transfers::{self, TransferRow};

/// A stop with its box and what is to spare.
#[derive(Debug, Clone)]
pub struct StopSeen {
    /// The stop.
    pub row: StopRow,
    /// Its box.
    pub transfer: TransferRow,
    /// Minutes between its arrival, as it looks now or as it was, and its deadline.
    pub slack_minutes: i64,
}

/// A route with its stops and alarms.
#[derive(Debug, Clone)]
pub struct RouteDetail {
    /// The route.
    pub head: RouteRow,
    /// Its stops, in order.
    pub stops: Vec<StopSeen>,
    /// Its alarms that are not over.
    pub alarms: Vec<AlarmRow>,
}

impl RouteDetail {
    /// The least that is to spare at a stop still to come.
    #[must_use]
    pub fn slack_minutes(&self) -> Option<i64> {
        self.stops.iter().filter(|stop| stop.row.state.is_ahead()).map(|stop| stop.slack_minutes).min()
    }
}

/// Puts routes together with their stops, boxes and alarms.
pub(super) fn details(conn: &mut AnyConn, heads: Vec<RouteRow>) -> Result<Vec<RouteDetail>, ActionError> {
    let ids: Vec<RouteId> = heads.iter().map(|head| head.id).collect();
    let mut stops = rows::list_stops(conn, &ids)?;
    let alarms = alarms::list_live_alarms(conn, &ids)?;
    let mut found = Vec::new();
    for head in heads {
        let (own, rest): (Vec<StopRow>, Vec<StopRow>) = stops.into_iter().partition(|stop| stop.route_id == head.id);
        stops = rest;
        let mut seen = Vec::new();
        for row in own {
            let Some(transfer) = transfers::find_transfer(conn, row.transfer_id)? else { continue };
            let arrives = row.arrived_at.unwrap_or(row.eta_at);
            seen.push(StopSeen { slack_minutes: slack_minutes(row.due_at, arrives), row, transfer });
        }
        let own_alarms = alarms.iter().filter(|alarm| alarm.route_id == head.id).cloned().collect();
        found.push(RouteDetail { head, stops: seen, alarms: own_alarms });
    }
    Ok(found)
}

/// The route, for dispatchers and its own courier.
pub(super) fn get_head(conn: &mut AnyConn, actor: &Actor, id: RouteId) -> Result<RouteRow, ActionError> {
    let not_found = ActionError::NotFound { what: "route" };
    let head = rows::find_route(conn, id)?.ok_or(not_found)?;
    let courier = get_courier(conn, head.courier_id)?;
    if actor.acts_for(courier.base_site_id) { Ok(head) } else { Err(ActionError::NotFound { what: "route" }) }
}

/// A route with its stops, for dispatchers and its own courier.
///
/// # Errors
/// `NotFound` also for one of another courier.
pub fn get_route(conn: &mut AnyConn, actor: &Actor, id: RouteId) -> Result<RouteDetail, ActionError> {
    let head = get_head(conn, actor, id)?;
    let mut found = details(conn, vec![head])?;
    found.pop().ok_or(ActionError::NotFound { what: "route" })
}

/// A page of routes, for dispatchers and their own courier.
///
/// # Errors
/// Those of the store.
pub fn list_routes(
    conn: &mut AnyConn,
    actor: &Actor,
    wanted: &RouteFilter,
    after: Option<RouteId>,
    rows_wanted: i64,
) -> Result<Vec<RouteDetail>, ActionError> {
    let filter = RouteFilter { couriers: own_couriers(conn, actor)?, ..wanted.clone() };
    let heads = rows::list_routes(conn, &filter, after, rows_wanted)?;
    details(conn, heads)
}

/// What changed on a route after a version, oldest first.
///
/// # Errors
/// As [`get_route`].
pub fn list_changes(
    conn: &mut AnyConn,
    actor: &Actor,
    id: RouteId,
    after_version: i64,
) -> Result<Vec<ChangeRow>, ActionError> {
    get_head(conn, actor, id)?;
    Ok(rows::list_changes(conn, id, after_version)?)
}

/// The route, if it still has the version somebody saw; else what changed since.
pub(super) fn get_to_change(tx: &mut Tx<'_>, id: RouteId, version: i64) -> Result<RouteRow, ActionError> {
    let head = get_head(tx.conn, tx.actor, id)?;
    if head.version == version {
        return Ok(head);
    }
    let changes = rows::list_changes(tx.conn, id, version)?;
    let changes =
        changes.into_iter().map(|row| format!("v{} at {} by {}: {}", row.version, row.at, row.actor, row.detail));
    Err(ActionError::Overtaken { current_version: head.version, changes: changes.collect() })
}

/// Saves a route at its next version and says what changed.
pub(super) fn save_head(tx: &mut Tx<'_>, head: &mut RouteRow, what: &str, detail: &str) -> Result<(), ActionError> {
    let expected = head.version;
    head.version += 1;
    if !rows::update_route(tx.conn, head, expected)? {
        return Err(ActionError::Stale { current_version: head.version });
    }
    note_change(tx, head, what, detail)
}

pub(super) fn note_change(tx: &mut Tx<'_>, head: &RouteRow, what: &str, detail: &str) -> Result<(), ActionError> {
    let row = ChangeRow {
        route_id: head.id,
        version: head.version,
        at: tx.now,
        actor: tx.actor.id.clone(),
        what: what.to_owned(),
        detail: detail.to_owned(),
    };
    Ok(rows::append_change(tx.conn, &row)?)
}

/// Records what happened to a route, for its courier's base.
pub(super) fn record(
    tx: &mut Tx<'_>,
    kind: &'static str,
    head: &RouteRow,
    data: &serde_json::Value,
) -> Result<(), ActionError> {
    let courier = get_courier(tx.conn, head.courier_id)?;
    tx.record(Happening {
        kind,
        subject_kind: "route",
        subject_id: head.id.to_string(),
        site: Some(courier.base_site_id),
        other_site: None,
        network: false,
        data,
    })
}
