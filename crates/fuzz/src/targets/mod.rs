//! What is fuzzed: one file a target.

mod action;
mod configuration;
mod material;
mod record;
mod scope;

use std::{collections::HashSet, sync::LazyLock};

use forms::Context;
use serde_json::{Map, Value, json};

use crate::cases;

/// What is fuzzed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Target {
    /// A country's configuration of an event, and what it is asked once it is taken.
    Configuration,
    /// What an action brings, held against a real form.
    Action,
    /// A record's document, and all that is worked out from it.
    Record,
    /// Scopes as they stand in tokens.
    Scope,
    /// Fails on purpose, so that it can be tested that failures are told.
    #[value(hide = true)]
    Failing,
}

impl Target {
    /// All that look for something.
    pub const ALL: [Self; 4] = [Self::Configuration, Self::Action, Self::Record, Self::Scope];

    /// The name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::Action => "action",
            Self::Record => "record",
            Self::Scope => "scope",
            Self::Failing => "failing",
        }
    }

    /// Runs the case with this number of a seed.
    pub fn try_numbered(self, seed: u64, number: u64) {
        self.try_case(&cases::bytes(seed, number), &mut |_, _| {});
    }

    /// Runs one case: it must come back. `show` is told what the bytes come to, before it is tried.
    pub fn try_case(self, bytes: &[u8], show: &mut dyn FnMut(&str, &Value)) {
        let mut u = arbitrary::Unstructured::new(bytes);
        // Bytes that do not suffice for a case are no case.
        let _ = match self {
            Self::Configuration => configuration::run(&mut u, show),
            Self::Action => action::run(&mut u, show),
            Self::Record => record::run(&mut u, show),
            Self::Scope => scope::run(&mut u, show),
            Self::Failing => {
                assert!(bytes.len() < 64, "fails on purpose");
                Ok(())
            }
        };
    }
}

static USER: LazyLock<Value> = LazyLock::new(
    || json!({"sub": "a06ce413-68f4-4492-8236-e7da6bf916ba", "role": "REGISTRAR", "userType": "user"}),
);
static NOTHING: LazyLock<Map<String, Value>> = LazyLock::new(Map::new);
static LEAVES: LazyLock<HashSet<String>> =
    LazyLock::new(|| HashSet::from(["a06ce413-68f4-4492-8236-e7da6bf916ba".to_owned()]));

/// What surrounds a form on an ordinary day.
fn surroundings() -> Context<'static> {
    Context {
        form: &NOTHING,
        now: "2026-01-15",
        online: true,
        user: Some(&USER),
        leaf_locations: &LEAVES,
        flags: None,
        status: None,
        event: None,
    }
}
