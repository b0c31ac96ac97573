//! Policy sets: whole documents, one row per version, never changed once stored.

use super::prepared::Prepare as _;
use super::row_text::{from_json, from_text, to_json};
use super::schema::{policy_sets, sites};
use super::{AnyConn, StoreError};
use crate::domain::ids::PolicySetId;
use crate::domain::policy::PolicyDocument;
use crate::domain::time::Instant;
use diesel::prelude::*;
use std::sync::Arc;

/// One stored version of a policy set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicySet {
    /// Its identifier.
    pub id: PolicySetId,
    /// Number of the version in this hub, 1 and up per code.
    pub version: i64,
    /// The document.
    pub document: Arc<PolicyDocument>,
    /// The person or client who stored it.
    pub created_by: String,
    /// When it was stored.
    pub created_at: Instant,
}

#[derive(Queryable, Insertable)]
#[diesel(table_name = policy_sets)]
struct PolicySetRow {
    id: String,
    code: String,
    version: i64,
    name: String,
    jurisdiction: String,
    document: String,
    created_by: String,
    created_at: i64,
}

impl TryFrom<PolicySetRow> for PolicySet {
    type Error = StoreError;
    fn try_from(row: PolicySetRow) -> Result<Self, StoreError> {
        // Code, name and jurisdiction are the document's own, kept beside it to filter by.
        let PolicySetRow { id, code: _, version, name: _, jurisdiction: _, document, created_by, created_at } = row;
        let row = format!("policy set {id}");
        Ok(Self {
            id: from_text(&row, "id", &id)?,
            version,
            document: Arc::new(from_json(&row, "document", &document)?),
            created_by,
            created_at: Instant::from_micros(created_at),
        })
    }
}

/// Stores a version. A version that exists already is a unique conflict.
pub fn insert_policy_set(conn: &mut AnyConn, set: &PolicySet) -> Result<(), StoreError> {
    let header = &set.document.header;
    let row = PolicySetRow {
        id: set.id.to_string(),
        code: header.code.clone(),
        version: set.version,
        name: header.name.clone(),
        jurisdiction: header.jurisdiction.clone(),
        document: to_json(&*set.document)?,
        created_by: set.created_by.clone(),
        created_at: set.created_at.micros(),
    };
    diesel::insert_into(policy_sets::table).values(row).prepared().execute(conn)?;
    Ok(())
}

/// The highest version stored under a code, 0 when there is none.
pub fn last_version(conn: &mut AnyConn, code: &str) -> Result<i64, StoreError> {
    let last: Option<i64> = policy_sets::table
        .filter(policy_sets::code.eq(code))
        .select(diesel::dsl::max(policy_sets::version))
        .first(conn)?;
    Ok(last.unwrap_or(0))
}

/// A version by its identifier.
pub fn find_policy_set(conn: &mut AnyConn, id: PolicySetId) -> Result<Option<PolicySet>, StoreError> {
    let row = policy_sets::table.find(id.as_str()).first::<PolicySetRow>(conn).optional()?;
    row.map(PolicySet::try_from).transpose()
}

/// Versions by code and number, after one of them, at most so many.
pub fn list_policy_sets(
    conn: &mut AnyConn,
    code: Option<&str>,
    after: Option<(&str, i64)>,
    rows: i64,
) -> Result<Vec<PolicySet>, StoreError> {
    let mut query =
        policy_sets::table.order((policy_sets::code.asc(), policy_sets::version.asc())).limit(rows).into_boxed();
    if let Some(code) = code {
        query = query.filter(policy_sets::code.eq(code));
    }
    if let Some((code, version)) = after {
        query = query.filter(
            policy_sets::code
                .ge(code.to_owned())
                .and(policy_sets::code.gt(code.to_owned()).or(policy_sets::version.gt(version))),
        );
    }
    query.load::<PolicySetRow>(conn)?.into_iter().map(PolicySet::try_from).collect()
}

/// The documents, as text, that sites follow now.
pub fn followed_documents(conn: &mut AnyConn) -> Result<Vec<(PolicySetId, String)>, StoreError> {
    let followed =
        sites::table.filter(sites::policy_set_id.is_not_null()).select(sites::policy_set_id.assume_not_null());
    let rows: Vec<(String, String)> = policy_sets::table
        .filter(policy_sets::id.eq_any(followed))
        .select((policy_sets::id, policy_sets::document))
        .load(conn)?;
    rows.into_iter().map(|(id, document)| Ok((from_text("policy set", "id", &id)?, document))).collect()
}

/// The document, as text, of one version.
pub fn find_document(conn: &mut AnyConn, id: PolicySetId) -> Result<Option<String>, StoreError> {
    Ok(policy_sets::table.find(id.as_str()).select(policy_sets::document).prepared().get_result(conn).optional()?)
}
