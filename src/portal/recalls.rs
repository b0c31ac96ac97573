//! Recalls: all that concern one's sites, and a new one by lot, donor, pasteuriser run or pasteuriser.

use super::fault::{Fault, show, show_with};
use super::fields::{ErrorSummary, Field};
use super::form::{Faults, Filled, Form};
use super::frame::Frame;
use super::parts::{Pages, SiteName, Tag};
use super::signed::{Posted, Signed, Visitor, permit::IssueRecalls, permit::ReadStock};
use super::state::Shown;
use super::tags;
use super::texts::Texts;
use super::transfers::name_of;
use crate::actions::ActionError;
use crate::actions::identity::SiteLabel;
use crate::actions::lot_sheet::name_sites;
use crate::actions::lots::{LotFilter, list_lots};
use crate::actions::recalls::{IssueRecall, RecallDetail, RecallRow, issue_recall, list_recalls};
use crate::domain::actor::Permission;
use crate::domain::ids::{RecallId, SiteId};
use crate::domain::recall::{RecallState, Selector, Window};
use crate::domain::time::Instant;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;
use serde_json::json;

/// Rows on a page.
const ROWS: i64 = 50;
/// Minutes in which sites answer, unless somebody chooses otherwise.
const USUAL_MINUTES: i64 = 30;

/// Adds the routes of the list and the form.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/recalls", web::get().to(recalls));
    config.route("/recalls/new", web::get().to(blank));
    config.route("/recalls/new", web::post().to(issue));
}

#[derive(Deserialize)]
struct RecallsQuery {
    #[serde(default)]
    after: String,
}

struct RecallLine {
    href: String,
    what: String,
    bank: SiteName,
    frozen: String,
    since: String,
    answer_by: String,
    state: Tag,
}

#[derive(Template)]
#[template(path = "recalls.html")]
struct RecallsPage {
    f: Frame,
    lines: Vec<RecallLine>,
    pages: Pages,
    may_issue: bool,
    may_trace: bool,
}

async fn recalls(visitor: Signed<ReadStock>, query: web::Query<RecallsQuery>) -> Shown {
    let (actor, after) = (visitor.actor().clone(), query.after.parse::<RecallId>().ok());
    let most_rows = visitor.rows(ROWS);
    let found = visitor.state().hub.read(move |conn| {
        let rows = list_recalls(conn, &actor, after, most_rows + 1)?;
        let mut banks: Vec<SiteId> = rows.iter().map(|row| row.site_id).collect();
        banks.sort_unstable();
        banks.dedup();
        let names = name_sites(conn, &banks)?;
        Ok((rows, names))
    });
    let (mut rows, names) = found.await?;
    let most = usize::try_from(most_rows).unwrap_or(usize::MAX);
    let more = rows.len() > most;
    rows.truncate(most);
    let next = rows.last().filter(|_| more).map(|row| row.id.to_string());
    let open = rows.iter().filter(|row| row.state != RecallState::Closed).count();
    // What is open comes first, the newest on top.
    rows.sort_by_key(|row| (row.state == RecallState::Closed, std::cmp::Reverse(row.id)));
    let (texts, now) = (visitor.texts(), visitor.now());
    show(&RecallsPage {
        f: visitor.frame("recalls", &texts.get("recalls-title")).counting(open),
        lines: rows.iter().map(|row| line_of(row, &names, texts, now)).collect(),
        pages: Pages::new(texts, visitor.here(), next),
        may_issue: visitor.may(Permission::IssueRecalls) && visitor.site().is_some(),
        may_trace: visitor.may(Permission::RecordFates),
    })
}

fn line_of(row: &RecallRow, names: &[SiteLabel], texts: &Texts, now: Instant) -> RecallLine {
    let bottles = texts.one("unit-bottles", "n", row.frozen_bottles);
    RecallLine {
        href: format!("/portal/recalls/{}", row.id),
        what: title_of(row, texts),
        bank: name_of(names, row.site_id),
        frozen: format!("{bottles}, {}", texts.millilitres(row.frozen_ml.ml())),
        since: texts.short_moment(row.frozen_at, now),
        answer_by: texts.short_moment(row.respond_by, now),
        state: tags::of_recall(texts, row.state, row.respond_by < now),
    }
}

/// What a recall is about: `Donor D-31`.
pub(super) fn title_of(row: &RecallRow, texts: &Texts) -> String {
    let selector: serde_json::Value = serde_json::from_str(&row.selector).unwrap_or_default();
    let named = ["donor_ref", "cycle_ref", "device_ref"].iter().find_map(|field| selector.get(field)?.as_str());
    let word = texts.word("recall-by", row.scope.as_str());
    named.map_or_else(|| word.clone(), |named| format!("{word} {named}"))
}

#[derive(Template)]
#[template(path = "recall_new.html")]
struct RecallFormPage {
    f: Frame,
    errors: Option<ErrorSummary>,
    fields: Vec<Field>,
}

const SCOPES: [&str; 4] = ["lot", "donor", "cycle", "device"];

fn page(visitor: &Visitor, filled: &Filled) -> RecallFormPage {
    let texts = visitor.texts();
    let scopes = SCOPES.map(|scope| (scope.to_owned(), texts.word("recall-by", scope)));
    let heading = texts.get("recall-not-issued");
    RecallFormPage {
        f: visitor.frame("recalls", &texts.get("recall-new")),
        errors: ErrorSummary::of(texts, heading, &filled.faults, visitor.request_id()),
        fields: vec![
            filled.field("scope", texts.get("recall-what")).choose(scopes.into()),
            filled.field("which", texts.get("recall-which")).hint(texts.get("recall-which-hint")).needed(),
            filled.field("reason", texts.get("lot-why")).lines(3).needed(),
            filled.field("respond_by", texts.get("recall-answer-by")).kind("datetime-local", "off").needed(),
        ],
    }
}

async fn blank(visitor: Signed<IssueRecalls>) -> Shown {
    let until = visitor.now().plus_minutes(USUAL_MINUTES);
    let form = Form::of(&[("respond_by", visitor.texts().moments().field_value(until))]);
    show(&page(&visitor, &Filled { form, faults: Faults::default() }))
}

async fn issue(posted: Posted<IssueRecalls>) -> Result<HttpResponse, Fault> {
    let site = posted.site().ok_or(Fault::NotFound)?.id;
    let (form, texts) = (&posted.form, posted.texts());
    let mut faults = Faults::default();
    for name in ["which", "reason"] {
        if !form.has(name) {
            faults.note(name, texts.get("form-missing"));
        }
    }
    let respond_by =
        faults.need("respond_by", texts.moments().read(form.get("respond_by")), || texts.get("form-missing"));
    let selector = if faults.is_empty() { selector(&posted, site).await? } else { None };
    let again = |faults: Faults| {
        let filled = Filled { form: posted.form.clone(), faults };
        show_with(StatusCode::UNPROCESSABLE_ENTITY, &page(&posted, &filled))
    };
    let Some(((selector, sent), respond_by)) = selector.zip(respond_by) else {
        if faults.is_empty() {
            faults.note("which", texts.get("recall-nothing-found"));
        }
        return Ok(again(faults));
    };
    let (sent, reason) = (sent.to_string(), form.get("reason").to_owned());
    let command = IssueRecall { site, selector, sent, reason, respond_by, drill: false };
    let to = |detail: &RecallDetail| format!("/portal/recalls/{}?done=recall-issued", detail.head.id);
    match posted.once(move |tx| issue_recall(tx, &command), to).await {
        Ok(answer) => Ok(answer),
        Err(ActionError::Invalid(errors)) => {
            let fields = [("/selector", "which"), ("/reason", "reason"), ("/respond_by", "respond_by")];
            faults.take(&errors, &fields, texts);
            Ok(again(faults))
        }
        Err(other) => Err(other.into()),
    }
}

/// What the form selects; `None` for lot numbers of which one is not the bank's.
async fn selector(posted: &Posted<IssueRecalls>, site: SiteId) -> Result<Option<(Selector, serde_json::Value)>, Fault> {
    let which = posted.form.get("which").to_owned();
    let selector = match posted.form.get("scope") {
        "donor" => {
            let sent = json!({ "donor_ref": which });
            (Selector::Donor { donor_ref: which, after: None, look_back: None }, sent)
        }
        "cycle" => {
            let sent = json!({ "cycle_ref": which });
            (Selector::Cycle(which), sent)
        }
        "device" => {
            let sent = json!({ "device_ref": which });
            (Selector::Device(which, Window::default()), sent)
        }
        _ => {
            let codes: Vec<String> = which
                .split([',', ';', '\n', ' '])
                .map(str::trim)
                .filter(|c| !c.is_empty())
                .map(str::to_owned)
                .collect();
            let found = posted.state().hub.read(move |conn| {
                let mut ids = Vec::new();
                for code in codes {
                    let filter = LotFilter { banks: Some(vec![site]), state: None, code: Some(code) };
                    let Some(lot) = list_lots(conn, &filter, None, 1)?.into_iter().next() else { return Ok(None) };
                    ids.push(lot.id);
                }
                Ok(Some(ids))
            });
            let Some(ids) = found.await? else { return Ok(None) };
            let sent = json!({ "lot_ids": ids });
            (Selector::Lots(ids), sent)
        }
    };
    Ok(Some(selector))
}
