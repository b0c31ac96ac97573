//! Raising, ending and settling requests. The tier comes from the written priority policy, never from the
//! caller; a request that may not be met is refused at once, so that the unit can turn to its other plan.

use super::exceptions::in_force;
use super::network::{get_live_site, policy_of};
use super::offers::{release, withdraw_offer};
use super::{ActionError, Happening, Tx};
use crate::domain::actor::Actor;
use crate::domain::field::FieldError;
use crate::domain::ids::{RequestId, SiteId};
use crate::domain::offer::AllocationState;
use crate::domain::policy::Form;
use crate::domain::quantity::Volume;
use crate::domain::request::{
    Constraints, InfantProfile, Preferences, RequestFacts, RequestKind, RequestState, Urgency, request_failures,
};
use crate::domain::text::text_fault;
use crate::domain::time::Instant;
use crate::store::offers::{self, PromiseFilter};
use crate::store::requests as rows;
pub use crate::store::requests::{RequestFilter, RequestRow};
use crate::store::{AnyConn, bottles};
use serde_json::json;

/// The largest single request, in millilitres: more than a large unit uses in a month.
const MOST_ML: i64 = 200_000;

/// What a unit asks for.
#[derive(Debug, Clone)]
pub struct RaiseRequest {
    /// The asking site.
    pub site: SiteId,
    /// For one infant or for the ward.
    pub kind: RequestKind,
    /// As the unit puts it.
    pub urgency: Urgency,
    /// How much.
    pub volume: Volume,
    /// Latest useful arrival.
    pub needed_by: Instant,
    /// Days over which it will be used.
    pub days_of_use: i64,
    /// Forms taken; the site's own, if none is given.
    pub accepts_forms: Vec<Form>,
    /// The infant, or the most vulnerable of those the stock feeds.
    pub infant: Option<InfantProfile>,
    /// Hours the site's own stock still lasts.
    pub hours_of_stock: Option<i64>,
    /// Hard constraints.
    pub constraints: Constraints,
    /// Preferences.
    pub preferences: Preferences,
    /// Prescription.
    pub prescription_ref: Option<String>,
    /// Consent.
    pub consent_ref: Option<String>,
    /// Nothing rather than a part.
    pub all_or_nothing: bool,
    /// Most lots.
    pub max_lots: Option<i64>,
    /// Why.
    pub reason: Option<String>,
}

/// Raises a request for one of the actor's sites.
///
/// # Errors
/// `Invalid` for impossible figures; refusals 12, 13, 14 and 16.
pub fn raise_request(tx: &mut Tx<'_>, command: &RaiseRequest) -> Result<RequestRow, ActionError> {
    let site = get_live_site(tx, command.site)?;
    let invalid = impossible(command, tx.now);
    if !invalid.is_empty() {
        return Err(ActionError::Invalid(invalid));
    }
    let policy = policy_of(tx, &site)?;
    let on = tx.now.date_in(&site.time_zone);
    let facts = RequestFacts {
        kind: command.kind,
        infant: command.infant.as_ref(),
        stated_tier: None,
        prescription_ref: command.prescription_ref.as_deref(),
        consent_ref: command.consent_ref.as_deref(),
        constraints: &command.constraints,
        site: &site.standing().on(on, tx.now, &policy),
        on,
    };
    let mut refusals = request_failures(&facts);
    if let (false, Some(infant)) = (refusals.is_empty(), &command.infant) {
        let exceptions = in_force(tx.conn, tx.now)?;
        refusals = exceptions.lift_for_infant(refusals, command.site, &infant.infant_ref);
    }
    if !refusals.is_empty() {
        return Err(ActionError::Refused(refusals));
    }
    // An infant whom no written criterion fits comes last, where an exception lets it come at all.
    let tier = policy
        .values
        .priority
        .tier_for(command.infant.as_ref())
        .or_else(|| policy.values.priority.tiers.value.last().map(|rule| rule.tier))
        .ok_or_else(|| ActionError::Internal("a request passed without a tier".to_owned()))?;
    let row = row_of(tx, command, i64::from(tier.0), &site.accepts_forms)?;
    rows::insert_request(tx.conn, &row)?;
    tx.record(Happening {
        kind: "request.raised",
        subject_kind: "request",
        subject_id: row.id.to_string(),
        site: Some(row.site_id),
        other_site: None,
        network: false,
        data: &json!({"tier": row.tier, "volume_ml": row.volume_ml, "needed_by": row.needed_by}),
    })?;
    Ok(row)
}

fn impossible(command: &RaiseRequest, now: Instant) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if !(1..=MOST_ML).contains(&command.volume.ml()) {
        errors.push(FieldError::new("/volume_ml", "out_of_range", format!("Send 1 to {MOST_ML} mL.")));
    }
    if command.needed_by <= now {
        errors.push(FieldError::new("/needed_by", "in_the_past", "Send an instant after now."));
    }
    if !(1..=120).contains(&command.days_of_use) {
        errors.push(FieldError::new("/days_of_use", "out_of_range", "Send 1 to 120 days."));
    }
    if command.kind == RequestKind::NamedInfant && command.infant.is_none() {
        errors.push(FieldError::new("/infant", "missing", "A request for one infant needs the infant's profile."));
    }
    if command.max_lots.is_some_and(|most| !(1..=20).contains(&most)) {
        errors.push(FieldError::new("/max_lots", "out_of_range", "Send 1 to 20 lots."));
    }
    if command.hours_of_stock.is_some_and(|hours| !(0..=10_000).contains(&hours)) {
        errors.push(FieldError::new("/ward/hours_of_stock", "out_of_range", "Send 0 to 10000 hours."));
    }
    if command.preferences.bottle_ml.is_some_and(|size| !(1..=1_000).contains(&size)) {
        errors.push(FieldError::new("/preferences/bottle_ml", "out_of_range", "Send 1 to 1000 mL."));
    }
    let at = if command.kind == RequestKind::NamedInfant { "/infant" } else { "/ward/most_vulnerable" };
    errors.extend(command.infant.iter().flat_map(|infant| infant.faults(at)));
    let texts = [
        ("/prescription_ref", &command.prescription_ref, 100),
        ("/consent_ref", &command.consent_ref, 100),
        ("/reason", &command.reason, 500),
    ];
    for (pointer, text, most) in texts {
        let told = text.as_deref().filter(|text| !text.is_empty());
        errors.extend(told.and_then(|text| text_fault(pointer, text, most)));
    }
    errors
}

fn row_of(tx: &Tx<'_>, command: &RaiseRequest, tier: i64, forms_of_site: &[Form]) -> Result<RequestRow, ActionError> {
    let forms: &[Form] =
        if command.accepts_forms.is_empty() { forms_of_site } else { command.accepts_forms.as_slice() };
    Ok(RequestRow {
        id: RequestId::new(tx.new_id()),
        site_id: command.site,
        kind: command.kind,
        state: RequestState::Open,
        tier,
        urgency: command.urgency,
        infant_ref: match command.kind {
            RequestKind::NamedInfant => command.infant.as_ref().map(|infant| infant.infant_ref.trim().to_owned()),
            RequestKind::WardStock => None,
        },
        volume_ml: command.volume,
        allocated_ml: Volume::ZERO,
        delivered_ml: Volume::ZERO,
        needed_by: command.needed_by,
        last_use_at: command.needed_by.plus_days(command.days_of_use),
        all_or_nothing: command.all_or_nothing,
        max_lots: command.max_lots,
        profile: command.infant.as_ref().map(text).transpose()?,
        constraints: text(&command.constraints)?,
        preferences: text(&command.preferences)?,
        accepts_forms: text(&forms)?,
        prescription_ref: command.prescription_ref.clone(),
        consent_ref: command.consent_ref.clone(),
        hours_of_stock: command.hours_of_stock,
        reason: command.reason.clone(),
        requested_by: tx.actor.id.clone(),
        created_at: tx.now,
        first_offer_at: None,
        closed_at: None,
        close_reason: None,
        version: 1,
    })
}

fn text<T: serde::Serialize>(value: &T) -> Result<String, ActionError> {
    serde_json::to_string(value).map_err(|error| ActionError::Internal(format!("cannot write JSON: {error}")))
}

/// The request, for its own site and for hub roles.
///
/// # Errors
/// `NotFound` also when it is another site's.
pub fn get_request(conn: &mut AnyConn, actor: &Actor, id: RequestId) -> Result<RequestRow, ActionError> {
    rows::find_request(conn, id)?
        .filter(|request| actor.acts_for(request.site_id))
        .ok_or(ActionError::NotFound { what: "request" })
}

/// A page of requests in the order they were raised.
///
/// # Errors
/// Those of the store.
pub fn list_requests(
    conn: &mut AnyConn,
    filter: &RequestFilter,
    after: Option<RequestId>,
    rows_wanted: i64,
) -> Result<Vec<RequestRow>, ActionError> {
    Ok(rows::list_requests(conn, filter, after, rows_wanted)?)
}

/// Takes a request back: nothing more is wanted, and what is promised but has not moved is released.
///
/// # Errors
/// `Stale`, or `Conflict` when it ended already.
pub fn cancel_request(tx: &mut Tx<'_>, id: RequestId, version: i64, why: &str) -> Result<RequestRow, ActionError> {
    end_request(tx, id, version, RequestState::Cancelled, why)
}

/// Closes what is unmet; what is already promised still comes.
///
/// # Errors
/// `Stale`, or `Conflict` when it ended already.
pub fn close_request(tx: &mut Tx<'_>, id: RequestId, version: i64, why: &str) -> Result<RequestRow, ActionError> {
    end_request(tx, id, version, RequestState::ClosedUnmet, why)
}

fn end_request(
    tx: &mut Tx<'_>,
    id: RequestId,
    version: i64,
    state: RequestState,
    why: &str,
) -> Result<RequestRow, ActionError> {
    if let Some(fault) = text_fault("/reason", why, 500) {
        return Err(ActionError::Invalid(vec![fault]));
    }
    let request = get_request(tx.conn, tx.actor, id)?;
    if request.version != version {
        return Err(ActionError::Stale { current_version: request.version });
    }
    if matches!(request.state, RequestState::Cancelled | RequestState::ClosedUnmet | RequestState::Fulfilled) {
        return Err(ActionError::conflict("request_ended", format!("This request is {}.", request.state)));
    }
    if !rows::set_request_state(tx.conn, id, version, state, Some((tx.now, why)))? {
        return Err(ActionError::Stale { current_version: version + 1 });
    }
    for offer in offers::list_proposed_offers_of(tx.conn, id)? {
        withdraw_offer(tx, &offer, "the request ended")?;
    }
    if state == RequestState::Cancelled {
        let filter = PromiseFilter { request: Some(id), ..PromiseFilter::default() };
        let held = offers::list_allocations(tx.conn, &filter, Some(AllocationState::Held), None, 1_000)?;
        for (allocation, _) in held {
            release(tx, &allocation, "the request was cancelled")?;
        }
    }
    let kind = if state == RequestState::Cancelled { "request.cancelled" } else { "request.closed" };
    tx.record(Happening {
        kind,
        subject_kind: "request",
        subject_id: id.to_string(),
        site: Some(request.site_id),
        other_site: None,
        network: false,
        data: &json!({"reason": why}),
    })?;
    get_request(tx.conn, tx.actor, id)
}

/// Milk that was kept for an infant and is any infant's of the ward now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MilkFreed {
    /// Bottles.
    pub bottles: usize,
    /// What they hold.
    pub volume: Volume,
}

/// Frees what a site's stock keeps for a request: the infant no longer needs it, so that others may have it.
///
/// # Errors
/// `NotFound`; `Invalid` without a reason.
pub fn free_kept_milk(tx: &mut Tx<'_>, id: RequestId, why: &str) -> Result<MilkFreed, ActionError> {
    let request = get_request(tx.conn, tx.actor, id)?;
    if let Some(fault) = text_fault("/reason", why, 500) {
        return Err(ActionError::Invalid(vec![fault]));
    }
    let sizes = bottles::free_kept_bottles(tx.conn, request.site_id, id)?;
    let freed = MilkFreed { bottles: sizes.len(), volume: sizes.iter().copied().sum() };
    if freed.bottles > 0 {
        tx.record(Happening {
            kind: "milk.freed",
            subject_kind: "request",
            subject_id: id.to_string(),
            site: Some(request.site_id),
            other_site: None,
            network: false,
            data: &json!({"bottles": freed.bottles, "volume_ml": freed.volume, "reason": why.trim()}),
        })?;
    }
    Ok(freed)
}

/// Gives a request the state that its figures call for, unless it was cancelled or closed.
///
/// # Errors
/// `Stale` when it changed meanwhile.
pub fn settle_request(tx: &mut Tx<'_>, id: RequestId) -> Result<(), ActionError> {
    let Some(request) = rows::find_request(tx.conn, id)? else {
        return Err(ActionError::NotFound { what: "request" });
    };
    settle(tx, &request)
}

/// As [`settle_request`], for a request that was just read or written in this transaction.
///
/// # Errors
/// `Stale` when it changed meanwhile.
pub fn settle(tx: &mut Tx<'_>, request: &RequestRow) -> Result<(), ActionError> {
    let id = request.id;
    if matches!(request.state, RequestState::Cancelled | RequestState::ClosedUnmet) {
        return Ok(());
    }
    let state = RequestState::for_amounts(request.volume_ml.ml(), request.allocated_ml.ml(), request.delivered_ml.ml());
    if state == request.state {
        return Ok(());
    }
    let closed = (state == RequestState::Fulfilled).then_some((tx.now, "delivered"));
    if !rows::set_request_state(tx.conn, id, request.version, state, closed)? {
        return Err(ActionError::Stale { current_version: request.version + 1 });
    }
    tx.record(Happening {
        kind: "request.settled",
        subject_kind: "request",
        subject_id: id.to_string(),
        site: Some(request.site_id),
        other_site: None,
        network: false,
        data: &json!({
            "state": state,
            "allocated_ml": request.allocated_ml,
            "delivered_ml": request.delivered_ml,
        }),
    })
}
