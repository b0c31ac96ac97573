//! What holds at the cot before a feed is recorded: whom a bottle is kept for, and what was last stated for the
//! infant that is fed (refusals 12, 14 and 17).

use super::fates::{BottleFate, Fate, RecordFates};
use super::{ActionError, Tx, stored};
use crate::domain::fate::kept_for_another;
use crate::domain::ids::{BottleId, LotId, RequestId, SiteId};
use crate::domain::lot::{LotFacts, SafetyRecord};
use crate::domain::refusal::{Refusal, RefusalCode};
use crate::domain::request::{Constraints, DonorFeedCounts, InfantProfile, constraint_failures};
use crate::store::feeds::BottleForFate;
use crate::store::requests::RequestRow;
use crate::store::{lots, requests};
use std::collections::{BTreeMap, BTreeSet};

/// One feed that is to be recorded, and where it stands in what was sent.
struct Sip<'a> {
    pointer: String,
    bottle: &'a BottleForFate,
    infant: &'a str,
}

/// Every reason against a feed that lies in the infant rather than in the bottle alone.
pub(super) fn cot_refusals(
    tx: &mut Tx<'_>,
    command: &RecordFates,
    found: &BTreeMap<BottleId, BottleForFate>,
) -> Result<Vec<Refusal>, ActionError> {
    let sips = sips_of(&command.items, found);
    let mut refusals = kept_for_others(tx, &sips)?;
    refusals.extend(against_the_stated(tx, command.site, &sips)?);
    Ok(refusals)
}

fn sips_of<'a>(items: &'a [BottleFate], found: &'a BTreeMap<BottleId, BottleForFate>) -> Vec<Sip<'a>> {
    let mut sips = Vec::new();
    for (row, item) in items.iter().enumerate() {
        let (Fate::Used(feeds), Some(bottle)) = (&item.fate, found.get(&item.bottle)) else { continue };
        for (place, feed) in feeds.iter().enumerate() {
            let pointer = format!("/items/{row}/feeds/{place}/infant_ref");
            sips.push(Sip { pointer, bottle, infant: feed.infant_ref.trim() });
        }
    }
    sips
}

fn kept_for_others(tx: &mut Tx<'_>, sips: &[Sip<'_>]) -> Result<Vec<Refusal>, ActionError> {
    let kept: BTreeSet<RequestId> = sips.iter().filter_map(|sip| sip.bottle.for_request_id).collect();
    if kept.is_empty() {
        return Ok(Vec::new());
    }
    let kept: Vec<RequestId> = kept.into_iter().collect();
    let infants: BTreeMap<RequestId, String> = requests::list_requests_by_id(tx.conn, &kept)?
        .into_iter()
        .filter_map(|request| Some((request.id, request.infant_ref?)))
        .collect();
    let refused = sips.iter().filter_map(|sip| {
        let kept_for = infants.get(&sip.bottle.for_request_id?)?;
        Some(kept_for_another(sip.bottle.id.as_str(), kept_for, sip.infant)?.at(sip.pointer.clone()))
    });
    Ok(refused.collect())
}

/// What was last stated for an infant that not every milk suits.
struct Stated {
    constraints: Constraints,
    galactosaemia: bool,
    donor_feeds: DonorFeedCounts,
}

fn against_the_stated(tx: &mut Tx<'_>, site: SiteId, sips: &[Sip<'_>]) -> Result<Vec<Refusal>, ActionError> {
    let infants: BTreeSet<String> = sips.iter().map(|sip| sip.infant.to_owned()).collect();
    let infants: Vec<String> = infants.into_iter().collect();
    let mut stated: BTreeMap<String, Stated> = BTreeMap::new();
    for request in requests::list_newest_of_infants(tx.conn, site, &infants)? {
        if let Some((infant, one)) = stated_by(tx, site, request)? {
            stated.insert(infant, one);
        }
    }
    let concerned: BTreeSet<LotId> =
        sips.iter().filter(|sip| stated.contains_key(sip.infant)).map(|sip| sip.bottle.lot_id).collect();
    if concerned.is_empty() {
        return Ok(Vec::new());
    }
    let concerned: Vec<LotId> = concerned.into_iter().collect();
    let mut records: BTreeMap<LotId, SafetyRecord> = BTreeMap::new();
    for lot in lots::list_lots_by_id(tx.conn, &concerned)? {
        records.insert(lot.id, stored(&lot.record)?);
    }
    let mut refusals = Vec::new();
    for sip in sips {
        let (Some(one), Some(record)) = (stated.get_mut(sip.infant), records.get(&sip.bottle.lot_id)) else { continue };
        let mut found = constraint_failures(&LotFacts::released(record), &one.constraints, &one.donor_feeds);
        if one.galactosaemia {
            found.push(
                RefusalCode::Galactosaemia.because("donor milk is contraindicated in galactosaemia; BMJ 2020 m4243"),
            );
        }
        refusals.extend(found.into_iter().map(|refusal| refusal.at(sip.pointer.clone())));
        for donor in &record.donors {
            one.donor_feeds.add(&donor.donor_ref, 1);
        }
    }
    Ok(refusals)
}

/// The infant and what was stated for it, unless every milk suits.
fn stated_by(tx: &mut Tx<'_>, site: SiteId, request: RequestRow) -> Result<Option<(String, Stated)>, ActionError> {
    let Some(infant) = request.infant_ref else { return Ok(None) };
    let constraints: Constraints = stored(&request.constraints)?;
    let profile: Option<InfantProfile> = request.profile.as_deref().map(stored).transpose()?;
    let galactosaemia = profile.is_some_and(|profile| profile.galactosaemia);
    if constraints == Constraints::default() && !galactosaemia {
        return Ok(None);
    }
    let mut donor_feeds = DonorFeedCounts::default();
    if constraints.max_feeds_per_donor.is_some() {
        for (donor, times) in lots::count_donor_feeds(tx.conn, site, &infant)? {
            donor_feeds.add(&donor, u32::try_from(times).unwrap_or(u32::MAX));
        }
    }
    Ok(Some((infant, Stated { constraints, galactosaemia, donor_feeds })))
}
