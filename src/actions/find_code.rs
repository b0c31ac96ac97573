//! What a scanned or typed code names among the things that the actor may see: a bottle, a lot, a box by its seal.

use super::ActionError;
use crate::domain::actor::{Actor, SiteScope};
use crate::domain::bottle::BottleState;
use crate::domain::ids::{LotId, RecallId, SiteId, TransferId};
use crate::domain::isbt128::Din;
use crate::domain::transfer::TransferState;
use crate::store::{AnyConn, recalls, trace, transfers};

/// What a code names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// A bottle, by its lot and division, with the journey that it is on and how far that has come.
    Bottle {
        /// Its lot.
        lot: LotId,
        /// Its number in the lot.
        division: i64,
        /// Its state.
        state: BottleState,
        /// Its journey, where it is on one.
        transfer: Option<(TransferId, TransferState)>,
    },
    /// A lot.
    Lot(LotId),
    /// A journey.
    Transfer(TransferId, TransferState),
    /// A recall.
    Recall(RecallId),
}

/// What a code names; nothing when it names none of what the actor may see.
///
/// # Errors
/// Those of the store.
pub fn find_code(conn: &mut AnyConn, actor: &Actor, code: &str) -> Result<Option<Found>, ActionError> {
    let code = code.trim();
    if let Ok(id) = code.parse::<TransferId>()
        && let Some(head) = transfers::find_transfer(conn, id)?
        && (actor.acts_for(head.from_site_id) || actor.acts_for(head.to_site_id))
    {
        return Ok(Some(Found::Transfer(head.id, head.state)));
    }
    if let Ok(id) = code.parse::<RecallId>()
        && recalls::find_recall(conn, id)?.is_some()
    {
        return Ok(Some(Found::Recall(id)));
    }
    let sealed = trace::list_journeys_by_seal(conn, code)?;
    if let Some((id, state, _, _)) =
        sealed.into_iter().find(|(_, _, from, to)| actor.acts_for(*from) || actor.acts_for(*to))
    {
        return Ok(Some(Found::Transfer(id, state)));
    }
    if let Some((lot_code, division)) = split_label(code)
        && let Some(found) = find_bottle(conn, actor, lot_code, division)?
    {
        return Ok(Some(found));
    }
    find_lot(conn, actor, code)
}

fn find_bottle(conn: &mut AnyConn, actor: &Actor, lot_code: &str, division: i64) -> Result<Option<Found>, ActionError> {
    for (lot, state, transfer, bank, place) in trace::list_bottles_by_label(conn, lot_code, division)? {
        let head = match transfer {
            Some(id) => transfers::find_transfer(conn, id)?,
            None => None,
        };
        let comes = head.as_ref().is_some_and(|head| actor.acts_for(head.to_site_id));
        if comes || actor.acts_for(bank) || actor.acts_for(place) {
            let transfer = head.map(|head| (head.id, head.state));
            return Ok(Some(Found::Bottle { lot, division, state, transfer }));
        }
    }
    Ok(None)
}

fn find_lot(conn: &mut AnyConn, actor: &Actor, code: &str) -> Result<Option<Found>, ActionError> {
    let din = Din::parse_scanned(code).or_else(|_flags| Din::parse_keyed(code)).ok();
    let wanted = din.as_ref().map_or(code, Din::as_str);
    for (lot, bank) in trace::list_lots_by_code(conn, wanted)? {
        let held = match &actor.sites {
            SiteScope::All => true,
            SiteScope::Only(sites) => {
                let sites: Vec<SiteId> = sites.iter().copied().collect();
                trace::has_bottles_of(conn, lot, &sites)?
            }
        };
        if held || actor.acts_for(bank) {
            return Ok(Some(Found::Lot(lot)));
        }
    }
    Ok(None)
}

/// Lot number and division of a label such as `L-2026-0412-003`.
fn split_label(code: &str) -> Option<(&str, i64)> {
    let (lot, division) = code.rsplit_once('-')?;
    let division = division.parse().ok().filter(|number| (1..=999).contains(number) && division.len() == 3)?;
    (!lot.is_empty()).then_some((lot, division))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_a_lot_and_a_division() {
        assert_eq!(split_label("L-2026-0412-003"), Some(("L-2026-0412", 3)));
        assert_eq!(split_label("L-2026-0412"), None, "a lot number ends in four digits");
        assert_eq!(split_label("-003"), None);
    }
}
