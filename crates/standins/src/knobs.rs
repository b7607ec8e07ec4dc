//! Knobs: what a tester turns to make a stand-in slow, strict or dead. Kept across restarts.

use rusqlite::{Connection, OptionalExtension};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{Shared, StoreError, failure::Failure};

/// The settings of one stand-in, saved under its name.
pub(crate) trait Knobs: Serialize + DeserializeOwned + Default + Send + 'static {
    /// The stand-in they belong to.
    const SYSTEM: &'static str;

    /// As they stand inside a transaction.
    fn read(connection: &Connection) -> Result<Self, StoreError> {
        let saved: Option<String> = connection
            .query_row(
                "SELECT value FROM knobs WHERE system = ?1",
                [Self::SYSTEM],
                |row| row.get(0),
            )
            .optional()?;
        saved.map_or_else(
            || Ok(Self::default()),
            |text| Ok(serde_json::from_str(&text)?),
        )
    }

    /// As they stand now.
    fn now(shared: &Shared) -> impl Future<Output = Result<Self, StoreError>> + Send {
        shared.store.run(Self::read)
    }

    /// Saves them; what is asked from here on follows them.
    fn save(self, shared: &Shared) -> impl Future<Output = Result<Self, StoreError>> + Send {
        shared.store.run(move |connection| {
            connection.execute(
                "INSERT INTO knobs (system, value) VALUES (?1, ?2)
                 ON CONFLICT (system) DO UPDATE SET value = excluded.value",
                (Self::SYSTEM, serde_json::to_string(&self)?),
            )?;
            Ok(self)
        })
    }
}

/// Whether the national ID system refuses everyone, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Refuse {
    /// `true` refuses with a stock reason.
    Plain(bool),
    /// Refuses with these words.
    Because(String),
}

/// What the national ID system can be told to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub(crate) struct NationalIdKnobs {
    /// How long every answer takes, in milliseconds; at most an hour.
    pub delay_ms: u64,
    /// Refuses every applicant.
    pub refuse: Refuse,
    /// Answers 503, and sends no callbacks.
    pub outage: bool,
    /// Keeps asynchronous requests waiting until let go.
    pub hold: bool,
}

impl Default for NationalIdKnobs {
    fn default() -> Self {
        Self {
            delay_ms: 0,
            refuse: Refuse::Plain(false),
            outage: false,
            hold: false,
        }
    }
}

impl NationalIdKnobs {
    const LONGEST_DELAY_MS: u64 = 60 * 60 * 1000;

    /// Refuses what would only be a slip of the hand.
    pub(crate) fn checked(self) -> Result<Self, Failure> {
        if self.delay_ms > Self::LONGEST_DELAY_MS {
            return Err(Failure::Malformed(
                "delayMs can be at most an hour (3600000)".to_owned(),
            ));
        }
        Ok(self)
    }

    /// Why this applicant is turned down, if they are.
    pub(crate) fn refusal(&self, surname: &str) -> Option<String> {
        match &self.refuse {
            Refuse::Because(reason) => Some(reason.clone()),
            Refuse::Plain(true) => Some("The national ID system refuses all applicants".to_owned()),
            Refuse::Plain(false) => surname.trim().eq_ignore_ascii_case("refused").then(|| {
                "The identity could not be confirmed against the population register".to_owned()
            }),
        }
    }
}

impl Knobs for NationalIdKnobs {
    const SYSTEM: &'static str = "national-id";
}

/// What the SMS gateway can be told to do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct SmsKnobs {
    /// Answers 503.
    pub outage: bool,
}

impl Knobs for SmsKnobs {
    const SYSTEM: &'static str = "sms";
}

/// What the mail server can be told to do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct MailKnobs {
    /// Turns every connection away with 421.
    pub outage: bool,
}

impl Knobs for MailKnobs {
    const SYSTEM: &'static str = "mail";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_applicant_by_the_name_of_refused_is_refused_and_others_are_not() {
        let knobs = NationalIdKnobs::default();
        assert!(knobs.refusal(" refused").is_some());
        assert_eq!(knobs.refusal("Marchetti"), None);
    }

    #[test]
    fn the_reason_of_the_knob_is_the_reason_given() {
        let knobs: NationalIdKnobs = serde_json::from_str(r#"{"refuse":"No"}"#).unwrap();
        assert_eq!(knobs.refusal("Anyone").as_deref(), Some("No"));
    }
}
