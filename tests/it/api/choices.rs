//! "Why not this lot?", a person's own choice, old reports of stock, and estimates of need.

use crate::hub::TestHub;
use crate::hub::region::{matched, published, released_lot, request_body};
use crate::hub::wire::id;
use crate::hub_test;
use serde_json::{Value, json};

fn text_of(reasons: &Value) -> String {
    let lines = reasons["text"].as_array().unwrap_or_else(|| panic!("no sentences: {reasons}"));
    lines.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" ")
}

async fn a_person_may_choose_otherwise_at_a_known_price(hub: &TestHub) {
    let (bank, unit) = (hub.manager_at(&hub.region.bank).await, hub.manager_at(&hub.region.unit).await);
    let lots =
        [released_lot(&bank, &hub.region.bank, "L-1", 3).await, released_lot(&bank, &hub.region.bank, "L-2", 3).await];
    for lot in &lots {
        published(&bank, &hub.region.bank, lot).await;
    }
    let request = unit.created("/v1/requests", &request_body(&hub.region.unit, "I-1", 200)).await;
    let offers = matched(&bank, &hub.region.bank).await;
    assert_eq!(offers.len(), 1);
    let why_not = |lot: &Value| format!("/v1/requests/{}/why-not/{}", id(&request), id(lot));
    let answers = [unit.found(&why_not(&lots[0])).await, unit.found(&why_not(&lots[1])).await];
    let of = |in_plan: bool| answers.iter().position(|answer| answer["in_plan"] == json!(in_plan)).unwrap();
    let other = &answers[of(false)];
    assert_eq!(other["refusals"], json!([]));
    assert!(other["served_change_ml"].as_array().unwrap().iter().all(|ml| ml.as_i64() == Some(0)), "{other}");
    assert!(other["points"].as_i64().unwrap() >= 0, "{other}");
    assert!(text_of(other).contains("no infant would get less"), "{other}");

    let choice = json!({ "lot_id": other["lot_id"], "bottles": 2, "reason": "the infant knows this donor" });
    let path = format!("/v1/requests/{}/choose-otherwise", id(&request));
    let chosen = unit.created(&path, &choice).await;
    assert_eq!((chosen["offers_made"].as_i64(), chosen["withdrawn"].as_i64()), (Some(1), Some(1)), "{chosen}");
    let waiting = bank.all(&format!("/v1/offers?site_id={}&state=proposed", hub.region.bank)).await;
    assert_eq!((waiting.len(), &waiting[0]["lines"][0]["lot_id"]), (1, &other["lot_id"]));
    let said = unit.found(&format!("/v1/requests/{}/explanation", id(&request))).await;
    let by_hand = &said["reasons"]["chosen_by_hand"];
    assert_eq!((&by_hand["reason"], &by_hand["points"]), (&choice["reason"], &other["points"]), "{said}");
    let too_many = json!({ "lot_id": other["lot_id"], "bottles": 9, "reason": "more" });
    assert_eq!(unit.post(&path, &too_many).await.status, 400);
}

async fn a_rule_is_named_and_never_overridden(hub: &TestHub) {
    let (bank, unit) = (hub.manager_at(&hub.region.bank).await, hub.manager_at(&hub.region.unit).await);
    let lot = released_lot(&bank, &hub.region.bank, "L-1", 3).await;
    published(&bank, &hub.region.bank, &lot).await;
    let mut body = request_body(&hub.region.unit, "I-1", 200);
    body["constraints"]["dairy_free"] = json!(true);
    let request = unit.created("/v1/requests", &body).await;
    assert_eq!(matched(&bank, &hub.region.bank).await.len(), 0);
    let answer = unit.found(&format!("/v1/requests/{}/why-not/{}", id(&request), id(&lot))).await;
    assert_eq!(answer["refusals"][0]["code"], "not_dairy_free", "{answer}");
    assert_eq!(answer["points"], Value::Null);
    let path = format!("/v1/requests/{}/choose-otherwise", id(&request));
    let refused = unit.post(&path, &json!({ "lot_id": id(&lot), "bottles": 1, "reason": "please" })).await;
    assert_eq!(refused.refused(), [14]);

    let said = unit.found(&format!("/v1/requests/{}/explanation", id(&request))).await;
    let relaxation = &said["reasons"]["cheapest_relaxation"];
    assert_eq!(relaxation["codes"], json!(["not_dairy_free"]), "{said}");
    assert_eq!((&relaxation["volume_ml"], &relaxation["serves_fully"]), (&json!(300), &json!(true)));
    assert!(text_of(&said["reasons"]).contains("not dairy-free"), "{said}");
}

async fn an_old_report_is_asked_after_once(hub: &TestHub) {
    let (bank, unit) = (hub.manager_at(&hub.region.bank).await, hub.manager_at(&hub.region.unit).await);
    let lot = released_lot(&bank, &hub.region.bank, "L-1", 3).await;
    let surplus = published(&bank, &hub.region.bank, &lot).await;
    let path = format!("/v1/surplus/{}", id(&surplus));
    hub.advance_to("2026-01-10T08:00:00Z").await;
    let mut body = request_body(&hub.region.unit, "I-1", 100);
    body["needed_by"] = json!("2026-01-12T08:00:00Z");
    unit.created("/v1/requests", &body).await;
    assert_eq!(matched(&bank, &hub.region.bank).await.len(), 1, "old stock counts less, it is not out");
    let asked = bank.found(&path).await;
    assert_eq!(asked["confirmation_asked"], true, "{asked}");
    let confirmed = bank.act(&asked, &format!("{path}/confirm"), &json!({})).await.expect(200);
    assert_eq!(confirmed["confirmation_asked"], false);
    assert_eq!(confirmed["confirmed_at"], "2026-01-10T08:00:00Z");
    body["infant"]["infant_ref"] = json!("I-2");
    unit.created("/v1/requests", &body).await;
    matched(&bank, &hub.region.bank).await;
    assert_eq!(bank.found(&path).await["confirmation_asked"], false, "a fresh report is not asked after");
}

async fn a_need_is_estimated_day_by_day(hub: &TestHub) {
    let unit = hub.manager_at(&hub.region.unit).await;
    let need = unit.found("/v1/needs?birth_weight_g=800&gestation_days=182&from_feeding_day=1&days=7").await;
    let ml = |day: usize| need["days"][day]["donor_milk_ml"].as_i64();
    assert_eq!((ml(0), ml(6)), (Some(10), Some(58)), "{need}");
    assert_eq!((&need["preferred_milk_type"], &need["min_protein_mg_per_dl"]), (&json!("preterm"), &json!(1234)));
    let left = |fit: &Value| fit["left_over_ml"].as_i64().unwrap();
    let fits = need["bottles"].as_array().unwrap();
    assert!(fits.len() > 2 && fits.windows(2).all(|pair| left(&pair[0]) <= left(&pair[1])), "{need}");
    assert_eq!(unit.get("/v1/needs?days=7").await.status, 400);
}

hub_test!(
    a_person_may_choose_otherwise_at_a_known_price,
    a_rule_is_named_and_never_overridden,
    an_old_report_is_asked_after_once,
    a_need_is_estimated_day_by_day,
);
