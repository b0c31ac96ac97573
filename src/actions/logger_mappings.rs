//! How files of makers that the hub does not know are read: saved once by a site, never changed.

use super::transfers::own_sites;
use super::{ActionError, Happening, Tx};
use crate::domain::actor::Actor;
use crate::domain::ids::{LoggerMappingId, SiteId};
use crate::domain::text::text_fault;
use crate::store::AnyConn;
use crate::store::logger_files as rows;
pub use crate::store::logger_files::LoggerMappingRow;
use serde_json::json;

/// Saves a mapping for a site.
///
/// # Errors
/// `NotFound` for another site, `Conflict` for a name that is taken.
pub fn save_mapping(
    tx: &mut Tx<'_>,
    site: SiteId,
    name: &str,
    document: &str,
) -> Result<LoggerMappingRow, ActionError> {
    if !tx.actor.acts_for(site) {
        return Err(ActionError::NotFound { what: "site" });
    }
    if let Some(fault) = text_fault("/name", name, 100) {
        return Err(ActionError::Invalid(vec![fault]));
    }
    let row = LoggerMappingRow {
        id: LoggerMappingId::new(tx.new_id()),
        site_id: site,
        name: name.trim().to_owned(),
        document: document.to_owned(),
        created_by: tx.actor.id.clone(),
        created_at: tx.now,
    };
    rows::insert_mapping(tx.conn, &row).map_err(super::sites::taken)?;
    tx.record(Happening {
        kind: "logger_mapping.saved",
        subject_kind: "logger_mapping",
        subject_id: row.id.to_string(),
        site: Some(site),
        other_site: None,
        network: false,
        data: &json!({"name": row.name}),
    })?;
    Ok(row)
}

/// The mapping, for its site and for hub roles.
///
/// # Errors
/// `NotFound` also when it is another site's.
pub fn get_mapping(conn: &mut AnyConn, actor: &Actor, id: LoggerMappingId) -> Result<LoggerMappingRow, ActionError> {
    rows::find_mapping(conn, id)?
        .filter(|row| actor.acts_for(row.site_id))
        .ok_or(ActionError::NotFound { what: "logger mapping" })
}

/// A page of the mappings of the actor's sites.
///
/// # Errors
/// Those of the store.
pub fn list_mappings(
    conn: &mut AnyConn,
    actor: &Actor,
    after: Option<LoggerMappingId>,
    rows_wanted: i64,
) -> Result<Vec<LoggerMappingRow>, ActionError> {
    Ok(rows::list_mappings(conn, own_sites(actor).as_deref(), after, rows_wanted)?)
}
