//! One run of the matching: load what is open, let the domain plan, turn the plan into timed offers. A plan that
//! lost a race with a change is dropped where it lost, and the next run repairs it.

mod apply;
mod arcs;
mod floors;
mod memory;
mod otherwise;
mod reasons;
mod snapshot;
mod trips;

pub use memory::Memory;
pub use otherwise::{ChooseOtherwise, Chosen, WhyNot, choose_otherwise, prepare_choice, why_not};
pub use reasons::{ByHand, ChosenLot, FailedLot, Reasons};

use super::{ActionError, Call, Hub};
use crate::domain::actor::Actor;
use crate::domain::ids::{MatchRunId, OfferId, RequestId};
use crate::domain::matching::{Plan, PlanStatus, Problem, plan};
use crate::store::AnyConn;
use crate::store::match_runs::{self as rows};
pub use crate::store::match_runs::{ExplanationRow, MatchRunRow};
use crate::store::surplus::StockReport;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant as Stopwatch};

/// Plans of one run: each drops what the one before would have sent in too small a transfer.
const MOST_PLANS: usize = 6;

/// What a run brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunOutcome {
    /// The run, unless there was nothing to plan.
    pub run: Option<MatchRunId>,
    /// Offers made.
    pub offers_made: usize,
    /// Waiting offers taken back for a more urgent request.
    pub withdrawn: usize,
    /// Requests that got their first offer: tier, and milliseconds since they were raised.
    pub first_offers: Vec<(i64, i64)>,
}

/// Plans over all open requests and all published surplus, and makes the offers that come of it.
///
/// # Errors
/// Those of the store; `Internal` when the plan failed its own proof.
pub async fn run_matching(hub: &Hub, trigger: &'static str) -> Result<RunOutcome, ActionError> {
    let now = hub.clock.now();
    let memory = Arc::clone(&hub.memory);
    let planned = hub
        .read(move |conn| {
            let known = memory.lock().unwrap_or_else(std::sync::PoisonError::into_inner).known_lots();
            let snapshot = snapshot::load(conn, now, &known)?;
            if snapshot.requests.is_empty() {
                return Ok(None);
            }
            prepare(snapshot, &memory).map(Some)
        })
        .await?;
    let Some(planned) = planned else {
        return Ok(RunOutcome { run: None, offers_made: 0, withdrawn: 0, first_offers: Vec::new() });
    };
    if !planned.says_anything() {
        return Ok(RunOutcome { run: None, offers_made: 0, withdrawn: 0, first_offers: Vec::new() });
    }
    let planned = Arc::new(planned);
    let for_write = Arc::clone(&planned);
    let outcome = hub.write_quietly(&Call::by_hub(), move |tx| apply::apply(tx, &for_write, trigger)).await?;
    for (tier, waited_ms) in &outcome.first_offers {
        let waited = Duration::from_millis(u64::try_from(*waited_ms).unwrap_or(0));
        metrics::histogram!("milkbridge_request_to_first_offer_seconds", "tier" => tier.to_string()).record(waited);
    }
    Ok(outcome)
}

/// A plan with everything that saving it needs.
struct Planned {
    input_hash: String,
    open_requests: usize,
    supply_lines: usize,
    status: &'static str,
    served: String,
    duration_us: i64,
    offers: Vec<apply::PlannedOffer>,
    withdraw: Vec<crate::store::offers::OfferRow>,
    /// Reasons that differ from what the request was told before.
    news: Vec<(RequestId, String)>,
    /// Old reports of stock whose sites were not asked yet.
    stale: Vec<StockReport>,
}

impl Planned {
    /// Whether there is anything to save.
    const fn says_anything(&self) -> bool {
        !(self.offers.is_empty() && self.withdraw.is_empty() && self.news.is_empty() && self.stale.is_empty())
    }
}

fn prepare(snapshot: snapshot::Snapshot, memory: &Mutex<Memory>) -> Result<Planned, ActionError> {
    let mut memory = memory.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    memory.learn(&snapshot)?;
    let mut pairs = arcs::judge(&snapshot, &mut memory);
    let clock = stopwatch();
    let (problem, plan) = plan_worthwhile(&snapshot, &mut pairs)?;
    let duration_us = i64::try_from(clock.elapsed().as_micros()).unwrap_or(i64::MAX);
    let offers = apply::offers_of(&snapshot, &pairs, &plan);
    let withdraw = apply::to_withdraw(&snapshot, &mut memory, &pairs, &plan);
    let news = reasons::news(&snapshot, &pairs, &problem, &plan, &mut memory)?;
    let served: Vec<_> = plan
        .served_ml
        .iter()
        .zip(&plan.upper_bound_ml)
        .enumerate()
        .map(|(tier, (served, bound))| serde_json::json!({"tier": tier + 1, "ml": served, "bound_ml": bound}))
        .collect();
    Ok(Planned {
        input_hash: snapshot.hash(),
        open_requests: snapshot.requests.len(),
        supply_lines: snapshot.lines.len(),
        status: match plan.status {
            PlanStatus::Optimal => "optimal",
            PlanStatus::Bounded { .. } => "bounded",
        },
        served: serde_json::Value::Array(served).to_string(),
        duration_us,
        offers,
        withdraw,
        news,
        stale: snapshot.stale_reports(),
    })
}

/// Plans, and plans again without what would travel in too small a transfer.
fn plan_worthwhile(snapshot: &snapshot::Snapshot, pairs: &mut arcs::Pairs) -> Result<(Problem, Plan), ActionError> {
    floors::bar_hopeless(snapshot, pairs);
    let mut rounds = 0;
    loop {
        let problem = arcs::problem(snapshot, pairs);
        let plan = plan(&problem).map_err(|error| ActionError::Internal(format!("matching: {error}")))?;
        let small = floors::too_small(snapshot, &plan);
        rounds += 1;
        if small.is_empty() || rounds == MOST_PLANS {
            // What is too small after the last round is left out of the offers.
            pairs.too_small.extend(small);
            return Ok((problem, plan));
        }
        floors::bar(snapshot, pairs, small);
    }
}

/// A stopwatch measures how long planning took; no rule depends on it.
fn stopwatch() -> Stopwatch {
    Stopwatch::now()
}

/// A page of runs, newest first.
///
/// # Errors
/// Those of the store.
pub fn list_match_runs(
    conn: &mut AnyConn,
    before: Option<MatchRunId>,
    rows_wanted: i64,
) -> Result<Vec<MatchRunRow>, ActionError> {
    Ok(rows::list_match_runs(conn, before, rows_wanted)?)
}

/// A run with its reasons, for those who may read requests.
///
/// # Errors
/// `NotFound`.
pub fn get_match_run(
    conn: &mut AnyConn,
    actor: &Actor,
    id: MatchRunId,
) -> Result<(MatchRunRow, Vec<ExplanationRow>), ActionError> {
    let run = rows::find_match_run(conn, id)?.ok_or(ActionError::NotFound { what: "match run" })?;
    let mut reasons = rows::list_explanations(conn, id)?;
    let ids: Vec<RequestId> = reasons.iter().map(|row| row.request_id).collect();
    let mine: Vec<RequestId> = crate::store::requests::list_requests_by_id(conn, &ids)?
        .into_iter()
        .filter(|request| actor.acts_for(request.site_id))
        .map(|request| request.id)
        .collect();
    reasons.retain(|row| mine.contains(&row.request_id));
    Ok((run, reasons))
}

/// The newest reasons given to a request of the actor's own sites.
///
/// # Errors
/// `NotFound` when it is another site's, or no run has looked at it yet.
pub fn get_explanation(conn: &mut AnyConn, actor: &Actor, id: RequestId) -> Result<ExplanationRow, ActionError> {
    super::requests::get_request(conn, actor, id)?;
    rows::find_latest_explanation(conn, id)?.ok_or(ActionError::NotFound { what: "explanation" })
}

/// Why an offer was made, for the two sites that it concerns. The holding site learns how its own bottles were
/// chosen and how many others could not serve, never whose they are or what the infant is.
///
/// # Errors
/// `NotFound` when it is another pair's, or no run has told reasons.
pub fn get_offer_reasons(conn: &mut AnyConn, actor: &Actor, id: OfferId) -> Result<Reasons, ActionError> {
    let offer = super::offers::get_offer(conn, actor, id)?;
    let row =
        rows::find_latest_explanation(conn, offer.request_id)?.ok_or(ActionError::NotFound { what: "explanation" })?;
    let mut reasons: Reasons = super::stored(&row.explanation)?;
    if !actor.acts_for(offer.to_site_id) {
        reasons.text.clear();
        reasons.failed_lots.clear();
        reasons.chosen.retain(|chosen| chosen.site_id == offer.from_site_id);
    }
    Ok(reasons)
}
