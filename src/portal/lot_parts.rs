//! What comes to a lot's record after its milk: the page that adds cultures, the run of the pasteuriser and the analysis
//! to a lot that waits. Only what is not on record is asked for.

use super::fault::{Fault, show, show_with};
use super::fields::{ErrorSummary, Field};
use super::form::{Faults, Filled, Form};
use super::frame::Frame;
use super::lot::id_of;
use super::lot_fields::fields;
use super::lot_form::read_parts;
use super::lot_new::FIELDS;
use super::signed::{Posted, Signed, Visitor, permit::ManageLots};
use super::state::Shown;
use crate::actions::ActionError;
use crate::actions::lot_record::complete_record;
use crate::actions::lot_sheet::{LotSheet, get_lot_sheet};
use crate::domain::ids::LotId;
use crate::domain::lot::LotState;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;

/// Adds the routes of the page.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/lots/{id}/record", web::get().to(blank));
    config.route("/lots/{id}/record", web::post().to(add));
}

/// A part of the record with its fields.
struct Part {
    title: String,
    fields: Vec<Field>,
}

#[derive(Template)]
#[template(path = "lot_parts.html")]
struct PartsPage {
    f: Frame,
    id: String,
    code: String,
    version: i64,
    errors: Option<ErrorSummary>,
    parts: Vec<Part>,
}

/// The lot, if it is the visitor's own and still waits.
async fn waiting(visitor: &Visitor, id: LotId) -> Result<LotSheet, Fault> {
    let (actor, now) = (visitor.actor().clone(), visitor.now());
    let sheet = visitor.state().hub.read(move |conn| get_lot_sheet(conn, &actor, id, now)).await?;
    if sheet.own && sheet.row.state == LotState::Quarantined { Ok(sheet) } else { Err(Fault::NotFound) }
}

fn page(visitor: &Visitor, sheet: &LotSheet, filled: &Filled) -> PartsPage {
    let texts = visitor.texts();
    let (all, record) = (fields(filled, &sheet.policy, texts), &sheet.record);
    // The acidity stands among the fields of the analysis and may be absent alone.
    let (acidity, analysis): (Vec<Field>, Vec<Field>) = all.analysis.into_iter().partition(|one| one.name == "acidity");
    let part = |absent: bool, title: &str, fields: Vec<Field>| {
        (absent && !fields.is_empty()).then(|| Part { title: texts.get(title), fields })
    };
    let parts = [
        part(record.culture_before.is_none(), "record-before-culture", all.before),
        part(record.acidity_tenths_dornic.is_none(), "lotform-acidity", acidity),
        part(record.pasteurisation.is_none(), "record-heat", all.heat),
        part(record.culture_after.is_none(), "record-after-culture", all.after),
        part(record.composition.is_none(), "lotform-analysis", analysis),
    ];
    PartsPage {
        f: visitor.frame("stock", &texts.one("lotparts-title", "lot", &sheet.row.code)),
        id: sheet.row.id.to_string(),
        code: sheet.row.code.clone(),
        version: sheet.row.version,
        errors: ErrorSummary::of(texts, texts.get("lotparts-not-added"), &filled.faults, visitor.request_id()),
        parts: parts.into_iter().flatten().collect(),
    }
}

async fn blank(visitor: Signed<ManageLots>, path: web::Path<String>) -> Shown {
    let sheet = waiting(&visitor, id_of(&path)?).await?;
    show(&page(&visitor, &sheet, &Filled { form: Form::default(), faults: Faults::default() }))
}

async fn add(posted: Posted<ManageLots>, path: web::Path<String>) -> Result<HttpResponse, Fault> {
    let id: LotId = id_of(&path)?;
    let (version, texts) = (posted.form.whole("version").unwrap_or(0), posted.texts());
    let to = format!("/portal/lots/{id}?done=lot-completed");
    let sheet = waiting(&posted, id).await?;
    let mut faults = Faults::default();
    let more = read_parts(&posted.form, &sheet.policy, texts, &mut faults);
    if faults.is_empty() && more.parts().is_empty() {
        faults.note("", texts.get("lotparts-nothing"));
    }
    if faults.is_empty() {
        match posted.once(move |tx| complete_record(tx, id, version, &more), move |_lot| to.clone()).await {
            Err(ActionError::Invalid(errors)) => faults.take(&errors, FIELDS, texts),
            other => return Ok(other?),
        }
    }
    let filled = Filled { form: posted.form.clone(), faults };
    Ok(show_with(StatusCode::UNPROCESSABLE_ENTITY, &page(&posted, &sheet, &filled)))
}
