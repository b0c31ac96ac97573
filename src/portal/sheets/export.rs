//! `?export=csv` behind the address of a page gives its tables as a file: the page is written as ever, and what a
//! reader would see in its tables is put into sheets.

use super::page_tables::tables_of;
use super::{FileKind, write};
use actix_web::HttpResponse;
use actix_web::body::{BoxBody, MessageBody as _};
use actix_web::dev::ServiceResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, ContentDisposition, ContentEncoding, DispositionParam, DispositionType};

/// Rows of a list in a file.
pub const MOST_ROWS: i64 = 10_000;

/// The kind of file that an address asks for.
#[must_use]
pub fn asked(here: &str) -> Option<FileKind> {
    let query = here.split_once('?')?.1;
    FileKind::from_word(query.split('&').find_map(|pair| pair.strip_prefix("export="))?)
}

/// The address of the file with what a page shows.
#[must_use]
pub fn address(here: &str, word: &str) -> String {
    let (path, query) = here.split_once('?').unwrap_or((here, ""));
    let kept = query
        .split('&')
        .filter(|pair| !pair.is_empty() && !["export=", "done=", "after="].iter().any(|start| pair.starts_with(start)));
    let kept: Vec<&str> = kept.collect();
    let joined = if kept.is_empty() { String::new() } else { format!("{}&", kept.join("&")) };
    format!("{path}?{joined}export={word}")
}

/// The name of the file of an address: `stock-2026-11-17.csv` and the like.
fn name_of(here: &str, day: &str, kind: FileKind) -> String {
    let path = here.split('?').next().unwrap_or_default();
    let words = path.trim_start_matches("/portal").split('/').filter(|part| {
        !part.is_empty() && part.len() < 30 && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    });
    let words: Vec<&str> = words.collect();
    let name = if words.is_empty() { "worklist".to_owned() } else { words.join("-") };
    format!("{name}-{day}.{}", kind.word())
}

/// The file in place of the page; the page itself where it has no table or is no page.
pub fn instead(response: ServiceResponse<BoxBody>, here: &str, day: &str, kind: FileKind) -> ServiceResponse<BoxBody> {
    if response.status() != StatusCode::OK {
        return response;
    }
    let (request, response) = response.into_parts();
    let (head, body) = response.into_parts();
    let bytes = match body.try_into_bytes() {
        Ok(bytes) => bytes,
        Err(body) => return ServiceResponse::new(request, head.set_body(body)),
    };
    let sheets = std::str::from_utf8(&bytes).map(tables_of).unwrap_or_default();
    if sheets.is_empty() {
        return ServiceResponse::new(request, head.set_body(BoxBody::new(bytes)));
    }
    let file = match write(kind, &sheets) {
        Ok(file) => file,
        Err(error) => {
            tracing::error!(error, "a table could not be written");
            return ServiceResponse::new(request, HttpResponse::InternalServerError().finish());
        }
    };
    let disposition = ContentDisposition {
        disposition: DispositionType::Attachment,
        parameters: vec![DispositionParam::Filename(name_of(here, day, kind))],
    };
    let mut answer = HttpResponse::Ok();
    answer.insert_header((CONTENT_TYPE, kind.media())).insert_header(disposition);
    if kind == FileKind::Xlsx {
        // It is packed already.
        answer.insert_header(ContentEncoding::Identity);
    }
    ServiceResponse::new(request, answer.body(file))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_asks_for_its_file() {
        assert_eq!(address("/portal/stock", "csv"), "/portal/stock?export=csv");
        assert_eq!(address("/portal/stock?show=soon&after=x&done=y", "xlsx"), "/portal/stock?show=soon&export=xlsx");
        assert_eq!(asked("/portal/stock?show=soon&export=xlsx"), Some(FileKind::Xlsx));
        assert_eq!(asked("/portal/stock?q=export=csv"), None);
        assert_eq!(name_of("/portal/stock?x", "2026-11-17", FileKind::Csv), "stock-2026-11-17.csv");
        assert_eq!(name_of("/portal/", "2026-11-17", FileKind::Xlsx), "worklist-2026-11-17.xlsx");
    }
}
