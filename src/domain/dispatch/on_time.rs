//! What carriers did: share on time, kilometres per litre, cost, causes of delay; by carrier and by pair of sites.

use super::states::StopProblem;
use std::collections::BTreeMap;

/// One delivery as it went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryFact<K> {
    /// Whose figures it belongs to.
    pub key: K,
    /// Minutes after the deadline; nought or less is on time. None when it was never delivered.
    pub late_minutes: Option<i64>,
    /// Milk, mL.
    pub volume_ml: i64,
    /// Its part of the road, metres.
    pub metres: i64,
    /// Its part of the cost, cents.
    pub cost_cents: i64,
    /// What went wrong on the way.
    pub problems: Vec<StopProblem>,
}

/// Figures of a carrier or of a pair of sites.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CarrierFigures {
    /// Deliveries made.
    pub deliveries: i64,
    /// Of those, by the deadline.
    pub on_time: i64,
    /// Boxes that were not delivered.
    pub failed: i64,
    /// Milk delivered, mL.
    pub volume_ml: i64,
    /// Road, metres.
    pub metres: i64,
    /// Cost, cents.
    pub cost_cents: i64,
    /// Minutes late in all.
    pub late_minutes: i64,
    /// How often each cause was named, for what came late or not at all.
    pub causes: BTreeMap<StopProblem, i64>,
}

impl CarrierFigures {
    /// Thousandths of the deliveries that came by their deadline; none without a delivery.
    #[must_use]
    pub const fn on_time_permille(&self) -> Option<i64> {
        if self.deliveries == 0 { None } else { Some(self.on_time * 1000 / self.deliveries) }
    }

    /// Metres driven for a litre; none without milk.
    #[must_use]
    pub const fn metres_per_litre(&self) -> Option<i64> {
        if self.volume_ml == 0 { None } else { Some(self.metres.saturating_mul(1000) / self.volume_ml) }
    }
}

/// Adds deliveries up by their key.
#[must_use]
pub fn on_time_figures<K: Ord + Clone>(facts: &[DeliveryFact<K>]) -> BTreeMap<K, CarrierFigures> {
    let mut by_key: BTreeMap<K, CarrierFigures> = BTreeMap::new();
    for fact in facts {
        let figures = by_key.entry(fact.key.clone()).or_default();
        figures.metres += fact.metres;
        figures.cost_cents += fact.cost_cents;
        let late = fact.late_minutes.is_none_or(|minutes| minutes > 0);
        match fact.late_minutes {
            Some(minutes) => {
                figures.deliveries += 1;
                figures.volume_ml += fact.volume_ml;
                figures.on_time += i64::from(minutes <= 0);
                figures.late_minutes += minutes.max(0);
            }
            None => figures.failed += 1,
        }
        for problem in fact.problems.iter().filter(|_| late) {
            *figures.causes.entry(*problem).or_default() += 1;
        }
    }
    by_key
}
