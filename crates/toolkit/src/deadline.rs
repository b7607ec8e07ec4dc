//! How long a country may take to decide, as it tells Core.

use std::time::Duration;

use records::ActionType;
use serde_json::{Map, Value};

const DAY: u64 = 24 * HOUR;
const HOUR: u64 = 60 * MINUTE;
const MINUTE: u64 = 60;

/// How long this country may take to decide on some actions, and what Core does when it took longer:
/// nothing but telling its operators, unless this says otherwise.
///
/// ```rust
/// use std::time::Duration;
///
/// use toolkit::{ActionType, Configuration, Deadline};
///
/// let days = |days: u64| Duration::from_secs(days * 24 * 3600);
/// let configuration = Configuration::default()
///     .deadline(
///         &Deadline::new()
///             .on_event("birth")
///             .on_action(ActionType::Register)
///             .alert_after(days(2))
///             .reject_after(days(30), "The national ID system gave no answer within 30 days"),
///     )
///     .deadline(&Deadline::new().alert_after(days(1)));
/// assert_eq!(configuration.deadlines[0]["alertAfter"], "P2D");
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Deadline {
    event: Option<String>,
    action: Option<ActionType>,
    alert_after: Option<Duration>,
    passes: Option<(Duration, &'static str, Option<String>)>,
}

impl Deadline {
    /// For all actions on all records, alerted after two days, until more is said.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Only for records of this type.
    #[must_use]
    pub fn on_event(mut self, event: impl Into<String>) -> Self {
        self.event = Some(event.into());
        self
    }

    /// Only for actions of this type.
    #[must_use]
    pub fn on_action(mut self, action: ActionType) -> Self {
        self.action = Some(action);
        self
    }

    /// Core's operators are told after this long.
    #[must_use]
    pub fn alert_after(mut self, after: Duration) -> Self {
        self.alert_after = Some(after);
        self
    }

    /// The country is too late after this long: Core's operators are told, and the action waits on.
    #[must_use]
    pub fn late_after(mut self, after: Duration) -> Self {
        self.passes = Some((after, "alert", None));
        self
    }

    /// Core rejects the action after this long; the registrar reads the reason.
    #[must_use]
    pub fn reject_after(mut self, after: Duration, reason: impl Into<String>) -> Self {
        self.passes = Some((after, "reject", Some(reason.into())));
        self
    }

    /// Core accepts the action as it was requested after this long. Never for a REGISTER, whose
    /// number only the country can give: Core refuses such a document, and one that says so without
    /// naming an action.
    #[must_use]
    pub fn accept_after(mut self, after: Duration, reason: impl Into<String>) -> Self {
        self.passes = Some((after, "accept", Some(reason.into())));
        self
    }

    /// As it is served.
    pub(crate) fn to_json(&self) -> Value {
        let mut written = Map::new();
        let mut put = |name: &str, value: Option<String>| {
            if let Some(value) = value {
                written.insert(name.to_owned(), value.into());
            }
        };
        put("event", self.event.clone());
        put("action", self.action.map(|action| action.to_string()));
        put("alertAfter", self.alert_after.map(iso));
        if let Some((after, when_passed, reason)) = &self.passes {
            put("deadline", Some(iso(*after)));
            put("whenPassed", Some((*when_passed).to_owned()));
            put("reason", reason.clone());
        }
        Value::Object(written)
    }
}

/// A length of time in whole seconds, rounded up, as ISO 8601 has it.
fn iso(duration: Duration) -> String {
    let seconds = duration.as_secs() + u64::from(duration.subsec_nanos() > 0);
    match seconds {
        0 => "PT0S".to_owned(),
        _ if seconds.is_multiple_of(DAY) => format!("P{}D", seconds / DAY),
        _ if seconds.is_multiple_of(HOUR) => format!("PT{}H", seconds / HOUR),
        _ if seconds.is_multiple_of(MINUTE) => format!("PT{}M", seconds / MINUTE),
        _ => format!("PT{seconds}S"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn lengths_of_time_are_written_in_the_largest_unit_that_fits() {
        for (seconds, written) in [
            (0, "PT0S"),
            (90, "PT90S"),
            (120, "PT2M"),
            (7200, "PT2H"),
            (172_800, "P2D"),
        ] {
            assert_eq!(iso(Duration::from_secs(seconds)), written);
        }
        assert_eq!(iso(Duration::from_millis(1)), "PT1S");
    }

    #[test]
    fn what_is_not_said_is_left_out() {
        assert_eq!(Deadline::new().to_json(), json!({}));
        let late = Deadline::new().late_after(Duration::from_secs(3600));
        assert_eq!(
            late.to_json(),
            json!({"deadline": "PT1H", "whenPassed": "alert"})
        );
    }
}
