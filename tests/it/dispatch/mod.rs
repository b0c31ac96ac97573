//! Courier dispatch over the wire: from a vehicle and a shift to milk at the door.

mod days;
mod drivers;
mod partners;
mod planning;
mod routes;

use crate::hub::TestHub;
use crate::hub::region::{accepted, matched, published, released_lot, request_body};
use crate::hub::wire::{Answer, Wire, id};
use serde_json::{Value, json};

/// A bank, a unit and a dispatcher, with boxes of 100 mL that are planned and wait for a vehicle.
pub struct Depot {
    pub bank: Wire,
    pub unit: Wire,
    pub dispatcher: Wire,
    pub transfers: Vec<String>,
}

impl Depot {
    /// So many boxes, each for an infant of its own.
    pub async fn with(hub: &TestHub, boxes: usize) -> Self {
        let (bank, unit) = (hub.manager_at(&hub.region.bank).await, hub.manager_at(&hub.region.unit).await);
        let dispatcher = hub.persona("dispatcher", &[]).await;
        let lot = released_lot(&bank, &hub.region.bank, "L-1", u32::try_from(boxes).unwrap()).await;
        published(&bank, &hub.region.bank, &lot).await;
        for infant in 0..boxes {
            unit.created("/v1/requests", &request_body(&hub.region.unit, &format!("I-{infant}"), 100)).await;
        }
        let mut transfers = Vec::new();
        for offer in matched(&bank, &hub.region.bank).await {
            let offer = accepted(&bank, &offer).await;
            let plan = json!({
                "allocation_ids": [offer["allocation_id"]], "courier_id": hub.region.courier,
                "planned_pickup_at": "2026-01-05T10:00:00Z", "planned_delivery_at": "2026-01-05T12:00:00Z",
            });
            transfers.push(id(&bank.created("/v1/transfers", &plan).await));
        }
        assert_eq!(transfers.len(), boxes);
        Self { bank, unit, dispatcher, transfers }
    }

    /// A van with room for so many boxes.
    pub async fn vehicle(&self, hub: &TestHub, code: &str, boxes: i64) -> Value {
        let body = json!({
            "courier_id": hub.region.courier, "code": code, "name": format!("Van {code}"), "kind": "van",
            "boxes": boxes, "box_ml": 1_000, "cents_per_km": 50, "cents_per_hour": 3_000, "cents_per_start": 500,
        });
        self.dispatcher.created("/v1/vehicles", &body).await
    }

    /// A shift from eight to eighteen that starts and ends at the bank.
    pub async fn shift(&self, hub: &TestHub, vehicle: &Value) -> Value {
        let body = json!({
            "vehicle_id": id(vehicle), "driver_ref": "driver-1", "end_site_id": hub.region.bank,
            "starts_at": "2026-01-05T08:00:00Z", "ends_at": "2026-01-05T18:00:00Z",
        });
        self.dispatcher.created("/v1/shifts", &body).await
    }

    /// A route of some boxes for a shift.
    pub async fn route(&self, shift: &Value, boxes: &[String]) -> Value {
        self.dispatcher.created("/v1/routes", &json!({ "shift_id": id(shift), "transfer_ids": boxes })).await
    }

    /// A verb on a route at the version it has.
    pub async fn act(&self, route: &Value, verb: &str, body: Value) -> Answer {
        self.dispatcher.act(route, &format!("/v1/routes/{}/{verb}", id(route)), &body).await
    }

    /// Packs every box under the seal of its place in the list.
    pub async fn pack_all(&self) {
        for (index, transfer) in self.transfers.iter().enumerate() {
            let found = self.bank.found(&format!("/v1/transfers/{transfer}")).await;
            let seal = json!({ "seal_number": format!("S-{index}") });
            self.bank.act(&found, &format!("/v1/transfers/{transfer}/pack"), &seal).await.expect(200);
        }
    }

    /// The seal of a box.
    pub fn seal(&self, transfer: &str) -> String {
        format!("S-{}", self.transfers.iter().position(|one| one == transfer).unwrap())
    }
}

/// The stops of a route as `kind` words, in order.
pub fn kinds(route: &Value) -> Vec<&str> {
    route["stops"].as_array().unwrap().iter().map(|stop| stop["kind"].as_str().unwrap()).collect()
}

/// The stop of a box.
pub fn stop<'a>(route: &'a Value, kind: &str, transfer: &str) -> &'a Value {
    let stops = route["stops"].as_array().unwrap();
    let found = stops.iter().find(|stop| stop["kind"] == kind && stop["transfer_id"] == transfer);
    found.unwrap_or_else(|| panic!("no {kind} of {transfer}: {route}"))
}
