//! A small region for tests: a bank, a unit that takes from it, a unit that stands apart, and a carrier. The
//! policy set is the Hong Kong one, signed as a demonstration. It is laid out through the API, like any other.

use super::wire::{Wire, id};
use serde_json::{Value, json};

/// When the fixture's world begins.
pub const DAWN: &str = "2026-01-05T08:00:00Z";

const POLICY: &str = include_str!("../../../src/domain/policy/data/hk-ha.json");

/// Who is in the region.
pub struct Region {
    /// The bank, with milk to spare.
    pub bank: String,
    /// A unit under the same agreement.
    pub unit: String,
    /// A unit under no agreement.
    pub apart: String,
    /// Carries between all of them.
    pub courier: String,
    /// The policy set that all signed.
    pub policy: String,
}

impl Region {
    /// Lays the region out with an administrator's hand.
    pub async fn lay_out(admin: &Wire) -> Self {
        let document: Value = serde_json::from_str(POLICY).unwrap();
        let policy = id(&admin.created("/v1/policy-sets", &json!({ "document": document })).await);
        let bank = site(admin, &policy, "north-bank", "bank", 22_300).await;
        let unit = site(admin, &policy, "south-unit", "recipient", 22_250).await;
        let apart = site(admin, &policy, "east-unit", "recipient", 22_350).await;
        admin
            .created(
                "/v1/agreements",
                &json!({
                    "code": "north-south", "name": "North and south", "document_reference": "paper-1",
                    "valid_from": "2025-01-01T00:00:00Z", "site_ids": [bank, unit],
                }),
            )
            .await;
        let courier = admin
            .created(
                "/v1/couriers",
                &json!({
                    "code": "van", "name": "Van of the north", "kind": "hospital_transport", "base_site_id": bank,
                    "agreement_reference": "paper-2", "max_payload_ml": 20_000, "hold_time_minutes": 600,
                    "speed_kmh": 40, "vehicles": 4, "covers": "all", "hours": ["00:00", "23:59"],
                    "days": "daily", "packaging": "passive box, frozen gel packs",
                }),
            )
            .await;
        Self { bank, unit, apart, courier: id(&courier), policy }
    }
}

/// One more live site on the meridian of the others.
pub async fn site(admin: &Wire, policy: &str, code: &str, role: &str, latitude_thousandths: i32) -> String {
    let body = json!({
        "code": code, "role": role, "name": code, "city": "Hong Kong", "country": "HK",
        "latitude": f64::from(latitude_thousandths) / 1000.0, "longitude": 114.17, "time_zone": "Asia/Hong_Kong",
        "has_nicu": true, "accepts_forms": ["frozen"], "records_infant_use": true, "reserve_ml": 0,
    });
    signed_site(admin, policy, &body).await
}

/// A site that is live: somebody signed for it.
pub async fn signed_site(admin: &Wire, policy: &str, body: &Value) -> String {
    let pending = admin.created("/v1/sites", body).await;
    assert_eq!(pending["state"], "pending", "a site is not live before somebody signed for it");
    let signature = json!({
        "policy_set_id": policy, "signer_title": "Responsible person", "demonstration": true,
        "statement": "Signed for a test; no milk moves.",
    });
    let live =
        admin.act(&pending, &format!("/v1/sites/{}/policy-signatures", id(&pending)), &signature).await.expect(200);
    assert_eq!(live["state"], "live");
    id(&live)
}

/// The safety record of a lot that passes every rule of the policy set on the first day.
pub fn good_record() -> Value {
    let result = |analyte: &str| json!({ "analyte": analyte, "sample_date": "2025-12-10", "result": "non_reactive" });
    let panel = ["hiv_1_2", "htlv_1_2", "hepatitis_b_hbsag", "hepatitis_c", "syphilis"];
    let nothing = |group: &str| json!({ "group": group, "cfu_per_ml": "below_detection_limit", "detection_limit_cfu_per_ml": 10 });
    json!({
        "donor_count": 1,
        "donors": [{
            "donor_ref": "D-1", "results": panel.map(result), "questionnaire_signed": true, "consent_ref": "C-1",
        }],
        "expressed_from": "2025-12-20", "expressed_to": "2025-12-27", "milk_type": "preterm",
        "dairy_free": false, "cmv_negative": false, "form": "frozen",
        "culture_before": {
            "sampled_at": "2025-12-28T02:00:00Z", "result_at": "2025-12-30T02:00:00Z",
            "findings": [nothing("total_viable"), nothing("s_aureus"), nothing("enterobacterales")],
        },
        "pasteurisation": {
            "method": "holder", "device_ref": "P-1", "cycle_ref": "R-1", "started_at": "2025-12-29T02:00:00Z",
            "ended_at": "2025-12-29T03:00:00Z", "target_hundredths_c": 6250, "hold_min_hundredths_c": 6260,
            "hold_max_hundredths_c": 6310, "hold_s": 1830, "thermometer_calibrated_on": "2025-11-01",
            "cooled_to_4_c_s": 1200,
        },
        "culture_after": {
            "sampled_at": "2025-12-29T04:00:00Z", "result_at": "2025-12-31T04:00:00Z",
            "findings": [nothing("total_viable")],
        },
        "storage_set_hundredths_c": -2000,
        "declared_expires_at": "2026-03-20T16:00:00Z",
    })
}

/// The body that registers a lot of so many bottles of 100 mL.
pub fn lot_body(bank: &str, code: &str, bottles: u32, release: bool) -> Value {
    json!({
        "bank_site_id": bank, "code": code, "record": good_record(), "expires_at": "2026-03-20T16:00:00Z",
        "containers": [{ "size_ml": 100, "count": bottles }], "release": release,
    })
}

/// Registers and releases a lot of so many bottles of 100 mL.
pub async fn released_lot(bank: &Wire, site: &str, code: &str, bottles: u32) -> Value {
    let lot = bank.created("/v1/lots", &lot_body(site, code, bottles, true)).await;
    assert_eq!(lot["state"], "released", "{lot}");
    lot
}

/// Publishes every free bottle of a lot.
pub async fn published(bank: &Wire, site: &str, lot: &Value) -> Value {
    let body = json!({
        "site_id": site, "reason": "more than we need", "available_until": "2026-02-05T08:00:00Z",
        "lots": [{ "lot_id": id(lot) }],
    });
    bank.created("/v1/surplus", &body).await
}

/// A request for one infant of the highest tier.
pub fn request_body(unit: &str, infant: &str, volume_ml: i64) -> Value {
    json!({
        "site_id": unit, "kind": "named_infant", "urgency": "urgent", "volume_ml": volume_ml,
        "needed_by": "2026-01-07T08:00:00Z", "days_of_use": 3,
        "infant": {
            "infant_ref": infant, "gestation_days": 180, "birth_weight_g": 800, "current_weight_g": 850,
            "postnatal_age_days": 6, "indication": "prematurity_own_milk_insufficient", "galactosaemia": false,
        },
        "constraints": { "dairy_free": false, "cmv_negative": false },
        "preferences": {}, "prescription_ref": "RX-1", "consent_ref": "CO-1",
    })
}

/// Runs the matching; every offer to a site that waits for its answer.
pub async fn matched(bank: &Wire, site: &str) -> Vec<Value> {
    let run = bank.post("/v1/match-runs", &json!({})).await;
    assert!(matches!(run.status, 200 | 201), "{}", run.text);
    bank.all(&format!("/v1/offers?site_id={site}&state=proposed")).await
}

/// Accepts an offer; the answer names its allocation.
pub async fn accepted(bank: &Wire, offer: &Value) -> Value {
    bank.act(offer, &format!("/v1/offers/{}/accept", id(offer)), &json!({})).await.expect(200)
}

/// Bottles of allocations carried to their unit and taken in whole: the transfer as it was received.
pub async fn carried(bank: &Wire, unit: &Wire, courier: &str, allocations: &[String]) -> Value {
    let plan = json!({
        "allocation_ids": allocations, "courier_id": courier, "planned_pickup_at": "2026-01-05T10:00:00Z",
        "planned_delivery_at": "2026-01-05T12:00:00Z",
    });
    let planned = bank.created("/v1/transfers", &plan).await;
    let path = |verb: &str| format!("/v1/transfers/{}/{verb}", id(&planned));
    let packed = bank.act(&planned, &path("pack"), &json!({ "seal_number": "S-1" })).await.expect(200);
    let collected = bank.act(&packed, &path("collect"), &json!({ "seal_number": "S-1" })).await.expect(200);
    let delivered = unit.act(&collected, &path("deliver"), &json!({})).await.expect(200);
    let receipt = json!({ "seal_number": "S-1", "frozen_solid": true, "accept_all": true });
    unit.act(&delivered, &path("receive"), &receipt).await.expect(200)
}

/// The ledger, which must balance.
pub async fn balanced_ledger(admin: &Wire) -> Value {
    let ledger = admin.found("/v1/ledger").await;
    let of = |name: &str| ledger[name].as_i64().unwrap_or_else(|| panic!("no {name}: {ledger}"));
    let parts = ["in_stock_ml", "quarantined_ml", "in_transit_ml", "used_ml", "discarded_ml"];
    assert_eq!(
        of("released_ml"),
        parts.iter().map(|part| of(part)).sum::<i64>(),
        "the ledger does not add up: {ledger}"
    );
    ledger
}
