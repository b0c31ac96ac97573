//! Registering a lot with its safety record: the form, the rules' opinion of it while it is written, and the lot.

use super::fault::{Fault, show, show_with};
use super::fields::ErrorSummary;
use super::form::{Faults, Filled, Form};
use super::frame::Frame;
use super::lot_fields::{RecordFields, fields};
use super::lot_form::read;
use super::rule_text::{RuleText, refusal_lines};
use super::signed::{Posted, Signed, Visitor, permit::ManageLots};
use super::state::Shown;
use crate::actions::ActionError;
use crate::actions::identity::SiteLabel;
use crate::actions::lot_sheet::{get_bank_policy, judge_record};
use crate::actions::lots::{RegisterLot, register_lot};
use crate::domain::policy::PolicyDocument;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use std::sync::Arc;

/// Adds the routes of the form.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/lots/new", web::get().to(blank));
    config.route("/lots/new", web::post().to(register));
}

/// Where the faults of the use case belong in the form.
pub(super) const FIELDS: &[(&str, &str)] = &[
    ("/containers", "size-1"),
    ("/containers/0/size_ml", "size-1"),
    ("/containers/0/count", "count-1"),
    ("/containers/1/size_ml", "size-2"),
    ("/containers/1/count", "count-2"),
    ("/containers/2/size_ml", "size-3"),
    ("/containers/2/count", "count-3"),
    ("/expires_at", "expires_at"),
    ("/expressed_to", "expressed_to"),
    ("/culture_before/result_at", "before-result"),
    ("/culture_after/result_at", "after-result"),
    ("/pasteurisation/ended_at", "heat-ended"),
    ("/donors/0/donor_ref", "donor-1-ref"),
    ("/donors/1/donor_ref", "donor-2-ref"),
    ("/donors/2/donor_ref", "donor-3-ref"),
];

#[derive(Template)]
#[template(path = "lot_new.html")]
struct LotFormPage {
    f: Frame,
    policy: String,
    errors: Option<ErrorSummary>,
    checked: bool,
    rules: Vec<RuleText>,
    fields: RecordFields,
    release: bool,
}

fn bank_of(visitor: &Visitor) -> Result<SiteLabel, Fault> {
    visitor.site().cloned().ok_or(Fault::NotFound)
}

async fn policy_of(visitor: &Visitor) -> Result<Arc<PolicyDocument>, Fault> {
    let (actor, bank) = (visitor.actor().clone(), bank_of(visitor)?.id);
    Ok(visitor.state().hub.read(move |conn| get_bank_policy(conn, &actor, bank)).await?)
}

fn page(visitor: &Visitor, policy: &PolicyDocument, filled: &Filled, rules: Option<Vec<RuleText>>) -> LotFormPage {
    let texts = visitor.texts();
    let heading = texts.get("lotform-not-registered");
    LotFormPage {
        f: visitor.frame("stock", &texts.get("lotform-title")),
        policy: policy.title(),
        errors: ErrorSummary::of(texts, heading, &filled.faults, visitor.request_id()),
        checked: rules.is_some(),
        rules: rules.unwrap_or_default(),
        fields: fields(filled, policy, texts),
        release: filled.form.has("release"),
    }
}

async fn blank(visitor: Signed<ManageLots>) -> Shown {
    let policy = policy_of(&visitor).await?;
    let form = Form::of(&[("storage", "-20".to_owned()), ("release", "yes".to_owned())]);
    show(&page(&visitor, &policy, &Filled { form, faults: Faults::default() }, None))
}

async fn register(posted: Posted<ManageLots>) -> Result<HttpResponse, Fault> {
    let policy = policy_of(&posted).await?;
    let bank = bank_of(&posted)?.id;
    let mut faults = Faults::default();
    let Some(command) = read(&posted.form, bank, &policy, posted.texts(), &mut faults) else {
        return Ok(again(&posted, &policy, faults, None));
    };
    faults.take(&command.record.defects(), FIELDS, posted.texts());
    if !faults.is_empty() {
        return Ok(again(&posted, &policy, faults, None));
    }
    if posted.form.get("do") == "check" {
        let rules = judged(&posted, &command).await?;
        return show(&page(&posted, &policy, &Filled { form: posted.form.clone(), faults }, Some(rules)));
    }
    let to = |detail: &crate::actions::lots::LotDetail| {
        let done = if detail.row.released_at.is_some() { "lot-released" } else { "lot-registered" };
        format!("/portal/lots/{}?done={done}", detail.row.id)
    };
    match posted.once(move |tx| register_lot(tx, &command), to).await {
        Ok(answer) => Ok(answer),
        Err(ActionError::Invalid(errors)) => {
            faults.take(&errors, FIELDS, posted.texts());
            Ok(again(&posted, &policy, faults, None))
        }
        Err(ActionError::Conflict { code: "label_taken", .. }) => {
            faults.note("code", posted.texts().get("lotform-code-taken"));
            Ok(again(&posted, &policy, faults, None))
        }
        Err(other) => Err(other.into()),
    }
}

async fn judged(posted: &Posted<ManageLots>, command: &RegisterLot) -> Result<Vec<RuleText>, Fault> {
    let (actor, now) = (posted.actor().clone(), posted.now());
    let (bank, record) = (command.bank, command.record.clone());
    let judge = move |conn: &mut _| judge_record(conn, &actor, bank, &record, now);
    Ok(refusal_lines(posted.texts(), &posted.state().hub.read(judge).await?))
}

fn again(
    posted: &Posted<ManageLots>,
    policy: &PolicyDocument,
    faults: Faults,
    rules: Option<Vec<RuleText>>,
) -> HttpResponse {
    let filled = Filled { form: posted.form.clone(), faults };
    show_with(StatusCode::UNPROCESSABLE_ENTITY, &page(posted, policy, &filled, rules))
}
