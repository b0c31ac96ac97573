//! The one secret of the hub and what hangs on it: sealed private keys, derived keys, clients' secrets. The
//! secret itself never leaves this file.

use crate::actions::ActionError;
use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use aws_lc_rs::{constant_time, digest, hkdf, hmac};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

/// Bytes of a nonce of AES-GCM.
const NONCE_BYTES: usize = 12;

/// Seals and derives under the key-encryption key.
pub struct Vault {
    sealing: RandomizedNonceKey,
    root: hkdf::Prk,
}

fn fault(what: &'static str) -> ActionError {
    ActionError::Internal(format!("cryptography failed: {what}"))
}

impl Vault {
    /// Opens the vault with the key-encryption key of 32 bytes.
    ///
    /// # Errors
    /// `Internal` if the library cannot work.
    pub fn new(key_encryption_key: &[u8; 32]) -> Result<Self, ActionError> {
        let root = hkdf::Salt::new(hkdf::HKDF_SHA256, b"milkbridge").extract(key_encryption_key);
        let sealing = RandomizedNonceKey::new(&AES_256_GCM, &expand(&root, "seal signing keys")?)
            .map_err(|_unspecified| fault("sealing key"))?;
        Ok(Self { sealing, root })
    }

    /// 32 bytes for one purpose; the same ones after every start.
    ///
    /// # Errors
    /// `Internal` if the library cannot work.
    pub fn derive(&self, purpose: &str) -> Result<[u8; 32], ActionError> {
        expand(&self.root, purpose)
    }

    /// Seals bytes; `name` must be given again to open them.
    pub(super) fn seal(&self, name: &str, secret: &[u8]) -> Result<String, ActionError> {
        let mut bytes = secret.to_vec();
        let nonce = self
            .sealing
            .seal_in_place_append_tag(Aad::from(name.as_bytes()), &mut bytes)
            .map_err(|_unspecified| fault("sealing"))?;
        let mut sealed = nonce.as_ref().to_vec();
        sealed.extend_from_slice(&bytes);
        Ok(STANDARD.encode(sealed))
    }

    /// Opens what [`Vault::seal`] sealed under the same name and the same key-encryption key.
    pub(super) fn open(&self, name: &str, sealed: &str) -> Result<Vec<u8>, ActionError> {
        let unreadable =
            || ActionError::Internal(String::from("a signing key was sealed under another key-encryption key"));
        let bytes = STANDARD.decode(sealed).map_err(|_not_base64| unreadable())?;
        let (nonce, content) = bytes.split_at_checked(NONCE_BYTES).ok_or_else(unreadable)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_unspecified| unreadable())?;
        let mut content = content.to_vec();
        let opened = self
            .sealing
            .open_in_place(nonce, Aad::from(name.as_bytes()), &mut content)
            .map_err(|_unspecified| unreadable())?;
        Ok(opened.to_vec())
    }

    /// The secret of a client, 256 bits. It is derived, so that nothing that could be stolen keeps it.
    ///
    /// # Errors
    /// `Internal` if the library cannot work.
    pub fn client_secret(&self, client_id: &str) -> Result<String, ActionError> {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.derive("client secrets")?);
        Ok(format!("mbs_{}", URL_SAFE_NO_PAD.encode(hmac::sign(&key, client_id.as_bytes()))))
    }

    /// The secret of a webhook: 32 bytes, derived as a client's is. `number` rises when it is changed.
    ///
    /// # Errors
    /// `Internal` if the library cannot work.
    pub fn webhook_secret(&self, webhook_id: &str, number: i64) -> Result<[u8; 32], ActionError> {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.derive("webhook secrets")?);
        let tag = hmac::sign(&key, format!("{webhook_id}.{number}").as_bytes());
        tag.as_ref().try_into().map_err(|_length| fault("webhook secret"))
    }

    /// The same as partners keep it: `whsec_` and base64 (Standard Webhooks).
    ///
    /// # Errors
    /// `Internal` if the library cannot work.
    pub fn webhook_secret_text(&self, webhook_id: &str, number: i64) -> Result<String, ActionError> {
        Ok(format!("whsec_{}", STANDARD.encode(self.webhook_secret(webhook_id, number)?)))
    }
}

fn expand(root: &hkdf::Prk, purpose: &str) -> Result<[u8; 32], ActionError> {
    let mut bytes = [0_u8; 32];
    let info = [purpose.as_bytes()];
    root.expand(&info, hkdf::HKDF_SHA256)
        .and_then(|derived| derived.fill(&mut bytes))
        .map_err(|_unspecified| fault("key derivation"))?;
    Ok(bytes)
}

/// Hash of a client's secret as it is kept. The secret has 256 random bits, so that a plain hash is enough.
#[must_use]
pub fn hash_of_secret(secret: &str) -> String {
    STANDARD.encode(digest::digest(&digest::SHA256, secret.as_bytes()))
}

/// True when the secret has this hash, in constant time.
#[must_use]
pub(super) fn secret_matches(secret: &str, hash: &str) -> bool {
    constant_time::verify_slices_are_equal(hash_of_secret(secret).as_bytes(), hash.as_bytes()).is_ok()
}

/// Reads a key-encryption key from base64.
#[must_use]
pub fn parse_key_encryption_key(text: &str) -> Option<[u8; 32]> {
    STANDARD.decode(text.trim()).ok()?.try_into().ok()
}

/// A new key-encryption key in base64.
///
/// # Errors
/// `Internal` if there is no randomness.
pub fn new_key_encryption_key() -> Result<String, ActionError> {
    Ok(STANDARD.encode(random_bytes()?))
}

/// 256 random bits as text that fits a cookie.
pub(super) fn new_session_token() -> Result<String, ActionError> {
    Ok(URL_SAFE_NO_PAD.encode(random_bytes()?))
}

fn random_bytes() -> Result<[u8; 32], ActionError> {
    let mut bytes = [0_u8; 32];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_unspecified| fault("randomness"))?;
    Ok(bytes)
}

/// What a form of a session carries to show that a page of ours made it. It looks different every time, so
/// that compression gives nothing of it away.
pub(super) fn masked_form_token(key: &[u8; 32], session_token: &str) -> Result<String, ActionError> {
    let mask = random_bytes()?;
    let mut bytes = mask.to_vec();
    bytes.extend(form_secret(key, session_token).iter().zip(mask).map(|(byte, mask)| byte ^ mask));
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// True when a form token was made for this session.
pub(super) fn form_token_fits(key: &[u8; 32], session_token: &str, shown: &str) -> bool {
    let Ok(bytes) = URL_SAFE_NO_PAD.decode(shown) else { return false };
    let Some((mask, masked)) = bytes.split_at_checked(32) else { return false };
    let opened: Vec<u8> = masked.iter().zip(mask).map(|(byte, mask)| byte ^ mask).collect();
    constant_time::verify_slices_are_equal(&opened, &form_secret(key, session_token)).is_ok()
}

fn form_secret(key: &[u8; 32], session_token: &str) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    hmac::sign(&key, session_token.as_bytes()).as_ref().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_token_fits_its_own_session_only_and_never_looks_the_same() {
        let (first, again) = (masked_form_token(&[1; 32], "a").unwrap(), masked_form_token(&[1; 32], "a").unwrap());
        assert_ne!(first, again);
        assert!(form_token_fits(&[1; 32], "a", &first) && form_token_fits(&[1; 32], "a", &again));
        assert!(!form_token_fits(&[1; 32], "b", &first));
        assert!(!form_token_fits(&[2; 32], "a", &first));
        assert!(!form_token_fits(&[1; 32], "a", "") && !form_token_fits(&[1; 32], "a", "AAAA"));
    }

    #[test]
    fn what_is_sealed_opens_under_the_same_key_and_name_only() {
        let vault = Vault::new(&[7; 32]).unwrap();
        let sealed = vault.seal("kid", b"private").unwrap();
        assert_eq!(vault.open("kid", &sealed).unwrap(), b"private");
        assert!(vault.open("other", &sealed).is_err());
        assert!(Vault::new(&[8; 32]).unwrap().open("kid", &sealed).is_err());
        assert!(vault.open("kid", "AAAA").is_err());
    }

    #[test]
    fn a_client_has_one_secret_and_every_client_another() {
        let vault = Vault::new(&[7; 32]).unwrap();
        let secret = vault.client_secret("a").unwrap();
        assert_eq!(secret, Vault::new(&[7; 32]).unwrap().client_secret("a").unwrap());
        assert_ne!(secret, vault.client_secret("b").unwrap());
        assert!(secret_matches(&secret, &hash_of_secret(&secret)));
        assert!(!secret_matches("mbs_guess", &hash_of_secret(&secret)));
    }

    #[test]
    fn a_new_key_reads_back() {
        let text = new_key_encryption_key().unwrap();
        assert!(parse_key_encryption_key(&text).is_some());
        assert_eq!(parse_key_encryption_key("c2hvcnQ="), None);
    }
}
