//! Scan to act: a code from anywhere leads to the one thing that can be done with what it names now.

use super::fault::{see, show_with};
use super::frame::Frame;
use super::signed::{Signed, Visitor, permit::ReadTransfers};
use super::state::Shown;
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

#[derive(Template)]
#[template(path = "scan.html")]
struct UnknownPage {
    f: Frame,
    code: String,
}

async fn scan(visitor: Signed<ReadTransfers>, query: web::Query<ScanQuery>) -> Shown {
    let code: String = query.code.trim().chars().take(LONGEST).collect();
    let (actor, wanted) = (visitor.actor().clone(), code.clone());
    let found = if wanted.is_empty() {
        None
    } else {
        visitor.state().hub.read(move |conn| find_code(conn, &actor, &wanted)).await?
    };
    if let Some(found) = found {
        return Ok(see(&next_step(&visitor, &found, &code)));
    }
    let heading = visitor.texts().get("scan-unknown");
    Ok(show_with(StatusCode::NOT_FOUND, &UnknownPage { f: visitor.frame("", &heading), code }))
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
