//! The least that one demand's own choice could cost at given prices: whole bottles, at most so many lots, a fee for each
//! lot and for each way that it opens. By dynamic programming over volume, way by way and lot by lot.

use crate::domain::matching::index::{at, count, id, position as slot};
use std::collections::BTreeMap;

/// "Nothing chosen yet".
const START: u32 = u32::MAX;

/// Bottles on offer at a price, all parts of it in the same small unit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Item {
    pub supply: u32,
    pub lot: u32,
    pub group: u32,
    pub ml: i64,
    pub most: i64,
    /// Its own cost.
    pub cost: i64,
    /// Cost and prices together.
    pub price: i64,
    /// Where the demand's share of the way's cost is listed.
    pub share: Option<usize>,
    /// What opening the way costs the demand.
    pub opening: i64,
}

/// What the demand must get, and what milk is worth.
#[derive(Debug, Clone, Copy)]
pub(super) struct Order {
    pub volume_ml: i64,
    pub least_ml: i64,
    pub whole: bool,
    pub limit: Option<usize>,
    /// Worth of a millilitre.
    pub worth: i64,
    /// Cost of each lot.
    pub fee: i64,
    /// All volumes are multiples of this.
    pub unit_ml: i64,
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
    item: u32,
    bottles: i64,
}

/// Working memory, and the last choice.
#[derive(Debug, Default)]
pub(super) struct Basket {
    pub items: Vec<Item>,
    /// Item and bottles of the last choice.
    pub taken: Vec<(usize, i64)>,
    pub served_ml: i64,
    cells: Vec<Cell>,
    on_way: Vec<Cell>,
    in_lot: Vec<Cell>,
    choices: Vec<Choice>,
    kept: Vec<Item>,
}

impl Basket {
    /// The least cost less worth over all choices of `items` (sorted by group and lot), or `None` where there is none.
    pub(super) fn cheapest(&mut self, order: &Order) -> Option<i64> {
        self.taken.clear();
        self.choices.clear();
        self.served_ml = 0;
        self.drop_outdone(order);
        let steps = slot((order.volume_ml + order.unit_ml - 1) / order.unit_ml);
        let width = steps + 1;
        let layers = order.limit.map_or(1, |limit| limit + 1);
        self.cells.clear();
        self.cells.resize(width * layers, EMPTY);
        self.cells[0].cost = 0;
        let items = std::mem::take(&mut self.items);
        let mut first = 0;
        for way in items.chunk_by(|a, b| a.group == b.group) {
            self.use_way(way, first, width, order);
            first += way.len();
        }
        self.items = items;
        let served = |v: usize| (count(v) * order.unit_ml).min(order.volume_ml);
        let least = if order.whole && order.least_ml > 0 { order.volume_ml } else { order.least_ml };
        let mut best: Option<(i64, usize)> = None;
        for (place, cell) in self.cells.iter().enumerate().filter(|(_, cell)| cell.cost < i64::MAX) {
            let ml = served(place % width);
            let partly = order.whole && ml > 0 && ml < order.volume_ml;
            let cost = cell.cost - order.worth * ml;
            if ml >= least && !partly && best.is_none_or(|(least, _)| cost < least) {
                best = Some((cost, place));
            }
        }
        let (cost, place) = best?;
        self.served_ml = served(place % width);
        let mut next = self.cells[place].choice;
        while let Some(choice) = self.choices.get(at(next)).copied() {
            self.taken.push((at(choice.item), choice.bottles));
            next = choice.before;
        }
        Some(cost)
    }

    /// A lot that as many others as may be used outdo in every way is never needed.
    fn drop_outdone(&mut self, order: &Order) {
        let Some(limit) = order.limit else { return };
        self.items.sort_unstable_by_key(|item| (item.price, item.opening, -item.most, item.supply));
        self.kept.clear();
        let mut rows: BTreeMap<u32, u32> = BTreeMap::new();
        self.items.iter().for_each(|item| *rows.entry(item.lot).or_default() += 1);
        let kept = &mut self.kept;
        self.items.retain(|item| {
            // A lot of several sizes may be needed for the others of them.
            if rows.get(&item.lot).is_some_and(|rows| *rows > 1) {
                kept.push(*item);
                return true;
            }
            let mut lots: Vec<u32> = Vec::new();
            for other in kept.iter().filter(|other| outdoes(other, item)) {
                if lots.len() < limit && !lots.contains(&other.lot) {
                    lots.push(other.lot);
                }
            }
            let stays = lots.len() < limit;
            if stays {
                kept.push(*item);
            }
            stays
        });
        self.items.sort_unstable_by_key(|item| (item.group, item.lot, item.supply));
    }

    fn use_way(&mut self, way: &[Item], first: usize, width: usize, order: &Order) {
        let opening = way[0].opening;
        self.on_way.clear();
        self.on_way.extend(self.cells.iter().map(|cell| raised(*cell, opening)));
        let mut number = first;
        for lot in way.chunk_by(|a, b| a.lot == b.lot) {
            self.in_lot.clear();
            if order.limit.is_some() {
                self.in_lot.resize(width, EMPTY);
            }
            let kept = self.on_way.len() - self.in_lot.len();
            self.in_lot.extend(self.on_way[..kept].iter().map(|cell| raised(*cell, order.fee)));
            for item in lot {
                self.offer(item, id(number), width, order.unit_ml);
                number += 1;
            }
            merge(&mut self.on_way, &self.in_lot);
        }
        merge(&mut self.cells, &self.on_way);
    }

    /// Lets every state of the present lot take more bottles.
    fn offer(&mut self, item: &Item, number: u32, width: usize, unit_ml: i64) {
        let full = width - 1;
        let size = slot(item.ml / unit_ml);
        let mut left = item.most.min(count(full.div_ceil(size.max(1))));
        let mut portion = 1;
        while left > 0 {
            let bottles = portion.min(left);
            left -= bottles;
            portion *= 2;
            let (add, price) = (size * slot(bottles), item.price * bottles);
            for layer in self.in_lot.chunks_mut(width) {
                for from in (0..full).rev() {
                    let Cell { cost, choice } = layer[from];
                    let to = full.min(from + add);
                    if cost < i64::MAX && cost + price < layer[to].cost {
                        layer[to] = Cell { cost: cost + price, choice: id(self.choices.len()) };
                        self.choices.push(Choice { before: choice, item: number, bottles });
                    }
                }
            }
        }
    }
}

/// Whether the first, which is no dearer, can stand in for the other.
const fn outdoes(one: &Item, other: &Item) -> bool {
    let same_way = one.group == other.group || one.opening == 0;
    same_way && one.ml == other.ml && one.most >= other.most && one.lot != other.lot
}

const fn raised(cell: Cell, by: i64) -> Cell {
    Cell { cost: cell.cost.saturating_add(by), ..cell }
}

fn merge(into: &mut [Cell], from: &[Cell]) {
    for (into, from) in into.iter_mut().zip(from) {
        if from.cost < into.cost {
            *into = *from;
        }
    }
}
