//! How everything stands.

use std::fmt::Write as _;

use jiff::Timestamp;
use serde_json::Value;
use world::World;

use super::{as_of, orders};
use crate::operator::{Failure, Operator, Table, age, ahead, number, text, time};

/// Prints how everything stands.
///
/// # Errors
/// [`Failure`].
pub async fn summary(operator: &Operator, world: &World) -> Result<(), Failure> {
    let summary = operator.get("/deliveries/summary", &[]).await?;
    let now = as_of(&summary, world);
    operator.show(&summary, || in_words(&summary, now))
}

fn in_words(summary: &Value, now: Timestamp) -> String {
    let mut shown = match summary["waiting"].as_u64() {
        Some(0) => "Nothing waits for country config.\n".to_owned(),
        Some(1) => format!(
            "1 delivery waits, since {}.\n",
            age(&summary["oldest"], now)
        ),
        _ => format!(
            "{} deliveries wait, the oldest since {}.\n",
            number(&summary["waiting"]),
            age(&summary["oldest"], now)
        ),
    };
    // A String takes all that is written.
    let _ = writeln!(shown, "{}", country(&summary["engine"], now));
    part(&mut shown, "", kinds(each(summary, "kinds"), now));
    part(
        &mut shown,
        "Stopped by operators:",
        stopped(each(summary, "pauses"), now),
    );
    part(
        &mut shown,
        "Left alone for a while, because they failed again and again:",
        breakers(each(&summary["engine"], "breakers"), now),
    );
    part(&mut shown, "Nodes:", nodes(each(summary, "nodes"), now));
    part(
        &mut shown,
        "Orders to send, under way:",
        orders::table(each(summary, "sendings"), now),
    );
    shown
}

/// The pauses of an answer.
pub fn stopped(pauses: &[Value], now: Timestamp) -> Table {
    let mut table = Table::new(&["KIND", "SINCE", "BY", "WHY"]).cut("WHY");
    for pause in pauses {
        let all = || "all".to_owned();
        table.row([
            pause["kind"]
                .as_str()
                .map_or_else(all, |_| text(&pause["kind"])),
            age(&pause["since"], now),
            orders::who(pause),
            text(&pause["reason"]),
        ]);
    }
    table
}

fn part(shown: &mut String, title: &str, table: Table) {
    if table.is_empty() {
        return;
    }
    shown.push('\n');
    if !title.is_empty() {
        let _ = writeln!(shown, "{title}");
    }
    shown.push_str(&table.print());
}

/// How the node that answered finds country config.
fn country(engine: &Value, now: Timestamp) -> String {
    let peer = &engine["peer"];
    let since = match &peer["since"] {
        Value::Null => String::new(),
        since => format!(" since {}", age(since, now)),
    };
    let mut shown = match peer["state"].as_str() {
        Some("up") => format!("Country config answers{since}"),
        Some("down") => format!("Country config does not answer{since}"),
        Some("recovering") => {
            format!("Country config answers again{since}, and is spared at first")
        }
        _ => return String::new(),
    };
    if peer["nextProbe"].is_string() {
        let _ = write!(
            shown,
            "; the next try is {}",
            ahead(&peer["nextProbe"], now)
        );
    }
    let _ = write!(
        shown,
        "; {} attempts under way on {}, at most {}.",
        number(&engine["inFlight"]),
        text(&engine["node"]),
        number(&engine["limit"])
    );
    shown
}

fn kinds(kinds: &[Value], now: Timestamp) -> Table {
    let titles = [
        "KIND",
        "WAIT",
        "UNDER WAY",
        "OLDEST",
        "DELIVERED",
        "EXPIRED",
        "",
    ];
    let right = ["WAIT", "UNDER WAY", "OLDEST", "DELIVERED", "EXPIRED"];
    let mut table = Table::new(&titles).right(&right);
    for kind in kinds {
        let stopped = if kind["paused"] == true {
            "stopped"
        } else {
            ""
        };
        table.row([
            text(&kind["kind"]),
            number(&kind["queued"]),
            number(&kind["leased"]),
            age(&kind["oldest"], now),
            number(&kind["delivered"]),
            number(&kind["expired"]),
            stopped.to_owned(),
        ]);
    }
    table
}

fn breakers(breakers: &[Value], now: Timestamp) -> Table {
    let mut table = Table::new(&["KIND", "SINCE", "NEXT TRY", "WHY"]).cut("WHY");
    for breaker in breakers {
        table.row([
            text(&breaker["kind"]),
            age(&breaker["since"], now),
            ahead(&breaker["until"], now),
            text(&breaker["why"]),
        ]);
    }
    table
}

fn nodes(nodes: &[Value], now: Timestamp) -> Table {
    let mut table = Table::new(&["NODE", "VERSION", "STARTED", "LAST SIGN"]);
    for node in nodes {
        let silent = if node["silent"] == true {
            ", silent"
        } else {
            ""
        };
        table.row([
            text(&node["node"]),
            text(&node["version"]),
            time(&node["startedAt"]),
            format!("{} ago{silent}", age(&node["lastSeen"], now)),
        ]);
    }
    table
}

fn each<'a>(of: &'a Value, name: &str) -> &'a [Value] {
    let list = of.get(name).and_then(Value::as_array);
    list.map(Vec::as_slice).unwrap_or_default()
}
