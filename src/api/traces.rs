//! Tracing, forward and backward, and the selectors that recalls share with it.

use super::auth::{Allowed, permit::ReadStock};
use super::extract::Query;
use super::openapi::operations;
use super::problem::{Problem, ProblemCode};
use super::state::{Answer, State};
use crate::actions::traces::{self, Trace, TracedBottle, TracedInfant, TracedJourney, TracedLot};
use crate::domain::bottle::BottleState;
use crate::domain::ids::{BottleId, CourierId, LotId, SiteId, StorageUnitId, TransferId};
use crate::domain::lot::LotState;
use crate::domain::policy::Analyte;
use crate::domain::recall::{RecallScope, Selector, Window};
use crate::domain::time::Instant;
use crate::domain::transfer::TransferState;
use actix_web::{HttpResponse, get};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

operations!(get_trace);

/// What a recall or a trace starts from: the field that the scope names, and a window where that makes sense.
#[derive(Clone, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RecallSelector)]
pub(super) struct SelectorBody {
    /// Scope `donor`: the donor's pseudonym.
    #[schema(max_length = 64)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    donor_ref: Option<String>,
    /// With a donor: only milk expressed after this day.
    #[schema(value_type = Option<String>, format = Date)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expressed_after: Option<Date>,
    /// With a donor: look back to her last negative result of this test, such as `hiv_1_2`.
    #[schema(value_type = Option<String>)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    look_back: Option<Analyte>,
    /// Scope `deposit`: the deposit.
    #[schema(max_length = 64)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    deposit_ref: Option<String>,
    /// Scope `pool`: the pool.
    #[schema(max_length = 64)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pool_ref: Option<String>,
    /// Scope `lot`: the lots.
    #[schema(value_type = Option<Vec<String>>, max_items = 1000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lot_ids: Option<Vec<LotId>>,
    /// Scope `bottle`: the bottles.
    #[schema(value_type = Option<Vec<String>>, max_items = 1000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    bottle_ids: Option<Vec<BottleId>>,
    /// Scope `cycle`: the pasteuriser run.
    #[schema(max_length = 64)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cycle_ref: Option<String>,
    /// Scope `device`: the pasteuriser, with a window or without.
    #[schema(max_length = 64)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    device_ref: Option<String>,
    /// Scope `storage`: the storage unit, with a window or without.
    #[schema(value_type = Option<String>, format = "uuid")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    storage_unit_id: Option<StorageUnitId>,
    /// Scope `courier`: the courier, with a window or without.
    #[schema(value_type = Option<String>, format = "uuid")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    courier_id: Option<CourierId>,
    /// Scope `transfer`: the journey.
    #[schema(value_type = Option<String>, format = "uuid")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    transfer_id: Option<TransferId>,
    /// Scope `infant`: the infant's pseudonym.
    #[schema(max_length = 64)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    infant_ref: Option<String>,
    /// Beginning of the window.
    #[schema(value_type = Option<String>, format = DateTime)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<Instant>,
    /// End of the window.
    #[schema(value_type = Option<String>, format = DateTime)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until: Option<Instant>,
}

/// Most lots or bottles named one by one.
const MOST_NAMED: usize = 1_000;

impl SelectorBody {
    /// The one thing that is named.
    fn chosen(self) -> Option<Selector> {
        let window = Window { from: self.from, until: self.until };
        let (after, look_back) = (self.expressed_after, self.look_back);
        let windowed = window != Window::default();
        let dated = after.is_some() || look_back.is_some();
        let mut named: Vec<Selector> = Vec::new();
        named.extend(self.donor_ref.map(|donor_ref| Selector::Donor { donor_ref, after, look_back }));
        named.extend(self.deposit_ref.map(Selector::Deposit));
        named.extend(self.pool_ref.map(Selector::Pool));
        named.extend(self.lot_ids.filter(|lots| lots.len() <= MOST_NAMED).map(Selector::Lots));
        named.extend(self.bottle_ids.filter(|bottles| bottles.len() <= MOST_NAMED).map(Selector::Bottles));
        named.extend(self.cycle_ref.map(Selector::Cycle));
        named.extend(self.device_ref.map(|device| Selector::Device(device, window)));
        named.extend(self.storage_unit_id.map(|unit| Selector::Storage(unit, window)));
        named.extend(self.courier_id.map(|courier| Selector::Courier(courier, window)));
        named.extend(self.transfer_id.map(Selector::Transfer));
        named.extend(self.infant_ref.map(Selector::Infant));
        let one = (named.len() == 1).then(|| named.pop()).flatten()?;
        let takes_window = matches!(one, Selector::Device(..) | Selector::Storage(..) | Selector::Courier(..));
        let takes_days = matches!(one, Selector::Donor { .. });
        let fits = (!windowed || takes_window) && (!dated || takes_days) && !(after.is_some() && look_back.is_some());
        fits.then_some(one)
    }
}

/// The selector of a recall, which must be of the scope that was named.
pub(super) fn selector_of(scope: RecallScope, body: SelectorBody) -> Result<Selector, Problem> {
    body.chosen().filter(|selector| selector.scope() == scope).ok_or_else(|| {
        let detail = "give exactly the field that the scope names, a window only where it has one, and at most 1000";
        Problem::field(ProblemCode::BodyInvalid, "/selector", "one_of", detail)
    })
}

/// Where a trace starts: exactly one thing.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct TraceQuery {
    /// A donor's pseudonym.
    donor_ref: Option<String>,
    /// With a donor: only milk expressed after this day.
    #[param(value_type = Option<String>, format = Date)]
    expressed_after: Option<Date>,
    /// With a donor: look back to her last negative result of this test.
    #[param(value_type = Option<String>)]
    look_back: Option<Analyte>,
    /// A deposit.
    deposit_ref: Option<String>,
    /// A pool.
    pool_ref: Option<String>,
    /// A lot.
    #[param(value_type = Option<String>, format = "uuid")]
    lot_id: Option<LotId>,
    /// A bottle.
    #[param(value_type = Option<String>, format = "uuid")]
    bottle_id: Option<BottleId>,
    /// A pasteuriser run.
    cycle_ref: Option<String>,
    /// A pasteuriser.
    device_ref: Option<String>,
    /// A storage unit.
    #[param(value_type = Option<String>, format = "uuid")]
    storage_unit_id: Option<StorageUnitId>,
    /// A courier.
    #[param(value_type = Option<String>, format = "uuid")]
    courier_id: Option<CourierId>,
    /// A journey.
    #[param(value_type = Option<String>, format = "uuid")]
    transfer_id: Option<TransferId>,
    /// An infant's pseudonym.
    infant_ref: Option<String>,
    /// Beginning of the window of a pasteuriser, a storage unit or a courier.
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Instant>,
    /// End of that window.
    #[param(value_type = Option<String>, format = DateTime)]
    until: Option<Instant>,
}

/// A lot on a trace.
#[derive(Serialize, ToSchema)]
#[schema(as = TracedLot)]
struct LotOnTrace {
    /// The lot.
    #[schema(value_type = String, format = "uuid")]
    id: LotId,
    /// The bank that made it.
    #[schema(value_type = String, format = "uuid")]
    bank_site_id: SiteId,
    /// Its number.
    code: String,
    /// `registered`, `quarantined`, `released`, `held`, `exhausted`, `discarded`, `recalled` or `expired`.
    #[schema(value_type = String)]
    state: LotState,
    /// Its donors, by pseudonym; for its bank only.
    donor_refs: Vec<String>,
    /// Its deposits; for its bank only.
    deposit_refs: Vec<String>,
    /// Its pool; for its bank only.
    pool_ref: Option<String>,
    /// The pasteuriser run.
    cycle_ref: Option<String>,
    /// The pasteuriser.
    device_ref: Option<String>,
}

/// A bottle on a trace.
#[derive(Serialize, ToSchema)]
#[schema(as = TracedBottle)]
struct BottleOnTrace {
    /// The bottle.
    #[schema(value_type = String, format = "uuid")]
    id: BottleId,
    /// Its lot.
    #[schema(value_type = String, format = "uuid")]
    lot_id: LotId,
    /// Its number within its lot.
    division: i64,
    /// Its size, mL.
    size_ml: i64,
    /// Where it is or ended.
    #[schema(value_type = String, format = "uuid")]
    site_id: SiteId,
    /// `in_stock`, `in_transit`, `quarantined`, `used` or `discarded`.
    #[schema(value_type = String)]
    state: BottleState,
    /// Fed from it, mL.
    fed_ml: i64,
}

/// Bottles of a trace at one place.
#[derive(Serialize, ToSchema)]
#[schema(as = TracedPlace)]
struct PlaceOnTrace {
    /// The site.
    #[schema(value_type = String, format = "uuid")]
    site_id: SiteId,
    /// All of them are `in_stock`, `in_transit`, `quarantined`, `used` or `discarded`.
    #[schema(value_type = String)]
    state: BottleState,
    /// How many.
    bottles: usize,
    /// Their size in all, mL.
    volume_ml: i64,
}

/// A journey on a trace.
#[derive(Serialize, ToSchema)]
#[schema(as = TracedJourney)]
struct JourneyOnTrace {
    /// The journey.
    #[schema(value_type = String, format = "uuid")]
    id: TransferId,
    /// From.
    #[schema(value_type = String, format = "uuid")]
    from_site_id: SiteId,
    /// To.
    #[schema(value_type = String, format = "uuid")]
    to_site_id: SiteId,
    /// Who carried it.
    #[schema(value_type = Option<String>, format = "uuid")]
    courier_id: Option<CourierId>,
    /// A word of `Transfer.state`.
    #[schema(value_type = String)]
    state: TransferState,
    /// When the carrier took it.
    #[schema(value_type = Option<String>, format = DateTime)]
    collected_at: Option<Instant>,
    /// When it was handed over.
    #[schema(value_type = Option<String>, format = DateTime)]
    delivered_at: Option<Instant>,
    /// Bottles of the trace on it.
    bottles: usize,
}

/// An infant on a trace.
#[derive(Serialize, ToSchema)]
#[schema(as = TracedInfant)]
struct InfantOnTrace {
    /// Where it was fed.
    #[schema(value_type = String, format = "uuid")]
    site_id: SiteId,
    /// Its pseudonym; for its own site only.
    infant_ref: Option<String>,
    /// How often it was fed from these lots.
    feeds: usize,
    /// Fed from these lots, mL.
    volume_ml: i64,
    /// First feed.
    #[schema(value_type = String, format = DateTime)]
    first_at: Instant,
    /// Last feed.
    #[schema(value_type = String, format = DateTime)]
    last_at: Instant,
}

/// A trace, backward to donors and forward to infants.
#[derive(Serialize, ToSchema)]
#[schema(as = Trace)]
struct TraceView {
    /// The lots.
    lots: Vec<LotOnTrace>,
    /// Bottles in all.
    bottles_in_all: usize,
    /// Bottles, at most 2000.
    bottles: Vec<BottleOnTrace>,
    /// Where they are.
    places: Vec<PlaceOnTrace>,
    /// Their journeys.
    journeys: Vec<JourneyOnTrace>,
    /// The infants they fed.
    infants: Vec<InfantOnTrace>,
}

impl From<TracedLot> for LotOnTrace {
    fn from(lot: TracedLot) -> Self {
        let TracedLot { id, bank, code, state, donors, deposits, pool, cycle, device } = lot;
        Self {
            id,
            bank_site_id: bank,
            code,
            state,
            donor_refs: donors,
            deposit_refs: deposits,
            pool_ref: pool,
            cycle_ref: cycle,
            device_ref: device,
        }
    }
}

impl From<TracedBottle> for BottleOnTrace {
    fn from(bottle: TracedBottle) -> Self {
        let TracedBottle { id, lot_id, division, size_ml, site_id, state, fed_ml } = bottle;
        Self { id, lot_id, division, size_ml: size_ml.ml(), site_id, state, fed_ml: fed_ml.ml() }
    }
}

impl From<TracedJourney> for JourneyOnTrace {
    fn from(journey: TracedJourney) -> Self {
        let TracedJourney { id, from, to, courier, state, collected_at, delivered_at, bottles } = journey;
        Self {
            id,
            from_site_id: from,
            to_site_id: to,
            courier_id: courier,
            state,
            collected_at,
            delivered_at,
            bottles,
        }
    }
}

impl From<TracedInfant> for InfantOnTrace {
    fn from(infant: TracedInfant) -> Self {
        let TracedInfant { site, infant_ref, feeds, volume, first_at, last_at } = infant;
        Self { site_id: site, infant_ref, feeds, volume_ml: volume.ml(), first_at, last_at }
    }
}

impl From<Trace> for TraceView {
    fn from(trace: Trace) -> Self {
        let Trace { lots, bottles_in_all, bottles, places, journeys, infants } = trace;
        let places = places.into_iter().map(|(site_id, state, bottles, volume)| PlaceOnTrace {
            site_id,
            state,
            bottles,
            volume_ml: volume.ml(),
        });
        Self {
            lots: lots.into_iter().map(LotOnTrace::from).collect(),
            bottles_in_all,
            bottles: bottles.into_iter().map(BottleOnTrace::from).collect(),
            places: places.collect(),
            journeys: journeys.into_iter().map(JourneyOnTrace::from).collect(),
            infants: infants.into_iter().map(InfantOnTrace::from).collect(),
        }
    }
}

/// Traces one thing backward to its donors and forward to the infants it fed.
#[utoipa::path(tag = "recalls", params(TraceQuery),
    responses((status = 200, description = "The trace, as far as it is the caller's to know.", body = TraceView)))]
#[get("/v1/trace")]
async fn get_trace(call: Allowed<ReadStock>, state: State, query: Query<TraceQuery>) -> Answer {
    let Query(query) = query;
    let body = SelectorBody {
        donor_ref: query.donor_ref,
        expressed_after: query.expressed_after,
        look_back: query.look_back,
        deposit_ref: query.deposit_ref,
        pool_ref: query.pool_ref,
        lot_ids: query.lot_id.map(|lot| vec![lot]),
        bottle_ids: query.bottle_id.map(|bottle| vec![bottle]),
        cycle_ref: query.cycle_ref,
        device_ref: query.device_ref,
        storage_unit_id: query.storage_unit_id,
        courier_id: query.courier_id,
        transfer_id: query.transfer_id,
        infant_ref: query.infant_ref,
        from: query.from,
        until: query.until,
    };
    let Some(selector) = body.chosen() else {
        let detail = "name exactly one thing to start from, and a window only where it has one";
        return Err(Problem::field(ProblemCode::QueryInvalid, "/", "one_of", detail));
    };
    let actor = call.actor().clone();
    let found = state.hub.read(move |conn| traces::trace(conn, &actor, &selector)).await?;
    Ok(HttpResponse::Ok().json(TraceView::from(found)))
}
