//! Freezers: what their loggers say in readings and in the extremes of days holds the milk that stood in them.

use super::{COLD, Promised};
use crate::hub::TestHub;
use crate::hub::region::balanced_ledger;
use crate::hub::wire::{Wire, id};
use crate::hub_test;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

async fn freezer_with(bank: &Wire, hub: &TestHub, bottles: &[Value]) -> Value {
    let unit = json!({
        "site_id": hub.region.bank, "code": "freezer-1", "name": "Freezer by the door", "max_temperature_c": -18, "peak_c": -3,
        "tolerance_minutes": 20, "silent_after_minutes": 60, "logger_ref": "FZ-1",
    });
    let unit = bank.created("/v1/storage-units", &unit).await;
    if bottles.is_empty() {
        return unit;
    }
    let ids: Vec<&Value> = bottles.iter().map(|bottle| &bottle["id"]).collect();
    let placed = bank.post(&format!("/v1/storage-units/{}/bottles", id(&unit)), &json!({ "bottle_ids": ids })).await;
    assert_eq!(placed.expect(200)["placed"], bottles.len());
    unit
}

fn freezer_readings(unit: &Value, from_minute: usize, degrees: &[f64]) -> Value {
    let rows: Vec<Value> = degrees
        .iter()
        .enumerate()
        .map(|(row, degrees)| {
            let minutes = from_minute + 10 * row;
            json!({ "at": format!("2026-01-05T{:02}:{:02}:00Z", minutes / 60, minutes % 60), "celsius": degrees })
        })
        .collect();
    json!({ "storage_unit_id": id(unit), "logger_ref": "FZ-1", "readings": rows })
}

async fn refusal_08_a_freezer_that_warmed_holds_what_stood_in_it(hub: &TestHub) {
    let promised = Promised::on(hub).await;
    let of_lot = |state: &str| format!("/v1/bottles?site_id={}&state={state}", hub.region.bank);
    let bottles = promised.bank.all(&of_lot("in_stock")).await;
    let unit = freezer_with(&promised.bank, hub, &bottles[..3]).await;
    hub.advance_to("2026-01-05T12:00:00Z").await;
    let cold = freezer_readings(&unit, 9 * 60, &[-20.0; 6]);
    let shown = promised.bank.post("/v1/readings", &cold).await.expect(200);
    assert!(shown["excursion_id"].is_null(), "{shown}");
    let warm = freezer_readings(&unit, 10 * 60, &[-20.0, -9.0, -9.0, -9.0, -20.0]);
    let shown = promised.bank.post("/v1/readings", &warm).await.expect(200);
    assert!(shown["excursion_id"].is_string(), "{shown}");
    assert_eq!(promised.bank.all(&of_lot("quarantined")).await.len(), 3, "what stood there, and nothing else");
    assert_eq!(promised.request().await["allocated_ml"], 0, "the promise on it has ended");
    let excursion = promised.bank.all("/v1/excursions").await[0].clone();
    assert_eq!((&excursion["kind"], &excursion["storage_unit_id"]), (&json!("warm"), &unit["id"]), "{excursion}");
    let decision = json!({ "disposition": "accept", "reason": "looked at: frozen solid", "milk": "solid" });
    let path = format!("/v1/excursions/{}/disposition", id(&excursion));
    promised.bank.act(&excursion, &path, &decision).await.expect(200);
    assert_eq!(promised.bank.all(&of_lot("quarantined")).await.len(), 0);
    balanced_ledger(&hub.admin).await;
}

/// Its warmth comes to light when the milk has been received elsewhere.
async fn refusal_08_milk_that_left_a_warm_freezer_is_held_where_it_stands(hub: &TestHub) {
    let promised = Promised::on(hub).await;
    let bottles = promised.bank.all(&format!("/v1/bottles?site_id={}&state=in_stock", hub.region.bank)).await;
    let unit = freezer_with(&promised.bank, hub, &bottles[..3]).await;
    let road = promised.on_the_road(hub).await;
    let delivered = promised.delivered(hub, &road).await;
    promised.readings(&road, &COLD).await;
    assert_eq!(promised.received(&delivered).await["verdict"], "accept");
    let warm = freezer_readings(&unit, 9 * 60, &[-20.0, -9.0, -9.0, -9.0, -20.0]);
    let shown = promised.bank.post("/v1/readings", &warm).await.expect(200);
    assert!(shown["excursion_id"].is_string(), "{shown}");
    let aside = promised.at_unit(hub, "quarantined").await;
    assert_eq!(aside.len(), 3, "what stood there, and nothing else");
    assert!(promised.fed(hub, &id(&aside[0])).await.refused().contains(&8));
    balanced_ledger(&hub.admin).await;
}

async fn a_silent_freezer_and_an_unread_box_are_alarms_of_their_own(hub: &TestHub) {
    let promised = Promised::on(hub).await;
    let road = promised.on_the_road(hub).await;
    let unit = freezer_with(&promised.bank, hub, &[]).await;
    promised.delivered(hub, &road).await;
    assert_eq!(promised.bank.all("/v1/excursions").await.len(), 1, "two hours without a word from the freezer");
    hub.advance_to("2026-01-05T13:30:00Z").await;
    let alarms = promised.bank.all("/v1/excursions").await;
    let kinds: Vec<&str> = alarms.iter().filter_map(|alarm| alarm["kind"].as_str()).collect();
    assert_eq!(kinds, ["silent", "silent"], "one alarm an episode: {alarms:?}");
    assert!(alarms.iter().any(|alarm| alarm["storage_unit_id"] == unit["id"]));
    assert!(alarms.iter().any(|alarm| alarm["transfer_id"] == road["id"]));
    assert_eq!(promised.request().await["allocated_ml"], 0, "the request is planned anew");
}

/// A Berlinger file of days with their highest temperature and the minutes above the limit.
fn berlinger(unit: &Value, days: &[(u32, f64, &str)]) -> Value {
    let mut text = String::from(
        "Device: Fridge-tag 2\nFw Vers: 1.4\nConf:\n Serial: FZ-1\n Temp unit: C\n Alarm:\n  0:\n   T AL: -18.0, t AL: 20\nHist:\n",
    );
    for (number, (day, highest, minutes)) in days.iter().enumerate() {
        text += &format!(
            " {}:\n  Date: 2026-01-{day:02}\n  Min T: -24.0\n  Max T: {highest}\n  Alarm:\n   0:\n    t Acc: {minutes}\n",
            number + 1
        );
    }
    text += "Cert:\n Issuer: maker\nSig: 8f7e\n";
    json!({ "storage_unit_id": id(unit), "time_zone": "Asia/Hong_Kong", "content": STANDARD.encode(text) })
}

/// Of a day only its extremes are known, and they act like readings.
async fn refusal_08_the_extremes_of_a_day_hold_what_stood_in_the_freezer(hub: &TestHub) {
    let promised = Promised::on(hub).await;
    let of_lot = |state: &str| format!("/v1/bottles?site_id={}&state={state}", hub.region.bank);
    let bottles = promised.bank.all(&of_lot("in_stock")).await;
    let unit = freezer_with(&promised.bank, hub, &bottles[..3]).await;
    hub.advance_to("2026-01-07T02:00:00Z").await;
    let cold = berlinger(&unit, &[(4, -19.0, "0"), (5, -19.5, "0")]);
    let told = promised.bank.post("/v1/logger-files", &cold).await.expect(200);
    assert!(told["excursion_id"].is_null(), "{told}");
    let warm = berlinger(&unit, &[(4, -19.0, "0"), (5, -19.5, "0"), (6, 12.0, "300")]);
    let told = promised.bank.post("/v1/logger-files", &warm).await.expect(200);
    assert!(told["excursion_id"].is_string(), "{told}");
    assert_eq!((told["highest_c"].as_f64(), told["minutes_above_limit"].as_i64()), (Some(12.0), Some(300)), "{told}");
    assert_eq!(promised.bank.all(&of_lot("quarantined")).await.len(), 3, "what stood there, and nothing else");
    let alarms = promised.bank.all("/v1/excursions").await;
    let excursion = alarms.iter().find(|one| one["id"] == told["excursion_id"]).unwrap().clone();
    assert_eq!((&excursion["kind"], &excursion["peak_c"]), (&json!("warm"), &json!(12.0)), "{excursion}");
    let now = promised.bank.found(&format!("/v1/storage-units/{}", id(&unit))).await;
    assert_eq!(now["last_reading_at"], "2026-01-06T16:00:00Z", "it has spoken: {now}");

    let decision = json!({ "disposition": "accept", "reason": "looked at: frozen solid", "milk": "solid" });
    let path = format!("/v1/excursions/{}/disposition", id(&excursion));
    promised.bank.act(&excursion, &path, &decision).await.expect(200);
    assert_eq!(promised.bank.all(&of_lot("quarantined")).await.len(), 0);
    let longer = berlinger(&unit, &[(4, -19.0, "0"), (5, -19.5, "0"), (6, 12.0, "300"), (7, -19.0, "0")]);
    let told = promised.bank.post("/v1/logger-files", &longer).await.expect(200);
    assert!(told["excursion_id"].is_null(), "a day that was decided is not judged again: {told}");
    balanced_ledger(&hub.admin).await;
}

async fn refusal_08_a_warm_reading_beside_a_cold_one_holds_the_milk(hub: &TestHub) {
    let promised = Promised::on(hub).await;
    let of_lot = |state: &str| format!("/v1/bottles?site_id={}&state={state}", hub.region.bank);
    let bottles = promised.bank.all(&of_lot("in_stock")).await;
    let unit = freezer_with(&promised.bank, hub, &bottles[..3]).await;
    hub.advance_to("2026-01-05T10:30:00Z").await;
    let cold = promised.bank.post("/v1/readings", &freezer_readings(&unit, 9 * 60, &[-24.0; 6])).await.expect(200);
    assert!(cold["excursion_id"].is_null(), "{cold}");
    let mut body = freezer_readings(&unit, 9 * 60, &[-24.0, 9.0, 9.0, 9.0, -24.0, -24.0]);
    body["readings"][5]["celsius"] = json!(451);
    let told = promised.bank.post("/v1/readings", &body).await.expect(200);
    let counts = (told["stored"].as_i64(), told["repeated"].as_i64(), told["refused"].as_i64());
    assert_eq!(counts, (Some(0), Some(2), Some(4)), "{told}");
    let code = |row: usize| told["errors"][row]["code"].as_str().unwrap();
    assert_eq!((code(0), code(3)), ("reading_contradicts", "out_of_range"), "{told}");
    assert!(told["excursion_id"].is_string(), "{told}");
    assert_eq!(promised.bank.all(&of_lot("quarantined")).await.len(), 3);
    balanced_ledger(&hub.admin).await;
}

/// Milk that thawed in a freezer began to thaw when its logger showed it.
async fn refusal_07_milk_of_a_freezer_thawed_when_its_logger_says_so(hub: &TestHub) {
    let promised = Promised::on(hub).await;
    let bottles = promised.bank.all(&format!("/v1/bottles?site_id={}&state=in_stock", hub.region.bank)).await;
    let unit = freezer_with(&promised.bank, hub, &bottles[..3]).await;
    hub.advance_to("2026-01-05T10:30:00Z").await;
    let warm = freezer_readings(&unit, 9 * 60, &[-20.0, 4.0, 6.0, 6.0, 6.0]);
    promised.bank.post("/v1/readings", &warm).await.expect(200);
    let excursion = promised.bank.all("/v1/excursions").await[0].clone();
    let path = format!("/v1/excursions/{}/disposition", id(&excursion));
    let since = |at: &str| json!({ "disposition": "accept_as_thawed", "reason": "looked at", "milk": "liquid", "thawed_since": at });
    let late = promised.bank.act(&excursion, &path, &since("2026-01-05T09:30:00Z")).await;
    assert_eq!((late.status, late.text.contains("/thawed_since")), (400, true), "{}", late.text);
    promised.bank.act(&excursion, &path, &since("2026-01-05T09:10:00Z")).await.expect(200);
}

/// A freezer's logger that is read late tells of its silence; the alarm still needs a person.
async fn a_silent_freezer_is_told_of_by_its_logger(hub: &TestHub) {
    let promised = Promised::on(hub).await;
    let unit = freezer_with(&promised.bank, hub, &[]).await;
    hub.advance_to("2026-01-05T12:00:00Z").await;
    let silent = promised.bank.all("/v1/excursions").await[0].clone();
    assert_eq!((&silent["kind"], &silent["peak_c"]), (&json!("silent"), &Value::Null), "{silent}");
    promised.bank.post("/v1/readings", &freezer_readings(&unit, 7 * 60 + 50, &[-20.0; 25])).await.expect(200);
    let told = promised.bank.found(&format!("/v1/excursions/{}", id(&silent))).await;
    assert_eq!((&told["state"], &told["peak_c"]), (&json!("open"), &json!(-20.0)), "{told}");
    let decision = json!({ "disposition": "accept", "reason": "its logger was read", "milk": "solid" });
    let path = format!("/v1/excursions/{}/disposition", id(&told));
    promised.bank.act(&told, &path, &decision).await.expect(200);
}

hub_test!(
    refusal_08_a_freezer_that_warmed_holds_what_stood_in_it,
    refusal_08_milk_that_left_a_warm_freezer_is_held_where_it_stands,
    a_silent_freezer_and_an_unread_box_are_alarms_of_their_own,
    refusal_08_the_extremes_of_a_day_hold_what_stood_in_the_freezer,
    refusal_08_a_warm_reading_beside_a_cold_one_holds_the_milk,
    refusal_07_milk_of_a_freezer_thawed_when_its_logger_says_so,
    a_silent_freezer_is_told_of_by_its_logger,
);
