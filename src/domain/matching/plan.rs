//! The planner's front door: picks the exact flow where it holds, the bounded search where it does not,
//! and never hands out a plan that failed its recount.
#![expect(clippy::indexing_slicing, reason = "indices come from the validated problem")]

use super::bounded::{Board, Budget, Guide, Proof, improve};
use super::check::recount;
use super::explain::{Explanation, Prices};
use super::index::{at, id};
use super::model::{PlanError, Problem};
use super::network::{Network, Pairs, one_size};
use std::time::Duration;

/// Bottles of one supply for one demand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlanLine {
    /// Index into `Problem::supplies`.
    pub supply: u32,
    /// Index into `Problem::demands`.
    pub demand: u32,
    /// Whole bottles, at least one.
    pub bottles: i64,
}

/// What is proven about a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlanStatus {
    /// No other plan serves better, or as well for less.
    Optimal,
    /// The plan may be this far from the best one.
    Bounded {
        /// Per tier, millilitres that a better plan might add.
        gap_ml: Vec<i64>,
        /// Cost points that a plan with the same service might save.
        cost_gap: i64,
    },
}

/// A plan, with what is proven about it.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Who gets what, by demand, then supply.
    pub lines: Vec<PlanLine>,
    /// Millilitres served per tier, first tier first; milk beyond a request's volume does not count.
    pub served_ml: Vec<i64>,
    /// Per tier, what no plan can pass that serves the tiers above as this one does.
    pub upper_bound_ml: Vec<i64>,
    /// Cost points.
    pub cost: i64,
    /// No plan with the same service (and fairness, where the bound reaches it) costs less.
    pub cost_lower_bound: i64,
    /// What is proven.
    pub status: PlanStatus,
    prices: Prices,
}

impl Plan {
    /// Why the demand got what it got.
    ///
    /// # Errors
    /// [`PlanError::OutOfRange`] for a demand that is not in the problem.
    pub fn explain(&self, problem: &Problem, demand: u32) -> Result<Explanation, PlanError> {
        super::explain::explain(problem, self, &self.prices, demand)
    }
}

/// Plans the problem within its own effort.
///
/// # Errors
/// [`PlanError`]: a bad row, weights that could overflow, or an answer that failed its proof.
pub fn plan(problem: &Problem) -> Result<Plan, PlanError> {
    plan_while(problem, &mut || Pace::FREE)
}

/// How much of a caller's time limit is spent, in thousandths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pace(u32);

impl Pace {
    /// There is no limit but the problem's effort.
    pub const FREE: Self = Self(0);
    /// Stop now.
    pub const STOP: Self = Self(1000);

    /// The share of the limit that has passed; a limit of nothing is spent at once.
    #[must_use]
    pub fn spent(elapsed: Duration, limit: Duration) -> Self {
        let permille = (elapsed.as_micros() * 1000).checked_div(limit.as_micros()).unwrap_or(1000);
        Self(u32::try_from(permille).unwrap_or(1000).min(1000))
    }

    pub(super) const fn permille(self) -> u32 {
        self.0
    }
}

/// Plans the problem within its own effort, or until the pace says stop (a caller's time limit; a plan
/// stopped so need not repeat). The first plan is always finished.
///
/// # Errors
/// As [`plan`].
pub fn plan_while(problem: &Problem, pace: &mut dyn FnMut() -> Pace) -> Result<Plan, PlanError> {
    problem.validate()?;
    let named = problem.in_order();
    let problem = named.as_ref();
    let pairs = Pairs::new(problem)?;
    if let Some(bottle_ml) = one_size(problem)
        && let Ok(mut network) = Network::in_bottles(problem, pairs.clone(), bottle_ml)
    {
        network.solve()?;
        return finish_exact(problem, &network, pace);
    }
    let mut network = Network::in_millilitres(problem, pairs)?;
    network.solve()?;
    bounded(problem, &network, &[], pace)
}

pub(super) fn lines_of(network: &Network<'_>) -> Vec<PlanLine> {
    let line = |(column, bottles): (u32, i64)| {
        let arc = &network.pairs.arcs[at(column)];
        PlanLine { supply: arc.supply, demand: arc.demand, bottles }
    };
    network.bottles().into_iter().map(line).collect()
}

/// The certified flow as a plan; `None` where a rule that no flow can hold is broken or priced.
///
/// # Errors
/// [`PlanError::Certificate`].
pub(super) fn exact(problem: &Problem, network: &Network<'_>) -> Result<Option<Plan>, PlanError> {
    let lines = lines_of(network);
    if is_priced(problem) || !obeys_counts(problem, &lines) {
        return Ok(None);
    }
    let count = recount(problem, &network.pairs, &lines)?;
    Ok(Some(Plan {
        lines,
        upper_bound_ml: count.served_ml.clone(),
        served_ml: count.served_ml,
        cost: count.cost,
        cost_lower_bound: count.cost,
        status: PlanStatus::Optimal,
        prices: Prices::of(problem, network),
    }))
}

/// Whether using a lot or a way costs something by itself, which no flow can hold.
pub(super) fn is_priced(problem: &Problem) -> bool {
    problem.rules.fixed_lot_cost > 0 || problem.pairs.iter().any(|pair| pair.cost > 0)
}

/// The flow is the plan, unless a rule that no flow can hold is broken or priced.
fn finish_exact(problem: &Problem, network: &Network<'_>, pace: &mut dyn FnMut() -> Pace) -> Result<Plan, PlanError> {
    if let Some(plan) = exact(problem, network)? {
        return Ok(plan);
    }
    bounded(problem, network, &lines_of(network), pace)
}

/// Whether lot limits and all-or-nothing hold.
pub(super) fn obeys_counts(problem: &Problem, lines: &[PlanLine]) -> bool {
    lines.chunk_by(|a, b| a.demand == b.demand).all(|lines| demand_obeys(problem, lines))
}

fn demand_obeys(problem: &Problem, lines: &[PlanLine]) -> bool {
    let demand = &problem.demands[at(lines[0].demand)];
    let mut lots: Vec<u32> = lines.iter().map(|line| problem.supplies[at(line.supply)].lot).collect();
    lots.sort_unstable();
    lots.dedup();
    let got: i64 = lines.iter().map(|line| line.bottles * problem.supplies[at(line.supply)].bottle_ml).sum();
    let few = !problem.rules.max_lots || demand.max_lots.is_none_or(|most| lots.len() <= usize::from(most));
    let whole = !problem.rules.all_or_nothing || !demand.all_or_nothing || got >= demand.volume_ml;
    few && whole
}

/// Searches from the flow's lines (those that obey the rules) and states the distance to the flow's bound.
fn bounded(
    problem: &Problem,
    network: &Network<'_>,
    start: &[PlanLine],
    pace: &mut dyn FnMut() -> Pace,
) -> Result<Plan, PlanError> {
    let prices = Prices::of(problem, network);
    let bound = network.served_ml(problem);
    let guide = Guide::new(problem, &network.pairs, prices.bottles(problem), bound.clone());
    let mut board = Board::new(&guide);
    for lines in start.chunk_by(|a, b| a.demand == b.demand).filter(|lines| demand_obeys(problem, lines)) {
        for line in lines {
            if let Some(position) = network.pairs.find(line.supply, line.demand) {
                board.take(at(line.demand), id(position), line.bottles);
            }
        }
    }
    let ranks = prices.ranks(problem);
    let proof = improve(&mut board, &ranks, &mut Budget::new(problem.rules.effort, pace));
    let lines = board.lines();
    let count = recount(problem, &network.pairs, &lines)?;
    if count.served_ml != board.score.served_ml || count.cost != board.score.cost {
        return Err(PlanError::Certificate { check: "the search's own sums" });
    }
    let upper_bound_ml = upper_bounds(problem, &bound, &count.served_ml, &proof);
    let loss = network.loss(problem, &board.got);
    let as_good = loss == network.least_loss();
    let least = if as_good { network.own_cost() } else { network.least_cost(problem, &count.served_ml)? };
    let least = least.max(proof.least_cost(&count.served_ml).unwrap_or(least));
    let cost_lower_bound = least.min(count.cost);
    let gap_ml: Vec<i64> = upper_bound_ml.iter().zip(&count.served_ml).map(|(bound, served)| bound - served).collect();
    let cost_gap = count.cost - cost_lower_bound;
    // Without slices service is all that comes before cost; with them the flow's bound alone knows what is fairest.
    let served_best = as_good || (problem.rules.fairness_slices <= 1 && gap_ml.iter().all(|gap| *gap == 0));
    let proven = cost_gap == 0 && served_best;
    let status = if proven { PlanStatus::Optimal } else { PlanStatus::Bounded { gap_ml, cost_gap } };
    Ok(Plan { lines, served_ml: count.served_ml, upper_bound_ml, cost: count.cost, cost_lower_bound, status, prices })
}

/// What tiers 1 to k can get together is fixed by the flow; what the plan gave above is not there for k. The search's
/// own proof may know better.
fn upper_bounds(problem: &Problem, bound: &[i64], served: &[i64], proof: &Proof) -> Vec<i64> {
    let mut asked = vec![0_i64; bound.len()];
    for demand in &problem.demands {
        asked[usize::from(demand.tier) - 1] += demand.volume_ml;
    }
    let (mut could, mut did) = (0, 0);
    let mut bounds = Vec::with_capacity(bound.len());
    for tier in 0..bound.len() {
        could += bound[tier];
        let most = (could - did).min(asked[tier]).min(proof.most(tier, served).unwrap_or(i64::MAX));
        bounds.push(most.max(served[tier]));
        did += served[tier];
    }
    bounds
}
