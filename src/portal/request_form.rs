//! The form by which a nurse asks for milk: the need is worked out from what is entered and shown beside it, and
//! nothing is sent before Send is pressed.

use super::fault::{Fault, show_with};
use super::fields::{Choice, Choices, ErrorSummary, Field};
use super::form::{Faults, Filled, Form};
use super::frame::Frame;
use super::parts::TierMark;
use super::request_entries::{Entries, FIELDS, SIZES, command, read};
use super::rule_text::refusal_lines;
use super::signed::{Posted, Signed, Visitor, permit::RaiseRequests};
use super::state::Shown;
use super::texts::Texts;
use crate::actions::requests::raise_request;
use crate::actions::{ActionError, network};
use crate::domain::need::{RAMP_SOURCE, donor_milk};
use crate::domain::request::{Indication, KinshipPathway, Urgency};
use crate::domain::time::Instant;
use actix_web::http::StatusCode;
use actix_web::web;
use askama::Template;

/// Adds the routes of the form.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/requests/new", web::get().to(empty)).route("/requests/new", web::post().to(send));
}

/// One day of the need.
struct DayLine {
    day: String,
    date: String,
    per_kg: String,
    ml: String,
    bottles: String,
}

/// What the entries come to.
struct Ask {
    volume: String,
    bottles: Option<String>,
    tier: Option<TierMark>,
    days: Vec<DayLine>,
    fed: String,
    left_over: Option<String>,
    source: &'static str,
}

#[derive(Template)]
#[template(path = "request_new.html")]
struct RequestPage {
    f: Frame,
    errors: Option<ErrorSummary>,
    infant: Vec<Field>,
    feeding: Vec<Field>,
    sizes: Choices,
    milk: Vec<Field>,
    boxes: Choices,
    papers: Vec<Field>,
    ask: Option<Ask>,
}

async fn empty(visitor: Signed<RaiseRequests>) -> Shown {
    let by = visitor.texts().moments().field_value(visitor.now().plus_hours(24));
    let form = Form::of(&[
        ("by", by),
        ("days", "7".to_owned()),
        ("size", "50".to_owned()),
        ("mom", "0".to_owned()),
        ("urgency", Urgency::Urgent.as_str().to_owned()),
    ]);
    let filled = Filled { form, faults: Faults::default() };
    Ok(show_with(StatusCode::OK, &page(&visitor, &filled, &Entries::default(), None)))
}

async fn send(posted: Posted<RaiseRequests>) -> Shown {
    let site = posted.site().map(|site| site.id).ok_or(Fault::NotFound)?;
    let (texts, now) = (posted.texts(), posted.now());
    let mut faults = Faults::default();
    let entries = read(&posted.form, texts, now, &mut faults);
    let tier = tier(&posted, &entries).await?;
    if posted.form.get("act") == "estimate" {
        // Only what was entered is judged: an empty field is not wrong before anything is sent.
        let entered = |field: &str| posted.form.has(field);
        let mut seen = Faults::default();
        faults
            .all()
            .iter()
            .filter(|(field, _)| entered(field))
            .for_each(|(field, what)| seen.note(field, what.clone()));
        let filled = Filled { form: posted.form.clone(), faults: seen };
        return Ok(show_with(StatusCode::OK, &page(&posted, &filled, &entries, tier)));
    }
    if entries.volume_ml() == 0 && faults.is_empty() {
        faults.note("days", texts.get("request-no-need"));
    }
    if let Some(command) = command(&posted.form, &entries, site).filter(|_| faults.is_empty()) {
        let sent = posted
            .once(move |tx| raise_request(tx, &command), |row| format!("/portal/requests/{}?done=request-sent", row.id))
            .await;
        match sent {
            Err(ActionError::Invalid(errors)) => faults.take(&errors, FIELDS, texts),
            Err(ActionError::Refused(refusals)) => {
                for line in refusal_lines(texts, &refusals) {
                    faults.note("", line.to_string());
                }
            }
            other => return Ok(other?),
        }
    }
    let filled = Filled { form: posted.form.clone(), faults };
    Ok(show_with(StatusCode::UNPROCESSABLE_ENTITY, &page(&posted, &filled, &entries, tier)))
}

/// The tier that the site's written policy gives the infant; nothing while the infant is not known.
async fn tier(visitor: &Visitor, entries: &Entries) -> Result<Option<i64>, ActionError> {
    let (Some(site), Some(infant)) = (visitor.site().map(|site| site.id), entries.infant.clone()) else {
        return Ok(None);
    };
    let live = visitor.state().hub.read(move |conn| network::live_site(conn, site)).await?;
    let tier = live.and_then(|site| site.policy.values.priority.tier_for(Some(&infant)));
    Ok(tier.map(|tier| i64::from(tier.0)))
}

fn page(visitor: &Visitor, filled: &Filled, entries: &Entries, tier: Option<i64>) -> RequestPage {
    let (texts, now) = (visitor.texts(), visitor.now());
    RequestPage {
        f: visitor.frame("requests", &texts.get("request-new-title")),
        errors: ErrorSummary::of(texts, texts.get("request-not-sent"), &filled.faults, visitor.request_id()),
        infant: infant_fields(filled, texts),
        feeding: feeding_fields(filled, texts),
        sizes: size_choices(filled, entries, texts),
        milk: milk_fields(filled, texts),
        boxes: boxes(filled, texts),
        papers: vec![
            filled.field("rx", texts.get("request-rx")).hint(texts.get("request-rx-hint")),
            filled.field("consent", texts.get("request-consent")).hint(texts.get("request-consent-hint")),
        ],
        ask: ask(entries, texts, now, tier),
    }
}

fn infant_fields(filled: &Filled, texts: &Texts) -> Vec<Field> {
    let grams = || texts.get("unit-g");
    let why = Indication::ALL.iter().map(|why| (why.as_str().to_owned(), texts.word("indication", why.as_str())));
    let why = std::iter::once((String::new(), texts.get("form-choose"))).chain(why).collect();
    vec![
        filled.field("infant", texts.get("request-infant")).hint(texts.get("request-infant-hint")).needed(),
        filled
            .field("day", texts.get("request-day"))
            .hint(texts.get("request-day-hint"))
            .number(texts.get("unit-day"), "numeric")
            .needed(),
        filled.field("bw", texts.get("request-birth-weight")).number(grams(), "numeric").needed(),
        filled.field("weight", texts.get("request-weight")).number(grams(), "numeric"),
        filled.field("weeks", texts.get("request-weeks")).hint(texts.get("request-weeks-hint")).needed(),
        filled.field("why", texts.get("request-indication")).choose(why).needed(),
        filled.field("whynote", texts.get("request-indication-note")).hint(texts.get("offer-decline-note-hint")),
    ]
}

fn feeding_fields(filled: &Filled, texts: &Texts) -> Vec<Field> {
    let urgency = Urgency::ALL.iter().map(|word| (word.as_str().to_owned(), texts.word("urgency", word.as_str())));
    vec![
        filled.field("mom", texts.get("request-own-milk")).number(texts.get("unit-ml-a-day"), "numeric"),
        filled
            .field("own", texts.get("request-own-volume"))
            .hint(texts.get("request-own-volume-hint"))
            .number(texts.get("unit-ml-kg-day"), "numeric"),
        filled.field("days", texts.get("request-days")).number(texts.get("unit-days"), "numeric").needed(),
        filled.field("by", texts.get("request-by")).kind("datetime-local", "off").needed(),
        filled.field("urgency", texts.get("request-urgency")).choose(urgency.collect()),
    ]
}

fn size_choices(filled: &Filled, entries: &Entries, texts: &Texts) -> Choices {
    let chosen = filled.form.get("size");
    let mut options: Vec<Choice> = SIZES
        .into_iter()
        .map(|size| Choice {
            value: size.to_string(),
            label: texts.millilitres(size),
            note: entries
                .fit(size)
                .map(|fit| texts.with("request-size-note", &[("n", &fit.bottles), ("ml", &fit.left_over_ml)])),
            chosen: chosen == size.to_string(),
        })
        .collect();
    let either = !options.iter().any(|option| option.chosen);
    options.push(Choice {
        value: "any".to_owned(),
        label: texts.get("request-size-any"),
        note: Some(texts.get("request-size-any-note")),
        chosen: either,
    });
    Choices {
        name: "size".to_owned(),
        legend: texts.get("request-size"),
        quiet: false,
        hint: Some(texts.get("request-size-hint")),
        kind: "radio",
        options,
        fault: None,
    }
}

fn milk_fields(filled: &Filled, texts: &Texts) -> Vec<Field> {
    let kin = KinshipPathway::ALL.iter().map(|word| (word.as_str().to_owned(), texts.word("kinship", word.as_str())));
    vec![
        filled
            .field("protein", texts.get("request-protein"))
            .hint(texts.get("request-protein-hint"))
            .number(texts.get("unit-g-per-dl"), "decimal"),
        filled
            .field("kinship", texts.get("request-kinship"))
            .hint(texts.get("request-kinship-hint"))
            .choose(kin.collect()),
    ]
}

fn boxes(filled: &Filled, texts: &Texts) -> Choices {
    Choices {
        name: "needs".to_owned(),
        legend: texts.get("request-conditions"),
        quiet: false,
        hint: None,
        kind: "checkbox",
        options: ["dairy", "cmv", "single", "galactosaemia"]
            .map(|name| Choice {
                value: name.to_owned(),
                label: texts.get(&format!("request-{name}")),
                note: None,
                chosen: filled.form.has(name),
            })
            .into(),
        fault: None,
    }
}

fn ask(entries: &Entries, texts: &Texts, now: Instant, tier: Option<i64>) -> Option<Ask> {
    if entries.needs.is_empty() {
        return None;
    }
    let fit = entries.size.and_then(|size| entries.fit(size));
    let from = entries.by.unwrap_or(now);
    let days = (0_i64..).zip(&entries.needs).map(|(passed, day)| DayLine {
        day: texts.one("request-feeding-day", "day", day.feeding_day),
        date: texts.moments().weekday(from.plus_days(passed)),
        per_kg: texts.moments().decimal(day.tenths_ml_per_kg / 10, 0),
        ml: texts.moments().number(day.donor_milk_ml),
        bottles: entries.size.map_or_else(String::new, |size| {
            let bottles = day.donor_milk_ml.saturating_add(size - 1) / size.max(1);
            texts.moments().number(bottles)
        }),
    });
    Some(Ask {
        volume: texts.millilitres(entries.volume_ml()),
        bottles: fit.map(|fit| texts.with("unit-bottles-of", &[("n", &fit.bottles), ("ml", &fit.bottle_ml)])),
        tier: tier.map(|tier| TierMark::new(texts, tier)),
        days: days.collect(),
        fed: texts.millilitres(donor_milk(&entries.needs).ml()),
        left_over: fit.map(|fit| texts.one("request-left-over", "ml", fit.left_over_ml)),
        source: RAMP_SOURCE,
    })
}
