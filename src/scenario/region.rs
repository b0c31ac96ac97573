//! A region file: sites, policy profiles, carriers and parameters of one network of hospitals. Wrong or
//! missing fields are refused; fields that this hub has no use for are left alone, as the format allows.

use serde::Deserialize;
use std::collections::BTreeMap;

/// A whole region file, version 1.0.
#[derive(Debug, Clone, Deserialize)]
pub struct Region {
    /// Format version; `1.0`.
    pub schema_version: String,
    /// Short name, used in ids of the event stream.
    pub region_id: String,
    /// English name.
    pub name: String,
    /// Name in the region's own language.
    pub name_local: Option<String>,
    /// ISO 3166-1 alpha-2 codes.
    pub countries: Vec<String>,
    /// ISO 4217 code of the region.
    pub currency: String,
    /// ISO 4217 code per country, where there are two.
    #[serde(default)]
    pub currencies: BTreeMap<String, String>,
    /// IANA zones; the first is the main one.
    pub time_zones: Vec<String>,
    /// The rules that sites follow, by id.
    pub policy_profiles: BTreeMap<String, PolicyProfile>,
    /// Who carries milk.
    pub carriers: Vec<Carrier>,
    /// Parameters of the region.
    pub sim: RegionParameters,
    /// Hospitals and banks.
    pub sites: Vec<Site>,
}

/// The rules a site follows: working approximations, not a legal or clinical reference.
#[derive(Debug, Clone, Deserialize)]
pub struct PolicyProfile {
    /// Name of the document that the profile approximates.
    pub name: String,
    /// Warmest allowed freezer, °C.
    pub storage_max_temp_c: f64,
    /// Freezer setting, °C.
    pub storage_set_temp_c: f64,
    /// Required heat treatment.
    pub pasteurisation: PasteurisationRule,
    /// Frozen life counted from pasteurisation, days.
    pub shelf_life_after_pasteurisation_days: i64,
    /// Frozen life counted from the first expression, days.
    pub shelf_life_after_expression_days: Option<i64>,
    /// Life of freeze-dried milk, days.
    pub shelf_life_freeze_dried_days: Option<i64>,
    /// Longest frozen storage before pasteurisation, days.
    pub raw_frozen_max_days: Option<i64>,
    /// Longest time from expression to test, days.
    pub max_days_expression_to_test: Option<i64>,
    /// Hours after thawing.
    pub thawed_use_within_h: i64,
    /// Days for which a donor's tests count; absent where they are not repeated.
    pub donor_serology_interval_days: Option<i64>,
    /// Pooling rule in words.
    pub pooling: Option<String>,
    /// Limits before pasteurisation; absent where no culture is taken.
    pub pre_culture_limits_cfu_per_ml: Option<CultureLimits>,
    /// Limit after pasteurisation, CFU/mL; 0 means any growth fails.
    pub post_culture_limit_cfu_per_ml: f64,
    /// Highest acidity, degrees Dornic.
    pub acidity_max_dornic: Option<f64>,
    /// Warmest allowed transport of frozen milk, °C.
    pub transport_max_temp_c: f64,
    /// Minutes above that limit that a receiver tolerates.
    pub transport_tolerance_min: i64,
    /// Longest journey, hours.
    pub transport_max_h: Option<i64>,
    /// Cost recovery per litre: a number, one per form, or null.
    pub charge_per_litre: Option<Charge>,
    /// May one opened bottle feed several infants?
    pub container_sharing: bool,
    /// May a unit hand milk on to another unit?
    #[serde(default)]
    pub unit_redistribution_allowed: bool,
    /// Is a prescription needed?
    #[serde(default)]
    pub prescription_required: bool,
    /// Is the sale of milk barred?
    #[serde(default)]
    pub sale_prohibited: bool,
    /// Kinship rule in words.
    pub kinship_record: Option<String>,
    /// Are donors anonymous to families?
    #[serde(default)]
    pub anonymous_donation: bool,
    /// Smallest donation, mL.
    pub min_donation_ml: Option<i64>,
    /// Mark per value: sourced, derived, seed, memory or assumed.
    #[serde(default)]
    pub provenance: BTreeMap<String, String>,
    /// Sources by id.
    #[serde(default)]
    pub source_ids: Vec<String>,
}

/// Heat treatment.
#[derive(Debug, Clone, Deserialize)]
pub struct PasteurisationRule {
    /// `holder` and the like.
    pub method: String,
    /// Target, °C.
    pub target_temp_c: f64,
    /// Hold, minutes.
    pub hold_min: f64,
}

/// Culture limits before pasteurisation, CFU/mL; an absent one is not limited.
#[derive(Debug, Clone, Deserialize)]
pub struct CultureLimits {
    /// Total viable count.
    pub total_viable: Option<i64>,
    /// *Staphylococcus aureus*.
    pub s_aureus: Option<i64>,
    /// Enterobacterales.
    pub enterobacterales: Option<i64>,
}

/// Cost recovery per litre.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Charge {
    /// One amount for every form.
    Flat(f64),
    /// One amount per form.
    ByForm(BTreeMap<String, f64>),
}

/// A carrier that may move milk.
#[derive(Debug, Clone, Deserialize)]
pub struct Carrier {
    /// Stable id.
    pub id: String,
    /// English name.
    pub name: String,
    /// `hospital_vehicle`, `commercial`, `volunteer`, `volunteer_blood_bike`, `bank_vehicle`, `air`.
    pub kind: String,
    /// Where its vehicles stand.
    pub base_site_id: String,
    /// Largest load of one vehicle, mL.
    pub max_payload_ml: i64,
    /// Opening and closing time, `HH:MM`; may pass midnight.
    pub hours_local: [String; 2],
    /// `daily`, `mon-sat`, `mon-fri`, `mon-thu` and longer texts that begin so.
    pub days: String,
    /// Mean road speed, km/h.
    pub speed_kmh: f64,
    /// Vehicles on a full day.
    pub vehicles: i64,
    /// `all`, `radius:<km>`, `all-local:<km>` or `country:<code>`.
    pub covers: String,
    /// Packaging in words.
    pub packaging: String,
    /// Hours for which the packaging keeps its temperature.
    pub hold_time_h: f64,
}

/// Parameters of the region that a replay uses.
#[derive(Debug, Clone, Deserialize)]
pub struct RegionParameters {
    /// Bottle sizes in mL with their share of volume.
    pub containers_ml: BTreeMap<String, f64>,
    /// Days of its own need that a unit keeps in hand.
    pub unit_cover_days: i64,
    /// Days of cover at which it orders again.
    pub unit_reorder_days: i64,
    /// Days of its own output that a bank keeps back.
    pub surplus_reserve_days: i64,
    /// Smallest order, mL.
    pub min_order_ml: i64,
    /// Share of journeys with a temperature excursion.
    pub excursion_rate: f64,
    /// Minutes between logger readings.
    pub reading_interval_min: i64,
    /// Lead time per urgency in hours, where the region has its own.
    #[serde(default)]
    pub lead_time_h: BTreeMap<String, f64>,
    /// May milk cross a border?
    #[serde(default)]
    pub cross_country_transfers: bool,
}

/// What a site does in the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SiteRole {
    /// Pasteurises and releases.
    Bank,
    /// Collects, holds or hands on.
    Depot,
    /// Feeds infants.
    Recipient,
}

/// One hospital site.
#[derive(Debug, Clone, Deserialize)]
pub struct Site {
    /// Stable id, unique over all files.
    pub id: String,
    /// What it does.
    pub role: SiteRole,
    /// English name.
    pub name: String,
    /// Local name.
    pub name_local: Option<String>,
    /// City.
    pub city: String,
    /// Province or state.
    pub admin_area: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// Degrees north, WGS 84.
    pub lat: f64,
    /// Degrees east, WGS 84.
    pub lon: f64,
    /// IANA zone.
    pub time_zone: String,
    /// Id of its policy profile.
    pub policy_profile: String,
    /// Does it feed infants on a neonatal unit?
    pub has_nicu: bool,
    /// Level on the country's scale, 1 to 4.
    pub nicu_level: Option<i64>,
    /// Forms it can use: `frozen`, `freeze_dried`.
    pub accepts_forms: Vec<String>,
    /// Forms a bank makes.
    #[serde(default)]
    pub makes_forms: Vec<String>,
    /// Parameters of the site.
    pub sim: SiteParameters,
}

/// Parameters of one site.
#[derive(Debug, Clone, Deserialize)]
pub struct SiteParameters {
    /// Raw milk collected, mL a month; banks only.
    pub collected_ml_per_month: Option<f64>,
    /// Share of the region's need; 0 for a site without infants.
    pub demand_weight: f64,
}

impl Region {
    /// The site with this id.
    #[must_use]
    pub fn find_site(&self, id: &str) -> Option<&Site> {
        self.sites.iter().find(|site| site.id == id)
    }

    /// The policy profile that a site follows.
    #[must_use]
    pub fn find_profile(&self, site: &Site) -> Option<&PolicyProfile> {
        self.policy_profiles.get(&site.policy_profile)
    }

    /// Bottle sizes in use, smallest first, mL.
    #[must_use]
    pub fn bottle_sizes_ml(&self) -> Vec<i64> {
        let mut sizes: Vec<i64> = self.sim.containers_ml.keys().filter_map(|size| size.parse().ok()).collect();
        sizes.sort_unstable();
        sizes
    }
}
