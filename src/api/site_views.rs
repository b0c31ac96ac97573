//! Sites and their stock as the wire shows them.

use super::listed::{CapabilityWord, FormWord, SiteRoleWord, SiteStateWord};
use crate::actions::ledger::{LotStock, SiteStock};
use crate::actions::sites::{PolicySignature, SiteSeen};
use crate::domain::ids::{LotId, PolicySetId, SiteId};
use crate::domain::opening_hours::OpeningHours;
use crate::domain::policy::Form;
use crate::domain::site::{Capability, Site, SiteRole, SiteState, StandingRule};
use crate::domain::time::Instant;
use serde::Serialize;
use utoipa::ToSchema;

/// What a site accepts without being asked each time.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only describes; the domain's own type is read and written")]
#[schema(as = StandingRule)]
pub struct StandingRuleView {
    /// True when offers to this site are accepted at once.
    accept_offers: bool,
    /// Only offers for these urgency tiers; left out means any.
    accept_tiers: Option<Vec<u8>>,
    /// Only offers up to this volume; left out means any.
    #[schema(minimum = 1)]
    max_volume_ml: Option<i64>,
}

/// Who answers for the policy set that a site follows.
#[derive(Serialize, ToSchema)]
#[schema(as = PolicySignature)]
pub struct SignatureView {
    /// The person or client who signed.
    signed_by: String,
    /// In which function.
    signer_title: String,
    /// What they stated.
    statement: String,
    /// True when it was signed for a demonstration only.
    demonstration: bool,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    signed_at: Instant,
}

impl From<&PolicySignature> for SignatureView {
    fn from(signature: &PolicySignature) -> Self {
        let PolicySignature {
            site_id: _,
            policy_set_id: _,
            signed_by,
            signer_title,
            statement,
            demonstration,
            signed_at,
        } = signature;
        Self {
            signed_by: signed_by.clone(),
            signer_title: signer_title.clone(),
            statement: statement.clone(),
            demonstration: *demonstration,
            signed_at: *signed_at,
        }
    }
}

/// A site.
#[derive(Serialize, ToSchema)]
#[schema(as = Site)]
pub struct SiteView {
    /// Identifier.
    #[schema(value_type = String, format = "uuid")]
    id: SiteId,
    /// Short stable code.
    code: String,
    /// What it does.
    #[schema(value_type = SiteRoleWord)]
    role: SiteRole,
    /// Name in English or Latin letters.
    name: String,
    /// Name in its own script.
    name_local: Option<String>,
    /// City.
    city: String,
    /// Province, region or district.
    admin_area: Option<String>,
    /// ISO 3166-1 alpha-2 country.
    country: String,
    /// Degrees, WGS 84.
    latitude: f64,
    /// Degrees, WGS 84.
    longitude: f64,
    /// IANA time zone.
    time_zone: String,
    /// True when infants in need of milk lie there.
    has_nicu: bool,
    /// Level by the country's own scale.
    nicu_level: Option<u8>,
    /// A group of hospitals it belongs to.
    cluster: Option<String>,
    /// Forms of milk it can store and use.
    #[schema(value_type = Vec<FormWord>)]
    accepts_forms: Vec<Form>,
    /// Local hours per weekday; empty means always open.
    #[schema(value_type = Object)]
    opening_hours: OpeningHours,
    /// What it can do beyond its role.
    #[schema(value_type = Vec<CapabilityWord>)]
    capabilities: Vec<Capability>,
    /// Whether it takes part.
    #[schema(value_type = SiteStateWord)]
    state: SiteState,
    /// The policy set it follows.
    #[schema(value_type = Option<String>, format = "uuid")]
    policy_set_id: Option<PolicySetId>,
    /// Who answers for that set here.
    policy_signature: Option<SignatureView>,
    /// True when it accepts the duty to record which infant was fed what.
    records_infant_use: bool,
    /// End of its licence.
    #[schema(value_type = Option<String>, format = DateTime)]
    licence_valid_until: Option<Instant>,
    /// Millilitres that it never gives away; only for those who act for the site.
    #[serde(skip_serializing_if = "Option::is_none")]
    reserve_ml: Option<i64>,
    /// What it accepts without being asked; only for those who act for the site.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<StandingRuleView>)]
    standing_rule: Option<StandingRule>,
    /// First registered.
    #[schema(value_type = String, format = DateTime)]
    created_at: Instant,
    /// Last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Instant,
    /// Version for `If-Match`.
    version: i64,
}

impl From<&SiteSeen> for SiteView {
    fn from(seen: &SiteSeen) -> Self {
        let SiteSeen { site, own, signature } = seen;
        let Site {
            id,
            code,
            role,
            name,
            name_local,
            city,
            admin_area,
            country,
            position,
            time_zone,
            has_nicu,
            nicu_level,
            cluster,
            accepts_forms,
            opening_hours,
            capabilities,
            state,
            policy_set_id,
            licence_valid_until,
            records_infant_use,
            reserve_ml,
            standing_rule,
            version,
            created_at,
            updated_at,
        } = site;
        let (latitude, longitude) = position.degrees();
        Self {
            id: *id,
            code: code.clone(),
            role: *role,
            name: name.clone(),
            name_local: name_local.clone(),
            city: city.clone(),
            admin_area: admin_area.clone(),
            country: country.to_string(),
            latitude,
            longitude,
            time_zone: time_zone.clone(),
            has_nicu: *has_nicu,
            nicu_level: *nicu_level,
            cluster: cluster.clone(),
            accepts_forms: accepts_forms.clone(),
            opening_hours: opening_hours.clone(),
            capabilities: capabilities.clone(),
            state: *state,
            policy_set_id: *policy_set_id,
            policy_signature: signature.as_ref().map(SignatureView::from),
            records_infant_use: *records_infant_use,
            licence_valid_until: *licence_valid_until,
            reserve_ml: own.then(|| reserve_ml.ml()),
            standing_rule: own.then(|| standing_rule.clone()),
            created_at: *created_at,
            updated_at: *updated_at,
            version: *version,
        }
    }
}

/// What a site has of one lot and bottle size.
#[derive(Serialize, ToSchema)]
#[schema(as = LotStock)]
pub struct LotStockView {
    /// The lot.
    #[schema(value_type = String, format = "uuid")]
    lot_id: LotId,
    /// Its code.
    lot_code: String,
    /// `registered`, `quarantined`, `released`, `held`, `exhausted`, `discarded`, `recalled` or `expired`.
    lot_state: String,
    /// Its expiry.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Instant,
    /// Size of one bottle, mL.
    size_ml: i64,
    /// Bottles that may be used or given away.
    bottles: i64,
    /// Those of them that nobody was promised.
    unpromised_bottles: i64,
    /// Bottles set apart, or of a lot that is not released.
    quarantined_bottles: i64,
}

impl From<LotStock> for LotStockView {
    fn from(stock: LotStock) -> Self {
        let LotStock {
            lot_id,
            lot_code,
            lot_state,
            expires_at,
            size_ml,
            bottles,
            unpromised_bottles,
            quarantined_bottles,
        } = stock;
        Self { lot_id, lot_code, lot_state, expires_at, size_ml, bottles, unpromised_bottles, quarantined_bottles }
    }
}

/// What is in a site's store.
#[derive(Serialize, ToSchema)]
#[schema(as = SiteStock)]
pub struct StockView {
    /// The site.
    #[schema(value_type = String, format = "uuid")]
    site_id: SiteId,
    /// Released milk in its store.
    in_stock_ml: i64,
    /// Of that, what nobody was promised.
    unpromised_ml: i64,
    /// Of that, what somebody was promised.
    promised_ml: i64,
    /// Set apart, or of a lot that is not released.
    quarantined_ml: i64,
    /// Released milk that expires within seven days.
    expiring_7_days_ml: i64,
    /// By lot and bottle size, soonest expiry first.
    lots: Vec<LotStockView>,
}

impl From<SiteStock> for StockView {
    fn from(stock: SiteStock) -> Self {
        let SiteStock { site_id, in_stock_ml, unpromised_ml, promised_ml, quarantined_ml, expiring_7_days_ml, lots } =
            stock;
        Self {
            site_id,
            in_stock_ml,
            unpromised_ml,
            promised_ml,
            quarantined_ml,
            expiring_7_days_ml,
            lots: lots.into_iter().map(LotStockView::from).collect(),
        }
    }
}
