//! `fuzz`: the targets, from the command line.

use std::{error::Error, fs, path::PathBuf, process::ExitCode, time::Duration};

use clap::{Parser, Subcommand};
use fuzz::{Plan, Target, replay, run, work};

/// Throws broken configurations and broken input at the rules, to see that nothing panics
#[derive(Debug, Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run every target, or those named, for their share of the time. Exit status: 0 when nothing
    /// failed, 1 when something did
    Run {
        /// Only these
        targets: Vec<Target>,
        /// How long in all, in seconds
        #[arg(long, default_value_t = 60)]
        seconds: u64,
        /// Which cases: the same seed makes the same ones
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Where a case that fails is written to
        #[arg(long, default_value = "target/fuzz")]
        failures: PathBuf,
    },
    /// Run a case again that was written down, printing what it is
    Replay {
        /// What it is a case of
        target: Target,
        /// The file
        file: PathBuf,
    },
    /// What `run` starts
    #[command(hide = true)]
    Work {
        target: Target,
        #[arg(long)]
        seed: u64,
        #[arg(long)]
        milliseconds: u64,
        #[arg(long)]
        progress: PathBuf,
    },
}

fn main() -> ExitCode {
    match try_main(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let cause = error.source().map(|cause| format!(": {cause}"));
            eprintln!("fuzz: {error}{}", cause.unwrap_or_default());
            ExitCode::FAILURE
        }
    }
}

fn try_main(command: Command) -> Result<(), Box<dyn Error>> {
    match command {
        Command::Run {
            mut targets,
            seconds,
            seed,
            failures,
        } => {
            if targets.is_empty() {
                targets = Target::ALL.to_vec();
            }
            println!("seed {seed}, {seconds} s in all");
            run(&Plan {
                targets,
                seed,
                time: Duration::from_secs(seconds),
                failures,
            })?;
        }
        Command::Replay { target, file } => replay(target, &fs::read(file)?),
        Command::Work {
            target,
            seed,
            milliseconds,
            progress,
        } => {
            let cases = work(target, seed, Duration::from_millis(milliseconds), &progress)?;
            println!("{}: {cases} cases, none failed", target.name());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }
}
