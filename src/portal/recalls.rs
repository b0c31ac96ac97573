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
use crate::actions::recall_sheet::{find_lots_named, name_recalled_lots};
use crate::actions::recalls::{IssueRecall, RecallDetail, RecallRow, issue_recall, list_recalls};
use crate::actions::sites::{SiteFilter, list_sites};
use crate::domain::actor::Permission;
use crate::domain::ids::{RecallId, SiteId};
use crate::domain::recall::{RecallScope, RecallState, Selector, Window};
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
        let codes = name_recalled_lots(conn, &rows)?;
        Ok((rows, names, codes))
    });
    let (mut rows, names, codes) = found.await?;
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
        lines: rows.iter().map(|row| line_of(row, &names, codes.get(&row.id), texts, now)).collect(),
        pages: Pages::new(texts, visitor.here(), next),
        may_issue: visitor.may(Permission::IssueRecalls),
        may_trace: visitor.may(Permission::RecordFates),
    })
}

fn line_of(
    row: &RecallRow,
    names: &[SiteLabel],
    codes: Option<&Vec<String>>,
    texts: &Texts,
    now: Instant,
) -> RecallLine {
    let bottles = texts.one("unit-bottles", "n", row.frozen_bottles);
    RecallLine {
        href: format!("/portal/recalls/{}", row.id),
        what: title_of(row, codes.map_or(&[][..], Vec::as_slice), texts),
        bank: name_of(names, row.site_id),
        frozen: format!("{bottles}, {}", texts.millilitres(row.frozen_ml.ml())),
        since: texts.short_moment(row.frozen_at, now),
        answer_by: texts.short_moment(row.respond_by, now),
        state: tags::of_recall(texts, row.state, row.respond_by < now),
    }
}

/// The most lot numbers in a title.
const MOST_CODES: usize = 3;

/// What a recall is about: `Donor D-31`, `Lots L-1, L-2`. `codes` are the numbers of its lots, where it is by lot.
pub(super) fn title_of(row: &RecallRow, codes: &[String], texts: &Texts) -> String {
    let selector: serde_json::Value = serde_json::from_str(&row.selector).unwrap_or_default();
    let named = ["donor_ref", "cycle_ref", "device_ref"].iter().find_map(|field| selector.get(field)?.as_str());
    let word = texts.word("recall-by", row.scope.as_str());
    if let Some(named) = named {
        return format!("{word} {named}");
    }
    if row.scope != RecallScope::Lot || codes.is_empty() {
        return word;
    }
    let shown = codes.iter().take(MOST_CODES).cloned().collect::<Vec<_>>().join(", ");
    match codes.len().saturating_sub(MOST_CODES) {
        0 => format!("{word} {shown}"),
        more => texts.with("recall-lots-more", &[("codes", &shown), ("n", &more)]),
    }
}

#[derive(Template)]
#[template(path = "recall_new.html")]
struct RecallFormPage {
    f: Frame,
    errors: Option<ErrorSummary>,
    fields: Vec<Field>,
}

const SCOPES: [&str; 4] = ["lot", "donor", "cycle", "device"];

/// The most sites to choose from.
const MOST_SITES: i64 = 500;

/// The sites whose milk may be recalled, for somebody who works for none of them.
async fn banks(visitor: &Visitor) -> Result<Vec<(String, String)>, Fault> {
    if visitor.site().is_some() {
        return Ok(Vec::new());
    }
    let actor = visitor.actor().clone();
    let list = move |conn: &mut _| list_sites(conn, &actor, &SiteFilter::default(), None, MOST_SITES);
    let found = visitor.state().hub.read(list).await?;
    let choose = (String::new(), visitor.texts().get("form-choose"));
    Ok(std::iter::once(choose)
        .chain(found.into_iter().map(|seen| (seen.site.id.to_string(), seen.site.name)))
        .collect())
}

fn page(visitor: &Visitor, filled: &Filled, banks: Vec<(String, String)>) -> RecallFormPage {
    let texts = visitor.texts();
    let bank = (!banks.is_empty()).then(|| filled.field("site", texts.get("recall-bank")).choose(banks).needed());
    let fields = vec![
        filled
            .field("scope", texts.get("recall-what"))
            .choose(SCOPES.map(|s| (s.to_owned(), texts.word("recall-by", s))).into()),
        filled.field("which", texts.get("recall-which")).hint(texts.get("recall-which-hint")).needed(),
        filled.field("reason", texts.get("lot-why")).lines(3).needed(),
        filled.field("respond_by", texts.get("recall-answer-by")).kind("datetime-local", "off").needed(),
    ];
    let heading = texts.get("recall-not-issued");
    RecallFormPage {
        f: visitor.frame("recalls", &texts.get("recall-new")),
        errors: ErrorSummary::of(texts, heading, &filled.faults, visitor.request_id()),
        fields: bank.into_iter().chain(fields).collect(),
    }
}

async fn blank(visitor: Signed<IssueRecalls>) -> Shown {
    let until = visitor.now().plus_minutes(USUAL_MINUTES);
    let form = Form::of(&[("respond_by", visitor.texts().moments().field_value(until))]);
    let banks = banks(&visitor).await?;
    show(&page(&visitor, &Filled { form, faults: Faults::default() }, banks))
}

async fn issue(posted: Posted<IssueRecalls>) -> Result<HttpResponse, Fault> {
    let (form, texts) = (&posted.form, posted.texts());
    let mut faults = Faults::default();
    let site = posted.site().map(|site| site.id).or_else(|| form.get("site").parse().ok());
    let site = faults.need("site", site, || texts.get("form-missing"));
    for name in ["which", "reason"] {
        if !form.has(name) {
            faults.note(name, texts.get("form-missing"));
        }
    }
    let respond_by =
        faults.need("respond_by", texts.moments().read(form.get("respond_by")), || texts.get("form-missing"));
    let chosen = match site.filter(|_| faults.is_empty()) {
        Some(site) => selector(&posted, site).await?.map(|(selector, sent)| (site, selector, sent)),
        None => None,
    };
    let banks = banks(&posted).await?;
    let again = |faults: Faults| {
        let filled = Filled { form: posted.form.clone(), faults };
        show_with(StatusCode::UNPROCESSABLE_ENTITY, &page(&posted, &filled, banks.clone()))
    };
    let Some(((site, selector, sent), respond_by)) = chosen.zip(respond_by) else {
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
            let found = posted.state().hub.read(move |conn| find_lots_named(conn, site, &which));
            let Some(ids) = found.await? else { return Ok(None) };
            let sent = json!({ "lot_ids": ids });
            (Selector::Lots(ids), sent)
        }
    };
    Ok(Some(selector))
}
