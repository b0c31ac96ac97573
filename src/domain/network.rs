//! The network as one picture: who may exchange with whom, and how soon milk can be there. It holds what the
//! matching and the planning of transfers ask again and again, and changes nothing.

use super::agreement::{Agreement, find_agreement};
use super::closure::Closure;
use super::courier::{Courier, Place, road_m};
use super::exchange::{AgreementFacts, exchange_failures};
use super::geography::{Country, Position};
use super::ids::{CourierId, PolicySetId, SiteId};
use super::opening_hours::OpeningHours;
use super::policy::{Form, PolicyDocument, Tier};
use super::quantity::Volume;
use super::refusal::{Refusal, RefusalCode};
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
const ATTEMPTS: usize = 6;

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

    const fn place(&self) -> Place {
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
}

impl Network {
    /// The policy set in force at a site.
    #[must_use]
    pub fn policy_of(&self, site: SiteId) -> Option<(PolicySetId, Arc<PolicyDocument>)> {
        let id = self.sites.get(&site)?.policy_set_id?;
        Some((id, Arc::clone(self.policies.get(&id)?)))
    }

    fn rules_of(&self, site: &SiteFacts) -> Option<&PolicyDocument> {
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

    /// The journey of frozen milk that is there first when planned now; see [`Self::journey_of`].
    #[must_use]
    pub fn journey(&self, from: SiteId, to: SiteId, now: Instant) -> Option<Journey> {
        self.journey_of(Form::Frozen, from, to, now)
    }

    /// The journey of this form of milk that is there first when planned now; `None` when no courier can make
    /// it within the time its packaging holds, or a closure has no known end.
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
            .filter(|courier| courier.vehicles > 0 && courier.carries(form) && courier.refuses(now).is_none())
            .filter_map(|courier| self.journey_by(courier, sender, receiver, distance_m, now))
            .min_by_key(|journey| (journey.earliest_arrival, journey.minutes, journey.courier_id))
    }

    fn journey_by(
        &self,
        courier: &Courier,
        from: &SiteFacts,
        to: &SiteFacts,
        distance_m: i64,
        now: Instant,
    ) -> Option<Journey> {
        let base = self.sites.get(&courier.base_site_id)?;
        let minutes = courier.travel_minutes(distance_m, HANDOVER_MINUTES);
        if minutes > courier.hold_time_minutes || !courier.serves(base.position, from.place(), to.place()) {
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
            let arrival = self.next_open(to, open.plus_minutes(minutes))?;
            if arrival.minutes_since(open) <= courier.hold_time_minutes {
                return Some(Journey {
                    courier_id: Some(courier.id),
                    distance_m,
                    minutes,
                    earliest_pickup: open,
                    earliest_arrival: arrival,
                });
            }
            // The box would wait too long at a closed door: start so that it arrives when the door opens.
            start = arrival.plus_minutes(-minutes);
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
mod tests {
    use super::super::agreement::AgreementState;
    use super::super::closure::ClosureState;
    use super::super::courier::tests::van;
    use super::super::opening_hours::DailySpan;
    use super::super::policy::built_in;
    use super::*;
    use std::collections::BTreeSet;

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    fn id(tail: u8) -> SiteId {
        format!("01990000-0000-7000-8000-0000000000{tail:02x}").parse().unwrap()
    }

    fn policy_id() -> PolicySetId {
        "01990000-0000-7000-8000-0000000000e1".parse().unwrap()
    }

    fn site(tail: u8, latitude: f64) -> SiteFacts {
        SiteFacts {
            id: id(tail),
            code: format!("site-{tail}"),
            name: format!("Site {tail}"),
            role: SiteRole::Depot,
            country: "HK".parse().unwrap(),
            zone: "UTC".to_owned(),
            position: Position::from_degrees(latitude, 114.0).unwrap(),
            state: SiteState::Live,
            policy_set_id: Some(policy_id()),
            accepts_forms: vec![Form::Frozen],
            reserve_ml: Volume::ZERO,
            standing_rule: StandingRule::default(),
            records_infant_use: true,
            licence_valid_until: None,
            opening_hours: OpeningHours::default(),
        }
    }

    /// Two sites 33 km apart (43 by road, 87 minutes at 30 km/h) with an agreement and a van at the first.
    fn network() -> Network {
        let agreement = Agreement {
            id: "01990000-0000-7000-8000-0000000000a1".parse().unwrap(),
            code: "net".to_owned(),
            name: "Network".to_owned(),
            document_reference: "MoU".to_owned(),
            policy_mapping: None,
            valid_from: at("2026-01-01T00:00:00Z"),
            valid_until: None,
            state: AgreementState::Active,
            members: BTreeSet::from([id(1), id(2)]),
            version: 1,
            created_at: at("2026-01-01T00:00:00Z"),
        };
        Network {
            sites: [site(1, 22.0), site(2, 22.3), site(3, 22.3)].into_iter().map(|site| (site.id, site)).collect(),
            policies: BTreeMap::from([(policy_id(), Arc::new(built_in("hk-ha").unwrap()))]),
            agreements: vec![agreement],
            closures: Vec::new(),
            couriers: vec![van(id(1))],
        }
    }

    fn closure(sites: &[u8], starts_at: &str, ends_at: Option<&str>) -> Closure {
        Closure {
            id: "01990000-0000-7000-8000-0000000000d1".parse().unwrap(),
            kind: "typhoon".to_owned(),
            sites: sites.iter().map(|tail| id(*tail)).collect(),
            state: ClosureState::Forecast,
            starts_at: at(starts_at),
            ends_at: ends_at.map(at),
            note: None,
            version: 1,
            created_at: at("2026-01-01T00:00:00Z"),
        }
    }

    fn codes(network: &Network, from: u8, to: u8, now: Instant) -> Vec<RefusalCode> {
        network.may_exchange(id(from), id(to), now).iter().map(|refusal| refusal.code).collect()
    }

    #[test]
    fn every_refusal_between_two_sites_is_named() {
        let now = at("2026-09-01T10:00:00Z");
        let mut network = network();
        assert!(network.may_exchange(id(1), id(2), now).is_empty());
        assert!(network.may_exchange(id(3), id(3), now).is_empty());
        network.sites.get_mut(&id(3)).unwrap().state = SiteState::Suspended;
        assert_eq!(codes(&network, 1, 3, now), [RefusalCode::SiteSuspended, RefusalCode::AgreementMissing]);
        network.sites.get_mut(&id(1)).unwrap().role = SiteRole::Recipient;
        assert_eq!(codes(&network, 1, 2, now), [RefusalCode::RedistributionNotAllowed]);
        network.sites.get_mut(&id(2)).unwrap().policy_set_id = None;
        assert_eq!(codes(&network, 1, 2, now), [RefusalCode::PolicyUnsigned]);
        assert!(!network.may_exchange(id(1), id(9), now).is_empty());
    }

    #[test]
    fn refusal_19_across_a_border_a_mapping_is_needed() {
        let now = at("2026-09-01T10:00:00Z");
        let mut network = network();
        network.sites.get_mut(&id(2)).unwrap().country = "MO".parse().unwrap();
        assert_eq!(codes(&network, 1, 2, now), [RefusalCode::PolicyMappingMissing]);
        network.agreements[0].policy_mapping = Some("annex 2".to_owned());
        assert_eq!(codes(&network, 1, 2, now), []);
        assert_eq!(codes(&network, 1, 2, at("2025-12-31T00:00:00Z")), [RefusalCode::AgreementMissing]);
    }

    #[test]
    fn what_a_site_said_beforehand_is_looked_up() {
        let mut network = network();
        network.sites.get_mut(&id(1)).unwrap().standing_rule.accept_offers = true;
        assert!(network.accepts_by_rule(id(1), 3, Volume::from_ml(5_000)));
        assert!(!network.accepts_by_rule(id(2), 3, Volume::from_ml(1)));
        assert!(network.answer_minutes(id(1), 1) <= network.answer_minutes(id(1), 5));
        assert_eq!(network.zone_of(id(1)), Some("UTC"));
    }

    #[test]
    fn a_journey_starts_after_packing_and_takes_road_and_handover() {
        let journey = network().journey(id(1), id(2), at("2026-09-01T10:00:00Z")).unwrap();
        assert_eq!(journey.distance_m, 43_366);
        assert_eq!(journey.minutes, 87 + HANDOVER_MINUTES);
        assert_eq!(journey.earliest_pickup, at("2026-09-01T10:30:00Z"));
        assert_eq!(journey.earliest_arrival, at("2026-09-01T12:27:00Z"));
    }

    #[test]
    fn a_journey_waits_for_the_courier_and_the_door() {
        let evening = at("2026-09-01T20:00:00Z");
        assert_eq!(network().journey(id(1), id(2), evening).unwrap().earliest_pickup, at("2026-09-02T08:00:00Z"));
        let mut network = network();
        let afternoon = DailySpan::read("16:00", "17:00").unwrap();
        network.sites.get_mut(&id(2)).unwrap().opening_hours =
            OpeningHours::on_days("daily".parse().unwrap(), afternoon);
        let journey = network.journey(id(1), id(2), evening).unwrap();
        // Collected at 08:00 it would stand eight hours before a closed door; the box holds six.
        assert_eq!(journey.earliest_arrival, at("2026-09-02T16:00:00Z"));
        assert_eq!(journey.earliest_pickup, at("2026-09-02T14:03:00Z"));
    }

    #[test]
    fn a_closure_delays_a_journey_and_stops_it_when_its_end_is_not_known() {
        let now = at("2026-09-01T10:00:00Z");
        let mut network = network();
        network.closures = vec![closure(&[2], "2026-09-01T11:00:00Z", Some("2026-09-01T14:00:00Z"))];
        assert!(!network.is_closed(id(2), now));
        assert_eq!(network.journey(id(1), id(2), now).unwrap().earliest_arrival, at("2026-09-01T14:00:00Z"));
        network.closures = vec![closure(&[2], "2026-09-01T11:00:00Z", None)];
        assert_eq!(network.journey(id(1), id(2), now), None);
    }

    #[test]
    fn no_courier_no_journey() {
        let now = at("2026-09-01T10:00:00Z");
        let mut network = network();
        network.couriers[0].packaging = "carton, ambient".to_owned();
        assert_eq!(network.journey(id(1), id(2), now), None);
        assert!(network.journey_of(Form::FreezeDried, id(1), id(2), now).is_some());
        network.couriers[0].hold_time_minutes = 116;
        assert_eq!(network.journey_of(Form::FreezeDried, id(1), id(2), now), None);
        assert_eq!(network.journey(id(2), id(2), now).unwrap().minutes, 0);
    }
}
