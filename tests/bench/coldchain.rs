//! The cold chain: a million readings in batches against one raw insert, a file of 30,000 rows, and a donor's
//! look-back with its whole list at two sizes.

use crate::dataset::{Dataset, settings};
use crate::place::Place;
use crate::process::HubProcess;
use crate::table::{Row, number};
use crate::wire::{Wire, id};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::time::Instant;

const JOURNEYS: usize = 200;
const READINGS: usize = 5_000;
const FILE_ROWS: usize = 30_000;
/// Lots with the milk of the donor that is looked back at; the same at every size.
const LOTS_OF_A_DONOR: usize = 30;
const BOTTLES_OF_A_LOT: usize = 40;
/// Bottles; transfers are three for every ten of them.
const SIZES: [usize; 2] = [100_000, 10_000_000];

const JOURNEY: &str = "'00000000-0000-7010-8000-' || (100000000000 + n.i)";
const RAW_JOURNEY: &str = "'00000000-0000-7011-8000-' || (100000000000 + n.i)";
/// 2025-12-01T00:00:00Z, long before the journey, so that storing is measured and not the judging of a trace.
const FIRST_MICROS: i64 = 1_764_547_200_000_000;

pub async fn measure() -> Vec<Row> {
    let mut rows = Vec::new();
    for (name, place) in [("SQLite", Place::sqlite("readings")), ("PostgreSQL", Place::postgres("readings"))] {
        rows.extend(readings(name, Dataset::with_journey(place).await).await);
    }
    let mut times = Vec::new();
    for bottles in SIZES {
        times.push(look_back(bottles).await);
    }
    for (bottles, seconds) in SIZES.into_iter().zip(&times) {
        rows.push(Row {
            what: format!("donor's look-back, frozen and listed, PostgreSQL, {bottles} bottles"),
            measured: format!("{:.0} ms", seconds * 1000.0),
            compared_with: String::new(),
            ratio: None,
            asked: "≤ 1 s",
        });
    }
    rows.push(Row {
        what: format!("donor's look-back, time at {} bottles", SIZES[1]),
        measured: format!("{:.0} ms", times[1] * 1000.0),
        compared_with: format!("at {} bottles {:.0} ms", SIZES[0], times[0] * 1000.0),
        ratio: Some(times[1] / times[0]),
        asked: "≤ 2",
    });
    rows
}

async fn readings(name: &str, dataset: Dataset) -> Vec<Row> {
    dataset.place.multiply("transfers", JOURNEYS, &[("id", JOURNEY)]);
    dataset.place.multiply("transfers", JOURNEYS, &[("id", RAW_JOURNEY)]);
    let began = Instant::now();
    dataset.place.execute(&format!(
        "WITH RECURSIVE m(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM m WHERE i < {READINGS}), \
                        n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {JOURNEYS}) \
         INSERT INTO readings (transfer_id, logger_ref, measured_at, temperature_hundredths, recorded_at) \
         SELECT {RAW_JOURNEY}, 'LOG-1', {FIRST_MICROS} + m.i * 10000000, -2200, 1 FROM n, m"
    ));
    let raw = began.elapsed().as_secs_f64();
    let hub = HubProcess::start(&settings(&dataset.place)).await;
    let bank = Wire::client(&hub.base, &dataset.bank.0, &dataset.bank.1).await;
    let mut batch: Vec<Value> = Vec::with_capacity(READINGS);
    for reading in 0..READINGS {
        let at = jiff::Timestamp::from_microsecond(FIRST_MICROS + i64::try_from(reading).unwrap() * 10_000_000);
        batch.push(json!({ "at": at.unwrap().to_string(), "celsius": -22.0 }));
    }
    let bodies: Vec<Value> = (1..=JOURNEYS)
        .map(|journey| {
            let transfer = format!("00000000-0000-7010-8000-{}", 100_000_000_000_usize + journey);
            json!({ "transfer_id": transfer, "logger_ref": "LOG-1", "readings": batch })
        })
        .collect();
    let began = Instant::now();
    for body in &bodies {
        let stored = bank.post("/v1/readings", body).await.expect(200);
        assert_eq!(stored["stored"], READINGS);
    }
    let over_http = began.elapsed().as_secs_f64();
    let count = number(JOURNEYS * READINGS);
    let file = logger_file(&bank).await;
    vec![
        Row {
            what: format!("readings, {name}, 1,000,000 in batches of {READINGS}"),
            measured: format!("{:.0}/s", count / over_http),
            compared_with: format!("one raw insert {:.0}/s", count / raw),
            ratio: Some(raw / over_http),
            asked: "≥ 0.5",
        },
        Row {
            what: format!("logger file, {name}, {FILE_ROWS} rows judged and stored"),
            measured: format!("{:.0} ms", file * 1000.0),
            compared_with: String::new(),
            ratio: None,
            asked: "≤ 500 ms",
        },
    ]
}

async fn logger_file(bank: &Wire) -> f64 {
    let mut text = String::from("Serial #,LOG-9\nReading interval,1 minute\nIndex,Date,Time,°C\n");
    for row in 0..FILE_ROWS {
        let (day, minute) = (row / 1_440, row % 1_440);
        writeln!(text, "{row},2025-12-{:02},{:02}:{:02}:00,-22.{}", day + 1, minute / 60, minute % 60, row % 10)
            .unwrap();
    }
    let body = json!({
        "transfer_id": format!("00000000-0000-7010-8000-{}", 100_000_000_001_usize), "logger_ref": "LOG-9",
        "time_zone": "UTC", "content": STANDARD.encode(text),
    });
    let began = Instant::now();
    let kept = bank.post("/v1/logger-files", &body).await.expect(200);
    assert_eq!(kept["rows_stored"], FILE_ROWS);
    began.elapsed().as_secs_f64()
}

/// A recall of one donor's milk with every page of its list, in seconds.
async fn look_back(bottles: usize) -> f64 {
    let dataset = Dataset::with_journey(Place::postgres(&format!("recall{bottles}"))).await;
    let (place, lots) = (&dataset.place, bottles / BOTTLES_OF_A_LOT);
    let lot = "'00000000-0000-7001-8000-' || (100000000000 + n.i)";
    let lot_of_bottle = format!("'00000000-0000-7001-8000-' || (100000000001 + (n.i - 1) / {BOTTLES_OF_A_LOT})");
    let bottle = "'00000000-0000-7005-8000-' || (100000000000 + n.i)";
    let donor = format!("'DN-' || (n.i % {})", lots / LOTS_OF_A_DONOR);
    place.multiply("lots", lots, &[("id", lot), ("code", "'B-' || n.i")]);
    place.multiply("lot_donors", lots, &[("lot_id", lot), ("donor_ref", &donor)]);
    let division = format!("1 + (n.i - 1) % {BOTTLES_OF_A_LOT}");
    let in_stock = [
        ("id", bottle),
        ("lot_id", lot_of_bottle.as_str()),
        ("division", division.as_str()),
        ("state", "'in_stock'"),
        ("offer_id", "NULL"),
        ("transfer_id", "NULL"),
        ("surplus_line_id", "NULL"),
        ("for_request_id", "NULL"),
    ];
    place.multiply("bottles", bottles, &in_stock);
    let journeys = bottles * 3 / 10;
    place.multiply("transfers", journeys, &[("id", JOURNEY), ("state", "'received'")]);
    place.multiply(
        "transfer_bottles",
        journeys,
        &[("transfer_id", JOURNEY), ("bottle_id", bottle), ("outcome", "'accepted'"), ("ended_at", "1")],
    );
    place.analyze();
    let hub = HubProcess::start(&settings(place)).await;
    let bank = Wire::client(&hub.base, &dataset.bank.0, &dataset.bank.1).await;
    let body = json!({
        "site_id": place.words("SELECT bank_site_id AS word FROM lots LIMIT 1")[0], "scope": "donor",
        "selector": { "donor_ref": "DN-7", "look_back": "hiv_1_2" }, "reason": "a late positive result", "respond_by": "2026-02-08T08:00:00Z",
    });
    let began = Instant::now();
    let recall = bank.created("/v1/recalls", &body).await;
    let listed = bank.all(&format!("/v1/recalls/{}/bottles", id(&recall))).await;
    let took = began.elapsed().as_secs_f64();
    assert_eq!(listed.len(), LOTS_OF_A_DONOR * BOTTLES_OF_A_LOT);
    took
}
