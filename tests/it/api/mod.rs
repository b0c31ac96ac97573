//! The JSON wire, spoken to from outside: what it does, what it refuses, and who may see what.

mod access;
mod bad_input;
mod choices;
mod exceptions;
mod exchange;
mod feed;
mod last_bottles;
mod outage;
mod receiver;
mod refusals;
mod webhooks;
