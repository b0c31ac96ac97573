//! Changes to a solved network. Each only moves costs or adds to it, so the tree stays legal and the solver
//! can pivot on from where it was.

use super::{Columns, Flow, NONE, Node, ROOT};
use crate::domain::matching::index::{at, id};
use crate::domain::matching::model::PlanError;

impl Flow {
    /// Sets what a unit of the supply costs before it travels: 0, or so much that nothing leaves.
    pub(in crate::domain::matching) fn set_supply_cost(&mut self, supply: usize, cost: i64) {
        self.cost[at(self.first_feed) + supply] = cost;
    }

    /// Sets the loss of each unit the demand lacks, slice by slice; negative to let it have nothing.
    pub(in crate::domain::matching) fn set_losses(&mut self, demand: usize, losses: impl Iterator<Item = i64>) {
        for (arc, loss) in self.missing[demand].clone().zip(losses) {
            self.cost[at(arc)] = loss;
        }
    }

    /// Adds a demand after all others.
    pub(in crate::domain::matching) fn add_demand(&mut self, slices: &[(i64, i64)]) {
        let node = id(self.nodes.len());
        self.nodes.push(Node::BLANK);
        self.price.push(0);
        self.needs.push(slices.iter().map(|(amount, _)| amount).sum());
        self.hang_demand(node, slices);
    }

    /// Pivots on from the present tree after changes, and proves the answer.
    ///
    /// # Errors
    /// [`PlanError::Certificate`] if the proof fails.
    pub(in crate::domain::matching) fn pivot_on(&mut self, columns: &impl Columns) -> Result<(), PlanError> {
        self.reprice_all();
        self.resolve(columns)
    }

    /// Counts every price anew from the root.
    fn reprice_all(&mut self) {
        let mut node = self.nodes[at(ROOT)].first_child;
        while node != NONE && node != ROOT {
            let row = self.nodes[at(node)];
            let (above, cost) = (self.price[at(row.parent)], self.cost[at(row.pred)]);
            self.price[at(node)] = if row.down { above + cost } else { above - cost };
            if row.first_child != NONE {
                node = row.first_child;
                continue;
            }
            while node != ROOT && self.nodes[at(node)].next_sibling == NONE {
                node = self.nodes[at(node)].parent;
            }
            if node != ROOT {
                node = self.nodes[at(node)].next_sibling;
            }
        }
    }
}
