//! Loops that do what nobody asks for: lapses and matching, numbering events, plannings left behind, fresh keys,
//! forgetting what is spent. Each round is safe to run twice, in two replicas at once, or to be cut off. A hub
//! under simulation has none but the keys' own: its work is done when its clock is moved.

use crate::actions::dispatch::plans;
use crate::actions::identity::Authority;
use crate::actions::{ActionError, Hub, WORK, upkeep, work};
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::task::JoinHandle;

/// The hub looks for work this often, hinted or not: hints may be lost.
const LOOK_FOR_WORK_EVERY: Duration = Duration::from_secs(1);
/// Events are numbered at least this often.
const NUMBER_EVERY: Duration = Duration::from_millis(250);
const TEND_KEYS_EVERY: Duration = Duration::from_secs(300);
/// Plannings that a process left behind are taken up this often.
const RESUME_PLANS_EVERY: Duration = Duration::from_secs(20);
const FORGET_EVERY: Duration = Duration::from_secs(3600);
/// Who works keeps the lease for this long; another replica takes over after it.
const LEASE: Duration = Duration::from_secs(10);
/// After a failed round the next one waits this long.
const AFTER_FAILURE: Duration = Duration::from_secs(2);

/// Starts the loops; aborting them is safe at any time.
#[must_use]
pub fn start(hub: &Hub, authority: &Arc<Authority>) -> Vec<JoinHandle<()>> {
    let tended = Arc::clone(authority);
    let mut loops = vec![every(TEND_KEYS_EVERY, "keys", move || {
        let authority = Arc::clone(&tended);
        async move { authority.tend_keys().await }
    })];
    if hub.clock.is_simulated() {
        return loops;
    }
    loops.push(tokio::spawn(do_due_work(hub.clone())));
    let numbering = hub.clone();
    loops.push(every(NUMBER_EVERY, "events", move || {
        let hub = numbering.clone();
        async move { work::number_events(&hub).await }
    }));
    let planning = hub.clone();
    loops.push(every(RESUME_PLANS_EVERY, "plans", move || {
        let hub = planning.clone();
        async move { plans::resume(&hub).await.map(drop) }
    }));
    let forgetting = hub.clone();
    loops.push(every(FORGET_EVERY, "forgetting", move || {
        let hub = forgetting.clone();
        async move { upkeep::forget_spent(&hub).await }
    }));
    loops
}

async fn do_due_work(hub: Hub) {
    let mut hints = hub.coordination.subscribe();
    loop {
        // What this replica changed it matches itself; what time brings about one replica does for all.
        let ours = hub.unmatched.load(Ordering::SeqCst) || hub.coordination.lease(WORK, LEASE).await;
        if ours && let Err(error) = work::run_until_idle(&hub).await {
            pause_after(WORK, &error).await;
        }
        let _hinted = hints.wait_for(WORK, LOOK_FOR_WORK_EVERY).await;
    }
}

fn every<F>(pause: Duration, name: &'static str, round: impl Fn() -> F + Send + 'static) -> JoinHandle<()>
where
    F: Future<Output = Result<(), ActionError>> + Send,
{
    tokio::spawn(async move {
        loop {
            match round().await {
                Ok(()) => tokio::time::sleep(pause).await,
                Err(error) => pause_after(name, &error).await,
            }
        }
    })
}

async fn pause_after(name: &str, error: &ActionError) {
    tracing::warn!(%error, work = name, "a round of background work failed; it is tried again");
    tokio::time::sleep(AFTER_FAILURE).await;
}
