//! The smallest transfer that a holding site makes of its surplus. Less is not offered, except to the most urgent
//! tier, in an emergency and within the holding site itself: no infant of the first tier waits beside milk.

use super::arcs::Pairs;
use super::snapshot::{OpenRequest, Snapshot};
use crate::domain::ids::{SiteId, SurplusId};
use crate::domain::matching::Plan;
use crate::domain::quantity::Volume;
use crate::domain::request::Urgency;
use crate::store::surplus::SurplusLineRow;
use std::collections::{BTreeMap, BTreeSet};

/// The tier that is served whatever the size.
const ALWAYS_SERVED: i64 = 1;

/// The smallest transfer that binds a request and a line.
fn floor_of(snapshot: &Snapshot, request: &OpenRequest, line: &SurplusLineRow) -> Option<Volume> {
    let row = &request.row;
    let served_anyway = row.tier == ALWAYS_SERVED || row.urgency == Urgency::Emergency || row.site_id == line.site_id;
    if served_anyway { None } else { snapshot.floors.get(&line.surplus_id).copied() }
}

fn request_at(snapshot: &Snapshot, demand: u32) -> Option<&OpenRequest> {
    snapshot.requests.get(usize::try_from(demand).ok()?)
}

fn line_at(snapshot: &Snapshot, supply: u32) -> Option<&SurplusLineRow> {
    snapshot.lines.get(usize::try_from(supply).ok()?)
}

/// Bars what no plan could make large enough: a site that wants less, all its requests together, than the
/// smallest transfer.
pub fn bar_hopeless(snapshot: &Snapshot, pairs: &mut Pairs) {
    if snapshot.floors.is_empty() {
        return;
    }
    let mut wanted: BTreeMap<SiteId, Volume> = BTreeMap::new();
    for request in &snapshot.requests {
        *wanted.entry(request.row.site_id).or_default() += request.wanted;
    }
    let hopeless = pairs.eligible.iter().filter_map(|pair| {
        let (request, line) = (request_at(snapshot, pair.demand)?, line_at(snapshot, pair.supply)?);
        let floor = floor_of(snapshot, request, line)?;
        // The last bottle may hold more than what was still wanted.
        let most = wanted.get(&request.row.site_id).copied().unwrap_or_default() + line.size_ml;
        (most <= floor).then_some((pair.demand, line.surplus_id))
    });
    let hopeless = hopeless.collect();
    bar(snapshot, pairs, hopeless);
}

/// What a plan would send in too small a transfer.
pub fn too_small(snapshot: &Snapshot, plan: &Plan) -> BTreeSet<(u32, SurplusId)> {
    if snapshot.floors.is_empty() {
        return BTreeSet::new();
    }
    let planned: Vec<_> = plan
        .lines
        .iter()
        .filter_map(|chosen| {
            let (request, line) = (request_at(snapshot, chosen.demand)?, line_at(snapshot, chosen.supply)?);
            Some((chosen.demand, request, line, line.size_ml.times(chosen.bottles)))
        })
        .collect();
    let mut travels: BTreeMap<(SiteId, SiteId), Volume> = BTreeMap::new();
    for (_, request, line, volume) in &planned {
        *travels.entry((line.site_id, request.row.site_id)).or_default() += *volume;
    }
    let small = planned.iter().filter(|(_, request, line, _)| {
        let together = travels.get(&(line.site_id, request.row.site_id)).copied().unwrap_or_default();
        floor_of(snapshot, request, line).is_some_and(|floor| together < floor)
    });
    small.map(|(demand, _, line, _)| (*demand, line.surplus_id)).collect()
}

/// Takes pairs out of the next plan and keeps them for the explanation.
pub fn bar(snapshot: &Snapshot, pairs: &mut Pairs, barred: BTreeSet<(u32, SurplusId)>) {
    if barred.is_empty() {
        return;
    }
    pairs.eligible.retain(|pair| {
        line_at(snapshot, pair.supply).is_none_or(|line| !barred.contains(&(pair.demand, line.surplus_id)))
    });
    pairs.too_small.extend(barred);
}

/// Whether some milk that fits a request would make too small a transfer.
pub fn keeps_short(pairs: &Pairs, demand: u32) -> bool {
    pairs.too_small.iter().any(|(barred, _)| *barred == demand)
}

/// Why, for the person who asks: one sentence for each holding site.
pub fn sentences(snapshot: &Snapshot, pairs: &Pairs, demand: u32) -> Vec<String> {
    let mut told: BTreeMap<SiteId, Volume> = BTreeMap::new();
    for line in &snapshot.lines {
        let Some(floor) = snapshot.floors.get(&line.surplus_id) else { continue };
        if pairs.too_small.contains(&(demand, line.surplus_id)) {
            let least = told.entry(line.site_id).or_insert(*floor);
            *least = (*least).min(*floor);
        }
    }
    let name = |site: &SiteId| snapshot.network.sites.get(site).map_or("Another site", |site| site.name.as_str());
    told.iter()
        .map(|(site, floor)| format!("{} sends no less than {floor} at a time; what fits here is less.", name(site)))
        .collect()
}
