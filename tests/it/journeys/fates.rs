//! What became of bottles: all of one call or nothing, and nothing that was promised to somebody else.

use super::{COLD, Promised};
use crate::hub::TestHub;
use crate::hub::region::{matched, published, released_lot, request_body};
use crate::hub::wire::{id, new_key};
use crate::hub_test;
use reqwest::Method;
use serde_json::{Value, json};

async fn at_home(hub: &TestHub) -> (Promised, Vec<Value>) {
    let promised = Promised::on(hub).await;
    let road = promised.on_the_road(hub).await;
    let delivered = promised.delivered(hub, &road).await;
    promised.readings(&road, &COLD).await;
    promised.received(&delivered).await;
    let bottles = promised.at_unit(hub, "in_stock").await;
    assert_eq!(bottles.len(), 5);
    (promised, bottles)
}

fn used(bottle: &Value, feeds: &[(&str, i64)]) -> Value {
    let feeds: Vec<Value> =
        feeds.iter().map(|(infant, volume)| json!({ "infant_ref": infant, "volume_ml": volume })).collect();
    json!({ "bottle_id": id(bottle), "fate": "used", "feeds": feeds })
}

async fn a_day_of_feeds_is_recorded_once(hub: &TestHub) {
    let (promised, bottles) = at_home(hub).await;
    let items = json!([
        used(&bottles[0], &[("I-1", 60), ("I-1", 40)]),
        used(&bottles[1], &[("I-1", 30)]),
        { "bottle_id": id(&bottles[2]), "fate": "discarded", "reason": "damaged" },
    ]);
    let body = json!({ "site_id": hub.region.unit, "items": items });
    let key = new_key();
    let send =
        || promised.unit.ask(Method::POST, "/v1/bottles/fates").header("idempotency-key", &key).json(&body).send();
    let first = send().await.expect(200);
    let of = |index: usize, name: &str| first["items"][index][name].as_i64().unwrap();
    assert_eq!([of(0, "fed_ml"), of(0, "discarded_ml"), of(1, "fed_ml"), of(1, "discarded_ml")], [100, 0, 30, 70]);
    let again = send().await;
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(again.body, first);
    let ledger = hub.admin.found("/v1/ledger").await;
    assert_eq!((ledger["used_ml"].as_i64(), ledger["discarded_ml"].as_i64()), (Some(130), Some(170)), "{ledger}");
    assert_eq!(ledger["discarded_by_reason"]["thawed_unused"], 70, "{ledger}");
}

async fn one_wrong_bottle_leaves_all_as_they_were(hub: &TestHub) {
    let (promised, bottles) = at_home(hub).await;
    let strange = json!({ "id": "01990000-0000-7000-8000-000000000009" });
    for (what, wrong, status) in [
        ("more than it holds", used(&bottles[1], &[("I-1", 101)]), 400),
        ("no feed", used(&bottles[1], &[]), 400),
        ("a bottle twice", used(&bottles[0], &[("I-1", 10)]), 400),
        ("no reason", json!({ "bottle_id": id(&bottles[1]), "fate": "discarded" }), 400),
        ("a bottle nobody has", used(&strange, &[("I-1", 10)]), 404),
    ] {
        let items = json!([used(&bottles[0], &[("I-1", 100)]), wrong]);
        let answer =
            promised.unit.post("/v1/bottles/fates", &json!({ "site_id": hub.region.unit, "items": items })).await;
        assert_eq!(answer.status, status, "{what}: {}", answer.text);
    }
    let elsewhere = json!({ "site_id": hub.region.bank, "items": [used(&bottles[0], &[("I-1", 100)])] });
    assert_eq!(promised.unit.post("/v1/bottles/fates", &elsewhere).await.status, 404, "not the actor's site");
    assert_eq!(promised.bank.post("/v1/bottles/fates", &elsewhere).await.status, 404, "not at that site");
    let mut early = elsewhere.clone();
    (early["site_id"], early["at"]) = (json!(hub.region.unit), json!("2020-01-01T00:00:00Z"));
    let problem = promised.unit.post("/v1/bottles/fates", &early).await.problem(400, "body_invalid");
    assert_eq!(problem["errors"][0]["code"], "before_the_milk", "{problem}");
    assert_eq!(promised.at_unit(hub, "in_stock").await.len(), 5);
    let items = json!([used(&bottles[0], &[("I-1", 100)])]);
    let body = json!({ "site_id": hub.region.unit, "items": items });
    promised.unit.post("/v1/bottles/fates", &body).await.expect(200);
    promised.unit.post("/v1/bottles/fates", &body).await.problem(409, "bottle_not_here");
}

async fn refusal_15_promised_milk_is_not_fed_but_its_loss_is_told(hub: &TestHub) {
    let (bank, unit) = (hub.manager_at(&hub.region.bank).await, hub.manager_at(&hub.region.unit).await);
    let lot = released_lot(&bank, &hub.region.bank, "L-1", 5).await;
    published(&bank, &hub.region.bank, &lot).await;
    unit.created("/v1/requests", &request_body(&hub.region.unit, "I-1", 300)).await;
    assert_eq!(matched(&bank, &hub.region.bank).await.len(), 1);
    let bottles = bank.all(&format!("/v1/bottles?lot_id={}", id(&lot))).await;
    let promised = bottles.iter().find(|bottle| bottle["offer_id"].is_string()).unwrap();
    let fed = json!({ "site_id": hub.region.bank, "items": [used(promised, &[("I-9", 10)])] });
    assert_eq!(bank.post("/v1/bottles/fates", &fed).await.refused(), [15]);
    let lost = json!({ "bottle_id": id(promised), "fate": "discarded", "reason": "freezer_loss" });
    bank.post("/v1/bottles/fates", &json!({ "site_id": hub.region.bank, "items": [lost] })).await.expect(200);
    assert!(bank.all("/v1/offers?state=proposed").await.is_empty(), "the offer is withdrawn");
    assert_eq!(bank.all("/v1/surplus").await[0]["available_bottles"], 4);
}

async fn refusal_14_milk_kept_for_one_infant_is_not_fed_to_another(hub: &TestHub) {
    let (promised, bottles) = at_home(hub).await;
    assert!(bottles.iter().all(|bottle| bottle["for_request_id"] == promised.request.as_str()));
    let send = async |items: Value| {
        promised.unit.post("/v1/bottles/fates", &json!({ "site_id": hub.region.unit, "items": items })).await
    };
    let shared = json!([used(&bottles[0], &[("I-1", 100)]), used(&bottles[1], &[("I-1", 60), ("I-2", 40)])]);
    let refused = send(shared).await.problem(409, "refused");
    let refusal = &refused["refusals"][0];
    assert_eq!((refusal["number"].as_i64(), refusal["code"].as_str()), (Some(14), Some("kept_for_another_infant")));
    assert_eq!(refusal["pointer"], "/items/1/feeds/1/infant_ref", "{refused}");
    assert_eq!(refused["refusals"].as_array().unwrap().len(), 1, "{refused}");
    assert_eq!(promised.at_unit(hub, "in_stock").await.len(), 5, "nothing is recorded");

    let path = format!("/v1/requests/{}/free-milk", promised.request);
    promised.unit.post(&path, &json!({ "reason": " " })).await.problem(400, "body_invalid");
    let stranger = hub.manager_at(&hub.region.apart).await;
    assert_eq!(stranger.post(&path, &json!({ "reason": "the infant went home" })).await.status, 404);
    let freed = promised.unit.post(&path, &json!({ "reason": "the infant went home" })).await.expect(200);
    assert_eq!((freed["bottles"].as_i64(), freed["volume_ml"].as_i64()), (Some(5), Some(500)));
    send(json!([used(&bottles[1], &[("I-1", 60), ("I-2", 40)])])).await.expect(200);
}

async fn refusal_14_what_was_stated_for_an_infant_holds_at_the_cot(hub: &TestHub) {
    let (promised, bottles) = at_home(hub).await;
    let path = format!("/v1/requests/{}/free-milk", promised.request);
    promised.unit.post(&path, &json!({ "reason": "the infant went home" })).await.expect(200);
    let mut wish = request_body(&hub.region.unit, "I-7", 100);
    wish["constraints"] = json!({ "dairy_free": true, "cmv_negative": false });
    promised.unit.created("/v1/requests", &wish).await;
    let body = json!({ "site_id": hub.region.unit, "items": [used(&bottles[0], &[("I-7", 100)])] });
    let refused = promised.unit.post("/v1/bottles/fates", &body).await.problem(409, "refused");
    assert_eq!(refused["refusals"][0]["code"], "not_dairy_free", "{refused}");
    assert_eq!(refused["refusals"][0]["pointer"], "/items/0/feeds/0/infant_ref", "{refused}");
    let other = json!({ "site_id": hub.region.unit, "items": [used(&bottles[0], &[("I-8", 100)])] });
    promised.unit.post("/v1/bottles/fates", &other).await.expect(200);
}

async fn published_milk_that_is_used_at_home_leaves_the_board(hub: &TestHub) {
    let bank = hub.manager_at(&hub.region.bank).await;
    let lot = released_lot(&bank, &hub.region.bank, "L-1", 3).await;
    published(&bank, &hub.region.bank, &lot).await;
    let bottles = bank.all(&format!("/v1/bottles?lot_id={}", id(&lot))).await;
    let fed = json!({ "site_id": hub.region.bank, "items": [used(&bottles[0], &[("I-9", 100)])] });
    bank.post("/v1/bottles/fates", &fed).await.expect(200);
    assert_eq!(bank.all("/v1/surplus").await[0]["available_bottles"], 2);
    let rest = json!([used(&bottles[1], &[("I-9", 100)]), used(&bottles[2], &[("I-9", 1)])]);
    bank.post("/v1/bottles/fates", &json!({ "site_id": hub.region.bank, "items": rest })).await.expect(200);
    let lot = bank.found(&format!("/v1/lots/{}", id(&lot))).await;
    assert_eq!(lot["state"], "exhausted", "{lot}");
}

hub_test!(
    a_day_of_feeds_is_recorded_once,
    one_wrong_bottle_leaves_all_as_they_were,
    refusal_14_milk_kept_for_one_infant_is_not_fed_to_another,
    refusal_14_what_was_stated_for_an_infant_holds_at_the_cot,
    refusal_15_promised_milk_is_not_fed_but_its_loss_is_told,
    published_milk_that_is_used_at_home_leaves_the_board,
);
