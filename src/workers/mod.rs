//! Loops that do the hub's own work: timers, matching, numbering events. Each round asks what is due, does it in
//! short transactions and waits for a hint or for its patience to end; nothing here holds a transaction across I/O.

use crate::actions::work::run_until_idle;
use crate::actions::{Hub, WORK};
use std::time::Duration;
use tokio::task::JoinHandle;

/// Without a hint, work is looked for this often: hints may be lost.
const PATIENCE: Duration = Duration::from_secs(1);
/// After a failure the loop waits, so that a database that is down is not asked in a frenzy.
const AFTER_FAILURE: Duration = Duration::from_secs(2);

/// Starts the hub's own work. A simulated hub does its work when its clock is moved, so it gets no loop.
#[must_use]
pub fn start(hub: &Hub) -> Option<JoinHandle<()>> {
    if hub.settings.simulation {
        return None;
    }
    let hub = hub.clone();
    Some(tokio::spawn(async move {
        let mut hints = hub.coordination.subscribe();
        loop {
            match run_until_idle(&hub).await {
                Ok(_) => hints.wait_for(WORK, PATIENCE).await,
                Err(error) => {
                    tracing::warn!(%error, "the hub's own work failed; trying again");
                    tokio::time::sleep(AFTER_FAILURE).await;
                }
            }
        }
    }))
}
