//! Milk past its expiry: it is no longer offered or promised at once. Its bottles stay where they are and are set
//! aside there, until the site records that it threw them away.

use super::freezing::freeze;
use super::{ActionError, Happening, Tx};
use crate::domain::lot::LotState;
use crate::store::{holds, lots, quarantine};
use serde_json::json;

/// Expires every lot whose time is over; the number expired.
///
/// # Errors
/// Those of the store; `Conflict` when a promise changed meanwhile.
pub fn expire_lots(tx: &mut Tx<'_>) -> Result<usize, ActionError> {
    let due = holds::list_lots_past_expiry(tx.conn, tx.now)?;
    if due.is_empty() {
        return Ok(0);
    }
    let expired = holds::move_lots(tx.conn, &due, &[LotState::Released, LotState::Held], LotState::Expired)?;
    freeze(tx, &expired, &[], "the lot expired")?;
    quarantine::set_aside_of_lots(tx.conn, &expired)?;
    for lot in lots::list_lots_by_id(tx.conn, &expired)? {
        tx.record(Happening {
            kind: "lot.expired",
            subject_kind: "lot",
            subject_id: lot.id.to_string(),
            site: Some(lot.bank_site_id),
            other_site: None,
            network: false,
            data: &json!({"code": lot.code, "expires_at": lot.expires_at}),
        })?;
    }
    Ok(expired.len())
}

/// Sets aside thawed milk whose hours are over, so that its site throws it away; the number set aside.
///
/// # Errors
/// Those of the store.
pub fn end_thawed(tx: &mut Tx<'_>) -> Result<usize, ActionError> {
    let over = quarantine::set_aside_thawed(tx.conn, tx.now)?;
    for (bottle, site) in &over {
        tx.record(Happening {
            kind: "bottle.thaw_ended",
            subject_kind: "bottle",
            subject_id: bottle.to_string(),
            site: Some(*site),
            other_site: None,
            network: false,
            data: &json!({}),
        })?;
    }
    Ok(over.len())
}
