//! The board: milk that others offer now, soonest expiry first, narrowed by filters that stand in the address.

use super::fault::{Fault, show};
use super::fields::Field;
use super::form::Form;
use super::frame::Frame;
use super::parts::{Expiry, Pages, SiteName};
use super::signed::{Signed, permit::ReadBoard};
use super::state::Shown;
use super::texts::Texts;
use crate::actions::surplus::{BoardFilter, BoardRow, list_board};
use crate::actions::worklist::site_names;
use crate::domain::actor::Permission;
use crate::domain::ids::SurplusLineId;
use crate::domain::lot::MilkType;
use crate::domain::time::Instant;
use actix_web::web;
use askama::Template;

/// Lines on a page.
const LINES: i64 = 50;

/// Adds the routes of the board.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/board", web::get().to(board));
}

/// One line of surplus.
struct Line {
    site: SiteName,
    own: bool,
    lot: String,
    volume: String,
    bottles: String,
    protein: String,
    donors: String,
    milk: String,
    dairy_free: bool,
    expiry: Expiry,
}

#[derive(Template)]
#[template(path = "board.html")]
struct BoardPage {
    f: Frame,
    now: String,
    sub: String,
    fields: Vec<Field>,
    lines: Vec<Line>,
    pages: Pages,
    may_request: bool,
    filtered: bool,
}

/// The filters as the address has them; what cannot be read is not a filter.
fn filter_of(form: &Form) -> BoardFilter {
    let milk: Option<MilkType> = form.get("milk").parse().ok();
    BoardFilter {
        sites: None,
        milk_type: milk.map(|milk| milk.as_str().to_owned()),
        form: None,
        min_protein_mg_per_dl: form.decimal("protein", 2).map(|hundredths| hundredths * 10),
        dairy_free: (form.get("dairy") == "free").then_some(true),
        max_donors: form.whole("donors").filter(|most| *most > 0),
    }
}

/// Where the page begins: instant and line of the last row before it.
fn start(form: &Form) -> Result<Option<(Instant, SurplusLineId)>, Fault> {
    let after = form.get("after");
    if after.is_empty() {
        return Ok(None);
    }
    let (at, line) = after.split_once('.').ok_or(Fault::Unreadable)?;
    let at: i64 = at.parse().map_err(|_not_a_number| Fault::Unreadable)?;
    Ok(Some((Instant::from_micros(at), line.parse().map_err(|_not_an_id| Fault::Unreadable)?)))
}

async fn board(visitor: Signed<ReadBoard>, request: actix_web::HttpRequest) -> Shown {
    let form = Form::read(request.query_string().as_bytes()).ok_or(Fault::Unreadable)?;
    let (filter, after, now) = (filter_of(&form), start(&form)?, visitor.now());
    let most = visitor.rows(LINES);
    let wanted = most.saturating_add(1);
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let (rows, sites) = visitor
        .state()
        .hub
        .read(move |conn| {
            let rows = list_board(conn, &filter, now, after, wanted)?;
            let ids = rows.iter().map(|row| row.line.site_id).collect();
            Ok((rows, site_names(conn, &ids)?))
        })
        .await?;
    let more = rows.len() > most;
    let shown = rows.get(..most).unwrap_or(&rows);
    let next = shown.last().filter(|_| more);
    let next = next.map(|row| format!("{}.{}", row.line.expires_at.micros(), row.line.id));
    let texts = visitor.texts();
    let own = visitor.site().map(|site| site.id);
    let lines: Vec<Line> = shown
        .iter()
        .map(|row| {
            let site = sites.get(&row.line.site_id).map_or_else(|| SiteName::new(&row.site.1, ""), SiteName::of);
            line(texts, row, site, now, own == Some(row.line.site_id))
        })
        .collect();
    let total: i64 = shown.iter().map(|row| row.line.available_bottles * row.line.size_ml.ml()).sum();
    show(&BoardPage {
        f: visitor.frame("board", &texts.get("board-title")).living(),
        now: now.to_string(),
        sub: texts.with("board-sub", &[("ml", &total), ("n", &lines.len())]),
        fields: fields(texts, &form),
        pages: Pages::new(texts, visitor.here(), next),
        may_request: visitor.may(Permission::RaiseRequests),
        filtered: ["protein", "milk", "donors", "dairy"].iter().any(|name| form.has(name)),
        lines,
    })
}

fn line(texts: &Texts, row: &BoardRow, site: SiteName, now: Instant, own: bool) -> Line {
    let (line, moments) = (&row.line, texts.moments());
    let protein = line.protein_mg_per_dl.map(|mg| moments.decimal(mg / 10, 2));
    Line {
        site,
        own,
        lot: row.lot_code.clone(),
        volume: texts.millilitres(line.available_bottles * line.size_ml.ml()),
        bottles: texts.with("unit-bottles-of", &[("n", &line.available_bottles), ("ml", &line.size_ml.ml())]),
        protein: protein
            .map_or_else(|| texts.get("board-no-analysis"), |protein| texts.one("offer-protein", "protein", protein)),
        donors: texts.one("board-donors", "n", line.donor_count),
        milk: texts.word("milk", &line.milk_type),
        dairy_free: line.dairy_free,
        expiry: Expiry::new(texts, now, line.expires_at),
    }
}

fn fields(texts: &Texts, form: &Form) -> Vec<Field> {
    let field = |name: &str, label: &str| Field::new(name, texts.get(label), form.get(name).to_owned(), None);
    let any = || (String::new(), texts.get("board-any"));
    let milk = MilkType::ALL.iter().map(|milk| (milk.as_str().to_owned(), texts.word("milk", milk.as_str())));
    let donors = [("1", 1_i64), ("3", 3), ("10", 10)];
    let donors = donors.map(|(value, most)| (value.to_owned(), texts.one("board-up-to-donors", "n", most)));
    vec![
        field("protein", "board-protein-from").number(texts.get("unit-g-per-dl"), "decimal"),
        field("milk", "board-milk").choose(std::iter::once(any()).chain(milk).collect()),
        field("donors", "board-donors-label").choose(std::iter::once(any()).chain(donors).collect()),
        field("dairy", "board-dairy").choose(vec![any(), ("free".to_owned(), texts.get("board-dairy-free"))]),
    ]
}
