//! What is wrong with one field of something that was handed in: where, a stable code, a sentence.

/// One rejected field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// JSON Pointer (RFC 6901) to the field, empty for the whole body.
    pub pointer: String,
    /// Stable code such as `out_of_range`.
    pub code: &'static str,
    /// What is wrong and what to send instead; never echoes the input.
    pub detail: String,
}

impl FieldError {
    /// Names the field, the code and the sentence.
    #[must_use]
    pub fn new(pointer: impl Into<String>, code: &'static str, detail: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), code, detail: detail.into() }
    }
}
