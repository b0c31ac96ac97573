//! Idempotency keys: one effect, however often and however simultaneously it is asked for.

use super::fixture::TestStore;
use crate::store_test;
use diesel::prelude::*;
use milkbridge::domain::time::Instant;
use milkbridge::store::idempotency::{self, Claim, Key, Response};
use milkbridge::store::schema::hub_settings as settings;
use milkbridge::store::{AnyConn, StoreError};

const NOW: Instant = Instant::from_micros(1_000_000);

const fn key(fingerprint: &'static str) -> Key<'static> {
    Key { actor: "client-1", route: "POST /requests", key: "key-1", fingerprint }
}

fn answer(body: &str) -> Response {
    Response {
        status: 201,
        body: body.to_owned(),
        headers: vec![
            (String::from("ETag"), String::from("\"1\"")),
            (String::from("Location"), String::from("/requests/1")),
        ],
    }
}

/// The effect is one row; it would be two if it happened twice.
fn perform_once(conn: &mut AnyConn, fingerprint: &'static str, caller: usize) -> Result<(Claim, usize), StoreError> {
    let claim = idempotency::claim(conn, &key(fingerprint), NOW)?;
    if claim == Claim::Fresh {
        diesel::insert_into(settings::table)
            .values((settings::name.eq(format!("effect-{caller}")), settings::value.eq("done")))
            .execute(conn)?;
        idempotency::save_response(conn, &key(fingerprint), &answer(&format!("caller {caller}")))?;
    }
    Ok((claim, caller))
}

async fn count_effects(db: &TestStore) -> i64 {
    db.store().read(|conn| Ok::<_, StoreError>(settings::table.count().get_result(conn)?)).await.unwrap()
}

async fn the_second_time_repeats_the_answer(db: &mut TestStore) {
    let (first, _) = db.store().write(|conn| perform_once(conn, "a", 0)).await.unwrap();
    let (second, _) = db.store().write(|conn| perform_once(conn, "a", 1)).await.unwrap();
    let (other_body, _) = db.store().write(|conn| perform_once(conn, "b", 2)).await.unwrap();
    assert_eq!(first, Claim::Fresh);
    assert_eq!(second, Claim::Replay(answer("caller 0")));
    assert_eq!(other_body, Claim::DifferentBody);
    assert_eq!(count_effects(db).await, 1);
}

async fn a_refused_effect_frees_its_key(db: &mut TestStore) {
    let refused: Result<(), StoreError> = db
        .store()
        .write(|conn| {
            perform_once(conn, "a", 0)?;
            Err(StoreError::corrupt("refused"))
        })
        .await;
    assert!(refused.is_err());
    let (again, _) = db.store().write(|conn| perform_once(conn, "a", 1)).await.unwrap();
    assert_eq!(again, Claim::Fresh);
    assert_eq!(count_effects(db).await, 1);
}

async fn sixteen_at_once_have_one_effect_and_one_answer(db: &mut TestStore) {
    let callers: Vec<_> = (0..16)
        .map(|caller| {
            let store = db.store().clone();
            tokio::spawn(async move { store.write(move |conn| perform_once(conn, "a", caller)).await })
        })
        .collect();
    let mut winners = Vec::new();
    let mut replays = Vec::new();
    for caller in callers {
        match caller.await.unwrap().unwrap() {
            (Claim::Fresh, caller) => winners.push(caller),
            (claim, _) => replays.push(claim),
        }
    }
    assert_eq!(winners.len(), 1);
    assert_eq!(replays, vec![Claim::Replay(answer(&format!("caller {}", winners[0]))); 15]);
    assert_eq!(count_effects(db).await, 1);
}

async fn keys_of_two_callers_never_meet(db: &mut TestStore) {
    db.store().write(|conn| perform_once(conn, "a", 0)).await.unwrap();
    let other = Key { actor: "client-2", ..key("a") };
    let claim = db.store().write(move |conn| idempotency::claim(conn, &other, NOW)).await.unwrap();
    assert_eq!(claim, Claim::Fresh);
}

async fn an_old_key_is_forgotten_and_a_claim_without_answer_is_corrupt(db: &mut TestStore) {
    db.store().write(|conn| idempotency::claim(conn, &key("a"), NOW)).await.unwrap();
    let again = db.store().write(|conn| idempotency::claim(conn, &key("a"), NOW)).await;
    assert!(matches!(again, Err(StoreError::Corrupt(_))), "{again:?}");
    let at_first = db.store().write(|conn| idempotency::forget_before(conn, NOW)).await;
    assert_eq!(at_first, Ok(0));
    let later = db.store().write(|conn| idempotency::forget_before(conn, NOW.plus_minutes(1))).await;
    assert_eq!(later, Ok(1));
    let unclaimed = db.store().write(|conn| idempotency::save_response(conn, &key("a"), &answer("x"))).await;
    assert!(matches!(unclaimed, Err(StoreError::Internal(_))), "{unclaimed:?}");
}

store_test!(
    the_second_time_repeats_the_answer,
    a_refused_effect_frees_its_key,
    sixteen_at_once_have_one_effect_and_one_answer,
    keys_of_two_callers_never_meet,
    an_old_key_is_forgotten_and_a_claim_without_answer_is_corrupt,
);
