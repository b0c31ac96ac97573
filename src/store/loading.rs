//! Bottles of a manifest as they are loaded, leave, come off again or are checked in. A bottle moves only while
//! it is on the manifest that moves it.

use super::prepared::Prepare as _;
use super::schema::{bottles, transfer_bottles};
use super::{AnyConn, StoreError};
use crate::domain::bottle::BottleState;
use crate::domain::ids::{BottleId, OfferId, RequestId, SiteId, SurplusLineId, TransferId};
use crate::domain::time::Instant;
use diesel::prelude::*;

/// Puts the promised bottles of some offers on a transfer; the number that were there to be put.
pub fn load_bottles(conn: &mut AnyConn, offers: &[OfferId], transfer: TransferId) -> Result<usize, StoreError> {
    Ok(diesel::update(
        bottles::table
            .filter(bottles::offer_id.eq_any(offers.iter().copied().map(Some).collect::<Vec<_>>()))
            .filter(bottles::state.eq(BottleState::InStock))
            .filter(bottles::transfer_id.is_null()),
    )
    .set((bottles::transfer_id.eq(Some(transfer)), bottles::version.eq(bottles::version + 1)))
    .execute(conn)?)
}

/// Sends the bottles of a transfer on the road; the number that left.
pub fn depart_bottles(conn: &mut AnyConn, transfer: TransferId) -> Result<usize, StoreError> {
    Ok(diesel::update(
        bottles::table.filter(bottles::transfer_id.eq(Some(transfer))).filter(bottles::state.eq(BottleState::InStock)),
    )
    .set((bottles::state.eq(BottleState::InTransit), bottles::version.eq(bottles::version + 1)))
    .prepared()
    .execute(conn)?)
}

/// Takes the bottles of a transfer that never left off it, still promised; the number taken off.
pub fn unload_bottles(conn: &mut AnyConn, transfer: TransferId, now: Instant) -> Result<usize, StoreError> {
    diesel::update(
        transfer_bottles::table
            .filter(transfer_bottles::transfer_id.eq(transfer))
            .filter(transfer_bottles::ended_at.is_null()),
    )
    .set(transfer_bottles::ended_at.eq(Some(now)))
    .prepared()
    .execute(conn)?;
    Ok(diesel::update(
        bottles::table.filter(bottles::transfer_id.eq(Some(transfer))).filter(bottles::state.eq(BottleState::InStock)),
    )
    .set((bottles::transfer_id.eq(None::<TransferId>), bottles::version.eq(bottles::version + 1)))
    .prepared()
    .execute(conn)?)
}

/// How some bottles of a transfer come in.
#[derive(Debug, Clone, Copy)]
pub struct CheckIn<'a> {
    /// The receiving site.
    pub site: SiteId,
    /// In stock, quarantined or discarded.
    pub state: BottleState,
    /// The request they are kept for.
    pub for_request: Option<RequestId>,
    /// Why they are discarded.
    pub fate_reason: Option<&'a str>,
    /// When.
    pub at: Instant,
}

/// Checks in bottles that are on the road with a transfer, free of promise and journey; the number checked in.
pub fn check_in_bottles(
    conn: &mut AnyConn,
    transfer: TransferId,
    ids: &[BottleId],
    how: &CheckIn<'_>,
) -> Result<usize, StoreError> {
    let mut changed = 0;
    for chunk in ids.chunks(10_000) {
        let on_the_road = bottles::table
            .filter(bottles::id.eq_any(chunk.to_vec()))
            .filter(bottles::transfer_id.eq(Some(transfer)))
            .filter(bottles::state.eq(BottleState::InTransit));
        let arrived = (
            bottles::state.eq(how.state),
            bottles::site_id.eq(how.site),
            bottles::for_request_id.eq(how.for_request),
            bottles::surplus_line_id.eq(None::<SurplusLineId>),
            bottles::offer_id.eq(None::<OfferId>),
            bottles::transfer_id.eq(None::<TransferId>),
            bottles::version.eq(bottles::version + 1),
        );
        changed += if how.state == BottleState::Discarded {
            diesel::update(on_the_road)
                .set((
                    arrived,
                    bottles::discarded_ml.eq(bottles::size_ml),
                    bottles::fate_reason.eq(how.fate_reason),
                    bottles::closed_at.eq(Some(how.at)),
                ))
                .prepared()
                .execute(conn)?
        } else {
            diesel::update(on_the_road).set(arrived).prepared().execute(conn)?
        };
    }
    Ok(changed)
}

/// Notes on the manifest what became of some bottles; the number noted.
pub fn note_outcomes(
    conn: &mut AnyConn,
    transfer: TransferId,
    ids: &[BottleId],
    outcome: &str,
    reason: Option<&str>,
    at: Instant,
) -> Result<usize, StoreError> {
    let mut changed = 0;
    for chunk in ids.chunks(10_000) {
        changed += diesel::update(
            transfer_bottles::table
                .filter(transfer_bottles::transfer_id.eq(transfer))
                .filter(transfer_bottles::bottle_id.eq_any(chunk.to_vec())),
        )
        .set((
            transfer_bottles::outcome.eq(Some(outcome)),
            transfer_bottles::outcome_reason.eq(reason),
            transfer_bottles::ended_at.eq(Some(at)),
        ))
        .execute(conn)?;
    }
    Ok(changed)
}
