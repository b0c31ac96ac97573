//! Refusals of release, one part of the record spoilt at a time.

use super::samples::{ZONE, at, codes, donor, finding, record, release_day, test_of};
use super::*;
use crate::domain::policy::{Analyte, Comparator, CultureFrequency, OrganismGroup, PolicyDocument, Sourced, built_in};
use crate::domain::quantity::Celsius;
use crate::domain::refusal::RefusalCode as Code;
use jiff::civil::Date;

fn hong_kong() -> PolicyDocument {
    built_in("hk-ha").unwrap()
}

fn release_codes(record: &SafetyRecord, policy: &PolicyDocument) -> Vec<Code> {
    codes(&release_failures(record, policy, release_day(), ZONE))
}

/// What release says when one part of the good record is changed.
fn spoilt(change: impl FnOnce(&mut SafetyRecord)) -> Vec<Code> {
    let mut record = record();
    change(&mut record);
    release_codes(&record, &hong_kong())
}

#[test]
fn a_complete_record_may_be_signed_under_every_policy() {
    for code in ["cn-consensus", "hk-ha", "vn-moh", "la-pilot", "fr-lactarium", "fr-arrete-2010", "uk-nice-cg93"] {
        let policy = built_in(code).unwrap();
        assert_eq!(release_failures(&record(), &policy, release_day(), ZONE), Vec::new(), "{code}");
    }
    assert_eq!(record().defects(), Vec::new());
}

#[test]
fn refusal_02_missing_post_culture_is_never_a_pass() {
    assert_eq!(spoilt(|record| record.culture_after = None), [Code::CultureMissing]);
    assert_eq!(spoilt(|record| record.culture_before = None), [Code::CultureMissing]);
    let gap = spoilt(|record| {
        record.culture_before.as_mut().unwrap().findings.retain(|one| one.group != OrganismGroup::SAureus)
    });
    assert_eq!(gap, [Code::CultureMissing]);
    let empty = spoilt(|record| record.culture_after.as_mut().unwrap().findings.clear());
    assert_eq!(empty, [Code::CultureMissing]);
}

#[test]
fn refusal_02_exactly_the_limit_passes_above_and_fails_at_or_above() {
    let with = |count, comparator| {
        let mut record = record();
        record.culture_before.as_mut().unwrap().findings[0].cfu_per_ml = Count::Counted(count);
        let mut policy = hong_kong();
        policy.values.cultures.before.value[0].comparator = comparator;
        release_codes(&record, &policy)
    };
    assert_eq!(with(100_000, Comparator::RejectAbove), []);
    assert_eq!(with(100_001, Comparator::RejectAbove), [Code::CultureLimitBroken]);
    assert_eq!(with(99_999, Comparator::RejectAtOrAbove), []);
    assert_eq!(with(100_000, Comparator::RejectAtOrAbove), [Code::CultureLimitBroken]);
}

#[test]
fn refusal_02_nothing_found_proves_only_what_the_method_sees() {
    let seeing = |detection| {
        let mut record = record();
        record.culture_after.as_mut().unwrap().findings[0].detection_limit_cfu_per_ml = detection;
        let mut policy = hong_kong();
        policy.values.cultures.after.value[0].comparator = Comparator::RejectAbove;
        policy.values.cultures.after.value[0].cfu_per_ml = 10;
        release_codes(&record, &policy)
    };
    assert_eq!(seeing(Some(11)), []);
    assert_eq!(seeing(Some(12)), [Code::CultureNotSensitiveEnough]);
    assert_eq!(seeing(None), [], "the policy takes 10 CFU/mL where none is stated");
    let mut silent = hong_kong();
    silent.values.cultures.unstated_detection_limit_cfu_per_ml = Sourced::assumed(None);
    let mut record = record();
    record.culture_before.as_mut().unwrap().findings[1].detection_limit_cfu_per_ml = None;
    assert_eq!(release_codes(&record, &silent), [Code::CultureNotSensitiveEnough]);
}

#[test]
fn refusal_02_any_organism_breaks_no_growth() {
    let grown = spoilt(|record| {
        record.culture_after.as_mut().unwrap().findings.push(finding(OrganismGroup::Bacillus, Count::Counted(1)));
    });
    assert_eq!(grown, [Code::CultureLimitBroken]);
    let only_named = spoilt(|record| {
        record.culture_after.as_mut().unwrap().findings =
            vec![finding(OrganismGroup::Bacillus, Count::BelowDetectionLimit)];
    });
    assert_eq!(only_named, [Code::CultureMissing], "a culture for one organism says nothing of the others");
}

#[test]
fn refusal_02_the_laboratory_the_clock_and_the_order_count_too() {
    let verdict = spoilt(|record| record.culture_before.as_mut().unwrap().lab_verdict = Some(LabVerdict::Fail));
    assert_eq!(verdict, [Code::CultureFailedAtLaboratory]);
    let late = spoilt(|record| record.culture_after.as_mut().unwrap().result_at = at("2026-08-31T02:00:01Z"));
    assert_eq!(late, [Code::CultureNotFinal]);
    let early = spoilt(|record| record.culture_after.as_mut().unwrap().sampled_at = at("2026-08-27T01:59:59Z"));
    assert_eq!(early, [Code::CultureOutOfOrder]);
    let after = spoilt(|record| record.culture_before.as_mut().unwrap().sampled_at = at("2026-08-27T01:00:01Z"));
    assert_eq!(after, [Code::CultureOutOfOrder]);
}

#[test]
fn refusal_02_acidity_is_judged_where_a_policy_asks() {
    let mut policy = hong_kong();
    policy.values.cultures.max_acidity_tenths_dornic = Sourced::assumed(Some(80));
    let with = |acidity| release_codes(&SafetyRecord { acidity_tenths_dornic: acidity, ..record() }, &policy);
    assert_eq!(with(None), [Code::AcidityRefused]);
    assert_eq!(with(Some(80)), []);
    assert_eq!(with(Some(81)), [Code::AcidityRefused]);
}

#[test]
fn refusal_03_the_heat_must_be_hot_long_and_calibrated() {
    let run = |change: fn(&mut Pasteurisation)| spoilt(|record| change(record.pasteurisation.as_mut().unwrap()));
    assert_eq!(
        run(|run| run.hold_min_hundredths_c = Some(Celsius::from_hundredths(6249))),
        [Code::PasteurisationTooCold]
    );
    assert_eq!(
        run(|run| run.hold_log = vec![HoldReading { minute: 12, hundredths_c: Celsius::from_hundredths(6240) }]),
        [Code::PasteurisationTooCold]
    );
    assert_eq!(run(|run| run.hold_s = Some(1799)), [Code::PasteurisationTooShort]);
    assert_eq!(
        run(|run| {
            run.hold_started_at = Some(at("2026-08-27T01:10:00Z"));
            run.hold_ended_at = Some(at("2026-08-27T01:39:00Z"));
        }),
        [Code::PasteurisationTooShort],
        "the clock disagrees with the figure"
    );
    assert_eq!(run(|run| run.thermometer_calibrated_on = None), [Code::PasteurisationIncomplete]);
    assert_eq!(run(|run| run.cycle_ref = None), [Code::PasteurisationIncomplete]);
    assert_eq!(run(|run| run.hold_min_hundredths_c = None), [Code::PasteurisationIncomplete]);
    assert_eq!(run(|run| run.hold_s = None), [Code::PasteurisationIncomplete]);
    assert_eq!(run(|run| run.cooled_to_4_c_s = None), [Code::CoolingTooSlow]);
    assert_eq!(run(|run| run.cooled_to_4_c_s = Some(1801)), [Code::CoolingTooSlow]);
    assert_eq!(
        run(|run| run.method = crate::domain::policy::Method::FlashHeat),
        [Code::PasteurisationMethodNotAllowed]
    );
}

#[test]
fn refusal_03_calibration_counts_days_at_the_bank() {
    let calibrated =
        |day| spoilt(|record| record.pasteurisation.as_mut().unwrap().thermometer_calibrated_on = Some(day));
    // The run of 01:00 UTC is on 27 August in Hong Kong; 183 days before is 25 February.
    assert_eq!(calibrated(Date::constant(2026, 2, 25)), []);
    assert_eq!(calibrated(Date::constant(2026, 2, 24)), [Code::CalibrationOutOfDate]);
    assert_eq!(calibrated(Date::constant(2026, 8, 28)), [Code::CalibrationOutOfDate], "a date after the run");
    let mut evening = record();
    evening.pasteurisation.as_mut().unwrap().thermometer_calibrated_on = Some(Date::constant(2026, 2, 24));
    let western = release_failures(&evening, &hong_kong(), release_day(), "America/Los_Angeles");
    assert_eq!(codes(&western), [], "there the same run is still on 26 August");
}

#[test]
fn refusal_03_raw_milk_needs_a_policy_that_allows_it() {
    let raw = SafetyRecord { pasteurisation: None, culture_after: None, ..record() };
    assert_eq!(release_codes(&raw, &hong_kong()), [Code::PasteurisationMissing]);
    let mut allowed = hong_kong();
    allowed.values.pasteurisation.raw_allowed = Sourced::assumed(true);
    assert_eq!(release_codes(&raw, &allowed), []);
    let mut named = hong_kong();
    named.values.pasteurisation.device_ref_required = Sourced::assumed(true);
    assert_eq!(release_codes(&record(), &named), [Code::PasteurisationIncomplete]);
}

#[test]
fn refusal_04_every_donor_has_the_panel_in_its_interval() {
    let no_htlv = spoilt(|record| record.donors[0].results.retain(|result| result.analyte != Analyte::Htlv12));
    assert_eq!(no_htlv, [Code::ScreeningMissing]);
    // 90 days before 1 August 2026 is 3 May.
    assert_eq!(spoilt(|record| record.donors[0] = donor("d1", Date::constant(2026, 5, 3))), []);
    let old = spoilt(|record| record.donors[0] = donor("d1", Date::constant(2026, 5, 2)));
    assert_eq!(old, [Code::ScreeningOutOfInterval]);
    let later = spoilt(|record| record.donors[0] = donor("d1", Date::constant(2026, 8, 2)));
    assert_eq!(later, [Code::ScreeningOutOfInterval], "a sample after the milk does not cover it");
}

#[test]
fn refusal_04_to_the_last_day_every_drop_is_covered() {
    let france = built_in("fr-arrete-2010").unwrap();
    let mut long = record();
    long.expressed_from = Date::constant(2026, 4, 1);
    long.donors[0] = donor("d1", Date::constant(2026, 3, 20));
    let found = release_codes(&long, &france);
    assert!(found.contains(&Code::ScreeningOutOfInterval), "10 August is 143 days after the sample");
    long.donors[0].results.extend(donor("d1", Date::constant(2026, 6, 18)).results);
    assert_eq!(standing_failures(&long, &france, ZONE), Vec::new(), "a second sample on day 90 closes the gap");
    long.donors[0].results.iter_mut().for_each(|result| {
        if result.sample_date == Date::constant(2026, 6, 18) {
            result.sample_date = Date::constant(2026, 6, 20);
        }
    });
    assert_eq!(codes(&standing_failures(&long, &france, ZONE)), [Code::ScreeningOutOfInterval], "19 June has none");
}

#[test]
fn refusal_04_reactive_undecided_and_prenatal_results_are_not_passes() {
    let with = |change: fn(&mut ScreeningResult)| spoilt(|record| change(&mut record.donors[0].results[0]));
    assert_eq!(with(|result| result.result = TestResult::Reactive), [Code::ScreeningReactive]);
    assert_eq!(with(|result| result.result = TestResult::Indeterminate), [Code::ScreeningReactive]);
    assert_eq!(with(|result| result.prenatal = true), [Code::ScreeningPrenatal]);
    let immune = spoilt(|record| {
        let mut result = test_of(Analyte::CmvIgg, Date::constant(2026, 7, 1));
        result.result = TestResult::Reactive;
        record.donors[0].results.push(result);
    });
    assert_eq!(immune, [], "past contact with CMV is no danger in pasteurised milk");
    assert_eq!(spoilt(|record| record.donors[0].questionnaire_signed = false), [Code::QuestionnaireUnsigned]);
    assert_eq!(spoilt(|record| record.donors[0].consent_ref = None), [Code::DonorConsentMissing]);
}

#[test]
fn refusal_06_a_label_may_not_outlive_its_rule() {
    // 90 days after the heat; the rule is met to the microsecond.
    let rule = at("2026-11-25T02:00:00Z");
    assert_eq!(expires_at(&record(), &hong_kong(), ZONE), Some(rule));
    let late = spoilt(|record| record.declared_expires_at = at("2026-11-25T02:00:00.000001Z"));
    assert_eq!(late, [Code::ExpiryLaterThanRule]);
    assert_eq!(spoilt(|record| record.declared_expires_at = release_day()), [Code::LotExpired]);
}

#[test]
fn refusal_06_days_after_expression_end_with_the_day_at_the_bank() {
    let mut policy = hong_kong();
    policy.values.forms[0].life_after_pasteurisation_days.value = None;
    // 180 days after 1 August 2026 is 28 January 2027, which ends at 16:00 UTC in Hong Kong.
    assert_eq!(expires_at(&record(), &policy, ZONE), Some(at("2027-01-28T16:00:00Z")));
    // Over the change to summer time Paris ends a day one hour earlier in UTC.
    let mut spring = record();
    spring.expressed_from = Date::constant(2026, 10, 1);
    assert_eq!(expires_at(&spring, &policy, "Europe/Paris"), Some(at("2027-03-30T22:00:00Z")));
    assert_eq!(expires_at(&spring, &policy, "Nowhere/Unknown"), Some(at("2027-03-31T00:00:00Z")));
}

#[test]
fn refusal_06_old_raw_milk_warm_stores_and_unknown_forms_are_refused() {
    let mut policy = hong_kong();
    policy.values.pasteurisation.raw_frozen_max_days = Sourced::assumed(Some(26));
    policy.values.pasteurisation.expression_to_test_max_days = Sourced::assumed(Some(26));
    assert_eq!(release_codes(&record(), &policy), []);
    let older = SafetyRecord { expressed_from: Date::constant(2026, 7, 31), ..record() };
    assert_eq!(release_codes(&older, &policy), [Code::RawMilkTooOld, Code::TestedTooLate]);
    assert_eq!(spoilt(|record| record.storage_set_hundredths_c = Celsius::from_degrees(-17)), [Code::StorageTooWarm]);
    let powder = spoilt(|record| record.form = crate::domain::policy::Form::FreezeDried);
    assert_eq!(powder, [Code::NoShelfLife]);
}

#[test]
fn refusal_11_impossible_dates_and_labels_are_refused() {
    let reversed = spoilt(|record| record.expressed_to = Date::constant(2026, 7, 31));
    assert_eq!(reversed, [Code::DateImpossible]);
    let unborn = spoilt(|record| record.expressed_to = Date::constant(2026, 8, 28));
    assert_eq!(unborn, [Code::DateImpossible], "milk expressed after its heat");
    let label = |din: &str, code: &str| {
        let isbt = IsbtIdentity { din: din.to_owned(), product_code: code.to_owned(), single_european_code: None };
        spoilt(|record| record.isbt = Some(isbt))
    };
    assert_eq!(label("A999915000001", "M0002"), []);
    assert_eq!(label("A999915000001", "M0001"), [Code::LabelTemperatureMismatch]);
    assert_eq!(label("A9999150000", "M0002"), [Code::IdentityMalformed]);
    assert_eq!(label("A999915000001", "M0006"), [Code::LabelContradicts]);
}

#[test]
fn refusal_17_pools_are_small_and_counted() {
    let two = spoilt(|record| {
        record.donors.push(donor("d2", Date::constant(2026, 7, 1)));
        record.donor_count = Some(2);
    });
    assert_eq!(two, [Code::PoolTooLarge]);
    assert_eq!(spoilt(|record| record.donor_count = None), [Code::DonorCountUnknown]);
    assert_eq!(spoilt(|record| record.donor_count = Some(2)), [Code::DonorCountUnknown]);
    let nobody = spoilt(|record| {
        record.donors.clear();
        record.donor_count = Some(0);
    });
    assert_eq!(nobody, [Code::DonorsUnknown, Code::DonorCountUnknown]);
}

#[test]
fn every_failure_is_named_not_only_the_first() {
    let found = spoilt(|record| {
        record.culture_after = None;
        record.pasteurisation.as_mut().unwrap().hold_s = Some(60);
        record.donors[0].results.clear();
        record.donor_count = None;
    });
    let numbers: std::collections::BTreeSet<u8> = found.iter().map(|code| code.number().get()).collect();
    assert_eq!(numbers, [2, 3, 4, 17].into());
}

#[test]
fn a_periodic_culture_lets_the_sender_release_without_one() {
    let mut uk = built_in("uk-nice-cg93").unwrap();
    let record = SafetyRecord { culture_after: None, ..record() };
    assert_eq!(release_codes(&record, &uk), []);
    uk.values.cultures.after_frequency = Sourced::assumed(CultureFrequency::EveryBatch);
    assert_eq!(release_codes(&record, &uk), [Code::CultureMissing]);
}

#[test]
fn shapeless_records_are_told_field_by_field() {
    let mut record = record();
    record.culture_after.as_mut().unwrap().findings[0].cfu_per_ml = Count::Counted(0);
    record.donors.push(record.donors[0].clone());
    record.donors[0].consent_ref = Some(" ".to_owned());
    let pointers: Vec<String> = record.defects().into_iter().map(|defect| defect.pointer).collect();
    assert_eq!(pointers, ["/donors/0/consent_ref", "/donors/1/donor_ref", "/culture_after/findings/0/cfu_per_ml"]);
}

#[test]
fn a_record_prints_and_reads_back_and_refuses_unknown_fields() {
    let text = serde_json::to_string(&record()).unwrap();
    assert_eq!(serde_json::from_str::<SafetyRecord>(&text).unwrap(), record());
    let unknown = text.replacen('{', "{\"screened\":true,", 1);
    assert!(serde_json::from_str::<SafetyRecord>(&unknown).is_err());
}
