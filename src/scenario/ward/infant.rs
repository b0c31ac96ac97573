//! An infant on donor milk: how much on which day, and which milk it may have.

use super::stock::LotFacts;
use crate::domain::time::Instant;
use crate::scenario::event_infant::{Constraints, InfantProfile, InfantStarted};
use crate::scenario::tier::tier_of;

/// Minutes of a day.
const DAY_MINUTES: i64 = 1440;

/// One infant.
#[derive(Debug, Clone)]
pub struct Infant {
    /// Pseudonym.
    pub reference: String,
    /// First day on donor milk; for one already on it, the start of the stream.
    pub start: Instant,
    /// Need per day from `start`, mL.
    pub need_ml: Vec<i64>,
    /// Conditions and wishes.
    pub constraints: Constraints,
    /// Ordered by name rather than from ward stock.
    pub named: bool,
    /// Tier by the default criteria.
    pub tier: u8,
    /// Weight at birth, g.
    pub birth_weight_g: i64,
    /// The profile as the stream gave it.
    pub profile: InfantProfile,
}

impl Infant {
    /// The infant of an event at its instant.
    #[must_use]
    pub fn from_event(event: &InfantStarted, at: Instant) -> Self {
        Self {
            reference: event.infant.infant_ref.clone(),
            start: at,
            need_ml: event.daily_need_ml.clone(),
            constraints: event.constraints.clone(),
            named: event.ordered_by_name,
            tier: tier_of(&event.infant),
            birth_weight_g: event.infant.birth_weight_g,
            profile: event.infant.clone(),
        }
    }

    /// On donor milk at this instant?
    #[must_use]
    pub fn is_active(&self, now: Instant) -> bool {
        self.need_on(now).is_some()
    }

    /// Need of the day that holds this instant, mL; nothing before the first or after the last day.
    #[must_use]
    pub fn need_on(&self, now: Instant) -> Option<i64> {
        if now < self.start {
            return None;
        }
        let day = usize::try_from(now.minutes_since(self.start) / DAY_MINUTES).ok()?;
        self.need_ml.get(day).copied()
    }

    /// May the infant have milk of this lot?
    #[must_use]
    pub fn may_have(&self, lot: &LotFacts) -> bool {
        let hard = &self.constraints.hard;
        (!hard.dairy_free || lot.dairy_free)
            && (!hard.cmv_igg_negative_donors || lot.cmv_negative)
            && hard.max_donors.is_none_or(|most| lot.donor_count <= most)
    }

    /// Has it any condition that milk must meet?
    #[must_use]
    pub fn is_constrained(&self) -> bool {
        let hard = &self.constraints.hard;
        hard.dairy_free || hard.cmv_igg_negative_donors || hard.max_donors.is_some()
    }
}
