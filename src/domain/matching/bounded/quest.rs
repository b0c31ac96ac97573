//! The parts of a search: more milk, proof, the same milk for less, and what less cannot be.

use super::anneal::{Course, Goal, anneal};
use super::board::Board;
use super::ceiling::{Ceiling, Lines, tariff_of};
use super::cover::Taste;
use super::floor::Floor;
use super::holdings::{clear_all, load};
use super::proof::{Budget, Proof};
use super::search::Search;
use std::cmp::Ordering;

/// Share of the work of one cooling, in thousandths.
const STRETCH: u32 = 60;
/// Shares of what is left when only cost counts, in thousandths: a cheaper plan, a bound on its cost, a cheaper plan.
const SAVE_UNTIL: u32 = 400;
const FLOOR_UNTIL: u32 = 700;
const SAVE_AGAIN_UNTIL: u32 = 900;
/// Coolings in each of these parts.
const COOLINGS: u32 = 4;

impl Search {
    /// Asks tier by tier whether a plan could give more. A better plan takes the board's place and is asked again.
    pub(super) fn prove(
        &mut self,
        board: &mut Board<'_>,
        ranks: &(Vec<i64>, Vec<i64>),
        budget: &mut Budget<'_>,
        until: u32,
    ) -> Proof {
        let tiers = board.score.served_ml.len();
        let mut ceiling = Ceiling::new(board.guide);
        let mut most: Vec<i64> = Vec::with_capacity(tiers);
        // A look asks every demand, a round only a few.
        let from = budget.spend(0);
        let look = u64::try_from(board.demands() / 4).unwrap_or(u64::MAX).max(2);
        while most.len() < tiers {
            let tier = most.len();
            let share = until.saturating_sub(from) * u32::try_from(tier + 1).unwrap_or(1);
            let until = from + share / u32::try_from(tiers).unwrap_or(1).max(1);
            let before = board.score.served_ml.clone();
            let tariff = tariff_of(ranks, tier, tiers);
            let verdict = ceiling.prove(tariff, tier, &before, &mut || budget.spend(look) < until);
            if verdict.better.is_some_and(|lines| self.take_over(board, &lines)) {
                let first = before.iter().zip(&board.score.served_ml).take_while(|(before, now)| before == now).count();
                if first < tier {
                    most.truncate(first);
                    continue;
                }
            }
            most.push(verdict.most);
        }
        Proof { at: board.score.served_ml.clone(), most, floor: None }
    }

    /// Gives the demands of some lines what they say and all others what is left; false where that serves no better.
    pub(super) fn take_over(&mut self, board: &mut Board<'_>, lines: &Lines) -> bool {
        let before = board.clone();
        let all: Vec<usize> = (0..board.demands()).collect();
        clear_all(board, &all);
        for (demand, lines) in lines {
            load(board, *demand, lines);
            board.trim(*demand);
        }
        self.construct(board, Taste::GUIDED);
        self.claim_all(board);
        let better = board.score.service(&before.score) == Ordering::Less;
        if !better {
            *board = before;
        }
        better
    }

    /// The same milk for less: trades, then a bound, then trades again and rounds in which demands choose anew.
    pub(super) fn save(&mut self, board: &mut Board<'_>, budget: &mut Budget<'_>, proof: &mut Proof) {
        let from = budget.spend(0);
        let share = |thousandths: u32| from + (1000 - from.min(1000)) * thousandths / 1000;
        self.cheapen(board, budget, share(SAVE_UNTIL), i64::MIN);
        let look = u64::try_from(board.demands() / 2).unwrap_or(u64::MAX).max(2);
        if let Some(mut floor) = Floor::new(board) {
            let until = share(FLOOR_UNTIL);
            let least = floor.raise(board.score.cost, &mut || budget.spend(look) < until);
            proof.floor = least.map(|least| (board.score.served_ml.clone(), least));
        }
        let least = proof.least_cost(&board.score.served_ml).unwrap_or(i64::MIN);
        self.cheapen(board, budget, share(SAVE_AGAIN_UNTIL), least);
        self.rounds(board, budget, 1000, false);
        self.polish(board);
    }

    pub(super) fn cheapen(&mut self, board: &mut Board<'_>, budget: &mut Budget<'_>, until: u32, least: i64) {
        let from = budget.spend(0);
        // Fairer is dearer, and trades know nothing of it.
        if board.guide.problem.rules.fairness_slices > 1 || board.demands() == 0 {
            self.rounds(board, budget, until, false);
            return;
        }
        let stretch = (until.saturating_sub(from) / COOLINGS).max(20);
        let course = Course { until, stretch, goal: Goal::Points(least) };
        anneal(board, budget, course, self.random.next());
    }

    /// Looks for more milk until the share of the budget is spent or no more is possible.
    pub(super) fn serve(&mut self, board: &mut Board<'_>, budget: &mut Budget<'_>, until: u32, proof: &Proof) {
        let served = &board.score.served_ml;
        let most = |tier: usize| proof.most(tier, served).unwrap_or(board.guide.ceiling_ml[tier]);
        let goal: Vec<i64> = (0..served.len()).map(most).collect();
        let fair = board.guide.problem.rules.fairness_slices > 1;
        let from = budget.spend(0);
        let middle = if fair { from + until.saturating_sub(from) / 2 } else { until };
        let course = Course { until: middle, stretch: STRETCH, goal: Goal::Milk(&goal) };
        anneal(board, budget, course, self.random.next());
        if fair {
            self.rounds(board, budget, until, true);
        }
    }
}
