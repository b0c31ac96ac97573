//! A photograph of a label, where a browser has no scanner and no camera that reads codes: the code goes the way of one
//! that was typed. Two photographs at a time are looked at, apart from the threads that answer; none is kept.

use super::fault::{Fault, see};
use super::recall::encoded;
use super::scan::{self, Wrong, lead_on};
use super::signed::{Posted, permit::ReadTransfers};
use super::state::Shown;
use crate::interop::photo::{MOST_BYTES, PhotoFault, read_codes};
use actix_web::web;
use tokio::sync::Semaphore;

/// Photographs that are looked at together: unpacked, each takes up to a hundred megabytes.
static LOOKING: Semaphore = Semaphore::const_new(2);
/// The most bytes of the form: past what a photograph may have, so that a larger one gets an answer in words.
const MOST_SENT: usize = 2 * MOST_BYTES;

/// Adds the route.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/scan/photo").app_data(web::PayloadConfig::new(MOST_SENT)).route(web::post().to(look)));
}

async fn look(posted: Posted<ReadTransfers>) -> Shown {
    let to = back(posted.form.get("to"));
    let Some(file) = posted.form.file("photo").filter(|file| !file.is_empty()).cloned() else {
        return scan::page_with(&posted, &to, Wrong::of(posted.texts(), "none"));
    };
    let turn = LOOKING.acquire().await.map_err(|_closed| Fault::Failed)?;
    let read = web::block(move || read_codes(&file)).await;
    drop(turn);
    // A library that gave up over a strange picture has found no code in it either.
    match read.unwrap_or(Err(PhotoFault::NoCode)) {
        Ok(codes) if to.is_empty() => lead_on(&posted, &codes).await,
        Ok(codes) => {
            let code = codes.first().map(String::as_str).unwrap_or_default();
            Ok(see(&format!("{to}&code={}", encoded(code))))
        }
        Err(fault) => {
            let word = match fault {
                PhotoFault::NotAPicture => "not-a-picture",
                PhotoFault::TooLarge => "too-large",
                PhotoFault::NoCode => "no-code",
            };
            scan::page_with(&posted, &to, Wrong::of(posted.texts(), word))
        }
    }
}

/// The receipt that the photograph belongs to; nothing else is led back to.
fn back(to: &str) -> String {
    let inside = to.starts_with("/portal/transfers/") && to.contains("/receive?");
    let plain = to.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/-_.=&?".contains(&byte));
    if inside && plain { to.to_owned() } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_photograph_leads_back_to_a_receipt_only() {
        let receipt = "/portal/transfers/0199c6f0-0000-7000-8000-000000000007/receive?had=0i.1t&is=intact";
        assert_eq!(back(receipt), receipt);
        for other in
            ["", "//elsewhere.example/receive?", "https://elsewhere.example", "/portal/transfers/x/receive?a=\r\nb"]
        {
            assert_eq!(back(other), "", "{other:?}");
        }
    }
}
