//! What carriers did in a time: share on time, kilometres a litre, cost, causes of delay; by carrier and by pair of
//! sites. Both tables are files at once.

use super::{Way, carrier_name, own_carriers, ways};
use crate::actions::dispatch::reports::report_carriers;
use crate::actions::worklist::site_names;
use crate::domain::dispatch::CarrierFigures;
use crate::domain::ids::SiteId;
use crate::portal::days::{Days, DaysQuery};
use crate::portal::fault::show;
use crate::portal::fields::Field;
use crate::portal::frame::Frame;
use crate::portal::signed::{Signed, permit::ReadRoutes};
use crate::portal::state::Shown;
use crate::portal::texts::Texts;
use actix_web::web;
use askama::Template;
use std::collections::BTreeSet;

/// Days that a report covers, unless somebody chooses otherwise.
const USUAL_DAYS: i64 = 28;

/// Adds the route of the report.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/carriers/reports", web::get().to(report));
}

struct FiguresLine {
    name: String,
    deliveries: String,
    on_time: String,
    failed: String,
    late: String,
    volume: String,
    road: String,
    per_litre: String,
    cost: String,
    causes: String,
}

struct FiguresTable {
    title: String,
    first: String,
    lines: Vec<FiguresLine>,
}

#[derive(Template)]
#[template(path = "carrier_report.html")]
struct ReportPage {
    f: Frame,
    ways: Vec<Way>,
    fields: Vec<Field>,
    span: String,
    tables: Vec<FiguresTable>,
    empty: bool,
}

async fn report(visitor: Signed<ReadRoutes>, query: web::Query<DaysQuery>) -> Shown {
    let texts = visitor.texts();
    let Days { from, until, fields, words, .. } = query.read(texts, visitor.now(), USUAL_DAYS)?;
    let actor = visitor.actor().clone();
    let read = move |conn: &mut _| {
        let found = report_carriers(conn, &actor, from, until)?;
        let ids: BTreeSet<SiteId> = found.pairs.keys().flat_map(|(from, to)| [*from, *to]).collect();
        Ok((site_names(conn, &ids)?, found))
    };
    let (names, found) = visitor.state().hub.read(read).await?;
    let carriers = own_carriers(&visitor).await?;
    let site = |id: &SiteId| names.get(id).map_or("–", |site| site.name.as_str());
    let by_carrier = found.carriers.iter().map(|(id, figures)| line(carrier_name(&carriers, *id), figures, texts));
    let by_pair =
        found.pairs.iter().map(|((from, to), figures)| line(format!("{} → {}", site(from), site(to)), figures, texts));
    let table = |title: &str, first: &str, lines: Vec<FiguresLine>| FiguresTable {
        title: texts.get(title),
        first: texts.get(first),
        lines,
    };
    show(&ReportPage {
        f: visitor.frame("dispatch", &texts.get("carriers-reports")),
        ways: ways(&visitor, "reports"),
        fields,
        span: words,
        empty: found.carriers.is_empty(),
        tables: vec![
            table("carriers-by-carrier", "carriers-carrier", by_carrier.collect()),
            table("carriers-by-pair", "carriers-pair", by_pair.collect()),
        ],
    })
}

fn line(name: String, figures: &CarrierFigures, texts: &Texts) -> FiguresLine {
    let moments = texts.moments();
    let unknown = || "–".to_owned();
    let causes = figures
        .causes
        .iter()
        .map(|(cause, count)| format!("{} {}", texts.word("drive-problem", cause.as_str()), moments.number(*count)));
    FiguresLine {
        name,
        deliveries: moments.number(figures.deliveries),
        on_time: figures.on_time_permille().map_or_else(unknown, |share| format!("{} %", moments.decimal(share, 1))),
        failed: moments.number(figures.failed),
        late: texts.span(figures.late_minutes),
        volume: texts.millilitres(figures.volume_ml),
        road: format!("{} km", moments.decimal(figures.metres / 100, 1)),
        per_litre: figures.metres_per_litre().map_or_else(unknown, |metres| moments.decimal(metres / 100, 1)),
        cost: moments.decimal(figures.cost_cents, 2),
        causes: causes.collect::<Vec<_>>().join(", "),
    }
}
