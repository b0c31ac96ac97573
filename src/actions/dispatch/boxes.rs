//! A transfer as a box to be carried: when its doors are open, its deadline, how long it holds, how urgent it is.

use super::roads::Roads;
use crate::actions::ActionError;
use crate::actions::network::live_site;
use crate::domain::closure::Closure;
use crate::domain::courier::{Courier, Place};
use crate::domain::dispatch::{Load, StopKind, Visit, Window, open_windows, seconds_of};
use crate::domain::geography::Position;
use crate::domain::ids::{RequestId, SiteId, TransferId};
use crate::domain::network::PREPARE_MINUTES;
use crate::domain::packing::{Packing, road_within};
use crate::domain::policy::Form;
use crate::domain::site::Site;
use crate::domain::time::Instant;
use crate::domain::transfer::TransferState;
use crate::store::AnyConn;
use crate::store::dispatch::vehicles::VehicleRow;
use crate::store::packings::{self, PlanRow};
use crate::store::requests;
use crate::store::transfers::{self, TransferRow};

/// No limit: longer than any milk lasts, seconds.
const ENDLESS_S: i64 = 1_000_000_000;

/// Minutes at a door for one box.
pub const DOOR_MINUTES: i64 = 10;
/// Days that a plan looks ahead.
const HORIZON_DAYS: i64 = 7;
/// What leaving a box of the last tier behind costs, thousandths of a cent; each tier before it four times as much.
const LEAST_WEIGHT: i64 = 10_000_000_000;
const TIERS: i64 = 6;

/// A box on one vehicle's part of its way.
#[derive(Debug, Clone)]
pub struct BoxFacts {
    /// Its transfer.
    pub transfer: TransferRow,
    /// The most urgent tier of its milk, 1 first.
    pub tier: i64,
    /// The deadline: when its milk is first needed.
    pub needed_by: Instant,
    /// Its milk is of no use after this.
    pub keeps_until: Instant,
    /// Minutes that the receiver's policy allows on the road.
    pub max_transit_minutes: Option<i64>,
    /// Forms of its milk.
    pub forms: Vec<Form>,
    /// Where it comes aboard, and how.
    pub from: (SiteId, StopKind),
    /// Where it leaves, and how.
    pub to: (SiteId, StopKind),
    /// It does not come aboard before this.
    pub ready_at: Instant,
    /// What its plan was proven with; none for one that was planned before proofs were kept.
    pub plan: Option<PlanRow>,
}

/// A vehicle as a box sees it.
pub(super) struct Carrying<'a> {
    /// Who sends it.
    pub(super) courier: &'a Courier,
    /// Where that one's base lies.
    pub(super) base: Option<Position>,
    /// The vehicle.
    pub(super) vehicle: &'a VehicleRow,
    /// The packings that may be planned with.
    pub(super) packings: &'a [Packing],
}

impl BoxFacts {
    /// Loads a box for its whole way.
    pub(super) fn load(conn: &mut AnyConn, id: TransferId, now: Instant) -> Result<Option<Self>, ActionError> {
        let Some(transfer) = transfers::find_transfer(conn, id)? else { return Ok(None) };
        let wanted: Vec<RequestId> =
            transfers::list_allocations_of(conn, id)?.into_iter().map(|allocation| allocation.request_id).collect();
        let asked = requests::list_requests_by_id(conn, &wanted)?;
        let manifest = transfers::list_manifest(conn, id)?;
        let keeps_until = manifest.iter().map(|line| line.lot_expires_at).min();
        let keeps_until = keeps_until.unwrap_or(transfer.planned_delivery_at);
        let mut forms: Vec<Form> = manifest.iter().filter_map(|line| line.lot_form.parse().ok()).collect();
        forms.sort_unstable();
        forms.dedup();
        let needed_by = asked.iter().map(|request| request.needed_by).min().unwrap_or(transfer.planned_delivery_at);
        let tier = asked.iter().map(|request| request.tier).min().unwrap_or(TIERS);
        let max_transit_minutes = match live_site(conn, transfer.to_site_id) {
            Ok(Some(site)) => site.policy.values.delivery.max_transit_h.value.map(|hours| i64::from(hours) * 60),
            Ok(None) | Err(ActionError::Refused(_)) => None,
            Err(other) => return Err(other),
        };
        let prepare = if transfer.state == TransferState::Planned { PREPARE_MINUTES } else { 0 };
        Ok(Some(Self {
            tier,
            needed_by: needed_by.min(keeps_until),
            keeps_until,
            max_transit_minutes,
            forms,
            from: (transfer.from_site_id, StopKind::Pickup),
            to: (transfer.to_site_id, StopKind::Delivery),
            ready_at: now.plus_minutes(prepare),
            plan: packings::find_plan(conn, id)?,
            transfer,
        }))
    }

    /// What leaving it behind costs, thousandths of a cent.
    pub(super) fn weight(&self) -> i64 {
        let steps = u32::try_from((TIERS - self.tier).clamp(0, TIERS)).unwrap_or(0);
        LEAST_WEIGHT.saturating_mul(4_i64.saturating_pow(steps))
    }

    /// The two visits of its way. With `late` the deadline is the milk's own end, not its need.
    pub(super) fn visits(
        &self,
        roads: &Roads,
        closures: &[Closure],
        now: Instant,
        late: bool,
    ) -> Option<(Visit, Visit)> {
        let horizon = (now.plus_days(-1), now.plus_days(HORIZON_DAYS));
        let windows = |site: &Site| open_windows(site.id, &site.opening_hours, &site.time_zone, closures, horizon);
        let within = |windows: Vec<Window>, span: Window| -> Vec<Window> {
            windows.into_iter().filter_map(|window| window.shared(span)).collect()
        };
        let (from, to) = (roads.site(self.from.0)?, roads.site(self.to.0)?);
        let deadline = if late { self.keeps_until } else { self.needed_by };
        let by = seconds_of(deadline);
        let pickup = Window { from: seconds_of(self.ready_at), until: by };
        let delivery = Window { from: i64::MIN, until: by };
        Some((
            Visit {
                place: roads.place_of(from.id)?,
                windows: within(windows(from), pickup),
                service_s: DOOR_MINUTES * 60,
            },
            Visit {
                place: roads.place_of(to.id)?,
                windows: within(windows(to), delivery),
                service_s: DOOR_MINUTES * 60,
            },
        ))
    }

    /// What it is in a vehicle; none when that may not carry it.
    pub(super) fn load_in(&self, roads: &Roads, by: &Carrying<'_>, now: Instant) -> Option<Load> {
        let place = |id| roads.site(id).map(|site| Place { position: site.position, country: site.country });
        let (from, to) = (place(self.from.0)?, place(self.to.0)?);
        let packed = Courier { packaging: by.vehicle.packaging.clone(), ..by.courier.clone() };
        let may = packed.refuses(now).is_none()
            && packed.serves(by.base?, from, to)
            && self.forms.iter().all(|form| packed.carries(*form));
        let (volume, box_ml) = (self.transfer.volume_ml.ml(), by.vehicle.box_ml.ml());
        let boxes = (volume.saturating_add(box_ml - 1) / box_ml.max(1)).max(1);
        let hold_s = self.hold_minutes(by, now).filter(|_| may)?.saturating_mul(60);
        Some(Load { boxes, hold_s })
    }

    /// Seconds for which it may be out of the freezer in any vehicle: what the receiver's policy allows, and what a box
    /// that is packed was packed for, whatever becomes of its vehicle.
    pub(super) fn limit_s(&self) -> i64 {
        let packed = (self.transfer.state != TransferState::Planned)
            .then(|| self.plan.as_ref().map_or(self.transfer.max_duration_minutes, |plan| plan.hold_minutes));
        let limits = [self.max_transit_minutes, packed];
        limits.into_iter().flatten().map(|minutes| minutes.saturating_mul(60)).min().unwrap_or(ENDLESS_S)
    }

    /// Minutes for which it holds in a vehicle: as its packing was proven, in the weather of that day. Another carrier
    /// packs anew, in the same packing if that is also its own, else in the one of its own that holds longest; none of
    /// them may do. Without a proof the vehicle's own figure counts.
    fn hold_minutes(&self, by: &Carrying<'_>, now: Instant) -> Option<i64> {
        let Some(plan) = &self.plan else { return Some(by.vehicle.hold_time_minutes) };
        // What a vehicle takes on at a depot was packed for its whole way by the first.
        let packed = self.transfer.state != TransferState::Planned || self.from.1 != StopKind::Pickup;
        if packed {
            return Some(plan.hold_minutes);
        }
        if self.transfer.courier_id == Some(by.courier.id) {
            return Some(road_within(plan.hold_minutes));
        }
        let holding = by.packings.iter().filter_map(|one| {
            let fits = one.is_current(now)
                && one.is_for(by.courier.id, self.transfer.from_site_id)
                && self.forms.iter().all(|form| one.keeps(*form))
                && one.containers_for(self.transfer.volume_ml, self.transfer.bottles).is_some();
            one.hold_minutes(plan.ambient).filter(|_| fits).map(|minutes| (one.id == plan.packing_id, minutes))
        });
        holding.max().map(|(_, minutes)| road_within(minutes))
    }
}
