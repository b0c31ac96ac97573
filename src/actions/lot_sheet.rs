//! A lot as a person reads it: its safety record, what the rules say about it now, its bottles and its holds;
//! and the rules' opinion of a record that is still being written.

use super::identity::SiteLabel;
use super::lots::{BottleRow, LotRow};
use super::network::live_site;
use super::release_bars::hub_refusals;
use super::{ActionError, stored};
use crate::domain::actor::Actor;
use crate::domain::ids::{BottleId, LotId, SiteId};
use crate::domain::lot::{LotState, SafetyRecord, release_failures, standing_failures};
use crate::domain::policy::PolicyDocument;
use crate::domain::refusal::Refusal;
use crate::domain::time::Instant;
pub use crate::store::holds::HoldRow;
use crate::store::{AnyConn, bottles, holds, ledger, lots, policy_sets, sessions, transfers};

/// So many bottles are read for one page; a lot has at most 999.
const MOST_BOTTLES: i64 = 999;
/// Days over which a site's use is averaged.
pub const USE_DAYS: i64 = 14;

/// A lot as a person reads it.
#[derive(Debug, Clone)]
pub struct LotSheet {
    /// The lot.
    pub row: LotRow,
    /// Its safety record.
    pub record: SafetyRecord,
    /// The bank that made it.
    pub bank: Option<SiteLabel>,
    /// The set of rules that it was registered under.
    pub policy: PolicyDocument,
    /// What of those rules it breaks now.
    pub refusals: Vec<Refusal>,
    /// Its bottles: all of them for its bank, those at hand for another site.
    pub bottles: Vec<BottleRow>,
    /// The names of the places of the bottles.
    pub places: Vec<SiteLabel>,
    /// Its holds and those of its bottles, newest first.
    pub holds: Vec<HoldRow>,
    /// True for its own bank.
    pub own: bool,
}

/// The lot for its bank, for sites that have bottles of it, and for hub roles.
///
/// # Errors
/// `NotFound` also when nothing of it is at a site of the actor's.
pub fn get_lot_sheet(conn: &mut AnyConn, actor: &Actor, id: LotId, now: Instant) -> Result<LotSheet, ActionError> {
    let not_found = ActionError::NotFound { what: "lot" };
    let Some(row) = lots::find_lot(conn, id)? else { return Err(not_found) };
    let own = actor.acts_for(row.bank_site_id);
    let filter = bottles::BottleFilter { lot: Some(id), ..bottles::BottleFilter::default() };
    let mut found: Vec<BottleRow> =
        bottles::list_bottles(conn, &filter, None, MOST_BOTTLES)?.into_iter().map(|(bottle, _)| bottle).collect();
    if !own {
        found.retain(|bottle| actor.acts_for(bottle.site_id));
        if found.is_empty() {
            return Err(not_found);
        }
    }
    let document = policy_sets::find_document(conn, row.policy_set_id)?
        .ok_or_else(|| ActionError::Internal("a lot under a policy set that is not stored".to_owned()))?;
    let policy: PolicyDocument = stored(&document)?;
    let record: SafetyRecord = stored(&row.record)?;
    let bank = sessions::find_site_label(conn, row.bank_site_id)?;
    let zone = bank.as_ref().map_or("UTC", |bank| bank.time_zone.as_str());
    let refusals = match row.state {
        LotState::Registered | LotState::Quarantined => {
            let mut refusals = release_failures(&record, &policy, now, zone);
            refusals.extend(hub_refusals(conn, &row, &record, None)?);
            refusals
        }
        _ => standing_failures(&record, &policy, zone),
    };
    let mut places: Vec<SiteId> = found.iter().map(|bottle| bottle.site_id).collect();
    places.sort_unstable();
    places.dedup();
    let places = sessions::list_site_labels(conn, &places)?;
    let ids: Vec<BottleId> = found.iter().map(|bottle| bottle.id).collect();
    let holds = holds::list_holds_on(conn, id, &ids)?;
    Ok(LotSheet { row, record, bank, policy, refusals, bottles: found, places, holds, own })
}

/// The rules that a bank works by.
///
/// # Errors
/// `NotFound` for a site that is not the actor's; refusal 16 when nobody has signed for it.
pub fn get_bank_policy(
    conn: &mut AnyConn,
    actor: &Actor,
    bank: SiteId,
) -> Result<std::sync::Arc<PolicyDocument>, ActionError> {
    let not_found = ActionError::NotFound { what: "site" };
    if !actor.acts_for(bank) {
        return Err(not_found);
    }
    live_site(conn, bank)?.map(|site| site.policy).ok_or(not_found)
}

/// What stands against the release of a record that is still being written.
///
/// # Errors
/// As [`get_bank_policy`].
pub fn judge_record(
    conn: &mut AnyConn,
    actor: &Actor,
    bank: SiteId,
    record: &SafetyRecord,
    now: Instant,
) -> Result<Vec<Refusal>, ActionError> {
    let not_found = ActionError::NotFound { what: "site" };
    if !actor.acts_for(bank) {
        return Err(not_found);
    }
    let site = live_site(conn, bank)?.ok_or(not_found)?;
    Ok(release_failures(record, &site.policy, now, &site.time_zone))
}

/// What keeps each of some records from being released by a bank that takes part; none is looked up or written.
///
/// # Errors
/// As [`judge_record`].
pub fn foresee_releases<'r>(
    conn: &mut AnyConn,
    actor: &Actor,
    bank: SiteId,
    records: impl Iterator<Item = &'r SafetyRecord>,
    now: Instant,
) -> Result<Vec<Vec<Refusal>>, ActionError> {
    let not_found = ActionError::NotFound { what: "site" };
    if !actor.acts_for(bank) {
        return Err(not_found);
    }
    let site = live_site(conn, bank)?.ok_or(not_found)?;
    Ok(records.map(|record| release_failures(record, &site.policy, now, &site.time_zone)).collect())
}

/// Millilitres that a site fed or sent away each day, on average over the last [`USE_DAYS`] days.
///
/// # Errors
/// Those of the store.
pub fn daily_use_ml(conn: &mut AnyConn, site: SiteId, now: Instant) -> Result<i64, ActionError> {
    let since = now.plus_days(-USE_DAYS);
    let total = ledger::fed_since(conn, site, since)? + transfers::sent_since(conn, site, since)?;
    Ok(total / USE_DAYS)
}

/// The names of sites.
///
/// # Errors
/// Those of the store.
pub fn name_sites(conn: &mut AnyConn, ids: &[SiteId]) -> Result<Vec<SiteLabel>, ActionError> {
    Ok(sessions::list_site_labels(conn, ids)?)
}
