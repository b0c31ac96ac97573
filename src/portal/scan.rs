//! Scan to act: a code from anywhere leads to the one thing that can be done with what it names now.

use super::fault::{see, show, show_with};
use super::frame::Frame;
use super::signed::{Signed, Visitor, permit::ReadTransfers};
use super::state::Shown;
use super::texts::Texts;
use crate::actions::find_code::{Found, find_code};
use crate::domain::actor::Permission;
use crate::domain::ids::TransferId;
use crate::domain::transfer::TransferState;
use actix_web::http::StatusCode;
use actix_web::web;
use askama::Template;
use serde::Deserialize;

/// Longest code that is looked up; a label holds far fewer characters.
const LONGEST: usize = 200;

/// Adds the route of the scan.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/scan", web::get().to(scan));
}

#[derive(Deserialize)]
struct ScanQuery {
    #[serde(default)]
    code: String,
}

/// What is wrong with a scan, in words.
pub struct Wrong {
    heading: String,
    text: String,
    code: String,
}

impl Wrong {
    /// What is wrong with a photograph.
    #[must_use]
    pub fn of(texts: &Texts, word: &str) -> Self {
        let text = |part: &str| texts.get(&format!("scan-photo-{word}{part}"));
        Self { heading: text("-title"), text: text(""), code: String::new() }
    }
}

#[derive(Template)]
#[template(path = "scan.html")]
struct ScanPage {
    f: Frame,
    wrong: Option<Wrong>,
    photo_to: String,
}

/// The page with a field, the camera and the way for a photograph.
///
/// # Errors
/// Those of the template.
pub fn page_with(visitor: &Visitor, to: &str, wrong: Wrong) -> Shown {
    let f = visitor.frame("", &visitor.texts().get("scan-title"));
    Ok(show_with(StatusCode::UNPROCESSABLE_ENTITY, &ScanPage { f, wrong: Some(wrong), photo_to: to.to_owned() }))
}

async fn scan(visitor: Signed<ReadTransfers>, query: web::Query<ScanQuery>) -> Shown {
    let code: String = query.code.trim().chars().take(LONGEST).collect();
    if code.is_empty() {
        let f = visitor.frame("", &visitor.texts().get("scan-title"));
        return show(&ScanPage { f, wrong: None, photo_to: String::new() });
    }
    lead_on(&visitor, &[code]).await
}

/// Leads to the next step for the first of these codes that names something.
///
/// # Errors
/// Those of the store.
pub async fn lead_on(visitor: &Visitor, codes: &[String]) -> Shown {
    for code in codes {
        let (actor, wanted) = (visitor.actor().clone(), code.clone());
        if let Some(found) = visitor.state().hub.read(move |conn| find_code(conn, &actor, &wanted)).await? {
            return Ok(see(&next_step(visitor, &found, code)));
        }
    }
    let texts = visitor.texts();
    let code = codes.first().cloned().unwrap_or_default();
    let wrong = Wrong { heading: texts.get("scan-nothing"), text: texts.get("scan-nothing-hint"), code };
    let f = visitor.frame("", &texts.get("scan-unknown"));
    Ok(show_with(StatusCode::NOT_FOUND, &ScanPage { f, wrong: Some(wrong), photo_to: String::new() }))
}

/// Where the thing leads: a bottle of a box at the door to its receipt with this scan, any other to its page.
fn next_step(visitor: &Visitor, found: &Found, code: &str) -> String {
    let box_of = |id: TransferId, state: TransferState, scan: &str| {
        if state == TransferState::Delivered && visitor.may(Permission::ReceiveMilk) {
            format!("/portal/transfers/{id}/receive{scan}")
        } else {
            format!("/portal/transfers/{id}")
        }
    };
    match found {
        Found::Bottle { transfer: Some((id, state)), .. } => {
            box_of(*id, *state, &format!("?code={}", super::recall::encoded(code)))
        }
        Found::Bottle { lot, division, .. } => format!("/portal/lots/{lot}#b{division:03}"),
        Found::Lot(lot) => format!("/portal/lots/{lot}"),
        Found::Transfer(id, state) => box_of(*id, *state, ""),
        Found::Recall(id) => format!("/portal/recalls/{id}"),
    }
}
