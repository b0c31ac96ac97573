//! Constraints and preferences as they come over the wire.

use crate::domain::lot::MilkType;
use crate::domain::request::{Constraints, KinshipPathway, Preferences};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A family's wish on milk kinship, as stated; never inferred from a name or a faith.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = KinshipWish)]
pub struct KinshipBody {
    /// none, avoid (spread over many donors), record (few known donors) or opt_out.
    #[schema(value_type = String, example = "avoid")]
    pathway: KinshipPathway,
    /// At most so many feeds of one donor.
    #[schema(minimum = 1, maximum = 1000)]
    max_feeds_per_donor: Option<u32>,
    /// A pool has at least so many donors.
    #[schema(minimum = 1, maximum = 100)]
    min_pool_donors: Option<u16>,
    /// The family wants the donor's identity disclosed and consents to its own.
    #[serde(default)]
    disclosure_consented: bool,
}

/// Hard constraints.
#[derive(Default, Deserialize, Serialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = Constraints)]
pub struct ConstraintsBody {
    /// Every donor avoids cow's milk.
    dairy_free: bool,
    /// Every donor is CMV IgG negative.
    cmv_negative: bool,
    /// At most so many donors in a lot.
    #[schema(minimum = 1, maximum = 100)]
    max_donors: Option<u16>,
    /// One donor only.
    single_donor: bool,
    /// The family's wish on milk kinship.
    kinship: Option<KinshipBody>,
    /// Milk types taken; any, if none is given.
    #[schema(value_type = Vec<String>, max_items = 4)]
    milk_types: Vec<MilkType>,
}

impl From<ConstraintsBody> for Constraints {
    fn from(body: ConstraintsBody) -> Self {
        let kinship = body.kinship;
        Self {
            dairy_free: body.dairy_free,
            cmv_negative: body.cmv_negative,
            max_donors: body.max_donors,
            single_donor_only: body.single_donor,
            kinship: kinship.as_ref().map_or(KinshipPathway::None, |wish| wish.pathway),
            max_feeds_per_donor: kinship.as_ref().and_then(|wish| wish.max_feeds_per_donor),
            min_pool_donors: kinship.as_ref().and_then(|wish| wish.min_pool_donors),
            identity_disclosure: kinship.as_ref().is_some_and(|wish| wish.disclosure_consented),
            milk_types: body.milk_types,
            forms: Vec::new(),
        }
    }
}

/// Preferences: they only choose among milk that passes.
#[derive(Default, Deserialize, Serialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = Preferences)]
pub struct PreferencesBody {
    /// Milk type.
    #[schema(value_type = Option<String>, example = "preterm")]
    milk_type: Option<MilkType>,
    /// At least this protein, mg/dL.
    #[schema(minimum = 0, maximum = 10_000)]
    min_protein_mg_per_dl: Option<u32>,
    /// At least this energy, tenths of a kcal/dL.
    #[schema(minimum = 0, maximum = 3000)]
    min_energy_tenths_kcal_per_dl: Option<u32>,
    /// Bottle size that fits a day's need best, mL.
    #[schema(minimum = 1, maximum = 1000)]
    bottle_ml: Option<u32>,
}

impl From<PreferencesBody> for Preferences {
    fn from(body: PreferencesBody) -> Self {
        let PreferencesBody { milk_type, min_protein_mg_per_dl, min_energy_tenths_kcal_per_dl, bottle_ml } = body;
        Self {
            milk_types: milk_type.into_iter().collect(),
            min_protein_mg_per_dl,
            min_energy_tenths_kcal_per_dl,
            bottle_ml,
        }
    }
}
