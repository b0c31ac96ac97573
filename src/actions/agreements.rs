//! Agreements between sites. A site sees those that it is a member of.

use super::sites::taken;
use super::{ActionError, Happening, Tx};
use crate::domain::actor::{Actor, SiteScope};
use crate::domain::agreement::{Agreement, AgreementState};
use crate::domain::field::FieldError;
use crate::domain::ids::{AgreementId, SiteId};
use crate::domain::text::{code_fault, text_fault};
use crate::domain::time::Instant;
use crate::store::{AnyConn, agreements, sites};
use serde_json::json;
use std::collections::BTreeSet;

/// An agreement to register.
#[derive(Debug, Clone)]
pub struct CreateAgreement {
    /// Short stable code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The signed document it stands for.
    pub document_reference: String,
    /// How one regime's rules are read under the other.
    pub policy_mapping: Option<String>,
    /// First instant at which it holds.
    pub valid_from: Instant,
    /// First instant at which it no longer holds.
    pub valid_until: Option<Instant>,
    /// Its members.
    pub site_ids: Vec<SiteId>,
}

/// Sites of a list that the hub does not know, as faults below a pointer.
pub(super) fn unknown_sites(tx: &mut Tx<'_>, pointer: &str, ids: &[SiteId]) -> Result<Vec<FieldError>, ActionError> {
    let known: BTreeSet<SiteId> = sites::known_sites(tx.conn, ids)?.into_iter().collect();
    let missing = ids.iter().enumerate().filter(|(_, id)| !known.contains(id));
    Ok(missing.map(|(at, _)| FieldError::new(format!("{pointer}/{at}"), "unknown", "there is no such site")).collect())
}

/// Registers an agreement.
///
/// # Errors
/// `Invalid` for texts, dates or members that cannot be taken, `Conflict` for a code that is taken.
pub fn create_agreement(tx: &mut Tx<'_>, command: &CreateAgreement) -> Result<Agreement, ActionError> {
    let mut faults: Vec<FieldError> = [
        code_fault("/code", &command.code),
        text_fault("/name", &command.name, 200),
        text_fault("/document_reference", &command.document_reference, 500),
        command.policy_mapping.as_deref().and_then(|text| text_fault("/policy_mapping", text, 2_000)),
    ]
    .into_iter()
    .flatten()
    .collect();
    if command.valid_until.is_some_and(|until| until <= command.valid_from) {
        faults.push(FieldError::new("/valid_until", "out_of_order", "it must end after it begins"));
    }
    let members: BTreeSet<SiteId> = command.site_ids.iter().copied().collect();
    if members.len() < 2 || members.len() > 1_000 {
        faults.push(FieldError::new("/site_ids", "out_of_range", "name 2 to 1,000 different sites"));
    } else {
        faults.extend(unknown_sites(tx, "/site_ids", &command.site_ids)?);
    }
    if !faults.is_empty() {
        return Err(ActionError::Invalid(faults));
    }
    let command = command.clone();
    let agreement = Agreement {
        id: AgreementId::new(tx.new_id()),
        code: command.code,
        name: command.name,
        document_reference: command.document_reference,
        policy_mapping: command.policy_mapping,
        valid_from: command.valid_from,
        valid_until: command.valid_until,
        state: AgreementState::Active,
        members,
        version: 1,
        created_at: tx.now,
    };
    agreements::insert_agreement(tx.conn, &agreement).map_err(taken)?;
    tx.record(Happening {
        kind: "agreement.registered",
        subject_kind: "agreement",
        subject_id: agreement.id.to_string(),
        site: None,
        other_site: None,
        network: true,
        data: &json!({"code": agreement.code, "sites": agreement.members.len()}),
    })?;
    Ok(agreement)
}

/// An agreement of the actor's sites.
///
/// # Errors
/// `NotFound`, also for one of others.
pub fn get_agreement(conn: &mut AnyConn, actor: &Actor, id: AgreementId) -> Result<Agreement, ActionError> {
    agreements::find_agreement(conn, id)?
        .filter(|agreement| match &actor.sites {
            SiteScope::All => true,
            SiteScope::Only(sites) => !sites.is_disjoint(&agreement.members),
        })
        .ok_or(ActionError::NotFound { what: "agreement" })
}

/// Agreements of the actor's sites by code, after one code, at most so many.
///
/// # Errors
/// Those of the store.
pub fn list_agreements(
    conn: &mut AnyConn,
    actor: &Actor,
    after_code: Option<&str>,
    rows: i64,
) -> Result<Vec<Agreement>, ActionError> {
    Ok(agreements::list_agreements(conn, site_texts(actor).as_deref(), after_code, rows)?)
}

/// The actor's sites as the store filters by them; `None` for all.
pub(super) fn site_texts(actor: &Actor) -> Option<Vec<String>> {
    match &actor.sites {
        SiteScope::All => None,
        SiteScope::Only(sites) => Some(sites.iter().map(ToString::to_string).collect()),
    }
}
