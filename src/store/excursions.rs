//! Excursions: opened once per episode, then acknowledged and dispositioned by somebody with a name.

use super::dialect::on_backend;
use super::prepared::Prepare as _;
use super::schema::{excursion_bottles, excursions, transfer_bottles, transfers};
use super::{AnyConn, StoreError};
use crate::domain::excursion::{Disposition, ExcursionState};
use crate::domain::ids::{BottleId, ExcursionId, SiteId, StorageUnitId, TransferId};
use crate::domain::quantity::Celsius;
use crate::domain::temperature::{ExcursionKind, Trace};
use crate::domain::time::Instant;
use diesel::prelude::*;

/// An excursion as it is kept.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = excursions, treat_none_as_default_value = false)]
pub struct ExcursionRow {
    /// Identifier.
    pub id: ExcursionId,
    /// The journey.
    pub transfer_id: Option<TransferId>,
    /// The storage unit, when it is no journey.
    pub storage_unit_id: Option<StorageUnitId>,
    /// The site that must decide: the receiver.
    pub site_id: SiteId,
    /// Kind.
    pub kind: ExcursionKind,
    /// State.
    pub state: ExcursionState,
    /// Highest reading.
    pub peak_hundredths: Option<Celsius>,
    /// Minutes above the limit.
    pub minutes_above_limit: i64,
    /// Longest time without a reading, minutes.
    pub longest_gap_minutes: i64,
    /// When the hub saw it.
    pub opened_at: Instant,
    /// When somebody took notice.
    pub acknowledged_at: Option<Instant>,
    /// Who.
    pub acknowledged_by: Option<String>,
    /// `accept` or `discard`.
    pub disposition: Option<Disposition>,
    /// On what grounds.
    pub disposition_reason: Option<String>,
    /// When it was decided.
    pub dispositioned_at: Option<Instant>,
    /// Who decided.
    pub dispositioned_by: Option<String>,
    /// Row version.
    pub version: i64,
}

/// Adds an excursion.
pub fn insert_excursion(conn: &mut AnyConn, row: &ExcursionRow) -> Result<(), StoreError> {
    diesel::insert_into(excursions::table).values(row.clone()).prepared().execute(conn)?;
    Ok(())
}

/// The excursion, if there is one.
pub fn find_excursion(conn: &mut AnyConn, id: ExcursionId) -> Result<Option<ExcursionRow>, StoreError> {
    Ok(excursions::table.filter(excursions::id.eq(id)).first(conn).optional()?)
}

/// Every excursion of a journey, oldest first.
pub fn list_excursions_of(conn: &mut AnyConn, transfer: TransferId) -> Result<Vec<ExcursionRow>, StoreError> {
    Ok(excursions::table.filter(excursions::transfer_id.eq(Some(transfer))).order(excursions::id).load(conn)?)
}

/// What a list of excursions may be narrowed by.
#[derive(Debug, Clone, Copy, Default)]
pub struct ExcursionFilter {
    /// Only those this site decides or sent.
    pub site: Option<SiteId>,
    /// Only those in this state.
    pub state: Option<ExcursionState>,
    /// Only those of this journey.
    pub transfer: Option<TransferId>,
}

/// A page of excursions that some sites decide or sent, by identifier.
pub fn list_excursions(
    conn: &mut AnyConn,
    sites: Option<&[SiteId]>,
    filter: ExcursionFilter,
    after: Option<ExcursionId>,
    limit: i64,
) -> Result<Vec<ExcursionRow>, StoreError> {
    let mut query = excursions::table.order(excursions::id.asc()).limit(limit).into_boxed();
    if let Some(sites) = sites {
        query = query.filter(excursions::site_id.eq_any(sites.to_vec()).or(sent_by(sites)));
    }
    if let Some(site) = filter.site {
        query = query.filter(excursions::site_id.eq(site).or(sent_by(&[site])));
    }
    if let Some(transfer) = filter.transfer {
        query = query.filter(excursions::transfer_id.eq(transfer).assume_not_null());
    }
    if let Some(state) = filter.state {
        query = query.filter(excursions::state.eq(state));
    }
    if let Some(after) = after {
        query = query.filter(excursions::id.gt(after));
    }
    Ok(query.load(conn)?)
}

/// The journeys that some sites sent.
#[diesel::dsl::auto_type(no_type_alias)]
fn sent_by(sites: &[SiteId]) -> _ {
    let ids: Vec<SiteId> = sites.to_vec();
    let sent = transfers::table.filter(transfers::from_site_id.eq_any(ids)).select(transfers::id);
    excursions::transfer_id.assume_not_null().eq_any(sent)
}

/// Keeps what more readings show of an excursion that nobody has decided; false when its version moved on.
pub fn worsen_excursion(
    conn: &mut AnyConn,
    id: ExcursionId,
    version: i64,
    kind: ExcursionKind,
    trace: &Trace,
) -> Result<bool, StoreError> {
    let changed =
        diesel::update(excursions::table.filter(excursions::id.eq(id)).filter(excursions::version.eq(version)))
            .set((
                excursions::kind.eq(kind),
                excursions::peak_hundredths.eq(trace.highest),
                excursions::minutes_above_limit.eq(trace.minutes_above_limit),
                excursions::longest_gap_minutes.eq(trace.longest_gap_minutes),
                excursions::version.eq(version + 1),
            ))
            .prepared()
            .execute(conn)?;
    Ok(changed == 1)
}

/// Gives the excursions of a journey that nobody has decided to another site: the one its box came back to.
pub fn move_excursions_of(conn: &mut AnyConn, transfer: TransferId, site: SiteId) -> Result<usize, StoreError> {
    Ok(diesel::update(
        excursions::table
            .filter(excursions::transfer_id.eq(Some(transfer)))
            .filter(excursions::site_id.ne(site))
            .filter(excursions::state.ne(ExcursionState::Dispositioned)),
    )
    .set((excursions::site_id.eq(site), excursions::version.eq(excursions::version + 1)))
    .prepared()
    .execute(conn)?)
}

/// Notes who took notice; false when its version is no longer the one given.
pub fn mark_acknowledged(
    conn: &mut AnyConn,
    id: ExcursionId,
    version: i64,
    by: &str,
    at: Instant,
) -> Result<bool, StoreError> {
    let changed =
        diesel::update(excursions::table.filter(excursions::id.eq(id)).filter(excursions::version.eq(version)))
            .set((
                excursions::state.eq(ExcursionState::Acknowledged),
                excursions::acknowledged_at.eq(Some(at)),
                excursions::acknowledged_by.eq(Some(by)),
                excursions::version.eq(version + 1),
            ))
            .prepared()
            .execute(conn)?;
    Ok(changed == 1)
}

/// Notes the decision; false when its version is no longer the one given.
pub fn mark_dispositioned(
    conn: &mut AnyConn,
    id: ExcursionId,
    version: i64,
    decision: (Disposition, &str),
    by: &str,
    at: Instant,
) -> Result<bool, StoreError> {
    let changed =
        diesel::update(excursions::table.filter(excursions::id.eq(id)).filter(excursions::version.eq(version)))
            .set((
                excursions::state.eq(ExcursionState::Dispositioned),
                excursions::disposition.eq(Some(decision.0)),
                excursions::disposition_reason.eq(Some(decision.1)),
                excursions::dispositioned_at.eq(Some(at)),
                excursions::dispositioned_by.eq(Some(by)),
                excursions::version.eq(version + 1),
            ))
            .prepared()
            .execute(conn)?;
    Ok(changed == 1)
}

/// True when one of the journeys that brought these bottles to where they are has an undecided excursion.
pub fn any_undecided_for_bottles(conn: &mut AnyConn, ids: &[BottleId]) -> Result<bool, StoreError> {
    Ok(diesel::select(diesel::dsl::exists(
        excursions::table.filter(excursions::state.ne(ExcursionState::Dispositioned)).filter(
            excursions::transfer_id.eq_any(
                transfer_bottles::table
                    .filter(transfer_bottles::bottle_id.eq_any(ids.to_vec()))
                    .select(transfer_bottles::transfer_id.nullable()),
            ),
        ),
    ))
    .get_result(conn)?)
}

/// The undecided excursion of a storage unit, if there is one.
pub fn find_undecided_of_unit(conn: &mut AnyConn, unit: StorageUnitId) -> Result<Option<ExcursionRow>, StoreError> {
    Ok(excursions::table
        .filter(excursions::storage_unit_id.eq(Some(unit)))
        .filter(excursions::state.ne(ExcursionState::Dispositioned))
        .order(excursions::id.desc())
        .first(conn)
        .optional()?)
}

/// Notes which bottles an excursion of a storage unit concerns; one that is noted already stays.
pub fn add_bottles_to_excursion(conn: &mut AnyConn, id: ExcursionId, ids: &[BottleId]) -> Result<(), StoreError> {
    for chunk in ids.chunks(10_000) {
        let rows: Vec<_> = chunk
            .iter()
            .map(|bottle| (excursion_bottles::excursion_id.eq(id), excursion_bottles::bottle_id.eq(*bottle)))
            .collect();
        on_backend!(conn, |c| diesel::insert_into(excursion_bottles::table)
            .values(rows)
            .on_conflict_do_nothing()
            .execute(c))?;
    }
    Ok(())
}

/// The bottles that an excursion of a storage unit concerns.
pub fn list_bottles_of_excursion(conn: &mut AnyConn, id: ExcursionId) -> Result<Vec<BottleId>, StoreError> {
    Ok(excursion_bottles::table
        .filter(excursion_bottles::excursion_id.eq(id))
        .order(excursion_bottles::bottle_id)
        .select(excursion_bottles::bottle_id)
        .load(conn)?)
}

/// Of some bottles, those that an excursion of a storage unit keeps aside: undecided, or decided against them.
pub fn list_kept_by_units(conn: &mut AnyConn, ids: &[BottleId]) -> Result<Vec<BottleId>, StoreError> {
    Ok(excursion_bottles::table
        .inner_join(excursions::table)
        .filter(excursion_bottles::bottle_id.eq_any(ids.to_vec()))
        .filter(
            excursions::state
                .ne(ExcursionState::Dispositioned)
                .or(excursions::disposition.eq(Disposition::Discard).assume_not_null()),
        )
        .select(excursion_bottles::bottle_id)
        .distinct()
        .load(conn)?)
}

/// Boxes at a door whose logger has said nothing since, and about which nobody was alarmed.
pub fn list_silent_boxes(conn: &mut AnyConn, delivered_before: Instant) -> Result<Vec<TransferId>, StoreError> {
    use crate::domain::transfer::TransferState;
    Ok(transfers::table
        .filter(transfers::state.eq(TransferState::Delivered))
        .filter(transfers::logger_ref.is_not_null())
        .filter(transfers::minutes_above_limit.is_null())
        .filter(transfers::delivered_at.le(delivered_before).assume_not_null())
        .filter(diesel::dsl::not(diesel::dsl::exists(
            excursions::table.filter(excursions::transfer_id.eq(transfers::id.nullable())),
        )))
        .order(transfers::id)
        .select(transfers::id)
        .load(conn)?)
}
