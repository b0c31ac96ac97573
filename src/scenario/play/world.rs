//! What the world does: sites that cannot work, closed roads, milk lost with a freezer.

use super::super::client::CallError;
use super::super::event::{ClosureStarted, Event, OutageStarted, StockLoss};
use super::super::wire::{BottleView, ClosureView, Ignored};
use super::Play;
use serde_json::json;

/// Outages that stop a site from sending and receiving; a pasteuriser's does not.
const STOPPING: [&str; 3] = ["freezer_failure", "it_downtime", "staff_shortage"];

impl Play<'_> {
    /// A site that cannot work is closed for the exchange.
    pub(super) async fn start_outage(&mut self, event: &Event, outage: &OutageStarted) -> Result<(), CallError> {
        let Some(site) = event.site_id.as_deref().filter(|_| STOPPING.contains(&outage.kind.as_str())) else {
            return Ok(());
        };
        self.close(&outage.outage_id, &outage.kind, &[site.to_owned()]).await
    }

    /// Roads to some sites are closed.
    pub(super) async fn start_closure(&mut self, closure: &ClosureStarted) -> Result<(), CallError> {
        self.close(&closure.closure_id, &closure.kind, &closure.affected_site_ids).await
    }

    async fn close(&mut self, id: &str, kind: &str, sites: &[String]) -> Result<(), CallError> {
        let mut ids = Vec::new();
        for site in sites {
            ids.push(self.known.site(site)?.id);
        }
        let note = format!("{kind} ({id})");
        let body = json!({"kind": code_of(kind), "site_ids": ids, "starts_at": self.now, "note": note});
        let view: ClosureView = self.client.create(self.known.dispatcher, "/v1/closures", &body).await?;
        self.closures.insert(id.to_owned(), (view.id, view.version));
        self.roads.close(id, sites);
        Ok(())
    }

    /// A closure or outage ends; one that never closed anything ends silently.
    pub(super) async fn end_closure(&mut self, id: &str) -> Result<(), CallError> {
        let Some((closure, version)) = self.closures.remove(id) else { return Ok(()) };
        self.roads.open(id);
        let path = format!("/v1/closures/{closure}/end");
        self.client.act::<Ignored>(self.known.dispatcher, &path, version, &json!({})).await?;
        self.wake();
        Ok(())
    }

    /// A freezer took milk with it: the named lot first, then other bottles up to the same volume.
    pub(super) async fn lose_stock(&mut self, event: &Event, loss: &StockLoss) -> Result<(), CallError> {
        let Some(site) = event.site_id.as_deref() else { return Ok(()) };
        let lot = self.lots.find_code(&loss.lot_id).map(|lot| lot.id);
        let from_ward = match self.wards.get_mut(site) {
            Some(ward) => ward.stock.take_volume(lot, loss.volume_ml),
            None => Vec::new(),
        };
        let mut lost_ml: i64 = from_ward.iter().map(|bottle| bottle.size_ml).sum();
        let mut lost: Vec<String> = from_ward.iter().map(|bottle| bottle.id.to_string()).collect();
        if lost_ml < loss.volume_ml
            && let Some(lot) = lot
        {
            let known = self.known.site(site)?;
            let path = format!("/v1/bottles?site_id={}&lot_id={lot}&state=in_stock", known.id);
            let bottles: Vec<BottleView> = self.client.list(known.caller, &path).await?;
            for bottle in bottles.iter().filter(|bottle| bottle.offer_id.is_none()) {
                if lost_ml >= loss.volume_ml {
                    break;
                }
                let id = bottle.id.to_string();
                if !lost.contains(&id) {
                    lost_ml += bottle.size_ml;
                    lost.push(id);
                }
            }
        }
        self.tally.supply.add_loss(lost_ml);
        self.discard(site, &lost, "freezer_loss").await
    }
}

/// A code from words such as `heavy snow or fog`.
fn code_of(words: &str) -> String {
    let letter = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' };
    words.chars().map(letter).take(64).collect::<String>().trim_matches('_').to_owned()
}

#[cfg(test)]
mod tests {
    #[test]
    fn words_become_a_code() {
        assert_eq!(super::code_of("storm, snow or ice (region)"), "storm__snow_or_ice__region");
    }
}
