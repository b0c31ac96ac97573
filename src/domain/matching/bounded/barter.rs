//! Milk changing hands: a demand takes what it lacks from a lot or from whoever holds it, those who lose look for other
//! milk, and what became free goes to whoever is short. Each trade leaves a plan that obeys every rule, and can be undone.

use super::board::{Board, Guide};
use super::random::Random;
use crate::domain::matching::index::{at, id};
use std::collections::BTreeMap;

/// Bottles that a demand holds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line {
    pub position: u32,
    pub supply: u32,
    pub bottles: i64,
}

/// One way a supply may go.
#[derive(Debug, Clone, Copy)]
pub(super) struct Taker {
    pub demand: u32,
    pub position: u32,
}

/// Who holds what, laid out for many small changes.
#[derive(Debug)]
pub(super) struct Barter<'a> {
    pub(super) guide: &'a Guide<'a>,
    pub(super) lines: Vec<Vec<Line>>,
    /// Demands that hold the supply.
    pub(super) holders: Vec<Vec<u32>>,
    /// Supplies of each group.
    pub(super) members: Vec<Vec<u32>>,
    /// Demands that could use the supply, most urgent first.
    pub(super) takers: Vec<Vec<Taker>>,
    pub(super) limit: Vec<usize>,
    pub(super) free: Vec<i64>,
    pub(super) room: Vec<i64>,
    pub(super) got: Vec<i64>,
    /// Millilitres per tier.
    pub(super) served_ml: Vec<i64>,
    /// Cost points, fixed ones included.
    pub(super) cost: i64,
    /// Lines that use each way.
    open: Vec<u32>,
    /// Demands of each demand's site, itself among them.
    pub(super) sites: Vec<Vec<u32>>,
    /// What matters: millilitres alone, or points.
    pub(super) thrifty: bool,
    /// A way that this trade does not use.
    pub(super) shut: Option<usize>,
    /// Demand, arc and bottles of each change of the present trade.
    pub(super) changes: Vec<(u32, u32, i64)>,
    pub(super) victims: Vec<usize>,
    pub(super) random: Random,
}

impl<'a> Barter<'a> {
    pub(super) fn new(board: &Board<'a>, seed: u64, thrifty: bool) -> Self {
        let guide = board.guide;
        let problem = guide.problem;
        let mut takers: Vec<Vec<Taker>> = vec![Vec::new(); problem.supplies.len()];
        for (position, arc) in guide.pairs.arcs.iter().enumerate() {
            takers[at(arc.supply)].push(Taker { demand: arc.demand, position: id(position) });
        }
        for row in &mut takers {
            row.sort_by_key(|taker| problem.demands[at(taker.demand)].tier);
        }
        let mut members = vec![Vec::new(); problem.groups.len()];
        for (supply, row) in problem.supplies.iter().enumerate() {
            members[at(row.group)].push(id(supply));
        }
        let mut sites: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for (demand, row) in problem.demands.iter().enumerate() {
            sites.entry(row.site).or_default().push(id(demand));
        }
        let sites = problem.demands.iter().map(|row| sites.get(&row.site).cloned().unwrap_or_default()).collect();
        let limit = |row| guide.lot_limit(row).unwrap_or(usize::MAX);
        let empty = Board::new(guide);
        let mut barter = Self {
            guide,
            lines: vec![Vec::new(); problem.demands.len()],
            holders: vec![Vec::new(); problem.supplies.len()],
            members,
            takers,
            limit: problem.demands.iter().map(limit).collect(),
            free: empty.free,
            room: empty.room,
            got: empty.got,
            served_ml: empty.score.served_ml,
            cost: 0,
            open: empty.open,
            sites,
            thrifty,
            shut: None,
            changes: Vec::new(),
            victims: Vec::new(),
            random: Random::new(seed),
        };
        barter.load(&board.held);
        barter
    }

    /// Gives every demand what the list says, and nothing else.
    pub(super) fn load(&mut self, held: &[Vec<(u32, i64)>]) {
        for demand in 0..self.lines.len() {
            self.empty(demand);
        }
        for (demand, lines) in held.iter().enumerate() {
            for (position, bottles) in lines {
                self.change(demand, *position, *bottles);
            }
        }
        self.changes.clear();
    }

    /// What every demand holds.
    pub(super) fn held(&self) -> Vec<Vec<(u32, i64)>> {
        let lines = |lines: &Vec<Line>| lines.iter().map(|line| (line.position, line.bottles)).collect();
        self.lines.iter().map(lines).collect()
    }

    /// Takes back the last trade.
    pub(super) fn undo(&mut self) {
        while let Some((demand, position, bottles)) = self.changes.pop() {
            self.shift(at(demand), position, -bottles);
        }
    }

    pub(super) fn volume(&self, demand: usize) -> i64 {
        self.guide.problem.demands[demand].volume_ml
    }

    pub(super) fn short(&self, demand: usize) -> bool {
        self.got[demand] < self.volume(demand)
    }

    pub(super) fn whole(&self, demand: usize) -> bool {
        self.guide.whole(&self.guide.problem.demands[demand])
    }

    pub(super) fn supply(&self, position: u32) -> (usize, i64) {
        let supply = at(self.guide.pairs.arcs[at(position)].supply);
        (supply, self.guide.problem.supplies[supply].bottle_ml)
    }

    pub(super) fn lot(&self, supply: usize) -> u32 {
        self.guide.problem.supplies[supply].lot
    }

    pub(super) fn holds(&self, demand: usize, lot: u32) -> bool {
        self.lines[demand].iter().any(|line| self.lot(at(line.supply)) == lot)
    }

    /// Whether the demand may use one more lot.
    pub(super) fn has_slot(&self, demand: usize) -> bool {
        let lines = &self.lines[demand];
        let lot = |index: usize| self.lot(at(lines[index].supply));
        lines.len() < self.limit[demand]
            || (0..lines.len()).filter(|i| (0..*i).all(|j| lot(j) != lot(*i))).count() < self.limit[demand]
    }

    pub(super) fn available(&self, supply: usize, ml: i64) -> i64 {
        let room = self.room[at(self.guide.problem.supplies[supply].group)];
        self.free[supply].min(if room < ml { 0 } else { room / ml })
    }

    pub(super) fn change(&mut self, demand: usize, position: u32, bottles: i64) {
        self.changes.push((id(demand), position, bottles));
        self.shift(demand, position, bottles);
    }

    /// Moves bottles to the demand, or back where the number is negative.
    pub(super) fn shift(&mut self, demand: usize, position: u32, bottles: i64) {
        let (supply, ml) = self.supply(position);
        self.free[supply] -= bottles;
        let group = at(self.guide.problem.supplies[supply].group);
        if self.guide.problem.groups[group].cap_ml.is_some() {
            self.room[group] -= bottles * ml;
        }
        let volume = self.volume(demand);
        let before = self.got[demand].min(volume);
        self.got[demand] += bottles * ml;
        self.served_ml[self.guide.tier(demand)] += self.got[demand].min(volume) - before;
        self.cost += bottles * self.guide.pairs.arcs[at(position)].cost;
        let lines = &mut self.lines[demand];
        let Some(index) = lines.iter().position(|line| line.position == position) else {
            lines.push(Line { position, supply: id(supply), bottles });
            self.holders[supply].push(id(demand));
            self.count_line(demand, position, true);
            return;
        };
        lines[index].bottles += bottles;
        if lines[index].bottles == 0 {
            lines.swap_remove(index);
            self.holders[supply].retain(|holder| at(*holder) != demand);
            self.count_line(demand, position, false);
        }
    }

    /// Fixed costs of a line that has come or gone.
    fn count_line(&mut self, demand: usize, position: u32, comes: bool) {
        let lot = self.lot(self.supply(position).0);
        let of_lot = self.lines[demand].iter().filter(|line| self.lot(at(line.supply)) == lot).count();
        let sign = if comes { 1 } else { -1 };
        if of_lot == usize::from(comes) {
            self.cost += sign * self.guide.problem.rules.fixed_lot_cost;
        }
        if let Some((way, cost)) = self.guide.way(position) {
            let open = &mut self.open[way];
            *open = if comes { *open + 1 } else { *open - 1 };
            if *open == u32::from(comes) {
                self.cost += sign * cost;
            }
        }
    }

    /// What so many bottles over the arc would cost the demand now.
    pub(super) fn extra_cost(&self, demand: usize, position: u32, bottles: i64) -> i64 {
        let mut cost = bottles * self.guide.pairs.arcs[at(position)].cost;
        if !self.holds(demand, self.lot(self.supply(position).0)) {
            cost += self.guide.problem.rules.fixed_lot_cost;
        }
        match self.guide.way(position) {
            Some((way, opening)) if self.open[way] == 0 => cost + opening,
            _ => cost,
        }
    }

    pub(super) fn empty(&mut self, demand: usize) {
        while let Some(line) = self.lines[demand].last().copied() {
            self.change(demand, line.position, -line.bottles);
        }
    }

    /// Lets go of all bottles of one lot.
    pub(super) fn drop_lot(&mut self, demand: usize, lot: u32) {
        while let Some(line) = self.lines[demand].iter().find(|line| self.lot(at(line.supply)) == lot).copied() {
            self.change(demand, line.position, -line.bottles);
        }
    }

    /// A number whose logarithm to the base 2 falls evenly: how much worse a trade may be, in 256ths of the heat.
    pub(super) fn patience(&mut self) -> i64 {
        let drawn = self.random.next();
        let halvings = i64::from(drawn.leading_zeros());
        let rest = 255 - i64::try_from((drawn << (drawn.leading_zeros() + 1).min(63)) >> 56).unwrap_or(0);
        halvings * 256 + rest
    }
}
