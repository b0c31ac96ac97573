//! Integration tests: one binary, every ring.

#[cfg(test)]
mod store;
