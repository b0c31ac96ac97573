//! Steps that devices kept while they were offline: one chain whatever the order, and what does not fit sets milk
//! aside by itself.

use super::{COLD, Promised};
use crate::hub::TestHub;
use crate::hub::region::released_lot;
use crate::hub::wire::id;
use crate::hub_test;
use serde_json::{Value, json};

fn step(kind: &str, at: &str) -> Value {
    json!({ "step_ref": format!("device-7-{kind}"), "kind": kind, "at": format!("2026-01-05T{at}:00Z") })
}

async fn steps_in_any_order_form_one_chain(hub: &TestHub) {
    let promised = Promised::on(hub).await;
    let planned = promised.bank.created("/v1/transfers", &promised.plan(hub)).await;
    let path = format!("/v1/transfers/{}/custody-events", id(&planned));
    hub.advance_to("2026-01-05T14:00:00Z").await;
    let mut packed = step("packed", "09:40");
    packed["seal_number"] = json!("S-1");
    let cross = step("cross_docked", "11:00");
    let late = json!({ "steps": [step("delivered", "12:00"), cross] });
    let waiting = promised.bank.post(&path, &late).await.expect(200);
    assert_eq!(waiting["state"], "planned", "the chain lacks its beginning: {waiting}");
    let rest = json!({ "steps": [step("collected", "10:00"), packed] });
    let done = promised.bank.post(&path, &rest).await.expect(200);
    assert_eq!(done["state"], "delivered", "{done}");
    assert_eq!(done["collected_at"], "2026-01-05T10:00:00Z", "{done}");
    let again = promised.bank.post(&path, &rest).await.expect(200);
    assert_eq!(again["version"], done["version"], "a repeat adds nothing");
    let chain = promised.bank.all(&format!("{path}?")).await;
    let kinds: Vec<&str> = chain.iter().filter_map(|step| step["kind"].as_str()).collect();
    assert_eq!(kinds, ["packed", "collected", "cross_docked", "delivered"]);
    assert!(chain.iter().all(|step| step["recorded_at"] == "2026-01-05T14:00:00Z"));
}

async fn refusal_09_another_seal_on_the_way_quarantines_by_itself(hub: &TestHub) {
    let promised = Promised::on(hub).await;
    let road = promised.on_the_road(hub).await;
    hub.advance_to("2026-01-05T12:00:00Z").await;
    let mut cross = step("cross_docked", "11:00");
    cross["seal_number"] = json!("S-2");
    let path = format!("/v1/transfers/{}/custody-events", id(&road));
    let seen = promised.bank.post(&path, &json!({ "steps": [cross] })).await.expect(200);
    let cases = promised.unit.all("/v1/cases?open=true").await;
    assert_eq!(cases[0]["kind"], "seal_mismatch", "{cases:?}");
    promised.readings(&road, &COLD).await;
    let delivered = promised.delivered(hub, &seen).await;
    let received = promised.received(&delivered).await;
    assert_eq!(received["verdict"], "quarantine", "{received}");
    let cases = promised.unit.all("/v1/cases?open=true").await;
    let kinds: Vec<&str> = cases.iter().filter_map(|case| case["kind"].as_str()).collect();
    assert_eq!(kinds, ["seal_mismatch", "receipt"], "a receipt that was not all well opens a case");
    let settled = json!({ "resolution": "the courier changed a torn seal" });
    let path = format!("/v1/cases/{}/close", id(&cases[0]));
    assert_eq!(promised.bank.act(&cases[0], &path, &settled).await.status, 403, "the receiver settles it");
    assert_eq!(promised.unit.act(&cases[0], &path, &settled).await.expect(200)["state"], "closed");
    assert_eq!(promised.unit.act(&cases[0], &path, &settled).await.status, 412, "its version moved on");
}

/// The usual shape of a phone that was without a signal: everything at once.
async fn refusal_09_seals_that_differ_within_one_message_are_seen(hub: &TestHub) {
    let promised = Promised::on(hub).await;
    let planned = promised.bank.created("/v1/transfers", &promised.plan(hub)).await;
    let path = format!("/v1/transfers/{}/custody-events", id(&planned));
    hub.advance_to("2026-01-05T14:00:00Z").await;
    let (mut packed, mut collected) = (step("packed", "09:40"), step("collected", "10:00"));
    (packed["seal_number"], collected["seal_number"]) = (json!("S-1"), json!("S-2"));
    let all = json!({ "steps": [packed, collected, step("delivered", "12:00"), step("delivered", "12:00")] });
    let done = promised.bank.post(&path, &all).await.expect(200);
    assert_eq!(done["state"], "delivered", "a step named twice is one step: {done}");
    let cases = promised.unit.all("/v1/cases?open=true").await;
    assert!(cases.iter().any(|case| case["kind"] == "seal_mismatch"), "{cases:?}");
    assert_eq!(promised.received(&done).await["verdict"], "quarantine");
}

async fn refusal_09_who_receives_milk_neither_packs_nor_sends_it(hub: &TestHub) {
    let promised = Promised::on(hub).await;
    let planned = promised.bank.created("/v1/transfers", &promised.plan(hub)).await;
    let path = format!("/v1/transfers/{}/custody-events", id(&planned));
    hub.advance_to("2026-01-05T14:00:00Z").await;
    for kind in ["packed", "collected"] {
        let mut forged = step(kind, "10:00");
        forged["seal_number"] = json!("FORGED");
        assert_eq!(promised.unit.post(&path, &json!({ "steps": [forged] })).await.status, 403, "{kind}");
    }
    assert_eq!(promised.bank.found(&format!("/v1/transfers/{}", id(&planned))).await["state"], "planned");
}

async fn refusal_09_another_seal_that_is_told_after_the_receipt_sets_the_milk_aside(hub: &TestHub) {
    let promised = Promised::on(hub).await;
    let road = promised.on_the_road(hub).await;
    promised.readings(&road, &COLD[..1]).await;
    let delivered = promised.delivered(hub, &road).await;
    promised.readings(&road, &COLD).await;
    assert_eq!(promised.received(&delivered).await["verdict"], "accept");
    let mut late = step("handed_over", "11:30");
    late["seal_number"] = json!("S-2");
    let path = format!("/v1/transfers/{}/custody-events", id(&road));
    promised.bank.post(&path, &json!({ "steps": [late] })).await.expect(200);
    assert_eq!(promised.at_unit(hub, "quarantined").await.len(), 5);
}

async fn refusal_10_a_bottle_that_nobody_sent_is_held_where_it_stands(hub: &TestHub) {
    let promised = Promised::on(hub).await;
    let road = promised.on_the_road(hub).await;
    released_lot(&promised.bank, &hub.region.bank, "L-2", 1).await;
    let stray = promised.bank.all(&format!("/v1/bottles?site_id={}&state=in_stock", hub.region.bank)).await;
    let manifest: Vec<&Value> = road["manifest"].as_array().unwrap().iter().map(|line| &line["bottle_id"]).collect();
    let mut scanned: Vec<&Value> = manifest[1..].to_vec();
    scanned.push(&stray[0]["id"]);
    hub.advance_to("2026-01-05T11:10:00Z").await;
    let mut handed = step("handed_over", "11:00");
    handed["scanned_bottle_ids"] = json!(scanned);
    handed["handover_code"] = json!("no");
    let path = format!("/v1/transfers/{}/custody-events", id(&road));
    // Whoever scans it: the bottle stands in the sender's books.
    promised.unit.post(&path, &json!({ "steps": [handed] })).await.expect(200);
    let aside = promised.bank.all(&format!("/v1/bottles?site_id={}&state=quarantined", hub.region.bank)).await;
    assert_eq!(aside.len(), 1, "{aside:?}");
    let cases = promised.unit.all("/v1/cases?open=true").await;
    let kinds: Vec<&str> = cases.iter().filter_map(|case| case["kind"].as_str()).collect();
    assert_eq!(kinds, ["wrong_code", "unlisted_bottle", "missing_bottle"]);
}

async fn the_door_asks_the_carrier_for_its_code(hub: &TestHub) {
    let promised = Promised::on(hub).await;
    let road = promised.on_the_road(hub).await;
    let path = format!("/v1/transfers/{}/handover-code", id(&road));
    assert_eq!(promised.bank.get(&path).await.status, 403, "the sender does not know it");
    let code = promised.unit.found(&path).await["handover_code"].clone();
    hub.advance_to("2026-01-05T12:00:00Z").await;
    let deliver = format!("/v1/transfers/{}/deliver", id(&road));
    let wrong = promised.bank.act(&road, &deliver, &json!({ "handover_code": "no" })).await;
    wrong.problem(409, "handover_code_wrong");
    let done = promised.bank.act(&road, &deliver, &json!({ "handover_code": code })).await.expect(200);
    assert_eq!(done["state"], "delivered");
}

async fn refusal_09_nobody_but_the_door_says_that_a_box_came(hub: &TestHub) {
    let promised = Promised::on(hub).await;
    let road = promised.on_the_road(hub).await;
    let deliver = format!("/v1/transfers/{}/deliver", id(&road));
    hub.advance_to("2026-01-05T12:00:00Z").await;
    for bare in [json!({}), json!({ "handover_code": " " }), json!({ "signature_ref": "" })] {
        promised.bank.act(&road, &deliver, &bare).await.problem(409, "handover_unproven");
    }
    let hidden = promised.bank.act(&road, &deliver, &json!({ "signature_ref": "ward\u{202e}7" })).await;
    assert_eq!(hidden.status, 400, "{}", hidden.text);
    let done = promised.bank.act(&road, &deliver, &json!({ "signature_ref": "ward sister, waybill 7" })).await;
    assert_eq!(done.expect(200)["state"], "delivered");
    let chain = promised.unit.all(&format!("/v1/transfers/{}/custody-events", id(&road))).await;
    assert_eq!(chain.last().unwrap()["condition"]["handed_over_by"], "signature", "{chain:?}");
}

async fn refusal_09_a_late_delivery_without_proof_opens_a_case(hub: &TestHub) {
    let promised = Promised::on(hub).await;
    let road = promised.on_the_road(hub).await;
    let path = format!("/v1/transfers/{}/custody-events", id(&road));
    hub.advance_to("2026-01-05T14:00:00Z").await;
    let bare = json!({ "steps": [step("delivered", "12:00")] });
    assert_eq!(promised.bank.post(&path, &bare).await.expect(200)["state"], "delivered", "a fact is not turned away");
    let cases = promised.unit.all("/v1/cases?open=true").await;
    assert_eq!(cases.iter().map(|case| &case["kind"]).collect::<Vec<_>>(), ["no_proof"], "{cases:?}");
    let mut again = step("delivered", "12:30");
    (again["step_ref"], again["photo_ref"]) = (json!("device-8-delivered"), json!("photo-1"));
    promised.bank.post(&path, &json!({ "steps": [again] })).await.expect(200);
    assert_eq!(promised.unit.all("/v1/cases?open=true").await.len(), 1);
}

async fn labels_are_taken_apart_and_patients_are_not(hub: &TestHub) {
    let bank = hub.manager_at(&hub.region.bank).await;
    let read = bank.ask(reqwest::Method::POST, "/v1/scans");
    let seen = read.json(&json!({ "text": "=+02000=A99991500000125=<M0001013" })).send().await.expect(200);
    assert_eq!((&seen["parts"][0]["detail"], &seen["parts"][1]["detail"]), (&json!("M"), &json!("013")), "{seen}");
    let patient = bank.ask(reqwest::Method::POST, "/v1/scans").json(&json!({ "text": "&#123456" })).send().await;
    assert_eq!((patient.status, &patient.body["errors"][0]["code"]), (400, &json!("patient_structure")));
    assert!(!patient.text.contains("123456"), "{}", patient.text);
}

hub_test!(
    refusal_09_nobody_but_the_door_says_that_a_box_came,
    refusal_09_a_late_delivery_without_proof_opens_a_case,
    steps_in_any_order_form_one_chain,
    refusal_09_another_seal_on_the_way_quarantines_by_itself,
    refusal_09_seals_that_differ_within_one_message_are_seen,
    refusal_09_who_receives_milk_neither_packs_nor_sends_it,
    refusal_09_another_seal_that_is_told_after_the_receipt_sets_the_milk_aside,
    refusal_10_a_bottle_that_nobody_sent_is_held_where_it_stands,
    the_door_asks_the_carrier_for_its_code,
    labels_are_taken_apart_and_patients_are_not,
);
