//! Cases: what did not fit on a journey or at a door. Opened by the hub itself, settled by somebody with a name
//! and a reason.

use super::transfers::own_sites;
use super::{ActionError, Happening, Tx};
use crate::domain::actor::Actor;
use crate::domain::custody::CaseKind;
use crate::domain::ids::CaseId;
use crate::domain::text::text_fault;
use crate::store::AnyConn;
use crate::store::cases as rows;
pub use crate::store::cases::CaseRow;
use crate::store::transfers::TransferRow;
use serde_json::json;

/// Opens a case about a journey; the receiver settles it.
pub(super) fn open_case(
    tx: &mut Tx<'_>,
    transfer: &TransferRow,
    kind: CaseKind,
    detail: &serde_json::Value,
) -> Result<CaseId, ActionError> {
    let row = CaseRow {
        id: CaseId::new(tx.new_id()),
        site_id: transfer.to_site_id,
        other_site_id: Some(transfer.from_site_id),
        transfer_id: Some(transfer.id),
        kind: kind.as_str().to_owned(),
        state: "open".to_owned(),
        detail: detail.to_string(),
        opened_at: tx.now,
        closed_at: None,
        closed_by: None,
        resolution: None,
        version: 1,
    };
    rows::insert_case(tx.conn, &row)?;
    record(tx, "case.opened", &row, &json!({"kind": kind, "transfer_id": transfer.id}))?;
    Ok(row.id)
}

/// Settles a case.
///
/// # Errors
/// `NotFound`, `Stale`, `Forbidden` for the other site, `Conflict` when it was settled before.
pub fn close_case(tx: &mut Tx<'_>, id: CaseId, version: i64, resolution: &str) -> Result<CaseRow, ActionError> {
    let row = get_case(tx.conn, tx.actor, id)?;
    if !tx.actor.acts_for(row.site_id) {
        return Err(ActionError::Forbidden);
    }
    if row.version != version {
        return Err(ActionError::Stale { current_version: row.version });
    }
    if row.closed_at.is_some() {
        return Err(ActionError::conflict("case_closed", "This case was settled already."));
    }
    if resolution.trim().is_empty() {
        return Err(ActionError::field("/resolution", "required", "Say how it was settled, in a few words."));
    }
    if let Some(fault) = text_fault("/resolution", resolution, 500) {
        return Err(ActionError::Invalid(vec![fault]));
    }
    let by = tx.actor.id.clone();
    if !rows::close_case(tx.conn, id, version, &by, resolution.trim(), tx.now)? {
        return Err(ActionError::Stale { current_version: version + 1 });
    }
    record(tx, "case.closed", &row, &json!({"kind": row.kind}))?;
    get_case(tx.conn, tx.actor, id)
}

/// The case, for both its sites and for hub roles.
///
/// # Errors
/// `NotFound` also when it is another pair's.
pub fn get_case(conn: &mut AnyConn, actor: &Actor, id: CaseId) -> Result<CaseRow, ActionError> {
    rows::find_case(conn, id)?
        .filter(|row| actor.acts_for(row.site_id) || row.other_site_id.is_some_and(|site| actor.acts_for(site)))
        .ok_or(ActionError::NotFound { what: "case" })
}

/// A page of the cases of the actor's sites.
///
/// # Errors
/// Those of the store.
pub fn list_cases(
    conn: &mut AnyConn,
    actor: &Actor,
    open_only: bool,
    after: Option<CaseId>,
    rows_wanted: i64,
) -> Result<Vec<CaseRow>, ActionError> {
    Ok(rows::list_cases(conn, own_sites(actor).as_deref(), open_only, after, rows_wanted)?)
}

fn record(tx: &mut Tx<'_>, kind: &'static str, row: &CaseRow, data: &serde_json::Value) -> Result<(), ActionError> {
    tx.record(Happening {
        kind,
        subject_kind: "case",
        subject_id: row.id.to_string(),
        site: Some(row.site_id),
        other_site: row.other_site_id,
        network: false,
        data,
    })
}
