//! A policy set with every value, where it comes from and how much is known about it; and the sign-off by a named
//! responsible person, without which no site goes live.

use super::frame;
use crate::actions::ActionError;
use crate::actions::audit::name_actor;
use crate::actions::policy_sets::{PolicySet, get_policy_set, list_policy_sets};
use crate::actions::sites::{PolicySignature, SignPolicy, SiteSeen, get_site, sign_policy};
use crate::domain::actor::{Permission, SiteScope};
use crate::domain::ids::{PolicySetId, SiteId};
use crate::domain::quantity::Celsius;
use crate::portal::fault::{Fault, show, show_with};
use crate::portal::fields::{ErrorSummary, Field};
use crate::portal::form::{Faults, Filled, Form};
use crate::portal::frame::Frame;
use crate::portal::lot_record::degrees;
use crate::portal::parts::Tag;
use crate::portal::signed::{Posted, Signed, Visitor, permit::ReadNetwork, permit::SignPolicy as MaySign};
use crate::portal::state::Shown;
use crate::portal::stock::site_asked;
use crate::portal::texts::Texts;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;
use serde_json::Value;

/// The most versions that a list offers.
const MOST_SETS: i64 = 200;

/// Adds the routes of policy sets.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/policy", web::get().to(policy));
    config.route("/policy/sign", web::post().to(sign));
}

#[derive(Deserialize)]
struct PolicyQuery {
    #[serde(default)]
    site: String,
    #[serde(default)]
    set: String,
}

struct ValueLine {
    name: String,
    value: String,
    source: String,
    note: Option<String>,
    mark: Tag,
}

struct Signature {
    who: String,
    title: String,
    at: String,
    statement: String,
    demonstration: bool,
}

struct SetChoice {
    href: String,
    label: String,
    current: bool,
}

struct SignForm {
    site: String,
    set: String,
    version: i64,
    fields: Vec<Field>,
    read: bool,
    read_fault: Option<String>,
    only_demonstration: bool,
    demonstration: bool,
    unproven: usize,
}

#[derive(Template)]
#[template(path = "policy.html")]
struct PolicyPage {
    f: Frame,
    errors: Option<ErrorSummary>,
    site_name: String,
    title: String,
    jurisdiction: String,
    in_force: bool,
    signature: Option<Signature>,
    sets: Vec<SetChoice>,
    marks: Vec<(Tag, usize)>,
    values: Vec<ValueLine>,
    form: Option<SignForm>,
}

/// What the page is about.
struct Subject {
    seen: Option<SiteSeen>,
    signer: Option<String>,
    set: Option<PolicySet>,
    sets: Vec<PolicySet>,
}

async fn subject(visitor: &Visitor, site: Option<SiteId>, set: &str) -> Result<Subject, Fault> {
    let wanted: Option<PolicySetId> = match set {
        "" => None,
        id => Some(id.parse().map_err(|_not_an_id| Fault::NotFound)?),
    };
    let actor = visitor.actor().clone();
    let look = move |conn: &mut _| {
        let seen = site.map(|site| get_site(conn, &actor, site)).transpose()?;
        let sets = list_policy_sets(conn, None, None, MOST_SETS)?;
        let in_force = seen.as_ref().and_then(|seen| seen.site.policy_set_id);
        let id = wanted.or(in_force).or_else(|| sets.last().map(|set| set.id));
        let set = id.map(|id| get_policy_set(conn, id)).transpose()?;
        let signer = match seen.as_ref().and_then(|seen| seen.signature.as_ref()) {
            Some(signature) => name_actor(conn, &signature.signed_by)?,
            None => None,
        };
        Ok(Subject { seen, signer, set, sets })
    };
    Ok(visitor.state().hub.read(look).await?)
}

async fn policy(visitor: Signed<ReadNetwork>, query: web::Query<PolicyQuery>) -> Shown {
    let site = site_asked(&visitor, &query.site)?;
    let subject = subject(&visitor, site, &query.set).await?;
    let texts = visitor.texts();
    let form = Form::of(&[("statement", texts.get("policy-statement-usual"))]);
    show(&page(&visitor, &subject, &Filled { form, faults: Faults::default() }))
}

fn page(visitor: &Visitor, subject: &Subject, filled: &Filled) -> PolicyPage {
    let texts = visitor.texts();
    let values = subject.set.as_ref().map(|set| values_of(set, texts)).unwrap_or_default();
    let in_force = subject.seen.as_ref().and_then(|seen| seen.site.policy_set_id);
    let shown = subject.set.as_ref().map(|set| set.id);
    let is_in_force = shown.is_some() && shown == in_force;
    let base = subject.seen.as_ref().map_or_else(String::new, |seen| format!("&site={}", seen.site.id));
    let choice = |set: &PolicySet| SetChoice {
        href: format!("/portal/policy?set={}{base}", set.id),
        label: title_of(set),
        current: Some(set.id) == shown,
    };
    let signature = subject.seen.as_ref().and_then(|seen| seen.signature.as_ref()).filter(|_| is_in_force);
    PolicyPage {
        f: frame(visitor, "policy-title"),
        errors: ErrorSummary::of(texts, texts.get("policy-not-signed"), &filled.faults, visitor.request_id()),
        site_name: subject.seen.as_ref().map_or_else(|| texts.get("frame-all-sites"), |seen| seen.site.name.clone()),
        title: subject.set.as_ref().map_or_else(String::new, title_of),
        jurisdiction: subject.set.as_ref().map_or_else(String::new, |set| set.document.header.jurisdiction.clone()),
        in_force: is_in_force,
        signature: signature.map(|signature| signed_of(signature, subject.signer.clone(), texts)),
        sets: subject.sets.iter().map(choice).collect(),
        marks: counted(&values),
        form: sign_form(visitor, subject, filled, &values),
        values,
    }
}

fn title_of(set: &PolicySet) -> String {
    format!("{} ({})", set.document.title(), set.version)
}

fn signed_of(signature: &PolicySignature, signer: Option<String>, texts: &Texts) -> Signature {
    Signature {
        who: signer.unwrap_or_else(|| signature.signed_by.clone()),
        title: signature.signer_title.clone(),
        at: texts.moments().date_time(signature.signed_at),
        statement: signature.statement.clone(),
        demonstration: signature.demonstration,
    }
}

/// The form of the sign-off, for who may sign for this site and has not signed this set.
fn sign_form(visitor: &Visitor, subject: &Subject, filled: &Filled, values: &[ValueLine]) -> Option<SignForm> {
    let (texts, seen, set) = (visitor.texts(), subject.seen.as_ref()?, subject.set.as_ref()?);
    let may = visitor.may(Permission::SignPolicy) && seen.own && seen.site.policy_set_id != Some(set.id);
    may.then(|| SignForm {
        site: seen.site.id.to_string(),
        set: set.id.to_string(),
        version: seen.site.version,
        fields: vec![
            filled
                .field("title", texts.get("policy-signer-title"))
                .hint(texts.get("policy-signer-title-hint"))
                .needed(),
            filled.field("statement", texts.get("policy-statement")).lines(3).needed(),
        ],
        read: filled.form.has("read"),
        read_fault: filled.faults.of("read").map(str::to_owned),
        only_demonstration: visitor.actor().sites == SiteScope::All,
        demonstration: filled.form.has("demonstration"),
        unproven: values.iter().filter(|line| line.mark.tone != "ok").count(),
    })
}

/// The tag of a mark, as documents write it.
pub(super) fn mark_of(word: &str, texts: &Texts) -> Tag {
    let (tone, icon) = match word {
        "verified" => ("ok", "check"),
        "sourced" => ("info", "info"),
        "derived" => ("info", "count"),
        "memory" => ("warn", "clock"),
        _ => ("warn", "alert"),
    };
    Tag::new(tone, icon, texts.word("mark", word))
}

fn counted(values: &[ValueLine]) -> Vec<(Tag, usize)> {
    let mut found: Vec<(Tag, usize)> = Vec::new();
    for line in values {
        match found.iter_mut().find(|(tag, _)| tag.word == line.mark.word) {
            Some((_, count)) => *count += 1,
            None => found.push((line.mark.clone(), 1)),
        }
    }
    found
}

/// Every value that has a source, wherever it stands in the document.
fn values_of(set: &PolicySet, texts: &Texts) -> Vec<ValueLine> {
    let document = serde_json::to_value(&set.document.values).unwrap_or_default();
    let mut lines = Vec::new();
    walk(&document, &mut Vec::new(), texts, &mut lines);
    lines
}

fn walk(value: &Value, path: &mut Vec<String>, texts: &Texts, lines: &mut Vec<ValueLine>) {
    match value {
        Value::Object(members) => match (members.get("value"), members.get("source")) {
            (Some(value), Some(source)) => lines.push(line_of(path, value, source, texts)),
            _ => {
                for (name, member) in members {
                    path.push(name.clone());
                    walk(member, path, texts, lines);
                    path.pop();
                }
            }
        },
        Value::Array(items) => {
            for item in items {
                let name = item.get("form").and_then(Value::as_str);
                let steps = path.len();
                path.extend(name.map(str::to_owned));
                walk(item, path, texts, lines);
                path.truncate(steps);
            }
        }
        _ => {}
    }
}

fn line_of(path: &[String], value: &Value, source: &Value, texts: &Texts) -> ValueLine {
    let text = |name: &str| source.get(name).and_then(Value::as_str).unwrap_or_default();
    let version = text("version");
    ValueLine {
        name: path.iter().map(|name| name_of(name, texts)).collect::<Vec<_>>().join(" › "),
        value: plain(path.last().map_or("", String::as_str), value, texts),
        source: if version.is_empty() {
            text("document").to_owned()
        } else {
            format!("{} ({version})", text("document"))
        },
        note: source.get("note").and_then(Value::as_str).map(str::to_owned),
        mark: mark_of(text("mark"), texts),
    }
}

/// A step of the way to a value: the name of a limit, or a form of milk.
fn name_of(name: &str, texts: &Texts) -> String {
    let word = name.replace('_', "-");
    let known = texts.find(&format!("policyname-{word}")).or_else(|| texts.find(&format!("form-is-{word}")));
    known.unwrap_or_else(|| name.replace('_', " "))
}

/// A value in words: lists with commas, members with colons. `name` tells the unit of a number.
fn plain(name: &str, value: &Value, texts: &Texts) -> String {
    match value {
        Value::Null => "–".to_owned(),
        Value::Bool(yes) => texts.get(if *yes { "settings-yes" } else { "settings-no" }),
        Value::String(text) => word_of(text, texts),
        Value::Number(number) => {
            number.as_i64().map_or_else(|| number.to_string(), |number| amount(name, number, texts))
        }
        Value::Array(items) => items.iter().map(|item| plain(name, item, texts)).collect::<Vec<_>>().join(", "),
        Value::Object(members) => {
            let parts = members.iter().filter(|(_, value)| !value.is_null()).map(|(name, value)| {
                let part = texts.find(&format!("policypart-{}", name.replace('_', "-")));
                format!("{}: {}", part.unwrap_or_else(|| name.replace('_', " ")), plain(name, value, texts))
            });
            parts.collect::<Vec<_>>().join("; ")
        }
    }
}

/// A word of the document in the reader's language; what is no word of ours stands as it was written.
fn word_of(text: &str, texts: &Texts) -> String {
    let word = text.replace('_', "-");
    let lists = ["policyvalue", "analyte", "indication", "form-is"];
    let known = lists.iter().find_map(|list| texts.find(&format!("{list}-{word}")));
    known.unwrap_or_else(|| text.to_owned())
}

fn amount(name: &str, number: i64, texts: &Texts) -> String {
    match name {
        name if name.ends_with("_hundredths_c") => degrees(texts, Celsius::from_hundredths(number)),
        name if name.ends_with("_tenths_dornic") => format!("{} °D", texts.moments().decimal(number, 1)),
        "per_litre_minor" => texts.moments().decimal(number, 2),
        _ => texts.moments().number(number),
    }
}

/// Where the faults of the use case belong in the form.
const FIELDS: &[(&str, &str)] = &[("/signer_title", "title"), ("/statement", "statement")];

async fn sign(posted: Posted<MaySign>) -> Result<HttpResponse, Fault> {
    let (form, texts) = (&posted.form, posted.texts());
    let site: SiteId = form.get("site").parse().map_err(|_not_an_id| Fault::Unreadable)?;
    let set: PolicySetId = form.get("set").parse().map_err(|_not_an_id| Fault::Unreadable)?;
    let version = form.whole("version").ok_or(Fault::Unreadable)?;
    let mut faults = Faults::default();
    for name in ["title", "statement"] {
        if !form.has(name) {
            faults.note(name, texts.get("form-missing"));
        }
    }
    if !form.has("read") {
        faults.note("read", texts.get("policy-read-first"));
    }
    if faults.is_empty() {
        let command = SignPolicy {
            policy_set_id: set,
            signer_title: form.get("title").to_owned(),
            statement: form.get("statement").to_owned(),
            demonstration: form.has("demonstration") || posted.actor().sites == SiteScope::All,
        };
        let to = move |_seen: &SiteSeen| format!("/portal/policy?site={site}&done=policy-signed");
        match posted.once(move |tx| sign_policy(tx, site, version, &command), to).await {
            Ok(answer) => return Ok(answer),
            Err(ActionError::Invalid(errors)) => faults.take(&errors, FIELDS, texts),
            Err(other) => return Err(other.into()),
        }
    }
    let subject = subject(&posted, Some(site), form.get("set")).await?;
    let filled = Filled { form: form.clone(), faults };
    Ok(show_with(StatusCode::UNPROCESSABLE_ENTITY, &page(&posted, &subject, &filled)))
}
