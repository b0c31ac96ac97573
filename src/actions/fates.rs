//! What became of bottles: fed to pseudonymous infants, or thrown away and why. All of one call or nothing;
//! the statements are few, because a unit sends its whole day at once.

use super::cot::cot_refusals;
use super::freezing::freeze;
use super::{ActionError, Happening, Tx};
use crate::domain::bottle::BottleState;
use crate::domain::fate::{FateFacts, FateReason, fed_from, feeding_refusals};
use crate::domain::field::FieldError;
use crate::domain::ids::{BottleId, LotId, SiteId, SurplusLineId};
use crate::domain::quantity::Volume;
use crate::domain::refusal::Refusal;
use crate::domain::text::code_fault;
use crate::domain::time::Instant;
use crate::store::feeds::{self, BottleEnd, BottleForFate, FeedRow};
use crate::store::surplus;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// Most bottles of one call.
pub const MOST_BOTTLES: usize = 500;

/// The fates of some bottles at one site.
#[derive(Debug, Clone)]
pub struct RecordFates {
    /// Where they are.
    pub site: SiteId,
    /// When it happened; now, if not given.
    pub at: Option<Instant>,
    /// Each bottle once.
    pub items: Vec<BottleFate>,
}

/// The fate of one bottle.
#[derive(Debug, Clone)]
pub struct BottleFate {
    /// The bottle.
    pub bottle: BottleId,
    /// What became of it.
    pub fate: Fate,
}

/// What became of a bottle.
#[derive(Debug, Clone)]
pub enum Fate {
    /// Fed to these infants; the rest was thrown away.
    Used(Vec<Feed>),
    /// Thrown away.
    Discarded(FateReason),
}

/// One feed.
#[derive(Debug, Clone)]
pub struct Feed {
    /// The infant's pseudonym.
    pub infant_ref: String,
    /// How much.
    pub volume: Volume,
}

/// A bottle after its fate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BottleClosed {
    /// The bottle.
    pub bottle: BottleId,
    /// Used or discarded.
    pub state: BottleState,
    /// Fed.
    pub fed: Volume,
    /// Thrown away.
    pub discarded: Volume,
}

/// Records fates.
///
/// # Errors
/// `Invalid` by row; `NotFound` for a bottle that is not at the site; refusals 1, 5, 6, 7, 8, 12, 14 and 15 for milk
/// that may not be fed; `Conflict` for a bottle whose fate is recorded or that is on the road.
pub fn record_fates(tx: &mut Tx<'_>, command: &RecordFates) -> Result<Vec<BottleClosed>, ActionError> {
    if !tx.actor.acts_for(command.site) {
        return Err(ActionError::NotFound { what: "site" });
    }
    let at = command.at.unwrap_or(tx.now);
    refuse_shape(command, at, tx.now)?;
    let ids: Vec<BottleId> = command.items.iter().map(|item| item.bottle).collect();
    let found: BTreeMap<BottleId, BottleForFate> =
        feeds::list_bottles_for_fate(tx.conn, &ids)?.into_iter().map(|bottle| (bottle.id, bottle)).collect();
    let at_the_cot = cot_refusals(tx, command, &found)?;
    let ends = decide(command, &found, at, at_the_cot)?;
    let found = take_back(tx, command.site, &ids, found)?;
    take_off_lines(tx, &found)?;
    let closed = save(tx, command, &ends, at)?;
    let lots: BTreeSet<LotId> = found.values().map(|bottle| bottle.lot_id).collect();
    let lots: Vec<LotId> = lots.into_iter().collect();
    let used_up = feeds::list_lots_used_up(tx.conn, &lots)?;
    feeds::mark_exhausted(tx.conn, &used_up)?;
    record(tx, command, &closed, &ends, &used_up)?;
    Ok(closed)
}

fn refuse_shape(command: &RecordFates, at: Instant, now: Instant) -> Result<(), ActionError> {
    let mut defects = Vec::new();
    if command.items.is_empty() || command.items.len() > MOST_BOTTLES {
        let detail = format!("Send 1 to {MOST_BOTTLES} bottles at a time.");
        defects.push(FieldError::new("/items", "out_of_range", detail));
    }
    if at > now.plus_minutes(5) {
        defects.push(FieldError::new("/at", "in_the_future", "This instant lies in the future."));
    }
    let mut seen = BTreeSet::new();
    for (row, item) in command.items.iter().enumerate() {
        if !seen.insert(item.bottle) {
            let pointer = format!("/items/{row}/bottle_id");
            defects.push(FieldError::new(pointer, "repeated", "Name each bottle once."));
        }
        let Fate::Used(given) = &item.fate else { continue };
        for (place, feed) in given.iter().enumerate() {
            let pointer = format!("/items/{row}/feeds/{place}/infant_ref");
            defects.extend(code_fault(&pointer, feed.infant_ref.trim()));
        }
    }
    if defects.is_empty() { Ok(()) } else { Err(ActionError::Invalid(defects)) }
}

/// How much of a bottle was fed, and why the rest was thrown away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct End {
    fed: Volume,
    size: Volume,
    reason: Option<FateReason>,
}

fn decide(
    command: &RecordFates,
    found: &BTreeMap<BottleId, BottleForFate>,
    at: Instant,
    at_the_cot: Vec<Refusal>,
) -> Result<Vec<(BottleId, End)>, ActionError> {
    let mut ends = Vec::with_capacity(command.items.len());
    let mut refusals = at_the_cot;
    let mut defects = Vec::new();
    for (row, item) in command.items.iter().enumerate() {
        let Some(bottle) = found.get(&item.bottle).filter(|bottle| bottle.site_id == command.site) else {
            return Err(ActionError::NotFound { what: "bottle" });
        };
        match bottle.state {
            BottleState::InStock | BottleState::Quarantined => {}
            state => {
                let detail = format!("Bottle {} is {state}; its fate cannot be recorded here.", item.bottle);
                return Err(ActionError::conflict("bottle_not_here", detail));
            }
        }
        if bottle.pasteurised_at.is_some_and(|made| at < made) {
            let detail = "This instant lies before the milk was pasteurised.";
            defects.push(FieldError::new(format!("/items/{row}/bottle_id"), "before_the_milk", detail));
        }
        let end = match &item.fate {
            Fate::Discarded(reason) => End { fed: Volume::ZERO, size: bottle.size_ml, reason: Some(*reason) },
            Fate::Used(given) => {
                let facts = FateFacts {
                    state: bottle.state,
                    lot_state: bottle.lot_state,
                    lot_expires_at: bottle.lot_expires_at,
                    thaw_ends_at: bottle.thaw_ends_at,
                    promised: bottle.offer_id.is_some() || bottle.transfer_id.is_some(),
                };
                let found = feeding_refusals(item.bottle.as_str(), &facts, at);
                refusals.extend(found.into_iter().map(|one| one.at(format!("/items/{row}/bottle_id"))));
                match fed_from(bottle.size_ml, given.iter().map(|feed| feed.volume)) {
                    Ok(fed) => {
                        let left = fed < bottle.size_ml;
                        End { fed, size: bottle.size_ml, reason: left.then_some(FateReason::ThawedUnused) }
                    }
                    Err(detail) => {
                        defects.push(FieldError::new(format!("/items/{row}/feeds"), "out_of_range", detail));
                        continue;
                    }
                }
            }
        };
        ends.push((item.bottle, end));
    }
    if !defects.is_empty() {
        return Err(ActionError::Invalid(defects));
    }
    if refusals.is_empty() { Ok(ends) } else { Err(ActionError::Refused(refusals)) }
}

/// Milk that is gone is gone, whoever it was promised to: promises on what was thrown away end first.
fn take_back(
    tx: &mut Tx<'_>,
    site: SiteId,
    ids: &[BottleId],
    found: BTreeMap<BottleId, BottleForFate>,
) -> Result<BTreeMap<BottleId, BottleForFate>, ActionError> {
    let promised: Vec<BottleId> = found
        .values()
        .filter(|bottle| bottle.offer_id.is_some() || bottle.transfer_id.is_some())
        .map(|bottle| bottle.id)
        .collect();
    if promised.is_empty() {
        return Ok(found);
    }
    freeze(tx, &[], &promised, "the bottle was thrown away")?;
    let again = feeds::list_bottles_for_fate(tx.conn, ids)?;
    if again.iter().any(|bottle| bottle.offer_id.is_some() || bottle.site_id != site) {
        return Err(ActionError::conflict("bottle_moved", "A bottle was promised meanwhile; try again."));
    }
    Ok(again.into_iter().map(|bottle| (bottle.id, bottle)).collect())
}

/// Published bottles leave their lines, lines in identifier order and before the bottles.
fn take_off_lines(tx: &mut Tx<'_>, found: &BTreeMap<BottleId, BottleForFate>) -> Result<(), ActionError> {
    let mut by_line: BTreeMap<SurplusLineId, i64> = BTreeMap::new();
    for line in found.values().filter_map(|bottle| bottle.surplus_line_id) {
        *by_line.entry(line).or_default() += 1;
    }
    for (line, bottles) in by_line {
        if !surplus::take_from_line(tx.conn, line, bottles)? {
            return Err(ActionError::conflict("bottle_moved", "A bottle was promised meanwhile; try again."));
        }
    }
    Ok(())
}

fn save(
    tx: &mut Tx<'_>,
    command: &RecordFates,
    ends: &[(BottleId, End)],
    at: Instant,
) -> Result<Vec<BottleClosed>, ActionError> {
    let mut alike: BTreeMap<(bool, Volume, Option<FateReason>), Vec<BottleId>> = BTreeMap::new();
    for (bottle, end) in ends {
        let emptied = end.fed == end.size;
        let fed = if emptied { Volume::ZERO } else { end.fed };
        alike.entry((emptied, fed, end.reason)).or_default().push(*bottle);
    }
    for ((emptied, fed, reason), ids) in &alike {
        let reason = reason.map(FateReason::as_str);
        let moved = if *emptied {
            feeds::empty_bottles(tx.conn, command.site, ids, at)?
        } else {
            feeds::end_bottles(tx.conn, command.site, ids, &BottleEnd { fed_ml: *fed, reason, at })?
        };
        if moved != ids.len() {
            return Err(ActionError::conflict("bottle_moved", "A bottle moved meanwhile; read it again."));
        }
    }
    let mut given = Vec::new();
    for item in &command.items {
        let Fate::Used(feeds) = &item.fate else { continue };
        for feed in feeds {
            given.push(FeedRow {
                id: tx.new_id().to_string(),
                bottle_id: item.bottle,
                site_id: command.site,
                infant_ref: feed.infant_ref.trim().to_owned(),
                volume_ml: feed.volume,
                fed_at: at,
                recorded_by: tx.actor.id.clone(),
                recorded_at: tx.now,
            });
        }
    }
    feeds::insert_feeds(tx.conn, &given)?;
    Ok(ends.iter().map(|(bottle, end)| closed(*bottle, *end)).collect())
}

fn closed(bottle: BottleId, end: End) -> BottleClosed {
    let state = if end.fed.is_positive() { BottleState::Used } else { BottleState::Discarded };
    BottleClosed { bottle, state, fed: end.fed, discarded: end.size - end.fed }
}

fn record(
    tx: &mut Tx<'_>,
    command: &RecordFates,
    closed: &[BottleClosed],
    ends: &[(BottleId, End)],
    used_up: &[LotId],
) -> Result<(), ActionError> {
    // Feeds name their bottles and who recorded them; bottles thrown away whole are named here.
    let thrown: Vec<(BottleId, Option<FateReason>)> =
        ends.iter().filter(|(_, end)| !end.fed.is_positive()).map(|(bottle, end)| (*bottle, end.reason)).collect();
    tx.record(Happening {
        kind: "bottles.closed",
        subject_kind: "site",
        subject_id: command.site.to_string(),
        site: Some(command.site),
        other_site: None,
        network: false,
        data: &json!({
            "bottles": closed.len(),
            "fed_ml": closed.iter().map(|one| one.fed).sum::<Volume>(),
            "discarded_ml": closed.iter().map(|one| one.discarded).sum::<Volume>(),
            "discarded": thrown,
            "exhausted_lots": used_up,
        }),
    })
}
