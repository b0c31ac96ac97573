//! Files of loggers: sent whole, looked at first if wanted, kept as they came.

use super::auth::{Allowed, permit::ReadTransfers, permit::SendReadings};
use super::extract::{PathId, Query};
use super::idempotency::{Creating, saved, send};
use super::openapi::{CreatingHeaders, FileBytes, IdInPath, operations};
use super::paging::Page;
use super::problem::{Problem, ProblemCode};
use super::state::{Answer, State};
use super::temperature::degrees;
use crate::actions::ActionError;
use crate::actions::logger_files::{self, FileImported, FileReport, ImportFile, LoggerFileRow, LoggerSubject};
use crate::actions::logger_mappings;
use crate::domain::ids::{ExcursionId, LoggerFileId, LoggerMappingId, StorageUnitId, TransferId};
use crate::domain::logger::{LoggerFormat, MOST_BYTES, RowCode};
use crate::domain::time::Instant;
use crate::interop::loggers::{self, DateOrder, FileHints, Mapping};
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::{HttpRequest, HttpResponse, get, post};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

operations!(
    import_logger_file,
    list_logger_files,
    get_logger_file,
    get_original_logger_file,
);

/// A file in base64 is a third longer, and some JSON stands around it.
const MAX_FILE_BODY_BYTES: usize = MOST_BYTES / 3 * 4 + 65_536;

/// A logger's file.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LoggerFileBody {
    /// The journey it is about; left out when a storage unit is named.
    #[schema(value_type = Option<String>, format = "uuid")]
    transfer_id: Option<TransferId>,
    /// The storage unit it is about; left out when a journey is named.
    #[schema(value_type = Option<String>, format = "uuid")]
    storage_unit_id: Option<StorageUnitId>,
    /// How it is written; found out when left out.
    #[schema(value_type = Option<String>, example = "logtag_csv")]
    format: Option<LoggerFormat>,
    /// The logger, when the file's own number is not the one bound here.
    #[schema(max_length = 64)]
    logger_ref: Option<String>,
    /// The zone of the device's clock, needed where its times have no offset.
    #[schema(example = "Asia/Hong_Kong")]
    time_zone: Option<String>,
    /// `year_month_day`, `day_month_year` or `month_day_year`; needed where the file does not show it.
    #[schema(value_type = Option<String>)]
    date_order: Option<DateOrder>,
    /// The saved mapping that reads it.
    #[schema(value_type = Option<String>, format = "uuid")]
    mapping_id: Option<LoggerMappingId>,
    /// Only show what would happen.
    #[serde(default)]
    preview: bool,
    /// The file as it is, base64.
    #[schema(format = Byte)]
    content: String,
}

/// A remark about a row.
#[derive(Serialize, ToSchema)]
#[schema(as = LoggerFileNote)]
struct NoteView {
    /// Line of the file, from 1; 0 for the file.
    row: u32,
    /// Stable word.
    #[schema(value_type = String, example = "in_the_future")]
    code: RowCode,
    /// True when the row was not taken, or contradicts another that was.
    refused: bool,
    /// A sentence.
    detail: String,
}

/// What was made of a file.
#[derive(Serialize, ToSchema)]
#[schema(as = LoggerFile)]
struct LoggerFileView {
    /// Identifier; of a preview, nothing is kept under it.
    #[schema(value_type = String, format = "uuid")]
    id: LoggerFileId,
    /// True when nothing was stored.
    preview: bool,
    /// True when the same file was kept before; the answer is the one of then.
    repeated: bool,
    /// How often these bytes were read: sent again with another zone, mapping or logger, they are put right.
    #[schema(minimum = 1)]
    turn: i64,
    /// False when they were put right since: the file is kept, and what it said no longer counts.
    counts: bool,
    /// Hash of the original bytes, hex.
    sha256: String,
    /// Size of the original.
    size_bytes: i64,
    /// How it is written.
    format: String,
    /// The logger.
    logger_ref: String,
    /// The zone it was read in.
    time_zone: Option<String>,
    /// Rows that should hold readings.
    rows_read: i64,
    /// Readings that were new.
    rows_stored: i64,
    /// Readings that were known.
    rows_repeated: i64,
    /// Rows that were not taken, and rows that contradict what is stored: those are kept beside it and judged.
    rows_refused: i64,
    /// Stretches of which the file holds only the extremes.
    intervals: usize,
    /// Its first moment.
    #[schema(value_type = Option<String>, format = DateTime)]
    first_at: Option<Instant>,
    /// Its last moment.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_at: Option<Instant>,
    /// Longest time between two of its readings: evidence, never nought.
    longest_gap_minutes: i64,
    /// Its highest temperature.
    highest_c: Option<f64>,
    /// Minutes above the limit that all readings show with it.
    minutes_above_limit: i64,
    /// Mean kinetic temperature; shown, never decided by.
    mean_kinetic_c: Option<f64>,
    /// Remarks in all.
    notes_in_all: u32,
    /// Remarks by row, at most 500.
    notes: Vec<NoteView>,
    /// The excursion it belongs to.
    #[schema(value_type = Option<String>, format = "uuid")]
    excursion_id: Option<ExcursionId>,
    /// When it was sent.
    #[schema(value_type = String, format = DateTime)]
    uploaded_at: Instant,
}

impl From<&FileImported> for LoggerFileView {
    fn from(imported: &FileImported) -> Self {
        let FileImported { row, report, repeated, preview, counts } = imported;
        let LoggerFileRow {
            id,
            site_id: _,
            subject_kind: _,
            subject_id: _,
            sha256,
            format,
            logger_ref,
            time_zone,
            size_bytes,
            content: _,
            rows_read,
            rows_stored,
            rows_repeated,
            rows_refused,
            report: _,
            uploaded_by: _,
            uploaded_at,
            read_sha256: _,
            turn,
        } = row.clone();
        let FileReport {
            first_at,
            last_at,
            longest_gap_minutes,
            highest,
            intervals,
            notes_in_all,
            notes,
            minutes_above_limit,
            excursion_id,
            mean_kinetic,
        } = report.clone();
        let notes =
            notes.into_iter().map(|(row, code, detail)| NoteView { row, code, refused: code.refuses(), detail });
        Self {
            id,
            preview: *preview,
            repeated: *repeated,
            turn,
            counts: *counts,
            sha256,
            size_bytes,
            format,
            logger_ref,
            time_zone,
            rows_read,
            rows_stored,
            rows_repeated,
            rows_refused,
            intervals,
            first_at,
            last_at,
            longest_gap_minutes,
            highest_c: highest.map(degrees),
            minutes_above_limit,
            mean_kinetic_c: mean_kinetic.map(degrees),
            notes_in_all,
            notes: notes.collect(),
            excursion_id,
            uploaded_at,
        }
    }
}

fn subject_of(transfer: Option<TransferId>, unit: Option<StorageUnitId>) -> Result<LoggerSubject, Problem> {
    match (transfer, unit) {
        (Some(id), None) => Ok(LoggerSubject::Transfer(id)),
        (None, Some(id)) => Ok(LoggerSubject::StorageUnit(id)),
        _ => Err(Problem::field(ProblemCode::BodyInvalid, "/transfer_id", "one_of", "name a journey or a storage unit")),
    }
}

/// Reads a logger's file row by row and keeps it with its original bytes. A preview stores nothing; the same file
/// sent again answers the same. Sent again with another zone, mapping or logger it is put right: the bytes are kept a
/// second time, what they said before no longer counts, and an excursion that came of it waits for a person.
#[utoipa::path(tag = "loggers", params(CreatingHeaders), request_body = LoggerFileBody,
    responses((status = 200, description = "It was read, and kept unless it is a preview.", body = LoggerFileView)))]
#[post("/v1/logger-files")]
async fn import_logger_file(
    call: Allowed<SendReadings>,
    state: State,
    creating: Creating<LoggerFileBody, MAX_FILE_BODY_BYTES>,
) -> Answer {
    let Creating { body, once } = creating;
    let LoggerFileBody {
        transfer_id,
        storage_unit_id,
        format,
        logger_ref,
        time_zone,
        date_order,
        mapping_id,
        preview,
        content,
    } = body;
    let subject = subject_of(transfer_id, storage_unit_id)?;
    let not_base64 = |_broken| Problem::field(ProblemCode::BodyInvalid, "/content", "not_base64", "send it in base64");
    let bytes = STANDARD.decode(content.as_bytes()).map_err(not_base64)?;
    if bytes.len() > MOST_BYTES {
        return Err(Problem::field(ProblemCode::BodyInvalid, "/content", "out_of_range", "at most 8 MiB"));
    }
    let mapping = match mapping_id {
        None => None,
        Some(id) => Some(mapping_of(&call, &state, id).await?),
    };
    let hints = FileHints { format, time_zone: time_zone.clone(), date_order, mapping };
    // Reading is pure work of some milliseconds a megabyte; it does not belong on the thread that answers.
    let read = actix_web::web::block(move || {
        let log = loggers::read_file(&bytes, &hints)?;
        let hashes = (loggers::sha256_hex(&bytes), loggers::read_hash(&log));
        Ok((loggers::mean_kinetic(&log), log, hashes, loggers::pack(&bytes), bytes.len()))
    });
    let read: Result<_, crate::domain::logger::Unreadable> =
        read.await.map_err(|_cancelled| Problem::from(ProblemCode::Internal))?;
    let (mean_kinetic, log, (sha256, read_sha256), packed, size) =
        read.map_err(|why| Problem::from(ActionError::Invalid(vec![why.as_field("/content")])))?;
    let content = packed.map_err(|_full| Problem::from(ProblemCode::Internal))?;
    let size_bytes = i64::try_from(size).unwrap_or(i64::MAX);
    let command = ImportFile {
        subject,
        log,
        logger_ref,
        time_zone,
        sha256,
        read_sha256,
        content,
        size_bytes,
        mean_kinetic,
        preview,
    };
    let answer = state
        .hub
        .write_once(
            &call,
            once,
            move |tx| logger_files::import_file(tx, &command),
            |imported| saved(StatusCode::OK, &LoggerFileView::from(imported)),
        )
        .await?;
    Ok(send(answer))
}

async fn mapping_of(call: &Allowed<SendReadings>, state: &State, id: LoggerMappingId) -> Result<Mapping, Problem> {
    let actor = call.actor().clone();
    let row = state.hub.read(move |conn| logger_mappings::get_mapping(conn, &actor, id)).await?;
    serde_json::from_str(&row.document).map_err(|error| {
        Problem::from(ActionError::Internal(format!("a saved mapping is unreadable: {error}")))
    })
}

/// Which files.
#[derive(Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct LoggerFilesQuery {
    /// Files of this journey.
    #[param(value_type = Option<String>, format = "uuid")]
    transfer_id: Option<TransferId>,
    /// Files of this storage unit.
    #[param(value_type = Option<String>, format = "uuid")]
    storage_unit_id: Option<StorageUnitId>,
    /// Items on the page.
    #[param(minimum = 1, maximum = 200)]
    #[serde(skip_serializing_if = "super::paging::not_a_filter")]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(max_length = 500)]
    #[serde(skip_serializing_if = "super::paging::not_a_filter")]
    cursor: Option<String>,
}

/// Lists the files of one journey or one storage unit.
#[utoipa::path(tag = "loggers", params(LoggerFilesQuery),
    responses((status = 200, description = "A page of files.", body = Page<LoggerFileView>)))]
#[get("/v1/logger-files")]
async fn list_logger_files(
    call: Allowed<ReadTransfers>,
    state: State,
    request: HttpRequest,
    query: Query<LoggerFilesQuery>,
) -> Answer {
    let Query(query) = query;
    let page = state.pager.open::<LoggerFileId, _>(query.limit, query.cursor.as_deref(), &("logger-files", &query))?;
    let subject = subject_of(query.transfer_id, query.storage_unit_id)
        .map_err(|_either| Problem::field(ProblemCode::QueryInvalid, "/transfer_id", "one_of", "name one of the two"))?;
    let (after, rows, actor) = (page.after, page.rows(), call.actor().clone());
    let found =
        state.hub.read(move |conn| logger_files::list_files(conn, &actor, subject, after, rows)).await?;
    Ok(state.pager.answer(&request, &page, found, |file| file.row.id, |file| LoggerFileView::from(file)))
}

/// Gives what was made of one file.
#[utoipa::path(tag = "loggers", params(IdInPath),
    responses((status = 200, description = "The file.", body = LoggerFileView)))]
#[get("/v1/logger-files/{id}")]
async fn get_logger_file(call: Allowed<ReadTransfers>, state: State, id: PathId<LoggerFileId>) -> Answer {
    let (PathId(id), actor) = (id, call.actor().clone());
    let file = state.hub.read(move |conn| logger_files::get_file(conn, &actor, id)).await?;
    Ok(HttpResponse::Ok().json(LoggerFileView::from(&file)))
}

/// Gives the original bytes of one file.
#[utoipa::path(tag = "loggers", params(IdInPath),
    responses((status = 200, description = "The bytes as they came.", content_type = "application/octet-stream",
        body = FileBytes)))]
#[get("/v1/logger-files/{id}/original")]
async fn get_original_logger_file(call: Allowed<ReadTransfers>, state: State, id: PathId<LoggerFileId>) -> Answer {
    let (PathId(id), actor) = (id, call.actor().clone());
    let file = state.hub.read(move |conn| logger_files::get_file(conn, &actor, id)).await?;
    let Some(bytes) = loggers::unpack(&file.row.content).filter(|bytes| loggers::sha256_hex(bytes) == file.row.sha256)
    else {
        return Err(Problem::from(ActionError::Internal("a kept file is not the one that came".to_owned())));
    };
    let name = format!("attachment; filename=\"{}.bin\"", file.row.sha256);
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/octet-stream"))
        .insert_header((CONTENT_DISPOSITION, name))
        .body(bytes))
}
