//! Which stops one vehicle makes: milk of one bank for several units on the way, where nobody's comes later for it.

use super::super::journey::{Load, PREPARE_MINUTES, Slot, is_held};
use super::{Pair, Play};

/// Stops of one vehicle.
const MOST_STOPS: usize = 12;
/// The longest way round to a further stop, in ways of its own: beyond there and back a vehicle of its own is shorter.
const LONGEST_ROUND: i64 = 2;

/// One stop of a vehicle.
pub(super) struct Stop {
    /// The unit.
    pub(super) to: String,
    /// Minutes since the vehicle left the bank.
    pub(super) minutes: i64,
}

impl Play<'_> {
    /// The stops of a vehicle: its own, then the nearest other site with promised milk of the same bank, as long
    /// as the box holds, the load fits and nobody's milk comes later than it would have.
    pub(super) fn tour(&mut self, pair: &Pair, slot: &Slot, payload_ml: i64) -> Vec<Stop> {
        let mut stops = vec![Stop { to: pair.1.clone(), minutes: slot.minutes }];
        let first = self.load(pair);
        let mut volume = first.volume_ml;
        let (mut here, mut minutes) = (pair.1.clone(), slot.minutes);
        let mut others: Vec<Pair> = self.waiting.keys().chain(self.planned.keys()).cloned().collect();
        others.retain(|other| other.0 == pair.0 && other.1 != pair.1 && !self.roads.is_closed(&other.0, &other.1));
        others.sort();
        others.dedup();
        while stops.len() < MOST_STOPS {
            others.sort_by(|a, b| self.roads.air_km(&here, &a.1).total_cmp(&self.roads.air_km(&here, &b.1)));
            let next = others.iter().position(|other| {
                let load = self.load(other);
                let fits = volume + load.volume_ml <= payload_ml && load.frozen == first.frozen;
                fits && self.is_on_the_way(other, slot.carrier, &here, minutes)
            });
            let Some(other) = next.map(|position| others.remove(position)) else { break };
            minutes += self.roads.travel_minutes(slot.carrier, &here, &other.1).unwrap_or_default();
            volume += self.load(&other).volume_ml;
            here.clone_from(&other.1);
            if let Some(own) = self.booked.remove(&other) {
                self.roads.release(&own);
            }
            stops.push(Stop { to: other.1, minutes });
        }
        if stops.len() > 1 {
            let back = self.roads.travel_minutes(slot.carrier, &here, &pair.0).unwrap_or(slot.minutes);
            self.roads.release(slot);
            self.roads.book_until(slot.carrier, self.now.plus_minutes(minutes + back));
        }
        stops
    }

    /// A further stop on a vehicle that leaves the same bank for another unit, where one is booked that has room
    /// and passes by; where vehicles are scarce, also one that goes round for it.
    pub(super) fn ride_along(&self, pair: &Pair, load: Load, is_scarce: bool) -> Option<Slot> {
        let round = if is_scarce { LONGEST_ROUND } else { 1 };
        let hosts = self.booked.iter().filter(|(other, slot)| {
            other.0 == pair.0
                && other.1 != pair.1
                && !slot.shared
                && slot.departs_at > self.now.plus_minutes(PREPARE_MINUTES)
        });
        let rides = hosts.filter_map(|(host, slot)| {
            let carrier = self.roads.carrier(slot.carrier)?;
            let aboard = |other: &Pair, stop: &Slot| {
                other.0 == host.0 && stop.carrier == slot.carrier && stop.departs_at == slot.departs_at && stop.shared
            };
            let mut stops: Vec<(&Pair, &Slot)> =
                self.booked.iter().filter(|(other, stop)| aboard(other, stop)).collect();
            stops.push((host, slot));
            let volume: i64 = stops.iter().map(|(other, _)| self.load(other).volume_ml).sum();
            let (last, stop) = stops.iter().max_by_key(|(_, stop)| stop.minutes)?;
            let direct = self.roads.travel_minutes(slot.carrier, &pair.0, &pair.1)?;
            let leg = self.roads.travel_minutes(slot.carrier, &last.1, &pair.1)?;
            let minutes = stop.minutes + leg;
            let fits = stops.len() < MOST_STOPS
                && volume + load.volume_ml <= carrier.max_payload_ml
                && self.load(host).frozen == load.frozen
                && leg <= round * direct
                && is_held(carrier, minutes);
            let km = self.roads.road_km(&last.1, &pair.1);
            fits.then_some(Slot { carrier: slot.carrier, departs_at: slot.departs_at, minutes, km, shared: true })
        });
        rides.min_by_key(|ride| (ride.arrives_at(), ride.carrier))
    }

    fn is_on_the_way(&self, other: &Pair, carrier: usize, here: &str, minutes: i64) -> bool {
        let direct = self.roads.travel_minutes(carrier, &other.0, &other.1);
        let leg = self.roads.travel_minutes(carrier, here, &other.1);
        let (Some(direct), Some(leg)) = (direct, leg) else { return false };
        let arrives_at = self.now.plus_minutes(minutes + leg);
        let booked = self.booked.get(other);
        let own = booked.filter(|own| !own.shared).map(Slot::arrives_at);
        let is_aboard = booked.is_some_and(|slot| slot.shared && slot.carrier == carrier);
        let round = if is_aboard { LONGEST_ROUND } else { 1 };
        let late = own.is_some_and(|own| arrives_at > own.max(self.needed_by(other)));
        let same = self.planned.get(other).into_iter().flatten().all(|planned| planned.carrier == carrier);
        let held = self.roads.carrier(carrier).is_some_and(|carrier| is_held(carrier, minutes + leg));
        leg <= round * direct && held && !late && same
    }
}
