//! What became of milk in a time: the figures of a report, for one's own sites or for the hub.

use super::ActionError;
use crate::domain::actor::{Actor, SiteScope};
use crate::domain::ids::SiteId;
use crate::domain::time::Instant;
use crate::store::AnyConn;
use crate::store::reports::{self, Span};
use std::collections::BTreeMap;

/// Bottles that a report reads at most; a longer time is reported in parts.
const MOST_BOTTLES: i64 = 200_000;
/// Days of one column.
const WEEK_DAYS: i64 = 7;

/// What became of milk in one week of the time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Week {
    /// Its first instant.
    pub from: Instant,
    /// Fed, mL.
    pub fed_ml: i64,
    /// Thrown away, mL.
    pub discarded_ml: i64,
}

/// The figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Lots released, and their mL.
    pub released: (i64, i64),
    /// Requests raised, what they asked for and what reached them, mL.
    pub raised: (i64, i64, i64),
    /// Boxes that were received elsewhere, and their mL.
    pub sent: (i64, i64),
    /// Boxes received, and their mL.
    pub received: (i64, i64),
    /// Fed, mL.
    pub fed_ml: i64,
    /// Thrown away by reason, mL.
    pub discarded: BTreeMap<String, i64>,
    /// Week by week.
    pub weeks: Vec<Week>,
    /// True when there was too much to read; the figures of bottles end early.
    pub cut_short: bool,
}

/// The report on a time, for one site or for all that the actor acts for.
///
/// # Errors
/// `NotFound` for a site that is not the actor's, and those of the store.
pub fn report(
    conn: &mut AnyConn,
    actor: &Actor,
    site: Option<SiteId>,
    from: Instant,
    until: Instant,
) -> Result<Report, ActionError> {
    let sites = match (site, &actor.sites) {
        (Some(site), _) if !actor.acts_for(site) => return Err(ActionError::NotFound { what: "site" }),
        (Some(site), _) => Some(vec![site]),
        (None, SiteScope::All) => None,
        (None, SiteScope::Only(sites)) => Some(sites.iter().copied().collect()),
    };
    let span = Span { from, until, sites };
    let closed = reports::closed_bottles(conn, &span, MOST_BOTTLES)?;
    let mut weeks = weeks_of(from, until);
    let (mut fed_ml, mut discarded) = (0, BTreeMap::new());
    for (at, fed, thrown, reason) in &closed {
        fed_ml += fed.ml();
        if thrown.is_positive() {
            let reason = reason.clone().unwrap_or_else(|| "other".to_owned());
            *discarded.entry(reason).or_default() += thrown.ml();
        }
        let week = at.and_then(|at| weeks.iter_mut().rfind(|week| week.from <= at));
        if let Some(week) = week {
            week.fed_ml += fed.ml();
            week.discarded_ml += thrown.ml();
        }
    }
    Ok(Report {
        released: reports::released(conn, &span)?,
        raised: reports::raised(conn, &span)?,
        sent: reports::carried(conn, &span, true)?,
        received: reports::carried(conn, &span, false)?,
        fed_ml,
        discarded,
        weeks,
        cut_short: i64::try_from(closed.len()).unwrap_or(i64::MAX) >= MOST_BOTTLES,
    })
}

fn weeks_of(from: Instant, until: Instant) -> Vec<Week> {
    let mut weeks = Vec::new();
    let mut start = from;
    while start < until {
        weeks.push(Week { from: start, fed_ml: 0, discarded_ml: 0 });
        start = start.plus_days(WEEK_DAYS);
    }
    weeks
}
