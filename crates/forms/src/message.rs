//! What is said to a person about an answer that will not do.

use script::ScriptError;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{ConfigError, reading};

/// A text the desk can translate: the id looks the translation up, the default stands in for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// The key into the country's translations, such as `error.required`.
    pub id: String,
    /// English, as a rule.
    pub default_message: String,
}

/// One answer that will not do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The field's id; with the path inside its value where only a part is refused.
    pub field: String,
    /// Why.
    pub message: Message,
}

impl Problem {
    pub(crate) fn new(field: impl Into<String>, message: Message) -> Self {
        Self {
            field: field.into(),
            message,
        }
    }
}

impl Message {
    pub(crate) fn read(value: &Value) -> Result<Self, ConfigError> {
        let message = reading::object(value)?;
        Ok(Self {
            id: reading::text(message, "id")?.to_owned(),
            default_message: reading::text(message, "defaultMessage")?.to_owned(),
        })
    }

    /// The message under `key`, if there is one.
    pub(crate) fn read_member(
        of: &reading::Object,
        key: &str,
    ) -> Result<Option<Self>, ConfigError> {
        let message = of.get(key).map(Self::read).transpose();
        message.map_err(|error| error.under(key))
    }

    /// The message under `key`, which must be there.
    pub(crate) fn read_needed(of: &reading::Object, key: &str) -> Result<Self, ConfigError> {
        Self::read(reading::member(of, key)?).map_err(|error| error.under(key))
    }

    /// That a rule could not be checked, which no answer can put right: the country's
    /// administrator has to.
    pub(crate) fn unchecked(why: &ScriptError) -> Self {
        Self::standard(
            "error.ruleNotChecked",
            &format!("This could not be checked, because a rule of the form is broken: {why}"),
        )
    }

    fn standard(id: &str, default_message: &str) -> Self {
        Self {
            id: id.to_owned(),
            default_message: default_message.to_owned(),
        }
    }
}

/// What the rules of the form themselves say, in the protocol's ids; a country translates them
/// under these ids. The configuration's own validations bring their own messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standard {
    Hidden,
    InvalidDate,
    InvalidEmail,
    Required,
    Invalid,
    Unexpected,
    CorrectionNotAllowed,
    VerificationMissing,
}

impl From<Standard> for Message {
    fn from(standard: Standard) -> Self {
        let (id, text) = match standard {
            Standard::Hidden => (
                "error.hidden",
                "Hidden or disabled field should not receive a value",
            ),
            Standard::InvalidDate => ("error.invalidDate", "Invalid date field"),
            Standard::InvalidEmail => ("error.invalidEmail", "Invalid email address"),
            Standard::Required => ("error.required", "Required"),
            Standard::Invalid => ("error.invalid", "Invalid input"),
            Standard::Unexpected => ("error.unexpectedField", "Unexpected field"),
            Standard::CorrectionNotAllowed => (
                "error.correctionNotAllowed",
                "Correction not allowed for field",
            ),
            Standard::VerificationMissing => (
                "error.verificationMissing",
                "Verification page result is required",
            ),
        };
        Self::standard(id, text)
    }
}
