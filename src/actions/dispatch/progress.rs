//! Stops as they are made or given up. A stop is a step of custody at the same time; the road to it is measured;
//! what is still to come gets new times of arrival.

use super::editing::tell_sites;
use super::routes::{get_head, record, save_head};
use super::turning_back::{send_back, stop_at_home};
use super::watch::look_at;
use crate::actions::acting::acting;
use crate::actions::custody::device_time;
use crate::actions::handover::Handover;
use crate::actions::late_steps::{LateStep, record_steps};
use crate::actions::{ActionError, Tx};
use crate::domain::actor::{Actor, SiteScope};
use crate::domain::custody::StepKind;
use crate::domain::dispatch::{RouteState, StopKind, StopProblem, StopState, names_box, seconds_of};
use crate::domain::ids::{BottleId, RouteId, StopId};
use crate::domain::text::text_fault;
use crate::domain::time::Instant;
use crate::domain::transfer::TransferState;
use crate::domain::words::words;
use crate::store::dispatch::routes::{self as rows, RouteRow, StopRow};
use crate::store::dispatch::{links, roads};
use crate::store::{transfers, transfers::TransferRow};
use serde_json::json;

words! {
    /// What happened at a stop.
    Reported {
        /// The vehicle is there.
        Arrived = "arrived",
        /// The box came aboard or left.
        Done = "done",
        /// It could not be done.
        Failed = "failed",
    }
}

/// A report about one stop.
#[derive(Debug, Clone)]
pub struct StopReport {
    /// The reporter's own name for it; a repeat adds nothing.
    pub step_ref: String,
    /// What happened.
    pub what: Reported,
    /// By the device's clock; now, if not given.
    pub at: Option<Instant>,
    /// Why it could not be done.
    pub problem: Option<StopProblem>,
    /// In words.
    pub note: Option<String>,
    /// The seal seen.
    pub seal_number: Option<String>,
    /// The code of the receiving door.
    pub handover_code: Option<String>,
    /// The reference of a signature.
    pub signature_ref: Option<String>,
    /// The reference of a photo.
    pub photo_ref: Option<String>,
    /// The code of the box as it was scanned or typed.
    pub box_code: Option<String>,
    /// The bottles scanned.
    pub scanned: Option<Vec<BottleId>>,
    /// What was seen.
    pub condition: Option<serde_json::Value>,
}

impl StopReport {
    /// Whether something shows that the box changed hands.
    #[must_use]
    pub const fn has_proof(&self) -> bool {
        self.handover_code.is_some() || self.signature_ref.is_some() || self.photo_ref.is_some()
    }
}

/// Takes a report about a stop of a route, from its courier or a dispatcher.
///
/// # Errors
/// `NotFound`; `Invalid` for a time to come; `Conflict` when the stop is over, or the box is not aboard.
pub fn report_stop(tx: &mut Tx<'_>, id: RouteId, stop: StopId, report: &StopReport) -> Result<(), ActionError> {
    let head = get_head(tx.conn, tx.actor, id)?;
    apply_report(tx, head, stop, report)
}

/// Takes a report; whose route it is was looked at before.
pub(super) fn apply_report(
    tx: &mut Tx<'_>,
    mut head: RouteRow,
    stop: StopId,
    report: &StopReport,
) -> Result<(), ActionError> {
    let at = device_time(tx, report.at)?;
    if report.step_ref.is_empty() || report.step_ref.len() > 64 {
        return Err(ActionError::field("/step_ref", "out_of_range", "Name each step with 1 to 64 characters."));
    }
    if let Some(fault) = report.note.as_deref().and_then(|note| text_fault("/note", note, 1_000)) {
        return Err(ActionError::Invalid(vec![fault]));
    }
    if !matches!(head.state, RouteState::Assigned | RouteState::Running) {
        return Err(ActionError::conflict(
            "route_state",
            format!("This route is {}; nothing was changed.", head.state),
        ));
    }
    let stops = rows::list_stops(tx.conn, &[head.id])?;
    let mut row = stops.iter().find(|row| row.id == stop).cloned().ok_or(ActionError::NotFound { what: "stop" })?;
    if !row.state.is_ahead() {
        return Err(ActionError::conflict("stop_over", format!("This stop is {} already.", row.state)));
    }
    refuse_not_aboard(&stops, &row, report)?;
    let transfer = transfers::find_transfer(tx.conn, row.transfer_id)?
        .ok_or_else(|| ActionError::Internal("a stop has no transfer".to_owned()))?;
    if report.what == Reported::Done {
        refuse_unpacked(tx, &transfer, row.kind, at)?;
        refuse_other_box(&transfer, report)?;
        step_of_custody(tx, &transfer, &row, at, report)?;
    }
    mark(&mut row, at, report);
    rows::update_stop(tx.conn, &row)?;
    if report.what != Reported::Arrived || row.arrived_at.is_some() {
        measure_leg(tx, &head, &stops, &row)?;
    }
    head.heard_at = Some(tx.now);
    if head.state == RouteState::Assigned {
        head.state = RouteState::Running;
        head.started_at = Some(at);
    }
    go_on(tx, head, &row, &transfer)
}

/// A step that was told so much later is a fact of a phone without a signal; one told now can still be mended.
const TOLD_NOW_MINUTES: i64 = 15;

/// Nobody takes a box that is not packed: its seal would be one that no packer set.
fn refuse_unpacked(tx: &Tx<'_>, transfer: &TransferRow, kind: StopKind, at: Instant) -> Result<(), ActionError> {
    let told_now = tx.now.minutes_since(at) < TOLD_NOW_MINUTES;
    if kind != StopKind::Pickup || transfer.state != TransferState::Planned || !told_now {
        return Ok(());
    }
    Err(ActionError::conflict("not_packed", "This box is not packed yet; wait for its seal, or report a problem."))
}

/// The code of another box is a slip of the hand, which is mended at the door.
fn refuse_other_box(transfer: &TransferRow, report: &StopReport) -> Result<(), ActionError> {
    if report.box_code.as_deref().is_none_or(|seen| names_box(seen, transfer.id)) {
        return Ok(());
    }
    Err(ActionError::conflict("other_box", "This is another box; look for the one that this stop names."))
}

fn refuse_not_aboard(stops: &[StopRow], row: &StopRow, report: &StopReport) -> Result<(), ActionError> {
    if row.kind.loads() || report.what != Reported::Done {
        return Ok(());
    }
    let aboard = stops
        .iter()
        .any(|stop| stop.transfer_id == row.transfer_id && stop.kind.loads() && stop.state == StopState::Done);
    if aboard {
        return Ok(());
    }
    Err(ActionError::conflict("not_aboard", "This box was not collected on this route; report that first."))
}

fn mark(row: &mut StopRow, at: Instant, report: &StopReport) {
    let proof = json!({
        "handover_code": report.handover_code.is_some(), "signature_ref": report.signature_ref,
        "photo_ref": report.photo_ref, "seal_number": report.seal_number, "box_code": report.box_code,
        "scanned": report.scanned.as_ref().map(Vec::len),
    });
    row.arrived_at = row.arrived_at.or(Some(at));
    row.note = report.note.clone().or(row.note.take());
    row.problem = report.problem.or(row.problem);
    match report.what {
        Reported::Arrived => row.state = StopState::Arrived,
        Reported::Done => {
            row.state = StopState::Done;
            row.done_at = Some(at);
            row.proof = Some(proof.to_string());
        }
        Reported::Failed => {
            row.state = StopState::Failed;
            row.done_at = Some(at);
            row.problem = row.problem.or(Some(StopProblem::Other));
        }
    }
}

/// The stop as a step of custody, at the two sites of its box and nowhere else.
fn step_of_custody(
    tx: &mut Tx<'_>,
    transfer: &TransferRow,
    row: &StopRow,
    at: Instant,
    report: &StopReport,
) -> Result<(), ActionError> {
    let kind = match row.kind {
        StopKind::Pickup => StepKind::Collected,
        StopKind::Delivery => StepKind::Delivered,
        StopKind::Drop | StopKind::Take => StepKind::CrossDocked,
    };
    let step = LateStep {
        step_ref: format!("{}.{}", row.id, kind),
        kind,
        at,
        site: Some(row.site_id),
        seal_number: report.seal_number.clone(),
        handover: Handover {
            code: report.handover_code.clone(),
            signature_ref: report.signature_ref.clone(),
            photo_ref: report.photo_ref.clone(),
        },
        scanned: report.scanned.clone(),
        condition: report.condition.clone(),
    };
    let ends = [transfer.from_site_id, transfer.to_site_id].into();
    let at_the_door = Actor { sites: SiteScope::Only(ends), ..tx.actor.clone() };
    acting(tx, &at_the_door, |tx| record_steps(tx, transfer.id, std::slice::from_ref(&step)))?;
    Ok(())
}

/// Times the planned road that a leg may have taken to be learned from; a break, or an arrival told late, says nothing
/// of the road.
const LONGEST_LEG: i64 = 3;
/// Seconds beyond that.
const LEG_SLACK_S: i64 = 7_200;

/// How long the road to this stop took, for later plans.
fn measure_leg(tx: &mut Tx<'_>, head: &RouteRow, stops: &[StopRow], row: &StopRow) -> Result<(), ActionError> {
    let before = stops.iter().filter(|stop| stop.state == StopState::Done).max_by_key(|stop| stop.done_at);
    let (Some(before), Some(arrived)) = (before, row.arrived_at) else { return Ok(()) };
    let measured = stops.iter().any(|stop| stop.id == row.id && stop.arrived_at.is_some());
    let left = before.done_at.filter(|left| *left < arrived && before.site_id != row.site_id);
    if let (Some(left), false) = (left, measured) {
        let hour = seconds_of(left).div_euclid(3600).rem_euclid(24);
        let seconds = seconds_of(arrived) - seconds_of(left);
        let planned = (seconds_of(row.planned_at) - seconds_of(before.leaves_at)).max(0);
        if seconds <= planned.saturating_mul(LONGEST_LEG).saturating_add(LEG_SLACK_S) {
            roads::add_leg_time(tx.conn, (before.site_id, row.site_id), hour, seconds)?;
        }
    }
    tracing::debug!(route = %head.id, "a leg was looked at");
    Ok(())
}

/// True when the box came aboard on this route.
fn is_aboard(tx: &mut Tx<'_>, row: &StopRow) -> Result<bool, ActionError> {
    let stops = rows::list_stops(tx.conn, &[row.route_id])?;
    Ok(stops
        .iter()
        .any(|stop| stop.transfer_id == row.transfer_id && stop.kind.loads() && stop.state == StopState::Done))
}

/// True for a stop after whose failure nothing on this route takes the box any more.
fn stays_aboard(row: &StopRow, transfer: &TransferRow) -> bool {
    row.kind == StopKind::Delivery || (row.kind == StopKind::Drop && row.site_id == transfer.from_site_id)
}

/// What follows from a stop: the route goes on or ends, its box's sites are told.
fn go_on(tx: &mut Tx<'_>, mut head: RouteRow, row: &StopRow, transfer: &TransferRow) -> Result<(), ActionError> {
    if row.state == StopState::Failed && row.kind.loads() {
        // What did not come aboard cannot leave the vehicle.
        for mut out in rows::list_stops(tx.conn, &[head.id])? {
            if out.transfer_id == row.transfer_id && !out.kind.loads() && out.state.is_ahead() {
                out.state = StopState::Failed;
                out.done_at = row.done_at;
                out.problem = row.problem;
                rows::update_stop(tx.conn, &out)?;
            }
        }
    }
    let comes_home = row.state == StopState::Failed && is_aboard(tx, row)? && stays_aboard(row, transfer);
    if comes_home {
        // What was not delivered is still aboard, and belongs into a freezer.
        stop_at_home(tx, row)?;
    }
    let ahead = rows::list_stops(tx.conn, &[head.id])?.iter().filter(|stop| stop.state.is_ahead()).count();
    let over = ahead == 0;
    if over {
        head.state = RouteState::Finished;
        head.finished_at = Some(tx.now);
    }
    let detail = format!("stop {} is {}", row.position + 1, row.state);
    save_head(tx, &mut head, "progressed", &detail)?;
    let data = json!({"stop_id": row.id, "kind": row.kind, "state": row.state, "problem": row.problem});
    record(tx, "route.progressed", &head, &data)?;
    let told = json!({"route_id": head.id, "at": row.done_at, "problem": row.problem});
    match (row.kind, row.state) {
        (StopKind::Pickup, StopState::Done) => tell_sites(tx, "journey.collected", transfer.id, &told)?,
        (StopKind::Delivery, StopState::Done) => tell_sites(tx, "journey.delivered", transfer.id, &told)?,
        (_, StopState::Failed) => tell_sites(tx, "journey.delayed", transfer.id, &told)?,
        _ => {}
    }
    if over {
        links::revoke_links(tx.conn, head.id, tx.now)?;
        return super::alarms::close_alarms(tx, head.id);
    }
    if comes_home {
        send_back(tx, &head, row)?;
    }
    let head = rows::find_route(tx.conn, head.id)?.unwrap_or(head);
    look_at(tx, &head)
}
