//! JavaScript that a country's configuration brings: rules for answers (`customClientValidator`)
//! and computed values (`$$code`), each the text of one function.
//!
//! A script is untrusted. It runs in an interpreter of its own (QuickJS) with no way out: no
//! modules, no files, no network, no function of ours. It has no clock and no randomness: `Date`
//! stands still at the day it is given and knows no time zone but UTC, and `Math.random` throws,
//! so that the same script says the same of the same record wherever it runs. Every run starts in
//! a new interpreter and leaves nothing behind. What runs too long, takes too much memory, throws
//! or does not compile is an error, and it is for the caller to take that for a no.
//!
//! This crate may not know what a form or a record is: values and surroundings come in as JSON.
//! Start at [`Script`].

mod error;
mod limits;
mod sandbox;
mod thread;

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use serde_json::Value;

pub use error::ScriptError;
pub use limits::Limits;
use sandbox::{Answer, Task, Wanted};

/// A function in JavaScript, such as `(value, context) => value.length === 10`.
#[derive(Debug)]
pub struct Script {
    code: Arc<str>,
    limits: Limits,
    /// How many runs of it go on although nobody waits any more; meanwhile no other is begun.
    behind: Arc<AtomicUsize>,
}

/// What a script is told besides the value it judges.
#[derive(Debug, Clone, Copy)]
pub struct Surroundings<'a> {
    /// The function's second argument, as JSON.
    pub context: &'a Arc<str>,
    /// Today as `YYYY-MM-DD`: where `Date` stands still, at midnight UTC.
    pub today: &'a str,
}

impl Script {
    /// Takes a function as text, under [`Limits::STANDARD`].
    ///
    /// # Errors
    /// When the text is not one expression in JavaScript that comes to a function.
    pub fn compile(code: &str) -> Result<Self, ScriptError> {
        Self::compile_within(code, Limits::STANDARD)
    }

    /// The same under other limits.
    ///
    /// # Errors
    /// As [`Script::compile`].
    pub fn compile_within(code: &str, limits: Limits) -> Result<Self, ScriptError> {
        let script = Self {
            code: code.into(),
            limits,
            behind: Arc::default(),
        };
        let nothing = Surroundings {
            context: &"{}".into(),
            today: "1970-01-01",
        };
        script.run(Wanted::Function, None, nothing)?;
        Ok(script)
    }

    /// The text.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }

    /// Whether what the function answers is true, as JavaScript takes it. `value` is its first
    /// argument, `undefined` when there is none.
    ///
    /// # Errors
    /// When the script has no answer: it threw, took too long or too much, or answers later.
    pub fn holds(
        &self,
        value: Option<&Value>,
        surroundings: Surroundings<'_>,
    ) -> Result<bool, ScriptError> {
        match self.run(Wanted::Truth, value, surroundings)? {
            Answer::Truth(truth) => Ok(truth),
            Answer::Json(_) => Ok(true),
        }
    }

    /// What the function answers, as JSON; `null` for what JSON has no word for.
    ///
    /// # Errors
    /// As [`Script::holds`].
    pub fn value(
        &self,
        value: Option<&Value>,
        surroundings: Surroundings<'_>,
    ) -> Result<Value, ScriptError> {
        match self.run(Wanted::Json, value, surroundings)? {
            Answer::Truth(truth) => Ok(truth.into()),
            Answer::Json(text) => serde_json::from_str(&text).map_err(|_| ScriptError::NoData),
        }
    }

    fn run(
        &self,
        wanted: Wanted,
        value: Option<&Value>,
        surroundings: Surroundings<'_>,
    ) -> Result<Answer, ScriptError> {
        if self.behind.load(Ordering::Relaxed) > 0 {
            return Err(ScriptError::TooLong);
        }
        let task = Task {
            code: Arc::clone(&self.code),
            wanted,
            value: value.map(Value::to_string),
            context: Arc::clone(surroundings.context),
            today: surroundings.today.to_owned(),
        };
        let limits = self.limits;
        let run = move || sandbox::run(&task, limits);
        thread::within(limits.patience, &self.behind, run).flatten()
    }
}
