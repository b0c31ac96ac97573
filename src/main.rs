//! The command line: each command is one call.

use clap::{Parser, Subcommand};
use milkbridge::app::{DemoOptions, RemoteReplay};
use milkbridge::config::{self, Config};
use milkbridge::interop::match_instance::{self, DEFAULT_TIME_LIMIT_SECONDS, Limits};
use milkbridge::{api, app, interop, telemetry};
use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

/// The hub through which hospital milk banks exchange donor human milk.
#[derive(Debug, Parser)]
#[command(name = "milkbridge", version)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Play a region of real hospitals on an embedded hub, report, and keep serving.
    Demo {
        /// xian, hongkong, vietnam-laos, france, or the path of a region file.
        #[arg(long, default_value = "hongkong")]
        region: String,
        /// Days to play; the whole stream without.
        #[arg(long, value_parser = clap::value_parser!(i64).range(1..=3650))]
        days: Option<i64>,
        /// Seed of the replay's own draws.
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Another stream of events.
        #[arg(long)]
        events: Option<PathBuf>,
        /// Let loggers and couriers go wrong, and a recall come each week; the report says what came of it.
        #[arg(long)]
        disturbed: bool,
        /// Where to write the report as JSON; - is standard output.
        #[arg(long)]
        report: Option<PathBuf>,
        /// Stop after the replay.
        #[arg(long)]
        exit: bool,
        /// Address and port.
        #[arg(long, default_value = "127.0.0.1:8080")]
        listen: String,
        /// Data folder; a fresh temporary one without.
        #[arg(long)]
        data: Option<PathBuf>,
    },
    /// Play a region on a hub that runs elsewhere and was started for simulation.
    Replay {
        /// Base URL of the hub.
        #[arg(long)]
        hub: String,
        /// xian, hongkong, vietnam-laos, france, or the path of a region file.
        #[arg(long)]
        region: String,
        /// Another stream of events than the region's own.
        #[arg(long)]
        events: Option<PathBuf>,
        /// Days to play; the whole stream without.
        #[arg(long, value_parser = clap::value_parser!(i64).range(1..=3650))]
        days: Option<i64>,
        /// Seed of the replay's own draws.
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Let loggers and couriers go wrong, and a recall come each week; the report says what came of it.
        #[arg(long)]
        disturbed: bool,
        /// Where to write the report as JSON; - is standard output.
        #[arg(long)]
        report: Option<PathBuf>,
    },
    /// Run the hub, configured by the environment.
    #[command(after_help = environment())]
    Serve,
    /// Bring the database to this program's schema.
    Migrate,
    /// Print the specification of the API.
    Openapi,
    /// Say what of the configuration works.
    Doctor,
    /// Ask a running hub whether it is ready; exit 0 when it is.
    Healthcheck {
        /// Base URL of the hub; the configured listen address if absent.
        #[arg(long)]
        url: Option<String>,
    },
    /// Copy the embedded database into a new file, also while a hub works on it.
    Backup {
        /// The new file.
        file: PathBuf,
    },
    /// Put a copy in the place of the embedded database, once it has proven sound.
    Restore {
        /// The copy.
        file: PathBuf,
        /// Move the database that is there aside.
        #[arg(long)]
        replace: bool,
    },
    /// Walk the chain of audit entries and name the first link that does not hold.
    VerifyChain {
        /// A head that an earlier walk printed; the chain must still pass through it.
        #[arg(long, value_name = "PLACE:HASH")]
        head: Option<String>,
    },
    /// End every signing key and every token at once, after a key may have leaked.
    RotateKeys,
    /// Plan one matching instance and write who gets which bottles.
    Match {
        /// An instance of the format milk-match-instance/1.
        instance: PathBuf,
        /// Where to write the plan; standard output if absent.
        #[arg(long)]
        output: Option<PathBuf>,
        /// Seconds to spend where the best plan cannot be proven at once.
        #[arg(long, value_name = "SECONDS", default_value_t = DEFAULT_TIME_LIMIT_SECONDS)]
        time_limit: f64,
        /// Rounds of improvement; where they end before the time, the same plan comes every time.
        #[arg(long, default_value_t = u32::MAX, hide_default_value = true)]
        rounds: u32,
        /// Seed of the improvement.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
}

fn environment() -> String {
    let rows = config::NAMES.iter().map(|(name, meaning)| format!("  {name:<38} {meaning}\n"));
    format!("Environment:\n{}", rows.collect::<String>())
}

fn main() -> ExitCode {
    match run(CommandLine::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("milkbridge: {error}");
            ExitCode::from(2)
        }
    }
}

fn run(command: Command) -> Result<(), Box<dyn Error>> {
    match command {
        Command::Match { instance, output, time_limit: seconds, rounds, seed } => {
            Ok(match_instance::run(&instance, output.as_deref(), &Limits { seconds, rounds, seed })?)
        }
        Command::Openapi => {
            print!("{}", api::document_text()?);
            Ok(())
        }
        Command::Demo { region, days, seed, events, disturbed, report, exit, listen, data } => {
            let options = DemoOptions { region, days, seed, disturbed, events, report, exit, listen, data };
            Ok(runtime()?.block_on(app::demo(&options))?)
        }
        Command::Replay { hub: hub_url, region, events, days, seed, disturbed, report } => {
            let remote = RemoteReplay { hub_url, region, events, days, seed, disturbed, report };
            in_runtime(|config| async move { Ok(app::replay(&config, &remote).await?) })
        }
        Command::Serve => in_runtime(|config| async move {
            telemetry::start_logs(&config);
            Ok(app::serve(&config).await?.until_signal().await?)
        }),
        Command::Migrate => in_runtime(|config| async move {
            app::open_store(&config).await?;
            println!("the database is up to date");
            Ok(())
        }),
        Command::Doctor => in_runtime(|config| async move { Ok(app::doctor(&config).await?) }),
        Command::Healthcheck { url } => in_runtime(|config| async move {
            Ok(interop::health::ask(&url.unwrap_or_else(|| format!("http://{}", config.listen))).await?)
        }),
        Command::Backup { file } => in_runtime(|config| async move { Ok(app::backup(&config, file).await?) }),
        Command::Restore { file, replace } => {
            in_runtime(|config| async move { Ok(app::restore(&config, file, replace).await?) })
        }
        Command::VerifyChain { head } => {
            in_runtime(|config| async move { Ok(app::verify_chain(&config, head.as_deref()).await?) })
        }
        Command::RotateKeys => in_runtime(|config| async move { Ok(app::rotate_keys(&config).await?) }),
    }
}

/// Reads the configuration and runs a command on a runtime of its own.
fn in_runtime<F>(command: impl FnOnce(Config) -> F) -> Result<(), Box<dyn Error>>
where
    F: Future<Output = Result<(), Box<dyn Error>>>,
{
    let config = Config::from_env()?;
    runtime()?.block_on(command(config))
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()
}
