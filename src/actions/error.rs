//! The ways a use case can end without doing anything. Each edge maps them exhaustively.

use crate::domain::field::FieldError;
use crate::domain::refusal::Refusal;
use crate::store::{AsStoreError, StoreError};

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ActionError {
    /// There is no such thing, or the actor may not know of it.
    #[error("{what} not found")]
    NotFound {
        /// The kind of thing, for the reader.
        what: &'static str,
    },
    /// The actor may know of it but not do this.
    #[error("not allowed")]
    Forbidden,
    /// A safety rule forbids it; all the rules that do.
    #[error("refused by {} safety rules", .0.len())]
    Refused(Vec<Refusal>),
    /// Fields that cannot be taken.
    #[error("{} fields are invalid", .0.len())]
    Invalid(Vec<FieldError>),
    /// Somebody changed it since the caller read it.
    #[error("changed since it was read")]
    Stale {
        /// The version it has now.
        current_version: i64,
    },
    /// As `Stale`, with what was changed since, for people who work on the same thing.
    #[error("changed since it was read: {}", changes.join("; "))]
    Overtaken {
        /// The version it has now.
        current_version: i64,
        /// One sentence for each change, oldest first.
        changes: Vec<String>,
    },
    /// The state of things does not allow it.
    #[error("{detail}")]
    Conflict {
        /// Stable code.
        code: &'static str,
        /// What is in the way and what to do.
        detail: String,
    },
    /// The idempotency key was used with another body.
    #[error("idempotency key reused with another body")]
    KeyReused,
    /// The first request with this idempotency key is still running.
    #[error("the first request with this key is still running")]
    KeyBusy,
    /// The caller is not who they say, or their token is spent.
    #[error("not authenticated")]
    Unauthenticated {
        /// Stable code.
        code: &'static str,
    },
    /// The database cannot be reached; the hub recovers by itself.
    #[error("the database cannot be reached")]
    Unavailable,
    /// Too much is waiting; try again.
    #[error("too busy")]
    Busy,
    /// A fault of the hub; the text is for the log alone.
    #[error("{0}")]
    Internal(String),
    /// A fault that the store reported and may be worth another try.
    #[error(transparent)]
    Store(StoreError),
}

impl ActionError {
    /// One rejected field.
    #[must_use]
    pub fn field(pointer: &str, code: &'static str, detail: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError::new(pointer, code, detail)])
    }

    /// A state that does not allow it.
    #[must_use]
    pub fn conflict(code: &'static str, detail: impl Into<String>) -> Self {
        Self::Conflict { code, detail: detail.into() }
    }
}

impl From<StoreError> for ActionError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) => Self::Unavailable,
            StoreError::Busy(_) => Self::Busy,
            other => Self::Store(other),
        }
    }
}

impl AsStoreError for ActionError {
    fn store_error(&self) -> Option<&StoreError> {
        match self {
            Self::Store(error) => Some(error),
            _ => None,
        }
    }
}

/// Reads JSON that the hub itself wrote.
pub(crate) fn stored<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, ActionError> {
    serde_json::from_str(text)
        .map_err(|error| ActionError::Internal(format!("a stored document is unreadable: {error}")))
}
