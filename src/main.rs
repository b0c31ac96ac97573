//! The command line: each command is one call.

use clap::{Parser, Subcommand};
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
    /// Plan one matching instance and write who gets which bottles.
    Match {
        /// An instance of the format milk-match-instance/1.
        instance: PathBuf,
        /// Where to write the plan; standard output if absent.
        #[arg(long)]
        output: Option<PathBuf>,
        /// Seconds to spend where the best plan cannot be proven at once.
        #[arg(long, value_name = "SECONDS")]
        time_limit: Option<f64>,
    },
}

fn main() -> ExitCode {
    let done = match CommandLine::parse().command {
        Command::Match { instance, output, time_limit } => {
            milkbridge::interop::match_instance::run(&instance, output.as_deref(), time_limit)
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("milkbridge: {error}");
            ExitCode::from(2)
        }
    }
}
