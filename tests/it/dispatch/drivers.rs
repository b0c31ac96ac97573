//! What a driver's link lets in: one route, one phone, steps once each; and what it keeps out.

use super::{Depot, stop};
use crate::hub::TestHub;
use crate::hub::wire::{Wire, id};
use crate::hub_test;
use serde_json::{Value, json};

struct Drive {
    depot: Depot,
    route: Value,
    code: String,
    phone: Wire,
}

impl Drive {
    async fn on(hub: &TestHub) -> Self {
        let drive = Self::unpacked(hub).await;
        drive.depot.pack_all().await;
        drive
    }

    async fn unpacked(hub: &TestHub) -> Self {
        let depot = Depot::with(hub, 1).await;
        let shift = depot.shift(hub, &depot.vehicle(hub, "v1", 4).await).await;
        let route = depot.route(&shift, &depot.transfers).await;
        let link = depot.act(&route, "driver-links", json!({})).await.expect(200);
        let code = link["code"].as_str().unwrap().to_owned();
        Self { depot, route, code, phone: Wire::nobody(&hub.base) }
    }

    fn opening(&self) -> Value {
        json!({ "code": self.code, "device": "phone-of-a-test" })
    }

    fn step(&self, kind: &str, at: &str) -> Value {
        let stop = stop(&self.route, kind, &self.depot.transfers[0]);
        json!({
            "stop_id": id(stop), "step_ref": format!("step-{kind}"), "what": "done", "seal_number": "S-0",
            "at": format!("2026-01-05T{at}:00Z"),
        })
    }

    async fn send(&self, steps: Vec<Value>) -> Value {
        let mut body = self.opening();
        body["steps"] = json!(steps);
        self.phone.post("/v1/driver/steps", &body).await.expect(200)
    }
}

fn outcomes(answer: &Value) -> Vec<&str> {
    answer["steps"].as_array().unwrap().iter().map(|step| step["outcome"].as_str().unwrap()).collect()
}

/// Refusal 9: the seal is the packer's; one that was read before it is compared once it is known.
async fn refusal_09_a_box_that_nobody_packed_is_not_taken(hub: &TestHub) {
    let drive = Drive::unpacked(hub).await;
    hub.advance_to("2026-01-05T12:00:00Z").await;
    let now = drive.send(vec![drive.step("pickup", "11:58")]).await;
    assert_eq!(outcomes(&now), ["refused"], "{now}");
    let mut late = drive.step("pickup", "10:00");
    (late["seal_number"], late["step_ref"]) = (json!("S-9"), json!("kept-on-the-phone"));
    let late = drive.send(vec![late]).await;
    assert_eq!(outcomes(&late), ["taken"], "what a phone kept without a signal is a fact: {late}");
    drive.depot.pack_all().await;
    hub.advance_to("2026-01-05T12:10:00Z").await;
    let delivered = drive.send(vec![drive.step("delivery", "12:05")]).await;
    assert_eq!(outcomes(&delivered), ["taken"], "{delivered}");
    let cases = drive.depot.bank.all("/v1/cases").await;
    assert!(cases.iter().any(|case| case["kind"] == "seal_mismatch"), "{cases:?}");
    let excursions = drive.depot.bank.all("/v1/excursions").await;
    assert!(excursions.iter().any(|one| one["kind"] == "seal"), "{excursions:?}");
}

async fn a_phone_sends_what_it_kept_once(hub: &TestHub) {
    let drive = Drive::on(hub).await;
    let opened = drive.phone.post("/v1/driver/route", &drive.opening()).await.expect(200);
    assert_eq!(opened["route"]["state"], "assigned", "a link assigns its route: {opened}");
    assert_eq!(opened["tier"], 1);
    assert_eq!(opened["sites"].as_array().unwrap().len(), 2);
    hub.advance_to("2026-01-05T12:00:00Z").await;
    let early = drive.send(vec![drive.step("delivery", "10:30")]).await;
    assert_eq!(outcomes(&early), ["refused"], "not aboard yet: {early}");
    let both = drive.send(vec![drive.step("pickup", "10:00"), drive.step("delivery", "10:30")]).await;
    assert_eq!(outcomes(&both), ["taken", "taken"], "{both}");
    assert_eq!(both["route"]["route"]["state"], "finished");
    let again = drive.send(vec![drive.step("delivery", "10:30"), drive.step("pickup", "10:00")]).await;
    assert_eq!(outcomes(&again), ["repeated", "repeated"], "{again}");
    let transfer = drive.depot.unit.found(&format!("/v1/transfers/{}", drive.depot.transfers[0])).await;
    assert_eq!(transfer["collected_at"], "2026-01-05T10:00:00Z", "the phone's own time: {transfer}");
    assert_eq!(transfer["delivered_at"], "2026-01-05T10:30:00Z", "{transfer}");
}

async fn a_forged_copied_or_spent_link_opens_nothing(hub: &TestHub) {
    let drive = Drive::on(hub).await;
    let ask = |code: String, device: &str| {
        let body = json!({ "code": code, "device": device });
        let phone = Wire::nobody(&hub.base);
        async move { phone.post("/v1/driver/route", &body).await }
    };
    let mut forged = drive.code.clone();
    forged.replace_range(10..11, if &forged[10..11] == "A" { "B" } else { "A" });
    ask(forged, "phone-of-a-test").await.problem(401, "driver_link_forged");
    ask("nonsense".to_owned(), "phone-of-a-test").await.problem(401, "driver_link_forged");
    ask(drive.code.clone(), "short").await.problem(400, "body_invalid");
    ask(drive.code.clone(), "phone-of-a-test").await.expect(200);
    ask(drive.code.clone(), "another-phone").await.problem(401, "driver_link_used_elsewhere");
    let seen = drive.depot.dispatcher.found(&format!("/v1/routes/{}", id(&drive.route))).await;
    let second = drive.depot.act(&seen, "driver-links", json!({})).await.expect(200);
    ask(drive.code.clone(), "phone-of-a-test").await.problem(401, "driver_link_revoked");
    hub.advance_to("2026-01-06T00:00:00Z").await;
    let code = second["code"].as_str().unwrap().to_owned();
    ask(code, "phone-of-a-test").await.problem(401, "driver_link_expired");
}

async fn a_step_from_the_future_is_refused_and_the_others_are_kept(hub: &TestHub) {
    let drive = Drive::on(hub).await;
    hub.advance_to("2026-01-05T10:00:00Z").await;
    let answer = drive.send(vec![drive.step("pickup", "10:00"), drive.step("delivery", "13:00")]).await;
    assert_eq!(outcomes(&answer), ["taken", "refused"], "{answer}");
    assert!(answer["steps"][1]["detail"].as_str().unwrap().contains("future"), "{answer}");
    let mut place = drive.opening();
    place["latitude"] = json!(22.28);
    place["longitude"] = json!(114.17);
    place["at"] = json!("2026-01-05T10:00:00Z");
    drive.phone.post("/v1/driver/positions", &place).await.expect(204);
    let board = drive.depot.dispatcher.found("/v1/dispatch-board").await;
    assert_eq!(board["positions"][0]["latitude"], 22.28, "{board}");
    place["at"] = json!("2026-01-05T11:00:00Z");
    drive.phone.post("/v1/driver/positions", &place).await.problem(400, "body_invalid");
}

async fn a_box_that_was_not_ready_is_given_up_with_its_reason(hub: &TestHub) {
    let drive = Drive::on(hub).await;
    hub.advance_to("2026-01-05T10:00:00Z").await;
    let mut step = drive.step("pickup", "10:00");
    step["what"] = json!("failed");
    step["problem"] = json!("box_not_ready");
    step["note"] = json!("nobody had packed it");
    let answer = drive.send(vec![step]).await;
    assert_eq!(outcomes(&answer), ["taken"], "{answer}");
    assert_eq!(answer["route"]["route"]["state"], "finished", "{answer}");
    let board = drive.depot.dispatcher.found("/v1/dispatch-board").await;
    assert_eq!(board["waiting"][0]["transfer_id"], *drive.depot.transfers[0], "it waits again: {board}");
}

hub_test!(
    refusal_09_a_box_that_nobody_packed_is_not_taken,
    a_phone_sends_what_it_kept_once,
    a_forged_copied_or_spent_link_opens_nothing,
    a_step_from_the_future_is_refused_and_the_others_are_kept,
    a_box_that_was_not_ready_is_given_up_with_its_reason,
);
