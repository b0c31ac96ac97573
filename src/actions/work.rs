//! The hub's own work: what time alone brings about, then matching, then numbering events. Live hubs do it in
//! a loop; a hub under simulation does it when its clock is moved.

use super::matching::run_matching;
use super::{ActionError, Call, Hub, chain, closures, dispatch, expiry, offers, recalls, silence, surplus};
use crate::domain::time::Instant;
use crate::store::{due, relay};
use std::sync::atomic::Ordering;

/// Rounds after which work that keeps making work is left for the next call.
const MOST_ROUNDS: usize = 12;
/// Matching looks again after this time even if nothing changed: opening hours and carriers come and go.
const LOOK_AGAIN_MINUTES: i64 = 60;
/// Events numbered in one transaction.
const EVENTS_A_BATCH: i64 = 2_000;

/// Events after which a plan may look different. Custody steps, readings and feeds are not among them.
pub(super) fn concerns_matching(kind: &str) -> bool {
    const KINDS: [&str; 15] = [
        "agreement",
        "allocation",
        "closure",
        "courier",
        "exception",
        "excursion",
        "hold",
        "lot",
        "offer",
        "policy",
        "recall",
        "request",
        "site",
        "surplus",
        "transfer",
    ];
    kind.split_once('.').is_some_and(|(thing, _)| KINDS.contains(&thing))
}

/// What was done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WorkDone {
    /// Offers made.
    pub offers_made: usize,
    /// Things that time ended: offers, allocations, surplus, lots, closures.
    pub ended: usize,
    /// Rounds it took.
    pub rounds: usize,
}

/// Does everything that is due, until nothing is.
///
/// # Errors
/// Those of the store and of the matching.
pub async fn run_until_idle(hub: &Hub) -> Result<WorkDone, ActionError> {
    let mut done = WorkDone::default();
    for _ in 0..MOST_ROUNDS {
        done.rounds += 1;
        let ended = end_what_is_over(hub).await?;
        let made = match_if_needed(hub).await?;
        done.ended += ended;
        done.offers_made += made;
        if ended == 0 && made == 0 {
            break;
        }
    }
    number_events(hub).await?;
    Ok(done)
}

/// Ends what time has ended; the number of things ended.
async fn end_what_is_over(hub: &Hub) -> Result<usize, ActionError> {
    let now = hub.clock.now();
    if !hub
        .read(move |conn| {
            Ok(due::anything_due(conn, now)?
                || silence::any_silent(conn, now)?
                || recalls::any_overdue(conn, now)?
                || dispatch::watch::any_to_watch(conn, now)?
                || dispatch::carriers::any_overdue(conn, now)?)
        })
        .await?
    {
        return Ok(0);
    }
    let ended = hub
        .write_quietly(&Call::by_hub(), |tx| {
            Ok(offers::lapse_offers(tx)?
                + offers::lapse_allocations(tx)?
                + surplus::lapse_surplus(tx)?
                + expiry::expire_lots(tx)?
                + expiry::end_thawed(tx)?
                + closures::advance_closures(tx)?
                + silence::raise_silence(tx)?
                + recalls::escalate_recalls(tx)?
                + dispatch::carriers::lapse_carrier_offers(tx)?)
        })
        .await?;
    hub.write_quietly(&Call::by_hub(), dispatch::watch::watch_routes).await?;
    if ended > 0 {
        hub.unmatched.store(true, Ordering::SeqCst);
    }
    Ok(ended)
}

/// Matches if something changed since the last run, or if that run is long ago.
async fn match_if_needed(hub: &Hub) -> Result<usize, ActionError> {
    let now = hub.clock.now();
    let last = Instant::from_micros(hub.matched_at.load(Ordering::SeqCst));
    let changed = hub.unmatched.swap(false, Ordering::SeqCst);
    if !changed && now.minutes_since(last) < LOOK_AGAIN_MINUTES {
        return Ok(0);
    }
    hub.matched_at.store(now.micros(), Ordering::SeqCst);
    let outcome = run_matching(hub, if changed { "change" } else { "time" }).await;
    if outcome.is_err() {
        // What was not matched must be looked at again.
        hub.unmatched.store(true, Ordering::SeqCst);
    }
    let outcome = outcome?;
    if outcome.withdrawn > 0 {
        // What was taken back is planned anew at once.
        hub.unmatched.store(true, Ordering::SeqCst);
    }
    Ok(outcome.offers_made + outcome.withdrawn)
}

/// Gives committed events their places in the feed, and audit entries theirs in the chain.
///
/// # Errors
/// Those of the store.
pub async fn number_events(hub: &Hub) -> Result<(), ActionError> {
    give_places(hub).await?;
    chain::link_entries(hub).await
}

async fn give_places(hub: &Hub) -> Result<(), ActionError> {
    loop {
        if !hub.read(|conn| Ok(due::any_unnumbered_event(conn)?)).await? {
            return Ok(());
        }
        let numbered =
            hub.store.write(|conn| Ok::<_, ActionError>(relay::number_events(conn, EVENTS_A_BATCH)?)).await?;
        if numbered < EVENTS_A_BATCH {
            return Ok(());
        }
    }
}
