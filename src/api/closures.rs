//! Closures of sites and roads. A closed site neither sends nor receives.

use super::auth::{
    Allowed,
    permit::{ManageClosures, ReadNetwork},
};
use super::conditional::{IfMatch, single};
use super::extract::{NoBody, PathId, Query};
use super::idempotency::{Creating, created, send};
use super::listed::ClosureStateWord;
use super::openapi::{ChangingHeaders, CreatingHeaders, IdInPath, operations};
use super::paging::Page;
use super::state::{Answer, State};
use crate::actions::closures::{self, AnnounceClosure};
use crate::domain::closure::{Closure, ClosureState};
use crate::domain::ids::{ClosureId, SiteId};
use crate::domain::time::Instant;
use actix_web::{HttpRequest, get, post};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::{IntoParams, ToSchema};

operations!(announce_closure, list_closures, get_closure, end_closure);

/// A closure to be announced.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ClosureBody {
    /// What closes the sites, in words.
    #[schema(max_length = 200, example = "tropical cyclone signal 8")]
    kind: String,
    /// The sites that neither send nor receive.
    #[schema(value_type = Vec<String>, min_items = 1, max_items = 1000)]
    site_ids: Vec<SiteId>,
    /// When it begins.
    #[schema(value_type = String, format = DateTime)]
    starts_at: Instant,
    /// When it ends, if that is known.
    #[schema(value_type = Option<String>, format = DateTime)]
    ends_at: Option<Instant>,
    /// A note for people.
    #[schema(max_length = 1000)]
    note: Option<String>,
}

/// A closure.
#[derive(Serialize, ToSchema)]
#[schema(as = Closure)]
struct ClosureView {
    /// Identifier.
    #[schema(value_type = String, format = "uuid")]
    id: ClosureId,
    /// What closes the sites.
    kind: String,
    /// The sites that neither send nor receive.
    #[schema(value_type = Vec<String>)]
    site_ids: BTreeSet<SiteId>,
    /// Where it stands.
    #[schema(value_type = ClosureStateWord)]
    state: ClosureState,
    /// When it begins.
    #[schema(value_type = String, format = DateTime)]
    starts_at: Instant,
    /// When it ends or ended.
    #[schema(value_type = Option<String>, format = DateTime)]
    ends_at: Option<Instant>,
    /// A note for people.
    note: Option<String>,
    /// First announced.
    #[schema(value_type = String, format = DateTime)]
    created_at: Instant,
    /// Version for `If-Match`.
    version: i64,
}

impl From<&Closure> for ClosureView {
    fn from(closure: &Closure) -> Self {
        let Closure { id, kind, sites, state, starts_at, ends_at, note, version, created_at } = closure.clone();
        Self { id, kind, site_ids: sites, state, starts_at, ends_at, note, created_at, version }
    }
}

/// Which closures.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ClosureQuery {
    /// Only in this state.
    #[param(value_type = Option<ClosureStateWord>)]
    state: Option<ClosureState>,
    /// Items on the page.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(max_length = 500)]
    cursor: Option<String>,
}

/// Announces a closure; one that has begun is in force at once.
#[utoipa::path(tag = "closures", params(CreatingHeaders), request_body = ClosureBody,
    responses((status = 201, description = "It is announced.", body = ClosureView)))]
#[post("/v1/closures")]
async fn announce_closure(call: Allowed<ManageClosures>, state: State, creating: Creating<ClosureBody>) -> Answer {
    let Creating { body: ClosureBody { kind, site_ids, starts_at, ends_at, note }, once } = creating;
    let command = AnnounceClosure { kind, site_ids, starts_at, ends_at, note };
    let render =
        |made: &Closure| created(format!("/v1/closures/{}", made.id), made.version, &ClosureView::from(made));
    let answer =
        state.hub.write_once(&call, once, move |tx| closures::announce_closure(tx, &command), render).await?;
    Ok(send(answer))
}

/// Lists closures, newest first.
#[utoipa::path(tag = "closures", params(ClosureQuery),
    responses((status = 200, description = "A page of closures.", body = Page<ClosureView>)))]
#[get("/v1/closures")]
async fn list_closures(
    _call: Allowed<ReadNetwork>,
    state: State,
    request: HttpRequest,
    query: Query<ClosureQuery>,
) -> Answer {
    let Query(ClosureQuery { state: wanted, limit, cursor }) = query;
    let page = state.pager.open::<ClosureId, _>(limit, cursor.as_deref(), &("closures", wanted))?;
    let (before, rows) = (page.after, page.rows());
    let found = state.hub.read(move |conn| closures::list_closures(conn, wanted, before, rows)).await?;
    Ok(state.pager.answer(&request, &page, found, |one| one.id, |one| ClosureView::from(one)))
}

/// Gives one closure.
#[utoipa::path(tag = "closures", params(IdInPath),
    responses((status = 200, description = "The closure.", body = ClosureView)))]
#[get("/v1/closures/{id}")]
async fn get_closure(_call: Allowed<ReadNetwork>, state: State, request: HttpRequest, id: PathId<ClosureId>) -> Answer {
    let PathId(id) = id;
    let closure = state.hub.read(move |conn| closures::get_closure(conn, id)).await?;
    Ok(single(&request, closure.version, &ClosureView::from(&closure)))
}

/// Ends a closure now.
#[utoipa::path(tag = "closures", params(IdInPath, ChangingHeaders),
    responses((status = 200, description = "The ended closure.", body = ClosureView)))]
#[post("/v1/closures/{id}/end")]
async fn end_closure(
    call: Allowed<ManageClosures>,
    state: State,
    request: HttpRequest,
    id: PathId<ClosureId>,
    version: IfMatch,
    _body: NoBody,
) -> Answer {
    let (PathId(id), IfMatch(version)) = (id, version);
    let closure = state.hub.write(&call, move |tx| closures::end_closure(tx, id, version)).await?;
    Ok(single(&request, closure.version, &ClosureView::from(&closure)))
}
