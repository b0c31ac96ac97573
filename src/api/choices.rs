//! "Why not this lot?", and a person's own choice against the plan.

use super::auth::{Allowed, permit::RaiseRequests, permit::ReadRequests};
use super::code::ProblemCode;
use super::extract::PathId;
use super::idempotency::{Creating, created, send};
use super::match_runs::StartedView;
use super::openapi::{CreatingHeaders, IdInPath, operations};
use super::problem::Problem;
use super::state::{Answer, State};
use crate::actions::matching::{self, ChooseOtherwise};
use crate::domain::ids::{LotId, RequestId};
use actix_web::{HttpRequest, HttpResponse, get, post};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

operations!(why_not_this_lot, choose_otherwise);

/// Which lot.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "describes the path for the specification")]
struct LotInPath {
    /// The lot.
    #[param(value_type = String, format = "uuid")]
    lot_id: LotId,
}

/// What one bottle of the lot for this request would change.
#[derive(Serialize, ToSchema)]
#[schema(as = WhyNot)]
struct WhyNotView {
    /// The request.
    #[schema(value_type = String, format = "uuid")]
    request_id: RequestId,
    /// The lot.
    #[schema(value_type = String, format = "uuid")]
    lot_id: LotId,
    /// True when the plan takes the lot for this request anyway.
    in_plan: bool,
    /// Every rule against it; empty when it may go there.
    #[schema(value_type = Vec<Object>)]
    refusals: Vec<crate::domain::refusal::Refusal>,
    /// Change of the millilitres served, per tier, most urgent first; empty when it may not go there.
    served_change_ml: Vec<i64>,
    /// Points more than the plan; none when it may not go there.
    points: Option<i64>,
    /// True when both plans are proven, so that the change is exact.
    exact: bool,
    /// Sentences in English, the weightiest first.
    text: Vec<String>,
}

/// Tells what one bottle of a lot for the request would change, by planning again with it.
#[utoipa::path(tag = "matching", params(IdInPath, LotInPath),
    responses((status = 200, description = "What it would change, or which rules are against it.", body = WhyNotView)))]
#[get("/v1/requests/{id}/why-not/{lot_id}")]
async fn why_not_this_lot(
    call: Allowed<ReadRequests>,
    state: State,
    request: HttpRequest,
    id: PathId<RequestId>,
) -> Answer {
    let (PathId(id), actor) = (id, call.actor.clone());
    let lot_id: LotId = request.match_info().get("lot_id").and_then(|text| text.parse().ok()).ok_or_else(|| {
        Problem::field(ProblemCode::PathInvalid, "/lot_id", "not_an_id", "an identifier is a UUID of 36 characters")
    })?;
    let (memory, now) = (Arc::clone(&state.hub.memory), state.hub.clock.now());
    let answer = state.hub.read(move |conn| matching::why_not(conn, &memory, &actor, now, id, lot_id)).await?;
    let matching::WhyNot { request_id, lot_id, in_plan, refusals, served_change_ml, points, exact, text } = answer;
    let view = WhyNotView { request_id, lot_id, in_plan, refusals, served_change_ml, points, exact, text };
    Ok(HttpResponse::Ok().json(view))
}

/// What a person wants instead.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChoiceBody {
    /// The lot.
    #[schema(value_type = String, format = "uuid")]
    lot_id: LotId,
    /// Bottles of it.
    #[schema(minimum = 1, maximum = 999, example = 2)]
    bottles: i64,
    /// Why; kept with the price of the choice. No names.
    #[schema(min_length = 1, max_length = 500, example = "the infant knows this donor's milk")]
    reason: String,
}

/// Offers a lot that a person chose instead of what waits for the request; safety rules stay in force.
#[utoipa::path(tag = "matching", params(IdInPath, CreatingHeaders), request_body = ChoiceBody,
    responses((status = 201, description = "It is offered; reason and price are recorded.", body = StartedView)))]
#[post("/v1/requests/{id}/choose-otherwise")]
async fn choose_otherwise(
    call: Allowed<RaiseRequests>,
    state: State,
    id: PathId<RequestId>,
    creating: Creating<ChoiceBody>,
) -> Answer {
    let (PathId(request), Creating { body, once }) = (id, creating);
    let ChoiceBody { lot_id, bottles, reason } = body;
    let command = ChooseOtherwise { request, lot: lot_id, bottles, reason };
    let prepared = matching::prepare_choice(&state.hub, &call, &command).await?;
    let answer = state
        .hub
        .write_once(
            &call,
            once,
            move |tx| matching::choose_otherwise(tx, &prepared, &command),
            |outcome| {
                let run = outcome.run.map_or_else(String::new, |id| format!("/v1/match-runs/{id}"));
                created(run, 1, &StartedView::from(outcome))
            },
        )
        .await?;
    Ok(send(answer))
}
