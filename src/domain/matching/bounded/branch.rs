//! Proof by cases: where the bound leaves doubt, a demand is served or not, a lot is used for it or not, and each case
//! gets a bound of its own. The case with the most doubt comes first, so the bound falls as long as there is work left.

use super::ceiling::{Ceiling, Lines, Reached, SCALE, Tally, Tariff};
use std::collections::BinaryHeap;

/// Looks for the first bound, and for each case.
const FIRST_LOOKS: u32 = 300;
const CASE_LOOKS: u32 = 8;
/// Steps between two looks.
const FIRST_STEPS: u32 = 200;
const CASE_STEPS: u32 = 50;
/// The same after prices have narrowed the question, and how often they may.
const AGAIN_LOOKS: u32 = 60;
const NARROWINGS: u32 = 2;
/// It asks at one part in so many of the doubt below the bound, and gives up after so many cases to ask closer to it.
const FIRST_PART: i64 = 4;
const MOST_CASES: u32 = 100;
/// A dive settles so many demands at once where they chose the same in so many thousandths of the steps.
const MOST_SETTLED: usize = 6;
const NEARLY_ALWAYS: i64 = 900;

/// One decision of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Decision {
    /// The demand is served, or not.
    Serve(usize, bool),
    /// The demand takes at least so many bottles of a bid.
    AtLeast(usize, usize, i64),
    /// The demand takes at most so many.
    AtMost(usize, usize, i64),
}

impl Decision {
    /// The other answer to the same question.
    const fn other(self) -> Self {
        match self {
            Self::Serve(demand, yes) => Self::Serve(demand, !yes),
            Self::AtLeast(demand, bid, bottles) => Self::AtMost(demand, bid, bottles - 1),
            Self::AtMost(demand, bid, bottles) => Self::AtLeast(demand, bid, bottles + 1),
        }
    }
}

/// A case that is still in doubt.
#[derive(Debug)]
struct Case {
    bound: i128,
    number: u32,
    decisions: Vec<Decision>,
    next: Option<Decision>,
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
pub(super) struct Verdict {
    /// No plan gives the tier more than this, mL.
    pub most: i64,
    /// A plan that serves better than the one before.
    pub better: Option<Lines>,
}

/// The cases of a question that are still in doubt.
struct Cases {
    open: BinaryHeap<Case>,
    number: u32,
}

impl Ceiling<'_> {
    /// Looks for the most that tier `tier` (from 0) can get beside what `floor` says of those above, as long as `goes_on`,
    /// asked once a look. The closer to the bound it asks, the more follows from the answer being yes, so it asks there
    /// first: no ends the matter but for a little, and yes ends it at once.
    pub(super) fn prove(
        &mut self,
        tariff: Tariff,
        tier: usize,
        floor: &[i64],
        goes_on: &mut dyn FnMut() -> bool,
    ) -> Verdict {
        self.ask(tier, floor);
        let Some(root) = self.root(tariff, goes_on) else { return self.verdict(self.floor[tier]) };
        let unit = self.guide.unit_ml;
        let (mut most, mut part) = (self.whole(root.bound), FIRST_PART);
        while most > self.best[tier] && !self.above && goes_on() {
            let steps = (most - self.best[tier]) / unit;
            let target = most - steps / part * unit;
            self.aim_at(target - unit);
            let limit = if target == most { u32::MAX } else { MOST_CASES };
            match self.answer(&root, limit, goes_on) {
                Some(false) => (most, part) = (self.best[tier].max(target - unit), FIRST_PART),
                Some(true) => part = FIRST_PART,
                None if target == most => break,
                None => part *= FIRST_PART,
            }
        }
        self.verdict(most)
    }

    fn verdict(&mut self, most: i64) -> Verdict {
        Verdict { most: most.max(self.best[self.tier]), better: self.found.take() }
    }

    /// Whether the tier can get more than its floor: yes with a plan, or no, or not known after so many cases.
    fn answer(&mut self, root: &Case, limit: u32, goes_on: &mut dyn FnMut() -> bool) -> Option<bool> {
        let floor = self.floor[self.tier];
        let mut cases = Cases { open: BinaryHeap::new(), number: 0 };
        if !self.narrow() {
            return Some(false);
        }
        let mut tally = self.tally();
        let bound = self.look(&root.tariff, &mut tally).bound.filter(|bound| *bound >= self.aim());
        let Some(bound) = bound else { return Some(false) };
        if self.narrow_by_price(&root.tariff, bound, goes_on).is_none() || !self.narrow() {
            return Some(false);
        }
        self.keep_narrow();
        let Some(top) = self.look_into(root, Vec::new(), AGAIN_LOOKS, goes_on) else { return Some(false) };
        self.dive(&top, goes_on);
        cases.open.push(top);
        while let Some(case) = cases.open.pop() {
            if self.floor[self.tier] > floor || self.above {
                return Some(true);
            }
            let (Some(next), true) = (case.next, cases.number < limit && goes_on()) else { return None };
            // The last one is looked into first where both are as good: taking more leads to a plan.
            for decision in [next.other(), next] {
                let mut decisions = case.decisions.clone();
                decisions.push(decision);
                cases.number += 1;
                if let Some(child) = self.look_into(&case, decisions, CASE_LOOKS, goes_on) {
                    cases.open.push(Case { number: cases.number, ..child });
                }
            }
        }
        Some(self.floor[self.tier] > floor)
    }

    /// Settles on what was chosen most often, demand by demand, and lets the others choose anew, for the sake of a plan.
    fn dive(&mut self, top: &Case, goes_on: &mut dyn FnMut() -> bool) {
        let floor = self.floor[self.tier];
        let mut settled = vec![false; self.bids.len()];
        let mut decisions = Vec::new();
        let mut parent = None;
        while self.floor[self.tier] == floor && !self.above && goes_on() {
            let before = decisions.len();
            for (demand, column) in self.favourites(&settled) {
                settled[demand] = true;
                decisions
                    .extend(self.columns[demand][column].bottles().map(|(bid, n)| Decision::AtLeast(demand, bid, n)));
            }
            if decisions.len() == before {
                return;
            }
            let Some(child) = self.look_into(parent.as_ref().unwrap_or(top), decisions.clone(), CASE_LOOKS, goes_on)
            else {
                return;
            };
            parent = Some(child);
        }
    }

    /// The choice made most often by a demand that is not settled, and all others made nearly always.
    fn favourites(&self, settled: &[bool]) -> Vec<(usize, usize)> {
        let mut list = Vec::new();
        for (demand, columns) in self.columns.iter().enumerate().filter(|(demand, _)| !settled[*demand]) {
            let sum: i64 = columns.iter().map(|column| column.times).sum();
            let most = columns.iter().enumerate().max_by_key(|(_, column)| column.times);
            if let Some((number, column)) = most.filter(|(_, column)| column.times > 0) {
                list.push((column.times * 1000 / sum.max(1), demand, number));
            }
        }
        list.sort_by_key(|(share, demand, _)| (-share, *demand));
        let sure = list.iter().take(MOST_SETTLED).filter(|(share, _, _)| *share >= NEARLY_ALWAYS).count();
        list.into_iter().take(sure.max(1)).map(|(_, demand, number)| (demand, number)).collect()
    }

    /// The whole question as one case, narrowed by its own prices; none where it has no better answer.
    fn root(&mut self, mut tariff: Tariff, goes_on: &mut dyn FnMut() -> bool) -> Option<Case> {
        let mut bound = i128::MAX;
        for pass in 0..NARROWINGS {
            if !self.narrow() {
                return None;
            }
            self.keep_narrow();
            let mut tally = self.tally();
            let mut left = if pass == 0 { FIRST_LOOKS } else { AGAIN_LOOKS };
            let reached = self.descend(&mut tariff, FIRST_STEPS, &mut tally, &mut || {
                left -= 1;
                left > 0 && goes_on()
            });
            let now = match reached {
                Reached::Proven => return None,
                Reached::Bound(now) => now,
            };
            bound = bound.min(now);
            let last = pass + 1 == NARROWINGS || self.above || !self.is_small();
            if last || !self.narrow_by_price(&tariff, now, goes_on)? {
                let next = self.doubt(&tally, &[]);
                return Some(Case { bound, number: 0, decisions: Vec::new(), next, tariff });
            }
        }
        None
    }

    /// One case of another; none where it has no better answer.
    fn look_into(
        &mut self,
        parent: &Case,
        decisions: Vec<Decision>,
        mut left: u32,
        goes_on: &mut dyn FnMut() -> bool,
    ) -> Option<Case> {
        self.relax();
        self.decide(&decisions);
        if !self.narrow() {
            return None;
        }
        self.columns.iter_mut().flatten().for_each(|column| column.times = 0);
        let mut tariff = parent.tariff.clone();
        let mut tally = self.tally();
        let reached = self.descend(&mut tariff, CASE_STEPS, &mut tally, &mut || {
            left -= 1;
            left > 0 && goes_on()
        });
        let bound = match reached {
            Reached::Proven => return None,
            Reached::Bound(bound) => bound.min(parent.bound),
        };
        let next = self.doubt(&tally, &decisions);
        Some(Case { bound, number: 0, decisions, next, tariff })
    }

    /// A bound in whole steps of millilitres, at least what was found.
    fn whole(&self, bound: i128) -> i64 {
        let steps = bound / self.unit();
        let ml = steps * (self.unit() / i128::from(SCALE));
        i64::try_from(ml).unwrap_or(i64::MAX)
    }

    /// Makes the decisions hold.
    fn decide(&mut self, decisions: &[Decision]) {
        for decision in decisions {
            match *decision {
                Decision::Serve(demand, yes) => self.fixed[demand] = Some(yes),
                Decision::AtLeast(demand, bid, bottles) => {
                    let bid = &mut self.bids[demand][bid];
                    bid.least = bid.least.max(bottles);
                }
                Decision::AtMost(demand, bid, bottles) => {
                    let bid = &mut self.bids[demand][bid];
                    bid.most = bid.most.min(bottles);
                }
            }
        }
    }

    /// The decision that the looks were most in two minds about, weighed by millilitres.
    fn doubt(&self, tally: &Tally, decisions: &[Decision]) -> Option<Decision> {
        let problem = self.guide.problem;
        let looks = tally.steps.max(1);
        let mut best: Option<(i64, Decision)> = None;
        let mut offer = |weight: i64, decision: Decision| {
            if weight > best.map_or(0, |(most, _)| most) {
                best = Some((weight, decision));
            }
        };
        for (demand, row) in problem.demands.iter().enumerate() {
            if self.guide.tier(demand) > self.tier || self.fixed[demand] == Some(false) {
                continue;
            }
            let made = |made: &Decision| matches!(made, Decision::Serve(other, _) if *other == demand);
            if self.guide.whole(row) && self.least_ml[demand] == 0 && !decisions.iter().any(made) {
                let served = tally.served[demand];
                let split = served.saturating_mul(looks - served);
                let spread = split.saturating_mul(row.volume_ml) / looks * row.volume_ml / looks;
                offer(spread, Decision::Serve(demand, true));
            }
            for (bid, takes) in self.bids[demand].iter().zip(&tally.taken[demand]) {
                let spread = takes.spread(looks).saturating_mul(bid.ml) / looks * bid.ml / looks;
                let bottles = takes.sum.div_euclid(looks) + 1;
                if bottles > bid.least && bottles <= bid.most {
                    offer(spread, Decision::AtLeast(demand, bid.index, bottles));
                }
            }
        }
        best.map(|(_, decision)| decision)
    }
}
