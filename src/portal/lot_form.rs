//! The record that was typed into the form of a lot. What is not typed is absent from the record, never a pass.

use super::form::{Faults, Form, whole_number};
use super::texts::Texts;
use crate::actions::lots::{Containers, RegisterLot};
use crate::domain::ids::SiteId;
use crate::domain::lot::{
    CarbohydrateKind, Composition, Count, Culture, CultureFinding, DonorRecord, IsbtIdentity, Pasteurisation,
    ProteinKind, SafetyRecord, ScreeningResult, Supplement, TestResult,
};
use crate::domain::policy::{CultureLimit, Form as MilkForm, Method, PolicyDocument};
use crate::domain::quantity::{Celsius, Volume};
use crate::domain::time::Instant;
use jiff::civil::Date;

/// Donors that the form has room for.
pub const DONORS: usize = 3;
/// Bottle sizes that the form has room for.
pub const SIZES: usize = 3;

/// Reads the fields one by one, and notes what cannot be read beside each.
struct Reader<'a> {
    form: &'a Form,
    texts: &'a Texts,
    faults: &'a mut Faults,
}

impl Reader<'_> {
    /// A value that may be missing; what is typed and unreadable is a fault.
    fn maybe<T>(&mut self, name: &str, read: impl FnOnce(&Form) -> Option<T>) -> Option<T> {
        if !self.form.has(name) {
            return None;
        }
        let read = read(self.form);
        self.faults.need(name, read, || self.texts.get("lotform-unreadable"))
    }

    fn date(&mut self, name: &str) -> Option<Date> {
        self.maybe(name, |form| form.get(name).parse().ok())
    }

    fn instant(&mut self, name: &str) -> Option<Instant> {
        let moments = self.texts.moments().clone();
        self.maybe(name, |form| moments.read(form.get(name)))
    }

    fn small<T: TryFrom<i64>>(&mut self, name: &str) -> Option<T> {
        self.maybe(name, |form| form.whole(name).and_then(|value| T::try_from(value).ok()))
    }

    fn celsius(&mut self, name: &str) -> Option<Celsius> {
        self.maybe(name, |form| signed_hundredths(form.get(name)).map(Celsius::from_hundredths))
    }

    fn text(&self, name: &str) -> Option<String> {
        self.form.has(name).then(|| self.form.get(name).to_owned())
    }

    /// True when something was typed into one of these fields.
    fn any<S: AsRef<str>>(&self, names: &[S]) -> bool {
        names.iter().any(|name| self.form.has(name.as_ref()))
    }

    fn needed<T>(&mut self, name: &str, value: Option<T>) -> Option<T> {
        if value.is_none() && self.faults.of(name).is_none() {
            self.faults.note(name, self.texts.get("form-missing"));
        }
        value
    }
}

/// Degrees with a sign, as `-18.5` or `−18,5`, in hundredths.
fn signed_hundredths(text: &str) -> Option<i64> {
    let plain = text.replace('\u{2212}', "-");
    let (negative, size) = plain.strip_prefix('-').map_or((false, plain.as_str()), |size| (true, size.trim()));
    let hundredths = Form::of(&[("size", size.to_owned())]).decimal("size", 2)?;
    Some(if negative { -hundredths } else { hundredths })
}

/// The lot that was typed; `None` with faults where something essential is missing or unreadable.
#[must_use]
pub fn read(
    form: &Form,
    bank: SiteId,
    policy: &PolicyDocument,
    texts: &Texts,
    faults: &mut Faults,
) -> Option<RegisterLot> {
    let mut reader = Reader { form, texts, faults };
    let code = reader.text("code");
    let code = reader.needed("code", code);
    let containers = containers(&mut reader);
    let record = record(&mut reader, policy);
    if !reader.faults.is_empty() {
        return None;
    }
    let (code, record) = code.zip(record)?;
    let expires_at = record.declared_expires_at;
    let release = form.has("release");
    let (pool_ref, deposit_refs) = (None, Vec::new());
    Some(RegisterLot {
        bank,
        code,
        pool_ref,
        deposit_refs,
        record,
        expires_at,
        containers,
        held_at: Vec::new(),
        release,
    })
}

/// What was typed of the parts that come after the milk; a fault stands beside each field that cannot be read.
#[must_use]
pub fn read_parts(form: &Form, policy: &PolicyDocument, texts: &Texts, faults: &mut Faults) -> Supplement {
    let mut reader = Reader { form, texts, faults };
    let cultures = &policy.values.cultures;
    Supplement {
        culture_before: culture(&mut reader, "before", &cultures.before.value),
        acidity_tenths_dornic: acidity(&mut reader),
        pasteurisation: heat(&mut reader),
        culture_after: culture(&mut reader, "after", &cultures.after.value),
        composition: composition(&mut reader),
    }
}

fn acidity(reader: &mut Reader<'_>) -> Option<u16> {
    reader.maybe("acidity", |form| form.decimal("acidity", 1).and_then(|tenths| u16::try_from(tenths).ok()))
}

fn containers(reader: &mut Reader<'_>) -> Vec<Containers> {
    let mut found = Vec::new();
    for row in 1..=SIZES {
        let (size, count) = (format!("size-{row}"), format!("count-{row}"));
        if !reader.form.has(&size) && !reader.form.has(&count) && row > 1 {
            continue;
        }
        let ml = reader.small::<i64>(&size);
        let bottles = reader.small::<i64>(&count);
        if let Some((ml, bottles)) = reader.needed(&size, ml).zip(reader.needed(&count, bottles)) {
            found.push(Containers { size: Volume::from_ml(ml), count: bottles });
        }
    }
    found
}

fn record(reader: &mut Reader<'_>, policy: &PolicyDocument) -> Option<SafetyRecord> {
    let from = reader.date("expressed_from");
    let to = reader.date("expressed_to");
    let expires = reader.instant("expires_at");
    let storage = reader.celsius("storage");
    let (from, to) = (reader.needed("expressed_from", from), reader.needed("expressed_to", to));
    let (expires, storage) = (reader.needed("expires_at", expires), reader.needed("storage", storage));
    let cultures = &policy.values.cultures;
    let donors = donors(reader, policy);
    let marks = reader.form.all("marks");
    let (dairy_free, cmv_negative) = (marks.contains(&"dairy_free"), marks.contains(&"cmv_negative"));
    let acidity = acidity(reader);
    let before = culture(reader, "before", &cultures.before.value);
    let pasteurisation = heat(reader);
    let after = culture(reader, "after", &cultures.after.value);
    let composition = composition(reader);
    if reader.form.has("product_code") {
        let din = reader.text("din");
        reader.needed("din", din);
    }
    let isbt = reader.text("din").map(|din| IsbtIdentity {
        din,
        product_code: reader.form.get("product_code").to_owned(),
        single_european_code: None,
    });
    Some(SafetyRecord {
        donor_count: u16::try_from(donors.len()).ok().filter(|count| *count > 0),
        donors,
        expressed_from: from?,
        expressed_to: to?,
        milk_type: reader.form.get("milk_type").parse().ok()?,
        lactation_stage_days: None,
        dairy_free,
        cmv_negative,
        form: MilkForm::Frozen,
        culture_before: before,
        acidity_tenths_dornic: acidity,
        pasteurisation,
        culture_after: after,
        composition,
        storage_set_hundredths_c: storage?,
        declared_expires_at: expires?,
        isbt,
    })
}

fn donors(reader: &mut Reader<'_>, policy: &PolicyDocument) -> Vec<DonorRecord> {
    let mut found = Vec::new();
    for number in 1..=DONORS {
        let name = |part: &str| format!("donor-{number}-{part}");
        let sampled = reader.date(&name("sampled"));
        // A donor without a pseudonym is not one donor less.
        let entered = reader.any(&["sampled", "consent", "questionnaire", "clear"].map(name));
        let donor_ref = reader.text(&name("ref"));
        let donor_ref = if entered { reader.needed(&name("ref"), donor_ref) } else { donor_ref };
        let Some(donor_ref) = donor_ref else { continue };
        if reader.form.has(&name("clear")) {
            reader.needed(&name("sampled"), sampled);
        }
        let clear = reader.form.all(&name("clear"));
        let panel = policy.values.screening.panel.value.iter().filter(|analyte| clear.contains(&analyte.as_str()));
        let result = |analyte: &crate::domain::policy::Analyte| {
            sampled.map(|sample_date| ScreeningResult {
                analyte: *analyte,
                method: None,
                sample_date,
                result: TestResult::NonReactive,
                lab: None,
                prenatal: false,
            })
        };
        found.push(DonorRecord {
            donor_ref,
            results: panel.filter_map(result).collect(),
            questionnaire_signed: reader.form.has(&name("questionnaire")),
            consent_ref: reader.text(&name("consent")),
            first_donated_on: None,
            disclosure_consent_written: false,
        });
    }
    found
}

/// A culture is on record once its dates are; a count typed without them is a fault.
fn culture(reader: &mut Reader<'_>, stage: &str, limits: &[CultureLimit]) -> Option<Culture> {
    let (sampled, result) = (format!("{stage}-sampled"), format!("{stage}-result"));
    let (sampled_at, result_at) = (reader.instant(&sampled), reader.instant(&result));
    let mut findings = Vec::new();
    for limit in limits {
        let name = format!("{stage}-{}", limit.group);
        if let Some((count, detection)) = reader.maybe(&name, |form| count_of(form.get(&name))) {
            findings.push(CultureFinding {
                group: limit.group,
                cfu_per_ml: count,
                detection_limit_cfu_per_ml: detection,
            });
        }
    }
    if sampled_at.is_none() && result_at.is_none() && findings.is_empty() {
        return None;
    }
    let sampled_at = reader.needed(&sampled, sampled_at);
    let result_at = reader.needed(&result, result_at);
    Some(Culture { sampled_at: sampled_at?, result_at: result_at?, method: None, findings, lab_verdict: None })
}

/// `120` is a count; `<10` is nothing seen by a method that sees ten.
fn count_of(text: &str) -> Option<(Count, Option<u64>)> {
    let number = |text: &str| whole_number(text).and_then(|n| u64::try_from(n).ok()).filter(|n| *n > 0);
    match text.strip_prefix('<').or_else(|| text.strip_prefix('＜')) {
        Some(limit) => number(limit).map(|limit| (Count::BelowDetectionLimit, Some(limit))),
        None => number(text).map(|count| (Count::Counted(count), None)),
    }
}

fn heat(reader: &mut Reader<'_>) -> Option<Pasteurisation> {
    let method = reader.maybe("method", |form| form.get("method").parse::<Method>().ok());
    let started = reader.instant("heat-started");
    let ended = reader.instant("heat-ended");
    let coldest = reader.celsius("hold-min");
    let (hold_s, cooled) = (reader.small("hold-s"), reader.small("cooled-s"));
    let calibrated = reader.date("calibrated");
    // The form always sends a method; what else was typed is a record that has to be whole.
    let rest = ["heat-started", "heat-ended", "hold-min", "hold-s", "cooled-s", "calibrated", "device", "cycle"];
    if !reader.any(&rest) {
        return None;
    }
    let method = reader.needed("method", method);
    let (started, ended) = (reader.needed("heat-started", started), reader.needed("heat-ended", ended));
    Some(Pasteurisation {
        method: method?,
        device_ref: reader.text("device"),
        cycle_ref: reader.text("cycle"),
        started_at: started?,
        hold_started_at: None,
        hold_ended_at: None,
        ended_at: ended?,
        target_hundredths_c: Celsius::from_hundredths(6250),
        hold_min_hundredths_c: coldest,
        hold_max_hundredths_c: None,
        hold_s,
        hold_log: Vec::new(),
        thermometer_calibrated_on: calibrated,
        cooled_to_4_c_s: cooled,
    })
}

fn composition(reader: &mut Reader<'_>) -> Option<Composition> {
    let names = ["protein", "fat", "carbohydrate"];
    let [protein, fat, carbohydrate] =
        names.map(|name| reader.maybe(name, |form| form.decimal(name, 3).and_then(|value| u32::try_from(value).ok())));
    let energy = reader.small::<u32>("energy");
    let analysed = reader.instant("analysed");
    let method = reader.text("analysis-method");
    if !reader.any(&["protein", "fat", "carbohydrate", "energy", "analysed", "analysis-method"]) {
        return None;
    }
    let protein = reader.needed("protein", protein);
    let (fat, carbohydrate) = (reader.needed("fat", fat), reader.needed("carbohydrate", carbohydrate));
    let (energy, analysed) = (reader.needed("energy", energy), reader.needed("analysed", analysed));
    let method = reader.needed("analysis-method", method);
    Some(Composition {
        protein_mg_per_dl: protein?,
        protein_kind: ProteinKind::True,
        fat_mg_per_dl: fat?,
        carbohydrate_mg_per_dl: carbohydrate?,
        carbohydrate_kind: CarbohydrateKind::Lactose,
        energy_tenths_kcal_per_dl: energy?.saturating_mul(10),
        method: method?,
        analysed_at: analysed?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_seen_is_not_a_count_of_zero() {
        assert_eq!(count_of("<10"), Some((Count::BelowDetectionLimit, Some(10))));
        assert_eq!(count_of("1,200"), Some((Count::Counted(1200), None)));
        assert_eq!(count_of("2,5"), None, "not twenty-five");
        assert_eq!(count_of("0"), None);
        assert_eq!(count_of("none"), None);
    }

    #[test]
    fn degrees_are_read_with_any_minus() {
        assert_eq!(signed_hundredths("-18.5"), Some(-1850));
        assert_eq!(signed_hundredths("−20"), Some(-2000));
        assert_eq!(signed_hundredths("62,5"), Some(6250));
        assert_eq!(signed_hundredths("cold"), None);
    }
}
