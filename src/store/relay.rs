//! Gives committed events their place in the feed. Readers page by `pos`, which has no gaps and never shows a
//! later event before an earlier one; `seq` has neither property on PostgreSQL, where commits overtake.

use super::connection::AnyConn;
use super::error::StoreError;
use diesel::RunQueryDsl;
use diesel::sql_types::{BigInt, Bool};

#[derive(diesel::QueryableByName)]
struct Turn {
    #[diesel(sql_type = Bool)]
    taken: bool,
}

/// Numbers up to `limit` committed events in the order of `seq` and returns how many. Any replica may call it
/// at any time, inside `Store::write`: on PostgreSQL only one works at once and the others return 0. The last
/// numbered event must never be deleted, for the next number follows from it.
///
/// # Errors
/// Those of the database.
pub fn number_events(conn: &mut AnyConn, limit: i64) -> Result<i64, StoreError> {
    if let AnyConn::Pg(pg) = conn {
        // Held until the transaction ends, so the next relay sees what this one numbered.
        let turn: Turn = diesel::sql_query(
            "SELECT pg_try_advisory_xact_lock(hashtext('milkbridge.events'), hashtext(current_schema()::text)) AS taken",
        )
        .get_result(pg)?;
        if !turn.taken {
            return Ok(0);
        }
    }
    let numbered = diesel::sql_query(
        "WITH last AS (SELECT COALESCE(MAX(pos), 0) AS pos FROM events),
              fresh AS (SELECT seq, ROW_NUMBER() OVER (ORDER BY seq) AS place FROM events
                        WHERE pos IS NULL ORDER BY seq LIMIT $1)
         UPDATE events SET pos = last.pos + fresh.place FROM fresh, last WHERE events.seq = fresh.seq",
    )
    .bind::<BigInt, _>(limit)
    .execute(conn)?;
    i64::try_from(numbered).map_err(|error| StoreError::Internal(error.to_string()))
}
