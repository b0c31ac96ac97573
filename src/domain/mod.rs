//! The rules of the field: values in, decisions out. Nothing here reads a clock, a database or the
//! environment, so that each rule can be tested by itself and replayed years later.

pub mod actor;
pub mod agreement;
pub mod bottle;
pub mod closure;
pub mod courier;
pub mod eligibility;
pub mod exception;
pub mod exchange;
pub mod excursion;
pub mod fate;
pub mod field;
pub mod geography;
pub mod ids;
pub mod isbt128;
pub mod lot;
pub mod matching;
pub mod need;
pub mod network;
pub mod offer;
pub mod opening_hours;
pub mod people;
pub mod policy;
pub mod quantity;
pub mod recall;
pub mod receipt;
pub mod refusal;
pub mod request;
pub mod retention;
pub mod site;
pub mod surplus;
pub mod temperature;
pub mod text;
pub mod time;
pub mod transfer;
pub mod words;
