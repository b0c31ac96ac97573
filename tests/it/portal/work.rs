//! A day's work without script: the worklist, the board, an offer answered once however often it is sent.

use super::browser::Browser;
use crate::hub::TestHub;
use crate::hub::region::{accepted, matched, published, released_lot, request_body};
use crate::hub::wire::id;
use crate::hub_test;
use serde_json::Value;

hub_test!(
    the_runner_up_stands_beside_the_chosen_lot,
    an_offer_is_found_on_the_worklist_and_accepted_once,
    a_decline_needs_a_reason_and_keeps_what_was_typed,
    an_answer_to_an_offer_that_changed_says_what_changed,
    the_board_shows_filters_and_pages,
    each_role_sees_its_own_pages,
    another_sites_things_are_not_there,
    a_page_hears_of_news,
);

/// A lot on the board, a request, and the offer that came of them.
async fn offered(hub: &TestHub) -> Value {
    let bank = hub.manager_at(&hub.region.bank).await;
    let unit = hub.manager_at(&hub.region.unit).await;
    let lot = released_lot(&bank, &hub.region.bank, "L-1", 10).await;
    published(&bank, &hub.region.bank, &lot).await;
    unit.created("/v1/requests", &request_body(&hub.region.unit, "INF-1", 300)).await;
    let offers = matched(&bank, &hub.region.bank).await;
    assert_eq!(offers.len(), 1, "{offers:?}");
    offers[0].clone()
}

async fn an_offer_is_found_on_the_worklist_and_accepted_once(hub: &TestHub) {
    let offer = offered(hub).await;
    let mut browser = Browser::of(hub, "bank_manager", &[&hub.region.bank]).await;
    let page = browser.open("/portal/").await.expect(200);
    let page = page.saying("Send 300 mL to south-unit").saying("Offer to answer").saying("left").saying("Answer by");
    assert!(page.says("<title>(1) Worklist"), "the title counts: {}", page.text);
    let path = format!("/portal/offers/{}", id(&offer));
    assert!(page.says(&format!("href=\"{path}\"")));
    let page = browser.open(&path).await.expect(200).saying("Send 300 mL to south-unit?").saying("L-1");
    let form = page.form(&format!("{path}/accept"));
    let first = browser.send(&form).await.expect(303);
    let second = browser.send(&form).await.expect(303);
    assert_eq!(first.location(), second.location(), "a second click is the first one");
    let page = browser.open(first.location()).await.expect(200).saying("Accepted").saying("bank_manager");
    assert!(page.find_form(&format!("{path}/accept")).is_none(), "nothing is left to answer");
    assert!(
        page.says(&format!("href=\"/portal/transfers/new?to={}\"", hub.region.unit)),
        "the next step is one press away"
    );
    let bank = hub.manager_at(&hub.region.bank).await;
    let allocations = bank.all("/v1/allocations").await;
    assert_eq!(allocations.len(), 1);
    browser.open("/portal/?show=offers").await.expect(200).saying("Nothing waits");
    let to_plan = browser.open("/portal/").await.expect(200).saying("Plan the journey of 3 promised bottles");
    let href = format!("/portal/transfers/new?to={}", hub.region.unit);
    assert!(to_plan.says(&href) && to_plan.says("Promise lapses"), "promised milk waits for somebody's hand");
}

async fn the_runner_up_stands_beside_the_chosen_lot(hub: &TestHub) {
    let bank = hub.manager_at(&hub.region.bank).await;
    let unit = hub.manager_at(&hub.region.unit).await;
    for code in ["L-1", "L-2"] {
        let lot = released_lot(&bank, &hub.region.bank, code, 3).await;
        published(&bank, &hub.region.bank, &lot).await;
    }
    unit.created("/v1/requests", &request_body(&hub.region.unit, "INF-1", 300)).await;
    let offers = matched(&bank, &hub.region.bank).await;
    let path = format!("/portal/offers/{}", id(&offers[0]));
    let mut browser = Browser::of(hub, "bank_manager", &[&hub.region.bank]).await;
    let page =
        browser.open(&path).await.expect(200).saying("Against the runner-up").saying("Points worse for each bottle");
    assert!(page.says(">L-1</a><small>") && page.says(">L-2</a><small>"), "both lots are named: {}", page.text);
    let mut asker = Browser::of(hub, "clinician", &[&hub.region.unit]).await;
    let page = asker.open(&path).await.expect(200);
    assert!(!page.says("Against the runner-up"), "a lot of another site is not named");
}

async fn a_decline_needs_a_reason_and_keeps_what_was_typed(hub: &TestHub) {
    let offer = offered(hub).await;
    let mut browser = Browser::of(hub, "bank_manager", &[&hub.region.bank]).await;
    let path = format!("/portal/offers/{}", id(&offer));
    let page = browser.open(&path).await.expect(200);
    let form = page.form(&format!("{path}/decline")).with("note", "Tủ đông hỏng <gấp>");
    let page = browser.send(&form).await.expect(422);
    let page = page.saying("The offer was not declined").saying("Choose a reason").saying("Request id");
    let form = page.form(&format!("{path}/decline"));
    assert!(form.fields.contains(&("note".to_owned(), "Tủ đông hỏng <gấp>".to_owned())), "{form:?}");
    let form = form.with("reason", "quality_doubt");
    browser.send_and_follow(&form).await.saying("Declined");
}

async fn an_answer_to_an_offer_that_changed_says_what_changed(hub: &TestHub) {
    let offer = offered(hub).await;
    let mut browser = Browser::of(hub, "bank_manager", &[&hub.region.bank]).await;
    let path = format!("/portal/offers/{}", id(&offer));
    let page = browser.open(&path).await.expect(200);
    let bank = hub.manager_at(&hub.region.bank).await;
    accepted(&bank, &offer).await;
    let form = page.form(&format!("{path}/decline")).with("reason", "needed_here");
    let page = browser.send(&form).await.expect(409);
    page.saying("Changed while you were looking").saying("Your answer was not saved").saying("Accepted");
    let mut nurse = Browser::of(hub, "clinician", &[&hub.region.unit]).await;
    let request = format!("/portal/requests/{}", offer["request_id"].as_str().unwrap());
    assert!(!nurse.open(&request).await.expect(200).says("Why it waits"), "what is promised waits for nothing");
}

async fn the_board_shows_filters_and_pages(hub: &TestHub) {
    let bank = hub.manager_at(&hub.region.bank).await;
    let mut browser = Browser::of(hub, "clinician", &[&hub.region.unit]).await;
    browser.open("/portal/board").await.expect(200).saying("No milk on the board");
    for number in 0..53 {
        let lot = released_lot(&bank, &hub.region.bank, &format!("L-{number}"), 1).await;
        published(&bank, &hub.region.bank, &lot).await;
    }
    let page = browser.open("/portal/board?milk=preterm&donors=1").await.expect(200).saying("north-bank");
    let next = page.text.split("href=\"").find(|part| part.starts_with("/portal/board?") && part.contains("after="));
    let next = next.and_then(|part| part.split('"').next()).expect("a next page").replace("&#38;", "&");
    assert!(next.contains("milk=preterm"), "the filter stays: {next}");
    let last = browser.open(&next).await.expect(200).saying("300 mL in 3 lines");
    assert!(last.says("From the start") && !last.says("Further"));
    browser.open("/portal/board?milk=colostrum").await.expect(200).saying("Nothing fits these filters");
    browser.open("/portal/board?protein=x&donors=-3&milk=%00").await.expect(200);
    browser.open("/portal/board?after=nonsense").await.expect(400);
}

async fn each_role_sees_its_own_pages(hub: &TestHub) {
    let pages = ["/portal/", "/portal/board", "/portal/requests", "/portal/requests/new"];
    let expected = [
        ("hub_administrator", vec![], [200, 200, 200, 403]),
        ("bank_manager", vec![hub.region.bank.as_str()], [200, 200, 200, 200]),
        ("clinician", vec![hub.region.unit.as_str()], [200, 200, 200, 200]),
        ("dispatcher", vec![], [200, 200, 200, 403]),
        ("courier", vec![hub.region.bank.as_str()], [200, 403, 403, 403]),
        ("auditor", vec![], [200, 200, 200, 403]),
    ];
    for (role, sites, statuses) in expected {
        let mut browser = Browser::of(hub, role, &sites).await;
        for (page, status) in pages.into_iter().zip(statuses) {
            let answer = browser.open(page).await;
            assert_eq!(answer.status, status, "{role} {page}: {}", answer.text);
            assert!(!answer.says("⟦"), "{role} {page}");
        }
        let home = browser.open("/portal/").await;
        assert_eq!(home.says("href=\"/portal/board\""), statuses[1] == 200, "{role}: no link that leads to a refusal");
    }
    let mut nobody = Browser::new(hub);
    for page in pages {
        nobody.open(page).await.expect(303);
    }
}

async fn another_sites_things_are_not_there(hub: &TestHub) {
    let offer = offered(hub).await;
    let mut stranger = Browser::of(hub, "bank_manager", &[&hub.region.apart]).await;
    stranger.open(&format!("/portal/offers/{}", id(&offer))).await.expect(404);
    let request = offer["request_id"].as_str().unwrap();
    stranger.open(&format!("/portal/requests/{request}")).await.expect(404);
    stranger.open("/portal/offers/not-an-id").await.expect(404);
    // The asking site sees the offer but cannot answer it.
    let mut asker = Browser::of(hub, "bank_manager", &[&hub.region.unit]).await;
    let page = asker.open(&format!("/portal/offers/{}", id(&offer))).await.expect(200);
    assert!(page.find_form(&format!("/portal/offers/{}/accept", id(&offer))).is_none());
    asker.open("/portal/").await.expect(200).saying("An offer waits for its bank");
}

async fn a_page_hears_of_news(hub: &TestHub) {
    let browser = Browser::of(hub, "bank_manager", &[&hub.region.bank]).await;
    let mut stream = browser.listen("/portal/stream").await;
    assert!(stream.next().await.contains("retry:"));
    offered(hub).await;
    while !stream.next().await.contains("event: changed") {}
}
