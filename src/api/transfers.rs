//! Journeys and their steps. Each step names the version it was decided on.

use super::auth::{Allowed, permit::MoveMilk, permit::ReadTransfers, permit::ReceiveMilk};
use super::conditional::{IfMatch, single};
use super::extract::{Body, PathId, Query};
use super::idempotency::{Creating, created, send};
use super::openapi::{ChangingHeaders, CreatingHeaders, IdInPath, operations};
use super::paging::Page;
use super::state::{Answer, State};
use super::transfer_views::{CustodyView, TransferView};
use crate::actions::handover::{Handover, deliver_transfer as deliver};
use crate::actions::receiving::{self, ReceiveTransfer};
use crate::actions::taking_back::{self, TakeBack};
use crate::actions::transfers::{self, PlanTransfer, TransferFilter};
use crate::domain::ids::{AllocationId, BottleId, CourierId, PackingId, SiteId, TransferId};
use crate::domain::receipt::ArrivalCondition;
use crate::domain::time::Instant;
use crate::domain::transfer::TransferState;
use actix_web::{HttpRequest, HttpResponse, get, post};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

operations!(
    plan_transfer,
    list_transfers,
    get_transfer,
    list_custody_events,
    pack_transfer,
    collect_transfer,
    deliver_transfer,
    receive_transfer,
    take_back_transfer,
    cancel_transfer,
);

/// A journey to be planned.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TransferBody {
    /// Held allocations, all from one site to one other.
    #[schema(value_type = Vec<String>, min_items = 1, max_items = 200,
        example = json!(["019b8d2a-5c00-7000-8000-0000000000a3"]))]
    allocation_ids: Vec<AllocationId>,
    /// Who carries it.
    #[schema(value_type = String, format = "uuid", example = "019b8d2a-5c00-7000-8000-0000000000c1")]
    courier_id: CourierId,
    /// Collection.
    #[schema(value_type = String, format = DateTime, example = "2026-01-05T10:00:00Z")]
    planned_pickup_at: Instant,
    /// Delivery.
    #[schema(value_type = String, format = DateTime, example = "2026-01-05T12:00:00Z")]
    planned_delivery_at: Instant,
    /// The validated packing; of those that hold the one that holds longest, if left out.
    #[schema(value_type = Option<String>, format = "uuid")]
    packing_id: Option<PackingId>,
    /// How it is packed, in words; as the packing says, if left out.
    #[schema(max_length = 200)]
    packaging: Option<String>,
    /// The logger in the box. A box with a logger must have readings.
    #[schema(max_length = 64, example = "LOG-1")]
    logger_ref: Option<String>,
}

/// The box is packed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PackBody {
    /// The number of the seal put on.
    #[schema(max_length = 64, example = "S-1")]
    seal_number: String,
    /// By the device's clock; now, if left out.
    #[schema(value_type = Option<String>, format = DateTime)]
    at: Option<Instant>,
}

/// The carrier takes the box.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CollectBody {
    /// The number of the seal seen.
    #[schema(max_length = 64, example = "S-1")]
    seal_number: String,
    /// By the device's clock; now, if left out.
    #[schema(value_type = Option<String>, format = DateTime)]
    at: Option<Instant>,
}

/// The carrier hands the box over.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DeliverBody {
    /// The code that the receiving door gave the carrier. Without it a signature, a photograph, or the receiver's own
    /// call; else `handover_unproven`.
    #[schema(max_length = 16)]
    handover_code: Option<String>,
    /// The reference of a signature.
    #[schema(max_length = 200)]
    signature_ref: Option<String>,
    /// The reference of a photograph.
    #[schema(max_length = 200)]
    photo_ref: Option<String>,
    /// By the device's clock; now, if left out.
    #[schema(value_type = Option<String>, format = DateTime)]
    at: Option<Instant>,
    /// What was seen at the door, kept as it is sent; the hub reads no key of it.
    #[schema(value_type = Option<Object>)]
    condition: Option<serde_json::Map<String, serde_json::Value>>,
}

/// One bottle as it was found.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReceivedBottleBody {
    /// The bottle.
    #[schema(value_type = String, format = "uuid")]
    bottle_id: BottleId,
    /// `intact`; `ice_crystals` or `liquid`: somebody decides; `thawed` or `damaged`: thrown away; `missing`.
    #[schema(value_type = String, example = "intact")]
    condition: ArrivalCondition,
}

/// What the receiver found.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReceiveBody {
    /// By the device's clock; now, if left out.
    #[schema(value_type = Option<String>, format = DateTime)]
    at: Option<Instant>,
    /// The seal on the box.
    #[schema(max_length = 64, example = "S-1")]
    seal_number: String,
    /// The milk was frozen solid.
    frozen_solid: bool,
    /// Each bottle as it was found.
    #[serde(default)]
    bottles: Vec<ReceivedBottleBody>,
    /// Every bottle that is not named came intact.
    #[serde(default)]
    accept_all: bool,
}

/// What the sender found in a box that came back.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TakeBackBody {
    /// Why it came back, in a few words.
    #[schema(max_length = 500)]
    reason: String,
    /// By the device's clock; now, if left out.
    #[schema(value_type = Option<String>, format = DateTime)]
    at: Option<Instant>,
    /// The seal on the box.
    #[schema(max_length = 64, example = "S-1")]
    seal_number: String,
    /// The milk was frozen solid.
    frozen_solid: bool,
    /// Each bottle as it was found.
    #[serde(default)]
    bottles: Vec<ReceivedBottleBody>,
    /// Every bottle that is not named came back intact.
    #[serde(default)]
    accept_all: bool,
}

/// Why a journey is cancelled.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CancelTransferBody {
    /// In a few words.
    #[schema(max_length = 500)]
    reason: String,
}

/// Which journeys.
#[derive(Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct TransfersQuery {
    /// Only journeys from or to this site.
    #[param(value_type = Option<String>, format = "uuid")]
    site_id: Option<SiteId>,
    /// Only journeys in this state.
    #[param(value_type = Option<String>)]
    state: Option<TransferState>,
    /// Items on the page.
    #[param(minimum = 1, maximum = 200)]
    #[serde(skip_serializing_if = "super::paging::not_a_filter")]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(max_length = 500)]
    #[serde(skip_serializing_if = "super::paging::not_a_filter")]
    cursor: Option<String>,
}

/// Plans a journey for held allocations of one pair of sites.
#[utoipa::path(tag = "transfers", params(CreatingHeaders), request_body = TransferBody,
    responses((status = 201, description = "It is planned.", body = TransferView)))]
#[post("/v1/transfers")]
async fn plan_transfer(call: Allowed<MoveMilk>, state: State, creating: Creating<TransferBody>) -> Answer {
    let Creating { body, once } = creating;
    let TransferBody {
        allocation_ids,
        courier_id,
        planned_pickup_at,
        planned_delivery_at,
        packing_id,
        packaging,
        logger_ref,
    } = body;
    let command = PlanTransfer {
        allocations: allocation_ids,
        courier: courier_id,
        pickup_at: planned_pickup_at,
        delivery_at: planned_delivery_at,
        packing: packing_id,
        packaging,
        logger_ref,
    };
    let answer = state
        .hub
        .write_once(
            &call,
            once,
            move |tx| transfers::plan_transfer(tx, &command),
            |detail| {
                let location = format!("/v1/transfers/{}", detail.head.id);
                created(location, detail.head.version, &TransferView::from(detail))
            },
        )
        .await?;
    Ok(send(answer))
}

/// Lists journeys from or to the caller's sites, without their manifests.
#[utoipa::path(tag = "transfers", params(TransfersQuery),
    responses((status = 200, description = "A page of journeys.", body = Page<TransferView>)))]
#[get("/v1/transfers")]
async fn list_transfers(
    call: Allowed<ReadTransfers>,
    state: State,
    request: HttpRequest,
    query: Query<TransfersQuery>,
) -> Answer {
    let Query(query) = query;
    let page = state.pager.open::<TransferId, _>(query.limit, query.cursor.as_deref(), &("transfers", &query))?;
    let (after, rows, actor) = (page.after, page.rows(), call.actor().clone());
    let wanted = TransferFilter { site: query.site_id, state: query.state };
    let found = state.hub.read(move |conn| transfers::list_transfers(conn, &actor, &wanted, after, rows)).await?;
    Ok(state.pager.answer(&request, &page, found, |row| row.id, TransferView::without_manifest))
}

/// Gives one journey with its manifest.
#[utoipa::path(tag = "transfers", params(IdInPath),
    responses((status = 200, description = "The journey.", body = TransferView)))]
#[get("/v1/transfers/{id}")]
async fn get_transfer(
    call: Allowed<ReadTransfers>,
    state: State,
    request: HttpRequest,
    id: PathId<TransferId>,
) -> Answer {
    let (PathId(id), actor) = (id, call.actor().clone());
    let detail = state.hub.read(move |conn| transfers::get_transfer_detail(conn, &actor, id)).await?;
    Ok(single(&request, detail.head.version, &TransferView::from(&detail)))
}

/// How a client asks that turns pages.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct WholeQuery {
    /// Taken for clients that send it with every list; the steps of a journey come all at once.
    #[param(minimum = 1, maximum = 200)]
    #[expect(dead_code, reason = "there is only one page")]
    limit: Option<i64>,
}

/// Gives the steps of custody of a journey in the order in which they happened.
#[utoipa::path(tag = "transfers", params(IdInPath, WholeQuery),
    responses((status = 200, description = "All its steps.", body = Page<CustodyView>)))]
#[get("/v1/transfers/{id}/custody-events")]
async fn list_custody_events(
    call: Allowed<ReadTransfers>,
    state: State,
    id: PathId<TransferId>,
    _whole: Query<WholeQuery>,
) -> Answer {
    let (PathId(id), actor) = (id, call.actor().clone());
    let steps = state.hub.read(move |conn| transfers::list_custody(conn, &actor, id)).await?;
    Ok(HttpResponse::Ok().json(Page { items: steps.iter().map(CustodyView::from).collect(), next_cursor: None }))
}

/// Packs and seals the box.
#[utoipa::path(tag = "transfers", params(IdInPath, ChangingHeaders), request_body = PackBody,
    responses((status = 200, description = "It is packed.", body = TransferView)))]
#[post("/v1/transfers/{id}/pack")]
async fn pack_transfer(
    call: Allowed<MoveMilk>,
    state: State,
    request: HttpRequest,
    id: PathId<TransferId>,
    version: IfMatch,
    body: Body<PackBody>,
) -> Answer {
    let (PathId(id), IfMatch(version), PackBody { seal_number, at }) = (id, version, body.into_inner());
    let detail = state.hub.write(&call, move |tx| transfers::pack_transfer(tx, id, version, &seal_number, at)).await?;
    Ok(single(&request, detail.head.version, &TransferView::from(&detail)))
}

/// Hands the sealed box to the carrier.
#[utoipa::path(tag = "transfers", params(IdInPath, ChangingHeaders), request_body = CollectBody,
    responses((status = 200, description = "It is on the road.", body = TransferView)))]
#[post("/v1/transfers/{id}/collect")]
async fn collect_transfer(
    call: Allowed<MoveMilk>,
    state: State,
    request: HttpRequest,
    id: PathId<TransferId>,
    version: IfMatch,
    body: Body<CollectBody>,
) -> Answer {
    let (PathId(id), IfMatch(version), CollectBody { seal_number, at }) = (id, version, body.into_inner());
    let detail =
        state.hub.write(&call, move |tx| transfers::collect_transfer(tx, id, version, &seal_number, at)).await?;
    Ok(single(&request, detail.head.version, &TransferView::from(&detail)))
}

/// Notes that the carrier handed the box over.
#[utoipa::path(tag = "transfers", params(IdInPath, ChangingHeaders), request_body = DeliverBody,
    responses((status = 200, description = "It is delivered.", body = TransferView)))]
#[post("/v1/transfers/{id}/deliver")]
async fn deliver_transfer(
    call: Allowed<MoveMilk>,
    state: State,
    request: HttpRequest,
    id: PathId<TransferId>,
    version: IfMatch,
    body: Body<DeliverBody>,
) -> Answer {
    let (PathId(id), IfMatch(version), body) = (id, version, body.into_inner());
    let DeliverBody { handover_code, signature_ref, photo_ref, at, condition } = body;
    let given = Handover { code: handover_code, signature_ref, photo_ref };
    let condition = condition.map(serde_json::Value::Object);
    let detail =
        state.hub.write(&call, move |tx| deliver(tx, id, version, at, &given, condition.as_ref())).await?;
    Ok(single(&request, detail.head.version, &TransferView::from(&detail)))
}

/// Checks the box in, bottle by bottle.
#[utoipa::path(tag = "transfers", params(IdInPath, ChangingHeaders), request_body = ReceiveBody,
    responses((status = 200, description = "It is checked in.", body = TransferView)))]
#[post("/v1/transfers/{id}/receive")]
async fn receive_transfer(
    call: Allowed<ReceiveMilk>,
    state: State,
    request: HttpRequest,
    id: PathId<TransferId>,
    version: IfMatch,
    body: Body<ReceiveBody>,
) -> Answer {
    let (PathId(id), IfMatch(version)) = (id, version);
    let ReceiveBody { at, seal_number, frozen_solid, bottles, accept_all } = body.into_inner();
    let bottles = bottles.into_iter().map(|ReceivedBottleBody { bottle_id, condition }| (bottle_id, condition));
    let command = ReceiveTransfer { at, seal_number, frozen_solid, bottles: bottles.collect(), accept_all };
    let detail = state.hub.write(&call, move |tx| receiving::receive_transfer(tx, id, version, &command)).await?;
    Ok(single(&request, detail.head.version, &TransferView::from(&detail)))
}

/// Takes a box back at its sender that could not be delivered. Sound bottles go back into stock, free; the requests
/// behind them want milk again.
#[utoipa::path(tag = "transfers", params(IdInPath, ChangingHeaders), request_body = TakeBackBody,
    responses((status = 200, description = "It is back, with the verdict `returned`.", body = TransferView)))]
#[post("/v1/transfers/{id}/take-back")]
async fn take_back_transfer(
    call: Allowed<ReceiveMilk>,
    state: State,
    request: HttpRequest,
    id: PathId<TransferId>,
    version: IfMatch,
    body: Body<TakeBackBody>,
) -> Answer {
    let (PathId(id), IfMatch(version)) = (id, version);
    let TakeBackBody { reason, at, seal_number, frozen_solid, bottles, accept_all } = body.into_inner();
    let bottles = bottles.into_iter().map(|ReceivedBottleBody { bottle_id, condition }| (bottle_id, condition));
    let found = ReceiveTransfer { at, seal_number, frozen_solid, bottles: bottles.collect(), accept_all };
    let command = TakeBack { found, reason };
    let detail = state.hub.write(&call, move |tx| taking_back::take_back_transfer(tx, id, version, &command)).await?;
    Ok(single(&request, detail.head.version, &TransferView::from(&detail)))
}

/// Cancels a journey that has not begun; its allocations wait for another one.
#[utoipa::path(tag = "transfers", params(IdInPath, ChangingHeaders), request_body = CancelTransferBody,
    responses((status = 200, description = "It is cancelled.", body = TransferView)))]
#[post("/v1/transfers/{id}/cancel")]
async fn cancel_transfer(
    call: Allowed<MoveMilk>,
    state: State,
    request: HttpRequest,
    id: PathId<TransferId>,
    version: IfMatch,
    body: Body<CancelTransferBody>,
) -> Answer {
    let (PathId(id), IfMatch(version), CancelTransferBody { reason }) = (id, version, body.into_inner());
    let detail = state.hub.write(&call, move |tx| transfers::cancel_transfer(tx, id, version, &reason)).await?;
    Ok(single(&request, detail.head.version, &TransferView::from(&detail)))
}
