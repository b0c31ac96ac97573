//! The proof of an optimum: flow is conserved and within bounds, and no arc or column is better than its
//! price (complementary slackness). One pass over all columns; a failure is an error, never a plan.

use super::{Columns, Flow};
use crate::domain::matching::index::at;
use crate::domain::matching::model::PlanError;

impl Flow {
    /// Proves the present flow optimal over all columns.
    ///
    /// # Errors
    /// [`PlanError::Certificate`] names the check that failed.
    pub(super) fn certify(&self, columns: &impl Columns) -> Result<(), PlanError> {
        let fail = |check| Err(PlanError::Certificate { check });
        let mut through = vec![0_i64; self.nodes.len()];
        for arc in 0..self.tail.len() {
            let (flow, cap) = (self.flow[arc], self.cap[arc]);
            if flow < 0 || flow > cap {
                return fail("flow within bounds");
            }
            let (tail, head) = (at(self.tail[arc]), at(self.head[arc]));
            let reduced = self.cost[arc] + self.price[tail] - self.price[head];
            if (reduced > 0 && flow > 0) || (reduced < 0 && flow < cap) {
                return fail("complementary slackness");
            }
            through[tail] -= flow;
            through[head] += flow;
        }
        for (node, net) in through.iter().enumerate().skip(1) {
            let needs = if node >= at(self.first_demand) { self.needs[node - at(self.first_demand)] } else { 0 };
            if *net != needs {
                return fail("conservation");
            }
        }
        for demand in 0..self.needs.len() {
            let here = self.demand_price(demand);
            for position in columns.range(demand) {
                let (supply, cost) = columns.column(position);
                if cost + self.supply_price(at(supply)) < here {
                    return fail("no better column");
                }
            }
        }
        Ok(())
    }
}
