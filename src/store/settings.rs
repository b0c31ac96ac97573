//! Single values the hub keeps about itself.

use super::dialect::on_backend;
use super::schema::hub_settings;
use super::{AnyConn, StoreError};
use diesel::prelude::*;

/// The value of this name, if it was ever kept.
pub fn find_setting(conn: &mut AnyConn, name: &str) -> Result<Option<String>, StoreError> {
    Ok(hub_settings::table.filter(hub_settings::name.eq(name)).select(hub_settings::value).first(conn).optional()?)
}

/// Keeps a value, in the place of the one before.
pub fn keep_setting(conn: &mut AnyConn, name: &str, value: &str) -> Result<(), StoreError> {
    on_backend!(conn, |c| diesel::insert_into(hub_settings::table)
        .values((hub_settings::name.eq(name), hub_settings::value.eq(value)))
        .on_conflict(hub_settings::name)
        .do_update()
        .set(hub_settings::value.eq(value))
        .execute(c))?;
    Ok(())
}
