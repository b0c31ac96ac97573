//! What dispatch knows of the roads that matching pays for: routes that drive between two sites anyway and have room,
//! and the real length of roads where a routing service said it.

use crate::actions::ActionError;
use crate::domain::dispatch::{Call, RouteState, rides};
use crate::domain::ids::{RouteId, SiteId, TransferId, VehicleId};
use crate::domain::time::Instant;
use crate::store::dispatch::routes::{self, RouteFilter, StopRow};
use crate::store::dispatch::{roads, vehicles};
use crate::store::{AnyConn, transfers};
use std::collections::BTreeMap;

/// Routes that one run looks at.
const MOST_ROUTES: i64 = 2_000;
/// Milk that is offered now is answered for, packed and ready after so many minutes.
const READY_MINUTES: i64 = 60;

/// Roads as dispatch knows them.
#[derive(Debug, Clone, Default)]
pub struct Trips {
    rides: BTreeMap<(SiteId, SiteId), Instant>,
    roads: BTreeMap<(SiteId, SiteId), i64>,
}

impl Trips {
    /// Loads what is known of the roads from some sites to some others.
    pub fn load(conn: &mut AnyConn, now: Instant, from: &[SiteId], to: &[SiteId]) -> Result<Self, ActionError> {
        let mut known = Self::default();
        for (from, to, metres) in roads::list_distances(conn, from, to)? {
            known.roads.insert((from, to), metres);
        }
        let states = vec![RouteState::Planned, RouteState::Assigned, RouteState::Running];
        let filter = RouteFilter { states, ends_after: Some(now), ..RouteFilter::default() };
        let heads = routes::list_routes(conn, &filter, None, MOST_ROUTES)?;
        if heads.is_empty() {
            return Ok(known);
        }
        let ids: Vec<RouteId> = heads.iter().map(|head| head.id).collect();
        let of_vehicles: Vec<VehicleId> = heads.iter().map(|head| head.vehicle_id).collect();
        let rooms: BTreeMap<VehicleId, (i64, i64)> = vehicles::list_vehicles_by_id(conn, &of_vehicles)?
            .into_iter()
            .map(|row| (row.id, (row.boxes, row.box_ml.ml().max(1))))
            .collect();
        let mut stops: BTreeMap<RouteId, Vec<StopRow>> = BTreeMap::new();
        for stop in routes::list_stops(conn, &ids)? {
            stops.entry(stop.route_id).or_default().push(stop);
        }
        let mut volumes: BTreeMap<TransferId, i64> = BTreeMap::new();
        for stop in stops.values().flatten() {
            if !volumes.contains_key(&stop.transfer_id)
                && let Some(row) = transfers::find_transfer(conn, stop.transfer_id)?
            {
                volumes.insert(stop.transfer_id, row.volume_ml.ml());
            }
        }
        for head in &heads {
            let (Some((room, box_ml)), Some(stops)) = (rooms.get(&head.vehicle_id), stops.get(&head.id)) else {
                continue;
            };
            let boxes = |stop: &StopRow| {
                let volume = volumes.get(&stop.transfer_id).copied().unwrap_or_default();
                let count = (volume + box_ml - 1) / box_ml;
                if stop.kind.loads() { count } else { -count }
            };
            known.add(stops, *room, &boxes, now);
        }
        Ok(known)
    }

    /// Adds what a route could take along.
    fn add(&mut self, stops: &[StopRow], room: i64, boxes: &dyn Fn(&StopRow) -> i64, now: Instant) {
        let done = stops.iter().filter(|stop| stop.state == crate::domain::dispatch::StopState::Done);
        let aboard: i64 = done.map(boxes).sum();
        let ahead = stops.iter().filter(|stop| stop.state.is_ahead());
        let calls: Vec<Call> =
            ahead.map(|stop| Call { site: stop.site_id, eta: stop.eta_at, boxes: boxes(stop) }).collect();
        for (pair, arrives) in rides(&calls, aboard, room, now.plus_minutes(READY_MINUTES)) {
            let earliest = self.rides.entry(pair).or_insert(arrives);
            *earliest = (*earliest).min(arrives);
        }
    }

    /// True when a route drives between the two sites anyway, has room, and is there in time.
    #[must_use]
    pub fn ride_before(&self, from: SiteId, to: SiteId, needed_by: Instant) -> bool {
        self.rides.get(&(from, to)).is_some_and(|arrives| *arrives <= needed_by)
    }

    /// The length of the road, metres, where a routing service said it.
    #[must_use]
    pub fn road_m(&self, from: SiteId, to: SiteId) -> Option<i64> {
        self.roads.get(&(from, to)).copied()
    }
}
