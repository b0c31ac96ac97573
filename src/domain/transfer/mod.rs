//! Transfers: the journey of a sealed box with a bottle-level manifest. A box without agreement, plan, seal
//! or manifest does not leave; a box with another seal, or a bottle nobody sent, does not enter stock.

use super::ids::BottleId;
use super::policy::{Form, PolicyDocument};
use super::quantity::Celsius;
use super::refusal::{Refusal, RefusalCode};
use super::words::words;
use jiff::civil::Date;
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

/// What is known about a box before it leaves.
#[derive(Debug, Clone, Copy)]
pub struct ShipmentFacts<'a> {
    /// First and last day of the carrier's agreement; no last day means until ended.
    pub carrier_agreement: Option<(Date, Option<Date>)>,
    /// The day of collection.
    pub on: Date,
    /// The warmest that the plan allows, in hundredths of a degree Celsius.
    pub plan_max_temp: Option<Celsius>,
    /// The longest that the plan allows, in minutes.
    pub plan_max_minutes: Option<i64>,
    /// How long the journey is planned to take, in minutes.
    pub planned_minutes: i64,
    /// The number of the seal.
    pub seal_number: Option<&'a str>,
    /// The forms of the milk inside.
    pub forms: &'a [Form],
    /// Bottles on the manifest.
    pub manifest_bottles: usize,
}

/// Every reason for a box to stay (refusal 9), by the receiver's rules.
#[must_use]
pub fn shipment_failures(shipment: &ShipmentFacts<'_>, receiver: &PolicyDocument) -> Vec<Refusal> {
    let mut found = Vec::new();
    let current = shipment
        .carrier_agreement
        .is_some_and(|(from, until)| from <= shipment.on && until.is_none_or(|until| shipment.on <= until));
    if !current {
        let detail = format!("no agreement with the carrier is current on {}; NICE CG93 1.2.46", shipment.on);
        found.push(RefusalCode::CarrierAgreementMissing.because(detail));
    }
    if shipment.seal_number.is_none_or(|seal| seal.trim().is_empty()) {
        found.push(RefusalCode::SealMissing.because("the box has no seal number; NICE CG93 1.2.45"));
    }
    if shipment.manifest_bottles == 0 {
        found.push(RefusalCode::ManifestMissing.because("the manifest lists no bottle; NICE CG93 1.2.47"));
    }
    plan_failures(shipment, receiver, &mut found);
    found
}

fn plan_failures(shipment: &ShipmentFacts<'_>, receiver: &PolicyDocument, found: &mut Vec<Refusal>) {
    let (Some(warmest), Some(longest)) = (shipment.plan_max_temp, shipment.plan_max_minutes) else {
        let detail = "the plan lacks a highest temperature or a longest time; NICE CG93 1.2.44";
        found.push(RefusalCode::TemperaturePlanMissing.because(detail));
        return;
    };
    for rules in shipment.forms.iter().filter_map(|form| receiver.form(*form)) {
        let limit = &rules.transport_max_hundredths_c;
        if warmest > limit.value {
            found.push(RefusalCode::TemperaturePlanTooWeak.because(format!(
                "the plan allows {warmest} for {} milk, the receiver {}; {}",
                rules.form,
                limit.value,
                limit.cite()
            )));
        }
    }
    if shipment.planned_minutes > longest {
        let detail = format!("{} minutes are planned, {longest} are allowed", shipment.planned_minutes);
        found.push(RefusalCode::TemperaturePlanTooWeak.because(detail));
    }
    let rule = &receiver.values.delivery.max_transit_h;
    if let Some(hours) = rule.value.filter(|hours| shipment.planned_minutes > i64::from(*hours) * 60) {
        let detail =
            format!("{} minutes are planned, at most {hours} h are allowed; {}", shipment.planned_minutes, rule.cite());
        found.push(RefusalCode::TemperaturePlanTooWeak.because(detail));
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
/// puts every bottle in quarantine, see [`receipt_outcome`]; a refused bottle is not received at all.
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
