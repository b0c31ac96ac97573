//! Who carries milk: where, when, how fast, how much and for how long the box stays cold.

use super::geography::{Country, Position};
use super::ids::{CourierId, SiteId};
use super::opening_hours::{DailySpan, Days, OpeningHours};
use super::policy::Form;
use super::quantity::Volume;
use super::refusal::{Refusal, RefusalCode};
use super::time::Instant;
use super::words::words;
use std::fmt;
use std::str::FromStr;

/// Roads are longer than the great circle by this many tenths (13 = 1.3 times).
const ROAD_TENTHS: i64 = 13;

words! {
    /// Whether a courier may be used.
    CourierState {
        /// May be used while its agreement holds.
        Active = "active",
        /// May no longer be used.
        Ended = "ended",
    }
}

/// Which journeys a courier takes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Covers {
    /// Any.
    All,
    /// Both ends within so many kilometres of its base.
    RadiusKm(i64),
    /// Ends no more than so many kilometres apart.
    WithinKm(i64),
    /// Both ends in one country.
    Country(Country),
}

/// The text names no coverage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("covers is all, radius:KM, all-local:KM or country:CODE")]
pub struct NoCoverage;

super::text::as_text!(Covers);

impl FromStr for Covers {
    type Err = NoCoverage;
    fn from_str(text: &str) -> Result<Self, NoCoverage> {
        if text == "all" {
            return Ok(Self::All);
        }
        let (kind, value) = text.split_once(':').ok_or(NoCoverage)?;
        let km = || match value.parse::<i64>() {
            Ok(km @ 1..=20_000) => Ok(km),
            _ => Err(NoCoverage),
        };
        match kind {
            "radius" => km().map(Self::RadiusKm),
            "all-local" => km().map(Self::WithinKm),
            "country" => value.parse().map(Self::Country).map_err(|_no_country| NoCoverage),
            _ => Err(NoCoverage),
        }
    }
}

impl fmt::Display for Covers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all"),
            Self::RadiusKm(km) => write!(f, "radius:{km}"),
            Self::WithinKm(km) => write!(f, "all-local:{km}"),
            Self::Country(country) => write!(f, "country:{country}"),
        }
    }
}

/// A courier as the hub knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Courier {
    /// Its identifier.
    pub id: CourierId,
    /// Short stable code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// What it is, such as `hospital_vehicle`.
    pub kind: String,
    /// Where its vehicles stand.
    pub base_site_id: SiteId,
    /// The signed agreement under which it carries milk.
    pub agreement_reference: String,
    /// End of that agreement.
    pub agreement_valid_until: Option<Instant>,
    /// Most milk in one vehicle.
    pub max_payload_ml: Volume,
    /// Minutes for which its packaging keeps the temperature.
    pub hold_time_minutes: i64,
    /// Mean road speed in km/h.
    pub speed_kmh: i64,
    /// Vehicles on a full day.
    pub vehicles: i64,
    /// Which journeys it takes on.
    pub covers: Covers,
    /// When on a working day it collects, in the zone of its base.
    pub hours: DailySpan,
    /// Its working days.
    pub days: Days,
    /// Packaging in words.
    pub packaging: String,
    /// Whether it may be used.
    pub state: CourierState,
    /// Version for `If-Match`.
    pub version: i64,
    /// First registered.
    pub created_at: Instant,
}

/// One end of a journey.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Where.
    pub position: Position,
    /// In which country.
    pub country: Country,
}

impl Courier {
    /// Why it may not carry milk at this instant (refusal 9); `None` when it may.
    #[must_use]
    pub fn refuses(&self, now: Instant) -> Option<Refusal> {
        if self.state == CourierState::Ended {
            return Some(RefusalCode::CarrierAgreementMissing.because(format!("{} is no longer in use", self.code)));
        }
        let until = self.agreement_valid_until.filter(|until| *until <= now)?;
        Some(
            RefusalCode::CarrierAgreementMissing
                .because(format!("the agreement {} of {} ended at {until}", self.agreement_reference, self.code)),
        )
    }

    /// True when its packaging keeps this form at its temperature: a box without cold is for dry milk alone.
    #[must_use]
    pub fn carries(&self, form: Form) -> bool {
        form != Form::Frozen || !self.packaging.to_lowercase().contains("ambient")
    }

    /// True when it takes on a journey between these two places; `base` is where its base lies.
    #[must_use]
    pub fn serves(&self, base: Position, from: Place, to: Place) -> bool {
        let within = |one: Position, other: Position, km: i64| one.distance_m(other) <= km.saturating_mul(1000);
        match self.covers {
            Covers::All => true,
            Covers::RadiusKm(km) => within(base, from.position, km) && within(base, to.position, km),
            Covers::WithinKm(km) => within(from.position, to.position, km),
            Covers::Country(country) => from.country == country && to.country == country,
        }
    }

    /// When it collects, in the zone of its base.
    #[must_use]
    pub fn working_hours(&self) -> OpeningHours {
        OpeningHours::on_days(self.days, self.hours)
    }

    /// Minutes from collection to handover for a road of this length, rounded up.
    #[must_use]
    pub const fn travel_minutes(&self, road_m: i64, handover_minutes: i64) -> i64 {
        let metres_per_hour = self.speed_kmh.saturating_mul(1000);
        if metres_per_hour <= 0 {
            return i64::MAX;
        }
        let driving = road_m.saturating_mul(60).saturating_add(metres_per_hour - 1) / metres_per_hour;
        driving.saturating_add(handover_minutes)
    }
}

/// Metres by road for so many metres along the great circle: 1.3 times, as no road network is loaded.
#[must_use]
pub const fn road_m(great_circle_m: i64) -> i64 {
    great_circle_m.saturating_mul(ROAD_TENTHS) / 10
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub fn van(base: SiteId) -> Courier {
        Courier {
            id: "01990000-0000-7000-8000-0000000000c1".parse().unwrap(),
            code: "hospital-van".to_owned(),
            name: "Hospital van".to_owned(),
            kind: "hospital_vehicle".to_owned(),
            base_site_id: base,
            agreement_reference: "CA-1".to_owned(),
            agreement_valid_until: None,
            max_payload_ml: Volume::from_ml(12_000),
            hold_time_minutes: 360,
            speed_kmh: 30,
            vehicles: 2,
            covers: Covers::All,
            hours: DailySpan::read("08:00", "18:00").unwrap(),
            days: Days::DAILY,
            packaging: "passive box, frozen gel packs".to_owned(),
            state: CourierState::Active,
            version: 1,
            created_at: Instant::from_micros(0),
        }
    }

    fn site() -> SiteId {
        "01990000-0000-7000-8000-000000000001".parse().unwrap()
    }

    fn place(latitude: f64, country: &str) -> Place {
        Place { position: Position::from_degrees(latitude, 0.0).unwrap(), country: country.parse().unwrap() }
    }

    #[test]
    fn travel_is_road_time_rounded_up_and_handover() {
        assert_eq!(road_m(10_000), 13_000);
        assert_eq!(van(site()).travel_minutes(road_m(10_000), 30), 26 + 30);
        assert_eq!(van(site()).travel_minutes(13_001, 0), 27);
        assert_eq!(van(site()).travel_minutes(0, 15), 15);
    }

    #[test]
    fn coverage_is_by_radius_distance_or_country() {
        let base = place(0.0, "VN");
        let (near, far, abroad) = (place(0.3, "VN"), place(-0.3, "VN"), place(0.1, "LA"));
        let serves = |covers, from, to| Courier { covers, ..van(site()) }.serves(base.position, from, to);
        // 0.3 degrees are 33 km, so the two ends are 67 km apart.
        assert!(serves(Covers::RadiusKm(40), near, far));
        assert!(!serves(Covers::RadiusKm(30), near, base));
        assert!(!serves(Covers::WithinKm(60), near, far));
        assert!(serves(Covers::Country("VN".parse().unwrap()), near, far));
        assert!(!serves(Covers::Country("VN".parse().unwrap()), near, abroad));
        assert!(serves(Covers::All, near, abroad));
    }

    #[test]
    fn coverage_keeps_its_text() {
        for text in ["all", "radius:60", "all-local:40", "country:LA"] {
            assert_eq!(text.parse::<Covers>().unwrap().to_string(), text);
        }
        for text in ["", "radius", "radius:0", "radius:-3", "radius:1e3", "country:la", "moon:1"] {
            assert!(text.parse::<Covers>().is_err(), "{text}");
        }
    }

    #[test]
    fn refusal_9_a_carrier_needs_an_agreement_in_force() {
        let now = Instant::from_micros(10);
        assert_eq!(van(site()).refuses(now), None);
        let over = Courier { agreement_valid_until: Some(now), ..van(site()) };
        assert_eq!(over.refuses(now).unwrap().code, RefusalCode::CarrierAgreementMissing);
        let ended = Courier { state: CourierState::Ended, ..van(site()) };
        assert_eq!(ended.refuses(now).unwrap().number.get(), 9);
    }

    #[test]
    fn a_box_without_cold_is_for_dry_milk() {
        let carton = Courier { packaging: "Carton, ambient".to_owned(), ..van(site()) };
        assert!(!carton.carries(Form::Frozen));
        assert!(carton.carries(Form::FreezeDried));
        assert!(van(site()).carries(Form::Frozen));
    }
}
