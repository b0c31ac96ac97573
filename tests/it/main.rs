//! Integration tests: one binary, every ring.
