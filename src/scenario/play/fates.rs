//! What a unit tells the hub of its bottles: who drank them, and whom they are no longer kept for.

use super::super::client::CallError;
use super::super::ward::Preparation;
use super::super::wire::{BottleView, Ignored};
use super::Play;
use crate::domain::ids::RequestId;
use serde_json::{Value, json};

/// Largest number of bottles in one call.
const FATES_PER_CALL: usize = 500;

impl Play<'_> {
    /// Reports which infant drank how much of which bottle.
    pub(super) async fn report_fates(&mut self, site: &str, preparation: &Preparation) -> Result<(), CallError> {
        let known = self.known.site(site)?;
        for part in preparation.opened.chunks(FATES_PER_CALL) {
            let items: Vec<Value> = part
                .iter()
                .map(|opened| {
                    let feeds: Vec<Value> = opened
                        .feeds
                        .iter()
                        .map(|feed| json!({"infant_ref": feed.infant, "volume_ml": feed.volume_ml}))
                        .collect();
                    json!({"bottle_id": opened.bottle.id, "fate": "used", "feeds": feeds})
                })
                .collect();
            let body = json!({"site_id": known.id, "items": items});
            self.client.create::<Ignored>(known.caller, "/v1/bottles/fates", &body).await?;
        }
        Ok(())
    }

    /// Tells the hub that what it keeps for infants who left is any infant's now.
    pub(super) async fn free_milk_of(&mut self, site: &str, gone: &[String]) -> Result<(), CallError> {
        let caller = self.known.site(site)?.caller;
        let body = json!({"reason": "the infant no longer needs donor milk"});
        let delivered = self.tally.asked.iter().filter(|(_, asked)| asked.site == site && asked.delivered_ml > 0);
        let mut kept: Vec<RequestId> = delivered
            .filter(|(_, asked)| asked.infant.as_ref().is_some_and(|infant| gone.contains(infant)))
            .map(|(id, _)| *id)
            .collect();
        kept.sort_unstable();
        for request in kept {
            self.client.create::<Ignored>(caller, &format!("/v1/requests/{request}/free-milk"), &body).await?;
        }
        Ok(())
    }

    /// Throws away what expired: the hub has set it aside, and each site records the end of it.
    pub(super) async fn throw_expired_away(&self) -> Result<(), CallError> {
        for (site, known) in &self.known.sites {
            let path = format!("/v1/bottles?site_id={}&state=quarantined", known.id);
            let aside: Vec<BottleView> = self.client.list(known.caller, &path).await?;
            let expired =
                |bottle: &&BottleView| self.lots.find(bottle.lot_id).is_some_and(|lot| lot.expires_at <= self.now);
            let ids: Vec<String> = aside.iter().filter(expired).map(|bottle| bottle.id.to_string()).collect();
            self.discard(site, &ids, "expired").await?;
        }
        Ok(())
    }
}
