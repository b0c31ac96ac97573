//! The bottles in a unit's freezer, by lot and by the infant for whom they are kept.

use crate::domain::ids::{BottleId, LotId};
use crate::domain::time::Instant;
use crate::scenario::event_lot::LotRecord;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What a unit must know of a lot.
#[derive(Debug, Clone)]
pub struct LotFacts {
    /// The hub's id.
    pub id: LotId,
    /// The stream's id.
    pub code: String,
    /// Issuing bank.
    pub bank_id: String,
    /// Pseudonyms of its donors.
    pub donors: Vec<String>,
    /// How many donors.
    pub donor_count: i64,
    /// All donors without dairy.
    pub dairy_free: bool,
    /// All donors CMV IgG negative.
    pub cmv_negative: bool,
    /// `frozen` or `freeze_dried`.
    pub form: String,
    /// When it expires.
    pub expires_at: Instant,
}

impl LotFacts {
    /// The facts of a lot that the hub knows under `id`.
    #[must_use]
    pub fn from_record(id: LotId, lot: &LotRecord) -> Self {
        Self {
            id,
            code: lot.lot_id.clone(),
            bank_id: lot.bank_id.clone(),
            donors: lot.donor_ids.clone(),
            donor_count: lot.donor_count,
            dairy_free: lot.dairy_free,
            cmv_negative: lot.cmv_igg_negative_donors,
            form: lot.form.clone(),
            expires_at: lot.expires_at,
        }
    }
}

/// Every lot that the replay has met.
#[derive(Debug, Clone, Default)]
pub struct LotBook {
    by_id: HashMap<LotId, LotFacts>,
    by_code: HashMap<String, LotId>,
}

impl LotBook {
    /// Adds a lot.
    pub fn add(&mut self, lot: LotFacts) {
        self.by_code.insert(lot.code.clone(), lot.id);
        self.by_id.insert(lot.id, lot);
    }

    /// The lot of this hub id.
    #[must_use]
    pub fn find(&self, id: LotId) -> Option<&LotFacts> {
        self.by_id.get(&id)
    }

    /// The lot of this stream id.
    #[must_use]
    pub fn find_code(&self, code: &str) -> Option<&LotFacts> {
        self.by_code.get(code).and_then(|id| self.by_id.get(id))
    }
}

/// One bottle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bottle {
    /// The hub's id.
    pub id: BottleId,
    /// Its lot.
    pub lot: LotId,
    /// Its size, mL.
    pub size_ml: i64,
}

/// Bottles of one lot kept for one infant, or for anyone.
#[derive(Debug, Clone)]
pub(super) struct Holding {
    pub(super) lot: LotId,
    pub(super) reserved_for: Option<String>,
    /// Bottles by size.
    pub(super) bottles: BTreeMap<i64, Vec<BottleId>>,
}

impl Holding {
    fn volume_ml(&self) -> i64 {
        self.bottles.iter().map(|(size, ids)| size * i64::try_from(ids.len()).unwrap_or(i64::MAX)).sum()
    }

    /// Takes the bottle that the opening rule picks: the smallest that covers the need, else the largest.
    pub(super) fn open_for(&mut self, need_ml: i64) -> Option<Bottle> {
        let fitting = self.bottles.iter().find(|(size, ids)| **size >= need_ml && !ids.is_empty());
        let size_ml = match fitting {
            Some((size, _)) => *size,
            None => self.bottles.iter().rev().find(|(_, ids)| !ids.is_empty()).map(|(size, _)| *size)?,
        };
        let id = self.bottles.get_mut(&size_ml)?.pop()?;
        Some(Bottle { id, lot: self.lot, size_ml })
    }
}

/// A freezer's contents.
#[derive(Debug, Clone, Default)]
pub struct Stock {
    pub(super) holdings: Vec<Holding>,
}

impl Stock {
    /// Puts a bottle in, for an infant or for anyone.
    pub fn put(&mut self, bottle: Bottle, reserved_for: Option<&str>) {
        let same = |h: &&mut Holding| h.lot == bottle.lot && h.reserved_for.as_deref() == reserved_for;
        if let Some(holding) = self.holdings.iter_mut().find(same) {
            holding.bottles.entry(bottle.size_ml).or_default().push(bottle.id);
            return;
        }
        self.holdings.push(Holding {
            lot: bottle.lot,
            reserved_for: reserved_for.map(str::to_owned),
            bottles: BTreeMap::from([(bottle.size_ml, vec![bottle.id])]),
        });
    }

    /// All milk in it, mL.
    #[must_use]
    pub fn volume_ml(&self) -> i64 {
        self.holdings.iter().map(Holding::volume_ml).sum()
    }

    /// Milk of some lots that nobody has reserved, mL.
    #[must_use]
    pub fn free_volume_ml(&self, wanted: impl Fn(LotId) -> bool) -> i64 {
        let free = self.holdings.iter().filter(|h| h.reserved_for.is_none() && wanted(h.lot));
        free.map(Holding::volume_ml).sum()
    }

    /// Takes out every bottle of some lots.
    pub fn take_lots(&mut self, wanted: impl Fn(LotId) -> bool) -> Vec<Bottle> {
        let mut taken = Vec::new();
        self.holdings.retain(|holding| {
            if wanted(holding.lot) {
                taken.extend(bottles_of(holding));
                false
            } else {
                true
            }
        });
        taken
    }

    /// Takes out some bottles.
    pub fn take_bottles(&mut self, wanted: &BTreeSet<BottleId>) {
        for bottles in self.holdings.iter_mut().flat_map(|holding| holding.bottles.values_mut()) {
            bottles.retain(|bottle| !wanted.contains(bottle));
        }
        self.drop_empty();
    }

    /// Takes out bottles until at least `volume_ml` is taken, of the named lot first.
    pub fn take_volume(&mut self, first: Option<LotId>, volume_ml: i64) -> Vec<Bottle> {
        let mut order: Vec<usize> = (0..self.holdings.len()).collect();
        order.sort_by_key(|index| self.holdings.get(*index).map(|h| Some(h.lot) != first));
        let (mut taken, mut left) = (Vec::new(), volume_ml);
        for index in order {
            while left > 0
                && let Some(bottle) = self.holdings.get_mut(index).and_then(|h| h.open_for(left))
            {
                left -= bottle.size_ml;
                taken.push(bottle);
            }
        }
        self.drop_empty();
        taken
    }

    /// Every bottle.
    #[must_use]
    pub fn bottles(&self) -> Vec<Bottle> {
        self.holdings.iter().flat_map(bottles_of).collect()
    }

    /// Frees reservations whose infant no longer keeps them; those infants, each once.
    pub(super) fn free_reservations(&mut self, keeps: impl Fn(&str) -> bool) -> Vec<String> {
        let freed: Vec<Holding> = self
            .holdings
            .extract_if(.., |h| h.reserved_for.as_deref().is_some_and(|reference| !keeps(reference)))
            .collect();
        for bottle in freed.iter().flat_map(bottles_of) {
            self.put(bottle, None);
        }
        let infants: BTreeSet<String> = freed.into_iter().filter_map(|holding| holding.reserved_for).collect();
        infants.into_iter().collect()
    }

    /// Forgets lots of which nothing is left.
    pub(super) fn drop_empty(&mut self) {
        self.holdings.retain(|holding| holding.bottles.values().any(|ids| !ids.is_empty()));
    }
}

fn bottles_of(holding: &Holding) -> impl Iterator<Item = Bottle> + '_ {
    let lot = holding.lot;
    holding.bottles.iter().flat_map(move |(size_ml, ids)| {
        let size_ml = *size_ml;
        ids.iter().map(move |id| Bottle { id: *id, lot, size_ml })
    })
}
