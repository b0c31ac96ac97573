//! Donor screening against a policy: panel, interval, prenatal results. A donor without a covering,
//! non-reactive result for every required marker makes the whole lot unfit there (refusal 4).

use super::record::{DonorRecord, SafetyRecord, ScreeningResult, TestResult};
use crate::domain::policy::{Analyte, Anchor, ExpressionEdge, PolicyDocument, ScreeningInterval};
use crate::domain::refusal::{Refusal, RefusalCode};
use jiff::ToSpan;
use jiff::civil::Date;

pub(super) fn failures(record: &SafetyRecord, policy: &PolicyDocument, found: &mut Vec<Refusal>) {
    if record.donors.is_empty() {
        found.push(RefusalCode::DonorsUnknown.because("the record lists no donor, so no screening can be shown"));
    }
    for donor in &record.donors {
        donor_failures(donor, record, policy, found);
    }
}

fn donor_failures(donor: &DonorRecord, record: &SafetyRecord, policy: &PolicyDocument, found: &mut Vec<Refusal>) {
    let rules = &policy.values.screening;
    let who = &donor.donor_ref;
    if rules.questionnaire_required.value && !donor.questionnaire_signed {
        let cite = rules.questionnaire_required.cite();
        found.push(
            RefusalCode::QuestionnaireUnsigned
                .because(format!("donor {who} has not signed the health questionnaire; {cite}")),
        );
    }
    if donor.consent_ref.is_none() {
        found.push(RefusalCode::DonorConsentMissing.because(format!("donor {who} has no consent on file")));
    }
    for result in &donor.results {
        if result.result != TestResult::NonReactive && !result.analyte.reactive_is_harmless() {
            found.push(RefusalCode::ScreeningReactive.because(format!(
                "donor {who} is {} for {} in the sample of {}",
                result.result, result.analyte, result.sample_date
            )));
        }
    }
    for analyte in &rules.panel.value {
        if let Some(refusal) = analyte_failure(donor, *analyte, record, policy) {
            found.push(refusal);
        }
    }
}

fn analyte_failure(
    donor: &DonorRecord,
    analyte: Analyte,
    record: &SafetyRecord,
    policy: &PolicyDocument,
) -> Option<Refusal> {
    let rules = &policy.values.screening;
    let who = &donor.donor_ref;
    let results: Vec<&ScreeningResult> = donor.results.iter().filter(|result| result.analyte == analyte).collect();
    if results.is_empty() {
        let cite = rules.panel.cite();
        return Some(RefusalCode::ScreeningMissing.because(format!("donor {who} has no result for {analyte}; {cite}")));
    }
    // A reactive or undecided result is refused above, whatever its age, so it is not counted as missing here.
    let usable = |result: &&&ScreeningResult| rules.accepts_prenatal.value || !result.prenatal;
    let samples: Vec<Date> = results.iter().filter(usable).map(|result| result.sample_date).collect();
    if samples.is_empty() {
        let cite = rules.accepts_prenatal.cite();
        return Some(
            RefusalCode::ScreeningPrenatal
                .because(format!("donor {who} has only prenatal results for {analyte}, which are not taken; {cite}")),
        );
    }
    let interval = rules.interval.value;
    let uncovered = uncovered_day(donor, record, interval, &samples)?;
    let last = samples.iter().filter(|sample| **sample <= uncovered).max();
    let detail = match last {
        Some(sample) => format!(
            "donor {who}: {analyte} was sampled on {sample}, {} days before the milk of {uncovered}; most allowed: {}",
            days_between(*sample, uncovered),
            interval.max_age_days.map_or_else(|| "no limit".to_owned(), |days| format!("{days} days")),
        ),
        None => format!("donor {who}: no {analyte} sample was taken on or before {uncovered}"),
    };
    Some(RefusalCode::ScreeningOutOfInterval.because(format!("{detail}; {}", rules.interval.cite())))
}

/// The first day of expression that no sample covers.
fn uncovered_day(
    donor: &DonorRecord,
    record: &SafetyRecord,
    interval: ScreeningInterval,
    samples: &[Date],
) -> Option<Date> {
    let max_age = interval.max_age_days.map(i32::from);
    let covered = |day: Date| {
        samples.iter().any(|sample| *sample <= day && max_age.is_none_or(|most| days_between(*sample, day) <= most))
    };
    if interval.anchor == Anchor::FirstDonation {
        // One valid test before the first donation; where that day is not known, this lot's first day stands for it.
        let first = donor.first_donated_on.unwrap_or(record.expressed_from);
        return (!covered(first)).then_some(first);
    }
    if interval.measured_to == ExpressionEdge::FirstExpression {
        return (!covered(record.expressed_from)).then_some(record.expressed_from);
    }
    // Cover can only break on the first day, or on the day after a sample ran out.
    let run_outs = samples.iter().filter_map(|sample| sample.checked_add((max_age? + 1).days()).ok());
    let mut days: Vec<Date> =
        run_outs.filter(|day| (record.expressed_from..=record.expressed_to).contains(day)).collect();
    days.push(record.expressed_from);
    days.sort_unstable();
    days.into_iter().find(|day| !covered(*day))
}

/// Whole days from one date to a later one.
pub(super) fn days_between(earlier: Date, later: Date) -> i32 {
    later.since(earlier).map_or(i32::MAX, |span| span.get_days())
}
