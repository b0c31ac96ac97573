//! Publishing surplus from the stock: the rows that were picked, with everything that is free filled in; one press
//! puts them on the board.

use super::fault::{Fault, show, show_with};
use super::fields::{ErrorSummary, Field};
use super::form::{Faults, Filled, Form};
use super::frame::Frame;
use super::parts::Expiry;
use super::signed::{Posted, Signed, Visitor, permit::PublishSurplus as MayPublish};
use super::state::Shown;
use super::texts::Texts;
use crate::actions::ActionError;
use crate::actions::ledger::{LotStock, site_stock};
use crate::actions::surplus::{PublishLot, PublishSurplus, publish_surplus};
use crate::domain::field::FieldError;
use crate::domain::ids::SiteId;
use crate::domain::quantity::Volume;
use crate::domain::time::Instant;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;

/// Days for which surplus stands on the board, unless somebody chooses otherwise.
const OFFERED_DAYS: i64 = 14;

/// Adds the routes of the form.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/surplus/new", web::get().to(picked));
    config.route("/surplus/new", web::post().to(publish));
}

struct PickedLine {
    key: String,
    code: String,
    size: String,
    expiry: Expiry,
    bottles: Field,
}

#[derive(Template)]
#[template(path = "publish.html")]
struct PublishPage {
    f: Frame,
    errors: Option<ErrorSummary>,
    lines: Vec<PickedLine>,
    total: String,
    until: Field,
    reason: Field,
    least: Field,
}

fn key_of(line: &LotStock) -> String {
    format!("{}.{}", line.lot_id, line.size_ml)
}

fn bottles_name(line: &LotStock) -> String {
    format!("bottles-{}", key_of(line))
}

/// The rows that were picked, as the stock has them now.
async fn lines_of(visitor: &Visitor, keys: &[String]) -> Result<(SiteId, Vec<LotStock>), Fault> {
    let site = visitor.site().ok_or(Fault::NotFound)?.id;
    let (actor, now) = (visitor.actor().clone(), visitor.now());
    let stock = visitor.state().hub.read(move |conn| site_stock(conn, &actor, site, now)).await?;
    let picked = |line: &LotStock| line.unpromised_bottles > 0 && keys.contains(&key_of(line));
    Ok((site, stock.lots.into_iter().filter(picked).collect()))
}

fn page(visitor: &Visitor, lines: &[LotStock], filled: &Filled) -> PublishPage {
    let (texts, now) = (visitor.texts(), visitor.now());
    let total: i64 = lines.iter().map(|line| line.unpromised_bottles * line.size_ml).sum();
    let heading = texts.get("publish-not-published");
    PublishPage {
        f: visitor.frame("stock", &texts.get("publish-title")),
        errors: ErrorSummary::of(texts, heading, &filled.faults, visitor.request_id()),
        lines: lines.iter().map(|line| picked_line(line, filled, texts, now)).collect(),
        total: texts.millilitres(total),
        until: filled.field("until", texts.get("publish-until")).kind("datetime-local", "off").needed(),
        reason: filled.field("reason", texts.get("publish-reason")).needed(),
        least: filled
            .field("least", texts.get("publish-least"))
            .number("mL".to_owned(), "numeric")
            .hint(texts.get("publish-least-hint")),
    }
}

fn picked_line(line: &LotStock, filled: &Filled, texts: &Texts, now: Instant) -> PickedLine {
    let name = bottles_name(line);
    let typed = filled.form.get(&name);
    let value = if typed.is_empty() { line.unpromised_bottles.to_string() } else { typed.to_owned() };
    let fault = filled.faults.of(&name).map(str::to_owned);
    PickedLine {
        key: key_of(line),
        code: line.lot_code.clone(),
        size: texts.millilitres(line.size_ml),
        expiry: Expiry::new(texts, now, line.expires_at),
        bottles: Field::new(&name, texts.get("publish-bottles"), value, fault)
            .number(texts.one("publish-of", "n", line.unpromised_bottles), "numeric"),
    }
}

async fn picked(visitor: Signed<MayPublish>, query: web::Query<Vec<(String, String)>>) -> Shown {
    let keys: Vec<String> =
        query.into_inner().into_iter().filter(|(name, _)| name == "line").map(|(_, value)| value).collect();
    let (_site, lines) = lines_of(&visitor, &keys).await?;
    if lines.is_empty() {
        return Ok(super::fault::see("/portal/stock?show=free&missing=pick"));
    }
    let texts = visitor.texts();
    let soonest = lines.iter().map(|line| line.expires_at).min();
    let offered = visitor.now().plus_days(OFFERED_DAYS);
    let until = soonest.filter(|soonest| *soonest < offered).unwrap_or(offered);
    let form = Form::of(&[
        ("until", texts.moments().field_value(until)),
        ("reason", texts.get("publish-reason-usual")),
        ("least", "0".to_owned()),
    ]);
    show(&page(&visitor, &lines, &Filled { form, faults: Faults::default() }))
}

async fn publish(posted: Posted<MayPublish>) -> Result<HttpResponse, Fault> {
    let keys: Vec<String> = posted.form.all("line").into_iter().map(str::to_owned).collect();
    let (site, lines) = lines_of(&posted, &keys).await?;
    let mut faults = Faults::default();
    let again = |faults: Faults| {
        let filled = Filled { form: posted.form.clone(), faults };
        show_with(StatusCode::UNPROCESSABLE_ENTITY, &page(&posted, &lines, &filled))
    };
    let Some(command) = command(&posted.form, site, &lines, posted.texts(), &mut faults) else {
        return Ok(again(faults));
    };
    match posted
        .once(move |tx| publish_surplus(tx, &command), |_done| "/portal/stock?done=surplus-published".into())
        .await
    {
        Ok(answer) => Ok(answer),
        Err(ActionError::Invalid(errors)) => {
            take(&errors, &lines, posted.texts(), &mut faults);
            Ok(again(faults))
        }
        Err(other) => Err(other.into()),
    }
}

fn command(
    form: &Form,
    site: SiteId,
    lines: &[LotStock],
    texts: &Texts,
    faults: &mut Faults,
) -> Option<PublishSurplus> {
    let until = faults.need("until", texts.moments().read(form.get("until")), || texts.get("form-missing"));
    let least = if form.has("least") { form.whole("least") } else { Some(0) };
    let least = faults.need("least", least, || texts.get("form-not-a-number"));
    if !form.has("reason") {
        faults.note("reason", texts.get("form-missing"));
    }
    let mut lots = Vec::new();
    for line in lines {
        let name = bottles_name(line);
        let bottles = faults.need(&name, form.whole(&name), || texts.get("form-not-a-number")).unwrap_or(0);
        if bottles > 0 {
            lots.push(PublishLot {
                lot: line.lot_id,
                size: Some(Volume::from_ml(line.size_ml)),
                bottles: Some(bottles),
            });
        }
    }
    if lots.is_empty() {
        faults.note("", texts.get("publish-nothing"));
    }
    if !faults.is_empty() {
        return None;
    }
    Some(PublishSurplus {
        site,
        reason: form.get("reason").to_owned(),
        available_from: None,
        available_until: until?,
        min_transfer: Volume::from_ml(least?),
        price: None,
        lots,
    })
}

/// Puts the faults of the use case beside the fields: `/lots/0/bottles` belongs to the first line.
fn take(errors: &[FieldError], lines: &[LotStock], texts: &Texts, faults: &mut Faults) {
    let names: Vec<(String, String)> =
        lines.iter().enumerate().map(|(place, line)| (format!("/lots/{place}/bottles"), bottles_name(line))).collect();
    let mut fields: Vec<(&str, &str)> = names.iter().map(|(pointer, name)| (pointer.as_str(), name.as_str())).collect();
    fields.push(("/available_until", "until"));
    faults.take(errors, &fields, texts);
}
