//! Cultures and acidity against a policy (refusal 2). A missing result is never a pass, "nothing found"
//! proves only what the method could see, and exactly the limit passes or fails as its comparator says.

use super::record::{Count, Culture, CultureFinding, LabVerdict, SafetyRecord};
use crate::domain::policy::{Comparator, CultureFrequency, CultureLimit, OrganismGroup, PolicyDocument, Sourced};
use crate::domain::refusal::{Refusal, RefusalCode};

pub(super) fn failures(record: &SafetyRecord, policy: &PolicyDocument, found: &mut Vec<Refusal>) {
    let rules = &policy.values.cultures;
    let before = Stage { name: "before the heat", limits: &rules.before, missing_allowed: false };
    before.failures(record.culture_before.as_ref(), policy, found);
    // Raw milk has no "after"; whether raw milk is allowed at all is decided with the heat.
    if record.pasteurisation.is_some() {
        let periodic = rules.after_frequency.value == CultureFrequency::Periodic;
        let after = Stage { name: "after the heat", limits: &rules.after, missing_allowed: periodic };
        after.failures(record.culture_after.as_ref(), policy, found);
    }
    order_failures(record, found);
    acidity_failure(record, policy, found);
}

struct Stage<'a> {
    name: &'static str,
    limits: &'a Sourced<Vec<CultureLimit>>,
    missing_allowed: bool,
}

impl Stage<'_> {
    fn failures(&self, culture: Option<&Culture>, policy: &PolicyDocument, found: &mut Vec<Refusal>) {
        let Some(culture) = culture else {
            let required = self.limits.value.iter().any(|limit| limit.required);
            if required && !self.missing_allowed {
                let detail = format!("there is no culture {}; {}", self.name, self.limits.cite());
                found.push(RefusalCode::CultureMissing.because(detail));
            }
            return;
        };
        if culture.lab_verdict == Some(LabVerdict::Fail) {
            let detail = format!("the laboratory reported the culture {} as failed", self.name);
            found.push(RefusalCode::CultureFailedAtLaboratory.because(detail));
        }
        for limit in &self.limits.value {
            self.limit_failures(limit, culture, policy, found);
        }
    }

    fn limit_failures(
        &self,
        limit: &CultureLimit,
        culture: &Culture,
        policy: &PolicyDocument,
        found: &mut Vec<Refusal>,
    ) {
        let mut seen = false;
        for finding in culture.findings.iter().filter(|finding| answers(limit, finding)) {
            seen |= finding.group == limit.group;
            if let Some(refusal) = self.finding_failure(limit, finding, policy) {
                found.push(refusal);
            }
        }
        if !seen && limit.required {
            let detail = format!("the culture {} has no result for {}; {}", self.name, limit.group, self.limits.cite());
            found.push(RefusalCode::CultureMissing.because(detail));
        }
    }

    fn finding_failure(
        &self,
        limit: &CultureLimit,
        finding: &CultureFinding,
        policy: &PolicyDocument,
    ) -> Option<Refusal> {
        match finding.cfu_per_ml {
            Count::Counted(count) if count > 0 => broken(limit, count).then(|| {
                RefusalCode::CultureLimitBroken.because(format!(
                    "{} {}: {count} CFU/mL, refused {}; {}",
                    finding.group,
                    self.name,
                    describe(limit),
                    self.limits.cite()
                ))
            }),
            Count::Counted(_) | Count::BelowDetectionLimit => self.blind_failure(limit, finding, policy),
        }
    }

    /// Nothing was found: it passes where the method could have seen a count that breaks the limit.
    fn blind_failure(
        &self,
        limit: &CultureLimit,
        finding: &CultureFinding,
        policy: &PolicyDocument,
    ) -> Option<Refusal> {
        if limit.comparator == Comparator::RejectAnyGrowth {
            return None;
        }
        let unstated = policy.values.cultures.unstated_detection_limit_cfu_per_ml.value;
        let Some(detection) = finding.detection_limit_cfu_per_ml.or(unstated) else {
            let detail = format!("{} {}: nothing found, detection limit not stated", finding.group, self.name);
            return Some(RefusalCode::CultureNotSensitiveEnough.because(detail));
        };
        // The true count lies below the detection limit: the largest it can be is one less.
        broken(limit, detection.saturating_sub(1)).then(|| {
            RefusalCode::CultureNotSensitiveEnough.because(format!(
                "{} {}: nothing found, but the method sees only {detection} CFU/mL and more, and milk is refused {}; {}",
                finding.group,
                self.name,
                describe(limit),
                self.limits.cite()
            ))
        })
    }
}

/// A finding answers a limit of its own group; any organism at all breaks "no growth" of everything.
fn answers(limit: &CultureLimit, finding: &CultureFinding) -> bool {
    let everything = limit.comparator == Comparator::RejectAnyGrowth && limit.group == OrganismGroup::TotalViable;
    everything || finding.group == limit.group
}

const fn broken(limit: &CultureLimit, count: u64) -> bool {
    match limit.comparator {
        Comparator::RejectAbove => count > limit.cfu_per_ml,
        Comparator::RejectAtOrAbove => count >= limit.cfu_per_ml,
        Comparator::RejectAnyGrowth => count > 0,
    }
}

fn describe(limit: &CultureLimit) -> String {
    match limit.comparator {
        Comparator::RejectAbove => format!("above {} CFU/mL", limit.cfu_per_ml),
        Comparator::RejectAtOrAbove => format!("from {} CFU/mL", limit.cfu_per_ml),
        Comparator::RejectAnyGrowth => "with any growth".to_owned(),
    }
}

fn order_failures(record: &SafetyRecord, found: &mut Vec<Refusal>) {
    let Some(run) = &record.pasteurisation else { return };
    if let Some(before) = record.culture_before.as_ref().filter(|culture| culture.sampled_at > run.started_at) {
        let detail =
            format!("the culture before the heat was sampled at {}, after {}", before.sampled_at, run.started_at);
        found.push(RefusalCode::CultureOutOfOrder.because(detail));
    }
    if let Some(after) = record.culture_after.as_ref().filter(|culture| culture.sampled_at < run.ended_at) {
        let detail = format!("the culture after the heat was sampled at {}, before {}", after.sampled_at, run.ended_at);
        found.push(RefusalCode::CultureOutOfOrder.because(detail));
    }
}

fn acidity_failure(record: &SafetyRecord, policy: &PolicyDocument, found: &mut Vec<Refusal>) {
    let rule = &policy.values.cultures.max_acidity_tenths_dornic;
    let Some(most) = rule.value else { return };
    match record.acidity_tenths_dornic {
        None => found.push(RefusalCode::AcidityRefused.because(format!("acidity was not measured; {}", rule.cite()))),
        Some(acidity) if acidity > most => found.push(RefusalCode::AcidityRefused.because(format!(
            "acidity {}.{} degrees Dornic, most allowed {}.{}; {}",
            acidity / 10,
            acidity % 10,
            most / 10,
            most % 10,
            rule.cite()
        ))),
        Some(_) => {}
    }
}
