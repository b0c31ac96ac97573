//! Policy sets: stored once per version and never changed. A document that cannot be applied is refused before
//! anybody can sign it.

use super::{ActionError, Happening, Tx};
use crate::domain::field::FieldError;
use crate::domain::ids::PolicySetId;
use crate::domain::policy::PolicyDocument;
use crate::domain::text::code_fault;
pub use crate::store::policy_sets::PolicySet;
use crate::store::{AnyConn, policy_sets};
use serde_json::json;
use std::sync::Arc;

/// What a set is made from.
#[derive(Debug, Clone)]
pub enum PolicySource {
    /// A whole document.
    Document(Box<PolicyDocument>),
    /// A policy profile of a region file, completed with marked defaults.
    RegionProfile {
        /// Code of the set.
        code: String,
        /// The profile as the region file has it.
        profile: serde_json::Value,
    },
}

fn document_of(source: &PolicySource) -> Result<PolicyDocument, Vec<FieldError>> {
    let (document, at) = match source {
        PolicySource::Document(document) => ((**document).clone(), "/document"),
        PolicySource::RegionProfile { code, profile } => {
            if let Some(fault) = code_fault("/region_profile/code", code) {
                return Err(vec![fault]);
            }
            (
                PolicyDocument::from_region_profile(code, profile)
                    .map_err(|faults| below("/region_profile/profile", faults))?,
                "/region_profile/profile",
            )
        }
    };
    let mut faults = document.defects();
    faults.extend(code_fault("/header/code", &document.header.code));
    if faults.is_empty() { Ok(document) } else { Err(below(at, faults)) }
}

fn below(parent: &str, faults: Vec<FieldError>) -> Vec<FieldError> {
    faults.into_iter().map(|fault| FieldError { pointer: format!("{parent}{}", fault.pointer), ..fault }).collect()
}

/// Stores the next version of a policy set.
///
/// # Errors
/// `Invalid` with everything wrong with the document; `Conflict` when another one stored the same version.
pub fn store_policy_set(tx: &mut Tx<'_>, source: &PolicySource) -> Result<PolicySet, ActionError> {
    let document = document_of(source).map_err(ActionError::Invalid)?;
    let set = PolicySet {
        id: PolicySetId::new(tx.new_id()),
        version: policy_sets::last_version(tx.conn, &document.header.code)? + 1,
        document: Arc::new(document),
        created_by: tx.actor.id.clone(),
        created_at: tx.now,
    };
    policy_sets::insert_policy_set(tx.conn, &set).map_err(super::sites::taken)?;
    let header = &set.document.header;
    tx.record(Happening {
        kind: "policy_set.stored",
        subject_kind: "policy_set",
        subject_id: set.id.to_string(),
        site: None,
        other_site: None,
        network: true,
        data: &json!({"code": header.code, "version": set.version, "jurisdiction": header.jurisdiction}),
    })?;
    Ok(set)
}

/// A policy set by its identifier.
///
/// # Errors
/// `NotFound`.
pub fn get_policy_set(conn: &mut AnyConn, id: PolicySetId) -> Result<PolicySet, ActionError> {
    policy_sets::find_policy_set(conn, id)?.ok_or(ActionError::NotFound { what: "policy set" })
}

/// Policy sets by code and version, after one of them, at most so many.
///
/// # Errors
/// Those of the store.
pub fn list_policy_sets(
    conn: &mut AnyConn,
    code: Option<&str>,
    after: Option<(&str, i64)>,
    rows: i64,
) -> Result<Vec<PolicySet>, ActionError> {
    Ok(policy_sets::list_policy_sets(conn, code, after, rows)?)
}
