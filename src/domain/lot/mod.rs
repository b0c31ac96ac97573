//! Lots: the states they pass through, what is known about them, and the decisions on release and on
//! acceptance. A missing result is never a pass; every failure is named, not only the first.

mod acceptance;
mod defects;
mod expiry;
mod microbiology;
mod record;
mod release;
mod screening;
mod standing;
mod supplement;
mod treatment;

pub use acceptance::{AcceptanceProfile, acceptance_failures, state_failures};
pub use expiry::{effective_expiry, expires_at};
pub use record::{
    CarbohydrateKind, Composition, Count, Culture, CultureFinding, DonorRecord, HoldReading, IsbtIdentity, LabVerdict,
    MilkType, Pasteurisation, ProteinKind, SafetyRecord, ScreeningResult, TestResult,
};
pub use release::release_failures;
pub use standing::standing_failures;
pub use supplement::Supplement;

use super::words::words;

words! {
    /// Where a lot stands.
    LotState {
        /// Its record is on file.
        Registered = "registered",
        /// It waits for results and a signature.
        Quarantined = "quarantined",
        /// It may be offered.
        Released = "released",
        /// It was released and is stopped for now.
        Held = "held",
        /// No bottle is left.
        Exhausted = "exhausted",
        /// It was thrown away.
        Discarded = "discarded",
        /// It was recalled.
        Recalled = "recalled",
        /// Its expiry has passed.
        Expired = "expired",
    }

    /// What may happen to a lot.
    LotStep {
        /// Put it in quarantine.
        Quarantine = "quarantine",
        /// Sign its release.
        Release = "release",
        /// Stop it for now.
        Hold = "hold",
        /// End the hold.
        LiftHold = "lift_hold",
        /// Its last bottle is gone.
        Exhaust = "exhaust",
        /// Throw it away.
        Discard = "discard",
        /// Recall it.
        Recall = "recall",
        /// Its expiry has passed.
        Expire = "expire",
    }
}

/// The step does not exist from this state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a {from} lot cannot {step}")]
pub struct IllegalLotStep {
    /// The state it is in.
    pub from: LotState,
    /// The step that was asked for.
    pub step: LotStep,
}

impl LotState {
    /// The state after a step. Recalled is the end of every road: nothing leads out of it.
    ///
    /// # Errors
    /// The step does not exist from this state.
    pub const fn next(self, step: LotStep) -> Result<Self, IllegalLotStep> {
        use LotState as S;
        match (self, step) {
            (S::Registered, LotStep::Quarantine) => Ok(S::Quarantined),
            (S::Quarantined, LotStep::Release) | (S::Held, LotStep::LiftHold) => Ok(S::Released),
            (S::Released, LotStep::Hold) => Ok(S::Held),
            (S::Released, LotStep::Exhaust) => Ok(S::Exhausted),
            (S::Registered | S::Quarantined | S::Released | S::Held | S::Expired, LotStep::Discard) => Ok(S::Discarded),
            (S::Quarantined | S::Released | S::Held, LotStep::Expire) => Ok(S::Expired),
            // Look-back reaches milk that is used up, thrown away or expired as well.
            (from, LotStep::Recall) if !matches!(from, S::Recalled) => Ok(S::Recalled),
            (from, step) => Err(IllegalLotStep { from, step }),
        }
    }
}

/// What is known about a lot when somebody wants it.
#[derive(Debug, Clone, Copy)]
pub struct LotFacts<'a> {
    /// Where it stands.
    pub state: LotState,
    /// True while a hold is open on it.
    pub held: bool,
    /// True when the bottles in question are thawed.
    pub thawed: bool,
    /// True while an excursion that touched it has no disposition.
    pub open_excursion: bool,
    /// True when a recall or look-back names it.
    pub recalled: bool,
    /// Its safety record.
    pub record: &'a SafetyRecord,
}

impl<'a> LotFacts<'a> {
    /// A released lot with nothing against it.
    #[must_use]
    pub const fn released(record: &'a SafetyRecord) -> Self {
        Self { state: LotState::Released, held: false, thawed: false, open_excursion: false, recalled: false, record }
    }
}

#[cfg(test)]
mod acceptance_tests;
#[cfg(test)]
mod release_tests;
#[cfg(test)]
pub(crate) mod samples;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lot_reaches_release_only_through_quarantine() {
        assert!(LotState::Registered.next(LotStep::Release).is_err());
        let state = LotState::Registered.next(LotStep::Quarantine).unwrap();
        assert_eq!(state.next(LotStep::Release), Ok(LotState::Released));
    }

    #[test]
    fn refusal_05_nothing_leads_out_of_a_recall() {
        for step in LotStep::ALL {
            assert!(LotState::Recalled.next(*step).is_err(), "{step}");
        }
        for state in LotState::ALL.iter().filter(|state| **state != LotState::Recalled) {
            assert_eq!(state.next(LotStep::Recall), Ok(LotState::Recalled), "{state}");
        }
    }

    #[test]
    fn a_hold_goes_both_ways() {
        let held = LotState::Released.next(LotStep::Hold).unwrap();
        assert_eq!(held.next(LotStep::LiftHold), Ok(LotState::Released));
        assert!(held.next(LotStep::Exhaust).is_err());
    }
}
