//! Routes offered to courier companies.

use super::super::schema::carrier_offers;
use super::super::{AnyConn, StoreError};
use crate::domain::dispatch::CarrierOfferState;
use crate::domain::ids::{CarrierOfferId, CourierId, RouteId};
use crate::domain::time::Instant;
use diesel::prelude::*;

/// An offer as it is kept.
#[derive(Debug, Clone, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = carrier_offers, treat_none_as_null = true)]
pub struct CarrierOfferRow {
    /// Identifier.
    pub id: CarrierOfferId,
    /// The route.
    pub route_id: RouteId,
    /// Who is asked.
    pub courier_id: CourierId,
    /// Where it stands.
    pub state: CarrierOfferState,
    /// Until when it may be answered.
    pub answer_by: Instant,
    /// Why it was declined.
    pub reason: Option<String>,
    /// When it was answered.
    pub answered_at: Option<Instant>,
    /// By whom.
    pub answered_by: Option<String>,
    /// Who asked.
    pub created_by: String,
    /// When.
    pub created_at: Instant,
    /// Row version.
    pub version: i64,
}

/// Adds an offer.
pub fn insert_carrier_offer(conn: &mut AnyConn, row: &CarrierOfferRow) -> Result<(), StoreError> {
    diesel::insert_into(carrier_offers::table).values(row.clone()).execute(conn)?;
    Ok(())
}

/// The offer, if there is one.
pub fn find_carrier_offer(conn: &mut AnyConn, id: CarrierOfferId) -> Result<Option<CarrierOfferRow>, StoreError> {
    Ok(carrier_offers::table.filter(carrier_offers::id.eq(id)).first(conn).optional()?)
}

/// Offers of a route that wait for an answer.
pub fn list_waiting_of(conn: &mut AnyConn, route: RouteId) -> Result<Vec<CarrierOfferRow>, StoreError> {
    Ok(carrier_offers::table
        .filter(carrier_offers::route_id.eq(route))
        .filter(carrier_offers::state.eq(CarrierOfferState::Proposed))
        .order(carrier_offers::id)
        .load(conn)?)
}

/// Offers whose answer is overdue.
pub fn list_overdue(conn: &mut AnyConn, now: Instant) -> Result<Vec<CarrierOfferRow>, StoreError> {
    Ok(carrier_offers::table
        .filter(carrier_offers::state.eq(CarrierOfferState::Proposed))
        .filter(carrier_offers::answer_by.le(now))
        .order(carrier_offers::id)
        .load(conn)?)
}

/// The newest offers, of some couriers or of all, newest first.
pub fn list_newest_offers(
    conn: &mut AnyConn,
    couriers: Option<&[CourierId]>,
    limit: i64,
) -> Result<Vec<CarrierOfferRow>, StoreError> {
    let mut query = carrier_offers::table.order(carrier_offers::id.desc()).limit(limit).into_boxed();
    if let Some(couriers) = couriers {
        query = query.filter(carrier_offers::courier_id.eq_any(couriers.to_vec()));
    }
    Ok(query.load(conn)?)
}

/// A page of offers to some couriers.
pub fn list_carrier_offers(
    conn: &mut AnyConn,
    couriers: Option<&[CourierId]>,
    state: Option<CarrierOfferState>,
    after: Option<CarrierOfferId>,
    limit: i64,
) -> Result<Vec<CarrierOfferRow>, StoreError> {
    let mut query = carrier_offers::table.order(carrier_offers::id.asc()).limit(limit).into_boxed();
    if let Some(couriers) = couriers {
        query = query.filter(carrier_offers::courier_id.eq_any(couriers.to_vec()));
    }
    if let Some(state) = state {
        query = query.filter(carrier_offers::state.eq(state));
    }
    if let Some(after) = after {
        query = query.filter(carrier_offers::id.gt(after));
    }
    Ok(query.load(conn)?)
}

/// Saves an offer over the version it had; false when it has another one.
pub fn update_carrier_offer(conn: &mut AnyConn, row: &CarrierOfferRow, expected: i64) -> Result<bool, StoreError> {
    let target =
        carrier_offers::table.filter(carrier_offers::id.eq(row.id)).filter(carrier_offers::version.eq(expected));
    Ok(diesel::update(target).set(row.clone()).execute(conn)? == 1)
}
