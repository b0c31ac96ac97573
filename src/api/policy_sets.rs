//! Policy sets: every clinical limit as data with its source. Stored once per version, never changed.

use super::auth::{
    Allowed,
    permit::{ManageHub, ReadNetwork},
};
use super::conditional::single;
use super::extract::{PathId, Query};
use super::idempotency::{Creating, created, send};
use super::openapi::{CreatingHeaders, IdInPath, operations};
use super::paging::Page;
use super::problem::{Problem, ProblemCode};
use super::state::{Answer, State};
use crate::actions::policy_sets::{self, PolicySet, PolicySource};
use crate::domain::ids::PolicySetId;
use crate::domain::policy::PolicyDocument;
use crate::domain::time::Instant;
use actix_web::{HttpRequest, get, post};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

operations!(create_policy_set, list_policy_sets, get_policy_set);

/// A policy profile of a region file.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RegionProfileBody {
    /// Code of the set.
    #[schema(pattern = "^[A-Za-z0-9._-]{1,64}$", example = "hk-ha")]
    code: String,
    /// The profile as the region file has it; what it does not say is filled with defaults marked as assumed.
    #[schema(value_type = Object)]
    profile: serde_json::Value,
}

/// A policy set to be stored: either a whole document or a region's profile.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PolicySetBody {
    /// A whole document.
    #[schema(value_type = Option<Object>)]
    document: Option<Box<PolicyDocument>>,
    /// A policy profile of a region file.
    region_profile: Option<RegionProfileBody>,
}

/// One version of a policy set.
#[derive(Serialize, ToSchema)]
#[schema(as = PolicySet)]
struct PolicySetView {
    /// Identifier.
    #[schema(value_type = String, format = "uuid")]
    id: PolicySetId,
    /// Stable code.
    code: String,
    /// Number of the version in this hub, 1 and up per code.
    version: i64,
    /// Its name.
    name: String,
    /// Country or another jurisdiction.
    jurisdiction: String,
    /// The document: each value with the document that it comes from.
    #[schema(value_type = Object)]
    document: Arc<PolicyDocument>,
    /// When it was stored.
    #[schema(value_type = String, format = DateTime)]
    created_at: Instant,
}

impl From<&PolicySet> for PolicySetView {
    fn from(set: &PolicySet) -> Self {
        let PolicySet { id, version, document, created_by: _, created_at } = set;
        let header = &document.header;
        Self {
            id: *id,
            code: header.code.clone(),
            version: *version,
            name: header.name.clone(),
            jurisdiction: header.jurisdiction.clone(),
            document: Arc::clone(document),
            created_at: *created_at,
        }
    }
}

/// Which policy sets.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct PolicySetQuery {
    /// Only this code.
    code: Option<String>,
    /// Items on the page.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(max_length = 500)]
    cursor: Option<String>,
}

/// Stores the next version of a policy set.
#[utoipa::path(tag = "policy sets", params(CreatingHeaders), request_body = PolicySetBody,
    responses((status = 201, description = "It is stored.", body = PolicySetView)))]
#[post("/v1/policy-sets")]
async fn create_policy_set(call: Allowed<ManageHub>, state: State, creating: Creating<PolicySetBody>) -> Answer {
    let Creating { body: PolicySetBody { document, region_profile }, once } = creating;
    let source = match (document, region_profile) {
        (Some(document), None) => PolicySource::Document(document),
        (None, Some(RegionProfileBody { code, profile })) => PolicySource::RegionProfile { code, profile },
        _ => {
            let detail = "send either document or region_profile";
            return Err(Problem::field(ProblemCode::BodyInvalid, "", "either_or", detail));
        }
    };
    let render = |set: &PolicySet| {
        // A stored version never changes, so its ETag is always the first.
        created(format!("/v1/policy-sets/{}", set.id), 1, &PolicySetView::from(set))
    };
    let answer =
        state.hub.write_once(&call, once, move |tx| policy_sets::store_policy_set(tx, &source), render).await?;
    Ok(send(answer))
}

/// Lists policy sets by code and version.
#[utoipa::path(tag = "policy sets", params(PolicySetQuery),
    responses((status = 200, description = "A page of policy sets.", body = Page<PolicySetView>)))]
#[get("/v1/policy-sets")]
async fn list_policy_sets(
    _call: Allowed<ReadNetwork>,
    state: State,
    request: HttpRequest,
    query: Query<PolicySetQuery>,
) -> Answer {
    let Query(PolicySetQuery { code, limit, cursor }) = query;
    let page = state.pager.open::<(String, i64), _>(limit, cursor.as_deref(), &("policy-sets", &code))?;
    let (after, rows) = (page.after.clone(), page.rows());
    let found = state
        .hub
        .read(move |conn| {
            let after = after.as_ref().map(|(code, version)| (code.as_str(), *version));
            policy_sets::list_policy_sets(conn, code.as_deref(), after, rows)
        })
        .await?;
    let key = |set: &PolicySet| (set.document.header.code.clone(), set.version);
    Ok(state.pager.answer(&request, &page, found, key, |set| PolicySetView::from(set)))
}

/// Gives one version of a policy set.
#[utoipa::path(tag = "policy sets", params(IdInPath),
    responses((status = 200, description = "The policy set.", body = PolicySetView)))]
#[get("/v1/policy-sets/{id}")]
async fn get_policy_set(
    _call: Allowed<ReadNetwork>,
    state: State,
    request: HttpRequest,
    id: PathId<PolicySetId>,
) -> Answer {
    let PathId(id) = id;
    let set = state.hub.read(move |conn| policy_sets::get_policy_set(conn, id)).await?;
    Ok(single(&request, 1, &PolicySetView::from(&set)))
}
