//! The safety record of a lot as the stream tells it: donors, cultures, pasteuriser run, analysis, bottles.

use crate::domain::time::Instant;
use serde::Deserialize;

/// Bottles of one size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Containers {
    /// Size of one bottle, mL.
    pub size_ml: i64,
    /// How many.
    pub count: i64,
}

/// Tests of one donor.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DonorScreening {
    /// Pseudonym.
    pub donor_id: String,
    /// Result.
    pub hiv_1_2: String,
    /// Result.
    pub hepatitis_b_hbsag: String,
    /// Result.
    pub hepatitis_c: String,
    /// Result.
    pub syphilis: String,
    /// Result.
    pub htlv_1_2: String,
    /// Local date of the sample.
    pub sampled_on: String,
    /// Questionnaire signed?
    pub questionnaire_signed: bool,
    /// Reference of the consent at the bank.
    pub consent_ref: String,
}

/// Culture before pasteurisation, CFU/mL.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PreCulture {
    /// When sampled.
    pub sampled_at: Instant,
    /// When read.
    pub result_at: Instant,
    /// Total viable count.
    pub total_viable_count_cfu_per_ml: i64,
    /// *Staphylococcus aureus*.
    pub s_aureus_cfu_per_ml: i64,
    /// Enterobacterales.
    pub enterobacterales_cfu_per_ml: i64,
    /// `pass` or `fail`.
    pub result: String,
}

/// Culture after pasteurisation, CFU/mL.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PostCulture {
    /// When sampled.
    pub sampled_at: Instant,
    /// When read.
    pub result_at: Instant,
    /// Growth.
    pub growth_cfu_per_ml: i64,
    /// What grew.
    pub organism: Option<String>,
    /// `pass` or `fail`.
    pub result: String,
}

/// One run of a pasteuriser.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pasteurisation {
    /// `holder` and the like.
    pub method: String,
    /// Run id of the bank.
    pub cycle_id: String,
    /// Target, °C.
    pub target_temp_c: f64,
    /// Hold asked for, minutes.
    pub hold_min: f64,
    /// Coldest in the hold, °C.
    pub achieved_min_temp_c: f64,
    /// Warmest in the hold, °C.
    pub achieved_max_temp_c: f64,
    /// Hold reached, minutes.
    pub achieved_hold_min: f64,
    /// Minutes to 4 °C.
    pub cooled_to_4_c_min: f64,
    /// Start.
    pub started_at: Instant,
    /// End.
    pub ended_at: Instant,
    /// Local date of the last calibration.
    pub thermometer_calibrated_on: String,
}

/// Analysis of the milk.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Composition {
    /// Protein, g/dL.
    pub protein_g_per_dl: f64,
    /// Fat, g/dL.
    pub fat_g_per_dl: f64,
    /// Lactose, g/dL.
    pub lactose_g_per_dl: f64,
    /// Energy, kcal/dL.
    pub energy_kcal_per_dl: f64,
    /// Which protein.
    pub protein_kind: String,
    /// How measured.
    pub method: String,
    /// When.
    pub analysed_at: Instant,
}

/// The whole safety record of a lot.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LotRecord {
    /// Lot id of the stream.
    pub lot_id: String,
    /// Issuing bank.
    pub bank_id: String,
    /// Profile under which it was made.
    pub policy_profile: String,
    /// Product in words.
    pub product: String,
    /// `frozen` or `freeze_dried`.
    pub form: String,
    /// `single_donor` or `pooled`.
    pub donation_type: String,
    /// Pseudonyms of the donors.
    pub donor_ids: Vec<String>,
    /// How many donors.
    pub donor_count: i64,
    /// `preterm`, `mixed` or `term`.
    pub milk_type: String,
    /// Mean days after birth.
    pub lactation_stage_days: i64,
    /// All donors without dairy.
    pub dairy_free: bool,
    /// All donors CMV IgG negative.
    pub cmv_igg_negative_donors: bool,
    /// First local date of expression.
    pub expressed_from: String,
    /// Last local date of expression.
    pub expressed_to: String,
    /// Volume in bottles, mL.
    pub volume_ml: i64,
    /// Bottles by size.
    pub containers: Vec<Containers>,
    /// Tests per donor.
    pub donor_screening: Vec<DonorScreening>,
    /// Culture before pasteurisation, where the profile asks for one.
    pub pre_pasteurisation_culture: Option<PreCulture>,
    /// The pasteuriser run.
    pub pasteurisation: Pasteurisation,
    /// Culture after pasteurisation; absent when the lot failed before.
    pub post_pasteurisation_culture: Option<PostCulture>,
    /// Analysis.
    pub composition: Composition,
    /// Freezer setting, °C.
    pub storage_set_temp_c: f64,
    /// Acidity, degrees Dornic, where the profile asks for it.
    pub acidity_dornic: Option<f64>,
    /// End of the pasteuriser run.
    pub pasteurised_at: Instant,
    /// Expiry by the issuing bank's rule.
    pub expires_at: Instant,
    /// `released` or `rejected`.
    pub status: String,
    /// When released.
    pub released_at: Option<Instant>,
    /// By whom.
    pub released_by_role: Option<String>,
    /// Why rejected.
    pub reject_reason: Option<String>,
}

/// A lot in hand at the start, and where its bottles are.
#[derive(Debug, Clone)]
pub struct OpeningLot {
    /// The lot.
    pub lot: LotRecord,
    /// Its bottles by site.
    pub holdings: Vec<Holding>,
}

/// Bottles of a lot at one site.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holding {
    /// Where.
    pub site_id: String,
    /// How many of which size.
    pub containers: Vec<Containers>,
}
