//! From a posted request to its offers, over HTTP, beside 500 lots on the board and 299 requests that nothing fits and
//! that every run looks at again.

use crate::dataset::{Dataset, settings};
use crate::place::Place;
use crate::process::HubProcess;
use crate::region::request_body;
use crate::table::{Row, median};
use crate::wire::Wire;
use serde_json::json;
use std::time::Instant;

const LOTS: usize = 500;
const OPEN: usize = 299;
const POSTED: usize = 60;

pub async fn measure() -> Vec<Row> {
    let mut rows = vec![one_place("SQLite", Place::sqlite("matched")).await];
    rows.push(one_place("PostgreSQL", Place::postgres("matched")).await);
    rows
}

async fn one_place(backend: &str, place: Place) -> Row {
    let dataset = Dataset::with_open_requests(place, LOTS, OPEN).await;
    let hub = HubProcess::start(&settings(&dataset.place)).await;
    let bank = Wire::client(&hub.base, &dataset.bank.0, &dataset.bank.1).await;
    let unit = Wire::client(&hub.base, &dataset.unit.0, &dataset.unit.1).await;
    // The first run reads every safety record and tells the open requests why they wait.
    bank.created("/v1/match-runs", &json!({})).await;
    let mut waits = Vec::new();
    for number in 0..POSTED {
        let body = request_body(&dataset.unit_site, &format!("P-{number}"), 100);
        let began = Instant::now();
        let request = unit.created("/v1/requests", &body).await;
        unit.created("/v1/match-runs", &json!({})).await;
        let offers = unit.found(&format!("/v1/offers?request_id={}", crate::wire::id(&request))).await;
        waits.push(began.elapsed().as_secs_f64() * 1000.0);
        assert_eq!(offers["items"].as_array().unwrap().len(), 1, "{offers}");
    }
    waits.sort_by(f64::total_cmp);
    let p95 = waits[waits.len() * 95 / 100];
    Row {
        what: format!("posted request to its offers, {backend}, {LOTS} lots, {} open requests", OPEN + 1),
        measured: format!("{:.1} ms (p95 {p95:.1})", median(waits)),
        compared_with: String::new(),
        ratio: None,
        asked: "≤ 50 ms",
    }
}
