//! Exceptions to refusals: granted by a clinician for one lot or one infant, for a reason and a time.

use super::auth::{Allowed, permit::GrantExceptions, permit::ReadRequests};
use super::conditional::single;
use super::extract::{PathId, Query};
use super::idempotency::{Creating, created, send};
use super::openapi::{CreatingHeaders, IdInPath, operations};
use super::paging::Page;
use super::problem::{Problem, ProblemCode};
use super::scope::visible_sites;
use super::state::{Answer, State};
use crate::actions::exceptions::{self, ExceptionRow, ExceptionSubject, GrantException};
use crate::domain::ids::{ExceptionId, LotId, SiteId};
use crate::domain::refusal::RefusalCode;
use crate::domain::time::Instant;
use actix_web::{HttpRequest, get, post};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

operations!(grant_exception, list_exceptions, get_exception);

/// An exception never changes, so it has one version.
const ONLY_VERSION: i64 = 1;

/// An exception that a clinician asks for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ExceptionBody {
    /// The site that relies on it, one of the clinician's own.
    #[schema(value_type = String, format = "uuid")]
    site_id: SiteId,
    /// The refusal: `life_too_short`, `expires_before_use` or `pool_too_large` for a lot; `prescription_missing`,
    /// `consent_missing` or `rank_not_in_policy` for an infant. No other allows an exception.
    #[schema(value_type = String, example = "life_too_short")]
    code: RefusalCode,
    /// The lot; with `other_site_id`.
    #[schema(value_type = Option<String>, format = "uuid")]
    lot_id: Option<LotId>,
    /// The site that sends the lot.
    #[schema(value_type = Option<String>, format = "uuid")]
    other_site_id: Option<SiteId>,
    /// The infant's pseudonym; instead of a lot.
    #[schema(max_length = 64)]
    infant_ref: Option<String>,
    /// Why; no names.
    #[schema(max_length = 500)]
    reason: String,
    /// When it ends, at most 72 hours from now.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Instant,
}

/// An exception.
#[derive(Serialize, ToSchema)]
#[schema(as = Exception)]
struct ExceptionView {
    /// Identifier.
    #[schema(value_type = String, format = "uuid")]
    id: ExceptionId,
    /// Number of the refusal.
    #[schema(minimum = 1, maximum = 21)]
    refusal_number: i64,
    /// Its code.
    code: String,
    /// The site that relies on it.
    #[schema(value_type = String, format = "uuid")]
    site_id: SiteId,
    /// The site that sends.
    #[schema(value_type = Option<String>, format = "uuid")]
    other_site_id: Option<SiteId>,
    /// `lot` or `infant`.
    subject_kind: String,
    /// The lot or the pseudonym.
    subject_id: String,
    /// The person who answers for it.
    clinician_id: String,
    /// Why.
    reason: String,
    /// When it ends.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Instant,
    /// When it was granted.
    #[schema(value_type = String, format = DateTime)]
    created_at: Instant,
}

impl From<&ExceptionRow> for ExceptionView {
    fn from(row: &ExceptionRow) -> Self {
        let ExceptionRow {
            id,
            refusal_number,
            code,
            subject_kind,
            subject_id,
            site_id,
            other_site_id,
            clinician_id,
            reason,
            expires_at,
            created_at,
        } = row.clone();
        Self {
            id,
            refusal_number,
            code,
            site_id,
            other_site_id,
            subject_kind,
            subject_id,
            clinician_id,
            reason,
            expires_at,
            created_at,
        }
    }
}

fn command_of(body: ExceptionBody) -> Result<GrantException, Problem> {
    let ExceptionBody { site_id, code, lot_id, other_site_id, infant_ref, reason, expires_at } = body;
    let subject = match (lot_id, other_site_id, infant_ref) {
        (Some(lot), Some(from), None) => ExceptionSubject::Lot { lot, from },
        (None, None, Some(infant)) => ExceptionSubject::Infant(infant),
        _ => {
            let detail = "give a lot with the site that sends it, or an infant";
            return Err(Problem::field(ProblemCode::BodyInvalid, "/lot_id", "one_of", detail));
        }
    };
    Ok(GrantException { site: site_id, code, subject, reason, expires_at })
}

/// Grants an exception; the clinician who is signed in answers for it, and the sites are told.
#[utoipa::path(tag = "exceptions", params(CreatingHeaders), request_body = ExceptionBody,
    responses((status = 201, description = "It holds until it ends.", body = ExceptionView)))]
#[post("/v1/exceptions")]
async fn grant_exception(call: Allowed<GrantExceptions>, state: State, creating: Creating<ExceptionBody>) -> Answer {
    let Creating { body, once } = creating;
    let command = command_of(body)?;
    let answer = state
        .hub
        .write_once(
            &call,
            once,
            move |tx| exceptions::grant_exception(tx, &command),
            |row| created(format!("/v1/exceptions/{}", row.id), ONLY_VERSION, &ExceptionView::from(row)),
        )
        .await?;
    Ok(send(answer))
}

/// Which exceptions.
#[derive(Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ExceptionsQuery {
    /// Only exceptions that name this site.
    #[param(value_type = Option<String>)]
    site_id: Option<SiteId>,
    /// Items on the page.
    #[param(minimum = 1, maximum = 200)]
    #[serde(skip_serializing_if = "super::paging::not_a_filter")]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(max_length = 500)]
    #[serde(skip_serializing_if = "super::paging::not_a_filter")]
    cursor: Option<String>,
}

/// Lists the exceptions that name the caller's sites, in the order they were granted.
#[utoipa::path(tag = "exceptions", params(ExceptionsQuery),
    responses((status = 200, description = "A page of exceptions.", body = Page<ExceptionView>)))]
#[get("/v1/exceptions")]
async fn list_exceptions(
    call: Allowed<ReadRequests>,
    state: State,
    request: HttpRequest,
    query: Query<ExceptionsQuery>,
) -> Answer {
    let Query(query) = query;
    let page = state.pager.open::<ExceptionId, _>(query.limit, query.cursor.as_deref(), &("exceptions", &query))?;
    let (after, rows) = (page.after, page.rows());
    let sites = visible_sites(&call.actor.sites, query.site_id);
    let found =
        state.hub.read(move |conn| exceptions::list_exceptions(conn, sites.as_deref(), after, rows)).await?;
    Ok(state.pager.answer(&request, &page, found, |row| row.id, |row| ExceptionView::from(row)))
}

/// Gives one exception that names a site of the caller's.
#[utoipa::path(tag = "exceptions", params(IdInPath),
    responses((status = 200, description = "The exception.", body = ExceptionView)))]
#[get("/v1/exceptions/{id}")]
async fn get_exception(
    call: Allowed<ReadRequests>,
    state: State,
    request: HttpRequest,
    id: PathId<ExceptionId>,
) -> Answer {
    let (PathId(id), actor) = (id, call.actor.clone());
    let row = state.hub.read(move |conn| exceptions::get_exception(conn, &actor, id)).await?;
    Ok(single(&request, ONLY_VERSION, &ExceptionView::from(&row)))
}
