//! `countersign pending`: actions that wait for the country's decision, and what an operator can do
//! about them, in a Core that runs.

mod looking;

use clap::{Args, Subcommand, ValueEnum};
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;
use world::World;

use crate::operator::{Connection, Failure, Operator, text, time};

/// Exit codes: 0 done; 1 something failed; 2 the command line or the input makes no sense; 3 Core
/// does not answer, or not now; 4 a scope is missing or the sign-in wrong; 5 it is not there, or
/// waits no more; 6 as things stand it cannot be done: it is decided already.
#[derive(Debug, Args)]
pub struct PendingArgs {
    #[command(flatten)]
    connection: Connection,
    #[command(subcommand)]
    command: PendingCommand,
}

#[derive(Debug, Subcommand)]
enum PendingCommand {
    /// Actions that wait and are like this, oldest first
    List {
        #[command(flatten)]
        filter: FilterArgs,
        /// How many at most
        #[arg(long, value_name = "NUMBER", default_value_t = 50)]
        limit: usize,
    },
    /// One action that waits, with every attempt to deliver it, and what was done about its record
    Show {
        /// The action's id
        id: Uuid,
    },
    /// Approve an action by hand; the country is told nothing
    Approve {
        #[command(flatten)]
        decision: DecisionArgs,
        /// The registration number; a registration needs one, nothing else has one
        #[arg(long, value_name = "NUMBER")]
        number: Option<String>,
    },
    /// Refuse an action by hand; the country is told nothing
    Reject(DecisionArgs),
    /// Hand an action back to whoever asked for it, to put it right and ask again
    HandBack(DecisionArgs),
    /// Have country config told of an action once more, under the same delivery id
    Resend {
        /// The action's id
        id: Uuid,
    },
}

#[derive(Debug, Args)]
struct DecisionArgs {
    /// The action's id
    id: Uuid,
    /// Why: kept with the decision, and shown to whoever asked for the action
    #[arg(long, value_name = "WORDS")]
    reason: String,
}

/// Which actions.
#[derive(Debug, Args)]
struct FilterArgs {
    /// On records of this type, such as birth
    #[arg(long, value_name = "TYPE", value_delimiter = ',')]
    event: Vec<String>,
    /// Of this type, such as REGISTER
    #[arg(long, value_name = "TYPE", value_delimiter = ',')]
    action: Vec<String>,
    /// On this record
    #[arg(long, value_name = "ID")]
    record: Option<Uuid>,
    /// In this alert state
    #[arg(long, value_enum)]
    alert: Option<Alert>,
    /// Requested at least this long ago, such as P2D or PT6H
    #[arg(long, value_name = "DURATION")]
    older_than: Option<String>,
    /// Whether country config has acknowledged them
    #[arg(long, value_name = "true|false")]
    delivered: Option<bool>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Alert {
    /// Waits no longer than the country finds usual
    None,
    /// Waits longer
    Due,
    /// Its deadline has passed
    Overdue,
}

impl FilterArgs {
    fn query(&self) -> Vec<(&'static str, String)> {
        let alert = self.alert.map(|alert| match alert {
            Alert::None => "none",
            Alert::Due => "due",
            Alert::Overdue => "overdue",
        });
        let list = |all: &[String]| (!all.is_empty()).then(|| all.join(","));
        let each = [
            ("event", list(&self.event)),
            ("action", list(&self.action)),
            ("eventId", self.record.map(|id| id.to_string())),
            ("alert", alert.map(str::to_owned)),
            ("olderThan", self.older_than.clone()),
            ("delivered", self.delivered.map(|yes| yes.to_string())),
        ];
        let given = each.into_iter();
        given
            .filter_map(|(name, value)| Some((name, value?)))
            .collect()
    }
}

/// Does one of these things.
///
/// # Errors
/// [`Failure`].
pub async fn run(args: PendingArgs, world: World) -> anyhow::Result<()> {
    let operator = Operator::connect(&args.connection).await?;
    let operator = &operator;
    match args.command {
        PendingCommand::List { filter, limit } => {
            looking::list(operator, &filter, limit, &world).await?;
        }
        PendingCommand::Show { id } => looking::show(operator, id, &world).await?,
        PendingCommand::Approve { decision, number } => {
            decide(operator, "approve", &decision, number).await?;
        }
        PendingCommand::Reject(decision) => decide(operator, "reject", &decision, None).await?,
        PendingCommand::HandBack(decision) => {
            decide(operator, "hand-back", &decision, None).await?;
        }
        PendingCommand::Resend { id } => resend(operator, id).await?,
    }
    Ok(())
}

async fn decide(
    operator: &Operator,
    how: &str,
    decision: &DecisionArgs,
    number: Option<String>,
) -> Result<(), Failure> {
    let mut asked = json!({ "reason": decision.reason });
    if let Some(number) = number {
        asked["registrationNumber"] = number.into();
    }
    let path = format!("/pending-actions/{}/{how}", decision.id);
    let answer = operator.post(&path, &asked).await?;
    operator.show(&answer, || {
        let what = match &answer["handedBack"] {
            Value::Bool(true) => "handed back".to_owned(),
            _ => text(&answer["resolution"]),
        };
        if answer["already"] == true {
            let (by, at) = (text(&answer["resolvedBy"]), time(&answer["resolvedAt"]));
            format!("The action was {what} before, by {by} at {at}. Nothing was changed.")
        } else {
            format!("The action is {what}.")
        }
    })
}

async fn resend(operator: &Operator, id: Uuid) -> Result<(), Failure> {
    let path = format!("/pending-actions/{id}/resend");
    let answer = operator.post(&path, &json!({})).await?;
    operator.show(&answer, || {
        match answer["resent"].as_str() {
            Some("hurried") => "It was not delivered yet; Core tries at once.",
            Some("underWay") => "Core is trying just now.",
            _ => "Core delivers it once more.",
        }
        .to_owned()
    })
}

/// When an answer was so: Core's clock, whatever this machine's says.
fn as_of(answer: &Value, world: &World) -> Timestamp {
    let said = answer.get("asOf").and_then(Value::as_str);
    said.and_then(|said| said.parse().ok())
        .unwrap_or_else(|| world.now())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Cli {
        #[command(flatten)]
        args: PendingArgs,
    }

    #[test]
    fn what_is_asked_for_is_what_core_is_asked() {
        let asked = [
            "pending",
            "list",
            "--event",
            "birth,death",
            "--action",
            "REGISTER",
            "--alert",
            "overdue",
            "--older-than",
            "P2D",
            "--delivered",
            "true",
        ];
        let cli = Cli::try_parse_from(asked).unwrap();
        let PendingCommand::List { filter, limit } = cli.args.command else {
            panic!("another command")
        };
        assert_eq!(limit, 50);
        let query = filter.query();
        let query: Vec<_> = query
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        assert_eq!(
            query,
            [
                "event=birth,death",
                "action=REGISTER",
                "alert=overdue",
                "olderThan=P2D",
                "delivered=true"
            ]
        );
    }

    #[test]
    fn nobody_decides_without_a_reason_or_about_what_is_no_id() {
        let id = Uuid::nil().to_string();
        for how in ["approve", "reject", "hand-back"] {
            assert!(Cli::try_parse_from(["pending", how, &id]).is_err());
            let given = ["pending", how, &id, "--reason", "why"];
            assert!(Cli::try_parse_from(given).is_ok());
            let given = ["pending", how, "../x", "--reason", "why"];
            assert!(Cli::try_parse_from(given).is_err());
        }
    }
}
