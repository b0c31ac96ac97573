//! The JSON wire: routes and specification together, bodies in, views out. Handlers hold no rules; they read,
//! call one use case and answer. `README.md` shows the pattern.

pub mod auth;
pub mod code;
mod complaint;
pub mod conditional;
mod edge;
pub mod extract;
mod fallback;
pub mod idempotency;
mod infants;
mod listed;
mod openapi;
pub mod paging;
pub mod problem;
mod route_views;
mod scope;
mod site_views;
mod state;
mod temperature;
mod transfer_views;
mod wishes;
mod words;

pub use edge::edge;
pub use openapi::{document, document_text};
pub use state::{Answer, ApiSettings, ApiState, State};

use actix_web::web;
use utoipa_swagger_ui::{Config, SwaggerUi};

/// Lists the resources once, for the router and for the specification.
macro_rules! resources {
    ($($name:ident),+ $(,)?) => {
        $(mod $name;)+

        /// Every resource's part of the specification.
        fn documents() -> Vec<utoipa::openapi::OpenApi> {
            vec![$($name::document(),)+]
        }

        /// Every resource's routes.
        fn routes(config: &mut web::ServiceConfig) {
            $($name::routes(config);)+
        }
    };
}

resources!(
    agreements,
    allocations,
    borders,
    bottles,
    calendars,
    carrier_offers,
    cases,
    choices,
    clients,
    closures,
    couriers,
    custody_steps,
    documents,
    drivers,
    events,
    exceptions,
    excursions,
    fates,
    health,
    holds,
    ledger,
    logger_files,
    logger_mappings,
    lots,
    match_runs,
    needs,
    offers,
    packings,
    policy_sets,
    requests,
    readings,
    recalls,
    route_edits,
    route_insertions,
    route_plans,
    route_reports,
    routes,
    scans,
    shifts,
    simulation,
    sites,
    storage_units,
    surplus,
    tokens,
    traces,
    transfers,
    users,
    vehicles,
    webhook_deliveries,
    webhooks
);

/// Adds everything this room serves. The application around it wraps [`edge`].
pub fn configure(config: &mut web::ServiceConfig, state: &ApiState) {
    config.app_data(web::Data::new(state.clone()));
    routes(config);
    config
        .service(web::resource("/docs").route(web::get().to(fallback::to_docs)))
        .service(web::resource("/openapi.json").route(web::get().to(fallback::specification)))
        .service(SwaggerUi::new("/docs/{_:.*}").config(Config::from("/openapi.json")))
        .service(web::resource("/problems").route(web::get().to(fallback::problem_list)))
        .service(web::resource("/problems/{slug}").route(web::get().to(fallback::problem_page)))
        .default_service(web::to(fallback::unknown));
}
