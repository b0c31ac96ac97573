//! A driver's link: signed by the hub, for one route in one shift, on one phone, until the shift is over. A forged,
//! spent or copied link opens nothing, and says which it is.

use super::routes::{get_to_change, record};
use crate::actions::identity::{Vault, hash_of_secret};
use crate::actions::{ActionError, Tx};
use crate::domain::dispatch::RouteState;
use crate::domain::ids::{DriverLinkId, RouteId};
use crate::domain::time::Instant;
use crate::store::AnyConn;
pub use crate::store::dispatch::links::LinkRow;
use crate::store::dispatch::{links as rows, routes, vehicles};
use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

/// A link still works so many hours after its shift, for what a phone has not sent yet.
const GRACE_HOURS: i64 = 6;
/// Bytes of an identifier.
const ID_BYTES: usize = 16;

/// Signs and checks drivers' links.
#[derive(Clone)]
pub struct LinkKey(hmac::Key);

impl LinkKey {
    /// From 32 bytes.
    #[must_use]
    pub fn new(bytes: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, bytes))
    }

    /// The hub's own.
    ///
    /// # Errors
    /// `Internal` if the library cannot work.
    pub fn of(vault: &Vault) -> Result<Self, ActionError> {
        Ok(Self::new(&vault.derive("driver links")?))
    }

    fn sign(&self, id: DriverLinkId, secret: uuid::Uuid) -> String {
        let mut bytes = id.uuid().as_bytes().to_vec();
        bytes.extend_from_slice(secret.as_bytes());
        let tag = hmac::sign(&self.0, &bytes);
        bytes.extend_from_slice(tag.as_ref());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The link that a code names, if the hub signed it.
    fn read(&self, code: &str) -> Option<DriverLinkId> {
        let bytes = URL_SAFE_NO_PAD.decode(code).ok()?;
        let (signed, tag) = bytes.split_at_checked(2 * ID_BYTES)?;
        hmac::verify(&self.0, signed, tag).ok()?;
        let id: [u8; ID_BYTES] = signed.get(..ID_BYTES)?.try_into().ok()?;
        Some(DriverLinkId::new(uuid::Uuid::from_bytes(id)))
    }
}

/// A link with the code that opens it; the code is shown once.
#[derive(Debug, Clone)]
pub struct MadeLink {
    /// The link.
    pub row: LinkRow,
    /// The code.
    pub code: String,
}

/// Makes a link for a route; earlier ones of the same route open nothing any more. A route that nobody was given
/// yet is assigned by it.
///
/// # Errors
/// `NotFound`, `Overtaken`; `Conflict` when the route is over.
pub fn make_link(tx: &mut Tx<'_>, key: &LinkKey, id: RouteId, version: i64) -> Result<MadeLink, ActionError> {
    let mut head = get_to_change(tx, id, version)?;
    if !head.state.is_open() {
        return Err(ActionError::conflict("route_over", format!("This route is {}.", head.state)));
    }
    if head.state == RouteState::Planned {
        super::editing::mark_assigned(tx, &mut head)?;
    }
    let shift = vehicles::find_shift(tx.conn, head.shift_id)?
        .ok_or_else(|| ActionError::Internal("a route has no shift".to_owned()))?;
    rows::revoke_links(tx.conn, id, tx.now)?;
    let link = DriverLinkId::new(tx.new_id());
    // Random apart from the identifier, so that a code cannot be made from what the hub shows.
    let code = key.sign(link, uuid::Uuid::from_u128(random()?));
    let row = LinkRow {
        id: link,
        route_id: id,
        shift_id: shift.id,
        secret_hash: hash_of_secret(&code),
        device: None,
        expires_at: shift.ends_at.plus_hours(GRACE_HOURS),
        revoked_at: None,
        created_by: tx.actor.id.clone(),
        created_at: tx.now,
        opened_at: None,
    };
    rows::insert_link(tx.conn, &row)?;
    record(tx, "route.link_made", &head, &json!({"link_id": row.id, "expires_at": row.expires_at}))?;
    Ok(MadeLink { row, code })
}

fn random() -> Result<u128, ActionError> {
    let mut bytes = [0_u8; ID_BYTES];
    aws_lc_rs::rand::fill(&mut bytes)
        .map_err(|_unspecified| ActionError::Internal("cryptography failed: randomness".to_owned()))?;
    Ok(u128::from_be_bytes(bytes))
}

/// Whether the link is this phone's, or nobody's yet. Looking keeps nothing: the preview of a message must not take
/// a link from its driver.
///
/// # Errors
/// As [`open_link`].
pub fn look_at_link(
    conn: &mut AnyConn,
    key: &LinkKey,
    (code, device): (&str, &str),
    now: Instant,
) -> Result<(LinkRow, bool), ActionError> {
    let row = find_unspent(conn, key, code, now)?;
    match &row.device {
        Some(known) if known != device => Err(ActionError::Unauthenticated { code: "driver_link_used_elsewhere" }),
        known => {
            let kept = known.is_some();
            Ok((row, kept))
        }
    }
}

/// Opens a link on a phone. The first phone that opens it keeps it.
///
/// # Errors
/// `Unauthenticated` with `driver_link_forged`, `driver_link_revoked`, `driver_link_expired` or
/// `driver_link_used_elsewhere`; `Invalid` for a name of a phone that cannot be taken.
pub fn open_link(tx: &mut Tx<'_>, key: &LinkKey, code: &str, device: &str) -> Result<LinkRow, ActionError> {
    if device.len() < 8 || device.len() > 64 || !device.bytes().all(|byte| byte.is_ascii_graphic()) {
        let detail = "A phone names itself with 8 to 64 letters, digits and signs.";
        return Err(ActionError::field("/device", "out_of_range", detail));
    }
    let (mut row, kept) = look_at_link(tx.conn, key, (code, device), tx.now)?;
    if !kept {
        row.device = Some(device.to_owned());
        row.opened_at = Some(tx.now);
        rows::update_link(tx.conn, &row)?;
    }
    Ok(row)
}

fn find_unspent(conn: &mut AnyConn, key: &LinkKey, code: &str, now: Instant) -> Result<LinkRow, ActionError> {
    let forged = || ActionError::Unauthenticated { code: "driver_link_forged" };
    let id = key.read(code).ok_or_else(forged)?;
    let row = rows::find_link(conn, id)?.filter(|row| row.secret_hash == hash_of_secret(code)).ok_or_else(forged)?;
    refuse_spent(conn, &row, now)?;
    Ok(row)
}

fn refuse_spent(conn: &mut AnyConn, row: &LinkRow, now: Instant) -> Result<(), ActionError> {
    let refused = |code: &'static str| Err(ActionError::Unauthenticated { code });
    if row.expires_at <= now {
        return refused("driver_link_expired");
    }
    // A link dies with its route; the phone may still send what it had kept, while the link has not expired.
    let head = routes::find_route(conn, row.route_id)?;
    let ours = head.as_ref().is_some_and(|head| head.shift_id == row.shift_id);
    let finished = head.is_some_and(|head| head.state == RouteState::Finished);
    if !ours || (row.revoked_at.is_some() && !finished) {
        return refused("driver_link_revoked");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_believed_only_as_it_was_signed() {
        let key = LinkKey::new(&[7; 32]);
        let id: DriverLinkId = "01990000-0000-7000-8000-0000000000d1".parse().unwrap();
        let code = key.sign(id, uuid::Uuid::from_u128(42));
        assert_eq!(key.read(&code), Some(id));
        assert_eq!(LinkKey::new(&[8; 32]).read(&code), None);
        for position in 0..code.len() {
            let mut forged: Vec<u8> = code.bytes().collect();
            forged[position] = if forged[position] == b'A' { b'B' } else { b'A' };
            let forged = String::from_utf8(forged).unwrap();
            assert!(forged == code || key.read(&forged).is_none(), "{position}");
        }
        assert_eq!(key.read(""), None);
        assert_eq!(key.read("über"), None);
    }
}
