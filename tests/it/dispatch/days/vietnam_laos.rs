//! Hanoi, Luang Prabang and Vientiane: milk stays in its country until an agreement lets it cross, only the carrier
//! that covers the road takes it, and a border that closes for a night moves its arrival, not its milk.

use super::proof::{all_milk_is_in_a_freezer, every_need_is_met, nothing_half_assigned};
use super::{Day, Need, stops};
use crate::hub::TestHub;
use crate::hub::wire::id;
use crate::hub_test;
use serde_json::{Value, json};

const HANOI: &str = "vn-hanoi-nch-hmb";
const BACHMAI: &str = "vn-hanoi-bachmai";
const LUANG_PRABANG: &str = "la-luangprabang-lfhc-hmb";
const MOTHERS: &str = "la-vientiane-mnh";
const CHILDREN: &str = "la-vientiane-nch";
const CITY_CAR: &str = "vn-hanoi-car";
const COACH: &str = "vn-intercity-coach";
const LAO_CAR: &str = "la-hospital-car";

/// Six in the morning on both sides of the border.
async fn morning(hub: &TestHub) -> Day<'_> {
    let codes = [HANOI, BACHMAI, LUANG_PRABANG, MOTHERS, CHILDREN];
    let day = Day::of(hub, "vietnam-laos", &codes, &[CITY_CAR, COACH, LAO_CAR]).await;
    hub.advance_to("2026-01-05T23:00:00Z").await;
    day.surplus(HANOI, "VN-1", 6).await;
    day.surplus(LUANG_PRABANG, "LA-1", 2).await;
    let by = "2026-01-08T05:00:00Z";
    let need = |unit, volume_ml| Need { unit, volume_ml, needed_by: by };
    day.ask(&[need(BACHMAI, 200), need(MOTHERS, 200), need(CHILDREN, 400)]).await;
    day
}

/// The pairs of sites that promises were made between.
async fn pairs(day: &Day<'_>) -> Vec<(String, String)> {
    let code = |id: &str| day.code(id).to_owned();
    let mut pairs: Vec<(String, String)> =
        day.matched().await.iter().map(|(_, from, to)| (code(from), code(to))).collect();
    pairs.sort_unstable();
    pairs.dedup();
    pairs
}

async fn milk_crosses_a_border_under_an_agreement(hub: &TestHub) {
    let mut day = morning(hub).await;
    let within = pairs(&day).await;
    assert!(within.iter().all(|(from, to)| from[..2] == to[..2]), "nothing crosses without an agreement: {within:?}");
    let own = |from: &str| if from == HANOI { CITY_CAR } else { LAO_CAR };
    // The Lao car drives from Luang Prabang to the capital; the other crosses a city.
    let until = |from: &str| if from == HANOI { "2026-01-06T03:00:00Z" } else { "2026-01-06T08:00:00Z" }.to_owned();
    assert_eq!(day.pack_up_until(own, "2026-01-06T01:30:00Z", until).await, within.len());
    let members: Vec<String> = [HANOI, MOTHERS, CHILDREN].map(|code| day.site(code).id.clone()).to_vec();
    day.agreement("signed-alone", &members, None).await;
    assert!(day.matched().await.is_empty(), "nobody has said how one side's rules are read on the other");
    day.agreement("hanoi-vientiane", &members, Some("both sites' rules apply, the stricter one decides")).await;
    let held = day.matched().await;
    assert!(!held.is_empty(), "under the agreement milk is promised across the border");
    // The Lao car's agreement ends at the border (refusal 9).
    let plan = |courier: &str| {
        json!({
            "allocation_ids": [held[0].0], "courier_id": day.couriers[courier],
            "planned_pickup_at": "2026-01-06T01:00:00Z", "planned_delivery_at": "2026-01-06T08:00:00Z",
        })
    };
    assert_eq!(day.dispatcher.post("/v1/transfers", &plan(LAO_CAR)).await.refused(), [9]);
    assert!(day.pack_up(|_| COACH, "2026-01-06T01:00:00Z", "2026-01-06T14:00:00Z").await > 0);
    let (coach, routes) = all_planned(&day).await;
    let mut others: Vec<String> = routes.iter().map(id).filter(|one| *one != coach).collect();
    others.push(coach.clone());
    day.drive(&others, "2026-01-06T05:00:00Z").await;
    // At noon the border is said to be closed until the next morning.
    hub.advance_to("2026-01-06T05:00:00Z").await;
    let before = arrival(&day, &coach).await;
    day.close("border closed", &[MOTHERS, CHILDREN], "2026-01-06T11:00:00Z", "2026-01-06T22:00:00Z").await;
    hub.advance_to("2026-01-06T05:10:00Z").await;
    let after = arrival(&day, &coach).await;
    assert!(before.as_str() < "2026-01-06T22:00:00Z" && after.as_str() >= "2026-01-06T22:00:00Z", "{before} {after}");
    let seen = day.route(&coach).await;
    let in_danger = |alarm: &&Value| alarm["kind"] == "late" || alarm["kind"] == "warm";
    assert_eq!(seen["alarms"].as_array().unwrap().iter().find(in_danger), None, "the dry ice holds until then");
    nothing_half_assigned(&day).await;
    day.drive(&others, "2026-01-07T12:00:00Z").await;
    day.receive_all().await;
    let ledger = all_milk_is_in_a_freezer(&day).await;
    assert_eq!(ledger["released_ml"], 800, "{ledger}");
    every_need_is_met(&day).await;
    nothing_half_assigned(&day).await;
}

/// Plans every box into the shift that may carry it; the coach's route, and all of them, each with its driver.
async fn all_planned(day: &Day<'_>) -> (String, Vec<Value>) {
    let mut shifts = Vec::new();
    for (courier, until) in [(CITY_CAR, "2026-01-06T10:00:00Z"), (LAO_CAR, "2026-01-06T10:00:00Z")] {
        let vehicle = day.vehicle(courier, courier).await;
        shifts.push(day.shift(&vehicle, "2026-01-06T01:00:00Z", until).await);
    }
    let vehicle = day.vehicle(COACH, COACH).await;
    let coach = day.shift(&vehicle, "2026-01-06T01:00:00Z", "2026-01-07T12:00:00Z").await;
    let planned = day.plan().await;
    assert_eq!(planned["unassigned"], 0, "{planned}");
    nothing_half_assigned(day).await;
    let mut routes = Vec::new();
    for route in day.open_routes().await {
        routes.push(day.act(&route, "assign", json!({})).await);
    }
    let across = |route: &&Value| {
        stops(route, |_| true).any(|stop| {
            let from = stop["kind"] == "pickup" && stop["site_id"] == *day.site(HANOI).id;
            from && [MOTHERS, CHILDREN].iter().any(|code| goes_to(route, stop, &day.site(code).id))
        })
    };
    let route = routes.iter().find(across).expect("a route across the border");
    assert_eq!(route["shift_id"], coach["id"], "only the coach may cross: {route}");
    (id(route), routes)
}

/// True when the box of a stop is delivered at a site.
fn goes_to(route: &Value, stop: &Value, site: &str) -> bool {
    stops(route, |_| true).any(|other| {
        other["transfer_id"] == stop["transfer_id"] && other["kind"] == "delivery" && other["site_id"] == *site
    })
}

/// When the last box of a route is expected.
async fn arrival(day: &Day<'_>, route: &str) -> String {
    let seen = day.route(route).await;
    let last = stops(&seen, |stop| stop["kind"] == "delivery").last().expect("a delivery");
    last["eta_at"].as_str().unwrap().to_owned()
}

hub_test!(milk_crosses_a_border_under_an_agreement);
