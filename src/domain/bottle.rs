//! Bottles: where one stands and what may become of it. Thawed or opened milk is used where it is or
//! discarded; it never travels, freezes or is offered again (refusal 7).

use super::policy::PolicyDocument;
use super::refusal::{Refusal, RefusalCode};
use super::time::Instant;
use super::words::words;

words! {
    /// Where a bottle stands.
    BottleState {
        /// In a site's store.
        InStock = "in_stock",
        /// On its way.
        InTransit = "in_transit",
        /// Set apart until somebody decides.
        Quarantined = "quarantined",
        /// Given to infants.
        Used = "used",
        /// Thrown away.
        Discarded = "discarded",
    }

    /// What may happen to a bottle.
    BottleStep {
        /// Leave with a transfer.
        Ship = "ship",
        /// Arrive and be accepted.
        Arrive = "arrive",
        /// Set apart.
        Quarantine = "quarantine",
        /// Go back to stock after a disposition.
        Clear = "clear",
        /// Be given to infants.
        Use = "use",
        /// Be thrown away.
        Discard = "discard",
    }

    /// Why milk was thrown away.
    DiscardReason {
        /// Past its expiry.
        Expired = "expired",
        /// Thawed and not used in time.
        ThawedNotUsed = "thawed_not_used",
        /// What was left in an opened bottle.
        OpenedRemainder = "opened_remainder",
        /// Warmed on the way or in a store.
        Excursion = "excursion",
        /// Recalled or under look-back.
        Recall = "recall",
        /// Broken, leaking or not legible.
        Damaged = "damaged",
        /// A result came late and failed.
        FailedTest = "failed_test",
        /// Lost, for example with a freezer.
        Lost = "lost",
        /// Another reason, given in words.
        Other = "other",
    }
}

/// The step does not exist from this state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a bottle that is {from} cannot {step}")]
pub struct IllegalBottleStep {
    /// The state it is in.
    pub from: BottleState,
    /// The step that was asked for.
    pub step: BottleStep,
}

impl BottleState {
    /// The state after a step. Used and discarded are ends: milk is counted once.
    ///
    /// # Errors
    /// The step does not exist from this state.
    pub const fn next(self, step: BottleStep) -> Result<Self, IllegalBottleStep> {
        match (self, step) {
            (Self::InStock, BottleStep::Ship) => Ok(Self::InTransit),
            (Self::InTransit, BottleStep::Arrive) | (Self::Quarantined, BottleStep::Clear) => Ok(Self::InStock),
            (Self::InStock | Self::InTransit, BottleStep::Quarantine) => Ok(Self::Quarantined),
            (Self::InStock, BottleStep::Use) => Ok(Self::Used),
            (Self::InStock | Self::InTransit | Self::Quarantined, BottleStep::Discard) => Ok(Self::Discarded),
            (from, step) => Err(IllegalBottleStep { from, step }),
        }
    }
}

/// What is known about a bottle when somebody wants to move or use it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BottleFacts {
    /// Where it stands.
    pub state: BottleState,
    /// When it was thawed.
    pub thawed_at: Option<Instant>,
    /// True once any of it was poured.
    pub opened: bool,
    /// True while it is promised to a request.
    pub promised: bool,
    /// The expiry that counts where it is.
    pub expires_at: Instant,
}

impl BottleFacts {
    /// The instant after which the bottle may not be used under a policy: its expiry, or the end of the
    /// time after thawing.
    #[must_use]
    pub fn use_before(&self, policy: &PolicyDocument) -> Instant {
        let hours = i64::from(policy.values.delivery.thawed_use_within_h.value);
        self.thawed_at.map_or(self.expires_at, |thawed| thawed.plus_hours(hours).min(self.expires_at))
    }

    /// Every reason not to offer or ship the bottle (refusals 1, 6, 7 and 15).
    #[must_use]
    pub fn offering_failures(&self, now: Instant) -> Vec<Refusal> {
        let mut found = Vec::new();
        match self.state {
            BottleState::InStock => {}
            BottleState::Quarantined => found.push(RefusalCode::LotHeld.because("the bottle is in quarantine")),
            state => found.push(RefusalCode::MoreThanOnHand.because(format!("the bottle is {state}, not in stock"))),
        }
        if let Some(thawed_at) = self.thawed_at {
            let detail = format!("the bottle was thawed at {thawed_at}; it is used where it is or discarded");
            found.push(RefusalCode::LotThawed.because(detail));
        }
        if self.opened {
            found.push(RefusalCode::LotThawed.because("the bottle is opened; it is used where it is or discarded"));
        }
        if self.promised {
            found.push(RefusalCode::BottlePromised.because("the bottle is promised to another request"));
        }
        if self.expires_at <= now {
            found.push(RefusalCode::LotExpired.because(format!("the bottle expired at {}", self.expires_at)));
        }
        found
    }

    /// Every reason not to feed from the bottle now (refusals 1, 6, 7 and 15).
    #[must_use]
    pub fn use_failures(&self, policy: &PolicyDocument, now: Instant) -> Vec<Refusal> {
        let mut found = Vec::new();
        match self.state {
            BottleState::InStock => {}
            BottleState::Quarantined => found.push(RefusalCode::LotHeld.because("the bottle is in quarantine")),
            state => found.push(RefusalCode::MoreThanOnHand.because(format!("the bottle is {state}, not in stock"))),
        }
        if self.expires_at <= now {
            found.push(RefusalCode::LotExpired.because(format!("the bottle expired at {}", self.expires_at)));
        } else if self.use_before(policy) <= now {
            let rule = &policy.values.delivery.thawed_use_within_h;
            let detail = format!("thawed more than {} hours ago; {}", rule.value, rule.cite());
            found.push(RefusalCode::LotThawed.because(detail));
        }
        found
    }
}

/// More bottles asked than are free (refusal 15).
#[must_use]
pub fn promise_failures(on_hand: u64, promised: u64, asked: u64) -> Vec<Refusal> {
    let free = on_hand.saturating_sub(promised);
    if asked <= free {
        return Vec::new();
    }
    let detail = format!("{asked} bottles asked, {on_hand} on hand, {promised} of them promised");
    vec![RefusalCode::MoreThanOnHand.because(detail)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::policy::built_in;

    fn bottle() -> BottleFacts {
        BottleFacts {
            state: BottleState::InStock,
            thawed_at: None,
            opened: false,
            promised: false,
            expires_at: "2026-12-01T00:00:00Z".parse().unwrap(),
        }
    }
    fn noon() -> Instant {
        "2026-09-01T12:00:00Z".parse().unwrap()
    }

    #[test]
    fn refusal_07_thawed_or_opened_milk_is_never_offered_again() {
        assert_eq!(bottle().offering_failures(noon()), Vec::new());
        for thawed in [BottleFacts { thawed_at: Some(noon()), ..bottle() }, BottleFacts { opened: true, ..bottle() }] {
            let found = thawed.offering_failures(noon());
            assert_eq!(found.first().map(|refusal| refusal.number.get()), Some(7));
        }
    }

    #[test]
    fn refusal_07_thawed_milk_is_used_within_its_hours() {
        let policy = built_in("hk-ha").unwrap();
        let thawed = BottleFacts { thawed_at: Some(noon()), ..bottle() };
        assert_eq!(thawed.use_failures(&policy, noon().plus_hours(23)), Vec::new());
        let late = thawed.use_failures(&policy, noon().plus_hours(24));
        assert_eq!(late.first().map(|refusal| refusal.code), Some(RefusalCode::LotThawed));
    }

    #[test]
    fn refusal_15_a_promised_or_spent_bottle_is_not_promised_again() {
        let promised = BottleFacts { promised: true, ..bottle() };
        assert_eq!(promised.offering_failures(noon())[0].code, RefusalCode::BottlePromised);
        let used = BottleFacts { state: BottleState::Used, ..bottle() };
        assert_eq!(used.offering_failures(noon())[0].number.get(), 15);
        assert_eq!(promise_failures(10, 4, 6), Vec::new());
        assert_eq!(promise_failures(10, 4, 7)[0].code, RefusalCode::MoreThanOnHand);
    }

    #[test]
    fn used_and_discarded_are_ends() {
        for step in BottleStep::ALL {
            assert!(BottleState::Used.next(*step).is_err());
            assert!(BottleState::Discarded.next(*step).is_err());
        }
        assert_eq!(BottleState::InTransit.next(BottleStep::Arrive), Ok(BottleState::InStock));
        assert!(BottleState::Quarantined.next(BottleStep::Ship).is_err());
    }
}
