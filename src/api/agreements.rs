//! Agreements between sites. A site sees those that it is a member of.

use super::auth::{
    Allowed,
    permit::{ManageHub, ReadNetwork},
};
use super::conditional::single;
use super::extract::{PathId, Query};
use super::idempotency::{Creating, created, send};
use super::listed::AgreementStateWord;
use super::openapi::{CreatingHeaders, IdInPath, operations};
use super::paging::Page;
use super::state::{Answer, State};
use crate::actions::agreements::{self, CreateAgreement};
use crate::domain::agreement::{Agreement, AgreementState};
use crate::domain::ids::{AgreementId, SiteId};
use crate::domain::time::Instant;
use actix_web::{HttpRequest, get, post};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::{IntoParams, ToSchema};

operations!(create_agreement, list_agreements, get_agreement);

/// An agreement to be registered.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AgreementBody {
    /// Short stable code.
    #[schema(pattern = "^[A-Za-z0-9._-]{1,64}$")]
    code: String,
    /// Its name.
    #[schema(max_length = 200)]
    name: String,
    /// The signed document it stands for.
    #[schema(max_length = 500)]
    document_reference: String,
    /// How one regime's rules are read under the other; needed when members differ in country or policy set.
    #[schema(max_length = 2000)]
    policy_mapping: Option<String>,
    /// First instant at which it holds.
    #[schema(value_type = String, format = DateTime)]
    valid_from: Instant,
    /// First instant at which it no longer holds.
    #[schema(value_type = Option<String>, format = DateTime)]
    valid_until: Option<Instant>,
    /// The sites that may exchange under it.
    #[schema(value_type = Vec<String>, min_items = 2, max_items = 1000)]
    site_ids: Vec<SiteId>,
}

/// An agreement.
#[derive(Serialize, ToSchema)]
#[schema(as = Agreement)]
struct AgreementView {
    /// Identifier.
    #[schema(value_type = String, format = "uuid")]
    id: AgreementId,
    /// Short stable code.
    code: String,
    /// Its name.
    name: String,
    /// The signed document it stands for.
    document_reference: String,
    /// How one regime's rules are read under the other.
    policy_mapping: Option<String>,
    /// First instant at which it holds.
    #[schema(value_type = String, format = DateTime)]
    valid_from: Instant,
    /// First instant at which it no longer holds.
    #[schema(value_type = Option<String>, format = DateTime)]
    valid_until: Option<Instant>,
    /// Whether it is in force within its dates.
    #[schema(value_type = AgreementStateWord)]
    state: AgreementState,
    /// The sites that may exchange under it.
    #[schema(value_type = Vec<String>)]
    site_ids: BTreeSet<SiteId>,
    /// First registered.
    #[schema(value_type = String, format = DateTime)]
    created_at: Instant,
    /// Version for `If-Match`.
    version: i64,
}

impl From<&Agreement> for AgreementView {
    fn from(agreement: &Agreement) -> Self {
        let Agreement {
            id,
            code,
            name,
            document_reference,
            policy_mapping,
            valid_from,
            valid_until,
            state,
            members,
            version,
            created_at,
        } = agreement;
        Self {
            id: *id,
            code: code.clone(),
            name: name.clone(),
            document_reference: document_reference.clone(),
            policy_mapping: policy_mapping.clone(),
            valid_from: *valid_from,
            valid_until: *valid_until,
            state: *state,
            site_ids: members.clone(),
            created_at: *created_at,
            version: *version,
        }
    }
}

/// Which page.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct AgreementQuery {
    /// Items on the page.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(max_length = 500)]
    cursor: Option<String>,
}

/// Registers an agreement.
#[utoipa::path(tag = "agreements", params(CreatingHeaders), request_body = AgreementBody,
    responses((status = 201, description = "It is registered.", body = AgreementView)))]
#[post("/v1/agreements")]
async fn create_agreement(call: Allowed<ManageHub>, state: State, creating: Creating<AgreementBody>) -> Answer {
    let Creating { body, once } = creating;
    let AgreementBody { code, name, document_reference, policy_mapping, valid_from, valid_until, site_ids } = body;
    let command =
        CreateAgreement { code, name, document_reference, policy_mapping, valid_from, valid_until, site_ids };
    let render = |made: &Agreement| {
        created(format!("/v1/agreements/{}", made.id), made.version, &AgreementView::from(made))
    };
    let answer =
        state.hub.write_once(&call, once, move |tx| agreements::create_agreement(tx, &command), render).await?;
    Ok(send(answer))
}

/// Lists the agreements of the caller's sites by code.
#[utoipa::path(tag = "agreements", params(AgreementQuery),
    responses((status = 200, description = "A page of agreements.", body = Page<AgreementView>)))]
#[get("/v1/agreements")]
async fn list_agreements(
    call: Allowed<ReadNetwork>,
    state: State,
    request: HttpRequest,
    query: Query<AgreementQuery>,
) -> Answer {
    let Query(AgreementQuery { limit, cursor }) = query;
    let page = state.pager.open::<String, _>(limit, cursor.as_deref(), &"agreements")?;
    let (actor, after, rows) = (call.actor().clone(), page.after.clone(), page.rows());
    let found =
        state.hub.read(move |conn| agreements::list_agreements(conn, &actor, after.as_deref(), rows)).await?;
    Ok(state.pager.answer(&request, &page, found, |one| one.code.clone(), |one| AgreementView::from(one)))
}

/// Gives one agreement of the caller's sites.
#[utoipa::path(tag = "agreements", params(IdInPath),
    responses((status = 200, description = "The agreement.", body = AgreementView)))]
#[get("/v1/agreements/{id}")]
async fn get_agreement(
    call: Allowed<ReadNetwork>,
    state: State,
    request: HttpRequest,
    id: PathId<AgreementId>,
) -> Answer {
    let (PathId(id), actor) = (id, call.actor().clone());
    let agreement = state.hub.read(move |conn| agreements::get_agreement(conn, &actor, id)).await?;
    Ok(single(&request, agreement.version, &AgreementView::from(&agreement)))
}
