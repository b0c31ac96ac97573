//! One demand served anew: the cheapest whole bottles that cover it, by dynamic programming over volume,
//! with lot limits, fixed costs per lot and per way, then topped up bottle by bottle where that fell short.

use super::board::Board;
use super::random::Random;
use crate::domain::matching::index::{at, count, gcd, id, position as slot};

/// Arcs looked at first; all of them where these do not cover the demand.
const NEAR: usize = 16;
/// More volume steps than this are filled greedily instead.
const MAX_STEPS: i64 = 4096;
/// "Nothing chosen yet" in the choice list.
const START: u32 = u32::MAX;
/// The arc of a choice that only joins two others.
const JOINED: u32 = u32::MAX;

#[derive(Debug, Clone, Copy)]
struct Cell {
    cost: i64,
    choice: u32,
}

const EMPTY: Cell = Cell { cost: i64::MAX, choice: START };

/// One step of a way to fill: what came before, and bottles of one arc, or another way joined to it.
#[derive(Debug, Clone, Copy)]
struct Choice {
    before: u32,
    position: u32,
    bottles: i64,
    also: u32,
}

/// The shape of a table of states: steps of volume, and whether the last means "this or more".
#[derive(Debug, Clone, Copy)]
struct Table {
    width: usize,
    saturates: bool,
}

/// Working memory of the covering, kept between calls.
#[derive(Debug)]
pub(super) struct Cover {
    pub random: Random,
    /// Arc and bottles available.
    near: Vec<(u32, i64)>,
    choices: Vec<Choice>,
    outside: Vec<Cell>,
    on_way: Vec<Cell>,
    in_lot: Vec<Cell>,
}

/// How a demand weighs its arcs during one insertion.
#[derive(Debug, Clone, Copy)]
pub(super) struct Taste {
    /// Percent of the flow's price that is added to the cost, so that scarce milk is spared.
    pub price_percent: i64,
    /// Arcs looked at first.
    pub near: usize,
    /// Percent of arcs overlooked at random, so that a demand does not always make the same choice.
    pub blink_percent: u64,
    /// Percent by which each arc's cost is moved at random, up or down.
    pub noise_percent: i64,
    /// Costs are drawn at random: milk matters, not points.
    pub blind: bool,
    /// A last bottle used less than this is left for others at first.
    pub forgo_percent: i64,
}

impl Taste {
    pub(super) const GUIDED: Self =
        Self { price_percent: 100, near: NEAR, blink_percent: 0, noise_percent: 0, blind: false, forgo_percent: 0 };
    /// The true cost alone, whoever else may want the milk.
    pub(super) const OWN: Self = Self { price_percent: 0, near: 2 * NEAR, ..Self::GUIDED };
}

impl Cover {
    pub(super) const fn new(seed: u64) -> Self {
        Self {
            random: Random::new(seed),
            near: Vec::new(),
            choices: Vec::new(),
            outside: Vec::new(),
            on_way: Vec::new(),
            in_lot: Vec::new(),
        }
    }

    /// Serves an empty demand as well as free bottles allow.
    pub(super) fn insert(&mut self, board: &mut Board<'_>, demand: usize, taste: Taste) {
        if board.guide.problem.demands[demand].volume_ml == 0 {
            return;
        }
        self.gather(board, demand, taste.near, taste.blink_percent);
        let looked_at_all = taste.blink_percent == 0 && self.near.len() < taste.near;
        let mut covered = self.cover(board, demand, taste);
        if !covered && !looked_at_all {
            board.clear(demand);
            self.gather(board, demand, usize::MAX, 0);
            covered = self.cover(board, demand, taste);
        }
        if taste.forgo_percent > 0 {
            board.forgo(demand, taste.forgo_percent);
        } else if !covered {
            self.finish(board, demand);
        }
    }

    /// Tops a demand up bottle by bottle; an all-or-nothing demand that stays short is emptied.
    pub(super) fn finish(&mut self, board: &mut Board<'_>, demand: usize) {
        let row = board.guide.problem.demands[demand];
        while board.short(demand) {
            let need = row.volume_ml - board.got[demand];
            let usable = |position: &&u32| board.available(**position) > 0 && board.lot_allowed(demand, **position);
            let ends = |position: &&u32| board.bottle(**position).1 >= need;
            let price = |position: &&u32| board.guide.pairs.arcs[at(**position)].cost;
            let all = board.guide.ordered(demand);
            let last = all.iter().filter(usable).filter(ends).min_by_key(price);
            let Some(position) = last.or_else(|| all.iter().find(usable)).copied() else { break };
            board.take(demand, position, 1);
        }
        board.trim(demand);
        if board.guide.whole(&row) && board.short(demand) {
            board.clear(demand);
        }
    }

    fn gather(&mut self, board: &Board<'_>, demand: usize, most: usize, blink_percent: u64) {
        self.near.clear();
        let limited = board.guide.lot_limit(&board.guide.problem.demands[demand]).is_some();
        let volume = board.guide.problem.demands[demand].volume_ml;
        let mut big: Vec<(i64, u32, i64)> = Vec::new();
        let mut near_open = 0;
        for position in board.guide.ordered(demand) {
            let mut bottles = board.available(*position);
            if bottles > 0 && blink_percent > 0 && self.random.next() % 100 < blink_percent {
                bottles = bottles.min(count(self.random.below(3)));
            }
            if bottles == 0 {
                continue;
            }
            let open = board.guide.way(*position).is_none_or(|(way, _)| board.open[way] > 0);
            if self.near.len() < most {
                self.near.push((*position, bottles));
            } else if board.guide.has_fixed && open && near_open < most {
                near_open += 1;
                self.near.push((*position, bottles));
            } else if limited {
                big.push((-(bottles * board.bottle(*position).1).min(volume), *position, bottles));
            } else if !board.guide.has_fixed {
                break;
            }
        }
        if !big.is_empty() {
            let keep = big.len().min(most / 2);
            big.sort_unstable_by_key(|(amount, _, _)| *amount);
            self.near.extend(big.iter().take(keep).map(|(_, position, bottles)| (*position, *bottles)));
        }
    }

    /// Chooses among the gathered arcs and takes the choice; true when the demand is covered.
    fn cover(&mut self, board: &mut Board<'_>, demand: usize, taste: Taste) -> bool {
        let row = board.guide.problem.demands[demand];
        let unit = self.near.iter().fold(0, |unit, (position, _)| gcd(unit, board.bottle(*position).1));
        if self.near.is_empty() || row.volume_ml.div_euclid(unit) >= MAX_STEPS {
            return false;
        }
        let steps = slot((row.volume_ml + unit - 1) / unit);
        let layers = board.guide.lot_limit(&row).map_or(1, |limit| limit + 1);
        let limited = board.guide.lot_limit(&row).is_some();
        self.near.sort_unstable_by_key(|(position, _)| {
            let supply = &board.guide.problem.supplies[board.bottle(*position).0];
            (supply.group, supply.lot, *position)
        });
        let table = Table { width: steps + 1, saturates: true };
        self.choices.clear();
        self.outside.clear();
        self.outside.resize(table.width * layers, EMPTY);
        self.outside[0] = Cell { cost: 0, choice: START };
        let near = std::mem::take(&mut self.near);
        let group = |position: u32| board.guide.problem.supplies[board.bottle(position).0].group;
        for way in near.chunk_by(|a, b| group(a.0) == group(b.0)) {
            let opening = board.guide.way(way[0].0).map_or(0, |(w, cost)| if board.open[w] == 0 { cost } else { 0 });
            let room = board.room[at(group(way[0].0))];
            let offered: i64 = way.iter().map(|(position, bottles)| board.bottle(*position).1 * bottles).sum();
            self.on_way.clear();
            if offered <= room {
                self.on_way.extend(self.outside.iter().map(|cell| raised(*cell, opening)));
                self.use_way(board, way, unit, table, limited, taste);
                merge(&mut self.outside, &self.on_way);
            } else {
                // The group's own limit may bind: see what it could give by itself, then add that on.
                let most = room.min((count(steps) + 1) * unit + row.volume_ml);
                let alone = Table { width: slot(most / unit) + 1, saturates: false };
                self.on_way.resize(alone.width * layers, EMPTY);
                self.on_way[0] = Cell { cost: opening, choice: START };
                self.use_way(board, way, unit, alone, limited, taste);
                self.join(table.width, alone.width);
            }
        }
        self.near = near;
        self.settle(board, demand, table.width)
    }

    /// Lets every state use the lots of one group.
    fn use_way(&mut self, board: &Board<'_>, way: &[(u32, i64)], unit: i64, table: Table, limited: bool, taste: Taste) {
        let lot = |position: u32| board.guide.problem.supplies[board.bottle(position).0].lot;
        for lines in way.chunk_by(|a, b| lot(a.0) == lot(b.0)) {
            self.in_lot.clear();
            if limited {
                self.in_lot.resize(table.width.min(self.on_way.len()), EMPTY);
            }
            let kept = self.on_way.len() - self.in_lot.len();
            let fee = board.guide.problem.rules.fixed_lot_cost;
            self.in_lot.extend(self.on_way[..kept].iter().map(|cell| raised(*cell, fee)));
            for (position, bottles) in lines {
                self.offer(board, *position, *bottles, unit, table, taste);
            }
            merge(&mut self.on_way, &self.in_lot);
        }
    }

    /// Adds what one group gives alone to every state outside it.
    fn join(&mut self, width: usize, alone: usize) {
        let before = self.outside.clone();
        let full = width - 1;
        for (k, from) in before.chunks(width).enumerate() {
            for (extra, given) in self.on_way.chunks(alone).enumerate() {
                let Some(into) = self.outside.chunks_mut(width).nth(k + extra) else { break };
                for (w, part) in given.iter().enumerate().skip(1).filter(|(_, part)| part.cost < i64::MAX) {
                    for (v, cell) in from.iter().enumerate().take(full).filter(|(_, cell)| cell.cost < i64::MAX) {
                        let (to, cost) = (full.min(v + w), cell.cost.saturating_add(part.cost));
                        if cost < into[to].cost {
                            into[to] = Cell { cost, choice: id(self.choices.len()) };
                            self.choices.push(Choice {
                                before: cell.choice,
                                position: JOINED,
                                bottles: 0,
                                also: part.choice,
                            });
                        }
                    }
                }
            }
        }
    }

    /// Offers up to `bottles` of one arc to every state of the present lot.
    fn offer(&mut self, board: &Board<'_>, position: u32, bottles: i64, unit: i64, table: Table, taste: Taste) {
        let (supply, ml) = board.bottle(position);
        let mut cost =
            board.guide.pairs.arcs[at(position)].cost + board.guide.price[supply] / 100 * taste.price_percent;
        if taste.blind {
            cost = ml * (1 + count(self.random.below(1000)));
        } else if taste.noise_percent > 0 {
            let share = 100 - taste.noise_percent + count(self.random.below(slot(2 * taste.noise_percent)));
            cost = cost / 100 * share + ml * count(self.random.below(slot(taste.noise_percent / 10)));
        }
        let full = table.width - 1;
        let size = slot(ml / unit);
        let mut left = bottles.min(count(full.div_ceil(size.max(1))));
        let mut portion = 1;
        while left > 0 {
            let bundle = portion.min(left);
            left -= bundle;
            portion *= 2;
            let (add, price) = (size * slot(bundle), cost.saturating_mul(bundle));
            // A state past the end is either "covered", or more than the group may give.
            let last = if table.saturates { full } else { (full + 1).saturating_sub(add) };
            for layer in self.in_lot.chunks_mut(table.width) {
                for from in (0..last).rev() {
                    let Cell { cost: before, choice } = layer[from];
                    let to = full.min(from + add);
                    if before < i64::MAX && before.saturating_add(price) < layer[to].cost {
                        layer[to] = Cell { cost: before.saturating_add(price), choice: id(self.choices.len()) };
                        self.choices.push(Choice { before: choice, position, bottles: bundle, also: START });
                    }
                }
            }
        }
    }

    /// Takes the cheapest choice of the largest volume reached.
    fn settle(&mut self, board: &mut Board<'_>, demand: usize, width: usize) -> bool {
        let reached = (1..width).rev().find(|v| self.outside.iter().skip(*v).step_by(width).any(|c| c.cost < i64::MAX));
        let Some(reached) = reached else { return false };
        if reached < width - 1 && board.guide.whole(&board.guide.problem.demands[demand]) {
            return false;
        }
        let best = self.outside.iter().skip(reached).step_by(width).min_by_key(|cell| cell.cost);
        let mut open = vec![best.map_or(START, |cell| cell.choice)];
        while let Some(next) = open.pop() {
            let Some(choice) = self.choices.get(at(next)).copied() else { continue };
            open.extend([choice.before, choice.also]);
            if choice.bottles > 0 {
                board.take(demand, choice.position, choice.bottles);
            }
        }
        board.trim(demand);
        !board.short(demand)
    }
}

const fn raised(cell: Cell, by: i64) -> Cell {
    Cell { cost: cell.cost.saturating_add(by), choice: cell.choice }
}

fn merge(into: &mut [Cell], from: &[Cell]) {
    for (into, from) in into.iter_mut().zip(from) {
        if from.cost < into.cost {
            *into = *from;
        }
    }
}
