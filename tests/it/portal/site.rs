//! A site's own pages: settings, policy set and its sign-off, surplus taken back, network, reports, first steps.

use super::browser::Browser;
use crate::hub::TestHub;
use crate::hub::region::{accepted, carried, matched, published, released_lot, request_body};
use crate::hub::wire::id;
use crate::hub_test;
use serde_json::json;

hub_test!(
    settings_are_changed_by_their_own_site,
    a_form_that_comes_too_late_loses_nothing,
    who_works_for_no_site_reads_the_clock_of_the_sites,
    a_policy_set_is_signed_by_a_named_person,
    surplus_is_taken_back,
    the_network_is_a_map_and_a_table,
    a_report_tells_what_became_of_milk,
    first_steps_stand_on_the_worklist_until_they_are_done,
    words_are_explained_where_they_stand,
    pages_of_a_site_speak_every_language,
);

async fn settings_are_changed_by_their_own_site(hub: &TestHub) {
    let mut bank = Browser::of(hub, "bank_manager", &[&hub.region.bank]).await;
    let page = bank.open("/portal/settings").await.expect(200).saying("north-bank").saying("Asia/Hong_Kong");
    let page = page.saying("Days left at delivery");
    let address = format!("/portal/settings/{}", hub.region.bank);
    let form = page.form(&address);
    let wrong = form.clone().with("monday", "from eight").with("reserve", "much").with("tiers", "first");
    let wrong = bank.send(&wrong).await.expect(422).saying("Nothing was changed").saying("Write times as");
    assert!(wrong.says("value=\"from eight\""), "what was typed is kept");
    let apart = form.clone().with("monday", "08:00-12:30, 11:00-18:00").with("tuesday", "18:00-08:00");
    bank.send(&apart).await.expect(422).saying("Two of these times overlap");
    bank.send(&form.clone().with("tiers", "9")).await.expect(422).saying("the tiers of this site's policy are 1, 2");
    bank.send(&form.clone().with("name", "north\u{202e}bank")).await.expect(422).saying("hidden characters");
    let form = form.with("monday", "8:00-12:30, 14:00-18:00").with("reserve", "1,500").with("accept", "yes");
    let done = bank.send_and_follow(&form.clone().with("tiers", "1 2").with("most", "600")).await;
    let done = done.saying("The settings are saved").saying("08:00-12:30, 14:00-18:00");
    assert!(done.says("value=\"1500\""));
    let site = hub.admin.found(&format!("/v1/sites/{}", hub.region.bank)).await;
    assert_eq!(site["reserve_ml"], 1500, "{site}");
    assert_eq!(site["standing_rule"]["accept_tiers"], json!([1, 2]), "{site}");
    let stale = form.with("once", "0199c6f0-0000-7000-8000-000000000009");
    bank.send(&stale).await.expect(409).saying("Somebody changed this");
    let mut nurse = Browser::of(hub, "clinician", &[&hub.region.unit]).await;
    let page = nurse.open("/portal/settings").await.expect(200);
    assert!(page.says("<fieldset disabled"), "who may not change it sees it");
}

async fn a_form_that_comes_too_late_loses_nothing(hub: &TestHub) {
    let mut first = Browser::of(hub, "bank_manager", &[&hub.region.bank]).await;
    let mut second = Browser::of(hub, "bank_manager", &[&hub.region.bank]).await;
    let address = format!("/portal/settings/{}", hub.region.bank);
    let form = first.open("/portal/settings").await.expect(200).form(&address).with("reserve", "250");
    let other = second.open("/portal/settings").await.expect(200).form(&address);
    second.send(&other.with("monday", "08:00-12:30")).await.expect(303);
    let late = first.send(&form).await.expect(409).saying("Somebody changed this");
    let late = late.saying("bank_manager: changed the settings").saying("opening hours");
    let late = late.saying("What you had typed").saying("<dd>250</dd>");
    assert_eq!(hub.admin.found(&format!("/v1/sites/{}", hub.region.bank)).await["reserve_ml"], 0, "nothing yet");
    first.send_and_follow(&late.form(&address)).await.saying("The settings are saved");
    assert_eq!(hub.admin.found(&format!("/v1/sites/{}", hub.region.bank)).await["reserve_ml"], 250);
}

async fn who_works_for_no_site_reads_the_clock_of_the_sites(hub: &TestHub) {
    let mut bank = Browser::of(hub, "bank_manager", &[&hub.region.bank]).await;
    assert!(!bank.open("/portal/").await.expect(200).says("Times of"), "a site has its own clock");
    for role in ["dispatcher", "hub_administrator"] {
        let mut browser = Browser::of(hub, role, &[]).await;
        browser.open("/portal/").await.expect(200).saying("Times of Asia/Hong Kong");
    }
}

async fn a_policy_set_is_signed_by_a_named_person(hub: &TestHub) {
    let mut document: serde_json::Value =
        serde_json::from_str(include_str!("../../../src/domain/policy/data/hk-ha.json")).unwrap();
    document["header"]["version"] = json!("next");
    let set = id(&hub.admin.created("/v1/policy-sets", &json!({ "document": document })).await);
    let mut bank = Browser::of(hub, "bank_manager", &[&hub.region.bank]).await;
    let page =
        bank.open("/portal/policy").await.expect(200).saying("In force here").saying("Signed for a demonstration");
    page.saying("Responsible person").saying("Delivery › Days left at delivery at least");
    let page =
        bank.open(&format!("/portal/policy?set={set}")).await.expect(200).saying("Nobody responsible has signed");
    let form = page.form("/portal/policy/sign").with("title", "Head of the bank");
    bank.send(&form).await.expect(422).saying("Nothing was signed").saying("Read the limits first");
    let done = bank.send_and_follow(&form.with("read", "yes")).await.saying("Signed. The site follows this set now");
    let done = done.saying("Head of the bank").saying("bank_manager");
    assert!(!done.says("Signed for a demonstration only"));
    let site = hub.admin.found(&format!("/v1/sites/{}", hub.region.bank)).await;
    assert_eq!(site["policy_set_id"], set.as_str(), "{site}");
    let mut other = Browser::of(hub, "bank_manager", &[&hub.region.apart]).await;
    let page = other.open(&format!("/portal/policy?set={set}")).await.expect(200);
    let form = page.form("/portal/policy/sign").with("title", "x").with("read", "yes").with("site", &hub.region.bank);
    other.send(&form).await.expect(404);
}

async fn surplus_is_taken_back(hub: &TestHub) {
    let bank = hub.manager_at(&hub.region.bank).await;
    let lot = released_lot(&bank, &hub.region.bank, "L-1", 4).await;
    let mut browser = Browser::of(hub, "bank_manager", &[&hub.region.bank]).await;
    browser.open("/portal/surplus").await.expect(200).saying("Nothing of ours is on the board");
    let offered = published(&bank, &hub.region.bank, &lot).await;
    let page = browser.open("/portal/surplus").await.expect(200).saying("L-1").saying("400 mL");
    let form = page.form(&format!("/portal/surplus/{}/withdraw", id(&offered)));
    browser.send_and_follow(&form).await.saying("Taken off the board").saying("Nothing of ours");
    browser.send(&form).await.expect(303);
    assert!(bank.all("/v1/surplus").await.iter().all(|line| line["available_bottles"] == 0));
    let mut other = Browser::of(hub, "bank_manager", &[&hub.region.apart]).await;
    other.send(&form).await.expect(409).saying("Nothing was changed yet");
}

async fn the_network_is_a_map_and_a_table(hub: &TestHub) {
    let closure = json!({
        "kind": "typhoon signal 8", "site_ids": [hub.region.unit], "starts_at": "2026-01-05T00:00:00Z",
        "ends_at": "2026-01-06T00:00:00Z",
    });
    hub.admin.created("/v1/closures", &closure).await;
    let mut nurse = Browser::of(hub, "clinician", &[&hub.region.unit]).await;
    let page = nurse.open("/portal/network").await.expect(200).saying("Sites: 3, banks: 1, closed now: 1");
    let page = page.saying("north-bank").saying("typhoon signal 8").saying("North and south").saying("leg-bad");
    assert_eq!(page.text.matches("<circle class=").count(), 3);
    let file = nurse.open("/portal/network?export=csv").await.expect(200);
    assert!(file.text.contains("typhoon signal 8") && file.text.contains("south-unit"), "{}", file.text);
}

async fn a_report_tells_what_became_of_milk(hub: &TestHub) {
    let bank = hub.manager_at(&hub.region.bank).await;
    let unit = hub.manager_at(&hub.region.unit).await;
    let lot = released_lot(&bank, &hub.region.bank, "L-1", 3).await;
    published(&bank, &hub.region.bank, &lot).await;
    unit.created("/v1/requests", &request_body(&hub.region.unit, "INF-1", 300)).await;
    let offers = matched(&bank, &hub.region.bank).await;
    let allocation = accepted(&bank, &offers[0]).await["allocation_id"].as_str().unwrap().to_owned();
    carried(&bank, &unit, &hub.region.courier, &[allocation]).await;
    let mut manager = Browser::of(hub, "bank_manager", &[&hub.region.bank]).await;
    let page = manager.open("/portal/reports").await.expect(200).saying("Lots: 1").saying("Boxes: 1");
    assert!(page.says("300 mL"));
    let mut nurse = Browser::of(hub, "clinician", &[&hub.region.unit]).await;
    nurse.open("/portal/reports").await.expect(200).saying("100 % of what was asked for");
    let bottle = id(&unit.all(&format!("/v1/bottles?site_id={}", hub.region.unit)).await[0]);
    let fate = json!({ "site_id": hub.region.unit, "items": [{ "bottle_id": bottle, "fate": "discarded", "reason": "damaged" }] });
    let told = unit.post("/v1/bottles/fates", &fate).await;
    assert!((200..300).contains(&told.status), "{}", told.text);
    let page = nurse.open("/portal/reports").await.expect(200).saying("Damaged").saying("<desc id=\"weeks-d\">");
    page.saying("Show the weeks as a table");
    nurse.open("/portal/reports?from=2020-01-01").await.expect(200).saying("at most 400 days");
    nurse.open("/portal/reports?from=soon").await.expect(400);
}

async fn first_steps_stand_on_the_worklist_until_they_are_done(hub: &TestHub) {
    let mut bank = Browser::of(hub, "bank_manager", &[&hub.region.bank]).await;
    bank.open("/portal/").await.expect(200).saying("First steps: 1 of 5 done").saying("Register the first lot");
    bank.open("/portal/setup").await.expect(200).saying("Done: 1 of 5").saying("/portal/lots/new");
    let manager = hub.manager_at(&hub.region.bank).await;
    released_lot(&manager, &hub.region.bank, "L-1", 1).await;
    bank.open("/portal/").await.expect(200).saying("First steps: 2 of 5 done");
    let mut nurse = Browser::of(hub, "clinician", &[&hub.region.unit]).await;
    assert!(!nurse.open("/portal/").await.expect(200).says("First steps"));
}

async fn words_are_explained_where_they_stand(hub: &TestHub) {
    let mut bank = Browser::of(hub, "bank_manager", &[&hub.region.bank]).await;
    let page = bank.open("/portal/settings").await.expect(200);
    let page =
        page.saying("aria-describedby=\"term-standing-rule\"").saying("role=\"tooltip\" id=\"term-standing-rule\"");
    assert!(page.says("data-training=\"Training\""), "a hub that is simulated says so on every page");
    bank.open("/portal/glossary").await.expect(200).saying("id=\"standing-rule\"");
}

async fn pages_of_a_site_speak_every_language(hub: &TestHub) {
    let mut bank = Browser::of(hub, "bank_manager", &[&hub.region.bank]).await;
    let mut auditor = Browser::of(hub, "auditor", &[]).await;
    let pages = [
        "/portal/settings",
        "/portal/policy",
        "/portal/surplus",
        "/portal/network",
        "/portal/reports",
        "/portal/setup",
    ];
    for language in ["en", "fr", "vi", "zh-Hans", "zh-Hant", "lo"] {
        let page = bank.open("/portal/more").await.expect(200);
        bank.send(&page.form("/portal/language").with("language", language)).await.expect(303);
        for path in pages {
            let page = bank.open(path).await.expect(200);
            assert!(page.says(&format!("<html lang=\"{language}\"")), "{language} {path}");
            assert!(!page.says("⟦"), "{language} {path}: {}", page.text);
            assert!(!page.says(" style=") && !page.says(" onclick="), "{path}");
        }
    }
    auditor.open(&format!("/portal/settings?site={}", hub.region.unit)).await.expect(200).saying("south-unit");
    auditor.open(&format!("/portal/policy?site={}", hub.region.unit)).await.expect(200).saying("In force here");
}
