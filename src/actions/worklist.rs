//! What waits for somebody's hand: offers to answer, boxes to pack and to receive, alarms, recalls, milk that
//! expires, lots to release, requests that wait. Each kind is read only for those whose role may act on it.

use super::ActionError;
use super::ledger::{LotStock, SiteStock, site_stock};
use super::lots::LotRow;
use super::matching::Reasons;
use super::offers::{OfferListing, list_offers};
use super::recall_sheet::name_recalled_lots;
use super::requests::RequestRow;
use super::webhooks::{self, WebhookRow};
use crate::domain::actor::{Actor, Permission};
use crate::domain::excursion::ExcursionState;
use crate::domain::ids::{CourierId, RecallId, RequestId, SiteId};
use crate::domain::lot::LotState;
use crate::domain::offer::{AllocationState, OfferState};
use crate::domain::recall::RecallState;
use crate::domain::request::RequestState;
use crate::domain::time::Instant;
use crate::domain::transfer::TransferState;
pub use crate::store::excursions::ExcursionRow;
use crate::store::offers::PromiseFilter;
pub use crate::store::recalls::RecallRow;
use crate::store::requests::RequestFilter;
use crate::store::sessions::{self, SiteLabel};
pub use crate::store::transfers::TransferRow;
use crate::store::{AnyConn, couriers, dispatch, excursions, lots, match_runs, offers, recalls, requests, transfers};
use std::collections::{BTreeMap, BTreeSet};

/// So many of each kind are read: a list that is longer is not worked through by one person.
const MOST: i64 = 200;
/// So many waiting requests are explained.
const MOST_EXPLAINED: usize = 40;
/// Milk that expires within so many days is on the list.
const EXPIRING_DAYS: i64 = 7;

/// Milk that is promised to one site and waits for its journey to be planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ToPlan {
    /// Who waits for it.
    pub to: SiteId,
    /// The most urgent tier among it.
    pub tier: i64,
    /// Bottles.
    pub bottles: i64,
    /// Their milk, mL.
    pub volume_ml: i64,
    /// When the first promise was made.
    pub since: Instant,
    /// When the first of the promises ends by itself.
    pub lapses_at: Instant,
}

/// Everything that waits.
#[derive(Debug, Clone, Default)]
pub struct Worklist {
    /// Offers of one's own milk that wait for an answer.
    pub offers: Vec<OfferListing>,
    /// Requests of one's own that are not met.
    pub requests: Vec<RequestRow>,
    /// Why the first of them wait, as the last run of the matching saw it.
    pub why: BTreeMap<RequestId, Reasons>,
    /// Promised milk of one's own without a journey.
    pub to_plan: Vec<ToPlan>,
    /// Boxes to pack and to hand over.
    pub to_send: Vec<TransferRow>,
    /// Boxes that were handed over and wait to be checked in, and those on their way.
    pub to_receive: Vec<TransferRow>,
    /// Boxes of one's own that came back and wait to be looked at.
    pub to_take_back: Vec<TransferRow>,
    /// Excursions that nobody has decided, with their journey.
    pub excursions: Vec<(ExcursionRow, Option<TransferRow>)>,
    /// Recalls that wait for one's answer.
    pub recalls: Vec<RecallRow>,
    /// The lots that the recalls by lot name.
    pub recalled: BTreeMap<RecallId, Vec<String>>,
    /// Free milk of one's own site that expires soon.
    pub expiring: Vec<LotStock>,
    /// Lots that wait for release.
    pub to_release: Vec<LotRow>,
    /// Addresses of one's own systems that do not take messages.
    pub failing_webhooks: Vec<WebhookRow>,
    /// The stock of the site at work.
    pub stock: Option<SiteStock>,
    /// What the site at work feeds and sends in a day, mL.
    pub daily_use_ml: i64,
    /// The carriers of the boxes to send.
    pub carriers: BTreeMap<CourierId, String>,
    /// The names of all sites that the list speaks of.
    pub sites: BTreeMap<SiteId, SiteLabel>,
}

/// Reads what waits at some sites; `None` is every site, for roles that span all.
///
/// # Errors
/// Those of the store.
pub fn read_worklist(
    conn: &mut AnyConn,
    actor: &Actor,
    at: Option<SiteId>,
    now: Instant,
) -> Result<Worklist, ActionError> {
    let own: Option<Vec<SiteId>> = at.map(|site| vec![site]);
    let may = |permission| actor.role.may(permission);
    let mut list = Worklist::default();
    if may(Permission::ReadRequests) {
        list.offers = offers_to_answer(conn, at)?;
        list.requests = waiting_requests(conn, own.as_deref())?;
        for request in list.requests.iter().take(MOST_EXPLAINED) {
            if let Some(row) = match_runs::find_latest_explanation(conn, request.id)? {
                list.why.insert(request.id, super::stored(&row.explanation)?);
            }
        }
    }
    if may(Permission::ReadTransfers) {
        read_transfers(conn, at, &mut list)?;
        list.excursions = undecided(conn, own.as_deref())?;
    }
    if let Some(site) = at.filter(|_| may(Permission::MoveMilk)) {
        list.to_plan = milk_to_plan(conn, site)?;
    }
    if may(Permission::AnswerRecalls) || may(Permission::IssueRecalls) {
        list.recalls = unanswered(conn, own.as_deref())?;
        list.recalled = name_recalled_lots(conn, &list.recalls)?;
    }
    if may(Permission::ReadStock)
        && let Some(site) = at
    {
        let stock = site_stock(conn, actor, site, now)?;
        let soon = now.plus_days(EXPIRING_DAYS);
        let free = |lot: &&LotStock| lot.unpromised_bottles > 0 && lot.expires_at <= soon;
        list.expiring = stock.lots.iter().filter(free).cloned().collect();
        list.stock = Some(stock);
        list.daily_use_ml = super::lot_sheet::daily_use_ml(conn, site, now)?;
        if may(Permission::ManageLots) {
            list.to_release = waiting_lots(conn, site)?;
        }
    }
    if may(Permission::ManageWebhooks) {
        list.failing_webhooks = webhooks::list_failing(conn, actor)?;
    }
    list.sites = names(conn, &list)?;
    Ok(list)
}

fn offers_to_answer(conn: &mut AnyConn, at: Option<SiteId>) -> Result<Vec<OfferListing>, ActionError> {
    let filter = PromiseFilter { sites: at.map(|site| vec![site]), ..PromiseFilter::default() };
    let mut offers = list_offers(conn, &filter, Some(OfferState::Proposed), None, MOST)?;
    offers.retain(|offer| at.is_none_or(|site| offer.row.from_site_id == site));
    Ok(offers)
}

/// Promises of a site's milk that no journey carries, one entry for each receiver.
fn milk_to_plan(conn: &mut AnyConn, from: SiteId) -> Result<Vec<ToPlan>, ActionError> {
    let filter = PromiseFilter { sites: Some(vec![from]), ..PromiseFilter::default() };
    let mut found: BTreeMap<SiteId, ToPlan> = BTreeMap::new();
    for (row, (tier, _)) in offers::list_allocations(conn, &filter, Some(AllocationState::Held), None, MOST)? {
        if row.from_site_id != from {
            continue;
        }
        let (bottles, volume_ml) = (row.bottles, row.volume_ml.ml());
        let one =
            ToPlan { to: row.to_site_id, tier, bottles, volume_ml, since: row.created_at, lapses_at: row.lapses_at };
        let known = found.remove(&one.to);
        let all = known.map_or(one, |known| ToPlan {
            to: one.to,
            tier: known.tier.min(one.tier),
            bottles: known.bottles + one.bottles,
            volume_ml: known.volume_ml + one.volume_ml,
            since: known.since.min(one.since),
            lapses_at: known.lapses_at.min(one.lapses_at),
        });
        found.insert(one.to, all);
    }
    Ok(found.into_values().collect())
}

fn waiting_requests(conn: &mut AnyConn, own: Option<&[SiteId]>) -> Result<Vec<RequestRow>, ActionError> {
    let mut found = Vec::new();
    for state in [RequestState::Open, RequestState::PartlyAllocated] {
        let filter = RequestFilter { sites: own.map(<[SiteId]>::to_vec), state: Some(state), tier: None };
        found.extend(requests::list_requests(conn, &filter, None, MOST)?);
    }
    found.sort_by_key(|request| (request.needed_by, request.id));
    Ok(found)
}

fn read_transfers(conn: &mut AnyConn, at: Option<SiteId>, list: &mut Worklist) -> Result<(), ActionError> {
    let own: Option<Vec<SiteId>> = at.map(|site| vec![site]);
    let mut of = |state| {
        let filter = transfers::TransferFilter { site: None, state: Some(state) };
        transfers::list_transfers(conn, own.as_deref(), &filter, None, MOST)
    };
    for state in [TransferState::Planned, TransferState::Packed] {
        list.to_send.extend(of(state)?.into_iter().filter(|row| at.is_none_or(|site| row.from_site_id == site)));
    }
    for state in [TransferState::Collected, TransferState::InTransit, TransferState::Delivered] {
        list.to_receive.extend(of(state)?.into_iter().filter(|row| at.is_none_or(|site| row.to_site_id == site)));
    }
    let mut sent = of(TransferState::InTransit)?;
    sent.retain(|row| at.is_none_or(|site| row.from_site_id == site));
    if list.to_send.iter().any(|row| row.courier_id.is_some()) {
        let carriers = couriers::list_couriers(conn, None, MOST)?;
        list.carriers = carriers.into_iter().map(|carrier| (carrier.id, carrier.name)).collect();
    }
    let of_home: Vec<_> = sent.iter().map(|row| (row.id, row.from_site_id)).collect();
    let back = dispatch::routes::list_left_at_home(conn, &of_home)?;
    list.to_take_back = sent.into_iter().filter(|row| back.contains(&row.id)).collect();
    // What is back is not on its way any more.
    list.to_receive.retain(|row| !back.contains(&row.id));
    Ok(())
}

fn undecided(
    conn: &mut AnyConn,
    own: Option<&[SiteId]>,
) -> Result<Vec<(ExcursionRow, Option<TransferRow>)>, ActionError> {
    let mut found = Vec::new();
    for state in [ExcursionState::Open, ExcursionState::Acknowledged] {
        let filter = excursions::ExcursionFilter { state: Some(state), ..excursions::ExcursionFilter::default() };
        for row in excursions::list_excursions(conn, own, filter, None, MOST)? {
            if own.is_some_and(|own| !own.contains(&row.site_id)) {
                continue;
            }
            let transfer = match row.transfer_id {
                Some(id) => transfers::find_transfer(conn, id)?,
                None => None,
            };
            found.push((row, transfer));
        }
    }
    Ok(found)
}

fn unanswered(conn: &mut AnyConn, own: Option<&[SiteId]>) -> Result<Vec<RecallRow>, ActionError> {
    let mut found = Vec::new();
    for recall in recalls::list_recalls(conn, own, None, MOST)? {
        if recall.state == RecallState::Closed {
            continue;
        }
        let waits = recalls::list_answers(conn, recall.id)?
            .iter()
            .any(|answer| answer.acknowledged_at.is_none() && own.is_none_or(|own| own.contains(&answer.site_id)));
        if waits {
            found.push(recall);
        }
    }
    Ok(found)
}

fn waiting_lots(conn: &mut AnyConn, bank: SiteId) -> Result<Vec<LotRow>, ActionError> {
    let filter =
        lots::LotFilter { banks: Some(vec![bank]), state: Some(LotState::Quarantined), ..lots::LotFilter::default() };
    Ok(lots::list_lots(conn, &filter, None, MOST)?)
}

fn names(conn: &mut AnyConn, list: &Worklist) -> Result<BTreeMap<SiteId, SiteLabel>, ActionError> {
    let mut ids: BTreeSet<SiteId> = BTreeSet::new();
    ids.extend(list.offers.iter().flat_map(|offer| [offer.row.from_site_id, offer.row.to_site_id]));
    ids.extend(list.requests.iter().map(|request| request.site_id));
    ids.extend(list.to_plan.iter().map(|row| row.to));
    let journeys = list.to_send.iter().chain(&list.to_receive).chain(&list.to_take_back);
    let journeys = journeys.chain(list.excursions.iter().filter_map(|(_, transfer)| transfer.as_ref()));
    ids.extend(journeys.flat_map(|transfer| [transfer.from_site_id, transfer.to_site_id]));
    ids.extend(list.excursions.iter().map(|(row, _)| row.site_id));
    ids.extend(list.recalls.iter().map(|recall| recall.site_id));
    site_names(conn, &ids)
}

/// The names of sites; every site of the network may be named.
///
/// # Errors
/// Those of the store.
pub fn site_names(conn: &mut AnyConn, ids: &BTreeSet<SiteId>) -> Result<BTreeMap<SiteId, SiteLabel>, ActionError> {
    let ids: Vec<SiteId> = ids.iter().copied().collect();
    Ok(sessions::list_site_labels(conn, &ids)?.into_iter().map(|label| (label.id, label)).collect())
}
