//! Texts of rows and what they stand for: words, identifiers and JSON. A text that cannot be read is a corrupt row.

use super::StoreError;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Reads a JSON column, or says which row and column cannot be read.
pub(super) fn from_json<T: DeserializeOwned>(row: &str, column: &str, text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::corrupt(format!("{row}: {column}: {error}")))
}

/// Writes a JSON column.
pub(super) fn to_json<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Internal(error.to_string()))
}

/// Reads a text column, or says which row and column cannot be read.
pub(super) fn from_text<T: std::str::FromStr>(row: &str, column: &str, text: &str) -> Result<T, StoreError> {
    text.parse().map_err(|_unreadable| StoreError::corrupt(format!("{row}: {column} {text:?}")))
}
