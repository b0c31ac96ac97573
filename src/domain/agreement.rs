//! Which sites may exchange, and on which paper.

use super::ids::{AgreementId, SiteId};
use super::time::Instant;
use super::words::words;
use std::collections::BTreeSet;

words! {
    /// Whether an agreement is in force.
    AgreementState {
        /// In force within its dates.
        Active = "active",
        /// Ended early.
        Ended = "ended",
    }
}

/// An agreement between sites.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreement {
    /// Its identifier.
    pub id: AgreementId,
    /// Short stable code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The signed document it stands for.
    pub document_reference: String,
    /// How one regime's rules are read under the other, where members have different ones.
    pub policy_mapping: Option<String>,
    /// First instant at which it holds.
    pub valid_from: Instant,
    /// First instant at which it no longer holds.
    pub valid_until: Option<Instant>,
    /// Whether it is in force.
    pub state: AgreementState,
    /// The sites that may exchange under it.
    pub members: BTreeSet<SiteId>,
    /// Version for `If-Match`.
    pub version: i64,
    /// First registered.
    pub created_at: Instant,
}

impl Agreement {
    /// True when it holds at this instant.
    #[must_use]
    pub fn holds_at(&self, now: Instant) -> bool {
        self.state == AgreementState::Active
            && self.valid_from <= now
            && self.valid_until.is_none_or(|until| now < until)
    }

    /// True when it lets these two sites exchange at this instant.
    #[must_use]
    pub fn covers(&self, one: SiteId, other: SiteId, now: Instant) -> bool {
        self.holds_at(now) && self.members.contains(&one) && self.members.contains(&other)
    }
}

/// The agreement under which two sites may exchange at this instant, one with a policy mapping before one
/// without. Whether it suffices is decided by [`super::exchange::exchange_failures`].
#[must_use]
pub fn find_agreement(agreements: &[Agreement], one: SiteId, other: SiteId, now: Instant) -> Option<&Agreement> {
    let covering = || agreements.iter().filter(|agreement| agreement.covers(one, other, now));
    covering().find(|agreement| agreement.policy_mapping.is_some()).or_else(|| covering().next())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000_000;

    fn site(tail: u8) -> SiteId {
        format!("01990000-0000-7000-8000-0000000000{tail:02x}").parse().unwrap()
    }

    fn agreement(policy_mapping: Option<&str>) -> Agreement {
        Agreement {
            id: "01990000-0000-7000-8000-000000000100".parse().unwrap(),
            code: "lao-viet".to_owned(),
            name: "Exchange between two hospitals".to_owned(),
            document_reference: "MoU 3".to_owned(),
            policy_mapping: policy_mapping.map(ToOwned::to_owned),
            valid_from: Instant::from_micros(HOUR),
            valid_until: Some(Instant::from_micros(3 * HOUR)),
            state: AgreementState::Active,
            members: BTreeSet::from([site(1), site(2)]),
            version: 1,
            created_at: Instant::from_micros(0),
        }
    }

    fn found(agreements: &[Agreement], one: u8, other: u8, hour: i64) -> Option<&Agreement> {
        find_agreement(agreements, site(one), site(other), Instant::from_micros(hour * HOUR))
    }

    #[test]
    fn only_an_agreement_in_force_counts() {
        let agreements = [agreement(None)];
        assert!(found(&agreements, 1, 2, 1).is_some());
        assert!(found(&agreements, 2, 1, 2).is_some());
        assert_eq!(found(&agreements, 1, 2, 0), None);
        assert_eq!(found(&agreements, 1, 2, 3), None);
        assert_eq!(found(&agreements, 1, 3, 1), None);
        let ended = [Agreement { state: AgreementState::Ended, ..agreement(None) }];
        assert_eq!(found(&ended, 1, 2, 1), None);
    }

    #[test]
    fn an_agreement_with_a_mapping_comes_first() {
        let agreements = [agreement(None), agreement(Some("annex 2"))];
        assert_eq!(found(&agreements, 1, 2, 1).unwrap().policy_mapping.as_deref(), Some("annex 2"));
    }
}
