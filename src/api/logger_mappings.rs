//! How files of makers that the hub does not know are read.

use super::auth::{Allowed, permit::SendReadings};
use super::extract::Query;
use super::idempotency::{Creating, created, send};
use super::openapi::{CreatingHeaders, operations};
use super::paging::Page;
use super::problem::Problem;
use super::state::{Answer, State};
use crate::actions::ActionError;
use crate::actions::logger_mappings::{self, LoggerMappingRow};
use crate::domain::ids::{LoggerMappingId, SiteId};
use crate::domain::time::Instant;
use crate::interop::loggers::Mapping;
use actix_web::{HttpRequest, get, post};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

operations!(save_logger_mapping, list_logger_mappings);

/// How the files of one model are read.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LoggerMappingBody {
    /// The site it is for.
    #[schema(value_type = String, format = "uuid")]
    site_id: SiteId,
    /// Its name, such as the logger's model.
    #[schema(max_length = 100)]
    name: String,
    /// `separator`, `skip_lines`, `date_column`, `time_column`, `temperature_column`, `date_order`,
    /// `decimal_mark` (`point`, `comma`) and `unit` (`celsius`, `fahrenheit`).
    #[schema(value_type = Object)]
    mapping: Mapping,
}

/// A saved mapping.
#[derive(Serialize, ToSchema)]
#[schema(as = LoggerMapping)]
struct LoggerMappingView {
    /// Identifier.
    #[schema(value_type = String, format = "uuid")]
    id: LoggerMappingId,
    /// The site it is for.
    #[schema(value_type = String, format = "uuid")]
    site_id: SiteId,
    /// Its name.
    name: String,
    /// The keys of `LoggerMappingBody.mapping`.
    #[schema(value_type = Object)]
    mapping: serde_json::Value,
    /// When it was saved.
    #[schema(value_type = String, format = DateTime)]
    created_at: Instant,
}

impl From<&LoggerMappingRow> for LoggerMappingView {
    fn from(row: &LoggerMappingRow) -> Self {
        let LoggerMappingRow { id, site_id, name, document, created_by: _, created_at } = row.clone();
        let mapping = serde_json::from_str(&document).unwrap_or_default();
        Self { id, site_id, name, mapping, created_at }
    }
}

/// Saves a mapping; it is never changed, a better one gets another name.
#[utoipa::path(tag = "loggers", params(CreatingHeaders), request_body = LoggerMappingBody,
    responses((status = 201, description = "It is saved.", body = LoggerMappingView)))]
#[post("/v1/logger-mappings")]
async fn save_logger_mapping(
    call: Allowed<SendReadings>,
    state: State,
    creating: Creating<LoggerMappingBody>,
) -> Answer {
    let Creating { body: LoggerMappingBody { site_id, name, mapping }, once } = creating;
    let faults = mapping.faults();
    if !faults.is_empty() {
        return Err(Problem::from(ActionError::Invalid(faults)));
    }
    let document = serde_json::to_string(&mapping)
        .map_err(|error| Problem::from(ActionError::Internal(format!("cannot write a mapping: {error}"))))?;
    let answer = state
        .hub
        .write_once(
            &call,
            once,
            move |tx| logger_mappings::save_mapping(tx, site_id, &name, &document),
            |row| created(format!("/v1/logger-mappings/{}", row.id), 1, &LoggerMappingView::from(row)),
        )
        .await?;
    Ok(send(answer))
}

/// Which mappings.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct LoggerMappingsQuery {
    /// Items on the page.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(max_length = 500)]
    cursor: Option<String>,
}

/// Lists the mappings of the caller's sites.
#[utoipa::path(tag = "loggers", params(LoggerMappingsQuery),
    responses((status = 200, description = "A page of mappings.", body = Page<LoggerMappingView>)))]
#[get("/v1/logger-mappings")]
async fn list_logger_mappings(
    call: Allowed<SendReadings>,
    state: State,
    request: HttpRequest,
    query: Query<LoggerMappingsQuery>,
) -> Answer {
    let Query(LoggerMappingsQuery { limit, cursor }) = query;
    let page = state.pager.open::<LoggerMappingId, _>(limit, cursor.as_deref(), &"logger-mappings")?;
    let (after, rows, actor) = (page.after, page.rows(), call.actor().clone());
    let found = state.hub.read(move |conn| logger_mappings::list_mappings(conn, &actor, after, rows)).await?;
    Ok(state.pager.answer(&request, &page, found, |row| row.id, |row| LoggerMappingView::from(row)))
}
