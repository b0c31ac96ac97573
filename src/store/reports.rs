//! Sums over a time for reports: what was released, fed, thrown away, asked for and carried.

use super::dialect::total_of;
use super::schema::{bottles, lots, requests, transfers};
use super::{AnyConn, StoreError};
use crate::domain::ids::SiteId;
use crate::domain::quantity::Volume;
use crate::domain::time::Instant;
use diesel::prelude::*;

/// A time, from its first instant up to but not including its last, at some sites or at all.
#[derive(Debug, Clone)]
pub struct Span {
    /// First instant.
    pub from: Instant,
    /// The instant after the last.
    pub until: Instant,
    /// The sites; `None` is every site.
    pub sites: Option<Vec<SiteId>>,
}

/// A bottle whose fate was recorded: when, fed, thrown away, why.
pub type Closed = (Option<Instant>, Volume, Volume, Option<String>);

/// Lots released in the time: how many, and their millilitres.
pub fn released(conn: &mut AnyConn, span: &Span) -> Result<(i64, i64), StoreError> {
    let mut query = lots::table
        .filter(lots::released_at.ge(Some(span.from)))
        .filter(lots::released_at.lt(Some(span.until)))
        .select((diesel::dsl::count_star(), total_of(lots::volume_ml)))
        .into_boxed();
    if let Some(sites) = &span.sites {
        query = query.filter(lots::bank_site_id.eq_any(sites.clone()));
    }
    Ok(query.first(conn)?)
}

/// Bottles whose fate was recorded in the time, oldest first, at most so many.
pub fn closed_bottles(conn: &mut AnyConn, span: &Span, limit: i64) -> Result<Vec<Closed>, StoreError> {
    let mut query = bottles::table
        .filter(bottles::closed_at.ge(Some(span.from)))
        .filter(bottles::closed_at.lt(Some(span.until)))
        .order(bottles::closed_at)
        .limit(limit)
        .select((bottles::closed_at, bottles::fed_ml, bottles::discarded_ml, bottles::fate_reason))
        .into_boxed();
    if let Some(sites) = &span.sites {
        query = query.filter(bottles::site_id.eq_any(sites.clone()));
    }
    Ok(query.load(conn)?)
}

/// Requests raised in the time: how many, what they asked for and what reached them, in millilitres.
pub fn raised(conn: &mut AnyConn, span: &Span) -> Result<(i64, i64, i64), StoreError> {
    let mut query = requests::table
        .filter(requests::created_at.ge(span.from))
        .filter(requests::created_at.lt(span.until))
        .select((diesel::dsl::count_star(), total_of(requests::volume_ml), total_of(requests::delivered_ml)))
        .into_boxed();
    if let Some(sites) = &span.sites {
        query = query.filter(requests::site_id.eq_any(sites.clone()));
    }
    Ok(query.first(conn)?)
}

/// Boxes received in the time, sent from the sites or to them: how many, and their millilitres.
pub fn carried(conn: &mut AnyConn, span: &Span, sent: bool) -> Result<(i64, i64), StoreError> {
    let mut query = transfers::table
        .filter(transfers::received_at.ge(Some(span.from)))
        .filter(transfers::received_at.lt(Some(span.until)))
        // Checked in at their sender: they were received nowhere.
        .filter(transfers::verdict.ne("returned"))
        .select((diesel::dsl::count_star(), total_of(transfers::volume_ml)))
        .into_boxed();
    if let Some(sites) = &span.sites {
        query = if sent {
            query.filter(transfers::from_site_id.eq_any(sites.clone()))
        } else {
            query.filter(transfers::to_site_id.eq_any(sites.clone()))
        };
    }
    Ok(query.first(conn)?)
}
