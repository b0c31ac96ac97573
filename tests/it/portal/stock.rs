//! Stock, a lot's page, registering a lot with its record, and surplus in three clicks, all without script.

use super::browser::{Browser, FormSeen};
use crate::hub::TestHub;
use crate::hub::region::{lot_body, released_lot};
use crate::hub::wire::id;
use crate::hub_test;
use serde_json::json;

hub_test!(
    stock_shows_lots_with_their_expiry,
    surplus_is_published_in_three_clicks,
    a_lot_shows_its_record_beside_the_limits,
    a_lot_that_fails_names_every_rule,
    a_hold_is_placed_and_lifted,
    a_lot_is_registered_by_its_form,
    what_is_missing_in_a_record_is_named_before_it_is_sent,
    nothing_that_was_typed_is_read_as_something_else,
    results_are_added_to_a_lot_that_waits,
    a_record_is_added_to_by_its_bank_alone_and_nothing_is_written_over,
    a_unit_sees_its_bottles_and_manages_nothing,
);

async fn stock_shows_lots_with_their_expiry(hub: &TestHub) {
    let bank = hub.manager_at(&hub.region.bank).await;
    released_lot(&bank, &hub.region.bank, "L-1", 6).await;
    let mut browser = Browser::of(hub, "bank_manager", &[&hub.region.bank]).await;
    let page = browser.open("/portal/stock").await.expect(200).saying("L-1").saying("600 mL");
    let page = page.saying("21 Mar 2026").saying("74 d").saying("In date").saying("Register a lot");
    assert!(page.says("Not known"), "nothing was fed or sent, so nothing is said about how long it lasts");
    let none = browser.open("/portal/stock?show=soon").await.expect(200).saying("Nothing to show here");
    assert!(!none.says(">L-1<"));
    browser.open("/portal/stock?q=l-1").await.expect(200).saying(">L-1<");
    browser.open("/portal/stock?q=other").await.expect(200).saying("Nothing to show here");
}

async fn surplus_is_published_in_three_clicks(hub: &TestHub) {
    let bank = hub.manager_at(&hub.region.bank).await;
    let lot = released_lot(&bank, &hub.region.bank, "L-1", 6).await;
    let mut browser = Browser::of(hub, "bank_manager", &[&hub.region.bank]).await;
    let picked = format!("/portal/surplus/new?line={}.100", id(&lot));
    browser.open("/portal/stock").await.saying(&format!("value=\"{}.100\"", id(&lot)));
    let form = browser.open(&picked).await.expect(200).form("/portal/surplus/new");
    let too_many = form.clone().with(&format!("bottles-{}.100", id(&lot)), "7");
    browser.send(&too_many).await.expect(422).saying("Nothing was published").saying("Fewer are free");
    let form = form.with(&format!("bottles-{}.100", id(&lot)), "4");
    let done = browser.send_and_follow(&form).await.saying("It is on the board");
    assert!(done.says("L-1"));
    browser.send(&form).await.expect(303);
    let board = bank.all("/v1/surplus").await;
    assert_eq!(board.len(), 1, "sent twice, published once: {board:?}");
    assert_eq!(board[0]["available_bottles"], 4);
    browser.open("/portal/surplus/new").await.expect(303);
}

async fn a_lot_shows_its_record_beside_the_limits(hub: &TestHub) {
    let bank = hub.manager_at(&hub.region.bank).await;
    let lot = released_lot(&bank, &hub.region.bank, "L-1", 2).await;
    let mut browser = Browser::of(hub, "bank_manager", &[&hub.region.bank]).await;
    let page = browser.open(&format!("/portal/lots/{}", id(&lot))).await.expect(200);
    let page = page.saying("Lot L-1").saying("Nothing stands against it").saying("L-1-002");
    let page = page.saying("At least 62.5").saying("1,830 s").saying("No growth").saying("Hepatitis C: non-reactive");
    assert!(page.says("Source: "), "every limit names its source");
    let mut other = Browser::of(hub, "bank_manager", &[&hub.region.apart]).await;
    other.open(&format!("/portal/lots/{}", id(&lot))).await.expect(404);
}

async fn a_lot_that_fails_names_every_rule(hub: &TestHub) {
    let bank = hub.manager_at(&hub.region.bank).await;
    let mut body = lot_body(&hub.region.bank, "L-1", 2, true);
    body["record"]["culture_after"] = serde_json::Value::Null;
    body["record"]["pasteurisation"]["hold_s"] = 1200.into();
    let lot = bank.created("/v1/lots", &body).await;
    let mut browser = Browser::of(hub, "bank_manager", &[&hub.region.bank]).await;
    let page = browser.open(&format!("/portal/lots/{}", id(&lot))).await.expect(200);
    let page = page.saying("rules are not met").saying("culture_missing").saying("pasteurisation_too_short");
    let page = page.saying("Not while a rule is not met").saying("Not on record");
    assert!(page.find_form(&format!("/portal/lots/{}/release", id(&lot))).is_none());
}

async fn a_hold_is_placed_and_lifted(hub: &TestHub) {
    let bank = hub.manager_at(&hub.region.bank).await;
    let lot = released_lot(&bank, &hub.region.bank, "L-1", 2).await;
    let mut browser = Browser::of(hub, "bank_manager", &[&hub.region.bank]).await;
    let address = format!("/portal/lots/{}", id(&lot));
    let form = browser.open(&address).await.form(&format!("{address}/hold"));
    browser.send_and_follow(&form).await.saying("Say why");
    let page = browser.send_and_follow(&form.with("reason", "a bottle smells")).await.saying("It is held");
    let page = page.saying("A hold stands against it: a bottle smells").saying("Held");
    assert!(!page.says("Nothing stands against it"), "its record is not all that counts");
    let lift = page.text.split("action=\"/portal/holds/").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let form = page.form(&format!("/portal/holds/{lift}")).with("reason", "it was the fridge");
    browser.send_and_follow(&form).await.saying("The hold is lifted").saying("it was the fridge");
}

/// The form of a record that passes every rule on the first day.
fn filled(form: FormSeen) -> FormSeen {
    let values = [
        ("code", "L-77"),
        ("milk_type", "term"),
        ("expressed_from", "2025-12-20"),
        ("expressed_to", "2025-12-27"),
        ("expires_at", "2026-03-20T12:00"),
        ("storage", "−20"),
        ("size-1", "50"),
        ("count-1", "12"),
        ("donor-1-ref", "D-1"),
        ("donor-1-sampled", "2025-12-10"),
        ("donor-1-consent", "C-1"),
        ("donor-1-questionnaire", "yes"),
        ("before-sampled", "2025-12-28T10:00"),
        ("before-result", "2025-12-30T10:00"),
        ("before-total_viable", "1,200"),
        ("before-s_aureus", "<10"),
        ("before-enterobacterales", "<10"),
        ("method", "holder"),
        ("heat-started", "2025-12-29T10:00"),
        ("heat-ended", "2025-12-29T11:00"),
        ("hold-min", "62.6"),
        ("hold-s", "1830"),
        ("cooled-s", "1200"),
        ("calibrated", "2025-11-01"),
        ("device", "P-1"),
        ("cycle", "R-1"),
        ("after-sampled", "2025-12-29T12:00"),
        ("after-result", "2025-12-31T12:00"),
        ("after-total_viable", "<10"),
        ("do", "register"),
    ];
    let mut form = values.into_iter().fold(form, |form, (name, value)| form.with(name, value));
    for analyte in ["hiv_1_2", "htlv_1_2", "hepatitis_b_hbsag", "hepatitis_c", "syphilis"] {
        form.fields.push(("donor-1-clear".to_owned(), analyte.to_owned()));
    }
    form
}

async fn a_lot_is_registered_by_its_form(hub: &TestHub) {
    let mut browser = Browser::of(hub, "bank_manager", &[&hub.region.bank]).await;
    let blank = browser.open("/portal/lots/new").await.expect(200).saying("hk-ha");
    let form = filled(blank.form("/portal/lots/new"));
    let broken = form.clone().with("hold-s", "half an hour").with("before-s_aureus", "0");
    let back = browser.send(&broken).await.expect(422).saying("The lot was not registered");
    assert!(back.says("value=\"half an hour\"") && back.says("Cannot be read"), "what was typed is kept");
    let page = browser.send_and_follow(&form).await.saying("The lot is released").saying("L-77");
    assert!(page.says("12 bottles left") && page.says("600 mL"));
    let again = filled(browser.open("/portal/lots/new").await.form("/portal/lots/new"));
    browser.send(&again).await.expect(422).saying("already has a lot with this number");
}

async fn what_is_missing_in_a_record_is_named_before_it_is_sent(hub: &TestHub) {
    let mut browser = Browser::of(hub, "bank_manager", &[&hub.region.bank]).await;
    let form = filled(browser.open("/portal/lots/new").await.form("/portal/lots/new")).with("do", "check");
    browser.send(&form).await.expect(200).saying("Nothing stands against its release");
    let gap = form.without("after-sampled").without("after-result").without("after-total_viable").with("hold-s", "900");
    let named = browser.send(&gap).await.expect(200).saying("culture_missing").saying("pasteurisation_too_short");
    assert!(named.says("value=\"900\""), "what was typed is kept");
    let bank = hub.manager_at(&hub.region.bank).await;
    assert!(bank.all("/v1/lots").await.is_empty(), "a check saves nothing");
    let kept = browser.send_and_follow(&gap.with("do", "register")).await.saying("stays in quarantine");
    assert!(kept.says("rules are not met"));
}

/// Refusals 3, 4 and 17 by the form: a decimal point is no digit, and a donor without a pseudonym is not one donor less.
async fn nothing_that_was_typed_is_read_as_something_else(hub: &TestHub) {
    let mut browser = Browser::of(hub, "bank_manager", &[&hub.region.bank]).await;
    let form = filled(browser.open("/portal/lots/new").await.form("/portal/lots/new"));
    for (field, value) in [
        ("hold-s", "183.0"),
        ("count-1", "1.2"),
        ("donor-2-sampled", "2025-12-10"),
        ("donor-2-consent", "C-2"),
        ("product_code", "E5448V00"),
        ("fat", "3.1"),
        ("code", &*"L".repeat(65)),
        ("donor-1-ref", "Two Words"),
    ] {
        browser.send(&form.clone().with(field, value)).await.expect(422).saying("The lot was not registered");
    }
    browser.send(&form.clone().without("heat-started").without("heat-ended")).await.expect(422);
    let bank = hub.manager_at(&hub.region.bank).await;
    assert!(bank.all("/v1/lots").await.is_empty(), "nothing was kept");
}

/// A culture takes days: what comes later is added, what is on record stays.
async fn results_are_added_to_a_lot_that_waits(hub: &TestHub) {
    let bank = hub.manager_at(&hub.region.bank).await;
    let mut body = lot_body(&hub.region.bank, "L-1", 4, true);
    let after = body["record"].as_object_mut().unwrap().remove("culture_after").unwrap();
    let lot = bank.created("/v1/lots", &body).await;
    assert_eq!((&lot["state"], &lot["refusals"][0]["code"]), (&json!("quarantined"), &json!("culture_missing")));
    let mut browser = Browser::of(hub, "bank_manager", &[&hub.region.bank]).await;
    let page = format!("/portal/lots/{}", id(&lot));
    browser.open(&page).await.expect(200).saying("Add to the record");
    let address = format!("{page}/record");
    let form = browser.open(&address).await.expect(200).form(&address);
    assert!(form.fields.iter().all(|(name, _)| name != "before-sampled"), "what is on record is not asked for");
    browser.send(&form).await.expect(422).saying("Type at least one result");
    let form = form.with("after-sampled", "2025-12-29T12:00").with("after-result", "2025-12-31T12:00");
    browser.send(&form.clone().with("after-total_viable", "some")).await.expect(422).saying("Cannot be read");
    let added = browser.send_and_follow(&form.with("after-total_viable", "<10")).await.saying("are on record");
    browser.send_and_follow(&added.form(&format!("{page}/release"))).await.saying("The lot is released");
    let path = format!("/v1/lots/{}/record", id(&lot));
    let more = json!({ "culture_after": after });
    let released = bank.found(&format!("/v1/lots/{}", id(&lot))).await;
    let patch = async |version: i64| bank.change(reqwest::Method::PATCH, &path, version, &more).await;
    patch(crate::hub::wire::version(&released)).await.problem(409, "not_in_quarantine");
    patch(1).await.problem(412, "version_stale");
    browser.open(&address).await.expect(404);
}

async fn a_record_is_added_to_by_its_bank_alone_and_nothing_is_written_over(hub: &TestHub) {
    let bank = hub.manager_at(&hub.region.bank).await;
    let mut body = lot_body(&hub.region.bank, "L-1", 4, true);
    let after = body["record"].as_object_mut().unwrap().remove("culture_after").unwrap();
    let lot = bank.created("/v1/lots", &body).await;
    let path = format!("/v1/lots/{}/record", id(&lot));
    let patch = async |who: &crate::hub::wire::Wire, body: &serde_json::Value| {
        who.change(reqwest::Method::PATCH, &path, 1, body).await
    };
    let other = hub.manager_at(&hub.region.apart).await;
    patch(&other, &json!({ "culture_after": after })).await.problem(404, "not_found");
    let before = json!({ "culture_before": body["record"]["culture_before"] });
    let refused = patch(&bank, &before).await.problem(400, "body_invalid");
    assert_eq!(refused["errors"][0]["code"], "on_record", "{refused}");
    patch(&bank, &json!({})).await.problem(400, "body_invalid");
    patch(&bank, &json!({ "donors": [] })).await.problem(400, "body_invalid");
    let added = patch(&bank, &json!({ "culture_after": after })).await.expect(200);
    assert_eq!((&added["state"], &added["version"]), (&json!("quarantined"), &json!(2)), "{added}");
    assert!(added["refusals"].is_null(), "nothing stands against its release: {added}");
}

async fn a_unit_sees_its_bottles_and_manages_nothing(hub: &TestHub) {
    let mut nurse = Browser::of(hub, "clinician", &[&hub.region.unit]).await;
    let page = nurse.open("/portal/stock").await.expect(200).saying("Nothing to show here");
    assert!(!page.says("Register a lot"));
    nurse.open("/portal/lots/new").await.expect(403).saying("Bank manager");
    let mut auditor = Browser::of(hub, "auditor", &[]).await;
    auditor.open("/portal/stock").await.expect(200).saying("Choose a site");
    auditor
        .open(&format!("/portal/stock?site={}", hub.region.bank))
        .await
        .expect(200)
        .saying("Released, in the freezer");
}
