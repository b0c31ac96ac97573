//! Labels and the papers of a box: for those whose milk it is, and ISBT 128 for the licensed alone.

use super::Promised;
use crate::hub::TestHub;
use crate::hub::region::lot_body;
use crate::hub::wire::{Wire, id};
use crate::hub_test;
use reqwest::Method;
use serde_json::json;

async fn pdf(who: &Wire, path: &str) -> usize {
    let answer = who.get(path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text);
    assert_eq!(answer.header("content-type"), Some("application/pdf"), "{path}");
    assert!(answer.text.starts_with("%PDF-"), "{path}");
    answer.text.len()
}

async fn labels_and_papers_are_pdf_for_those_whose_milk_it_is(hub: &TestHub) {
    let promised = Promised::on(hub).await;
    let road = promised.on_the_road(hub).await;
    for paper in ["waybill", "manifest", "temperature-sheet"] {
        let path = format!("/v1/transfers/{}/{paper}", id(&road));
        pdf(&promised.unit, &path).await;
        assert_eq!(hub.manager_at(&hub.region.apart).await.get(&path).await.status, 404, "{paper}");
    }
    let bottle = road["manifest"][0]["bottle_id"].as_str().unwrap();
    for size in ["50x30", "100x50"] {
        pdf(&promised.bank, &format!("/v1/bottles/{bottle}/label?size={size}")).await;
    }
    assert_eq!(promised.bank.get(&format!("/v1/bottles/{bottle}/label?size=7x7")).await.status, 400);
}

async fn isbt_128_is_printed_for_the_licensed_alone(hub: &TestHub) {
    let bank = hub.manager_at(&hub.region.bank).await;
    let mut body = lot_body(&hub.region.bank, "L-1", 1, true);
    body["record"]["isbt"] = json!({ "din": "A999915000001", "product_code": "M0002" });
    let lot = bank.created("/v1/lots", &body).await;
    assert_eq!((&lot["state"], &lot["refusals"][0]["number"]), (&json!("quarantined"), &json!(11)), "{lot}");
    let bottle = bank.all(&format!("/v1/bottles?site_id={}", hub.region.bank)).await[0].clone();
    assert_eq!(bottle["lot_id"], lot["id"]);
    let label = format!("/v1/bottles/{}/label?size=100x50", id(&bottle));
    let own = pdf(&bank, &label).await;
    let path = format!("/v1/sites/{}/label-licence", hub.region.bank);
    let wrong = json!({ "facility_number": "0999", "licence_statement": "licensed" });
    assert_eq!(bank.ask(Method::PUT, &path).json(&wrong).send().await.status, 400);
    let other = json!({ "facility_number": "B1234", "licence_statement": "licensed" });
    bank.ask(Method::PUT, &path).json(&other).send().await.expect(200);
    assert_eq!(pdf(&bank, &label).await, own, "another facility's number is not printed");
    let licence = json!({ "facility_number": "A9999", "licence_statement": "registered, licence of this year" });
    bank.ask(Method::PUT, &path).json(&licence).send().await.expect(200);
    assert_ne!(pdf(&bank, &label).await, own, "the licensed label bears other bars");
    let release = format!("/v1/lots/{}/release", id(&lot));
    assert_eq!(bank.act(&lot, &release, &json!({})).await.expect(200)["state"], "released", "its own number");
    for (din, product, code) in [
        ("Q999915000001", json!({ "product_code": "M0002" }), "facility_unknown"),
        ("A999915000002", json!({ "product_code": "M0006" }), "label_contradicts"),
        ("A999915000003", json!({ "product_code": "M0002", "single_european_code": "garbage" }), "identity_malformed"),
    ] {
        let mut body = lot_body(&hub.region.bank, din, 1, true);
        body["record"]["isbt"] = product;
        body["record"]["isbt"]["din"] = json!(din);
        let kept = bank.created("/v1/lots", &body).await;
        let codes: Vec<&str> =
            kept["refusals"].as_array().unwrap().iter().filter_map(|refusal| refusal["code"].as_str()).collect();
        assert_eq!((kept["state"].as_str(), codes.contains(&code)), (Some("quarantined"), true), "{kept}");
    }
    let stranger = hub.manager_at(&hub.region.apart).await;
    assert_eq!(stranger.ask(Method::PUT, &path).json(&licence).send().await.status, 404);
}

hub_test!(labels_and_papers_are_pdf_for_those_whose_milk_it_is, isbt_128_is_printed_for_the_licensed_alone);
