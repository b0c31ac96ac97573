//! The board: its first 50 rows over HTTP, against `pgbench` running the board's query, at 10,000 and at 1,000,000
//! lots.

use crate::dataset::{Dataset, settings};
use crate::place::Place;
use crate::process::HubProcess;
use crate::table::{Row, median, spread};
use crate::wire::Wire;
use crate::{load, pgbench};
use std::time::Duration;

const CALLERS: usize = 16;
const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_secs(3);

/// The board's query as the store sends it, first page without filters.
const QUERY: &str = include_str!("board.sql");

pub async fn measure() -> Vec<Row> {
    let mut rows = Vec::new();
    let mut rates = Vec::new();
    for (name, lots) in [("10,000", 10_000), ("1,000,000", 1_000_000)] {
        let dataset = Dataset::with_lots(Place::postgres("board"), lots).await;
        let mut over_http = Vec::new();
        let mut by_pgbench = Vec::new();
        for _ in 0..ROUNDS {
            over_http.push(one_round(&dataset).await);
            by_pgbench.push(pgbench::rate(&dataset.place, QUERY, CALLERS, &["--time=3"]));
        }
        rows.push(Row {
            what: format!("board, PostgreSQL, {name} lots"),
            measured: format!("{:.0}/s ({})", median(over_http.clone()), spread(&over_http)),
            compared_with: format!("pgbench {:.0}/s ({})", median(by_pgbench.clone()), spread(&by_pgbench)),
            ratio: Some(median(over_http.clone()) / median(by_pgbench)),
            asked: "≥ 0.5",
        });
        rates.push((name, "PostgreSQL", median(over_http)));
        drop(dataset);
        let dataset = Dataset::with_lots(Place::sqlite("board"), lots).await;
        let mut over_http = Vec::new();
        for _ in 0..ROUNDS {
            over_http.push(one_round(&dataset).await);
        }
        rates.push((name, "SQLite", median(over_http)));
    }
    for backend in ["PostgreSQL", "SQLite"] {
        let of = |name: &str| rates.iter().find(|rate| rate.0 == name && rate.1 == backend).unwrap().2;
        rows.push(Row {
            what: format!("board, {backend}, time at 1,000,000 lots"),
            measured: format!("{:.0}/s", of("1,000,000")),
            compared_with: format!("at 10,000 lots {:.0}/s", of("10,000")),
            ratio: Some(of("10,000") / of("1,000,000")),
            asked: "≤ 1.5",
        });
    }
    rows
}

async fn one_round(dataset: &Dataset) -> f64 {
    let hub = HubProcess::start(&settings(&dataset.place)).await;
    let bank = Wire::client(&hub.base, &dataset.bank.0, &dataset.bank.1).await;
    let page = bank.found("/v1/surplus?limit=50").await;
    assert_eq!(page["items"].as_array().unwrap().len(), 50);
    let address = hub.base.trim_start_matches("http://");
    let request = load::get(address, "/v1/surplus?limit=50", bank.token());
    load::send_for(address, CALLERS, &request, Duration::from_millis(500));
    let outcome = load::send_for(address, CALLERS, &request, ROUND);
    assert_eq!(outcome.refused, 0);
    println!(
        "board: {:.0}/s, p50 {:.2} ms, p99 {:.2} ms",
        outcome.rate(),
        outcome.percentile_ms(50),
        outcome.percentile_ms(99)
    );
    outcome.rate()
}
