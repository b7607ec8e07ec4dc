//! Where a field's value comes from before anyone answers it: from other fields (`value`), from
//! the configuration (`defaultValue`), or computed by JavaScript in either (`$$code`).

use std::sync::Arc;

use script::{Script, ScriptError};
use serde_json::Value;

use crate::{
    ConfigError, Context, Field, FieldReference,
    conditional::{Root, compile_script, compute},
    reading::{self, Object},
};

/// The value of another field, as it is or as JavaScript makes something of it.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    from: FieldReference,
    script: Option<Arc<Script>>,
}

/// What a field says until it is answered.
#[derive(Debug, Clone)]
pub(crate) enum Default {
    Fixed(Value),
    Computed(Arc<Script>),
}

impl Field {
    /// What the fields it takes its value from (`value`) make of it now: the first that comes to
    /// something, as JavaScript takes it. `None` when none does, or it takes its value from none.
    ///
    /// # Errors
    /// When JavaScript that is to compute it has no answer.
    pub fn derived_value(&self, context: &Context<'_>) -> Result<Option<Value>, ScriptError> {
        let root = Root::new(context);
        for source in &self.sources {
            let given = source.from.find_in(context.form);
            let value = match &source.script {
                None => given.cloned(),
                Some(script) => Some(compute(script, given, &root)?),
            };
            if let Some(value) = value.filter(is_something) {
                return Ok(Some(value));
            }
        }
        Ok(None)
    }

    /// What it says until it is answered (`defaultValue`), as written or as JavaScript computes
    /// it; `None` when the configuration does not say.
    ///
    /// # Errors
    /// When JavaScript that is to compute it has no answer.
    pub fn default_value(&self, context: &Context<'_>) -> Result<Option<Value>, ScriptError> {
        match &self.default {
            None => Ok(None),
            Some(Default::Fixed(value)) => Ok(Some(value.clone())),
            Some(Default::Computed(script)) => compute(script, None, &Root::new(context)).map(Some),
        }
    }
}

/// What JavaScript takes for true.
fn is_something(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !text.is_empty(),
        Value::Number(number) => number.as_f64() != Some(0.0),
        _ => true,
    }
}

impl Source {
    /// The references under `value`: one, or a list of them.
    pub(crate) fn read_all(field: &Object) -> Result<Vec<Self>, ConfigError> {
        let sources = match field.get("value") {
            None => return Ok(Vec::new()),
            Some(Value::Array(_)) => return reading::each(field, "value", Self::read),
            Some(one) => Self::read(one).map(|source| vec![source]),
        };
        sources.map_err(|error| error.under("value"))
    }

    fn read(written: &Value) -> Result<Self, ConfigError> {
        let object = reading::object(written)?;
        let code = object.get("$$code");
        Ok(Self {
            from: FieldReference::read(written)?,
            script: code.map(|_| compile_script(object, "$$code")).transpose()?,
        })
    }
}

impl Default {
    pub(crate) fn read(field: &Object) -> Result<Option<Self>, ConfigError> {
        let read = match field.get("defaultValue") {
            None => return Ok(None),
            Some(Value::Object(computed)) if computed.contains_key("$$code") => {
                compile_script(computed, "$$code").map(Self::Computed)
            }
            Some(fixed) => Ok(Self::Fixed(fixed.clone())),
        };
        read.map(Some).map_err(|error| error.under("defaultValue"))
    }
}
