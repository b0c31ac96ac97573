//! Whether a lot may go to a receiver, by the receiver's rules. The part that does not change is worked
//! out once for each lot and policy; matching then asks two comparisons for each pair.

use super::LotFacts;
use super::LotState;
use super::expiry::effective_expiry;
use super::record::SafetyRecord;
use super::standing::standing_failures;
use crate::domain::policy::PolicyDocument;
use crate::domain::refusal::{Refusal, RefusalCode};
use crate::domain::time::Instant;

/// What a receiving policy says about one lot, whatever the hour. Keep it for each lot and policy version;
/// a corrected record or a new version makes a new one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptanceProfile {
    /// Failures that no hour changes.
    pub standing: Vec<Refusal>,
    /// The expiry that counts at the receiver; none where its policy writes no shelf life.
    pub usable_until: Option<Instant>,
    /// Days of life that must be left at delivery.
    pub min_remaining_days: u16,
    /// Where that number of days comes from.
    min_remaining_cite: String,
}

impl AcceptanceProfile {
    /// Judges a record by a receiving policy. `zone` is the bank's.
    #[must_use]
    pub fn new(record: &SafetyRecord, receiver: &PolicyDocument, zone: &str) -> Self {
        let remaining = &receiver.values.delivery.min_remaining_days;
        Self {
            standing: standing_failures(record, receiver, zone),
            usable_until: effective_expiry(record, receiver, zone),
            min_remaining_days: remaining.value,
            min_remaining_cite: remaining.cite(),
        }
    }

    /// The latest delivery after which too little life is left; none where nothing may be delivered at all.
    #[must_use]
    pub fn latest_delivery(&self) -> Option<Instant> {
        if !self.standing.is_empty() {
            return None;
        }
        self.usable_until.map(|until| until.plus_days(-i64::from(self.min_remaining_days)))
    }

    /// True when milk delivered and used by these instants passes: the quick question of the matching.
    #[must_use]
    pub fn permits(&self, delivered_by: Instant, last_use: Instant) -> bool {
        let lasts = self.usable_until.is_some_and(|until| last_use <= until && delivered_by < until);
        lasts && self.latest_delivery().is_some_and(|latest| delivered_by <= latest)
    }

    /// Every failure that depends on the hours (refusal 6).
    #[must_use]
    pub fn time_failures(&self, delivered_by: Instant, last_use: Instant) -> Vec<Refusal> {
        let Some(until) = self.usable_until else { return Vec::new() };
        let mut found = Vec::new();
        if delivered_by >= until {
            let detail = format!("expires at {until}, delivery is planned for {delivered_by}");
            found.push(RefusalCode::LotExpired.because(detail));
        } else if delivered_by > until.plus_days(-i64::from(self.min_remaining_days)) {
            found.push(RefusalCode::LifeTooShort.because(format!(
                "expires at {until}, less than {} days after delivery at {delivered_by}; {}",
                self.min_remaining_days, self.min_remaining_cite
            )));
        }
        if last_use > until {
            let detail = format!("expires at {until}, before the last planned use at {last_use}");
            found.push(RefusalCode::ExpiresBeforeUse.because(detail));
        }
        found
    }
}

/// What the lot's present state says, whoever the receiver is (refusals 1, 5, 7 and 8).
#[must_use]
pub fn state_failures(lot: &LotFacts<'_>) -> Vec<Refusal> {
    let mut found = Vec::new();
    if lot.recalled || lot.state == LotState::Recalled {
        found.push(RefusalCode::LotRecalled.because("the lot is recalled or under look-back"));
    }
    match lot.state {
        LotState::Released | LotState::Recalled => {}
        LotState::Held => found.push(RefusalCode::LotHeld.because("the lot is on hold")),
        LotState::Expired => found.push(RefusalCode::LotExpired.because("the lot has expired")),
        state => found.push(RefusalCode::LotNotReleased.because(format!("the lot is {state}, not released"))),
    }
    if lot.held && lot.state != LotState::Held {
        found.push(RefusalCode::LotHeld.because("a hold on the lot or bottle is open"));
    }
    if lot.thawed {
        found.push(RefusalCode::LotThawed.because("the milk is thawed; thawed milk is used where it is or discarded"));
    }
    if lot.open_excursion {
        let detail = "an excursion has no disposition by an authorised person";
        found.push(RefusalCode::ExcursionOpen.because(detail));
    }
    found
}

/// Every reason against a lot at a receiver (refusals 1 to 8 and 17 by the receiver's rules). `zone` is the bank's.
///
/// For many questions about the same lot and policy, keep an [`AcceptanceProfile`] and ask [`state_failures`]
/// and [`AcceptanceProfile::permits`] instead.
#[must_use]
pub fn acceptance_failures(
    lot: &LotFacts<'_>,
    receiver: &PolicyDocument,
    delivered_by: Instant,
    last_use: Instant,
    zone: &str,
) -> Vec<Refusal> {
    let mut found = state_failures(lot);
    let profile = AcceptanceProfile::new(lot.record, receiver, zone);
    found.extend(profile.time_failures(delivered_by, last_use));
    found.extend(profile.standing);
    found
}
