//! What is shown of a record at a glance.

use serde_json::Value;

use crate::{
    Conditional, ConfigError, Message,
    conditional::Conditionals,
    field::{ConditionalUse, Purpose},
    reading::{self, Object},
};

/// One line of a record's summary.
#[derive(Debug, Clone)]
pub struct SummaryField {
    /// What it shows.
    pub shows: SummaryValue,
    /// What it says when there is nothing to show.
    pub empty_value: Option<Message>,
    /// Shown when one of these holds; always when there are none.
    pub show: Vec<Conditional>,
}

/// What a line of a summary shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SummaryValue {
    /// The answer to a field.
    Field {
        /// The field's id, or a date or place of the record itself (`event.…`).
        field: String,
        /// What it is called here, when not by the field's own label.
        label: Option<Message>,
    },
    /// A text with values of the record in it.
    Template {
        /// The line's id.
        id: String,
        /// What it is called.
        label: Message,
        /// The text, such as `{informant.phoneNo} {informant.email}`.
        value: Message,
    },
}

impl SummaryField {
    /// The lines under `summary`; none when there is no summary.
    pub(crate) fn read_all(
        event: &Object,
        conditionals: &mut Conditionals,
    ) -> Result<Vec<Self>, ConfigError> {
        if !event.contains_key("summary") {
            return Ok(Vec::new());
        }
        reading::inner(event, "summary", |summary| {
            reading::member(summary, "fields")?;
            reading::each(summary, "fields", |field| Self::read(field, conditionals))
        })
    }

    fn read(written: &Value, conditionals: &mut Conditionals) -> Result<Self, ConfigError> {
        let written = reading::object(written)?;
        let shows = if written.contains_key("fieldId") {
            SummaryValue::Field {
                field: reading::text(written, "fieldId")?.to_owned(),
                label: Message::read_member(written, "label")?,
            }
        } else if written.contains_key("id") {
            SummaryValue::Template {
                id: reading::text(written, "id")?.to_owned(),
                label: Message::read_needed(written, "label")?,
                value: Message::read_needed(written, "value")?,
            }
        } else {
            return Err(ConfigError::new("needs 'fieldId', or 'id' and 'value'"));
        };
        let uses = ConditionalUse::read_all(written, &[Purpose::Show], conditionals)?;
        Ok(Self {
            shows,
            empty_value: Message::read_member(written, "emptyValueMessage")?,
            show: uses.into_iter().map(|shown| shown.conditional).collect(),
        })
    }
}
