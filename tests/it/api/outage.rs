//! The database goes away while the hub serves: 503 with a time to come back, and nobody has to restart it.

use crate::hub::region::{balanced_ledger, request_body};
use crate::hub::wire::{Answer, new_key};
use crate::hub::{Home, TestHub};
use crate::store::fixture::block_on;
use crate::store::proxy::Proxy;
use milkbridge::config::Secret;
use reqwest::Method;

fn assert_unavailable(answer: Answer) {
    assert!(answer.header("retry-after").is_some_and(|seconds| seconds.parse::<u32>().is_ok()), "{}", answer.text);
    answer.problem(503, "unavailable");
}

#[test]
fn a_dead_database_is_503_and_the_hub_recovers_by_itself() {
    let Some(home) = Home::postgres() else { return };
    let url = home.database_url().unwrap().to_owned();
    let server = url.split_once('@').unwrap().1.split(['/', '?']).next().unwrap().to_owned();
    let mut proxy = Proxy::to(&server);
    let through_proxy = Secret::new(url.replacen(&server, &proxy.address(), 1));
    block_on(async {
        let hub = TestHub::start_with(home, |config| config.database_url = Some(through_proxy)).await;
        let unit = hub.manager_at(&hub.region.unit).await;
        let key = new_key();
        let body = request_body(&hub.region.unit, "I-1", 500);
        let post = || unit.ask(Method::POST, "/v1/requests").header("idempotency-key", &key).json(&body).send();
        proxy.cut();
        assert_unavailable(unit.get("/v1/requests").await);
        assert_unavailable(post().await);
        assert_eq!(unit.get("/livez").await.status, 200, "the process itself is well");
        assert_eq!(unit.get("/readyz").await.status, 503);
        proxy.restore();
        assert_eq!(unit.get("/readyz").await.status, 200);
        assert_eq!(post().await.status, 201);
        assert_eq!(post().await.header("idempotency-replayed"), Some("true"), "a retry is safe");
        assert_eq!(unit.all("/v1/requests").await.len(), 1);
        balanced_ledger(&hub.admin).await;
        hub.finish().await;
    });
}
