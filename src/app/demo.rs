//! The demo: an embedded hub with a simulated clock, a region's events played through its public API, then the
//! hub stays up. Its sign-ins are random and valid for its data folder alone.

use super::{AppError, RunningHub, serve};
use crate::actions::identity::{hash_of_secret, new_key_encryption_key};
use crate::actions::people::{self, ClientKey, CreateClient, CreateUser};
use crate::actions::simulation::move_clock;
use crate::actions::sites::{SiteFilter, list_sites};
use crate::actions::{Call, Hub};
use crate::config::Config;
use crate::domain::actor::{Actor, Role};
use crate::domain::ids::SiteId;
use crate::domain::site::SiteRole;
use crate::scenario::{self, Credentials, ReplayOptions, Report};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

/// After the replay the clock goes on by a minute as often as one passes.
const TICK: Duration = Duration::from_secs(60);

/// What to play and how to end.
#[derive(Debug, Clone)]
pub struct DemoOptions {
    /// A region of the program, or the path of a region file.
    pub region: String,
    /// Days to play; the whole stream without.
    pub days: Option<i64>,
    /// Seed of the replay's own draws.
    pub seed: u64,
    /// Let things go wrong on purpose, and a recall come each week.
    pub disturbed: bool,
    /// Another stream of events.
    pub events: Option<PathBuf>,
    /// Where to write the report as JSON; `-` is standard output.
    pub report: Option<PathBuf>,
    /// Stop after the replay.
    pub exit: bool,
    /// Address and port.
    pub listen: String,
    /// Data folder; a fresh temporary one without.
    pub data: Option<PathBuf>,
}

/// Somebody who may sign in to the demo.
struct SignIn {
    role: &'static str,
    site: String,
    email: String,
    password: String,
}

/// Plays a region and, unless told to exit, keeps serving.
///
/// # Errors
/// A faulty region or stream, before anything is written; a hub that cannot start; a replay that failed.
pub async fn demo(options: &DemoOptions) -> Result<(), AppError> {
    let input = scenario::load(&options.region, options.events.as_deref()).map_err(|error| replay_failed(&error))?;
    let (data_dir, fresh) = match &options.data {
        Some(path) => (path.clone(), false),
        None => (std::env::temp_dir().join(format!("milkbridge-demo-{}", std::process::id())), true),
    };
    let config = Config {
        listen: options.listen.clone(),
        data_dir: data_dir.clone(),
        rate_limit: None,
        simulation: true,
        ..Config::default()
    };
    let running = serve(&config).await?;
    let outcome = play(&running, options, input).await;
    if options.exit || outcome.is_err() {
        running.stop().await?;
        if fresh {
            std::fs::remove_dir_all(&data_dir).map_err(super::io("removing the demo's data folder"))?;
        }
        return judge(&outcome?);
    }
    introduce(&running).await?;
    let time = tokio::spawn(keep_time(running.hub.clone()));
    let ended = running.until_signal().await;
    time.abort();
    ended
}

/// After the replay the simulated clock goes on as clocks do, so that what people ask for is matched and lapses.
async fn keep_time(hub: Hub) {
    let mut ticks = tokio::time::interval(TICK);
    ticks.tick().await;
    loop {
        ticks.tick().await;
        if let Err(error) = move_clock(&hub, hub.clock.now().plus_minutes(1), true).await {
            tracing::warn!(%error, "the demo's clock stands still");
        }
    }
}

async fn play(running: &RunningHub, options: &DemoOptions, input: scenario::ReplayInput) -> Result<Report, AppError> {
    let admin = make_replay_client(running).await?;
    let nonce = running.hub.ids.next(running.hub.clock.now()).as_u128();
    let replay = ReplayOptions {
        hub_url: running.base_url(),
        admin,
        input,
        days: options.days,
        seed: options.seed,
        nonce,
        disturbed: options.disturbed,
        progress: true,
    };
    let report = scenario::replay(replay).await.map_err(|error| replay_failed(&error))?;
    show_report(&report, options.report.as_deref())?;
    Ok(report)
}

/// # Errors
/// `Unsound` with everything that must always hold and did not.
pub fn judge(report: &Report) -> Result<(), AppError> {
    let failings = report.failings();
    if failings.is_empty() { Ok(()) } else { Err(AppError::Unsound(failings.join("; "))) }
}

/// Prints the report as a table, and writes it as JSON where asked: on standard output instead of the table.
///
/// # Errors
/// `Io` when the file cannot be written.
pub fn show_report(report: &Report, to: Option<&std::path::Path>) -> Result<(), AppError> {
    let json = serde_json::to_string_pretty(report).map_err(|error| replay_failed(&error))?;
    match to {
        Some(path) if path.as_os_str() == "-" => {
            eprintln!("{}", scenario::print_table(report));
            println!("{json}");
        }
        Some(path) => {
            println!("{}", scenario::print_table(report));
            std::fs::write(path, json + "\n").map_err(super::io(format!("writing {}", path.display())))?;
        }
        None => println!("{}", scenario::print_table(report)),
    }
    Ok(())
}

pub(super) fn replay_failed(error: &dyn std::fmt::Display) -> AppError {
    AppError::Settings(error.to_string())
}

async fn make_replay_client(running: &RunningHub) -> Result<Credentials, AppError> {
    let command = CreateClient {
        name: "replay".to_owned(),
        role: Role::HubAdministrator,
        site_ids: BTreeSet::new(),
        key: ClientKey::Secret,
    };
    let authority = std::sync::Arc::clone(&running.authority);
    let client = running
        .hub
        .write(&Call::by_hub(), move |tx| {
            people::create_client(tx, &command, &|id| Ok(hash_of_secret(&authority.vault().client_secret(id)?)))
        })
        .await?;
    let client_secret = running.authority.vault().client_secret(client.id.as_str())?;
    Ok(Credentials { client_id: client.id.to_string(), client_secret })
}

/// Makes the demo's people and prints where to sign in.
async fn introduce(running: &RunningHub) -> Result<(), AppError> {
    let sites = running.hub.read(|conn| list_sites(conn, &Actor::hub(), &SiteFilter::default(), None, 200)).await?;
    let first = |role: SiteRole| sites.iter().find(|seen| seen.site.role == role).map(|seen| &seen.site);
    let mut wanted = vec![(Role::HubAdministrator, None), (Role::Dispatcher, None)];
    if let Some(bank) = first(SiteRole::Bank) {
        wanted.push((Role::BankManager, Some((bank.id, bank.name.clone()))));
    }
    if let Some(unit) = first(SiteRole::Recipient) {
        wanted.push((Role::Clinician, Some((unit.id, unit.name.clone()))));
    }
    let mut sign_ins = Vec::new();
    for (role, site) in wanted {
        sign_ins.push(make_person(running, role, site).await?);
    }
    let base = running.base_url();
    println!("\nThe hub keeps serving at {base}  (API pages: {base}/docs/)");
    println!("Sign in at {base}/portal/ with one of these accounts, which exist in this data folder alone:\n");
    for SignIn { role, site, email, password } in &sign_ins {
        println!("  {role:<18} {email:<34} {password}   {site}");
    }
    println!("\nThe policy sets of the demo are signed by the demo itself, and say so. Stop with Ctrl-C.");
    Ok(())
}

async fn make_person(running: &RunningHub, role: Role, site: Option<(SiteId, String)>) -> Result<SignIn, AppError> {
    let password: String = new_key_encryption_key()?.chars().filter(char::is_ascii_alphanumeric).take(20).collect();
    let email = format!("{}@demo.example", role.as_str().replace('_', "-"));
    let command = CreateUser {
        email: email.clone(),
        display_name: format!("Demo {}", role.as_str().replace('_', " ")),
        password_hash: running.authority.hash_password(password.clone()).await?,
        role,
        site_ids: site.iter().map(|(id, _)| *id).collect(),
    };
    // A data folder that was used before has these people; they get no new password behind their back.
    let made = running.hub.write(&Call::by_hub(), move |tx| people::create_user(tx, &command)).await;
    let password = if made.is_ok() { password } else { "(made earlier)".to_owned() };
    Ok(SignIn { role: role.as_str(), site: site.map(|(_, name)| name).unwrap_or_default(), email, password })
}
