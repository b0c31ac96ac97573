//! What matching remembers between runs: parsed safety records and what each receiving policy says of them.
//! Both never change for one lot and one policy version, so this is only a cache; lots no longer offered are
//! forgotten.

use super::snapshot::Snapshot;
use crate::actions::{ActionError, stored as read};
use crate::domain::ids::{LotId, PolicySetId, RequestId};
use crate::domain::lot::{AcceptanceProfile, SafetyRecord};
use crate::domain::policy::PolicyDocument;
use crate::domain::time::Instant;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// That a request may have some milk, or may no longer, is told no more often than this.
const AROUND_EVERY_HOURS: i64 = 4;
/// What was told is told anew after so long.
const RENEWED_EVERY_HOURS: i64 = 12;

/// A lot as matching knows it.
#[derive(Debug)]
pub struct KnownLot {
    /// Its safety record.
    pub record: SafetyRecord,
    /// The zone of its bank, in which its dates are meant.
    zone: String,
    profiles: BTreeMap<PolicySetId, Arc<AcceptanceProfile>>,
}

/// Parsed lots, verdicts of policies, and what each request was last told.
#[derive(Debug, Default)]
pub struct Memory {
    lots: HashMap<LotId, KnownLot>,
    told: HashMap<RequestId, Told>,
}

/// What a request was last told.
#[derive(Debug, Clone, Copy)]
struct Told {
    gets: u64,
    around: u64,
    at: Instant,
}

impl Memory {
    /// The lots that need not be read again.
    pub(super) fn known_lots(&self) -> BTreeSet<LotId> {
        self.lots.keys().copied().collect()
    }

    /// Parses lots that are new, forgets lots and requests that are gone.
    pub(super) fn learn(&mut self, snapshot: &Snapshot) -> Result<(), ActionError> {
        self.lots.retain(|id, _| snapshot.lot_ids.contains(id));
        let open: HashSet<RequestId> = snapshot.requests.iter().map(|request| request.row.id).collect();
        self.told.retain(|id, _| open.contains(id));
        for row in &snapshot.new_lots {
            let zone = snapshot.network.zone_of(row.bank_site_id).unwrap_or("UTC").to_owned();
            self.lots.insert(row.id, KnownLot { record: read(&row.record)?, zone, profiles: BTreeMap::new() });
        }
        Ok(())
    }

    /// The lot's safety record, if the lot is known.
    pub(super) fn record(&self, lot: LotId) -> Option<&SafetyRecord> {
        self.lots.get(&lot).map(|known| &known.record)
    }

    /// What a receiving policy says of a lot, worked out once.
    pub(super) fn profile(
        &mut self,
        lot: LotId,
        policy_id: PolicySetId,
        policy: &PolicyDocument,
    ) -> Option<Arc<AcceptanceProfile>> {
        let known = self.lots.get_mut(&lot)?;
        let (record, zone) = (&known.record, &known.zone);
        let profile =
            known.profiles.entry(policy_id).or_insert_with(|| Arc::new(AcceptanceProfile::new(record, policy, zone)));
        Some(Arc::clone(profile))
    }

    /// True when the request is to be told what it gets and what stands around it; remembers it then. What it gets is
    /// told at once. In a large network some lot comes or goes in every run, so that alone is told some hours apart.
    pub(super) fn is_news(&mut self, request: RequestId, gets: u64, around: u64, now: Instant) -> bool {
        let is_old = |told: &Told, hours: i64| told.at.plus_hours(hours) <= now;
        let known = self.told.get(&request).is_some_and(|told| {
            let still = told.around == around || !is_old(told, AROUND_EVERY_HOURS);
            told.gets == gets && still && !is_old(told, RENEWED_EVERY_HOURS)
        });
        if !known {
            self.told.insert(request, Told { gets, around, at: now });
        }
        !known
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_request_gets_is_told_at_once_and_what_stands_around_it_hours_apart() {
        let request: RequestId = "01990000-0000-7000-8000-000000000001".parse().unwrap();
        let (mut memory, start) = (Memory::default(), Instant::from_micros(0));
        let mut told = |gets, around, hours| memory.is_news(request, gets, around, start.plus_hours(hours));
        assert!(told(1, 1, 0), "the first word");
        assert!(!told(1, 2, 1), "only what stands around it is new");
        assert!(told(2, 2, 1), "it gets something else");
        assert!(!told(2, 1, 4));
        assert!(told(2, 1, 5), "four hours later");
        assert!(!told(2, 1, 16));
        assert!(told(2, 1, 17), "twelve hours after the last word");
    }
}
