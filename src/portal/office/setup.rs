//! The first steps of a new site: what is done, what is next, and where. They stand on the worklist as well until
//! all are done.

use super::frame;
use crate::actions::first_steps::{FirstSteps, first_steps};
use crate::domain::actor::Permission;
use crate::domain::time::Instant;
use crate::portal::fault::{Fault, show};
use crate::portal::frame::Frame;
use crate::portal::signed::{Signed, Visitor, permit::ManageSite};
use crate::portal::state::Shown;
use crate::portal::texts::Texts;
use actix_web::web;
use askama::Template;

/// A site that is older does not hear of its first steps on the worklist any more.
const NEW_FOR_DAYS: i64 = 60;

/// Adds the route of the first steps.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/setup", web::get().to(setup));
}

/// A step.
pub struct Step {
    /// What it is.
    pub title: String,
    /// Why.
    pub note: String,
    /// Where it is done.
    pub href: &'static str,
    /// True when it is done.
    pub done: bool,
}

/// The first steps of a site.
pub struct Checklist {
    /// The steps in their order.
    pub steps: Vec<Step>,
    /// How many are done.
    pub done: usize,
}

#[derive(Template)]
#[template(path = "setup.html")]
struct SetupPage {
    f: Frame,
    site: String,
    list: Checklist,
}

async fn setup(visitor: Signed<ManageSite>) -> Shown {
    let site = visitor.site().ok_or(Fault::NotFound)?.name.clone();
    let list = read(&visitor, None).await?.ok_or(Fault::NotFound)?;
    show(&SetupPage { f: frame(&visitor, "setup-title"), site, list })
}

/// The first steps that the worklist shows: those of a new site that are not all done.
pub async fn open_steps(visitor: &Visitor) -> Result<Option<Checklist>, Fault> {
    let list = read(visitor, Some(visitor.now().plus_days(-NEW_FOR_DAYS))).await?;
    Ok(list.filter(|list| list.done < list.steps.len()))
}

/// The first steps of the site that somebody works for; nothing for who does not set it up.
async fn read(visitor: &Visitor, since: Option<Instant>) -> Result<Option<Checklist>, Fault> {
    let Some(site) = visitor.site().map(|site| site.id).filter(|_| visitor.may(Permission::ManageSite)) else {
        return Ok(None);
    };
    let actor = visitor.actor().clone();
    let found = visitor.state().hub.read(move |conn| first_steps(conn, &actor, site, since)).await?;
    Ok(found.map(|found| list_of(&found, visitor.texts())))
}

fn list_of(found: &FirstSteps, texts: &Texts) -> Checklist {
    let step = |name: &str, href: &'static str, done: bool| Step {
        title: texts.get(&format!("setup-{name}")),
        note: texts.get(&format!("setup-{name}-note")),
        href,
        done,
    };
    let mut steps = vec![
        step("policy", "/portal/policy", found.policy_signed),
        step("hours", "/portal/settings", found.hours_set),
        step("agreement", "/portal/network", found.has_agreement),
        step("reserve", "/portal/settings", found.reserve_set),
    ];
    steps.push(if found.is_bank {
        step("lot", "/portal/lots/new", found.has_milk)
    } else {
        step("request", "/portal/requests/new", found.has_request)
    });
    let done = steps.iter().filter(|step| step.done).count();
    Checklist { steps, done }
}
