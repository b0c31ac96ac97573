//! Recalls: issued by a bank, answered by every site that has or had the milk, closed when it comes out.

use super::auth::{Allowed, SignedIn, permit::AnswerRecalls, permit::IssueRecalls};
use super::conditional::{IfMatch, single};
use super::extract::{Body, NoBody, PathId, Query};
use super::idempotency::{Creating, created, send};
use super::openapi::{ChangingHeaders, CreatingHeaders, IdInPath, operations};
use super::paging::Page;
use super::state::{Answer, State};
use super::traces::{SelectorBody, selector_of};
use crate::actions::recalls::{self, AnswerRow, IssueRecall, RecallBottleRow, RecallDetail, RecallRow};
use crate::domain::bottle::BottleState;
use crate::domain::ids::{BottleId, LotId, RecallId, SiteId, TransferId};
use crate::domain::quantity::Volume;
use crate::domain::recall::{RecallCount, RecallScope, RecallState};
use crate::domain::time::Instant;
use actix_web::{HttpRequest, get, post};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

operations!(issue_recall, list_recalls, get_recall, list_recall_bottles, acknowledge_recall, close_recall);

/// A recall to be issued.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "site_id": "019b8d2a-5c00-7000-8000-0000000000b1", "scope": "donor", "selector": {"donor_ref": "D-1"},
    "reason": "a late positive result", "respond_by": "2026-01-08T08:00:00Z"
}))]
struct RecallBody {
    /// The bank that answers for it.
    #[schema(value_type = String, format = "uuid")]
    site_id: SiteId,
    /// `donor`, `deposit`, `pool`, `lot`, `bottle`, `cycle`, `device`, `storage`, `courier`, `transfer` or `infant`.
    #[schema(value_type = String, example = "lot")]
    scope: RecallScope,
    /// What it starts from.
    selector: SelectorBody,
    /// Why.
    #[schema(max_length = 500)]
    reason: String,
    /// By when sites answer.
    #[schema(value_type = String, format = DateTime)]
    respond_by: Instant,
    /// An exercise: everything is found, listed and asked, and no milk is touched.
    #[serde(default)]
    drill: bool,
}

/// A site's answer.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"site_id": "019b8d2a-5c00-7000-8000-0000000000b2", "held_ml": 500}))]
struct RecallAnswerBody {
    /// The site.
    #[schema(value_type = String, format = "uuid")]
    site_id: SiteId,
    /// What it found and set aside, mL; 0 when nothing.
    #[schema(value_type = i64, minimum = 0, maximum = 10_000_000)]
    held_ml: Volume,
}

/// What one site was asked and said.
#[derive(Serialize, ToSchema)]
#[schema(as = RecallAnswer)]
struct RecallSiteView {
    /// The site.
    #[schema(value_type = String, format = "uuid")]
    site_id: SiteId,
    /// What it found and set aside, mL; null until it answers.
    #[schema(value_type = Option<i64>)]
    held_ml: Option<Volume>,
    /// When it answered.
    #[schema(value_type = Option<String>, format = DateTime)]
    acknowledged_at: Option<Instant>,
}

/// Where the milk of a recall is now.
#[derive(Serialize, ToSchema)]
#[schema(as = RecallCount)]
struct RecallCountView {
    /// In stock or set aside, still to be discarded, mL.
    #[schema(value_type = i64)]
    at_hand_ml: Volume,
    /// On the road, mL.
    #[schema(value_type = i64)]
    in_transit_ml: Volume,
    /// Thrown away, mL.
    #[schema(value_type = i64)]
    discarded_ml: Volume,
    /// Fed before or after, mL.
    #[schema(value_type = i64)]
    fed_ml: Volume,
}

/// A recall.
#[derive(Serialize, ToSchema)]
#[schema(as = Recall)]
struct RecallView {
    /// Identifier.
    #[schema(value_type = String, format = "uuid")]
    id: RecallId,
    /// The bank that issued it.
    #[schema(value_type = String, format = "uuid")]
    site_id: SiteId,
    /// What it selects by.
    #[schema(value_type = String)]
    scope: RecallScope,
    /// Why.
    reason: String,
    /// `notified`, `acknowledged` or `closed`.
    #[schema(value_type = String, example = "notified")]
    state: RecallState,
    /// By when sites answer.
    #[schema(value_type = String, format = DateTime)]
    respond_by: Instant,
    /// When the milk was frozen.
    #[schema(value_type = String, format = DateTime)]
    frozen_at: Instant,
    /// Bottles that were somewhere then.
    frozen_bottles: i64,
    /// Their volume, mL.
    #[schema(value_type = i64)]
    frozen_ml: Volume,
    /// Its lots; left out in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<String>>)]
    lot_ids: Option<Vec<LotId>>,
    /// The sites that were asked; left out in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    sites: Option<Vec<RecallSiteView>>,
    /// Where the milk is now; left out in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<RecallCountView>,
    /// When it was closed.
    #[schema(value_type = Option<String>, format = DateTime)]
    closed_at: Option<Instant>,
    /// True for an exercise that touched no milk.
    drill: bool,
    /// How long freezing and listing took, microseconds.
    listed_us: i64,
    /// When the sites that had not answered were reminded.
    #[schema(value_type = Option<String>, format = DateTime)]
    escalated_at: Option<Instant>,
    /// Version for `If-Match`.
    version: i64,
}

impl RecallView {
    fn head(row: &RecallRow) -> Self {
        let RecallRow {
            id,
            site_id,
            scope,
            reason,
            selector: _,
            state,
            respond_by,
            frozen_at,
            frozen_bottles,
            frozen_ml,
            closed_at,
            drill,
            listed_us,
            escalated_at,
            version,
        } = row.clone();
        let (lot_ids, sites, count) = (None, None, None);
        Self {
            id,
            site_id,
            scope,
            reason,
            state,
            respond_by,
            frozen_at,
            frozen_bottles,
            frozen_ml,
            lot_ids,
            sites,
            count,
            closed_at,
            drill,
            listed_us,
            escalated_at,
            version,
        }
    }
}

impl From<&RecallDetail> for RecallView {
    fn from(detail: &RecallDetail) -> Self {
        let RecallDetail { head, lots, answers, count } = detail;
        let RecallCount { at_hand, in_transit, discarded, fed } = *count;
        let sites = answers.iter().map(|answer| {
            let AnswerRow { recall_id: _, site_id, asked_at: _, acknowledged_at, acknowledged_by: _, held_ml } = answer;
            RecallSiteView { site_id: *site_id, held_ml: *held_ml, acknowledged_at: *acknowledged_at }
        });
        Self {
            lot_ids: Some(lots.clone()),
            sites: Some(sites.collect()),
            count: Some(RecallCountView {
                at_hand_ml: at_hand,
                in_transit_ml: in_transit,
                discarded_ml: discarded,
                fed_ml: fed,
            }),
            ..Self::head(head)
        }
    }
}

/// Which recalls.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct RecallsQuery {
    /// Items on the page.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(max_length = 500)]
    cursor: Option<String>,
}

/// Freezes what is selected at once and asks every site that has or had their milk.
#[utoipa::path(tag = "recalls", params(CreatingHeaders), request_body = RecallBody,
    responses((status = 201, description = "The milk is frozen.", body = RecallView)))]
#[post("/v1/recalls")]
async fn issue_recall(call: Allowed<IssueRecalls>, state: State, creating: Creating<RecallBody>) -> Answer {
    let Creating { body: RecallBody { site_id, scope, selector, reason, respond_by, drill }, once } = creating;
    let sent = serde_json::to_string(&selector).unwrap_or_default();
    let selector = selector_of(scope, selector)?;
    let command = IssueRecall { site: site_id, selector, sent, reason, respond_by, drill };
    let answer = state
        .hub
        .write_once(
            &call,
            once,
            move |tx| recalls::issue_recall(tx, &command),
            |detail| {
                let location = format!("/v1/recalls/{}", detail.head.id);
                created(location, detail.head.version, &RecallView::from(detail))
            },
        )
        .await?;
    Ok(send(answer))
}

/// Lists recalls that concern the caller's sites.
#[utoipa::path(tag = "recalls", params(RecallsQuery),
    responses((status = 200, description = "A page of recalls.", body = Page<RecallView>)))]
#[get("/v1/recalls")]
async fn list_recalls(call: SignedIn, state: State, request: HttpRequest, query: Query<RecallsQuery>) -> Answer {
    let (SignedIn(call), Query(RecallsQuery { limit, cursor })) = (call, query);
    let page = state.pager.open::<RecallId, _>(limit, cursor.as_deref(), &"recalls")?;
    let (after, rows, actor) = (page.after, page.rows(), call.actor);
    let found = state.hub.read(move |conn| recalls::list_recalls(conn, &actor, after, rows)).await?;
    Ok(state.pager.answer(&request, &page, found, |row| row.id, RecallView::head))
}

/// Gives one recall with its lots, answers and count.
#[utoipa::path(tag = "recalls", params(IdInPath),
    responses((status = 200, description = "The recall.", body = RecallView)))]
#[get("/v1/recalls/{id}")]
async fn get_recall(call: SignedIn, state: State, request: HttpRequest, id: PathId<RecallId>) -> Answer {
    let (SignedIn(call), PathId(id)) = (call, id);
    let detail = state.hub.read(move |conn| recalls::get_recall(conn, &call.actor, id)).await?;
    Ok(single(&request, detail.head.version, &RecallView::from(&detail)))
}

/// A bottle of a recall.
#[derive(Serialize, ToSchema)]
#[schema(as = RecallBottle)]
struct RecallBottleView {
    /// The bottle.
    #[schema(value_type = String, format = "uuid")]
    bottle_id: BottleId,
    /// Its lot.
    #[schema(value_type = String, format = "uuid")]
    lot_id: LotId,
    /// The lot's number.
    lot_code: String,
    /// Its number within its lot.
    division: i64,
    /// Its size, mL.
    #[schema(value_type = i64)]
    size_ml: Volume,
    /// Where it is or ended.
    #[schema(value_type = String, format = "uuid")]
    site_id: SiteId,
    /// `in_stock`, `in_transit`, `quarantined`, `used` or `discarded`.
    #[schema(value_type = String, example = "in_stock")]
    state: BottleState,
    /// The journey it is on.
    #[schema(value_type = Option<String>, format = "uuid")]
    transfer_id: Option<TransferId>,
    /// Fed from it, mL.
    #[schema(value_type = i64)]
    fed_ml: Volume,
}

impl From<&RecallBottleRow> for RecallBottleView {
    fn from(row: &RecallBottleRow) -> Self {
        let RecallBottleRow { bottle_id, lot_id, lot_code, division, size_ml, site_id, state, transfer_id, fed_ml } =
            row.clone();
        Self { bottle_id, lot_id, lot_code, division, size_ml, site_id, state, transfer_id, fed_ml }
    }
}

/// Lists the bottles of a recall: all for its issuer, their own for the sites it asked.
#[utoipa::path(tag = "recalls", params(IdInPath, RecallsQuery),
    responses((status = 200, description = "A page of bottles.", body = Page<RecallBottleView>)))]
#[get("/v1/recalls/{id}/bottles")]
async fn list_recall_bottles(
    call: SignedIn,
    state: State,
    request: HttpRequest,
    id: PathId<RecallId>,
    query: Query<RecallsQuery>,
) -> Answer {
    let (SignedIn(call), PathId(id), Query(RecallsQuery { limit, cursor })) = (call, id, query);
    let page = state.pager.open::<BottleId, _>(limit, cursor.as_deref(), &("recall-bottles", id))?;
    let (after, rows, actor) = (page.after, page.rows(), call.actor);
    let found = state.hub.read(move |conn| recalls::list_bottles(conn, &actor, id, after, rows)).await?;
    Ok(state.pager.answer(&request, &page, found, |row| row.bottle_id, |row| RecallBottleView::from(row)))
}

/// Keeps what a site found. Sites answer each for itself, so no version is asked for.
#[utoipa::path(tag = "recalls", params(IdInPath), request_body = RecallAnswerBody,
    responses((status = 200, description = "It is kept.", body = RecallView)))]
#[post("/v1/recalls/{id}/acknowledge")]
async fn acknowledge_recall(
    call: Allowed<AnswerRecalls>,
    state: State,
    request: HttpRequest,
    id: PathId<RecallId>,
    body: Body<RecallAnswerBody>,
) -> Answer {
    let (PathId(id), RecallAnswerBody { site_id, held_ml }) = (id, body.into_inner());
    let detail = state.hub.write(&call, move |tx| recalls::acknowledge_recall(tx, id, site_id, held_ml)).await?;
    Ok(single(&request, detail.head.version, &RecallView::from(&detail)))
}

/// Closes a recall that every site answered and whose milk is all accounted for.
#[utoipa::path(tag = "recalls", params(IdInPath, ChangingHeaders),
    responses((status = 200, description = "It is closed.", body = RecallView)))]
#[post("/v1/recalls/{id}/close")]
async fn close_recall(
    call: Allowed<IssueRecalls>,
    state: State,
    request: HttpRequest,
    id: PathId<RecallId>,
    version: IfMatch,
    _body: NoBody,
) -> Answer {
    let (PathId(id), IfMatch(version)) = (id, version);
    let detail = state.hub.write(&call, move |tx| recalls::close_recall(tx, id, version)).await?;
    Ok(single(&request, detail.head.version, &RecallView::from(&detail)))
}
