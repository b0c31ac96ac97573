//! The infant behind a request, as it comes over the wire.

use crate::domain::request::{Indication, InfantProfile};
use serde::Deserialize;
use utoipa::ToSchema;

/// An infant by pseudonym: enough to rank and to estimate, never enough to identify.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Infant)]
pub struct InfantBody {
    /// The unit's pseudonym. No name, no record number.
    #[schema(min_length = 1, max_length = 64, example = "INF-0042")]
    infant_ref: String,
    /// Gestation at birth, days.
    #[schema(minimum = 140, maximum = 310, example = 189)]
    gestation_days: u16,
    /// Birth weight, g.
    #[schema(minimum = 200, maximum = 7000, example = 900)]
    birth_weight_g: u32,
    /// Current weight, g.
    #[schema(minimum = 200, maximum = 12_000, example = 940)]
    current_weight_g: u32,
    /// Days since birth.
    #[schema(minimum = 0, maximum = 400, example = 6)]
    postnatal_age_days: u16,
    /// Why donor milk is needed: a word of the list, or a phrase; an unknown phrase is kept as the reason in words.
    #[schema(max_length = 200, example = "prematurity_own_milk_not_yet_available")]
    indication: String,
    /// Donor milk wanted, tenths of a millilitre per kilogram and day.
    #[schema(minimum = 0, maximum = 3000)]
    donor_milk_tenths_ml_per_kg_day: Option<u32>,
    /// True when the infant has galactosaemia: donor milk is then refused.
    #[serde(default)]
    galactosaemia: bool,
}

impl From<InfantBody> for InfantProfile {
    fn from(body: InfantBody) -> Self {
        let (indication, indication_note) = indication_of(&body.indication);
        Self {
            infant_ref: body.infant_ref,
            gestation_days: body.gestation_days,
            birth_weight_g: body.birth_weight_g,
            current_weight_g: body.current_weight_g,
            postnatal_age_days: body.postnatal_age_days,
            indication,
            indication_note,
            donor_milk_tenths_ml_per_kg_day: body.donor_milk_tenths_ml_per_kg_day,
            donor_milk_share_percent: None,
            galactosaemia: body.galactosaemia,
        }
    }
}

/// A phrase as units write it, by its telling words. What none of them tells stays a reason in words.
fn indication_of(text: &str) -> (Indication, Option<String>) {
    if let Ok(word) = text.parse() {
        return (word, None);
    }
    let phrase = text.to_lowercase();
    const TELLING: [(&str, Indication); 11] = [
        ("necrotising", Indication::NecrotisingEnterocolitis),
        ("gastroschisis", Indication::GutAnomaly),
        ("gut surgery", Indication::GutSurgery),
        ("end-diastolic", Indication::GrowthRestrictionAbnormalFlow),
        ("heart", Indication::CongenitalHeartDisease),
        ("intolerance", Indication::FeedingIntolerance),
        ("not yet available", Indication::PrematurityOwnMilkNotYetAvailable),
        ("insufficient", Indication::PrematurityOwnMilkInsufficient),
        ("mother ill", Indication::MotherIllOrSeparated),
        ("chylothorax", Indication::Chylothorax),
        ("milk-protein", Indication::CowsMilkProteinAllergy),
    ];
    let told = TELLING.iter().find(|(telling, _)| phrase.contains(telling));
    (told.map_or(Indication::Other, |(_, indication)| *indication), Some(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_are_told_by_their_words_and_kept() {
        let (indication, note) = indication_of("growth restriction with absent end-diastolic flow");
        assert_eq!(indication, Indication::GrowthRestrictionAbnormalFlow);
        assert!(note.is_some());
        assert_eq!(indication_of("gut_surgery"), (Indication::GutSurgery, None));
        assert_eq!(indication_of("something else").0, Indication::Other);
    }
}
