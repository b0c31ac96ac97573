//! Plans from prices: the demands' own choices where they fit together, the others choose again from what is left.

use super::board::Board;
use super::ceiling::{Ceiling, Tariff};
use super::pattern::Bid;

/// Demands above the question's tier come first at any price that this many times a millilitre's worth outdoes.
const ABOVE: i64 = 64;

impl Ceiling<'_> {
    /// Whether this look is one of those whose choices are made a plan.
    pub(super) fn wants_repair(&self, look: u32) -> bool {
        let every = if self.bids.len() > 100 { 8 } else { 2 };
        look.is_multiple_of(every)
    }

    /// Makes the choices of the last look a plan; keeps it where it serves more than the floor.
    pub(super) fn repair(&mut self, tariff: &Tariff, look: u32) {
        let guide = self.guide;
        let mut board = Board::new(guide);
        let mut dear = tariff.clone();
        dear.tier.iter_mut().take(self.tier).for_each(|worth| *worth = worth.saturating_mul(ABOVE));
        let mut order: Vec<usize> = (0..self.choice.len()).collect();
        order.sort_by_key(|index| {
            let demand = self.choice[*index].0;
            let row = &guide.problem.demands[demand];
            let first = match look / 2 % 3 {
                0 => -self.gain[demand],
                1 => -row.volume_ml,
                _ => -self.gain[demand] / row.volume_ml.max(1),
            };
            (row.tier, first)
        });
        let choice = std::mem::take(&mut self.choice);
        for tier in order.chunk_by(|a, b| guide.tier(choice[*a].0) == guide.tier(choice[*b].0)) {
            let mut waiting = Vec::new();
            for index in tier {
                let (demand, lines) = &choice[*index];
                if !Self::load_all(&mut board, *demand, lines) {
                    waiting.push(*demand);
                }
            }
            for demand in waiting.iter().chain(&waiting).chain(tier.iter().map(|index| &choice[*index].0)) {
                self.choose_left(&mut board, *demand, &dear);
            }
            let number = guide.tier(choice[tier[0]].0);
            if board.score.served_ml[..=number.min(self.tier)] < self.best[..=number.min(self.tier)] {
                self.choice = choice;
                return;
            }
        }
        let served = &board.score.served_ml[..=self.tier];
        if *served > self.best[..=self.tier] {
            let lines = board.held.iter().enumerate().filter(|(_, held)| !held.is_empty());
            self.found = Some(lines.map(|(demand, held)| (demand, held.clone())).collect());
            self.best[..=self.tier].copy_from_slice(served);
            self.above = served[..self.tier] != self.floor[..self.tier];
            self.floor[self.tier] = self.floor[self.tier].max(served[self.tier]);
        }
        self.choice = choice;
    }

    fn load_all(board: &mut Board<'_>, demand: usize, lines: &[(u32, i64)]) -> bool {
        if lines.is_empty() {
            return false;
        }
        for (position, bottles) in lines {
            if board.available(*position) < *bottles {
                board.clear(demand);
                return false;
            }
            board.take(demand, *position, *bottles);
        }
        board.trim(demand);
        true
    }

    /// A short demand chooses again from what is free and what it holds, and keeps that where it serves more.
    fn choose_left(&mut self, board: &mut Board<'_>, demand: usize, tariff: &Tariff) {
        if !board.short(demand) {
            return;
        }
        let before = board.got[demand];
        let held = board.clear(demand);
        let row = self.guide.problem.demands[demand];
        let mut wish = self.offer(demand, tariff, &mut |bid: &Bid| {
            let most = bid.useful.min(board.available(bid.position));
            Bid { most, least: 0, ..*bid }
        });
        (wish.must, wish.least_ml) = (false, 0);
        self.pattern.choose(&wish);
        for (index, bottles) in &self.pattern.taken {
            let bid = &self.pattern.bids[*index];
            let fits = (*bottles).min(board.available(bid.position));
            if fits > 0 {
                board.take(demand, bid.position, fits);
            }
        }
        board.trim(demand);
        let failed = self.guide.whole(&row) && board.short(demand);
        if failed || board.got[demand] < before {
            board.clear(demand);
            for (position, bottles) in held {
                board.take(demand, position, bottles);
            }
        }
    }
}
