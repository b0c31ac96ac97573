//! The least shortfall that supply allows: what infants need less the milk there was, at once and morning by
//! morning, each country and form by itself where milk cannot cross.

use crate::domain::time::Instant;
use std::collections::BTreeMap;

/// Milk and need of one replay, as they come.
#[derive(Debug, Clone, Default)]
pub struct SupplyLedger {
    /// Supply by pool, instant and mL.
    milk: Vec<(String, Instant, i64)>,
    /// Need by pools that can serve it, instant and mL.
    need: Vec<(Vec<String>, Instant, i64)>,
    lost_ml: i64,
    /// Units that no vehicle has reached yet: stock at first, need so far, and the most that was missing, mL.
    out_of_reach: BTreeMap<String, (i64, i64, i64)>,
}

impl SupplyLedger {
    /// Milk of one pool (country and form) that can be fed from an instant on.
    pub fn add_milk(&mut self, pool: &str, from: Instant, volume_ml: i64) {
        self.milk.push((pool.to_owned(), from, volume_ml));
    }

    /// Milk that was lost or recalled before anyone could drink it.
    pub fn add_loss(&mut self, volume_ml: i64) {
        self.lost_ml += volume_ml;
    }

    /// A morning's need that only these pools can serve.
    pub fn add_need(&mut self, pools: &[String], at: Instant, volume_ml: i64) {
        self.need.push((pools.to_vec(), at, volume_ml));
    }

    /// A morning's need of a unit before any vehicle could be there; of its stock the first word counts.
    pub fn add_need_out_of_reach(&mut self, site: &str, stock_ml: i64, need_ml: i64) {
        let (stock, need, most) = self.out_of_reach.entry(site.to_owned()).or_insert((stock_ml, 0, 0));
        *need += need_ml;
        *most = (*most).max(*need - *stock);
    }

    /// What units lacked beyond their own stock before the first vehicle could be there, mL.
    #[must_use]
    pub fn out_of_reach_ml(&self) -> i64 {
        self.out_of_reach.values().map(|(_, _, most)| most).sum()
    }

    /// All milk less losses, mL.
    #[must_use]
    pub fn supply_ml(&self) -> i64 {
        self.milk.iter().map(|(_, _, ml)| ml).sum::<i64>() - self.lost_ml
    }

    /// Need less supply, not below 0, mL.
    #[must_use]
    pub fn lower_bound_ml(&self) -> i64 {
        let need: i64 = self.need.iter().map(|(_, _, ml)| ml).sum();
        (need - self.supply_ml()).max(0)
    }

    /// For each group of needs with the same pools, the most by which need up to some morning exceeds the milk
    /// released to those pools by then; summed over groups that share no pool with another, else the largest.
    /// Losses are left out here, so that the bound stays one.
    #[must_use]
    pub fn timed_lower_bound_ml(&self) -> i64 {
        let mut groups: BTreeMap<&[String], Vec<(Instant, i64)>> = BTreeMap::new();
        for (pools, at, ml) in &self.need {
            groups.entry(pools.as_slice()).or_default().push((*at, *ml));
        }
        let excess: Vec<(&[String], i64)> =
            groups.iter().map(|(pools, needs)| (*pools, self.most_excess(pools, needs.clone()))).collect();
        let apart = excess.iter().enumerate().all(|(index, (pools, _))| {
            excess.iter().skip(index + 1).all(|(others, _)| !pools.iter().any(|pool| others.contains(pool)))
        });
        let values = excess.iter().map(|(_, ml)| *ml);
        if apart { values.sum() } else { values.max().unwrap_or_default() }
    }

    fn most_excess(&self, pools: &[String], mut needs: Vec<(Instant, i64)>) -> i64 {
        let mut milk: Vec<(Instant, i64)> =
            self.milk.iter().filter(|(pool, _, _)| pools.contains(pool)).map(|(_, at, ml)| (*at, *ml)).collect();
        milk.sort_unstable();
        needs.sort_unstable();
        let mut milk = milk.into_iter().peekable();
        let (mut needed, mut there, mut most) = (0, 0, 0);
        for (at, ml) in needs {
            while let Some((_, released)) = milk.next_if(|(from, _)| *from <= at) {
                there += released;
            }
            needed += ml;
            most = most.max(needed - there);
        }
        most
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(n: i64) -> Instant {
        "2026-09-01T07:00:00Z".parse::<Instant>().unwrap().plus_days(n)
    }

    #[test]
    fn late_milk_does_not_feed_an_early_morning() {
        let mut ledger = SupplyLedger::default();
        let here = ["A".to_owned()];
        ledger.add_milk("A", day(0), 100);
        ledger.add_milk("A", day(3), 500);
        for n in 0..4 {
            ledger.add_need(&here, day(n), 100);
        }
        // All in all there is enough; by the third morning 200 are missing.
        assert_eq!(ledger.lower_bound_ml(), 0);
        assert_eq!(ledger.timed_lower_bound_ml(), 200);
        ledger.add_loss(250);
        assert_eq!(ledger.supply_ml(), 350);
        assert_eq!(ledger.lower_bound_ml(), 50);
    }

    #[test]
    fn no_plan_feeds_a_unit_before_the_first_vehicle() {
        let mut ledger = SupplyLedger::default();
        ledger.add_need_out_of_reach("far", 100, 80);
        ledger.add_need_out_of_reach("far", 20, 90);
        ledger.add_need_out_of_reach("near", 500, 80);
        assert_eq!(ledger.out_of_reach_ml(), 70);
    }

    #[test]
    fn pools_that_cannot_help_each_other_add_up() {
        let mut ledger = SupplyLedger::default();
        ledger.add_milk("A", day(0), 1000);
        ledger.add_need(&["A".to_owned()], day(0), 100);
        ledger.add_need(&["B".to_owned()], day(0), 70);
        ledger.add_need(&["C".to_owned()], day(0), 5);
        assert_eq!(ledger.lower_bound_ml(), 0);
        assert_eq!(ledger.timed_lower_bound_ml(), 75);
    }
}
