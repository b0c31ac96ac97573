//! Under which facility number and licence a site prints ISBT 128 labels.

use super::dialect::on_backend;
use super::schema::label_licences;
use super::{AnyConn, StoreError};
use crate::domain::ids::SiteId;
use crate::domain::time::Instant;
use diesel::prelude::*;

/// A licence as it is kept.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = label_licences)]
pub struct LabelLicenceRow {
    /// The site.
    pub site_id: SiteId,
    /// Its facility identification number, five characters.
    pub facility_number: String,
    /// What its responsible person states about the licence.
    pub licence_statement: String,
    /// Who recorded it.
    pub recorded_by: String,
    /// When.
    pub recorded_at: Instant,
}

/// Keeps a site's licence; a later statement replaces an earlier one, and the audit keeps both.
pub fn save_label_licence(conn: &mut AnyConn, row: &LabelLicenceRow) -> Result<(), StoreError> {
    on_backend!(conn, |c| diesel::insert_into(label_licences::table)
        .values(row.clone())
        .on_conflict(label_licences::site_id)
        .do_update()
        .set((
            label_licences::facility_number.eq(row.facility_number.clone()),
            label_licences::licence_statement.eq(row.licence_statement.clone()),
            label_licences::recorded_by.eq(row.recorded_by.clone()),
            label_licences::recorded_at.eq(row.recorded_at),
        ))
        .execute(c))?;
    Ok(())
}

/// The licence of a site, if it recorded one.
pub fn find_label_licence(conn: &mut AnyConn, site: SiteId) -> Result<Option<LabelLicenceRow>, StoreError> {
    Ok(label_licences::table.filter(label_licences::site_id.eq(site)).first(conn).optional()?)
}
