//! What carriers did between two instants: share on time, kilometres per litre, cost, causes of delay; by carrier
//! and by pair of sites.

use super::shifts::own_couriers;
use crate::actions::ActionError;
use crate::domain::actor::Actor;
use crate::domain::dispatch::{CarrierFigures, DeliveryFact, RouteState, StopKind, StopState, on_time_figures};
use crate::domain::ids::{CourierId, RouteId, SiteId, TransferId};
use crate::domain::time::Instant;
use crate::store::AnyConn;
use crate::store::dispatch::routes::{self, RouteFilter, RouteRow, StopRow};
use crate::store::transfers::{self, TransferRow};
use std::collections::BTreeMap;

/// Routes read at a time.
const ROUTES_A_PAGE: i64 = 500;

/// Figures by carrier, and by pair of sites.
#[derive(Debug, Clone, Default)]
pub struct CarrierReport {
    /// By carrier.
    pub carriers: BTreeMap<CourierId, CarrierFigures>,
    /// By sender and receiver.
    pub pairs: BTreeMap<(SiteId, SiteId), CarrierFigures>,
}

/// Adds up every route that was over between two instants.
///
/// # Errors
/// Those of the store.
pub fn report_carriers(
    conn: &mut AnyConn,
    actor: &Actor,
    from: Instant,
    until: Instant,
) -> Result<CarrierReport, ActionError> {
    let filter = RouteFilter {
        couriers: own_couriers(conn, actor)?,
        states: vec![RouteState::Finished],
        ends_after: Some(from),
        starts_before: Some(until),
        ..RouteFilter::default()
    };
    let (mut by_carrier, mut by_pair) = (Vec::new(), Vec::new());
    let mut after: Option<RouteId> = None;
    loop {
        let heads = routes::list_routes(conn, &filter, after, ROUTES_A_PAGE)?;
        let Some(last) = heads.last().map(|head| head.id) else { break };
        let ids: Vec<RouteId> = heads.iter().map(|head| head.id).collect();
        let stops = routes::list_stops(conn, &ids)?;
        for head in &heads {
            let own: Vec<&StopRow> = stops.iter().filter(|stop| stop.route_id == head.id).collect();
            for (pair, fact) in facts_of(conn, head, &own)? {
                by_pair.push(DeliveryFact {
                    key: pair,
                    late_minutes: fact.late_minutes,
                    volume_ml: fact.volume_ml,
                    metres: fact.metres,
                    cost_cents: fact.cost_cents,
                    problems: fact.problems.clone(),
                });
                by_carrier.push(fact);
            }
        }
        after = Some(last);
    }
    Ok(CarrierReport { carriers: on_time_figures(&by_carrier), pairs: on_time_figures(&by_pair) })
}

type PairFact = ((SiteId, SiteId), DeliveryFact<CourierId>);

/// The deliveries of a route, each with its part of the road and the cost, by volume.
fn facts_of(conn: &mut AnyConn, head: &RouteRow, stops: &[&StopRow]) -> Result<Vec<PairFact>, ActionError> {
    let mut boxes: BTreeMap<TransferId, TransferRow> = BTreeMap::new();
    for stop in stops {
        if let Some(row) = transfers::find_transfer(conn, stop.transfer_id)? {
            boxes.insert(row.id, row);
        }
    }
    let all: i64 = boxes.values().map(|row| row.volume_ml.ml()).sum::<i64>().max(1);
    let ends = stops.iter().filter(|stop| stop.kind == StopKind::Delivery);
    Ok(ends
        .filter_map(|stop| {
            let row = boxes.get(&stop.transfer_id)?;
            let volume_ml = row.volume_ml.ml();
            let problems = stops.iter().filter(|one| one.transfer_id == row.id).filter_map(|one| one.problem);
            let done = stop.done_at.filter(|_| stop.state == StopState::Done);
            let fact = DeliveryFact {
                key: head.courier_id,
                late_minutes: done.map(|done| done.minutes_since(stop.due_at)),
                volume_ml,
                metres: head.distance_m.saturating_mul(volume_ml) / all,
                cost_cents: head.cost_cents.saturating_mul(volume_ml) / all,
                problems: problems.collect(),
            };
            Some(((row.from_site_id, row.to_site_id), fact))
        })
        .collect())
}
