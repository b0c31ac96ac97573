//! The audit as a chain: each entry's hash covers the hash of the entry before it, so that nothing can be changed
//! or taken out of the middle without every later hash telling. One writer at a time links what is committed.

use super::{ActionError, Hub};
use crate::store::audit_chain::{self, AuditRow, Link};
use crate::store::{AnyConn, Store, due};
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// What stands before the first entry.
const NOTHING_BEFORE: &str = "";
/// Entries linked in one transaction.
const LINKS_A_BATCH: i64 = 500;
/// Entries read at a time when the chain is walked.
const ENTRIES_A_PAGE: i64 = 5_000;

/// A place in the chain with its hash, to be noted elsewhere and compared later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainHead {
    /// Entries up to here.
    pub pos: i64,
    /// The hash of the last of them.
    pub hash: String,
}

/// Where the chain does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokenLink {
    /// The place in the chain.
    pub pos: i64,
    /// What is wrong there.
    pub why: &'static str,
}

/// What walking the chain found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainReport {
    /// The last entry whose link holds; none in an empty chain.
    pub head: Option<ChainHead>,
    /// The first link that does not hold.
    pub broken: Option<BrokenLink>,
    /// Committed entries that wait for their link.
    pub unlinked: i64,
}

/// SHA-256 over everything an entry says and the hash before it, in base64.
fn hash_of(entry: &AuditRow, pos: i64, before: &str) -> Result<String, ActionError> {
    let said = (
        (pos, before, entry.seq, entry.at),
        (&entry.actor_kind, &entry.actor_id, &entry.role, &entry.site_id),
        (&entry.action, &entry.subject_kind, &entry.subject_id, &entry.trace_id, &entry.detail),
    );
    let text = serde_json::to_vec(&said)
        .map_err(|error| ActionError::Internal(format!("cannot write an audit entry: {error}")))?;
    Ok(STANDARD.encode(digest(&SHA256, &text)))
}

/// Links every committed entry. Replicas may do this at once: one of them does it, the others find nothing.
///
/// # Errors
/// Those of the store.
pub async fn link_entries(hub: &Hub) -> Result<(), ActionError> {
    loop {
        if !hub.read(|conn| Ok(due::any_unlinked_entry(conn)?)).await? {
            return Ok(());
        }
        if hub.store.write(link_batch).await? < LINKS_A_BATCH {
            return Ok(());
        }
    }
}

fn link_batch(conn: &mut AnyConn) -> Result<i64, ActionError> {
    if !audit_chain::take_turn(conn)? {
        return Ok(0);
    }
    let (mut pos, mut before) = audit_chain::find_last_link(conn)?.unwrap_or((0, NOTHING_BEFORE.to_owned()));
    let mut links = Vec::new();
    for entry in audit_chain::list_unlinked(conn, LINKS_A_BATCH)? {
        pos += 1;
        before = hash_of(&entry, pos, &before)?;
        links.push(Link { seq: entry.seq, pos, hash: before.clone() });
    }
    audit_chain::save_links(conn, &links)?;
    i64::try_from(links.len()).map_err(|error| ActionError::Internal(error.to_string()))
}

/// Walks the whole chain of a hub, without a head that was noted.
///
/// # Errors
/// Those of the store.
pub async fn verify_audit(hub: &Hub) -> Result<ChainReport, ActionError> {
    verify_chain(&hub.store, None).await
}

/// Walks the whole chain. `noted` is a head that was noted before: the chain must still pass through it, so that
/// entries taken off its end are found as well.
///
/// # Errors
/// Those of the store.
pub async fn verify_chain(store: &Store, noted: Option<ChainHead>) -> Result<ChainReport, ActionError> {
    let mut head = ChainHead { pos: 0, hash: NOTHING_BEFORE.to_owned() };
    let mut broken = None;
    while broken.is_none() {
        let after = head.pos;
        let page = store
            .read(move |conn| Ok::<_, ActionError>(audit_chain::list_linked(conn, after, ENTRIES_A_PAGE)?))
            .await?;
        if page.is_empty() {
            break;
        }
        broken = follow(&mut head, &page, noted.as_ref())?;
    }
    if let (None, Some(noted)) = (&broken, &noted)
        && noted.pos > head.pos
    {
        broken = Some(BrokenLink { pos: head.pos + 1, why: "the chain ends before the head that was noted" });
    }
    let unlinked = store.read(|conn| Ok::<_, ActionError>(audit_chain::count_unlinked(conn)?)).await?;
    Ok(ChainReport { head: (head.pos > 0).then_some(head), broken, unlinked })
}

/// Follows the chain over some entries; the first link that does not hold.
fn follow(
    head: &mut ChainHead,
    page: &[AuditRow],
    noted: Option<&ChainHead>,
) -> Result<Option<BrokenLink>, ActionError> {
    for entry in page {
        let pos = head.pos + 1;
        if entry.pos != Some(pos) {
            return Ok(Some(BrokenLink { pos, why: "an entry is missing here" }));
        }
        let hash = hash_of(entry, pos, &head.hash)?;
        if entry.hash.as_ref() != Some(&hash) {
            return Ok(Some(BrokenLink { pos, why: "the entry does not fit its hash" }));
        }
        if noted.is_some_and(|noted| noted.pos == pos && noted.hash != hash) {
            return Ok(Some(BrokenLink { pos, why: "the hash is not the one that was noted" }));
        }
        *head = ChainHead { pos, hash };
    }
    Ok(None)
}
