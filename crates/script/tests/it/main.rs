//! What scripts may and may not do.

mod answers;
mod hostile;
mod world;

use std::{sync::Arc, time::Duration};

use script::{Limits, Script, ScriptError, Surroundings};
use serde_json::Value;

/// The limits without the clocks: what a script may do must not depend on how fast, or how busy,
/// the machine is that tests it.
pub const UNHURRIED: Limits = Limits {
    time: Duration::from_secs(600),
    patience: Duration::from_secs(600),
    ..Limits::STANDARD
};

/// Runs the code on a value; the context is `{"$form": {"name": "Ann"}}`, today 2026-01-15.
pub fn value(code: &str, value: impl Into<Value>) -> Result<Value, ScriptError> {
    let script = Script::compile_within(code, UNHURRIED)?;
    let context: Arc<str> = r#"{"$form":{"name":"Ann"}}"#.into();
    script.value(
        Some(&value.into()),
        Surroundings {
            context: &context,
            today: "2026-01-15",
        },
    )
}

/// The same, as a yes or no.
pub fn holds(code: &str, value: impl Into<Value>) -> Result<bool, ScriptError> {
    let script = Script::compile_within(code, UNHURRIED)?;
    let context: Arc<str> = "{}".into();
    script.holds(
        Some(&value.into()),
        Surroundings {
            context: &context,
            today: "2026-01-15",
        },
    )
}
