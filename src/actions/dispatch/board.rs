//! The board: what waits for a vehicle and what is on the road, the least to spare first.

use super::boxes::BoxFacts;
use super::positions::PositionRow;
use super::routes::{RouteDetail, RouteFilter, list_routes};
use crate::actions::ActionError;
use crate::actions::transfers::{TransferFilter, list_transfers};
use crate::domain::actor::Actor;
use crate::domain::courier::road_m;
use crate::domain::dispatch::{RouteState, slack_minutes};
use crate::domain::ids::TransferId;
use crate::domain::time::Instant;
use crate::domain::transfer::TransferState;
use crate::store::dispatch::{routes, vehicles};
use crate::store::transfers::TransferRow;
use crate::store::{AnyConn, borders, sites};
use std::collections::{BTreeMap, BTreeSet};

/// Boxes and routes that one board shows.
const MOST: i64 = 500;
/// Mean speed with which it is reckoned how soon a box without a vehicle could arrive, km/h.
const USUAL_KMH: i64 = 40;

/// A box that waits for a vehicle.
#[derive(Debug, Clone)]
pub struct WaitingBox {
    /// Its transfer.
    pub transfer: TransferRow,
    /// The most urgent tier of its milk, 1 first.
    pub tier: i64,
    /// Its deadline.
    pub needed_by: Instant,
    /// Minutes to spare if a vehicle came at once.
    pub slack_minutes: i64,
}

/// Everything that dispatchers watch.
#[derive(Debug, Clone, Default)]
pub struct Board {
    /// Boxes without a route, the least to spare first.
    pub waiting: Vec<WaitingBox>,
    /// Open routes, the least to spare first.
    pub routes: Vec<RouteDetail>,
    /// Where their vehicles were last.
    pub positions: Vec<PositionRow>,
    /// The most urgent tier in each box of a route, 1 first, where it is known.
    pub tiers: BTreeMap<TransferId, i64>,
}

/// Reads the board.
///
/// # Errors
/// Those of the store.
pub fn read_board(conn: &mut AnyConn, actor: &Actor, now: Instant) -> Result<Board, ActionError> {
    let open = vec![RouteState::Planned, RouteState::Assigned, RouteState::Running];
    let filter = RouteFilter { states: open, ..RouteFilter::default() };
    let mut found = list_routes(conn, actor, &filter, None, MOST)?;
    found.sort_by_key(|route| (route.slack_minutes().unwrap_or(i64::MAX), route.head.id));
    let ids: Vec<_> = found.iter().map(|route| route.head.vehicle_id).collect();
    let positions = vehicles::list_positions(conn, &ids)?;
    let waiting = if actor.role.spans_all_sites() { waiting_boxes(conn, actor, now)? } else { Vec::new() };
    let boxes: BTreeSet<TransferId> =
        found.iter().flat_map(|route| &route.stops).map(|stop| stop.transfer.id).collect();
    let tiers = routes::list_tiers(conn, &boxes.into_iter().collect::<Vec<_>>())?;
    Ok(Board { waiting, routes: found, positions, tiers })
}

/// Transfers that wait for a route.
pub(super) fn list_waiting(conn: &mut AnyConn, actor: &Actor) -> Result<Vec<TransferId>, ActionError> {
    let routed: BTreeSet<TransferId> = routes::list_routed_transfers(conn)?.into_iter().collect();
    let mut found = Vec::new();
    for state in [TransferState::Planned, TransferState::Packed] {
        let filter = TransferFilter { site: None, state: Some(state) };
        let rows = list_transfers(conn, actor, &filter, None, 2_000)?;
        found.extend(rows.into_iter().map(|row| row.id).filter(|id| !routed.contains(id)));
    }
    Ok(found)
}

fn waiting_boxes(conn: &mut AnyConn, actor: &Actor, now: Instant) -> Result<Vec<WaitingBox>, ActionError> {
    let mut found = Vec::new();
    let at_borders = borders::border_times(conn)?;
    for id in list_waiting(conn, actor)? {
        let Some(facts) = BoxFacts::load(conn, id, now)? else { continue };
        let ends = (sites::find_site(conn, facts.from.0)?, sites::find_site(conn, facts.to.0)?);
        let minutes = match ends {
            (Some(from), Some(to)) => {
                let road_s = super::roads::seconds_on(road_m(from.position.distance_m(to.position)), USUAL_KMH);
                road_s / 60 + at_borders.minutes(from.country, to.country)
            }
            _ => 0,
        };
        let arrives = facts.ready_at.plus_minutes(minutes + super::boxes::DOOR_MINUTES);
        found.push(WaitingBox {
            slack_minutes: slack_minutes(facts.needed_by, arrives),
            tier: facts.tier,
            needed_by: facts.needed_by,
            transfer: facts.transfer,
        });
    }
    found.sort_by_key(|one| (one.slack_minutes, one.tier, one.transfer.id));
    found.truncate(usize::try_from(MOST).unwrap_or(usize::MAX));
    Ok(found)
}
