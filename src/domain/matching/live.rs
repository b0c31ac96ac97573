//! A plan kept live: requests and supplies come and go, and only what a change touches is solved again.
//! Holds pure flows only; refuses problems that need the bounded search, which plan anew fast enough.
#![expect(clippy::indexing_slicing, reason = "indices are checked against the problem on entry")]

use super::index::{at, id};
use super::model::{Arc, Demand, PlanError, Problem, SPARE_DEMANDS};
use super::network::{Network, Pairs, one_size};
use super::plan::{Plan, exact};

/// A solved problem that takes changes.
#[derive(Debug, Clone)]
pub struct LivePlan {
    problem: Problem,
    network: Network<'static>,
    closed_supplies: Vec<bool>,
    closed_demands: Vec<bool>,
    planned_for: usize,
    spread: i64,
}

impl LivePlan {
    /// Solves the problem once.
    ///
    /// # Errors
    /// [`PlanError::NotAFlow`] where bottle sizes differ or rules break the flow; else as [`super::plan`].
    pub fn new(problem: Problem) -> Result<Self, PlanError> {
        problem.validate()?;
        let bottle_ml = one_size(&problem).ok_or(PlanError::NotAFlow)?;
        let pairs = Pairs::new(&problem)?.into_owned();
        let mut network = Network::in_bottles(&problem, pairs, bottle_ml)?;
        network.solve()?;
        exact(&problem, &network)?.ok_or(PlanError::NotAFlow)?;
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
        let given = &self.problem.supplies[at(supply)];
        if given.bottles > 0 {
            self.network.close_supply(at(supply), closed);
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
        self.network.close_demand(at(demand), closed);
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
        let fits = self.problem.demands.len() <= self.planned_for + SPARE_DEMANDS
            && self.problem.cost_spread() <= self.spread
            && self.network.fits(demand.volume_ml);
        if fits {
            self.network.add_demand(&demand, &arcs);
            return Ok(index);
        }
        self.solve_anew()?;
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

    /// Solves on from the last plan after any number of changes.
    ///
    /// # Errors
    /// [`PlanError::NotAFlow`] where the changes made a count bind; else [`PlanError::Certificate`].
    pub fn replan(&mut self) -> Result<Plan, PlanError> {
        self.network.pivot_on()?;
        exact(&self.problem, &self.network)?.ok_or(PlanError::NotAFlow)
    }
}
