//! Integration tests: one binary, every ring.

#[cfg(test)]
mod architecture;
#[cfg(test)]
mod coordination;
#[cfg(test)]
mod identity;
#[cfg(test)]
mod store;
