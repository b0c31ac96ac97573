//! What matching remembers between runs: parsed safety records and what each receiving policy says of them.
//! Both never change for one lot and one policy version, so this is only a cache; lots no longer offered are
//! forgotten.

use super::snapshot::Snapshot;
use crate::actions::{ActionError, stored as read};
use crate::domain::ids::{LotId, PolicySetId, RequestId};
use crate::domain::lot::{AcceptanceProfile, SafetyRecord};
use crate::domain::policy::PolicyDocument;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

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
    told: HashMap<RequestId, u64>,
}

impl Memory {
    /// The lots that need not be read again.
    pub(super) fn known_lots(&self) -> BTreeSet<LotId> {
        self.lots.keys().copied().collect()
    }

    /// Parses lots that are new, forgets lots and requests that are gone.
    pub(super) fn learn(&mut self, snapshot: &Snapshot) -> Result<(), ActionError> {
        self.lots.retain(|id, _| snapshot.lot_ids.contains(id));
        self.told.retain(|id, _| snapshot.requests.iter().any(|request| request.row.id == *id));
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

    /// True when the request was not told this before; remembers it.
    pub(super) fn is_news(&mut self, request: RequestId, fingerprint: u64) -> bool {
        self.told.insert(request, fingerprint) != Some(fingerprint)
    }
}
