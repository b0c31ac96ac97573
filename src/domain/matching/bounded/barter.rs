//! Milk changing hands: a demand takes what it lacks from a lot or from whoever holds it, those who lose look for other
//! milk, and what became free goes to whoever is short. Each trade leaves a plan that obeys every rule, and can be undone.

use super::board::{Board, Guide};
use super::random::Random;
use crate::domain::matching::index::{at, id};

/// Others that one demand may take from in one trade.
const MOST_VICTIMS: usize = 2;

/// Bottles that a demand holds.
#[derive(Debug, Clone, Copy)]
struct Line {
    position: u32,
    supply: u32,
    bottles: i64,
}

/// One way a supply may go.
#[derive(Debug, Clone, Copy)]
struct Taker {
    demand: u32,
    position: u32,
}

/// Who holds what, laid out for many small changes.
#[derive(Debug)]
pub(super) struct Barter<'a> {
    guide: &'a Guide<'a>,
    lines: Vec<Vec<Line>>,
    /// Demands that hold the supply.
    holders: Vec<Vec<u32>>,
    /// Supplies of each group.
    members: Vec<Vec<u32>>,
    /// Demands that could use the supply, most urgent first.
    takers: Vec<Vec<Taker>>,
    limit: Vec<usize>,
    free: Vec<i64>,
    room: Vec<i64>,
    got: Vec<i64>,
    /// Millilitres per tier.
    pub served_ml: Vec<i64>,
    /// Demand, arc and bottles of each change of the present trade.
    changes: Vec<(u32, u32, i64)>,
    victims: Vec<usize>,
    random: Random,
}

impl<'a> Barter<'a> {
    pub(super) fn new(board: &Board<'a>, seed: u64) -> Self {
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

    /// Tries one trade; what it changed can be undone until the next.
    pub(super) fn trade(&mut self) {
        self.changes.clear();
        self.victims.clear();
        let demand = self.wanting();
        let arcs = self.guide.pairs.of(demand);
        if arcs.is_empty() || self.volume(demand) == 0 {
            return;
        }
        let whole = self.whole(demand);
        if self.random.below(if whole { 2 } else { 8 }) == 0 {
            self.choose_anew(demand);
        } else {
            let position = id(arcs.start + self.random.below(arcs.len()));
            self.grab(demand, position);
        }
        self.settle(demand);
    }

    /// Takes back the last trade.
    pub(super) fn undo(&mut self) {
        while let Some((demand, position, bottles)) = self.changes.pop() {
            self.shift(at(demand), position, -bottles);
        }
    }

    fn volume(&self, demand: usize) -> i64 {
        self.guide.problem.demands[demand].volume_ml
    }

    fn short(&self, demand: usize) -> bool {
        self.got[demand] < self.volume(demand)
    }

    fn whole(&self, demand: usize) -> bool {
        self.guide.whole(&self.guide.problem.demands[demand])
    }

    /// A demand, more often than not a short one.
    fn wanting(&mut self) -> usize {
        let demands = self.lines.len();
        let mut demand = self.random.below(demands);
        if self.random.below(3) > 0 {
            for _ in 0..8 {
                if self.short(demand) {
                    break;
                }
                demand = self.random.below(demands);
            }
        }
        demand
    }

    fn supply(&self, position: u32) -> (usize, i64) {
        let supply = at(self.guide.pairs.arcs[at(position)].supply);
        (supply, self.guide.problem.supplies[supply].bottle_ml)
    }

    fn lot(&self, supply: usize) -> u32 {
        self.guide.problem.supplies[supply].lot
    }

    fn holds(&self, demand: usize, lot: u32) -> bool {
        self.lines[demand].iter().any(|line| self.lot(at(line.supply)) == lot)
    }

    /// Whether the demand may use one more lot.
    fn has_slot(&self, demand: usize) -> bool {
        let lines = &self.lines[demand];
        let lot = |index: usize| self.lot(at(lines[index].supply));
        lines.len() < self.limit[demand]
            || (0..lines.len()).filter(|i| (0..*i).all(|j| lot(j) != lot(*i))).count() < self.limit[demand]
    }

    fn available(&self, supply: usize, ml: i64) -> i64 {
        let room = self.room[at(self.guide.problem.supplies[supply].group)];
        self.free[supply].min(if room < ml { 0 } else { room / ml })
    }

    fn change(&mut self, demand: usize, position: u32, bottles: i64) {
        self.changes.push((id(demand), position, bottles));
        self.shift(demand, position, bottles);
    }

    /// Moves bottles to the demand, or back where the number is negative.
    fn shift(&mut self, demand: usize, position: u32, bottles: i64) {
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
        let lines = &mut self.lines[demand];
        let Some(index) = lines.iter().position(|line| line.position == position) else {
            lines.push(Line { position, supply: id(supply), bottles });
            self.holders[supply].push(id(demand));
            return;
        };
        lines[index].bottles += bottles;
        if lines[index].bottles == 0 {
            lines.swap_remove(index);
            self.holders[supply].retain(|holder| at(*holder) != demand);
        }
    }

    fn empty(&mut self, demand: usize) {
        while let Some(line) = self.lines[demand].last().copied() {
            self.change(demand, line.position, -line.bottles);
        }
    }

    /// Lets go of all bottles of one lot.
    fn drop_lot(&mut self, demand: usize, lot: u32) {
        while let Some(line) = self.lines[demand].iter().find(|line| self.lot(at(line.supply)) == lot).copied() {
            self.change(demand, line.position, -line.bottles);
        }
    }

    /// The demand fills up from one lot, which takes the place of another where it may use no more.
    fn grab(&mut self, demand: usize, position: u32) {
        let lot = self.lot(self.supply(position).0);
        let others: usize = self.lines[demand].iter().filter(|line| self.lot(at(line.supply)) != lot).count();
        let full = !self.short(demand);
        let must_drop = !self.holds(demand, lot) && !self.has_slot(demand);
        if others > 0 && (must_drop || full || self.random.below(8) == 0) {
            let mut pick = self.random.below(others);
            if self.random.below(3) == 0 {
                pick = self.smallest(demand, lot).unwrap_or(pick);
            }
            let dropped = self.lines[demand].iter().filter(|line| self.lot(at(line.supply)) != lot).nth(pick).copied();
            if let Some(line) = dropped {
                self.drop_lot(demand, self.lot(at(line.supply)));
            }
        } else if full {
            return;
        }
        if self.holds(demand, lot) || self.has_slot(demand) {
            self.take(demand, position);
        }
    }

    /// Among the demand's lines of other lots, the one with the least milk.
    fn smallest(&self, demand: usize, lot: u32) -> Option<usize> {
        let others = self.lines[demand].iter().filter(|line| self.lot(at(line.supply)) != lot);
        others.enumerate().min_by_key(|(_, line)| line.bottles * self.supply(line.position).1).map(|(index, _)| index)
    }

    /// The demand lets go of everything and takes from lots at random until it is full.
    fn choose_anew(&mut self, demand: usize) {
        self.empty(demand);
        let arcs = self.guide.pairs.of(demand);
        for _ in 0..self.limit[demand].min(arcs.len()).min(8) {
            if !self.short(demand) {
                return;
            }
            let draw = |random: &mut Random| id(arcs.start + random.below(arcs.len()));
            let (one, other) = (draw(&mut self.random), draw(&mut self.random));
            let size = |position: u32| {
                let (supply, ml) = self.supply(position);
                self.guide.problem.supplies[supply].bottles * ml
            };
            let position = if size(one) < size(other) { other } else { one };
            let lot = self.lot(self.supply(position).0);
            if self.holds(demand, lot) || self.has_slot(demand) {
                self.take(demand, position);
            }
        }
    }

    /// Takes what the demand lacks from one supply: free bottles first, then those of others.
    fn take(&mut self, demand: usize, position: u32) {
        let (supply, ml) = self.supply(position);
        let need = self.volume(demand) - self.got[demand];
        let mut wanted = (need + ml - 1) / ml;
        if need % ml != 0 && wanted > 1 && self.random.below(4) == 0 {
            wanted -= 1;
        }
        for round in 0..=MOST_VICTIMS {
            let now = self.available(supply, ml).min(wanted);
            if now > 0 {
                self.change(demand, position, now);
                wanted -= now;
            }
            if wanted == 0 || round == MOST_VICTIMS || !self.rob(demand, supply, wanted) {
                return;
            }
        }
    }

    /// Someone else gives up milk, so that so many bottles of the supply can be had; false where nobody can.
    fn rob(&mut self, demand: usize, supply: usize, wanted: i64) -> bool {
        let ml = self.guide.problem.supplies[supply].bottle_ml;
        let group = at(self.guide.problem.supplies[supply].group);
        let mut from = supply;
        if self.free[supply] > 0 {
            // Not bottles are lacking but room: any lot of the group will do.
            let members = &self.members[group];
            from = at(members[self.random.below(members.len())]);
        }
        let holders = &self.holders[from];
        if holders.is_empty() {
            return false;
        }
        let victim = at(holders[self.random.below(holders.len())]);
        let line = self.lines[victim].iter().find(|line| at(line.supply) == from).copied();
        let Some(line) = line.filter(|_| victim != demand) else { return false };
        let size = self.guide.problem.supplies[from].bottle_ml;
        let bottles = ((wanted * ml + size - 1) / size).min(line.bottles);
        self.change(victim, line.position, -bottles);
        if !self.victims.contains(&victim) {
            self.victims.push(victim);
        }
        true
    }

    /// Those who lost look for other milk, then what became free goes to whoever is short.
    fn settle(&mut self, demand: usize) {
        self.finish(demand);
        for index in 0..self.victims.len() {
            self.finish(self.victims[index]);
        }
        let last = self.changes.len();
        for index in 0..last {
            let (_, position, bottles) = self.changes[index];
            let (supply, ml) = self.supply(position);
            if bottles < 0 && self.available(supply, ml) > 0 {
                self.hand_out(supply, ml);
            }
        }
    }

    /// Offers the free bottles of a supply to those who are short.
    fn hand_out(&mut self, supply: usize, ml: i64) {
        for index in 0..self.takers[supply].len() {
            let taker = self.takers[supply][index];
            let demand = at(taker.demand);
            if !self.short(demand) || (self.whole(demand) && self.random.below(4) > 0) {
                continue;
            }
            if self.holds(demand, self.lot(supply)) || self.has_slot(demand) {
                let need = self.volume(demand) - self.got[demand];
                let bottles = self.available(supply, ml).min((need + ml - 1) / ml);
                self.change(demand, taker.position, bottles);
                self.finish(demand);
            }
            if self.available(supply, ml) == 0 {
                return;
            }
        }
    }

    /// Fills the demand up from what is free; takes away what it cannot use.
    fn finish(&mut self, demand: usize) {
        while self.short(demand) {
            let Some((position, bottles)) = self.best_free(demand) else { break };
            self.change(demand, position, bottles);
        }
        if self.whole(demand) && self.short(demand) {
            self.empty(demand);
        }
        let over = self.got[demand] - self.volume(demand);
        if over > 0 {
            self.trim(demand, over);
        }
    }

    fn trim(&mut self, demand: usize, mut over: i64) {
        while let Some(line) = self.lines[demand].iter().find(|line| self.supply(line.position).1 <= over).copied() {
            let ml = self.supply(line.position).1;
            let bottles = (over / ml).min(line.bottles);
            self.change(demand, line.position, -bottles);
            over -= bottles * ml;
        }
    }

    /// What the demand would best take from: the least lot that fills it, else the largest.
    fn best_free(&self, demand: usize) -> Option<(u32, i64)> {
        let need = self.volume(demand) - self.got[demand];
        let has_slot = self.has_slot(demand);
        let mut best: Option<(i64, u32, i64)> = None;
        for position in self.guide.pairs.of(demand) {
            let (supply, ml) = self.supply(id(position));
            let free = self.available(supply, ml);
            if free == 0 || !(has_slot || self.holds(demand, self.lot(supply))) {
                continue;
            }
            let rank = if free * ml >= need { free * ml - need } else { i64::MAX / 2 - free * ml };
            if best.is_none_or(|(least, _, _)| rank < least) {
                best = Some((rank, id(position), free.min((need + ml - 1) / ml)));
            }
        }
        best.map(|(_, position, bottles)| (position, bottles))
    }

    /// A number whose logarithm to the base 2 falls evenly: how much worse a trade may be, in 256ths of the heat.
    pub(super) fn patience(&mut self) -> i64 {
        let drawn = self.random.next();
        let halvings = i64::from(drawn.leading_zeros());
        let rest = 255 - i64::try_from((drawn << (drawn.leading_zeros() + 1).min(63)) >> 56).unwrap_or(0);
        halvings * 256 + rest
    }
}
