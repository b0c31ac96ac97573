//! Carriers: vehicles and shifts, routes offered to them, what they did, and calendars of their stops.

mod calendars;
mod fleet;
mod offers;
mod reports;
mod shift;
mod vehicle;

use super::fault::Fault;
use super::fields::{ErrorSummary, Field};
use super::form::Filled;
use super::frame::Frame;
use super::signed::Visitor;
use crate::actions::couriers::list_couriers;
use crate::domain::courier::Courier;
use actix_web::web;
use askama::Template;

/// Carriers that a page reads.
const MOST_CARRIERS: i64 = 1_000;

/// Adds the routes of every page here.
pub fn routes(config: &mut web::ServiceConfig) {
    fleet::routes(config);
    vehicle::routes(config);
    shift::routes(config);
    offers::routes(config);
    reports::routes(config);
    calendars::routes(config);
}

/// One of the pages, as the others link to it.
struct Way {
    href: &'static str,
    label: String,
    current: bool,
}

/// The way between the pages.
fn ways(visitor: &Visitor, current: &str) -> Vec<Way> {
    let pages = [
        ("fleet", "/portal/carriers"),
        ("offers", "/portal/carriers/offers"),
        ("reports", "/portal/carriers/reports"),
        ("calendars", "/portal/calendars"),
    ];
    let way = |(name, href): (&str, &'static str)| Way {
        href,
        label: visitor.texts().word("carriers", name),
        current: name == current,
    };
    pages.into_iter().map(way).collect()
}

/// A form with its faults, as every page here shows it.
#[derive(Template)]
#[template(path = "carrier_form.html")]
struct FormPage {
    f: Frame,
    errors: Option<ErrorSummary>,
    action: String,
    version: Option<i64>,
    fields: Vec<Field>,
    submit: String,
}

impl FormPage {
    /// A form under a title; `what` begins the texts of its button and of its summary.
    fn new(
        visitor: &Visitor,
        title: &str,
        filled: &Filled,
        (action, version): (String, Option<i64>),
        fields: Vec<Field>,
    ) -> Self {
        let texts = visitor.texts();
        Self {
            f: visitor.frame("dispatch", &texts.get(title)),
            errors: ErrorSummary::of(texts, texts.get("carriers-not-saved"), &filled.faults, visitor.request_id()),
            action,
            version,
            fields,
            submit: texts.get("carriers-save"),
        }
    }
}

/// The carriers that somebody may keep.
async fn own_carriers(visitor: &Visitor) -> Result<Vec<Courier>, Fault> {
    let actor = visitor.actor().clone();
    let mut found = visitor.state().hub.read(move |conn| list_couriers(conn, None, MOST_CARRIERS)).await?;
    found.retain(|carrier| actor.acts_for(carrier.base_site_id));
    Ok(found)
}

/// The name of a carrier.
fn carrier_name(carriers: &[Courier], id: crate::domain::ids::CourierId) -> String {
    carriers.iter().find(|carrier| carrier.id == id).map_or_else(|| "–".to_owned(), |carrier| carrier.name.clone())
}
