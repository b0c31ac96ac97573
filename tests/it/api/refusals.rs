//! The safety rules over HTTP, each by its number. A refused release leaves the milk in quarantine, a refused
//! request leaves no trace.

use crate::hub::TestHub;
use crate::hub::region::{accepted, carried, lot_body, matched, published, released_lot, request_body};
use crate::hub::wire::id;
use crate::hub_test;
use serde_json::{Value, json};

/// The numbers of the rules that kept a lot from release.
fn numbers(lot: &Value) -> Vec<u64> {
    let refusals = lot["refusals"].as_array().map_or(&[][..], Vec::as_slice);
    let mut numbers: Vec<u64> = refusals.iter().map(|refusal| refusal["number"].as_u64().unwrap()).collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

/// A change to a lot that breaks one rule.
type Break = fn(&mut Value);

/// Each breaks one rule of release.
const BROKEN_RECORDS: [(&str, u64, Break); 9] = [
    ("no culture after the heat", 2, |lot| drop(lot["record"].as_object_mut().unwrap().remove("culture_after"))),
    ("growth after the heat", 2, |lot| {
        lot["record"]["culture_after"]["findings"][0]["cfu_per_ml"] = json!({ "counted": 1 })
    }),
    ("a hold too cold", 3, |lot| lot["record"]["pasteurisation"]["hold_min_hundredths_c"] = json!(6240)),
    ("a hold too short", 3, |lot| lot["record"]["pasteurisation"]["hold_s"] = json!(1799)),
    ("no pasteurisation", 3, |lot| drop(lot["record"].as_object_mut().unwrap().remove("pasteurisation"))),
    ("a reactive test", 4, |lot| lot["record"]["donors"][0]["results"][2]["result"] = json!("reactive")),
    ("a missing test", 4, |lot| drop(lot["record"]["donors"][0]["results"].as_array_mut().unwrap().remove(1))),
    ("an expiry later than the rule", 6, |lot| lot["record"]["declared_expires_at"] = json!("2026-12-24T00:00:00Z")),
    ("two donors where one is allowed", 17, |lot| {
        let mut second = lot["record"]["donors"][0].clone();
        second["donor_ref"] = json!("D-2");
        lot["record"]["donors"].as_array_mut().unwrap().push(second);
        lot["record"]["donor_count"] = json!(2);
    }),
];

async fn a_lot_that_breaks_a_rule_stays_in_quarantine(hub: &TestHub) {
    let bank = hub.manager_at(&hub.region.bank).await;
    for (index, (what, number, break_it)) in BROKEN_RECORDS.into_iter().enumerate() {
        let mut body = lot_body(&hub.region.bank, &format!("L-{index}"), 5, true);
        break_it(&mut body);
        let declared = body["record"]["declared_expires_at"].clone();
        body["expires_at"] = declared;
        let lot = bank.created("/v1/lots", &body).await;
        assert_eq!(lot["state"], "quarantined", "{what}: {lot}");
        assert!(numbers(&lot).contains(&number), "{what}: {lot}");
        let path = format!("/v1/lots/{}/release", id(&lot));
        let refused = bank.act(&lot, &path, &json!({})).await.refused();
        assert!(refused.contains(&number), "{what}: {refused:?}");
        let surplus = json!({
            "site_id": hub.region.bank, "reason": "more than we need", "available_until": "2026-02-05T08:00:00Z",
            "lots": [{ "lot_id": id(&lot) }],
        });
        assert!(bank.post("/v1/surplus", &surplus).await.refused().contains(&1), "{what} is not published");
    }
}

async fn a_request_against_a_rule_leaves_no_trace(hub: &TestHub) {
    let unit = hub.manager_at(&hub.region.unit).await;
    let good = request_body(&hub.region.unit, "I-1", 500);
    let broken: [(&str, u64, Break); 3] = [
        ("galactosaemia", 12, |body| body["infant"]["galactosaemia"] = json!(true)),
        ("no prescription", 13, |body| drop(body.as_object_mut().unwrap().remove("prescription_ref"))),
        ("no consent", 13, |body| drop(body.as_object_mut().unwrap().remove("consent_ref"))),
    ];
    for (what, number, break_it) in broken {
        let mut body = good.clone();
        break_it(&mut body);
        let refused = unit.post("/v1/requests", &body).await.refused();
        assert!(refused.contains(&number), "{what}: {refused:?}");
    }
    assert!(unit.all("/v1/requests").await.is_empty());
}

async fn milk_does_not_go_to_a_unit_without_an_agreement(hub: &TestHub) {
    let (bank, apart) = (hub.manager_at(&hub.region.bank).await, hub.manager_at(&hub.region.apart).await);
    let lot = released_lot(&bank, &hub.region.bank, "L-1", 10).await;
    published(&bank, &hub.region.bank, &lot).await;
    let request = apart.created("/v1/requests", &request_body(&hub.region.apart, "I-1", 500)).await;
    assert!(matched(&bank, &hub.region.bank).await.is_empty(), "no agreement covers the two (19)");
    let explanation = apart.found(&format!("/v1/requests/{}/explanation", id(&request))).await;
    assert!(explanation.to_string().contains("19"), "{explanation}");
}

async fn dairy_free_means_dairy_free(hub: &TestHub) {
    let (bank, unit) = (hub.manager_at(&hub.region.bank).await, hub.manager_at(&hub.region.unit).await);
    let lot = released_lot(&bank, &hub.region.bank, "L-1", 10).await;
    published(&bank, &hub.region.bank, &lot).await;
    let mut body = request_body(&hub.region.unit, "I-1", 500);
    body["constraints"]["dairy_free"] = json!(true);
    unit.created("/v1/requests", &body).await;
    assert!(matched(&bank, &hub.region.bank).await.is_empty(), "the donor did not avoid dairy (14)");
}

async fn a_lot_recalled_after_the_offer_is_not_accepted(hub: &TestHub) {
    let (bank, unit) = (hub.manager_at(&hub.region.bank).await, hub.manager_at(&hub.region.unit).await);
    let lot = released_lot(&bank, &hub.region.bank, "L-1", 10).await;
    published(&bank, &hub.region.bank, &lot).await;
    unit.created("/v1/requests", &request_body(&hub.region.unit, "I-1", 500)).await;
    let offers = matched(&bank, &hub.region.bank).await;
    let recall = json!({
        "site_id": hub.region.bank, "scope": "lot", "selector": { "lot_ids": [id(&lot)] },
        "reason": "a complaint", "respond_by": "2026-01-06T08:00:00Z",
    });
    let recall = bank.created("/v1/recalls", &recall).await;
    assert_eq!((recall["frozen_bottles"].as_i64(), recall["frozen_ml"].as_i64()), (Some(10), Some(1000)), "{recall}");
    let late = bank.act(&offers[0], &format!("/v1/offers/{}/accept", id(&offers[0])), &json!({})).await;
    assert!(matches!(late.status, 409 | 412), "{}", late.text);
    assert!(bank.all("/v1/surplus").await.is_empty(), "recalled milk is off the board (5)");
}

async fn another_seal_puts_the_bottles_in_quarantine(hub: &TestHub) {
    let (bank, unit) = (hub.manager_at(&hub.region.bank).await, hub.manager_at(&hub.region.unit).await);
    let lot = released_lot(&bank, &hub.region.bank, "L-1", 5).await;
    published(&bank, &hub.region.bank, &lot).await;
    unit.created("/v1/requests", &request_body(&hub.region.unit, "I-1", 500)).await;
    let offer = accepted(&bank, &matched(&bank, &hub.region.bank).await[0]).await;
    let plan = json!({
        "allocation_ids": [offer["allocation_id"]], "courier_id": hub.region.courier,
        "planned_pickup_at": "2026-01-05T10:00:00Z", "planned_delivery_at": "2026-01-05T12:00:00Z",
    });
    let planned = bank.created("/v1/transfers", &plan).await;
    let path = |verb: &str| format!("/v1/transfers/{}/{verb}", id(&planned));
    let unsealed = bank.act(&planned, &path("pack"), &json!({ "seal_number": "" })).await;
    assert!(matches!(unsealed.status, 400 | 409), "a box without a seal does not leave: {}", unsealed.text);
    let packed = bank.act(&planned, &path("pack"), &json!({ "seal_number": "S-1" })).await.expect(200);
    let collected = bank.act(&packed, &path("collect"), &json!({ "seal_number": "S-1" })).await.expect(200);
    let delivered = unit.act(&collected, &path("deliver"), &json!({})).await.expect(200);
    let receipt = json!({ "seal_number": "S-2", "frozen_solid": true, "accept_all": true });
    let received = unit.act(&delivered, &path("receive"), &receipt).await.expect(200);
    assert_ne!(received["verdict"], "accept", "{received}");
    let bottles = unit.all(&format!("/v1/bottles?site_id={}&state=quarantined", hub.region.unit)).await;
    assert_eq!(bottles.len(), 5);
    let items =
        json!([{ "bottle_id": id(&bottles[0]), "fate": "used", "feeds": [{ "infant_ref": "I-1", "volume_ml": 60 }] }]);
    let used = unit.post("/v1/bottles/fates", &json!({ "site_id": hub.region.unit, "items": items })).await;
    assert_eq!(used.status, 409, "quarantined milk reaches no infant: {}", used.text);
}

async fn milk_that_a_unit_took_in_is_not_passed_on(hub: &TestHub) {
    let (bank, unit) = (hub.manager_at(&hub.region.bank).await, hub.manager_at(&hub.region.unit).await);
    let lot = released_lot(&bank, &hub.region.bank, "L-1", 5).await;
    published(&bank, &hub.region.bank, &lot).await;
    unit.created("/v1/requests", &request_body(&hub.region.unit, "I-1", 500)).await;
    let offer = accepted(&bank, &matched(&bank, &hub.region.bank).await[0]).await;
    let allocation = offer["allocation_id"].as_str().unwrap().to_owned();
    carried(&bank, &unit, &hub.region.courier, &[allocation]).await;
    let surplus = json!({
        "site_id": hub.region.unit, "reason": "not needed", "available_until": "2026-02-05T08:00:00Z",
        "lots": [{ "lot_id": id(&lot) }],
    });
    let answer = unit.post("/v1/surplus", &surplus).await;
    assert!(answer.status == 409 || answer.status == 404, "{}", answer.text);
    let bottles = unit.all(&format!("/v1/bottles?site_id={}&state=in_stock", hub.region.unit)).await;
    assert_eq!(bottles.len(), 5, "{bottles:?}");
}

hub_test!(
    a_lot_that_breaks_a_rule_stays_in_quarantine,
    a_request_against_a_rule_leaves_no_trace,
    milk_does_not_go_to_a_unit_without_an_agreement,
    dairy_free_means_dairy_free,
    a_lot_recalled_after_the_offer_is_not_accepted,
    another_seal_puts_the_bottles_in_quarantine,
    milk_that_a_unit_took_in_is_not_passed_on,
);
