//! Planning everything that is open at once: a job with a page of its own, with its progress and a way to stop it.
//! What is planned when it stops is kept.

use crate::actions::dispatch::plans::{PlanRoutes, PlanRow, cancel_plan, create_plan, get_plan, start};
use crate::domain::dispatch::PlanState;
use crate::domain::ids::RoutePlanId;
use crate::portal::fault::{Fault, show};
use crate::portal::frame::Frame;
use crate::portal::signed::{Posted, Signed, permit};
use crate::portal::state::Shown;
use actix_web::http::header::LOCATION;
use actix_web::{HttpResponse, web};
use askama::Template;

/// The time that a planning gets, seconds.
const TIME_LIMIT_S: i64 = 20;

/// Adds the routes of plannings.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/dispatch/plans", web::post().to(ask));
    config.route("/dispatch/plans/{id}", web::get().to(one));
    config.route("/dispatch/plans/{id}/stop", web::post().to(stop));
}

#[derive(Template)]
#[template(path = "dispatch_plan.html")]
struct PlanPage {
    f: Frame,
    id: String,
    state: String,
    over: bool,
    stopping: bool,
    permille: i64,
    routes: i64,
    left_out: i64,
    may_stop: bool,
}

fn read_id(text: &str) -> Result<RoutePlanId, Fault> {
    text.parse().map_err(|_not_an_id| Fault::NotFound)
}

async fn ask(posted: Posted<permit::PlanRoutes>) -> Result<HttpResponse, Fault> {
    let command = PlanRoutes { time_limit_s: TIME_LIMIT_S, ..PlanRoutes::default() };
    let to = |row: &PlanRow| format!("/portal/dispatch/plans/{}", row.id);
    let answer = posted.once(move |tx| create_plan(tx, &command), to).await?;
    let made = answer.headers().get(LOCATION).and_then(|to| to.to_str().ok()).and_then(|to| to.rsplit('/').next());
    if let Some(id) = made.and_then(|id| id.parse().ok()) {
        // A worker that finds it taken or over leaves it alone.
        start(&posted.state().hub, id);
    }
    Ok(answer)
}

async fn one(visitor: Signed<permit::ReadRoutes>, path: web::Path<String>) -> Shown {
    let id = read_id(&path)?;
    let row = visitor.state().hub.read(move |conn| get_plan(conn, id)).await?;
    let texts = visitor.texts();
    let over = matches!(row.state, PlanState::Done | PlanState::Cancelled | PlanState::Failed);
    show(&PlanPage {
        f: visitor.frame("dispatch", &texts.get("planning-title")),
        id: row.id.to_string(),
        state: texts.word("planning-is", row.state.as_str()),
        over,
        stopping: !over && row.cancel_asked_at.is_some(),
        permille: row.progress_permille,
        routes: row.routes,
        left_out: row.unassigned,
        may_stop: visitor.may(crate::domain::actor::Permission::PlanRoutes),
    })
}

async fn stop(posted: Posted<permit::PlanRoutes>, path: web::Path<String>) -> Result<HttpResponse, Fault> {
    let id = read_id(&path)?;
    let to = format!("/portal/dispatch/plans/{id}");
    Ok(posted.once(move |tx| cancel_plan(tx, id), move |_row| to.clone()).await?)
}
