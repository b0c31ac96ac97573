//! Agreements and their members.

use super::prepared::Prepare as _;
use super::row_text::from_text;
use super::schema::{agreement_members, agreements};
use super::{AnyConn, StoreError};
use crate::domain::agreement::{Agreement, AgreementState};
use crate::domain::ids::{AgreementId, SiteId};
use crate::domain::time::Instant;
use diesel::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Queryable, Insertable)]
#[diesel(table_name = agreements)]
struct AgreementRow {
    id: String,
    code: String,
    name: String,
    document_reference: String,
    policy_mapping: Option<String>,
    valid_from: i64,
    valid_until: Option<i64>,
    state: String,
    version: i64,
    created_at: i64,
}

fn agreement(row: AgreementRow, members: BTreeSet<SiteId>) -> Result<Agreement, StoreError> {
    let AgreementRow {
        id,
        code,
        name,
        document_reference,
        policy_mapping,
        valid_from,
        valid_until,
        state,
        version,
        created_at,
    } = row;
    let row = format!("agreement {id}");
    Ok(Agreement {
        id: from_text(&row, "id", &id)?,
        code,
        name,
        document_reference,
        policy_mapping,
        valid_from: Instant::from_micros(valid_from),
        valid_until: valid_until.map(Instant::from_micros),
        state: from_text(&row, "state", &state)?,
        members,
        version,
        created_at: Instant::from_micros(created_at),
    })
}

fn with_members(conn: &mut AnyConn, rows: Vec<AgreementRow>) -> Result<Vec<Agreement>, StoreError> {
    let ids: Vec<String> = rows.iter().map(|row| row.id.clone()).collect();
    let pairs: Vec<(String, String)> = agreement_members::table
        .filter(agreement_members::agreement_id.eq_any(ids))
        .select((agreement_members::agreement_id, agreement_members::site_id))
        .load(conn)?;
    let mut members: BTreeMap<String, BTreeSet<SiteId>> = BTreeMap::new();
    for (agreement_id, site_id) in pairs {
        members.entry(agreement_id).or_default().insert(from_text("agreement member", "site_id", &site_id)?);
    }
    rows.into_iter()
        .map(|row| {
            let members = members.remove(&row.id).unwrap_or_default();
            agreement(row, members)
        })
        .collect()
}

/// Stores an agreement with its members. A code that is taken is a unique conflict.
pub fn insert_agreement(conn: &mut AnyConn, agreement: &Agreement) -> Result<(), StoreError> {
    let id = agreement.id.to_string();
    let row = AgreementRow {
        id: id.clone(),
        code: agreement.code.clone(),
        name: agreement.name.clone(),
        document_reference: agreement.document_reference.clone(),
        policy_mapping: agreement.policy_mapping.clone(),
        valid_from: agreement.valid_from.micros(),
        valid_until: agreement.valid_until.map(Instant::micros),
        state: agreement.state.to_string(),
        version: agreement.version,
        created_at: agreement.created_at.micros(),
    };
    diesel::insert_into(agreements::table).values(row).prepared().execute(conn)?;
    for member in &agreement.members {
        diesel::insert_into(agreement_members::table)
            .values((agreement_members::agreement_id.eq(&id), agreement_members::site_id.eq(member.as_str())))
            .prepared()
            .execute(conn)?;
    }
    Ok(())
}

/// An agreement by its identifier.
pub fn find_agreement(conn: &mut AnyConn, id: AgreementId) -> Result<Option<Agreement>, StoreError> {
    let row = agreements::table.find(id.as_str()).load::<AgreementRow>(conn)?;
    Ok(with_members(conn, row)?.pop())
}

/// Agreements by code, after one code, at most so many; `sites` narrows them to those with one of these
/// members.
pub fn list_agreements(
    conn: &mut AnyConn,
    sites: Option<&[String]>,
    after_code: Option<&str>,
    rows: i64,
) -> Result<Vec<Agreement>, StoreError> {
    let mut query = agreements::table.order(agreements::code.asc()).limit(rows).into_boxed();
    if let Some(sites) = sites {
        let theirs = agreement_members::table
            .filter(agreement_members::site_id.eq_any(sites.to_vec()))
            .select(agreement_members::agreement_id);
        query = query.filter(agreements::id.eq_any(theirs));
    }
    if let Some(after) = after_code {
        query = query.filter(agreements::code.gt(after));
    }
    let rows = query.load::<AgreementRow>(conn)?;
    with_members(conn, rows)
}

/// Every agreement that has not been ended.
pub fn active_agreements(conn: &mut AnyConn) -> Result<Vec<Agreement>, StoreError> {
    let rows = agreements::table
        .filter(agreements::state.eq(AgreementState::Active.as_str()))
        .order(agreements::code.asc())
        .load::<AgreementRow>(conn)?;
    with_members(conn, rows)
}
