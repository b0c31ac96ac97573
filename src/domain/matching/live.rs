//! A plan kept live: requests and supplies come and go, and only what a change touches is solved again.
//! A pure flow is solved on from where it was; where fees, counts or bottle sizes need the search, what is open is
//! planned from the start.
#![expect(clippy::indexing_slicing, reason = "indices are checked against the problem on entry")]

use super::index::{at, id};
use super::model::{Arc, Demand, PlanError, Problem, SPARE_DEMANDS};
use super::network::{Network, Pairs, one_size};
use super::plan::{Plan, exact, is_priced, plan};

/// A solved problem that takes changes.
#[derive(Debug, Clone)]
pub struct LivePlan {
    problem: Problem,
    /// The solved flow; none where fees, counts or several bottle sizes make the plan more than a flow.
    network: Option<Network<'static>>,
    closed_supplies: Vec<bool>,
    closed_demands: Vec<bool>,
    planned_for: usize,
    spread: i64,
}

impl LivePlan {
    /// Solves the problem once, where it is a flow.
    ///
    /// # Errors
    /// As [`super::plan`].
    pub fn new(problem: Problem) -> Result<Self, PlanError> {
        problem.validate()?;
        let pairs = Pairs::new(&problem)?.into_owned();
        let mut network = None;
        if let Some(bottle_ml) = one_size(&problem).filter(|_| !is_priced(&problem)) {
            let mut flow = Network::in_bottles(&problem, pairs, bottle_ml)?;
            flow.solve()?;
            network = Some(flow);
        }
        Ok(Self {
            closed_supplies: vec![false; problem.supplies.len()],
            closed_demands: vec![false; problem.demands.len()],
            planned_for: problem.demands.len(),
            spread: problem.cost_spread(),
            problem,
            network,
        })
    }

    /// Lets nothing leave a supply (held, recalled, expired), or lets it leave again.
    ///
    /// # Errors
    /// [`PlanError::OutOfRange`] for a supply that is not there.
    pub fn close_supply(&mut self, supply: u32, closed: bool) -> Result<(), PlanError> {
        let row = PlanError::OutOfRange { row: "supplies", position: at(supply), field: "index" };
        *self.closed_supplies.get_mut(at(supply)).ok_or(row)? = closed;
        if let Some(network) = self.network.as_mut().filter(|_| self.problem.supplies[at(supply)].bottles > 0) {
            network.close_supply(at(supply), closed);
        }
        Ok(())
    }

    /// Withdraws a request (cancelled, fulfilled), or takes it back in.
    ///
    /// # Errors
    /// [`PlanError::OutOfRange`] for a request that is not there.
    pub fn close_demand(&mut self, demand: u32, closed: bool) -> Result<(), PlanError> {
        let row = PlanError::OutOfRange { row: "demands", position: at(demand), field: "index" };
        *self.closed_demands.get_mut(at(demand)).ok_or(row)? = closed;
        if let Some(network) = &mut self.network {
            network.close_demand(at(demand), closed);
        }
        Ok(())
    }

    /// Adds a request with its eligible supplies and the cost of a bottle of each; returns its index.
    /// A request whose volume changed is closed and added anew.
    ///
    /// # Errors
    /// As [`super::plan`] for the new rows, which are then not added.
    pub fn add_demand(&mut self, demand: Demand, supplies: &[(u32, i64)]) -> Result<u32, PlanError> {
        let index = id(self.problem.demands.len());
        let mut arcs: Vec<Arc> =
            supplies.iter().map(|(supply, cost)| Arc { demand: index, supply: *supply, cost: *cost }).collect();
        arcs.sort_unstable();
        let alone = Problem {
            demands: vec![demand],
            arcs: arcs.iter().map(|arc| Arc { demand: 0, ..*arc }).collect(),
            groups: self.problem.groups.clone(),
            supplies: self.problem.supplies.clone(),
            pairs: Vec::new(),
            rules: self.problem.rules,
        };
        alone.validate()?;
        Pairs::new(&alone)?;
        self.problem.demands.push(demand);
        self.problem.arcs.extend_from_slice(&arcs);
        self.closed_demands.push(false);
        let spare = self.problem.demands.len() <= self.planned_for + SPARE_DEMANDS;
        let fits = spare && self.problem.cost_spread() <= self.spread;
        match self.network.as_mut() {
            None => {}
            Some(network) if fits && network.fits(demand.volume_ml) => network.add_demand(&demand, &arcs),
            Some(_) => self.solve_anew()?,
        }
        Ok(index)
    }

    /// The weights no longer hold: builds the network again, with what is closed closed.
    fn solve_anew(&mut self) -> Result<(), PlanError> {
        let mut anew = Self::new(self.problem.clone())?;
        for (supply, closed) in self.closed_supplies.iter().enumerate().filter(|(_, closed)| **closed) {
            anew.close_supply(id(supply), *closed)?;
        }
        for (demand, closed) in self.closed_demands.iter().enumerate().filter(|(_, closed)| **closed) {
            anew.close_demand(id(demand), *closed)?;
        }
        *self = anew;
        Ok(())
    }

    /// Solves on from the last plan after any number of changes; where a rule that no flow can hold is priced or binds,
    /// plans what is open from the start.
    ///
    /// # Errors
    /// As [`super::plan`].
    pub fn replan(&mut self) -> Result<Plan, PlanError> {
        if let Some(network) = &mut self.network {
            network.pivot_on()?;
            if let Some(plan) = exact(&self.problem, network)? {
                return Ok(plan);
            }
        }
        plan(&self.open())
    }

    /// The problem with what is closed emptied; every row keeps its place.
    fn open(&self) -> Problem {
        let mut open = self.problem.clone();
        let supplies = open.supplies.iter_mut().zip(&self.closed_supplies);
        supplies.filter(|(_, closed)| **closed).for_each(|(row, _)| row.bottles = 0);
        let demands = open.demands.iter_mut().zip(&self.closed_demands);
        demands.filter(|(_, closed)| **closed).for_each(|(row, _)| row.volume_ml = 0);
        open
    }
}
