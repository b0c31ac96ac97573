//! Refusals at a receiver: states, the receiver's own limits, and the life left.

use super::samples::{ZONE, at, codes, donor, record, release_day};
use super::*;
use crate::domain::policy::{PolicyDocument, built_in};
use crate::domain::refusal::RefusalCode as Code;
use crate::domain::time::Instant;
use jiff::civil::Date;

fn policy(code: &str) -> PolicyDocument {
    built_in(code).unwrap()
}

fn soon() -> (Instant, Instant) {
    (release_day().plus_days(1), release_day().plus_days(4))
}

fn accepted(lot: &LotFacts<'_>, receiver: &PolicyDocument) -> Vec<Code> {
    let (delivered_by, last_use) = soon();
    codes(&acceptance_failures(lot, receiver, delivered_by, last_use, ZONE))
}

#[test]
fn refusal_01_only_released_lots_are_offered() {
    let record = record();
    let receiver = policy("hk-ha");
    assert_eq!(accepted(&LotFacts::released(&record), &receiver), []);
    for (state, code) in [
        (LotState::Registered, Code::LotNotReleased),
        (LotState::Quarantined, Code::LotNotReleased),
        (LotState::Held, Code::LotHeld),
        (LotState::Exhausted, Code::LotNotReleased),
        (LotState::Discarded, Code::LotNotReleased),
        (LotState::Expired, Code::LotExpired),
    ] {
        assert_eq!(accepted(&LotFacts { state, ..LotFacts::released(&record) }, &receiver), [code]);
    }
    let held = LotFacts { held: true, ..LotFacts::released(&record) };
    assert_eq!(accepted(&held, &receiver), [Code::LotHeld]);
}

#[test]
fn refusal_02_a_receiver_wants_its_own_cultures() {
    let periodic = SafetyRecord { culture_after: None, ..record() };
    let uk = policy("uk-nice-cg93");
    assert_eq!(release_failures(&periodic, &uk, release_day(), ZONE), Vec::new());
    let lot = LotFacts::released(&periodic);
    assert_eq!(accepted(&lot, &policy("hk-ha")), [Code::CultureMissing]);
}

#[test]
fn refusal_02_one_hundred_thousand_passes_in_hong_kong_and_fails_in_vietnam() {
    let mut record = record();
    record.culture_before.as_mut().unwrap().findings[0].cfu_per_ml = Count::Counted(100_000);
    let lot = LotFacts::released(&record);
    assert_eq!(accepted(&lot, &policy("hk-ha")), []);
    assert_eq!(accepted(&lot, &policy("vn-moh")), [Code::CultureLimitBroken]);
}

#[test]
fn refusal_03_a_receiver_refuses_raw_milk_that_the_sender_allows() {
    let raw = SafetyRecord { pasteurisation: None, culture_after: None, ..record() };
    let mut receiver = policy("hk-ha");
    assert_eq!(accepted(&LotFacts::released(&raw), &receiver), [Code::PasteurisationMissing]);
    receiver.values.pasteurisation.raw_allowed.value = true;
    assert_eq!(accepted(&LotFacts::released(&raw), &receiver), []);
}

#[test]
fn refusal_04_a_uk_lot_without_repeat_serology_fails_france_and_hong_kong() {
    let mut record = record();
    record.donors[0] = donor("d1", Date::constant(2026, 1, 10));
    assert_eq!(release_failures(&record, &policy("uk-nice-cg93"), release_day(), ZONE), Vec::new());
    for receiver in ["hk-ha", "fr-lactarium", "fr-arrete-2010"] {
        let found = accepted(&LotFacts::released(&record), &policy(receiver));
        assert!(!found.is_empty() && found.iter().all(|code| *code == Code::ScreeningOutOfInterval), "{receiver}");
    }
}

#[test]
fn refusal_05_a_recalled_lot_goes_nowhere() {
    let record = record();
    let look_back = LotFacts { recalled: true, ..LotFacts::released(&record) };
    assert_eq!(accepted(&look_back, &policy("hk-ha")), [Code::LotRecalled]);
    let state = LotFacts { state: LotState::Recalled, ..LotFacts::released(&record) };
    assert_eq!(accepted(&state, &policy("hk-ha")), [Code::LotRecalled]);
}

#[test]
fn refusal_06_enough_life_is_left_at_delivery_and_at_the_last_use() {
    let record = record();
    let profile = AcceptanceProfile::new(&record, &policy("hk-ha"), ZONE);
    let until = at("2026-11-25T02:00:00Z");
    assert_eq!(profile.usable_until, Some(until));
    let latest = until.plus_days(-2);
    assert_eq!(profile.latest_delivery(), Some(latest));
    assert!(profile.permits(latest, until));
    assert_eq!(profile.time_failures(latest, until), Vec::new());
    let second_late = Instant::from_micros(latest.micros() + 1);
    assert!(!profile.permits(second_late, until));
    assert_eq!(codes(&profile.time_failures(second_late, until)), [Code::LifeTooShort]);
    let after = Instant::from_micros(until.micros() + 1);
    assert!(!profile.permits(latest, after));
    assert_eq!(codes(&profile.time_failures(latest, after)), [Code::ExpiresBeforeUse]);
    assert_eq!(codes(&profile.time_failures(until, until)), [Code::LotExpired]);
}

#[test]
fn refusal_06_the_earlier_expiry_of_both_sides_counts() {
    let mut record = record();
    record.declared_expires_at = at("2026-12-25T02:00:00Z");
    let vietnam = policy("vn-moh");
    assert_eq!(release_failures(&record, &vietnam, release_day(), ZONE), Vec::new());
    let hong_kong = policy("hk-ha");
    assert_eq!(effective_expiry(&record, &hong_kong, ZONE), Some(at("2026-11-25T02:00:00Z")), "the receiver's 90 days");
    record.declared_expires_at = at("2026-10-01T00:00:00Z");
    assert_eq!(effective_expiry(&record, &hong_kong, ZONE), Some(at("2026-10-01T00:00:00Z")), "the label says less");
}

#[test]
fn refusal_06_the_quick_question_agrees_with_the_long_one() {
    let record = record();
    let profile = AcceptanceProfile::new(&record, &policy("hk-ha"), ZONE);
    let until = at("2026-11-25T02:00:00Z");
    for hours in -80..10 {
        for use_hours in -80..10 {
            let (delivered, used) = (until.plus_hours(hours), until.plus_hours(use_hours));
            assert_eq!(profile.permits(delivered, used), profile.time_failures(delivered, used).is_empty());
        }
    }
}

#[test]
fn refusal_07_thawed_milk_is_never_offered_as_frozen() {
    let record = record();
    let thawed = LotFacts { thawed: true, ..LotFacts::released(&record) };
    assert_eq!(accepted(&thawed, &policy("hk-ha")), [Code::LotThawed]);
}

#[test]
fn refusal_08_an_open_excursion_stops_the_lot() {
    let record = record();
    let warm = LotFacts { open_excursion: true, ..LotFacts::released(&record) };
    assert_eq!(accepted(&warm, &policy("hk-ha")), [Code::ExcursionOpen]);
}

#[test]
fn refusal_17_the_receivers_own_pool_size_counts() {
    let mut record = record();
    record.donors.push(donor("d2", Date::constant(2026, 7, 1)));
    record.donor_count = Some(2);
    assert_eq!(accepted(&LotFacts::released(&record), &policy("cn-consensus")), []);
    assert_eq!(accepted(&LotFacts::released(&record), &policy("hk-ha")), [Code::PoolTooLarge]);
}
