//! Evidence that contradicts, comes late, is partly bad or is put right: none is lost, the worst is judged, and a person
//! decides.

use super::loggers::{file_of, logtag};
use super::{COLD, Promised, readings};
use crate::hub::TestHub;
use crate::hub::region::balanced_ledger;
use crate::hub::wire::{Answer, id};
use crate::hub_test;
use serde_json::{Value, json};

async fn decided(from: &Promised, excursion: &Value, body: &Value) -> Answer {
    from.unit.act(excursion, &format!("/v1/excursions/{}/disposition", id(excursion)), body).await
}

async fn the_only_excursion(from: &Promised) -> Value {
    let found = from.unit.all("/v1/excursions").await;
    assert_eq!(found.len(), 1, "one excursion an episode: {found:?}");
    found[0].clone()
}

fn frozen() -> Value {
    json!({ "disposition": "accept", "reason": "looked at: frozen solid", "milk": "solid" })
}

/// Cold readings that were sent first do not make the logger's own warm file count for nothing.
async fn refusal_08_a_warm_file_counts_beside_cold_readings(hub: &TestHub) {
    let promised = Promised::on(hub).await;
    let road = promised.on_the_road(hub).await;
    let delivered = promised.delivered(hub, &road).await;
    promised.readings(&road, &COLD).await;
    let mut warm = COLD;
    warm[3..6].fill(9.5);
    let kept = promised.bank.post("/v1/logger-files", &file_of(&road, &logtag(&warm), false)).await.expect(200);
    let counted = |name: &str| kept[name].as_i64().unwrap();
    assert_eq!((counted("rows_stored"), counted("rows_repeated"), counted("rows_refused")), (0, 10, 3), "{kept}");
    let rows: Vec<(i64, &str)> = kept["notes"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|note| note["code"] == "contradicts")
        .map(|note| (note["row"].as_i64().unwrap(), note["code"].as_str().unwrap()))
        .collect();
    assert_eq!(rows, [(7, "contradicts"), (8, "contradicts"), (9, "contradicts")], "{kept}");
    assert!(kept["excursion_id"].is_string(), "{kept}");
    assert_eq!(kept["minutes_above_limit"], 30, "{kept}");
    assert_eq!(promised.received(&delivered).await["verdict"], "quarantine");
    let again = promised.readings(&road, &warm).await;
    assert_eq!((again["stored"].as_i64(), again["repeated"].as_i64()), (Some(0), Some(10)), "{again}");
    assert_eq!(again["refused"], 3, "it contradicts each time: {again}");
    the_only_excursion(&promised).await;
}

/// One bad reading never loses the good ones, nor hides the warm one among them.
async fn one_bad_reading_does_not_lose_the_batch(hub: &TestHub) {
    let promised = Promised::on(hub).await;
    let road = promised.on_the_road(hub).await;
    hub.advance_to("2026-01-05T12:00:00Z").await;
    let mut batch = readings(&road, &[-22.5, -22.5, 9.0]);
    batch["readings"][1]["at"] = json!("2026-01-05T13:00:00Z");
    let told = promised.bank.post("/v1/readings", &batch).await.expect(200);
    assert_eq!((told["stored"].as_i64(), told["refused"].as_i64()), (Some(2), Some(1)), "{told}");
    let error = &told["errors"][0];
    assert_eq!((&error["pointer"], &error["code"]), (&json!("/readings/1/at"), &json!("in_the_future")), "{told}");
    assert!(told["excursion_id"].is_string(), "{told}");
}

/// A logger that is read late tells what a person needs to know; it does not decide.
async fn refusal_08_a_logger_read_late_gives_a_person_the_evidence(hub: &TestHub) {
    let promised = Promised::on(hub).await;
    let road = promised.on_the_road(hub).await;
    let delivered = promised.delivered(hub, &road).await;
    assert_eq!(promised.received(&delivered).await["verdict"], "quarantine");
    let silent = the_only_excursion(&promised).await;
    assert_eq!(decided(&promised, &silent, &frozen()).await.refused(), [8]);
    promised.readings(&road, &COLD).await;
    let told = the_only_excursion(&promised).await;
    assert_eq!((&told["kind"], &told["state"]), (&json!("silent"), &json!("open")), "{told}");
    assert_eq!((told["peak_c"].as_f64(), told["longest_gap_minutes"].as_i64()), (Some(-22.5), Some(10)), "{told}");
    assert_eq!(promised.at_unit(hub, "in_stock").await.len(), 0, "nobody has decided");
    decided(&promised, &told, &frozen()).await.expect(200);
    assert_eq!(promised.at_unit(hub, "in_stock").await.len(), 5);
    balanced_ledger(&hub.admin).await;
}

/// Read in the wrong zone, a file shows a gap that is not there. Read again in the right one it takes that back, and a
/// person decides.
async fn a_file_in_the_wrong_zone_is_put_right(hub: &TestHub) {
    let promised = Promised::on(hub).await;
    let road = promised.on_the_road(hub).await;
    let delivered = promised.delivered(hub, &road).await;
    // Its first hour is on the bench; an hour later it would be the journey's.
    let mut shown = vec![4.0; 6];
    shown.extend(COLD);
    let text = logtag(&shown);
    let early = |zone: &str| {
        let mut body = file_of(&road, &text, false);
        body["time_zone"] = json!(zone);
        body
    };
    // Six in the evening at Tokyo is an hour before six at Hong Kong.
    let right = "Asia/Tokyo";
    let wrong = promised.bank.post("/v1/logger-files", &early("Asia/Hong_Kong")).await.expect(200);
    assert!(wrong["excursion_id"].is_string(), "{wrong}");
    let mut look = early(right);
    look["preview"] = json!(true);
    let seen = promised.bank.post("/v1/logger-files", &look).await.expect(200);
    assert_eq!((&seen["repeated"], &seen["minutes_above_limit"]), (&json!(false), &json!(0)), "{seen}");
    let mended = promised.bank.post("/v1/logger-files", &early(right)).await.expect(200);
    assert_eq!((&mended["repeated"], &mended["turn"], &mended["counts"]), (&json!(false), &json!(2), &json!(true)));
    assert_eq!((&mended["sha256"], &mended["rows_refused"]), (&wrong["sha256"], &json!(0)), "{mended}");
    assert_eq!(mended["minutes_above_limit"], 0, "{mended}");
    let again = promised.bank.post("/v1/logger-files", &early(right)).await.expect(200);
    assert_eq!((&again["repeated"], &again["id"]), (&json!(true), &mended["id"]), "{again}");
    let files = promised.bank.all(&format!("/v1/logger-files?transfer_id={}", id(&road))).await;
    let counts: Vec<bool> = files.iter().map(|file| file["counts"].as_bool().unwrap()).collect();
    assert_eq!(counts, [false, true], "both are kept, one counts");
    let original = promised.bank.get(&format!("/v1/logger-files/{}/original", id(&wrong))).await;
    assert_eq!((original.status, original.text), (200, text));

    assert_eq!(promised.received(&delivered).await["verdict"], "quarantine", "a correction decides nothing");
    let excursion = the_only_excursion(&promised).await;
    let told = (excursion["peak_c"].as_f64(), excursion["minutes_above_limit"].as_i64());
    assert_eq!(told, (Some(-22.5), Some(0)), "what the person reads is what counts: {excursion}");
    decided(&promised, &excursion, &frozen()).await.expect(200);
    assert_eq!(promised.at_unit(hub, "in_stock").await.len(), 5);
}

/// The other way: what was cleared by a file in the wrong zone is set aside again.
async fn refusal_08_a_file_put_right_sets_cleared_milk_aside(hub: &TestHub) {
    let promised = Promised::on(hub).await;
    let road = promised.on_the_road(hub).await;
    let delivered = promised.delivered(hub, &road).await;
    promised.readings(&road, &COLD).await;
    let mut warm = vec![9.0; 6];
    warm.extend(COLD);
    let in_zone = |zone: &str| {
        let mut body = file_of(&road, &logtag(&warm).replace("LOG-1", "LOG-7"), false);
        (body["time_zone"], body["logger_ref"]) = (json!(zone), json!("LOG-7"));
        body
    };
    let wrong = promised.bank.post("/v1/logger-files", &in_zone("Asia/Tokyo")).await.expect(200);
    assert!(wrong["excursion_id"].is_null(), "{wrong}");
    assert_eq!(promised.received(&delivered).await["verdict"], "accept");
    let mended = promised.bank.post("/v1/logger-files", &in_zone("Asia/Hong_Kong")).await.expect(200);
    assert!(mended["excursion_id"].is_string(), "{mended}");
    assert_eq!(promised.at_unit(hub, "quarantined").await.len(), 5);
    balanced_ledger(&hub.admin).await;
}

/// The hours of thawed milk run from what its logger shows, not from when the box was opened.
async fn refusal_07_milk_thawed_when_its_logger_says_so(hub: &TestHub) {
    let promised = Promised::on(hub).await;
    let road = promised.on_the_road(hub).await;
    let delivered = promised.delivered(hub, &road).await;
    let mut warm = COLD;
    warm[4..].fill(8.0);
    promised.readings(&road, &warm).await;
    assert_eq!(promised.received(&delivered).await["verdict"], "quarantine");
    let excursion = the_only_excursion(&promised).await;
    let since = |at: &str| json!({ "disposition": "accept_as_thawed", "reason": "looked at", "milk": "liquid", "thawed_since": at });
    let late = decided(&promised, &excursion, &since("2026-01-05T11:00:00Z")).await;
    assert_eq!((late.status, late.text.contains("/thawed_since")), (400, true), "{}", late.text);
    assert!(late.text.contains("8.00 °C at 2026-01-05T10:40:00"), "{}", late.text);
    decided(&promised, &excursion, &since("2026-01-05T10:40:00Z")).await.expect(200);
    let stock = promised.at_unit(hub, "in_stock").await;
    assert!(stock[0]["thaw_ends_at"].as_str().unwrap().contains("T10:40:00"), "{stock:?}");
}

hub_test!(
    refusal_08_a_warm_file_counts_beside_cold_readings,
    one_bad_reading_does_not_lose_the_batch,
    refusal_08_a_logger_read_late_gives_a_person_the_evidence,
    a_file_in_the_wrong_zone_is_put_right,
    refusal_08_a_file_put_right_sets_cleared_milk_aside,
    refusal_07_milk_thawed_when_its_logger_says_so,
);
