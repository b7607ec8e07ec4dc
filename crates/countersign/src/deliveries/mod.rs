//! `countersign deliveries`: what waits for country config and why, and what an operator can do
//! about it, in a Core that runs.

mod changing;
mod export;
mod filter;
mod looking;
mod orders;
mod summary;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use jiff::Timestamp;
use serde_json::Value;
use world::World;

use self::{
    export::Format,
    filter::{FilterArgs, Whole},
};
use crate::operator::{Connection, Operator};

/// Exit codes: 0 done; 1 something failed; 2 the command line or the input makes no sense; 3 Core
/// does not answer, or not now; 4 a scope is missing or the sign-in wrong; 5 it is not there; 6 as
/// things stand it cannot be done; 7 an order was stopped before its end.
#[derive(Debug, Args)]
pub struct DeliveriesArgs {
    #[command(flatten)]
    connection: Connection,
    #[command(subcommand)]
    command: DeliveriesCommand,
}

#[derive(Debug, Subcommand)]
enum DeliveriesCommand {
    /// How everything stands: how much waits and since when, what is stopped, which nodes live
    Summary,
    /// Deliveries that are like this, newest first
    List {
        #[command(flatten)]
        filter: FilterArgs,
        /// How many at most
        #[arg(long, value_name = "NUMBER", default_value_t = 50)]
        limit: u64,
    },
    /// One delivery with every attempt
    Show {
        /// Its id: the id of its action, `webhook-id` on the wire
        id: String,
        /// What country config answered to every attempt, not to the last alone
        #[arg(long)]
        answers: bool,
    },
    /// Stop a kind of delivery, or all: what is under way is finished, nothing more is begun
    Pause {
        #[command(flatten)]
        which: KindOrAll,
        /// Why: others will want to know
        #[arg(long, value_name = "WORDS")]
        reason: String,
    },
    /// Lift the stop of a kind, or the one of all
    Resume {
        #[command(flatten)]
        which: KindOrAll,
        /// Why
        #[arg(long, value_name = "WORDS")]
        reason: Option<String>,
    },
    /// Send what waits for its next attempt now: one delivery, or all that are like this
    Send(SendArgs),
    /// Send triggers of undecided actions once more that country config has acknowledged: one, or
    /// all that are like this
    Resend(SendArgs),
    /// Deliveries that are like this, as a file
    Export {
        #[command(flatten)]
        filter: FilterArgs,
        /// How it is written
        #[arg(long, value_enum, default_value_t)]
        format: Format,
        /// Where to; standard output, if not given
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Orders to send many deliveries: list them, follow one, stop one
    Sendings {
        #[command(subcommand)]
        command: Option<SendingsCommand>,
    },
}

#[derive(Debug, Subcommand)]
enum SendingsCommand {
    /// The latest orders, newest first
    List {
        /// Only those that have not ended
        #[arg(long)]
        under_way: bool,
    },
    /// One order, and how far it has come
    Show {
        /// Its id
        id: String,
        /// Until it has ended
        #[arg(long)]
        wait: bool,
    },
    /// End an order before its end: what it has sent is sent
    Stop {
        /// Its id
        id: String,
        /// Why
        #[arg(long, value_name = "WORDS")]
        reason: Option<String>,
    },
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct KindOrAll {
    /// The kind, such as REGISTER or user/2fa
    kind: Option<String>,
    /// All kinds
    #[arg(long)]
    all: bool,
}

#[derive(Debug, Args)]
struct SendArgs {
    /// One delivery's id; leave it out to send all that are like what the options say
    #[arg(conflicts_with = "FilterArgs")]
    id: Option<String>,
    #[command(flatten)]
    filter: FilterArgs,
    /// All of them, without any filter
    #[arg(long, conflicts_with_all = ["FilterArgs", "id"])]
    all: bool,
    /// Why; needed for more than one
    #[arg(long, value_name = "WORDS")]
    reason: Option<String>,
    /// Until the order has ended
    #[arg(long, conflicts_with = "id")]
    wait: bool,
}

/// Does one of these things.
///
/// # Errors
/// [`crate::operator::Failure`].
pub async fn run(args: DeliveriesArgs, world: World) -> anyhow::Result<()> {
    let DeliveriesArgs {
        connection,
        command,
    } = args;
    // What makes no sense is said before anybody is asked anything.
    if let DeliveriesCommand::Send(send) | DeliveriesCommand::Resend(send) = &command {
        send.check()?;
    }
    let operator = Operator::connect(&connection).await?;
    let operator = &operator;
    match command {
        DeliveriesCommand::Summary => summary::summary(operator, &world).await?,
        DeliveriesCommand::List { filter, limit } => {
            looking::list(operator, &filter, limit, &world).await?;
        }
        DeliveriesCommand::Show { id, answers } => {
            looking::show(operator, &id, answers, &world).await?;
        }
        DeliveriesCommand::Pause { which, reason } => {
            changing::pause(operator, which.kind, &reason, &world).await?;
        }
        DeliveriesCommand::Resume { which, reason } => {
            changing::resume(operator, which.kind, reason, &world).await?;
        }
        DeliveriesCommand::Send(send) => changing::send(operator, send, Whole::Waiting).await?,
        DeliveriesCommand::Resend(send) => changing::send(operator, send, Whole::Undecided).await?,
        DeliveriesCommand::Export {
            filter,
            format,
            output,
        } => export::export(operator, &filter, format, output.as_deref()).await?,
        DeliveriesCommand::Sendings { command } => match command {
            None => orders::list(operator, false, &world).await?,
            Some(SendingsCommand::List { under_way }) => {
                orders::list(operator, under_way, &world).await?;
            }
            Some(SendingsCommand::Show { id, wait }) => orders::show(operator, &id, wait).await?,
            Some(SendingsCommand::Stop { id, reason }) => {
                orders::stop(operator, &id, reason).await?;
            }
        },
    }
    Ok(())
}

/// When an answer was so: Core's clock, whatever this machine's says.
fn as_of(answer: &Value, world: &World) -> Timestamp {
    let said = answer.get("asOf").and_then(Value::as_str);
    said.and_then(|said| said.parse().ok())
        .unwrap_or_else(|| world.now())
}
