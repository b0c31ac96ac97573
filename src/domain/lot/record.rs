//! The safety record of a lot: donors, cultures, heat, cooling, composition, expiry. It says what was
//! found and when, never a bare "passed"; a part that is not known is absent, not zero.

use crate::domain::policy::{Analyte, Form, Method, OrganismGroup};
use crate::domain::quantity::Celsius;
use crate::domain::time::Instant;
use crate::domain::words::words;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

words! {
    /// What a test of a donor found.
    TestResult {
        /// Nothing found.
        NonReactive = "non_reactive",
        /// Found.
        Reactive = "reactive",
        /// Undecided: not a pass.
        Indeterminate = "indeterminate",
    }

    /// The laboratory's own verdict.
    LabVerdict {
        /// It passed.
        Pass = "pass",
        /// It failed.
        Fail = "fail",
    }

    /// The stage of the donors when the milk was expressed.
    MilkType {
        /// Donors who gave birth before 37 weeks, early milk.
        Preterm = "preterm",
        /// Donors who gave birth at term.
        Term = "term",
        /// Both.
        Mixed = "mixed",
        /// First milk.
        Colostrum = "colostrum",
    }

    /// How protein was reckoned.
    ProteinKind {
        /// From all nitrogen.
        Crude = "crude",
        /// Without non-protein nitrogen.
        True = "true",
    }

    /// What the carbohydrate figure counts.
    CarbohydrateKind {
        /// Lactose alone.
        Lactose = "lactose",
        /// All carbohydrate.
        Total = "total",
    }
}

/// Everything that a release and a receiver decide on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SafetyRecord {
    /// How many donors; none where it is not known.
    pub donor_count: Option<u16>,
    /// Each donor, by pseudonym.
    pub donors: Vec<DonorRecord>,
    /// First day of expression, at the bank.
    pub expressed_from: Date,
    /// Last day of expression, at the bank.
    pub expressed_to: Date,
    /// Preterm, term, mixed or colostrum.
    pub milk_type: MilkType,
    /// Mean days since birth at expression.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lactation_stage_days: Option<u16>,
    /// True when every donor avoided dairy.
    pub dairy_free: bool,
    /// True when every donor is CMV-IgG-negative.
    pub cmv_negative: bool,
    /// Frozen, freeze-dried or shelf-stable.
    pub form: Form,
    /// The culture before the heat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub culture_before: Option<Culture>,
    /// Acidity before the heat, in tenths of a degree Dornic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acidity_tenths_dornic: Option<u16>,
    /// The heat; none for raw milk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pasteurisation: Option<Pasteurisation>,
    /// The culture after the heat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub culture_after: Option<Culture>,
    /// The analysis of nutrients.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub composition: Option<Composition>,
    /// Set point of the store, in hundredths of a degree Celsius.
    pub storage_set_hundredths_c: Celsius,
    /// The expiry on the label.
    pub declared_expires_at: Instant,
    /// The ISBT 128 identity, where the bank uses it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub isbt: Option<IsbtIdentity>,
}

/// One donor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DonorRecord {
    /// The bank's pseudonym; the hub never holds a name.
    pub donor_ref: String,
    /// Her tests.
    pub results: Vec<ScreeningResult>,
    /// True when the health questionnaire is signed.
    pub questionnaire_signed: bool,
    /// The consent to donate, by its reference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent_ref: Option<String>,
    /// The day of her first donation, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_donated_on: Option<Date>,
    /// True when she consented in writing to disclosure of her identity for milk kinship.
    #[serde(default)]
    pub disclosure_consent_written: bool,
}

/// One test of a donor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScreeningResult {
    /// What was tested.
    pub analyte: Analyte,
    /// How, where stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// The day of the sample.
    pub sample_date: Date,
    /// What was found.
    pub result: TestResult,
    /// The laboratory, where stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lab: Option<String>,
    /// True for a result from pregnancy care.
    #[serde(default)]
    pub prenatal: bool,
}

/// One culture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Culture {
    /// When the sample was taken.
    pub sampled_at: Instant,
    /// When the result was final.
    pub result_at: Instant,
    /// The method, where stated: it changes the result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// What was found in each group that was looked for.
    pub findings: Vec<CultureFinding>,
    /// The laboratory's own verdict, where stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lab_verdict: Option<LabVerdict>,
}

/// The finding for one group of organisms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CultureFinding {
    /// The group.
    pub group: OrganismGroup,
    /// What was found.
    pub cfu_per_ml: Count,
    /// The smallest count that the method sees, in CFU/mL, where stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detection_limit_cfu_per_ml: Option<u64>,
}

/// A count. "No growth" is less than the detection limit, not zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Count {
    /// So many colony-forming units per millilitre.
    Counted(u64),
    /// Nothing seen.
    BelowDetectionLimit,
}

/// One run of the pasteuriser.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pasteurisation {
    /// How.
    pub method: Method,
    /// The pasteuriser, so that a faulty one can be recalled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_ref: Option<String>,
    /// The run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cycle_ref: Option<String>,
    /// When the run began.
    pub started_at: Instant,
    /// When the hold began, where recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold_started_at: Option<Instant>,
    /// When the hold ended, where recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold_ended_at: Option<Instant>,
    /// When the run ended.
    pub ended_at: Instant,
    /// The set point, in hundredths of a degree Celsius.
    pub target_hundredths_c: Celsius,
    /// The coldest moment of the hold, in hundredths of a degree Celsius.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold_min_hundredths_c: Option<Celsius>,
    /// The warmest moment, in hundredths of a degree Celsius.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold_max_hundredths_c: Option<Celsius>,
    /// How long the hold lasted, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold_s: Option<u32>,
    /// The temperature during the hold, minute by minute, where recorded.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hold_log: Vec<HoldReading>,
    /// The day of the thermometer's last calibration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thermometer_calibrated_on: Option<Date>,
    /// Seconds from the end of the hold to 4 °C.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cooled_to_4_c_s: Option<u32>,
}

/// One reading during the hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HoldReading {
    /// Minutes since the hold began.
    pub minute: u16,
    /// The temperature, in hundredths of a degree Celsius.
    pub hundredths_c: Celsius,
}

/// The analysis of nutrients.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Composition {
    /// Protein, in milligrams per decilitre.
    pub protein_mg_per_dl: u32,
    /// How protein was reckoned.
    pub protein_kind: ProteinKind,
    /// Fat, in milligrams per decilitre.
    pub fat_mg_per_dl: u32,
    /// Carbohydrate, in milligrams per decilitre.
    pub carbohydrate_mg_per_dl: u32,
    /// What the carbohydrate figure counts.
    pub carbohydrate_kind: CarbohydrateKind,
    /// Energy, in tenths of a kilocalorie per decilitre.
    pub energy_tenths_kcal_per_dl: u32,
    /// The method.
    pub method: String,
    /// When it was analysed.
    pub analysed_at: Instant,
}

/// The ISBT 128 identity of a lot; each bottle adds its division.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IsbtIdentity {
    /// The 13 characters of the donation identification number.
    pub din: String,
    /// The five characters of the product description code, such as `M0002`.
    pub product_code: String,
    /// The Single European Code, where the milk bears one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub single_european_code: Option<String>,
}
