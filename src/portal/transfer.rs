//! One journey: its custody step by step, the temperature in the box, the manifest, what went wrong and who decides;
//! and the next step for whoever may take it.

use super::chart::{Chart, draw};
use super::custody_lines::{CustodyLine, custody_lines};
use super::fault::{Fault, see, show};
use super::frame::Frame;
use super::lot::{id_of, lacking};
use super::lot_record::degrees;
use super::parts::{Due, Expiry, SiteName, Tag};
use super::signed::{Posted, Signed, Visitor};
use super::signed::{permit::DispositionExcursions, permit::MoveMilk, permit::ReadTransfers};
use super::state::Shown;
use super::tags;
use super::texts::Texts;
use super::transfers::name_of;
use crate::actions::Tx;
use crate::actions::excursions::{DecideExcursion, ExcursionRow, acknowledge_excursion, disposition_excursion};
use crate::actions::handover::{Handover, deliver_transfer};
use crate::actions::transfer_sheet::{TransferSheet, get_transfer_sheet};
use crate::actions::transfers::{ManifestLine, PlanRow, TransferRow, cancel_transfer, collect_transfer, pack_transfer};
use crate::domain::actor::{Permission, Role};
use crate::domain::excursion::{Disposition, ExcursionState};
use crate::domain::ids::{ExcursionId, TransferId};
use crate::domain::time::Instant;
use crate::domain::transfer::{BottleCondition, TransferState};
use actix_web::{HttpResponse, web};
use askama::Template;

/// Adds the routes of a journey.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/transfers/{id}", web::get().to(transfer));
    config.route("/transfers/{id}/{step}", web::post().to(take_step));
    config.route("/excursions/{id}", web::get().to(excursion));
    config.route("/excursions/{id}/acknowledge", web::post().to(acknowledge));
    config.route("/excursions/{id}/disposition", web::post().to(disposition));
}

struct Step {
    class: &'static str,
    number: usize,
    done: bool,
    label: String,
}

/// A bottle of the manifest.
pub(super) struct ManifestRow {
    pub(super) code: String,
    pub(super) href: String,
    pub(super) size: String,
    pub(super) expiry: Expiry,
    pub(super) expires: String,
    pub(super) state: Tag,
    pub(super) note: Option<String>,
}

struct ExcursionCard {
    id: String,
    version: i64,
    title: String,
    facts: Vec<(String, String)>,
    decided: Option<String>,
    may_acknowledge: bool,
    may_decide: bool,
    waits_for_receipt: bool,
}

#[derive(Template)]
#[template(path = "transfer.html")]
struct TransferPage {
    f: Frame,
    id: String,
    version: i64,
    /// How the softest bottle may be, with its word.
    milk: Vec<(BottleCondition, String)>,
    to: SiteName,
    from: SiteName,
    state: Tag,
    sub: String,
    due: Option<Due>,
    steps: Vec<Step>,
    custody: Vec<CustodyLine>,
    chart: Option<Chart>,
    logger: Option<String>,
    manifest: Vec<ManifestRow>,
    excursions: Vec<ExcursionCard>,
    facts: Vec<(String, String)>,
    seal: Option<String>,
    may_pack: bool,
    may_collect: bool,
    may_deliver: bool,
    asks_proof: bool,
    door_code: Option<String>,
    may_receive: bool,
    may_take_back: bool,
    may_cancel: bool,
}

/// What somebody may do with a journey now.
struct Rights {
    pack: bool,
    collect: bool,
    deliver: bool,
    at_the_door: bool,
    receive: bool,
    take_back: bool,
    cancel: bool,
}

impl Rights {
    fn of(visitor: &Visitor, head: &TransferRow) -> Self {
        let moves = visitor.may(Permission::MoveMilk);
        let sends = moves && visitor.actor().acts_for(head.from_site_id);
        let carries = moves && visitor.actor().role == Role::Courier;
        let takes_in = visitor.may(Permission::ReceiveMilk);
        let receives = takes_in && visitor.actor().acts_for(head.to_site_id);
        let sent = takes_in && visitor.actor().acts_for(head.from_site_id);
        let state = head.state;
        let on_the_road = matches!(state, TransferState::Collected | TransferState::InTransit);
        Self {
            pack: sends && state == TransferState::Planned,
            collect: (sends || carries) && state == TransferState::Packed,
            deliver: moves && on_the_road,
            at_the_door: receives && visitor.actor().role != Role::Courier,
            take_back: sent && on_the_road,
            receive: receives && state == TransferState::Delivered,
            cancel: moves && matches!(state, TransferState::Planned | TransferState::Packed),
        }
    }
}

/// The last characters of an identifier: what people say on the phone.
pub(super) fn short(id: TransferId) -> String {
    let text = id.to_string();
    text.get(text.len().saturating_sub(8)..).unwrap_or_default().to_owned()
}

pub(super) async fn sheet_of(visitor: &Visitor, id: TransferId) -> Result<TransferSheet, Fault> {
    let actor = visitor.actor().clone();
    Ok(visitor.state().hub.read(move |conn| get_transfer_sheet(conn, &actor, id)).await?)
}

async fn transfer(visitor: Signed<ReadTransfers>, path: web::Path<String>) -> Shown {
    let id = id_of::<TransferId>(&path)?;
    let sheet = sheet_of(&visitor, id).await?;
    let (texts, now) = (visitor.texts(), visitor.now());
    let head = &sheet.detail.head;
    let rights = Rights::of(&visitor, head);
    let to = name_of(&sheet.sites, head.to_site_id);
    let heading = texts.one("transfer-title", "site", &to.name);
    let events: Vec<(Instant, String)> =
        sheet.custody.iter().map(|step| (step.device_at, texts.word("custody", &step.kind))).collect();
    show(&TransferPage {
        f: lacking(&visitor, visitor.frame("transfers", &heading)),
        id: id.to_string(),
        version: head.version,
        milk: BottleCondition::ALL.iter().map(|milk| (*milk, texts.word("milk", milk.as_str()))).collect(),
        from: name_of(&sheet.sites, head.from_site_id),
        to,
        state: tags::of_box(texts, head),
        sub: load_of(head, texts),
        due: due_of(head, texts, now),
        steps: steps(head.state, texts),
        custody: custody_lines(&sheet, texts, now),
        chart: draw(&sheet.readings, head.max_temperature_hundredths, &events, texts),
        logger: head.logger_ref.clone(),
        manifest: sheet.detail.manifest.iter().map(|line| manifest_row(line, texts, now)).collect(),
        excursions: sheet.excursions.iter().map(|row| excursion_card(row, head, &visitor)).collect(),
        facts: facts(&sheet, texts),
        seal: head.seal_number.clone(),
        may_pack: rights.pack,
        may_collect: rights.collect,
        may_deliver: rights.deliver,
        asks_proof: !rights.at_the_door,
        door_code: head.handover_code.clone().filter(|_| rights.at_the_door && head.delivered_at.is_none()),
        may_receive: rights.receive,
        may_take_back: rights.take_back,
        may_cancel: rights.cancel,
    })
}

/// What a box holds, in words.
pub(super) fn load_of(head: &TransferRow, texts: &Texts) -> String {
    format!("{}, {}", texts.one("unit-bottles", "n", head.bottles), texts.millilitres(head.volume_ml.ml()))
}

fn due_of(head: &TransferRow, texts: &Texts, now: Instant) -> Option<Due> {
    let (deadline, key) = match head.state {
        TransferState::Planned | TransferState::Packed => (head.planned_pickup_at, "transfer-pickup-by"),
        TransferState::Collected | TransferState::InTransit => (head.planned_delivery_at, "transfer-delivery-by"),
        _ => return None,
    };
    Some(Due::new(texts, now, deadline, None, texts.one(key, "at", texts.short_moment(deadline, now))))
}

fn steps(state: TransferState, texts: &Texts) -> Vec<Step> {
    use TransferState as S;
    const ROAD: [S; 5] = [S::Planned, S::Packed, S::InTransit, S::Delivered, S::Received];
    let reached = match state {
        S::Planned | S::Cancelled => 0,
        S::Packed => 1,
        S::Collected | S::InTransit => 2,
        S::Delivered => 3,
        S::Received | S::ReceivedWithDiscrepancies | S::Rejected => 4,
    };
    let step = |(place, on_road): (usize, &S)| Step {
        class: if place <= reached {
            "done"
        } else if place == reached + 1 {
            "now"
        } else {
            ""
        },
        number: place + 1,
        done: place <= reached,
        label: texts.word("transfer-is", if place == 4 && reached == 4 { state.as_str() } else { on_road.as_str() }),
    };
    ROAD.iter().enumerate().map(step).collect()
}

/// A bottle of the manifest as pages show it.
pub(super) fn manifest_row(line: &ManifestLine, texts: &Texts, now: Instant) -> ManifestRow {
    let (tone, icon) = match line.outcome.as_deref() {
        Some("accepted") => ("ok", "check"),
        Some("quarantined") => ("warn", "held"),
        Some("rejected") => ("crit", "stop"),
        Some("missing") => ("dead", "lost"),
        _ => ("", ""),
    };
    let state = line.outcome.as_ref().map_or_else(
        || tags::of_bottle(texts, line.bottle_state),
        |outcome| Tag::new(tone, icon, texts.word("outcome", outcome)),
    );
    let reason = line.outcome_reason.as_ref();
    ManifestRow {
        code: format!("{}-{:03}", line.lot_code, line.division),
        href: format!("/portal/lots/{}#b{:03}", line.lot_id, line.division),
        size: texts.millilitres(line.size_ml.ml()),
        expiry: Expiry::new(texts, now, line.lot_expires_at),
        expires: texts.moments().date_time(line.lot_expires_at),
        state,
        note: reason.map(|reason| texts.find(&format!("because-{}", reason.replace('_', "-"))).unwrap_or_default()),
    }
}

fn facts(sheet: &TransferSheet, texts: &Texts) -> Vec<(String, String)> {
    let (head, moments) = (&sheet.detail.head, texts.moments());
    let unknown = || texts.get("record-missing");
    let mut facts = vec![
        (texts.get("transfer-courier"), sheet.courier.as_ref().map_or_else(unknown, |courier| courier.name.clone())),
        (texts.get("transfer-packaging"), head.packaging.clone()),
        (texts.get("transfer-holds"), texts.span(head.max_duration_minutes)),
        (texts.get("transfer-warmest"), degrees(texts, head.max_temperature_hundredths)),
        (texts.get("transfer-tolerated"), texts.span(head.tolerance_minutes)),
        (texts.get("transfer-pickup"), moments.date_time(head.planned_pickup_at)),
        (texts.get("transfer-delivery"), moments.date_time(head.planned_delivery_at)),
        (texts.get("transfer-distance"), texts.one("transfer-km", "km", moments.number(head.distance_m / 1000))),
    ];
    facts.extend(sheet.detail.plan.as_ref().map(|(plan, packing)| proof(plan, packing, texts)).unwrap_or_default());
    if let Some(highest) = head.highest_hundredths {
        facts.push((texts.get("transfer-highest"), degrees(texts, highest)));
    }
    facts
}

/// What the plan was proven with.
fn proof(plan: &PlanRow, packing: &str, texts: &Texts) -> Vec<(String, String)> {
    let weather = plan.ambient.map_or_else(|| texts.get("transfer-weather-unknown"), |ambient| degrees(texts, ambient));
    let (road, margin) = (texts.span(plan.road_minutes), texts.span(plan.margin_minutes));
    let mut facts = vec![
        (texts.get("transfer-packing"), packing.to_owned()),
        (texts.get("transfer-weather"), weather),
        (
            texts.get("transfer-road-margin"),
            texts.with("transfer-road-and-margin", &[("road", &road), ("margin", &margin)]),
        ),
    ];
    for (name, at) in [("transfer-cut-off", plan.cut_off_at), ("transfer-door-closes", plan.door_closes_at)] {
        facts.extend(at.map(|at| (texts.get(name), texts.moments().date_time(at))));
    }
    facts
}

fn excursion_card(row: &ExcursionRow, head: &TransferRow, visitor: &Visitor) -> ExcursionCard {
    let texts = visitor.texts();
    let may = visitor.may(Permission::DispositionExcursions) && visitor.actor().acts_for(row.site_id);
    let open = row.state != ExcursionState::Dispositioned;
    let received = head.received_at.is_some();
    let mut facts = vec![
        (texts.get("excursion-above"), texts.span(row.minutes_above_limit)),
        (texts.get("excursion-allowed"), texts.span(head.tolerance_minutes)),
        (texts.get("excursion-gap"), texts.span(row.longest_gap_minutes)),
    ];
    if let Some(peak) = row.peak_hundredths {
        facts.insert(0, (texts.get("excursion-peak"), degrees(texts, peak)));
    }
    let decided = row.disposition.map(|disposition| {
        let word = texts.word("decided", disposition.as_str());
        let at = row.dispositioned_at.map(|at| texts.moments().date_time(at)).unwrap_or_default();
        format!("{word}, {at}: {}", row.disposition_reason.clone().unwrap_or_default())
    });
    ExcursionCard {
        id: row.id.to_string(),
        version: row.version,
        title: texts.word("excursion-is", row.kind.as_str()),
        facts,
        decided,
        may_acknowledge: may && row.state == ExcursionState::Open,
        may_decide: may && open && received,
        waits_for_receipt: open && !received,
    }
}

async fn take_step(posted: Posted<MoveMilk>, path: web::Path<(String, String)>) -> Result<HttpResponse, Fault> {
    let (id, step) = path.into_inner();
    let id = id_of::<TransferId>(&id)?;
    let version = posted.form.whole("version").unwrap_or(0);
    let seal = posted.form.get("seal").to_owned();
    let reason = posted.form.get("reason").to_owned();
    let to = format!("/portal/transfers/{id}");
    let done = format!("{to}?done=transfer-{step}");
    let text = |name: &str| Some(posted.form.get(name).to_owned()).filter(|text| !text.is_empty());
    let given = Handover { code: text("code"), signature_ref: text("signature"), photo_ref: None };
    if matches!(step.as_str(), "pack" | "collect") && seal.is_empty() {
        return Ok(see(&format!("{to}?missing=seal")));
    }
    if step == "cancel" && reason.is_empty() {
        return Ok(see(&format!("{to}?missing=reason")));
    }
    if !matches!(step.as_str(), "pack" | "collect" | "deliver" | "cancel") {
        return Err(Fault::NotFound);
    }
    let job = move |tx: &mut Tx<'_>| match step.as_str() {
        "pack" => pack_transfer(tx, id, version, &seal, None),
        "collect" => collect_transfer(tx, id, version, &seal, None),
        "deliver" => deliver_transfer(tx, id, version, None, &given, None),
        _ => cancel_transfer(tx, id, version, &reason),
    };
    Ok(posted.once(job, move |_detail| done.clone()).await?)
}

async fn excursion(visitor: Signed<ReadTransfers>, path: web::Path<String>) -> Shown {
    let (id, actor) = (id_of::<ExcursionId>(&path)?, visitor.actor().clone());
    let find = move |conn: &mut _| crate::actions::excursions::get_excursion(conn, &actor, id);
    let row = visitor.state().hub.read(find).await?;
    row.transfer_id.map(|transfer| see(&format!("/portal/transfers/{transfer}"))).ok_or(Fault::NotFound)
}

fn back_to(row: &ExcursionRow, done: &str) -> String {
    row.transfer_id
        .map_or_else(|| "/portal/transfers".to_owned(), |transfer| format!("/portal/transfers/{transfer}?done={done}"))
}

async fn acknowledge(posted: Posted<DispositionExcursions>, path: web::Path<String>) -> Result<HttpResponse, Fault> {
    let (id, version) = (id_of::<ExcursionId>(&path)?, posted.form.whole("version").unwrap_or(0));
    let to = |row: &ExcursionRow| back_to(row, "excursion-seen");
    Ok(posted.once(move |tx| acknowledge_excursion(tx, id, version), to).await?)
}

async fn disposition(posted: Posted<DispositionExcursions>, path: web::Path<String>) -> Result<HttpResponse, Fault> {
    let (id, version) = (id_of::<ExcursionId>(&path)?, posted.form.whole("version").unwrap_or(0));
    let transfer = id_of::<TransferId>(posted.form.get("transfer"))?;
    let reason = posted.form.get("reason").to_owned();
    let decision: Option<Disposition> = posted.form.get("decision").parse().ok();
    let Some(disposition) = decision.filter(|_| !reason.is_empty()) else {
        return Ok(see(&format!("/portal/transfers/{transfer}?missing=decision")));
    };
    let milk: Option<BottleCondition> = posted.form.get("milk").parse().ok();
    if disposition != Disposition::Discard && milk.is_none() {
        return Ok(see(&format!("/portal/transfers/{transfer}?missing=milk")));
    }
    let command = DecideExcursion { disposition, reason, milk, thawed_since: None };
    let job = move |tx: &mut Tx<'_>| disposition_excursion(tx, id, version, &command);
    Ok(posted.once(job, |row: &ExcursionRow| back_to(row, "excursion-decided")).await?)
}
