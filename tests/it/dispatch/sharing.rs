//! What dispatch drives anyway flows back to matching: milk that can ride along is preferred to milk nearer by that
//! needs a journey of its own.

use crate::hub::TestHub;
use crate::hub::region::{accepted, matched, published, released_lot, request_body, site};
use crate::hub::wire::{Wire, id};
use crate::hub_test;
use serde_json::{Value, json};

/// A box of one bottle from a bank to a unit, planned and waiting for a vehicle.
async fn a_box(hub: &TestHub, from: &str, to: &str, code: &str) -> String {
    let (bank, unit) = (hub.manager_at(from).await, hub.manager_at(to).await);
    let lot = released_lot(&bank, from, code, 1).await;
    published(&bank, from, &lot).await;
    unit.created("/v1/requests", &request_body(to, &format!("I-{code}"), 100)).await;
    let offer = accepted(&bank, &matched(&bank, from).await[0]).await;
    let plan = json!({
        "allocation_ids": [offer["allocation_id"]], "courier_id": hub.region.courier,
        "planned_pickup_at": "2026-01-05T11:00:00Z", "planned_delivery_at": "2026-01-05T13:00:00Z",
    });
    id(&bank.created("/v1/transfers", &plan).await)
}

/// Where the milk for a new request of 100 mL is to come from.
async fn chosen(unit: &Wire, site: &str, infant: &str) -> Value {
    let request = unit.created("/v1/requests", &request_body(site, infant, 100)).await;
    matched(unit, site).await;
    let offers = unit.all(&format!("/v1/offers?request_id={}", id(&request))).await;
    assert_eq!(offers.len(), 1, "{offers:?}");
    offers[0]["from_site_id"].clone()
}

async fn milk_that_rides_along_is_chosen_over_milk_that_is_nearer(hub: &TestHub) {
    let (admin, region) = (&hub.admin, &hub.region);
    let far = site(admin, &region.policy, "far-bank", "bank", 22_400).await;
    let beside = site(admin, &region.policy, "beside-far", "bank", 22_380).await;
    let ward = site(admin, &region.policy, "ward-two", "recipient", 22_260).await;
    let agreement = json!({
        "code": "all", "name": "All of them", "document_reference": "paper-3", "valid_from": "2025-01-01T00:00:00Z",
        "site_ids": [region.bank, region.unit, far, beside, ward],
    });
    admin.created("/v1/agreements", &agreement).await;
    let boxes = [a_box(hub, &far, &ward, "L-1").await, a_box(hub, &beside, &region.unit, "L-2").await];
    for from in [&region.bank, &far] {
        let bank = hub.manager_at(from).await;
        let lot = released_lot(&bank, from, "L-3", 5).await;
        published(&bank, from, &lot).await;
    }
    let unit = hub.manager_at(&region.unit).await;
    assert_eq!(chosen(&unit, &region.unit, "I-3").await, json!(region.bank), "the near bank, while nobody drives");
    let dispatcher = hub.persona("dispatcher", &[]).await;
    let vehicle = json!({
        "courier_id": region.courier, "code": "v1", "name": "Van", "kind": "van", "boxes": 3, "box_ml": 1_000,
        "cents_per_km": 50, "cents_per_hour": 3_000, "cents_per_start": 500,
    });
    let vehicle = dispatcher.created("/v1/vehicles", &vehicle).await;
    let shift = json!({
        "vehicle_id": id(&vehicle), "driver_ref": "driver-1", "end_site_id": region.bank,
        "starts_at": "2026-01-05T11:00:00Z", "ends_at": "2026-01-05T18:00:00Z",
    });
    let shift = dispatcher.created("/v1/shifts", &shift).await;
    let route = dispatcher.created("/v1/routes", &json!({ "shift_id": id(&shift), "transfer_ids": boxes })).await;
    assert_eq!(chosen(&unit, &region.unit, "I-4").await, json!(far), "a van goes from there to the unit: {route}");
    // With the route gone it is a journey of its own again.
    dispatcher
        .act(&route, &format!("/v1/routes/{}/cancel", id(&route)), &json!({ "reason": "storm" }))
        .await
        .expect(200);
    assert_eq!(chosen(&unit, &region.unit, "I-5").await, json!(region.bank), "nobody drives there any more");
}

hub_test!(milk_that_rides_along_is_chosen_over_milk_that_is_nearer);
