//! Roads that are driven anyway: between which sites a route could take one more box along, and when it would be
//! there. Such a box costs no kilometre of its own.

use crate::domain::ids::SiteId;
use crate::domain::time::Instant;
use std::collections::BTreeMap;

/// A stop of a route that is still to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Call {
    /// Where.
    pub site: SiteId,
    /// When the vehicle is there, as it looks now.
    pub eta: Instant,
    /// Boxes that come aboard; below nought, that leave.
    pub boxes: i64,
}

/// The pairs of sites between which a route takes one more box, with its arrival. `aboard` and `room` are the boxes
/// aboard now and the boxes it has room for; nothing can be ready before `ready_at`.
#[must_use]
pub fn rides(calls: &[Call], aboard: i64, room: i64, ready_at: Instant) -> BTreeMap<(SiteId, SiteId), Instant> {
    let mut found: BTreeMap<(SiteId, SiteId), Instant> = BTreeMap::new();
    let mut load = aboard;
    // What may still go along, by the site where it came aboard.
    let mut along: Vec<SiteId> = Vec::new();
    for call in calls {
        for from in along.iter().filter(|from| **from != call.site) {
            let earliest = found.entry((*from, call.site)).or_insert(call.eta);
            *earliest = (*earliest).min(call.eta);
        }
        load = load.saturating_add(call.boxes);
        if load >= room {
            // The vehicle is full from here: nothing more could be aboard on the way on.
            along.clear();
        } else if call.eta >= ready_at && !along.contains(&call.site) {
            along.push(call.site);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(number: u8) -> SiteId {
        format!("01990000-0000-7000-8000-0000000000{number:02}").parse().unwrap()
    }

    fn call(number: u8, minute: i64, boxes: i64) -> Call {
        Call { site: site(number), eta: Instant::from_micros(0).plus_minutes(minute), boxes }
    }

    fn pairs(calls: &[Call], aboard: i64, room: i64, ready: i64) -> Vec<(u8, u8)> {
        let number = |id: SiteId| id.as_str()[34..].parse().unwrap();
        let found = rides(calls, aboard, room, Instant::from_micros(0).plus_minutes(ready));
        found.into_keys().map(|(from, to)| (number(from), number(to))).collect()
    }

    #[test]
    fn a_route_takes_along_what_lies_on_its_way_and_only_forward() {
        let calls = [call(1, 60, 1), call(2, 80, 1), call(3, 100, -1), call(4, 120, -1)];
        assert_eq!(pairs(&calls, 0, 4, 0), [(1, 2), (1, 3), (1, 4), (2, 3), (2, 4), (3, 4)]);
        let arrives = rides(&calls, 0, 4, Instant::from_micros(0))[&(site(1), site(3))];
        assert_eq!(arrives, Instant::from_micros(0).plus_minutes(100));
    }

    #[test]
    fn a_full_vehicle_takes_nothing_along() {
        let calls = [call(1, 60, 1), call(2, 80, 1), call(3, 100, -1), call(4, 120, -1)];
        assert_eq!(pairs(&calls, 0, 2, 0), [(1, 2), (3, 4)], "it is full between the second stop and the third");
        assert!(pairs(&calls, 1, 2, 0).is_empty());
    }

    #[test]
    fn what_cannot_be_ready_in_time_is_not_on_it() {
        let calls = [call(1, 60, 1), call(2, 80, 1), call(3, 100, -2)];
        assert_eq!(pairs(&calls, 0, 4, 70), [(2, 3)]);
        assert!(pairs(&calls, 0, 4, 200).is_empty());
    }
}
