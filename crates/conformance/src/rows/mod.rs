//! The kinds of rows, one a file: how a row is read, and what the rules make of it.

use std::collections::HashSet;

use forms::Conditional;
use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::Value;

use crate::Country;

pub(crate) mod conditionals;
pub(crate) mod declarations;
pub(crate) mod field_values;
pub(crate) mod record_access;
pub(crate) mod scopes;
pub(crate) mod states;
pub(crate) mod user_access;

/// A row of one kind.
pub(crate) trait Row: DeserializeOwned {
    /// Its file, without `.jsonl`.
    const NAME: &'static str;

    /// Holds the row against the rules.
    fn judge(&self, given: &Given) -> Result<Judged, Astray>;
}

/// What rows refer to.
pub(crate) struct Given {
    pub(crate) country: Country,
    /// Those of `conditionals.schemas.json`, or why one does not compile.
    pub(crate) schemas: Vec<Result<Conditional, String>>,
}

/// What was to come of a row, and what came.
pub(crate) struct Judged {
    pub(crate) expected: Value,
    pub(crate) computed: Value,
}

impl Judged {
    /// What the rules made of it, or why they would not have it, which no row expects.
    fn new(expected: &Value, computed: Result<Value, String>) -> Self {
        Self {
            expected: expected.clone(),
            computed: computed.unwrap_or_else(|why| format!("refused: {why}").into()),
        }
    }
}

/// The row names something that is not there.
pub(crate) struct Astray(pub(crate) String);

/// A part of a row as the rules' own type; that they do not take it is an outcome, not a mistake
/// of the row.
fn taken<T: DeserializeOwned>(part: &Value) -> Result<T, String> {
    T::deserialize(part).map_err(|why| why.to_string())
}

/// A member that is there though it be `null`.
fn present<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(value).map(Some)
}

/// One of the lowest administrative areas.
#[derive(Deserialize)]
struct Leaf {
    id: String,
}

/// The set that rules look places up in.
fn leaf_set<'de, D: Deserializer<'de>>(value: D) -> Result<HashSet<String>, D::Error> {
    let leaves = Vec::<Leaf>::deserialize(value)?;
    Ok(leaves.into_iter().map(|leaf| leaf.id).collect())
}
