//! Lists page by page (RFC 8288): a limit, and an opaque cursor that carries the last row's keys, a hash of the
//! filters and a MAC. A cursor of another list, of other filters or of anybody's making is refused.

use super::problem::{Problem, ProblemCode};
use actix_web::http::header::{ContentType, LINK};
use actix_web::{HttpRequest, HttpResponse};
use aws_lc_rs::{digest, hmac};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// Left out of the hash of a cursor's filters, and still in the specification, which drops `skip_serializing`.
pub(super) const fn not_a_filter<T>(_of_the_page: &T) -> bool {
    true
}

/// Items on a page when the caller does not say.
pub const DEFAULT_LIMIT: i64 = 50;
/// The most items on a page.
pub const MAX_LIMIT: i64 = 200;
/// Bytes of the MAC that are kept.
const MAC_BYTES: usize = 16;

/// One page as the caller asked for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest<K> {
    /// Items wanted, 1 to 200.
    pub limit: i64,
    /// The last row of the page before.
    pub after: Option<K>,
    filter_hash: [u8; 8],
}

impl<K> PageRequest<K> {
    /// Rows to load: one more than wanted tells whether there is a next page.
    #[must_use]
    pub const fn rows(&self) -> i64 {
        self.limit.saturating_add(1)
    }
}

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page<V> {
    /// The items.
    pub items: Vec<V>,
    /// Send it as `cursor` for the next page; null on the last one.
    pub next_cursor: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Cursor<K> {
    k: K,
    f: [u8; 8],
}

/// Reads and writes cursors under one key.
#[derive(Clone)]
pub struct Pager {
    key: hmac::Key,
}

impl Pager {
    /// A pager whose cursors only holders of `secret` can make.
    #[must_use]
    pub fn new(secret: &[u8]) -> Self {
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, secret) }
    }

    /// Checks limit and cursor. `filters` is everything of the query that chooses or orders rows, with the
    /// list's name; changing it makes old cursors invalid.
    pub fn open<K: DeserializeOwned, F: Serialize>(
        &self,
        limit: Option<i64>,
        cursor: Option<&str>,
        filters: &F,
    ) -> Result<PageRequest<K>, Problem> {
        let limit = limit.unwrap_or(DEFAULT_LIMIT);
        if !(1..=MAX_LIMIT).contains(&limit) {
            return Err(Problem::field(ProblemCode::QueryInvalid, "/limit", "out_of_range", "1 to 200"));
        }
        let filter_hash = hash_of(filters);
        let after = match cursor {
            None => None,
            Some(text) => {
                let Cursor { k, f } = self.read(text).ok_or_else(|| Problem::from(ProblemCode::CursorInvalid))?;
                if f != filter_hash {
                    return Err(Problem::new(ProblemCode::CursorInvalid, "the filters changed under the cursor"));
                }
                Some(k)
            }
        };
        Ok(PageRequest { limit, after, filter_hash })
    }

    /// The page of the rows that were loaded with [`PageRequest::rows`], and its `Link` header.
    pub fn answer<R, K: Serialize, V: Serialize>(
        &self,
        request: &HttpRequest,
        page: &PageRequest<K>,
        rows: Vec<R>,
        key_of: impl Fn(&R) -> K,
        view_of: impl Fn(&R) -> V,
    ) -> HttpResponse {
        let (page, link) = self.cut(request, page, rows, key_of, view_of);
        let mut answer = HttpResponse::Ok();
        if let Some(link) = link {
            answer.insert_header((LINK, link));
        }
        answer.json(page)
    }

    /// The page as bytes that can be kept: the `Link` header or nothing on the first line, the JSON after it.
    pub fn written<R, K: Serialize, V: Serialize>(
        &self,
        request: &HttpRequest,
        page: &PageRequest<K>,
        rows: Vec<R>,
        key_of: impl Fn(&R) -> K,
        view_of: impl Fn(&R) -> V,
    ) -> Arc<[u8]> {
        let (page, link) = self.cut(request, page, rows, key_of, view_of);
        let mut bytes = link.unwrap_or_default().into_bytes();
        bytes.push(b'\n');
        // Views are texts and numbers, which always serialise.
        bytes.extend(serde_json::to_vec(&page).unwrap_or_default());
        bytes.into()
    }

    /// The answer of a page that was kept.
    pub fn answer_written(kept: &[u8]) -> HttpResponse {
        let (link, body) = kept.iter().position(|byte| *byte == b'\n').map_or((&[][..], kept), |at| {
            let (link, rest) = kept.split_at(at);
            (link, rest.get(1..).unwrap_or_default())
        });
        let mut answer = HttpResponse::Ok();
        if !link.is_empty() {
            answer.insert_header((LINK, link));
        }
        answer.content_type(ContentType::json()).body(body.to_vec())
    }

    fn cut<R, K: Serialize, V: Serialize>(
        &self,
        request: &HttpRequest,
        page: &PageRequest<K>,
        mut rows: Vec<R>,
        key_of: impl Fn(&R) -> K,
        view_of: impl Fn(&R) -> V,
    ) -> (Page<V>, Option<String>) {
        let wanted = usize::try_from(page.limit).unwrap_or(usize::MAX);
        let more = rows.len() > wanted;
        rows.truncate(wanted);
        let next_cursor = rows.last().filter(|_| more).map(|row| self.write(&key_of(row), page.filter_hash));
        let link = next_cursor.as_ref().map(|cursor| format!("<{}>; rel=\"next\"", next_address(request, cursor)));
        (Page { items: rows.iter().map(view_of).collect(), next_cursor }, link)
    }

    fn write<K: Serialize>(&self, key: &K, filter_hash: [u8; 8]) -> String {
        // Keys are texts and numbers, which always serialise.
        let mut bytes = serde_json::to_vec(&Cursor { k: key, f: filter_hash }).unwrap_or_default();
        let mac = hmac::sign(&self.key, &bytes);
        bytes.extend(mac.as_ref().iter().take(MAC_BYTES));
        URL_SAFE_NO_PAD.encode(bytes)
    }

    fn read<K: DeserializeOwned>(&self, text: &str) -> Option<Cursor<K>> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (content, mac) = bytes.split_at_checked(bytes.len().checked_sub(MAC_BYTES)?)?;
        let ours = hmac::sign(&self.key, content);
        aws_lc_rs::constant_time::verify_slices_are_equal(ours.as_ref().get(..MAC_BYTES)?, mac).ok()?;
        serde_json::from_slice(content).ok()
    }
}

fn hash_of<F: Serialize>(filters: &F) -> [u8; 8] {
    let text = serde_json::to_vec(filters).unwrap_or_default();
    let hash = digest::digest(&digest::SHA256, &text);
    hash.as_ref().first_chunk().copied().unwrap_or_default()
}

fn next_address(request: &HttpRequest, cursor: &str) -> String {
    let kept = request.query_string().split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("cursor="));
    let query: Vec<&str> = kept.collect();
    let separator = if query.is_empty() { "" } else { "&" };
    format!("{}?{}{separator}cursor={cursor}", request.path(), query.join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn pager() -> Pager {
        Pager::new(b"a secret of this hub")
    }

    fn cursor_of(answer: HttpResponse) -> Option<String> {
        let body = actix_web::body::to_bytes(answer.into_body());
        let bytes = futures_util::FutureExt::now_or_never(body).unwrap().unwrap();
        let page: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        page["next_cursor"].as_str().map(str::to_owned)
    }

    #[test]
    fn a_cursor_opens_the_next_page_of_the_same_list_only() {
        let request = TestRequest::get().uri("/v1/lots?limit=2&state=released").to_http_request();
        let page = pager().open::<i64, _>(Some(2), None, &("lots", "released")).unwrap();
        let answer = pager().answer(&request, &page, vec![1, 2, 3], |row| *row, |row| *row);
        let link = answer.headers().get(LINK).unwrap().to_str().unwrap().to_owned();
        assert!(link.starts_with("</v1/lots?limit=2&state=released&cursor="), "{link}");
        let cursor = cursor_of(answer).unwrap();
        let next = pager().open::<i64, _>(Some(2), Some(&cursor), &("lots", "released")).unwrap();
        assert_eq!(next.after, Some(2));
        let changed = pager().open::<i64, _>(Some(2), Some(&cursor), &("lots", "held")).unwrap_err();
        assert_eq!(changed.code(), ProblemCode::CursorInvalid);
        assert!(Pager::new(b"another").open::<i64, _>(None, Some(&cursor), &("lots", "released")).is_err());
        assert!(pager().open::<i64, _>(None, Some("AAAA"), &("lots", "released")).is_err());
    }

    #[test]
    fn the_last_page_has_no_cursor() {
        let request = TestRequest::get().uri("/v1/lots").to_http_request();
        let page = pager().open::<i64, _>(None, None, &"lots").unwrap();
        let answer = pager().answer(&request, &page, vec![1, 2], |row| *row, |row| *row);
        assert!(answer.headers().get(LINK).is_none());
        assert_eq!(cursor_of(answer), None);
    }

    #[test]
    fn limits_outside_one_to_two_hundred_are_refused() {
        for limit in [0, -1, 201] {
            assert!(pager().open::<i64, _>(Some(limit), None, &"lots").is_err());
        }
    }
}
