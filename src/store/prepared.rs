//! Statements that stay prepared. Diesel prepares every INSERT and UPDATE anew on each call, which is a parse on SQLite
//! and a round trip on PostgreSQL, and over two backends it builds a statement's text again on each of its passes.
//! A prepared statement's text is built once, and kept with the type of a query whose text never varies. Not for a
//! statement whose length grows with its values, such as a list of ids: each length would stay.

use super::connection::{AnyConn, MultiBackend};
use diesel::backend::Backend;
use diesel::internal::derives::multiconnection::AstPassHelper as _;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryBuilder, QueryFragment, QueryId};
use std::any::TypeId;
use std::cell::OnceCell;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

type Builder = <MultiBackend as Backend>::QueryBuilder;

/// A query whose type names its text, and whether it is for PostgreSQL.
type Name = (TypeId, bool);

/// The texts of queries whose type names them.
static TEXTS: LazyLock<RwLock<HashMap<Name, Arc<str>>>> = LazyLock::new(RwLock::default);

/// Keeps a statement prepared on its connection.
pub trait Prepare: Sized {
    /// See the module.
    fn prepared(self) -> Prepared<Self> {
        Prepared { query: self, text: OnceCell::new() }
    }
}

impl<Q> Prepare for Q {}

/// See [`Prepare::prepared`].
pub struct Prepared<Q> {
    query: Q,
    text: OnceCell<Arc<str>>,
}

impl<Q: QueryFragment<MultiBackend> + QueryId> Prepared<Q> {
    fn text(&self, backend: &MultiBackend) -> QueryResult<&str> {
        if let Some(text) = self.text.get() {
            return Ok(text);
        }
        let on_postgres = matches!(backend, MultiBackend::Pg(_));
        let name = Q::query_id().map(|id| (id, on_postgres));
        let known = name.and_then(|name| TEXTS.read().unwrap_or_else(PoisonError::into_inner).get(&name).cloned());
        let text = match known {
            Some(text) => text,
            None => {
                let mut builder = match backend {
                    MultiBackend::Pg(_) => Builder::Pg(Default::default()),
                    MultiBackend::Lite(_) => Builder::Lite(Default::default()),
                };
                self.query.to_sql(&mut builder, backend)?;
                let text: Arc<str> = builder.finish().into();
                if let Some(name) = name {
                    TEXTS.write().unwrap_or_else(PoisonError::into_inner).insert(name, Arc::clone(&text));
                }
                text
            }
        };
        Ok(self.text.get_or_init(|| text))
    }
}

impl<Q: QueryId> QueryId for Prepared<Q> {
    type QueryId = Prepared<Q::QueryId>;
    const HAS_STATIC_QUERY_ID: bool = Q::HAS_STATIC_QUERY_ID;
}

impl<Q: Query> Query for Prepared<Q> {
    type SqlType = Q::SqlType;
}

impl<Q> RunQueryDsl<AnyConn> for Prepared<Q> {}

impl<Q: QueryFragment<MultiBackend> + QueryId> QueryFragment<MultiBackend> for Prepared<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        // Only the passes that gather values need the parts. To the others the finished text says the same, and it
        // leaves out the mark by which Diesel refuses to keep a statement.
        if out.bind_collector().is_some() || out.debug_binds().is_some() {
            return self.query.walk_ast(out);
        }
        let text = self.text(out.backend())?;
        out.push_sql(text);
        Ok(())
    }
}
