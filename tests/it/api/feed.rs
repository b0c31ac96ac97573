//! The feed of events: in order, without gaps, with nothing skipped however it is paged, and for each reader
//! only what concerns them.

use crate::hub::TestHub;
use crate::hub::region::{accepted, carried, matched, published, released_lot, request_body};
use crate::hub::wire::Wire;
use crate::hub_test;
use serde_json::Value;
use std::collections::BTreeSet;

/// The whole feed, in pages of this size.
async fn feed(wire: &Wire, limit: u32) -> Vec<Value> {
    let (mut events, mut after) = (Vec::new(), 0);
    loop {
        let page = wire.found(&format!("/v1/events?after={after}&limit={limit}")).await;
        let items = page["items"].as_array().unwrap().clone();
        if items.is_empty() {
            return events;
        }
        after = page["next_after"].as_i64().unwrap();
        assert!(items.last().unwrap()["pos"].as_i64().unwrap() <= after, "no event is told twice");
        events.extend(items);
    }
}

async fn exchange_some_milk(hub: &TestHub) {
    let (bank, unit) = (hub.manager_at(&hub.region.bank).await, hub.manager_at(&hub.region.unit).await);
    let lot = released_lot(&bank, &hub.region.bank, "L-1", 5).await;
    published(&bank, &hub.region.bank, &lot).await;
    unit.created("/v1/requests", &request_body(&hub.region.unit, "I-1", 500)).await;
    let offer = accepted(&bank, &matched(&bank, &hub.region.bank).await[0]).await;
    carried(&bank, &unit, &hub.region.courier, &[offer["allocation_id"].as_str().unwrap().to_owned()]).await;
    hub.advance_to("2026-01-05T08:00:01Z").await;
}

async fn nothing_is_skipped_however_it_is_paged(hub: &TestHub) {
    exchange_some_milk(hub).await;
    let whole = feed(&hub.admin, 200).await;
    assert_eq!(feed(&hub.admin, 1).await, whole);
    assert_eq!(feed(&hub.admin, 7).await, whole);
    let positions: Vec<i64> = whole.iter().map(|event| event["pos"].as_i64().unwrap()).collect();
    let first = positions[0];
    assert_eq!(positions, (first..).take(whole.len()).collect::<Vec<_>>(), "an administrator sees no gap");
    let ids: BTreeSet<&str> = whole.iter().map(|event| event["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), whole.len(), "partners can tell a repeat");
    let kinds: BTreeSet<&str> = whole.iter().map(|event| event["kind"].as_str().unwrap()).collect();
    let told = |kind: &str| assert!(kinds.iter().any(|found| found.starts_with(kind)), "no {kind}: {kinds:?}");
    ["lot.", "surplus.published", "request.", "offer.", "offer.accepted", "transfer."].into_iter().for_each(told);
}

async fn a_site_reads_what_concerns_it(hub: &TestHub) {
    exchange_some_milk(hub).await;
    let apart = hub.persona("partner", &[&hub.region.apart]).await;
    for event in feed(&apart, 200).await {
        let text = event.to_string();
        let kind = event["kind"].as_str().unwrap();
        let private =
            ["request.", "offer.", "allocation.", "transfer.", "lot."].iter().any(|start| kind.starts_with(start));
        assert!(!private, "a site apart reads {kind}: {text}");
    }
    let unit = hub.persona("partner", &[&hub.region.unit]).await;
    let kinds: BTreeSet<String> =
        feed(&unit, 200).await.iter().map(|event| event["kind"].as_str().unwrap().to_owned()).collect();
    assert!(kinds.iter().any(|kind| kind.starts_with("transfer.")), "{kinds:?}");
}

hub_test!(nothing_is_skipped_however_it_is_paged, a_site_reads_what_concerns_it);
