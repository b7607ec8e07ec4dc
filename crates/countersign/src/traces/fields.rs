//! What a span or an event says in its fields.

use std::fmt;

use opentelemetry::{KeyValue, Value};
use tracing::field::{Field, Visit};

/// The fields, sorted by what they are for.
#[derive(Default)]
pub(super) struct Fields {
    /// What is shown of it.
    pub(super) attributes: Vec<KeyValue>,
    /// An event's sentence.
    pub(super) message: Option<String>,
}

impl Fields {
    /// A text among the attributes.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|it| it.key.as_str() == name)?;
        match &found.value {
            Value::String(text) => Some(text.as_str()),
            _ => None,
        }
    }

    fn keep(&mut self, field: &Field, value: impl Into<Value>) {
        self.attributes.push(KeyValue::new(field.name(), value));
    }
}

impl Visit for Fields {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.keep(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.keep(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        match i64::try_from(value) {
            Ok(value) => self.keep(field, value),
            Err(_) => self.keep(field, value.to_string()),
        }
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.keep(field, value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "message" {
            self.message = Some(value.to_owned());
        } else {
            self.keep(field, value.to_owned());
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.record_str(field, &format!("{value:?}"));
    }
}
