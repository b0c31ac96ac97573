//! A form with a file (`multipart/form-data`, RFC 7578), read as browsers write it.

use crate::portal::form::Form;
use actix_web::web::Bytes;

/// The most bytes of a form with a file.
pub const MOST_BYTES: usize = 8 * 1024 * 1024;
/// The most parts of such a form.
const MOST_PARTS: usize = 200;

/// The boundary that a content type names.
#[must_use]
pub fn boundary(content_type: &str) -> Option<&str> {
    let rest = content_type.strip_prefix("multipart/form-data")?;
    let value = rest.split(';').find_map(|part| part.trim().strip_prefix("boundary="))?;
    let value = value.trim_matches('"');
    (!value.is_empty() && value.len() <= 70).then_some(value)
}

/// Reads the parts: fields into the form, files beside it. `None` where it is not such a form.
#[must_use]
pub fn read(body: &Bytes, boundary: &str) -> Option<Form> {
    let opening = format!("--{boundary}");
    let divider = format!("\r\n--{boundary}");
    let mut form = Form::default();
    let mut at = body.get(..opening.len()).filter(|start| *start == opening.as_bytes()).map(|start| start.len())?;
    for _ in 0..MOST_PARTS {
        let rest = body.get(at..)?;
        if rest.starts_with(b"--") {
            return Some(form);
        }
        let head_at = at + 2;
        let head_end = head_at + find(body.get(head_at..)?, b"\r\n\r\n")?;
        let value_at = head_end + 4;
        let value_end = value_at + find(body.get(value_at..)?, divider.as_bytes())?;
        let head = std::str::from_utf8(body.get(head_at..head_end)?).ok()?;
        let disposition = head.lines().find(|line| line.to_ascii_lowercase().starts_with("content-disposition:"))?;
        let name = parameter(disposition, "name")?;
        match parameter(disposition, "filename") {
            Some(file) if !file.is_empty() || value_end > value_at => {
                form.add_file(name, body.slice(value_at..value_end));
            }
            Some(_none_chosen) => {}
            None => form.add(name, std::str::from_utf8(body.get(value_at..value_end)?).ok()?),
        }
        at = value_end + divider.len();
    }
    None
}

/// A quoted parameter of a header.
fn parameter<'a>(header: &'a str, name: &str) -> Option<&'a str> {
    let start = format!("{name}=\"");
    let parts = header.split(';').map(str::trim);
    parts.filter_map(|part| part.strip_prefix(start.as_str())).find_map(|value| value.strip_suffix('"'))
}

/// Where a piece begins. Looking for its first byte first keeps this quick over files.
fn find(bytes: &[u8], piece: &[u8]) -> Option<usize> {
    let first = *piece.first()?;
    let mut from = 0;
    loop {
        let next = bytes.get(from..)?.iter().position(|byte| *byte == first)? + from;
        if bytes.get(next..)?.starts_with(piece) {
            return Some(next);
        }
        from = next + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(parts: &[(&str, &[u8])]) -> Bytes {
        let mut all = Vec::new();
        for (head, value) in parts {
            all.extend(format!("--xyz\r\nContent-Disposition: form-data; {head}\r\n\r\n").as_bytes());
            all.extend(*value);
            all.extend(b"\r\n");
        }
        all.extend(b"--xyz--\r\n");
        all.into()
    }

    #[test]
    fn fields_and_a_file_are_told_apart() {
        let sent = body(&[
            ("name=\"kind\"", b"lots"),
            ("name=\"file\"; filename=\"a.csv\"\r\nContent-Type: text/csv", b"a,b\r\n--xy\r\n1,2"),
            ("name=\"none\"; filename=\"\"\r\nContent-Type: application/octet-stream", b""),
        ]);
        let form = read(&sent, "xyz").unwrap();
        assert_eq!(form.get("kind"), "lots");
        assert_eq!(form.file("file").unwrap().as_ref(), b"a,b\r\n--xy\r\n1,2");
        assert!(form.file("none").is_none() && form.file("kind").is_none());
    }

    #[test]
    fn what_is_cut_off_is_no_form() {
        let sent = body(&[("name=\"kind\"", b"lots")]);
        assert!(read(&sent.slice(..sent.len() - 8), "xyz").is_none());
        assert!(read(&Bytes::from_static(b"kind=lots"), "xyz").is_none());
        assert_eq!(boundary("multipart/form-data; boundary=\"a b\""), Some("a b"));
        assert_eq!(boundary("application/x-www-form-urlencoded"), None);
    }
}
