//! A recall from freezing to a reconciled end. It freezes first and asks afterwards, and it closes only when
//! every site has answered and nothing of it can still be used (refusal 5).

use super::quantity::Volume;
use super::words::words;

words! {
    /// What a recall selects by.
    RecallScope {
        /// Every lot with a donor's milk: also the look-back of a late positive result.
        Donor = "donor",
        /// Named lots.
        Lot = "lot",
        /// Every lot of a pasteuriser run.
        Cycle = "cycle",
        /// Every lot of a pasteuriser.
        Device = "device",
    }

    /// How far a recall has come.
    RecallState {
        /// The milk is frozen; nobody has been asked.
        Frozen = "frozen",
        /// Every site that has or had it is asked.
        Notified = "notified",
        /// Every site has answered.
        Acknowledged = "acknowledged",
        /// Reconciled and over.
        Closed = "closed",
    }
}

/// Where the milk of a recall is at one moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RecallCount {
    /// In stock or set aside: still to be discarded.
    pub at_hand: Volume,
    /// On the road.
    pub in_transit: Volume,
    /// Thrown away.
    pub discarded: Volume,
    /// Fed to infants.
    pub fed: Volume,
}

impl RecallCount {
    /// All of it.
    #[must_use]
    pub fn total(&self) -> Volume {
        self.at_hand + self.in_transit + self.discarded + self.fed
    }
}

/// Why a recall cannot be closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotReconciled {
    /// Sites have not answered.
    #[error("{0} sites have not answered")]
    Unanswered(usize),
    /// Milk is still at hand or on the road.
    #[error("{0} is not discarded yet")]
    MilkLeft(Volume),
    /// The count is not the volume that the lots had.
    #[error("{0} of the recalled lots is not accounted for")]
    Unaccounted(Volume),
}

/// Whether a recall may be closed: all answered, nothing left, every millilitre accounted for.
///
/// # Errors
/// The first thing in the way.
pub fn reconcile(unanswered: usize, bottled: Volume, count: &RecallCount) -> Result<(), NotReconciled> {
    if unanswered > 0 {
        return Err(NotReconciled::Unanswered(unanswered));
    }
    let left = count.at_hand + count.in_transit;
    if left.is_positive() {
        return Err(NotReconciled::MilkLeft(left));
    }
    let missing = bottled - count.total();
    if missing == Volume::ZERO { Ok(()) } else { Err(NotReconciled::Unaccounted(missing)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ml(ml: i64) -> Volume {
        Volume::from_ml(ml)
    }

    #[test]
    fn refusal_5_a_recall_closes_only_when_nothing_is_left() {
        let count = RecallCount { at_hand: ml(50), discarded: ml(850), fed: ml(100), ..RecallCount::default() };
        assert_eq!(reconcile(1, ml(1000), &count), Err(NotReconciled::Unanswered(1)));
        assert_eq!(reconcile(0, ml(1000), &count), Err(NotReconciled::MilkLeft(ml(50))));
        let done = RecallCount { at_hand: ml(0), discarded: ml(900), ..count };
        assert_eq!(reconcile(0, ml(1000), &done), Ok(()));
        assert_eq!(reconcile(0, ml(1001), &done), Err(NotReconciled::Unaccounted(ml(1))));
    }
}
