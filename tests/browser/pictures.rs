//! Pictures of the pages for those who read about them, made from the demo region and looked at before they are kept:
//! `MILKBRIDGE_PICTURES=$PWD/tests/browser/pictures tests/run --test browser pictures` renews all of them.

use crate::hongkong::{Morning, request, seal_of};
use crate::hub::region::{matched, published};
use crate::hub::wire::id;
use crate::people::{person_called, sign_in, speak};
use crate::session::{Browser, Look, driver_url};
use crate::signal::Signal;
use crate::store::fixture::block_on;
use serde_json::json;

/// A tablet.
const TABLET: Look = Look { width: 820, height: 1180, dark: false, script: true };
/// The tallest picture at a desk.
const DESK_HEIGHT: u32 = 1_500;
/// The tallest picture of a phone.
const PHONE_HEIGHT: u32 = 812;

async fn window(driver: &str, morning: &Morning, (role, name): (&str, &str), sites: &[&str], look: Look) -> Browser {
    let email = person_called(&morning.hub, role, name, sites).await;
    let browser = Browser::open(driver, &morning.hub.base, look).await;
    sign_in(&browser, &email).await;
    browser
}

/// Goes to a page that must show something, and keeps its picture.
async fn keep(browser: &Browser, path: &str, shows: &str, name: &str, height: u32) {
    browser.visit(path).await;
    browser.shows(shows).await;
    assert!(!browser.text().await.contains('⟦'), "{name}: a text is missing");
    browser.small_picture(name, height).await;
}

/// An offer that waits for its answer, and a recall of a lot that is everywhere: an exercise, so that no milk stops.
async fn ask_and_recall(morning: &Morning) -> (String, String) {
    let (bank, unit) = (&morning.hub.region.bank, &morning.hub.region.unit);
    let manager = morning.hub.manager_at(bank).await;
    let lots = manager.all("/v1/lots").await;
    let of = |code: &str| lots.iter().find(|lot| lot["code"] == code).expect("a lot").clone();
    published(&manager, bank, &of("L-2025-1231")).await;
    let lot = of("L-2025-1229");
    let nurse = morning.hub.manager_at(unit).await;
    nurse.created("/v1/requests", &request(unit, 9, (400, 910, "2026-01-07T02:00:00Z"))).await;
    let offers = matched(&manager, bank).await;
    let body = json!({
        "site_id": bank, "scope": "lot", "selector": { "lot_ids": [id(&lot)] }, "drill": true,
        "reason": "exercise: a deposit culture grew late", "respond_by": "2026-01-06T09:00:00Z",
    });
    let recall = manager.created("/v1/recalls", &body).await;
    (id(&offers[0]), id(&recall))
}

async fn at_the_bank(driver: &str, morning: &Morning, offer: &str, recall: &str) {
    let bank = morning.hub.region.bank.as_str();
    let browser = window(driver, morning, ("bank_manager", "MM-03"), &[bank], Look::DESK).await;
    keep(&browser, "/portal/", "main a[href^='/portal/offers/']", "worklist", DESK_HEIGHT).await;
    keep(&browser, "/portal/board", "main", "board", DESK_HEIGHT).await;
    keep(&browser, &format!("/portal/offers/{offer}"), "form[action$='/accept']", "match", DESK_HEIGHT).await;
    keep(&browser, "/portal/stock", "main table", "stock", DESK_HEIGHT).await;
    let warm = format!("/portal/transfers/{}", morning.boxes["hk-pyneh"]);
    browser.show_as(Look::DESK.dark()).await;
    keep(&browser, &warm, ".custody", "transfer", DESK_HEIGHT).await;
    browser.show_as(Look::DESK).await;
    keep(&browser, &format!("/portal/recalls/{recall}"), "main", "recall", DESK_HEIGHT).await;
    keep(&browser, "/portal/network", "figure.map", "network", DESK_HEIGHT).await;
    speak(&browser, "zh-Hant").await;
    keep(&browser, "/portal/", "html[lang='zh-Hant'] main", "worklist-zh-Hant", DESK_HEIGHT).await;
    browser.show_as(Look::DRIVER.dark()).await;
    speak(&browser, "lo").await;
    keep(&browser, "/portal/", "html[lang='lo'] main", "worklist-lo-phone", PHONE_HEIGHT).await;
    browser.close().await;
}

async fn in_the_ward(driver: &str, morning: &Morning) {
    let ward = morning.sites["hk-hkch"].as_str();
    let browser = window(driver, morning, ("clinician", "NN-12"), &[ward], TABLET).await;
    let receive = format!("/portal/transfers/{}/receive", morning.boxes["hk-hkch"]);
    browser.visit(&receive).await;
    let bottle = browser.shows(".bottle:nth-of-type(2) .id").await;
    keep(&browser, &format!("{receive}?had=0i&code={bottle}"), ".verdict-yes", "receive", 1_400).await;
    keep(&browser, "/portal/scan", "#photo", "scan", 900).await;
    browser.visit("/portal/requests/new").await;
    for (field, text) in [("#infant", "INF-0137"), ("#day", "4"), ("#bw", "860"), ("#weeks", "26+3")] {
        browser.fill(field, text).await;
    }
    browser.shows("main form").await;
    browser.small_picture("request", 1_600).await;
    keep(&browser, "/portal/components", "main", "components", 1_400).await;
    browser.close().await;
}

async fn at_the_console(driver: &str, morning: &Morning) -> String {
    let browser = window(driver, morning, ("dispatcher", "CD-02"), &[], Look::DESK).await;
    keep(&browser, "/portal/dispatch", ".gantt .pick", "dispatch", 1_800).await;
    browser.show_as(TABLET.dark()).await;
    keep(&browser, "/portal/dispatch", ".gantt .pick", "dispatch-dark", 1_800).await;
    browser.show_as(Look::DESK).await;
    browser.visit(&format!("/portal/dispatch?sel={}", morning.boxes["hk-qmh"])).await;
    browser.shows("details.route summary").await;
    if !browser.has("details.route[open]").await {
        browser.press("details.route summary").await;
    }
    browser.press("form[action$='/link'] button").await;
    let address = browser.shows(".told").await;
    browser.close().await;
    address
}

async fn on_the_road(driver: &str, morning: &Morning, address: &str) {
    let (_, path) = address.split_once("/portal/").expect("an address of the portal");
    let signal = Signal::to(&morning.hub.base);
    let phone = Browser::open(driver, &signal.base, Look::DRIVER).await;
    phone.visit(&format!("/portal/{path}")).await;
    phone.press("form[action$='/start'] button").await;
    keep(&phone, &format!("/portal/{path}"), "[data-stop]", "driver", PHONE_HEIGHT).await;
    phone.shows("html[data-kept]").await;
    signal.lose();
    phone.offline(true).await;
    phone.press("[data-stop] form.thumb button").await;
    phone.fill("[data-stop] form[data-then=next] [name=seal_number]", &seal_of("hk-qmh")).await;
    phone.press("[data-stop] form[data-then=next].card button[type=submit]").await;
    phone.shows("#unsent:not([hidden])").await;
    phone.show_as(Look::DRIVER.dark()).await;
    phone.small_picture("driver-without-signal", PHONE_HEIGHT).await;
    signal.find();
    phone.offline(false).await;
    phone.shows("body:has(#unsent[hidden])").await;
    phone.close().await;
}

#[test]
fn pictures_of_the_pages() {
    let Some(driver) = driver_url() else { return };
    block_on(async {
        let morning = Morning::busy().await;
        let (offer, recall) = ask_and_recall(&morning).await;
        at_the_bank(&driver, &morning, &offer, &recall).await;
        in_the_ward(&driver, &morning).await;
        let address = at_the_console(&driver, &morning).await;
        on_the_road(&driver, &morning, &address).await;
        morning.hub.finish().await;
    });
}
