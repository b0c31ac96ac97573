//! The driver's page, opened by a signed link: one route, one shift. The next stop stands on top with one next
//! action; everything is a plain form, and script keeps what is pressed without a signal.

use super::drive_steps;
use crate::actions::ActionError;
use crate::actions::dispatch::driver::{DriverRoute, look_at_route, open_route, unknown_driver};
use crate::actions::dispatch::links::LinkKey;
use crate::actions::dispatch::routes::StopSeen;
use crate::domain::dispatch::{StopKind, StopProblem, StopState};
use crate::domain::ids::SiteId;
use crate::domain::time::Instant;
use crate::portal::arrival::{Arrival, noted};
use crate::portal::fault::{Fault, see, show, show_with};
use crate::portal::form::Form;
use crate::portal::frame::Frame;
use crate::portal::parts::SiteName;
use crate::portal::state::Shown;
use crate::portal::texts::Texts;
use crate::portal::transfer::short;
use actix_web::cookie::{Cookie, SameSite, time::Duration};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

/// The cookie by which a phone is known again; the first phone that starts a route keeps its link.
const PHONE_COOKIE: &str = "__Host-milkbridge-phone";

/// Adds the routes of the driver's page.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/drive/worker.js", web::get().to(worker));
    config.route("/drive/{code}", web::get().to(page));
    config.route("/drive/{code}/start", web::post().to(start));
    config.route("/drive/{code}/step", web::post().to(drive_steps::step));
}

/// A stop still to come, with all that its forms need.
pub struct StopCard {
    /// Which.
    pub id: String,
    /// Its place, from 1.
    pub number: usize,
    /// What happens there.
    pub what: String,
    /// True when the box comes aboard.
    pub loads: bool,
    /// True when somebody takes it at its door, and something has to show for it.
    pub at_door: bool,
    /// Its transfer.
    pub transfer: String,
    /// By when.
    pub by: String,
    /// Where.
    pub site: SiteName,
    /// Its name as it stands over the door, where that is another.
    pub door: Option<SiteName>,
    /// The address in words.
    pub address: String,
    /// The address for the phone's map.
    pub map: String,
    /// The box.
    pub code: String,
    /// What is in it.
    pub load: String,
    /// Its seal, if it has one.
    pub seal: Option<String>,
    /// The time left.
    pub left: String,
    /// True when the vehicle is there.
    pub arrived: bool,
    /// A new name for saying that the vehicle is there.
    pub ref_arrived: String,
    /// For saying that it is done.
    pub ref_done: String,
    /// For saying that it cannot be done.
    pub ref_failed: String,
    /// What was typed, where it was not taken.
    pub typed: Form,
}

/// Why a step was not taken, and what had been typed for it.
pub struct NotTaken {
    /// In the reader's words.
    pub why: String,
    /// Everything that was sent.
    pub form: Form,
}

/// The page.
#[derive(Template)]
#[template(path = "drive.html")]
pub struct DrivePage {
    f: Frame,
    code: String,
    device: String,
    vehicle: String,
    shift_until: String,
    all: usize,
    next: Option<StopCard>,
    then: Vec<StopCard>,
    made: usize,
    problems: Vec<(&'static str, String)>,
    refused: Option<String>,
    now: String,
}

/// What a link shows before the route is started: a preview of a message may see it and changes nothing.
#[derive(Template)]
#[template(path = "drive_start.html")]
struct StartPage {
    f: Frame,
    code: String,
    vehicle: String,
    shift_until: String,
}

#[derive(Template)]
#[template(path = "drive_closed.html")]
struct ClosedPage {
    f: Frame,
    why: String,
}

/// The phone's own name, known again by its cookie or made now.
pub fn phone_of(request: &HttpRequest, arrival: &Arrival) -> (String, bool) {
    let known = request.cookie(PHONE_COOKIE).map(|cookie| cookie.value().to_owned());
    match known.filter(|name| (8..=64).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_graphic())) {
        Some(name) => (name, false),
        None => (arrival.state.hub.ids.next(arrival.state.hub.clock.now()).to_string(), true),
    }
}

fn phone_cookie(name: &str) -> Cookie<'static> {
    let cookie = Cookie::build(PHONE_COOKIE, name.to_owned()).path("/").secure(true).http_only(true);
    cookie.same_site(SameSite::Lax).max_age(Duration::days(30)).finish()
}

async fn page(request: HttpRequest, path: web::Path<String>) -> Shown {
    let arrival = noted(&request).ok_or(Fault::Failed)?;
    let (device, _fresh) = phone_of(&request, &arrival);
    shown(&arrival, &path, &device, None).await
}

/// Starts the route on this phone, which keeps the link from now on.
async fn start(request: HttpRequest, path: web::Path<String>) -> Shown {
    let arrival = noted(&request).ok_or(Fault::Failed)?;
    if arrival.foreign {
        return Err(Fault::Forged);
    }
    let (device, fresh) = phone_of(&request, &arrival);
    let key = LinkKey::of(arrival.state.authority.vault())?;
    let (code, phone) = (path.clone(), device.clone());
    let opened =
        arrival.state.hub.write_quietly(&unknown_driver(), move |tx| open_route(tx, &key, &code, &phone)).await;
    if let Err(error) = opened {
        return closed(&arrival, error);
    }
    let mut answer = see(&format!("/portal/drive/{}", path.as_str()));
    if fresh {
        drop(answer.add_cookie(&phone_cookie(&device)));
    }
    Ok(answer)
}

/// The route of a link as a page; a link that opens nothing says why.
pub async fn shown(arrival: &Arrival, code: &str, device: &str, refused: Option<NotTaken>) -> Shown {
    let key = LinkKey::of(arrival.state.authority.vault())?;
    let (code_sent, device_sent) = (code.to_owned(), device.to_owned());
    let now = arrival.state.hub.clock.now();
    let look = move |conn: &mut _| look_at_route(conn, &key, (&code_sent, &device_sent), now);
    match arrival.state.hub.read(look).await {
        Ok((found, true)) => {
            let status = if refused.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
            Ok(show_with(status, &page_of(arrival, &found, code, device, refused)))
        }
        Ok((found, false)) => show(&start_page(arrival, &found, code)),
        Err(error) => closed(arrival, error),
    }
}

fn start_page(arrival: &Arrival, found: &DriverRoute, code: &str) -> StartPage {
    let texts = texts_at_next_door(arrival, found);
    StartPage {
        f: Frame::of(arrival, "", &texts.get("drive-start-title")),
        code: code.to_owned(),
        vehicle: found.vehicle.name.clone(),
        shift_until: texts.moments().time(found.shift.ends_at),
    }
}

/// The page of a link that opens nothing.
fn closed(arrival: &Arrival, error: ActionError) -> Shown {
    match error {
        ActionError::Unauthenticated { code } => {
            let texts = &arrival.texts;
            let word = code.strip_prefix("driver_link_").unwrap_or("forged");
            let why = texts.find(&format!("drive-closed-{}", word.replace('_', "-")));
            let why = why.unwrap_or_else(|| texts.get("drive-closed-forged"));
            let f = Frame::of(arrival, "", &texts.get("drive-closed-title"));
            Ok(show_with(StatusCode::FORBIDDEN, &ClosedPage { f, why }))
        }
        other => Err(other.into()),
    }
}

/// A driver reads the clock of the place where the next door is.
fn texts_at_next_door(arrival: &Arrival, found: &DriverRoute) -> Texts {
    let next = found.route.stops.iter().find(|stop| stop.row.state.is_ahead());
    let zone = next.and_then(|stop| found.sites.get(&stop.row.site_id));
    let zone = zone.map_or_else(|| arrival.texts.moments().zone_name(), |site| site.time_zone.clone());
    Texts::new(arrival.texts.language(), &zone)
}

fn page_of(arrival: &Arrival, found: &DriverRoute, code: &str, device: &str, refused: Option<NotTaken>) -> DrivePage {
    let now = arrival.state.hub.clock.now();
    let texts = texts_at_next_door(arrival, found);
    let ahead = (1..).zip(&found.route.stops).filter(|(_, stop)| stop.row.state.is_ahead());
    let mut cards: Vec<StopCard> =
        ahead.map(|(number, stop)| card(arrival, found, number, stop, &texts, now)).collect();
    let (refused, form) = refused.map_or((None, Form::default()), |one| (Some(one.why), one.form));
    if let Some(card) = cards.iter_mut().find(|card| card.id == form.get("stop")) {
        card.typed = form;
    }
    let next = (!cards.is_empty()).then(|| cards.remove(0));
    let made = found.route.stops.iter().filter(|stop| stop.row.state == StopState::Done).count();
    let problems = StopProblem::ALL.iter().map(|one| (one.as_str(), texts.word("drive-problem", one.as_str())));
    DrivePage {
        f: Frame::of(arrival, "", &texts.get("drive-title")),
        code: code.to_owned(),
        device: device.to_owned(),
        vehicle: found.vehicle.name.clone(),
        shift_until: texts.moments().time(found.shift.ends_at),
        all: found.route.stops.len(),
        next,
        then: cards,
        made,
        problems: problems.collect(),
        refused,
        now: now.to_string(),
    }
}

fn card(
    arrival: &Arrival,
    found: &DriverRoute,
    number: usize,
    stop: &StopSeen,
    texts: &Texts,
    now: Instant,
) -> StopCard {
    let (row, transfer) = (&stop.row, &stop.transfer);
    let site = found.sites.get(&row.site_id);
    let name = site.map_or_else(|| SiteName::new("–", ""), |site| SiteName::read_in(texts.language(), site));
    let door = site.and_then(|site| Some(SiteName::new(site.name_local.as_deref()?, site.country.as_str())));
    let ids = &arrival.state.hub.ids;
    let bottles = texts.one("unit-bottles", "n", transfer.bottles);
    StopCard {
        id: row.id.to_string(),
        number,
        what: texts.get(match row.kind {
            StopKind::Pickup => "dispatch-stop-pickup",
            StopKind::Delivery => "dispatch-stop-delivery",
            StopKind::Drop => "dispatch-stop-drop",
            StopKind::Take => "dispatch-stop-take",
        }),
        loads: row.kind.loads(),
        at_door: row.kind == StopKind::Delivery,
        transfer: row.transfer_id.to_string(),
        by: texts.short_moment(row.due_at, now),
        door: door.filter(|door| door.name != name.name),
        site: name,
        address: site.map_or_else(String::new, |site| {
            [Some(&site.city), site.admin_area.as_ref()].into_iter().flatten().cloned().collect::<Vec<_>>().join(", ")
        }),
        map: map_address(found, row.site_id),
        code: short(transfer.id),
        load: format!("{}, {bottles}", texts.millilitres(transfer.volume_ml.ml())),
        seal: transfer.seal_number.clone(),
        left: if row.due_at <= now {
            texts.one("due-over", "span", texts.span(now.minutes_since(row.due_at)))
        } else {
            texts.one("due-left", "span", texts.span(row.due_at.minutes_since(now)))
        },
        arrived: row.state == StopState::Arrived,
        ref_arrived: ids.next(now).to_string(),
        ref_done: ids.next(now).to_string(),
        ref_failed: ids.next(now).to_string(),
        typed: Form::default(),
    }
}

/// The address of a place in the phone's own map (RFC 5870).
fn map_address(found: &DriverRoute, site: SiteId) -> String {
    let Some(site) = found.sites.get(&site) else { return String::new() };
    let (latitude, longitude) = site.position.degrees();
    format!("geo:{latitude:.6},{longitude:.6}?q={latitude:.6},{longitude:.6}")
}

/// The worker that keeps the page: it must come from the folder that it works for.
async fn worker() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/javascript; charset=utf-8")
        .insert_header(("Cache-Control", "no-cache"))
        .body(include_str!("../assets/driver-worker.js"))
}
