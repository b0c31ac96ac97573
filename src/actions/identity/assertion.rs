//! A client's signed assertion (RFC 7523, `private_key_jwt`): who it says it is, for this hub alone, within
//! five minutes, once.

use super::keys::SKEW_S;
use crate::domain::time::Instant;
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk, JwkSet};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;

/// The algorithms that are taken. No symmetric one: its key would be as good as ours.
const ALGORITHMS: [Algorithm; 5] =
    [Algorithm::ES256, Algorithm::ES384, Algorithm::EdDSA, Algorithm::PS256, Algorithm::RS384];
/// An assertion may live this long, in seconds.
const LONGEST_LIFE_S: i64 = 300;
/// The longest assertion id that is kept, in bytes.
const LONGEST_ID: usize = 255;
/// The most keys one client may have.
const MOST_KEYS: usize = 10;

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Audience,
    exp: i64,
    jti: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

impl Audience {
    /// True when it names `issuer` and nobody else: an assertion for two could be passed on by one of them.
    fn is_only(&self, issuer: &str) -> bool {
        match self {
            Self::One(one) => one == issuer,
            Self::Several(several) => matches!(several.as_slice(), [one] if one == issuer),
        }
    }
}

/// An assertion whose signature and claims hold; it still has to be spent.
pub(super) struct Assertion {
    pub(super) jti: String,
    pub(super) expires_at: Instant,
}

/// The client id that an assertion claims, not yet to be believed.
pub(super) fn claimed_client(assertion: &str) -> Option<String> {
    jsonwebtoken::dangerous::insecure_decode_claims::<Claims>(assertion).ok().map(|claims| claims.iss)
}

/// Checks an assertion of `client_id` against its keys.
pub(super) fn check(assertion: &str, client_id: &str, jwks: &str, issuer: &str, now: Instant) -> Option<Assertion> {
    let header = jsonwebtoken::decode_header(assertion).ok()?;
    if !ALGORITHMS.contains(&header.alg) {
        return None;
    }
    let keys: JwkSet = serde_json::from_str(jwks).ok()?;
    let key = match &header.kid {
        Some(kid) => keys.find(kid)?,
        None => match keys.keys.as_slice() {
            [only] => only,
            _ => return None,
        },
    };
    let mut validation = Validation::new(header.alg);
    // Audience and life are stricter here than the library's.
    validation.validate_aud = false;
    validation.leeway = u64::try_from(SKEW_S).unwrap_or(0);
    let key = DecodingKey::from_jwk(key).ok()?;
    let claims = jsonwebtoken::decode::<Claims>(assertion, &key, &validation).ok()?.claims;
    let now_s = now.micros() / 1_000_000;
    let holds = claims.iss == client_id
        && claims.sub == client_id
        && claims.aud.is_only(issuer)
        && claims.exp <= now_s + LONGEST_LIFE_S + SKEW_S
        && !claims.jti.is_empty()
        && claims.jti.len() <= LONGEST_ID;
    let spent_until = (claims.exp + SKEW_S).saturating_mul(1_000_000);
    holds.then(|| Assertion { jti: claims.jti, expires_at: Instant::from_micros(spent_until) })
}

/// The key set in its stored form, or what is wrong with it. Private and symmetric keys are refused.
pub(super) fn check_jwks(jwks: &serde_json::Value) -> Result<String, &'static str> {
    let Some(members) = jwks.get("keys").and_then(serde_json::Value::as_array) else {
        return Err("expected a JSON Web Key Set: an object with a list of keys");
    };
    if members.is_empty() || members.len() > MOST_KEYS {
        return Err("expected 1 to 10 keys");
    }
    if members.iter().any(|key| ["d", "p", "q", "k"].iter().any(|private| key.get(private).is_some())) {
        return Err("send public keys only; a private key that was sent is spent");
    }
    let keys: Vec<Jwk> = members
        .iter()
        .map(|key| serde_json::from_value(key.clone()))
        .collect::<Result<_, _>>()
        .map_err(|_unreadable| "a key cannot be read")?;
    let usable =
        |key: &Jwk| !matches!(key.algorithm, AlgorithmParameters::OctetKey(_)) && DecodingKey::from_jwk(key).is_ok();
    if !keys.iter().all(usable) {
        return Err("expected keys for ES256, ES384, EdDSA, PS256 or RS384");
    }
    serde_json::to_string(&JwkSet { keys }).map_err(|_unreadable| "a key cannot be read")
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::rand::SystemRandom;
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
    use jsonwebtoken::{EncodingKey, Header};
    use serde_json::json;

    const ISSUER: &str = "https://hub.example";

    struct Partner {
        private: EncodingKey,
        jwks: String,
    }

    fn partner() -> Partner {
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).unwrap();
        let private = EncodingKey::from_ec_der(pkcs8.as_ref());
        let public = Jwk::from_encoding_key(&private, Algorithm::ES256).unwrap();
        let jwks = check_jwks(&json!({ "keys": [public] })).unwrap();
        Partner { private, jwks }
    }

    #[expect(clippy::disallowed_methods, reason = "the library checks expiry by the machine's clock")]
    fn now() -> Instant {
        jiff::Timestamp::now().into()
    }

    fn sign(partner: &Partner, change: impl FnOnce(&mut serde_json::Value)) -> String {
        let now_s = now().micros() / 1_000_000;
        let mut claims = json!({ "iss": "c1", "sub": "c1", "aud": ISSUER, "exp": now_s + 120, "jti": "once" });
        change(&mut claims);
        jsonwebtoken::encode(&Header::new(Algorithm::ES256), &claims, &partner.private).unwrap()
    }

    #[test]
    fn a_good_assertion_holds_for_its_client_and_issuer_only() {
        let (partner, other) = (partner(), partner());
        let assertion = sign(&partner, |_| {});
        assert_eq!(claimed_client(&assertion).as_deref(), Some("c1"));
        assert_eq!(check(&assertion, "c1", &partner.jwks, ISSUER, now()).unwrap().jti, "once");
        assert!(check(&assertion, "c2", &partner.jwks, ISSUER, now()).is_none());
        assert!(check(&assertion, "c1", &other.jwks, ISSUER, now()).is_none());
        assert!(check(&assertion, "c1", &partner.jwks, "https://other.example", now()).is_none());
    }

    #[test]
    fn long_spent_shared_and_nameless_assertions_do_not_hold() {
        let partner = partner();
        let now_s = now().micros() / 1_000_000;
        let refused = |change: &dyn Fn(&mut serde_json::Value)| {
            check(&sign(&partner, |claims| change(claims)), "c1", &partner.jwks, ISSUER, now()).is_none()
        };
        assert!(refused(&|claims| claims["exp"] = json!(now_s + 3600)));
        assert!(refused(&|claims| claims["exp"] = json!(now_s - 3600)));
        assert!(refused(&|claims| claims["aud"] = json!([ISSUER, "https://other.example"])));
        assert!(refused(&|claims| claims["aud"] = json!(format!("{ISSUER}/oauth/token"))));
        assert!(refused(&|claims| claims["jti"] = json!("")));
        assert!(refused(&|claims| claims["sub"] = json!("c2")));
    }

    #[test]
    fn symmetric_and_private_keys_are_refused() {
        assert!(check_jwks(&json!({ "keys": [{ "kty": "oct", "k": "c2VjcmV0" }] })).is_err());
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).unwrap();
        let public = Jwk::from_encoding_key(&EncodingKey::from_ec_der(pkcs8.as_ref()), Algorithm::ES256).unwrap();
        let mut key = serde_json::to_value(public).unwrap();
        key["d"] = json!("AAAA");
        assert!(check_jwks(&json!({ "keys": [key] })).is_err());
        assert!(check_jwks(&json!({ "keys": [] })).is_err());
        assert!(check_jwks(&json!([])).is_err());
    }

    #[test]
    fn an_unsigned_or_symmetric_assertion_never_holds() {
        let partner = partner();
        let claims = json!({ "iss": "c1", "sub": "c1", "aud": ISSUER, "exp": 9_999_999_999_i64, "jti": "x" });
        let symmetric =
            jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &EncodingKey::from_secret(b"x")).unwrap();
        assert!(check(&symmetric, "c1", &partner.jwks, ISSUER, now()).is_none());
        assert!(check("e30.e30.", "c1", &partner.jwks, ISSUER, now()).is_none());
    }
}
