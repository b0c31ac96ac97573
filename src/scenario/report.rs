//! The outcome of a replay: what the contract names, what the reference policy achieved on the same events,
//! and how near the hub came to the least shortfall that supply allows.

use super::disturbances::Disturbances;
use super::reference_policy::{ReferenceOutcome, median_hours, ratio, whole};
use crate::domain::ids::LotId;
use crate::domain::time::Instant;
use serde::Serialize;
use std::collections::BTreeMap;

/// Milk in the hub's ledger, mL.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Conservation {
    /// Ever released.
    pub released_ml: i64,
    /// In freezers, quarantined milk too.
    pub in_stock_ml: i64,
    /// On the road.
    pub in_transit_ml: i64,
    /// Drunk.
    pub used_ml: i64,
    /// Discarded.
    pub discarded_ml: i64,
    /// Released less the rest; 0 when milk is conserved.
    pub difference_ml: i64,
}

/// How full the sites' wishes were: delivered of requested, over sites that asked.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct FillRatio {
    /// The worst site.
    pub min: Option<f64>,
    /// The middle site.
    pub median: Option<f64>,
    /// The best site.
    pub max: Option<f64>,
}

/// An event that the hub refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RefusedEvent {
    /// Line of the stream.
    pub line: usize,
    /// What was tried.
    pub action: String,
    /// The hub's code and detail.
    pub reason: String,
}

/// Least shortfall that supply allows, and how near the hub came.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct LowerBound {
    /// Milk in stock at the start and released since, less what was lost or recalled, mL.
    pub supply_ml: i64,
    /// Need less supply, not below 0, mL. Ignores distance, bottle sizes, conditions and time of release.
    pub shortfall_lower_bound_ml: i64,
    /// The same where milk cannot feed a morning before its release, and not beyond its country and form, mL.
    pub shortfall_lower_bound_timed_ml: i64,
    /// What units without a bank in the house lacked, beyond their own stock, on the mornings before the first vehicle
    /// could be there, mL. A bound of its own: no plan could have fed it.
    pub shortfall_out_of_reach_ml: i64,
    /// The hub's shortfall above the greatest of these bounds, mL.
    pub above_bound_ml: i64,
    /// The same as a share of the need.
    pub above_bound_share_of_need: Option<f64>,
}

/// A morning on which an infant of tier 1 went short beside free milk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ShortBesideMilk {
    /// Its unit.
    pub site: String,
    /// Its pseudonym.
    pub infant: String,
    /// The morning.
    pub at: Instant,
    /// What it lacked, mL.
    pub short_ml: i64,
    /// A lot that it may have.
    pub lot_id: LotId,
    /// The bank where that lay.
    pub bank: String,
    /// When it could have been there.
    pub could_arrive_at: Instant,
}

/// The whole report, written as JSON and printed as a table.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Report {
    /// Region.
    pub region: String,
    /// Days played.
    pub days: i64,
    /// Seed of the replay's own draws.
    pub seed: u64,
    /// Where the events came from.
    pub events_source: String,
    /// Events that took effect.
    pub events_applied: u64,
    /// Events that the hub refused.
    pub events_refused: u64,
    /// Why, one line each, at most fifty.
    pub refused: Vec<RefusedEvent>,
    /// Events left aside by design, such as orders of the reference policy.
    pub events_not_played: BTreeMap<String, u64>,
    /// Requests raised, by tier.
    pub requests: BTreeMap<u8, i64>,
    /// Requested, mL, by tier.
    pub requested_ml: BTreeMap<u8, i64>,
    /// Delivered, mL, by tier.
    pub delivered_ml: BTreeMap<u8, i64>,
    /// Requested and never delivered, mL, by tier.
    pub unmet_ml: BTreeMap<u8, i64>,
    /// What infants needed, mL.
    pub need_ml: i64,
    /// What they drank, mL.
    pub fed_ml: i64,
    /// What they needed that day and did not get, mL.
    pub shortfall_ml: i64,
    /// The same by tier.
    pub shortfall_ml_by_tier: BTreeMap<u8, i64>,
    /// Least shortfall that supply allows.
    pub lower_bound: LowerBound,
    /// Mornings on which an infant of tier 1 went short while free milk that it may have, of a site that
    /// could have sent it in time, lay in the network.
    pub tier1_unmet_while_eligible: u64,
    /// The same, mL.
    pub tier1_unmet_while_eligible_ml: i64,
    /// Which mornings these were, at most fifty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tier1_unmet_mornings: Vec<ShortBesideMilk>,
    /// Opened and poured away, mL.
    pub opened_waste_ml: i64,
    /// Median hours from request to first offer accepted, by tier.
    pub median_hours_to_match: BTreeMap<u8, Option<f64>>,
    /// Median hours from request to first delivery, by tier.
    pub median_hours_to_delivery: BTreeMap<u8, Option<f64>>,
    /// Expired, mL.
    pub expired_ml: i64,
    /// Discarded, mL, by reason.
    pub discarded_ml: BTreeMap<String, i64>,
    /// Transfers that left.
    pub transfers: i64,
    /// Road kilometres, one way.
    pub transfer_km: f64,
    /// Kilometres per litre accepted.
    pub km_per_litre: Option<f64>,
    /// Temperature excursions.
    pub excursions: i64,
    /// Mean number of donors whose milk an infant drank.
    pub donor_exposures_per_infant: Option<f64>,
    /// Delivered of requested, over sites.
    pub site_fill_ratio: FillRatio,
    /// The hub's ledger at the end.
    pub conservation: Conservation,
    /// Refusals that the replay provoked on purpose or met, by number of the rule, and held.
    pub refusals_checked: BTreeMap<String, u64>,
    /// Refusals that should have come and did not.
    pub refusals_bypassed: Vec<String>,
    /// What went wrong on purpose and what came of it; left out of an undisturbed replay.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disturbances: Option<Disturbances>,
    /// Seconds of real time.
    pub wall_seconds: f64,
    /// Calls to the API.
    pub api_calls: u64,
    /// What the reference policy achieved on the same events, where the stream tells it.
    pub reference: Option<ReferenceOutcome>,
}

impl Report {
    /// What must always hold and did not: milk conserved, no refusal bypassed, no tier-1 need unmet while eligible
    /// milk lay in the network. Empty for a sound run.
    #[must_use]
    pub fn failings(&self) -> Vec<String> {
        let mut found = Vec::new();
        if self.conservation.difference_ml != 0 {
            found.push(format!("{} mL are unaccounted for", self.conservation.difference_ml));
        }
        if !self.refusals_bypassed.is_empty() {
            found.push(format!("{} refusals were bypassed", self.refusals_bypassed.len()));
        }
        match &self.disturbances {
            Some(told) if !told.is_sound() => {
                found.push("milk got past an excursion, or a recall's list differs from the books".to_owned());
            }
            // Milk that is held until somebody decides lies free on the board and cannot be sent yet.
            Some(_) => {}
            None if self.tier1_unmet_while_eligible > 0 => found.push(format!(
                "on {} mornings an infant of tier 1 went short beside free milk",
                self.tier1_unmet_while_eligible
            )),
            None => {}
        }
        found
    }
}

/// The fill ratio over sites, from delivered and requested volumes.
#[must_use]
pub fn fill_ratio(sites: &[(i64, i64)]) -> FillRatio {
    let mut ratios: Vec<f64> =
        sites.iter().filter_map(|(delivered, requested)| ratio(whole(*delivered), whole(*requested))).collect();
    ratios.sort_by(f64::total_cmp);
    FillRatio {
        min: ratios.first().copied(),
        median: ratios.get(ratios.len() / 2).copied(),
        max: ratios.last().copied(),
    }
}

/// Medians of minutes by tier, in hours.
#[must_use]
pub fn medians(minutes: &BTreeMap<u8, Vec<i64>>) -> BTreeMap<u8, Option<f64>> {
    minutes.iter().map(|(tier, minutes)| (*tier, median_hours(minutes.clone()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fill_is_delivered_of_requested() {
        let fill = fill_ratio(&[(50, 100), (100, 100), (0, 0), (30, 100)]);
        assert_eq!((fill.min, fill.median, fill.max), (Some(0.3), Some(0.5), Some(1.0)));
        assert_eq!(fill_ratio(&[]).min, None);
    }

    #[test]
    fn a_report_is_sound_only_when_nothing_is_missing() {
        let mut report = Report::default();
        assert_eq!(report.failings(), Vec::<String>::new());
        report.conservation.difference_ml = 1;
        report.refusals_bypassed.push("rule 1: publishing a lot that failed went through".to_owned());
        report.tier1_unmet_while_eligible = 2;
        let told = report.failings();
        assert_eq!(told.len(), 3, "{told:?}");
        assert!(told[2].contains("on 2 mornings"), "{told:?}");
    }
}
