//! What the stream's reference policy achieved, added up from its own lines: the baseline beside the hub's
//! outcome. Days count in the region's main zone, as in the generator.

use super::event::{Happening, ReferenceLine};
use super::event_stream::StreamSource;
use super::tier::{TIERS, tier_of};
use crate::domain::time::Instant;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::io;

/// The reference policy's outcome over the days played.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct ReferenceOutcome {
    /// What infants drank, mL.
    pub fed_ml: i64,
    /// What they needed and did not get, mL.
    pub shortfall_ml: i64,
    /// The same by tier, mL.
    pub shortfall_ml_by_tier: BTreeMap<u8, i64>,
    /// Opened and poured away, mL.
    pub opened_waste_ml: i64,
    /// Expired, mL.
    pub expired_ml: i64,
    /// Set aside by recalls, mL.
    pub recalled_ml: i64,
    /// Lost with freezers, mL.
    pub lost_ml: i64,
    /// Rejected on arrival, mL.
    pub rejected_on_arrival_ml: i64,
    /// Arrived and accepted, mL.
    pub delivered_ml: i64,
    /// Requests raised.
    pub requests: i64,
    /// Their volume, mL.
    pub requested_ml: i64,
    /// Transfers that left.
    pub transfers: i64,
    /// Road kilometres, one way.
    pub transfer_km: f64,
    /// Kilometres per litre accepted; absent without a delivery.
    pub km_per_litre: Option<f64>,
    /// Median hours from request to the first accepted arrival; absent without one.
    pub median_hours_to_delivery: Option<f64>,
    /// Mean number of donors whose milk an infant drank; absent without one.
    pub donor_exposures_per_infant: Option<f64>,
}

/// Adds up the lines of the reference policy in `streams`, up to `end`. Returns nothing when they hold none.
///
/// # Errors
/// A stream cannot be opened or read; faults in it were refused before.
pub fn add_up(streams: &[StreamSource], end: Instant) -> io::Result<Option<ReferenceOutcome>> {
    let mut sum = Sum::default();
    for source in streams {
        for line in source.open()? {
            let line = line.map_err(|finding| io::Error::other(finding.to_string()))?;
            sum.add(&line.event.what, line.event.at, end);
        }
    }
    Ok(sum.finish())
}

#[derive(Default)]
struct Sum {
    outcome: ReferenceOutcome,
    lines: usize,
    tiers: BTreeMap<String, u8>,
    donors: BTreeMap<String, Vec<String>>,
    exposed: BTreeMap<String, BTreeSet<String>>,
    raised: BTreeMap<String, Instant>,
    arrived: BTreeMap<String, Instant>,
}

impl Sum {
    fn add(&mut self, what: &Happening, at: Instant, end: Instant) {
        match what {
            Happening::Infant(infant) => {
                self.tiers.insert(infant.infant.infant_ref.clone(), tier_of(&infant.infant));
            }
            Happening::LotReleased(lot) => self.lot(&lot.lot_id, &lot.donor_ids),
            Happening::StockOpening(opening) => self.lot(&opening.lot.lot_id, &opening.lot.donor_ids),
            Happening::RequestRaised(request) if at < end => {
                self.outcome.requests += 1;
                self.outcome.requested_ml += request.volume_ml;
                self.raised.insert(request.request_id.clone(), at);
            }
            Happening::StockLoss(loss) if at < end => self.outcome.lost_ml += loss.volume_ml,
            Happening::Reference(line) => {
                self.lines += 1;
                self.line(line, at, end);
            }
            _ => {}
        }
    }

    fn lot(&mut self, lot: &str, donors: &[String]) {
        self.donors.insert(lot.to_owned(), donors.to_vec());
    }

    fn line(&mut self, line: &ReferenceLine, at: Instant, end: Instant) {
        // Consumption is written down twelve hours after the morning it belongs to.
        let morning = if let ReferenceLine::Consumed(consumed) = line { consumed.thawed_at } else { at };
        if morning >= end {
            return;
        }
        let outcome = &mut self.outcome;
        match line {
            ReferenceLine::Dispatched(transfer) => {
                outcome.transfers += 1;
                outcome.transfer_km += transfer.distance_km;
            }
            ReferenceLine::Received(transfer) if transfer.verdict == "reject" => {
                outcome.rejected_on_arrival_ml += transfer.volume_ml;
            }
            ReferenceLine::Received(transfer) => {
                outcome.delivered_ml += transfer.volume_ml - transfer.recalled_in_transit_ml;
                self.arrived.entry(transfer.request_id.clone()).or_insert(at);
            }
            ReferenceLine::Consumed(consumed) => {
                outcome.fed_ml += consumed.volume_fed_ml;
                outcome.opened_waste_ml += consumed.volume_discarded_ml;
                let donors = self.donors.get(&consumed.lot_id).cloned().unwrap_or_default();
                for drunk in &consumed.recipients {
                    self.exposed.entry(drunk.infant_ref.clone()).or_default().extend(donors.iter().cloned());
                }
            }
            ReferenceLine::Shortfall(short) => {
                outcome.shortfall_ml += short.shortfall_ml;
                for missed in &short.items {
                    let tier = self.tiers.get(&missed.infant_ref).copied().unwrap_or_default();
                    *outcome.shortfall_ml_by_tier.entry(tier).or_default() += missed.shortfall_ml;
                }
            }
            ReferenceLine::Expired(expired) => outcome.expired_ml += expired.volume_ml,
            ReferenceLine::Quarantined(set_aside) => outcome.recalled_ml += set_aside.volume_ml,
            ReferenceLine::RequestClosed(_) | ReferenceLine::Other => {}
        }
    }

    fn finish(mut self) -> Option<ReferenceOutcome> {
        if self.lines == 0 {
            return None;
        }
        let minutes: Vec<i64> = self
            .arrived
            .iter()
            .filter_map(|(request, at)| self.raised.get(request).map(|raised| at.minutes_since(*raised)))
            .collect();
        self.outcome.median_hours_to_delivery = median_hours(minutes);
        let exposures: usize = self.exposed.values().map(BTreeSet::len).sum();
        self.outcome.donor_exposures_per_infant = ratio(count(exposures), count(self.exposed.len()));
        self.outcome.km_per_litre = ratio(self.outcome.transfer_km * 1000.0, whole(self.outcome.delivered_ml));
        for tier in 1..=u8::try_from(TIERS).unwrap_or(u8::MAX) {
            self.outcome.shortfall_ml_by_tier.entry(tier).or_default();
        }
        Some(self.outcome)
    }
}

/// The median of a list of minutes, in hours with two decimals; nothing for an empty list.
#[must_use]
pub fn median_hours(mut minutes: Vec<i64>) -> Option<f64> {
    minutes.sort_unstable();
    let upper = *minutes.get(minutes.len() / 2)?;
    let lower = *minutes.get(minutes.len().saturating_sub(1) / 2)?;
    Some((whole(lower + upper) / 120.0 * 100.0).round() / 100.0)
}

/// A quotient with two decimals; nothing when the divisor is 0.
#[must_use]
pub fn ratio(part: f64, whole: f64) -> Option<f64> {
    (whole > 0.0).then(|| (part / whole * 100.0).round() / 100.0)
}

/// A whole number for a chart or a ratio; exact up to 2^53.
#[must_use]
#[expect(clippy::as_conversions, reason = "reports show ratios; sums themselves stay whole")]
pub fn whole(number: i64) -> f64 {
    number as f64
}

/// A count for a ratio.
#[must_use]
pub fn count(number: usize) -> f64 {
    whole(i64::try_from(number).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::stored::STORED_REGIONS;

    fn far() -> Instant {
        "2030-01-01T00:00:00Z".parse().unwrap()
    }

    #[test]
    fn adds_up_to_the_generators_own_totals() {
        for stored in STORED_REGIONS {
            let outcome = add_up(&[stored.events(), stored.reference()], far()).unwrap().unwrap();
            let totals = stored.totals().unwrap().other;
            let total = |name: &str| totals.get(name).copied().unwrap_or_default();
            assert_eq!(whole(outcome.shortfall_ml), total("shortfall_ml"), "{}", stored.name);
            assert_eq!(whole(outcome.expired_ml), total("expired_ml"), "{}", stored.name);
            assert_eq!(whole(outcome.requested_ml), total("requested_ml"), "{}", stored.name);
            assert_eq!(whole(outcome.rejected_on_arrival_ml), total("rejected_on_arrival_ml"), "{}", stored.name);
            assert!((outcome.transfer_km - total("km")).abs() < 0.1 * whole(outcome.transfers));
            // What a unit far west of the main zone fed on the last day is written down after the last line.
            let missing = total("fed_ml") - whole(outcome.fed_ml);
            assert!((0.0..0.001 * total("fed_ml")).contains(&missing) || missing == 0.0, "{}: {missing}", stored.name);
            assert_eq!(outcome.shortfall_ml_by_tier.values().sum::<i64>(), outcome.shortfall_ml);
        }
    }

    #[test]
    fn a_shorter_replay_counts_only_its_days() {
        let stored = STORED_REGIONS[0];
        let whole_run = add_up(&[stored.events(), stored.reference()], far()).unwrap().unwrap();
        let end = "2026-09-04T00:00:00+08:00".parse().unwrap();
        let three_days = add_up(&[stored.events(), stored.reference()], end).unwrap().unwrap();
        assert!(three_days.shortfall_ml < whole_run.shortfall_ml);
        assert_eq!(add_up(&[stored.events()], far()).unwrap(), None);
    }

    #[test]
    fn medians_of_odd_even_and_empty_lists() {
        assert_eq!(median_hours(vec![]), None);
        assert_eq!(median_hours(vec![60, 600, 120]), Some(2.0));
        assert_eq!(median_hours(vec![60, 120]), Some(1.5));
    }
}
