//! The dispatcher's console: one list of boxes as board, as vehicles through the day and as a map, with one
//! selection; and the driver's page.

mod act;
mod alarms;
mod cards;
mod choose;
mod drive;
mod drive_steps;
mod jobs;
mod lanes;
mod places;
mod planning;
mod proofs;

use super::fault::show;
use super::frame::Frame;
use super::map::Map;
use super::signed::{Signed, permit::ReadRoutes};
use super::state::Shown;
use super::texts::Texts;
use crate::domain::actor::Permission;
use crate::domain::ids::TransferId;
use actix_web::web;
use alarms::AlarmLine;
use askama::Template;
use cards::{Filter, Stack};
use choose::Selection;
use lanes::Timeline;
use serde::Deserialize;

/// Adds the routes of the console and of the driver's page.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/dispatch", web::get().to(console));
    act::routes(config);
    drive::routes(config);
    planning::routes(config);
    proofs::routes(config);
}

#[derive(Deserialize)]
struct ConsoleQuery {
    #[serde(default)]
    sel: String,
    #[serde(default)]
    alarm: String,
}

#[derive(Template)]
#[template(path = "dispatch.html")]
struct ConsolePage {
    f: Frame,
    sub: String,
    alarms: Vec<AlarmLine>,
    filters: Vec<Filter>,
    stacks: Vec<Stack>,
    selection: Option<Selection>,
    timeline: Timeline,
    map: Option<Map>,
    may_act: bool,
    empty: bool,
}

async fn console(visitor: Signed<ReadRoutes>, query: web::Query<ConsoleQuery>) -> Shown {
    let world = jobs::read_world(&visitor).await?;
    let now = visitor.now();
    let zone = if visitor.site().is_some() { None } else { world.time_zone() };
    let local = zone.map(|zone| Texts::new(visitor.texts().language(), zone));
    let texts = local.as_ref().unwrap_or_else(|| visitor.texts());
    let wanted: Option<TransferId> = query.sel.parse().ok();
    // Without a choice the box that waits and has the least slack is looked at: there something can be decided.
    let waits = |job: &&jobs::Job| wanted.is_none() && job.column == jobs::Column::ToPlan;
    let moves = |job: &&jobs::Job| wanted.is_none() && job.column != jobs::Column::Delivered;
    let chosen = world.jobs.iter().find(|job| Some(job.id) == wanted);
    let picked = chosen.or_else(|| world.jobs.iter().find(waits)).or_else(|| world.jobs.iter().find(moves));
    let selection = match picked {
        Some(job) => Some(choose::selection(&visitor, &world, job, texts).await?),
        None => None,
    };
    let proposal = selection.as_ref().and_then(|selection| selection.proposal.as_ref());
    let timeline = lanes::timeline(&world, picked, proposal, texts, now);
    let volume: i64 = world.jobs.iter().map(|job| job.volume_ml).sum();
    let moments = texts.moments();
    let open = world.jobs.iter().filter(|job| job.column != jobs::Column::Delivered).count();
    let frame = visitor.frame("dispatch", &texts.get("dispatch-title"));
    show(&ConsolePage {
        f: super::lot::lacking(&visitor, frame.counting(open).living()),
        sub: texts.with(
            "dispatch-sub",
            &[("day", &moments.long_day(now)), ("time", &moments.time(now)), ("n", &world.jobs.len()), ("ml", &volume)],
        ),
        alarms: alarms::open_alarms(&world, texts, now),
        filters: cards::filters(&world, &query.alarm, texts),
        stacks: cards::stacks(&world, picked, &query.alarm, texts, now),
        selection,
        timeline,
        map: places::map(&world, picked, texts),
        may_act: visitor.may(Permission::PlanRoutes),
        empty: world.jobs.is_empty(),
    })
}
