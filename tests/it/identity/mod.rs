//! A hub with its first administrator, spoken to over HTTP.

mod edge;
mod tokens;

use crate::store::fixture::{block_on, new_folder};
use milkbridge::app::{self, RunningHub};
use milkbridge::config::{BootstrapAdmin, Config, Secret};
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::{Value, json};
use std::path::PathBuf;
use uuid::Uuid;

const EMAIL: &str = "administrator@hub.example";
const PASSWORD: &str = "a password of this test";

/// A running hub and its administrator.
struct Hub {
    running: RunningHub,
    folder: PathBuf,
    http: Client,
    admin: String,
}

/// Status, body and headers of an answer.
struct Answer {
    status: u16,
    body: Value,
    headers: reqwest::header::HeaderMap,
}

impl Answer {
    async fn of(response: Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = serde_json::from_str(&response.text().await.unwrap()).unwrap_or_default();
        Self { status, body, headers }
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl Hub {
    async fn start(change: impl FnOnce(&mut Config)) -> Self {
        let folder = new_folder();
        let mut config = Config {
            listen: "127.0.0.1:0".to_owned(),
            data_dir: folder.clone(),
            bootstrap_admin: Some(BootstrapAdmin {
                email: EMAIL.to_owned(),
                password: Secret::new(PASSWORD.to_owned()),
            }),
            http_workers: 1,
            rate_limit: None,
            background_work: false,
            ..Config::default()
        };
        change(&mut config);
        let running = app::serve(&config).await.expect("the hub starts");
        let http = Client::builder().no_proxy().build().unwrap();
        let mut hub = Self { running, folder, http, admin: String::new() };
        hub.admin = hub.session(EMAIL, PASSWORD).await.body["access_token"].as_str().unwrap().to_owned();
        hub
    }

    fn ask(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.running.base_url()))
    }

    async fn get(&self, path: &str, token: &str) -> Answer {
        Answer::of(self.ask(Method::GET, path).bearer_auth(token).send().await.unwrap()).await
    }

    async fn session(&self, email: &str, password: &str) -> Answer {
        let body = json!({ "email": email, "password": password });
        Answer::of(self.ask(Method::POST, "/v1/sessions").json(&body).send().await.unwrap()).await
    }

    async fn create(&self, path: &str, key: Uuid, body: &Value) -> Answer {
        let ask = self.ask(Method::POST, path).bearer_auth(&self.admin).header("idempotency-key", key.to_string());
        Answer::of(ask.json(body).send().await.unwrap()).await
    }

    async fn change(&self, path: &str, version: i64, body: &Value) -> Answer {
        let ask = self.ask(Method::PATCH, path).bearer_auth(&self.admin).header("if-match", format!("\"v{version}\""));
        Answer::of(ask.json(body).send().await.unwrap()).await
    }

    async fn token(&self, ask: RequestBuilder, form: &str) -> Answer {
        let ask = ask.header("content-type", "application/x-www-form-urlencoded").body(form.to_owned());
        Answer::of(ask.send().await.unwrap()).await
    }

    async fn finish(self) {
        self.running.stop().await.expect("the hub ends well");
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

#[expect(clippy::disallowed_methods, reason = "tests need keys that nobody used before")]
fn new_key() -> Uuid {
    Uuid::new_v4()
}

fn dispatcher(email: &str) -> Value {
    json!({ "email": email, "display_name": "Dispatcher", "password": PASSWORD, "role": "dispatcher" })
}

/// Runs a body on a hub of its own.
fn on_hub<F: AsyncFnOnce(&Hub)>(change: impl FnOnce(&mut Config), body: F) {
    block_on(async {
        let hub = Hub::start(change).await;
        body(&hub).await;
        hub.finish().await;
    });
}
