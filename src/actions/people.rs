//! Making and changing people and machine clients. Only a hub administrator comes here; passwords arrive as
//! hashes, secrets are derived and never kept.

use super::{ActionError, Happening, Tx};
use crate::domain::actor::Role;
use crate::domain::field::FieldError;
use crate::domain::ids::{ClientId, SiteId, UserId};
use crate::domain::people::{AccountState, Client, User, check_email, check_name, check_sites, normal_email};
use crate::store::{AnyConn, people};
use serde_json::json;
use std::collections::BTreeSet;

/// A person to be made.
#[derive(Debug, Clone)]
pub struct CreateUser {
    /// Their address.
    pub email: String,
    /// How they are called.
    pub display_name: String,
    /// Argon2id hash of their password as PHC text.
    pub password_hash: String,
    /// Their role.
    pub role: Role,
    /// The sites they act for.
    pub site_ids: BTreeSet<SiteId>,
}

/// What changes about a person; `None` stays as it is.
#[derive(Debug, Clone, Default)]
pub struct ChangeUser {
    /// How they are called.
    pub display_name: Option<String>,
    /// Their role.
    pub role: Option<Role>,
    /// The sites they act for.
    pub site_ids: Option<BTreeSet<SiteId>>,
    /// Whether they may sign in.
    pub state: Option<AccountState>,
    /// Hash of their new password.
    pub password_hash: Option<String>,
}

/// How a client will prove who it is.
#[derive(Debug, Clone)]
pub enum ClientKey {
    /// By a secret that is derived from its id.
    Secret,
    /// By assertions that these public keys verify.
    Jwks(String),
}

/// A machine client to be made.
#[derive(Debug, Clone)]
pub struct CreateClient {
    /// What it is.
    pub name: String,
    /// Its role.
    pub role: Role,
    /// The sites it acts for.
    pub site_ids: BTreeSet<SiteId>,
    /// How it proves who it is.
    pub key: ClientKey,
}

/// What changes about a client; `None` stays as it is.
#[derive(Debug, Clone, Default)]
pub struct ChangeClient {
    /// What it is.
    pub name: Option<String>,
    /// Whether it may get tokens.
    pub state: Option<AccountState>,
    /// The sites it acts for.
    pub site_ids: Option<BTreeSet<SiteId>>,
}

fn refuse(errors: impl IntoIterator<Item = Option<FieldError>>) -> Result<(), ActionError> {
    let errors: Vec<FieldError> = errors.into_iter().flatten().collect();
    if errors.is_empty() { Ok(()) } else { Err(ActionError::Invalid(errors)) }
}

fn refuse_unknown_sites(conn: &mut AnyConn, wanted: &BTreeSet<SiteId>) -> Result<(), ActionError> {
    let known = people::existing_sites(conn, wanted)?;
    refuse(wanted.iter().enumerate().map(|(index, site)| {
        (!known.contains(site))
            .then(|| FieldError::new(format!("/site_ids/{index}"), "unknown_site", "there is no such site"))
    }))
}

fn stale_user(conn: &mut AnyConn, id: UserId) -> ActionError {
    match people::find_user(conn, id) {
        Ok(Some(user)) => ActionError::Stale { current_version: user.version },
        Ok(None) => ActionError::NotFound { what: "user" },
        Err(error) => error.into(),
    }
}

/// Makes a person.
///
/// # Errors
/// `Invalid` with the fields that cannot be taken; `Conflict` `email_taken`.
pub fn create_user(tx: &mut Tx<'_>, command: &CreateUser) -> Result<User, ActionError> {
    let CreateUser { email, display_name, password_hash, role, site_ids } = command;
    let email = normal_email(email);
    refuse([
        check_email("/email", &email),
        check_name("/display_name", display_name),
        check_sites("/site_ids", *role, site_ids),
    ])?;
    refuse_unknown_sites(tx.conn, site_ids)?;
    if people::email_exists(tx.conn, &email)? {
        return Err(ActionError::conflict("email_taken", "a person with this address exists already"));
    }
    let user = User {
        id: UserId::new(tx.new_id()),
        email,
        display_name: display_name.trim().to_owned(),
        role: *role,
        site_ids: site_ids.clone(),
        state: AccountState::Active,
        version: 1,
        created_at: tx.now,
    };
    people::insert_user(tx.conn, &user, password_hash)?;
    record_user(tx, "user.created", &user)?;
    Ok(user)
}

/// Changes a person; their tokens end with it.
///
/// # Errors
/// `NotFound`; `Stale` when `read_version` is not the row's; `Invalid`; `Conflict` `own_account` for an
/// administrator who would lock themselves out.
pub fn change_user(tx: &mut Tx<'_>, id: UserId, read_version: i64, change: &ChangeUser) -> Result<User, ActionError> {
    let Some(mut user) = people::find_user(tx.conn, id)? else {
        return Err(ActionError::NotFound { what: "user" });
    };
    let ChangeUser { display_name, role, site_ids, state, password_hash } = change;
    if tx.actor.id == id.as_str() && (role.is_some() || *state == Some(AccountState::Disabled)) {
        return Err(ActionError::conflict("own_account", "another administrator must change your role or state"));
    }
    if let Some(name) = display_name {
        name.trim().clone_into(&mut user.display_name);
    }
    user.role = role.unwrap_or(user.role);
    user.state = state.unwrap_or(user.state);
    if let Some(sites) = site_ids {
        user.site_ids.clone_from(sites);
    }
    refuse([check_name("/display_name", &user.display_name), check_sites("/site_ids", user.role, &user.site_ids)])?;
    refuse_unknown_sites(tx.conn, &user.site_ids)?;
    user.version = read_version + 1;
    if !people::update_user(tx.conn, &user, read_version, password_hash.as_deref())? {
        return Err(stale_user(tx.conn, id));
    }
    record_user(tx, "user.changed", &user)?;
    Ok(user)
}

fn record_user(tx: &mut Tx<'_>, kind: &'static str, user: &User) -> Result<(), ActionError> {
    tx.record(Happening {
        kind,
        subject_kind: "user",
        subject_id: user.id.to_string(),
        site: None,
        other_site: None,
        network: false,
        data: &json!({ "role": user.role, "state": user.state.as_str(), "version": user.version }),
    })
}

/// Makes the first administrator of a hub without people; `None` when there is somebody already.
///
/// # Errors
/// As [`create_user`].
pub fn create_first_administrator(tx: &mut Tx<'_>, command: &CreateUser) -> Result<Option<User>, ActionError> {
    if people::any_user_exists(tx.conn)? {
        return Ok(None);
    }
    create_user(tx, command).map(Some)
}

/// True when nobody can sign in yet.
///
/// # Errors
/// `Unavailable` without a database.
pub fn nobody_exists(conn: &mut AnyConn) -> Result<bool, ActionError> {
    Ok(!people::any_user_exists(conn)?)
}

/// The person with this id.
///
/// # Errors
/// `NotFound`.
pub fn get_user(conn: &mut AnyConn, id: UserId) -> Result<User, ActionError> {
    people::find_user(conn, id)?.ok_or(ActionError::NotFound { what: "user" })
}

/// People in the order they were made.
///
/// # Errors
/// `Unavailable` without a database.
pub fn list_users(conn: &mut AnyConn, after: Option<UserId>, rows: i64) -> Result<Vec<User>, ActionError> {
    Ok(people::list_users(conn, after, rows)?)
}

/// Makes a machine client; `secret_of` tells the hash of the secret that belongs to an id.
///
/// # Errors
/// `Invalid` with the fields that cannot be taken.
pub fn create_client(
    tx: &mut Tx<'_>,
    command: &CreateClient,
    secret_hash_of: &dyn Fn(&str) -> Result<String, ActionError>,
) -> Result<Client, ActionError> {
    let CreateClient { name, role, site_ids, key } = command;
    refuse([check_name("/name", name), check_sites("/site_ids", *role, site_ids)])?;
    refuse_unknown_sites(tx.conn, site_ids)?;
    let id = ClientId::new(tx.new_id());
    let (secret_hash, jwks) = match key {
        ClientKey::Secret => (Some(secret_hash_of(id.as_str())?), None),
        ClientKey::Jwks(jwks) => (None, Some(jwks.clone())),
    };
    let client = Client {
        id,
        name: name.trim().to_owned(),
        role: *role,
        site_ids: site_ids.clone(),
        has_secret: secret_hash.is_some(),
        jwks,
        state: AccountState::Active,
        version: 1,
        created_at: tx.now,
    };
    people::insert_client(tx.conn, &client, secret_hash.as_deref())?;
    record_client(tx, "client.created", &client)?;
    Ok(client)
}

/// Changes a client; its tokens end with it.
///
/// # Errors
/// `NotFound`; `Stale` when `read_version` is not the row's; `Invalid`.
pub fn change_client(
    tx: &mut Tx<'_>,
    id: ClientId,
    read_version: i64,
    change: &ChangeClient,
) -> Result<Client, ActionError> {
    let mut client = get_client(tx.conn, id)?;
    let ChangeClient { name, state, site_ids } = change;
    if let Some(name) = name {
        name.trim().clone_into(&mut client.name);
    }
    client.state = state.unwrap_or(client.state);
    if let Some(sites) = site_ids {
        client.site_ids.clone_from(sites);
    }
    refuse([check_name("/name", &client.name), check_sites("/site_ids", client.role, &client.site_ids)])?;
    refuse_unknown_sites(tx.conn, &client.site_ids)?;
    client.version = read_version + 1;
    if !people::update_client(tx.conn, &client, read_version)? {
        return Err(ActionError::Stale { current_version: get_client(tx.conn, id)?.version });
    }
    record_client(tx, "client.changed", &client)?;
    Ok(client)
}

fn record_client(tx: &mut Tx<'_>, kind: &'static str, client: &Client) -> Result<(), ActionError> {
    tx.record(Happening {
        kind,
        subject_kind: "client",
        subject_id: client.id.to_string(),
        site: None,
        other_site: None,
        network: false,
        data: &json!({ "role": client.role, "state": client.state.as_str(), "version": client.version }),
    })
}

/// The client with this id.
///
/// # Errors
/// `NotFound`.
pub fn get_client(conn: &mut AnyConn, id: ClientId) -> Result<Client, ActionError> {
    people::find_client(conn, id)?.ok_or(ActionError::NotFound { what: "client" })
}

/// Clients in the order they were made.
///
/// # Errors
/// `Unavailable` without a database.
pub fn list_clients(conn: &mut AnyConn, after: Option<ClientId>, rows: i64) -> Result<Vec<Client>, ActionError> {
    Ok(people::list_clients(conn, after, rows)?)
}
