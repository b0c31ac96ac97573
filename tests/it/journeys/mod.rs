//! Milk on its way and what freezes it: each refusal that a journey can meet, by its number, and the figures
//! that must come out whatever happens to a box.

mod cold_chain;
mod custody;
mod documents;
mod doors;
mod evidence;
mod fates;
mod freezers;
mod freezing;
mod loggers;
mod packings;
mod tracing;

use crate::hub::TestHub;
use crate::hub::region::{accepted, matched, published, released_lot, request_body};
use crate::hub::wire::{Wire, id};
use serde_json::{Value, json};

/// A bank, a unit, a lot of five bottles of 100 mL and an infant's request for all of it, promised.
pub struct Promised {
    pub bank: Wire,
    pub unit: Wire,
    pub lot: Value,
    pub request: String,
    pub allocation: String,
}

impl Promised {
    /// Publishes, asks, matches and accepts.
    pub async fn on(hub: &TestHub) -> Self {
        let (bank, unit) = (hub.manager_at(&hub.region.bank).await, hub.manager_at(&hub.region.unit).await);
        let lot = released_lot(&bank, &hub.region.bank, "L-1", 5).await;
        published(&bank, &hub.region.bank, &lot).await;
        let request = unit.created("/v1/requests", &request_body(&hub.region.unit, "I-1", 500)).await;
        let offer = accepted(&bank, &matched(&bank, &hub.region.bank).await[0]).await;
        let allocation = offer["allocation_id"].as_str().unwrap().to_owned();
        Self { bank, unit, lot, request: id(&request), allocation }
    }

    /// The body that plans a box for the allocation.
    pub fn plan(&self, hub: &TestHub) -> Value {
        json!({
            "allocation_ids": [self.allocation], "courier_id": hub.region.courier,
            "planned_pickup_at": "2026-01-05T10:00:00Z", "planned_delivery_at": "2026-01-05T12:00:00Z",
        })
    }

    /// The request as it is now.
    pub async fn request(&self) -> Value {
        self.unit.found(&format!("/v1/requests/{}", self.request)).await
    }

    /// The bottles at the unit in a state.
    pub async fn at_unit(&self, hub: &TestHub, state: &str) -> Vec<Value> {
        self.unit.all(&format!("/v1/bottles?site_id={}&state={state}", hub.region.unit)).await
    }

    /// A step of a journey by the bank.
    pub async fn step(&self, transfer: &Value, verb: &str, body: Value) -> Value {
        self.bank.act(transfer, &format!("/v1/transfers/{}/{verb}", id(transfer)), &body).await.expect(200)
    }

    /// Plans, packs and hands over a box with a logger in it, at ten.
    pub async fn on_the_road(&self, hub: &TestHub) -> Value {
        let mut plan = self.plan(hub);
        plan["logger_ref"] = json!("LOG-1");
        let planned = self.bank.created("/v1/transfers", &plan).await;
        let packed = self.step(&planned, "pack", json!({ "seal_number": "S-1" })).await;
        hub.advance_to("2026-01-05T10:00:00Z").await;
        self.step(&packed, "collect", json!({ "seal_number": "S-1" })).await
    }

    /// Hands the box over at twelve.
    pub async fn delivered(&self, hub: &TestHub, transfer: &Value) -> Value {
        hub.advance_to("2026-01-05T12:00:00Z").await;
        self.handed_in(transfer).await
    }

    /// The receiver says that the box is at its door.
    pub async fn handed_in(&self, transfer: &Value) -> Value {
        let path = format!("/v1/transfers/{}/deliver", id(transfer));
        self.unit.act(transfer, &path, &json!({})).await.expect(200)
    }

    /// Takes the box in as intact.
    pub async fn received(&self, transfer: &Value) -> Value {
        let receipt = json!({ "seal_number": "S-1", "frozen_solid": true, "accept_all": true });
        self.unit.act(transfer, &format!("/v1/transfers/{}/receive", id(transfer)), &receipt).await.expect(200)
    }

    /// Sends readings of the box's logger, one every ten minutes from ten on.
    pub async fn readings(&self, transfer: &Value, degrees: &[f64]) -> Value {
        let body = readings(transfer, degrees);
        self.bank.post("/v1/readings", &body).await.expect(200)
    }

    /// Tries to feed from a bottle at the unit.
    pub async fn fed(&self, hub: &TestHub, bottle: &str) -> crate::hub::wire::Answer {
        let feeds = json!([{ "infant_ref": "I-1", "volume_ml": 60 }]);
        let items = json!([{ "bottle_id": bottle, "fate": "used", "feeds": feeds }]);
        self.unit.post("/v1/bottles/fates", &json!({ "site_id": hub.region.unit, "items": items })).await
    }
}

/// A batch of readings, one every ten minutes from ten on.
pub fn readings(transfer: &Value, degrees: &[f64]) -> Value {
    let rows: Vec<Value> = degrees
        .iter()
        .enumerate()
        .map(|(index, degrees)| {
            let minutes = 600 + 10 * index;
            json!({ "at": format!("2026-01-05T{:02}:{:02}:00Z", minutes / 60, minutes % 60), "celsius": degrees })
        })
        .collect();
    json!({ "transfer_id": id(transfer), "logger_ref": "LOG-1", "readings": rows })
}

/// Two cold hours.
pub const COLD: [f64; 13] = [-22.5; 13];
