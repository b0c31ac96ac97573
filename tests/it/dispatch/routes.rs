//! Routes as dispatchers make and change them, alone and two at once.

use super::{Depot, kinds, stop};
use crate::hub::TestHub;
use crate::hub::wire::{Wire, id, version};
use crate::hub_test;
use reqwest::Method;
use serde_json::{Value, json};

/// The newest events that somebody may read.
async fn events(wire: &Wire) -> Vec<Value> {
    wire.found("/v1/events?limit=1000").await["items"].as_array().unwrap().clone()
}

async fn milk_goes_from_a_shift_to_the_door(hub: &TestHub) {
    let depot = Depot::with(hub, 2).await;
    let board = depot.dispatcher.found("/v1/dispatch-board").await;
    assert_eq!(board["waiting"].as_array().unwrap().len(), 2, "{board}");
    assert_eq!(board["waiting"][0]["tier"], 1);
    let shift = depot.shift(hub, &depot.vehicle(hub, "v1", 4).await).await;
    let route = depot.route(&shift, &depot.transfers).await;
    assert_eq!(kinds(&route), ["pickup", "pickup", "delivery", "delivery"], "{route}");
    // There and back: 5,560 m along the great circle, 1.3 times that by road, at 40 km/h.
    assert_eq!(route["distance_m"], 2 * 7_228, "{route}");
    assert!(route["slack_minutes"].as_i64().unwrap() > 0);
    depot.pack_all().await;
    let mut route = depot.act(&route, "assign", json!({})).await.expect(200);
    assert_eq!(route["state"], "assigned");
    let moved = depot.bank.found(&format!("/v1/transfers/{}", depot.transfers[0])).await;
    assert_eq!(moved["planned_pickup_at"], stop(&route, "pickup", &depot.transfers[0])["planned_at"], "{moved}");
    hub.advance_to("2026-01-05T09:00:00Z").await;
    for kind in ["pickup", "delivery"] {
        for transfer in &depot.transfers {
            let code = depot.unit.found(&format!("/v1/transfers/{transfer}/handover-code")).await;
            let report = json!({
                "stop_id": id(stop(&route, kind, transfer)), "step_ref": format!("{kind}-{transfer}"),
                "what": "done", "seal_number": depot.seal(transfer), "handover_code": code["handover_code"],
            });
            let sent = depot.dispatcher.post(&format!("/v1/routes/{}/reports", id(&route)), &report).await;
            route = sent.expect(200);
        }
    }
    assert_eq!(route["state"], "finished", "{route}");
    for transfer in &depot.transfers {
        let found = depot.unit.found(&format!("/v1/transfers/{transfer}")).await;
        assert_eq!(found["state"], "delivered", "{found}");
    }
    // The clock's hub has done all its work, and given every event its place in the feed, when it answers.
    hub.advance_to("2026-01-05T09:30:00Z").await;
    let events = events(&depot.bank).await;
    for kind in ["journey.assigned", "journey.collected", "journey.delivered"] {
        assert_eq!(events.iter().filter(|event| event["kind"] == kind).count(), 2, "{kind}");
    }
}

async fn two_dispatchers_at_once_learn_of_each_other(hub: &TestHub) {
    let depot = Depot::with(hub, 2).await;
    let shift = depot.shift(hub, &depot.vehicle(hub, "v1", 4).await).await;
    let route = depot.route(&shift, &depot.transfers).await;
    depot.act(&route, "assign", json!({})).await.expect(200);
    let other = hub.persona("dispatcher", &[]).await;
    let stale = other.act(&route, &format!("/v1/routes/{}/cancel", id(&route)), &json!({ "reason": "mine" })).await;
    let problem = stale.problem(412, "version_stale");
    assert_eq!(problem["current_etag"], "\"v2\"", "{problem}");
    assert!(problem["changes"][0].as_str().unwrap().contains("given to its driver"), "{problem}");
    let changes = other.found(&format!("/v1/routes/{}/changes?after_version=1", id(&route))).await;
    assert_eq!(changes["items"][0]["what"], "assigned", "{changes}");
    let still = other.found(&format!("/v1/routes/{}", id(&route))).await;
    assert_eq!((version(&still), still["state"].as_str()), (2, Some("assigned")), "nothing is half done: {still}");
}

async fn an_order_that_cannot_be_driven_is_refused_with_every_reason(hub: &TestHub) {
    let depot = Depot::with(hub, 2).await;
    let shift = depot.shift(hub, &depot.vehicle(hub, "v1", 1).await).await;
    let route = depot.route(&shift, &depot.transfers).await;
    assert_eq!(kinds(&route), ["pickup", "delivery", "pickup", "delivery"], "one box fits: {route}");
    let [one, two] = [&depot.transfers[0], &depot.transfers[1]];
    let order = |stops: &[(&String, &str)]| {
        let stops: Vec<Value> =
            stops.iter().map(|(transfer, kind)| json!({ "transfer_id": transfer, "kind": kind })).collect();
        json!({ "stops": stops })
    };
    let path = format!("/v1/routes/{}/stops", id(&route));
    let both = order(&[(one, "pickup"), (two, "pickup"), (one, "delivery"), (two, "delivery")]);
    let refused = depot.dispatcher.change(Method::PUT, &path, version(&route), &both).await;
    let problem = refused.problem(400, "body_invalid");
    assert_eq!(problem["errors"][0]["code"], "full", "{problem}");
    let wrong = order(&[(one, "delivery"), (one, "pickup")]);
    let refused = depot.dispatcher.change(Method::PUT, &path, version(&route), &wrong).await;
    assert_eq!(refused.problem(400, "body_invalid")["errors"][0]["code"], "order");
    let taken_off = order(&[(two, "pickup"), (two, "delivery")]);
    let changed = depot.dispatcher.change(Method::PUT, &path, version(&route), &taken_off).await.expect(200);
    assert_eq!(changed["stops"].as_array().unwrap().len(), 2, "{changed}");
    let board = depot.dispatcher.found("/v1/dispatch-board").await;
    assert_eq!(board["waiting"][0]["transfer_id"], **one, "what was taken off waits again: {board}");
}

async fn boxes_go_to_another_shift_and_are_swapped(hub: &TestHub) {
    let depot = Depot::with(hub, 3).await;
    let first = depot.shift(hub, &depot.vehicle(hub, "v1", 4).await).await;
    let second = depot.shift(hub, &depot.vehicle(hub, "v2", 4).await).await;
    let route = depot.route(&first, &depot.transfers).await;
    let some = json!({ "shift_id": id(&second), "transfer_ids": [depot.transfers[0]] });
    let split = depot.act(&route, "give", some).await.expect(200);
    assert_eq!((kinds(&split["from"]).len(), kinds(&split["to"]).len()), (4, 2), "{split}");
    let swap = json!({ "other_route_id": id(&split["to"]), "other_version": version(&split["to"]) });
    let swapped = depot.act(&split["from"], "swap", swap).await.expect(200);
    assert_eq!((kinds(&swapped["from"]).len(), kinds(&swapped["to"]).len()), (2, 4), "{swapped}");
    let all = depot.act(&swapped["from"], "give", json!({ "shift_id": id(&second) })).await.expect(200);
    assert_eq!(all["from"]["state"], "cancelled", "{all}");
    assert_eq!(kinds(&all["to"]).len(), 6, "{all}");
    let cancelled = depot.act(&all["to"], "cancel", json!({ "reason": "typhoon" })).await.expect(200);
    assert_eq!(cancelled["state"], "cancelled");
    let board = depot.dispatcher.found("/v1/dispatch-board").await;
    assert_eq!(board["waiting"].as_array().unwrap().len(), 3, "{board}");
}

async fn a_box_changes_vehicles_at_a_depot(hub: &TestHub) {
    let depot = Depot::with(hub, 1).await;
    let first = depot.shift(hub, &depot.vehicle(hub, "v1", 4).await).await;
    let second = depot.shift(hub, &depot.vehicle(hub, "v2", 4).await).await;
    let route = depot.route(&first, &depot.transfers).await;
    let at = |site: &str| json!({ "transfer_id": depot.transfers[0], "depot_site_id": site, "shift_id": id(&second) });
    depot.act(&route, "dock", at(&hub.region.apart)).await.problem(409, "no_depot");
    let docked = depot.act(&route, "dock", at(&hub.region.bank)).await.expect(200);
    assert_eq!(kinds(&docked["from"]), ["pickup", "drop"], "{docked}");
    assert_eq!(kinds(&docked["to"]), ["take", "delivery"], "{docked}");
    let (drop, take) = (&docked["from"]["stops"][1], &docked["to"]["stops"][0]);
    assert!(take["planned_at"].as_str() > drop["leaves_at"].as_str(), "it is there before it is taken: {docked}");
}

async fn an_urgent_box_is_priced_before_it_is_put_in(hub: &TestHub) {
    let depot = Depot::with(hub, 2).await;
    let shift = depot.shift(hub, &depot.vehicle(hub, "v1", 4).await).await;
    let route = depot.route(&shift, &depot.transfers[..1]).await;
    let prices = depot.dispatcher.found(&format!("/v1/insertion-prices?transfer_id={}", depot.transfers[1])).await;
    let option = &prices["options"][0];
    assert_eq!(option["route_id"], route["id"], "{prices}");
    assert_eq!(option["added_m"], 0, "the same road carries both: {prices}");
    assert!(option["added_s"].as_i64().unwrap() > 0, "{prices}");
    assert_eq!(option["later"][0]["transfer_id"], *depot.transfers[0], "{prices}");
    let with = depot.act(&route, "insert", json!({ "transfer_id": depot.transfers[1] })).await.expect(200);
    assert_eq!(kinds(&with).len(), 4, "{with}");
    let again = depot.act(&with, "insert", json!({ "transfer_id": depot.transfers[1] })).await;
    assert_eq!(again.problem(400, "body_invalid")["errors"][0]["code"], "on_a_route");
}

async fn what_cannot_be_is_refused_and_nothing_is_half_assigned(hub: &TestHub) {
    let depot = Depot::with(hub, 1).await;
    let vehicle = depot.vehicle(hub, "v1", 4).await;
    let shift = depot.shift(hub, &vehicle).await;
    let mut body = json!({
        "courier_id": hub.region.courier, "code": "v9", "name": "Van", "kind": "van", "boxes": -1, "box_ml": 0,
    });
    let problem = depot.dispatcher.post("/v1/vehicles", &body).await;
    let problem = problem.problem(400, "body_invalid");
    let pointers: Vec<&str> =
        problem["errors"].as_array().unwrap().iter().map(|error| error["pointer"].as_str().unwrap()).collect();
    assert_eq!(pointers, ["/boxes", "/box_ml"], "{problem}");
    body["base_site_id"] = json!("01990000-0000-7000-8000-00000000dead");
    body["boxes"] = json!(1);
    body["box_ml"] = json!(1);
    let problem = depot.dispatcher.post("/v1/vehicles", &body).await;
    assert_eq!(problem.problem(400, "body_invalid")["errors"][0]["pointer"], "/base_site_id");
    let backwards = json!({
        "vehicle_id": id(&vehicle), "starts_at": "2026-01-06T18:00:00Z", "ends_at": "2026-01-06T08:00:00Z",
    });
    let problem = depot.dispatcher.post("/v1/shifts", &backwards).await;
    assert_eq!(problem.problem(400, "body_invalid")["errors"][0]["pointer"], "/ends_at");
    let twice = json!({
        "vehicle_id": id(&vehicle), "starts_at": "2026-01-05T10:00:00Z", "ends_at": "2026-01-05T12:00:00Z",
    });
    depot.dispatcher.post("/v1/shifts", &twice).await.problem(409, "shift_overlaps");
    let unknown = json!({ "shift_id": id(&shift), "transfer_ids": ["01990000-0000-7000-8000-00000000dead"] });
    depot.dispatcher.post("/v1/routes", &unknown).await.problem(400, "body_invalid");
    let closure = json!({
        "kind": "tropical cyclone signal 8", "site_ids": [hub.region.unit], "starts_at": "2026-01-05T08:00:00Z",
    });
    depot.dispatcher.created("/v1/closures", &closure).await;
    let closed = json!({ "shift_id": id(&shift), "transfer_ids": depot.transfers });
    let problem = depot.dispatcher.post("/v1/routes", &closed).await.problem(400, "body_invalid");
    assert_eq!(problem["errors"][0]["code"], "receiver_closed", "{problem}");
    assert!(depot.dispatcher.all("/v1/routes").await.is_empty());
    let future = json!({ "positions": [{
        "vehicle_id": id(&vehicle), "latitude": 22.3, "longitude": 114.1, "at": "2026-01-05T09:00:00Z",
    }] });
    let problem = depot.dispatcher.post("/v1/vehicle-positions", &future).await.problem(400, "body_invalid");
    assert_eq!(problem["errors"][0]["code"], "in_the_future", "{problem}");
    depot.bank.get("/v1/routes").await.problem(403, "forbidden");
}

async fn late_and_silent_are_alarms_of_their_own_and_milk_is_planned_anew(hub: &TestHub) {
    let depot = Depot::with(hub, 1).await;
    let shift = depot.shift(hub, &depot.vehicle(hub, "v1", 4).await).await;
    let route = depot.route(&shift, &depot.transfers).await;
    depot.pack_all().await;
    let route = depot.act(&route, "assign", json!({})).await.expect(200);
    let pickup = stop(&route, "pickup", &depot.transfers[0]);
    let report = json!({ "stop_id": id(pickup), "step_ref": "p", "what": "done", "seal_number": "S-0" });
    depot.dispatcher.post(&format!("/v1/routes/{}/reports", id(&route)), &report).await.expect(200);
    hub.advance_to("2026-01-05T09:00:00Z").await;
    let alarms = depot.dispatcher.all("/v1/route-alarms?state=open").await;
    let silent = alarms.iter().find(|alarm| alarm["kind"] == "silent").expect("nothing was heard for an hour");
    let taken = depot.dispatcher.act(silent, &format!("/v1/route-alarms/{}/acknowledge", id(silent)), &json!({})).await;
    assert_eq!(taken.expect(200)["state"], "acknowledged");
    // Two days later the box is long out of the freezer and past its need.
    hub.advance_to("2026-01-07T09:00:00Z").await;
    let seen = depot.dispatcher.found(&format!("/v1/routes/{}", id(&route))).await;
    let mut kinds: Vec<&str> =
        seen["alarms"].as_array().unwrap().iter().map(|alarm| alarm["kind"].as_str().unwrap()).collect();
    kinds.sort_unstable();
    assert_eq!(kinds, ["late", "silent", "warm"], "{seen}");
    let events = events(&depot.unit).await;
    assert!(events.iter().any(|event| event["kind"] == "journey.delayed"));
    assert!(events.iter().any(|event| event["kind"] == "allocation.doubted"), "other milk is looked for");
}

hub_test!(
    milk_goes_from_a_shift_to_the_door,
    two_dispatchers_at_once_learn_of_each_other,
    an_order_that_cannot_be_driven_is_refused_with_every_reason,
    boxes_go_to_another_shift_and_are_swapped,
    a_box_changes_vehicles_at_a_depot,
    an_urgent_box_is_priced_before_it_is_put_in,
    what_cannot_be_is_refused_and_nothing_is_half_assigned,
    late_and_silent_are_alarms_of_their_own_and_milk_is_planned_anew,
);
