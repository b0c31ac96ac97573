//! What an operator relies on later: an audit that tells when it was tampered with, copies that come back whole,
//! and a simulated clock that goes on where it stood.

use crate::hub::process::{ADMIN, HubProcess, Start};
use crate::hub::region::{self, Region, balanced_ledger, lot_body, released_lot};
use crate::hub::wire::{Wire, id, new_key};
use crate::hub::{Home, TestHub};
use crate::hub_test;
use crate::store::fixture::block_on;
use diesel::connection::SimpleConnection;
use milkbridge::actions::chain::{ChainReport, link_entries, verify_chain};
use milkbridge::store::{Backend, StoreError};
use reqwest::Method;
use serde_json::json;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::Notify;

async fn chain_of(hub: &TestHub) -> ChainReport {
    verify_chain(hub.store(), None).await.unwrap()
}

/// Does what no user of the database may do: past the triggers that keep the audit.
async fn tamper(hub: &TestHub, statement: &'static str) {
    let open = match hub.store().backend() {
        Backend::Sqlite => {
            "DROP TRIGGER audit_entries_kept_as_is; DROP TRIGGER audit_entries_linked_once;
             DROP TRIGGER audit_entries_kept;"
        }
        Backend::Postgres => "ALTER TABLE audit_entries DISABLE TRIGGER USER;",
    };
    let done = hub.store().write(move |conn| {
        conn.batch_execute(open).map_err(StoreError::from)?;
        conn.batch_execute(statement).map_err(StoreError::from)
    });
    done.await.unwrap();
}

async fn with_some_lots(hub: &TestHub) -> ChainReport {
    let bank = hub.manager_at(&hub.region.bank).await;
    for number in 0..4 {
        released_lot(&bank, &hub.region.bank, &format!("L-{number}"), 2).await;
    }
    hub.advance_to("2026-01-05T08:30:00Z").await;
    let report = chain_of(hub).await;
    assert_eq!((report.broken.as_ref(), report.unlinked), (None, 0));
    assert!(report.head.as_ref().is_some_and(|head| head.pos > 10), "{report:?}");
    report
}

async fn an_entry_that_was_rewritten_is_found_at_its_place(hub: &TestHub) {
    with_some_lots(hub).await;
    tamper(hub, "UPDATE audit_entries SET actor_id = 'somebody else' WHERE pos = 7").await;
    let broken = chain_of(hub).await.broken.unwrap();
    assert_eq!((broken.pos, broken.why), (7, "the entry does not fit its hash"));
}

async fn an_entry_that_was_taken_out_is_found_at_its_place(hub: &TestHub) {
    with_some_lots(hub).await;
    tamper(hub, "DELETE FROM audit_entries WHERE pos = 5").await;
    let broken = chain_of(hub).await.broken.unwrap();
    assert_eq!((broken.pos, broken.why), (5, "an entry is missing here"));
}

async fn an_entry_taken_off_the_end_is_found_by_the_head_that_was_noted(hub: &TestHub) {
    let head = with_some_lots(hub).await.head.unwrap();
    assert_eq!(verify_chain(hub.store(), Some(head.clone())).await.unwrap().broken, None);
    tamper(hub, "DELETE FROM audit_entries WHERE pos = (SELECT MAX(pos) FROM audit_entries)").await;
    assert_eq!(chain_of(hub).await.broken, None, "the rest is a chain of its own");
    let broken = verify_chain(hub.store(), Some(head.clone())).await.unwrap().broken.unwrap();
    assert_eq!(broken.pos, head.pos);
}

/// Writers whose commits overtake each other, and several who link at once.
async fn the_chain_has_one_order_whoever_links(hub: &TestHub) {
    let bank = hub.manager_at(&hub.region.bank).await;
    let writers: Vec<_> = (0..24)
        .map(|number| {
            let (bank, site) = (bank.clone(), hub.region.bank.clone());
            tokio::spawn(async move { released_lot(&bank, &site, &format!("L-{number}"), 1).await })
        })
        .collect();
    let linkers: Vec<_> = (0..6)
        .map(|_| {
            let hub = hub.handle().clone();
            tokio::spawn(async move { link_entries(&hub).await })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    for linker in linkers {
        linker.await.unwrap().unwrap();
    }
    link_entries(hub.handle()).await.unwrap();
    let report = chain_of(hub).await;
    assert_eq!((report.broken, report.unlinked), (None, 0));
}

hub_test!(
    an_entry_that_was_rewritten_is_found_at_its_place,
    an_entry_that_was_taken_out_is_found_at_its_place,
    an_entry_taken_off_the_end_is_found_by_the_head_that_was_noted,
    the_chain_has_one_order_whoever_links,
);

fn command(data_dir: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_milkbridge"))
        .args(arguments)
        .env_clear()
        .env("MILKBRIDGE_DATA_DIR", data_dir)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

#[track_caller]
fn succeeds(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[track_caller]
fn fails(output: &Output) -> String {
    assert!(!output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Registers lots until the hub is gone.
async fn register_until_the_end(bank: Wire, site: String, caller: usize, seen: Arc<AtomicUsize>, enough: Arc<Notify>) {
    for number in 0.. {
        let body = lot_body(&site, &format!("L-{caller}-{number}"), 5, true);
        let ask = bank.ask(Method::POST, "/v1/lots").header("idempotency-key", &new_key()).json(&body);
        if ask.try_send().await.is_err() {
            return;
        }
        if seen.fetch_add(1, Ordering::SeqCst) + 1 >= 40 {
            enough.notify_one();
        }
    }
}

/// A hub with lots in it and callers who register more until it is gone.
async fn under_load(home: &Home) -> (HubProcess, Vec<tokio::task::JoinHandle<()>>, Arc<AtomicUsize>) {
    let hub = HubProcess::start(&Start::simulated(home.folder())).await;
    let admin = hub.admin().await;
    let clock = json!({ "now": region::DAWN, "run": true });
    admin.ask(Method::PUT, "/v1/simulation/clock").json(&clock).send().await.expect(200);
    let region = Region::lay_out(&admin).await;
    let body = json!({ "name": "bank", "role": "bank_manager", "site_ids": [region.bank], "secret": true });
    let client = admin.created("/v1/clients", &body).await;
    let bank = Wire::client(&hub.base, &id(&client), client["client_secret"].as_str().unwrap()).await;
    let (seen, enough) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
    let callers: Vec<_> = (0..4)
        .map(|caller| {
            let (seen, enough) = (Arc::clone(&seen), Arc::clone(&enough));
            tokio::spawn(register_until_the_end(bank.clone(), region.bank.clone(), caller, seen, enough))
        })
        .collect();
    enough.notified().await;
    (hub, callers, seen)
}

#[test]
fn a_copy_taken_under_load_comes_back_to_a_balanced_ledger() {
    let (home, other) = (Home::sqlite(), Home::sqlite());
    let copy = home.folder().join("copy.sqlite");
    let copy_text = copy.to_str().unwrap();
    block_on(async {
        let (hub, callers, seen) = under_load(&home).await;
        let answered_before = seen.load(Ordering::SeqCst);
        succeeds(&command(home.folder(), &["backup", copy_text]));
        assert!(fails(&command(home.folder(), &["backup", copy_text])).contains("exists"), "no file is overwritten");
        let running = fails(&command(home.folder(), &["restore", copy_text, "--replace"]));
        assert!(running.contains("stop the hub"), "{running}");
        hub.kill();
        for caller in callers {
            caller.await.unwrap();
        }

        let told = succeeds(&command(other.folder(), &["restore", copy_text]));
        assert!(told.contains("balances"), "{told}");
        std::fs::copy(home.folder().join("key-encryption.key"), other.folder().join("key-encryption.key")).unwrap();
        assert!(succeeds(&command(other.folder(), &["verify-chain"])).contains("holds over"));
        let hub = HubProcess::start(&Start::simulated(other.folder())).await;
        let admin = Wire::person(&hub.base, ADMIN.0, ADMIN.1).await;
        let ledger = balanced_ledger(&admin).await;
        let released = usize::try_from(ledger["released_ml"].as_i64().unwrap()).unwrap();
        assert!(released >= answered_before * 500, "{answered_before} lots were answered before: {ledger}");
    });
}

#[test]
fn a_copy_that_is_not_sound_is_not_put_in_place() {
    let (home, other) = (Home::sqlite(), Home::sqlite());
    block_on(async {
        let (hub, callers, _) = under_load(&home).await;
        hub.kill();
        for caller in callers {
            caller.await.unwrap();
        }
    });
    let copy = home.folder().join("copy.sqlite");
    succeeds(&command(home.folder(), &["backup", copy.to_str().unwrap()]));
    let there = fails(&command(home.folder(), &["restore", copy.to_str().unwrap()]));
    assert!(there.contains("--replace"), "{there}");

    let mut bytes = std::fs::read(&copy).unwrap();
    let half = bytes.len() / 2;
    bytes.truncate(half);
    let torn = home.folder().join("torn.sqlite");
    std::fs::write(&torn, &bytes).unwrap();
    fails(&command(other.folder(), &["restore", torn.to_str().unwrap()]));
    let doctored = home.folder().join("doctored.sqlite");
    std::fs::copy(&copy, &doctored).unwrap();
    rusqlite::Connection::open(&doctored)
        .unwrap()
        .execute_batch("UPDATE lots SET volume_ml = volume_ml + 1 WHERE released_at IS NOT NULL")
        .unwrap();
    let off = fails(&command(other.folder(), &["restore", doctored.to_str().unwrap()]));
    assert!(off.contains("ledger is off"), "{off}");
    assert!(!other.folder().join("milkbridge.sqlite").exists(), "nothing was put in place");

    succeeds(&command(home.folder(), &["restore", copy.to_str().unwrap(), "--replace"]));
    assert!(home.folder().join("milkbridge.sqlite.before-restore").exists(), "what was there is kept");
}

#[test]
fn copies_of_a_server_are_its_own_business() {
    let home = Home::sqlite();
    let output = Command::new(env!("CARGO_BIN_EXE_milkbridge"))
        .args(["backup", "copy"])
        .env_clear()
        .env("MILKBRIDGE_DATA_DIR", home.folder())
        .env("DATABASE_URL", "postgres://nobody@127.0.0.1:1/nothing")
        .output()
        .unwrap();
    assert!(fails(&output).contains("pg_dump"));
}

#[test]
fn a_simulated_clock_goes_on_where_it_stood() {
    let home = Home::sqlite();
    block_on(async {
        let start = Start::simulated(home.folder());
        let hub = HubProcess::start(&start).await;
        let body = json!({ "now": "2026-03-04T05:06:07Z", "run": true });
        let admin = hub.admin().await;
        admin.ask(Method::PUT, "/v1/simulation/clock").json(&body).send().await.expect(200);
        Region::lay_out(&admin).await;
        hub.kill();
        let hub = HubProcess::start(&start).await;
        let admin = hub.admin().await;
        let clock = admin.found("/v1/simulation/clock").await;
        assert_eq!(clock["now"], "2026-03-04T05:06:07Z", "{clock}");
        // Identifiers of another start at the same moment are others.
        admin.created("/v1/clients", &json!({ "name": "again", "role": "auditor", "secret": true })).await;
    });
}
