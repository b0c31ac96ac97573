//! Imports of many rows: each is judged first, then what can be done is done, and what is so already is left alone.

mod bottles;
mod counts;
mod lots;

pub use bottles::{BottleWanted, import_bottles, judge_bottles};
pub use counts::{CountWanted, import_counts, judge_counts};
pub use lots::{import_lots, judge_lots};

use crate::domain::field::FieldError;

/// Rows that are done in one transaction.
pub const ROWS_A_STEP: usize = 100;

/// What a row does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It makes something new.
    Created,
    /// It changes something.
    Updated,
    /// It is so already.
    Unchanged,
}

/// What a row does, or what is wrong with it.
pub type Judged = Result<Change, Vec<FieldError>>;

/// One fault of a row.
fn fault(pointer: &str, code: &'static str, detail: impl Into<String>) -> Vec<FieldError> {
    vec![FieldError::new(pointer, code, detail.into())]
}
