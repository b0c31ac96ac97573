//! Runs of the matching and their reasons.

use super::auth::{Allowed, permit::ReadRequests, permit::RunMatching};
use super::extract::{PathId, Query};
use super::idempotency::{Creating, created, saved, send};
use super::openapi::{CreatingHeaders, IdInPath, operations};
use super::paging::Page;
use super::state::{Answer, State};
use crate::actions::matching::{self, ExplanationRow, MatchRunRow, RunOutcome};
use crate::domain::ids::{MatchRunId, RequestId};
use crate::domain::quantity::Volume;
use crate::domain::time::Instant;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, get, post};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

operations!(start_match_run, list_match_runs, get_match_run, get_request_explanation);

/// Nothing to say; the hub knows what is open.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MatchRunBody {}

/// A run.
#[derive(Serialize, ToSchema)]
#[schema(as = MatchRun)]
struct MatchRunView {
    /// Identifier.
    #[schema(value_type = String, format = "uuid")]
    id: MatchRunId,
    /// When it ran.
    #[schema(value_type = String, format = DateTime)]
    started_at: Instant,
    /// Why it ran.
    trigger: String,
    /// Hash of what it planned over.
    input_hash: String,
    /// Requests that wanted milk.
    open_requests: i64,
    /// Lines of surplus.
    supply_lines: i64,
    /// Offers that came of it.
    offers_made: i64,
    /// Volume planned, mL.
    #[schema(value_type = i64)]
    planned_ml: Volume,
    /// optimal or bounded.
    status: String,
    /// Per tier: millilitres served, and the most that any plan could serve.
    #[schema(value_type = Vec<Object>)]
    served: Value,
    /// Time of planning, microseconds.
    duration_us: i64,
    /// Reasons for the requests of the caller's sites; left out of lists.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reasons: Vec<ReasonsView>,
}

/// Why a request got what it got.
#[derive(Serialize, ToSchema)]
#[schema(as = Reasons)]
struct ReasonsView {
    /// The run.
    #[schema(value_type = String, format = "uuid")]
    run_id: MatchRunId,
    /// The request.
    #[schema(value_type = String, format = "uuid")]
    request_id: RequestId,
    /// Sentences, chosen lots, runner-up, failed rules.
    #[schema(value_type = Object)]
    reasons: Value,
}

fn reasons_view(row: &ExplanationRow) -> ReasonsView {
    ReasonsView {
        run_id: row.run_id,
        request_id: row.request_id,
        reasons: serde_json::from_str(&row.explanation).unwrap_or(Value::Null),
    }
}

fn view(row: &MatchRunRow) -> MatchRunView {
    MatchRunView {
        id: row.id,
        started_at: row.started_at,
        trigger: row.trigger_reason.clone(),
        input_hash: row.input_hash.clone(),
        open_requests: row.open_requests,
        supply_lines: row.supply_lines,
        offers_made: row.offers_made,
        planned_ml: row.planned_ml,
        status: row.status.clone(),
        served: serde_json::from_str(&row.served).unwrap_or(Value::Null),
        duration_us: row.duration_us,
        reasons: Vec::new(),
    }
}

/// What asking for a run brought.
#[derive(Serialize, ToSchema)]
#[schema(as = MatchRunStarted)]
pub struct StartedView {
    /// The run; none when there was nothing to plan.
    #[schema(value_type = Option<String>)]
    id: Option<MatchRunId>,
    /// Offers made.
    offers_made: usize,
    /// Waiting offers taken back for more urgent requests.
    withdrawn: usize,
}

impl From<&RunOutcome> for StartedView {
    fn from(outcome: &RunOutcome) -> Self {
        Self { id: outcome.run, offers_made: outcome.offers_made, withdrawn: outcome.withdrawn }
    }
}

/// Matches now, without waiting for the hub's own rhythm.
#[utoipa::path(tag = "matching", params(CreatingHeaders), request_body = MatchRunBody,
    responses((status = 201, description = "It ran.", body = StartedView)))]
#[post("/v1/match-runs")]
async fn start_match_run(call: Allowed<RunMatching>, state: State, creating: Creating<MatchRunBody>) -> Answer {
    let Creating { body: MatchRunBody {}, once } = creating;
    // Matching is safe to repeat: what it has promised is no longer open. So it runs first, and the key keeps
    // the answer for whoever asks again.
    let outcome = matching::run_matching(&state.hub, "asked").await?;
    let answer = state
        .hub
        .write_once(
            &call,
            once,
            move |_tx| Ok(outcome.clone()),
            |outcome| {
                let view = StartedView::from(outcome);
                match outcome.run {
                    Some(id) => created(format!("/v1/match-runs/{id}"), 1, &view),
                    None => saved(StatusCode::OK, &view),
                }
            },
        )
        .await?;
    Ok(send(answer))
}

/// Which runs.
#[derive(Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct MatchRunQuery {
    /// Items on the page.
    #[param(minimum = 1, maximum = 200)]
    #[serde(skip_serializing_if = "super::paging::not_a_filter")]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(max_length = 500)]
    #[serde(skip_serializing_if = "super::paging::not_a_filter")]
    cursor: Option<String>,
}

/// Lists runs, newest first.
#[utoipa::path(tag = "matching", params(MatchRunQuery),
    responses((status = 200, description = "A page of runs.", body = Page<MatchRunView>)))]
#[get("/v1/match-runs")]
async fn list_match_runs(
    _call: Allowed<ReadRequests>,
    state: State,
    request: HttpRequest,
    query: Query<MatchRunQuery>,
) -> Answer {
    let Query(query) = query;
    let page = state.pager.open::<MatchRunId, _>(query.limit, query.cursor.as_deref(), &"match-runs")?;
    let (before, rows) = (page.after, page.rows());
    let found = state.hub.read(move |conn| matching::list_match_runs(conn, before, rows)).await?;
    Ok(state.pager.answer(&request, &page, found, |row| row.id, view))
}

/// Gives one run with the reasons for the caller's requests.
#[utoipa::path(tag = "matching", params(IdInPath),
    responses((status = 200, description = "The run.", body = MatchRunView)))]
#[get("/v1/match-runs/{id}")]
async fn get_match_run(call: Allowed<ReadRequests>, state: State, id: PathId<MatchRunId>) -> Answer {
    let (PathId(id), actor) = (id, call.actor.clone());
    let (run, reasons) = state.hub.read(move |conn| matching::get_match_run(conn, &actor, id)).await?;
    let reasons = reasons.iter().map(reasons_view).collect();
    Ok(HttpResponse::Ok().json(MatchRunView { reasons, ..view(&run) }))
}

/// Tells why a request got what it got, by the newest run that had something new to say of it.
#[utoipa::path(tag = "matching", params(IdInPath),
    responses((status = 200, description = "The reasons.", body = ReasonsView)))]
#[get("/v1/requests/{id}/explanation")]
async fn get_request_explanation(call: Allowed<ReadRequests>, state: State, id: PathId<RequestId>) -> Answer {
    let (PathId(id), actor) = (id, call.actor.clone());
    let row = state.hub.read(move |conn| matching::get_explanation(conn, &actor, id)).await?;
    Ok(HttpResponse::Ok().json(reasons_view(&row)))
}
