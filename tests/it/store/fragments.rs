//! The fragments that Diesel has no word for, on both backends.

use super::fixture::{TestStore, block_on};
use crate::store_test;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use milkbridge::store::dialect::{first_rows, for_update, total_of};
use milkbridge::store::{AnyConn, MultiBackend, StoreError, constant_predicate, text_column};
use std::str::FromStr;

diesel::table! {
    fragment_lots (id) {
        id -> BigInt,
        available -> BigInt,
        state -> Text,
        last_state -> Nullable<Text>,
    }
}

constant_predicate!(
    /// Lots that still have bottles.
    HasAvailable = "fragment_lots.available > 0"
);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LotState {
    Open,
    Held,
}

impl LotState {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Held => "held",
        }
    }
}

impl FromStr for LotState {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "open" => Ok(Self::Open),
            "held" => Ok(Self::Held),
            _ => Err(()),
        }
    }
}

text_column!(LotState);

#[derive(Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = fragment_lots)]
struct LotRow {
    id: i64,
    available: i64,
    state: LotState,
    last_state: Option<LotState>,
}

async fn lay_out_lots(db: &TestStore) {
    db.store()
        .write(|conn| {
            conn.batch_execute(
                "CREATE TABLE fragment_lots
                 (id BIGINT NOT NULL PRIMARY KEY, available BIGINT NOT NULL, state TEXT NOT NULL, last_state TEXT)",
            )?;
            for (id, available) in [(1, 0), (2, 7), (3, 5), (4, 0), (5, 9)] {
                let last_state = (id > 3).then_some(LotState::Held);
                diesel::insert_into(fragment_lots::table)
                    .values(&LotRow { id, available, state: LotState::Open, last_state })
                    .execute(conn)?;
            }
            Ok::<_, StoreError>(())
        })
        .await
        .unwrap();
}

fn ids_with_bottles(conn: &mut AnyConn, rows: u32) -> Result<Vec<i64>, StoreError> {
    let query = fragment_lots::table.select(fragment_lots::id).filter(HasAvailable).order(fragment_lots::id);
    Ok(first_rows(query, rows).load(conn)?)
}

async fn a_constant_predicate_and_limit_filter_and_cut(db: &mut TestStore) {
    lay_out_lots(db).await;
    assert_eq!(db.store().read(|conn| ids_with_bottles(conn, 2)).await, Ok(vec![2, 3]));
    assert_eq!(db.store().read(|conn| ids_with_bottles(conn, 9)).await, Ok(vec![2, 3, 5]));
    let boxed = db
        .store()
        .read(|conn| {
            let mut query = fragment_lots::table.select(fragment_lots::id).into_boxed::<MultiBackend>();
            query = query.filter(HasAvailable).filter(fragment_lots::available.lt(8));
            Ok::<Vec<i64>, StoreError>(first_rows(query.order(fragment_lots::id.desc()), 1).load(conn)?)
        })
        .await;
    assert_eq!(boxed, Ok(vec![3]));
}

async fn a_total_is_a_plain_number_and_nought_for_nothing(db: &mut TestStore) {
    lay_out_lots(db).await;
    let (all, none) = db
        .store()
        .read(|conn| {
            let all: i64 = fragment_lots::table.select(total_of(fragment_lots::available)).first(conn)?;
            let none: i64 = fragment_lots::table
                .filter(fragment_lots::id.gt(100))
                .select(total_of(fragment_lots::available))
                .first(conn)?;
            Ok::<_, StoreError>((all, none))
        })
        .await
        .unwrap();
    assert_eq!((all, none), (21, 0));
}

async fn an_enumeration_is_written_compared_and_read_as_text(db: &mut TestStore) {
    lay_out_lots(db).await;
    let rows = db
        .store()
        .write(|conn| {
            diesel::update(fragment_lots::table.filter(fragment_lots::id.eq_any([2, 3])))
                .set(fragment_lots::state.eq(LotState::Held))
                .execute(conn)?;
            let held: Vec<i64> = fragment_lots::table
                .filter(fragment_lots::state.eq(LotState::Held).or(fragment_lots::last_state.eq(LotState::Held)))
                .select(fragment_lots::id)
                .order(fragment_lots::id)
                .load(conn)?;
            let row: LotRow = fragment_lots::table.find(2).select(fragment_lots::all_columns).first(conn)?;
            Ok::<_, StoreError>((held, row))
        })
        .await
        .unwrap();
    assert_eq!(rows.0, [2, 3, 4, 5]);
    assert_eq!(rows.1, LotRow { id: 2, available: 7, state: LotState::Held, last_state: None });
}

async fn a_text_that_is_no_state_is_corrupt(db: &mut TestStore) {
    lay_out_lots(db).await;
    let read = db
        .store()
        .write(|conn| {
            conn.batch_execute("UPDATE fragment_lots SET state = 'opne' WHERE id = 2")?;
            Ok::<LotRow, StoreError>(fragment_lots::table.find(2).first(conn)?)
        })
        .await;
    assert!(matches!(&read, Err(StoreError::Corrupt(what)) if what.contains("opne")), "{read:?}");
}

async fn a_lock_is_asked_for_where_there_are_several_writers(db: &mut TestStore) {
    lay_out_lots(db).await;
    let locked = db
        .store()
        .write(|conn| {
            let query = fragment_lots::table.select(fragment_lots::id).filter(fragment_lots::id.le(2));
            Ok::<Vec<i64>, StoreError>(for_update(query.order(fragment_lots::id)).load(conn)?)
        })
        .await;
    assert_eq!(locked, Ok(vec![1, 2]));
}

store_test!(
    a_constant_predicate_and_limit_filter_and_cut,
    a_total_is_a_plain_number_and_nought_for_nothing,
    an_enumeration_is_written_compared_and_read_as_text,
    a_text_that_is_no_state_is_corrupt,
    a_lock_is_asked_for_where_there_are_several_writers,
);

#[derive(QueryableByName)]
struct Prepared {
    #[diesel(sql_type = BigInt)]
    statements: i64,
}

#[test]
fn fragments_stay_in_the_statement_cache_on_postgres() {
    let Some(db) = TestStore::postgres() else { return };
    block_on(async {
        lay_out_lots(&db).await;
        let prepared = db
            .store()
            .read(|conn| {
                for _ in 0..3 {
                    ids_with_bottles(conn, 2)?;
                }
                let cached: Prepared = diesel::sql_query(
                    "SELECT count(*) AS statements FROM pg_prepared_statements
                     WHERE statement LIKE '%(fragment_lots.available > 0)%LIMIT 2'",
                )
                .get_result(conn)?;
                Ok::<_, StoreError>(cached.statements)
            })
            .await;
        assert_eq!(prepared, Ok(1));
    });
}
