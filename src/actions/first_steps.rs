//! What a new site has done already of what it needs before milk moves.

use super::ActionError;
use super::agreements::list_agreements;
use super::requests::{RequestFilter, list_requests};
use crate::domain::actor::Actor;
use crate::domain::ids::SiteId;
use crate::domain::site::SiteRole;
use crate::domain::time::Instant;
use crate::store::{AnyConn, ledger, sites};

/// Agreements that are looked at.
const MOST_AGREEMENTS: i64 = 200;

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FirstSteps {
    /// True for a bank.
    pub is_bank: bool,
    /// A responsible person signed a policy set, not only for a demonstration.
    pub policy_signed: bool,
    /// Opening hours are written.
    pub hours_set: bool,
    /// It keeps something back, or accepts something without being asked.
    pub reserve_set: bool,
    /// It may exchange with somebody.
    pub has_agreement: bool,
    /// There is milk on record.
    pub has_milk: bool,
    /// It has asked for milk.
    pub has_request: bool,
}

/// The first steps of a site of the actor's; nothing for a site that was registered before `since`.
///
/// # Errors
/// `NotFound` for a site that is not theirs, and those of the store.
pub fn first_steps(
    conn: &mut AnyConn,
    actor: &Actor,
    id: SiteId,
    since: Option<Instant>,
) -> Result<Option<FirstSteps>, ActionError> {
    let not_found = ActionError::NotFound { what: "site" };
    if !actor.acts_for(id) {
        return Err(not_found);
    }
    let site = sites::find_site(conn, id)?.ok_or(not_found)?;
    if since.is_some_and(|since| site.created_at < since) {
        return Ok(None);
    }
    let signature = match site.policy_set_id {
        Some(set) => sites::find_signature(conn, id, set)?,
        None => None,
    };
    let agreements = list_agreements(conn, actor, None, MOST_AGREEMENTS)?;
    let asked = RequestFilter { sites: Some(vec![id]), state: None, tier: None };
    Ok(Some(FirstSteps {
        is_bank: site.role == SiteRole::Bank,
        policy_signed: signature.is_some_and(|signature| !signature.demonstration),
        hours_set: !site.opening_hours.never_closes(),
        reserve_set: site.reserve_ml.is_positive() || site.standing_rule.accept_offers,
        has_agreement: agreements.iter().any(|agreement| agreement.members.contains(&id)),
        has_milk: !ledger::stock_lines(conn, id.as_str(), false)?.is_empty(),
        has_request: !list_requests(conn, &asked, None, 1)?.is_empty(),
    }))
}
