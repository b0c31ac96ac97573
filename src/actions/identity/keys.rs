//! Keys that sign access tokens, and when each takes its turn: `next` is published a day before it signs,
//! `active` signs for 90 days, `retiring` is kept until its last token has ended.

use super::vault::Vault;
use crate::actions::ActionError;
use crate::domain::time::Instant;
use crate::store::signing_keys::{self, SigningKeyRow};
use crate::store::{AnyConn, StoreError};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use jsonwebtoken::jwk::{Jwk, KeyAlgorithm, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use std::collections::HashMap;

/// An access token lives this long, in seconds of real time.
pub const TOKEN_LIFE_S: i64 = 600;
/// Clocks may differ by this much, in seconds.
pub(super) const SKEW_S: i64 = 60;
const SIGNS_FOR_DAYS: i64 = 90;
const PUBLISHED_AHEAD_HOURS: i64 = 24;

/// One step of keeping the keys fresh.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Make { state: &'static str },
    Move { kid: String, from: &'static str, to: &'static str },
}

/// What has to happen now. `emergency` ends every key and every token at once.
fn plan(keys: &[SigningKeyRow], now: Instant, emergency: bool) -> Vec<Step> {
    let step = |key: &SigningKeyRow, from, to| Step::Move { kid: key.kid.clone(), from, to };
    let in_state = |state: &'static str| keys.iter().filter(move |key| key.state == state);
    if emergency {
        let ended = ["next", "active", "retiring"].into_iter();
        let mut steps: Vec<Step> =
            ended.flat_map(|state| in_state(state).map(move |key| step(key, state, "retired"))).collect();
        steps.extend([Step::Make { state: "active" }, Step::Make { state: "next" }]);
        return steps;
    }
    let spent = |key: &&SigningKeyRow| key.retires_at.is_some_and(|at| at <= now.micros());
    let mut steps: Vec<Step> = in_state("retiring").filter(spent).map(|key| step(key, "retiring", "retired")).collect();
    let next = in_state("next").next();
    let published = |key: &SigningKeyRow| Instant::from_micros(key.created_at).plus_hours(PUBLISHED_AHEAD_HOURS) <= now;
    let signed_long_enough = in_state("active")
        .all(|key| key.activated_at.is_some_and(|at| Instant::from_micros(at).plus_days(SIGNS_FOR_DAYS) <= now));
    let nothing_signs = in_state("active").next().is_none();
    let mut next_is_used = false;
    match next {
        Some(key) if nothing_signs || (signed_long_enough && published(key)) => {
            steps.extend(in_state("active").map(|key| step(key, "active", "retiring")));
            steps.push(step(key, "next", "active"));
            next_is_used = true;
        }
        None if nothing_signs => steps.push(Step::Make { state: "active" }),
        _ => {}
    }
    if next.is_none() || next_is_used {
        steps.push(Step::Make { state: "next" });
    }
    steps
}

/// Brings the keys up to date; true when anything changed.
pub(super) fn tend(conn: &mut AnyConn, vault: &Vault, now: Instant, emergency: bool) -> Result<bool, ActionError> {
    let steps = plan(&signing_keys::list_keys(conn)?, now, emergency);
    for step in &steps {
        match step {
            Step::Make { state } => signing_keys::insert_key(conn, &make(vault, state, now)?)?,
            Step::Move { kid, from, to } => {
                let activated_at = (*to == "active").then_some(now);
                let last_token = Instant::from_micros(now.micros() + (TOKEN_LIFE_S + SKEW_S) * 1_000_000);
                let retires_at = (*to == "retiring").then_some(last_token);
                // Another replica may have taken this step already, which is as good.
                let _moved = signing_keys::move_key(conn, kid, from, to, activated_at, retires_at)?;
            }
        }
    }
    Ok(!steps.is_empty())
}

fn make(vault: &Vault, state: &str, now: Instant) -> Result<SigningKeyRow, ActionError> {
    let failed = |what: &str| ActionError::Internal(format!("making a signing key failed: {what}"));
    let private = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())
        .map_err(|_unspecified| failed("no key"))?;
    let mut public = Jwk::from_encoding_key(&EncodingKey::from_ec_der(private.as_ref()), Algorithm::ES256)
        .map_err(|error| failed(&error.to_string()))?;
    let kid = public.thumbprint(ThumbprintHash::SHA256).map_err(|error| failed(&error.to_string()))?;
    public.common.key_id = Some(kid.clone());
    public.common.public_key_use = Some(PublicKeyUse::Signature);
    public.common.key_algorithm = Some(KeyAlgorithm::ES256);
    Ok(SigningKeyRow {
        private_wrapped: vault.seal(&kid, private.as_ref())?,
        public_jwk: serde_json::to_string(&public).map_err(|error| failed(&error.to_string()))?,
        kid,
        state: state.to_owned(),
        created_at: now.micros(),
        activated_at: (state == "active").then_some(now.micros()),
        retires_at: None,
    })
}

/// The keys as they are used: one signs, all that are published verify.
pub(super) struct KeyRing {
    pub(super) signing_kid: String,
    pub(super) signing: EncodingKey,
    pub(super) verifying: HashMap<String, DecodingKey>,
    /// The JSON Web Key Set that partners fetch.
    pub(super) published: serde_json::Value,
}

impl KeyRing {
    /// Reads the ring; `None` while no key signs.
    pub(super) fn read(conn: &mut AnyConn, vault: &Vault) -> Result<Option<Self>, ActionError> {
        let rows = signing_keys::list_keys(conn)?;
        let newest = rows.iter().filter(|row| row.state == "active").max_by_key(|row| (row.activated_at, &row.kid));
        let Some(active) = newest else { return Ok(None) };
        let mut verifying = HashMap::new();
        let mut published = Vec::new();
        for row in &rows {
            let unreadable = |error: String| StoreError::corrupt(format!("signing key {}: {error}", row.kid));
            let public: Jwk = serde_json::from_str(&row.public_jwk).map_err(|error| unreadable(error.to_string()))?;
            let key = DecodingKey::from_jwk(&public).map_err(|error| unreadable(error.to_string()))?;
            verifying.insert(row.kid.clone(), key);
            published.push(serde_json::to_value(&public).map_err(|error| unreadable(error.to_string()))?);
        }
        Ok(Some(Self {
            signing: EncodingKey::from_ec_der(&vault.open(&active.kid, &active.private_wrapped)?),
            signing_kid: active.kid.clone(),
            verifying,
            published: serde_json::json!({ "keys": published }),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Instant = Instant::from_micros(1_800_000_000_000_000);

    fn key(kid: &str, state: &str, created_days_ago: i64, retires_at: Option<Instant>) -> SigningKeyRow {
        let created_at = NOON.plus_days(-created_days_ago).micros();
        SigningKeyRow {
            kid: kid.to_owned(),
            state: state.to_owned(),
            public_jwk: String::new(),
            private_wrapped: String::new(),
            created_at,
            activated_at: Some(created_at),
            retires_at: retires_at.map(Instant::micros),
        }
    }

    #[test]
    fn an_empty_hub_gets_a_key_that_signs_and_the_next_one() {
        assert_eq!(plan(&[], NOON, false), [Step::Make { state: "active" }, Step::Make { state: "next" }]);
    }

    #[test]
    fn nothing_happens_within_ninety_days() {
        assert_eq!(plan(&[key("a", "active", 89, None), key("b", "next", 80, None)], NOON, false), []);
    }

    #[test]
    fn after_ninety_days_the_next_key_signs_if_it_was_published_for_a_day() {
        let fresh = [key("a", "active", 91, None), key("b", "next", 0, None)];
        assert_eq!(plan(&fresh, NOON, false), []);
        let steps = plan(&[key("a", "active", 91, None), key("b", "next", 1, None)], NOON, false);
        assert_eq!(
            steps,
            [
                Step::Move { kid: "a".to_owned(), from: "active", to: "retiring" },
                Step::Move { kid: "b".to_owned(), from: "next", to: "active" },
                Step::Make { state: "next" },
            ]
        );
    }

    #[test]
    fn a_retiring_key_goes_when_its_last_token_has_ended() {
        let active = key("a", "active", 1, None);
        let next = key("n", "next", 1, None);
        let kept = key("r", "retiring", 91, Some(NOON.plus_minutes(1)));
        assert_eq!(plan(&[active.clone(), next.clone(), kept], NOON, false), []);
        let spent = key("r", "retiring", 91, Some(NOON));
        let steps = plan(&[active, next, spent], NOON, false);
        assert_eq!(steps, [Step::Move { kid: "r".to_owned(), from: "retiring", to: "retired" }]);
    }

    #[test]
    fn an_emergency_ends_every_key() {
        let steps = plan(&[key("a", "active", 1, None), key("n", "next", 1, None)], NOON, true);
        assert_eq!(steps.iter().filter(|step| matches!(step, Step::Move { to: "retired", .. })).count(), 2);
        assert!(steps.ends_with(&[Step::Make { state: "active" }, Step::Make { state: "next" }]));
    }
}
