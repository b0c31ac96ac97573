//! What a region's profile becomes: its own values, documented defaults, and faults by field.

use super::*;
use serde_json::json;

#[test]
fn what_the_profile_does_not_say_is_marked_assumed() {
    let profile = json!({"name": "Somewhere", "shelf_life_after_pasteurisation_days": 90,
        "provenance": {"shelf_life_after_pasteurisation_days": "sourced (leaflet)"}});
    let policy = from_region_profile("xx-test", &profile).unwrap();
    let frozen = policy.form(Form::Frozen).unwrap();
    assert_eq!(frozen.life_after_pasteurisation_days.source.mark, Mark::Sourced);
    assert_eq!(frozen.storage_max_hundredths_c, Sourced::assumed(Celsius::from_degrees(-18)));
    assert_eq!(policy.values.screening.interval.value.anchor, Anchor::FirstDonation);
    assert_eq!(policy.values.max_donors_per_pool, Sourced::assumed(6));
}

#[test]
fn a_profile_without_a_peak_takes_one_that_fits_its_limit() {
    let peak = |limit: i64| peak_above(Celsius::from_degrees(limit)).value;
    assert_eq!(peak(-18), Celsius::from_degrees(-3));
    assert_eq!(peak(-1), Celsius::from_degrees(14));
    assert_eq!(peak(25), Celsius::from_degrees(40));
}

#[test]
fn every_unreadable_field_is_named() {
    let profile = json!({"storage_max_temp_c": "cold", "container_sharing": 3,
        "shelf_life_after_pasteurisation_days": -4, "charge_per_litre": {"frozen": "80"}});
    let errors = from_region_profile("xx-test", &profile).unwrap_err();
    let pointers: Vec<&str> = errors.iter().map(|error| error.pointer.as_str()).collect();
    for pointer in [
        "/storage_max_temp_c",
        "/container_sharing",
        "/shelf_life_after_pasteurisation_days",
        "/charge_per_litre/frozen",
    ] {
        assert!(pointers.contains(&pointer), "{pointer} in {pointers:?}");
    }
}

#[test]
fn numbers_become_hundredths_exactly() {
    let hundredths = |text: &str| number_hundredths(&serde_json::from_str(text).unwrap());
    assert_eq!(hundredths("62.5"), Some(6250));
    assert_eq!(hundredths("-18"), Some(-1800));
    assert_eq!(hundredths("-0.05"), Some(-5));
    assert_eq!(hundredths("1.005"), None);
}
