//! What a policy holds against a lot whatever the hour: cultures, heat, screening, age of the raw milk,
//! storage, size of the pool. It never changes for one record and one policy version, so it can be kept.

use super::record::SafetyRecord;
use super::screening::days_between;
use super::{microbiology, screening, treatment};
use crate::domain::policy::PolicyDocument;
use crate::domain::refusal::{Refusal, RefusalCode};

/// Every failure of a record against a policy that does not depend on the time of the question
/// (refusals 2, 3, 4, 6 and 17). `zone` is the bank's.
#[must_use]
pub fn standing_failures(record: &SafetyRecord, policy: &PolicyDocument, zone: &str) -> Vec<Refusal> {
    let mut found = Vec::new();
    microbiology::failures(record, policy, &mut found);
    treatment::failures(record, policy, zone, &mut found);
    screening::failures(record, policy, &mut found);
    age_failures(record, policy, zone, &mut found);
    storage_failures(record, policy, &mut found);
    pool_failures(record, policy, &mut found);
    found
}

fn age_failures(record: &SafetyRecord, policy: &PolicyDocument, zone: &str, found: &mut Vec<Refusal>) {
    let rules = &policy.values.pasteurisation;
    let first = record.expressed_from;
    if let (Some(most), Some(run)) = (rules.raw_frozen_max_days.value, &record.pasteurisation) {
        let age_days = days_between(first, run.started_at.date_in(zone));
        if age_days > i32::from(most) {
            let cite = rules.raw_frozen_max_days.cite();
            found.push(RefusalCode::RawMilkTooOld.because(format!(
                "the oldest milk was {age_days} days old at the heat, at most {most} days are allowed; {cite}"
            )));
        }
    }
    if let (Some(most), Some(culture)) = (rules.expression_to_test_max_days.value, &record.culture_before) {
        let age_days = days_between(first, culture.sampled_at.date_in(zone));
        if age_days > i32::from(most) {
            let cite = rules.expression_to_test_max_days.cite();
            found.push(RefusalCode::TestedTooLate.because(format!(
                "the oldest milk was {age_days} days old at the culture, at most {most} days are allowed; {cite}"
            )));
        }
    }
}

fn storage_failures(record: &SafetyRecord, policy: &PolicyDocument, found: &mut Vec<Refusal>) {
    let form = record.form;
    let Some(rules) = policy.form(form) else {
        let detail = format!("{} writes no shelf life for {form} milk", policy.title());
        found.push(RefusalCode::NoShelfLife.because(detail));
        return;
    };
    let lives = [&rules.life_after_pasteurisation_days, &rules.life_after_expression_days];
    if record.pasteurisation.is_none() && lives.iter().all(|life| life.value.is_none()) {
        found.push(RefusalCode::NoShelfLife.because(format!("{} writes no shelf life for this milk", policy.title())));
    }
    let warmest = &rules.storage_max_hundredths_c;
    if record.storage_set_hundredths_c > warmest.value {
        found.push(RefusalCode::StorageTooWarm.because(format!(
            "stored at {}, at most {} is allowed; {}",
            record.storage_set_hundredths_c,
            warmest.value,
            warmest.cite()
        )));
    }
}

fn pool_failures(record: &SafetyRecord, policy: &PolicyDocument, found: &mut Vec<Refusal>) {
    let most = &policy.values.max_donors_per_pool;
    let listed = record.donors.len();
    match record.donor_count {
        Some(count) if count > 0 && usize::from(count) == listed => {
            if count > most.value {
                found.push(RefusalCode::PoolTooLarge.because(format!(
                    "{count} donors in the pool, at most {} allowed; {}",
                    most.value,
                    most.cite()
                )));
            }
        }
        Some(count) => {
            let detail = format!("the record counts {count} donors and lists {listed}");
            found.push(RefusalCode::DonorCountUnknown.because(detail));
        }
        None => found.push(RefusalCode::DonorCountUnknown.because("the number of donors is not known")),
    }
}
