//! Alarms that nobody has taken yet, the least slack first: each says what is wrong with which box, and what its
//! deadline is.

use super::cards::slack_of;
use super::jobs::{Job, World};
use crate::actions::dispatch::routes::AlarmRow;
use crate::domain::dispatch::{AlarmKind, AlarmState};
use crate::domain::time::Instant;
use crate::portal::parts::SiteName;
use crate::portal::texts::Texts;
use crate::portal::transfer::short;
use std::collections::BTreeSet;

/// Alarms that stand above the board; the board itself shows them all.
const MOST_SHOWN: usize = 3;

/// An alarm that somebody may take.
pub struct AlarmLine {
    /// Which.
    pub id: String,
    /// Its version.
    pub version: i64,
    /// Its icon.
    pub icon: &'static str,
    /// What is wrong.
    pub heading: String,
    /// The box.
    pub code: String,
    /// Where its box goes.
    pub to: SiteName,
    /// What is in it.
    pub load: String,
    /// What is to spare.
    pub slack: String,
    /// By when.
    pub by: String,
    /// The box, for the selection.
    pub sel: String,
}

/// The alarms on top.
pub fn open_alarms(world: &World, texts: &Texts, now: Instant) -> Vec<AlarmLine> {
    let mut seen = BTreeSet::new();
    let open = world.jobs.iter().flat_map(|job| job.alarms.iter().map(move |alarm| (job, alarm)));
    open.filter(|(_, alarm)| alarm.state == AlarmState::Open && seen.insert(alarm.id))
        .take(MOST_SHOWN)
        .map(|(job, alarm)| line(world, job, alarm, texts, now))
        .collect()
}

fn line(world: &World, job: &Job, alarm: &AlarmRow, texts: &Texts, now: Instant) -> AlarmLine {
    let route = world.route_of(job);
    let vehicle = route.map_or("–", |route| world.vehicle(route.head.vehicle_id));
    let heard = route.and_then(|route| route.head.heard_at).unwrap_or(alarm.opened_at);
    let code = short(job.id);
    let (icon, heading) = match alarm.kind {
        AlarmKind::Silent => {
            let span = texts.span(now.minutes_since(heard));
            ("lost", texts.with("dispatch-told-silent", &[("vehicle", &vehicle), ("span", &span)]))
        }
        AlarmKind::Late => {
            let span = texts.span((-job.slack_minutes).max(0));
            ("clock", texts.with("dispatch-told-late", &[("code", &code), ("span", &span)]))
        }
        AlarmKind::Warm => ("temp", texts.one("dispatch-told-warm", "code", code.clone())),
    };
    AlarmLine {
        id: alarm.id.to_string(),
        version: alarm.version,
        icon,
        heading,
        code,
        to: world.site_name(job.to),
        load: texts.millilitres(job.volume_ml),
        slack: slack_of(job, texts, now),
        by: texts.one("dispatch-by", "at", texts.short_moment(job.due, now)),
        sel: job.id.to_string(),
    }
}
