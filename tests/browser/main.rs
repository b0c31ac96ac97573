//! The portal in a real Chromium: every page in every language and theme, and each role's day.

#[cfg(test)]
mod days;
#[cfg(test)]
mod dispatch;
#[cfg(test)]
mod hongkong;
#[cfg(test)]
#[path = "../it/hub/mod.rs"]
#[expect(dead_code, reason = "the other test binary speaks to more of the hub")]
mod hub;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod people;
#[cfg(test)]
mod pictures;
#[cfg(test)]
#[expect(dead_code, reason = "the benchmark uses more of it")]
mod session;
#[cfg(test)]
mod signal;
#[cfg(test)]
#[path = "../it/store"]
mod store {
    #[expect(dead_code, reason = "the other test binary opens stores of its own")]
    pub mod fixture;
}
