//! Tracing: from any link of the chain back to donors and forward to infants. A site finds what is its own: lots
//! of its bank, bottles that it has or had, journeys from or to it, infants it feeds.

use super::storage_units::get_unit;
use super::transfers::{get_transfer, own_sites};
use super::{ActionError, stored};
use crate::domain::actor::Actor;
use crate::domain::bottle::BottleState;
use crate::domain::ids::{BottleId, CourierId, LotId, SiteId, TransferId};
use crate::domain::lot::{LotState, SafetyRecord};
use crate::domain::quantity::Volume;
use crate::domain::recall::{Selector, last_negative};
use crate::domain::time::Instant;
use crate::domain::transfer::TransferState;
pub use crate::store::traces::TracedBottle;
use crate::store::traces::{self as rows, LotLink};
use crate::store::{AnyConn, lots};
use std::collections::{BTreeMap, BTreeSet};

/// Bottles that a trace lists one by one; all are counted.
pub const MOST_LISTED: usize = 2_000;

/// What a selector finds: whole lots, or single bottles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// Lots as a whole, in identifier order.
    Lots(Vec<LotId>),
    /// Single bottles, in identifier order.
    Bottles(Vec<BottleId>),
}

impl Found {
    /// True when nothing was found.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        match self {
            Self::Lots(lots) => lots.is_empty(),
            Self::Bottles(bottles) => bottles.is_empty(),
        }
    }
}

/// Finds what a selector names, within some sites or everywhere.
///
/// # Errors
/// `NotFound` for a unit or a journey of another site.
pub fn find(
    conn: &mut AnyConn,
    actor: &Actor,
    sites: Option<&[SiteId]>,
    selector: &Selector,
) -> Result<Found, ActionError> {
    let link = match selector {
        Selector::Donor { donor_ref, after, look_back } => {
            let after = match look_back {
                None => *after,
                Some(test) => {
                    let records: Vec<SafetyRecord> = rows::list_records_of_donor(conn, sites, donor_ref)?
                        .iter()
                        .map(|text| stored(text))
                        .collect::<Result<_, _>>()?;
                    last_negative(donor_ref, *test, records.iter())
                }
            };
            LotLink::Donor(donor_ref.clone(), after.map(|day| day.to_string()))
        }
        Selector::Deposit(deposit) => LotLink::Deposit(deposit.clone()),
        Selector::Pool(pool) => LotLink::Pool(pool.clone()),
        Selector::Lots(ids) => LotLink::Lots(ids.clone()),
        Selector::Cycle(cycle) => LotLink::Cycle(cycle.clone()),
        Selector::Device(device, window) => LotLink::Device(device.clone(), *window),
        single => return find_bottles(conn, actor, sites, single).map(Found::Bottles),
    };
    Ok(Found::Lots(rows::select_lots(conn, sites, &link)?))
}

fn find_bottles(
    conn: &mut AnyConn,
    actor: &Actor,
    sites: Option<&[SiteId]>,
    selector: &Selector,
) -> Result<Vec<BottleId>, ActionError> {
    Ok(match selector {
        Selector::Storage(unit, window) => {
            get_unit(conn, actor, *unit)?;
            rows::list_bottles_of_unit(conn, *unit, *window)?
        }
        Selector::Transfer(transfer) => {
            get_transfer(conn, actor, *transfer)?;
            rows::list_bottles_of_transfer(conn, *transfer)?
        }
        Selector::Courier(courier, window) => rows::list_bottles_of_courier(conn, sites, *courier, *window)?,
        Selector::Infant(infant) => rows::list_bottles_of_infant(conn, sites, infant)?,
        Selector::Bottles(ids) => match sites {
            Some(sites) => rows::keep_own_bottles(conn, sites, ids)?,
            None => rows::list_traced_bottles(conn, ids)?.into_iter().map(|bottle| bottle.id).collect(),
        },
        _ => Vec::new(),
    })
}

/// One lot on a trace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TracedLot {
    /// The lot.
    pub id: LotId,
    /// The bank that made it.
    pub bank: SiteId,
    /// Its number.
    pub code: String,
    /// Its state.
    pub state: LotState,
    /// Its donors, by pseudonym.
    pub donors: Vec<String>,
    /// Its deposits.
    pub deposits: Vec<String>,
    /// Its pool.
    pub pool: Option<String>,
    /// The pasteuriser run.
    pub cycle: Option<String>,
    /// The pasteuriser.
    pub device: Option<String>,
}

/// One journey on a trace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TracedJourney {
    /// The journey.
    pub id: TransferId,
    /// From.
    pub from: SiteId,
    /// To.
    pub to: SiteId,
    /// Who carried it.
    pub courier: Option<CourierId>,
    /// Its state.
    pub state: TransferState,
    /// When the carrier took it.
    pub collected_at: Option<Instant>,
    /// When it was handed over.
    pub delivered_at: Option<Instant>,
    /// Bottles of the trace on it.
    pub bottles: usize,
}

impl TracedJourney {
    fn concerns(&self, actor: &Actor) -> bool {
        actor.acts_for(self.from) || actor.acts_for(self.to)
    }
}

/// One infant on a trace, by pseudonym; for other sites than the infant's own the pseudonym is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TracedInfant {
    /// Where it was fed.
    pub site: SiteId,
    /// The pseudonym.
    pub infant_ref: Option<String>,
    /// Feeds.
    pub feeds: usize,
    /// Volume.
    pub volume: Volume,
    /// First feed.
    pub first_at: Instant,
    /// Last feed.
    pub last_at: Instant,
}

/// A whole trace.
#[derive(Debug, Clone)]
pub struct Trace {
    /// The lots.
    pub lots: Vec<TracedLot>,
    /// Bottles in all.
    pub bottles_in_all: usize,
    /// Bottles, at most [`MOST_LISTED`].
    pub bottles: Vec<TracedBottle>,
    /// Where they are: site, state, bottles, volume.
    pub places: Vec<(SiteId, BottleState, usize, Volume)>,
    /// Journeys.
    pub journeys: Vec<TracedJourney>,
    /// Infants.
    pub infants: Vec<TracedInfant>,
}

/// Traces a selector backward to donors and forward to infants.
///
/// # Errors
/// As [`find`].
pub fn trace(conn: &mut AnyConn, actor: &Actor, selector: &Selector) -> Result<Trace, ActionError> {
    let own = own_sites(actor);
    let ids = match find(conn, actor, own.as_deref(), selector)? {
        Found::Lots(of_lots) => {
            let mut ids = rows::list_bottles_of_lots(conn, &of_lots)?;
            if let Some(sites) = &own {
                ids.extend(had_of_others(conn, sites, selector)?);
                ids.sort_unstable();
                ids.dedup();
            }
            ids
        }
        Found::Bottles(ids) => ids,
    };
    let mut bottles = rows::list_traced_bottles(conn, &ids)?;
    let of_lots: BTreeSet<LotId> = bottles.iter().map(|bottle| bottle.lot_id).collect();
    let of_lots: Vec<LotId> = of_lots.into_iter().collect();
    let mut heaps: BTreeMap<(SiteId, BottleState), (usize, Volume)> = BTreeMap::new();
    for bottle in &bottles {
        let heap = heaps.entry((bottle.site_id, bottle.state)).or_default();
        heap.0 += 1;
        heap.1 += bottle.size_ml;
    }
    let bottles_in_all = bottles.len();
    bottles.truncate(MOST_LISTED);
    let lots = lots_of(conn, actor, &of_lots)?;
    // A bank follows what it made wherever it went; others see the journeys from and to themselves.
    let made = lots.iter().all(|lot| actor.acts_for(lot.bank));
    Ok(Trace {
        lots,
        bottles_in_all,
        bottles,
        places: heaps.into_iter().map(|((site, state), (count, volume))| (site, state, count, volume)).collect(),
        journeys: journeys_of(conn, &ids)?.into_iter().filter(|journey| made || journey.concerns(actor)).collect(),
        infants: infants_of(conn, actor, &ids)?,
    })
}

/// What a site has or had of other banks' lots, where it is asked for by what stands on a label or in a recall's letter.
/// Donors and deposits are their bank's alone.
fn had_of_others(conn: &mut AnyConn, sites: &[SiteId], selector: &Selector) -> Result<Vec<BottleId>, ActionError> {
    let link = match selector {
        Selector::Lots(ids) => LotLink::Lots(ids.clone()),
        Selector::Pool(pool) => LotLink::Pool(pool.clone()),
        Selector::Cycle(cycle) => LotLink::Cycle(cycle.clone()),
        Selector::Device(device, window) => LotLink::Device(device.clone(), *window),
        _ => return Ok(Vec::new()),
    };
    let of_lots = rows::select_lots(conn, None, &link)?;
    Ok(rows::list_bottles_seen_at(conn, sites, &of_lots)?)
}

/// A lot's donors and deposits are its bank's to know; others learn lot, bank and state.
fn lots_of(conn: &mut AnyConn, actor: &Actor, ids: &[LotId]) -> Result<Vec<TracedLot>, ActionError> {
    let (donors, deposits) = rows::list_sources(conn, ids)?;
    let group = |pairs: Vec<(LotId, String)>| {
        let mut by_lot: BTreeMap<LotId, Vec<String>> = BTreeMap::new();
        for (lot, name) in pairs {
            by_lot.entry(lot).or_default().push(name);
        }
        by_lot
    };
    let (mut donors, mut deposits) = (group(donors), group(deposits));
    let mut found = Vec::new();
    for chunk in ids.chunks(10_000) {
        for lot in lots::list_lots_by_id(conn, chunk)? {
            let own = actor.acts_for(lot.bank_site_id);
            found.push(TracedLot {
                id: lot.id,
                bank: lot.bank_site_id,
                code: lot.code,
                state: lot.state,
                donors: donors.remove(&lot.id).filter(|_| own).unwrap_or_default(),
                deposits: deposits.remove(&lot.id).filter(|_| own).unwrap_or_default(),
                pool: lot.pool_ref.filter(|_| own),
                cycle: lot.cycle_ref,
                device: lot.device_ref,
            });
        }
    }
    Ok(found)
}

fn journeys_of(conn: &mut AnyConn, ids: &[BottleId]) -> Result<Vec<TracedJourney>, ActionError> {
    let mut found: BTreeMap<TransferId, TracedJourney> = BTreeMap::new();
    for (_, id, from, to, courier, state, collected_at, delivered_at) in rows::list_journeys_of_bottles(conn, ids)? {
        let fresh = TracedJourney { id, from, to, courier, state, collected_at, delivered_at, bottles: 0 };
        found.entry(id).or_insert(fresh).bottles += 1;
    }
    Ok(found.into_values().collect())
}

fn infants_of(conn: &mut AnyConn, actor: &Actor, ids: &[BottleId]) -> Result<Vec<TracedInfant>, ActionError> {
    let mut found: BTreeMap<(SiteId, Option<String>), TracedInfant> = BTreeMap::new();
    for (_, site, infant, volume, at) in rows::list_feeds_of_bottles(conn, ids)? {
        let infant_ref = actor.acts_for(site).then_some(infant);
        let fresh = TracedInfant {
            site,
            infant_ref: infant_ref.clone(),
            feeds: 0,
            volume: Volume::ZERO,
            first_at: at,
            last_at: at,
        };
        let infant = found.entry((site, infant_ref)).or_insert(fresh);
        infant.feeds += 1;
        infant.volume += volume;
        infant.first_at = infant.first_at.min(at);
        infant.last_at = infant.last_at.max(at);
    }
    Ok(found.into_values().collect())
}
