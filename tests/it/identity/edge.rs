//! What happens around every request: every address of the specification answers, nothing else does, and every
//! answer carries its id and its careful headers.

use super::{Answer, dispatcher, new_key, on_hub};
use reqwest::Method;
use serde_json::json;

#[test]
fn every_operation_of_the_specification_is_served_and_guarded() {
    on_hub(
        // Only a simulated hub has a clock to move.
        |config| config.simulation = true,
        async |hub| {
            let document = hub.get("/openapi.json", "").await.body;
            assert_eq!(document["openapi"], "3.1.0");
            for (path, item) in document["paths"].as_object().unwrap() {
                for (method, operation) in item.as_object().unwrap() {
                    let method: Method = method.to_uppercase().parse().unwrap();
                    let address = path.replace("{id}", "0199c6f0-0000-7000-8000-000000000001");
                    let answer = Answer::of(hub.ask(method.clone(), &address).send().await.unwrap()).await;
                    let code = answer.body["code"].as_str().unwrap_or_default();
                    assert!(!["route_unknown", "method_not_allowed"].contains(&code), "{method} {path}: {code}");
                    let public = operation["security"][0].as_object().is_some_and(serde_json::Map::is_empty);
                    assert_eq!(code == "token_missing", !public, "{method} {path}: {} {code}", answer.status);
                }
            }
        },
    );
}

#[test]
fn an_unknown_address_and_an_unknown_method_are_problems_with_an_id() {
    on_hub(
        |_| {},
        async |hub| {
            let id = "0199c6f0-0000-7000-8000-00000000000a";
            let ask = hub.ask(Method::GET, "/v1/nothing").header("x-request-id", id);
            let unknown = Answer::of(ask.send().await.unwrap()).await;
            assert_eq!((unknown.status, unknown.header("x-request-id")), (404, id));
            assert_eq!(unknown.body["instance"], format!("urn:uuid:{id}"));
            assert_eq!(unknown.header("content-type"), "application/problem+json");
            for (name, value) in [("x-content-type-options", "nosniff"), ("cache-control", "no-store")] {
                assert_eq!(unknown.header(name), value, "{name}");
            }
            let page = hub.ask(Method::GET, unknown.body["type"].as_str().unwrap()).send().await.unwrap();
            assert_eq!(page.status(), 200);
            let method = Answer::of(hub.ask(Method::DELETE, "/v1/users").send().await.unwrap()).await;
            assert_eq!((method.status, method.header("allow")), (405, "GET, HEAD, POST"));
        },
    );
}

#[test]
fn a_body_is_refused_with_a_pointer_and_changes_nothing() {
    on_hub(
        |_| {},
        async |hub| {
            let mut body = dispatcher("refused@hub.example");
            body["colour"] = json!("red");
            let unknown = hub.create("/v1/users", new_key(), &body).await;
            assert_eq!((unknown.status, unknown.body["code"].as_str()), (400, Some("body_invalid")));
            assert_eq!(unknown.body["errors"][0]["pointer"], "/colour");
            let mut body = dispatcher("refused@hub.example");
            body["role"] = json!("bank_manager");
            let siteless = hub.create("/v1/users", new_key(), &body).await;
            assert_eq!(siteless.body["errors"][0]["pointer"], "/site_ids");
            let users = hub.get("/v1/users", &hub.admin).await;
            assert_eq!(users.body["items"].as_array().unwrap().len(), 1, "only the administrator");
            let ask = || hub.ask(Method::POST, "/v1/users").bearer_auth(&hub.admin);
            let post = async |content_type: &str, body: Vec<u8>| {
                let ask = ask().header("idempotency-key", new_key().to_string()).header("content-type", content_type);
                Answer::of(ask.body(body).send().await.unwrap()).await
            };
            assert_eq!(post("text/plain", b"{}".to_vec()).await.status, 415);
            assert_eq!(post("application/json", b"{".to_vec()).await.body["code"], "body_malformed");
            assert_eq!(post("application/json", vec![b' '; 1_048_577]).await.status, 413);
            let keyless = Answer::of(ask().json(&dispatcher("x@hub.example")).send().await.unwrap()).await;
            assert_eq!(keyless.body["code"], "idempotency_key_missing");
        },
    );
}

#[test]
fn a_page_leads_to_the_next() {
    on_hub(
        |_| {},
        async |hub| {
            for number in 0..3 {
                let email = format!("d{number}@hub.example");
                assert_eq!(hub.create("/v1/users", new_key(), &dispatcher(&email)).await.status, 201);
            }
            let first = hub.get("/v1/users?limit=2", &hub.admin).await;
            let cursor = first.body["next_cursor"].as_str().unwrap();
            assert!(first.header("link").contains("rel=\"next\""));
            let second = hub.get(&format!("/v1/users?limit=2&cursor={cursor}"), &hub.admin).await;
            assert_eq!(second.body["items"].as_array().unwrap().len(), 2);
            assert!(second.body["next_cursor"].is_null());
            let other_list = hub.get(&format!("/v1/clients?cursor={cursor}"), &hub.admin).await;
            assert_eq!((other_list.status, other_list.body["code"].as_str()), (400, Some("cursor_invalid")));
            let wrong = hub.get("/v1/users?limit=none", &hub.admin).await;
            assert_eq!(wrong.body["errors"][0]["pointer"], "/limit");
        },
    );
}

#[test]
fn who_asks_too_often_is_told_when_to_come_back() {
    on_hub(
        |config| config.rate_limit = Some(5),
        async |hub| {
            let answers: Vec<Answer> = [hub.get("/v1/users", &hub.admin).await].into_iter().collect();
            assert!(answers[0].header("ratelimit").starts_with("\"caller\";r=4;t="));
            assert_eq!(answers[0].header("ratelimit-policy"), "\"caller\";q=5;w=60");
            for _ in 0..4 {
                hub.get("/v1/users", &hub.admin).await;
            }
            let limited = hub.get("/v1/users", &hub.admin).await;
            assert_eq!((limited.status, limited.body["code"].as_str()), (429, Some("rate_limited")));
            assert!(limited.header("retry-after").parse::<u32>().unwrap() > 0);
            assert_eq!(hub.get("/readyz", "").await.status, 200);
        },
    );
}
