//! What must hold before a box is planned and before it leaves: carrier, road, temperature, sound milk. Every
//! reason against it is named.

use super::exceptions::in_force;
use super::network::{LiveSite, live_site, load_road};
use super::packings::get_packing;
use super::transfers::PlanTransfer;
use super::{ActionError, Tx, stored};
use crate::domain::carriage::{Carriage, Proof};
use crate::domain::courier::Courier;
use crate::domain::exchange::european_code_failures;
use crate::domain::field::FieldError;
use crate::domain::ids::{BottleId, CourierId, LotId, PackingId, SiteId};
use crate::domain::lot::{LotState, SafetyRecord};
use crate::domain::packing::{Packing, PackingState, margin_minutes};
use crate::domain::policy::{Form, FormRules, PolicyDocument};
use crate::domain::quantity::{Celsius, Volume};
use crate::domain::refusal::{Refusal, RefusalCode};
use crate::domain::text::text_fault;
use crate::domain::time::Instant;
use crate::domain::voices::logger_fault;
use crate::store::dispatch::routes;
use crate::store::lots::LotRow;
use crate::store::offers::AllocationRow;
use crate::store::packings::{self, PlanRow};
use crate::store::transfers::{self, TransferRow};
use crate::store::{AnyConn, closures, couriers, excursions, feeds, holds, lots, promises};
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
    pub(super) packaging: String,
    pub(super) distance_m: i64,
    /// What it was proven with.
    pub(super) proof: PlanRow,
}

/// Proves a journey, or names every rule in its way.
pub(super) fn plan(
    tx: &mut Tx<'_>,
    command: &PlanTransfer,
    allocations: &[AllocationRow],
) -> Result<JourneyPlan, ActionError> {
    refuse_texts(command)?;
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

    let bottles = bottles_of(tx.conn, allocations)?;
    let mut refusals = to.receiving_failures(tx.now);
    let forms = forms_of_sound_milk(tx, &bottles, command.delivery_at, (&from, &to), &mut refusals)?;
    if bottles.is_empty() {
        refusals.push(RefusalCode::ManifestMissing.because("the manifest lists no bottle; NICE CG93 1.2.47"));
    }
    let carriage = Carriage {
        courier: courier.id,
        from: from.id,
        to: to.id,
        pickup_at: command.pickup_at,
        delivery_at: command.delivery_at,
        forms: &forms,
        load: (load_of(allocations), i64::try_from(bottles.len()).unwrap_or(i64::MAX)),
        packing: command.packing,
    };
    let road = load_road(tx.conn, &from, &to, &courier)?;
    refusals.extend(road.haste_refusal(&carriage));
    let proof = road.prove(&carriage);
    match (proof, strictest(&forms, &sender, &receiver)) {
        (Ok(proof), Some(max_temperature)) if refusals.is_empty() => Ok(JourneyPlan {
            from: pair.from_site_id,
            to: pair.to_site_id,
            max_temperature,
            tolerance_minutes: strictest_of(&forms, &receiver, |rules| i64::from(rules.transport_tolerance_min.value)),
            peak_limit: Celsius::from_hundredths(strictest_of(&forms, &receiver, |rules| {
                rules.transport_peak_hundredths_c.value.hundredths()
            })),
            gap_limit_minutes: strictest_of(&forms, &receiver, |rules| i64::from(rules.transport_gap_max_min.value)),
            packaging: match &command.packaging {
                Some(packaging) => packaging.trim().to_owned(),
                None => get_packing(tx.conn, proof.packing)?.facts.container,
            },
            distance_m: proof.distance_m,
            proof: row_of(&proof, tx.now),
        }),
        (proof, _) => {
            refusals.extend(proof.err().unwrap_or_default());
            Err(ActionError::Refused(refusals))
        }
    }
}

/// A proof as it is kept.
const fn row_of(proof: &Proof, proven_at: Instant) -> PlanRow {
    PlanRow {
        packing_id: proof.packing,
        containers: proof.containers,
        ambient: proof.ambient,
        hold_minutes: proof.hold_minutes,
        road_minutes: proof.road_minutes,
        margin_minutes: proof.margin_minutes,
        cut_off_at: proof.cut_off_at,
        door_closes_at: proof.door_closes_at,
        proven_at,
    }
}

fn get_end(tx: &mut Tx<'_>, id: SiteId) -> Result<LiveSite, ActionError> {
    live_site(tx.conn, id)?.ok_or(ActionError::NotFound { what: "site" })
}

fn refuse_texts(command: &PlanTransfer) -> Result<(), ActionError> {
    let logger = command.logger_ref.as_deref().and_then(|logger| logger_fault("/logger_ref", logger));
    let packaging = command.packaging.as_deref().and_then(|packaging| text_fault("/packaging", packaging, 200));
    let faults: Vec<FieldError> = logger.into_iter().chain(packaging).collect();
    if faults.is_empty() { Ok(()) } else { Err(ActionError::Invalid(faults)) }
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
    let volume = load_of(allocations);
    if volume > courier.max_payload_ml {
        let detail = format!("{volume} are too much for one box of {} ({}).", courier.code, courier.max_payload_ml);
        return Err(ActionError::conflict("payload_exceeded", detail));
    }
    Ok(())
}

/// The milk of some promises together.
pub(super) fn load_of(allocations: &[AllocationRow]) -> Volume {
    allocations.iter().map(|allocation| allocation.volume_ml).sum()
}

/// The bottles that some promises name.
pub(super) fn bottles_of(conn: &mut AnyConn, allocations: &[AllocationRow]) -> Result<Vec<BottleId>, ActionError> {
    let mut bottles = Vec::new();
    for allocation in allocations {
        let promised = promises::list_promised_bottles(conn, allocation.offer_id)?;
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
        refusals.extend(european_refusals(&lot, delivery_at, (from, to))?);
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

/// Refusal 19: from the day that either policy names, milk does not travel without its Single European Code.
fn european_refusals(
    lot: &LotRow,
    delivery_at: Instant,
    (from, to): (&LiveSite, &LiveSite),
) -> Result<Vec<Refusal>, ActionError> {
    let on = delivery_at.date_in(&to.time_zone);
    let bare = european_code_failures(None, &from.policy, &to.policy, on);
    if bare.is_empty() {
        return Ok(bare);
    }
    let record: SafetyRecord = stored(&lot.record)?;
    let code = record.isbt.as_ref().and_then(|label| label.single_european_code.as_deref());
    Ok(european_code_failures(code, &from.policy, &to.policy, on))
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

/// Asks again, before a box is sealed and before it leaves, whether its milk is still sound and its packing still in use.
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
    refusals.extend(packing_refusal(tx, head)?);
    if refusals.is_empty() { Ok(()) } else { Err(ActionError::Refused(refusals)) }
}

/// The packing that a plan was proven with must still be in use, and be the packing of whoever carries the box now.
fn packing_refusal(tx: &mut Tx<'_>, head: &TransferRow) -> Result<Option<Refusal>, ActionError> {
    let Some(plan) = packings::find_plan(tx.conn, head.id)? else { return Ok(None) };
    let packing = get_packing(tx.conn, plan.packing_id)?;
    let detail = if packing.state == PackingState::Retired {
        let why = packing.end_reason.as_deref().unwrap_or_default();
        format!("packing {} was retired: {why}; cancel the transfer and plan it anew", packing.code)
    } else if packing.courier_id.is_some() && packing.courier_id != head.courier_id {
        format!("packing {} is of another carrier, and none of this one's was found to hold", packing.code)
    } else {
        let held = plan.hold_minutes.min(hold_in_new_weather(tx, head, &packing)?.unwrap_or(i64::MAX));
        return Ok(road_refusal(head, held, &packing.code));
    };
    Ok(Some(RefusalCode::PackingNotValidated.because(detail)))
}

/// What a packing holds on the day that a route gave the journey, which may be warmer than the day of the proof; nought
/// in weather that it was not tested in, and nothing where no route carries the box.
fn hold_in_new_weather(tx: &mut Tx<'_>, head: &TransferRow, packing: &Packing) -> Result<Option<i64>, ActionError> {
    let Some(courier) = head.courier_id else { return Ok(None) };
    if routes::list_open_stops_of(tx.conn, &[head.id])?.is_empty() {
        return Ok(None);
    }
    let Some(courier) = couriers::find_courier(tx.conn, courier)? else { return Ok(None) };
    let (from, to) = (get_end(tx, head.from_site_id)?, get_end(tx, head.to_site_id)?);
    let road = load_road(tx.conn, &from, &to, &courier)?;
    let weather = road.weather(&Carriage {
        courier: courier.id,
        from: from.id,
        to: to.id,
        pickup_at: head.planned_pickup_at,
        delivery_at: head.planned_delivery_at,
        forms: &[],
        load: (head.volume_ml, head.bottles),
        packing: Some(packing.id),
    });
    Ok(Some(packing.hold_minutes(weather).unwrap_or_default()))
}

/// The journey that is planned now must leave its margin: it may have grown since the proof.
fn road_refusal(head: &TransferRow, hold_minutes: i64, packing: &str) -> Option<Refusal> {
    let planned = head.planned_delivery_at.minutes_since(head.planned_pickup_at);
    let margin = margin_minutes(planned);
    (planned.saturating_add(margin) > hold_minutes).then(|| {
        RefusalCode::TemperaturePlanTooWeak.because(format!(
            "{planned} minutes and a margin of {margin} are planned now, {packing} holds {hold_minutes}; plan it anew"
        ))
    })
}

/// A plan that was proven anew.
pub(super) struct Reproven {
    /// Minutes for which the packing holds.
    pub(super) hold_minutes: i64,
    /// How the box is packed now; none where it stays in the packing that it had.
    pub(super) packaging: Option<String>,
}

/// Proves a plan anew for another carrier or another time, in the packing that it had while that does. Where nothing
/// does the earlier proof stays, and the box is refused when it is packed if its packing is not the new carrier's.
pub(super) fn prove_rerouted(
    tx: &mut Tx<'_>,
    head: &TransferRow,
    courier: CourierId,
    (pickup_at, delivery_at): (Instant, Instant),
) -> Result<Option<Reproven>, ActionError> {
    let Some(courier) = couriers::find_courier(tx.conn, courier)? else { return Ok(None) };
    let (from, to) = match (get_end(tx, head.from_site_id), get_end(tx, head.to_site_id)) {
        (Ok(from), Ok(to)) => (from, to),
        (Err(ActionError::Refused(_)), _) | (_, Err(ActionError::Refused(_))) => return Ok(None),
        (Err(error), _) | (_, Err(error)) => return Err(error),
    };
    let manifest = transfers::list_manifest(tx.conn, head.id)?;
    let forms: BTreeSet<Form> = manifest.iter().filter_map(|line| line.lot_form.parse().ok()).collect();
    let forms: Vec<Form> = forms.into_iter().collect();
    let carriage = |packing: Option<PackingId>| Carriage {
        courier: courier.id,
        from: from.id,
        to: to.id,
        pickup_at,
        delivery_at,
        forms: &forms,
        load: (head.volume_ml, head.bottles),
        packing,
    };
    let earlier = packings::find_plan(tx.conn, head.id)?.map(|plan| plan.packing_id);
    let road = load_road(tx.conn, &from, &to, &courier)?;
    let again = earlier.and_then(|packing| road.prove(&carriage(Some(packing))).ok());
    let Some(proof) = again.or_else(|| road.prove(&carriage(None)).ok()) else { return Ok(None) };
    packings::insert_plan(tx.conn, head.id, &row_of(&proof, tx.now))?;
    let packaging = match earlier == Some(proof.packing) {
        true => None,
        false => Some(get_packing(tx.conn, proof.packing)?.facts.container),
    };
    Ok(Some(Reproven { hold_minutes: proof.hold_minutes, packaging }))
}
