//! A photograph of a label instead of a scan: it leads where a scan of the same label leads, and says in words why it
//! tells nothing.

use super::browser::{Browser, Page};
use crate::hub::TestHub;
use crate::hub::region::{accepted, lot_body, matched, published, released_lot, request_body};
use crate::hub::wire::id;
use crate::hub_test;
use datamatrix::{DataMatrix, SymbolList};
use image::{GrayImage, ImageFormat, Luma};
use serde_json::json;
use std::io::Cursor;

hub_test!(
    a_photograph_leads_where_the_scan_leads,
    a_photograph_is_a_scan_of_the_box,
    a_photograph_that_tells_nothing_says_why,
    every_code_of_a_label_finds_its_bottle,
);

/// What our own label's square code looks like on a photograph, a little grey and tilted by no angle.
fn photograph(text: &str, format: ImageFormat) -> Vec<u8> {
    let code = DataMatrix::encode(text.as_bytes(), SymbolList::default().enforce_square()).unwrap();
    let bits = code.bitmap();
    let side = u32::try_from(bits.width()).unwrap() * 9 + 200;
    let mut picture = GrayImage::from_pixel(side + 300, side, Luma([224]));
    for (column, row) in bits.pixels() {
        let at = |place: usize| u32::try_from(place).unwrap() * 9 + 100;
        for y in at(row)..at(row) + 9 {
            for x in at(column)..at(column) + 9 {
                picture.put_pixel(x, y, Luma([40]));
            }
        }
    }
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// The address on the label of a bottle.
fn own_address(lot: &serde_json::Value, division: u16) -> String {
    format!("https://hub.example/u/{}-{division:03}", id(lot))
}

async fn taken(browser: &mut Browser, from: &str, photo: &[u8]) -> Page {
    let form = browser.open(from).await.expect(200).form("/portal/scan/photo");
    browser.send_file(&form, "photo", "label.jpg", photo).await
}

async fn a_photograph_leads_where_the_scan_leads(hub: &TestHub) {
    let bank = hub.manager_at(&hub.region.bank).await;
    let lot = released_lot(&bank, &hub.region.bank, "L-1", 3).await;
    let mut sender = Browser::of(hub, "bank_manager", &[&hub.region.bank]).await;
    for (text, format) in [(own_address(&lot, 2), ImageFormat::Jpeg), ("L-1-002".to_owned(), ImageFormat::Png)] {
        let page = taken(&mut sender, "/portal/scan", &photograph(&text, format)).await.expect(303);
        assert_eq!(page.location(), format!("/portal/lots/{}#b002", id(&lot)), "{text}");
    }
    let page = sender.open("/portal/scan").await.expect(200);
    assert_eq!(page.headers["permissions-policy"], "camera=(self), geolocation=(), microphone=()");
    let page = sender.open("/portal/stock").await.expect(200);
    assert_eq!(page.headers["permissions-policy"], "camera=(), geolocation=(), microphone=()");
    // Of a label that is not theirs they learn nothing.
    let mut apart = Browser::of(hub, "bank_manager", &[&hub.region.apart]).await;
    let photo = photograph(&own_address(&lot, 2), ImageFormat::Png);
    taken(&mut apart, "/portal/scan", &photo).await.expect(404).saying("Nothing found");
}

async fn a_photograph_is_a_scan_of_the_box(hub: &TestHub) {
    let (bank, unit) = (hub.manager_at(&hub.region.bank).await, hub.manager_at(&hub.region.unit).await);
    let lot = released_lot(&bank, &hub.region.bank, "L-1", 2).await;
    published(&bank, &hub.region.bank, &lot).await;
    unit.created("/v1/requests", &request_body(&hub.region.unit, "I-1", 200)).await;
    let offers = matched(&bank, &hub.region.bank).await;
    let offer = accepted(&bank, &offers[0]).await;
    let plan = json!({
        "allocation_ids": [offer["allocation_id"]], "courier_id": hub.region.courier,
        "planned_pickup_at": "2026-01-05T10:00:00Z", "planned_delivery_at": "2026-01-05T12:00:00Z",
    });
    let planned = bank.created("/v1/transfers", &plan).await;
    let path = |verb: &str| format!("/v1/transfers/{}/{verb}", id(&planned));
    let packed = bank.act(&planned, &path("pack"), &json!({ "seal_number": "S-1" })).await.expect(200);
    let collected = bank.act(&packed, &path("collect"), &json!({ "seal_number": "S-1" })).await.expect(200);
    unit.act(&collected, &path("deliver"), &json!({})).await.expect(200);
    let mut nurse = Browser::of(hub, "clinician", &[&hub.region.unit]).await;
    let receive = format!("/portal/transfers/{}/receive", id(&planned));
    let photo = photograph(&own_address(&lot, 1), ImageFormat::Jpeg);
    let page = taken(&mut nurse, &receive, &photo).await.expect(303);
    let led = page.location().to_owned();
    assert!(led.starts_with(&receive), "{led}");
    nurse.open(&led).await.expect(200).saying("Yes: take it").saying("1 of 2");
    // What was scanned before and how the bottle is stay as they were.
    let photo = photograph(&own_address(&lot, 2), ImageFormat::Jpeg);
    let page = taken(&mut nurse, &format!("{receive}?had=0i&is=thawed"), &photo).await.expect(303);
    nurse.open(page.location()).await.expect(200).saying("Noted: do not take it").saying("2 of 2");
    // Elsewhere the photograph of a bottle at the door leads to its receipt, with this scan.
    let photo = photograph(&own_address(&lot, 2), ImageFormat::Png);
    let page = taken(&mut nurse, "/portal/scan", &photo).await.expect(303);
    nurse.open(page.location()).await.expect(200).saying("Yes: take it");
    let form = nurse.open("/portal/scan").await.form("/portal/scan/photo");
    let away = form.with("to", "https://elsewhere.example/receive?");
    let page = nurse.send_file(&away, "photo", "label.png", &photo).await.expect(303);
    assert!(page.location().starts_with(&receive), "{}", page.location());
}

async fn a_photograph_that_tells_nothing_says_why(hub: &TestHub) {
    let mut sender = Browser::of(hub, "bank_manager", &[&hub.region.bank]).await;
    let mut blank = Cursor::new(Vec::new());
    GrayImage::from_pixel(400, 300, Luma([200])).write_to(&mut blank, ImageFormat::Png).unwrap();
    let blank = blank.into_inner();
    let too_much = vec![0xff_u8; 12 * 1024 * 1024 + 1];
    for (file, words) in [
        (blank.as_slice(), "No code in this photo"),
        (b"%PDF-1.7 is no picture".as_slice(), "This is no photo"),
        (&blank[..blank.len() / 2], "This is no photo"),
        (too_much.as_slice(), "This photo is too large"),
        (b"".as_slice(), "Choose a photo of the label first"),
    ] {
        taken(&mut sender, "/portal/scan", file).await.expect(422).saying(words).saying("Nothing was changed");
    }
    let form = sender.open("/portal/scan").await.form("/portal/scan/photo").without("form-token");
    sender.send_file(&form, "photo", "label.png", &blank).await.expect(403);
}

async fn every_code_of_a_label_finds_its_bottle(hub: &TestHub) {
    let bank = hub.manager_at(&hub.region.bank).await;
    let body = lot_body(&hub.region.bank, "LOT-OF-2026-WITH-A-LONG-NUMBER", 2, true);
    let lot = bank.created("/v1/lots", &body).await;
    let tail = format!("{}-001", &id(&lot)[24..]);
    let mut sender = Browser::of(hub, "bank_manager", &[&hub.region.bank]).await;
    for code in
        [tail.clone(), tail.to_uppercase(), "LOT-OF-2026-WITH-A-LONG-NUMBER-001".to_owned(), own_address(&lot, 1)]
    {
        let encoded: String = code.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let page = sender.open(&format!("/portal/scan?code={encoded}")).await.expect(303);
        assert_eq!(page.location(), format!("/portal/lots/{}#b001", id(&lot)), "{code}");
    }
    sender.open(&format!("/portal/scan?code={}-009", &id(&lot)[24..])).await.expect(404);
}
