//! Why a plan is as it is: prices split into urgency steps and points, runner-ups, and the exact
//! counterfactual "what if this bottle went there". Prices rank; only the forced re-solve answers "why not".
#![expect(clippy::indexing_slicing, reason = "indices come from the validated problem")]

use super::check::recount_forced;
use super::index::{at, count};
use super::model::{PlanError, Problem, Supply};
use super::network::{Network, Pairs, one_size};
use super::plan::{Plan, PlanLine, is_priced, lines_of, obeys_counts, plan};

/// A price of one bottle: whose milk it would take, and cost points besides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OneMore {
    /// The tier that would lose a bottle; `None` where nobody would.
    pub displaced_tier: Option<u8>,
    /// Cost points besides; negative where the swap itself saves.
    pub points: i64,
}

/// The best supply that was not chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunnerUp {
    /// Index into `Problem::supplies`.
    pub supply: u32,
    /// Cost of one bottle of it here.
    pub cost: i64,
    /// How much worse it would be per bottle, at least (exactly where there are no ties: ask [`forced`]).
    pub margin: OneMore,
}

/// Why a demand got what it got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// What was chosen, with the cost of one bottle.
    pub lines: Vec<(PlanLine, i64)>,
    /// Millilitres the request lacks.
    pub short_ml: i64,
    /// Eligible supplies in all.
    pub eligible: usize,
    /// The best supply not chosen.
    pub runner_up: Option<RunnerUp>,
    /// What one more bottle would cost; `None` where nothing eligible may leave its site.
    pub one_more: Option<OneMore>,
}

/// The plan with one bottle forced.
#[derive(Debug, Clone)]
pub struct Forced {
    /// Who would get what.
    pub lines: Vec<PlanLine>,
    /// Change of the served millilitres per tier against the base plan.
    pub served_change_ml: Vec<i64>,
    /// Change of the cost points against the base plan.
    pub cost_change: i64,
    /// Both plans are proven, so the changes are exact.
    pub exact: bool,
}

/// Prices of the flow that made or guided a plan, in its units.
#[derive(Debug, Clone)]
pub(super) struct Prices {
    supply: Vec<i64>,
    demand: Vec<i64>,
    group: Vec<i64>,
    tier: Vec<i64>,
    step: i64,
    forbidding: i64,
    /// `None` where the unit is a bottle.
    unit_ml: Option<i64>,
    scale: i64,
}

impl Prices {
    /// Reads the prices off a solved network.
    pub(super) fn of(problem: &Problem, network: &Network<'_>) -> Self {
        Self {
            supply: (0..problem.supplies.len()).map(|s| network.flow.supply_price(s)).collect(),
            demand: (0..problem.demands.len()).map(|d| network.flow.demand_price(d)).collect(),
            group: (0..problem.groups.len()).map(|g| network.flow.group_price(g)).collect(),
            tier: network.weights.tier.clone(),
            step: network.weights.step,
            forbidding: network.forbidding,
            unit_ml: (!network.whole_bottles).then_some(network.unit_ml),
            scale: network.scale,
        }
    }

    /// Points per network price: how many units a bottle of the supply has, over the scale.
    fn per_bottle(&self, problem: &Problem, supply: usize, price: i64) -> i64 {
        let units = self.unit_ml.map_or(1, |unit| problem.supplies[supply].bottle_ml / unit);
        let points = i128::from(price) * i128::from(units) / i128::from(self.scale);
        i64::try_from(points).unwrap_or(if price < 0 { i64::MIN } else { i64::MAX })
    }

    /// Price of one bottle per supply, in points.
    pub(super) fn bottles(&self, problem: &Problem) -> Vec<i64> {
        self.supply.iter().enumerate().map(|(s, price)| self.per_bottle(problem, s, *price)).collect()
    }

    /// How many tiers' milk is worth less than this price: what a unit more would take from the first of them.
    fn rank(&self, price: i64) -> i64 {
        let half = self.step / 2;
        count(self.tier.iter().filter(|loss| **loss <= price.saturating_add(half)).count())
    }

    /// Ranks per supply, beyond its group's, and per group.
    pub(super) fn ranks(&self, problem: &Problem) -> (Vec<i64>, Vec<i64>) {
        let group: Vec<i64> = self.group.iter().map(|price| self.rank(*price)).collect();
        let own = |(price, row): (&i64, &Supply)| (self.rank(*price) - group[at(row.group)]).max(0);
        (self.supply.iter().zip(&problem.supplies).map(own).collect(), group)
    }

    /// Cost of one unit of the supply at the arc, with its price.
    fn landed(&self, problem: &Problem, supply: u32, cost: i64) -> i64 {
        let units = self.unit_ml.map_or(1, |unit| problem.supplies[at(supply)].bottle_ml / unit);
        let unit_cost = (i128::from(cost) * i128::from(self.scale)).div_euclid(i128::from(units.max(1)));
        i64::try_from(unit_cost).unwrap_or(i64::MAX).saturating_add(self.supply[at(supply)])
    }

    /// Splits a price per unit into the tier it reaches and points per bottle.
    fn split(&self, problem: &Problem, supply: u32, price: i64) -> OneMore {
        let half = self.step / 2;
        let reached = self.tier.iter().position(|loss| *loss <= price.saturating_add(half));
        let rest = reached.map_or(price, |tier| price - (price + half) / self.tier[tier] * self.tier[tier]);
        // What is left may still hold fairness steps; they rank, they are not points.
        let points = rest - (rest + half).div_euclid(self.step) * self.step;
        OneMore {
            displaced_tier: reached.and_then(|tier| u8::try_from(tier + 1).ok()),
            points: self.per_bottle(problem, at(supply), points),
        }
    }
}

pub(super) fn explain(problem: &Problem, plan: &Plan, prices: &Prices, demand: u32) -> Result<Explanation, PlanError> {
    let row = problem.demands.get(at(demand)).ok_or(PlanError::OutOfRange {
        row: "demands",
        position: at(demand),
        field: "index",
    })?;
    let lines: Vec<PlanLine> = plan.lines.iter().filter(|line| line.demand == demand).copied().collect();
    let cost_of = |supply| problem.arcs.iter().find(|a| a.demand == demand && a.supply == supply).map_or(0, |a| a.cost);
    let arcs: Vec<_> = problem.arcs.iter().filter(|arc| arc.demand == demand).collect();
    let landed = |arc: &&&super::model::Arc| (prices.landed(problem, arc.supply, arc.cost), arc.supply);
    let possible = |arc: &&&super::model::Arc| landed(arc).0 < prices.forbidding / 2;
    let cheapest = arcs.iter().filter(possible).min_by_key(landed);
    let chosen = |arc: &&&super::model::Arc| lines.iter().any(|line| line.supply == arc.supply);
    let runner_up = arcs.iter().filter(possible).filter(|arc| !chosen(arc)).min_by_key(landed).map(|arc| {
        let margin = (landed(&arc).0 - prices.demand[at(demand)]).max(0);
        RunnerUp { supply: arc.supply, cost: arc.cost, margin: prices.split(problem, arc.supply, margin) }
    });
    let got: i64 = lines.iter().map(|line| line.bottles * problem.supplies[at(line.supply)].bottle_ml).sum();
    Ok(Explanation {
        short_ml: (row.volume_ml - got).max(0),
        eligible: arcs.len(),
        runner_up,
        one_more: cheapest.map(|arc| prices.split(problem, arc.supply, landed(&arc).0)),
        lines: lines.into_iter().map(|line| (line, cost_of(line.supply))).collect(),
    })
}

/// The best plan in which the demand gets at least one bottle of the supply, against `base`.
///
/// Exact where both plans are proven ([`Forced::exact`]); else the difference of two good plans.
///
/// # Errors
/// [`PlanError::NotEligible`] where the pair is not eligible, the supply has no bottle that may leave, or the
/// request's own rules rule it out; else as [`plan`].
pub fn forced(problem: &Problem, base: &Plan, supply: u32, demand: u32) -> Result<Forced, PlanError> {
    problem.validate()?;
    let pairs = Pairs::new(problem)?;
    let refused = PlanError::NotEligible { supply, demand };
    let given = pairs.find(supply, demand).map(|_| problem.supplies[at(supply)]).ok_or_else(|| refused.clone())?;
    let room = problem.groups[at(given.group)].cap_ml.unwrap_or(i64::MAX);
    if given.bottles == 0 || room < given.bottle_ml || problem.demands[at(demand)].volume_ml == 0 {
        return Err(refused);
    }
    let (mut lines, exact) = match forced_flow(problem, &pairs, supply, demand)? {
        Some(lines) => (lines, true),
        None => (rest_lines(problem, supply, demand)?, false),
    };
    match lines.iter_mut().find(|line| line.supply == supply && line.demand == demand) {
        Some(line) => line.bottles += 1,
        None => lines.push(PlanLine { supply, demand, bottles: 1 }),
    }
    lines.sort_unstable_by_key(|line| (line.demand, line.supply));
    let count = recount_forced(problem, &pairs, &lines).map_err(|_against_its_rules| refused)?;
    let change = count.served_ml.iter().zip(&base.served_ml).map(|(forced, base)| forced - base).collect();
    Ok(Forced {
        lines,
        served_change_ml: change,
        cost_change: count.cost - base.cost,
        exact: exact && base.status == super::plan::PlanStatus::Optimal,
    })
}

/// The exact flow around the forced bottle, where a flow is exact.
fn forced_flow(
    problem: &Problem,
    pairs: &Pairs<'_>,
    supply: u32,
    demand: u32,
) -> Result<Option<Vec<PlanLine>>, PlanError> {
    let Some(bottle_ml) = one_size(problem).filter(|_| !is_priced(problem)) else { return Ok(None) };
    let Ok(mut network) = Network::around(problem, pairs.clone(), bottle_ml, Some((supply, demand))) else {
        return Ok(None);
    };
    network.solve()?;
    let mut lines = lines_of(&network);
    lines.push(PlanLine { supply, demand, bottles: 1 });
    lines.sort_unstable_by_key(|line| (line.demand, line.supply));
    let obeys = obeys_counts(problem, &lines);
    Ok(obeys.then(|| lines_of(&network)))
}

/// A plan for all that is left beside the forced bottle.
fn rest_lines(problem: &Problem, supply: u32, demand: u32) -> Result<Vec<PlanLine>, PlanError> {
    let mut rest = problem.clone();
    let ml = rest.supplies[at(supply)].bottle_ml;
    rest.supplies[at(supply)].bottles -= 1;
    let group = at(rest.supplies[at(supply)].group);
    rest.groups[group].cap_ml = rest.groups[group].cap_ml.map(|cap| cap - ml);
    let row = &mut rest.demands[at(demand)];
    row.volume_ml = (row.volume_ml - ml).max(0);
    row.max_lots = row.max_lots.map(|most| most.saturating_sub(1));
    Ok(plan(&rest)?.lines)
}
