//! A day of a region that comes with the program: its real sites, policies and carriers, laid out through the API.

mod france;
mod hongkong;
mod proof;
mod vietnam_laos;

use crate::hub::TestHub;
use crate::hub::region::{good_record, request_body};
use crate::hub::wire::{Wire, id};
use milkbridge::scenario::stored::StoredRegion;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A site with its manager.
pub struct Site {
    pub id: String,
    pub wire: Wire,
}

/// A region in a hub.
pub struct Day<'a> {
    pub hub: &'a TestHub,
    region: Value,
    pub sites: BTreeMap<String, Site>,
    pub couriers: BTreeMap<String, String>,
    pub dispatcher: Wire,
    /// Every transfer of the day, in the order of planning.
    pub boxes: Vec<String>,
}

/// What a unit asks for.
pub struct Need<'a> {
    pub unit: &'a str,
    pub volume_ml: i64,
    pub needed_by: &'a str,
}

impl<'a> Day<'a> {
    /// Some sites and carriers of a stored region, under one agreement for each country, as the region file has it.
    pub async fn of(hub: &'a TestHub, region: &str, codes: &[&str], carriers: &[&str]) -> Self {
        let text = StoredRegion::find(region).expect("a stored region").region;
        let region: Value = serde_json::from_str(text).unwrap();
        let mut policies: BTreeMap<String, String> = BTreeMap::new();
        for (code, profile) in region["policy_profiles"].as_object().unwrap() {
            let body = json!({ "region_profile": { "code": code, "profile": profile } });
            policies.insert(code.clone(), id(&hub.admin.created("/v1/policy-sets", &body).await));
        }
        let dispatcher = hub.persona("dispatcher", &[]).await;
        let (sites, couriers) = (BTreeMap::new(), BTreeMap::new());
        let mut day = Self { hub, region, sites, couriers, dispatcher, boxes: Vec::new() };
        let mut countries: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for code in codes {
            let country = day.lay_out_site(code, &policies).await;
            countries.entry(country).or_default().push(day.site(code).id.clone());
        }
        for (country, members) in countries {
            day.agreement(&format!("within-{}", country.to_lowercase()), &members, None).await;
        }
        for code in carriers {
            day.lay_out_courier(code).await;
        }
        day
    }

    /// The entry of the region file under a code.
    fn entry(&self, list: &str, code: &str) -> Value {
        let entries = self.region[list].as_array().unwrap();
        entries.iter().find(|entry| entry["id"] == code).unwrap_or_else(|| panic!("no {code}")).clone()
    }

    /// Makes a site known and signs for it; its country.
    async fn lay_out_site(&mut self, code: &str, policies: &BTreeMap<String, String>) -> String {
        let entry = self.entry("sites", code);
        let body = json!({
            "code": code, "role": entry["role"], "name": entry["name"], "city": entry["city"],
            "country": entry["country"], "latitude": entry["lat"], "longitude": entry["lon"],
            "time_zone": entry["time_zone"], "has_nicu": entry["has_nicu"], "accepts_forms": entry["accepts_forms"],
            "records_infant_use": true, "reserve_ml": 0, "standing_rule": { "accept_offers": true },
        });
        let admin = &self.hub.admin;
        let pending = admin.created("/v1/sites", &body).await;
        let signature = json!({
            "policy_set_id": policies[entry["policy_profile"].as_str().unwrap()], "signer_title": "Responsible person",
            "demonstration": true, "statement": "Signed for a test; no milk moves.",
        });
        let path = format!("/v1/sites/{}/policy-signatures", id(&pending));
        let live = admin.act(&pending, &path, &signature).await.expect(200);
        let wire = self.hub.manager_at(&id(&live)).await;
        self.sites.insert(code.to_owned(), Site { id: id(&live), wire });
        entry["country"].as_str().unwrap().to_owned()
    }

    /// Makes a carrier known, as the region file has it.
    async fn lay_out_courier(&mut self, code: &str) {
        let entry = self.entry("carriers", code);
        let hours = entry["hold_time_h"].as_i64().unwrap();
        let body = json!({
            "code": code, "name": entry["name"], "kind": entry["kind"],
            "base_site_id": self.site(entry["base_site_id"].as_str().unwrap()).id,
            "agreement_reference": "paper of a test", "max_payload_ml": entry["max_payload_ml"],
            "hold_time_minutes": hours * 60, "speed_kmh": entry["speed_kmh"],
            "vehicles": entry["vehicles"], "covers": entry["covers"], "hours": entry["hours_local"],
            "days": entry["days"], "packaging": entry["packaging"],
        });
        let made = self.hub.admin.created("/v1/couriers", &body).await;
        self.couriers.insert(code.to_owned(), id(&made));
    }

    /// An agreement between sites; across a border it says how one side's rules are read on the other.
    pub async fn agreement(&self, code: &str, members: &[String], mapping: Option<&str>) {
        let body = json!({
            "code": code, "name": code, "document_reference": "paper of a test", "policy_mapping": mapping,
            "valid_from": "2025-01-01T00:00:00Z", "site_ids": members,
        });
        self.hub.admin.created("/v1/agreements", &body).await;
    }

    /// A site by its code.
    pub fn site(&self, code: &str) -> &Site {
        self.sites.get(code).unwrap_or_else(|| panic!("no site {code}"))
    }

    /// Releases a lot at a bank and publishes all of it.
    pub async fn surplus(&self, bank: &str, code: &str, bottles: u32) -> String {
        let site = self.site(bank);
        let body = json!({
            "bank_site_id": site.id, "code": code, "record": good_record(), "expires_at": "2026-03-20T16:00:00Z",
            "containers": [{ "size_ml": 100, "count": bottles }], "release": true,
        });
        let lot = site.wire.created("/v1/lots", &body).await;
        assert_eq!(lot["state"], "released", "{lot}");
        self.publish(bank, &id(&lot)).await;
        id(&lot)
    }

    /// Publishes every free bottle of a lot.
    pub async fn publish(&self, bank: &str, lot: &str) {
        let site = self.site(bank);
        let body = json!({
            "site_id": site.id, "reason": "more than we need", "available_until": "2026-01-31T08:00:00Z",
            "lots": [{ "lot_id": lot }],
        });
        site.wire.created("/v1/surplus", &body).await;
    }

    /// Asks for milk, each for an infant of its own.
    pub async fn ask(&self, needs: &[Need<'_>]) {
        for (index, need) in needs.iter().enumerate() {
            let site = self.site(need.unit);
            let mut body = request_body(&site.id, &format!("{}-{index}", need.unit), need.volume_ml);
            body["needed_by"] = json!(need.needed_by);
            site.wire.created("/v1/requests", &body).await;
        }
    }

    /// Matches what is asked for with what is published; banks accept by their standing rule. The allocations that
    /// wait for a journey, with their two sites.
    pub async fn matched(&self) -> Vec<(String, String, String)> {
        let run = self.hub.admin.post("/v1/match-runs", &json!({})).await;
        assert!(matches!(run.status, 200 | 201), "{}", run.text);
        let held = self.dispatcher.all("/v1/allocations?state=held").await;
        let text = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
        held.iter().map(|row| (id(row), text(row, "from_site_id"), text(row, "to_site_id"))).collect()
    }

    /// The code of a site.
    pub fn code(&self, site: &str) -> &str {
        let found = self.sites.iter().find(|(_, one)| one.id == site);
        found.map_or_else(|| panic!("no site {site}"), |(code, _)| code.as_str())
    }

    /// Plans and packs one box for each pair of sites with milk to carry, with the carrier for its sender; how many.
    pub async fn pack_up(&mut self, courier: impl Fn(&str) -> &'static str, pickup: &str, delivery: &str) -> usize {
        self.pack_up_until(courier, pickup, |_| delivery.to_owned()).await
    }

    /// The same, where a journey ends at another time by its sender.
    pub async fn pack_up_until(
        &mut self,
        courier: impl Fn(&str) -> &'static str,
        pickup: &str,
        delivery: impl Fn(&str) -> String,
    ) -> usize {
        let mut pairs: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
        for (allocation, from, to) in self.matched().await {
            pairs.entry((from, to)).or_default().push(allocation);
        }
        let count = pairs.len();
        for ((from, _), allocations) in pairs {
            let plan = json!({
                "allocation_ids": allocations, "courier_id": self.couriers[courier(self.code(&from))],
                "planned_pickup_at": pickup, "planned_delivery_at": delivery(self.code(&from)),
            });
            let planned = self.dispatcher.created("/v1/transfers", &plan).await;
            self.boxes.push(id(&planned));
            let site = self.sender(&planned);
            let seal = json!({ "seal_number": self.seal(&id(&planned)) });
            site.wire.act(&planned, &format!("/v1/transfers/{}/pack", id(&planned)), &seal).await.expect(200);
        }
        count
    }

    /// The site that sends a box.
    pub fn sender(&self, transfer: &Value) -> &Site {
        self.sites.values().find(|site| transfer["from_site_id"] == *site.id).expect("a sender")
    }

    /// The site that receives a box.
    pub fn receiver(&self, transfer: &Value) -> &Site {
        self.sites.values().find(|site| transfer["to_site_id"] == *site.id).expect("a receiver")
    }

    /// The seal of a box.
    pub fn seal(&self, transfer: &str) -> String {
        format!("S-{}", self.boxes.iter().position(|one| one == transfer).expect("a box of the day"))
    }

    /// A vehicle of a carrier.
    pub async fn vehicle(&self, courier: &str, code: &str) -> Value {
        let body = json!({
            "courier_id": self.couriers[courier], "code": code, "name": code, "kind": "car", "boxes": 8,
            "box_ml": 2_000, "cents_per_km": 50, "cents_per_hour": 3_000, "cents_per_start": 500,
        });
        self.dispatcher.created("/v1/vehicles", &body).await
    }

    /// A shift of a vehicle.
    pub async fn shift(&self, vehicle: &Value, from: &str, until: &str) -> Value {
        let body = json!({ "vehicle_id": id(vehicle), "starts_at": from, "ends_at": until });
        self.dispatcher.created("/v1/shifts", &body).await
    }

    /// Plans everything that waits; the outcome.
    pub async fn plan(&self) -> Value {
        let body = json!({ "time_limit_s": 1, "replan": true });
        let plan = self.dispatcher.created("/v1/route-plans", &body).await;
        let done = super::planning::over(&self.dispatcher, &plan).await;
        assert_eq!(done["state"], "done", "{done}");
        done
    }

    /// A route as it stands.
    pub async fn route(&self, route: &str) -> Value {
        self.dispatcher.found(&format!("/v1/routes/{route}")).await
    }

    /// The open routes.
    pub async fn open_routes(&self) -> Vec<Value> {
        let board = self.dispatcher.found("/v1/dispatch-board").await;
        board["routes"].as_array().unwrap().clone()
    }

    /// A verb on a route at the version it has.
    pub async fn act(&self, route: &Value, verb: &str, body: Value) -> Value {
        let path = format!("/v1/routes/{}/{verb}", id(route));
        self.dispatcher.act(route, &path, &body).await.expect(200)
    }

    /// A closure of some sites.
    pub async fn close(&self, kind: &str, codes: &[&str], from: &str, until: &str) {
        let ids: Vec<&str> = codes.iter().map(|code| self.site(code).id.as_str()).collect();
        let body = json!({ "kind": kind, "site_ids": ids, "starts_at": from, "ends_at": until });
        self.dispatcher.created("/v1/closures", &body).await;
    }

    /// Reports a stop.
    pub async fn report(&self, route: &Value, stop: &Value, what: &str, problem: Option<&str>) -> Value {
        let mut body = json!({ "stop_id": id(stop), "step_ref": format!("{what}-{}", id(stop)), "what": what });
        if let Some(problem) = problem {
            body["problem"] = json!(problem);
        } else {
            body["seal_number"] = json!(self.seal(stop["transfer_id"].as_str().unwrap()));
        }
        self.dispatcher.post(&format!("/v1/routes/{}/reports", id(route)), &body).await.expect(200)
    }

    /// Drives routes together, each stop at the time at which it is expected, as long as it ends before `until`.
    pub async fn drive(&self, routes: &[String], until: &str) {
        loop {
            let mut next: Option<(String, Value, Value)> = None;
            for id in routes {
                let route = self.route(id).await;
                let stop = route["stops"].as_array().unwrap().iter().find(|stop| is_ahead(stop)).cloned();
                let Some(stop) = stop.filter(|_| is_driven(&route)) else { continue };
                let at = stop["eta_at"].as_str().unwrap().to_owned();
                if next.as_ref().is_none_or(|(known, ..)| at < *known) {
                    next = Some((at, route, stop));
                }
            }
            let Some((at, route, stop)) = next else { return };
            // A stop takes its time: the box changes hands at its end.
            let over = later(&at, DOOR_MINUTES);
            if over.as_str() >= until {
                return;
            }
            if at > self.now().await {
                self.hub.advance_to(&at).await;
            }
            if stop["state"] == "waiting" {
                self.report(&route, &stop, "arrived", None).await;
            }
            if over > self.now().await {
                self.hub.advance_to(&over).await;
            }
            self.report(&route, &stop, "done", None).await;
        }
    }

    /// The hub's time.
    pub async fn now(&self) -> String {
        let clock = self.hub.admin.found("/v1/simulation/clock").await;
        clock["now"].as_str().unwrap().to_owned()
    }

    /// Receives every box that stands at a receiver's door, all bottles well.
    pub async fn receive_all(&self) {
        for id in &self.boxes {
            let path = format!("/v1/transfers/{id}");
            let transfer = self.dispatcher.found(&path).await;
            if transfer["state"] == "delivered" {
                let receipt = json!({ "seal_number": self.seal(id), "frozen_solid": true, "accept_all": true });
                let wire = &self.receiver(&transfer).wire;
                let received = wire.act(&transfer, &format!("{path}/receive"), &receipt).await.expect(200);
                assert_eq!(received["state"], "received", "{received}");
            }
        }
    }

    /// Takes a box back at its sender.
    pub async fn take_back(&self, transfer: &str, reason: &str) -> Value {
        let path = format!("/v1/transfers/{transfer}");
        let found = self.dispatcher.found(&path).await;
        let body = json!({
            "reason": reason, "seal_number": self.seal(transfer), "frozen_solid": true, "accept_all": true,
        });
        self.sender(&found).wire.act(&found, &format!("{path}/take-back"), &body).await.expect(200)
    }
}

/// Minutes at a door.
const DOOR_MINUTES: i64 = 10;

/// An instant so many minutes later.
fn later(at: &str, minutes: i64) -> String {
    let at: jiff::Timestamp = at.parse().unwrap();
    (at + jiff::SignedDuration::from_mins(minutes)).to_string()
}

/// True for a stop still to be made.
pub fn is_ahead(stop: &Value) -> bool {
    stop["state"] == "waiting" || stop["state"] == "arrived"
}

/// True for a route that a driver has.
fn is_driven(route: &Value) -> bool {
    route["state"] == "assigned" || route["state"] == "running"
}

/// The stops of a route with a property.
pub fn stops<'a>(route: &'a Value, wanted: impl Fn(&Value) -> bool + 'a) -> impl Iterator<Item = &'a Value> {
    route["stops"].as_array().unwrap().iter().filter(move |stop| wanted(stop))
}
