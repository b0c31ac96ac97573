//! What became of the milk: the whole hub's ledger, which must balance to the millilitre, and one site's stock.

use super::ActionError;
use crate::domain::actor::Actor;
use crate::domain::ids::{LotId, SiteId};
use crate::domain::time::Instant;
use crate::store::ledger::{LedgerTotals, StockLine};
use crate::store::{AnyConn, StoreError, ledger, sites};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// Days within which milk counts as expiring soon.
const SOON_DAYS: i64 = 7;

/// What became of released milk, in millilitres.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ledger {
    /// Every lot that was ever released.
    pub released_ml: i64,
    /// In a site's store.
    pub in_stock_ml: i64,
    /// Set apart until somebody decides.
    pub quarantined_ml: i64,
    /// On its way.
    pub in_transit_ml: i64,
    /// Fed to infants.
    pub used_ml: i64,
    /// Thrown away.
    pub discarded_ml: i64,
    /// Thrown away, by reason.
    pub discarded_by_reason: BTreeMap<String, i64>,
    /// Released less everything else; anything but 0 is a fault of the hub.
    pub difference_ml: i64,
}

/// Sums up the hub.
///
/// # Errors
/// Those of the store; `Corrupt` for a bottle in a state that is not known.
pub fn sum_ledger(conn: &mut AnyConn) -> Result<Ledger, ActionError> {
    let LedgerTotals { released_ml, by_state, discarded_by_reason } = ledger::ledger_totals(conn)?;
    let mut sums = Ledger { released_ml, ..Ledger::default() };
    let mut kept = 0;
    for total in by_state {
        let left = total.size_ml - total.fed_ml - total.discarded_ml;
        sums.used_ml += total.fed_ml;
        sums.discarded_ml += total.discarded_ml;
        kept += left;
        match total.state.as_str() {
            "in_stock" => sums.in_stock_ml += left,
            "quarantined" => sums.quarantined_ml += left,
            "in_transit" => sums.in_transit_ml += left,
            "used" | "discarded" => {}
            other => return Err(StoreError::corrupt(format!("bottles: state {other:?}")).into()),
        }
    }
    sums.difference_ml = sums.released_ml - kept - sums.used_ml - sums.discarded_ml;
    for (reason, ml) in discarded_by_reason {
        *sums.discarded_by_reason.entry(reason.unwrap_or_else(|| "other".to_owned())).or_default() += ml;
    }
    Ok(sums)
}

/// What a site has of one lot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LotStock {
    /// The lot.
    pub lot_id: LotId,
    /// Its code.
    pub lot_code: String,
    /// Its state.
    pub lot_state: String,
    /// Its expiry.
    pub expires_at: Instant,
    /// Size of one bottle.
    pub size_ml: i64,
    /// Bottles that may be used or given away.
    pub bottles: i64,
    /// Those of them that nobody was promised.
    pub unpromised_bottles: i64,
    /// Bottles set apart, or of a lot that is not released.
    pub quarantined_bottles: i64,
}

/// What a site has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteStock {
    /// The site.
    pub site_id: SiteId,
    /// Released milk in its store.
    pub in_stock_ml: i64,
    /// Of that, what nobody was promised.
    pub unpromised_ml: i64,
    /// Of that, what somebody was promised.
    pub promised_ml: i64,
    /// Set apart, or of a lot that is not released.
    pub quarantined_ml: i64,
    /// Released milk that expires within seven days.
    pub expiring_7_days_ml: i64,
    /// By lot and bottle size, soonest expiry first.
    pub lots: Vec<LotStock>,
}

/// The stock of a site of the actor's.
///
/// # Errors
/// `NotFound` for a site that is not theirs.
pub fn site_stock(conn: &mut AnyConn, actor: &Actor, id: SiteId, now: Instant) -> Result<SiteStock, ActionError> {
    let not_found = ActionError::NotFound { what: "site" };
    if !actor.acts_for(id) {
        return Err(not_found);
    }
    if sites::find_site(conn, id)?.is_none() {
        return Err(not_found);
    }
    let unpromised = ledger::stock_lines(conn, id.as_str(), true)?;
    let all = ledger::stock_lines(conn, id.as_str(), false)?;
    sum_stock(id, all, &unpromised, now)
}

/// The stock of a site: `free` a part of `all`. One pass over each, because a bank has thousands of lots.
fn sum_stock(id: SiteId, all: Vec<StockLine>, free: &[StockLine], now: Instant) -> Result<SiteStock, ActionError> {
    let mut entries: BTreeMap<(i64, String, i64), LotStock> = BTreeMap::new();
    for line in all {
        // Of a lot that is not released every bottle is set apart, wherever it stands.
        let (usable, key) = (is_usable(&line), key_of(&line));
        let entry = match entries.entry(key) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => place.insert(empty(line.clone())?),
        };
        *(if usable { &mut entry.bottles } else { &mut entry.quarantined_bottles }) += line.bottles;
    }
    for line in free.iter().filter(|line| is_usable(line)) {
        if let Some(entry) = entries.get_mut(&key_of(line)) {
            entry.unpromised_bottles += line.bottles;
        }
    }
    let lots: Vec<LotStock> = entries.into_values().collect();
    let sum = |bottles: fn(&LotStock) -> i64| lots.iter().map(|lot| bottles(lot) * lot.size_ml).sum::<i64>();
    let (in_stock_ml, unpromised_ml) = (sum(|lot| lot.bottles), sum(|lot| lot.unpromised_bottles));
    let soon = lots.iter().filter(|lot| lot.expires_at <= now.plus_days(SOON_DAYS));
    Ok(SiteStock {
        site_id: id,
        in_stock_ml,
        unpromised_ml,
        promised_ml: in_stock_ml - unpromised_ml,
        quarantined_ml: sum(|lot| lot.quarantined_bottles),
        expiring_7_days_ml: soon.map(|lot| lot.bottles * lot.size_ml).sum(),
        lots,
    })
}

/// The order in which stock is shown: soonest expiry first, then by lot and size.
fn key_of(line: &StockLine) -> (i64, String, i64) {
    (line.expires_at, line.lot_id.clone(), line.size_ml)
}

fn is_usable(line: &StockLine) -> bool {
    line.state == "in_stock" && line.lot_state == "released"
}

fn empty(line: StockLine) -> Result<LotStock, StoreError> {
    let unreadable = |_| StoreError::corrupt(format!("lot {}: id", line.lot_id));
    Ok(LotStock {
        lot_id: line.lot_id.parse().map_err(unreadable)?,
        lot_code: line.lot_code,
        lot_state: line.lot_state,
        expires_at: Instant::from_micros(line.expires_at),
        size_ml: line.size_ml,
        bottles: 0,
        unpromised_bottles: 0,
        quarantined_bottles: 0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "01990000-0000-7000-8000-000000000001";
    const TWO: &str = "01990000-0000-7000-8000-000000000002";

    fn line((lot_id, lot_state, expires_at): (&str, &str, Instant), state: &str, bottles: i64) -> StockLine {
        let [lot_id, lot_state, state, lot_code] = [lot_id, lot_state, state, "L"].map(str::to_owned);
        StockLine { lot_id, lot_code, lot_state, expires_at: expires_at.micros(), state, size_ml: 50, bottles }
    }

    #[test]
    fn only_released_milk_in_store_is_stock() {
        let site = "01990000-0000-7000-8000-000000000003".parse().unwrap();
        let now = Instant::from_micros(0);
        let (one, two) = ((ONE, "released", now.plus_days(7)), (TWO, "held", now.plus_days(8)));
        let all = vec![line(two, "in_stock", 2), line(one, "in_stock", 4), line(one, "quarantined", 1)];
        let free = [line(one, "in_stock", 3), line(two, "in_stock", 2)];
        let stock = sum_stock(site, all, &free, now).unwrap();
        assert_eq!((stock.in_stock_ml, stock.unpromised_ml, stock.promised_ml), (200, 150, 50));
        assert_eq!((stock.quarantined_ml, stock.expiring_7_days_ml), (150, 200));
        assert_eq!(stock.lots.len(), 2);
        assert_eq!((stock.lots[0].unpromised_bottles, stock.lots[1].quarantined_bottles), (3, 2));
    }
}
