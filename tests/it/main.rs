//! Integration tests: one binary, every ring.

#[cfg(test)]
mod api;
#[cfg(test)]
mod architecture;
#[cfg(test)]
mod coordination;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod demo;
#[cfg(test)]
mod dispatch;
#[cfg(test)]
mod hub;
#[cfg(test)]
mod identity;
#[cfg(test)]
mod journeys;
#[cfg(test)]
mod keeping;
#[cfg(test)]
mod loggers;
#[cfg(test)]
mod network;
#[cfg(test)]
mod portal;
#[cfg(test)]
mod store;
