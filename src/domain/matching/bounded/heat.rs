//! How far the search may stray: first after milk, then after cost, cooling down in stretches.

use super::board::{Board, Score};

/// How much worse a round may leave the plan, in points; a millilitre of the last tier counts so many of them.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Heat {
    pub points_per_ml: i64,
    pub points: i64,
    pub for_service: bool,
}

/// A stretch of the search that starts from the best plan so far and cools down.
pub(super) struct Phase {
    pub start: u32,
    length: u32,
    spent: u32,
    for_service: bool,
}

impl Phase {
    /// The stretch at this share of the work, in thousandths.
    pub(super) const fn at(spent: u32, for_service: bool) -> Self {
        let length = if for_service { 100 } else { 200 };
        Self { start: spent - spent % length, length, spent: spent % length, for_service }
    }

    pub(super) fn heat(&self, board: &Board<'_>) -> Heat {
        let left = i64::from(self.length - self.spent);
        let cool = |most: i64| most.saturating_mul(left) / i64::from(self.length);
        let line = (board.score.cost / board.size().max(1)).max(1);
        let served: i64 = board.score.served_ml.iter().sum();
        let per_ml = (board.score.cost / served.max(1)).max(1);
        let (points_per_ml, points) =
            if self.for_service { (per_ml * 10, cool(per_ml * 2000)) } else { (per_ml * 4, cool(line)) };
        Heat { points_per_ml, points, for_service: self.for_service }
    }
}

/// Weight of a tier when milk of one is set against milk of another.
pub(super) fn weight(tier: usize, tiers: usize) -> i64 {
    (1..tiers - tier).fold(1, |weight: i64, _| weight.saturating_mul(8))
}

/// Weighted millilitres lost.
pub(super) fn loss(before: &Score, after: &Score) -> i64 {
    let tiers = before.served_ml.len();
    let rows = before.served_ml.iter().zip(&after.served_ml).enumerate();
    rows.map(|(tier, (before, after))| (before - after).saturating_mul(weight(tier, tiers))).sum()
}
