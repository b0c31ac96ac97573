//! The morning's arithmetic on cases small enough to add up by hand.

use super::*;
use crate::domain::ids::{BottleId, LotId};
use crate::scenario::event_infant::{Consent, Constraints, InfantProfile};
use crate::scenario::tier::tier_of;
use uuid::Uuid;

pub(super) fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

pub(super) fn ward(sharing: bool) -> Ward {
    Ward::new("unit", sharing, true)
}

pub(super) fn infant(reference: &str, grams: i64, need_ml: &[i64]) -> Infant {
    let profile = InfantProfile {
        infant_ref: reference.into(),
        gestational_age_at_birth: "33+0".into(),
        gestational_age_at_birth_days: 231,
        birth_weight_g: grams,
        current_weight_g: grams,
        postnatal_age_days: 3,
        indication: "prematurity, own milk not yet available".into(),
        donor_milk_ml_per_kg_day: 50.0,
        donor_milk_share_of_feeds: 0.5,
        consent: Consent { status: "given".into(), consent_ref: "C".into(), obtained_from: "parent".into() },
    };
    Infant {
        reference: reference.into(),
        start: at("2026-09-01T00:00:00Z"),
        need_ml: need_ml.to_vec(),
        constraints: Constraints::default(),
        named: false,
        tier: tier_of(&profile),
        birth_weight_g: grams,
        profile,
    }
}

fn lot_id(number: u128) -> LotId {
    LotId::new(Uuid::from_u128(number))
}

/// Lots 1 to 3 expire in that order; lot 2 is dairy-free.
pub(super) fn lots() -> LotBook {
    let mut book = LotBook::default();
    for number in 1..=3_u8 {
        book.add(LotFacts {
            id: lot_id(number.into()),
            code: format!("LOT-{number}"),
            bank_id: "bank".into(),
            donors: vec![format!("D-{number}")],
            donor_count: 1,
            dairy_free: number == 2,
            cmv_negative: false,
            form: "frozen".into(),
            expires_at: at("2026-09-10T00:00:00Z").plus_days(number.into()),
        });
    }
    book
}

fn put(ward: &mut Ward, lot: u128, size_ml: i64, count: u128, reserved_for: Option<&str>) {
    for number in 0..count {
        let id = Uuid::from_u128(lot * 1000 + u128::try_from(size_ml).unwrap() * 10_000 + number);
        ward.stock.put(Bottle { id: BottleId::new(id), lot: lot_id(lot), size_ml }, reserved_for);
    }
}

fn sizes(preparation: &Preparation) -> Vec<i64> {
    preparation.opened.iter().map(|opened| opened.bottle.size_ml).collect()
}

const MORNING: &str = "2026-09-01T07:00:00Z";

#[test]
fn opens_the_smallest_bottle_that_covers_else_the_largest() {
    let mut ward = ward(false);
    ward.admit(infant("A", 1500, &[120]));
    put(&mut ward, 1, 50, 2, None);
    put(&mut ward, 1, 100, 2, None);
    let morning = ward.prepare(at(MORNING), &lots());
    // 120 fits in no bottle: open 100, then 20 fits in 50, of which 30 is poured away.
    assert_eq!(sizes(&morning), [100, 50]);
    assert_eq!((morning.fed_ml(), morning.wasted_ml(), morning.shortfall_ml()), (120, 30, 0));
    assert_eq!(ward.stock.volume_ml(), 150);
}

#[test]
fn leftovers_are_shared_only_where_the_profile_allows_it() {
    for (sharing, opened, wasted) in [(true, vec![100], 10), (false, vec![100, 100], 110)] {
        let mut ward = ward(sharing);
        ward.admit(infant("A", 1500, &[60]));
        ward.admit(infant("B", 1600, &[30]));
        put(&mut ward, 1, 100, 2, None);
        let morning = ward.prepare(at(MORNING), &lots());
        assert_eq!(sizes(&morning), opened);
        assert_eq!(morning.wasted_ml(), wasted);
        assert_eq!(morning.fed_ml(), 90);
    }
}

#[test]
fn the_lightest_infant_goes_first_and_the_other_falls_short() {
    let mut ward = ward(true);
    ward.admit(infant("heavy", 2500, &[50]));
    ward.admit(infant("light", 700, &[30]));
    put(&mut ward, 1, 50, 1, None);
    let morning = ward.prepare(at(MORNING), &lots());
    assert_eq!(morning.need_ml, 80);
    // The light one drinks 30, the heavy one the 20 left of the same bottle.
    assert_eq!(morning.opened[0].feeds.len(), 2);
    assert_eq!(morning.shortfalls, [Shortfall { infant: "heavy".into(), tier: 4, volume_ml: 30 }]);
}

#[test]
fn conditions_and_reservations_are_kept() {
    let mut ward = ward(true);
    let mut allergic = infant("A", 1500, &[40]);
    allergic.constraints.hard.dairy_free = true;
    ward.admit(allergic);
    ward.admit(infant("B", 1600, &[40]));
    put(&mut ward, 1, 50, 1, Some("C"));
    put(&mut ward, 2, 50, 1, None);
    put(&mut ward, 3, 50, 1, Some("B"));
    let morning = ward.prepare(at(MORNING), &lots());
    // A takes lot 2, the only dairy-free one; B its own lot 3; nobody touches what is kept for C.
    let lots_opened: Vec<_> = morning.opened.iter().map(|opened| opened.bottle.lot).collect();
    assert_eq!(lots_opened, [lot_id(2), lot_id(3)]);
    assert_eq!(ward.stock.volume_ml(), 50);
    // C never came: its bottle is freed for everyone.
    ward.free_reservations(at(MORNING));
    assert_eq!(ward.stock.free_volume_ml(|_| true), 50);
}

#[test]
fn expired_milk_is_never_opened() {
    let mut ward = ward(true);
    ward.admit(infant("A", 1500, &[40; 20]));
    put(&mut ward, 1, 50, 1, None);
    put(&mut ward, 3, 50, 1, None);
    let morning = ward.prepare(at("2026-09-11T07:00:00Z"), &lots());
    assert_eq!(morning.opened[0].bottle.lot, lot_id(3));
}

#[test]
fn a_loss_takes_the_named_lot_first() {
    let mut ward = ward(true);
    put(&mut ward, 1, 50, 2, None);
    put(&mut ward, 2, 50, 1, None);
    let lost = ward.stock.take_volume(Some(lot_id(2)), 100);
    let lots_lost: Vec<_> = lost.iter().map(|bottle| bottle.lot).collect();
    assert_eq!(lots_lost, [lot_id(2), lot_id(1)]);
    assert_eq!(ward.stock.volume_ml(), 50);
}
