//! What the dispatcher does: book the soonest vehicle for promised milk, put everything between two sites on
//! one transfer, pack, seal and send it.

use super::super::client::CallError;
use super::super::journey::{Slot, tenths};
use super::super::logger::{TripPlan, drive};
use super::super::wire::{AllocationView, TransferView};
use super::Play;
use super::arrival::Journey;
use super::queue::Task;
use crate::domain::ids::AllocationId;
use crate::domain::time::Instant;
use serde_json::json;

/// How long to wait before a closed road is tried again, minutes.
const RETRY_MINUTES: i64 = 60;

impl Play<'_> {
    /// Books a vehicle for each pair of sites with promised milk and none booked in time.
    pub(super) fn book_journeys(&mut self) {
        let pairs: Vec<(String, String)> = self.waiting.keys().cloned().collect();
        let pairs: Vec<(String, String)> = pairs.into_iter().filter(|pair| self.lacks_vehicle(pair)).collect();
        let mut pairs: Vec<_> = pairs.into_iter().map(|pair| (self.needed_by(&pair), pair)).collect();
        pairs.sort();
        for (_, (from, to)) in pairs {
            self.book_journey(&from, &to);
        }
        let eta: Vec<((String, String), Instant)> =
            self.booked.iter().map(|(pair, slot)| (pair.clone(), slot.arrives_at())).collect();
        for (pair, eta) in eta {
            for id in self.waiting.get(&pair).into_iter().flatten() {
                if let Some(promise) = self.promises.get_mut(id) {
                    promise.eta = eta;
                }
            }
        }
    }

    /// Has a pair no vehicle, or one that comes later than another could and than its milk is needed?
    fn lacks_vehicle(&mut self, pair: &(String, String)) -> bool {
        let Some(booked) = self.booked.get(pair).cloned() else { return true };
        let needed_by = self.needed_by(pair);
        if booked.latest_arrival() <= needed_by {
            return false;
        }
        let better = self.roads.fitting(self.now, &pair.0, &pair.1, 0, needed_by);
        let sooner = better.is_some_and(|slot| slot.arrives_at().plus_hours(1) < booked.arrives_at());
        if sooner {
            self.booked.remove(pair);
            self.roads.release(&booked);
        }
        sooner
    }

    /// When the first of the milk promised between two sites is needed.
    fn needed_by(&self, pair: &(String, String)) -> Instant {
        let ids = self.waiting.get(pair).into_iter().flatten();
        let requests = ids.filter_map(|id| self.tally.asked.get(&self.promises.get(id)?.request));
        requests.map(|asked| asked.needed_by).min().unwrap_or(self.now)
    }

    fn book_journey(&mut self, from: &str, to: &str) {
        let pair = (from.to_owned(), to.to_owned());
        let ids = self.waiting.get(&pair).cloned().unwrap_or_default();
        let volume = ids.iter().filter_map(|id| Some(self.promises.get(id)?.volume_ml)).sum();
        let depart = Task::Depart(from.to_owned(), to.to_owned());
        match self.roads.fitting(self.now, from, to, volume, self.needed_by(&pair)) {
            Some(slot) => {
                self.roads.book(&slot);
                self.queue.add(slot.departs_at, depart);
                self.booked.insert(pair, slot);
            }
            None => self.queue.add(self.now.plus_minutes(RETRY_MINUTES), depart),
        }
    }

    /// A vehicle leaves with everything promised between two sites that fits in it.
    pub(super) async fn depart(&mut self, from: &str, to: &str) -> Result<(), CallError> {
        let pair = (from.to_owned(), to.to_owned());
        if self.booked.get(&pair).is_some_and(|slot| slot.departs_at > self.now) {
            return Ok(());
        }
        let Some(slot) = self.booked.remove(&pair) else {
            if self.waiting.contains_key(&pair) {
                self.book_journey(from, to);
            }
            return Ok(());
        };
        if self.roads.is_closed(from, to) {
            self.queue.add(self.now.plus_minutes(RETRY_MINUTES), Task::Depart(pair.0, pair.1));
            return Ok(());
        }
        let Some(carrier) = self.roads.carrier(slot.carrier).cloned() else { return Ok(()) };
        let ids = self.waiting.remove(&pair).unwrap_or_default();
        let (now, left): (Vec<AllocationId>, Vec<AllocationId>) = self.split_load(&ids, carrier.max_payload_ml);
        if !left.is_empty() {
            self.waiting.insert(pair.clone(), left);
            self.book_journey(from, to);
        }
        if now.is_empty() {
            return Ok(());
        }
        let Err(error) = self.send(from, to, &slot, &now).await else { return Ok(()) };
        if error.problem().is_none() {
            return Err(error);
        }
        // Some promise ended meanwhile, by a recall or by its timer: the rest still goes.
        let still = self.still_held(&now).await?;
        if still.is_empty() || still.len() == now.len() {
            return self.count(Err(error), "transfer");
        }
        let again = self.send(from, to, &slot, &still).await;
        self.count(again, "transfer")
    }

    /// Promises that still hold, as many as fit in one vehicle, and the rest.
    fn split_load(&mut self, ids: &[AllocationId], payload_ml: i64) -> (Vec<AllocationId>, Vec<AllocationId>) {
        let (mut load, mut left, mut volume) = (Vec::new(), Vec::new(), 0);
        for id in ids {
            let Some(promise) = self.promises.get(id) else { continue };
            if promise.lapses_at.is_some_and(|lapses| lapses <= self.now) {
                self.forget_promise(*id);
            } else if load.is_empty() || volume + promise.volume_ml <= payload_ml {
                volume += promise.volume_ml;
                load.push(*id);
            } else {
                left.push(*id);
            }
        }
        (load, left)
    }

    /// Those of some promises that the hub still holds; the others are forgotten.
    async fn still_held(&mut self, ids: &[AllocationId]) -> Result<Vec<AllocationId>, CallError> {
        let mut held = Vec::new();
        for id in ids {
            let path = format!("/v1/allocations/{id}");
            let view: AllocationView = self.client.get(self.known.dispatcher, &path).await?;
            if view.state == "held" {
                held.push(*id);
            } else {
                self.forget_promise(*id);
            }
        }
        self.wake();
        Ok(held)
    }

    /// A promise that came to nothing.
    pub(super) fn forget_promise(&mut self, id: AllocationId) {
        if let Some(promise) = self.promises.remove(&id)
            && let Some(asked) = self.tally.asked.get_mut(&promise.request)
        {
            asked.promised_ml -= promise.volume_ml;
        }
    }

    async fn send(&mut self, from: &str, to: &str, slot: &Slot, load: &[AllocationId]) -> Result<(), CallError> {
        let sender = self.known.dispatcher;
        let name = format!("{from}>{to}@{}", self.now);
        let seal = format!("S{}", self.tally.transfers + 1);
        let courier = self.known.couriers.get(slot.carrier);
        let body = json!({
            "allocation_ids": load,
            "courier_id": courier,
            "planned_pickup_at": self.now,
            "planned_delivery_at": self.now.plus_minutes(slot.minutes),
            "logger_ref": format!("logger-{seal}"),
        });
        let made: TransferView = self.client.create(sender, "/v1/transfers", &body).await?;
        let path = format!("/v1/transfers/{}", made.id);
        let packed: TransferView =
            self.client.act(sender, &format!("{path}/pack"), made.version, &json!({"seal_number": seal})).await?;
        let sent: TransferView =
            self.client.act(sender, &format!("{path}/collect"), packed.version, &json!({"seal_number": seal})).await?;
        self.tally.transfers += 1;
        self.tally.transfer_km = tenths(self.tally.transfer_km + slot.km);
        let trip = self.drive_trip(&name, from, slot, &sent);
        let arrives_at = self.now.plus_minutes(trip.minutes);
        for id in load {
            if let Some(promise) = self.promises.get_mut(id) {
                promise.eta = arrives_at;
            }
        }
        let journey = Journey {
            to: to.to_owned(),
            from: from.to_owned(),
            load: load.to_vec(),
            departed_at: self.now,
            arrives_at,
            seal,
            trip,
        };
        self.journeys.insert(made.id, journey);
        self.queue.add(arrives_at, Task::Arrive(made.id));
        Ok(())
    }

    fn drive_trip(&self, name: &str, from: &str, slot: &Slot, sent: &TransferView) -> super::super::logger::Trip {
        let region = &self.input.region;
        let profile = region.find_site(from).and_then(|site| region.find_profile(site));
        let lots = sent.manifest.iter().filter_map(|bottle| self.lots.find(bottle.lot_id));
        let ambient = lots.map(|lot| lot.form == "freeze_dried").next().unwrap_or(false);
        let limit = profile.map_or(-18.0, |profile| profile.transport_max_temp_c);
        let minutes = slot.minutes;
        match self.roads.carrier(slot.carrier) {
            Some(carrier) => drive(&TripPlan {
                seed: self.seed,
                name,
                carrier,
                planned_minutes: minutes,
                ambient,
                limit_c: if ambient { 25.0 } else { limit },
                interval_min: region.sim.reading_interval_min,
                excursion_rate: region.sim.excursion_rate,
            }),
            None => super::super::logger::Trip {
                minutes,
                readings: Vec::new(),
                excursion: None,
                warmest_c: limit,
                minutes_above: 0,
                seal_intact: true,
            },
        }
    }
}
