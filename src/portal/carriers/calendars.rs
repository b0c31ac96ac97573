//! Calendars of stops for the calendars that people have already: a secret address, shown once, taken back at will.

use super::{Way, ways};
use crate::actions::dispatch::calendars::{CalendarRow, create_calendar, list_calendars, revoke_calendar};
use crate::domain::actor::Permission;
use crate::domain::ids::{CalendarId, SiteId};
use crate::portal::fault::{Fault, show};
use crate::portal::frame::Frame;
use crate::portal::lot::id_of;
use crate::portal::office::user_fields::ToldOncePage;
use crate::portal::signed::{Posted, Signed, Visitor, permit::ReadCalendar};
use crate::portal::state::Shown;
use actix_web::{HttpResponse, web};
use askama::Template;

/// Adds the routes of calendars.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/calendars", web::get().to(calendars));
    config.route("/calendars", web::post().to(make));
    config.route("/calendars/{id}/revoke", web::post().to(revoke));
}

struct CalendarLine {
    id: String,
    of: String,
    made: String,
}

#[derive(Template)]
#[template(path = "calendars.html")]
struct CalendarsPage {
    f: Frame,
    ways: Vec<Way>,
    lines: Vec<CalendarLine>,
    /// Every route, or the site at work, by what is sent and what is read.
    offered: Vec<(String, String)>,
}

/// What a calendar may be of: every route for those who see all, and the site at work.
fn offered(visitor: &Visitor) -> Vec<(String, String)> {
    let texts = visitor.texts();
    let every = visitor.actor().role.spans_all_sites().then(|| (String::new(), texts.get("calendar-of-all")));
    let site = visitor.site().map(|site| (site.id.to_string(), texts.one("calendar-of-site", "site", &site.name)));
    every.into_iter().chain(site).collect()
}

async fn calendars(visitor: Signed<ReadCalendar>) -> Shown {
    let owner = visitor.actor().id.clone();
    let read = move |conn: &mut _| {
        let found = list_calendars(conn, &owner)?;
        let ids = found.iter().filter_map(|row| row.site_id).collect();
        Ok((crate::actions::worklist::site_names(conn, &ids)?, found))
    };
    let (names, found) = visitor.state().hub.read(read).await?;
    let texts = visitor.texts();
    let line = |row: &CalendarRow| CalendarLine {
        id: row.id.to_string(),
        of: match row.site_id {
            None => texts.get("calendar-of-all"),
            Some(id) => {
                let name = names.get(&id).map_or("–", |site| site.name.as_str());
                texts.one("calendar-of-site", "site", name)
            }
        },
        made: texts.moments().date_time(row.created_at),
    };
    let sees_routes = visitor.may(Permission::ReadRoutes);
    show(&CalendarsPage {
        f: visitor.frame(if sees_routes { "dispatch" } else { "more" }, &texts.get("carriers-calendars")),
        ways: if sees_routes { ways(&visitor, "calendars") } else { Vec::new() },
        lines: found.iter().map(line).collect(),
        offered: offered(&visitor),
    })
}

/// Makes a calendar and shows its address once; sent twice, it makes two, and either can be taken back.
async fn make(posted: Posted<ReadCalendar>) -> Result<HttpResponse, Fault> {
    let site: Option<SiteId> = match posted.form.get("site") {
        "" => None,
        id => Some(id_of::<SiteId>(id)?),
    };
    let state = posted.state();
    let made = state.hub.write(posted.call(), move |tx| create_calendar(tx, site)).await?;
    let texts = posted.texts();
    let address = format!("{}/v1/calendar-feeds/{}", state.authority.issuer().trim_end_matches('/'), made.code);
    show(&ToldOncePage {
        f: posted.frame("more", &texts.get("calendar-made")),
        name: texts.get("calendar-made-note"),
        told: vec![(texts.get("calendar-address"), address)],
        on: "/portal/calendars".to_owned(),
    })
}

async fn revoke(posted: Posted<ReadCalendar>, path: web::Path<String>) -> Result<HttpResponse, Fault> {
    let id = id_of::<CalendarId>(&path)?;
    let to = |(): &()| "/portal/calendars?done=calendar-revoked".to_owned();
    Ok(posted.once(move |tx| revoke_calendar(tx, id), to).await?)
}
