//! A policy set from a policy profile of a region file. What the profile does not say takes the documented
//! default and is marked as assumed; what cannot be read is refused field by field.

use super::{
    Analyte, Anchor, Comparator, CultureFrequency, CultureLimit, CultureRules, DeliveryRules, EntitlementRules,
    ExpressionEdge, Form, FormRules, IceCrystals, KinshipSupport, Mark, Method, MethodRule, OrganismGroup,
    PasteurisationRules, PolicyDocument, PolicyHeader, PolicyValues, PriceCeiling, PricingMode, PricingRule,
    PriorityRule, ScreeningInterval, ScreeningRules, Source, Sourced, built_in,
};
use crate::domain::field::FieldError;
use crate::domain::quantity::Celsius;
use serde_json::{Map, Number, Value};

/// Shelf life of freeze-dried milk where the profile is silent: one year.
const DEFAULT_FREEZE_DRIED_DAYS: u16 = 365;
/// Most donors where the profile's words give no number: the coded attribute "pooled, < 7 donors".
const DEFAULT_MAX_DONORS: u16 = 6;
/// Room temperature for freeze-dried milk.
const ROOM_TEMPERATURE: Celsius = Celsius::from_degrees(25);
/// Warmest transport of freeze-dried milk.
const WARMEST_DRY_TRANSPORT: Celsius = Celsius::from_degrees(30);
/// The warmest that frozen milk may briefly be: the absolute maximum while loading of the Recife manual.
const FROZEN_PEAK: Celsius = Celsius::from_degrees(-3);
/// How far above its limit milk may briefly be where no document says it, in hundredths of a degree.
const PEAK_MARGIN_HUNDREDTHS: i64 = 1_500;
/// Silence of a logger that is accepted where no document says it: loggers are read every 5 to 30 minutes.
const LONGEST_GAP_MINUTES: u16 = 30;

/// Reads one profile.
///
/// # Errors
/// Every field that has the wrong type or a value out of range.
pub fn from_region_profile(code: &str, profile: &Value) -> Result<PolicyDocument, Vec<FieldError>> {
    let Some(fields) = profile.as_object() else {
        return Err(vec![FieldError::new("", "not_an_object", "a policy profile is an object")]);
    };
    let name = fields.get("name").and_then(Value::as_str).unwrap_or(code).to_owned();
    let mut reader = Reader { fields, document: format!("region profile {code}: {name}"), errors: Vec::new() };
    let Some(priority) = built_in("hk-ha").map(|policy| policy.values.priority) else {
        return Err(vec![FieldError::new("", "no_default", "the default priority rule cannot be read")]);
    };
    let jurisdiction = code.split('-').next().unwrap_or(code).to_ascii_uppercase();
    let header = PolicyHeader { code: code.to_owned(), version: "region".to_owned(), name, jurisdiction };
    let values = reader.values(priority);
    if !reader.errors.is_empty() {
        return Err(reader.errors);
    }
    let policy = PolicyDocument { header, values };
    let defects = policy.defects();
    if defects.is_empty() { Ok(policy) } else { Err(defects) }
}

struct Reader<'a> {
    fields: &'a Map<String, Value>,
    document: String,
    errors: Vec<FieldError>,
}

impl Reader<'_> {
    fn values(&mut self, priority: PriorityRule) -> PolicyValues {
        PolicyValues {
            screening: self.screening(),
            cultures: self.cultures(),
            pasteurisation: self.pasteurisation(),
            forms: vec![self.frozen(), self.freeze_dried()],
            max_donors_per_pool: self.max_donors(),
            delivery: self.delivery(),
            entitlement: self.entitlement(),
            priority,
            pricing: self.pricing(),
            retention_years: Sourced::assumed(10),
            single_european_code_from: Sourced::assumed(None),
        }
    }

    fn screening(&mut self) -> ScreeningRules {
        let max_age_days = self.days("donor_serology_interval_days");
        let anchor = if max_age_days.is_some() { Anchor::EachDonation } else { Anchor::FirstDonation };
        let interval = ScreeningInterval { anchor, max_age_days, measured_to: ExpressionEdge::FirstExpression };
        ScreeningRules {
            panel: Sourced::assumed(vec![Analyte::Hiv12, Analyte::Hbsag, Analyte::Hcv, Analyte::Syphilis]),
            interval: self.sourced("donor_serology_interval_days", interval),
            accepts_prenatal: Sourced::assumed(false),
            questionnaire_required: Sourced::assumed(true),
        }
    }

    fn cultures(&mut self) -> CultureRules {
        let after = match self.count("post_culture_limit_cfu_per_ml") {
            None | Some(0) => limit(OrganismGroup::TotalViable, Comparator::RejectAnyGrowth, 0),
            Some(most) => limit(OrganismGroup::TotalViable, Comparator::RejectAbove, most),
        };
        let before = self.limits_before();
        let acidity = self.hundredths("acidity_max_dornic").and_then(|most| u16::try_from(most / 10).ok());
        CultureRules {
            before: self.sourced("pre_culture_limits_cfu_per_ml", before),
            after: self.sourced("post_culture_limit_cfu_per_ml", vec![after]),
            after_frequency: Sourced::assumed(CultureFrequency::EveryBatch),
            unstated_detection_limit_cfu_per_ml: Sourced::assumed(Some(10)),
            max_acidity_tenths_dornic: self.sourced("acidity_max_dornic", acidity),
        }
    }

    fn limits_before(&mut self) -> Vec<CultureLimit> {
        let groups = match self.fields.get("pre_culture_limits_cfu_per_ml") {
            None | Some(Value::Null) => return Vec::new(),
            Some(Value::Object(groups)) => groups,
            Some(_) => {
                self.fail("pre_culture_limits_cfu_per_ml", "not_an_object", "a limit for each group of organisms");
                return Vec::new();
            }
        };
        let mut limits = Vec::new();
        for (name, value) in groups {
            match (name.parse(), value.as_u64()) {
                (Ok(group), Some(most)) => limits.push(limit(group, Comparator::RejectAbove, most)),
                (_, None) if value.is_null() => {}
                _ => {
                    let field = format!("pre_culture_limits_cfu_per_ml/{name}");
                    self.fail(&field, "unreadable", "a known group and a whole number of CFU/mL");
                }
            }
        }
        limits
    }

    fn pasteurisation(&mut self) -> PasteurisationRules {
        let methods = self.methods();
        let raw_frozen = self.days("raw_frozen_max_days");
        let to_test = self.days("max_days_expression_to_test");
        PasteurisationRules {
            methods: self.sourced("pasteurisation", methods),
            raw_allowed: Sourced::assumed(false),
            calibration_max_age_days: Sourced::assumed(183),
            max_cooling_to_4_c_s: Sourced::assumed(Some(1800)),
            device_ref_required: Sourced::assumed(false),
            raw_frozen_max_days: self.sourced("raw_frozen_max_days", raw_frozen),
            expression_to_test_max_days: self.sourced("max_days_expression_to_test", to_test),
        }
    }

    fn methods(&mut self) -> Vec<MethodRule> {
        let default = MethodRule {
            method: Method::Holder,
            min_temp_hundredths_c: Some(Celsius::from_hundredths(6250)),
            min_hold_s: 1800,
        };
        let Some(run) = self.fields.get("pasteurisation").filter(|run| !run.is_null()) else {
            return vec![default];
        };
        let method = run.get("method").and_then(Value::as_str).and_then(|word| word.parse().ok());
        let target = run.get("target_temp_c").and_then(Value::as_number).and_then(number_hundredths);
        let hold_s = run.get("hold_min").and_then(Value::as_number).and_then(number_hundredths);
        let hold_s = hold_s.and_then(|hundredths| u32::try_from(hundredths.checked_mul(60)? / 100).ok());
        if let (Some(method), Some(target), Some(min_hold_s)) = (method, target, hold_s) {
            return vec![MethodRule {
                method,
                min_temp_hundredths_c: Some(Celsius::from_hundredths(target)),
                min_hold_s,
            }];
        }
        self.fail("pasteurisation", "unreadable", "a known method, target_temp_c and hold_min");
        vec![default]
    }

    fn frozen(&mut self) -> FormRules {
        let after_heat = self.days("shelf_life_after_pasteurisation_days");
        let after_expression = self.days("shelf_life_after_expression_days");
        let storage = self.celsius("storage_max_temp_c", Celsius::from_degrees(-18));
        let transport = self.celsius("transport_max_temp_c", Celsius::from_degrees(-18));
        let tolerance = self.days("transport_tolerance_min").unwrap_or(0);
        FormRules {
            form: Form::Frozen,
            life_after_pasteurisation_days: self.sourced("shelf_life_after_pasteurisation_days", after_heat),
            life_after_expression_days: self.sourced("shelf_life_after_expression_days", after_expression),
            storage_max_hundredths_c: self.sourced("storage_max_temp_c", storage),
            transport_max_hundredths_c: self.sourced("transport_max_temp_c", transport),
            transport_tolerance_min: self.sourced("transport_tolerance_min", tolerance),
            transport_peak_hundredths_c: peak_above(transport),
            transport_gap_max_min: Sourced::assumed(LONGEST_GAP_MINUTES.max(tolerance)),
        }
    }

    fn freeze_dried(&mut self) -> FormRules {
        let life = self.days("shelf_life_freeze_dried_days").unwrap_or(DEFAULT_FREEZE_DRIED_DAYS);
        FormRules {
            form: Form::FreezeDried,
            life_after_pasteurisation_days: self.sourced("shelf_life_freeze_dried_days", Some(life)),
            life_after_expression_days: Sourced::assumed(None),
            storage_max_hundredths_c: Sourced::assumed(ROOM_TEMPERATURE),
            transport_max_hundredths_c: Sourced::assumed(WARMEST_DRY_TRANSPORT),
            transport_tolerance_min: Sourced::assumed(60),
            transport_peak_hundredths_c: peak_above(WARMEST_DRY_TRANSPORT),
            transport_gap_max_min: Sourced::assumed(60),
        }
    }

    fn max_donors(&mut self) -> Sourced<u16> {
        let words = self.text("pooling").unwrap_or_default();
        let single = words.starts_with("single donor") && !words.contains("preferred") && !words.contains("allowed");
        if single { self.sourced("pooling", 1) } else { Sourced::assumed(DEFAULT_MAX_DONORS) }
    }

    fn delivery(&mut self) -> DeliveryRules {
        let transit = self.days("transport_max_h");
        let thawed = self.days("thawed_use_within_h").unwrap_or(24);
        let sharing = self.flag("container_sharing", false);
        let redistribution = self.flag("unit_redistribution_allowed", false);
        DeliveryRules {
            min_remaining_days: Sourced::assumed(2),
            max_transit_h: self.sourced("transport_max_h", transit),
            thawed_use_within_h: self.sourced("thawed_use_within_h", thawed),
            ice_crystals: Sourced::assumed(IceCrystals::CountAsThawed),
            container_sharing: self.sourced("container_sharing", sharing),
            unit_redistribution_allowed: self.sourced("unit_redistribution_allowed", redistribution),
        }
    }

    fn entitlement(&mut self) -> EntitlementRules {
        let prescription = self.flag("prescription_required", true);
        let anonymous = self.flag("anonymous_donation", true);
        let kinship = match self.text("kinship_record") {
            Some(words) if words.starts_with("none") => KinshipSupport::None,
            Some(words) if words.starts_with("always") => KinshipSupport::Always,
            _ => KinshipSupport::OnFamilyRequest,
        };
        EntitlementRules {
            prescription_required: self.sourced("prescription_required", prescription),
            consent_required: Sourced::assumed(true),
            kinship: self.sourced("kinship_record", kinship),
            anonymous_donation: self.sourced("anonymous_donation", anonymous),
        }
    }

    fn pricing(&mut self) -> Sourced<PricingRule> {
        let barred = self.flag("sale_prohibited", false);
        let mut ceilings = Vec::new();
        match self.fields.get("charge_per_litre") {
            Some(Value::Number(amount)) => {
                self.ceiling(Form::Frozen, "charge_per_litre", amount, &mut ceilings);
                self.ceiling(Form::FreezeDried, "charge_per_litre", amount, &mut ceilings);
            }
            Some(Value::Object(forms)) => {
                for (name, amount) in forms {
                    let field = format!("charge_per_litre/{name}");
                    match (name.parse(), amount) {
                        (Ok(form), Value::Number(amount)) => self.ceiling(form, &field, amount, &mut ceilings),
                        (Ok(_), Value::Null) => {}
                        _ => self.fail(&field, "unreadable", "a known form and an amount per litre"),
                    }
                }
            }
            None | Some(Value::Null) => {}
            Some(_) => self.fail("charge_per_litre", "unreadable", "an amount, or one for each form"),
        }
        ceilings.retain(|ceiling: &PriceCeiling| ceiling.per_litre_minor > 0);
        let mode = if barred {
            PricingMode::Barred
        } else if ceilings.is_empty() {
            PricingMode::None
        } else {
            PricingMode::Capped
        };
        self.sourced("charge_per_litre", PricingRule { mode, ceilings })
    }

    fn ceiling(&mut self, form: Form, field: &str, amount: &Number, ceilings: &mut Vec<PriceCeiling>) {
        match number_hundredths(amount) {
            Some(per_litre_minor) if per_litre_minor >= 0 => {
                ceilings.push(PriceCeiling { form, currency: None, per_litre_minor });
            }
            _ => self.fail(field, "unreadable", "an amount per litre, not negative"),
        }
    }

    /// The value with the profile as its source, or marked as assumed when the profile is silent.
    fn sourced<T>(&self, field: &str, value: T) -> Sourced<T> {
        if self.fields.get(field).is_none_or(Value::is_null) {
            return Sourced::assumed(value);
        }
        let marks = self.fields.get("provenance");
        let words = marks.and_then(|marks| marks.get(field)).and_then(Value::as_str).unwrap_or_default();
        let first = words.split([' ', '/', '(']).next().unwrap_or_default();
        let mark = first.parse().ok().filter(|mark| *mark != Mark::Verified).unwrap_or(Mark::Assumed);
        Sourced::new(value, Source::new(self.document.clone(), mark))
    }

    fn days(&mut self, field: &str) -> Option<u16> {
        let value = self.fields.get(field).filter(|value| !value.is_null())?;
        let number = value.as_u64().and_then(|number| u16::try_from(number).ok());
        if number.is_none() {
            self.fail(field, "out_of_range", "a whole number from 0 to 65535");
        }
        number
    }

    fn count(&mut self, field: &str) -> Option<u64> {
        let value = self.fields.get(field).filter(|value| !value.is_null())?;
        let number = value.as_u64();
        if number.is_none() {
            self.fail(field, "out_of_range", "a whole number, not negative");
        }
        number
    }

    fn hundredths(&mut self, field: &str) -> Option<i64> {
        let value = self.fields.get(field).filter(|value| !value.is_null())?;
        let number = value.as_number().and_then(number_hundredths);
        if number.is_none() {
            self.fail(field, "unreadable", "a number with at most two decimals");
        }
        number
    }

    fn celsius(&mut self, field: &str, default: Celsius) -> Celsius {
        self.hundredths(field).map_or(default, Celsius::from_hundredths)
    }

    fn flag(&mut self, field: &str, default: bool) -> bool {
        match self.fields.get(field) {
            None | Some(Value::Null) => default,
            Some(Value::Bool(flag)) => *flag,
            Some(_) => {
                self.fail(field, "not_a_boolean", "true or false");
                default
            }
        }
    }

    fn text(&mut self, field: &str) -> Option<String> {
        match self.fields.get(field) {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => Some(text.clone()),
            Some(_) => {
                self.fail(field, "not_a_text", "a text");
                None
            }
        }
    }

    fn fail(&mut self, field: &str, code: &'static str, detail: &str) {
        self.errors.push(FieldError::new(format!("/{field}"), code, detail));
    }
}

/// The single reading that is an excursion however short, for a profile that writes none.
fn peak_above(warmest: Celsius) -> Sourced<Celsius> {
    if warmest < FROZEN_PEAK {
        let document = "Recife human milk bank manual: absolute maximum -3 °C while loading, taken over here";
        return Sourced::new(FROZEN_PEAK, Source::new(document, Mark::Assumed));
    }
    Sourced::assumed(Celsius::from_hundredths(warmest.hundredths().saturating_add(PEAK_MARGIN_HUNDREDTHS)))
}

const fn limit(group: OrganismGroup, comparator: Comparator, cfu_per_ml: u64) -> CultureLimit {
    CultureLimit { group, comparator, cfu_per_ml, required: true }
}

/// A JSON number as hundredths, exactly: `62.5` is 6250. More than two decimals or an exponent is refused.
fn number_hundredths(number: &Number) -> Option<i64> {
    let text = number.to_string();
    let (sign, digits) = text.strip_prefix('-').map_or((1, text.as_str()), |rest| (-1, rest));
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
    let decimals = decimals.trim_end_matches('0');
    let scale = match decimals.len() {
        0 => 0,
        1 => 10,
        2 => 1,
        _ => return None,
    };
    let part = if scale == 0 { 0 } else { decimals.parse::<i64>().ok()?.checked_mul(scale)? };
    whole.parse::<i64>().ok()?.checked_mul(100)?.checked_add(part)?.checked_mul(sign)
}

#[cfg(test)]
#[path = "region_tests.rs"]
mod tests;
