//! Refusal 21: an exception names who, why and until when, tells both sites, and touches only what allows one.

use crate::hub::TestHub;
use crate::hub::region::{accepted, matched, released_lot, request_body};
use crate::hub::wire::{Wire, id};
use crate::hub_test;
use serde_json::{Value, json};

fn for_infant(hub: &TestHub, code: &str, infant: &str) -> Value {
    json!({
        "site_id": hub.region.unit, "code": code, "infant_ref": infant,
        "reason": "the prescriber is on the way; the infant feeds now", "expires_at": "2026-01-05T20:00:00Z",
    })
}

fn for_lot(hub: &TestHub, code: &str, lot: &Value, expires_at: &str) -> Value {
    json!({
        "site_id": hub.region.unit, "other_site_id": hub.region.bank, "code": code, "lot_id": id(lot),
        "reason": "no other milk can reach the infant today", "expires_at": expires_at,
    })
}

async fn refusal_21_an_exception_names_who_why_and_until_when(hub: &TestHub) {
    let clinician = hub.person("clinician", &[&hub.region.unit]).await;
    let good = for_infant(hub, "prescription_missing", "I-1");
    let with = |name: &str, value: Value| {
        let mut body = good.clone();
        body[name] = value;
        body
    };
    let machine = hub.persona("clinician", &[&hub.region.unit]).await;
    assert_eq!(machine.post("/v1/exceptions", &good).await.refused(), [21], "a machine signs for nobody");
    for (what, body) in [
        ("no reason", with("reason", json!(" "))),
        ("longer than three days", with("expires_at", json!("2026-01-08T08:00:01Z"))),
        ("over already", with("expires_at", json!("2026-01-05T07:59:59Z"))),
    ] {
        let answer = clinician.post("/v1/exceptions", &body).await;
        assert_eq!(answer.status, 409, "{what}: {}", answer.text);
        assert_eq!(answer.refused(), [21], "{what}");
    }
    let manager = hub.person("bank_manager", &[&hub.region.unit]).await;
    assert_eq!(manager.post("/v1/exceptions", &good).await.status, 403);
    let elsewhere = hub.person("clinician", &[&hub.region.apart]).await;
    assert_eq!(elsewhere.post("/v1/exceptions", &good).await.status, 404, "not the clinician's site");
    let wrong = clinician.post("/v1/exceptions", &with("code", json!("pool_too_large"))).await;
    assert_eq!(wrong.problem(400, "body_invalid")["errors"][0]["pointer"], "/code");
    assert!(clinician.all("/v1/exceptions").await.is_empty(), "nothing was granted");
}

async fn refusal_21_two_to_five_have_no_exception(hub: &TestHub) {
    let clinician = hub.person("clinician", &[&hub.region.unit]).await;
    for code in ["culture_missing", "pasteurisation_too_cold", "screening_missing", "lot_recalled", "lot_expired"] {
        let refused = clinician.post("/v1/exceptions", &for_infant(hub, code, "I-1")).await.problem(409, "refused");
        assert_eq!(refused["refusals"][0]["code"], "exception_not_allowed", "{refused}");
    }
}

async fn refusal_21_an_exception_lets_one_infant_through_and_ends(hub: &TestHub) {
    let clinician = hub.person("clinician", &[&hub.region.unit]).await;
    let ask = |infant: &str| {
        let mut body = request_body(&hub.region.unit, infant, 100);
        body["prescription_ref"] = Value::Null;
        body
    };
    assert_eq!(clinician.post("/v1/requests", &ask("I-1")).await.refused(), [13]);
    let granted = clinician.created("/v1/exceptions", &for_infant(hub, "prescription_missing", "I-1")).await;
    assert_eq!((granted["refusal_number"].as_i64(), granted["subject_kind"].as_str()), (Some(13), Some("infant")));
    assert!(granted["clinician_id"].is_string(), "{granted}");
    clinician.created("/v1/requests", &ask("I-1")).await;
    assert_eq!(clinician.post("/v1/requests", &ask("I-2")).await.refused(), [13], "one infant, not all");
    hub.advance_to("2026-01-05T20:00:00Z").await;
    assert_eq!(clinician.post("/v1/requests", &ask("I-1")).await.refused(), [13], "it has ended");
}

async fn told_of(wire: &Wire, exception: &Value) -> bool {
    let (mut after, mut events) = (0, Vec::new());
    loop {
        let page = wire.found(&format!("/v1/events?after={after}&limit=200")).await;
        let items = page["items"].as_array().unwrap();
        if items.is_empty() {
            break;
        }
        after = page["next_after"].as_i64().unwrap();
        events.extend(items.iter().cloned());
    }
    events.iter().any(|event| event["kind"] == "exception.granted" && event["subject_id"] == exception["id"])
}

async fn refusal_21_short_life_is_excepted_for_one_lot_and_both_sites_are_told(hub: &TestHub) {
    let bank = hub.manager_at(&hub.region.bank).await;
    let clinician = hub.person("clinician", &[&hub.region.unit]).await;
    let lot = released_lot(&bank, &hub.region.bank, "L-1", 5).await;
    let surplus = json!({
        "site_id": hub.region.bank, "reason": "more than we need", "available_until": "2026-03-20T08:00:00Z",
        "lots": [{ "lot_id": id(&lot) }],
    });
    bank.created("/v1/surplus", &surplus).await;
    hub.advance_to("2026-03-19T08:00:00Z").await;
    let mut body = request_body(&hub.region.unit, "I-1", 200);
    body["needed_by"] = json!("2026-03-20T00:00:00Z");
    body["days_of_use"] = json!(1);
    let request = clinician.created("/v1/requests", &body).await;
    assert!(matched(&bank, &hub.region.bank).await.is_empty(), "it expires in 32 hours");

    let until = "2026-03-20T12:00:00Z";
    clinician.created("/v1/exceptions", &for_lot(hub, "life_too_short", &lot, until)).await;
    assert!(matched(&bank, &hub.region.bank).await.is_empty(), "it also expires before its last use");
    let second = clinician.created("/v1/exceptions", &for_lot(hub, "expires_before_use", &lot, until)).await;
    let offers = matched(&bank, &hub.region.bank).await;
    assert_eq!(offers.len(), 1);
    assert_eq!(offers[0]["request_id"], id(&request), "{offers:?}");
    let allocation = accepted(&bank, &offers[0]).await["allocation_id"].clone();
    let plan = json!({
        "allocation_ids": [allocation], "courier_id": hub.region.courier,
        "planned_pickup_at": "2026-03-19T10:00:00Z", "planned_delivery_at": "2026-03-19T12:00:00Z",
    });
    bank.created("/v1/transfers", &plan).await;

    hub.advance_to("2026-03-19T08:01:00Z").await;
    let stranger = hub.manager_at(&hub.region.apart).await;
    assert!(told_of(&bank, &second).await && told_of(&clinician, &second).await);
    assert!(!told_of(&stranger, &second).await);
    assert_eq!(bank.all("/v1/exceptions").await.len(), 2);
    assert!(stranger.all("/v1/exceptions").await.is_empty());
    assert_eq!(stranger.get(&format!("/v1/exceptions/{}", id(&second))).await.status, 404);
}

hub_test!(
    refusal_21_an_exception_names_who_why_and_until_when,
    refusal_21_two_to_five_have_no_exception,
    refusal_21_an_exception_lets_one_infant_through_and_ends,
    refusal_21_short_life_is_excepted_for_one_lot_and_both_sites_are_told,
);
