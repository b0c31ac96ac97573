//! Readings of loggers, in batches.

use super::auth::{Allowed, permit::SendReadings};
use super::idempotency::{Creating, saved, send};
use super::openapi::{CreatingHeaders, operations};
use super::problem::{FieldView, Problem, ProblemCode};
use super::state::{Answer, State};
use super::temperature::{Degrees, degrees};
use crate::actions::Tx;
use crate::actions::readings::{self, ReadingsRecorded, RecordReadings};
use crate::actions::storage_units;
use crate::domain::ids::{ExcursionId, StorageUnitId, TransferId};
use crate::domain::temperature::Reading;
use crate::domain::time::Instant;
use actix_web::http::StatusCode;
use actix_web::post;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

operations!(record_readings);

/// One reading.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReadingBody {
    /// By the logger's clock.
    #[schema(value_type = String, format = DateTime)]
    at: Instant,
    /// What it measured, degrees Celsius.
    #[schema(value_type = f64, example = -20.5)]
    celsius: Degrees,
}

/// Readings of one logger on one journey or in one storage unit.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "transfer_id": "019b8d2a-5c00-7000-8000-0000000000d1", "logger_ref": "LOG-1", "readings": [
        {"at": "2026-01-05T10:00:00Z", "celsius": -22.5}, {"at": "2026-01-05T10:10:00Z", "celsius": -22.5}
    ]
}))]
struct ReadingsBody {
    /// The journey; left out when a storage unit is named.
    #[schema(value_type = Option<String>, format = "uuid")]
    transfer_id: Option<TransferId>,
    /// The storage unit; left out when a journey is named.
    #[schema(value_type = Option<String>, format = "uuid")]
    storage_unit_id: Option<StorageUnitId>,
    /// The logger.
    #[schema(max_length = 64)]
    logger_ref: String,
    /// What it measured, in any order; what was sent before does no harm.
    #[schema(min_items = 1, max_items = 5000)]
    readings: Vec<ReadingBody>,
}

/// What a batch added and what all readings of the journey show.
#[derive(Serialize, ToSchema)]
#[schema(as = ReadingsRecorded)]
struct ReadingsView {
    /// New readings.
    stored: usize,
    /// Readings that were known.
    repeated: usize,
    /// Readings that cannot be taken, and readings that contradict what is stored: those are kept beside it and judged.
    refused: usize,
    /// What is wrong with these, row by row.
    errors: Vec<FieldView>,
    /// Highest of the journey.
    highest_c: Option<f64>,
    /// Minutes above the limit.
    minutes_above_limit: i64,
    /// Longest time without a reading.
    longest_gap_minutes: i64,
    /// The excursion that is open on them.
    #[schema(value_type = Option<String>, format = "uuid")]
    excursion_id: Option<ExcursionId>,
}

impl From<&ReadingsRecorded> for ReadingsView {
    fn from(recorded: &ReadingsRecorded) -> Self {
        let ReadingsRecorded { stored, repeated, refused, errors, trace, excursion } = recorded;
        Self {
            stored: *stored,
            repeated: *repeated,
            refused: *refused,
            errors: errors.iter().map(FieldView::from).collect(),
            highest_c: trace.highest.map(degrees),
            minutes_above_limit: trace.minutes_above_limit,
            longest_gap_minutes: trace.longest_gap_minutes,
            excursion_id: *excursion,
        }
    }
}

/// Stores and judges readings; an excursion opens at once. A bad reading never loses the good ones: it is named in `errors`
/// and left out. Only when none can be taken is the batch refused.
#[utoipa::path(tag = "transfers", params(CreatingHeaders), request_body = ReadingsBody,
    responses((status = 200, description = "They are stored.", body = ReadingsView)))]
#[post("/v1/readings")]
async fn record_readings(call: Allowed<SendReadings>, state: State, creating: Creating<ReadingsBody>) -> Answer {
    let Creating { body: ReadingsBody { transfer_id, storage_unit_id, logger_ref, readings: sent }, once } = creating;
    let sent = sent
        .into_iter()
        .map(|ReadingBody { at, celsius: Degrees(temperature) }| Reading { measured_at: at, temperature });
    let sent: Vec<Reading> = sent.collect();
    let answer = match (transfer_id, storage_unit_id) {
        (Some(transfer), None) => {
            let command = RecordReadings { transfer, logger_ref, readings: sent };
            let record = move |tx: &mut Tx<'_>| readings::record_readings(tx, &command);
            let render = |recorded: &ReadingsRecorded| saved(StatusCode::OK, &ReadingsView::from(recorded));
            state.hub.write_once(&call, once, record, render).await?
        }
        (None, Some(unit)) => {
            let record = move |tx: &mut Tx<'_>| storage_units::record_unit_readings(tx, unit, &logger_ref, &sent);
            let render = |recorded: &ReadingsRecorded| saved(StatusCode::OK, &ReadingsView::from(recorded));
            state.hub.write_once(&call, once, record, render).await?
        }
        _ => {
            let detail = "name a journey or a storage unit";
            return Err(Problem::field(ProblemCode::BodyInvalid, "/transfer_id", "one_of", detail));
        }
    };
    Ok(send(answer))
}
