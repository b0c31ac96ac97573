//! The network as one picture: who may exchange with whom, and how soon milk can be there. It holds what the
//! matching and the planning of transfers ask again and again, and changes nothing.

use super::agreement::{Agreement, find_agreement};
use super::border::BorderTimes;
use super::carriage::Carriage;
use super::closure::Closure;
use super::courier::{Courier, Place, road_m};
use super::exchange::{AgreementFacts, exchange_failures};
use super::geography::{Country, Position};
use super::ids::{CourierId, PolicySetId, SiteId};
use super::opening_hours::OpeningHours;
use super::packing::{Climate, Packing};
use super::policy::{Form, PolicyDocument, Tier};
use super::quantity::Volume;
use super::refusal::{Refusal, RefusalCode};
use super::road_time::LegTimes;
use super::site::{SiteRole, SiteState, Standing, StandingRule};
use super::time::Instant;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Minutes to pick, check and pack a box before it can be collected.
pub const PREPARE_MINUTES: i64 = 30;
/// Minutes to hand a box over and check it at the other end.
pub const HANDOVER_MINUTES: i64 = 30;
/// Minutes to answer an offer where the policy set writes none.
const DEFAULT_ANSWER_MINUTES: i64 = 60;
/// How often a start that meets a closure or a closed door is moved on before the journey counts as impossible.
const ATTEMPTS: usize = 8;

/// What the network needs to know of one site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteFacts {
    /// The site.
    pub id: SiteId,
    /// Its short code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// What it does.
    pub role: SiteRole,
    /// Its country.
    pub country: Country,
    /// IANA time zone.
    pub zone: String,
    /// Where it lies.
    pub position: Position,
    /// Whether it takes part.
    pub state: SiteState,
    /// The policy set in force there.
    pub policy_set_id: Option<PolicySetId>,
    /// Forms it can store and use.
    pub accepts_forms: Vec<Form>,
    /// What it never gives away.
    pub reserve_ml: Volume,
    /// What it accepts without being asked.
    pub standing_rule: StandingRule,
    /// True when it records use.
    pub records_infant_use: bool,
    /// End of its licence.
    pub licence_valid_until: Option<Instant>,
    /// When it hands out and takes in boxes.
    pub opening_hours: OpeningHours,
}

impl SiteFacts {
    /// What decides whether milk may leave or reach it.
    #[must_use]
    pub fn standing(&self) -> Standing<'_> {
        Standing {
            code: &self.code,
            country: &self.country,
            role: self.role,
            zone: &self.zone,
            state: self.state,
            licence_valid_until: self.licence_valid_until,
            records_infant_use: self.records_infant_use,
        }
    }

    /// Where it lies, for a carrier.
    pub(super) const fn place(&self) -> Place {
        Place { position: self.position, country: self.country }
    }
}

/// How milk gets from one site to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Journey {
    /// The courier that is there first; none within one site.
    pub courier_id: Option<CourierId>,
    /// Metres by road, estimated as 1.3 times the great circle.
    pub distance_m: i64,
    /// Minutes from collection to handover.
    pub minutes: i64,
    /// Earliest collection.
    pub earliest_pickup: Instant,
    /// Earliest handover.
    pub earliest_arrival: Instant,
}

/// Every site with what holds between them.
#[derive(Debug, Clone, Default)]
pub struct Network {
    /// Every site of the hub, also those that take no part now.
    pub sites: BTreeMap<SiteId, SiteFacts>,
    /// The policy sets that sites follow.
    pub policies: BTreeMap<PolicySetId, Arc<PolicyDocument>>,
    /// Agreements that have not ended.
    pub agreements: Vec<Agreement>,
    /// Closures announced or in force.
    pub closures: Vec<Closure>,
    /// Couriers in use.
    pub couriers: Vec<Courier>,
    /// Packings in force.
    pub packings: Vec<Packing>,
    /// The weather of sites that noted it.
    pub climates: BTreeMap<SiteId, Climate>,
    /// What customs take at borders.
    pub borders: BorderTimes,
    /// How long legs between sites took.
    pub measured: BTreeMap<(SiteId, SiteId), LegTimes>,
}

impl Network {
    /// The policy set in force at a site.
    #[must_use]
    pub fn policy_of(&self, site: SiteId) -> Option<(PolicySetId, Arc<PolicyDocument>)> {
        let id = self.sites.get(&site)?.policy_set_id?;
        Some((id, Arc::clone(self.policies.get(&id)?)))
    }

    /// The policy document that a site follows.
    pub(super) fn rules_of(&self, site: &SiteFacts) -> Option<&PolicyDocument> {
        self.policies.get(&site.policy_set_id?).map(Arc::as_ref)
    }

    /// The IANA time zone of a site.
    #[must_use]
    pub fn zone_of(&self, site: SiteId) -> Option<&str> {
        self.sites.get(&site).map(|site| site.zone.as_str())
    }

    /// True when the site has said beforehand that it gives this much milk for this tier.
    #[must_use]
    pub fn accepts_by_rule(&self, site: SiteId, tier: u8, volume: Volume) -> bool {
        self.sites.get(&site).is_some_and(|site| site.standing_rule.accepts(Tier(tier), volume))
    }

    /// Minutes that a site has to answer an offer for this tier, by its own policy set.
    #[must_use]
    pub fn answer_minutes(&self, site: SiteId, tier: u8) -> i64 {
        let rules = self.sites.get(&site).and_then(|site| self.rules_of(site));
        let timer = rules.and_then(|policy| policy.values.priority.timer(Tier(tier)));
        timer.map_or(DEFAULT_ANSWER_MINUTES, |timer| i64::from(timer.answer_within_min))
    }

    /// The closure that keeps a site from sending and receiving at this instant.
    #[must_use]
    pub fn closure_of(&self, site: SiteId, now: Instant) -> Option<&Closure> {
        self.closures.iter().find(|closure| closure.closes(site, now))
    }

    /// True when a closure keeps the site from sending and receiving at this instant.
    #[must_use]
    pub fn is_closed(&self, site: SiteId, now: Instant) -> bool {
        self.closure_of(site, now).is_some()
    }

    /// Every refusal (7, 16, 19) between the sender and the receiver at this instant; empty when they may
    /// exchange.
    #[must_use]
    pub fn may_exchange(&self, from: SiteId, to: SiteId, now: Instant) -> Vec<Refusal> {
        let (Some(sender), Some(receiver)) = (self.sites.get(&from), self.sites.get(&to)) else {
            return vec![RefusalCode::AgreementMissing.because("one of the two sites is not known")];
        };
        if from == to {
            return receiver.standing().receiving_failures(now, self.rules_of(receiver));
        }
        let (Some(theirs), Some(ours)) = (self.rules_of(sender), self.rules_of(receiver)) else {
            let unsigned = [sender, receiver].into_iter().filter(|site| self.rules_of(site).is_none());
            return unsigned.map(|site| site.standing().unsigned()).collect();
        };
        let day = now.date_in(&receiver.zone);
        // Validity is judged at the instant; the rule itself counts in days.
        let agreement = find_agreement(&self.agreements, from, to, now);
        let facts = agreement.map(|agreement| AgreementFacts {
            from: day,
            until: None,
            policy_mapping: agreement.policy_mapping.as_deref(),
        });
        exchange_failures(
            &sender.standing().on(day, now, theirs),
            &receiver.standing().on(day, now, ours),
            facts.as_ref(),
            day,
        )
    }

    /// The agreement under which two sites may exchange at this instant.
    #[must_use]
    pub fn agreement_between(&self, one: SiteId, other: SiteId, now: Instant) -> Option<&Agreement> {
        find_agreement(&self.agreements, one, other, now)
    }

    /// Minutes from a collection then to the handover: the road as it is estimated, with its border, or as it was
    /// measured at that hour of the day, whichever is longer, and the handover.
    pub(super) fn travel_minutes(
        &self,
        courier: &Courier,
        (from, to): (&SiteFacts, &SiteFacts),
        distance_m: i64,
        at: Instant,
    ) -> i64 {
        let stated = courier.travel_minutes(distance_m, self.borders.minutes(from.country, to.country));
        let measured = self.measured.get(&(from.id, to.id)).map_or(0, |times| {
            // A minute that has begun counts.
            times.seconds_at(stated.saturating_mul(60), at).saturating_add(59) / 60
        });
        stated.max(measured).saturating_add(HANDOVER_MINUTES)
    }

    /// The journey of frozen milk that is there first when planned now; see [`Self::journey_of`].
    #[must_use]
    pub fn journey(&self, from: SiteId, to: SiteId, now: Instant) -> Option<Journey> {
        self.journey_of(Form::Frozen, from, to, now)
    }

    /// The journey of this form of milk that is there first when planned now; `None` when no courier can
    /// make it within the time that its packing holds, or a closure has no known end.
    #[must_use]
    pub fn journey_of(&self, form: Form, from: SiteId, to: SiteId, now: Instant) -> Option<Journey> {
        let (sender, receiver) = (self.sites.get(&from)?, self.sites.get(&to)?);
        if from == to {
            let here =
                Journey { courier_id: None, distance_m: 0, minutes: 0, earliest_pickup: now, earliest_arrival: now };
            return Some(here);
        }
        let distance_m = road_m(sender.position.distance_m(receiver.position));
        self.couriers
            .iter()
            .filter(|courier| courier.vehicles > 0)
            .filter_map(|courier| self.journey_by(courier, form, (sender, receiver), distance_m, now))
            .min_by_key(|journey| (journey.earliest_arrival, journey.minutes, journey.courier_id))
    }

    fn journey_by(
        &self,
        courier: &Courier,
        form: Form,
        (from, to): (&SiteFacts, &SiteFacts),
        distance_m: i64,
        now: Instant,
    ) -> Option<Journey> {
        let base = self.sites.get(&courier.base_site_id)?;
        if !courier.serves(base.position, from.place(), to.place()) {
            return None;
        }
        let working = courier.working_hours();
        let mut start = now.plus_minutes(PREPARE_MINUTES);
        for _attempt in 0..ATTEMPTS {
            let open = self.next_open(from, working.next_opening(start, &base.zone))?;
            if !working.is_open(open, &base.zone) {
                start = open;
                continue;
            }
            let minutes = self.travel_minutes(courier, (from, to), distance_m, open);
            let arrival = self.next_open(to, open.plus_minutes(minutes))?;
            let carriage = Carriage {
                courier: courier.id,
                from: from.id,
                to: to.id,
                pickup_at: open,
                delivery_at: arrival,
                forms: &[form],
                load: (Volume::ZERO, 0),
                packing: None,
            };
            if self.prove(&carriage).is_ok() {
                return Some(Journey {
                    courier_id: Some(courier.id),
                    distance_m,
                    minutes,
                    earliest_pickup: open,
                    earliest_arrival: arrival,
                });
            }
            // The box would wait too long at a closed door: start so that it arrives when the door opens, or as late
            // as the carrier still collects.
            let mut later = arrival.plus_minutes(-minutes);
            if later <= open {
                // Only an hour at which the road was measured to be quicker can help.
                if !self.measured.contains_key(&(from.id, to.id)) {
                    return None;
                }
                later = open.next_hour();
            }
            let collecting = working.open_spans(open, later.plus_minutes(1), &base.zone);
            let last = collecting.last().map_or(open, |(_, until)| later.min(until.plus_minutes(-1)));
            start = if last > open { last } else { later };
        }
        None
    }

    /// The first instant at which the site hands out and takes in boxes; `None` when a closure has no known end.
    fn next_open(&self, site: &SiteFacts, from: Instant) -> Option<Instant> {
        let mut at = from;
        for _attempt in 0..ATTEMPTS {
            at = site.opening_hours.next_opening(at, &site.zone);
            match self.closure_of(site.id, at) {
                None => return Some(at),
                Some(closure) => at = closure.reopens_at()?,
            }
        }
        None
    }
}

#[cfg(test)]
#[path = "network_tests.rs"]
pub(super) mod tests;
