//! A recall from the form to its end, and the way back from an infant, all without script; every page of milk in
//! every language.

use super::browser::Browser;
use crate::hub::TestHub;
use crate::hub::region::{accepted, carried, matched, published, released_lot, request_body};
use crate::hub::wire::id;
use crate::hub_test;

hub_test!(
    a_recall_is_opened_answered_and_closed,
    recalls_are_told_apart_by_their_lots,
    who_works_for_no_site_names_the_bank_of_a_recall,
    a_unit_answers_a_recall_and_traces_its_infant,
    pages_of_milk_speak_every_language,
);

async fn a_recall_is_opened_answered_and_closed(hub: &TestHub) {
    let bank = hub.manager_at(&hub.region.bank).await;
    let lot = released_lot(&bank, &hub.region.bank, "L-1", 3).await;
    let mut browser = Browser::of(hub, "bank_manager", &[&hub.region.bank]).await;
    browser.open("/portal/recalls").await.expect(200).saying("No recall");
    let form = browser.open("/portal/recalls/new").await.form("/portal/recalls/new");
    browser.send(&form).await.expect(422).saying("Nothing was recalled");
    let form = form.with("scope", "lot").with("reason", "late positive culture");
    browser.send(&form.clone().with("which", "L-9")).await.expect(422).saying("No lot of your bank fits this");
    let page = browser.send_and_follow(&form.with("which", "L-1")).await.saying("It is frozen everywhere");
    let page = page.saying("3 bottles, 300 mL frozen").saying("late positive culture").saying("north-bank");
    let address = page.text.split("action=\"/portal/recalls/").nth(1).unwrap().split('/').next().unwrap().to_owned();
    let address = format!("/portal/recalls/{address}");
    let answer = page.form(&format!("{address}/acknowledge"));
    browser.send_and_follow(&answer.clone().with("held", "")).await.saying("Say how many millilitres");
    let page =
        browser.send_and_follow(&answer.with("held", "300")).await.saying("Your answer is kept").saying("Acknowledged");
    assert!(page.find_form(&format!("{address}/close")).is_none(), "milk is left");
    browser.open(&format!("/portal/lots/{}", id(&lot))).await.saying("Recalled: do not use");
    browser.open("/portal/recalls").await.saying("All have answered");
}

async fn recalls_are_told_apart_by_their_lots(hub: &TestHub) {
    let bank = hub.manager_at(&hub.region.bank).await;
    for code in ["LOT 7 A", "L-1", "L-2", "L-3", "L-4"] {
        released_lot(&bank, &hub.region.bank, code, 3).await;
    }
    let mut browser = Browser::of(hub, "bank_manager", &[&hub.region.bank]).await;
    let form = browser.open("/portal/recalls/new").await.form("/portal/recalls/new");
    let form = form.with("scope", "lot").with("reason", "late positive culture");
    let far = form.clone().with("which", "L-1").with("respond_by", "2036-01-05T09:00");
    browser.send(&far).await.expect(422).saying("30 days");
    browser.send_and_follow(&form.with("which", "LOT 7 A")).await.saying("<h1>Lots LOT 7 A</h1>");
    let form = browser.open("/portal/recalls/new").await.form("/portal/recalls/new");
    let form = form.with("scope", "lot").with("reason", "cracked bottles");
    let listed = form.with("which", "L-1， L-2、L-3\nL-4");
    browser.send_and_follow(&listed).await.saying("<h1>Lots L-1, L-2, L-3 and 1 more</h1>");
    browser.open("/portal/recalls").await.saying("Lots LOT 7 A").saying("Lots L-1, L-2, L-3 and 1 more");
    browser.open("/portal/").await.saying("Lots LOT 7 A · Reason: late positive culture");
}

async fn who_works_for_no_site_names_the_bank_of_a_recall(hub: &TestHub) {
    let bank = hub.manager_at(&hub.region.bank).await;
    released_lot(&bank, &hub.region.bank, "L-1", 3).await;
    let mut admin = Browser::of(hub, "hub_administrator", &[]).await;
    admin.open("/portal/recalls").await.expect(200).saying("/portal/recalls/new");
    let form = admin.open("/portal/recalls/new").await.expect(200).form("/portal/recalls/new");
    let form = form.with("scope", "lot").with("which", "L-1").with("reason", "late positive culture");
    let form = form.with("site", "");
    let again = admin.send(&form).await.expect(422).saying("late positive culture");
    let form = again.form("/portal/recalls/new").with("site", &hub.region.bank);
    admin.send_and_follow(&form).await.saying("Lots L-1");
}

async fn a_unit_answers_a_recall_and_traces_its_infant(hub: &TestHub) {
    let bank = hub.manager_at(&hub.region.bank).await;
    let unit = hub.manager_at(&hub.region.unit).await;
    let lot = released_lot(&bank, &hub.region.bank, "L-1", 3).await;
    published(&bank, &hub.region.bank, &lot).await;
    unit.created("/v1/requests", &request_body(&hub.region.unit, "INF-1", 300)).await;
    let offers = matched(&bank, &hub.region.bank).await;
    let offer = accepted(&bank, &offers[0]).await;
    let allocation = offer["allocation_id"].as_str().unwrap().to_owned();
    carried(&bank, &unit, &hub.region.courier, &[allocation]).await;
    let recall = serde_json::json!({
        "site_id": hub.region.bank, "scope": "donor", "selector": { "donor_ref": "D-1" },
        "reason": "look-back", "respond_by": "2026-01-05T09:00:00Z",
    });
    let recall = bank.created("/v1/recalls", &recall).await;
    let address = format!("/portal/recalls/{}", id(&recall));
    let mut nurse = Browser::of(hub, "clinician", &[&hub.region.unit]).await;
    let page = nurse.open(&address).await.expect(200).saying("Donor D-1").saying("Find the bottles first");
    let form = page.form(&format!("{address}/acknowledge"));
    assert!(form.fields.contains(&("held".to_owned(), String::new())), "an answer is what was found: {form:?}");
    nurse.send_and_follow(&form.with("held", "300")).await.saying("Your answer is kept");
    nurse.open("/portal/trace?infant=INF-1").await.expect(200).saying("No feed on record");
    let mut apart = Browser::of(hub, "clinician", &[&hub.region.apart]).await;
    apart.open(&address).await.expect(404);
    apart.open(&format!("/portal/trace?site={}&infant=INF-1", hub.region.unit)).await.expect(404);
    let mut dispatcher = Browser::of(hub, "dispatcher", &[]).await;
    dispatcher.open("/portal/trace?infant=INF-1").await.expect(403);
}

async fn pages_of_milk_speak_every_language(hub: &TestHub) {
    let bank = hub.manager_at(&hub.region.bank).await;
    let lot = released_lot(&bank, &hub.region.bank, "L-1", 3).await;
    let recall = serde_json::json!({
        "site_id": hub.region.bank, "scope": "cycle", "selector": { "cycle_ref": "R-1" },
        "reason": "look-back", "respond_by": "2026-01-05T09:00:00Z",
    });
    let recall = bank.created("/v1/recalls", &recall).await;
    let mut browser = Browser::of(hub, "bank_manager", &[&hub.region.bank]).await;
    let pages = [
        "/portal/stock".to_owned(),
        "/portal/lots/new".to_owned(),
        format!("/portal/lots/{}", id(&lot)),
        "/portal/transfers".to_owned(),
        "/portal/transfers/new".to_owned(),
        "/portal/recalls".to_owned(),
        "/portal/recalls/new".to_owned(),
        format!("/portal/recalls/{}", id(&recall)),
        "/portal/trace".to_owned(),
        "/portal/scan?code=nothing".to_owned(),
    ];
    for language in ["en", "fr", "vi", "zh-Hans", "zh-Hant", "lo"] {
        let page = browser.open("/portal/stock").await.expect(200);
        browser.send(&page.form("/portal/language").with("language", language)).await.expect(303);
        for path in &pages {
            let page = browser.open(path).await;
            assert!(matches!(page.status, 200 | 404), "{language} {path}: {}", page.status);
            assert!(page.says(&format!("<html lang=\"{language}\"")), "{language} {path}");
            assert!(!page.says("⟦"), "{language} {path}: {}", page.text);
            assert!(!page.says(" style=") && !page.says(" onclick="), "{path}");
        }
    }
}
