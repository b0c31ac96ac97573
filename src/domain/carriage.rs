//! The proof that milk can be carried: carrier, road, doors, and a packing that holds for the journey with a margin in
//! the day's weather. The matching asks it before it offers, the planning of a transfer before it promises.

use super::courier::{Courier, road_m};
use super::ids::{CourierId, PackingId, SiteId};
use super::network::{HANDOVER_MINUTES, Network, SiteFacts};
use super::packing::{Packing, margin_minutes};
use super::policy::Form;
use super::quantity::{Celsius, Volume};
use super::refusal::{Refusal, RefusalCode};
use super::time::Instant;

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

    /// The warmest that is expected on the road that day; none where one end's weather is not known.
    fn ambient(&self, from: &SiteFacts, to: &SiteFacts, asked: &Carriage<'_>) -> Option<Celsius> {
        let at = |site: &SiteFacts, at: Instant| self.climates.get(&site.id)?.on(at.date_in(&site.zone));
        Some(at(from, asked.pickup_at)?.max(at(to, asked.delivery_at)?))
    }

    /// The packings that this carrier has from this sender that day for this milk, with their containers.
    fn fitting_packings<'n>(
        &'n self,
        courier: &Courier,
        from: &SiteFacts,
        asked: &Carriage<'_>,
    ) -> Result<Vec<(&'n Packing, i64)>, Refusal> {
        let current: Vec<&Packing> = self
            .packings
            .iter()
            .filter(|one| one.is_current(asked.pickup_at) && one.is_for(courier.id, from.id))
            .filter(|one| asked.packing.is_none_or(|chosen| chosen == one.id))
            .collect();
        if current.is_empty() {
            let detail = format!("no validated packing of {} from {} is in force", courier.code, from.code);
            return Err(RefusalCode::PackingNotValidated.because(format!("{detail}; NICE CG93 1.2.44")));
        }
        let keeps = |one: &&&Packing| asked.forms.iter().all(|form| one.keeps(*form));
        let keeping: Vec<&Packing> = current.iter().filter(keeps).copied().collect();
        if keeping.is_empty() {
            let packed = current.iter().map(|one| one.container.as_str()).collect::<Vec<_>>().join("; ");
            let detail = format!("{} packs in {packed}, which does not stay frozen; NICE CG93 1.2.44", courier.code);
            return Err(RefusalCode::TemperaturePlanTooWeak.because(detail));
        }
        let (volume, bottles) = asked.load;
        let fitting: Vec<(&Packing, i64)> =
            keeping.into_iter().filter_map(|one| Some((one, one.containers_for(volume, bottles)?))).collect();
        if fitting.is_empty() {
            let detail = format!("{volume} in {bottles} bottles are more than any packing of {} takes", courier.code);
            return Err(RefusalCode::PackingTooSmall.because(detail));
        }
        Ok(fitting)
    }

    /// The packing that holds longest, or the chosen one, against the road with its margin.
    fn prove_packing(
        &self,
        courier: &Courier,
        from: &SiteFacts,
        to: &SiteFacts,
        asked: &Carriage<'_>,
    ) -> Result<Proof, Refusal> {
        let fitting = self.fitting_packings(courier, from, asked)?;
        let ambient = self.ambient(from, to, asked);
        let weather = ambient.map_or_else(String::new, |ambient| format!(" in {ambient}"));
        let holding = fitting.into_iter().filter_map(|(one, taken)| Some((one.hold_minutes(ambient)?, one, taken)));
        let Some((hold_minutes, packing, containers)) = holding.max_by(|a, b| a.0.cmp(&b.0).then(b.1.id.cmp(&a.1.id)))
        else {
            let detail = format!("no packing of {} was tested{weather}", courier.code);
            return Err(RefusalCode::TemperaturePlanTooWeak.because(detail));
        };
        let distance_m = road_m(from.position.distance_m(to.position));
        let planned = asked.delivery_at.minutes_since(asked.pickup_at);
        let road_minutes = courier.travel_minutes(distance_m, HANDOVER_MINUTES).max(planned);
        let margin_minutes = margin_minutes(road_minutes);
        if road_minutes.saturating_add(margin_minutes) > hold_minutes {
            return Err(RefusalCode::TemperaturePlanTooWeak.because(format!(
                "{road_minutes} minutes and a margin of {margin_minutes} are planned, {} holds \
                 {hold_minutes}{weather}; {}",
                packing.code, packing.document_reference
            )));
        }
        Ok(Proof {
            packing: packing.id,
            containers,
            ambient,
            hold_minutes,
            road_minutes,
            margin_minutes,
            distance_m,
            cut_off_at: self.cut_off(courier, asked.pickup_at),
            door_closes_at: closing(&to.opening_hours, &to.zone, asked.delivery_at),
        })
    }

    fn cut_off(&self, courier: &Courier, pickup_at: Instant) -> Option<Instant> {
        let zone = self.zone_of(courier.base_site_id).unwrap_or("UTC");
        closing(&courier.working_hours(), zone, pickup_at)
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
