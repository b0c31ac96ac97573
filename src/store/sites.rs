//! Sites and the policy signatures that make them live.

use super::prepared::Prepare as _;
use super::row_text::{from_json, from_text, to_json};
use super::schema::{policy_signatures, sites};
use super::{AnyConn, StoreError};
use crate::domain::geography::Position;
use crate::domain::ids::{PolicySetId, SiteId};
use crate::domain::quantity::Volume;
use crate::domain::site::{Site, SiteRole, SiteState};
use crate::domain::time::Instant;
use diesel::prelude::*;

#[derive(Queryable, Insertable)]
#[diesel(table_name = sites)]
struct SiteRow {
    id: String,
    code: String,
    role: String,
    name: String,
    name_local: Option<String>,
    city: String,
    admin_area: Option<String>,
    country: String,
    latitude_e6: i64,
    longitude_e6: i64,
    time_zone: String,
    has_nicu: bool,
    nicu_level: Option<i64>,
    cluster: Option<String>,
    accepts_forms: String,
    opening_hours: String,
    capabilities: String,
    state: String,
    policy_set_id: Option<String>,
    licence_valid_until: Option<i64>,
    records_infant_use: bool,
    reserve_ml: i64,
    standing_rule: String,
    version: i64,
    created_at: i64,
    updated_at: i64,
}

impl TryFrom<SiteRow> for Site {
    type Error = StoreError;
    fn try_from(row: SiteRow) -> Result<Self, StoreError> {
        let SiteRow {
            id,
            code,
            role,
            name,
            name_local,
            city,
            admin_area,
            country,
            latitude_e6,
            longitude_e6,
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
        } = row;
        let row = format!("site {id}");
        Ok(Self {
            id: from_text(&row, "id", &id)?,
            code,
            role: from_text(&row, "role", &role)?,
            name,
            name_local,
            city,
            admin_area,
            country: from_text(&row, "country", &country)?,
            position: Position::from_micro_degrees(latitude_e6, longitude_e6)
                .map_err(|error| StoreError::corrupt(format!("{row}: {error}")))?,
            time_zone,
            has_nicu,
            nicu_level: match nicu_level {
                None => None,
                Some(level) => Some(
                    u8::try_from(level).map_err(|error| StoreError::corrupt(format!("{row}: nicu_level: {error}")))?,
                ),
            },
            cluster,
            accepts_forms: from_json(&row, "accepts_forms", &accepts_forms)?,
            opening_hours: from_json(&row, "opening_hours", &opening_hours)?,
            capabilities: from_json(&row, "capabilities", &capabilities)?,
            state: from_text(&row, "state", &state)?,
            policy_set_id: policy_set_id.map(|id| from_text(&row, "policy_set_id", &id)).transpose()?,
            licence_valid_until: licence_valid_until.map(Instant::from_micros),
            records_infant_use,
            reserve_ml: Volume::from_ml(reserve_ml),
            standing_rule: from_json(&row, "standing_rule", &standing_rule)?,
            version,
            created_at: Instant::from_micros(created_at),
            updated_at: Instant::from_micros(updated_at),
        })
    }
}

impl SiteRow {
    fn of(site: &Site) -> Result<Self, StoreError> {
        Ok(Self {
            id: site.id.to_string(),
            code: site.code.clone(),
            role: site.role.to_string(),
            name: site.name.clone(),
            name_local: site.name_local.clone(),
            city: site.city.clone(),
            admin_area: site.admin_area.clone(),
            country: site.country.to_string(),
            latitude_e6: site.position.latitude_e6(),
            longitude_e6: site.position.longitude_e6(),
            time_zone: site.time_zone.clone(),
            has_nicu: site.has_nicu,
            nicu_level: site.nicu_level.map(i64::from),
            cluster: site.cluster.clone(),
            accepts_forms: to_json(&site.accepts_forms)?,
            opening_hours: to_json(&site.opening_hours)?,
            capabilities: to_json(&site.capabilities)?,
            state: site.state.to_string(),
            policy_set_id: site.policy_set_id.map(|id| id.to_string()),
            licence_valid_until: site.licence_valid_until.map(Instant::micros),
            records_infant_use: site.records_infant_use,
            reserve_ml: site.reserve_ml.ml(),
            standing_rule: to_json(&site.standing_rule)?,
            version: site.version,
            created_at: site.created_at.micros(),
            updated_at: site.updated_at.micros(),
        })
    }
}

/// Stores a new site. A code that is taken is a unique conflict.
pub fn insert_site(conn: &mut AnyConn, site: &Site) -> Result<(), StoreError> {
    diesel::insert_into(sites::table).values(SiteRow::of(site)?).prepared().execute(conn)?;
    Ok(())
}

/// A site by its identifier.
pub fn find_site(conn: &mut AnyConn, id: SiteId) -> Result<Option<Site>, StoreError> {
    let row = sites::table.find(id.as_str()).prepared().get_result::<SiteRow>(conn).optional()?;
    row.map(Site::try_from).transpose()
}

/// Where some sites lie, millionths of a degree.
pub fn list_places(conn: &mut AnyConn, ids: &[SiteId]) -> Result<Vec<(SiteId, i64, i64)>, StoreError> {
    Ok(sites::table
        .filter(sites::id.eq_any(ids.iter().map(ToString::to_string).collect::<Vec<_>>()))
        .select((sites::id, sites::latitude_e6, sites::longitude_e6))
        .load(conn)?)
}

/// Which of these sites exist.
pub fn known_sites(conn: &mut AnyConn, ids: &[SiteId]) -> Result<Vec<SiteId>, StoreError> {
    let texts: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let found: Vec<String> = sites::table.filter(sites::id.eq_any(texts)).select(sites::id).load(conn)?;
    found.iter().map(|id| from_text("site", "id", id)).collect()
}

/// What a list of sites is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct SiteFilter {
    /// Only this role.
    pub role: Option<SiteRole>,
    /// Only this country.
    pub country: Option<String>,
    /// Only this code.
    pub code: Option<String>,
}

/// Sites by code, after one code, at most so many.
pub fn list_sites(
    conn: &mut AnyConn,
    filter: &SiteFilter,
    after_code: Option<&str>,
    rows: i64,
) -> Result<Vec<Site>, StoreError> {
    let mut query = sites::table.order(sites::code.asc()).limit(rows).into_boxed();
    if let Some(role) = filter.role {
        query = query.filter(sites::role.eq(role.as_str()));
    }
    if let Some(country) = &filter.country {
        query = query.filter(sites::country.eq(country));
    }
    if let Some(code) = &filter.code {
        query = query.filter(sites::code.eq(code));
    }
    if let Some(after) = after_code {
        query = query.filter(sites::code.gt(after));
    }
    query.load::<SiteRow>(conn)?.into_iter().map(Site::try_from).collect()
}

/// Every site of the hub.
pub fn all_sites(conn: &mut AnyConn) -> Result<Vec<Site>, StoreError> {
    sites::table.order(sites::id.asc()).load::<SiteRow>(conn)?.into_iter().map(Site::try_from).collect()
}

/// The time zones of live sites, each once, at most two: more than one is not a shared one.
pub fn live_zones(conn: &mut AnyConn) -> Result<Vec<String>, StoreError> {
    let zones = sites::table.filter(sites::state.eq(SiteState::Live.as_str())).select(sites::time_zone);
    Ok(zones.distinct().limit(2).load(conn)?)
}

/// Saves what of a site may change, if it still has version `expected`; false when it does not. `site.version`
/// is what it has afterwards.
pub fn update_site(conn: &mut AnyConn, site: &Site, expected: i64) -> Result<bool, StoreError> {
    let row = SiteRow::of(site)?;
    let changed = diesel::update(sites::table.filter(sites::id.eq(&row.id)).filter(sites::version.eq(expected)))
        .set((
            sites::name.eq(&row.name),
            sites::opening_hours.eq(&row.opening_hours),
            sites::state.eq(&row.state),
            sites::policy_set_id.eq(&row.policy_set_id),
            sites::licence_valid_until.eq(row.licence_valid_until),
            sites::records_infant_use.eq(row.records_infant_use),
            sites::reserve_ml.eq(row.reserve_ml),
            sites::standing_rule.eq(&row.standing_rule),
            sites::version.eq(row.version),
            sites::updated_at.eq(row.updated_at),
        ))
        .prepared()
        .execute(conn)?;
    Ok(changed == 1)
}

/// A responsible person's signature under a policy set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicySignature {
    /// The site.
    pub site_id: SiteId,
    /// What was signed.
    pub policy_set_id: PolicySetId,
    /// The person or client who signed.
    pub signed_by: String,
    /// In which function.
    pub signer_title: String,
    /// What they stated.
    pub statement: String,
    /// True when it was signed for a demonstration only.
    pub demonstration: bool,
    /// When.
    pub signed_at: Instant,
}

#[derive(Queryable, Insertable)]
#[diesel(table_name = policy_signatures)]
struct SignatureRow {
    id: String,
    site_id: String,
    policy_set_id: String,
    signed_by: String,
    signer_title: String,
    statement: String,
    demonstration: bool,
    signed_at: i64,
}

impl TryFrom<SignatureRow> for PolicySignature {
    type Error = StoreError;
    fn try_from(row: SignatureRow) -> Result<Self, StoreError> {
        let SignatureRow { id, site_id, policy_set_id, signed_by, signer_title, statement, demonstration, signed_at } =
            row;
        let row = format!("policy signature {id}");
        Ok(Self {
            site_id: from_text(&row, "site_id", &site_id)?,
            policy_set_id: from_text(&row, "policy_set_id", &policy_set_id)?,
            signed_by,
            signer_title,
            statement,
            demonstration,
            signed_at: Instant::from_micros(signed_at),
        })
    }
}

/// Adds a signature. A second one of the same site under the same set is a unique conflict.
pub fn insert_signature(conn: &mut AnyConn, id: &str, signature: &PolicySignature) -> Result<(), StoreError> {
    let row = SignatureRow {
        id: id.to_owned(),
        site_id: signature.site_id.to_string(),
        policy_set_id: signature.policy_set_id.to_string(),
        signed_by: signature.signed_by.clone(),
        signer_title: signature.signer_title.clone(),
        statement: signature.statement.clone(),
        demonstration: signature.demonstration,
        signed_at: signature.signed_at.micros(),
    };
    diesel::insert_into(policy_signatures::table).values(row).prepared().execute(conn)?;
    Ok(())
}

/// The signature under a policy set at a site.
pub fn find_signature(
    conn: &mut AnyConn,
    site: SiteId,
    policy_set: PolicySetId,
) -> Result<Option<PolicySignature>, StoreError> {
    let row = policy_signatures::table
        .filter(policy_signatures::site_id.eq(site.as_str()))
        .filter(policy_signatures::policy_set_id.eq(policy_set.as_str()))
        .first::<SignatureRow>(conn)
        .optional()?;
    row.map(PolicySignature::try_from).transpose()
}

/// The signatures of these sites, newest last.
pub fn list_signatures(conn: &mut AnyConn, site_ids: &[SiteId]) -> Result<Vec<PolicySignature>, StoreError> {
    let texts: Vec<String> = site_ids.iter().map(ToString::to_string).collect();
    let rows = policy_signatures::table
        .filter(policy_signatures::site_id.eq_any(texts))
        .order((policy_signatures::signed_at.asc(), policy_signatures::id.asc()))
        .load::<SignatureRow>(conn)?;
    rows.into_iter().map(PolicySignature::try_from).collect()
}
