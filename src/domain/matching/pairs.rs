//! A problem's eligible pairs, laid out by demand for the flow to price. Refuses a pair that is listed twice.
#![expect(clippy::indexing_slicing, reason = "indices come from the validated problem")]

use super::flow::Columns;
use super::index::{at, id};
use super::model::{Arc, PlanError, Problem};
use std::borrow::Cow;
use std::ops::Range;

/// The problem's eligible pairs in demand order, with the cost of one unit.
#[derive(Debug, Clone)]
pub(super) struct Pairs<'a> {
    /// Sorted by demand, then supply.
    pub arcs: Cow<'a, [Arc]>,
    pub(super) start: Vec<u32>,
    /// Cost of one unit where the unit is not a bottle.
    pub(super) unit_cost: Option<Vec<i64>>,
}

impl<'a> Pairs<'a> {
    /// Sorts the arcs by demand and supply, without a copy where they are sorted already.
    ///
    /// # Errors
    /// [`PlanError::DuplicateArc`].
    pub(super) fn new(problem: &'a Problem) -> Result<Self, PlanError> {
        let arcs = if problem.arcs.is_sorted() {
            Cow::Borrowed(problem.arcs.as_slice())
        } else {
            let mut sorted = problem.arcs.clone();
            sorted.sort_unstable();
            Cow::Owned(sorted)
        };
        for pair in arcs.windows(2) {
            if pair[0].demand == pair[1].demand && pair[0].supply == pair[1].supply {
                return Err(PlanError::DuplicateArc { supply: pair[0].supply, demand: pair[0].demand });
            }
        }
        let mut start = vec![0_u32; problem.demands.len() + 1];
        for arc in arcs.iter() {
            start[at(arc.demand) + 1] += 1;
        }
        for d in 0..problem.demands.len() {
            start[d + 1] += start[d];
        }
        Ok(Self { arcs, start, unit_cost: None })
    }

    /// The same, on a copy of its own.
    pub(super) fn into_owned(self) -> Pairs<'static> {
        Pairs { arcs: Cow::Owned(self.arcs.into_owned()), start: self.start, unit_cost: self.unit_cost }
    }

    /// Adds the arcs of one more demand, sorted by supply.
    pub(super) fn push(&mut self, arcs: &[Arc]) {
        self.arcs.to_mut().extend_from_slice(arcs);
        self.start.push(id(self.arcs.len()));
    }

    /// Positions of a demand's arcs.
    #[inline]
    pub(super) fn of(&self, demand: usize) -> Range<usize> {
        at(self.start[demand])..at(self.start[demand + 1])
    }

    /// Position of the arc that joins the two.
    pub(super) fn find(&self, supply: u32, demand: u32) -> Option<usize> {
        let range = self.of(at(demand));
        let from = range.start;
        self.arcs[range].binary_search_by_key(&supply, |arc| arc.supply).ok().map(|offset| from + offset)
    }
}

impl Columns for Pairs<'_> {
    fn range(&self, demand: usize) -> Range<usize> {
        self.of(demand)
    }
    #[inline]
    fn column(&self, position: usize) -> (u32, i64) {
        let arc = &self.arcs[position];
        (arc.supply, self.unit_cost.as_ref().map_or(arc.cost, |cost| cost[position]))
    }
}
