//! Idempotency-Key: a creating POST names the thing it creates once. The key is claimed and the answer kept in
//! the transaction of the effect; here it is only read, and the kept answer sent.

use super::conditional::etag;
use super::extract::{Body, MAX_BODY_BYTES};
use super::problem::{Problem, ProblemCode};
use crate::actions::{Once, SavedAnswer};
use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, ETAG, HeaderName, HeaderValue, LOCATION};
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use futures_util::future::LocalBoxFuture;
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

/// The request header.
pub const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// The answer header that tells a repeat.
pub const IDEMPOTENCY_REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// The body of a creating POST with its key.
#[derive(Debug)]
pub struct Creating<T, const MAX: usize = MAX_BODY_BYTES> {
    /// What is to be created.
    pub body: T,
    /// The key, the route and the body's fingerprint.
    pub once: Once,
}

impl<T: DeserializeOwned + 'static, const MAX: usize> FromRequest for Creating<T, MAX> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let key = read_key(request);
        // The address as it came, so that one key under two sites' addresses is two keys.
        let route = format!("{} {}", request.method(), request.path());
        let body = Body::<T, MAX>::from_request(request, payload);
        Box::pin(async move {
            let key = key?;
            let Body { value, fingerprint } = body.await?;
            Ok(Self { body: value, once: Once { route, key, fingerprint } })
        })
    }
}

fn read_key(request: &HttpRequest) -> Result<String, Problem> {
    let mut values = request.headers().get_all(&IDEMPOTENCY_KEY);
    let Some(value) = values.next() else {
        return Err(Problem::from(ProblemCode::IdempotencyKeyMissing));
    };
    if values.next().is_some() {
        return Err(Problem::from(ProblemCode::IdempotencyKeyInvalid));
    }
    let text = value.to_str().unwrap_or_default().trim();
    // The draft's structured string is quoted; many clients send it bare.
    let bare = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text);
    let key = Uuid::try_parse(bare).map_err(|_not_a_uuid| Problem::from(ProblemCode::IdempotencyKeyInvalid))?;
    Ok(key.as_hyphenated().to_string())
}

/// 201 with the new thing, its place and its version, in the form that is kept.
pub fn created<V: Serialize>(location: String, version: i64, view: &V) -> SavedAnswer {
    SavedAnswer {
        headers: vec![(LOCATION.to_string(), location), (ETAG.to_string(), etag(version))],
        ..saved(StatusCode::CREATED, view)
    }
}

/// An answer without place or version, in the form that is kept.
pub fn saved<V: Serialize>(status: StatusCode, view: &V) -> SavedAnswer {
    // A view is made of texts, numbers and lists, which always serialise.
    let body = serde_json::to_string(view).unwrap_or_else(|_never| String::from("null"));
    SavedAnswer { status: status.as_u16(), body, headers: Vec::new() }
}

/// Sends a kept answer, and says when it is a repeat.
#[must_use]
pub fn send((answer, replayed): (SavedAnswer, bool)) -> HttpResponse {
    let SavedAnswer { status, body, headers } = answer;
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    let mut response = HttpResponse::build(status);
    response.insert_header((CONTENT_TYPE, "application/json"));
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.insert_header((name, value));
        }
    }
    if replayed {
        response.insert_header((IDEMPOTENCY_REPLAYED, "true"));
    }
    response.body(body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn key(value: &str) -> Result<String, ProblemCode> {
        let request = TestRequest::post().insert_header((IDEMPOTENCY_KEY, value)).to_http_request();
        read_key(&request).map_err(|problem| problem.code())
    }

    #[test]
    fn a_quoted_key_is_the_bare_key() {
        let bare = "0199c6f0-0000-7000-8000-000000000001";
        assert_eq!(key(&format!("\"{bare}\"")), key(bare));
        assert_eq!(key(bare), Ok(bare.to_owned()));
        assert_eq!(key("once"), Err(ProblemCode::IdempotencyKeyInvalid));
        let twice = TestRequest::post().append_header((IDEMPOTENCY_KEY, bare)).append_header((IDEMPOTENCY_KEY, bare));
        assert_eq!(read_key(&twice.to_http_request()).unwrap_err().code(), ProblemCode::IdempotencyKeyInvalid);
        let missing = read_key(&TestRequest::post().to_http_request()).unwrap_err();
        assert_eq!(missing.code(), ProblemCode::IdempotencyKeyMissing);
    }

    #[test]
    fn a_repeat_has_the_status_the_headers_and_a_mark() {
        let answer = created("/v1/users/1".to_owned(), 1, &serde_json::json!({"id": 1}));
        let first = send((answer.clone(), false));
        let again = send((answer, true));
        assert_eq!(first.status(), again.status());
        assert_eq!(first.headers().get(LOCATION), again.headers().get(LOCATION));
        assert!(first.headers().get(&IDEMPOTENCY_REPLAYED).is_none());
        assert_eq!(again.headers().get(&IDEMPOTENCY_REPLAYED).unwrap(), "true");
    }
}
