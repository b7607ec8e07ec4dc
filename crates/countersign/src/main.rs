//! The `countersign` binary: one program, one command for each thing it can be.
//!
//! `core`, `country` and `standins` each serve one part of the system and run until they are told
//! to stop; `demo` starts all three as processes of their own and plays a walk-through; `seed`,
//! `bench`, `migrate`, `copy` and `openapi` do one job and end; `deliveries` and `pending`
//! ask a Core that runs, for operators. Each command reads its options, then calls the crate that
//! does the work: nothing here may know a rule of civil registration. Start at [`Command`].

mod bench;
mod commands;
mod database;
mod deliveries;
mod demo;
mod log;
mod opening;
mod operator;
mod part;
mod pending;
mod print;
mod remote;
mod seed;
mod stop;
mod talvera;
#[cfg(feature = "otel")]
mod traces;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use mimalloc::MiMalloc;
use world::World;

use crate::log::LogFormat;

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// A country-neutral civil-registration core that hands every action to the country's own policy
/// service, and applies it once that has countersigned it.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true, arg_required_else_help = true)]
struct Cli {
    /// How to log: text for people, json for machines; what to log is up to RUST_LOG
    #[arg(
        long,
        global = true,
        env = "COUNTERSIGN_LOG",
        value_enum,
        default_value_t
    )]
    log: LogFormat,
    /// Stop when standard input ends: how whoever started a process takes it along
    #[arg(long, global = true, hide = true)]
    stop_at_end_of_input: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start everything on this machine and play a walk-through of an action's life
    Demo(demo::DemoArgs),
    /// Serve Core: records, accounts, the API, and deliveries to country config
    Core(Box<commands::core::CoreArgs>),
    /// Serve the reference country config
    Country(commands::country::CountryArgs),
    /// Serve stand-ins for the outside: national ID, SMS and mail
    Standins(commands::standins::StandinsArgs),
    /// Bring country config's places and users into a running Core; again changes nothing
    Seed(commands::seed::SeedArgs),
    /// Measure how fast one Core, or several side by side, take actions to Accepted
    Bench(Box<bench::BenchArgs>),
    /// Bring a database up to date, before a newer Core starts on it
    Migrate(commands::migrate::MigrateArgs),
    /// Copy a deployment whose Core is stopped to another database, and compare the two
    Copy(commands::copy::CopyArgs),
    /// See what waits for country config and why, and do something about it, in a running Core
    Deliveries(Box<deliveries::DeliveriesArgs>),
    /// See which actions wait for the country's decision, and decide by hand or ask again, in a
    /// running Core
    Pending(Box<pending::PendingArgs>),
    /// Print the OpenAPI description of Core's REST API
    Openapi,
}

impl Command {
    /// What this process is called among those whose traces are collected; jobs that end have none.
    fn service(&self) -> Option<&'static str> {
        match self {
            Self::Core(_) => Some("countersign-core"),
            Self::Country(_) => Some("countersign-country"),
            _ => None,
        }
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let level = match cli.command {
        Command::Core(_) | Command::Country(_) | Command::Standins(_) => "info",
        _ => "warn",
    };
    let world = World::real();
    let logging = log::start(cli.log, level, cli.command.service(), &world);
    let ended = run(cli, world).await;
    logging.finish().await;
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // With everything that caused it, on one line.
            eprintln!("countersign: {error:#}");
            match error.downcast_ref::<operator::Failure>() {
                Some(failure) => failure.exit_code().into(),
                None => ExitCode::FAILURE,
            }
        }
    }
}

async fn run(cli: Cli, world: World) -> anyhow::Result<()> {
    let stop = || stop::token(cli.stop_at_end_of_input);
    match cli.command {
        Command::Demo(args) => demo::run(args, world, stop()?).await,
        Command::Core(args) => commands::core::run(*args, world, stop()?).await,
        Command::Country(args) => commands::country::run(args, world, stop()?).await,
        Command::Standins(args) => commands::standins::run(args, world, stop()?).await,
        Command::Seed(args) => commands::seed::run(args, world).await,
        Command::Bench(args) => bench::run(*args, world).await,
        Command::Migrate(args) => commands::migrate::run(args).await,
        Command::Copy(args) => commands::copy::run(args, world).await,
        Command::Deliveries(args) => deliveries::run(*args, world).await,
        Command::Pending(args) => pending::run(*args, world).await,
        Command::Openapi => commands::openapi::run(),
    }
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, error::ErrorKind};

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    /// What texts tell people to type.
    const TOLD: [(&str, &str); 5] = [
        ("README.md", include_str!("../../../README.md")),
        (
            "docs/operating.md",
            include_str!("../../../docs/operating.md"),
        ),
        ("docs/pending.md", include_str!("../../../docs/pending.md")),
        ("ops/README.md", include_str!("../../../ops/README.md")),
        (
            "ops/prometheus/alerts.yml",
            include_str!("../../../ops/prometheus/alerts.yml"),
        ),
    ];

    /// The commands in a text: lines that are one, runbooks, and what stands in backticks.
    fn commands(text: &str) -> Vec<String> {
        let whole = text.replace("\\\n", " ");
        let lines = whole.lines().filter_map(|line| {
            let line = line.trim().trim_start_matches("$ ");
            let line = line.strip_prefix("runbook: ").map_or(line, |runbook| {
                // Quotes are YAML's: none of the commands has its own.
                runbook.trim_matches('"')
            });
            let line = line.trim_start_matches("target/release/");
            line.starts_with("countersign ").then(|| line.to_owned())
        });
        let quoted = text.split('`').skip(1).step_by(2);
        let quoted = quoted.filter(|quoted| quoted.starts_with("countersign "));
        lines.chain(quoted.map(str::to_owned)).collect()
    }

    /// Its words as a shell would split them, with something for what is to be filled in.
    fn words(command: &str) -> Vec<String> {
        let filled = command
            .replace("{{ $labels.kind }}", "REGISTER")
            .replace("{{ $labels.action }}", "REGISTER")
            .replace("{{ $labels.event }}", "birth");
        let command = filled.split(" | ").next().unwrap();
        let command = command.split(" # ").next().unwrap();
        let mut words = Vec::new();
        for (at, part) in command.split('"').enumerate() {
            if at % 2 == 1 {
                words.push(part.to_owned());
                continue;
            }
            let told = part.split_whitespace().filter(|word| *word != "…");
            words.extend(told.map(|word| match word.trim_matches(['[', ']']) {
                "ID" | "<actionId>" => uuid::Uuid::nil().to_string(),
                "URL" => "http://localhost:7070".to_owned(),
                word => word.to_owned(),
            }));
        }
        words
    }

    /// To ask for help is no mistake, nor to name what has commands of its own.
    fn is_help(error: &clap::Error) -> bool {
        use ErrorKind::{DisplayHelp, DisplayHelpOnMissingArgumentOrSubcommand};
        matches!(
            error.kind(),
            DisplayHelp | DisplayHelpOnMissingArgumentOrSubcommand
        )
    }

    #[test]
    fn whatever_people_are_told_to_type_is_understood() {
        let mut refused = Vec::new();
        for (file, text) in TOLD {
            let commands = commands(text);
            for command in &commands {
                let parsed = Cli::try_parse_from(words(command));
                if let Some(error) = parsed.err().filter(|error| !is_help(error)) {
                    refused.push(format!("{file}: {command}\n{error}"));
                }
            }
            let runbooks = text.matches("runbook: ").count();
            assert!(commands.len() >= runbooks, "{file}: {commands:?}");
        }
        assert!(refused.is_empty(), "{}", refused.join("\n"));
    }

    #[test]
    fn core_can_be_controlled_by_tests_only_where_it_was_built_for_them() {
        let asked = ["countersign", "core", "--test-control", "127.0.0.1:7071"];
        let parsed = Cli::try_parse_from(asked);
        if cfg!(feature = "test-control") {
            assert!(parsed.is_ok(), "{parsed:?}");
        } else {
            let refused = parsed.unwrap_err().kind();
            assert_eq!(refused, clap::error::ErrorKind::UnknownArgument);
        }
    }
}
