//! Publishing whole bottles of released lots as surplus, and taking them back. A site's own reserve is
//! never published.

use super::network::{LiveSite, get_live_site};
use super::{ActionError, Happening, Tx};
use crate::domain::actor::Actor;
use crate::domain::exchange::{Charge, price_failures};
use crate::domain::field::FieldError;
use crate::domain::ids::{BottleId, LotId, SiteId, SurplusId, SurplusLineId};
use crate::domain::lot::LotState;
use crate::domain::policy::Form;
use crate::domain::quantity::Volume;
use crate::domain::refusal::RefusalCode;
use crate::domain::surplus::SurplusState;
use crate::domain::text::text_fault;
use crate::domain::time::Instant;
use crate::store::AnyConn;
use crate::store::bottles::{self, BottleRow};
use crate::store::lots::{self, LotRow};
use crate::store::surplus as rows;
pub use crate::store::surplus::{BoardFilter, BoardRow, StockReport, SurplusLineRow, SurplusRow};
use serde_json::json;
use std::collections::BTreeMap;

/// What a site publishes.
#[derive(Debug, Clone)]
pub struct PublishSurplus {
    /// The holding site.
    pub site: SiteId,
    /// Why it is surplus.
    pub reason: String,
    /// From when it may leave; now, if not given.
    pub available_from: Option<Instant>,
    /// Until when it is offered.
    pub available_until: Instant,
    /// Smallest transfer worth making.
    pub min_transfer: Volume,
    /// Price per litre in the minor unit of a currency.
    pub price: Option<(i64, String)>,
    /// The lots.
    pub lots: Vec<PublishLot>,
}

/// One lot of a surplus.
#[derive(Debug, Clone)]
pub struct PublishLot {
    /// The lot.
    pub lot: LotId,
    /// Only bottles of this size.
    pub size: Option<Volume>,
    /// So many bottles; all free ones, if not given.
    pub bottles: Option<i64>,
}

/// A surplus with its lines and the numbers of their lots.
#[derive(Debug, Clone)]
pub struct SurplusDetail {
    /// The surplus.
    pub head: SurplusRow,
    /// Its lines.
    pub lines: Vec<(SurplusLineRow, String)>,
}

/// Publishes bottles that are free at the site.
///
/// # Errors
/// Refusal 1 for a lot that is not released, 5 for a recalled one, 6 for an expired one; `Conflict` when fewer
/// bottles are free than asked, or the reserve would be touched.
pub fn publish_surplus(tx: &mut Tx<'_>, command: &PublishSurplus) -> Result<SurplusDetail, ActionError> {
    let site = get_live_site(tx, command.site)?;
    if command.available_until <= tx.now {
        return Err(ActionError::field("/available_until", "in_the_past", "Choose an instant after now."));
    }
    if command.available_from.is_some_and(|from| from >= command.available_until) {
        return Err(ActionError::field("/available_until", "out_of_order", "Choose an instant after available_from."));
    }
    if command.min_transfer.ml() < 0 {
        return Err(ActionError::field("/min_transfer_ml", "out_of_range", "Send 0 or more."));
    }
    if let Some(fault) = text_fault("/reason", &command.reason, 500) {
        return Err(ActionError::Invalid(vec![fault]));
    }
    let ids: Vec<LotId> = command.lots.iter().map(|wanted| wanted.lot).collect();
    let found: BTreeMap<LotId, LotRow> =
        lots::list_lots_by_id(tx.conn, &ids)?.into_iter().map(|lot| (lot.id, lot)).collect();
    refuse_unfit(tx.now, &ids, &found)?;
    refuse_price(command, &site, &found)?;
    let free = bottles::list_free_bottles(tx.conn, command.site, &ids)?;
    let mut spare = if site.reserve_ml.is_positive() {
        bottles::unpublished_volume(tx.conn, command.site)? - site.reserve_ml
    } else {
        Volume::from_ml(i64::MAX)
    };
    let chosen = choose(&command.lots, free, &mut spare)?;
    if chosen.is_empty() {
        return Err(ActionError::conflict(
            "nothing_free",
            "No bottle of these lots is free at this site above its reserve.",
        ));
    }
    save(tx, command, &found, chosen)
}

fn refuse_unfit(now: Instant, ids: &[LotId], found: &BTreeMap<LotId, LotRow>) -> Result<(), ActionError> {
    let mut unknown = Vec::new();
    let mut refusals = Vec::new();
    for (position, id) in ids.iter().enumerate() {
        let Some(lot) = found.get(id) else {
            unknown.push(FieldError::new(format!("/lots/{position}/lot_id"), "not_found", "There is no such lot."));
            continue;
        };
        match lot.state {
            LotState::Released => {}
            LotState::Recalled => {
                refusals.push(RefusalCode::LotRecalled.because(format!("Lot {} is recalled.", lot.code)));
            }
            state => refusals
                .push(RefusalCode::LotNotReleased.because(format!("Lot {} is {state}, not released.", lot.code))),
        }
        if lot.expires_at <= now {
            refusals.push(RefusalCode::LotExpired.because(format!("Lot {} expired at {}.", lot.code, lot.expires_at)));
        }
    }
    if !unknown.is_empty() {
        return Err(ActionError::Invalid(unknown));
    }
    if !refusals.is_empty() {
        return Err(ActionError::Refused(refusals));
    }
    Ok(())
}

/// Refusal 20: a charge where sale is barred, or above the ceiling of the holding site's policy.
fn refuse_price(command: &PublishSurplus, site: &LiveSite, found: &BTreeMap<LotId, LotRow>) -> Result<(), ActionError> {
    let Some((per_litre_minor, currency)) = &command.price else { return Ok(()) };
    let mut forms: Vec<Form> = found.values().filter_map(|lot| lot.form.parse().ok()).collect();
    forms.sort_unstable();
    forms.dedup();
    let refusals: Vec<_> = forms
        .into_iter()
        .flat_map(|form| {
            let charge = Charge { form, currency, per_litre_minor: *per_litre_minor };
            price_failures(&charge, &site.policy, currency)
        })
        .collect();
    if refusals.is_empty() { Ok(()) } else { Err(ActionError::Refused(refusals)) }
}

/// Free bottles by lot and size, as many as asked and as the reserve leaves.
fn choose(
    wanted: &[PublishLot],
    free: Vec<BottleRow>,
    spare: &mut Volume,
) -> Result<BTreeMap<(LotId, Volume), Vec<BottleId>>, ActionError> {
    let mut chosen: BTreeMap<(LotId, Volume), Vec<BottleId>> = BTreeMap::new();
    for (position, want) in wanted.iter().enumerate() {
        let mut taken = 0;
        for bottle in &free {
            let fits = bottle.lot_id == want.lot && want.size.is_none_or(|size| size == bottle.size_ml);
            let enough = want.bottles.is_some_and(|most| taken >= most);
            if !fits || enough || bottle.size_ml > *spare {
                continue;
            }
            let group = chosen.entry((bottle.lot_id, bottle.size_ml)).or_default();
            if !group.contains(&bottle.id) {
                group.push(bottle.id);
                *spare -= bottle.size_ml;
                taken += 1;
            }
        }
        if want.bottles.is_some_and(|asked| taken < asked) {
            return Err(ActionError::field(
                &format!("/lots/{position}/bottles"),
                "not_enough_free",
                format!("Only {taken} bottles are free above the site's reserve."),
            ));
        }
    }
    Ok(chosen)
}

fn save(
    tx: &mut Tx<'_>,
    command: &PublishSurplus,
    found: &BTreeMap<LotId, LotRow>,
    chosen: BTreeMap<(LotId, Volume), Vec<BottleId>>,
) -> Result<SurplusDetail, ActionError> {
    let id = SurplusId::new(tx.new_id());
    let head = SurplusRow {
        id,
        site_id: command.site,
        state: SurplusState::Published,
        reason: command.reason.clone(),
        available_from: command.available_from.unwrap_or(tx.now),
        available_until: command.available_until,
        min_transfer_ml: command.min_transfer,
        price_per_litre_minor: command.price.as_ref().map(|(minor, _)| *minor),
        currency: command.price.as_ref().map(|(_, currency)| currency.clone()),
        published_by: tx.actor.id.clone(),
        version: 1,
        created_at: tx.now,
        confirmed_at: tx.now,
        confirmation_asked_at: None,
    };
    let mut lines = Vec::new();
    let mut total = Volume::ZERO;
    for ((lot_id, size), ids) in &chosen {
        let Some(lot) = found.get(lot_id) else { continue };
        let count = i64::try_from(ids.len()).unwrap_or(i64::MAX);
        total += size.times(count);
        lines.push((line_of(SurplusLineId::new(tx.new_id()), &head, lot, *size, count), lot.code.clone(), ids));
    }
    let rows_to_add: Vec<SurplusLineRow> = lines.iter().map(|(line, _, _)| line.clone()).collect();
    rows::insert_surplus(tx.conn, &head, &rows_to_add)?;
    for (line, _, ids) in &lines {
        if bottles::publish_bottles(tx.conn, ids, line.id)? != ids.len() {
            return Err(ActionError::conflict("bottles_moved", "Bottles of this lot moved meanwhile; try again."));
        }
    }
    tx.record(Happening {
        kind: "surplus.published",
        subject_kind: "surplus",
        subject_id: id.to_string(),
        site: Some(command.site),
        other_site: None,
        network: true,
        data: &json!({"volume_ml": total.ml(), "lines": rows_to_add.len(), "available_until": head.available_until}),
    })?;
    Ok(SurplusDetail { head, lines: lines.into_iter().map(|(line, code, _)| (line, code)).collect() })
}

fn line_of(id: SurplusLineId, head: &SurplusRow, lot: &LotRow, size: Volume, count: i64) -> SurplusLineRow {
    SurplusLineRow {
        id,
        surplus_id: head.id,
        site_id: head.site_id,
        lot_id: lot.id,
        size_ml: size,
        published_bottles: count,
        available_bottles: count,
        expires_at: lot.expires_at,
        milk_type: lot.milk_type.clone(),
        form: lot.form.clone(),
        donor_count: lot.donor_count,
        dairy_free: lot.dairy_free,
        cmv_negative: lot.cmv_negative,
        protein_mg_per_dl: lot.protein_mg_per_dl,
        created_at: head.created_at,
    }
}

/// The surplus, for its own site and for hub roles.
///
/// # Errors
/// `NotFound` also when it is another site's.
pub fn get_surplus(conn: &mut AnyConn, actor: &Actor, id: SurplusId) -> Result<SurplusDetail, ActionError> {
    let head = rows::find_surplus(conn, id)?
        .filter(|head| actor.acts_for(head.site_id))
        .ok_or(ActionError::NotFound { what: "surplus" })?;
    let lines = rows::list_lines(conn, id)?;
    Ok(SurplusDetail { head, lines })
}

/// What a site of the actor's has on the board, with its lines, the newest first.
///
/// # Errors
/// `NotFound` for a site that is not theirs.
pub fn list_own_surplus(conn: &mut AnyConn, actor: &Actor, site: SiteId) -> Result<Vec<SurplusDetail>, ActionError> {
    if !actor.acts_for(site) {
        return Err(ActionError::NotFound { what: "site" });
    }
    let heads = rows::list_published_surplus(conn, site)?;
    heads.into_iter().map(|head| Ok(SurplusDetail { lines: rows::list_lines(conn, head.id)?, head })).collect()
}

/// Takes what is not promised off the board.
///
/// # Errors
/// `Stale` when it changed since it was read, `Conflict` when it is not published.
pub fn withdraw_surplus(tx: &mut Tx<'_>, id: SurplusId, version: i64) -> Result<SurplusDetail, ActionError> {
    let detail = get_surplus(tx.conn, tx.actor, id)?;
    if detail.head.version != version {
        return Err(ActionError::Stale { current_version: detail.head.version });
    }
    if detail.head.state != SurplusState::Published {
        return Err(ActionError::conflict("not_published", format!("This surplus is {}.", detail.head.state)));
    }
    end_surplus(tx, &detail.head, SurplusState::Withdrawn)?;
    get_surplus(tx.conn, tx.actor, id)
}

/// Says that a published surplus is still there, so that its report is fresh again.
///
/// # Errors
/// `Stale` when it changed since it was read, `Conflict` when it is not published.
pub fn confirm_surplus(tx: &mut Tx<'_>, id: SurplusId, version: i64) -> Result<SurplusDetail, ActionError> {
    let detail = get_surplus(tx.conn, tx.actor, id)?;
    if detail.head.state != SurplusState::Published {
        return Err(ActionError::conflict("not_published", format!("This surplus is {}.", detail.head.state)));
    }
    if !rows::confirm_surplus(tx.conn, id, version, tx.now)? {
        return Err(ActionError::Stale { current_version: detail.head.version });
    }
    tx.record(Happening {
        kind: "surplus.confirmed",
        subject_kind: "surplus",
        subject_id: id.to_string(),
        site: Some(detail.head.site_id),
        other_site: None,
        network: false,
        data: &json!({}),
    })?;
    get_surplus(tx.conn, tx.actor, id)
}

/// Asks a site to confirm a surplus whose report has grown old, once for each report.
///
/// # Errors
/// Those of the store.
pub fn ask_to_confirm(tx: &mut Tx<'_>, report: &StockReport) -> Result<(), ActionError> {
    if !rows::note_confirmation_asked(tx.conn, report.surplus_id, tx.now)? {
        return Ok(());
    }
    tx.record(Happening {
        kind: "surplus.confirmation_asked",
        subject_kind: "surplus",
        subject_id: report.surplus_id.to_string(),
        site: Some(report.site_id),
        other_site: None,
        network: false,
        data: &json!({"confirmed_at": report.confirmed_at}),
    })
}

/// Ends every surplus whose time is over; the number ended.
///
/// # Errors
/// Those of the store.
pub fn lapse_surplus(tx: &mut Tx<'_>) -> Result<usize, ActionError> {
    let over = rows::list_lapsed_surplus(tx.conn, tx.now)?;
    for head in &over {
        end_surplus(tx, head, SurplusState::Lapsed)?;
    }
    Ok(over.len())
}

fn end_surplus(tx: &mut Tx<'_>, head: &SurplusRow, state: SurplusState) -> Result<(), ActionError> {
    let lines: Vec<SurplusLineId> = rows::list_lines(tx.conn, head.id)?.into_iter().map(|(line, _)| line.id).collect();
    // Lines first: whoever promises bottles locks the line before the bottles.
    rows::close_lines(tx.conn, &lines)?;
    bottles::unpublish_bottles(tx.conn, &lines)?;
    if !rows::set_surplus_state(tx.conn, head.id, head.version, state)? {
        return Err(ActionError::Stale { current_version: head.version + 1 });
    }
    let kind = if state == SurplusState::Withdrawn { "surplus.withdrawn" } else { "surplus.lapsed" };
    tx.record(Happening {
        kind,
        subject_kind: "surplus",
        subject_id: head.id.to_string(),
        site: Some(head.site_id),
        other_site: None,
        network: true,
        data: &json!({}),
    })
}

/// A page of the board: what every site of the network offers, soonest expiry first.
///
/// # Errors
/// Those of the store.
pub fn list_board(
    conn: &mut AnyConn,
    filter: &BoardFilter,
    expires_from: Instant,
    after: Option<(Instant, SurplusLineId)>,
    rows_wanted: i64,
) -> Result<Vec<BoardRow>, ActionError> {
    Ok(rows::list_board(conn, filter, expires_from, after, rows_wanted)?)
}
