//! Each role's day from the door to done, in six languages, by mouse and by keyboard alone, and without script.

use crate::hub::region::{matched, published, released_lot, request_body};
use crate::hub::{Home, TestHub};
use crate::people::{Hands, Worker, person, sign_in, speak};
use crate::session::{Browser, Look, driver_url};
use crate::store::fixture::block_on;

/// Three bottles offered to a unit.
async fn offered() -> TestHub {
    let hub = TestHub::start(Home::sqlite()).await;
    let bank = hub.manager_at(&hub.region.bank).await;
    let unit = hub.manager_at(&hub.region.unit).await;
    let lot = released_lot(&bank, &hub.region.bank, "L-1", 3).await;
    published(&bank, &hub.region.bank, &lot).await;
    unit.created("/v1/requests", &request_body(&hub.region.unit, "INF-1", 300)).await;
    assert_eq!(matched(&bank, &hub.region.bank).await.len(), 1);
    hub
}

/// A manager accepts an offer, plans the journey, packs, hands over and hands in.
async fn send_milk(at: &Worker<'_>) {
    let browser = at.browser;
    at.press("main a[href^='/portal/offers/']").await;
    at.press("form[action$='/accept'] button").await;
    browser.shows("main:not(:has(form[action$='/accept'])) #answer").await;
    at.go("/portal/transfers").await;
    at.press("main a[href='/portal/transfers/new']").await;
    at.press("form[action='/portal/transfers/new'] button[type=submit]").await;
    at.fill("form[action$='/pack'] #seal", "S-1").await;
    at.press("form[action$='/pack'] button[type=submit]").await;
    at.fill("form[action$='/collect'] #seal", "S-1").await;
    at.press("form[action$='/collect'] button[type=submit]").await;
    at.fill("form[action$='/deliver'] #signature", "porter, waybill 1").await;
    at.press("form[action$='/deliver'] button[type=submit]").await;
    browser.shows("main:not(:has(form[action$='/deliver'])) .custody").await;
}

/// A nurse takes the box in by scanning what is in it, and asks for the next milk.
async fn take_milk(at: &Worker<'_>) {
    let browser = at.browser;
    at.press("main a[href^='/portal/transfers/']").await;
    at.press("main a[href$='/receive']").await;
    browser.shows("#sc").await;
    for number in 1..=3 {
        at.scan(&format!("L-1-00{number}")).await;
        browser.shows(&format!(".verdict-yes ~ section progress[value='{number}']")).await;
    }
    at.fill("#seal", "S-1").await;
    at.tick("input[name=frozen][value=yes]").await;
    at.press("form[action$='/receive'][method=post] button[type=submit]").await;
    browser.shows("main:not(:has(#sc)) .custody").await;
}

async fn ask_for_milk(at: &Worker<'_>) {
    let browser = at.browser;
    at.go("/portal/requests").await;
    at.press("main a[href='/portal/requests/new']").await;
    at.fill("#infant", "INF-0137").await;
    at.fill("#day", "4").await;
    at.fill("#bw", "860").await;
    at.fill("#weeks", "26+3").await;
    at.choose_first("#why").await;
    at.fill("#rx", "RX-1").await;
    at.fill("#consent", "CO-1").await;
    at.press("button[name=act][value=send]").await;
    browser.shows(".page-note[role=status]").await;
}

fn day(language: &'static str, hands: Hands, look: Look) {
    let Some(driver) = driver_url() else { return };
    let narrow = look.width < 600;
    block_on(async {
        let hub = offered().await;
        let manager = person(&hub, "bank_manager", &[&hub.region.bank]).await;
        let nurse = person(&hub, "clinician", &[&hub.region.unit]).await;
        let browser = Browser::open(&driver, &hub.base, look).await;
        sign_in(&browser, &manager).await;
        speak(&browser, language).await;
        send_milk(&Worker { browser: &browser, hands, narrow }).await;
        browser.close().await;
        let browser = Browser::open(&driver, &hub.base, look).await;
        sign_in(&browser, &nurse).await;
        speak(&browser, language).await;
        let at = Worker { browser: &browser, hands, narrow };
        take_milk(&at).await;
        ask_for_milk(&at).await;
        assert!(browser.path().await.starts_with("/portal/requests/"), "{}", browser.title().await);
        assert!(!browser.has(".errors").await);
        browser.close().await;
        let unit = hub.manager_at(&hub.region.unit).await;
        let stock = unit.found(&format!("/v1/sites/{}/stock", hub.region.unit)).await;
        assert_eq!(stock["in_stock_ml"], 300, "{stock}");
        assert_eq!(unit.all("/v1/requests").await.len(), 2);
        hub.finish().await;
    });
}

macro_rules! days {
    ($($name:ident $language:literal),+ $(,)?) => {
        mod by_mouse { $(#[test] fn $name() { super::day($language, super::Hands::Mouse, super::Look::DESK); })+ }
        mod by_keyboard_alone { $(#[test] fn $name() { super::day($language, super::Hands::Keyboard, super::Look::DESK); })+ }
    };
}

days!(
    a_day_in_english "en",
    a_day_in_french "fr",
    a_day_in_vietnamese "vi",
    a_day_in_simplified_chinese "zh-Hans",
    a_day_in_traditional_chinese "zh-Hant",
    a_day_in_lao "lo",
);

#[test]
fn a_day_without_script() {
    day("en", Hands::Mouse, Look::DESK.without_script());
}

#[test]
fn a_day_on_the_narrowest_phone() {
    day("vi", Hands::Mouse, Look::PHONE);
}
