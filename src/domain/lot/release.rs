//! The decision to release a lot, by the rules that its bank is under. Whoever signs gets every reason
//! against it at once.

use super::expiry::expires_at;
use super::record::SafetyRecord;
use super::standing::standing_failures;
use crate::domain::isbt128;
use crate::domain::policy::PolicyDocument;
use crate::domain::refusal::{Refusal, RefusalCode};
use crate::domain::time::Instant;

/// Every reason not to release a lot now (refusals 2, 3, 4, 6, 11 and 17 by the sender's rules). `zone`
/// is the bank's. Empty means that a responsible person may sign.
#[must_use]
pub fn release_failures(record: &SafetyRecord, policy: &PolicyDocument, now: Instant, zone: &str) -> Vec<Refusal> {
    let mut found = standing_failures(record, policy, zone);
    for (name, culture) in [("before", &record.culture_before), ("after", &record.culture_after)] {
        if let Some(culture) = culture.as_ref().filter(|culture| culture.result_at > now) {
            let detail = format!("the culture {name} the heat is final only at {}", culture.result_at);
            found.push(RefusalCode::CultureNotFinal.because(detail));
        }
    }
    expiry_failures(record, policy, now, zone, &mut found);
    date_failures(record, now, zone, &mut found);
    if let Some(identity) = &record.isbt {
        found.extend(isbt128::identity_failures(
            &identity.din,
            &identity.product_code,
            Some(record.storage_set_hundredths_c),
        ));
        found.extend(isbt128::label_failures(
            &identity.din,
            &identity.product_code,
            identity.single_european_code.as_deref(),
            record.pasteurisation.is_some(),
        ));
    }
    found
}

fn expiry_failures(record: &SafetyRecord, policy: &PolicyDocument, now: Instant, zone: &str, found: &mut Vec<Refusal>) {
    let declared = record.declared_expires_at;
    if let Some(rule) = expires_at(record, policy, zone).filter(|rule| declared > *rule) {
        found.push(
            RefusalCode::ExpiryLaterThanRule
                .because(format!("the label says {declared}, {} gives at most {rule}", policy.title())),
        );
    }
    if declared <= now {
        found.push(RefusalCode::LotExpired.because(format!("the lot expired at {declared}")));
    }
}

fn date_failures(record: &SafetyRecord, now: Instant, zone: &str, found: &mut Vec<Refusal>) {
    let (from, to) = (record.expressed_from, record.expressed_to);
    let today = now.date_in(zone);
    if from > to || to > today {
        let detail = format!("expressed from {from} to {to}, and today is {today}");
        found.push(RefusalCode::DateImpossible.because(detail));
    }
    let Some(run) = &record.pasteurisation else { return };
    if run.ended_at > now || run.started_at.date_in(zone) < to {
        let detail = format!(
            "the heat ran from {} to {}, milk was expressed until {to}, now is {now}",
            run.started_at, run.ended_at
        );
        found.push(RefusalCode::DateImpossible.because(detail));
    }
    for donor in &record.donors {
        for result in donor.results.iter().filter(|result| result.sample_date > today) {
            let detail =
                format!("donor {}: a sample of {} lies after today, {today}", donor.donor_ref, result.sample_date);
            found.push(RefusalCode::DateImpossible.because(detail));
        }
    }
}
