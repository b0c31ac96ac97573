//! Policy sets: every clinical limit as versioned data with the document that it comes from. A limit that
//! is not written here is not applied by anybody's opinion; a value nobody has checked says so.

mod catalogue;
mod check;
mod priority;
mod region;
mod rules;

pub use catalogue::{built_in, built_in_codes};
pub use priority::{PriorityRule, Tier, TierCondition, TierRule, TierTimer};
pub use region::from_region_profile;
pub use rules::{
    Analyte, Anchor, Comparator, CultureFrequency, CultureLimit, CultureRules, DeliveryRules, EntitlementRules,
    ExpressionEdge, Form, FormRules, IceCrystals, KinshipSupport, Method, MethodRule, OrganismGroup,
    PasteurisationRules, PriceCeiling, PricingMode, PricingRule, ScreeningInterval, ScreeningRules,
};

use super::field::FieldError;
use super::words::words;
use serde::{Deserialize, Serialize};

words! {
    /// How much is known about a value.
    Mark {
        /// Read in the document itself and checked by a named person.
        Verified = "verified",
        /// Read in public material that reports the document.
        Sourced = "sourced",
        /// Arithmetic or inference on sourced values.
        Derived = "derived",
        /// From general knowledge, not found in public material.
        Memory = "memory",
        /// A choice made to have a value; plausible, not evidence.
        Assumed = "assumed",
        /// Looked for, not found.
        Unknown = "unknown",
    }
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The document, such as `Arrêté 25 Aug 2010 art. 1`.
    pub document: String,
    /// Its version or date, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// How much is known.
    pub mark: Mark,
    /// What a signer should know before relying on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl Source {
    /// A source without version or note.
    #[must_use]
    pub fn new(document: impl Into<String>, mark: Mark) -> Self {
        Self { document: document.into(), version: None, mark, note: None }
    }

    /// A value that was chosen because none was found.
    #[must_use]
    pub fn assumed() -> Self {
        Self::new("Milkbridge default", Mark::Assumed)
    }
}

/// A value of a policy with its source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sourced<T> {
    /// The value.
    pub value: T,
    /// Where it comes from.
    pub source: Source,
}

impl<T> Sourced<T> {
    /// A value with its source.
    #[must_use]
    pub const fn new(value: T, source: Source) -> Self {
        Self { value, source }
    }

    /// A documented default that no source supports.
    #[must_use]
    pub fn assumed(value: T) -> Self {
        Self::new(value, Source::assumed())
    }

    /// The document and mark, for the end of a sentence.
    #[must_use]
    pub fn cite(&self) -> String {
        match &self.source.version {
            Some(version) => format!("{} ({version}, {})", self.source.document, self.source.mark),
            None => format!("{} ({})", self.source.document, self.source.mark),
        }
    }
}

/// One version of a policy set. Old versions stay: a lot is judged by the rules in force at its release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyDocument {
    /// What it is.
    pub header: PolicyHeader,
    /// What it says.
    pub values: PolicyValues,
}

/// What a policy set is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyHeader {
    /// Stable code, such as `hk-ha`.
    pub code: String,
    /// Version of the set, such as `2026.1`.
    pub version: String,
    /// Its name.
    pub name: String,
    /// ISO 3166-1 alpha-2 country or another jurisdiction.
    pub jurisdiction: String,
}

/// Every limit of a policy set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyValues {
    /// Donor screening.
    pub screening: ScreeningRules,
    /// Cultures before and after the heat.
    pub cultures: CultureRules,
    /// The heat itself, calibration and cooling.
    pub pasteurisation: PasteurisationRules,
    /// Shelf life, storage and transport by form. A form that is not listed is not accepted.
    pub forms: Vec<FormRules>,
    /// Most donors in one pool.
    pub max_donors_per_pool: Sourced<u16>,
    /// Delivery, thawing, sharing.
    pub delivery: DeliveryRules,
    /// Prescription, consent, kinship.
    pub entitlement: EntitlementRules,
    /// Who comes first.
    pub priority: PriorityRule,
    /// What may be charged.
    pub pricing: Sourced<PricingRule>,
    /// Years that safety, custody and dispensing records are kept.
    pub retention_years: Sourced<u16>,
    /// From this date a transfer needs the Single European Code; none outside the Union.
    pub single_european_code_from: Sourced<Option<jiff::civil::Date>>,
}

impl PolicyDocument {
    /// Code and version, for sentences.
    #[must_use]
    pub fn title(&self) -> String {
        format!("{} {}", self.header.code, self.header.version)
    }

    /// The rules for a form, if the policy has any.
    #[must_use]
    pub fn form(&self, form: Form) -> Option<&FormRules> {
        self.values.forms.iter().find(|rules| rules.form == form)
    }

    /// Everything wrong with the document; empty when it can be used.
    #[must_use]
    pub fn defects(&self) -> Vec<FieldError> {
        check::defects(self)
    }

    /// Reads a policy profile of a region file; see [`from_region_profile`].
    ///
    /// # Errors
    /// Every field of the profile that cannot be read.
    pub fn from_region_profile(code: &str, profile: &serde_json::Value) -> Result<Self, Vec<FieldError>> {
        region::from_region_profile(code, profile)
    }
}
