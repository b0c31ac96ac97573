//! What runs a site and the hub: settings, people, clients, audit, network, reports, and the words of the trade.

mod audit;
mod clients;
pub mod glossary;
mod network;
mod policy;
mod reports;
mod settings;
mod settings_form;
pub mod setup;
mod surplus;
pub mod user_fields;
mod users;
mod webhook;
mod webhooks;

use super::fault::show;
use super::frame::Frame;
use super::signed::{Signed, Visitor, permit::ReadNetwork};
use super::state::Shown;
use crate::domain::actor::Permission;
use actix_web::web;
use askama::Template;

/// Adds the routes of every page here.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/more", web::get().to(more));
    users::routes(config);
    clients::routes(config);
    audit::routes(config);
    glossary::routes(config);
    settings::routes(config);
    policy::routes(config);
    surplus::routes(config);
    network::routes(config);
    reports::routes(config);
    setup::routes(config);
    webhooks::routes(config);
    webhook::routes(config);
}

/// A page that `more` leads to: its word, its address, its icon, who sees it.
type Door = (&'static str, &'static str, &'static str, Permission);

const DOORS: &[Door] = &[
    ("setup", "/portal/setup", "tick", Permission::ManageSite),
    ("settings", "/portal/settings", "list", Permission::ReadNetwork),
    ("policy", "/portal/policy", "check", Permission::ReadNetwork),
    ("surplus", "/portal/surplus", "drop", Permission::PublishSurplus),
    ("import", "/portal/import", "box", Permission::RecordFates),
    ("network", "/portal/network", "pin", Permission::ReadNetwork),
    ("calendars", "/portal/calendars", "clock", Permission::ReadCalendar),
    ("carriers", "/portal/carriers", "truck", Permission::ReadRoutes),
    ("reports", "/portal/reports", "count", Permission::ReadStock),
    ("audit", "/portal/audit", "clock", Permission::ReadAudit),
    ("users", "/portal/users", "user", Permission::ManageHub),
    ("clients", "/portal/clients", "lock", Permission::ManageHub),
    ("webhooks", "/portal/webhooks", "bell", Permission::ManageWebhooks),
    ("glossary", "/portal/glossary", "info", Permission::ReadNetwork),
];

/// Doors that lead to a site's own pages, closed to who works for none at the moment.
const OF_A_SITE: [&str; 3] = ["setup", "surplus", "import"];

struct DoorLine {
    href: &'static str,
    icon: &'static str,
    label: String,
    note: String,
}

#[derive(Template)]
#[template(path = "more.html")]
struct MorePage {
    f: Frame,
    doors: Vec<DoorLine>,
}

async fn more(visitor: Signed<ReadNetwork>) -> Shown {
    let texts = visitor.texts();
    let open = |(name, _, _, permission): &&Door| {
        visitor.may(*permission) && (visitor.site().is_some() || !OF_A_SITE.contains(name))
    };
    let doors = DOORS.iter().filter(open).map(|(name, href, icon, _)| DoorLine {
        href,
        icon,
        label: texts.word("more", name),
        note: texts.get(&format!("more-{name}-note")),
    });
    show(&MorePage { f: frame(&visitor, "more-title"), doors: doors.collect() })
}

/// The frame of a page under `more`.
fn frame(visitor: &Visitor, title: &str) -> Frame {
    visitor.frame("more", &visitor.texts().get(title))
}
