//! Home: what is due next, for the role and the site of whoever is at work, ordered by the time that is left.

use super::fault::show;
use super::frame::Frame;
use super::office::setup::{self, Checklist};
use super::parts::SiteName;
use super::signed::{Signed, permit::ReadNetwork};
use super::state::Shown;
use super::texts::Texts;
use super::worklist_rows::{Kind, Row, rows_of};
use crate::actions::worklist::{TransferRow, Worklist, read_worklist};
use crate::domain::actor::Permission;
use crate::domain::time::Instant;
use actix_web::web;
use askama::Template;
use serde::Deserialize;

/// So many collections are shown beside the list.
const MOST_COLLECTIONS: usize = 5;

/// Adds the routes of the worklist.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/", web::get().to(worklist));
}

/// What is shown.
#[derive(Deserialize)]
struct Show {
    #[serde(default)]
    show: String,
}

/// A filter with how much it leaves.
struct Chip {
    href: String,
    label: String,
    count: usize,
    current: bool,
}

/// A band of time.
struct Band {
    id: &'static str,
    title: String,
    until: String,
    rows: Vec<Row>,
}

/// The milk of the site at work.
struct Stock {
    free: String,
    promised: String,
    set_apart: String,
    total: String,
    /// Shares of the bar, percent.
    free_share: i64,
    promised_share: i64,
    apart_from: i64,
    apart_share: i64,
    expiring: Option<String>,
    cover: Cover,
}

/// How long the milk of the site at work lasts.
struct Cover {
    days: Option<(String, String)>,
    note: String,
}

/// A box that is collected soon.
struct Collection {
    at: String,
    carrier: Option<String>,
    to: SiteName,
    href: String,
}

#[derive(Template)]
#[template(path = "worklist.html")]
struct WorklistPage {
    f: Frame,
    now: String,
    today: String,
    urgent: String,
    chips: Vec<Chip>,
    bands: Vec<Band>,
    stock: Option<Stock>,
    collections: Vec<Collection>,
    may_request: bool,
    may_see_board: bool,
    first: Option<Checklist>,
}

async fn worklist(visitor: Signed<ReadNetwork>, query: web::Query<Show>) -> Shown {
    let (actor, site, now) = (visitor.actor().clone(), visitor.site().map(|site| site.id), visitor.now());
    let list = visitor.state().hub.read(move |conn| read_worklist(conn, &actor, site, now)).await?;
    let first = setup::open_steps(&visitor).await?;
    let texts = visitor.texts();
    let rows = rows_of(&list, texts, now, visitor.actor().role);
    let total = rows.len();
    let chips = chips(&rows, &query.show, texts);
    let wanted = Kind::ALL.into_iter().find(|kind| kind.word() == query.show);
    let shown: Vec<Row> = rows.into_iter().filter(|row| wanted.is_none_or(|kind| row.kind == kind)).collect();
    let urgent = shown.iter().filter(|row| row.band == 0).count();
    let moments = texts.moments();
    let page = WorklistPage {
        f: visitor.frame("worklist", &texts.get("worklist-title")).counting(total).living(),
        now: now.to_string(),
        today: format!("{}, {}", moments.long_day(now), moments.time(now)),
        urgent: texts.one("worklist-urgent", "n", urgent),
        chips,
        bands: bands(shown, texts, now),
        stock: stock(&list, texts),
        collections: if visitor.site().is_some() { collections(&list, texts, now) } else { Vec::new() },
        may_request: visitor.may(Permission::RaiseRequests),
        may_see_board: visitor.may(Permission::ReadBoard),
        first,
    };
    show(&page)
}

fn chips(rows: &[Row], wanted: &str, texts: &Texts) -> Vec<Chip> {
    let current = Kind::ALL.into_iter().find(|kind| kind.word() == wanted);
    let all = Chip {
        href: "/portal/".to_owned(),
        label: texts.get("worklist-all"),
        count: rows.len(),
        current: current.is_none(),
    };
    let kinds = Kind::ALL.into_iter().filter_map(|kind| {
        let count = rows.iter().filter(|row| row.kind == kind).count();
        let chip = Chip {
            href: format!("/portal/?show={}", kind.word()),
            label: texts.word("worklist-chip", kind.word()),
            count,
            current: current == Some(kind),
        };
        (count > 0 || chip.current).then_some(chip)
    });
    std::iter::once(all).chain(kinds).collect()
}

fn bands(rows: Vec<Row>, texts: &Texts, now: Instant) -> Vec<Band> {
    let week = texts.moments().weekday(now.plus_days(7));
    let mut bands = [
        ("now", texts.get("worklist-band-now-until")),
        ("today", texts.get("worklist-band-today-until")),
        ("week", texts.one("worklist-band-week-until", "day", week)),
        ("later", texts.get("worklist-band-later-until")),
    ]
    .map(|(id, until)| Band { id, title: texts.word("worklist-band", id), until, rows: Vec::new() });
    for row in rows {
        if let Some(band) = bands.get_mut(row.band) {
            band.rows.push(row);
        }
    }
    bands.into_iter().filter(|band| !band.rows.is_empty()).collect()
}

fn stock(list: &Worklist, texts: &Texts) -> Option<Stock> {
    let stock = list.stock.as_ref()?;
    let total = stock.in_stock_ml + stock.quarantined_ml;
    let share = |ml: i64| if total > 0 { ml * 100 / total } else { 0 };
    let (free_share, promised_share) = (share(stock.unpromised_ml), share(stock.promised_ml));
    let apart_share = if stock.quarantined_ml > 0 { 100 - free_share - promised_share } else { 0 };
    Some(Stock {
        free: texts.millilitres(stock.unpromised_ml),
        promised: texts.millilitres(stock.promised_ml),
        set_apart: texts.millilitres(stock.quarantined_ml),
        total: texts.millilitres(total),
        free_share,
        promised_share,
        apart_from: free_share + promised_share,
        apart_share,
        expiring: (stock.expiring_7_days_ml > 0)
            .then(|| texts.one("worklist-stock-expiring", "ml", stock.expiring_7_days_ml)),
        cover: cover(stock.in_stock_ml, list.daily_use_ml, texts),
    })
}

fn cover(in_stock_ml: i64, daily_ml: i64, texts: &Texts) -> Cover {
    if daily_ml <= 0 {
        return Cover { days: None, note: texts.get("stock-cover-none") };
    }
    let days = in_stock_ml / daily_ml;
    Cover {
        days: Some((texts.moments().number(days), texts.one("worklist-cover", "n", days))),
        note: texts.one("stock-cover-note", "ml", daily_ml),
    }
}

/// The boxes that are collected next, the soonest first.
fn collections(list: &Worklist, texts: &Texts, now: Instant) -> Vec<Collection> {
    let mut boxes: Vec<_> = list.to_send.iter().collect();
    boxes.sort_by_key(|row| (row.planned_pickup_at, row.id));
    let line = |row: &&TransferRow| Collection {
        at: texts.short_moment(row.planned_pickup_at, now),
        carrier: row.courier_id.and_then(|id| list.carriers.get(&id).cloned()),
        to: name_of(list, row.to_site_id),
        href: format!("/portal/transfers/{}", row.id),
    };
    boxes.iter().take(MOST_COLLECTIONS).map(line).collect()
}

/// The name of a site of the list; a site that is not named there has none.
pub(super) fn name_of(list: &Worklist, site: crate::domain::ids::SiteId) -> SiteName {
    list.sites.get(&site).map_or_else(|| SiteName::new("–", ""), SiteName::of)
}
