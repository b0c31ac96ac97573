//! Planning many boxes at once: asked for, worked on outside any transaction with progress and cancel, written
//! inside one. What changed meanwhile is left out and named; the best plan until then is kept.

use super::board::list_waiting;
use super::planning::{Applied, apply};
use super::roads::{RoadService, refresh};
use super::shifts::own_couriers;
use super::world::{Scope, World};
use crate::actions::{ActionError, Call, Happening, Hub, Tx, stored};
use crate::domain::actor::Actor;
use crate::domain::dispatch::{OwnPlanner, Plan, PlanState, Planner, Progress, ShiftState, Watch};
use crate::domain::ids::{RoutePlanId, ShiftId, TransferId};
use crate::domain::time::Instant;
use crate::store::AnyConn;
use crate::store::dispatch::plans as rows;
pub use crate::store::dispatch::plans::PlanRow;
use crate::store::dispatch::vehicles::{self, ShiftFilter, ShiftRow};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The longest that a planning may take.
pub const MOST_SECONDS: i64 = 120;
/// Shifts that one planning looks at.
const MOST_SHIFTS: i64 = 2_000;
/// Shifts that begin later than this are left for another planning.
const AHEAD_HOURS: i64 = 36;
/// The clock of a planning ticks this often.
const TICK: Duration = Duration::from_millis(50);
/// Progress is shown, and a wish to stop looked for, every so many ticks.
const TICKS_A_LOOK: u32 = 10;
/// A planning that nobody moved on for so long was left behind by a process that ended.
const LEFT_BEHIND_MINUTES: i64 = 3;

/// What the hub plans with.
pub struct Dispatching {
    /// Makes the plans.
    pub planner: Box<dyn Planner>,
    /// Knows roads; without one, the great circle and its detour.
    pub roads: Option<Arc<dyn RoadService>>,
}

impl Default for Dispatching {
    fn default() -> Self {
        Self { planner: Box::new(OwnPlanner), roads: None }
    }
}

/// What somebody wants planned.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanRoutes {
    /// These transfers; all that wait, if not given.
    pub transfer_ids: Option<Vec<TransferId>>,
    /// In these shifts; all that are open within a day and a half, if not given.
    pub shift_ids: Option<Vec<ShiftId>>,
    /// The time to plan in, seconds.
    pub time_limit_s: i64,
    /// What cannot come in time may come late, as long as its milk keeps.
    pub accept_late: bool,
    /// Routes that nobody was given yet may be planned anew.
    pub replan: bool,
}

/// Asks for a planning; start it with [`start`] after the commit.
///
/// # Errors
/// `Invalid` for a time that cannot be taken.
pub fn create_plan(tx: &mut Tx<'_>, command: &PlanRoutes) -> Result<PlanRow, ActionError> {
    if !(1..=MOST_SECONDS).contains(&command.time_limit_s) {
        return Err(ActionError::field("/time_limit_s", "out_of_range", format!("1 to {MOST_SECONDS}")));
    }
    let text = serde_json::to_string(command).map_err(|error| ActionError::Internal(error.to_string()))?;
    let row = PlanRow {
        id: RoutePlanId::new(tx.new_id()),
        state: PlanState::Queued,
        command: text,
        progress_permille: 0,
        routes: 0,
        unassigned: 0,
        cost_cents: 0,
        outcome: None,
        cancel_asked_at: None,
        created_by: tx.actor.id.clone(),
        created_at: tx.now,
        moved_at: tx.now,
        finished_at: None,
        version: 1,
    };
    rows::insert_plan(tx.conn, &row)?;
    note(tx, "route_plan.asked", &row)?;
    Ok(row)
}

fn note(tx: &mut Tx<'_>, kind: &'static str, row: &PlanRow) -> Result<(), ActionError> {
    tx.record(Happening {
        kind,
        subject_kind: "route_plan",
        subject_id: row.id.to_string(),
        site: None,
        other_site: None,
        network: false,
        data: &json!({"state": row.state, "routes": row.routes, "unassigned": row.unassigned}),
    })
}

/// A planning.
///
/// # Errors
/// `NotFound`.
pub fn get_plan(conn: &mut AnyConn, id: RoutePlanId) -> Result<PlanRow, ActionError> {
    rows::find_plan(conn, id)?.ok_or(ActionError::NotFound { what: "route plan" })
}

/// A page of plannings, newest first.
///
/// # Errors
/// Those of the store.
pub fn list_plans(
    conn: &mut AnyConn,
    before: Option<RoutePlanId>,
    rows_wanted: i64,
) -> Result<Vec<PlanRow>, ActionError> {
    Ok(rows::list_plans(conn, before, rows_wanted)?)
}

/// Asks a planning to stop; the best plan until then is kept.
///
/// # Errors
/// `NotFound`; `Conflict` when it is over.
pub fn cancel_plan(tx: &mut Tx<'_>, id: RoutePlanId) -> Result<PlanRow, ActionError> {
    let mut row = get_plan(tx.conn, id)?;
    if row.finished_at.is_some() {
        return Err(ActionError::conflict("plan_over", format!("This planning is {}.", row.state)));
    }
    let expected = row.version;
    row.cancel_asked_at = row.cancel_asked_at.or(Some(tx.now));
    row.version += 1;
    if !rows::update_plan(tx.conn, &row, expected)? {
        return Err(ActionError::Stale { current_version: row.version });
    }
    Ok(row)
}

/// Works on a planning in the background.
pub fn start(hub: &Hub, id: RoutePlanId) {
    let hub = hub.clone();
    tokio::spawn(async move {
        if let Err(error) = run_plan(&hub, id).await {
            tracing::warn!(%error, plan = %id, "a planning failed");
            let failed = hub.write_quietly(&Call::by_hub(), move |tx| fail(tx, id)).await;
            drop(failed);
        }
    });
}

/// Starts plannings that wait or were left behind; how many.
///
/// # Errors
/// Those of the store.
pub async fn resume(hub: &Hub) -> Result<usize, ActionError> {
    let since = hub.clock.now().plus_minutes(-LEFT_BEHIND_MINUTES);
    let left = hub.read(move |conn| Ok(rows::list_plans_to_run(conn, since)?)).await?;
    for row in &left {
        start(hub, row.id);
    }
    Ok(left.len())
}

fn fail(tx: &mut Tx<'_>, id: RoutePlanId) -> Result<(), ActionError> {
    let mut row = get_plan(tx.conn, id)?;
    let expected = row.version;
    row.state = PlanState::Failed;
    row.finished_at = Some(tx.now);
    row.version += 1;
    rows::update_plan(tx.conn, &row, expected)?;
    note(tx, "route_plan.failed", &row)
}

/// Works on a planning until it is over. Nothing happens when another process has it.
///
/// # Errors
/// Those of the store; `Conflict` for what cannot be planned at all.
pub async fn run_plan(hub: &Hub, id: RoutePlanId) -> Result<(), ActionError> {
    let Some((row, command)) = hub.write_quietly(&Call::by_hub(), move |tx| claim(tx, id)).await? else {
        return Ok(());
    };
    let asked = command.clone();
    let by = Actor::hub();
    let now = hub.clock.now();
    let (shifts, boxes) = hub.read(move |conn| wanted(conn, &by, &asked, now)).await?;
    let known = refresh(hub, &shifts, &boxes).await;
    let replan = command.replan;
    let (of, extra) = (shifts.clone(), boxes.clone());
    let world = hub
        .read(move |conn| World::load(conn, now, &of, Scope { extra: &extra, late: &[], replan, sites: &[] }))
        .await?;
    let limit = Duration::from_secs(u64::try_from(command.time_limit_s).unwrap_or(1));
    let (world, plan, cancelled) = search(hub, row.id, world, limit).await?;
    let applied = hub
        .write(&Call::by_hub(), move |tx| {
            let applied = apply(tx, &world, &plan, (&shifts, &boxes), &command)?;
            finish(tx, id, cancelled, known, &applied)
        })
        .await?;
    tracing::info!(plan = %id, routes = applied.routes, unassigned = applied.unassigned, "routes were planned");
    Ok(())
}

fn claim(tx: &mut Tx<'_>, id: RoutePlanId) -> Result<Option<(PlanRow, PlanRoutes)>, ActionError> {
    let mut row = get_plan(tx.conn, id)?;
    let left = row.state == PlanState::Running && row.moved_at <= tx.now.plus_minutes(-LEFT_BEHIND_MINUTES);
    if row.state != PlanState::Queued && !left {
        return Ok(None);
    }
    let expected = row.version;
    row.state = PlanState::Running;
    row.moved_at = tx.now;
    row.version += 1;
    if !rows::update_plan(tx.conn, &row, expected)? {
        return Ok(None);
    }
    let command = stored(&row.command)?;
    Ok(Some((row, command)))
}

/// The shifts and boxes that a planning is about.
fn wanted(
    conn: &mut AnyConn,
    by: &Actor,
    command: &PlanRoutes,
    now: Instant,
) -> Result<(Vec<ShiftRow>, Vec<TransferId>), ActionError> {
    let filter = ShiftFilter {
        couriers: own_couriers(conn, by)?,
        state: Some(ShiftState::Open),
        ends_after: Some(now),
        starts_before: Some(now.plus_hours(AHEAD_HOURS)),
        ..ShiftFilter::default()
    };
    let mut shifts = vehicles::list_shifts(conn, &filter, None, MOST_SHIFTS)?;
    if let Some(ids) = &command.shift_ids {
        shifts.retain(|shift| ids.contains(&shift.id));
    }
    let mut boxes = list_waiting(conn, by)?;
    if let Some(ids) = &command.transfer_ids {
        boxes.retain(|id| ids.contains(id));
    }
    Ok((shifts, boxes))
}

/// What a search and its clock share.
#[derive(Default)]
struct Shared {
    permille: AtomicI64,
    stop: AtomicBool,
    seen: Mutex<Option<Progress>>,
}

struct SharedWatch(Arc<Shared>);

impl Watch for SharedWatch {
    fn look(&mut self, progress: &Progress) -> Option<i64> {
        *self.0.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(*progress);
        let permille = self.0.permille.load(Ordering::Relaxed);
        (!self.0.stop.load(Ordering::Relaxed) && permille < 1000).then_some(permille)
    }
}

/// Searches on a thread of its own; the clock, progress and the wish to stop are looked after here.
async fn search(hub: &Hub, id: RoutePlanId, world: World, limit: Duration) -> Result<(World, Plan, bool), ActionError> {
    let shared = Arc::new(Shared::default());
    let (own, dispatching) = (Arc::clone(&shared), Arc::clone(&hub.dispatching));
    let mut working = tokio::task::spawn_blocking(move || {
        let plan = dispatching.planner.plan(&world.problem, &mut SharedWatch(own));
        (world, plan)
    });
    let begun = tokio::time::Instant::now();
    let mut ticks: u32 = 0;
    let joined = loop {
        tokio::select! {
            joined = &mut working => break joined,
            () = tokio::time::sleep(TICK) => {}
        }
        let passed = begun.elapsed().as_millis().saturating_mul(1000) / limit.as_millis().max(1);
        shared.permille.store(i64::try_from(passed).unwrap_or(1000).min(1000), Ordering::Relaxed);
        ticks = ticks.wrapping_add(1);
        if ticks.is_multiple_of(TICKS_A_LOOK) && show(hub, id, &shared).await? {
            shared.stop.store(true, Ordering::Relaxed);
        }
    };
    let (world, plan) = joined.map_err(|error| ActionError::Internal(format!("a planning did not end: {error}")))?;
    let plan = plan.map_err(|fault| ActionError::conflict("plan_impossible", fault.to_string()))?;
    Ok((world, plan, shared.stop.load(Ordering::Relaxed)))
}

/// Shows how far a planning is; true when somebody wants it to stop.
async fn show(hub: &Hub, id: RoutePlanId, shared: &Shared) -> Result<bool, ActionError> {
    let permille = shared.permille.load(Ordering::Relaxed);
    let seen = *shared.seen.lock().unwrap_or_else(PoisonError::into_inner);
    let figures = seen.map_or((0, 0), |seen| (i64::try_from(seen.unassigned).unwrap_or(0), seen.cost / 1000));
    hub.write_quietly(&Call::by_hub(), move |tx| {
        rows::note_progress(tx.conn, id, permille, figures, tx.now)?;
        Ok(get_plan(tx.conn, id)?.cancel_asked_at.is_some())
    })
    .await
}

/// Writes down what came of a planning.
fn finish(
    tx: &mut Tx<'_>,
    id: RoutePlanId,
    cancelled: bool,
    known_roads: bool,
    applied: &Applied,
) -> Result<PlanRow, ActionError> {
    let mut row = get_plan(tx.conn, id)?;
    let expected = row.version;
    row.state = if cancelled { PlanState::Cancelled } else { PlanState::Done };
    row.progress_permille = 1000;
    row.routes = i64::try_from(applied.routes.len()).unwrap_or(0);
    row.unassigned = i64::try_from(applied.unassigned.len()).unwrap_or(0);
    row.cost_cents = applied.routes.iter().map(|route| route.cost_cents).sum();
    let outcome = json!({
        "routes": applied.routes, "unassigned": applied.unassigned,
        "roads": if known_roads { "routing_service" } else { "great_circle" },
    });
    row.outcome = Some(outcome.to_string());
    row.finished_at = Some(tx.now);
    row.moved_at = tx.now;
    row.version += 1;
    if !rows::update_plan(tx.conn, &row, expected)? {
        return Err(ActionError::Stale { current_version: row.version });
    }
    note(tx, "route_plan.finished", &row)?;
    Ok(row)
}
