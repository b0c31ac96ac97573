//! Requests of the site at work: the list, and one request with how far it is, why it waits, and its end.

use super::fault::{Fault, see, show};
use super::fields::Field;
use super::frame::Frame;
use super::parts::{Due, Pages, Tag, TierMark};
use super::rule_text::rule_name;
use super::signed::{Posted, Signed, Visitor, permit::RaiseRequests, permit::ReadRequests};
use super::state::Shown;
use super::texts::Texts;
use crate::actions::matching::{Reasons, get_explanation};
use crate::actions::offers::{OfferListing, PromiseFilter, list_offers};
use crate::actions::requests::{self, RequestFilter, RequestRow};
use crate::actions::worklist::site_names;
use crate::domain::actor::Permission;
use crate::domain::ids::RequestId;
use crate::domain::request::RequestState;
use crate::domain::time::Instant;
use actix_web::web;
use askama::Template;

/// Requests on a page.
const LINES: i64 = 50;

/// Adds the routes of requests.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/requests", web::get().to(list))
        .route("/requests/{id}", web::get().to(one))
        .route("/requests/{id}/end", web::post().to(end));
}

/// A request in a list.
struct Line {
    href: String,
    infant: String,
    tier: TierMark,
    asked: String,
    promised: String,
    delivered: String,
    needed: String,
    state: Tag,
}

#[derive(Template)]
#[template(path = "requests.html")]
struct ListPage {
    f: Frame,
    chips: Vec<(String, String, bool)>,
    lines: Vec<Line>,
    pages: Pages,
    may_request: bool,
}

/// What is listed.
#[derive(serde::Deserialize)]
struct Wanted {
    #[serde(default)]
    state: String,
    #[serde(default)]
    after: String,
}

/// The tag of a request's state.
#[must_use]
pub fn state_tag(texts: &Texts, state: RequestState) -> Tag {
    let (tone, icon) = match state {
        RequestState::Open => ("", "open"),
        RequestState::PartlyAllocated => ("warn", "clock"),
        RequestState::Allocated => ("info", "lock"),
        RequestState::Fulfilled => ("ok", "check"),
        RequestState::Cancelled => ("", "x"),
        RequestState::ClosedUnmet => ("crit", "stop"),
    };
    Tag::new(tone, icon, texts.word("request-state", state.as_str()))
}

fn name(texts: &Texts, row: &RequestRow) -> String {
    row.infant_ref.clone().unwrap_or_else(|| texts.get("request-ward-stock"))
}

fn line(texts: &Texts, row: &RequestRow, now: Instant) -> Line {
    Line {
        href: format!("/portal/requests/{}", row.id),
        infant: name(texts, row),
        tier: TierMark::new(texts, row.tier),
        asked: texts.millilitres(row.volume_ml.ml()),
        promised: texts.millilitres(row.allocated_ml.ml()),
        delivered: texts.millilitres(row.delivered_ml.ml()),
        needed: texts.short_moment(row.needed_by, now),
        state: state_tag(texts, row.state),
    }
}

async fn list(visitor: Signed<ReadRequests>, query: web::Query<Wanted>) -> Shown {
    let state: Option<RequestState> = query.state.parse().ok();
    let after: Option<RequestId> = match query.after.as_str() {
        "" => None,
        text => Some(text.parse().map_err(|_not_an_id| Fault::Unreadable)?),
    };
    let filter = RequestFilter { sites: visitor.sites_shown(), state, tier: None };
    let most = visitor.rows(LINES);
    let wanted = most.saturating_add(1);
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let rows = visitor.state().hub.read(move |conn| requests::list_requests(conn, &filter, after, wanted)).await?;
    let (texts, now) = (visitor.texts(), visitor.now());
    let shown = rows.get(..most).unwrap_or(&rows);
    let next = shown.last().filter(|_| rows.len() > most).map(|row| row.id.to_string());
    let all = ("/portal/requests".to_owned(), texts.get("worklist-all"), state.is_none());
    let states = RequestState::ALL.iter().map(|one| {
        let label = texts.word("request-state", one.as_str());
        (format!("/portal/requests?state={}", one.as_str()), label, state == Some(*one))
    });
    show(&ListPage {
        f: visitor.frame("requests", &texts.get("requests-title")).living(),
        chips: std::iter::once(all).chain(states).collect(),
        lines: shown.iter().map(|row| line(texts, row, now)).collect(),
        pages: Pages::new(texts, visitor.here(), next),
        may_request: visitor.may(Permission::RaiseRequests),
    })
}

/// An offer for a request.
struct OfferLine {
    href: String,
    site: String,
    amount: String,
    state: Tag,
}

#[derive(Template)]
#[template(path = "request.html")]
struct OnePage {
    f: Frame,
    id: String,
    line: Line,
    due: Due,
    lacking: String,
    share: i64,
    why: Vec<String>,
    failed: Vec<(String, String)>,
    offers: Vec<OfferLine>,
    open: bool,
    may_end: bool,
    ended: Option<String>,
    version: i64,
    reason: Field,
}

/// Everything a page of one request is made of.
struct Seen {
    row: RequestRow,
    reasons: Option<Reasons>,
    offers: Vec<(OfferListing, String)>,
}

async fn look(visitor: &Visitor, id: RequestId) -> Result<Seen, Fault> {
    let actor = visitor.actor().clone();
    let seen = visitor.state().hub.read(move |conn| {
        let row = requests::get_request(conn, &actor, id)?;
        let told = get_explanation(conn, &actor, id).ok();
        let reasons = told.and_then(|told| serde_json::from_str(&told.explanation).ok());
        let filter = PromiseFilter { request: Some(id), ..PromiseFilter::default() };
        let found = list_offers(conn, &filter, None, None, 100)?;
        let names = site_names(conn, &found.iter().map(|offer| offer.row.from_site_id).collect())?;
        let named = found.into_iter().map(|offer| {
            let name = names.get(&offer.row.from_site_id).map(|site| site.name.clone()).unwrap_or_default();
            (offer, name)
        });
        Ok(Seen { row, reasons, offers: named.collect() })
    });
    Ok(seen.await?)
}

fn read_id(text: &str) -> Result<RequestId, Fault> {
    text.parse().map_err(|_not_an_id| Fault::NotFound)
}

async fn one(visitor: Signed<ReadRequests>, id: web::Path<String>) -> Shown {
    let seen = look(&visitor, read_id(&id)?).await?;
    let (texts, now, row) = (visitor.texts(), visitor.now(), &seen.row);
    let line = line(texts, row, now);
    let heading = texts.with("request-title", &[("ml", &row.volume_ml.ml()), ("infant", &line.infant)]);
    // What is promised in full waits for nothing any more.
    let waits = row.state.is_live() && row.allocated_ml < row.volume_ml;
    let (why, failed) = seen.reasons.as_ref().filter(|_| waits).map(|reasons| told(texts, reasons)).unwrap_or_default();
    let due = texts.one("request-needed-by", "when", line.needed.clone());
    let ended = row.closed_at.map(|at| {
        let why = row.close_reason.clone().unwrap_or_default();
        texts.with("request-ended", &[("when", &texts.short_moment(at, now)), ("why", &why)])
    });
    let ours = visitor.may(Permission::RaiseRequests) && visitor.actor().acts_for(row.site_id);
    show(&OnePage {
        f: visitor.frame("requests", &heading).living(),
        id: row.id.to_string(),
        due: Due::new(texts, now, row.needed_by, Some(row.created_at), due),
        lacking: texts.millilitres((row.volume_ml.ml() - row.allocated_ml.ml()).max(0)),
        share: if row.volume_ml.is_positive() { row.allocated_ml.ml() * 100 / row.volume_ml.ml() } else { 0 },
        why,
        failed,
        offers: seen.offers.iter().map(|(offer, site)| offer_line(texts, offer, site)).collect(),
        open: row.state.is_live(),
        may_end: ours && row.state.is_live(),
        ended,
        version: row.version,
        reason: Field::new("reason", texts.get("request-end-reason"), String::new(), None).needed(),
        line,
    })
}

fn told(texts: &Texts, reasons: &Reasons) -> (Vec<String>, Vec<(String, String)>) {
    let mut why = Vec::new();
    match (reasons.short_ml, reasons.eligible_lines) {
        (0, _) => why.push(texts.one("request-why-met", "ml", reasons.wanted_ml)),
        (_, 0) => why.push(texts.get("worklist-why-nothing")),
        (short, _) => why.push(texts.one("request-why-short", "ml", short)),
    }
    if let Some(tier) = reasons.one_more_displaces_tier {
        why.push(texts.one("offer-why-displaces", "tier", tier));
    }
    if let Some((_, margin)) = reasons.runner_up {
        why.push(texts.one("offer-why-runner-up", "points", margin));
    }
    let mut failed: Vec<(usize, String)> =
        reasons.failed_rules.iter().map(|(rule, lots)| (*lots, rule_name(texts, rule))).collect();
    failed.sort_by_key(|(lots, _)| std::cmp::Reverse(*lots));
    let failed = failed.into_iter().map(|(lots, rule)| (texts.one("offer-lots", "n", lots), rule));
    (why, failed.collect())
}

fn offer_line(texts: &Texts, offer: &OfferListing, site: &str) -> OfferLine {
    let volume = texts.millilitres(offer.row.volume_ml.ml());
    OfferLine {
        href: format!("/portal/offers/{}", offer.row.id),
        site: site.to_owned(),
        amount: format!("{volume}, {}", texts.one("unit-bottles", "n", offer.row.bottles)),
        state: super::offers::state_tag(texts, offer.row.state),
    }
}

async fn end(posted: Posted<RaiseRequests>, id: web::Path<String>) -> Shown {
    let id = read_id(&id)?;
    let version = posted.form.whole("version").ok_or(Fault::Unreadable)?;
    let reason = posted.form.get("reason").to_owned();
    if reason.is_empty() || reason.chars().count() > 500 {
        return Ok(see(&format!("/portal/requests/{id}?done=say-why")));
    }
    let cancel = posted.form.get("how") == "cancel";
    let done = posted.once(
        move |tx| {
            if cancel {
                requests::cancel_request(tx, id, version, &reason)
            } else {
                requests::close_request(tx, id, version, &reason)
            }
        },
        move |_row| format!("/portal/requests/{id}?done=request-ended"),
    );
    Ok(done.await?)
}
