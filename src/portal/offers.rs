//! An offer: what is proposed and why, and the answer of the site that holds the milk.

use super::fault::{Fault, show_with};
use super::fields::{ErrorSummary, Field};
use super::form::{Faults, Filled, Form};
use super::frame::Frame;
use super::parts::{Due, Expiry, SITE, Safe, SiteName, Tag, TierMark, with_site};
use super::rule_text::rule_name;
use super::signed::{Posted, Signed, Visitor, permit::AnswerOffers, permit::ReadRequests};
use super::state::Shown;
use super::texts::Texts;
use crate::actions::lots::{self, LotRow};
use crate::actions::matching::{Reasons, get_offer_reasons};
use crate::actions::offers::{self, AllocationRow, OfferListing};
use crate::actions::worklist::site_names;
use crate::actions::{ActionError, people};
use crate::domain::actor::Permission;
use crate::domain::ids::{LotId, OfferId, SiteId};
use crate::domain::offer::{AllocationState, DeclineReason, OfferState};
use crate::domain::time::Instant;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use std::collections::BTreeMap;

/// The longest note of a decline, in characters.
const LONGEST_NOTE: usize = 500;

/// Adds the routes of offers.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/offers/{id}", web::get().to(offer))
        .route("/offers/{id}/accept", web::post().to(accept))
        .route("/offers/{id}/decline", web::post().to(decline));
}

/// A lot of the proposal.
struct LotLine {
    code: String,
    href: String,
    bottles: String,
    volume: String,
    protein: Option<String>,
    expiry: Option<Expiry>,
}

/// A sentence of the reasons.
struct Why {
    good: bool,
    text: String,
}

/// A chosen lot, or the runner-up, in the table of both.
struct Compared {
    code: String,
    href: String,
    chosen: bool,
    expires: String,
    protein: String,
    donors: String,
    points: String,
}

/// A rule that other lots failed.
struct FailedRule {
    lots: i64,
    rule: String,
}

#[derive(Template)]
#[template(path = "offer.html")]
struct OfferPage {
    f: Frame,
    id: String,
    title: Safe,
    sub: String,
    tier: TierMark,
    state: Tag,
    lines: Vec<LotLine>,
    why: Vec<Why>,
    eligible: Option<i64>,
    chosen: usize,
    compared: Vec<Compared>,
    failed: Vec<FailedRule>,
    next: Option<(String, String)>,
    due: Due,
    open: bool,
    may_answer: bool,
    decided: Option<String>,
    version: i64,
    errors: Option<ErrorSummary>,
    changed: Option<String>,
    reason: Field,
    note: Field,
}

/// Everything a page of an offer is made of.
struct Seen {
    listing: OfferListing,
    sites: BTreeMap<SiteId, SiteName>,
    lots: BTreeMap<LotId, LotRow>,
    runner_up: Option<LotRow>,
    allocation: Option<AllocationRow>,
    reasons: Option<Reasons>,
    decided_by: Option<String>,
}

async fn look(visitor: &Visitor, id: OfferId) -> Result<Seen, ActionError> {
    let actor = visitor.actor().clone();
    visitor
        .state()
        .hub
        .read(move |conn| {
            let listing = offers::get_offer_listing(conn, &actor, id)?;
            let ids = [listing.row.from_site_id, listing.row.to_site_id].into();
            let sites = site_names(conn, &ids)?;
            let sites = sites.into_iter().map(|(id, site)| (id, SiteName::of(&site))).collect();
            let mut found = BTreeMap::new();
            for (lot, ..) in &listing.lines {
                if let Ok(row) = lots::get_lot(conn, &actor, *lot) {
                    found.insert(*lot, row);
                }
            }
            let decided_by = match listing.row.decided_by.as_deref().and_then(|id| id.parse().ok()) {
                Some(person) => people::get_user(conn, person).ok().map(|user| user.display_name),
                None => None,
            };
            let reasons = get_offer_reasons(conn, &actor, id).ok();
            // A lot of another bank is not named.
            let runner_up = reasons.as_ref().and_then(|reasons| reasons.runner_up);
            let runner_up = runner_up.and_then(|(lot, _)| lots::get_lot(conn, &actor, lot).ok());
            let allocation = listing.allocation.and_then(|id| offers::get_allocation(conn, &actor, id).ok());
            Ok(Seen { listing, sites, lots: found, runner_up, allocation, reasons, decided_by })
        })
        .await
}

async fn offer(visitor: Signed<ReadRequests>, id: web::Path<String>) -> Shown {
    let id = read_id(&id)?;
    let seen = look(&visitor, id).await?;
    Ok(show_with(StatusCode::OK, &page(&visitor, &seen, &Filled::default(), None)))
}

fn read_id(text: &str) -> Result<OfferId, Fault> {
    text.parse().map_err(|_not_an_id| Fault::NotFound)
}

fn page(visitor: &Visitor, seen: &Seen, filled: &Filled, changed: Option<String>) -> OfferPage {
    let (texts, now, row) = (visitor.texts(), visitor.now(), &seen.listing.row);
    let open = row.state == OfferState::Proposed && row.answer_by > now;
    let ours = visitor.may(Permission::AnswerOffers) && visitor.actor().acts_for(row.from_site_id);
    let to = seen.sites.get(&row.to_site_id).cloned().unwrap_or_else(|| SiteName::new("–", ""));
    let heading = texts.with("offer-title", &[("ml", &row.volume_ml.ml()), ("site", &to.name)]);
    let marked = texts.with("offer-title", &[("ml", &row.volume_ml.ml()), ("site", &SITE)]);
    let needed = texts.short_moment(seen.listing.needed_by, now);
    let answer_by = texts.one("offer-answer-by", "when", texts.short_moment(row.answer_by, now));
    let reasons: Vec<(String, String)> = std::iter::once((String::new(), texts.get("form-choose")))
        .chain(DeclineReason::ALL.iter().map(|why| (why.as_str().to_owned(), texts.word("decline", why.as_str()))))
        .collect();
    OfferPage {
        f: visitor.frame("worklist", &heading),
        id: row.id.to_string(),
        title: with_site(&marked, &to),
        sub: texts.with("offer-sub", &[("bottles", &row.bottles), ("when", &needed)]),
        tier: TierMark::new(texts, seen.listing.tier),
        state: state_tag(texts, row.state),
        lines: seen.listing.lines.iter().map(|line| lot_line(texts, now, line, &seen.lots)).collect(),
        why: seen.reasons.as_ref().map(|reasons| why(texts, seen, reasons, now)).unwrap_or_default(),
        eligible: seen.reasons.as_ref().and_then(|reasons| i64::try_from(reasons.eligible_lines).ok()),
        chosen: seen.listing.lines.len(),
        compared: compared(texts, seen),
        failed: seen.reasons.as_ref().map(|reasons| failed(reasons, texts)).unwrap_or_default(),
        next: next_step(visitor, seen),
        due: Due::new(texts, now, row.answer_by, Some(row.proposed_at), answer_by),
        open,
        may_answer: open && ours,
        decided: decided(texts, seen, now),
        version: row.version,
        errors: ErrorSummary::of(texts, texts.get("offer-not-declined"), &filled.faults, visitor.request_id()),
        changed,
        reason: filled.field("reason", texts.get("offer-decline-reason")).choose(reasons).needed(),
        note: filled.field("note", texts.get("offer-decline-note")).hint(texts.get("offer-decline-note-hint")).lines(2),
    }
}

/// The tag of an offer's state.
#[must_use]
pub fn state_tag(texts: &Texts, state: OfferState) -> Tag {
    let (tone, icon) = match state {
        OfferState::Proposed => ("info", "clock"),
        OfferState::Accepted => ("ok", "check"),
        OfferState::Declined | OfferState::Withdrawn => ("", "x"),
        OfferState::Lapsed => ("warn", "hour"),
    };
    Tag::new(tone, icon, texts.word("offer-state", state.as_str()))
}

fn lot_line(
    texts: &Texts,
    now: Instant,
    (lot, code, size, count): &(LotId, String, crate::domain::quantity::Volume, i64),
    lots: &BTreeMap<LotId, LotRow>,
) -> LotLine {
    let known = lots.get(lot);
    LotLine {
        code: code.clone(),
        href: format!("/portal/lots/{lot}"),
        bottles: texts.with("unit-bottles-of", &[("n", count), ("ml", &size.ml())]),
        volume: texts.millilitres(size.ml() * count),
        protein: known
            .and_then(|lot| lot.protein_mg_per_dl)
            .map(|mg| texts.one("offer-protein", "protein", texts.moments().decimal(mg / 10, 2))),
        expiry: known.map(|lot| Expiry::new(texts, now, lot.expires_at)),
    }
}

fn why(texts: &Texts, seen: &Seen, reasons: &Reasons, now: Instant) -> Vec<Why> {
    let mut why = Vec::new();
    let mut say = |good, text| why.push(Why { good, text });
    if reasons.short_ml == 0 {
        say(true, texts.one("offer-why-full", "ml", reasons.wanted_ml));
    } else {
        say(false, texts.with("offer-why-short", &[("ml", &reasons.short_ml), ("wanted", &reasons.wanted_ml)]));
    }
    let left = seen.listing.needed_by.minutes_since(now);
    if left > 0 && seen.listing.row.decided_at.is_none() {
        say(true, texts.one("offer-why-time", "span", texts.span(left)));
    }
    if let Some((_, margin)) = reasons.runner_up {
        say(margin >= 0, texts.one("offer-why-runner-up", "points", margin));
    }
    match reasons.one_more_displaces_tier {
        Some(tier) => say(false, texts.one("offer-why-displaces", "tier", tier)),
        None => say(true, texts.get("offer-why-nobody-loses")),
    }
    if seen.listing.lines.len() > 1 {
        say(false, texts.one("offer-why-lots", "n", seen.listing.lines.len()));
    }
    why
}

/// The chosen lots beside the best lot that was not chosen, where the reader may see it.
fn compared(texts: &Texts, seen: &Seen) -> Vec<Compared> {
    let margin = seen.reasons.as_ref().and_then(|reasons| reasons.runner_up).map(|(_, margin)| margin);
    let (Some(other), Some(margin)) = (&seen.runner_up, margin) else { return Vec::new() };
    let moments = texts.moments();
    let line = |lot: &LotRow, chosen: bool| Compared {
        code: lot.code.clone(),
        href: format!("/portal/lots/{}", lot.id),
        chosen,
        expires: moments.date(lot.expires_at),
        protein: lot.protein_mg_per_dl.map_or_else(
            || texts.get("record-missing"),
            |mg| texts.one("offer-protein", "protein", moments.decimal(mg / 10, 2)),
        ),
        donors: moments.number(lot.donor_count),
        points: moments.number(if chosen { 0 } else { margin }),
    };
    let mut lines: Vec<Compared> = seen.lots.values().map(|lot| line(lot, true)).collect();
    if lines.is_empty() || seen.lots.contains_key(&other.id) {
        return Vec::new();
    }
    lines.push(line(other, false));
    lines
}

/// Where a decided offer goes on: its journey, or the plan of one.
fn next_step(visitor: &Visitor, seen: &Seen) -> Option<(String, String)> {
    let (texts, row) = (visitor.texts(), seen.allocation.as_ref()?);
    if let Some(transfer) = row.transfer_id.filter(|_| visitor.may(Permission::ReadTransfers)) {
        return Some((format!("/portal/transfers/{transfer}"), texts.get("offer-see-journey")));
    }
    let plans = visitor.may(Permission::MoveMilk) && visitor.actor().acts_for(row.from_site_id);
    (plans && row.state == AllocationState::Held)
        .then(|| (format!("/portal/transfers/new?to={}", row.to_site_id), texts.get("worklist-go-plan")))
}

fn failed(reasons: &Reasons, texts: &Texts) -> Vec<FailedRule> {
    let mut failed: Vec<FailedRule> = reasons
        .failed_rules
        .iter()
        .map(|(rule, lots)| FailedRule { lots: i64::try_from(*lots).unwrap_or(i64::MAX), rule: rule_name(texts, rule) })
        .collect();
    failed.sort_by_key(|rule| std::cmp::Reverse(rule.lots));
    failed
}

fn decided(texts: &Texts, seen: &Seen, now: Instant) -> Option<String> {
    let row = &seen.listing.row;
    let when = texts.short_moment(row.decided_at?, now);
    let state = texts.word("offer-state", row.state.as_str());
    let by = match &seen.decided_by {
        _ if row.by_standing_rule => texts.get("offer-by-rule"),
        Some(name) => name.clone(),
        None => texts.get("offer-by-other"),
    };
    Some(texts.with("offer-decided", &[("state", &state), ("when", &when), ("by", &by)]))
}

async fn accept(posted: Posted<AnswerOffers>, id: web::Path<String>) -> Shown {
    let id = read_id(&id)?;
    let version = posted.form.whole("version").ok_or(Fault::Unreadable)?;
    let done = posted
        .once(
            move |tx| offers::accept_offer(tx, id, version),
            move |_allocation| format!("/portal/offers/{id}?done=offer-accepted"),
        )
        .await;
    answered(&posted, id, done).await
}

async fn decline(posted: Posted<AnswerOffers>, id: web::Path<String>) -> Shown {
    let id = read_id(&id)?;
    let version = posted.form.whole("version").ok_or(Fault::Unreadable)?;
    let mut faults = Faults::default();
    let texts = posted.texts();
    let reason: Option<DeclineReason> = posted.form.get("reason").parse().ok();
    let reason = faults.need("reason", reason, || texts.get("offer-choose-reason"));
    let note = Some(posted.form.get("note").to_owned()).filter(|note| !note.is_empty());
    if note.as_ref().is_some_and(|note| note.chars().count() > LONGEST_NOTE) {
        faults.note("note", texts.get("invalid-too-long"));
    }
    if reason == Some(DeclineReason::Other) && note.is_none() {
        faults.note("note", texts.get("offer-other-needs-note"));
    }
    let Some(reason) = reason.filter(|_| faults.is_empty()) else {
        let seen = look(&posted, id).await?;
        let filled = Filled { form: posted.form.clone(), faults };
        return Ok(show_with(StatusCode::UNPROCESSABLE_ENTITY, &page(&posted, &seen, &filled, None)));
    };
    let done = posted
        .once(
            move |tx| offers::decline_offer(tx, id, version, reason, note.as_deref()),
            move |_offer| format!("/portal/offers/{id}?done=offer-declined"),
        )
        .await;
    answered(&posted, id, done).await
}

/// Leads on; an offer that somebody else answered meanwhile comes back as it is now.
async fn answered(posted: &Posted<AnswerOffers>, id: OfferId, done: Result<HttpResponse, ActionError>) -> Shown {
    match done {
        Err(ActionError::Stale { .. } | ActionError::Conflict { .. }) => {
            let seen = look(posted, id).await?;
            let now = decided(posted.texts(), &seen, posted.now());
            let changed = now.unwrap_or_else(|| posted.texts().get("offer-changed-otherwise"));
            let filled = Filled { form: Form::default(), faults: Faults::default() };
            Ok(show_with(StatusCode::CONFLICT, &page(posted, &seen, &filled, Some(changed))))
        }
        other => Ok(other?),
    }
}
