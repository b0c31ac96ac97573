//! Courier dispatch: what has to move by when, who drives it, how it stands, and what is done before milk is lost.

pub mod alarms;
mod approach;
mod arrange;
pub mod board;
mod boxes;
pub mod calendars;
pub mod carriers;
pub mod docking;
pub mod driver;
pub mod editing;
pub mod handing;
pub mod insertion;
pub mod links;
mod planning;
pub mod plans;
pub mod positions;
pub mod progress;
pub mod proofs;
pub mod reports;
pub mod roads;
pub mod routes;
pub mod shifts;
pub mod turning_back;
pub mod vehicles;
pub mod watch;
mod world;
mod writing;
