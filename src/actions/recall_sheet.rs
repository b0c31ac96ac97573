//! A recall as a person reads it: which lots, where each bottle is now, whom it was fed to, and who has not answered;
//! and the way back from an infant to the donors.

use super::ActionError;
use super::identity::SiteLabel;
use super::recalls::{RecallDetail, RecallRow, get_recall};
use crate::domain::actor::{Actor, SiteScope};
use crate::domain::bottle::BottleState;
use crate::domain::ids::{LotId, RecallId, SiteId};
use crate::domain::quantity::Volume;
use crate::domain::recall::RecallScope;
use crate::store::{AnyConn, lots, recalls, sessions, trace};
use std::collections::BTreeMap;

/// Milk of one lot at one place.
#[derive(Debug, Clone)]
pub struct PlaceOfMilk {
    /// Where.
    pub site: SiteId,
    /// Bottles by state, with what they hold when full.
    pub heaps: Vec<(BottleState, i64, Volume)>,
    /// Infants of the place, with bottles and volume fed. Pseudonyms only, and only for the place's own people.
    pub infants: Vec<(String, i64, Volume)>,
}

/// One lot of a trace.
#[derive(Debug, Clone)]
pub struct LotTrace {
    /// The lot.
    pub id: LotId,
    /// Its number.
    pub code: String,
    /// Its volume.
    pub volume_ml: Volume,
    /// Where its milk is or was.
    pub places: Vec<PlaceOfMilk>,
}

/// A recall as a person reads it.
#[derive(Debug, Clone)]
pub struct RecallSheet {
    /// The recall with its answers and its count.
    pub detail: RecallDetail,
    /// Its lots with their places.
    pub lots: Vec<LotTrace>,
    /// The names of all its sites.
    pub sites: Vec<SiteLabel>,
}

/// The recall, for its bank, the sites it asked and hub roles. A site that was asked sees its own bottles only, the
/// bank sees where all are; infants are shown to the people of their own site and to no other.
///
/// # Errors
/// `NotFound` also when it concerns none of the actor's sites.
pub fn get_recall_sheet(conn: &mut AnyConn, actor: &Actor, id: RecallId) -> Result<RecallSheet, ActionError> {
    let detail = get_recall(conn, actor, id)?;
    let own = actor.acts_for(detail.head.site_id);
    let mut found = trace_lots(conn, actor, &detail.lots)?;
    if !own {
        for lot in &mut found {
            lot.places.retain(|place| actor.acts_for(place.site));
        }
        found.retain(|lot| !lot.places.is_empty());
    }
    let mut sites: Vec<SiteId> = detail.answers.iter().map(|answer| answer.site_id).collect();
    sites.push(detail.head.site_id);
    sites.extend(found.iter().flat_map(|lot| lot.places.iter().map(|place| place.site)));
    sites.sort_unstable();
    sites.dedup();
    Ok(RecallSheet { sites: sessions::list_site_labels(conn, &sites)?, lots: found, detail })
}

/// True for the people of a site; roles that span all sites have no infants of their own.
fn is_of(actor: &Actor, site: SiteId) -> bool {
    matches!(actor.sites, SiteScope::Only(_)) && actor.acts_for(site)
}

/// Where the milk of some lots is, with the infants of the actor's own sites.
fn trace_lots(conn: &mut AnyConn, actor: &Actor, ids: &[LotId]) -> Result<Vec<LotTrace>, ActionError> {
    let mut places: BTreeMap<(LotId, SiteId), PlaceOfMilk> = BTreeMap::new();
    for heap in trace::list_lot_heaps(conn, ids)? {
        let empty = || PlaceOfMilk { site: heap.site_id, heaps: Vec::new(), infants: Vec::new() };
        let place = places.entry((heap.lot_id, heap.site_id)).or_insert_with(empty);
        place.heaps.push((heap.state, heap.bottles, heap.size_ml));
    }
    for fed in trace::list_lot_feeds(conn, ids)? {
        if !is_of(actor, fed.site_id) {
            continue;
        }
        let empty = || PlaceOfMilk { site: fed.site_id, heaps: Vec::new(), infants: Vec::new() };
        let place = places.entry((fed.lot_id, fed.site_id)).or_insert_with(empty);
        place.infants.push((fed.infant_ref, fed.feeds, fed.volume_ml));
    }
    let rows = lots::list_lots_by_id(conn, ids)?;
    Ok(rows
        .into_iter()
        .map(|row| LotTrace {
            places: places.iter().filter(|((lot, _), _)| *lot == row.id).map(|(_, place)| place.clone()).collect(),
            id: row.id,
            code: row.code,
            volume_ml: row.volume_ml,
        })
        .collect())
}

/// The way back from one infant: each lot that was fed, with how much.
#[derive(Debug, Clone)]
pub struct InfantTrace {
    /// Lot, its number, feeds and volume.
    pub lots: Vec<(LotId, String, i64, Volume)>,
    /// Lot and donor, for the lots of the actor's own bank.
    pub donors: Vec<(LotId, String)>,
}

/// What an infant of a site was fed.
///
/// # Errors
/// `NotFound` for a site that is not the actor's.
pub fn trace_infant(conn: &mut AnyConn, actor: &Actor, site: SiteId, infant: &str) -> Result<InfantTrace, ActionError> {
    if !is_of(actor, site) {
        return Err(ActionError::NotFound { what: "site" });
    }
    let fed = trace::list_infant_lots(conn, site, infant)?;
    let ids: Vec<LotId> = fed.iter().map(|(lot, _, _, _)| *lot).collect();
    let own: Vec<LotId> = lots::list_lots_by_id(conn, &ids)?
        .into_iter()
        .filter(|lot| actor.acts_for(lot.bank_site_id))
        .map(|lot| lot.id)
        .collect();
    Ok(InfantTrace { donors: trace::list_donors_of(conn, &own)?, lots: fed })
}

/// The numbers of the lots that recalls by lot name, for lists in which one is told from another.
///
/// # Errors
/// Those of the store.
pub fn name_recalled_lots(
    conn: &mut AnyConn,
    found: &[RecallRow],
) -> Result<BTreeMap<RecallId, Vec<String>>, ActionError> {
    let by_lot = found.iter().filter(|row| row.scope == RecallScope::Lot);
    let ids: Vec<RecallId> = by_lot.map(|row| row.id).collect();
    let mut named: BTreeMap<RecallId, Vec<String>> = BTreeMap::new();
    for (id, code) in recalls::list_recall_codes(conn, &ids)? {
        named.entry(id).or_default().push(code);
    }
    Ok(named)
}

/// The lots that a text names: as one number, which may hold blanks and commas; else as several with marks between
/// them, each of which may hold blanks, or be several with blanks between. `None` when one of them is not the bank's.
///
/// # Errors
/// Those of the store.
pub fn find_lots_named(conn: &mut AnyConn, site: SiteId, text: &str) -> Result<Option<Vec<LotId>>, ActionError> {
    let mut find = |code: &str| -> Result<Option<LotId>, ActionError> {
        let filter = lots::LotFilter { banks: Some(vec![site]), state: None, code: Some(code.to_owned()) };
        Ok(lots::list_lots(conn, &filter, None, 1)?.first().map(|lot| lot.id))
    };
    if let Some(lot) = find(text)? {
        return Ok(Some(vec![lot]));
    }
    let mut ids = Vec::new();
    for part in text.split([',', ';', '\n', '，', '、', '；', '،']).map(str::trim).filter(|part| !part.is_empty()) {
        if let Some(lot) = find(part)? {
            ids.push(lot);
            continue;
        }
        for code in part.split_whitespace() {
            let Some(lot) = find(code)? else { return Ok(None) };
            ids.push(lot);
        }
    }
    ids.sort_unstable();
    ids.dedup();
    Ok((!ids.is_empty()).then_some(ids))
}
