//! Moving the clock of a hub that was started to be simulated, and doing what has become due. Where the clock
//! stands is kept, so that a hub that was stopped goes on from there.

use super::{ActionError, Clock, Hub, IdSource, work};
use crate::domain::time::Instant;
use crate::store::{AnyConn, Store, StoreError, settings};

/// Where the clock stands, UTC microseconds.
const STANDS_AT: &str = "simulation.now";
/// How often a simulated hub was started on this database.
const STARTS: &str = "simulation.starts";
/// Identifiers that one start may draw before it would meet those of the next.
const IDS_A_START: u64 = 1 << 40;

/// The clock and the identifiers of a hub that is simulated: time goes on from where it stood, and begins at the
/// epoch on a new database. Identifiers are counted, so that the same calls give the same ledger; each start has a
/// range of its own.
///
/// # Errors
/// Those of the store; `Corrupt` for a kept value that is no number.
pub async fn resume(store: &Store) -> Result<(Clock, IdSource), ActionError> {
    let (now, starts) = store
        .write(|conn| {
            let now: i64 = kept(conn, STANDS_AT)?;
            let starts: u64 = kept(conn, STARTS)?;
            settings::keep_setting(conn, STARTS, &(starts + 1).to_string())?;
            Ok::<_, ActionError>((now, starts))
        })
        .await?;
    let first = starts.saturating_mul(IDS_A_START);
    Ok((Clock::simulated(Instant::from_micros(now)), IdSource::counted(first)))
}

fn kept<T: std::str::FromStr + Default>(conn: &mut AnyConn, name: &str) -> Result<T, ActionError> {
    let Some(text) = settings::find_setting(conn, name)? else { return Ok(T::default()) };
    let number = text.parse().ok();
    number.ok_or_else(|| ActionError::from(StoreError::corrupt(format!("setting {name} is no number"))))
}

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
    hub.store
        .write(move |conn| Ok::<_, ActionError>(settings::keep_setting(conn, STANDS_AT, &to.micros().to_string())?))
        .await?;
    let done = if run { work::run_until_idle(hub).await? } else { work::WorkDone::default() };
    Ok(ClockMoved { now: hub.clock.now(), offers_made: done.offers_made, work_done: done.ended })
}
