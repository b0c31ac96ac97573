//! The board: a column for each place where a box may stand, the least slack first, and the alarms on top.

use super::jobs::{Column, Job, World};
use crate::domain::dispatch::AlarmKind;
use crate::domain::time::Instant;
use crate::portal::parts::{SiteName, Tag, TierMark};
use crate::portal::texts::Texts;
use crate::portal::transfer::short;

/// Less than this to spare is little.
const LITTLE_MINUTES: i64 = 60;
/// Less than this is hardly any.
const HARDLY_MINUTES: i64 = 15;

/// A card of the board.
pub struct Card {
    /// The box.
    pub id: String,
    /// Its short code.
    pub code: String,
    /// Where its selection leads.
    pub href: String,
    /// True when it is selected.
    pub picked: bool,
    /// True when it may be given to another vehicle.
    pub movable: bool,
    /// Its urgency.
    pub tier: Option<TierMark>,
    /// Where it goes.
    pub to: SiteName,
    /// What is in it.
    pub load: String,
    /// ` slack-bad`, ` slack-mid` or nothing.
    pub slack_class: &'static str,
    /// The icon of the slack.
    pub slack_icon: &'static str,
    /// Its slack in words.
    pub slack: String,
    /// Who has it and when it arrives.
    pub note: String,
    /// Alarms.
    pub tags: Vec<Tag>,
}

/// A column.
pub struct Stack {
    /// Its word.
    pub id: &'static str,
    /// Its heading.
    pub title: String,
    /// True for the column of problems.
    pub bad: bool,
    /// Its cards.
    pub cards: Vec<Card>,
}

/// A filter by alarm.
pub struct Filter {
    /// Where it leads.
    pub href: String,
    /// Its word.
    pub label: String,
    /// How many boxes it has.
    pub count: usize,
    /// True when it is chosen.
    pub current: bool,
}

/// The kinds of alarms, by their words in addresses.
pub const KINDS: [(AlarmKind, &str); 3] =
    [(AlarmKind::Late, "late"), (AlarmKind::Silent, "silent"), (AlarmKind::Warm, "warm")];

/// The filters by alarm.
pub fn filters(world: &World, chosen: &str, texts: &Texts) -> Vec<Filter> {
    KINDS
        .into_iter()
        .map(|(kind, word)| Filter {
            href: if chosen == word { "/portal/dispatch".to_owned() } else { format!("/portal/dispatch?alarm={word}") },
            label: texts.word("dispatch-alarm", word),
            count: world.jobs.iter().filter(|job| job.has(kind)).count(),
            current: chosen == word,
        })
        .collect()
}

/// The columns with the boxes that a filter leaves.
pub fn stacks(world: &World, picked: Option<&Job>, alarm: &str, texts: &Texts, now: Instant) -> Vec<Stack> {
    let kind = KINDS.into_iter().find(|(_, word)| *word == alarm).map(|(kind, _)| kind);
    Column::ALL
        .into_iter()
        .map(|column| {
            let jobs = world.jobs.iter().filter(|job| job.column == column && kind.is_none_or(|kind| job.has(kind)));
            Stack {
                id: column.word(),
                title: texts.word("dispatch-column", column.word()),
                bad: column == Column::Problem,
                cards: jobs
                    .map(|job| card(world, job, picked.map(|job| job.id) == Some(job.id), alarm, texts, now))
                    .collect(),
            }
        })
        .collect()
}

fn card(world: &World, job: &Job, picked: bool, alarm: &str, texts: &Texts, now: Instant) -> Card {
    let over = job.column == Column::Delivered;
    let (slack_class, slack_icon) = match job.slack_minutes {
        _ if over => ("", "clock"),
        minutes if minutes < HARDLY_MINUTES => (" slack-bad", "alert"),
        minutes if minutes < LITTLE_MINUTES => (" slack-mid", "clock"),
        _ => ("", "clock"),
    };
    let kept = if alarm.is_empty() { String::new() } else { format!("&alarm={alarm}") };
    let bottles = texts.one("unit-bottles", "n", job.bottles);
    Card {
        id: job.id.to_string(),
        code: short(job.id),
        href: format!("/portal/dispatch?sel={}{kept}#sel-h", job.id),
        picked,
        movable: matches!(job.column, Column::ToPlan | Column::Assigned),
        tier: job.tier.map(|tier| TierMark::new(texts, tier)),
        to: world.site_name(job.to),
        load: format!("{}, {bottles}", texts.millilitres(job.volume_ml)),
        slack_class,
        slack_icon,
        slack: slack_of(job, texts, now),
        note: note_of(world, job, texts, now),
        tags: job.alarms.iter().map(|alarm| alarm_tag(alarm.kind, texts)).collect(),
    }
}

/// How much is to spare, in words.
pub fn slack_of(job: &Job, texts: &Texts, now: Instant) -> String {
    match job.delivered_at {
        Some(at) => texts.one("dispatch-arrived", "at", texts.short_moment(at, now)),
        None if job.slack_minutes < 0 => texts.one("due-over", "span", texts.span(-job.slack_minutes)),
        None => texts.one("dispatch-slack", "span", texts.span(job.slack_minutes)),
    }
}

fn note_of(world: &World, job: &Job, texts: &Texts, now: Instant) -> String {
    let Some(route) = world.route_of(job) else {
        return texts.one("dispatch-by", "at", texts.short_moment(job.due, now));
    };
    let vehicle = world.vehicle(route.head.vehicle_id);
    if job.delivered_at.is_some() && job.slack_minutes >= 0 {
        return texts.one("dispatch-spare", "span", texts.span(job.slack_minutes));
    }
    if let (true, Some(heard)) = (job.has(AlarmKind::Silent), route.head.heard_at) {
        return texts.with("dispatch-heard", &[("vehicle", &vehicle), ("at", &texts.short_moment(heard, now))]);
    }
    let waits = job.column == Column::Assigned;
    let at = job.way.map_or(job.due, |(collects, arrives)| if waits { collects } else { arrives });
    let key = if waits { "dispatch-collects" } else { "dispatch-arrives" };
    texts.with(key, &[("vehicle", &vehicle), ("at", &texts.short_moment(at, now))])
}

/// An alarm as a tag.
pub fn alarm_tag(kind: AlarmKind, texts: &Texts) -> Tag {
    match kind {
        AlarmKind::Late => Tag::new("crit", "clock", texts.get("dispatch-alarm-late")),
        AlarmKind::Silent => Tag::new("crit", "lost", texts.get("dispatch-alarm-silent")),
        AlarmKind::Warm => Tag::new("warn", "temp", texts.get("dispatch-alarm-warm")),
    }
}
