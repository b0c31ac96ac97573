//! What must hold at any moment of a day, and at its end.

use super::{Day, is_ahead};
use crate::hub::region::balanced_ledger;
use serde_json::Value;

/// Every box is in exactly one place: waiting, on one open route, at a door, or over. Nothing is half assigned.
pub async fn nothing_half_assigned(day: &Day<'_>) {
    let board = day.dispatcher.found("/v1/dispatch-board").await;
    let waiting = board["waiting"].as_array().unwrap();
    let routes = board["routes"].as_array().unwrap();
    for id in &day.boxes {
        let transfer = day.dispatcher.found(&format!("/v1/transfers/{id}")).await;
        let waits = waiting.iter().filter(|one| one["transfer_id"] == **id).count();
        let on = routes.iter().filter(|route| leaves_on(route, id)).count();
        match transfer["state"].as_str().unwrap() {
            "planned" | "packed" => assert_eq!(waits + on, 1, "{waits} times waiting, on {on} routes: {transfer}"),
            // Aboard, or just back at its sender.
            "collected" | "in_transit" => assert!(waits == 0 && on <= 1, "on {on} routes: {transfer}"),
            _ => assert_eq!((waits, on), (0, 0), "{transfer}"),
        }
    }
}

/// True when a route still takes a box somewhere.
fn leaves_on(route: &Value, transfer: &str) -> bool {
    let stops = route["stops"].as_array().unwrap();
    stops.iter().any(|stop| {
        let leaves = stop["kind"] == "delivery" || stop["kind"] == "drop";
        stop["transfer_id"] == *transfer && leaves && is_ahead(stop)
    })
}

/// Every box is over: received, or back with its sender; none was out of a freezer for longer than its packaging
/// holds; no milk is on the road, and none is lost.
pub async fn all_milk_is_in_a_freezer(day: &Day<'_>) -> Value {
    for id in &day.boxes {
        let transfer = day.dispatcher.found(&format!("/v1/transfers/{id}")).await;
        let state = transfer["state"].as_str().unwrap();
        if state == "cancelled" {
            continue;
        }
        let back = transfer["verdict"] == "returned";
        assert!(state == "received" || (state == "rejected" && back), "{transfer}");
        let minutes = minutes_out(&transfer);
        let hold = transfer["max_duration_minutes"].as_i64().unwrap();
        assert!(minutes <= hold, "{minutes} minutes out, the packaging holds {hold}: {transfer}");
        for line in transfer["manifest"].as_array().unwrap() {
            assert_eq!(line["outcome"], "accepted", "{transfer}");
        }
    }
    let ledger = balanced_ledger(&day.hub.admin).await;
    assert_eq!(ledger["in_transit_ml"], 0, "{ledger}");
    assert_eq!(ledger["discarded_ml"], 0, "{ledger}");
    ledger
}

/// Minutes from the sender's freezer to the next one.
fn minutes_out(transfer: &Value) -> i64 {
    let at = |name: &str| transfer[name].as_str().map(|text| text.parse::<jiff::Timestamp>().unwrap());
    let (left, there) = (at("collected_at").unwrap(), at("delivered_at").or(at("received_at")).unwrap());
    (there.as_second() - left.as_second()) / 60
}

/// Every request of the day has its milk.
pub async fn every_need_is_met(day: &Day<'_>) {
    for request in day.dispatcher.all("/v1/requests").await {
        assert_eq!(request["state"], "fulfilled", "{request}");
    }
}
