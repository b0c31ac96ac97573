//! The recall console: who has not answered, where every bottle is, which infants to follow up, and the end.

use super::fault::{Fault, see, show};
use super::frame::Frame;
use super::lot::{id_of, lacking};
use super::parts::{SiteName, Tag};
use super::recalls::title_of;
use super::signed::{Posted, Signed, Visitor};
use super::signed::{permit::AnswerRecalls, permit::IssueRecalls, permit::ReadStock, permit::RecordFates};
use super::state::Shown;
use super::tags;
use super::texts::Texts;
use super::transfers::name_of;
use crate::actions::recall_sheet::{InfantTrace, LotTrace, PlaceOfMilk, RecallSheet, get_recall_sheet, trace_infant};
use crate::actions::recalls::{AnswerRow, acknowledge_recall, close_recall};
use crate::domain::actor::Permission;
use crate::domain::bottle::BottleState;
use crate::domain::ids::{RecallId, SiteId};
use crate::domain::quantity::Volume;
use crate::domain::recall::RecallState;
use crate::domain::time::Instant;
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

/// Adds the routes of the console and of the trace.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/recalls/{id}", web::get().to(recall));
    config.route("/recalls/{id}/acknowledge", web::post().to(acknowledge));
    config.route("/recalls/{id}/close", web::post().to(close));
    config.route("/trace", web::get().to(back));
}

struct Step {
    class: &'static str,
    number: usize,
    done: bool,
    label: String,
}

struct AnswerLine {
    site: SiteName,
    asked: String,
    held: String,
    state: Tag,
    at: String,
}

struct InfantNode {
    code: String,
    href: String,
    note: String,
}

struct PlaceNode {
    name: SiteName,
    class: &'static str,
    note: String,
    infants: Vec<InfantNode>,
}

struct LotNode {
    href: String,
    code: String,
    volume: String,
    places: Vec<PlaceNode>,
}

struct Asked {
    site: String,
    name: SiteName,
}

#[derive(Template)]
#[template(path = "recall.html")]
struct RecallPage {
    f: Frame,
    id: String,
    version: i64,
    title: String,
    reason: String,
    state: Tag,
    sub: String,
    steps: Vec<Step>,
    overdue: Vec<SiteName>,
    overdue_for: String,
    lots: Vec<LotNode>,
    answers: Vec<AnswerLine>,
    answered: String,
    figures: Vec<(String, String)>,
    asked: Vec<Asked>,
    own: bool,
    may_close: bool,
    closed: bool,
}

async fn recall(visitor: Signed<ReadStock>, path: web::Path<String>) -> Shown {
    let (id, actor) = (id_of::<RecallId>(&path)?, visitor.actor().clone());
    let sheet = visitor.state().hub.read(move |conn| get_recall_sheet(conn, &actor, id)).await?;
    let (texts, now) = (visitor.texts(), visitor.now());
    let head = &sheet.detail.head;
    let answers = &sheet.detail.answers;
    let waiting: Vec<&AnswerRow> = answers.iter().filter(|answer| answer.acknowledged_at.is_none()).collect();
    let late = head.respond_by < now && head.state == RecallState::Notified;
    let own = visitor.may(Permission::IssueRecalls) && visitor.actor().acts_for(head.site_id);
    let left = sheet.detail.count.at_hand + sheet.detail.count.in_transit;
    let codes: Vec<String> = sheet.lots.iter().map(|lot| lot.code.clone()).collect();
    let title = title_of(head, &codes, texts);
    let done = answers.len() - waiting.len();
    let moments = texts.moments();
    show(&RecallPage {
        f: lacking(&visitor, visitor.frame("recalls", &title)),
        id: id.to_string(),
        version: head.version,
        reason: head.reason.clone(),
        state: tags::of_recall(texts, head.state, late),
        sub: texts.with(
            "recall-sub",
            &[
                ("n", &texts.one("unit-bottles", "n", head.frozen_bottles)),
                ("volume", &texts.millilitres(head.frozen_ml.ml())),
                ("at", &moments.date_time(head.frozen_at)),
            ],
        ),
        steps: steps(head.state, texts),
        overdue: if late { waiting.iter().map(|row| name_of(&sheet.sites, row.site_id)).collect() } else { Vec::new() },
        overdue_for: texts.span(now.minutes_since(head.respond_by)),
        lots: sheet.lots.iter().map(|lot| lot_node(lot, &sheet, texts)).collect(),
        answers: answers.iter().map(|row| answer_line(row, &sheet, late, texts, now)).collect(),
        answered: texts.with("recall-answered", &[("done", &done), ("all", &answers.len())]),
        figures: figures(&sheet, texts),
        asked: asked(&sheet, &visitor),
        own,
        may_close: own && head.state == RecallState::Acknowledged && left == Volume::ZERO,
        closed: head.state == RecallState::Closed,
        title,
    })
}

fn steps(state: RecallState, texts: &Texts) -> Vec<Step> {
    const ROAD: [RecallState; 4] =
        [RecallState::Frozen, RecallState::Notified, RecallState::Acknowledged, RecallState::Closed];
    let reached = ROAD.iter().position(|other| *other == state).unwrap_or(0);
    let step = |(place, on_road): (usize, &RecallState)| Step {
        class: match place {
            place if place <= reached => "done",
            place if place == reached + 1 => "now",
            _ => "",
        },
        number: place + 1,
        done: place <= reached,
        label: texts.word("recall-step", on_road.as_str()),
    };
    ROAD.iter().enumerate().map(step).collect()
}

fn answer_line(row: &AnswerRow, sheet: &RecallSheet, late: bool, texts: &Texts, now: Instant) -> AnswerLine {
    let state = match row.acknowledged_at {
        Some(_) => Tag::new("ok", "check", texts.get("recall-has-answered")),
        None if late => Tag::new("solid", "bell", texts.get("recall-is-overdue")),
        None => Tag::new("warn", "clock", texts.get("recall-waits")),
    };
    AnswerLine {
        site: name_of(&sheet.sites, row.site_id),
        asked: texts.short_moment(row.asked_at, now),
        held: row.held_ml.map_or_else(|| "–".to_owned(), |held| texts.millilitres(held.ml())),
        state,
        at: row.acknowledged_at.map_or_else(|| "–".to_owned(), |at| texts.short_moment(at, now)),
    }
}

fn lot_node(lot: &LotTrace, sheet: &RecallSheet, texts: &Texts) -> LotNode {
    LotNode {
        href: format!("/portal/lots/{}", lot.id),
        code: lot.code.clone(),
        volume: texts.millilitres(lot.volume_ml.ml()),
        places: lot.places.iter().map(|place| place_node(place, sheet, texts)).collect(),
    }
}

fn place_node(place: &PlaceOfMilk, sheet: &RecallSheet, texts: &Texts) -> PlaceNode {
    let left = |state: &BottleState| !matches!(state, BottleState::Used | BottleState::Discarded);
    let words = place.heaps.iter().map(|(state, bottles, _)| {
        format!("{}: {}", texts.word("bottle-is", state.as_str()), texts.one("unit-bottles", "n", *bottles))
    });
    PlaceNode {
        name: name_of(&sheet.sites, place.site),
        class: if place.heaps.iter().any(|(state, _, _)| left(state)) { " node-frozen" } else { "" },
        note: words.collect::<Vec<_>>().join(", "),
        infants: place
            .infants
            .iter()
            .map(|(infant, feeds, volume)| InfantNode {
                code: infant.clone(),
                href: format!("/portal/trace?site={}&infant={}", place.site, encoded(infant)),
                note: fed(*feeds, *volume, texts),
            })
            .collect(),
    }
}

fn fed(feeds: i64, volume: Volume, texts: &Texts) -> String {
    texts.with("trace-fed", &[("n", &feeds), ("volume", &texts.millilitres(volume.ml()))])
}

/// A pseudonym as part of an address.
pub(super) fn encoded(text: &str) -> String {
    let safe = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    text.bytes().map(|byte| if safe(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

fn figures(sheet: &RecallSheet, texts: &Texts) -> Vec<(String, String)> {
    let count = &sheet.detail.count;
    let amount = |key: &str, volume: Volume| (texts.word("recall-count", key), texts.millilitres(volume.ml()));
    vec![
        amount("at-hand", count.at_hand),
        amount("in-transit", count.in_transit),
        amount("fed", count.fed),
        amount("discarded", count.discarded),
        amount("total", count.total()),
    ]
}

/// The sites for which this person may answer. What the hub believes to be there is not told: the answer is what a
/// person found.
fn asked(sheet: &RecallSheet, visitor: &Visitor) -> Vec<Asked> {
    if !visitor.may(Permission::AnswerRecalls) || sheet.detail.head.state == RecallState::Closed {
        return Vec::new();
    }
    let own = sheet.detail.answers.iter().filter(|row| visitor.actor().acts_for(row.site_id));
    let asked = |row: &AnswerRow| Asked { site: row.site_id.to_string(), name: name_of(&sheet.sites, row.site_id) };
    own.filter(|row| row.acknowledged_at.is_none()).map(asked).collect()
}

async fn acknowledge(posted: Posted<AnswerRecalls>, path: web::Path<String>) -> Result<HttpResponse, Fault> {
    let id = id_of::<RecallId>(&path)?;
    let site = id_of::<SiteId>(posted.form.get("site"))?;
    let Some(held) = posted.form.whole("held") else {
        return Ok(see(&format!("/portal/recalls/{id}?missing=held")));
    };
    let to = format!("/portal/recalls/{id}?done=recall-answered");
    let job = move |tx: &mut crate::actions::Tx<'_>| acknowledge_recall(tx, id, site, Volume::from_ml(held));
    Ok(posted.once(job, move |_detail| to.clone()).await?)
}

async fn close(posted: Posted<IssueRecalls>, path: web::Path<String>) -> Result<HttpResponse, Fault> {
    let (id, version) = (id_of::<RecallId>(&path)?, posted.form.whole("version").unwrap_or(0));
    let to = format!("/portal/recalls/{id}?done=recall-closed");
    Ok(posted.once(move |tx| close_recall(tx, id, version), move |_detail| to.clone()).await?)
}

#[derive(Deserialize)]
struct TraceQuery {
    #[serde(default)]
    site: String,
    #[serde(default)]
    infant: String,
}

struct BackNode {
    href: String,
    code: String,
    note: String,
    donors: Vec<String>,
}

#[derive(Template)]
#[template(path = "trace.html")]
struct TracePage {
    f: Frame,
    site: String,
    infant: String,
    lots: Vec<BackNode>,
}

/// The way back from an infant: for those who record what infants are fed.
async fn back(visitor: Signed<RecordFates>, query: web::Query<TraceQuery>) -> Shown {
    let texts = visitor.texts();
    let asked = query.site.parse::<SiteId>().ok().or(visitor.site().map(|site| site.id));
    let found = match asked.filter(|_| !query.infant.trim().is_empty()) {
        None => InfantTrace { lots: Vec::new(), donors: Vec::new() },
        Some(site) => {
            let (actor, infant) = (visitor.actor().clone(), query.infant.trim().to_owned());
            visitor.state().hub.read(move |conn| trace_infant(conn, &actor, site, &infant)).await?
        }
    };
    let node = |(lot, code, feeds, volume): &(crate::domain::ids::LotId, String, i64, Volume)| BackNode {
        href: format!("/portal/lots/{lot}"),
        code: code.clone(),
        note: fed(*feeds, *volume, texts),
        donors: found.donors.iter().filter(|(of, _)| of == lot).map(|(_, donor)| donor.clone()).collect(),
    };
    show(&TracePage {
        f: visitor.frame("recalls", &texts.get("trace-title")),
        site: asked.map(|site| site.to_string()).unwrap_or_default(),
        infant: query.infant.clone(),
        lots: found.lots.iter().map(node).collect(),
    })
}
