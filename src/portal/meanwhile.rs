//! A form that came too late: what changed since its page was opened and by whom, and everything that was typed, so that
//! nothing of either is lost.

use super::arrival::Arrival;
use super::fault::Fault;
use super::form::{FORM_SITE, FORM_TOKEN, Form, ONCE};
use super::texts::Texts;
use crate::actions::ActionError;
use crate::actions::audit::{AuditPage, AuditRow, list_meanwhile};
use crate::domain::time::Instant;
use actix_web::http::header::REFERER;
use actix_web::{HttpMessage, HttpRequest};
use std::collections::BTreeMap;

/// The most changes that are told.
const MOST: i64 = 6;
/// Fields that no person typed.
const UNTYPED: [&str; 5] = [FORM_TOKEN, FORM_SITE, ONCE, VERSION, "sel"];
/// The field with the version that somebody saw.
const VERSION: &str = "version";

/// The form of a request, kept for a page that has to say why it was not taken.
pub struct SentForm(pub Form);

/// What is told of a form that came too late.
#[derive(Default)]
pub struct Meanwhile {
    /// One sentence for each change, newest first.
    pub lines: Vec<String>,
    /// The fields to send again, made for the version that there is now.
    pub fields: Vec<(String, String)>,
    /// What was typed, by the name of its field.
    pub typed: Vec<(String, String)>,
    /// The page that shows how things stand.
    pub open: Option<String>,
}

/// Looks up what happened, for a fault that says that something else came first.
pub async fn find(fault: &Fault, arrival: &Arrival, request: &HttpRequest) -> Option<Meanwhile> {
    let Fault::Action(error) = fault else { return None };
    let (current, said) = match error {
        ActionError::Stale { current_version } => (*current_version, Vec::new()),
        ActionError::Overtaken { current_version, changes } => (*current_version, changes.clone()),
        _ => return None,
    };
    let session = arrival.open_session()?;
    let form = request.extensions_mut().remove::<SentForm>().map(|SentForm(form)| form).unwrap_or_default();
    let subject = request.path().rsplit('/').find(|part| uuid::Uuid::try_parse(part).is_ok()).map(str::to_owned);
    let (actor, opened) = (session.actor.clone(), form.made_at());
    let entries = match (subject, opened) {
        (Some(subject), Some(opened)) => {
            let look = move |conn: &mut _| list_meanwhile(conn, &actor, &subject, opened, MOST);
            arrival.state.hub.read(look).await.ok()
        }
        _ => None,
    };
    let texts = &arrival.texts;
    let AuditPage { entries, names } = entries.unwrap_or_else(|| AuditPage { entries: vec![], names: BTreeMap::new() });
    let mut lines: Vec<String> = entries.iter().map(|entry| line_of(entry, &names, texts)).collect();
    if lines.is_empty() {
        lines = said.iter().map(|change| texts.by_the_clock(change)).collect();
    }
    Some(Meanwhile { lines, fields: fields_for(&form, current), typed: typed(&form), open: page_before(request) })
}

/// `Ward manager, today 10:42: packed the box`.
fn line_of(entry: &AuditRow, names: &BTreeMap<String, String>, texts: &Texts) -> String {
    let who = match names.get(&entry.actor_id) {
        Some(name) => name.clone(),
        None if entry.actor_kind == "hub" => texts.get("audit-hub"),
        None => texts.word("role", &entry.role),
    };
    let word = entry.action.replace(['.', '_'], "-");
    let what = texts.find(&format!("did-{word}")).unwrap_or_else(|| entry.action.replace(['.', '_'], " "));
    let fields = changed_fields(&entry.detail, texts);
    let what = if fields.is_empty() { what } else { format!("{what} ({})", fields.join(", ")) };
    let when = texts.moments().date_time(Instant::from_micros(entry.at));
    texts.with("stale-line", &[("who", &who), ("when", &when), ("what", &what)])
}

/// The fields that an entry names as changed, in words.
fn changed_fields(detail: &str, texts: &Texts) -> Vec<String> {
    let detail: serde_json::Value = serde_json::from_str(detail).unwrap_or_default();
    let fields = detail.get("fields").and_then(serde_json::Value::as_array).cloned().unwrap_or_default();
    let names = fields.iter().filter_map(serde_json::Value::as_str);
    let word = |name: &str| texts.find(&format!("did-field-{}", name.replace('_', "-")));
    names.map(|name| word(name).unwrap_or_else(|| name.replace('_', " "))).collect()
}

/// The form for the version that there is now; without one there is nothing to send again.
fn fields_for(form: &Form, current: i64) -> Vec<(String, String)> {
    if form.has_files() || !form.has(VERSION) {
        return Vec::new();
    }
    let marks = [FORM_TOKEN, FORM_SITE, VERSION];
    let kept = form.kept().into_iter().filter(|(name, _)| !marks.contains(name));
    let kept = kept.map(|(name, value)| (name.to_owned(), value.to_owned()));
    kept.chain([(VERSION.to_owned(), current.to_string())]).collect()
}

fn typed(form: &Form) -> Vec<(String, String)> {
    let filled = form.kept().into_iter().filter(|(name, value)| !UNTYPED.contains(name) && !value.trim().is_empty());
    filled.map(|(name, value)| (name.replace(['_', '-'], " "), value.to_owned())).collect()
}

/// The page that the form stood on, by the browser's own word.
fn page_before(request: &HttpRequest) -> Option<String> {
    let before = request.headers().get(REFERER)?.to_str().ok()?;
    let path = match before.split_once("://") {
        Some((_, rest)) => rest.get(rest.find('/')?..)?,
        None => before,
    };
    (path.starts_with("/portal/") && !path.contains("//")).then(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_is_told_and_sent_for_the_version_there_is() {
        let form =
            Form::read(b"once=0199c6f0-0000-7000-8000-000000000001&version=3&form-token=x&reserve=250&note=").unwrap();
        assert_eq!(typed(&form), [("reserve".to_owned(), "250".to_owned())]);
        let fields = fields_for(&form, 5);
        assert!(fields.contains(&("version".to_owned(), "5".to_owned())), "{fields:?}");
        assert!(!fields.iter().any(|(name, value)| name == "form-token" || value == "3"), "{fields:?}");
        assert_eq!(form.made_at().map(|at| at.to_string()).as_deref(), Some("2025-10-09T03:07:21.472Z"));
        assert!(fields_for(&Form::read(b"reserve=250").unwrap(), 5).is_empty(), "nothing to send again");
    }
}
