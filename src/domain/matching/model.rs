//! A matching problem in compact integer rows: what may be given, who asks, which pairs are eligible
//! and what each costs. Refuses rows that point nowhere, negative amounts and weights that could overflow.

use super::index::{at, count, id};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// No problem may be larger than this in any list, so that 32-bit indices always fit.
const MAX_ROWS: usize = 1 << 30;
/// Amounts above this (one million litres) are a mistake, not milk.
const MAX_ML: i64 = 1_000_000_000;
/// Cost points per bottle or per fixed use above this are a mistake of the policy.
const MAX_COST: i64 = 1_000_000_000_000;
/// So many demands may be added to a live plan before its weights are made anew.
pub(super) const SPARE_DEMANDS: usize = 64;
/// The most urgency tiers a policy may have.
pub const MAX_TIERS: u8 = 8;
/// The most fairness slices a policy may have.
pub const MAX_SLICES: u8 = 16;

/// A matching problem.
///
/// Equal plans are told apart by the position of supplies and demands: list them in a documented order
/// (for example supplies by expiry, distance, id; demands by tier, need, id). The order of `arcs`,
/// `pairs` and the ids given to groups, lots and sites never matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Problem {
    /// Holding sites, with what may leave them.
    pub groups: Vec<Group>,
    /// Bottles that may be given: one row per lot and bottle size.
    pub supplies: Vec<Supply>,
    /// Requests.
    pub demands: Vec<Demand>,
    /// Eligible pairs. A pair that breaks any safety rule must not be listed; a price is never a filter.
    pub arcs: Vec<Arc>,
    /// Cost paid once when any bottle goes from a group to a site.
    pub pairs: Vec<PairCost>,
    /// The rules of this run.
    pub rules: PlanRules,
}

/// A site that holds bottles.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Group {
    /// Millilitres that may be allocated out of this group (stock less reserve); `None` = all of it.
    pub cap_ml: Option<i64>,
}

/// Equal bottles of one lot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Supply {
    /// Index into `Problem::groups`.
    pub group: u32,
    /// The lot; supplies with the same number are bottle sizes of one lot.
    pub lot: u32,
    /// Millilitres in one bottle.
    pub bottle_ml: i64,
    /// Whole bottles on offer.
    pub bottles: i64,
}

/// A request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Demand {
    /// The receiving site, in the caller's numbering (used by `PairCost::to`).
    pub site: u32,
    /// Urgency, 1 = first.
    pub tier: u8,
    /// Millilitres still needed.
    pub volume_ml: i64,
    /// At most this many distinct lots, where `PlanRules::max_lots` is set.
    pub max_lots: Option<u8>,
    /// All of the volume or nothing, where `PlanRules::all_or_nothing` is set.
    pub all_or_nothing: bool,
}

/// An eligible pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Arc {
    /// Index into `Problem::demands`.
    pub demand: u32,
    /// Index into `Problem::supplies`.
    pub supply: u32,
    /// Cost points of one bottle.
    pub cost: i64,
}

/// A fixed cost for using a way from a group to a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PairCost {
    /// Index into `Problem::groups`.
    pub from: u32,
    /// `Demand::site`.
    pub to: u32,
    /// Cost points, paid once.
    pub cost: i64,
}

/// The rules of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanRules {
    /// Number of urgency tiers, 1 to 8.
    pub tiers: u8,
    /// Each request is split in this many equal parts and first parts are served first within a tier; 1 = off.
    /// Costs no millilitre of any tier.
    pub fairness_slices: u8,
    /// Whether `Demand::max_lots` binds.
    pub max_lots: bool,
    /// Whether `Demand::all_or_nothing` binds.
    pub all_or_nothing: bool,
    /// Cost points once per lot used by a request.
    pub fixed_lot_cost: i64,
    /// Rounds of improvement where the plan cannot be proven at once. Work, not time, so that a plan repeats.
    pub effort: u32,
    /// Seed of the improvement rounds.
    pub seed: u64,
}

impl Default for PlanRules {
    fn default() -> Self {
        Self {
            tiers: 4,
            fairness_slices: 4,
            max_lots: true,
            all_or_nothing: true,
            fixed_lot_cost: 0,
            effort: 200,
            seed: 1,
        }
    }
}

/// Why there is no plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// A row points outside its list or holds a number outside its range.
    #[error("{row}[{position}].{field} is out of range")]
    OutOfRange {
        /// The list.
        row: &'static str,
        /// The position in the list.
        position: usize,
        /// The field.
        field: &'static str,
    },
    /// Two arcs join the same supply and demand.
    #[error("supply {supply} and demand {demand} are joined twice")]
    DuplicateArc {
        /// The supply.
        supply: u32,
        /// The demand.
        demand: u32,
    },
    /// The weights that keep tiers apart would not fit 64 bits.
    #[error("costs are too large to keep {tiers} tiers apart exactly")]
    Overflow {
        /// The number of tiers.
        tiers: u8,
    },
    /// The solver's answer did not prove itself; it is withheld.
    #[error("the plan failed its proof: {check}")]
    Certificate {
        /// The check that failed.
        check: &'static str,
    },
    /// A counterfactual was asked for a pair that is not eligible or not possible.
    #[error("supply {supply} is not eligible for demand {demand}, or has no bottle that could be given")]
    NotEligible {
        /// The supply.
        supply: u32,
        /// The demand.
        demand: u32,
    },
}

impl Problem {
    /// Checks every row once, so that the solver may trust indices and sums.
    ///
    /// # Errors
    /// [`PlanError::OutOfRange`] names the first bad field.
    pub fn validate(&self) -> Result<(), PlanError> {
        let bad = |row, position, field| Err(PlanError::OutOfRange { row, position, field });
        if self.rules.tiers == 0 || self.rules.tiers > MAX_TIERS {
            return bad("rules", 0, "tiers");
        }
        if self.rules.fairness_slices == 0 || self.rules.fairness_slices > MAX_SLICES {
            return bad("rules", 0, "fairness_slices");
        }
        if !(0..=MAX_COST).contains(&self.rules.fixed_lot_cost) {
            return bad("rules", 0, "fixed_lot_cost");
        }
        for (row, len) in [
            ("groups", self.groups.len()),
            ("supplies", self.supplies.len()),
            ("demands", self.demands.len()),
            ("arcs", self.arcs.len()),
            ("pairs", self.pairs.len()),
        ] {
            if len >= MAX_ROWS {
                return bad(row, len, "count");
            }
        }
        for (i, group) in self.groups.iter().enumerate() {
            if group.cap_ml.is_some_and(|cap| cap < 0) {
                return bad("groups", i, "cap_ml");
            }
        }
        for (i, supply) in self.supplies.iter().enumerate() {
            if at(supply.group) >= self.groups.len() {
                return bad("supplies", i, "group");
            }
            if !(1..=MAX_ML).contains(&supply.bottle_ml) {
                return bad("supplies", i, "bottle_ml");
            }
            if supply.bottles < 0 || supply.bottles > MAX_ML / supply.bottle_ml {
                return bad("supplies", i, "bottles");
            }
        }
        for (i, demand) in self.demands.iter().enumerate() {
            if demand.tier == 0 || demand.tier > self.rules.tiers {
                return bad("demands", i, "tier");
            }
            if !(0..=MAX_ML).contains(&demand.volume_ml) {
                return bad("demands", i, "volume_ml");
            }
        }
        self.validate_links()
    }

    fn validate_links(&self) -> Result<(), PlanError> {
        let bad = |row, position, field| Err(PlanError::OutOfRange { row, position, field });
        for (i, arc) in self.arcs.iter().enumerate() {
            if at(arc.supply) >= self.supplies.len() {
                return bad("arcs", i, "supply");
            }
            if at(arc.demand) >= self.demands.len() {
                return bad("arcs", i, "demand");
            }
            if !(-MAX_COST..=MAX_COST).contains(&arc.cost) {
                return bad("arcs", i, "cost");
            }
        }
        let mut seen = BTreeSet::new();
        for (i, pair) in self.pairs.iter().enumerate() {
            if at(pair.from) >= self.groups.len() {
                return bad("pairs", i, "from");
            }
            if !(0..=MAX_COST).contains(&pair.cost) {
                return bad("pairs", i, "cost");
            }
            if !seen.insert((pair.from, pair.to)) {
                return bad("pairs", i, "to");
            }
        }
        Ok(())
    }

    /// The same problem with groups and lots numbered as supplies first name them, so that numbers given by a caller
    /// break no tie; without a copy where they are in that order already.
    pub(super) fn in_order(&self) -> Cow<'_, Self> {
        let groups = first_named(self.supplies.iter().map(|row| row.group));
        let lots = first_named(self.supplies.iter().map(|row| row.lot));
        if groups.is_sorted() && lots.is_sorted() {
            return Cow::Borrowed(self);
        }
        let number = |named: &[u32]| -> BTreeMap<u32, u32> { named.iter().copied().zip(0..).collect() };
        let (mut groups, lots) = (groups, number(&lots));
        let used: BTreeSet<u32> = groups.iter().copied().collect();
        groups.extend((0..id(self.groups.len())).filter(|group| !used.contains(group)));
        let by_name = number(&groups);
        let group = |old: u32| by_name.get(&old).copied().unwrap_or(old);
        let mut named = self.clone();
        named.groups = groups.iter().filter_map(|old| self.groups.get(at(*old)).copied()).collect();
        for row in &mut named.supplies {
            (row.group, row.lot) = (group(row.group), lots.get(&row.lot).copied().unwrap_or(row.lot));
        }
        for pair in &mut named.pairs {
            pair.from = group(pair.from);
        }
        Cow::Owned(named)
    }

    /// The largest absolute arc cost and whether any is negative, as a bound on one step of a trade.
    pub(super) fn cost_spread(&self) -> i64 {
        let most = self.arcs.iter().map(|arc| arc.cost).max().unwrap_or(0).max(0);
        let least = self.arcs.iter().map(|arc| arc.cost).min().unwrap_or(0).min(0);
        most - least
    }

    /// The longest alternating chain a simple trade can have, with [`SPARE_DEMANDS`] more.
    pub(super) fn chain(&self) -> i64 {
        count(self.supplies.len().min(self.demands.len() + SPARE_DEMANDS))
    }
}

/// Each number once, in the order in which it is first named.
fn first_named(numbers: impl Iterator<Item = u32>) -> Vec<u32> {
    let mut seen = BTreeSet::new();
    numbers.filter(|number| seen.insert(*number)).collect()
}
