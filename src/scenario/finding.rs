//! What is wrong with a region or event file: file, line, field and the reason, collected so that one run
//! shows them all. Nothing is played from input that has a finding.

use std::fmt;

/// How many findings are kept; the rest are only counted.
const KEPT: usize = 20;

/// One fault in an input file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// File name as the user gave it, or the name of the stored one.
    pub file: String,
    /// Line, counted from 1.
    pub line: usize,
    /// Field, as a dotted path such as `sites[3].role`; empty for the whole line.
    pub field: String,
    /// What is wrong with it.
    pub detail: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)?;
        if !self.field.is_empty() {
            write!(f, ": {}", self.field)?;
        }
        write!(f, ": {}", self.detail)
    }
}

/// Faults of one file, at most 20 of them in full.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings {
    file: String,
    kept: Vec<Finding>,
    left_out: usize,
}

impl Findings {
    /// Starts an empty list for a file.
    #[must_use]
    pub fn new(file: &str) -> Self {
        Self { file: file.to_owned(), kept: Vec::new(), left_out: 0 }
    }

    /// Adds one fault.
    pub fn add(&mut self, line: usize, field: impl Into<String>, detail: impl Into<String>) {
        if self.kept.len() < KEPT {
            self.kept.push(Finding { file: self.file.clone(), line, field: field.into(), detail: detail.into() });
        } else {
            self.left_out += 1;
        }
    }

    /// True when so many faults are kept that reading on shows nothing new.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.left_out > 0
    }

    /// The faults kept, in order of lines.
    #[must_use]
    pub fn kept(&self) -> &[Finding] {
        &self.kept
    }

    /// `Ok` without faults, otherwise the list itself as the error.
    ///
    /// # Errors
    /// The findings, when there are any.
    pub fn into_result(self) -> Result<(), Self> {
        if self.kept.is_empty() { Ok(()) } else { Err(self) }
    }
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, finding) in self.kept.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "{finding}")?;
        }
        if self.left_out > 0 {
            write!(f, "\nand more; only the first {KEPT} are shown")?;
        }
        Ok(())
    }
}

impl std::error::Error for Findings {}
