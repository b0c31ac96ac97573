//! An excursion from open to decided. While it is not decided, the bottles of its journey are set aside (refusal 8).
//! What thawed is never frozen stock again: it is used where it is within the hours after thawing, or thrown away (7).

use super::policy::{IceCrystals, PolicyDocument};
use super::refusal::{Refusal, RefusalCode};
use super::time::Instant;
use super::transfer::BottleCondition;
use super::words::words;

words! {
    /// How far an excursion has come.
    ExcursionState {
        /// Nobody has taken notice.
        Open = "open",
        /// Somebody has taken notice; the milk stays set aside.
        Acknowledged = "acknowledged",
        /// Decided; it is over.
        Dispositioned = "dispositioned",
    }

    /// What was decided for the bottles.
    Disposition {
        /// They are safe and go into stock.
        Accept = "accept",
        /// They are thawed: used here within the hours after thawing, never offered again.
        AcceptAsThawed = "accept_as_thawed",
        /// They are thrown away.
        Discard = "discard",
    }
}

/// The milk as the inspector found it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MilkFound {
    /// The softest bottle.
    pub condition: BottleCondition,
    /// Since when it may be thawed, at the earliest.
    pub thawed_since: Instant,
}

/// The hours in which thawed milk may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ThawClock {
    /// When it began to thaw, at the earliest.
    pub since: Instant,
    /// From here on it may not be fed.
    pub until: Instant,
}

/// As what milk is taken in by a decision: frozen (no clock), or thawed with its clock running.
///
/// # Errors
/// Refusal 7 for thawed milk that would become frozen stock, or whose hours are over. What a bottle with ice crystals
/// counts as is the receiver's policy.
pub fn taken_in(
    disposition: Disposition,
    found: &MilkFound,
    receiver: &PolicyDocument,
    now: Instant,
) -> Result<Option<ThawClock>, Refusal> {
    let delivery = &receiver.values.delivery;
    match disposition {
        Disposition::Discard => Ok(None),
        Disposition::Accept => match found.condition {
            BottleCondition::Liquid => Err(RefusalCode::LotThawed
                .because("the milk is liquid: it is thawed, and is used here as thawed or discarded; HCA")),
            BottleCondition::IceCrystals if delivery.ice_crystals.value == IceCrystals::CountAsThawed => {
                let detail = format!("milk with ice crystals counts as thawed here; {}", delivery.ice_crystals.cite());
                Err(RefusalCode::LotThawed.because(detail))
            }
            BottleCondition::Solid | BottleCondition::IceCrystals => Ok(None),
        },
        Disposition::AcceptAsThawed => {
            let hours = &delivery.thawed_use_within_h;
            let until = found.thawed_since.plus_hours(i64::from(hours.value));
            if until <= now {
                let detail = format!("thawed at {} at the earliest; {}", found.thawed_since, hours.cite());
                return Err(RefusalCode::LotThawed.because(detail));
            }
            Ok(Some(ThawClock { since: found.thawed_since, until }))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::policy::built_in;

    const NOON: Instant = Instant::from_micros(1_788_000_000_000_000);

    fn decided(disposition: Disposition, condition: BottleCondition, hours_ago: i64) -> Result<Option<ThawClock>, u8> {
        let found = MilkFound { condition, thawed_since: NOON.plus_hours(-hours_ago) };
        let policy = built_in("hk-ha").unwrap();
        taken_in(disposition, &found, &policy, NOON).map_err(|refusal| refusal.number.get())
    }

    #[test]
    fn refusal_07_thawed_milk_is_not_taken_in_as_frozen() {
        assert_eq!(decided(Disposition::Accept, BottleCondition::Solid, 1), Ok(None));
        assert_eq!(decided(Disposition::Accept, BottleCondition::Liquid, 1), Err(7));
        assert_eq!(decided(Disposition::Accept, BottleCondition::IceCrystals, 1), Err(7));
        let mut policy = built_in("hk-ha").unwrap();
        policy.values.delivery.ice_crystals.value = IceCrystals::CountAsFrozen;
        let found = MilkFound { condition: BottleCondition::IceCrystals, thawed_since: NOON };
        assert_eq!(taken_in(Disposition::Accept, &found, &policy, NOON), Ok(None));
    }

    #[test]
    fn refusal_07_thawed_milk_has_its_hours_from_the_earliest_thaw() {
        let hours = i64::from(built_in("hk-ha").unwrap().values.delivery.thawed_use_within_h.value);
        let clock = decided(Disposition::AcceptAsThawed, BottleCondition::Liquid, 1).unwrap().unwrap();
        assert_eq!((clock.since, clock.until), (NOON.plus_hours(-1), NOON.plus_hours(hours - 1)));
        assert_eq!(decided(Disposition::AcceptAsThawed, BottleCondition::Liquid, hours), Err(7));
        assert_eq!(decided(Disposition::Discard, BottleCondition::Liquid, hours), Ok(None));
    }
}
