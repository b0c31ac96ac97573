//! What sites answer to a recall, beside what the books know of each.

use super::ActionError;
use super::recalls::RecallDetail;
use crate::domain::ids::{BottleId, SiteId};
use crate::domain::quantity::Volume;
use crate::store::{AnyConn, recalls as rows, traces};
use std::collections::{BTreeMap, BTreeSet};

/// What each site says it holds, and the size of all bottles of the recall that are there, ended there, or were on a
/// journey from or to it.
pub(super) fn held_and_known(conn: &mut AnyConn, detail: &RecallDetail) -> Result<Vec<(Volume, Volume)>, ActionError> {
    let ids = if detail.lots.is_empty() {
        rows::list_named_bottles(conn, detail.head.id)?
    } else {
        traces::list_bottles_of_lots(conn, &detail.lots)?
    };
    let mut seen: BTreeMap<SiteId, BTreeSet<BottleId>> = BTreeMap::new();
    let mut sizes: BTreeMap<BottleId, Volume> = BTreeMap::new();
    for bottle in traces::list_traced_bottles(conn, &ids)? {
        sizes.insert(bottle.id, bottle.size_ml);
        seen.entry(bottle.site_id).or_default().insert(bottle.id);
    }
    for (bottle, _, from, to, ..) in traces::list_journeys_of_bottles(conn, &ids)? {
        seen.entry(from).or_default().insert(bottle);
        seen.entry(to).or_default().insert(bottle);
    }
    let known = |site: &SiteId| -> Volume {
        seen.get(site).into_iter().flatten().filter_map(|bottle| sizes.get(bottle)).copied().sum()
    };
    Ok(detail.answers.iter().map(|answer| (answer.held_ml.unwrap_or(Volume::ZERO), known(&answer.site_id))).collect())
}
