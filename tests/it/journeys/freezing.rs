//! What takes milk out of circulation: recalls, holds, expiry. It acts at once on offers, promises and boxes
//! that wait, and at the door on boxes that are on the road.

use super::{COLD, Promised};
use crate::hub::TestHub;
use crate::hub::region::{lot_body, matched, published, released_lot, request_body};
use crate::hub::wire::id;
use crate::hub_test;
use serde_json::{Value, json};

fn recall_body(hub: &TestHub, scope: &str, selector: Value) -> Value {
    json!({
        "site_id": hub.region.bank, "scope": scope, "selector": selector, "reason": "a late positive result",
        "respond_by": "2026-01-08T08:00:00Z",
    })
}

async fn refusal_05_milk_recalled_on_the_road_is_caught_at_the_door(hub: &TestHub) {
    let promised = Promised::on(hub).await;
    let road = promised.on_the_road(hub).await;
    let recall = promised.bank.created("/v1/recalls", &recall_body(hub, "donor", json!({ "donor_ref": "D-1" }))).await;
    assert_eq!((recall["frozen_bottles"].as_i64(), recall["frozen_ml"].as_i64()), (Some(5), Some(500)), "{recall}");
    let asked: Vec<&str> =
        recall["sites"].as_array().unwrap().iter().filter_map(|site| site["site_id"].as_str()).collect();
    assert!(asked.contains(&hub.region.bank.as_str()) && asked.contains(&hub.region.unit.as_str()), "{recall}");
    let delivered = promised.delivered(hub, &road).await;
    promised.readings(&road, &COLD).await;
    let received = promised.received(&delivered).await;
    assert_eq!(received["verdict"], "quarantine", "{received}");
    let aside = promised.at_unit(hub, "quarantined").await;
    assert!(promised.fed(hub, &id(&aside[0])).await.refused().contains(&5));

    let path = |verb: &str| format!("/v1/recalls/{}/{verb}", id(&recall));
    let early = promised.bank.act(&recall, &path("close"), &json!({})).await;
    early.problem(409, "recall_not_reconciled");
    let items: Vec<Value> = aside
        .iter()
        .map(|bottle| json!({ "bottle_id": id(bottle), "fate": "discarded", "reason": "recalled" }))
        .collect();
    let fates = json!({ "site_id": hub.region.unit, "items": items });
    promised.unit.post("/v1/bottles/fates", &fates).await.expect(200);
    let strange = json!({ "site_id": hub.region.bank, "held_ml": 0 });
    assert_eq!(promised.unit.post(&path("acknowledge"), &strange).await.status, 404);
    promised.unit.post(&path("acknowledge"), &json!({ "site_id": hub.region.unit, "held_ml": 500 })).await.expect(200);
    let all = promised.bank.post(&path("acknowledge"), &strange).await.expect(200);
    assert_eq!(all["state"], "acknowledged", "{all}");
    let closed = promised.bank.act(&all, &path("close"), &json!({})).await.expect(200);
    assert_eq!((&closed["state"], closed["count"]["discarded_ml"].as_i64()), (&json!("closed"), Some(500)), "{closed}");
}

async fn refusal_05_a_recall_ends_offers_promises_and_waiting_boxes(hub: &TestHub) {
    let promised = Promised::on(hub).await;
    let planned = promised.bank.created("/v1/transfers", &promised.plan(hub)).await;
    let second = released_lot(&promised.bank, &hub.region.bank, "L-2", 5).await;
    published(&promised.bank, &hub.region.bank, &second).await;
    promised.unit.created("/v1/requests", &request_body(&hub.region.unit, "I-2", 500)).await;
    assert_eq!(matched(&promised.bank, &hub.region.bank).await.len(), 1);
    promised.bank.created("/v1/recalls", &recall_body(hub, "device", json!({ "device_ref": "P-1" }))).await;
    let transfer = promised.bank.found(&format!("/v1/transfers/{}", id(&planned))).await;
    assert_eq!(transfer["state"], "cancelled", "{transfer}");
    assert!(promised.bank.all("/v1/surplus").await.is_empty());
    assert!(promised.bank.all("/v1/offers?state=proposed").await.is_empty());
    assert!(promised.bank.all("/v1/allocations?state=held").await.is_empty());
    let request = promised.request().await;
    assert_eq!((&request["state"], request["allocated_ml"].as_i64()), (&json!("open"), Some(0)), "{request}");
    let nothing = promised.bank.post("/v1/recalls", &recall_body(hub, "cycle", json!({ "cycle_ref": "none" }))).await;
    assert_eq!(nothing.status, 400, "{}", nothing.text);
}

async fn refusal_01_a_hold_acts_at_once_and_is_lifted_by_name(hub: &TestHub) {
    let promised = Promised::on(hub).await;
    let planned = promised.bank.created("/v1/transfers", &promised.plan(hub)).await;
    let body = json!({ "lot_id": id(&promised.lot), "reason": "a label is in doubt" });
    let hold = promised.bank.created("/v1/holds", &body).await;
    let lot = promised.bank.found(&format!("/v1/lots/{}", id(&promised.lot))).await;
    assert_eq!(lot["state"], "held", "{lot}");
    let transfer = promised.bank.found(&format!("/v1/transfers/{}", id(&planned))).await;
    assert_eq!(transfer["state"], "cancelled", "{transfer}");
    assert!(promised.bank.all("/v1/allocations?state=held").await.is_empty());
    assert!(matched(&promised.bank, &hub.region.bank).await.is_empty(), "held milk is not offered");
    let path = format!("/v1/holds/{}/lift", id(&hold));
    let silent = promised.bank.act(&hold, &path, &json!({ "reason": " " })).await;
    assert_eq!(silent.status, 400, "{}", silent.text);
    let lifted = promised.bank.act(&hold, &path, &json!({ "reason": "the label was right" })).await.expect(200);
    assert!(lifted["lifted_by"].is_string(), "{lifted}");
    promised.bank.act(&lifted, &path, &json!({ "reason": "again" })).await.problem(409, "hold_lifted");
    let lot = promised.bank.found(&format!("/v1/lots/{}", id(&promised.lot))).await;
    assert_eq!(lot["state"], "released", "{lot}");
    published(&promised.bank, &hub.region.bank, &lot).await;
    assert_eq!(matched(&promised.bank, &hub.region.bank).await.len(), 1);
}

async fn refusal_01_a_lot_held_in_quarantine_is_not_released(hub: &TestHub) {
    let bank = hub.manager_at(&hub.region.bank).await;
    let lot = bank.created("/v1/lots", &lot_body(&hub.region.bank, "L-1", 5, false)).await;
    let hold = bank.created("/v1/holds", &json!({ "lot_id": id(&lot), "reason": "a result is disputed" })).await;
    let path = format!("/v1/lots/{}/release", id(&lot));
    assert_eq!(bank.act(&lot, &path, &json!({})).await.refused(), [1]);
    let lift = format!("/v1/holds/{}/lift", id(&hold));
    bank.act(&hold, &lift, &json!({ "reason": "the laboratory confirmed it" })).await.expect(200);
    let released = bank.act(&lot, &path, &json!({})).await.expect(200);
    assert_eq!(released["state"], "released", "{released}");
}

async fn refusal_01_a_lot_held_on_the_road_waits_at_the_door(hub: &TestHub) {
    let promised = Promised::on(hub).await;
    let road = promised.on_the_road(hub).await;
    let body = json!({ "lot_id": id(&promised.lot), "reason": "a culture is read again" });
    let hold = promised.bank.created("/v1/holds", &body).await;
    let delivered = promised.delivered(hub, &road).await;
    promised.readings(&road, &COLD).await;
    promised.received(&delivered).await;
    assert_eq!(promised.at_unit(hub, "quarantined").await.len(), 5);
    let path = format!("/v1/holds/{}/lift", id(&hold));
    promised.bank.act(&hold, &path, &json!({ "reason": "no growth" })).await.expect(200);
    assert_eq!(promised.at_unit(hub, "in_stock").await.len(), 5);
    assert_eq!(promised.request().await["delivered_ml"], 500);
}

async fn one_held_bottle_leaves_the_others_alone(hub: &TestHub) {
    let bank = hub.manager_at(&hub.region.bank).await;
    let lot = released_lot(&bank, &hub.region.bank, "L-1", 5).await;
    published(&bank, &hub.region.bank, &lot).await;
    let bottles = bank.all(&format!("/v1/bottles?lot_id={}", id(&lot))).await;
    let hold = bank.created("/v1/holds", &json!({ "bottle_id": id(&bottles[0]), "reason": "a cracked cap" })).await;
    assert_eq!(bank.all("/v1/surplus").await[0]["available_bottles"], 4);
    let path = format!("/v1/holds/{}/lift", id(&hold));
    bank.act(&hold, &path, &json!({ "reason": "the cap is whole" })).await.expect(200);
    let free = bank.all(&format!("/v1/bottles?lot_id={}&state=in_stock", id(&lot))).await;
    assert_eq!(free.len(), 5);
    assert_eq!(bank.all("/v1/surplus").await[0]["available_bottles"], 4, "it is published anew by hand");
}

async fn refusal_06_expired_milk_is_neither_offered_nor_fed(hub: &TestHub) {
    let promised = Promised::on(hub).await;
    let second = released_lot(&promised.bank, &hub.region.bank, "L-2", 5).await;
    published(&promised.bank, &hub.region.bank, &second).await;
    let road = promised.on_the_road(hub).await;
    let delivered = promised.delivered(hub, &road).await;
    promised.readings(&road, &COLD).await;
    promised.received(&delivered).await;
    hub.advance_to("2026-03-20T16:00:00Z").await;
    for code in ["L-1", "L-2"] {
        let lots = promised.bank.all("/v1/lots").await;
        let lot = lots.iter().find(|lot| lot["code"] == code).unwrap();
        assert_eq!(lot["state"], "expired", "{lot}");
    }
    assert!(promised.bank.all("/v1/surplus").await.is_empty());
    assert!(promised.at_unit(hub, "in_stock").await.is_empty(), "expired milk is not stock that anybody has");
    let mine = promised.at_unit(hub, "quarantined").await;
    assert_eq!(mine.len(), 5);
    assert_eq!(promised.fed(hub, &id(&mine[0])).await.refused(), [6]);
    let items: Vec<Value> = mine
        .iter()
        .map(|bottle| json!({ "bottle_id": id(bottle), "fate": "discarded", "reason": "expired" }))
        .collect();
    let fates = json!({ "site_id": hub.region.unit, "items": items });
    promised.unit.post("/v1/bottles/fates", &fates).await.expect(200);
    let ledger = hub.admin.found("/v1/ledger").await;
    assert_eq!(ledger["discarded_by_reason"]["expired"], 500, "{ledger}");
}

async fn refusal_06_a_held_lot_expires_by_itself_and_stays_expired(hub: &TestHub) {
    let bank = hub.manager_at(&hub.region.bank).await;
    let lot = released_lot(&bank, &hub.region.bank, "L-1", 3).await;
    let hold =
        bank.created("/v1/holds", &json!({ "lot_id": id(&lot), "reason": "a question to the laboratory" })).await;
    let path = format!("/v1/lots/{}", id(&lot));
    assert_eq!(bank.found(&path).await["state"], "held");
    // Nothing else in the hub is due at this instant.
    hub.advance_to("2026-03-20T16:00:00Z").await;
    assert_eq!(bank.found(&path).await["state"], "expired");
    let lift = format!("/v1/holds/{}/lift", id(&hold));
    bank.act(&hold, &lift, &json!({ "reason": "the laboratory answered" })).await.expect(200);
    let after = bank.found(&path).await;
    assert_eq!(after["state"], "expired", "{after}");
    let aside = bank.all(&format!("/v1/bottles?lot_id={}&state=quarantined", id(&lot))).await;
    assert_eq!(aside.len(), 3);
    let ledger = hub.admin.found("/v1/ledger").await;
    assert_eq!((ledger["in_stock_ml"].as_i64(), ledger["quarantined_ml"].as_i64()), (Some(0), Some(300)), "{ledger}");
    let gone = bank.act(&after, &format!("{path}/discard"), &json!({ "reason": "expired" })).await.expect(200);
    assert_eq!(gone["state"], "discarded");
    assert_eq!(hub.admin.found("/v1/ledger").await["discarded_ml"], 300);
}

hub_test!(
    refusal_05_milk_recalled_on_the_road_is_caught_at_the_door,
    refusal_05_a_recall_ends_offers_promises_and_waiting_boxes,
    refusal_01_a_hold_acts_at_once_and_is_lifted_by_name,
    refusal_01_a_lot_held_in_quarantine_is_not_released,
    refusal_01_a_lot_held_on_the_road_waits_at_the_door,
    one_held_bottle_leaves_the_others_alone,
    refusal_06_expired_milk_is_neither_offered_nor_fed,
    refusal_06_a_held_lot_expires_by_itself_and_stays_expired,
);
