//! People, machine clients and the sites they act for. Password hashes leave only through `find_login`.

use super::prepared::Prepare as _;
use super::schema::{client_sites, clients, sites, spent_assertions, user_sites, users};
use super::{AnyConn, StoreError};
use crate::domain::actor::Role;
use crate::domain::ids::{ClientId, SiteId, UserId};
use crate::domain::people::{AccountState, Client, User};
use crate::domain::time::Instant;
use diesel::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Queryable, Insertable)]
#[diesel(table_name = users)]
struct UserRow {
    id: String,
    email: String,
    display_name: String,
    password_hash: String,
    role: String,
    state: String,
    token_epoch: i64,
    version: i64,
    created_at: i64,
}

#[derive(Queryable, Insertable)]
#[diesel(table_name = clients)]
struct ClientRow {
    id: String,
    name: String,
    role: String,
    secret_hash: Option<String>,
    jwks: Option<String>,
    state: String,
    token_epoch: i64,
    version: i64,
    created_at: i64,
}

/// What is needed to let somebody in.
#[derive(Clone)]
pub struct Login {
    /// The user's or client's id.
    pub id: String,
    /// Their role.
    pub role: Role,
    /// The sites they act for.
    pub site_ids: BTreeSet<SiteId>,
    /// Whether they may.
    pub state: AccountState,
    /// Tokens of an earlier epoch are void.
    pub token_epoch: i64,
    /// Password hash (PHC text) or hash of the client's secret.
    pub secret_hash: Option<String>,
    /// A client's public keys.
    pub jwks: Option<String>,
}

/// Whether an account's tokens still count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Whether it may act.
    pub state: AccountState,
    /// Tokens of an earlier epoch are void.
    pub token_epoch: i64,
}

fn parse<T: std::str::FromStr>(what: &str, text: &str) -> Result<T, StoreError> {
    text.parse().map_err(|_unreadable| StoreError::corrupt(format!("an account has an unreadable {what}")))
}

fn user_of(row: UserRow, site_ids: BTreeSet<SiteId>) -> Result<User, StoreError> {
    let UserRow { id, email, display_name, password_hash: _, role, state, token_epoch: _, version, created_at } = row;
    Ok(User {
        id: parse("id", &id)?,
        email,
        display_name,
        role: parse("role", &role)?,
        site_ids,
        state: parse("state", &state)?,
        version,
        created_at: Instant::from_micros(created_at),
    })
}

fn client_of(row: ClientRow, site_ids: BTreeSet<SiteId>) -> Result<Client, StoreError> {
    let ClientRow { id, name, role, secret_hash, jwks, state, token_epoch: _, version, created_at } = row;
    Ok(Client {
        id: parse("id", &id)?,
        name,
        role: parse("role", &role)?,
        site_ids,
        has_secret: secret_hash.is_some(),
        jwks,
        state: parse("state", &state)?,
        version,
        created_at: Instant::from_micros(created_at),
    })
}

fn sites_of_users(conn: &mut AnyConn, ids: &[String]) -> Result<BTreeMap<String, BTreeSet<SiteId>>, StoreError> {
    let rows: Vec<(String, String)> = user_sites::table
        .filter(user_sites::user_id.eq_any(ids.to_vec()))
        .select((user_sites::user_id, user_sites::site_id))
        .load(conn)?;
    grouped(rows)
}

fn sites_of_clients(conn: &mut AnyConn, ids: &[String]) -> Result<BTreeMap<String, BTreeSet<SiteId>>, StoreError> {
    let rows: Vec<(String, String)> = client_sites::table
        .filter(client_sites::client_id.eq_any(ids.to_vec()))
        .select((client_sites::client_id, client_sites::site_id))
        .load(conn)?;
    grouped(rows)
}

fn grouped(rows: Vec<(String, String)>) -> Result<BTreeMap<String, BTreeSet<SiteId>>, StoreError> {
    let mut sites: BTreeMap<String, BTreeSet<SiteId>> = BTreeMap::new();
    for (owner, site) in rows {
        sites.entry(owner).or_default().insert(parse("site", &site)?);
    }
    Ok(sites)
}

/// Adds a person with the hash of their password.
pub fn insert_user(conn: &mut AnyConn, user: &User, password_hash: &str) -> Result<(), StoreError> {
    let row = UserRow {
        id: user.id.to_string(),
        email: user.email.clone(),
        display_name: user.display_name.clone(),
        password_hash: password_hash.to_owned(),
        role: user.role.as_str().to_owned(),
        state: user.state.as_str().to_owned(),
        token_epoch: 0,
        version: user.version,
        created_at: user.created_at.micros(),
    };
    diesel::insert_into(users::table).values(row).prepared().execute(conn)?;
    insert_user_sites(conn, user)
}

fn insert_user_sites(conn: &mut AnyConn, user: &User) -> Result<(), StoreError> {
    for site in &user.site_ids {
        diesel::insert_into(user_sites::table)
            .values((user_sites::user_id.eq(user.id.as_str()), user_sites::site_id.eq(site.as_str())))
            .prepared()
            .execute(conn)?;
    }
    Ok(())
}

/// Saves a changed person if the row still has `read_version`; false when somebody was faster. Their tokens
/// end with it. `password_hash` replaces the password when given.
pub fn update_user(
    conn: &mut AnyConn,
    user: &User,
    read_version: i64,
    password_hash: Option<&str>,
) -> Result<bool, StoreError> {
    let row = users::table.filter(users::id.eq(user.id.as_str())).filter(users::version.eq(read_version));
    let changed = diesel::update(row)
        .set((
            users::display_name.eq(&user.display_name),
            users::role.eq(user.role.as_str()),
            users::state.eq(user.state.as_str()),
            users::token_epoch.eq(users::token_epoch + 1),
            users::version.eq(user.version),
        ))
        .prepared()
        .execute(conn)?;
    if changed != 1 {
        return Ok(false);
    }
    if let Some(hash) = password_hash {
        diesel::update(users::table.filter(users::id.eq(user.id.as_str())))
            .set(users::password_hash.eq(hash))
            .prepared()
            .execute(conn)?;
    }
    diesel::delete(user_sites::table.filter(user_sites::user_id.eq(user.id.as_str()))).prepared().execute(conn)?;
    insert_user_sites(conn, user)?;
    Ok(true)
}

/// The person with this id.
pub fn find_user(conn: &mut AnyConn, id: UserId) -> Result<Option<User>, StoreError> {
    let row: Option<UserRow> = users::table.filter(users::id.eq(id.as_str())).first(conn).optional()?;
    let Some(row) = row else { return Ok(None) };
    let mut sites = sites_of_users(conn, std::slice::from_ref(&row.id))?;
    let sites = sites.remove(&row.id).unwrap_or_default();
    user_of(row, sites).map(Some)
}

/// People in the order they were made, after `after`.
pub fn list_users(conn: &mut AnyConn, after: Option<UserId>, rows: i64) -> Result<Vec<User>, StoreError> {
    let mut query = users::table.order(users::id.asc()).limit(rows).into_boxed();
    if let Some(after) = &after {
        query = query.filter(users::id.gt(after.to_string()));
    }
    let found: Vec<UserRow> = query.load(conn)?;
    let ids: Vec<String> = found.iter().map(|row| row.id.clone()).collect();
    let mut sites = sites_of_users(conn, &ids)?;
    found
        .into_iter()
        .map(|row| {
            let sites = sites.remove(&row.id).unwrap_or_default();
            user_of(row, sites)
        })
        .collect()
}

/// True when the address is taken.
pub fn email_exists(conn: &mut AnyConn, email: &str) -> Result<bool, StoreError> {
    Ok(diesel::select(diesel::dsl::exists(users::table.filter(users::email.eq(email)))).get_result(conn)?)
}

/// True when the hub has any person.
pub fn any_user_exists(conn: &mut AnyConn) -> Result<bool, StoreError> {
    Ok(users::table.select(users::id).first::<String>(conn).optional()?.is_some())
}

/// What is needed to let the person with this address in.
pub fn find_login(conn: &mut AnyConn, email: &str) -> Result<Option<Login>, StoreError> {
    let row: Option<UserRow> = users::table.filter(users::email.eq(email)).first(conn).optional()?;
    let Some(row) = row else { return Ok(None) };
    let mut sites = sites_of_users(conn, std::slice::from_ref(&row.id))?;
    Ok(Some(Login {
        role: parse("role", &row.role)?,
        site_ids: sites.remove(&row.id).unwrap_or_default(),
        state: parse("state", &row.state)?,
        token_epoch: row.token_epoch,
        secret_hash: Some(row.password_hash),
        jwks: None,
        id: row.id,
    }))
}

/// Adds a machine client with the hash of its secret.
pub fn insert_client(conn: &mut AnyConn, client: &Client, secret_hash: Option<&str>) -> Result<(), StoreError> {
    let row = ClientRow {
        id: client.id.to_string(),
        name: client.name.clone(),
        role: client.role.as_str().to_owned(),
        secret_hash: secret_hash.map(str::to_owned),
        jwks: client.jwks.clone(),
        state: client.state.as_str().to_owned(),
        token_epoch: 0,
        version: client.version,
        created_at: client.created_at.micros(),
    };
    diesel::insert_into(clients::table).values(row).prepared().execute(conn)?;
    insert_client_sites(conn, client)
}

fn insert_client_sites(conn: &mut AnyConn, client: &Client) -> Result<(), StoreError> {
    for site in &client.site_ids {
        diesel::insert_into(client_sites::table)
            .values((client_sites::client_id.eq(client.id.as_str()), client_sites::site_id.eq(site.as_str())))
            .prepared()
            .execute(conn)?;
    }
    Ok(())
}

/// Saves a changed client if the row still has `read_version`; false when somebody was faster. Its tokens end
/// with it.
pub fn update_client(conn: &mut AnyConn, client: &Client, read_version: i64) -> Result<bool, StoreError> {
    let row = clients::table.filter(clients::id.eq(client.id.as_str())).filter(clients::version.eq(read_version));
    let changed = diesel::update(row)
        .set((
            clients::name.eq(&client.name),
            clients::role.eq(client.role.as_str()),
            clients::state.eq(client.state.as_str()),
            clients::jwks.eq(client.jwks.as_deref()),
            clients::token_epoch.eq(clients::token_epoch + 1),
            clients::version.eq(client.version),
        ))
        .prepared()
        .execute(conn)?;
    if changed != 1 {
        return Ok(false);
    }
    diesel::delete(client_sites::table.filter(client_sites::client_id.eq(client.id.as_str())))
        .prepared()
        .execute(conn)?;
    insert_client_sites(conn, client)?;
    Ok(true)
}

/// The client with this id.
pub fn find_client(conn: &mut AnyConn, id: ClientId) -> Result<Option<Client>, StoreError> {
    let row: Option<ClientRow> = clients::table.filter(clients::id.eq(id.as_str())).first(conn).optional()?;
    let Some(row) = row else { return Ok(None) };
    let mut sites = sites_of_clients(conn, std::slice::from_ref(&row.id))?;
    let sites = sites.remove(&row.id).unwrap_or_default();
    client_of(row, sites).map(Some)
}

/// Clients in the order they were made, after `after`.
pub fn list_clients(conn: &mut AnyConn, after: Option<ClientId>, rows: i64) -> Result<Vec<Client>, StoreError> {
    let mut query = clients::table.order(clients::id.asc()).limit(rows).into_boxed();
    if let Some(after) = &after {
        query = query.filter(clients::id.gt(after.to_string()));
    }
    let found: Vec<ClientRow> = query.load(conn)?;
    let ids: Vec<String> = found.iter().map(|row| row.id.clone()).collect();
    let mut sites = sites_of_clients(conn, &ids)?;
    found
        .into_iter()
        .map(|row| {
            let sites = sites.remove(&row.id).unwrap_or_default();
            client_of(row, sites)
        })
        .collect()
}

/// What is needed to give the client with this id a token.
pub fn find_client_login(conn: &mut AnyConn, id: ClientId) -> Result<Option<Login>, StoreError> {
    let row: Option<ClientRow> = clients::table.filter(clients::id.eq(id.as_str())).first(conn).optional()?;
    let Some(row) = row else { return Ok(None) };
    let mut sites = sites_of_clients(conn, std::slice::from_ref(&row.id))?;
    Ok(Some(Login {
        role: parse("role", &row.role)?,
        site_ids: sites.remove(&row.id).unwrap_or_default(),
        state: parse("state", &row.state)?,
        token_epoch: row.token_epoch,
        secret_hash: row.secret_hash,
        jwks: row.jwks,
        id: row.id,
    }))
}

/// How a person's account stands.
pub fn find_user_standing(conn: &mut AnyConn, id: &str) -> Result<Option<Standing>, StoreError> {
    let row: Option<(String, i64)> = users::table
        .filter(users::id.eq(id))
        .select((users::state, users::token_epoch))
        .prepared()
        .get_result(conn)
        .optional()?;
    row.map(|(state, token_epoch)| Ok(Standing { state: parse("state", &state)?, token_epoch })).transpose()
}

/// How a client's account stands.
pub fn find_client_standing(conn: &mut AnyConn, id: &str) -> Result<Option<Standing>, StoreError> {
    let row: Option<(String, i64)> = clients::table
        .filter(clients::id.eq(id))
        .select((clients::state, clients::token_epoch))
        .prepared()
        .get_result(conn)
        .optional()?;
    row.map(|(state, token_epoch)| Ok(Standing { state: parse("state", &state)?, token_epoch })).transpose()
}

/// Notes a client's assertion as used; false when it was used before.
pub fn spend_assertion(
    conn: &mut AnyConn,
    client: ClientId,
    jti: &str,
    expires_at: Instant,
) -> Result<bool, StoreError> {
    let spent = crate::store::on_backend!(conn, |c| diesel::insert_into(spent_assertions::table)
        .values((
            spent_assertions::client_id.eq(client.as_str()),
            spent_assertions::jti.eq(jti),
            spent_assertions::expires_at.eq(expires_at.micros()),
        ))
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(spent == 1)
}

/// Forgets assertions that no longer count by themselves.
pub fn forget_assertions_before(conn: &mut AnyConn, before: Instant) -> Result<usize, StoreError> {
    let old = spent_assertions::table.filter(spent_assertions::expires_at.lt(before.micros()));
    Ok(diesel::delete(old).prepared().execute(conn)?)
}

/// Those of the sites that exist.
pub fn existing_sites(conn: &mut AnyConn, ids: &BTreeSet<SiteId>) -> Result<BTreeSet<SiteId>, StoreError> {
    let wanted: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let found: Vec<String> = sites::table.filter(sites::id.eq_any(wanted)).select(sites::id).load(conn)?;
    found.iter().map(|id| parse("site", id)).collect()
}

/// The role, the sites and the state of an account of either kind, as it stands.
pub type Reach = (Role, BTreeSet<SiteId>, AccountState);

/// What an account may see now, if it is there.
pub fn find_reach(conn: &mut AnyConn, person: bool, id: &str) -> Result<Option<Reach>, StoreError> {
    if person {
        let id: UserId = parse("id", id)?;
        return Ok(find_user(conn, id)?.map(|user| (user.role, user.site_ids, user.state)));
    }
    let id: ClientId = parse("id", id)?;
    Ok(find_client(conn, id)?.map(|client| (client.role, client.site_ids, client.state)))
}
