//! Foreign formats and services, turned into our own commands and back. No foreign type leaks inward.

pub mod documents;
pub mod health;
pub mod icalendar;
pub mod loggers;
pub mod match_instance;
pub mod osrm;
pub mod photo;
pub mod webhooks;
