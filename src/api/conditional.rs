//! ETags and If-Match (RFC 9110, RFC 6585): a change must name the version it was made for. The version
//! itself is compared in the UPDATE, not here.

use super::problem::{Problem, ProblemCode};
use actix_web::dev::Payload;
use actix_web::http::header::{ETAG, IF_MATCH, IF_NONE_MATCH};
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use serde::Serialize;
use std::future::{Ready, ready};

/// The strong ETag of a row version, such as `"v17"`.
#[must_use]
pub fn etag(version: i64) -> String {
    format!("\"v{version}\"")
}

fn version_in(tag: &str) -> Option<i64> {
    let digits = tag.trim().strip_prefix("\"v")?.strip_suffix('"')?;
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
}

/// The version that the caller read and changes: 428 when the header is missing, 400 when it is no ETag of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IfMatch(pub i64);

impl IfMatch {
    fn read(request: &HttpRequest) -> Result<Self, Problem> {
        let mut values = request.headers().get_all(IF_MATCH);
        let Some(value) = values.next() else {
            return Err(Problem::from(ProblemCode::VersionMissing));
        };
        let only = values.next().is_none().then_some(value);
        only.and_then(|value| value.to_str().ok()).and_then(version_in).map(Self).ok_or_else(|| {
            Problem::field(ProblemCode::HeaderInvalid, "/If-Match", "not_an_etag", "send one ETag such as \"v3\"")
        })
    }
}

impl FromRequest for IfMatch {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _body: &mut Payload) -> Self::Future {
        ready(Self::read(request))
    }
}

/// 200 with the resource and its ETag, or 304 when the caller has that version already.
pub fn single<V: Serialize>(request: &HttpRequest, version: i64, view: &V) -> HttpResponse {
    let tag = etag(version);
    let known = request.headers().get(IF_NONE_MATCH).and_then(|value| value.to_str().ok()).is_some_and(|tags| {
        tags.trim() == "*" || tags.split(',').any(|known| known.trim().trim_start_matches("W/") == tag)
    });
    if known && request.method().is_safe() {
        return HttpResponse::NotModified().insert_header((ETAG, tag)).finish();
    }
    HttpResponse::Ok().insert_header((ETAG, tag)).json(view)
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[test]
    fn an_etag_reads_back() {
        assert_eq!(version_in(&etag(17)), Some(17));
        for wrong in ["17", "v17", "\"17\"", "\"v\"", "\"v-1\"", "\"v+1\"", "W/\"v1\"", "\"v1\", \"v2\"", "*"] {
            assert_eq!(version_in(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_change_without_a_version_is_428_and_with_nonsense_400() {
        let missing = IfMatch::read(&TestRequest::patch().to_http_request()).unwrap_err();
        assert_eq!(missing.code(), ProblemCode::VersionMissing);
        let twice = TestRequest::patch().append_header((IF_MATCH, "\"v1\"")).append_header((IF_MATCH, "\"v2\""));
        assert_eq!(IfMatch::read(&twice.to_http_request()).unwrap_err().code(), ProblemCode::HeaderInvalid);
        let request = TestRequest::patch().insert_header((IF_MATCH, "*")).to_http_request();
        assert_eq!(IfMatch::read(&request).unwrap_err().code(), ProblemCode::HeaderInvalid);
    }

    #[test]
    fn who_has_the_version_gets_304() {
        let fresh = TestRequest::get().insert_header((IF_NONE_MATCH, "\"v1\", \"v2\"")).to_http_request();
        assert_eq!(single(&fresh, 2, &()).status(), 304);
        assert_eq!(single(&fresh, 3, &()).status(), 200);
    }
}
