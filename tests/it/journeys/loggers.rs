//! Files of loggers: looked at first, kept as they came, stored once; what they show sets milk aside and plans anew what
//! waited for it.

use super::{COLD, Promised, readings};
use crate::hub::TestHub;
use crate::hub::region::{balanced_ledger, matched, published, released_lot};
use crate::hub::wire::id;
use crate::hub_test;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// A LogTag file of one reading every ten minutes from six in the evening at Hong Kong, which is ten in UTC.
pub(super) fn logtag(degrees: &[f64]) -> String {
    let mut text = String::from("Serial #,LOG-1\r\nReading interval,10 minutes\r\nIndex,Date,Time,°C\r\n");
    for (row, degrees) in degrees.iter().enumerate() {
        let minutes = 18 * 60 + 10 * row;
        text += &format!("{},2026-01-05,{:02}:{:02}:00,{degrees}\r\n", row + 1, minutes / 60, minutes % 60);
    }
    text
}

pub(super) fn file_of(transfer: &Value, text: &str, preview: bool) -> Value {
    json!({
        "transfer_id": id(transfer), "time_zone": "Asia/Hong_Kong", "preview": preview,
        "content": STANDARD.encode(text),
    })
}

async fn a_file_is_looked_at_then_kept_and_a_repeat_is_harmless(hub: &TestHub) {
    let promised = Promised::on(hub).await;
    let road = promised.on_the_road(hub).await;
    promised.delivered(hub, &road).await;
    let text = logtag(&COLD) + "14,2026-01-09,20:10:00,-22.5\r\n15,2026-01-05,20:10:00,-22.5 °F\r\n";
    let seen = promised.bank.post("/v1/logger-files", &file_of(&road, &text, true)).await.expect(200);
    assert_eq!((seen["preview"].as_bool(), seen["rows_stored"].as_i64()), (Some(true), Some(13)), "{seen}");
    let nothing = promised.bank.all(&format!("/v1/logger-files?transfer_id={}", id(&road))).await;
    assert_eq!(nothing.len(), 0, "a preview keeps nothing");

    let kept = promised.bank.post("/v1/logger-files", &file_of(&road, &text, false)).await.expect(200);
    let told: Vec<(i64, &str)> = kept["notes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|note| (note["row"].as_i64().unwrap(), note["code"].as_str().unwrap()))
        .collect();
    assert_eq!(told, [(17, "in_the_future"), (18, "wrong_unit")], "{kept}");
    assert_eq!((kept["rows_stored"].as_i64(), kept["rows_refused"].as_i64()), (Some(13), Some(2)), "{kept}");
    assert_eq!(kept["mean_kinetic_c"], -22.5, "{kept}");
    let again = promised.bank.post("/v1/readings", &readings(&road, &COLD)).await.expect(200);
    assert_eq!((again["stored"].as_i64(), again["repeated"].as_i64()), (Some(0), Some(13)), "{again}");
    let twice = promised.bank.post("/v1/logger-files", &file_of(&road, &text, false)).await.expect(200);
    assert_eq!((&twice["repeated"], &twice["id"], &twice["sha256"]), (&json!(true), &kept["id"], &kept["sha256"]));
    let original = promised.bank.get(&format!("/v1/logger-files/{}/original", id(&kept))).await;
    assert_eq!((original.status, original.text), (200, text));
    let hidden = hub.manager_at(&hub.region.apart).await.get(&format!("/v1/logger-files/{}", id(&kept))).await;
    assert_eq!(hidden.status, 404, "{}", hidden.text);
}

async fn a_file_that_cannot_be_taken_says_why(hub: &TestHub) {
    let promised = Promised::on(hub).await;
    let road = promised.on_the_road(hub).await;
    let code = |answer: crate::hub::wire::Answer| {
        assert_eq!(answer.status, 400, "{}", answer.text);
        answer.body["errors"][0]["code"].as_str().unwrap().to_owned()
    };
    let mut body = file_of(&road, &logtag(&COLD), false);
    body.as_object_mut().unwrap().remove("time_zone");
    assert_eq!(code(promised.bank.post("/v1/logger-files", &body).await), "zone_missing");
    let mut body = file_of(&road, &logtag(&COLD), false);
    body["format"] = json!("berlinger_text");
    assert_eq!(code(promised.bank.post("/v1/logger-files", &body).await), "another_maker");
    let other = file_of(&road, &logtag(&COLD).replace("LOG-1", "LOG-9"), false);
    assert_eq!(code(promised.bank.post("/v1/logger-files", &other).await), "another_logger");
    let fahrenheit = file_of(&road, &logtag(&COLD).replace("°C", "°F"), false);
    assert_eq!(code(promised.bank.post("/v1/logger-files", &fahrenheit).await), "wrong_unit");
    let empty = file_of(&road, "Fw Vers: 1.4\nConf:\n Serial: LOG-1\nHist:\nCert:\nSig: 8f\n", false);
    assert_eq!(code(promised.bank.post("/v1/logger-files", &empty).await), "no_rows");
    let cut = file_of(&road, "{\"LSER\":\"LOG-1\",\"records\":[{\"ABST\":\"20260105T1", false);
    assert_eq!(code(promised.bank.post("/v1/logger-files", &cut).await), "cut_off");
}

async fn a_saved_mapping_reads_another_maker(hub: &TestHub) {
    let promised = Promised::on(hub).await;
    let road = promised.on_the_road(hub).await;
    promised.delivered(hub, &road).await;
    let mapping = json!({
        "site_id": hub.region.bank, "name": "model 5",
        "mapping": {
            "separator": ";", "skip_lines": 0, "date_column": "when", "temperature_column": "t",
            "date_order": "day_month_year", "decimal_mark": "comma", "unit": "celsius",
        },
    });
    let mapping = promised.bank.created("/v1/logger-mappings", &mapping).await;
    let mut body = file_of(&road, "when;t\n05.01.2026 18:00;-22,5\n05.01.2026 18:10;-22,4\nnonsense;1\n", false);
    body["mapping_id"] = mapping["id"].clone();
    body["logger_ref"] = json!("LOG-1");
    let kept = promised.bank.post("/v1/logger-files", &body).await.expect(200);
    assert_eq!((kept["format"].as_str(), kept["rows_stored"].as_i64()), (Some("mapped"), Some(2)), "{kept}");
    assert_eq!(kept["notes"][0]["row"], 4, "{kept}");
    assert!(kept["excursion_id"].is_string(), "the silence after 18:10 is a gap: {kept}");
}

async fn an_excursion_on_the_road_plans_the_request_anew(hub: &TestHub) {
    let promised = Promised::on(hub).await;
    let road = promised.on_the_road(hub).await;
    let more = released_lot(&promised.bank, &hub.region.bank, "L-2", 5).await;
    published(&promised.bank, &hub.region.bank, &more).await;
    assert_eq!(matched(&promised.bank, &hub.region.bank).await.len(), 0, "the request has its milk");
    hub.advance_to("2026-01-05T11:30:00Z").await;
    let mut warm = [-22.5; 10];
    warm[4..8].fill(-12.0);
    let file = file_of(&road, &logtag(&warm), false);
    let kept = promised.bank.post("/v1/logger-files", &file).await.expect(200);
    assert!(kept["excursion_id"].is_string(), "{kept}");
    assert_eq!(promised.request().await["allocated_ml"], 0, "what is in doubt is not counted on");
    let offers = matched(&promised.bank, &hub.region.bank).await;
    assert_eq!(offers.len(), 1, "the request is served from other stock: {offers:?}");
    let told = promised.unit.all("/v1/excursions").await;
    assert_eq!(told.len(), 1, "one alarm an episode: {told:?}");

    let delivered = promised.delivered(hub, &road).await;
    let received = promised.received(&delivered).await;
    assert_eq!(received["verdict"], "quarantine", "{received}");
    assert_eq!(promised.request().await["allocated_ml"], 0, "nothing is taken off twice");
    let body = json!({ "disposition": "accept", "reason": "looked at: frozen solid", "milk": "solid" });
    let excursion = promised.unit.all("/v1/excursions").await[0].clone();
    let path = format!("/v1/excursions/{}/disposition", id(&excursion));
    promised.unit.act(&excursion, &path, &body).await.expect(200);
    let request = promised.request().await;
    assert_eq!((request["allocated_ml"].as_i64(), request["delivered_ml"].as_i64()), (Some(500), Some(500)));
    balanced_ledger(&hub.admin).await;
}

hub_test!(
    a_file_is_looked_at_then_kept_and_a_repeat_is_harmless,
    a_file_that_cannot_be_taken_says_why,
    a_saved_mapping_reads_another_maker,
    an_excursion_on_the_road_plans_the_request_anew,
);
