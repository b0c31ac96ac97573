//! Trades without end, cooling down: at first a trade may lose milk or points, in the end it may not.

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
/// A millilitre that is lacking costs as much as so many in the plan, from time to time.
const LACKS: [i64; 4] = [32, 4, 128, 8];

/// How far to go.
#[derive(Debug, Clone, Copy)]
pub(super) struct Course<'c> {
    /// Stop at this share of the budget, in thousandths.
    pub until: u32,
    /// Share of one cooling.
    pub stretch: u32,
    /// What the search is after.
    pub goal: Goal<'c>,
}

/// What a search is after.
#[derive(Debug, Clone, Copy)]
pub(super) enum Goal<'c> {
    /// More milk, until nothing can beat it.
    Milk(&'c [i64]),
    /// The same milk for less, until it can cost no less than this.
    Points(i64),
}

/// How trades are judged during one cooling.
struct Scale {
    weights: Vec<i64>,
    /// What each tier should get; nothing where more is always better.
    target: Option<Vec<i64>>,
    hot: i64,
    cold: i64,
}

impl Scale {
    fn worth(&self, barter: &Barter<'_>) -> i64 {
        let rows = barter.served_ml.iter().zip(&self.weights);
        match &self.target {
            None => rows.map(|(ml, weight)| ml * weight).sum(),
            Some(target) => {
                let lacking: i64 = rows
                    .zip(target)
                    .map(|((ml, weight), target)| (target - ml).max(0).saturating_mul(*weight))
                    .fold(0, i64::saturating_add);
                (-barter.cost).saturating_sub(lacking)
            }
        }
    }

    const fn heat(&self, left: i64, all: i64) -> i64 {
        self.cold + (self.hot - self.cold).saturating_mul(left) / all * left / all
    }
}

/// The best plan of a search.
struct Best {
    served_ml: Vec<i64>,
    cost: i64,
    held: Option<Vec<Vec<(u32, i64)>>>,
}

impl Best {
    fn is_reached(&self, goal: Goal<'_>) -> bool {
        match goal {
            Goal::Milk(most) => self.served_ml == most,
            Goal::Points(least) => self.cost <= least,
        }
    }

    fn look(&mut self, barter: &Barter<'_>, goal: Goal<'_>) {
        let better = match goal {
            Goal::Milk(_) => barter.served_ml > self.served_ml,
            Goal::Points(_) => barter.cost < self.cost && barter.served_ml >= self.served_ml,
        };
        if better {
            self.served_ml.clone_from(&barter.served_ml);
            self.cost = barter.cost;
            self.held = Some(barter.held());
        }
    }
}

/// Looks for a better plan, and gives the board the best one found.
pub(super) fn anneal(board: &mut Board<'_>, budget: &mut Budget<'_>, course: Course<'_>, seed: u64) {
    let mut barter = Barter::new(board, seed, matches!(course.goal, Goal::Points(_)));
    let mut best = Best { served_ml: board.score.served_ml.clone(), cost: board.score.cost, held: None };
    let mut spent = budget.spend(0);
    let mut number = 0;
    while spent < course.until && !best.is_reached(course.goal) {
        let from = spent;
        let scale = scale(board, &best, course.goal, number);
        number += 1;
        let until = course.until.min(from + course.stretch).max(from + 1);
        while spent < until && !best.is_reached(course.goal) {
            let heat = scale.heat(i64::from(until - spent), i64::from(until - from));
            let mut worth = scale.worth(&barter);
            for _ in 0..TRADES {
                barter.trade();
                let now = scale.worth(&barter);
                if now < worth && worth.saturating_sub(now).saturating_mul(256) > heat.saturating_mul(barter.patience())
                {
                    barter.undo();
                    continue;
                }
                worth = now;
                best.look(&barter, course.goal);
            }
            spent = budget.spend(WORTH);
        }
        if let Some(held) = &best.held {
            barter.load(held);
        }
    }
    let Some(held) = best.held else { return };
    for demand in 0..board.demands() {
        board.clear(demand);
    }
    for (demand, lines) in held.iter().enumerate() {
        for (position, bottles) in lines {
            board.take(demand, *position, *bottles);
        }
    }
}

/// How the trades of one cooling are judged.
fn scale(board: &Board<'_>, best: &Best, goal: Goal<'_>, number: usize) -> Scale {
    let tiers = best.served_ml.len();
    match goal {
        Goal::Milk(_) => {
            let weights = weights(tiers, STEPS[number % STEPS.len()]);
            Scale { weights, target: None, hot: HOT_ML, cold: COLD_ML }
        }
        Goal::Points(_) => {
            let served: i64 = best.served_ml.iter().sum();
            let per_ml = (best.cost / served.max(1)).max(1).saturating_mul(LACKS[number % LACKS.len()]);
            let hot = (best.cost / board.size().max(1)).max(1);
            Scale { weights: vec![per_ml; tiers], target: Some(best.served_ml.clone()), hot, cold: hot / 64 }
        }
    }
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
