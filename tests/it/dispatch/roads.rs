//! What makes a road longer than its kilometres: a border, and how long it took before.

use super::{Depot, stop};
use crate::hub::TestHub;
use crate::hub::region::{accepted, matched, published, released_lot, request_body, signed_site};
use crate::hub::wire::{Wire, id};
use crate::hub_test;
use reqwest::Method;
use serde_json::{Value, json};

/// A bottle that is promised to a unit: the body that plans its journey.
async fn promised(hub: &TestHub, bank: &Wire, unit: &Wire, site: &str, code: &str) -> Value {
    let lot = released_lot(bank, &hub.region.bank, code, 1).await;
    published(bank, &hub.region.bank, &lot).await;
    unit.created("/v1/requests", &request_body(site, &format!("I-{code}"), 100)).await;
    let offer = accepted(bank, &matched(bank, &hub.region.bank).await[0]).await;
    json!({
        "allocation_ids": [offer["allocation_id"]], "courier_id": hub.region.courier,
        "planned_pickup_at": "2026-01-05T10:00:00Z", "planned_delivery_at": "2026-01-05T10:30:00Z",
    })
}

/// A unit across a border, under an agreement that reads both regimes.
async fn unit_abroad(hub: &TestHub) -> String {
    let body = json!({
        "code": "macau-unit", "role": "recipient", "name": "Unit across the water", "city": "Macau", "country": "MO",
        "latitude": 22.25, "longitude": 114.17, "time_zone": "Asia/Macau", "has_nicu": true,
        "accepts_forms": ["frozen"], "records_infant_use": true, "reserve_ml": 0,
    });
    let abroad = signed_site(&hub.admin, &hub.region.policy, &body).await;
    let agreement = json!({
        "code": "across", "name": "Across the border", "document_reference": "paper-9",
        "policy_mapping": "annex 2: both read the same rules", "valid_from": "2025-01-01T00:00:00Z",
        "site_ids": [hub.region.bank, abroad],
    });
    hub.admin.created("/v1/agreements", &agreement).await;
    abroad
}

async fn note_border(wire: &Wire, border: &str, minutes: i64) -> crate::hub::wire::Answer {
    let body = json!({ "minutes": minutes, "source": "log of the crossing" });
    wire.ask(Method::PUT, &format!("/v1/borders/{border}")).json(&body).send().await
}

async fn a_border_takes_its_minutes_in_proofs_and_routes(hub: &TestHub) {
    let abroad = unit_abroad(hub).await;
    let (bank, unit) = (hub.manager_at(&hub.region.bank).await, hub.manager_at(&abroad).await);
    let dispatcher = hub.persona("dispatcher", &[]).await;
    let mut plan = promised(hub, &bank, &unit, &abroad, "L-1").await;
    let planned = bank.created("/v1/transfers", &plan).await;
    assert_eq!(planned["plan"]["road_minutes"], 41, "eleven on the road and thirty at the door: {planned}");
    let path = format!("/v1/transfers/{}/cancel", id(&planned));
    bank.act(&planned, &path, &json!({ "reason": "customs take time" })).await.expect(200);

    assert_eq!(note_border(&bank, "HK-MO", 50).await.status, 403);
    note_border(&hub.admin, "HK-HK", 50).await.problem(400, "path_invalid");
    note_border(&hub.admin, "HK-MO", -1).await.problem(400, "body_invalid");
    note_border(&hub.admin, "MO-HK", 20).await.expect(200);
    assert_eq!(note_border(&hub.admin, "MO-HK", 50).await.expect(200)["border"], "HK-MO");
    let noted = bank.all("/v1/borders").await;
    assert_eq!(
        (noted.len(), &noted[0]["minutes"], &noted[0]["source"]),
        (1, &json!(50), &json!("log of the crossing"))
    );

    // Half an hour is shorter than the road with its border (refusal 9).
    assert_eq!(bank.post("/v1/transfers", &plan).await.refused(), [9]);
    plan["planned_delivery_at"] = json!("2026-01-05T11:10:00Z");
    let planned = bank.created("/v1/transfers", &plan).await;
    assert_eq!(planned["plan"]["road_minutes"], 91, "{planned}");
    let depot = Depot { bank, unit, dispatcher, transfers: vec![id(&planned)] };
    let shift = depot.shift(hub, &depot.vehicle(hub, "v1", 2).await).await;
    let route = depot.route(&shift, &depot.transfers).await;
    // There and back over the border, 7,228 m at 40 km/h each way, and ten minutes at each door.
    assert_eq!(route["duration_s"], 2 * (651 + 50 * 60) + 2 * 600, "{route}");
    assert_eq!(route["distance_m"], 2 * 7_228, "{route}");
}

async fn a_leg_that_took_long_is_planned_longer_at_that_hour(hub: &TestHub) {
    let depot = Depot::with(hub, 1).await;
    let shift = depot.shift(hub, &depot.vehicle(hub, "v1", 2).await).await;
    let route = depot.route(&shift, &depot.transfers).await;
    depot.pack_all().await;
    let mut route = depot.act(&route, "assign", json!({})).await.expect(200);
    let transfer = &depot.transfers[0];
    for (kind, at) in [("pickup", "2026-01-05T09:00:00Z"), ("delivery", "2026-01-05T11:00:00Z")] {
        hub.advance_to(at).await;
        let code = depot.unit.found(&format!("/v1/transfers/{transfer}/handover-code")).await;
        let report = json!({
            "stop_id": id(stop(&route, kind, transfer)), "step_ref": kind, "what": "done", "seal_number": "S-0",
            "handover_code": code["handover_code"],
        });
        route = depot.dispatcher.post(&format!("/v1/routes/{}/reports", id(&route)), &report).await.expect(200);
    }
    let mut plan = promised(hub, &depot.bank, &depot.unit, &hub.region.unit, "L-2").await;
    for (hour, road_minutes) in [(9, 69), (10, 41)] {
        plan["planned_pickup_at"] = json!(format!("2026-01-06T{hour:02}:10:00Z"));
        plan["planned_delivery_at"] = json!(format!("2026-01-06T{hour:02}:40:00Z"));
        let planned = depot.bank.created("/v1/transfers", &plan).await;
        // Three times eleven minutes and once two hours, by four, and half an hour at the door.
        assert_eq!(planned["plan"]["road_minutes"], road_minutes, "{planned}");
        let path = format!("/v1/transfers/{}/cancel", id(&planned));
        depot.bank.act(&planned, &path, &json!({ "reason": "another hour" })).await.expect(200);
    }
}

hub_test!(a_border_takes_its_minutes_in_proofs_and_routes, a_leg_that_took_long_is_planned_longer_at_that_hour,);
