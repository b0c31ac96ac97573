//! Receipts at their edges.

use super::*;
use uuid::Uuid;

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
