//! Every operation of the specification, tried by every role of a site that the things do not belong to, and by
//! nobody at all. An operation that is added later is tried too, because the list is the specification itself.

use crate::hub::TestHub;
use crate::hub::region::{accepted, matched, published, released_lot, request_body};
use crate::hub::wire::{Wire, id, new_key};
use crate::hub_test;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Roles that are bound to named sites.
const BOUND: [&str; 4] = ["bank_manager", "clinician", "courier", "partner"];
/// What anybody of the network may read: who is there and what is published.
const OPEN_TO_ALL: [&str; 6] =
    ["/v1/sites", "/v1/policy-sets", "/v1/agreements", "/v1/couriers", "/v1/closures", "/v1/surplus"];

/// One operation of the specification.
struct Operation {
    method: Method,
    path: String,
}

async fn operations(hub: &TestHub) -> Vec<Operation> {
    let document = Wire::nobody(&hub.base).found("/openapi.json").await;
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in ["get", "post", "put", "patch", "delete"] {
            if item.get(method).is_some() {
                let method = method.to_uppercase().parse().unwrap();
                found.push(Operation { method, path: path.clone() });
            }
        }
    }
    assert!(found.len() > 40, "the specification lists {} operations", found.len());
    found
}

/// Private things of the bank and the unit, by the collection that they live in.
async fn private_things(hub: &TestHub) -> BTreeMap<&'static str, String> {
    let (bank, unit) = (hub.manager_at(&hub.region.bank).await, hub.manager_at(&hub.region.unit).await);
    let lot = released_lot(&bank, &hub.region.bank, "L-1", 20).await;
    let surplus = published(&bank, &hub.region.bank, &lot).await;
    let request = unit.created("/v1/requests", &request_body(&hub.region.unit, "I-1", 500)).await;
    let offer = accepted(&bank, &matched(&bank, &hub.region.bank).await[0]).await;
    let allocation = offer["allocation_id"].as_str().unwrap().to_owned();
    let plan = json!({
        "allocation_ids": [allocation], "courier_id": hub.region.courier,
        "planned_pickup_at": "2026-01-05T10:00:00Z", "planned_delivery_at": "2026-01-05T12:00:00Z",
    });
    let transfer = bank.created("/v1/transfers", &plan).await;
    let exception = json!({
        "site_id": hub.region.unit, "code": "life_too_short", "lot_id": id(&lot),
        "other_site_id": hub.region.bank, "reason": "no other milk in time", "expires_at": "2026-01-06T08:00:00Z",
    });
    let clinician = hub.person("clinician", &[&hub.region.unit]).await;
    let exception = clinician.created("/v1/exceptions", &exception).await;
    let hold = bank.created("/v1/holds", &json!({ "lot_id": id(&lot), "reason": "to be looked at" })).await;
    let bottle = bank.all(&format!("/v1/bottles?site_id={}", hub.region.bank)).await.remove(0);
    BTreeMap::from([
        ("lots", id(&lot)),
        ("surplus", id(&surplus)),
        ("requests", id(&request)),
        ("offers", id(&offer)),
        ("allocations", allocation),
        ("transfers", id(&transfer)),
        ("holds", id(&hold)),
        ("exceptions", id(&exception)),
        ("bottles", id(&bottle)),
        ("sites", hub.region.bank.clone()),
        ("policy-sets", hub.region.policy.clone()),
        ("couriers", hub.region.courier.clone()),
    ])
}

/// The path with a foreign thing in it; none when there is none of that kind.
fn filled(path: &str, things: &BTreeMap<&str, String>) -> Option<String> {
    if !path.contains('{') {
        return Some(path.to_owned());
    }
    let collection = path.strip_prefix("/v1/")?.split('/').next()?;
    let thing = things.get(collection)?;
    let parts = path.split('/').map(|part| if part.starts_with('{') { thing.as_str() } else { part });
    Some(parts.collect::<Vec<_>>().join("/"))
}

async fn attempt(wire: &Wire, method: &Method, path: &str) -> crate::hub::wire::Answer {
    let ask = wire.ask(method.clone(), path);
    if *method == Method::GET {
        return ask.send().await;
    }
    ask.header("idempotency-key", &new_key()).header("if-match", "\"v1\"").json(&json!({})).send().await
}

async fn nobody_gets_in_without_a_token(hub: &TestHub) {
    let nobody = Wire::nobody(&hub.base);
    let things = private_things(hub).await;
    for operation in operations(hub).await {
        // A driver's link stands in the body and is as good as a token: without one, nothing can be read.
        let by_link = operation.path.starts_with("/v1/driver/");
        if !operation.path.starts_with("/v1/") || operation.path == "/v1/sessions" || by_link {
            continue;
        }
        let Some(path) = filled(&operation.path, &things) else { continue };
        let answer = attempt(&nobody, &operation.method, &path).await;
        assert_eq!(answer.status, 401, "{} {path}: {}", operation.method, answer.text);
    }
}

async fn a_site_apart_sees_and_changes_nothing_of_others(hub: &TestHub) {
    let things = private_things(hub).await;
    let operations = operations(hub).await;
    let secret: Vec<&String> = ["requests", "offers", "allocations", "transfers", "holds", "exceptions", "bottles"]
        .iter()
        .map(|kind| &things[kind])
        .collect();
    for role in BOUND {
        let stranger = hub.persona(role, &[&hub.region.apart]).await;
        for Operation { method, path } in &operations {
            if !path.starts_with("/v1/") || path == "/v1/sessions" {
                continue;
            }
            let Some(filled) = filled(path, &things) else { continue };
            let answer = attempt(&stranger, method, &filled).await;
            let what = format!("{role}: {method} {filled}: {} {}", answer.status, answer.text);
            assert!(answer.status < 500, "{what}");
            if let Some(leaked) =
                secret.iter().find(|thing| answer.status < 300 && answer.text.contains(thing.as_str()))
            {
                panic!("{leaked} leaked to {what}");
            }
            let open = OPEN_TO_ALL.iter().any(|start| path.starts_with(start)) && !path.ends_with("/stock");
            if path.contains('{') && !(open && *method == Method::GET) {
                assert!(!(200..300).contains(&answer.status), "{what}");
            }
            if *method == Method::GET && path.contains('{') && !open {
                assert!(matches!(answer.status, 403 | 404), "{what}");
            }
        }
    }
}

async fn an_auditor_changes_nothing(hub: &TestHub) {
    let things = private_things(hub).await;
    let auditor = hub.persona("auditor", &[]).await;
    for Operation { method, path } in operations(hub).await {
        if !path.starts_with("/v1/") || path == "/v1/sessions" || method == Method::GET {
            continue;
        }
        let Some(filled) = filled(&path, &things) else { continue };
        let answer = attempt(&auditor, &method, &filled).await;
        assert!(matches!(answer.status, 400 | 403 | 404), "{method} {filled}: {} {}", answer.status, answer.text);
    }
}

async fn every_operation_says_what_it_is(hub: &TestHub) {
    let document = Wire::nobody(&hub.base).found("/openapi.json").await;
    let mut seen = BTreeMap::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            if !operation.is_object() {
                continue;
            }
            let name =
                operation["operationId"].as_str().unwrap_or_else(|| panic!("{method} {path} has no operationId"));
            assert_eq!(seen.insert(name.to_owned(), path.clone()), None, "{name} is used twice");
            let secured = operation.get("security").or_else(|| document.get("security")).is_some_and(Value::is_array);
            assert!(secured || !path.starts_with("/v1/"), "{method} {path} says nothing about security");
        }
    }
}

hub_test!(
    nobody_gets_in_without_a_token,
    a_site_apart_sees_and_changes_nothing_of_others,
    an_auditor_changes_nothing,
    every_operation_says_what_it_is,
);
