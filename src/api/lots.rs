//! Lots with their whole safety record.

use super::auth::{Allowed, permit::ManageLots, permit::ReadStock};
use super::conditional::{IfMatch, single};
use super::extract::{Body, NoBody, PathId, Query};
use super::idempotency::{Creating, created, send};
use super::openapi::{ChangingHeaders, CreatingHeaders, IdInPath, operations};
use super::paging::Page;
use super::problem::{Problem, ProblemCode, RefusalView};
use super::scope::visible_sites;
use super::state::{Answer, State};
use crate::actions::lot_record;
use crate::actions::lots::{self, Containers, Holding, LotDetail, LotFilter, LotRow, RegisterLot};
use crate::domain::ids::{LotId, SiteId};
use crate::domain::lot::{LotState, SafetyRecord, Supplement};
use crate::domain::quantity::Volume;
use crate::domain::time::Instant;
use actix_web::{HttpRequest, get, patch, post};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

operations!(register_lot, list_lots, get_lot, complete_record, release_lot, discard_lot);

/// Equal bottles.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ContainersBody {
    /// Size of one bottle, mL.
    #[schema(minimum = 1, maximum = 1000, example = 100)]
    size_ml: i64,
    /// How many.
    #[schema(minimum = 1, maximum = 999, example = 24)]
    count: i64,
}

/// Bottles that are already at a site.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct HoldingBody {
    /// The site.
    #[schema(value_type = String, format = "uuid")]
    site_id: SiteId,
    /// Bottles by size.
    #[schema(max_items = 50)]
    containers: Vec<ContainersBody>,
}

/// A record that passes the Hong Kong policy set on 2026-01-05, for the specification.
fn example_record() -> Value {
    let result = |analyte: &str| json!({"analyte": analyte, "sample_date": "2025-12-10", "result": "non_reactive"});
    let panel = ["hiv_1_2", "htlv_1_2", "hepatitis_b_hbsag", "hepatitis_c", "syphilis"];
    let nothing = |group: &str| {
        json!({"group": group, "cfu_per_ml": "below_detection_limit", "detection_limit_cfu_per_ml": 10})
    };
    json!({
        "donor_count": 1,
        "donors": [{
            "donor_ref": "D-1", "results": panel.map(result), "questionnaire_signed": true, "consent_ref": "C-1",
        }],
        "expressed_from": "2025-12-20", "expressed_to": "2025-12-27", "milk_type": "preterm",
        "dairy_free": false, "cmv_negative": false, "form": "frozen",
        "culture_before": {
            "sampled_at": "2025-12-28T02:00:00Z", "result_at": "2025-12-30T02:00:00Z",
            "findings": [nothing("total_viable"), nothing("s_aureus"), nothing("enterobacterales")],
        },
        "pasteurisation": {
            "method": "holder", "device_ref": "P-1", "cycle_ref": "R-1", "started_at": "2025-12-29T02:00:00Z",
            "ended_at": "2025-12-29T03:00:00Z", "target_hundredths_c": 6250, "hold_min_hundredths_c": 6260,
            "hold_max_hundredths_c": 6310, "hold_s": 1830, "thermometer_calibrated_on": "2025-11-01",
            "cooled_to_4_c_s": 1200,
        },
        "culture_after": {
            "sampled_at": "2025-12-29T04:00:00Z", "result_at": "2025-12-31T04:00:00Z",
            "findings": [nothing("total_viable")],
        },
        "storage_set_hundredths_c": -2000, "declared_expires_at": "2026-03-20T16:00:00Z",
    })
}

/// A lot to be registered.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "bank_site_id": "019b8d2a-5c00-7000-8000-0000000000b1", "code": "L-2026-0412", "record": example_record(),
    "expires_at": "2026-03-20T16:00:00Z", "containers": [{"size_ml": 100, "count": 24}], "release": true
}))]
struct LotBody {
    /// The bank that made it.
    #[schema(value_type = String, format = "uuid")]
    bank_site_id: SiteId,
    /// The bank's own number.
    #[schema(min_length = 1, max_length = 64, example = "L-2026-0412")]
    code: String,
    /// The pool it was filled from, by the bank's own number.
    #[schema(pattern = "^[A-Za-z0-9._-]{1,64}$")]
    pool_ref: Option<String>,
    /// The deposits in it, by the bank's own numbers.
    #[serde(default)]
    #[schema(max_items = 200)]
    deposit_refs: Vec<String>,
    /// The whole safety record: donors and their screening, cultures, heat, composition, label. A field that
    /// the record does not know is refused.
    ///
    /// Needed: `donors` (`donor_ref`, `results`, `questionnaire_signed`; also `consent_ref`, `first_donated_on`,
    /// `disclosure_consent_written`), `expressed_from`, `expressed_to`, `milk_type` (`preterm`, `term`, `mixed`,
    /// `colostrum`), `dairy_free`, `cmv_negative`, `form` (`frozen`, `freeze_dried`, `liquid_shelf_stable`),
    /// `storage_set_hundredths_c`, `declared_expires_at`. A result: `analyte`, `sample_date`, `result` (`non_reactive`,
    /// `reactive`, `indeterminate`); also `method`, `lab`, `prenatal`.
    ///
    /// Where known: `donor_count`, `lactation_stage_days`, `acidity_tenths_dornic`, `culture_before`, `pasteurisation`,
    /// `culture_after`, `composition` (protein, fat and carbohydrate in mg/dL, energy in tenths of a kcal/dL), `isbt`.
    /// Names that end in `hundredths_c` are in hundredths of a degree Celsius. No growth is `below_detection_limit`.
    #[schema(value_type = Object, example = example_record)]
    record: SafetyRecord,
    /// Its expiry as labelled.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Instant,
    /// Bottles at the bank, by size.
    #[serde(default)]
    #[schema(max_items = 50)]
    containers: Vec<ContainersBody>,
    /// Bottles elsewhere: stock on hand when a hub starts. Hub administrators, and simulations, only.
    #[serde(default)]
    #[schema(max_items = 200)]
    held_at: Vec<HoldingBody>,
    /// Register and release in one step; what fails the rules stays in quarantine with its refusals.
    #[serde(default)]
    release: bool,
}

/// Why something is thrown away.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReasonBody {
    /// The reason, for the record.
    #[schema(min_length = 1, max_length = 500)]
    pub(super) reason: String,
}

/// A lot.
#[derive(Serialize, ToSchema)]
#[schema(as = Lot)]
struct LotView {
    /// Identifier.
    #[schema(value_type = String, format = "uuid")]
    id: LotId,
    /// The bank.
    #[schema(value_type = String, format = "uuid")]
    bank_site_id: SiteId,
    /// The bank's own number.
    code: String,
    /// `registered`, `quarantined`, `released`, `held`, `exhausted`, `discarded`, `recalled` or `expired`.
    #[schema(value_type = String)]
    state: LotState,
    /// frozen, freeze_dried and so on.
    form: String,
    /// preterm, term, mixed or colostrum.
    milk_type: String,
    /// Donors pooled.
    donor_count: i64,
    /// Volume bottled, mL.
    #[schema(value_type = i64)]
    volume_ml: Volume,
    /// Bottles registered with it; only in the answer to the registration.
    #[serde(skip_serializing_if = "Option::is_none")]
    bottles: Option<usize>,
    /// Measured protein, mg/dL.
    protein_mg_per_dl: Option<i64>,
    /// Expiry.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Instant,
    /// When it was released.
    #[schema(value_type = Option<String>, format = DateTime)]
    released_at: Option<Instant>,
    /// What stands against its release, when release was asked.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    refusals: Vec<RefusalView>,
    /// The safety record; left out of lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    record: Option<Value>,
    /// Version for `If-Match`.
    version: i64,
}

fn view(row: &LotRow) -> LotView {
    LotView {
        id: row.id,
        bank_site_id: row.bank_site_id,
        code: row.code.clone(),
        state: row.state,
        form: row.form.clone(),
        milk_type: row.milk_type.clone(),
        donor_count: row.donor_count,
        volume_ml: row.volume_ml,
        bottles: None,
        protein_mg_per_dl: row.protein_mg_per_dl,
        expires_at: row.expires_at,
        released_at: row.released_at,
        refusals: Vec::new(),
        record: None,
        version: row.version,
    }
}

fn registered(detail: &LotDetail) -> LotView {
    LotView {
        bottles: Some(detail.bottles),
        refusals: detail.refusals.iter().map(RefusalView::from).collect(),
        ..view(&detail.row)
    }
}

fn containers(groups: Vec<ContainersBody>) -> Vec<Containers> {
    groups.into_iter().map(|group| Containers { size: Volume::from_ml(group.size_ml), count: group.count }).collect()
}

/// Registers a lot with its bottles.
#[utoipa::path(tag = "lots", params(CreatingHeaders), request_body = LotBody,
    responses((status = 201, description = "It is on file.", body = LotView)))]
#[post("/v1/lots")]
async fn register_lot(call: Allowed<ManageLots>, state: State, creating: Creating<LotBody>) -> Answer {
    let Creating { body, once } = creating;
    let LotBody {
        bank_site_id,
        code,
        pool_ref,
        deposit_refs,
        record,
        expires_at,
        containers: at_bank,
        held_at,
        release,
    } = body;
    let command = RegisterLot {
        bank: bank_site_id,
        code,
        pool_ref,
        deposit_refs,
        record,
        expires_at,
        containers: containers(at_bank),
        held_at: held_at
            .into_iter()
            .map(|held| Holding { site: held.site_id, containers: containers(held.containers) })
            .collect(),
        release,
    };
    if !command.held_at.is_empty() && !state.hub.settings.simulation {
        return Err(Problem::field(ProblemCode::BodyInvalid, "/held_at", "not_allowed", "only for simulated hubs"));
    }
    let answer = state
        .hub
        .write_once(
            &call,
            once,
            move |tx| lots::register_lot(tx, &command),
            |lot| created(format!("/v1/lots/{}", lot.row.id), lot.row.version, &registered(lot)),
        )
        .await?;
    Ok(send(answer))
}

/// Which lots.
#[derive(Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct LotQuery {
    /// Only lots of this bank.
    #[param(value_type = Option<String>)]
    bank_site_id: Option<SiteId>,
    /// Only lots in this state.
    #[param(value_type = Option<String>)]
    state: Option<LotState>,
    /// Only the lot with this number.
    #[param(max_length = 64)]
    code: Option<String>,
    /// Items on the page.
    #[param(minimum = 1, maximum = 200)]
    #[serde(skip_serializing_if = "super::paging::not_a_filter")]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(max_length = 500)]
    #[serde(skip_serializing_if = "super::paging::not_a_filter")]
    cursor: Option<String>,
}

/// Lists lots in the order they were registered.
#[utoipa::path(tag = "lots", params(LotQuery),
    responses((status = 200, description = "A page of lots.", body = Page<LotView>)))]
#[get("/v1/lots")]
async fn list_lots(call: Allowed<ReadStock>, state: State, request: HttpRequest, query: Query<LotQuery>) -> Answer {
    let Query(query) = query;
    let page = state.pager.open::<LotId, _>(query.limit, query.cursor.as_deref(), &("lots", &query))?;
    let (after, rows) = (page.after, page.rows());
    let filter = LotFilter {
        banks: visible_sites(&call.actor.sites, query.bank_site_id),
        state: query.state,
        code: query.code,
    };
    let found = state.hub.read(move |conn| lots::list_lots(conn, &filter, after, rows)).await?;
    Ok(state.pager.answer(&request, &page, found, |lot| lot.id, view))
}

/// Gives one lot with its safety record.
#[utoipa::path(tag = "lots", params(IdInPath), responses((status = 200, description = "The lot.", body = LotView)))]
#[get("/v1/lots/{id}")]
async fn get_lot(call: Allowed<ReadStock>, state: State, request: HttpRequest, id: PathId<LotId>) -> Answer {
    let (PathId(id), actor) = (id, call.actor.clone());
    let lot = state.hub.read(move |conn| lots::get_lot(conn, &actor, id)).await?;
    let record = serde_json::from_str(&lot.record).ok();
    Ok(single(&request, lot.version, &LotView { record, ..view(&lot) }))
}

/// Releases a quarantined lot, when its record passes its bank's rules.
#[utoipa::path(tag = "lots", params(IdInPath, ChangingHeaders),
    responses((status = 200, description = "It is released.", body = LotView)))]
#[post("/v1/lots/{id}/release")]
async fn release_lot(
    call: Allowed<ManageLots>,
    state: State,
    request: HttpRequest,
    id: PathId<LotId>,
    version: IfMatch,
    _body: NoBody,
) -> Answer {
    let (PathId(id), IfMatch(version)) = (id, version);
    let lot = state.hub.write(&call, move |tx| lots::release_lot(tx, id, version)).await?;
    Ok(single(&request, lot.version, &view(&lot)))
}

/// What was not known when the lot was registered; each part of the shape that it has in the record.
#[derive(Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(as = RecordSupplement, value_type = Object, example = json!({"culture_after": {
    "sampled_at": "2026-01-03T08:00:00Z", "result_at": "2026-01-05T08:00:00Z", "method": null, "lab_verdict": null,
    "findings": [{"group": "total_viable", "cfu_per_ml": "below_detection_limit", "detection_limit_cfu_per_ml": 1}]
}}))]
struct SupplementBody(Supplement);

/// Adds to the record of a lot that waits in quarantine: `culture_before`, `acidity_tenths_dornic`, `pasteurisation`,
/// `culture_after`, `composition`. What is on record already stays as it is. The answer names what still stands against
/// its release.
#[utoipa::path(tag = "lots", params(IdInPath, ChangingHeaders), request_body = SupplementBody,
    responses((status = 200, description = "It is on record.", body = LotView)))]
#[patch("/v1/lots/{id}/record")]
async fn complete_record(
    call: Allowed<ManageLots>,
    state: State,
    request: HttpRequest,
    id: PathId<LotId>,
    version: IfMatch,
    body: Body<SupplementBody>,
) -> Answer {
    let (PathId(id), IfMatch(version), SupplementBody(more)) = (id, version, body.into_inner());
    let lot = state.hub.write(&call, move |tx| lot_record::complete_record(tx, id, version, &more)).await?;
    let refusals = lot.refusals.iter().map(RefusalView::from).collect();
    Ok(single(&request, lot.row.version, &LotView { refusals, ..view(&lot.row) }))
}

/// Throws away what is left of a lot at its bank.
#[utoipa::path(tag = "lots", params(IdInPath, ChangingHeaders), request_body = ReasonBody,
    responses((status = 200, description = "It is discarded.", body = LotView)))]
#[post("/v1/lots/{id}/discard")]
async fn discard_lot(
    call: Allowed<ManageLots>,
    state: State,
    request: HttpRequest,
    id: PathId<LotId>,
    version: IfMatch,
    body: Body<ReasonBody>,
) -> Answer {
    let (PathId(id), IfMatch(version), ReasonBody { reason }) = (id, version, body.into_inner());
    let lot = state.hub.write(&call, move |tx| lots::discard_lot(tx, id, version, &reason)).await?;
    Ok(single(&request, lot.version, &view(&lot)))
}
