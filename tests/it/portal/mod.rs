//! The portal over real HTTP, on both databases, without script.

mod browser;
mod doors;
mod pages;
