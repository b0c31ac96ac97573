//! What is done at a desk: people and clients, whose secrets are shown once, the audit, the words of the trade.

use super::browser::{Browser, Page};
use crate::hub::TestHub;
use crate::hub::region::released_lot;
use crate::hub::wire::id;
use crate::hub_test;

hub_test!(
    a_person_is_made_signs_in_and_is_disabled,
    a_client_gets_a_secret_that_is_shown_once,
    an_address_is_told_and_its_secret_is_shown_once,
    the_audit_tells_who_did_what,
    a_manager_reads_the_audit_of_their_own_site,
    pages_at_a_desk_speak_every_language,
);

/// What a page tells to be copied, by its place.
fn told(page: &Page, place: usize) -> String {
    let parts = page.text.split("class=\"id told\">").nth(place + 1).expect("something is told");
    parts.split('<').next().unwrap().to_owned()
}

async fn a_person_is_made_signs_in_and_is_disabled(hub: &TestHub) {
    let mut admin = Browser::of(hub, "hub_administrator", &[]).await;
    let form = admin.open("/portal/users/new").await.expect(200).form("/portal/users/new");
    let empty = admin.send(&form.clone().with("role", "clinician")).await.expect(422);
    empty.saying("No account was made").saying("Enter a value");
    let form = form.with("name", "Nurse of the south").with("email", "nurse@south.example").with("role", "clinician");
    admin.send(&form).await.expect(422).saying("Needed here");
    let form = form.with("sites", &hub.region.unit);
    let made = admin.send(&form).await.expect(200).saying("kept nowhere");
    let password = told(&made, 1);
    assert_eq!(password.len(), 23, "{password}");
    let again = admin.send(&form).await.expect(200);
    assert_eq!(told(&again, 1), password, "sent twice, made once");
    let people = hub.admin.all("/v1/users").await;
    assert_eq!(people.iter().filter(|user| user["email"] == "nurse@south.example").count(), 1);

    let mut nurse = Browser::new(hub);
    nurse.sign_in("nurse@south.example", &password).await.expect(303);
    nurse.open("/portal/users").await.expect(403);
    let list = admin.open("/portal/users").await.expect(200).saying("Nurse of the south").saying("south-unit");
    let address = list.text.split("href=\"/portal/users/").find(|part| part.contains("Nurse of the south")).unwrap();
    let address = format!("/portal/users/{}", address.split('"').next().unwrap());
    let page = admin.open(&address).await.expect(200);
    let page = admin.send_and_follow(&page.form(&address).with("name", "Ward nurse")).await.saying("Ward nurse");
    let off = page.form(&format!("{address}/state")).with("state", "disabled");
    admin.send_and_follow(&off).await.saying("Nobody gets in");
    nurse.open("/portal/").await.expect(303);
    admin.send(&off.with("once", "0199c6f0-0000-7000-8000-000000000009")).await.expect(409);
}

async fn a_client_gets_a_secret_that_is_shown_once(hub: &TestHub) {
    let mut admin = Browser::of(hub, "hub_administrator", &[]).await;
    admin.open("/portal/clients").await.expect(200);
    let form = admin.open("/portal/clients/new").await.expect(200).form("/portal/clients/new");
    let form = form.with("name", "Ward system").with("role", "partner").with("sites", &hub.region.unit);
    admin.send(&form.clone().with("keys", "not keys")).await.expect(422).saying("cannot be used");
    let made = admin.send(&form).await.expect(200);
    let (client, secret) = (told(&made, 0), told(&made, 1));
    assert!(secret.starts_with("mbs_"), "{secret}");
    let list = admin.open("/portal/clients").await.expect(200).saying("Ward system");
    assert!(!list.says(&secret), "it is shown once");
    admin.send(&form).await.expect(200).saying(&secret);
    hub.advance_to("2026-01-05T08:30:00Z").await;
    let again = admin.send_and_follow(&form).await.saying("This was done before");
    assert!(!again.says(&secret), "it is kept nowhere");
    let off = list.form(&format!("/portal/clients/{client}/state")).with("state", "disabled");
    admin.send_and_follow(&off).await.saying("Enable again");
}

async fn an_address_is_told_and_its_secret_is_shown_once(hub: &TestHub) {
    let mut bank = Browser::of(hub, "bank_manager", &[&hub.region.bank]).await;
    bank.open("/portal/webhooks").await.expect(200).saying("No address yet");
    let form =
        bank.open("/portal/webhooks/new").await.expect(200).saying("journey.delayed").form("/portal/webhooks/new");
    bank.send(&form).await.expect(422).saying("No address was made").saying("Enter a value");
    let form = form.with("name", "Ward system").with("url", "https://10.1.2.3/hook").with("kinds", "lot.released");
    bank.send(&form).await.expect(422).saying("a network that the hub does not send to");
    let form = form.with("url", "https://93.184.216.34/hook");
    let made = bank.send(&form).await.expect(200);
    let secret = told(&made, 0);
    assert!(secret.starts_with("whsec_"), "{secret}");
    assert_eq!(told(&bank.send(&form).await.expect(200), 0), secret, "sent twice, made once");
    let list = bank.open("/portal/webhooks").await.expect(200).saying("Ward system").saying("1 kind of event");
    assert!(!list.says(&secret), "it is shown once");
    let rest = list.text.split("href=\"/portal/webhooks/").find(|rest| rest.contains("Ward system")).unwrap();
    let address = format!("/portal/webhooks/{}", rest.split('"').next().unwrap());
    let page = bank.open(&address).await.expect(200).saying("lot.released");
    assert!(!page.says(&secret));
    bank.send_and_follow(&page.form(&format!("{address}/test"))).await.saying("webhook.test").saying("Waiting");
    let page = bank.send_and_follow(&page.form(&format!("{address}/state")).with("state", "paused")).await;
    let page = page.saying("Paused. What happens waits");
    let other = bank.send(&page.form(&format!("{address}/secret"))).await.expect(200);
    assert_ne!(told(&other, 0), secret);
    let mut apart = Browser::of(hub, "bank_manager", &[&hub.region.apart]).await;
    apart.open(&address).await.expect(404);
    Browser::of(hub, "clinician", &[&hub.region.bank]).await.open("/portal/webhooks").await.expect(403);
    let page = bank.open(&address).await.expect(200);
    bank.send_and_follow(&page.form(&format!("{address}/remove"))).await.saying("The address is removed");
    bank.open(&address).await.expect(404);
}

async fn the_audit_tells_who_did_what(hub: &TestHub) {
    let bank = hub.manager_at(&hub.region.bank).await;
    let lot = released_lot(&bank, &hub.region.bank, "L-1", 2).await;
    let mut auditor = Browser::of(hub, "auditor", &[]).await;
    auditor.open("/portal/audit").await.expect(200).saying("lot.released").saying("site.policy_signed");
    let narrowed = auditor.open("/portal/audit?action=lot.released").await.expect(200).saying(id(&lot).as_str());
    assert!(!narrowed.says("site.policy_signed"));
    auditor.open(&format!("/portal/audit?subject={}", id(&lot))).await.saying("lot.registered");
    auditor.open("/portal/audit?from=2031-01-01").await.expect(200).saying("No entry fits");
    auditor.open("/portal/audit?verify=yes").await.expect(200).saying("Whole").saying("Note this head");
    let file = auditor.open("/portal/audit?action=lot.&export=csv").await.expect(200);
    assert!(file.text.contains("lot.released") && file.text.contains("lot.registered"), "{}", file.text);
}

async fn a_manager_reads_the_audit_of_their_own_site(hub: &TestHub) {
    let bank = hub.manager_at(&hub.region.bank).await;
    released_lot(&bank, &hub.region.bank, "L-1", 2).await;
    let mut own = Browser::of(hub, "bank_manager", &[&hub.region.bank]).await;
    own.open("/portal/audit").await.expect(200).saying("lot.released");
    own.open("/portal/audit?verify=yes").await.expect(200).saying("lot.released");
    let mut other = Browser::of(hub, "bank_manager", &[&hub.region.apart]).await;
    assert!(!other.open("/portal/audit").await.expect(200).says("lot.released"));
    let mut nurse = Browser::of(hub, "clinician", &[&hub.region.bank]).await;
    nurse.open("/portal/audit").await.expect(403);
}

async fn pages_at_a_desk_speak_every_language(hub: &TestHub) {
    let mut admin = Browser::of(hub, "hub_administrator", &[]).await;
    let mut bank = Browser::of(hub, "bank_manager", &[&hub.region.bank]).await;
    let of_admin = [
        "/portal/more",
        "/portal/users",
        "/portal/users/new",
        "/portal/clients",
        "/portal/clients/new",
        "/portal/audit?verify=yes",
    ];
    let of_bank = [
        "/portal/more",
        "/portal/glossary",
        "/portal/import?kind=lots",
        "/portal/import?kind=bottles",
        "/portal/import?kind=counts",
        "/portal/audit",
        "/portal/webhooks",
        "/portal/webhooks/new",
    ];
    for language in ["en", "fr", "vi", "zh-Hans", "zh-Hant", "lo"] {
        for (browser, pages) in [(&mut admin, &of_admin[..]), (&mut bank, &of_bank[..])] {
            let page = browser.open("/portal/more").await.expect(200);
            browser.send(&page.form("/portal/language").with("language", language)).await.expect(303);
            for path in pages {
                let page = browser.open(path).await.expect(200);
                assert!(page.says(&format!("<html lang=\"{language}\"")), "{language} {path}");
                assert!(!page.says("⟦"), "{language} {path}: {}", page.text);
                assert!(!page.says(" style=") && !page.says(" onclick="), "{path}");
            }
        }
    }
}
