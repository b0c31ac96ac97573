//! What became of a bottle, as a site records it. Milk that must not be fed can only be thrown away, and what
//! is promised to somebody else is not this site's to use (refusals 1, 5, 6, 8 and 15).

use super::bottle::BottleState;
use super::lot::LotState;
use super::quantity::Volume;
use super::refusal::{Refusal, RefusalCode};
use super::time::Instant;
use super::words::words;

words! {
    /// Why milk was thrown away, as sites record it.
    FateReason {
        /// Past its expiry.
        Expired = "expired",
        /// Opened or thawed, and not used in time.
        ThawedUnused = "thawed_unused",
        /// Broken, leaking or unreadable.
        Damaged = "damaged",
        /// Recalled.
        Recalled = "recalled",
        /// Lost with a freezer.
        FreezerLoss = "freezer_loss",
        /// Failed when it was looked at.
        FailedInspection = "failed_inspection",
        /// Set aside after an excursion and not cleared.
        Excursion = "excursion",
        /// Not there when the stock was counted.
        Missing = "missing",
        /// Something else.
        Other = "other",
    }
}

/// What is known of a bottle when its fate is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FateFacts {
    /// Its state.
    pub state: BottleState,
    /// Its lot's state.
    pub lot_state: LotState,
    /// Its lot's expiry.
    pub lot_expires_at: Instant,
    /// From here on it may not be fed, if it is thawed.
    pub thaw_ends_at: Option<Instant>,
    /// True when an offer promises it or a transfer waits for it.
    pub promised: bool,
}

/// Why milk of this bottle may not be fed at this instant; every reason.
#[must_use]
pub fn feeding_refusals(name: &str, facts: &FateFacts, at: Instant) -> Vec<Refusal> {
    let mut found = Vec::new();
    match facts.lot_state {
        LotState::Recalled => found.push(
            RefusalCode::LotRecalled.because(format!("bottle {name} is of a recalled lot; it can only be discarded")),
        ),
        LotState::Held => found.push(RefusalCode::LotHeld.because(format!("bottle {name} is of a lot on hold"))),
        LotState::Released | LotState::Expired | LotState::Exhausted => {}
        state @ (LotState::Registered | LotState::Quarantined | LotState::Discarded) => found.push(
            RefusalCode::LotNotReleased.because(format!("bottle {name} is of a lot that is {state}, not released")),
        ),
    }
    if facts.lot_expires_at <= at {
        found.push(RefusalCode::LotExpired.because(format!("bottle {name} expired at {}", facts.lot_expires_at)));
    }
    if let Some(end) = facts.thaw_ends_at.filter(|end| *end <= at) {
        let detail = format!("bottle {name} is thawed and was to be used before {end}; it can only be discarded");
        found.push(RefusalCode::LotThawed.because(detail));
        return found;
    }
    // Bottles of an expired lot are set aside because it expired; nobody can decide for them.
    if facts.state == BottleState::Quarantined && facts.lot_state != LotState::Expired {
        found.push(
            RefusalCode::ExcursionOpen
                .because(format!("bottle {name} is set aside until an authorised person has decided")),
        );
    }
    if facts.promised {
        found.push(RefusalCode::BottlePromised.because(format!("bottle {name} is promised to a request")));
    }
    found
}

/// Milk that is kept for one named infant is not another's (refusal 14); the site frees it first.
#[must_use]
pub fn kept_for_another(name: &str, kept_for: &str, infant: &str) -> Option<Refusal> {
    (kept_for.trim() != infant.trim()).then(|| {
        RefusalCode::KeptForAnotherInfant
            .because(format!("bottle {name} is kept for another named infant; free that infant's milk first"))
    })
}

/// How much was fed from a bottle of this size; the rest is thrown away.
///
/// # Errors
/// A plain sentence when a feed is not positive or all of them are more than the bottle held.
pub fn fed_from(size: Volume, feeds: impl IntoIterator<Item = Volume>) -> Result<Volume, &'static str> {
    let mut fed = Volume::ZERO;
    let mut count = 0_usize;
    for feed in feeds {
        if !feed.is_positive() {
            return Err("a feed is at least 1 mL");
        }
        fed += feed;
        count += 1;
    }
    if count == 0 {
        return Err("a used bottle names at least one feed");
    }
    if fed > size { Err("the feeds are more than the bottle held") } else { Ok(fed) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusal_14_milk_kept_for_one_infant_is_not_fed_to_another() {
        assert_eq!(kept_for_another("B", "I-1", " I-1 "), None);
        let refused = kept_for_another("B", "I-1", "I-10").unwrap();
        assert_eq!((refused.number.get(), refused.code), (14, RefusalCode::KeptForAnotherInfant));
        assert!(!refused.detail.contains("I-1"), "no pseudonym in the answer");
    }

    const NOON: Instant = Instant::from_micros(1_788_000_000_000_000);

    fn sound() -> FateFacts {
        FateFacts {
            thaw_ends_at: None,
            state: BottleState::InStock,
            lot_state: LotState::Released,
            lot_expires_at: NOON.plus_days(1),
            promised: false,
        }
    }

    fn numbers(facts: FateFacts) -> Vec<u8> {
        feeding_refusals("b", &facts, NOON).into_iter().map(|refusal| refusal.number.get()).collect()
    }

    #[test]
    fn sound_milk_may_be_fed() {
        assert_eq!(numbers(sound()), [0_u8; 0]);
    }

    #[test]
    fn refusal_01_held_milk_is_not_fed() {
        assert_eq!(numbers(FateFacts { lot_state: LotState::Held, ..sound() }), [1]);
    }

    #[test]
    fn refusal_05_recalled_milk_is_not_fed() {
        assert_eq!(numbers(FateFacts { lot_state: LotState::Recalled, ..sound() }), [5]);
    }

    #[test]
    fn refusal_07_thawed_milk_is_not_fed_after_its_hours() {
        assert_eq!(numbers(FateFacts { thaw_ends_at: Some(NOON), ..sound() }), [7]);
        let aside = FateFacts { thaw_ends_at: Some(NOON), state: BottleState::Quarantined, ..sound() };
        assert_eq!(numbers(aside), [7], "it was set aside because its hours are over");
        assert_eq!(numbers(FateFacts { thaw_ends_at: Some(NOON.plus_hours(1)), ..sound() }), Vec::<u8>::new());
    }

    #[test]
    fn refusal_06_expired_milk_is_not_fed() {
        assert_eq!(numbers(FateFacts { lot_expires_at: NOON, ..sound() }), [6]);
    }

    #[test]
    fn refusal_08_milk_set_aside_is_not_fed() {
        assert_eq!(numbers(FateFacts { state: BottleState::Quarantined, ..sound() }), [8]);
    }

    #[test]
    fn refusal_15_promised_milk_is_not_fed() {
        assert_eq!(numbers(FateFacts { promised: true, ..sound() }), [15]);
    }

    #[test]
    fn the_feeds_of_a_bottle_are_at_most_what_it_held() {
        let ml = Volume::from_ml;
        assert_eq!(fed_from(ml(50), [ml(20), ml(30)]), Ok(ml(50)));
        assert!(fed_from(ml(50), [ml(20), ml(31)]).is_err());
        assert!(fed_from(ml(50), [ml(0)]).is_err());
        assert!(fed_from(ml(50), []).is_err());
    }
}
