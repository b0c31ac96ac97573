//! Access tokens (RFC 9068): made, read, and remembered for as long as they live, so that a signature is
//! checked once and not with every request.

use super::keys::{KeyRing, TOKEN_LIFE_S};
use crate::actions::ActionError;
use crate::domain::actor::{Actor, ActorKind, Role, SiteScope};
use crate::domain::ids::SiteId;
use crate::domain::time::Instant;
use crate::store::people::{Login, Standing};
use aws_lc_rs::digest;
use jsonwebtoken::{Algorithm, Header, Validation};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant as Moment};
use uuid::Uuid;

const TYPE: &str = "at+jwt";
/// A change to an account made by another replica is seen within this time; one made here at once.
const STANDING_KEPT: Duration = Duration::from_secs(1);
/// Unknown key ids make the hub look for new keys at most this often.
const LOOK_FOR_KEYS_EVERY: Duration = Duration::from_secs(5);
/// Tokens and accounts remembered.
const REMEMBERED: usize = 20_000;

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    client_id: String,
    iat: i64,
    exp: i64,
    jti: String,
    scope: String,
    role: Role,
    /// `None`: the role spans all sites.
    #[serde(skip_serializing_if = "Option::is_none")]
    sites: Option<BTreeSet<SiteId>>,
    person: bool,
    epoch: i64,
}

/// A token that was just issued, and for whom.
#[derive(Debug, Clone)]
pub struct Granted {
    /// The signed token.
    pub access_token: String,
    /// Its life in seconds of real time.
    pub expires_in_s: i64,
    /// The role it carries.
    pub role: Role,
    /// The sites it carries.
    pub site_ids: BTreeSet<SiteId>,
    /// The account's id.
    pub account_id: String,
}

/// A token that was read and believed.
pub(super) struct Token {
    pub(super) actor: Actor,
    pub(super) epoch: i64,
    expires_at: Instant,
}

/// Signs a token for somebody who was let in.
pub(super) fn sign(
    ring: &KeyRing,
    issuer: &str,
    kind: ActorKind,
    login: &Login,
    jti: Uuid,
    now: Instant,
) -> Result<Granted, ActionError> {
    let issued_at = now.micros().div_euclid(1_000_000);
    let person = kind == ActorKind::Person;
    let claims = Claims {
        iss: issuer.to_owned(),
        aud: issuer.to_owned(),
        sub: login.id.clone(),
        client_id: if person { String::from("milkbridge") } else { login.id.clone() },
        iat: issued_at,
        exp: issued_at + TOKEN_LIFE_S,
        jti: jti.to_string(),
        scope: login.role.as_str().to_owned(),
        role: login.role,
        sites: (!login.role.spans_all_sites()).then(|| login.site_ids.clone()),
        person,
        epoch: login.token_epoch,
    };
    let header =
        Header { typ: Some(TYPE.to_owned()), kid: Some(ring.signing_kid.clone()), ..Header::new(Algorithm::ES256) };
    let access_token = jsonwebtoken::encode(&header, &claims, &ring.signing)
        .map_err(|error| ActionError::Internal(format!("a token could not be signed: {error}")))?;
    Ok(Granted {
        access_token,
        expires_in_s: TOKEN_LIFE_S,
        role: login.role,
        site_ids: login.site_ids.clone(),
        account_id: login.id.clone(),
    })
}

/// The key id a token names.
pub(super) fn kid_of(bearer: &str) -> Option<String> {
    jsonwebtoken::decode_header(bearer).ok()?.kid
}

/// Reads a token of ours that is in its time; `None` for anything else.
pub(super) fn read(ring: &KeyRing, issuer: &str, bearer: &str) -> Option<Token> {
    let header = jsonwebtoken::decode_header(bearer).ok()?;
    // The type keeps other tokens under the same keys out (RFC 9068 section 4).
    if header.typ.as_deref() != Some(TYPE) {
        return None;
    }
    let key = ring.verifying.get(&header.kid?)?;
    let mut validation = Validation::new(Algorithm::ES256);
    validation.set_audience(&[issuer]);
    validation.set_issuer(&[issuer]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    validation.leeway = 0;
    let claims = jsonwebtoken::decode::<Claims>(bearer, key, &validation).ok()?.claims;
    let sites = match claims.sites {
        Some(sites) => SiteScope::Only(sites),
        None if claims.role.spans_all_sites() => SiteScope::All,
        None => return None,
    };
    let kind = if claims.person { ActorKind::Person } else { ActorKind::Client };
    Some(Token {
        actor: Actor { kind, id: claims.sub, role: claims.role, sites },
        epoch: claims.epoch,
        expires_at: Instant::from_micros(claims.exp.saturating_mul(1_000_000)),
    })
}

/// Tokens already checked and accounts already looked at.
#[derive(Default)]
pub(super) struct Memory {
    tokens: Mutex<HashMap<[u8; 32], Arc<Token>>>,
    standings: Mutex<HashMap<String, (Standing, Moment)>>,
    looked_for_keys: Mutex<Option<Moment>>,
}

fn hash_of(bearer: &str) -> [u8; 32] {
    digest::digest(&digest::SHA256, bearer.as_bytes()).as_ref().try_into().unwrap_or_default()
}

impl Memory {
    pub(super) fn known_token(&self, bearer: &str, now: Instant) -> Option<Arc<Token>> {
        let tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.get(&hash_of(bearer)).filter(|token| token.expires_at > now).map(Arc::clone)
    }

    pub(super) fn keep_token(&self, bearer: &str, token: Arc<Token>, now: Instant) {
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        if tokens.len() >= REMEMBERED {
            tokens.retain(|_, token| token.expires_at > now);
            if tokens.len() >= REMEMBERED {
                tokens.clear();
            }
        }
        tokens.insert(hash_of(bearer), token);
    }

    pub(super) fn forget_tokens(&self) {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    pub(super) fn standing(&self, id: &str) -> Option<Standing> {
        let standings = self.standings.lock().unwrap_or_else(PoisonError::into_inner);
        standings.get(id).filter(|(_, seen)| seen.elapsed() < STANDING_KEPT).map(|(standing, _)| *standing)
    }

    pub(super) fn keep_standing(&self, id: &str, standing: Standing) {
        let mut standings = self.standings.lock().unwrap_or_else(PoisonError::into_inner);
        if standings.len() >= REMEMBERED {
            standings.clear();
        }
        standings.insert(id.to_owned(), (standing, Moment::now()));
    }

    pub(super) fn forget_standing(&self, id: &str) {
        self.standings.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
    }

    pub(super) fn may_look_for_keys(&self) -> bool {
        let mut looked = self.looked_for_keys.lock().unwrap_or_else(PoisonError::into_inner);
        let due = looked.is_none_or(|at| at.elapsed() >= LOOK_FOR_KEYS_EVERY);
        if due {
            *looked = Some(Moment::now());
        }
        due
    }
}
