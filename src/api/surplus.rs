//! Published surplus, and the board on which every site reads it.

use super::auth::{Allowed, permit::PublishSurplus as MayPublish, permit::ReadBoard};
use super::conditional::{IfMatch, single};
use super::extract::{NoBody, PathId, Query};
use super::idempotency::{Creating, created, send};
use super::openapi::{ChangingHeaders, CreatingHeaders, IdInPath, operations};
use super::paging::{Page, Pager};
use super::problem::{Problem, ProblemCode};
use super::state::{Answer, State};
use crate::actions::ActionError;
use crate::actions::surplus::{self, BoardFilter, BoardRow, PublishLot, PublishSurplus, SurplusDetail};
use crate::domain::ids::{LotId, SiteId, SurplusId, SurplusLineId};
use crate::domain::quantity::Volume;
use crate::domain::surplus::SurplusState;
use crate::domain::time::Instant;
use actix_web::{HttpRequest, get, post};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use utoipa::{IntoParams, ToSchema};

/// A reading of the board serves for so long; what this process commits ends it at once.
const BOARD_KEPT: Duration = Duration::from_secs(1);
const MICROS_PER_SECOND: i64 = 1_000_000;

operations!(publish_surplus, list_board, get_surplus, withdraw_surplus, confirm_surplus);

/// One lot of a surplus.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PublishLotBody {
    /// The lot.
    #[schema(value_type = String, format = "uuid")]
    lot_id: LotId,
    /// Only bottles of this size, mL.
    #[schema(minimum = 1, maximum = 1000)]
    size_ml: Option<i64>,
    /// So many bottles; all free ones above the site's reserve, if not given.
    #[schema(minimum = 1, maximum = 999)]
    bottles: Option<i64>,
}

/// What a site publishes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "site_id": "019b8d2a-5c00-7000-8000-0000000000b1", "reason": "stock above reserve",
    "available_until": "2026-02-05T08:00:00Z", "lots": [{"lot_id": "019b8d2a-5c00-7000-8000-0000000000a1"}]
}))]
struct SurplusBody {
    /// The holding site.
    #[schema(value_type = String, format = "uuid")]
    site_id: SiteId,
    /// Why it is surplus.
    #[schema(min_length = 1, max_length = 500, example = "stock above reserve")]
    reason: String,
    /// From when it may leave; now, if not given.
    #[schema(value_type = Option<String>, format = DateTime)]
    available_from: Option<Instant>,
    /// Until when it is offered.
    #[schema(value_type = String, format = DateTime)]
    available_until: Instant,
    /// Smallest transfer worth making, mL.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 1_000_000)]
    min_transfer_ml: i64,
    /// Price per litre in the currency's minor unit.
    #[schema(minimum = 0)]
    price_per_litre_minor: Option<i64>,
    /// ISO 4217.
    #[schema(min_length = 3, max_length = 3)]
    currency: Option<String>,
    /// The lots.
    #[schema(min_items = 1, max_items = 200)]
    lots: Vec<PublishLotBody>,
}

/// A line of a surplus.
#[derive(Serialize, ToSchema)]
#[schema(as = SurplusLine)]
struct LineView {
    /// Identifier.
    #[schema(value_type = String, format = "uuid")]
    id: SurplusLineId,
    /// The lot.
    #[schema(value_type = String, format = "uuid")]
    lot_id: LotId,
    /// The bank's number of the lot.
    lot_code: String,
    /// Size of one bottle, mL.
    #[schema(value_type = i64)]
    size_ml: Volume,
    /// Bottles published.
    published_bottles: i64,
    /// Bottles not yet promised.
    available_bottles: i64,
    /// The lot's expiry.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Instant,
}

/// A surplus.
#[derive(Serialize, ToSchema)]
#[schema(as = Surplus)]
struct SurplusView {
    /// Identifier.
    #[schema(value_type = String, format = "uuid")]
    id: SurplusId,
    /// The holding site.
    #[schema(value_type = String, format = "uuid")]
    site_id: SiteId,
    /// published, withdrawn, exhausted or lapsed.
    #[schema(value_type = String)]
    state: SurplusState,
    /// Why it is surplus.
    reason: String,
    /// From when it may leave.
    #[schema(value_type = String, format = DateTime)]
    available_from: Instant,
    /// Until when it is offered.
    #[schema(value_type = String, format = DateTime)]
    available_until: Instant,
    /// When the site last said that it is there; an old report counts less in matching.
    #[schema(value_type = String, format = DateTime)]
    confirmed_at: Instant,
    /// True when the site was asked to confirm it and has not.
    confirmation_asked: bool,
    /// Its lines.
    lines: Vec<LineView>,
    /// Version for `If-Match`.
    version: i64,
}

impl From<&SurplusDetail> for SurplusView {
    fn from(detail: &SurplusDetail) -> Self {
        let SurplusDetail { head, lines } = detail;
        Self {
            id: head.id,
            site_id: head.site_id,
            state: head.state,
            reason: head.reason.clone(),
            available_from: head.available_from,
            available_until: head.available_until,
            confirmed_at: head.confirmed_at,
            confirmation_asked: head.confirmation_asked_at.is_some_and(|asked| asked > head.confirmed_at),
            lines: lines
                .iter()
                .map(|(line, lot_code)| LineView {
                    id: line.id,
                    lot_id: line.lot_id,
                    lot_code: lot_code.clone(),
                    size_ml: line.size_ml,
                    published_bottles: line.published_bottles,
                    available_bottles: line.available_bottles,
                    expires_at: line.expires_at,
                })
                .collect(),
            version: head.version,
        }
    }
}

/// A line of the board.
#[derive(Serialize, ToSchema)]
#[schema(as = BoardLine)]
struct BoardView {
    /// The line.
    #[schema(value_type = String, format = "uuid")]
    line_id: SurplusLineId,
    /// Its surplus.
    #[schema(value_type = String, format = "uuid")]
    surplus_id: SurplusId,
    /// The holding site.
    #[schema(value_type = String, format = "uuid")]
    site_id: SiteId,
    /// The site's code.
    site_code: String,
    /// The site's name.
    site_name: String,
    /// The lot.
    #[schema(value_type = String, format = "uuid")]
    lot_id: LotId,
    /// The bank's number of the lot.
    lot_code: String,
    /// Size of one bottle, mL.
    #[schema(value_type = i64)]
    size_ml: Volume,
    /// Bottles not yet promised.
    available_bottles: i64,
    /// Their volume, mL.
    #[schema(value_type = i64)]
    available_ml: Volume,
    /// The lot's expiry.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Instant,
    /// preterm, term, mixed or colostrum.
    milk_type: String,
    /// frozen, freeze_dried and so on.
    form: String,
    /// Donors pooled.
    donor_count: i64,
    /// All donors avoid cow's milk.
    dairy_free: bool,
    /// All donors CMV IgG negative.
    cmv_negative: bool,
    /// Measured protein, mg/dL.
    protein_mg_per_dl: Option<i64>,
}

fn board_view(row: &BoardRow) -> BoardView {
    let BoardRow { line, lot_code, site: (site_code, site_name) } = row;
    BoardView {
        line_id: line.id,
        surplus_id: line.surplus_id,
        site_id: line.site_id,
        site_code: site_code.clone(),
        site_name: site_name.clone(),
        lot_id: line.lot_id,
        lot_code: lot_code.clone(),
        size_ml: line.size_ml,
        available_bottles: line.available_bottles,
        available_ml: line.size_ml.times(line.available_bottles),
        expires_at: line.expires_at,
        milk_type: line.milk_type.clone(),
        form: line.form.clone(),
        donor_count: line.donor_count,
        dairy_free: line.dairy_free,
        cmv_negative: line.cmv_negative,
        protein_mg_per_dl: line.protein_mg_per_dl,
    }
}

/// A price with its currency, both or neither.
fn price_of(minor: Option<i64>, currency: Option<String>) -> Result<Option<(i64, String)>, Problem> {
    let is_iso = |text: &String| text.len() == 3 && text.bytes().all(|letter| letter.is_ascii_uppercase());
    let (pointer, code, detail) = match (minor, currency.filter(is_iso)) {
        (None, None) => return Ok(None),
        (Some(minor @ 0..), Some(currency)) => return Ok(Some((minor, currency))),
        (Some(_), Some(_)) => ("/price_per_litre_minor", "out_of_range", "0 or more"),
        _ => ("/currency", "not_a_currency", "a price takes its figure and three capital letters of ISO 4217"),
    };
    Err(Problem::field(ProblemCode::BodyInvalid, pointer, code, detail))
}

/// Publishes whole bottles of released lots.
#[utoipa::path(tag = "surplus", params(CreatingHeaders), request_body = SurplusBody,
    responses((status = 201, description = "It is on the board.", body = SurplusView)))]
#[post("/v1/surplus")]
async fn publish_surplus(call: Allowed<MayPublish>, state: State, creating: Creating<SurplusBody>) -> Answer {
    let Creating { body, once } = creating;
    let SurplusBody {
        site_id,
        reason,
        available_from,
        available_until,
        min_transfer_ml,
        price_per_litre_minor,
        currency,
        lots,
    } = body;
    let command = PublishSurplus {
        site: site_id,
        reason,
        available_from,
        available_until,
        min_transfer: Volume::from_ml(min_transfer_ml),
        price: price_of(price_per_litre_minor, currency)?,
        lots: lots
            .into_iter()
            .map(|PublishLotBody { lot_id, size_ml, bottles }| PublishLot {
                lot: lot_id,
                size: size_ml.map(Volume::from_ml),
                bottles,
            })
            .collect(),
    };
    let answer = state
        .hub
        .write_once(
            &call,
            once,
            move |tx| surplus::publish_surplus(tx, &command),
            |detail| created(format!("/v1/surplus/{}", detail.head.id), detail.head.version, &SurplusView::from(detail)),
        )
        .await?;
    Ok(send(answer))
}

/// What the board shows.
#[derive(Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct BoardQuery {
    /// Only milk held at this site.
    #[param(value_type = Option<String>)]
    site_id: Option<SiteId>,
    /// Only this milk type.
    #[param(max_length = 32)]
    milk_type: Option<String>,
    /// Only this form.
    #[param(max_length = 32)]
    form: Option<String>,
    /// Only lots with at least this protein, mg/dL.
    #[param(minimum = 0, maximum = 10_000)]
    min_protein_mg_per_dl: Option<i64>,
    /// Only dairy-free lots.
    dairy_free: Option<bool>,
    /// Only lots of at most so many donors.
    #[param(minimum = 1, maximum = 1000)]
    max_donors: Option<i64>,
    /// Only lots that expire at this instant or later; now, if not given.
    #[param(value_type = Option<String>)]
    expires_after: Option<Instant>,
    /// Items on the page.
    #[param(minimum = 1, maximum = 200)]
    #[serde(skip_serializing_if = "super::paging::not_a_filter")]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(max_length = 500)]
    #[serde(skip_serializing_if = "super::paging::not_a_filter")]
    cursor: Option<String>,
}

/// Reads the board, soonest expiry first.
#[utoipa::path(tag = "surplus", params(BoardQuery),
    responses((status = 200, description = "A page of the board.", body = Page<BoardView>)))]
#[get("/v1/surplus")]
async fn list_board(_call: Allowed<ReadBoard>, state: State, request: HttpRequest, query: Query<BoardQuery>) -> Answer {
    let Query(query) = query;
    let page =
        state.pager.open::<(Instant, SurplusLineId), _>(query.limit, query.cursor.as_deref(), &("board", &query))?;
    let (after, rows) = (page.after, page.rows());
    let from = query.expires_after.unwrap_or_else(|| state.hub.clock.now());
    let filter = BoardFilter {
        sites: query.site_id.map(|site| vec![site]),
        milk_type: query.milk_type,
        form: query.form,
        min_protein_mg_per_dl: query.min_protein_mg_per_dl,
        dairy_free: query.dairy_free,
        max_donors: query.max_donors,
    };
    // Everybody sees the same board, so one reading serves all who ask for the same page within a second.
    let name = format!("board:{}:{}:{}", state.hub.reading(), from.micros() / MICROS_PER_SECOND, request.query_string());
    let read = async {
        let found = state.hub.read(move |conn| surplus::list_board(conn, &filter, from, after, rows)).await?;
        let key_of = |row: &BoardRow| (row.line.expires_at, row.line.id);
        Ok::<_, ActionError>(state.pager.written(&request, &page, found, key_of, board_view))
    };
    Ok(Pager::answer_written(&state.hub.coordination.cached(&name, BOARD_KEPT, read).await?))
}

/// Gives one surplus of the caller's sites.
#[utoipa::path(tag = "surplus", params(IdInPath),
    responses((status = 200, description = "The surplus.", body = SurplusView)))]
#[get("/v1/surplus/{id}")]
async fn get_surplus(call: Allowed<ReadBoard>, state: State, request: HttpRequest, id: PathId<SurplusId>) -> Answer {
    let (PathId(id), actor) = (id, call.actor.clone());
    let detail = state.hub.read(move |conn| surplus::get_surplus(conn, &actor, id)).await?;
    Ok(single(&request, detail.head.version, &SurplusView::from(&detail)))
}

/// Takes what is not promised off the board.
#[utoipa::path(tag = "surplus", params(IdInPath, ChangingHeaders),
    responses((status = 200, description = "It is withdrawn.", body = SurplusView)))]
#[post("/v1/surplus/{id}/withdraw")]
async fn withdraw_surplus(
    call: Allowed<MayPublish>,
    state: State,
    request: HttpRequest,
    id: PathId<SurplusId>,
    version: IfMatch,
    _body: NoBody,
) -> Answer {
    let (PathId(id), IfMatch(version)) = (id, version);
    let detail = state.hub.write(&call, move |tx| surplus::withdraw_surplus(tx, id, version)).await?;
    Ok(single(&request, detail.head.version, &SurplusView::from(&detail)))
}

/// Confirms that a published surplus is still there.
#[utoipa::path(tag = "surplus", params(IdInPath, ChangingHeaders),
    responses((status = 200, description = "Its report is fresh again.", body = SurplusView)))]
#[post("/v1/surplus/{id}/confirm")]
async fn confirm_surplus(
    call: Allowed<MayPublish>,
    state: State,
    request: HttpRequest,
    id: PathId<SurplusId>,
    version: IfMatch,
) -> Answer {
    let (PathId(id), IfMatch(version)) = (id, version);
    let detail = state.hub.write(&call, move |tx| surplus::confirm_surplus(tx, id, version)).await?;
    Ok(single(&request, detail.head.version, &SurplusView::from(&detail)))
}
