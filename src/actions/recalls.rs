//! Recalls: the milk is frozen first, in the same transaction that names it; then every site that has or had
//! it is asked; it closes when all have answered and nothing is left. A late positive result is a recall by donor.

use super::freezing::freeze;
use super::recall_answers::held_and_known;
use super::traces::{Found, find};
use super::transfers::own_sites;
use super::{ActionError, Happening, Tx};
use crate::domain::actor::Actor;
use crate::domain::bottle::BottleState;
use crate::domain::ids::{BottleId, HoldId, LotId, RecallId, SiteId};
use crate::domain::lot::{LotState, LotStep};
use crate::domain::quantity::Volume;
use crate::domain::recall::{RecallCount, RecallState, Selector, reconcile};
use crate::domain::text::text_fault;
use crate::domain::time::Instant;
use crate::store::feeds::BottleForFate;
use crate::store::holds::HoldRow;
use crate::store::recalls::{self as rows, LotHeap};
pub use crate::store::recalls::{AnswerRow, RecallBottleRow, RecallRow};
use crate::store::{AnyConn, feeds, holds, lots, traces};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant as Stopwatch;

/// The longest that a site may take to say what it holds: milk that nobody looked for is milk that may be fed.
const MOST_DAYS_TO_ANSWER: i64 = 30;

/// What a site recalls.
#[derive(Debug, Clone)]
pub struct IssueRecall {
    /// The bank or unit that answers for it.
    pub site: SiteId,
    /// What it starts from.
    pub selector: Selector,
    /// The selector as it was sent, JSON.
    pub sent: String,
    /// Why.
    pub reason: String,
    /// By when sites answer.
    pub respond_by: Instant,
    /// An exercise: everything is found, listed and asked, and no milk is touched.
    pub drill: bool,
}

/// The most that a site can hold of one recall; more is a slip of the finger.
const MOST_HELD: Volume = Volume::from_ml(10_000_000);

/// A recall with its lots, the answers and where the milk is now.
#[derive(Debug, Clone)]
pub struct RecallDetail {
    /// The recall.
    pub head: RecallRow,
    /// Its lots.
    pub lots: Vec<LotId>,
    /// What each site was asked and said.
    pub answers: Vec<AnswerRow>,
    /// Where the milk is now.
    pub count: RecallCount,
}

/// Freezes what is selected and asks every site that has or had it. A drill takes the same way, without the
/// freezing.
///
/// # Errors
/// `NotFound` for another site; `Invalid` when the selector finds nothing.
pub fn issue_recall(tx: &mut Tx<'_>, command: &IssueRecall) -> Result<RecallDetail, ActionError> {
    // How long it took is told in the report; no rule depends on it.
    let watch = Stopwatch::now();
    if !tx.actor.acts_for(command.site) {
        return Err(ActionError::NotFound { what: "site" });
    }
    if command.reason.trim().is_empty() {
        return Err(ActionError::field("/reason", "required", "Say why, in a few words."));
    }
    if let Some(fault) = text_fault("/reason", &command.reason, 500) {
        return Err(ActionError::Invalid(vec![fault]));
    }
    if command.respond_by <= tx.now {
        return Err(ActionError::field("/respond_by", "in_the_past", "Choose an instant after now."));
    }
    if command.respond_by > tx.now.plus_days(MOST_DAYS_TO_ANSWER) {
        let detail = format!("Sites answer within {MOST_DAYS_TO_ANSWER} days.");
        return Err(ActionError::field("/respond_by", "out_of_range", detail));
    }
    let found = find(tx.conn, tx.actor, Some(&[command.site]), &command.selector)?;
    if found.is_empty() {
        return Err(ActionError::field("/selector", "nothing_found", "Nothing of this site is selected by it."));
    }
    let id = RecallId::new(tx.new_id());
    if !command.drill {
        match &found {
            Found::Lots(lots) => freeze_lots(tx, lots)?,
            Found::Bottles(bottles) => freeze_bottles(tx, id, bottles)?,
        }
    }
    let row = save(tx, command, id, &found)?;
    announce(tx, &row, &found)?;
    let listed_us = i64::try_from(watch.elapsed().as_micros()).unwrap_or(i64::MAX);
    rows::save_listed(tx.conn, id, listed_us)?;
    get_recall(tx.conn, tx.actor, id)
}

fn freeze_lots(tx: &mut Tx<'_>, selected: &[LotId]) -> Result<(), ActionError> {
    let recallable: Vec<LotState> =
        LotState::ALL.iter().copied().filter(|state| state.next(LotStep::Recall).is_ok()).collect();
    // Lots in identifier order, before anything that hangs on them.
    holds::move_lots(tx.conn, selected, &recallable, LotState::Recalled)?;
    freeze(tx, selected, &[], "the lot is recalled")
}

/// Single bottles are held one by one; what is on the road is caught at its door by that hold.
fn freeze_bottles(tx: &mut Tx<'_>, recall: RecallId, ids: &[BottleId]) -> Result<(), ActionError> {
    let bottles = feeds::list_bottles_for_fate(tx.conn, ids)?;
    let alive: Vec<&BottleForFate> =
        bottles.iter().filter(|bottle| !matches!(bottle.state, BottleState::Used | BottleState::Discarded)).collect();
    let mut in_stock: BTreeMap<SiteId, Vec<BottleId>> = BTreeMap::new();
    let mut rows = Vec::new();
    for bottle in &alive {
        if bottle.state == BottleState::InStock {
            in_stock.entry(bottle.site_id).or_default().push(bottle.id);
        }
        rows.push(HoldRow {
            id: HoldId::new(tx.new_id()),
            lot_id: None,
            bottle_id: Some(bottle.id),
            site_id: bottle.site_id,
            reason: format!("recall {recall}"),
            placed_by: tx.actor.id.clone(),
            placed_at: tx.now,
            lifted_by: None,
            lifted_at: None,
            lift_reason: None,
            version: 1,
        });
    }
    let stock: Vec<BottleId> = in_stock.values().flatten().copied().collect();
    freeze(tx, &[], &stock, "the bottle is recalled")?;
    holds::insert_holds(tx.conn, &rows)?;
    for (site, ids) in &in_stock {
        let moved = feeds::set_aside(tx.conn, *site, ids, BottleState::InStock, BottleState::Quarantined)?;
        if moved != ids.len() {
            return Err(ActionError::conflict("bottle_moved", "A bottle moved meanwhile; try again."));
        }
    }
    Ok(())
}

fn save(tx: &mut Tx<'_>, command: &IssueRecall, id: RecallId, found: &Found) -> Result<RecallRow, ActionError> {
    let mut row = RecallRow {
        id,
        site_id: command.site,
        scope: command.selector.scope(),
        reason: command.reason.trim().to_owned(),
        selector: command.sent.clone(),
        state: RecallState::Notified,
        respond_by: command.respond_by,
        frozen_at: tx.now,
        frozen_bottles: 0,
        frozen_ml: Volume::ZERO,
        closed_at: None,
        drill: command.drill,
        listed_us: 0,
        escalated_at: None,
        version: 1,
    };
    let alive = |heap: &&LotHeap| !matches!(heap.state, BottleState::Used | BottleState::Discarded);
    let heaps = match found {
        Found::Lots(lots) => rows::list_heaps(tx.conn, lots)?,
        Found::Bottles(ids) => heaps_of(&feeds::list_bottles_for_fate(tx.conn, ids)?),
    };
    row.frozen_bottles = heaps.iter().filter(alive).map(|heap| heap.bottles).sum();
    row.frozen_ml = heaps.iter().filter(alive).map(|heap| heap.size_ml).sum();
    match found {
        Found::Lots(lots) => rows::insert_recall(tx.conn, &row, lots)?,
        Found::Bottles(ids) => {
            rows::insert_recall(tx.conn, &row, &[])?;
            rows::insert_recall_bottles(tx.conn, id, ids)?;
        }
    }
    // Every site that has it, and every site that had it or waits for it: used milk counts there too.
    let ids = match found {
        Found::Lots(lots) => traces::list_bottles_of_lots(tx.conn, lots)?,
        Found::Bottles(ids) => ids.clone(),
    };
    let mut concerned: BTreeSet<SiteId> = heaps.iter().map(|heap| heap.site_id).collect();
    for (_, _, from, to, _, _, collected_at, _) in traces::list_journeys_of_bottles(tx.conn, &ids)? {
        if collected_at.is_some() {
            concerned.extend([from, to]);
        }
    }
    concerned.extend(traces::list_feeds_of_bottles(tx.conn, &ids)?.into_iter().map(|(_, site, ..)| site));
    let concerned: Vec<SiteId> = concerned.into_iter().collect();
    rows::ask_sites(tx.conn, row.id, &concerned, tx.now)?;
    Ok(row)
}

fn heaps_of(bottles: &[BottleForFate]) -> Vec<LotHeap> {
    let mut heaps: BTreeMap<(SiteId, BottleState), LotHeap> = BTreeMap::new();
    for bottle in bottles {
        let fresh = LotHeap {
            site_id: bottle.site_id,
            state: bottle.state,
            bottles: 0,
            size_ml: Volume::ZERO,
            fed_ml: Volume::ZERO,
        };
        let heap = heaps.entry((bottle.site_id, bottle.state)).or_insert(fresh);
        heap.bottles += 1;
        heap.size_ml += bottle.size_ml;
        heap.fed_ml += bottle.fed_ml;
    }
    heaps.into_values().collect()
}

fn announce(tx: &mut Tx<'_>, row: &RecallRow, found: &Found) -> Result<(), ActionError> {
    let (selected, count): (&[LotId], usize) = match found {
        Found::Lots(lots) if row.drill => (&[], lots.len()),
        Found::Lots(lots) => (lots, lots.len()),
        Found::Bottles(_) => (&[], 0),
    };
    for lot in lots::list_lots_by_id(tx.conn, selected)? {
        tx.record(Happening {
            kind: "lot.recalled",
            subject_kind: "lot",
            subject_id: lot.id.to_string(),
            site: Some(lot.bank_site_id),
            other_site: None,
            network: false,
            data: &json!({"code": lot.code, "recall_id": row.id}),
        })?;
    }
    let data = json!({
        "scope": row.scope, "lots": count, "frozen_ml": row.frozen_ml, "respond_by": row.respond_by,
        "drill": row.drill,
    });
    record(tx, "recall.frozen", row, None, &data)?;
    // One event a site, so that each finds in its feed that it was asked.
    for answer in rows::list_answers(tx.conn, row.id)? {
        record(tx, "recall.notified", row, Some(answer.site_id), &data)?;
    }
    Ok(())
}

/// Keeps what a site says it holds.
///
/// # Errors
/// `NotFound` for another site or one that was not asked; `Conflict` when the recall is closed.
pub fn acknowledge_recall(
    tx: &mut Tx<'_>,
    id: RecallId,
    site: SiteId,
    held: Volume,
) -> Result<RecallDetail, ActionError> {
    if !tx.actor.acts_for(site) {
        return Err(ActionError::NotFound { what: "site" });
    }
    if !(Volume::ZERO..=MOST_HELD).contains(&held) {
        return Err(ActionError::field("/held_ml", "out_of_range", "Say how many millilitres are there, or 0."));
    }
    let row = rows::find_recall(tx.conn, id)?.ok_or(ActionError::NotFound { what: "recall" })?;
    if row.state == RecallState::Closed {
        return Err(ActionError::conflict("recall_closed", "This recall is closed."));
    }
    let by = tx.actor.id.clone();
    if !rows::save_answer(tx.conn, id, site, &by, held, tx.now)? {
        return Err(ActionError::NotFound { what: "recall" });
    }
    record(tx, "recall.acknowledged", &row, Some(site), &json!({"held_ml": held}))?;
    let waiting = rows::list_answers(tx.conn, id)?.iter().any(|answer| answer.acknowledged_at.is_none());
    if !waiting
        && row.state == RecallState::Notified
        && !rows::set_recall_state(tx.conn, id, row.version, RecallState::Acknowledged, None)?
    {
        return Err(ActionError::Stale { current_version: row.version + 1 });
    }
    get_recall(tx.conn, tx.actor, id)
}

/// Closes a reconciled recall.
///
/// # Errors
/// `Stale`; `Conflict` while a site has not answered, milk is left, or the count does not come out.
pub fn close_recall(tx: &mut Tx<'_>, id: RecallId, version: i64) -> Result<RecallDetail, ActionError> {
    let detail = get_recall(tx.conn, tx.actor, id)?;
    if !tx.actor.acts_for(detail.head.site_id) {
        return Err(ActionError::Forbidden);
    }
    if detail.head.version != version {
        return Err(ActionError::Stale { current_version: detail.head.version });
    }
    if detail.head.state == RecallState::Closed {
        return Err(ActionError::conflict("recall_closed", "This recall is closed already."));
    }
    let unanswered = detail.answers.iter().filter(|answer| answer.acknowledged_at.is_none()).count();
    let heaps = heaps_in(tx.conn, id, &detail.lots)?;
    let bottled: Volume = heaps.iter().map(|heap| heap.size_ml).sum();
    // An exercise ends when all have answered: its milk was never to be thrown away.
    let count = if detail.head.drill { RecallCount { fed: bottled, ..RecallCount::default() } } else { detail.count };
    // It touched no milk either, and what a site has is free to move on.
    let said = if detail.head.drill { Vec::new() } else { held_and_known(tx.conn, &detail)? };
    if let Err(not_yet) = reconcile(unanswered, &said, bottled, &count) {
        return Err(ActionError::conflict("recall_not_reconciled", format!("This recall stays open: {not_yet}.")));
    }
    if !rows::set_recall_state(tx.conn, id, version, RecallState::Closed, Some(tx.now))? {
        return Err(ActionError::Stale { current_version: version + 1 });
    }
    let data = json!({"discarded_ml": detail.count.discarded, "fed_ml": detail.count.fed});
    record(tx, "recall.closed", &detail.head, None, &data)?;
    get_recall(tx.conn, tx.actor, id)
}

/// The recall, for its bank, the sites it asked and hub roles.
///
/// # Errors
/// `NotFound` also when it concerns none of the actor's sites.
pub fn get_recall(conn: &mut AnyConn, actor: &Actor, id: RecallId) -> Result<RecallDetail, ActionError> {
    let head = rows::find_recall(conn, id)?.ok_or(ActionError::NotFound { what: "recall" })?;
    let answers = rows::list_answers(conn, id)?;
    let concerned = actor.acts_for(head.site_id) || answers.iter().any(|answer| actor.acts_for(answer.site_id));
    if !concerned {
        return Err(ActionError::NotFound { what: "recall" });
    }
    let of_lots = rows::list_recall_lots(conn, id)?;
    let mut count = RecallCount::default();
    for heap in heaps_in(conn, id, &of_lots)? {
        match heap.state {
            BottleState::InStock | BottleState::Quarantined => count.at_hand += heap.size_ml,
            BottleState::InTransit => count.in_transit += heap.size_ml,
            BottleState::Used | BottleState::Discarded => {
                count.fed += heap.fed_ml;
                count.discarded += heap.size_ml - heap.fed_ml;
            }
        }
    }
    Ok(RecallDetail { head, lots: of_lots, answers, count })
}

/// Where the milk of a recall is, whether it names lots or single bottles.
fn heaps_in(conn: &mut AnyConn, id: RecallId, of_lots: &[LotId]) -> Result<Vec<LotHeap>, ActionError> {
    if of_lots.is_empty() { Ok(rows::list_bottle_heaps(conn, id)?) } else { Ok(rows::list_heaps(conn, of_lots)?) }
}

/// A page of a recall's bottles: all for its issuer and hub roles, their own for the sites it asked.
///
/// # Errors
/// As [`get_recall`].
pub fn list_bottles(
    conn: &mut AnyConn,
    actor: &Actor,
    id: RecallId,
    after: Option<BottleId>,
    rows_wanted: i64,
) -> Result<Vec<RecallBottleRow>, ActionError> {
    let issuer = get_recall(conn, actor, id)?.head.site_id;
    let at = if actor.acts_for(issuer) { None } else { own_sites(actor) };
    Ok(rows::list_recalled_bottles(conn, id, at.as_deref(), after, rows_wanted)?)
}

/// Reminds the sites that have not answered in time, once; the number of recalls.
///
/// # Errors
/// Those of the store.
pub fn escalate_recalls(tx: &mut Tx<'_>) -> Result<usize, ActionError> {
    let overdue = rows::list_overdue_recalls(tx.conn, tx.now)?;
    for row in &overdue {
        rows::mark_escalated(tx.conn, row.id, tx.now)?;
        for answer in rows::list_answers(tx.conn, row.id)? {
            if answer.acknowledged_at.is_none() {
                let data = json!({"respond_by": row.respond_by, "drill": row.drill});
                record(tx, "recall.escalated", row, Some(answer.site_id), &data)?;
            }
        }
    }
    Ok(overdue.len())
}

/// True when a site has not answered a recall in time and was not reminded.
///
/// # Errors
/// Those of the store.
pub fn any_overdue(conn: &mut AnyConn, now: Instant) -> Result<bool, ActionError> {
    Ok(!rows::list_overdue_recalls(conn, now)?.is_empty())
}

/// A page of recalls that concern the actor's sites, without their counts.
///
/// # Errors
/// Those of the store.
pub fn list_recalls(
    conn: &mut AnyConn,
    actor: &Actor,
    after: Option<RecallId>,
    rows_wanted: i64,
) -> Result<Vec<RecallRow>, ActionError> {
    Ok(rows::list_recalls(conn, own_sites(actor).as_deref(), after, rows_wanted)?)
}

fn record(
    tx: &mut Tx<'_>,
    kind: &'static str,
    row: &RecallRow,
    other_site: Option<SiteId>,
    data: &serde_json::Value,
) -> Result<(), ActionError> {
    tx.record(Happening {
        kind,
        subject_kind: "recall",
        subject_id: row.id.to_string(),
        site: Some(row.site_id),
        other_site,
        network: false,
        data,
    })
}
