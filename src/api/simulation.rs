//! The clock of a hub that was started to be simulated. Any other hub has no such address.

use super::auth::{Allowed, permit::MoveClock, permit::ReadNetwork};
use super::extract::Body;
use super::openapi::operations;
use super::problem::{Problem, ProblemCode};
use super::state::{Answer, State};
use crate::actions::simulation::{self, ClockMoved};
use crate::actions::webhooks::sending;
use crate::domain::time::Instant;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, HttpResponse, get, put};
use serde::{Deserialize, Serialize};
use std::future::{Ready, ready};
use utoipa::ToSchema;

operations!(get_clock, put_clock);

/// Proof that this hub is simulated; comes first in a handler, so that another hub answers as if there were
/// nothing here.
struct Simulated;

impl FromRequest for Simulated {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _body: &mut Payload) -> Self::Future {
        let simulated = request.app_data::<State>().is_some_and(|state| state.hub.settings.simulation);
        ready(if simulated { Ok(Self) } else { Err(Problem::from(ProblemCode::RouteUnknown)) })
    }
}

/// The clock.
#[derive(Serialize, ToSchema)]
#[schema(as = Clock)]
struct ClockView {
    /// The hub's time.
    #[schema(value_type = String, format = DateTime)]
    now: Instant,
}

/// Where the clock is to stand.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ClockBody {
    /// Not before the hub's time.
    #[schema(value_type = String, format = DateTime)]
    now: Instant,
    /// True to do everything that is due before the answer.
    #[serde(default)]
    run: bool,
}

/// The clock after a move.
#[derive(Serialize, ToSchema)]
#[schema(as = ClockMoved)]
struct ClockMovedView {
    /// The hub's time.
    #[schema(value_type = String, format = DateTime)]
    now: Instant,
    /// Offers that matching made.
    offers_made: usize,
    /// Things that time ended: offers, allocations, surplus, lots, closures.
    work_done: usize,
}

impl From<ClockMoved> for ClockMovedView {
    fn from(moved: ClockMoved) -> Self {
        let ClockMoved { now, offers_made, work_done } = moved;
        Self { now, offers_made, work_done }
    }
}

/// Gives the hub's time.
#[utoipa::path(tag = "simulation",
    responses((status = 200, description = "The clock.", body = ClockView),
        (status = 404, description = "This hub is not simulated.")))]
#[get("/v1/simulation/clock")]
async fn get_clock(_simulated: Simulated, _call: Allowed<ReadNetwork>, state: State) -> Answer {
    Ok(HttpResponse::Ok().json(ClockView { now: state.hub.clock.now() }))
}

/// Moves the hub's time forward, never back.
#[utoipa::path(tag = "simulation", request_body = ClockBody,
    responses((status = 200, description = "The clock was moved.", body = ClockMovedView),
        (status = 404, description = "This hub is not simulated.")))]
#[put("/v1/simulation/clock")]
async fn put_clock(_simulated: Simulated, _call: Allowed<MoveClock>, state: State, body: Body<ClockBody>) -> Answer {
    let ClockBody { now, run } = body.into_inner();
    let moved = simulation::move_clock(&state.hub, now, run).await?;
    if run {
        sending::settle(&state.hub, state.authority.vault()).await?;
    }
    Ok(HttpResponse::Ok().json(ClockMovedView::from(moved)))
}
