//! Integer min-cost flow by a network simplex with sifting. The network is a star from one root:
//! root → group → supply → demand, and root → demand for milk that stays missing, so that the plan
//! "nothing is given" is a legal start. Refuses nothing: every network of this shape has an optimum.
#![expect(clippy::indexing_slicing, reason = "hot loops; every index is made here and checked by certify()")]

mod certify;
mod pivot;
mod sift;
mod tree;
mod warm;

use super::index::{at, id};

/// The root node, where all milk starts.
pub(super) const ROOT: u32 = 0;
/// "No node" and "no arc" in the tree's links.
const NONE: u32 = u32::MAX;
/// A capacity that never binds.
pub(super) const UNLIMITED: i64 = i64::MAX / 4;

/// An arc's place: at its lower bound, in the tree, or at its upper bound.
const LOWER: i8 = 1;
const TREE: i8 = 0;
const UPPER: i8 = -1;

/// The eligible pairs, listed by demand, not all of which ever enter the network.
pub(super) trait Columns {
    /// Positions of the demand's columns.
    fn range(&self, demand: usize) -> std::ops::Range<usize>;
    /// Supply and cost of the column.
    fn column(&self, position: usize) -> (u32, i64);
}

#[derive(Debug, Clone, Copy)]
struct Node {
    parent: u32,
    pred: u32,
    first_child: u32,
    next_sibling: u32,
    prev_sibling: u32,
    depth: u32,
    /// The tree arc points from the parent to this node.
    down: bool,
}

impl Node {
    const BLANK: Self = Self {
        parent: NONE,
        pred: NONE,
        first_child: NONE,
        next_sibling: NONE,
        prev_sibling: NONE,
        depth: 0,
        down: true,
    };
}

/// A flow network with its spanning tree, solved in place.
#[derive(Debug, Clone)]
pub(super) struct Flow {
    tail: Vec<u32>,
    head: Vec<u32>,
    cost: Vec<i64>,
    cap: Vec<i64>,
    flow: Vec<i64>,
    state: Vec<i8>,
    /// Column of each arc that came from one, `NONE` for the root's own arcs.
    column: Vec<u32>,
    nodes: Vec<Node>,
    /// Cost of one more unit at the node, counted from the root.
    price: Vec<i64>,
    next: usize,
    pivots: u64,
    first_supply: u32,
    first_demand: u32,
    /// What each demand node takes in all, given or missing.
    needs: Vec<i64>,
    /// The arc that feeds each supply, in supply order from this one on.
    first_feed: u32,
    /// The arcs of what is missing, per demand.
    missing: Vec<std::ops::Range<u32>>,
}

/// What the caller lays out: all amounts in the same unit.
#[derive(Debug, Default)]
pub(super) struct Layout {
    /// Capacity per group, `UNLIMITED` where none.
    pub groups: Vec<i64>,
    /// Group and amount per supply.
    pub supplies: Vec<(u32, i64)>,
    /// Per demand: (amount, loss per unit missing), dearest loss first.
    pub demands: Vec<Vec<(i64, i64)>>,
    /// Per tier: (units that may be missing at no loss, loss of each beyond). Empty where demands have losses of their own.
    pub tiers: Vec<(i64, i64)>,
    /// Position in `tiers` per demand, where there are any.
    pub tier_of: Vec<usize>,
    /// A cost above every loss: what a supply that may give nothing would ask.
    pub forbidding: i64,
}

impl Flow {
    /// The network of a layout with nothing given: a strongly feasible tree without artificial arcs.
    pub(super) fn new(layout: &Layout) -> Self {
        let groups = layout.groups.len();
        let sources = 1 + groups + layout.tiers.len();
        let total = sources + layout.supplies.len() + layout.demands.len();
        let mut flow = Self {
            tail: Vec::new(),
            head: Vec::new(),
            cost: Vec::new(),
            cap: Vec::new(),
            flow: Vec::new(),
            state: Vec::new(),
            column: Vec::new(),
            nodes: vec![Node::BLANK; total],
            price: vec![0; total],
            next: 0,
            pivots: 0,
            first_supply: id(sources),
            first_demand: id(sources + layout.supplies.len()),
            first_feed: id(groups),
            missing: Vec::with_capacity(layout.demands.len()),
            needs: layout.demands.iter().map(|slices| slices.iter().map(|(amount, _)| amount).sum()).collect(),
        };
        for (g, cap) in layout.groups.iter().enumerate() {
            flow.hang_source(ROOT, id(1 + g), *cap, layout.forbidding);
        }
        for (s, (group, amount)) in layout.supplies.iter().enumerate() {
            let open = layout.groups[at(*group)] >= UNLIMITED;
            let parent = if open { ROOT } else { 1 + group };
            flow.hang_source(parent, flow.first_supply + id(s), *amount, layout.forbidding);
        }
        flow.hang_tiers(layout);
        for (d, slices) in layout.demands.iter().enumerate() {
            let node = flow.first_demand + id(d);
            if let Some(tier) = layout.tier_of.get(d) {
                flow.hang(id(1 + groups + tier), node, UNLIMITED, 0, flow.needs[d]);
                continue;
            }
            flow.hang_demand(node, slices);
        }
        flow
    }

    #[expect(clippy::too_many_arguments, reason = "one row of the arc table")]
    fn push_arc(&mut self, tail: u32, head: u32, cap: i64, cost: i64, flow: i64, state: i8, column: u32) -> u32 {
        let arc = id(self.tail.len());
        self.tail.push(tail);
        self.head.push(head);
        self.cost.push(cost);
        self.cap.push(cap);
        self.flow.push(flow);
        self.state.push(state);
        self.column.push(column);
        arc
    }

    /// Hangs a demand by the loss of what it lacks.
    fn hang_demand(&mut self, node: u32, slices: &[(i64, i64)]) {
        // The dearest slice hangs the demand in the tree; it may never fill up, so that the tree stays strong.
        let from = id(self.tail.len());
        let (amount, loss) = slices.first().copied().unwrap_or((0, 0));
        self.hang(ROOT, node, UNLIMITED, loss, amount);
        for (amount, loss) in slices.iter().skip(1) {
            self.push_arc(ROOT, node, *amount, *loss, *amount, UPPER, NONE);
        }
        self.missing.push(from..id(self.tail.len()));
    }

    /// Hangs a node per tier, through which what is missing in the tier as a whole flows.
    fn hang_tiers(&mut self, layout: &Layout) {
        for (t, (free, loss)) in layout.tiers.iter().enumerate() {
            let node = id(1 + layout.groups.len() + t);
            let here = layout.tier_of.iter().zip(&self.needs).filter(|(tier, _)| **tier == t);
            let all: i64 = here.map(|(_, need)| need).sum();
            let missing = all.min(*free);
            self.hang(ROOT, node, UNLIMITED, *loss, all - missing);
            self.push_arc(ROOT, node, missing, 0, missing, UPPER, NONE);
        }
    }

    /// Hangs a group or supply. One that may give nothing is priced out instead of capped at zero, because a
    /// tree arc that can carry nothing more would break the strong tree.
    fn hang_source(&mut self, parent: u32, node: u32, cap: i64, forbidding: i64) {
        if cap > 0 {
            self.hang(parent, node, cap, 0, 0);
        } else {
            self.hang(parent, node, UNLIMITED, forbidding, 0);
        }
    }

    /// Hangs a new node under its parent by a tree arc that points down.
    fn hang(&mut self, parent: u32, node: u32, cap: i64, cost: i64, flow: i64) {
        let arc = self.push_arc(parent, node, cap, cost, flow, TREE, NONE);
        let above = self.nodes[at(parent)].depth;
        let row = &mut self.nodes[at(node)];
        row.pred = arc;
        row.depth = above + 1;
        row.down = true;
        self.price[at(node)] = self.price[at(parent)] + cost;
        self.attach(node, parent);
    }

    /// Calls `each(column, amount)` for every column that carries milk, in no particular order.
    pub(super) fn each_used(&self, mut each: impl FnMut(u32, i64)) {
        for (arc, column) in self.column.iter().enumerate() {
            if *column != NONE && self.flow[arc] > 0 {
                each(*column, self.flow[arc]);
            }
        }
    }

    /// Price of one more unit of the supply, counted from the root.
    pub(super) fn supply_price(&self, supply: usize) -> i64 {
        self.price[at(self.first_supply) + supply]
    }

    /// Price of one more unit out of the group; 0 where nothing limits the group.
    pub(super) fn group_price(&self, group: usize) -> i64 {
        if self.cap[group] >= UNLIMITED { 0 } else { self.price[1 + group] }
    }

    /// Price of one more unit at the demand.
    pub(super) fn demand_price(&self, demand: usize) -> i64 {
        self.price[at(self.first_demand) + demand]
    }

    /// Total cost of the flow, with the losses of what stays missing.
    pub(super) fn total(&self) -> i128 {
        self.cost.iter().zip(&self.flow).map(|(cost, flow)| i128::from(*cost) * i128::from(*flow)).sum()
    }
}
