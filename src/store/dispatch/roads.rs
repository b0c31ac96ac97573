//! Roads between sites as a routing service said, and how long legs took.

use super::super::dialect::on_backend;
use super::super::schema::{leg_times, road_legs};
use super::super::{AnyConn, StoreError};
use crate::domain::ids::SiteId;
use crate::domain::road_time::LegTimes;
use crate::domain::time::Instant;
use diesel::prelude::*;
use std::collections::BTreeMap;

/// A road as a routing service said.
#[derive(Debug, Clone, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = road_legs, treat_none_as_null = true)]
pub struct RoadRow {
    /// From here.
    pub from_site_id: SiteId,
    /// To there.
    pub to_site_id: SiteId,
    /// Metres.
    pub distance_m: i64,
    /// Seconds.
    pub duration_s: i64,
    /// When it was asked.
    pub asked_at: Instant,
}

/// How long a leg took, summed over those that began in an hour of the day.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = leg_times)]
struct LegTimeRow {
    from_site_id: SiteId,
    to_site_id: SiteId,
    hour: i64,
    legs: i64,
    total_s: i64,
}

/// Keeps roads, in the place of what was known of the same pairs.
pub fn keep_roads(conn: &mut AnyConn, rows: &[RoadRow]) -> Result<(), StoreError> {
    for row in rows {
        on_backend!(conn, |c| diesel::insert_into(road_legs::table)
            .values(row.clone())
            .on_conflict((road_legs::from_site_id, road_legs::to_site_id))
            .do_update()
            .set(row.clone())
            .execute(c))?;
    }
    Ok(())
}

/// Metres from some sites to some others, where a routing service said.
pub fn list_distances(
    conn: &mut AnyConn,
    from: &[SiteId],
    to: &[SiteId],
) -> Result<Vec<(SiteId, SiteId, i64)>, StoreError> {
    Ok(road_legs::table
        .filter(road_legs::from_site_id.eq_any(from.to_vec()))
        .filter(road_legs::to_site_id.eq_any(to.to_vec()))
        .select((road_legs::from_site_id, road_legs::to_site_id, road_legs::distance_m))
        .load(conn)?)
}

/// Roads between some sites.
pub fn list_roads(conn: &mut AnyConn, sites: &[SiteId]) -> Result<Vec<RoadRow>, StoreError> {
    Ok(road_legs::table
        .filter(road_legs::from_site_id.eq_any(sites.to_vec()))
        .filter(road_legs::to_site_id.eq_any(sites.to_vec()))
        .order((road_legs::from_site_id, road_legs::to_site_id))
        .load(conn)?)
}

/// What was measured, by leg.
pub type MeasuredLegs = BTreeMap<(SiteId, SiteId), LegTimes>;

/// Measured times between some sites.
pub fn list_leg_times(conn: &mut AnyConn, sites: &[SiteId]) -> Result<MeasuredLegs, StoreError> {
    let between = leg_times::table
        .filter(leg_times::from_site_id.eq_any(sites.to_vec()))
        .filter(leg_times::to_site_id.eq_any(sites.to_vec()));
    Ok(by_leg(between.load(conn)?))
}

/// Every measured time.
pub fn all_leg_times(conn: &mut AnyConn) -> Result<MeasuredLegs, StoreError> {
    Ok(by_leg(leg_times::table.load(conn)?))
}

/// Measured times of one leg.
pub fn leg_times_of(conn: &mut AnyConn, from: SiteId, to: SiteId) -> Result<MeasuredLegs, StoreError> {
    let leg = leg_times::table.filter(leg_times::from_site_id.eq(from)).filter(leg_times::to_site_id.eq(to));
    Ok(by_leg(leg.load(conn)?))
}

fn by_leg(rows: Vec<LegTimeRow>) -> MeasuredLegs {
    let mut legs = MeasuredLegs::new();
    for LegTimeRow { from_site_id, to_site_id, hour, legs: measured, total_s } in rows {
        legs.entry((from_site_id, to_site_id)).or_default().add(hour, measured, total_s);
    }
    legs
}

/// Adds one measured leg.
pub fn add_leg_time(
    conn: &mut AnyConn,
    (from, to): (SiteId, SiteId),
    hour: i64,
    seconds: i64,
) -> Result<(), StoreError> {
    let row = LegTimeRow { from_site_id: from, to_site_id: to, hour, legs: 1, total_s: seconds };
    on_backend!(conn, |c| diesel::insert_into(leg_times::table)
        .values(row.clone())
        .on_conflict((leg_times::from_site_id, leg_times::to_site_id, leg_times::hour))
        .do_update()
        .set((leg_times::legs.eq(leg_times::legs + 1), leg_times::total_s.eq(leg_times::total_s + seconds)))
        .execute(c))?;
    Ok(())
}
