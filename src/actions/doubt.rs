//! A journey in doubt: while its milk is on the road with an excursion that nobody has decided, the requests
//! that wait for it are planned anew from other stock. Should the milk prove sound, it counts again then.

use super::requests::settle_request;
use super::{ActionError, Happening, Tx};
use crate::domain::offer::AllocationState;
use crate::domain::quantity::Volume;
use crate::store::transfers::{self, TransferRow};
use crate::store::{offers, requests};
use serde_json::json;

/// Gives every request behind a journey its claim back, once.
///
/// # Errors
/// `Conflict` when an allocation changed meanwhile.
pub(super) fn doubt_journey(tx: &mut Tx<'_>, transfer: &TransferRow) -> Result<(), ActionError> {
    for allocation in transfers::list_allocations_of(tx.conn, transfer.id)? {
        if allocation.doubted_at.is_some() || allocation.state != AllocationState::InTransfer {
            continue;
        }
        if !offers::doubt_allocation(tx.conn, &allocation, tx.now)? {
            return Err(ActionError::conflict("allocation_moved", "An allocation changed meanwhile; read it again."));
        }
        let less = Volume::ZERO - allocation.volume_ml;
        requests::add_to_request(tx.conn, allocation.request_id, less, Volume::ZERO)?;
        settle_request(tx, allocation.request_id)?;
        tx.record(Happening {
            kind: "allocation.doubted",
            subject_kind: "allocation",
            subject_id: allocation.id.to_string(),
            site: Some(allocation.from_site_id),
            other_site: Some(allocation.to_site_id),
            network: false,
            data: &json!({"transfer_id": transfer.id, "volume_ml": allocation.volume_ml}),
        })?;
    }
    Ok(())
}
