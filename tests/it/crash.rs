//! The hub is killed outright in the middle of work and of a replay, as by a power cut, and started again: what it had answered
//! is there, what it had not may be sent again, and the ledger balances.

use crate::hub::Home;
use crate::hub::process::{HubProcess, Start};
use crate::hub::region::{self, Region, balanced_ledger, lot_body};
use crate::hub::wire::{Wire, id, new_key};
use crate::store::fixture::block_on;
use milkbridge::actions::ledger::sum_ledger;
use milkbridge::app;
use milkbridge::config::Config;
use milkbridge::store::{Store, StoreOptions, StoreTarget};
use reqwest::Method;
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::Notify;

const CALLERS: usize = 8;
const ANSWERS_BEFORE_THE_CUT: usize = 120;

/// Registers lots until the hub is gone: for each key that was sent, the lot's id when it was answered.
async fn register_until_the_end(
    bank: Wire,
    site: String,
    caller: usize,
    answered: Arc<AtomicUsize>,
    enough: Arc<Notify>,
) -> Vec<(String, Value, Option<String>)> {
    let mut sent = Vec::new();
    loop {
        let (key, body) = (new_key(), lot_body(&site, &format!("L-{caller}-{}", sent.len()), 5, true));
        let ask = bank.ask(Method::POST, "/v1/lots").header("idempotency-key", &key).json(&body);
        match ask.try_send().await {
            Ok(answer) => {
                let lot = answer.expect(201);
                sent.push((key, body, Some(id(&lot))));
                if answered.fetch_add(1, Ordering::SeqCst) + 1 == ANSWERS_BEFORE_THE_CUT {
                    enough.notify_one();
                }
            }
            Err(_) => {
                sent.push((key, body, None));
                return sent;
            }
        }
    }
}

async fn bank_client(admin: &Wire, base: &str, site: &str) -> (Wire, String, String) {
    let body = json!({ "name": "bank", "role": "bank_manager", "site_ids": [site], "secret": true });
    let client = admin.created("/v1/clients", &body).await;
    let (name, secret) = (id(&client), client["client_secret"].as_str().unwrap().to_owned());
    (Wire::client(base, &name, &secret).await, name, secret)
}

fn killed_and_started_again(home: Option<Home>) {
    let Some(home) = home else { return };
    block_on(async {
        let mut start = Start::simulated(home.folder());
        start.database_url = home.database_url().map(str::to_owned);
        let hub = HubProcess::start(&start).await;
        let admin = hub.admin().await;
        admin
            .ask(Method::PUT, "/v1/simulation/clock")
            .json(&json!({ "now": region::DAWN, "run": true }))
            .send()
            .await
            .expect(200);
        let region = Region::lay_out(&admin).await;
        let (bank, name, secret) = bank_client(&admin, &hub.base, &region.bank).await;
        let (answered, enough) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
        let callers: Vec<_> = (0..CALLERS)
            .map(|caller| {
                let (answered, enough) = (Arc::clone(&answered), Arc::clone(&enough));
                tokio::spawn(register_until_the_end(bank.clone(), region.bank.clone(), caller, answered, enough))
            })
            .collect();
        enough.notified().await;
        hub.kill();
        let mut sent = Vec::new();
        for caller in callers {
            sent.extend(caller.await.unwrap());
        }

        let hub = HubProcess::start(&start).await;
        let admin = hub.admin().await;
        balanced_ledger(&admin).await;
        admin
            .ask(Method::PUT, "/v1/simulation/clock")
            .json(&json!({ "now": "2026-01-05T08:00:01Z", "run": true }))
            .send()
            .await
            .expect(200);
        let bank = Wire::client(&hub.base, &name, &secret).await;
        let kept: Vec<String> = bank.all("/v1/lots").await.iter().map(id).collect();
        let promised: Vec<&String> = sent.iter().filter_map(|(.., lot)| lot.as_ref()).collect();
        assert!(promised.len() >= ANSWERS_BEFORE_THE_CUT);
        assert!(promised.iter().all(|lot| kept.contains(lot)), "an accepted write was lost");
        // Whoever got no answer asks again with the same key: it happens once, whether or not it had happened.
        for (key, body, lot) in &sent {
            let ask = bank.ask(Method::POST, "/v1/lots").header("idempotency-key", key).json(body);
            let again = id(&ask.send().await.expect(201));
            assert!(lot.as_ref().is_none_or(|lot| *lot == again));
        }
        assert_eq!(bank.all("/v1/lots").await.len(), sent.len());
        let ledger = balanced_ledger(&admin).await;
        assert_eq!(ledger["released_ml"].as_i64(), i64::try_from(sent.len() * 500).ok(), "{ledger}");
    });
}

#[test]
fn killed_in_the_middle_of_writes_on_sqlite() {
    killed_and_started_again(Some(Home::sqlite()));
}

#[test]
fn killed_in_the_middle_of_writes_on_postgres() {
    killed_and_started_again(Home::postgres());
}

/// Rows of a table of the demo's file; none before there is such a table.
fn rows(file: &Path, table: &str) -> i64 {
    let Ok(connection) = rusqlite::Connection::open_with_flags(file, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY) else {
        return 0;
    };
    connection.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap_or(0)
}

#[test]
fn killed_in_the_middle_of_a_replay() {
    let home = Home::sqlite();
    let file = home.folder().join("milkbridge.sqlite");
    let mut demo = Command::new(env!("CARGO_BIN_EXE_milkbridge"))
        .args(["demo", "--region", "hongkong", "--days", "30", "--exit", "--listen", "127.0.0.1:0", "--data"])
        .arg(home.folder())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while rows(&file, "transfers") < 10 || rows(&file, "feeds") < 10 {
        assert!(demo.try_wait().unwrap().is_none(), "the replay ended before milk was on its way");
        // Another process moves on by itself; this only keeps the core free for it.
        std::thread::park_timeout(Duration::from_millis(20));
    }
    demo.kill().unwrap();
    demo.wait().unwrap();
    block_on(async {
        let config = Config {
            listen: "127.0.0.1:0".to_owned(),
            data_dir: home.folder().clone(),
            simulation: true,
            background_work: false,
            ..Config::default()
        };
        let running = app::serve(&config).await.expect("the hub starts again");
        let ledger = running.hub.read(sum_ledger).await.unwrap();
        assert!(ledger.released_ml > 0 && ledger.used_ml > 0, "{ledger:?}");
        assert_eq!(ledger.difference_ml, 0, "{ledger:?}");
        let live = "SELECT count(*) FROM (SELECT bottle_id FROM offer_bottles WHERE ended_at IS NULL \
                    GROUP BY bottle_id HAVING count(*) > 1)";
        let twice: i64 = rusqlite::Connection::open(&file).unwrap().query_row(live, [], |row| row.get(0)).unwrap();
        assert_eq!(twice, 0, "bottles promised twice");
        running.stop().await.unwrap();
    });
}

/// A hub that serves is killed while a replay elsewhere plays on it and milk is on the road.
fn killed_under_a_remote_replay(home: Option<Home>) {
    let Some(home) = home else { return };
    block_on(async {
        let mut start = Start::simulated(home.folder());
        start.database_url = home.database_url().map(str::to_owned);
        let hub = HubProcess::start(&start).await;
        let body = json!({ "name": "replay", "role": "hub_administrator", "secret": true });
        let client = hub.admin().await.created("/v1/clients", &body).await;
        let mut replay = Command::new(env!("CARGO_BIN_EXE_milkbridge"))
            .args(["replay", "--hub", &hub.base, "--region", "hongkong", "--days", "30"])
            .env_clear()
            .env("MILKBRIDGE_CLIENT_ID", id(&client))
            .env("MILKBRIDGE_CLIENT_SECRET", client["client_secret"].as_str().unwrap())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let target = match &start.database_url {
            Some(url) => StoreTarget::Postgres(url.clone()),
            None => StoreTarget::Sqlite(start.data_dir.join("milkbridge.sqlite")),
        };
        let store = Store::open(&target, StoreOptions::default()).unwrap();
        loop {
            assert!(replay.try_wait().unwrap().is_none(), "the replay ended before milk was on its way");
            let ledger = store.read(sum_ledger).await.unwrap();
            if ledger.used_ml > 0 && ledger.in_transit_ml > 0 {
                break;
            }
            // Other processes move on by themselves; this only keeps the core free for them.
            std::thread::park_timeout(Duration::from_millis(20));
        }
        hub.kill();
        replay.kill().unwrap();
        replay.wait().unwrap();

        let hub = HubProcess::start(&start).await;
        let admin = hub.admin().await;
        let ledger = balanced_ledger(&admin).await;
        assert!(ledger["used_ml"].as_i64() > Some(0), "{ledger}");
        let clock = admin.found("/v1/simulation/clock").await;
        assert!(clock["now"].as_str().is_some_and(|now| now.starts_with("2026-")), "the clock goes on: {clock}");
        let chain = milkbridge_verifies(&start);
        assert!(chain.contains("holds over"), "{chain}");
    });
}

fn milkbridge_verifies(start: &Start) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_milkbridge"));
    command.arg("verify-chain").env_clear().env("MILKBRIDGE_DATA_DIR", &start.data_dir).stdin(Stdio::null());
    if let Some(url) = &start.database_url {
        command.env("DATABASE_URL", url);
    }
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn killed_under_a_remote_replay_on_sqlite() {
    killed_under_a_remote_replay(Some(Home::sqlite()));
}

#[test]
fn killed_under_a_remote_replay_on_postgres() {
    killed_under_a_remote_replay(Home::postgres());
}
