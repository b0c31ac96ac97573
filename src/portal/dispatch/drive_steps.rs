//! A step that a driver's form sent: taken once, however often it is sent; what cannot be taken says why.

use super::drive::{NotTaken, phone_of, shown};
use crate::actions::ActionError;
use crate::actions::dispatch::driver::{DriverStep, refusal_of, take_step, unknown_driver};
use crate::actions::dispatch::links::LinkKey;
use crate::actions::dispatch::progress::{Reported, StopReport};
use crate::domain::dispatch::{StopProblem, names_box};
use crate::domain::time::Instant;
use crate::portal::arrival::noted;
use crate::portal::fault::{Fault, see};
use crate::portal::form::Form;
use crate::portal::rule_text::{RuleText, refusal_lines};
use crate::portal::state::Shown;
use crate::portal::texts::Texts;
use crate::portal::typed::readings;
use actix_web::{HttpRequest, web};

/// A field that may be empty.
fn maybe(form: &Form, name: &str) -> Option<String> {
    form.has(name).then(|| form.get(name).to_owned())
}

fn report_of(form: &Form) -> Option<StopReport> {
    let what: Reported = form.get("what").parse().ok()?;
    let problem = match form.get("problem") {
        "" => None,
        word => Some(word.parse::<StopProblem>().ok()?),
    };
    Some(StopReport {
        step_ref: form.get("step_ref").to_owned(),
        what,
        at: form.get("at").parse::<Instant>().ok(),
        problem,
        note: maybe(form, "note"),
        seal_number: maybe(form, "seal_number"),
        handover_code: maybe(form, "handover_code"),
        signature_ref: maybe(form, "signature_ref"),
        photo_ref: maybe(form, "photo_ref"),
        box_code: None,
        scanned: None,
        condition: None,
    })
}

/// The code of the box in the way it was meant, if something was typed; the fault where it names another box.
fn seen_box(form: &Form) -> Result<Option<String>, ()> {
    let Ok(transfer) = form.get("transfer").parse() else { return Ok(None) };
    match form.get("box") {
        "" => Ok(None),
        typed => readings(typed).into_iter().find(|reading| names_box(reading, transfer)).map(Some).ok_or(()),
    }
}

/// Whether a box was handed over with nothing to show for it, for the first time: it is asked for once, since a door
/// where nobody can sign must not keep the milk in the van.
fn lacks_proof(form: &Form, report: &StopReport) -> bool {
    report.what == Reported::Done && form.has("at-door") && !form.has("asked") && !report.has_proof()
}

/// Takes a step.
pub async fn step(request: HttpRequest, path: web::Path<String>, body: web::Bytes) -> Shown {
    let arrival = noted(&request).ok_or(Fault::Failed)?;
    if arrival.foreign {
        return Err(Fault::Forged);
    }
    let form = Form::read(&body).ok_or(Fault::Unreadable)?;
    let stop_id = form.get("stop").parse().map_err(|_not_an_id| Fault::Unreadable)?;
    let mut report = report_of(&form).ok_or(Fault::Unreadable)?;
    let (device, _fresh) = phone_of(&request, &arrival);
    let Ok(box_code) = seen_box(&form) else {
        let why = arrival.texts.one("drive-other-box", "code", form.get("code").to_owned());
        return shown(&arrival, &path, &device, Some(NotTaken { why, form })).await;
    };
    report.box_code = box_code;
    if lacks_proof(&form, &report) {
        let why = arrival.texts.get("drive-no-proof");
        let mut form = form;
        form.add("proof_asked", "yes");
        return shown(&arrival, &path, &device, Some(NotTaken { why, form })).await;
    }
    let step = DriverStep { stop_id, report };
    let step_ref = step.report.step_ref.clone();
    let key = LinkKey::of(arrival.state.authority.vault())?;
    let (code, phone) = (path.clone(), device.clone());
    let taken = arrival.state.hub.write(&unknown_driver(), move |tx| take_step(tx, &key, (&code, &phone), &step)).await;
    match taken {
        Ok(_taken_or_repeated) => Ok(see(&format!("/portal/drive/{}", path.as_str()))),
        Err(ActionError::Unauthenticated { .. }) => shown(&arrival, &path, &device, None).await,
        Err(error) => {
            let why = why_not(&arrival.texts, &step_ref, &error).ok_or(Fault::Action(error))?;
            shown(&arrival, &path, &device, Some(NotTaken { why, form })).await
        }
    }
}

/// Why a step was not taken, in the driver's language where there are words for it.
fn why_not(texts: &Texts, step_ref: &str, error: &ActionError) -> Option<String> {
    match error {
        ActionError::Refused(refusals) => {
            let lines = refusal_lines(texts, refusals).into_iter().map(|line| line.text);
            Some(lines.collect::<Vec<_>>().join(" "))
        }
        ActionError::Conflict { code, detail } => Some(RuleText::of(texts, "conflict", code, detail.clone()).text),
        other => refusal_of(step_ref, other).map(|answer| answer.detail.unwrap_or_default()),
    }
}
