//! Validated packings, the weather of sites, and the proofs of transfers' plans.

use super::prepared::Prepare as _;
use super::row_text::{from_json, from_text, to_json};
use super::schema::{packings, site_climates, transfer_plans};
use super::{AnyConn, StoreError};
use crate::domain::ids::{CourierId, PackingId, SiteId, TransferId};
use crate::domain::packing::{Climate, Packing, PackingFacts, PackingState};
use crate::domain::quantity::{Celsius, Volume};
use crate::domain::time::Instant;
use diesel::dsl::max;
use diesel::prelude::*;
use std::collections::BTreeMap;

#[derive(Queryable, Insertable)]
#[diesel(table_name = packings)]
struct PackingRow {
    id: String,
    code: String,
    courier_id: Option<String>,
    site_id: Option<String>,
    container: String,
    coolant: String,
    capacity_ml: i64,
    capacity_bottles: Option<i64>,
    containers: i64,
    steps: String,
    validated_by: String,
    document_reference: String,
    validated_on: String,
    valid_until: Option<i64>,
    state: String,
    supersedes: Option<String>,
    ended_at: Option<i64>,
    end_reason: Option<String>,
    created_by: String,
    created_at: i64,
    version: i64,
}

impl TryFrom<PackingRow> for Packing {
    type Error = StoreError;
    fn try_from(row: PackingRow) -> Result<Self, StoreError> {
        let PackingRow {
            id,
            code,
            courier_id,
            site_id,
            container,
            coolant,
            capacity_ml,
            capacity_bottles,
            containers,
            steps,
            validated_by,
            document_reference,
            validated_on,
            valid_until,
            state,
            supersedes,
            ended_at,
            end_reason,
            created_by,
            created_at,
            version,
        } = row;
        let row = format!("packing {id}");
        let id = from_text(&row, "id", &id)?;
        let facts = PackingFacts {
            code,
            courier_id: courier_id.map(|text| from_text(&row, "courier_id", &text)).transpose()?,
            site_id: site_id.map(|text| from_text(&row, "site_id", &text)).transpose()?,
            container,
            coolant: from_text(&row, "coolant", &coolant)?,
            capacity_ml: Volume::from_ml(capacity_ml),
            capacity_bottles,
            containers,
            steps: from_json(&row, "steps", &steps)?,
            validated_by,
            document_reference,
            validated_on: from_text(&row, "validated_on", &validated_on)?,
            valid_until: valid_until.map(Instant::from_micros),
        };
        let supersedes = supersedes.map(|text| from_text(&row, "supersedes", &text)).transpose()?;
        Ok(Self {
            state: from_text(&row, "state", &state)?,
            ended_at: ended_at.map(Instant::from_micros),
            end_reason,
            version,
            ..Self::entered(id, facts, supersedes, (&created_by, Instant::from_micros(created_at)))
        })
    }
}

/// Stores a packing. A code that another active one has is a unique conflict.
pub fn insert_packing(conn: &mut AnyConn, packing: &Packing) -> Result<(), StoreError> {
    let row = PackingRow {
        id: packing.id.to_string(),
        code: packing.code.clone(),
        courier_id: packing.courier_id.map(|id| id.to_string()),
        site_id: packing.site_id.map(|id| id.to_string()),
        container: packing.container.clone(),
        coolant: packing.coolant.to_string(),
        capacity_ml: packing.capacity_ml.ml(),
        capacity_bottles: packing.capacity_bottles,
        containers: packing.containers,
        steps: to_json(&packing.steps)?,
        validated_by: packing.validated_by.clone(),
        document_reference: packing.document_reference.clone(),
        validated_on: packing.validated_on.to_string(),
        valid_until: packing.valid_until.map(Instant::micros),
        state: packing.state.to_string(),
        supersedes: packing.supersedes.map(|id| id.to_string()),
        ended_at: packing.ended_at.map(Instant::micros),
        end_reason: packing.end_reason.clone(),
        created_by: packing.created_by.clone(),
        created_at: packing.created_at.micros(),
        version: packing.version,
    };
    diesel::insert_into(packings::table).values(row).prepared().execute(conn)?;
    Ok(())
}

/// A packing by its identifier.
pub fn find_packing(conn: &mut AnyConn, id: PackingId) -> Result<Option<Packing>, StoreError> {
    let row = packings::table.find(id.as_str()).first::<PackingRow>(conn).optional()?;
    row.map(Packing::try_from).transpose()
}

/// Which packings a list shows.
#[derive(Debug, Clone, Copy, Default)]
pub struct PackingFilter {
    /// Only in this state.
    pub state: Option<PackingState>,
    /// Only of this carrier.
    pub courier: Option<CourierId>,
    /// Only of this sender.
    pub site: Option<SiteId>,
}

/// Packings, newest first, before one identifier, at most so many.
pub fn list_packings(
    conn: &mut AnyConn,
    wanted: &PackingFilter,
    before: Option<&str>,
    rows: i64,
) -> Result<Vec<Packing>, StoreError> {
    let mut query = packings::table.order(packings::id.desc()).limit(rows).into_boxed();
    if let Some(state) = wanted.state {
        query = query.filter(packings::state.eq(state.as_str()));
    }
    if let Some(courier) = wanted.courier {
        query = query.filter(packings::courier_id.eq(courier.to_string()));
    }
    if let Some(site) = wanted.site {
        query = query.filter(packings::site_id.eq(site.to_string()));
    }
    if let Some(before) = before {
        query = query.filter(packings::id.lt(before.to_owned()));
    }
    query.load::<PackingRow>(conn)?.into_iter().map(Packing::try_from).collect()
}

/// Every packing in force.
pub fn active_packings(conn: &mut AnyConn) -> Result<Vec<Packing>, StoreError> {
    let rows = packings::table
        .filter(packings::state.eq(PackingState::Active.as_str()))
        .order(packings::id.asc())
        .load::<PackingRow>(conn)?;
    rows.into_iter().map(Packing::try_from).collect()
}

/// Supersedes or retires a packing that is in force and still has this version; false when it is not or has not.
pub fn end_packing(
    conn: &mut AnyConn,
    id: PackingId,
    expected: i64,
    state: PackingState,
    (at, why): (Instant, &str),
) -> Result<bool, StoreError> {
    let target = packings::table
        .filter(packings::id.eq(id.to_string()))
        .filter(packings::version.eq(expected))
        .filter(packings::state.eq(PackingState::Active.as_str()));
    let changed = diesel::update(target)
        .set((
            packings::state.eq(state.as_str()),
            packings::ended_at.eq(Some(at.micros())),
            packings::end_reason.eq(Some(why)),
            packings::version.eq(expected + 1),
        ))
        .prepared()
        .execute(conn)?;
    Ok(changed == 1)
}

/// The weather that a site noted.
#[derive(Debug, Clone)]
pub struct NotedClimate {
    /// The site.
    pub site_id: SiteId,
    /// Its weather.
    pub climate: Climate,
    /// Where the figures come from.
    pub source: String,
    /// Who noted it.
    pub noted_by: String,
    /// When.
    pub noted_at: Instant,
}

/// The weather of a site, where it is noted.
pub fn find_climate(conn: &mut AnyConn, site: SiteId) -> Result<Option<NotedClimate>, StoreError> {
    type Row = (String, String, String, String, i64);
    let Some((_, highs, source, noted_by, noted_at)) =
        site_climates::table.find(site.to_string()).first::<Row>(conn).optional()?
    else {
        return Ok(None);
    };
    let climate = from_json(&format!("climate of {site}"), "highs", &highs)?;
    let noted_at = Instant::from_micros(noted_at);
    Ok(Some(NotedClimate { site_id: site, climate, source, noted_by, noted_at }))
}

/// The weather of every site that noted it.
pub fn all_climates(conn: &mut AnyConn) -> Result<BTreeMap<SiteId, Climate>, StoreError> {
    let rows =
        site_climates::table.select((site_climates::site_id, site_climates::highs)).load::<(String, String)>(conn)?;
    let read = |(site, highs): (String, String)| {
        let row = format!("climate of {site}");
        Ok((from_text(&row, "site_id", &site)?, from_json(&row, "highs", &highs)?))
    };
    rows.into_iter().map(read).collect()
}

/// Notes the weather of a site, in place of what was noted.
pub fn put_climate(conn: &mut AnyConn, noted: &NotedClimate) -> Result<(), StoreError> {
    let (site, highs) = (noted.site_id.to_string(), to_json(&noted.climate)?);
    let values = (
        site_climates::highs.eq(highs),
        site_climates::source.eq(&noted.source),
        site_climates::noted_by.eq(&noted.noted_by),
        site_climates::noted_at.eq(noted.noted_at.micros()),
    );
    let target = site_climates::table.filter(site_climates::site_id.eq(&site));
    if diesel::update(target).set(values.clone()).prepared().execute(conn)? == 0 {
        diesel::insert_into(site_climates::table)
            .values((site_climates::site_id.eq(site), values))
            .prepared()
            .execute(conn)?;
    }
    Ok(())
}

/// What a transfer's plan was proven with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlanRow {
    /// The packing.
    pub packing_id: PackingId,
    /// Its containers.
    pub containers: i64,
    /// The weather of the day, where it was known.
    pub ambient: Option<Celsius>,
    /// Minutes for which the packing holds in it.
    pub hold_minutes: i64,
    /// Minutes on the road.
    pub road_minutes: i64,
    /// Minutes added to them.
    pub margin_minutes: i64,
    /// The carrier collects no later.
    pub cut_off_at: Option<Instant>,
    /// The receiver's door closes then.
    pub door_closes_at: Option<Instant>,
    /// When it was proven.
    pub proven_at: Instant,
}

/// Adds a proof to a transfer; the last one counts.
pub fn insert_plan(conn: &mut AnyConn, transfer: TransferId, plan: &PlanRow) -> Result<(), StoreError> {
    let transfer = transfer.to_string();
    let last: Option<i64> = transfer_plans::table
        .filter(transfer_plans::transfer_id.eq(&transfer))
        .select(max(transfer_plans::revision))
        .first(conn)?;
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
    } = *plan;
    diesel::insert_into(transfer_plans::table)
        .values((
            transfer_plans::transfer_id.eq(transfer),
            transfer_plans::revision.eq(last.unwrap_or(0) + 1),
            transfer_plans::packing_id.eq(packing_id.to_string()),
            transfer_plans::containers.eq(containers),
            transfer_plans::ambient_hundredths.eq(ambient.map(Celsius::hundredths)),
            transfer_plans::hold_minutes.eq(hold_minutes),
            transfer_plans::road_minutes.eq(road_minutes),
            transfer_plans::margin_minutes.eq(margin_minutes),
            transfer_plans::cut_off_at.eq(cut_off_at.map(Instant::micros)),
            transfer_plans::door_closes_at.eq(door_closes_at.map(Instant::micros)),
            transfer_plans::proven_at.eq(proven_at.micros()),
        ))
        .prepared()
        .execute(conn)?;
    Ok(())
}

/// The last proof of a transfer; none for one that was planned before proofs were kept.
pub fn find_plan(conn: &mut AnyConn, transfer: TransferId) -> Result<Option<PlanRow>, StoreError> {
    type Row = (String, i64, String, i64, Option<i64>, i64, i64, i64, Option<i64>, Option<i64>, i64);
    let row = transfer_plans::table
        .filter(transfer_plans::transfer_id.eq(transfer.to_string()))
        .order(transfer_plans::revision.desc())
        .first::<Row>(conn)
        .optional()?;
    let Some((_, _, packing, containers, ambient, hold, road, margin, cut_off, door, proven)) = row else {
        return Ok(None);
    };
    Ok(Some(PlanRow {
        packing_id: from_text(&format!("plan of {transfer}"), "packing_id", &packing)?,
        containers,
        ambient: ambient.map(Celsius::from_hundredths),
        hold_minutes: hold,
        road_minutes: road,
        margin_minutes: margin,
        cut_off_at: cut_off.map(Instant::from_micros),
        door_closes_at: door.map(Instant::from_micros),
        proven_at: Instant::from_micros(proven),
    }))
}
