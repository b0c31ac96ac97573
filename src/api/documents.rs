//! Labels and the papers of a box, as PDF.

use super::auth::{
    Allowed,
    permit::{ManageSite, ReadStock, ReadTransfers},
};
use super::extract::{Body, PathId, Query};
use super::openapi::{FileBytes, IdInPath, operations};
use super::problem::Problem;
use super::state::{Answer, State};
use crate::actions::ActionError;
use crate::actions::documents::{self, BoxFacts, LabelFacts, LabelLicenceRow};
use crate::domain::ids::{BottleId, SiteId, TransferId};
use crate::domain::time::Instant;
use crate::interop::documents::{
    BottleLabel, Column, DocumentError, LabelSize, Page, Sheet, bottle_label, sheet_pages, write_pdf,
};
use actix_web::{HttpResponse, get, put};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

operations!(get_bottle_label, get_waybill, get_manifest_sheet, get_temperature_sheet, record_label_licence);

/// Rows of readings that a temperature sheet prints; the figures above them are of all.
const MOST_READINGS: usize = 2_000;

/// Which label.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct LabelQuery {
    /// `50x30` or `100x50` mm.
    #[serde(default)]
    #[param(value_type = Option<String>, example = "50x30")]
    size: SizeWord,
}

/// The sizes of labels.
#[derive(Clone, Copy, Default, Deserialize)]
enum SizeWord {
    /// 50×30 mm.
    #[default]
    #[serde(rename = "50x30")]
    Small,
    /// 100×50 mm.
    #[serde(rename = "100x50")]
    Large,
}

/// Gives a bottle's label as PDF. ISBT 128 is drawn only for a bank that recorded its facility number and licence;
/// another's label bears the hub's own code.
#[utoipa::path(tag = "documents", params(IdInPath, LabelQuery),
    responses((status = 200, description = "The label.", content_type = "application/pdf", body = FileBytes)))]
#[get("/v1/bottles/{id}/label")]
async fn get_bottle_label(
    call: Allowed<ReadStock>,
    state: State,
    id: PathId<BottleId>,
    query: Query<LabelQuery>,
) -> Answer {
    let (PathId(id), Query(LabelQuery { size }), actor) = (id, query, call.actor().clone());
    let facts = state.hub.read(move |conn| documents::get_label(conn, &actor, id)).await?;
    let size = match size {
        SizeWord::Small => LabelSize::Small,
        SizeWord::Large => LabelSize::Large,
    };
    let label = label_of(&facts, state.authority.issuer());
    answer(&state, bottle_label(&label, size).map(|page| vec![page])).await
}

fn label_of(facts: &LabelFacts, hub: &str) -> BottleLabel {
    let LabelFacts { bottle, lot, record, bank, thawed_hours, isbt } = facts;
    let zone = TimeZone::get(&bank.time_zone).unwrap_or(TimeZone::UTC);
    let expires = lot.expires_at.timestamp().to_zoned(zone);
    let raw = if record.pasteurisation.is_some() { "pasteurised" } else { "raw" };
    let own_code = format!("{}-{:03}", lot.id, bottle.division);
    // A long number makes too many bars for a bottle; the end of the lot's identifier is as good.
    let tail = lot.id.as_str().get(24..).unwrap_or_default();
    let short = if lot.code.len() <= 14 && lot.code.is_ascii() { lot.code.as_str() } else { tail };
    BottleLabel {
        product: format!("Human milk, {raw}"),
        isbt: isbt.clone(),
        own_address: format!("https://{}/u/{own_code}", hub.split("://").last().unwrap_or("hub")),
        own_code: format!("{short}-{:03}", bottle.division),
        lot_code: lot.code.clone(),
        division: u16::try_from(bottle.division).unwrap_or(0),
        volume_ml: bottle.size_ml.ml(),
        expires: expires.strftime("%Y-%m-%d %H:%M").to_string(),
        expires_isbt: expires.strftime("0%y%j%H%M").to_string(),
        storage: format!("Store at {} or colder", record.storage_set_hundredths_c),
        thawed: thawed_hours.map_or_else(String::new, |hours| format!("Use within {hours} h of thawing")),
        bank: bank.name.clone(),
    }
}

/// Gives the waybill of a box as PDF.
#[utoipa::path(tag = "documents", params(IdInPath),
    responses((status = 200, description = "The waybill.", content_type = "application/pdf", body = FileBytes)))]
#[get("/v1/transfers/{id}/waybill")]
async fn get_waybill(call: Allowed<ReadTransfers>, state: State, id: PathId<TransferId>) -> Answer {
    let (PathId(id), actor) = (id, call.actor().clone());
    let facts = state.hub.read(move |conn| documents::get_box(conn, &actor, id)).await?;
    let mut sheet = sheet_of("Waybill", &facts);
    sheet.signatures = ["Packed and sealed", "Carrier", "Received"].map(str::to_owned).to_vec();
    answer(&state, Ok(sheet_pages(&sheet))).await
}

/// Gives the manifest of a box, bottle by bottle, as PDF.
#[utoipa::path(tag = "documents", params(IdInPath),
    responses((status = 200, description = "The manifest.", content_type = "application/pdf", body = FileBytes)))]
#[get("/v1/transfers/{id}/manifest")]
async fn get_manifest_sheet(call: Allowed<ReadTransfers>, state: State, id: PathId<TransferId>) -> Answer {
    let (PathId(id), actor) = (id, call.actor().clone());
    let facts = state.hub.read(move |conn| documents::get_box(conn, &actor, id)).await?;
    let mut sheet = sheet_of("Manifest", &facts);
    let column = |(name, width): (&str, i16)| Column { name: name.to_owned(), width };
    sheet.columns =
        [("Lot", 5_000), ("No.", 1_800), ("mL", 1_800), ("Expires", 4_500), ("Outcome", 4_000)].map(column).to_vec();
    sheet.rows = facts
        .detail
        .manifest
        .iter()
        .map(|line| {
            vec![
                line.lot_code.clone(),
                format!("{:03}", line.division),
                line.size_ml.ml().to_string(),
                in_zone(line.lot_expires_at, &facts.to.time_zone),
                line.outcome.clone().unwrap_or_default(),
            ]
        })
        .collect();
    answer(&state, Ok(sheet_pages(&sheet))).await
}

/// Gives the temperatures of a box as PDF.
#[utoipa::path(tag = "documents", params(IdInPath),
    responses((status = 200, description = "The sheet.", content_type = "application/pdf", body = FileBytes)))]
#[get("/v1/transfers/{id}/temperature-sheet")]
async fn get_temperature_sheet(call: Allowed<ReadTransfers>, state: State, id: PathId<TransferId>) -> Answer {
    let (PathId(id), actor) = (id, call.actor().clone());
    let facts = state.hub.read(move |conn| documents::get_box(conn, &actor, id)).await?;
    let mut sheet = sheet_of("Temperatures", &facts);
    let head = &facts.detail.head;
    let told = |value: Option<String>| value.unwrap_or_else(|| "not known".to_owned());
    sheet.facts.extend([
        ("Highest".to_owned(), told(head.highest_hundredths.map(|highest| highest.to_string()))),
        ("Minutes above".to_owned(), told(head.minutes_above_limit.map(|minutes| minutes.to_string()))),
        ("Longest gap, min".to_owned(), told(head.longest_gap_minutes.map(|minutes| minutes.to_string()))),
    ]);
    let column = |(name, width): (&str, i16)| Column { name: name.to_owned(), width };
    sheet.columns = [("Measured", 5_500), ("Logger", 6_500), ("Temperature", 5_000)].map(column).to_vec();
    sheet.rows = facts
        .readings
        .iter()
        .take(MOST_READINGS)
        .map(|(logger, reading)| {
            let at = in_zone(reading.measured_at, &facts.to.time_zone);
            vec![at, logger.clone(), reading.temperature.to_string()]
        })
        .collect();
    answer(&state, Ok(sheet_pages(&sheet))).await
}

fn in_zone(at: Instant, zone: &str) -> String {
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    at.timestamp().to_zoned(zone).strftime("%Y-%m-%d %H:%M").to_string()
}

fn sheet_of(title: &str, facts: &BoxFacts) -> Sheet {
    let BoxFacts { detail, from, to, courier, readings: _ } = facts;
    let head = &detail.head;
    let place = |name: &str, city: &str, country: &str| format!("{name}, {city}, {country}");
    let rows = [
        ("Transfer", head.id.to_string()),
        ("From", place(&from.name, &from.city, &from.country.to_string())),
        ("To", place(&to.name, &to.city, &to.country.to_string())),
        ("Carrier", courier.as_ref().map_or_else(String::new, |courier| courier.name.clone())),
        ("Collection", in_zone(head.planned_pickup_at, &from.time_zone)),
        ("Delivery", in_zone(head.planned_delivery_at, &to.time_zone)),
        ("Packed in", head.packaging.clone()),
        ("Warmest allowed", head.max_temperature_hundredths.to_string()),
        ("Seal", head.seal_number.clone().unwrap_or_default()),
        ("Logger", head.logger_ref.clone().unwrap_or_default()),
        ("Bottles", format!("{} ({})", head.bottles, head.volume_ml)),
    ];
    Sheet {
        title: title.to_owned(),
        facts: rows.map(|(name, value)| (name.to_owned(), value)).to_vec(),
        ..Sheet::default()
    }
}

/// Writes pages and sends them; drawing is work, not waiting.
async fn answer(state: &State, pages: Result<Vec<Page>, DocumentError>) -> Answer {
    let fonts = std::sync::Arc::clone(&state.settings.fonts);
    let drawn = actix_web::web::block(move || pages.and_then(|pages| write_pdf(&pages, &fonts)));
    let bytes = drawn
        .await
        .map_err(|_cancelled| Problem::from(ActionError::Internal("a document was given up".to_owned())))?
        .map_err(|error| match error {
            DocumentError::Font(letter) => {
                Problem::from(ActionError::conflict("font_missing", format!("{letter}; run milkbridge doctor.")))
            }
            other => Problem::from(ActionError::Internal(other.to_string())),
        })?;
    Ok(HttpResponse::Ok().content_type("application/pdf").body(bytes))
}

/// Under which number and licence a site prints ISBT 128 labels.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LabelLicenceBody {
    /// The five characters by which ICCBBA knows the facility.
    #[schema(min_length = 5, max_length = 5, example = "A9999")]
    facility_number: String,
    /// What the responsible person states about the licence.
    #[schema(max_length = 500)]
    licence_statement: String,
}

/// The same, as it is on file.
#[derive(Serialize, ToSchema)]
#[schema(as = LabelLicence)]
struct LabelLicenceView {
    /// The site.
    #[schema(value_type = String, format = "uuid")]
    site_id: SiteId,
    /// The facility number.
    facility_number: String,
    /// The statement.
    licence_statement: String,
    /// When it was recorded.
    #[schema(value_type = String, format = DateTime)]
    recorded_at: Instant,
}

/// Records under which facility number and licence a site prints ISBT 128 labels.
#[utoipa::path(tag = "documents", params(IdInPath), request_body = LabelLicenceBody,
    responses((status = 200, description = "It is recorded.", body = LabelLicenceView)))]
#[put("/v1/sites/{id}/label-licence")]
async fn record_label_licence(
    call: Allowed<ManageSite>,
    state: State,
    id: PathId<SiteId>,
    body: Body<LabelLicenceBody>,
) -> Answer {
    let (PathId(id), LabelLicenceBody { facility_number, licence_statement }) = (id, body.into_inner());
    let row = state
        .hub
        .write(&call, move |tx| documents::record_label_licence(tx, id, &facility_number, &licence_statement))
        .await?;
    let LabelLicenceRow { site_id, facility_number, licence_statement, recorded_by: _, recorded_at } = row;
    Ok(HttpResponse::Ok().json(LabelLicenceView { site_id, facility_number, licence_statement, recorded_at }))
}
