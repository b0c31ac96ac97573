//! The portal at 200 sites, 50,000 lots and 5,000 open requests: what the server takes for the busiest pages, what a
//! page weighs and when a slow tablet shows it, and how soon 500 connected people hear of a change.

use crate::dataset::{Dataset, settings};
use crate::load;
use crate::place::Place;
use crate::process::HubProcess;
use crate::region::{published, released_lot};
use crate::session::{Browser, Look, driver_url};
use crate::table::{Row, median};
use crate::wire::{Wire, id};
use reqwest::header::{COOKIE, SET_COOKIE};
use serde_json::json;
use std::time::{Duration, Instant};

const SITES: usize = 200;
const LOTS: usize = 50_000;
const BANKS: usize = 20;
const OPEN: usize = 5_000;
const CONNECTED: usize = 500;
const PASSWORD: &str = "seven plain words open this door";
/// A stream that was silent for so long has told everything.
const QUIET: Duration = Duration::from_secs(4);
/// How long each page is asked for.
const ROUND: Duration = Duration::from_secs(4);

/// The busiest pages, each by who uses it.
const PAGES: [(&str, &str); 7] = [
    ("bank_manager", "/portal/"),
    ("bank_manager", "/portal/stock"),
    ("bank_manager", "/portal/board"),
    ("clinician", "/portal/requests"),
    ("bank_manager", "/portal/transfers"),
    ("bank_manager", "/portal/network"),
    ("dispatcher", "/portal/dispatch"),
];

/// A tablet on a busy ward network: 1.6 Mbit/s, 150 ms, a quarter of this machine's speed.
const SLOW: (f64, f64, f64) = (1_600.0, 150.0, 4.0);

pub async fn measure() -> Vec<Row> {
    let mut rows = Vec::new();
    for (backend, place) in [("SQLite", Place::sqlite("portal")), ("PostgreSQL", Place::postgres("portal"))] {
        let dataset = Dataset::with_open_requests(place, LOTS, OPEN).await;
        let site = [("id", "'00000000-0000-7009-8000-' || (100000000000 + n.i)"), ("code", "'site-' || n.i")];
        dataset.place.multiply("sites", SITES - 3, &site);
        spread(&dataset.place);
        dataset.place.analyze();
        let hub = HubProcess::start(&settings(&dataset.place)).await;
        let admin = hub.admin().await;
        let bank_site = site_called(&admin, "north-bank").await;
        let people = [
            ("bank_manager", vec![bank_site.as_str()]),
            ("clinician", vec![dataset.unit_site.as_str()]),
            ("dispatcher", Vec::new()),
        ];
        for (role, sites) in people {
            let body = json!({
                "email": format!("{role}@bench.example"), "display_name": role, "password": PASSWORD, "role": role,
                "site_ids": sites,
            });
            admin.created("/v1/users", &body).await;
        }
        rows.extend(server_times(&hub, backend).await);
        rows.push(told(&hub, &dataset, &bank_site, backend).await);
        if backend == "SQLite" {
            rows.extend(in_a_browser(&hub).await);
        }
    }
    rows
}

/// Spreads the lots over twenty banks, as a region's would be; the board shows all of them.
fn spread(place: &Place) {
    for (table, column) in [("lots", "bank_site_id"), ("bottles", "site_id"), ("surplus_lines", "site_id")] {
        let number = "CAST(SUBSTR(id, 25) AS BIGINT)";
        place.execute(&format!(
            "UPDATE {table} SET {column} = '00000000-0000-7009-8000-' || (100000000000 + {number} % {BANKS}) \
             WHERE id LIKE '00000000-0000-700%' AND {number} % {BANKS} <> 0"
        ));
    }
}

async fn site_called(admin: &Wire, code: &str) -> String {
    let sites = admin.all("/v1/sites").await;
    id(sites.iter().find(|site| site["code"] == code).expect("the site"))
}

/// The cookie of somebody who has signed in.
async fn cookie_of(hub: &HubProcess, role: &str) -> String {
    let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let form = format!("door-email={role}%40bench.example&door-password={}", PASSWORD.replace(' ', "+"));
    let ask = client.post(format!("{}/portal/sign-in", hub.base)).header("sec-fetch-site", "same-origin");
    let ask = ask.header("content-type", "application/x-www-form-urlencoded").body(form);
    let answer = ask.send().await.expect("the hub answers");
    assert_eq!(answer.status().as_u16(), 303, "signed in");
    let cookies = answer.headers().get_all(SET_COOKIE).iter();
    let pairs: Vec<&str> = cookies.map(|cookie| cookie.to_str().unwrap().split(';').next().unwrap()).collect();
    pairs.join("; ")
}

/// One caller, so that a page waits for nobody else: what it takes is what the server takes.
async fn server_times(hub: &HubProcess, backend: &str) -> Vec<Row> {
    let address = hub.base.trim_start_matches("http://");
    let mut rows = Vec::new();
    for (role, path) in PAGES {
        let cookie = cookie_of(hub, role).await;
        let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\ncookie: {cookie}\r\n\r\n").into_bytes();
        load::send_for(address, 1, &request, Duration::from_millis(500));
        let outcome = load::send_for(address, 1, &request, ROUND);
        assert_eq!(outcome.refused, 0, "{path}");
        rows.push(Row {
            what: format!("portal, {backend}, {path} for a {role}, server time"),
            measured: format!("{:.1} ms p50, {:.1} ms p95", outcome.percentile_ms(50), outcome.percentile_ms(95)),
            compared_with: format!("{SITES} sites, {LOTS} lots of {BANKS} banks, {OPEN} open requests"),
            ratio: Some(outcome.percentile_ms(95) / 50.0),
            asked: "p95 ≤ 50 ms",
        });
    }
    rows
}

/// From a change to the last of the connected people who hear of it; each then looks again, which costs one page.
async fn told(hub: &HubProcess, dataset: &Dataset, bank_site: &str, backend: &str) -> Row {
    let cookie = cookie_of(hub, "bank_manager").await;
    let client = reqwest::Client::builder().no_proxy().pool_max_idle_per_host(CONNECTED).build().unwrap();
    let mut streams = Vec::new();
    for _ in 0..CONNECTED {
        let ask = client.get(format!("{}/portal/stream", hub.base)).header(COOKIE, &cookie);
        let answer = ask.send().await.expect("the hub answers");
        assert_eq!(answer.status().as_u16(), 200);
        streams.push(answer);
    }
    let bank = Wire::client(&hub.base, &dataset.bank.0, &dataset.bank.1).await;
    let lot = released_lot(&bank, bank_site, "L-NEWS", 1).await;
    // What is told about the lot, and once too often to whoever came first, is heard before the clock starts.
    let quiet: Vec<_> = streams.into_iter().map(|stream| tokio::spawn(until_quiet(stream))).collect();
    let mut listening = Vec::new();
    for one in quiet {
        listening.push(tokio::spawn(until_told(one.await.unwrap())));
    }
    let began = Instant::now();
    published(&bank, bank_site, &lot).await;
    let mut last = Duration::ZERO;
    let mut kept = Vec::new();
    for one in listening {
        let (at, stream) = one.await.unwrap();
        last = last.max(at.saturating_duration_since(began));
        kept.push(stream);
    }
    let resident_mb = resident_kb() / 1024;
    drop(kept);
    Row {
        what: format!("portal, {backend}, {CONNECTED} people connected, a change is told to the last"),
        measured: format!("{:.2} s, the hub holds {resident_mb} MB", last.as_secs_f64()),
        compared_with: String::new(),
        ratio: Some(last.as_secs_f64()),
        asked: "≤ 1 s, ≤ 200 MB",
    }
}

/// Reads a stream until nothing has come for a while.
async fn until_quiet(mut stream: reqwest::Response) -> reqwest::Response {
    while let Ok(chunk) = tokio::time::timeout(QUIET, stream.chunk()).await {
        assert!(chunk.expect("the stream goes on").is_some(), "the stream goes on");
    }
    stream
}

/// Reads a stream until it tells of a change, and when that was.
async fn until_told(mut stream: reqwest::Response) -> (Instant, reqwest::Response) {
    let mut heard = String::new();
    while !heard.contains("event: changed") {
        let chunk = stream.chunk().await.expect("the stream goes on").expect("the stream goes on");
        heard.push_str(&String::from_utf8_lossy(&chunk));
    }
    (Instant::now(), stream)
}

/// What the hub that this process started holds in memory, in kB.
fn resident_kb() -> u64 {
    let own = std::process::id().to_string();
    for entry in std::fs::read_dir("/proc").unwrap().map(Result::unwrap) {
        let Ok(status) = std::fs::read_to_string(entry.path().join("status")) else { continue };
        let of = |name: &str| status.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
        if of("Name:") == Some("milkbridge") && of("PPid:") == Some(own.as_str()) {
            let held = of("VmRSS:").and_then(|text| text.split_whitespace().next()).expect("a size");
            return held.parse().unwrap();
        }
    }
    panic!("no hub runs below this process");
}

/// What each page weighs and when a slow tablet shows something, each in a window that knows nothing yet.
async fn in_a_browser(hub: &HubProcess) -> Vec<Row> {
    let Some(driver) = driver_url() else { return Vec::new() };
    let tablet = Look { width: 820, height: 1180, dark: false, script: true };
    let mut rows = Vec::new();
    for (role, path) in PAGES {
        let (mut paints, mut bytes) = (Vec::new(), 0.0_f64);
        for _ in 0..3 {
            let browser = Browser::open(&driver, &hub.base, tablet).await;
            browser.visit("/portal/sign-in").await;
            browser.fill("input[name=door-email]", &format!("{role}@bench.example")).await;
            browser.fill("input[name=door-password]", PASSWORD).await;
            browser.press("main form button[type=submit]").await;
            browser.shows(".who-menu").await;
            browser.slow_down(SLOW).await;
            browser.visit(path).await;
            let script = "const seen = performance.getEntriesByName('first-contentful-paint')[0];
                const all = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')];
                return [seen ? seen.startTime : -1, all.reduce((sum, one) => sum + one.transferSize, 0)]";
            let found = browser.eval(script).await;
            let paint = found[0].as_f64().unwrap();
            assert!(paint > 0.0, "{path} painted something: {found}");
            paints.push(paint);
            bytes = bytes.max(found[1].as_f64().unwrap());
            browser.close().await;
        }
        let paint = median(paints);
        rows.push(Row {
            what: format!("portal, {path} for a {role} on a slow tablet, nothing cached"),
            measured: format!("first paint {paint:.0} ms, {:.0} kB", bytes / 1000.0),
            compared_with: "1.6 Mbit/s, 150 ms, a quarter of the speed".to_owned(),
            ratio: Some(paint / 1000.0),
            asked: "≤ 1 s, ≤ 150 kB",
        });
    }
    rows
}
