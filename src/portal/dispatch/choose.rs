//! The selected box: what is suggested and why, the runner-up and its price, every other way, and what its route does.

use super::cards::slack_of;
use super::jobs::{Column, Job, World};
use crate::actions::dispatch::insertion::{InsertionOption, InsertionPrices, LaterBox, price_insertion};
use crate::actions::dispatch::proofs::list_proofs;
use crate::actions::dispatch::routes::{RouteDetail, StopSeen};
use crate::domain::dispatch::{RouteState, StopKind, StopState};
use crate::domain::ids::ShiftId;
use crate::domain::time::Instant;
use crate::portal::fault::Fault;
use crate::portal::parts::{SiteName, Tag, TierMark};
use crate::portal::signed::Visitor;
use crate::portal::texts::Texts;
use crate::portal::transfer::short;

/// Ways that the menu offers.
const MOST_WAYS: usize = 12;

/// One way to carry the box.
pub struct Way {
    /// What the form sends: a shift.
    pub shift: String,
    /// The vehicle.
    pub vehicle: String,
    /// What it costs and when it arrives, in one line.
    pub line: String,
}

/// What is suggested.
pub struct Suggestion {
    /// The best way.
    pub best: Way,
    /// When it arrives and what is to spare.
    pub when: String,
    /// Why it is the best.
    pub why: Vec<String>,
    /// The next best and what it costs more.
    pub runner_up: Option<(String, String)>,
    /// Every other way.
    pub others: Vec<Way>,
}

/// A stop of its route.
pub struct StopLine {
    /// What happens.
    pub what: String,
    /// Where.
    pub site: SiteName,
    /// Which box.
    pub code: String,
    /// When.
    pub at: String,
    /// Where it stands.
    pub state: Tag,
    /// What its driver showed: the word and where it is.
    pub proofs: Vec<(String, String)>,
}

/// Where a suggestion lies in the day.
pub struct Proposal {
    /// The shift.
    pub shift: ShiftId,
    /// The box comes aboard.
    pub from: Instant,
    /// It arrives.
    pub until: Instant,
}

/// Its route.
pub struct RouteSeen {
    /// Identifier.
    pub id: String,
    /// Version.
    pub version: i64,
    /// The vehicle.
    pub vehicle: String,
    /// In words.
    pub state: String,
    /// Its stops.
    pub stops: Vec<StopLine>,
    /// True while a link for its driver may be made.
    pub may_link: bool,
    /// True while it may be taken back.
    pub may_cancel: bool,
    /// True while the selected box is aboard and may go back to its sender.
    pub may_turn_back: bool,
}

/// The selection.
pub struct Selection {
    /// The box.
    pub id: String,
    /// Its code.
    pub code: String,
    /// Where it goes.
    pub to: SiteName,
    /// What is in it.
    pub load: String,
    /// Its urgency.
    pub tier: Option<TierMark>,
    /// What is to spare.
    pub slack: String,
    /// What is suggested, for a box that may be moved.
    pub suggestion: Option<Suggestion>,
    /// Why there is no way, and what would help.
    pub stuck: Option<(String, &'static str)>,
    /// Its route.
    pub route: Option<RouteSeen>,
    /// Where the suggestion lies in the day.
    pub proposal: Option<Proposal>,
}

/// Looks at the selected box.
pub async fn selection(visitor: &Visitor, world: &World, job: &Job, texts: &Texts) -> Result<Selection, Fault> {
    let now = visitor.now();
    let (actor, id) = (visitor.actor().clone(), job.id);
    let prices = match job.column {
        Column::ToPlan => {
            Some(visitor.state().hub.read(move |conn| price_insertion(conn, &actor, id, false, now)).await?)
        }
        _ => None,
    };
    let proofs = match world.route_of(job).map(|route| route.head.id) {
        Some(route) => {
            let actor = visitor.actor().clone();
            visitor.state().hub.read(move |conn| list_proofs(conn, &actor, route)).await?
        }
        None => Vec::new(),
    };
    let stuck = prices.as_ref().and_then(|prices| prices.reason);
    let others = (job.column == Column::Assigned).then(|| other_shifts(world, job, texts));
    let bottles = texts.one("unit-bottles", "n", job.bottles);
    Ok(Selection {
        id: job.id.to_string(),
        code: short(job.id),
        to: world.site_name(job.to),
        load: format!("{}, {bottles}", texts.millilitres(job.volume_ml)),
        tier: job.tier.map(|tier| TierMark::new(texts, tier)),
        slack: slack_of(job, texts, now),
        suggestion: prices.as_ref().map_or(others.flatten(), |prices| suggestion(world, prices, texts, now)),
        stuck: stuck.map(|reason| (texts.word("dispatch-stuck", reason.as_str()), reason.remedy())),
        route: route(world, job, &proofs, texts, now),
        proposal: prices.as_ref().and_then(|prices| prices.options.first()).map(|best| Proposal {
            shift: best.shift_id,
            from: best.pickup_at,
            until: best.delivery_at,
        }),
    })
}

fn kilometres(metres: i64, texts: &Texts) -> String {
    texts.one("transfer-km", "km", metres.div_euclid(1_000))
}

fn way(world: &World, option: &InsertionOption, texts: &Texts, now: Instant) -> Way {
    let vehicle = world.vehicle(option.vehicle_id).to_owned();
    let line = texts.with(
        "dispatch-way",
        &[
            ("vehicle", &vehicle),
            ("km", &kilometres(option.added_m, texts)),
            ("at", &texts.short_moment(option.delivery_at, now)),
        ],
    );
    Way { shift: option.shift_id.to_string(), vehicle, line }
}

fn later(world_codes: &[LaterBox], texts: &Texts) -> Option<String> {
    let worst = world_codes.iter().max_by_key(|one| one.minutes)?;
    Some(texts.with("dispatch-later", &[("code", &short(worst.transfer_id)), ("span", &texts.span(worst.minutes))]))
}

fn suggestion(world: &World, prices: &InsertionPrices, texts: &Texts, now: Instant) -> Option<Suggestion> {
    let (best, rest) = prices.options.split_first()?;
    let mut why = vec![texts.with(
        "dispatch-why-cheapest",
        &[("km", &kilometres(best.added_m, texts)), ("span", &texts.span(best.added_s.div_euclid(60)))],
    )];
    why.push(texts.get(if best.route.is_some() { "dispatch-why-on-the-way" } else { "dispatch-why-free" }));
    why.push(later(&best.later, texts).unwrap_or_else(|| texts.get("dispatch-why-nobody-later")));
    let runner_up = rest.first().map(|next| {
        let more = [
            Some(texts.with(
                "dispatch-runner-up",
                &[("km", &kilometres(next.added_m, texts)), ("at", &texts.short_moment(next.delivery_at, now))],
            )),
            later(&next.later, texts),
        ];
        (world.vehicle(next.vehicle_id).to_owned(), more.into_iter().flatten().collect::<Vec<_>>().join(" "))
    });
    let spare = texts.span(best.slack_minutes.max(0));
    Some(Suggestion {
        when: texts.with(
            "dispatch-when",
            &[
                ("from", &texts.short_moment(best.pickup_at, now)),
                ("at", &texts.short_moment(best.delivery_at, now)),
                ("span", &spare),
            ],
        ),
        best: way(world, best, texts, now),
        why,
        runner_up,
        others: rest.iter().take(MOST_WAYS).map(|option| way(world, option, texts, now)).collect(),
    })
}

/// For a box that has a vehicle which has not come: the other shifts. The hub says whether it fits there.
fn other_shifts(world: &World, job: &Job, texts: &Texts) -> Option<Suggestion> {
    let route = world.route_of(job)?;
    let line = |shift: &crate::actions::dispatch::shifts::ShiftRow| {
        let vehicle = world.vehicle(shift.vehicle_id).to_owned();
        let until = texts.moments().time(shift.ends_at);
        let line = texts.with("dispatch-shift-until", &[("vehicle", &vehicle), ("at", &until)]);
        Way { shift: shift.id.to_string(), vehicle, line }
    };
    let own = world.shifts.iter().find(|shift| shift.id == route.head.shift_id).map(line)?;
    let others = world.shifts.iter().filter(|shift| shift.id != route.head.shift_id).map(line);
    Some(Suggestion {
        best: own,
        when: String::new(),
        why: Vec::new(),
        runner_up: None,
        others: others.take(MOST_WAYS).collect(),
    })
}

/// What was shown at a stop, as far as it has come.
fn shown_at(stop: &StopSeen, kept: &[String], texts: &Texts) -> Vec<(String, String)> {
    let named: serde_json::Value =
        stop.row.proof.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    let one = |(name, key): (&str, &str)| {
        let hash = named.get(name)?.as_str()?.strip_prefix("sha256:")?;
        let has = kept.iter().any(|known| known == hash);
        let href = format!("/portal/dispatch/routes/{}/proofs/{hash}", stop.row.route_id);
        has.then(|| (texts.get(key), href))
    };
    [("photo_ref", "dispatch-proof-photo"), ("signature_ref", "dispatch-proof-signature")]
        .into_iter()
        .filter_map(one)
        .collect()
}

fn route(world: &World, job: &Job, kept: &[String], texts: &Texts, now: Instant) -> Option<RouteSeen> {
    let detail = world.route_of(job)?;
    let stops = detail.stops.iter().map(|stop| {
        let at = stop.row.done_at.or(stop.row.arrived_at).unwrap_or(stop.row.eta_at);
        StopLine {
            what: texts.get(match stop.row.kind {
                StopKind::Pickup => "dispatch-stop-pickup",
                StopKind::Delivery => "dispatch-stop-delivery",
                StopKind::Drop => "dispatch-stop-drop",
                StopKind::Take => "dispatch-stop-take",
            }),
            site: world.site_name(stop.row.site_id),
            code: short(stop.row.transfer_id),
            at: texts.short_moment(at, now),
            state: stop_tag(stop.row.state, texts),
            proofs: shown_at(stop, kept, texts),
        }
    });
    Some(RouteSeen {
        id: detail.head.id.to_string(),
        version: detail.head.version,
        vehicle: world.vehicle(detail.head.vehicle_id).to_owned(),
        state: texts.word("route-is", detail.head.state.as_str()),
        stops: stops.collect(),
        may_link: detail.head.state.is_open(),
        may_cancel: matches!(detail.head.state, RouteState::Planned | RouteState::Assigned),
        may_turn_back: is_to_deliver(detail, job),
    })
}

/// True for a box that is aboard with its delivery still to come.
fn is_to_deliver(detail: &RouteDetail, job: &Job) -> bool {
    let mut own = detail.stops.iter().map(|stop| &stop.row).filter(|stop| stop.transfer_id == job.id);
    let aboard = own.clone().any(|stop| stop.kind.loads() && stop.state == StopState::Done);
    aboard && own.any(|stop| stop.kind == StopKind::Delivery && stop.state.is_ahead())
}

/// Where a stop stands.
pub fn stop_tag(state: StopState, texts: &Texts) -> Tag {
    let (tone, icon) = match state {
        StopState::Waiting => ("", "clock"),
        StopState::Arrived => ("info", "pin"),
        StopState::Done => ("ok", "check"),
        StopState::Failed => ("crit", "x"),
    };
    Tag::new(tone, icon, texts.word("stop-is", state.as_str()))
}
