//! The network as the matching and the planning of transfers need it, loaded in one go, and a site that must
//! take part before it may do anything with milk.

use super::{ActionError, Tx};
use crate::domain::courier::Courier;
use crate::domain::ids::{PolicySetId, SiteId};
pub use crate::domain::network::{Journey, Network, SiteFacts};
use crate::domain::policy::PolicyDocument;
use crate::domain::refusal::{Refusal, RefusalCode};
use crate::domain::site::{Site, SiteState};
use crate::domain::time::Instant;
use crate::store::dispatch::roads;
use crate::store::{AnyConn, agreements, borders, closures, couriers, packings, policy_sets, sites};
use std::collections::{BTreeMap, HashMap};
use std::ops::Deref;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

/// Parsed documents by their text: a stored set never changes, so reading it twice gives the same.
static PARSED: LazyLock<Mutex<HashMap<String, Arc<PolicyDocument>>>> = LazyLock::new(Mutex::default);
/// More documents than this are not kept.
const MOST_PARSED: usize = 64;

fn parse_document(text: String) -> Result<Arc<PolicyDocument>, ActionError> {
    let mut parsed = PARSED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(document) = parsed.get(&text) {
        return Ok(Arc::clone(document));
    }
    let document: Arc<PolicyDocument> = serde_json::from_str(&text)
        .map(Arc::new)
        .map_err(|error| ActionError::Internal(format!("a stored policy set cannot be read: {error}")))?;
    if parsed.len() >= MOST_PARSED {
        parsed.clear();
    }
    parsed.insert(text, Arc::clone(&document));
    Ok(document)
}

/// Every site with its policy set, agreements, closures and couriers.
///
/// # Errors
/// Those of the store.
pub fn load_network(conn: &mut AnyConn) -> Result<Network, ActionError> {
    let policies = policy_sets::followed_documents(conn)?
        .into_iter()
        .map(|(id, text)| Ok((id, parse_document(text)?)))
        .collect::<Result<_, ActionError>>()?;
    Ok(Network {
        sites: sites::all_sites(conn)?.into_iter().map(|site| (site.id, facts_of(site))).collect(),
        policies,
        agreements: agreements::active_agreements(conn)?,
        closures: closures::open_closures(conn)?,
        couriers: couriers::active_couriers(conn)?,
        packings: packings::active_packings(conn)?,
        climates: packings::all_climates(conn)?,
        borders: borders::border_times(conn)?,
        measured: roads::all_leg_times(conn)?,
    })
}

/// The part of the network that one journey touches, for the same proof as the matching asks.
pub(super) fn load_road(
    conn: &mut AnyConn,
    from: &LiveSite,
    to: &LiveSite,
    courier: &Courier,
) -> Result<Network, ActionError> {
    let mut sites = BTreeMap::new();
    if let Some(base) = sites::find_site(conn, courier.base_site_id)? {
        sites.insert(base.id, facts_of(base));
    }
    let (mut policies, mut climates) = (BTreeMap::new(), BTreeMap::new());
    for end in [from, to] {
        sites.insert(end.id, facts_of(end.site.clone()));
        policies.insert(end.policy_set_id, Arc::clone(&end.policy));
        climates.extend(packings::find_climate(conn, end.id)?.map(|noted| (end.id, noted.climate)));
    }
    Ok(Network {
        sites,
        policies,
        agreements: Vec::new(),
        closures: closures::open_closures(conn)?,
        couriers: vec![courier.clone()],
        packings: packings::active_packings(conn)?,
        climates,
        borders: borders::border_times(conn)?,
        measured: roads::leg_times_of(conn, from.id, to.id)?,
    })
}

fn facts_of(site: Site) -> SiteFacts {
    SiteFacts {
        id: site.id,
        code: site.code,
        name: site.name,
        role: site.role,
        country: site.country,
        zone: site.time_zone,
        position: site.position,
        state: site.state,
        policy_set_id: site.policy_set_id,
        accepts_forms: site.accepts_forms,
        reserve_ml: site.reserve_ml,
        standing_rule: site.standing_rule,
        records_infant_use: site.records_infant_use,
        licence_valid_until: site.licence_valid_until,
        opening_hours: site.opening_hours,
    }
}

/// A site that takes part, with the policy set in force there.
#[derive(Debug, Clone)]
pub struct LiveSite {
    /// The site.
    pub site: Site,
    /// The set that its responsible person signed.
    pub policy_set_id: PolicySetId,
    /// The set's document.
    pub policy: Arc<PolicyDocument>,
}

impl Deref for LiveSite {
    type Target = Site;
    fn deref(&self) -> &Site {
        &self.site
    }
}

impl LiveSite {
    /// Every reason against milk for this site now (refusal 16).
    #[must_use]
    pub fn receiving_failures(&self, now: Instant) -> Vec<Refusal> {
        self.site.standing().receiving_failures(now, Some(&self.policy))
    }
}

/// A site of the actor's that takes part.
///
/// # Errors
/// `NotFound` for a site that is not theirs; refusal 16 when nobody has signed for it or it is suspended.
pub fn get_live_site(tx: &mut Tx<'_>, id: SiteId) -> Result<LiveSite, ActionError> {
    let not_found = ActionError::NotFound { what: "site" };
    if !tx.actor.acts_for(id) {
        return Err(not_found);
    }
    live_site(tx.conn, id)?.ok_or(not_found)
}

/// Any site that takes part, whoever acts; `None` when there is none of this identifier.
///
/// # Errors
/// Refusal 16 when nobody has signed for it or it is suspended.
pub fn live_site(conn: &mut AnyConn, id: SiteId) -> Result<Option<LiveSite>, ActionError> {
    let Some(site) = sites::find_site(conn, id)? else { return Ok(None) };
    let policy_set_id = match (site.state, site.policy_set_id) {
        (SiteState::Live, Some(policy_set_id)) => policy_set_id,
        (SiteState::Suspended, _) => {
            let refusal = RefusalCode::SiteSuspended.because(format!("{} is suspended", site.code));
            return Err(ActionError::Refused(vec![refusal]));
        }
        (SiteState::Pending, _) | (SiteState::Live, None) => {
            return Err(ActionError::Refused(vec![site.standing().unsigned()]));
        }
    };
    let text = policy_sets::find_document(conn, policy_set_id)?
        .ok_or_else(|| ActionError::Internal(format!("site {id} follows a policy set that is not stored")))?;
    Ok(Some(LiveSite { site, policy_set_id, policy: parse_document(text)? }))
}

/// The time zone that every live site keeps; `None` where there are several, or none.
///
/// # Errors
/// Those of the store.
pub fn shared_zone(conn: &mut AnyConn) -> Result<Option<String>, ActionError> {
    let zones = sites::live_zones(conn)?;
    Ok(if let [zone] = zones.as_slice() { Some(zone.clone()) } else { None })
}

/// The policy set in force at a site that takes part.
///
/// # Errors
/// None; a site that takes part has one.
pub fn policy_of(_tx: &mut Tx<'_>, site: &LiveSite) -> Result<Arc<PolicyDocument>, ActionError> {
    Ok(Arc::clone(&site.policy))
}
