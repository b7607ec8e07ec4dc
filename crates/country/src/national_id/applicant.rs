//! Whom an ID is asked for.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use toolkit::{Declaration, EventDocument};

/// A name, as the national ID system wants it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Name {
    firstname: String,
    surname: String,
}

impl Name {
    fn of(value: Option<&Value>) -> Option<Self> {
        let part = |key| {
            value?
                .get(key)?
                .as_str()
                .map(str::trim)
                .filter(|part| !part.is_empty())
        };
        let (firstname, surname) = (part("firstname"), part("surname"));
        (firstname.is_some() || surname.is_some()).then(|| Self {
            firstname: firstname.unwrap_or_default().to_owned(),
            surname: surname.unwrap_or_default().to_owned(),
        })
    }
}

/// The body of a request to the national ID system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Applicant {
    /// The record's id: one child gets one ID, however often it is asked for.
    pub(crate) reference: String,
    child: Name,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mother: Option<Name>,
    date_of_birth: String,
}

impl Applicant {
    /// The child of a birth record; `None` when its name or date of birth is missing.
    pub(crate) fn of_birth(event: &EventDocument, declaration: &Declaration) -> Option<Self> {
        let date = declaration.get("child.dob")?.as_str()?;
        date.parse::<jiff::civil::Date>().ok()?;
        Some(Self {
            reference: event.id.to_string(),
            child: Name::of(declaration.get("child.name"))?,
            mother: Name::of(declaration.get("mother.name")),
            date_of_birth: date.to_owned(),
        })
    }
}
