//! Taking milk out of circulation at once: waiting transfers are cancelled, waiting offers withdrawn, held
//! allocations released, lines closed. What is on the road is caught at its receipt.

use super::offers::{release, withdraw_offer};
use super::transfers::cancel_waiting;
use super::{ActionError, Tx};
use crate::domain::ids::{BottleId, LotId, SurplusLineId};
use crate::store::{holds, offers, surplus, transfers};

/// Frees lots and single bottles of every promise and takes them off the board. The caller has already given
/// the lots their new state, so that nothing goes back on offer.
///
/// # Errors
/// `Conflict` when a promise changed meanwhile; the whole is then tried again by the caller's client.
pub(super) fn freeze(
    tx: &mut Tx<'_>,
    of_lots: &[LotId],
    of_bottles: &[BottleId],
    why: &str,
) -> Result<(), ActionError> {
    for transfer in transfers::list_waiting_transfers_with(tx.conn, of_lots, of_bottles)? {
        cancel_waiting(tx, transfer, why)?;
    }
    for offer in holds::list_waiting_offers_on(tx.conn, of_lots, of_bottles)? {
        if let Some(offer) = offers::find_offer(tx.conn, offer)? {
            withdraw_offer(tx, &offer, why)?;
        }
    }
    for allocation in holds::list_held_allocations_on(tx.conn, of_lots, of_bottles)? {
        release(tx, &allocation, why)?;
    }
    if !of_lots.is_empty() {
        let lines: Vec<SurplusLineId> =
            surplus::list_lines_of_lots(tx.conn, of_lots)?.into_iter().map(|line| line.id).collect();
        surplus::close_lines(tx.conn, &lines)?;
        holds::unpublish_lots(tx.conn, of_lots)?;
    }
    for bottle in of_bottles {
        if let Some(line) = holds::unpublish_bottle(tx.conn, *bottle)?
            && !surplus::take_from_line(tx.conn, line, 1)?
        {
            return Err(ActionError::conflict("bottle_moved", "This bottle was promised meanwhile; try again."));
        }
    }
    Ok(())
}
