//! Who is calling: signing keys, access tokens, sign-in of people and clients. A token is believed only with
//! a signature of ours, in its time, for an account that still stands.

mod assertion;
mod keys;
mod passwords;
mod sessions;
mod tokens;
mod vault;

pub use crate::store::sessions::SiteLabel;
pub use keys::TOKEN_LIFE_S;
pub use sessions::{IDLE_LOCK_MINUTES, SESSION_HOURS, Session, SessionState, Settings};
pub use tokens::Granted;
pub use vault::{Vault, hash_of_secret, new_key_encryption_key, parse_key_encryption_key};

use super::{ActionError, Call, Clock, Hub};
use crate::domain::actor::{Actor, ActorKind};
use crate::domain::field::FieldError;
use crate::domain::ids::ClientId;
use crate::domain::people::{AccountState, PASSWORD_MAX_BYTES, normal_email};
use crate::domain::time::Instant;
use crate::store::people::{self, Login};
use keys::KeyRing;
use passwords::Passwords;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokens::{Memory, Token};

/// Sign-in attempts per account and minute.
const ATTEMPTS_PER_ACCOUNT: u32 = 30;
/// Sign-in attempts per address and minute; a hospital may share one.
const ATTEMPTS_PER_ADDRESS: u32 = 600;
const ATTEMPTS_WINDOW: Duration = Duration::from_secs(60);

/// How somebody was not let in.
#[derive(Debug)]
pub enum SignInError {
    /// Too many attempts; wait this long.
    Throttled {
        /// Until the next attempt.
        retry_after: Duration,
    },
    /// Not let in, or something else went wrong.
    Action(ActionError),
}

impl From<ActionError> for SignInError {
    fn from(error: ActionError) -> Self {
        Self::Action(error)
    }
}

/// How a client proves who it is.
pub enum ClientProof<'a> {
    /// By the secret it was given.
    Secret {
        /// Its id.
        client_id: &'a str,
        /// The secret.
        secret: &'a str,
    },
    /// By a signed assertion.
    Assertion(&'a str),
}

/// Issues tokens and tells who carries one.
pub struct Authority {
    hub: Hub,
    vault: Arc<Vault>,
    issuer: String,
    /// Tokens live in real time, also in a simulation.
    wall: Clock,
    ring: RwLock<Arc<KeyRing>>,
    memory: Memory,
    passwords: Passwords,
}

impl Authority {
    /// Opens the authority: makes the first keys when there are none.
    ///
    /// # Errors
    /// `Unavailable` without a database, `Internal` when the keys were sealed under another key.
    pub async fn open(hub: Hub, issuer: String, key_encryption_key: &[u8; 32]) -> Result<Self, ActionError> {
        let vault = Arc::new(Vault::new(key_encryption_key)?);
        let ring = tend_and_read(&hub, &vault, Clock::System.now(), false).await?;
        Ok(Self {
            hub,
            vault,
            issuer,
            wall: Clock::System,
            ring: RwLock::new(Arc::new(ring)),
            memory: Memory::default(),
            passwords: Passwords::default(),
        })
    }

    /// The issuer: the hub's public base URL.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The vault, for derived keys and clients' secrets.
    #[must_use]
    pub fn vault(&self) -> &Vault {
        &self.vault
    }

    /// The published keys as a JSON Web Key Set.
    #[must_use]
    pub fn published_keys(&self) -> serde_json::Value {
        self.current_ring().published.clone()
    }

    fn current_ring(&self) -> Arc<KeyRing> {
        Arc::clone(&self.ring.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes the steps of rotation that are due, and what other replicas did. Call it every few minutes.
    ///
    /// # Errors
    /// `Unavailable` without a database.
    pub async fn tend_keys(&self) -> Result<(), ActionError> {
        self.replace_ring(false).await
    }

    /// Ends every key and every token at once, after a key may have leaked.
    ///
    /// # Errors
    /// `Unavailable` without a database.
    pub async fn rotate_now(&self) -> Result<(), ActionError> {
        self.replace_ring(true).await
    }

    async fn replace_ring(&self, emergency: bool) -> Result<(), ActionError> {
        let ring = tend_and_read(&self.hub, &self.vault, self.wall.now(), emergency).await?;
        *self.ring.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(ring);
        self.memory.forget_tokens();
        Ok(())
    }

    /// Who carries this token.
    ///
    /// # Errors
    /// `Unauthenticated` when it is not ours, has ended, or its account no longer stands.
    pub async fn authenticate(&self, bearer: &str) -> Result<Actor, ActionError> {
        let refused = || ActionError::Unauthenticated { code: "token_invalid" };
        let now = self.wall.now();
        let token = match self.memory.known_token(bearer, now) {
            Some(token) => token,
            None => {
                let token = Arc::new(self.read_token(bearer).await?.ok_or_else(refused)?);
                self.memory.keep_token(bearer, Arc::clone(&token), now);
                token
            }
        };
        let standing = match self.memory.standing(&token.actor.id) {
            Some(standing) => standing,
            None => {
                let (id, kind) = (token.actor.id.clone(), token.actor.kind);
                let standing = self
                    .hub
                    .read(move |conn| {
                        Ok(match kind {
                            ActorKind::Person => people::find_user_standing(conn, &id)?,
                            ActorKind::Client | ActorKind::Hub => people::find_client_standing(conn, &id)?,
                        })
                    })
                    .await?
                    .ok_or_else(refused)?;
                self.memory.keep_standing(&token.actor.id, standing);
                standing
            }
        };
        let stands = standing.state == AccountState::Active && standing.token_epoch == token.epoch;
        if stands { Ok(token.actor.clone()) } else { Err(refused()) }
    }

    async fn read_token(&self, bearer: &str) -> Result<Option<Token>, ActionError> {
        if let Some(token) = tokens::read(&self.current_ring(), &self.issuer, bearer) {
            return Ok(Some(token));
        }
        // Another replica may have begun to sign with a key that this one has not read yet.
        if tokens::kid_of(bearer).is_some_and(|kid| !self.current_ring().verifying.contains_key(&kid))
            && self.memory.may_look_for_keys()
        {
            self.tend_keys().await?;
            return Ok(tokens::read(&self.current_ring(), &self.issuer, bearer));
        }
        Ok(None)
    }

    /// Lets a person in by e-mail and password. `from` is their network address, for the limit.
    ///
    /// # Errors
    /// `Unauthenticated` without saying what was wrong; `Throttled` after too many attempts.
    pub async fn sign_in(&self, email: &str, password: String, from: &str) -> Result<Granted, SignInError> {
        let login = self.prove(email, password, from).await?;
        Ok(self.grant(ActorKind::Person, &login)?)
    }

    /// The account behind an address, once its password was shown.
    async fn prove(&self, email: &str, password: String, from: &str) -> Result<Login, SignInError> {
        let email = normal_email(email);
        self.throttle(&email, from).await?;
        let refused = ActionError::Unauthenticated { code: "invalid_credentials" };
        if password.len() > PASSWORD_MAX_BYTES {
            return Err(refused.into());
        }
        let login = self.hub.read(move |conn| Ok(people::find_login(conn, &email)?)).await?;
        let hash = login.as_ref().and_then(|login| login.secret_hash.clone());
        let matches = self.passwords.matches(password, hash).await?;
        login.filter(|login| matches && login.state == AccountState::Active).ok_or_else(|| refused.into())
    }

    async fn throttle(&self, account: &str, from: &str) -> Result<(), SignInError> {
        let limits = [
            (format!("sign-in:account:{}", hash_of_secret(account)), ATTEMPTS_PER_ACCOUNT),
            (format!("sign-in:address:{from}"), ATTEMPTS_PER_ADDRESS),
        ];
        for (key, limit) in limits {
            let decision = self.hub.coordination.hit(&key, limit, ATTEMPTS_WINDOW).await;
            if !decision.allowed {
                return Err(SignInError::Throttled { retry_after: decision.reset_after });
            }
        }
        Ok(())
    }

    /// Lets a machine client in.
    ///
    /// # Errors
    /// `Unauthenticated` without saying what was wrong; `Throttled` after too many attempts.
    pub async fn client_sign_in(&self, proof: ClientProof<'_>, from: &str) -> Result<Granted, SignInError> {
        let refused = || ActionError::Unauthenticated { code: "invalid_client" };
        let client_id = match &proof {
            ClientProof::Secret { client_id, .. } => (*client_id).to_owned(),
            ClientProof::Assertion(assertion) => assertion::claimed_client(assertion).unwrap_or_default(),
        };
        self.throttle(&client_id, from).await?;
        let id: ClientId = client_id.parse().map_err(|_not_an_id| refused())?;
        let login = self.hub.read(move |conn| Ok(people::find_client_login(conn, id)?)).await?;
        let login = login.filter(|login| login.state == AccountState::Active).ok_or_else(refused)?;
        let proven = match proof {
            ClientProof::Secret { secret, .. } => {
                login.secret_hash.as_ref().is_some_and(|hash| vault::secret_matches(secret, hash))
            }
            ClientProof::Assertion(text) => {
                let jwks = login.jwks.as_deref().unwrap_or_default();
                match assertion::check(text, id.as_str(), jwks, &self.issuer, self.wall.now()) {
                    Some(held) => self.spend(id, held).await?,
                    None => false,
                }
            }
        };
        if proven { Ok(self.grant(ActorKind::Client, &login)?) } else { Err(refused().into()) }
    }

    async fn spend(&self, client: ClientId, held: assertion::Assertion) -> Result<bool, ActionError> {
        let now = self.wall.now();
        self.hub
            .write(&Call::by_hub(), move |tx| {
                people::forget_assertions_before(tx.conn, now)?;
                Ok(people::spend_assertion(tx.conn, client, &held.jti, held.expires_at)?)
            })
            .await
    }

    fn grant(&self, kind: ActorKind, login: &Login) -> Result<Granted, ActionError> {
        let now = self.wall.now();
        tokens::sign(&self.current_ring(), &self.issuer, kind, login, self.hub.ids.next(now), now)
    }

    /// The hash of a new password.
    ///
    /// # Errors
    /// `Busy` when too many wait.
    pub async fn hash_password(&self, password: String) -> Result<String, ActionError> {
        self.passwords.hash(password).await
    }

    /// Looks at the account anew with its next request. Call it after a change to a user or client.
    pub fn account_changed(&self, id: &str) {
        self.memory.forget_standing(id);
    }
}

/// A client's key set in its stored form.
///
/// # Errors
/// `Invalid` at `pointer` for a set that cannot be used.
pub fn check_jwks(pointer: &str, jwks: &serde_json::Value) -> Result<String, FieldError> {
    assertion::check_jwks(jwks).map_err(|what| FieldError::new(pointer, "invalid_jwks", what))
}

async fn tend_and_read(hub: &Hub, vault: &Arc<Vault>, now: Instant, emergency: bool) -> Result<KeyRing, ActionError> {
    let tending = Arc::clone(vault);
    hub.write(&Call::by_hub(), move |tx| {
        keys::tend(tx.conn, &tending, now, emergency)?;
        KeyRing::read(tx.conn, &tending)?.ok_or_else(|| ActionError::Internal(String::from("no key signs")))
    })
    .await
}
