//! What demands have chosen so far, as a cheap stand-in for asking them again: prices walk by it to where the bound
//! should be lower, and only there does everyone choose anew.

use super::ceiling::{Ceiling, Look, MOST_PRICE, Tally, Tariff};
use crate::domain::matching::index::at;

/// Most choices kept per demand; the oldest go first.
const MOST_COLUMNS: usize = 32;
/// Fractions of a step are counted in parts of this.
const STEP_SCALE: i128 = 1 << 30;

/// One choice of a demand.
#[derive(Debug, Clone)]
pub(super) struct Column {
    served_ml: i64,
    /// Bid and bottles, by bid.
    taken: Vec<(usize, i64)>,
    /// Supply and millilitres of each.
    uses: Vec<(u32, i64)>,
    /// Whether the present case allows it.
    allowed: bool,
    /// How often it was chosen in the steps of the present case.
    pub(super) times: i64,
}

impl Column {
    /// Bid and bottles of each.
    pub(super) fn bottles(&self) -> impl Iterator<Item = (usize, i64)> {
        self.taken.iter().copied()
    }
}

impl Ceiling<'_> {
    /// Keeps the last choice of a demand, if it is new.
    pub(super) fn remember(&mut self, demand: usize) {
        let pattern = &self.pattern;
        if pattern.taken.is_empty() {
            return;
        }
        let mut taken: Vec<(usize, i64)> = Vec::with_capacity(pattern.taken.len());
        let mut uses = Vec::with_capacity(pattern.taken.len());
        for (index, bottles) in &pattern.taken {
            let bid = &pattern.bids[*index];
            match taken.iter_mut().find(|(other, _)| *other == bid.index) {
                Some((_, more)) => *more += bottles,
                None => taken.push((bid.index, *bottles)),
            }
        }
        taken.sort_unstable();
        let columns = &mut self.columns[demand];
        if let Some(known) = columns.iter().position(|column| column.taken == taken) {
            columns[known..].rotate_left(1);
            columns.last_mut().into_iter().for_each(|column| column.allowed = true);
            return;
        }
        for (index, bottles) in &taken {
            let bid = &self.bids[demand][*index];
            uses.push((bid.supply, bottles * bid.ml));
        }
        if columns.len() >= MOST_COLUMNS {
            columns.remove(0);
        }
        columns.push(Column { served_ml: pattern.served_ml, taken, uses, allowed: true, times: 0 });
    }

    /// Marks the choices that the present case allows.
    pub(super) fn admit_columns(&mut self) {
        for (demand, columns) in self.columns.iter_mut().enumerate() {
            let bids = &self.bids[demand];
            let must = bids.iter().filter(|bid| bid.least > 0).count();
            for column in columns {
                let fits = |(bid, bottles): &(usize, i64)| *bottles <= bids[*bid].most && *bottles >= bids[*bid].least;
                let met = column.taken.iter().filter(|(bid, _)| bids[*bid].least > 0).count();
                column.allowed = column.taken.iter().all(fits)
                    && met == must
                    && column.served_ml >= self.least_ml[demand]
                    && self.fixed[demand] != Some(false);
            }
        }
    }

    /// Moves the prices, in at most so many steps, until the choices seen so far say that the bound is at most `level`;
    /// false where they do not.
    pub(super) fn walk(&mut self, tariff: &mut Tariff, level: i128, steps: u32, tally: &mut Tally) -> bool {
        let mut shelf = self.shelve();
        let mut reached = false;
        let mut drift = Drift::default();
        let mut look = shelf.rest.clone();
        let capped: Vec<bool> = self.guide.problem.groups.iter().map(|group| group.cap_ml.is_some()).collect();
        for _ in 0..steps {
            let bound = shelf.glance(tariff, self.tier, &mut look);
            if bound <= level {
                reached = true;
                break;
            }
            tally.steps += 1;
            drift.turn(tariff, &look, self.tier, &capped);
            drift.step(tariff, self.tier, bound - level);
        }
        for row in &shelf.rows {
            for kept in shelf.columns[row.from..row.until].iter().filter(|kept| kept.times > 0) {
                tally.served[row.demand] += kept.times;
                self.columns[row.demand][kept.column].times += kept.times;
                for (bid, bottles) in &self.columns[row.demand][kept.column].taken {
                    tally.taken[row.demand][*bid].add(*bottles, kept.times);
                }
            }
        }
        reached
    }

    /// The choices that the present case allows, side by side.
    fn shelve(&self) -> Shelf {
        let (_, rest) = self.at_rest(&Tariff { supply: Vec::new(), group: Vec::new(), tier: Vec::new() });
        let group = self.guide.problem.supplies.iter().map(|row| at(row.group)).collect();
        let mut shelf =
            Shelf { rest, group, price: Vec::new(), rows: Vec::new(), columns: Vec::new(), uses: Vec::new() };
        for (demand, columns) in self.columns.iter().enumerate() {
            let tier = self.guide.tier(demand);
            if tier > self.tier || self.fixed[demand] == Some(false) {
                continue;
            }
            let from = shelf.columns.len();
            for (number, column) in columns.iter().enumerate().filter(|(_, column)| column.allowed) {
                let first = shelf.uses.len();
                shelf.uses.extend(column.uses.iter().map(|(supply, ml)| (at(*supply), *ml)));
                let (served_ml, until) = (column.served_ml, shelf.uses.len());
                shelf.columns.push(Shelved { served_ml, from: first, until, column: number, times: 0 });
            }
            let must = self.least_ml[demand] > 0 || self.fixed[demand] == Some(true);
            shelf.rows.push(Row { demand, tier, from, until: shelf.columns.len(), must });
        }
        shelf
    }
}

/// One choice on the shelf: its uses, and how often it was chosen.
#[derive(Debug)]
struct Shelved {
    served_ml: i64,
    from: usize,
    until: usize,
    column: usize,
    times: i64,
}

/// The choices of one demand.
#[derive(Debug)]
struct Row {
    demand: usize,
    tier: usize,
    from: usize,
    until: usize,
    must: bool,
}

/// All choices of a walk in a few plain lists.
#[derive(Debug)]
struct Shelf {
    /// What is there before anybody has chosen.
    rest: Look,
    group: Vec<usize>,
    price: Vec<i64>,
    rows: Vec<Row>,
    columns: Vec<Shelved>,
    /// Supply and millilitres.
    uses: Vec<(usize, i64)>,
}

impl Shelf {
    /// The bound by the choices on the shelf, and what they leave.
    fn glance(&mut self, tariff: &Tariff, above: usize, look: &mut Look) -> i128 {
        look.supply.copy_from_slice(&self.rest.supply);
        look.group.copy_from_slice(&self.rest.group);
        look.tier.copy_from_slice(&self.rest.tier);
        let mut bound = worth(&look.supply, &tariff.supply) + worth(&look.group, &tariff.group);
        bound += worth(&look.tier[..above], &tariff.tier[..above]);
        self.price.clear();
        self.price.extend(tariff.supply.iter().zip(&self.group).map(|(price, group)| price + tariff.group[*group]));
        for row in &self.rows {
            let mut best: Option<(i64, usize)> = None;
            let each = tariff.tier[row.tier];
            for (number, column) in self.columns[row.from..row.until].iter().enumerate() {
                let uses = &self.uses[column.from..column.until];
                let gain =
                    each * column.served_ml - uses.iter().map(|(supply, ml)| self.price[*supply] * ml).sum::<i64>();
                if best.is_none_or(|(most, _)| gain > most) {
                    best = Some((gain, row.from + number));
                }
            }
            let Some((gain, number)) = best.filter(|(gain, _)| row.must || *gain > 0) else { continue };
            let column = &mut self.columns[number];
            column.times += 1;
            bound += i128::from(gain);
            look.tier[row.tier] += column.served_ml;
            for (supply, ml) in &self.uses[column.from..column.until] {
                look.supply[*supply] -= ml;
                look.group[self.group[*supply]] -= ml;
            }
        }
        bound
    }
}

fn worth(ml: &[i64], prices: &[i64]) -> i128 {
    ml.iter().zip(prices).map(|(ml, price)| i128::from(*ml) * i128::from(*price)).sum()
}

/// The direction in which prices move: what a look leaves, turned away from where the last step came from so that the
/// walk does not zigzag.
#[derive(Debug, Default)]
struct Drift {
    supply: Vec<i64>,
    group: Vec<i64>,
    tier: Vec<i64>,
}

impl Drift {
    fn turn(&mut self, tariff: &Tariff, look: &Look, above: usize, capped: &[bool]) {
        let (mut supply, mut group) = (look.supply.clone(), look.group.clone());
        let mut tier = look.tier[..above].to_vec();
        group.iter_mut().zip(capped).filter(|(_, capped)| !**capped).for_each(|(left, _)| *left = 0);
        // A price of nothing cannot fall.
        let still = |left: &mut Vec<i64>, prices: &[i64]| {
            left.iter_mut()
                .zip(prices)
                .filter(|(left, price)| **price <= 0 && **left > 0)
                .for_each(|(left, _)| *left = 0);
        };
        still(&mut supply, &tariff.supply);
        still(&mut group, &tariff.group);
        still(&mut tier, &tariff.tier);
        let along = worth(&supply, &self.supply) + worth(&group, &self.group) + worth(&tier, &self.tier);
        let size = self.size();
        let part = if along < 0 { i64::try_from(-along * 1536 / size.max(1)).unwrap_or(0) } else { 0 };
        let mix = |old: &mut Vec<i64>, new: Vec<i64>| {
            if old.len() < new.len() {
                *old = new;
            } else {
                old.iter_mut().zip(new).for_each(|(old, new)| *old = new + *old * part / 1024);
            }
        };
        mix(&mut self.supply, supply);
        mix(&mut self.group, group);
        mix(&mut self.tier, tier);
    }

    fn size(&self) -> i128 {
        worth(&self.supply, &self.supply) + worth(&self.group, &self.group) + worth(&self.tier, &self.tier)
    }

    /// Moves the tariff so far that the bound would fall by `by` if it were a plane.
    fn step(&self, tariff: &mut Tariff, above: usize, by: i128) {
        let length = by * STEP_SCALE / self.size().max(1);
        let go = |price: &mut i64, left: &i64| {
            let change = i128::from(*left) * length / STEP_SCALE;
            *price = price.saturating_sub(i64::try_from(change).unwrap_or(0)).clamp(0, MOST_PRICE);
        };
        tariff.supply.iter_mut().zip(&self.supply).for_each(|(price, left)| go(price, left));
        tariff.group.iter_mut().zip(&self.group).for_each(|(price, left)| go(price, left));
        tariff.tier.iter_mut().zip(&self.tier).take(above).for_each(|(price, left)| go(price, left));
    }
}
