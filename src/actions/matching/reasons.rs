//! Why a request got what it got: chosen lots, the runner-up and its margin, the failed rules of every other lot.
//! As data, and as sentences a neonatologist can read. Kept only when it differs from what was told before.

use super::arcs::{Pairs, failures};
use super::floors;
use super::memory::Memory;
use super::snapshot::{OpenRequest, Snapshot};
use crate::actions::ActionError;
use crate::domain::ids::{LotId, RequestId, SiteId};
use crate::domain::matching::{Explanation, Plan, Problem};
use crate::domain::refusal::Refusal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// The most lots whose failed rules are listed one by one; the counts cover all.
const MOST_LOTS_LISTED: usize = 40;

/// Why one request got what it got in one run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Reasons {
    /// Sentences.
    pub text: Vec<String>,
    /// What it wanted, mL.
    pub wanted_ml: i64,
    /// What it still lacks, mL.
    pub short_ml: i64,
    /// Lines that could serve it.
    pub eligible_lines: usize,
    /// What was chosen.
    pub chosen: Vec<ChosenLot>,
    /// The best line not chosen: lot, and how many points worse a bottle would be.
    pub runner_up: Option<(LotId, i64)>,
    /// The tier that would lose a bottle if this request got one more.
    pub one_more_displaces_tier: Option<u8>,
    /// How often each rule failed, over all lines.
    pub failed_rules: BTreeMap<String, usize>,
    /// Lots that failed, with every rule.
    pub failed_lots: Vec<FailedLot>,
}

/// A chosen line.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ChosenLot {
    /// The lot.
    pub lot_id: LotId,
    /// The holding site.
    pub site_id: SiteId,
    /// Bottle size, mL.
    pub size_ml: i64,
    /// Bottles.
    pub bottles: i64,
    /// Points of one bottle.
    pub points: i64,
}

/// A lot that may not go to the request.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FailedLot {
    /// The lot.
    pub lot_id: LotId,
    /// Every rule it fails: number, code, sentence.
    pub refusals: Vec<Refusal>,
}

/// Reasons that are new, as JSON, by request.
pub fn news(
    snapshot: &Snapshot,
    pairs: &Pairs,
    problem: &Problem,
    plan: &Plan,
    memory: &mut Memory,
) -> Result<Vec<(RequestId, String)>, ActionError> {
    let mut told = Vec::new();
    for (demand, request) in (0_u32..).zip(&snapshot.requests) {
        let why = plan
            .explain(problem, demand)
            .map_err(|error| ActionError::Internal(format!("explaining a plan: {error}")))?;
        let mut hasher = DefaultHasher::new();
        let kept_short = floors::keeps_short(pairs, demand);
        (why.lines.len(), why.short_ml, why.eligible, snapshot.lines.len(), kept_short).hash(&mut hasher);
        if !memory.is_news(request.row.id, hasher.finish()) {
            continue;
        }
        let mut reasons = reasons_of(snapshot, pairs, memory, request, &why);
        if reasons.short_ml > 0 {
            reasons.text.extend(floors::sentences(snapshot, pairs, demand));
        }
        let json = serde_json::to_string(&reasons)
            .map_err(|error| ActionError::Internal(format!("cannot write reasons: {error}")))?;
        told.push((request.row.id, json));
    }
    Ok(told)
}

fn reasons_of(
    snapshot: &Snapshot,
    pairs: &Pairs,
    memory: &Memory,
    request: &OpenRequest,
    why: &Explanation,
) -> Reasons {
    let line_at = |index: u32| usize::try_from(index).ok().and_then(|index| snapshot.lines.get(index));
    let chosen: Vec<ChosenLot> = why
        .lines
        .iter()
        .filter_map(|(line, points)| {
            let row = line_at(line.supply)?;
            Some(ChosenLot {
                lot_id: row.lot_id,
                site_id: row.site_id,
                size_ml: row.size_ml.ml(),
                bottles: line.bottles,
                points: *points,
            })
        })
        .collect();
    let mut failed_rules: BTreeMap<String, usize> = BTreeMap::new();
    let mut failed_lots: Vec<FailedLot> = Vec::new();
    if why.short_ml > 0 {
        collect_failures(snapshot, pairs, memory, request, &mut failed_rules, &mut failed_lots);
    }
    let runner_up = why.runner_up.and_then(|second| Some((line_at(second.supply)?.lot_id, second.margin.points)));
    let mut reasons = Reasons {
        text: Vec::new(),
        wanted_ml: request.wanted.ml(),
        short_ml: why.short_ml,
        eligible_lines: why.eligible,
        chosen,
        runner_up,
        one_more_displaces_tier: why.one_more.and_then(|more| more.displaced_tier),
        failed_rules,
        failed_lots,
    };
    reasons.text = sentences(snapshot, request, &reasons);
    reasons
}

fn collect_failures(
    snapshot: &Snapshot,
    pairs: &Pairs,
    memory: &Memory,
    request: &OpenRequest,
    counts: &mut BTreeMap<String, usize>,
    lots: &mut Vec<FailedLot>,
) {
    let mut seen: Vec<LotId> = Vec::new();
    for line in &snapshot.lines {
        if seen.contains(&line.lot_id) {
            continue;
        }
        seen.push(line.lot_id);
        let refusals = failures(snapshot, memory, pairs, request, line);
        if refusals.is_empty() {
            continue;
        }
        for refusal in &refusals {
            *counts.entry(refusal.code.as_str().to_owned()).or_default() += 1;
        }
        if lots.len() < MOST_LOTS_LISTED {
            lots.push(FailedLot { lot_id: line.lot_id, refusals });
        }
    }
}

fn sentences(snapshot: &Snapshot, request: &OpenRequest, reasons: &Reasons) -> Vec<String> {
    let mut text = Vec::new();
    for chosen in &reasons.chosen {
        let site = snapshot.network.sites.get(&chosen.site_id).map_or("another site", |site| site.name.as_str());
        let bottles = if chosen.bottles == 1 { "bottle" } else { "bottles" };
        text.push(format!("{} {bottles} of {} mL come from {site}.", chosen.bottles, chosen.size_ml));
    }
    if reasons.short_ml == 0 {
        text.push(format!("The request for {} is met in full.", request.wanted));
    } else if reasons.eligible_lines == 0 {
        text.push("No published milk may go to this request.".to_owned());
    } else {
        text.push(format!("{} mL are lacking: the milk that may go here is not enough for all.", reasons.short_ml));
    }
    if let Some(tier) = reasons.one_more_displaces_tier {
        text.push(format!("One more bottle would take it from a request of tier {tier}."));
    }
    if let Some((_, margin)) = reasons.runner_up {
        text.push(format!("The next best milk would cost {margin} points more a bottle."));
    }
    for (rule, times) in &reasons.failed_rules {
        text.push(format!("{times} lots fail the rule {}.", rule.replace('_', " ")));
    }
    text
}
