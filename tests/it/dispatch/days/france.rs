//! Paris, a Friday before a weekend: wards whose doors are closed from Friday evening to Monday, a carrier that does
//! not work at weekends, and a door that stays shut although it should be open.

use super::proof::{all_milk_is_in_a_freezer, every_need_is_met, nothing_half_assigned};
use super::{Day, Need, stops};
use crate::hub::TestHub;
use crate::hub::wire::id;
use crate::hub_test;
use reqwest::Method;
use serde_json::{Value, json};

const BANK: &str = "fr-paris-necker";
const DAILY: &str = "fr-paris-trousseau";
const WEEKDAYS: [&str; 2] = ["fr-paris-port-royal", "fr-paris-pitie"];
const SHUT: &str = "fr-paris-robert-debre";
const NATIONAL_BASE: &str = "fr-pessac-fourcade";
const SHUTTLE: &str = "fr-hopital-navette";
const NATIONAL: &str = "fr-frigo-national";

/// Friday noon, with a box for each of four wards.
async fn friday(hub: &TestHub) -> Day<'_> {
    let codes = [BANK, DAILY, WEEKDAYS[0], WEEKDAYS[1], SHUT, NATIONAL_BASE];
    let mut day = Day::of(hub, "france", &codes, &[SHUTTLE, NATIONAL]).await;
    hub.advance_to("2026-01-09T11:00:00Z").await;
    day.surplus(BANK, "FR-1", 8).await;
    let needs = [DAILY, WEEKDAYS[0], WEEKDAYS[1], SHUT];
    day.ask(&needs.map(|unit| Need { unit, volume_ml: 200, needed_by: "2026-01-12T18:00:00Z" })).await;
    assert_eq!(day.pack_up(|_| SHUTTLE, "2026-01-09T12:00:00Z", "2026-01-09T14:00:00Z").await, 4);
    // Only now do two of the wards tell that they close at noon, and for the weekend.
    let span = json!([["08:00", "17:00"]]);
    let hours = json!({
        "monday": span, "tuesday": span, "wednesday": span, "thursday": span, "friday": [["08:00", "12:00"]],
    });
    for code in WEEKDAYS {
        let path = format!("/v1/sites/{}", day.site(code).id);
        let version = hub.admin.found(&path).await["version"].as_i64().unwrap();
        hub.admin.change(Method::PATCH, &path, version, &json!({ "opening_hours": hours })).await.expect(200);
    }
    day
}

/// The deliveries of a route by the code of their site, with their planned time.
fn deliveries(day: &Day<'_>, route: &Value) -> Vec<(String, String)> {
    let code = |stop: &Value| day.code(stop["site_id"].as_str().unwrap()).to_owned();
    let planned = |stop: &Value| stop["planned_at"].as_str().unwrap().to_owned();
    stops(route, |stop| stop["kind"] == "delivery").map(|stop| (code(stop), planned(stop))).collect()
}

async fn a_weekend_keeps_its_doors_closed(hub: &TestHub) {
    let mut day = friday(hub).await;
    // A carrier that works from Monday to Friday has no shift on a Saturday.
    let truck = day.vehicle(NATIONAL, "truck-1").await;
    let saturday = json!({
        "vehicle_id": id(&truck), "starts_at": "2026-01-10T07:00:00Z", "ends_at": "2026-01-10T16:00:00Z",
    });
    day.dispatcher.post("/v1/shifts", &saturday).await.problem(409, "carrier_off_duty");
    let shuttle = day.vehicle(SHUTTLE, "shuttle-1").await;
    day.shift(&shuttle, "2026-01-10T07:00:00Z", "2026-01-10T16:00:00Z").await;
    hub.advance_to("2026-01-09T20:00:00Z").await;
    let planned = day.plan().await;
    let left = planned["outcome"]["unassigned"].as_array().unwrap().clone();
    assert_eq!(left.len(), 2, "{planned}");
    for one in &left {
        assert_eq!(one["reason"], "receiver_closed", "{planned}");
        assert!(one["remedy"].as_str().unwrap().contains("later"), "{planned}");
    }
    nothing_half_assigned(&day).await;
    let route = day.act(&day.open_routes().await[0], "assign", json!({})).await;
    let mut to: Vec<String> = deliveries(&day, &route).into_iter().map(|(code, _)| code).collect();
    to.sort_unstable();
    assert_eq!(to, [SHUT, DAILY], "{route}");
    saturday_with_a_shut_door(&day, &route).await;
    monday(&mut day, &shuttle).await;
}

/// One door stays shut: the box goes back to the bank by itself, within its packaging's time.
async fn saturday_with_a_shut_door(day: &Day<'_>, route: &Value) {
    let shut = day.site(SHUT).id.clone();
    let mut seen = route.clone();
    loop {
        let next = stops(&seen, super::is_ahead).next().cloned();
        let Some(stop) = next else { break };
        let at = stop["eta_at"].as_str().unwrap();
        if at > day.now().await.as_str() {
            day.hub.advance_to(at).await;
        }
        let closed = stop["kind"] == "delivery" && stop["site_id"] == *shut;
        let (what, problem) = if closed { ("failed", Some("nobody_there")) } else { ("done", None) };
        seen = day.report(&day.route(&id(route)).await, &stop, what, problem).await;
        nothing_half_assigned(day).await;
    }
    assert_eq!(seen["state"], "finished", "{seen}");
    let home: Vec<&Value> = stops(&seen, |stop| stop["kind"] == "drop").collect();
    assert_eq!(home.len(), 1, "the box that was not taken went back: {seen}");
    assert_eq!(home[0]["site_id"], *day.site(BANK).id, "{seen}");
    let transfer = home[0]["transfer_id"].as_str().unwrap();
    day.take_back(transfer, "nobody at the door").await;
    day.receive_all().await;
}

/// Monday: the doors are open again, and everything arrives within their hours.
async fn monday(day: &mut Day<'_>, shuttle: &Value) {
    day.hub.advance_to("2026-01-12T05:00:00Z").await;
    let lots = day.site(BANK).wire.all("/v1/lots").await;
    day.publish(BANK, &id(&lots[0])).await;
    assert_eq!(day.pack_up(|_| SHUTTLE, "2026-01-12T07:00:00Z", "2026-01-12T10:00:00Z").await, 1);
    day.shift(shuttle, "2026-01-12T06:00:00Z", "2026-01-12T16:00:00Z").await;
    let planned = day.plan().await;
    assert_eq!(planned["unassigned"], 0, "{planned}");
    let route = day.act(&day.open_routes().await[0], "assign", json!({})).await;
    for (code, at) in deliveries(day, &route) {
        let open = WEEKDAYS.contains(&code.as_str());
        // Eight in Paris is seven in UTC.
        assert!(!open || at.as_str() >= "2026-01-12T07:00:00Z", "{code} at {at}");
    }
    day.drive(std::slice::from_ref(&id(&route)), "2026-01-12T16:00:00Z").await;
    day.receive_all().await;
    let ledger = all_milk_is_in_a_freezer(day).await;
    assert_eq!(ledger["released_ml"], 800, "{ledger}");
    every_need_is_met(day).await;
    nothing_half_assigned(day).await;
}

hub_test!(a_weekend_keeps_its_doors_closed);
