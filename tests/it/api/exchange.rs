//! The whole way of milk: surplus, request, match, offer, transfer, receipt, fate. Nothing is lost on it.

use crate::hub::TestHub;
use crate::hub::region::{accepted, balanced_ledger, carried, matched, published, released_lot, request_body};
use crate::hub::wire::id;
use crate::hub_test;
use serde_json::json;

async fn milk_goes_from_the_bank_to_the_infant(hub: &TestHub) {
    let (bank, unit) = (hub.manager_at(&hub.region.bank).await, hub.manager_at(&hub.region.unit).await);
    let lot = released_lot(&bank, &hub.region.bank, "L-1", 20).await;
    published(&bank, &hub.region.bank, &lot).await;
    let board = unit.all("/v1/surplus").await;
    assert_eq!((board.len(), board[0]["available_ml"].as_i64()), (1, Some(2000)));

    let request = unit.created("/v1/requests", &request_body(&hub.region.unit, "I-1", 500)).await;
    assert_eq!((request["state"].as_str(), request["tier"].as_i64()), (Some("open"), Some(1)));
    let offers = matched(&bank, &hub.region.bank).await;
    assert_eq!((offers.len(), offers[0]["volume_ml"].as_i64()), (1, Some(500)));
    let offer = accepted(&bank, &offers[0]).await;
    assert_eq!(offer["state"], "accepted");

    let allocation = offer["allocation_id"].as_str().unwrap().to_owned();
    let received = carried(&bank, &unit, &hub.region.courier, &[allocation]).await;
    assert_eq!((received["state"].as_str(), received["verdict"].as_str()), (Some("received"), Some("accept")));
    let request = unit.found(&format!("/v1/requests/{}", id(&request))).await;
    assert_eq!((request["state"].as_str(), request["delivered_ml"].as_i64()), (Some("fulfilled"), Some(500)));

    let bottles = unit.all(&format!("/v1/bottles?site_id={}&state=in_stock", hub.region.unit)).await;
    assert_eq!(bottles.len(), 5);
    let items = json!([
        { "bottle_id": id(&bottles[0]), "fate": "used", "feeds": [{ "infant_ref": "I-1", "volume_ml": 60 }] },
        { "bottle_id": id(&bottles[1]), "fate": "discarded", "reason": "damaged" },
    ]);
    let fates = unit.post("/v1/bottles/fates", &json!({ "site_id": hub.region.unit, "items": items })).await;
    assert!((200..300).contains(&fates.status), "{}", fates.text);
    let ledger = balanced_ledger(&hub.admin).await;
    assert_eq!((ledger["used_ml"].as_i64(), ledger["discarded_ml"].as_i64()), (Some(60), Some(140)), "{ledger}");
    assert_eq!(ledger["in_stock_ml"], 1800, "{ledger}");
}

async fn a_declined_offer_gives_its_bottles_back(hub: &TestHub) {
    let (bank, unit) = (hub.manager_at(&hub.region.bank).await, hub.manager_at(&hub.region.unit).await);
    let lot = released_lot(&bank, &hub.region.bank, "L-1", 3).await;
    published(&bank, &hub.region.bank, &lot).await;
    unit.created("/v1/requests", &request_body(&hub.region.unit, "I-1", 300)).await;
    let offers = matched(&bank, &hub.region.bank).await;
    let path = format!("/v1/offers/{}/decline", id(&offers[0]));
    let declined = bank.act(&offers[0], &path, &json!({ "reason": "needed_here" })).await.expect(200);
    assert_eq!(declined["state"], "declined");
    let board = bank.all("/v1/surplus").await;
    assert_eq!(board[0]["available_bottles"], 3);
}

async fn an_offer_that_nobody_answers_lapses(hub: &TestHub) {
    let (bank, unit) = (hub.manager_at(&hub.region.bank).await, hub.manager_at(&hub.region.unit).await);
    let lot = released_lot(&bank, &hub.region.bank, "L-1", 3).await;
    published(&bank, &hub.region.bank, &lot).await;
    unit.created("/v1/requests", &request_body(&hub.region.unit, "I-1", 300)).await;
    let offers = matched(&bank, &hub.region.bank).await;
    hub.advance_to("2026-01-05T09:00:00Z").await;
    let offer = bank.found(&format!("/v1/offers/{}", id(&offers[0]))).await;
    assert_eq!(offer["state"], "lapsed", "tier 1 has a quarter of an hour to answer: {offer}");
    let late = bank.act(&offers[0], &format!("/v1/offers/{}/accept", id(&offers[0])), &json!({})).await;
    assert!(matches!(late.status, 409 | 412), "{}", late.text);
}

hub_test!(
    milk_goes_from_the_bank_to_the_infant,
    a_declined_offer_gives_its_bottles_back,
    an_offer_that_nobody_answers_lapses,
);
