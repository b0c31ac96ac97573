//! Journeys of milk: what is on its way or about to be, and what has come to an end.

use super::fault::show;
use super::frame::Frame;
use super::parts::{Pages, SiteName, Tag};
use super::signed::{Signed, permit::ReadTransfers};
use super::state::Shown;
use super::tags;
use super::texts::Texts;
use crate::actions::identity::SiteLabel;
use crate::actions::lot_sheet::name_sites;
use crate::actions::transfers::{TransferFilter, TransferRow, list_transfers};
use crate::domain::actor::Permission;
use crate::domain::ids::{SiteId, TransferId};
use crate::domain::time::Instant;
use crate::domain::transfer::TransferState;
use actix_web::web;
use askama::Template;
use serde::Deserialize;

/// Rows on a page.
const ROWS: i64 = 50;
/// So many journeys under way are read at most of each state.
const MOST_OPEN: i64 = 200;
/// The states in which a box still has somewhere to go.
const OPEN: [TransferState; 5] = [
    TransferState::Delivered,
    TransferState::InTransit,
    TransferState::Collected,
    TransferState::Packed,
    TransferState::Planned,
];
const OVER: [TransferState; 4] = [
    TransferState::Received,
    TransferState::ReceivedWithDiscrepancies,
    TransferState::Rejected,
    TransferState::Cancelled,
];

/// Adds the routes of the list.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/transfers", web::get().to(transfers));
}

#[derive(Deserialize)]
struct TransfersQuery {
    #[serde(default)]
    show: String,
    #[serde(default)]
    after: String,
}

struct View {
    href: String,
    label: String,
    current: bool,
}

struct TransferLine {
    href: String,
    from: SiteName,
    to: SiteName,
    load: String,
    pickup: String,
    delivery: String,
    late: bool,
    state: Tag,
}

#[derive(Template)]
#[template(path = "transfers.html")]
struct TransfersPage {
    f: Frame,
    views: Vec<View>,
    lines: Vec<TransferLine>,
    pages: Pages,
    may_plan: bool,
}

async fn transfers(visitor: Signed<ReadTransfers>, query: web::Query<TransfersQuery>) -> Shown {
    let (actor, site) = (visitor.actor().clone(), visitor.site().map(|site| site.id));
    let state: Option<TransferState> = query.show.parse().ok();
    let after: Option<TransferId> = query.after.parse().ok();
    let most_rows = visitor.rows(ROWS);
    let found = visitor.state().hub.read(move |conn| {
        let mut rows = Vec::new();
        match state {
            Some(state) => {
                let wanted = TransferFilter { site, state: Some(state) };
                rows = list_transfers(conn, &actor, &wanted, after, most_rows + 1)?;
            }
            None => {
                for state in OPEN {
                    let wanted = TransferFilter { site, state: Some(state) };
                    rows.extend(list_transfers(conn, &actor, &wanted, None, MOST_OPEN)?);
                }
            }
        }
        let mut ends: Vec<SiteId> = rows.iter().flat_map(|row| [row.from_site_id, row.to_site_id]).collect();
        ends.sort_unstable();
        ends.dedup();
        let names = name_sites(conn, &ends)?;
        Ok((rows, names))
    });
    let (mut rows, names) = found.await?;
    let most = usize::try_from(most_rows).unwrap_or(usize::MAX);
    let more = state.is_some() && rows.len() > most;
    if state.is_some() {
        rows.truncate(most);
    } else {
        rows.sort_by_key(|row| (row.planned_delivery_at, row.id));
    }
    let (texts, now) = (visitor.texts(), visitor.now());
    let next = rows.last().filter(|_| more).map(|row| row.id.to_string());
    let frame = visitor.frame("transfers", &texts.get("transfers-title"));
    show(&TransfersPage {
        f: if state.is_none() { frame.counting(rows.len()) } else { frame },
        views: views(state, texts),
        lines: rows.iter().map(|row| line_of(row, &names, texts, now)).collect(),
        pages: Pages::new(texts, visitor.here(), next),
        may_plan: visitor.may(Permission::MoveMilk) && visitor.site().is_some(),
    })
}

fn views(shown: Option<TransferState>, texts: &Texts) -> Vec<View> {
    let open =
        View { href: "/portal/transfers".to_owned(), label: texts.get("transfers-open"), current: shown.is_none() };
    let of_state = |state: TransferState| View {
        href: format!("/portal/transfers?show={state}"),
        label: texts.word("transfer-is", state.as_str()),
        current: shown == Some(state),
    };
    std::iter::once(open).chain(OPEN.into_iter().rev().chain(OVER).map(of_state)).collect()
}

/// The name of one of some sites.
pub(super) fn name_of(sites: &[SiteLabel], id: SiteId) -> SiteName {
    let site = sites.iter().find(|site| site.id == id);
    site.map_or_else(|| SiteName::new("", ""), SiteName::of)
}

fn line_of(row: &TransferRow, names: &[SiteLabel], texts: &Texts, now: Instant) -> TransferLine {
    let bottles = texts.one("unit-bottles", "n", row.bottles);
    TransferLine {
        href: format!("/portal/transfers/{}", row.id),
        from: name_of(names, row.from_site_id),
        to: name_of(names, row.to_site_id),
        load: format!("{bottles}, {}", texts.millilitres(row.volume_ml.ml())),
        pickup: texts.short_moment(row.collected_at.unwrap_or(row.planned_pickup_at), now),
        delivery: texts.short_moment(row.delivered_at.unwrap_or(row.planned_delivery_at), now),
        late: row.delivered_at.is_none() && OPEN.contains(&row.state) && row.planned_delivery_at < now,
        state: tags::of_box(texts, row),
    }
}
