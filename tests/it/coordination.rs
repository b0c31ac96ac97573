//! Coordination over a real Redis: what two processes share, and what happens when the server goes away.

use crate::store::fixture::block_on;
use milkbridge::coordination::{Coordination, CoordinationState};
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

const MINUTE: Duration = Duration::from_secs(60);

/// Two hubs of one installation; `None` when there is no server and none is required.
#[expect(clippy::disallowed_methods, reason = "tests are told by the environment which servers they may use")]
fn two_hubs() -> Option<(Coordination, Coordination)> {
    let Ok(url) = std::env::var("TEST_REDIS_URL") else {
        assert!(
            std::env::var("MILKBRIDGE_TEST_REQUIRE").as_deref() != Ok("1"),
            "TEST_REDIS_URL is not set, and MILKBRIDGE_TEST_REQUIRE=1 forbids leaving out redis"
        );
        eprintln!("left out: redis (TEST_REDIS_URL is not set)");
        return None;
    };
    let prefix = format!("test:{}:", Uuid::new_v4());
    let hub = || Coordination::redis(&url, &prefix).expect("a Redis URL");
    Some((hub(), hub()))
}

#[test]
fn a_limit_holds_over_all_hubs() {
    block_on(async {
        let Some((one, two)) = two_hubs() else { return };
        assert!(one.hit("caller", 2, MINUTE).await.allowed);
        let second = two.hit("caller", 2, MINUTE).await;
        assert!(second.allowed && second.remaining == 0, "{second:?}");
        assert!(!one.hit("caller", 2, MINUTE).await.allowed);
        assert!(!two.hit("caller", 2, MINUTE).await.allowed);
    });
}

#[test]
fn a_hint_reaches_the_other_hub() {
    block_on(async {
        let Some((one, two)) = two_hubs() else { return };
        let mut hints = two.subscribe();
        // Nobody tells when the other hub begins to listen, and hints may be lost: say it until it is heard.
        let heard = async { while &*hints.next().await != "offers" {} };
        let said = async {
            let mut beat = tokio::time::interval(Duration::from_millis(20));
            loop {
                beat.tick().await;
                one.hint("offers");
            }
        };
        let outcome = tokio::time::timeout(MINUTE, async {
            tokio::select! { () = heard => true, () = said => false }
        });
        assert_eq!(outcome.await, Ok(true));
    });
}

#[test]
fn one_hub_at_a_time_holds_a_lease() {
    block_on(async {
        let Some((one, two)) = two_hubs() else { return };
        assert!(one.lease("work", MINUTE).await);
        assert!(one.lease("work", MINUTE).await);
        assert!(!two.lease("work", MINUTE).await);
        assert!(two.lease("other work", MINUTE).await);
    });
}

#[test]
fn what_one_hub_made_the_other_finds() {
    block_on(async {
        let Some((one, two)) = two_hubs() else { return };
        let made = one.cached("board", MINUTE, async { Ok::<Arc<[u8]>, ()>(Arc::from(&b"page"[..])) }).await;
        let found = two.cached("board", MINUTE, async { Err::<Arc<[u8]>, _>(()) }).await;
        assert_eq!(made, found);
        assert_eq!(one.state().await, CoordinationState::Shared);
    });
}
