//! What a disturbed replay tells of itself: what went wrong, what the hub did about it, and whether each recall's list
//! was that of an independent walk.

use serde::Serialize;
use std::collections::BTreeMap;

/// Disturbances of a replay and what came of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Disturbances {
    /// Journeys on which the courier took half as long again or more.
    pub delayed_journeys: u64,
    /// Journeys whose logger was lost.
    pub lost_loggers: u64,
    /// Boxes without a single reading on which the hub found nothing to say; 0 when it holds what it must.
    pub undetected: u64,
    /// Excursions that the hub opened: warm, spike, gap, silent, seal.
    pub excursions_opened: u64,
    /// Milk of those journeys that was set aside at receipt, mL.
    pub held_before_acceptance_ml: i64,
    /// Milk of those journeys that became stock before anybody decided, mL; 0 when the hub holds what it must.
    pub accepted_before_decision_ml: i64,
    /// Requests whose milk was on those journeys.
    pub requests_hit: u64,
    /// Of them, those that were promised other milk.
    pub served_elsewhere: u64,
    /// Of them, those that still wait at the end.
    pub still_waiting: u64,
    /// Of them, those that their unit needed no more: the milk was found sound, or the infant went home.
    pub needed_no_more: u64,
    /// Recalls of the weeks, by what they started from.
    pub recalls: BTreeMap<String, u64>,
    /// Bottles that they listed.
    pub recalled_bottles: u64,
    /// Lots that came after the recall of their donor or pool and were kept in quarantine for it.
    pub lots_kept_back: u64,
    /// Recalls and drills that were closed with a reconciled count.
    pub recalls_closed: u64,
    /// Recalls whose bottles were on the road to the end.
    pub recalls_open: u64,
    /// Lists that were not those of an independent walk of the books; empty when the trace holds.
    pub lists_that_differ: Vec<String>,
    /// Drills, one before each recall.
    pub drills: u64,
    /// The longest that a drill took to find and list, microseconds.
    pub drill_listed_us: i64,
    /// Drills that changed the ledger; 0 when they touch no milk.
    pub drills_that_touched_milk: u64,
}

impl Disturbances {
    /// Did the hub hold everything that it must hold, whatever went wrong?
    #[must_use]
    pub const fn is_sound(&self) -> bool {
        self.undetected == 0
            && self.accepted_before_decision_ml == 0
            && self.lists_that_differ.is_empty()
            && self.drills_that_touched_milk == 0
    }
}
