//! Integration tests: one binary, every ring.

#[cfg(test)]
mod architecture;
#[cfg(test)]
mod store;
