//! A box that came back to its sender: seal, milk, reason; then it is stock again, or set aside.

use super::fault::{Fault, see};
use super::lot::id_of;
use super::signed::{Posted, permit::ReceiveMilk};
use crate::actions::receiving::ReceiveTransfer;
use crate::actions::taking_back::{TakeBack, take_back_transfer};
use crate::domain::ids::TransferId;
use actix_web::{HttpResponse, web};

/// Adds the route.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/transfers/{id}/take-back", web::post().to(take_back));
}

async fn take_back(posted: Posted<ReceiveMilk>, path: web::Path<String>) -> Result<HttpResponse, Fault> {
    let id = id_of::<TransferId>(&path)?;
    let version = posted.form.whole("version").ok_or(Fault::Unreadable)?;
    let (seal, reason, milk) = (posted.form.get("seal"), posted.form.get("reason"), posted.form.get("milk"));
    let to = format!("/portal/transfers/{id}");
    for (name, value) in [("reason", reason), ("seal", seal), ("milk", milk)] {
        if value.is_empty() {
            return Ok(see(&format!("{to}?missing={name}")));
        }
    }
    let found = ReceiveTransfer {
        at: None,
        seal_number: seal.to_owned(),
        frozen_solid: milk == "solid",
        bottles: Vec::new(),
        accept_all: true,
    };
    let command = TakeBack { found, reason: reason.to_owned() };
    let done = format!("{to}?done=transfer-take-back");
    Ok(posted.once(move |tx| take_back_transfer(tx, id, version, &command), move |_detail| done.clone()).await?)
}
