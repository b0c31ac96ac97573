//! Alarms of routes: late, silent, warm. One for each episode; somebody takes it, and it is closed when it is over.

use super::routes::{get_head, record};
use crate::actions::{ActionError, Tx};
use crate::domain::actor::Actor;
use crate::domain::dispatch::{AlarmKind, AlarmState};
use crate::domain::ids::{AlarmId, RouteId, TransferId};
use crate::store::AnyConn;
use crate::store::dispatch::alarms as rows;
pub use crate::store::dispatch::alarms::AlarmRow;
use crate::store::dispatch::routes::RouteRow;
use serde_json::json;

/// Raises an alarm, or brings the one that is up to date; true when it is new.
pub(super) fn raise(
    tx: &mut Tx<'_>,
    head: &RouteRow,
    kind: AlarmKind,
    transfer: Option<TransferId>,
    slack_minutes: Option<i64>,
) -> Result<bool, ActionError> {
    let live = rows::list_live_alarms(tx.conn, &[head.id])?;
    if let Some(mut known) = live.into_iter().find(|alarm| alarm.kind == kind && alarm.transfer_id == transfer) {
        if known.slack_minutes != slack_minutes {
            let expected = known.version;
            known.slack_minutes = slack_minutes;
            rows::update_alarm(tx.conn, &known, expected)?;
        }
        return Ok(false);
    }
    let row = AlarmRow {
        id: AlarmId::new(tx.new_id()),
        route_id: head.id,
        transfer_id: transfer,
        kind,
        state: AlarmState::Open,
        slack_minutes,
        opened_at: tx.now,
        owner: None,
        acknowledged_at: None,
        closed_at: None,
        version: 1,
    };
    rows::insert_alarm(tx.conn, &row)?;
    let data = json!({"alarm_id": row.id, "kind": kind, "transfer_id": transfer, "slack_minutes": slack_minutes});
    record(tx, "route.alarmed", head, &data)?;
    Ok(true)
}

/// Closes the alarms of a route that no longer hold.
pub(super) fn close_others(
    tx: &mut Tx<'_>,
    head: &RouteRow,
    holding: &[(AlarmKind, Option<TransferId>)],
) -> Result<(), ActionError> {
    for alarm in rows::list_live_alarms(tx.conn, &[head.id])? {
        if !holding.contains(&(alarm.kind, alarm.transfer_id)) {
            close(tx, alarm)?;
        }
    }
    Ok(())
}

/// Closes every alarm of a route that is over.
pub(super) fn close_alarms(tx: &mut Tx<'_>, id: RouteId) -> Result<(), ActionError> {
    for alarm in rows::list_live_alarms(tx.conn, &[id])? {
        close(tx, alarm)?;
    }
    Ok(())
}

fn close(tx: &mut Tx<'_>, mut alarm: AlarmRow) -> Result<(), ActionError> {
    let expected = alarm.version;
    alarm.state = AlarmState::Closed;
    alarm.closed_at = Some(tx.now);
    alarm.version += 1;
    rows::update_alarm(tx.conn, &alarm, expected)?;
    Ok(())
}

/// Takes an alarm: the actor sees to it from now on.
///
/// # Errors
/// `NotFound`, `Stale`; `Conflict` when it is over or somebody else has it.
pub fn acknowledge_alarm(tx: &mut Tx<'_>, id: AlarmId, version: i64) -> Result<AlarmRow, ActionError> {
    let mut alarm = rows::find_alarm(tx.conn, id)?.ok_or(ActionError::NotFound { what: "alarm" })?;
    let head = get_head(tx.conn, tx.actor, alarm.route_id)?;
    if alarm.version != version {
        return Err(ActionError::Stale { current_version: alarm.version });
    }
    if alarm.state == AlarmState::Closed {
        return Err(ActionError::conflict("alarm_over", "This alarm is over."));
    }
    alarm.state = AlarmState::Acknowledged;
    alarm.owner = Some(tx.actor.id.clone());
    alarm.acknowledged_at = Some(tx.now);
    alarm.version = version + 1;
    if !rows::update_alarm(tx.conn, &alarm, version)? {
        return Err(ActionError::Stale { current_version: version + 1 });
    }
    record(tx, "route.alarm_taken", &head, &json!({"alarm_id": alarm.id, "kind": alarm.kind}))?;
    Ok(alarm)
}

/// A page of alarms, for those who see all routes.
///
/// # Errors
/// `Forbidden` for a courier, who reads the alarms of its routes with them.
pub fn list_alarms(
    conn: &mut AnyConn,
    actor: &Actor,
    state: Option<AlarmState>,
    after: Option<AlarmId>,
    rows_wanted: i64,
) -> Result<Vec<AlarmRow>, ActionError> {
    if !actor.role.spans_all_sites() {
        return Err(ActionError::Forbidden);
    }
    Ok(rows::list_alarms(conn, state, after, rows_wanted)?)
}
