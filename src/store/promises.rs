//! Promising bottles and ending promises. A bottle carries at most one live promise: the guarded update
//! says so, and the partial unique index on `offer_bottles` would refuse it otherwise.

use super::dialect::on_backend;
use super::prepared::Prepare as _;
use super::schema::{bottles, offer_bottles};
use super::surplus::give_back_to_line;
use super::{AnyConn, StoreError};
use crate::domain::bottle::BottleState;
use crate::domain::ids::{BottleId, OfferId, RequestId, SurplusLineId, TransferId};
use crate::domain::time::Instant;
use diesel::prelude::*;
use std::collections::BTreeMap;

/// One bottle of a promise.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = offer_bottles)]
pub struct OfferBottleRow {
    /// The offer.
    pub offer_id: OfferId,
    /// The bottle.
    pub bottle_id: BottleId,
    /// The line it was taken from.
    pub surplus_line_id: Option<SurplusLineId>,
    /// When the promise ended.
    pub ended_at: Option<Instant>,
}

/// Promises `count` bottles of a line, lowest division first; the bottles promised, fewer when others were
/// quicker. The caller has taken them off the line and refuses the whole when fewer come back.
pub fn promise_bottles(
    conn: &mut AnyConn,
    line: SurplusLineId,
    offer: OfferId,
    count: i64,
) -> Result<Vec<BottleId>, StoreError> {
    let free: Vec<BottleId> = bottles::table
        .filter(bottles::surplus_line_id.eq(Some(line)))
        .filter(bottles::state.eq(BottleState::InStock))
        .filter(bottles::offer_id.is_null())
        .order(bottles::division)
        .limit(count)
        .select(bottles::id)
        .load(conn)?;
    let changed = diesel::update(
        bottles::table
            .filter(bottles::id.eq_any(free.clone()))
            .filter(bottles::state.eq(BottleState::InStock))
            .filter(bottles::offer_id.is_null()),
    )
    .set((bottles::offer_id.eq(Some(offer)), bottles::version.eq(bottles::version + 1)))
    .execute(conn)?;
    if changed != free.len() {
        return Ok(Vec::new());
    }
    let rows: Vec<OfferBottleRow> = free
        .iter()
        .map(|bottle| OfferBottleRow {
            offer_id: offer,
            bottle_id: *bottle,
            surplus_line_id: Some(line),
            ended_at: None,
        })
        .collect();
    on_backend!(conn, |c| diesel::insert_into(offer_bottles::table).values(rows).execute(c))?;
    Ok(free)
}

/// The bottles that an offer still promises.
pub fn list_promised_bottles(conn: &mut AnyConn, offer: OfferId) -> Result<Vec<OfferBottleRow>, StoreError> {
    Ok(offer_bottles::table
        .filter(offer_bottles::offer_id.eq(offer))
        .filter(offer_bottles::ended_at.is_null())
        .order(offer_bottles::bottle_id)
        .load(conn)?)
}

/// Ends a whole promise: its bottles go back to their lines, or off the board when those are closed.
pub fn end_promise(conn: &mut AnyConn, offer: OfferId, now: Instant) -> Result<(), StoreError> {
    let rows = list_promised_bottles(conn, offer)?;
    end_rows(conn, offer, &rows, now)
}

/// Ends the promise of some of an offer's bottles.
pub fn end_promise_of_bottles(
    conn: &mut AnyConn,
    offer: OfferId,
    ids: &[BottleId],
    now: Instant,
) -> Result<(), StoreError> {
    let mut rows = list_promised_bottles(conn, offer)?;
    rows.retain(|row| ids.contains(&row.bottle_id));
    end_rows(conn, offer, &rows, now)
}

/// Ends the promise because it is kept: the bottles stay at their site for the request.
pub fn keep_promise_in_place(
    conn: &mut AnyConn,
    offer: OfferId,
    for_request: Option<RequestId>,
    now: Instant,
) -> Result<usize, StoreError> {
    mark_ended(conn, offer, None, now)?;
    Ok(diesel::update(
        bottles::table.filter(bottles::offer_id.eq(Some(offer))).filter(bottles::state.eq(BottleState::InStock)),
    )
    .set((
        bottles::offer_id.eq(None::<OfferId>),
        bottles::surplus_line_id.eq(None::<SurplusLineId>),
        bottles::for_request_id.eq(for_request),
        bottles::version.eq(bottles::version + 1),
    ))
    .prepared()
    .execute(conn)?)
}

fn mark_ended(conn: &mut AnyConn, offer: OfferId, ids: Option<&[BottleId]>, now: Instant) -> Result<(), StoreError> {
    let live = offer_bottles::table.filter(offer_bottles::offer_id.eq(offer)).filter(offer_bottles::ended_at.is_null());
    match ids {
        None => diesel::update(live).set(offer_bottles::ended_at.eq(Some(now))).prepared().execute(conn)?,
        Some(ids) => diesel::update(live.filter(offer_bottles::bottle_id.eq_any(ids.to_vec())))
            .set(offer_bottles::ended_at.eq(Some(now)))
            .execute(conn)?,
    };
    Ok(())
}

fn end_rows(conn: &mut AnyConn, offer: OfferId, rows: &[OfferBottleRow], now: Instant) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    let ids: Vec<BottleId> = rows.iter().map(|row| row.bottle_id).collect();
    mark_ended(conn, offer, Some(&ids), now)?;
    diesel::update(bottles::table.filter(bottles::id.eq_any(ids)).filter(bottles::offer_id.eq(Some(offer))))
        .set((
            bottles::offer_id.eq(None::<OfferId>),
            bottles::transfer_id.eq(None::<TransferId>),
            bottles::version.eq(bottles::version + 1),
        ))
        .execute(conn)?;
    // Lines in identifier order, so that two ends of promises never wait for each other in a ring.
    let mut by_line: BTreeMap<SurplusLineId, Vec<BottleId>> = BTreeMap::new();
    for row in rows {
        if let Some(line) = row.surplus_line_id {
            by_line.entry(line).or_default().push(row.bottle_id);
        }
    }
    for (line, ids) in by_line {
        let on_line = bottles::table
            .filter(bottles::id.eq_any(ids))
            .filter(bottles::surplus_line_id.eq(Some(line)))
            .filter(bottles::state.eq(BottleState::InStock));
        let sound: i64 = on_line.clone().count().get_result(conn)?;
        if sound > 0 && !give_back_to_line(conn, line, sound, now)? {
            diesel::update(on_line)
                .set((bottles::surplus_line_id.eq(None::<SurplusLineId>), bottles::version.eq(bottles::version + 1)))
                .prepared()
                .execute(conn)?;
        }
    }
    Ok(())
}
