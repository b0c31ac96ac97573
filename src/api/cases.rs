//! Cases: what did not fit on a journey or at a door, until it is settled.

use super::auth::{Allowed, permit::DispositionExcursions, permit::ReadTransfers};
use super::conditional::{IfMatch, single};
use super::extract::{Body, PathId, Query};
use super::openapi::{ChangingHeaders, IdInPath, operations};
use super::paging::Page;
use super::state::{Answer, State};
use crate::actions::cases::{self, CaseRow};
use crate::domain::ids::{CaseId, SiteId, TransferId};
use crate::domain::time::Instant;
use actix_web::{HttpRequest, get, post};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

operations!(list_cases, get_case, close_case);

/// How a case was settled.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ResolutionBody {
    /// In a few words.
    #[schema(max_length = 500)]
    resolution: String,
}

/// A case.
#[derive(Serialize, ToSchema)]
#[schema(as = Case)]
struct CaseView {
    /// Identifier.
    #[schema(value_type = String, format = "uuid")]
    id: CaseId,
    /// The site that settles it.
    #[schema(value_type = String, format = "uuid")]
    site_id: SiteId,
    /// The other site it concerns.
    #[schema(value_type = Option<String>, format = "uuid")]
    other_site_id: Option<SiteId>,
    /// The journey it is about.
    #[schema(value_type = Option<String>, format = "uuid")]
    transfer_id: Option<TransferId>,
    /// `seal_mismatch`, `unlisted_bottle`, `missing_bottle`, `wrong_code`, `no_proof`,
    /// `moved_after_cancel`, `unsound_milk_left` or `receipt`.
    kind: String,
    /// `open` or `closed`.
    state: String,
    /// Identifiers and figures.
    #[schema(value_type = Object)]
    detail: serde_json::Value,
    /// When it was opened.
    #[schema(value_type = String, format = DateTime)]
    opened_at: Instant,
    /// When it was settled.
    #[schema(value_type = Option<String>, format = DateTime)]
    closed_at: Option<Instant>,
    /// By whom.
    closed_by: Option<String>,
    /// How.
    resolution: Option<String>,
    /// Version for `If-Match`.
    version: i64,
}

impl From<&CaseRow> for CaseView {
    fn from(row: &CaseRow) -> Self {
        let CaseRow {
            id,
            site_id,
            other_site_id,
            transfer_id,
            kind,
            state,
            detail,
            opened_at,
            closed_at,
            closed_by,
            resolution,
            version,
        } = row.clone();
        let detail = serde_json::from_str(&detail).unwrap_or_default();
        Self {
            id,
            site_id,
            other_site_id,
            transfer_id,
            kind,
            state,
            detail,
            opened_at,
            closed_at,
            closed_by,
            resolution,
            version,
        }
    }
}

/// Which cases.
#[derive(Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct CasesQuery {
    /// Only those that are open.
    #[serde(default)]
    open: bool,
    /// Items on the page.
    #[param(minimum = 1, maximum = 200)]
    #[serde(skip_serializing_if = "super::paging::not_a_filter")]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(max_length = 500)]
    #[serde(skip_serializing_if = "super::paging::not_a_filter")]
    cursor: Option<String>,
}

/// Lists the cases that concern the caller's sites.
#[utoipa::path(tag = "excursions", params(CasesQuery),
    responses((status = 200, description = "A page of cases.", body = Page<CaseView>)))]
#[get("/v1/cases")]
async fn list_cases(
    call: Allowed<ReadTransfers>,
    state: State,
    request: HttpRequest,
    query: Query<CasesQuery>,
) -> Answer {
    let Query(query) = query;
    let page = state.pager.open::<CaseId, _>(query.limit, query.cursor.as_deref(), &("cases", &query))?;
    let (after, rows, actor, open) = (page.after, page.rows(), call.actor().clone(), query.open);
    let found = state.hub.read(move |conn| cases::list_cases(conn, &actor, open, after, rows)).await?;
    Ok(state.pager.answer(&request, &page, found, |row| row.id, |row| CaseView::from(row)))
}

/// Gives one case.
#[utoipa::path(tag = "excursions", params(IdInPath),
    responses((status = 200, description = "The case.", body = CaseView)))]
#[get("/v1/cases/{id}")]
async fn get_case(call: Allowed<ReadTransfers>, state: State, request: HttpRequest, id: PathId<CaseId>) -> Answer {
    let (PathId(id), actor) = (id, call.actor().clone());
    let row = state.hub.read(move |conn| cases::get_case(conn, &actor, id)).await?;
    Ok(single(&request, row.version, &CaseView::from(&row)))
}

/// Settles a case.
#[utoipa::path(tag = "excursions", params(IdInPath, ChangingHeaders), request_body = ResolutionBody,
    responses((status = 200, description = "It is settled.", body = CaseView)))]
#[post("/v1/cases/{id}/close")]
async fn close_case(
    call: Allowed<DispositionExcursions>,
    state: State,
    request: HttpRequest,
    id: PathId<CaseId>,
    version: IfMatch,
    body: Body<ResolutionBody>,
) -> Answer {
    let (PathId(id), IfMatch(version), ResolutionBody { resolution }) = (id, version, body.into_inner());
    let row = state.hub.write(&call, move |tx| cases::close_case(tx, id, version, &resolution)).await?;
    Ok(single(&request, row.version, &CaseView::from(&row)))
}
