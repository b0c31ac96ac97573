//! Construction by tier, claims of a higher tier on a lower one's milk, then ruin and recreate.
//! No step that loses service is ever kept, so a tier-1 request cannot lose to a cheaper plan.

use super::board::{Board, Score};
use super::cover::{Cover, Taste};
use super::heat::{Heat, Phase, loss, weight};
use super::holdings::{clear_all, load, place, restore};
use super::proof::{Budget, Proof, turns};
use super::random::Random;
use crate::domain::matching::index::{at, count, id, position};
use std::cmp::Ordering;

/// Swaps tried in one round.
const SWAPS: usize = 6;
/// Most passes over all demands that choose anew at the true cost.
const POLISHES: usize = 3;

/// Improves the board within the budget, and proves what it can about the service.
pub(in crate::domain::matching) fn improve(
    board: &mut Board<'_>,
    ranks: &(Vec<i64>, Vec<i64>),
    budget: &mut Budget<'_>,
) -> Proof {
    let mut search = Search {
        cover: Cover::new(board.guide.problem.rules.seed.rotate_left(32)),
        random: Random::new(board.guide.problem.rules.seed),
        marked: vec![false; board.demands()],
    };
    let start = board.clone();
    search.construct(board, Taste::GUIDED);
    search.claim_all(board);
    search.polish(board);
    // Where there is milk enough for all, each in its turn may simply take what is best for it.
    if board.guide.served_fully(&board.score) {
        let guided = std::mem::replace(board, start);
        search.construct(board, Taste::OWN);
        search.polish(board);
        if guided.score.beats(&board.score) {
            *board = guided;
        }
    }
    let mut proof = Proof::default();
    if board.demands() > 0 && !board.guide.served_fully(&board.score) {
        for (serve_until, prove_until) in turns(board.demands()) {
            search.serve(board, budget, serve_until, &proof);
            if board.guide.served_fully(&board.score) || proof.is_complete(&board.score.served_ml) {
                break;
            }
            let before = proof;
            proof = search.prove(board, ranks, budget, prove_until);
            proof.learn(&before);
            if proof.is_complete(&board.score.served_ml) {
                break;
            }
        }
    }
    search.polish(board);
    search.save(board, budget, &mut proof);
    proof
}

pub(super) struct Search {
    pub cover: Cover,
    pub random: Random,
    marked: Vec<bool>,
}

impl Search {
    /// Serves every demand that lacks milk, most urgent first.
    pub(super) fn construct(&mut self, board: &mut Board<'_>, taste: Taste) {
        let mut order: Vec<usize> = (0..board.demands()).filter(|d| board.short(*d)).collect();
        order.sort_by_key(|d| board.guide.problem.demands[*d].tier);
        for demand in order {
            let kept = board.clear(demand);
            self.cover.insert(board, demand, taste);
            if board.short(demand) && !kept.is_empty() {
                self.keep_better(board, demand, kept);
            }
        }
    }

    /// Each demand in turn, most urgent first, chooses anew at the true cost from what is free, while that helps.
    pub(super) fn polish(&mut self, board: &mut Board<'_>) {
        let mut order: Vec<usize> = (0..board.demands()).collect();
        order.sort_by_key(|d| board.guide.problem.demands[*d].tier);
        for _pass in 0..POLISHES {
            let before = board.score.clone();
            for demand in order.iter().copied() {
                let was = board.score.clone();
                let kept = board.clear(demand);
                self.cover.insert(board, demand, Taste::OWN);
                if !board.score.beats(&was) {
                    board.clear(demand);
                    load(board, demand, &kept);
                }
            }
            if !board.score.beats(&before) {
                break;
            }
        }
    }

    /// Goes back to the lines a demand held, topped up, where the new ones serve less.
    fn keep_better(&mut self, board: &mut Board<'_>, demand: usize, kept: Vec<(u32, i64)>) {
        let anew = board.got[demand];
        let lines = board.clear(demand);
        load(board, demand, &kept);
        self.cover.finish(board, demand);
        if board.got[demand] < anew {
            board.clear(demand);
            load(board, demand, &lines);
        }
    }

    /// Lets every short demand claim milk held by lower tiers, most urgent first, until nothing changes.
    pub(super) fn claim_all(&mut self, board: &mut Board<'_>) {
        let tiers = board.guide.problem.rules.tiers;
        for tier in 1..=tiers {
            for demand in 0..board.demands() {
                if board.guide.problem.demands[demand].tier == tier && board.short(demand) {
                    while self.claim(board, demand, false) || self.claim(board, demand, true) {}
                }
            }
        }
    }

    /// One demand's claim: lower tiers that hold milk it could use let go, it chooses, they choose again.
    fn claim(&mut self, board: &mut Board<'_>, demand: usize, anew: bool) -> bool {
        if !board.short(demand) {
            return false;
        }
        let before = board.score.clone();
        let mut ruined = self.lower_holders(board, demand);
        ruined.insert(0, demand);
        let memory = clear_all(board, &ruined);
        if !anew {
            load(board, demand, &memory[0].1);
        }
        if anew {
            self.cover.insert(board, demand, Taste::GUIDED);
        } else {
            self.cover.finish(board, demand);
        }
        self.reinsert(board, &mut ruined, Taste::GUIDED);
        if board.score.beats(&before) {
            return true;
        }
        restore(board, &memory);
        false
    }

    /// Demands of lower tiers that hold a bottle the demand could use, or room in its group.
    fn lower_holders(&mut self, board: &Board<'_>, demand: usize) -> Vec<usize> {
        let problem = board.guide.problem;
        let mut groups = vec![false; problem.groups.len()];
        let mut supplies = vec![false; problem.supplies.len()];
        for position in board.guide.ordered(demand) {
            let supply = board.bottle(*position).0;
            supplies[supply] = true;
            groups[at(problem.supplies[supply].group)] |=
                problem.groups[at(problem.supplies[supply].group)].cap_ml.is_some();
        }
        let tier = problem.demands[demand].tier;
        let holds = |d: &usize| {
            problem.demands[*d].tier > tier
                && board.held[*d].iter().any(|(position, _)| {
                    let supply = board.bottle(*position).0;
                    supplies[supply] || groups[at(problem.supplies[supply].group)]
                })
        };
        (0..board.demands()).filter(holds).collect()
    }

    /// Serves the demands of the list that are empty, in its order within each tier; tops up the others.
    fn reinsert(&mut self, board: &mut Board<'_>, ruined: &mut [usize], taste: Taste) {
        ruined.sort_by_key(|d| board.guide.problem.demands[*d].tier);
        for demand in ruined.iter() {
            if board.held[*demand].is_empty() {
                self.cover.insert(board, *demand, taste);
            }
        }
        for demand in ruined.iter().filter(|d| board.short(**d)).copied().collect::<Vec<usize>>() {
            self.cover.finish(board, demand);
        }
    }

    /// Rounds of improvement until the share of the budget is spent.
    pub(super) fn rounds(&mut self, board: &mut Board<'_>, budget: &mut Budget<'_>, until: u32, for_service: bool) {
        let mut best = board.clone();
        let mut phase = None;
        let mut heat = Heat::default();
        for round in 0_u64.. {
            if round % 16 == 0 {
                let spent = budget.spend(if round == 0 { 0 } else { 16 });
                if spent >= until || board.demands() == 0 {
                    break;
                }
                if for_service && board.guide.served_fully(&best.score) {
                    break;
                }
                let now = Phase::at(spent, for_service);
                if phase.as_ref() != Some(&now.start) {
                    *board = best.clone();
                    phase = Some(now.start);
                }
                heat = now.heat(board);
            }
            self.round(board, heat);
            if board.score.beats(&best.score) {
                best = board.clone();
            }
        }
        *board = best;
    }

    /// One round: neighbours choose again, or a few demands swap or shift bottles.
    fn round(&mut self, board: &mut Board<'_>, heat: Heat) {
        if self.random.below(2) == 0 {
            self.ruin(board, heat);
        } else {
            for _ in 0..SWAPS {
                self.swap(board, heat);
            }
        }
    }

    /// Some neighbours let go and choose again.
    fn ruin(&mut self, board: &mut Board<'_>, heat: Heat) {
        let before = board.score.clone();
        let size = 2 + self.random.below(7);
        let mut ruined = self.neighbours(board, size);
        let memory = clear_all(board, &ruined);
        for i in (1..ruined.len()).rev() {
            ruined.swap(i, self.random.below(i + 1));
        }
        let taste = Taste {
            price_percent: [0, 50, 100, 100][self.random.below(4)],
            near: 12,
            blink_percent: [0, 10, 20, 40][self.random.below(4)],
            noise_percent: [0, 0, 20, 90][self.random.below(4)],
            blind: heat.for_service && self.random.below(2) == 0,
            forgo_percent: [0, 0, 40, 90][self.random.below(4)],
        };
        self.reinsert(board, &mut ruined, taste);
        if !self.keeps(board, &before, heat) {
            restore(board, &memory);
        }
    }

    /// A demand trades bottles of one supply for another's: free ones, or those of a demand that can use its own.
    fn swap(&mut self, board: &mut Board<'_>, heat: Heat) {
        let demand = self.random.below(board.demands());
        if board.held[demand].is_empty() {
            return;
        }
        let (give, held) = board.held[demand][self.random.below(board.held[demand].len())];
        let arcs = board.guide.ordered(demand);
        let reach = if self.random.below(2) == 0 { arcs.len().min(8) } else { arcs.len() };
        let want = arcs[self.random.below(reach)];
        let ((from, from_ml), (to, to_ml)) = (board.bottle(give), board.bottle(want));
        if from == to {
            return;
        }
        let given = 1 + self.below(held);
        let wanted = (given * from_ml + self.below(to_ml)) / to_ml;
        let other = if board.available(want) >= wanted { None } else { self.holder(board, demand, from, to, wanted) };
        if wanted == 0 || (other.is_none() && board.available(want) < wanted) {
            return;
        }
        let before = board.score.clone();
        let mut memory = vec![(demand, board.held[demand].clone())];
        memory.extend(other.map(|(other, _, _)| (other, board.held[other].clone())));
        board.give_back(demand, give, given);
        let mut done = true;
        if let Some((other, theirs, ours)) = other {
            board.give_back(other, theirs, wanted);
            done &= place(board, other, ours, given);
        }
        done &= place(board, demand, want, wanted);
        for (demand, _) in &memory {
            self.cover.finish(board, *demand);
        }
        if !done || !self.keeps(board, &before, heat) {
            restore(board, &memory);
        }
    }

    /// Another demand that holds so many bottles of `to` and could use `from`: who, its arc to each.
    fn holder(
        &mut self,
        board: &Board<'_>,
        demand: usize,
        from: usize,
        to: usize,
        bottles: i64,
    ) -> Option<(usize, u32, u32)> {
        let takers = board.guide.takers(id(to));
        let start = self.random.below(takers.len());
        let (late, early) = takers.split_at(start);
        early.iter().chain(late).filter(|d| at(**d) != demand).find_map(|d| {
            let line =
                board.held[at(*d)].iter().find(|(position, n)| *n >= bottles && board.bottle(*position).0 == to)?;
            let back = board.guide.pairs.find(id(from), *d)?;
            Some((at(*d), line.0, id(back)))
        })
    }

    /// Better service is always kept; else the plan may get worse by what the heat allows.
    fn keeps(&mut self, board: &Board<'_>, before: &Score, heat: Heat) -> bool {
        board.score.service(before) == Ordering::Less || {
            let tiers = before.served_ml.len();
            let lost = loss(before, &board.score).saturating_mul(heat.points_per_ml);
            let worse = lost.saturating_add(board.score.cost - before.cost);
            // Mostly a little of the last tiers, seldom much or of the first.
            let room = self.below(heat.points);
            let leave = if heat.for_service {
                weight(self.random.below(tiers).max(self.random.below(tiers)), tiers)
            } else {
                1
            };
            worse <= if heat.for_service { self.below(room).saturating_mul(leave) } else { room }
        }
    }

    fn below(&mut self, bound: i64) -> i64 {
        count(self.random.below(position(bound)))
    }

    /// A demand and others that compete with it for the same milk.
    fn neighbours(&mut self, board: &Board<'_>, size: usize) -> Vec<usize> {
        let seed = self.seed(board);
        let mut chosen = vec![seed];
        self.marked[seed] = true;
        let mut tries = 0;
        while chosen.len() < size && tries < 6 * size {
            tries += 1;
            let from = chosen[self.random.below(chosen.len())];
            let Some(next) = self.neighbour(board, from) else { continue };
            if !self.marked[next] {
                self.marked[next] = true;
                chosen.push(next);
            }
        }
        for demand in &chosen {
            self.marked[*demand] = false;
        }
        chosen
    }

    /// A short demand every other time, where there is one.
    fn seed(&mut self, board: &Board<'_>) -> usize {
        let demands = board.demands();
        let start = self.random.below(demands);
        if self.random.below(2) == 0 {
            let short = (0..demands).map(|i| (start + i) % demands).find(|d| board.short(*d));
            return short.unwrap_or(start);
        }
        start
    }

    /// Someone who could use, and best of all holds, a supply that this demand could use.
    fn neighbour(&mut self, board: &Board<'_>, demand: usize) -> Option<usize> {
        let arcs = board.guide.ordered(demand);
        let held = &board.held[demand];
        let position = if !held.is_empty() && self.random.below(3) == 0 {
            held[self.random.below(held.len())].0
        } else {
            let reach = arcs.len().min(24);
            *arcs.get(self.random.below(reach))?
        };
        let supply = board.guide.pairs.arcs[at(position)].supply;
        let takers = board.guide.takers(supply);
        let start = self.random.below(takers.len());
        let holds = |d: &&u32| board.held[at(**d)].iter().any(|(p, _)| board.bottle(*p).0 == at(supply));
        let (late, early) = takers.split_at(start);
        let holder = early.iter().chain(late).take(24).find(holds);
        holder.or_else(|| takers.get(start)).map(|d| at(*d))
    }
}
