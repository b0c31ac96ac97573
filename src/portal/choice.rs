//! Choosing otherwise: a lot of the board instead of what the hub planned, with its price before it is chosen and a
//! reason that is kept. Safety rules are never among what can be overridden.

use super::fault::{Fault, show, show_with};
use super::fields::{ErrorSummary, Field};
use super::form::{Faults, Filled, Form};
use super::frame::Frame;
use super::parts::Expiry;
use super::rule_text::{RuleText, refusal_lines};
use super::signed::{Posted, Signed, Visitor, permit::RaiseRequests};
use super::state::Shown;
use super::texts::Texts;
use crate::actions::ActionError;
use crate::actions::matching::{ChooseOtherwise, WhyNot, choose_otherwise, prepare_choice, why_not};
use crate::actions::requests::get_request;
use crate::actions::surplus::{BoardFilter, BoardRow, list_board};
use crate::domain::field::FieldError;
use crate::domain::ids::{LotId, RequestId};
use crate::domain::time::Instant;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Lines of the board that are offered to choose from.
const MOST_LINES: i64 = 200;
/// The longest reason.
const LONGEST_REASON: usize = 500;

/// Adds the routes of the choice.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/requests/{id}/choose", web::get().to(choose));
    config.route("/requests/{id}/choose", web::post().to(chosen));
}

#[derive(Deserialize)]
struct ChoiceQuery {
    #[serde(default)]
    lot: String,
}

struct LotLine {
    href: String,
    code: String,
    site: String,
    left: String,
    expiry: Expiry,
    picked: bool,
}

/// What the chosen lot would change.
struct Price {
    lot: String,
    code: String,
    text: Vec<String>,
    refused: Vec<RuleText>,
    points: Option<String>,
    exact: bool,
    fields: Vec<Field>,
}

#[derive(Template)]
#[template(path = "choice.html")]
struct ChoicePage {
    f: Frame,
    id: String,
    errors: Option<ErrorSummary>,
    lots: Vec<LotLine>,
    price: Option<Price>,
}

fn read_id(text: &str) -> Result<RequestId, Fault> {
    text.parse().map_err(|_not_an_id| Fault::NotFound)
}

/// The board, a line for each lot.
async fn lots_of(visitor: &Visitor, request: RequestId) -> Result<Vec<BoardRow>, Fault> {
    let (actor, now) = (visitor.actor().clone(), visitor.now());
    let look = move |conn: &mut _| {
        let asked = get_request(conn, &actor, request)?;
        if !actor.acts_for(asked.site_id) {
            return Err(ActionError::NotFound { what: "request" });
        }
        list_board(conn, &BoardFilter::default(), now, None, MOST_LINES)
    };
    let rows = visitor.state().hub.read(look).await?;
    let mut by_lot: BTreeMap<LotId, BoardRow> = BTreeMap::new();
    for row in rows {
        by_lot
            .entry(row.line.lot_id)
            .and_modify(|known| known.line.available_bottles += row.line.available_bottles)
            .or_insert(row);
    }
    let mut lots: Vec<BoardRow> = by_lot.into_values().collect();
    lots.sort_by_key(|row| (row.line.expires_at, row.line.lot_id));
    Ok(lots)
}

async fn answer_of(visitor: &Visitor, request: RequestId, lot: LotId) -> Result<WhyNot, ActionError> {
    let (actor, now) = (visitor.actor().clone(), visitor.now());
    let hub = &visitor.state().hub;
    let memory = Arc::clone(&hub.memory);
    hub.read(move |conn| why_not(conn, &memory, &actor, now, request, lot)).await
}

async fn page(visitor: &Visitor, id: RequestId, lot: Option<LotId>, filled: &Filled) -> Result<ChoicePage, Fault> {
    let (texts, now) = (visitor.texts(), visitor.now());
    let lots = lots_of(visitor, id).await?;
    let picked = lot.and_then(|lot| lots.iter().find(|row| row.line.lot_id == lot));
    let price = match picked {
        Some(row) => Some(price_of(row, &answer_of(visitor, id, row.line.lot_id).await?, filled, texts)),
        None => None,
    };
    let heading = texts.get("choice-title");
    Ok(ChoicePage {
        f: visitor.frame("requests", &heading),
        id: id.to_string(),
        errors: ErrorSummary::of(texts, texts.get("choice-nothing-chosen"), &filled.faults, visitor.request_id()),
        lots: lots.iter().map(|row| lot_line(row, id, lot, texts, now)).collect(),
        price,
    })
}

fn lot_line(row: &BoardRow, id: RequestId, picked: Option<LotId>, texts: &Texts, now: Instant) -> LotLine {
    let line = &row.line;
    LotLine {
        href: format!("/portal/requests/{id}/choose?lot={}#price", line.lot_id),
        code: row.lot_code.clone(),
        site: row.site.1.clone(),
        left: texts.with("unit-bottles-of", &[("n", &line.available_bottles), ("ml", &line.size_ml.ml())]),
        expiry: Expiry::new(texts, now, line.expires_at),
        picked: picked == Some(line.lot_id),
    }
}

fn price_of(row: &BoardRow, answer: &WhyNot, filled: &Filled, texts: &Texts) -> Price {
    let most = texts.one("publish-of", "n", row.line.available_bottles);
    Price {
        lot: answer.lot_id.to_string(),
        code: row.lot_code.clone(),
        text: answer.text.clone(),
        refused: refusal_lines(texts, &answer.refusals),
        points: answer.points.map(|points| texts.moments().number(points)),
        exact: answer.exact,
        fields: vec![
            filled.field("bottles", texts.get("choice-bottles")).number(most, "numeric").needed(),
            filled.field("reason", texts.get("choice-reason")).hint(texts.get("choice-reason-hint")).lines(2).needed(),
        ],
    }
}

async fn choose(visitor: Signed<RaiseRequests>, path: web::Path<String>, query: web::Query<ChoiceQuery>) -> Shown {
    let form = Form::of(&[("bottles", "1".to_owned())]);
    let filled = Filled { form, faults: Faults::default() };
    show(&page(&visitor, read_id(&path)?, query.lot.parse().ok(), &filled).await?)
}

async fn chosen(posted: Posted<RaiseRequests>, path: web::Path<String>) -> Result<HttpResponse, Fault> {
    let (id, form, texts) = (read_id(&path)?, &posted.form, posted.texts());
    let lot: LotId = form.get("lot").parse().map_err(|_not_an_id| Fault::Unreadable)?;
    let mut faults = Faults::default();
    let bottles = faults.need("bottles", form.whole("bottles").filter(|n| *n > 0), || texts.get("form-not-a-number"));
    let reason = form.get("reason");
    if reason.is_empty() {
        faults.note("reason", texts.get("form-missing"));
    } else if reason.chars().count() > LONGEST_REASON {
        faults.note("reason", texts.get("invalid-too-long"));
    }
    if let Some(bottles) = bottles.filter(|_| faults.is_empty()) {
        match carry_out(&posted, ChooseOtherwise { request: id, lot, bottles, reason: reason.to_owned() }).await {
            Ok(answer) => return Ok(answer),
            Err(ActionError::Invalid(errors)) => take(&errors, texts, &mut faults),
            Err(other) => return Err(other.into()),
        }
    }
    let filled = Filled { form: form.clone(), faults };
    Ok(show_with(StatusCode::UNPROCESSABLE_ENTITY, &page(&posted, id, Some(lot), &filled).await?))
}

async fn carry_out(posted: &Posted<RaiseRequests>, command: ChooseOtherwise) -> Result<HttpResponse, ActionError> {
    let prepared = prepare_choice(&posted.state().hub, posted.call(), &command).await?;
    let to = format!("/portal/requests/{}?done=choice-made", command.request);
    posted.once(move |tx| choose_otherwise(tx, &prepared, &command), move |_run| to.clone()).await
}

fn take(errors: &[FieldError], texts: &Texts, faults: &mut Faults) {
    faults.take(errors, &[("/bottles", "bottles"), ("/reason", "reason")], texts);
}
