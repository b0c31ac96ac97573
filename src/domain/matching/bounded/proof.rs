//! How much work a search may do, and what it proved with it.

use crate::domain::matching::plan::Pace;

/// Milk is looked for until the first share of the work, in thousandths, then proof until the second, and so on while
/// anything is in doubt; what is left after that lowers the cost.
const TURNS: [(u32, u32); 3] = [(100, 200), (320, 820), (870, 900)];
/// The same where there are many demands, so that a look takes long.
const LONG_TURNS: [(u32, u32); 3] = [(250, 850), (900, 900), (900, 900)];
const MANY: usize = 100;

/// The turns for so many demands.
pub(super) const fn turns(demands: usize) -> [(u32, u32); 3] {
    if demands > MANY { LONG_TURNS } else { TURNS }
}

/// What the work is measured by: rounds, and a caller's time limit.
pub(in crate::domain::matching) struct Budget<'p> {
    effort: u64,
    used: u64,
    pace: &'p mut dyn FnMut() -> Pace,
}

impl<'p> Budget<'p> {
    pub(in crate::domain::matching) fn new(effort: u32, pace: &'p mut dyn FnMut() -> Pace) -> Self {
        Self { effort: u64::from(effort), used: 0, pace }
    }

    /// Uses some rounds' worth of work; the share spent, in thousandths.
    pub(super) fn spend(&mut self, rounds: u64) -> u32 {
        self.used += rounds;
        let share = (self.used * 1000).checked_div(self.effort).unwrap_or(1000);
        u32::try_from(share).unwrap_or(1000).max((self.pace)().permille())
    }
}

/// What is proven about a plan's service: no plan that serves the tiers above as `at` says gives a tier more.
#[derive(Debug, Default)]
pub(in crate::domain::matching) struct Proof {
    pub(super) at: Vec<i64>,
    pub(super) most: Vec<i64>,
    /// A service, and what no plan that gives it costs less than, in points.
    pub(super) floor: Option<(Vec<i64>, i64)>,
}

impl Proof {
    /// The most that tier `tier` (from 0) may get beside this service of the tiers above, where it is proven.
    pub(in crate::domain::matching) fn most(&self, tier: usize, served: &[i64]) -> Option<i64> {
        self.most.get(tier).filter(|_| self.at.get(..tier) == served.get(..tier)).copied()
    }

    /// What no plan with this service costs less than, where anything is proven.
    pub(in crate::domain::matching) fn least_cost(&self, served: &[i64]) -> Option<i64> {
        self.floor.as_ref().filter(|(at, _)| at == served).map(|(_, points)| *points)
    }

    /// What was proven before of the same service holds as well.
    pub(super) fn learn(&mut self, before: &Self) {
        for tier in 0..self.most.len() {
            let known = before.most(tier, &self.at);
            self.most[tier] = self.most[tier].min(known.unwrap_or(i64::MAX));
        }
    }

    pub(super) fn is_complete(&self, served: &[i64]) -> bool {
        !served.is_empty() && (0..served.len()).all(|tier| self.most(tier, served) == Some(served[tier]))
    }
}
