//! People who sign in. This file is the pattern for the others; `README.md` beside it explains the order.

use super::auth::{Allowed, permit::ManageHub};
use super::conditional::{IfMatch, single};
use super::extract::{Body, PathId, Query};
use super::idempotency::{Creating, created, send};
use super::openapi::{ChangingHeaders, CreatingHeaders, IdInPath, operations};
use super::paging::Page;
use super::problem::{Problem, ProblemCode};
use super::state::{Answer, State};
use super::words::{AccountStateWord, RoleWord};
use crate::actions::people::{self, ChangeUser, CreateUser};
use crate::domain::actor::Role;
use crate::domain::ids::{SiteId, UserId};
use crate::domain::people::{AccountState, User, check_password};
use crate::domain::time::Instant;
use actix_web::{HttpRequest, get, patch, post};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::{IntoParams, ToSchema};

operations!(create_user, list_users, get_user, change_user);

/// A person to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct UserBody {
    /// Their address; they sign in with it.
    #[schema(max_length = 254, example = "manager@bank.example")]
    email: String,
    /// How they are called.
    #[schema(max_length = 120, example = "Bank manager")]
    display_name: String,
    /// At least 12 characters; never given back.
    #[schema(min_length = 12, max_length = 256, format = Password)]
    password: String,
    /// Their role.
    #[schema(value_type = RoleWord)]
    role: Role,
    /// The sites they act for.
    #[serde(default)]
    #[schema(value_type = Vec<String>, max_items = 200)]
    site_ids: BTreeSet<SiteId>,
}

/// What changes about a person; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct UserChangeBody {
    /// How they are called.
    #[schema(max_length = 120)]
    display_name: Option<String>,
    /// Their role.
    #[schema(value_type = Option<RoleWord>)]
    role: Option<Role>,
    /// The sites they act for.
    #[schema(value_type = Option<Vec<String>>, max_items = 200)]
    site_ids: Option<BTreeSet<SiteId>>,
    /// `disabled` ends their tokens at once.
    #[schema(value_type = Option<AccountStateWord>)]
    state: Option<String>,
    /// A new password; at least 12 characters.
    #[schema(min_length = 12, max_length = 256, format = Password)]
    password: Option<String>,
}

/// A person.
#[derive(Serialize, ToSchema)]
#[schema(as = User)]
struct UserView {
    /// Identifier.
    #[schema(value_type = String, format = "uuid")]
    id: UserId,
    /// Their address.
    email: String,
    /// How they are called.
    display_name: String,
    /// Their role.
    #[schema(value_type = RoleWord)]
    role: Role,
    /// The sites they act for.
    #[schema(value_type = Vec<String>)]
    site_ids: BTreeSet<SiteId>,
    /// Whether they may sign in.
    #[schema(value_type = AccountStateWord)]
    state: &'static str,
    /// When the account was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Instant,
    /// Version for `If-Match`.
    version: i64,
}

impl From<&User> for UserView {
    fn from(user: &User) -> Self {
        let User { id, email, display_name, role, site_ids, state, version, created_at } = user;
        Self {
            id: *id,
            email: email.clone(),
            display_name: display_name.clone(),
            role: *role,
            site_ids: site_ids.clone(),
            state: state.as_str(),
            created_at: *created_at,
            version: *version,
        }
    }
}

/// Which people.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct PeopleQuery {
    /// Items on the page.
    #[param(minimum = 1, maximum = 200)]
    pub(super) limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(max_length = 500)]
    pub(super) cursor: Option<String>,
}

/// The hash of a password that is long enough. It is made before the transaction: it takes time on purpose.
async fn password_hash(state: &State, password: String) -> Result<String, Problem> {
    if let Some(error) = check_password("/password", &password) {
        return Err(Problem::fields(ProblemCode::BodyInvalid, vec![error]));
    }
    Ok(state.authority.hash_password(password).await?)
}

/// Reads a state of an account.
pub(super) fn account_state(text: Option<String>) -> Result<Option<AccountState>, Problem> {
    text.map(|text| text.parse()).transpose().map_err(|error: crate::domain::people::UnknownAccountState| {
        Problem::field(ProblemCode::BodyInvalid, "/state", "unknown_value", &error.to_string())
    })
}

/// Makes a person.
#[utoipa::path(tag = "people", params(CreatingHeaders), request_body = UserBody,
    responses((status = 201, description = "They exist.", body = UserView)))]
#[post("/v1/users")]
async fn create_user(call: Allowed<ManageHub>, state: State, creating: Creating<UserBody>) -> Answer {
    let Creating { body: UserBody { email, display_name, password, role, site_ids }, once } = creating;
    let password_hash = password_hash(&state, password).await?;
    let command = CreateUser { email, display_name, password_hash, role, site_ids };
    let answer = state
        .hub
        .write_once(
            &call,
            once,
            move |tx| people::create_user(tx, &command),
            |user| created(format!("/v1/users/{}", user.id), user.version, &UserView::from(user)),
        )
        .await?;
    Ok(send(answer))
}

/// Lists people in the order they were made.
#[utoipa::path(tag = "people", params(PeopleQuery),
    responses((status = 200, description = "A page of people.", body = Page<UserView>)))]
#[get("/v1/users")]
async fn list_users(_call: Allowed<ManageHub>, state: State, request: HttpRequest, query: Query<PeopleQuery>) -> Answer {
    let Query(PeopleQuery { limit, cursor }) = query;
    let page = state.pager.open::<UserId, _>(limit, cursor.as_deref(), &"users")?;
    let (after, rows) = (page.after, page.rows());
    let users = state.hub.read(move |conn| people::list_users(conn, after, rows)).await?;
    Ok(state.pager.answer(&request, &page, users, |user| user.id, |user| UserView::from(user)))
}

/// Gives one person.
#[utoipa::path(tag = "people", params(IdInPath),
    responses((status = 200, description = "The person.", body = UserView)))]
#[get("/v1/users/{id}")]
async fn get_user(_call: Allowed<ManageHub>, state: State, request: HttpRequest, id: PathId<UserId>) -> Answer {
    let PathId(id) = id;
    let user = state.hub.read(move |conn| people::get_user(conn, id)).await?;
    Ok(single(&request, user.version, &UserView::from(&user)))
}

/// Changes a person; their tokens end.
#[utoipa::path(tag = "people", params(IdInPath, ChangingHeaders), request_body = UserChangeBody,
    responses((status = 200, description = "The changed person.", body = UserView)))]
#[patch("/v1/users/{id}")]
async fn change_user(
    call: Allowed<ManageHub>,
    state: State,
    request: HttpRequest,
    id: PathId<UserId>,
    version: IfMatch,
    body: Body<UserChangeBody>,
) -> Answer {
    let (PathId(id), IfMatch(version)) = (id, version);
    let UserChangeBody { display_name, role, site_ids, state: account, password } = body.into_inner();
    let account = account_state(account)?;
    let password_hash = match password {
        Some(password) => Some(password_hash(&state, password).await?),
        None => None,
    };
    let change = ChangeUser { display_name, role, site_ids, state: account, password_hash };
    let user = state.hub.write(&call, move |tx| people::change_user(tx, id, version, &change)).await?;
    state.authority.account_changed(user.id.as_str());
    Ok(single(&request, user.version, &UserView::from(&user)))
}
