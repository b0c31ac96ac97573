//! What every page has: careful headers, files that may be kept, six languages, and the right readers.

use super::browser::Browser;
use crate::hub::TestHub;
use crate::hub_test;

hub_test!(
    every_page_has_careful_headers,
    files_are_kept_for_ever_under_a_name_that_changes,
    every_language_is_spoken_on_every_page,
    a_page_that_is_not_there_says_so,
    light_and_dark_are_remembered,
);

/// The languages and a word of the worklist in each.
const LANGUAGES: [(&str, &str); 6] = [
    ("en", "Worklist"),
    ("fr", "À faire"),
    ("vi", "Việc cần làm"),
    ("zh-Hans", "工作清单"),
    ("zh-Hant", "工作清單"),
    ("lo", "ລາຍການວຽກ"),
];

/// A page of each kind.
const PAGES: [&str; 9] = [
    "/portal/components",
    "/portal/",
    "/portal/sign-in",
    "/portal/switch",
    "/portal/nowhere",
    "/portal/board",
    "/portal/requests",
    "/portal/requests/new",
    "/portal/offers/0199c6f0-0000-7000-8000-000000000001",
];

async fn every_page_has_careful_headers(hub: &TestHub) {
    let mut browser = Browser::of(hub, "bank_manager", &[&hub.region.bank]).await;
    for path in PAGES {
        let page = browser.open(path).await;
        let header = |name: &str| page.headers.get(name).map_or("", |value| value.to_str().unwrap());
        let policy = header("content-security-policy");
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(header("cache-control"), "no-store", "{path}");
        for inline in [" style=", "<style", " onclick=", "javascript:"] {
            assert!(!page.text.contains(inline), "{path} has {inline}");
        }
        for script in page.text.split("<script").skip(1) {
            assert!(script.contains(" src=\"/portal/assets/"), "{path}: {script}");
        }
    }
}

async fn files_are_kept_for_ever_under_a_name_that_changes(hub: &TestHub) {
    let mut browser = Browser::new(hub);
    let door = browser.open("/portal/sign-in").await.expect(200);
    let style = door.text.split("href=\"").find(|part| part.contains("style.css")).unwrap();
    let style = style.split('"').next().unwrap().to_owned();
    let answer = browser.open(&style).await.expect(200);
    assert!(answer.headers["cache-control"].to_str().unwrap().contains("immutable"));
    assert_eq!(answer.headers["content-type"], "text/css; charset=utf-8");
    let old = browser.open("/portal/assets/0000000000000000/style.css").await.expect(200);
    assert_eq!(old.headers["cache-control"], "no-cache");
    browser.open("/portal/assets/0000000000000000/no-such.css").await.expect(404);
}

async fn every_language_is_spoken_on_every_page(hub: &TestHub) {
    let mut browser = Browser::of(hub, "bank_manager", &[&hub.region.bank]).await;
    for (tag, word) in LANGUAGES {
        let page = browser.open("/portal/").await.expect(200);
        let chosen = page.form("/portal/language").with("language", tag);
        let page = browser.send_and_follow(&chosen).await.saying(word);
        assert!(page.says(&format!("<html lang=\"{tag}\"")), "{tag}");
        for path in PAGES {
            let page = browser.open(path).await;
            assert!(!page.says("⟦"), "{tag} {path}: {}", page.text);
        }
    }
    // Another browser of the same person speaks as they chose; a stranger's as it asks.
    let mut elsewhere = Browser::new(hub);
    elsewhere.set_cookie("__Host-milkbridge", browser.cookie("__Host-milkbridge").unwrap());
    elsewhere.open("/portal/").await.saying("<html lang=\"lo\"");
    let mut stranger = Browser::new(hub).sending("accept-language", "fr-CH, fr;q=0.9, en;q=0.8");
    stranger.open("/portal/sign-in").await.saying("Se connecter");
}

async fn a_page_that_is_not_there_says_so(hub: &TestHub) {
    let mut browser = Browser::of(hub, "clinician", &[&hub.region.unit]).await;
    browser.open("/portal/nowhere").await.expect(404).saying("There is nothing here").saying("Request id");
    browser.open("/portal/assets/x").await.expect(404);
}

async fn light_and_dark_are_remembered(hub: &TestHub) {
    let mut browser = Browser::new(hub);
    let door = browser.open("/portal/sign-in").await.expect(200);
    assert!(!door.says("data-theme"), "the system decides");
    browser.send(&door.form("/portal/theme").with("theme", "dark")).await.expect(303);
    let door = browser.open("/portal/sign-in").await.saying("data-theme=\"dark\"");
    browser.send(&door.form("/portal/theme").with("theme", "system")).await.expect(303);
    assert!(!browser.open("/portal/sign-in").await.says("data-theme"));
}
