//! The network's standing data over the wire: who is in it, under which rules, who may see and change what.

use crate::hub::wire::{Wire, id, new_key, version};
use crate::hub::{Home, TestHub, region};
use crate::hub_test;
use crate::store::fixture::block_on;
use milkbridge::app;
use milkbridge::config::{BootstrapAdmin, Config, Secret};
use reqwest::Method;
use serde_json::{Value, json};

hub_test!(
    a_site_goes_live_by_a_signature_and_is_changed_by_version,
    what_a_site_keeps_back_is_its_own,
    who_may_sign_for_a_site,
    a_list_of_sites_is_paged_and_filtered,
    bad_sites_are_refused_field_by_field,
    policy_sets_are_numbered_and_never_changed,
    agreements_are_seen_by_their_members,
    couriers_are_registered_and_changed,
    closures_begin_and_end_by_time,
    the_feed_skips_nothing_and_shows_nothing_of_others,
    the_clock_never_goes_back,
    a_repeated_key_answers_as_the_first_time,
    stock_is_seen_by_its_site,
);

fn site_body(code: &str) -> Value {
    json!({
        "code": code, "role": "recipient", "name": "A hospital", "name_local": "一間醫院", "city": "Hong Kong",
        "country": "HK", "latitude": 22.27, "longitude": 114.13, "time_zone": "Asia/Hong_Kong", "has_nicu": true,
        "nicu_level": 3, "accepts_forms": ["frozen"], "records_infant_use": true, "reserve_ml": 500,
        "opening_hours": {"monday": [["08:00", "18:00"]]}, "capabilities": ["handle_dry_ice"],
        "standing_rule": {"accept_offers": true, "accept_tiers": [1, 2], "max_volume_ml": 2000},
    })
}

fn site_path(site: &Value) -> String {
    format!("/v1/sites/{}", id(site))
}

fn signature(policy: &str, demonstration: bool) -> Value {
    json!({
        "policy_set_id": policy, "signer_title": "Head of the unit", "statement": "I answer for it here.",
        "demonstration": demonstration,
    })
}

fn pointers(problem: &Value) -> Vec<&str> {
    problem["errors"].as_array().unwrap().iter().map(|error| error["pointer"].as_str().unwrap()).collect()
}

async fn a_site_goes_live_by_a_signature_and_is_changed_by_version(hub: &TestHub) {
    let answer = hub.admin.post("/v1/sites", &site_body("west-unit")).await;
    let place = answer.header("location").unwrap().to_owned();
    assert_eq!(answer.header("etag"), Some("\"v1\""));
    let site = answer.expect(201);
    assert_eq!(place, site_path(&site));
    assert_eq!((&site["state"], &site["policy_set_id"]), (&json!("pending"), &Value::Null));
    assert_eq!(site["opening_hours"], json!({"monday": [["08:00", "18:00"]]}));
    hub.admin.post("/v1/sites", &site_body("west-unit")).await.problem(409, "code_taken");

    let live = json!({"state": "live"});
    hub.admin.change(Method::PATCH, &place, 1, &live).await.problem(409, "state_not_reachable");
    let sign = format!("{place}/policy-signatures");
    let signed = hub.admin.act(&site, &sign, &signature(&hub.region.policy, true)).await.expect(200);
    assert_eq!((signed["state"].as_str(), version(&signed)), (Some("live"), 2));
    assert_eq!(signed["policy_signature"]["demonstration"], true);

    let patch = json!({"name": "Another name", "licence_valid_until": "2027-01-01T00:00:00Z"});
    hub.admin.ask(Method::PATCH, &place).json(&patch).send().await.problem(428, "version_missing");
    hub.admin.change(Method::PATCH, &place, 1, &patch).await.problem(412, "version_stale");
    let changed = hub.admin.change(Method::PATCH, &place, 2, &patch).await.expect(200);
    assert_eq!((changed["name"].as_str(), version(&changed)), (Some("Another name"), 3));
    let cleared = hub.admin.change(Method::PATCH, &place, 3, &json!({"licence_valid_until": null})).await.expect(200);
    assert_eq!(cleared["licence_valid_until"], Value::Null);

    let suspended = hub.admin.change(Method::PATCH, &place, 4, &json!({"state": "suspended"})).await.expect(200);
    assert_eq!(suspended["state"], "suspended");
    assert_eq!(hub.admin.change(Method::PATCH, &place, 5, &live).await.expect(200)["state"], "live");
}

async fn what_a_site_keeps_back_is_its_own(hub: &TestHub) {
    let bank = hub.manager_at(&hub.region.bank).await;
    let unit = hub.manager_at(&hub.region.unit).await;
    let path = format!("/v1/sites/{}", hub.region.bank);
    let own = bank.found(&path).await;
    assert_eq!(own["reserve_ml"], 0);
    let seen = unit.found(&path).await;
    assert_eq!(seen["name"], own["name"]);
    assert!(seen.get("reserve_ml").is_none() && seen.get("standing_rule").is_none(), "{seen}");

    let patch = json!({"reserve_ml": 1500, "standing_rule": {"accept_offers": true}});
    unit.change(Method::PATCH, &path, version(&own), &patch).await.problem(404, "not_found");
    let changed = bank.change(Method::PATCH, &path, version(&own), &patch).await.expect(200);
    assert_eq!((&changed["reserve_ml"], &changed["standing_rule"]["accept_offers"]), (&json!(1500), &json!(true)));
    let above = json!({"state": "suspended"});
    bank.change(Method::PATCH, &path, version(&changed), &above).await.problem(403, "forbidden");
    let auditor = hub.persona("auditor", &[]).await;
    auditor.change(Method::PATCH, &path, version(&changed), &patch).await.problem(403, "forbidden");
    assert_eq!(auditor.found(&path).await["reserve_ml"], 1500);
}

async fn who_may_sign_for_a_site(hub: &TestHub) {
    let site = hub.admin.created("/v1/sites", &site_body("west-unit")).await;
    let sign = format!("{}/policy-signatures", site_path(&site));
    let earnest = signature(&hub.region.policy, false);
    hub.admin.act(&site, &sign, &earnest).await.problem(403, "forbidden");
    let stranger = hub.persona("clinician", &[&hub.region.unit]).await;
    stranger.act(&site, &sign, &earnest).await.problem(404, "not_found");
    let auditor = hub.persona("auditor", &[]).await;
    auditor.act(&site, &sign, &earnest).await.problem(403, "forbidden");
    let clinician = hub.persona("clinician", &[&id(&site)]).await;
    let unknown = signature("01990000-0000-7000-8000-000000000001", false);
    let problem = clinician.act(&site, &sign, &unknown).await.problem(400, "body_invalid");
    assert_eq!(pointers(&problem), ["/policy_set_id"]);
    let live = clinician.act(&site, &sign, &earnest).await.expect(200);
    assert_eq!((&live["state"], &live["policy_signature"]["demonstration"]), (&json!("live"), &json!(false)));
    clinician.act(&live, &sign, &earnest).await.problem(409, "already_signed");
}

async fn a_list_of_sites_is_paged_and_filtered(hub: &TestHub) {
    let codes = |page: &Value| -> Vec<String> {
        page["items"].as_array().unwrap().iter().map(|site| site["code"].as_str().unwrap().to_owned()).collect()
    };
    let first = hub.admin.get("/v1/sites?limit=2").await;
    assert!(first.header("link").is_some_and(|link| link.contains("rel=\"next\"")));
    let first = first.expect(200);
    assert_eq!(codes(&first), ["east-unit", "north-bank"]);
    let cursor = first["next_cursor"].as_str().unwrap();
    let last = hub.admin.found(&format!("/v1/sites?limit=2&cursor={cursor}")).await;
    assert_eq!(codes(&last), ["south-unit"]);
    assert_eq!(last["next_cursor"], Value::Null);
    hub.admin.get(&format!("/v1/sites?role=bank&cursor={cursor}")).await.problem(400, "cursor_invalid");
    assert_eq!(codes(&hub.admin.found("/v1/sites?role=bank&country=HK").await), ["north-bank"]);
    assert_eq!(codes(&hub.admin.found("/v1/sites?country=FR").await), Vec::<String>::new());
    assert_eq!(codes(&hub.admin.found("/v1/sites?code=south-unit").await), ["south-unit"]);
    hub.admin.get("/v1/sites?role=shop").await.problem(400, "query_invalid");
    hub.admin.get("/v1/sites?colour=red").await.problem(400, "query_invalid");
}

async fn bad_sites_are_refused_field_by_field(hub: &TestHub) {
    let mut body = site_body("Not A Code");
    body["time_zone"] = json!("Moon/Crater");
    body["nicu_level"] = json!(9);
    body["reserve_ml"] = json!(-1);
    let problem = hub.admin.post("/v1/sites", &body).await.problem(400, "body_invalid");
    assert_eq!(pointers(&problem), ["/code", "/time_zone", "/nicu_level", "/reserve_ml"]);
    for (field, value) in [
        ("latitude", json!(91)),
        ("country", json!("hk")),
        ("role", json!("shop")),
        ("opening_hours", json!({"monday": [["25:00", "26:00"]]})),
        ("accepts_forms", json!(["warm"])),
        ("colour", json!("red")),
    ] {
        let mut body = site_body("west-unit");
        body[field] = value;
        let problem = hub.admin.post("/v1/sites", &body).await.problem(400, "body_invalid");
        assert!(pointers(&problem)[0].starts_with(&format!("/{field}")), "{problem}");
    }
    let bank = hub.manager_at(&hub.region.bank).await;
    bank.post("/v1/sites", &site_body("west-unit")).await.problem(403, "forbidden");
    assert_eq!(hub.admin.all("/v1/sites").await.len(), 3);
}

async fn policy_sets_are_numbered_and_never_changed(hub: &TestHub) {
    let path = format!("/v1/policy-sets/{}", hub.region.policy);
    let first = hub.admin.found(&path).await;
    assert_eq!((&first["code"], &first["version"]), (&json!("hk-ha"), &json!(1)));
    let again = hub.admin.created("/v1/policy-sets", &json!({"document": first["document"]})).await;
    assert_eq!(again["version"], 2);
    assert_eq!(hub.admin.found(&path).await, first);

    let region: Value = serde_json::from_str(include_str!("../../src/scenario/data/regions/xian.json")).unwrap();
    let profile = &region["policy_profiles"]["cn-consensus"];
    let body = json!({"region_profile": {"code": "cn-consensus", "profile": profile}});
    let converted = hub.admin.created("/v1/policy-sets", &body).await;
    assert_eq!((&converted["code"], &converted["version"]), (&json!("cn-consensus"), &json!(1)));
    assert_eq!(hub.admin.all("/v1/policy-sets").await.len(), 3);
    assert_eq!(hub.admin.all("/v1/policy-sets?code=hk-ha").await.len(), 2);

    let mut broken = first["document"].clone();
    broken["header"]["code"] = json!("Not A Code");
    let problem = hub.admin.post("/v1/policy-sets", &json!({"document": broken})).await.problem(400, "body_invalid");
    assert!(pointers(&problem).contains(&"/document/header/code"), "{problem}");
    hub.admin.post("/v1/policy-sets", &json!({})).await.problem(400, "body_invalid");
    let mut wrong = body.clone();
    wrong["region_profile"]["profile"]["storage_max_temp_c"] = json!("cold");
    let problem = hub.admin.post("/v1/policy-sets", &wrong).await.problem(400, "body_invalid");
    assert!(pointers(&problem)[0].starts_with("/region_profile/profile"), "{problem}");
}

async fn agreements_are_seen_by_their_members(hub: &TestHub) {
    let [agreement] = hub.admin.all("/v1/agreements").await.try_into().unwrap();
    let path = format!("/v1/agreements/{}", id(&agreement));
    let unit = hub.manager_at(&hub.region.unit).await;
    assert_eq!(unit.found(&path).await, agreement);
    assert_eq!(unit.all("/v1/agreements").await.len(), 1);
    let apart = hub.manager_at(&hub.region.apart).await;
    apart.get(&path).await.problem(404, "not_found");
    assert!(apart.all("/v1/agreements").await.is_empty());

    let stranger = "01990000-0000-7000-8000-000000000001";
    let body = json!({
        "code": "wide", "name": "Wide", "document_reference": "paper-3", "valid_from": "2026-02-01T00:00:00Z",
        "valid_until": "2026-01-01T00:00:00Z", "site_ids": [hub.region.bank, stranger],
    });
    let problem = hub.admin.post("/v1/agreements", &body).await.problem(400, "body_invalid");
    assert_eq!(pointers(&problem), ["/valid_until", "/site_ids/1"]);
}

async fn couriers_are_registered_and_changed(hub: &TestHub) {
    let path = format!("/v1/couriers/{}", hub.region.courier);
    let van = hub.admin.found(&path).await;
    assert_eq!((&van["covers"], &van["days"]), (&json!("all"), &json!("daily")));
    let fewer = json!({"vehicles": 1, "agreement_valid_until": "2026-06-01T00:00:00Z"});
    let changed = hub.admin.change(Method::PATCH, &path, version(&van), &fewer).await.expect(200);
    assert_eq!((&changed["vehicles"], version(&changed)), (&json!(1), version(&van) + 1));
    hub.admin.change(Method::PATCH, &path, version(&van), &fewer).await.problem(412, "version_stale");
    let bank = hub.manager_at(&hub.region.bank).await;
    bank.change(Method::PATCH, &path, version(&changed), &fewer).await.problem(403, "forbidden");

    let mut body = van.clone();
    for only_shown in ["id", "state", "version", "created_at"] {
        body.as_object_mut().unwrap().remove(only_shown);
    }
    body["code"] = json!("second-van");
    for (field, value) in [
        ("covers", json!("moon:1")),
        ("days", json!("someday")),
        ("hours", json!(["9", "18:00"])),
        ("speed_kmh", json!(0)),
        ("base_site_id", json!("01990000-0000-7000-8000-000000000001")),
    ] {
        let mut wrong = body.clone();
        wrong[field] = value;
        let problem = hub.admin.post("/v1/couriers", &wrong).await.problem(400, "body_invalid");
        assert!(pointers(&problem)[0].starts_with(&format!("/{field}")), "{problem}");
    }
    body["covers"] = json!("radius:60");
    body["days"] = json!("mon-sat");
    let made = hub.admin.created("/v1/couriers", &body).await;
    assert_eq!((&made["covers"], &made["days"]), (&json!("radius:60"), &json!("mon,tue,wed,thu,fri,sat")));
    assert_eq!(bank.all("/v1/couriers").await.len(), 2);
}

async fn closures_begin_and_end_by_time(hub: &TestHub) {
    let bank = hub.manager_at(&hub.region.bank).await;
    let body = json!({
        "kind": "tropical cyclone signal 8", "site_ids": [hub.region.bank, hub.region.unit],
        "starts_at": "2026-01-05T12:00:00Z", "ends_at": "2026-01-05T18:00:00Z",
    });
    bank.post("/v1/closures", &body).await.problem(404, "not_found");
    let storm = hub.admin.created("/v1/closures", &body).await;
    let path = format!("/v1/closures/{}", id(&storm));
    assert_eq!(storm["state"], "forecast");
    hub.advance_to("2026-01-05T12:00:00Z").await;
    let begun = bank.found(&path).await;
    assert_eq!((&begun["state"], version(&begun)), (&json!("active"), 2));
    let end = format!("{path}/end");
    bank.act(&begun, &end, &json!({})).await.problem(404, "not_found");
    hub.advance_to("2026-01-05T18:00:00Z").await;
    assert_eq!(bank.found(&path).await["state"], "ended");
    hub.admin.act(&bank.found(&path).await, &end, &json!({})).await.problem(409, "closure_over");

    let short = json!({
        "kind": "freezer_failure", "site_ids": [hub.region.bank], "starts_at": "2026-01-05T10:00:00Z",
    });
    let failure = bank.created("/v1/closures", &short).await;
    assert_eq!(failure["state"], "active");
    let end = format!("/v1/closures/{}/end", id(&failure));
    bank.change(Method::POST, &end, 7, &json!({})).await.problem(412, "version_stale");
    let over = bank.act(&failure, &end, &json!({})).await.expect(200);
    assert_eq!((&over["state"], &over["ends_at"]), (&json!("ended"), &json!("2026-01-05T18:00:00Z")));
    assert_eq!(bank.all("/v1/closures?state=ended").await.len(), 2);
}

async fn the_feed_skips_nothing_and_shows_nothing_of_others(hub: &TestHub) {
    let bank = hub.manager_at(&hub.region.bank).await;
    region::released_lot(&bank, &hub.region.bank, "N-1", 3).await;
    hub.advance_to("2026-01-05T09:00:00Z").await;

    let whole = hub.admin.found("/v1/events?limit=1000").await;
    let all = whole["items"].as_array().unwrap();
    let positions: Vec<i64> = all.iter().map(|event| event["pos"].as_i64().unwrap()).collect();
    assert_eq!(positions, (1..=i64::try_from(all.len()).unwrap()).collect::<Vec<_>>());
    assert_eq!(whole["next_after"], json!(all.len()));
    assert!(all.iter().any(|event| event["kind"] == "site.policy_signed"));

    let mut pieced = Vec::new();
    let mut after = 0;
    loop {
        let page = hub.admin.found(&format!("/v1/events?after={after}&limit=4")).await;
        let items = page["items"].as_array().unwrap();
        if items.is_empty() {
            break;
        }
        pieced.extend(items.iter().cloned());
        after = page["next_after"].as_i64().unwrap();
    }
    assert_eq!(&pieced, all);

    let of_lots =
        |feed: &Value| feed["items"].as_array().unwrap().iter().filter(|event| event["subject_kind"] == "lot").count();
    let apart = hub.manager_at(&hub.region.apart).await;
    let theirs = apart.found("/v1/events?limit=1000").await;
    assert_eq!(of_lots(&theirs), 0, "{theirs}");
    assert_eq!(theirs["next_after"], whole["next_after"]);
    assert!(of_lots(&bank.found("/v1/events?limit=1000").await) > 0);
    apart.get("/v1/events?limit=0").await.problem(400, "query_invalid");
    apart.get("/v1/events?after=-1").await.problem(400, "query_invalid");
    hub.persona("courier", &[&hub.region.bank]).await.get("/v1/events").await.problem(403, "forbidden");
}

async fn the_clock_never_goes_back(hub: &TestHub) {
    let path = "/v1/simulation/clock";
    assert_eq!(hub.admin.found(path).await, json!({"now": region::DAWN}));
    let moved = hub.advance_to("2026-01-05T09:30:00Z").await;
    assert_eq!((&moved["now"], &moved["offers_made"]), (&json!("2026-01-05T09:30:00Z"), &json!(0)));
    let back = json!({"now": region::DAWN, "run": true});
    hub.admin.ask(Method::PUT, path).json(&back).send().await.problem(409, "clock_never_goes_back");
    let bank = hub.manager_at(&hub.region.bank).await;
    let later = json!({"now": "2026-01-06T00:00:00Z"});
    bank.ask(Method::PUT, path).json(&later).send().await.problem(403, "forbidden");
    assert_eq!(bank.found(path).await["now"], "2026-01-05T09:30:00Z");
}

async fn a_repeated_key_answers_as_the_first_time(hub: &TestHub) {
    let key = new_key();
    let send =
        |body: Value| hub.admin.ask(Method::POST, "/v1/sites").header("idempotency-key", &key).json(&body).send();
    let first = send(site_body("west-unit")).await;
    let again = send(site_body("west-unit")).await;
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(
        (first.status, first.text, first.headers.get("location")),
        (again.status, again.text, again.headers.get("location"))
    );
    send(site_body("other-unit")).await.problem(422, "idempotency_key_reused");
    let naked = hub.admin.ask(Method::POST, "/v1/sites").json(&site_body("other-unit")).send().await;
    naked.problem(400, "idempotency_key_missing");
    assert_eq!(hub.admin.all("/v1/sites").await.len(), 4);
}

async fn stock_is_seen_by_its_site(hub: &TestHub) {
    let bank = hub.manager_at(&hub.region.bank).await;
    region::released_lot(&bank, &hub.region.bank, "N-1", 3).await;
    let stock = bank.found(&format!("/v1/sites/{}/stock", hub.region.bank)).await;
    assert_eq!((&stock["in_stock_ml"], &stock["unpromised_ml"]), (&json!(300), &json!(300)));
    assert_eq!((&stock["lots"][0]["lot_code"], &stock["lots"][0]["bottles"]), (&json!("N-1"), &json!(3)));
    let empty = hub.admin.found(&format!("/v1/sites/{}/stock", hub.region.unit)).await;
    assert_eq!((&empty["in_stock_ml"], &empty["lots"]), (&json!(0), &json!([])));
    let unit = hub.manager_at(&hub.region.unit).await;
    unit.get(&format!("/v1/sites/{}/stock", hub.region.bank)).await.problem(404, "not_found");
    hub.admin.get("/v1/sites/01990000-0000-7000-8000-000000000001/stock").await.problem(404, "not_found");
    bank.get("/v1/ledger").await.problem(403, "forbidden");
}

#[test]
fn a_hub_that_is_not_simulated_has_no_clock_to_move() {
    let home = Home::sqlite();
    block_on(async {
        let admin = ("admin@hub.example", "six plain words for this test");
        let config = Config {
            listen: "127.0.0.1:0".to_owned(),
            data_dir: home.folder().clone(),
            bootstrap_admin: Some(BootstrapAdmin {
                email: admin.0.to_owned(),
                password: Secret::new(admin.1.to_owned()),
            }),
            background_work: false,
            simulation: false,
            ..Config::default()
        };
        let running = app::serve(&config).await.unwrap();
        let base = format!("http://{}", running.addr);
        let admin = Wire::person(&base, admin.0, admin.1).await;
        admin.get("/v1/simulation/clock").await.problem(404, "route_unknown");
        let later = json!({"now": "2100-01-01T00:00:00Z", "run": true});
        admin.ask(Method::PUT, "/v1/simulation/clock").json(&later).send().await.problem(404, "route_unknown");
        running.stop().await.unwrap();
    });
}
