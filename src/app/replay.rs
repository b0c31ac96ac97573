//! The replay against a hub that runs elsewhere and was started for simulation, through its public API alone.

use super::demo::replay_failed;
use super::{AppError, judge, show_report};
use crate::actions::{Clock, IdSource};
use crate::config::Config;
use crate::scenario::{self, Credentials, ReplayOptions};
use std::path::PathBuf;

/// What to play, and where.
#[derive(Debug, Clone)]
pub struct RemoteReplay {
    /// The hub's base URL.
    pub hub_url: String,
    /// A region of the program, or the path of a region file.
    pub region: String,
    /// Another stream of events.
    pub events: Option<PathBuf>,
    /// Days to play; the whole stream without.
    pub days: Option<i64>,
    /// Seed of the replay's own draws.
    pub seed: u64,
    /// Let things go wrong on purpose, and a recall come each week.
    pub disturbed: bool,
    /// Where to write the report as JSON; `-` is standard output.
    pub report: Option<PathBuf>,
}

/// Plays a region on a hub elsewhere, as the administrator's client that the configuration names.
///
/// # Errors
/// A faulty region or stream, before anything is sent; missing credentials; a replay that failed.
pub async fn replay(config: &Config, remote: &RemoteReplay) -> Result<(), AppError> {
    let input = scenario::load(&remote.region, remote.events.as_deref()).map_err(|error| replay_failed(&error))?;
    let Some(client) = &config.replay_client else {
        return Err(AppError::Settings(
            "set MILKBRIDGE_CLIENT_ID and MILKBRIDGE_CLIENT_SECRET to a client of the hub's administrator".to_owned(),
        ));
    };
    let options = ReplayOptions {
        hub_url: remote.hub_url.trim_end_matches('/').to_owned(),
        admin: Credentials { client_id: client.id.clone(), client_secret: client.secret.reveal().to_owned() },
        input,
        days: remote.days,
        seed: remote.seed,
        nonce: IdSource::Random.next(Clock::System.now()).as_u128(),
        disturbed: remote.disturbed,
        progress: true,
    };
    let report = scenario::replay(options).await.map_err(|error| replay_failed(&error))?;
    show_report(&report, remote.report.as_deref())?;
    judge(&report)
}
