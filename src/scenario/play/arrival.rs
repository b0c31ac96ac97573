//! What happens at the door of a receiving unit: the logger is read, the seal compared, each bottle checked
//! in, and after an excursion an authorised person decides.

use super::super::client::CallError;
use super::super::draws::Draws;
use super::super::journey::round;
use super::super::logger::Trip;
use super::super::ward::Bottle;
use super::super::wire::{ExcursionView, Ignored, ManifestBottle, ReadingsView, TransferView};
use super::Play;
use super::queue::Task;
use crate::domain::ids::{AllocationId, TransferId};
use crate::domain::time::Instant;
use serde_json::{Value, json};
use std::collections::HashMap;

/// Frozen milk warmer than this arrives soft.
const SOFT_ABOVE_C: f64 = -3.0;
/// Share of silent or faulty loggers after which the milk is found to be sound.
const SOUND_AFTER_GAP: f64 = 0.7;

/// A transfer on the road.
#[derive(Debug, Clone)]
pub(super) struct Journey {
    pub(super) from: String,
    pub(super) to: String,
    pub(super) load: Vec<AllocationId>,
    pub(super) departed_at: Instant,
    pub(super) arrives_at: Instant,
    pub(super) seal: String,
    pub(super) logger: String,
    pub(super) trip: Trip,
}

impl Play<'_> {
    /// A vehicle arrives.
    pub(super) async fn arrive(&mut self, transfer: TransferId) -> Result<(), CallError> {
        let Some(journey) = self.journeys.remove(&transfer) else { return Ok(()) };
        let receiver = self.known.site(&journey.to)?;
        self.send_readings(transfer, &journey).await?;
        let path = format!("/v1/transfers/{transfer}");
        let current: TransferView = self.client.get(self.known.dispatcher, &path).await?;
        let body = json!({"at": journey.arrives_at});
        let delivered: TransferView =
            self.client.act(receiver.caller, &format!("{path}/deliver"), current.version, &body).await?;
        let seal = if journey.trip.seal_intact { journey.seal.clone() } else { format!("{}-broken", journey.seal) };
        let ambient = journey.trip.warmest_c > 0.0;
        let frozen_solid = ambient || journey.trip.warmest_c < SOFT_ABOVE_C;
        let body = json!({"seal_number": seal, "frozen_solid": frozen_solid, "bottles": [], "accept_all": true});
        let received: TransferView =
            self.client.act(receiver.caller, &format!("{path}/receive"), delivered.version, &body).await?;
        if !self.probed.second_receipt {
            self.probed.second_receipt = true;
            let again: Result<Ignored, CallError> =
                self.client.act(receiver.caller, &format!("{path}/receive"), received.version, &body).await;
            self.must_refuse(10, "a second receipt of the same bottles", again)?;
        }
        let promised: Vec<super::Promise> =
            journey.load.iter().filter_map(|id| self.promises.get(id).cloned()).collect();
        let set_aside = self.check_in(&journey, &received);
        self.look_at_receipt(transfer, &journey, &received, &promised).await?;
        if received.manifest.iter().any(|bottle| bottle.outcome.as_deref() != Some("accepted")) {
            self.rejected_at.insert(journey.to.clone(), self.now);
        }
        if !set_aside.is_empty() {
            self.decide(transfer, &journey, set_aside).await?;
        }
        self.queue.add(self.now, Task::Order(journey.to.clone()));
        Ok(())
    }

    async fn send_readings(&self, transfer: TransferId, journey: &Journey) -> Result<(), CallError> {
        let readings: Vec<Value> = journey
            .trip
            .readings
            .iter()
            .map(|reading| {
                let at = journey.departed_at.plus_minutes(reading.minute);
                json!({"at": at, "celsius": reading.celsius})
            })
            .collect();
        if readings.is_empty() {
            return Ok(());
        }
        let body = json!({"transfer_id": transfer, "logger_ref": journey.logger, "readings": readings});
        self.client.create::<ReadingsView>(self.known.dispatcher, "/v1/readings", &body).await?;
        Ok(())
    }

    /// Puts accepted bottles into the unit's freezer; returns those that were set aside.
    fn check_in(&mut self, journey: &Journey, received: &TransferView) -> Vec<(ManifestBottle, Option<String>)> {
        let promised: HashMap<AllocationId, super::Promise> =
            journey.load.iter().filter_map(|id| Some((*id, self.promises.remove(id)?))).collect();
        let mut set_aside = Vec::new();
        for bottle in &received.manifest {
            let Some(promise) = promised.get(&bottle.allocation_id) else { continue };
            if bottle.outcome.as_deref() == Some("accepted") {
                self.stock_bottle(&journey.to, bottle, promise.infant.as_deref());
                self.tally.carried_ml += bottle.size_ml;
                if let Some(asked) = self.tally.asked.get_mut(&promise.request) {
                    asked.delivered_ml += bottle.size_ml;
                    asked.delivered_at.get_or_insert(self.now);
                    asked.close_if_full();
                }
                continue;
            }
            if let Some(asked) = self.tally.asked.get_mut(&promise.request) {
                asked.promised_ml -= bottle.size_ml;
            }
            if bottle.outcome.as_deref() == Some("quarantined") {
                set_aside.push((bottle.clone(), promise.infant.clone()));
            } else {
                self.tally.supply.add_loss(bottle.size_ml);
            }
        }
        set_aside
    }

    fn stock_bottle(&mut self, site: &str, bottle: &ManifestBottle, infant: Option<&str>) {
        if let Some(ward) = self.wards.get_mut(site) {
            let bottle = Bottle { id: bottle.bottle_id, lot: bottle.lot_id, size_ml: bottle.size_ml };
            ward.stock.put(bottle, infant);
        }
    }

    /// Bottles were set aside: recalled milk is discarded; after an excursion the receiver decides.
    async fn decide(
        &mut self,
        transfer: TransferId,
        journey: &Journey,
        set_aside: Vec<(ManifestBottle, Option<String>)>,
    ) -> Result<(), CallError> {
        let receiver = self.known.site(&journey.to)?;
        let path = format!("/v1/excursions?site_id={}", receiver.id);
        let excursions: Vec<ExcursionView> = self.client.list(receiver.caller, &path).await?;
        let mut own = excursions.into_iter().filter(|one| one.transfer_id == transfer && one.state != "dispositioned");
        let Some(excursion) = own.next() else {
            let ids: Vec<String> = set_aside.iter().map(|(bottle, _)| bottle.bottle_id.to_string()).collect();
            self.tally.supply.add_loss(set_aside.iter().map(|(bottle, _)| bottle.size_ml).sum());
            return self.discard(&journey.to, &ids, "recalled").await;
        };
        self.tally.excursions += 1;
        let accept = self.is_sound(journey);
        let path = format!("/v1/excursions/{}", excursion.id);
        let seen: ExcursionView =
            self.client.act(receiver.caller, &format!("{path}/acknowledge"), excursion.version, &json!({})).await?;
        let reason =
            if accept { "inspected: frozen solid, logger fault" } else { "inspected: limit exceeded or seal broken" };
        let body = json!({"disposition": if accept { "accept" } else { "discard" }, "reason": reason, "milk": "solid"});
        self.client.act::<Ignored>(receiver.caller, &format!("{path}/disposition"), seen.version, &body).await?;
        for (bottle, infant) in &set_aside {
            if accept {
                self.stock_bottle(&journey.to, bottle, infant.as_deref());
            } else {
                self.tally.supply.add_loss(bottle.size_ml);
            }
        }
        Ok(())
    }

    /// The receiver's finding, by the reference policy's rule: warm or unsealed milk is lost; after a silent or
    /// faulty logger most of it is found sound.
    fn is_sound(&self, journey: &Journey) -> bool {
        let region = &self.input.region;
        let profile = region.find_site(&journey.to).and_then(|site| region.find_profile(site));
        let tolerance = profile.map_or(0, |profile| profile.transport_tolerance_min);
        // Without a single reading nobody knows how warm it was, and nobody may say that it was well.
        if journey.trip.minutes_above > tolerance || !journey.trip.seal_intact || journey.trip.readings.is_empty() {
            return false;
        }
        let name = format!("{}>{}@{}", journey.from, journey.to, journey.departed_at);
        let logger_failed = matches!(journey.trip.excursion, Some("logger_gap" | "sensor_spike"));
        !logger_failed
            || round(Draws::new(self.seed, "inspection", &name).fraction() * 1000.0) < round(SOUND_AFTER_GAP * 1000.0)
    }
}
