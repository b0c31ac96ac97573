//! Granting exceptions, and relying on them (refusal 21). A clinician who signs in answers for each, with a reason
//! and an end; the sites concerned are told by the same transaction. What is granted stays on record.

use super::{ActionError, Happening, Tx};
use crate::domain::actor::{Actor, ActorKind, Role};
use crate::domain::exception::{ExceptionFacts, exception_failures, without_excepted};
use crate::domain::field::FieldError;
use crate::domain::ids::{ExceptionId, LotId, SiteId};
use crate::domain::refusal::{Refusal, RefusalCode};
use crate::domain::text::text_fault;
use crate::domain::time::Instant;
use crate::store::exceptions as rows;
pub use crate::store::exceptions::ExceptionRow;
use crate::store::{AnyConn, lots, sites};
use serde_json::json;

/// Longest pseudonym.
const LONGEST_REF: usize = 64;

/// What an exception is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExceptionSubject {
    /// One lot on its way from one site to another.
    Lot {
        /// The lot.
        lot: LotId,
        /// The site that sends it.
        from: SiteId,
    },
    /// One infant, by pseudonym, at the site.
    Infant(String),
}

impl ExceptionSubject {
    const fn kind(&self) -> &'static str {
        match self {
            Self::Lot { .. } => "lot",
            Self::Infant(_) => "infant",
        }
    }

    fn id(&self) -> String {
        match self {
            Self::Lot { lot, .. } => lot.to_string(),
            Self::Infant(infant) => infant.trim().to_owned(),
        }
    }

    const fn sender(&self) -> Option<SiteId> {
        match self {
            Self::Lot { from, .. } => Some(*from),
            Self::Infant(_) => None,
        }
    }
}

/// An exception that a clinician asks for.
#[derive(Debug, Clone)]
pub struct GrantException {
    /// The site that relies on it.
    pub site: SiteId,
    /// The refusal it is about.
    pub code: RefusalCode,
    /// What it is about.
    pub subject: ExceptionSubject,
    /// Why.
    pub reason: String,
    /// When it ends.
    pub expires_at: Instant,
}

/// True for refusals that lie in a lot, not in a request's papers.
const fn is_about_a_lot(code: RefusalCode) -> bool {
    matches!(code, RefusalCode::LifeTooShort | RefusalCode::ExpiresBeforeUse | RefusalCode::PoolTooLarge)
}

/// Grants an exception and tells the sites.
///
/// # Errors
/// Refusal 21; `NotFound` for a site that is not the actor's; `Invalid`.
pub fn grant_exception(tx: &mut Tx<'_>, command: &GrantException) -> Result<ExceptionRow, ActionError> {
    if !tx.actor.acts_for(command.site) || sites::find_site(tx.conn, command.site)?.is_none() {
        return Err(ActionError::NotFound { what: "site" });
    }
    // A machine signs for nobody: only a person who signed in can be named.
    let named = tx.actor.kind == ActorKind::Person && tx.actor.role == Role::Clinician;
    let refusals = exception_failures(
        &ExceptionFacts {
            code: command.code,
            clinician: named.then_some(tx.actor.id.as_str()),
            reason: &command.reason,
            granted_at: tx.now,
            expires_at: Some(command.expires_at),
            // Both are told by the event of this transaction.
            sender_notified: true,
            receiver_notified: true,
        },
        tx.now,
    );
    if !refusals.is_empty() {
        return Err(ActionError::Refused(refusals));
    }
    let defects = defects(tx, command)?;
    if !defects.is_empty() {
        return Err(ActionError::Invalid(defects));
    }
    let row = ExceptionRow {
        id: ExceptionId::new(tx.new_id()),
        refusal_number: i64::from(command.code.number().get()),
        code: command.code.as_str().to_owned(),
        subject_kind: command.subject.kind().to_owned(),
        subject_id: command.subject.id(),
        site_id: command.site,
        other_site_id: command.subject.sender(),
        clinician_id: tx.actor.id.clone(),
        reason: command.reason.trim().to_owned(),
        expires_at: command.expires_at,
        created_at: tx.now,
    };
    rows::insert_exception(tx.conn, &row)?;
    tx.record(Happening {
        kind: "exception.granted",
        subject_kind: "exception",
        subject_id: row.id.to_string(),
        site: Some(row.site_id),
        other_site: row.other_site_id,
        // Who may send for an infant is not known yet, so every site is told that one request rests on it.
        network: row.other_site_id.is_none(),
        data: &json!({"code": row.code, "refusal_number": row.refusal_number, "expires_at": row.expires_at}),
    })?;
    Ok(row)
}

fn defects(tx: &mut Tx<'_>, command: &GrantException) -> Result<Vec<FieldError>, ActionError> {
    let mut found: Vec<FieldError> = text_fault("/reason", &command.reason, 500).into_iter().collect();
    let about_a_lot = matches!(command.subject, ExceptionSubject::Lot { .. });
    if about_a_lot != is_about_a_lot(command.code) {
        let wanted = if about_a_lot { "an infant" } else { "a lot" };
        let detail = format!("An exception to {} is about {wanted}.", command.code);
        found.push(FieldError::new("/code", "wrong_subject", detail));
    }
    match &command.subject {
        ExceptionSubject::Lot { lot, from } => {
            if lots::find_lot(tx.conn, *lot)?.is_none() {
                found.push(FieldError::new("/lot_id", "not_found", "There is no such lot."));
            }
            if *from == command.site || sites::find_site(tx.conn, *from)?.is_none() {
                let detail = "Name the other site, the one that sends.";
                found.push(FieldError::new("/other_site_id", "not_found", detail));
            }
        }
        ExceptionSubject::Infant(infant) => {
            let length = infant.trim().chars().count();
            if length == 0 || length > LONGEST_REF {
                let detail = format!("A pseudonym has 1 to {LONGEST_REF} characters.");
                found.push(FieldError::new("/infant_ref", "out_of_range", detail));
            }
        }
    }
    Ok(found)
}

/// The exception, for the sites that it names and for hub roles.
///
/// # Errors
/// `NotFound` also when it names none of the actor's sites.
pub fn get_exception(conn: &mut AnyConn, actor: &Actor, id: ExceptionId) -> Result<ExceptionRow, ActionError> {
    let concerns = |row: &ExceptionRow| {
        actor.acts_for(row.site_id) || row.other_site_id.is_some_and(|other| actor.acts_for(other))
    };
    rows::find_exception(conn, id)?.filter(concerns).ok_or(ActionError::NotFound { what: "exception" })
}

/// A page of exceptions that name one of some sites, in the order they were granted.
///
/// # Errors
/// Those of the store.
pub fn list_exceptions(
    conn: &mut AnyConn,
    sites: Option<&[SiteId]>,
    after: Option<ExceptionId>,
    rows_wanted: i64,
) -> Result<Vec<ExceptionRow>, ActionError> {
    Ok(rows::list_exceptions(conn, sites, after, rows_wanted)?)
}

/// The exceptions that hold at an instant.
#[derive(Debug, Clone, Default)]
pub(super) struct InForce {
    now: Option<Instant>,
    granted: Vec<(RefusalCode, ExceptionRow)>,
}

/// Loads the exceptions that hold now.
pub(super) fn in_force(conn: &mut AnyConn, now: Instant) -> Result<InForce, ActionError> {
    let read = |row: ExceptionRow| match row.code.parse::<RefusalCode>() {
        Ok(code) => Ok((code, row)),
        Err(unknown) => Err(ActionError::Internal(unknown.to_string())),
    };
    let granted = rows::list_exceptions_in_force(conn, now)?.into_iter().map(read).collect::<Result<_, _>>()?;
    Ok(InForce { now: Some(now), granted })
}

impl InForce {
    /// What remains against a lot on its way from one site to another.
    pub(super) fn lift_for_lot(&self, refusals: Vec<Refusal>, to: SiteId, from: SiteId, lot: LotId) -> Vec<Refusal> {
        if self.granted.is_empty() || refusals.is_empty() {
            return refusals;
        }
        let lot = lot.to_string();
        self.lift(refusals, |row| {
            row.subject_kind == "lot" && row.subject_id == lot && row.site_id == to && row.other_site_id == Some(from)
        })
    }

    /// What remains against a request for an infant at a site.
    pub(super) fn lift_for_infant(&self, refusals: Vec<Refusal>, site: SiteId, infant: &str) -> Vec<Refusal> {
        if self.granted.is_empty() || refusals.is_empty() {
            return refusals;
        }
        self.lift(refusals, |row| {
            row.subject_kind == "infant" && row.subject_id == infant.trim() && row.site_id == site
        })
    }

    /// True when nothing is excepted.
    pub(super) fn is_empty(&self) -> bool {
        self.granted.is_empty()
    }

    fn lift(&self, refusals: Vec<Refusal>, concerns: impl Fn(&ExceptionRow) -> bool) -> Vec<Refusal> {
        let Some(now) = self.now else { return refusals };
        let facts: Vec<ExceptionFacts<'_>> = self
            .granted
            .iter()
            .filter(|(_, row)| concerns(row))
            .map(|(code, row)| ExceptionFacts {
                code: *code,
                clinician: Some(row.clinician_id.as_str()),
                reason: &row.reason,
                granted_at: row.created_at,
                expires_at: Some(row.expires_at),
                sender_notified: true,
                receiver_notified: true,
            })
            .collect();
        without_excepted(refusals, &facts, now)
    }
}
