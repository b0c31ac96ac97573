//! The links between audit entries. An entry is linked once, after its commit, by whoever holds the turn; what it
//! says is never touched.

use super::dialect::constant_predicate;
use super::schema::audit_entries;
use super::{AnyConn, StoreError};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Text};

constant_predicate!(
    /// Entries that are not linked yet: the condition of the partial index.
    pub Unlinked = "audit_entries.hash IS NULL"
);

/// An audit entry as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct AuditRow {
    /// Order of insertion; not of commit.
    pub seq: i64,
    /// UTC microseconds.
    pub at: i64,
    /// `person`, `client` or `hub`.
    pub actor_kind: String,
    /// Their identifier.
    pub actor_id: String,
    /// The role they acted in.
    pub role: String,
    /// The site it concerns.
    pub site_id: Option<String>,
    /// What they did.
    pub action: String,
    /// Kind of the thing.
    pub subject_kind: String,
    /// Its identifier.
    pub subject_id: String,
    /// The request that carried it.
    pub trace_id: Option<String>,
    /// JSON.
    pub detail: String,
    /// Place in the chain, from 1 without gaps.
    pub pos: Option<i64>,
    /// Hash over the entry and the hash before it.
    pub hash: Option<String>,
}

/// A link: which entry, at which place, with which hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The entry.
    pub seq: i64,
    /// Its place.
    pub pos: i64,
    /// Its hash.
    pub hash: String,
}

#[derive(diesel::QueryableByName)]
struct Turn {
    #[diesel(sql_type = Bool)]
    taken: bool,
}

/// Takes the turn to link until the transaction ends; false while another replica has it.
pub fn take_turn(conn: &mut AnyConn) -> Result<bool, StoreError> {
    let AnyConn::Pg(pg) = conn else { return Ok(true) };
    let turn: Turn = diesel::sql_query(
        "SELECT pg_try_advisory_xact_lock(hashtext('milkbridge.audit'), hashtext(current_schema()::text)) AS taken",
    )
    .get_result(pg)?;
    Ok(turn.taken)
}

/// The place and the hash of the last link.
pub fn find_last_link(conn: &mut AnyConn) -> Result<Option<(i64, String)>, StoreError> {
    let last: Option<(Option<i64>, Option<String>)> = audit_entries::table
        .filter(audit_entries::pos.is_not_null())
        .order(audit_entries::pos.desc())
        .select((audit_entries::pos, audit_entries::hash))
        .first(conn)
        .optional()?;
    Ok(last.and_then(|(pos, hash)| pos.zip(hash)))
}

/// Committed entries without a link, in the order of insertion.
pub fn list_unlinked(conn: &mut AnyConn, limit: i64) -> Result<Vec<AuditRow>, StoreError> {
    Ok(audit_entries::table.filter(Unlinked).order(audit_entries::seq).limit(limit).load(conn)?)
}

/// How many committed entries wait for their link.
pub fn count_unlinked(conn: &mut AnyConn) -> Result<i64, StoreError> {
    Ok(audit_entries::table.filter(Unlinked).count().get_result(conn)?)
}

/// Links entries. Only the caller who has the turn may do so.
pub fn save_links(conn: &mut AnyConn, links: &[Link]) -> Result<(), StoreError> {
    match conn {
        AnyConn::Lite(lite) => {
            for link in links {
                diesel::update(audit_entries::table.filter(audit_entries::seq.eq(link.seq)))
                    .set((audit_entries::pos.eq(Some(link.pos)), audit_entries::hash.eq(Some(&link.hash))))
                    .execute(lite)?;
            }
        }
        AnyConn::Pg(pg) => {
            diesel::sql_query(
                "UPDATE audit_entries SET pos = link.pos, hash = link.hash
                 FROM unnest($1, $2, $3) AS link (seq, pos, hash) WHERE audit_entries.seq = link.seq",
            )
            .bind::<Array<BigInt>, _>(links.iter().map(|link| link.seq).collect::<Vec<_>>())
            .bind::<Array<BigInt>, _>(links.iter().map(|link| link.pos).collect::<Vec<_>>())
            .bind::<Array<Text>, _>(links.iter().map(|link| link.hash.clone()).collect::<Vec<_>>())
            .execute(pg)?;
        }
    }
    Ok(())
}

/// Linked entries after a place, in the order of the chain.
pub fn list_linked(conn: &mut AnyConn, after: i64, limit: i64) -> Result<Vec<AuditRow>, StoreError> {
    Ok(audit_entries::table.filter(audit_entries::pos.gt(after)).order(audit_entries::pos).limit(limit).load(conn)?)
}
