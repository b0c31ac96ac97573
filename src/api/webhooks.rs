//! Addresses of partners' systems that are told what happens. A secret is shown with the answer that made it and
//! never again.

use super::auth::{Allowed, permit::ManageWebhooks};
use super::conditional::{IfMatch, single};
use super::extract::{Body, PathId, Query};
use super::idempotency::{Creating, created, send};
use super::listed::{EventKindWord, WebhookStateWord};
use super::openapi::{ChangingHeaders, CreatingHeaders, IdInPath, operations};
use super::paging::Page;
use super::problem::Problem;
use super::state::{Answer, State};
use super::users::PeopleQuery;
use crate::actions::SavedAnswer;
use crate::actions::identity::Authority;
use crate::actions::webhooks::{self, ChangeWebhook, RegisterWebhook, WebhookSeen};
use crate::domain::ids::{SiteId, WebhookId};
use crate::domain::time::Instant;
use crate::domain::webhook::WebhookState;
use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;

operations!(create_webhook, list_webhooks, get_webhook, change_webhook, change_webhook_secret, remove_webhook);

/// An address to be told.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct WebhookBody {
    /// What people call it.
    #[schema(max_length = 120, example = "Ward system")]
    name: String,
    /// Where messages are sent, by https to a public address. Networks of a hospital are for the operator to allow.
    #[schema(max_length = 500, example = "https://ward.example.org/milkbridge")]
    url: String,
    /// Kinds of events. A courier may have those of `journey` and `route`.
    #[schema(value_type = Vec<EventKindWord>, min_items = 1, max_items = 100)]
    kinds: Vec<String>,
    /// Only events of these sites; all of the caller's, if left out.
    #[schema(value_type = Option<Vec<String>>, max_items = 200)]
    site_ids: Option<BTreeSet<SiteId>>,
}

/// What changes about an address; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct WebhookChangeBody {
    /// What people call it.
    #[schema(max_length = 120)]
    name: Option<String>,
    /// Where messages are sent.
    #[schema(max_length = 500)]
    url: Option<String>,
    /// Kinds of events, from now on.
    #[schema(value_type = Option<Vec<EventKindWord>>, min_items = 1, max_items = 100)]
    kinds: Option<Vec<String>>,
    /// True: nothing is sent, and what happens waits for at most 72 hours. False: it is tried again at once.
    paused: Option<bool>,
}

/// An address that is told what happens.
#[derive(Serialize, ToSchema)]
#[schema(as = Webhook)]
struct WebhookView {
    /// Identifier.
    #[schema(value_type = String, format = "uuid")]
    id: WebhookId,
    /// What people call it.
    name: String,
    /// Where messages are sent.
    url: String,
    /// Kinds of events.
    #[schema(value_type = Vec<EventKindWord>)]
    kinds: Vec<String>,
    /// The sites whose events it is told; empty is all.
    #[schema(value_type = Vec<String>)]
    site_ids: BTreeSet<SiteId>,
    /// Where it stands.
    #[schema(value_type = WebhookStateWord)]
    state: WebhookState,
    /// `person` or `client`.
    owner_kind: String,
    /// Whose it is.
    owner_id: String,
    /// False when the owner's account is gone or disabled: nothing is sent.
    owner_stands: bool,
    /// Tries that failed in a row.
    failures: i64,
    /// Since when they fail.
    #[schema(value_type = Option<String>, format = DateTime)]
    failing_since: Option<Instant>,
    /// Not tried before this.
    #[schema(value_type = String, format = DateTime)]
    next_try_at: Instant,
    /// When it last took a message.
    #[schema(value_type = Option<String>, format = DateTime)]
    delivered_at: Option<Instant>,
    /// Messages that wait.
    waiting: i64,
    /// Messages that were given up and may be sent again.
    given_up: i64,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Instant,
    /// Version for `If-Match`.
    version: i64,
}

/// An address with a new secret.
#[derive(Serialize, ToSchema)]
#[schema(as = WebhookWithSecret)]
struct WebhookWithSecretView {
    /// The address.
    #[serde(flatten)]
    webhook: WebhookView,
    /// Its secret (`whsec_…`), shown this once.
    secret: String,
}

impl From<&WebhookSeen> for WebhookView {
    fn from(seen: &WebhookSeen) -> Self {
        let WebhookSeen { row, kinds, site_ids, waiting, given_up, owner_stands } = seen;
        Self {
            id: row.id,
            name: row.name.clone(),
            url: row.url.clone(),
            kinds: kinds.clone(),
            site_ids: site_ids.clone(),
            state: row.state,
            owner_kind: row.owner_kind.clone(),
            owner_id: row.owner_id.clone(),
            owner_stands: *owner_stands,
            failures: row.failures,
            failing_since: row.failing_since,
            next_try_at: row.next_at,
            delivered_at: row.delivered_at,
            waiting: *waiting,
            given_up: *given_up,
            created_at: row.created_at,
            version: row.version,
        }
    }
}

/// Puts the secret into the answer on its way out; what is kept for repeats does not have it.
fn with_secret(authority: &Authority, mut answer: SavedAnswer) -> Result<SavedAnswer, Problem> {
    let mut body: serde_json::Value = serde_json::from_str(&answer.body).unwrap_or_default();
    let id = body.get("id").and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
    if let Some(members) = body.as_object_mut() {
        members.insert("secret".to_owned(), authority.vault().webhook_secret_text(&id, 1)?.into());
        answer.body = body.to_string();
    }
    Ok(answer)
}

/// Makes an address; it is told of events from now on.
///
/// Each message is a POST of the event as in `/v1/events`, signed as Standard Webhooks 1.0 has it: `webhook-id` (the
/// event's id, the same at every try), `webhook-timestamp`, `webhook-signature`. Answer 2xx within 15 seconds to take
/// it; redirects are not followed; 410 pauses the address. Messages come in order, at least once; one that is not taken
/// is tried again after 5 s, 30 s, 2 min, 10 min, 30 min, 1 h, 2 h and every 4 h (each up to a fifth longer,
/// `Retry-After` heeded) and given up after 72 hours. After five failures in a row the address is `failing`. A message
/// has `"frozen": true` when an open recall names the event's milk at the time of the try, whatever the event says.
#[utoipa::path(tag = "webhooks", params(CreatingHeaders), request_body = WebhookBody,
    responses((status = 201, description = "It exists; only this answer has its secret.", body = WebhookWithSecretView)))]
#[post("/v1/webhooks")]
async fn create_webhook(call: Allowed<ManageWebhooks>, state: State, creating: Creating<WebhookBody>) -> Answer {
    let Creating { body: WebhookBody { name, url, kinds, site_ids }, once } = creating;
    webhooks::check_address(&state.hub, &url).await?;
    let command = RegisterWebhook { name, url, kinds, site_ids };
    let render =
        |made: &WebhookSeen| created(format!("/v1/webhooks/{}", made.row.id), made.row.version, &WebhookView::from(made));
    let (answer, replayed) =
        state.hub.write_once(&call, once, move |tx| webhooks::register_webhook(tx, &command), render).await?;
    Ok(send((with_secret(&state.authority, answer)?, replayed)))
}

/// Lists the caller's addresses, and those of sites that the caller answers for.
#[utoipa::path(tag = "webhooks", params(PeopleQuery),
    responses((status = 200, description = "A page of addresses.", body = Page<WebhookView>)))]
#[get("/v1/webhooks")]
async fn list_webhooks(
    call: Allowed<ManageWebhooks>,
    state: State,
    request: HttpRequest,
    query: Query<PeopleQuery>,
) -> Answer {
    let Query(PeopleQuery { limit, cursor }) = query;
    let page = state.pager.open::<WebhookId, _>(limit, cursor.as_deref(), &"webhooks")?;
    let (actor, after, rows) = (call.actor().clone(), page.after, page.rows());
    let found = state.hub.read(move |conn| webhooks::list_webhooks(conn, &actor, after, rows)).await?;
    Ok(state.pager.answer(&request, &page, found, |seen| seen.row.id, |seen| WebhookView::from(seen)))
}

/// Gives one address.
#[utoipa::path(tag = "webhooks", params(IdInPath),
    responses((status = 200, description = "The address.", body = WebhookView)))]
#[get("/v1/webhooks/{id}")]
async fn get_webhook(
    call: Allowed<ManageWebhooks>,
    state: State,
    request: HttpRequest,
    id: PathId<WebhookId>,
) -> Answer {
    let (PathId(id), actor) = (id, call.actor().clone());
    let seen = state.hub.read(move |conn| webhooks::get_webhook(conn, &actor, id)).await?;
    Ok(single(&request, seen.row.version, &WebhookView::from(&seen)))
}

/// Changes an address, pauses it or lets it go on.
#[utoipa::path(tag = "webhooks", params(IdInPath, ChangingHeaders), request_body = WebhookChangeBody,
    responses((status = 200, description = "The changed address.", body = WebhookView)))]
#[patch("/v1/webhooks/{id}")]
async fn change_webhook(
    call: Allowed<ManageWebhooks>,
    state: State,
    request: HttpRequest,
    id: PathId<WebhookId>,
    version: IfMatch,
    body: Body<WebhookChangeBody>,
) -> Answer {
    let (PathId(id), IfMatch(version)) = (id, version);
    let WebhookChangeBody { name, url, kinds, paused } = body.into_inner();
    if let Some(url) = &url {
        webhooks::check_address(&state.hub, url).await?;
    }
    let change = ChangeWebhook { name, url, kinds, paused };
    let seen = state.hub.write(&call, move |tx| webhooks::change_webhook(tx, id, version, &change)).await?;
    Ok(single(&request, seen.row.version, &WebhookView::from(&seen)))
}

/// Gives an address another secret. For 24 hours the one before signs too.
#[utoipa::path(tag = "webhooks", params(IdInPath, ChangingHeaders),
    responses((status = 200, description = "The address; only this answer has its secret.",
        body = WebhookWithSecretView)))]
#[post("/v1/webhooks/{id}/secret")]
async fn change_webhook_secret(
    call: Allowed<ManageWebhooks>,
    state: State,
    id: PathId<WebhookId>,
    version: IfMatch,
) -> Answer {
    let (PathId(id), IfMatch(version)) = (id, version);
    let seen = state.hub.write(&call, move |tx| webhooks::change_secret(tx, id, version)).await?;
    let secret = state.authority.vault().webhook_secret_text(id.as_str(), seen.row.secret_no)?;
    let view = WebhookWithSecretView { webhook: WebhookView::from(&seen), secret };
    Ok(HttpResponse::Ok().json(view))
}

/// Removes an address with its log. What waits is not sent.
#[utoipa::path(tag = "webhooks", params(IdInPath, ChangingHeaders),
    responses((status = 204, description = "It is gone.")))]
#[delete("/v1/webhooks/{id}")]
async fn remove_webhook(
    call: Allowed<ManageWebhooks>,
    state: State,
    id: PathId<WebhookId>,
    version: IfMatch,
) -> Answer {
    let (PathId(id), IfMatch(version)) = (id, version);
    state.hub.write(&call, move |tx| webhooks::remove_webhook(tx, id, version)).await?;
    Ok(HttpResponse::NoContent().finish())
}
