//! A courier company's own system: offers, stops, positions; and calendars for people.

use super::{Depot, stop};
use crate::hub::TestHub;
use crate::hub::wire::{Wire, id};
use crate::hub_test;
use serde_json::json;

async fn a_courier_company_takes_a_route_and_drives_it(hub: &TestHub) {
    let depot = Depot::with(hub, 1).await;
    let vehicle = depot.vehicle(hub, "v1", 4).await;
    let route = depot.route(&depot.shift(hub, &vehicle).await, &depot.transfers).await;
    depot.pack_all().await;
    let company = hub.persona("courier", &[&hub.region.bank]).await;
    let stranger = hub.persona("courier", &[&hub.region.apart]).await;
    let offer = depot.act(&route, "offer", json!({ "answer_by": "2026-01-05T08:30:00Z" })).await.expect(200);
    depot.act(&route, "offer", json!({ "answer_by": "2026-01-05T08:30:00Z" })).await.problem(409, "route_offered");
    assert!(stranger.all("/v1/carrier-offers").await.is_empty());
    stranger.get(&format!("/v1/routes/{}", id(&route))).await.problem(404, "not_found");
    let path = format!("/v1/carrier-offers/{}/accept", id(&offer));
    stranger.act(&offer, &path, &json!({})).await.problem(404, "not_found");
    let taken = company.act(&offer, &path, &json!({})).await.expect(200);
    assert_eq!(taken["route"]["state"], "assigned", "{taken}");
    company.act(&offer, &path, &json!({})).await.problem(412, "version_stale");
    let place = json!({ "positions": [{
        "vehicle_id": id(&vehicle), "latitude": 22.29, "longitude": 114.17, "at": "2026-01-05T08:00:00Z",
    }] });
    assert_eq!(company.post("/v1/vehicle-positions", &place).await.expect(200)["kept"], 1);
    assert_eq!(company.post("/v1/vehicle-positions", &place).await.expect(200)["kept"], 0, "nothing new");
    stranger.post("/v1/vehicle-positions", &place).await.problem(404, "not_found");
    for kind in ["pickup", "delivery"] {
        let body = json!({
            "stop_id": id(stop(&route, kind, &depot.transfers[0])), "step_ref": kind, "what": "done",
            "seal_number": "S-0", "signature_ref": "sig-1", "photo_ref": "photo-1",
        });
        company.post(&format!("/v1/routes/{}/reports", id(&route)), &body).await.expect(200);
    }
    let seen = company.found(&format!("/v1/routes/{}", id(&route))).await;
    assert_eq!(seen["state"], "finished", "{seen}");
    assert_eq!(stop(&seen, "delivery", &depot.transfers[0])["proof"]["photo_ref"], "photo-1", "{seen}");
}

async fn an_offer_is_declined_with_a_reason_or_lapses(hub: &TestHub) {
    let depot = Depot::with(hub, 1).await;
    let route = depot.route(&depot.shift(hub, &depot.vehicle(hub, "v1", 4).await).await, &depot.transfers).await;
    let company = hub.persona("courier", &[&hub.region.bank]).await;
    let offer = depot.act(&route, "offer", json!({ "answer_by": "2026-01-05T08:30:00Z" })).await.expect(200);
    let path = format!("/v1/carrier-offers/{}/decline", id(&offer));
    company.act(&offer, &path, &json!({ "reason": " " })).await.problem(400, "body_invalid");
    let declined = company.act(&offer, &path, &json!({ "reason": "no driver" })).await.expect(200);
    assert_eq!(declined["state"], "declined", "{declined}");
    let again = depot.act(&route, "offer", json!({ "answer_by": "2026-01-05T08:30:00Z" })).await.expect(200);
    hub.advance_to("2026-01-05T08:31:00Z").await;
    let lapsed = depot.dispatcher.all("/v1/carrier-offers?state=lapsed").await;
    assert_eq!(lapsed[0]["id"], again["id"], "{lapsed:?}");
}

async fn a_calendar_is_read_by_its_address_until_it_is_taken_back(hub: &TestHub) {
    let depot = Depot::with(hub, 1).await;
    let route = depot.route(&depot.shift(hub, &depot.vehicle(hub, "v1", 4).await).await, &depot.transfers).await;
    let own = depot.unit.created("/v1/calendars", &json!({ "site_id": hub.region.unit })).await;
    depot.unit.post("/v1/calendars", &json!({ "site_id": hub.region.bank })).await.problem(404, "not_found");
    depot.unit.post("/v1/calendars", &json!({})).await.problem(403, "forbidden");
    let nobody = Wire::nobody(&hub.base);
    let path = own["path"].as_str().unwrap();
    let answer = nobody.get(path).await;
    assert_eq!(answer.header("content-type"), Some("text/calendar; charset=utf-8"));
    assert_eq!(answer.text.matches("BEGIN:VEVENT").count(), 1, "{}", answer.text);
    assert!(answer.text.contains("SUMMARY:Delivery at south-unit"), "{}", answer.text);
    let all = depot.dispatcher.created("/v1/calendars", &json!({})).await;
    let whole = nobody.get(all["path"].as_str().unwrap()).await;
    assert_eq!(whole.text.matches("BEGIN:VEVENT").count(), 2, "{}", whole.text);
    depot.act(&route, "cancel", json!({ "reason": "storm" })).await.expect(200);
    assert!(nobody.get(path).await.text.contains("STATUS:CANCELLED"));
    let mut wrong = path.to_owned();
    wrong.replace_range(wrong.len() - 1.., if wrong.ends_with('0') { "1" } else { "0" });
    nobody.get(&wrong).await.problem(404, "not_found");
    let gone = depot.unit.ask(reqwest::Method::DELETE, &format!("/v1/calendars/{}", id(&own))).send().await;
    assert_eq!(gone.status, 204, "{}", gone.text);
    nobody.get(path).await.problem(404, "not_found");
}

/// How often the feed tells that arrivals moved.
async fn moves(hub: &TestHub) -> usize {
    let feed = hub.admin.found("/v1/events?limit=1000").await;
    feed["items"].as_array().unwrap().iter().filter(|event| event["kind"] == "route.eta_moved").count()
}

async fn a_position_moves_the_next_arrival_and_an_old_one_does_not(hub: &TestHub) {
    let depot = Depot::with(hub, 1).await;
    let vehicle = depot.vehicle(hub, "v1", 4).await;
    let route = depot.route(&depot.shift(hub, &vehicle).await, &depot.transfers).await;
    depot.pack_all().await;
    let route = depot.act(&route, "assign", json!({})).await.expect(200);
    let path = format!("/v1/routes/{}", id(&route));
    let report = json!({
        "stop_id": id(stop(&route, "pickup", &depot.transfers[0])), "step_ref": "p", "what": "done", "seal_number": "S-0",
    });
    depot.dispatcher.post(&format!("{path}/reports"), &report).await.expect(200);
    let place = async |latitude: f64, at: &str| {
        let body = json!({ "positions": [
            { "vehicle_id": id(&vehicle), "latitude": latitude, "longitude": 114.17, "at": at },
        ] });
        depot.dispatcher.post("/v1/vehicle-positions", &body).await
    };
    let arrival = async || {
        let seen = depot.dispatcher.found(&path).await;
        stop(&seen, "delivery", &depot.transfers[0])["eta_at"].as_str().unwrap().to_owned()
    };
    hub.advance_to("2026-01-05T08:10:00Z").await;
    let unheard = arrival().await;
    // The unit lies at 22.25: the vehicle is nearly there.
    assert_eq!(place(22.254, "2026-01-05T08:11:01Z").await.status, 400, "a minute ahead of the hub is the most");
    hub.advance_to("2026-01-05T08:11:00Z").await;
    assert_eq!(place(22.254, "2026-01-05T08:11:00Z").await.expect(200)["kept"], 1);
    hub.advance_to("2026-01-05T08:11:01Z").await;
    let near = arrival().await;
    assert!(near < unheard && near.as_str() < "2026-01-05T08:15:00Z", "{near} {unheard}");
    assert_eq!(place(22.60, "2026-01-05T08:05:00Z").await.expect(200)["kept"], 0, "it came late");
    hub.advance_to("2026-01-05T08:12:00Z").await;
    assert_eq!(arrival().await, near, "an old position changes nothing");
    let version = depot.dispatcher.found(&path).await["version"].clone();
    let before = moves(hub).await;
    for second in 10..30 {
        place(22.254, &format!("2026-01-05T08:12:{second}Z")).await.expect(200);
        hub.advance_to(&format!("2026-01-05T08:12:{second}Z")).await;
    }
    assert_eq!(moves(hub).await, before, "a position that moves no arrival is told to nobody");
    // It drives away from the unit.
    hub.advance_to("2026-01-05T08:13:30Z").await;
    place(22.40, "2026-01-05T08:13:30Z").await.expect(200);
    hub.advance_to("2026-01-05T08:14:05Z").await;
    let away = arrival().await;
    assert!(away.as_str() > "2026-01-05T08:25:00Z", "{away}");
    assert_eq!(moves(hub).await, before + 1);
    assert_eq!(depot.dispatcher.found(&path).await["version"], version, "nothing was planned anew");
    let future = place(22.254, "2026-01-05T09:00:00Z").await.problem(400, "body_invalid");
    assert_eq!(future["errors"][0]["pointer"], "/positions/0/at", "{future}");
}

hub_test!(
    a_position_moves_the_next_arrival_and_an_old_one_does_not,
    a_courier_company_takes_a_route_and_drives_it,
    an_offer_is_declined_with_a_reason_or_lapses,
    a_calendar_is_read_by_its_address_until_it_is_taken_back,
);
