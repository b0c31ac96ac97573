//! What of a site its own people set, as fields and back: hours, reserve, standing rule.

use crate::actions::sites::ChangeSite;
use crate::domain::opening_hours::{DailySpan, OpeningHours};
use crate::domain::policy::Tier;
use crate::domain::quantity::Volume;
use crate::domain::site::{Site, StandingRule};
use crate::portal::fields::Field;
use crate::portal::form::{Faults, Filled, Form};
use crate::portal::texts::Texts;

/// The days as fields name them.
pub const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

fn spans(hours: &OpeningHours) -> [&Vec<DailySpan>; 7] {
    let OpeningHours { monday, tuesday, wednesday, thursday, friday, saturday, sunday } = hours;
    [monday, tuesday, wednesday, thursday, friday, saturday, sunday]
}

/// Spans as people write them: `08:00-12:30, 14:00-18:00`.
#[must_use]
pub fn spans_text(spans: &[DailySpan]) -> String {
    spans.iter().map(|span| span.texts().join("-")).collect::<Vec<_>>().join(", ")
}

/// The form as the site is now.
#[must_use]
pub fn form_of(site: &Site) -> Form {
    let rule = &site.standing_rule;
    let tiers = rule.accept_tiers.iter().map(|tier| tier.0.to_string()).collect::<Vec<_>>().join(" ");
    let mut form = Form::of(&[
        ("name", site.name.clone()),
        ("reserve", site.reserve_ml.ml().to_string()),
        ("tiers", tiers),
        ("most", rule.max_volume_ml.map_or_else(String::new, |most| most.ml().to_string())),
        ("accept", if rule.accept_offers { "yes".to_owned() } else { String::new() }),
    ]);
    for (day, spans) in DAYS.into_iter().zip(spans(&site.opening_hours)) {
        form.add(day, &spans_text(spans));
    }
    form
}

/// Name and reserve.
#[must_use]
pub fn general(filled: &Filled, texts: &Texts) -> Vec<Field> {
    vec![
        filled.field("name", texts.get("settings-name")).needed(),
        filled
            .field("reserve", texts.get("settings-reserve"))
            .number("mL".to_owned(), "numeric")
            .hint(texts.get("settings-reserve-hint")),
    ]
}

/// A line for each day.
#[must_use]
pub fn hours(filled: &Filled, texts: &Texts) -> Vec<Field> {
    DAYS.into_iter().map(|day| filled.field(day, texts.get(&format!("day-{day}")))).collect()
}

/// What is accepted without being asked.
#[must_use]
pub fn standing(filled: &Filled, texts: &Texts) -> Vec<Field> {
    vec![
        filled.field("tiers", texts.get("settings-tiers")).hint(texts.get("settings-tiers-hint")),
        filled
            .field("most", texts.get("settings-most"))
            .number("mL".to_owned(), "numeric")
            .hint(texts.get("settings-most-hint")),
    ]
}

/// Spans of one day; `None` when the text is none.
fn read_spans(text: &str) -> Option<Vec<DailySpan>> {
    let parts = text.split([',', ';']).map(str::trim).filter(|part| !part.is_empty());
    parts
        .map(|part| {
            let (from, until) = part.split_once(['-', '–'])?;
            DailySpan::read(&padded(from), &padded(until)).ok()
        })
        .collect()
}

/// `8:00` as `08:00`.
fn padded(time: &str) -> String {
    let time = time.trim();
    if time.len() == 4 { format!("0{time}") } else { time.to_owned() }
}

fn tiers(text: &str) -> Option<Vec<Tier>> {
    let parts =
        text.split([' ', ',', ';']).map(|part| part.trim_start_matches(['T', 't'])).filter(|part| !part.is_empty());
    parts.map(|part| part.parse().ok().map(Tier)).collect()
}

/// The change that was typed; `None` with faults where something cannot be read.
#[must_use]
pub fn read(form: &Form, texts: &Texts, faults: &mut Faults) -> Option<ChangeSite> {
    let name = faults.need("name", form.has("name").then(|| form.get("name").to_owned()), || texts.get("form-missing"));
    let reserve = if form.has("reserve") { form.whole("reserve") } else { Some(0) };
    let reserve = faults.need("reserve", reserve, || texts.get("form-not-a-number"));
    let most = if form.has("most") { form.whole("most").map(Some) } else { Some(None) };
    let most = faults.need("most", most, || texts.get("form-not-a-number"));
    let accept_tiers = faults.need("tiers", tiers(form.get("tiers")), || texts.get("settings-tiers-unreadable"));
    let mut week = DAYS.map(|day| {
        let spans = read_spans(form.get(day));
        faults.need(day, spans, || texts.get("settings-hours-unreadable")).unwrap_or_default()
    });
    let [monday, tuesday, wednesday, thursday, friday, saturday, sunday] = week.each_mut().map(std::mem::take);
    if !faults.is_empty() {
        return None;
    }
    Some(ChangeSite {
        name,
        opening_hours: Some(OpeningHours { monday, tuesday, wednesday, thursday, friday, saturday, sunday }),
        reserve_ml: reserve.map(Volume::from_ml),
        standing_rule: Some(StandingRule {
            accept_offers: form.has("accept"),
            accept_tiers: accept_tiers?,
            max_volume_ml: most?.map(Volume::from_ml),
        }),
        ..ChangeSite::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_read_as_people_write_them() {
        let spans = read_spans("8:00-12:30, 14:00 – 18:00").unwrap();
        assert_eq!(spans_text(&spans), "08:00-12:30, 14:00-18:00");
        assert_eq!(read_spans("").unwrap(), []);
        assert!(read_spans("from eight").is_none() && read_spans("25:00-26:00").is_none());
    }

    #[test]
    fn tiers_are_numbers_with_or_without_a_letter() {
        assert_eq!(tiers("T1 2, 3"), Some(vec![Tier(1), Tier(2), Tier(3)]));
        assert_eq!(tiers(""), Some(Vec::new()));
        assert_eq!(tiers("first"), None);
    }
}
