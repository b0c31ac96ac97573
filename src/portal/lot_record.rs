//! A safety record in words and figures, each beside the limit of the bank's rules and where that limit is written.

use super::texts::Texts;
use crate::domain::lot::{Count, Culture, SafetyRecord};
use crate::domain::policy::{Comparator, CultureLimit, PolicyDocument, Sourced};
use crate::domain::quantity::Celsius;

/// A line of a record: what it is, what was found, what is asked for and by whom.
#[derive(Debug, Clone)]
pub struct Fact {
    /// What it is.
    pub label: String,
    /// What was found.
    pub value: String,
    /// The limit, with its source; nothing where the rules ask for nothing.
    pub limit: Option<String>,
    /// True where nothing is on record.
    pub missing: bool,
}

impl Fact {
    fn known(label: String, value: String, limit: Option<String>) -> Self {
        Self { label, value, limit, missing: false }
    }

    fn of(texts: &Texts, label: String, value: Option<String>, limit: Option<String>) -> Self {
        match value {
            Some(value) => Self::known(label, value, limit),
            None => Self { label, value: texts.get("record-missing"), limit, missing: true },
        }
    }
}

/// A temperature as the reader's language writes it: `−18.5 °C`.
#[must_use]
pub fn degrees(texts: &Texts, temperature: Celsius) -> String {
    let hundredths = temperature.hundredths();
    let (value, places) = match hundredths {
        whole if whole % 100 == 0 => (whole / 100, 0),
        tenths if tenths % 10 == 0 => (tenths / 10, 1),
        hundredths => (hundredths, 2),
    };
    let written = texts.moments().decimal(value, places);
    format!("{} °C", written.replace('-', "\u{2212}"))
}

/// Everything on record, beside what the bank's rules ask for. Donors are shown to their own bank.
#[must_use]
pub fn record_facts(record: &SafetyRecord, policy: &PolicyDocument, own: bool, texts: &Texts) -> Vec<Fact> {
    let mut facts = milk_facts(record, policy, texts);
    if own {
        facts.extend(donor_facts(record, policy, texts));
    }
    let cultures = &policy.values.cultures;
    facts.extend(culture_facts("record-before", record.culture_before.as_ref(), &cultures.before, texts));
    facts.extend(heat_facts(record, policy, texts));
    facts.extend(culture_facts("record-after", record.culture_after.as_ref(), &cultures.after, texts));
    facts
}

fn cited<T>(texts: &Texts, limit: &str, rule: &Sourced<T>) -> Option<String> {
    Some(texts.with("record-limit", &[("limit", &limit), ("source", &rule.cite())]))
}

fn milk_facts(record: &SafetyRecord, policy: &PolicyDocument, texts: &Texts) -> Vec<Fact> {
    let most = &policy.values.max_donors_per_pool;
    let at_most = texts.one("record-at-most", "value", texts.moments().number(i64::from(most.value)));
    let storage = policy.form(record.form).and_then(|form| {
        let limit = texts.one("record-at-most", "value", degrees(texts, form.storage_max_hundredths_c.value));
        cited(texts, &limit, &form.storage_max_hundredths_c)
    });
    let expressed = format!("{} – {}", record.expressed_from, record.expressed_to);
    let protein = record.composition.as_ref().map(|found| {
        texts.one("record-g-per-dl", "g", texts.moments().decimal(i64::from(found.protein_mg_per_dl / 10), 2))
    });
    let count = record.donor_count.map(|count| texts.moments().number(i64::from(count)));
    let mut facts = vec![
        Fact::known(texts.get("record-milk"), texts.word("milk-is", record.milk_type.as_str()), None),
        Fact::known(texts.get("record-expressed"), expressed, None),
        Fact::of(texts, texts.get("record-donors"), count, cited(texts, &at_most, most)),
        Fact::known(texts.get("record-storage"), degrees(texts, record.storage_set_hundredths_c), storage),
        Fact { missing: false, ..Fact::of(texts, texts.get("record-protein"), protein, None) },
    ];
    if record.dairy_free {
        facts.push(Fact::known(texts.get("record-dairy-free"), texts.get("record-yes"), None));
    }
    if record.cmv_negative {
        facts.push(Fact::known(texts.get("record-cmv-negative"), texts.get("record-yes"), None));
    }
    if let Some(label) = &record.isbt {
        facts.push(Fact::known(texts.get("record-din"), format!("{} {}", label.din, label.product_code), None));
    }
    facts
}

fn donor_facts(record: &SafetyRecord, policy: &PolicyDocument, texts: &Texts) -> Vec<Fact> {
    let rules = &policy.values.screening;
    let days = rules.interval.value.max_age_days;
    let limit = days.map(|days| texts.one("record-at-most", "value", texts.span(i64::from(days) * 1440)));
    let donors = record.donors.iter().map(|donor| {
        let tested: Vec<String> = rules
            .panel
            .value
            .iter()
            .map(|analyte| {
                let last =
                    donor.results.iter().filter(|result| result.analyte == *analyte).max_by_key(|r| r.sample_date);
                let found = last.map_or_else(
                    || texts.get("record-missing"),
                    |result| format!("{} ({})", texts.word("test-found", result.result.as_str()), result.sample_date),
                );
                format!("{}: {found}", texts.word("analyte", analyte.as_str()))
            })
            .collect();
        let limit = limit.as_ref().and_then(|limit| cited(texts, limit, &rules.interval));
        Fact::known(texts.one("record-donor", "donor", &donor.donor_ref), tested.join("; "), limit)
    });
    donors.collect()
}

fn limit_words(limit: &CultureLimit, texts: &Texts) -> String {
    let count = texts.moments().number(i64::try_from(limit.cfu_per_ml).unwrap_or(i64::MAX));
    match limit.comparator {
        Comparator::RejectAbove => texts.one("record-cfu-at-most", "n", count),
        Comparator::RejectAtOrAbove => texts.one("record-cfu-below", "n", count),
        Comparator::RejectAnyGrowth => texts.get("record-no-growth-asked"),
    }
}

fn culture_facts(
    name: &'static str,
    culture: Option<&Culture>,
    limits: &Sourced<Vec<CultureLimit>>,
    texts: &Texts,
) -> Vec<Fact> {
    let lines = limits.value.iter().map(|limit| {
        let finding = culture
            .and_then(|culture| culture.findings.iter().find(|finding| finding.group == limit.group))
            .map(|finding| match finding.cfu_per_ml {
                Count::Counted(count) => {
                    let count = i64::try_from(count).unwrap_or(i64::MAX);
                    texts.one("record-cfu", "n", texts.moments().number(count))
                }
                Count::BelowDetectionLimit => texts.get("record-no-growth"),
            });
        let group = texts.word("organism", limit.group.as_str());
        let label = texts.word(name, "culture");
        Fact::of(texts, format!("{label}: {group}"), finding, cited(texts, &limit_words(limit, texts), limits))
    });
    lines.collect()
}

fn heat_facts(record: &SafetyRecord, policy: &PolicyDocument, texts: &Texts) -> Vec<Fact> {
    let rules = &policy.values.pasteurisation;
    let Some(run) = &record.pasteurisation else {
        return vec![Fact::of(texts, texts.get("record-heat"), None, None)];
    };
    let moments = texts.moments();
    let method = rules.methods.value.iter().find(|method| method.method == run.method);
    let seconds = |value: u32| texts.one("record-seconds", "n", moments.number(i64::from(value)));
    let least = |value: String| texts.one("record-at-least", "value", value);
    let most = |value: String| texts.one("record-at-most", "value", value);
    let cold = method.and_then(|rule| rule.min_temp_hundredths_c).map(|coldest| least(degrees(texts, coldest)));
    let long = method.map(|rule| least(seconds(rule.min_hold_s)));
    let cooling = rules.max_cooling_to_4_c_s.value.map(|value| most(seconds(value)));
    let calibrated = most(texts.span(i64::from(rules.calibration_max_age_days.value) * 1440));
    let ended = format!("{}, {}", texts.word("heat-by", run.method.as_str()), moments.date_time(run.ended_at));
    vec![
        Fact::known(texts.get("record-heat"), ended, None),
        Fact::of(
            texts,
            texts.get("record-hold-coldest"),
            run.hold_min_hundredths_c.map(|coldest| degrees(texts, coldest)),
            cold.and_then(|limit| cited(texts, &limit, &rules.methods)),
        ),
        Fact::of(
            texts,
            texts.get("record-hold-long"),
            run.hold_s.map(seconds),
            long.and_then(|limit| cited(texts, &limit, &rules.methods)),
        ),
        Fact::of(
            texts,
            texts.get("record-cooled"),
            run.cooled_to_4_c_s.map(seconds),
            cooling.and_then(|limit| cited(texts, &limit, &rules.max_cooling_to_4_c_s)),
        ),
        Fact::of(
            texts,
            texts.get("record-calibrated"),
            run.thermometer_calibrated_on.map(|day| day.to_string()),
            cited(texts, &calibrated, &rules.calibration_max_age_days),
        ),
    ]
}
