//! Messages to partners' systems: the event as the feed has it, signed as Standard Webhooks has it, sent once.

mod guard;

pub use guard::{Guard, Network};

use crate::actions::webhooks::{AddressFault, Answering, EventRow, Message, Messenger, Sent};
use crate::domain::time::Instant;
use crate::domain::webhook::DeliveryFault;
use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::redirect::Policy;
use serde::Serialize;
use std::time::Duration;

/// An answer that takes longer comes too late.
const TIMEOUT: Duration = Duration::from_secs(15);
/// A connection that takes longer is none.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);

/// No HTTP client could be made.
#[derive(Debug, thiserror::Error)]
#[error("no HTTP client for messages: {0}")]
pub struct NoClient(String);

/// Sends messages over HTTP.
pub struct HttpMessenger {
    guard: Guard,
    client: reqwest::Client,
}

impl HttpMessenger {
    /// A messenger that sends where the guard lets it.
    ///
    /// # Errors
    /// When no HTTP client can be made.
    pub fn new(guard: Guard) -> Result<Self, NoClient> {
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(Policy::none())
            .referer(false)
            .timeout(TIMEOUT)
            .connect_timeout(CONNECT_WITHIN)
            .user_agent(concat!("milkbridge/", env!("CARGO_PKG_VERSION")))
            .dns_resolver(guard.clone())
            .build();
        Ok(Self { guard, client: client.map_err(|error| NoClient(error.to_string()))? })
    }

    async fn post(&self, message: &Message) -> Sent {
        let failed = |fault| Sent::Failed { fault, status: None, wait_s: None };
        let Ok(url) = self.guard.read(&message.url) else { return failed(DeliveryFault::AddressRefused) };
        let Some(body) = body_of(&message.event, message.frozen) else {
            tracing::error!(event = message.event.id, "an event cannot be written as a message");
            return failed(DeliveryFault::Unreachable);
        };
        let seconds = message.sent_at.micros().div_euclid(1_000_000).to_string();
        let signed = format!("{}.{seconds}.{body}", message.event.id);
        let answer = self
            .client
            .post(url)
            .header(CONTENT_TYPE, "application/json")
            .header("webhook-id", message.event.id.clone())
            .header("webhook-timestamp", seconds)
            .header("webhook-signature", signatures(&message.secrets, signed.as_bytes()))
            .body(body)
            .send()
            .await;
        match answer {
            Ok(answer) => judge(&answer),
            Err(error) => {
                let fault = fault_of(&error);
                tracing::debug!(error = %error.without_url(), "a message was not taken");
                failed(fault)
            }
        }
    }
}

impl Messenger for HttpMessenger {
    fn check<'a>(&'a self, url: &'a str) -> Answering<'a, Result<(), AddressFault>> {
        Box::pin(self.guard.check(url))
    }

    fn send<'a>(&'a self, message: &'a Message) -> Answering<'a, Sent> {
        Box::pin(self.post(message))
    }
}

/// What the receiver's status says; nothing else of its answer is looked at.
fn judge(answer: &reqwest::Response) -> Sent {
    let status = answer.status();
    if status.is_success() {
        return Sent::Taken { status: status.as_u16() };
    }
    if status.as_u16() == 410 {
        return Sent::Gone;
    }
    let wait =
        answer.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()).and_then(|text| text.parse().ok());
    let wait_s = wait.filter(|_| matches!(status.as_u16(), 429 | 502 | 503 | 504));
    let fault = if status.is_redirection() { DeliveryFault::Redirected } else { DeliveryFault::Status };
    Sent::Failed { fault, status: Some(status.as_u16()), wait_s }
}

fn fault_of(error: &reqwest::Error) -> DeliveryFault {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(found) = cause {
        if found.is::<guard::Refused>() {
            return DeliveryFault::AddressRefused;
        }
        cause = found.source();
    }
    if error.is_timeout() { DeliveryFault::Timeout } else { DeliveryFault::Unreachable }
}

/// The event as `GET /v1/events` gives it, and whether its milk is under recall now.
#[derive(Serialize)]
struct EventBody<'a> {
    pos: i64,
    id: &'a str,
    at: Instant,
    kind: &'a str,
    subject_kind: &'a str,
    subject_id: &'a str,
    site_id: Option<&'a str>,
    other_site_id: Option<&'a str>,
    data: serde_json::Value,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    frozen: bool,
}

fn body_of(event: &EventRow, frozen: bool) -> Option<String> {
    let EventRow { pos, id, at, kind, subject_kind, subject_id, site_id, other_site_id, data, .. } = event;
    let body = EventBody {
        pos: (*pos)?,
        id,
        at: Instant::from_micros(*at),
        kind,
        subject_kind,
        subject_id,
        site_id: site_id.as_deref(),
        other_site_id: other_site_id.as_deref(),
        data: serde_json::from_str(data).ok()?,
        frozen,
    };
    serde_json::to_string(&body).ok()
}

/// One signature for each secret, as `v1,` and base64, with blanks between.
fn signatures(secrets: &[[u8; 32]], signed: &[u8]) -> String {
    let sign = |secret: &[u8; 32]| hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), signed);
    let all: Vec<String> = secrets.iter().map(|secret| format!("v1,{}", STANDARD.encode(sign(secret)))).collect();
    all.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_the_one_of_the_standard() {
        // The example of the Standard Webhooks specification.
        let secret = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let signed = br#"msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{"test": 2432232314}"#;
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &secret), signed);
        assert_eq!(STANDARD.encode(tag), "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        let two = signatures(&[[1; 32], [2; 32]], b"x");
        assert_eq!(two.split(' ').filter(|one| one.starts_with("v1,")).count(), 2);
    }
}
