//! The tables of courier dispatch.

pub mod alarms;
pub mod calendars;
pub mod links;
pub mod offers;
pub mod plans;
pub mod proofs;
pub mod roads;
pub mod routes;
pub mod vehicles;
