//! A recall from freezing to a reconciled end. It freezes first and asks afterwards, and it closes only when
//! every site has answered and nothing of it can still be used (refusal 5).

use super::ids::{BottleId, CourierId, LotId, StorageUnitId, TransferId};
use super::lot::{SafetyRecord, TestResult};
use super::policy::Analyte;
use super::quantity::Volume;
use super::time::Instant;
use super::words::words;
use jiff::civil::Date;

words! {
    /// What a recall selects by.
    RecallScope {
        /// Every lot with a donor's milk: also the look-back of a late positive result.
        Donor = "donor",
        /// Every lot with milk of a deposit.
        Deposit = "deposit",
        /// Every lot filled from a pool.
        Pool = "pool",
        /// Named lots.
        Lot = "lot",
        /// Named bottles.
        Bottle = "bottle",
        /// Every lot of a pasteuriser run.
        Cycle = "cycle",
        /// Every lot of a pasteuriser, within a window when one is given.
        Device = "device",
        /// Every bottle that stood in a storage unit within a window.
        Storage = "storage",
        /// Every bottle that a courier had within a window.
        Courier = "courier",
        /// Every bottle of a journey.
        Transfer = "transfer",
        /// Every bottle that an infant was fed from.
        Infant = "infant",
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

/// A window of time; an open end reaches as far as records do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Window {
    /// Its beginning.
    pub from: Option<Instant>,
    /// Its end.
    pub until: Option<Instant>,
}

/// What a recall or a trace starts from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selector {
    /// Every lot with milk of this donor that was expressed after a day.
    Donor {
        /// Her pseudonym.
        donor_ref: String,
        /// Only lots with milk expressed after this day.
        after: Option<Date>,
        /// Look back to her last negative result of this test instead.
        look_back: Option<Analyte>,
    },
    /// Every lot with milk of this deposit.
    Deposit(String),
    /// Every lot filled from this pool.
    Pool(String),
    /// These lots.
    Lots(Vec<LotId>),
    /// These bottles.
    Bottles(Vec<BottleId>),
    /// Every lot of this pasteuriser run.
    Cycle(String),
    /// Every lot of this pasteuriser that was heated within the window.
    Device(String, Window),
    /// Every bottle that stood in this unit within the window.
    Storage(StorageUnitId, Window),
    /// Every bottle that this courier had within the window.
    Courier(CourierId, Window),
    /// Every bottle of this journey.
    Transfer(TransferId),
    /// Every bottle that this infant was fed from.
    Infant(String),
}

impl Selector {
    /// What it selects by.
    #[must_use]
    pub const fn scope(&self) -> RecallScope {
        match self {
            Self::Donor { .. } => RecallScope::Donor,
            Self::Deposit(_) => RecallScope::Deposit,
            Self::Pool(_) => RecallScope::Pool,
            Self::Lots(_) => RecallScope::Lot,
            Self::Bottles(_) => RecallScope::Bottle,
            Self::Cycle(_) => RecallScope::Cycle,
            Self::Device(..) => RecallScope::Device,
            Self::Storage(..) => RecallScope::Storage,
            Self::Courier(..) => RecallScope::Courier,
            Self::Transfer(_) => RecallScope::Transfer,
            Self::Infant(_) => RecallScope::Infant,
        }
    }
}

/// The day of a donor's last negative result of a test, over the records of her lots. Without one, nothing of
/// her milk is known to be safe.
#[must_use]
pub fn last_negative<'r>(
    donor_ref: &str,
    test: Analyte,
    records: impl Iterator<Item = &'r SafetyRecord>,
) -> Option<Date> {
    let results: Vec<(Date, TestResult)> = records
        .flat_map(|record| &record.donors)
        .filter(|donor| donor.donor_ref == donor_ref)
        .flat_map(|donor| &donor.results)
        .filter(|result| result.analyte == test)
        .map(|result| (result.sample_date, result.result))
        .collect();
    let is_negative = |result: &TestResult| *result == TestResult::NonReactive;
    let positive = results.iter().filter(|(_, result)| !is_negative(result)).map(|(day, _)| *day).min();
    // A negative on the day of the first positive, or after it, makes nothing safe that came before.
    let before = results.iter().filter(|(day, _)| positive.is_none_or(|positive| *day < positive));
    before.filter(|(_, result)| is_negative(result)).map(|(day, _)| *day).max()
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
    /// A site says that it has more than it ever had by the books.
    #[error("a site says that it holds {held} where the books know of {known}; look there, and let it answer again")]
    SiteHolds {
        /// What it says.
        held: Volume,
        /// What the recall names there, whatever became of it.
        known: Volume,
    },
    /// The count is not the volume that the lots had.
    #[error("{0} of the recalled lots is not accounted for")]
    Unaccounted(Volume),
}

/// Whether a recall may be closed: all answered, no site with milk that the books do not know, nothing left, every
/// millilitre accounted for. `answers` are what each site says it holds, with what the recall names there.
///
/// # Errors
/// The first thing in the way.
pub fn reconcile(
    unanswered: usize,
    answers: &[(Volume, Volume)],
    bottled: Volume,
    count: &RecallCount,
) -> Result<(), NotReconciled> {
    if unanswered > 0 {
        return Err(NotReconciled::Unanswered(unanswered));
    }
    if let Some((held, known)) = answers.iter().copied().find(|(held, known)| held > known) {
        return Err(NotReconciled::SiteHolds { held, known });
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
    use crate::domain::lot::ScreeningResult;

    fn ml(ml: i64) -> Volume {
        Volume::from_ml(ml)
    }

    #[test]
    fn refusal_5_a_later_negative_does_not_clear_what_came_before_the_positive() {
        let result = |day: i8, result| ScreeningResult {
            analyte: Analyte::Hiv12,
            method: None,
            sample_date: jiff::civil::date(2026, 9, day),
            result,
            lab: None,
            prenatal: false,
        };
        let last = |results: Vec<ScreeningResult>| {
            let mut record = crate::domain::lot::samples::record();
            let donor_ref = record.donors[0].donor_ref.clone();
            record.donors[0].results = results;
            last_negative(&donor_ref, Analyte::Hiv12, std::iter::once(&record)).map(|day| day.day())
        };
        let (negative, positive) = (TestResult::NonReactive, TestResult::Reactive);
        assert_eq!(last(vec![result(1, negative), result(10, negative)]), Some(10));
        assert_eq!(last(vec![result(1, negative), result(17, positive), result(20, negative)]), Some(1));
        assert_eq!(last(vec![result(17, negative), result(17, positive)]), None);
        assert_eq!(last(vec![result(17, positive)]), None, "nothing of her milk is known to be safe");
    }

    #[test]
    fn refusal_5_a_recall_closes_only_when_nothing_is_left() {
        let count = RecallCount { at_hand: ml(50), discarded: ml(850), fed: ml(100), ..RecallCount::default() };
        assert_eq!(reconcile(1, &[], ml(1000), &count), Err(NotReconciled::Unanswered(1)));
        assert_eq!(reconcile(0, &[], ml(1000), &count), Err(NotReconciled::MilkLeft(ml(50))));
        let done = RecallCount { at_hand: ml(0), discarded: ml(900), ..count };
        let said = [(ml(0), ml(400)), (ml(600), ml(600))];
        assert_eq!(reconcile(0, &said, ml(1000), &done), Ok(()));
        assert_eq!(reconcile(0, &said, ml(1001), &done), Err(NotReconciled::Unaccounted(ml(1))));
        let more = NotReconciled::SiteHolds { held: ml(601), known: ml(600) };
        assert_eq!(reconcile(0, &[(ml(601), ml(600))], ml(1000), &done), Err(more));
    }
}
