//! What demands hold on the board: taken, cleared and given back around a trial.

use super::board::Board;

/// What some demands held before a trial.
pub(super) type Memory = Vec<(usize, Vec<(u32, i64)>)>;

/// Takes the bottles if they are there and the lot limit allows.
pub(super) fn place(board: &mut Board<'_>, demand: usize, position: u32, bottles: i64) -> bool {
    let fits = board.available(position) >= bottles && board.lot_allowed(demand, position);
    if fits {
        board.take(demand, position, bottles);
    }
    fits
}

/// Gives a demand these bottles.
pub(super) fn load(board: &mut Board<'_>, demand: usize, lines: &[(u32, i64)]) {
    for (position, bottles) in lines {
        board.take(demand, *position, *bottles);
    }
}

/// Takes from some demands all that they hold; what it was.
pub(super) fn clear_all(board: &mut Board<'_>, demands: &[usize]) -> Memory {
    demands.iter().map(|demand| (*demand, board.clear(*demand))).collect()
}

/// Gives back what was held.
pub(super) fn restore(board: &mut Board<'_>, memory: &Memory) {
    for (demand, _) in memory {
        board.clear(*demand);
    }
    for (demand, lines) in memory {
        load(board, *demand, lines);
    }
}
