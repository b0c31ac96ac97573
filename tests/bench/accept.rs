//! Accepting offers: over HTTP from 16 callers, against the same statements without the hub. On SQLite that is a raw
//! loop that commits in groups of 64, on PostgreSQL it is `pgbench`.

use crate::dataset::{Dataset, offer_id, settings};
use crate::place::Place;
use crate::process::HubProcess;
use crate::table::{Row, median, number, spread};
use crate::wire::Wire;
use crate::{load, pgbench};
use std::time::Instant;

const CALLERS: usize = 16;
const ROUNDS: usize = 3;
const OFFERS: usize = 4_800;
/// What one flush may carry when nobody waits for it.
const GROUP: usize = 64;

/// What one acceptance says to the database, in order; `{…}` stands for a value.
const STATEMENTS: &str = include_str!("accept_offer.sql");

/// The names in `{…}` with the part of an id that tells their tables apart.
const IDS: [(&str, &str); 5] =
    [("offer", "7004"), ("request", "7003"), ("allocation", "7006"), ("event", "7007"), ("event2", "7008")];

pub async fn measure() -> Vec<Row> {
    let mut rows = Vec::new();
    let template = Dataset::with_offers(Place::sqlite("accept"), OFFERS).await;
    let (mut over_http, mut raw, mut waited_for) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        over_http.push(one_round(&template).await);
        raw.push(raw_loop(&template.place.copy("raw"), GROUP));
        waited_for.push(raw_loop(&template.place.copy("waited"), CALLERS));
    }
    rows.push(row("SQLite", &over_http, &format!("raw loop in groups of {GROUP}"), &raw, "≥ 0.8"));
    // Each caller waits for the flush that carries its own, so a group holds at most one of each.
    rows.push(row("SQLite", &over_http, &format!("raw loop in groups of {CALLERS}"), &waited_for, ""));
    drop(template);

    let template = Dataset::with_offers(Place::postgres("accept"), OFFERS).await;
    let (mut over_http, mut alone) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        over_http.push(one_round(&template).await);
        let share = format!("--transactions={}", OFFERS / CALLERS);
        let place = template.place.copy("alone");
        alone.push(pgbench::rate(&place, &for_pgbench(&place), CALLERS, &["--define=k=0", &share]));
    }
    rows.push(row("PostgreSQL", &over_http, "pgbench", &alone, "≥ 0.9"));
    rows
}

fn row(backend: &str, over_http: &[f64], with: &str, alone: &[f64], asked: &'static str) -> Row {
    let (hub, other) = (median(over_http.to_vec()), median(alone.to_vec()));
    Row {
        what: format!("accept an offer, {backend}, {CALLERS} callers"),
        measured: format!("{hub:.0}/s ({})", spread(over_http)),
        compared_with: format!("{with} {other:.0}/s ({})", spread(alone)),
        ratio: Some(hub / other),
        asked,
    }
}

/// Every offer of a fresh copy, accepted once over HTTP.
async fn one_round(template: &Dataset) -> f64 {
    let place = template.place.copy("round");
    let version: i64 = place.words("SELECT CAST(version AS TEXT) AS word FROM offers LIMIT 1")[0].parse().unwrap();
    let hub = HubProcess::start(&settings(&place)).await;
    let bank = Wire::client(&hub.base, &template.bank.0, &template.bank.1).await;
    let address = hub.base.trim_start_matches("http://");
    let requests: Vec<Vec<u8>> = (1..=OFFERS)
        .map(|offer| load::act(address, &format!("/v1/offers/{}/accept", offer_id(offer)), bank.token(), version))
        .collect();
    let outcome = load::send_all(address, CALLERS, &requests);
    assert_eq!(outcome.refused, 0, "every offer is accepted");
    let accepted = place.words("SELECT CAST(count(*) AS TEXT) AS word FROM allocations");
    assert_eq!(accepted, [OFFERS.to_string()]);
    println!(
        "accept: {:.0}/s, p50 {:.2} ms, p99 {:.2} ms",
        outcome.rate(),
        outcome.percentile_ms(50),
        outcome.percentile_ms(99)
    );
    outcome.rate()
}

/// The statements for one place: what is the same in every acceptance is spelled out.
fn statements(place: &Place) -> Vec<String> {
    let word = |sql: &str| format!("'{}'", place.words(sql)[0]);
    let same = [
        ("{bank}", word("SELECT from_site_id AS word FROM offers LIMIT 1")),
        ("{unit}", word("SELECT to_site_id AS word FROM offers LIMIT 1")),
        ("{policy}", word("SELECT id AS word FROM policy_sets LIMIT 1")),
        ("{false}", if place.database_url().is_some() { "FALSE".to_owned() } else { "0".to_owned() }),
    ];
    let (_comment, text) = STATEMENTS.split_once('\n').expect("a comment first");
    let text = same.iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value));
    text.split(";\n").map(|sql| sql.trim().to_owned()).filter(|sql| !sql.is_empty()).collect()
}

/// The id of one thing of an offer: they end in the same number.
fn id_of(prefix: &str, offer: usize) -> String {
    format!("00000000-0000-{prefix}-8000-{}", 100_000_000_000_usize + offer)
}

/// The same statements on one connection, with the pragmas of the hub's writer.
fn raw_loop(place: &Place, group: usize) -> f64 {
    let connection = rusqlite::Connection::open(place.file()).unwrap();
    connection.execute_batch("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON").unwrap();
    let mut prepared: Vec<(rusqlite::Statement<'_>, Vec<usize>)> = statements(place)
        .into_iter()
        .map(|sql| {
            let (mut text, mut used) = (sql, Vec::new());
            for (index, (name, _)) in IDS.iter().enumerate() {
                let mark = format!("{{{name}}}");
                if text.contains(&mark) {
                    used.push(index);
                    text = text.replace(&mark, &format!("?{}", used.len()));
                }
            }
            (connection.prepare(&text).unwrap(), used)
        })
        .collect();
    let began = Instant::now();
    for together in (1..=OFFERS).collect::<Vec<_>>().chunks(group) {
        connection.execute_batch("BEGIN IMMEDIATE").unwrap();
        for offer in together {
            for (statement, used) in &mut prepared {
                let values = used.iter().map(|index| id_of(IDS[*index].1, *offer));
                let mut rows = statement.query(rusqlite::params_from_iter(values)).unwrap();
                while rows.next().unwrap().is_some() {}
            }
        }
        connection.execute_batch("COMMIT").unwrap();
    }
    number(OFFERS) / began.elapsed().as_secs_f64()
}

/// The same statements as a script in which every client walks through its own share of the offers.
fn for_pgbench(place: &Place) -> String {
    let mut script = format!("\\set k :k + 1\n\\set n :client_id * {} + :k\nBEGIN;\n", OFFERS / CALLERS);
    for sql in statements(place) {
        let mut text = sql.replace('\n', " ");
        for (name, prefix) in IDS {
            let value = format!("('00000000-0000-{prefix}-8000-' || (100000000000 + :n))");
            text = text.replace(&format!("{{{name}}}"), &value);
        }
        script.push_str(&text);
        script.push_str(";\n");
    }
    script.push_str("COMMIT;\n");
    script
}
