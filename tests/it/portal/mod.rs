//! The portal over real HTTP, on both databases, without script.

mod asking;
mod browser;
mod carriers;
mod dispatch;
mod doors;
mod office;
mod pages;
mod photos;
mod recalls;
mod sheets;
mod site;
mod stock;
mod transfers;
mod work;
