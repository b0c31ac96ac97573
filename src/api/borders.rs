//! What customs and papers take at borders, beside the road.

use super::auth::{
    Allowed,
    permit::{ManageHub, ReadNetwork},
};
use super::code::ProblemCode;
use super::extract::{Body, Query};
use super::openapi::operations;
use super::paging::Page;
use super::problem::Problem;
use super::state::{Answer, State};
use crate::actions::borders::{self, NotedBorder};
use crate::domain::border::Border;
use crate::domain::time::Instant;
use actix_web::{HttpRequest, HttpResponse, get, put};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

operations!(put_border, list_borders);

/// Which border.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "describes the path for the specification")]
struct BorderInPath {
    /// Two countries of ISO 3166-1, in any order.
    #[param(value_type = String, example = "LA-VN")]
    border: Border,
}

/// What a border takes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = BorderInput)]
struct BorderBody {
    /// Minutes beside the road; nought takes the time away.
    #[schema(minimum = 0, maximum = 10_080)]
    minutes: i64,
    /// Where the figure comes from.
    #[schema(max_length = 500, example = "log of the crossing, second quarter")]
    source: String,
}

/// What a border takes.
#[derive(Serialize, ToSchema)]
#[schema(as = Border)]
struct BorderView {
    /// Its two countries, in the order of their letters.
    #[schema(value_type = String, example = "LA-VN")]
    border: Border,
    /// Minutes beside the road.
    minutes: i64,
    /// Where the figure comes from.
    source: String,
    /// Who noted it.
    noted_by: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    noted_at: Instant,
}

impl From<&NotedBorder> for BorderView {
    fn from(noted: &NotedBorder) -> Self {
        let NotedBorder { border, minutes, source, noted_by, noted_at } = noted.clone();
        Self { border, minutes, source, noted_by, noted_at }
    }
}

/// Notes what a border takes, in place of what was noted. Every leg that crosses it takes so much longer: in proofs,
/// plans, routes and times of arrival.
#[utoipa::path(tag = "network", params(BorderInPath), request_body = BorderBody,
    responses((status = 200, description = "It is noted.", body = BorderView)))]
#[put("/v1/borders/{border}")]
async fn put_border(call: Allowed<ManageHub>, state: State, request: HttpRequest, body: Body<BorderBody>) -> Answer {
    let named = request.match_info().get("border").and_then(|text| text.parse::<Border>().ok());
    let border = named.ok_or_else(|| {
        Problem::field(ProblemCode::PathInvalid, "/border", "not_a_border", "a border is two countries, such as LA-VN")
    })?;
    let BorderBody { minutes, source } = body.into_inner();
    let noted = state.hub.write(&call, move |tx| borders::note_border(tx, border, minutes, &source)).await?;
    Ok(HttpResponse::Ok().json(BorderView::from(&noted)))
}

/// Which page.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct BorderQuery {
    /// Items on the page.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(max_length = 500)]
    cursor: Option<String>,
}

/// Lists the borders that somebody noted, by their countries.
#[utoipa::path(tag = "network", params(BorderQuery),
    responses((status = 200, description = "A page of borders.", body = Page<BorderView>)))]
#[get("/v1/borders")]
async fn list_borders(
    _call: Allowed<ReadNetwork>,
    state: State,
    request: HttpRequest,
    query: Query<BorderQuery>,
) -> Answer {
    let Query(BorderQuery { limit, cursor }) = query;
    let page = state.pager.open::<String, _>(limit, cursor.as_deref(), &"borders")?;
    let (after, rows) = (page.after.clone(), page.rows());
    let found = state.hub.read(move |conn| borders::list_borders(conn, after.as_deref(), rows)).await?;
    Ok(state.pager.answer(&request, &page, found, |one| one.border.to_string(), |one| BorderView::from(one)))
}
