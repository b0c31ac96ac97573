//! Courier dispatch over the wire: from a vehicle and a shift to milk at the door.

mod days;
mod drivers;
mod partners;
mod planning;
mod roads;
mod routes;
mod sharing;

pub use crate::hub::depot::Depot;
use serde_json::Value;

/// The stops of a route as `kind` words, in order.
pub fn kinds(route: &Value) -> Vec<&str> {
    route["stops"].as_array().unwrap().iter().map(|stop| stop["kind"].as_str().unwrap()).collect()
}

/// The stop of a box.
pub fn stop<'a>(route: &'a Value, kind: &str, transfer: &str) -> &'a Value {
    let stops = route["stops"].as_array().unwrap();
    let found = stops.iter().find(|stop| stop["kind"] == kind && stop["transfer_id"] == transfer);
    found.unwrap_or_else(|| panic!("no {kind} of {transfer}: {route}"))
}
