//! A plan under construction: what is free, what each demand holds, and the score so far.

use crate::domain::matching::index::{at, count, gcd, id};
use crate::domain::matching::model::{Demand, Problem};
use crate::domain::matching::network::Pairs;
use crate::domain::matching::plan::PlanLine;
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// "This arc pays no fixed way."
const FREE_WAY: u32 = u32::MAX;

/// How good a plan is: millilitres per tier, then fairness, then cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::domain::matching) struct Score {
    pub served_ml: Vec<i64>,
    pub fairness: i128,
    pub cost: i64,
}

impl Score {
    /// Service first (more is `Less`, as in "comes first"), without the cost.
    pub(super) fn service(&self, other: &Self) -> Ordering {
        other.served_ml.cmp(&self.served_ml).then(other.fairness.cmp(&self.fairness))
    }
    pub(super) fn beats(&self, other: &Self) -> bool {
        self.service(other).then(self.cost.cmp(&other.cost)) == Ordering::Less
    }
}

/// What never changes during a search: the orders in which a demand looks at its arcs, and ways.
#[derive(Debug)]
pub(in crate::domain::matching) struct Guide<'a> {
    pub problem: &'a Problem,
    pub pairs: &'a Pairs<'a>,
    /// Price of one bottle of the supply in points, from the flow.
    pub price: Vec<i64>,
    /// Arc positions per demand, cheapest milk first, prices counted.
    pub order: Vec<u32>,
    /// Way of each arc.
    way: Vec<u32>,
    way_cost: Vec<i64>,
    /// Demands that could use the supply.
    takers: Vec<Vec<u32>>,
    pub has_fixed: bool,
    /// Every plan's volumes are whole multiples of this, mL.
    pub unit_ml: i64,
    /// What each tier gets in the flow's bound.
    pub(super) ceiling_ml: Vec<i64>,
}

impl<'a> Guide<'a> {
    /// Prepares the search; `price` is the flow's price of one bottle per supply, `ceiling_ml` its service per tier.
    pub(in crate::domain::matching) fn new(
        problem: &'a Problem,
        pairs: &'a Pairs<'a>,
        price: Vec<i64>,
        ceiling_ml: Vec<i64>,
    ) -> Self {
        let mut ways = BTreeMap::new();
        let mut way_cost = Vec::new();
        for pair in problem.pairs.iter().filter(|pair| pair.cost > 0) {
            ways.insert((pair.from, pair.to), id(way_cost.len()));
            way_cost.push(pair.cost);
        }
        let way = pairs.arcs.iter().map(|arc| {
            let from = problem.supplies[at(arc.supply)].group;
            ways.get(&(from, problem.demands[at(arc.demand)].site)).copied().unwrap_or(FREE_WAY)
        });
        let way: Vec<u32> = if ways.is_empty() { vec![FREE_WAY; pairs.arcs.len()] } else { way.collect() };
        let mut order = Vec::with_capacity(pairs.arcs.len());
        let mut takers = vec![Vec::new(); problem.supplies.len()];
        for demand in 0..problem.demands.len() {
            let from = order.len();
            order.extend(pairs.of(demand).map(|position| {
                let arc = &pairs.arcs[position];
                takers[at(arc.supply)].push(id(demand));
                let ml = i128::from(problem.supplies[at(arc.supply)].bottle_ml);
                let points = i128::from(arc.cost) + i128::from(price[at(arc.supply)]);
                ((points * 4096).div_euclid(ml), id(position))
            }));
            order[from..].sort_unstable();
        }
        let order = order.into_iter().map(|(_, position)| position).collect();
        let has_fixed = !way_cost.is_empty() || problem.rules.fixed_lot_cost > 0;
        let unit_ml = problem.supplies.iter().fold(0, |unit, supply| gcd(unit, supply.bottle_ml));
        let unit_ml = problem.demands.iter().fold(unit_ml, |unit, demand| gcd(unit, demand.volume_ml)).max(1);
        Self { problem, pairs, price, order, way, way_cost, takers, has_fixed, unit_ml, ceiling_ml }
    }

    /// Whether the plan serves all that the bound allows.
    pub(super) fn served_fully(&self, score: &Score) -> bool {
        score.served_ml == self.ceiling_ml
    }

    /// Arc positions of the demand, best first.
    pub(super) fn ordered(&self, demand: usize) -> &[u32] {
        &self.order[self.pairs.of(demand)]
    }

    /// Demands that could use the supply.
    pub(super) fn takers(&self, supply: u32) -> &[u32] {
        &self.takers[at(supply)]
    }

    /// The demand's tier, from 0.
    pub(super) fn tier(&self, demand: usize) -> usize {
        usize::from(self.problem.demands[demand].tier) - 1
    }

    /// The most lots the demand may use.
    pub(super) fn lot_limit(&self, demand: &Demand) -> Option<usize> {
        if self.problem.rules.max_lots { demand.max_lots.map(usize::from) } else { None }
    }

    /// Whether the demand takes all or nothing.
    pub(super) const fn whole(&self, demand: &Demand) -> bool {
        self.problem.rules.all_or_nothing && demand.all_or_nothing
    }

    /// Fixed cost of the arc's way, and its number.
    pub(super) fn way(&self, position: u32) -> Option<(usize, i64)> {
        let way = self.way[at(position)];
        (way != FREE_WAY).then(|| (at(way), self.way_cost[at(way)]))
    }

    /// How many ways have a cost.
    pub(super) const fn ways(&self) -> usize {
        self.way_cost.len()
    }

    /// Weighted millilitres: early parts of a request weigh more.
    fn fairness(&self, demand: &Demand, served: i64) -> i128 {
        let slices = i64::from(self.problem.rules.fairness_slices);
        if slices <= 1 {
            return 0;
        }
        let mut sum = 0_i128;
        for slice in 0..slices {
            let (from, until) = (demand.volume_ml * slice / slices, demand.volume_ml * (slice + 1) / slices);
            sum += i128::from((served.min(until) - from).max(0)) * i128::from(slices - slice);
        }
        sum
    }
}

/// A plan under construction.
#[derive(Debug, Clone)]
pub(in crate::domain::matching) struct Board<'a> {
    pub guide: &'a Guide<'a>,
    pub free: Vec<i64>,
    pub room: Vec<i64>,
    pub open: Vec<u32>,
    /// Arc position and bottles, per demand.
    pub held: Vec<Vec<(u32, i64)>>,
    pub got: Vec<i64>,
    pub score: Score,
}

impl<'a> Board<'a> {
    /// A board with nothing given.
    pub(in crate::domain::matching) fn new(guide: &'a Guide<'a>) -> Self {
        let problem = guide.problem;
        Self {
            guide,
            free: problem.supplies.iter().map(|supply| supply.bottles).collect(),
            room: problem.groups.iter().map(|group| group.cap_ml.unwrap_or(i64::MAX)).collect(),
            open: vec![0; guide.way_cost.len()],
            held: vec![Vec::new(); problem.demands.len()],
            got: vec![0; problem.demands.len()],
            score: Score { served_ml: vec![0; usize::from(problem.rules.tiers)], fairness: 0, cost: 0 },
        }
    }

    /// Supply and bottle size of an arc.
    pub(super) fn bottle(&self, position: u32) -> (usize, i64) {
        let supply = at(self.guide.pairs.arcs[at(position)].supply);
        (supply, self.guide.problem.supplies[supply].bottle_ml)
    }

    /// Bottles that could be taken over the arc now, for lots and room alone.
    pub(super) fn available(&self, position: u32) -> i64 {
        let (supply, ml) = self.bottle(position);
        let room = self.room[at(self.guide.problem.supplies[supply].group)];
        if room < ml { 0 } else { self.free[supply].min(room / ml) }
    }

    /// True while the demand lacks milk.
    pub(super) fn short(&self, demand: usize) -> bool {
        self.got[demand] < self.guide.problem.demands[demand].volume_ml
    }

    fn recount(&mut self, demand: usize, before: i64) {
        let row = &self.guide.problem.demands[demand];
        let (was, is) = (before.min(row.volume_ml), self.got[demand].min(row.volume_ml));
        if was != is {
            self.score.served_ml[usize::from(row.tier) - 1] += is - was;
            self.score.fairness += self.guide.fairness(row, is) - self.guide.fairness(row, was);
        }
    }

    fn lot(&self, position: u32) -> u32 {
        self.guide.problem.supplies[self.bottle(position).0].lot
    }

    /// Distinct lots the demand holds.
    fn lots(&self, demand: usize) -> usize {
        let held = &self.held[demand];
        let first = |i: &usize| held[..*i].iter().all(|(other, _)| self.lot(*other) != self.lot(held[*i].0));
        (0..held.len()).filter(first).count()
    }

    /// Whether the demand's lot limit lets it use this arc.
    pub(super) fn lot_allowed(&self, demand: usize, position: u32) -> bool {
        self.guide.lot_limit(&self.guide.problem.demands[demand]).is_none_or(|limit| {
            self.held[demand].iter().any(|(held, _)| self.lot(*held) == self.lot(position)) || self.lots(demand) < limit
        })
    }

    /// Moves bottles from the supply to the demand; the caller has checked that they are there.
    pub(in crate::domain::matching) fn take(&mut self, demand: usize, position: u32, bottles: i64) {
        let (supply, ml) = self.bottle(position);
        let before = self.got[demand];
        self.free[supply] -= bottles;
        let room = &mut self.room[at(self.guide.problem.supplies[supply].group)];
        *room = room.saturating_sub(bottles * ml);
        self.got[demand] += bottles * ml;
        self.score.cost += bottles * self.guide.pairs.arcs[at(position)].cost;
        if let Some(line) = self.held[demand].iter_mut().find(|(held, _)| *held == position) {
            line.1 += bottles;
        } else {
            if self.held[demand].iter().all(|(held, _)| self.lot(*held) != self.lot(position)) {
                self.score.cost += self.guide.problem.rules.fixed_lot_cost;
            }
            self.held[demand].push((position, bottles));
            if let Some((way, cost)) = self.guide.way(position) {
                self.score.cost += if self.open[way] == 0 { cost } else { 0 };
                self.open[way] += 1;
            }
        }
        self.recount(demand, before);
    }

    /// Gives bottles of one of the demand's lines back.
    pub(super) fn give_back(&mut self, demand: usize, position: u32, bottles: i64) {
        let (supply, ml) = self.bottle(position);
        let before = self.got[demand];
        self.free[supply] += bottles;
        let group = at(self.guide.problem.supplies[supply].group);
        if self.guide.problem.groups[group].cap_ml.is_some() {
            self.room[group] += bottles * ml;
        } else {
            self.room[group] = i64::MAX;
        }
        self.got[demand] -= bottles * ml;
        self.score.cost -= bottles * self.guide.pairs.arcs[at(position)].cost;
        if let Some(index) = self.held[demand].iter().position(|(held, _)| *held == position) {
            self.held[demand][index].1 -= bottles;
            if self.held[demand][index].1 == 0 {
                self.held[demand].swap_remove(index);
                if self.held[demand].iter().all(|(held, _)| self.lot(*held) != self.lot(position)) {
                    self.score.cost -= self.guide.problem.rules.fixed_lot_cost;
                }
                if let Some((way, cost)) = self.guide.way(position) {
                    self.open[way] -= 1;
                    self.score.cost -= if self.open[way] == 0 { cost } else { 0 };
                }
            }
        }
        self.recount(demand, before);
    }

    /// Empties the demand and returns what it held.
    pub(super) fn clear(&mut self, demand: usize) -> Vec<(u32, i64)> {
        let lines = self.held[demand].clone();
        for (position, bottles) in &lines {
            self.give_back(demand, *position, *bottles);
        }
        lines
    }

    /// Gives back every bottle the demand could do without, dearest first.
    pub(super) fn trim(&mut self, demand: usize) {
        let volume = self.guide.problem.demands[demand].volume_ml;
        loop {
            let over = self.got[demand] - volume;
            let spare = self.held[demand].iter().filter(|(position, _)| self.bottle(*position).1 <= over);
            let Some(position) = spare.map(|(p, _)| (self.guide.pairs.arcs[at(*p)].cost, *p)).max().map(|(_, p)| p)
            else {
                return;
            };
            self.give_back(demand, position, 1);
        }
    }

    /// Gives back a bottle of which less than `percent` would be used, so that others may use all of it.
    pub(super) fn forgo(&mut self, demand: usize, percent: i64) {
        let row = &self.guide.problem.demands[demand];
        if self.guide.whole(row) || self.got[demand] <= row.volume_ml {
            return;
        }
        let over = self.got[demand] - row.volume_ml;
        let wasted = self.held[demand].iter().filter(|(position, _)| {
            let ml = self.bottle(*position).1;
            (ml - over) * 100 < ml * percent
        });
        if let Some(position) = wasted.map(|(p, _)| (self.bottle(*p).1, *p)).min().map(|(_, p)| p) {
            self.give_back(demand, position, 1);
        }
    }

    /// The plan's lines in demand and supply order.
    pub(in crate::domain::matching) fn lines(&self) -> Vec<PlanLine> {
        let mut lines: Vec<PlanLine> = self
            .held
            .iter()
            .flatten()
            .map(|(position, bottles)| {
                let arc = &self.guide.pairs.arcs[at(*position)];
                PlanLine { supply: arc.supply, demand: arc.demand, bottles: *bottles }
            })
            .collect();
        lines.sort_unstable_by_key(|line| (line.demand, line.supply));
        lines
    }

    /// Number of demands.
    pub(super) fn demands(&self) -> usize {
        self.held.len()
    }

    /// Lines held in all, as a measure of size.
    pub(super) fn size(&self) -> i64 {
        count(self.held.iter().map(Vec::len).sum())
    }
}
