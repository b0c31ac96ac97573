//! A nurse asks for milk: the need is worked out without script, nothing typed is lost, a rule that forbids says so.

use super::browser::{Browser, FormSeen, Page};
use crate::hub::TestHub;
use crate::hub_test;

hub_test!(
    the_need_is_worked_out_before_anything_is_sent,
    a_request_is_sent_once,
    what_is_wrong_stands_beside_its_field,
    a_safety_rule_refuses_on_the_form,
    a_request_is_taken_back,
    another_lot_is_chosen_with_its_price_and_a_reason,
);

const NEW: &str = "/portal/requests/new";

fn filled(page: &Page) -> FormSeen {
    page.form(NEW)
        .with("infant", "INF-0137")
        .with("day", "4")
        .with("bw", "860")
        .with("weeks", "26+3")
        .with("why", "prematurity_own_milk_not_yet_available")
        .with("by", "2026-01-06T15:00")
        .with("rx", "RX-1")
        .with("consent", "CO-1")
}

async fn nurse(hub: &TestHub) -> Browser {
    Browser::of(hub, "clinician", &[&hub.region.unit]).await
}

async fn requests(hub: &TestHub) -> usize {
    hub.manager_at(&hub.region.unit).await.all("/v1/requests").await.len()
}

async fn the_need_is_worked_out_before_anything_is_sent(hub: &TestHub) {
    let mut browser = nurse(hub).await;
    let page = browser.open(NEW).await.expect(200).saying("Enter birth weight");
    let half = page.form(NEW).with("bw", "860").with("day", "4").with("act", "estimate");
    let page = browser.send(&half).await.expect(200).saying("Day 4").saying("bottles of 50 mL").saying("ADEPT");
    assert!(!page.says("was not sent"), "an estimate blames nobody for what is still empty");
    let page = browser.send(&filled(&page).with("act", "estimate")).await.expect(200);
    page.saying("T1").saying("The tier comes from the written policy");
    assert_eq!(requests(hub).await, 0);
}

async fn a_request_is_sent_once(hub: &TestHub) {
    let mut browser = nurse(hub).await;
    let page = browser.open(NEW).await.expect(200);
    let form = filled(&page).with("act", "send");
    let first = browser.send(&form).await.expect(303);
    let second = browser.send(&form).await.expect(303);
    assert_eq!(first.location(), second.location());
    assert_eq!(requests(hub).await, 1);
    let page = browser.open(first.location()).await.expect(200).saying("Sent. The hub looks for milk.");
    page.saying("INF-0137").saying("Still lacking");
    browser.open("/portal/requests").await.expect(200).saying("INF-0137").saying("Open");
    // The same page with another infant is another form, which this one may not become.
    let changed = form.with("infant", "INF-0138");
    browser.send(&changed).await.expect(409).saying("This form was already sent");
    assert_eq!(requests(hub).await, 1);
}

async fn what_is_wrong_stands_beside_its_field(hub: &TestHub) {
    let mut browser = nurse(hub).await;
    let page = browser.open(NEW).await.expect(200);
    let form =
        filled(&page).with("bw", "86").with("weeks", "26+9").with("by", "2025-01-01T00:00").with("infant", "ດວງໃຈ");
    let page = browser.send(&form.with("act", "send")).await.expect(422);
    let page = page.saying("The request was not sent").saying("Enter 200 to 7,000").saying("Lies in the past");
    assert!(page.says("href=\"#bw\"") && page.says("id=\"bw-rule\""), "the summary leads to the field");
    let kept = page.form(NEW);
    for (name, value) in [("bw", "86"), ("weeks", "26+9"), ("infant", "ດວງໃຈ"), ("rx", "RX-1")] {
        assert!(kept.fields.contains(&(name.to_owned(), value.to_owned())), "{name} is kept: {kept:?}");
    }
    assert_eq!(requests(hub).await, 0);
}

async fn a_safety_rule_refuses_on_the_form(hub: &TestHub) {
    let mut browser = nurse(hub).await;
    let page = browser.open(NEW).await.expect(200);
    let form = filled(&page).with("galactosaemia", "yes").with("act", "send");
    let page = browser.send(&form).await.expect(422).saying("The request was not sent").saying("galactosaemia");
    let kept = page.form(NEW);
    assert!(kept.fields.contains(&("galactosaemia".to_owned(), "yes".to_owned())), "{kept:?}");
    assert_eq!(requests(hub).await, 0);
}

async fn a_request_is_taken_back(hub: &TestHub) {
    let mut browser = nurse(hub).await;
    let page = browser.open(NEW).await.expect(200);
    let sent = browser.send(&filled(&page).with("act", "send")).await.expect(303);
    let path = sent.location().split('?').next().unwrap().to_owned();
    let page = browser.open(&path).await.expect(200);
    let form = page.form(&format!("{path}/end")).with("how", "cancel");
    browser.send_and_follow(&form).await.saying("say why");
    let form = form.with("reason", "Mother's milk has come in");
    browser.send_and_follow(&form).await.saying("Cancelled").saying("Mother's milk has come in");
    browser.send(&form.with("once", "0199c6f0-0000-7000-8000-000000000001")).await.expect(409);
}

async fn another_lot_is_chosen_with_its_price_and_a_reason(hub: &TestHub) {
    use crate::hub::region::{published, released_lot, request_body};
    use crate::hub::wire::id;
    let bank = hub.manager_at(&hub.region.bank).await;
    let unit = hub.manager_at(&hub.region.unit).await;
    let lot = released_lot(&bank, &hub.region.bank, "L-1", 4).await;
    published(&bank, &hub.region.bank, &lot).await;
    let request = unit.created("/v1/requests", &request_body(&hub.region.unit, "INF-1", 300)).await;
    let mut browser = nurse(hub).await;
    let address = format!("/portal/requests/{}/choose", id(&request));
    browser.open(&format!("/portal/requests/{}", id(&request))).await.expect(200).saying(&address);
    browser.open(&address).await.expect(200).saying("L-1").saying("4 bottles of 100 mL");
    let page =
        browser.open(&format!("{address}?lot={}", id(&lot))).await.expect(200).saying("What lot L-1 would change");
    let form = page.form(&address);
    browser.send(&form).await.expect(422).saying("Nothing was chosen").saying("Enter a value");
    let form = form.with("bottles", "2").with("reason", "the infant knows this donor's milk");
    browser.send_and_follow(&form).await.saying("It is offered to its bank, with your reason");
    browser.send(&form).await.expect(303);
    let offers = bank.all(&format!("/v1/offers?site_id={}&state=proposed", hub.region.bank)).await;
    assert_eq!(offers.len(), 1, "sent twice, offered once: {offers:?}");
    assert_eq!(offers[0]["bottles"], 2, "{offers:?}");
    let mut apart = Browser::of(hub, "clinician", &[&hub.region.apart]).await;
    apart.open(&address).await.expect(404);
}
