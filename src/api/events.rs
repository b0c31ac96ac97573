//! The feed: every change of what concerns the caller's sites, in an order that never changes. Read it with
//! `after` = the last `next_after`; nothing is skipped, and a repeat has the same `id`.

use super::auth::{Allowed, permit::ReadEvents};
use super::extract::Query;
use super::openapi::operations;
use super::problem::{Problem, ProblemCode};
use super::state::{Answer, State};
use crate::actions::ActionError;
use crate::actions::feed::{self, EventRow};
use crate::domain::time::Instant;
use actix_web::{HttpResponse, get};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

operations!(list_events);

/// Events when the caller does not say how many.
const DEFAULT_LIMIT: i64 = 100;
/// The most events at once.
const MAX_LIMIT: i64 = 1000;

/// Which events.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct EventQuery {
    /// Only events after this position; 0 or nothing begins at the first.
    #[param(minimum = 0)]
    after: Option<i64>,
    /// Events at once.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<i64>,
}

/// One event.
#[derive(Serialize, ToSchema)]
#[schema(as = Event)]
struct EventView {
    /// Position in the feed.
    pos: i64,
    /// Identifier, the same at every reading.
    id: String,
    /// When it happened.
    #[schema(value_type = String, format = DateTime)]
    at: Instant,
    /// What happened. `EventKind` lists the kinds that a webhook may be told of; there are others, and more may come.
    #[schema(example = "surplus.published")]
    kind: String,
    /// Kind of the thing.
    subject_kind: String,
    /// Its identifier.
    subject_id: String,
    /// The site it concerns.
    site_id: Option<String>,
    /// The other site it concerns.
    other_site_id: Option<String>,
    /// Identifiers and figures.
    #[schema(value_type = Object)]
    data: serde_json::Value,
}

impl TryFrom<EventRow> for EventView {
    type Error = Problem;
    fn try_from(row: EventRow) -> Result<Self, Problem> {
        let EventRow { pos, id, at, kind, subject_kind, subject_id, site_id, other_site_id, data, .. } = row;
        let unreadable = || ActionError::Internal(format!("event {id} cannot be read"));
        Ok(Self {
            pos: pos.ok_or_else(unreadable)?,
            data: serde_json::from_str(&data).map_err(|_unreadable| unreadable())?,
            at: Instant::from_micros(at),
            id,
            kind,
            subject_kind,
            subject_id,
            site_id,
            other_site_id,
        })
    }
}

/// A piece of the feed.
#[derive(Serialize, ToSchema)]
#[schema(as = Feed)]
struct FeedView {
    /// Events in the order of their positions.
    items: Vec<EventView>,
    /// Send it as `after` to go on.
    next_after: i64,
}

/// Lists the events after a position.
#[utoipa::path(tag = "events", params(EventQuery),
    responses((status = 200, description = "The next events.", body = FeedView)))]
#[get("/v1/events")]
async fn list_events(call: Allowed<ReadEvents>, state: State, query: Query<EventQuery>) -> Answer {
    let Query(EventQuery { after, limit }) = query;
    let (after, limit) = (after.unwrap_or(0), limit.unwrap_or(DEFAULT_LIMIT));
    if !(1..=MAX_LIMIT).contains(&limit) {
        return Err(Problem::field(ProblemCode::QueryInvalid, "/limit", "out_of_range", "1 to 1000"));
    }
    if after < 0 {
        return Err(Problem::field(ProblemCode::QueryInvalid, "/after", "out_of_range", "0 or more"));
    }
    let actor = call.actor().clone();
    let page = state.hub.read(move |conn| feed::read_feed(conn, &actor, after, limit)).await?;
    let items = page.events.into_iter().map(EventView::try_from).collect::<Result<_, _>>()?;
    Ok(HttpResponse::Ok().json(FeedView { items, next_after: page.next_after }))
}
