//! What customs take at borders, as somebody noted it.

use super::prepared::Prepare as _;
use super::row_text::from_text;
use super::schema::border_times as rows;
use super::{AnyConn, StoreError};
use crate::domain::border::{Border, BorderTimes};
use crate::domain::time::Instant;
use diesel::prelude::*;

/// The time at a border.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotedBorder {
    /// The border.
    pub border: Border,
    /// Minutes beside the road.
    pub minutes: i64,
    /// Where the figure comes from.
    pub source: String,
    /// Who noted it.
    pub noted_by: String,
    /// When.
    pub noted_at: Instant,
}

/// Borders that somebody noted by their names, after one of them, at most so many.
pub fn list_borders(conn: &mut AnyConn, after: Option<&str>, limit: i64) -> Result<Vec<NotedBorder>, StoreError> {
    type Row = (String, i64, String, String, i64);
    let read = |(border, minutes, source, noted_by, noted_at): Row| {
        let border = from_text("border time", "border", &border)?;
        Ok(NotedBorder { border, minutes, source, noted_by, noted_at: Instant::from_micros(noted_at) })
    };
    let mut query = rows::table.order(rows::border.asc()).limit(limit).into_boxed();
    if let Some(after) = after {
        query = query.filter(rows::border.gt(after.to_owned()));
    }
    query.load::<Row>(conn)?.into_iter().map(read).collect()
}

/// The minutes of every border.
pub fn border_times(conn: &mut AnyConn) -> Result<BorderTimes, StoreError> {
    let pairs = rows::table.select((rows::border, rows::minutes)).load::<(String, i64)>(conn)?;
    let read = |(border, minutes): (String, i64)| Ok((from_text("border time", "border", &border)?, minutes));
    Ok(BorderTimes(pairs.into_iter().map(read).collect::<Result<_, StoreError>>()?))
}

/// Notes a border, in place of what was noted of it.
pub fn put_border(conn: &mut AnyConn, noted: &NotedBorder) -> Result<(), StoreError> {
    let border = noted.border.to_string();
    let values = (
        rows::minutes.eq(noted.minutes),
        rows::source.eq(&noted.source),
        rows::noted_by.eq(&noted.noted_by),
        rows::noted_at.eq(noted.noted_at.micros()),
    );
    let target = rows::table.filter(rows::border.eq(&border));
    if diesel::update(target).set(values).prepared().execute(conn)? == 0 {
        diesel::insert_into(rows::table).values((rows::border.eq(&border), values)).prepared().execute(conn)?;
    }
    Ok(())
}
