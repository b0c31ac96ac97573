//! What one write is: all or nothing, kept once answered, and alone in its failure.

use super::fixture::{TestStore, block_on};
use crate::store_test;
use diesel::prelude::*;
use milkbridge::domain::ids::LotId;
use milkbridge::store::lots::list_lots_by_id;
use milkbridge::store::schema::hub_settings as settings;
use milkbridge::store::{AnyConn, ConflictKind, StoreError, on_backend};

fn keep(conn: &mut AnyConn, name: &str, value: &str) -> Result<(), StoreError> {
    diesel::insert_into(settings::table).values((settings::name.eq(name), settings::value.eq(value))).execute(conn)?;
    Ok(())
}

async fn names(db: &TestStore) -> Vec<String> {
    db.store()
        .read(|conn| Ok::<_, StoreError>(settings::table.select(settings::name).order(settings::name).load(conn)?))
        .await
        .unwrap()
}

async fn a_write_is_read_back(db: &mut TestStore) {
    db.store().write(|conn| keep(conn, "colour", "blue")).await.unwrap();
    assert_eq!(names(db).await, ["colour"]);
    db.store().ping().await.unwrap();
}

async fn a_refused_job_leaves_nothing_and_its_neighbours_stay(db: &mut TestStore) {
    let jobs: Vec<_> = (0..40)
        .map(|number| {
            let store = db.store().clone();
            tokio::spawn(async move {
                store
                    .write(move |conn| {
                        keep(conn, &format!("setting-{number:02}"), "kept")?;
                        if number % 4 == 0 { Err(StoreError::corrupt("refused")) } else { Ok(number) }
                    })
                    .await
            })
        })
        .collect();
    let mut kept = Vec::new();
    for (number, job) in jobs.into_iter().enumerate() {
        match job.await.unwrap() {
            Ok(_) => kept.push(format!("setting-{number:02}")),
            Err(error) => assert_eq!(error, StoreError::corrupt("refused")),
        }
    }
    assert_eq!(kept.len(), 30);
    assert_eq!(names(db).await, kept);
}

async fn a_panic_fails_its_own_job_only(db: &mut TestStore) {
    let jobs: Vec<_> = (0..12)
        .map(|number| {
            let store = db.store().clone();
            tokio::spawn(async move {
                store
                    .write(move |conn| {
                        keep(conn, &format!("setting-{number:02}"), "kept")?;
                        conn.transaction(|conn| {
                            keep(conn, &format!("inner-{number:02}"), "kept")?;
                            assert!(number != 5, "this panic is part of the test");
                            Ok::<_, StoreError>(())
                        })
                    })
                    .await
            })
        })
        .collect();
    for (number, job) in jobs.into_iter().enumerate() {
        let outcome = job.await.unwrap();
        assert_eq!(outcome.is_err(), number == 5, "{number}: {outcome:?}");
    }
    assert_eq!(names(db).await.len(), 22);
}

async fn a_savepoint_keeps_the_rest_of_the_job(db: &mut TestStore) {
    db.store()
        .write(|conn| {
            keep(conn, "colour", "blue")?;
            let again = conn.transaction(|conn| keep(conn, "colour", "red"));
            assert!(again.is_err_and(|error| error.is_duplicate()));
            keep(conn, "size", "small")
        })
        .await
        .unwrap();
    assert_eq!(names(db).await, ["colour", "size"]);
}

async fn errors_have_the_same_kinds(db: &mut TestStore) {
    db.store().write(|conn| keep(conn, "colour", "blue")).await.unwrap();
    let twice = db.store().write(|conn| keep(conn, "colour", "red")).await;
    assert!(matches!(twice, Err(StoreError::Conflict { kind: ConflictKind::Unique, .. })), "{twice:?}");
    let missing = db
        .store()
        .read(|conn| {
            Ok::<_, StoreError>(settings::table.find("nothing").select(settings::value).first::<String>(conn)?)
        })
        .await;
    assert!(matches!(missing, Err(StoreError::Internal(_))), "{missing:?}");
}

async fn an_upsert_and_a_slice_run_on_each_backend(db: &mut TestStore) {
    db.store()
        .write(|conn| {
            let rows: Vec<_> = ["a", "b", "c"].map(|name| (settings::name.eq(name), settings::value.eq("1"))).into();
            on_backend!(&mut *conn, |c| diesel::insert_into(settings::table).values(&rows).execute(c))?;
            on_backend!(&mut *conn, |c| diesel::insert_into(settings::table)
                .values((settings::name.eq("b"), settings::value.eq("2")))
                .on_conflict(settings::name)
                .do_update()
                .set(settings::value.eq("2"))
                .execute(c))?;
            Ok::<_, StoreError>(())
        })
        .await
        .unwrap();
    let values: Vec<String> = db
        .store()
        .read(|conn| Ok::<_, StoreError>(settings::table.select(settings::value).order(settings::name).load(conn)?))
        .await
        .unwrap();
    assert_eq!(values, ["1", "2", "1"]);
}

async fn what_was_answered_survives_a_reopening(db: &mut TestStore) {
    for number in 0..5 {
        db.store().write(move |conn| keep(conn, &format!("setting-{number}"), "kept")).await.unwrap();
    }
    db.reopen();
    assert_eq!(names(db).await.len(), 5);
}

async fn a_hub_may_name_all_its_lots_at_once(db: &mut TestStore) {
    let ids: Vec<LotId> = (0..100_000_u128).map(|number| LotId::new(uuid::Uuid::from_u128(number))).collect();
    let found = db.store().read(move |conn| list_lots_by_id(conn, &ids)).await;
    assert_eq!(found.map(|lots| lots.len()), Ok(0));
}

store_test!(
    a_hub_may_name_all_its_lots_at_once,
    a_write_is_read_back,
    a_refused_job_leaves_nothing_and_its_neighbours_stay,
    a_panic_fails_its_own_job_only,
    a_savepoint_keeps_the_rest_of_the_job,
    errors_have_the_same_kinds,
    an_upsert_and_a_slice_run_on_each_backend,
    what_was_answered_survives_a_reopening,
);

/// PostgreSQL would answer the commit by rolling back in silence.
#[test]
fn a_failure_that_was_swallowed_is_not_told_as_kept_on_postgres() {
    let Some(db) = TestStore::postgres() else { return };
    block_on(async {
        let swallowed = db
            .store()
            .write(|conn| {
                keep(conn, "colour", "blue")?;
                let again = keep(conn, "colour", "red");
                assert!(again.is_err_and(|error| error.is_duplicate()));
                Ok(())
            })
            .await;
        assert!(matches!(&swallowed, Err(StoreError::Internal(text)) if text.contains("savepoint")), "{swallowed:?}");
        assert!(names(&db).await.is_empty());
    });
}
