//! Checking a box in, bottle by bottle. What came thawed, damaged or expired never becomes stock; what is in
//! doubt is set aside until somebody with a name has decided (refusals 5 to 9).

use super::ids::BottleId;
use super::lot::LotState;
use super::policy::IceCrystals;
use super::time::Instant;
use super::words::words;
use std::collections::BTreeSet;

words! {
    /// How the receiver found a bottle.
    ArrivalCondition {
        /// Whole, labelled, frozen as it should be.
        Intact = "intact",
        /// Partly liquid, with ice crystals: what that counts as is the receiver's policy.
        IceCrystals = "ice_crystals",
        /// Liquid and cold; somebody decides whether it is used here as thawed.
        Liquid = "liquid",
        /// Thawed on the way, and thrown away.
        Thawed = "thawed",
        /// Broken, leaking or unreadable.
        Damaged = "damaged",
        /// On the manifest and not in the box.
        Missing = "missing",
    }

    /// What became of a bottle at receipt.
    BottleOutcome {
        /// In the receiver's stock.
        Accepted = "accepted",
        /// Set aside at the receiver.
        Quarantined = "quarantined",
        /// Thrown away.
        Rejected = "rejected",
        /// Not there.
        Missing = "missing",
    }

    /// Why a bottle did not become stock. The words are kept with the bottle.
    OutcomeReason {
        /// The seal is not the one of the dispatch.
        SealMismatch = "seal_mismatch",
        /// The box was not frozen solid.
        NotFrozen = "not_frozen",
        /// The journey has an excursion that nobody has decided.
        Excursion = "excursion",
        /// The lot was recalled on the way.
        LotRecalled = "lot_recalled",
        /// The lot or the bottle is held.
        LotHeld = "lot_held",
        /// The lot expired on the way.
        Expired = "expired",
        /// It thawed on the way.
        ThawedInTransit = "thawed_in_transit",
        /// It came damaged.
        Damaged = "damaged",
        /// It did not come.
        Missing = "missing",
    }

    /// What a receiver does with a box as a whole.
    Verdict {
        /// Everything went into stock.
        Accept = "accept",
        /// Something is set aside.
        Quarantine = "quarantine",
        /// Nothing is set aside and something was not taken.
        Reject = "reject",
    }
}

/// What the receiver found of the box as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BoxFindings {
    /// The seal is the one of the dispatch.
    pub seal_matches: bool,
    /// The milk is as frozen as it should be; true for milk that is not kept frozen.
    pub as_cold_as_planned: bool,
    /// The journey has an excursion that nobody has decided.
    pub excursion_open: bool,
    /// When the box was checked in.
    pub at: Instant,
}

/// One bottle on arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrival {
    /// How it was found.
    pub condition: ArrivalCondition,
    /// Its lot's state now.
    pub lot_state: LotState,
    /// Its lot's expiry.
    pub lot_expires_at: Instant,
    /// True when the bottle itself is held.
    pub held: bool,
}

/// What becomes of one bottle. What is certain goes before what is in doubt, and doubt before stock.
#[must_use]
pub fn judge_bottle(arrival: &Arrival, found: &BoxFindings) -> (BottleOutcome, Option<OutcomeReason>) {
    use BottleOutcome::{Accepted, Missing, Quarantined, Rejected};
    match arrival.condition {
        ArrivalCondition::Missing => return (Missing, Some(OutcomeReason::Missing)),
        ArrivalCondition::Damaged => return (Rejected, Some(OutcomeReason::Damaged)),
        // Refusal 7: thawed milk is never stock and never frozen again.
        ArrivalCondition::Thawed => return (Rejected, Some(OutcomeReason::ThawedInTransit)),
        // The box is not as cold as planned then; see the findings.
        ArrivalCondition::Intact | ArrivalCondition::IceCrystals | ArrivalCondition::Liquid => {}
    }
    if arrival.lot_state == LotState::Recalled {
        return (Quarantined, Some(OutcomeReason::LotRecalled));
    }
    if arrival.lot_state == LotState::Expired || arrival.lot_expires_at <= found.at {
        return (Rejected, Some(OutcomeReason::Expired));
    }
    if arrival.held || arrival.lot_state != LotState::Released {
        return (Quarantined, Some(OutcomeReason::LotHeld));
    }
    if !found.seal_matches {
        return (Quarantined, Some(OutcomeReason::SealMismatch));
    }
    if !found.as_cold_as_planned {
        return (Quarantined, Some(OutcomeReason::NotFrozen));
    }
    if found.excursion_open {
        return (Quarantined, Some(OutcomeReason::Excursion));
    }
    (Accepted, None)
}

impl ArrivalCondition {
    /// True when such a bottle shows that frozen milk began to thaw on the way.
    #[must_use]
    pub fn shows_thaw(self, ice_crystals: IceCrystals) -> bool {
        match self {
            // One bottle that thawed says what the others went through, whatever they look like by now.
            Self::Liquid | Self::Thawed => true,
            Self::IceCrystals => ice_crystals == IceCrystals::CountAsThawed,
            Self::Intact | Self::Damaged | Self::Missing => false,
        }
    }
}

/// The verdict on a box from what became of its bottles.
#[must_use]
pub fn verdict(outcomes: &[BottleOutcome]) -> Verdict {
    if outcomes.contains(&BottleOutcome::Quarantined) {
        Verdict::Quarantine
    } else if outcomes.iter().all(|outcome| *outcome == BottleOutcome::Accepted) {
        Verdict::Accept
    } else {
        Verdict::Reject
    }
}

/// The bottles of the manifest that the receiver did not name.
#[must_use]
pub fn unnamed(manifest: &BTreeSet<BottleId>, scanned: &[BottleId]) -> Vec<BottleId> {
    let scanned: BTreeSet<BottleId> = scanned.iter().copied().collect();
    manifest.difference(&scanned).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Instant = Instant::from_micros(1_788_000_000_000_000);

    fn bottle(tail: u8) -> BottleId {
        format!("01990000-0000-7000-8000-0000000000{tail:02x}").parse().unwrap()
    }

    fn sound() -> (Arrival, BoxFindings) {
        (
            Arrival {
                condition: ArrivalCondition::Intact,
                lot_state: LotState::Released,
                lot_expires_at: NOW.plus_days(30),
                held: false,
            },
            BoxFindings { seal_matches: true, as_cold_as_planned: true, excursion_open: false, at: NOW },
        )
    }

    #[test]
    fn a_sound_bottle_becomes_stock() {
        let (arrival, found) = sound();
        assert_eq!(judge_bottle(&arrival, &found), (BottleOutcome::Accepted, None));
    }

    #[test]
    fn refusal_5_a_lot_recalled_on_the_way_is_set_aside() {
        let (arrival, found) = sound();
        let recalled = Arrival { lot_state: LotState::Recalled, ..arrival };
        assert_eq!(judge_bottle(&recalled, &found), (BottleOutcome::Quarantined, Some(OutcomeReason::LotRecalled)));
    }

    #[test]
    fn refusal_6_a_lot_expired_on_the_way_is_thrown_away() {
        let (arrival, found) = sound();
        let expired = Arrival { lot_expires_at: NOW, ..arrival };
        assert_eq!(judge_bottle(&expired, &found), (BottleOutcome::Rejected, Some(OutcomeReason::Expired)));
    }

    #[test]
    fn refusal_7_thawed_milk_is_never_stock_whatever_else_is_sound() {
        let (arrival, found) = sound();
        let thawed = Arrival { condition: ArrivalCondition::Thawed, ..arrival };
        assert_eq!(judge_bottle(&thawed, &found), (BottleOutcome::Rejected, Some(OutcomeReason::ThawedInTransit)));
        let warm = BoxFindings { as_cold_as_planned: false, ..found };
        assert_eq!(judge_bottle(&arrival, &warm), (BottleOutcome::Quarantined, Some(OutcomeReason::NotFrozen)));
    }

    #[test]
    fn refusal_7_what_began_to_thaw_is_set_aside_as_the_policy_says() {
        use ArrivalCondition::{IceCrystals as Icy, Intact, Liquid};
        for policy in [IceCrystals::CountAsThawed, IceCrystals::CountAsFrozen] {
            assert!(Liquid.shows_thaw(policy) && !Intact.shows_thaw(policy));
            assert!(ArrivalCondition::Thawed.shows_thaw(policy), "one thawed bottle is a box that was warm");
        }
        assert!(Icy.shows_thaw(IceCrystals::CountAsThawed) && !Icy.shows_thaw(IceCrystals::CountAsFrozen));
    }

    #[test]
    fn refusal_8_an_open_excursion_sets_every_bottle_aside() {
        let (arrival, found) = sound();
        let found = BoxFindings { excursion_open: true, ..found };
        assert_eq!(judge_bottle(&arrival, &found), (BottleOutcome::Quarantined, Some(OutcomeReason::Excursion)));
    }

    #[test]
    fn refusal_9_a_mismatched_seal_sets_every_bottle_aside() {
        let (arrival, found) = sound();
        let found = BoxFindings { seal_matches: false, ..found };
        assert_eq!(judge_bottle(&arrival, &found), (BottleOutcome::Quarantined, Some(OutcomeReason::SealMismatch)));
    }

    #[test]
    fn what_the_receiver_did_not_name_is_listed() {
        let manifest = BTreeSet::from([bottle(1), bottle(2)]);
        assert_eq!(unnamed(&manifest, &[bottle(1), bottle(1), bottle(3)]), [bottle(2)]);
    }

    #[test]
    fn the_verdict_is_the_gravest_outcome() {
        use BottleOutcome::{Accepted, Missing, Quarantined, Rejected};
        assert_eq!(verdict(&[Accepted, Accepted]), Verdict::Accept);
        assert_eq!(verdict(&[Accepted, Rejected]), Verdict::Reject);
        assert_eq!(verdict(&[Rejected, Quarantined]), Verdict::Quarantine);
        assert_eq!(verdict(&[Missing]), Verdict::Reject);
    }
}
