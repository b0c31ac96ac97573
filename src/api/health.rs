//! Whether the process lives, whether it can do its work, and its figures.

use super::openapi::operations;
use super::state::{Answer, State};
use actix_web::{HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;

operations!(livez, readyz, metrics);

/// What the hub can reach.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Readiness)]
struct ReadinessView {
    /// `ready`, or `degraded` when it works without Redis.
    status: &'static str,
    /// `reachable`; otherwise the answer is 503.
    database: &'static str,
    /// `local`, `shared` or `degraded`.
    coordination: &'static str,
    /// True in a hub whose clock is moved from outside.
    simulation: bool,
}

/// Tells that the process lives.
#[utoipa::path(tag = "operation", security(()), responses((status = 200, description = "It lives.", body = String, content_type = "text/plain")))]
#[get("/livez")]
async fn livez() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ok\n")
}

/// Tells whether the hub can do its work.
#[utoipa::path(tag = "operation", security(()), responses((status = 200, description = "It can.", body = ReadinessView)))]
#[get("/readyz")]
async fn readyz(state: State) -> Answer {
    state.hub.ping().await?;
    let coordination = state.hub.coordination.state().await.as_str();
    let status = if coordination == "degraded" { "degraded" } else { "ready" };
    Ok(HttpResponse::Ok().json(ReadinessView {
        status,
        database: "reachable",
        coordination,
        simulation: state.hub.clock.is_simulated(),
    }))
}

/// Gives the figures in Prometheus' text format.
#[utoipa::path(tag = "operation", security(()), responses((status = 200, description = "The figures.", body = String, content_type = "text/plain")))]
#[get("/metrics")]
async fn metrics(state: State) -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body((state.metrics)())
}
