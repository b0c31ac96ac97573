//! Home: what is due next, for the role and the site of whoever is at work.

use super::fault::show;
use super::frame::Frame;
use super::signed::{Signed, permit::ReadNetwork};
use super::state::Shown;
use actix_web::web;
use askama::Template;

/// Adds the routes of the worklist.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/", web::get().to(worklist));
}

#[derive(Template)]
#[template(path = "worklist.html")]
struct WorklistPage {
    f: Frame,
    today: String,
}

async fn worklist(visitor: Signed<ReadNetwork>) -> Shown {
    let texts = visitor.texts();
    let moments = texts.moments();
    let now = visitor.now();
    show(&WorklistPage {
        f: visitor.frame("worklist", &texts.get("worklist-title")),
        today: format!("{}, {}", moments.long_day(now), moments.time(now)),
    })
}
