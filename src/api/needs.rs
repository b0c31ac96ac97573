//! An infant's need, estimated day by day. Nothing is stored; a person checks it against the chart.

use super::auth::{Allowed, permit::ReadRequests};
use super::extract::Query;
use super::openapi::operations;
use super::state::Answer;
use crate::domain::need::{self, DayNeed, FeedingPlan, Fortifier};
use crate::domain::quantity::Volume;
use actix_web::{HttpResponse, get};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

operations!(estimate_need);

/// Bottle sizes compared where none is named, mL.
const USUAL_SIZES: [i64; 4] = [30, 50, 100, 200];

/// What the unit knows.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct NeedQuery {
    /// Birth weight, g; it chooses the column of the ramp.
    #[param(minimum = 200, maximum = 7000, example = 860)]
    birth_weight_g: u32,
    /// Current weight, g; the birth weight, if not given.
    #[param(minimum = 200, maximum = 12_000)]
    current_weight_g: Option<u32>,
    /// Gestation at birth, days.
    #[param(minimum = 140, maximum = 310)]
    gestation_days: Option<u16>,
    /// Day of feeds on the first day, 1 = the first ever.
    #[param(minimum = 1, maximum = 400, example = 3)]
    from_feeding_day: u16,
    /// How many days.
    #[param(minimum = 1, maximum = 120, example = 7)]
    days: u16,
    /// The unit's own volume instead of the ramp, tenths of a mL/kg/day.
    #[param(minimum = 0, maximum = 3000)]
    own_tenths_ml_per_kg: Option<i64>,
    /// The mother's own milk, mL a day.
    #[param(minimum = 0, maximum = 5000)]
    own_milk_ml_per_day: Option<i64>,
    /// Only this bottle size, mL.
    #[param(minimum = 1, maximum = 1000)]
    bottle_ml: Option<i64>,
    /// Protein that the fortifier in use adds to 100 mL, mg; the middle of what is published, if not given.
    #[param(minimum = 0, maximum = 5000)]
    fortifier_protein_mg_per_dl: Option<i64>,
    /// Energy that it adds to 100 mL, tenths of a kcal.
    #[param(minimum = 0, maximum = 1000)]
    fortifier_energy_tenths_kcal_per_dl: Option<i64>,
    /// A lot's measured protein, mg/dL, for an estimate of intake.
    #[param(minimum = 0, maximum = 10_000)]
    protein_mg_per_dl: Option<i64>,
    /// A lot's measured energy, tenths of a kcal/dL.
    #[param(minimum = 0, maximum = 3000)]
    energy_tenths_kcal_per_dl: Option<i64>,
}

impl NeedQuery {
    fn fortifier(&self) -> Fortifier {
        match self.fortifier_protein_mg_per_dl {
            None => Fortifier::USUAL,
            Some(protein_mg_per_dl) => Fortifier {
                protein_mg_per_dl,
                energy_tenths_kcal_per_dl: self.fortifier_energy_tenths_kcal_per_dl,
            },
        }
    }

    fn plan(&self) -> FeedingPlan {
        FeedingPlan {
            birth_weight_g: self.birth_weight_g,
            current_weight_g: self.current_weight_g.unwrap_or(self.birth_weight_g),
            from_feeding_day: self.from_feeding_day,
            days: self.days,
            own_tenths_ml_per_kg: self.own_tenths_ml_per_kg,
            own_milk_ml_per_day: self.own_milk_ml_per_day.unwrap_or(0),
        }
    }
}

/// One day.
#[derive(Serialize, ToSchema)]
#[schema(as = DayNeed)]
struct DayView {
    /// Day of feeds, 1 = the first ever.
    feeding_day: u16,
    /// All feeds, tenths of a mL/kg.
    tenths_ml_per_kg: i64,
    /// All feeds, mL.
    feeds_ml: i64,
    /// Of it, donor milk, mL.
    donor_milk_ml: i64,
}

/// Bottles of one size for all the days.
#[derive(Serialize, ToSchema)]
#[schema(as = BottleFit)]
struct FitView {
    /// Size, mL.
    bottle_ml: i64,
    /// Bottles opened; thawed milk keeps a day, so each day opens its own.
    bottles: i64,
    /// What they hold, mL.
    volume_ml: i64,
    /// Opened and not fed, mL.
    left_over_ml: i64,
}

/// An estimate, never a prescription.
#[derive(Serialize, ToSchema)]
#[schema(as = NeedEstimate)]
struct NeedView {
    /// Day by day.
    days: Vec<DayView>,
    /// Donor milk of all days, mL.
    donor_milk_ml: i64,
    /// Bottle sizes, least left over first.
    bottles: Vec<FitView>,
    /// A preference of milk type for this infant, where there is one.
    preferred_milk_type: Option<&'static str>,
    /// Protein in the lot from which the target is reached with the fortifier at a full feed, mg/dL.
    min_protein_mg_per_dl: Option<i64>,
    /// The same for energy, tenths of a kcal/dL; none where the fortifier's energy is not given.
    min_energy_tenths_kcal_per_dl: Option<i64>,
    /// Intake of protein from the lot at a full feed, mg/kg/day.
    protein_mg_per_kg: Option<i64>,
    /// Intake of energy, tenths of a kcal/kg/day.
    energy_tenths_kcal_per_kg: Option<i64>,
    /// Documents behind the figures.
    sources: Vec<&'static str>,
    /// To be shown with them.
    note: &'static str,
}

/// Estimates an infant's need of donor milk day by day, the bottles for it, and what a lot would give.
#[utoipa::path(tag = "requests", params(NeedQuery),
    responses((status = 200, description = "The estimate.", body = NeedView)))]
#[get("/v1/needs")]
async fn estimate_need(_call: Allowed<ReadRequests>, query: Query<NeedQuery>) -> Answer {
    let Query(query) = query;
    Ok(HttpResponse::Ok().json(estimate(&query)))
}

fn estimate(query: &NeedQuery) -> NeedView {
    let days = need::daily_needs(&query.plan());
    let sizes = query.bottle_ml.map_or_else(|| USUAL_SIZES.to_vec(), |size| vec![size]);
    let mut fits: Vec<_> = sizes.into_iter().filter_map(|ml| need::bottles_for(&days, Volume::from_ml(ml))).collect();
    fits.sort_by_key(|fit| (fit.left_over_ml, -fit.bottle_ml));
    let (fortifier, full) = (query.fortifier(), need::FULL_FEED_ML_PER_KG * 10);
    let intake = need::intake(query.protein_mg_per_dl, query.energy_tenths_kcal_per_dl, &fortifier, full);
    let early = need::prefers_preterm_milk(query.gestation_days.unwrap_or(u16::MAX), query.birth_weight_g);
    NeedView {
        donor_milk_ml: need::donor_milk(&days).ml(),
        days: days.iter().map(day_view).collect(),
        bottles: fits
            .into_iter()
            .map(|need::BottleFit { bottle_ml, bottles, volume_ml, left_over_ml }| FitView {
                bottle_ml,
                bottles,
                volume_ml,
                left_over_ml,
            })
            .collect(),
        preferred_milk_type: early.then_some("preterm"),
        min_protein_mg_per_dl: need::least_protein(&fortifier, full),
        min_energy_tenths_kcal_per_dl: need::least_energy(&fortifier, full),
        protein_mg_per_kg: intake.protein_mg_per_kg,
        energy_tenths_kcal_per_kg: intake.energy_tenths_kcal_per_kg,
        sources: vec![need::RAMP_SOURCE, need::TARGET_SOURCE, need::FORTIFIER_SOURCE],
        note: "An estimate to be checked against the chart. The hub never prescribes.",
    }
}

const fn day_view(day: &DayNeed) -> DayView {
    let DayNeed { feeding_day, tenths_ml_per_kg, feeds_ml, donor_milk_ml } = *day;
    DayView { feeding_day, tenths_ml_per_kg, feeds_ml, donor_milk_ml }
}
