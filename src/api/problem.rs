//! A problem as the wire carries it (RFC 9457), and the exhaustive way from an action's error to one. What
//! nobody foresaw is a plain 500: the cause goes to the log, never to the caller.

pub use super::code::ProblemCode;
use crate::actions::ActionError;
use crate::domain::field::FieldError;
use crate::domain::refusal::Refusal;
use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, CONTENT_TYPE, ETAG, HeaderName, HeaderValue, RETRY_AFTER};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use utoipa::ToSchema;

/// After this many seconds a caller may try again when the database is gone or the hub too busy.
const RETRY_AFTER_S: u32 = 2;

/// Why a request was not done.
#[derive(Debug, Clone)]
pub struct Problem(Box<Parts>);

#[derive(Debug, Clone)]
struct Parts {
    code: ProblemCode,
    /// A finer code than the table's, for conflicts of state.
    finer_code: Option<&'static str>,
    detail: Option<String>,
    errors: Vec<FieldError>,
    refusals: Vec<Refusal>,
    current_version: Option<i64>,
    changes: Vec<String>,
    retry_after_s: Option<u32>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

/// A field that was refused.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FieldProblem)]
pub struct FieldView {
    /// JSON Pointer (RFC 6901) to the field, empty for the whole body.
    pointer: String,
    /// Stable code.
    code: String,
    /// What to send instead.
    detail: String,
}

/// A safety rule that forbids what was asked.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SafetyRefusal)]
pub struct RefusalView {
    /// Number of the rule, 1 to 21.
    #[schema(minimum = 1, maximum = 21)]
    number: u8,
    /// Stable code under that number.
    code: String,
    /// The rule with its values and the document it rests on.
    detail: String,
    /// JSON Pointer to what met it, where the body holds several things.
    #[serde(skip_serializing_if = "Option::is_none")]
    pointer: Option<String>,
}

/// What every answer that is not a success carries.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemView {
    /// Address of the page about this problem.
    #[serde(rename = "type")]
    kind: String,
    /// One line for people.
    title: &'static str,
    /// HTTP status.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// What happened this time.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// `urn:uuid:` and the request id, as in the hub's log.
    #[serde(skip_serializing_if = "Option::is_none")]
    instance: Option<String>,
    /// Stable code that programs branch on.
    code: &'static str,
    /// Fields that were refused.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    errors: Vec<FieldView>,
    /// Safety rules that forbid it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    refusals: Vec<RefusalView>,
    /// The ETag of the version there is now.
    #[serde(skip_serializing_if = "Option::is_none")]
    current_etag: Option<String>,
    /// What others changed since the version that was named, oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    changes: Vec<String>,
    /// Seconds to wait before the next try.
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_s: Option<u32>,
}

impl From<&Refusal> for RefusalView {
    fn from(refusal: &Refusal) -> Self {
        let Refusal { number, code, detail, pointer } = refusal;
        Self { number: number.get(), code: code.to_string(), detail: detail.clone(), pointer: pointer.clone() }
    }
}

impl From<&FieldError> for FieldView {
    fn from(error: &FieldError) -> Self {
        let FieldError { pointer, code, detail } = error;
        Self { pointer: pointer.clone(), code: (*code).to_owned(), detail: detail.clone() }
    }
}

impl From<ProblemCode> for Problem {
    fn from(code: ProblemCode) -> Self {
        let waits = [ProblemCode::Unavailable, ProblemCode::Busy, ProblemCode::IdempotencyKeyBusy];
        Self(Box::new(Parts {
            code,
            finer_code: None,
            detail: None,
            errors: Vec::new(),
            refusals: Vec::new(),
            current_version: None,
            changes: Vec::new(),
            retry_after_s: waits.contains(&code).then_some(RETRY_AFTER_S),
            headers: Vec::new(),
        }))
    }
}

impl Problem {
    fn with(code: ProblemCode, change: impl FnOnce(&mut Parts)) -> Self {
        let mut problem = Self::from(code);
        change(&mut problem.0);
        problem
    }

    /// A problem with one sentence about this time. The sentence never holds what the caller sent.
    #[must_use]
    pub fn new(code: ProblemCode, detail: impl Into<String>) -> Self {
        Self::with(code, |parts| parts.detail = Some(detail.into()))
    }

    /// A problem with the fields that cannot be taken.
    #[must_use]
    pub fn fields(code: ProblemCode, errors: Vec<FieldError>) -> Self {
        Self::with(code, |parts| parts.errors = errors)
    }

    /// A problem with one field that cannot be taken.
    #[must_use]
    pub fn field(code: ProblemCode, pointer: &str, field_code: &'static str, detail: &str) -> Self {
        Self::fields(code, vec![FieldError::new(pointer, field_code, detail)])
    }

    /// Adds the seconds to wait.
    #[must_use]
    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.0.retry_after_s = Some(seconds);
        self
    }

    /// Adds a header; a value that is no header text is left out.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.0.headers.push((name, value));
        }
        self
    }

    /// Adds the methods an address takes.
    #[must_use]
    pub fn allow(self, methods: &str) -> Self {
        self.header(ALLOW, methods)
    }

    /// Which kind of problem it is.
    #[must_use]
    pub fn code(&self) -> ProblemCode {
        self.0.code
    }

    /// The body, with the request's id when it is known.
    #[must_use]
    pub fn view(&self, request_id: Option<&str>) -> ProblemView {
        ProblemView {
            kind: self.0.code.page(),
            title: self.0.code.title(),
            status: self.0.code.status().as_u16(),
            detail: self.0.detail.clone(),
            instance: request_id.map(|id| format!("urn:uuid:{id}")),
            code: self.0.finer_code.unwrap_or(self.0.code.code()),
            errors: self.0.errors.iter().map(FieldView::from).collect(),
            refusals: self.0.refusals.iter().map(RefusalView::from).collect(),
            current_etag: self.0.current_version.map(super::conditional::etag),
            changes: self.0.changes.clone(),
            retry_after_s: self.0.retry_after_s,
        }
    }

    /// The whole answer.
    #[must_use]
    pub fn answer(&self, request_id: Option<&str>) -> HttpResponse {
        let mut answer = HttpResponse::build(self.0.code.status());
        answer.insert_header((CONTENT_TYPE, "application/problem+json"));
        if let Some(seconds) = self.0.retry_after_s {
            answer.insert_header((RETRY_AFTER, seconds));
        }
        if let Some(version) = self.0.current_version {
            answer.insert_header((ETAG, super::conditional::etag(version)));
        }
        for (name, value) in &self.0.headers {
            answer.append_header((name.clone(), value.clone()));
        }
        answer.json(self.view(request_id))
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.0.code.code(), self.0.detail.as_deref().unwrap_or(self.0.code.title()))
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.0.code.status()
    }

    fn error_response(&self) -> HttpResponse {
        self.answer(None)
    }
}

impl From<ActionError> for Problem {
    fn from(error: ActionError) -> Self {
        match error {
            ActionError::NotFound { what } => Self::new(ProblemCode::NotFound, format!("{what} not found")),
            ActionError::Forbidden => Self::from(ProblemCode::Forbidden),
            ActionError::Refused(refusals) => Self::with(ProblemCode::Refused, |parts| parts.refusals = refusals),
            ActionError::Invalid(errors) => Self::fields(ProblemCode::BodyInvalid, errors),
            ActionError::Stale { current_version } => {
                Self::with(ProblemCode::VersionStale, |parts| parts.current_version = Some(current_version))
            }
            ActionError::Overtaken { current_version, changes } => Self::with(ProblemCode::VersionStale, |parts| {
                parts.current_version = Some(current_version);
                parts.changes = changes;
            }),
            ActionError::Conflict { code, detail } => Self::with(ProblemCode::StateConflict, |parts| {
                parts.finer_code = Some(code);
                parts.detail = Some(detail);
            }),
            ActionError::KeyReused => Self::from(ProblemCode::IdempotencyKeyReused),
            ActionError::KeyBusy => Self::from(ProblemCode::IdempotencyKeyBusy),
            ActionError::Unauthenticated { code } => {
                super::auth::challenge(ProblemCode::find(code).unwrap_or(ProblemCode::TokenInvalid))
            }
            ActionError::Unavailable => Self::from(ProblemCode::Unavailable),
            ActionError::Busy => Self::from(ProblemCode::Busy),
            ActionError::Internal(cause) => internal(&cause),
            ActionError::Store(cause) => internal(&cause.to_string()),
        }
    }
}

/// The one place where a fault of ours is logged; the span carries the request id.
fn internal(cause: &str) -> Problem {
    tracing::error!(cause, "a request met a fault");
    Problem::from(ProblemCode::Internal)
}
