//! What a country decides about an action, and how a handler says that it cannot decide.

use std::{error::Error, fmt, time::Duration};

use records::Declaration;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What comes with an acceptance; Core merges it into the Accepted action.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Accept {
    /// REGISTER needs one, not empty; the other actions have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registration_number: Option<String>,
    /// Fields the country fills in or amends, such as the new person's national ID.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declaration: Option<Declaration>,
    /// Fields about the action rather than the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub annotation: Option<Declaration>,
}

impl Accept {
    /// An acceptance that registers under `number`.
    pub fn number(number: impl Into<String>) -> Self {
        Self {
            registration_number: Some(number.into()),
            ..Self::default()
        }
    }

    /// Whether it carries a registration number that is not empty.
    pub(crate) fn has_number(&self) -> bool {
        self.registration_number
            .as_deref()
            .is_some_and(|it| !it.trim().is_empty())
    }

    /// The same, with one field of the declaration set.
    #[must_use]
    pub fn field(mut self, id: impl Into<String>, value: impl Into<Value>) -> Self {
        self.declaration
            .get_or_insert_default()
            .insert(id.into(), value.into());
        self
    }

    /// The same, with one field of the annotation set.
    #[must_use]
    pub fn annotate(mut self, id: impl Into<String>, value: impl Into<Value>) -> Self {
        self.annotation
            .get_or_insert_default()
            .insert(id.into(), value.into());
        self
    }
}

/// A country's decision about one action.
#[derive(Debug, Clone, PartialEq)]
pub enum Decision {
    /// The action applies.
    Accept(Accept),
    /// Undecided: kept in the pending store until
    /// [`Pending::complete`](crate::Pending::complete).
    Pending {
        /// Whatever the country needs to find its own way back, such as another system's number.
        /// It is stored as it is: keep personal data out of it.
        note: Value,
    },
    /// The action is refused; the registrar sees `reason`.
    Reject {
        /// A sentence a registrar can act on.
        reason: String,
    },
}

impl Decision {
    /// Accepts with nothing to add. A REGISTER needs [`Decision::accept_with`] and a number.
    #[must_use]
    pub fn accept() -> Self {
        Self::Accept(Accept::default())
    }

    /// Accepts with a number, amended fields, or both.
    #[must_use]
    pub const fn accept_with(accept: Accept) -> Self {
        Self::Accept(accept)
    }

    /// Decides later.
    #[must_use]
    pub const fn pending() -> Self {
        Self::Pending { note: Value::Null }
    }

    /// Decides later, and keeps `note` with the action.
    pub fn pending_with(note: impl Into<Value>) -> Self {
        Self::Pending { note: note.into() }
    }

    /// Refuses, for `reason`.
    pub fn reject(reason: impl Into<String>) -> Self {
        Self::Reject {
            reason: reason.into(),
        }
    }
}

/// A handler could not decide: Core is told why and delivers again later.
///
/// Any error turns into one with `?`. Its text goes to Core's operators and into logs, so it must
/// not carry personal data. It deliberately is not an [`Error`] itself, which is what lets `?`
/// take every error.
#[derive(Debug)]
pub struct TriggerError {
    reason: String,
    retry_after: Option<Duration>,
}

impl TriggerError {
    /// Something went wrong; `reason` is for Core's operators.
    pub fn new(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            retry_after: None,
        }
    }

    /// Something this country depends on is away; Core should come back no sooner than `after`.
    pub fn retry_after(after: Duration, reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            retry_after: Some(after),
        }
    }

    /// The sentence for Core's operators.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// When Core should come back, if the handler knows.
    #[must_use]
    pub const fn wait(&self) -> Option<Duration> {
        self.retry_after
    }
}

impl fmt::Display for TriggerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl<E: Error + Send + Sync + 'static> From<E> for TriggerError {
    fn from(error: E) -> Self {
        Self::new(chain(&error))
    }
}

/// An error and everything that caused it, in one line.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        // Many errors already repeat their source in their own text.
        if !text.contains(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        next = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_acceptance_says_only_what_it_has_to_add() {
        let bare = serde_json::to_value(Accept::default()).unwrap();
        assert_eq!(bare, serde_json::json!({}));
        let full = Accept::number("B-1")
            .field("child.nid", "42")
            .annotate("checked", true);
        assert_eq!(
            serde_json::to_value(full).unwrap(),
            serde_json::json!({
                "registrationNumber": "B-1",
                "declaration": { "child.nid": "42" },
                "annotation": { "checked": true },
            })
        );
    }

    #[test]
    fn any_error_becomes_a_reason_with_its_causes() {
        fn fails() -> Result<(), TriggerError> {
            Err(std::io::Error::other("disk is full"))?
        }
        assert_eq!(fails().unwrap_err().reason(), "disk is full");
    }
}
