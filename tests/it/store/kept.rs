//! Refusal 18: what is kept for tracing is added to, never rewritten and never removed, whoever asks.

use super::fixture::TestStore;
use crate::store_test;
use diesel::connection::SimpleConnection;
use milkbridge::store::StoreError;

const ENTRY: &str = "INSERT INTO audit_entries (at, actor_kind, actor_id, role, action, subject_kind, subject_id, \
     detail) VALUES (1, 'hub', 'hub', 'hub_administrator', 'lot.released', 'lot', 'x', '{}')";

async fn run(db: &mut TestStore, statement: &'static str) -> Result<(), StoreError> {
    db.store().write(move |conn| conn.batch_execute(statement).map_err(StoreError::from)).await
}

async fn refusal_18_an_audit_entry_is_neither_rewritten_nor_removed(db: &mut TestStore) {
    run(db, ENTRY).await.unwrap();
    for statement in
        ["UPDATE audit_entries SET actor_id = 'somebody else'", "DELETE FROM audit_entries", "DELETE FROM bottles"]
    {
        let refused = run(db, statement).await;
        // Nothing to delete is nothing refused: only rows that exist are kept.
        assert_eq!(refused.is_ok(), statement.ends_with("bottles"), "{statement}: {refused:?}");
    }
}

async fn refusal_18_an_audit_entry_is_linked_once(db: &mut TestStore) {
    run(db, ENTRY).await.unwrap();
    run(db, "UPDATE audit_entries SET pos = 1, hash = 'first'").await.unwrap();
    for statement in ["UPDATE audit_entries SET hash = 'second'", "UPDATE audit_entries SET pos = NULL, hash = NULL"] {
        assert!(run(db, statement).await.is_err(), "{statement}");
    }
}

async fn refusal_18_a_correction_is_added(db: &mut TestStore) {
    run(db, ENTRY).await.unwrap();
    run(db, ENTRY).await.unwrap();
}

store_test!(
    refusal_18_an_audit_entry_is_neither_rewritten_nor_removed,
    refusal_18_an_audit_entry_is_linked_once,
    refusal_18_a_correction_is_added,
);
