//! What one's own site has on the board, and taking back what nobody was promised yet.

use super::frame;
use crate::actions::surplus::{SurplusDetail, list_own_surplus, withdraw_surplus};
use crate::domain::ids::SurplusId;
use crate::domain::time::Instant;
use crate::portal::fault::{Fault, show};
use crate::portal::frame::Frame;
use crate::portal::parts::Expiry;
use crate::portal::signed::{Posted, Signed, permit::PublishSurplus};
use crate::portal::state::Shown;
use crate::portal::texts::Texts;
use actix_web::{HttpResponse, web};
use askama::Template;

/// Adds the routes of one's own surplus.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/surplus", web::get().to(own));
    config.route("/surplus/{id}/withdraw", web::post().to(withdraw));
}

struct Line {
    lot: String,
    href: String,
    size: String,
    published: i64,
    left: i64,
    expiry: Expiry,
}

struct Offered {
    id: String,
    version: i64,
    since: String,
    until: String,
    reason: String,
    left: String,
    lines: Vec<Line>,
}

#[derive(Template)]
#[template(path = "surplus.html")]
struct SurplusPage {
    f: Frame,
    all: Vec<Offered>,
}

async fn own(visitor: Signed<PublishSurplus>) -> Shown {
    let site = visitor.site().ok_or(Fault::NotFound)?.id;
    let actor = visitor.actor().clone();
    let found = visitor.state().hub.read(move |conn| list_own_surplus(conn, &actor, site)).await?;
    let (texts, now) = (visitor.texts(), visitor.now());
    let all = found.iter().map(|detail| offered(detail, texts, now)).collect();
    show(&SurplusPage { f: frame(&visitor, "own-surplus-title"), all })
}

fn offered(detail: &SurplusDetail, texts: &Texts, now: Instant) -> Offered {
    let SurplusDetail { head, lines } = detail;
    let left: i64 = lines.iter().map(|(line, _)| line.size_ml.ml() * line.available_bottles).sum();
    let line = |(line, lot): &(crate::actions::surplus::SurplusLineRow, String)| Line {
        lot: lot.clone(),
        href: format!("/portal/lots/{}", line.lot_id),
        size: texts.millilitres(line.size_ml.ml()),
        published: line.published_bottles,
        left: line.available_bottles,
        expiry: Expiry::new(texts, now, line.expires_at),
    };
    Offered {
        id: head.id.to_string(),
        version: head.version,
        since: texts.moments().date(head.created_at),
        until: texts.short_moment(head.available_until, now),
        reason: head.reason.clone(),
        left: texts.millilitres(left),
        lines: lines.iter().map(line).collect(),
    }
}

async fn withdraw(posted: Posted<PublishSurplus>, path: web::Path<String>) -> Result<HttpResponse, Fault> {
    let id: SurplusId = path.parse().map_err(|_not_an_id| Fault::NotFound)?;
    let version = posted.form.whole("version").ok_or(Fault::Unreadable)?;
    let to = |_done: &SurplusDetail| "/portal/surplus?done=surplus-withdrawn".to_owned();
    Ok(posted.once(move |tx| withdraw_surplus(tx, id, version), to).await?)
}
