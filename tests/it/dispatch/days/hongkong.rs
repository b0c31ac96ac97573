//! Hong Kong, a Tuesday: a typhoon closes every ward at noon. What can still be delivered is; what is aboard and
//! cannot goes back to the bank; what has not left waits; on Wednesday all of it arrives.

use super::proof::{all_milk_is_in_a_freezer, every_need_is_met, nothing_half_assigned};
use super::{Day, Need, is_ahead, stops};
use crate::hub::TestHub;
use crate::hub::wire::id;
use crate::hub_test;
use serde_json::{Value, json};
use std::slice::from_ref;

const BANK: &str = "hk-hkbmb";
const UNITS: [&str; 8] = ["hk-kwh", "hk-qeh", "hk-uch", "hk-pmh", "hk-qmh", "hk-pyneh", "hk-pwh", "hk-tmh"];
const COURIER: &str = "hk-bmb-courier";
/// Noon in Hong Kong.
const NOON: &str = "2026-01-06T04:00:00Z";
/// Whoever would come later than this does not go to a door any more.
const LAST_CALL: &str = "2026-01-06T03:50:00Z";

async fn morning(hub: &TestHub) -> Day<'_> {
    let codes: Vec<&str> = UNITS.into_iter().chain([BANK]).collect();
    let mut day = Day::of(hub, "hongkong", &codes, &[COURIER]).await;
    hub.advance_to("2026-01-06T00:30:00Z").await;
    day.surplus(BANK, "HK-1", 16).await;
    let needs = UNITS.map(|unit| Need { unit, volume_ml: 200, needed_by: "2026-01-07T12:00:00Z" });
    day.ask(&needs).await;
    assert_eq!(day.pack_up(|_| COURIER, "2026-01-06T01:30:00Z", "2026-01-06T05:00:00Z").await, 8);
    day
}

/// Sends back every box that is aboard and would come to a closed door; how many.
async fn turn_back_what_is_too_late(day: &Day<'_>, route: &str) -> usize {
    let seen = day.route(route).await;
    let late =
        |stop: &Value| stop["kind"] == "delivery" && is_ahead(stop) && stop["eta_at"].as_str() >= Some(LAST_CALL);
    let boxes: Vec<String> = stops(&seen, late).map(|stop| stop["transfer_id"].as_str().unwrap().to_owned()).collect();
    for transfer in &boxes {
        let now = day.route(route).await;
        let turned = day.act(&now, "turn-back", json!({ "transfer_id": transfer, "reason": "signal 8" })).await;
        let home = stops(&turned, |stop| stop["kind"] == "drop").last().expect("a way back");
        assert_eq!(home["site_id"], *day.site(BANK).id, "{turned}");
    }
    boxes.len()
}

async fn a_typhoon_closes_the_sites_at_noon(hub: &TestHub) {
    let mut day = morning(hub).await;
    let cars = [day.vehicle(COURIER, "car-1").await, day.vehicle(COURIER, "car-2").await];
    day.shift(&cars[0], "2026-01-06T01:00:00Z", "2026-01-06T10:00:00Z").await;
    let planned = day.plan().await;
    assert_eq!(planned["unassigned"], 0, "{planned}");
    nothing_half_assigned(&day).await;
    let early = id(&day.open_routes().await[0]);
    // The second car begins after eleven; it takes two boxes of the first, of those that come last.
    let later = day.shift(&cars[1], "2026-01-06T03:10:00Z", "2026-01-06T10:00:00Z").await;
    let route = day.route(&early).await;
    let last: Vec<Value> =
        stops(&route, |stop| stop["kind"] == "delivery").map(|stop| stop["transfer_id"].clone()).skip(6).collect();
    let split = day.act(&route, "give", json!({ "shift_id": id(&later), "transfer_ids": last })).await;
    let second = split["to"].clone();
    let first = day.act(&day.route(&early).await, "assign", json!({})).await;
    assert!(stops(&first, |stop| stop["kind"] == "pickup").count() == 6, "{first}");
    day.drive(from_ref(&early), "2026-01-06T02:30:00Z").await;
    // Half past ten: signal 8 is announced for noon, until ten in the evening.
    hub.advance_to("2026-01-06T02:30:00Z").await;
    day.close("tropical cyclone signal 8", &UNITS, NOON, "2026-01-06T14:00:00Z").await;
    hub.advance_to("2026-01-06T02:34:00Z").await;
    // What has not left stays in its freezer.
    day.act(&day.route(&id(&second)).await, "cancel", json!({ "reason": "signal 8" })).await;
    nothing_half_assigned(&day).await;
    let turned = turn_back_what_is_too_late(&day, &early).await;
    assert!(turned > 0, "a box comes too late: {}", day.route(&early).await);
    nothing_half_assigned(&day).await;
    day.drive(from_ref(&early), "2026-01-06T10:00:00Z").await;
    let over = day.route(&early).await;
    assert_eq!(over["state"], "finished", "{over}");
    for stop in stops(&over, |stop| stop["kind"] == "delivery" && stop["state"] == "done") {
        assert!(stop["arrived_at"].as_str() < Some(NOON), "nobody came to a closed door: {stop}");
    }
    let dropped: Vec<String> = stops(&over, |stop| stop["kind"] == "drop")
        .map(|stop| stop["transfer_id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(dropped.len(), turned);
    for transfer in &dropped {
        let back = day.take_back(transfer, "signal 8").await;
        assert_eq!((back["state"].as_str(), back["verdict"].as_str()), (Some("rejected"), Some("returned")));
    }
    day.receive_all().await;
    wednesday(&mut day, &cars[0], 8 - 6 + turned).await;
}

/// The day after: what came back is offered, matched, planned and delivered; what never left is delivered.
async fn wednesday(day: &mut Day<'_>, car: &Value, boxes: usize) {
    day.hub.advance_to("2026-01-07T00:30:00Z").await;
    let lots = day.site(BANK).wire.all("/v1/lots").await;
    day.publish(BANK, &id(&lots[0])).await;
    day.pack_up(|_| COURIER, "2026-01-07T01:30:00Z", "2026-01-07T05:00:00Z").await;
    day.shift(car, "2026-01-07T01:00:00Z", "2026-01-07T10:00:00Z").await;
    let planned = day.plan().await;
    assert_eq!(planned["unassigned"], 0, "{planned}");
    let routes = day.open_routes().await;
    let carried: usize = routes.iter().map(|route| stops(route, |stop| stop["kind"] == "delivery").count()).sum();
    assert_eq!(carried, boxes, "{routes:?}");
    let mut ids = Vec::new();
    for route in &routes {
        ids.push(id(&day.act(route, "assign", json!({})).await));
    }
    day.drive(&ids, "2026-01-07T10:00:00Z").await;
    day.receive_all().await;
    let ledger = all_milk_is_in_a_freezer(day).await;
    assert_eq!(ledger["released_ml"], 1_600, "{ledger}");
    every_need_is_met(day).await;
    nothing_half_assigned(day).await;
}

/// A box that came back is looked at like any other, and only by its sender.
async fn a_box_is_taken_back_by_its_sender_alone(hub: &TestHub) {
    let day = morning(hub).await;
    let car = day.vehicle(COURIER, "car-1").await;
    day.shift(&car, "2026-01-06T01:00:00Z", "2026-01-06T10:00:00Z").await;
    day.plan().await;
    let route = day.act(&day.open_routes().await[0], "assign", json!({})).await;
    // The one that is delivered last.
    let last = stops(&route, |stop| stop["kind"] == "delivery").last().unwrap();
    let (bank, transfer) = (&day.site(BANK).wire, last["transfer_id"].as_str().unwrap().to_owned());
    let path = format!("/v1/transfers/{transfer}/take-back");
    let found = bank.found(&format!("/v1/transfers/{transfer}")).await;
    let mut body = json!({ "reason": "closed", "seal_number": day.seal(&transfer), "frozen_solid": true });
    bank.act(&found, &path, &body).await.problem(409, "transfer_state");
    let early = json!({ "transfer_id": transfer, "reason": "signal 8" });
    let refused = day.dispatcher.act(&route, &format!("/v1/routes/{}/turn-back", id(&route)), &early).await;
    refused.problem(409, "not_aboard");
    day.drive(from_ref(&id(&route)), "2026-01-06T02:30:00Z").await;
    let out = bank.found(&format!("/v1/transfers/{transfer}")).await;
    assert_eq!(out["state"], "in_transit", "{out}");
    day.receiver(&out).wire.act(&out, &path, &body).await.problem(403, "forbidden");
    let unnamed = bank.act(&out, &path, &body).await.problem(400, "body_invalid");
    assert_eq!(unnamed["errors"][0]["pointer"], "/bottles", "{unnamed}");
    body["accept_all"] = json!(true);
    body["reason"] = json!(" ");
    let wordless = bank.act(&out, &path, &body).await.problem(400, "body_invalid");
    assert_eq!(wordless["errors"][0]["pointer"], "/reason", "{wordless}");
    // Seven hours later the packaging has held for an hour too little.
    hub.advance_to("2026-01-06T09:30:00Z").await;
    body["reason"] = json!("closed");
    let out = bank.found(&format!("/v1/transfers/{transfer}")).await;
    let back = bank.act(&out, &path, &body).await.expect(200);
    assert_eq!(back["manifest"][0]["outcome"], "quarantined", "{back}");
    assert_eq!(back["manifest"][0]["outcome_reason"], "excursion", "{back}");
    let open = bank.all(&format!("/v1/excursions?transfer_id={transfer}")).await;
    assert_eq!(open[0]["site_id"], *day.site(BANK).id, "its sender decides: {open:?}");
    bank.act(&back, &path, &body).await.problem(409, "transfer_state");
}

hub_test!(a_typhoon_closes_the_sites_at_noon, a_box_is_taken_back_by_its_sender_alone);
