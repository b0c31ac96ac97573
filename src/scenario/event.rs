//! The events of a stream: what the world does to the hub, and what the reference policy did with it.
//! Each type has its own shape; an unknown type or field is refused.

use super::event_infant::{Constraints, InfantProfile, InfantStarted};
use super::event_lot::{LotRecord, OpeningLot};
use super::event_reference::{
    ConsumptionRecorded, FeedingShortfall, QuarantineConfirmed, RequestClosed, StockExpired, TransferDispatched,
    TransferReceived,
};
use crate::domain::time::Instant;
use serde::Deserialize;

/// One line of a stream.
#[derive(Debug, Clone)]
pub struct Event {
    /// Line in the file, from 1.
    pub line: usize,
    /// Sequence number of the stream.
    pub seq: u64,
    /// When it happens.
    pub at: Instant,
    /// Where; absent for closures of whole areas.
    pub site_id: Option<String>,
    /// What happens.
    pub what: Happening,
}

/// What happens.
#[derive(Debug, Clone)]
pub enum Happening {
    /// Stock in hand when the stream begins.
    StockOpening(Box<OpeningLot>),
    /// A bank has released a lot.
    LotReleased(Box<LotRecord>),
    /// A bank has rejected a lot.
    LotRejected(Box<LotRecord>),
    /// A site of the reference policy offered surplus.
    SurplusPublished(SurplusPublished),
    /// An infant is or goes on donor milk.
    Infant(Box<InfantStarted>),
    /// A unit of the reference policy asked for milk.
    RequestRaised(Box<RequestRaised>),
    /// Vehicles of a carrier for one working window.
    CourierAvailability(CourierAvailability),
    /// A site cannot work.
    OutageStarted(OutageStarted),
    /// It can again.
    OutageEnded(OutageEnded),
    /// Milk was lost with a freezer.
    StockLoss(StockLoss),
    /// A closure is expected.
    ClosureForecast(ClosureForecast),
    /// Roads to some sites are closed.
    ClosureStarted(ClosureStarted),
    /// They are open again.
    ClosureEnded(ClosureEnded),
    /// A bank recalls lots.
    RecallIssued(RecallIssued),
    /// A line of the reference policy.
    Reference(ReferenceLine),
}

/// What the reference policy did.
#[derive(Debug, Clone)]
pub enum ReferenceLine {
    /// A transfer left.
    Dispatched(TransferDispatched),
    /// A transfer arrived.
    Received(TransferReceived),
    /// Milk of one lot was fed on one day.
    Consumed(ConsumptionRecorded),
    /// Need that was not covered.
    Shortfall(FeedingShortfall),
    /// Milk expired.
    Expired(StockExpired),
    /// A request ended.
    RequestClosed(RequestClosed),
    /// Recalled milk was set aside.
    Quarantined(QuarantineConfirmed),
    /// A reading or an inventory: not needed for any total.
    Other,
}

/// A lot line of an offer.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SurplusLot {
    /// Lot id of the stream.
    pub lot_id: String,
    /// Volume, mL.
    pub volume_ml: i64,
    /// Expiry.
    pub expires_at: Instant,
}

/// An offer of the reference policy.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SurplusPublished {
    /// Offer id of the stream.
    pub surplus_id: String,
    /// Who holds it.
    pub holding_site_id: String,
    /// Volume, mL.
    pub volume_ml: i64,
    /// Lots in it.
    pub lots: Vec<SurplusLot>,
    /// Why offered.
    pub reason: String,
    /// From when.
    pub available_from: Instant,
    /// Until when.
    pub available_until: Instant,
    /// Smallest transfer, mL.
    pub min_transfer_ml: i64,
    /// Cost recovery, as the profile states it.
    pub cost_recovery: serde_json::Value,
}

/// The unit's stock when it asked.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StockContext {
    /// Infants on donor milk.
    pub infants_on_donor_milk: i64,
    /// Their need of one day, mL.
    pub need_next_24_h_ml: i64,
    /// Stock, mL.
    pub unit_stock_ml: i64,
}

/// A request of the reference policy.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestRaised {
    /// Request id of the stream.
    pub request_id: String,
    /// Who asks.
    pub requesting_site_id: String,
    /// `named_infant` or `stock_replenishment`.
    pub kind: String,
    /// `emergency`, `urgent` or `routine`.
    pub urgency: String,
    /// Amount, mL.
    pub volume_ml: i64,
    /// By when.
    pub needed_by: Instant,
    /// Forms it takes.
    pub accepts_forms: Vec<String>,
    /// Conditions and wishes.
    pub constraints: Constraints,
    /// Who prescribes.
    pub prescriber_role: String,
    /// Why.
    pub reason: String,
    /// For a named infant.
    pub infant: Option<InfantProfile>,
    /// For ward stock.
    pub stock_context: Option<StockContext>,
}

/// Vehicles of a carrier for one working window.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CourierAvailability {
    /// Which carrier.
    pub carrier_id: String,
    /// Its kind.
    pub kind: String,
    /// Opens.
    pub window_start: Instant,
    /// Closes.
    pub window_end: Instant,
    /// Vehicles on the road.
    pub vehicles: i64,
    /// Largest load, mL.
    pub max_payload_ml: i64,
    /// Where they stand.
    pub base_site_id: String,
    /// Mean speed, km/h.
    pub speed_kmh: f64,
    /// Packaging.
    pub packaging: String,
    /// Hours for which it holds.
    pub hold_time_h: f64,
}

/// A site cannot work.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutageStarted {
    /// Outage id of the stream.
    pub outage_id: String,
    /// `freezer_failure`, `pasteuriser_failure`, `it_downtime` or `staff_shortage`.
    pub kind: String,
    /// Expected end.
    pub expected_end: Instant,
}

/// A site can work again.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutageEnded {
    /// Outage id of the stream.
    pub outage_id: String,
    /// Its kind.
    pub kind: String,
}

/// Milk lost with a freezer.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StockLoss {
    /// Outage id of the stream.
    pub outage_id: String,
    /// Lot id of the stream.
    pub lot_id: String,
    /// Volume, mL.
    pub volume_ml: i64,
    /// Why.
    pub reason: String,
}

/// A closure is expected.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClosureForecast {
    /// Closure id of the stream.
    pub closure_id: String,
    /// Storm, snow and the like.
    pub kind: String,
    /// When expected.
    pub expected_start: Instant,
    /// Sites that cannot be reached.
    pub affected_site_ids: Vec<String>,
}

/// Roads are closed.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClosureStarted {
    /// Closure id of the stream.
    pub closure_id: String,
    /// Storm, snow and the like.
    pub kind: String,
    /// Sites that cannot be reached.
    pub affected_site_ids: Vec<String>,
}

/// Roads are open again.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClosureEnded {
    /// Closure id of the stream.
    pub closure_id: String,
    /// Storm, snow and the like.
    pub kind: String,
}

/// A bank recalls lots.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecallIssued {
    /// Recall id of the stream.
    pub recall_id: String,
    /// Who recalls.
    pub bank_id: String,
    /// `donor`, `lot` or `pasteurisation_cycle`.
    pub scope: String,
    /// Why.
    pub reason: String,
    /// The donor, for that scope.
    pub donor_id: Option<String>,
    /// The run, for that scope.
    pub pasteurisation_cycle_id: Option<String>,
    /// Lots it covers; some may not have reached the hub yet.
    pub lot_ids: Vec<String>,
    /// First local date of expression.
    pub expressed_from: String,
    /// Last local date of expression.
    pub expressed_to: String,
    /// What sites must do.
    pub actions: Vec<String>,
    /// By when.
    pub respond_by: Instant,
}
