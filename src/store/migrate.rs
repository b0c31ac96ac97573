//! Brings a database to the schema of this program, once however many replicas start, and refuses one that
//! a newer program has already changed.

use super::connection::AnyConn;
use super::error::StoreError;
use diesel::connection::SimpleConnection;
use diesel::migration::{Migration, MigrationSource};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use std::collections::BTreeSet;

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Any number will do as long as nothing else in the database uses it.
const MIGRATION_LOCK: &str = "4839205117";

pub(super) fn migrate(conn: &mut AnyConn) -> Result<(), StoreError> {
    match conn {
        // One write lock around all of it: another process that starts now waits, then finds nothing to do.
        AnyConn::Lite(lite) => lite.immediate_transaction(|lite| run_pending(lite, SQLITE)),
        AnyConn::Pg(pg) => {
            // Another replica may be migrating; its work may take longer than a statement may.
            pg.batch_execute(&format!(
                "SET statement_timeout = 0; SET lock_timeout = 0; SELECT pg_advisory_lock({MIGRATION_LOCK})"
            ))?;
            let outcome = run_pending(pg, POSTGRES);
            pg.batch_execute(&format!("SELECT pg_advisory_unlock({MIGRATION_LOCK})"))?;
            outcome
        }
    }
}

fn run_pending<C, DB>(conn: &mut C, known: EmbeddedMigrations) -> Result<(), StoreError>
where
    C: MigrationHarness<DB>,
    DB: diesel::backend::Backend,
    EmbeddedMigrations: MigrationSource<DB>,
{
    let failed = |error: Box<dyn std::error::Error + Send + Sync>| match error.downcast::<diesel::result::Error>() {
        Ok(error) => StoreError::from(*error),
        Err(error) => StoreError::Internal(format!("migration: {error}")),
    };
    let migrations: Vec<Box<dyn Migration<DB>>> = MigrationSource::<DB>::migrations(&known).map_err(failed)?;
    let versions: BTreeSet<String> = migrations.iter().map(|one| one.name().version().to_string()).collect();
    let applied = conn.applied_migrations().map_err(failed)?;
    if let Some(unknown) = applied.iter().find(|version| !versions.contains(&version.to_string())) {
        return Err(StoreError::NewerSchema(unknown.to_string()));
    }
    conn.run_pending_migrations(known).map(drop).map_err(failed)
}
