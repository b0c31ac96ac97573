//! Why a request got what it got: chosen lots, the runner-up and its margin, the failed rules of every other lot.
//! As data, and as sentences a neonatologist can read. Kept only when it differs from what was told before.

use super::arcs::{Pairs, failures};
use super::floors;
use super::memory::Memory;
use super::snapshot::{OpenRequest, Snapshot};
use crate::actions::ActionError;
use crate::domain::ids::{LotId, RequestId, SiteId};
use crate::domain::matching::{Explanation, Plan, Problem};
use crate::domain::quantity::Volume;
use crate::domain::refusal::Refusal;
use crate::domain::relaxation::{Barred, Relaxation, cheapest};
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
    /// The least that would have to give for this request to be served.
    pub cheapest_relaxation: Option<Relaxation>,
    /// Limits of the request itself that keep it short: `max_lots`, `all_or_nothing`.
    pub held_back_by: Vec<String>,
    /// A person's own choice, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chosen_by_hand: Option<ByHand>,
}

/// A choice that a person made against the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ByHand {
    /// Who.
    pub by: String,
    /// Why, in their words.
    pub reason: String,
    /// Points more than the plan.
    pub points: i64,
    /// Change of the millilitres served, per tier.
    pub served_change_ml: Vec<i64>,
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
        let (gets, around) =
            (hash((why.lines.len(), why.short_ml)), hash((why.eligible > 0, floors::keeps_short(pairs, demand))));
        if !memory.is_news(request.row.id, gets, around, snapshot.now) {
            continue;
        }
        let Some(mut reasons) = reasons_of(snapshot, pairs, problem, memory, demand, &why) else { continue };
        if reasons.short_ml > 0 {
            reasons.text.extend(floors::sentences(snapshot, pairs, demand));
        }
        let json = serde_json::to_string(&reasons)
            .map_err(|error| ActionError::Internal(format!("cannot write reasons: {error}")))?;
        told.push((request.row.id, json));
    }
    Ok(told)
}

fn hash(facts: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    facts.hash(&mut hasher);
    hasher.finish()
}

/// Limits of the request itself without which the milk that may go to it would be enough.
fn held_back(problem: &Problem, demand: u32, request: &OpenRequest) -> Vec<String> {
    let supply_of = |index: u32| usize::try_from(index).ok().and_then(|index| problem.supplies.get(index));
    let arcs = problem.arcs.iter().filter(|arc| arc.demand == demand);
    let eligible: i64 = arcs.filter_map(|arc| supply_of(arc.supply)).map(|row| row.bottle_ml * row.bottles).sum();
    let mut limits = Vec::new();
    if eligible >= request.wanted.ml() && request.row.max_lots.is_some() {
        limits.push("max_lots".to_owned());
    }
    if eligible > 0 && request.row.all_or_nothing {
        limits.push("all_or_nothing".to_owned());
    }
    limits
}

fn reasons_of(
    snapshot: &Snapshot,
    pairs: &Pairs,
    problem: &Problem,
    memory: &Memory,
    demand: u32,
    why: &Explanation,
) -> Option<Reasons> {
    let request = usize::try_from(demand).ok().and_then(|index| snapshot.requests.get(index))?;
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
    let mut barred: Vec<Barred> = Vec::new();
    if why.short_ml > 0 {
        barred = collect_failures(snapshot, pairs, memory, request, &mut failed_rules, &mut failed_lots);
    }
    let held_back_by = if why.short_ml > 0 { held_back(problem, demand, request) } else { Vec::new() };
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
        cheapest_relaxation: cheapest(&barred, Volume::from_ml(why.short_ml)),
        held_back_by,
        chosen_by_hand: None,
    };
    reasons.text = sentences(snapshot, request, &reasons);
    Some(reasons)
}

fn collect_failures(
    snapshot: &Snapshot,
    pairs: &Pairs,
    memory: &Memory,
    request: &OpenRequest,
    counts: &mut BTreeMap<String, usize>,
    lots: &mut Vec<FailedLot>,
) -> Vec<Barred> {
    let mut barred = Vec::new();
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
        let of_lot = snapshot.lines.iter().filter(|other| other.lot_id == line.lot_id);
        let volume = of_lot.map(|other| other.size_ml.times(other.available_bottles)).sum();
        barred.push(Barred { codes: refusals.iter().map(|refusal| refusal.code).collect(), volume });
        for refusal in &refusals {
            *counts.entry(refusal.code.as_str().to_owned()).or_default() += 1;
        }
        if lots.len() < MOST_LOTS_LISTED {
            lots.push(FailedLot { lot_id: line.lot_id, refusals });
        }
    }
    barred
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
        text.push("No published milk may go to this infant or ward now.".to_owned());
    } else if reasons.held_back_by.is_empty() {
        text.push(format!("{} mL are lacking: the milk that may go here is not enough for all.", reasons.short_ml));
    } else {
        text.push(format!("{} mL are lacking, although there is milk that may go here.", reasons.short_ml));
    }
    for limit in &reasons.held_back_by {
        text.push(match (limit.as_str(), request.row.max_lots) {
            ("max_lots", Some(1)) => "The request takes milk of one lot only; more lots would bring more.".to_owned(),
            ("max_lots", Some(most)) => format!("The request takes at most {most} lots; more lots would bring more."),
            _ => "The request takes all of its milk or none; a part could be had.".to_owned(),
        });
    }
    if let Some(tier) = reasons.one_more_displaces_tier {
        text.push(format!("One more bottle would have to come from an infant of urgency tier {tier}."));
    }
    if let Some((_, margin)) = reasons.runner_up {
        text.push(match margin {
            0 => "Other milk would have done as well.".to_owned(),
            points => format!("The next best milk is {points} points a bottle worse, for distance, life or fit."),
        });
    }
    for (rule, times) in &reasons.failed_rules {
        let lots = if *times == 1 { "1 lot is".to_owned() } else { format!("{times} lots are") };
        text.push(format!("{lots} ruled out: {}.", rule.replace('_', " ")));
    }
    text.extend(reasons.cheapest_relaxation.as_ref().map(Relaxation::sentence));
    text
}
