//! The feed of events as one reader may see it. It never skips an event that concerns them, and never shows
//! one that does not.

use super::ActionError;
use super::agreements::site_texts;
use crate::domain::actor::{Actor, SiteScope};
use crate::domain::ids::SiteId;
pub use crate::store::journal::EventRow;
use crate::store::{AnyConn, journal};

/// A piece of the feed.
pub struct FeedPage {
    /// Events in the order of their positions.
    pub events: Vec<EventRow>,
    /// Where to go on: everything up to here was shown or does not concern the reader.
    pub next_after: i64,
}

/// That something happened, and whom it concerns: enough to look again, nothing to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    /// Its number in the order of writing.
    pub number: i64,
    /// The sites it concerns.
    pub sites: Vec<SiteId>,
    /// True when every site may know.
    pub network: bool,
}

impl News {
    /// True when it concerns this reader.
    #[must_use]
    pub fn concerns(&self, actor: &Actor) -> bool {
        self.network || actor.sites == SiteScope::All || self.sites.iter().any(|site| actor.acts_for(*site))
    }
}

/// The newest happenings, newest first, numbered or not. Who reads them keeps the numbers already seen, because
/// a transaction that began earlier may commit later.
///
/// # Errors
/// Those of the store.
pub fn newest_news(conn: &mut AnyConn, limit: i64) -> Result<Vec<News>, ActionError> {
    let read = |text: Option<String>| text.and_then(|id| id.parse().ok());
    let newest = journal::list_newest_events(conn, limit)?;
    Ok(newest
        .into_iter()
        .map(|(number, site, other, network)| News {
            number,
            sites: [read(site), read(other)].into_iter().flatten().collect(),
            network,
        })
        .collect())
}

/// Events after a position, at most `limit`.
///
/// # Errors
/// Those of the store.
pub fn read_feed(conn: &mut AnyConn, actor: &Actor, after: i64, limit: i64) -> Result<FeedPage, ActionError> {
    // Read before the events: positions are given in order, so nothing up to here can appear later.
    let last = journal::last_position(conn)?;
    let sites = site_texts(actor);
    let events = journal::list_events(conn, after, limit, sites.as_deref())?;
    let shown = events.last().and_then(|event| event.pos);
    let full = i64::try_from(events.len()).is_ok_and(|count| count >= limit);
    let next_after = match shown {
        Some(pos) if full => pos,
        Some(pos) => pos.max(last),
        None => after.max(last),
    };
    Ok(FeedPage { events, next_after })
}
