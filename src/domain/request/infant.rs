//! The infant behind a request, without a name: gestation, weights, indication, need. Enough to rank and
//! to estimate, never enough to identify.

use crate::domain::field::FieldError;
use crate::domain::need::{DayNeed, FeedingPlan, daily_needs};
use crate::domain::text::{code_fault, text_fault};
use crate::domain::words::words;
use serde::{Deserialize, Serialize};

words! {
    /// Why an infant needs donor milk.
    Indication {
        /// Prematurity, mother's own milk not yet available.
        PrematurityOwnMilkNotYetAvailable = "prematurity_own_milk_not_yet_available",
        /// Prematurity, mother's own milk insufficient.
        PrematurityOwnMilkInsufficient = "prematurity_own_milk_insufficient",
        /// During or after necrotising enterocolitis.
        NecrotisingEnterocolitis = "necrotising_enterocolitis",
        /// After gut surgery.
        GutSurgery = "gut_surgery",
        /// Gastroschisis or another gut anomaly.
        GutAnomaly = "gut_anomaly",
        /// After other surgery.
        OtherSurgery = "other_surgery",
        /// Growth restriction with absent or reversed end-diastolic flow.
        GrowthRestrictionAbnormalFlow = "growth_restriction_abnormal_flow",
        /// Congenital heart disease.
        CongenitalHeartDisease = "congenital_heart_disease",
        /// Feeding intolerance or malabsorption.
        FeedingIntolerance = "feeding_intolerance",
        /// Cow's-milk-protein allergy.
        CowsMilkProteinAllergy = "cows_milk_protein_allergy",
        /// Immunodeficiency.
        Immunodeficiency = "immunodeficiency",
        /// Chylothorax.
        Chylothorax = "chylothorax",
        /// Mother ill or separated.
        MotherIllOrSeparated = "mother_ill_or_separated",
        /// A bridge until the mother's own milk comes.
        BridgeUntilOwnMilk = "bridge_until_own_milk",
        /// An outpatient with another medical need.
        OutpatientMedicalNeed = "outpatient_medical_need",
        /// No medical need stated.
        Discretionary = "discretionary",
        /// Another reason, given in `indication_note`; it has no rank of its own.
        Other = "other",
    }
}

/// An infant as the hub knows one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InfantProfile {
    /// The unit's pseudonym.
    pub infant_ref: String,
    /// Gestation at birth in days.
    pub gestation_days: u16,
    /// Birth weight in grams.
    pub birth_weight_g: u32,
    /// Current weight in grams.
    pub current_weight_g: u32,
    /// Days since birth.
    pub postnatal_age_days: u16,
    /// Why donor milk is needed.
    pub indication: Indication,
    /// The reason in words, where the list has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub indication_note: Option<String>,
    /// Donor milk wanted, in tenths of a millilitre per kilogram and day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub donor_milk_tenths_ml_per_kg_day: Option<u32>,
    /// Donor milk's share of all feeds, in percent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub donor_milk_share_percent: Option<u8>,
    /// True when the infant has galactosaemia: donor milk is then refused.
    #[serde(default)]
    pub galactosaemia: bool,
}

impl InfantProfile {
    /// What no infant can be, each with the pointer of its field below `at`. A weight or an age by mistake would also
    /// rank the infant wrongly.
    #[must_use]
    pub fn faults(&self, at: &str) -> Vec<FieldError> {
        let tenths = i64::from(self.donor_milk_tenths_ml_per_kg_day.unwrap_or_default());
        let figures = [
            ("gestation_days", i64::from(self.gestation_days), 140, 310),
            ("birth_weight_g", i64::from(self.birth_weight_g), 200, 7_000),
            ("current_weight_g", i64::from(self.current_weight_g), 200, 12_000),
            ("postnatal_age_days", i64::from(self.postnatal_age_days), 0, 400),
            ("donor_milk_tenths_ml_per_kg_day", tenths, 0, 3_000),
        ];
        let beyond = figures.into_iter().filter(|(_, value, least, most)| !(least..=most).contains(&value));
        let mut found: Vec<FieldError> = beyond
            .map(|(name, _, least, most)| {
                FieldError::new(format!("{at}/{name}"), "out_of_range", format!("Send {least} to {most}."))
            })
            .collect();
        found.extend(code_fault(&format!("{at}/infant_ref"), &self.infant_ref));
        let note = self.indication_note.as_deref();
        found.extend(note.and_then(|note| text_fault(&format!("{at}/indication"), note, 200)));
        found
    }

    /// An estimate of one day's donor milk in whole millilitres, rounded up; the hub never prescribes.
    #[must_use]
    pub fn estimated_daily_ml(&self) -> Option<i64> {
        let tenths = i64::from(self.donor_milk_tenths_ml_per_kg_day?);
        Some((tenths * i64::from(self.current_weight_g)).saturating_add(9_999) / 10_000)
    }

    /// An estimate of the next days' donor milk: the unit's own volume, or the feeding ramp with feeds from birth on.
    #[must_use]
    pub fn needs(&self, days: u16) -> Vec<DayNeed> {
        daily_needs(&FeedingPlan {
            birth_weight_g: self.birth_weight_g,
            current_weight_g: self.current_weight_g,
            from_feeding_day: self.postnatal_age_days.saturating_add(1),
            days,
            own_tenths_ml_per_kg: self.donor_milk_tenths_ml_per_kg_day.map(i64::from),
            own_milk_ml_per_day: 0,
        })
    }
}
