//! One address: how it stands, its log, and what may be done: tried, paused, let go on, another secret, removed;
//! a message sent again or set aside.

use super::webhooks::{state_tag, told};
use crate::actions::webhooks::{
    ChangeWebhook, DeliveryRow, WebhookSeen, change_secret, change_webhook, get_webhook, log, remove_webhook,
};
use crate::actions::{ActionError, Tx};
use crate::domain::ids::{DeliveryId, WebhookId};
use crate::domain::time::Instant;
use crate::domain::webhook::{DeliveryState, WebhookState};
use crate::portal::fault::{Fault, show};
use crate::portal::frame::Frame;
use crate::portal::parts::{Pages, Tag};
use crate::portal::signed::{Posted, Signed, Visitor, permit::ManageWebhooks};
use crate::portal::state::Shown;
use crate::portal::texts::Texts;
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

/// Rows of the log on a page.
const ROWS: i64 = 50;

/// Adds the routes of one address.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/webhooks/{id}", web::get().to(one));
    config.route("/webhooks/{id}/test", web::post().to(test));
    config.route("/webhooks/{id}/state", web::post().to(turn));
    config.route("/webhooks/{id}/secret", web::post().to(secret));
    config.route("/webhooks/{id}/remove", web::post().to(remove));
    config.route("/webhooks/{id}/resend", web::post().to(resend));
    config.route("/webhooks/{id}/set-aside", web::post().to(set_aside));
}

#[derive(Deserialize)]
struct LogQuery {
    #[serde(default)]
    after: String,
}

struct DeliveryLine {
    id: String,
    kind: String,
    event: String,
    state: Tag,
    attempts: String,
    answer: String,
    at: String,
    may_resend: bool,
    may_set_aside: bool,
}

#[derive(Template)]
#[template(path = "webhook.html")]
struct WebhookPage {
    f: Frame,
    id: String,
    version: i64,
    url: String,
    state: Tag,
    paused: bool,
    orphaned: bool,
    failing: Option<String>,
    kinds: Vec<String>,
    waiting: String,
    given_up: i64,
    delivered: String,
    next: Option<String>,
    lines: Vec<DeliveryLine>,
    pages: Pages,
}

fn line_of(row: &DeliveryRow, texts: &Texts, now: Instant) -> DeliveryLine {
    let word = texts.word("webhooks-delivery", row.state.as_str());
    let state = match row.state {
        DeliveryState::Waiting => Tag::new("info", "clock", word),
        DeliveryState::Delivered => Tag::new("ok", "check", word),
        DeliveryState::GivenUp => Tag::new("crit", "alert", word),
        DeliveryState::Withdrawn => Tag::new("", "lock", word),
    };
    let fault = row.fault.map(|fault| texts.word("webhooks-fault", fault.as_str()));
    let status = row.status.map(|status| format!("HTTP {status}"));
    let answer: Vec<String> = [status, fault].into_iter().flatten().collect();
    DeliveryLine {
        id: row.id.to_string(),
        kind: row.kind.clone(),
        event: row.event_id.clone(),
        state,
        attempts: texts.moments().number(row.attempts),
        answer: if answer.is_empty() { "–".to_owned() } else { answer.join(" · ") },
        at: texts.short_moment(row.attempted_at.unwrap_or(row.queued_at), now),
        may_resend: row.state != DeliveryState::Waiting,
        may_set_aside: row.state == DeliveryState::Waiting && row.attempts > 0,
    }
}

fn read_id(path: &str) -> Result<WebhookId, Fault> {
    path.parse().map_err(|_not_an_id| Fault::NotFound)
}

async fn found(visitor: &Visitor, id: WebhookId) -> Result<WebhookSeen, Fault> {
    let actor = visitor.actor().clone();
    Ok(visitor.state().hub.read(move |conn| get_webhook(conn, &actor, id)).await?)
}

async fn one(visitor: Signed<ManageWebhooks>, path: web::Path<String>, query: web::Query<LogQuery>) -> Shown {
    let id = read_id(&path)?;
    let seen = found(&visitor, id).await?;
    let (actor, before, rows) = (visitor.actor().clone(), query.after.parse().ok(), visitor.rows(ROWS));
    let read = move |conn: &mut _| log::list_deliveries(conn, &actor, id, None, before, rows + 1);
    let mut messages = visitor.state().hub.read(read).await?;
    let most = usize::try_from(rows).unwrap_or(usize::MAX);
    let more = messages.len() > most;
    messages.truncate(most);
    let next = messages.last().filter(|_| more).map(|row| row.id.to_string());
    let (texts, now) = (visitor.texts(), visitor.now());
    let moment = |at: Instant| texts.short_moment(at, now);
    let row = &seen.row;
    let trying = row.failures > 0 && row.state != WebhookState::Paused && seen.waiting > 0;
    show(&WebhookPage {
        f: visitor.frame("more", &row.name),
        id: id.to_string(),
        version: row.version,
        url: row.url.clone(),
        state: state_tag(&seen, texts),
        paused: row.state == WebhookState::Paused,
        orphaned: !seen.owner_stands,
        failing: row.failing_since.map(|at| texts.one("webhooks-failing-since", "when", moment(at))),
        kinds: seen.kinds.clone(),
        waiting: texts.moments().number(seen.waiting),
        given_up: seen.given_up,
        delivered: row.delivered_at.map_or_else(|| "–".to_owned(), moment),
        next: trying.then(|| moment(row.next_at)),
        lines: messages.iter().map(|message| line_of(message, texts, now)).collect(),
        pages: Pages::new(texts, visitor.here(), next),
    })
}

/// Does one thing to an address and shows it again.
async fn act<T, F>(posted: &Posted<ManageWebhooks>, id: WebhookId, done: &str, job: F) -> Result<HttpResponse, Fault>
where
    F: Fn(&mut Tx<'_>) -> Result<T, ActionError> + Send + 'static,
{
    let to = format!("/portal/webhooks/{id}?done={done}");
    Ok(posted.once(job, move |_done| to.clone()).await?)
}

async fn version_of(posted: &Posted<ManageWebhooks>, id: WebhookId) -> Result<i64, Fault> {
    match posted.form.whole("version") {
        Some(version) => Ok(version),
        None => Ok(found(posted, id).await?.row.version),
    }
}

async fn test(posted: Posted<ManageWebhooks>, path: web::Path<String>) -> Result<HttpResponse, Fault> {
    let id = read_id(&path)?;
    act(&posted, id, "webhook-tried", move |tx| log::try_webhook(tx, id)).await
}

async fn turn(posted: Posted<ManageWebhooks>, path: web::Path<String>) -> Result<HttpResponse, Fault> {
    let id = read_id(&path)?;
    let version = version_of(&posted, id).await?;
    let paused = posted.form.get("state") == "paused";
    let change = ChangeWebhook { paused: Some(paused), ..ChangeWebhook::default() };
    let done = if paused { "webhook-paused" } else { "webhook-goes-on" };
    act(&posted, id, done, move |tx| change_webhook(tx, id, version, &change)).await
}

async fn secret(posted: Posted<ManageWebhooks>, path: web::Path<String>) -> Result<HttpResponse, Fault> {
    let id = read_id(&path)?;
    let version = version_of(&posted, id).await?;
    act(&posted, id, "webhook-secret", move |tx| change_secret(tx, id, version)).await?;
    let number = found(&posted, id).await?.row.secret_no;
    told(&posted, &format!("/portal/webhooks/{id}"), number)
}

async fn remove(posted: Posted<ManageWebhooks>, path: web::Path<String>) -> Result<HttpResponse, Fault> {
    let id = read_id(&path)?;
    let version = version_of(&posted, id).await?;
    let to = |(): &()| "/portal/webhooks?done=webhook-removed".to_owned();
    Ok(posted.once(move |tx| remove_webhook(tx, id, version), to).await?)
}

fn wanted(posted: &Posted<ManageWebhooks>) -> Option<DeliveryId> {
    posted.form.get("delivery").parse().ok()
}

async fn resend(posted: Posted<ManageWebhooks>, path: web::Path<String>) -> Result<HttpResponse, Fault> {
    let id = read_id(&path)?;
    let messages = wanted(&posted).map(|message| vec![message]);
    act(&posted, id, "webhook-resent", move |tx| log::send_again(tx, id, messages.as_deref())).await
}

async fn set_aside(posted: Posted<ManageWebhooks>, path: web::Path<String>) -> Result<HttpResponse, Fault> {
    let id = read_id(&path)?;
    let message = wanted(&posted).ok_or(Fault::NotFound)?;
    act(&posted, id, "webhook-set-aside", move |tx| log::set_aside(tx, id, message)).await
}
