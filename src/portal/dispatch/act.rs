//! What a dispatcher does: give a box to a vehicle, move it, take a route back, take an alarm, make the driver's link.

use crate::actions::dispatch::alarms::acknowledge_alarm;
use crate::actions::dispatch::editing::{cancel_route, create_route};
use crate::actions::dispatch::handing::give_boxes;
use crate::actions::dispatch::insertion::insert_box;
use crate::actions::dispatch::links::{LinkKey, make_link};
use crate::actions::dispatch::routes::RouteFilter;
use crate::actions::dispatch::routes::list_routes;
use crate::actions::dispatch::turning_back::turn_back;
use crate::actions::{ActionError, Tx};
use crate::domain::dispatch::RouteState;
use crate::domain::ids::{AlarmId, RouteId, ShiftId, TransferId};
use crate::portal::fault::{Fault, show};
use crate::portal::frame::Frame;
use crate::portal::signed::{Posted, permit::PlanRoutes};
use actix_web::{HttpResponse, web};
use askama::Template;

/// Open routes of the hub.
const MOST_ROUTES: i64 = 500;

/// Adds the routes.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/dispatch/assign", web::post().to(assign));
    config.route("/dispatch/alarms/{id}/acknowledge", web::post().to(acknowledge));
    config.route("/dispatch/routes/{id}/link", web::post().to(link));
    config.route("/dispatch/routes/{id}/cancel", web::post().to(cancel));
    config.route("/dispatch/routes/{id}/turn-back", web::post().to(turn_back_box));
}

/// Gives a box to a shift, from the pool or from another vehicle; the hub finds its place in the route, or says why
/// there is none.
async fn assign(posted: Posted<PlanRoutes>) -> Result<HttpResponse, Fault> {
    let transfer: TransferId = posted.form.get("transfer").parse().map_err(|_not_an_id| Fault::Unreadable)?;
    let shift: ShiftId = match posted.form.get("other") {
        "" => posted.form.get("shift"),
        other => other,
    }
    .parse()
    .map_err(|_not_an_id| Fault::Unreadable)?;
    let back = format!("/portal/dispatch?sel={transfer}");
    let to = format!("{back}&done=dispatch-assigned");
    match posted.once(move |tx| give(tx, transfer, shift), move |()| to.clone()).await {
        Err(ActionError::Invalid(errors)) => Err(Fault::DoesNotFit(errors)),
        other => Ok(other?),
    }
}

fn give(tx: &mut Tx<'_>, transfer: TransferId, shift: ShiftId) -> Result<(), ActionError> {
    let states = vec![RouteState::Planned, RouteState::Assigned, RouteState::Running];
    let open = list_routes(tx.conn, tx.actor, &RouteFilter { states, ..RouteFilter::default() }, None, MOST_ROUTES)?;
    let on = open.iter().find(|route| route.stops.iter().any(|stop| stop.row.transfer_id == transfer));
    let target = open.iter().find(|route| route.head.shift_id == shift);
    match (on, target) {
        (Some(on), _) => drop(give_boxes(tx, on.head.id, on.head.version, shift, Some(&[transfer]))?),
        (None, Some(target)) => drop(insert_box(tx, target.head.id, target.head.version, transfer, false)?),
        (None, None) => drop(create_route(tx, shift, &[transfer], false)?),
    }
    Ok(())
}

async fn acknowledge(posted: Posted<PlanRoutes>, path: web::Path<String>) -> Result<HttpResponse, Fault> {
    let id: AlarmId = path.parse().map_err(|_not_an_id| Fault::NotFound)?;
    let version = posted.form.whole("version").ok_or(Fault::Unreadable)?;
    let to = format!("/portal/dispatch?sel={}&done=dispatch-acknowledged", posted.form.get("sel"));
    Ok(posted.once(move |tx| acknowledge_alarm(tx, id, version), move |_alarm| to.clone()).await?)
}

async fn cancel(posted: Posted<PlanRoutes>, path: web::Path<String>) -> Result<HttpResponse, Fault> {
    let id: RouteId = path.parse().map_err(|_not_an_id| Fault::NotFound)?;
    let version = posted.form.whole("version").ok_or(Fault::Unreadable)?;
    let (reason, to) = (posted.form.get("reason").to_owned(), "/portal/dispatch?done=dispatch-cancelled".to_owned());
    match posted.once(move |tx| cancel_route(tx, id, version, &reason), move |_route| to.clone()).await {
        Err(ActionError::Invalid(_)) => {
            Ok(crate::portal::fault::see(&format!("/portal/dispatch?sel={}&missing=reason", posted.form.get("sel"))))
        }
        other => Ok(other?),
    }
}

/// Sends a box that is aboard back to its sender; a way that does not hold says why.
async fn turn_back_box(posted: Posted<PlanRoutes>, path: web::Path<String>) -> Result<HttpResponse, Fault> {
    let id: RouteId = path.parse().map_err(|_not_an_id| Fault::NotFound)?;
    let version = posted.form.whole("version").ok_or(Fault::Unreadable)?;
    let transfer: TransferId = posted.form.get("sel").parse().map_err(|_not_an_id| Fault::Unreadable)?;
    let (reason, back) = (posted.form.get("reason").to_owned(), format!("/portal/dispatch?sel={transfer}"));
    if reason.is_empty() {
        return Ok(crate::portal::fault::see(&format!("{back}&missing=reason")));
    }
    let to = format!("{back}&done=dispatch-turned-back");
    match posted.once(move |tx| turn_back(tx, (id, version), transfer, &reason), move |_route| to.clone()).await {
        Err(ActionError::Invalid(errors)) => Err(Fault::DoesNotFit(errors)),
        other => Ok(other?),
    }
}

#[derive(Template)]
#[template(path = "driver_link.html")]
struct LinkPage {
    f: Frame,
    address: String,
    until: String,
    back: String,
}

/// Makes a link and shows it once. Earlier links of the route open nothing any more, so that doing it twice leaves
/// one that works.
async fn link(posted: Posted<PlanRoutes>, path: web::Path<String>) -> Result<HttpResponse, Fault> {
    let id: RouteId = path.parse().map_err(|_not_an_id| Fault::NotFound)?;
    let version = posted.form.whole("version").ok_or(Fault::Unreadable)?;
    let state = posted.state();
    let key = LinkKey::of(state.authority.vault())?;
    let made = state.hub.write(posted.call(), move |tx| make_link(tx, &key, id, version)).await?;
    let (texts, now) = (posted.texts(), posted.now());
    show(&LinkPage {
        f: posted.frame("dispatch", &texts.get("dispatch-link-title")),
        address: format!("{}/portal/drive/{}", state.authority.issuer().trim_end_matches('/'), made.code),
        until: texts.short_moment(made.row.expires_at, now),
        back: format!("/portal/dispatch?sel={}", posted.form.get("sel")),
    })
}
