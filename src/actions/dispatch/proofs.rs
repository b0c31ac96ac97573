//! Photographs and signatures that a driver's phone sends after its steps. A step names them by hash; they come when the
//! signal allows, each is kept once, and dispatchers look at them.

use super::links::{LinkKey, open_link};
use super::routes::get_head;
use crate::actions::{ActionError, Tx};
use crate::domain::actor::Actor;
use crate::domain::dispatch::{MOST_PHOTO_BYTES, MOST_PROOFS, ProofKind, are_strokes};
use crate::domain::ids::RouteId;
use crate::store::AnyConn;
use crate::store::dispatch::proofs::{self as rows, ProofRow};
use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// A proof as it is looked at.
#[derive(Debug, Clone)]
pub struct ProofSeen {
    /// What it is.
    pub kind: ProofKind,
    /// The photograph as it came, or the strokes.
    pub bytes: Vec<u8>,
}

/// Keeps what a phone shows; gives the hash by which a step names it. The same again changes nothing.
///
/// # Errors
/// As [`open_link`]; `Invalid` for what is too large, too much, or no drawing.
pub fn keep_proof(
    tx: &mut Tx<'_>,
    key: &LinkKey,
    (code, device): (&str, &str),
    kind: ProofKind,
    bytes: &[u8],
) -> Result<String, ActionError> {
    let link = open_link(tx, key, code, device)?;
    let refused = |word: &'static str, detail: &'static str| Err(ActionError::field("/proof", word, detail));
    let content = match kind {
        ProofKind::Photo if bytes.is_empty() || bytes.len() > MOST_PHOTO_BYTES => {
            return refused("out_of_range", "A photo has at most 220,000 bytes.");
        }
        ProofKind::Photo => STANDARD.encode(bytes),
        ProofKind::Signature => match std::str::from_utf8(bytes) {
            Ok(strokes) if are_strokes(strokes) => strokes.to_owned(),
            _ => return refused("malformed", "A signature is strokes on its paper, and nothing else."),
        },
    };
    let hash = digest::digest(&digest::SHA256, bytes);
    let hash: String = hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    let known = rows::list_proofs(tx.conn, link.route_id)?;
    if !known.contains(&hash) && known.len() >= MOST_PROOFS {
        return refused("out_of_range", "This route has enough photos and signatures.");
    }
    let row = ProofRow { route_id: link.route_id, digest: hash.clone(), kind, content, recorded_at: tx.now };
    rows::insert_proof(tx.conn, &row)?;
    Ok(hash)
}

/// The hashes of what was sent for a route, for those who may read the route.
///
/// # Errors
/// `NotFound` also for a route of another courier.
pub fn list_proofs(conn: &mut AnyConn, actor: &Actor, id: RouteId) -> Result<Vec<String>, ActionError> {
    get_head(conn, actor, id)?;
    Ok(rows::list_proofs(conn, id)?)
}

/// A proof, for those who may read its route.
///
/// # Errors
/// `NotFound`.
pub fn get_proof(conn: &mut AnyConn, actor: &Actor, id: RouteId, hash: &str) -> Result<ProofSeen, ActionError> {
    get_head(conn, actor, id)?;
    let row = rows::find_proof(conn, id, hash)?.ok_or(ActionError::NotFound { what: "proof" })?;
    let bytes = match row.kind {
        ProofKind::Signature => row.content.into_bytes(),
        ProofKind::Photo => STANDARD
            .decode(&row.content)
            .map_err(|_damaged| ActionError::Internal("a photo is not base64".to_owned()))?,
    };
    Ok(ProofSeen { kind: row.kind, bytes })
}
