//! The portal: pages for people, rendered here, over the same use cases as the API. Every page works without
//! script; script only makes it livelier. `README.md` shows how a page is added.

pub mod arrival;
mod assets;
mod board;
mod carriers;
mod chart;
mod choice;
mod components;
mod custody_lines;
mod days;
mod dispatch;
mod edge;
pub mod fault;
pub mod fields;
pub mod form;
pub mod frame;
pub mod language;
mod live;
mod lot;
mod lot_fields;
mod lot_form;
mod lot_new;
mod lot_parts;
mod lot_record;
mod map;
mod meanwhile;
pub mod moments;
mod offers;
mod office;
mod packing_choice;
pub mod parts;
mod photo;
mod preferences;
mod publish;
mod recall;
mod recalls;
mod receive;
mod request_entries;
mod request_form;
mod requests;
mod rule_text;
mod scan;
pub mod sheets;
mod sign_in;
pub mod signed;
mod state;
mod stock;
mod tags;
mod take_back;
pub mod texts;
mod transfer;
mod transfer_new;
mod transfers;
mod typed;
mod waybill;
mod worklist;
mod worklist_rows;

pub use live::{NewsDesk, watch_for_news};
pub use state::{PortalSettings, PortalState};

use actix_web::middleware::from_fn;
use actix_web::web;

/// Where the pages live.
pub const ROOT: &str = "/portal";

/// Adds everything this room serves. The application around it wraps the hub's own edge.
pub fn configure(config: &mut web::ServiceConfig, state: &PortalState) {
    let state = web::Data::new(state.clone());
    config.app_data(state);
    config.service(web::resource("/").route(web::get().to(edge::to_portal)));
    config.service(web::resource(ROOT).route(web::get().to(edge::to_portal)));
    config.service(
        web::scope(ROOT)
            .wrap(from_fn(edge::edge))
            .app_data(web::PayloadConfig::new(form::MOST_BYTES))
            .configure(pages)
            .default_service(web::to(edge::unknown)),
    );
}

/// Every page, by the file that it lives in.
fn pages(config: &mut web::ServiceConfig) {
    assets::routes(config);
    sign_in::routes(config);
    preferences::routes(config);
    worklist::routes(config);
    board::routes(config);
    offers::routes(config);
    request_form::routes(config);
    requests::routes(config);
    choice::routes(config);
    live::routes(config);
    components::routes(config);
    stock::routes(config);
    lot_new::routes(config);
    lot_parts::routes(config);
    lot::routes(config);
    publish::routes(config);
    transfers::routes(config);
    transfer_new::routes(config);
    receive::routes(config);
    take_back::routes(config);
    waybill::routes(config);
    transfer::routes(config);
    dispatch::routes(config);
    carriers::routes(config);
    recalls::routes(config);
    recall::routes(config);
    photo::routes(config);
    scan::routes(config);
    sheets::import::routes(config);
    office::routes(config);
}
