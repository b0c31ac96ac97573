//! One lot: its safety record with every rule that it breaks, its bottles and where they are, its holds; and what
//! its bank may do with it: release, hold, discard.

use super::fault::{Fault, show};
use super::frame::Frame;
use super::lot_record::{Fact, record_facts};
use super::parts::{Expiry, SiteName, Tag};
use super::rule_text::{RuleText, refusal_lines};
use super::signed::{Posted, Signed, permit::ManageLots, permit::ReadStock};
use super::state::Shown;
use super::tags;
use super::texts::Texts;
use crate::actions::ActionError;
use crate::actions::holds::{HoldOn, lift_hold, place_hold};
use crate::actions::lot_sheet::{HoldRow, LotSheet, get_lot_sheet};
use crate::actions::lots::{BottleRow, discard_lot, release_lot};
use crate::domain::actor::Permission;
use crate::domain::bottle::BottleState;
use crate::domain::ids::{BottleId, HoldId, LotId};
use crate::domain::lot::LotState;
use crate::domain::refusal::Refusal;
use crate::domain::time::Instant;
use actix_web::{HttpResponse, web};
use askama::Template;

/// Adds the routes of a lot.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/lots/{id}", web::get().to(lot));
    config.route("/lots/{id}/release", web::post().to(release));
    config.route("/lots/{id}/hold", web::post().to(hold));
    config.route("/lots/{id}/discard", web::post().to(discard));
    config.route("/holds/{id}/lift", web::post().to(lift));
}

struct RuleLine {
    text: RuleText,
    number: String,
}

struct BottleLine {
    id: String,
    division: String,
    size: String,
    place: SiteName,
    state: Tag,
    note: Option<String>,
    may_hold: bool,
}

struct HoldLine {
    id: String,
    version: i64,
    reason: String,
    placed: String,
    lifted: Option<String>,
}

#[derive(Template)]
#[template(path = "lot.html")]
struct LotPage {
    f: Frame,
    id: String,
    version: i64,
    code: String,
    bank: SiteName,
    state: Tag,
    expiry: Expiry,
    policy: String,
    facts: Vec<Fact>,
    rules: Vec<RuleLine>,
    held: Vec<String>,
    holds: Vec<HoldLine>,
    bottles: Vec<BottleLine>,
    sub: String,
    waits: bool,
    may_complete: bool,
    may_release: bool,
    may_hold: bool,
    may_discard: bool,
    recalled: bool,
}

/// An identifier from an address; anything else is a page that is not there.
pub(super) fn id_of<T: std::str::FromStr>(text: &str) -> Result<T, Fault> {
    text.parse().map_err(|_unreadable| Fault::NotFound)
}

/// The frame with what the form before it lacked, if it came back for that.
pub(super) fn lacking(visitor: &super::signed::Visitor, frame: Frame) -> Frame {
    let query = visitor.here().split_once('?').map_or("", |(_, query)| query);
    let word = query.split('&').find_map(|pair| pair.strip_prefix("missing="));
    match word.and_then(|word| visitor.texts().find(&format!("missing-{word}"))) {
        Some(text) => frame.saying("warn", "alert", text),
        None => frame,
    }
}

async fn lot(visitor: Signed<ReadStock>, path: web::Path<String>) -> Shown {
    let (id, now, actor) = (id_of::<LotId>(&path)?, visitor.now(), visitor.actor().clone());
    let sheet = visitor.state().hub.read(move |conn| get_lot_sheet(conn, &actor, id, now)).await?;
    let texts = visitor.texts();
    let may = visitor.may(Permission::ManageLots) && sheet.own;
    let waits = matches!(sheet.row.state, LotState::Registered | LotState::Quarantined);
    let open_hold = sheet.holds.iter().any(|hold| hold.lifted_at.is_none() && hold.lot_id.is_some());
    let alive = waits || matches!(sheet.row.state, LotState::Released | LotState::Held);
    let heading = texts.one("lot-title", "lot", &sheet.row.code);
    show(&LotPage {
        f: lacking(&visitor, visitor.frame("stock", &heading)),
        id: id.to_string(),
        version: sheet.row.version,
        code: sheet.row.code.clone(),
        bank: bank_name(&sheet),
        state: tags::of_lot(texts, sheet.row.state),
        expiry: Expiry::new(texts, now, sheet.row.expires_at),
        policy: sheet.policy.title(),
        facts: record_facts(&sheet.record, &sheet.policy, sheet.own, texts),
        rules: rule_lines(texts, &sheet.refusals),
        held: held(&sheet, texts),
        holds: sheet.holds.iter().map(|hold| hold_line(hold, texts)).collect(),
        bottles: bottle_lines(&sheet, texts, visitor.may(Permission::ManageLots), visitor.actor()),
        sub: summary(&sheet, texts, now),
        waits,
        may_complete: may && sheet.row.state == LotState::Quarantined,
        may_release: may && waits && sheet.refusals.is_empty() && !open_hold,
        may_hold: may && alive,
        may_discard: may && (alive || sheet.row.state == LotState::Expired),
        recalled: sheet.row.state == LotState::Recalled,
    })
}

fn bank_name(sheet: &LotSheet) -> SiteName {
    sheet.bank.as_ref().map_or_else(|| SiteName::new("", ""), SiteName::of)
}

/// What keeps the lot from being used although its record is in order.
fn held(sheet: &LotSheet, texts: &Texts) -> Vec<String> {
    let open = sheet.holds.iter().filter(|hold| hold.lifted_at.is_none() && hold.lot_id.is_some());
    let holds = open.map(|hold| texts.one("lot-held-for", "reason", &hold.reason));
    let state = match sheet.row.state {
        LotState::Held | LotState::Recalled | LotState::Expired | LotState::Discarded => {
            Some(texts.one("lot-not-usable", "state", tags::of_lot(texts, sheet.row.state).word))
        }
        _ => None,
    };
    let mut found: Vec<String> = holds.collect();
    if found.is_empty() {
        found.extend(state);
    }
    found
}

fn rule_lines(texts: &Texts, refusals: &[Refusal]) -> Vec<RuleLine> {
    let numbers = refusals.iter().map(|refusal| refusal.number.to_string());
    numbers.zip(refusal_lines(texts, refusals)).map(|(number, text)| RuleLine { text, number }).collect()
}

fn summary(sheet: &LotSheet, texts: &Texts, now: Instant) -> String {
    let here = |bottle: &&BottleRow| matches!(bottle.state, BottleState::InStock | BottleState::Quarantined);
    let left: Vec<&BottleRow> = sheet.bottles.iter().filter(here).collect();
    let ml: i64 = left.iter().map(|bottle| bottle.size_ml.ml()).sum();
    let registered = texts.short_moment(sheet.row.registered_at, now);
    let bottles = texts.one("unit-bottles", "n", left.len());
    texts.with("lot-sub", &[("bottles", &bottles), ("volume", &texts.millilitres(ml)), ("registered", &registered)])
}

fn hold_line(hold: &HoldRow, texts: &Texts) -> HoldLine {
    let moments = texts.moments();
    let lifted = hold.lifted_at.map(|at| {
        let reason = hold.lift_reason.clone().unwrap_or_default();
        texts.with("lot-hold-lifted", &[("at", &moments.date_time(at)), ("reason", &reason)])
    });
    HoldLine {
        id: hold.id.to_string(),
        version: hold.version,
        reason: hold.reason.clone(),
        placed: moments.date_time(hold.placed_at),
        lifted,
    }
}

fn bottle_lines(
    sheet: &LotSheet,
    texts: &Texts,
    manages: bool,
    actor: &crate::domain::actor::Actor,
) -> Vec<BottleLine> {
    let lines = sheet.bottles.iter().map(|bottle| {
        let place = sheet.places.iter().find(|place| place.id == bottle.site_id);
        let promised = bottle.offer_id.is_some() || bottle.transfer_id.is_some() || bottle.for_request_id.is_some();
        let key = match bottle.state {
            BottleState::InStock if bottle.thawed_at.is_some() => Some("lot-bottle-thawed"),
            BottleState::InStock if promised => Some("lot-bottle-promised"),
            BottleState::InStock if bottle.surplus_line_id.is_some() => Some("lot-bottle-offered"),
            _ => None,
        };
        BottleLine {
            id: bottle.id.to_string(),
            division: format!("{:03}", bottle.division),
            size: texts.millilitres(bottle.size_ml.ml()),
            place: place.map_or_else(|| SiteName::new("", ""), SiteName::of),
            state: tags::of_bottle(texts, bottle.state),
            note: key.map(|key| texts.get(key)),
            may_hold: manages && bottle.state == BottleState::InStock && actor.acts_for(bottle.site_id),
        }
    });
    lines.collect()
}

async fn release(posted: Posted<ManageLots>, path: web::Path<String>) -> Result<HttpResponse, Fault> {
    let (id, version) = (id_of::<LotId>(&path)?, posted.form.whole("version").unwrap_or(0));
    let to = format!("/portal/lots/{id}?done=lot-released");
    Ok(posted.once(move |tx| release_lot(tx, id, version), move |_lot| to.clone()).await?)
}

/// Where a form without its reason leads: back to its page, which says what is missing.
fn back_without_reason(to: &str) -> HttpResponse {
    super::fault::see(&format!("{to}?missing=reason"))
}

async fn hold(posted: Posted<ManageLots>, path: web::Path<String>) -> Result<HttpResponse, Fault> {
    let id = id_of::<LotId>(&path)?;
    let to = format!("/portal/lots/{id}");
    let reason = posted.form.get("reason").to_owned();
    if reason.is_empty() {
        return Ok(back_without_reason(&to));
    }
    let on = match posted.form.get("bottle") {
        "" => HoldOn::Lot(id),
        bottle => HoldOn::Bottle(id_of::<BottleId>(bottle)?),
    };
    Ok(posted.once(move |tx| place_hold(tx, on, &reason), move |_hold| format!("{to}?done=hold-placed")).await?)
}

async fn lift(posted: Posted<ManageLots>, path: web::Path<String>) -> Result<HttpResponse, Fault> {
    let (id, version) = (id_of::<HoldId>(&path)?, posted.form.whole("version").unwrap_or(0));
    let lot = id_of::<LotId>(posted.form.get("lot"))?;
    let to = format!("/portal/lots/{lot}");
    let reason = posted.form.get("reason").to_owned();
    if reason.is_empty() {
        return Ok(back_without_reason(&to));
    }
    let job = move |tx: &mut crate::actions::Tx<'_>| lift_hold(tx, id, version, &reason);
    Ok(posted.once(job, move |_hold| format!("{to}?done=hold-lifted")).await?)
}

async fn discard(posted: Posted<ManageLots>, path: web::Path<String>) -> Result<HttpResponse, Fault> {
    let (id, version) = (id_of::<LotId>(&path)?, posted.form.whole("version").unwrap_or(0));
    let to = format!("/portal/lots/{id}");
    let reason = posted.form.get("reason").to_owned();
    if reason.is_empty() {
        return Ok(back_without_reason(&to));
    }
    let job =
        move |tx: &mut crate::actions::Tx<'_>| -> Result<_, ActionError> { discard_lot(tx, id, version, &reason) };
    Ok(posted.once(job, move |_lot| format!("{to}?done=lot-discarded")).await?)
}
