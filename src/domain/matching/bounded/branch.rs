//! Proof by cases: where the bound leaves doubt, a demand is served or not, a lot is used for it or not, and each case
//! gets a bound of its own. The case with the most doubt comes first, so the bound falls as long as there is work left.

use super::ceiling::{Ceiling, Lines, Reached, SCALE, Stage, Tally, Tariff, tariff_of};
use std::collections::BinaryHeap;

/// Looks for the first bound, and for each case.
const FIRST_LOOKS: u32 = 300;
const CASE_LOOKS: u32 = 32;

/// One decision of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Decision {
    /// The demand is served, or not.
    Serve(usize, bool),
    /// The demand uses the lot, or not.
    Use(usize, u32, bool),
}

/// A case that is still in doubt.
#[derive(Debug)]
struct Case {
    bound: i128,
    number: u32,
    decisions: Vec<Decision>,
    next: Decision,
    tariff: Tariff,
}

impl PartialEq for Case {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}
impl Eq for Case {}
impl PartialOrd for Case {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Case {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.bound.cmp(&other.bound).then(self.number.cmp(&other.number))
    }
}

/// What is known about a tier in the end.
#[derive(Debug)]
pub(super) enum Verdict {
    /// No plan gives the tier more than this, mL.
    Most(i64),
    /// These choices give it more.
    Better(Lines),
}

impl Ceiling<'_> {
    /// Looks whether tier `tier` (from 0) can get more than `floor` says, as long as `goes_on`, asked once a look.
    pub(super) fn prove(
        &mut self,
        ranks: &(Vec<i64>, Vec<i64>),
        tier: usize,
        floor: &[i64],
        goes_on: &mut dyn FnMut() -> bool,
    ) -> Verdict {
        let stage = Stage { tier, floor };
        let mut tariff = tariff_of(ranks, tier, floor.len());
        let mut open = BinaryHeap::new();
        // What no case that was put aside can pass.
        let mut aside: i128 = 0;
        let mut number = 0;
        let mut todo = vec![(i128::MAX, Vec::new(), FIRST_LOOKS)];
        loop {
            for (above, decisions, looks) in std::mem::take(&mut todo) {
                let mut own = tariff.clone();
                let mut tally = self.tally();
                let mut left = looks;
                self.decide(&decisions, true);
                let reached = self.descend(&mut own, stage, &mut tally, &mut || {
                    left = left.saturating_sub(1);
                    left > 0 && goes_on()
                });
                self.decide(&decisions, false);
                number += 1;
                let bound = match reached {
                    Reached::Proven => continue,
                    Reached::Plan(lines) => return Verdict::Better(lines),
                    Reached::Bound(bound) => bound.min(above),
                };
                match self.doubt(&tally, stage, &decisions) {
                    Some(next) => open.push(Case { bound, number, decisions, next, tariff: own }),
                    None => aside = aside.max(bound),
                }
            }
            let Some(case) = open.pop() else { return Verdict::Most(self.whole(aside, stage)) };
            if case.bound <= aside || !goes_on() {
                return Verdict::Most(self.whole(case.bound.max(aside), stage));
            }
            tariff = case.tariff;
            for yes in [true, false] {
                let mut decisions = case.decisions.clone();
                decisions.push(match case.next {
                    Decision::Serve(demand, _) => Decision::Serve(demand, yes),
                    Decision::Use(demand, lot, _) => Decision::Use(demand, lot, yes),
                });
                todo.push((case.bound, decisions, CASE_LOOKS));
            }
        }
    }

    /// A bound in whole steps of millilitres, at least what was found.
    fn whole(&self, bound: i128, stage: Stage<'_>) -> i64 {
        let steps = bound / self.unit();
        let ml = steps * (self.unit() / i128::from(SCALE));
        i64::try_from(ml).unwrap_or(i64::MAX).max(stage.floor[stage.tier])
    }

    /// Makes the decisions hold, or takes them back.
    fn decide(&mut self, decisions: &[Decision], hold: bool) {
        for decision in decisions {
            match *decision {
                Decision::Serve(demand, yes) => self.fixed[demand] = hold.then_some(yes),
                Decision::Use(demand, lot, yes) => {
                    for bid in self.bids[demand].iter_mut().filter(|bid| bid.lot == lot) {
                        bid.forced = hold && yes;
                        bid.most = if hold && !yes { 0 } else { bid.useful };
                    }
                }
            }
        }
    }

    /// The decision that the looks were most in two minds about, weighed by millilitres.
    fn doubt(&self, tally: &Tally, stage: Stage<'_>, decisions: &[Decision]) -> Option<Decision> {
        let problem = self.guide.problem;
        let split = |times: u32| i64::from(times.min(tally.looks - times.min(tally.looks)));
        let mut best: Option<(i64, Decision)> = None;
        let mut offer = |weight: i64, decision: Decision| {
            if weight > best.map_or(0, |(most, _)| most) {
                best = Some((weight, decision));
            }
        };
        for (demand, row) in problem.demands.iter().enumerate() {
            if usize::from(row.tier) > stage.tier + 1 {
                continue;
            }
            let open = !decisions.iter().any(|made| matches!(made, Decision::Serve(other, _) if *other == demand));
            if self.guide.whole(row) && open {
                offer(2 * split(tally.served[demand]) * row.volume_ml, Decision::Serve(demand, true));
            }
            for (bid, times) in self.bids[demand].iter().zip(&tally.taken[demand]) {
                let made =
                    |made: &&Decision| matches!(made, Decision::Use(d, lot, _) if (*d, *lot) == (demand, bid.lot));
                let weight = split(*times) * (bid.ml * bid.useful).min(row.volume_ml);
                if weight > 0 && !decisions.iter().any(|decision| made(&decision)) {
                    offer(weight, Decision::Use(demand, bid.lot, true));
                }
            }
        }
        best.map(|(_, decision)| decision)
    }
}
