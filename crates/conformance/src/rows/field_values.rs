//! What a field's type has against a value.

use forms::Field;
use serde::Deserialize;
use serde_json::Value;

use super::{Astray, Given, Judged, Row, present};

/// A field of the country's configuration, and an answer to it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FieldValueRow {
    field: String,
    #[serde(default, deserialize_with = "present")]
    value: Option<Value>,
    #[serde(default)]
    absent: bool,
    action_type: Option<String>,
    expected: Value,
}

impl Row for FieldValueRow {
    const NAME: &'static str = "field-values";

    fn judge(&self, given: &Given) -> Result<Judged, Astray> {
        let written = given
            .country
            .written()
            .pointer(&self.field)
            .ok_or_else(|| Astray(format!("there is no field {}", self.field)))?;
        let value = self.value.as_ref().filter(|_| !self.absent);
        let partial = self.action_type.as_deref() == Some("NOTIFY");
        let found = Field::compile(written)
            .map(|field| field.check_value(value, partial))
            .map(|messages| messages.into_iter().map(|message| message.id).collect())
            .map_err(|why| why.to_string());
        Ok(Judged::new(&self.expected, found))
    }
}
