//! Trades without end, cooling down: at first a trade may lose milk, in the end it may not.

use super::barter::Barter;
use super::board::Board;
use super::proof::Budget;

/// Trades between two looks at the budget, and how many rounds' worth of work they are.
const TRADES: u32 = 96;
const WORTH: u64 = 4;
/// Millilitres of the last tier that a trade may well lose at first, and in the end.
const HOT_ML: i64 = 400;
const COLD_ML: i64 = 8;
/// What a millilitre of the last tier but one is worth against one of the last, from time to time.
const STEPS: [i64; 4] = [8, 4, 16, 6];

/// How far to go.
#[derive(Debug, Clone, Copy)]
pub(super) struct Course<'c> {
    /// Stop at this share of the budget, in thousandths.
    pub until: u32,
    /// Share of one cooling.
    pub stretch: u32,
    /// Service that nothing can beat, if it is known.
    pub goal: &'c [i64],
}

/// Looks for a plan that serves more, and gives the board the best one found; true where it is better.
pub(super) fn anneal(board: &mut Board<'_>, budget: &mut Budget<'_>, course: Course<'_>, seed: u64) -> bool {
    let mut barter = Barter::new(board, seed);
    let mut best = board.score.served_ml.clone();
    let mut held = None;
    let mut spent = budget.spend(0);
    let mut number = 0;
    while spent < course.until && best != course.goal {
        let from = spent;
        let weights = weights(best.len(), STEPS[number % STEPS.len()]);
        number += 1;
        let until = course.until.min(from + course.stretch).max(from + 1);
        while spent < until && best != course.goal {
            let left = i64::from(until - spent);
            let all = i64::from(until - from);
            let heat = COLD_ML + (HOT_ML - COLD_ML) * left * left / (all * all);
            for _ in 0..TRADES {
                try_one(&mut barter, &weights, heat);
                if barter.served_ml > best {
                    best.clone_from(&barter.served_ml);
                    held = Some(barter.held());
                }
            }
            spent = budget.spend(WORTH);
        }
        if let Some(held) = &held {
            barter.load(held);
        }
    }
    let Some(held) = held else { return false };
    for demand in 0..board.demands() {
        board.clear(demand);
    }
    for (demand, lines) in held.iter().enumerate() {
        for (position, bottles) in lines {
            board.take(demand, *position, *bottles);
        }
    }
    true
}

/// One trade, kept unless it loses more than the heat allows.
fn try_one(barter: &mut Barter<'_>, weights: &[i64], heat: i64) {
    let before = worth(&barter.served_ml, weights);
    barter.trade();
    let lost = before - worth(&barter.served_ml, weights);
    if lost > 0 && lost * 256 > heat * barter.patience() {
        barter.undo();
    }
}

fn worth(served_ml: &[i64], weights: &[i64]) -> i64 {
    served_ml.iter().zip(weights).map(|(ml, weight)| ml * weight).sum()
}

/// Weights of the tiers: the last counts one, the one before a step, those above twice as much each.
fn weights(tiers: usize, step: i64) -> Vec<i64> {
    let mut weights = vec![1; tiers];
    let mut weight = step;
    for above in weights.iter_mut().rev().skip(1) {
        *above = weight;
        weight *= 2;
    }
    weights
}
