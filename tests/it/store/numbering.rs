//! The feed's numbers: every event once, in order, without gaps, however writers and relays interleave.

use super::fixture::{TestStore, block_on};
use crate::store_test;
use diesel::prelude::*;
use milkbridge::store::relay::number_events;
use milkbridge::store::schema::events;
use milkbridge::store::{AnyConn, Store, StoreError};
use std::collections::BTreeSet;
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex};

fn append(conn: &mut AnyConn, id: &str) -> Result<(), StoreError> {
    diesel::insert_into(events::table)
        .values((
            events::id.eq(id),
            events::at.eq(0),
            events::kind.eq("tested"),
            events::subject_kind.eq("test"),
            events::subject_id.eq("1"),
            events::network.eq(true),
            events::data.eq("{}"),
        ))
        .execute(conn)?;
    Ok(())
}

/// What a partner does: the events after a cursor.
async fn page_after(store: &Store, after: i64) -> Vec<(i64, String)> {
    store
        .read(move |conn| {
            Ok::<_, StoreError>(
                events::table
                    .filter(events::pos.gt(after))
                    .order(events::pos)
                    .limit(50)
                    .select((events::pos.assume_not_null(), events::id))
                    .load(conn)?,
            )
        })
        .await
        .unwrap()
}

async fn sixteen_writers_and_three_relays_leave_no_gap(db: &mut TestStore) {
    const WRITERS: i64 = 16;
    const EVENTS_EACH: i64 = 12;
    const ALL: i64 = WRITERS * EVENTS_EACH;
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let store = db.store().clone();
            tokio::spawn(async move {
                for number in 0..EVENTS_EACH {
                    // A refused one in between: its number must not leave a hole.
                    let refused: Result<(), StoreError> = store
                        .write(move |conn| {
                            append(conn, &format!("{writer}-{number}-refused"))?;
                            Err(StoreError::corrupt("refused"))
                        })
                        .await;
                    assert!(refused.is_err());
                    store.write(move |conn| append(conn, &format!("{writer}-{number}"))).await.unwrap();
                }
            })
        })
        .collect();
    let numbered = Arc::new(Mutex::new(0));
    let relays: Vec<_> = (0..3)
        .map(|_| {
            let (store, numbered) = (db.store().clone(), Arc::clone(&numbered));
            tokio::spawn(async move {
                while *numbered.lock().unwrap() < ALL {
                    let count = store.write(|conn| number_events(conn, 7)).await.unwrap();
                    *numbered.lock().unwrap() += count;
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();

    let mut seen = BTreeSet::new();
    let mut cursor = 0;
    while cursor < ALL {
        for (pos, id) in page_after(db.store(), cursor).await {
            assert_eq!(pos, cursor + 1, "the reader met a gap");
            assert!(seen.insert(id), "an event came twice");
            cursor = pos;
        }
        tokio::task::yield_now().await;
    }
    for task in writers.into_iter().chain(relays) {
        task.await.unwrap();
    }
    assert_eq!(i64::try_from(seen.len()), Ok(ALL));
    assert_eq!(*numbered.lock().unwrap(), ALL);
    assert!(page_after(db.store(), ALL).await.is_empty());
}

async fn a_batch_numbers_no_more_than_asked_and_goes_on_where_it_ended(db: &mut TestStore) {
    db.store().write(|conn| (0..5).try_for_each(|number| append(conn, &format!("event-{number}")))).await.unwrap();
    let mut batches = Vec::new();
    for _ in 0..4 {
        batches.push(db.store().write(|conn| number_events(conn, 2)).await.unwrap());
    }
    assert_eq!(batches, [2, 2, 1, 0]);
    let ids: Vec<String> = page_after(db.store(), 0).await.into_iter().map(|(_, id)| id).collect();
    assert_eq!(ids, ["event-0", "event-1", "event-2", "event-3", "event-4"]);
}

store_test!(
    sixteen_writers_and_three_relays_leave_no_gap,
    a_batch_numbers_no_more_than_asked_and_goes_on_where_it_ended,
);

/// The event that began first is committed last. Who pages by `seq` never sees it; who pages by `pos` does.
#[test]
fn control_a_late_commit_is_lost_by_seq_but_not_by_pos_on_postgres() {
    let Some(db) = TestStore::postgres() else { return };
    block_on(async {
        let store = db.store().clone();
        let (started, has_started) = sync_channel::<()>(1);
        let (finish, may_finish) = sync_channel::<()>(1);
        let slow = tokio::spawn({
            let store = store.clone();
            async move {
                store
                    .write(move |conn| {
                        append(conn, "slow")?;
                        started.send(()).unwrap();
                        may_finish.recv().unwrap();
                        Ok::<_, StoreError>(())
                    })
                    .await
            }
        });
        tokio::task::spawn_blocking(move || has_started.recv()).await.unwrap().unwrap();
        store.write(|conn| append(conn, "quick")).await.unwrap();
        assert_eq!(store.write(|conn| number_events(conn, 10)).await, Ok(1));
        let last_seq: i64 = store
            .read(|conn| Ok::<_, StoreError>(events::table.select(events::seq).order(events::seq.desc()).first(conn)?))
            .await
            .unwrap();

        finish.send(()).unwrap();
        slow.await.unwrap().unwrap();
        assert_eq!(store.write(|conn| number_events(conn, 10)).await, Ok(1));
        let by_seq: i64 = store
            .read(move |conn| {
                Ok::<_, StoreError>(events::table.filter(events::seq.gt(last_seq)).count().get_result(conn)?)
            })
            .await
            .unwrap();
        assert_eq!(by_seq, 0, "the control must lose the late event, or this test proves nothing");
        let by_pos: Vec<String> = page_after(&store, 1).await.into_iter().map(|(_, id)| id).collect();
        assert_eq!(by_pos, ["slow"]);
    });
}

/// While one relay works, another one turns back instead of waiting.
#[test]
fn a_second_relay_turns_back_on_postgres() {
    let Some(db) = TestStore::postgres() else { return };
    block_on(async {
        let store = db.store().clone();
        store.write(|conn| append(conn, "event")).await.unwrap();
        let (numbered, has_numbered) = sync_channel::<i64>(1);
        let (finish, may_finish) = sync_channel::<()>(1);
        let first = tokio::spawn({
            let store = store.clone();
            async move {
                store
                    .write(move |conn| {
                        numbered.send(number_events(conn, 10)?).unwrap();
                        may_finish.recv().unwrap();
                        Ok::<_, StoreError>(())
                    })
                    .await
            }
        });
        let count = tokio::task::spawn_blocking(move || has_numbered.recv()).await.unwrap();
        assert_eq!(count, Ok(1));
        assert_eq!(store.write(|conn| number_events(conn, 10)).await, Ok(0));
        finish.send(()).unwrap();
        first.await.unwrap().unwrap();
        assert_eq!(page_after(&store, 0).await.len(), 1);
    });
}
