//! What the two backends spell differently, and the few fragments that Diesel has no word for. No query of
//! an entity lives here.

use super::connection::MultiBackend;
use diesel::backend::Backend;
use diesel::expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate};
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::BigInt;
use diesel::{Connection, QueryResult, RunQueryDsl};

/// Expands a body once per concrete connection. For what the enum cannot do: `on_conflict`, inserting slices,
/// `returning(T::as_returning())`, `union`.
///
/// ```
/// # use milkbridge::store::{AnyConn, StoreError, on_backend, schema::hub_settings};
/// # use diesel::prelude::*;
/// fn keep_setting(conn: &mut AnyConn, name: &str, value: &str) -> Result<(), StoreError> {
///     on_backend!(conn, |c| diesel::insert_into(hub_settings::table)
///         .values((hub_settings::name.eq(name), hub_settings::value.eq(value)))
///         .on_conflict(hub_settings::name)
///         .do_update()
///         .set(hub_settings::value.eq(value))
///         .execute(c))?;
///     Ok(())
/// }
/// ```
#[macro_export]
#[doc(hidden)]
macro_rules! __on_backend {
    ($conn:expr, |$c:ident| $body:expr) => {
        match $conn {
            $crate::store::AnyConn::Pg($c) => $body,
            $crate::store::AnyConn::Lite($c) => $body,
        }
    };
}

/// Declares a predicate of constant SQL. It has no binds, so that the planner sees the condition of a partial
/// index, and it keeps the statement in the cache, which `diesel::dsl::sql` does not.
///
/// ```
/// milkbridge::store::constant_predicate!(
///     /// Lots that still have bottles to give.
///     pub HasAvailable = "lots.available > 0"
/// );
/// ```
#[macro_export]
#[doc(hidden)]
macro_rules! __constant_predicate {
    ($(#[$meta:meta])* $visibility:vis $name:ident = $sql:literal) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, ::diesel::query_builder::QueryId)]
        $visibility struct $name;

        impl ::diesel::expression::Expression for $name {
            type SqlType = ::diesel::sql_types::Bool;
        }
        impl<QS> ::diesel::expression::SelectableExpression<QS> for $name {}
        impl<QS> ::diesel::expression::AppearsOnTable<QS> for $name {}
        impl<G> ::diesel::expression::ValidGrouping<G> for $name {
            type IsAggregate = ::diesel::expression::is_aggregate::Never;
        }
        impl<DB: ::diesel::backend::Backend> ::diesel::query_builder::QueryFragment<DB> for $name {
            fn walk_ast<'b>(
                &'b self,
                mut out: ::diesel::query_builder::AstPass<'_, 'b, DB>,
            ) -> ::diesel::QueryResult<()> {
                out.push_sql(concat!("(", $sql, ")"));
                Ok(())
            }
        }
    };
}

/// Lets a domain type with `as_str() -> &str` and `FromStr` stand for a TEXT column on both backends: in
/// filters, inserts and rows. A text that does not parse is `StoreError::Corrupt`.
#[macro_export]
#[doc(hidden)]
macro_rules! __text_column {
    ($($name:ty),+ $(,)?) => {$(
        impl<DB> ::diesel::serialize::ToSql<::diesel::sql_types::Text, DB> for $name
        where
            DB: ::diesel::backend::Backend,
            str: ::diesel::serialize::ToSql<::diesel::sql_types::Text, DB>,
        {
            fn to_sql<'b>(
                &'b self,
                out: &mut ::diesel::serialize::Output<'b, '_, DB>,
            ) -> ::diesel::serialize::Result {
                let text: &'b str = self.as_str();
                ::diesel::serialize::ToSql::<::diesel::sql_types::Text, DB>::to_sql(text, out)
            }
        }
        impl<DB> ::diesel::deserialize::FromSql<::diesel::sql_types::Text, DB> for $name
        where
            DB: ::diesel::backend::Backend,
            String: ::diesel::deserialize::FromSql<::diesel::sql_types::Text, DB>,
        {
            fn from_sql(bytes: DB::RawValue<'_>) -> ::diesel::deserialize::Result<Self> {
                let text =
                    <String as ::diesel::deserialize::FromSql<::diesel::sql_types::Text, DB>>::from_sql(bytes)?;
                text.parse().map_err(|_unknown| format!("{:?} is no {}", text, stringify!($name)).into())
            }
        }
        const _: () = {
            /// Stands for the domain type, which names no SQL itself.
            #[derive(::diesel::expression::AsExpression, ::diesel::deserialize::FromSqlRow)]
            #[diesel(foreign_derive, sql_type = ::diesel::sql_types::Text)]
            #[expect(dead_code, reason = "only the derives read it")]
            struct Proxy($name);
        };
    )+};
}

pub use crate::{__constant_predicate as constant_predicate, __on_backend as on_backend, __text_column as text_column};

/// The sum of a BigInt column as BigInt, nought for no rows. Diesel's own `sum` of BigInt is NUMERIC, which
/// the two backends do not share.
pub const fn total_of<E: Expression<SqlType = BigInt>>(column: E) -> TotalOf<E> {
    TotalOf(column)
}

/// See [`total_of`].
#[derive(Debug, Clone, Copy, QueryId)]
pub struct TotalOf<E>(E);

impl<E> Expression for TotalOf<E> {
    type SqlType = BigInt;
}
impl<QS, E: SelectableExpression<QS>> SelectableExpression<QS> for TotalOf<E> {}
impl<QS, E: AppearsOnTable<QS>> AppearsOnTable<QS> for TotalOf<E> {}
impl<G, E> ValidGrouping<G> for TotalOf<E> {
    type IsAggregate = is_aggregate::Yes;
}
impl<DB: Backend, E: QueryFragment<DB>> QueryFragment<DB> for TotalOf<E> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("CAST(COALESCE(SUM(");
        self.0.walk_ast(out.reborrow())?;
        out.push_sql("), 0) AS BIGINT)");
        Ok(())
    }
}

/// Cuts a query to its first rows with the number written into the statement. A bound LIMIT makes PostgreSQL
/// plan anew on each call; a page size has few values, so that each is one cached statement.
pub const fn first_rows<Q>(query: Q, rows: u32) -> FirstRows<Q> {
    FirstRows { query, rows }
}

/// See [`first_rows`].
#[derive(Debug, Clone, Copy)]
pub struct FirstRows<Q> {
    query: Q,
    rows: u32,
}

/// Takes the rows for this transaction: `FOR UPDATE` on PostgreSQL, nothing on SQLite, whose one writer holds
/// them already.
pub const fn for_update<Q>(query: Q) -> ForUpdate<Q> {
    ForUpdate { query }
}

/// See [`for_update`].
#[derive(Debug, Clone, Copy, QueryId)]
pub struct ForUpdate<Q> {
    query: Q,
}

// The number is part of the text, so the type alone does not name the statement.
impl<Q> QueryId for FirstRows<Q> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}
impl<Q: Query> Query for FirstRows<Q> {
    type SqlType = Q::SqlType;
}
impl<Q: Query> Query for ForUpdate<Q> {
    type SqlType = Q::SqlType;
}
impl<Q, C: Connection> RunQueryDsl<C> for FirstRows<Q> {}
impl<Q, C: Connection> RunQueryDsl<C> for ForUpdate<Q> {}

impl<DB: Backend, Q: QueryFragment<DB>> QueryFragment<DB> for FirstRows<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.query.walk_ast(out.reborrow())?;
        out.push_sql(&format!(" LIMIT {}", self.rows));
        Ok(())
    }
}

impl<Q: QueryFragment<MultiBackend>> QueryFragment<MultiBackend> for ForUpdate<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        self.query.walk_ast(out.reborrow())?;
        if matches!(out.backend(), MultiBackend::Pg(_)) {
            out.push_sql(" FOR UPDATE");
        }
        Ok(())
    }
}
