//! People and machine clients: what an account is, and which accounts cannot exist. Passwords and secrets
//! never come here.

use super::actor::Role;
use super::field::FieldError;
use super::ids::{ClientId, SiteId, UserId};
use super::time::Instant;
use std::collections::BTreeSet;
use std::str::FromStr;

/// The shortest password that is taken, in characters (NIST SP 800-63B asks for 8; a single factor for 15).
pub const PASSWORD_MIN_CHARS: usize = 12;
/// The longest password that is taken, in bytes: longer ones only cost time.
pub const PASSWORD_MAX_BYTES: usize = 256;
/// The longest name of a person or client, in characters.
pub const NAME_MAX_CHARS: usize = 120;
/// The longest e-mail address, in bytes (RFC 5321).
pub const EMAIL_MAX_BYTES: usize = 254;
/// Sites one account may act for by name.
pub const SITES_MAX: usize = 200;

/// Whether an account may sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountState {
    /// It may.
    Active,
    /// It may not; its tokens end at once.
    Disabled,
}

impl AccountState {
    /// The stable word for this state.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Disabled => "disabled",
        }
    }
}

/// The text names no state of an account.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected active or disabled")]
pub struct UnknownAccountState;

impl FromStr for AccountState {
    type Err = UnknownAccountState;
    fn from_str(text: &str) -> Result<Self, UnknownAccountState> {
        [Self::Active, Self::Disabled].into_iter().find(|state| state.as_str() == text).ok_or(UnknownAccountState)
    }
}

/// A person who signs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Their identifier.
    pub id: UserId,
    /// Their address, in lower case; unique.
    pub email: String,
    /// How they are called in the portal and in the audit.
    pub display_name: String,
    /// Their role.
    pub role: Role,
    /// The sites they act for.
    pub site_ids: BTreeSet<SiteId>,
    /// Whether they may sign in.
    pub state: AccountState,
    /// Row version.
    pub version: i64,
    /// When the account was made.
    pub created_at: Instant,
}

/// A machine client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// Its identifier, the OAuth `client_id`.
    pub id: ClientId,
    /// What it is.
    pub name: String,
    /// Its role.
    pub role: Role,
    /// The sites it acts for.
    pub site_ids: BTreeSet<SiteId>,
    /// True when it authenticates by a secret, false by signed assertions.
    pub has_secret: bool,
    /// Its public keys as a JSON Web Key Set.
    pub jwks: Option<String>,
    /// Whether it may get tokens.
    pub state: AccountState,
    /// Row version.
    pub version: i64,
    /// When it was made.
    pub created_at: Instant,
}

/// An e-mail address as it is compared: trimmed and in lower case.
#[must_use]
pub fn normal_email(email: &str) -> String {
    email.trim().to_lowercase()
}

/// What is wrong with an e-mail address, at `pointer`. Whether it reaches anybody, only a message can tell.
#[must_use]
pub fn check_email(pointer: &str, email: &str) -> Option<FieldError> {
    let plausible = email.len() <= EMAIL_MAX_BYTES
        && !email.chars().any(|letter| letter.is_whitespace() || letter.is_control())
        && email.split_once('@').is_some_and(|(local, host)| {
            !local.is_empty()
                && host.contains('.')
                && !host.contains('@')
                && !host.starts_with('.')
                && !host.ends_with('.')
        });
    (!plausible).then(|| FieldError::new(pointer, "not_an_email", "expected an e-mail address of at most 254 bytes"))
}

/// What is wrong with a name, at `pointer`.
#[must_use]
pub fn check_name(pointer: &str, name: &str) -> Option<FieldError> {
    let fits = !name.trim().is_empty() && name.chars().count() <= NAME_MAX_CHARS && !name.chars().any(char::is_control);
    (!fits).then(|| FieldError::new(pointer, "out_of_range", "expected 1 to 120 characters"))
}

/// What is wrong with a new password, at `pointer`.
#[must_use]
pub fn check_password(pointer: &str, password: &str) -> Option<FieldError> {
    let fits = password.chars().count() >= PASSWORD_MIN_CHARS && password.len() <= PASSWORD_MAX_BYTES;
    (!fits)
        .then(|| FieldError::new(pointer, "password_length", "expected at least 12 characters and at most 256 bytes"))
}

/// What is wrong with a role and its sites: a role that is bound to sites needs one.
#[must_use]
pub fn check_sites(pointer: &str, role: Role, site_ids: &BTreeSet<SiteId>) -> Option<FieldError> {
    if site_ids.len() > SITES_MAX {
        return Some(FieldError::new(pointer, "out_of_range", "expected at most 200 sites"));
    }
    let needs_one = matches!(role, Role::BankManager | Role::Clinician | Role::Partner);
    (needs_one && site_ids.is_empty())
        .then(|| FieldError::new(pointer, "missing", "this role acts for named sites: name at least one"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_plausible_or_refused() {
        for good in ["a@b.org", "first.last+milk@hospital.example.hk"] {
            assert_eq!(check_email("/email", good), None, "{good}");
        }
        for bad in ["", "a", "a@b", "@b.org", "a@b@c.org", "a b@c.org", "a@.org", "a@org."] {
            assert!(check_email("/email", bad).is_some(), "{bad}");
        }
        assert_eq!(normal_email(" Ward@Example.ORG "), "ward@example.org");
    }

    #[test]
    fn a_bank_manager_without_a_site_cannot_exist() {
        assert!(check_sites("/site_ids", Role::BankManager, &BTreeSet::new()).is_some());
        assert!(check_sites("/site_ids", Role::Dispatcher, &BTreeSet::new()).is_none());
    }

    #[test]
    fn short_passwords_are_refused_whatever_they_contain() {
        assert!(check_password("/password", "Tr0ub4dor&3").is_some());
        assert!(check_password("/password", "correct horse battery").is_none());
    }
}
