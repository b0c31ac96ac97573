//! What dispatchers and carriers keep: vehicles and shifts that change during the day, routes on offer, what carriers
//! did, calendars; and a box that goes back to its sender.

use super::browser::Browser;
use crate::dispatch::{Depot, stop};
use crate::hub::TestHub;
use crate::hub::wire::{Wire, id};
use crate::hub_test;
use serde_json::{Value, json};

hub_test!(
    vehicles_and_shifts_are_made_and_change_during_the_day,
    a_carrier_answers_what_it_is_offered,
    a_report_is_a_page_and_a_file,
    a_calendar_is_made_shown_once_and_taken_back,
    a_box_goes_back_and_is_taken_in,
    the_pages_of_carriers_speak_every_language,
);

const PAGES: [&str; 6] = [
    "/portal/carriers",
    "/portal/carriers/vehicles/new",
    "/portal/carriers/shifts/new",
    "/portal/carriers/offers",
    "/portal/carriers/reports",
    "/portal/calendars",
];

async fn vehicles_and_shifts_are_made_and_change_during_the_day(hub: &TestHub) {
    let depot = Depot::with(hub, 1).await;
    let mut browser = Browser::of(hub, "dispatcher", &[]).await;
    browser.open("/portal/dispatch").await.expect(200).saying("href=\"/portal/carriers\"");
    browser.open("/portal/carriers").await.expect(200).saying("No vehicle is registered");
    let form = browser.open("/portal/carriers/vehicles/new").await.expect(200).form("/portal/carriers/vehicles/new");
    browser.send(&form).await.expect(422).saying("Nothing was saved").saying("Enter a value");
    let form = form.with("carrier", &hub.region.courier).with("name", "Van of the day").with("code", "v-day");
    let form = form.with("kind", "van").with("boxes", "4").with("box_ml", "1000").with("per_km", "1.20");
    browser.send(&form.clone().with("boxes", "0")).await.expect(422).saying("Outside the range");
    browser.send_and_follow(&form).await.saying("The vehicle is registered").saying("Van of the day");
    browser.send(&form).await.expect(303);
    let vehicles = depot.dispatcher.all("/v1/vehicles").await;
    assert_eq!((vehicles.len(), vehicles[0]["cents_per_km"].as_i64()), (1, Some(120)), "{vehicles:?}");
    let form = browser.open("/portal/carriers/shifts/new").await.expect(200).form("/portal/carriers/shifts/new");
    let form = form.with("vehicle", &id(&vehicles[0])).with("from", "2026-01-05T16:00").with("until", "nonsense");
    browser.send(&form).await.expect(422).saying("Nothing was saved");
    let form = form.with("until", "2026-01-06T02:00").with("driver", "driver-1");
    browser.send_and_follow(&form).await.saying("The shift is planned").saying("driver-1");
    let shift = &depot.dispatcher.all("/v1/shifts").await[0];
    let address = format!("/portal/carriers/shifts/{}", id(shift));
    let page = browser.open(&address).await.expect(200);
    let changed = page.form(&address).with("cut_off", "2026-01-06T01:00");
    browser.send_and_follow(&changed).await.saying("The shift is changed");
    let stale = changed.with("once", "0199c6f0-0000-7000-8000-000000000011").with("driver", "driver-2");
    browser.send(&stale).await.expect(409).saying("Somebody changed this");
    // In the middle of the day the van breaks down: no box goes on it any more.
    let address = format!("/portal/carriers/vehicles/{}", id(&vehicles[0]));
    let broken = browser.open(&address).await.expect(200).form(&address).with("state", "ended");
    browser.send_and_follow(&broken).await.saying("plans from now on know it").saying("out of use");
    let refused = json!({ "shift_id": id(shift), "transfer_ids": depot.transfers });
    depot.dispatcher.post("/v1/routes", &refused).await.problem(400, "body_invalid");
    let mut nurse = Browser::of(hub, "clinician", &[&hub.region.unit]).await;
    nurse.open("/portal/carriers").await.expect(403);
    let mut auditor = Browser::of(hub, "auditor", &[]).await;
    assert!(!auditor.open("/portal/carriers").await.expect(200).says("/portal/carriers/vehicles/new"));
    auditor.open("/portal/carriers/vehicles/new").await.expect(403);
}

async fn a_carrier_answers_what_it_is_offered(hub: &TestHub) {
    let depot = Depot::with(hub, 1).await;
    let shift = depot.shift(hub, &depot.vehicle(hub, "v1", 4).await).await;
    let route = depot.route(&shift, &depot.transfers).await;
    let mut browser = Browser::of(hub, "dispatcher", &[]).await;
    let page = browser.open("/portal/carriers/offers").await.expect(200).saying("No route was offered yet");
    let form = page.form("/portal/carriers/offers");
    browser.send(&form.clone().with("answer_by", "")).await.expect(422).saying("Enter day and time");
    browser.send(&form.clone().with("answer_by", "2031-01-01T00:00")).await.expect(422);
    let chosen = format!("{}:{}", id(&route), route["version"]);
    let form = form.with("route", &chosen).with("answer_by", "2026-01-05T16:30");
    browser.send_and_follow(&form).await.saying("The route is on offer").saying("waits for an answer");
    let offer = id(&depot.dispatcher.all("/v1/carrier-offers").await[0]);
    let mut carrier = Browser::of(hub, "courier", &[&hub.region.bank]).await;
    let page = carrier.open("/portal/carriers/offers").await.expect(200).saying("Van v1");
    let decline = page.form(&format!("/portal/carriers/offers/{offer}/decline"));
    carrier.send_and_follow(&decline).await.saying("Say why");
    let accept = page.form(&format!("/portal/carriers/offers/{offer}/accept"));
    carrier.send_and_follow(&accept).await.saying("The route is yours").saying("accepted");
    carrier.send(&accept).await.expect(303);
    let seen = depot.dispatcher.found(&format!("/v1/routes/{}", id(&route))).await;
    assert_eq!(seen["state"], "assigned", "{seen}");
    let mut stranger = Browser::of(hub, "courier", &[&hub.region.apart]).await;
    assert!(!stranger.open("/portal/carriers/offers").await.expect(200).says("Van v1"));
}

/// Drives the one box of a depot to where its next stop ends.
async fn report(depot: &Depot, route: &Value, kind: &str, what: &str, problem: Option<&str>) -> Value {
    let body = json!({
        "stop_id": id(stop(route, kind, &depot.transfers[0])), "step_ref": format!("{kind}-{what}"), "what": what,
        "seal_number": if what == "done" { Some("S-0") } else { None }, "problem": problem,
    });
    depot.dispatcher.post(&format!("/v1/routes/{}/reports", id(route)), &body).await.expect(200)
}

/// A route that left with its one box.
async fn under_way(hub: &TestHub, depot: &Depot) -> Value {
    let shift = depot.shift(hub, &depot.vehicle(hub, "v1", 4).await).await;
    let route = depot.route(&shift, &depot.transfers).await;
    depot.pack_all().await;
    let route = depot.act(&route, "assign", json!({})).await.expect(200);
    hub.advance_to("2026-01-05T09:00:00Z").await;
    report(depot, &route, "pickup", "done", None).await
}

async fn a_report_is_a_page_and_a_file(hub: &TestHub) {
    let depot = Depot::with(hub, 1).await;
    let mut browser = Browser::of(hub, "dispatcher", &[]).await;
    browser.open("/portal/carriers/reports").await.expect(200).saying("No route was finished");
    let route = under_way(hub, &depot).await;
    report(&depot, &route, "delivery", "done", None).await;
    let page = browser.open("/portal/carriers/reports").await.expect(200).saying("Van of the north");
    page.saying("100.0 %").saying("north-bank → south-unit").saying("100 mL");
    let file = browser.open("/portal/carriers/reports?export=csv").await.expect(200);
    assert!(file.text.contains("Van of the north") && file.text.contains("south-unit"), "{}", file.text);
    let sheet = browser.open("/portal/carriers/reports?export=xlsx").await.expect(200);
    assert!(sheet.bytes.starts_with(b"PK"), "a workbook");
    browser.open("/portal/carriers/reports?from=2025-01-01&until=2025-02-01").await.saying("No route was finished");
}

async fn a_calendar_is_made_shown_once_and_taken_back(hub: &TestHub) {
    let depot = Depot::with(hub, 1).await;
    depot.route(&depot.shift(hub, &depot.vehicle(hub, "v1", 4).await).await, &depot.transfers).await;
    let mut nurse = Browser::of(hub, "clinician", &[&hub.region.unit]).await;
    nurse.open("/portal/more").await.expect(200).saying("/portal/calendars");
    let page = nurse.open("/portal/calendars").await.expect(200).saying("You have no calendar");
    let made = nurse.send(&page.form("/portal/calendars")).await.expect(200).saying("The calendar is made");
    let address = made.text.split("class=\"id told\">").nth(1).unwrap().split('<').next().unwrap().to_owned();
    let path = address.split_once("/v1/").map(|(_, path)| format!("/v1/{path}")).unwrap();
    let nobody = Wire::nobody(&hub.base);
    let read = nobody.get(&path).await;
    assert!(read.status == 200 && read.text.contains("BEGIN:VEVENT"), "{}", read.text);
    let page = nurse.open("/portal/calendars").await.expect(200).saying("Stops at");
    assert!(!page.says(&path), "it is shown once");
    let id = page.text.split("/portal/calendars/").nth(1).unwrap().split('/').next().unwrap().to_owned();
    nurse.send_and_follow(&page.form(&format!("/portal/calendars/{id}/revoke"))).await.saying("taken back");
    assert_eq!(nobody.get(&path).await.status, 404);
}

async fn a_box_goes_back_and_is_taken_in(hub: &TestHub) {
    let depot = Depot::with(hub, 1).await;
    let route = under_way(hub, &depot).await;
    let mut browser = Browser::of(hub, "dispatcher", &[]).await;
    let page = browser.open(&format!("/portal/dispatch?sel={}", depot.transfers[0])).await.expect(200);
    let form = page.form(&format!("/portal/dispatch/routes/{}/turn-back", id(&route)));
    browser.send_and_follow(&form).await.saying("Say why");
    let form = form.with("reason", "the ward is closed").with("once", "0199c6f0-0000-7000-8000-000000000012");
    browser.send_and_follow(&form).await.saying("goes back to its sender").saying("Leave in the freezer");
    let turned = depot.dispatcher.found(&format!("/v1/routes/{}", id(&route))).await;
    report(&depot, &turned, "drop", "done", None).await;
    let mut bank = Browser::of(hub, "bank_manager", &[&hub.region.bank]).await;
    let address = format!("/portal/transfers/{}", depot.transfers[0]);
    bank.open("/portal/").await.expect(200).saying("could not be delivered").saying(&address);
    let page = bank.open(&address).await.expect(200).saying("The box came back");
    let form = page.form(&format!("{address}/take-back"));
    bank.send_and_follow(&form.clone().with("reason", "closed").with("seal", "S-0")).await.saying("how the milk is");
    let form = form.with("reason", "closed").with("seal", "S-0").with("milk", "solid");
    let form = form.with("once", "0199c6f0-0000-7000-8000-000000000013");
    bank.send_and_follow(&form).await.saying("What is sound is in stock again").saying("Back at its sender");
    bank.send(&form).await.expect(303);
    let ledger = hub.admin.found("/v1/ledger").await;
    assert_eq!((ledger["in_stock_ml"].as_i64(), ledger["in_transit_ml"].as_i64()), (Some(100), Some(0)), "{ledger}");
}

async fn the_pages_of_carriers_speak_every_language(hub: &TestHub) {
    let depot = Depot::with(hub, 1).await;
    let route = under_way(hub, &depot).await;
    report(&depot, &route, "delivery", "failed", Some("site_closed")).await;
    let mut browser = Browser::of(hub, "dispatcher", &[]).await;
    for language in ["en", "fr", "vi", "zh-Hans", "zh-Hant", "lo"] {
        let page = browser.open("/portal/carriers").await.expect(200);
        browser.send(&page.form("/portal/language").with("language", language)).await.expect(303);
        for path in PAGES {
            let page = browser.open(path).await.expect(200);
            assert!(page.says(&format!("<html lang=\"{language}\"")), "{language} {path}");
            assert!(!page.says("⟦"), "{language} {path}: {}", page.text);
        }
    }
}
