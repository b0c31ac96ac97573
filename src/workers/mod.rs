//! Loops that do what nobody asks for: lapses and matching, numbering events, messages to partners, plannings left
//! behind, fresh keys, forgetting what is spent. Each round is safe to run twice, in two replicas at once, or to be cut off. A hub
//! under simulation has none but the keys' own: its work is done when its clock is moved.

use crate::actions::dispatch::plans;
use crate::actions::identity::Authority;
use crate::actions::webhooks::sending;
use crate::actions::{ActionError, Hub, WORK, upkeep, work};
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

/// The hub looks for work this often, hinted or not: hints may be lost.
const LOOK_FOR_WORK_EVERY: Duration = Duration::from_secs(1);
/// Events are numbered at least this often.
const NUMBER_EVERY: Duration = Duration::from_millis(250);
const TEND_KEYS_EVERY: Duration = Duration::from_secs(300);
/// Plannings that a process left behind are taken up this often.
const RESUME_PLANS_EVERY: Duration = Duration::from_secs(20);
/// Messages to partners are looked for this often.
const SEND_EVERY: Duration = Duration::from_millis(500);
/// The lease of who looks for them.
const WEBHOOKS: &str = "webhooks";
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
    loops.push(tokio::spawn(send_messages(hub.clone(), Arc::clone(authority))));
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

/// A slow receiver holds up nobody else: each address is sent to by itself, and the store sees to it that only one
/// process does so at a time.
async fn send_messages(hub: Hub, authority: Arc<Authority>) {
    let places = Arc::new(Semaphore::new(sending::AT_ONCE));
    loop {
        if hub.coordination.lease(WEBHOOKS, LEASE).await {
            match sending::find_due(&hub).await {
                Ok(due) => {
                    for id in due {
                        let Ok(place) = Arc::clone(&places).try_acquire_owned() else { break };
                        let (hub, authority) = (hub.clone(), Arc::clone(&authority));
                        tokio::spawn(async move {
                            if let Err(error) = sending::send_waiting(&hub, authority.vault(), id).await {
                                tracing::warn!(%error, webhook = %id, "messages were not sent; it is tried again");
                            }
                            drop(place);
                        });
                    }
                }
                Err(error) => pause_after(WEBHOOKS, &error).await,
            }
        }
        tokio::time::sleep(SEND_EVERY).await;
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
