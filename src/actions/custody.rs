//! Steps of custody: what every step of a journey checks and leaves behind. Steps are only added to, with the
//! device's time and the hub's.

use super::transfers::get_transfer;
use super::{ActionError, Happening, Tx};
use crate::domain::ids::{CustodyEventId, SiteId, TransferId};
use crate::domain::text::line_fault;
use crate::domain::time::Instant;
use crate::domain::transfer::TransferState;
use crate::store::custody::{self, CustodyRow};
use crate::store::transfers::{StepMarks, TransferRow, advance_transfer};

/// How far a device's clock may run ahead of the hub's.
const CLOCK_AHEAD_MINUTES: i64 = 5;

/// The transfer, if it may take this step at this version.
pub(super) fn get_to_move(
    tx: &mut Tx<'_>,
    id: TransferId,
    version: i64,
    to: TransferState,
) -> Result<TransferRow, ActionError> {
    let head = get_transfer(tx.conn, tx.actor, id)?;
    if head.version != version {
        return Err(ActionError::Stale { current_version: head.version });
    }
    match head.state.become_state(to) {
        Ok(_) => Ok(head),
        Err(illegal) => Err(ActionError::conflict("transfer_state", format!("{illegal}; nothing was changed."))),
    }
}

/// Saves a step at the version that was read.
pub(super) fn step(
    tx: &mut Tx<'_>,
    head: &TransferRow,
    state: TransferState,
    marks: &StepMarks<'_>,
) -> Result<(), ActionError> {
    if advance_transfer(tx.conn, head.id, head.version, state, marks)? {
        return Ok(());
    }
    Err(ActionError::Stale { current_version: head.version + 1 })
}

/// Longest seal number, in characters.
pub(super) const LONGEST_SEAL: usize = 64;

/// A number that is printed on the papers of a box is one line that people can see.
pub(super) fn refuse_hidden(pointer: &str, number: &str, most: usize) -> Result<(), ActionError> {
    line_fault(pointer, number, most).map_or(Ok(()), |fault| Err(ActionError::Invalid(vec![fault])))
}

/// The device's time of a step, or now; a device may be late but hardly early.
pub(super) fn device_time(tx: &Tx<'_>, at: Option<Instant>) -> Result<Instant, ActionError> {
    let at = at.unwrap_or(tx.now);
    if at > tx.now.plus_minutes(CLOCK_AHEAD_MINUTES) {
        return Err(ActionError::field("/at", "in_the_future", "This instant lies in the future."));
    }
    Ok(at)
}

/// Adds a step of custody with the device's time and the hub's.
pub(super) fn append_custody(
    tx: &mut Tx<'_>,
    head: &TransferRow,
    kind: &str,
    site: Option<SiteId>,
    device_at: Instant,
    seal_number: Option<&str>,
    condition: Option<String>,
) -> Result<(), ActionError> {
    let row = CustodyRow {
        id: CustodyEventId::new(tx.new_id()),
        transfer_id: head.id,
        kind: kind.to_owned(),
        site_id: site,
        actor: tx.actor.id.clone(),
        device_at,
        recorded_at: tx.now,
        seal_number: seal_number.map(str::to_owned),
        condition,
        step_ref: None,
    };
    Ok(custody::append_custody_event(tx.conn, &row)?)
}

/// Records what happened to a transfer, for both its sites.
pub(super) fn record(
    tx: &mut Tx<'_>,
    kind: &'static str,
    head: &TransferRow,
    data: &serde_json::Value,
) -> Result<(), ActionError> {
    tx.record(Happening {
        kind,
        subject_kind: "transfer",
        subject_id: head.id.to_string(),
        site: Some(head.from_site_id),
        other_site: Some(head.to_site_id),
        network: false,
        data,
    })
}
