//! A neonatal unit in a closed loop: its infants, the stock that deliveries leave it, what it opens each
//! morning, and what it asks for. Nothing here talks to the hub.

mod infant;
mod ordering;
mod preparation;
mod stock;

pub use infant::Infant;
pub use ordering::{EMERGENCY_HOURS, Order, OrderKind, OrderPlan, Urgency, Wanted, plan_orders};
pub use preparation::{Feed, OpenedBottle, Preparation, Shortfall};
pub use stock::{Bottle, LotBook, LotFacts, Stock};

use crate::domain::time::Instant;

/// One unit that feeds infants.
#[derive(Debug, Clone)]
pub struct Ward {
    /// Site id of the region file.
    pub site_id: String,
    /// May one opened bottle feed several infants?
    pub sharing: bool,
    /// Must milk be prescribed for one infant?
    pub by_prescription: bool,
    /// Bottles in its own freezer.
    pub stock: Stock,
    infants: Vec<Infant>,
}

impl Ward {
    /// An empty unit.
    #[must_use]
    pub fn new(site_id: &str, sharing: bool, by_prescription: bool) -> Self {
        Self { site_id: site_id.to_owned(), sharing, by_prescription, stock: Stock::default(), infants: Vec::new() }
    }

    /// Takes an infant on.
    pub fn admit(&mut self, infant: Infant) {
        self.infants.push(infant);
    }

    /// Every infant that the unit ever took on.
    #[must_use]
    pub fn infants(&self) -> &[Infant] {
        &self.infants
    }

    /// The infant of this pseudonym.
    #[must_use]
    pub fn find_infant(&self, reference: &str) -> Option<&Infant> {
        self.infants.iter().find(|infant| infant.reference == reference)
    }

    /// Infants on donor milk at an instant, lightest at birth first.
    #[must_use]
    pub fn active(&self, now: Instant) -> Vec<&Infant> {
        let mut active: Vec<&Infant> = self.infants.iter().filter(|infant| infant.is_active(now)).collect();
        active.sort_by(|a, b| (a.birth_weight_g, &a.reference).cmp(&(b.birth_weight_g, &b.reference)));
        active
    }

    /// Is milk for this infant asked for by name? Where one bottle may feed several infants and no prescription
    /// ties it to one, a unit asks for infants without conditions together: less of each bottle is poured away.
    #[must_use]
    pub fn asks_by_name(&self, infant: &Infant, now: Instant) -> bool {
        let together = self.sharing && !self.by_prescription && self.active(now).len() > 1;
        infant.is_constrained() || (infant.named && !together)
    }

    /// Feeds the morning's milk; see [`Preparation`].
    pub fn prepare(&mut self, now: Instant, lots: &LotBook) -> Preparation {
        preparation::prepare(self, now, lots)
    }

    /// Frees bottles reserved for infants who no longer need them; those infants.
    pub fn free_reservations(&mut self, now: Instant) -> Vec<String> {
        let infants = &self.infants;
        self.stock.free_reservations(|reference| {
            infants.iter().any(|infant| {
                infant.reference == reference && (infant.is_active(now) || infant.start > now.plus_days(-1))
            })
        })
    }
}

#[cfg(test)]
mod tests;
