//! Tracing and recall: from every link to the bottles and the infants; a drill that touches nothing; a list that
//! an independent walk of the books confirms.

use super::{COLD, Promised};
use crate::hub::TestHub;
use crate::hub::region::{balanced_ledger, lot_body};
use crate::hub::wire::{Wire, id};
use crate::hub_test;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn recall_of(hub: &TestHub, scope: &str, selector: Value) -> Value {
    json!({
        "site_id": hub.region.bank, "scope": scope, "selector": selector, "reason": "a late positive result",
        "respond_by": "2026-01-08T08:00:00Z",
    })
}

/// Milk that has gone from the bank to an infant of the unit.
async fn fed_through(hub: &TestHub) -> (Promised, Value) {
    let promised = Promised::on(hub).await;
    let road = promised.on_the_road(hub).await;
    let delivered = promised.delivered(hub, &road).await;
    promised.readings(&road, &COLD).await;
    promised.received(&delivered).await;
    let bottle = promised.at_unit(hub, "in_stock").await[0].clone();
    promised.fed(hub, &id(&bottle)).await.expect(200);
    (promised, road)
}

async fn a_trace_leads_from_the_donor_to_the_infant_and_back(hub: &TestHub) {
    let (promised, road) = fed_through(hub).await;
    let forward = promised.bank.found("/v1/trace?donor_ref=D-1").await;
    assert_eq!(forward["bottles_in_all"], 5, "{forward}");
    assert_eq!(forward["lots"][0]["donor_refs"], json!(["D-1"]), "{forward}");
    assert_eq!((&forward["journeys"][0]["id"], &forward["journeys"][0]["bottles"]), (&road["id"], &json!(5)));
    let infant = &forward["infants"][0];
    assert_eq!((&infant["site_id"], infant["volume_ml"].as_i64()), (&json!(hub.region.unit), Some(60)), "{forward}");
    assert!(infant["infant_ref"].is_null(), "an infant's pseudonym is its own site's: {forward}");

    let back = promised.unit.found("/v1/trace?infant_ref=I-1").await;
    assert_eq!((back["bottles_in_all"].as_i64(), &back["infants"][0]["infant_ref"]), (Some(1), &json!("I-1")));
    assert_eq!(back["lots"][0]["id"], promised.lot["id"], "{back}");
    assert_eq!(back["lots"][0]["donor_refs"], json!([]), "donors are the bank's to know: {back}");
    for query in [
        format!("lot_id={}", id(&promised.lot)),
        format!("transfer_id={}", id(&road)),
        format!("courier_id={}&from=2026-01-05T11:00:00Z&until=2026-01-05T11:10:00Z", hub.region.courier),
        "device_ref=P-1&from=2025-12-29T00:00:00Z&until=2025-12-30T00:00:00Z".to_owned(),
        "cycle_ref=R-1".to_owned(),
    ] {
        let found = promised.bank.found(&format!("/v1/trace?{query}")).await;
        assert_eq!(found["bottles_in_all"], 5, "{query}: {found}");
    }
    let outside = promised.bank.found("/v1/trace?device_ref=P-1&from=2025-12-30T00:00:00Z").await;
    assert_eq!(outside["bottles_in_all"], 0, "{outside}");
    let apart = hub.manager_at(&hub.region.apart).await.found("/v1/trace?donor_ref=D-1").await;
    assert_eq!(apart["bottles_in_all"], 0, "another bank's milk is not theirs: {apart}");
    assert_eq!(promised.bank.get("/v1/trace?donor_ref=D-1&cycle_ref=R-1").await.status, 400);
}

async fn a_drill_finds_lists_and_asks_and_touches_nothing(hub: &TestHub) {
    let (promised, _road) = fed_through(hub).await;
    let before = balanced_ledger(&hub.admin).await;
    let mut body = recall_of(hub, "donor", json!({ "donor_ref": "D-1" }));
    body["drill"] = json!(true);
    let drill = promised.bank.created("/v1/recalls", &body).await;
    assert_eq!((drill["drill"].as_bool(), drill["frozen_bottles"].as_i64()), (Some(true), Some(4)), "{drill}");
    assert!(drill["listed_us"].as_i64().unwrap() > 0, "it reports its time: {drill}");
    assert_eq!(balanced_ledger(&hub.admin).await, before, "a drill touches no milk");
    let lot = promised.bank.found(&format!("/v1/lots/{}", id(&promised.lot))).await;
    assert_eq!(lot["state"], "released", "{lot}");
    let path = |verb: &str| format!("/v1/recalls/{}/{verb}", id(&drill));
    let listed = promised.bank.all(&path("bottles")).await;
    assert_eq!(listed.len(), 5, "used milk is listed too: {listed:?}");
    for (who, site) in [(&promised.bank, &hub.region.bank), (&promised.unit, &hub.region.unit)] {
        let answer = json!({ "site_id": site, "held_ml": 0 });
        who.post(&path("acknowledge"), &answer).await.expect(200);
    }
    let seen = promised.bank.found(&format!("/v1/recalls/{}", id(&drill))).await;
    assert_eq!(promised.bank.act(&seen, &path("close"), &json!({})).await.expect(200)["state"], "closed");
}

async fn refusal_05_a_recall_by_courier_holds_its_bottles_and_no_others(hub: &TestHub) {
    let (promised, _road) = fed_through(hub).await;
    let other = promised.bank.created("/v1/lots", &lot_body(&hub.region.bank, "L-2", 4, true)).await;
    let window = json!({
        "courier_id": hub.region.courier, "from": "2026-01-05T09:00:00Z", "until": "2026-01-05T13:00:00Z",
    });
    let mut body = recall_of(hub, "courier", window);
    body["site_id"] = json!(hub.region.unit);
    let recall = promised.unit.created("/v1/recalls", &body).await;
    assert_eq!(recall["frozen_bottles"], 4, "one of five was fed: {recall}");
    assert_eq!(promised.at_unit(hub, "quarantined").await.len(), 4);
    let aside = promised.at_unit(hub, "quarantined").await;
    let hold = promised.unit.all("/v1/holds").await[0].clone();
    let lifted = promised.unit.act(&hold, &format!("/v1/holds/{}/lift", id(&hold)), &json!({ "reason": "no" })).await;
    lifted.problem(409, "recall_open");
    let untouched = promised.bank.found(&format!("/v1/lots/{}", id(&other))).await;
    assert_eq!(untouched["state"], "released", "{untouched}");
    let path = |verb: &str| format!("/v1/recalls/{}/{verb}", id(&recall));
    let items: Vec<Value> = aside
        .iter()
        .map(|bottle| json!({ "bottle_id": id(bottle), "fate": "discarded", "reason": "recalled" }))
        .collect();
    let fates = json!({ "site_id": hub.region.unit, "items": items });
    promised.unit.post("/v1/bottles/fates", &fates).await.expect(200);
    for (who, site) in [(&promised.bank, &hub.region.bank), (&promised.unit, &hub.region.unit)] {
        who.post(&path("acknowledge"), &json!({ "site_id": site, "held_ml": 0 })).await.expect(200);
    }
    let seen = promised.unit.found(&format!("/v1/recalls/{}", id(&recall))).await;
    assert_eq!((seen["count"]["discarded_ml"].as_i64(), seen["count"]["fed_ml"].as_i64()), (Some(440), Some(60)));
    promised.unit.act(&seen, &path("close"), &json!({})).await.expect(200);
    balanced_ledger(&hub.admin).await;
}

async fn sites_that_do_not_answer_are_reminded_once(hub: &TestHub) {
    let (promised, _road) = fed_through(hub).await;
    let recall = promised.bank.created("/v1/recalls", &recall_of(hub, "donor", json!({ "donor_ref": "D-1" }))).await;
    assert!(recall["escalated_at"].is_null(), "{recall}");
    hub.advance_to("2026-01-08T09:00:00Z").await;
    let path = format!("/v1/recalls/{}", id(&recall));
    let late = promised.bank.found(&path).await;
    assert!(late["escalated_at"].is_string(), "{late}");
    hub.advance_to("2026-01-09T09:00:00Z").await;
    assert_eq!(promised.bank.found(&path).await["escalated_at"], late["escalated_at"]);
}

async fn registered(bank: &Wire, hub: &TestHub, code: &str, donors: &[String], tested: &str, to: &str) -> Value {
    let mut body = lot_body(&hub.region.bank, code, 3, false);
    let donor = body["record"]["donors"][0].clone();
    let all: Vec<Value> = donors
        .iter()
        .map(|donor_ref| {
            let mut donor = donor.clone();
            donor["donor_ref"] = json!(donor_ref);
            for result in donor["results"].as_array_mut().unwrap() {
                result["sample_date"] = json!(tested);
            }
            donor
        })
        .collect();
    body["record"]["donor_count"] = json!(all.len());
    body["record"]["donors"] = json!(all);
    body["record"]["expressed_to"] = json!(to);
    body["deposit_refs"] = json!([format!("DEP-{code}")]);
    body["pool_ref"] = json!(format!("P-{}", code.len()));
    bank.created("/v1/lots", &body).await
}

async fn refusal_05_a_recall_lists_what_an_independent_walk_finds(hub: &TestHub) {
    let bank = hub.manager_at(&hub.region.bank).await;
    let mut runner = TestRunner::deterministic();
    let lots = prop::collection::vec((prop::collection::btree_set(0..5_u8, 1..4), 1..20_u8, 1..25_u8), 12..13);
    let lots = lots.new_tree(&mut runner).unwrap().current();
    for (number, (donors, tested, expressed)) in lots.iter().enumerate() {
        let donors: Vec<String> = donors.iter().map(|donor| format!("D-{donor}")).collect();
        let (tested, to) = (format!("2025-12-{tested:02}"), format!("2025-12-{expressed:02}"));
        let mut code = format!("L-{number}");
        code.extend(std::iter::repeat_n('x', number % 3));
        registered(&bank, hub, &code, &donors, &tested, &to).await;
    }
    // The walk: every lot and every bottle that the books hold, by hand.
    let all = bank.all(&format!("/v1/lots?bank_site_id={}", hub.region.bank)).await;
    assert_eq!(all.len(), lots.len());
    for donor in 0..5_u8 {
        let last = lots.iter().filter(|(donors, ..)| donors.contains(&donor)).map(|(_, tested, _)| *tested).max();
        let walked: BTreeSet<String> = lots
            .iter()
            .enumerate()
            .filter(|(_, (donors, _, expressed))| donors.contains(&donor) && Some(*expressed) > last)
            .flat_map(|(number, _)| {
                let stem = format!("L-{number}");
                all.iter()
                    .filter(move |lot| lot["code"].as_str().unwrap().trim_end_matches('x') == stem)
                    .flat_map(|lot| (1..=3).map(move |division| format!("{}/{division}", id(lot))))
            })
            .collect();
        let selector = json!({ "donor_ref": format!("D-{donor}"), "look_back": "hiv_1_2" });
        let mut body = recall_of(hub, "donor", selector);
        body["drill"] = json!(true);
        let recall = bank.post("/v1/recalls", &body).await;
        if walked.is_empty() {
            assert_eq!(recall.status, 400, "{}", recall.text);
            continue;
        }
        let recall = recall.expect(201);
        let listed: BTreeSet<String> = bank
            .all(&format!("/v1/recalls/{}/bottles", id(&recall)))
            .await
            .iter()
            .map(|bottle| format!("{}/{}", bottle["lot_id"].as_str().unwrap(), bottle["division"]))
            .collect();
        assert_eq!(listed, walked, "donor {donor}");
    }
    for (query, wanted) in [("deposit_ref=DEP-L-3", 3), ("pool_ref=P-3", 12)] {
        let found = bank.found(&format!("/v1/trace?{query}")).await;
        assert_eq!(found["bottles_in_all"], wanted, "{query}: {found}");
    }
}

/// A lot like the others whose donor, deposit, pool, run and pasteuriser are its own.
fn lot_of(hub: &TestHub, code: &str, changes: &[(&str, Value)]) -> Value {
    let mut body = lot_body(&hub.region.bank, code, 3, true);
    body["record"]["donors"][0]["donor_ref"] = json!(format!("D-{code}"));
    body["record"]["pasteurisation"]["cycle_ref"] = json!(format!("R-{code}"));
    body["record"]["pasteurisation"]["device_ref"] = json!(format!("P-{code}"));
    body["deposit_refs"] = json!([format!("DEP-{code}")]);
    body["pool_ref"] = json!(format!("POOL-{code}"));
    for (pointer, value) in changes {
        *body.pointer_mut(pointer).unwrap() = value.clone();
    }
    body
}

fn numbers(lot: &Value) -> Vec<i64> {
    lot["refusals"].as_array().into_iter().flatten().filter_map(|refusal| refusal["number"].as_i64()).collect()
}

async fn refusal_05_milk_that_comes_after_its_recall_stays_in_quarantine(hub: &TestHub) {
    let bank = hub.manager_at(&hub.region.bank).await;
    bank.created("/v1/lots", &lot_of(hub, "L-1", &[])).await;
    let waiting = bank.created("/v1/lots", &lot_of(hub, "L-2", &[("/release", json!(false))])).await;
    let named = [
        ("donor", json!({ "donor_ref": "D-L-1" }), "/record/donors/0/donor_ref", json!("D-L-1")),
        ("deposit", json!({ "deposit_ref": "DEP-L-1" }), "/deposit_refs", json!(["DEP-L-1"])),
        ("pool", json!({ "pool_ref": "POOL-L-1" }), "/pool_ref", json!("POOL-L-1")),
        ("cycle", json!({ "cycle_ref": "R-L-1" }), "/record/pasteurisation/cycle_ref", json!("R-L-1")),
        ("device", json!({ "device_ref": "P-L-1" }), "/record/pasteurisation/device_ref", json!("P-L-1")),
    ];
    for (number, (scope, selector, _, _)) in named.iter().enumerate() {
        let mut drill = recall_of(hub, scope, selector.clone());
        drill["drill"] = json!(true);
        bank.created("/v1/recalls", &drill).await;
        let code = format!("L-1{number}");
        let free = bank.created("/v1/lots", &lot_of(hub, &code, &[])).await;
        assert_eq!(free["state"], "released", "a drill keeps nothing back: {free}");
    }
    for (number, (scope, selector, pointer, value)) in named.iter().enumerate() {
        bank.created("/v1/recalls", &recall_of(hub, scope, selector.clone())).await;
        let code = format!("L-2{number}");
        let body = lot_of(hub, &code, &[(*pointer, value.clone())]);
        let late = bank.created("/v1/lots", &body).await;
        assert_eq!((&late["state"], numbers(&late)), (&json!("quarantined"), vec![5]), "{scope}: {late}");
        let again = bank.act(&late, &format!("/v1/lots/{}/release", id(&late)), &json!({})).await;
        assert_eq!(again.refused(), [5], "{scope}");
    }
    // What waited before the recall and is of no recalled source goes on.
    let path = format!("/v1/lots/{}/release", id(&waiting));
    assert_eq!(bank.act(&waiting, &path, &json!({})).await.expect(200)["state"], "released");
}

async fn refusal_05_a_lot_that_waits_is_told_of_the_recall_when_its_record_is_completed(hub: &TestHub) {
    let bank = hub.manager_at(&hub.region.bank).await;
    bank.created("/v1/lots", &lot_of(hub, "L-1", &[])).await;
    bank.created("/v1/recalls", &recall_of(hub, "donor", json!({ "donor_ref": "D-L-1" }))).await;
    let mut body = lot_of(hub, "L-2", &[("/record/donors/0/donor_ref", json!("D-L-1"))]);
    let culture = body["record"].as_object_mut().unwrap().remove("culture_after").unwrap();
    let late = bank.created("/v1/lots", &body).await;
    assert!(numbers(&late).contains(&5), "{late}");
    let version = late["version"].as_i64().unwrap();
    let more = json!({ "culture_after": culture });
    let path = format!("/v1/lots/{}/record", id(&late));
    let told = bank.change(reqwest::Method::PATCH, &path, version, &more).await.expect(200);
    assert_eq!((&told["state"], numbers(&told)), (&json!("quarantined"), vec![5]), "{told}");
}

async fn refusal_05_a_recall_reaches_only_the_days_and_runs_that_it_names(hub: &TestHub) {
    let bank = hub.manager_at(&hub.region.bank).await;
    bank.created("/v1/lots", &lot_of(hub, "L-1", &[])).await;
    let selector = json!({ "donor_ref": "D-L-1", "expressed_after": "2025-12-26" });
    bank.created("/v1/recalls", &recall_of(hub, "donor", selector)).await;
    let hers = ("/record/donors/0/donor_ref", json!("D-L-1"));
    let late = bank.created("/v1/lots", &lot_of(hub, "L-2", std::slice::from_ref(&hers))).await;
    assert_eq!(numbers(&late), [5], "expressed until the 27th: {late}");
    let until = ("/record/expressed_to", json!("2025-12-26"));
    let earlier = bank.created("/v1/lots", &lot_of(hub, "L-3", &[hers, until])).await;
    assert_eq!(numbers(&earlier), [0_i64; 0], "{earlier}");

    bank.created("/v1/lots", &lot_of(hub, "L-4", &[])).await;
    let selector = json!({ "device_ref": "P-L-4", "until": "2025-12-29T03:00:00Z" });
    bank.created("/v1/recalls", &recall_of(hub, "device", selector)).await;
    let device = ("/record/pasteurisation/device_ref", json!("P-L-4"));
    let late = bank.created("/v1/lots", &lot_of(hub, "L-5", std::slice::from_ref(&device))).await;
    assert_eq!(numbers(&late), [5], "of the window: {late}");
    let next = ("/record/pasteurisation/ended_at", json!("2025-12-29T03:01:00Z"));
    let after = bank.created("/v1/lots", &lot_of(hub, "L-6", &[device, next])).await;
    assert_eq!(numbers(&after), [0_i64; 0], "after the window: {after}");
}

async fn a_hospital_finds_what_it_has_of_another_bank_s_lot(hub: &TestHub) {
    let (promised, _road) = fed_through(hub).await;
    released_more(&promised, hub).await;
    let lot = id(&promised.lot);
    for query in [format!("lot_id={lot}"), "cycle_ref=R-1".to_owned(), "device_ref=P-1".to_owned()] {
        let found = promised.unit.found(&format!("/v1/trace?{query}")).await;
        assert_eq!(found["bottles_in_all"], 5, "{query}: {found}");
        assert_eq!(found["lots"][0]["donor_refs"], json!([]), "donors are the bank's to know: {found}");
        assert_eq!(found["infants"][0]["infant_ref"], "I-1", "{found}");
        let apart = hub.manager_at(&hub.region.apart).await.found(&format!("/v1/trace?{query}")).await;
        assert_eq!(apart["bottles_in_all"], 0, "who never had any finds none: {apart}");
    }
    for query in ["donor_ref=D-1", "deposit_ref=DEP-1"] {
        let found = promised.unit.found(&format!("/v1/trace?{query}")).await;
        assert_eq!(found["bottles_in_all"], 0, "{query} is the bank's alone: {found}");
    }
}

/// Another lot of the same run that never left the bank.
async fn released_more(promised: &Promised, hub: &TestHub) {
    promised.bank.created("/v1/lots", &lot_body(&hub.region.bank, "L-2", 4, true)).await;
}

async fn refusal_05_a_recall_stays_open_while_a_site_reports_milk_that_the_books_do_not_know(hub: &TestHub) {
    let (promised, _road) = fed_through(hub).await;
    let recall = promised.bank.created("/v1/recalls", &recall_of(hub, "donor", json!({ "donor_ref": "D-1" }))).await;
    let path = |verb: &str| format!("/v1/recalls/{}/{verb}", id(&recall));
    let answer = |site: &str, held: i64| json!({ "site_id": site, "held_ml": held });
    let endless = promised.unit.post(&path("acknowledge"), &answer(&hub.region.unit, 1 << 62)).await;
    assert_eq!(endless.status, 400, "{}", endless.text);
    let mut aside = promised.at_unit(hub, "quarantined").await;
    aside.extend(promised.at_unit(hub, "in_stock").await);
    let items: Vec<Value> = aside
        .iter()
        .map(|bottle| json!({ "bottle_id": id(bottle), "fate": "discarded", "reason": "recalled" }))
        .collect();
    let fates = json!({ "site_id": hub.region.unit, "items": items });
    promised.unit.post("/v1/bottles/fates", &fates).await.expect(200);
    promised.bank.post(&path("acknowledge"), &answer(&hub.region.bank, 0)).await.expect(200);
    promised.unit.post(&path("acknowledge"), &answer(&hub.region.unit, 777)).await.expect(200);
    let seen = promised.bank.found(&format!("/v1/recalls/{}", id(&recall))).await;
    promised.bank.act(&seen, &path("close"), &json!({})).await.problem(409, "recall_not_reconciled");
    promised.unit.post(&path("acknowledge"), &answer(&hub.region.unit, 500)).await.expect(200);
    let seen = promised.bank.found(&format!("/v1/recalls/{}", id(&recall))).await;
    assert_eq!(promised.bank.act(&seen, &path("close"), &json!({})).await.expect(200)["state"], "closed");
}

/// Lots that come before and after a recall, at chance: none that the walk names is ever released.
async fn refusal_05_what_comes_later_is_kept_back_as_an_independent_walk_says(hub: &TestHub) {
    let bank = hub.manager_at(&hub.region.bank).await;
    let mut runner = TestRunner::deterministic();
    let lot = || (prop::collection::btree_set(0..4_u8, 1..3), 1..25_u8, 0..3_u8);
    let lots = prop::collection::vec(lot(), 20..21).new_tree(&mut runner).unwrap().current();
    let (before, after) = lots.split_at(8);
    let body_of = |number: usize, (donors, expressed, pool): &(BTreeSet<u8>, u8, u8)| {
        let mut body = lot_of(hub, &format!("L-{number}"), &[]);
        let donor = body["record"]["donors"][0].clone();
        let all: Vec<Value> = donors
            .iter()
            .map(|number| {
                let mut donor = donor.clone();
                donor["donor_ref"] = json!(format!("D-{number}"));
                donor
            })
            .collect();
        body["record"]["donor_count"] = json!(all.len());
        body["record"]["donors"] = json!(all);
        body["record"]["expressed_to"] = json!(format!("2025-12-{expressed:02}"));
        body["pool_ref"] = json!(format!("POOL-{pool}"));
        body
    };
    for (number, lot) in before.iter().enumerate() {
        bank.created("/v1/lots", &body_of(number, lot)).await;
    }
    let recalled = |donor: u8, pool: u8| {
        [
            ("donor", json!({ "donor_ref": format!("D-{donor}"), "expressed_after": "2025-12-10" })),
            ("pool", json!({ "pool_ref": format!("POOL-{pool}") })),
        ]
    };
    for (scope, selector) in recalled(0, 0) {
        bank.created("/v1/recalls", &recall_of(hub, scope, selector)).await;
    }
    for (number, lot) in after.iter().enumerate() {
        let (donors, expressed, pool) = lot;
        let walked = (donors.contains(&0) && *expressed > 10) || *pool == 0;
        let answer = bank.created("/v1/lots", &body_of(number + before.len(), lot)).await;
        assert_eq!(numbers(&answer).contains(&5), walked, "{lot:?}: {answer}");
        assert!(!walked || answer["state"] == "quarantined", "{lot:?}: {answer}");
    }
    // The same recall again lists what came before and after, whatever became of it.
    for (scope, selector) in recalled(0, 0) {
        let mut drill = recall_of(hub, scope, selector);
        drill["drill"] = json!(true);
        let drill = bank.created("/v1/recalls", &drill).await;
        let listed = bank.all(&format!("/v1/recalls/{}/bottles", id(&drill))).await.len();
        let named = |(donors, expressed, pool): &&(BTreeSet<u8>, u8, u8)| match scope {
            "donor" => donors.contains(&0) && *expressed > 10,
            _ => *pool == 0,
        };
        assert_eq!(listed, 3 * lots.iter().filter(named).count(), "{scope}");
    }
}

hub_test!(
    refusal_05_milk_that_comes_after_its_recall_stays_in_quarantine,
    refusal_05_a_lot_that_waits_is_told_of_the_recall_when_its_record_is_completed,
    refusal_05_a_recall_reaches_only_the_days_and_runs_that_it_names,
    a_hospital_finds_what_it_has_of_another_bank_s_lot,
    refusal_05_a_recall_stays_open_while_a_site_reports_milk_that_the_books_do_not_know,
    refusal_05_what_comes_later_is_kept_back_as_an_independent_walk_says,
    a_trace_leads_from_the_donor_to_the_infant_and_back,
    a_drill_finds_lists_and_asks_and_touches_nothing,
    refusal_05_a_recall_by_courier_holds_its_bottles_and_no_others,
    sites_that_do_not_answer_are_reminded_once,
    refusal_05_a_recall_lists_what_an_independent_walk_finds,
);
