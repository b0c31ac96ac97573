//! Shipments and receipts at their edges.

use super::*;
use crate::domain::policy::built_in;
use uuid::Uuid;

fn shipment() -> ShipmentFacts<'static> {
    ShipmentFacts {
        carrier_agreement: Some((Date::constant(2026, 1, 1), Some(Date::constant(2026, 12, 31)))),
        on: Date::constant(2026, 9, 1),
        plan_max_temp: Some(Celsius::from_degrees(-18)),
        plan_max_minutes: Some(480),
        planned_minutes: 120,
        seal_number: Some("S-1"),
        forms: &[Form::Frozen],
        manifest_bottles: 4,
    }
}

fn codes(shipment: &ShipmentFacts<'_>) -> Vec<RefusalCode> {
    let found = shipment_failures(shipment, &built_in("hk-ha").unwrap());
    assert!(found.iter().all(|refusal| refusal.number.get() == 9));
    found.into_iter().map(|refusal| refusal.code).collect()
}

#[test]
fn refusal_09_a_box_leaves_with_agreement_plan_seal_and_manifest() {
    assert_eq!(codes(&shipment()), []);
    let nothing = ShipmentFacts {
        carrier_agreement: None,
        plan_max_temp: None,
        seal_number: Some(" "),
        manifest_bottles: 0,
        ..shipment()
    };
    assert_eq!(
        codes(&nothing),
        [
            RefusalCode::CarrierAgreementMissing,
            RefusalCode::SealMissing,
            RefusalCode::ManifestMissing,
            RefusalCode::TemperaturePlanMissing
        ]
    );
}

#[test]
fn refusal_09_an_agreement_counts_on_its_days_only() {
    let last = ShipmentFacts { on: Date::constant(2026, 12, 31), ..shipment() };
    assert_eq!(codes(&last), []);
    let after = ShipmentFacts { on: Date::constant(2027, 1, 1), ..shipment() };
    assert_eq!(codes(&after), [RefusalCode::CarrierAgreementMissing]);
}

#[test]
fn refusal_09_a_plan_warmer_or_longer_than_the_receiver_allows_is_refused() {
    let warm = ShipmentFacts { plan_max_temp: Some(Celsius::from_degrees(-10)), ..shipment() };
    assert_eq!(codes(&warm), [RefusalCode::TemperaturePlanTooWeak]);
    let long = ShipmentFacts { planned_minutes: 481, ..shipment() };
    assert_eq!(codes(&long), [RefusalCode::TemperaturePlanTooWeak]);
    let mut policy = built_in("hk-ha").unwrap();
    policy.values.delivery.max_transit_h.value = Some(1);
    assert_eq!(shipment_failures(&shipment(), &policy).len(), 1);
}

#[test]
fn refusal_09_another_seal_puts_every_bottle_in_quarantine() {
    let bottle = BottleId::new(Uuid::from_u128(1));
    let (manifest, before) = (BTreeSet::from([bottle]), BTreeSet::new());
    let receipt = ReceiptFacts {
        seal_sent: Some("S-1"),
        seal_found: Some("S-2"),
        manifest: &manifest,
        received_before: &before,
        scanned: &[bottle],
    };
    let found = receipt_failures(&receipt);
    assert_eq!(found.iter().map(|refusal| refusal.code).collect::<Vec<_>>(), [RefusalCode::SealMismatch]);
    let no_seal = ReceiptFacts { seal_sent: None, seal_found: None, ..receipt };
    assert!(!no_seal.seal_matches());
}

#[test]
fn refusal_10_a_stranger_or_a_second_receipt_is_refused() {
    let bottles: Vec<BottleId> = (1..=3).map(|number| BottleId::new(Uuid::from_u128(number))).collect();
    let manifest = BTreeSet::from([bottles[0], bottles[1]]);
    let before = BTreeSet::from([bottles[1]]);
    let receipt = ReceiptFacts {
        seal_sent: Some("S-1"),
        seal_found: Some("S-1"),
        manifest: &manifest,
        received_before: &before,
        scanned: &[bottles[0], bottles[0], bottles[1], bottles[2]],
    };
    let codes: Vec<RefusalCode> = receipt_failures(&receipt).into_iter().map(|refusal| refusal.code).collect();
    assert_eq!(
        codes,
        [RefusalCode::BottleReceivedTwice, RefusalCode::BottleReceivedTwice, RefusalCode::BottleNotOnManifest]
    );
}

#[test]
fn refusal_08_only_an_authorised_inspection_clears_an_excursion() {
    let full = DispositionFacts {
        decided_by: Some("user-1"),
        authorised: true,
        reason: "frozen solid, peak -15 °C for 12 minutes",
        inspected: true,
        peak_and_duration_known: true,
    };
    assert_eq!(disposition_failures(&full), Vec::new());
    let bare =
        DispositionFacts { authorised: false, reason: " ", inspected: false, peak_and_duration_known: false, ..full };
    assert_eq!(disposition_failures(&bare).len(), 4);
    assert!(disposition_failures(&bare).iter().all(|refusal| refusal.number.get() == 8));
}

#[test]
fn a_box_moves_only_forward() {
    use TransferState as S;
    let road = [S::Planned, S::Packed, S::Collected, S::InTransit, S::Delivered, S::Received];
    for pair in road.windows(2) {
        assert_eq!(pair[0].become_state(pair[1]), Ok(pair[1]));
        assert!(pair[1].become_state(pair[0]).is_err());
    }
    assert!(S::Collected.become_state(S::Cancelled).is_err());
    // A box that was not delivered may come back to its sender.
    assert_eq!(S::InTransit.become_state(S::Rejected), Ok(S::Rejected));
    assert!(S::Packed.become_state(S::Rejected).is_err());
}
