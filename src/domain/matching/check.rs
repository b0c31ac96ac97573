//! An independent look at a finished plan: recounts it from its lines against the problem's own rows.
//! Every plan passes here before anyone sees it; one that does not is refused.
#![expect(clippy::indexing_slicing, reason = "indices come from the validated problem")]

use super::index::{at, count};
use super::model::{PlanError, Problem};
use super::network::Pairs;
use super::plan::PlanLine;
use std::collections::BTreeSet;

/// What a set of lines amounts to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Recount {
    pub served_ml: Vec<i64>,
    pub cost: i64,
}

/// Recounts the lines and refuses any that break a rule.
///
/// # Errors
/// [`PlanError::Certificate`] names the broken rule.
pub(super) fn recount(problem: &Problem, pairs: &Pairs<'_>, lines: &[PlanLine]) -> Result<Recount, PlanError> {
    let (count, needless) = tally(problem, pairs, lines)?;
    if needless {
        return Err(PlanError::Certificate { check: "no bottle more than needed" });
    }
    Ok(count)
}

/// Recounts lines one of which was forced and may therefore be more than needed.
///
/// # Errors
/// [`PlanError::Certificate`] names the broken rule.
pub(super) fn recount_forced(problem: &Problem, pairs: &Pairs<'_>, lines: &[PlanLine]) -> Result<Recount, PlanError> {
    tally(problem, pairs, lines).map(|(count, _)| count)
}

fn tally(problem: &Problem, pairs: &Pairs<'_>, lines: &[PlanLine]) -> Result<(Recount, bool), PlanError> {
    let fail = |check| Err(PlanError::Certificate { check });
    let rules = &problem.rules;
    let mut used = vec![0_i64; problem.supplies.len()];
    let mut out_ml = vec![0_i64; problem.groups.len()];
    let mut given = vec![(0_i64, i64::MAX); problem.demands.len()];
    let mut lots: Vec<BTreeSet<u32>> = vec![BTreeSet::new(); problem.demands.len()];
    let mut ways = BTreeSet::new();
    let mut cost = 0_i64;
    for line in lines {
        let Some(position) = pairs.find(line.supply, line.demand) else {
            return fail("only eligible pairs");
        };
        if line.bottles <= 0 {
            return fail("whole bottles above zero");
        }
        let supply = &problem.supplies[at(line.supply)];
        let demand = at(line.demand);
        used[at(line.supply)] += line.bottles;
        out_ml[at(supply.group)] += line.bottles * supply.bottle_ml;
        given[demand].0 += line.bottles * supply.bottle_ml;
        given[demand].1 = given[demand].1.min(supply.bottle_ml);
        lots[demand].insert(supply.lot);
        ways.insert((supply.group, problem.demands[demand].site));
        cost = cost.saturating_add(pairs.arcs[position].cost.saturating_mul(line.bottles));
    }
    if used.iter().zip(&problem.supplies).any(|(used, supply)| *used > supply.bottles) {
        return fail("no more bottles than the lot has");
    }
    if out_ml.iter().zip(&problem.groups).any(|(out, group)| group.cap_ml.is_some_and(|cap| *out > cap)) {
        return fail("reserve");
    }
    let mut served_ml = vec![0_i64; usize::from(rules.tiers)];
    let mut needless = false;
    for ((demand, (got, smallest)), lots) in problem.demands.iter().zip(given).zip(&lots) {
        if got > 0 && got - smallest >= demand.volume_ml {
            needless = true;
        }
        if rules.max_lots && demand.max_lots.is_some_and(|most| lots.len() > usize::from(most)) {
            return fail("lots per request");
        }
        if rules.all_or_nothing && demand.all_or_nothing && got > 0 && got < demand.volume_ml {
            return fail("all or nothing");
        }
        served_ml[usize::from(demand.tier) - 1] += got.min(demand.volume_ml);
        cost = cost.saturating_add(rules.fixed_lot_cost.saturating_mul(count(lots.len())));
    }
    for pair in &problem.pairs {
        if ways.contains(&(pair.from, pair.to)) {
            cost = cost.saturating_add(pair.cost);
        }
    }
    Ok((Recount { served_ml, cost }, needless))
}
