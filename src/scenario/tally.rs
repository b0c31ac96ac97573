//! What the replay counts while it plays: needs and feeds of the units, requests by tier, journeys, refusals.

use super::event_lot::LotRecord;
use super::reference_policy::{count, ratio};
use super::report::{RefusedEvent, ShortBesideMilk, fill_ratio, medians};
use super::supply::SupplyLedger;
use super::ward::{LotBook, Preparation, Ward};
use crate::domain::ids::RequestId;
use crate::domain::time::Instant;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// How many refused events are kept with their reason.
const REFUSED_KEPT: usize = 50;

/// A request of a unit.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Site code.
    pub site: String,
    /// For which infant.
    pub infant: Option<String>,
    /// Tier that the hub gave it.
    pub tier: u8,
    /// Tier by which the unit grouped it.
    pub own_tier: u8,
    /// The morning for which milk was first missing.
    pub morning: Instant,
    /// Requested, mL.
    pub volume_ml: i64,
    /// Promised so far, mL.
    pub promised_ml: i64,
    /// Delivered so far, mL.
    pub delivered_ml: i64,
    /// Closed by the unit because it no longer needed it, or asked anew, mL.
    pub withdrawn_ml: i64,
    /// When raised.
    pub raised_at: Instant,
    /// By when it was wanted.
    pub needed_by: Instant,
    /// First promise.
    pub matched_at: Option<Instant>,
    /// First arrival.
    pub delivered_at: Option<Instant>,
    /// When the unit gave it up.
    pub closed_at: Option<Instant>,
    /// Does the unit still wait for it?
    pub open: bool,
}

impl Asked {
    /// Neither delivered nor withdrawn, mL.
    #[must_use]
    pub fn unmet_ml(&self) -> i64 {
        (self.volume_ml - self.delivered_ml - self.withdrawn_ml).max(0)
    }

    /// Nothing is left to wait for?
    pub fn close_if_full(&mut self) {
        if self.delivered_ml >= self.volume_ml {
            self.open = false;
        }
    }
}

/// Everything counted.
#[derive(Debug, Default)]
pub struct Tally {
    /// Requests by the hub's id.
    pub asked: HashMap<RequestId, Asked>,
    /// Need of all mornings, mL.
    pub need_ml: i64,
    /// Fed, mL.
    pub fed_ml: i64,
    /// Missed, mL, by tier.
    pub shortfall_ml: BTreeMap<u8, i64>,
    /// Opened and poured away, mL.
    pub opened_waste_ml: i64,
    /// Donors whose milk each infant drank.
    pub exposed: BTreeMap<String, BTreeSet<String>>,
    /// Supply and need by pool.
    pub supply: SupplyLedger,
    /// Transfers that left.
    pub transfers: i64,
    /// Road kilometres.
    pub transfer_km: f64,
    /// Accepted off the road, mL.
    pub carried_ml: i64,
    /// Excursions.
    pub excursions: i64,
    /// Mornings of tier-1 infants short beside free milk.
    pub short_beside_milk: Vec<ShortBesideMilk>,
    /// Events that took effect.
    pub applied: u64,
    /// Events that the hub refused.
    pub refused: u64,
    /// Why.
    pub refused_kept: Vec<RefusedEvent>,
    /// Events left aside, by type.
    pub not_played: BTreeMap<String, u64>,
    /// Refusals held, by rule.
    pub refusals: BTreeMap<String, u64>,
    /// Refusals that did not come.
    pub bypassed: Vec<String>,
}

/// Sums of requests by tier.
#[derive(Debug, Default)]
pub struct RequestSums {
    /// How many.
    pub requests: BTreeMap<u8, i64>,
    /// Requested, mL.
    pub requested_ml: BTreeMap<u8, i64>,
    /// Delivered, mL.
    pub delivered_ml: BTreeMap<u8, i64>,
    /// Neither delivered nor withdrawn by the unit, mL.
    pub unmet_ml: BTreeMap<u8, i64>,
    /// Median hours to the first promise.
    pub hours_to_match: BTreeMap<u8, Option<f64>>,
    /// Median hours to the first arrival.
    pub hours_to_delivery: BTreeMap<u8, Option<f64>>,
    /// Delivered of requested, over sites.
    pub fill: super::report::FillRatio,
}

impl Tally {
    /// Counts a morning.
    pub fn morning(&mut self, ward: &Ward, pools: &[String], at: Instant, morning: &Preparation, lots: &LotBook) {
        self.need_ml += morning.need_ml;
        self.fed_ml += morning.fed_ml();
        self.opened_waste_ml += morning.wasted_ml();
        self.supply.add_need(pools, at, morning.need_ml);
        for shortfall in &morning.shortfalls {
            *self.shortfall_ml.entry(shortfall.tier).or_default() += shortfall.volume_ml;
        }
        for opened in &morning.opened {
            let donors = lots.find(opened.bottle.lot).map(|lot| lot.donors.clone()).unwrap_or_default();
            for feed in &opened.feeds {
                let infant = format!("{}/{}", ward.site_id, feed.infant);
                self.exposed.entry(infant).or_default().extend(donors.iter().cloned());
            }
        }
    }

    /// Counts a lot's milk from the moment it can be fed.
    pub fn milk(&mut self, lot: &LotRecord, country: &str, from: Instant) {
        self.supply.add_milk(&pool(country, &lot.form), from, lot.volume_ml);
    }

    /// Counts an event that the hub refused.
    pub fn refuse(&mut self, line: usize, action: &str, reason: String) {
        self.refused += 1;
        if self.refused_kept.len() < REFUSED_KEPT {
            self.refused_kept.push(RefusedEvent { line, action: action.to_owned(), reason });
        }
    }

    /// Counts refusals that the hub held to.
    pub fn held(&mut self, number: u8) {
        *self.refusals.entry(format!("{number:02}")).or_default() += 1;
    }

    /// Mean number of donors per infant.
    #[must_use]
    pub fn donor_exposures(&self) -> Option<f64> {
        let donors: usize = self.exposed.values().map(BTreeSet::len).sum();
        ratio(count(donors), count(self.exposed.len()))
    }

    /// Sums of requests.
    #[must_use]
    pub fn requests(&self) -> RequestSums {
        let mut sums = RequestSums::default();
        let mut sites: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
        let (mut to_match, mut to_delivery): (BTreeMap<u8, Vec<i64>>, BTreeMap<u8, Vec<i64>>) = Default::default();
        for asked in self.asked.values() {
            let tier = asked.tier;
            *sums.requests.entry(tier).or_default() += 1;
            *sums.requested_ml.entry(tier).or_default() += asked.volume_ml;
            *sums.delivered_ml.entry(tier).or_default() += asked.delivered_ml;
            *sums.unmet_ml.entry(tier).or_default() += asked.unmet_ml();
            let site = sites.entry(asked.site.as_str()).or_default();
            site.0 += asked.delivered_ml;
            site.1 += asked.volume_ml;
            if let Some(at) = asked.matched_at {
                to_match.entry(tier).or_default().push(at.minutes_since(asked.raised_at));
            }
            if let Some(at) = asked.delivered_at {
                to_delivery.entry(tier).or_default().push(at.minutes_since(asked.raised_at));
            }
        }
        sums.hours_to_match = medians(&to_match);
        sums.hours_to_delivery = medians(&to_delivery);
        sums.fill = fill_ratio(&sites.into_values().collect::<Vec<_>>());
        sums
    }
}

/// A pool of milk that can serve the same infants: a country (or all of them) and a form.
#[must_use]
pub fn pool(country: &str, form: &str) -> String {
    format!("{country}/{form}")
}
