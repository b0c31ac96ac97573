//! The proof that milk can be carried: carrier, road, doors, and a packing that holds for the journey with a margin in
//! the day's weather. The matching asks it before it offers, the planning of a transfer before it promises.

use super::courier::{Courier, road_m};
use super::ids::{CourierId, PackingId, SiteId};
use super::network::{Network, SiteFacts};
use super::packing::{Packing, margin_minutes};
use super::policy::Form;
use super::quantity::{Celsius, Volume};
use super::refusal::{Refusal, RefusalCode};
use super::time::Instant;
use std::cmp::Reverse;

/// What is to be carried, how and when.
#[derive(Debug, Clone, Copy)]
pub struct Carriage<'a> {
    /// Who carries it.
    pub courier: CourierId,
    /// From where.
    pub from: SiteId,
    /// To where.
    pub to: SiteId,
    /// Collection.
    pub pickup_at: Instant,
    /// Handover at the other end.
    pub delivery_at: Instant,
    /// The forms of the milk.
    pub forms: &'a [Form],
    /// How much, and in how many bottles.
    pub load: (Volume, i64),
    /// The packing that somebody chose; the one that holds longest, if nobody did.
    pub packing: Option<PackingId>,
}

/// A journey as it was found possible.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// The packing.
    pub packing: PackingId,
    /// Its containers.
    pub containers: i64,
    /// The weather of the day, the warmer of both ends; `None` where one of them is not known.
    pub ambient: Option<Celsius>,
    /// Minutes for which the packing holds in it.
    pub hold_minutes: i64,
    /// Minutes from collection to handover, as planned or as the road takes, whichever is longer.
    pub road_minutes: i64,
    /// Minutes added to that.
    pub margin_minutes: i64,
    /// Metres by road.
    pub distance_m: i64,
    /// The carrier collects no later than this; `None` when it never stops.
    pub cut_off_at: Option<Instant>,
    /// The receiver's door closes then; `None` when it never does.
    pub door_closes_at: Option<Instant>,
}

/// What a packing gives to a journey.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fit {
    /// Minutes for which it holds in the day's weather.
    pub hold_minutes: i64,
    /// Minutes on the road, borders included.
    pub road_minutes: i64,
    /// Minutes added to that.
    pub margin_minutes: i64,
    /// Containers that the load takes.
    pub containers: i64,
}

impl Fit {
    /// Minutes that are left when road and margin are over; below nought when it does not hold.
    #[must_use]
    pub const fn left_minutes(&self) -> i64 {
        self.hold_minutes.saturating_sub(self.road_minutes).saturating_sub(self.margin_minutes)
    }
}

/// Why a packing does not do for a journey; what stands later came nearer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PackingLack {
    /// Its validation is over by then.
    NotInForce,
    /// It does not keep this milk frozen.
    NotFrozen,
    /// The load is more than it takes.
    TooSmall,
    /// Nobody tested it in such weather.
    Untested,
    /// It does not hold for road and margin.
    TooShort(Fit),
}

/// A packing held against a journey.
#[derive(Debug, Clone)]
pub struct PackingFit<'n> {
    /// The packing.
    pub packing: &'n Packing,
    /// What it gives, or what it lacks.
    pub found: Result<Fit, PackingLack>,
}

impl PackingFit<'_> {
    /// Minutes for which it holds; nought where that is not known.
    const fn hold_minutes(&self) -> i64 {
        match self.found {
            Ok(fit) | Err(PackingLack::TooShort(fit)) => fit.hold_minutes,
            Err(_) => 0,
        }
    }
}

/// The weather and the road of a journey.
struct Measured {
    ambient: Option<Celsius>,
    distance_m: i64,
    road_minutes: i64,
    border_minutes: i64,
}

impl Network {
    /// Proves that milk can be carried so, or names every rule in the way (refusal 9). The milk itself is judged
    /// elsewhere.
    ///
    /// # Errors
    /// Every refusal.
    pub fn prove(&self, carriage: &Carriage<'_>) -> Result<Proof, Vec<Refusal>> {
        let known = (self.sites.get(&carriage.from), self.sites.get(&carriage.to), self.courier(carriage.courier));
        let (Some(from), Some(to), Some(courier)) = known else {
            return Err(vec![RefusalCode::CarrierAgreementMissing.because("no such carrier is in use between them")]);
        };
        let mut found: Vec<Refusal> = courier.refuses(carriage.pickup_at).into_iter().collect();
        found.extend(self.road_refusal(courier, from, to));
        found.extend(self.door_refusals(courier, from, to, carriage));
        found.extend(self.policy_refusals(from, to, carriage));
        let proof = self.prove_packing(courier, from, to, carriage);
        match proof {
            Ok(proof) if found.is_empty() => Ok(proof),
            Ok(_) => Err(found),
            Err(refusal) => {
                found.push(refusal);
                Err(found)
            }
        }
    }

    fn courier(&self, id: CourierId) -> Option<&Courier> {
        self.couriers.iter().find(|courier| courier.id == id)
    }

    /// A carrier drives where its agreement says, and nowhere else.
    fn road_refusal(&self, courier: &Courier, from: &SiteFacts, to: &SiteFacts) -> Option<Refusal> {
        let base = self.sites.get(&courier.base_site_id);
        if base.is_some_and(|base| courier.serves(base.position, from.place(), to.place())) {
            return None;
        }
        let detail =
            format!("{} covers {}, not the road from {} to {}", courier.code, courier.covers, from.code, to.code);
        Some(RefusalCode::RouteNotServed.because(format!("{detail}; NICE CG93 1.2.46")))
    }

    /// Doors and the carrier's cut-off; closures are doors that are shut.
    fn door_refusals(&self, courier: &Courier, from: &SiteFacts, to: &SiteFacts, asked: &Carriage<'_>) -> Vec<Refusal> {
        let mut found = Vec::new();
        let zone = self.zone_of(courier.base_site_id).unwrap_or("UTC");
        if !courier.working_hours().is_open(asked.pickup_at, zone) {
            let [opens, closes] = courier.hours.texts();
            let detail = format!(
                "{} collects from {opens} to {closes} on its working days, not at {}",
                courier.code, asked.pickup_at
            );
            found.push(RefusalCode::AfterCutOff.because(detail));
        }
        for (site, at) in [(from, asked.pickup_at), (to, asked.delivery_at)] {
            if !site.opening_hours.is_open(at, &site.zone) || self.is_closed(site.id, at) {
                found.push(RefusalCode::DoorClosed.because(format!("{} is closed at {at}", site.code)));
            }
        }
        found
    }

    /// What both policies write about the road.
    fn policy_refusals(&self, from: &SiteFacts, to: &SiteFacts, asked: &Carriage<'_>) -> Vec<Refusal> {
        let (Some(sender), Some(receiver)) = (self.rules_of(from), self.rules_of(to)) else {
            return vec![RefusalCode::TemperaturePlanMissing.because("one of the two sites follows no policy set")];
        };
        let mut found = Vec::new();
        if asked.forms.iter().any(|form| sender.form(*form).is_none() || receiver.form(*form).is_none()) {
            let detail = "one of the two policies writes no transport temperature for this form; NICE CG93 1.2.44";
            found.push(RefusalCode::TemperaturePlanMissing.because(detail));
        }
        let planned = asked.delivery_at.minutes_since(asked.pickup_at);
        let rule = &receiver.values.delivery.max_transit_h;
        if let Some(hours) = rule.value.filter(|hours| planned > i64::from(*hours) * 60) {
            let detail = format!("{planned} minutes are planned, at most {hours} h are allowed; {}", rule.cite());
            found.push(RefusalCode::TemperaturePlanTooWeak.because(detail));
        }
        found
    }

    /// A journey planned shorter than the road takes by the carrier's speed, with its border and without the handover
    /// (refusal 9): door, remaining days and need would be judged for an hour at which the milk is still on the road.
    #[must_use]
    pub fn haste_refusal(&self, asked: &Carriage<'_>) -> Option<Refusal> {
        let (from, to) = (self.sites.get(&asked.from)?, self.sites.get(&asked.to)?);
        let courier = self.courier(asked.courier)?;
        let planned = asked.delivery_at.minutes_since(asked.pickup_at);
        let border = self.borders.minutes(from.country, to.country);
        let road = courier.travel_minutes(road_m(from.position.distance_m(to.position)), border);
        let detail = format!(
            "the road from {} to {} takes {} {road} minutes, {planned} are planned; NICE CG93 1.2.44",
            from.code, to.code, courier.code
        );
        (planned < road).then(|| RefusalCode::JourneyTooShort.because(detail))
    }

    /// The warmest that is expected on the road that day; none where one end's weather is not known.
    fn ambient(&self, from: &SiteFacts, to: &SiteFacts, asked: &Carriage<'_>) -> Option<Celsius> {
        let at = |site: &SiteFacts, at: Instant| self.climates.get(&site.id)?.on(at.date_in(&site.zone));
        Some(at(from, asked.pickup_at)?.max(at(to, asked.delivery_at)?))
    }

    /// The warmest that is expected on a journey; none where one end's weather is not known.
    #[must_use]
    pub fn weather(&self, asked: &Carriage<'_>) -> Option<Celsius> {
        self.ambient(self.sites.get(&asked.from)?, self.sites.get(&asked.to)?, asked)
    }

    /// Every packing of this carrier from this sender that is not superseded or retired, held against the journey:
    /// those that do, the longest holding first, then the others. Which one is asked for does not matter here.
    #[must_use]
    pub fn fit_packings(&self, asked: &Carriage<'_>) -> Vec<PackingFit<'_>> {
        let known = (self.sites.get(&asked.from), self.sites.get(&asked.to), self.courier(asked.courier));
        let (Some(from), Some(to), Some(courier)) = known else { return Vec::new() };
        let journey = self.measure(courier, from, to, asked);
        let own = self.packings.iter().filter(|one| one.is_for(courier.id, from.id));
        let mut fits: Vec<PackingFit<'_>> =
            own.map(|packing| PackingFit { packing, found: hold_against(packing, &journey, asked) }).collect();
        fits.sort_by_key(|fit| (fit.found.is_err(), Reverse(fit.hold_minutes()), fit.packing.id));
        fits
    }

    /// The weather and the road of a journey.
    fn measure(&self, courier: &Courier, from: &SiteFacts, to: &SiteFacts, asked: &Carriage<'_>) -> Measured {
        let distance_m = road_m(from.position.distance_m(to.position));
        let planned = asked.delivery_at.minutes_since(asked.pickup_at);
        let road_minutes = self.travel_minutes(courier, (from, to), distance_m, asked.pickup_at).max(planned);
        let border_minutes = self.borders.minutes(from.country, to.country);
        Measured { ambient: self.ambient(from, to, asked), distance_m, road_minutes, border_minutes }
    }

    /// The packing that holds longest, or the chosen one, against the road with its margin.
    fn prove_packing(
        &self,
        courier: &Courier,
        from: &SiteFacts,
        to: &SiteFacts,
        asked: &Carriage<'_>,
    ) -> Result<Proof, Refusal> {
        let journey = self.measure(courier, from, to, asked);
        let own = self.packings.iter().filter(|one| one.is_for(courier.id, from.id));
        let chosen = own.filter(|one| asked.packing.is_none_or(|chosen| chosen == one.id));
        let mut best: Option<(&Packing, Fit)> = None;
        let mut nearest: Option<(&Packing, PackingLack)> = None;
        for packing in chosen {
            match hold_against(packing, &journey, asked) {
                Ok(fit) if best.is_none_or(|(_, known)| known.hold_minutes < fit.hold_minutes) => {
                    best = Some((packing, fit));
                }
                Err(lack) if nearest.is_none_or(|(_, known)| known < lack) => nearest = Some((packing, lack)),
                Ok(_) | Err(_) => {}
            }
        }
        let Some((packing, fit)) = best else { return Err(refusal(courier, from, nearest, &journey, asked)) };
        Ok(Proof {
            packing: packing.id,
            containers: fit.containers,
            ambient: journey.ambient,
            hold_minutes: fit.hold_minutes,
            road_minutes: fit.road_minutes,
            margin_minutes: fit.margin_minutes,
            distance_m: journey.distance_m,
            cut_off_at: self.cut_off(courier, asked.pickup_at),
            door_closes_at: closing(&to.opening_hours, &to.zone, asked.delivery_at),
        })
    }

    fn cut_off(&self, courier: &Courier, pickup_at: Instant) -> Option<Instant> {
        let zone = self.zone_of(courier.base_site_id).unwrap_or("UTC");
        closing(&courier.working_hours(), zone, pickup_at)
    }
}

/// What a packing gives to a journey, or why it does not do.
fn hold_against(packing: &Packing, journey: &Measured, asked: &Carriage<'_>) -> Result<Fit, PackingLack> {
    if !packing.is_current(asked.pickup_at) {
        return Err(PackingLack::NotInForce);
    }
    if !asked.forms.iter().all(|form| packing.keeps(*form)) {
        return Err(PackingLack::NotFrozen);
    }
    let (volume, bottles) = asked.load;
    let containers = packing.containers_for(volume, bottles).ok_or(PackingLack::TooSmall)?;
    let hold_minutes = packing.hold_minutes(journey.ambient).ok_or(PackingLack::Untested)?;
    let road_minutes = journey.road_minutes;
    let fit = Fit { hold_minutes, road_minutes, margin_minutes: margin_minutes(road_minutes), containers };
    if fit.left_minutes() < 0 { Err(PackingLack::TooShort(fit)) } else { Ok(fit) }
}

/// Why no packing does, by the one that comes nearest.
fn refusal(
    courier: &Courier,
    from: &SiteFacts,
    nearest: Option<(&Packing, PackingLack)>,
    journey: &Measured,
    asked: &Carriage<'_>,
) -> Refusal {
    let weather = journey.ambient.map_or_else(String::new, |ambient| format!(" in {ambient}"));
    match nearest {
        None | Some((_, PackingLack::NotInForce)) => {
            let detail = format!("no validated packing of {} from {} is in force", courier.code, from.code);
            RefusalCode::PackingNotValidated.because(format!("{detail}; NICE CG93 1.2.44"))
        }
        Some((packing, PackingLack::NotFrozen)) => {
            let packed = packing.container.as_str();
            let detail = format!("{} packs in {packed}, which does not stay frozen; NICE CG93 1.2.44", courier.code);
            RefusalCode::TemperaturePlanTooWeak.because(detail)
        }
        Some((_, PackingLack::TooSmall)) => {
            let (volume, bottles) = asked.load;
            let detail = format!("{volume} in {bottles} bottles are more than any packing of {} takes", courier.code);
            RefusalCode::PackingTooSmall.because(detail)
        }
        Some((_, PackingLack::Untested)) => {
            let detail = format!("no packing of {} was tested{weather}", courier.code);
            RefusalCode::TemperaturePlanTooWeak.because(detail)
        }
        Some((packing, PackingLack::TooShort(fit))) => {
            let Fit { hold_minutes, road_minutes, margin_minutes, .. } = fit;
            let border = match journey.border_minutes {
                0 => String::new(),
                minutes => format!(" ({minutes} of them at the border)"),
            };
            RefusalCode::TemperaturePlanTooWeak.because(format!(
                "{road_minutes} minutes{border} and a margin of {margin_minutes} are planned, {} holds \
                 {hold_minutes}{weather}; {}",
                packing.code, packing.document_reference
            ))
        }
    }
}

/// When the door that is open then closes; `None` when it does not within two days.
fn closing(hours: &super::opening_hours::OpeningHours, zone: &str, at: Instant) -> Option<Instant> {
    if hours.never_closes() {
        return None;
    }
    let spans = hours.open_spans(at, at.plus_days(2), zone);
    spans.first().map(|(_, until)| *until).filter(|until| *until < at.plus_days(2))
}

#[cfg(test)]
#[path = "carriage_tests.rs"]
mod tests;
