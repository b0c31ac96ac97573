//! The paper that travels with the box.

use super::fault::show;
use super::frame::Frame;
use super::lot::id_of;
use super::lot_record::degrees;
use super::parts::SiteName;
use super::signed::{Signed, permit::ReadTransfers};
use super::state::Shown;
use super::transfer::{ManifestRow, load_of, manifest_row, sheet_of, short};
use super::transfers::name_of;
use crate::domain::ids::TransferId;
use actix_web::web;
use askama::Template;

/// Adds the route of a waybill.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/transfers/{id}/waybill", web::get().to(waybill));
}

#[derive(Template)]
#[template(path = "waybill.html")]
struct WaybillPage {
    f: Frame,
    code: String,
    printed: String,
    from: SiteName,
    to: SiteName,
    pickup: String,
    delivery: String,
    courier: String,
    packaging: String,
    holds: String,
    warning: String,
    seal: String,
    logger: String,
    load: String,
    manifest: Vec<ManifestRow>,
}

async fn waybill(visitor: Signed<ReadTransfers>, path: web::Path<String>) -> Shown {
    let id = id_of::<TransferId>(&path)?;
    let sheet = sheet_of(&visitor, id).await?;
    let (texts, now) = (visitor.texts(), visitor.now());
    let (head, moments) = (&sheet.detail.head, texts.moments());
    let code = short(id);
    show(&WaybillPage {
        f: visitor.frame("transfers", &texts.one("waybill-title", "code", &code)),
        code,
        printed: moments.date_time(now),
        from: name_of(&sheet.sites, head.from_site_id),
        to: name_of(&sheet.sites, head.to_site_id),
        pickup: moments.date_time(head.planned_pickup_at),
        delivery: moments.date_time(head.planned_delivery_at),
        courier: sheet.courier.as_ref().map(|courier| courier.name.clone()).unwrap_or_default(),
        packaging: head.packaging.clone(),
        holds: texts.span(head.max_duration_minutes),
        warning: texts.one("waybill-warning", "limit", degrees(texts, head.max_temperature_hundredths)),
        seal: head.seal_number.clone().unwrap_or_default(),
        logger: head.logger_ref.clone().unwrap_or_default(),
        load: load_of(head, texts),
        manifest: sheet.detail.manifest.iter().map(|line| manifest_row(line, texts, now)).collect(),
    })
}
