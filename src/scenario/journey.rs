//! How milk travels: which carrier may drive where, how long it takes, when a vehicle is free, and what
//! closures forbid. The same road model as the stream's reference policy: great circle times 1.3.

use super::calendar::{local_instant, plus_days, works_on};
use super::event::CourierAvailability;
use super::reference_policy::whole;
use super::region::{Carrier, Region, Site};
use super::region_check::{Cover, parse_local_time};
use super::ward::EMERGENCY_HOURS;
use crate::domain::packing::margin_minutes;
use crate::domain::time::Instant;
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Road kilometres per great-circle kilometre.
pub const CIRCUITY: f64 = 1.3;
/// Minutes to pack a box.
pub const PREPARE_MINUTES: i64 = 40;
/// Minutes to pack a few bottles for an emergency.
pub const PREPARE_EMERGENCY_MINUTES: i64 = 15;
/// Most milk that is packed so fast, mL.
const EMERGENCY_ML: i64 = 2000;
const HANDOVER_MINUTES: f64 = 15.0;
/// The hub reckons a handover for longer by so many minutes, rounded up.
const DOOR_MINUTES: i64 = 16;
const SHORTEST_MINUTES: f64 = 12.0;
const RELAY_EVERY_KM: f64 = 80.0;
const RELAY_MINUTES: f64 = 15.0;
/// Minutes before the end of a carrier's hours at which nobody books any more: the clock moves in steps of five.
const CUT_OFF_MINUTES: i64 = 6;
/// How many days ahead a slot is looked for.
const DAYS_AHEAD: i64 = 10;

/// Packaging that keeps nothing frozen.
const AMBIENT: &str = "ambient";

/// What a journey is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Load {
    /// How much, mL.
    pub volume_ml: i64,
    /// Must it stay frozen?
    pub frozen: bool,
}

/// A journey that can be made.
#[derive(Debug, Clone, PartialEq)]
pub struct Slot {
    /// Position of the carrier in the region file.
    pub carrier: usize,
    /// When the vehicle leaves.
    pub departs_at: Instant,
    /// Planned minutes on the way.
    pub minutes: i64,
    /// Road kilometres, one way.
    pub km: f64,
    /// A further stop of a vehicle that is booked for another unit.
    pub shared: bool,
}

impl Slot {
    /// Planned arrival.
    #[must_use]
    pub fn arrives_at(&self) -> Instant {
        self.departs_at.plus_minutes(self.minutes)
    }

    /// Arrival on a slow day: a third longer on the way, and half an hour at the door.
    #[must_use]
    pub fn latest_arrival(&self) -> Instant {
        self.departs_at.plus_minutes(self.minutes + self.minutes / 3 + 30)
    }
}

/// Where a site lies.
#[derive(Debug)]
struct Place {
    country: String,
    time_zone: String,
}

/// Roads, carriers and closures of a region as the replay goes on.
#[derive(Debug)]
pub struct Roads {
    carriers: Vec<Carrier>,
    covers: Vec<Option<Cover>>,
    sites: HashMap<String, usize>,
    places: Vec<Place>,
    /// Great-circle kilometres from each site to each, row by row.
    apart_km: Vec<f64>,
    first_day: Date,
    vehicles: BTreeMap<(usize, Date), i64>,
    busy_until: Vec<Vec<Instant>>,
    closed: BTreeMap<String, BTreeSet<String>>,
}

impl Roads {
    /// The roads of a region, all vehicles free and nothing closed.
    #[must_use]
    pub fn new(region: &Region, first_day: Date) -> Self {
        let point = |site: &Site| (site.lat, site.lon);
        let from_each = |from: &Site| region.sites.iter().map(|to| great_circle_km(point(from), point(to))).collect();
        Self {
            carriers: region.carriers.clone(),
            covers: region.carriers.iter().map(|carrier| Cover::parse(&carrier.covers)).collect(),
            sites: region.sites.iter().enumerate().map(|(index, site)| (site.id.clone(), index)).collect(),
            places: region
                .sites
                .iter()
                .map(|site| Place { country: site.country.clone(), time_zone: site.time_zone.clone() })
                .collect(),
            apart_km: region.sites.iter().flat_map::<Vec<f64>, _>(from_each).collect(),
            first_day,
            vehicles: BTreeMap::new(),
            busy_until: vec![Vec::new(); region.carriers.len()],
            closed: BTreeMap::new(),
        }
    }

    /// The carrier at a position of the region file.
    #[must_use]
    pub fn carrier(&self, index: usize) -> Option<&Carrier> {
        self.carriers.get(index)
    }

    /// Takes the number of vehicles of one working window from the stream.
    pub fn set_vehicles(&mut self, window: &CourierAvailability) {
        let Some(index) = self.carriers.iter().position(|carrier| carrier.id == window.carrier_id) else { return };
        let zone = self.zone_of(&window.base_site_id);
        self.vehicles.insert((index, window.window_start.date_in(zone)), window.vehicles);
    }

    /// Closes the roads to some sites.
    pub fn close(&mut self, closure_id: &str, sites: &[String]) {
        self.closed.insert(closure_id.to_owned(), sites.iter().cloned().collect());
    }

    /// Opens them again.
    pub fn open(&mut self, closure_id: &str) {
        self.closed.remove(closure_id);
    }

    /// Is the road between two sites closed now?
    #[must_use]
    pub fn is_closed(&self, from: &str, to: &str) -> bool {
        self.closed.values().any(|sites| sites.contains(from) || sites.contains(to))
    }

    /// Great-circle kilometres between two sites; 0 for an unknown one.
    #[must_use]
    pub fn air_km(&self, from: &str, to: &str) -> f64 {
        let (Some(from), Some(to)) = (self.sites.get(from), self.sites.get(to)) else { return 0.0 };
        self.apart_km.get(from * self.places.len() + to).copied().unwrap_or_default()
    }

    fn place(&self, site: &str) -> Option<&Place> {
        self.places.get(*self.sites.get(site)?)
    }

    fn zone_of(&self, site: &str) -> &str {
        self.place(site).map_or("UTC", |place| place.time_zone.as_str())
    }

    /// Road kilometres between two sites.
    #[must_use]
    pub fn road_km(&self, from: &str, to: &str) -> f64 {
        self.air_km(from, to) * CIRCUITY
    }

    /// The journey to book for a load: of those that arrive in time one by a carrier that drives only near its
    /// base, or has the most vehicles, so that the few that go everywhere or at night stay free for what nobody
    /// else can bring in time; else the soonest one.
    #[must_use]
    pub fn fitting(&self, now: Instant, from: &str, to: &str, load: Load, needed_by: Instant) -> Option<Slot> {
        let few = load.volume_ml <= EMERGENCY_ML && needed_by < now.plus_hours(EMERGENCY_HOURS);
        let ready = now.plus_minutes(if few { PREPARE_EMERGENCY_MINUTES } else { PREPARE_MINUTES });
        let slots: Vec<Slot> =
            (0..self.carriers.len()).filter_map(|index| self.slot(index, ready, from, to, load)).collect();
        let in_time = slots.into_iter().filter(|slot| slot.latest_arrival() <= needed_by);
        let choice = |slot: &Slot| {
            let carrier = self.carriers.get(slot.carrier);
            let (room, vehicles) = carrier.map_or((0, 0), |carrier| (carrier.max_payload_ml, carrier.vehicles));
            let far = matches!(self.covers.get(slot.carrier), Some(Some(Cover::All)));
            (room < load.volume_ml, far, -vehicles, slot.arrives_at(), slot.carrier)
        };
        in_time.min_by_key(choice).or_else(|| self.soonest(now, from, to, load))
    }

    /// The soonest journey that some carrier can make, with room for the load where one has it;
    /// nothing when nobody drives there within the next days.
    #[must_use]
    pub fn soonest(&self, now: Instant, from: &str, to: &str, load: Load) -> Option<Slot> {
        let ready = now.plus_minutes(PREPARE_MINUTES);
        let slots = (0..self.carriers.len()).filter_map(|index| self.slot(index, ready, from, to, load));
        slots.min_by_key(|slot| {
            let room = self.carriers.get(slot.carrier).map_or(0, |carrier| carrier.max_payload_ml);
            (room < load.volume_ml, slot.arrives_at(), slot.carrier)
        })
    }

    /// Keeps a vehicle for a journey there and back.
    pub fn book(&mut self, slot: &Slot) {
        if let Some(busy) = self.busy_until.get_mut(slot.carrier) {
            busy.retain(|until| *until > slot.departs_at.plus_days(-3));
            busy.push(slot.departs_at.plus_minutes(2 * slot.minutes));
        }
    }

    /// Keeps a vehicle of a carrier until an instant.
    pub fn book_until(&mut self, carrier: usize, until: Instant) {
        if let Some(busy) = self.busy_until.get_mut(carrier) {
            busy.push(until);
        }
    }

    /// Gives a booked vehicle back.
    pub fn release(&mut self, slot: &Slot) {
        if slot.shared {
            return;
        }
        let until = slot.departs_at.plus_minutes(2 * slot.minutes);
        if let Some(busy) = self.busy_until.get_mut(slot.carrier)
            && let Some(position) = busy.iter().position(|busy| *busy == until)
        {
            busy.swap_remove(position);
        }
    }

    fn slot(&self, index: usize, ready: Instant, from: &str, to: &str, load: Load) -> Option<Slot> {
        let carrier = self.carriers.get(index)?;
        if load.frozen && carrier.packaging.contains(AMBIENT) {
            return None;
        }
        let minutes = self.travel_minutes(index, from, to)?;
        let departs_at = self.departure(index, carrier, ready)?;
        Some(Slot { carrier: index, departs_at, minutes, km: self.road_km(from, to), shared: false })
    }

    /// Minutes on the way, or nothing when the carrier does not drive there or its box would not hold.
    pub fn travel_minutes(&self, index: usize, from: &str, to: &str) -> Option<i64> {
        let carrier = self.carriers.get(index)?;
        let apart = self.air_km(from, to);
        let covered = match self.covers.get(index)?.as_ref()? {
            Cover::All => true,
            Cover::Radius(km) => {
                self.air_km(&carrier.base_site_id, from) <= *km && self.air_km(&carrier.base_site_id, to) <= *km
            }
            Cover::Apart(km) => apart <= *km,
            Cover::Country(code) => {
                [from, to].iter().all(|id| self.place(id).is_some_and(|place| place.country == *code))
            }
        };
        let km = apart * CIRCUITY;
        let mut minutes = km / carrier.speed_kmh * 60.0 + HANDOVER_MINUTES;
        if carrier.kind == "volunteer_blood_bike" {
            minutes += RELAY_MINUTES * (km / RELAY_EVERY_KM).floor();
        }
        let holds = is_held(carrier, round(minutes));
        (covered && holds).then(|| round(minutes.max(SHORTEST_MINUTES)))
    }

    /// The earliest minute inside the carrier's hours at which a vehicle is free.
    fn departure(&self, index: usize, carrier: &Carrier, ready: Instant) -> Option<Instant> {
        let zone = self.zone_of(&carrier.base_site_id);
        let [opens, closes] = &carrier.hours_local;
        let (opens, closes) = (parse_local_time(opens)?, parse_local_time(closes)?);
        let today = ready.date_in(zone);
        for ahead in -1..DAYS_AHEAD {
            let date = plus_days(today, ahead);
            if !works_on(&carrier.days, date) {
                continue;
            }
            let opened = local_instant(date, opens, zone);
            let past_midnight = if closes <= opens { 1440 } else { 0 };
            // A vehicle that the clock lets leave a step late still leaves before the cut-off.
            let closed = local_instant(date, closes, zone).plus_minutes(past_midnight - CUT_OFF_MINUTES);
            let mut leaves = ready.max(opened);
            if leaves > closed {
                continue;
            }
            let vehicles = self.vehicles.get(&(index, date)).copied().unwrap_or(carrier.vehicles);
            let Ok(vehicles) = usize::try_from(vehicles) else { continue };
            if vehicles == 0 {
                continue;
            }
            let mut away: Vec<Instant> =
                self.busy_until.get(index)?.iter().copied().filter(|until| *until > leaves).collect();
            away.sort_unstable();
            if away.len() >= vehicles {
                leaves = away.get(away.len() - vehicles).copied()?;
                if leaves > closed {
                    continue;
                }
            }
            return Some(leaves);
        }
        None
    }

    /// First day of the replay, in the main zone.
    #[must_use]
    pub const fn first_day(&self) -> Date {
        self.first_day
    }
}

/// Whether a carrier's boxes hold for so many minutes, with the time at the receiver's door and the margin that the hub
/// asks for.
#[must_use]
pub fn is_held(carrier: &Carrier, minutes: i64) -> bool {
    let minutes = minutes + DOOR_MINUTES;
    minutes + margin_minutes(minutes) <= round(carrier.hold_time_h * 60.0)
}

/// Great-circle distance, km, by the haversine formula on a sphere of 12,742 km.
fn great_circle_km(a: (f64, f64), b: (f64, f64)) -> f64 {
    let half = |x: f64| x.to_radians() / 2.0;
    let h =
        half(b.0 - a.0).sin().powi(2) + a.0.to_radians().cos() * b.0.to_radians().cos() * half(b.1 - a.1).sin().powi(2);
    12_742.0 * h.sqrt().min(1.0).asin()
}

/// The nearest whole number, within the range of whole minutes of a replay.
#[must_use]
#[expect(clippy::as_conversions, reason = "the edge where geography's floats become whole minutes")]
pub fn round(value: f64) -> i64 {
    value.clamp(-1e15, 1e15).round() as i64
}

/// Kilometres with one decimal, for sums that print well.
#[must_use]
pub fn tenths(km: f64) -> f64 {
    whole(round(km * 10.0)) / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::region_check::read_region;
    use crate::scenario::stored::StoredRegion;

    fn roads() -> Roads {
        let stored = StoredRegion::find("hongkong").unwrap();
        let region = read_region(stored.name, stored.region).unwrap();
        Roads::new(&region, jiff::civil::date(2026, 9, 1))
    }

    fn few() -> Load {
        Load { volume_ml: 500, frozen: true }
    }

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    #[test]
    fn distances_match_the_generators() {
        // The stored stream's transfers from the bank to Tuen Mun are 32.8 road kilometres.
        let km = roads().road_km("hk-hkbmb", "hk-tmh");
        assert!((km - 32.8).abs() < 0.05, "{km}");
    }

    #[test]
    fn at_night_only_the_urgent_car_drives() {
        let roads = roads();
        let slot = roads.soonest(at("2026-09-01T00:00:00+08:00"), "hk-hkbmb", "hk-pwh", few()).unwrap();
        assert_eq!(roads.carrier(slot.carrier).unwrap().id, "hk-ha-urgent");
        assert_eq!(slot.departs_at, at("2026-09-01T00:40:00+08:00"));
    }

    #[test]
    fn a_booked_vehicle_is_away_there_and_back() {
        let mut roads = roads();
        let now = at("2026-09-01T00:00:00+08:00");
        let first = roads.soonest(now, "hk-hkbmb", "hk-pwh", few()).unwrap();
        roads.book(&first);
        let second = roads.soonest(now, "hk-hkbmb", "hk-pwh", few()).unwrap();
        assert_eq!(second.departs_at, first.departs_at.plus_minutes(2 * first.minutes));
    }

    #[test]
    fn frozen_milk_never_travels_in_a_box_without_cold() {
        let stored = StoredRegion::find("france").unwrap();
        let region = read_region(stored.name, stored.region).unwrap();
        let roads = Roads::new(&region, jiff::civil::date(2026, 9, 1));
        let now = at("2026-09-01T08:00:00+02:00");
        let over_sea =
            |frozen| roads.soonest(now, "fr-pessac-fourcade", "fr-reunion-nord", Load { volume_ml: 500, frozen });
        assert_eq!(over_sea(true), None);
        assert_eq!(roads.carrier(over_sea(false).unwrap().carrier).unwrap().id, "fr-fret-aerien");
    }

    #[test]
    fn the_vehicles_that_drive_everywhere_are_kept_for_what_no_other_reaches() {
        let stored = StoredRegion::find("france").unwrap();
        let region = read_region(stored.name, stored.region).unwrap();
        let roads = Roads::new(&region, jiff::civil::date(2026, 9, 1));
        let now = at("2026-09-01T08:00:00+02:00");
        let carrier = |to| {
            let slot = roads.fitting(now, "fr-pessac-fourcade", to, few(), now.plus_days(2)).unwrap();
            roads.carrier(slot.carrier).unwrap().id.as_str()
        };
        assert_eq!(carrier("fr-bordeaux-pellegrin"), "fr-lactarium-collecte");
        assert_eq!(carrier("fr-lille-jdf"), "fr-frigo-national");
    }

    #[test]
    fn a_closure_holds_until_it_ends() {
        let mut roads = roads();
        roads.close("C", &["hk-tmh".to_owned()]);
        assert!(roads.is_closed("hk-hkbmb", "hk-tmh") && !roads.is_closed("hk-hkbmb", "hk-pwh"));
        roads.open("C");
        assert!(!roads.is_closed("hk-hkbmb", "hk-tmh"));
    }
}
