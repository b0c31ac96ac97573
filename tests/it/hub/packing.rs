//! Validated packings of the region's carrier.

use super::TestHub;
use super::wire::id;
use serde_json::{Value, json};

/// The packing that the carrier's agreement states.
pub async fn stated(hub: &TestHub) -> Value {
    let found = hub.admin.all(&format!("/v1/packings?courier_id={}&state=active", hub.region.courier)).await;
    assert_eq!(found.len(), 1, "{found:?}");
    found[0].clone()
}

/// A packing to be entered, with its minutes up to 20 and up to 35.5 degrees.
pub fn validated(hub: &TestHub, hold_minutes: [i64; 2]) -> Value {
    json!({
        "code": "gel-20", "courier_id": hub.region.courier, "container": "20 L insulated box", "coolant": "frozen_gel",
        "capacity_ml": 20_000, "capacity_bottles": 60, "validated_by": "Cold-chain laboratory of the north",
        "document_reference": "VAL-7", "validated_on": "2026-01-02",
        "steps": [
            { "up_to_c": 20, "hold_minutes": hold_minutes[0] }, { "up_to_c": 35.5, "hold_minutes": hold_minutes[1] },
        ],
    })
}

/// Validates another packing in the place of the stated one.
pub async fn superseded(hub: &TestHub, hold_minutes: [i64; 2]) -> Value {
    let mut body = validated(hub, hold_minutes);
    body["supersedes"] = json!(id(&stated(hub).await));
    hub.admin.created("/v1/packings", &body).await
}

/// Notes what January is like at both ends; the other months have thirty degrees.
pub async fn noted_weather(hub: &TestHub, january: f64) {
    let mut highs = vec![json!(30); 12];
    highs[0] = json!(january);
    for site in [&hub.region.bank, &hub.region.unit] {
        let body = json!({ "monthly_high_c": highs, "source": "normals of the weather service" });
        let path = format!("/v1/sites/{site}/climate");
        hub.admin.ask(reqwest::Method::PUT, &path).json(&body).send().await.expect(200);
        assert_eq!(hub.admin.found(&path).await["monthly_high_c"][0], json!(january));
    }
}
