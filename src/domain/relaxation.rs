//! What would have to give so that a request is served: of all wishes and arrangements that stand in the way, the least
//! to ask for. Rules that make milk safe are never among them.

use super::quantity::Volume;
use super::refusal::RefusalCode;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Milk that a request may not have, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Barred {
    /// Every rule in its way.
    pub codes: Vec<RefusalCode>,
    /// How much of it there is.
    pub volume: Volume,
}

/// What would open milk to a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relaxation {
    /// What would have to give.
    pub codes: Vec<RefusalCode>,
    /// Milk that could then be asked for, mL.
    pub volume_ml: i64,
    /// True when that is all that lacks.
    pub serves_fully: bool,
}

/// How much it is to ask for, and the words for it; `None` for a rule that makes milk safe or is not the request's.
#[must_use]
pub const fn asking(code: RefusalCode) -> Option<(u32, &'static str)> {
    Some(match code {
        RefusalCode::FormNotAccepted => (1, "another form of milk were taken"),
        RefusalCode::MilkTypeNotAccepted => (1, "another type of milk were taken"),
        RefusalCode::ExpiresBeforeUse => (2, "the milk were planned for fewer days"),
        RefusalCode::TooFewDonorsInPool => (3, "the family took a pool of fewer donors"),
        RefusalCode::TooManyDonorsForInfant => (3, "the family took milk of more donors"),
        RefusalCode::DonorFeedsReached => (3, "the family took more feeds of a donor already known"),
        RefusalCode::CarrierAgreementMissing => (4, "a carrier with an agreement could bring it in time"),
        RefusalCode::KinshipNotRecordable => (5, "the bank listed the donors"),
        RefusalCode::DisclosureNotConsented => (5, "the donors consented to disclosure"),
        RefusalCode::NotDairyFree => (6, "the prescriber took milk that is not dairy-free"),
        RefusalCode::NotCmvNegative => (6, "the prescriber took milk of CMV-positive donors"),
        RefusalCode::AgreementMissing => (8, "the two sites had an agreement"),
        RefusalCode::PolicyMappingMissing => (8, "the sites' agreement mapped their policies"),
        _ => return None,
    })
}

/// The least to ask for that opens enough milk; the most milk for the least asking where nothing opens enough.
#[must_use]
pub fn cheapest(barred: &[Barred], lacking: Volume) -> Option<Relaxation> {
    let set = |milk: &Barred| -> Option<BTreeSet<RefusalCode>> {
        let askable = !milk.codes.is_empty() && milk.codes.iter().all(|code| asking(*code).is_some());
        (askable && milk.volume.is_positive()).then(|| milk.codes.iter().copied().collect())
    };
    let sets: Vec<(BTreeSet<RefusalCode>, Volume)> =
        barred.iter().filter_map(|milk| Some((set(milk)?, milk.volume))).collect();
    let choices: BTreeSet<&BTreeSet<RefusalCode>> = sets.iter().map(|(codes, _)| codes).collect();
    let opened = |choice: &BTreeSet<RefusalCode>| -> Volume {
        sets.iter().filter(|(codes, _)| codes.is_subset(choice)).map(|(_, volume)| *volume).sum()
    };
    let weight = |choice: &BTreeSet<RefusalCode>| -> u32 {
        choice.iter().filter_map(|code| asking(*code)).map(|(weight, _)| weight).sum()
    };
    let best = choices.into_iter().min_by_key(|choice| {
        let milk = opened(choice).min(lacking);
        (std::cmp::Reverse(milk), weight(choice), (*choice).clone())
    })?;
    let volume = opened(best);
    Some(Relaxation { codes: best.iter().copied().collect(), volume_ml: volume.ml(), serves_fully: volume >= lacking })
}

impl Relaxation {
    /// A sentence for the person who asked.
    #[must_use]
    pub fn sentence(&self) -> String {
        let asked: Vec<&str> = self.codes.iter().filter_map(|code| asking(*code)).map(|(_, words)| words).collect();
        let end = if self.serves_fully { "which is enough" } else { "which is not enough by itself" };
        format!("If {}, {} mL more could be considered, {end}.", asked.join(" and "), self.volume_ml)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn barred(codes: &[RefusalCode], ml: i64) -> Barred {
        Barred { codes: codes.to_vec(), volume: Volume::from_ml(ml) }
    }

    #[test]
    fn the_least_to_ask_for_comes_first() {
        let milk = [
            barred(&[RefusalCode::NotDairyFree], 900),
            barred(&[RefusalCode::MilkTypeNotAccepted], 300),
            barred(&[RefusalCode::MilkTypeNotAccepted, RefusalCode::TooManyDonorsForInfant], 400),
        ];
        let least = cheapest(&milk, Volume::from_ml(300)).unwrap();
        assert_eq!(least.codes, [RefusalCode::MilkTypeNotAccepted]);
        let more = cheapest(&milk, Volume::from_ml(600)).unwrap();
        assert_eq!((more.codes.len(), more.volume_ml, more.serves_fully), (2, 700, true));
        let short = cheapest(&milk, Volume::from_ml(5_000)).unwrap();
        assert_eq!((short.codes.as_slice(), short.serves_fully), ([RefusalCode::NotDairyFree].as_slice(), false));
        assert!(short.sentence().contains("not enough"));
    }

    #[test]
    fn what_makes_milk_safe_is_never_asked_away() {
        for code in [RefusalCode::LotRecalled, RefusalCode::LotExpired, RefusalCode::ScreeningReactive] {
            assert_eq!(cheapest(&[barred(&[RefusalCode::FormNotAccepted, code], 500)], Volume::from_ml(100)), None);
        }
        assert_eq!(cheapest(&[], Volume::from_ml(100)), None);
    }
}
