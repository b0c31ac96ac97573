//! The fields of a safety record, by the bank's own rules, with what was typed into them.

use super::fields::{Choice, Choices, Field};
use super::form::Filled;
use super::lot_form::{DONORS, SIZES};
use super::texts::Texts;
use crate::domain::lot::MilkType;
use crate::domain::policy::{CultureLimit, PolicyDocument};

/// The fields for one donor.
pub struct DonorFields {
    /// Which donor, from 1.
    pub number: usize,
    /// True where it is shown opened.
    pub open: bool,
    /// Pseudonym, day of the sample, consent.
    pub fields: Vec<Field>,
    /// The questionnaire and the tests without a finding.
    pub boxes: Vec<Choices>,
}

/// The fields of a record, in the order in which a record is read.
pub struct RecordFields {
    /// Number, kind of milk, days of expression, expiry, storage.
    pub milk: Vec<Field>,
    /// What is special about the donors' diet and blood.
    pub marks: Choices,
    /// Sizes and numbers of bottles, in pairs.
    pub bottles: Vec<(Field, Field)>,
    /// The donors.
    pub donors: Vec<DonorFields>,
    /// The culture before the heat.
    pub before: Vec<Field>,
    /// The heat.
    pub heat: Vec<Field>,
    /// The culture after the heat.
    pub after: Vec<Field>,
    /// The analysis.
    pub analysis: Vec<Field>,
}

fn labelled(filled: &Filled, name: &str, label: String) -> Field {
    Field::new(name, label, filled.form.get(name).to_owned(), filled.faults.of(name).map(str::to_owned))
}

fn moment(filled: &Filled, name: &str, label: String) -> Field {
    labelled(filled, name, label).kind("datetime-local", "off")
}

fn boxes(filled: &Filled, name: &str, legend: String, options: Vec<(String, String)>) -> Choices {
    let chosen = filled.form.all(name);
    let option = |(value, label): (String, String)| Choice {
        chosen: chosen.contains(&value.as_str()),
        value,
        label,
        note: None,
    };
    Choices {
        name: name.to_owned(),
        legend,
        quiet: false,
        hint: None,
        kind: "checkbox",
        options: options.into_iter().map(option).collect(),
        fault: filled.faults.of(name).map(str::to_owned),
    }
}

/// The fields with what was typed into them.
#[must_use]
pub fn fields(filled: &Filled, policy: &PolicyDocument, texts: &Texts) -> RecordFields {
    let mark = |name: &str| (name.to_owned(), texts.word("lotform", name));
    let pairs = (1..=SIZES).map(|row| {
        let size = labelled(filled, &format!("size-{row}"), texts.one("lotform-size", "n", row));
        let count = labelled(filled, &format!("count-{row}"), texts.one("lotform-count", "n", row));
        (size.number("mL".to_owned(), "numeric"), count.number(texts.get("lotform-bottles-unit"), "numeric"))
    });
    let cultures = &policy.values.cultures;
    RecordFields {
        milk: milk_fields(filled, texts),
        marks: boxes(filled, "marks", texts.get("lotform-marks"), vec![mark("dairy_free"), mark("cmv_negative")]),
        bottles: pairs.collect(),
        donors: (1..=DONORS).map(|number| donor_fields(filled, policy, texts, number)).collect(),
        before: culture_fields(filled, "before", &cultures.before.value, texts),
        heat: heat_fields(filled, policy, texts),
        after: culture_fields(filled, "after", &cultures.after.value, texts),
        analysis: analysis_fields(filled, policy, texts),
    }
}

fn milk_fields(filled: &Filled, texts: &Texts) -> Vec<Field> {
    let label = |key: &str| texts.word("lotform", key);
    let types = MilkType::ALL.iter().map(|kind| (kind.to_string(), texts.word("milk-is", kind.as_str())));
    vec![
        labelled(filled, "code", label("code")).needed(),
        labelled(filled, "milk_type", texts.get("record-milk")).choose(types.collect()),
        labelled(filled, "expressed_from", label("expressed-from")).kind("date", "off").needed(),
        labelled(filled, "expressed_to", label("expressed-to")).kind("date", "off").needed(),
        moment(filled, "expires_at", label("expires")).needed(),
        labelled(filled, "storage", texts.get("record-storage")).number("°C".to_owned(), "text").needed(),
        labelled(filled, "din", label("din")).hint(label("din-hint")),
        labelled(filled, "product_code", label("product-code")),
    ]
}

fn donor_fields(filled: &Filled, policy: &PolicyDocument, texts: &Texts, number: usize) -> DonorFields {
    let name = |part: &str| format!("donor-{number}-{part}");
    let label = |key: &str| texts.word("lotform", key);
    let panel = &policy.values.screening.panel.value;
    let tests = panel.iter().map(|analyte| (analyte.to_string(), texts.word("analyte", analyte.as_str())));
    let signed = vec![("yes".to_owned(), label("questionnaire-yes"))];
    DonorFields {
        number,
        open: number == 1 || filled.form.has(&name("ref")),
        fields: vec![
            labelled(filled, &name("ref"), label("donor-ref")).hint(label("donor-ref-hint")),
            labelled(filled, &name("sampled"), label("sampled")).kind("date", "off"),
            labelled(filled, &name("consent"), label("consent")),
        ],
        boxes: vec![
            boxes(filled, &name("questionnaire"), label("questionnaire"), signed),
            Choices {
                hint: Some(label("clear-hint")),
                ..boxes(filled, &name("clear"), label("clear"), tests.collect())
            },
        ],
    }
}

fn culture_fields(filled: &Filled, stage: &str, limits: &[CultureLimit], texts: &Texts) -> Vec<Field> {
    let mut fields = vec![
        moment(filled, &format!("{stage}-sampled"), texts.get("lotform-culture-sampled")),
        moment(filled, &format!("{stage}-result"), texts.get("lotform-culture-result")),
    ];
    for limit in limits {
        let name = format!("{stage}-{}", limit.group);
        let field = labelled(filled, &name, texts.word("organism", limit.group.as_str()));
        fields.push(field.number(texts.get("lotform-cfu"), "text").hint(texts.get("lotform-cfu-hint")));
    }
    fields
}

fn heat_fields(filled: &Filled, policy: &PolicyDocument, texts: &Texts) -> Vec<Field> {
    let label = |key: &str| texts.word("lotform", key);
    let methods = policy.values.pasteurisation.methods.value.iter();
    let mut kinds: Vec<(String, String)> =
        methods.map(|rule| (rule.method.to_string(), texts.word("heat-by", rule.method.as_str()))).collect();
    kinds.push((String::new(), label("raw")));
    vec![
        labelled(filled, "method", texts.get("record-heat")).choose(kinds),
        moment(filled, "heat-started", label("heat-started")),
        moment(filled, "heat-ended", label("heat-ended")),
        labelled(filled, "hold-min", texts.get("record-hold-coldest")).number("°C".to_owned(), "decimal"),
        labelled(filled, "hold-s", texts.get("record-hold-long")).number("s".to_owned(), "numeric"),
        labelled(filled, "cooled-s", texts.get("record-cooled")).number("s".to_owned(), "numeric"),
        labelled(filled, "calibrated", texts.get("record-calibrated")).kind("date", "off"),
        labelled(filled, "device", label("device")),
        labelled(filled, "cycle", label("cycle")),
    ]
}

fn analysis_fields(filled: &Filled, policy: &PolicyDocument, texts: &Texts) -> Vec<Field> {
    let label = |key: &str| texts.word("lotform", key);
    let gram = |name: &str, key: &str| labelled(filled, name, label(key)).number(texts.get("unit-g-per-dl"), "decimal");
    let mut fields = vec![
        gram("protein", "protein"),
        gram("fat", "fat"),
        gram("carbohydrate", "carbohydrate"),
        labelled(filled, "energy", label("energy")).number(texts.get("unit-kcal-per-dl"), "numeric"),
        labelled(filled, "analysis-method", label("analysis-method")),
        moment(filled, "analysed", label("analysed")),
    ];
    if policy.values.cultures.max_acidity_tenths_dornic.value.is_some() {
        fields.push(labelled(filled, "acidity", label("acidity")).number("°D".to_owned(), "decimal"));
    }
    fields
}
