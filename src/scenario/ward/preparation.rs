//! The morning's milk, by the same rules as the stream's reference policy, so that a comparison shows only
//! what the hub does: lightest infant first; milk kept for the infant, then the rest by expiry; of each lot
//! the smallest bottle that covers the need, else the largest; leftovers shared where the profile allows it.

use super::Ward;
use super::stock::{Bottle, LotBook};
use crate::domain::ids::LotId;
use crate::domain::time::Instant;
use std::collections::BTreeSet;

/// Milk of one bottle for one infant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feed {
    /// Who.
    pub infant: String,
    /// How much, mL.
    pub volume_ml: i64,
}

/// A bottle opened in the morning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenedBottle {
    /// The bottle.
    pub bottle: Bottle,
    /// Who drank how much of it.
    pub feeds: Vec<Feed>,
    /// Poured away, mL.
    pub left_ml: i64,
    /// Kept for one infant by name: nobody else drinks what is left.
    pub kept: bool,
}

/// Need that the stock did not cover.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shortfall {
    /// Who.
    pub infant: String,
    /// Tier by the default criteria.
    pub tier: u8,
    /// How much, mL.
    pub volume_ml: i64,
}

/// What one morning took from the stock.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Preparation {
    /// Need of all infants, mL.
    pub need_ml: i64,
    /// Bottles opened.
    pub opened: Vec<OpenedBottle>,
    /// Need not covered.
    pub shortfalls: Vec<Shortfall>,
}

impl Preparation {
    /// What infants drank, mL.
    #[must_use]
    pub fn fed_ml(&self) -> i64 {
        self.opened.iter().flat_map(|opened| &opened.feeds).map(|feed| feed.volume_ml).sum()
    }

    /// Poured away, mL.
    #[must_use]
    pub fn wasted_ml(&self) -> i64 {
        self.opened.iter().map(|opened| opened.left_ml).sum()
    }

    /// Need not covered, mL.
    #[must_use]
    pub fn shortfall_ml(&self) -> i64 {
        self.shortfalls.iter().map(|shortfall| shortfall.volume_ml).sum()
    }
}

/// Feeds one morning from the ward's stock.
pub(super) fn prepare(ward: &mut Ward, now: Instant, lots: &LotBook) -> Preparation {
    let mut result = Preparation::default();
    // Leftovers are poured for others only from lots that the ward holds for anyone.
    let open_to_all: BTreeSet<LotId> =
        ward.stock.holdings.iter().filter(|h| h.reserved_for.is_none()).map(|h| h.lot).collect();
    let mut infants: Vec<usize> = (0..ward.infants.len()).collect();
    infants.retain(|index| ward.infants.get(*index).is_some_and(|infant| infant.is_active(now)));
    infants.sort_by_key(|index| ward.infants.get(*index).map(|i| (i.birth_weight_g, i.reference.clone())));
    for infant in infants.into_iter().filter_map(|index| ward.infants.get(index)) {
        let mut need = infant.need_on(now).unwrap_or_default();
        result.need_ml += need;
        let mut usable: Vec<(bool, Instant, &str, usize)> = Vec::new();
        for (index, holding) in ward.stock.holdings.iter().enumerate() {
            let kept_for_it = holding.reserved_for.as_deref() == Some(infant.reference.as_str());
            let Some(lot) = lots.find(holding.lot) else { continue };
            if (kept_for_it || holding.reserved_for.is_none()) && lot.expires_at >= now && infant.may_have(lot) {
                usable.push((!kept_for_it, lot.expires_at, &lot.code, index));
            }
        }
        usable.sort_unstable();
        for (for_anyone, _, _, index) in usable {
            let Some(holding) = ward.stock.holdings.get_mut(index) else { continue };
            if ward.sharing && for_anyone && open_to_all.contains(&holding.lot) {
                need -= drink_leftovers(&mut result.opened, holding.lot, &infant.reference, need);
            }
            while need > 0
                && let Some(bottle) = holding.open_for(need)
            {
                let drunk = need.min(bottle.size_ml);
                need -= drunk;
                let feeds = vec![Feed { infant: infant.reference.clone(), volume_ml: drunk }];
                result.opened.push(OpenedBottle { bottle, feeds, left_ml: bottle.size_ml - drunk, kept: !for_anyone });
            }
            if need == 0 {
                break;
            }
        }
        if need > 0 {
            let shortfall = Shortfall { infant: infant.reference.clone(), tier: infant.tier, volume_ml: need };
            result.shortfalls.push(shortfall);
        }
    }
    ward.stock.drop_empty();
    result
}

/// Gives an infant what is left of opened bottles of one lot; returns how much.
fn drink_leftovers(opened: &mut [OpenedBottle], lot: LotId, infant: &str, need_ml: i64) -> i64 {
    let mut given = 0;
    let shared = |opened: &&mut OpenedBottle| opened.bottle.lot == lot && opened.left_ml > 0 && !opened.kept;
    for bottle in opened.iter_mut().filter(shared) {
        let drunk = (need_ml - given).min(bottle.left_ml);
        if drunk <= 0 {
            break;
        }
        bottle.left_ml -= drunk;
        bottle.feeds.push(Feed { infant: infant.to_owned(), volume_ml: drunk });
        given += drunk;
    }
    given
}
