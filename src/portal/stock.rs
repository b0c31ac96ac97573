//! Stock: what the site has, by lot and bottle size, the milk that expires first on top, with the days it lasts.

use super::fault::{Fault, show};
use super::frame::Frame;
use super::parts::{Expiry, Pages, Tag};
use super::signed::{Signed, Visitor, permit::ReadStock};
use super::state::Shown;
use super::tags;
use super::texts::Texts;
use crate::actions::ledger::{LotStock, SiteStock, site_stock};
use crate::actions::lot_sheet::daily_use_ml;
use crate::actions::sites::{SiteFilter, list_sites};
use crate::domain::actor::Permission;
use crate::domain::ids::SiteId;
use crate::domain::lot::LotState;
use crate::domain::time::Instant;
use actix_web::web;
use askama::Template;
use serde::Deserialize;

/// Rows on a page.
const ROWS: i64 = 50;
/// Milk that expires within so many days counts as expiring soon.
const SOON_DAYS: i64 = 7;
/// The most sites to choose from.
const MOST_SITES: i64 = 500;

/// Adds the routes of the stock.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/stock", web::get().to(stock));
}

#[derive(Deserialize)]
struct StockQuery {
    #[serde(default)]
    show: String,
    #[serde(default)]
    q: String,
    #[serde(default)]
    site: String,
    #[serde(default)]
    after: String,
}

struct Figure {
    label: String,
    value: String,
    note: Option<String>,
}

struct View {
    href: String,
    label: String,
    count: usize,
    current: bool,
}

struct StockLine {
    href: String,
    code: String,
    pick: Option<String>,
    size: String,
    free: String,
    promised: String,
    aside: String,
    volume: String,
    expiry: Expiry,
    state: Tag,
}

#[derive(Template)]
#[template(path = "stock.html")]
struct StockPage {
    f: Frame,
    sub: String,
    sites: Vec<(String, String, bool)>,
    figures: Vec<Figure>,
    views: Vec<View>,
    show: String,
    q: String,
    lines: Vec<StockLine>,
    pages: Pages,
    may_register: bool,
    may_publish: bool,
}

/// The site that a page is about: the one somebody works for, or one that a role for all sites has chosen.
pub(super) fn site_asked(visitor: &Visitor, asked: &str) -> Result<Option<SiteId>, Fault> {
    match visitor.site() {
        Some(site) => Ok(Some(site.id)),
        None if asked.is_empty() => Ok(None),
        None => asked.parse().map(Some).map_err(|_unreadable| Fault::NotFound),
    }
}

async fn stock(visitor: Signed<ReadStock>, query: web::Query<StockQuery>) -> Shown {
    let (texts, now) = (visitor.texts(), visitor.now());
    let site = site_asked(&visitor, &query.site)?;
    let sites = if visitor.site().is_none() { sites_to_choose(&visitor, site).await? } else { Vec::new() };
    let actor = visitor.actor().clone();
    let found = match site {
        None => None,
        Some(site) => Some(
            visitor
                .state()
                .hub
                .read(move |conn| Ok((site_stock(conn, &actor, site, now)?, daily_use_ml(conn, site, now)?)))
                .await?,
        ),
    };
    let lots = found.as_ref().map_or(&[][..], |(stock, _)| stock.lots.as_slice());
    let base = if visitor.site().is_some() { String::new() } else { format!("&site={}", query.site) };
    let chosen: Vec<&LotStock> =
        lots.iter().filter(|line| belongs(line, &query.show, now) && matches(line, &query.q)).collect();
    let (shown, next) = page_of(&chosen, &query.after, visitor.rows(ROWS));
    let may_publish = visitor.may(Permission::PublishSurplus) && visitor.site().is_some();
    show(&StockPage {
        f: super::lot::lacking(&visitor, visitor.frame("stock", &texts.get("stock-title"))),
        sub: visitor.site().map_or_else(|| texts.get("stock-choose-site"), |_| texts.get("stock-sub")),
        sites,
        figures: found.as_ref().map(|(stock, daily)| figures(stock, *daily, texts)).unwrap_or_default(),
        views: views(lots, &query.show, &base, texts, now),
        show: query.show.clone(),
        q: query.q.clone(),
        lines: shown.into_iter().map(|line| line_of(line, texts, now, may_publish)).collect(),
        pages: Pages::new(texts, visitor.here(), next),
        may_register: visitor.may(Permission::ManageLots) && visitor.site().is_some(),
        may_publish,
    })
}

async fn sites_to_choose(visitor: &Visitor, site: Option<SiteId>) -> Result<Vec<(String, String, bool)>, Fault> {
    let actor = visitor.actor().clone();
    let filter = SiteFilter::default();
    let found = visitor.state().hub.read(move |conn| list_sites(conn, &actor, &filter, None, MOST_SITES)).await?;
    Ok(found.into_iter().map(|seen| (seen.site.id.to_string(), seen.site.name, Some(seen.site.id) == site)).collect())
}

const VIEWS: [&str; 5] = ["all", "free", "promised", "aside", "soon"];

/// Whether a line belongs into a view of the list.
fn belongs(line: &LotStock, show: &str, now: Instant) -> bool {
    match show {
        "free" => line.unpromised_bottles > 0,
        "promised" => line.bottles > line.unpromised_bottles,
        "aside" => line.quarantined_bottles > 0,
        "soon" => line.expires_at <= now.plus_days(SOON_DAYS),
        _ => true,
    }
}

fn matches(line: &LotStock, wanted: &str) -> bool {
    line.lot_code.to_lowercase().contains(&wanted.trim().to_lowercase())
}

fn key_of(line: &LotStock) -> String {
    format!("{}.{}", line.lot_id, line.size_ml)
}

/// The rows after a key, and the key of the last of them when there are more.
fn page_of<'a>(lines: &[&'a LotStock], after: &str, rows: i64) -> (Vec<&'a LotStock>, Option<String>) {
    let start = lines.iter().position(|line| key_of(line) == after).map_or(0, |place| place + 1);
    let shown: Vec<&LotStock> =
        lines.iter().skip(start).take(usize::try_from(rows).unwrap_or(usize::MAX)).copied().collect();
    let more = lines.len() > start + shown.len();
    let next = shown.last().filter(|_| more).map(|line| key_of(line));
    (shown, next)
}

fn views(lots: &[LotStock], show: &str, base: &str, texts: &Texts, now: Instant) -> Vec<View> {
    let is_view = VIEWS.contains(&show);
    VIEWS
        .into_iter()
        .map(|view| View {
            href: format!("/portal/stock?show={view}{base}"),
            label: texts.word("stock-view", view),
            count: lots.iter().filter(|line| belongs(line, view, now)).count(),
            current: view == show || (view == "all" && !is_view),
        })
        .collect()
}

fn figures(stock: &SiteStock, daily_ml: i64, texts: &Texts) -> Vec<Figure> {
    let amount = |label: &str, ml: i64| Figure { label: texts.get(label), value: texts.millilitres(ml), note: None };
    let cover = if daily_ml > 0 {
        Figure {
            label: texts.get("stock-cover"),
            value: texts.one("span-days", "d", stock.in_stock_ml / daily_ml),
            note: Some(texts.one("stock-cover-note", "ml", daily_ml)),
        }
    } else {
        let (label, value) = (texts.get("stock-cover"), texts.get("stock-cover-unknown"));
        Figure { label, value, note: Some(texts.get("stock-cover-none")) }
    };
    vec![
        amount("stock-usable", stock.in_stock_ml),
        amount("stock-free", stock.unpromised_ml),
        amount("stock-promised", stock.promised_ml),
        amount("stock-aside", stock.quarantined_ml),
        amount("stock-soon", stock.expiring_7_days_ml),
        cover,
    ]
}

fn line_of(line: &LotStock, texts: &Texts, now: Instant, may_publish: bool) -> StockLine {
    let state: LotState = line.lot_state.parse().unwrap_or(LotState::Registered);
    let count = |bottles: i64| texts.moments().number(bottles);
    StockLine {
        href: format!("/portal/lots/{}", line.lot_id),
        code: line.lot_code.clone(),
        pick: (may_publish && line.unpromised_bottles > 0).then(|| key_of(line)),
        size: texts.millilitres(line.size_ml),
        free: count(line.unpromised_bottles),
        promised: count(line.bottles - line.unpromised_bottles),
        aside: count(line.quarantined_bottles),
        volume: texts.millilitres((line.bottles + line.quarantined_bottles) * line.size_ml),
        expiry: Expiry::new(texts, now, line.expires_at),
        state: tags::of_lot(texts, state),
    }
}
