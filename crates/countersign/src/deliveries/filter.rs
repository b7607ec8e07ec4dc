//! Which deliveries, as options say it.

use clap::Args;
use serde_json::{Map, Value};

/// What narrows down deliveries; what is not given lets all through.
#[derive(Debug, Clone, Default, Args)]
#[group(id = "FilterArgs", multiple = true)]
#[command(next_help_heading = "Which deliveries")]
pub struct FilterArgs {
    /// In one of these states: queued, leased (under way), delivered, expired
    #[arg(long, value_name = "STATE", value_delimiter = ',')]
    state: Vec<String>,
    /// Of one of these kinds, such as REGISTER or user/2fa
    #[arg(long, value_name = "KIND", value_delimiter = ',')]
    kind: Vec<String>,
    /// About records of this type, such as birth
    #[arg(long, value_name = "TYPE")]
    event_type: Option<String>,
    /// About this record
    #[arg(long, value_name = "ID")]
    record: Option<String>,
    /// Whose last attempt ended in one of these ways, such as timeout, connect or http-status
    #[arg(long, value_name = "OUTCOME", value_delimiter = ',')]
    outcome: Vec<String>,
    /// With at least this many attempts
    #[arg(long, value_name = "NUMBER")]
    attempts: Option<u32>,
    /// Begun not before this time (2026-03-02T12:00:00Z)
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Begun before this time
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// Begun longer ago than this (90s, 2h, 3d)
    #[arg(long, value_name = "AGE")]
    older_than: Option<String>,
    /// Begun no longer ago than this
    #[arg(long, value_name = "AGE")]
    younger_than: Option<String>,
}

/// What an order is about whose options name no state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whole {
    /// What waits for its next attempt.
    Waiting,
    /// What country config has acknowledged; what is decided is passed over.
    Undecided,
}

impl Whole {
    /// The state on the wire.
    pub const fn state(self) -> &'static str {
        match self {
            Self::Waiting => "queued",
            Self::Undecided => "delivered",
        }
    }
}

impl FilterArgs {
    /// As parameters of a search string.
    pub fn query(&self) -> Vec<(&'static str, String)> {
        let list = |list: &[String]| (!list.is_empty()).then(|| list.join(","));
        [
            ("state", list(&self.state)),
            ("kind", list(&self.kind)),
            ("eventType", self.event_type.clone()),
            ("eventId", self.record.clone()),
            ("outcome", list(&self.outcome)),
            ("attempts", self.attempts.map(|number| number.to_string())),
            ("from", self.from.clone()),
            ("until", self.until.clone()),
            ("olderThan", self.older_than.clone()),
            ("youngerThan", self.younger_than.clone()),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
    }

    /// As an order's filter.
    pub fn order(&self, whole: Whole) -> Value {
        let given = self.query().into_iter();
        let mut filter: Map<String, Value> = given
            .map(|(name, value)| (name.to_owned(), value.into()))
            .collect();
        filter
            .entry("state")
            .or_insert_with(|| whole.state().into());
        Value::Object(filter)
    }

    /// Whether it lets everything through.
    pub fn is_empty(&self) -> bool {
        self.query().is_empty()
    }
}
