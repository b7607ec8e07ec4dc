//! `conformance`: the vectors, from the command line.

use std::{error::Error, path::PathBuf, process::ExitCode, time::Duration};

use clap::{Args, Parser, Subcommand};
use conformance::{Subject, VectorError, measure, run_vectors};
use mimalloc::MiMalloc;

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Holds the rules of records, forms and access against vectors
#[derive(Debug, Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run every row; print one line a file, and the first row that fails. Exit status: 0 when all
    /// pass, 1 when a row fails, 2 when they cannot be run
    Vectors(Input),
    /// Print how many states, declarations and conditionals one core computes a second
    Speed {
        #[command(flatten)]
        input: Input,
        /// Measure only this
        #[arg(long)]
        only: Option<Subject>,
        /// How long to measure each, in seconds
        #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=3600))]
        seconds: u64,
    },
}

#[derive(Debug, Args)]
struct Input {
    /// The folder with the files of rows (conditionals.jsonl, states.jsonl and so on)
    #[arg(value_name = "DIR")]
    vectors: PathBuf,
    /// The folder with the configurations (events.json) that the rows were made with
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Vectors(input) => vectors(&input),
        Command::Speed {
            input,
            only,
            seconds,
        } => speed(&input, only, Duration::from_secs(seconds)),
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("conformance: {}", with_causes(&error));
        ExitCode::from(2)
    })
}

fn vectors(input: &Input) -> Result<ExitCode, VectorError> {
    let reports = run_vectors(&input.vectors, &input.data)?;
    for report in &reports {
        println!("{report}");
    }
    Ok(if reports.iter().all(|report| report.failed == 0) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn speed(
    input: &Input,
    only: Option<Subject>,
    at_least: Duration,
) -> Result<ExitCode, VectorError> {
    for subject in Subject::ALL {
        if only.is_none_or(|only| only == subject) {
            println!(
                "{}",
                measure(&input.vectors, &input.data, subject, at_least)?
            );
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// An error and everything that caused it, on one line.
fn with_causes(error: &dyn Error) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        line = format!("{line}: {error}");
        cause = error.source();
    }
    line
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
