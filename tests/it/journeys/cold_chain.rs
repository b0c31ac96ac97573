//! Readings and excursions: a spike, a gap or a silence is evidence, and only a person with a reason clears milk.

use super::{COLD, Promised, readings};
use crate::hub::TestHub;
use crate::hub::wire::id;
use crate::hub_test;
use serde_json::{Value, json};

async fn decided(from: &Promised, excursion: &Value, disposition: &str) -> crate::hub::wire::Answer {
    let body =
        json!({ "disposition": disposition, "reason": "looked at: frozen solid, labels whole", "milk": "solid" });
    from.unit.act(excursion, &format!("/v1/excursions/{}/disposition", id(excursion)), &body).await
}

async fn the_only_excursion(from: &Promised) -> Value {
    let found = from.unit.all("/v1/excursions").await;
    assert_eq!(found.len(), 1, "one excursion an episode: {found:?}");
    found[0].clone()
}

async fn a_cold_journey_is_taken_in_whole(hub: &TestHub) {
    let promised = Promised::on(hub).await;
    let road = promised.on_the_road(hub).await;
    assert_eq!(road["state"], "in_transit", "{road}");
    let delivered = promised.delivered(hub, &road).await;
    let shown = promised.readings(&road, &COLD).await;
    assert_eq!((shown["stored"].as_i64(), shown["highest_c"].as_f64()), (Some(13), Some(-22.5)), "{shown}");
    assert!(shown["excursion_id"].is_null(), "{shown}");
    let received = promised.received(&delivered).await;
    assert_eq!((&received["state"], &received["verdict"]), (&json!("received"), &json!("accept")), "{received}");
    assert_eq!(promised.at_unit(hub, "in_stock").await.len(), 5);
    assert_eq!(promised.request().await["state"], "fulfilled");
    let steps = promised.unit.all(&format!("/v1/transfers/{}/custody-events?", id(&road))).await;
    let kinds: Vec<&str> = steps.iter().filter_map(|step| step["kind"].as_str()).collect();
    assert_eq!(kinds, ["packed", "collected", "delivered", "received"]);
}

/// A box that stands at the door is still on its way until somebody opens it.
async fn refusal_08_what_warms_at_the_door_waits_for_a_person(hub: &TestHub) {
    let promised = Promised::on(hub).await;
    let road = promised.on_the_road(hub).await;
    let delivered = promised.delivered(hub, &road).await;
    let mut shown = COLD.to_vec();
    shown.extend([9.0; 12]);
    hub.advance_to("2026-01-05T14:00:00Z").await;
    let told = promised.readings(&road, &shown).await;
    assert_eq!(told["highest_c"], 9.0, "{told}");
    assert_eq!(promised.received(&delivered).await["verdict"], "quarantine");
}

/// The last minutes are those in which a box is opened and its logger read.
async fn a_logger_that_is_taken_out_shows_the_room(hub: &TestHub) {
    let promised = Promised::on(hub).await;
    let road = promised.on_the_road(hub).await;
    let delivered = promised.delivered(hub, &road).await;
    let mut shown = COLD.to_vec();
    shown.push(21.0);
    hub.advance_to("2026-01-05T12:10:00Z").await;
    assert_eq!(promised.received(&delivered).await["verdict"], "quarantine", "its logger said nothing yet");
    let told = promised.readings(&road, &shown).await;
    assert_eq!(told["highest_c"], -22.5, "{told}");
}

async fn refusal_08_another_logger_does_not_speak_for_the_one_in_the_box(hub: &TestHub) {
    let promised = Promised::on(hub).await;
    let road = promised.on_the_road(hub).await;
    let delivered = promised.delivered(hub, &road).await;
    let mut other = readings(&road, &COLD);
    other["logger_ref"] = json!("LOG-2");
    promised.bank.post("/v1/readings", &other).await.expect(200);
    assert_eq!(promised.received(&delivered).await["verdict"], "quarantine");
}

async fn refusal_09_a_box_without_a_logger_that_was_out_too_long_waits_for_a_person(hub: &TestHub) {
    let promised = Promised::on(hub).await;
    let planned = promised.bank.created("/v1/transfers", &promised.plan(hub)).await;
    let packed = promised.step(&planned, "pack", json!({ "seal_number": "S-1" })).await;
    hub.advance_to("2026-01-05T10:00:00Z").await;
    let road = promised.step(&packed, "collect", json!({ "seal_number": "S-1" })).await;
    hub.advance_to("2026-01-06T10:00:00Z").await;
    let delivered = promised.handed_in(&road).await;
    let early = json!({ "seal_number": "S-1", "frozen_solid": true, "accept_all": true, "at": "2026-01-05T11:00:00Z" });
    let path = format!("/v1/transfers/{}/receive", id(&delivered));
    let refused = promised.unit.act(&delivered, &path, &early).await.problem(400, "body_invalid");
    assert_eq!(refused["errors"][0]["code"], "before_delivery", "{refused}");
    assert_eq!(promised.received(&delivered).await["verdict"], "quarantine");
}

async fn refusal_08_a_warm_journey_waits_for_a_person(hub: &TestHub) {
    let promised = Promised::on(hub).await;
    let road = promised.on_the_road(hub).await;
    let delivered = promised.delivered(hub, &road).await;
    let mut warm = COLD;
    warm[4..8].fill(-12.0);
    let shown = promised.readings(&road, &warm).await;
    assert_eq!(shown["minutes_above_limit"], 40, "{shown}");
    let early = decided(&promised, &the_only_excursion(&promised).await, "accept").await;
    early.problem(409, "not_received");
    let received = promised.received(&delivered).await;
    assert_eq!(received["verdict"], "quarantine", "{received}");
    let aside = promised.at_unit(hub, "quarantined").await;
    assert_eq!(aside.len(), 5);
    let request = promised.request().await;
    assert_eq!((request["allocated_ml"].as_i64(), request["delivered_ml"].as_i64()), (Some(0), Some(0)), "{request}");
    assert_eq!(promised.fed(hub, &id(&aside[0])).await.refused(), [8]);

    let excursion = the_only_excursion(&promised).await;
    assert_eq!((&excursion["kind"], &excursion["state"]), (&json!("warm"), &json!("open")), "{excursion}");
    let path = format!("/v1/excursions/{}/acknowledge", id(&excursion));
    let seen = promised.unit.act(&excursion, &path, &json!({})).await.expect(200);
    assert_eq!(seen["state"], "acknowledged", "{seen}");
    assert_eq!(promised.fed(hub, &id(&aside[0])).await.refused(), [8], "seen is not decided");
    let over = promised.bank.act(&seen, &path, &json!({})).await;
    assert_eq!(over.status, 403, "the sender does not decide: {}", over.text);
    decided(&promised, &seen, "accept").await.expect(200);
    assert_eq!(promised.at_unit(hub, "in_stock").await.len(), 5);
    assert_eq!(promised.request().await["delivered_ml"], 500);
    promised.fed(hub, &id(&aside[0])).await.expect(200);
}

async fn refusal_08_one_spike_and_one_gap_are_evidence(hub: &TestHub) {
    let promised = Promised::on(hub).await;
    let road = promised.on_the_road(hub).await;
    hub.advance_to("2026-01-05T12:00:00Z").await;
    let mut spiked = COLD;
    spiked[6] = 41.3;
    let shown = promised.readings(&road, &spiked).await;
    assert_eq!(shown["minutes_above_limit"], 10, "{shown}");
    let excursion = the_only_excursion(&promised).await;
    assert_eq!((&excursion["kind"], excursion["peak_c"].as_f64()), (&json!("spike"), Some(41.3)), "{excursion}");
    let mut silent = readings(&road, &COLD[..3]);
    silent["readings"][2]["at"] = json!("2026-01-05T11:59:00Z");
    silent["logger_ref"] = json!("LOG-2");
    let shown = promised.bank.post("/v1/readings", &silent).await.expect(200);
    assert_eq!(shown["longest_gap_minutes"], 10, "another logger fills the gap: {shown}");
}

async fn refusal_08_milk_of_a_silent_logger_is_never_cleared(hub: &TestHub) {
    let promised = Promised::on(hub).await;
    let road = promised.on_the_road(hub).await;
    let delivered = promised.delivered(hub, &road).await;
    let received = promised.received(&delivered).await;
    assert_eq!(received["verdict"], "quarantine", "{received}");
    let excursion = the_only_excursion(&promised).await;
    assert_eq!(excursion["kind"], "silent", "{excursion}");
    assert_eq!(decided(&promised, &excursion, "accept").await.refused(), [8]);
    assert_eq!(decided(&promised, &excursion, "accept_as_thawed").await.refused(), [8], "how warm, nobody knows");
    decided(&promised, &excursion, "discard").await.expect(200);
    assert_eq!(promised.at_unit(hub, "discarded").await.len(), 5);
    let ledger = hub.admin.found("/v1/ledger").await;
    assert_eq!(ledger["discarded_by_reason"]["excursion"], 500, "{ledger}");
}

async fn refusal_08_readings_after_the_receipt_still_set_milk_aside(hub: &TestHub) {
    let promised = Promised::on(hub).await;
    let road = promised.on_the_road(hub).await;
    promised.readings(&road, &COLD[..1]).await;
    hub.advance_to("2026-01-05T10:20:00Z").await;
    let delivered = promised.handed_in(&road).await;
    promised.received(&delivered).await;
    assert_eq!(promised.request().await["delivered_ml"], 500);
    let late = json!({
        "transfer_id": id(&road), "logger_ref": "LOG-1",
        "readings": [{ "at": "2026-01-05T10:10:00Z", "celsius": 2.5 }],
    });
    let shown = promised.bank.post("/v1/readings", &late).await.expect(200);
    assert!(shown["excursion_id"].is_string(), "{shown}");
    assert_eq!(promised.at_unit(hub, "quarantined").await.len(), 5);
    let request = promised.request().await;
    assert_eq!((request["allocated_ml"].as_i64(), request["delivered_ml"].as_i64()), (Some(0), Some(0)), "{request}");
    decided(&promised, &the_only_excursion(&promised).await, "accept").await.expect(200);
    assert_eq!(promised.request().await["delivered_ml"], 500);
}

async fn repeats_are_harmless_and_contradictions_are_not(hub: &TestHub) {
    let promised = Promised::on(hub).await;
    let road = promised.on_the_road(hub).await;
    hub.advance_to("2026-01-05T12:00:00Z").await;
    promised.readings(&road, &COLD).await;
    let again = promised.readings(&road, &COLD).await;
    assert_eq!((again["stored"].as_i64(), again["repeated"].as_i64()), (Some(0), Some(13)), "{again}");
    let mut other = COLD;
    other[3] = -19.0;
    let told = promised.readings(&road, &other).await;
    assert_eq!((told["repeated"].as_i64(), told["refused"].as_i64()), (Some(12), Some(1)), "{told}");
    let error = &told["errors"][0];
    assert_eq!((&error["pointer"], &error["code"]), (&json!("/readings/3/celsius"), &json!("reading_contradicts")));
    assert_eq!(told["highest_c"], -19.0, "both are kept and the warmer counts: {told}");
    let mut wrong = readings(&road, &COLD[..3]);
    wrong["readings"][0]["at"] = json!("2026-01-05T13:00:00Z");
    wrong["readings"][1]["celsius"] = json!(451);
    wrong["readings"][2]["at"] = json!("0001-01-01T00:00:00Z");
    let problem = promised.bank.post("/v1/readings", &wrong).await;
    assert_eq!(problem.status, 400, "{}", problem.text);
    assert_eq!(faults(&problem.body), ["/readings/0/at", "/readings/1/celsius", "/readings/2/at"]);
    let name = |logger: &str| json!({ "logger_ref": logger, "transfer_id": id(&road), "readings": wrong["readings"] });
    for logger in [" ", "LOG-1~2", "x".repeat(65).as_str()] {
        let problem = promised.bank.post("/v1/readings", &name(logger)).await;
        assert_eq!((problem.status, faults(&problem.body)[0].as_str()), (400, "/logger_ref"), "{}", problem.text);
    }
}

fn faults(body: &Value) -> Vec<String> {
    let pointer = |error: &Value| error["pointer"].as_str().unwrap().to_owned();
    body["errors"].as_array().unwrap().iter().map(pointer).collect()
}

async fn a_box_is_planned_with_words_that_can_be_printed(hub: &TestHub) {
    let promised = Promised::on(hub).await;
    let long = ["x".repeat(65), "x".repeat(201)];
    for (field, texts) in [("logger_ref", ["", " ", long[0].as_str()]), ("packaging", ["", " ", long[1].as_str()])] {
        for text in texts {
            let mut plan = promised.plan(hub);
            plan[field] = json!(text);
            let problem = promised.bank.post("/v1/transfers", &plan).await;
            assert_eq!((problem.status, faults(&problem.body)), (400, vec![format!("/{field}")]), "{}", problem.text);
        }
    }
    let mut plan = promised.plan(hub);
    plan["logger_ref"] = json!(" LOG-1 ");
    assert_eq!(promised.bank.created("/v1/transfers", &plan).await["logger_ref"], "LOG-1");
}

/// A box that came in with one bottle as given, and what the unit may decide about it.
async fn softened(hub: &TestHub, condition: &str) -> (Promised, Value) {
    let promised = Promised::on(hub).await;
    let road = promised.on_the_road(hub).await;
    let delivered = promised.delivered(hub, &road).await;
    promised.readings(&road, &COLD).await;
    let bottle = id(&promised.bank.all(&format!("/v1/bottles?transfer_id={}", id(&delivered))).await[0]);
    let bottles = json!([{ "bottle_id": bottle, "condition": condition }]);
    let receipt = json!({ "seal_number": "S-1", "frozen_solid": true, "accept_all": true, "bottles": bottles });
    let path = format!("/v1/transfers/{}/receive", id(&delivered));
    let received = promised.unit.act(&delivered, &path, &receipt).await.expect(200);
    assert_eq!(received["verdict"], "quarantine", "{received}");
    let excursion = the_only_excursion(&promised).await;
    assert_eq!(excursion["kind"], "not_frozen", "{excursion}");
    (promised, excursion)
}

async fn decided_on(from: &Promised, excursion: &Value, disposition: &str, milk: &str) -> crate::hub::wire::Answer {
    let body = json!({ "disposition": disposition, "reason": "looked at each bottle", "milk": milk });
    from.unit.act(excursion, &format!("/v1/excursions/{}/disposition", id(excursion)), &body).await
}

async fn refusal_07_what_thawed_is_used_here_within_its_hours_or_not_at_all(hub: &TestHub) {
    let (promised, excursion) = softened(hub, "liquid").await;
    let path = format!("/v1/excursions/{}/disposition", id(&excursion));
    let silent = json!({ "disposition": "accept", "reason": "looked at" });
    let answer = promised.unit.act(&excursion, &path, &silent).await;
    assert_eq!((answer.status, answer.text.contains("\"/milk\"")), (400, true), "{}", answer.text);
    assert_eq!(decided_on(&promised, &excursion, "accept", "liquid").await.refused(), [7]);
    assert_eq!(decided_on(&promised, &excursion, "accept", "ice_crystals").await.refused(), [7]);
    decided_on(&promised, &excursion, "accept_as_thawed", "liquid").await.expect(200);
    let stock = promised.at_unit(hub, "in_stock").await;
    assert_eq!(stock.len(), 5);
    assert!(stock.iter().all(|bottle| bottle["thaw_ends_at"].is_string()), "{stock:?}");
    promised.fed(hub, &id(&stock[0])).await.expect(200);
    let unit = hub.manager_at(&hub.region.unit).await;
    let freezer = json!({
        "site_id": hub.region.unit, "code": "freezer-9", "name": "Freezer of the ward", "max_temperature_c": -18,
        "peak_c": -3, "tolerance_minutes": 20, "silent_after_minutes": 60, "logger_ref": "FZ-9",
    });
    let freezer = unit.created("/v1/storage-units", &freezer).await;
    let placed = json!({ "bottle_ids": [id(&stock[1])] });
    let refused = unit.post(&format!("/v1/storage-units/{}/bottles", id(&freezer)), &placed).await;
    assert_eq!(refused.refused(), [7], "thawed milk is not frozen again");
    let surplus = json!({
        "site_id": hub.region.unit, "reason": "too much", "available_until": "2026-02-05T08:00:00Z",
        "lots": [{ "lot_id": stock[1]["lot_id"] }],
    });
    let again = unit.post("/v1/surplus", &surplus).await;
    assert!(!matches!(again.status, 200 | 201), "thawed milk is never offered again: {}", again.text);

    hub.advance_to("2026-01-07T12:00:00Z").await;
    assert_eq!(promised.at_unit(hub, "in_stock").await.len(), 0, "its hours are over");
    assert_eq!(promised.fed(hub, &id(&stock[1])).await.refused(), [7]);
    let gone = json!([{ "bottle_id": id(&stock[1]), "fate": "discarded", "reason": "thawed_unused" }]);
    let body = json!({ "site_id": hub.region.unit, "items": gone });
    promised.unit.post("/v1/bottles/fates", &body).await.expect(200);
}

async fn refusal_07_the_hours_of_thawed_milk_may_be_over_before_it_is_decided(hub: &TestHub) {
    let (promised, excursion) = softened(hub, "ice_crystals").await;
    hub.advance_to("2026-01-08T12:00:00Z").await;
    assert_eq!(decided_on(&promised, &excursion, "accept_as_thawed", "liquid").await.refused(), [7]);
    decided_on(&promised, &excursion, "discard", "liquid").await.expect(200);
    assert_eq!(promised.at_unit(hub, "discarded").await.len(), 5);
}

async fn refusal_07_thawed_milk_keeps_its_clock_when_another_reason_frees_it(hub: &TestHub) {
    let promised = Promised::on(hub).await;
    let road = promised.on_the_road(hub).await;
    let delivered = promised.delivered(hub, &road).await;
    promised.readings(&road, &COLD).await;
    let receipt = json!({ "seal_number": "S-2", "frozen_solid": false, "accept_all": true });
    let path = format!("/v1/transfers/{}/receive", id(&delivered));
    promised.unit.act(&delivered, &path, &receipt).await.expect(200);
    let both = promised.unit.all("/v1/excursions").await;
    let of = |kind: &str| both.iter().find(|one| one["kind"] == kind).unwrap_or_else(|| panic!("{kind}: {both:?}"));
    let late = json!({
        "disposition": "accept_as_thawed", "reason": "looked at", "milk": "liquid", "thawed_since": "2026-01-05T13:00:00Z",
    });
    let path = format!("/v1/excursions/{}/disposition", id(of("not_frozen")));
    let answer = promised.unit.act(of("not_frozen"), &path, &late).await;
    assert_eq!((answer.status, answer.text.contains("/thawed_since")), (400, true), "{}", answer.text);
    decided_on(&promised, of("not_frozen"), "accept_as_thawed", "liquid").await.expect(200);
    assert_eq!(promised.at_unit(hub, "in_stock").await.len(), 0, "the seal is not decided");
    decided_on(&promised, of("seal"), "accept", "solid").await.expect(200);
    let stock = promised.at_unit(hub, "in_stock").await;
    assert_eq!(stock.len(), 5);
    assert!(stock.iter().all(|bottle| bottle["thaw_ends_at"].is_string()), "it is still thawed: {stock:?}");
}

hub_test!(
    refusal_07_thawed_milk_keeps_its_clock_when_another_reason_frees_it,
    refusal_07_what_thawed_is_used_here_within_its_hours_or_not_at_all,
    refusal_07_the_hours_of_thawed_milk_may_be_over_before_it_is_decided,
    a_cold_journey_is_taken_in_whole,
    refusal_08_what_warms_at_the_door_waits_for_a_person,
    a_logger_that_is_taken_out_shows_the_room,
    refusal_08_another_logger_does_not_speak_for_the_one_in_the_box,
    refusal_09_a_box_without_a_logger_that_was_out_too_long_waits_for_a_person,
    refusal_08_a_warm_journey_waits_for_a_person,
    refusal_08_one_spike_and_one_gap_are_evidence,
    refusal_08_milk_of_a_silent_logger_is_never_cleared,
    refusal_08_readings_after_the_receipt_still_set_milk_aside,
    repeats_are_harmless_and_contradictions_are_not,
    a_box_is_planned_with_words_that_can_be_printed,
);
