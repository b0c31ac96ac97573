//! Makes a region known to an empty hub: policy sets, sites with their signatures, agreements, couriers, and
//! a machine client for each site. Signatures are made for demonstration and say so.

use super::client::{CallError, Caller, Client, Credentials};
use super::climate;
use super::input::ReplayInput;
use super::journey::round;
use super::region::{Carrier, Region, Site, SiteRole};
use super::wire::{ClientView, CourierView, Ignored, PolicySetView, SiteView};
use crate::domain::ids::{CourierId, PackingId, PolicySetId, SiteId};
use crate::domain::time::Instant;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};

/// A site as the hub knows it.
#[derive(Debug, Clone, Copy)]
pub struct KnownSite {
    /// The hub's id.
    pub id: SiteId,
    /// Who acts for it.
    pub caller: Caller,
}

/// The region as the hub knows it.
#[derive(Debug, Clone)]
pub struct KnownRegion {
    /// Who administers the hub.
    pub admin: Caller,
    /// Who runs the couriers.
    pub dispatcher: Caller,
    /// Sites by their code.
    pub sites: BTreeMap<String, KnownSite>,
    /// Codes by the hub's id.
    pub codes: HashMap<SiteId, String>,
    /// Couriers in the order of the region file.
    pub couriers: Vec<CourierId>,
}

impl KnownRegion {
    /// The site of this code.
    ///
    /// # Errors
    /// The stream names a site that was never made known; the check rules that out.
    pub fn site(&self, code: &str) -> Result<KnownSite, CallError> {
        self.sites.get(code).copied().ok_or_else(|| CallError::Unexpected {
            path: "/v1/sites".to_owned(),
            detail: format!("site {code} is not known"),
        })
    }

    /// The code of a site by the hub's id.
    #[must_use]
    pub fn code(&self, id: SiteId) -> &str {
        self.codes.get(&id).map_or("", String::as_str)
    }
}

/// Makes the region known.
///
/// # Errors
/// The hub refused a part of it, or could not be reached.
pub async fn set_up(
    client: &Client,
    admin: Caller,
    input: &ReplayInput,
    now: Instant,
) -> Result<KnownRegion, CallError> {
    let policies = policy_sets(client, admin, input).await?;
    let region = &input.region;
    let mut sites = BTreeMap::new();
    for site in &region.sites {
        sites.insert(site.id.clone(), known_site(client, admin, region, site, &policies).await?);
    }
    agreements(client, admin, region, &sites, now).await?;
    let mut couriers = Vec::new();
    for carrier in &region.carriers {
        let made = courier(client, admin, carrier, &sites).await?;
        packing(client, admin, carrier, made, now).await?;
        couriers.push(made);
    }
    for site in &region.sites {
        note_climate(client, admin, &sites, site).await?;
    }
    let ids: Vec<SiteId> = sites.values().map(|site: &KnownSite| site.id).collect();
    let dispatcher = machine(client, admin, "dispatch", "dispatcher", &ids).await?;
    let codes = sites.iter().map(|(code, site)| (site.id, code.clone())).collect();
    Ok(KnownRegion { admin, dispatcher, sites, codes, couriers })
}

async fn policy_sets(
    client: &Client,
    admin: Caller,
    input: &ReplayInput,
) -> Result<BTreeMap<String, PolicySetId>, CallError> {
    let mut made = BTreeMap::new();
    for (code, profile) in &input.profiles {
        let body = json!({"region_profile": {"code": code, "profile": profile}});
        let view: PolicySetView = client.create(admin, "/v1/policy-sets", &body).await?;
        made.insert(code.clone(), view.id);
    }
    Ok(made)
}

async fn known_site(
    client: &Client,
    admin: Caller,
    region: &Region,
    site: &Site,
    policies: &BTreeMap<String, PolicySetId>,
) -> Result<KnownSite, CallError> {
    let made: SiteView = client.create(admin, "/v1/sites", &site_body(site)).await?;
    let profile = region.find_profile(site).map_or("", |profile| profile.name.as_str());
    let signature = json!({
        "policy_set_id": policies.get(&site.policy_profile),
        "signer_title": "responsible person of the site (demonstration)",
        "statement": format!("Signed for a demonstration with simulated events. Working approximation of: {profile}."),
        "demonstration": true,
    });
    let path = format!("/v1/sites/{}/policy-signatures", made.id);
    let live: SiteView = client.act(admin, &path, made.version, &signature).await?;
    let caller = machine(client, admin, &site.id, "bank_manager", &[live.id]).await?;
    Ok(KnownSite { id: live.id, caller })
}

fn site_body(site: &Site) -> Value {
    let role = match site.role {
        SiteRole::Bank => "bank",
        SiteRole::Depot => "depot",
        SiteRole::Recipient => "recipient",
    };
    let mut body = json!({
        "code": site.id,
        "role": role,
        "name": site.name,
        "city": site.city,
        "country": site.country,
        "latitude": site.lat,
        "longitude": site.lon,
        "time_zone": site.time_zone,
        "has_nicu": site.has_nicu,
        "accepts_forms": site.accepts_forms,
        "records_infant_use": true,
        "standing_rule": {"accept_offers": true},
    });
    if let Some(fields) = body.as_object_mut() {
        for (name, value) in [("name_local", &site.name_local), ("admin_area", &site.admin_area)] {
            if let Some(value) = value {
                fields.insert(name.into(), value.as_str().into());
            }
        }
        if let Some(level) = site.nicu_level {
            fields.insert("nicu_level".into(), level.into());
        }
    }
    body
}

async fn machine(
    client: &Client,
    admin: Caller,
    name: &str,
    role: &str,
    sites: &[SiteId],
) -> Result<Caller, CallError> {
    let body = json!({"name": format!("replay {name}"), "role": role, "site_ids": sites, "secret": true});
    let made: ClientView = client.create(admin, "/v1/clients", &body).await?;
    Ok(client.add_caller(Credentials { client_id: made.id, client_secret: made.client_secret }))
}

/// One agreement for each country, or one for all where milk may cross.
async fn agreements(
    client: &Client,
    admin: Caller,
    region: &Region,
    sites: &BTreeMap<String, KnownSite>,
    now: Instant,
) -> Result<(), CallError> {
    let mut groups: BTreeMap<&str, Vec<SiteId>> = BTreeMap::new();
    for site in &region.sites {
        let group = if region.sim.cross_country_transfers { "all" } else { site.country.as_str() };
        groups.entry(group).or_default().extend(sites.get(&site.id).map(|known| known.id));
    }
    for (group, members) in groups {
        let body = json!({
            "code": format!("{}-{}", region.region_id, group.to_lowercase()),
            "name": format!("{}: exchange within {group}", region.name),
            "document_reference": "demonstration agreement, no legal document",
            "policy_mapping": "both sites' rules apply to each lot, the stricter one decides",
            "valid_from": now.plus_days(-1),
            "site_ids": members,
        });
        client.create::<Ignored>(admin, "/v1/agreements", &body).await?;
    }
    Ok(())
}

async fn courier(
    client: &Client,
    admin: Caller,
    carrier: &Carrier,
    sites: &BTreeMap<String, KnownSite>,
) -> Result<CourierId, CallError> {
    let body = json!({
        "code": carrier.id,
        "name": carrier.name,
        "kind": carrier.kind,
        "base_site_id": sites.get(&carrier.base_site_id).map(|site| site.id),
        "agreement_reference": "demonstration agreement, no legal document",
        "max_payload_ml": carrier.max_payload_ml,
        "hold_time_minutes": round(carrier.hold_time_h * 60.0),
        "speed_kmh": round(carrier.speed_kmh),
        "vehicles": carrier.vehicles,
        "covers": carrier.covers,
        "hours": carrier.hours_local,
        "days": carrier.days,
        "packaging": carrier.packaging,
    });
    let made: CourierView = client.create(admin, "/v1/couriers", &body).await?;
    Ok(made.id)
}

/// A packing.
#[derive(Deserialize)]
struct PackingView {
    id: PackingId,
    coolant: String,
}

/// The packing of a carrier, in the place of what its agreement states for any weather.
async fn packing(
    client: &Client,
    admin: Caller,
    carrier: &Carrier,
    courier: CourierId,
    now: Instant,
) -> Result<(), CallError> {
    let stated: Vec<PackingView> =
        client.list(admin, &format!("/v1/packings?courier_id={courier}&state=active")).await?;
    let Some(stated) = stated.into_iter().next() else { return Ok(()) };
    let body = json!({
        "code": carrier.id,
        "courier_id": courier,
        "container": carrier.packaging,
        "coolant": stated.coolant,
        "capacity_ml": carrier.max_payload_ml,
        "steps": steps_of(carrier),
        "validated_by": "nobody: a demonstration with simulated events",
        "document_reference": "hold time assumed by the region file for this carrier",
        "validated_on": now.date_in("UTC").to_string(),
        "supersedes": stated.id,
    });
    client.create::<Ignored>(admin, "/v1/packings", &body).await?;
    Ok(())
}

/// The region's hold time up to 35 °C, and what is left of it up to 45 °C: heat comes in as the difference to a core of
/// about -21 °C, or -78.5 °C with dry ice. Never longer than the region's, however cool the day.
fn steps_of(carrier: &Carrier) -> Value {
    let held = round(carrier.hold_time_h * 60.0);
    let dry_ice = carrier.packaging.contains("dry ice") || carrier.packaging.contains("carbon-dioxide");
    let core = if dry_ice { 78 } else { 21 };
    json!([{"up_to_c": 35, "hold_minutes": held}, {"up_to_c": 45, "hold_minutes": held * (35 + core) / (45 + core)}])
}

async fn note_climate(
    client: &Client,
    admin: Caller,
    sites: &BTreeMap<String, KnownSite>,
    site: &Site,
) -> Result<(), CallError> {
    let (Some(known), Some(highs)) = (sites.get(&site.id), climate::monthly_highs(&site.country)) else {
        return Ok(());
    };
    let body = json!({"monthly_high_c": highs, "source": climate::SOURCE});
    client.put::<Ignored>(admin, &format!("/v1/sites/{}/climate", known.id), &body).await?;
    Ok(())
}
