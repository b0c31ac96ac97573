//! What a run plans over, read once: open requests, published lines, waiting offers, the network.

use crate::actions::exceptions::{InForce, in_force};
use crate::actions::network::{Network, load_network};
use crate::actions::{ActionError, stored as read};
use crate::domain::ids::{LotId, RequestId, SiteId, SurplusId};
use crate::domain::policy::Form;
use crate::domain::quantity::Volume;
use crate::domain::request::{Constraints, DonorFeedCounts, InfantProfile, Preferences};
use crate::domain::time::Instant;
use crate::store::AnyConn;
use crate::store::lots::{self, LotRow};
use crate::store::offers::{self, OfferRow};
use crate::store::requests::{self, RequestRow};
use crate::store::surplus::{self, SurplusLineRow};
use crate::store::transfers;
use std::collections::{BTreeMap, BTreeSet};

/// A request that still wants milk.
pub struct OpenRequest {
    /// As it is kept.
    pub row: RequestRow,
    /// What neither an accepted nor a waiting offer covers.
    pub wanted: Volume,
    /// Hard constraints.
    pub constraints: Constraints,
    /// Preferences.
    pub preferences: Preferences,
    /// One day's need of the infant it is for.
    pub daily: Option<Volume>,
    /// Forms taken.
    pub forms: Vec<Form>,
    /// How often each donor already fed the infant, where the family limits that.
    pub donor_feeds: DonorFeedCounts,
}

/// Everything a run needs to know.
pub struct Snapshot {
    /// The instant of the run.
    pub now: Instant,
    /// Requests, most urgent first, then by need and identifier: the order that breaks ties.
    pub requests: Vec<OpenRequest>,
    /// Lines with bottles, soonest expiry first, then by identifier: the order that breaks ties.
    pub lines: Vec<SurplusLineRow>,
    /// The smallest transfer of each surplus that sets one.
    pub floors: BTreeMap<SurplusId, Volume>,
    /// The lots of those lines and of waiting offers.
    pub lot_ids: BTreeSet<LotId>,
    /// Those of them that were not known before.
    pub new_lots: Vec<LotRow>,
    /// Exceptions that hold at this instant.
    pub(super) exceptions: InForce,
    /// Lots under a hold.
    pub held: BTreeSet<LotId>,
    /// Offers that wait for an answer.
    pub waiting: Vec<OfferRow>,
    /// The lots of waiting offers.
    pub waiting_lots: BTreeMap<crate::domain::ids::OfferId, Vec<LotId>>,
    /// The tiers of the requests behind waiting offers.
    pub waiting_tiers: BTreeMap<RequestId, i64>,
    /// What holding sites declined.
    pub declined: BTreeSet<(RequestId, SiteId)>,
    /// Sites between which a journey is due anyway, because promised milk waits for it.
    pub due_journeys: BTreeSet<(SiteId, SiteId)>,
    /// Sites, policies, agreements, closures, carriers.
    pub network: Network,
}

impl Snapshot {
    /// The tier of the request behind a waiting offer.
    pub fn tier_of_waiting(&self, offer: &OfferRow) -> Option<i64> {
        self.waiting_tiers.get(&offer.request_id).copied()
    }

    /// A hash of what was planned over, so that a run can be told from another.
    pub fn hash(&self) -> String {
        use std::hash::{DefaultHasher, Hash, Hasher};
        let mut hasher = DefaultHasher::new();
        self.now.hash(&mut hasher);
        for request in &self.requests {
            (request.row.id, request.row.version, request.wanted).hash(&mut hasher);
        }
        for line in &self.lines {
            (line.id, line.available_bottles).hash(&mut hasher);
        }
        format!("{:016x}", hasher.finish())
    }
}

/// Loads the snapshot; of lots that are `known` nothing is read again, as their records never change.
pub fn load(conn: &mut AnyConn, now: Instant, known: &BTreeSet<LotId>) -> Result<Snapshot, ActionError> {
    let open = requests::list_open_requests(conn)?;
    let waiting = offers::list_proposed_offers(conn)?;
    let mut pending: BTreeMap<RequestId, Volume> = BTreeMap::new();
    for offer in &waiting {
        *pending.entry(offer.request_id).or_default() += offer.volume_ml;
    }
    let ids: Vec<RequestId> = open.iter().map(|row| row.id).collect();
    let declined = offers::list_declined_pairs(conn, &ids)?.into_iter().collect();
    let mut wanted = Vec::new();
    for row in open {
        let covered = row.allocated_ml + pending.get(&row.id).copied().unwrap_or_default();
        if row.volume_ml > covered {
            let left = row.volume_ml - covered;
            wanted.push(open_request(conn, row, left)?);
        }
    }
    if wanted.is_empty() {
        return Ok(Snapshot {
            now,
            requests: wanted,
            lines: Vec::new(),
            lot_ids: BTreeSet::new(),
            new_lots: Vec::new(),
            floors: BTreeMap::new(),
            exceptions: InForce::default(),
            held: BTreeSet::new(),
            waiting,
            waiting_lots: BTreeMap::new(),
            waiting_tiers: BTreeMap::new(),
            declined,
            due_journeys: BTreeSet::new(),
            network: Network::default(),
        });
    }
    let behind: Vec<RequestId> = waiting.iter().map(|offer| offer.request_id).collect();
    let waiting_tiers =
        requests::list_requests_by_id(conn, &behind)?.into_iter().map(|row| (row.id, row.tier)).collect();
    let lines = surplus::list_matchable_lines(conn, now)?;
    let waiting_ids: Vec<_> = waiting.iter().map(|offer| offer.id).collect();
    let mut waiting_lots: BTreeMap<_, Vec<LotId>> = BTreeMap::new();
    for (offer, lot, ..) in offers::list_offer_lines(conn, &waiting_ids)? {
        waiting_lots.entry(offer).or_default().push(lot);
    }
    let mut lot_ids: BTreeSet<LotId> = lines.iter().map(|line| line.lot_id).collect();
    lot_ids.extend(waiting_lots.values().flatten());
    let new_lots = read_lots(conn, lot_ids.difference(known).copied().collect())?;
    Ok(Snapshot {
        now,
        requests: wanted,
        lines,
        lot_ids,
        new_lots,
        floors: surplus::list_min_transfers(conn)?.into_iter().collect(),
        exceptions: in_force(conn, now)?,
        held: lots::list_held_lots(conn)?.into_iter().collect(),
        waiting,
        waiting_lots,
        waiting_tiers,
        declined,
        due_journeys: due_journeys(conn)?,
        network: load_network(conn)?,
    })
}

fn read_lots(conn: &mut AnyConn, ids: Vec<LotId>) -> Result<Vec<LotRow>, ActionError> {
    if ids.is_empty() { Ok(Vec::new()) } else { Ok(lots::list_lots_by_id(conn, &ids)?) }
}

fn due_journeys(conn: &mut AnyConn) -> Result<BTreeSet<(SiteId, SiteId)>, ActionError> {
    let held = offers::list_pairs_with_held_milk(conn)?;
    Ok(held.into_iter().chain(transfers::list_pairs_with_waiting_transfers(conn)?).collect())
}

fn open_request(conn: &mut AnyConn, row: RequestRow, wanted: Volume) -> Result<OpenRequest, ActionError> {
    let profile: Option<InfantProfile> = row.profile.as_deref().map(read).transpose()?;
    let preferences: Preferences = read(&row.preferences)?;
    // The unit's own word on the bottle that fits comes first; an infant's estimated need is the next best.
    let daily = preferences.bottle_ml.map(i64::from).or_else(|| match row.infant_ref {
        Some(_) => profile.as_ref().and_then(InfantProfile::estimated_daily_ml),
        None => None,
    });
    let constraints: Constraints = read(&row.constraints)?;
    let mut donor_feeds = DonorFeedCounts::default();
    if let (Some(_), Some(infant)) = (constraints.max_feeds_per_donor, &row.infant_ref) {
        for (donor, times) in lots::count_donor_feeds(conn, row.site_id, infant)? {
            donor_feeds.add(&donor, u32::try_from(times).unwrap_or(u32::MAX));
        }
    }
    Ok(OpenRequest {
        wanted,
        constraints,
        donor_feeds,
        preferences,
        daily: daily.map(Volume::from_ml),
        forms: read(&row.accepts_forms)?,
        row,
    })
}
