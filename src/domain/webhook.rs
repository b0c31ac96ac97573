//! Messages to partners' systems: which events may be had, how long a failed message waits for its next try, and
//! when it is given up.

use super::actor::Role;
use super::field::FieldError;
use super::time::Instant;
use super::words::words;

/// The most addresses of one owner.
pub const MOST_WEBHOOKS: usize = 20;
/// Seconds from one failed try to the next; the last one is repeated.
const PAUSES_S: [i64; 8] = [5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400];
/// A pause is made longer by up to this share, so that not everybody tries again at once.
const JITTER_PERCENT: i64 = 20;
/// A receiver may ask for a pause of at most so long.
const LONGEST_WISH_S: i64 = 86_400;
/// A message that has waited so long is given up when it fails once more.
pub const GIVEN_UP_AFTER_HOURS: i64 = 72;
/// After so many failures in a row an address is failing.
pub const FAILING_AFTER: i64 = 5;
/// The secret before the present one signs too for so many hours.
pub const OLD_SECRET_HOURS: i64 = 24;
/// Messages that are over are kept in the log for so many days.
pub const LOG_DAYS: i64 = 30;
/// What a message is that only tries the address.
pub const TEST_KIND: &str = "webhook.test";

words! {
    /// Where an address stands.
    WebhookState {
        /// It is told.
        Active = "active",
        /// It has failed several times in a row; it is still tried.
        Failing = "failing",
        /// Nothing is sent until somebody says so.
        Paused = "paused",
    }

    /// Where a message stands.
    DeliveryState {
        /// It was not taken yet.
        Waiting = "waiting",
        /// The receiver took it.
        Delivered = "delivered",
        /// It was tried for too long, or set aside by hand.
        GivenUp = "given_up",
        /// The owner may no longer see the event.
        Withdrawn = "withdrawn",
    }

    /// Why a try failed.
    DeliveryFault {
        /// The receiver answered with another status than 2xx.
        Status = "status",
        /// The receiver wants it sent elsewhere, which is not followed.
        Redirected = "redirected",
        /// No answer in time.
        Timeout = "timeout",
        /// No connection.
        Unreachable = "unreachable",
        /// The address leads into a network that the hub does not send to.
        AddressRefused = "address_refused",
        /// Set aside by hand.
        SetAside = "set_aside",
    }
}

/// What a partner may be told of, by what it is about. `journey` is a box on a route of the dispatchers; `custody`
/// and `transfer` are the same box by its own papers.
pub const KINDS: &[(&str, &[&str])] = &[
    ("journey", &["journey.assigned", "journey.collected", "journey.delayed", "journey.delivered"]),
    (
        "transfer",
        &["custody.packed", "custody.collected", "custody.delivered", "transfer.received", "transfer.cancelled"],
    ),
    ("offer", &["offer.proposed", "offer.accepted", "offer.declined", "offer.withdrawn", "offer.lapsed"]),
    ("request", &["request.raised", "request.settled", "request.cancelled", "request.closed"]),
    ("surplus", &["surplus.published", "surplus.withdrawn", "surplus.lapsed"]),
    ("lot", &["lot.registered", "lot.released", "lot.recalled", "lot.expired", "lot.discarded"]),
    ("excursion", &["excursion.opened", "excursion.acknowledged", "excursion.dispositioned"]),
    ("recall", &["recall.frozen", "recall.notified", "recall.acknowledged", "recall.escalated", "recall.closed"]),
    ("closure", &["closure.announced", "closure.started", "closure.ended"]),
    (
        "route",
        &[
            "route.planned",
            "route.offered",
            "route.assigned",
            "route.changed",
            "route.progressed",
            "route.eta_moved",
            "route.alarmed",
            "route.unassigned",
            "route.cancelled",
        ],
    ),
];

/// Every kind of event that may be had.
pub fn kinds() -> impl Iterator<Item = &'static str> {
    KINDS.iter().flat_map(|(_, kinds)| kinds.iter().copied())
}

/// What a role may be told of: a courier of routes and of boxes on them, everybody else of all that they may see.
#[must_use]
pub fn may_have(role: Role, kind: &str) -> bool {
    role != Role::Courier || kind.starts_with("route.") || kind.starts_with("journey.")
}

/// What is wrong with a choice of kinds.
#[must_use]
pub fn kinds_fault(role: Role, chosen: &[String]) -> Option<FieldError> {
    if chosen.is_empty() {
        return Some(FieldError::new("/kinds", "missing", "name at least one kind of event"));
    }
    let unknown = chosen.iter().position(|kind| !kinds().any(|known| known == kind));
    if let Some(place) = unknown {
        let detail = "there is no such kind of event to be had; the specification lists them";
        return Some(FieldError::new(format!("/kinds/{place}"), "unknown_value", detail));
    }
    let closed = chosen.iter().position(|kind| !may_have(role, kind))?;
    let detail = "a courier is told of routes and of boxes on them";
    Some(FieldError::new(format!("/kinds/{closed}"), "not_for_this_role", detail))
}

/// When to try again after so many failures in a row. `seed` spreads the tries of many addresses; `wish_s` is what
/// the receiver asked for.
#[must_use]
pub fn next_try(now: Instant, failures: i64, seed: &str, wish_s: Option<i64>) -> Instant {
    let place = usize::try_from(failures.saturating_sub(1)).unwrap_or_default();
    let pause = PAUSES_S.get(place).or(PAUSES_S.last()).copied().unwrap_or_default();
    let noise = seed.bytes().fold(failures, |sum, byte| sum.wrapping_mul(31).wrapping_add(i64::from(byte)));
    let jitter = pause * 1_000_000 * JITTER_PERCENT / 100 * noise.rem_euclid(1_000) / 1_000;
    let wish = wish_s.unwrap_or_default().clamp(0, LONGEST_WISH_S) * 1_000_000;
    Instant::from_micros(now.micros().saturating_add((pause * 1_000_000 + jitter).max(wish)))
}

/// True when a message that has failed once more is given up.
#[must_use]
pub fn is_given_up(now: Instant, queued_at: Instant) -> bool {
    now >= queued_at.plus_hours(GIVEN_UP_AFTER_HOURS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_are_spread_and_heed_a_wish() {
        let now = Instant::from_micros(0);
        let pause = |failures, seed: &str| next_try(now, failures, seed, None).micros() / 1_000_000;
        for (failures, at_least) in [(1, 5), (2, 30), (3, 120), (8, 14_400), (80, 14_400)] {
            let found = pause(failures, "a");
            assert!((at_least..=at_least * 12 / 10).contains(&found), "{failures}: {found}");
        }
        assert!((0..50).any(|seed| pause(8, "x") != pause(8, &seed.to_string())));
        assert_eq!(next_try(now, 1, "a", Some(60)).micros(), 60_000_000);
        assert_eq!(next_try(now, 1, "a", Some(i64::MAX)).micros(), LONGEST_WISH_S * 1_000_000);
    }

    #[test]
    fn a_courier_is_not_told_of_the_milk_of_its_base() {
        let chosen = |kind: &str| vec![kind.to_owned()];
        assert_eq!(kinds_fault(Role::Courier, &chosen("journey.delayed")), None);
        assert_eq!(kinds_fault(Role::Courier, &chosen("lot.released")).unwrap().code, "not_for_this_role");
        assert_eq!(kinds_fault(Role::Partner, &chosen("lot.released")), None);
        assert_eq!(kinds_fault(Role::Partner, &chosen("lot.dreamt")).unwrap().pointer, "/kinds/0");
        assert_eq!(kinds_fault(Role::Partner, &[]).unwrap().code, "missing");
    }
}
