//! Sites: registered by the hub's administrator, live once a responsible person of the site has signed a policy
//! set. Everybody in the network sees where a site is; what it keeps back and accepts is its own.

use super::{ActionError, Happening, Tx};
use crate::domain::actor::{Actor, Role, SiteScope};
use crate::domain::field::FieldError;
use crate::domain::geography::{Country, Position};
use crate::domain::ids::{PolicySetId, SiteId};
use crate::domain::opening_hours::OpeningHours;
use crate::domain::policy::{Form, Tier};
use crate::domain::quantity::Volume;
use crate::domain::site::{Capability, Site, SiteRole, SiteState, StandingRule, is_time_zone, may_change_state};
use crate::domain::text::{code_fault, text_fault};
use crate::domain::time::Instant;
pub use crate::store::sites::{PolicySignature, SiteFilter};
use crate::store::{AnyConn, StoreError, policy_sets, sites};
use serde_json::json;

/// A site to register.
#[derive(Debug, Clone)]
pub struct CreateSite {
    /// Short stable code.
    pub code: String,
    /// What it does.
    pub role: SiteRole,
    /// Name in English or Latin letters.
    pub name: String,
    /// Name in its own script.
    pub name_local: Option<String>,
    /// City.
    pub city: String,
    /// Province, region or district.
    pub admin_area: Option<String>,
    /// Country.
    pub country: Country,
    /// Where it lies.
    pub position: Position,
    /// IANA time zone.
    pub time_zone: String,
    /// True when infants in need of milk lie there.
    pub has_nicu: bool,
    /// Level, 1 to 4.
    pub nicu_level: Option<u8>,
    /// A group of hospitals it belongs to.
    pub cluster: Option<String>,
    /// Forms it can store and use.
    pub accepts_forms: Vec<Form>,
    /// When it hands out and takes in boxes.
    pub opening_hours: OpeningHours,
    /// What it can do beyond its role.
    pub capabilities: Vec<Capability>,
    /// True when it accepts the duty to record use.
    pub records_infant_use: bool,
    /// End of its licence.
    pub licence_valid_until: Option<Instant>,
    /// What it never gives away.
    pub reserve_ml: Volume,
    /// What it accepts without being asked.
    pub standing_rule: StandingRule,
}

/// What of a site may change; `None` leaves it.
#[derive(Debug, Clone, Default)]
pub struct ChangeSite {
    /// Name.
    pub name: Option<String>,
    /// When it hands out and takes in boxes.
    pub opening_hours: Option<OpeningHours>,
    /// What it never gives away.
    pub reserve_ml: Option<Volume>,
    /// What it accepts without being asked.
    pub standing_rule: Option<StandingRule>,
    /// The duty to record use.
    pub records_infant_use: Option<bool>,
    /// End of its licence; inner `None` takes it away.
    pub licence_valid_until: Option<Option<Instant>>,
    /// Suspended, or live again.
    pub state: Option<SiteState>,
}

/// A signature to give.
#[derive(Debug, Clone)]
pub struct SignPolicy {
    /// What is signed.
    pub policy_set_id: PolicySetId,
    /// In which function.
    pub signer_title: String,
    /// What the signer states.
    pub statement: String,
    /// True when it is signed for a demonstration only.
    pub demonstration: bool,
}

/// A site as an actor may see it.
#[derive(Debug, Clone)]
pub struct SiteSeen {
    /// The site.
    pub site: Site,
    /// True when the actor acts for it, so that its reserve and standing rule may be shown.
    pub own: bool,
    /// The signature under the policy set in force.
    pub signature: Option<PolicySignature>,
}

fn seen(actor: &Actor, site: Site, signatures: &[PolicySignature]) -> SiteSeen {
    let in_force = |one: &&PolicySignature| one.site_id == site.id && Some(one.policy_set_id) == site.policy_set_id;
    SiteSeen { own: actor.acts_for(site.id), signature: signatures.iter().find(in_force).cloned(), site }
}

fn look(conn: &mut AnyConn, actor: &Actor, site: Site) -> Result<SiteSeen, ActionError> {
    let signature = match site.policy_set_id {
        Some(set) => sites::find_signature(conn, site.id, set)?,
        None => None,
    };
    Ok(SiteSeen { own: actor.acts_for(site.id), signature, site })
}

/// A code that another of its kind has is a conflict, not a fault.
pub(super) fn taken(error: StoreError) -> ActionError {
    if error.is_duplicate() {
        ActionError::conflict("code_taken", "another one has this code; choose another code")
    } else {
        error.into()
    }
}

/// Registers a site; it is pending until a policy set is signed.
///
/// # Errors
/// `Invalid` for texts, level, zone or volumes that cannot be taken, `Conflict` for a code that is taken.
pub fn create_site(tx: &mut Tx<'_>, command: &CreateSite) -> Result<SiteSeen, ActionError> {
    let faults = faults_of(command);
    if !faults.is_empty() {
        return Err(ActionError::Invalid(faults));
    }
    let command = command.clone();
    let site = Site {
        id: SiteId::new(tx.new_id()),
        code: command.code,
        role: command.role,
        name: command.name,
        name_local: command.name_local,
        city: command.city,
        admin_area: command.admin_area,
        country: command.country,
        position: command.position,
        time_zone: command.time_zone,
        has_nicu: command.has_nicu,
        nicu_level: command.nicu_level,
        cluster: command.cluster,
        accepts_forms: command.accepts_forms,
        opening_hours: command.opening_hours,
        capabilities: command.capabilities,
        state: SiteState::Pending,
        policy_set_id: None,
        licence_valid_until: command.licence_valid_until,
        records_infant_use: command.records_infant_use,
        reserve_ml: command.reserve_ml,
        standing_rule: command.standing_rule,
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
    };
    sites::insert_site(tx.conn, &site).map_err(taken)?;
    note(
        tx,
        "site.registered",
        &site,
        true,
        &json!({"code": site.code, "role": site.role, "country": site.country.as_str()}),
    )?;
    Ok(seen(tx.actor, site, &[]))
}

fn faults_of(command: &CreateSite) -> Vec<FieldError> {
    let optional =
        |pointer: &str, text: &Option<String>| text.as_deref().and_then(|text| text_fault(pointer, text, 200));
    let mut faults: Vec<FieldError> = [
        code_fault("/code", &command.code),
        text_fault("/name", &command.name, 200),
        optional("/name_local", &command.name_local),
        text_fault("/city", &command.city, 100),
        optional("/admin_area", &command.admin_area),
        optional("/cluster", &command.cluster),
    ]
    .into_iter()
    .flatten()
    .collect();
    if !is_time_zone(&command.time_zone) {
        faults.push(FieldError::new("/time_zone", "unknown_zone", "send an IANA time zone such as Europe/Paris"));
    }
    if command.nicu_level.is_some_and(|level| !(1..=4).contains(&level)) {
        faults.push(FieldError::new("/nicu_level", "out_of_range", "1 to 4"));
    }
    if command.accepts_forms.is_empty() {
        faults.push(FieldError::new("/accepts_forms", "empty", "name at least one form of milk"));
    }
    faults.extend(volume_faults(command.reserve_ml, &command.standing_rule));
    faults.extend(hours_fault(&command.opening_hours));
    faults
}

/// Spans that overlap were not meant so: one of them would be left out, or counted twice.
fn hours_fault(hours: &OpeningHours) -> Option<FieldError> {
    let day = hours.overlapping_day()?;
    Some(FieldError::new(format!("/opening_hours/{day}"), "overlapping", "two times of opening overlap"))
}

/// A rule for a tier that the site's own policy does not know would never be looked at again.
fn tier_fault(conn: &mut AnyConn, site: &Site) -> Result<Option<FieldError>, ActionError> {
    let Some(set) = site.policy_set_id else { return Ok(None) };
    let document = super::policy_sets::get_policy_set(conn, set)?.document;
    let tiers: Vec<Tier> = document.values.priority.tiers.value.iter().map(|tier| tier.tier).collect();
    let unknown = site.standing_rule.accept_tiers.iter().find(|tier| !tiers.contains(tier));
    let known = tiers.iter().map(|tier| tier.0.to_string()).collect::<Vec<_>>().join(", ");
    Ok(unknown.map(|_| {
        let detail = format!("the tiers of this site's policy are {known}");
        FieldError::new("/standing_rule/accept_tiers", "out_of_range", detail)
    }))
}

fn volume_faults(reserve: Volume, rule: &StandingRule) -> Vec<FieldError> {
    const MOST: Volume = Volume::from_ml(10_000_000);
    let mut faults = Vec::new();
    if reserve < Volume::ZERO || reserve > MOST {
        faults.push(FieldError::new("/reserve_ml", "out_of_range", "0 to 10,000,000 mL"));
    }
    if rule.max_volume_ml.is_some_and(|most| !most.is_positive() || most > MOST) {
        faults.push(FieldError::new("/standing_rule/max_volume_ml", "out_of_range", "1 to 10,000,000 mL"));
    }
    if rule.accept_tiers.iter().any(|tier| !(1..=9).contains(&tier.0)) {
        faults.push(FieldError::new("/standing_rule/accept_tiers", "out_of_range", "tiers are numbered 1 to 9"));
    }
    faults
}

/// A site by its identifier; every site of the network may be looked at.
///
/// # Errors
/// `NotFound`.
pub fn get_site(conn: &mut AnyConn, actor: &Actor, id: SiteId) -> Result<SiteSeen, ActionError> {
    let site = sites::find_site(conn, id)?.ok_or(ActionError::NotFound { what: "site" })?;
    look(conn, actor, site)
}

/// Sites by code, after one code, at most so many.
///
/// # Errors
/// Those of the store.
pub fn list_sites(
    conn: &mut AnyConn,
    actor: &Actor,
    filter: &SiteFilter,
    after_code: Option<&str>,
    rows: i64,
) -> Result<Vec<SiteSeen>, ActionError> {
    let found = sites::list_sites(conn, filter, after_code, rows)?;
    let ids: Vec<SiteId> = found.iter().map(|site| site.id).collect();
    let signatures = sites::list_signatures(conn, &ids)?;
    Ok(found.into_iter().map(|site| seen(actor, site, &signatures)).collect())
}

/// A site of the actor's with the version that they read.
fn own_site(tx: &mut Tx<'_>, id: SiteId, version: i64) -> Result<Site, ActionError> {
    let not_found = ActionError::NotFound { what: "site" };
    if !tx.actor.acts_for(id) {
        return Err(not_found);
    }
    let site = sites::find_site(tx.conn, id)?.ok_or(not_found)?;
    if site.version != version {
        return Err(ActionError::Stale { current_version: site.version });
    }
    Ok(site)
}

fn save(tx: &mut Tx<'_>, site: &mut Site, expected: i64) -> Result<(), ActionError> {
    site.version = expected + 1;
    site.updated_at = tx.now;
    if sites::update_site(tx.conn, site, expected)? {
        return Ok(());
    }
    let current = sites::find_site(tx.conn, site.id)?.ok_or(ActionError::NotFound { what: "site" })?;
    Err(ActionError::Stale { current_version: current.version })
}

/// Changes a site. State, licence and the duty to record use are the hub administrator's to change.
///
/// # Errors
/// `NotFound` for a site that is not theirs, `Stale`, `Forbidden`, `Invalid`, and `Conflict` for a state that
/// cannot follow.
pub fn change_site(tx: &mut Tx<'_>, id: SiteId, version: i64, change: &ChangeSite) -> Result<SiteSeen, ActionError> {
    let mut site = own_site(tx, id, version)?;
    let ChangeSite { name, opening_hours, reserve_ml, standing_rule, records_infant_use, licence_valid_until, state } =
        change.clone();
    let administrative = records_infant_use.is_some() || licence_valid_until.is_some() || state.is_some();
    if administrative && tx.actor.role != Role::HubAdministrator {
        return Err(ActionError::Forbidden);
    }
    let mut changed = Vec::new();
    let mut touch = |field: &'static str, present: bool| {
        if present {
            changed.push(field);
        }
    };
    touch("name", name.is_some());
    touch("opening_hours", opening_hours.is_some());
    touch("reserve_ml", reserve_ml.is_some());
    touch("standing_rule", standing_rule.is_some());
    touch("records_infant_use", records_infant_use.is_some());
    touch("licence_valid_until", licence_valid_until.is_some());
    touch("state", state.is_some());
    site.name = name.unwrap_or(site.name);
    site.opening_hours = opening_hours.unwrap_or(site.opening_hours);
    site.reserve_ml = reserve_ml.unwrap_or(site.reserve_ml);
    site.standing_rule = standing_rule.unwrap_or(site.standing_rule);
    site.records_infant_use = records_infant_use.unwrap_or(site.records_infant_use);
    site.licence_valid_until = licence_valid_until.unwrap_or(site.licence_valid_until);
    let mut faults: Vec<FieldError> = text_fault("/name", &site.name, 200).into_iter().collect();
    faults.extend(volume_faults(site.reserve_ml, &site.standing_rule));
    faults.extend(hours_fault(&site.opening_hours));
    faults.extend(tier_fault(tx.conn, &site)?);
    if !faults.is_empty() {
        return Err(ActionError::Invalid(faults));
    }
    if let Some(to) = state {
        if !may_change_state(site.state, to, site.policy_set_id.is_some()) {
            return Err(ActionError::conflict(
                "state_not_reachable",
                format!("a {} site cannot be set {to} by hand; a site goes live by a signature", site.state),
            ));
        }
        site.state = to;
    }
    save(tx, &mut site, version)?;
    note(tx, "site.changed", &site, true, &json!({"fields": changed, "state": site.state}))?;
    look(tx.conn, tx.actor, site)
}

/// Signs a policy set for a site, which then follows it and goes live unless it is suspended. Who does not
/// belong to the site may sign for a demonstration only.
///
/// # Errors
/// `NotFound` for a site that is not theirs, `Stale`, `Invalid`, `Forbidden`, and `Conflict` when this set is
/// signed already.
pub fn sign_policy(tx: &mut Tx<'_>, id: SiteId, version: i64, command: &SignPolicy) -> Result<SiteSeen, ActionError> {
    let mut site = own_site(tx, id, version)?;
    let mut faults: Vec<FieldError> =
        [text_fault("/signer_title", &command.signer_title, 200), text_fault("/statement", &command.statement, 2_000)]
            .into_iter()
            .flatten()
            .collect();
    if policy_sets::find_document(tx.conn, command.policy_set_id)?.is_none() {
        faults.push(FieldError::new("/policy_set_id", "unknown", "there is no such policy set"));
    }
    if !faults.is_empty() {
        return Err(ActionError::Invalid(faults));
    }
    if tx.actor.sites == SiteScope::All && !command.demonstration {
        return Err(ActionError::Forbidden);
    }
    let signature = PolicySignature {
        site_id: id,
        policy_set_id: command.policy_set_id,
        signed_by: tx.actor.id.clone(),
        signer_title: command.signer_title.clone(),
        statement: command.statement.clone(),
        demonstration: command.demonstration,
        signed_at: tx.now,
    };
    let signature_id = tx.new_id().to_string();
    sites::insert_signature(tx.conn, &signature_id, &signature).map_err(|error| {
        if error.is_duplicate() {
            ActionError::conflict("already_signed", "this policy set is signed for this site; sign another version")
        } else {
            error.into()
        }
    })?;
    site.policy_set_id = Some(command.policy_set_id);
    if site.state == SiteState::Pending {
        site.state = SiteState::Live;
    }
    save(tx, &mut site, version)?;
    let data = json!({
        "policy_set_id": command.policy_set_id,
        "demonstration": command.demonstration,
        "state": site.state,
    });
    note(tx, "site.policy_signed", &site, true, &data)?;
    Ok(SiteSeen { own: true, signature: Some(signature), site })
}

fn note(
    tx: &mut Tx<'_>,
    kind: &'static str,
    site: &Site,
    network: bool,
    data: &serde_json::Value,
) -> Result<(), ActionError> {
    tx.record(Happening {
        kind,
        subject_kind: "site",
        subject_id: site.id.to_string(),
        site: Some(site.id),
        other_site: None,
        network,
        data,
    })
}
