//! Whether two records may be of one and the same event, by the country's rule.
//!
//! A rule is held against one other record at a time ([`DuplicateRule::score`]); this alone decides
//! what is a duplicate. So that not every record there is must be held against it, each record has
//! keys ([`duplicate_keys`]) by which a store finds those that a rule could possibly match
//! ([`DuplicateRule::lookups`]): every match is among them, and some besides.
//!
//! The meaning of a rule is what Elasticsearch makes of it in OpenCRVS 2.0, told in `docs/duplicates.md`
//! with the few differences: here it does not depend on which records happen to be in the index.

mod keys;
mod score;
mod words;

use forms::{ActionType, DuplicateClause, EventConfig, FieldType};
use jiff::{ToSpan as _, civil::Date};
use serde_json::Value;

use crate::Declaration;

pub use keys::{DuplicateKey, DuplicateLookup, duplicate_keys};
pub use words::alike;

/// What a country configured about duplicates of one kind of event, at one action.
#[derive(Debug, Clone, Copy)]
pub struct DuplicateRule<'a> {
    query: &'a DuplicateClause,
    fields: Fields<'a>,
}

impl<'a> DuplicateRule<'a> {
    /// The rule by which duplicates are looked for at this action, if the country has one. NOTIFY
    /// without one of its own goes by DECLARE's: what is notified twice is better noticed before
    /// it is declared twice.
    #[must_use]
    pub fn of(config: &'a EventConfig, action: ActionType) -> Option<Self> {
        let configured = |kind| config.action(kind, None)?.deduplication();
        let rule = configured(action).or_else(|| match action {
            ActionType::Notify => configured(ActionType::Declare),
            _ => None,
        })?;
        Some(Self {
            query: &rule.query,
            fields: Fields { config },
        })
    }
}

/// What counts as the same in the answer of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Any of its words, on its own.
    Words,
    /// The whole of it.
    Whole,
}

/// The answers of a declaration as rules compare them.
#[derive(Debug, Clone, Copy)]
struct Fields<'a> {
    config: &'a EventConfig,
}

impl Fields<'_> {
    fn kind(self, field: &str) -> Kind {
        match self.config.field(field).map(forms::Field::field_type) {
            Some(FieldType::Name | FieldType::Textarea) => Kind::Words,
            _ => Kind::Whole,
        }
    }

    /// The answer as a text: a name's parts in the order they are spoken, an age as the day it
    /// goes back to. `None` for what is not answered, and for what is not one value.
    fn text(self, declaration: &Declaration, field: &str) -> Option<String> {
        let answer = declaration.get(field)?;
        let text = match (self.config.field(field)?.field_type(), answer) {
            (FieldType::Name, Value::Object(name)) => {
                let parts = ["firstname", "middlename", "surname"].map(|part| name.get(part));
                let parts = parts.into_iter().flatten().filter_map(Value::as_str);
                parts.collect::<Vec<_>>().join(" ")
            }
            (FieldType::Age, Value::Object(age)) => born(declaration, age)?.to_string(),
            (_, Value::String(text)) => text.clone(),
            // 1 and 1.0 are one number.
            (_, Value::Number(number)) => number.as_f64()?.to_string(),
            (_, Value::Bool(answer)) => answer.to_string(),
            _ => return None,
        };
        Some(text).filter(|text| !text.trim().is_empty())
    }

    /// The answer that a record is looked for by. As OpenCRVS has it, an unticked box and a zero
    /// say nothing about who somebody is.
    fn own_text(self, declaration: &Declaration, field: &str) -> Option<String> {
        match declaration.get(field)? {
            Value::Bool(false) => None,
            Value::Number(number) if number.as_f64() == Some(0.0) => None,
            _ => self.text(declaration, field),
        }
    }

    /// The answer as a day, counted from 1970.
    fn day(self, declaration: &Declaration, field: &str) -> Option<i64> {
        let text = self.text(declaration, field)?;
        let date = day(&text)?;
        let since = date.since(Date::constant(1970, 1, 1)).ok()?;
        Some(i64::from(since.get_days()))
    }
}

/// The day on which somebody of an age was born, as far as an age can tell.
fn born(declaration: &Declaration, age: &Declaration) -> Option<Date> {
    let years = age.get("age")?.as_f64()?;
    let as_of = declaration.get(age.get("asOfDateRef")?.as_str()?)?;
    if !(-9_999.0..=9_999.0).contains(&years) {
        return None;
    }
    day(as_of.as_str()?)?
        .checked_sub((years.trunc() as i32).years())
        .ok()
}

/// Reads `YYYY-MM-DD`.
fn day(text: &str) -> Option<Date> {
    let shaped = text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    shaped.then(|| text.parse().ok())?
}
