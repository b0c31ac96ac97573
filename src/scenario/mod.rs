//! The demo and the replay: a client of the public API that plays a region's events on a simulated clock.
//! It reaches nothing behind the API, and it refuses input with faults before it writes anything.

pub mod calendar;
pub mod client;
mod climate;
pub mod disturbances;
pub mod draws;
pub mod event;
pub mod event_check;
pub mod event_infant;
pub mod event_lot;
pub mod event_reference;
pub mod event_stream;
pub mod finding;
pub mod input;
pub mod journey;
mod json_line;
pub mod logger;
pub mod play;
pub mod reference_policy;
pub mod region;
pub mod region_check;
mod replay;
pub mod report;
pub mod report_table;
pub mod setup;
pub mod stored;
pub mod supply;
pub mod tally;
pub mod tier;
pub mod ward;
pub mod wire;

pub use client::Credentials;
pub use input::{InputError, ReplayInput, load};
pub use replay::{ReplayOptions, ScenarioError, replay};
pub use report::Report;
pub use report_table::print_table;

#[cfg(test)]
mod region_check_tests;
