//! Donor screening against a policy: panel, interval, prenatal results. A donor without a covering,
//! non-reactive result for every required marker makes the whole lot unfit there (refusal 4).

use super::record::{DonorRecord, SafetyRecord, ScreeningResult, TestResult};
use crate::domain::policy::{Analyte, Anchor, ExpressionEdge, PolicyDocument, ScreeningInterval};
use crate::domain::refusal::{Refusal, RefusalCode};
use jiff::ToSpan;
use jiff::civil::Date;
use std::collections::BTreeMap;

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
    // One refusal for each kind of gap, not one for each marker: a whole panel is usually sampled on one day.
    let mut gaps: BTreeMap<Gap, Vec<&str>> = BTreeMap::new();
    for analyte in &rules.panel.value {
        if let Some(gap) = gap(donor, *analyte, record, policy) {
            gaps.entry(gap).or_default().push(analyte.as_str());
        }
    }
    found.extend(gaps.into_iter().map(|(gap, analytes)| gap.refuse(who, &analytes.join(", "), policy)));
}

/// Why a marker of the panel is not covered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    /// There is no result.
    Missing,
    /// There are only prenatal results and they are not taken.
    Prenatal,
    /// A day of expression is not covered; with the last sample before it.
    Uncovered { day: Date, sampled: Option<Date> },
}

impl Gap {
    fn refuse(self, who: &str, analytes: &str, policy: &PolicyDocument) -> Refusal {
        let rules = &policy.values.screening;
        match self {
            Self::Missing => {
                let detail = format!("donor {who} has no result for {analytes}; {}", rules.panel.cite());
                RefusalCode::ScreeningMissing.because(detail)
            }
            Self::Prenatal => RefusalCode::ScreeningPrenatal.because(format!(
                "donor {who} has only prenatal results for {analytes}, which are not taken; {}",
                rules.accepts_prenatal.cite()
            )),
            Self::Uncovered { day, sampled } => {
                let most = rules.interval.value.max_age_days;
                let most = most.map_or_else(|| "no limit".to_owned(), |days| format!("at most {days} days"));
                let what = match sampled {
                    Some(sampled) => format!("sampled on {sampled}, {} days before", days_between(sampled, day)),
                    None => "not sampled on or before".to_owned(),
                };
                let cite = rules.interval.cite();
                RefusalCode::ScreeningOutOfInterval
                    .because(format!("donor {who}: {analytes} {what} the milk of {day}, {most}; {cite}"))
            }
        }
    }
}

fn gap(donor: &DonorRecord, analyte: Analyte, record: &SafetyRecord, policy: &PolicyDocument) -> Option<Gap> {
    let rules = &policy.values.screening;
    let results: Vec<&ScreeningResult> = donor.results.iter().filter(|result| result.analyte == analyte).collect();
    if results.is_empty() {
        return Some(Gap::Missing);
    }
    // A reactive or undecided result is refused above, whatever its age, so it is not counted as missing here.
    let usable = |result: &&&ScreeningResult| rules.accepts_prenatal.value || !result.prenatal;
    let samples: Vec<Date> = results.iter().filter(usable).map(|result| result.sample_date).collect();
    if samples.is_empty() {
        return Some(Gap::Prenatal);
    }
    let day = uncovered_day(donor, record, rules.interval.value, &samples)?;
    Some(Gap::Uncovered { day, sampled: samples.into_iter().filter(|sample| *sample <= day).max() })
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
