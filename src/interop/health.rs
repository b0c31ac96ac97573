//! Asking a running hub whether it is ready, for container platforms that need a command.

use std::time::Duration;

/// Why the hub does not count as ready.
#[derive(Debug, thiserror::Error)]
pub enum HealthError {
    /// It could not be asked.
    #[error("the hub could not be asked: {0}")]
    Unreachable(#[from] reqwest::Error),
    /// It said no.
    #[error("the hub is not ready: status {0}")]
    NotReady(u16),
}

/// Asks `/readyz` of the hub at `base_url`.
///
/// # Errors
/// `Unreachable` without an answer within five seconds, `NotReady` for any other status than 200.
pub async fn ask(base_url: &str) -> Result<(), HealthError> {
    let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(5)).build()?;
    let status = client.get(format!("{}/readyz", base_url.trim_end_matches('/'))).send().await?.status();
    if status.is_success() { Ok(()) } else { Err(HealthError::NotReady(status.as_u16())) }
}
