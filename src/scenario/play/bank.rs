//! What banks do: enter lots with their whole safety record, release and publish them, meet a refusal where
//! a lot failed, and recall.

use super::super::client::{CallError, Caller};
use super::super::event::RecallIssued;
use super::super::event_lot::{Containers, LotRecord, OpeningLot};
use super::super::tally::pool;
use super::super::ward::{Bottle, LotFacts};
use super::super::wire::{self, BottleView, Ignored, LotView, RecallView, SurplusView};
use super::Play;
use super::Published;
use super::disturb::pool_of;
use crate::domain::ids::LotId;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashSet};

/// Rules that a failed culture or acidity may break.
const CULTURE_RULE: u8 = 2;

impl Play<'_> {
    /// A lot in hand at the start: part of it may lie in units.
    pub(super) async fn open_stock(&mut self, opening: &OpeningLot) -> Result<(), CallError> {
        let lot = &opening.lot;
        let mut held_at = Vec::new();
        let elsewhere = opening.holdings.iter().filter(|holding| holding.site_id != lot.bank_id);
        for holding in elsewhere {
            let site = self.known.site(&holding.site_id)?;
            held_at.push(json!({"site_id": site.id, "containers": wire::containers(&holding.containers)}));
        }
        let at_bank = held_bottles(opening, |site| site == lot.bank_id);
        let caller = self.known.site(&lot.bank_id)?.caller;
        let body = self.lot_body(lot, &at_bank, Some(held_at))?;
        let view: LotView = self.client.create(caller, "/v1/lots", &body).await?;
        self.know_lot(lot, &view);
        if view.state != "released" {
            self.tally.refuse(self.line, "stock.opening", reasons(&view));
            return Ok(());
        }
        let volume: i64 = held_bottles(opening, |_| true).iter().map(|c| c.size_ml * c.count).sum();
        let country = self.country(&lot.bank_id);
        self.tally.supply.add_milk(&pool(&country, &lot.form), self.now, volume);
        for holding in opening.holdings.iter().filter(|holding| holding.site_id != lot.bank_id) {
            self.stock_unit(&holding.site_id, view.id).await?;
        }
        if !at_bank.is_empty() {
            self.publish(lot, view.id).await?;
            self.put_into_freezer(&lot.bank_id, view.id).await?;
        }
        Ok(())
    }

    /// Reads which bottles of a lot lie in a unit's freezer.
    async fn stock_unit(&mut self, site: &str, lot: LotId) -> Result<(), CallError> {
        let known = self.known.site(site)?;
        let path = format!("/v1/bottles?site_id={}&lot_id={lot}", known.id);
        let bottles: Vec<BottleView> = self.client.list(known.caller, &path).await?;
        if let Some(ward) = self.wards.get_mut(site) {
            for bottle in bottles.iter().filter(|bottle| bottle.state == "in_stock") {
                ward.stock.put(Bottle { id: bottle.id, lot: bottle.lot_id, size_ml: bottle.size_ml }, None);
            }
        }
        Ok(())
    }

    /// A lot that passed: entered, released and offered to the network at once.
    pub(super) async fn release_lot(&mut self, lot: &LotRecord) -> Result<(), CallError> {
        let body = self.lot_body(lot, &lot.containers, None)?;
        let caller = self.known.site(&lot.bank_id)?.caller;
        let view: LotView = self.client.create(caller, "/v1/lots", &body).await?;
        self.know_lot(lot, &view);
        if view.state != "released" {
            if !self.is_kept_back(&view) {
                self.tally.refuse(self.line, "lot.released", reasons(&view));
            }
            return Ok(());
        }
        let country = self.country(&lot.bank_id);
        self.tally.milk(lot, &country, self.now);
        self.publish(lot, view.id).await?;
        self.put_into_freezer(&lot.bank_id, view.id).await
    }

    /// A lot that failed: the hub must not release it, nor let it be published; then it is discarded.
    pub(super) async fn reject_lot(&mut self, lot: &LotRecord) -> Result<(), CallError> {
        let body = self.lot_body(lot, &lot.containers, None)?;
        let caller = self.known.site(&lot.bank_id)?.caller;
        let view: LotView = self.client.create(caller, "/v1/lots", &body).await?;
        self.know_lot(lot, &view);
        if view.refusals.iter().any(|refusal| refusal.number == CULTURE_RULE) && view.state != "released" {
            self.tally.held(CULTURE_RULE);
        } else {
            let reason = lot.reject_reason.as_deref().unwrap_or("rejected");
            self.tally.bypassed.push(format!("lot {} was {} though: {reason}", lot.lot_id, view.state));
        }
        self.probe_unreleased(caller, &lot.bank_id, view.id).await?;
        let path = format!("/v1/lots/{}/discard", view.id);
        self.client.act::<Ignored>(caller, &path, view.version, &json!({"reason": "failed_inspection"})).await?;
        Ok(())
    }

    /// Offers every free bottle of a lot that lies at its bank.
    async fn publish(&mut self, lot: &LotRecord, id: LotId) -> Result<(), CallError> {
        let site = self.known.site(&lot.bank_id)?;
        let body = json!({
            "site_id": site.id,
            "reason": "released milk offered to the network",
            "available_until": lot.expires_at,
            "lots": [{"lot_id": id}],
        });
        self.client.create::<SurplusView>(site.caller, "/v1/surplus", &body).await?;
        self.published.insert(id, Published { bank: lot.bank_id.clone(), since: self.now });
        *self.released_ml.entry(lot.bank_id.clone()).or_default() += lot.volume_ml;
        self.order_soon(&lot.bank_id);
        self.wake();
        Ok(())
    }

    fn know_lot(&mut self, lot: &LotRecord, view: &LotView) {
        self.lots.add(LotFacts::from_record(view.id, lot));
        self.book_lot(lot, view.id);
    }

    pub(super) fn country(&self, site: &str) -> String {
        if self.input.region.sim.cross_country_transfers {
            return "all".to_owned();
        }
        self.input.region.find_site(site).map_or_else(String::new, |site| site.country.clone())
    }

    fn lot_body(
        &self,
        lot: &LotRecord,
        bottles: &[Containers],
        held_at: Option<Vec<Value>>,
    ) -> Result<Value, CallError> {
        let mut body = json!({
            "bank_site_id": self.known.site(&lot.bank_id)?.id,
            "code": lot.lot_id,
            "record": wire::safety_record(lot),
            "expires_at": lot.expires_at,
            "containers": wire::containers(bottles),
            "release": true,
        });
        if let (Some(held_at), Some(fields)) = (held_at, body.as_object_mut()) {
            fields.insert("held_at".into(), held_at.into());
        }
        if let (true, Some(fields)) = (self.disturbed.is_some(), body.as_object_mut()) {
            fields.insert("pool_ref".into(), pool_of(lot).into());
        }
        Ok(body)
    }

    /// A recall: the hub freezes what is left everywhere, each site sets its bottles aside and answers.
    pub(super) async fn recall(&mut self, recall: &RecallIssued) -> Result<(), CallError> {
        let site = self.known.site(&recall.bank_id)?;
        let known: Vec<LotId> = recall.lot_ids.iter().filter_map(|code| Some(self.lots.find_code(code)?.id)).collect();
        let (scope, selector) = match (recall.scope.as_str(), &recall.donor_id, &recall.pasteurisation_cycle_id) {
            ("donor", Some(donor), _) => ("donor", json!({"donor_ref": donor})),
            ("pasteurisation_cycle", _, Some(cycle)) => ("cycle", json!({"cycle_ref": cycle})),
            _ => ("lot", json!({"lot_ids": known})),
        };
        let body = json!({
            "site_id": site.id,
            "scope": scope,
            "selector": selector,
            "reason": recall.reason,
            "respond_by": recall.respond_by,
        });
        let view: RecallView = self.client.create(site.caller, "/v1/recalls", &body).await?;
        let lots: HashSet<LotId> = view.lot_ids.iter().copied().collect();
        self.probe_recalled(site.caller, &recall.bank_id, view.lot_ids.first().copied()).await?;
        let mut version = view.version;
        for reached in &view.sites {
            let code = self.known.code(reached.site_id).to_owned();
            let caller = self.known.site(&code)?.caller;
            let held_ml = self.set_aside_recalled(&code, caller, &lots).await?;
            let body = json!({"site_id": reached.site_id, "held_ml": held_ml});
            let path = format!("/v1/recalls/{}/acknowledge", view.id);
            let after: RecallView = self.client.act(caller, &path, version, &body).await?;
            version = after.version;
        }
        let path = format!("/v1/recalls/{}/close", view.id);
        self.client.act::<Ignored>(site.caller, &path, version, &json!({})).await?;
        self.wake();
        Ok(())
    }

    /// Discards every bottle of recalled lots that lies at a site; returns how much it was, mL.
    async fn set_aside_recalled(
        &mut self,
        site: &str,
        caller: Caller,
        lots: &HashSet<LotId>,
    ) -> Result<i64, CallError> {
        let id = self.known.site(site)?.id;
        let mut found: BTreeMap<String, i64> = BTreeMap::new();
        for lot in lots {
            let path = format!("/v1/bottles?site_id={id}&lot_id={lot}");
            let bottles: Vec<BottleView> = self.client.list(caller, &path).await?;
            let left = bottles.into_iter().filter(|b| matches!(b.state.as_str(), "in_stock" | "quarantined"));
            found.extend(left.map(|bottle| (bottle.id.to_string(), bottle.size_ml)));
        }
        let taken = self.wards.get_mut(site).map(|ward| ward.stock.take_lots(|lot| lots.contains(&lot)));
        if taken.is_some_and(|taken| !taken.is_empty()) {
            self.order_soon(site);
        }
        let ids: Vec<String> = found.keys().cloned().collect();
        self.discard(site, &ids, "recalled").await?;
        let volume = found.values().sum();
        self.tally.supply.add_loss(volume);
        Ok(volume)
    }

    /// Tells the hub that bottles are thrown away.
    pub(super) async fn discard(&self, site: &str, bottles: &[String], reason: &str) -> Result<(), CallError> {
        let known = self.known.site(site)?;
        for part in bottles.chunks(500) {
            let items: Vec<Value> =
                part.iter().map(|id| json!({"bottle_id": id, "fate": "discarded", "reason": reason})).collect();
            let body = json!({"site_id": known.id, "items": items});
            self.client.create::<Ignored>(known.caller, "/v1/bottles/fates", &body).await?;
        }
        Ok(())
    }
}

/// Bottles of an opening lot at some of its holders, by size.
fn held_bottles(opening: &OpeningLot, at: impl Fn(&str) -> bool) -> Vec<Containers> {
    let mut sizes: BTreeMap<i64, i64> = BTreeMap::new();
    let holdings = opening.holdings.iter().filter(|holding| at(&holding.site_id));
    for bottles in holdings.flat_map(|holding| &holding.containers) {
        *sizes.entry(bottles.size_ml).or_default() += bottles.count;
    }
    sizes.into_iter().map(|(size_ml, count)| Containers { size_ml, count }).collect()
}

fn reasons(view: &LotView) -> String {
    let all: Vec<String> = view.refusals.iter().map(|r| format!("{} {}: {}", r.number, r.code, r.detail)).collect();
    format!("{}: {}", view.state, all.join("; "))
}
