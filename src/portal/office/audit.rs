//! The audit: who did what and when, newest first, narrowed by the address, with the state of the chain.

use super::frame;
use crate::actions::audit::{AuditFilter, AuditPage, AuditRow, list_audit};
use crate::actions::chain::{ChainReport, verify_audit};
use crate::domain::actor::Permission;
use crate::domain::time::Instant;
use crate::portal::fault::{Fault, show};
use crate::portal::fields::Field;
use crate::portal::frame::Frame;
use crate::portal::parts::{Pages, Tag};
use crate::portal::signed::{Signed, Visitor, permit::ReadAudit};
use crate::portal::state::Shown;
use crate::portal::texts::Texts;
use actix_web::web;
use askama::Template;
use serde::Deserialize;

/// Rows on a page.
const ROWS: i64 = 50;
/// The longest beginning of an action that is looked for.
const LONGEST: usize = 60;

/// Adds the route of the audit.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/audit", web::get().to(audit));
}

#[derive(Deserialize)]
struct AuditQuery {
    #[serde(default)]
    action: String,
    #[serde(default)]
    actor: String,
    #[serde(default)]
    subject: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    until: String,
    #[serde(default)]
    after: String,
    #[serde(default)]
    verify: String,
}

struct EntryLine {
    at: String,
    who: String,
    by: Option<String>,
    role: String,
    action: String,
    subject: String,
    about: String,
    detail: String,
    place: String,
}

/// What is known of the chain.
struct Chain {
    tag: Tag,
    words: String,
    head: Option<String>,
}

#[derive(Template)]
#[template(path = "audit.html")]
struct AuditListPage {
    f: Frame,
    fields: Vec<Field>,
    lines: Vec<EntryLine>,
    pages: Pages,
    chain: Option<Chain>,
    may_verify: bool,
}

/// A text of the address that is looked for; nothing when it is empty or no such text.
fn wanted(text: &str) -> Option<String> {
    let text = text.trim();
    let plain = text.len() <= LONGEST
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'));
    (plain && !text.is_empty()).then(|| text.to_owned())
}

/// The beginning of a day, or of the day after it.
fn day(texts: &Texts, text: &str, days_after: i64) -> Option<Instant> {
    let from = texts.moments().read(&format!("{}T00:00", text.trim()))?;
    Some(from.plus_days(days_after))
}

async fn audit(visitor: Signed<ReadAudit>, query: web::Query<AuditQuery>) -> Shown {
    let (texts, rows) = (visitor.texts(), visitor.rows(ROWS));
    let filter = AuditFilter {
        sites: None,
        // An underscore means any letter in a pattern: it may stand for itself here, as it does in every word.
        action: wanted(&query.action),
        actor: wanted(&query.actor),
        subject: wanted(&query.subject),
        from: day(texts, &query.from, 0),
        until: day(texts, &query.until, 1),
    };
    let (actor, site, before) = (visitor.actor().clone(), visitor.site().map(|site| site.id), query.after.parse().ok());
    let look = move |conn: &mut _| list_audit(conn, &actor, site, &filter, before, rows + 1);
    let AuditPage { mut entries, names } = visitor.state().hub.read(look).await?;
    let most = usize::try_from(rows).unwrap_or(usize::MAX);
    let more = entries.len() > most;
    entries.truncate(most);
    let next = entries.last().filter(|_| more).map(|entry| entry.seq.to_string());
    let may_verify = visitor.may(Permission::ReadLedger);
    let chain = if may_verify && query.verify == "yes" { Some(verified(&visitor).await?) } else { None };
    show(&AuditListPage {
        f: frame(&visitor, "audit-title"),
        fields: fields(&query, texts),
        lines: entries.iter().map(|entry| line_of(entry, names.get(&entry.actor_id), texts)).collect(),
        pages: Pages::new(texts, visitor.here(), next),
        chain,
        may_verify,
    })
}

fn fields(query: &AuditQuery, texts: &Texts) -> Vec<Field> {
    let field = |name: &str, label: &str, value: &str| Field::new(name, texts.get(label), value.to_owned(), None);
    vec![
        field("action", "audit-action", &query.action).hint(texts.get("audit-action-hint")),
        field("actor", "audit-actor", &query.actor).hint(texts.get("audit-id-hint")),
        field("subject", "audit-subject", &query.subject).hint(texts.get("audit-id-hint")),
        field("from", "audit-from", &query.from).kind("date", "off"),
        field("until", "audit-until", &query.until).kind("date", "off"),
    ]
}

fn line_of(entry: &AuditRow, name: Option<&String>, texts: &Texts) -> EntryLine {
    let hub = entry.actor_kind == "hub";
    EntryLine {
        at: texts.moments().date_time(Instant::from_micros(entry.at)),
        who: name.cloned().unwrap_or_else(|| if hub { texts.get("audit-hub") } else { entry.actor_id.clone() }),
        by: (!hub).then(|| format!("/portal/audit?actor={}", entry.actor_id)),
        role: if hub { String::new() } else { texts.word("role", &entry.role) },
        action: entry.action.clone(),
        subject: entry.subject_kind.replace('_', " "),
        about: entry.subject_id.clone(),
        detail: if entry.detail == "{}" { String::new() } else { entry.detail.clone() },
        place: entry.pos.map_or_else(|| texts.get("audit-unlinked"), |pos| texts.moments().number(pos)),
    }
}

/// Walks the whole chain.
async fn verified(visitor: &Visitor) -> Result<Chain, Fault> {
    let ChainReport { head, broken, unlinked } = verify_audit(&visitor.state().hub).await?;
    let texts = visitor.texts();
    let (tag, words) = match &broken {
        Some(broken) => (
            Tag::new("crit", "stop", texts.get("audit-broken")),
            texts.with("audit-broken-at", &[("place", &broken.pos), ("why", &broken.why)]),
        ),
        None => (
            Tag::new("ok", "check", texts.get("audit-holds")),
            texts.with("audit-holds-all", &[("n", &head.as_ref().map_or(0, |head| head.pos)), ("waiting", &unlinked)]),
        ),
    };
    Ok(Chain { tag, words, head: head.map(|head| format!("{}:{}", head.pos, head.hash)) })
}
