//! Sessions of the portal. The browser keeps a random token, the store its hash. A session that nobody used
//! for a while is locked until its own person shows the password again; after a day it ends.

use super::vault::{form_token_fits, hash_of_secret, masked_form_token, new_session_token};
use super::{ActionError, Authority, SignInError};
use crate::actions::{Call, Happening, Tx};
use crate::domain::actor::{Actor, ActorKind, Role, SiteScope};
use crate::domain::ids::SiteId;
use crate::domain::people::AccountState;
use crate::domain::time::Instant;
use crate::store::sessions::{self as rows, SessionPerson, SessionRow, SiteLabel};
use serde_json::json;
use std::collections::BTreeMap;

/// A session that nobody used for so many minutes is locked.
pub const IDLE_LOCK_MINUTES: i64 = 15;
/// A session ends after so many hours, whatever is done with it: one long shift.
pub const SESSION_HOURS: i64 = 13;
/// That somebody did something is written down at most this often, in minutes.
const NOTED_EVERY_MINUTES: i64 = 1;
/// The longest value of a setting, in bytes.
const LONGEST_SETTING: usize = 64;

/// Whether a session may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionState {
    /// It may.
    Open,
    /// Its person has to show the password first.
    Locked,
}

/// How a person wants the portal, by name.
pub type Settings = BTreeMap<String, String>;

/// A session with all that a page's frame shows.
#[derive(Debug, Clone)]
pub struct Session {
    /// Who is signed in.
    pub actor: Actor,
    /// Their address.
    pub email: String,
    /// How they are called.
    pub display_name: String,
    /// Whether it may be used now.
    pub state: SessionState,
    /// The sites they act for by name; empty for roles that span all sites.
    pub sites: Vec<SiteLabel>,
    /// The site that they work for at the moment.
    pub site: Option<SiteLabel>,
    /// What they set.
    pub settings: Settings,
    /// When it ends.
    pub ends_at: Instant,
}

impl Authority {
    /// Opens a session for a person with their address and password, and gives its token. `from` is their
    /// network address, for the limit.
    ///
    /// # Errors
    /// `Unauthenticated` without saying what was wrong; `Throttled` after too many attempts.
    pub async fn open_session(&self, email: &str, password: String, from: &str) -> Result<String, SignInError> {
        let login = self.prove(email, password, from).await?;
        let (token, now) = (new_session_token()?, self.wall.now());
        let row = SessionRow {
            token_hash: hash_of_secret(&token),
            user_id: login.id.clone(),
            token_epoch: login.token_epoch,
            site_id: None,
            created_at: now.micros(),
            seen_at: now.micros(),
            ends_at: now.plus_hours(SESSION_HOURS).micros(),
        };
        let call = Call { actor: person(login.id, login.role, login.site_ids), trace_id: None };
        self.hub
            .write_quietly(&call, move |tx| {
                rows::delete_sessions_before(tx.conn, now)?;
                rows::insert_session(tx.conn, &row)?;
                record(tx, "session.opened")
            })
            .await?;
        Ok(token)
    }

    /// The session of a token, if it lives. With `active` the visit counts as use.
    ///
    /// # Errors
    /// `Unavailable` without a database.
    pub async fn find_session(&self, token: &str, active: bool) -> Result<Option<Session>, ActionError> {
        let (hash, now) = (hash_of_secret(token), self.wall.now());
        let looked_up = hash.clone();
        let found = self.hub.read(move |conn| read_session(conn, &looked_up, now)).await?;
        let Some((session, seen_at)) = found else { return Ok(None) };
        let stale = Instant::from_micros(seen_at).plus_minutes(NOTED_EVERY_MINUTES) <= now;
        if active && stale && session.state == SessionState::Open {
            self.hub.write_quietly(&Call::by_hub(), move |tx| Ok(rows::touch_session(tx.conn, &hash, now)?)).await?;
        }
        Ok(Some(session))
    }

    /// Opens a locked session again for its own person.
    ///
    /// # Errors
    /// `Unauthenticated` for a wrong password or a session that ended; `Throttled` after too many attempts.
    pub async fn unlock_session(&self, token: &str, password: String, from: &str) -> Result<(), SignInError> {
        let refused = || ActionError::Unauthenticated { code: "invalid_credentials" };
        let (hash, now) = (hash_of_secret(token), self.wall.now());
        let looked_up = hash.clone();
        let found = self.hub.read(move |conn| Ok(rows::find_session(conn, &looked_up)?)).await?;
        let (row, person) = found.filter(|(row, person)| stands(row, person, now)).ok_or_else(refused)?;
        let login = self.prove(&person.email, password, from).await?;
        if login.id != row.user_id {
            return Err(refused().into());
        }
        self.hub.write_quietly(&Call::by_hub(), move |tx| Ok(rows::touch_session(tx.conn, &hash, now)?)).await?;
        Ok(())
    }

    /// Ends a session; one that does not exist is ended already.
    ///
    /// # Errors
    /// `Unavailable` without a database.
    pub async fn end_session(&self, token: &str, call: &Call) -> Result<(), ActionError> {
        let hash = hash_of_secret(token);
        self.hub
            .write_quietly(call, move |tx| {
                if rows::delete_session(tx.conn, &hash)? { record(tx, "session.ended") } else { Ok(()) }
            })
            .await
    }

    /// Lets the person of a session work for another site of theirs.
    ///
    /// # Errors
    /// `Forbidden` for a site that is not theirs, `NotFound` for none.
    pub async fn choose_site(&self, token: &str, call: &Call, site: SiteId) -> Result<(), ActionError> {
        if !call.actor.acts_for(site) {
            return Err(ActionError::Forbidden);
        }
        let hash = hash_of_secret(token);
        self.hub
            .write_quietly(call, move |tx| {
                if rows::find_site_label(tx.conn, site)?.is_none() {
                    return Err(ActionError::NotFound { what: "site" });
                }
                Ok(rows::set_session_site(tx.conn, &hash, site)?)
            })
            .await
    }

    /// Keeps what a person set, such as their language.
    ///
    /// # Errors
    /// `Invalid` for a value that is too long.
    pub async fn set(&self, call: &Call, name: &'static str, value: &str) -> Result<(), ActionError> {
        if value.len() > LONGEST_SETTING {
            return Err(ActionError::field("/value", "too_long", "at most 64 bytes"));
        }
        let value = value.to_owned();
        self.hub.write_quietly(call, move |tx| Ok(rows::put_setting(tx.conn, &tx.actor.id, name, &value)?)).await
    }

    /// A token for the forms of a session; another text every time.
    ///
    /// # Errors
    /// `Internal` if the library cannot work.
    pub fn form_token(&self, session_token: &str) -> Result<String, ActionError> {
        masked_form_token(&self.vault.derive("portal forms")?, session_token)
    }

    /// True when a form was made for this session.
    #[must_use]
    pub fn form_token_fits(&self, session_token: &str, shown: &str) -> bool {
        self.vault.derive("portal forms").is_ok_and(|key| form_token_fits(&key, session_token, shown))
    }
}

fn person(id: String, role: Role, sites: std::collections::BTreeSet<SiteId>) -> Actor {
    let sites = if role.spans_all_sites() { SiteScope::All } else { SiteScope::Only(sites) };
    Actor { kind: ActorKind::Person, id, role, sites }
}

/// True while neither time nor a change to the account has ended the session.
fn stands(row: &SessionRow, person: &SessionPerson, now: Instant) -> bool {
    row.ends_at > now.micros() && person.state == AccountState::Active && person.token_epoch == row.token_epoch
}

type Found = Option<(Session, i64)>;

fn read_session(conn: &mut crate::store::AnyConn, hash: &str, now: Instant) -> Result<Found, ActionError> {
    let Some((row, who)) = rows::find_session(conn, hash)?.filter(|(row, who)| stands(row, who, now)) else {
        return Ok(None);
    };
    let sites = rows::list_sites_of(conn, &row.user_id)?;
    let settings = rows::list_settings(conn, &row.user_id)?.into_iter().collect();
    let actor = person(row.user_id, who.role, sites.iter().map(|site| site.id).collect());
    let chosen: Option<SiteId> = row.site_id.and_then(|id| id.parse().ok());
    let site = match chosen.filter(|id| actor.acts_for(*id)) {
        Some(id) => rows::find_site_label(conn, id)?,
        None => sites.first().cloned(),
    };
    let idle_since = Instant::from_micros(row.seen_at).plus_minutes(IDLE_LOCK_MINUTES);
    let state = if idle_since <= now { SessionState::Locked } else { SessionState::Open };
    let session = Session {
        actor,
        email: who.email,
        display_name: who.display_name,
        state,
        sites,
        site,
        settings,
        ends_at: Instant::from_micros(row.ends_at),
    };
    Ok(Some((session, row.seen_at)))
}

/// A line in the audit: who was at work when.
fn record(tx: &mut Tx<'_>, kind: &'static str) -> Result<(), ActionError> {
    let subject_id = tx.actor.id.clone();
    tx.record(Happening {
        kind,
        subject_kind: "user",
        subject_id,
        site: None,
        other_site: None,
        network: false,
        data: &json!({}),
    })
}
