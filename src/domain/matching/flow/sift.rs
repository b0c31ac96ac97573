//! Sifting: solve with each demand's cheapest columns only, price all others once, add the worst
//! offenders, repeat. Most columns never enter the network.

use super::{Columns, Flow, LOWER, NONE, UNLIMITED};
use crate::domain::matching::index::{at, id};
use crate::domain::matching::model::PlanError;

/// Columns a demand starts with.
const FIRST: usize = 20;
/// Columns a demand may gain in one round.
const PER_ROUND: usize = 8;

impl Flow {
    /// Solves to the optimum over all columns and proves it.
    ///
    /// # Errors
    /// [`PlanError::Certificate`] if the proof fails.
    pub(in crate::domain::matching) fn solve(&mut self, columns: &impl Columns) -> Result<(), PlanError> {
        self.start_columns(columns);
        self.resolve(columns)
    }

    /// Pivots on from the present tree to the optimum over all columns and proves it.
    ///
    /// # Errors
    /// [`PlanError::Certificate`] if the proof fails.
    pub(in crate::domain::matching) fn resolve(&mut self, columns: &impl Columns) -> Result<(), PlanError> {
        loop {
            self.pivot_to_optimum()?;
            if !self.price_out(columns) {
                break;
            }
        }
        self.certify(columns)
    }

    fn demand_count(&self) -> usize {
        self.nodes.len() - at(self.first_demand)
    }

    fn add_column(&mut self, demand: usize, position: usize, supply: u32, cost: i64) {
        let head = self.first_demand + id(demand);
        self.push_arc(self.first_supply + supply, head, UNLIMITED, cost, 0, LOWER, id(position));
    }

    /// Adds each demand's cheapest columns.
    fn start_columns(&mut self, columns: &impl Columns) {
        let mut cheapest: Vec<(i64, usize, u32)> = Vec::new();
        for demand in 0..self.demand_count() {
            cheapest.clear();
            cheapest.extend(columns.range(demand).map(|position| {
                let (supply, cost) = columns.column(position);
                (cost, position, supply)
            }));
            if cheapest.len() > FIRST {
                cheapest.select_nth_unstable(FIRST);
                cheapest.truncate(FIRST);
            }
            cheapest.sort_unstable();
            for (cost, position, supply) in &cheapest {
                self.add_column(demand, *position, *supply, *cost);
            }
        }
    }

    /// Adds the most violated columns of every demand; false when there are none.
    fn price_out(&mut self, columns: &impl Columns) -> bool {
        let before = self.tail.len();
        let mut worst = [(0, NONE, 0, 0); PER_ROUND];
        for demand in 0..self.demand_count() {
            let here = self.demand_price(demand);
            let mut held = 0;
            for position in columns.range(demand) {
                let (supply, cost) = columns.column(position);
                let reduced = cost + self.supply_price(at(supply)) - here;
                if reduced >= 0 || (held == PER_ROUND && reduced >= worst[PER_ROUND - 1].0) {
                    continue;
                }
                let mut slot = if held < PER_ROUND { held } else { PER_ROUND - 1 };
                held = (held + 1).min(PER_ROUND);
                while slot > 0 && worst[slot - 1].0 > reduced {
                    worst[slot] = worst[slot - 1];
                    slot -= 1;
                }
                worst[slot] = (reduced, id(position), supply, cost);
            }
            for (_, position, supply, cost) in worst.iter().take(held) {
                self.add_column(demand, at(*position), *supply, *cost);
            }
        }
        self.tail.len() > before
    }
}
