//! Decisions on requests: may this be asked (refusals 12, 13, 14 and 16), does this lot meet the family's
//! constraints (14), may this infant be fed now (12, 13, 14).

use super::RequestKind;
use super::infant::InfantProfile;
use super::wishes::{Constraints, DonorFeedCounts, KinshipPathway};
use crate::domain::exchange::SiteFacts;
use crate::domain::lot::{LotFacts, SafetyRecord};
use crate::domain::policy::{KinshipSupport, PolicyDocument, Tier};
use crate::domain::refusal::{Refusal, RefusalCode};
use jiff::civil::Date;

/// What is known about a request when it is raised.
#[derive(Debug, Clone, Copy)]
pub struct RequestFacts<'a> {
    /// A named infant or a ward's stock.
    pub kind: RequestKind,
    /// The infant; for a ward's stock the neediest infant that it is for, if the ward describes one.
    pub infant: Option<&'a InfantProfile>,
    /// The tier that the requester claims, if any.
    pub stated_tier: Option<Tier>,
    /// The prescription, by reference.
    pub prescription_ref: Option<&'a str>,
    /// The family's consent, by reference.
    pub consent_ref: Option<&'a str>,
    /// The constraints.
    pub constraints: &'a Constraints,
    /// The requesting site.
    pub site: &'a SiteFacts<'a>,
    /// The day of the request at the site.
    pub on: Date,
}

/// Every reason against a request under its site's policy (refusals 12, 13, 14 and 16). Empty means that
/// [`crate::domain::policy::PriorityRule::tier_for`] gives its tier.
#[must_use]
pub fn request_failures(request: &RequestFacts<'_>) -> Vec<Refusal> {
    let policy = request.site.policy;
    let mut found = request.site.standing_failures(request.on, true);
    if let Some(infant) = request.infant {
        galactosaemia_failure(infant, &mut found);
    }
    if request.kind == RequestKind::NamedInfant {
        if request.infant.is_none() {
            let detail = "a request for a named infant describes the infant";
            found.push(RefusalCode::ProfileMissing.because(detail));
        }
        paper_failures(request.prescription_ref, request.consent_ref, policy, &mut found);
    }
    rank_failures(request, policy, &mut found);
    consistency_failures(request.constraints, policy, &mut found);
    found
}

fn galactosaemia_failure(infant: &InfantProfile, found: &mut Vec<Refusal>) {
    if infant.galactosaemia {
        let detail = "donor milk is contraindicated in galactosaemia; BMJ 2020 m4243";
        found.push(RefusalCode::Galactosaemia.because(detail));
    }
}

fn paper_failures(
    prescription: Option<&str>,
    consent: Option<&str>,
    policy: &PolicyDocument,
    found: &mut Vec<Refusal>,
) {
    let rules = &policy.values.entitlement;
    let absent = |reference: Option<&str>| reference.is_none_or(|text| text.trim().is_empty());
    if rules.prescription_required.value && absent(prescription) {
        let detail = format!("a prescription is needed; {}", rules.prescription_required.cite());
        found.push(RefusalCode::PrescriptionMissing.because(detail));
    }
    if rules.consent_required.value && absent(consent) {
        let detail = format!("the family's consent is needed; {}", rules.consent_required.cite());
        found.push(RefusalCode::ConsentMissing.because(detail));
    }
}

fn rank_failures(request: &RequestFacts<'_>, policy: &PolicyDocument, found: &mut Vec<Refusal>) {
    if request.kind == RequestKind::NamedInfant && request.infant.is_none() {
        return;
    }
    let priority = &policy.values.priority;
    let cite = priority.tiers.cite();
    match (priority.tier_for(request.infant), request.stated_tier) {
        (None, _) => {
            let detail = format!("no written criterion of {} fits the infant; {cite}", policy.title());
            found.push(RefusalCode::RankNotInPolicy.because(detail));
        }
        (Some(tier), Some(stated)) if tier != stated => {
            let detail = format!("{stated} is claimed, the written criteria give {tier}; {cite}");
            found.push(RefusalCode::RankNotInPolicy.because(detail));
        }
        (Some(_), _) => {}
    }
}

fn consistency_failures(constraints: &Constraints, policy: &PolicyDocument, found: &mut Vec<Refusal>) {
    if constraints.kinship == KinshipPathway::OptOut {
        found.push(RefusalCode::FamilyOptedOut.because("the family declines donor milk"));
    }
    let kinship = &policy.values.entitlement.kinship;
    if constraints.kinship == KinshipPathway::Record && kinship.value == KinshipSupport::None {
        let detail = format!("no kinship record is kept under {}; {}", policy.title(), kinship.cite());
        found.push(RefusalCode::KinshipNotSupported.because(detail));
    }
    let anonymous = &policy.values.entitlement.anonymous_donation;
    if constraints.identity_disclosure && kinship.value == KinshipSupport::None && anonymous.value {
        let detail = format!("donation is anonymous; {}", anonymous.cite());
        found.push(RefusalCode::DisclosureNotConsented.because(detail));
    }
    let most = most_donors(constraints);
    let contradictions = [
        (constraints.max_donors == Some(0), "a lot has at least one donor"),
        (constraints.max_feeds_per_donor == Some(0), "no feed of any donor is no donor milk"),
        (
            most.zip(constraints.min_pool_donors).is_some_and(|(most, least)| least > most && most > 1),
            "the fewest donors of a pool are more than the most",
        ),
        (
            most == Some(1)
                && constraints.min_pool_donors.is_some_and(|least| least > 1)
                && constraints.kinship != KinshipPathway::Record,
            "one donor only and a pool of several contradict each other",
        ),
        (
            constraints.identity_disclosure && constraints.kinship != KinshipPathway::Record,
            "disclosure belongs to a kinship record",
        ),
    ];
    for (_holds, detail) in contradictions.iter().filter(|(holds, _detail)| *holds) {
        found.push(RefusalCode::ConstraintsContradict.because(*detail));
    }
}

fn most_donors(constraints: &Constraints) -> Option<u16> {
    if constraints.single_donor_only { Some(1) } else { constraints.max_donors }
}

/// Every constraint that a lot breaks for an infant with these feeds behind it (refusals 14 and 17).
#[must_use]
pub fn constraint_failures(lot: &LotFacts<'_>, constraints: &Constraints, feeds: &DonorFeedCounts) -> Vec<Refusal> {
    let record = lot.record;
    let mut found = Vec::new();
    if constraints.dairy_free && !record.dairy_free {
        found.push(RefusalCode::NotDairyFree.because("not every donor avoided dairy"));
    }
    if constraints.cmv_negative && !record.cmv_negative {
        found.push(RefusalCode::NotCmvNegative.because("not every donor is CMV-IgG-negative"));
    }
    if !constraints.milk_types.is_empty() && !constraints.milk_types.contains(&record.milk_type) {
        let detail = format!("{} milk is not among the types taken", record.milk_type);
        found.push(RefusalCode::MilkTypeNotAccepted.because(detail));
    }
    if !constraints.forms.is_empty() && !constraints.forms.contains(&record.form) {
        let detail = format!("{} milk is not among the forms taken", record.form);
        found.push(RefusalCode::FormNotAccepted.because(detail));
    }
    donor_number_failures(record, constraints, &mut found);
    kinship_failures(record, constraints, feeds, &mut found);
    found
}

fn donor_number_failures(record: &SafetyRecord, constraints: &Constraints, found: &mut Vec<Refusal>) {
    let most = most_donors(constraints);
    let least = constraints.min_pool_donors;
    if most.is_none() && least.is_none() {
        return;
    }
    let Some(count) = record.donor_count else {
        found.push(RefusalCode::DonorCountUnknown.because("the number of donors is not known"));
        return;
    };
    if let Some(most) = most.filter(|most| count > *most) {
        let detail = format!("{count} donors in the lot, at most {most} wished");
        found.push(RefusalCode::TooManyDonorsForInfant.because(detail));
    }
    // One known donor, recorded, is the stated alternative to a large pool (Acta Paediatr 2016;105:462).
    let known_single = count == 1 && constraints.kinship == KinshipPathway::Record;
    if let Some(least) = least.filter(|least| count < *least && !known_single) {
        let detail = format!("{count} donors in the lot, at least {least} wished");
        found.push(RefusalCode::TooFewDonorsInPool.because(detail));
    }
}

fn kinship_failures(
    record: &SafetyRecord,
    constraints: &Constraints,
    feeds: &DonorFeedCounts,
    found: &mut Vec<Refusal>,
) {
    match constraints.kinship {
        KinshipPathway::OptOut => {
            found.push(RefusalCode::FamilyOptedOut.because("the family declines donor milk"));
        }
        KinshipPathway::Record if record.donor_count.map(usize::from) != Some(record.donors.len()) => {
            let detail = "kinship cannot be recorded, because the donors are not all listed";
            found.push(RefusalCode::KinshipNotRecordable.because(detail));
        }
        KinshipPathway::None | KinshipPathway::Avoid | KinshipPathway::Record => {}
    }
    if let Some(most) = constraints.max_feeds_per_donor {
        for donor in record.donors.iter().filter(|donor| feeds.count(&donor.donor_ref) >= most) {
            let had = feeds.count(&donor.donor_ref);
            let detail = format!("the infant had {had} feeds of donor {}, at most {most} wished", donor.donor_ref);
            found.push(RefusalCode::DonorFeedsReached.because(detail));
        }
    }
    if constraints.identity_disclosure {
        found.extend(disclosure_failures(record));
    }
}

/// Every donor of a lot whose identity may not be disclosed (refusal 14); also asked before a bank answers a
/// family's question.
#[must_use]
pub fn disclosure_failures(record: &SafetyRecord) -> Vec<Refusal> {
    let silent = record.donors.iter().filter(|donor| !donor.disclosure_consent_written);
    let refuse = |donor_ref: &str| {
        RefusalCode::DisclosureNotConsented
            .because(format!("donor {donor_ref} gave no written consent to disclosure; NY 10 NYCRR 52-9.7"))
    };
    silent.map(|donor| refuse(&donor.donor_ref)).collect()
}

/// Every reason not to feed an infant from a lot now (refusals 12, 13 and 14).
#[must_use]
pub fn feeding_failures(
    infant: &InfantProfile,
    prescription_ref: Option<&str>,
    consent_ref: Option<&str>,
    lot: &LotFacts<'_>,
    constraints: &Constraints,
    feeds: &DonorFeedCounts,
    policy: &PolicyDocument,
) -> Vec<Refusal> {
    let mut found = Vec::new();
    galactosaemia_failure(infant, &mut found);
    paper_failures(prescription_ref, consent_ref, policy, &mut found);
    found.extend(constraint_failures(lot, constraints, feeds));
    found
}
