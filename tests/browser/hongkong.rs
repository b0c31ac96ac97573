//! Hong Kong on a Tuesday morning, laid out from the demo's own region file: a bank, nine hospitals, five vehicles, and
//! boxes in every place where a box may stand. What pictures show is this and nothing else.

use crate::hub::region::{Region, accepted, good_record, matched, published, signed_site};
use crate::hub::wire::{Wire, id};
use crate::hub::{Home, TestHub};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const REGION: &str = include_str!("../../src/scenario/data/regions/hongkong.json");
const POLICY: &str = include_str!("../../src/domain/policy/data/hk-ha.json");
/// 11:06 at the sites.
pub const NOW: &str = "2026-01-06T03:06:00Z";

/// The vehicles: code, name, kind, the carrier of the region file.
const VEHICLES: [(&str, &str, &str, &str); 5] = [
    ("urg-1", "URG-1", "urgent_car", "hk-ha-urgent"),
    ("van-1", "VAN-1", "hospital_van", "hk-ha-transport"),
    ("van-2", "VAN-2", "hospital_van", "hk-ha-transport"),
    ("bmb-1", "BMB-1", "bank_courier", "hk-bmb-courier"),
    ("bmb-2", "BMB-2", "bank_courier", "hk-bmb-courier"),
];

/// What hospitals asked for: site, mL, birth weight, when it is needed.
const ASKED: [(&str, i64, i64, &str); 9] = [
    ("hk-tmh", 1_400, 870, "2026-01-06T04:25:00Z"),
    ("hk-qmh", 800, 1_210, "2026-01-06T06:00:00Z"),
    ("hk-pyneh", 600, 1_640, "2026-01-06T05:00:00Z"),
    ("hk-pmh", 900, 1_180, "2026-01-06T05:10:00Z"),
    ("hk-uch", 500, 2_050, "2026-01-06T09:00:00Z"),
    ("hk-hkch", 400, 1_590, "2026-01-06T04:00:00Z"),
    ("hk-qeh", 600, 1_720, "2026-01-06T05:30:00Z"),
    ("hk-pwh", 500, 760, "2026-01-06T07:00:00Z"),
    ("hk-kwh", 300, 1_680, "2026-01-07T02:00:00Z"),
];

/// The morning.
pub struct Morning {
    /// The hub; its small region stands for the bank, Prince of Wales and Tuen Mun.
    pub hub: TestHub,
    /// Sites by their code.
    pub sites: BTreeMap<String, String>,
    /// The box of each hospital that asked.
    pub boxes: BTreeMap<&'static str, String>,
    /// The shift of each vehicle.
    pub shifts: BTreeMap<&'static str, Value>,
    /// Sends vehicles.
    pub dispatcher: Wire,
    bank: Wire,
}

/// Sites, agreement and carriers of the region file.
async fn lay_out(admin: &Wire) -> Region {
    let region: Value = serde_json::from_str(REGION).unwrap();
    let document: Value = serde_json::from_str(POLICY).unwrap();
    let policy = id(&admin.created("/v1/policy-sets", &json!({ "document": document })).await);
    let mut sites = BTreeMap::new();
    for site in region["sites"].as_array().unwrap() {
        let body = json!({
            "code": site["id"], "role": site["role"], "name": site["name"], "name_local": site["name_local"],
            "city": site["city"], "admin_area": site["admin_area"], "country": site["country"],
            "latitude": site["lat"], "longitude": site["lon"], "time_zone": site["time_zone"],
            "has_nicu": site["has_nicu"], "accepts_forms": ["frozen"], "records_infant_use": true, "reserve_ml": 0,
        });
        sites.insert(site["id"].as_str().unwrap().to_owned(), signed_site(admin, &policy, &body).await);
    }
    let members: Vec<&String> = sites.values().collect();
    let agreement = json!({
        "code": "hongkong", "name": "Hong Kong: exchange within HK", "document_reference": "demonstration agreement",
        "valid_from": "2025-01-01T00:00:00Z", "site_ids": members,
    });
    admin.created("/v1/agreements", &agreement).await;
    let mut couriers = BTreeMap::new();
    for carrier in region["carriers"].as_array().unwrap() {
        let hold_minutes = carrier["hold_time_h"].as_i64().unwrap() * 60;
        let body = json!({
            "code": carrier["id"], "name": carrier["name"], "kind": carrier["kind"],
            "base_site_id": sites[carrier["base_site_id"].as_str().unwrap()],
            "agreement_reference": "demonstration agreement", "max_payload_ml": carrier["max_payload_ml"],
            "hold_time_minutes": hold_minutes, "speed_kmh": carrier["speed_kmh"], "vehicles": carrier["vehicles"],
            "covers": carrier["covers"], "hours": carrier["hours_local"], "days": carrier["days"],
            "packaging": carrier["packaging"],
        });
        couriers.insert(carrier["id"].as_str().unwrap(), id(&admin.created("/v1/couriers", &body).await));
    }
    let of = |code: &str| sites[code].clone();
    Region {
        bank: of("hk-hkbmb"),
        unit: of("hk-pwh"),
        apart: of("hk-tmh"),
        courier: couriers["hk-ha-transport"].clone(),
        policy,
    }
}

/// Lots of the bank, as many as the hospitals ask for and some to spare.
async fn stock(bank: &Wire, site: &str) {
    for (code, bottles, publish) in [("L-2025-1229", 30, true), ("L-2025-1230", 30, true), ("L-2025-1231", 24, false)] {
        let body = json!({
            "bank_site_id": site, "code": code, "record": good_record(), "expires_at": "2026-03-20T16:00:00Z",
            "containers": [{ "size_ml": 100, "count": bottles }], "release": true,
        });
        let lot = bank.created("/v1/lots", &body).await;
        if publish {
            published(bank, site, &lot).await;
        }
    }
}

/// A request for one infant: mL, birth weight, when it is needed.
pub fn request(site: &str, number: usize, (volume_ml, weight_g, needed_by): (i64, i64, &str)) -> Value {
    json!({
        "site_id": site, "kind": "named_infant", "urgency": "urgent", "volume_ml": volume_ml,
        "needed_by": needed_by, "days_of_use": 3,
        "infant": {
            "infant_ref": format!("INF-{:04}", 130 + number), "gestation_days": 190 + 8 * number,
            "birth_weight_g": weight_g, "current_weight_g": weight_g + 40, "postnatal_age_days": 6,
            "indication": "prematurity_own_milk_insufficient", "galactosaemia": false,
        },
        "constraints": { "dairy_free": false, "cmv_negative": false },
        "preferences": {}, "prescription_ref": format!("RX-{number}"), "consent_ref": format!("CO-{number}"),
    })
}

impl Morning {
    /// Everything planned, nothing on the road.
    async fn planned() -> Self {
        let hub = TestHub::start_in(Home::sqlite(), |_| {}, lay_out).await;
        let listed = hub.admin.all("/v1/sites").await;
        let sites: BTreeMap<String, String> =
            listed.iter().map(|site| (site["code"].as_str().unwrap().to_owned(), id(site))).collect();
        let bank = hub.manager_at(&hub.region.bank).await;
        stock(&bank, &hub.region.bank).await;
        hub.advance_to("2026-01-06T00:05:00Z").await;
        let mut boxes = BTreeMap::new();
        for (number, (code, volume_ml, weight_g, needed_by)) in ASKED.into_iter().enumerate() {
            let unit = hub.manager_at(&sites[code]).await;
            unit.created("/v1/requests", &request(&sites[code], number, (volume_ml, weight_g, needed_by))).await;
            let mut allocations = Vec::new();
            for offer in matched(&bank, &hub.region.bank).await {
                allocations.push(accepted(&bank, &offer).await["allocation_id"].clone());
            }
            // No box is planned to stay on the road for longer than it holds.
            let (pickup, latest) = match code {
                "hk-qmh" | "hk-uch" | "hk-pwh" | "hk-kwh" => ("2026-01-06T03:30:00Z", "2026-01-06T08:00:00Z"),
                _ => ("2026-01-06T01:30:00Z", "2026-01-06T05:30:00Z"),
            };
            let delivery = needed_by.min(latest);
            let plan = json!({
                "allocation_ids": allocations, "courier_id": hub.region.courier,
                "planned_pickup_at": pickup, "planned_delivery_at": delivery,
            });
            boxes.insert(code, id(&bank.created("/v1/transfers", &plan).await));
        }
        let dispatcher = hub.persona("dispatcher", &[]).await;
        let mut morning = Self { hub, sites, boxes, shifts: BTreeMap::new(), dispatcher, bank };
        morning.send_out_vehicles().await;
        morning
    }

    async fn send_out_vehicles(&mut self) {
        let couriers = self.hub.admin.all("/v1/couriers").await;
        for (code, name, kind, carrier) in VEHICLES {
            let courier = couriers.iter().find(|one| one["code"] == carrier).unwrap();
            let body = json!({
                "courier_id": id(courier), "code": code, "name": name, "kind": kind, "boxes": 6, "box_ml": 2_000,
                "base_site_id": self.hub.region.bank,
                "cents_per_km": 50, "cents_per_hour": 3_000, "cents_per_start": 500,
            });
            let vehicle = self.dispatcher.created("/v1/vehicles", &body).await;
            let ends_at = if code == "bmb-2" { "2026-01-06T08:00:00Z" } else { "2026-01-06T10:00:00Z" };
            let shift = json!({
                "vehicle_id": id(&vehicle), "driver_ref": format!("DR-{code}"), "end_site_id": self.hub.region.bank,
                "starts_at": "2026-01-06T00:00:00Z", "ends_at": ends_at,
            });
            self.shifts.insert(code, self.dispatcher.created("/v1/shifts", &shift).await);
        }
    }

    async fn pack(&self, code: &str) {
        let path = format!("/v1/transfers/{}", self.boxes[code]);
        let found = self.bank.found(&path).await;
        let seal = json!({ "seal_number": seal_of(code) });
        self.bank.act(&found, &format!("{path}/pack"), &seal).await.expect(200);
    }

    /// A route for some boxes, with its vehicle sent.
    pub async fn route(&self, vehicle: &str, codes: &[&str]) -> Value {
        let boxes: Vec<&String> = codes.iter().map(|code| &self.boxes[*code]).collect();
        let body = json!({ "shift_id": id(&self.shifts[vehicle]), "transfer_ids": boxes });
        self.dispatcher.created("/v1/routes", &body).await
    }

    /// One more box on the route of a vehicle, or its first.
    pub async fn insert(&self, vehicle: &str, code: &str) {
        let shift = id(&self.shifts[vehicle]);
        let routes = self.dispatcher.all("/v1/routes").await;
        let open = |route: &&Value| route["shift_id"] == shift.as_str() && route["state"] == "running";
        let Some(route) = routes.iter().find(open) else {
            self.route(vehicle, &[code]).await;
            return;
        };
        let body = json!({ "transfer_id": self.boxes[code] });
        self.dispatcher.act(route, &format!("/v1/routes/{}/insert", id(route)), &body).await.expect(200);
    }

    /// Assigns a route.
    async fn assign(&self, route: &Value) {
        let path = format!("/v1/routes/{}/assign", id(route));
        self.dispatcher.act(route, &path, &json!({})).await.expect(200);
    }

    /// Reports what a driver did with a box.
    async fn report(&self, route: &Value, kind: &str, code: &str) {
        let stops = route["stops"].as_array().unwrap();
        let stop = stops.iter().find(|stop| stop["kind"] == kind && stop["transfer_id"] == *self.boxes[code]).unwrap();
        let body = json!({
            "stop_id": id(stop), "step_ref": format!("{kind}-{code}"), "what": "done", "seal_number": seal_of(code),
        });
        self.dispatcher.post(&format!("/v1/routes/{}/reports", id(route)), &body).await.expect(200);
    }

    /// What the logger of a box measured.
    async fn measured(&self, code: &str, readings: &[(&str, f64)]) {
        let readings: Vec<Value> = readings
            .iter()
            .map(|(at, celsius)| json!({ "at": format!("2026-01-06T{at}:00Z"), "celsius": celsius }))
            .collect();
        let body = json!({ "transfer_id": self.boxes[code], "logger_ref": format!("LG-{code}"), "readings": readings });
        let answer = self.dispatcher.post("/v1/readings", &body).await;
        assert!(matches!(answer.status, 200 | 201), "{}", answer.text);
    }

    async fn seen_at(&self, vehicle: &str, at: &str, (latitude, longitude): (f64, f64)) {
        let body = json!({ "positions": [{
            "vehicle_id": self.shifts[vehicle]["vehicle_id"], "latitude": latitude, "longitude": longitude, "at": at,
        }] });
        self.dispatcher.post("/v1/vehicle-positions", &body).await.expect(200);
    }

    /// 11:06: an urgent car that fell silent, a warm box, one collected, two assigned, one delivered, two that wait.
    pub async fn busy() -> Self {
        let morning = Self::planned().await;
        for (code, _, _, _) in ASKED {
            morning.pack(code).await;
        }
        let urgent = morning.route("urg-1", &["hk-tmh"]).await;
        let second = morning.route("van-2", &["hk-pyneh", "hk-pmh"]).await;
        let courier = morning.route("bmb-2", &["hk-hkch", "hk-qeh"]).await;
        for route in [&urgent, &second, &courier] {
            morning.assign(route).await;
        }
        morning.hub.advance_to("2026-01-06T00:55:00Z").await;
        for (route, code) in [(&second, "hk-pyneh"), (&second, "hk-pmh"), (&courier, "hk-hkch"), (&courier, "hk-qeh")] {
            morning.report(route, "pickup", code).await;
        }
        morning.hub.advance_to("2026-01-06T01:15:00Z").await;
        morning.report(&courier, "delivery", "hk-hkch").await;
        morning.hub.advance_to("2026-01-06T01:42:00Z").await;
        morning.report(&urgent, "pickup", "hk-tmh").await;
        morning.measured("hk-pyneh", &[("01:00", -20.4), ("01:10", -17.2), ("01:20", -14.9), ("01:40", -15.3)]).await;
        morning.hub.advance_to("2026-01-06T02:16:00Z").await;
        morning.seen_at("urg-1", "2026-01-06T02:16:00Z", (22.372, 114.075)).await;
        morning.hub.advance_to("2026-01-06T02:45:00Z").await;
        morning.seen_at("van-2", "2026-01-06T02:45:00Z", (22.290, 114.222)).await;
        morning.seen_at("bmb-2", "2026-01-06T02:45:00Z", (22.297, 114.160)).await;
        morning.hub.advance_to(NOW).await;
        morning.assign(&morning.route("van-1", &["hk-qmh"]).await).await;
        morning.route("bmb-1", &["hk-uch"]).await;
        morning
    }
}

/// The seal of a box.
pub fn seal_of(code: &str) -> String {
    format!("HK-{}", code.trim_start_matches("hk-").to_uppercase())
}
