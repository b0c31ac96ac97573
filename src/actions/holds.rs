//! Holds on a lot or on one bottle: placed at once, lifted by name and reason. While one is open nothing of it
//! is offered, promised, sent or used.

use super::freezing::freeze;
use super::quarantine::free_bottles;
use super::transfers::own_sites;
use super::{ActionError, Happening, Tx};
use crate::domain::actor::Actor;
use crate::domain::bottle::BottleState;
use crate::domain::ids::{BottleId, HoldId, LotId, SiteId};
use crate::domain::lot::LotState;
use crate::domain::text::text_fault;
use crate::store::holds as rows;
pub use crate::store::holds::HoldRow;
use crate::store::{AnyConn, bottles, feeds, lots, quarantine, recalls};
use serde_json::json;

/// What is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HoldOn {
    /// A whole lot.
    Lot(LotId),
    /// One bottle.
    Bottle(BottleId),
}

/// Places a hold; it acts at once on surplus, offers, allocations and transfers that wait.
///
/// # Errors
/// `NotFound` for what is not the actor's; `Conflict` for milk that is over already.
pub fn place_hold(tx: &mut Tx<'_>, on: HoldOn, reason: &str) -> Result<HoldRow, ActionError> {
    let reason = named_reason(reason)?;
    let site_id = match on {
        HoldOn::Lot(lot) => hold_lot(tx, lot)?,
        HoldOn::Bottle(bottle) => hold_bottle(tx, bottle)?,
    };
    let row = HoldRow {
        id: HoldId::new(tx.new_id()),
        lot_id: if let HoldOn::Lot(lot) = on { Some(lot) } else { None },
        bottle_id: if let HoldOn::Bottle(bottle) = on { Some(bottle) } else { None },
        site_id,
        reason: reason.to_owned(),
        placed_by: tx.actor.id.clone(),
        placed_at: tx.now,
        lifted_by: None,
        lifted_at: None,
        lift_reason: None,
        version: 1,
    };
    rows::insert_hold(tx.conn, &row)?;
    record(tx, "hold.placed", &row)?;
    Ok(row)
}

fn named_reason(reason: &str) -> Result<&str, ActionError> {
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(ActionError::field("/reason", "required", "Say why, in a few words."));
    }
    if let Some(fault) = text_fault("/reason", reason, 500) {
        return Err(ActionError::Invalid(vec![fault]));
    }
    Ok(reason)
}

fn hold_lot(tx: &mut Tx<'_>, id: LotId) -> Result<SiteId, ActionError> {
    let lot = lots::find_lot(tx.conn, id)?
        .filter(|lot| tx.actor.acts_for(lot.bank_site_id))
        .ok_or(ActionError::NotFound { what: "lot" })?;
    match lot.state {
        LotState::Registered | LotState::Quarantined | LotState::Held => {}
        LotState::Released => {
            if rows::move_lots(tx.conn, &[id], &[LotState::Released], LotState::Held)?.is_empty() {
                return Err(ActionError::Stale { current_version: lot.version + 1 });
            }
            freeze(tx, &[id], &[], "the lot is held")?;
        }
        state => {
            return Err(ActionError::conflict("lot_over", format!("This lot is {state}; there is nothing to hold.")));
        }
    }
    Ok(lot.bank_site_id)
}

fn hold_bottle(tx: &mut Tx<'_>, id: BottleId) -> Result<SiteId, ActionError> {
    let bottle = bottles::list_bottles_by_id(tx.conn, &[id])?
        .into_iter()
        .next()
        .filter(|bottle| tx.actor.acts_for(bottle.site_id))
        .ok_or(ActionError::NotFound { what: "bottle" })?;
    match bottle.state {
        BottleState::InStock => {
            freeze(tx, &[], &[id], "the bottle is held")?;
            let moved =
                feeds::set_aside(tx.conn, bottle.site_id, &[id], BottleState::InStock, BottleState::Quarantined)?;
            if moved != 1 {
                return Err(ActionError::conflict("bottle_moved", "This bottle moved meanwhile; read it again."));
            }
        }
        // On the road it is set aside at its receipt.
        BottleState::InTransit | BottleState::Quarantined => {}
        state @ (BottleState::Used | BottleState::Discarded) => {
            return Err(ActionError::conflict("bottle_closed", format!("This bottle is {state}.")));
        }
    }
    Ok(bottle.site_id)
}

/// Lifts a hold; what nothing else keeps aside is free again, though not on the board.
///
/// # Errors
/// `NotFound`, `Stale`, or `Conflict` when it was lifted already.
pub fn lift_hold(tx: &mut Tx<'_>, id: HoldId, version: i64, reason: &str) -> Result<HoldRow, ActionError> {
    let reason = named_reason(reason)?;
    let hold = get_hold(tx.conn, tx.actor, id)?;
    if hold.version != version {
        return Err(ActionError::Stale { current_version: hold.version });
    }
    if hold.lifted_at.is_some() {
        return Err(ActionError::conflict("hold_lifted", "This hold was lifted already."));
    }
    if let Some(bottle) = hold.bottle_id
        && recalls::is_bottle_recalled(tx.conn, bottle)?
    {
        let detail = "An open recall names this bottle; its hold ends with the bottle.";
        return Err(ActionError::conflict("recall_open", detail));
    }
    let by = tx.actor.id.clone();
    if !rows::lift_hold(tx.conn, id, version, &by, reason, tx.now)? {
        return Err(ActionError::Stale { current_version: version + 1 });
    }
    if let Some(lot) = hold.lot_id {
        if !rows::is_lot_held(tx.conn, lot)? {
            rows::move_lots(tx.conn, &[lot], &[LotState::Held], LotState::Released)?;
        }
        let aside = quarantine::list_quarantined_of_lot(tx.conn, lot)?;
        free_bottles(tx, &aside)?;
    }
    if let Some(bottle) = hold.bottle_id {
        free_bottles(tx, &[bottle])?;
    }
    let lifted = get_hold(tx.conn, tx.actor, id)?;
    record(tx, "hold.lifted", &lifted)?;
    Ok(lifted)
}

/// The hold, for the site that answers for it and for hub roles.
///
/// # Errors
/// `NotFound` also when it is another site's.
pub fn get_hold(conn: &mut AnyConn, actor: &Actor, id: HoldId) -> Result<HoldRow, ActionError> {
    rows::find_hold(conn, id)?.filter(|hold| actor.acts_for(hold.site_id)).ok_or(ActionError::NotFound { what: "hold" })
}

/// A page of the holds of the actor's sites.
///
/// # Errors
/// Those of the store.
pub fn list_holds(
    conn: &mut AnyConn,
    actor: &Actor,
    open_only: bool,
    after: Option<HoldId>,
    rows_wanted: i64,
) -> Result<Vec<HoldRow>, ActionError> {
    Ok(rows::list_holds(conn, own_sites(actor).as_deref(), open_only, after, rows_wanted)?)
}

fn record(tx: &mut Tx<'_>, kind: &'static str, hold: &HoldRow) -> Result<(), ActionError> {
    tx.record(Happening {
        kind,
        subject_kind: "hold",
        subject_id: hold.id.to_string(),
        site: Some(hold.site_id),
        other_site: None,
        network: false,
        data: &json!({"lot_id": hold.lot_id, "bottle_id": hold.bottle_id}),
    })
}
