//! What the desk's advanced search asks for.

use serde_json::Value;

use crate::{
    ConfigError, Message,
    conditional::Conditionals,
    field::{self, ConditionalUse, Purpose, Validation},
    reading::{self, Object},
};

/// What of the record itself can be searched for, besides its declaration.
const RECORD_FIELDS: [&str; 6] = [
    "event.trackingId",
    "event.status",
    "event.legalStatuses.REGISTERED.acceptedAt",
    "event.legalStatuses.REGISTERED.createdAtLocation",
    "event.legalStatuses.REGISTERED.registrationNumber",
    "event.updatedAt",
];

/// A section of the advanced search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdvancedSearch {
    /// What people call it.
    pub title: Message,
    /// What it asks for.
    pub fields: Vec<SearchField>,
}

/// One thing to search for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchField {
    /// A field's id, or `event.…` for what the record itself has.
    pub field: String,
    /// Whether it is of the record itself rather than of its declaration.
    pub of_record: bool,
    /// How a value is looked for.
    pub matching: SearchMatch,
    /// The fields to look in instead, any of them; empty when it is the one itself.
    pub search_fields: Vec<String>,
}

/// How a value is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SearchMatch {
    /// What is nearly the same, too.
    Fuzzy,
    /// The same.
    Exact,
    /// Between two.
    Range,
    /// In an area, or in one inside it.
    Within,
}

impl AdvancedSearch {
    pub(crate) fn read(
        written: &Value,
        conditionals: &mut Conditionals,
    ) -> Result<Self, ConfigError> {
        let written = reading::object(written)?;
        reading::member(written, "fields")?;
        Ok(Self {
            title: Message::read_needed(written, "title")?,
            fields: reading::each(written, "fields", |field| {
                SearchField::read(field, conditionals)
            })?,
        })
    }
}

impl SearchField {
    fn read(written: &Value, conditionals: &mut Conditionals) -> Result<Self, ConfigError> {
        let written = reading::object(written)?;
        let field = reading::text(written, "fieldId")?;
        let of_record = match reading::text(written, "fieldType")? {
            "field" => false,
            "event" if RECORD_FIELDS.contains(&field) => true,
            "event" => {
                let reason = format!("must be one of {}", RECORD_FIELDS.join(", "));
                return Err(ConfigError::new(reason).under("fieldId"));
            }
            _ => return Err(ConfigError::new("must be 'field' or 'event'").under("fieldType")),
        };
        let (matching, search_fields) = reading::inner(written, "config", |config| {
            let texts = reading::each(config, "searchFields", reading::as_text)?;
            Ok((SearchMatch::read(config)?, texts))
        })?;
        if !search_fields.is_empty() {
            // There is no field to take these from.
            Message::read_needed(written, "label")?;
            reading::text(written, "type")?;
        }
        if written.contains_key("type") {
            field::field_type(written)?;
        }
        let any = [Purpose::Show, Purpose::Enable, Purpose::DisplayOnReview];
        ConditionalUse::read_all(written, &any, conditionals)?;
        Validation::read_all(written, "validations", conditionals)?;
        Ok(Self {
            field: field.to_owned(),
            of_record,
            matching,
            search_fields,
        })
    }

    /// Whether there is something to look in, `known` being the fields of all forms.
    pub(crate) fn is_known(&self, known: impl Fn(&str) -> bool) -> bool {
        let elsewhere = &self.search_fields;
        RECORD_FIELDS.contains(&&*self.field)
            || known(&self.field)
            || (!elsewhere.is_empty() && elsewhere.iter().all(|field| known(field)))
    }
}

impl SearchMatch {
    fn read(config: &Object) -> Result<Self, ConfigError> {
        match reading::text(config, "type")? {
            "fuzzy" => Ok(Self::Fuzzy),
            "exact" => Ok(Self::Exact),
            "range" => Ok(Self::Range),
            "within" => Ok(Self::Within),
            _ => Err(ConfigError::new("must be fuzzy, exact, range or within").under("type")),
        }
    }
}
