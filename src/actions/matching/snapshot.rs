//! What a run plans over, read once: open requests, published lines, waiting offers, the network.

use super::trips::Trips;
use crate::actions::exceptions::{InForce, in_force};
use crate::actions::network::{Network, load_network};
use crate::actions::{ActionError, stored as read};
use crate::domain::balance::{self, Balance};
use crate::domain::eligibility::REPORT_HOLDS_DAYS;
use crate::domain::ids::{LotId, RequestId, SiteId, SurplusId};
use crate::domain::need::DayNeed;
use crate::domain::policy::Form;
use crate::domain::quantity::Volume;
use crate::domain::request::{Constraints, DonorFeedCounts, InfantProfile, Preferences};
use crate::domain::time::Instant;
use crate::store::AnyConn;
use crate::store::lots::{self, LotRow};
use crate::store::offers::{self, OfferRow};
use crate::store::requests::{self, RequestRow};
use crate::store::surplus::{self, StockReport, SurplusLineRow};
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
    /// The estimated needs of the infant it is for, day by day.
    pub needs: Vec<DayNeed>,
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
    /// What dispatch knows of the roads between holding and asking sites.
    pub trips: Trips,
    /// When each surplus was last confirmed by its site, and whether its site was asked since.
    pub reports: BTreeMap<SurplusId, StockReport>,
    /// What each site gave and received.
    pub balances: BTreeMap<SiteId, Balance>,
    /// Sites, policies, agreements, closures, carriers.
    pub network: Network,
}

impl Snapshot {
    /// The tier of the request behind a waiting offer.
    pub fn tier_of_waiting(&self, offer: &OfferRow) -> Option<i64> {
        self.waiting_tiers.get(&offer.request_id).copied()
    }

    /// What the network owes a site.
    pub fn credit_of(&self, site: SiteId) -> Volume {
        self.balances.get(&site).copied().unwrap_or_default().credit()
    }

    /// Whole days since the holding site last said that a line is there.
    pub fn report_age_days(&self, line: &SurplusLineRow) -> i64 {
        let confirmed = self.reports.get(&line.surplus_id).map_or(line.created_at, |report| report.confirmed_at);
        self.now.minutes_since(confirmed).max(0) / 1_440
    }

    /// Reports so old that their weight falls, of sites that were not asked since.
    pub fn stale_reports(&self) -> Vec<StockReport> {
        let old = |report: &&StockReport| {
            self.now.minutes_since(report.confirmed_at) > REPORT_HOLDS_DAYS * 1_440
                && report.confirmation_asked_at.is_none_or(|asked| asked < report.confirmed_at)
        };
        self.reports.values().filter(old).copied().collect()
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

    /// Nobody wants anything; only the waiting offers may be taken back.
    fn of_nothing_wanted(now: Instant, waiting: Vec<OfferRow>, declined: BTreeSet<(RequestId, SiteId)>) -> Self {
        Self {
            now,
            requests: Vec::new(),
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
            trips: Trips::default(),
            reports: BTreeMap::new(),
            balances: BTreeMap::new(),
            network: Network::default(),
        }
    }
}

/// Loads the snapshot; of lots that are `known` nothing is read again, as their records never change.
pub fn load(conn: &mut AnyConn, now: Instant, known: &BTreeSet<LotId>) -> Result<Snapshot, ActionError> {
    load_for(conn, now, known, None)
}

/// Loads the snapshot as if the offers that wait for one request were not made yet.
pub fn load_for(
    conn: &mut AnyConn,
    now: Instant,
    known: &BTreeSet<LotId>,
    reopened: Option<RequestId>,
) -> Result<Snapshot, ActionError> {
    let open = requests::list_open_requests(conn)?;
    let all = offers::list_proposed_offers(conn)?;
    let (undone, waiting): (Vec<_>, Vec<_>) = all.into_iter().partition(|offer| Some(offer.request_id) == reopened);
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
        return Ok(Snapshot::of_nothing_wanted(now, waiting, declined));
    }
    let behind: Vec<RequestId> = waiting.iter().map(|offer| offer.request_id).collect();
    let waiting_tiers =
        requests::list_requests_by_id(conn, &behind)?.into_iter().map(|row| (row.id, row.tier)).collect();
    let mut lines = surplus::list_matchable_lines(conn, now)?;
    give_back(conn, &mut lines, &undone)?;
    let heads: BTreeSet<SurplusId> = lines.iter().map(|line| line.surplus_id).collect();
    let heads: Vec<SurplusId> = heads.into_iter().collect();
    let reports = surplus::list_reports(conn, &heads)?.into_iter().map(|report| (report.surplus_id, report)).collect();
    let waiting_ids: Vec<_> = waiting.iter().map(|offer| offer.id).collect();
    let mut waiting_lots: BTreeMap<_, Vec<LotId>> = BTreeMap::new();
    for (offer, lot, ..) in offers::list_offer_lines(conn, &waiting_ids)? {
        waiting_lots.entry(offer).or_default().push(lot);
    }
    let mut lot_ids: BTreeSet<LotId> = lines.iter().map(|line| line.lot_id).collect();
    lot_ids.extend(waiting_lots.values().flatten());
    let new_lots = read_lots(conn, lot_ids.difference(known).copied().collect())?;
    let trips = trips_between(conn, now, &lines, &wanted)?;
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
        trips,
        reports,
        balances: balances(conn, now)?,
        network: load_network(conn)?,
    })
}

fn read_lots(conn: &mut AnyConn, ids: Vec<LotId>) -> Result<Vec<LotRow>, ActionError> {
    if ids.is_empty() { Ok(Vec::new()) } else { Ok(lots::list_lots_by_id(conn, &ids)?) }
}

fn trips_between(
    conn: &mut AnyConn,
    now: Instant,
    lines: &[SurplusLineRow],
    wanted: &[OpenRequest],
) -> Result<Trips, ActionError> {
    let from: BTreeSet<SiteId> = lines.iter().map(|line| line.site_id).collect();
    let to: BTreeSet<SiteId> = wanted.iter().map(|request| request.row.site_id).collect();
    let (from, to): (Vec<_>, Vec<_>) = (from.into_iter().collect(), to.into_iter().collect());
    Trips::load(conn, now, &from, &to)
}

fn due_journeys(conn: &mut AnyConn) -> Result<BTreeSet<(SiteId, SiteId)>, ActionError> {
    let held = offers::list_pairs_with_held_milk(conn)?;
    Ok(held.into_iter().chain(transfers::list_pairs_with_waiting_transfers(conn)?).collect())
}

fn open_request(conn: &mut AnyConn, row: RequestRow, wanted: Volume) -> Result<OpenRequest, ActionError> {
    let profile: Option<InfantProfile> = row.profile.as_deref().map(read).transpose()?;
    let preferences: Preferences = read(&row.preferences)?;
    // The unit's own word on the bottle that fits comes first; an infant's estimated needs are the next best.
    let needs = match (preferences.bottle_ml, &profile, &row.infant_ref) {
        (Some(fits), _, _) => vec![fitting_day(i64::from(fits))],
        (None, Some(infant), Some(_)) => infant.needs(days_of_use(&row)),
        _ => Vec::new(),
    };
    let constraints: Constraints = read(&row.constraints)?;
    let mut donor_feeds = DonorFeedCounts::default();
    if let (Some(_), Some(infant)) = (constraints.max_feeds_per_donor, &row.infant_ref) {
        for (donor, times) in lots::count_donor_feeds(conn, row.site_id, infant)? {
            donor_feeds.add(&donor, u32::try_from(times).unwrap_or(u32::MAX));
        }
    }
    Ok(OpenRequest { wanted, constraints, donor_feeds, preferences, needs, forms: read(&row.accepts_forms)?, row })
}

/// A day of which one bottle of this size leaves nothing over.
const fn fitting_day(ml: i64) -> DayNeed {
    DayNeed { feeding_day: 1, tenths_ml_per_kg: 0, feeds_ml: ml, donor_milk_ml: ml }
}

/// Days over which the milk of a request is used, at least one.
fn days_of_use(row: &RequestRow) -> u16 {
    let days = row.last_use_at.minutes_since(row.needed_by) / 1_440;
    u16::try_from(days.max(1)).unwrap_or(u16::MAX)
}

/// What each site gave to others and received from them of late.
fn balances(conn: &mut AnyConn, now: Instant) -> Result<BTreeMap<SiteId, Balance>, ActionError> {
    let mut balances: BTreeMap<SiteId, Balance> = BTreeMap::new();
    for (from, to, ml) in offers::sum_delivered_between_sites(conn, now.plus_hours(-24 * balance::DAYS))? {
        balances.entry(from).or_default().given += Volume::from_ml(ml);
        balances.entry(to).or_default().received += Volume::from_ml(ml);
    }
    Ok(balances)
}

/// Puts the bottles of some offers back on their lines.
fn give_back(conn: &mut AnyConn, lines: &mut Vec<SurplusLineRow>, undone: &[OfferRow]) -> Result<(), ActionError> {
    let ids: Vec<_> = undone.iter().map(|offer| offer.id).collect();
    if ids.is_empty() {
        return Ok(());
    }
    for (offer, lot, _, size, bottles) in offers::list_offer_lines(conn, &ids)? {
        let site = undone.iter().find(|row| row.id == offer).map(|row| row.from_site_id);
        let same = |line: &SurplusLineRow| line.lot_id == lot && line.size_ml == size && Some(line.site_id) == site;
        if let Some(line) = lines.iter_mut().find(|line| same(line)) {
            line.available_bottles += bottles;
        } else if let Some(empty) = surplus::list_lines_of_lots(conn, &[lot])?.into_iter().rfind(same) {
            lines.push(SurplusLineRow { available_bottles: bottles, ..empty });
        }
    }
    lines.sort_by_key(|line| (line.expires_at, line.id));
    Ok(())
}
