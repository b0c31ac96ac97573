//! Recalls: the milk is frozen first, in the same transaction that names it; then every site that has or had
//! it is asked; it closes when all have answered and nothing is left. A late positive result is a recall by donor.

use super::freezing::freeze;
use super::transfers::own_sites;
use super::{ActionError, Happening, Tx};
use crate::domain::actor::Actor;
use crate::domain::bottle::BottleState;
use crate::domain::ids::{LotId, RecallId, SiteId};
use crate::domain::lot::{LotState, LotStep};
use crate::domain::quantity::Volume;
use crate::domain::recall::{RecallCount, RecallScope, RecallState, reconcile};
use crate::domain::time::Instant;
use crate::store::recalls as rows;
pub use crate::store::recalls::{AnswerRow, LotSelector, RecallRow};
use crate::store::{AnyConn, holds, lots};
use serde_json::json;
use std::collections::BTreeSet;

/// What a bank recalls.
#[derive(Debug, Clone)]
pub struct IssueRecall {
    /// The bank that answers for it.
    pub site: SiteId,
    /// What selects the lots.
    pub selector: LotSelector,
    /// Why.
    pub reason: String,
    /// By when sites answer.
    pub respond_by: Instant,
}

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

/// Freezes the lots and asks every site that has or had their milk.
///
/// # Errors
/// `NotFound` for another bank; `Invalid` when the selector finds no lot.
pub fn issue_recall(tx: &mut Tx<'_>, command: &IssueRecall) -> Result<RecallDetail, ActionError> {
    if !tx.actor.acts_for(command.site) {
        return Err(ActionError::NotFound { what: "site" });
    }
    if command.reason.trim().is_empty() {
        return Err(ActionError::field("/reason", "required", "Say why, in a few words."));
    }
    if command.respond_by <= tx.now {
        return Err(ActionError::field("/respond_by", "in_the_past", "Choose an instant after now."));
    }
    let selected = rows::select_lots(tx.conn, command.site, &command.selector)?;
    if selected.is_empty() {
        return Err(ActionError::field("/selector", "nothing_found", "No lot of this bank is selected by it."));
    }
    let recallable: Vec<LotState> =
        LotState::ALL.iter().copied().filter(|state| state.next(LotStep::Recall).is_ok()).collect();
    // Lots in identifier order, before anything that hangs on them.
    holds::move_lots(tx.conn, &selected, &recallable, LotState::Recalled)?;
    freeze(tx, &selected, &[], "the lot is recalled")?;
    let row = save(tx, command, &selected)?;
    announce(tx, &row, &selected)?;
    get_recall(tx.conn, tx.actor, row.id)
}

fn save(tx: &mut Tx<'_>, command: &IssueRecall, selected: &[LotId]) -> Result<RecallRow, ActionError> {
    let heaps = rows::list_heaps(tx.conn, selected)?;
    let alive = |state: BottleState| !matches!(state, BottleState::Used | BottleState::Discarded);
    let (scope, selector) = match &command.selector {
        LotSelector::Donor(donor) => (RecallScope::Donor, json!({"donor_ref": donor})),
        LotSelector::Lots(ids) => (RecallScope::Lot, json!({"lot_ids": ids})),
        LotSelector::Cycle(cycle) => (RecallScope::Cycle, json!({"cycle_ref": cycle})),
        LotSelector::Device(device) => (RecallScope::Device, json!({"device_ref": device})),
    };
    let row = RecallRow {
        id: RecallId::new(tx.new_id()),
        site_id: command.site,
        scope,
        reason: command.reason.trim().to_owned(),
        selector: selector.to_string(),
        state: RecallState::Notified,
        respond_by: command.respond_by,
        frozen_at: tx.now,
        frozen_bottles: heaps.iter().filter(|heap| alive(heap.state)).map(|heap| heap.bottles).sum(),
        frozen_ml: heaps.iter().filter(|heap| alive(heap.state)).map(|heap| heap.size_ml).sum(),
        closed_at: None,
        drill: false,
        listed_us: 0,
        escalated_at: None,
        version: 1,
    };
    rows::insert_recall(tx.conn, &row, selected)?;
    let journeys = rows::list_journeys_with(tx.conn, selected)?;
    let mut concerned: BTreeSet<SiteId> = heaps.iter().map(|heap| heap.site_id).collect();
    concerned.extend(journeys.iter().map(|(_, to)| *to));
    let concerned: Vec<SiteId> = concerned.into_iter().collect();
    rows::ask_sites(tx.conn, row.id, &concerned, tx.now)?;
    Ok(row)
}

fn announce(tx: &mut Tx<'_>, row: &RecallRow, selected: &[LotId]) -> Result<(), ActionError> {
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
        "scope": row.scope, "lots": selected.len(), "frozen_ml": row.frozen_ml, "respond_by": row.respond_by,
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
    if held < Volume::ZERO {
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
    let bottled: Volume = rows::list_heaps(tx.conn, &detail.lots)?.iter().map(|heap| heap.size_ml).sum();
    if let Err(not_yet) = reconcile(unanswered, bottled, &detail.count) {
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
    for heap in rows::list_heaps(conn, &of_lots)? {
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
