//! Attempts that the hub must refuse. Each is made through the same API as everything else; one that goes
//! through is a bypassed refusal and fails the run.

use super::super::client::{CallError, Caller};
use super::super::ward::Infant;
use super::super::wire::{self, Ignored};
use super::Play;
use crate::domain::ids::LotId;
use serde_json::json;

/// Which attempts were made, once each is enough for most.
#[derive(Debug, Default)]
pub(super) struct Probed {
    infant: bool,
    pub(super) second_receipt: bool,
}

impl Play<'_> {
    /// Counts an attempt that had to be refused by this rule.
    pub(super) fn must_refuse<T>(&mut self, rule: u8, what: &str, done: Result<T, CallError>) -> Result<(), CallError> {
        match done {
            Ok(_) => self.tally.bypassed.push(format!("rule {rule}: {what} went through")),
            Err(error) => match error.problem() {
                Some(problem) if problem.refusals.iter().any(|refusal| refusal.number == rule) => self.tally.held(rule),
                Some(_) => self.tally.bypassed.push(format!("rule {rule}: {what} failed for another reason: {error}")),
                None => return Err(error),
            },
        }
        Ok(())
    }

    /// Rule 1: a lot that is not released cannot be offered.
    pub(super) async fn probe_unreleased(&mut self, caller: Caller, bank: &str, lot: LotId) -> Result<(), CallError> {
        let done = self.try_publish(caller, bank, lot).await;
        self.must_refuse(1, "publishing a lot that failed", done)
    }

    /// Rule 5: a recalled lot cannot be offered.
    pub(super) async fn probe_recalled(
        &mut self,
        caller: Caller,
        bank: &str,
        lot: Option<LotId>,
    ) -> Result<(), CallError> {
        let Some(lot) = lot else { return Ok(()) };
        let done = self.try_publish(caller, bank, lot).await;
        self.must_refuse(5, "publishing a recalled lot", done)
    }

    async fn try_publish(&self, caller: Caller, bank: &str, lot: LotId) -> Result<Ignored, CallError> {
        let body = json!({
            "site_id": self.known.site(bank)?.id,
            "reason": "an attempt that must be refused",
            "available_until": self.now.plus_days(7),
            "lots": [{"lot_id": lot}],
        });
        self.client.create(caller, "/v1/surplus", &body).await
    }

    /// Rules 12 and 13: milk for an infant with galactosaemia, and a request without consent.
    pub(super) async fn probe_requests(&mut self, site: &str, infant: &Infant) -> Result<(), CallError> {
        if std::mem::replace(&mut self.probed.infant, true) {
            return Ok(());
        }
        let known = self.known.site(site)?;
        let region = &self.input.region;
        let profile = region.find_site(site).and_then(|site| region.find_profile(site));
        let rules: &[u8] = if profile.is_some_and(|profile| profile.prescription_required) { &[12, 13] } else { &[12] };
        for rule in rules.iter().copied() {
            let mut profile = wire::infant(&infant.profile);
            if rule == 12
                && let Some(fields) = profile.as_object_mut()
            {
                fields.insert("galactosaemia".into(), true.into());
            }
            let mut body = json!({
                "site_id": known.id,
                "kind": "named_infant",
                "urgency": "routine",
                "volume_ml": 100,
                "needed_by": self.now.plus_days(2),
                "days_of_use": 1,
                "infant": profile,
                "constraints": wire::constraints(&infant.constraints),
                "preferences": {},
            });
            if rule == 12
                && let Some(fields) = body.as_object_mut()
            {
                fields.insert("prescription_ref".into(), "an attempt that must be refused".into());
                fields.insert("consent_ref".into(), infant.profile.consent.consent_ref.as_str().into());
            }
            let what =
                if rule == 12 { "a request for an infant with galactosaemia" } else { "a request without consent" };
            let done = self.client.create::<Ignored>(known.caller, "/v1/requests", &body).await;
            self.must_refuse(rule, what, done)?;
        }
        Ok(())
    }
}
