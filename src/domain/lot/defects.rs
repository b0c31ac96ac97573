//! What makes a safety record unreadable as a record: empty or endless texts, doubled donors, a count of
//! zero where "below the detection limit" is meant. Such a body is refused before any rule is asked.

use super::record::{Count, Culture, SafetyRecord};
use crate::domain::field::FieldError;
use crate::domain::text::{code_fault, text_fault};
use std::collections::BTreeSet;

/// Longest text in a record, in characters.
const MAX_TEXT_CHARS: usize = 200;
/// Most donors, tests, findings or readings in one record.
const MAX_ITEMS: usize = 500;

impl SafetyRecord {
    /// Everything wrong with the shape of the record; empty when the rules can judge it.
    #[must_use]
    pub fn defects(&self) -> Vec<FieldError> {
        let mut found = Vec::new();
        if self.expressed_from > self.expressed_to {
            found.push(FieldError::new("/expressed_to", "out_of_order", "not before expressed_from"));
        }
        donor_defects(self, &mut found);
        for (pointer, culture) in [("/culture_before", &self.culture_before), ("/culture_after", &self.culture_after)] {
            if let Some(culture) = culture {
                culture_defects(pointer, culture, &mut found);
            }
        }
        run_defects(self, &mut found);
        if let Some(composition) = &self.composition {
            text("/composition/method", Some(&composition.method), &mut found);
        }
        found
    }
}

fn donor_defects(record: &SafetyRecord, found: &mut Vec<FieldError>) {
    many("/donors", record.donors.len(), found);
    let mut seen = BTreeSet::new();
    for (index, donor) in record.donors.iter().enumerate() {
        let at = format!("/donors/{index}");
        // A pseudonym is a code; a name has blanks in it.
        found.extend(code_fault(&format!("{at}/donor_ref"), &donor.donor_ref));
        text(&format!("{at}/consent_ref"), donor.consent_ref.as_deref(), found);
        many(&format!("{at}/results"), donor.results.len(), found);
        if !seen.insert(&donor.donor_ref) {
            found.push(FieldError::new(format!("{at}/donor_ref"), "duplicate", "each donor once"));
        }
        if donor.first_donated_on.is_some_and(|day| day > record.expressed_to) {
            let detail = "not after the last expression of this lot";
            found.push(FieldError::new(format!("{at}/first_donated_on"), "out_of_order", detail));
        }
        for (row, result) in donor.results.iter().enumerate() {
            text(&format!("{at}/results/{row}/method"), result.method.as_deref(), found);
            text(&format!("{at}/results/{row}/lab"), result.lab.as_deref(), found);
        }
    }
}

fn culture_defects(at: &str, culture: &Culture, found: &mut Vec<FieldError>) {
    if culture.result_at < culture.sampled_at {
        found.push(FieldError::new(format!("{at}/result_at"), "out_of_order", "not before sampled_at"));
    }
    text(&format!("{at}/method"), culture.method.as_deref(), found);
    many(&format!("{at}/findings"), culture.findings.len(), found);
    let mut seen = BTreeSet::new();
    for (index, finding) in culture.findings.iter().enumerate() {
        let at = format!("{at}/findings/{index}");
        if !seen.insert(finding.group) {
            found.push(FieldError::new(format!("{at}/group"), "duplicate", "each group once"));
        }
        if finding.cfu_per_ml == Count::Counted(0) {
            let detail = "no growth is \"below_detection_limit\", not a count of zero";
            found.push(FieldError::new(format!("{at}/cfu_per_ml"), "zero_count", detail));
        }
        if finding.detection_limit_cfu_per_ml == Some(0) {
            let detail = "a method sees at best one colony";
            found.push(FieldError::new(format!("{at}/detection_limit_cfu_per_ml"), "out_of_range", detail));
        }
    }
}

fn run_defects(record: &SafetyRecord, found: &mut Vec<FieldError>) {
    let Some(run) = &record.pasteurisation else { return };
    if run.ended_at < run.started_at {
        found.push(FieldError::new("/pasteurisation/ended_at", "out_of_order", "not before started_at"));
    }
    if run.hold_started_at.is_some_and(|start| start < run.started_at) {
        found.push(FieldError::new("/pasteurisation/hold_started_at", "out_of_order", "not before started_at"));
    }
    if run.hold_ended_at.is_some_and(|end| end > run.ended_at || run.hold_started_at.is_some_and(|start| end < start)) {
        let detail = "between hold_started_at and ended_at";
        found.push(FieldError::new("/pasteurisation/hold_ended_at", "out_of_order", detail));
    }
    text("/pasteurisation/device_ref", run.device_ref.as_deref(), found);
    text("/pasteurisation/cycle_ref", run.cycle_ref.as_deref(), found);
    many("/pasteurisation/hold_log", run.hold_log.len(), found);
}

fn text(pointer: &str, text: Option<&str>, found: &mut Vec<FieldError>) {
    found.extend(text.and_then(|text| text_fault(pointer, text, MAX_TEXT_CHARS)));
}

fn many(pointer: &str, count: usize, found: &mut Vec<FieldError>) {
    if count > MAX_ITEMS {
        found.push(FieldError::new(pointer, "too_many", format!("at most {MAX_ITEMS}")));
    }
}
