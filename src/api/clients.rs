//! Machine clients. A secret is shown with the answer that made it and never again; it is not kept, not even
//! in the answer that is repeated for the same key.

use super::auth::{Allowed, permit::ManageHub};
use super::conditional::{IfMatch, single};
use super::extract::{Body, PathId, Query};
use super::idempotency::{Creating, created, send};
use super::openapi::{ChangingHeaders, CreatingHeaders, IdInPath, operations};
use super::paging::Page;
use super::problem::{Problem, ProblemCode};
use super::state::{Answer, State};
use super::users::{PeopleQuery, account_state};
use super::words::{AccountStateWord, RoleWord};
use crate::actions::SavedAnswer;
use crate::actions::identity::{Authority, check_jwks, hash_of_secret};
use crate::actions::people::{self, ChangeClient, ClientKey, CreateClient};
use crate::domain::actor::Role;
use crate::domain::ids::{ClientId, SiteId};
use crate::domain::people::Client;
use crate::domain::time::Instant;
use actix_web::{HttpRequest, get, patch, post};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;
use utoipa::ToSchema;

operations!(create_client, list_clients, get_client, change_client);

/// A machine client to be made: with a secret, or with its public keys.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ClientBody {
    /// What it is.
    #[schema(max_length = 120, example = "Ward system")]
    name: String,
    /// Its role.
    #[schema(value_type = RoleWord)]
    role: Role,
    /// The sites it acts for.
    #[serde(default)]
    #[schema(value_type = Vec<String>, max_items = 200)]
    site_ids: BTreeSet<SiteId>,
    /// True: it gets a secret.
    #[serde(default)]
    secret: bool,
    /// Its public keys as a JSON Web Key Set.
    #[schema(value_type = Option<Object>)]
    jwks: Option<serde_json::Value>,
}

/// What changes about a client; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ClientChangeBody {
    /// What it is.
    #[schema(max_length = 120)]
    name: Option<String>,
    /// The sites it acts for.
    #[schema(value_type = Option<Vec<String>>, max_items = 200)]
    site_ids: Option<BTreeSet<SiteId>>,
    /// `disabled` ends its tokens at once.
    #[schema(value_type = Option<AccountStateWord>)]
    state: Option<String>,
}

/// A machine client.
#[derive(Serialize, ToSchema)]
#[schema(as = Client)]
struct ClientView {
    /// Identifier, the OAuth `client_id`.
    #[schema(value_type = String, format = "uuid")]
    id: ClientId,
    /// What it is.
    name: String,
    /// Its role.
    #[schema(value_type = RoleWord)]
    role: Role,
    /// The sites it acts for.
    #[schema(value_type = Vec<String>)]
    site_ids: BTreeSet<SiteId>,
    /// `client_secret_basic` or `private_key_jwt`.
    authentication: &'static str,
    /// Whether it may get tokens.
    #[schema(value_type = AccountStateWord)]
    state: &'static str,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Instant,
    /// Version for `If-Match`.
    version: i64,
}

/// A client that was just made.
#[derive(Serialize, ToSchema)]
#[schema(as = CreatedClient)]
struct CreatedClientView {
    /// The client.
    #[serde(flatten)]
    client: ClientView,
    /// Its secret, shown this once.
    client_secret: Option<String>,
}

impl From<&Client> for ClientView {
    fn from(client: &Client) -> Self {
        let Client { id, name, role, site_ids, has_secret, jwks: _, state, version, created_at } = client;
        Self {
            id: *id,
            name: name.clone(),
            role: *role,
            site_ids: site_ids.clone(),
            authentication: if *has_secret { "client_secret_basic" } else { "private_key_jwt" },
            state: state.as_str(),
            created_at: *created_at,
            version: *version,
        }
    }
}

fn key_of(secret: bool, jwks: Option<&serde_json::Value>) -> Result<ClientKey, Problem> {
    match (secret, jwks) {
        (true, None) => Ok(ClientKey::Secret),
        (false, Some(jwks)) => check_jwks("/jwks", jwks)
            .map(ClientKey::Jwks)
            .map_err(|error| Problem::fields(ProblemCode::BodyInvalid, vec![error])),
        _ => Err(Problem::field(ProblemCode::BodyInvalid, "/secret", "missing", "give either secret: true or jwks")),
    }
}

/// Puts the secret into the answer on its way out; what is kept for repeats does not have it.
fn with_secret(authority: &Authority, mut answer: SavedAnswer) -> Result<SavedAnswer, Problem> {
    let mut body: serde_json::Value = serde_json::from_str(&answer.body).unwrap_or_default();
    let id = body.get("id").and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
    let by_secret = body.get("authentication").is_some_and(|way| way == "client_secret_basic");
    if by_secret && let Some(members) = body.as_object_mut() {
        members.insert("client_secret".to_owned(), authority.vault().client_secret(&id)?.into());
        answer.body = body.to_string();
    }
    Ok(answer)
}

/// Makes a machine client.
#[utoipa::path(tag = "people", params(CreatingHeaders), request_body = ClientBody,
    responses((status = 201, description = "It exists; only this answer has its secret.", body = CreatedClientView)))]
#[post("/v1/clients")]
async fn create_client(call: Allowed<ManageHub>, state: State, creating: Creating<ClientBody>) -> Answer {
    let Creating { body: ClientBody { name, role, site_ids, secret, jwks }, once } = creating;
    let command = CreateClient { name, role, site_ids, key: key_of(secret, jwks.as_ref())? };
    let authority = Arc::clone(&state.authority);
    let (answer, replayed) = state
        .hub
        .write_once(
            &call,
            once,
            move |tx| {
                let hash_of = |id: &str| authority.vault().client_secret(id).map(|secret| hash_of_secret(&secret));
                people::create_client(tx, &command, &hash_of)
            },
            |client| created(format!("/v1/clients/{}", client.id), client.version, &ClientView::from(client)),
        )
        .await?;
    Ok(send((with_secret(&state.authority, answer)?, replayed)))
}

/// Lists clients in the order they were made.
#[utoipa::path(tag = "people", params(PeopleQuery),
    responses((status = 200, description = "A page of clients.", body = Page<ClientView>)))]
#[get("/v1/clients")]
async fn list_clients(
    _call: Allowed<ManageHub>,
    state: State,
    request: HttpRequest,
    query: Query<PeopleQuery>,
) -> Answer {
    let Query(PeopleQuery { limit, cursor }) = query;
    let page = state.pager.open::<ClientId, _>(limit, cursor.as_deref(), &"clients")?;
    let (after, rows) = (page.after, page.rows());
    let clients = state.hub.read(move |conn| people::list_clients(conn, after, rows)).await?;
    Ok(state.pager.answer(&request, &page, clients, |client| client.id, |client| ClientView::from(client)))
}

/// Gives one client.
#[utoipa::path(tag = "people", params(IdInPath),
    responses((status = 200, description = "The client.", body = ClientView)))]
#[get("/v1/clients/{id}")]
async fn get_client(_call: Allowed<ManageHub>, state: State, request: HttpRequest, id: PathId<ClientId>) -> Answer {
    let PathId(id) = id;
    let client = state.hub.read(move |conn| people::get_client(conn, id)).await?;
    Ok(single(&request, client.version, &ClientView::from(&client)))
}

/// Changes a client; its tokens end.
#[utoipa::path(tag = "people", params(IdInPath, ChangingHeaders), request_body = ClientChangeBody,
    responses((status = 200, description = "The changed client.", body = ClientView)))]
#[patch("/v1/clients/{id}")]
async fn change_client(
    call: Allowed<ManageHub>,
    state: State,
    request: HttpRequest,
    id: PathId<ClientId>,
    version: IfMatch,
    body: Body<ClientChangeBody>,
) -> Answer {
    let (PathId(id), IfMatch(version)) = (id, version);
    let ClientChangeBody { name, site_ids, state: account } = body.into_inner();
    let change = ChangeClient { name, site_ids, state: account_state(account)? };
    let client = state.hub.write(&call, move |tx| people::change_client(tx, id, version, &change)).await?;
    state.authority.account_changed(client.id.as_str());
    Ok(single(&request, client.version, &ClientView::from(&client)))
}
