//! How a running route stands: slack is the deadline less the time of arrival; the least comes first.

use crate::domain::time::Instant;

/// A vehicle that nobody has heard of for so long is silent.
const SILENT_MINUTES: i64 = 30;

/// Minutes between the arrival and the deadline; below nought is late.
#[must_use]
pub const fn slack_minutes(deadline: Instant, arrives: Instant) -> i64 {
    deadline.minutes_since(arrives)
}

/// How a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Minutes to spare before the deadline.
    pub slack_minutes: i64,
    /// Minutes for which the box still holds when it arrives; none before it is aboard.
    pub hold_left_minutes: Option<i64>,
}

impl Standing {
    /// True when it comes after its deadline.
    #[must_use]
    pub const fn is_late(self) -> bool {
        self.slack_minutes < 0
    }

    /// True when the box will not hold until it arrives: its milk is lost unless something is done.
    #[must_use]
    pub fn is_spoiling(self) -> bool {
        self.hold_left_minutes.is_some_and(|left| left < 0)
    }
}

/// True when a vehicle under way was not heard of for too long.
#[must_use]
pub const fn is_silent(heard_at: Instant, now: Instant) -> bool {
    now.minutes_since(heard_at) >= SILENT_MINUTES
}
