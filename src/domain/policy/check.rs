//! What makes a policy set unusable: empty texts, doubled forms or tiers, a hold of nothing. A set with a
//! defect is refused before anybody can sign it.

use super::{PolicyDocument, PriorityRule, Sourced};
use crate::domain::field::FieldError;
use serde_json::Value;
use std::collections::BTreeSet;

/// Longest text in a policy set, in characters.
const MAX_TEXT_CHARS: usize = 500;

pub(super) fn defects(policy: &PolicyDocument) -> Vec<FieldError> {
    let mut found = Vec::new();
    let header = &policy.header;
    for (pointer, text) in [
        ("/header/code", &header.code),
        ("/header/version", &header.version),
        ("/header/name", &header.name),
        ("/header/jurisdiction", &header.jurisdiction),
    ] {
        check_text(pointer, text, &mut found);
    }
    if header.code.chars().any(|letter| !(letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-')) {
        found.push(FieldError::new("/header/code", "malformed", "lower-case letters, digits and hyphens only"));
    }
    check_treatment(policy, &mut found);
    check_forms(policy, &mut found);
    check_priority(&policy.values.priority, &mut found);
    match serde_json::to_value(&policy.values) {
        Ok(values) => check_sources("/values", &values, &mut found),
        Err(_unprintable) => found.push(FieldError::new("/values", "unprintable", "a set prints as JSON")),
    }
    if policy.values.max_donors_per_pool.value == 0 {
        found.push(FieldError::new("/values/max_donors_per_pool/value", "out_of_range", "at least one donor"));
    }
    for (index, ceiling) in policy.values.pricing.value.ceilings.iter().enumerate() {
        if ceiling.per_litre_minor < 0 {
            let pointer = format!("/values/pricing/value/ceilings/{index}/per_litre_minor");
            found.push(FieldError::new(pointer, "out_of_range", "a ceiling is not negative"));
        }
    }
    found
}

/// Every value names the document that it comes from, at whatever depth.
fn check_sources(pointer: &str, value: &Value, found: &mut Vec<FieldError>) {
    if let Some(document) = value.pointer("/source/document").and_then(Value::as_str) {
        check_text(&format!("{pointer}/source/document"), document, found);
    }
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(name, inner)| check_sources(&format!("{pointer}/{name}"), inner, found));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(at, inner)| check_sources(&format!("{pointer}/{at}"), inner, found));
        }
        _ => {}
    }
}

fn check_text(pointer: &str, text: &str, found: &mut Vec<FieldError>) {
    if text.trim().is_empty() {
        found.push(FieldError::new(pointer, "empty", "a text is needed here"));
    } else if text.chars().count() > MAX_TEXT_CHARS {
        found.push(FieldError::new(pointer, "too_long", format!("at most {MAX_TEXT_CHARS} characters")));
    }
}

fn check_treatment(policy: &PolicyDocument, found: &mut Vec<FieldError>) {
    let rules = &policy.values.pasteurisation;
    if rules.methods.value.is_empty() && !rules.raw_allowed.value {
        let detail = "name a method, or allow raw milk";
        found.push(FieldError::new("/values/pasteurisation/methods/value", "empty", detail));
    }
    for (index, method) in rules.methods.value.iter().enumerate() {
        if method.min_hold_s == 0 {
            let pointer = format!("/values/pasteurisation/methods/value/{index}/min_hold_s");
            found.push(FieldError::new(pointer, "out_of_range", "a hold lasts at least one second"));
        }
    }
    let cultures = &policy.values.cultures;
    for (name, limits) in [("before", &cultures.before), ("after", &cultures.after)] {
        let mut seen = BTreeSet::new();
        for (index, limit) in limits.value.iter().enumerate() {
            if !seen.insert(limit.group) {
                let pointer = format!("/values/cultures/{name}/value/{index}/group");
                found.push(FieldError::new(pointer, "duplicate", "one limit for each group"));
            }
        }
    }
}

fn check_forms(policy: &PolicyDocument, found: &mut Vec<FieldError>) {
    if policy.values.forms.is_empty() {
        found.push(FieldError::new("/values/forms", "empty", "at least one form of milk"));
    }
    let mut seen = BTreeSet::new();
    for (index, form) in policy.values.forms.iter().enumerate() {
        if !seen.insert(form.form) {
            found.push(FieldError::new(format!("/values/forms/{index}/form"), "duplicate", "each form once"));
        }
        let lives = [&form.life_after_pasteurisation_days, &form.life_after_expression_days];
        if lives.iter().all(|life| life.value.is_none()) {
            let detail = "a shelf life after pasteurisation, after expression, or both";
            found.push(FieldError::new(format!("/values/forms/{index}"), "empty", detail));
        }
        if form.transport_peak_hundredths_c.value <= form.transport_max_hundredths_c.value {
            let pointer = format!("/values/forms/{index}/transport_peak_hundredths_c/value");
            found.push(FieldError::new(pointer, "out_of_range", "a peak lies above the warmest transport"));
        }
        if form.transport_gap_max_min.value == 0 {
            let pointer = format!("/values/forms/{index}/transport_gap_max_min/value");
            found.push(FieldError::new(pointer, "out_of_range", "a logger is silent between two readings"));
        }
    }
}

fn check_priority(priority: &PriorityRule, found: &mut Vec<FieldError>) {
    let tiers: Vec<u8> = priority.tiers.value.iter().map(|rule| rule.tier.0).collect();
    if tiers.first().is_none_or(|first| *first == 0) || !tiers.is_sorted_by(|before, after| before < after) {
        let detail = "tiers are listed once each, most urgent first, from 1";
        found.push(FieldError::new("/values/priority/tiers/value", "out_of_order", detail));
    }
    check_timers(priority, &tiers, found);
}

fn check_timers(priority: &PriorityRule, tiers: &[u8], found: &mut Vec<FieldError>) {
    let Sourced { value: timers, .. } = &priority.timers;
    if timers.is_empty() {
        found.push(FieldError::new("/values/priority/timers/value", "empty", "at least one timer"));
    }
    for (index, timer) in timers.iter().enumerate() {
        if !tiers.contains(&timer.tier.0) {
            let pointer = format!("/values/priority/timers/value/{index}/tier");
            found.push(FieldError::new(pointer, "unknown_tier", "a timer belongs to a written tier"));
        }
        if timer.answer_within_min == 0 || timer.allocation_lapses_after_h == 0 {
            let pointer = format!("/values/priority/timers/value/{index}");
            found.push(FieldError::new(pointer, "out_of_range", "timers run for at least one unit"));
        }
    }
    if !tiers.contains(&priority.ward_stock_tier.value.0) {
        found.push(FieldError::new("/values/priority/ward_stock_tier/value", "unknown_tier", "a written tier"));
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Sourced, Tier, built_in};
    use crate::domain::quantity::Celsius;

    #[test]
    fn an_unusable_set_is_told_field_by_field() {
        let mut policy = built_in("hk-ha").unwrap();
        policy.header.code = "HK HA".to_owned();
        policy.values.screening.panel.source.document = " ".to_owned();
        policy.values.forms.push(policy.values.forms[0].clone());
        policy.values.pasteurisation.methods.value.clear();
        policy.values.forms[0].transport_peak_hundredths_c.value = Celsius::from_degrees(-18);
        policy.values.forms[0].transport_gap_max_min.value = 0;
        policy.values.priority.ward_stock_tier = Sourced::assumed(Tier(9));
        policy.values.priority.tiers.value.swap(0, 1);
        let pointers: Vec<String> = policy.defects().into_iter().map(|defect| defect.pointer).collect();
        assert_eq!(
            pointers,
            [
                "/header/code",
                "/values/pasteurisation/methods/value",
                "/values/forms/0/transport_peak_hundredths_c/value",
                "/values/forms/0/transport_gap_max_min/value",
                "/values/forms/1/form",
                "/values/priority/tiers/value",
                "/values/priority/ward_stock_tier/value",
                "/values/screening/panel/source/document",
            ]
        );
    }
}
