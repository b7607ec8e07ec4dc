//! Conditionals: yes-or-no questions about a form and its surroundings, in JSON Schema.
//!
//! The language is the part of JSON Schema (draft 2019-09) that country configurations use, with
//! three additions: `$data` references to other values, limits on dates, and the two keywords
//! `daysFromDate` and `isLeafLevelLocation`. A conditional is compiled once (`compile.rs`) to a
//! tree of checks (`schema.rs`) that is walked over borrowed data (`data.rs`).

mod compile;
mod data;
mod dates;
mod format;
mod pattern;
mod reference;
mod schema;
mod scripts;

pub use pattern::Pattern;

use std::{collections::HashMap, sync::Arc};

use script::ScriptError;
use serde_json::Value;

pub(crate) use data::Root;
pub(crate) use dates::day;
pub(crate) use scripts::{compile_script, compute};

use crate::{ConfigError, Context, reading::Object};
use compile::Compiler;
use schema::Schema;

/// A compiled conditional; cheap to clone.
#[derive(Debug, Clone)]
pub struct Conditional(Arc<Schema>);

impl Conditional {
    /// Compiles a schema.
    ///
    /// # Errors
    /// When the schema is not one: a keyword of the wrong shape, a pattern that does not compile,
    /// a reference above the root, nesting without end, or a keyword that cannot be honoured.
    pub fn compile(schema: &Value) -> Result<Self, ConfigError> {
        Compiler::default()
            .compile(schema)
            .map(|schema| Self(Arc::new(schema)))
    }

    /// Whether it holds for `{$form, $now, $online, $user, $flags, $status, $event,
    /// $leafAdminStructureLocationIds}`.
    ///
    /// An AGE value in the form is seen as `{age, dob}`, the date of birth counted back from the
    /// date its `asOfDateRef` names, or from today. A conditional whose JavaScript
    /// (`customClientValidator`) has no answer does not hold; [`Self::evaluate`] says why.
    #[must_use]
    pub fn holds(&self, context: &Context<'_>) -> bool {
        self.holds_for(&Root::new(context))
    }

    /// The same, telling apart what does not hold from what cannot be told.
    ///
    /// # Errors
    /// When JavaScript inside it has no answer: it threw, or took too long or too much memory.
    /// A country's configuration is to blame; nothing about the record should be decided on it.
    pub fn evaluate(&self, context: &Context<'_>) -> Result<bool, ScriptError> {
        self.evaluate_for(&Root::new(context))
    }

    /// [`Self::holds`] for a context that many questions are asked about.
    pub(crate) fn holds_for(&self, root: &Root<'_>) -> bool {
        self.evaluate_for(root).unwrap_or(false)
    }

    /// [`Self::evaluate`] for a context that many questions are asked about.
    pub(crate) fn evaluate_for(&self, root: &Root<'_>) -> Result<bool, ScriptError> {
        let holds = self.0.holds(root);
        root.scripts.failure().map_or(Ok(holds), Err)
    }
}

/// Compiles the conditionals of one configuration; equal ones are compiled once and shared.
#[derive(Default)]
pub(crate) struct Conditionals {
    compiler: Compiler,
    known: HashMap<String, Conditional>,
}

impl Conditionals {
    /// Whether JavaScript is part of any of them.
    pub(crate) fn run_scripts(&self) -> bool {
        self.compiler.has_scripts
    }

    pub(crate) fn compile(&mut self, schema: &Value) -> Result<Conditional, ConfigError> {
        // By the whole text rather than by `$id`: an id that lies must not change an outcome.
        let text = schema.to_string();
        if let Some(known) = self.known.get(&text) {
            return Ok(known.clone());
        }
        let compiled = Conditional(Arc::new(self.compiler.compile(schema)?));
        self.known.insert(text, compiled.clone());
        Ok(compiled)
    }

    /// The conditional under `key`, if there is one.
    pub(crate) fn compile_member(
        &mut self,
        of: &Object,
        key: &str,
    ) -> Result<Option<Conditional>, ConfigError> {
        let written = of.get(key).filter(|schema| !schema.is_null());
        let compiled = written.map(|schema| self.compile(schema)).transpose();
        compiled.map_err(|error| error.under(key))
    }
}
