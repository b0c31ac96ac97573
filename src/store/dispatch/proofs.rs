//! Photographs and signatures that drivers' phones show, by the hash of what they are.

use super::super::dialect::on_backend;
use super::super::schema::stop_proofs;
use super::super::{AnyConn, StoreError};
use crate::domain::dispatch::ProofKind;
use crate::domain::ids::RouteId;
use crate::domain::time::Instant;
use diesel::prelude::*;

/// A proof as it is kept.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = stop_proofs)]
pub struct ProofRow {
    /// The route.
    pub route_id: RouteId,
    /// SHA-256 of the content, 64 hexadecimal digits.
    pub digest: String,
    /// What it is.
    pub kind: ProofKind,
    /// A photograph in base64, or strokes as they were drawn.
    pub content: String,
    /// When it came.
    pub recorded_at: Instant,
}

/// Keeps a proof; one that is known stays as it is.
pub fn insert_proof(conn: &mut AnyConn, row: &ProofRow) -> Result<(), StoreError> {
    on_backend!(conn, |c| diesel::insert_into(stop_proofs::table)
        .values(row.clone())
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(())
}

/// The hashes of what is kept for a route.
pub fn list_proofs(conn: &mut AnyConn, route: RouteId) -> Result<Vec<String>, StoreError> {
    let of = stop_proofs::table.filter(stop_proofs::route_id.eq(route));
    Ok(of.order(stop_proofs::digest).select(stop_proofs::digest).load(conn)?)
}

/// A proof of a route, if it is kept.
pub fn find_proof(conn: &mut AnyConn, route: RouteId, digest: &str) -> Result<Option<ProofRow>, StoreError> {
    let of = stop_proofs::table.filter(stop_proofs::route_id.eq(route));
    Ok(of.filter(stop_proofs::digest.eq(digest.to_owned())).first(conn).optional()?)
}
