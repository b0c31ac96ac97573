//! A box from its plan to the last bottle checked in, with the temperature on the way, all without script.

use super::browser::Browser;
use crate::hub::TestHub;
use crate::hub::packing::validated;
use crate::hub::region::{accepted, matched, published, released_lot, request_body};
use crate::hub::wire::{Wire, id};
use crate::hub_test;
use serde_json::{Value, json};

hub_test!(
    a_box_goes_from_plan_to_stock,
    a_planner_chooses_among_the_packings_that_hold,
    a_warm_box_is_decided_by_name,
    a_scan_leads_to_what_can_be_done,
    a_stranger_sees_no_box,
);

/// A promise of three bottles to the unit.
async fn promised(hub: &TestHub) -> (Wire, Wire, Value) {
    let bank = hub.manager_at(&hub.region.bank).await;
    let unit = hub.manager_at(&hub.region.unit).await;
    let lot = released_lot(&bank, &hub.region.bank, "L-1", 3).await;
    published(&bank, &hub.region.bank, &lot).await;
    unit.created("/v1/requests", &request_body(&hub.region.unit, "INF-1", 300)).await;
    let offers = matched(&bank, &hub.region.bank).await;
    let offer = accepted(&bank, &offers[0]).await;
    (bank, unit, offer)
}

async fn a_box_goes_from_plan_to_stock(hub: &TestHub) {
    let (_bank, unit, _offer) = promised(hub).await;
    let mut sender = Browser::of(hub, "bank_manager", &[&hub.region.bank]).await;
    let form = sender.open("/portal/transfers/new").await.expect(200).saying("south-unit");
    let mut form = form.form("/portal/transfers/new");
    assert!(form.fields.iter().any(|(name, _)| name == "allocation"), "what waits is ticked: {form:?}");
    form = form.with("pickup", "2026-01-05T18:00").with("delivery", "2026-01-05T20:00");
    let back = form.clone().with("delivery", "2026-01-05T17:00");
    sender.send(&back).await.expect(422).saying("Lies before the collection");
    let page = sender.send_and_follow(&form).await.saying("The transfer is planned").saying("L-1-001");
    sender.open("/portal/").await.expect(200).saying("Next collections").saying("No milk fed or sent");
    let box_id =
        page.text.split("/portal/transfers/").find_map(|rest| rest.split_once("/waybill")).unwrap().0.to_owned();
    let address = format!("/portal/transfers/{box_id}");

    let pack = page.form(&format!("{address}/pack"));
    sender.send_and_follow(&pack).await.saying("The seal number is needed");
    let page = sender.send_and_follow(&pack.with("seal", "HK-77")).await.saying("packed and sealed");
    let other = page.form(&format!("{address}/collect")).with("seal", "HK-78");
    sender.send(&other).await.expect(422).saying("seal_mismatch");
    let collect = sender.open(&address).await.form(&format!("{address}/collect")).with("seal", "HK-77");
    let page = sender.send_and_follow(&collect).await.saying("The box is on its way");
    let deliver = page.form(&format!("{address}/deliver"));
    sender.send(&deliver).await.expect(409).saying("let the receiver say so");
    let mut nurse = Browser::of(hub, "clinician", &[&hub.region.unit]).await;
    let page = nurse.open(&address).await.expect(200).saying("Tell it to whoever brings the box");
    let code = page.text.split("<p class=\"strong id\">").nth(1).and_then(|rest| rest.split_once('<')).unwrap().0;
    let deliver = deliver.with("code", code);
    sender.send_and_follow(&deliver).await.saying("waits to be received").saying("Seal HK-77");
    sender.open(&format!("{address}/waybill")).await.expect(200).saying("HK-77").saying("L-1-003");

    let receive = format!("{address}/receive");
    nurse.open(&address).await.expect(200).saying(&receive);
    nurse.open(&format!("{receive}?code=L-1-001&is=intact")).await.expect(200).saying("Yes: take it");
    nurse.open(&format!("{receive}?had=0i&code=L-9-001")).await.expect(200).saying("not for this box");
    nurse.open(&format!("{receive}?had=0i&code=L1001")).await.expect(200).saying("Scanned before");
    nurse.open(&format!("{receive}?had=0i&code=L-1-002&is=thawed")).await.saying("do not take it").saying("had=0i.1t");
    let early = nurse.open(&format!("{receive}?had=0i.1t")).await.saying("One bottle still to scan").form(&receive);
    nurse.send_and_follow(&early.with("frozen", "yes")).await.saying("Bottles are still to scan");
    let form = nurse.open(&format!("{receive}?had=0i.1t.2i")).await.form(&receive).with("seal", "HK-77");
    nurse.send_and_follow(&form).await.saying("Say how the milk is");
    let done = nurse.send_and_follow(&form.with("frozen", "yes")).await.saying("not every bottle became stock");
    assert!(done.says("thawed on the way"));
    let stock = unit.found(&format!("/v1/sites/{}/stock", hub.region.unit)).await;
    assert_eq!(stock["in_stock_ml"], 0, "one thawed bottle sets the others aside: {stock}");
}

/// The identifier that stands beside a packing's name among the choices.
fn choice_of(page: &str, code: &str) -> String {
    let option = page.split("<label class=\"choice\"").find(|part| part.contains(&format!("<span>{code}, "))).unwrap();
    option.split_once("value=\"").unwrap().1.split('"').next().unwrap().to_owned()
}

async fn a_planner_chooses_among_the_packings_that_hold(hub: &TestHub) {
    let gel = hub.admin.created("/v1/packings", &validated(hub, [720, 480])).await;
    let mut small = validated(hub, [720, 480]);
    (small["code"], small["capacity_bottles"]) = (json!("bag-2"), json!(2));
    hub.admin.created("/v1/packings", &small).await;
    let (_bank, _unit, _offer) = promised(hub).await;
    let mut sender = Browser::of(hub, "bank_manager", &[&hub.region.bank]).await;
    let new = "/portal/transfers/new";
    let page = sender.open(new).await.expect(200).saying("Validated packings that hold").saying("bag-2");
    let page = page.saying("Too small for this milk").saying("Holds 10 h: road 2 h, margin 18 min, 7 h 42 min left");
    let form = page.form(new);
    let longest = choice_of(&page.text, "van");
    assert!(form.fields.contains(&("packing".to_owned(), longest)), "the one that holds longest is chosen: {form:?}");
    assert_eq!(choice_of(&page.text, "gel-20"), id(&gel));

    let night = form.clone().with("pickup", "2026-01-05T18:00").with("delivery", "2026-01-06T02:00");
    let page = sender.send(&night.clone().with("look", "yes")).await;
    let page = page.expect(200).saying("Holds 8 h, but road and margin take 8 h and 1 h 12 min");
    assert!(!page.says("The transfer was not planned"));
    let stale = sender.send(&night.with("packing", &id(&gel))).await.expect(422);
    let stale = stale.saying("This packing does not do for this journey");
    let longer = stale.form(new).with("delivery", "2026-01-06T10:00").with("look", "yes");
    sender.send(&longer).await.expect(200).saying("No packing of this carrier holds for this journey");
    sender.send(&form.clone().without("allocation").with("look", "yes")).await.expect(422).saying("Choose");

    let form = form.with("pickup", "2026-01-05T18:00").with("delivery", "2026-01-05T20:00");
    let page = sender.send_and_follow(&form.with("packing", &id(&gel))).await.saying("The transfer is planned");
    page.saying("gel-20").saying("20 L insulated box");
}

/// A box with a logger, on its way, that was too warm for an hour.
async fn warm_box(hub: &TestHub) -> (Wire, Wire, String) {
    let (bank, unit, offer) = promised(hub).await;
    let plan = json!({
        "allocation_ids": [offer["allocation_id"]], "courier_id": hub.region.courier,
        "planned_pickup_at": "2026-01-05T08:10:00Z", "planned_delivery_at": "2026-01-05T12:00:00Z",
        "logger_ref": "LG-1",
    });
    let planned = bank.created("/v1/transfers", &plan).await;
    let path = |verb: &str| format!("/v1/transfers/{}/{verb}", id(&planned));
    let packed = bank.act(&planned, &path("pack"), &json!({ "seal_number": "S-1" })).await.expect(200);
    let collected = bank.act(&packed, &path("collect"), &json!({ "seal_number": "S-1" })).await.expect(200);
    hub.advance_to("2026-01-05T10:30:00Z").await;
    let reading = |minute: i64| {
        let (hour, minute) = (8 + minute / 60, minute % 60);
        json!({ "at": format!("2026-01-05T{hour:02}:{minute:02}:00Z"), "celsius": if hour == 9 { -12.5 } else { -20.0 } })
    };
    let readings: Vec<Value> = (0..=150).step_by(5).map(reading).collect();
    let batch = json!({ "transfer_id": id(&planned), "logger_ref": "LG-1", "readings": readings });
    let answer = bank.post("/v1/readings", &batch).await;
    assert!(matches!(answer.status, 200 | 201), "{}", answer.text);
    unit.act(&collected, &path("deliver"), &json!({})).await.expect(200);
    (bank, unit, id(&planned))
}

async fn a_warm_box_is_decided_by_name(hub: &TestHub) {
    let (_bank, _unit, box_id) = warm_box(hub).await;
    let mut sender = Browser::of(hub, "bank_manager", &[&hub.region.bank]).await;
    sender.open("/portal/").await.expect(200).saying("days of cover").saying("mL a day, the last 14 days");
    let mut nurse = Browser::of(hub, "clinician", &[&hub.region.unit]).await;
    let address = format!("/portal/transfers/{box_id}");
    let page = nurse.open(&address).await.expect(200).saying("Too warm for too long").saying("−12.5 °C");
    let page = page.saying("role=\"img\"").saying("Show the 31 readings as a table").saying("Above the limit");
    let page = page.saying("since the collection").saying("Logger LG-1").saying("Planned").saying("3 bottles");
    assert!(page.says("Receive the box and look at the milk first"), "nothing is decided before the receipt");
    let seen = page.text.split("action=\"/portal/excursions/").nth(1).unwrap().split('/').next().unwrap().to_owned();
    let seen = page.form(&format!("/portal/excursions/{seen}/acknowledge"));
    nurse.send_and_follow(&seen).await.saying("It is noted that you have seen it");
    let receive = format!("{address}/receive");
    let form = nurse.open(&format!("{receive}?had=0i.1i.2i")).await.form(&receive);
    let form = form.with("seal", "S-1").with("frozen", "yes");
    let page = nurse.send_and_follow(&form).await.saying("not every bottle became stock").saying("Set aside");
    let decide = page.text.split("action=\"/portal/excursions/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let form = page.form(&format!("/portal/excursions/{decide}"));
    nurse.send_and_follow(&form).await.saying("Choose what is decided");
    let form = form.with("decision", "discard").with("reason", "an hour at -12 is too much");
    nurse.send_and_follow(&form).await.saying("The decision is signed").saying("an hour at -12 is too much");
}

async fn a_scan_leads_to_what_can_be_done(hub: &TestHub) {
    let (_bank, _unit, box_id) = warm_box(hub).await;
    let mut nurse = Browser::of(hub, "clinician", &[&hub.region.unit]).await;
    let receive = format!("/portal/transfers/{box_id}/receive");
    let bottle = nurse.open("/portal/scan?code=L-1-002").await.expect(303);
    assert_eq!(bottle.location(), format!("{receive}?code=L-1-002"));
    assert_eq!(nurse.open("/portal/scan?code=S-1").await.expect(303).location(), receive);
    nurse.open("/portal/scan?code=%3Cscript%3E").await.expect(404).saying("Nothing found");
    let mut sender = Browser::of(hub, "bank_manager", &[&hub.region.bank]).await;
    let lot = sender.open("/portal/scan?code=L-1").await.expect(303);
    assert!(lot.location().starts_with("/portal/lots/"), "{}", lot.location());
    let mut apart = Browser::of(hub, "bank_manager", &[&hub.region.apart]).await;
    apart.open("/portal/scan?code=L-1-002").await.expect(404);
}

async fn a_stranger_sees_no_box(hub: &TestHub) {
    let (_bank, _unit, box_id) = warm_box(hub).await;
    let mut apart = Browser::of(hub, "bank_manager", &[&hub.region.apart]).await;
    for part in ["", "/receive", "/waybill"] {
        apart.open(&format!("/portal/transfers/{box_id}{part}")).await.expect(404);
    }
    apart.open("/portal/transfers").await.expect(200).saying("No transfer here");
}
