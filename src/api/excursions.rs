//! Excursions: who has seen them and what was decided.

use super::auth::{Allowed, permit::DispositionExcursions, permit::ReadTransfers};
use super::conditional::{IfMatch, single};
use super::extract::{Body, NoBody, PathId, Query};
use super::openapi::{ChangingHeaders, IdInPath, operations};
use super::paging::Page;
use super::state::{Answer, State};
use super::temperature::degrees;
use crate::actions::excursions::{self, DecideExcursion, ExcursionFilter, ExcursionRow};
use crate::domain::excursion::{Disposition, ExcursionState};
use crate::domain::ids::{ExcursionId, SiteId, StorageUnitId, TransferId};
use crate::domain::temperature::ExcursionKind;
use crate::domain::time::Instant;
use crate::domain::transfer::BottleCondition;
use actix_web::{HttpRequest, get, post};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

operations!(list_excursions, get_excursion, acknowledge_excursion, disposition_excursion);

/// A decision on an excursion.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DispositionBody {
    /// `accept` makes the milk stock, `accept_as_thawed` leaves it to be used here within the hours after thawing,
    /// `discard` throws it away.
    #[schema(value_type = String, example = "accept")]
    disposition: Disposition,
    /// What was found on inspection.
    #[schema(max_length = 500)]
    reason: String,
    /// The softest bottle: `solid`, `ice_crystals` or `liquid`. Needed to take in milk that should be frozen.
    #[schema(value_type = Option<String>, example = "solid")]
    milk: Option<BottleCondition>,
    /// When it began to thaw, at the earliest; its collection, if not given.
    #[schema(value_type = Option<String>, format = DateTime)]
    thawed_since: Option<Instant>,
}

/// An excursion.
#[derive(Serialize, ToSchema)]
#[schema(as = Excursion)]
struct ExcursionView {
    /// Identifier.
    #[schema(value_type = String, format = "uuid")]
    id: ExcursionId,
    /// The journey.
    #[schema(value_type = Option<String>, format = "uuid")]
    transfer_id: Option<TransferId>,
    /// The storage unit, when it is no journey.
    #[schema(value_type = Option<String>, format = "uuid")]
    storage_unit_id: Option<StorageUnitId>,
    /// The site that decides: the receiver.
    #[schema(value_type = String, format = "uuid")]
    site_id: SiteId,
    /// `warm`, `spike`, `gap`, `silent`, `seal` or `not_frozen`.
    #[schema(value_type = String, example = "warm")]
    kind: ExcursionKind,
    /// `open`, `acknowledged` or `dispositioned`.
    #[schema(value_type = String, example = "open")]
    state: ExcursionState,
    /// Highest reading.
    peak_c: Option<f64>,
    /// Minutes above the limit.
    minutes_above_limit: i64,
    /// Longest time without a reading.
    longest_gap_minutes: i64,
    /// When the hub saw it.
    #[schema(value_type = String, format = DateTime)]
    opened_at: Instant,
    /// When somebody took notice.
    #[schema(value_type = Option<String>, format = DateTime)]
    acknowledged_at: Option<Instant>,
    /// Who.
    acknowledged_by: Option<String>,
    /// What was decided.
    #[schema(value_type = Option<String>)]
    disposition: Option<Disposition>,
    /// On what grounds.
    disposition_reason: Option<String>,
    /// When it was decided.
    #[schema(value_type = Option<String>, format = DateTime)]
    dispositioned_at: Option<Instant>,
    /// Who decided.
    dispositioned_by: Option<String>,
    /// Version for `If-Match`.
    version: i64,
}

impl From<&ExcursionRow> for ExcursionView {
    fn from(row: &ExcursionRow) -> Self {
        let row = row.clone();
        Self {
            id: row.id,
            transfer_id: row.transfer_id,
            storage_unit_id: row.storage_unit_id,
            site_id: row.site_id,
            kind: row.kind,
            state: row.state,
            peak_c: row.peak_hundredths.map(degrees),
            minutes_above_limit: row.minutes_above_limit,
            longest_gap_minutes: row.longest_gap_minutes,
            opened_at: row.opened_at,
            acknowledged_at: row.acknowledged_at,
            acknowledged_by: row.acknowledged_by,
            disposition: row.disposition,
            disposition_reason: row.disposition_reason,
            dispositioned_at: row.dispositioned_at,
            dispositioned_by: row.dispositioned_by,
            version: row.version,
        }
    }
}

/// Which excursions.
#[derive(Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ExcursionsQuery {
    /// Only those this site decides or sent.
    #[param(value_type = Option<String>, format = "uuid")]
    site_id: Option<SiteId>,
    /// Only those in this state.
    #[param(value_type = Option<String>)]
    state: Option<ExcursionState>,
    /// Only those of this journey.
    #[param(value_type = Option<String>, format = "uuid")]
    transfer_id: Option<TransferId>,
    /// Items on the page.
    #[param(minimum = 1, maximum = 200)]
    #[serde(skip_serializing_if = "super::paging::not_a_filter")]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(max_length = 500)]
    #[serde(skip_serializing_if = "super::paging::not_a_filter")]
    cursor: Option<String>,
}

/// Lists excursions of journeys from or to the caller's sites.
#[utoipa::path(tag = "excursions", params(ExcursionsQuery),
    responses((status = 200, description = "A page of excursions.", body = Page<ExcursionView>)))]
#[get("/v1/excursions")]
async fn list_excursions(
    call: Allowed<ReadTransfers>,
    state: State,
    request: HttpRequest,
    query: Query<ExcursionsQuery>,
) -> Answer {
    let Query(query) = query;
    let page = state.pager.open::<ExcursionId, _>(query.limit, query.cursor.as_deref(), &("excursions", &query))?;
    let (after, rows, actor) = (page.after, page.rows(), call.actor().clone());
    let wanted = ExcursionFilter { site: query.site_id, state: query.state, transfer: query.transfer_id };
    let found = state.hub.read(move |conn| excursions::list_excursions(conn, &actor, wanted, after, rows)).await?;
    Ok(state.pager.answer(&request, &page, found, |row| row.id, |row| ExcursionView::from(row)))
}

/// Gives one excursion.
#[utoipa::path(tag = "excursions", params(IdInPath),
    responses((status = 200, description = "The excursion.", body = ExcursionView)))]
#[get("/v1/excursions/{id}")]
async fn get_excursion(
    call: Allowed<ReadTransfers>,
    state: State,
    request: HttpRequest,
    id: PathId<ExcursionId>,
) -> Answer {
    let (PathId(id), actor) = (id, call.actor().clone());
    let row = state.hub.read(move |conn| excursions::get_excursion(conn, &actor, id)).await?;
    Ok(single(&request, row.version, &ExcursionView::from(&row)))
}

/// Notes that somebody of the receiving site has seen it; the milk stays set aside.
#[utoipa::path(tag = "excursions", params(IdInPath, ChangingHeaders),
    responses((status = 200, description = "It is noted.", body = ExcursionView)))]
#[post("/v1/excursions/{id}/acknowledge")]
async fn acknowledge_excursion(
    call: Allowed<DispositionExcursions>,
    state: State,
    request: HttpRequest,
    id: PathId<ExcursionId>,
    version: IfMatch,
    _body: NoBody,
) -> Answer {
    let (PathId(id), IfMatch(version)) = (id, version);
    let row = state.hub.write(&call, move |tx| excursions::acknowledge_excursion(tx, id, version)).await?;
    Ok(single(&request, row.version, &ExcursionView::from(&row)))
}

/// Decides what becomes of the milk that was set aside.
#[utoipa::path(tag = "excursions", params(IdInPath, ChangingHeaders), request_body = DispositionBody,
    responses((status = 200, description = "It is decided.", body = ExcursionView)))]
#[post("/v1/excursions/{id}/disposition")]
async fn disposition_excursion(
    call: Allowed<DispositionExcursions>,
    state: State,
    request: HttpRequest,
    id: PathId<ExcursionId>,
    version: IfMatch,
    body: Body<DispositionBody>,
) -> Answer {
    let (PathId(id), IfMatch(version)) = (id, version);
    let DispositionBody { disposition, reason, milk, thawed_since } = body.into_inner();
    let command = DecideExcursion { disposition, reason, milk, thawed_since };
    let row =
        state.hub.write(&call, move |tx| excursions::disposition_excursion(tx, id, version, &command)).await?;
    Ok(single(&request, row.version, &ExcursionView::from(&row)))
}
