//! What became of bottles, a unit's whole day at once.

use super::auth::{Allowed, permit::RecordFates};
use super::idempotency::{Creating, saved, send};
use super::openapi::{CreatingHeaders, operations};
use super::problem::{Problem, ProblemCode};
use super::state::{Answer, State};
use crate::actions::fates::{self, BottleClosed, BottleFate, Fate, Feed};
use crate::domain::bottle::BottleState;
use crate::domain::fate::FateReason;
use crate::domain::field::FieldError;
use crate::domain::ids::{BottleId, SiteId};
use crate::domain::quantity::Volume;
use crate::domain::time::Instant;
use actix_web::http::StatusCode;
use actix_web::post;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

operations!(record_fates);

/// What became of a bottle.
#[derive(Deserialize, ToSchema, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum FateWord {
    /// Fed to infants; the rest was thrown away.
    Used,
    /// Thrown away.
    Discarded,
}

/// One feed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct FeedBody {
    /// The infant's pseudonym.
    #[schema(max_length = 64)]
    infant_ref: String,
    /// Fed to this infant from this bottle, mL.
    #[schema(value_type = i64, minimum = 1)]
    volume_ml: Volume,
}

/// The fate of one bottle.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct BottleFateBody {
    /// The bottle.
    #[schema(value_type = String, format = "uuid")]
    bottle_id: BottleId,
    /// What became of it.
    fate: FateWord,
    /// Why it was thrown away: `expired`, `thawed_unused`, `damaged`, `recalled`, `freezer_loss`,
    /// `failed_inspection`, `excursion`, `missing` or `other`. Needed for `discarded`, left out for `used`.
    #[schema(value_type = Option<String>)]
    reason: Option<FateReason>,
    /// Who was fed how much. Needed for `used`, left out for `discarded`.
    feeds: Option<Vec<FeedBody>>,
}

/// The fates of bottles at one site.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "site_id": "019b8d2a-5c00-7000-8000-0000000000b2", "items": [
        {"bottle_id": "019b8d2a-5c00-7000-8000-0000000000a2", "fate": "used",
            "feeds": [{"infant_ref": "INF-0042", "volume_ml": 60}]},
        {"bottle_id": "019b8d2a-5c00-7000-8000-0000000000a4", "fate": "discarded", "reason": "expired"}
    ]
}))]
struct FatesBody {
    /// Where they are.
    #[schema(value_type = String, format = "uuid")]
    site_id: SiteId,
    /// When it happened; now, if left out.
    #[schema(value_type = Option<String>, format = DateTime)]
    at: Option<Instant>,
    /// Each bottle once.
    #[schema(min_items = 1, max_items = 500)]
    items: Vec<BottleFateBody>,
}

/// A bottle after its fate.
#[derive(Serialize, ToSchema)]
#[schema(as = BottleClosed)]
struct BottleClosedView {
    /// The bottle.
    #[schema(value_type = String, format = "uuid")]
    bottle_id: BottleId,
    /// `used` or `discarded`.
    #[schema(value_type = String)]
    state: BottleState,
    /// Fed, mL.
    #[schema(value_type = i64)]
    fed_ml: Volume,
    /// Thrown away, mL.
    #[schema(value_type = i64)]
    discarded_ml: Volume,
}

/// The bottles after their fates.
#[derive(Serialize, ToSchema)]
#[schema(as = BottlesClosed)]
struct FatesView {
    /// In the order they were sent.
    items: Vec<BottleClosedView>,
}

impl FatesView {
    fn of(closed: &[BottleClosed]) -> Self {
        let items = closed.iter().map(|BottleClosed { bottle, state, fed, discarded }| BottleClosedView {
            bottle_id: *bottle,
            state: *state,
            fed_ml: *fed,
            discarded_ml: *discarded,
        });
        Self { items: items.collect() }
    }
}

fn fate_of(row: usize, body: BottleFateBody) -> Result<BottleFate, FieldError> {
    let BottleFateBody { bottle_id, fate, reason, feeds } = body;
    let wrong = |name: &str, code, detail: &str| Err(FieldError::new(format!("/items/{row}/{name}"), code, detail));
    let fate = match (fate, reason, feeds) {
        (FateWord::Used, None, Some(feeds)) => {
            let feeds =
                feeds.into_iter().map(|FeedBody { infant_ref, volume_ml }| Feed { infant_ref, volume: volume_ml });
            Fate::Used(feeds.collect())
        }
        (FateWord::Discarded, Some(reason), None) => Fate::Discarded(reason),
        (FateWord::Used, _, None) => return wrong("feeds", "required", "Say who was fed how much."),
        (FateWord::Used, Some(_), _) => return wrong("reason", "unexpected", "A used bottle has no reason."),
        (FateWord::Discarded, None, _) => return wrong("reason", "required", "Say why it was thrown away."),
        (FateWord::Discarded, _, Some(_)) => return wrong("feeds", "unexpected", "Nobody is fed from it."),
    };
    Ok(BottleFate { bottle: bottle_id, fate })
}

/// Records what became of bottles; all of them or none.
#[utoipa::path(tag = "bottles", params(CreatingHeaders), request_body = FatesBody,
    responses((status = 200, description = "They are recorded.", body = FatesView)))]
#[post("/v1/bottles/fates")]
async fn record_fates(call: Allowed<RecordFates>, state: State, creating: Creating<FatesBody>) -> Answer {
    let Creating { body: FatesBody { site_id, at, items }, once } = creating;
    let mut errors = Vec::new();
    let mut fates = Vec::with_capacity(items.len());
    for (row, body) in items.into_iter().enumerate() {
        match fate_of(row, body) {
            Ok(fate) => fates.push(fate),
            Err(error) => errors.push(error),
        }
    }
    if !errors.is_empty() {
        return Err(Problem::fields(ProblemCode::BodyInvalid, errors));
    }
    let command = fates::RecordFates { site: site_id, at, items: fates };
    let answer = state
        .hub
        .write_once(
            &call,
            once,
            move |tx| fates::record_fates(tx, &command),
            |closed| saved(StatusCode::OK, &FatesView::of(closed)),
        )
        .await?;
    Ok(send(answer))
}
