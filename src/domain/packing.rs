//! Validated packings: which box with which cold keeps how much milk frozen for how long, at which weather. A time
//! counts only as far as somebody measured it: beyond the warmest step nothing is known, and nothing is planned.

use super::courier::Courier;
use super::field::FieldError;
use super::ids::{CourierId, PackingId, SiteId};
use super::policy::Form;
use super::quantity::{Celsius, Volume};
use super::time::Instant;
use super::words::words;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::ops::Deref;

/// Steps of one packing at most.
pub const MOST_STEPS: usize = 12;
/// The warmest weather that a packing may be validated for.
pub const WARMEST: Celsius = Celsius::from_degrees(60);
/// The coldest weather that a step may name.
pub const COLDEST: Celsius = Celsius::from_degrees(-60);
/// Minutes that a packing holds at most: thirty days.
pub const MOST_MINUTES: i64 = 43_200;
/// A journey's minutes are taken for longer by this share before they are held against a packing, per cent.
const MARGIN_PERCENT: i64 = 15;
/// The least that is added, minutes.
const LEAST_MARGIN_MINUTES: i64 = 5;

words! {
    /// What keeps the milk cold. Water ice is not among them: it is warmer than frozen milk.
    Coolant {
        /// Solid carbon dioxide.
        DryIce = "dry_ice",
        /// Frozen gel packs.
        FrozenGel = "frozen_gel",
        /// Another material that melts below the milk's limit.
        PhaseChange = "phase_change",
        /// A powered freezer in the vehicle.
        PoweredFreezer = "powered_freezer",
        /// Nothing: for dry milk alone.
        Nothing = "none",
    }

    /// Whether a packing may be planned with.
    PackingState {
        /// It may.
        Active = "active",
        /// A later one took its place.
        Superseded = "superseded",
        /// It may not any more.
        Retired = "retired",
    }
}

/// How long a packing holds in weather up to some temperature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoldStep {
    /// The warmest weather that was tested.
    pub up_to_hundredths: Celsius,
    /// Minutes for which the milk stayed below its limit.
    pub minutes: i64,
}

/// What somebody validated: the container, its cold, and for how long it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackingFacts {
    /// Short stable code; one of a code is active at a time.
    pub code: String,
    /// The carrier that packs so; any, if none is named.
    pub courier_id: Option<CourierId>,
    /// The site that packs so; any, if none is named.
    pub site_id: Option<SiteId>,
    /// The container, in words.
    pub container: String,
    /// What keeps it cold.
    pub coolant: Coolant,
    /// Milk in one container.
    pub capacity_ml: Volume,
    /// Bottles in one container, where that was tested.
    pub capacity_bottles: Option<i64>,
    /// Containers of one transfer at most.
    pub containers: i64,
    /// Times by weather, coldest first.
    pub steps: Vec<HoldStep>,
    /// Who validated it.
    pub validated_by: String,
    /// The report of the validation.
    pub document_reference: String,
    /// Its date.
    pub validated_on: Date,
    /// When it must be validated anew.
    pub valid_until: Option<Instant>,
}

/// A packing as the hub keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packing {
    /// Its identifier.
    pub id: PackingId,
    /// What was validated.
    pub facts: PackingFacts,
    /// Whether it may be planned with.
    pub state: PackingState,
    /// The packing whose place it took.
    pub supersedes: Option<PackingId>,
    /// When it was superseded or retired.
    pub ended_at: Option<Instant>,
    /// Why.
    pub end_reason: Option<String>,
    /// Who entered it.
    pub created_by: String,
    /// When.
    pub created_at: Instant,
    /// Version for `If-Match`.
    pub version: i64,
}

impl Deref for Packing {
    type Target = PackingFacts;
    fn deref(&self) -> &PackingFacts {
        &self.facts
    }
}

impl Packing {
    /// A packing that comes into force.
    #[must_use]
    pub fn entered(
        id: PackingId,
        facts: PackingFacts,
        supersedes: Option<PackingId>,
        (by, at): (&str, Instant),
    ) -> Self {
        Self {
            id,
            facts,
            state: PackingState::Active,
            supersedes,
            ended_at: None,
            end_reason: None,
            created_by: by.to_owned(),
            created_at: at,
            version: 1,
        }
    }

    /// The packing that a carrier's agreement states, which names one time for any weather.
    #[must_use]
    pub fn stated_by(courier: &Courier, id: PackingId, by: &str, on: Date) -> Self {
        let facts = PackingFacts {
            code: courier.code.clone(),
            courier_id: Some(courier.id),
            site_id: None,
            container: courier.packaging.clone(),
            coolant: coolant_in_words(&courier.packaging),
            capacity_ml: courier.max_payload_ml,
            capacity_bottles: None,
            containers: 1,
            steps: vec![HoldStep { up_to_hundredths: WARMEST, minutes: courier.hold_time_minutes }],
            validated_by: courier.name.clone(),
            document_reference: courier.agreement_reference.clone(),
            validated_on: on,
            valid_until: None,
        };
        Self::entered(id, facts, None, (by, courier.created_at))
    }

    /// True when it may be planned with at this instant.
    #[must_use]
    pub fn is_current(&self, at: Instant) -> bool {
        self.state == PackingState::Active && self.valid_until.is_none_or(|until| at < until)
    }

    /// True when this carrier and this sender pack so.
    #[must_use]
    pub fn is_for(&self, courier: CourierId, sender: SiteId) -> bool {
        self.courier_id.is_none_or(|own| own == courier) && self.site_id.is_none_or(|own| own == sender)
    }

    /// True when it keeps this form as it must be kept.
    #[must_use]
    pub fn keeps(&self, form: Form) -> bool {
        form != Form::Frozen || self.coolant != Coolant::Nothing
    }

    /// Minutes for which it holds in this weather; where the weather is not known, in the warmest that was tested.
    /// `None` in weather beyond that.
    #[must_use]
    pub fn hold_minutes(&self, ambient: Option<Celsius>) -> Option<i64> {
        match ambient {
            None => self.steps.last().map(|step| step.minutes),
            Some(ambient) => self.steps.iter().find(|step| ambient <= step.up_to_hundredths).map(|step| step.minutes),
        }
    }

    /// Containers that a load takes; `None` when they are more than one transfer may have.
    #[must_use]
    pub fn containers_for(&self, volume: Volume, bottles: i64) -> Option<i64> {
        let by_volume = containers(volume.ml(), self.capacity_ml.ml());
        let by_bottles = self.capacity_bottles.map_or(1, |most| containers(bottles, most));
        Some(by_volume.max(by_bottles).max(1)).filter(|taken| *taken <= self.containers)
    }
}

/// What a carrier's own words say about the cold in its boxes.
fn coolant_in_words(packaging: &str) -> Coolant {
    let words = packaging.to_lowercase();
    let says = |any: &[&str]| any.iter().any(|word| words.contains(word));
    if says(&["ambient"]) {
        Coolant::Nothing
    } else if says(&["dry ice", "carbon-dioxide", "carbon dioxide"]) {
        Coolant::DryIce
    } else if says(&["powered", "compressor", "freezer"]) {
        Coolant::PoweredFreezer
    } else if says(&["phase change"]) {
        Coolant::PhaseChange
    } else {
        Coolant::FrozenGel
    }
}

const fn containers(load: i64, each: i64) -> i64 {
    if each <= 0 { i64::MAX } else { load.saturating_add(each - 1) / each }
}

/// What must be added to a journey's minutes before they are held against a packing: roads are slow some days.
#[must_use]
pub const fn margin_minutes(minutes: i64) -> i64 {
    let share = minutes.saturating_mul(MARGIN_PERCENT) / 100;
    if share < LEAST_MARGIN_MINUTES { LEAST_MARGIN_MINUTES } else { share }
}

/// The longest journey, minutes, that leaves its margin within so many minutes of holding.
#[must_use]
pub const fn road_within(hold_minutes: i64) -> i64 {
    let mut minutes = hold_minutes.saturating_mul(100) / (100 + MARGIN_PERCENT) + 1;
    while minutes > 0 && minutes.saturating_add(margin_minutes(minutes)) > hold_minutes {
        minutes -= 1;
    }
    minutes
}

/// What is wrong with a packing's steps: they grow warmer, and no warmer step holds longer than a colder one.
#[must_use]
pub fn step_faults(steps: &[HoldStep]) -> Vec<FieldError> {
    if steps.is_empty() || steps.len() > MOST_STEPS {
        return vec![FieldError::new("/steps", "out_of_range", format!("name 1 to {MOST_STEPS} steps"))];
    }
    let mut faults = Vec::new();
    let mut before: Option<&HoldStep> = None;
    for (position, step) in steps.iter().enumerate() {
        if !(COLDEST..=WARMEST).contains(&step.up_to_hundredths) {
            let detail = format!("{COLDEST} to {WARMEST}");
            faults.push(FieldError::new(format!("/steps/{position}/up_to_c"), "out_of_range", detail));
        }
        if !(1..=MOST_MINUTES).contains(&step.minutes) {
            let detail = format!("1 to {MOST_MINUTES}");
            faults.push(FieldError::new(format!("/steps/{position}/hold_minutes"), "out_of_range", detail));
        }
        if let Some(colder) = before {
            if step.up_to_hundredths <= colder.up_to_hundredths {
                let detail = "each step is for warmer weather than the one before";
                faults.push(FieldError::new(format!("/steps/{position}/up_to_c"), "out_of_order", detail));
            }
            if step.minutes > colder.minutes {
                let detail = "no box holds longer in warmer weather";
                faults.push(FieldError::new(format!("/steps/{position}/hold_minutes"), "out_of_order", detail));
            }
        }
        before = Some(step);
    }
    faults
}

/// The warmest that a day of each month is expected to become at a place, January first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Climate(pub [Celsius; 12]);

impl Climate {
    /// What is expected on a day.
    #[must_use]
    pub fn on(&self, day: Date) -> Option<Celsius> {
        let month = usize::try_from(day.month()).ok()?.checked_sub(1)?;
        self.0.get(month).copied()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::domain::courier::tests::van;

    pub fn stated(courier: &Courier) -> Packing {
        let id = "01990000-0000-7000-8000-0000000000f1".parse().unwrap();
        Packing::stated_by(courier, id, "hub", jiff::civil::date(2026, 1, 1))
    }

    fn changed(packing: &Packing, change: impl FnOnce(&mut PackingFacts)) -> Packing {
        let mut packing = packing.clone();
        change(&mut packing.facts);
        packing
    }

    fn step(degrees: i64, minutes: i64) -> HoldStep {
        HoldStep { up_to_hundredths: Celsius::from_degrees(degrees), minutes }
    }

    fn box_of(steps: Vec<HoldStep>) -> Packing {
        let base = "01990000-0000-7000-8000-000000000001".parse().unwrap();
        changed(&stated(&van(base)), |facts| facts.steps = steps)
    }

    #[test]
    fn the_weather_decides_how_long_a_packing_holds() {
        let packing = box_of(vec![step(20, 720), step(30, 480), step(40, 300)]);
        assert_eq!(packing.hold_minutes(Some(Celsius::from_degrees(-5))), Some(720));
        assert_eq!(packing.hold_minutes(Some(Celsius::from_degrees(20))), Some(720));
        assert_eq!(packing.hold_minutes(Some(Celsius::from_hundredths(2_001))), Some(480));
        assert_eq!(packing.hold_minutes(Some(Celsius::from_degrees(41))), None, "nobody tested that");
        assert_eq!(packing.hold_minutes(None), Some(300), "unknown weather is the warmest that was tested");
    }

    #[test]
    fn steps_grow_warmer_and_never_longer() {
        assert_eq!(step_faults(&[step(20, 720), step(30, 720)]), []);
        let found = |steps: &[HoldStep]| -> Vec<(String, String)> {
            step_faults(steps).into_iter().map(|fault| (fault.pointer.to_string(), fault.code.to_string())).collect()
        };
        let named = |pointer: &str, code: &str| vec![(pointer.to_owned(), code.to_owned())];
        assert_eq!(found(&[]), named("/steps", "out_of_range"));
        assert_eq!(found(&[step(30, 480), step(30, 300)]), named("/steps/1/up_to_c", "out_of_order"));
        assert_eq!(found(&[step(20, 480), step(30, 481)]), named("/steps/1/hold_minutes", "out_of_order"));
        assert_eq!(found(&[step(61, 480)]), named("/steps/0/up_to_c", "out_of_range"));
        assert_eq!(found(&[step(20, 0)]), named("/steps/0/hold_minutes", "out_of_range"));
    }

    #[test]
    fn a_load_takes_whole_containers() {
        let packing = changed(&box_of(vec![step(30, 480)]), |facts| {
            (facts.containers, facts.capacity_bottles) = (3, Some(20));
        });
        assert_eq!(packing.capacity_ml, Volume::from_ml(12_000));
        assert_eq!(packing.containers_for(Volume::from_ml(12_000), 20), Some(1));
        assert_eq!(packing.containers_for(Volume::from_ml(12_001), 20), Some(2));
        assert_eq!(packing.containers_for(Volume::from_ml(1_000), 41), Some(3));
        assert_eq!(packing.containers_for(Volume::from_ml(1_000), 61), None);
    }

    #[test]
    fn a_carrier_s_words_say_what_keeps_its_boxes_cold() {
        for (words, coolant) in [
            ("passive box, frozen gel packs", Coolant::FrozenGel),
            ("dry ice shipper", Coolant::DryIce),
            ("insulated box, carbon-dioxide ice", Coolant::DryIce),
            ("Carton, ambient", Coolant::Nothing),
        ] {
            assert_eq!(coolant_in_words(words), coolant, "{words}");
        }
        let carton = changed(&box_of(vec![step(30, 480)]), |facts| facts.coolant = Coolant::Nothing);
        assert!(!carton.keeps(Form::Frozen) && carton.keeps(Form::FreezeDried));
    }

    #[test]
    fn each_month_has_its_weather() {
        let mut highs = [Celsius::from_degrees(20); 12];
        highs[6] = Celsius::from_degrees(33);
        let climate = Climate(highs);
        assert_eq!(climate.on(jiff::civil::date(2026, 7, 31)), Some(Celsius::from_degrees(33)));
        assert_eq!(climate.on(jiff::civil::date(2026, 12, 1)), Some(Celsius::from_degrees(20)));
    }

    #[test]
    fn a_margin_is_a_share_and_never_nothing() {
        assert_eq!((margin_minutes(0), margin_minutes(100), margin_minutes(600)), (5, 15, 90));
        assert_eq!((road_within(0), road_within(5), road_within(115), road_within(690)), (0, 0, 100, 600));
        for hold in 5..2_000 {
            let road = road_within(hold);
            assert!(road + margin_minutes(road) <= hold, "{hold}");
            assert!(road + 1 + margin_minutes(road + 1) > hold, "{hold}");
        }
    }
}
