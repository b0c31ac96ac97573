//! The one room that reads the clock and draws identifiers. A hub started for simulation takes its time
//! from outside and numbers its identifiers, so that the same events give the same ledger.

use crate::domain::time::Instant;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use uuid::{Builder, Uuid};

/// Where the hub's time comes from.
#[derive(Debug, Clone)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// A clock that only moves when it is told, in microseconds.
    Simulated(Arc<AtomicI64>),
}

impl Clock {
    /// A simulated clock that stands at `start`.
    #[must_use]
    pub fn simulated(start: Instant) -> Self {
        Self::Simulated(Arc::new(AtomicI64::new(start.micros())))
    }

    /// The time now.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the room that reads the clock")]
    pub fn now(&self) -> Instant {
        match self {
            Self::System => jiff::Timestamp::now().into(),
            Self::Simulated(micros) => Instant::from_micros(micros.load(Ordering::SeqCst)),
        }
    }

    /// True for a clock that is moved from outside.
    #[must_use]
    pub const fn is_simulated(&self) -> bool {
        matches!(self, Self::Simulated(_))
    }

    /// Moves a simulated clock forward; false when it is the system's clock or `to` lies before now.
    #[must_use]
    pub fn advance(&self, to: Instant) -> bool {
        match self {
            Self::System => false,
            Self::Simulated(micros) => micros
                .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |now| (to.micros() >= now).then(|| to.micros()))
                .is_ok(),
        }
    }
}

/// Where new identifiers come from.
#[derive(Debug, Clone)]
pub enum IdSource {
    /// UUIDv7 with random tail.
    Random,
    /// UUIDv7 of the simulated instant with a counter as tail.
    Counted(Arc<AtomicU64>),
}

impl IdSource {
    /// Numbers identifiers from `first`.
    #[must_use]
    pub fn counted(first: u64) -> Self {
        Self::Counted(Arc::new(AtomicU64::new(first)))
    }

    /// A new identifier; later ones sort after earlier ones.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the room that draws identifiers")]
    pub fn next(&self, now: Instant) -> Uuid {
        match self {
            Self::Random => Uuid::now_v7(),
            Self::Counted(counter) => {
                let number = counter.fetch_add(1, Ordering::SeqCst);
                let millis = u64::try_from(now.micros() / 1000).unwrap_or(0);
                let mut tail = [0_u8; 10];
                for (slot, byte) in tail.iter_mut().skip(2).zip(number.to_be_bytes()) {
                    *slot = byte;
                }
                Builder::from_unix_timestamp_millis(millis, &tail).into_uuid()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_simulated_clock_never_goes_back() {
        let clock = Clock::simulated(Instant::from_micros(10));
        assert!(clock.advance(Instant::from_micros(20)));
        assert!(!clock.advance(Instant::from_micros(19)));
        assert_eq!(clock.now(), Instant::from_micros(20));
        assert!(!Clock::System.advance(Instant::from_micros(0)));
    }

    #[test]
    fn counted_identifiers_sort_in_the_order_they_were_drawn() {
        let ids = IdSource::counted(0);
        let now = Instant::from_micros(1_700_000_000_000_000);
        let drawn: Vec<_> = (0..300).map(|_| ids.next(now)).collect();
        let mut sorted = drawn.clone();
        sorted.sort();
        sorted.dedup();
        assert_eq!(drawn, sorted);
    }
}
