//! Every part of the design system in every state, with live words: for those who build pages and those who look
//! at them. Times are relative to the hub's now.

use super::fault::show;
use super::fields::{Choice, Choices, ErrorSummary, Field};
use super::form::Faults;
use super::frame::{Frame, Notice};
use super::offers;
use super::parts::{Due, Expiry, Tag, TierMark};
use super::requests;
use super::signed::Anyone;
use super::state::Shown;
use super::texts::Texts;
use crate::domain::offer::OfferState;
use crate::domain::request::RequestState;
use crate::domain::time::Instant;
use actix_web::web;
use askama::Template;

/// Adds the route of the page.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/components", web::get().to(components));
}

#[derive(Template)]
#[template(path = "components.html")]
struct ComponentsPage {
    f: Frame,
    tags: Vec<Tag>,
    tiers: Vec<TierMark>,
    expiries: Vec<Expiry>,
    dues: Vec<Due>,
    fields: Vec<Field>,
    choices: Choices,
    errors: Option<ErrorSummary>,
    notices: Vec<Notice>,
}

async fn components(visitor: Anyone) -> Shown {
    let Anyone(visitor) = visitor;
    let (texts, now) = (visitor.texts(), visitor.now());
    let offered = OfferState::ALL.iter().map(|state| offers::state_tag(texts, *state));
    let asked = RequestState::ALL.iter().map(|state| requests::state_tag(texts, *state));
    let mut faults = Faults::default();
    faults.note("bw", texts.with("request-range", &[("from", &200_i64), ("to", &7_000_i64)]));
    faults.note("by", texts.get("invalid-in-the-past"));
    let notice = |tone, icon, key: &str| Notice { tone, icon, text: texts.get(key) };
    show(&ComponentsPage {
        f: visitor.frame("", &texts.get("components-title")),
        tags: offered.chain(asked).collect(),
        tiers: (1..=6).map(|tier| TierMark::new(texts, tier)).collect(),
        expiries: [73 * 24, 6 * 24 + 13, 13, -34].map(|hours| Expiry::new(texts, now, now.plus_hours(hours))).into(),
        dues: dues(texts, now),
        fields: fields(texts, &faults),
        choices: choices(texts),
        errors: ErrorSummary::of(texts, texts.get("request-not-sent"), &faults, visitor.request_id()),
        notices: vec![
            notice("ok", "check", "done-request-sent"),
            notice("info", "info", "request-check-chart"),
            notice("warn", "alert", "say-offline"),
            notice("crit", "stop", "fault-stale-happened"),
        ],
    })
}

fn dues(texts: &Texts, now: Instant) -> Vec<Due> {
    let due = |minutes: i64| {
        let at = now.plus_minutes(minutes);
        let words = texts.one("offer-answer-by", "when", texts.short_moment(at, now));
        Due::new(texts, now, at, Some(now.plus_minutes(-45)), words)
    };
    [-6, 18, 48, 108].map(due).into()
}

fn fields(texts: &Texts, faults: &Faults) -> Vec<Field> {
    let plain = |name: &str, key: &str, value: &str| {
        Field::new(name, texts.get(key), value.to_owned(), faults.of(name).map(str::to_owned))
    };
    vec![
        plain("infant", "request-infant", "INF-0137").hint(texts.get("request-infant-hint")),
        plain("protein", "request-protein", "1.23")
            .number(texts.get("unit-g-per-dl"), "decimal")
            .rule("ok", texts.get("expiry-good")),
        plain("bw", "request-birth-weight", "86").number(texts.get("unit-g"), "numeric").needed(),
        plain("by", "request-by", "2026-01-01T12:00").kind("datetime-local", "off"),
        plain("days", "request-days", "7")
            .number(texts.get("unit-days"), "numeric")
            .rule("warn", texts.get("expiry-soon")),
        plain("note", "offer-decline-note", "").lines(2).rule("info", texts.get("offer-decline-note-hint")),
    ]
}

fn choices(texts: &Texts) -> Choices {
    let choice = |ml: i64, chosen| Choice {
        value: ml.to_string(),
        label: texts.millilitres(ml),
        note: Some(texts.with("request-size-note", &[("n", &11_i64), ("ml", &189_i64)])),
        chosen,
    };
    Choices {
        name: "size".to_owned(),
        legend: texts.get("request-size"),
        quiet: false,
        hint: Some(texts.get("request-size-hint")),
        kind: "radio",
        options: vec![choice(50, true), choice(100, false)],
        fault: None,
    }
}
