//! Passwords: Argon2id with 19 MiB, two passes and one lane (OWASP's first choice), two at a time, so that a
//! rush of sign-ins costs time and not memory.

use crate::actions::ActionError;
use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::password_hash::{self, CustomizedPasswordHasher};
use argon2::{Algorithm, Argon2, Block, Params, PasswordHasher, PasswordVerifier, Version};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::sync::Semaphore;

/// Passwords that are hashed at the same time.
const AT_A_TIME: usize = 2;
/// A sign-in waits this long for its turn.
const PATIENCE: Duration = Duration::from_secs(10);

/// Hashes and checks passwords, a few at a time.
pub(super) struct Passwords {
    turns: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self { turns: Arc::new(Semaphore::new(AT_A_TIME)) }
    }
}

impl Passwords {
    /// The hash of a password as PHC text, with a salt of its own.
    pub(super) async fn hash(&self, password: String) -> Result<String, ActionError> {
        self.in_turn(move || hash_now(&password)).await?
    }

    /// True when the password has this hash. Without a hash it takes as long and is false, so that nobody
    /// learns which addresses have an account.
    pub(super) async fn matches(&self, password: String, hash: Option<String>) -> Result<bool, ActionError> {
        self.in_turn(move || {
            let known = hash.is_some();
            let hash = hash.map_or_else(|| hash_of_nobody().map(str::to_owned), Ok)?;
            let parsed = PasswordHash::new(&hash)
                .map_err(|_unreadable| ActionError::Internal(String::from("a stored password hash is unreadable")))?;
            Ok(Returning.verify_password(password.as_bytes(), &parsed).is_ok() && known)
        })
        .await?
    }

    async fn in_turn<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, ActionError> {
        let turn = tokio::time::timeout(PATIENCE, Arc::clone(&self.turns).acquire_owned());
        let Ok(Ok(turn)) = turn.await else { return Err(ActionError::Busy) };
        let work = tokio::task::spawn_blocking(move || {
            let _until_done = turn;
            work()
        });
        work.await.map_err(|_gone| ActionError::Internal(String::from("hashing a password did not finish")))
    }
}

fn hash_now(password: &str) -> Result<String, ActionError> {
    Returning
        .hash_password(password.as_bytes())
        .map(|hash| hash.to_string())
        .map_err(|_unspecified| ActionError::Internal(String::from("hashing a password failed")))
}

fn hash_of_nobody() -> Result<&'static str, ActionError> {
    static HASH: OnceLock<String> = OnceLock::new();
    if let Some(hash) = HASH.get() {
        return Ok(hash);
    }
    let hash = hash_now("the password of nobody")?;
    Ok(HASH.get_or_init(|| hash))
}

/// Blocks of 1 KiB that are asked for at once. More than glibc ever keeps for later (32 MiB), so that the memory of a
/// password goes back to the system; only what Argon2 writes to is ever taken.
const ROOM_BLOCKS: usize = 33 * 1024;

/// Argon2 that returns its memory: of its own, freed blocks of 19 MiB would stay with the process.
struct Returning;

impl PasswordHasher<PasswordHash> for Returning {
    fn hash_password_with_salt(&self, password: &[u8], salt: &[u8]) -> password_hash::Result<PasswordHash> {
        self.hash_password_with_params(password, salt, Params::default())
    }
}

impl CustomizedPasswordHasher<PasswordHash> for Returning {
    type Params = Params;

    fn hash_password_customized(
        &self,
        password: &[u8],
        salt: &[u8],
        algorithm: Option<&str>,
        version: Option<password_hash::Version>,
        params: Params,
    ) -> password_hash::Result<PasswordHash> {
        let algorithm = algorithm.map(Algorithm::try_from).transpose()?.unwrap_or_default();
        let version = version.map(Version::try_from).transpose()?.unwrap_or_default();
        let salt = Salt::new(salt)?;
        let mut out = [0; Output::MAX_LENGTH];
        let length = params.output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN);
        let out = out.get_mut(..length).ok_or(password_hash::Error::OutputSize)?;
        let mut memory = Vec::with_capacity(params.block_count().max(ROOM_BLOCKS));
        memory.resize(params.block_count(), Block::default());
        let argon2 = Argon2::new(algorithm, version, params.clone());
        argon2.hash_password_into_with_memory(password, &salt, out, &mut memory)?;
        Ok(PasswordHash {
            algorithm: algorithm.ident(),
            version: Some(version.into()),
            params: ParamsString::try_from(&params)?,
            salt: Some(salt),
            hash: Some(Output::new(out)?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_matches_its_own_hash_only() {
        let passwords = Passwords::default();
        let hash = passwords.hash("correct horse battery".to_owned()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(passwords.matches("correct horse battery".to_owned(), Some(hash.clone())).await.unwrap());
        assert!(!passwords.matches("correct horse batterz".to_owned(), Some(hash.clone())).await.unwrap());
        let parsed = PasswordHash::new(&hash).unwrap();
        assert!(
            Argon2::default().verify_password(b"correct horse battery", &parsed).is_ok(),
            "as Argon2 itself has it"
        );
        assert!(!passwords.matches("the password of nobody".to_owned(), None).await.unwrap());
    }
}
