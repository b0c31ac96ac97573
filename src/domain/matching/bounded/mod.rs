//! Plans for rules that no flow can hold: several bottle sizes, lot counts, all-or-nothing, fixed costs.
//! Builds a plan guided by the flow's prices, then ruins and recreates parts of it for a fixed amount of work.
#![expect(clippy::indexing_slicing, reason = "indices come from the validated problem")]

mod anneal;
mod barter;
mod basket;
mod board;
mod branch;
mod ceiling;
mod columns;
mod cover;
mod floor;
mod heat;
mod holdings;
mod narrow;
mod pattern;
mod proof;
mod quest;
mod random;
mod repair;
mod search;
mod trade;

pub(super) use board::{Board, Guide};
pub(super) use proof::{Budget, Proof};
pub(super) use search::improve;
