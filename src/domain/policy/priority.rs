//! Who comes first: ordered tiers with written criteria, their timers, and the rank of an infant under
//! them. A rank that is not written here does not exist.

use super::Sourced;
use crate::domain::request::{Indication, InfantProfile};
use serde::{Deserialize, Serialize};

/// An urgency tier: 1 comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tier(pub u8);

impl std::fmt::Display for Tier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "tier {}", self.0)
    }
}

/// The written priority policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriorityRule {
    /// The tiers, most urgent first.
    pub tiers: Sourced<Vec<TierRule>>,
    /// The tier of a ward's stock when the ward describes no infant that it is for.
    pub ward_stock_tier: Sourced<Tier>,
    /// Minutes to answer and hours to hold, by tier.
    pub timers: Sourced<Vec<TierTimer>>,
}

/// One tier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TierRule {
    /// Its rank.
    pub tier: Tier,
    /// Its name.
    pub title: String,
    /// An infant that meets any of these is in the tier.
    pub any_of: Vec<TierCondition>,
}

/// One condition of a tier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum TierCondition {
    /// Birth weight below so many grams.
    BirthWeightBelowG(u32),
    /// Gestation at birth below so many days.
    GestationBelowDays(u16),
    /// One of these indications.
    Indications(Vec<Indication>),
}

impl TierCondition {
    /// True when the infant meets the condition.
    #[must_use]
    pub fn holds_for(&self, infant: &InfantProfile) -> bool {
        match self {
            Self::BirthWeightBelowG(grams) => infant.birth_weight_g < *grams,
            Self::GestationBelowDays(days) => infant.gestation_days < *days,
            Self::Indications(list) => list.contains(&infant.indication),
        }
    }
}

/// The clocks of one tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TierTimer {
    /// The tier.
    pub tier: Tier,
    /// Minutes that a holding site has to answer an offer.
    pub answer_within_min: u32,
    /// Hours after which an allocation that nobody moved releases itself.
    pub allocation_lapses_after_h: u32,
}

impl PriorityRule {
    /// The tier of an infant, or none when no written criterion fits.
    #[must_use]
    pub fn tier_of(&self, infant: &InfantProfile) -> Option<Tier> {
        self.tiers.value.iter().find(|rule| rule.any_of.iter().any(|one| one.holds_for(infant))).map(|rule| rule.tier)
    }

    /// The tier of a request: of the infant described, or of a ward's stock when none is.
    #[must_use]
    pub fn tier_for(&self, infant: Option<&InfantProfile>) -> Option<Tier> {
        infant.map_or(Some(self.ward_stock_tier.value), |infant| self.tier_of(infant))
    }

    /// The clocks of a tier; a tier without its own takes those of the last one written.
    #[must_use]
    pub fn timer(&self, tier: Tier) -> Option<TierTimer> {
        let timers = &self.timers.value;
        timers.iter().find(|timer| timer.tier == tier).or_else(|| timers.last()).copied()
    }
}

impl super::PolicyDocument {
    /// The tier of an infant under this policy's written criteria.
    #[must_use]
    pub fn tier_of(&self, infant: &InfantProfile) -> Option<Tier> {
        self.values.priority.tier_of(infant)
    }
}
