//! The demo and the replay: a client of the public API that plays a region's events on a simulated clock.
//! It reaches nothing behind the API, and it refuses input with faults before it writes anything.

pub mod calendar;
pub mod draws;
pub mod event;
pub mod event_check;
pub mod event_infant;
pub mod event_lot;
pub mod event_reference;
pub mod event_stream;
pub mod finding;
pub mod journey;
mod json_line;
pub mod logger;
pub mod reference_policy;
pub mod region;
pub mod region_check;
pub mod report;
pub mod report_table;
pub mod stored;
pub mod supply;
pub mod tier;
pub mod ward;

#[cfg(test)]
mod region_check_tests;
