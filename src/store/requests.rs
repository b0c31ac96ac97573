//! Requests for milk.

use super::prepared::Prepare as _;
use super::schema::requests;
use super::{AnyConn, StoreError};
use crate::domain::ids::{RequestId, SiteId};
use crate::domain::quantity::Volume;
use crate::domain::request::{RequestKind, RequestState, Urgency};
use crate::domain::time::Instant;
use diesel::prelude::*;

/// A request as it is kept.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = requests, treat_none_as_default_value = false)]
pub struct RequestRow {
    /// Identifier.
    pub id: RequestId,
    /// The asking site.
    pub site_id: SiteId,
    /// For one infant or for the ward's stock.
    pub kind: RequestKind,
    /// State.
    pub state: RequestState,
    /// Urgency tier by the policy's written criteria, 1 first.
    pub tier: i64,
    /// As the site put it.
    pub urgency: Urgency,
    /// Pseudonym, issued by the hospital.
    pub infant_ref: Option<String>,
    /// Asked for.
    pub volume_ml: Volume,
    /// Promised by accepted offers that are alive or delivered.
    pub allocated_ml: Volume,
    /// Accepted on receipt.
    pub delivered_ml: Volume,
    /// Latest useful arrival.
    pub needed_by: Instant,
    /// When the last of it will be used.
    pub last_use_at: Instant,
    /// Nothing rather than a part.
    pub all_or_nothing: bool,
    /// Most lots it may be filled from.
    pub max_lots: Option<i64>,
    /// Infant profile, JSON.
    pub profile: Option<String>,
    /// Hard constraints, JSON.
    pub constraints: String,
    /// Preferences, JSON.
    pub preferences: String,
    /// Forms taken, JSON list.
    pub accepts_forms: String,
    /// Prescription.
    pub prescription_ref: Option<String>,
    /// Consent.
    pub consent_ref: Option<String>,
    /// Hours the site's own stock still lasts.
    pub hours_of_stock: Option<i64>,
    /// Why, in the site's words.
    pub reason: Option<String>,
    /// Who asked.
    pub requested_by: String,
    /// When.
    pub created_at: Instant,
    /// When the first offer was made.
    pub first_offer_at: Option<Instant>,
    /// When it ended.
    pub closed_at: Option<Instant>,
    /// Why it ended.
    pub close_reason: Option<String>,
    /// Row version.
    pub version: i64,
}

/// States in which a request still wants milk.
pub const OPEN_STATES: [RequestState; 2] = [RequestState::Open, RequestState::PartlyAllocated];

/// Adds a request.
pub fn insert_request(conn: &mut AnyConn, row: &RequestRow) -> Result<(), StoreError> {
    diesel::insert_into(requests::table).values(row.clone()).prepared().execute(conn)?;
    Ok(())
}

/// The request, if there is one.
pub fn find_request(conn: &mut AnyConn, id: RequestId) -> Result<Option<RequestRow>, StoreError> {
    Ok(requests::table.filter(requests::id.eq(id)).prepared().get_result(conn).optional()?)
}

/// Requests by identifier.
pub fn list_requests_by_id(conn: &mut AnyConn, ids: &[RequestId]) -> Result<Vec<RequestRow>, StoreError> {
    Ok(requests::table.filter(requests::id.eq_any(ids.to_vec())).order(requests::id).load(conn)?)
}

/// The newest request of each of some infants at a site: what was stated last counts.
pub fn list_newest_of_infants(
    conn: &mut AnyConn,
    site: SiteId,
    infants: &[String],
) -> Result<Vec<RequestRow>, StoreError> {
    let newest: Vec<Option<RequestId>> = requests::table
        .filter(requests::site_id.eq(site))
        .filter(requests::infant_ref.eq_any(infants.iter().map(|infant| Some(infant.clone())).collect::<Vec<_>>()))
        .group_by(requests::infant_ref)
        .select(diesel::dsl::max(requests::id))
        .load(conn)?;
    let newest: Vec<RequestId> = newest.into_iter().flatten().collect();
    list_requests_by_id(conn, &newest)
}

/// Every request that still wants milk, most urgent tier first.
pub fn list_open_requests(conn: &mut AnyConn) -> Result<Vec<RequestRow>, StoreError> {
    Ok(requests::table
        .filter(requests::state.eq_any(OPEN_STATES))
        .order((requests::tier, requests::needed_by, requests::id))
        .load(conn)?)
}

/// What a list of requests may be narrowed by.
#[derive(Debug, Clone, Default)]
pub struct RequestFilter {
    /// Only these sites' requests.
    pub sites: Option<Vec<SiteId>>,
    /// Only requests in this state.
    pub state: Option<RequestState>,
    /// Only this tier.
    pub tier: Option<i64>,
}

/// A page of requests in the order they were raised.
pub fn list_requests(
    conn: &mut AnyConn,
    filter: &RequestFilter,
    after: Option<RequestId>,
    limit: i64,
) -> Result<Vec<RequestRow>, StoreError> {
    let mut query = requests::table.order(requests::id.asc()).limit(limit).into_boxed();
    if let Some(sites) = &filter.sites {
        query = query.filter(requests::site_id.eq_any(sites.clone()));
    }
    if let Some(state) = filter.state {
        query = query.filter(requests::state.eq(state));
    }
    if let Some(tier) = filter.tier {
        query = query.filter(requests::tier.eq(tier));
    }
    if let Some(after) = after {
        query = query.filter(requests::id.gt(after));
    }
    Ok(query.load(conn)?)
}

/// Changes what a request was promised and given, by differences, so that no concurrent change is lost.
pub fn add_to_request(
    conn: &mut AnyConn,
    id: RequestId,
    allocated: Volume,
    delivered: Volume,
) -> Result<Option<RequestRow>, StoreError> {
    Ok(diesel::update(requests::table.filter(requests::id.eq(id)))
        .set((
            requests::allocated_ml.eq(requests::allocated_ml + allocated.ml()),
            requests::delivered_ml.eq(requests::delivered_ml + delivered.ml()),
            requests::version.eq(requests::version + 1),
        ))
        .returning(requests::all_columns)
        .prepared()
        .get_result(conn)
        .optional()?)
}

/// Moves a request to another state; false when its version is no longer the one given.
pub fn set_request_state(
    conn: &mut AnyConn,
    id: RequestId,
    version: i64,
    state: RequestState,
    closed: Option<(Instant, &str)>,
) -> Result<bool, StoreError> {
    let changed = diesel::update(requests::table.filter(requests::id.eq(id)).filter(requests::version.eq(version)))
        .set((
            requests::state.eq(state),
            requests::closed_at.eq(closed.map(|(at, _)| at)),
            requests::close_reason.eq(closed.map(|(_, why)| why)),
            requests::version.eq(version + 1),
        ))
        .prepared()
        .execute(conn)?;
    Ok(changed == 1)
}

/// Notes when a request got its first offer; later offers leave it.
pub fn note_first_offer(conn: &mut AnyConn, id: RequestId, at: Instant) -> Result<(), StoreError> {
    diesel::update(requests::table.filter(requests::id.eq(id)).filter(requests::first_offer_at.is_null()))
        .set(requests::first_offer_at.eq(Some(at)))
        .prepared()
        .execute(conn)?;
    Ok(())
}
