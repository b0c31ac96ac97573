//! Transfers and their manifests. Each step names the state and the version it expects; a bottle moves only
//! while it is on the manifest that moves it.

use super::dialect::on_backend;
use super::offers::AllocationRow;
use super::prepared::Prepare as _;
use super::schema::{allocations, bottles, lots, transfer_bottles, transfers};
use super::{AnyConn, StoreError};
use crate::domain::bottle::BottleState;
use crate::domain::ids::{AllocationId, BottleId, CourierId, LotId, SiteId, TransferId};
use crate::domain::lot::LotState;
use crate::domain::offer::AllocationState;
use crate::domain::quantity::{Celsius, Volume};
use crate::domain::temperature::Trace;
use crate::domain::time::Instant;
use crate::domain::transfer::TransferState;
use diesel::prelude::*;

/// A transfer as it is kept.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = transfers, treat_none_as_default_value = false)]
pub struct TransferRow {
    /// Identifier.
    pub id: TransferId,
    /// The site that sends.
    pub from_site_id: SiteId,
    /// The site that receives.
    pub to_site_id: SiteId,
    /// State.
    pub state: TransferState,
    /// Who carries it.
    pub courier_id: Option<CourierId>,
    /// Planned collection.
    pub planned_pickup_at: Instant,
    /// Planned delivery.
    pub planned_delivery_at: Instant,
    /// Warmest allowed: the stricter of both policies.
    pub max_temperature_hundredths: Celsius,
    /// Minutes above it that the receiver tolerates.
    pub tolerance_minutes: i64,
    /// At or above this one reading is an excursion, by the receiver's policy.
    pub peak_limit_hundredths: Celsius,
    /// Longest silence of the logger, minutes, by the receiver's policy.
    pub gap_limit_minutes: i64,
    /// Minutes for which the packaging holds.
    pub max_duration_minutes: i64,
    /// How it is packed.
    pub packaging: String,
    /// Seal at dispatch.
    pub seal_number: Option<String>,
    /// The logger in the box.
    pub logger_ref: Option<String>,
    /// Volume on the manifest.
    pub volume_ml: Volume,
    /// Bottles on the manifest.
    pub bottles: i64,
    /// Planned road, metres.
    pub distance_m: i64,
    /// When it was sealed.
    pub packed_at: Option<Instant>,
    /// When the carrier took it.
    pub collected_at: Option<Instant>,
    /// When the carrier handed it over.
    pub delivered_at: Option<Instant>,
    /// When its bottles were checked in.
    pub received_at: Option<Instant>,
    /// Highest reading.
    pub highest_hundredths: Option<Celsius>,
    /// Minutes above the limit.
    pub minutes_above_limit: Option<i64>,
    /// Longest time without a reading, minutes.
    pub longest_gap_minutes: Option<i64>,
    /// `accept`, `quarantine`, `reject` or `returned`.
    pub verdict: Option<String>,
    /// What the receiving door asks the carrier for.
    pub handover_code: Option<String>,
    /// Who planned it.
    pub created_by: String,
    /// When it was planned.
    pub created_at: Instant,
    /// Row version.
    pub version: i64,
}

/// One bottle of a manifest as it is kept.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = transfer_bottles, treat_none_as_default_value = false)]
pub struct ManifestRow {
    /// The transfer.
    pub transfer_id: TransferId,
    /// The bottle.
    pub bottle_id: BottleId,
    /// The allocation it fulfils.
    pub allocation_id: AllocationId,
    /// What became of it at receipt.
    pub outcome: Option<String>,
    /// Why.
    pub outcome_reason: Option<String>,
    /// When it left this manifest.
    pub ended_at: Option<Instant>,
}

/// One bottle of a manifest with what a receiver must know of it.
#[derive(Debug, Clone, Queryable)]
pub struct ManifestLine {
    /// The bottle.
    pub bottle_id: BottleId,
    /// The allocation it fulfils.
    pub allocation_id: AllocationId,
    /// What became of it at receipt.
    pub outcome: Option<String>,
    /// Why.
    pub outcome_reason: Option<String>,
    /// When it left this manifest.
    pub ended_at: Option<Instant>,
    /// Its number within its lot.
    pub division: i64,
    /// Its size.
    pub size_ml: Volume,
    /// Its state now.
    pub bottle_state: BottleState,
    /// Where it is now.
    pub site_id: SiteId,
    /// Its lot.
    pub lot_id: LotId,
    /// The lot's number.
    pub lot_code: String,
    /// The lot's state now.
    pub lot_state: LotState,
    /// The lot's expiry.
    pub lot_expires_at: Instant,
    /// The lot's form.
    pub lot_form: String,
}

/// Adds a transfer with its manifest.
pub fn insert_transfer(conn: &mut AnyConn, row: &TransferRow, manifest: &[ManifestRow]) -> Result<(), StoreError> {
    diesel::insert_into(transfers::table).values(row.clone()).prepared().execute(conn)?;
    for chunk in manifest.chunks(1_000) {
        on_backend!(conn, |c| diesel::insert_into(transfer_bottles::table).values(chunk.to_vec()).execute(c))?;
    }
    Ok(())
}

/// The transfer, if there is one.
pub fn find_transfer(conn: &mut AnyConn, id: TransferId) -> Result<Option<TransferRow>, StoreError> {
    Ok(transfers::table.filter(transfers::id.eq(id)).prepared().get_result(conn).optional()?)
}

/// What a list of transfers may be narrowed by.
#[derive(Debug, Clone, Copy, Default)]
pub struct TransferFilter {
    /// Only transfers from or to this site.
    pub site: Option<SiteId>,
    /// Only transfers in this state.
    pub state: Option<TransferState>,
}

/// A page of transfers from or to some sites, in the order they were planned.
pub fn list_transfers(
    conn: &mut AnyConn,
    sites: Option<&[SiteId]>,
    filter: &TransferFilter,
    after: Option<TransferId>,
    limit: i64,
) -> Result<Vec<TransferRow>, StoreError> {
    let mut query = transfers::table.order(transfers::id.asc()).limit(limit).into_boxed();
    if let Some(sites) = sites {
        query = query
            .filter(transfers::from_site_id.eq_any(sites.to_vec()).or(transfers::to_site_id.eq_any(sites.to_vec())));
    }
    if let Some(site) = filter.site {
        query = query.filter(transfers::from_site_id.eq(site).or(transfers::to_site_id.eq(site)));
    }
    if let Some(state) = filter.state {
        query = query.filter(transfers::state.eq(state));
    }
    if let Some(after) = after {
        query = query.filter(transfers::id.gt(after));
    }
    Ok(query.load(conn)?)
}

/// Millilitres that a site handed to carriers since an instant.
pub fn sent_since(conn: &mut AnyConn, site: SiteId, since: Instant) -> Result<i64, StoreError> {
    Ok(transfers::table
        .filter(transfers::from_site_id.eq(site))
        .filter(transfers::collected_at.ge(Some(since)))
        .select(super::dialect::total_of(transfers::volume_ml))
        .first(conn)?)
}

/// A transfer's manifest in bottle order.
pub fn list_manifest(conn: &mut AnyConn, id: TransferId) -> Result<Vec<ManifestLine>, StoreError> {
    Ok(transfer_bottles::table
        .inner_join(bottles::table.inner_join(lots::table))
        .filter(transfer_bottles::transfer_id.eq(id))
        .order(transfer_bottles::bottle_id)
        .select((
            transfer_bottles::bottle_id,
            transfer_bottles::allocation_id,
            transfer_bottles::outcome,
            transfer_bottles::outcome_reason,
            transfer_bottles::ended_at,
            bottles::division,
            bottles::size_ml,
            bottles::state,
            bottles::site_id,
            bottles::lot_id,
            lots::code,
            lots::state,
            lots::expires_at,
            lots::form,
        ))
        .load(conn)?)
}

/// The allocations that a transfer carries, in identifier order.
pub fn list_allocations_of(conn: &mut AnyConn, id: TransferId) -> Result<Vec<AllocationRow>, StoreError> {
    Ok(allocations::table.filter(allocations::transfer_id.eq(Some(id))).order(allocations::id).load(conn)?)
}

/// Gives an allocation of a cancelled transfer back to waiting, with a fresh lapse; false when it moved.
pub fn return_allocation(conn: &mut AnyConn, row: &AllocationRow, lapses_at: Instant) -> Result<bool, StoreError> {
    let changed = diesel::update(
        allocations::table
            .filter(allocations::id.eq(row.id))
            .filter(allocations::version.eq(row.version))
            .filter(allocations::state.eq(AllocationState::InTransfer)),
    )
    .set((
        allocations::state.eq(AllocationState::Held),
        allocations::transfer_id.eq(None::<TransferId>),
        allocations::lapses_at.eq(lapses_at),
        allocations::version.eq(row.version + 1),
    ))
    .prepared()
    .execute(conn)?;
    Ok(changed == 1)
}

/// Transfers that have not left yet and carry a bottle of one of these lots, or one of these bottles.
pub fn list_waiting_transfers_with(
    conn: &mut AnyConn,
    of_lots: &[LotId],
    of_bottles: &[BottleId],
) -> Result<Vec<TransferId>, StoreError> {
    Ok(transfers::table
        .inner_join(transfer_bottles::table.inner_join(bottles::table))
        .filter(transfers::state.eq_any([TransferState::Planned, TransferState::Packed]))
        .filter(transfer_bottles::ended_at.is_null())
        .filter(bottles::lot_id.eq_any(of_lots.to_vec()).or(bottles::id.eq_any(of_bottles.to_vec())))
        .order(transfers::id)
        .select(transfers::id)
        .distinct()
        .load(conn)?)
}

/// Sites between which a transfer is planned or packed and has not left: holding and asking site.
pub fn list_pairs_with_waiting_transfers(conn: &mut AnyConn) -> Result<Vec<(SiteId, SiteId)>, StoreError> {
    Ok(transfers::table
        .filter(transfers::state.eq_any([TransferState::Planned, TransferState::Packed]))
        .select((transfers::from_site_id, transfers::to_site_id))
        .distinct()
        .load(conn)?)
}

/// A step of a transfer and what it writes beside the state.
#[derive(Debug, Clone, Copy, Default)]
pub struct StepMarks<'a> {
    /// Seal at dispatch.
    pub seal_number: Option<&'a str>,
    /// When it was sealed.
    pub packed_at: Option<Instant>,
    /// When the carrier took it.
    pub collected_at: Option<Instant>,
    /// When the carrier handed it over.
    pub delivered_at: Option<Instant>,
    /// When its bottles were checked in.
    pub received_at: Option<Instant>,
    /// `accept`, `quarantine`, `reject` or `returned`.
    pub verdict: Option<&'a str>,
    /// What the receiving door asks the carrier for.
    pub handover_code: Option<&'a str>,
}

/// Moves a transfer to another state; false when its version is no longer the one given. A mark that is none
/// leaves the column as it is.
pub fn advance_transfer(
    conn: &mut AnyConn,
    id: TransferId,
    version: i64,
    state: TransferState,
    marks: &StepMarks<'_>,
) -> Result<bool, StoreError> {
    #[derive(AsChangeset)]
    #[diesel(table_name = transfers)]
    struct Marks<'m> {
        state: TransferState,
        seal_number: Option<&'m str>,
        packed_at: Option<Instant>,
        collected_at: Option<Instant>,
        delivered_at: Option<Instant>,
        received_at: Option<Instant>,
        verdict: Option<&'m str>,
        handover_code: Option<&'m str>,
        version: i64,
    }
    let changed = diesel::update(transfers::table.filter(transfers::id.eq(id)).filter(transfers::version.eq(version)))
        .set(Marks {
            state,
            seal_number: marks.seal_number,
            packed_at: marks.packed_at,
            collected_at: marks.collected_at,
            delivered_at: marks.delivered_at,
            received_at: marks.received_at,
            verdict: marks.verdict,
            handover_code: marks.handover_code,
            version: version + 1,
        })
        .execute(conn)?;
    Ok(changed == 1)
}

/// Who comes for a transfer that has not left, and when.
#[derive(Debug, Clone, Copy)]
pub struct Rerouting<'a> {
    /// Who carries it.
    pub courier_id: CourierId,
    /// Collection.
    pub pickup_at: Instant,
    /// Delivery.
    pub delivery_at: Instant,
    /// How it is packed; none leaves that.
    pub packaging: Option<&'a str>,
    /// Minutes for which that holds.
    pub max_duration_minutes: i64,
}

/// Gives a transfer that has not left to another journey; false when its version is no longer the one given.
pub fn reroute_transfer(
    conn: &mut AnyConn,
    id: TransferId,
    version: i64,
    to: &Rerouting<'_>,
) -> Result<bool, StoreError> {
    #[derive(AsChangeset)]
    #[diesel(table_name = transfers)]
    struct Marks<'m> {
        courier_id: CourierId,
        planned_pickup_at: Instant,
        planned_delivery_at: Instant,
        packaging: Option<&'m str>,
        max_duration_minutes: i64,
        version: i64,
    }
    let changed = diesel::update(transfers::table.filter(transfers::id.eq(id)).filter(transfers::version.eq(version)))
        .set(Marks {
            courier_id: to.courier_id,
            planned_pickup_at: to.pickup_at,
            planned_delivery_at: to.delivery_at,
            packaging: to.packaging,
            max_duration_minutes: to.max_duration_minutes,
            version: version + 1,
        })
        .execute(conn)?;
    Ok(changed == 1)
}

/// Keeps what the readings show. The version stays: readings arrive beside the steps and change none of them.
pub fn save_trace(conn: &mut AnyConn, id: TransferId, trace: &Trace) -> Result<(), StoreError> {
    diesel::update(transfers::table.filter(transfers::id.eq(id)))
        .set((
            transfers::highest_hundredths.eq(trace.highest),
            transfers::minutes_above_limit.eq(Some(trace.minutes_above_limit)),
            transfers::longest_gap_minutes.eq(Some(trace.longest_gap_minutes)),
        ))
        .prepared()
        .execute(conn)?;
    Ok(())
}
