//! Checks a whole event stream against its region before anything is played: order of time, references to
//! sites, lots and carriers, ids used twice, and amounts that cannot be. Collects the faults.

use super::event::{Event, Happening, RecallIssued, RequestRaised};
use super::event_infant::{InfantProfile, InfantStarted};
use super::event_lot::{Containers, LotRecord, OpeningLot};
use super::event_stream::StreamSource;
use super::finding::Findings;
use super::region::Region;
use crate::domain::time::Instant;
use std::collections::{BTreeMap, BTreeSet};
use std::io;

/// What a checked stream holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamSummary {
    /// Instant of the first event; the replay begins there.
    pub first_at: Instant,
    /// Instant of the last event.
    pub last_at: Instant,
    /// Events that the world does to the hub.
    pub exogenous: usize,
    /// Lines of the reference policy.
    pub reference: usize,
}

/// Why a stream cannot be played.
#[derive(Debug, thiserror::Error)]
pub enum StreamError {
    /// It cannot be opened.
    #[error("{file}: {source}")]
    Unreadable {
        /// The file.
        file: String,
        /// Why.
        source: io::Error,
    },
    /// It has faults.
    #[error("{0}")]
    Faults(Findings),
}

/// Reads a stream from its first to its last line and refuses it with every fault.
///
/// # Errors
/// The file cannot be opened, or has faults.
pub fn check_stream(region: &Region, source: &StreamSource) -> Result<StreamSummary, StreamError> {
    let stream = source.open().map_err(|error| StreamError::Unreadable { file: source.name(), source: error })?;
    let mut check = Check::new(region, &source.name());
    for line in stream {
        match line {
            Ok(line) => {
                if line.region_id != region.region_id {
                    check.add(&line.event, "region_id", format!("is not {}", region.region_id));
                }
                check.event(&line.event);
            }
            Err(finding) => {
                let unreadable = finding.detail.starts_with("cannot be read");
                check.findings.add(finding.line, finding.field, finding.detail);
                if unreadable {
                    break;
                }
            }
        }
        if check.findings.is_full() {
            break;
        }
    }
    if check.first_at.is_none() {
        check.findings.add(1, "", "the stream has no event");
    }
    let summary = StreamSummary {
        first_at: check.first_at.unwrap_or(Instant::from_micros(0)),
        last_at: check.last_at.unwrap_or(Instant::from_micros(0)),
        exogenous: check.exogenous,
        reference: check.reference,
    };
    check.findings.into_result().map_err(StreamError::Faults)?;
    Ok(summary)
}

struct Check<'a> {
    region: &'a Region,
    sites: BTreeSet<&'a str>,
    carriers: BTreeSet<&'a str>,
    lots: BTreeMap<String, i64>,
    ids: BTreeSet<String>,
    findings: Findings,
    first_at: Option<Instant>,
    last_at: Option<Instant>,
    last_seq: u64,
    exogenous: usize,
    reference: usize,
}

impl<'a> Check<'a> {
    fn new(region: &'a Region, file: &str) -> Self {
        Self {
            region,
            sites: region.sites.iter().map(|site| site.id.as_str()).collect(),
            carriers: region.carriers.iter().map(|carrier| carrier.id.as_str()).collect(),
            lots: BTreeMap::new(),
            ids: BTreeSet::new(),
            findings: Findings::new(file),
            first_at: None,
            last_at: None,
            last_seq: 0,
            exogenous: 0,
            reference: 0,
        }
    }

    fn add(&mut self, event: &Event, field: impl Into<String>, detail: impl Into<String>) {
        self.findings.add(event.line, field, detail);
    }

    fn require(&mut self, event: &Event, holds: bool, field: &str, detail: &str) {
        if !holds {
            self.add(event, field, detail);
        }
    }

    fn site(&mut self, event: &Event, field: &str, id: &str) {
        let known = self.sites.contains(id);
        self.require(event, known, field, "names no site of the region");
    }

    fn once(&mut self, event: &Event, field: &str, id: &str) {
        let fresh = !id.is_empty() && self.ids.insert(id.to_owned());
        self.require(event, fresh, field, "is empty or used before");
    }

    fn known_lot(&mut self, event: &Event, field: &str, id: &str) {
        let known = self.lots.contains_key(id);
        self.require(event, known, field, "names no lot that came before");
    }

    fn event(&mut self, event: &Event) {
        let ordered = self.last_at.is_none_or(|last| event.at >= last);
        self.require(event, ordered, "at", "is before the line above");
        let rising = event.seq > self.last_seq;
        self.require(event, rising, "seq", "does not rise");
        self.first_at.get_or_insert(event.at);
        self.last_at = Some(event.at);
        self.last_seq = event.seq;
        if let Some(site) = &event.site_id {
            self.site(event, "site_id", site);
        }
        match event.what {
            Happening::Reference(_) => self.reference += 1,
            _ => self.exogenous += 1,
        }
        self.happening(event);
    }

    fn happening(&mut self, event: &Event) {
        match &event.what {
            Happening::StockOpening(opening) => self.opening(event, opening),
            Happening::LotReleased(lot) => self.lot(event, lot, "released"),
            Happening::LotRejected(lot) => self.lot(event, lot, "rejected"),
            Happening::Infant(infant) => self.infant(event, infant),
            Happening::RequestRaised(request) => self.request(event, request),
            Happening::SurplusPublished(surplus) => {
                self.once(event, "data.surplus_id", &surplus.surplus_id);
                self.site(event, "data.holding_site_id", &surplus.holding_site_id);
                for (index, lot) in surplus.lots.iter().enumerate() {
                    self.known_lot(event, &format!("data.lots[{index}].lot_id"), &lot.lot_id);
                    let field = format!("data.lots[{index}].volume_ml");
                    self.require(event, lot.volume_ml > 0, &field, "must be above 0");
                }
            }
            Happening::CourierAvailability(window) => {
                let known = self.carriers.contains(window.carrier_id.as_str());
                self.require(event, known, "data.carrier_id", "names no carrier of the region");
                self.require(event, window.vehicles >= 0, "data.vehicles", "is negative");
                self.require(event, window.max_payload_ml > 0, "data.max_payload_ml", "must be above 0");
                let opens = window.window_end > window.window_start;
                self.require(event, opens, "data.window_end", "is not after window_start");
            }
            Happening::OutageStarted(outage) => {
                self.once(event, "data.outage_id", &outage.outage_id);
                self.require(event, event.site_id.is_some(), "site_id", "is needed for an outage");
            }
            Happening::OutageEnded(outage) => self.began(event, "data.outage_id", &outage.outage_id),
            Happening::StockLoss(loss) => {
                self.known_lot(event, "data.lot_id", &loss.lot_id);
                self.require(event, loss.volume_ml > 0, "data.volume_ml", "must be above 0");
                self.require(event, event.site_id.is_some(), "site_id", "is needed for a loss");
            }
            Happening::ClosureForecast(closure) => self.affected(event, &closure.affected_site_ids),
            Happening::ClosureStarted(closure) => {
                self.once(event, "data.closure_id", &closure.closure_id);
                self.affected(event, &closure.affected_site_ids);
            }
            Happening::ClosureEnded(closure) => self.began(event, "data.closure_id", &closure.closure_id),
            Happening::RecallIssued(recall) => self.recall(event, recall),
            Happening::Reference(_) => {}
        }
    }

    fn began(&mut self, event: &Event, field: &str, id: &str) {
        let known = self.ids.contains(id);
        self.require(event, known, field, "ends what has not begun");
    }

    fn affected(&mut self, event: &Event, sites: &[String]) {
        for (index, site) in sites.iter().enumerate() {
            self.site(event, &format!("data.affected_site_ids[{index}]"), site);
        }
    }

    fn recall(&mut self, event: &Event, recall: &RecallIssued) {
        self.once(event, "data.recall_id", &recall.recall_id);
        self.site(event, "data.bank_id", &recall.bank_id);
        let complete = match recall.scope.as_str() {
            "donor" => recall.donor_id.is_some(),
            "pasteurisation_cycle" => recall.pasteurisation_cycle_id.is_some(),
            "lot" => true,
            _ => {
                self.add(event, "data.scope", "is not donor, lot or pasteurisation_cycle");
                true
            }
        };
        self.require(event, complete, "data.scope", "lacks the id that it needs");
        self.require(event, !recall.lot_ids.is_empty(), "data.lot_ids", "is empty");
    }

    fn infant(&mut self, event: &Event, infant: &InfantStarted) {
        self.once(event, "data.infant.infant_ref", &infant.infant.infant_ref);
        self.require(event, event.site_id.is_some(), "site_id", "is needed for an infant");
        self.require(event, !infant.daily_need_ml.is_empty(), "data.daily_need_ml", "is empty");
        for (index, need) in infant.daily_need_ml.iter().enumerate() {
            self.require(event, *need >= 0, &format!("data.daily_need_ml[{index}]"), "is negative");
        }
        self.profile(event, &infant.infant);
    }

    /// The limits are the hub's own: a stream is refused before it is played, not in the middle of a month.
    fn profile(&mut self, event: &Event, infant: &InfantProfile) {
        let InfantProfile { birth_weight_g, current_weight_g, postnatal_age_days, .. } = infant;
        for (name, value, least, most) in [
            ("gestational_age_at_birth_days", infant.gestational_age_at_birth_days, 140, 310),
            ("birth_weight_g", *birth_weight_g, 200, 7_000),
            ("current_weight_g", *current_weight_g, 200, 12_000),
            ("postnatal_age_days", *postnatal_age_days, 0, 400),
        ] {
            let detail = format!("must lie between {least} and {most}");
            self.require(event, (least..=most).contains(&value), &format!("data.infant.{name}"), &detail);
        }
        let plausible = (0.0..=300.0).contains(&infant.donor_milk_ml_per_kg_day);
        self.require(event, plausible, "data.infant.donor_milk_ml_per_kg_day", "must lie between 0 and 300");
    }

    fn request(&mut self, event: &Event, request: &RequestRaised) {
        self.once(event, "data.request_id", &request.request_id);
        self.site(event, "data.requesting_site_id", &request.requesting_site_id);
        self.require(event, request.volume_ml > 0, "data.volume_ml", "must be above 0");
        let urgency = ["emergency", "urgent", "routine"].contains(&request.urgency.as_str());
        self.require(event, urgency, "data.urgency", "is not emergency, urgent or routine");
        let complete = match request.kind.as_str() {
            "named_infant" => request.infant.is_some(),
            "stock_replenishment" => true,
            _ => false,
        };
        self.require(event, complete, "data.kind", "is not a kind, or lacks its infant");
        if let Some(infant) = &request.infant {
            self.profile(event, infant);
        }
    }

    fn opening(&mut self, event: &Event, opening: &OpeningLot) {
        self.lot(event, &opening.lot, "released");
        let mut held = BTreeMap::new();
        for (index, holding) in opening.holdings.iter().enumerate() {
            self.site(event, &format!("data.holdings[{index}].site_id"), &holding.site_id);
            for bottles in &holding.containers {
                *held.entry(bottles.size_ml).or_insert(0_i64) += bottles.count;
            }
        }
        let enough = held.iter().all(|(size, count)| {
            let made: i64 = opening.lot.containers.iter().filter(|c| c.size_ml == *size).map(|c| c.count).sum();
            *count <= made
        });
        self.require(event, enough, "data.holdings", "holds more bottles than the lot has");
    }

    fn lot(&mut self, event: &Event, lot: &LotRecord, status: &str) {
        self.site(event, "data.bank_id", &lot.bank_id);
        let fresh = self.lots.insert(lot.lot_id.clone(), lot.volume_ml).is_none();
        self.require(event, fresh, "data.lot_id", "is used before");
        let profile = self.region.policy_profiles.contains_key(&lot.policy_profile);
        self.require(event, profile, "data.policy_profile", "names no policy profile of the region");
        self.require(event, lot.status == status, "data.status", "does not fit the event type");
        let form = ["frozen", "freeze_dried"].contains(&lot.form.as_str());
        self.require(event, form, "data.form", "is neither frozen nor freeze_dried");
        let donors = i64::try_from(lot.donor_ids.len()).is_ok_and(|n| n == lot.donor_count && n > 0);
        self.require(event, donors, "data.donor_count", "is not the number of donor_ids");
        self.containers(event, &lot.containers);
        let volume: i64 = lot.containers.iter().map(|c| c.size_ml.saturating_mul(c.count)).sum();
        self.require(event, volume == lot.volume_ml, "data.volume_ml", "is not the sum of the containers");
        let lives = lot.expires_at > lot.pasteurised_at;
        self.require(event, lives, "data.expires_at", "is not after pasteurised_at");
        for (name, date) in [("expressed_from", &lot.expressed_from), ("expressed_to", &lot.expressed_to)] {
            let known = date.parse::<jiff::civil::Date>().is_ok();
            self.require(event, known, &format!("data.{name}"), "is not a date such as 2026-09-01");
        }
        for (index, donor) in lot.donor_screening.iter().enumerate() {
            let known = donor.sampled_on.parse::<jiff::civil::Date>().is_ok();
            self.require(event, known, &format!("data.donor_screening[{index}].sampled_on"), "is not a date");
            let listed = lot.donor_ids.contains(&donor.donor_id);
            self.require(event, listed, &format!("data.donor_screening[{index}].donor_id"), "is not in donor_ids");
        }
    }

    fn containers(&mut self, event: &Event, containers: &[Containers]) {
        for (index, bottles) in containers.iter().enumerate() {
            let field = format!("data.containers[{index}].size_ml");
            self.require(event, bottles.size_ml > 0, &field, "must be above 0");
            let field = format!("data.containers[{index}].count");
            self.require(event, bottles.count > 0, &field, "must be above 0");
        }
    }
}
