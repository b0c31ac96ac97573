//! The store on both backends: what it keeps, what it refuses, and how it fails.

pub mod fixture;
mod fragments;
mod kept;
mod migrations;
mod numbering;
mod outage;
pub mod proxy;
mod race;
mod repeats;
mod semantics;
mod writer;
