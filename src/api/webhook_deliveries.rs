//! The log of an address: what was sent, what waits, what was given up; tried, sent again, set aside.

use super::auth::{Allowed, permit::ManageWebhooks};
use super::extract::{PathId, Query};
use super::idempotency::{Creating, saved, send};
use super::listed::{DeliveryFaultWord, DeliveryStateWord};
use super::openapi::{CreatingHeaders, IdInPath, operations};
use super::paging::Page;
use super::state::{Answer, State};
use crate::actions::webhooks::DeliveryRow;
use crate::actions::webhooks::log;
use crate::domain::ids::{DeliveryId, WebhookId};
use crate::domain::time::Instant;
use crate::domain::webhook::{DeliveryFault, DeliveryState};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, get, post};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

operations!(list_deliveries, try_webhook, send_deliveries_again, set_delivery_aside);

/// Which messages.
#[derive(Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct DeliveryQuery {
    /// Only messages that stand so.
    #[param(value_type = Option<DeliveryStateWord>)]
    state: Option<DeliveryState>,
    /// Items on the page.
    #[param(minimum = 1, maximum = 200)]
    #[serde(skip_serializing_if = "super::paging::not_a_filter")]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(max_length = 500)]
    #[serde(skip_serializing_if = "super::paging::not_a_filter")]
    cursor: Option<String>,
}

/// One message.
#[derive(Serialize, ToSchema)]
#[schema(as = WebhookDelivery)]
struct DeliveryView {
    /// Identifier of the entry.
    #[schema(value_type = String, format = "uuid")]
    id: DeliveryId,
    /// The event, and the message's own name (`webhook-id`), the same at every try.
    event_id: String,
    /// The event's position in the feed; 0 for a trial.
    pos: i64,
    /// What happened.
    kind: String,
    /// Where it stands.
    #[schema(value_type = DeliveryStateWord)]
    state: DeliveryState,
    /// Tries so far.
    attempts: i64,
    /// Why the last try failed.
    #[schema(value_type = Option<DeliveryFaultWord>)]
    fault: Option<DeliveryFault>,
    /// The HTTP status of the last try. Nothing else of an answer is kept.
    status: Option<i64>,
    /// When it was put in the queue.
    #[schema(value_type = String, format = DateTime)]
    queued_at: Instant,
    /// When it was last tried.
    #[schema(value_type = Option<String>, format = DateTime)]
    attempted_at: Option<Instant>,
    /// When it was over.
    #[schema(value_type = Option<String>, format = DateTime)]
    finished_at: Option<Instant>,
}

fn view(row: &DeliveryRow) -> DeliveryView {
    let DeliveryRow {
        id,
        webhook_id: _,
        event_id,
        event_pos,
        kind,
        state,
        attempts,
        fault,
        status,
        queued_at,
        attempted_at,
        finished_at,
    } = row.clone();
    DeliveryView {
        id,
        event_id,
        pos: event_pos,
        kind,
        state,
        attempts,
        fault,
        status,
        queued_at,
        attempted_at,
        finished_at,
    }
}

/// Lists the messages of an address, newest first. Those that are over are kept for 30 days.
#[utoipa::path(tag = "webhooks", params(IdInPath, DeliveryQuery),
    responses((status = 200, description = "A page of messages.", body = Page<DeliveryView>)))]
#[get("/v1/webhooks/{id}/deliveries")]
async fn list_deliveries(
    call: Allowed<ManageWebhooks>,
    state: State,
    request: HttpRequest,
    id: PathId<WebhookId>,
    query: Query<DeliveryQuery>,
) -> Answer {
    let (PathId(id), Query(query)) = (id, query);
    let page = state.pager.open::<DeliveryId, _>(query.limit, query.cursor.as_deref(), &("deliveries", id, &query))?;
    let (actor, wanted, after, rows) = (call.actor().clone(), query.state, page.after, page.rows());
    let found = state.hub.read(move |conn| log::list_deliveries(conn, &actor, id, wanted, after, rows)).await?;
    Ok(state.pager.answer(&request, &page, found, |row| row.id, view))
}

/// Sends a message of kind `webhook.test` to an address, before all that waits.
#[utoipa::path(tag = "webhooks", params(IdInPath, CreatingHeaders), request_body = TrialBody,
    responses((status = 200, description = "It is in the queue.", body = DeliveryView)))]
#[post("/v1/webhooks/{id}/test")]
async fn try_webhook(
    call: Allowed<ManageWebhooks>,
    state: State,
    id: PathId<WebhookId>,
    creating: Creating<TrialBody>,
) -> Answer {
    let (PathId(id), Creating { body: TrialBody {}, once }) = (id, creating);
    let render = |row: &DeliveryRow| saved(StatusCode::OK, &view(row));
    Ok(send(state.hub.write_once(&call, once, move |tx| log::try_webhook(tx, id), render).await?))
}

/// Nothing.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TrialBody {}

/// What is sent again.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AgainBody {
    /// These messages; all that were given up, if left out.
    #[schema(value_type = Option<Vec<String>>, max_items = 200)]
    delivery_ids: Option<Vec<DeliveryId>>,
}

/// How many are sent again.
#[derive(Serialize, ToSchema)]
#[schema(as = WebhookDeliveriesAgain)]
struct AgainView {
    /// Messages in the queue again.
    queued: usize,
}

/// Sends messages again, with the same `webhook-id`, before what waits.
#[utoipa::path(tag = "webhooks", params(IdInPath, CreatingHeaders), request_body = AgainBody,
    responses((status = 200, description = "They are in the queue.", body = AgainView)))]
#[post("/v1/webhooks/{id}/resend")]
async fn send_deliveries_again(
    call: Allowed<ManageWebhooks>,
    state: State,
    id: PathId<WebhookId>,
    creating: Creating<AgainBody>,
) -> Answer {
    let (PathId(id), Creating { body: AgainBody { delivery_ids }, once }) = (id, creating);
    let render = |queued: &usize| saved(StatusCode::OK, &AgainView { queued: *queued });
    let job = move |tx: &mut crate::actions::Tx<'_>| log::send_again(tx, id, delivery_ids.as_deref());
    Ok(send(state.hub.write_once(&call, once, job, render).await?))
}

/// What is set aside.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AsideBody {
    /// The message.
    #[schema(value_type = String, format = "uuid")]
    delivery_id: DeliveryId,
}

/// Sets a message aside that waits and holds up those behind it.
#[utoipa::path(tag = "webhooks", params(IdInPath, CreatingHeaders), request_body = AsideBody,
    responses((status = 200, description = "It is set aside.", body = DeliveryView)))]
#[post("/v1/webhooks/{id}/set-aside")]
async fn set_delivery_aside(
    call: Allowed<ManageWebhooks>,
    state: State,
    id: PathId<WebhookId>,
    creating: Creating<AsideBody>,
) -> Answer {
    let (PathId(id), Creating { body: AsideBody { delivery_id }, once }) = (id, creating);
    let render = |row: &DeliveryRow| saved(StatusCode::OK, &view(row));
    Ok(send(state.hub.write_once(&call, once, move |tx| log::set_aside(tx, id, delivery_id), render).await?))
}
