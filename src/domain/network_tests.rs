//! Who may exchange, and how soon milk can be there.

use super::super::agreement::AgreementState;
use super::super::closure::ClosureState;
use super::super::courier::tests::van;
use super::super::opening_hours::DailySpan;
use super::super::packing::Coolant;
use super::super::packing::tests::stated;
use super::super::policy::built_in;
use super::*;
use std::collections::BTreeSet;

pub fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

pub fn id(tail: u8) -> SiteId {
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
pub fn network() -> Network {
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
        packings: vec![stated(&van(id(1)))],
        climates: BTreeMap::new(),
        borders: BorderTimes::default(),
        measured: BTreeMap::new(),
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
    network.sites.get_mut(&id(2)).unwrap().opening_hours = OpeningHours::on_days("daily".parse().unwrap(), afternoon);
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
    // Hong Kong's policy knows no freeze-dried milk.
    assert_eq!(network.journey_of(Form::FreezeDried, id(1), id(2), now), None);
    network.policies = BTreeMap::from([(policy_id(), Arc::new(built_in("fr-lactarium").unwrap()))]);
    network.packings[0].facts.coolant = Coolant::Nothing;
    assert_eq!(network.journey(id(1), id(2), now), None);
    assert!(network.journey_of(Form::FreezeDried, id(1), id(2), now).is_some());
    // 117 minutes on the road and a margin of 17.
    network.packings[0].facts.steps[0].minutes = 133;
    assert_eq!(network.journey_of(Form::FreezeDried, id(1), id(2), now), None);
    assert_eq!(network.journey(id(2), id(2), now).unwrap().minutes, 0);
}
