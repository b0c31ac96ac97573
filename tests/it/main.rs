//! Integration tests: one binary, every ring.

mod store;
