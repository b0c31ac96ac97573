//! How journeys, their bottles and their steps of custody go out.

use super::temperature::degrees;
use crate::actions::transfers::{CustodyRow, ManifestLine, PlanRow, TransferDetail, TransferRow};
use crate::domain::ids::{AllocationId, BottleId, CourierId, CustodyEventId, LotId, PackingId, SiteId, TransferId};
use crate::domain::quantity::Volume;
use crate::domain::time::Instant;
use crate::domain::transfer::TransferState;
use serde::Serialize;
use utoipa::ToSchema;

/// A journey.
#[derive(Serialize, ToSchema)]
#[schema(as = Transfer)]
pub(super) struct TransferView {
    /// Identifier.
    #[schema(value_type = String, format = "uuid")]
    id: TransferId,
    /// The site that sends.
    #[schema(value_type = String, format = "uuid")]
    from_site_id: SiteId,
    /// The site that receives.
    #[schema(value_type = String, format = "uuid")]
    to_site_id: SiteId,
    /// `planned`, `packed`, `in_transit`, `delivered`, `received`, `received_with_discrepancies`, `rejected` or
    /// `cancelled`. `in_transit` begins when the carrier collects the box; `collected` is never shown.
    #[schema(value_type = String, example = "planned")]
    state: TransferState,
    /// Who carries it.
    #[schema(value_type = Option<String>, format = "uuid")]
    courier_id: Option<CourierId>,
    /// Planned collection.
    #[schema(value_type = String, format = DateTime)]
    planned_pickup_at: Instant,
    /// Planned delivery.
    #[schema(value_type = String, format = DateTime)]
    planned_delivery_at: Instant,
    /// Warmest allowed, by the stricter of both policies.
    max_temperature_c: f64,
    /// Minutes above it that the receiver tolerates.
    tolerance_minutes: i64,
    /// At or above this one reading is an excursion, by the receiver's policy.
    peak_limit_c: f64,
    /// Longest silence of the logger, by the receiver's policy.
    gap_limit_minutes: i64,
    /// Minutes for which the packaging holds.
    max_duration_minutes: i64,
    /// How it is packed.
    packaging: String,
    /// Seal at dispatch.
    seal_number: Option<String>,
    /// The logger in the box.
    logger_ref: Option<String>,
    /// Volume on the manifest.
    #[schema(value_type = i64)]
    volume_ml: Volume,
    /// Bottles on the manifest.
    bottles: i64,
    /// Estimated road, metres.
    distance_m: i64,
    /// When it was sealed.
    #[schema(value_type = Option<String>, format = DateTime)]
    packed_at: Option<Instant>,
    /// When the carrier took it.
    #[schema(value_type = Option<String>, format = DateTime)]
    collected_at: Option<Instant>,
    /// When the carrier handed it over.
    #[schema(value_type = Option<String>, format = DateTime)]
    delivered_at: Option<Instant>,
    /// When its bottles were checked in.
    #[schema(value_type = Option<String>, format = DateTime)]
    received_at: Option<Instant>,
    /// Highest reading of the journey.
    highest_c: Option<f64>,
    /// Minutes above the limit.
    minutes_above_limit: Option<i64>,
    /// Longest time without a reading.
    longest_gap_minutes: Option<i64>,
    /// `accept`, `quarantine` or `reject`, once it is checked in; `returned`, once it is back at its sender.
    verdict: Option<String>,
    /// Its bottles; left out in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    manifest: Option<Vec<ManifestLineView>>,
    /// What its plan was proven with; left out in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    plan: Option<PlanView>,
    /// When it was planned.
    #[schema(value_type = String, format = DateTime)]
    created_at: Instant,
    /// Version for `If-Match`.
    version: i64,
}

/// What a journey's plan was proven with.
#[derive(Serialize, ToSchema)]
#[schema(as = TransferPlan)]
struct PlanView {
    /// The validated packing.
    #[schema(value_type = String, format = "uuid")]
    packing_id: PackingId,
    /// Its code.
    packing_code: String,
    /// Its containers.
    containers: i64,
    /// The warmest that is expected on the road that day; none where the weather of one end is not noted.
    ambient_c: Option<f64>,
    /// Minutes for which the packing holds in that weather.
    hold_minutes: i64,
    /// Minutes from collection to handover.
    road_minutes: i64,
    /// Minutes added to them, as roads are slow some days.
    margin_minutes: i64,
    /// The carrier collects no later; none when it never stops.
    #[schema(value_type = Option<String>, format = DateTime)]
    cut_off_at: Option<Instant>,
    /// The receiver's door closes then; none when it never does.
    #[schema(value_type = Option<String>, format = DateTime)]
    door_closes_at: Option<Instant>,
    /// When it was proven.
    #[schema(value_type = String, format = DateTime)]
    proven_at: Instant,
}

impl From<&(PlanRow, String)> for PlanView {
    fn from((row, code): &(PlanRow, String)) -> Self {
        let PlanRow {
            packing_id,
            containers,
            ambient,
            hold_minutes,
            road_minutes,
            margin_minutes,
            cut_off_at,
            door_closes_at,
            proven_at,
        } = *row;
        Self {
            packing_id,
            packing_code: code.clone(),
            containers,
            ambient_c: ambient.map(degrees),
            hold_minutes,
            road_minutes,
            margin_minutes,
            cut_off_at,
            door_closes_at,
            proven_at,
        }
    }
}

/// One bottle of a manifest.
#[derive(Serialize, ToSchema)]
#[schema(as = ManifestLine)]
struct ManifestLineView {
    /// The bottle.
    #[schema(value_type = String, format = "uuid")]
    bottle_id: BottleId,
    /// Its lot.
    #[schema(value_type = String, format = "uuid")]
    lot_id: LotId,
    /// The lot's number.
    lot_code: String,
    /// Its number within the lot.
    division: i64,
    /// Its size, mL.
    #[schema(value_type = i64)]
    size_ml: Volume,
    /// The allocation it fulfils.
    #[schema(value_type = String, format = "uuid")]
    allocation_id: AllocationId,
    /// `accepted`, `quarantined`, `rejected` or `missing`, once it is checked in.
    outcome: Option<String>,
    /// Why it did not become stock.
    outcome_reason: Option<String>,
}

impl From<&ManifestLine> for ManifestLineView {
    fn from(line: &ManifestLine) -> Self {
        Self {
            bottle_id: line.bottle_id,
            lot_id: line.lot_id,
            lot_code: line.lot_code.clone(),
            division: line.division,
            size_ml: line.size_ml,
            allocation_id: line.allocation_id,
            outcome: line.outcome.clone(),
            outcome_reason: line.outcome_reason.clone(),
        }
    }
}

impl TransferView {
    /// A journey as lists show it.
    pub(super) fn without_manifest(row: &TransferRow) -> Self {
        let row = row.clone();
        Self {
            id: row.id,
            from_site_id: row.from_site_id,
            to_site_id: row.to_site_id,
            state: row.state,
            courier_id: row.courier_id,
            planned_pickup_at: row.planned_pickup_at,
            planned_delivery_at: row.planned_delivery_at,
            max_temperature_c: degrees(row.max_temperature_hundredths),
            tolerance_minutes: row.tolerance_minutes,
            peak_limit_c: degrees(row.peak_limit_hundredths),
            gap_limit_minutes: row.gap_limit_minutes,
            max_duration_minutes: row.max_duration_minutes,
            packaging: row.packaging,
            seal_number: row.seal_number,
            logger_ref: row.logger_ref,
            volume_ml: row.volume_ml,
            bottles: row.bottles,
            distance_m: row.distance_m,
            packed_at: row.packed_at,
            collected_at: row.collected_at,
            delivered_at: row.delivered_at,
            received_at: row.received_at,
            highest_c: row.highest_hundredths.map(degrees),
            minutes_above_limit: row.minutes_above_limit,
            longest_gap_minutes: row.longest_gap_minutes,
            verdict: row.verdict,
            manifest: None,
            plan: None,
            created_at: row.created_at,
            version: row.version,
        }
    }
}

impl From<&TransferDetail> for TransferView {
    fn from(detail: &TransferDetail) -> Self {
        let manifest = detail.manifest.iter().map(ManifestLineView::from).collect();
        let plan = detail.plan.as_ref().map(PlanView::from);
        Self { manifest: Some(manifest), plan, ..Self::without_manifest(&detail.head) }
    }
}

/// A step of custody.
#[derive(Serialize, ToSchema)]
#[schema(as = CustodyEvent)]
pub(super) struct CustodyView {
    /// Identifier.
    #[schema(value_type = String, format = "uuid")]
    id: CustodyEventId,
    /// `packed`, `collected`, `cross_docked`, `handed_over`, `delivered`, `received`, `taken_back` or `cancelled`.
    kind: String,
    /// Where.
    #[schema(value_type = Option<String>, format = "uuid")]
    site_id: Option<SiteId>,
    /// Who reported it.
    actor: String,
    /// By the clock of the device that reports it.
    #[schema(value_type = String, format = DateTime)]
    device_at: Instant,
    /// By the hub's clock.
    #[schema(value_type = String, format = DateTime)]
    recorded_at: Instant,
    /// The seal seen or put on.
    seal_number: Option<String>,
    /// What was found. `frozen_solid` and `verdict` of a receipt; `frozen_solid` and `reason` of a box that was taken
    /// back; `seen` (what the device sent), `handed_over_by` (`code`, `signature`, `photo`, `receiver`),
    /// `signature_ref`, `photo_ref` and `scanned` (bottles) of a step that a device reported, or of `deliver`.
    #[schema(value_type = Option<Object>)]
    condition: Option<serde_json::Value>,
}

impl From<&CustodyRow> for CustodyView {
    fn from(row: &CustodyRow) -> Self {
        let CustodyRow {
            id,
            transfer_id: _,
            kind,
            site_id,
            actor,
            device_at,
            recorded_at,
            seal_number,
            condition,
            step_ref: _,
        } = row;
        Self {
            id: *id,
            kind: kind.clone(),
            site_id: *site_id,
            actor: actor.clone(),
            device_at: *device_at,
            recorded_at: *recorded_at,
            seal_number: seal_number.clone(),
            condition: condition.as_deref().and_then(|text| serde_json::from_str(text).ok()),
        }
    }
}
