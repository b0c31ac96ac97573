//! Who gets in, what keeps them out, and that nothing typed is lost on the way.

use super::browser::{Browser, PASSWORD, person};
use crate::hub::TestHub;
use crate::hub_test;
use diesel::connection::SimpleConnection;
use milkbridge::store::StoreError;

const COOKIE: &str = "__Host-milkbridge";

hub_test!(
    a_person_signs_in_and_out,
    a_wrong_password_opens_nothing,
    an_idle_session_is_locked_until_the_password_is_shown,
    a_form_survives_the_lock,
    a_form_survives_the_end_of_the_session,
    a_form_without_its_token_is_refused,
    a_form_of_an_earlier_session_waits_for_a_word,
    a_form_is_for_the_site_that_its_page_was_opened_at,
    a_form_of_another_site_is_refused,
    the_next_person_ends_the_session_of_the_last,
    a_changed_account_ends_its_sessions,
);

/// Moves every session's clock, as if so many minutes had passed.
async fn let_pass(hub: &TestHub, minutes: i64) {
    let micros = minutes * 60_000_000;
    let sql = format!("UPDATE portal_sessions SET seen_at = seen_at - {micros}, ends_at = ends_at - {micros}");
    hub.store().write(move |conn| conn.batch_execute(&sql).map_err(StoreError::from)).await.unwrap();
}

async fn a_person_signs_in_and_out(hub: &TestHub) {
    let email = person(hub, "bank_manager", &[&hub.region.bank]).await;
    let mut browser = Browser::new(hub);
    assert_eq!(browser.open("/").await.expect(303).location(), "/portal/");
    let away = browser.open("/portal/?show=offers").await.expect(303);
    assert_eq!(away.location(), "/portal/sign-in?to=/portal/%3Fshow%3Doffers");
    let door = browser.open(away.location()).await.expect(200);
    let form = door.form("/portal/sign-in").with("door-email", &email).with("door-password", PASSWORD);
    let answer = browser.send(&form).await.expect(303);
    assert_eq!(answer.location(), "/portal/?show=offers", "one comes to where one wanted to go");
    let set = answer.headers.get("set-cookie").unwrap().to_str().unwrap();
    for part in ["__Host-milkbridge=", "Secure", "HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(set.contains(part), "{set}");
    }
    assert!(!set.contains("Max-Age") && !set.contains("Domain"), "{set}");
    let home = browser.open("/portal/").await.expect(200).saying("north-bank").saying("Bank manager");
    let old = browser.cookie(COOKIE).unwrap().to_owned();
    browser.send(&home.form("/portal/sign-out")).await.expect(303);
    assert_eq!(browser.cookie(COOKIE), None);
    browser.set_cookie(COOKIE, &old);
    browser.open("/portal/").await.expect(303);
}

async fn a_wrong_password_opens_nothing(hub: &TestHub) {
    let email = person(hub, "clinician", &[&hub.region.unit]).await;
    let mut browser = Browser::new(hub);
    let answer = browser.sign_in(&email, "not the password at all").await.expect(401);
    let answer = answer.saying("Address or password is wrong");
    assert_eq!(browser.cookie(COOKIE), None);
    let form = answer.form("/portal/sign-in");
    assert!(form.fields.contains(&("door-email".to_owned(), email)), "the address is kept: {form:?}");
    assert!(!answer.says("not the password"), "the password is not");
    browser.sign_in("nobody@hospital.example", PASSWORD).await.expect(401).saying("Address or password is wrong");
}

async fn an_idle_session_is_locked_until_the_password_is_shown(hub: &TestHub) {
    let mut browser = Browser::of(hub, "bank_manager", &[&hub.region.bank]).await;
    let_pass(hub, 14).await;
    browser.open("/portal/").await.expect(200);
    let_pass(hub, 16).await;
    let lock = browser.open("/portal/?show=alarms").await.expect(401).saying("Locked");
    assert!(!lock.says("north-bank"), "a locked page shows nothing");
    let form = lock.form("/portal/unlock");
    browser.send(&form.clone().with("door-password", "something else entirely")).await.expect(401);
    let answer = browser.send(&form.with("door-password", PASSWORD)).await.expect(303);
    assert_eq!(answer.location(), "/portal/?show=alarms");
    browser.open("/portal/").await.expect(200);
}

async fn a_form_survives_the_lock(hub: &TestHub) {
    let mut browser = Browser::of(hub, "bank_manager", &[&hub.region.bank]).await;
    let page = browser.open("/portal/").await.expect(200);
    let form = page.form("/portal/shortcuts").with("shortcuts", "off").with("note", "Đã gọi điện & đợi");
    let_pass(hub, 20).await;
    let lock = browser.send(&form).await.expect(401).saying("What you typed is kept");
    let kept = lock.form("/portal/shortcuts");
    assert!(kept.fields.contains(&("note".to_owned(), "Đã gọi điện & đợi".to_owned())), "{kept:?}");
    let wrong = browser.send(&kept.with("door-password", "a wrong one, typed in haste")).await.expect(401);
    let again = wrong.form("/portal/shortcuts");
    browser.send(&again.with("door-password", PASSWORD)).await.expect(303);
    browser.open("/portal/").await.expect(200).saying("Switch single-key shortcuts on");
}

async fn a_form_survives_the_end_of_the_session(hub: &TestHub) {
    let email = person(hub, "bank_manager", &[&hub.region.bank]).await;
    let mut browser = Browser::new(hub);
    browser.sign_in(&email, PASSWORD).await.expect(303);
    let page = browser.open("/portal/").await.expect(200);
    let form = page.form("/portal/shortcuts").with("shortcuts", "off");
    let_pass(hub, 14 * 60).await;
    let door = browser.send(&form).await.expect(401).saying("What you typed is kept");
    let kept = door.form("/portal/shortcuts").with("door-email", &email).with("door-password", PASSWORD);
    browser.send(&kept).await.expect(303);
    browser.open("/portal/").await.expect(200).saying("Switch single-key shortcuts on");
}

async fn a_form_without_its_token_is_refused(hub: &TestHub) {
    let mut browser = Browser::of(hub, "bank_manager", &[&hub.region.bank]).await;
    let mut other = Browser::of(hub, "bank_manager", &[&hub.region.bank]).await;
    let page = browser.open("/portal/").await.expect(200);
    let form = page.form("/portal/shortcuts").with("shortcuts", "off");
    browser.send(&form.clone().without("form-token")).await.expect(403).saying("Nothing was changed");
    browser.send(&form.clone().with("form-token", "AAAA")).await.expect(409).saying("Nothing was changed yet");
    other.send(&form).await.expect(409).saying("Is this form still meant?");
    other.open("/portal/").await.expect(200).saying("Switch single-key shortcuts off");
    browser.open("/portal/").await.expect(200).saying("Switch single-key shortcuts off");
}

/// Two windows of one person: in one they signed in again, in the other a form still waits.
async fn a_form_of_an_earlier_session_waits_for_a_word(hub: &TestHub) {
    let email = person(hub, "bank_manager", &[&hub.region.bank]).await;
    let mut browser = Browser::new(hub);
    browser.sign_in(&email, PASSWORD).await.expect(303);
    let form = browser.open("/portal/").await.expect(200).form("/portal/shortcuts").with("shortcuts", "off");
    let switch = browser.open("/portal/switch").await.expect(200);
    let again = switch.form("/portal/switch").with("door-email", &email).with("door-password", PASSWORD);
    browser.send(&again).await.expect(303);
    let asked = browser.send(&form).await.expect(409).saying("Send as").saying("north-bank");
    browser.send(&asked.form("/portal/shortcuts")).await.expect(303);
    browser.open("/portal/").await.expect(200).saying("Switch single-key shortcuts on");
}

/// What was typed for one site is not done at another because somebody went there in another window.
async fn a_form_is_for_the_site_that_its_page_was_opened_at(hub: &TestHub) {
    let mut browser = Browser::of(hub, "bank_manager", &[&hub.region.bank, &hub.region.unit]).await;
    let page = browser.open("/portal/").await.expect(200);
    browser.send(&page.form("/portal/site").with("site", &hub.region.bank)).await.expect(303);
    let page = browser.open("/portal/requests/new").await.expect(200);
    let request = page.form("/portal/requests/new").with("weight", "950");
    let mut other = browser.window();
    other.send(&page.form("/portal/site").with("site", &hub.region.unit)).await.expect(303);
    let asked = browser.send(&request).await.expect(409).saying("Is this form still meant?").saying("south-unit");
    let kept = asked.form("/portal/requests/new");
    assert!(kept.fields.contains(&("weight".to_owned(), "950".to_owned())), "nothing typed is lost: {kept:?}");
    assert!(kept.fields.contains(&("form-site".to_owned(), hub.region.unit.clone())), "{kept:?}");
    other.send(&page.form("/portal/site").with("site", &hub.region.bank)).await.expect(303);
    // Back where it was meant, the form is read; it lacks what else a request needs.
    browser.send(&request).await.expect(422);
}

async fn a_form_of_another_site_is_refused(hub: &TestHub) {
    let mut browser = Browser::of(hub, "bank_manager", &[&hub.region.bank]).await;
    let page = browser.open("/portal/").await.expect(200);
    let form = page.form("/portal/shortcuts").with("shortcuts", "off");
    for (name, value) in
        [("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site"), ("origin", "https://x.example")]
    {
        browser.window().sending(name, value).send(&form).await.expect(403);
    }
    browser.window().sending("sec-fetch-site", "same-origin").send(&form).await.expect(303);
}

async fn the_next_person_ends_the_session_of_the_last(hub: &TestHub) {
    let mut browser = Browser::of(hub, "bank_manager", &[&hub.region.bank]).await;
    let mut left = browser.window();
    let nurse = person(hub, "clinician", &[&hub.region.unit]).await;
    let switch = browser.open("/portal/switch").await.expect(200);
    let form = switch.form("/portal/switch").with("door-email", &nurse).with("door-password", PASSWORD);
    let home = browser.send_and_follow(&form).await.saying("south-unit");
    assert!(!home.says("north-bank"));
    left.open("/portal/").await.expect(303);
}

async fn a_changed_account_ends_its_sessions(hub: &TestHub) {
    let email = person(hub, "bank_manager", &[&hub.region.bank]).await;
    let mut browser = Browser::new(hub);
    browser.sign_in(&email, PASSWORD).await.expect(303);
    let people = hub.admin.all("/v1/users").await;
    let them = people.iter().find(|user| user["email"] == email).unwrap();
    let path = format!("/v1/users/{}", them["id"].as_str().unwrap());
    let change = serde_json::json!({ "state": "disabled" });
    hub.admin.change(reqwest::Method::PATCH, &path, them["version"].as_i64().unwrap(), &change).await.expect(200);
    browser.open("/portal/").await.expect(303);
    browser.sign_in(&email, PASSWORD).await.expect(401);
}
