//! Which line may serve which request, and at what price: the safety rules as a filter, the rest as points.

use super::memory::Memory;
use super::snapshot::{OpenRequest, Snapshot};
use crate::domain::eligibility::{CostWeights, Offered, Reach, Wanted, price_points, time_failures};
use crate::domain::ids::{LotId, SiteId, SurplusId};
use crate::domain::lot::{AcceptanceProfile, LotFacts, state_failures};
use crate::domain::matching::{Arc as Pair, Demand, Group, PairCost, PlanRules, Problem, Supply};
use crate::domain::policy::Form;
use crate::domain::refusal::{Refusal, RefusalCode};
use crate::domain::request::constraint_failures;
use crate::domain::time::Instant;
use crate::store::offers::OfferRow;
use crate::store::surplus::SurplusLineRow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Points of sending one more box: bundles bottles on one journey.
const BOX_POINTS: i64 = 300;
/// Points of each kilometre of that journey, which is driven for one bottle as for a hundred.
const BOX_KM_POINTS: i64 = 100;
/// Points of one more lot for a request: continuity, and fewer donors for an infant.
const LOT_POINTS: i64 = 60;

/// What is known about each pair of request and line.
pub struct Pairs {
    /// Eligible pairs with their price, by request, then line.
    pub eligible: Vec<Pair>,
    /// Refusals of a pair of sites, by holding and asking site.
    pub between: BTreeMap<(SiteId, SiteId, Form), Result<Reach, Vec<Refusal>>>,
    /// Requests and surpluses that fit each other, but would make too small a transfer.
    pub too_small: BTreeSet<(u32, SurplusId)>,
    /// The verdict of the asking site's policy on each lot.
    profiles: BTreeMap<(LotId, crate::domain::ids::PolicySetId), Arc<AcceptanceProfile>>,
}

/// Judges every pair.
pub fn judge(snapshot: &Snapshot, memory: &mut Memory) -> Pairs {
    let mut pairs =
        Pairs { eligible: Vec::new(), between: BTreeMap::new(), too_small: BTreeSet::new(), profiles: BTreeMap::new() };
    let weights = CostWeights::default();
    for (demand, request) in (0_u32..).zip(&snapshot.requests) {
        let to = request.row.site_id;
        for line in &snapshot.lines {
            let form = form_of(line);
            let key = (line.site_id, to, form);
            pairs.between.entry(key).or_insert_with(|| reach_between(snapshot, line.site_id, to, form));
        }
        let Some((policy_id, policy)) = snapshot.network.policy_of(to) else { continue };
        let shared = policy.values.delivery.container_sharing.value;
        for (supply, line) in (0_u32..).zip(&snapshot.lines) {
            let Some(Ok(reach)) = pairs.between.get(&(line.site_id, to, form_of(line))) else { continue };
            let reach = *reach;
            let profile = match pairs.profiles.get(&(line.lot_id, policy_id)) {
                Some(profile) => Arc::clone(profile),
                None => {
                    let Some(profile) = memory.profile(line.lot_id, policy_id, &policy) else { continue };
                    pairs.profiles.insert((line.lot_id, policy_id), Arc::clone(&profile));
                    profile
                }
            };
            if !is_eligible(snapshot, memory, request, line, &profile, &reach) {
                continue;
            }
            let paid = paid_for(snapshot, (line.site_id, to), request.row.needed_by, reach);
            let cost =
                price_points(&weights, &offered(snapshot, line), &wanted(snapshot, request, line, shared), &paid);
            pairs.eligible.push(Pair { demand, supply, cost });
        }
    }
    pairs
}

impl Pairs {
    /// True when one of a waiting offer's lots may go to the request.
    pub fn could_serve(
        &self,
        snapshot: &Snapshot,
        memory: &mut Memory,
        request: &OpenRequest,
        offer: &OfferRow,
    ) -> bool {
        let to = request.row.site_id;
        // Only frozen milk waits for an answer long enough to be asked for by somebody else.
        let form = Form::Frozen;
        let reach = self.between.get(&(offer.from_site_id, to, form)).cloned();
        let reach = reach.unwrap_or_else(|| reach_between(snapshot, offer.from_site_id, to, form));
        let Ok(reach) = reach else { return false };
        let Some((policy_id, policy)) = snapshot.network.policy_of(to) else { return false };
        snapshot.waiting_lots.get(&offer.id).into_iter().flatten().any(|lot| {
            memory.profile(*lot, policy_id, &policy).is_some_and(|profile| {
                lot_fits(snapshot, memory, request, (*lot, offer.from_site_id), &profile, &reach)
            })
        })
    }
}

/// The form of a line's milk; what cannot be read travels frozen, the stricter way.
fn form_of(line: &SurplusLineRow) -> Form {
    line.form.parse().unwrap_or(Form::Frozen)
}

fn reach_between(snapshot: &Snapshot, from: SiteId, to: SiteId, form: Form) -> Result<Reach, Vec<Refusal>> {
    let mut refusals = snapshot.network.may_exchange(from, to, snapshot.now);
    match snapshot.network.journey_of(form, from, to, snapshot.now) {
        Some(journey) if refusals.is_empty() => {
            let distance_m = snapshot.trips.road_m(from, to).unwrap_or(journey.distance_m);
            return Ok(Reach { distance_m, arrives_at: journey.earliest_arrival });
        }
        Some(_) => {}
        None => refusals.push(
            RefusalCode::CarrierAgreementMissing
                .because("no carrier with a current agreement reaches the site within hold time"),
        ),
    }
    Err(refusals)
}

/// The road as it is paid for: none of its own where a route with room drives it anyway and is there in time. When
/// the milk arrives for the safety rules stays what a journey of its own would take.
fn paid_for(snapshot: &Snapshot, (from, to): (SiteId, SiteId), needed_by: Instant, reach: Reach) -> Reach {
    if snapshot.trips.ride_before(from, to, needed_by) { Reach { distance_m: 0, ..reach } } else { reach }
}

fn is_eligible(
    snapshot: &Snapshot,
    memory: &Memory,
    request: &OpenRequest,
    line: &SurplusLineRow,
    profile: &AcceptanceProfile,
    reach: &Reach,
) -> bool {
    if snapshot.held.contains(&line.lot_id) || snapshot.declined.contains(&(request.row.id, line.site_id)) {
        return false;
    }
    lot_fits(snapshot, memory, request, (line.lot_id, line.site_id), profile, reach)
}

/// Whether a lot fits a request in itself: life, form, constraints.
fn lot_fits(
    snapshot: &Snapshot,
    memory: &Memory,
    request: &OpenRequest,
    (lot, from): (LotId, SiteId),
    profile: &AcceptanceProfile,
    reach: &Reach,
) -> bool {
    let Some(record) = memory.record(lot) else { return false };
    let last_use = request.row.last_use_at.max(reach.arrives_at);
    let lasts = profile.permits(reach.arrives_at, last_use)
        || is_excepted(snapshot, request.row.site_id, (lot, from), profile, (reach.arrives_at, last_use));
    lasts
        && request.forms.contains(&record.form)
        && constraint_failures(&LotFacts::released(record), &request.constraints, &request.donor_feeds).is_empty()
}

/// Whether every reason that a policy has against a lot is lifted for this journey by a named clinician.
fn is_excepted(
    snapshot: &Snapshot,
    to: SiteId,
    (lot, from): (LotId, SiteId),
    profile: &AcceptanceProfile,
    (arrives_at, last_use): (Instant, Instant),
) -> bool {
    if snapshot.exceptions.is_empty() {
        return false;
    }
    let mut against = profile.standing.clone();
    against.extend(profile.time_failures(arrives_at, last_use));
    snapshot.exceptions.lift_for_lot(against, to, from, lot).is_empty()
}

/// Every reason against a pair, for the person who asks why not.
pub fn failures(
    snapshot: &Snapshot,
    memory: &Memory,
    pairs: &Pairs,
    request: &OpenRequest,
    line: &SurplusLineRow,
) -> Vec<Refusal> {
    let mut found = Vec::new();
    let to = request.row.site_id;
    let reach = match pairs.between.get(&(line.site_id, to, form_of(line))) {
        Some(Ok(reach)) => Some(*reach),
        Some(Err(refusals)) => {
            found.extend(refusals.iter().cloned());
            None
        }
        None => None,
    };
    if let Some((policy_id, _)) = snapshot.network.policy_of(to)
        && let Some(profile) = pairs.profiles.get(&(line.lot_id, policy_id))
    {
        found.extend(profile.standing.iter().cloned());
        if let Some(reach) = reach {
            found.extend(time_failures(profile, &reach, request.row.last_use_at));
        }
    }
    if let Some(record) = memory.record(line.lot_id) {
        // Only released lots are among the lines of a snapshot.
        let mut facts = LotFacts::released(record);
        facts.held = snapshot.held.contains(&line.lot_id);
        found.extend(state_failures(&facts));
        found.extend(constraint_failures(&facts, &request.constraints, &request.donor_feeds));
        if !request.forms.contains(&record.form) {
            found.push(RefusalCode::FormNotAccepted.because(format!("the unit does not take {} milk", record.form)));
        }
    }
    snapshot.exceptions.lift_for_lot(found, to, line.site_id, line.lot_id)
}

fn offered<'a>(snapshot: &Snapshot, line: &'a SurplusLineRow) -> Offered<'a> {
    Offered {
        site: line.site_id,
        bottle: line.size_ml,
        expires_at: line.expires_at,
        milk_type: &line.milk_type,
        protein_mg_per_dl: line.protein_mg_per_dl,
        credit: snapshot.credit_of(line.site_id),
        report_age_days: snapshot.report_age_days(line),
    }
}

fn wanted<'a>(
    snapshot: &Snapshot,
    request: &'a OpenRequest,
    line: &SurplusLineRow,
    shared_bottles: bool,
) -> Wanted<'a> {
    let to = request.row.site_id;
    Wanted {
        needed_by: request.row.needed_by,
        last_use_at: request.row.last_use_at,
        tier: u8::try_from(request.row.tier).unwrap_or(u8::MAX),
        needs: &request.needs,
        credit: (to != line.site_id).then(|| snapshot.credit_of(to)),
        shared_bottles,
        preferences: &request.preferences,
    }
}

/// The planner's rows. Positions of supplies and demands are those of the snapshot.
pub fn problem(snapshot: &Snapshot, pairs: &Pairs) -> Problem {
    let mut sites: BTreeMap<SiteId, u32> = BTreeMap::new();
    let mut number = |site: SiteId| {
        let next = u32::try_from(sites.len()).unwrap_or(u32::MAX);
        *sites.entry(site).or_insert(next)
    };
    let mut lots: BTreeMap<LotId, u32> = BTreeMap::new();
    let mut supplies = Vec::new();
    for line in &snapshot.lines {
        let next = u32::try_from(lots.len()).unwrap_or(u32::MAX);
        let lot = *lots.entry(line.lot_id).or_insert(next);
        supplies.push(Supply {
            group: number(line.site_id),
            lot,
            bottle_ml: line.size_ml.ml(),
            bottles: line.available_bottles,
        });
    }
    let mut tiers = 1;
    let mut demands = Vec::new();
    for request in &snapshot.requests {
        let tier = u8::try_from(request.row.tier).unwrap_or(u8::MAX);
        tiers = tiers.max(tier);
        demands.push(Demand {
            site: number(request.row.site_id),
            tier,
            volume_ml: request.wanted.ml(),
            max_lots: request.row.max_lots.and_then(|most| u8::try_from(most).ok()),
            all_or_nothing: request.row.all_or_nothing,
        });
    }
    let mut boxes: Vec<PairCost> = Vec::new();
    for ((from, to, _), reach) in &pairs.between {
        let (Some(group), Some(site), Ok(reach)) = (sites.get(from), sites.get(to), reach) else { continue };
        if from != to && !snapshot.due_journeys.contains(&(*from, *to)) {
            // A box that rides along is still one more box; it drives no kilometre of its own.
            let asking = snapshot.requests.iter().filter(|request| request.row.site_id == *to);
            let needed_by = asking.map(|request| request.row.needed_by).min().unwrap_or(snapshot.now);
            let paid = paid_for(snapshot, (*from, *to), needed_by, *reach);
            let cost = BOX_POINTS + BOX_KM_POINTS * (paid.distance_m / 1_000);
            boxes.push(PairCost { from: *group, to: *site, cost });
        }
    }
    boxes.sort_unstable();
    boxes.dedup();
    let groups = vec![Group { cap_ml: None }; sites.len()];
    let rules = PlanRules { tiers, fixed_lot_cost: LOT_POINTS, ..PlanRules::default() };
    Problem { groups, supplies, demands, arcs: pairs.eligible.clone(), pairs: boxes, rules }
}
