//! Validated packings: entered with who validated them and by which report, superseded or retired, never rewritten. And
//! the weather that sites expect, without which the warmest test of a packing counts.

use super::sites::taken;
use super::{ActionError, Happening, Tx};
use crate::domain::field::FieldError;
use crate::domain::ids::{CourierId, PackingId, SiteId};
use crate::domain::packing::{COLDEST, Climate, Packing, PackingFacts, PackingState, WARMEST, step_faults};
use crate::domain::text::{code_fault, text_fault};
pub use crate::store::packings::{NotedClimate, PackingFilter, PlanRow};
use crate::store::{AnyConn, couriers, packings as rows, sites};
use serde_json::json;

/// A packing to enter.
#[derive(Debug, Clone)]
pub struct EnterPacking {
    /// What was validated.
    pub facts: PackingFacts,
    /// The packing whose place it takes.
    pub supersedes: Option<PackingId>,
}

fn range_fault(pointer: &str, value: i64, least: i64, most: i64) -> Option<FieldError> {
    let outside = !(least..=most).contains(&value);
    outside.then(|| FieldError::new(pointer, "out_of_range", format!("{least} to {most}")))
}

fn faults_of(tx: &mut Tx<'_>, facts: &PackingFacts) -> Result<Vec<FieldError>, ActionError> {
    let mut faults: Vec<FieldError> = [
        code_fault("/code", &facts.code),
        text_fault("/container", &facts.container, 500),
        text_fault("/validated_by", &facts.validated_by, 200),
        text_fault("/document_reference", &facts.document_reference, 500),
        range_fault("/capacity_ml", facts.capacity_ml.ml(), 1, 10_000_000),
        facts.capacity_bottles.and_then(|bottles| range_fault("/capacity_bottles", bottles, 1, 100_000)),
        range_fault("/containers", facts.containers, 1, 1_000),
    ]
    .into_iter()
    .flatten()
    .collect();
    faults.extend(step_faults(&facts.steps));
    if facts.courier_id.is_none() && facts.site_id.is_none() {
        let detail = "name the carrier or the site that packs so, or both";
        faults.push(FieldError::new("/courier_id", "required", detail));
    }
    // The earliest zone of the world is fourteen hours ahead.
    if facts.validated_on > tx.now.plus_hours(14).date_in("UTC") {
        faults.push(FieldError::new("/validated_on", "in_the_future", "nobody has validated it yet"));
    }
    if facts.valid_until.is_some_and(|until| until <= tx.now) {
        faults.push(FieldError::new("/valid_until", "in_the_past", "it would be over already"));
    }
    if let Some(courier) = facts.courier_id
        && couriers::find_courier(tx.conn, courier)?.is_none()
    {
        faults.push(FieldError::new("/courier_id", "not_found", "there is no such courier"));
    }
    if let Some(site) = facts.site_id
        && sites::find_site(tx.conn, site)?.is_none()
    {
        faults.push(FieldError::new("/site_id", "not_found", "there is no such site"));
    }
    Ok(faults)
}

/// Enters a packing, in the place of an earlier one if that is named.
///
/// # Errors
/// `Invalid` for texts, figures, steps or dates that cannot be taken, `Forbidden` for a packing of others, `NotFound`
/// and `Conflict` for one that cannot be superseded or a code that is in use.
pub fn enter_packing(tx: &mut Tx<'_>, command: &EnterPacking) -> Result<Packing, ActionError> {
    let faults = faults_of(tx, &command.facts)?;
    if !faults.is_empty() {
        return Err(ActionError::Invalid(faults));
    }
    if !may_answer(tx, command.facts.courier_id, command.facts.site_id)? {
        return Err(ActionError::Forbidden);
    }
    let id = PackingId::new(tx.new_id());
    let packing = Packing::entered(id, command.facts.clone(), command.supersedes, (&tx.actor.id, tx.now));
    if let Some(earlier) = command.supersedes {
        supersede(tx, earlier, &packing)?;
    }
    rows::insert_packing(tx.conn, &packing).map_err(taken)?;
    note(tx, "packing.entered", &packing)?;
    Ok(packing)
}

/// The packing that a carrier states when it is registered, until somebody validates another.
pub(super) fn state_packing(tx: &mut Tx<'_>, packing: &Packing) -> Result<(), ActionError> {
    rows::insert_packing(tx.conn, packing).map_err(taken)?;
    note(tx, "packing.entered", packing)
}

fn supersede(tx: &mut Tx<'_>, id: PackingId, by: &Packing) -> Result<(), ActionError> {
    let earlier = get_packing(tx.conn, id)?;
    if (earlier.courier_id, earlier.site_id) != (by.courier_id, by.site_id) {
        let detail = "A packing is superseded by one of the same carrier and site.";
        return Err(ActionError::field("/supersedes", "of_another", detail));
    }
    let why = format!("superseded by {}", by.document_reference);
    if !rows::end_packing(tx.conn, id, earlier.version, PackingState::Superseded, (tx.now, &why))? {
        return Err(over(&earlier));
    }
    let ended = get_packing(tx.conn, id)?;
    note(tx, "packing.superseded", &ended)
}

fn over(packing: &Packing) -> ActionError {
    ActionError::conflict("packing_over", format!("Packing {} is {} already.", packing.code, packing.state))
}

/// Those who answer for a packing: for the site that packs, or for the base of the carrier.
fn may_answer(tx: &mut Tx<'_>, courier: Option<CourierId>, site: Option<SiteId>) -> Result<bool, ActionError> {
    if let Some(site) = site {
        return Ok(tx.actor.acts_for(site));
    }
    let Some(courier) = courier else { return Ok(false) };
    let base = couriers::find_courier(tx.conn, courier)?.map(|courier| courier.base_site_id);
    Ok(base.is_some_and(|base| tx.actor.acts_for(base)))
}

/// Takes a packing out of use; what is planned with it and not packed yet must be planned anew.
///
/// # Errors
/// `NotFound`, `Forbidden` for a packing of others, `Stale`, `Conflict` when it is over, `Invalid` without a reason.
pub fn retire_packing(tx: &mut Tx<'_>, id: PackingId, version: i64, reason: &str) -> Result<Packing, ActionError> {
    let packing = get_packing(tx.conn, id)?;
    if !may_answer(tx, packing.courier_id, packing.site_id)? {
        return Err(ActionError::Forbidden);
    }
    if let Some(fault) = text_fault("/reason", reason, 500) {
        return Err(ActionError::Invalid(vec![fault]));
    }
    if packing.state != PackingState::Active {
        return Err(over(&packing));
    }
    if packing.version != version {
        return Err(ActionError::Stale { current_version: packing.version });
    }
    if !rows::end_packing(tx.conn, id, version, PackingState::Retired, (tx.now, reason.trim()))? {
        return Err(ActionError::Stale { current_version: get_packing(tx.conn, id)?.version });
    }
    let retired = get_packing(tx.conn, id)?;
    note(tx, "packing.retired", &retired)?;
    Ok(retired)
}

/// A packing by its identifier.
///
/// # Errors
/// `NotFound`.
pub fn get_packing(conn: &mut AnyConn, id: PackingId) -> Result<Packing, ActionError> {
    rows::find_packing(conn, id)?.ok_or(ActionError::NotFound { what: "packing" })
}

/// Packings, newest first, before one of them, at most so many.
///
/// # Errors
/// Those of the store.
pub fn list_packings(
    conn: &mut AnyConn,
    wanted: &PackingFilter,
    before: Option<PackingId>,
    rows_wanted: i64,
) -> Result<Vec<Packing>, ActionError> {
    Ok(rows::list_packings(conn, wanted, before.as_ref().map(PackingId::as_str), rows_wanted)?)
}

fn note(tx: &mut Tx<'_>, kind: &'static str, packing: &Packing) -> Result<(), ActionError> {
    tx.record(Happening {
        kind,
        subject_kind: "packing",
        subject_id: packing.id.to_string(),
        site: packing.site_id,
        other_site: None,
        network: true,
        data: &json!({
            "code": packing.code, "courier_id": packing.courier_id, "state": packing.state,
            "document_reference": packing.document_reference, "supersedes": packing.supersedes,
        }),
    })
}

/// Notes the warmest that a day of each month is expected to become at a site of one's own.
///
/// # Errors
/// `NotFound` for a site that is not theirs, `Invalid` for figures or a source that cannot be taken.
pub fn note_climate(
    tx: &mut Tx<'_>,
    site: SiteId,
    climate: Climate,
    source: &str,
) -> Result<NotedClimate, ActionError> {
    if !tx.actor.acts_for(site) || sites::find_site(tx.conn, site)?.is_none() {
        return Err(ActionError::NotFound { what: "site" });
    }
    let mut faults: Vec<FieldError> = text_fault("/source", source, 500).into_iter().collect();
    for (month, high) in climate.0.iter().enumerate() {
        if !(COLDEST..=WARMEST).contains(high) {
            let detail = format!("{COLDEST} to {WARMEST}");
            faults.push(FieldError::new(format!("/monthly_high_c/{month}"), "out_of_range", detail));
        }
    }
    if !faults.is_empty() {
        return Err(ActionError::Invalid(faults));
    }
    let noted = NotedClimate {
        site_id: site,
        climate,
        source: source.to_owned(),
        noted_by: tx.actor.id.clone(),
        noted_at: tx.now,
    };
    rows::put_climate(tx.conn, &noted)?;
    tx.record(Happening {
        kind: "site.climate_noted",
        subject_kind: "site",
        subject_id: site.to_string(),
        site: Some(site),
        other_site: None,
        network: true,
        data: &json!({"monthly_high_hundredths": noted.climate, "source": noted.source}),
    })?;
    Ok(noted)
}

/// The weather that a site noted.
///
/// # Errors
/// `NotFound` where none is noted.
pub fn get_climate(conn: &mut AnyConn, site: SiteId) -> Result<NotedClimate, ActionError> {
    rows::find_climate(conn, site)?.ok_or(ActionError::NotFound { what: "climate" })
}
