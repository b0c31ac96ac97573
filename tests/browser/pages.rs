//! Every page that a role reaches, as a person meets it: in six languages, light and dark, on the narrowest phone, with
//! text twice as large, and checked by axe-core. The pages are found by walking the portal's own links, so that a new
//! page is looked at without being named here.

use crate::hub::region::{self, published, released_lot, request_body};
use crate::hub::{Home, TestHub};
use crate::session::{Browser, Look, driver_url};
use crate::store::fixture::block_on;
use serde_json::json;
use std::collections::{BTreeMap, VecDeque};

const PASSWORD: &str = "seven plain words open this door";
const LANGUAGES: [&str; 6] = ["en", "fr", "vi", "zh-Hans", "zh-Hant", "lo"];
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

/// Lets a person of this role sign in.
async fn person(hub: &TestHub, role: &str, sites: &[&str]) -> String {
    let email = format!("{role}@portal.example");
    let body = json!({ "email": email, "display_name": role, "password": PASSWORD, "role": role, "site_ids": sites });
    hub.admin.created("/v1/users", &body).await;
    email
}

async fn sign_in(browser: &Browser, email: &str) {
    browser.visit("/portal/sign-in").await;
    browser.fill("input[name=door-email]", email).await;
    browser.fill("input[name=door-password]", PASSWORD).await;
    browser.press("main form button[type=submit]").await;
    browser.shows(".who-menu").await;
}

async fn speak(browser: &Browser, language: &str) {
    browser.press(&format!(".foot button[value='{language}']")).await;
    browser.shows(&format!("html[lang='{language}'] .foot button[value='{language}'][aria-current='true']")).await;
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
async fn faults(browser: &Browser, at: &str) -> Vec<String> {
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

/// The pages of one role, in every language and look.
fn look_at_pages(role: &'static str, at_unit: bool) {
    let Some(driver) = driver_url() else { return };
    block_on(async {
        let hub = busy_hub().await;
        let site = if at_unit { hub.region.unit.clone() } else { hub.region.bank.clone() };
        let of_sites: Vec<&str> = match role {
            "hub_administrator" | "auditor" | "dispatcher" => Vec::new(),
            _ => vec![&site],
        };
        let email = person(&hub, role, &of_sites).await;
        let browser = Browser::open(&driver, &hub.base, Look::DESK).await;
        sign_in(&browser, &email).await;
        let pages = walk(&browser).await;
        let mut wrong = Vec::new();
        for language in LANGUAGES {
            browser.show_as(Look::DESK).await;
            browser.visit("/portal/").await;
            speak(&browser, language).await;
            for page in &pages {
                for (name, look) in [("light", Look::DESK), ("dark", Look::DESK.dark()), ("phone", Look::PHONE)] {
                    browser.show_as(look).await;
                    browser.visit(page).await;
                    wrong.extend(faults(&browser, &format!("{role} {page} {language} {name}")).await);
                    let file =
                        format!("{role}-{}-{language}-{name}", kind_of(page).trim_matches('/').replace('/', "-"));
                    browser.picture(&file).await;
                }
                browser.show_as(Look::DESK).await;
                browser.visit(page).await;
                browser.eval("document.documentElement.style.fontSize = '200%'; return true").await;
                let sideways = browser.sideways().await;
                if sideways > 0 {
                    wrong
                        .push(format!("{role} {page} {language}, text twice as large: scrolls {sideways} px sideways"));
                }
            }
        }
        assert!(pages.len() > 1, "the portal links to nothing for {role}: {pages:?}");
        assert!(wrong.is_empty(), "{} faults:\n{}", wrong.len(), wrong.join("\n"));
        browser.close().await;
        hub.finish().await;
    });
}

#[test]
fn a_bank_managers_pages() {
    look_at_pages("bank_manager", false);
}

#[test]
fn a_clinicians_pages() {
    look_at_pages("clinician", true);
}

#[test]
fn an_auditors_pages() {
    look_at_pages("auditor", false);
}

#[test]
fn an_administrators_pages() {
    look_at_pages("hub_administrator", false);
}

#[test]
fn a_dispatchers_pages() {
    look_at_pages("dispatcher", false);
}
