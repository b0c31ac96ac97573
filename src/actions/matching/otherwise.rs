//! "Why not this lot?", answered by planning again with one of its bottles forced, and a person's own choice, recorded
//! with its reason and its price. A safety rule is never up for choice.

use super::apply::{PlannedOffer, offer_by_hand, propose};
use super::arcs::{failures, judge, problem};
use super::snapshot::{Snapshot, load_for};
use super::{ByHand, Memory, RunOutcome};
use crate::actions::offers::withdraw_offer;
use crate::actions::requests::get_request;
use crate::actions::{ActionError, Call, Happening, Hub, Tx};
use crate::domain::actor::Actor;
use crate::domain::ids::{LotId, MatchRunId, RequestId};
use crate::domain::matching::{Forced, Plan, PlanError, Problem, forced, plan};
use crate::domain::refusal::Refusal;
use crate::domain::time::Instant;
use crate::store::AnyConn;
use crate::store::match_runs::{self, ExplanationRow, MatchRunRow};
use crate::store::surplus::SurplusLineRow;
use crate::store::{offers, requests};
use serde::Serialize;
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

/// What giving one bottle of a lot to a request would mean.
#[derive(Debug, Clone, Serialize)]
pub struct WhyNot {
    /// The request.
    pub request_id: RequestId,
    /// The lot.
    pub lot_id: LotId,
    /// True when the plan takes the lot for this request anyway.
    pub in_plan: bool,
    /// Every rule against it; empty when it may go there.
    pub refusals: Vec<Refusal>,
    /// Change of the millilitres served, per tier; empty when it may not go there.
    pub served_change_ml: Vec<i64>,
    /// Points more than the plan.
    pub points: Option<i64>,
    /// Both plans are proven, so the change is exact.
    pub exact: bool,
    /// Sentences.
    pub text: Vec<String>,
}

/// A person's own choice for a request.
#[derive(Debug, Clone)]
pub struct ChooseOtherwise {
    /// The request.
    pub request: RequestId,
    /// The lot.
    pub lot: LotId,
    /// Bottles of it.
    pub bottles: i64,
    /// Why, in the person's words.
    pub reason: String,
}

/// Says what one bottle of the lot for the request would change, for those who may read the request.
///
/// # Errors
/// `NotFound` for a request of another site's or a lot without a published bottle; `Conflict` when the request lacks
/// nothing.
pub fn why_not(
    conn: &mut AnyConn,
    memory: &Mutex<Memory>,
    actor: &Actor,
    now: Instant,
    request: RequestId,
    lot: LotId,
) -> Result<WhyNot, ActionError> {
    get_request(conn, actor, request)?;
    let snapshot = load_for(conn, now, &BTreeSet::new(), Some(request))?;
    Ok(Asked::of(&snapshot, memory, request, lot)?.answer)
}

/// The answer, with what an offer of it needs.
struct Asked {
    answer: WhyNot,
    demand: usize,
    /// The line whose bottle would do best.
    line: usize,
}

impl Asked {
    fn of(snapshot: &Snapshot, memory: &Mutex<Memory>, request: RequestId, lot: LotId) -> Result<Self, ActionError> {
        let demand = snapshot.requests.iter().position(|open| open.row.id == request);
        let demand = demand.ok_or_else(|| {
            ActionError::conflict("nothing_lacking", "The request has all that it asked for, or is over.")
        })?;
        let lines: Vec<usize> = (0..snapshot.lines.len())
            .filter(|index| snapshot.lines.get(*index).is_some_and(|line| line.lot_id == lot))
            .collect();
        let first = *lines.first().ok_or(ActionError::NotFound { what: "published bottle of this lot" })?;
        let mut memory = memory.lock().unwrap_or_else(PoisonError::into_inner);
        memory.learn(snapshot)?;
        let pairs = judge(snapshot, &mut memory);
        let rows = problem(snapshot, &pairs);
        let base = plan(&rows).map_err(failed)?;
        let best = best_of(&rows, &base, &lines, demand)?;
        let refusals = match (&best, snapshot.requests.get(demand), snapshot.lines.get(first)) {
            (None, Some(open), Some(line)) => failures(snapshot, &memory, &pairs, open, line),
            _ => Vec::new(),
        };
        let line = best.as_ref().map_or(first, |(line, _)| *line);
        let in_plan = base.lines.iter().any(|row| index(row.demand) == Some(demand) && index(row.supply) == Some(line));
        let change = best.map(|(_, change)| change);
        let answer = WhyNot {
            request_id: request,
            lot_id: lot,
            in_plan,
            text: sentences(in_plan, change.as_ref(), &refusals),
            refusals,
            served_change_ml: change.as_ref().map_or_else(Vec::new, |change| change.served_change_ml.clone()),
            points: change.as_ref().map(|change| change.cost_change),
            exact: change.as_ref().is_some_and(|change| change.exact),
        };
        Ok(Self { answer, demand, line })
    }
}

fn index(row: u32) -> Option<usize> {
    usize::try_from(row).ok()
}

fn failed(error: PlanError) -> ActionError {
    ActionError::Internal(format!("matching: {error}"))
}

/// The line of the lot whose bottle would serve best, then cost least; none where none may go there.
fn best_of(
    rows: &Problem,
    base: &Plan,
    lines: &[usize],
    demand: usize,
) -> Result<Option<(usize, Forced)>, ActionError> {
    let demand = u32::try_from(demand).unwrap_or(u32::MAX);
    let mut best: Option<(usize, Forced)> = None;
    for line in lines {
        let change = match forced(rows, base, u32::try_from(*line).unwrap_or(u32::MAX), demand) {
            Ok(change) => change,
            Err(PlanError::NotEligible { .. }) => continue,
            Err(other) => return Err(failed(other)),
        };
        let better = best.as_ref().is_none_or(|(_, least)| {
            change
                .served_change_ml
                .cmp(&least.served_change_ml)
                .reverse()
                .then(change.cost_change.cmp(&least.cost_change))
                == std::cmp::Ordering::Less
        });
        if better {
            best = Some((*line, change));
        }
    }
    Ok(best)
}

fn sentences(in_plan: bool, change: Option<&Forced>, refusals: &[Refusal]) -> Vec<String> {
    let Some(change) = change else {
        let mut text = vec!["This lot may not go to this request.".to_owned()];
        if refusals.is_empty() {
            text.push("The request's own limits leave no place for a bottle of it.".to_owned());
        }
        text.extend(refusals.iter().map(|refusal| refusal.detail.clone()));
        return text;
    };
    if in_plan {
        return vec!["The plan takes milk of this lot already.".to_owned()];
    }
    let mut text = Vec::new();
    for (tier, ml) in change.served_change_ml.iter().enumerate().filter(|(_, ml)| **ml != 0) {
        let (amount, word) = (ml.abs(), if *ml < 0 { "less" } else { "more" });
        text.push(format!("With a bottle of it here, tier {} would get {amount} mL {word}.", tier + 1));
    }
    if text.is_empty() {
        text.push("With a bottle of it here, no infant would get less.".to_owned());
    }
    text.push(match change.cost_change {
        0 => "It would be just as good.".to_owned(),
        points if points > 0 => format!("It would be {points} points worse, for distance, life or fit."),
        points => format!("It would be {} points better in distance, life or fit.", -points),
    });
    if !change.exact {
        text.push("These figures compare two good plans; neither is proven the best.".to_owned());
    }
    text
}

/// Plans what a person's choice would mean.
///
/// # Errors
/// Those of [`why_not`]; `Refused` with every rule against the lot; `Invalid` for more bottles than there are or than
/// the request needs.
pub async fn prepare_choice(hub: &Hub, call: &Call, command: &ChooseOtherwise) -> Result<Chosen, ActionError> {
    let (now, memory, actor) = (hub.clock.now(), Arc::clone(&hub.memory), call.actor.clone());
    let wish = command.clone();
    hub.read(move |conn| {
        get_request(conn, &actor, wish.request)?;
        let snapshot = load_for(conn, now, &BTreeSet::new(), Some(wish.request))?;
        let asked = Asked::of(&snapshot, &memory, wish.request, wish.lot)?;
        Chosen::of(&snapshot, asked, &wish, &actor)
    })
    .await
}

/// A choice that may be made, with its price.
pub struct Chosen {
    offer: PlannedOffer,
    by_hand: ByHand,
    input_hash: String,
    open_requests: usize,
    supply_lines: usize,
}

impl Chosen {
    fn of(snapshot: &Snapshot, asked: Asked, wish: &ChooseOtherwise, actor: &Actor) -> Result<Self, ActionError> {
        let Asked { answer, demand, line } = asked;
        if !answer.refusals.is_empty() {
            return Err(ActionError::Refused(answer.refusals));
        }
        let rows: Option<(_, &SurplusLineRow)> = snapshot.requests.get(demand).zip(snapshot.lines.get(line));
        let Some((request, line)) = rows.filter(|_| answer.points.is_some()) else {
            return Err(ActionError::conflict("no_place", "The request's own limits leave no place for this lot."));
        };
        if wish.bottles > line.available_bottles {
            let detail = format!("Only {} bottles of this lot are free.", line.available_bottles);
            return Err(ActionError::field("/bottles", "not_enough_free", detail));
        }
        if line.size_ml.times(wish.bottles - 1) >= request.wanted {
            return Err(ActionError::field("/bottles", "more_than_needed", "Fewer bottles are enough."));
        }
        Ok(Self {
            offer: offer_by_hand(snapshot, request, line, wish.bottles),
            by_hand: ByHand {
                by: actor.id.clone(),
                reason: wish.reason.clone(),
                points: answer.points.unwrap_or(0),
                served_change_ml: answer.served_change_ml,
            },
            input_hash: snapshot.hash(),
            open_requests: snapshot.requests.len(),
            supply_lines: snapshot.lines.len(),
        })
    }
}

/// Offers what a person chose instead of what waits for the request, and records who, why and at which price.
///
/// # Errors
/// `Conflict` when its bottles moved meanwhile.
pub fn choose_otherwise(
    tx: &mut Tx<'_>,
    chosen: &Chosen,
    command: &ChooseOtherwise,
) -> Result<RunOutcome, ActionError> {
    let mut withdrawn = 0;
    for offer in offers::list_proposed_offers(tx.conn)?.iter().filter(|offer| offer.request_id == command.request) {
        withdraw_offer(tx, offer, "a person chose otherwise")?;
        withdrawn += 1;
    }
    let run = MatchRunId::new(tx.new_id());
    let explanation = json!({
        "text": [format!("A person chose {} bottles of another lot: {}", command.bottles, command.reason)],
        "chosen_by_hand": chosen.by_hand,
    });
    let row = MatchRunRow {
        id: run,
        started_at: tx.now,
        trigger_reason: "override".to_owned(),
        input_hash: chosen.input_hash.clone(),
        open_requests: i64::try_from(chosen.open_requests).unwrap_or(i64::MAX),
        supply_lines: i64::try_from(chosen.supply_lines).unwrap_or(i64::MAX),
        offers_made: 1,
        planned_ml: chosen.offer.volume(),
        status: "bounded".to_owned(),
        served: "[]".to_owned(),
        duration_us: 0,
    };
    let said = ExplanationRow { run_id: run, request_id: command.request, explanation: explanation.to_string() };
    match_runs::insert_match_run(tx.conn, &row, &[said])?;
    let version = requests::find_request(tx.conn, command.request)?.map_or(0, |request| request.version);
    if !propose(tx, run, &chosen.offer, version)? {
        return Err(ActionError::conflict("bottles_moved", "The lot or the request changed meanwhile; look again."));
    }
    tx.record(Happening {
        kind: "request.matched_otherwise",
        subject_kind: "request",
        subject_id: command.request.to_string(),
        site: Some(chosen.offer.to),
        other_site: Some(chosen.offer.from),
        network: false,
        data: &json!({
            "match_run_id": run,
            "lot_id": command.lot,
            "bottles": command.bottles,
            "reason": command.reason,
            "points": chosen.by_hand.points,
            "served_change_ml": chosen.by_hand.served_change_ml,
        }),
    })?;
    Ok(RunOutcome { run: Some(run), offers_made: 1, withdrawn, first_offers: Vec::new() })
}
