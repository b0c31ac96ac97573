//! An infant on donor milk as the stream tells it: profile, need of each day, conditions and wishes.

use serde::Deserialize;

/// Conditions that milk must meet.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HardConstraints {
    /// Donors without dairy.
    #[serde(default)]
    pub dairy_free: bool,
    /// CMV IgG negative donors.
    #[serde(default)]
    pub cmv_igg_negative_donors: bool,
    /// Most donors in a lot.
    pub max_donors: Option<i64>,
    /// The family wants a kinship record.
    #[serde(default)]
    pub milk_kinship_record_required: bool,
}

/// Wishes for the milk.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SoftConstraints {
    /// Preferred milk type.
    pub milk_type: Option<String>,
    /// Preferred least protein, g/dL.
    pub min_protein_g_per_dl: Option<f64>,
}

/// Conditions and wishes.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Constraints {
    /// Must be met.
    pub hard: HardConstraints,
    /// May be missed.
    pub soft: SoftConstraints,
}

/// Consent of the family.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Consent {
    /// `given` or not.
    pub status: String,
    /// Reference at the unit.
    pub consent_ref: String,
    /// From whom.
    pub obtained_from: String,
}

/// A pseudonymous infant.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InfantProfile {
    /// Pseudonym.
    pub infant_ref: String,
    /// Weeks and days, `29+4`.
    pub gestational_age_at_birth: String,
    /// The same in days.
    pub gestational_age_at_birth_days: i64,
    /// Weight at birth, g.
    pub birth_weight_g: i64,
    /// Weight now, g.
    pub current_weight_g: i64,
    /// Age, days.
    pub postnatal_age_days: i64,
    /// Why donor milk.
    pub indication: String,
    /// Donor milk, mL/kg/day.
    pub donor_milk_ml_per_kg_day: f64,
    /// Share of feeds.
    pub donor_milk_share_of_feeds: f64,
    /// Consent.
    pub consent: Consent,
}

/// An infant on donor milk, with the need of each day to come.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InfantStarted {
    /// Who.
    pub infant: InfantProfile,
    /// Need per day from this day on, mL.
    pub daily_need_ml: Vec<i64>,
    /// Conditions and wishes.
    pub constraints: Constraints,
    /// Ordered by name rather than from ward stock.
    pub ordered_by_name: bool,
}
