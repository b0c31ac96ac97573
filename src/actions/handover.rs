//! The handover at the receiving door: by its code, a signature, a photograph, or the word of the receiver itself. The
//! word of whoever sends or carries a box is no proof that it came to the right door.

use super::custody::{append_custody, device_time, get_to_move, record, refuse_hidden, step};
use super::transfers::{TransferDetail, get_transfer_detail};
use super::{ActionError, Tx};
use crate::domain::actor::{Actor, Role, SiteScope};
use crate::domain::ids::TransferId;
use crate::domain::time::Instant;
use crate::domain::transfer::TransferState;
use crate::store::transfers::{StepMarks, TransferRow};
use serde_json::json;

/// Longest reference of a signature or a photograph, in characters.
pub(super) const LONGEST_REFERENCE: usize = 200;

/// What somebody has to show for a handover.
#[derive(Debug, Clone, Default)]
pub struct Handover {
    /// The code of the receiving door.
    pub code: Option<String>,
    /// The reference of a signature.
    pub signature_ref: Option<String>,
    /// The reference of a photograph.
    pub photo_ref: Option<String>,
}

impl Handover {
    /// What shows that the box came to its door; none when nothing does.
    pub(super) fn proof(&self, actor: &Actor, head: &TransferRow) -> Option<&'static str> {
        let given = |text: &Option<String>| text.as_deref().is_some_and(|text| !text.trim().is_empty());
        if given(&self.code) {
            Some("code")
        } else if given(&self.signature_ref) {
            Some("signature")
        } else if given(&self.photo_ref) {
            Some("photo")
        } else {
            is_receiver(actor, head).then_some("receiver")
        }
    }
}

/// True for the people and systems of the receiving site; not for those who plan or carry, who act at both ends.
fn is_receiver(actor: &Actor, head: &TransferRow) -> bool {
    let at_the_door = matches!(&actor.sites, SiteScope::Only(sites) if sites.contains(&head.to_site_id));
    at_the_door && matches!(actor.role, Role::BankManager | Role::Clinician | Role::Partner)
}

/// Notes that the carrier handed the box over.
///
/// # Errors
/// `NotFound`, `Stale`, `Conflict` when it is not on the road, for another code, or without any proof.
pub fn deliver_transfer(
    tx: &mut Tx<'_>,
    id: TransferId,
    version: i64,
    at: Option<Instant>,
    given: &Handover,
    condition: Option<&serde_json::Value>,
) -> Result<TransferDetail, ActionError> {
    let head = get_to_move(tx, id, version, TransferState::Delivered)?;
    let code = given.code.as_deref().map(str::trim).filter(|code| !code.is_empty());
    if code.is_some_and(|code| Some(code) != head.handover_code.as_deref()) {
        let detail = "This is not the code of the receiving door; ask there again.";
        return Err(ActionError::conflict("handover_code_wrong", detail));
    }
    for (pointer, text) in [("/signature_ref", &given.signature_ref), ("/photo_ref", &given.photo_ref)] {
        refuse_hidden(pointer, text.as_deref().unwrap_or_default(), LONGEST_REFERENCE)?;
    }
    let Some(proof) = given.proof(tx.actor, &head) else {
        let detail =
            "Ask the receiving door for its code, name a signature or a photograph, or let the receiver say so.";
        return Err(ActionError::conflict("handover_unproven", detail));
    };
    let at = device_time(tx, at)?;
    if head.collected_at.is_some_and(|collected| at < collected) {
        return Err(ActionError::field("/at", "before_collection", "A box is not delivered before it was collected."));
    }
    let marks = StepMarks { delivered_at: Some(at), ..StepMarks::default() };
    step(tx, &head, TransferState::Delivered, &marks)?;
    let seen = json!({
        "seen": condition, "handed_over_by": proof, "signature_ref": given.signature_ref, "photo_ref": given.photo_ref,
    });
    append_custody(tx, &head, "delivered", Some(head.to_site_id), at, None, Some(seen.to_string()))?;
    record(tx, "custody.delivered", &head, &json!({"handed_over_by": proof}))?;
    get_transfer_detail(tx.conn, tx.actor, id)
}
