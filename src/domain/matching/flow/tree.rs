//! The spanning tree's links: attach, detach, and re-hang a subtree by another of its nodes.

use super::{Flow, NONE};
use crate::domain::matching::index::at;

impl Flow {
    /// Puts the node first among its parent's children.
    pub(super) fn attach(&mut self, node: u32, parent: u32) {
        let next = self.nodes[at(parent)].first_child;
        self.nodes[at(parent)].first_child = node;
        if next != NONE {
            self.nodes[at(next)].prev_sibling = node;
        }
        let row = &mut self.nodes[at(node)];
        row.parent = parent;
        row.next_sibling = next;
        row.prev_sibling = NONE;
    }

    fn detach(&mut self, node: u32) {
        let row = self.nodes[at(node)];
        if row.prev_sibling == NONE {
            self.nodes[at(row.parent)].first_child = row.next_sibling;
        } else {
            self.nodes[at(row.prev_sibling)].next_sibling = row.next_sibling;
        }
        if row.next_sibling != NONE {
            self.nodes[at(row.next_sibling)].prev_sibling = row.prev_sibling;
        }
    }

    /// Cuts the subtree of `cut` off its parent and hangs it by `node` (inside it) under `parent`, by `arc`.
    pub(super) fn rehang(&mut self, cut: u32, node: u32, parent: u32, arc: u32) {
        let (mut node_now, mut parent_now, mut arc_now) = (node, parent, arc);
        let mut down = self.head[at(arc)] == node;
        loop {
            let row = self.nodes[at(node_now)];
            self.detach(node_now);
            self.attach(node_now, parent_now);
            let moved = &mut self.nodes[at(node_now)];
            moved.pred = arc_now;
            moved.down = down;
            if node_now == cut {
                break;
            }
            (parent_now, node_now, arc_now) = (node_now, row.parent, row.pred);
            down = !row.down;
        }
        self.reprice(node);
    }

    /// Recomputes depth and price below a node that was hung elsewhere.
    fn reprice(&mut self, top: u32) {
        let row = self.nodes[at(top)];
        let cost = self.cost[at(row.pred)];
        let above = self.price[at(row.parent)];
        let shift = if row.down { above + cost } else { above - cost } - self.price[at(top)];
        let mut node = top;
        loop {
            let row = self.nodes[at(node)];
            let depth = self.nodes[at(row.parent)].depth + 1;
            self.nodes[at(node)].depth = depth;
            self.price[at(node)] += shift;
            if row.first_child != NONE {
                node = row.first_child;
                continue;
            }
            while node != top && self.nodes[at(node)].next_sibling == NONE {
                node = self.nodes[at(node)].parent;
            }
            if node == top {
                return;
            }
            node = self.nodes[at(node)].next_sibling;
        }
    }
}
