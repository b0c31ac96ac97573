//! The demo as a person starts it: a region is played to its end and the milk adds up; a faulty file is refused
//! before anything is written.

use crate::hub::Home;
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn demo(data: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_milkbridge"))
        .args(["demo", "--exit", "--listen", "127.0.0.1:0", "--report", "-", "--data"])
        .arg(data)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

fn played(region: &str, days: &str) -> Value {
    let home = Home::sqlite();
    let output = demo(home.folder(), &["--region", region, "--days", days]);
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{region}: {told}");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{region}: the report is JSON: {error}"))
}

/// Plays a few days of a region; the benchmark plays all days.
fn play_and_balance(region: &str, days: &str) {
    let report = played(region, days);
    let of = |name: &str| report["conservation"][name].as_i64().unwrap();
    assert_eq!(of("difference_ml"), 0, "{region}: {report}");
    let parts = ["in_stock_ml", "in_transit_ml", "used_ml", "discarded_ml"];
    assert_eq!(of("released_ml"), parts.iter().map(|part| of(part)).sum::<i64>(), "{region}");
    assert!(of("used_ml") > 0, "{region}: infants were fed");
    assert_eq!(report["refusals_bypassed"], serde_json::json!([]), "{region}");
    assert!(report["refusals_checked"].as_object().is_some_and(|checked| !checked.is_empty()), "{region}");
    assert_eq!(report["tier1_unmet_while_eligible"], 0, "{region}");
    assert_eq!(report["events_refused"], 0, "{region}: {}", report["refused"]);
    let short = |of: &Value| of["shortfall_ml"].as_i64().unwrap();
    assert!(short(&report) <= short(&report["reference"]), "{region}: {report}");
}

#[test]
fn hong_kong_is_played_and_the_milk_adds_up() {
    play_and_balance("hongkong", "4");
}

#[test]
fn xian_is_played_and_the_milk_adds_up() {
    play_and_balance("xian", "4");
}

#[test]
fn vietnam_and_laos_are_played_and_the_milk_adds_up() {
    play_and_balance("vietnam-laos", "2");
}

#[test]
fn france_is_played_and_the_milk_adds_up() {
    play_and_balance("france", "2");
}

#[test]
fn a_faulty_region_is_refused_with_line_and_field_before_anything_is_written() {
    let home = Home::sqlite();
    let file = home.folder().join("region.json");
    let data = home.folder().join("data");
    let sound = include_str!("../../src/scenario/data/regions/hongkong.json");
    let faulty = sound.replacen("\"lat\": 22.", "\"lat\": 222.", 1);
    assert_ne!(sound, faulty);
    std::fs::write(&file, faulty).unwrap();
    let output = demo(&data, &["--region", file.to_str().unwrap(), "--days", "2"]);
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "{told}");
    assert!(told.contains("region.json:") && told.contains("lat"), "{told}");
    assert!(!data.exists(), "nothing was written");
    assert!(output.stdout.is_empty());
}

/// A week in which much goes wrong: every excursion's milk is held, every recall lists what the books say.
fn play_disturbed(region: &str, days: &str, seed: &str) -> Value {
    let home = Home::sqlite();
    let output = demo(home.folder(), &["--region", region, "--days", days, "--seed", seed, "--disturbed"]);
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{region}: {told}");
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let of = |name: &str| report["disturbances"][name].as_i64().unwrap_or_else(|| panic!("no {name}: {report}"));
    assert_eq!(report["conservation"]["difference_ml"], 0, "{region}: {report}");
    assert_eq!(report["refusals_bypassed"], serde_json::json!([]), "{region}");
    assert_eq!(report["events_refused"], 0, "{region}: {}", report["refused"]);
    assert!(of("excursions_opened") > 0 && of("held_before_acceptance_ml") > 0, "{region}: {report}");
    assert_eq!((of("accepted_before_decision_ml"), of("undetected")), (0, 0), "{region}: {report}");
    let hit = of("served_elsewhere") + of("still_waiting") + of("needed_no_more");
    assert_eq!(of("requests_hit"), hit, "{region}: {report}");
    assert_eq!(report["disturbances"]["lists_that_differ"], serde_json::json!([]), "{region}");
    assert_eq!((of("drills"), of("drills_that_touched_milk")), (1, 0), "{region}: {report}");
    assert!(of("drill_listed_us") > 0 && of("recalled_bottles") > 0, "{region}: {report}");
    report
}

#[test]
fn a_disturbed_week_holds_milk_before_it_is_accepted_and_recalls_by_the_books() {
    let (mut delayed, mut lost) = (0, 0);
    for (seed, scope) in [("3", "donor"), ("4", "pool"), ("5", "storage")] {
        let report = play_disturbed("hongkong", "7", seed);
        assert_eq!(report["disturbances"]["recalls"][scope], 1, "{report}");
        let kept_back = report["disturbances"]["lots_kept_back"].as_i64().unwrap();
        assert!(kept_back > 0 || scope != "pool", "what is filled from a recalled pool later is kept back: {report}");
        delayed += report["disturbances"]["delayed_journeys"].as_i64().unwrap();
        lost += report["disturbances"]["lost_loggers"].as_i64().unwrap();
    }
    assert!(delayed > 0 && lost > 0, "late couriers: {delayed}, lost loggers: {lost}");
}
