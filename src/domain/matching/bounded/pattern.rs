//! The most one demand could gain by itself at given prices: whole bottles, at most so many lots, all or nothing.
//! What it chooses may be too dear for the others; that is for whoever sets the prices.

use super::board::Guide;
use crate::domain::matching::index::{at, count, gcd, id, position as slot};

/// More volume steps than this are priced as if milk could be split.
const MAX_STEPS: i64 = 2048;
/// "Nothing chosen yet".
const START: u32 = u32::MAX;

/// Bottles that a demand might take, with what one costs it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bid {
    pub supply: u32,
    pub lot: u32,
    pub ml: i64,
    /// The most of them that could be of use.
    pub useful: i64,
    /// The most of them that any plan worth finding takes.
    pub kept: i64,
    /// The most of them that may be taken now.
    pub most: i64,
    /// The least of them that must be taken now.
    pub least: i64,
    /// Position among the demand's bids.
    pub index: usize,
    /// The arc.
    pub position: u32,
    pub price: i64,
}

/// One demand's wishes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wish {
    pub volume_ml: i64,
    pub limit: Option<usize>,
    /// All of it or nothing.
    pub whole: bool,
    /// Nothing is no choice.
    pub must: bool,
    /// Less than this is no choice, mL.
    pub least_ml: i64,
    /// What a millilitre is worth.
    pub worth: i64,
    /// What each lot costs besides.
    pub fee: i64,
}

#[derive(Debug, Clone, Copy)]
struct Cell {
    cost: i64,
    choice: u32,
}

const EMPTY: Cell = Cell { cost: i64::MAX, choice: START };

#[derive(Debug, Clone, Copy)]
struct Choice {
    before: u32,
    bid: u32,
    bottles: i64,
}

/// Working memory, kept between calls, and the last choice.
#[derive(Debug, Default)]
pub(super) struct Pattern {
    pub bids: Vec<Bid>,
    /// Bid and bottles of the last choice.
    pub taken: Vec<(usize, i64)>,
    /// What the last choice would give the demand.
    pub served_ml: i64,
    cells: Vec<Cell>,
    in_lot: Vec<Cell>,
    choices: Vec<Choice>,
    largest: Vec<i64>,
    /// Shape of the last table; nothing where none was needed.
    width: usize,
    unit: i64,
}

/// Everything a demand might take, without prices.
pub(super) fn bids_of(guide: &Guide<'_>, demand: usize) -> Vec<Bid> {
    let problem = guide.problem;
    let volume = problem.demands[demand].volume_ml;
    let mut bids: Vec<Bid> = guide
        .pairs
        .of(demand)
        .map(|position| {
            let supply = guide.pairs.arcs[position].supply;
            let row = &problem.supplies[at(supply)];
            let room = problem.groups[at(row.group)].cap_ml.map_or(i64::MAX, |cap| cap / row.bottle_ml);
            let useful = (volume + row.bottle_ml - 1) / row.bottle_ml;
            let most = row.bottles.min(room).min(useful);
            Bid {
                supply,
                lot: row.lot,
                ml: row.bottle_ml,
                useful: most,
                kept: most,
                most,
                least: 0,
                index: 0,
                position: id(position),
                price: 0,
            }
        })
        .filter(|bid| bid.most > 0)
        .collect();
    bids.sort_unstable_by_key(|bid| (bid.lot, bid.supply));
    bids.iter_mut().enumerate().for_each(|(index, bid)| bid.index = index);
    bids
}

impl Pattern {
    /// The most that the demand could gain from `self.bids`, or `None` where it cannot do what it must; the choice is
    /// in `taken`.
    pub(super) fn choose(&mut self, wish: &Wish) -> Option<i64> {
        self.taken.clear();
        self.cells.clear();
        self.served_ml = 0;
        if wish.volume_ml == 0 || self.bids.is_empty() {
            return (!wish.must).then_some(0);
        }
        let unit = self.bids.iter().fold(0, |unit, bid| gcd(unit, bid.ml)).max(1);
        if wish.volume_ml / unit >= MAX_STEPS {
            return Some(self.as_if_split(wish));
        }
        let one_size = self.bids.windows(2).all(|pair| pair[0].ml == pair[1].ml && pair[0].lot != pair[1].lot);
        if one_size && wish.limit.is_none() && wish.fee == 0 && !wish.must && wish.least_ml == 0 {
            return Some(self.in_order(wish));
        }
        if one_size {
            self.drop_outdone(wish);
        } else if !wish.whole && wish.least_ml == 0 {
            self.bids.retain(|bid| bid.least > 0 || bid.price < wish.worth * bid.ml);
        }
        if self.bids.is_empty() {
            return (!wish.must).then_some(0);
        }
        self.tabulate(wish, unit)
    }

    /// Bottles of one size without a limit on lots: the cheapest first, while they are worth it.
    fn in_order(&mut self, wish: &Wish) -> i64 {
        self.bids.sort_unstable_by_key(|bid| (bid.price, bid.supply));
        let (mut gain, mut left) = (0, wish.volume_ml);
        for (index, bid) in self.bids.iter().enumerate() {
            let full = bid.most.min(left / bid.ml);
            let mut bottles = 0;
            if full > 0 && (wish.whole || bid.price < wish.worth * bid.ml) {
                bottles = full;
                gain += full * (wish.worth * bid.ml - bid.price);
                left -= full * bid.ml;
            }
            let last = left > 0 && left < bid.ml && bottles < bid.most;
            if last && (wish.whole || bid.price < wish.worth * left) {
                bottles += 1;
                gain += wish.worth * left - bid.price;
                left = 0;
            }
            if bottles > 0 {
                self.taken.push((index, bottles));
            }
            if left == 0 {
                break;
            }
        }
        if wish.whole && (left > 0 || gain <= 0) {
            self.taken.clear();
            return 0;
        }
        self.served_ml = wish.volume_ml - left;
        gain
    }

    /// Of lots with one bottle size, those that as many others as may be used outdo in price and number are never
    /// needed.
    fn drop_outdone(&mut self, wish: &Wish) {
        let Some(limit) = wish.limit else { return };
        self.bids.sort_unstable_by_key(|bid| (bid.price, -bid.most, bid.supply));
        self.largest.clear();
        let largest = &mut self.largest;
        self.bids.retain(|bid| {
            let outdone = largest.len() >= limit && largest.first().is_some_and(|least| *least >= bid.most);
            let pays = wish.whole || wish.least_ml > 0 || bid.price < wish.worth * bid.ml;
            if bid.least == 0 && (outdone || !pays) {
                return false;
            }
            if largest.len() >= limit {
                largest.remove(0);
            }
            let place = largest.partition_point(|most| *most < bid.most);
            largest.insert(place, bid.most);
            true
        });
    }

    /// More than any choice of whole bottles could gain: the cheapest milk first, split at will.
    fn as_if_split(&mut self, wish: &Wish) -> i64 {
        let per_ml = |bid: &Bid| bid.price.div_euclid(bid.ml);
        self.bids.sort_unstable_by_key(|bid| (per_ml(bid), bid.supply));
        let (mut gain, mut left) = (0, wish.volume_ml);
        for (index, bid) in self.bids.iter().enumerate() {
            let ml = (bid.ml * bid.most).min(left);
            if per_ml(bid) < wish.worth && ml > 0 {
                gain += ml * (wish.worth - per_ml(bid));
                left -= ml;
                self.taken.push((index, (ml + bid.ml - 1) / bid.ml));
            }
        }
        self.served_ml = wish.volume_ml - left;
        gain
    }

    /// The least volume with which the demand of the last choice could gain this much, mL.
    pub(super) fn least_for(&self, wish: &Wish, gain: i64) -> i64 {
        if wish.volume_ml == 0 || self.cells.is_empty() || (!wish.must && gain <= 0) {
            return 0;
        }
        let width = self.width;
        let served = |v: usize| (count(v) * self.unit).min(wish.volume_ml);
        let good =
            |(at, cell): &(usize, &Cell)| cell.cost < i64::MAX && wish.worth * served(*at % width) - cell.cost >= gain;
        self.cells.iter().enumerate().filter(good).map(|(at, _)| served(at % width)).min().unwrap_or(0)
    }

    /// The least price of every volume, lot by lot, then the best volume.
    fn tabulate(&mut self, wish: &Wish, unit: i64) -> Option<i64> {
        let steps = slot((wish.volume_ml + unit - 1) / unit);
        let width = steps + 1;
        (self.width, self.unit) = (width, unit);
        let layers = wish.limit.map_or(1, |limit| limit + 1);
        self.choices.clear();
        self.cells.clear();
        self.cells.resize(width * layers, EMPTY);
        self.cells[0].cost = 0;
        let bids = std::mem::take(&mut self.bids);
        let mut first = 0;
        for lot in bids.chunk_by(|a, b| a.lot == b.lot) {
            self.use_lot(lot, first, unit, width, wish);
            first += lot.len();
        }
        self.bids = bids;
        let worth = |v: usize| wish.worth * (count(v) * unit).min(wish.volume_ml);
        let least = slot((wish.least_ml + unit - 1) / unit);
        let from = if wish.whole { steps } else { least.clamp(1, steps) };
        let mut best = (if wish.must { i64::MIN } else { 0 }, START, 0);
        for (at, cell) in self.cells.iter().enumerate().filter(|(_, cell)| cell.cost < i64::MAX) {
            let v = at % width;
            let gain = worth(v) - cell.cost;
            if v >= from && gain > best.0 {
                best = (gain, cell.choice, v);
            }
        }
        let mut next = best.1;
        while let Some(choice) = self.choices.get(at(next)).copied() {
            self.taken.push((at(choice.bid), choice.bottles));
            next = choice.before;
        }
        self.served_ml = (count(best.2) * unit).min(wish.volume_ml);
        (best.0 > i64::MIN).then_some(best.0)
    }

    fn use_lot(&mut self, lot: &[Bid], first: usize, unit: i64, width: usize, wish: &Wish) {
        self.in_lot.clear();
        let limited = wish.limit.is_some();
        if limited {
            self.in_lot.resize(width.min(self.cells.len()), EMPTY);
        }
        let kept = self.cells.len() - self.in_lot.len();
        let fee = wish.fee;
        let raised = |cell: &Cell| Cell { cost: cell.cost.saturating_add(fee), ..*cell };
        self.in_lot.extend(self.cells[..kept].iter().map(raised));
        let forced = if lot.len() == 1 { lot[0].least } else { 0 };
        if forced > 0 {
            self.first_bottles(id(first), &lot[0], unit, width);
            self.cells.fill(EMPTY);
        }
        for (offset, bid) in lot.iter().enumerate() {
            let size = slot(bid.ml / unit);
            let mut left = (bid.most - forced).min(count((width - 1).div_ceil(size.max(1))));
            let mut portion = 1;
            while left > 0 {
                let bottles = portion.min(left);
                left -= bottles;
                portion *= 2;
                self.offer(id(first + offset), bottles, size * slot(bottles), bid.price * bottles, width);
            }
        }
        for (into, from) in self.cells.iter_mut().zip(&self.in_lot) {
            if from.cost < into.cost {
                *into = *from;
            }
        }
    }

    /// Every state of the present lot takes the bottles that it must.
    fn first_bottles(&mut self, bid: u32, row: &Bid, unit: i64, width: usize) {
        let full = width - 1;
        let (add, price) = (slot(row.least * row.ml / unit), row.least * row.price);
        for layer in self.in_lot.chunks_mut(width) {
            for from in (0..=full).rev() {
                let Cell { cost: before, choice } = std::mem::replace(&mut layer[from], EMPTY);
                if before < i64::MAX {
                    let to = full.min(from + add);
                    if before + price < layer[to].cost {
                        layer[to] = Cell { cost: before + price, choice: id(self.choices.len()) };
                        self.choices.push(Choice { before: choice, bid, bottles: row.least });
                    }
                }
            }
        }
    }

    /// Lets every state of the present lot take so many more steps of volume.
    fn offer(&mut self, bid: u32, bottles: i64, add: usize, price: i64, width: usize) {
        let full = width - 1;
        for layer in self.in_lot.chunks_mut(width) {
            for from in (0..full).rev() {
                let Cell { cost: before, choice } = layer[from];
                if before == i64::MAX {
                    continue;
                }
                let to = full.min(from + add);
                if before + price < layer[to].cost {
                    layer[to] = Cell { cost: before + price, choice: id(self.choices.len()) };
                    self.choices.push(Choice { before: choice, bid, bottles });
                }
            }
        }
    }
}
