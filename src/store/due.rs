//! Whether anything waits for the hub itself: cheap questions, asked often.

use super::audit_chain::Unlinked;
use super::schema::{allocations, audit_entries, bottles, closures, events, lots, offers, surplus};
use super::{AnyConn, StoreError, constant_predicate};
use crate::domain::bottle::BottleState;
use crate::domain::lot::LotState;
use crate::domain::offer::{AllocationState, OfferState};
use crate::domain::surplus::SurplusState;
use crate::domain::time::Instant;
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel::select;

constant_predicate!(
    /// Events that have no place in the feed yet.
    pub Unnumbered = "events.pos IS NULL"
);

/// True when time has ended an offer, an allocation, a surplus, a lot or the hours of thawed milk, or moved a closure.
pub fn anything_due(conn: &mut AnyConn, now: Instant) -> Result<bool, StoreError> {
    let overdue_offers = offers::table.filter(offers::state.eq(OfferState::Proposed)).filter(offers::answer_by.le(now));
    let overdue_allocations =
        allocations::table.filter(allocations::state.eq(AllocationState::Held)).filter(allocations::lapses_at.le(now));
    let over =
        surplus::table.filter(surplus::state.eq(SurplusState::Published)).filter(surplus::available_until.le(now));
    let expired = lots::table
        .filter(lots::state.eq(LotState::Released).or(lots::state.eq(LotState::Held)))
        .filter(lots::expires_at.le(now));
    let thawed = bottles::table
        .filter(bottles::thaw_ends_at.le(now).assume_not_null())
        .filter(bottles::state.eq(BottleState::InStock));
    let beginning = closures::table.filter(closures::state.eq("forecast")).filter(closures::starts_at.le(now));
    let ending =
        closures::table.filter(closures::state.eq("active")).filter(closures::ends_at.le(now).assume_not_null());
    Ok(select(exists(overdue_offers)).get_result::<bool>(conn)?
        || select(exists(overdue_allocations)).get_result::<bool>(conn)?
        || select(exists(over)).get_result::<bool>(conn)?
        || select(exists(expired)).get_result::<bool>(conn)?
        || select(exists(thawed)).get_result::<bool>(conn)?
        || select(exists(beginning)).get_result::<bool>(conn)?
        || select(exists(ending)).get_result::<bool>(conn)?)
}

/// True when a committed audit entry is not linked to the one before it.
pub fn any_unlinked_entry(conn: &mut AnyConn) -> Result<bool, StoreError> {
    Ok(select(exists(audit_entries::table.filter(Unlinked))).get_result::<bool>(conn)?)
}

/// True when a committed event has no place in the feed.
pub fn any_unnumbered_event(conn: &mut AnyConn) -> Result<bool, StoreError> {
    Ok(select(exists(events::table.filter(Unnumbered))).get_result::<bool>(conn)?)
}
