//! What a box must have to leave, and what is found when it arrives.

use super::{COLD, Promised};
use crate::hub::TestHub;
use crate::hub::region::released_lot;
use crate::hub::wire::id;
use crate::hub_test;
use reqwest::Method;
use serde_json::json;

async fn refusal_09_a_box_needs_a_carrier_and_a_plan_that_hold(hub: &TestHub) {
    let promised = Promised::on(hub).await;
    let mut long = promised.plan(hub);
    long["planned_delivery_at"] = json!("2026-01-05T20:30:00Z");
    assert_eq!(promised.bank.post("/v1/transfers", &long).await.refused(), [9], "longer than the packaging holds");
    let path = format!("/v1/couriers/{}", hub.region.courier);
    let courier = hub.admin.found(&path).await;
    let version = courier["version"].as_i64().unwrap();
    hub.admin.change(Method::PATCH, &path, version, &json!({ "state": "ended" })).await.expect(200);
    assert_eq!(promised.bank.post("/v1/transfers", &promised.plan(hub)).await.refused(), [9], "the agreement ended");
}

async fn refusal_09_a_carrier_drives_only_where_it_agreed_to(hub: &TestHub) {
    let promised = Promised::on(hub).await;
    // The two sites lie some five and a half kilometres apart.
    for (code, covers, packaging, wanted) in [
        ("bicycle", "all-local:2", "passive box, frozen gel packs", "route_not_served"),
        ("round-the-bank", "radius:3", "passive box, frozen gel packs", "route_not_served"),
        ("abroad", "country:VN", "passive box, frozen gel packs", "route_not_served"),
        ("post", "all", "carton, ambient", "temperature_plan_too_weak"),
    ] {
        let courier = json!({
            "code": code, "name": code, "kind": "courier", "base_site_id": hub.region.bank,
            "agreement_reference": "paper-3", "max_payload_ml": 20_000, "hold_time_minutes": 600,
            "speed_kmh": 40, "vehicles": 1, "covers": covers, "hours": ["00:00", "23:59"],
            "days": "daily", "packaging": packaging,
        });
        let courier = hub.admin.created("/v1/couriers", &courier).await;
        let mut plan = promised.plan(hub);
        plan["courier_id"] = courier["id"].clone();
        let refused = promised.bank.post("/v1/transfers", &plan).await.problem(409, "refused");
        let refusals = refused["refusals"].as_array().unwrap();
        assert_eq!(refusals.len(), 1, "{refused}");
        assert_eq!((refusals[0]["number"].as_i64(), refusals[0]["code"].as_str()), (Some(9), Some(wanted)), "{code}");
    }
    promised.bank.created("/v1/transfers", &promised.plan(hub)).await;
}

async fn refusal_09_only_the_seal_of_the_packer_leaves(hub: &TestHub) {
    let promised = Promised::on(hub).await;
    let planned = promised.bank.created("/v1/transfers", &promised.plan(hub)).await;
    assert_eq!(planned["manifest"].as_array().map(Vec::len), Some(5), "{planned}");
    assert_eq!((planned["max_temperature_c"].as_f64(), planned["tolerance_minutes"].as_i64()), (Some(-18.0), Some(20)));
    assert_eq!((planned["peak_limit_c"].as_f64(), planned["gap_limit_minutes"].as_i64()), (Some(-3.0), Some(30)));
    let path = |verb: &str| format!("/v1/transfers/{}/{verb}", id(&planned));
    let unsealed = promised.bank.act(&planned, &path("pack"), &json!({ "seal_number": " " })).await;
    assert_eq!(unsealed.refused(), [9]);
    let packed = promised.step(&planned, "pack", json!({ "seal_number": "S-1" })).await;
    let other = promised.bank.act(&packed, &path("collect"), &json!({ "seal_number": "S-2" })).await;
    assert_eq!(other.refused(), [9]);
    let early = promised.bank.act(&packed, &path("deliver"), &json!({})).await;
    early.problem(409, "transfer_state");
    let stale = promised.bank.act(&planned, &path("collect"), &json!({ "seal_number": "S-1" })).await;
    assert_eq!(stale.status, 412, "{}", stale.text);
}

async fn refusal_10_an_unlisted_bottle_is_not_received(hub: &TestHub) {
    let promised = Promised::on(hub).await;
    let road = promised.on_the_road(hub).await;
    let delivered = promised.delivered(hub, &road).await;
    let path = format!("/v1/transfers/{}/receive", id(&road));
    let strange = |number: u8| format!("01990000-0000-7000-8000-0000000000{number:02x}");
    let another_box: Vec<_> =
        (0..21).map(|number| json!({ "bottle_id": strange(number), "condition": "intact" })).collect();
    let mut receipt = json!({ "seal_number": "S-1", "frozen_solid": true, "accept_all": true, "bottles": another_box });
    assert_eq!(promised.unit.act(&delivered, &path, &receipt).await.refused(), [10], "another box");
    let first = road["manifest"][0]["bottle_id"].clone();
    receipt["bottles"] =
        json!([{ "bottle_id": first, "condition": "intact" }, { "bottle_id": first, "condition": "intact" }]);
    assert_eq!(promised.unit.act(&delivered, &path, &receipt).await.refused(), [10]);
    receipt["bottles"] = json!([{ "bottle_id": first, "condition": "intact" }]);
    receipt["accept_all"] = json!(false);
    let partly = promised.unit.act(&delivered, &path, &receipt).await;
    assert_eq!(partly.status, 400, "every bottle is named: {}", partly.text);
    assert_eq!(promised.at_unit(hub, "in_stock").await.len(), 0, "nothing was taken in");
}

async fn refusal_10_a_bottle_that_nobody_sent_is_held_and_the_rest_is_checked_in(hub: &TestHub) {
    let promised = Promised::on(hub).await;
    let road = promised.on_the_road(hub).await;
    released_lot(&promised.bank, &hub.region.bank, "L-2", 1).await;
    let stray = promised.bank.all(&format!("/v1/bottles?site_id={}&state=in_stock", hub.region.bank)).await;
    let delivered = promised.delivered(hub, &road).await;
    promised.readings(&road, &COLD).await;
    let receipt = json!({
        "seal_number": "S-1", "frozen_solid": true, "accept_all": true,
        "bottles": [{ "bottle_id": stray[0]["id"], "condition": "intact" }],
    });
    let path = format!("/v1/transfers/{}/receive", id(&road));
    let received = promised.unit.act(&delivered, &path, &receipt).await.expect(200);
    assert_eq!(received["state"], "received_with_discrepancies", "{received}");
    assert_eq!(promised.at_unit(hub, "in_stock").await.len(), 5, "the box itself is taken in");
    let aside = promised.bank.all(&format!("/v1/bottles?site_id={}&state=quarantined", hub.region.bank)).await;
    assert_eq!((aside.len(), &aside[0]["id"]), (1, &stray[0]["id"]), "held where the books have it: {aside:?}");
    let cases = promised.unit.all("/v1/cases?open=true").await;
    let kinds: Vec<&str> = cases.iter().filter_map(|case| case["kind"].as_str()).collect();
    assert_eq!(kinds, ["unlisted_bottle"], "{cases:?}");
}

async fn refusal_07_one_bottle_that_thawed_sets_the_box_aside(hub: &TestHub) {
    let promised = Promised::on(hub).await;
    let road = promised.on_the_road(hub).await;
    let delivered = promised.delivered(hub, &road).await;
    promised.readings(&road, &COLD).await;
    let receipt = json!({
        "seal_number": "S-1", "frozen_solid": true, "accept_all": true,
        "bottles": [{ "bottle_id": road["manifest"][0]["bottle_id"], "condition": "thawed" }],
    });
    let path = format!("/v1/transfers/{}/receive", id(&road));
    let received = promised.unit.act(&delivered, &path, &receipt).await.expect(200);
    assert_eq!(received["verdict"], "quarantine", "{received}");
    assert_eq!(promised.at_unit(hub, "quarantined").await.len(), 4);
    assert_eq!(promised.unit.all("/v1/excursions").await[0]["kind"], "not_frozen");
}

async fn refusal_09_nobody_plans_to_be_quicker_than_the_road(hub: &TestHub) {
    let promised = Promised::on(hub).await;
    let mut hasty = promised.plan(hub);
    hasty["planned_delivery_at"] = json!("2026-01-05T10:01:00Z");
    let refused = promised.bank.post("/v1/transfers", &hasty).await.problem(409, "refused");
    assert_eq!(refused["refusals"][0]["code"], "journey_too_short", "{refused}");
    assert_eq!(refused["refusals"][0]["number"], 9, "{refused}");
    promised.bank.created("/v1/transfers", &promised.plan(hub)).await;
}

async fn refusal_09_a_seal_number_is_what_people_see(hub: &TestHub) {
    let promised = Promised::on(hub).await;
    let planned = promised.bank.created("/v1/transfers", &promised.plan(hub)).await;
    let path = format!("/v1/transfers/{}/pack", id(&planned));
    for hidden in ["S\u{0}1", "S\u{202e}1", "S\n1", &"7".repeat(65)] {
        let answer = promised.bank.act(&planned, &path, &json!({ "seal_number": hidden })).await;
        assert_eq!((answer.status, answer.text.contains("/seal_number")), (400, true), "{hidden:?}: {}", answer.text);
    }
    promised.step(&planned, "pack", json!({ "seal_number": " S-1 " })).await;
}

async fn refusal_10_second_receipt_of_one_bottle(hub: &TestHub) {
    let promised = Promised::on(hub).await;
    let road = promised.on_the_road(hub).await;
    let delivered = promised.delivered(hub, &road).await;
    promised.readings(&road, &COLD).await;
    let received = promised.received(&delivered).await;
    let path = format!("/v1/transfers/{}/receive", id(&road));
    let receipt = json!({ "seal_number": "S-1", "frozen_solid": true, "accept_all": true });
    assert_eq!(promised.unit.act(&received, &path, &receipt).await.refused(), [10]);
    assert_eq!(promised.request().await["delivered_ml"], 500);
}

async fn refusal_07_thawed_damaged_and_missing_bottles_are_not_stock(hub: &TestHub) {
    let promised = Promised::on(hub).await;
    let road = promised.on_the_road(hub).await;
    let delivered = promised.delivered(hub, &road).await;
    promised.readings(&road, &COLD).await;
    let bottle = |index: usize, condition: &str| json!({ "bottle_id": road["manifest"][index]["bottle_id"], "condition": condition });
    let receipt = json!({
        "seal_number": "S-1", "frozen_solid": true, "accept_all": true,
        "bottles": [bottle(0, "thawed"), bottle(1, "damaged"), bottle(2, "missing")],
    });
    let path = format!("/v1/transfers/{}/receive", id(&road));
    let received = promised.unit.act(&delivered, &path, &receipt).await.expect(200);
    assert_eq!(received["state"], "received_with_discrepancies", "{received}");
    let outcomes: Vec<&str> =
        received["manifest"].as_array().unwrap().iter().filter_map(|line| line["outcome"].as_str()).collect();
    assert_eq!(outcomes, ["rejected", "rejected", "missing", "quarantined", "quarantined"], "one thawed: all waits");
    let request = promised.request().await;
    assert_eq!((request["allocated_ml"].as_i64(), request["delivered_ml"].as_i64()), (Some(0), Some(0)), "{request}");
    assert_eq!(request["state"], "open", "all of it is wanted again");
    let again = promised.fed(hub, road["manifest"][0]["bottle_id"].as_str().unwrap()).await;
    assert_eq!(again.status, 409, "what was thrown away is not fed: {}", again.text);
}

async fn refusal_07_a_box_that_is_not_frozen_waits_for_a_person(hub: &TestHub) {
    let promised = Promised::on(hub).await;
    let road = promised.on_the_road(hub).await;
    let delivered = promised.delivered(hub, &road).await;
    promised.readings(&road, &COLD).await;
    let receipt = json!({ "seal_number": "S-1", "frozen_solid": false, "accept_all": true });
    let path = format!("/v1/transfers/{}/receive", id(&road));
    let received = promised.unit.act(&delivered, &path, &receipt).await.expect(200);
    assert_eq!(received["verdict"], "quarantine", "{received}");
    assert_eq!(promised.unit.all("/v1/excursions").await[0]["kind"], "not_frozen");
    assert_eq!(promised.at_unit(hub, "quarantined").await.len(), 5);
}

async fn a_cancelled_box_gives_its_allocation_back(hub: &TestHub) {
    let promised = Promised::on(hub).await;
    let planned = promised.bank.created("/v1/transfers", &promised.plan(hub)).await;
    let twice = promised.bank.post("/v1/transfers", &promised.plan(hub)).await;
    twice.problem(409, "allocation_not_held");
    let cancelled = promised.step(&planned, "cancel", json!({ "reason": "the van broke down" })).await;
    assert_eq!(cancelled["state"], "cancelled");
    let again = promised.bank.created("/v1/transfers", &promised.plan(hub)).await;
    assert_eq!(again["bottles"], 5, "{again}");
    let road = promised.step(&again, "pack", json!({ "seal_number": "S-1" })).await;
    let road = promised.step(&road, "collect", json!({ "seal_number": "S-1" })).await;
    let path = format!("/v1/transfers/{}/cancel", id(&road));
    let late = promised.bank.act(&road, &path, &json!({ "reason": "too late" })).await;
    late.problem(409, "transfer_state");
}

async fn a_closed_site_is_not_sent_to(hub: &TestHub) {
    let promised = Promised::on(hub).await;
    let closure = json!({ "kind": "typhoon", "site_ids": [hub.region.unit], "starts_at": "2026-01-05T08:00:00Z" });
    hub.admin.created("/v1/closures", &closure).await;
    promised.bank.post("/v1/transfers", &promised.plan(hub)).await.problem(409, "site_closed");
}

async fn a_stranger_sees_no_box(hub: &TestHub) {
    let promised = Promised::on(hub).await;
    let road = promised.on_the_road(hub).await;
    let apart = hub.manager_at(&hub.region.apart).await;
    assert_eq!(apart.get(&format!("/v1/transfers/{}", id(&road))).await.status, 404);
    assert!(apart.all("/v1/transfers").await.is_empty());
    assert_eq!(promised.unit.all("/v1/transfers").await.len(), 1);
}

hub_test!(
    refusal_09_a_box_needs_a_carrier_and_a_plan_that_hold,
    refusal_09_a_carrier_drives_only_where_it_agreed_to,
    refusal_09_only_the_seal_of_the_packer_leaves,
    refusal_10_an_unlisted_bottle_is_not_received,
    refusal_10_a_bottle_that_nobody_sent_is_held_and_the_rest_is_checked_in,
    refusal_07_one_bottle_that_thawed_sets_the_box_aside,
    refusal_09_nobody_plans_to_be_quicker_than_the_road,
    refusal_09_a_seal_number_is_what_people_see,
    refusal_10_second_receipt_of_one_bottle,
    refusal_07_thawed_damaged_and_missing_bottles_are_not_stock,
    refusal_07_a_box_that_is_not_frozen_waits_for_a_person,
    a_cancelled_box_gives_its_allocation_back,
    a_closed_site_is_not_sent_to,
    a_stranger_sees_no_box,
);
