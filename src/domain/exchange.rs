//! Between two sites: may they exchange at all, under which agreement, and at what price (refusals 16, 19
//! and 20). A site that does not record use receives nothing; what nobody agreed is refused.

use super::policy::{Form, PolicyDocument, PricingMode};
use super::refusal::{Refusal, RefusalCode};
use super::scan::read_sec;
use jiff::civil::Date;

/// What is known about a site on the day of a decision.
#[derive(Debug, Clone, Copy)]
pub struct SiteFacts<'a> {
    /// Its name, for sentences.
    pub name: &'a str,
    /// ISO 3166-1 alpha-2 country.
    pub country: &'a str,
    /// The policy set that it is under.
    pub policy: &'a PolicyDocument,
    /// True when a responsible person of the site has signed that set.
    pub policy_signed: bool,
    /// True while the site is suspended.
    pub suspended: bool,
    /// The last day of its licence; none where no licence ends.
    pub licensed_until: Option<Date>,
    /// True when it has accepted to record which infant every bottle fed.
    pub records_infant_use: bool,
    /// True for a bank or depot; a recipient unit passes milk on only where its policy allows.
    pub supplies_others: bool,
}

impl SiteFacts<'_> {
    /// Every reason for the site to take no part (refusal 16). `receives` asks for the duty to record use.
    #[must_use]
    pub fn standing_failures(&self, on: Date, receives: bool) -> Vec<Refusal> {
        let mut found = Vec::new();
        let name = self.name;
        if self.suspended {
            found.push(RefusalCode::SiteSuspended.because(format!("{name} is suspended")));
        }
        if let Some(until) = self.licensed_until.filter(|until| *until < on) {
            found.push(RefusalCode::LicenceOutOfDate.because(format!("the licence of {name} ended on {until}")));
        }
        if !self.policy_signed {
            let detail = format!("nobody responsible at {name} has signed {}", self.policy.title());
            found.push(RefusalCode::PolicyUnsigned.because(detail));
        }
        if receives && !self.records_infant_use {
            let detail = format!("{name} has not accepted to record which infant is fed; NICE CG93 1.2.68 to 1.2.75");
            found.push(RefusalCode::UseNotRecorded.because(detail));
        }
        found
    }
}

/// What is known about the agreement that covers two sites.
#[derive(Debug, Clone, Copy)]
pub struct AgreementFacts<'a> {
    /// Its first day.
    pub from: Date,
    /// Its last day; none until it is ended.
    pub until: Option<Date>,
    /// How the two policy sets were reconciled, by reference; needed across borders and regimes.
    pub policy_mapping: Option<&'a str>,
}

/// Every reason for two sites not to exchange on a day (refusals 7, 16 and 19). `agreement` is the one that
/// covers this pair in this direction, if there is one.
#[must_use]
pub fn exchange_failures(
    sender: &SiteFacts<'_>,
    receiver: &SiteFacts<'_>,
    agreement: Option<&AgreementFacts<'_>>,
    on: Date,
) -> Vec<Refusal> {
    let mut found = sender.standing_failures(on, false);
    found.extend(receiver.standing_failures(on, true));
    let redistribution = &sender.policy.values.delivery.unit_redistribution_allowed;
    if !sender.supplies_others && !redistribution.value {
        let detail = format!("{} is a recipient unit and may not pass milk on; {}", sender.name, redistribution.cite());
        found.push(RefusalCode::RedistributionNotAllowed.because(detail));
    }
    let current = agreement.filter(|agreement| agreement.from <= on && agreement.until.is_none_or(|until| on <= until));
    let Some(agreement) = current else {
        let detail = format!("no agreement between {} and {} is current on {on}", sender.name, receiver.name);
        found.push(RefusalCode::AgreementMissing.because(detail));
        return found;
    };
    let crosses = sender.country != receiver.country || sender.policy.header.code != receiver.policy.header.code;
    if crosses && agreement.policy_mapping.is_none_or(|mapping| mapping.trim().is_empty()) {
        found.push(RefusalCode::PolicyMappingMissing.because(format!(
            "{} ({}) and {} ({}) have no recorded mapping between their policies",
            sender.policy.header.code, sender.country, receiver.policy.header.code, receiver.country
        )));
    }
    found
}

/// A lot without a Single European Code that can be read, on a day when either policy asks for one (refusal 19).
#[must_use]
pub fn european_code_failures(
    single_european_code: Option<&str>,
    sender: &PolicyDocument,
    receiver: &PolicyDocument,
    on: Date,
) -> Vec<Refusal> {
    let rules = [sender, receiver].map(|policy| &policy.values.single_european_code_from);
    let due = rules.into_iter().find(|rule| rule.value.is_some_and(|from| on >= from));
    match due {
        Some(rule) if single_european_code.is_none_or(|code| read_sec(code).is_err()) => {
            let detail = format!("a transfer on {on} needs the Single European Code; {}", rule.cite());
            vec![RefusalCode::EuropeanCodeMissing.because(detail)]
        }
        _ => Vec::new(),
    }
}

/// A price asked for milk.
#[derive(Debug, Clone, Copy)]
pub struct Charge<'a> {
    /// The form of the milk.
    pub form: Form,
    /// ISO 4217 currency.
    pub currency: &'a str,
    /// Minor units per litre.
    pub per_litre_minor: i64,
}

/// Every reason against a charge under one policy (refusal 20); ask both sides' policies. `home_currency`
/// is the currency of the site, for ceilings that name none.
#[must_use]
pub fn price_failures(charge: &Charge<'_>, policy: &PolicyDocument, home_currency: &str) -> Vec<Refusal> {
    if charge.per_litre_minor == 0 {
        return Vec::new();
    }
    let rule = &policy.values.pricing;
    let asked = format!("{} minor units of {} per litre", charge.per_litre_minor, charge.currency);
    if charge.per_litre_minor < 0 {
        return vec![RefusalCode::ChargeWithoutTariff.because(format!("{asked} is not a charge"))];
    }
    match rule.value.mode {
        PricingMode::None => {
            let detail = format!("{asked} asked, and {} writes no price; {}", policy.title(), rule.cite());
            vec![RefusalCode::ChargeWithoutTariff.because(detail)]
        }
        PricingMode::Barred => {
            let detail = format!("{asked} asked, and sale is barred; {}", rule.cite());
            vec![RefusalCode::ChargeBarred.because(detail)]
        }
        PricingMode::Capped | PricingMode::Tariff => {
            let ceiling = rule.value.ceilings.iter().find(|ceiling| {
                ceiling.form == charge.form && ceiling.currency.as_deref().unwrap_or(home_currency) == charge.currency
            });
            match ceiling {
                None => {
                    let detail = format!("no price is written for {} milk in {}", charge.form, charge.currency);
                    vec![RefusalCode::ChargeWithoutTariff.because(format!("{detail}; {}", rule.cite()))]
                }
                Some(ceiling) if charge.per_litre_minor > ceiling.per_litre_minor => {
                    let most = ceiling.per_litre_minor;
                    vec![
                        RefusalCode::ChargeAboveCeiling
                            .because(format!("{asked} asked, at most {most} allowed; {}", rule.cite())),
                    ]
                }
                Some(_) => Vec::new(),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::policy::built_in;

    const DAY: Date = Date::constant(2026, 9, 1);

    fn site<'a>(name: &'a str, country: &'a str, policy: &'a PolicyDocument) -> SiteFacts<'a> {
        SiteFacts {
            name,
            country,
            policy,
            policy_signed: true,
            suspended: false,
            licensed_until: Some(DAY),
            records_infant_use: true,
            supplies_others: true,
        }
    }
    const AGREEMENT: AgreementFacts<'static> = AgreementFacts { from: DAY, until: Some(DAY), policy_mapping: None };

    fn codes(found: Vec<Refusal>) -> Vec<RefusalCode> {
        found.into_iter().map(|refusal| refusal.code).collect()
    }

    #[test]
    fn refusal_16_a_receiver_records_use_and_is_in_good_standing() {
        let policy = built_in("vn-moh").unwrap();
        let bank = site("bank", "VN", &policy);
        assert_eq!(exchange_failures(&bank, &bank, Some(&AGREEMENT), DAY), Vec::new());
        let unit = SiteFacts {
            policy_signed: false,
            suspended: true,
            licensed_until: Some(Date::constant(2026, 8, 31)),
            records_infant_use: false,
            ..bank
        };
        assert_eq!(
            codes(exchange_failures(&bank, &unit, Some(&AGREEMENT), DAY)),
            [
                RefusalCode::SiteSuspended,
                RefusalCode::LicenceOutOfDate,
                RefusalCode::PolicyUnsigned,
                RefusalCode::UseNotRecorded
            ]
        );
    }

    #[test]
    fn refusal_19_borders_and_regimes_need_a_mapping() {
        let (vietnam, laos) = (built_in("vn-moh").unwrap(), built_in("la-pilot").unwrap());
        let (from, to) = (site("bank", "VN", &vietnam), site("unit", "LA", &laos));
        assert_eq!(codes(exchange_failures(&from, &to, Some(&AGREEMENT), DAY)), [RefusalCode::PolicyMappingMissing]);
        let mapped = AgreementFacts { policy_mapping: Some("VN-LA 2026"), ..AGREEMENT };
        assert_eq!(exchange_failures(&from, &to, Some(&mapped), DAY), Vec::new());
        assert_eq!(codes(exchange_failures(&from, &to, None, DAY)), [RefusalCode::AgreementMissing]);
        let tomorrow = Date::constant(2026, 9, 2);
        let after = SiteFacts { licensed_until: None, ..from };
        assert_eq!(
            codes(exchange_failures(&after, &after, Some(&AGREEMENT), tomorrow)),
            [RefusalCode::AgreementMissing]
        );
    }

    #[test]
    fn refusal_19_the_european_code_is_due_from_7_august_2027() {
        let france = built_in("fr-lactarium").unwrap();
        let eve = Date::constant(2027, 8, 6);
        assert_eq!(european_code_failures(None, &france, &france, eve), Vec::new());
        let due = Date::constant(2027, 8, 7);
        assert_eq!(codes(european_code_failures(None, &france, &france, due)), [RefusalCode::EuropeanCodeMissing]);
        let code = "PL001499Z549917123456A00T041600320181231";
        assert_eq!(european_code_failures(Some(code), &france, &france, due), Vec::new());
        let unread = european_code_failures(Some("FR00000001"), &france, &france, due);
        assert_eq!(codes(unread), [RefusalCode::EuropeanCodeMissing]);
        let hong_kong = built_in("hk-ha").unwrap();
        assert_eq!(european_code_failures(None, &hong_kong, &hong_kong, due), Vec::new());
    }

    #[test]
    fn refusal_20_a_charge_stays_under_its_ceiling_or_is_refused() {
        let france = built_in("fr-lactarium").unwrap();
        let charge = |minor| Charge { form: Form::Frozen, currency: "EUR", per_litre_minor: minor };
        assert_eq!(price_failures(&charge(8000), &france, "EUR"), Vec::new());
        assert_eq!(codes(price_failures(&charge(8001), &france, "EUR")), [RefusalCode::ChargeAboveCeiling]);
        let dollars = Charge { currency: "USD", ..charge(1) };
        assert_eq!(codes(price_failures(&dollars, &france, "EUR")), [RefusalCode::ChargeWithoutTariff]);
        let free = built_in("hk-ha").unwrap();
        assert_eq!(price_failures(&charge(0), &free, "HKD"), Vec::new());
        assert_eq!(codes(price_failures(&charge(1), &free, "HKD")), [RefusalCode::ChargeWithoutTariff]);
        let mut barred = free;
        barred.values.pricing.value.mode = PricingMode::Barred;
        assert_eq!(codes(price_failures(&charge(1), &barred, "HKD")), [RefusalCode::ChargeBarred]);
    }

    #[test]
    fn a_unit_passes_milk_on_only_where_its_policy_allows() {
        let china = built_in("cn-consensus").unwrap();
        let unit = SiteFacts { supplies_others: false, ..site("unit", "CN", &china) };
        let found = exchange_failures(&unit, &site("bank", "CN", &china), Some(&AGREEMENT), DAY);
        assert_eq!(codes(found), [RefusalCode::RedistributionNotAllowed]);
    }
}
