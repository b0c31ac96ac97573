//! What must be proven before milk is promised, and that the matching and the planning ask the same.

use super::super::network::PREPARE_MINUTES;
use super::super::network::tests::{at, id, network};
use super::super::opening_hours::{DailySpan, OpeningHours};
use super::super::packing::{Climate, Coolant, HoldStep, PackingState};
use super::super::road_time::LegTimes;
use super::*;
use proptest::prelude::*;

const MORNING: &str = "2026-07-01T10:00:00Z";

fn carriage(network: &Network, pickup: &str, delivery: &str) -> Carriage<'static> {
    Carriage {
        courier: network.couriers[0].id,
        from: id(1),
        to: id(2),
        pickup_at: at(pickup),
        delivery_at: at(delivery),
        forms: &[Form::Frozen],
        load: (Volume::from_ml(2_000), 20),
        packing: None,
    }
}

/// The two hours from ten to noon, long enough for the road of 117 minutes.
fn plain(network: &Network) -> Carriage<'static> {
    carriage(network, MORNING, "2026-07-01T12:00:00Z")
}

fn refused(network: &Network, asked: &Carriage<'_>) -> Vec<(u8, RefusalCode)> {
    let refusals = network.prove(asked).unwrap_err();
    refusals.into_iter().map(|refusal| (refusal.number.get(), refusal.code)).collect()
}

fn degrees(degrees: i64) -> Celsius {
    Celsius::from_degrees(degrees)
}

#[test]
fn a_proof_names_packing_weather_road_and_margin() {
    let mut network = network();
    network.climates.insert(id(1), Climate([degrees(31); 12]));
    network.climates.insert(id(2), Climate([degrees(29); 12]));
    let proof = network.prove(&plain(&network)).unwrap();
    assert_eq!((proof.ambient, proof.hold_minutes), (Some(degrees(31)), 360));
    assert_eq!((proof.road_minutes, proof.margin_minutes, proof.containers), (120, 18, 1));
    assert_eq!(proof.cut_off_at, Some(at("2026-07-01T18:00:00Z")));
    assert_eq!(proof.door_closes_at, None);
}

#[test]
fn refusal_9_a_packing_must_be_validated_and_in_force() {
    let missing = [(9, RefusalCode::PackingNotValidated)];
    let spoils: [fn(&mut Network); 5] = [
        |network: &mut Network| network.packings.clear(),
        |network: &mut Network| network.packings[0].state = PackingState::Retired,
        |network: &mut Network| network.packings[0].facts.valid_until = Some(at(MORNING)),
        |network: &mut Network| network.packings[0].facts.site_id = Some(id(2)),
        |network: &mut Network| {
            network.packings[0].facts.courier_id = Some("01990000-0000-7000-8000-0000000000c9".parse().unwrap());
        },
    ];
    for spoil in spoils {
        let mut network = network();
        spoil(&mut network);
        assert_eq!(refused(&network, &plain(&network)), missing);
        assert_eq!(network.journey(id(1), id(2), at(MORNING)), None, "what cannot be planned is not offered");
    }
    let network = network();
    let other = Some("01990000-0000-7000-8000-0000000000f9".parse().unwrap());
    assert_eq!(refused(&network, &Carriage { packing: other, ..plain(&network) }), missing);
}

#[test]
fn refusal_9_frozen_milk_needs_cold_and_room() {
    let mut network = network();
    assert_eq!(
        refused(&network, &Carriage { load: (Volume::from_ml(12_001), 20), ..plain(&network) }),
        [(9, RefusalCode::PackingTooSmall)]
    );
    network.packings[0].facts.coolant = Coolant::Nothing;
    assert_eq!(refused(&network, &plain(&network)), [(9, RefusalCode::TemperaturePlanTooWeak)]);
}

#[test]
fn refusal_9_the_day_s_weather_decides_whether_a_packing_holds() {
    let mut network = network();
    network.packings[0].facts.steps = vec![
        HoldStep { up_to_hundredths: degrees(25), minutes: 360 },
        HoldStep { up_to_hundredths: degrees(35), minutes: 130 },
    ];
    let weak = [(9, RefusalCode::TemperaturePlanTooWeak)];
    assert_eq!(refused(&network, &plain(&network)), weak, "unknown weather is the warmest that was tested");
    let mut highs = [degrees(24); 12];
    highs[6] = degrees(33);
    network.climates.insert(id(1), Climate([degrees(10); 12]));
    network.climates.insert(id(2), Climate(highs));
    assert_eq!(refused(&network, &plain(&network)), weak);
    assert_eq!(network.journey(id(1), id(2), at(MORNING)), None);
    let june = carriage(&network, "2026-06-30T10:00:00Z", "2026-06-30T12:00:00Z");
    assert_eq!(network.prove(&june).unwrap().hold_minutes, 360);
    assert!(network.journey(id(1), id(2), at("2026-06-30T10:00:00Z")).is_some());
    network.climates.insert(id(2), Climate([degrees(36); 12]));
    assert_eq!(refused(&network, &june), weak, "nobody tested that");
}

#[test]
fn refusal_9_doors_and_the_carrier_s_cut_off_count() {
    let mut network = network();
    let late = carriage(&network, "2026-07-01T18:30:00Z", "2026-07-01T20:30:00Z");
    assert_eq!(refused(&network, &late), [(9, RefusalCode::AfterCutOff)]);
    let hours = DailySpan::read("13:00", "17:00").unwrap();
    network.sites.get_mut(&id(2)).unwrap().opening_hours = OpeningHours::on_days("daily".parse().unwrap(), hours);
    assert_eq!(refused(&network, &plain(&network)), [(9, RefusalCode::DoorClosed)]);
    let afternoon = carriage(&network, "2026-07-01T12:00:00Z", "2026-07-01T14:00:00Z");
    assert_eq!(network.prove(&afternoon).unwrap().door_closes_at, Some(at("2026-07-01T17:00:00Z")));
}

#[test]
fn refusal_9_agreement_road_and_both_policies_count() {
    let mut network = network();
    network.couriers[0].agreement_valid_until = Some(at(MORNING));
    assert_eq!(refused(&network, &plain(&network)), [(9, RefusalCode::CarrierAgreementMissing)]);
    network.couriers[0].agreement_valid_until = None;
    network.couriers[0].covers = "radius:5".parse().unwrap();
    assert_eq!(refused(&network, &plain(&network)), [(9, RefusalCode::RouteNotServed)]);
    network.couriers[0].covers = "all".parse().unwrap();
    let (policy, _) = network.policy_of(id(2)).unwrap();
    let mut strict = network.policies[&policy].as_ref().clone();
    strict.values.delivery.max_transit_h.value = Some(1);
    network.policies.insert(policy, strict.clone().into());
    assert_eq!(refused(&network, &plain(&network)), [(9, RefusalCode::TemperaturePlanTooWeak)]);
    assert_eq!(network.journey(id(1), id(2), at(MORNING)), None);
    strict.values.delivery.max_transit_h.value = None;
    strict.values.forms.retain(|rules| rules.form != Form::Frozen);
    network.policies.insert(policy, strict.into());
    assert_eq!(refused(&network, &plain(&network)), [(9, RefusalCode::TemperaturePlanMissing)]);
}

#[test]
fn the_packing_that_holds_longest_is_taken_unless_one_is_chosen() {
    let mut network = network();
    let mut long = network.packings[0].clone();
    long.id = "01990000-0000-7000-8000-0000000000f2".parse().unwrap();
    long.facts.steps[0].minutes = 900;
    let short = network.packings[0].id;
    network.packings.push(long.clone());
    assert_eq!(network.prove(&plain(&network)).unwrap().packing, long.id);
    let chosen = Carriage { packing: Some(short), ..plain(&network) };
    assert_eq!(network.prove(&chosen).unwrap().packing, short);
}

#[test]
fn each_packing_is_held_against_the_journey_with_what_it_lacks() {
    let mut network = network();
    let like = |tail: u8, change: fn(&mut Packing)| {
        let mut packing = network.packings[0].clone();
        packing.id = format!("01990000-0000-7000-8000-0000000000{tail:02x}").parse().unwrap();
        change(&mut packing);
        packing
    };
    let more = [
        like(0xf2, |packing| packing.facts.steps[0].minutes = 900),
        like(0xf3, |packing| packing.facts.steps[0].minutes = 137),
        like(0xf4, |packing| packing.facts.capacity_bottles = Some(19)),
        like(0xf5, |packing| packing.facts.coolant = Coolant::Nothing),
        like(0xf6, |packing| packing.facts.valid_until = Some(at(MORNING))),
        like(0xf7, |packing| packing.facts.steps[0].up_to_hundredths = degrees(20)),
        like(0xf8, |packing| packing.facts.site_id = Some(id(2))),
    ];
    network.packings.extend(more);
    network.climates = [1, 2].map(|site| (id(site), Climate([degrees(30); 12]))).into();
    let asked = plain(&network);
    assert_eq!(network.weather(&asked), Some(degrees(30)));
    let fit = |hold_minutes| Fit { hold_minutes, road_minutes: 120, margin_minutes: 18, containers: 1 };
    let found: Vec<_> =
        network.fit_packings(&asked).iter().map(|fit| (fit.packing.id.to_string(), fit.found)).collect();
    let tails: Vec<_> = found.iter().map(|(id, found)| (&id[34..], *found)).collect();
    assert_eq!(
        tails,
        [
            ("f2", Ok(fit(900))),
            ("f1", Ok(fit(360))),
            ("f3", Err(PackingLack::TooShort(fit(137)))),
            ("f4", Err(PackingLack::TooSmall)),
            ("f5", Err(PackingLack::NotFrozen)),
            ("f6", Err(PackingLack::NotInForce)),
            ("f7", Err(PackingLack::Untested)),
        ]
    );
    assert_eq!((fit(360).left_minutes(), fit(137).left_minutes()), (222, -1));
}

#[test]
fn a_border_and_measured_legs_make_the_road_longer_and_never_shorter() {
    let mut network = network();
    let short = |network: &Network| carriage(network, MORNING, "2026-07-01T10:20:00Z");
    let minutes = |network: &Network| network.prove(&short(network)).unwrap().road_minutes;
    assert_eq!(minutes(&network), 117, "87 on the road and half an hour at the door");
    network.sites.get_mut(&id(2)).unwrap().country = "MO".parse().unwrap();
    network.borders.0.insert("HK-MO".parse().unwrap(), 45);
    assert_eq!(minutes(&network), 162);
    let journey = network.journey(id(1), id(2), at(MORNING)).unwrap();
    assert_eq!((journey.minutes, journey.earliest_arrival), (162, at("2026-07-01T13:12:00Z")));
    let mut times = LegTimes::default();
    times.add(10, 1, 4 * 12_000 - 3 * 7_920);
    times.add(11, 9, 0);
    network.measured.insert((id(1), id(2)), times);
    assert_eq!(minutes(&network), 230, "twelve thousand seconds and half an hour");
    let later = carriage(&network, "2026-07-01T11:00:00Z", "2026-07-01T11:20:00Z");
    assert_eq!(network.prove(&later).unwrap().road_minutes, 162, "what was quicker once is not counted on");
    network.packings[0].facts.steps[0].minutes = 190;
    let refusal = network.prove(&short(&network)).unwrap_err().remove(0);
    assert!(refusal.detail.contains("230 minutes (45 of them at the border)"), "{}", refusal.detail);
    let journey = network.journey(id(1), id(2), at(MORNING).plus_minutes(-PREPARE_MINUTES)).unwrap();
    assert_eq!(journey.earliest_pickup, at("2026-07-01T11:00:00Z"), "an hour later the road is quicker");
}

proptest! {
    /// What the matching offers can be planned as it found it; what can be planned somehow, it offers.
    #[test]
    fn the_matching_and_the_planning_never_disagree(
        hold in 60_i64..600,
        ambient in prop::option::of(15_i64..45),
        opens in 0_u16..20,
        open_hours in 1_u16..4,
        asked_minute in 0_i64..1_440,
        wait in 0_i64..1_440,
        // The road takes 117 minutes; nobody plans to be quicker.
        drive in 117_i64..500,
    ) {
        let mut network = network();
        network.packings[0].facts.steps = vec![
            HoldStep { up_to_hundredths: degrees(25), minutes: hold + 60 },
            HoldStep { up_to_hundredths: degrees(40), minutes: hold },
        ];
        if let Some(ambient) = ambient {
            network.climates = [1, 2].map(|site| (id(site), Climate([degrees(ambient); 12]))).into();
        }
        let span = DailySpan::read(&format!("{opens:02}:00"), &format!("{:02}:00", opens + open_hours)).unwrap();
        network.sites.get_mut(&id(2)).unwrap().opening_hours = OpeningHours::on_days("daily".parse().unwrap(), span);
        let now = at("2026-07-01T00:00:00Z").plus_minutes(asked_minute);
        let journey = network.journey(id(1), id(2), now);
        let asked = |pickup_at, delivery_at| Carriage { pickup_at, delivery_at, ..plain(&network) };
        if let Some(journey) = journey {
            let proof = network.prove(&asked(journey.earliest_pickup, journey.earliest_arrival));
            prop_assert!(proof.is_ok(), "{proof:?}");
        }
        let pickup = now.plus_minutes(PREPARE_MINUTES + wait);
        if network.prove(&asked(pickup, pickup.plus_minutes(drive))).is_ok() {
            prop_assert!(journey.is_some(), "planned at {pickup}, never offered");
        }
    }
}
