//! When a place may be visited: its opening hours, without the closures that hold there.

use super::problem::seconds_of;
use crate::domain::closure::{Closure, ClosureState};
use crate::domain::ids::SiteId;
use crate::domain::opening_hours::OpeningHours;
use crate::domain::time::Instant;

/// From one second up to and including another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Window {
    /// First second, since 1970.
    pub from: i64,
    /// Last second, since 1970.
    pub until: i64,
}

impl Window {
    /// The part that two windows share, if any.
    #[must_use]
    pub fn shared(self, other: Self) -> Option<Self> {
        let both = Self { from: self.from.max(other.from), until: self.until.min(other.until) };
        (both.from <= both.until).then_some(both)
    }
}

/// The windows of a site between two instants: open by its hours and under no closure.
#[must_use]
pub fn open_windows(
    site: SiteId,
    hours: &OpeningHours,
    zone: &str,
    closures: &[Closure],
    (from, until): (Instant, Instant),
) -> Vec<Window> {
    let span = Window { from: seconds_of(from), until: seconds_of(until) };
    let mut open: Vec<Window> = hours
        .open_spans(from, until, zone)
        .into_iter()
        .filter_map(|(from, until)| Window { from: seconds_of(from), until: seconds_of(until) - 1 }.shared(span))
        .collect();
    for closure in closures.iter().filter(|one| one.state != ClosureState::Ended && one.sites.contains(&site)) {
        let starts = if closure.state == ClosureState::Active { i64::MIN } else { seconds_of(closure.starts_at) };
        let ends = closure.ends_at.map_or(i64::MAX, seconds_of);
        open = open.into_iter().flat_map(|window| without(window, starts, ends)).flatten().collect();
    }
    open
}

/// What is left of a window when it is closed from one second up to, but not including, another.
fn without(window: Window, starts: i64, ends: i64) -> [Option<Window>; 2] {
    let before = Window { from: window.from, until: window.until.min(starts.saturating_sub(1)) };
    let after = Window { from: window.from.max(ends), until: window.until };
    let kept = |part: Window| (part.from <= part.until).then_some(part);
    [kept(before), kept(after)]
}
