//! A partner's own system for tests: a real HTTP server on a free port that keeps what comes and answers as it is told.

use crate::hub::{Home, TestHub};
use crate::store::fixture::block_on;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, dev::ServerHandle, web};
use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use std::collections::VecDeque;
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

/// What came in: headers and the body as bytes.
#[derive(Debug, Clone)]
pub struct Came {
    pub id: String,
    pub timestamp: String,
    pub signature: String,
    pub body: Vec<u8>,
}

impl Came {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub fn kind(&self) -> String {
        self.json()["kind"].as_str().unwrap().to_owned()
    }

    /// True when one of the signatures is of this secret and of these bytes.
    pub fn is_signed_by(&self, secret: &str, body: &[u8]) -> bool {
        let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
        let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
        let mut signed = format!("{}.{}.", self.id, self.timestamp).into_bytes();
        signed.extend_from_slice(body);
        self.signature.split(' ').any(|one| {
            let tag = STANDARD.decode(one.strip_prefix("v1,").unwrap()).unwrap();
            hmac::verify(&key, &signed, &tag).is_ok()
        })
    }
}

#[derive(Default)]
pub struct Desk {
    came: Mutex<Vec<Came>>,
    /// Statuses to answer with, one after the other; then 204.
    pub answers: Mutex<VecDeque<u16>>,
}

/// A partner's system.
pub struct Receiver {
    pub desk: Arc<Desk>,
    pub url: String,
    pub server: ServerHandle,
}

async fn take(request: HttpRequest, body: web::Bytes, desk: web::Data<Desk>) -> HttpResponse {
    let header = |name: &str| request.headers().get(name).unwrap().to_str().unwrap().to_owned();
    desk.came.lock().unwrap().push(Came {
        id: header("webhook-id"),
        timestamp: header("webhook-timestamp"),
        signature: header("webhook-signature"),
        body: body.to_vec(),
    });
    let status = desk.answers.lock().unwrap().pop_front().unwrap_or(204);
    let status = actix_web::http::StatusCode::from_u16(status).unwrap();
    let mut answer = HttpResponse::build(status);
    if status.is_redirection() {
        answer.insert_header(("location", "/elsewhere"));
    }
    if status.as_u16() == 429 {
        answer.insert_header(("retry-after", "1200"));
    }
    answer.body("a body that nobody keeps")
}

impl Receiver {
    pub fn start() -> Self {
        let desk = Arc::new(Desk::default());
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let shared = web::Data::from(Arc::clone(&desk));
        let server = HttpServer::new(move || App::new().app_data(shared.clone()).default_service(web::to(take)))
            .workers(1)
            .disable_signals()
            .listen(listener)
            .unwrap()
            .run();
        let handle = server.handle();
        tokio::spawn(server);
        Self { desk, url, server: handle }
    }

    pub fn came(&self) -> Vec<Came> {
        self.desk.came.lock().unwrap().clone()
    }

    pub fn kinds(&self) -> Vec<String> {
        self.came().iter().map(Came::kind).collect()
    }

    pub fn answering(&self, statuses: &[u16]) {
        self.desk.answers.lock().unwrap().extend(statuses);
    }
}

pub fn on<F: AsyncFnOnce(&TestHub, &Receiver)>(home: Option<Home>, body: F) {
    let Some(home) = home else { return };
    block_on(async {
        let loopback = |config: &mut milkbridge::config::Config| {
            config.webhook_networks = vec![("127.0.0.0".parse().unwrap(), 8)];
        };
        let hub = TestHub::start_with(home, loopback).await;
        let receiver = Receiver::start();
        body(&hub, &receiver).await;
        receiver.server.stop(true).await;
        hub.finish().await;
    });
}

/// Makes `sqlite::name` and `postgres::name` of each `async fn name(hub: &TestHub, receiver: &Receiver)`.
#[macro_export]
macro_rules! receiver_test {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(#[test]
            fn $name() { $crate::api::receiver::on(Some($crate::hub::Home::sqlite()), super::$name); })+
        }
        mod postgres {
            $(#[test]
            fn $name() { $crate::api::receiver::on($crate::hub::Home::postgres(), super::$name); })+
        }
    };
}
