//! Every page that a role reaches, as a person meets it: in six languages, light and dark, on the narrowest phone, with
//! text twice as large, and checked by axe-core. The pages are found by walking the portal's own links, so that a new
//! page is looked at without being named here.

use crate::hub::region::{self, published, released_lot, request_body};
use crate::hub::{Home, TestHub};
use crate::people::{person, sign_in, speak};
use crate::session::{Browser, Look, driver_url};
use crate::store::fixture::block_on;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// How many pages of one kind are looked at: lists lead to many of the same.
const OF_A_KIND: usize = 1;

/// A hub with something on every list, and a person of each role.
async fn busy_hub() -> TestHub {
    let hub = TestHub::start(Home::sqlite()).await;
    let bank = hub.manager_at(&hub.region.bank).await;
    let unit = hub.persona("clinician", &[&hub.region.unit]).await;
    for number in 1..=3 {
        let lot = released_lot(&bank, &hub.region.bank, &format!("L-{number}"), 6).await;
        published(&bank, &hub.region.bank, &lot).await;
    }
    unit.created("/v1/requests", &request_body(&hub.region.unit, "I-1", 200)).await;
    unit.created("/v1/requests", &request_body(&hub.region.unit, "I-2", 300)).await;
    let offers = region::matched(&bank, &hub.region.bank).await;
    let accepted = region::accepted(&bank, &offers[0]).await;
    assert_eq!(accepted["state"], "accepted");
    hub
}

/// A path with its identifiers taken out: pages of one kind share it.
fn kind_of(path: &str) -> String {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let parts = path.split('/').map(|part| if part.len() > 20 && part.contains('-') { "…" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

/// Every page that can be reached by links, one of each kind.
async fn walk(browser: &Browser) -> Vec<String> {
    let mut waiting = VecDeque::from(["/portal/".to_owned()]);
    let mut kinds: BTreeMap<String, usize> = BTreeMap::from([("/portal/".to_owned(), 1)]);
    let mut found = Vec::new();
    while let Some(path) = waiting.pop_front() {
        browser.visit(&path).await;
        let script = "return [...document.querySelectorAll('a[href^=\"/portal/\"]')]
            .filter(a => !a.hasAttribute('download')).map(a => a.getAttribute('href'))";
        for link in browser.eval(script).await.as_array().unwrap() {
            let link = link.as_str().unwrap();
            if ["assets", "sign-in", "switch", "stream", ".csv", ".pdf", ".xlsx"].iter().any(|part| link.contains(part))
            {
                continue;
            }
            let seen = kinds.entry(kind_of(link)).or_default();
            if *seen < OF_A_KIND {
                *seen += 1;
                waiting.push_back(link.to_owned());
            }
        }
        found.push(path);
    }
    found
}

/// What is wrong with a page as it stands.
pub async fn faults(browser: &Browser, at: &str) -> Vec<String> {
    let mut wrong: Vec<String> =
        browser.barriers().await.into_iter().map(|barrier| format!("{at}: {barrier}")).collect();
    let sideways = browser.sideways().await;
    if sideways > 0 {
        wrong.push(format!("{at}: scrolls {sideways} px sideways"));
    }
    if browser.text().await.contains('⟦') {
        wrong.push(format!("{at}: a text is missing"));
    }
    wrong
}

/// Looks at one page in every look; the window stays on it.
pub async fn look_at(browser: &Browser, page: &str, at: &str, file: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    for (name, look) in [("light", Look::DESK), ("dark", Look::DESK.dark()), ("phone", Look::PHONE)] {
        browser.show_as(look).await;
        browser.visit(page).await;
        wrong.extend(faults(browser, &format!("{at} {name}")).await);
        browser.picture(&format!("{file}-{name}")).await;
    }
    browser.show_as(Look::DESK).await;
    browser.visit(page).await;
    browser.eval("document.documentElement.style.fontSize = '200%'; return true").await;
    let sideways = browser.sideways().await;
    if sideways > 0 {
        wrong.push(format!("{at}, text twice as large: scrolls {sideways} px sideways"));
    }
    wrong
}

/// Every page of every role in one language; a page that looks the same to several roles is looked at once, the home
/// of each role always.
fn look_at_pages(language: &'static str) {
    let Some(driver) = driver_url() else { return };
    block_on(async {
        let hub = busy_hub().await;
        let (bank, unit) = (hub.region.bank.clone(), hub.region.unit.clone());
        let mut looked = BTreeSet::new();
        let mut wrong = Vec::new();
        for (role, sites) in [
            ("bank_manager", vec![bank.as_str()]),
            ("clinician", vec![unit.as_str()]),
            ("hub_administrator", Vec::new()),
            ("auditor", Vec::new()),
            ("dispatcher", vec![bank.as_str()]),
        ] {
            let email = person(&hub, role, &sites).await;
            let browser = Browser::open(&driver, &hub.base, Look::DESK).await;
            sign_in(&browser, &email).await;
            speak(&browser, language).await;
            let pages = walk(&browser).await;
            assert!(pages.len() > 1, "the portal links to nothing for {role}: {pages:?}");
            for page in pages {
                if page != "/portal/" && !looked.insert(kind_of(&page)) {
                    continue;
                }
                let name = kind_of(&page).trim_matches('/').replace('/', "-");
                let at = format!("{role} {page} {language}");
                wrong.extend(look_at(&browser, &page, &at, &format!("{role}-{name}-{language}")).await);
            }
            browser.close().await;
        }
        assert!(wrong.is_empty(), "{} faults:\n{}", wrong.len(), wrong.join("\n"));
        hub.finish().await;
    });
}

#[test]
fn pages_in_english() {
    look_at_pages("en");
}

#[test]
fn pages_in_french() {
    look_at_pages("fr");
}

#[test]
fn pages_in_vietnamese() {
    look_at_pages("vi");
}

#[test]
fn pages_in_simplified_chinese() {
    look_at_pages("zh-Hans");
}

#[test]
fn pages_in_traditional_chinese() {
    look_at_pages("zh-Hant");
}

#[test]
fn pages_in_lao() {
    look_at_pages("lo");
}
