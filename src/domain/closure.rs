//! Closed sites and roads: announced, in force by their own times, ended early by hand. A closed site neither
//! sends nor receives.

use super::ids::{ClosureId, SiteId};
use super::time::Instant;
use super::words::words;
use std::collections::BTreeSet;

words! {
    /// Where a closure stands.
    ClosureState {
        /// Announced for later.
        Forecast = "forecast",
        /// In force.
        Active = "active",
        /// Over.
        Ended = "ended",
    }
}

/// A closure of some sites.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closure {
    /// Its identifier.
    pub id: ClosureId,
    /// What closes them, such as `tropical cyclone signal 8`.
    pub kind: String,
    /// The sites that neither send nor receive.
    pub sites: BTreeSet<SiteId>,
    /// Where it stands.
    pub state: ClosureState,
    /// When it begins.
    pub starts_at: Instant,
    /// When it ends, if that is known.
    pub ends_at: Option<Instant>,
    /// A note for people.
    pub note: Option<String>,
    /// Version for `If-Match`.
    pub version: i64,
    /// First announced.
    pub created_at: Instant,
}

impl Closure {
    /// True when the site is closed at this instant, whether or not the timer has noticed yet.
    #[must_use]
    pub fn closes(&self, site: SiteId, now: Instant) -> bool {
        state_at(self.state, self.starts_at, self.ends_at, now) == ClosureState::Active && self.sites.contains(&site)
    }

    /// When the site opens again, for a site that this closes at this instant; `None` when that is not known.
    #[must_use]
    pub const fn reopens_at(&self) -> Option<Instant> {
        self.ends_at
    }
}

/// Where a closure stands at an instant: time moves it on and never back.
#[must_use]
pub fn state_at(state: ClosureState, starts_at: Instant, ends_at: Option<Instant>, now: Instant) -> ClosureState {
    match state {
        ClosureState::Ended => ClosureState::Ended,
        _ if ends_at.is_some_and(|end| end <= now) => ClosureState::Ended,
        ClosureState::Active => ClosureState::Active,
        ClosureState::Forecast if starts_at <= now => ClosureState::Active,
        ClosureState::Forecast => ClosureState::Forecast,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_moves_a_closure_on_and_never_back() {
        let at = Instant::from_micros;
        let state = |state, now| state_at(state, at(10), Some(at(20)), at(now));
        assert_eq!(state(ClosureState::Forecast, 9), ClosureState::Forecast);
        assert_eq!(state(ClosureState::Forecast, 10), ClosureState::Active);
        assert_eq!(state(ClosureState::Forecast, 20), ClosureState::Ended);
        assert_eq!(state(ClosureState::Active, 9), ClosureState::Active);
        assert_eq!(state(ClosureState::Ended, 15), ClosureState::Ended);
        assert_eq!(state_at(ClosureState::Active, at(10), None, at(1_000)), ClosureState::Active);
    }

    #[test]
    fn a_closure_closes_its_sites_alone() {
        let site: SiteId = "01990000-0000-7000-8000-000000000001".parse().unwrap();
        let other: SiteId = "01990000-0000-7000-8000-000000000002".parse().unwrap();
        let closure = Closure {
            id: "01990000-0000-7000-8000-000000000003".parse().unwrap(),
            kind: "snow".to_owned(),
            sites: BTreeSet::from([site]),
            state: ClosureState::Forecast,
            starts_at: Instant::from_micros(10),
            ends_at: None,
            note: None,
            version: 1,
            created_at: Instant::from_micros(0),
        };
        assert!(closure.closes(site, Instant::from_micros(10)));
        assert!(!closure.closes(other, Instant::from_micros(10)));
        assert!(!closure.closes(site, Instant::from_micros(9)));
    }
}
