//! Bottles set aside at a site: what keeps them there, and their way back into stock.

use super::schema::{allocations, bottles, excursions, requests, transfer_bottles};
use super::{AnyConn, StoreError};
use crate::domain::bottle::BottleState;
use crate::domain::excursion::{Disposition, ExcursionState, ThawClock};
use crate::domain::ids::{BottleId, LotId, RequestId, SiteId, SurplusLineId, TransferId};
use crate::domain::receipt::BottleOutcome;
use crate::domain::request::{RequestKind, RequestState};
use crate::domain::time::Instant;
use diesel::prelude::*;

/// The journey that brought a bottle to where it is, and for whom.
#[derive(Debug, Clone, Queryable)]
pub struct BroughtBy {
    /// The bottle.
    pub bottle_id: BottleId,
    /// The journey.
    pub transfer_id: TransferId,
    /// The request it came for.
    pub request_id: RequestId,
    /// That request's kind.
    pub request_kind: RequestKind,
    /// That request's state now.
    pub request_state: RequestState,
}

impl BroughtBy {
    /// The request the bottle is kept for in stock: a named infant's that still counts.
    #[must_use]
    pub fn kept_for(&self) -> Option<RequestId> {
        let over = matches!(self.request_state, RequestState::Cancelled | RequestState::ClosedUnmet);
        (self.request_kind == RequestKind::NamedInfant && !over).then_some(self.request_id)
    }
}

/// The bottles of a lot that are set aside anywhere.
pub fn list_quarantined_of_lot(conn: &mut AnyConn, lot: LotId) -> Result<Vec<BottleId>, StoreError> {
    Ok(bottles::table
        .filter(bottles::lot_id.eq(lot))
        .filter(bottles::state.eq(BottleState::Quarantined))
        .order(bottles::id)
        .select(bottles::id)
        .load(conn)?)
}

/// Sets aside what is in stock of some lots, wherever it is; the number set aside. The caller has ended every
/// promise on them; a bottle that is promised anew meanwhile stays.
pub fn set_aside_of_lots(conn: &mut AnyConn, of_lots: &[LotId]) -> Result<usize, StoreError> {
    Ok(diesel::update(
        bottles::table
            .filter(bottles::lot_id.eq_any(of_lots.to_vec()))
            .filter(bottles::state.eq(BottleState::InStock))
            .filter(bottles::offer_id.is_null())
            .filter(bottles::transfer_id.is_null()),
    )
    .set((
        bottles::state.eq(BottleState::Quarantined),
        bottles::surplus_line_id.eq(None::<SurplusLineId>),
        bottles::version.eq(bottles::version + 1),
    ))
    .execute(conn)?)
}

/// The bottles that a journey brought with this outcome and that are in this state now.
pub fn list_brought(
    conn: &mut AnyConn,
    transfer: TransferId,
    outcome: BottleOutcome,
    state: BottleState,
) -> Result<Vec<BottleId>, StoreError> {
    Ok(transfer_bottles::table
        .inner_join(bottles::table)
        .filter(transfer_bottles::transfer_id.eq(transfer))
        .filter(transfer_bottles::outcome.eq(outcome.as_str()))
        .filter(bottles::state.eq(state))
        .order(bottles::id)
        .select(bottles::id)
        .load(conn)?)
}

/// The journeys with this outcome that brought some bottles.
pub fn list_journeys_of(
    conn: &mut AnyConn,
    ids: &[BottleId],
    outcome: BottleOutcome,
) -> Result<Vec<BroughtBy>, StoreError> {
    Ok(transfer_bottles::table
        .inner_join(allocations::table.inner_join(requests::table))
        .filter(transfer_bottles::bottle_id.eq_any(ids.to_vec()))
        .filter(transfer_bottles::outcome.eq(outcome.as_str()))
        .order(transfer_bottles::bottle_id)
        .select((
            transfer_bottles::bottle_id,
            transfer_bottles::transfer_id,
            requests::id,
            requests::kind,
            requests::state,
        ))
        .load(conn)?)
}

/// Of some journeys, those with an excursion that nobody decided, or that was decided against the milk.
pub fn list_not_cleared(conn: &mut AnyConn, journeys: &[TransferId]) -> Result<Vec<TransferId>, StoreError> {
    let found: Vec<Option<TransferId>> = excursions::table
        .filter(excursions::transfer_id.eq_any(journeys.iter().copied().map(Some).collect::<Vec<_>>()))
        .filter(
            excursions::state
                .ne(ExcursionState::Dispositioned)
                .or(excursions::disposition.eq(Disposition::Discard).assume_not_null()),
        )
        .select(excursions::transfer_id)
        .distinct()
        .load(conn)?;
    Ok(found.into_iter().flatten().collect())
}

/// Puts bottles that were set aside back into stock; the number put back.
pub fn restore_bottles(
    conn: &mut AnyConn,
    site: SiteId,
    ids: &[BottleId],
    kept_for: Option<RequestId>,
) -> Result<usize, StoreError> {
    Ok(diesel::update(
        bottles::table
            .filter(bottles::id.eq_any(ids.to_vec()))
            .filter(bottles::site_id.eq(site))
            .filter(bottles::state.eq(BottleState::Quarantined)),
    )
    .set((
        bottles::state.eq(BottleState::InStock),
        bottles::for_request_id.eq(kept_for),
        bottles::surplus_line_id.eq(None::<SurplusLineId>),
        bottles::version.eq(bottles::version + 1),
    ))
    .execute(conn)?)
}

/// Starts the clock of bottles that are taken in as thawed; the number started.
pub fn mark_thawed(conn: &mut AnyConn, ids: &[BottleId], clock: ThawClock) -> Result<usize, StoreError> {
    Ok(diesel::update(bottles::table.filter(bottles::id.eq_any(ids.to_vec())))
        .set((
            bottles::thawed_at.eq(Some(clock.since)),
            bottles::thaw_ends_at.eq(Some(clock.until)),
            bottles::version.eq(bottles::version + 1),
        ))
        .execute(conn)?)
}

/// Sets aside thawed milk in stock whose hours are over; each bottle with its site.
pub fn set_aside_thawed(conn: &mut AnyConn, now: Instant) -> Result<Vec<(BottleId, SiteId)>, StoreError> {
    Ok(diesel::update(
        bottles::table
            .filter(bottles::thaw_ends_at.le(now).assume_not_null())
            .filter(bottles::state.eq(BottleState::InStock)),
    )
    .set((bottles::state.eq(BottleState::Quarantined), bottles::version.eq(bottles::version + 1)))
    .returning((bottles::id, bottles::site_id))
    .get_results(conn)?)
}
