//! A step that a driver's form sent: taken once, however often it is sent; what cannot be taken says why.

use super::drive::{phone_of, shown};
use crate::actions::ActionError;
use crate::actions::dispatch::driver::{DriverStep, StepAnswer, refusal_of, take_step, unknown_driver};
use crate::actions::dispatch::links::LinkKey;
use crate::actions::dispatch::progress::{Reported, StopReport};
use crate::domain::dispatch::StopProblem;
use crate::domain::time::Instant;
use crate::portal::arrival::noted;
use crate::portal::fault::{Fault, see};
use crate::portal::form::Form;
use crate::portal::state::Shown;
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
        scanned: None,
        condition: None,
    })
}

/// Whether the code on the box is the one that belongs here; nothing typed is nothing said.
fn other_box(form: &Form) -> bool {
    let (seen, wanted) = (form.get("box").to_lowercase(), form.get("code").to_lowercase());
    !seen.is_empty() && !wanted.is_empty() && !seen.ends_with(&wanted)
}

/// Takes a step.
pub async fn step(request: HttpRequest, path: web::Path<String>, body: web::Bytes) -> Shown {
    let arrival = noted(&request).ok_or(Fault::Failed)?;
    if arrival.foreign {
        return Err(Fault::Forged);
    }
    let form = Form::read(&body).ok_or(Fault::Unreadable)?;
    let stop_id = form.get("stop").parse().map_err(|_not_an_id| Fault::Unreadable)?;
    let report = report_of(&form).ok_or(Fault::Unreadable)?;
    let (device, _fresh) = phone_of(&request, &arrival);
    if other_box(&form) {
        let refused = arrival.texts.one("drive-other-box", "code", form.get("code").to_owned());
        return shown(&arrival, &path, &device, Some(refused)).await;
    }
    let step = DriverStep { stop_id, report };
    let step_ref = step.report.step_ref.clone();
    let key = LinkKey::of(arrival.state.authority.vault())?;
    let (code, phone) = (path.clone(), device.clone());
    let taken = arrival.state.hub.write(&unknown_driver(), move |tx| take_step(tx, &key, (&code, &phone), &step)).await;
    let StepAnswer { outcome, detail, .. } = match taken {
        Ok(answer) => answer,
        Err(ActionError::Unauthenticated { .. }) => return shown(&arrival, &path, &device, None).await,
        Err(error) => refusal_of(&step_ref, &error).ok_or(Fault::Action(error))?,
    };
    if outcome == "refused" {
        return shown(&arrival, &path, &device, Some(detail.unwrap_or_default())).await;
    }
    Ok(see(&format!("/portal/drive/{}", path.as_str())))
}
