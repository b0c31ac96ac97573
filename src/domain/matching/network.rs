//! A problem as a flow network, in one of two units: whole bottles where one size makes the flow exact,
//! or millilitres, where the flow is a bound and a guide. Refuses weights that could overflow.
#![expect(clippy::indexing_slicing, reason = "indices come from the validated problem")]

use super::flow::{Columns, Flow, Layout, UNLIMITED};
use super::index::{at, gcd};
use super::model::{Arc, Demand, PlanError, Problem};
pub(super) use super::pairs::Pairs;

/// Losses and prices stay below this, so that sums of a few of them fit 64 bits.
const MAX_LOSS: i64 = 1 << 58;
/// Bottle sizes whose least common multiple passes this are priced by a rounded-down scale.
const MAX_SCALE: i64 = 100_000;

/// Weights that make one linear objective lexicographic.
///
/// A simple trade passes the root at most once, so it gives at most one more unit to one tier and takes at
/// most one from another. It is enough that a unit of a tier outweighs the dearest unit of the next tier, all
/// fairness in one unit and the cost of the longest chain of swaps.
#[derive(Debug, Clone)]
pub(super) struct Weights {
    /// More than any chain of swaps can cost, twice over, so that a price splits into steps and points.
    pub step: i64,
    /// Loss of one millilitre unit, per tier.
    pub tier: Vec<i64>,
    slices: i64,
}

impl Weights {
    fn new(problem: &Problem, spread: i64, units_per_bottle: i64) -> Result<Self, PlanError> {
        let tiers = problem.rules.tiers;
        let overflow = PlanError::Overflow { tiers };
        let slices = if problem.rules.fairness_slices > 1 { i64::from(problem.rules.fairness_slices) } else { 0 };
        let step = spread
            .checked_add(1)
            .and_then(|one| one.checked_mul(2 * (problem.chain() + 1)))
            .and_then(|chain| chain.checked_add(1))
            .ok_or_else(|| overflow.clone())?;
        let mut tier = vec![0; usize::from(tiers)];
        let mut below = 0_i64;
        for value in tier.iter_mut().rev() {
            below = below
                .checked_mul(units_per_bottle)
                .and_then(|lost| lost.checked_add(step.checked_mul(slices + 1)?))
                .filter(|value| *value < MAX_LOSS / units_per_bottle.max(1))
                .ok_or_else(|| overflow.clone())?;
            *value = below;
        }
        Ok(Self { step, tier, slices })
    }

    /// Loss when portion `number` of `portions` (each of `units` millilitre units) is missing.
    fn loss(&self, tier: u8, units: i64, number: i64, portions: i64) -> i64 {
        let fairness = if self.slices > 0 { self.slices - number * self.slices / portions } else { 0 };
        units * self.tier[usize::from(tier) - 1] + fairness * self.step
    }

    /// Losses of a demand served in bottles of one size.
    fn of_bottles(&self, demand: &Demand, bottle_ml: i64, unit: i64) -> Vec<(i64, i64)> {
        let bottles = demand.volume_ml.div_euclid(bottle_ml) + i64::from(demand.volume_ml % bottle_ml > 0);
        let last = demand.volume_ml - (bottles - 1).max(0) * bottle_ml;
        self.losses(demand.tier, bottles, bottle_ml / unit, last / unit)
    }

    /// Consecutive equal losses, dearest first: (how many portions, loss of each).
    fn losses(&self, tier: u8, portions: i64, units: i64, last_units: i64) -> Vec<(i64, i64)> {
        let mut list: Vec<(i64, i64)> = Vec::new();
        let full = if last_units == units { portions } else { portions - 1 };
        let mut from = 0;
        while from < full {
            // The last portion of the slice that `from` lies in.
            let slice = if self.slices > 0 { from * self.slices / portions } else { 0 };
            let until = if self.slices > 0 { ((slice + 1) * portions + self.slices - 1) / self.slices } else { full };
            let until = until.min(full);
            list.push((until - from, self.loss(tier, units, from, portions)));
            from = until;
        }
        if full < portions {
            list.push((1, self.loss(tier, last_units, portions - 1, portions)));
        }
        list
    }
}

/// A problem's network, ready to solve.
#[derive(Debug, Clone)]
pub(super) struct Network<'a> {
    pub flow: Flow,
    pub pairs: Pairs<'a>,
    pub weights: Weights,
    /// Millilitres of one flow unit.
    pub unit_ml: i64,
    /// Costs in the network are this many times the problem's.
    pub scale: i64,
    /// The flow is the plan, not a bound.
    pub whole_bottles: bool,
    /// Per demand: (units, loss of each while it is missing), dearest first.
    losses: Vec<Vec<(i64, i64)>>,
    /// A price at or above this means "may not leave".
    pub forbidding: i64,
    /// Volumes are whole multiples of this.
    step_ml: i64,
}

impl<'a> Network<'a> {
    /// The network whose optimum is the exact plan: all bottles are of one size.
    ///
    /// # Errors
    /// [`PlanError::Overflow`].
    pub(super) fn in_bottles(problem: &Problem, pairs: Pairs<'a>, bottle_ml: i64) -> Result<Self, PlanError> {
        Self::around(problem, pairs, bottle_ml, None)
    }

    /// The same, beside one bottle of a supply that is already promised to a demand.
    ///
    /// # Errors
    /// [`PlanError::Overflow`].
    pub(super) fn around(
        problem: &Problem,
        pairs: Pairs<'a>,
        bottle_ml: i64,
        promised: Option<(u32, u32)>,
    ) -> Result<Self, PlanError> {
        let unit = problem.demands.iter().fold(bottle_ml, |unit, demand| gcd(unit, demand.volume_ml));
        let weights = Weights::new(problem, problem.cost_spread(), bottle_ml / unit)?;
        let demands = problem.demands.iter().map(|demand| weights.of_bottles(demand, bottle_ml, unit));
        let mut layout = Layout {
            groups: groups(problem, bottle_ml),
            supplies: problem.supplies.iter().map(|supply| (supply.group, supply.bottles)).collect(),
            demands: demands.collect(),
            forbidding: 4 * weights.tier[0] * (bottle_ml / unit).max(1),
            ..Layout::default()
        };
        if let Some((supply, demand)) = promised {
            layout.supplies[at(supply)].1 -= 1;
            let group = at(layout.supplies[at(supply)].0);
            layout.groups[group] -= i64::from(layout.groups[group] < UNLIMITED);
            if let Some(first) = layout.demands[at(demand)].first_mut() {
                first.0 -= 1;
            }
        }
        Ok(Self { step_ml: unit, ..Self::laid_out(layout, pairs, weights, bottle_ml, 1, true) })
    }

    fn laid_out(
        layout: Layout,
        pairs: Pairs<'a>,
        weights: Weights,
        unit_ml: i64,
        scale: i64,
        whole_bottles: bool,
    ) -> Self {
        let flow = Flow::new(&layout);
        let forbidding = layout.forbidding;
        Self {
            flow,
            pairs,
            weights,
            unit_ml,
            scale,
            whole_bottles,
            losses: layout.demands,
            forbidding,
            step_ml: unit_ml,
        }
    }

    /// The network in millilitres: bottles may be split, so its optimum bounds every plan.
    ///
    /// # Errors
    /// [`PlanError::Overflow`].
    pub(super) fn in_millilitres(problem: &Problem, mut pairs: Pairs<'a>) -> Result<Self, PlanError> {
        let of_bottles = problem.supplies.iter().fold(0, |unit, supply| gcd(unit, supply.bottle_ml));
        let unit = problem.demands.iter().fold(of_bottles, |unit, demand| gcd(unit, demand.volume_ml)).max(1);
        let scale = problem.supplies.iter().fold(1_i64, |scale, supply| {
            let units = supply.bottle_ml / unit;
            scale.saturating_mul(units / gcd(scale, units))
        });
        let scale = if scale > MAX_SCALE { MAX_SCALE } else { scale };
        let unit_cost: Vec<i64> = pairs
            .arcs
            .iter()
            .map(|arc| {
                let units = i128::from(problem.supplies[at(arc.supply)].bottle_ml / unit);
                let cost = (i128::from(arc.cost) * i128::from(scale)).div_euclid(units.max(1));
                i64::try_from(cost).unwrap_or(i64::MAX)
            })
            .collect();
        let most = unit_cost.iter().copied().max().unwrap_or(0).max(0);
        let least = unit_cost.iter().copied().min().unwrap_or(0).min(0);
        let weights = Weights::new(problem, most.saturating_sub(least), 1)?;
        pairs.unit_cost = Some(unit_cost);
        let layout = Layout {
            groups: groups(problem, unit),
            supplies: problem.supplies.iter().map(|s| (s.group, s.bottles * (s.bottle_ml / unit))).collect(),
            demands: problem.demands.iter().map(|d| weights.losses(d.tier, d.volume_ml / unit, 1, 1)).collect(),
            forbidding: 4 * weights.tier[0],
            ..Layout::default()
        };
        Ok(Self::laid_out(layout, pairs, weights, unit, scale, false))
    }

    /// The least cost of giving each tier what `served_ml` says, in the problem's points, rounded up: with split
    /// bottles, without counts and fixed costs, so no plan with this service is cheaper.
    ///
    /// # Errors
    /// [`PlanError::Certificate`].
    pub(super) fn least_cost(&self, problem: &Problem, served_ml: &[i64]) -> Result<i64, PlanError> {
        let mut asked = vec![0_i64; served_ml.len()];
        let need = |slices: &Vec<(i64, i64)>| slices.iter().map(|(units, _)| units).sum::<i64>();
        let tier = |demand: &Demand| usize::from(demand.tier) - 1;
        for (demand, slices) in problem.demands.iter().zip(&self.losses) {
            asked[tier(demand)] += need(slices);
        }
        // A whole-bottle network counts bottles: a partly used one may be missing, but never more than that.
        let given = served_ml.iter().map(|ml| ml / self.unit_ml);
        let free = asked.iter().zip(given).map(|(asked, given)| (asked - given).max(0));
        let layout = Layout {
            groups: groups(problem, self.unit_ml),
            supplies: problem.supplies.iter().map(|s| (s.group, s.bottles * (s.bottle_ml / self.unit_ml))).collect(),
            demands: self.losses.iter().map(|slices| vec![(need(slices), 0)]).collect(),
            tiers: free.map(|units| (units, self.weights.tier[0])).collect(),
            tier_of: problem.demands.iter().map(tier).collect(),
            forbidding: self.forbidding,
        };
        let mut flow = Flow::new(&layout);
        flow.solve(&self.pairs)?;
        Ok(self.points(self.carried(&flow)))
    }

    /// Cost of what flows over columns, in the network's points.
    fn carried(&self, flow: &Flow) -> i128 {
        let mut cost = 0_i128;
        flow.each_used(|column, amount| {
            cost += i128::from(self.pairs.column(at(column)).1) * i128::from(amount);
        });
        cost
    }

    /// The network's points as the problem's, rounded up.
    fn points(&self, cost: i128) -> i64 {
        let scale = i128::from(self.scale);
        i64::try_from(cost.div_euclid(scale) + i128::from(cost.rem_euclid(scale) > 0)).unwrap_or(i64::MIN)
    }

    /// Lets nothing leave the supply, or lets it leave again.
    pub(super) fn close_supply(&mut self, supply: usize, closed: bool) {
        self.flow.set_supply_cost(supply, if closed { self.forbidding } else { 0 });
    }

    /// Lets the demand have nothing, or takes it back in.
    pub(super) fn close_demand(&mut self, demand: usize, closed: bool) {
        let none = -self.forbidding;
        self.flow.set_losses(demand, self.losses[demand].iter().map(|(_, loss)| if closed { none } else { *loss }));
    }

    /// Adds a demand and its arcs (sorted by supply) after all others, where bottles are the unit.
    pub(super) fn add_demand(&mut self, demand: &Demand, arcs: &[Arc]) {
        let losses = self.weights.of_bottles(demand, self.unit_ml, self.step_ml);
        self.flow.add_demand(&losses);
        self.losses.push(losses);
        self.pairs.push(arcs);
    }

    /// Whether volumes of this size fit the network's weights.
    pub(super) const fn fits(&self, volume_ml: i64) -> bool {
        volume_ml % self.step_ml == 0
    }

    /// Solves on after changes and proves the answer.
    ///
    /// # Errors
    /// [`PlanError::Certificate`].
    pub(super) fn pivot_on(&mut self) -> Result<(), PlanError> {
        self.flow.pivot_on(&self.pairs)
    }

    /// Solves the network and proves the answer.
    ///
    /// # Errors
    /// [`PlanError::Certificate`].
    pub(super) fn solve(&mut self) -> Result<(), PlanError> {
        self.flow.solve(&self.pairs)
    }

    /// Millilitres that each tier gets in the solved network.
    pub(super) fn served_ml(&self, problem: &Problem) -> Vec<i64> {
        let mut given = vec![0_i64; problem.demands.len()];
        self.flow.each_used(|column, amount| given[at(self.pairs.arcs[at(column)].demand)] += amount);
        let mut served = vec![0; usize::from(problem.rules.tiers)];
        for (demand, units) in problem.demands.iter().zip(given) {
            served[usize::from(demand.tier) - 1] += (units * self.unit_ml).min(demand.volume_ml);
        }
        served
    }

    /// Loss of serving these millilitres per demand, in the network's weights.
    pub(super) fn loss(&self, problem: &Problem, got_ml: &[i64]) -> i128 {
        let mut loss = 0_i128;
        for ((portions, demand), got) in self.losses.iter().zip(&problem.demands).zip(got_ml) {
            let served = (*got).min(demand.volume_ml);
            let mut given = served / self.unit_ml + i64::from(served % self.unit_ml > 0);
            for (units, each) in portions {
                let missing = (units - given).max(0);
                given = (given - units).max(0);
                loss += i128::from(missing) * i128::from(*each);
            }
        }
        loss
    }

    /// The least loss that any plan can have, give or take cost.
    pub(super) fn least_loss(&self) -> i128 {
        self.flow.total() - self.carried(&self.flow)
    }

    /// The cost of the flow itself, in the problem's points.
    pub(super) fn own_cost(&self) -> i64 {
        self.points(self.carried(&self.flow))
    }

    /// Bottles per arc position, where the unit is a bottle.
    pub(super) fn bottles(&self) -> Vec<(u32, i64)> {
        let mut used = Vec::new();
        self.flow.each_used(|column, amount| used.push((column, amount)));
        used.sort_unstable();
        used
    }
}

/// Caps per group in units, `UNLIMITED` where the cap cannot bind.
fn groups(problem: &Problem, unit_ml: i64) -> Vec<i64> {
    let mut stock = vec![0_i64; problem.groups.len()];
    for supply in &problem.supplies {
        stock[at(supply.group)] += supply.bottles * supply.bottle_ml;
    }
    let caps = problem.groups.iter().zip(stock).map(|(group, stock)| match group.cap_ml {
        Some(cap) if cap < stock => cap / unit_ml,
        _ => UNLIMITED,
    });
    caps.collect()
}

/// The one bottle size of the problem, if there is only one (an empty problem has size 1).
pub(super) fn one_size(problem: &Problem) -> Option<i64> {
    let mut sizes = problem.supplies.iter().map(|supply| supply.bottle_ml);
    let first = sizes.next().unwrap_or(1);
    sizes.all(|size| size == first).then_some(first)
}
