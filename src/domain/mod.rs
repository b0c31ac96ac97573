//! The rules of the field: values in, decisions out. Nothing here reads a clock, a database or the
//! environment, so that each rule can be tested by itself and replayed years later.

pub mod actor;
pub mod field;
pub mod ids;
pub mod matching;
pub mod quantity;
pub mod time;
