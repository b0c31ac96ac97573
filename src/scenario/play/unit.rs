//! What units do: feed their infants each morning, tell the hub the fate of every bottle, and ask for what
//! their stock and the milk on its way will not cover.

use super::super::calendar::{local_instant, morning_minute, plus_days};
use super::super::client::CallError;
use super::super::event::Event;
use super::super::tally::{Asked, pool};
use super::super::ward::{Bottle, Infant, Order, OrderKind, OrderPlan, Shortfall, Urgency, plan_orders};
use super::super::wire::{self, Ignored, RequestView};
use super::Play;
use super::queue::Task;
use crate::domain::ids::RequestId;
use crate::domain::time::Instant;
use serde_json::{Value, json};
use std::collections::HashMap;

/// What a request is for: an infant on a morning, or ward stock of a tier.
type Purpose = (Option<String>, u8, Option<Instant>);

fn purpose(infant: Option<String>, tier: u8, morning: Instant) -> Purpose {
    let day = infant.as_ref().map(|_| morning);
    (infant, tier, day)
}

impl Play<'_> {
    pub(super) fn schedule_mornings(&mut self) {
        let first = self.roads.first_day();
        let sites: Vec<String> = self.wards.keys().cloned().collect();
        for site in sites {
            for day in 0.. {
                let at = self.morning_of(&site, plus_days(first, day));
                if at >= self.end {
                    break;
                }
                self.queue.add(at, Task::Morning(site.clone()));
            }
            self.queue.add(self.now, Task::Order(site));
        }
    }

    pub(super) fn morning_of(&self, site: &str, date: jiff::civil::Date) -> Instant {
        let zone = self.input.region.find_site(site).map_or("UTC", |site| site.time_zone.as_str());
        local_instant(date, morning_minute(site), zone)
    }

    /// An infant comes: its unit looks at its stock at once.
    pub(super) fn admit(&mut self, event: &Event, infant: Infant) -> Result<(), CallError> {
        let Some(site) = event.site_id.clone() else { return Ok(()) };
        let Some(ward) = self.wards.get_mut(&site) else { return Ok(()) };
        ward.admit(infant);
        if event.at > self.input.summary.first_at {
            self.queue.add(self.now, Task::Order(site));
        }
        Ok(())
    }

    /// One morning: feed, report, drop what expired, order.
    pub(super) async fn morning(&mut self, site: &str) -> Result<(), CallError> {
        let Some(mut ward) = self.wards.remove(site) else { return Ok(()) };
        let stock_ml = ward.stock.volume_ml();
        let preparation = ward.prepare(self.now, &self.lots);
        if self.first_arrivals.get(site).is_some_and(|first| self.now < *first) {
            self.tally.supply.add_need_out_of_reach(site, stock_ml, preparation.need_ml);
        }
        let pools = self.pools(site);
        self.tally.morning(&ward, &pools, self.now, &preparation, &self.lots);
        let expired = ward.stock.take_lots(|lot| self.lots.find(lot).is_none_or(|lot| lot.expires_at <= self.now));
        drop(expired);
        let gone = ward.free_reservations(self.now);
        let short: Vec<(Infant, Shortfall)> = preparation
            .shortfalls
            .iter()
            .filter(|shortfall| shortfall.tier == 1)
            .filter_map(|shortfall| Some((ward.find_infant(&shortfall.infant)?.clone(), shortfall.clone())))
            .collect();
        self.wards.insert(site.to_owned(), ward);
        self.report_fates(site, &preparation).await?;
        self.free_milk_of(site, &gone).await?;
        for (infant, shortfall) in short {
            self.check_first_tier(site, &infant, &shortfall).await?;
        }
        self.order(site).await
    }

    /// Forms of milk that a unit takes, as pools of supply.
    fn pools(&self, site: &str) -> Vec<String> {
        let country = self.country(site);
        let forms = self.input.region.find_site(site).map(|site| site.accepts_forms.clone()).unwrap_or_default();
        forms.iter().map(|form| pool(&country, form)).collect()
    }

    /// The unit looks ahead and asks; what it asked before and no longer needs, or not in time, it closes.
    pub(super) async fn order(&mut self, site: &str) -> Result<(), CallError> {
        let in_house_ml = self.released_ml.get(site).copied().unwrap_or_default();
        let Some(ward) = self.wards.get(site) else { return Ok(()) };
        if ward.active(self.now).is_empty() && !self.has_open(site) {
            return Ok(());
        }
        let (arrives_at, reorder_before, mornings) = self.horizon(site);
        let incoming = self.incoming(site);
        let plan = OrderPlan {
            now: self.now,
            mornings: &mornings,
            reorder_before,
            arrives_at,
            incoming: &incoming,
            sizes_ml: &self.sizes_ml,
            in_house_ml,
            spare_ml: self.spare_ml(site, ward),
        };
        let wanted = plan_orders(ward, &plan, &self.lots);
        if wanted.due {
            self.released_ml.remove(site);
        }
        let mut open = self.open_requests(site);
        for order in wanted.orders {
            self.ask(site, order, wanted.due, &mut open).await?;
        }
        for (_, request) in open {
            self.withdraw(site, request).await?;
        }
        Ok(())
    }

    fn has_open(&self, site: &str) -> bool {
        self.tally.asked.values().any(|asked| asked.open && asked.site == site)
    }

    /// Open requests of a site by what they are for: an infant, or ward stock of a tier.
    fn open_requests(&self, site: &str) -> HashMap<Purpose, RequestId> {
        let open = self.tally.asked.iter().filter(|(_, asked)| asked.open && asked.site == site);
        open.map(|(id, asked)| (purpose(asked.infant.clone(), asked.own_tier, asked.morning), *id)).collect()
    }

    async fn ask(
        &mut self,
        site: &str,
        order: Order,
        due: bool,
        open: &mut HashMap<Purpose, RequestId>,
    ) -> Result<(), CallError> {
        let infant = match &order.kind {
            OrderKind::Infant(reference) => Some(reference.clone()),
            OrderKind::Ward { .. } => None,
        };
        let found = open.remove(&purpose(infant.clone(), order.tier, order.morning));
        if let Some((id, asked)) = found.and_then(|id| Some((id, self.tally.asked.get(&id)?))) {
            let remainder = asked.volume_ml - asked.promised_ml;
            let in_time = asked.needed_by > self.now;
            let smallest = self.sizes_ml.first().copied().unwrap_or(1);
            // A little too much may stay; too little would leave a morning short beside free milk.
            if in_time && (0..2 * smallest).contains(&(remainder - order.volume_ml)) {
                return Ok(());
            }
            self.withdraw(site, id).await?;
        } else if !due {
            return Ok(());
        }
        self.raise(site, &order, infant).await
    }

    async fn raise(&mut self, site: &str, order: &Order, infant: Option<String>) -> Result<(), CallError> {
        if let Some(named) = infant.as_deref().and_then(|name| self.wards.get(site)?.find_infant(name)).cloned() {
            self.probe_requests(site, &named).await?;
        }
        let known = self.known.site(site)?;
        let Some(body) = self.request_body(site, order) else { return Ok(()) };
        let made: Result<RequestView, CallError> = self.client.create(known.caller, "/v1/requests", &body).await;
        let view = match made {
            Ok(view) => view,
            Err(error) => return self.count(Err(error), "request"),
        };
        let asked = Asked {
            site: site.to_owned(),
            infant,
            tier: view.tier,
            own_tier: order.tier,
            morning: order.morning,
            volume_ml: order.volume_ml,
            promised_ml: 0,
            delivered_ml: 0,
            withdrawn_ml: 0,
            raised_at: self.now,
            needed_by: order.needed_by,
            matched_at: None,
            delivered_at: None,
            closed_at: None,
            open: true,
        };
        self.tally.asked.insert(view.id, asked);
        self.pressing |= order.urgency == Urgency::Emergency;
        self.wake();
        Ok(())
    }

    fn request_body(&self, site: &str, order: &Order) -> Option<Value> {
        let known = self.known.site(site).ok()?;
        let ward = self.wards.get(site)?;
        let (reference, kind) = match &order.kind {
            OrderKind::Infant(reference) => (reference, "named_infant"),
            OrderKind::Ward { most_vulnerable, .. } => (most_vulnerable, "ward_stock"),
        };
        let infant = ward.find_infant(reference)?;
        let conditions = if kind == "named_infant" { infant.constraints.clone() } else { Default::default() };
        let mut body = json!({
            "site_id": known.id,
            "kind": kind,
            "urgency": order.urgency.word(),
            "volume_ml": order.volume_ml,
            "needed_by": order.needed_by,
            "days_of_use": order.days_of_use,
            "accepts_forms": self.input.region.find_site(site)?.accepts_forms,
            "constraints": wire::constraints(&conditions),
            "preferences": wire::preferences(&conditions, order.bottle_ml),
            "prescription_ref": format!("RX-{reference}"),
            "consent_ref": infant.profile.consent.consent_ref,
        });
        let fields = body.as_object_mut()?;
        match &order.kind {
            OrderKind::Infant(_) => fields.insert("infant".into(), wire::infant(&infant.profile)),
            OrderKind::Ward { infants, .. } => fields.insert(
                "ward".into(),
                json!({
                    "infants_on_donor_milk": infants,
                    "most_vulnerable": wire::infant(&infant.profile),
                    "hours_of_stock": order.hours_of_stock,
                }),
            ),
        };
        Some(body)
    }

    /// Closes what is left of a request.
    async fn withdraw(&mut self, site: &str, id: RequestId) -> Result<(), CallError> {
        let caller = self.known.site(site)?.caller;
        let path = format!("/v1/requests/{id}");
        let view: RequestView = self.client.get(caller, &path).await?;
        if let Some(asked) = self.tally.asked.get_mut(&id) {
            asked.open = false;
            asked.closed_at = Some(self.now);
            asked.withdrawn_ml = (asked.volume_ml - asked.promised_ml).max(0);
        }
        if matches!(view.state.as_str(), "open" | "partly_allocated") {
            let path = format!("/v1/requests/{id}/close");
            let body = json!({"reason": "the unit asks anew from its present stock"});
            self.client.act::<Ignored>(caller, &path, view.version, &body).await?;
        }
        Ok(())
    }

    /// Bottles on their way to a site.
    fn incoming(&self, site: &str) -> Vec<(Instant, Option<String>, Bottle)> {
        let promises = self.promises.values().filter(|promise| promise.to == site);
        promises.flat_map(|promise| promise.bottles.iter().map(|b| (promise.eta, promise.infant.clone(), *b))).collect()
    }

    /// Bottles of a bank that its own unit was promised: they are there at once.
    pub(super) fn arrived_in_house(
        &mut self,
        site: &str,
        request: RequestId,
        infant: Option<&str>,
        bottles: &[Bottle],
    ) {
        let volume: i64 = bottles.iter().map(|bottle| bottle.size_ml).sum();
        if let Some(asked) = self.tally.asked.get_mut(&request) {
            asked.delivered_ml += volume;
            asked.delivered_at.get_or_insert(self.now);
            asked.close_if_full();
        }
        if let Some(ward) = self.wards.get_mut(site) {
            for bottle in bottles {
                ward.stock.put(*bottle, infant);
            }
        }
    }
}
