//! Which pending actions somebody asks for.

use jiff::Timestamp;
use records::{ActionId, ActionType, EventId};
use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::Value;
use storage::PendingFilter;

use super::Alert;
use crate::{
    configuration::duration,
    error::{ApiError, InputProblem},
};

/// What a page holds when nobody says.
const USUAL_PAGE: usize = 50;
/// No page holds more.
const LONGEST_PAGE: usize = 500;

/// What may be asked for. Queries of REST spell everything as text.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct Input {
    #[serde(deserialize_with = "words")]
    event: Vec<String>,
    #[serde(deserialize_with = "words")]
    action: Vec<String>,
    event_id: Option<EventId>,
    delivered: Option<bool>,
    alert: Option<Alert>,
    older_than: Option<String>,
    from: Option<Timestamp>,
    until: Option<Timestamp>,
    after: Option<String>,
    #[serde(deserialize_with = "count")]
    limit: Option<usize>,
}

/// A page of pending actions that somebody asks for.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) filter: PendingFilter,
    pub(super) alert: Option<Alert>,
    /// Where the page before ended.
    pub(super) after: Option<(Timestamp, ActionId)>,
    pub(super) limit: usize,
}

impl Asked {
    /// Reads an input, which may be left out.
    ///
    /// # Errors
    /// 400 with the first problem.
    pub(super) fn read(input: &Value, now: Timestamp) -> Result<Self, ApiError> {
        let input = match input {
            Value::Null => Input::default(),
            written => crate::api::procedure::parse(written)?,
        };
        for action in &input.action {
            let decided = action.parse().is_ok_and(ActionType::awaits_country);
            if !decided {
                let message = format!("'{action}' is no action that the country decides on");
                return Err(problem("action", &message));
            }
        }
        let limit = input.limit.unwrap_or(USUAL_PAGE);
        if !(1..=LONGEST_PAGE).contains(&limit) {
            let message = format!("must be a whole number from 1 to {LONGEST_PAGE}");
            return Err(problem("limit", &message));
        }
        let older_than = match input.older_than.as_deref().map(duration) {
            None => None,
            Some(Some(age)) => Some(now.checked_sub(age).unwrap_or(Timestamp::MIN)),
            Some(None) => {
                return Err(problem(
                    "olderThan",
                    "must be a length of time such as P2D or PT6H",
                ));
            }
        };
        let after = match input.after.as_deref().map(read_cursor) {
            None => None,
            Some(Some(after)) => Some(after),
            Some(None) => return Err(problem("after", "is not what a page before said")),
        };
        Ok(Self {
            filter: PendingFilter {
                event_types: input.event,
                action_types: input.action,
                event_id: input.event_id,
                delivered: input.delivered,
                from: input.from,
                until: input.until.into_iter().chain(older_than).min(),
            },
            alert: input.alert,
            after,
            limit,
        })
    }
}

/// Where the next page begins: after this action.
pub(super) fn cursor((requested_at, id): (Timestamp, ActionId)) -> String {
    format!("{}-{}", requested_at.as_millisecond(), id.0.simple())
}

fn read_cursor(text: &str) -> Option<(Timestamp, ActionId)> {
    let (at, id) = text.rsplit_once('-')?;
    let at = Timestamp::from_millisecond(at.parse().ok()?).ok()?;
    Some((at, uuid::Uuid::parse_str(id).ok()?.into()))
}

fn problem(field: &str, message: &str) -> ApiError {
    ApiError::invalid(&[InputProblem {
        code: "custom".to_owned(),
        path: vec![field.into()],
        message: message.to_owned(),
    }])
}

/// A list, or a text with commas.
fn words<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        List(Vec<String>),
        Text(String),
        Nothing(()),
    }
    Ok(match Written::deserialize(from)? {
        Written::List(list) => list,
        Written::Text(text) => text
            .split(',')
            .map(str::trim)
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect(),
        Written::Nothing(()) => Vec::new(),
    })
}

/// A number, which is text where it comes from a query.
fn count<'de, D: Deserializer<'de>>(from: D) -> Result<Option<usize>, D::Error> {
    match Value::deserialize(from)? {
        Value::Null => Ok(None),
        Value::String(digits) => digits.parse().map(Some).map_err(D::Error::custom),
        number => serde_json::from_value(number)
            .map(Some)
            .map_err(D::Error::custom),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_cursor_leads_back_to_where_it_was_made() {
        for milliseconds in [-1, 0, 1_700_000_000_123] {
            let at = Timestamp::from_millisecond(milliseconds).unwrap();
            let place = (at, uuid::Uuid::from_u128(7).into());
            assert_eq!(read_cursor(&cursor(place)), Some(place));
        }
        for broken in ["", "-", "7", "7-x", "x-00000000000000000000000000000007"] {
            assert_eq!(read_cursor(broken), None, "{broken}");
        }
    }

    #[test]
    fn a_filter_is_the_same_from_a_query_and_as_json() {
        let now = Timestamp::UNIX_EPOCH;
        let query = json!({"event": "birth,death", "action": "REGISTER", "limit": "7"});
        let whole = json!({"event": ["birth", "death"], "action": ["REGISTER"], "limit": 7});
        let [query, whole] = [query, whole].map(|input| Asked::read(&input, now).unwrap());
        assert_eq!(query.filter, whole.filter);
        assert_eq!((query.limit, whole.limit), (7, 7));
        for wrong in [
            json!({"evnt": "birth"}),
            json!({"action": "READ"}),
            json!({"alert": "soon"}),
            json!({"olderThan": "2 days"}),
            json!({"limit": 0}),
            json!({"limit": 501}),
            json!({"after": "there"}),
        ] {
            assert!(Asked::read(&wrong, now).is_err(), "{wrong}");
        }
    }
}
