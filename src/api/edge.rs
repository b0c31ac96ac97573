//! What happens around every request: an id, the caller, the limit, the log line, the figures and the headers
//! that keep browsers careful. Problems get their request id here.

use super::auth::{self, RequestId};
use super::problem::{Problem, ProblemCode};
use super::state::{ApiState, State};
use crate::actions::{Clock, IdSource, RateDecision};
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderMap, HeaderName, HeaderValue, REFERRER_POLICY,
    STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage};
use std::time::{Duration, Instant};
use tracing::Instrument;
use uuid::Uuid;

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// The middleware around the whole application.
pub async fn edge<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let started = Instant::now();
    // Whatever can be read can be asked for its headers; the connection knows by itself that no body follows.
    if *request.method() == Method::HEAD {
        request.head_mut().method = Method::GET;
    }
    let id = request_id(&request);
    request.extensions_mut().insert(RequestId(id.clone()));
    let span = tracing::info_span!("request", id = %id, method = %request.method(), path = request.path());
    let state = request.app_data::<State>().cloned();
    async move {
        let mut limit = None;
        let answered = match &state {
            Some(state) => {
                limit = count(&request, state).await;
                match limit.filter(|decision| !decision.allowed) {
                    Some(decision) => Err((request, limited(decision))),
                    None => Ok(request),
                }
            }
            None => Ok(request),
        };
        let mut response = match answered {
            Ok(request) => match state.as_ref().and_then(|state| state.routes.query_fault(request.request())) {
                None => next.call(request).await?.map_into_boxed_body(),
                Some(problem) => request.into_response(problem.answer(Some(&id))),
            },
            Err((request, problem)) => request.into_response(problem.answer(Some(&id))),
        };
        if let Some(problem) = problem_in(&response) {
            response = response.into_response(problem.answer(Some(&id)));
        }
        finish(&mut response, &id, limit, state.as_ref().map(|state| state.get_ref()));
        note(&response, started.elapsed());
        Ok(response)
    }
    .instrument(span)
    .await
}

/// The problem of an answer; the web library's own errors become one of ours.
fn problem_in<B>(response: &ServiceResponse<B>) -> Option<Problem> {
    let error = response.response().error()?;
    if let Some(problem) = error.as_error::<Problem>() {
        return Some(problem.clone());
    }
    Some(Problem::from(match response.status().as_u16() {
        400 => ProblemCode::BodyMalformed,
        404 => ProblemCode::RouteUnknown,
        405 => ProblemCode::MethodNotAllowed,
        408 => ProblemCode::RequestTimeout,
        413 => ProblemCode::BodyTooLarge,
        415 => ProblemCode::MediaTypeUnsupported,
        _ => ProblemCode::Internal,
    }))
}

fn request_id(request: &ServiceRequest) -> String {
    let given = request.headers().get(X_REQUEST_ID).and_then(|value| value.to_str().ok());
    let id = given.and_then(|text| Uuid::try_parse(text).ok());
    id.unwrap_or_else(|| IdSource::Random.next(Clock::System.now())).as_hyphenated().to_string()
}

/// Finds out who calls and counts the request against their limit; probes are not counted.
async fn count(request: &ServiceRequest, state: &ApiState) -> Option<RateDecision> {
    let caller = auth::identify(request, state).await;
    if matches!(request.path(), "/livez" | "/readyz" | "/metrics") {
        return None;
    }
    let limit = state.settings.rate_limit?;
    let key = match caller {
        Some(id) => format!("rate:account:{id}"),
        None => format!("rate:address:{}", address_of(request.request(), state)),
    };
    Some(state.hub.coordination.hit(&key, limit, state.settings.rate_window).await)
}

/// The caller's network address, from the proxy when there is one of ours.
pub(super) fn address_of(request: &actix_web::HttpRequest, state: &ApiState) -> String {
    let info = request.connection_info();
    let address = if state.settings.trust_proxy { info.realip_remote_addr() } else { info.peer_addr() };
    address.unwrap_or("unknown").to_owned()
}

fn seconds(duration: Duration) -> u32 {
    u32::try_from(duration.as_millis().div_ceil(1000)).unwrap_or(u32::MAX)
}

fn limited(decision: RateDecision) -> Problem {
    Problem::from(ProblemCode::RateLimited).retry_after(seconds(decision.reset_after).max(1))
}

fn put(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

fn put_if_absent(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    if !headers.contains_key(&name) {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

fn finish<B>(response: &mut ServiceResponse<B>, id: &str, limit: Option<RateDecision>, state: Option<&ApiState>) {
    let path = response.request().path();
    let policy = if path.starts_with("/docs/") {
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'"
    } else {
        "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    };
    let private = path.starts_with("/v1/") || path.starts_with("/oauth/");
    let headers = response.headers_mut();
    put(headers, X_REQUEST_ID, id);
    put_if_absent(headers, CONTENT_SECURITY_POLICY, policy);
    put_if_absent(headers, X_CONTENT_TYPE_OPTIONS, "nosniff");
    put_if_absent(headers, X_FRAME_OPTIONS, "DENY");
    put_if_absent(headers, REFERRER_POLICY, "no-referrer");
    if private {
        put_if_absent(headers, CACHE_CONTROL, "no-store");
    }
    let Some(state) = state else { return };
    if state.authority.issuer().starts_with("https://") {
        put_if_absent(headers, STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    if let Some(decision) = limit {
        let window = state.settings.rate_window.as_secs();
        put(headers, RATE_LIMIT_POLICY, &format!("\"caller\";q={};w={window}", decision.limit));
        let left = seconds(decision.reset_after);
        put(headers, RATE_LIMIT, &format!("\"caller\";r={};t={left}", decision.remaining));
    }
}

/// One log line and two figures per request. Good answers are only worth a line when somebody looks closely.
fn note<B>(response: &ServiceResponse<B>, took: Duration) {
    let status = response.status();
    let method = response.request().method().as_str().to_owned();
    let route = response.request().match_pattern().unwrap_or_else(|| "unknown".to_owned());
    let took_ms = took.as_secs_f64() * 1000.0;
    if status.is_server_error() {
        tracing::warn!(status = status.as_u16(), took_ms, "answered");
    } else if status.is_client_error() {
        tracing::info!(status = status.as_u16(), took_ms, "answered");
    } else {
        tracing::debug!(status = status.as_u16(), took_ms, "answered");
    }
    metrics::counter!(
        "milkbridge_http_requests_total",
        "method" => method.clone(), "route" => route.clone(), "status" => status.as_str().to_owned()
    )
    .increment(1);
    metrics::histogram!("milkbridge_http_request_seconds", "method" => method, "route" => route)
        .record(took.as_secs_f64());
}
