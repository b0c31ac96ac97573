//! From a plan to timed offers, and their saving. Whatever changed since the snapshot wins: an offer whose bottles
//! or request moved is left out, and the next run plans it anew.

use super::arcs::Pairs;
use super::floors::keeps_short;
use super::snapshot::{OpenRequest, Snapshot};
use super::{Memory, Planned, RunOutcome};
use crate::actions::offers::{accept_by_standing_rule, withdraw_offer};
use crate::actions::surplus::ask_to_confirm;
use crate::actions::{ActionError, Happening, Tx};
use crate::domain::ids::{LotId, MatchRunId, OfferId, RequestId, SiteId, SurplusLineId};
use crate::domain::lot::LotState;
use crate::domain::matching::Plan;
use crate::domain::offer::OfferState;
use crate::domain::quantity::Volume;
use crate::domain::time::Instant;
use crate::store::match_runs::{self, ExplanationRow, MatchRunRow};
use crate::store::offers::{self, OfferRow};
use crate::store::requests::OPEN_STATES;
use crate::store::surplus::SurplusLineRow;
use crate::store::{lots, promises, requests, surplus};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// An offer that a plan calls for.
pub struct PlannedOffer {
    request: RequestId,
    request_version: i64,
    had_offers: bool,
    tier: i64,
    /// The holding site.
    pub from: SiteId,
    /// The asking site.
    pub to: SiteId,
    answer_minutes: i64,
    accepted_by_rule: bool,
    lines: Vec<PlannedLine>,
}

struct PlannedLine {
    line: SurplusLineId,
    lot: LotId,
    size: Volume,
    bottles: i64,
}

impl PlannedOffer {
    /// What it holds.
    pub fn volume(&self) -> Volume {
        self.lines.iter().map(|line| line.size.times(line.bottles)).sum()
    }

    fn bottles(&self) -> i64 {
        self.lines.iter().map(|line| line.bottles).sum()
    }
}

/// One offer for each request and holding site, lines in identifier order so that two runs never wait for each
/// other in a ring.
pub fn offers_of(snapshot: &Snapshot, pairs: &Pairs, plan: &Plan) -> Vec<PlannedOffer> {
    let mut grouped: BTreeMap<(u32, SiteId), Vec<PlannedLine>> = BTreeMap::new();
    for chosen in &plan.lines {
        let Some(line) = usize::try_from(chosen.supply).ok().and_then(|index| snapshot.lines.get(index)) else {
            continue;
        };
        if pairs.too_small.contains(&(chosen.demand, line.surplus_id)) {
            continue;
        }
        grouped.entry((chosen.demand, line.site_id)).or_default().push(PlannedLine {
            line: line.id,
            lot: line.lot_id,
            size: line.size_ml,
            bottles: chosen.bottles,
        });
    }
    let mut planned = Vec::new();
    for ((demand, from), mut lines) in grouped {
        let Some(request) = usize::try_from(demand).ok().and_then(|index| snapshot.requests.get(index)) else {
            continue;
        };
        lines.sort_by_key(|line| line.line);
        let volume = lines.iter().map(|line| line.size.times(line.bottles)).sum();
        let tier = u8::try_from(request.row.tier).unwrap_or(u8::MAX);
        planned.push(PlannedOffer {
            request: request.row.id,
            request_version: request.row.version,
            had_offers: request.row.first_offer_at.is_some(),
            tier: request.row.tier,
            from,
            to: request.row.site_id,
            answer_minutes: snapshot.network.answer_minutes(from, tier),
            accepted_by_rule: from == request.row.site_id || snapshot.network.accepts_by_rule(from, tier, volume),
            lines,
        });
    }
    planned
}

/// The offer that a person wants instead of the plan's.
pub fn offer_by_hand(snapshot: &Snapshot, request: &OpenRequest, line: &SurplusLineRow, bottles: i64) -> PlannedOffer {
    let tier = u8::try_from(request.row.tier).unwrap_or(u8::MAX);
    let lines = vec![PlannedLine { line: line.id, lot: line.lot_id, size: line.size_ml, bottles }];
    let (from, to) = (line.site_id, request.row.site_id);
    PlannedOffer {
        request: request.row.id,
        request_version: request.row.version,
        had_offers: request.row.first_offer_at.is_some(),
        tier: request.row.tier,
        from,
        to,
        answer_minutes: snapshot.network.answer_minutes(from, tier),
        accepted_by_rule: from == to || snapshot.network.accepts_by_rule(from, tier, line.size_ml.times(bottles)),
        lines,
    }
}

/// Waiting offers of less urgent requests whose milk a more urgent request lacks: an unaccepted proposal never
/// stands in the way of a higher tier.
pub fn to_withdraw(snapshot: &Snapshot, memory: &mut Memory, pairs: &Pairs, plan: &Plan) -> Vec<OfferRow> {
    let mut withdraw = BTreeSet::new();
    for (demand, request) in (0_u32..).zip(&snapshot.requests) {
        let given: i64 = plan
            .lines
            .iter()
            .filter(|line| line.demand == demand)
            .filter_map(|line| {
                let supply = usize::try_from(line.supply).ok()?;
                Some(snapshot.lines.get(supply)?.size_ml.times(line.bottles).ml())
            })
            .sum();
        // Only a request that would surely take the milk: one that a limit on lots or all-or-nothing keeps short
        // would see the same offers made again and withdrawn again.
        let takes_anything = request.row.max_lots.is_none() && !request.row.all_or_nothing;
        if given >= request.wanted.ml() || !takes_anything || keeps_short(pairs, demand) {
            continue;
        }
        for offer in &snapshot.waiting {
            let lower = snapshot.tier_of_waiting(offer).is_some_and(|tier| tier > request.row.tier);
            if lower && pairs.could_serve(snapshot, memory, request, offer) {
                withdraw.insert(offer.id);
            }
        }
    }
    snapshot.waiting.iter().filter(|offer| withdraw.contains(&offer.id)).cloned().collect()
}

/// Saves a plan.
pub fn apply(tx: &mut Tx<'_>, planned: &Planned, trigger: &str) -> Result<RunOutcome, ActionError> {
    let run_id = MatchRunId::new(tx.new_id());
    let news: Vec<ExplanationRow> = planned
        .news
        .iter()
        .map(|(request_id, explanation)| ExplanationRow {
            run_id,
            request_id: *request_id,
            explanation: explanation.clone(),
        })
        .collect();
    let row = MatchRunRow {
        id: run_id,
        started_at: tx.now,
        trigger_reason: trigger.to_owned(),
        input_hash: planned.input_hash.clone(),
        open_requests: i64::try_from(planned.open_requests).unwrap_or(i64::MAX),
        supply_lines: i64::try_from(planned.supply_lines).unwrap_or(i64::MAX),
        offers_made: i64::try_from(planned.offers.len()).unwrap_or(i64::MAX),
        planned_ml: planned.offers.iter().map(PlannedOffer::volume).sum(),
        status: planned.status.to_owned(),
        served: planned.served.clone(),
        duration_us: planned.duration_us,
    };
    match_runs::insert_match_run(tx.conn, &row, &news)?;
    for report in &planned.stale {
        ask_to_confirm(tx, report)?;
    }
    let mut withdrawn = 0;
    for offer in &planned.withdraw {
        // Whoever answered meanwhile was quicker; that is no fault.
        match withdraw_offer(tx, offer, "a more urgent request needs this milk") {
            Ok(()) => withdrawn += 1,
            Err(ActionError::Conflict { .. } | ActionError::Stale { .. }) => {}
            Err(other) => return Err(other),
        }
    }
    let mut offers_made = 0;
    let mut first_offers = Vec::new();
    // Our own earlier offers move a request's version too; those moves are not somebody else's.
    let mut versions: BTreeMap<RequestId, i64> = BTreeMap::new();
    for offer in &planned.offers {
        let version = versions.get(&offer.request).copied().unwrap_or(offer.request_version);
        if propose(tx, run_id, offer, version)? {
            offers_made += 1;
            if let Some(request) = requests::find_request(tx.conn, offer.request)? {
                if !versions.contains_key(&offer.request) && !offer.had_offers {
                    first_offers.push((request.tier, (tx.now.micros() - request.created_at.micros()) / 1_000));
                }
                versions.insert(offer.request, request.version);
            }
        }
    }
    Ok(RunOutcome { run: Some(run_id), offers_made, withdrawn, first_offers })
}

/// Makes one offer; false when its request or its bottles changed since the snapshot.
pub(super) fn propose(
    tx: &mut Tx<'_>,
    run: MatchRunId,
    planned: &PlannedOffer,
    version: i64,
) -> Result<bool, ActionError> {
    let Some(request) = requests::find_request(tx.conn, planned.request)? else { return Ok(false) };
    if request.version != version || !OPEN_STATES.contains(&request.state) {
        return Ok(false);
    }
    let ids: Vec<LotId> = planned.lines.iter().map(|line| line.lot).collect();
    let sound = lots::list_lots_by_id(tx.conn, &ids)?
        .iter()
        .all(|lot| lot.state == LotState::Released && lot.expires_at > tx.now);
    if !sound {
        return Ok(false);
    }
    let offer = row_of(tx, run, planned);
    let mut taken: Vec<&PlannedLine> = Vec::new();
    for line in &planned.lines {
        if !surplus::take_from_line(tx.conn, line.line, line.bottles)? {
            for back in taken {
                surplus::give_back_to_line(tx.conn, back.line, back.bottles, tx.now)?;
            }
            return Ok(false);
        }
        taken.push(line);
    }
    offers::insert_offer(tx.conn, &offer)?;
    for line in &planned.lines {
        let promised = promises::promise_bottles(tx.conn, line.line, offer.id, line.bottles)?;
        if i64::try_from(promised.len()) != Ok(line.bottles) {
            // The line's count and its bottles disagree: nothing of this run may be kept.
            return Err(ActionError::Internal(format!("line {} counts bottles it does not have", line.line)));
        }
    }
    requests::note_first_offer(tx.conn, planned.request, tx.now)?;
    tx.record(Happening {
        kind: "offer.proposed",
        subject_kind: "offer",
        subject_id: offer.id.to_string(),
        site: Some(offer.from_site_id),
        other_site: Some(offer.to_site_id),
        network: false,
        data: &json!({
            "request_id": offer.request_id,
            "tier": planned.tier,
            "volume_ml": offer.volume_ml,
            "answer_by": offer.answer_by,
        }),
    })?;
    if planned.accepted_by_rule {
        accept_by_standing_rule(tx, offer)?;
    }
    Ok(true)
}

fn row_of(tx: &Tx<'_>, run: MatchRunId, planned: &PlannedOffer) -> OfferRow {
    let answer_by: Instant = tx.now.plus_minutes(planned.answer_minutes);
    OfferRow {
        id: OfferId::new(tx.new_id()),
        match_run_id: Some(run),
        request_id: planned.request,
        from_site_id: planned.from,
        to_site_id: planned.to,
        state: OfferState::Proposed,
        volume_ml: planned.volume(),
        bottles: planned.bottles(),
        proposed_at: tx.now,
        answer_by,
        decided_at: None,
        decided_by: None,
        decline_reason: None,
        decline_note: None,
        by_standing_rule: false,
        version: 1,
    }
}
