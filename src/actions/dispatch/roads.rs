//! Road and time between sites: the great circle and its detour, or what a routing service said, corrected by
//! how long the same leg took before at the same hour. Everything is read from tables: nobody is asked inside a
//! transaction.

use crate::actions::{ActionError, Call, Hub};
use crate::domain::border::BorderTimes;
use crate::domain::courier::road_m;
use crate::domain::dispatch::{Leg, Matrix};
use crate::domain::geography::Position;
use crate::domain::ids::{SiteId, TransferId};
use crate::domain::site::Site;
use crate::domain::time::Instant;
use crate::store::dispatch::roads::{self, MeasuredLegs, RoadRow};
use crate::store::dispatch::vehicles::ShiftRow;
use crate::store::{AnyConn, borders, sites, transfers};
use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::pin::Pin;

/// What a routing service said is asked again after so many days.
const FRESH_DAYS: i64 = 30;

/// An answer of a routing service for places in order: rows from, columns to; none where there is no road.
pub type RoadTable = Vec<Vec<Option<Leg>>>;
/// The future of such an answer.
pub type RoadAnswer<'a> = Pin<Box<dyn Future<Output = Result<RoadTable, RoadFault>> + Send + 'a>>;

/// Why a routing service gave no answer. Planning goes on with the great circle.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the routing service gave no usable answer: {0}")]
pub struct RoadFault(pub String);

/// A service that knows roads.
pub trait RoadService: Send + Sync {
    /// Roads between all of these places.
    fn table<'a>(&'a self, places: &'a [Position]) -> RoadAnswer<'a>;
}

/// Sites of a plan with the roads between them.
#[derive(Debug, Clone, Default)]
pub struct Roads {
    /// The sites, each at the index of its place.
    pub places: Vec<Site>,
    index: BTreeMap<SiteId, usize>,
    known: BTreeMap<(SiteId, SiteId), RoadRow>,
    measured: MeasuredLegs,
    borders: BorderTimes,
}

impl Roads {
    /// Loads some sites and what is known of the roads between them. Unknown sites are left out.
    pub(super) fn load(conn: &mut AnyConn, ids: &BTreeSet<SiteId>) -> Result<Self, ActionError> {
        let mut places = Vec::new();
        let mut index = BTreeMap::new();
        for id in ids {
            if let Some(site) = sites::find_site(conn, *id)? {
                index.insert(*id, places.len());
                places.push(site);
            }
        }
        let wanted: Vec<SiteId> = ids.iter().copied().collect();
        let known = roads::list_roads(conn, &wanted)?;
        let measured = roads::list_leg_times(conn, &wanted)?;
        let known = known.into_iter().map(|row| ((row.from_site_id, row.to_site_id), row)).collect();
        Ok(Self { places, index, known, measured, borders: borders::border_times(conn)? })
    }

    /// The place of a site.
    pub(super) fn place_of(&self, id: SiteId) -> Option<usize> {
        self.index.get(&id).copied()
    }

    /// A site of the plan.
    pub(super) fn site(&self, id: SiteId) -> Option<&Site> {
        self.places.get(self.place_of(id)?)
    }

    /// The road between two sites for a vehicle of this speed, as it is estimated, with the border between them.
    pub(super) fn estimate(&self, from: &Site, to: &Site, speed_kmh: i64) -> Leg {
        if from.id == to.id {
            return Leg { metres: 0, seconds: 0 };
        }
        let border_s = self.borders.minutes(from.country, to.country).saturating_mul(60);
        let (metres, seconds) = self.known.get(&(from.id, to.id)).map_or_else(
            || {
                let metres = road_m(from.position.distance_m(to.position));
                (metres, seconds_on(metres, speed_kmh))
            },
            |row| (row.distance_m, row.duration_s),
        );
        Leg { metres, seconds: seconds.saturating_add(border_s) }
    }

    /// Every road for a vehicle of this speed, with what was measured.
    pub(super) fn matrix(&self, speed_kmh: i64) -> Matrix {
        let nowhere = Leg { metres: 0, seconds: 0 };
        let mut matrix =
            Matrix::between(self.places.len(), |from, to| match (self.places.get(from), self.places.get(to)) {
                (Some(from), Some(to)) => self.estimate(from, to, speed_kmh),
                _ => nowhere,
            });
        for ((from, to), times) in &self.measured {
            if let (Some(from), Some(to)) = (self.place_of(*from), self.place_of(*to)) {
                let estimate = matrix.leg(from, to).seconds;
                matrix.correct(from, to, times.corrected(estimate));
            }
        }
        matrix
    }

    /// True when a fresh answer of a routing service is kept for every pair.
    fn all_known(&self, now: Instant) -> bool {
        let fresh = |from: &Site, to: &Site| {
            let row = self.known.get(&(from.id, to.id));
            row.is_some_and(|row| row.asked_at.plus_days(FRESH_DAYS) > now)
        };
        let mut pairs = self.places.iter().flat_map(|from| self.places.iter().map(move |to| (from, to)));
        pairs.all(|(from, to)| from.id == to.id || fresh(from, to))
    }
}

/// Asks the routing service for roads that are not known yet, and keeps its answer; true when every road of the
/// plan comes from it. A service that is dead or slow costs nothing but its time: the great circle serves then.
pub(super) async fn refresh(hub: &Hub, shifts: &[ShiftRow], boxes: &[TransferId]) -> bool {
    let Some(service) = hub.dispatching.roads.clone() else { return false };
    let (shifts, boxes, now) = (shifts.to_vec(), boxes.to_vec(), hub.clock.now());
    let loaded = hub
        .read(move |conn| {
            let mut ids: BTreeSet<SiteId> = shifts.iter().map(|shift| shift.start_site_id).collect();
            ids.extend(shifts.iter().filter_map(|shift| shift.end_site_id));
            for id in boxes {
                if let Some(row) = transfers::find_transfer(conn, id)? {
                    ids.extend([row.from_site_id, row.to_site_id]);
                }
            }
            Roads::load(conn, &ids)
        })
        .await;
    let Ok(roads) = loaded else { return false };
    if roads.all_known(now) {
        return true;
    }
    let places: Vec<Position> = roads.places.iter().map(|site| site.position).collect();
    let table = match service.table(&places).await {
        Ok(table) => table,
        Err(fault) => {
            tracing::warn!(%fault, "roads are estimated by the great circle");
            return false;
        }
    };
    let rows = rows_of(&roads.places, &table, now);
    let whole = rows.len() == places.len() * places.len().saturating_sub(1);
    let kept = hub.write_quietly(&Call::by_hub(), move |tx| Ok(roads::keep_roads(tx.conn, &rows)?)).await;
    kept.is_ok() && whole
}

fn rows_of(places: &[Site], table: &RoadTable, now: Instant) -> Vec<RoadRow> {
    let mut rows = Vec::new();
    for (from, answers) in places.iter().zip(table) {
        for (to, leg) in places.iter().zip(answers) {
            if let (Some(leg), true) = (leg, from.id != to.id) {
                rows.push(RoadRow {
                    from_site_id: from.id,
                    to_site_id: to.id,
                    distance_m: leg.metres,
                    duration_s: leg.seconds,
                    asked_at: now,
                });
            }
        }
    }
    rows
}

/// Seconds for so many metres at a mean speed, rounded up.
pub(super) const fn seconds_on(metres: i64, speed_kmh: i64) -> i64 {
    let metres_per_hour = if speed_kmh > 0 { speed_kmh.saturating_mul(1000) } else { 1 };
    metres.saturating_mul(3600).saturating_add(metres_per_hour - 1) / metres_per_hour
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_rounded_up_to_whole_seconds() {
        assert_eq!(seconds_on(1_000, 60), 60);
        assert_eq!(seconds_on(1_001, 60), 61);
        assert_eq!(seconds_on(0, 60), 0);
    }
}
