//! Whether one lot may go to one request, and what it costs in points when it may. Eligibility is a filter and
//! never a price: a pair that breaks a safety rule has no price at which it is chosen.

use super::ids::SiteId;
use super::lot::AcceptanceProfile;
use super::need::{DayNeed, bottles_for};
use super::quantity::Volume;
use super::refusal::Refusal;
use super::request::Preferences;
use super::time::Instant;

/// The journey a pair would need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reach {
    /// Road distance in metres; 0 at the same site.
    pub distance_m: i64,
    /// Earliest arrival.
    pub arrives_at: Instant,
}

/// The figures of a lot that decide its price.
#[derive(Debug, Clone, Copy)]
pub struct Offered<'a> {
    /// The holding site.
    pub site: SiteId,
    /// Size of one bottle.
    pub bottle: Volume,
    /// Expiry.
    pub expires_at: Instant,
    /// `preterm`, `term` and so on.
    pub milk_type: &'a str,
    /// Measured protein, mg/dL.
    pub protein_mg_per_dl: Option<i64>,
    /// What the network owes the holding site.
    pub credit: Volume,
    /// Whole days since the site last said that the milk is there.
    pub report_age_days: i64,
}

/// The figures of a request that decide a lot's price.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// When it is needed.
    pub needed_by: Instant,
    /// When the last of it is used.
    pub last_use_at: Instant,
    /// Urgency, 1 = first.
    pub tier: u8,
    /// What one infant needs, day by day, where it is known.
    pub needs: &'a [DayNeed],
    /// What the network owes the asking site; none at the holding site itself.
    pub credit: Option<Volume>,
    /// True when an opened bottle serves several infants.
    pub shared_bottles: bool,
    /// Preferences.
    pub preferences: &'a Preferences,
}

/// Points for each thing that makes a bottle a worse choice. Points order choices of equal service; they never
/// buy a millilitre of a more urgent tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CostWeights {
    /// For each kilometre and 10 mL.
    pub km: i64,
    /// For each day of life left after the need and 10 mL: long-dated milk is spared.
    pub day_left: i64,
    /// For 10 mL of another milk type than preferred.
    pub type_miss: i64,
    /// For each 10 mg/dL of protein below the wish, and 10 mL.
    pub protein: i64,
    /// For each millilitre likely to be thrown away from an opened bottle.
    pub waste_ml: i64,
    /// For 10 mL that come after they are needed, in the last tier; twice as much in each tier above it. More than
    /// a long road: milk in the house or near goes to those whom nothing else reaches in time.
    pub late: i64,
    /// For each further hour, in the same way.
    pub hour_late: i64,
    /// For each litre by which the giver's credit passes the asker's, and 10 mL; negative the other way round.
    pub credit: i64,
    /// For each day past [`REPORT_HOLDS_DAYS`] since the stock was reported, up to 30, and 10 mL.
    pub stale_day: i64,
}

/// The tier from which lateness weighs the same.
const LAST_TIMED_TIER: u8 = 5;
/// Hours after which being later costs no more.
const MOST_HOURS_LATE: i64 = 72;
/// A report of stock counts in full for so many days; then its weight falls and its owner is asked to confirm it.
pub const REPORT_HOLDS_DAYS: i64 = 3;

impl Default for CostWeights {
    fn default() -> Self {
        Self {
            km: 1,
            day_left: 1,
            type_miss: 40,
            protein: 2,
            waste_ml: 60,
            late: 1000,
            hour_late: 10,
            credit: 1,
            stale_day: 2,
        }
    }
}

/// Millilitres likely to be thrown away from one bottle of this size: what the bottles opened each day hold beyond the
/// day's need, spread over all of them.
#[must_use]
pub fn expected_waste(bottle: Volume, needs: &[DayNeed]) -> Volume {
    let fit = bottles_for(needs, bottle).filter(|fit| fit.bottles > 0);
    fit.map_or(Volume::ZERO, |fit| Volume::from_ml(fit.left_over_ml / fit.bottles))
}

/// The price of one bottle for one request, in points.
#[must_use]
pub fn price_points(weights: &CostWeights, offered: &Offered<'_>, wanted: &Wanted<'_>, reach: &Reach) -> i64 {
    let days_left = (offered.expires_at.minutes_since(wanted.needed_by) / 1_440).clamp(0, 400);
    let mut per_ten_ml = weights.km * (reach.distance_m / 1_000) + weights.day_left * days_left;
    let wishes = &wanted.preferences.milk_types;
    if !wishes.is_empty() && !wishes.iter().any(|wish| wish.as_str() == offered.milk_type) {
        per_ten_ml += weights.type_miss;
    }
    if let Some(wish) = wanted.preferences.min_protein_mg_per_dl {
        let short = (i64::from(wish) - offered.protein_mg_per_dl.unwrap_or(0)).max(0);
        per_ten_ml += weights.protein * ((short + 9) / 10);
    }
    if let Some(credit) = wanted.credit {
        per_ten_ml += weights.credit * (offered.credit - credit).ml() / 1_000;
    }
    per_ten_ml += weights.stale_day * (offered.report_age_days - REPORT_HOLDS_DAYS).clamp(0, 30);
    per_ten_ml += lateness_points(weights, wanted, reach);
    let waste = if wanted.shared_bottles { Volume::ZERO } else { expected_waste(offered.bottle, wanted.needs) };
    offered.bottle.ml() * per_ten_ml / 10 + weights.waste_ml * waste.ml()
}

/// Points of 10 mL for coming late.
fn lateness_points(weights: &CostWeights, wanted: &Wanted<'_>, reach: &Reach) -> i64 {
    let minutes_late = reach.arrives_at.minutes_since(wanted.needed_by);
    if minutes_late <= 0 {
        return 0;
    }
    let hours = ((minutes_late + 59) / 60).min(MOST_HOURS_LATE);
    let times = 1_i64 << LAST_TIMED_TIER.saturating_sub(wanted.tier.max(1));
    times * (weights.late + weights.hour_late * hours)
}

/// Every reason that hours give against a pair: the milk's life at delivery and at its last use (refusal 6).
#[must_use]
pub fn time_failures(profile: &AcceptanceProfile, reach: &Reach, last_use_at: Instant) -> Vec<Refusal> {
    if profile.permits(reach.arrives_at, last_use_at) {
        return Vec::new();
    }
    profile.time_failures(reach.arrives_at, last_use_at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(ml: &[i64]) -> Vec<DayNeed> {
        let day = |ml: &i64| DayNeed { feeding_day: 1, tenths_ml_per_kg: 0, feeds_ml: *ml, donor_milk_ml: *ml };
        ml.iter().map(day).collect()
    }

    #[test]
    fn a_large_bottle_for_a_small_infant_is_mostly_waste() {
        let waste = |bottle, needs: &[i64]| expected_waste(Volume::from_ml(bottle), &days(needs)).ml();
        assert_eq!(waste(100, &[10]), 90);
        assert_eq!(waste(50, &[10]), 40);
        // 120 mL a day from 50 mL bottles: three opened, 30 mL left over, 10 mL a bottle.
        assert_eq!(waste(50, &[120]), 10);
        assert_eq!(waste(120, &[120, 120]), 0);
        assert_eq!(waste(50, &[]), 0);
    }

    #[test]
    fn credit_and_stale_reports_move_the_price() {
        let at = Instant::from_micros(0);
        let (preferences, weights) = (Preferences::default(), CostWeights::default());
        let price = |credit: i64, asker: Option<i64>, age| {
            let offered = Offered {
                site: SiteId::new(uuid::Uuid::nil()),
                bottle: Volume::from_ml(100),
                expires_at: at.plus_hours(240),
                milk_type: "term",
                protein_mg_per_dl: None,
                credit: Volume::from_ml(credit),
                report_age_days: age,
            };
            let wanted = Wanted {
                needed_by: at,
                last_use_at: at,
                tier: 1,
                needs: &[],
                credit: asker.map(Volume::from_ml),
                shared_bottles: false,
                preferences: &preferences,
            };
            price_points(&weights, &offered, &wanted, &Reach { distance_m: 0, arrives_at: at })
        };
        let plain = price(0, Some(0), 0);
        assert_eq!(price(5_000, Some(0), 0), plain + 50, "milk of a site that gave much is spared");
        assert_eq!(price(0, Some(5_000), 0), plain - 50, "a site that gave much is served more cheaply");
        assert_eq!(price(5_000, None, 0), plain, "a site's own milk has no balance");
        assert_eq!(price(0, None, REPORT_HOLDS_DAYS), plain);
        assert_eq!(price(0, None, REPORT_HOLDS_DAYS + 2), plain + 40);
        assert_eq!(price(0, None, 400), price(0, None, REPORT_HOLDS_DAYS + 30));
    }

    fn points(tier: u8, km: i64, arrives_at: &str) -> i64 {
        let at = |text: &str| text.parse::<Instant>().unwrap();
        let preferences = Preferences::default();
        let wanted = Wanted {
            needed_by: at("2026-09-01T08:00:00Z"),
            last_use_at: at("2026-09-03T08:00:00Z"),
            tier,
            needs: &[],
            credit: None,
            shared_bottles: false,
            preferences: &preferences,
        };
        let offered = Offered {
            site: "01990000-0000-7000-8000-0000000000a1".parse().unwrap(),
            bottle: Volume::from_ml(100),
            expires_at: at("2026-12-01T08:00:00Z"),
            milk_type: "term",
            protein_mg_per_dl: None,
            credit: Volume::ZERO,
            report_age_days: 0,
        };
        let reach = Reach { distance_m: km * 1000, arrives_at: at(arrives_at) };
        price_points(&CostWeights::default(), &offered, &wanted, &reach)
    }

    #[test]
    fn milk_in_time_goes_to_the_most_urgent_even_from_far() {
        let (in_time, late) = ("2026-09-01T07:59:00Z", "2026-09-01T08:01:00Z");
        assert!(points(5, 450, in_time) < points(5, 0, late));
        // One bottle in the house and one that comes late: the first tier gets the one in the house.
        for tier in 1..5 {
            let first = points(tier, 0, in_time) + points(tier + 1, 300, late);
            let second = points(tier, 300, late) + points(tier + 1, 0, in_time);
            assert!(first < second, "tier {tier}");
        }
        assert!(points(1, 0, late) < points(1, 0, "2026-09-01T20:00:00Z"));
    }
}
