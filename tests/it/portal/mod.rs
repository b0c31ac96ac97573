//! The portal over real HTTP, on both databases, without script.

mod asking;
mod browser;
mod doors;
mod pages;
mod recalls;
mod stock;
mod transfers;
mod work;
