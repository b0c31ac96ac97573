//! What keeps a page from being shown, each with a page that says what happened, what was not done, and what to
//! do next. Nothing of the hub's inside is told; the request's id leads to the log.

use super::arrival::Arrival;
use super::form::{FORM_SITE, FORM_TOKEN, Form};
use super::frame::Frame;
use super::meanwhile::Meanwhile;
use super::rule_text::{RuleText, refusal_lines};
use super::sign_in;
use super::texts::Texts;
use crate::actions::ActionError;
use crate::domain::actor::Permission;
use crate::domain::field::FieldError;
use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::{HttpResponse, ResponseError};
use askama::Template;
use std::fmt;

/// Why the page that was asked for is not shown.
#[derive(Debug)]
pub enum Fault {
    /// Nobody is signed in; what was typed is kept.
    SignIn(Option<Form>),
    /// The session is locked; what was typed is kept.
    Locked(Option<Form>),
    /// The password that should have opened the lock or the door was wrong, or came too often.
    Refused {
        /// What was typed.
        form: Form,
        /// Whether a session waits to be opened again.
        locked: bool,
        /// Too many attempts.
        throttled: bool,
    },
    /// The form was not made by a page of this session.
    Forged,
    /// The form was made before somebody signed in again or chose another site; what was typed is kept, and sent when
    /// they say so.
    Again(Form),
    /// The role may not do this.
    Forbidden(Permission),
    /// There is no such page or thing.
    NotFound,
    /// What the browser sent cannot be read.
    Unreadable,
    /// The use case ended without doing anything.
    Action(ActionError),
    /// What a vehicle should do does not go together, for these reasons.
    DoesNotFit(Vec<FieldError>),
    /// A fault of the portal.
    Failed,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Action(error) => error.fmt(f),
            other => write!(f, "{}", other.status_code()),
        }
    }
}

impl From<ActionError> for Fault {
    fn from(error: ActionError) -> Self {
        match error {
            ActionError::NotFound { .. } => Self::NotFound,
            other => Self::Action(other),
        }
    }
}

impl ResponseError for Fault {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::SignIn(None) => StatusCode::SEE_OTHER,
            Self::SignIn(Some(_)) | Self::Locked(_) | Self::Refused { .. } => StatusCode::UNAUTHORIZED,
            Self::Forged | Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::Again(_) | Self::DoesNotFit(_) => StatusCode::CONFLICT,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Unreadable => StatusCode::BAD_REQUEST,
            Self::Failed => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Action(error) => status_of(error),
        }
    }

    fn error_response(&self) -> HttpResponse {
        // The edge puts the page here, in the reader's language.
        HttpResponse::new(self.status_code())
    }
}

const fn status_of(error: &ActionError) -> StatusCode {
    match error {
        ActionError::NotFound { .. } => StatusCode::NOT_FOUND,
        ActionError::Forbidden => StatusCode::FORBIDDEN,
        ActionError::Refused(_) | ActionError::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
        ActionError::Stale { .. }
        | ActionError::Overtaken { .. }
        | ActionError::Conflict { .. }
        | ActionError::KeyReused
        | ActionError::KeyBusy => StatusCode::CONFLICT,
        ActionError::Unauthenticated { .. } => StatusCode::UNAUTHORIZED,
        ActionError::Unavailable | ActionError::Busy => StatusCode::SERVICE_UNAVAILABLE,
        ActionError::Internal(_) | ActionError::Store(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

#[derive(Template)]
#[template(path = "fault.html")]
struct FaultPage<'a> {
    f: Frame,
    heading: String,
    happened: String,
    next: String,
    details: Vec<RuleText>,
    again: Option<Again>,
    typed: Vec<(String, String)>,
    open: Option<String>,
    request_id: &'a str,
}

/// A form that waits for a word whether it is meant for where the person is now.
struct Again {
    action: String,
    kept: Vec<(String, String)>,
    send: String,
}

/// The page for a fault; `meanwhile` is what else happened to the thing it is about.
#[must_use]
pub fn page(fault: &Fault, arrival: &Arrival, meanwhile: Option<Meanwhile>) -> HttpResponse {
    let status = fault.status_code();
    match fault {
        Fault::SignIn(None) => {
            let to = sign_in::address_with_return(&arrival.here);
            return HttpResponse::SeeOther().insert_header((LOCATION, to)).finish();
        }
        Fault::SignIn(Some(form)) => return sign_in::door(arrival, Some(form), false, false, status),
        Fault::Locked(form) => return sign_in::lock(arrival, form.as_ref(), false, false),
        Fault::Refused { form, locked: true, throttled } => {
            return sign_in::lock(arrival, Some(form), true, *throttled);
        }
        Fault::Refused { form, locked: false, throttled } => {
            return sign_in::door(arrival, Some(form), true, *throttled, status);
        }
        _ => {}
    }
    if let Fault::Action(ActionError::Internal(what)) = fault {
        tracing::error!(what, "a page failed");
    } else if let Fault::Action(ActionError::Store(error)) = fault {
        tracing::error!(%error, "a page failed");
    }
    let (name, mut details) = words(fault, arrival);
    let texts = &arrival.texts;
    let mut again = again(fault, arrival);
    let Meanwhile { lines, fields, typed, open } = meanwhile.unwrap_or_default();
    if !lines.is_empty() {
        details = lines.into_iter().map(RuleText::plain).collect();
    }
    if !fields.is_empty() {
        again = sent_again(arrival, fields, |_name, _site| texts.get("fault-stale-send"));
    }
    let heading = texts.get(&format!("fault-{name}-title"));
    let page = FaultPage {
        f: Frame::of(arrival, "", &heading),
        happened: texts.get(&format!("fault-{name}-happened")),
        next: texts.get(&format!("fault-{name}-next")),
        heading,
        details,
        again,
        typed,
        open,
        request_id: &arrival.request_id,
    };
    show_with(status, &page)
}

/// The form of a fault with the marks of the present session, told who sends it and for which site.
fn again(fault: &Fault, arrival: &Arrival) -> Option<Again> {
    let Fault::Again(form) = fault else { return None };
    let typed = form.kept().into_iter().filter(|(name, _)| ![FORM_TOKEN, FORM_SITE].contains(name));
    let kept = typed.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    sent_again(arrival, kept, |name, site| arrival.texts.with("fault-again-send", &[("name", &name), ("site", &site)]))
}

/// Fields with the marks of the present session; `say` is told its person and site.
fn sent_again(
    arrival: &Arrival,
    mut kept: Vec<(String, String)>,
    say: impl FnOnce(&str, &str) -> String,
) -> Option<Again> {
    let session = arrival.open_session()?;
    let site = session.site.as_ref();
    let token = arrival.state.authority.form_token(arrival.token.as_deref().unwrap_or_default()).ok()?;
    kept.push((FORM_TOKEN.to_owned(), token));
    kept.push((FORM_SITE.to_owned(), site.map(|site| site.id.to_string()).unwrap_or_default()));
    let name = site.map_or_else(|| arrival.texts.get("frame-all-sites"), |site| site.name.clone());
    Some(Again { action: arrival.here.clone(), kept, send: say(&session.display_name, &name) })
}

/// The words of a fault and what else is known.
fn words(fault: &Fault, arrival: &Arrival) -> (&'static str, Vec<RuleText>) {
    let none = Vec::new();
    match fault {
        Fault::Forged => ("forged", none),
        Fault::Again(_) => ("again", none),
        Fault::DoesNotFit(reasons) => {
            let all = RuleText::plain(arrival.texts.get("conflict-does-not-fit"));
            let reasons = reasons.iter().map(|reason| invalid(&arrival.texts, reason));
            ("conflict", std::iter::once(all).chain(reasons).collect())
        }
        Fault::Forbidden(permission) => {
            let roles = permission.roles().iter().map(|role| arrival.texts.word("role", role.as_str()));
            let roles: Vec<String> = roles.collect();
            let told = arrival.texts.one("fault-forbidden-roles", "roles", roles.join(", "));
            ("forbidden", vec![RuleText::plain(told)])
        }
        Fault::NotFound => ("not-found", none),
        Fault::Unreadable => ("unreadable", none),
        Fault::Action(error) => match error {
            ActionError::NotFound { .. } => ("not-found", none),
            ActionError::Forbidden | ActionError::Unauthenticated { .. } => ("not-yours", none),
            ActionError::Refused(refusals) => ("rules", refusal_lines(&arrival.texts, refusals)),
            ActionError::Invalid(fields) => {
                ("unreadable", fields.iter().map(|field| invalid(&arrival.texts, field)).collect())
            }
            ActionError::Stale { .. } => ("stale", none),
            ActionError::Overtaken { changes, .. } => ("stale", changes.iter().cloned().map(RuleText::plain).collect()),
            ActionError::Conflict { code, detail, .. } => {
                ("conflict", vec![RuleText::of(&arrival.texts, "conflict", code, detail.clone())])
            }
            ActionError::KeyReused | ActionError::KeyBusy => ("sent-twice", none),
            ActionError::Unavailable | ActionError::Busy => ("busy", none),
            ActionError::Internal(_) | ActionError::Store(_) => ("failed", none),
        },
        _ => ("failed", none),
    }
}

fn invalid(texts: &Texts, field: &FieldError) -> RuleText {
    RuleText::of(texts, "invalid", field.code, field.detail.clone())
}

/// A page as an answer.
///
/// # Errors
/// `Failed` when a template cannot be written, which does not happen with texts and numbers.
pub fn show(page: &impl Template) -> Result<HttpResponse, Fault> {
    Ok(show_with(StatusCode::OK, page))
}

/// A page as an answer with another status, such as a form that comes back.
#[must_use]
pub fn show_with(status: StatusCode, page: &impl Template) -> HttpResponse {
    match page.render() {
        Ok(body) => HttpResponse::build(status).content_type("text/html; charset=utf-8").body(without_export(body)),
        Err(error) => {
            tracing::error!(%error, "a template failed");
            HttpResponse::InternalServerError().finish()
        }
    }
}

/// The page without the offer of a file where it has no table to make one of.
fn without_export(body: String) -> String {
    if body.contains("<table") {
        return body;
    }
    match body
        .split_once("<nav class=\"export\"")
        .and_then(|(before, rest)| Some((before, rest.split_once("</nav>")?.1)))
    {
        Some((before, after)) => format!("{before}{after}"),
        None => body,
    }
}

/// Leads on after something was done, so that going back or reloading does not do it again.
#[must_use]
pub fn see(to: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((LOCATION, to)).finish()
}
