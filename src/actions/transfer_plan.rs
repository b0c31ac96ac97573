//! What must hold before a box is planned and before it leaves: carrier, road, temperature, sound milk. Every
//! reason against it is named.

use super::exceptions::in_force;
use super::network::{LiveSite, live_site};
use super::transfers::PlanTransfer;
use super::{ActionError, Tx};
use crate::domain::courier::{Courier, Place, road_m};
use crate::domain::ids::{BottleId, LotId, SiteId};
use crate::domain::lot::LotState;
use crate::domain::policy::{Form, FormRules, PolicyDocument};
use crate::domain::quantity::{Celsius, Volume};
use crate::domain::refusal::{Refusal, RefusalCode};
use crate::domain::time::Instant;
use crate::domain::transfer::{ShipmentFacts, shipment_failures};
use crate::store::offers::AllocationRow;
use crate::store::transfers::{self, TransferRow};
use crate::store::{closures, couriers, excursions, feeds, holds, lots, promises, sites};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How late a planned collection may be asked for: people plan while the driver waits.
const PLAN_LATE_MINUTES: i64 = 60;

/// A journey as it was found possible.
pub(super) struct JourneyPlan {
    pub(super) from: SiteId,
    pub(super) to: SiteId,
    pub(super) max_temperature: Celsius,
    pub(super) tolerance_minutes: i64,
    pub(super) peak_limit: Celsius,
    pub(super) gap_limit_minutes: i64,
    pub(super) max_duration_minutes: i64,
    pub(super) packaging: String,
    pub(super) distance_m: i64,
}

/// Proves a journey, or names every rule in its way.
pub(super) fn plan(
    tx: &mut Tx<'_>,
    command: &PlanTransfer,
    allocations: &[AllocationRow],
) -> Result<JourneyPlan, ActionError> {
    let Some(pair) = allocations.first() else {
        return Err(ActionError::Internal("a transfer of no allocation".to_owned()));
    };
    let (from, to) = (get_end(tx, pair.from_site_id)?, get_end(tx, pair.to_site_id)?);
    let (sender, receiver) = (Arc::clone(&from.policy), Arc::clone(&to.policy));
    let courier = couriers::find_courier(tx.conn, command.courier)?
        .ok_or_else(|| ActionError::field("/courier_id", "not_found", "There is no such courier."))?;
    refuse_impossible_times(tx.now, command)?;
    refuse_closed(tx, command, [pair.from_site_id, pair.to_site_id])?;
    refuse_overload(&courier, allocations)?;

    let bottles = bottles_of(tx, allocations)?;
    let mut refusals = to.receiving_failures(tx.now);
    let forms = forms_of_sound_milk(tx, &bottles, command.delivery_at, (&from, &to), &mut refusals)?;
    let max_temperature = strictest(&forms, &sender, &receiver);
    let shipment = ShipmentFacts {
        // The courier itself is asked below, to the minute and not to the day.
        carrier_agreement: Some((jiff::civil::Date::MIN, None)),
        on: command.pickup_at.date_in(&from.time_zone),
        plan_max_temp: max_temperature,
        plan_max_minutes: Some(courier.hold_time_minutes),
        planned_minutes: command.delivery_at.minutes_since(command.pickup_at),
        seal_number: None,
        forms: &forms,
        manifest_bottles: bottles.len(),
    };
    refusals.extend(courier.refuses(command.pickup_at));
    refusals.extend(route_refusal(tx, &courier, &from, &to)?);
    if forms.iter().any(|form| !courier.carries(*form)) {
        let detail =
            format!("{} packs in {}, which does not stay frozen; NICE CG93 1.2.44", courier.code, courier.packaging);
        refusals.push(RefusalCode::TemperaturePlanTooWeak.because(detail));
    }
    // The seal is put on when the box is packed, and asked for there.
    let failures = shipment_failures(&shipment, &receiver);
    refusals.extend(failures.into_iter().filter(|refusal| refusal.code != RefusalCode::SealMissing));
    match max_temperature {
        Some(max_temperature) if refusals.is_empty() => Ok(JourneyPlan {
            from: pair.from_site_id,
            to: pair.to_site_id,
            max_temperature,
            tolerance_minutes: strictest_of(&forms, &receiver, |rules| i64::from(rules.transport_tolerance_min.value)),
            peak_limit: Celsius::from_hundredths(strictest_of(&forms, &receiver, |rules| {
                rules.transport_peak_hundredths_c.value.hundredths()
            })),
            gap_limit_minutes: strictest_of(&forms, &receiver, |rules| i64::from(rules.transport_gap_max_min.value)),
            max_duration_minutes: courier.hold_time_minutes,
            packaging: command.packaging.clone().unwrap_or_else(|| courier.packaging.clone()),
            distance_m: road_m(from.position.distance_m(to.position)),
        }),
        _ => Err(ActionError::Refused(refusals)),
    }
}

fn get_end(tx: &mut Tx<'_>, id: SiteId) -> Result<LiveSite, ActionError> {
    live_site(tx.conn, id)?.ok_or(ActionError::NotFound { what: "site" })
}

/// A carrier drives where its agreement says, and nowhere else (refusal 9).
fn route_refusal(
    tx: &mut Tx<'_>,
    courier: &Courier,
    from: &LiveSite,
    to: &LiveSite,
) -> Result<Option<Refusal>, ActionError> {
    let base = sites::find_site(tx.conn, courier.base_site_id)?
        .ok_or_else(|| ActionError::Internal(format!("courier {} has no base", courier.id)))?;
    let place = |site: &LiveSite| Place { position: site.position, country: site.country };
    if courier.serves(base.position, place(from), place(to)) {
        return Ok(None);
    }
    let detail = format!("{} covers {}, not the road from {} to {}", courier.code, courier.covers, from.code, to.code);
    Ok(Some(RefusalCode::RouteNotServed.because(format!("{detail}; NICE CG93 1.2.46"))))
}

fn refuse_impossible_times(now: Instant, command: &PlanTransfer) -> Result<(), ActionError> {
    if command.delivery_at <= command.pickup_at {
        let detail = "A box is delivered after it is collected.";
        return Err(ActionError::field("/planned_delivery_at", "before_pickup", detail));
    }
    if command.pickup_at < now.plus_minutes(-PLAN_LATE_MINUTES) {
        return Err(ActionError::field(
            "/planned_pickup_at",
            "in_the_past",
            "Plan a collection that is still to come.",
        ));
    }
    Ok(())
}

fn refuse_closed(tx: &mut Tx<'_>, command: &PlanTransfer, ends: [SiteId; 2]) -> Result<(), ActionError> {
    for closure in closures::open_closures(tx.conn)? {
        let at = [command.pickup_at, command.delivery_at];
        if ends.iter().any(|site| at.iter().any(|at| closure.closes(*site, *at))) {
            let until = closure.reopens_at().map_or_else(|| "further notice".to_owned(), |until| until.to_string());
            let detail = format!("A {} closure holds at one of the two sites until {until}.", closure.kind);
            return Err(ActionError::conflict("site_closed", detail));
        }
    }
    Ok(())
}

fn refuse_overload(courier: &Courier, allocations: &[AllocationRow]) -> Result<(), ActionError> {
    let volume: Volume = allocations.iter().map(|allocation| allocation.volume_ml).sum();
    if volume > courier.max_payload_ml {
        let detail = format!("{volume} are too much for one box of {} ({}).", courier.code, courier.max_payload_ml);
        return Err(ActionError::conflict("payload_exceeded", detail));
    }
    Ok(())
}

fn bottles_of(tx: &mut Tx<'_>, allocations: &[AllocationRow]) -> Result<Vec<BottleId>, ActionError> {
    let mut bottles = Vec::new();
    for allocation in allocations {
        let promised = promises::list_promised_bottles(tx.conn, allocation.offer_id)?;
        bottles.extend(promised.into_iter().map(|row| row.bottle_id));
    }
    Ok(bottles)
}

/// The warmest that both policies allow for every form in the box; none when one of them writes no limit.
fn strictest(forms: &[Form], sender: &PolicyDocument, receiver: &PolicyDocument) -> Option<Celsius> {
    let limits: Option<Vec<Celsius>> = forms
        .iter()
        .flat_map(|form| [sender.form(*form), receiver.form(*form)])
        .map(|rules| rules.map(|rules| rules.transport_max_hundredths_c.value))
        .collect();
    limits?.into_iter().min()
}

/// The least of a receiver's limits for the forms in the box; nothing is tolerated where it writes none.
fn strictest_of(forms: &[Form], receiver: &PolicyDocument, limit: impl Fn(&FormRules) -> i64) -> i64 {
    forms.iter().filter_map(|form| receiver.form(*form)).map(limit).min().unwrap_or(0)
}

/// The forms of the milk in a box; adds every reason against its lots (refusals 1, 5, 6 and 8).
fn forms_of_sound_milk(
    tx: &mut Tx<'_>,
    bottles: &[BottleId],
    delivery_at: Instant,
    (from, to): (&LiveSite, &LiveSite),
    refusals: &mut Vec<Refusal>,
) -> Result<Vec<Form>, ActionError> {
    let facts = feeds::list_bottles_for_fate(tx.conn, bottles)?;
    let of_lots: BTreeSet<LotId> = facts.iter().map(|bottle| bottle.lot_id).collect();
    let of_lots: Vec<LotId> = of_lots.into_iter().collect();
    let rule = &to.policy.values.delivery.min_remaining_days;
    let days = rule.value;
    let exceptions = in_force(tx.conn, tx.now)?;
    let mut forms = BTreeSet::new();
    for lot in lots::list_lots_by_id(tx.conn, &of_lots)? {
        refusals.extend(state_refusals(&lot.code, lot.state));
        if lot.expires_at < delivery_at.plus_days(i64::from(days)) {
            let short = RefusalCode::LifeTooShort.because(format!(
                "lot {} expires at {}, less than {days} days after delivery at {delivery_at}; {}",
                lot.code,
                lot.expires_at,
                rule.cite()
            ));
            refusals.extend(exceptions.lift_for_lot(vec![short], to.id, from.id, lot.id));
            if lot.expires_at <= delivery_at {
                let detail = format!("lot {} expires at {}, before it is delivered", lot.code, lot.expires_at);
                refusals.push(RefusalCode::LotExpired.because(detail));
            }
        }
        forms.insert(lot.form.parse::<Form>().map_err(|unknown| ActionError::Internal(unknown.to_string()))?);
    }
    if !holds::list_held_bottles(tx.conn, bottles)?.is_empty() {
        refusals.push(RefusalCode::LotHeld.because("a bottle of the manifest is on hold"));
    }
    if excursions::any_undecided_for_bottles(tx.conn, bottles)? {
        let detail = "a bottle came with a journey whose excursion nobody has decided";
        refusals.push(RefusalCode::ExcursionOpen.because(detail));
    }
    Ok(forms.into_iter().collect())
}

fn state_refusals(code: &str, state: LotState) -> Option<Refusal> {
    match state {
        LotState::Released => None,
        LotState::Recalled => Some(RefusalCode::LotRecalled.because(format!("lot {code} is recalled"))),
        LotState::Held => Some(RefusalCode::LotHeld.because(format!("lot {code} is on hold"))),
        LotState::Expired => Some(RefusalCode::LotExpired.because(format!("lot {code} has expired"))),
        state => Some(RefusalCode::LotNotReleased.because(format!("lot {code} is {state}, not released"))),
    }
}

/// Asks again, before a box is sealed and before it leaves, whether its milk is still sound.
pub(super) fn refuse_unsound_milk(tx: &mut Tx<'_>, head: &TransferRow) -> Result<(), ActionError> {
    let manifest = transfers::list_manifest(tx.conn, head.id)?;
    let mut refusals = Vec::new();
    let lots: BTreeMap<LotId, (&str, LotState, Instant)> = manifest
        .iter()
        .map(|line| (line.lot_id, (line.lot_code.as_str(), line.lot_state, line.lot_expires_at)))
        .collect();
    for (code, state, expires_at) in lots.into_values() {
        refusals.extend(state_refusals(code, state));
        if expires_at <= tx.now && state == LotState::Released {
            refusals.push(RefusalCode::LotExpired.because(format!("lot {code} expired at {expires_at}")));
        }
    }
    let bottles: Vec<BottleId> = manifest.iter().map(|line| line.bottle_id).collect();
    if !holds::list_held_bottles(tx.conn, &bottles)?.is_empty() {
        refusals.push(RefusalCode::LotHeld.because("a bottle of the manifest is on hold"));
    }
    if refusals.is_empty() { Ok(()) } else { Err(ActionError::Refused(refusals)) }
}
