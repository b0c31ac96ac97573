//! Refusals of requests, constraints and feeds.

use super::*;
use crate::domain::exchange::SiteFacts;
use crate::domain::lot::samples::{codes, donor, record};
use crate::domain::lot::{LotFacts, MilkType, SafetyRecord};
use crate::domain::policy::{Form, PolicyDocument, Tier, built_in};
use crate::domain::refusal::RefusalCode as Code;
use jiff::civil::Date;

fn infant() -> InfantProfile {
    InfantProfile {
        infant_ref: "infant-1".to_owned(),
        gestation_days: 30 * 7,
        birth_weight_g: 1300,
        current_weight_g: 1400,
        postnatal_age_days: 9,
        indication: Indication::PrematurityOwnMilkNotYetAvailable,
        indication_note: None,
        donor_milk_tenths_ml_per_kg_day: Some(1500),
        donor_milk_share_percent: None,
        galactosaemia: false,
    }
}

fn site(policy: &PolicyDocument) -> SiteFacts<'_> {
    SiteFacts {
        name: "unit",
        country: "HK",
        policy,
        policy_signed: true,
        suspended: false,
        licensed_until: None,
        records_infant_use: true,
        supplies_others: false,
    }
}

/// What a named request with everything in order says after one change.
fn asked(change: impl FnOnce(&mut RequestFacts<'_>)) -> Vec<Code> {
    let policy = built_in("hk-ha").unwrap();
    let (site, infant, constraints) = (site(&policy), infant(), Constraints::default());
    let mut request = RequestFacts {
        kind: RequestKind::NamedInfant,
        infant: Some(&infant),
        stated_tier: None,
        prescription_ref: Some("rx-1"),
        consent_ref: Some("consent-1"),
        constraints: &constraints,
        site: &site,
        on: Date::constant(2026, 9, 1),
    };
    change(&mut request);
    codes(&request_failures(&request))
}

#[test]
fn a_request_in_order_passes() {
    assert_eq!(asked(|_request| {}), []);
    let ward = asked(|request| {
        request.kind = RequestKind::WardStock;
        request.infant = None;
        request.prescription_ref = None;
        request.consent_ref = None;
    });
    assert_eq!(ward, [], "prescription and consent are asked when a ward's milk is fed");
}

#[test]
fn refusal_12_galactosaemia_is_absolute() {
    let sick = InfantProfile { galactosaemia: true, ..infant() };
    let policy = built_in("hk-ha").unwrap();
    let site = site(&policy);
    let constraints = Constraints::default();
    let request = RequestFacts {
        kind: RequestKind::WardStock,
        infant: Some(&sick),
        stated_tier: None,
        prescription_ref: None,
        consent_ref: None,
        constraints: &constraints,
        site: &site,
        on: Date::constant(2026, 9, 1),
    };
    assert_eq!(codes(&request_failures(&request)), [Code::Galactosaemia]);
    let record = record();
    let fed = feeding_failures(
        &sick,
        Some("rx-1"),
        Some("consent-1"),
        &LotFacts::released(&record),
        &constraints,
        &DonorFeedCounts::default(),
        &policy,
    );
    assert_eq!(codes(&fed), [Code::Galactosaemia]);
}

#[test]
fn refusal_13_prescription_consent_and_profile_are_needed() {
    assert_eq!(asked(|request| request.prescription_ref = Some(" ")), [Code::PrescriptionMissing]);
    assert_eq!(asked(|request| request.consent_ref = None), [Code::ConsentMissing]);
    assert_eq!(asked(|request| request.infant = None), [Code::ProfileMissing]);
    let policy = built_in("hk-ha").unwrap();
    let record = record();
    let fed = feeding_failures(
        &infant(),
        None,
        None,
        &LotFacts::released(&record),
        &Constraints::default(),
        &DonorFeedCounts::default(),
        &policy,
    );
    assert_eq!(codes(&fed), [Code::PrescriptionMissing, Code::ConsentMissing]);
}

#[test]
fn refusal_13_a_rank_comes_from_the_written_criteria_only() {
    assert_eq!(asked(|request| request.stated_tier = Some(Tier(2))), []);
    assert_eq!(asked(|request| request.stated_tier = Some(Tier(1))), [Code::RankNotInPolicy]);
    let nowhere =
        InfantProfile { gestation_days: 280, birth_weight_g: 3400, indication: Indication::Other, ..infant() };
    let policy = built_in("hk-ha").unwrap();
    assert_eq!(policy.tier_of(&nowhere), None);
    let (site, constraints) = (site(&policy), Constraints::default());
    let request = RequestFacts {
        kind: RequestKind::NamedInfant,
        infant: Some(&nowhere),
        stated_tier: None,
        prescription_ref: Some("rx-1"),
        consent_ref: Some("consent-1"),
        constraints: &constraints,
        site: &site,
        on: Date::constant(2026, 9, 1),
    };
    assert_eq!(codes(&request_failures(&request)), [Code::RankNotInPolicy]);
}

#[test]
fn tiers_follow_weight_gestation_and_indication_at_their_edges() {
    let policy = built_in("hk-ha").unwrap();
    let tier = |birth_weight_g, gestation_days, indication| {
        policy.tier_of(&InfantProfile { birth_weight_g, gestation_days, indication, ..infant() }).map(|tier| tier.0)
    };
    let early = Indication::PrematurityOwnMilkInsufficient;
    assert_eq!(tier(999, 230, early), Some(1));
    assert_eq!(tier(1000, 230, early), Some(2));
    assert_eq!(tier(1000, 195, early), Some(1));
    assert_eq!(tier(1000, 196, early), Some(2));
    assert_eq!(tier(1500, 223, early), Some(2));
    assert_eq!(tier(1500, 224, early), Some(4));
    assert_eq!(tier(3300, 280, Indication::NecrotisingEnterocolitis), Some(1));
    assert_eq!(tier(3300, 280, Indication::CongenitalHeartDisease), Some(3));
    assert_eq!(tier(1800, 280, Indication::Other), Some(4));
    assert_eq!(tier(1801, 244, Indication::Other), Some(4));
    assert_eq!(tier(1801, 245, Indication::Other), None);
    assert_eq!(tier(3300, 280, Indication::FeedingIntolerance), Some(5));
    assert_eq!(tier(3300, 280, Indication::Discretionary), Some(6));
    let priority = &policy.values.priority;
    assert_eq!(priority.tier_for(None), Some(priority.ward_stock_tier.value));
    assert!(priority.timer(Tier(1)).unwrap().answer_within_min < priority.timer(Tier(6)).unwrap().answer_within_min);
}

fn kept(constraints: &Constraints, record: &SafetyRecord, feeds: &DonorFeedCounts) -> Vec<Code> {
    codes(&constraint_failures(&LotFacts::released(record), constraints, feeds))
}

#[test]
fn refusal_14_the_familys_and_prescribers_constraints_hold() {
    let none = DonorFeedCounts::default();
    let record = record();
    let broken = Constraints {
        dairy_free: true,
        cmv_negative: true,
        milk_types: vec![MilkType::Preterm],
        forms: vec![Form::FreezeDried],
        min_pool_donors: Some(3),
        ..Constraints::default()
    };
    assert_eq!(
        kept(&broken, &record, &none),
        [
            Code::NotDairyFree,
            Code::NotCmvNegative,
            Code::MilkTypeNotAccepted,
            Code::FormNotAccepted,
            Code::TooFewDonorsInPool
        ]
    );
    assert_eq!(kept(&Constraints::default(), &record, &none), []);
    let opted_out = Constraints { kinship: KinshipPathway::OptOut, ..Constraints::default() };
    assert_eq!(kept(&opted_out, &record, &none), [Code::FamilyOptedOut]);
}

#[test]
fn refusal_14_donor_numbers_pools_and_known_single_donors() {
    let none = DonorFeedCounts::default();
    let mut pool = record();
    pool.donors.push(donor("d2", Date::constant(2026, 7, 1)));
    pool.donor_count = Some(2);
    let single = Constraints { single_donor_only: true, ..Constraints::default() };
    assert_eq!(kept(&single, &pool, &none), [Code::TooManyDonorsForInfant]);
    assert_eq!(kept(&single, &record(), &none), []);
    let most = Constraints { max_donors: Some(1), ..Constraints::default() };
    assert_eq!(kept(&most, &pool, &none), [Code::TooManyDonorsForInfant]);
    let known_or_many =
        Constraints { kinship: KinshipPathway::Record, min_pool_donors: Some(3), ..Constraints::default() };
    assert_eq!(kept(&known_or_many, &record(), &none), [], "one known donor instead of a large pool");
    assert_eq!(kept(&known_or_many, &pool, &none), [Code::TooFewDonorsInPool]);
}

#[test]
fn refusal_14_feeds_of_one_donor_are_counted() {
    let constraints = Constraints { max_feeds_per_donor: Some(3), ..Constraints::default() };
    let mut feeds = DonorFeedCounts::default();
    feeds.add("d1", 2);
    assert_eq!(kept(&constraints, &record(), &feeds), []);
    feeds.add("d1", 1);
    assert_eq!(kept(&constraints, &record(), &feeds), [Code::DonorFeedsReached]);
    feeds.add("d9", 40);
    assert_eq!(feeds.donors(), 2);
}

#[test]
fn refusal_14_no_donor_is_named_without_her_written_consent() {
    let constraints =
        Constraints { kinship: KinshipPathway::Record, identity_disclosure: true, ..Constraints::default() };
    let mut record = record();
    let none = DonorFeedCounts::default();
    assert_eq!(kept(&constraints, &record, &none), [Code::DisclosureNotConsented]);
    record.donors[0].disclosure_consent_written = true;
    assert_eq!(kept(&constraints, &record, &none), []);
    assert_eq!(disclosure_failures(&record), Vec::new());
}

#[test]
fn refusal_14_constraints_that_cannot_hold_together_are_refused_at_once() {
    let with = |constraints: Constraints| {
        let policy = built_in("fr-lactarium").unwrap();
        let (site, infant) = (site(&policy), infant());
        let request = RequestFacts {
            kind: RequestKind::NamedInfant,
            infant: Some(&infant),
            stated_tier: None,
            prescription_ref: Some("rx-1"),
            consent_ref: Some("consent-1"),
            constraints: &constraints,
            site: &site,
            on: Date::constant(2026, 9, 1),
        };
        codes(&request_failures(&request))
    };
    let pool = |least| Constraints { min_pool_donors: Some(least), ..Constraints::default() };
    assert_eq!(with(Constraints { single_donor_only: true, ..pool(3) }), [Code::ConstraintsContradict]);
    assert_eq!(with(Constraints { max_donors: Some(2), ..pool(3) }), [Code::ConstraintsContradict]);
    assert_eq!(with(Constraints { max_donors: Some(0), ..Constraints::default() }), [Code::ConstraintsContradict]);
    let recorded = Constraints { kinship: KinshipPathway::Record, ..Constraints::default() };
    assert_eq!(with(recorded), [Code::KinshipNotSupported], "donation is anonymous in France");
    let opted_out = Constraints { kinship: KinshipPathway::OptOut, ..Constraints::default() };
    assert_eq!(with(opted_out), [Code::FamilyOptedOut]);
}

#[test]
fn refusal_17_an_unknown_number_of_donors_breaks_a_donor_limit() {
    let unknown = SafetyRecord { donor_count: None, ..record() };
    let limited = Constraints { max_donors: Some(3), ..Constraints::default() };
    assert_eq!(kept(&limited, &unknown, &DonorFeedCounts::default()), [Code::DonorCountUnknown]);
}

#[test]
fn preferences_choose_and_never_refuse() {
    let wishes = Preferences {
        milk_types: vec![MilkType::Preterm],
        min_protein_mg_per_dl: Some(1000),
        min_energy_tenths_kcal_per_dl: None,
        ..Preferences::default()
    };
    assert_eq!(wishes.missed_by(&record()), 2, "an analysis that was not made misses");
    assert_eq!(Preferences::default().missed_by(&record()), 0);
}

#[test]
fn a_request_ends_once_and_its_state_follows_the_amounts() {
    assert_eq!(RequestState::for_amounts(500, 0, 0), RequestState::Open);
    assert_eq!(RequestState::for_amounts(500, 200, 0), RequestState::PartlyAllocated);
    assert_eq!(RequestState::for_amounts(500, 500, 200), RequestState::Allocated);
    assert_eq!(RequestState::for_amounts(500, 500, 500), RequestState::Fulfilled);
    assert_eq!(RequestState::Allocated.become_state(RequestState::Open), Ok(RequestState::Open));
    assert!(RequestState::Fulfilled.become_state(RequestState::Open).is_err());
    assert!(RequestState::Cancelled.become_state(RequestState::Allocated).is_err());
}

#[test]
fn a_days_need_is_rounded_up() {
    let need = |tenths, current_weight_g| {
        InfantProfile { donor_milk_tenths_ml_per_kg_day: tenths, current_weight_g, ..infant() }.estimated_daily_ml()
    };
    assert_eq!(need(Some(1500), 1400), Some(210));
    assert_eq!(need(Some(120), 801), Some(10));
    assert_eq!(need(None, 801), None);
}
