//! Every wrong body, path, query and header gets a clear problem, and changes nothing.

use crate::hub::TestHub;
use crate::hub::region::{lot_body, matched, published, released_lot, request_body};
use crate::hub::wire::{Wire, id, new_key, version};
use crate::hub_test;
use reqwest::Method;
use serde_json::{Value, json};

/// The pointers of the fields that were refused.
fn pointers(problem: &Value) -> Vec<&str> {
    problem["errors"]
        .as_array()
        .map_or(Vec::new(), |errors| errors.iter().map(|e| e["pointer"].as_str().unwrap()).collect())
}

async fn how_many(wire: &Wire, path: &str) -> usize {
    wire.all(path).await.len()
}

async fn bodies_that_cannot_be_read_are_refused(hub: &TestHub) {
    let unit = hub.manager_at(&hub.region.unit).await;
    let post = |media_type: &str, body: &[u8]| {
        unit.ask(Method::POST, "/v1/requests").header("idempotency-key", &new_key()).raw(media_type, body).send()
    };
    post("application/json", b"{\"site_id\": ").await.problem(400, "body_malformed");
    post("application/json", b"").await.problem(400, "body_malformed");
    post("application/json", b"\xff\xfe{}").await.problem(400, "body_malformed");
    post("text/plain", b"{}").await.problem(415, "media_type_unsupported");
    let deep = [vec![b'['; 100_000], vec![b']'; 100_000]].concat();
    assert_eq!(post("application/json", &deep).await.status, 400);
    let large = format!("{{\"site_id\": \"{}\"}}", "x".repeat(1_100_000));
    post("application/json", large.as_bytes()).await.problem(413, "body_too_large");
    assert_eq!(how_many(&unit, "/v1/requests").await, 0);
}

async fn each_wrong_field_is_named(hub: &TestHub) {
    let unit = hub.manager_at(&hub.region.unit).await;
    let good = request_body(&hub.region.unit, "I-1", 500);
    let changed = |pointer: &str, value: Value| {
        let mut body = good.clone();
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        let parent = if parent.is_empty() { &mut body } else { body.pointer_mut(parent).unwrap() };
        parent.as_object_mut().unwrap().insert(name.to_owned(), value);
        body
    };
    let wrong = [
        ("/volume_ml", json!(-5)),
        ("/volume_ml", json!(0)),
        ("/volume_ml", json!(9_223_372_036_854_775_807_i64)),
        ("/volume_ml", json!("500")),
        ("/volume_ml", json!(1.5)),
        ("/needed_by", json!("tomorrow")),
        ("/needed_by", json!("2026-13-45T99:00:00Z")),
        ("/kind", json!("gift")),
        ("/urgency", json!(null)),
        ("/site_id", json!("not-an-id")),
        ("/days_of_use", json!(-1)),
        ("/surprise", json!(true)),
        ("/infant/gestation_days", json!(-1)),
        ("/infant/gestation_days", json!(0)),
        ("/infant/birth_weight_g", json!(0)),
        ("/infant/current_weight_g", json!(2_000_000_000)),
        ("/infant/postnatal_age_days", json!(65_535)),
        ("/infant/infant_ref", json!("two words")),
        ("/infant/indication", json!("why ".repeat(60))),
        ("/infant/surprise", json!("x")),
        ("/ward", json!({ "infants_on_donor_milk": 2 })),
        ("/reason", json!("a\u{0}b")),
        ("/consent_ref", json!("a\u{1b}[31m")),
        ("/constraints/max_donors", json!("two")),
        ("/preferences", json!({ "bottle_ml": 0 })),
        ("/needed_by", json!("2026-02-05T08:00:00Z[UTC]")),
        ("/infant", json!(true)),
    ];
    for (pointer, value) in wrong {
        let answer = unit.post("/v1/requests", &changed(pointer, value.clone())).await;
        assert_eq!(answer.body["code"], "body_invalid", "{pointer} = {value}: {}", answer.text);
        let problem = answer.problem(400, "body_invalid");
        assert!(pointers(&problem).iter().any(|found| found.starts_with(pointer)), "{pointer} = {value}: {problem}");
        assert!(!problem.to_string().contains("Body"), "{pointer} = {value} names a type of the program: {problem}");
    }
    assert_eq!(how_many(&unit, "/v1/requests").await, 0, "nothing was written");
}

/// Who is ranked must be who is named by the kind of request: a ward by its neediest, an infant by itself.
async fn a_ward_names_no_infant_and_counts_what_can_be(hub: &TestHub) {
    let unit = hub.manager_at(&hub.region.unit).await;
    let mut body = request_body(&hub.region.unit, "I-1", 500);
    body["kind"] = json!("ward_stock");
    assert_eq!(pointers(&unit.post("/v1/requests", &body).await.problem(400, "body_invalid")), ["/infant"]);
    let infant = body.as_object_mut().unwrap().remove("infant").unwrap();
    for (ward, pointer) in [
        (json!({ "infants_on_donor_milk": -2 }), "/ward/infants_on_donor_milk"),
        (json!({ "infants_on_donor_milk": 2, "hours_of_stock": 10_001 }), "/ward/hours_of_stock"),
    ] {
        body["ward"] = ward;
        assert_eq!(pointers(&unit.post("/v1/requests", &body).await.problem(400, "body_invalid")), [pointer]);
    }
    body["ward"] = json!({ "infants_on_donor_milk": 2, "most_vulnerable": infant });
    body["ward"]["most_vulnerable"]["birth_weight_g"] = json!(7_001);
    let problem = unit.post("/v1/requests", &body).await.problem(400, "body_invalid");
    assert_eq!(pointers(&problem), ["/ward/most_vulnerable/birth_weight_g"]);
    unit.post("/v1/requests", &json!([hub.region.unit, "ward_stock"])).await.problem(400, "body_invalid");
    assert_eq!(how_many(&unit, "/v1/requests").await, 0, "nothing was written");
}

async fn surplus_that_cannot_be_meant_is_refused(hub: &TestHub) {
    let bank = hub.manager_at(&hub.region.bank).await;
    let lot = released_lot(&bank, &hub.region.bank, "L-1", 4).await;
    let good = json!({
        "site_id": hub.region.bank, "reason": "more than we need", "available_until": "2026-02-05T08:00:00Z",
        "lots": [{ "lot_id": id(&lot) }],
    });
    for (extra, pointer) in [
        (json!({ "price_per_litre_minor": 5 }), "/currency"),
        (json!({ "currency": "HKD" }), "/currency"),
        (json!({ "price_per_litre_minor": 5, "currency": "<b>" }), "/currency"),
        (json!({ "price_per_litre_minor": -1, "currency": "HKD" }), "/price_per_litre_minor"),
        (json!({ "min_transfer_ml": -5 }), "/min_transfer_ml"),
        (json!({ "available_from": "2026-03-05T08:00:00Z" }), "/available_until"),
        (json!({ "reason": "a\u{0}b" }), "/reason"),
    ] {
        let mut body = good.clone();
        body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        let answer = bank.post("/v1/surplus", &body).await;
        assert_eq!(pointers(&answer.problem(400, "body_invalid")), [pointer], "{extra}");
    }
    assert_eq!(how_many(&bank, "/v1/surplus").await, 0, "nothing is on the board");
}

async fn what_was_sent_is_never_echoed_as_markup(hub: &TestHub) {
    let unit = hub.manager_at(&hub.region.unit).await;
    let mut body = request_body(&hub.region.unit, "I-1", 500);
    body["kind"] = json!("<script>alert(1)</script>");
    let answer = unit.post("/v1/requests", &body).await;
    assert_eq!(answer.status, 400);
    assert_eq!(answer.header("content-type").map(|text| text.starts_with("application/problem+json")), Some(true));
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    let answer = unit.get("/v1/requests/%3Cscript%3Ealert(1)%3C%2Fscript%3E").await;
    assert!(matches!(answer.status, 400 | 404), "{}", answer.text);
    assert!(!answer.text.contains("<script>"), "{}", answer.text);
}

async fn paths_and_queries_are_checked(hub: &TestHub) {
    let unit = hub.manager_at(&hub.region.unit).await;
    unit.get("/v1/requests/17").await.problem(400, "path_invalid");
    unit.get("/v1/requests/00000000-0000-7000-8000-000000000000").await.problem(404, "not_found");
    unit.get("/v1/nothing").await.problem(404, "route_unknown");
    unit.ask(Method::DELETE, "/v1/requests").send().await.problem(405, "method_not_allowed");
    for query in ["limit=0", "limit=201", "limit=many", "surprise=1", "state=gone"] {
        unit.get(&format!("/v1/requests?{query}")).await.problem(400, "query_invalid");
    }
    unit.post("/v1/requests?limit=5", &request_body(&hub.region.unit, "I-1", 500)).await.problem(400, "query_invalid");
    assert_eq!(how_many(&unit, "/v1/requests").await, 0, "nothing was written");
    let site = format!("/v1/sites/{}", hub.region.unit);
    let problem = unit.get(&format!("{site}?surprise=1")).await.problem(400, "query_invalid");
    assert_eq!(pointers(&problem), ["/surprise"]);
    let (read, asked) = (unit.get(&site).await, unit.ask(Method::HEAD, &site).send().await);
    assert_eq!((asked.status, asked.text.as_str()), (200, ""), "a HEAD is a GET without its body");
    assert_eq!(asked.header("etag"), read.header("etag"));
    unit.ask(Method::HEAD, "/v1/nothing").send().await.expect(404);
    unit.get("/v1/requests?cursor=AAAA").await.problem(400, "cursor_invalid");
    hub.admin.get("/v1/events?after=-1").await.problem(400, "query_invalid");
}

async fn a_key_answers_once_and_always_the_same(hub: &TestHub) {
    let unit = hub.manager_at(&hub.region.unit).await;
    let body = request_body(&hub.region.unit, "I-1", 500);
    let with_key = |key: &str, body: &Value| {
        unit.ask(Method::POST, "/v1/requests").header("idempotency-key", key).json(body).send()
    };
    unit.ask(Method::POST, "/v1/requests").json(&body).send().await.problem(400, "idempotency_key_missing");
    with_key("my key", &body).await.problem(400, "idempotency_key_invalid");
    let key = new_key();
    let first = with_key(&key, &body).await;
    assert_eq!((first.status, first.header("idempotency-replayed")), (201, None));
    let again = with_key(&key, &body).await;
    assert_eq!((again.status, again.header("idempotency-replayed")), (201, Some("true")));
    assert_eq!(first.text, again.text);
    assert_eq!((first.header("location"), first.header("etag")), (again.header("location"), again.header("etag")));
    with_key(&key, &request_body(&hub.region.unit, "I-2", 500)).await.problem(422, "idempotency_key_reused");
    assert_eq!(how_many(&unit, "/v1/requests").await, 1);
    // Another caller's key is another key.
    let other = hub.manager_at(&hub.region.unit).await;
    let theirs = other.ask(Method::POST, "/v1/requests").header("idempotency-key", &key).json(&body).send().await;
    assert_eq!((theirs.status, theirs.header("idempotency-replayed")), (201, None));
}

async fn a_change_needs_the_version_it_was_read_at(hub: &TestHub) {
    let path = format!("/v1/sites/{}", hub.region.bank);
    let read = hub.admin.get(&path).await;
    let site = read.body.clone();
    assert_eq!(read.header("etag"), Some(format!("\"v{}\"", version(&site)).as_str()));
    let body = json!({ "name": "Bank of the north" });
    hub.admin.ask(Method::PATCH, &path).json(&body).send().await.problem(428, "version_missing");
    let changed = hub.admin.change(Method::PATCH, &path, version(&site), &body).await.expect(200);
    assert_eq!(version(&changed), version(&site) + 1);
    let stale = hub.admin.change(Method::PATCH, &path, version(&site), &json!({ "name": "Late" })).await;
    let problem = stale.problem(412, "version_stale");
    assert_eq!(problem["current_etag"], format!("\"v{}\"", version(&changed)));
    let odd = hub.admin.ask(Method::PATCH, &path).header("if-match", "three").json(&body).send().await;
    assert!(matches!(odd.status, 400 | 412), "{}", odd.text);
    assert_eq!(hub.admin.found(&path).await["name"], "Bank of the north");
}

async fn an_action_that_needs_no_body_takes_none(hub: &TestHub) {
    let bank = hub.manager_at(&hub.region.bank).await;
    let lot = released_lot(&bank, &hub.region.bank, "L-1", 3).await;
    published(&bank, &hub.region.bank, &lot).await;
    let unit = hub.manager_at(&hub.region.unit).await;
    unit.created("/v1/requests", &request_body(&hub.region.unit, "I-1", 300)).await;
    let offers = matched(&bank, &hub.region.bank).await;
    let path = format!("/v1/offers/{}/accept", id(&offers[0]));
    let problem = bank.act(&offers[0], &path, &json!({ "bottles": 1 })).await.problem(400, "body_invalid");
    assert_eq!(pointers(&problem), ["/bottles"]);
    assert_eq!(bank.found(&format!("/v1/offers/{}", id(&offers[0]))).await["state"], "proposed");
    let tag = format!("\"v{}\"", version(&offers[0]));
    bank.ask(Method::POST, &path).header("if-match", &tag).send().await.expect(200);
}

async fn tokens_are_needed_and_checked(hub: &TestHub) {
    let nobody = Wire::nobody(&hub.base);
    nobody.get("/v1/surplus").await.problem(401, "token_missing");
    let forged =
        nobody.ask(Method::GET, "/v1/surplus").header("authorization", "Bearer eyJhbGciOiJub25lIn0.e30.").send();
    forged.await.problem(401, "token_invalid");
    let cut = format!("Bearer {}", &hub.admin.token()[..hub.admin.token().len() - 4]);
    nobody.ask(Method::GET, "/v1/surplus").header("authorization", &cut).send().await.problem(401, "token_invalid");
    let wrong = json!({ "email": "nobody@hub.example", "password": "six plain words for this test" });
    nobody.ask(Method::POST, "/v1/sessions").json(&wrong).send().await.problem(401, "invalid_credentials");
}

async fn a_record_with_nonsense_stores_nothing(hub: &TestHub) {
    let bank = hub.manager_at(&hub.region.bank).await;
    let mut body = lot_body(&hub.region.bank, "L-1", 10, true);
    body["record"]["pasteurisation"]["started_at"] = json!("yesterday");
    let problem = bank.post("/v1/lots", &body).await.problem(400, "body_invalid");
    assert!(pointers(&problem).iter().any(|found| found.starts_with("/record")), "{problem}");
    for containers in
        [json!([]), json!([{ "size_ml": 0, "count": 1 }]), json!([{ "size_ml": 100, "count": 1_000_000 }])]
    {
        let mut body = lot_body(&hub.region.bank, "L-2", 10, true);
        body["containers"] = containers;
        assert_eq!(bank.post("/v1/lots", &body).await.status, 400);
    }
    assert_eq!(how_many(&bank, "/v1/lots").await, 0);
}

async fn the_simulated_clock_never_goes_back(hub: &TestHub) {
    hub.advance_to("2026-01-05T09:00:00Z").await;
    let back = json!({ "now": "2026-01-05T08:30:00Z", "run": true });
    let answer = hub.admin.ask(Method::PUT, "/v1/simulation/clock").json(&back).send().await;
    assert_eq!(answer.status, 409, "{}", answer.text);
    let unit = hub.manager_at(&hub.region.unit).await;
    let forward = json!({ "now": "2026-01-05T10:00:00Z", "run": true });
    assert_eq!(unit.ask(Method::PUT, "/v1/simulation/clock").json(&forward).send().await.status, 403);
}

hub_test!(
    bodies_that_cannot_be_read_are_refused,
    each_wrong_field_is_named,
    a_ward_names_no_infant_and_counts_what_can_be,
    surplus_that_cannot_be_meant_is_refused,
    what_was_sent_is_never_echoed_as_markup,
    paths_and_queries_are_checked,
    a_key_answers_once_and_always_the_same,
    a_change_needs_the_version_it_was_read_at,
    an_action_that_needs_no_body_takes_none,
    tokens_are_needed_and_checked,
    a_record_with_nonsense_stores_nothing,
    the_simulated_clock_never_goes_back,
);
