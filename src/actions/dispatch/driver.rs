//! What a driver's phone reads and reports: one route, its stops, and steps that the phone kept while it had no
//! signal, each under a name of its own, in any order and more than once.

use super::boxes::BoxFacts;
use super::links::{LinkKey, LinkRow, look_at_link, open_link};
use super::positions::{ReportedPosition, keep};
use super::progress::{StopReport, apply_report};
use super::routes::{RouteDetail, details};
use crate::actions::acting::acting;
use crate::actions::{ActionError, Call, Tx};
use crate::domain::actor::{Actor, ActorKind, Role, SiteScope};
use crate::domain::geography::Position;
use crate::domain::ids::{SiteId, StopId};
use crate::domain::site::Site;
use crate::domain::time::Instant;
use crate::store::dispatch::links::{self as rows, DriverStepRow};
use crate::store::dispatch::routes;
use crate::store::dispatch::vehicles::{self, ShiftRow, VehicleRow};
use crate::store::{AnyConn, sites};
use std::collections::BTreeMap;

/// A driver who has not shown a link yet; the link itself says what may be done.
#[must_use]
pub fn unknown_driver() -> Call {
    let actor = Actor {
        kind: ActorKind::Client,
        id: "driver".to_owned(),
        role: Role::Courier,
        sites: SiteScope::Only([].into()),
    };
    Call { actor, trace_id: None }
}

/// Everything a phone shows.
#[derive(Debug, Clone)]
pub struct DriverRoute {
    /// The route with its stops.
    pub route: RouteDetail,
    /// Its shift.
    pub shift: ShiftRow,
    /// Its vehicle.
    pub vehicle: VehicleRow,
    /// The sites of its stops.
    pub sites: BTreeMap<SiteId, Site>,
    /// The most urgent tier on it.
    pub tier: Option<i64>,
    /// Until when the link works.
    pub expires_at: Instant,
}

/// Opens a link and gives its route.
///
/// # Errors
/// As [`open_link`].
pub fn open_route(tx: &mut Tx<'_>, key: &LinkKey, code: &str, device: &str) -> Result<DriverRoute, ActionError> {
    let link = open_link(tx, key, code, device)?;
    route_of(tx.conn, &link, tx.now)
}

/// The route of a link, and whether this phone has the link already; nothing is changed.
///
/// # Errors
/// As [`open_link`].
pub fn look_at_route(
    conn: &mut AnyConn,
    key: &LinkKey,
    (code, device): (&str, &str),
    now: Instant,
) -> Result<(DriverRoute, bool), ActionError> {
    let (link, kept) = look_at_link(conn, key, (code, device), now)?;
    Ok((route_of(conn, &link, now)?, kept))
}

fn route_of(conn: &mut AnyConn, link: &LinkRow, now: Instant) -> Result<DriverRoute, ActionError> {
    let gone = || ActionError::Unauthenticated { code: "driver_link_revoked" };
    let head = routes::find_route(conn, link.route_id)?.ok_or_else(gone)?;
    let shift = vehicles::find_shift(conn, link.shift_id)?.ok_or_else(gone)?;
    let vehicle = vehicles::find_vehicle(conn, shift.vehicle_id)?.ok_or_else(gone)?;
    let route = details(conn, vec![head])?.pop().ok_or_else(gone)?;
    let mut known = BTreeMap::new();
    let mut tier = None;
    for stop in &route.stops {
        if let Some(site) = sites::find_site(conn, stop.row.site_id)? {
            known.insert(site.id, site);
        }
        if let Some(facts) = BoxFacts::load(conn, stop.row.transfer_id, now)? {
            tier = Some(tier.map_or(facts.tier, |least: i64| least.min(facts.tier)));
        }
    }
    Ok(DriverRoute { route, shift, vehicle, sites: known, tier, expires_at: link.expires_at })
}

/// A step as a phone kept it.
#[derive(Debug, Clone)]
pub struct DriverStep {
    /// The stop.
    pub stop_id: StopId,
    /// What happened there.
    pub report: StopReport,
}

/// What became of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepAnswer {
    /// The phone's name for the step.
    pub step_ref: String,
    /// `taken`, `repeated` or `refused`.
    pub outcome: &'static str,
    /// Why it was refused.
    pub detail: Option<String>,
}

/// The driver of a link, at no site: each step acts at the two sites of its own box.
fn driver_of(link: &LinkRow) -> Actor {
    Actor {
        kind: ActorKind::Client,
        id: format!("driver:{}", link.id),
        role: Role::Courier,
        sites: SiteScope::Only([].into()),
    }
}

/// Takes one step, once. Call it once for each step: what is refused keeps nothing else back.
///
/// # Errors
/// As [`open_link`]; those of the step itself, with nothing kept.
pub fn take_step(
    tx: &mut Tx<'_>,
    key: &LinkKey,
    (code, device): (&str, &str),
    step: &DriverStep,
) -> Result<StepAnswer, ActionError> {
    let link = open_link(tx, key, code, device)?;
    let step_ref = step.report.step_ref.clone();
    if rows::find_step(tx.conn, link.route_id, &step_ref)?.is_some() {
        return Ok(StepAnswer { step_ref, outcome: "repeated", detail: None });
    }
    let head = routes::find_route(tx.conn, link.route_id)?.ok_or(ActionError::NotFound { what: "route" })?;
    let driver = driver_of(&link);
    acting(tx, &driver, |tx| apply_report(tx, head, step.stop_id, &step.report))?;
    let row = DriverStepRow {
        route_id: link.route_id,
        step_ref: step_ref.clone(),
        stop_id: Some(step.stop_id),
        kind: step.report.what.as_str().to_owned(),
        device_at: step.report.at.unwrap_or(tx.now),
        recorded_at: tx.now,
        answer: "taken".to_owned(),
    };
    rows::append_step(tx.conn, &row)?;
    Ok(StepAnswer { step_ref, outcome: "taken", detail: None })
}

/// The answer for a step that was refused; none when the whole sending must fail.
#[must_use]
pub fn refusal_of(step_ref: &str, error: &ActionError) -> Option<StepAnswer> {
    let detail = match error {
        ActionError::Invalid(faults) => faults.iter().map(|fault| fault.detail.clone()).collect::<Vec<_>>().join(" "),
        ActionError::Refused(refusals) => {
            refusals.iter().map(|refusal| refusal.detail.clone()).collect::<Vec<_>>().join("; ")
        }
        ActionError::Conflict { detail, .. } => detail.clone(),
        ActionError::NotFound { what } => format!("There is no such {what} on this route."),
        _ => return None,
    };
    Some(StepAnswer { step_ref: step_ref.to_owned(), outcome: "refused", detail: Some(detail) })
}

/// Keeps where the phone is.
///
/// # Errors
/// As [`open_link`]; `Invalid` for a position from the future.
pub fn take_position(
    tx: &mut Tx<'_>,
    key: &LinkKey,
    (code, device): (&str, &str),
    position: Position,
    at: Instant,
) -> Result<(), ActionError> {
    let link = open_link(tx, key, code, device)?;
    crate::actions::custody::device_time(tx, Some(at))?;
    let shift = vehicles::find_shift(tx.conn, link.shift_id)?.ok_or(ActionError::NotFound { what: "shift" })?;
    keep(tx, &ReportedPosition { vehicle_id: shift.vehicle_id, position, at })?;
    Ok(())
}
