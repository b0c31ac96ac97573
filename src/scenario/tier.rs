//! The urgency tier of an infant for the unit's own tally, by the written default criteria. The hub ranks
//! requests by its own policy; this one only groups what infants needed and got.

use super::event_infant::InfantProfile;

/// How many tiers the default criteria have.
pub const TIERS: usize = 6;

/// The tier of an infant, 1 (first) to 6, by the default ranking of the field's reference: gut disease or
/// under 1,000 g or 28 weeks; under 1,500 g or 32 weeks; growth restriction, heart or gut anomaly; under
/// 34 weeks or up to 1,800 g; any other medical need.
#[must_use]
pub fn tier_of(infant: &InfantProfile) -> u8 {
    let indication = infant.indication.as_str();
    let days = infant.gestational_age_at_birth_days;
    let grams = infant.birth_weight_g;
    if indication.contains("necrotising") || indication == "gut surgery" || grams < 1000 || days < 28 * 7 {
        1
    } else if grams < 1500 || days < 32 * 7 {
        2
    } else if ["growth restriction", "heart", "gut surgery", "gastroschisis"]
        .iter()
        .any(|word| indication.contains(word))
    {
        3
    } else if days < 34 * 7 || grams <= 1800 {
        4
    } else {
        5
    }
}
