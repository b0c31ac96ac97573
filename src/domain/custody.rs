//! Steps of custody as devices report them: late, in any order, more than once. What happened is recorded even
//! where it should not have; what does not fit opens a case.

use super::ids::BottleId;
use super::transfer::TransferState;
use super::words::words;
use std::collections::BTreeSet;

words! {
    /// A step that a device reports.
    StepKind {
        /// The box was packed and sealed.
        Packed = "packed",
        /// The carrier took it.
        Collected = "collected",
        /// It changed vehicles at a depot.
        CrossDocked = "cross_docked",
        /// It changed hands.
        HandedOver = "handed_over",
        /// It was handed over at the receiver.
        Delivered = "delivered",
    }

    /// What did not fit.
    CaseKind {
        /// The seal is not the one of the dispatch.
        SealMismatch = "seal_mismatch",
        /// A bottle was in the box that nobody sent.
        UnlistedBottle = "unlisted_bottle",
        /// A bottle of the manifest was not in the box.
        MissingBottle = "missing_bottle",
        /// The carrier did not know the code of the door.
        WrongCode = "wrong_code",
        /// A box was said to be delivered, and neither code, signature, photograph nor receiver speaks for it.
        NoProof = "no_proof",
        /// A box left although its transfer was cancelled.
        MovedAfterCancel = "moved_after_cancel",
        /// A box left although its milk was held, recalled or over.
        UnsoundMilkLeft = "unsound_milk_left",
        /// A receipt that was not all well.
        Receipt = "receipt",
    }
}

impl StepKind {
    /// The state that a transfer is in after the step, where the step changes it, and the state it must be in.
    #[must_use]
    pub const fn moves(self) -> Option<(TransferState, TransferState)> {
        match self {
            Self::Packed => Some((TransferState::Planned, TransferState::Packed)),
            Self::Collected => Some((TransferState::Packed, TransferState::InTransit)),
            Self::Delivered => Some((TransferState::InTransit, TransferState::Delivered)),
            Self::CrossDocked | Self::HandedOver => None,
        }
    }
}

/// What a scan of a box shows against its manifest: bottles nobody sent, and bottles that are not there.
#[must_use]
pub fn compare_scan(manifest: &BTreeSet<BottleId>, scanned: &BTreeSet<BottleId>) -> (Vec<BottleId>, Vec<BottleId>) {
    let unlisted = scanned.difference(manifest).copied().collect();
    let missing = manifest.difference(scanned).copied().collect();
    (unlisted, missing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_steps_that_move_a_box_follow_each_other() {
        let mut state = TransferState::Planned;
        for kind in StepKind::ALL {
            if let Some((from, to)) = kind.moves() {
                assert_eq!(state, from, "{kind}");
                state = to;
            }
        }
        assert_eq!(state, TransferState::Delivered);
    }

    #[test]
    fn refusal_10_a_scan_names_what_nobody_sent_and_what_is_not_there() {
        let bottle = |last: u8| format!("01990000-0000-7000-8000-0000000000{last:02x}").parse::<BottleId>().unwrap();
        let (manifest, scanned) = ([bottle(1), bottle(2)].into(), [bottle(2), bottle(3)].into());
        assert_eq!(compare_scan(&manifest, &scanned), (vec![bottle(3)], vec![bottle(1)]));
    }
}
