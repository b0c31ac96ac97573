//! What an infant needs, day by day: the feeding ramp by birth weight, bottles opened for it, and what a lot's
//! milk would give. Estimates of intake with their sources, for a person to check; never a prescription.

use super::quantity::Volume;
use serde::Serialize;

/// Where the ramp comes from.
pub const RAMP_SOURCE: &str = "ADEPT, BMC Pediatr 2009;9:63, Table 3 (PMC2770036)";
/// Where the volume of a full feed comes from; the document's range is 150 to 180 mL/kg/day.
pub const FULL_FEED_SOURCE: &str = "ESPGHAN, J Pediatr Gastroenterol Nutr 2023;76:248";
/// Where the targets of protein and energy come from, for infants under 1,800 g.
pub const TARGET_SOURCE: &str = "ESPGHAN, J Pediatr Gastroenterol Nutr 2023;76:248";
/// Where the assumed fortifier comes from: powder at full strength adds 1.0 to 1.2 g protein to 100 mL.
pub const FORTIFIER_SOURCE: &str = "EMBA, Front Pediatr 2019;7:76";
/// No estimate looks further ahead.
pub const MAX_DAYS: u16 = 120;
/// A full feed, mL/kg/day: the end of the ramp and the lower end of the range of full feeds.
pub const FULL_FEED_ML_PER_KG: i64 = 150;
/// Protein wanted, mg/kg/day.
pub const PROTEIN_TARGET_MG_PER_KG: Range = Range { least: 3_500, most: 4_000 };
/// Energy wanted, tenths of a kcal/kg/day.
pub const ENERGY_TARGET_TENTHS_KCAL_PER_KG: Range = Range { least: 1_150, most: 1_400 };

/// Both ends count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Range {
    /// The lower end.
    pub least: i64,
    /// The upper end.
    pub most: i64,
}

/// A column of the ramp: mL/kg for each day of feeds. Where the table gives a range, its upper end, so that an
/// estimate is not short.
struct Column {
    /// Birth weights below this, g.
    below_g: u32,
    ml_per_kg: &'static [i64],
}

const RAMP: [Column; 5] = [
    Column { below_g: 600, ml_per_kg: &[12, 12, 12, 24, 36, 48, 60, 72, 84, 96, 120, 144] },
    Column { below_g: 750, ml_per_kg: &[12, 12, 24, 36, 48, 60, 72, 84, 96, 120, 144] },
    Column { below_g: 1_000, ml_per_kg: &[12, 12, 24, 36, 48, 60, 72, 84, 108, 132] },
    Column { below_g: 1_250, ml_per_kg: &[12, 24, 36, 48, 60, 72, 84, 108, 132] },
    Column { below_g: u32::MAX, ml_per_kg: &[24, 36, 48, 60, 72, 84, 108, 132] },
];

/// The ramp's volume on a day of feeds (1 = the first), mL/kg; a full feed once the ramp has ended.
#[must_use]
pub fn ramp_ml_per_kg(birth_weight_g: u32, feeding_day: u16) -> i64 {
    let column = RAMP.iter().find(|column| birth_weight_g < column.below_g);
    let step = usize::from(feeding_day.saturating_sub(1));
    column.and_then(|column| column.ml_per_kg.get(step)).copied().unwrap_or(FULL_FEED_ML_PER_KG)
}

/// What the unit knows of an infant's feeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FeedingPlan {
    /// Birth weight, g; it chooses the column.
    pub birth_weight_g: u32,
    /// Weight now, g.
    pub current_weight_g: u32,
    /// Day of feeds on the first day of the estimate, 1 = the first ever.
    pub from_feeding_day: u16,
    /// How many days.
    pub days: u16,
    /// The unit's own volume instead of the ramp, tenths of a mL/kg/day.
    pub own_tenths_ml_per_kg: Option<i64>,
    /// The mother's own milk, mL a day; it comes first.
    pub own_milk_ml_per_day: i64,
}

/// One day of the estimate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct DayNeed {
    /// Day of feeds, 1 = the first.
    pub feeding_day: u16,
    /// All feeds, tenths of a mL/kg.
    pub tenths_ml_per_kg: i64,
    /// All feeds, mL.
    pub feeds_ml: i64,
    /// Of it, donor milk, mL.
    pub donor_milk_ml: i64,
}

/// The need of each day, to the nearest millilitre; at most [`MAX_DAYS`] days.
#[must_use]
pub fn daily_needs(plan: &FeedingPlan) -> Vec<DayNeed> {
    let days = 0..plan.days.min(MAX_DAYS);
    days.map(|day| {
        let feeding_day = plan.from_feeding_day.saturating_add(day);
        let ramp = ramp_ml_per_kg(plan.birth_weight_g, feeding_day) * 10;
        let tenths_ml_per_kg = plan.own_tenths_ml_per_kg.unwrap_or(ramp).max(0);
        let feeds_ml = tenths_ml_per_kg.saturating_mul(i64::from(plan.current_weight_g)).saturating_add(5_000) / 10_000;
        let donor_milk_ml = (feeds_ml - plan.own_milk_ml_per_day.max(0)).max(0);
        DayNeed { feeding_day, tenths_ml_per_kg, feeds_ml, donor_milk_ml }
    })
    .collect()
}

/// Donor milk of all days.
#[must_use]
pub fn donor_milk(days: &[DayNeed]) -> Volume {
    days.iter().map(|day| Volume::from_ml(day.donor_milk_ml)).sum()
}

/// Bottles of one size for a number of days: thawed milk keeps a day, so each day opens its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct BottleFit {
    /// Millilitres in a bottle.
    pub bottle_ml: i64,
    /// Bottles opened.
    pub bottles: i64,
    /// What they hold, mL.
    pub volume_ml: i64,
    /// Opened and not fed, mL.
    pub left_over_ml: i64,
}

/// Bottles of this size for the days; none where the size is not above nothing.
#[must_use]
pub fn bottles_for(days: &[DayNeed], bottle: Volume) -> Option<BottleFit> {
    let size = bottle.ml();
    if !bottle.is_positive() {
        return None;
    }
    let bottles: i64 = days.iter().map(|day| day.donor_milk_ml / size + i64::from(day.donor_milk_ml % size > 0)).sum();
    let volume_ml = bottle.times(bottles).ml();
    Some(BottleFit { bottle_ml: size, bottles, volume_ml, left_over_ml: volume_ml - donor_milk(days).ml() })
}

/// The size that leaves least over; of equals the largest, which is fewer bottles to open.
#[must_use]
pub fn best_fit(days: &[DayNeed], sizes: &[Volume]) -> Option<BottleFit> {
    let fits = sizes.iter().filter_map(|size| bottles_for(days, *size));
    fits.min_by_key(|fit| (fit.left_over_ml, -fit.bottle_ml))
}

/// What a fortifier adds to 100 mL of milk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fortifier {
    /// Protein, mg.
    pub protein_mg_per_dl: i64,
    /// Energy, tenths of a kcal; none where the unit has not said.
    pub energy_tenths_kcal_per_dl: Option<i64>,
}

impl Fortifier {
    /// No fortifier.
    pub const NONE: Self = Self { protein_mg_per_dl: 0, energy_tenths_kcal_per_dl: Some(0) };
    /// The middle of what is published ([`FORTIFIER_SOURCE`]).
    pub const USUAL: Self = Self { protein_mg_per_dl: 1_100, energy_tenths_kcal_per_dl: None };
}

/// An estimate of intake, rounded down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Intake {
    /// Protein, mg/kg/day; none where the lot was not analysed.
    pub protein_mg_per_kg: Option<i64>,
    /// Energy, tenths of a kcal/kg/day; none where the lot or the fortifier is not known.
    pub energy_tenths_kcal_per_kg: Option<i64>,
}

/// What milk of this analysis would give at a volume in tenths of a mL/kg/day.
#[must_use]
pub fn intake(
    protein_mg_per_dl: Option<i64>,
    energy_tenths_kcal_per_dl: Option<i64>,
    fortifier: &Fortifier,
    tenths_ml_per_kg: i64,
) -> Intake {
    let of = |per_dl: i64| per_dl.saturating_mul(tenths_ml_per_kg) / 1_000;
    let energy = energy_tenths_kcal_per_dl.zip(fortifier.energy_tenths_kcal_per_dl);
    Intake {
        protein_mg_per_kg: protein_mg_per_dl.map(|milk| of(milk.saturating_add(fortifier.protein_mg_per_dl))),
        energy_tenths_kcal_per_kg: energy.map(|(milk, powder)| of(milk.saturating_add(powder))),
    }
}

/// The least protein in a lot, mg/dL, that reaches the target at a volume in tenths of a mL/kg/day; none without
/// a volume.
#[must_use]
pub fn least_protein(fortifier: &Fortifier, tenths_ml_per_kg: i64) -> Option<i64> {
    if tenths_ml_per_kg <= 0 {
        return None;
    }
    let needed = (PROTEIN_TARGET_MG_PER_KG.least * 1_000 + tenths_ml_per_kg - 1) / tenths_ml_per_kg;
    Some((needed - fortifier.protein_mg_per_dl).max(0))
}

/// The same for energy, tenths of a kcal/dL; none where the fortifier's is not known.
#[must_use]
pub fn least_energy(fortifier: &Fortifier, tenths_ml_per_kg: i64) -> Option<i64> {
    let powder = fortifier.energy_tenths_kcal_per_dl?;
    if tenths_ml_per_kg <= 0 {
        return None;
    }
    let needed = (ENERGY_TARGET_TENTHS_KCAL_PER_KG.least * 1_000 + tenths_ml_per_kg - 1) / tenths_ml_per_kg;
    Some((needed - powder).max(0))
}

/// True where preterm milk is the better choice: born before 32 weeks or under 1,500 g. A preference, never a limit.
#[must_use]
pub const fn prefers_preterm_milk(gestation_days: u16, birth_weight_g: u32) -> bool {
    gestation_days < 32 * 7 || birth_weight_g < 1_500
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(birth_weight_g: u32, current_weight_g: u32, from_feeding_day: u16, days: u16) -> FeedingPlan {
        FeedingPlan {
            birth_weight_g,
            current_weight_g,
            from_feeding_day,
            days,
            own_tenths_ml_per_kg: None,
            own_milk_ml_per_day: 0,
        }
    }

    #[test]
    fn an_infant_of_800_g_needs_211_ml_in_its_first_week() {
        let days = daily_needs(&plan(800, 800, 1, 7));
        let each: Vec<i64> = days.iter().map(|day| day.tenths_ml_per_kg / 10).collect();
        assert_eq!(each, [12, 12, 24, 36, 48, 60, 72]);
        // Day by day to the nearest millilitre; 211.2 in one sum.
        assert_eq!(donor_milk(&days), Volume::from_ml(212));
        assert_eq!(days.first().map(|day| day.donor_milk_ml), Some(10));
        let full = daily_needs(&plan(800, 800, 11, 1));
        assert_eq!(full.first().map(|day| day.feeds_ml), Some(120), "150 mL/kg once the ramp has ended");
    }

    #[test]
    fn each_column_rises_to_a_full_feed() {
        for weight in [450, 600, 749, 750, 999, 1_000, 1_249, 1_250, 3_200] {
            let volumes: Vec<i64> = (1..=20).map(|day| ramp_ml_per_kg(weight, day)).collect();
            assert!(volumes.is_sorted(), "{weight} g: {volumes:?}");
            assert_eq!(volumes.last(), Some(&FULL_FEED_ML_PER_KG));
        }
        assert_eq!(ramp_ml_per_kg(599, 3), 12);
        assert_eq!(ramp_ml_per_kg(600, 3), 24);
        assert_eq!(ramp_ml_per_kg(1_250, 1), 24);
    }

    #[test]
    fn own_milk_comes_first_and_the_units_own_volume_wins() {
        let own = FeedingPlan { own_milk_ml_per_day: 30, own_tenths_ml_per_kg: Some(1_600), ..plan(900, 1_000, 3, 2) };
        let days = daily_needs(&own);
        assert_eq!(days.iter().map(|day| day.feeds_ml).collect::<Vec<_>>(), [160, 160]);
        assert_eq!(donor_milk(&days), Volume::from_ml(260));
        let enough = FeedingPlan { own_milk_ml_per_day: 500, ..own };
        assert_eq!(donor_milk(&daily_needs(&enough)), Volume::ZERO);
    }

    #[test]
    fn small_bottles_leave_less_over() {
        // The 860 g infant of the portal's form: feeds began on the second day of life.
        let days = daily_needs(&plan(860, 860, 3, 6));
        let small = bottles_for(&days, Volume::from_ml(50)).unwrap();
        let large = bottles_for(&days, Volume::from_ml(100)).unwrap();
        assert!(small.left_over_ml < large.left_over_ml);
        assert_eq!(small.volume_ml - small.left_over_ml, donor_milk(&days).ml());
        let sizes = [100, 50, 30].map(Volume::from_ml);
        let best = best_fit(&days, &sizes).unwrap();
        assert!(sizes.iter().filter_map(|size| bottles_for(&days, *size)).all(|f| f.left_over_ml >= best.left_over_ml));
        assert_eq!(bottles_for(&days, Volume::ZERO), None);
    }

    #[test]
    fn fortified_milk_reaches_the_target_from_1234_mg_of_protein() {
        let full = FULL_FEED_ML_PER_KG * 10;
        assert_eq!(least_protein(&Fortifier::USUAL, full), Some(1_234));
        let enough = intake(Some(1_234), Some(650), &Fortifier::USUAL, full);
        assert!(enough.protein_mg_per_kg >= Some(PROTEIN_TARGET_MG_PER_KG.least));
        assert_eq!(enough.energy_tenths_kcal_per_kg, None, "a fortifier without an energy figure gives no estimate");
        let mean = intake(Some(1_160), Some(650), &Fortifier::NONE, full);
        assert_eq!(mean.protein_mg_per_kg, Some(1_740));
        assert_eq!(mean.energy_tenths_kcal_per_kg, Some(975));
        assert_eq!(least_protein(&Fortifier::NONE, 0), None);
        assert_eq!(least_energy(&Fortifier::NONE, full), Some(767));
    }
}
