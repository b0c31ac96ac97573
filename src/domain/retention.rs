//! Records of safety, custody and dispensing are kept for years and corrected by additions. Deleting or
//! rewriting one inside its retention is refused (refusal 18).

use super::policy::PolicyDocument;
use super::refusal::{Refusal, RefusalCode};
use jiff::ToSpan;
use jiff::civil::Date;

/// What somebody wants to do to a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordChange {
    /// Remove it.
    Delete,
    /// Replace what it says.
    Rewrite,
    /// Add a correction beside it.
    AddCorrection,
}

/// Every reason against a change to a record (refusal 18). `keep_from` is the later of donation and use.
#[must_use]
pub fn retention_failures(change: RecordChange, keep_from: Date, policy: &PolicyDocument, today: Date) -> Vec<Refusal> {
    let rule = &policy.values.retention_years;
    match change {
        RecordChange::AddCorrection => Vec::new(),
        RecordChange::Rewrite => {
            let detail = "a recorded fact is corrected by an addition, never replaced";
            vec![RefusalCode::RewriteRefused.because(detail)]
        }
        RecordChange::Delete => match keep_from.checked_add(i32::from(rule.value).years()) {
            Ok(until) if today >= until => Vec::new(),
            _ => {
                let detail = format!("kept for {} years from {keep_from}; {}", rule.value, rule.cite());
                vec![RefusalCode::InsideRetention.because(detail)]
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::policy::built_in;

    #[test]
    fn refusal_18_nothing_is_deleted_inside_retention_nor_rewritten_ever() {
        let france = built_in("fr-lactarium").unwrap();
        let used = Date::constant(2026, 9, 1);
        let asked = |change, today| retention_failures(change, used, &france, today);
        assert_eq!(asked(RecordChange::Delete, Date::constant(2056, 8, 31))[0].code, RefusalCode::InsideRetention);
        assert_eq!(asked(RecordChange::Delete, Date::constant(2056, 9, 1)), Vec::new());
        assert_eq!(asked(RecordChange::Rewrite, Date::constant(2090, 1, 1))[0].code, RefusalCode::RewriteRefused);
        assert_eq!(asked(RecordChange::AddCorrection, used), Vec::new());
    }
}
