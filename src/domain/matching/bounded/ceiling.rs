//! What no plan can pass. Every supply gets a price, every demand chooses for itself by its own rules, and the sum is
//! a bound; prices move until it is close. Tighter than the flow, because each demand obeys its lot limit, its
//! all-or-nothing and whole bottles. Choices that all fit together are a plan.

use super::board::Guide;
use super::columns::Column;
use super::pattern::{Bid, Pattern, Wish, bids_of};
use crate::domain::matching::index::{at, count};

/// What a millilitre of the tier in question is worth, so that prices can be whole numbers.
pub(super) const SCALE: i64 = 1 << 16;

/// No price passes this, so that sums of prices fit: such milk is out of reach already.
pub(super) const MOST_PRICE: i64 = 256 * SCALE;

/// A look aims for so many thousandths of the doubt, at first, and no more when it would have to be content with these.
const FIRST_SHARE: i128 = 400;
const LAST_SHARE: i128 = 985;

/// Prices of a millilitre, in [`SCALE`].
#[derive(Debug, Clone)]
pub(super) struct Tariff {
    pub supply: Vec<i64>,
    pub group: Vec<i64>,
    /// Worth of a millilitre served, per tier; later tiers count nothing.
    pub tier: Vec<i64>,
}

/// A demand's part of a plan: arcs and bottles.
pub(super) type Lines = Vec<(usize, Vec<(u32, i64)>)>;

/// What all demands choose at a tariff.
#[derive(Debug, Clone)]
pub(super) struct Look {
    /// The bound in [`SCALE`], or `None` where some demand cannot do what it must.
    pub bound: Option<i128>,
    /// Millilitres left (negative: lacking), per supply and group.
    pub(super) supply: Vec<i64>,
    pub(super) group: Vec<i64>,
    /// Millilitres served beyond the floor, per tier.
    pub(super) tier: Vec<i64>,
}

/// Bottles of one bid in some looks: their sum and the sum of their squares.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Takes {
    pub sum: i64,
    pub squares: i64,
}

impl Takes {
    pub(super) const fn add(&mut self, bottles: i64, times: i64) {
        self.sum = self.sum.saturating_add(bottles.saturating_mul(times));
        self.squares = self.squares.saturating_add(bottles.saturating_mul(bottles).saturating_mul(times));
    }

    /// How far the looks differ, in squares of bottles times looks.
    pub(super) const fn spread(&self, looks: i64) -> i64 {
        self.squares.saturating_mul(looks).saturating_sub(self.sum.saturating_mul(self.sum))
    }
}

/// The choices of some looks in a row.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub looks: u32,
    /// Steps between looks, by which the rest is counted.
    pub steps: i64,
    /// How each bid was taken, per demand.
    pub taken: Vec<Vec<Takes>>,
    /// How often each demand chose anything.
    pub served: Vec<i64>,
}

/// All demands as bidders.
#[derive(Debug)]
pub(super) struct Ceiling<'a> {
    pub(super) guide: &'a Guide<'a>,
    pub(super) bids: Vec<Vec<Bid>>,
    /// What a demand must do: be served, or not, or as it likes.
    pub(super) fixed: Vec<Option<bool>>,
    /// What every demand must get now, mL.
    pub(super) least_ml: Vec<i64>,
    /// What every demand must get wherever the question has a better answer, mL.
    pub(super) kept_ml: Vec<i64>,
    pub(super) pattern: Pattern,
    pub(super) columns: Vec<Vec<Column>>,
    /// What each demand chose in the last look, and what it gained.
    pub(super) choice: Lines,
    pub(super) gain: Vec<i64>,
    /// The question: can `tier` (from 0) get more than its floor while those above keep theirs?
    pub(super) tier: usize,
    pub(super) floor: Vec<i64>,
    /// The best plan found on the way, and what it serves; before there is one, what was known before.
    pub(super) best: Vec<i64>,
    pub(super) found: Option<Lines>,
    /// A plan was found that gives a tier above more, which makes it another question.
    pub(super) above: bool,
}

impl<'a> Ceiling<'a> {
    pub(super) fn new(guide: &'a Guide<'a>) -> Self {
        let demands = guide.problem.demands.len();
        let bids = (0..demands).map(|demand| bids_of(guide, demand)).collect();
        Self {
            guide,
            bids,
            fixed: vec![None; demands],
            least_ml: vec![0; demands],
            kept_ml: vec![0; demands],
            pattern: Pattern::default(),
            columns: vec![Vec::new(); demands],
            choice: Vec::new(),
            gain: vec![0; demands],
            tier: 0,
            floor: Vec::new(),
            best: Vec::new(),
            found: None,
            above: false,
        }
    }

    /// The smallest step in which service can differ, in [`SCALE`].
    pub(super) fn unit(&self) -> i128 {
        i128::from(self.guide.unit_ml) * i128::from(SCALE)
    }

    /// The bound and what is left before any demand has chosen.
    pub(super) fn at_rest(&self, tariff: &Tariff) -> (i128, Look) {
        let problem = self.guide.problem;
        let look = Look {
            bound: None,
            supply: problem.supplies.iter().map(|row| row.bottles * row.bottle_ml).collect(),
            group: problem.groups.iter().map(|row| row.cap_ml.unwrap_or(0)).collect(),
            tier: self.floor.iter().map(|ml| -ml).collect(),
        };
        let mut bound: i128 = 0;
        for (ml, price) in look.supply.iter().zip(&tariff.supply).chain(look.group.iter().zip(&tariff.group)) {
            bound += i128::from(*ml) * i128::from(*price);
        }
        for (ml, worth) in look.tier.iter().zip(&tariff.tier).take(self.tier) {
            bound += i128::from(*ml) * i128::from(*worth);
        }
        (bound, look)
    }

    pub(super) fn look(&mut self, tariff: &Tariff, tally: &mut Tally) -> Look {
        let problem = self.guide.problem;
        let (mut bound, mut look) = self.at_rest(tariff);
        self.choice.clear();
        tally.looks += 1;
        for (demand, row) in problem.demands.iter().enumerate() {
            let tier = usize::from(row.tier) - 1;
            if tier > self.tier || self.fixed[demand] == Some(false) {
                continue;
            }
            let Some(gain) = self.choose(demand, tariff) else {
                look.bound = None;
                return look;
            };
            bound += i128::from(gain);
            self.gain[demand] = gain;
            look.tier[tier] += self.pattern.served_ml;
            let mut lines = Vec::with_capacity(self.pattern.taken.len());
            for (index, bottles) in &self.pattern.taken {
                let bid = &self.pattern.bids[*index];
                look.supply[at(bid.supply)] -= bottles * bid.ml;
                look.group[at(problem.supplies[at(bid.supply)].group)] -= bottles * bid.ml;
                lines.push((bid.position, *bottles));
            }
            self.remember(demand);
            self.choice.push((demand, lines));
        }
        look.bound = Some(bound);
        look
    }

    /// What the demand would gain by its best choice at the tariff; `None` where it cannot do what it must.
    pub(super) fn choose(&mut self, demand: usize, tariff: &Tariff) -> Option<i64> {
        let wish = self.offer(demand, tariff, &mut |bid| *bid);
        self.pattern.choose(&wish)
    }

    /// Lays the demand's bids out at the tariff, each as `change` says, and states what it wishes.
    pub(super) fn offer(&mut self, demand: usize, tariff: &Tariff, change: &mut dyn FnMut(&Bid) -> Bid) -> Wish {
        let problem = self.guide.problem;
        let row = &problem.demands[demand];
        self.pattern.bids.clear();
        let mut must = self.fixed[demand] == Some(true) || self.least_ml[demand] > 0;
        for bid in &self.bids[demand] {
            let bid = change(bid);
            if bid.most > 0 {
                let from = at(problem.supplies[at(bid.supply)].group);
                let price = bid.ml * (tariff.supply[at(bid.supply)] + tariff.group[from]);
                must |= bid.least > 0;
                self.pattern.bids.push(Bid { price, ..bid });
            }
        }
        Wish {
            volume_ml: row.volume_ml,
            limit: self.guide.lot_limit(row),
            whole: self.guide.whole(row),
            must,
            least_ml: self.least_ml[demand],
            worth: tariff.tier[usize::from(row.tier) - 1],
            fee: 0,
        }
    }

    /// Where better answers begin, in [`SCALE`].
    pub(super) fn aim(&self) -> i128 {
        i128::from(self.floor[self.tier]) * i128::from(SCALE) + self.unit()
    }

    /// Whether every pair can be asked by itself.
    pub(super) fn is_small(&self) -> bool {
        self.bids.len() <= 100
    }

    /// True where the choices of the look fit together and serve more than was found.
    fn fits_together(&self, look: &Look) -> bool {
        let capped = |(left, row): (&i64, &crate::domain::matching::Group)| row.cap_ml.is_some() && *left < 0;
        look.supply.iter().all(|left| *left >= 0)
            && !look.group.iter().zip(&self.guide.problem.groups).any(capped)
            && look.tier.iter().take(self.tier).all(|over| *over >= 0)
            && look.tier[self.tier] > 0
    }

    /// The least bound of so many looks, or an end as soon as it proves the floor. The tariff is left where the bound was
    /// least. Each look is taken where the choices seen so far say that the bound could be much lower.
    pub(super) fn descend(
        &mut self,
        tariff: &mut Tariff,
        steps: u32,
        tally: &mut Tally,
        goes_on: &mut dyn FnMut() -> bool,
    ) -> Reached {
        self.admit_columns();
        let mut best = i128::MAX;
        let mut trial = tariff.clone();
        let mut share = FIRST_SHARE;
        while goes_on() {
            let look = self.look(&trial, tally);
            let Some(bound) = look.bound else { return Reached::Proven };
            if self.fits_together(&look) || self.wants_repair(tally.looks) {
                self.repair(&trial, tally.looks);
            }
            let before = best;
            if bound < best {
                best = bound;
                tariff.clone_from(&trial);
            }
            if best < self.aim() {
                return Reached::Proven;
            }
            if self.above || share > LAST_SHARE {
                break;
            }
            let level = self.aim() + (best - self.aim()) * share / 1000;
            let falls = before.saturating_sub(best) > (best - self.aim()) / 50;
            if self.walk(&mut trial, level, steps, tally) {
                share = (share - 50).max(FIRST_SHARE);
            } else if !falls {
                share = (share * 4 + 1000) / 5;
            }
        }
        // Without a single look nothing is known.
        Reached::Bound(best)
    }

    /// An empty tally.
    pub(super) fn tally(&self) -> Tally {
        let taken = self.bids.iter().map(|bids| vec![Takes::default(); bids.len()]).collect();
        Tally { looks: 0, steps: 0, taken, served: vec![0; self.bids.len()] }
    }
}

/// How a descent ended.
#[derive(Debug)]
pub(super) enum Reached {
    /// Nothing better than the floor exists here.
    Proven,
    /// Nothing here passes this, in [`SCALE`].
    Bound(i128),
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
