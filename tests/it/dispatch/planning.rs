//! Many boxes planned at once, and a day on which a storm closes the receiver at noon.

use super::{Depot, kinds, stop};
use crate::hub::TestHub;
use crate::hub::packing::{noted_weather, superseded};
use crate::hub::wire::{Wire, id, version};
use crate::hub_test;
use serde_json::{Value, json};

/// Asks until a planning is over. Each asking takes its time, so that nothing needs to wait.
pub async fn over(dispatcher: &Wire, plan: &Value) -> Value {
    for _ in 0..20_000 {
        let seen = dispatcher.found(&format!("/v1/route-plans/{}", id(plan))).await;
        if !seen["finished_at"].is_null() {
            return seen;
        }
    }
    panic!("the planning did not end");
}

async fn a_planning_gives_every_box_a_route_or_a_reason(hub: &TestHub) {
    let depot = Depot::with(hub, 5).await;
    for code in ["v1", "v2"] {
        depot.shift(hub, &depot.vehicle(hub, code, 2).await).await;
    }
    let plan = depot.dispatcher.created("/v1/route-plans", &json!({ "time_limit_s": 1 })).await;
    let seen = over(&depot.dispatcher, &plan).await;
    assert_eq!((seen["state"].as_str(), seen["unassigned"].as_i64()), (Some("done"), Some(0)), "{seen}");
    assert_eq!(seen["outcome"]["roads"], "great_circle");
    let routes = depot.dispatcher.all("/v1/routes?state=planned").await;
    let boxes: usize = routes.iter().map(|route| kinds(route).len() / 2).sum();
    assert_eq!(boxes, 5, "{routes:?}");
    let cost: i64 = routes.iter().map(|route| route["cost_cents"].as_i64().unwrap()).sum();
    assert_eq!(seen["cost_cents"], cost);
    let again = depot.dispatcher.created("/v1/route-plans", &json!({ "time_limit_s": 1 })).await;
    let nothing = over(&depot.dispatcher, &again).await;
    assert_eq!(nothing["routes"], 0, "what is planned stays: {nothing}");
    depot
        .dispatcher
        .post(&format!("/v1/route-plans/{}/cancel", id(&again)), &json!({}))
        .await
        .problem(409, "plan_over");
}

async fn what_has_no_place_says_why_and_what_would_help(hub: &TestHub) {
    let depot = Depot::with(hub, 1).await;
    let plan = depot.dispatcher.created("/v1/route-plans", &json!({ "time_limit_s": 1 })).await;
    let seen = over(&depot.dispatcher, &plan).await;
    let left = &seen["outcome"]["unassigned"][0];
    assert_eq!(
        (left["transfer_id"].as_str(), left["reason"].as_str()),
        (Some(&*depot.transfers[0]), Some("no_vehicle"))
    );
    let bad = depot.dispatcher.post("/v1/route-plans", &json!({ "time_limit_s": 0 })).await;
    assert_eq!(bad.problem(400, "body_invalid")["errors"][0]["pointer"], "/time_limit_s");
}

/// A plan of whatever waits.
async fn planned(depot: &Depot) -> Value {
    let plan = depot.dispatcher.created("/v1/route-plans", &json!({ "time_limit_s": 1 })).await;
    over(&depot.dispatcher, &plan).await
}

async fn the_packing_says_how_long_a_box_may_be_out_and_not_the_vehicle(hub: &TestHub) {
    // Long enough for the two hours that were planned and their margin.
    superseded(hub, [720, 150]).await;
    let depot = Depot::with(hub, 1).await;
    let vehicle = depot.vehicle(hub, "v1", 2).await;
    let path = format!("/v1/vehicles/{}", id(&vehicle));
    let change = async |version: i64, body: Value| {
        depot.dispatcher.change(reqwest::Method::PATCH, &path, version, &body).await.expect(200)
    };
    // At two kilometres an hour the road of seven takes 13,011 seconds.
    let slow = change(1, json!({ "hold_time_minutes": 1_440, "speed_kmh": 2 })).await;
    depot.shift(hub, &vehicle).await;
    let seen = planned(&depot).await;
    let left = &seen["outcome"]["unassigned"][0];
    assert_eq!(left["reason"], "hold_too_short", "{seen}");
    // 131 minutes and their margin of 19 are what 150 hold.
    assert_eq!(left["short_by"], 13_011 - 131 * 60, "its vehicle's own figure says a day: {seen}");
    assert!(left["remedy"].as_str().unwrap().contains("depot"), "{seen}");
    change(version(&slow), json!({ "hold_time_minutes": 5, "speed_kmh": 40 })).await;
    let seen = planned(&depot).await;
    assert_eq!(seen["unassigned"], 0, "its vehicle's own figure says five minutes: {seen}");
    let found = depot.bank.found(&format!("/v1/transfers/{}", depot.transfers[0])).await;
    assert_eq!((&found["max_duration_minutes"], &found["packaging"]), (&json!(150), &json!("20 L insulated box")));
    assert_eq!(found["plan"]["packing_code"], "gel-20", "{found}");
}

async fn refusal_09_a_box_on_a_route_is_not_packed_for_weather_that_its_packing_does_not_stand(hub: &TestHub) {
    superseded(hub, [720, 150]).await;
    noted_weather(hub, 12.0).await;
    let depot = Depot::with(hub, 1).await;
    depot.shift(hub, &depot.vehicle(hub, "v1", 2).await).await;
    assert_eq!(planned(&depot).await["unassigned"], 0);
    let path = format!("/v1/transfers/{}", depot.transfers[0]);
    let found = depot.bank.found(&path).await;
    assert_eq!(found["plan"]["hold_minutes"], 720, "{found}");
    let pack = async || depot.bank.act(&found, &format!("{path}/pack"), &json!({ "seal_number": "S-1" })).await;
    noted_weather(hub, 36.0).await;
    let refused = pack().await.problem(409, "refused");
    assert_eq!(refused["refusals"][0]["code"], "temperature_plan_too_weak", "{refused}");
    assert_eq!(refused["refusals"][0]["number"], 9, "{refused}");
    noted_weather(hub, 12.0).await;
    pack().await.expect(200);
}

/// A storm closes the unit from noon to four; a box is aboard when it is announced.
async fn a_storm_at_noon_moves_the_arrival_and_no_milk_is_lost(hub: &TestHub) {
    let depot = Depot::with(hub, 2).await;
    let shift = depot.shift(hub, &depot.vehicle(hub, "v1", 4).await).await;
    hub.advance_to("2026-01-05T11:40:00Z").await;
    depot.pack_all().await;
    let route = depot.route(&shift, &depot.transfers[..1]).await;
    let route = depot.act(&route, "assign", json!({})).await.expect(200);
    let path = format!("/v1/routes/{}", id(&route));
    let report = |route: &Value, kind: &str| {
        json!({
            "stop_id": id(stop(route, kind, &depot.transfers[0])), "step_ref": kind, "what": "done",
            "seal_number": "S-0",
        })
    };
    depot.dispatcher.post(&format!("{path}/reports"), &report(&route, "pickup")).await.expect(200);
    let storm = json!({
        "kind": "tropical cyclone signal 8", "site_ids": [hub.region.unit],
        "starts_at": "2026-01-05T11:45:00Z", "ends_at": "2026-01-05T16:00:00Z",
    });
    depot.dispatcher.created("/v1/closures", &storm).await;
    hub.advance_to("2026-01-05T11:50:00Z").await;
    let seen = depot.dispatcher.found(&path).await;
    let out = stop(&seen, "delivery", &depot.transfers[0]);
    assert_eq!(out["state"], "waiting");
    // What is not aboard yet is planned for after the storm.
    let plan = depot.dispatcher.created("/v1/route-plans", &json!({ "time_limit_s": 1 })).await;
    let planned = over(&depot.dispatcher, &plan).await;
    assert_eq!(planned["unassigned"], 0, "{planned}");
    let seen = depot.dispatcher.found(&path).await;
    let second = stop(&seen, "delivery", &depot.transfers[1]);
    assert!(second["opens_at"].as_str().unwrap() >= "2026-01-05T16:00:00Z", "{second}");
    hub.advance_to("2026-01-05T16:05:00Z").await;
    depot.dispatcher.post(&format!("{path}/reports"), &report(&seen, "delivery")).await.expect(200);
    for (kind, name) in [("pickup", "p2"), ("delivery", "d2")] {
        let seen = depot.dispatcher.found(&path).await;
        let body = json!({
            "stop_id": id(stop(&seen, kind, &depot.transfers[1])), "step_ref": name, "what": "done",
            "seal_number": "S-1",
        });
        depot.dispatcher.post(&format!("{path}/reports"), &body).await.expect(200);
    }
    for (index, transfer) in depot.transfers.iter().enumerate() {
        let found = depot.unit.found(&format!("/v1/transfers/{transfer}")).await;
        let receipt = json!({ "seal_number": format!("S-{index}"), "frozen_solid": true, "accept_all": true });
        let received = depot.unit.act(&found, &format!("/v1/transfers/{transfer}/receive"), &receipt).await.expect(200);
        assert_eq!(received["state"], "received", "{received}");
    }
    let span = "from=2026-01-05T00:00:00Z&until=2026-01-06T00:00:00Z";
    let figures = depot.dispatcher.found(&format!("/v1/carrier-report?{span}")).await;
    assert_eq!(figures["carriers"][0]["deliveries"], 2, "{figures}");
    assert_eq!(figures["carriers"][0]["on_time_permille"], 1000, "{figures}");
    assert_eq!(figures["pairs"][0]["volume_ml"], 200, "{figures}");
}

hub_test!(
    a_planning_gives_every_box_a_route_or_a_reason,
    what_has_no_place_says_why_and_what_would_help,
    the_packing_says_how_long_a_box_may_be_out_and_not_the_vehicle,
    refusal_09_a_box_on_a_route_is_not_packed_for_weather_that_its_packing_does_not_stand,
    a_storm_at_noon_moves_the_arrival_and_no_milk_is_lost,
);
