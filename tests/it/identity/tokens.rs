//! Tokens and accounts: who is let in, once, for how long, and who is put out at once.

use super::{EMAIL, PASSWORD, dispatcher, new_key, on_hub};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use reqwest::Method;
use serde_json::{Value, json};

#[test]
fn a_token_verifies_with_the_published_keys_alone() {
    on_hub(
        |_| {},
        async |hub| {
            let keys = hub.get("/.well-known/jwks.json", "").await.body;
            assert_eq!(keys["keys"].as_array().unwrap().len(), 2, "one that signs and the next one: {keys}");
            let header = jsonwebtoken::decode_header(&hub.admin).unwrap();
            assert_eq!((header.typ.as_deref(), header.alg), (Some("at+jwt"), Algorithm::ES256));
            let kid = header.kid.unwrap();
            let key = keys["keys"].as_array().unwrap().iter().find(|key| key["kid"] == *kid).unwrap();
            let key: Jwk = serde_json::from_value(key.clone()).unwrap();
            let mut validation = Validation::new(Algorithm::ES256);
            validation.set_audience(&[hub.running.base_url()]);
            validation.set_issuer(&[hub.running.base_url()]);
            let claims =
                jsonwebtoken::decode::<Value>(&hub.admin, &DecodingKey::from_jwk(&key).unwrap(), &validation).unwrap();
            let life = claims.claims["exp"].as_i64().unwrap() - claims.claims["iat"].as_i64().unwrap();
            assert_eq!((life, &claims.claims["role"]), (600, &json!("hub_administrator")));
        },
    );
}

#[test]
fn wrong_passwords_and_unknown_people_get_the_same_answer() {
    on_hub(
        |_| {},
        async |hub| {
            let wrong = hub.session(EMAIL, "not the password").await;
            let unknown = hub.session("nobody@hub.example", "not the password").await;
            assert_eq!((wrong.status, unknown.status), (401, 401));
            assert_eq!(wrong.body["code"], "invalid_credentials");
            assert_eq!(wrong.body["code"], unknown.body["code"]);
            assert_eq!(wrong.body["detail"], unknown.body["detail"]);
        },
    );
}

#[test]
fn guessing_is_slowed_down_for_the_account_alone() {
    on_hub(
        |_| {},
        async |hub| {
            let mut statuses = Vec::new();
            for _ in 0..31 {
                let answer = hub.session("guessed@hub.example", &"x".repeat(300)).await;
                statuses.push(answer.status);
                if answer.status == 429 {
                    assert!(answer.header("retry-after").parse::<u32>().unwrap() > 0);
                }
            }
            assert_eq!(statuses.iter().filter(|status| **status == 401).count(), 30);
            assert_eq!(statuses.last(), Some(&429));
            assert_eq!(hub.session(EMAIL, PASSWORD).await.status, 200);
        },
    );
}

#[test]
fn who_is_disabled_is_out_at_once() {
    on_hub(
        |_| {},
        async |hub| {
            let user = hub.create("/v1/users", new_key(), &dispatcher("d@hub.example")).await;
            let path = user.header("location").to_owned();
            let token = hub.session("D@hub.example", PASSWORD).await.body["access_token"].as_str().unwrap().to_owned();
            assert_eq!(hub.get("/v1/users", &token).await.status, 403, "in, but not an administrator");
            let changed = hub.change(&path, 1, &json!({ "state": "disabled" })).await;
            assert_eq!((changed.status, changed.header("etag")), (200, "\"v2\""));
            let out = hub.get("/v1/users", &token).await;
            assert_eq!((out.status, out.body["code"].as_str().unwrap()), (401, "token_invalid"));
            assert!(out.header("www-authenticate").contains("error=\"invalid_token\""));
            assert_eq!(hub.session("d@hub.example", PASSWORD).await.status, 401);
            let stale = hub.change(&path, 1, &json!({ "state": "active" })).await;
            assert_eq!((stale.status, stale.body["current_etag"].as_str().unwrap()), (412, "\"v2\""));
        },
    );
}

#[test]
fn an_emergency_rotation_ends_every_token() {
    on_hub(
        |_| {},
        async |hub| {
            assert_eq!(hub.get("/v1/users", &hub.admin).await.status, 200);
            hub.running.authority.rotate_now().await.unwrap();
            assert_eq!(hub.get("/v1/users", &hub.admin).await.status, 401);
            let fresh = hub.session(EMAIL, PASSWORD).await;
            assert_eq!(hub.get("/v1/users", fresh.body["access_token"].as_str().unwrap()).await.status, 200);
        },
    );
}

#[test]
fn a_forged_token_is_nobody() {
    on_hub(
        |_| {},
        async |hub| {
            let parts: Vec<&str> = hub.admin.split('.').collect();
            let none = format!("eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.{}.", parts[1]);
            for forged in [none, format!("{}.{}.{}", parts[0], parts[1], "A".repeat(86)), "x".to_owned()] {
                assert_eq!(hub.get("/v1/users", &forged).await.status, 401);
            }
            let missing = hub.ask(Method::GET, "/v1/users").send().await.unwrap();
            assert_eq!(missing.status(), 401);
            assert_eq!(missing.headers()["www-authenticate"], "Bearer realm=\"milkbridge\"");
        },
    );
}

#[test]
fn a_client_s_secret_is_shown_and_repeated_but_kept_nowhere() {
    on_hub(
        |_| {},
        async |hub| {
            let (key, body) = (new_key(), json!({ "name": "Ward system", "role": "dispatcher", "secret": true }));
            let made = hub.create("/v1/clients", key, &body).await;
            let again = hub.create("/v1/clients", key, &body).await;
            assert_eq!((made.status, again.header("idempotency-replayed")), (201, "true"));
            assert_eq!(made.body, again.body);
            let secret = made.body["client_secret"].as_str().unwrap();
            for entry in std::fs::read_dir(&hub.folder).unwrap() {
                let bytes = std::fs::read(entry.unwrap().path()).unwrap();
                assert!(!bytes.windows(secret.len()).any(|part| part == secret.as_bytes()), "the secret is on disk");
            }
            let id = made.body["id"].as_str().unwrap();
            let good = hub.ask(Method::POST, "/oauth/token").basic_auth(id, Some(secret));
            let good = hub.token(good, "grant_type=client_credentials").await;
            assert_eq!((good.status, good.body["token_type"].as_str()), (200, Some("Bearer")));
            let wrong = hub.ask(Method::POST, "/oauth/token").basic_auth(id, Some("mbs_guess"));
            let wrong = hub.token(wrong, "grant_type=client_credentials").await;
            assert_eq!((wrong.status, wrong.body["error"].as_str()), (401, Some("invalid_client")));
            let other = hub.token(hub.ask(Method::POST, "/oauth/token"), "grant_type=password").await;
            assert_eq!((other.status, other.body["error"].as_str()), (400, Some("unsupported_grant_type")));
        },
    );
}

#[test]
fn a_signed_assertion_works_once() {
    on_hub(
        |_| {},
        async |hub| {
            let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).unwrap();
            let private = EncodingKey::from_ec_der(pkcs8.as_ref());
            let public = Jwk::from_encoding_key(&private, Algorithm::ES256).unwrap();
            let body = json!({ "name": "Bank system", "role": "auditor", "jwks": { "keys": [public] } });
            let made = hub.create("/v1/clients", new_key(), &body).await;
            assert_eq!(made.status, 201, "{}", made.body);
            assert!(made.body.get("client_secret").is_none());
            let id = made.body["id"].as_str().unwrap();
            let now = jsonwebtoken::get_current_timestamp();
            let claims = json!({
                "iss": id, "sub": id, "aud": hub.running.base_url(), "exp": now + 200, "jti": new_key().to_string()
            });
            let assertion = jsonwebtoken::encode(&Header::new(Algorithm::ES256), &claims, &private).unwrap();
            let form = format!(
                "grant_type=client_credentials&client_assertion_type=\
                 urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion={assertion}"
            );
            let first = hub.token(hub.ask(Method::POST, "/oauth/token"), &form).await;
            assert_eq!((first.status, first.body["scope"].as_str()), (200, Some("auditor")), "{}", first.body);
            let again = hub.token(hub.ask(Method::POST, "/oauth/token"), &form).await;
            assert_eq!((again.status, again.body["error"].as_str()), (401, Some("invalid_client")));
        },
    );
}
