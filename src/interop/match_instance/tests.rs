//! The reader refuses what it does not understand; the answer follows the instance's own weights.

use super::{Limits, Pace, answer};
use serde_json::{Value, json};

fn instance() -> Value {
    json!({
        "schema": "milk-match-instance/1", "name": "two lots", "seed": 1, "now": "2026-03-02T06:00:00Z",
        "params": { "detour_permille": 1300, "speed_kmh": 60, "handling_min": 45, "max_transit_min": 480 },
        "weights": { "km": 1, "day_left": 1, "type_miss": 40, "protein": 2, "fixed_shipment": 0,
                     "fixed_shipment_km": 0, "fixed_lot": 0 },
        "rules": { "reserve": true, "max_lots": false, "all_or_nothing": false },
        "sites": [
            { "id": "S0", "name": "North", "lat": 48.0, "lon": 8.0, "reserve_ml": 100 },
            { "id": "S1", "name": "South", "lat": 47.5, "lon": 8.0, "reserve_ml": 0 },
        ],
        "lots": [lot("L0", "S0", 3, 1000), lot("L1", "S1", 1, 1200)],
        "requests": [request("R0", 1, 300), request("R1", 2, 100)],
    })
}

fn lot(id: &str, site: &str, bottles: u32, protein: i32) -> Value {
    json!({ "id": id, "site": site, "bottles": bottles, "bottle_ml": 100, "milk_type": "term", "donors": 2,
            "dairy_free": false, "cmv_negative": true, "pasteurisation": "holder",
            "donor_identity_disclosed": false, "expires_h": 500, "released": true, "protein_mg_dl": protein,
            "fat_mg_dl": 3400, "carbohydrate_mg_dl": 7200, "energy_kcal_dl": 65 })
}

fn request(id: &str, tier: u8, volume_ml: u32) -> Value {
    json!({ "id": id, "site": "S0", "tier": tier, "volume_ml": volume_ml, "needed_by_h": 20, "last_use_h": 200,
            "allowed_types": ["preterm", "term"], "preferred_type": "preterm", "dairy_free_required": false,
            "max_donors": null, "cmv_negative_required": false, "allowed_pasteurisation": ["holder"],
            "donor_identity_required": false, "protein_target_mg_dl": 1105, "max_lots": null, "fill": "partial",
            "infant": { "gestation_days": 180 } })
}

fn answered(instance: &Value) -> Result<Value, String> {
    let text =
        answer(&instance.to_string(), &Limits::default(), &mut || Pace::STOP).map_err(|error| error.to_string())?;
    serde_json::from_str(&text).map_err(|error| error.to_string())
}

#[test]
fn the_reserve_and_the_weights_of_the_instance_are_honoured() {
    let plan = answered(&instance()).unwrap();
    // 2 bottles from S0 (one is its reserve): 10 × (20 days + 40 type + 2 × 11 protein); 1 from S1 with 72 km more.
    assert_eq!(plan["served_ml"], json!({ "1": 300, "2": 0, "3": 0, "4": 0 }));
    assert_eq!(plan["cost"], json!(2 * 10 * (20 + 40 + 22) + 10 * (72 + 20 + 40)));
    assert_eq!(plan["status"], json!("optimal"));
    let gives =
        |lot: &str| plan["allocation"].as_array().unwrap().iter().find(|line| line["lot"] == lot).unwrap().clone();
    assert_eq!(gives("L0"), json!({ "request": "R0", "lot": "L0", "bottles": 2 }));
}

#[test]
fn a_wrong_file_is_refused_with_its_place() {
    let with = |pointer: &str, value: Value| {
        let mut wrong = instance();
        *wrong.pointer_mut(pointer).unwrap() = value;
        answered(&wrong).unwrap_err()
    };
    assert!(with("/lots/1/bottles", json!(1.5)).starts_with("at lots[1].bottles: invalid type"));
    assert!(with("/lots/1/bottles", json!(-1)).starts_with("at lots[1].bottles: invalid value"));
    assert!(with("/requests/0/allowed_types/1", json!("goat")).starts_with("at requests[0].allowed_types[1]: unknown"));
    assert_eq!(with("/requests/1/site", json!("S9")), "at requests[1].site: names no site");
    assert_eq!(with("/lots/1/id", json!("L0")), "at lots[1].id: appears twice");
    assert_eq!(with("/params/speed_kmh", json!(0)), "at params.speed_kmh: must be above 0");
    assert_eq!(with("/schema", json!("other/2")), "at schema: must be milk-match-instance/1");
    let mut extra = instance();
    extra["rules"]["max_lot"] = json!(true);
    assert!(answered(&extra).unwrap_err().contains("unknown field `max_lot`"));
}
