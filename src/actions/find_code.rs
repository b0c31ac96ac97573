//! What a scanned or typed code names among the things that the actor may see: a bottle by any of the codes on its
//! label, a lot, a box by its seal.

use super::ActionError;
use crate::domain::actor::{Actor, SiteScope};
use crate::domain::bottle::BottleState;
use crate::domain::ids::{LotId, RecallId, SiteId, TransferId};
use crate::domain::isbt128::Din;
use crate::domain::scan::{ScanPart, read_scan};
use crate::domain::transfer::TransferState;
use crate::store::{AnyConn, recalls, trace, transfers};

/// Characters of a lot's identifier on a label without room for more.
const TAIL: usize = 12;

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
    if let Some((lot_code, division)) = split_label(code) {
        let mut lots: Vec<LotId> = trace::list_lots_by_code(conn, lot_code)?.into_iter().map(|(lot, _)| lot).collect();
        if lots.is_empty() && is_tail(lot_code) {
            lots = trace::list_lots_by_tail(conn, &lot_code.to_ascii_lowercase())?;
        }
        if let Some(found) = find_bottle(conn, actor, &lots, division)? {
            return Ok(Some(found));
        }
    }
    match read_scan(code, false) {
        Ok(parts) => find_label(conn, actor, code, &parts),
        Err(_no_label) => find_lot(conn, actor, code),
    }
}

/// What a whole label names: the bottle by our own address or by donation number and product, else its lot.
fn find_label(conn: &mut AnyConn, actor: &Actor, code: &str, parts: &[ScanPart]) -> Result<Option<Found>, ActionError> {
    let mut din = None;
    for part in parts {
        match part {
            ScanPart::Hub(own) => {
                let Some((lot, division)) = split_label(own) else { continue };
                let lots: Vec<LotId> = lot.parse::<LotId>().into_iter().collect();
                return find_bottle(conn, actor, &lots, division);
            }
            ScanPart::Din(number, _flag) => din = Some(number),
            ScanPart::Product(product, division) => {
                let Some(din) = din else { continue };
                let lots = trace::list_lots_by_product(conn, din.as_str(), &product.to_string())?;
                if let Some(found) = find_bottle(conn, actor, &lots, i64::from(*division))? {
                    return Ok(Some(found));
                }
            }
            _ => {}
        }
    }
    find_lot(conn, actor, din.map_or(code, Din::as_str))
}

fn find_bottle(conn: &mut AnyConn, actor: &Actor, lots: &[LotId], division: i64) -> Result<Option<Found>, ActionError> {
    for (lot, state, transfer, bank, place) in trace::list_bottles_of_lots(conn, lots, division)? {
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

/// The end of a lot's identifier, as labels bear it where the lot's own number is too long for bars.
fn is_tail(text: &str) -> bool {
    text.len() == TAIL && text.bytes().all(|byte| byte.is_ascii_hexdigit())
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
