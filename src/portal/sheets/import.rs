//! Importing a file of lots, bottles or counts: a template, a trial that writes nothing, then the rows that can be
//! done, a thousand a step, with progress and a way to stop between them.

use super::carry_out::{LotFate, Outcome, carry_out, judge};
use super::plan::{BadHeader, CellFault, Kind, Table, read, table_of};
use super::{Cell, FileKind, Sheet, Unreadable, write};
use crate::actions::lot_sheet::get_bank_policy;
use crate::domain::actor::Permission;
use crate::domain::ids::SiteId;
use crate::domain::policy::PolicyDocument;
use crate::portal::fault::{Fault, show, show_with};
use crate::portal::frame::Frame;
use crate::portal::rule_text::RuleText;
use crate::portal::signed::{Posted, Signed, Visitor, permit::RecordFates};
use crate::portal::state::Shown;
use crate::portal::texts::Texts;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, ContentDisposition, DispositionParam, DispositionType};
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;
use std::sync::Arc;

/// Rows that one answer does.
const ROWS_A_PAGE: usize = 1_000;
/// Faults that a page lists.
const FAULTS_SHOWN: usize = 200;

/// Adds the routes of the import.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/import/template", web::get().to(template));
    config.service(
        web::resource("/import")
            .app_data(web::PayloadConfig::new(super::upload::MOST_BYTES))
            .route(web::get().to(blank))
            .route(web::post().to(import)),
    );
}

#[derive(Deserialize)]
struct ImportQuery {
    #[serde(default)]
    kind: String,
    #[serde(default, rename = "as")]
    file: String,
    #[serde(default)]
    done: String,
}

struct Tab {
    href: String,
    label: String,
    current: bool,
}

struct ColumnLine {
    name: String,
    needed: bool,
    meaning: String,
}

struct FaultLine {
    row: usize,
    column: String,
    what: String,
}

/// What a trial or a step came to.
struct Report {
    tried: bool,
    created: usize,
    updated: usize,
    unchanged: usize,
    bad: usize,
    faults: Vec<FaultLine>,
    more: usize,
    good: usize,
    fates: Vec<FateLine>,
    released: usize,
    waiting: usize,
}

/// A new lot and what it would become.
struct FateLine {
    code: String,
    released: bool,
    kept_back: bool,
    rules: Vec<RuleText>,
}

/// A step of several.
struct Progress {
    done: usize,
    total: usize,
    created: usize,
    updated: usize,
    unchanged: usize,
}

#[derive(Template)]
#[template(path = "import.html")]
struct ImportPage {
    f: Frame,
    kind: &'static str,
    tabs: Vec<Tab>,
    columns: Vec<ColumnLine>,
    wrong: Vec<String>,
    report: Option<Report>,
    progress: Option<Progress>,
    rows: Option<String>,
}

/// The site, and the kinds that the person may import there.
fn kinds_of(visitor: &Visitor) -> Result<(SiteId, Vec<Kind>), Fault> {
    let site = visitor.site().ok_or(Fault::NotFound)?.id;
    let lots = visitor.may(Permission::ManageLots);
    Ok((site, Kind::ALL.into_iter().filter(|kind| lots || *kind == Kind::Counts).collect()))
}

fn kind_of(visitor: &Visitor, word: &str) -> Result<(SiteId, Kind), Fault> {
    let (site, kinds) = kinds_of(visitor)?;
    let asked = kinds.iter().find(|kind| kind.word() == word).or_else(|| kinds.first());
    let refused = !word.is_empty() && asked.is_some_and(|kind| kind.word() != word);
    match asked {
        Some(_) if refused => Err(Fault::Forbidden(Permission::ManageLots)),
        Some(kind) => Ok((site, *kind)),
        None => Err(Fault::NotFound),
    }
}

/// The rules of the bank, where rows are judged by them.
async fn policy_for(visitor: &Visitor, site: SiteId, kind: Kind) -> Result<Option<Arc<PolicyDocument>>, Fault> {
    if kind != Kind::Lots {
        return Ok(None);
    }
    let actor = visitor.actor().clone();
    Ok(Some(visitor.state().hub.read(move |conn| get_bank_policy(conn, &actor, site)).await?))
}

fn page(visitor: &Visitor, kind: Kind, policy: Option<&PolicyDocument>) -> Result<ImportPage, Fault> {
    let texts = visitor.texts();
    let (_site, kinds) = kinds_of(visitor)?;
    let tab = |other: &Kind| Tab {
        href: format!("/portal/import?kind={}", other.word()),
        label: texts.word("import-kind", other.word()),
        current: *other == kind,
    };
    Ok(ImportPage {
        f: visitor.frame("stock", &texts.get("import-title")),
        kind: kind.word(),
        tabs: kinds.iter().map(tab).collect(),
        columns: columns(kind, policy, texts),
        wrong: Vec::new(),
        report: None,
        progress: None,
        rows: None,
    })
}

fn columns(kind: Kind, policy: Option<&PolicyDocument>, texts: &Texts) -> Vec<ColumnLine> {
    let needed = kind.needed().iter().map(|name| ((*name).to_owned(), true));
    let possible = kind.possible(policy).into_iter().map(|name| (name, false));
    needed.chain(possible).map(|(name, needed)| ColumnLine { meaning: meaning(&name, texts), name, needed }).collect()
}

/// What a column holds, in the words of the form.
fn meaning(name: &str, texts: &Texts) -> String {
    let donor = name.strip_prefix("donor-").and_then(|rest| rest.split_once('-'));
    let numbered = name.split_once('-').filter(|(word, _)| ["size", "count"].contains(word));
    let key = match (donor, numbered) {
        (Some((_, part)), _) => format!("import-column-donor-{part}"),
        (_, Some((word, _))) => format!("import-column-{word}"),
        _ => format!("import-column-{}", name.replace('_', "-")),
    };
    let stage = ["before", "after"].into_iter().find(|stage| name.starts_with(stage));
    match (texts.find(&key), stage) {
        (Some(known), _) => known,
        (None, Some(stage)) => texts.get(&format!("import-column-{stage}")),
        (None, None) => String::new(),
    }
}

async fn blank(visitor: Signed<RecordFates>, query: web::Query<ImportQuery>) -> Shown {
    let (site, kind) = kind_of(&visitor, &query.kind)?;
    let policy = policy_for(&visitor, site, kind).await?;
    let mut page = page(&visitor, kind, policy.as_deref())?;
    if query.done == "stopped" {
        page.f = page.f.saying("info", "info", visitor.texts().get("import-stopped"));
    }
    show(&page)
}

async fn template(visitor: Signed<RecordFates>, query: web::Query<ImportQuery>) -> Result<HttpResponse, Fault> {
    let (site, kind) = kind_of(&visitor, &query.kind)?;
    let policy = policy_for(&visitor, site, kind).await?;
    let file = FileKind::from_word(&query.file).unwrap_or(FileKind::Csv);
    let columns = columns(kind, policy.as_deref(), visitor.texts());
    let header = columns.iter().map(|column| Cell::text(column.name.as_str())).collect();
    let mut sheets = vec![Sheet { name: kind.word().to_owned(), rows: vec![header] }];
    if file == FileKind::Xlsx {
        let lines = columns.iter().map(|column| [column.name.as_str(), column.meaning.as_str()].map(Cell::text).into());
        let title =
            vec![Cell::text(visitor.texts().get("import-column")), Cell::text(visitor.texts().get("import-meaning"))];
        let name = visitor.texts().get("import-columns");
        sheets.push(Sheet { name, rows: std::iter::once(title).chain(lines).collect() });
    }
    let bytes = write(file, &sheets).map_err(|_unwritten| Fault::Failed)?;
    let disposition = ContentDisposition {
        disposition: DispositionType::Attachment,
        parameters: vec![DispositionParam::Filename(format!("{}.{}", kind.word(), file.word()))],
    };
    Ok(HttpResponse::Ok().insert_header((CONTENT_TYPE, file.media())).insert_header(disposition).body(bytes))
}

/// The rows that were sent: of a file, or as the page before kept them.
fn sent(posted: &Posted<RecordFates>) -> Result<Vec<Vec<String>>, &'static str> {
    let read_rows = |bytes: &[u8]| {
        super::read(bytes).map_err(|why| match why {
            Unreadable::Kind => "import-not-a-table",
            Unreadable::Large => "import-too-large",
            Unreadable::Empty => "import-empty",
        })
    };
    match posted.form.file("file") {
        Some(file) if !file.is_empty() => read_rows(file),
        _ if posted.form.has("rows") => read_rows(posted.form.raw("rows").as_bytes()),
        _ => Err("import-no-file"),
    }
}

fn bad_header(bad: &BadHeader, texts: &Texts) -> Vec<String> {
    let line = |key: &str, names: &[String]| (!names.is_empty()).then(|| texts.one(key, "names", names.join(", ")));
    [line("import-absent", &bad.absent), line("import-unknown", &bad.unknown)].into_iter().flatten().collect()
}

async fn import(posted: Posted<RecordFates>) -> Result<HttpResponse, Fault> {
    let (site, kind) = kind_of(&posted, posted.form.get("kind"))?;
    let policy = policy_for(&posted, site, kind).await?;
    let mut page = page(&posted, kind, policy.as_deref())?;
    let table = match sent(&posted) {
        Err(why) => Err(vec![posted.texts().get(why)]),
        Ok(rows) => table_of(kind, policy.as_deref(), rows).map_err(|bad| bad_header(&bad, posted.texts())),
    };
    let table = match table {
        Ok(table) if table.rows.is_empty() => Err(vec![posted.texts().get("import-empty")]),
        other => other,
    };
    let table = match table {
        Ok(table) => table,
        Err(wrong) => {
            page.wrong = wrong;
            return Ok(show_with(StatusCode::UNPROCESSABLE_ENTITY, &page));
        }
    };
    let work = Work { site, kind, policy, table };
    if posted.form.get("do") == "import" { step(&posted, work, page).await } else { attempt(&posted, work, page).await }
}

/// A table that was sent, and what it is judged by.
struct Work {
    site: SiteId,
    kind: Kind,
    policy: Option<Arc<PolicyDocument>>,
    table: Table,
}

/// Reading thousands of records takes its time: it is done where nobody waits for a page.
async fn outcome_of(
    posted: &Posted<RecordFates>,
    work: Work,
    from: usize,
    most: usize,
    write: bool,
) -> Result<(Work, Outcome), Fault> {
    let texts = posted.texts().clone();
    let (work, reading) = web::block(move || {
        let upto = from.saturating_add(most).min(work.table.rows.len());
        let some = work.table.rows.get(from..upto).unwrap_or_default();
        let reading = read(work.kind, &work.table, some, work.site, work.policy.as_deref(), &texts);
        (work, reading)
    })
    .await
    .map_err(|_stopped| Fault::Failed)?;
    let (hub, call, texts) = (&posted.state().hub, posted.call(), posted.texts());
    let outcome = if write {
        carry_out(hub, call, work.site, reading, texts).await?
    } else {
        judge(hub, call, work.site, reading, texts).await?
    };
    Ok((work, outcome))
}

/// Says what the file would do, and writes nothing.
async fn attempt(posted: &Posted<RecordFates>, work: Work, mut page: ImportPage) -> Result<HttpResponse, Fault> {
    let (work, outcome) = outcome_of(posted, work, 0, usize::MAX, false).await?;
    page.rows = Some(text_of(&work.table)?);
    page.report = Some(report(outcome, true));
    show(&page)
}

/// Does some of the rows, and leads on to the next.
async fn step(posted: &Posted<RecordFates>, work: Work, mut page: ImportPage) -> Result<HttpResponse, Fault> {
    let known = |name: &str| posted.form.whole(name).and_then(|value| usize::try_from(value).ok()).unwrap_or(0);
    let (from, total) = (known("from"), work.table.rows.len());
    let (work, outcome) = outcome_of(posted, work, from, ROWS_A_PAGE, true).await?;
    let sums = Progress {
        done: from.saturating_add(ROWS_A_PAGE).min(total),
        total,
        created: known("created") + outcome.created,
        updated: known("updated") + outcome.updated,
        unchanged: known("unchanged") + outcome.unchanged,
    };
    if sums.done < total {
        page.rows = Some(text_of(&work.table)?);
        page.progress = Some(sums);
        return show(&page);
    }
    // Faults of earlier steps are found again by one more look, which writes nothing.
    let faults = if from > 0 { outcome_of(posted, work, 0, usize::MAX, false).await?.1.faults } else { outcome.faults };
    let whole =
        Outcome { created: sums.created, updated: sums.updated, unchanged: sums.unchanged, faults, fates: Vec::new() };
    page.report = Some(report(whole, false));
    show(&page)
}

/// The rows as text for the next page, which sends them back.
fn text_of(table: &Table) -> Result<String, Fault> {
    let row = |cells: Vec<String>| cells.into_iter().map(Cell::text).collect();
    let sheet = Sheet { name: String::new(), rows: table.texts().into_iter().map(row).collect() };
    let bytes = write(FileKind::Csv, &[sheet]).map_err(|_unwritten| Fault::Failed)?;
    String::from_utf8(bytes).map_err(|_not_text| Fault::Failed)
}

fn report(outcome: Outcome, tried: bool) -> Report {
    let bad = outcome.bad_rows();
    let Outcome { created, updated, unchanged, faults, mut fates } = outcome;
    let released = fates.iter().filter(|fate| fate.is_released()).count();
    let waiting = fates.len() - released;
    // What would wait comes first: there is something to mend.
    fates.sort_by_key(LotFate::is_released);
    let fate = |fate: LotFate| FateLine {
        released: fate.is_released(),
        code: fate.code,
        kept_back: fate.kept_back,
        rules: fate.rules,
    };
    let fates = fates.into_iter().take(FAULTS_SHOWN).map(fate).collect();
    let more = faults.len().saturating_sub(FAULTS_SHOWN);
    let line = |fault: CellFault| FaultLine { row: fault.row, column: fault.column, what: fault.what };
    let faults = faults.into_iter().take(FAULTS_SHOWN).map(line).collect();
    Report { tried, created, updated, unchanged, bad, faults, more, good: created + updated, fates, released, waiting }
}
