//! A record that every built-in policy of its kind takes, for tests to spoil one part at a time.

use super::*;
use crate::domain::policy::{Analyte, Form, Method, OrganismGroup};
use crate::domain::quantity::Celsius;
use crate::domain::refusal::{Refusal, RefusalCode};
use crate::domain::time::Instant;
use jiff::civil::Date;

/// The zone of the bank of [`record`].
pub(crate) const ZONE: &str = "Asia/Hong_Kong";

/// An instant in its RFC 3339 form.
pub(crate) fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

/// The instant at which [`record`] is released.
pub(crate) fn release_day() -> Instant {
    at("2026-08-31T02:00:00Z")
}

/// One test of one marker.
pub(crate) fn test_of(analyte: Analyte, sample_date: Date) -> ScreeningResult {
    ScreeningResult { analyte, method: None, sample_date, result: TestResult::NonReactive, lab: None, prenatal: false }
}

/// A donor with the whole panel sampled on one day.
pub(crate) fn donor(donor_ref: &str, sampled: Date) -> DonorRecord {
    let panel = [Analyte::Hiv12, Analyte::Hbsag, Analyte::AntiHbc, Analyte::Hcv, Analyte::Syphilis, Analyte::Htlv12];
    DonorRecord {
        donor_ref: donor_ref.to_owned(),
        results: panel.into_iter().map(|analyte| test_of(analyte, sampled)).collect(),
        questionnaire_signed: true,
        consent_ref: Some(format!("consent-{donor_ref}")),
        first_donated_on: None,
        disclosure_consent_written: false,
    }
}

/// One finding.
pub(crate) fn finding(group: OrganismGroup, cfu_per_ml: Count) -> CultureFinding {
    CultureFinding { group, cfu_per_ml, detection_limit_cfu_per_ml: Some(10) }
}

/// A single-donor frozen lot expressed in August 2026 and pasteurised on the 27th.
pub(crate) fn record() -> SafetyRecord {
    SafetyRecord {
        donor_count: Some(1),
        donors: vec![donor("d1", Date::constant(2026, 7, 1))],
        expressed_from: Date::constant(2026, 8, 1),
        expressed_to: Date::constant(2026, 8, 10),
        milk_type: MilkType::Term,
        lactation_stage_days: Some(90),
        dairy_free: false,
        cmv_negative: false,
        form: Form::Frozen,
        culture_before: Some(Culture {
            sampled_at: at("2026-08-27T00:00:00Z"),
            result_at: at("2026-08-29T00:00:00Z"),
            method: None,
            findings: vec![
                finding(OrganismGroup::TotalViable, Count::Counted(14_032)),
                finding(OrganismGroup::SAureus, Count::BelowDetectionLimit),
                finding(OrganismGroup::Enterobacterales, Count::BelowDetectionLimit),
            ],
            lab_verdict: Some(LabVerdict::Pass),
        }),
        acidity_tenths_dornic: None,
        pasteurisation: Some(Pasteurisation {
            method: Method::Holder,
            device_ref: None,
            cycle_ref: Some("cycle-1".to_owned()),
            started_at: at("2026-08-27T01:00:00Z"),
            hold_started_at: None,
            hold_ended_at: None,
            ended_at: at("2026-08-27T02:00:00Z"),
            target_hundredths_c: Celsius::from_hundredths(6250),
            hold_min_hundredths_c: Some(Celsius::from_hundredths(6250)),
            hold_max_hundredths_c: Some(Celsius::from_hundredths(6310)),
            hold_s: Some(1800),
            hold_log: Vec::new(),
            thermometer_calibrated_on: Some(Date::constant(2026, 7, 8)),
            cooled_to_4_c_s: Some(650),
        }),
        culture_after: Some(Culture {
            sampled_at: at("2026-08-27T03:00:00Z"),
            result_at: at("2026-08-29T03:00:00Z"),
            method: None,
            findings: vec![finding(OrganismGroup::TotalViable, Count::BelowDetectionLimit)],
            lab_verdict: Some(LabVerdict::Pass),
        }),
        composition: None,
        storage_set_hundredths_c: Celsius::from_degrees(-20),
        declared_expires_at: at("2026-11-25T02:00:00Z"),
        isbt: None,
    }
}

/// The codes of refusals, in order.
pub(crate) fn codes(found: &[Refusal]) -> Vec<RefusalCode> {
    found.iter().map(|refusal| refusal.code).collect()
}
