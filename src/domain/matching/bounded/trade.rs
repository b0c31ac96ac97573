//! One trade: what a demand takes, from whom, and where those who lost look instead.

use super::barter::{Barter, Line};
use super::random::Random;
use crate::domain::matching::index::{at, id};

/// Others that one demand may take from in one trade.
const MOST_VICTIMS: usize = 2;

impl Barter<'_> {
    /// Tries one trade; what it changed can be undone until the next.
    pub(super) fn trade(&mut self) {
        self.changes.clear();
        self.victims.clear();
        self.shut = None;
        let demand = self.wanting();
        let arcs = self.guide.pairs.of(demand);
        if arcs.is_empty() || self.volume(demand) == 0 {
            return;
        }
        if self.thrifty && self.random.below(6) == 0 {
            self.shut_way(demand);
            return;
        }
        let whole = self.whole(demand);
        if self.random.below(if whole { 2 } else { 8 }) == 0 {
            self.choose_anew(demand);
        } else {
            let position = self.draw(demand);
            self.grab(demand, position);
        }
        self.settle(demand);
    }

    /// An arc of the demand at random; where points matter, the cheapest of a few.
    fn draw(&mut self, demand: usize) -> u32 {
        let arcs = self.guide.pairs.of(demand);
        let mut best = id(arcs.start + self.random.below(arcs.len()));
        let tries = if self.thrifty { self.random.below(4) } else { 0 };
        for _ in 0..tries {
            let other = id(arcs.start + self.random.below(arcs.len()));
            if self.dearness(demand, other) < self.dearness(demand, best) {
                best = other;
            }
        }
        best
    }

    /// Points of a litre over the arc, fixed ones spread over what the lot could give.
    fn dearness(&self, demand: usize, position: u32) -> i64 {
        let (supply, ml) = self.supply(position);
        let volume = self.volume(demand);
        let bottles = self.guide.problem.supplies[supply].bottles.min((volume + ml - 1) / ml).max(1);
        self.extra_cost(demand, position, bottles).saturating_mul(1000) / (bottles * ml).min(volume).max(1)
    }

    /// Everybody at the demand's site does without one of the ways that it uses.
    fn shut_way(&mut self, demand: usize) {
        let lines = &self.lines[demand];
        if lines.is_empty() {
            return;
        }
        let Some((way, _)) = self.guide.way(lines[self.random.below(lines.len())].position) else { return };
        self.shut = Some(way);
        for index in 0..self.sites[demand].len() {
            let other = at(self.sites[demand][index]);
            let before = self.changes.len();
            let uses = |line: &&Line| self.guide.way(line.position).is_some_and(|(used, _)| used == way);
            while let Some(line) = self.lines[other].iter().find(uses).copied() {
                self.change(other, line.position, -line.bottles);
            }
            if self.changes.len() > before && other != demand {
                self.victims.push(other);
            }
        }
        if self.random.below(2) == 0 {
            let position = self.draw(demand);
            if self.guide.way(position).is_none_or(|(used, _)| used != way) {
                self.grab(demand, position);
            }
        }
        self.settle(demand);
    }

    /// A demand, more often than not a short one.
    fn wanting(&mut self) -> usize {
        let demands = self.lines.len();
        let mut demand = self.random.below(demands);
        if self.random.below(3) > usize::from(self.thrifty) {
            for _ in 0..8 {
                if self.short(demand) {
                    break;
                }
                demand = self.random.below(demands);
            }
        }
        demand
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
            let shut = self.shut.is_some() && self.guide.way(taker.position).map(|(way, _)| way) == self.shut;
            if !shut && (self.holds(demand, self.lot(supply)) || self.has_slot(demand)) {
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
        // What is still lacking then will cost another lot.
        let again = 2 * self.guide.problem.rules.fixed_lot_cost;
        let mut best: Option<(i64, u32, i64)> = None;
        for position in self.guide.pairs.of(demand) {
            let (supply, ml) = self.supply(id(position));
            let free = self.available(supply, ml);
            let shut = self.shut.is_some() && self.guide.way(id(position)).map(|(way, _)| way) == self.shut;
            if free == 0 || shut || !(has_slot || self.holds(demand, self.lot(supply))) {
                continue;
            }
            let rank = if self.thrifty {
                let bottles = free.min((need + ml - 1) / ml);
                let given = (bottles * ml).min(need);
                let more = if given < need { again } else { 0 };
                self.extra_cost(demand, id(position), bottles).saturating_add(more).saturating_mul(1000) / given
            } else if free * ml >= need {
                free * ml - need
            } else {
                i64::MAX / 2 - free * ml
            };
            if best.is_none_or(|(least, _, _)| rank < least) {
                best = Some((rank, id(position), free.min((need + ml - 1) / ml)));
            }
        }
        best.map(|(_, position, bottles)| (position, bottles))
    }
}
