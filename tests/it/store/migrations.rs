//! Both backends end up with the same tables, the same as Diesel is told, and refuse what they do not know.

use super::fixture::{TestStore, block_on};
use crate::store_test;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use milkbridge::store::{AnyConn, Store, StoreError, StoreOptions, StoreTarget};
use std::collections::BTreeSet;

#[derive(QueryableByName, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Column {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    column_name: String,
    #[diesel(sql_type = Bool)]
    nullable: bool,
    #[diesel(sql_type = Text)]
    kind: String,
}

#[derive(QueryableByName)]
struct Index {
    #[diesel(sql_type = Text)]
    name: String,
}

/// Types as the program sees them: SQLite keeps numbers and truth values alike.
const POSTGRES_COLUMNS: &str = "
    SELECT table_name::text, column_name::text, is_nullable = 'YES' AS nullable,
           CASE data_type WHEN 'text' THEN 'text' WHEN 'bigint' THEN 'number' WHEN 'boolean' THEN 'number'
                          ELSE data_type END AS kind
    FROM information_schema.columns
    WHERE table_schema = current_schema() AND table_name NOT LIKE '\\_\\_diesel%'";

const SQLITE_COLUMNS: &str = "
    SELECT t.name AS table_name, c.name AS column_name, c.\"notnull\" = 0 AND c.pk = 0 AS nullable,
           CASE c.type WHEN 'TEXT' THEN 'text' WHEN 'INTEGER' THEN 'number' ELSE c.type END AS kind
    FROM sqlite_master t, pragma_table_info(t.name) c
    WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%' AND t.name NOT LIKE '\\_\\_diesel%' ESCAPE '\\'";

const POSTGRES_INDEXES: &str = "
    SELECT indexname::text AS name FROM pg_indexes
    WHERE schemaname = current_schema() AND NOT EXISTS
        (SELECT 1 FROM pg_constraint WHERE conname = indexname AND connamespace = current_schema()::regnamespace)";

const SQLITE_INDEXES: &str = "SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL";

async fn columns(db: &TestStore) -> BTreeSet<Column> {
    db.store()
        .read(|conn| {
            let rows: Vec<Column> = match conn {
                AnyConn::Pg(pg) => diesel::sql_query(POSTGRES_COLUMNS).load(pg)?,
                AnyConn::Lite(lite) => diesel::sql_query(SQLITE_COLUMNS).load(lite)?,
            };
            Ok::<_, StoreError>(rows.into_iter().collect())
        })
        .await
        .unwrap()
}

async fn indexes(db: &TestStore) -> BTreeSet<String> {
    db.store()
        .read(|conn| {
            let rows: Vec<Index> = match conn {
                AnyConn::Pg(pg) => diesel::sql_query(POSTGRES_INDEXES).load(pg)?,
                AnyConn::Lite(lite) => diesel::sql_query(SQLITE_INDEXES).load(lite)?,
            };
            Ok::<_, StoreError>(rows.into_iter().map(|index| index.name).collect())
        })
        .await
        .unwrap()
}

#[test]
fn both_backends_have_the_same_tables_and_indexes() {
    let sqlite = TestStore::sqlite();
    let Some(postgres) = TestStore::postgres() else { return };
    block_on(async {
        let (lite, pg) = (columns(&sqlite).await, columns(&postgres).await);
        assert!(lite.len() > 50, "the query found only {} columns", lite.len());
        let differing: Vec<_> = lite.symmetric_difference(&pg).collect();
        assert!(differing.is_empty(), "columns that differ: {differing:#?}");
        let (lite, pg) = (indexes(&sqlite).await, indexes(&postgres).await);
        let differing: Vec<_> = lite.symmetric_difference(&pg).collect();
        assert!(differing.is_empty(), "indexes that differ: {differing:#?}");
    });
}

/// The columns of `schema.rs`, read from its text.
fn declared_columns() -> BTreeSet<Column> {
    let mut declared = BTreeSet::new();
    let mut table_name = "";
    for line in include_str!("../../../src/store/schema.rs").lines().map(str::trim) {
        if let Some((name, _)) = line.strip_suffix("{").and_then(|line| line.split_once(" (")) {
            table_name = name;
        } else if let Some((name, kind)) = line.strip_suffix(',').and_then(|line| line.split_once(" -> ")) {
            let inner = kind.trim_start_matches("Nullable<").trim_end_matches('>');
            declared.insert(Column {
                table_name: table_name.to_owned(),
                column_name: name.to_owned(),
                nullable: kind.starts_with("Nullable<"),
                kind: String::from(match inner {
                    "Text" => "text",
                    "BigInt" | "Bool" => "number",
                    other => other,
                }),
            });
        }
    }
    declared
}

async fn diesel_is_told_the_truth(db: &mut TestStore) {
    let differing_in = |left: &BTreeSet<Column>, right: &BTreeSet<Column>| -> Vec<String> {
        left.difference(right).map(|column| format!("{column:?}")).collect()
    };
    let (declared, real) = (declared_columns(), columns(db).await);
    assert!(declared.len() > 50, "only {} columns were read from schema.rs", declared.len());
    assert_eq!(differing_in(&declared, &real), Vec::<String>::new(), "declared but not so");
    assert_eq!(differing_in(&real, &declared), Vec::<String>::new(), "there but not declared");
}

async fn a_newer_schema_is_refused(db: &mut TestStore) {
    db.store()
        .write(|conn| {
            conn.batch_execute(
                "INSERT INTO __diesel_schema_migrations (version, run_on) VALUES ('29990101000001', '2026-01-01 00:00:00')",
            )
            .map_err(StoreError::from)
        })
        .await
        .unwrap();
    let opened = Store::open(&db.target, StoreOptions::default());
    assert!(matches!(&opened, Err(StoreError::NewerSchema(version)) if version == "29990101000001"), "{opened:?}");
}

/// An empty database beside the test's own.
async fn empty_target(db: &TestStore) -> StoreTarget {
    match &db.target {
        StoreTarget::Sqlite(file) => StoreTarget::Sqlite(file.with_file_name("empty.sqlite")),
        StoreTarget::Postgres(url) => {
            let emptied = db.store().write(|conn| {
                conn.batch_execute(
                    "DO $$ DECLARE own text := current_schema(); BEGIN
                         EXECUTE format('DROP SCHEMA %I CASCADE', own);
                         EXECUTE format('CREATE SCHEMA %I', own);
                     END $$",
                )
                .map_err(StoreError::from)
            });
            emptied.await.unwrap();
            StoreTarget::Postgres(url.clone())
        }
    }
}

async fn replicas_that_start_at_once_migrate_once(db: &mut TestStore) {
    let empty = empty_target(db).await;
    let starts: Vec<_> = (0..4)
        .map(|_| {
            let target = empty.clone();
            tokio::task::spawn_blocking(move || Store::open(&target, StoreOptions::default()).map(drop))
        })
        .collect();
    for start in starts {
        start.await.unwrap().unwrap();
    }
}

store_test!(diesel_is_told_the_truth, a_newer_schema_is_refused, replicas_that_start_at_once_migrate_once);
