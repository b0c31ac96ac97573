//! What a family and a prescriber ask of the milk. Constraints are hard and stated, never inferred from a
//! name or a faith; preferences only choose among milk that passes.

use crate::domain::lot::{MilkType, SafetyRecord};
use crate::domain::policy::Form;
use crate::domain::words::words;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

words! {
    /// How a family reckons milk kinship.
    #[derive(Default)]
    KinshipPathway {
        /// It asks for nothing.
        #[default]
        None = "none",
        /// It wishes that no kinship arises.
        Avoid = "avoid",
        /// It wishes that kinship is recorded.
        Record = "record",
        /// It declines donor milk.
        OptOut = "opt_out",
    }
}

/// Conditions that milk must meet.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Constraints {
    /// Every donor avoided dairy.
    pub dairy_free: bool,
    /// Every donor is CMV-IgG-negative.
    pub cmv_negative: bool,
    /// Most donors in a lot.
    pub max_donors: Option<u16>,
    /// Only lots of one donor.
    pub single_donor_only: bool,
    /// How the family reckons milk kinship.
    pub kinship: KinshipPathway,
    /// Most feeds of one donor's milk to this infant.
    pub max_feeds_per_donor: Option<u32>,
    /// Fewest donors in a pool.
    pub min_pool_donors: Option<u16>,
    /// True when the family asks to be told who the donors are.
    pub identity_disclosure: bool,
    /// Milk types taken; empty takes all.
    pub milk_types: Vec<MilkType>,
    /// Forms taken; empty takes all.
    pub forms: Vec<Form>,
}

/// Wishes that choose among milk that passes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Preferences {
    /// Milk types preferred; empty prefers none.
    pub milk_types: Vec<MilkType>,
    /// Least protein, in milligrams per decilitre.
    pub min_protein_mg_per_dl: Option<u32>,
    /// Least energy, in tenths of a kilocalorie per decilitre.
    pub min_energy_tenths_kcal_per_dl: Option<u32>,
    /// Bottle size that fits a day's need best, mL: what is opened and not drunk is thrown away.
    pub bottle_ml: Option<u32>,
}

impl Preferences {
    /// How many of the stated wishes a lot misses; an analysis that was not made misses.
    #[must_use]
    pub fn missed_by(&self, record: &SafetyRecord) -> u32 {
        let composition = record.composition.as_ref();
        let type_missed = !self.milk_types.is_empty() && !self.milk_types.contains(&record.milk_type);
        let protein_missed = self
            .min_protein_mg_per_dl
            .is_some_and(|least| composition.is_none_or(|found| found.protein_mg_per_dl < least));
        let energy_missed = self
            .min_energy_tenths_kcal_per_dl
            .is_some_and(|least| composition.is_none_or(|found| found.energy_tenths_kcal_per_dl < least));
        u32::from(type_missed) + u32::from(protein_missed) + u32::from(energy_missed)
    }
}

/// How many feeds of each donor's milk one infant has had.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DonorFeedCounts(BTreeMap<String, u32>);

impl DonorFeedCounts {
    /// Adds feeds of one donor's milk.
    pub fn add(&mut self, donor_ref: &str, feeds: u32) {
        let count = self.0.entry(donor_ref.to_owned()).or_default();
        *count = count.saturating_add(feeds);
    }

    /// Feeds of one donor's milk so far.
    #[must_use]
    pub fn count(&self, donor_ref: &str) -> u32 {
        self.0.get(donor_ref).copied().unwrap_or_default()
    }

    /// Donors whose milk the infant has had.
    #[must_use]
    pub fn donors(&self) -> usize {
        self.0.values().filter(|feeds| **feeds > 0).count()
    }
}
