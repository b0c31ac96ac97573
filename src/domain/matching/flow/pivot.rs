//! One pivot: find an arc worth more than its price, push flow round its cycle, swap it into the tree.
//! Trees stay strongly feasible (the root can always send one more unit to every node), which rules out cycling.

use super::{Flow, LOWER, NONE, TREE, UNLIMITED, UPPER};
use crate::domain::matching::index::at;
use crate::domain::matching::model::PlanError;

/// What a cycle allows: how much, and the lowest node of the tree arc that stops it on each side.
struct Blocking {
    toward_tail: (i64, u32),
    toward_head: (i64, u32),
    join: u32,
}

impl Flow {
    /// Pivots until no arc of the network is worth entering.
    ///
    /// # Errors
    /// [`PlanError::Certificate`] if the number of pivots passes any that a correct run could need.
    pub(super) fn pivot_to_optimum(&mut self) -> Result<(), PlanError> {
        let limit = self.pivots + 200 * u64::try_from(self.tail.len()).unwrap_or(0) + 10_000_000;
        let block = (self.tail.len().isqrt() / 2).max(16);
        while let Some(arc) = self.find_entering(block) {
            self.enter(arc);
            if self.pivots > limit {
                return Err(PlanError::Certificate { check: "the solver did not finish" });
            }
        }
        Ok(())
    }

    /// The most violated arc of the next block that has any.
    fn find_entering(&mut self, block: usize) -> Option<usize> {
        let arcs = self.tail.len();
        let (mut best, mut entering) = (0, None);
        let mut start = if self.next < arcs { self.next } else { 0 };
        let mut seen = 0;
        while seen < arcs {
            let end = arcs.min(start + block).min(start + arcs - seen);
            for arc in start..end {
                let reduced = i64::from(self.state[arc])
                    * (self.cost[arc] + self.price[at(self.tail[arc])] - self.price[at(self.head[arc])]);
                if reduced < best {
                    best = reduced;
                    entering = Some(arc);
                }
            }
            seen += end - start;
            start = if end == arcs { 0 } else { end };
            if entering.is_some() {
                break;
            }
        }
        self.next = start;
        entering
    }

    /// Pushes as much as fits round the cycle that the arc closes, and swaps tree arcs.
    fn enter(&mut self, arc: usize) {
        self.pivots += 1;
        let forward = self.state[arc] == LOWER;
        let (first, second) = if forward { (self.tail[arc], self.head[arc]) } else { (self.head[arc], self.tail[arc]) };
        let Blocking { toward_tail, toward_head, join } = self.blocking(first, second);
        let own = self.cap[arc];
        // The first blocking arc in the direction of the flow leaves: that keeps the tree strongly feasible.
        let amount = toward_tail.0.min(own).min(toward_head.0);
        if amount > 0 {
            self.push(arc, forward, amount, first, second, join);
        }
        let (cut, node, parent) = if toward_tail.0 == amount {
            (toward_tail.1, first, second)
        } else if own == amount {
            self.state[arc] = -self.state[arc];
            return;
        } else {
            (toward_head.1, second, first)
        };
        let leaving = at(self.nodes[at(cut)].pred);
        self.state[leaving] = if self.flow[leaving] == 0 { LOWER } else { UPPER };
        self.state[arc] = TREE;
        self.rehang(cut, node, parent, crate::domain::matching::index::id(arc));
    }

    /// Climbs from both ends to their join and finds the tightest arc on each side.
    fn blocking(&self, first: u32, second: u32) -> Blocking {
        let (mut tail_side, mut head_side) = ((UNLIMITED, NONE), (UNLIMITED, NONE));
        let (mut u, mut v) = (first, second);
        while u != v {
            if self.nodes[at(u)].depth >= self.nodes[at(v)].depth {
                let row = &self.nodes[at(u)];
                let pred = at(row.pred);
                let left = if row.down { self.cap[pred] - self.flow[pred] } else { self.flow[pred] };
                if left <= tail_side.0 {
                    tail_side = (left, u);
                }
                u = row.parent;
            } else {
                let row = &self.nodes[at(v)];
                let pred = at(row.pred);
                let left = if row.down { self.flow[pred] } else { self.cap[pred] - self.flow[pred] };
                if left < head_side.0 {
                    head_side = (left, v);
                }
                v = row.parent;
            }
        }
        Blocking { toward_tail: tail_side, toward_head: head_side, join: u }
    }

    fn push(&mut self, arc: usize, forward: bool, amount: i64, first: u32, second: u32, join: u32) {
        self.flow[arc] += if forward { amount } else { -amount };
        let mut node = first;
        while node != join {
            let row = &self.nodes[at(node)];
            self.flow[at(row.pred)] += if row.down { amount } else { -amount };
            node = row.parent;
        }
        node = second;
        while node != join {
            let row = &self.nodes[at(node)];
            self.flow[at(row.pred)] -= if row.down { amount } else { -amount };
            node = row.parent;
        }
    }
}
