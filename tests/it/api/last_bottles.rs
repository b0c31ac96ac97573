//! Sixty-four callers race over HTTP for the same offers and the same last bottles: each is promised once. The
//! control shows what the same race does to a count that is read first and written later.

use crate::hub::TestHub;
use crate::hub::region::{balanced_ledger, matched, published, released_lot, request_body};
use crate::hub::wire::{Wire, id, version};
use crate::hub_test;
use diesel::prelude::*;
use milkbridge::domain::ids::SurplusLineId;
use milkbridge::store::schema::surplus_lines;
use milkbridge::store::surplus::take_from_line;
use milkbridge::store::{AnyConn, StoreError};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::Barrier;

const CALLERS: usize = 64;

/// Lets every caller do the same thing at the same moment; what each got.
async fn all_at_once<T: Send + 'static, F: Future<Output = T> + Send + 'static>(
    what: impl Fn(usize, Arc<Barrier>) -> F,
) -> Vec<T> {
    let start = Arc::new(Barrier::new(CALLERS));
    let callers: Vec<_> = (0..CALLERS).map(|caller| tokio::spawn(what(caller, Arc::clone(&start)))).collect();
    let mut got = Vec::new();
    for caller in callers {
        got.push(caller.await.unwrap());
    }
    got
}

async fn accept(bank: Wire, offer: Value, start: Arc<Barrier>) -> u16 {
    let path = format!("/v1/offers/{}/accept", id(&offer));
    start.wait().await;
    bank.change(Method::POST, &path, version(&offer), &json!({})).await.status
}

async fn one_offer_is_accepted_once(hub: &TestHub) {
    let (bank, unit) = (hub.manager_at(&hub.region.bank).await, hub.manager_at(&hub.region.unit).await);
    let lot = released_lot(&bank, &hub.region.bank, "L-1", 3).await;
    published(&bank, &hub.region.bank, &lot).await;
    let request = unit.created("/v1/requests", &request_body(&hub.region.unit, "I-1", 300)).await;
    let offer = matched(&bank, &hub.region.bank).await.remove(0);
    let statuses = all_at_once(|_, start| accept(bank.clone(), offer.clone(), start)).await;
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| matches!(status, 200 | 409 | 412)), "{statuses:?}");
    let request = unit.found(&format!("/v1/requests/{}", id(&request))).await;
    assert_eq!(request["allocated_ml"], 300);
}

/// Every bottle that a live promise names, with how often.
async fn promises(bank: &Wire, site: &str) -> BTreeMap<String, usize> {
    let mut promised = BTreeMap::new();
    for bottle in bank.all(&format!("/v1/bottles?site_id={site}")).await {
        if bottle["offer_id"].is_string() {
            *promised.entry(id(&bottle)).or_default() += 1;
        }
    }
    promised
}

async fn matching_from_every_side_promises_no_bottle_twice(hub: &TestHub) {
    let (bank, unit) = (hub.manager_at(&hub.region.bank).await, hub.manager_at(&hub.region.unit).await);
    let lot = released_lot(&bank, &hub.region.bank, "L-1", 20).await;
    published(&bank, &hub.region.bank, &lot).await;
    let site = hub.region.unit.clone();
    let statuses = all_at_once(|caller, start| {
        let (unit, bank, site) = (unit.clone(), bank.clone(), site.clone());
        async move {
            let body = request_body(&site, &format!("I-{caller}"), 100);
            start.wait().await;
            let asked = unit.post("/v1/requests", &body).await.status;
            (asked, bank.post("/v1/match-runs", &json!({})).await.status)
        }
    })
    .await;
    assert!(statuses.iter().all(|(asked, _)| *asked == 201), "{statuses:?}");
    let offers = matched(&bank, &hub.region.bank).await;
    let offered: i64 = offers.iter().map(|offer| offer["bottles"].as_i64().unwrap()).sum();
    assert_eq!(offered, 20, "the last bottle is offered, and none twice");
    assert_eq!(promises(&bank, &hub.region.bank).await.values().copied().sum::<usize>(), 20);
    let answers = all_at_once(|caller, start| {
        let (bank, offer) = (bank.clone(), offers[caller % offers.len()].clone());
        accept(bank, offer, start)
    })
    .await;
    assert_eq!(answers.iter().filter(|status| **status == 200).count(), offers.len(), "{answers:?}");
    let board = bank.all("/v1/surplus").await;
    assert!(board.iter().all(|line| line["available_bottles"] == 0), "{board:?}");
    let requests = unit.all(&format!("/v1/requests?site_id={}", hub.region.unit)).await;
    let allocated: i64 = requests.iter().map(|request| request["allocated_ml"].as_i64().unwrap()).sum();
    assert_eq!(allocated, 2000);
    balanced_ledger(&hub.admin).await;
}

/// How many of the callers got the one bottle of a line when all have looked before any of them takes.
async fn callers_who_got_the_bottle(
    hub: &TestHub,
    take: fn(&mut AnyConn, SurplusLineId, i64) -> Result<bool, StoreError>,
) -> usize {
    let bank = hub.manager_at(&hub.region.bank).await;
    let lot = released_lot(&bank, &hub.region.bank, "L-1", 1).await;
    let surplus = published(&bank, &hub.region.bank, &lot).await;
    let line: SurplusLineId = surplus["lines"][0]["id"].as_str().unwrap().parse().unwrap();
    let all_have_looked = Arc::new(Barrier::new(CALLERS));
    let got = all_at_once(|_, start| {
        let (store, all_have_looked) = (hub.store().clone(), Arc::clone(&all_have_looked));
        async move {
            start.wait().await;
            let look = surplus_lines::table.find(line).select(surplus_lines::available_bottles);
            let seen: i64 = store.read(move |conn| Ok::<_, StoreError>(look.first(conn)?)).await.unwrap();
            all_have_looked.wait().await;
            store.write(move |conn| take(conn, line, seen)).await.unwrap()
        }
    })
    .await;
    got.into_iter().filter(|got| *got).count()
}

/// Reads first and writes later: if this did not give the bottle away more than once, the races here would prove
/// nothing.
async fn control_read_then_write_gives_the_last_bottle_to_all(hub: &TestHub) {
    let winners = callers_who_got_the_bottle(hub, |conn, line, seen| {
        let left = surplus_lines::available_bottles.eq(seen - 1);
        let changed = diesel::update(surplus_lines::table.find(line)).set(left).execute(conn)?;
        Ok(seen >= 1 && changed == 1)
    })
    .await;
    assert_eq!(winners, CALLERS);
}

async fn the_guarded_update_gives_the_last_bottle_to_one(hub: &TestHub) {
    assert_eq!(callers_who_got_the_bottle(hub, |conn, line, _seen| take_from_line(conn, line, 1)).await, 1);
}

hub_test!(
    one_offer_is_accepted_once,
    matching_from_every_side_promises_no_bottle_twice,
    control_read_then_write_gives_the_last_bottle_to_all,
    the_guarded_update_gives_the_last_bottle_to_one,
);
