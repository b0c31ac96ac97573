//! What must hold wherever a question has a better answer: the least each demand gets, the bottles nobody else can
//! spare it, and what is left of them for the others.

use super::ceiling::{Ceiling, Tariff};
use super::pattern::Bid;
use crate::domain::matching::index::at;

/// Most passes over all demands; each can only narrow further.
const PASSES: usize = 8;

/// A lot as one demand sees it: the most it could give, the least it must, mL.
#[derive(Debug, Clone, Copy)]
struct Offer {
    lot: u32,
    most_ml: i64,
    least_ml: i64,
}

impl Ceiling<'_> {
    /// Puts a new question: can tier `tier` (from 0) get more than its floor while those above keep theirs?
    pub(super) fn ask(&mut self, tier: usize, floor: &[i64]) {
        (self.tier, self.above, self.found) = (tier, false, None);
        (self.floor, self.best) = (floor.to_vec(), floor.to_vec());
        self.forget();
    }

    /// Asks for more than so many millilitres.
    pub(super) fn aim_at(&mut self, floor: i64) {
        self.floor[self.tier] = floor;
        self.forget();
    }

    fn forget(&mut self) {
        self.kept_ml.fill(0);
        self.bids.iter_mut().flatten().for_each(|bid| bid.kept = bid.useful);
        self.relax();
    }

    /// Takes back the decisions of a case.
    pub(super) fn relax(&mut self) {
        self.fixed.fill(None);
        self.least_ml.clone_from(&self.kept_ml);
        for bid in self.bids.iter_mut().flatten() {
            (bid.most, bid.least) = (bid.kept, 0);
        }
    }

    /// Makes what holds now hold for the whole question.
    pub(super) fn keep_narrow(&mut self) {
        self.kept_ml.clone_from(&self.least_ml);
        self.bids.iter_mut().flatten().for_each(|bid| bid.kept = bid.most);
    }

    /// Draws conclusions until there are no more; false where no better answer is left.
    pub(super) fn narrow(&mut self) -> bool {
        for _ in 0..PASSES {
            match self.narrow_once() {
                None => return false,
                Some(false) => return true,
                Some(true) => {}
            }
        }
        true
    }

    /// Some: whether anything changed. None: no answer is left.
    fn narrow_once(&mut self) -> Option<bool> {
        let problem = self.guide.problem;
        let mut changed = false;
        let mut slack: Vec<i64> = self.floor.iter().map(|floor| -floor).collect();
        let mut alone_ml = vec![0; self.bids.len()];
        for (demand, row) in problem.demands.iter().enumerate() {
            let tier = self.guide.tier(demand);
            if tier > self.tier {
                continue;
            }
            alone_ml[demand] = self.alone(demand)?;
            if alone_ml[demand] < self.least_ml[demand] || (self.fixed[demand] == Some(true) && alone_ml[demand] == 0) {
                return None;
            }
            slack[tier] += alone_ml[demand];
            if self.fixed[demand] == Some(true) && self.guide.whole(row) && self.least_ml[demand] < row.volume_ml {
                self.least_ml[demand] = row.volume_ml;
                changed = true;
            }
        }
        slack[self.tier] -= self.guide.unit_ml;
        if slack.iter().take(self.tier + 1).any(|slack| *slack < 0) {
            return None;
        }
        for (demand, row) in problem.demands.iter().enumerate() {
            let tier = self.guide.tier(demand);
            let mut least = alone_ml[demand] - slack[tier.min(self.tier)];
            if tier > self.tier || least <= self.least_ml[demand] {
                continue;
            }
            if self.guide.whole(row) {
                least = row.volume_ml;
            }
            changed |= self.least_ml[demand] < least;
            self.least_ml[demand] = least;
        }
        for demand in 0..self.bids.len() {
            if self.least_ml[demand] > 0 || self.bids[demand].iter().any(|bid| bid.least > 0) {
                changed |= self.claim_needed(demand)?;
            }
        }
        Some(self.leave_rest()? || changed)
    }

    /// What the demand could get if it were alone, mL: its largest lots. None where it must use too many.
    fn alone(&self, demand: usize) -> Option<i64> {
        if self.fixed[demand] == Some(false) {
            return Some(0);
        }
        let row = &self.guide.problem.demands[demand];
        let (offers, limit) = self.offers(demand);
        let must = offers.iter().filter(|offer| offer.least_ml > 0).count();
        if must > limit {
            return None;
        }
        let sum: i64 = offers.iter().take(limit).map(|offer| offer.most_ml).sum();
        let got = sum.min(row.volume_ml);
        Some(if self.guide.whole(row) && got < row.volume_ml { 0 } else { got })
    }

    /// The demand's lots: those it must use, then the largest.
    fn offers(&self, demand: usize) -> (Vec<Offer>, usize) {
        let bids = &self.bids[demand];
        let one = |lot: &[Bid]| Offer {
            lot: lot[0].lot,
            most_ml: lot.iter().map(|bid| bid.most * bid.ml).sum(),
            least_ml: lot.iter().map(|bid| bid.least * bid.ml).sum(),
        };
        let mut offers: Vec<Offer> = bids.chunk_by(|a, b| a.lot == b.lot).map(one).collect();
        offers.retain(|offer| offer.most_ml > 0);
        offers.sort_by_key(|offer| (offer.least_ml == 0, -offer.most_ml));
        let limit = self.guide.lot_limit(&self.guide.problem.demands[demand]).unwrap_or(usize::MAX);
        (offers, limit)
    }

    /// Bottles of each lot that the demand cannot do without.
    fn claim_needed(&mut self, demand: usize) -> Option<bool> {
        let (offers, limit) = self.offers(demand);
        let limit = limit.min(offers.len());
        let must = offers.iter().filter(|offer| offer.least_ml > 0).count();
        let total: i64 = offers.iter().take(limit).map(|offer| offer.most_ml).sum();
        let next = offers.get(limit).map_or(0, |offer| offer.most_ml);
        let needed = self.least_ml[demand];
        let mut changed = false;
        for (place, offer) in offers.iter().enumerate() {
            let is_free = offer.least_ml == 0;
            if is_free && must >= limit {
                // No lot more may be used.
                for bid in self.bids[demand].iter_mut().filter(|bid| bid.lot == offer.lot && bid.most > 0) {
                    bid.most = 0;
                    changed = true;
                }
                continue;
            }
            let others = total - offer.most_ml;
            if place >= limit || (is_free && others + next >= needed) {
                continue;
            }
            let ml = (needed - others).max(1);
            let mut bids = self.bids[demand].iter_mut().filter(|bid| bid.lot == offer.lot);
            let (Some(bid), None) = (bids.next(), bids.next()) else { continue };
            let bottles = (ml + bid.ml - 1) / bid.ml;
            if bottles > bid.most {
                return None;
            }
            if bottles > bid.least {
                bid.least = bottles;
                changed = true;
            }
        }
        Some(changed)
    }

    /// Nobody can have what others must.
    fn leave_rest(&mut self) -> Option<bool> {
        let problem = self.guide.problem;
        let mut left: Vec<i64> = problem.supplies.iter().map(|row| row.bottles).collect();
        let mut room: Vec<i64> = problem.groups.iter().map(|row| row.cap_ml.unwrap_or(i64::MAX / 2)).collect();
        for bid in self.bids.iter().flatten().filter(|bid| bid.least > 0) {
            left[at(bid.supply)] -= bid.least;
            room[at(problem.supplies[at(bid.supply)].group)] -= bid.least * bid.ml;
        }
        if left.iter().chain(&room).any(|left| *left < 0) {
            return None;
        }
        let mut changed = false;
        for bid in self.bids.iter_mut().flatten() {
            let room = room[at(problem.supplies[at(bid.supply)].group)] / bid.ml;
            let most = bid.most.min(bid.least + left[at(bid.supply)].min(room));
            if most < bid.least {
                return None;
            }
            changed |= most < bid.most;
            bid.most = most;
        }
        Some(changed)
    }

    /// What the prices rule out: with this bound, a plan that serves more cannot use such a lot, nor serve so little.
    /// Some: whether there was any. None: no answer is left.
    pub(super) fn narrow_by_price(
        &mut self,
        tariff: &Tariff,
        bound: i128,
        goes_on: &mut dyn FnMut() -> bool,
    ) -> Option<bool> {
        let Ok(leave) = i64::try_from(bound - self.aim()) else { return Some(false) };
        let mut changed = false;
        for demand in 0..self.bids.len() {
            if self.guide.tier(demand) > self.tier || self.fixed[demand] == Some(false) || !goes_on() {
                continue;
            }
            let wish = self.offer(demand, tariff, &mut |bid| *bid);
            let gain = self.pattern.choose(&wish)?;
            let mut least = self.pattern.least_for(&wish, gain - leave);
            if wish.whole && least > 0 {
                least = wish.volume_ml;
            }
            if least > self.least_ml[demand] {
                self.least_ml[demand] = least;
                changed = true;
            }
            let taken: Vec<usize> = self.pattern.taken.iter().map(|(bid, _)| self.pattern.bids[*bid].index).collect();
            for index in 0..self.bids[demand].len() {
                let bid = self.bids[demand][index];
                let alone = self.bids[demand].iter().filter(|other| other.lot == bid.lot).count() == 1;
                if bid.most == 0 || bid.least > 0 || !alone {
                    continue;
                }
                let uses = taken.contains(&index);
                let wish = self.offer(demand, tariff, &mut |bid| match (bid.index == index, uses) {
                    (true, true) => Bid { most: 0, ..*bid },
                    (true, false) => Bid { least: 1, ..*bid },
                    _ => *bid,
                });
                let other = self.pattern.choose(&wish);
                if other.is_none_or(|other| other < gain - leave) {
                    let bid = &mut self.bids[demand][index];
                    if uses {
                        bid.least = 1;
                    } else {
                        bid.most = 0;
                    }
                    changed = true;
                }
            }
        }
        Some(changed)
    }
}
