//! Steps of custody from devices that were offline, and the code that a receiving door asks for.

use super::auth::{Allowed, permit::MoveMilk, permit::ReceiveMilk};
use super::extract::PathId;
use super::idempotency::{Creating, saved, send};
use super::openapi::{CreatingHeaders, IdInPath, operations};
use super::state::{Answer, State};
use super::transfer_views::TransferView;
use crate::actions::handover::Handover;
use crate::actions::late_steps::{self, LateStep};
use crate::domain::custody::StepKind;
use crate::domain::ids::{BottleId, SiteId, TransferId};
use crate::domain::time::Instant;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, get, post};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

operations!(report_custody_steps, get_handover_code);

/// One step as a device kept it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct StepBody {
    /// The device's own name for it, such as a UUID; a repeat adds nothing.
    #[schema(min_length = 1, max_length = 64)]
    step_ref: String,
    /// `packed`, `collected`, `cross_docked`, `handed_over` or `delivered`.
    #[schema(value_type = String, example = "collected")]
    kind: StepKind,
    /// By the device's clock.
    #[schema(value_type = String, format = DateTime)]
    at: Instant,
    /// Where.
    #[schema(value_type = Option<String>, format = "uuid")]
    site_id: Option<SiteId>,
    /// The seal put on or seen.
    #[schema(max_length = 64)]
    seal_number: Option<String>,
    /// The code of the receiving door.
    #[schema(max_length = 16)]
    handover_code: Option<String>,
    /// The reference of a signature.
    #[schema(max_length = 200)]
    signature_ref: Option<String>,
    /// The reference of a photograph.
    #[schema(max_length = 200)]
    photo_ref: Option<String>,
    /// The bottles scanned in the box.
    #[schema(value_type = Option<Vec<String>>, max_items = 1000)]
    scanned_bottle_ids: Option<Vec<BottleId>>,
    /// What was seen, kept as it is sent; the hub reads no key of it.
    #[schema(value_type = Option<Object>)]
    condition: Option<serde_json::Map<String, serde_json::Value>>,
}

/// Steps of one journey.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct StepsBody {
    /// In any order.
    #[schema(min_items = 1, max_items = 50)]
    steps: Vec<StepBody>,
}

/// The code that the carrier must know.
#[derive(Serialize, ToSchema)]
#[schema(as = HandoverCode)]
struct HandoverCodeView {
    /// Six digits.
    handover_code: String,
}

/// Adds steps that a device kept while it was offline. They may come late, in any order and again; what does not
/// fit sets milk aside and opens a case.
#[utoipa::path(tag = "transfers", params(IdInPath, CreatingHeaders), request_body = StepsBody,
    responses((status = 200, description = "They are in the chain.", body = TransferView)))]
#[post("/v1/transfers/{id}/custody-events")]
async fn report_custody_steps(
    call: Allowed<MoveMilk>,
    state: State,
    id: PathId<TransferId>,
    creating: Creating<StepsBody>,
) -> Answer {
    let (PathId(id), Creating { body: StepsBody { steps }, once }) = (id, creating);
    let steps: Vec<LateStep> = steps.into_iter().map(LateStep::from).collect();
    let answer = state
        .hub
        .write_once(
            &call,
            once,
            move |tx| late_steps::record_steps(tx, id, &steps),
            |detail| saved(StatusCode::OK, &TransferView::from(detail)),
        )
        .await?;
    Ok(send(answer))
}

impl From<StepBody> for LateStep {
    fn from(body: StepBody) -> Self {
        let StepBody {
            step_ref,
            kind,
            at,
            site_id,
            seal_number,
            handover_code,
            signature_ref,
            photo_ref,
            scanned_bottle_ids,
            condition,
        } = body;
        Self {
            step_ref,
            kind,
            at,
            site: site_id,
            seal_number,
            handover: Handover { code: handover_code, signature_ref, photo_ref },
            scanned: scanned_bottle_ids,
            condition: condition.map(serde_json::Value::Object),
        }
    }
}

/// Gives the receiving site the code that it asks the carrier for.
#[utoipa::path(tag = "transfers", params(IdInPath),
    responses((status = 200, description = "The code.", body = HandoverCodeView)))]
#[get("/v1/transfers/{id}/handover-code")]
async fn get_handover_code(call: Allowed<ReceiveMilk>, state: State, id: PathId<TransferId>) -> Answer {
    let (PathId(id), actor) = (id, call.actor().clone());
    let handover_code = state.hub.read(move |conn| late_steps::get_handover_code(conn, &actor, id)).await?;
    Ok(HttpResponse::Ok().json(HandoverCodeView { handover_code }))
}
