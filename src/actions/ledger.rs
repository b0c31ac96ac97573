//! What became of the milk: the whole hub's ledger, which must balance to the millilitre, and one site's stock.

use super::ActionError;
use crate::domain::actor::Actor;
use crate::domain::ids::{LotId, SiteId};
use crate::domain::time::Instant;
use crate::store::ledger::{LedgerTotals, StockLine, StockLot};
use crate::store::{AnyConn, StoreError, ledger, sites};
use std::collections::{BTreeMap, BTreeSet};

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
    let lots = ledger::stock_lots(conn, &all)?;
    sum_stock(id, &lots, &all, &unpromised, now)
}

/// The stock of a site: `lots` in the order in which they are shown, `free` a part of `all`.
fn sum_stock(
    id: SiteId,
    lots: &[StockLot],
    all: &[StockLine],
    free: &[StockLine],
    now: Instant,
) -> Result<SiteStock, ActionError> {
    let mut stock = SiteStock {
        site_id: id,
        in_stock_ml: 0,
        unpromised_ml: 0,
        promised_ml: 0,
        quarantined_ml: 0,
        expiring_7_days_ml: 0,
        lots: Vec::new(),
    };
    for lot in lots {
        let lot_id = lot.id.parse().map_err(|_unreadable| StoreError::corrupt(format!("lot {}: id", lot.id)))?;
        let sizes: BTreeSet<i64> = all.iter().filter(|line| line.lot_id == lot.id).map(|line| line.size_ml).collect();
        for size_ml in sizes {
            // Of a lot that is not released every bottle is set apart, wherever it stands.
            let count = |lines: &[StockLine], usable: bool| -> i64 {
                let of_size = lines.iter().filter(|line| line.lot_id == lot.id && line.size_ml == size_ml);
                let is_usable = |line: &&StockLine| line.state == "in_stock" && lot.state == "released";
                of_size.filter(|line| is_usable(line) == usable).map(|line| line.bottles).sum()
            };
            let entry = LotStock {
                lot_id,
                lot_code: lot.code.clone(),
                lot_state: lot.state.clone(),
                expires_at: Instant::from_micros(lot.expires_at),
                size_ml,
                bottles: count(all, true),
                unpromised_bottles: count(free, true),
                quarantined_bottles: count(all, false),
            };
            stock.in_stock_ml += entry.bottles * size_ml;
            stock.unpromised_ml += entry.unpromised_bottles * size_ml;
            stock.quarantined_ml += entry.quarantined_bottles * size_ml;
            if entry.expires_at <= now.plus_days(SOON_DAYS) {
                stock.expiring_7_days_ml += entry.bottles * size_ml;
            }
            stock.lots.push(entry);
        }
    }
    stock.promised_ml = stock.in_stock_ml - stock.unpromised_ml;
    Ok(stock)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "01990000-0000-7000-8000-000000000001";
    const TWO: &str = "01990000-0000-7000-8000-000000000002";

    fn lot(id: &str, state: &str, expires_at: Instant) -> StockLot {
        StockLot { id: id.to_owned(), code: "L".to_owned(), state: state.to_owned(), expires_at: expires_at.micros() }
    }

    fn line(lot_id: &str, state: &str, bottles: i64) -> StockLine {
        StockLine { lot_id: lot_id.to_owned(), state: state.to_owned(), size_ml: 50, bottles }
    }

    #[test]
    fn only_released_milk_in_store_is_stock() {
        let site = "01990000-0000-7000-8000-000000000003".parse().unwrap();
        let now = Instant::from_micros(0);
        let lots = [lot(ONE, "released", now.plus_days(7)), lot(TWO, "held", now.plus_days(8))];
        let all = [line(ONE, "in_stock", 4), line(ONE, "quarantined", 1), line(TWO, "in_stock", 2)];
        let free = [line(ONE, "in_stock", 3), line(TWO, "in_stock", 2)];
        let stock = sum_stock(site, &lots, &all, &free, now).unwrap();
        assert_eq!((stock.in_stock_ml, stock.unpromised_ml, stock.promised_ml), (200, 150, 50));
        assert_eq!((stock.quarantined_ml, stock.expiring_7_days_ml), (150, 200));
        assert_eq!(stock.lots.len(), 2);
        assert_eq!((stock.lots[0].unpromised_bottles, stock.lots[1].quarantined_bottles), (3, 2));
    }
}
