//! What no plan can pass. Every supply gets a price, every demand chooses for itself by its own rules, and the sum is
//! a bound; prices move until it is close. Tighter than the flow, because each demand obeys its lot limit, its
//! all-or-nothing and whole bottles. Choices that all fit together are a plan.

use super::board::Guide;
use super::pattern::{Bid, Pattern, Wish, bids_of};
use crate::domain::matching::index::{at, count};

/// What a millilitre of the tier in question is worth, so that prices can be whole numbers.
pub(super) const SCALE: i64 = 1 << 16;

/// Steps begin and end with these thousandths of what a plane would call for.
const FIRST_SHARE: i128 = 600;
const LAST_SHARE: i128 = 8;

/// Prices of a millilitre, in [`SCALE`].
#[derive(Debug, Clone)]
pub(super) struct Tariff {
    pub supply: Vec<i64>,
    pub group: Vec<i64>,
    /// Worth of a millilitre served, per tier; later tiers count nothing.
    pub tier: Vec<i64>,
}

/// The question: can tier `tier` (from 0) get more than `floor[tier]` while those above keep theirs?
#[derive(Debug, Clone, Copy)]
pub(super) struct Stage<'a> {
    pub tier: usize,
    pub floor: &'a [i64],
}

/// A demand's part of a plan: arcs and bottles.
pub(super) type Lines = Vec<(usize, Vec<(u32, i64)>)>;

/// What all demands choose at a tariff.
#[derive(Debug)]
pub(super) struct Look {
    /// The bound in [`SCALE`], or `None` where some demand cannot do what it must.
    pub bound: Option<i128>,
    /// Millilitres left (negative: lacking), per supply and group.
    supply: Vec<i64>,
    group: Vec<i64>,
    /// Millilitres served beyond the floor, per tier.
    tier: Vec<i64>,
}

/// The choices of some looks in a row.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub looks: u32,
    /// How often each bid was taken, per demand.
    pub taken: Vec<Vec<u32>>,
    /// How often each demand chose anything.
    pub served: Vec<u32>,
}

/// All demands as bidders.
#[derive(Debug)]
pub(super) struct Ceiling<'a> {
    pub(super) guide: &'a Guide<'a>,
    pub(super) bids: Vec<Vec<Bid>>,
    /// What a demand must do: be served, or not, or as it likes.
    pub(super) fixed: Vec<Option<bool>>,
    pattern: Pattern,
    choice: Lines,
}

impl<'a> Ceiling<'a> {
    pub(super) fn new(guide: &'a Guide<'a>) -> Self {
        let demands = guide.problem.demands.len();
        let bids = (0..demands).map(|demand| bids_of(guide, demand)).collect();
        Self { guide, bids, fixed: vec![None; demands], pattern: Pattern::default(), choice: Vec::new() }
    }

    /// The smallest step in which service can differ, in [`SCALE`].
    pub(super) fn unit(&self) -> i128 {
        i128::from(self.guide.unit_ml) * i128::from(SCALE)
    }

    fn look(&mut self, tariff: &Tariff, stage: Stage<'_>, tally: &mut Tally) -> Look {
        let problem = self.guide.problem;
        let mut look = Look {
            bound: Some(0),
            supply: problem.supplies.iter().map(|row| row.bottles * row.bottle_ml).collect(),
            group: problem.groups.iter().map(|row| row.cap_ml.unwrap_or(0)).collect(),
            tier: stage.floor.iter().map(|ml| -ml).collect(),
        };
        let mut bound: i128 = 0;
        for (ml, price) in look.supply.iter().zip(&tariff.supply).chain(look.group.iter().zip(&tariff.group)) {
            bound += i128::from(*ml) * i128::from(*price);
        }
        for (ml, worth) in look.tier.iter().zip(&tariff.tier).take(stage.tier) {
            bound += i128::from(*ml) * i128::from(*worth);
        }
        self.choice.clear();
        tally.looks += 1;
        for (demand, row) in problem.demands.iter().enumerate() {
            let tier = usize::from(row.tier) - 1;
            if tier > stage.tier || self.fixed[demand] == Some(false) {
                continue;
            }
            let Some(gain) = self.choose(demand, tariff) else {
                look.bound = None;
                return look;
            };
            bound += i128::from(gain);
            look.tier[tier] += self.pattern.served_ml;
            tally.served[demand] += u32::from(self.pattern.served_ml > 0);
            let mut lines = Vec::with_capacity(self.pattern.taken.len());
            for (index, bottles) in &self.pattern.taken {
                let bid = &self.pattern.bids[*index];
                look.supply[at(bid.supply)] -= bottles * bid.ml;
                look.group[at(problem.supplies[at(bid.supply)].group)] -= bottles * bid.ml;
                tally.taken[demand][bid.index] += 1;
                lines.push((bid.position, *bottles));
            }
            self.choice.push((demand, lines));
        }
        look.bound = Some(bound);
        look
    }

    fn choose(&mut self, demand: usize, tariff: &Tariff) -> Option<i64> {
        let problem = self.guide.problem;
        let row = &problem.demands[demand];
        self.pattern.bids.clear();
        let mut must = self.fixed[demand] == Some(true);
        for bid in self.bids[demand].iter().filter(|bid| bid.most > 0) {
            let from = at(problem.supplies[at(bid.supply)].group);
            let price = bid.ml * (tariff.supply[at(bid.supply)] + tariff.group[from]);
            must |= bid.forced;
            self.pattern.bids.push(Bid { price, ..*bid });
        }
        let wish = Wish {
            volume_ml: row.volume_ml,
            limit: self.guide.lot_limit(row),
            whole: self.guide.whole(row),
            must,
            worth: tariff.tier[usize::from(row.tier) - 1],
            fee: 0,
        };
        self.pattern.choose(&wish)
    }

    /// True where the choices of the look fit together and serve more than was found.
    fn is_better_plan(&self, look: &Look, stage: Stage<'_>) -> bool {
        let capped = |(left, row): (&i64, &crate::domain::matching::Group)| row.cap_ml.is_some() && *left < 0;
        look.supply.iter().all(|left| *left >= 0)
            && !look.group.iter().zip(&self.guide.problem.groups).any(capped)
            && look.tier.iter().take(stage.tier).all(|over| *over >= 0)
            && look.tier[stage.tier] > 0
    }

    /// The least bound of so many looks, or an end as soon as it proves the floor or finds a better plan. The tariff is
    /// left where the bound was least.
    pub(super) fn descend(
        &mut self,
        tariff: &mut Tariff,
        stage: Stage<'_>,
        tally: &mut Tally,
        goes_on: &mut dyn FnMut() -> bool,
    ) -> Reached {
        let problem = self.guide.problem;
        let found = i128::from(stage.floor[stage.tier]) * i128::from(SCALE);
        let (mut best, mut kept) = (i128::MAX, tariff.clone());
        let (mut share, mut stale) = (FIRST_SHARE, 0);
        let mut drift = Drift::default();
        while goes_on() {
            let look = self.look(tariff, stage, tally);
            let Some(bound) = look.bound else { return Reached::Proven };
            if self.is_better_plan(&look, stage) {
                return Reached::Plan(std::mem::take(&mut self.choice));
            }
            if bound < best {
                stale = if best.saturating_sub(bound) > best.saturating_sub(found) / 50 { 0 } else { stale + 1 };
                best = bound;
                kept.clone_from(tariff);
            } else {
                stale += 1;
            }
            if best < found + self.unit() {
                return Reached::Proven;
            }
            if stale >= 5 {
                // Steps were too long. The walk goes on from here: going back would only repeat them.
                (share, stale) = (share * 7 / 10, 0);
                if share < LAST_SHARE {
                    break;
                }
            }
            drift.turn(&look, stage.tier, problem.groups.iter().map(|group| group.cap_ml.is_some()));
            drift.step(tariff, stage.tier, (bound - found) * share / 1000);
        }
        *tariff = kept;
        // Without a single look nothing is known.
        Reached::Bound(best)
    }

    /// An empty tally.
    pub(super) fn tally(&self) -> Tally {
        let taken = self.bids.iter().map(|bids| vec![0; bids.len()]).collect();
        Tally { looks: 0, taken, served: vec![0; self.bids.len()] }
    }
}

/// How a descent ended.
#[derive(Debug)]
pub(super) enum Reached {
    /// Nothing better than the floor exists here.
    Proven,
    /// Choices that fit together and serve more.
    Plan(Lines),
    /// Nothing here passes this, in [`SCALE`].
    Bound(i128),
}

/// The direction in which prices move: the last looks', the newest most.
#[derive(Default)]
struct Drift {
    supply: Vec<i64>,
    group: Vec<i64>,
    tier: Vec<i64>,
}

impl Drift {
    fn turn(&mut self, look: &Look, above: usize, capped: impl Iterator<Item = bool>) {
        let mix = |old: &mut Vec<i64>, new: &[i64]| {
            if old.len() < new.len() {
                *old = new.to_vec();
            } else {
                old.iter_mut().zip(new).for_each(|(old, new)| *old = (*old * 3 + new * 7) / 10);
            }
        };
        mix(&mut self.supply, &look.supply);
        mix(&mut self.group, &look.group);
        self.group.iter_mut().zip(capped).filter(|(_, capped)| !capped).for_each(|(left, _)| *left = 0);
        mix(&mut self.tier, &look.tier[..above]);
    }

    /// Moves the tariff so far that the bound would fall by `by` if it were a plane.
    fn step(&self, tariff: &mut Tariff, above: usize, by: i128) {
        let moved = |price: i64, left: i64| price > 0 || left < 0;
        let mut size = 0_i128;
        let rows = self.supply.iter().zip(&tariff.supply).chain(self.group.iter().zip(&tariff.group));
        for (left, price) in rows.chain(self.tier.iter().zip(&tariff.tier)) {
            if moved(*price, *left) {
                size += i128::from(*left) * i128::from(*left);
            }
        }
        let go = |price: &mut i64, left: i64| {
            let change = i128::from(left) * by / size.max(1);
            *price = price.saturating_sub(i64::try_from(change).unwrap_or(0)).max(0);
        };
        tariff.supply.iter_mut().zip(&self.supply).for_each(|(price, left)| go(price, *left));
        tariff.group.iter_mut().zip(&self.group).for_each(|(price, left)| go(price, *left));
        tariff.tier.iter_mut().zip(&self.tier).take(above).for_each(|(price, left)| go(price, *left));
    }
}

/// A tariff for tier `stage` (from 0) from the flow's ranks per supply and group: each tier above is worth one step more.
pub(super) fn tariff_of(ranks: &(Vec<i64>, Vec<i64>), stage: usize, tiers: usize) -> Tariff {
    let later = count(tiers - 1 - stage);
    let (supply, group) = ranks;
    let steps = |rank: &i64| (rank - later).max(0) * SCALE;
    let worth = |tier: usize| if tier <= stage { count(stage + 1 - tier) * SCALE } else { 0 };
    Tariff {
        supply: supply.iter().map(steps).collect(),
        group: group.iter().map(steps).collect(),
        tier: (0..tiers).map(worth).collect(),
    }
}
