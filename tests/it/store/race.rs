//! Many callers want the last bottles. The guarded update never gives one away twice; the control shows that
//! the same test catches a store that does.

use super::fixture::{TestStore, block_on};
use crate::store_test;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use milkbridge::store::{AnyConn, AsStoreError, StoreError};
use std::sync::{Arc, Barrier};

diesel::table! {
    race_lots (id) {
        id -> BigInt,
        available -> BigInt,
    }
}

const LOTS: i64 = 5;
const BOTTLES_PER_LOT: i64 = 60;
const CALLERS: i64 = 64;

async fn lay_out_lots(db: &TestStore, lots: i64, bottles: i64) {
    db.store()
        .write(move |conn| {
            conn.batch_execute(
                "CREATE TABLE race_lots (id BIGINT NOT NULL PRIMARY KEY, available BIGINT NOT NULL CHECK (available >= 0))",
            )?;
            for id in 0..lots {
                diesel::insert_into(race_lots::table)
                    .values((race_lots::id.eq(id), race_lots::available.eq(bottles)))
                    .execute(conn)?;
            }
            Ok::<_, StoreError>(())
        })
        .await
        .unwrap();
}

/// Takes `bottles` if there are as many; says whether it did.
fn take_guarded(conn: &mut AnyConn, lot: i64, bottles: i64) -> Result<bool, StoreError> {
    let changed = diesel::update(race_lots::table.find(lot))
        .filter(race_lots::available.ge(bottles))
        .set(race_lots::available.eq(race_lots::available - bottles))
        .execute(conn)?;
    Ok(changed == 1)
}

fn find_available(conn: &mut AnyConn, lot: i64) -> Result<i64, StoreError> {
    Ok(race_lots::table.find(lot).select(race_lots::available).first(conn)?)
}

async fn sixty_four_callers_never_get_more_than_there_is(db: &mut TestStore) {
    lay_out_lots(db, LOTS, BOTTLES_PER_LOT).await;
    let callers: Vec<_> = (0..CALLERS)
        .map(|caller| {
            let store = db.store().clone();
            tokio::spawn(async move {
                let mut given = vec![0; usize::try_from(LOTS).unwrap()];
                for turn in 0.. {
                    let lot = (caller + turn) % LOTS;
                    let bottles = 1 + (caller + turn) % 3;
                    let got = store.write(move |conn| take_guarded(conn, lot, bottles)).await.unwrap();
                    if got {
                        given[usize::try_from(lot).unwrap()] += bottles;
                    } else if turn > 12 {
                        break;
                    }
                }
                given
            })
        })
        .collect();
    let mut given = vec![0; usize::try_from(LOTS).unwrap()];
    for caller in callers {
        for (total, bottles) in given.iter_mut().zip(caller.await.unwrap()) {
            *total += bottles;
        }
    }
    for (lot, given) in (0..LOTS).zip(given) {
        let left = db.store().read(move |conn| find_available(conn, lot)).await.unwrap();
        assert_eq!(left + given, BOTTLES_PER_LOT, "lot {lot}");
    }
}

async fn a_request_over_several_lots_gets_all_or_nothing(db: &mut TestStore) {
    lay_out_lots(db, 3, 20).await;
    let callers: Vec<_> = (0..CALLERS)
        .map(|_| {
            let store = db.store().clone();
            tokio::spawn(async move {
                store
                    .write(|conn| {
                        // By id, so that no two callers wait for each other.
                        for (lot, bottles) in [(0, 1), (1, 2), (2, 1)] {
                            if !take_guarded(conn, lot, bottles)? {
                                return Err(StoreError::corrupt("not enough"));
                            }
                        }
                        Ok(())
                    })
                    .await
            })
        })
        .collect();
    let mut granted = 0;
    for caller in callers {
        match caller.await.unwrap() {
            Ok(()) => granted += 1,
            Err(error) => assert_eq!(error, StoreError::corrupt("not enough")),
        }
    }
    assert_eq!(granted, 10, "lot 1 is the narrowest: 20 bottles in pairs");
    for (lot, left) in [(0, 10), (1, 0), (2, 10)] {
        assert_eq!(db.store().read(move |conn| find_available(conn, lot)).await, Ok(left));
    }
}

store_test!(sixty_four_callers_never_get_more_than_there_is, a_request_over_several_lots_gets_all_or_nothing);

/// How many of `rivals` get the one bottle when all have looked before any of them takes.
async fn rivals_who_got_the_last_bottle(
    db: &TestStore,
    rivals: usize,
    take: fn(&mut AnyConn, i64) -> Result<bool, StoreError>,
) -> usize {
    lay_out_lots(db, 1, 1).await;
    let all_have_looked = Arc::new(Barrier::new(rivals));
    let tasks: Vec<_> = (0..rivals)
        .map(|_| {
            let (store, all_have_looked) = (db.store().clone(), Arc::clone(&all_have_looked));
            tokio::spawn(async move {
                store
                    .write(move |conn| {
                        let seen = find_available(conn, 0)?;
                        all_have_looked.wait();
                        take(conn, seen)
                    })
                    .await
            })
        })
        .collect();
    let mut winners = 0;
    for task in tasks {
        winners += usize::from(task.await.unwrap().unwrap());
    }
    winners
}

#[test]
fn control_read_then_write_gives_the_last_bottle_to_all_on_postgres() {
    let Some(db) = TestStore::postgres() else { return };
    let winners = block_on(rivals_who_got_the_last_bottle(&db, 8, |conn, seen| {
        if seen < 1 {
            return Ok(false);
        }
        diesel::update(race_lots::table.find(0)).set(race_lots::available.eq(seen - 1)).execute(conn)?;
        Ok(true)
    }));
    assert_eq!(winners, 8, "the control must over-allocate, or the race proves nothing");
}

#[test]
fn the_guarded_update_gives_the_last_bottle_to_one_on_postgres() {
    let Some(db) = TestStore::postgres() else { return };
    let winners = block_on(rivals_who_got_the_last_bottle(&db, 8, |conn, _seen| take_guarded(conn, 0, 1)));
    assert_eq!(winners, 1);
}

/// A caller's error that says nothing of the database, as those of actions may.
#[derive(Debug, PartialEq, Eq)]
struct Opaque;

impl From<StoreError> for Opaque {
    fn from(_: StoreError) -> Self {
        Self
    }
}

impl AsStoreError for Opaque {
    fn store_error(&self) -> Option<&StoreError> {
        None
    }
}

#[test]
fn a_deadlock_is_tried_again_until_both_are_done_on_postgres() {
    let Some(db) = TestStore::postgres() else { return };
    block_on(async {
        lay_out_lots(&db, 2, 10).await;
        // Both hold one lot before either asks for the other, but only the first time round.
        let met = Arc::new(Barrier::new(2));
        let tasks: Vec<_> = [(0, 1), (1, 0)]
            .map(|(first, second)| {
                let (store, met) = (db.store().clone(), Arc::clone(&met));
                let first_try = std::sync::atomic::AtomicBool::new(true);
                tokio::spawn(async move {
                    store
                        .write(move |conn| {
                            take_guarded(conn, first, 1)?;
                            if first_try.swap(false, std::sync::atomic::Ordering::SeqCst) {
                                met.wait();
                            }
                            take_guarded(conn, second, 1).map_err(Opaque::from)
                        })
                        .await
                })
            })
            .into();
        for task in tasks {
            assert_eq!(task.await.unwrap(), Ok(true));
        }
        for lot in [0, 1] {
            assert_eq!(db.store().read(move |conn| find_available(conn, lot)).await, Ok(8));
        }
    });
}
