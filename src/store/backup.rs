//! Copies of an SQLite file: taken while a hub works on it, and put in place only where no hub does.

use super::connection::{AnyConn, Health, Purpose, StoreTarget};
use super::error::{Busy, StoreError};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;
use std::path::Path;
use std::sync::Arc;

#[derive(QueryableByName)]
struct Mode {
    #[diesel(sql_type = Text)]
    journal_mode: String,
}

#[derive(QueryableByName)]
struct Finding {
    #[diesel(sql_type = Text)]
    integrity_check: String,
}

fn open(file: &Path) -> Result<SqliteConnection, StoreError> {
    match AnyConn::open(&StoreTarget::Sqlite(file.to_owned()), Purpose::Write, &Arc::new(Health::default()))? {
        AnyConn::Lite(lite) => Ok(lite),
        AnyConn::Pg(_) => Err(StoreError::Internal("a file opened as a server".to_owned())),
    }
}

/// Writes everything that is committed now into a new or empty file; writers go on meanwhile.
///
/// # Errors
/// `Unavailable` when the file cannot be written, for want of space or rights.
pub fn copy_into(file: &Path, copy: &Path) -> Result<(), StoreError> {
    let copy = copy.to_str().ok_or_else(|| StoreError::Internal("the path of the copy is not UTF-8".to_owned()))?;
    diesel::sql_query("VACUUM INTO ?").bind::<Text, _>(copy).execute(&mut open(file)?)?;
    Ok(())
}

/// Folds the write-ahead log into the file, so that the file alone is the database, and proves on the way that
/// nobody else has it open.
///
/// # Errors
/// `Busy` while another process has it open.
pub fn settle(file: &Path) -> Result<(), StoreError> {
    let mut conn = open(file)?;
    conn.batch_execute("PRAGMA busy_timeout = 250")?;
    let mode: Mode = diesel::sql_query("PRAGMA journal_mode = DELETE").get_result(&mut conn)?;
    if mode.journal_mode != "delete" {
        return Err(StoreError::Busy(Busy::Contention("another process has the database open".to_owned())));
    }
    Ok(())
}

/// Reads every page of a file and says what is wrong with it; empty when it is sound.
///
/// # Errors
/// `Unavailable` when it is no database at all.
pub fn examine(file: &Path) -> Result<Vec<String>, StoreError> {
    let findings: Vec<Finding> = diesel::sql_query("PRAGMA integrity_check(20)").load(&mut open(file)?)?;
    Ok(findings.into_iter().map(|finding| finding.integrity_check).filter(|finding| finding != "ok").collect())
}
