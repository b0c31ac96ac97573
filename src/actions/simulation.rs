//! Moving the clock of a hub that was started to be simulated, and doing what has become due.

use super::{ActionError, Hub, work};
use crate::domain::time::Instant;

/// What a move of the clock brought about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockMoved {
    /// The hub's time.
    pub now: Instant,
    /// Offers that matching made.
    pub offers_made: usize,
    /// Things that time ended.
    pub work_done: usize,
}

/// Moves the clock forward and, when `run` is set, does everything that is due before it answers.
///
/// # Errors
/// `NotFound` on a hub that is not simulated, `Conflict` for a time that has passed, and those of the work.
pub async fn move_clock(hub: &Hub, to: Instant, run: bool) -> Result<ClockMoved, ActionError> {
    if !hub.settings.simulation {
        return Err(ActionError::NotFound { what: "clock" });
    }
    if !hub.clock.advance(to) {
        return Err(ActionError::conflict("clock_never_goes_back", format!("it is {} already", hub.clock.now())));
    }
    let done = if run { work::run_until_idle(hub).await? } else { work::WorkDone::default() };
    Ok(ClockMoved { now: hub.clock.now(), offers_made: done.offers_made, work_done: done.ended })
}
