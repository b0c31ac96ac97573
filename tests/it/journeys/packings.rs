//! Validated packings: nothing is offered that cannot be planned, nothing is planned that no packing holds, and no
//! packing is rewritten.

use super::Promised;
use crate::hub::TestHub;
use crate::hub::packing::{noted_weather, stated, superseded, validated};
use crate::hub::region::{matched, published, released_lot, request_body};
use crate::hub::wire::id;
use crate::hub_test;
use serde_json::{Value, json};

async fn a_plan_names_its_packing_with_its_hold_time_in_the_day_s_weather(hub: &TestHub) {
    let promised = Promised::on(hub).await;
    let packing = superseded(hub, [720, 480]).await;
    let unknown = promised.bank.created("/v1/transfers", &promised.plan(hub)).await;
    let plan = &unknown["plan"];
    assert_eq!((&plan["packing_code"], &plan["ambient_c"]), (&json!("gel-20"), &Value::Null), "{unknown}");
    assert_eq!(plan["hold_minutes"], 480, "in unknown weather the warmest test counts: {unknown}");
    assert_eq!((&plan["road_minutes"], &plan["margin_minutes"]), (&json!(120), &json!(18)), "{unknown}");
    assert_eq!((&unknown["max_duration_minutes"], &unknown["packaging"]), (&json!(480), &json!("20 L insulated box")));
    promised.step(&unknown, "cancel", json!({ "reason": "the weather is noted now" })).await;
    noted_weather(hub, 18.5).await;
    let planned = promised.bank.created("/v1/transfers", &promised.plan(hub)).await;
    assert_eq!(planned["plan"]["ambient_c"], json!(18.5), "{planned}");
    assert_eq!((&planned["plan"]["hold_minutes"], &planned["plan"]["packing_id"]), (&json!(720), &packing["id"]));
    assert!(promised.unit.found(&format!("/v1/transfers/{}", id(&planned))).await["plan"].is_object());
}

async fn refusal_09_weather_that_nobody_tested_is_not_planned_in(hub: &TestHub) {
    let promised = Promised::on(hub).await;
    superseded(hub, [720, 480]).await;
    noted_weather(hub, 36.0).await;
    let refused = promised.bank.post("/v1/transfers", &promised.plan(hub)).await.problem(409, "refused");
    assert_eq!(refused["refusals"][0]["code"], "temperature_plan_too_weak", "{refused}");
    assert_eq!(refused["refusals"][0]["number"], 9, "{refused}");
}

async fn refusal_09_what_no_packing_holds_is_neither_offered_nor_planned(hub: &TestHub) {
    let bank = hub.manager_at(&hub.region.bank).await;
    let unit = hub.manager_at(&hub.region.unit).await;
    // The road takes some forty minutes; this box holds for forty-five, the margin included.
    superseded(hub, [60, 45]).await;
    let lot = released_lot(&bank, &hub.region.bank, "L-1", 5).await;
    published(&bank, &hub.region.bank, &lot).await;
    unit.created("/v1/requests", &request_body(&hub.region.unit, "I-1", 500)).await;
    assert_eq!(matched(&bank, &hub.region.bank).await.len(), 0, "what cannot be planned is not offered");
    // In cool weather the same box holds long enough.
    noted_weather(hub, 12.0).await;
    assert_eq!(matched(&bank, &hub.region.bank).await.len(), 1);
}

async fn refusal_09_a_retired_packing_holds_nothing_back_to_the_door(hub: &TestHub) {
    let promised = Promised::on(hub).await;
    let planned = promised.bank.created("/v1/transfers", &promised.plan(hub)).await;
    let packing = stated(hub).await;
    let path = format!("/v1/packings/{}/retire", id(&packing));
    hub.admin.act(&packing, &path, &json!({ "reason": " " })).await.problem(400, "body_invalid");
    let retired = hub.admin.act(&packing, &path, &json!({ "reason": "two boxes cracked" })).await.expect(200);
    assert_eq!((&retired["state"], &retired["end_reason"]), (&json!("retired"), &json!("two boxes cracked")));
    let pack = format!("/v1/transfers/{}/pack", id(&planned));
    let refused = promised.bank.act(&planned, &pack, &json!({ "seal_number": "S-1" })).await.problem(409, "refused");
    assert_eq!(refused["refusals"][0]["code"], "packing_not_validated", "{refused}");
    promised.step(&planned, "cancel", json!({ "reason": "to be packed otherwise" })).await;
    let again = promised.bank.post("/v1/transfers", &promised.plan(hub)).await;
    assert_eq!(again.refused(), [9], "nothing is planned with it");
    hub.admin.created("/v1/packings", &validated(hub, [720, 480])).await;
    promised.bank.created("/v1/transfers", &promised.plan(hub)).await;
}

async fn a_packing_is_superseded_once_and_never_changed(hub: &TestHub) {
    let first = stated(hub).await;
    let second = superseded(hub, [720, 480]).await;
    let seen = hub.admin.found(&format!("/v1/packings/{}", id(&first))).await;
    assert_eq!((&seen["state"], &seen["container"]), (&json!("superseded"), &first["container"]), "{seen}");
    let mut again = validated(hub, [600, 300]);
    again["supersedes"] = first["id"].clone();
    hub.admin.post("/v1/packings", &again).await.problem(409, "packing_over");
    again["supersedes"] = Value::Null;
    hub.admin.post("/v1/packings", &again).await.problem(409, "code_taken");
    let path = format!("/v1/packings/{}", id(&second));
    assert_eq!(hub.admin.change(reqwest::Method::PATCH, &path, 1, &json!({ "containers": 9 })).await.status, 405);
    assert_eq!(hub.admin.all("/v1/packings").await.len(), 2);
    let stranger = hub.manager_at(&hub.region.apart).await;
    let mut theirs = validated(hub, [720, 480]);
    theirs["code"] = json!("theirs");
    assert_eq!(stranger.post("/v1/packings", &theirs).await.status, 403, "a packing of another's carrier");
    theirs["site_id"] = json!(hub.region.bank);
    assert_eq!(stranger.post("/v1/packings", &theirs).await.status, 403, "a packing of another's site");
}

async fn each_fault_of_a_packing_is_named_and_nothing_is_entered(hub: &TestHub) {
    let step = |degrees: f64, minutes: i64| json!({ "up_to_c": degrees, "hold_minutes": minutes });
    for (field, value, pointer) in [
        ("steps", json!([step(30.0, 480), step(20.0, 480)]), "/steps/1/up_to_c"),
        ("steps", json!([step(20.0, 480), step(30.0, 500)]), "/steps/1/hold_minutes"),
        ("steps", json!([]), "/steps"),
        ("coolant", json!("water_ice"), "/coolant"),
        ("validated_on", json!("2026-02-01"), "/validated_on"),
        ("validated_by", json!(" "), "/validated_by"),
        ("document_reference", json!(""), "/document_reference"),
        ("capacity_ml", json!(0), "/capacity_ml"),
        ("courier_id", Value::Null, "/courier_id"),
    ] {
        let mut body = validated(hub, [720, 480]);
        body[field] = value;
        let answer = hub.admin.post("/v1/packings", &body).await;
        assert!(matches!(answer.status, 400 | 422), "{field}: {}", answer.text);
        assert!(answer.text.contains(pointer), "{field}: {}", answer.text);
    }
    assert_eq!(hub.admin.all("/v1/packings").await.len(), 1);
    let path = format!("/v1/sites/{}/climate", hub.region.bank);
    let body = json!({ "monthly_high_c": [20, 21], "source": "half a year" });
    let answer = hub.admin.ask(reqwest::Method::PUT, &path).json(&body).send().await;
    assert!(matches!(answer.status, 400 | 422), "{}", answer.text);
    assert_eq!(hub.admin.get(&path).await.status, 404);
}

hub_test!(
    a_plan_names_its_packing_with_its_hold_time_in_the_day_s_weather,
    refusal_09_weather_that_nobody_tested_is_not_planned_in,
    refusal_09_what_no_packing_holds_is_neither_offered_nor_planned,
    refusal_09_a_retired_packing_holds_nothing_back_to_the_door,
    a_packing_is_superseded_once_and_never_changed,
    each_fault_of_a_packing_is_named_and_nothing_is_entered,
);
