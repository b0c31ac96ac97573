//! Lines of the reference policy: what a simple nearest-bank, first-expiry-first-out policy did with the
//! same events. Only the fields that a total needs are read.

use crate::domain::time::Instant;
use serde::Deserialize;

/// A transfer of the reference policy left; fields that no total needs are not read.
#[derive(Debug, Clone, Deserialize)]
pub struct TransferDispatched {
    /// Transfer id of the stream.
    pub transfer_id: String,
    /// For which request.
    pub request_id: String,
    /// Volume, mL.
    pub volume_ml: i64,
    /// Road distance, km.
    pub distance_km: f64,
}

/// A transfer of the reference policy arrived; fields that no total needs are not read.
#[derive(Debug, Clone, Deserialize)]
pub struct TransferReceived {
    /// Transfer id of the stream.
    pub transfer_id: String,
    /// For which request.
    pub request_id: String,
    /// Volume, mL.
    pub volume_ml: i64,
    /// Recalled on the way, mL.
    pub recalled_in_transit_ml: i64,
    /// `accept`, `quarantine_then_accept` or `reject`.
    pub verdict: String,
}

/// What one infant drank of one lot on one day.
#[derive(Debug, Clone, Deserialize)]
pub struct Drunk {
    /// Who.
    pub infant_ref: String,
    /// How much, mL.
    pub volume_ml: i64,
}

/// Milk of one lot fed on one day.
#[derive(Debug, Clone, Deserialize)]
pub struct ConsumptionRecorded {
    /// Lot id of the stream.
    pub lot_id: String,
    /// Opened, mL.
    pub volume_opened_ml: i64,
    /// Fed, mL.
    pub volume_fed_ml: i64,
    /// Poured away, mL.
    pub volume_discarded_ml: i64,
    /// When thawed.
    pub thawed_at: Instant,
    /// Who drank it.
    pub recipients: Vec<Drunk>,
}

/// What one infant missed.
#[derive(Debug, Clone, Deserialize)]
pub struct Missed {
    /// Who.
    pub infant_ref: String,
    /// How much, mL.
    pub shortfall_ml: i64,
}

/// Need not covered on one day at one site.
#[derive(Debug, Clone, Deserialize)]
pub struct FeedingShortfall {
    /// Sum, mL.
    pub shortfall_ml: i64,
    /// By infant.
    pub items: Vec<Missed>,
}

/// Milk that expired.
#[derive(Debug, Clone, Deserialize)]
pub struct StockExpired {
    /// Lot id of the stream.
    pub lot_id: String,
    /// Volume, mL.
    pub volume_ml: i64,
}

/// A request ended.
#[derive(Debug, Clone, Deserialize)]
pub struct RequestClosed {
    /// Request id of the stream.
    pub request_id: String,
    /// How.
    pub status: String,
    /// Delivered, mL.
    pub filled_ml: i64,
}

/// Recalled milk set aside.
#[derive(Debug, Clone, Deserialize)]
pub struct QuarantineConfirmed {
    /// Lot id of the stream.
    pub lot_id: String,
    /// Volume, mL.
    pub volume_ml: i64,
}
