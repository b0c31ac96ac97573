//! Calendars of stops behind secret addresses, for the programs in which people keep their days.

use super::auth::{Allowed, permit::ReadCalendar};
use super::extract::PathId;
use super::idempotency::{Creating, created, send};
use super::openapi::{CreatingHeaders, IdInPath, operations};
use super::problem::Problem;
use super::state::{Answer, State};
use crate::actions::dispatch::calendars::{self, CalendarRow, MadeCalendar};
use crate::domain::ids::{CalendarId, SiteId};
use crate::domain::time::Instant;
use crate::interop::icalendar;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpRequest, HttpResponse, delete, get, post};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

operations!(create_calendar, list_calendars, revoke_calendar, read_calendar);

/// A calendar to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CalendarBody {
    /// The stops at this site; every route, if left out.
    #[schema(value_type = Option<String>, format = "uuid")]
    site_id: Option<SiteId>,
}

/// A calendar.
#[derive(Serialize, ToSchema)]
#[schema(as = Calendar)]
struct CalendarView {
    /// Identifier.
    #[schema(value_type = String, format = "uuid")]
    id: CalendarId,
    /// The site whose stops it shows.
    #[schema(value_type = Option<String>, format = "uuid")]
    site_id: Option<SiteId>,
    /// Its address below the hub's, shown once: whoever has it reads the calendar.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    path: Option<String>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Instant,
}

fn calendar_view(row: &CalendarRow, code: Option<&str>) -> CalendarView {
    let CalendarRow { id, owner: _, site_id, secret_hash: _, created_at, revoked_at: _ } = row.clone();
    CalendarView { id, site_id, path: code.map(|code| format!("/v1/calendar-feeds/{code}")), created_at }
}

/// Makes a calendar with a secret address.
#[utoipa::path(tag = "dispatch", params(CreatingHeaders), request_body = CalendarBody,
    responses((status = 201, description = "It is made.", body = CalendarView)))]
#[post("/v1/calendars")]
async fn create_calendar(call: Allowed<ReadCalendar>, state: State, creating: Creating<CalendarBody>) -> Answer {
    let Creating { body: CalendarBody { site_id }, once } = creating;
    let render = |made: &MadeCalendar| {
        created(format!("/v1/calendars/{}", made.row.id), 1, &calendar_view(&made.row, Some(&made.code)))
    };
    let answer = state.hub.write_once(&call, once, move |tx| calendars::create_calendar(tx, site_id), render).await?;
    Ok(send(answer))
}

/// The caller's calendars.
#[derive(Serialize, ToSchema)]
#[schema(as = Calendars)]
struct CalendarsView {
    /// In the order in which they were made.
    items: Vec<CalendarView>,
}

/// Lists the caller's calendars, without their secrets.
#[utoipa::path(tag = "dispatch",
    responses((status = 200, description = "The calendars.", body = CalendarsView)))]
#[get("/v1/calendars")]
async fn list_calendars(call: Allowed<ReadCalendar>, state: State) -> Answer {
    let owner = call.actor().id.clone();
    let found = state.hub.read(move |conn| calendars::list_calendars(conn, &owner)).await?;
    Ok(HttpResponse::Ok().json(CalendarsView { items: found.iter().map(|row| calendar_view(row, None)).collect() }))
}

/// Takes a calendar back; its address opens nothing any more.
#[utoipa::path(tag = "dispatch", params(IdInPath),
    responses((status = 204, description = "It is gone.")))]
#[delete("/v1/calendars/{id}")]
async fn revoke_calendar(call: Allowed<ReadCalendar>, state: State, id: PathId<CalendarId>) -> Answer {
    let PathId(id) = id;
    state.hub.write(&call, move |tx| calendars::revoke_calendar(tx, id)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The secret of the path.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "describes the part of the path that the handler reads")]
struct CodeInPath {
    /// The secret end of the calendar's address.
    #[param(max_length = 64)]
    code: String,
}

/// Gives a calendar in iCalendar's format (RFC 5545), to whoever has its address.
#[utoipa::path(tag = "dispatch", security(()), params(CodeInPath),
    responses((status = 200, description = "The calendar.", body = String, content_type = "text/calendar")))]
#[get("/v1/calendar-feeds/{code}")]
async fn read_calendar(state: State, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let code = request.match_info().get("code").unwrap_or_default().to_owned();
    let now = state.hub.clock.now();
    let entries = state.hub.read(move |conn| calendars::read_calendar(conn, &code, now)).await?;
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "private, max-age=60"))
        .content_type("text/calendar; charset=utf-8")
        .body(icalendar::write(&entries, now)))
}
