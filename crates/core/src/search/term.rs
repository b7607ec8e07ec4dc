//! What a condition compares with.

use std::fmt;

use jiff::{Timestamp, civil::Date};
use serde_json::Value;

use crate::error::{ApiError, InputProblem};

/// What is wrong with a query, and where.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{}: {message}", self.pointer())]
pub struct QueryError {
    /// Innermost step first: each level on the way out adds its own.
    steps: Vec<Value>,
    message: String,
    lack: Option<Lack>,
}

/// What is missing, where the protocol has words of its own for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lack {
    Query,
    Clauses,
}

impl QueryError {
    /// An error at the value in hand.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self {
            steps: Vec::new(),
            message: message.into(),
            lack: None,
        }
    }

    /// There is no query at all.
    pub(super) fn no_query() -> Self {
        Self {
            lack: Some(Lack::Query),
            ..Self::new("is missing")
        }
    }

    /// There is a group of clauses without any.
    pub(super) fn no_clauses() -> Self {
        Self {
            lack: Some(Lack::Clauses),
            ..Self::new("At least one clause is required.")
        }
    }

    /// The same error, seen from what holds the value under `step`.
    #[must_use]
    pub fn under(mut self, step: impl Into<Value>) -> Self {
        self.steps.push(step.into());
        self
    }

    /// Where, as a JSON pointer; `/` for the whole.
    #[must_use]
    pub fn pointer(&self) -> String {
        struct Step<'a>(&'a Value);
        impl fmt::Display for Step<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self.0 {
                    Value::String(name) => f.write_str(&name.replace('~', "~0").replace('/', "~1")),
                    position => position.fmt(f),
                }
            }
        }
        if self.steps.is_empty() {
            return "/".to_owned();
        }
        let steps = self.steps.iter().rev();
        steps.map(|step| format!("/{}", Step(step))).collect()
    }

    /// Why.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl From<QueryError> for ApiError {
    fn from(mut error: QueryError) -> Self {
        error.steps.reverse();
        match error.lack {
            Some(Lack::Query) => Self::no_object(&error.steps),
            Some(Lack::Clauses) => Self::empty_list(&error.steps, &error.message),
            None => Self::invalid(&[InputProblem {
                code: "custom".to_owned(),
                path: error.steps,
                message: error.message,
            }]),
        }
    }
}

/// A text, or something of whoever asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Term {
    /// This.
    Text(String),
    /// Theirs: `{"$userField": "id"}`.
    OfCaller(CallerField),
}

/// What of the caller a workqueue may refer to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallerField {
    /// The account's id.
    Id,
    /// The role's id.
    Role,
    /// The office they work in.
    PrimaryOffice,
    /// The area that office serves; without one, the whole country.
    AdministrativeArea,
}

impl Term {
    /// Reads `{type: <kind>, <key>: text or {$userField}}`.
    pub(super) fn read(written: &Value, kind: &str, key: &str) -> Result<Self, QueryError> {
        if written.get("type").and_then(Value::as_str) != Some(kind) {
            return Err(QueryError::new(format!(
                "must be {{type: '{kind}', {key}}}"
            )));
        }
        let read = match written.get(key) {
            Some(Value::String(text)) => Ok(Self::Text(text.clone())),
            Some(Value::Object(reference)) => match reference.get("$userField") {
                Some(name) => CallerField::read(name)
                    .map(Self::OfCaller)
                    .map_err(|error| error.under("$userField")),
                None => Err(QueryError::new("must be text or {$userField}")),
            },
            _ => Err(QueryError::new("must be text or {$userField}")),
        };
        read.map_err(|error| error.under(key))
    }
}

impl CallerField {
    fn read(name: &Value) -> Result<Self, QueryError> {
        match name.as_str() {
            Some("id") => Ok(Self::Id),
            Some("role") => Ok(Self::Role),
            Some("primaryOfficeId") => Ok(Self::PrimaryOffice),
            Some("administrativeAreaId") => Ok(Self::AdministrativeArea),
            _ => Err(QueryError::new(
                "must be id, role, primaryOfficeId or administrativeAreaId",
            )),
        }
    }
}

/// A place to look in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place(pub Term);

impl Place {
    /// `within` an area, or `exact`ly a place. OpenCRVS keeps every place with all areas above it,
    /// and so finds what lies in an area by either; so do we.
    pub(super) fn read(written: &Value) -> Result<Self, QueryError> {
        if written.get("type").and_then(Value::as_str) == Some("exact") {
            Term::read(written, "exact", "term").map(Self)
        } else {
            Term::read(written, "within", "location").map(Self)
        }
    }
}

/// A time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DateTerm {
    /// From the beginning of the first to the end of the second.
    Between(Moment, Moment),
    /// The last so many days, up to now.
    LastDays(i64),
}

/// A day in the country, or a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// A whole day, by the country's clocks.
    Day(Date),
    /// A moment.
    At(Timestamp),
}

impl DateTerm {
    pub(super) fn read(written: &Value) -> Result<Self, QueryError> {
        let moment = |key: &str| {
            let text = written.get(key).and_then(Value::as_str);
            let moment = text.and_then(|text| {
                let day = text.parse().map(Moment::Day);
                // A text with a time is a moment, and needs an offset to be one.
                let at = text.parse().map(Moment::At);
                if text.contains('T') {
                    at.ok()
                } else {
                    day.ok()
                }
            });
            moment.ok_or_else(|| QueryError::new("must be an ISO date or time").under(key))
        };
        match written.get("type").and_then(Value::as_str) {
            Some("exact") => moment("term").map(|term| Self::Between(term, term)),
            Some("range") => Ok(Self::Between(moment("gte")?, moment("lte")?)),
            Some("timePeriod") => match written.get("term").and_then(Value::as_str) {
                Some("last7Days") => Ok(Self::LastDays(7)),
                Some("last30Days") => Ok(Self::LastDays(30)),
                Some("last90Days") => Ok(Self::LastDays(90)),
                Some("last365Days") => Ok(Self::LastDays(365)),
                _ => Err(QueryError::new(
                    "must be last7Days, last30Days, last90Days or last365Days",
                )
                .under("term")),
            },
            _ => Err(QueryError::new(
                "must be of type exact, range or timePeriod",
            )),
        }
    }
}

/// What an answer in the declaration is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DataTerm {
    /// This.
    Exact(String),
    /// Something like this.
    Fuzzy(String),
    /// One of these.
    AnyOf(Vec<String>),
    /// From the first to the second.
    Range(String, String),
    /// This place, or one that lies in it.
    Within(String),
}

impl DataTerm {
    /// Its `type`, as it is written.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Exact(_) => "exact",
            Self::Fuzzy(_) => "fuzzy",
            Self::AnyOf(_) => "anyOf",
            Self::Range(..) => "range",
            Self::Within(_) => "within",
        }
    }

    pub(super) fn read(written: &Value) -> Result<Self, QueryError> {
        let text = |key: &str| {
            let text = written.get(key).and_then(Value::as_str).map(str::to_owned);
            text.ok_or_else(|| QueryError::new("must be text").under(key))
        };
        match written.get("type").and_then(Value::as_str) {
            Some("exact") => text("term").map(Self::Exact),
            Some("fuzzy") => text("term").map(Self::Fuzzy),
            Some("range") => Ok(Self::Range(text("gte")?, text("lte")?)),
            Some("within") => text("location").map(Self::Within),
            Some("anyOf") => {
                let terms = written.get("terms").and_then(Value::as_array);
                let terms = terms.and_then(|terms| {
                    let texts = terms.iter().map(|term| term.as_str().map(str::to_owned));
                    texts.collect()
                });
                terms
                    .map(Self::AnyOf)
                    .ok_or_else(|| QueryError::new("must be a list of texts").under("terms"))
            }
            _ => Err(QueryError::new(
                "must be of type exact, fuzzy, range, within or anyOf",
            )),
        }
    }
}
