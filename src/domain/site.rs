//! A hospital site: what it is, what it keeps back, what it accepts by its own standing rule, and whether it
//! may send or receive at all. Clinical limits are not here: they are the policy set's.

use super::exchange;
use super::geography::{Country, Position};
use super::ids::{PolicySetId, SiteId};
use super::opening_hours::OpeningHours;
use super::policy::{Form, PolicyDocument, Tier};
use super::quantity::Volume;
use super::refusal::{Refusal, RefusalCode};
use super::time::Instant;
use super::words::words;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

words! {
    /// What a site does in the network.
    SiteRole {
        /// Pasteurises and releases.
        Bank = "bank",
        /// Collects, holds or hands on.
        Depot = "depot",
        /// Feeds infants.
        Recipient = "recipient",
    }

    /// Whether a site takes part.
    SiteState {
        /// No responsible person has signed a policy set yet.
        Pending = "pending",
        /// Takes part.
        Live = "live",
        /// Takes no part until somebody lifts it.
        Suspended = "suspended",
    }

    /// What a site can do beyond its role; for people who plan, no rule rests on it.
    Capability {
        /// Heats milk by a recorded cycle.
        Pasteurise = "pasteurise",
        /// Makes powder.
        FreezeDry = "freeze_dry",
        /// Measures protein, fat and energy.
        AnalyseMilk = "analyse_milk",
        /// Grows cultures in its own laboratory.
        CultureMilk = "culture_milk",
        /// Handles dry ice.
        HandleDryIce = "handle_dry_ice",
        /// Takes boxes outside its hours.
        ReceiveAtNight = "receive_at_night",
    }
}

/// What a site accepts without being asked each time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StandingRule {
    /// True when offers to this site are accepted at once.
    pub accept_offers: bool,
    /// Only offers for these urgency tiers; empty means any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accept_tiers: Vec<Tier>,
    /// Only offers up to this volume; none means any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_volume_ml: Option<Volume>,
}

impl StandingRule {
    /// True when the site has said beforehand that it gives this much milk for this tier.
    #[must_use]
    pub fn accepts(&self, tier: Tier, volume: Volume) -> bool {
        self.accept_offers
            && (self.accept_tiers.is_empty() || self.accept_tiers.contains(&tier))
            && self.max_volume_ml.is_none_or(|most| volume <= most)
    }
}

/// A site as the hub knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// Its identifier.
    pub id: SiteId,
    /// Short stable code, unique in the hub.
    pub code: String,
    /// What it does.
    pub role: SiteRole,
    /// Its name in English or Latin letters.
    pub name: String,
    /// Its name in its own script.
    pub name_local: Option<String>,
    /// City.
    pub city: String,
    /// Province, region or district.
    pub admin_area: Option<String>,
    /// Country.
    pub country: Country,
    /// Where it lies.
    pub position: Position,
    /// IANA time zone.
    pub time_zone: String,
    /// True when infants in need of milk lie there.
    pub has_nicu: bool,
    /// Level by the country's own scale, 1 to 4.
    pub nicu_level: Option<u8>,
    /// A group of hospitals it belongs to.
    pub cluster: Option<String>,
    /// Forms of milk it can store and use.
    pub accepts_forms: Vec<Form>,
    /// When it hands out and takes in boxes.
    pub opening_hours: OpeningHours,
    /// What it can do beyond its role.
    pub capabilities: Vec<Capability>,
    /// Whether it takes part.
    pub state: SiteState,
    /// The policy set that its responsible person signed.
    pub policy_set_id: Option<PolicySetId>,
    /// End of its licence, if one is on file.
    pub licence_valid_until: Option<Instant>,
    /// True when it has accepted the duty to record which infant was fed what.
    pub records_infant_use: bool,
    /// What it never gives away.
    pub reserve_ml: Volume,
    /// What it accepts without being asked.
    pub standing_rule: StandingRule,
    /// Version for `If-Match`.
    pub version: i64,
    /// First registered.
    pub created_at: Instant,
    /// Last changed.
    pub updated_at: Instant,
}

/// What of a site decides whether milk may leave or reach it, beside its policy set.
#[derive(Debug, Clone, Copy)]
pub struct Standing<'a> {
    /// Its code, for sentences.
    pub code: &'a str,
    /// Its country.
    pub country: &'a Country,
    /// What it does.
    pub role: SiteRole,
    /// Its time zone.
    pub zone: &'a str,
    /// Whether it takes part.
    pub state: SiteState,
    /// End of its licence.
    pub licence_valid_until: Option<Instant>,
    /// True when it records use.
    pub records_infant_use: bool,
}

impl<'a> Standing<'a> {
    /// The site as the rules of exchange see it on a day, with the exact instant of the licence's end.
    #[must_use]
    pub fn on(self, day: Date, now: Instant, policy: &'a PolicyDocument) -> exchange::SiteFacts<'a> {
        let over = self.licence_valid_until.filter(|until| *until <= now);
        // A licence that ended today has yesterday as its last whole day.
        let last_day = over.map(|until| until.date_in(self.zone).min(day.yesterday().unwrap_or(day)));
        exchange::SiteFacts {
            name: self.code,
            country: self.country.as_str(),
            policy,
            policy_signed: self.state != SiteState::Pending,
            suspended: self.state == SiteState::Suspended,
            licensed_until: last_day,
            records_infant_use: self.records_infant_use,
            supplies_others: self.role != SiteRole::Recipient,
        }
    }

    /// Every reason against milk for this site now (refusal 16).
    #[must_use]
    pub fn receiving_failures(self, now: Instant, policy: Option<&PolicyDocument>) -> Vec<Refusal> {
        match policy {
            Some(policy) => {
                let day = now.date_in(self.zone);
                self.on(day, now, policy).standing_failures(day, true)
            }
            None => vec![self.unsigned()],
        }
    }

    /// The refusal of a site at which nobody has signed a policy set.
    #[must_use]
    pub fn unsigned(self) -> Refusal {
        RefusalCode::PolicyUnsigned.because(format!("nobody responsible at {} has signed a policy set", self.code))
    }
}

impl Site {
    /// What decides whether milk may leave or reach it, beside its policy set.
    #[must_use]
    pub fn standing(&self) -> Standing<'_> {
        Standing {
            code: &self.code,
            country: &self.country,
            role: self.role,
            zone: &self.time_zone,
            state: self.state,
            licence_valid_until: self.licence_valid_until,
            records_infant_use: self.records_infant_use,
        }
    }
}

/// Whether an administrator may set this state by hand. A site goes live only by a signature, and then may be
/// suspended and lifted again.
#[must_use]
pub const fn may_change_state(from: SiteState, to: SiteState, signed: bool) -> bool {
    match (from, to) {
        (SiteState::Live, SiteState::Suspended)
        | (SiteState::Live, SiteState::Live)
        | (SiteState::Suspended, SiteState::Suspended)
        | (SiteState::Pending, SiteState::Suspended) => true,
        (SiteState::Suspended, SiteState::Live) => signed,
        (_, SiteState::Pending) | (SiteState::Pending, SiteState::Live) => false,
    }
}

/// True for a zone that the bundled time zone database knows.
#[must_use]
pub fn is_time_zone(name: &str) -> bool {
    jiff::tz::TimeZone::get(name).is_ok()
}

#[cfg(test)]
mod tests {
    use super::super::policy::built_in;
    use super::*;

    fn codes(standing: Standing<'_>, now: &str) -> Vec<RefusalCode> {
        let policy = built_in("hk-ha").unwrap();
        let refusals = standing.receiving_failures(now.parse().unwrap(), Some(&policy));
        refusals.iter().map(|refusal| refusal.code).collect()
    }

    fn live(country: &Country) -> Standing<'_> {
        Standing {
            code: "hk-qmh",
            country,
            role: SiteRole::Recipient,
            zone: "Asia/Hong_Kong",
            state: SiteState::Live,
            licence_valid_until: None,
            records_infant_use: true,
        }
    }

    #[test]
    fn refusal_16_needs_a_signed_set_and_a_site_that_takes_part() {
        let country = "HK".parse().unwrap();
        let now = "2026-09-01T04:00:00Z";
        assert_eq!(codes(live(&country), now), []);
        let silent = Standing { records_infant_use: false, ..live(&country) };
        assert_eq!(codes(silent, now), [RefusalCode::UseNotRecorded]);
        let suspended = Standing { state: SiteState::Suspended, ..live(&country) };
        assert_eq!(codes(suspended, now), [RefusalCode::SiteSuspended]);
        let pending = Standing { state: SiteState::Pending, ..live(&country) };
        assert_eq!(codes(pending, now), [RefusalCode::PolicyUnsigned]);
        assert_eq!(live(&country).receiving_failures(now.parse().unwrap(), None).len(), 1);
    }

    #[test]
    fn refusal_16_a_licence_ends_at_its_instant() {
        let country = "HK".parse().unwrap();
        let noon = Some("2026-09-01T04:00:00Z".parse().unwrap());
        let licensed = Standing { licence_valid_until: noon, ..live(&country) };
        assert_eq!(codes(licensed, "2026-09-01T03:59:59Z"), []);
        assert_eq!(codes(licensed, "2026-09-01T04:00:00Z"), [RefusalCode::LicenceOutOfDate]);
        assert_eq!(codes(licensed, "2026-09-09T04:00:00Z"), [RefusalCode::LicenceOutOfDate]);
    }

    #[test]
    fn a_standing_rule_gives_no_more_than_it_says() {
        let rule = StandingRule {
            accept_offers: true,
            accept_tiers: vec![Tier(1), Tier(2)],
            max_volume_ml: Some(Volume::from_ml(500)),
        };
        assert!(rule.accepts(Tier(2), Volume::from_ml(500)));
        assert!(!rule.accepts(Tier(3), Volume::from_ml(100)));
        assert!(!rule.accepts(Tier(1), Volume::from_ml(501)));
        assert!(!StandingRule::default().accepts(Tier(1), Volume::from_ml(1)));
    }

    #[test]
    fn only_a_signature_makes_a_site_live() {
        assert!(!may_change_state(SiteState::Pending, SiteState::Live, false));
        assert!(!may_change_state(SiteState::Pending, SiteState::Live, true));
        assert!(!may_change_state(SiteState::Suspended, SiteState::Live, false));
        assert!(may_change_state(SiteState::Suspended, SiteState::Live, true));
        assert!(!may_change_state(SiteState::Live, SiteState::Pending, true));
    }
}
