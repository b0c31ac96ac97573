//! A region with one of everything, laid out through the API, then multiplied: many lots on the board, or many
//! offers that wait for an answer.

use crate::place::Place;
use crate::process::{HubProcess, Start};
use crate::region::{self, Region, accepted, matched, published, released_lot, request_body};
use crate::wire::{Wire, id};
use reqwest::Method;
use serde_json::json;

/// A place with rows in it, and who may answer offers there.
pub struct Dataset {
    pub place: Place,
    /// Client id and secret of the bank's manager.
    pub bank: (String, String),
    /// The same at the unit.
    pub unit: (String, String),
    /// The unit.
    pub unit_site: String,
}

/// Lots to an offer's bottles: so many offers share one lot.
const OFFERS_OF_A_LOT: usize = 100;

impl Dataset {
    /// One site of each kind, one lot on the board, one offer that waits.
    async fn one_of_each(place: Place) -> Self {
        let hub = HubProcess::start(&settings(&place)).await;
        let admin = hub.admin().await;
        let clock = json!({ "now": region::DAWN, "run": true });
        admin.ask(Method::PUT, "/v1/simulation/clock").json(&clock).send().await.expect(200);
        let region = Region::lay_out(&admin).await;
        let secret = |site: &str| json!({ "name": "bank", "role": "bank_manager", "site_ids": [site], "secret": true });
        let client = admin.created("/v1/clients", &secret(&region.bank)).await;
        let bank = (id(&client), client["client_secret"].as_str().unwrap().to_owned());
        let manager = Wire::client(&hub.base, &bank.0, &bank.1).await;
        let client = admin.created("/v1/clients", &secret(&region.unit)).await;
        let of_unit = (id(&client), client["client_secret"].as_str().unwrap().to_owned());
        let unit = Wire::client(&hub.base, &of_unit.0, &of_unit.1).await;
        let lot = released_lot(&manager, &region.bank, "L-0", 1).await;
        published(&manager, &region.bank, &lot).await;
        unit.created("/v1/requests", &request_body(&region.unit, "I-0", 100)).await;
        assert_eq!(matched(&manager, &region.bank).await.len(), 1);
        drop(hub);
        Self { place, bank, unit: of_unit, unit_site: region.unit }
    }

    /// So many lots with one bottle each on the board, and so many open requests that none of them fits.
    pub async fn with_open_requests(place: Place, lots: usize, open: usize) -> Self {
        let dataset = Self::one_of_each(place).await;
        let here = &dataset.place;
        here.multiply("lots", lots, &[("id", LOT), ("code", "'B-' || n.i"), ("expires_at", LATER)]);
        let line = [("id", LINE), ("lot_id", LOT), ("available_bottles", "1"), ("expires_at", LATER)];
        here.multiply("surplus_lines", lots, &line);
        let bottle = [("id", BOTTLE), ("lot_id", LOT), ("surplus_line_id", LINE), ("offer_id", "NULL")];
        here.multiply("bottles", lots, &bottle);
        let choosy = "REPLACE(old.constraints, '\"dairy_free\":false', '\"dairy_free\":true')";
        here.multiply("requests", open, &[("id", REQUEST), ("constraints", choosy), ("first_offer_at", "NULL")]);
        here.analyze();
        dataset
    }

    /// One box on the road, with a logger in it.
    pub async fn with_journey(place: Place) -> Self {
        let dataset = Self::one_of_each(place).await;
        let hub = HubProcess::start(&settings(&dataset.place)).await;
        let manager = Wire::client(&hub.base, &dataset.bank.0, &dataset.bank.1).await;
        let offer = manager.all("/v1/offers?state=proposed").await[0].clone();
        let accepted = accepted(&manager, &offer).await;
        let courier = manager.all("/v1/couriers").await[0].clone();
        let plan = json!({
            "allocation_ids": [accepted["allocation_id"]], "courier_id": courier["id"], "logger_ref": "LOG-1",
            "planned_pickup_at": "2026-01-05T10:00:00Z", "planned_delivery_at": "2026-01-05T12:00:00Z",
        });
        let planned = manager.created("/v1/transfers", &plan).await;
        let path = |verb: &str| format!("/v1/transfers/{}/{verb}", id(&planned));
        let seal = json!({ "seal_number": "S-1" });
        let packed = manager.act(&planned, &path("pack"), &seal).await.expect(200);
        manager.act(&packed, &path("collect"), &seal).await.expect(200);
        drop(hub);
        dataset
    }

    /// So many more lots, each with a line on the board.
    pub async fn with_lots(place: Place, lots: usize) -> Self {
        let dataset = Self::one_of_each(place).await;
        dataset.place.multiply("lots", lots, &[("id", LOT), ("code", "'B-' || n.i"), ("expires_at", LATER)]);
        let line = [("id", LINE), ("lot_id", LOT), ("available_bottles", "1"), ("expires_at", LATER)];
        dataset.place.multiply("surplus_lines", lots, &line);
        dataset.place.analyze();
        dataset
    }

    /// So many more offers, each for a request of its own, that wait for an answer.
    pub async fn with_offers(place: Place, offers: usize) -> Self {
        let dataset = Self::one_of_each(place).await;
        let (lots, here) = (offers.div_ceil(OFFERS_OF_A_LOT), &dataset.place);
        here.multiply("lots", lots, &[("id", LOT), ("code", "'B-' || n.i")]);
        here.multiply("surplus_lines", lots, &[("id", LINE), ("lot_id", LOT), ("available_bottles", "0")]);
        here.multiply("requests", offers, &[("id", REQUEST)]);
        here.multiply("offers", offers, &[("id", OFFER), ("request_id", REQUEST)]);
        let division = "1 + (n.i - 1) % 100";
        let bottle = [
            ("id", BOTTLE),
            ("lot_id", LOT_OF_OFFER),
            ("division", division),
            ("surplus_line_id", LINE_OF_OFFER),
            ("offer_id", OFFER),
        ];
        here.multiply("bottles", offers, &bottle);
        here.multiply(
            "offer_bottles",
            offers,
            &[("offer_id", OFFER), ("bottle_id", BOTTLE), ("surplus_line_id", LINE_OF_OFFER)],
        );
        here.analyze();
        dataset
    }
}

const LOT: &str = "'00000000-0000-7001-8000-' || (100000000000 + n.i)";
const LINE: &str = "'00000000-0000-7002-8000-' || (100000000000 + n.i)";
const REQUEST: &str = "'00000000-0000-7003-8000-' || (100000000000 + n.i)";
const OFFER: &str = "'00000000-0000-7004-8000-' || (100000000000 + n.i)";
const BOTTLE: &str = "'00000000-0000-7005-8000-' || (100000000000 + n.i)";
const LOT_OF_OFFER: &str = "'00000000-0000-7001-8000-' || (100000000001 + (n.i - 1) / 100)";
const LINE_OF_OFFER: &str = "'00000000-0000-7002-8000-' || (100000000001 + (n.i - 1) / 100)";
const LATER: &str = "old.expires_at + n.i * 1000";

/// The id of the offer with this number, as [`Dataset::with_offers`] made it.
pub fn offer_id(number: usize) -> String {
    format!("00000000-0000-7004-8000-{}", 100_000_000_000_usize + number)
}

/// A hub over this place that does nothing by itself.
pub fn settings(place: &Place) -> Start {
    let mut start = Start::simulated(place.folder());
    start.database_url = place.database_url();
    start.settings.push(("MILKBRIDGE_BACKGROUND_WORK", "false".to_owned()));
    start
}
