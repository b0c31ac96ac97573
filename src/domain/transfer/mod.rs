//! Transfers: the journey of a sealed box with a bottle-level manifest. A box without agreement, plan, seal
//! or manifest does not leave; a box with another seal, or a bottle nobody sent, does not enter stock.

use super::ids::BottleId;
use super::refusal::{Refusal, RefusalCode};
use super::words::words;
use std::collections::BTreeSet;

words! {
    /// Where a transfer stands.
    TransferState {
        /// Agreed and planned.
        Planned = "planned",
        /// In the box, sealed.
        Packed = "packed",
        /// Handed to the carrier.
        Collected = "collected",
        /// Under way.
        InTransit = "in_transit",
        /// Handed over at the receiver.
        Delivered = "delivered",
        /// Received bottle by bottle, all well.
        Received = "received",
        /// Received, and something differs.
        ReceivedWithDiscrepancies = "received_with_discrepancies",
        /// Nothing of it was taken: refused at the door, or, with the verdict `returned`, back at its sender.
        Rejected = "rejected",
        /// It never left.
        Cancelled = "cancelled",
    }

    /// What the receiver's inspector saw in a bottle.
    BottleCondition {
        /// Frozen solid.
        Solid = "solid",
        /// Partly liquid, with ice crystals.
        IceCrystals = "ice_crystals",
        /// Liquid.
        Liquid = "liquid",
    }
}

/// The step does not exist from this state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a transfer that is {from} cannot become {to}")]
pub struct IllegalTransferStep {
    /// The state it is in.
    pub from: TransferState,
    /// The state that was asked for.
    pub to: TransferState,
}

impl TransferState {
    /// The state after a step of custody.
    ///
    /// # Errors
    /// The step does not exist from this state.
    pub const fn become_state(self, to: Self) -> Result<Self, IllegalTransferStep> {
        use TransferState as S;
        match (self, to) {
            (S::Planned, S::Packed | S::Cancelled)
            | (S::Packed, S::Collected | S::Cancelled)
            | (S::Collected, S::InTransit | S::Delivered | S::Rejected)
            | (S::InTransit, S::Delivered | S::Rejected)
            | (S::Delivered, S::Received | S::ReceivedWithDiscrepancies | S::Rejected) => Ok(to),
            (from, to) => Err(IllegalTransferStep { from, to }),
        }
    }
}

/// What is known about a box at the receiver's door.
#[derive(Debug, Clone, Copy)]
pub struct ReceiptFacts<'a> {
    /// The seal at dispatch.
    pub seal_sent: Option<&'a str>,
    /// The seal found.
    pub seal_found: Option<&'a str>,
    /// The bottles on the manifest.
    pub manifest: &'a BTreeSet<BottleId>,
    /// The bottles received before.
    pub received_before: &'a BTreeSet<BottleId>,
    /// The bottles scanned now, in order.
    pub scanned: &'a [BottleId],
}

impl ReceiptFacts<'_> {
    /// True when the seal at the door is the seal of dispatch.
    #[must_use]
    pub fn seal_matches(&self) -> bool {
        self.seal_sent.is_some() && self.seal_sent == self.seal_found
    }
}

/// Every refusal at receipt: another seal (9), a bottle nobody sent or received before (10). A wrong seal
/// puts every bottle in quarantine, see [`receipt_outcome`]; a refused bottle is not received at all, and one that nobody
/// sent is held.
#[must_use]
pub fn receipt_failures(receipt: &ReceiptFacts<'_>) -> Vec<Refusal> {
    let mut found = Vec::new();
    if !receipt.seal_matches() {
        let detail = "the seal is not the seal of dispatch; every bottle goes into quarantine; NICE CG93 1.2.45";
        found.push(RefusalCode::SealMismatch.because(detail));
    }
    let mut seen = BTreeSet::new();
    for bottle in receipt.scanned {
        if !receipt.manifest.contains(bottle) {
            let detail = format!("bottle {bottle} is not on the manifest; WAC 246-720-080");
            found.push(RefusalCode::BottleNotOnManifest.because(detail));
        } else if receipt.received_before.contains(bottle) || !seen.insert(*bottle) {
            let detail = format!("bottle {bottle} was received before; WAC 246-720-080");
            found.push(RefusalCode::BottleReceivedTwice.because(detail));
        }
    }
    found
}

/// What somebody decides about an excursion.
#[derive(Debug, Clone, Copy)]
pub struct DispositionFacts<'a> {
    /// The authorised person, by reference.
    pub decided_by: Option<&'a str>,
    /// True when that person may disposition excursions at the site.
    pub authorised: bool,
    /// The reason in words.
    pub reason: &'a str,
    /// True when the bottles were inspected.
    pub inspected: bool,
    /// True when the highest temperature and the minutes above the limit are known to the decider.
    pub peak_and_duration_known: bool,
}

/// Every reason not to take a disposition (refusal 8). A mean temperature is not among the facts: it never
/// clears milk.
#[must_use]
pub fn disposition_failures(disposition: &DispositionFacts<'_>) -> Vec<Refusal> {
    let checks = [
        (disposition.decided_by.is_some() && disposition.authorised, "an authorised person must decide"),
        (!disposition.reason.trim().is_empty(), "a reason must be given"),
        (disposition.inspected, "the bottles must be inspected"),
        (disposition.peak_and_duration_known, "the highest temperature and the minutes above the limit must be known"),
    ];
    let missing = checks.iter().filter(|(met, _detail)| !met);
    missing.map(|(_met, detail)| RefusalCode::DispositionUnfounded.because(*detail)).collect()
}

#[cfg(test)]
mod tests;
