//! Milkbridge: the hub through which hospital milk banks exchange donor human milk.
//!
//! Imports go left to right only:
//!
//! ```text
//! main → app → { api, portal, workers, scenario } → interop → actions → store        → domain
//!                                                             actions → coordination → domain
//! ```
//!
//! `domain` decides, `store` keeps, `actions` join the two in one transaction; the edges call `actions`.

pub mod actions;
pub mod api;
pub mod app;
pub mod config;
pub mod coordination;
pub mod domain;
pub mod interop;
pub mod portal;
pub mod scenario;
pub mod store;
pub mod telemetry;
pub mod workers;
