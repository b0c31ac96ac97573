//! What the dispatcher does: book the soonest vehicle for promised milk, put everything between two sites on
//! one transfer, pack, seal and send it.

use super::super::client::CallError;
use super::super::journey::{Load, Slot, round, tenths};
use super::super::logger::{Trip, TripPlan, drive};
use super::super::reference_policy::whole;
use super::super::wire::{AllocationView, TransferView};
use super::arrival::Journey;
use super::disturb::EXCURSION_SHARE;
use super::queue::Task;
use super::{Pair, Play};
use crate::domain::ids::{AllocationId, TransferId};
use crate::domain::time::Instant;
use serde_json::json;

/// How long to wait before a closed road is tried again, minutes.
const RETRY_MINUTES: i64 = 60;

/// A transfer that is made before its vehicle leaves, so that its promises do not lapse.
#[derive(Debug, Clone)]
pub(super) struct Planned {
    id: TransferId,
    version: i64,
    pub(super) carrier: usize,
    load: Vec<AllocationId>,
}

impl Play<'_> {
    /// Books a vehicle for each pair of sites with promised milk and none booked in time.
    pub(super) async fn book_journeys(&mut self) -> Result<(), CallError> {
        self.drop_lapsed();
        let pairs: Vec<Pair> = self.waiting.keys().cloned().collect();
        let pairs: Vec<Pair> = pairs.into_iter().filter(|pair| self.lacks_vehicle(pair)).collect();
        let mut pairs: Vec<_> = pairs.into_iter().map(|pair| (self.needed_by(&pair), pair)).collect();
        pairs.sort();
        for (_, pair) in pairs {
            self.book_journey(&pair);
        }
        let booked: Vec<(Pair, Slot)> = self.booked.iter().map(|(pair, slot)| (pair.clone(), slot.clone())).collect();
        for (pair, slot) in booked {
            for id in self.loads(&pair) {
                if let Some(promise) = self.promises.get_mut(&id) {
                    promise.eta = slot.arrives_at();
                }
            }
            if slot.arrives_at() > self.needed_by(&pair) && self.has_own_bank(&pair.1) {
                self.order_soon(&pair.1);
            }
            self.plan_ahead(&pair, &slot).await?;
        }
        Ok(())
    }

    /// Promises that ended by their timer before a vehicle came: the hub has matched their requests anew.
    fn drop_lapsed(&mut self) {
        let now = self.now;
        if now < self.next_lapse {
            return;
        }
        let mut lapsed = Vec::new();
        for ids in self.waiting.values_mut() {
            ids.retain(|id| {
                let over = self.promises.get(id).is_none_or(|p| p.lapses_at.is_some_and(|lapses| lapses <= now));
                if over {
                    lapsed.push(*id);
                }
                !over
            });
        }
        self.waiting.retain(|_, ids| !ids.is_empty());
        for id in lapsed {
            self.forget_promise(id);
        }
        let lapses = |id: &AllocationId| self.promises.get(id).and_then(|promise| promise.lapses_at);
        self.next_lapse = self.waiting.values().flatten().filter_map(lapses).min().unwrap_or(self.end);
    }

    /// Makes the transfer now where its promises would lapse before the vehicle leaves.
    async fn plan_ahead(&mut self, pair: &Pair, slot: &Slot) -> Result<(), CallError> {
        if self.roads.is_closed(&pair.0, &pair.1) {
            return Ok(());
        }
        let ids = self.waiting.get(pair).cloned().unwrap_or_default();
        let lapses = |id: &AllocationId| self.promises.get(id).and_then(|promise| promise.lapses_at);
        if !ids.iter().filter_map(lapses).any(|lapses| lapses <= slot.departs_at) {
            return Ok(());
        }
        self.waiting.remove(pair);
        match self.make_transfer(slot.carrier, slot.departs_at, slot.minutes, &ids).await {
            Ok(made) => {
                let planned = Planned { id: made.id, version: made.version, carrier: slot.carrier, load: ids };
                self.planned.entry(pair.clone()).or_default().push(planned);
                Ok(())
            }
            Err(error) => {
                ids.iter().for_each(|id| self.forget_promise(*id));
                self.count(Err(error), "transfer")
            }
        }
    }

    /// Everything promised between two sites that has not left.
    fn loads(&self, pair: &Pair) -> Vec<AllocationId> {
        let planned = self.planned.get(pair).into_iter().flatten().flat_map(|planned| planned.load.iter().copied());
        self.waiting.get(pair).into_iter().flatten().copied().chain(planned).collect()
    }

    pub(super) fn load(&self, pair: &Pair) -> Load {
        let promises: Vec<&super::Promise> = self.loads(pair).iter().filter_map(|id| self.promises.get(id)).collect();
        let lots = promises.iter().flat_map(|promise| &promise.bottles).filter_map(|bottle| self.lots.find(bottle.lot));
        Load {
            frozen: lots.into_iter().any(|lot| lot.form == "frozen"),
            volume_ml: promises.iter().map(|promise| promise.volume_ml).sum(),
        }
    }

    /// Has a pair no vehicle, or one that comes later than another could and than its milk is needed?
    fn lacks_vehicle(&mut self, pair: &Pair) -> bool {
        let Some(booked) = self.booked.get(pair).cloned() else {
            return !self.looked_in_vain(pair);
        };
        let needed_by = self.needed_by(pair);
        if booked.latest_arrival() <= needed_by || self.planned.contains_key(pair) {
            return false;
        }
        let better = self.roads.fitting(self.now, &pair.0, &pair.1, self.load(pair), needed_by);
        let sooner = better.is_some_and(|slot| slot.arrives_at().plus_hours(1) < booked.arrives_at());
        if sooner {
            self.booked.remove(pair);
            self.roads.release(&booked);
        }
        sooner
    }

    /// Was no vehicle found for a pair a short while ago? Then the next look is in the queue already.
    fn looked_in_vain(&self, pair: &Pair) -> bool {
        self.no_vehicle_until.get(pair).is_some_and(|until| *until > self.now)
    }

    /// When the first of the milk promised between two sites is needed.
    pub(super) fn needed_by(&self, pair: &Pair) -> Instant {
        let loads = self.loads(pair);
        let requests = loads.iter().filter_map(|id| self.tally.asked.get(&self.promises.get(id)?.request));
        requests.map(|asked| asked.needed_by).min().unwrap_or(self.now)
    }

    fn book_journey(&mut self, pair: &Pair) {
        let depart = Task::Depart(pair.0.clone(), pair.1.clone());
        let (load, needed_by) = (self.load(pair), self.needed_by(pair));
        let own = self.roads.fitting(self.now, &pair.0, &pair.1, load, needed_by);
        let soon_enough = |ride: &Slot| {
            ride.arrives_at() <= needed_by || own.as_ref().is_none_or(|own| ride.arrives_at() <= own.arrives_at())
        };
        let is_scarce = own.as_ref().is_none_or(|own| own.arrives_at() > needed_by);
        if let Some(ride) = self.ride_along(pair, load, is_scarce).filter(soon_enough) {
            self.queue.add(ride.departs_at, depart);
            self.booked.insert(pair.clone(), ride);
            return;
        }
        match own {
            Some(slot) => {
                self.roads.book(&slot);
                self.queue.add(slot.departs_at, depart);
                self.booked.insert(pair.clone(), slot);
            }
            None => {
                let again = self.now.plus_minutes(RETRY_MINUTES);
                self.no_vehicle_until.insert(pair.clone(), again);
                self.queue.add(again, depart);
            }
        }
    }

    /// A vehicle leaves a bank with everything promised to one site, and to others that lie on its way.
    pub(super) async fn depart(&mut self, from: &str, to: &str) -> Result<(), CallError> {
        let pair = (from.to_owned(), to.to_owned());
        if self.booked.get(&pair).is_some_and(|slot| slot.departs_at > self.now) {
            return Ok(());
        }
        self.drop_lapsed();
        let Some(slot) = self.booked.remove(&pair).filter(|slot| !slot.shared) else {
            let has_load = self.waiting.contains_key(&pair) || self.planned.contains_key(&pair);
            if has_load && !self.looked_in_vain(&pair) {
                self.book_journey(&pair);
            }
            return Ok(());
        };
        if self.roads.is_closed(from, to) {
            self.queue.add(self.now.plus_minutes(RETRY_MINUTES), Task::Depart(pair.0, pair.1));
            return Ok(());
        }
        let Some(carrier) = self.roads.carrier(slot.carrier).cloned() else { return Ok(()) };
        let mut room_ml = carrier.max_payload_ml;
        let mut here = from.to_owned();
        for stop in self.tour(&pair, &slot, carrier.max_payload_ml) {
            let pair = (from.to_owned(), stop.to.clone());
            let km = self.roads.road_km(&here, &stop.to);
            let leg = Slot { carrier: slot.carrier, departs_at: self.now, minutes: stop.minutes, km, shared: false };
            if self.send_all(&pair, &leg, &mut room_ml).await? {
                here = stop.to;
            }
            if self.waiting.contains_key(&pair) {
                self.book_journey(&pair);
            }
        }
        Ok(())
    }

    /// Sends the planned transfers of a pair and what else fits; true when something left.
    async fn send_all(&mut self, pair: &Pair, leg: &Slot, room_ml: &mut i64) -> Result<bool, CallError> {
        let mut km = leg.km;
        for planned in self.planned.remove(pair).unwrap_or_default() {
            let volume: i64 = planned.load.iter().filter_map(|id| Some(self.promises.get(id)?.volume_ml)).sum();
            let sent = self.collect(pair, leg, km, planned.id, planned.version, &planned.load).await;
            if let Err(error) = sent {
                planned.load.iter().for_each(|id| self.forget_promise(*id));
                self.count(Err(error), "transfer")?;
            } else {
                *room_ml -= volume;
                km = 0.0;
            }
        }
        let ids = self.waiting.remove(pair).unwrap_or_default();
        let (now, left) = self.split_load(&ids, *room_ml);
        if !left.is_empty() {
            self.waiting.insert(pair.clone(), left);
        }
        if now.is_empty() {
            return Ok(km < leg.km);
        }
        let Err(error) = self.send(pair, leg, km, &now).await else {
            *room_ml -= now.iter().filter_map(|id| Some(self.promises.get(id)?.volume_ml)).sum::<i64>();
            return Ok(true);
        };
        if error.problem().is_none() {
            return Err(error);
        }
        // Some promise ended meanwhile, by a recall or by its timer: the rest still goes.
        let still = self.still_held(&now).await?;
        if still.is_empty() || still.len() == now.len() {
            self.count(Err(error), "transfer")?;
            return Ok(km < leg.km);
        }
        let again = self.send(pair, leg, km, &still).await;
        let sent = again.is_ok();
        self.count(again, "transfer")?;
        Ok(sent || km < leg.km)
    }

    /// Promises as many as fit in the room that is left, at least one in an empty vehicle, and the rest.
    fn split_load(&self, ids: &[AllocationId], room_ml: i64) -> (Vec<AllocationId>, Vec<AllocationId>) {
        let (mut load, mut left, mut volume) = (Vec::new(), Vec::new(), 0);
        for id in ids {
            let Some(promise) = self.promises.get(id) else { continue };
            if load.is_empty() || volume + promise.volume_ml <= room_ml {
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
        self.next_lapse = self.now;
        if let Some(promise) = self.promises.remove(&id)
            && let Some(asked) = self.tally.asked.get_mut(&promise.request)
        {
            asked.promised_ml -= promise.volume_ml;
        }
    }

    async fn make_transfer(
        &self,
        carrier: usize,
        departs_at: Instant,
        minutes: i64,
        load: &[AllocationId],
    ) -> Result<TransferView, CallError> {
        let body = json!({
            "allocation_ids": load,
            "courier_id": self.known.couriers.get(carrier),
            "planned_pickup_at": departs_at,
            "planned_delivery_at": departs_at.plus_minutes(minutes),
            "logger_ref": logger_of(load),
        });
        self.client.create(self.known.dispatcher, "/v1/transfers", &body).await
    }

    async fn send(&mut self, pair: &Pair, leg: &Slot, km: f64, load: &[AllocationId]) -> Result<(), CallError> {
        let made = self.make_transfer(leg.carrier, self.now, leg.minutes, load).await?;
        self.collect(pair, leg, km, made.id, made.version, load).await
    }

    /// Packs, seals and hands over one transfer.
    async fn collect(
        &mut self,
        pair: &Pair,
        leg: &Slot,
        km: f64,
        transfer: TransferId,
        version: i64,
        load: &[AllocationId],
    ) -> Result<(), CallError> {
        let sender = self.known.dispatcher;
        let seal = format!("S{}", self.tally.transfers + 1);
        let path = format!("/v1/transfers/{transfer}");
        let body = json!({"seal_number": seal});
        let packed: TransferView = self.client.act(sender, &format!("{path}/pack"), version, &body).await?;
        let sent: TransferView = self.client.act(sender, &format!("{path}/collect"), packed.version, &body).await?;
        self.tally.transfers += 1;
        self.tally.transfer_km = tenths(self.tally.transfer_km + km);
        let name = format!("{}>{}@{}", pair.0, pair.1, self.now);
        let trip = self.drive_trip(&name, &pair.0, leg, &sent);
        let arrives_at = self.now.plus_minutes(trip.minutes);
        for id in load {
            if let Some(promise) = self.promises.get_mut(id) {
                promise.eta = arrives_at;
            }
        }
        let journey = Journey {
            to: pair.1.clone(),
            from: pair.0.clone(),
            load: load.to_vec(),
            departed_at: self.now,
            arrives_at,
            seal,
            logger: logger_of(load),
            trip,
        };
        self.journeys.insert(transfer, journey);
        self.queue.add(arrives_at, Task::Arrive(transfer));
        Ok(())
    }

    fn drive_trip(&mut self, name: &str, from: &str, slot: &Slot, sent: &TransferView) -> Trip {
        let slower = self.delay_of(name);
        let region = &self.input.region;
        let profile = region.find_site(from).and_then(|site| region.find_profile(site));
        let lots = sent.manifest.iter().filter_map(|bottle| self.lots.find(bottle.lot_id));
        let ambient = lots.map(|lot| lot.form == "freeze_dried").next().unwrap_or(false);
        let limit = profile.map_or(-18.0, |profile| profile.transport_max_temp_c);
        let minutes = round(whole(slot.minutes) * slower);
        let excursion_rate = if self.disturbed.is_some() { EXCURSION_SHARE } else { region.sim.excursion_rate };
        let mut trip = match self.roads.carrier(slot.carrier) {
            Some(carrier) => drive(&TripPlan {
                seed: self.seed,
                name,
                carrier,
                planned_minutes: minutes,
                ambient,
                limit_c: if ambient { 25.0 } else { limit },
                interval_min: region.sim.reading_interval_min,
                excursion_rate,
            }),
            None => Trip {
                minutes,
                readings: Vec::new(),
                excursion: None,
                warmest_c: limit,
                minutes_above: 0,
                seal_intact: true,
            },
        };
        self.lose_logger(name, &mut trip);
        trip
    }
}

/// The logger in the box of a load: named after its first promise, which no other box carries.
fn logger_of(load: &[AllocationId]) -> String {
    load.first().map_or_else(String::new, |id| format!("logger-{id}"))
}
