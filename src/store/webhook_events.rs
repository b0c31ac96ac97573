//! Events as messages to partners need them: in order, by name, and whether their milk is under recall now.

use super::journal::EventRow;
use super::schema::{
    allocations, bottles, events, excursions, offer_bottles, recall_bottles, recall_lots, recalls, surplus_lines,
    transfer_bottles,
};
use super::{AnyConn, StoreError};
use crate::domain::ids::{BottleId, LotId};
use crate::domain::recall::RecallState;
use diesel::prelude::*;

/// Events of some kinds after a position and up to another, in order.
pub fn list_feed(conn: &mut AnyConn, kinds: &[String], after: i64, until: i64) -> Result<Vec<EventRow>, StoreError> {
    Ok(events::table
        .filter(events::pos.gt(after).assume_not_null())
        .filter(events::pos.le(until).assume_not_null())
        .filter(events::kind.eq_any(kinds.to_vec()))
        .order(events::pos)
        .select(EventRow::as_select())
        .load(conn)?)
}

/// An event by its identifier.
pub fn find_event(conn: &mut AnyConn, id: &str) -> Result<Option<EventRow>, StoreError> {
    let named = events::table.filter(events::id.eq(id.to_owned()));
    Ok(named.select(EventRow::as_select()).first(conn).optional()?)
}

/// The lots and bottles that a thing is about: a lot, published surplus, an offer, what it became, a journey or what
/// went wrong on one.
fn milk_of(conn: &mut AnyConn, subject_kind: &str, id: &str) -> Result<(Vec<LotId>, Vec<BottleId>), StoreError> {
    let id = id.to_owned();
    let of_journey = |conn: &mut AnyConn, journey: String| {
        let on_it = transfer_bottles::table.filter(transfer_bottles::transfer_id.eq(journey));
        on_it.select(transfer_bottles::bottle_id).load::<BottleId>(conn)
    };
    let of_offer = |conn: &mut AnyConn, offer: String| {
        let of_it = offer_bottles::table.filter(offer_bottles::offer_id.eq(offer));
        of_it.select(offer_bottles::bottle_id).load::<BottleId>(conn)
    };
    Ok(match subject_kind {
        "lot" => (id.parse().into_iter().collect(), Vec::new()),
        "bottle" => (Vec::new(), id.parse().into_iter().collect()),
        "surplus" => {
            let lines = surplus_lines::table.filter(surplus_lines::surplus_id.eq(id));
            (lines.select(surplus_lines::lot_id).load(conn)?, Vec::new())
        }
        "transfer" => (Vec::new(), of_journey(conn, id)?),
        "excursion" => {
            let of_it = excursions::table.filter(excursions::id.eq(id)).select(excursions::transfer_id);
            match of_it.first::<Option<String>>(conn).optional()?.flatten() {
                Some(journey) => (Vec::new(), of_journey(conn, journey)?),
                None => (Vec::new(), Vec::new()),
            }
        }
        "offer" => (Vec::new(), of_offer(conn, id)?),
        "allocation" => {
            let of_it = allocations::table.filter(allocations::id.eq(id)).select(allocations::offer_id);
            match of_it.first::<String>(conn).optional()? {
                Some(offer) => (Vec::new(), of_offer(conn, offer)?),
                None => (Vec::new(), Vec::new()),
            }
        }
        _ => (Vec::new(), Vec::new()),
    })
}

/// True when an open recall names milk that a thing is about.
pub fn is_milk_recalled(conn: &mut AnyConn, subject_kind: &str, subject_id: &str) -> Result<bool, StoreError> {
    let (mut of_lots, of_bottles) = milk_of(conn, subject_kind, subject_id)?;
    if !of_bottles.is_empty() {
        let lots = bottles::table.filter(bottles::id.eq_any(of_bottles.clone())).select(bottles::lot_id).distinct();
        of_lots.extend(lots.load::<LotId>(conn)?);
    }
    let open = || recalls::table.filter(recalls::drill.eq(false)).filter(recalls::state.ne(RecallState::Closed));
    let by_lot = recall_lots::table
        .filter(recall_lots::lot_id.eq_any(of_lots))
        .filter(recall_lots::recall_id.eq_any(open().select(recalls::id)));
    let by_bottle = recall_bottles::table
        .filter(recall_bottles::bottle_id.eq_any(of_bottles))
        .filter(recall_bottles::recall_id.eq_any(open().select(recalls::id)));
    Ok(by_lot.count().get_result::<i64>(conn)? > 0 || by_bottle.count().get_result::<i64>(conn)? > 0)
}
