//! Reports: what was released, carried, fed and thrown away in a time, week by week as stacked bars and as a table.

use super::frame;
use crate::actions::reports::{Report, Week, report};
use crate::portal::days::{Days, DaysQuery};
use crate::portal::fault::show;
use crate::portal::fields::Field;
use crate::portal::frame::Frame;
use crate::portal::signed::{Signed, permit::ReadStock};
use crate::portal::state::Shown;
use crate::portal::texts::Texts;
use actix_web::web;
use askama::Template;

/// Days that a report covers, unless somebody chooses otherwise.
const USUAL_DAYS: i64 = 56;

/// Adds the route of the reports.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/reports", web::get().to(reports));
}

struct Figure {
    label: String,
    value: String,
    note: Option<String>,
}

/// A week as a stacked bar, in percent of the plot.
struct Bar {
    x: String,
    width: String,
    fed_y: String,
    fed_height: String,
    discarded_y: String,
    discarded_height: String,
    label: Option<String>,
    middle: String,
}

struct WeekLine {
    from: String,
    fed: String,
    discarded: String,
}

struct Bars {
    title: String,
    description: String,
    bars: Vec<Bar>,
    grid: Vec<(String, String)>,
    rows: Vec<WeekLine>,
}

#[derive(Template)]
#[template(path = "reports.html")]
struct ReportPage {
    f: Frame,
    fields: Vec<Field>,
    site: String,
    span: String,
    figures: Vec<Figure>,
    reasons: Vec<(String, String)>,
    bars: Option<Bars>,
    cut_short: bool,
    too_long: bool,
}

async fn reports(visitor: Signed<ReadStock>, query: web::Query<DaysQuery>) -> Shown {
    let texts = visitor.texts();
    let Days { from, until, fields, words, too_long } = query.read(texts, visitor.now(), USUAL_DAYS)?;
    let (actor, site) = (visitor.actor().clone(), visitor.site().map(|site| site.id));
    let found = visitor.state().hub.read(move |conn| report(conn, &actor, site, from, until)).await?;
    show(&ReportPage {
        f: frame(&visitor, "reports-title"),
        fields,
        site: visitor.site().map_or_else(|| texts.get("frame-all-sites"), |site| site.name.clone()),
        span: words,
        figures: figures(&found, texts),
        reasons: found
            .discarded
            .iter()
            .map(|(reason, ml)| {
                (
                    texts.find(&format!("fate-{}", reason.replace('_', "-"))).unwrap_or_else(|| reason.clone()),
                    texts.millilitres(*ml),
                )
            })
            .collect(),
        bars: bars(&found.weeks, texts),
        cut_short: found.cut_short,
        too_long,
    })
}

fn figures(found: &Report, texts: &Texts) -> Vec<Figure> {
    let figure = |label: &str, ml: i64, note: Option<String>| Figure {
        label: texts.get(label),
        value: texts.millilitres(ml),
        note,
    };
    let count = |key: &str, n: i64| Some(texts.one(key, "n", n));
    let discarded: i64 = found.discarded.values().sum();
    let (requests, asked, reached) = found.raised;
    let share = (asked > 0).then(|| texts.one("reports-share", "n", reached * 100 / asked));
    vec![
        figure("reports-released", found.released.1, count("reports-lots", found.released.0)),
        figure("reports-sent", found.sent.1, count("reports-boxes", found.sent.0)),
        figure("reports-received", found.received.1, count("reports-boxes", found.received.0)),
        figure("reports-asked", asked, count("reports-requests", requests)),
        figure("reports-reached", reached, share),
        figure("reports-fed", found.fed_ml, None),
        figure("reports-discarded", discarded, None),
    ]
}

/// A part of a whole as percent with two places.
fn percent(part: i64, whole: i64) -> String {
    let hundredths = part.saturating_mul(10_000) / whole.max(1);
    format!("{}.{:02}%", hundredths / 100, hundredths % 100)
}

/// A round number that is not less than the highest bar.
fn top_of(highest: i64) -> i64 {
    let mut step = 10;
    while step < highest {
        if let Some(fits) = [2, 5, 10].into_iter().map(|times| step * times).find(|top| *top >= highest) {
            return fits;
        }
        step *= 10;
    }
    step
}

fn bars(weeks: &[Week], texts: &Texts) -> Option<Bars> {
    let highest = weeks.iter().map(|week| week.fed_ml + week.discarded_ml).max().filter(|most| *most > 0)?;
    let (top, slots) = (top_of(highest), i64::try_from(weeks.len()).ok()?);
    let moments = texts.moments();
    let every = slots.div_euclid(8) + 1;
    let bar = |(place, week): (i64, &Week)| Bar {
        x: percent(place * 10 + 2, slots * 10),
        width: percent(6, slots * 10),
        fed_y: percent(top - week.fed_ml, top),
        fed_height: percent(week.fed_ml, top),
        discarded_y: percent(top - week.fed_ml - week.discarded_ml, top),
        discarded_height: percent(week.discarded_ml, top),
        label: (place % every == 0).then(|| moments.day_of_month(week.from)),
        middle: percent(place * 10 + 5, slots * 10),
    };
    let fed: i64 = weeks.iter().map(|week| week.fed_ml).sum();
    let discarded: i64 = weeks.iter().map(|week| week.discarded_ml).sum();
    let (fed, discarded, most) = (texts.millilitres(fed), texts.millilitres(discarded), texts.millilitres(highest));
    let described: [(&str, &dyn crate::portal::texts::Say); 3] =
        [("fed", &fed), ("discarded", &discarded), ("most", &most)];
    let line = |week: &Week| WeekLine {
        from: moments.date(week.from),
        fed: texts.millilitres(week.fed_ml),
        discarded: texts.millilitres(week.discarded_ml),
    };
    Some(Bars {
        title: texts.get("reports-by-week"),
        description: texts.with("reports-described", &described),
        bars: (0_i64..).zip(weeks).map(bar).collect(),
        grid: (0..=4).map(|part| (percent(4 - part, 4), moments.number(top * part / 4))).collect(),
        rows: weeks.iter().map(line).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_top_of_a_chart_is_round_and_high_enough() {
        assert_eq!([1, 10, 11, 49, 51, 120, 990, 1_001].map(top_of), [10, 10, 20, 50, 100, 200, 1_000, 2_000]);
    }

    #[test]
    fn nothing_that_became_of_milk_is_nothing_drawn() {
        let texts = Texts::new(crate::portal::language::Language::En, "UTC");
        let week = Week { from: "2026-01-05T00:00:00Z".parse().unwrap(), fed_ml: 0, discarded_ml: 0 };
        assert!(bars(std::slice::from_ref(&week), &texts).is_none());
        let drawn = bars(&[Week { fed_ml: 300, discarded_ml: 100, ..week }], &texts).unwrap();
        assert_eq!((drawn.bars[0].fed_height.as_str(), drawn.bars[0].discarded_y.as_str()), ("60.00%", "20.00%"));
    }
}
