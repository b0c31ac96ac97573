//! The whole way of milk: surplus, request, match, offer, transfer, receipt, fate. Nothing is lost on it.

use crate::hub::TestHub;
use crate::hub::region::{accepted, balanced_ledger, carried, matched, published, released_lot, request_body};
use crate::hub::wire::id;
use crate::hub_test;
use serde_json::{Value, json};

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

/// A request of the second tier for ward stock.
fn ward_request(unit: &str, volume_ml: i64) -> Value {
    json!({
        "site_id": unit, "kind": "ward_stock", "urgency": "routine", "volume_ml": volume_ml,
        "needed_by": "2026-01-07T08:00:00Z", "days_of_use": 3,
        "ward": {
            "infants_on_donor_milk": 3, "hours_of_stock": 12,
            "most_vulnerable": {
                "infant_ref": "I-5", "gestation_days": 215, "birth_weight_g": 1400, "current_weight_g": 1450,
                "postnatal_age_days": 6, "indication": "prematurity_own_milk_insufficient", "galactosaemia": false,
            },
        },
        "constraints": { "dairy_free": false, "cmv_negative": false }, "preferences": {},
    })
}

async fn less_than_the_smallest_transfer_is_not_offered_except_to_the_first_tier(hub: &TestHub) {
    let (bank, unit) = (hub.manager_at(&hub.region.bank).await, hub.manager_at(&hub.region.unit).await);
    let lot = released_lot(&bank, &hub.region.bank, "L-1", 20).await;
    let body = json!({
        "site_id": hub.region.bank, "reason": "more than we need", "available_until": "2026-02-05T08:00:00Z",
        "min_transfer_ml": 400, "lots": [{ "lot_id": id(&lot) }],
    });
    bank.created("/v1/surplus", &body).await;
    let ward = unit.created("/v1/requests", &ward_request(&hub.region.unit, 200)).await;
    assert_eq!(ward["tier"], 2, "{ward}");
    assert!(matched(&bank, &hub.region.bank).await.is_empty(), "200 mL are not worth a journey to this bank");
    let why = unit.found(&format!("/v1/requests/{}/explanation", id(&ward))).await;
    let told = why["reasons"]["text"].to_string();
    assert!(told.contains("no less than 400 mL"), "{why}");

    let infant = unit.created("/v1/requests", &request_body(&hub.region.unit, "I-1", 100)).await;
    let offers = matched(&bank, &hub.region.bank).await;
    let served: Vec<&str> = offers.iter().filter_map(|offer| offer["request_id"].as_str()).collect();
    assert_eq!(served, [id(&infant)], "the first tier is served whatever the size");

    unit.created("/v1/requests", &ward_request(&hub.region.unit, 300)).await;
    let offers = matched(&bank, &hub.region.bank).await;
    let to_ward: i64 = offers
        .iter()
        .filter(|offer| offer["request_id"].as_str() != Some(id(&infant).as_str()))
        .filter_map(|offer| offer["volume_ml"].as_i64())
        .sum();
    assert_eq!(to_ward, 500, "together they are worth a journey: {offers:?}");
}

hub_test!(
    less_than_the_smallest_transfer_is_not_offered_except_to_the_first_tier,
    milk_goes_from_the_bank_to_the_infant,
    a_declined_offer_gives_its_bottles_back,
    an_offer_that_nobody_answers_lapses,
);
