//! How bodies, queries and paths are read: within limits, without unknown fields, and with a pointer to what
//! cannot be taken. Nothing that the caller sent is repeated but the names of fields.

use super::complaint;
use super::problem::{Problem, ProblemCode};
use actix_web::dev::Payload;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, TRANSFER_ENCODING};
use actix_web::{FromRequest, HttpRequest, web};
use aws_lc_rs::digest;
use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;
use serde::de::{DeserializeOwned, IgnoredAny};
use std::fmt::Write;
use std::future::{Ready, ready};
use std::str::FromStr;
use std::time::Duration;

/// The usual limit of a body: 1 MiB.
pub const MAX_BODY_BYTES: usize = 1_048_576;
/// A body that trickles in for longer is given up.
const BODY_WITHIN: Duration = Duration::from_secs(30);

/// A JSON body of at most `MAX` bytes, read into `T`.
#[derive(Debug)]
pub struct Body<T, const MAX: usize = MAX_BODY_BYTES> {
    /// The value.
    pub value: T,
    /// SHA-256 of the bytes as they came, in hex.
    pub fingerprint: String,
}

impl<T, const MAX: usize> Body<T, MAX> {
    /// The value alone.
    pub fn into_inner(self) -> T {
        self.value
    }
}

impl<T: DeserializeOwned + 'static, const MAX: usize> FromRequest for Body<T, MAX> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, body: &mut Payload) -> Self::Future {
        let allowed = check_headers(request, MAX);
        let body = body.take();
        Box::pin(async move {
            allowed?;
            let bytes = match tokio::time::timeout(BODY_WITHIN, collect(body, MAX)).await {
                Ok(bytes) => bytes?,
                Err(_elapsed) => return Err(Problem::from(ProblemCode::RequestTimeout)),
            };
            Ok(Self { value: parse(&bytes)?, fingerprint: fingerprint(&bytes) })
        })
    }
}

/// The body of an action that needs none: empty, or `{}`. It is read all the same, because a connection on which a
/// body was left unread is closed after the answer.
#[derive(Debug, Clone, Copy)]
pub struct NoBody;

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

impl FromRequest for NoBody {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, body: &mut Payload) -> Self::Future {
        let has_body = request.headers().get(CONTENT_LENGTH).is_some_and(|length| length != "0")
            || request.headers().contains_key(TRANSFER_ENCODING);
        if !has_body {
            return Box::pin(ready(Ok(Self)));
        }
        let body = Body::<Nothing>::from_request(request, body);
        Box::pin(async move { body.await.map(|_nothing| Self) })
    }
}

fn check_headers(request: &HttpRequest, max: usize) -> Result<(), Problem> {
    let text = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    if text(CONTENT_LENGTH).and_then(|length| length.parse::<usize>().ok()).is_some_and(|length| length > max) {
        return Err(too_large(max));
    }
    if text(CONTENT_ENCODING).is_some_and(|encoding| !encoding.eq_ignore_ascii_case("identity")) {
        return Err(Problem::new(ProblemCode::MediaTypeUnsupported, "compressed bodies are not taken"));
    }
    let media_type = text(CONTENT_TYPE).unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if media_type.eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    Err(Problem::from(ProblemCode::MediaTypeUnsupported))
}

fn too_large(max: usize) -> Problem {
    Problem::new(ProblemCode::BodyTooLarge, format!("at most {max} bytes are taken here"))
}

async fn collect(mut body: Payload, max: usize) -> Result<web::BytesMut, Problem> {
    let mut bytes = web::BytesMut::new();
    while let Some(chunk) = body.next().await {
        let chunk = chunk.map_err(|_broken| Problem::new(ProblemCode::BodyMalformed, "the body broke off"))?;
        if bytes.len() + chunk.len() > max {
            return Err(too_large(max));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    // A list would be read as the fields in their order, which no caller can mean.
    if bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[') {
        return Err(Problem::field(ProblemCode::BodyInvalid, "", "wrong_type", "expected an object"));
    }
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        // serde_json calls a null where a word belongs a fault of the syntax.
        let is_json = serde_json::from_slice::<IgnoredAny>(bytes).is_ok();
        complaint::about_body(&error, is_json)
    })?;
    deserializer.end().map_err(|error| complaint::malformed(&error))?;
    Ok(value)
}

/// SHA-256 in hex.
#[must_use]
pub fn fingerprint(bytes: &[u8]) -> String {
    digest::digest(&digest::SHA256, bytes).as_ref().iter().fold(String::with_capacity(64), |mut hex, byte| {
        // Writing to a String cannot fail.
        let _written = write!(hex, "{byte:02x}").is_ok();
        hex
    })
}

/// The query parameters, read into `T`; unknown and repeated ones are refused when `T` denies unknown fields.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _body: &mut Payload) -> Self::Future {
        ready(complaint::read_query(request.query_string()).map(Self))
    }
}

/// The `{id}` of the path.
#[derive(Debug, Clone, Copy)]
pub struct PathId<T>(pub T);

impl<T: FromStr> FromRequest for PathId<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _body: &mut Payload) -> Self::Future {
        ready(request.match_info().get("id").and_then(|text| text.parse().ok()).map(Self).ok_or_else(|| {
            Problem::field(ProblemCode::PathInvalid, "/id", "not_an_id", "an identifier is a UUID of 36 characters")
        }))
    }
}
