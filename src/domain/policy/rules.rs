//! The parts of a policy set: what is tested, how hot, how long, how many, for how much. Values only; the
//! decisions that use them live with the lot, the request and the transfer.

use super::Sourced;
use crate::domain::quantity::Celsius;
use crate::domain::words::words;
use serde::{Deserialize, Serialize};

words! {
    /// A marker that donors are tested for.
    Analyte {
        /// HIV 1 and 2.
        Hiv12 = "hiv_1_2",
        /// Hepatitis B surface antigen.
        Hbsag = "hepatitis_b_hbsag",
        /// Hepatitis B core antibody.
        AntiHbc = "hepatitis_b_anti_hbc",
        /// Hepatitis C.
        Hcv = "hepatitis_c",
        /// Syphilis.
        Syphilis = "syphilis",
        /// HTLV I and II.
        Htlv12 = "htlv_1_2",
        /// Cytomegalovirus IgG: past contact.
        CmvIgg = "cmv_igg",
        /// Tuberculosis.
        Tuberculosis = "tuberculosis",
        /// Rubella IgG: immunity.
        RubellaIgg = "rubella_igg",
        /// Nicotine.
        Nicotine = "nicotine",
    }

    /// What a screening interval counts from.
    Anchor {
        /// One valid test before the first donation; no repeat (NICE CG93).
        FirstDonation = "first_donation",
        /// A valid test for each donation (France, Hong Kong).
        EachDonation = "each_donation",
    }

    /// Which end of the expression range a limit of days is measured to.
    ExpressionEdge {
        /// The first day of expression: the test covers the collection that it opens.
        FirstExpression = "first_expression",
        /// The last day of expression: the test covers every drop.
        LastExpression = "last_expression",
    }

    /// A group of organisms that a limit speaks of.
    OrganismGroup {
        /// Everything that grows.
        TotalViable = "total_viable",
        /// Staphylococcus aureus.
        SAureus = "s_aureus",
        /// Enterobacterales (Enterobacteriaceae).
        Enterobacterales = "enterobacterales",
        /// Bacillus species.
        Bacillus = "bacillus",
        /// Enterococci.
        Enterococci = "enterococci",
        /// Coliforms.
        Coliforms = "coliforms",
        /// Any named pathogen.
        Pathogens = "pathogens",
    }

    /// How a count is compared with its limit.
    Comparator {
        /// Refused when greater; exactly the limit passes.
        RejectAbove = "reject_above",
        /// Refused when greater or equal; exactly the limit fails.
        RejectAtOrAbove = "reject_at_or_above",
        /// Refused when anything grew.
        RejectAnyGrowth = "reject_any_growth",
    }

    /// How often the culture after the heat is taken.
    CultureFrequency {
        /// For every batch: a missing result is never a pass.
        EveryBatch = "every_batch",
        /// At intervals: a batch without one can be released here, but not for a receiver that wants every batch.
        Periodic = "periodic",
    }

    /// How milk is made safe.
    Method {
        /// 62.5 °C for 30 minutes.
        Holder = "holder",
        /// High temperature, short time.
        Htst = "htst",
        /// High pressure.
        Hpp = "hpp",
        /// Ultraviolet C.
        UvC = "uv_c",
        /// Flash heating; not bank practice.
        FlashHeat = "flash_heat",
        /// Retort or ultra-high temperature: shelf-stable.
        Retort = "retort",
    }

    /// The form milk is kept in.
    Form {
        /// Deep-frozen.
        Frozen = "frozen",
        /// Lyophilised powder.
        FreezeDried = "freeze_dried",
        /// Sterile liquid kept at room temperature.
        LiquidShelfStable = "liquid_shelf_stable",
    }

    /// What a partly thawed bottle with ice crystals counts as.
    IceCrystals {
        /// Still frozen (Austin, HCA).
        CountAsFrozen = "count_as_frozen",
        /// Thawed: it must be frozen solid (NICE).
        CountAsThawed = "count_as_thawed",
    }

    /// What a jurisdiction offers to families who reckon milk kinship.
    KinshipSupport {
        /// No record is kept.
        None = "none",
        /// Recorded when a family asks.
        OnFamilyRequest = "on_family_request",
        /// Always recorded.
        Always = "always",
    }

    /// What may be charged for milk.
    PricingMode {
        /// No price is written: a charge has no basis.
        None = "none",
        /// Sale is barred by law.
        Barred = "barred",
        /// Recovery of costs up to a ceiling.
        Capped = "capped",
        /// A tariff set by an authority.
        Tariff = "tariff",
    }
}

impl Analyte {
    /// True where a reactive result means past contact or immunity, not a danger in pasteurised milk.
    #[must_use]
    pub const fn reactive_is_harmless(self) -> bool {
        matches!(self, Self::CmvIgg | Self::RubellaIgg)
    }
}

/// Donor screening.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScreeningRules {
    /// What every donor must be tested for.
    pub panel: Sourced<Vec<Analyte>>,
    /// For how long a test holds.
    pub interval: Sourced<ScreeningInterval>,
    /// True where results from pregnancy are taken.
    pub accepts_prenatal: Sourced<bool>,
    /// True where the signed health questionnaire must be on file.
    pub questionnaire_required: Sourced<bool>,
}

/// For how long a test holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScreeningInterval {
    /// What the days count from.
    pub anchor: Anchor,
    /// Most days from the sample to the edge of expression; none means that a test does not age.
    pub max_age_days: Option<u16>,
    /// The day of expression that the sample must cover.
    pub measured_to: ExpressionEdge,
}

/// Cultures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CultureRules {
    /// Limits before the heat.
    pub before: Sourced<Vec<CultureLimit>>,
    /// Limits after the heat.
    pub after: Sourced<Vec<CultureLimit>>,
    /// How often the culture after the heat is taken.
    pub after_frequency: Sourced<CultureFrequency>,
    /// The detection limit taken for "nothing found" where the laboratory states none, in CFU/mL; none
    /// refuses such a result.
    pub unstated_detection_limit_cfu_per_ml: Sourced<Option<u64>>,
    /// Most acidity before the heat, in tenths of a degree Dornic (Brazil); none asks for no measurement.
    pub max_acidity_tenths_dornic: Sourced<Option<u16>>,
}

/// One limit on a count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CultureLimit {
    /// Which organisms.
    pub group: OrganismGroup,
    /// How the count is compared.
    pub comparator: Comparator,
    /// The limit in CFU/mL; not used for `reject_any_growth`.
    pub cfu_per_ml: u64,
    /// True where a missing result is a refusal.
    pub required: bool,
}

/// The heat, the thermometer and the cooling.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PasteurisationRules {
    /// Methods allowed with their targets.
    pub methods: Sourced<Vec<MethodRule>>,
    /// True where raw donor milk may be given.
    pub raw_allowed: Sourced<bool>,
    /// Most days between the thermometer's calibration and the run.
    pub calibration_max_age_days: Sourced<u16>,
    /// Most seconds from the end of the hold to 4 °C; none asks for no figure.
    pub max_cooling_to_4_c_s: Sourced<Option<u32>>,
    /// True where the record must name the pasteuriser, not only the run.
    pub device_ref_required: Sourced<bool>,
    /// Most days from the first expression to the heat; none sets no limit.
    pub raw_frozen_max_days: Sourced<Option<u16>>,
    /// Most days from the first expression to the culture; none sets no limit.
    pub expression_to_test_max_days: Sourced<Option<u16>>,
}

/// One method with its target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MethodRule {
    /// The method.
    pub method: Method,
    /// Lowest temperature allowed during the hold, in hundredths of a degree Celsius; none for pressure or light.
    pub min_temp_hundredths_c: Option<Celsius>,
    /// Shortest hold in seconds.
    pub min_hold_s: u32,
}

/// Shelf life, storage and transport of one form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormRules {
    /// The form.
    pub form: Form,
    /// Days of life after the end of the heat.
    pub life_after_pasteurisation_days: Sourced<Option<u16>>,
    /// Days of life after the first day of expression.
    pub life_after_expression_days: Sourced<Option<u16>>,
    /// Warmest storage, in hundredths of a degree Celsius.
    pub storage_max_hundredths_c: Sourced<Celsius>,
    /// Warmest transport, in hundredths of a degree Celsius.
    pub transport_max_hundredths_c: Sourced<Celsius>,
    /// Minutes above the transport limit before an excursion is declared.
    pub transport_tolerance_min: Sourced<u16>,
    /// At or above this, in hundredths of a degree Celsius, one reading is an excursion.
    pub transport_peak_hundredths_c: Sourced<Celsius>,
    /// Longest silence of a logger, in minutes, before an excursion is declared.
    pub transport_gap_max_min: Sourced<u16>,
}

/// Delivery, thawing and sharing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeliveryRules {
    /// Fewest days of life that must be left at delivery.
    pub min_remaining_days: Sourced<u16>,
    /// Most hours under way; none leaves it to the packaging.
    pub max_transit_h: Sourced<Option<u16>>,
    /// Hours of use after thawing.
    pub thawed_use_within_h: Sourced<u16>,
    /// What a bottle with ice crystals counts as.
    pub ice_crystals: Sourced<IceCrystals>,
    /// True where one opened bottle may feed several infants.
    pub container_sharing: Sourced<bool>,
    /// True where a recipient unit may pass frozen milk on.
    pub unit_redistribution_allowed: Sourced<bool>,
}

/// What a request must carry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntitlementRules {
    /// True where a prescription is needed for a named infant.
    pub prescription_required: Sourced<bool>,
    /// True where the family's consent is needed for a named infant.
    pub consent_required: Sourced<bool>,
    /// What is offered to families who reckon milk kinship.
    pub kinship: Sourced<KinshipSupport>,
    /// True where donors stay anonymous to families, so that identity is never disclosed.
    pub anonymous_donation: Sourced<bool>,
}

/// What may be charged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PricingRule {
    /// The mode.
    pub mode: PricingMode,
    /// The most per litre, by form and currency.
    pub ceilings: Vec<PriceCeiling>,
}

/// The most that may be charged for one litre.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceCeiling {
    /// The form.
    pub form: Form,
    /// ISO 4217 currency; none means the currency of the site.
    pub currency: Option<String>,
    /// Minor units of the currency per litre: cents for EUR.
    pub per_litre_minor: i64,
}
