//! What a unit reckons with when it orders: when milk can arrive, whether milk is short, how far to look ahead;
//! and whether a need of tier 1 went unmet beside free milk.

use super::super::calendar::plus_days;
use super::super::client::CallError;
use super::super::journey::{Load, PREPARE_EMERGENCY_MINUTES, PREPARE_MINUTES};
use super::super::region::SiteRole;
use super::super::report::ShortBesideMilk;
use super::super::ward::{Infant, Shortfall, Ward};
use super::Play;
use crate::domain::ids::LotId;
use crate::domain::time::Instant;
use std::collections::HashMap;

/// How many of the nearest banks a unit reckons with when it guesses an arrival.
const NEAREST_BANKS: usize = 3;
/// Days of need that a unit orders where its own bank is in the house.
const IN_HOUSE_DAYS: i64 = 2;
/// Hours of slack before the next chance to order: a delivery that fails can be repeated.
const SLACK_HOURS: i64 = 36;
/// The same while milk is short: nothing is asked for before it must be.
const SHORT_SLACK_HOURS: i64 = 12;
/// Hours after which an order without a promise counts as not filled.
const SHORT_AFTER_HOURS: i64 = 6;
/// Days for which an order that was not filled tells a unit that milk is short.
const SHORT_DAYS: i64 = 3;
/// Days after which a bank's own unit forgets that its house could not feed it.
const OUTSIDE_DAYS: i64 = 7;
/// Hours from which on a unit keeps some milk for infants yet to come.
const FAR_HOURS: i64 = 8;
/// Milk is matched and packed this long after an order.
const MATCH_MINUTES: i64 = 30;

impl Play<'_> {
    /// When an order raised now can arrive, before which morning an order must be raised now, and the
    /// mornings that it should cover.
    pub(super) fn horizon(&self, site: &str) -> (Instant, Instant, Vec<Instant>) {
        let sim = &self.input.region.sim;
        let tomorrow = self.now.plus_days(1);
        let arrives_at = self.guess_arrival(site, self.now);
        let next_arrival = self.guess_arrival(site, tomorrow);
        let in_house = self.lives_in_house(site);
        let short = self.is_short(site);
        let cover = if in_house { IN_HOUSE_DAYS } else { sim.unit_cover_days };
        let slack = if short || in_house { SHORT_SLACK_HOURS } else { SLACK_HOURS };
        let reorder_before = next_arrival.plus_hours(slack);
        let until = arrives_at.plus_days(cover).max(reorder_before);
        let zone = self.input.region.find_site(site).map_or("UTC", |site| site.time_zone.as_str());
        let today = self.now.date_in(zone);
        let mornings = (0..=cover + 14)
            .map(|day| self.morning_of(site, plus_days(today, day)))
            .filter(|at| *at > self.now && *at <= until)
            .collect();
        // Milk of the own house is there at once: who says that a later hour will do may be sent milk from afar for it.
        let soonest = if self.has_own_bank(site) { self.now.plus_minutes(MATCH_MINUTES) } else { arrives_at };
        (soonest, reorder_before, mornings)
    }

    /// What a unit wants to have over for infants yet to come: so many days of what its infants drink now, where milk
    /// takes long to come and the network is not short of it.
    pub(super) fn spare_ml(&self, site: &str, ward: &Ward) -> i64 {
        let far = self.guess_arrival(site, self.now) > self.now.plus_hours(FAR_HOURS);
        if !far || self.has_own_bank(site) || self.is_short(site) {
            return 0;
        }
        let daily_ml: i64 = ward.active(self.now).iter().filter_map(|infant| infant.need_on(self.now)).sum();
        daily_ml * self.input.region.sim.unit_reorder_days
    }

    /// Did the network lately leave an order of this unit unfilled? Then it asks no sooner than it must.
    fn is_short(&self, site: &str) -> bool {
        let lately = self.now.plus_days(-SHORT_DAYS);
        let mut own = self.tally.asked.values().filter(|asked| asked.site == site && asked.raised_at > lately);
        own.any(|asked| {
            let unfilled = asked.volume_ml - asked.promised_ml >= self.sizes_ml.first().copied().unwrap_or(1);
            let waited_until = asked.closed_at.unwrap_or(self.now);
            unfilled && asked.raised_at.plus_hours(SHORT_AFTER_HOURS) <= waited_until
        })
    }

    fn takes_frozen(&self, site: &str) -> bool {
        self.input.region.find_site(site).is_none_or(|site| site.accepts_forms.iter().any(|form| form == "frozen"))
    }

    /// Does a unit live on the milk of its own house? Not while others had to send it some.
    fn lives_in_house(&self, site: &str) -> bool {
        let since = self.now.plus_days(-OUTSIDE_DAYS);
        self.has_own_bank(site) && self.fed_from_outside.get(site).is_none_or(|last| *last < since)
    }

    pub(super) fn has_own_bank(&self, site: &str) -> bool {
        let site = self.input.region.find_site(site);
        site.is_some_and(|site| {
            site.role == SiteRole::Bank && site.sim.collected_ml_per_month.is_some_and(|ml| ml > 0.0)
        })
    }

    /// When the first vehicle could be at each unit that has no bank in its house, all roads open.
    pub(super) fn first_arrivals(&self) -> HashMap<String, Instant> {
        let from = self.now.plus_minutes(PREPARE_EMERGENCY_MINUTES - PREPARE_MINUTES);
        let units = self.wards.keys().filter(|site| !self.has_own_bank(site));
        let first = |site: &String| {
            let load = Load { volume_ml: 0, frozen: self.takes_frozen(site) };
            let country = self.country(site);
            let banks = self.input.region.sites.iter().map(|site| site.id.as_str());
            let banks = banks.filter(|bank| self.has_own_bank(bank) && self.country(bank) == country);
            let slots = banks.filter_map(|bank| self.roads.soonest(from, bank, site, load));
            Some((site.clone(), slots.map(|slot| slot.arrives_at()).min()?))
        };
        units.filter_map(first).collect()
    }

    fn guess_arrival(&self, site: &str, from: Instant) -> Instant {
        let ready = from.plus_minutes(MATCH_MINUTES);
        if self.lives_in_house(site) {
            return ready;
        }
        let load = Load { volume_ml: 0, frozen: self.takes_frozen(site) };
        let country = self.country(site);
        let mut banks: Vec<&str> = self.input.region.sites.iter().map(|site| site.id.as_str()).collect();
        banks.retain(|bank| self.has_own_bank(bank) && self.country(bank) == country);
        banks.sort_by(|a, b| self.roads.air_km(a, site).total_cmp(&self.roads.air_km(b, site)));
        let arrivals =
            banks.into_iter().take(NEAREST_BANKS).filter_map(|bank| self.roads.soonest(ready, bank, site, load));
        arrivals.map(|slot| slot.arrives_at()).min().unwrap_or_else(|| ready.plus_days(2))
    }

    /// A tier-1 infant went short: was there free milk that it may have, at a site that could have sent it in
    /// time for this morning?
    pub(super) async fn check_first_tier(
        &mut self,
        site: &str,
        infant: &Infant,
        short: &Shortfall,
    ) -> Result<(), CallError> {
        let path = "/v1/surplus";
        let lines: Vec<BoardLine> = self.client.list(self.known.admin, path).await?;
        let rejected_at = self.rejected_at.get(site).copied().unwrap_or(self.input.summary.first_at);
        let known_since = infant.start.max(self.input.summary.first_at).max(rejected_at);
        let forms = self.input.region.find_site(site).map(|site| site.accepts_forms.clone()).unwrap_or_default();
        let beside = lines.iter().filter(|line| line.available_bottles > 0).find_map(|line| {
            let (lot, published) = (self.lots.find(line.lot_id)?, self.published.get(&line.lot_id)?);
            let load = Load { volume_ml: 0, frozen: lot.form == "frozen" };
            let asked_at = known_since.max(published.since).plus_minutes(MATCH_MINUTES);
            let arrives = if published.bank == site {
                Some(asked_at)
            } else {
                self.roads.soonest(asked_at, &published.bank, site, load).map(|slot| slot.arrives_at())
            };
            let could_arrive_at = arrives.filter(|at| *at < self.now)?;
            let may = infant.may_have(lot)
                && forms.contains(&lot.form)
                && self.country(&published.bank) == self.country(site)
                && !self.roads.is_closed(&published.bank, site);
            may.then(|| ShortBesideMilk {
                site: site.to_owned(),
                infant: short.infant.clone(),
                at: self.now,
                short_ml: short.volume_ml,
                lot_id: line.lot_id,
                bank: published.bank.clone(),
                could_arrive_at,
            })
        });
        self.tally.short_beside_milk.extend(beside);
        Ok(())
    }
}

/// A line of the board.
#[derive(Debug, serde::Deserialize)]
struct BoardLine {
    lot_id: LotId,
    available_bottles: i64,
}
